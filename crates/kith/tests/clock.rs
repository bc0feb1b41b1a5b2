//! `kith clock`: the date stands first on the line.

use std::process::Command;

fn kith(arguments: &[&str]) -> (bool, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_kith")).args(arguments).output().expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_date_stands_first() {
    // Handbook section 15.
    let cases: [(&[&str], &str); 4] = [
        (&["--received", "2027-01-31"], "2027-03-01 "),
        (&["--received", "2026-11-25"], "2026-12-29 "),
        (&["--received", "2026-11-25", "--extended"], "2027-02-25 "),
        (&["--received", "2027-09-03", "--paused-days", "7"], "2027-10-11 "),
    ];
    for (arguments, date) in cases {
        let (done, said, _) = kith(&[&["clock", "sar"], arguments].concat());
        assert!(done && said.starts_with(date), "{arguments:?}: {said}");
    }
}

#[test]
fn what_is_no_date_is_named() {
    let cases: [(&[&str], &str); 3] = [
        (&["--received", "2027-02-30"], "--received"),
        (&["--received", "tomorrow"], "--received"),
        (&["--received", "2027-01-31", "--paused-days=-1"], "--paused-days"),
    ];
    for (arguments, named) in cases {
        let (done, said, error) = kith(&[&["clock", "sar"], arguments].concat());
        assert!(!done && said.is_empty() && error.contains(named), "{arguments:?}: {error}");
    }
}
