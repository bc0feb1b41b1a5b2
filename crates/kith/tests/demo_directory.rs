//! `kith demo` and `kith serve` leave alone what is not theirs.

#![allow(clippy::similar_names, missing_docs, reason = "a test")]

mod common;

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::process::{Command, Output};

use common::Running;

fn kith(command: &str, data: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kith"))
        .args([command, "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .output()
        .expect("it runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_directory_that_holds_anything_else_is_refused_and_stays_as_it_is() {
    let dir = tempfile::tempdir().expect("a directory");
    for name in ["thesis.txt", "master.key", "keys.sqlite"] {
        let data = dir.path().join(name.replace('.', "-"));
        fs::create_dir(&data).expect("made");
        fs::write(data.join(name), "mine").expect("written");
        let refused = kith("demo", &data);
        assert!(
            !refused.status.success() && said(&refused).contains("choose an empty directory"),
            "{}",
            said(&refused)
        );
        let names: Vec<_> = fs::read_dir(&data).expect("read").map(|entry| entry.expect("one").file_name()).collect();
        assert_eq!(names, [name]);
    }
}

#[test]
fn an_interrupted_filling_is_cleared_of_its_own_files_only_and_a_demo_is_never_served() {
    let dir = tempfile::tempdir().expect("a directory");
    let data = dir.path().join("data");
    fs::DirBuilder::new().mode(0o700).create(&data).expect("made");
    fs::write(data.join("demo.json"), r#"{"filling":true}"#).expect("written");
    fs::write(data.join("kith.sqlite"), "half").expect("written");
    fs::write(data.join("thesis.txt"), "mine").expect("written");
    Running::start(&data, &dir.path().join("kith.log")).stop();
    assert_eq!(fs::read_to_string(data.join("thesis.txt")).expect("still there"), "mine");
    let refused = kith("serve", &data);
    assert!(!refused.status.success() && said(&refused).contains("holds a demo"), "{}", said(&refused));
}
