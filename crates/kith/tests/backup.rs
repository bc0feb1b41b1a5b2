//! The drill: a serving service is backed up, put back elsewhere, verified, and served.

#![allow(clippy::similar_names, missing_docs, reason = "a test")]

mod common;

use std::path::Path;
use std::process::{Command, Output};

use common::Running;
use kith::tour::Tour;

fn kith(arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kith"));
    for argument in arguments {
        command.arg(argument.as_ref());
    }
    command.output().expect("it runs")
}

fn fine(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_service_is_backed_up_while_it_serves_put_back_verified_and_served() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = |name: &str| dir.path().join(name);
    let (data, saved, restored) = (path("data"), path("saved"), path("restored"));
    let running = Running::start(&data, &path("kith.log"));
    let mut tour = Tour::new(&running.base, &running.logins, true);
    let referral = tour.refer().unwrap_or_else(|failure| panic!("{}", failure.0));
    let made = fine(&kith(&[&"backup", &saved, &"--data", &data]));
    assert!(made.contains("keep them apart"), "{made}");
    running.stop();

    let without = kith(&[&"restore", &saved, &"--data", &restored]);
    assert!(String::from_utf8_lossy(&without.stderr).contains("master.key is missing"), "the master key is not in it");
    // Where it is kept apart, and stays.
    let safe = path("safe.key");
    std::fs::rename(data.join("master.key"), &safe).expect("it is moved");
    let put_back = fine(&kith(&[
        &"restore",
        &saved,
        &"--keys",
        &path("saved-keys"),
        &"--master-key",
        &safe,
        &"--data",
        &restored,
    ]));
    assert!(!restored.join("master.key").exists(), "it was put beside what it opens");
    assert!(put_back.contains("The access log is whole"), "{put_back}");
    fine(&kith(&[&"ledger", &"verify", &"--data", &restored]));
    private(&restored);

    let place = safe.display().to_string();
    let running = Running::start_with(&restored, &path("restored.log"), &[("KITH_MASTER_KEY", &place)]);
    let mut tour = Tour::new(&running.base, &running.logins, true);
    let file = tour.verify(&referral).unwrap_or_else(|failure| panic!("{}", failure.0));
    assert!(!file.is_empty(), "the referral goes on where it was");
    running.stop();
    fine(&kith(&[&"ledger", &"verify", &"--data", &restored]));
}

/// Nobody else can enter it, and what people and keys lie in is its owner's even where somebody has opened it.
fn private(directory: &Path) {
    use std::os::unix::fs::PermissionsExt;
    for name in ["", "ledger", "kith.sqlite", "keys.sqlite", "demo.json"] {
        let mode = std::fs::metadata(directory.join(name)).expect("a file").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}: {mode:o}");
    }
}
