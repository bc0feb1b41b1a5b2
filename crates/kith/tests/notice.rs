//! `kith notice`: of a register's file, or of a version that a service holds.

use std::path::Path;
use std::process::Command;

fn notice(arguments: &[&str], data: Option<&Path>) -> (bool, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kith"));
    command.arg("notice").args(arguments);
    if let Some(data) = data {
        command.arg("--data").arg(data);
    }
    let output = command.output().expect("it starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_notice_of_a_version_is_what_it_said_then() {
    // UK GDPR Art 5(2): "able to demonstrate compliance".
    let directory = tempfile::tempdir().expect("a directory");
    let (done, _, error) = notice(&["--version", "1"], Some(&directory.path().join("nowhere")));
    assert!(!done && error.contains("there is no such directory"), "{error}");
    let data = directory.path().join("data");
    std::fs::create_dir(&data).expect("a directory");
    std::fs::set_permissions(&data, std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("its owner's");
    // The first version is what the file that is shipped says, since the day that it says.
    for (asked, as_of_file) in [
        (vec!["--version", "1"], vec![]),
        (vec!["--on", "2026-06-01", "--lang", "cy"], vec!["--lang", "cy"]),
        (
            vec!["--on", "2026-06-01", "--edition", "children", "--format", "html"],
            vec!["--edition", "children", "--format", "html"],
        ),
        (vec!["--version", "1", "--paper", "record-of-processing"], vec!["--paper", "record-of-processing"]),
    ] {
        let (done, said, error) = notice(&asked, Some(&data));
        assert!(done && error.is_empty(), "{asked:?}: {error}");
        assert_eq!(said, notice(&as_of_file, None).1, "{asked:?}");
    }
    for (asked, words) in [
        (vec!["--version", "2"], "there is no version of this number"),
        (vec!["--on", "2025-12-31"], "no version was in force on that day"),
        (vec!["--version", "1", "--on", "2026-06-01"], "cannot be used with"),
        (vec!["--on", "1 June"], "must be a day as YYYY-MM-DD"),
    ] {
        let (done, said, error) = notice(&asked, Some(&data));
        assert!(!done && said.is_empty() && error.contains(words), "{asked:?}: {error}");
    }
}
