//! `kith ledger verify`: passes on what the program wrote, fails after one byte of one entry is changed.

#![allow(clippy::similar_names, missing_docs, reason = "a test")]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use common::Running;

fn verify(data: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kith"))
        .args(["ledger", "verify", "--json", "--data"])
        .arg(data)
        .output()
        .expect("it runs")
}

#[test]
fn one_changed_byte_is_found_in_a_tile_and_in_the_database() {
    let dir = tempfile::tempdir().expect("a directory");
    let data = dir.path().join("data");
    Running::start(&data, &dir.path().join("kith.log")).stop();
    let fine = verify(&data);
    assert!(fine.status.success(), "{}", String::from_utf8_lossy(&fine.stderr));

    let bundle = data.join("ledger/tile/entries/000");
    let bundle = if bundle.is_file() { bundle } else { partial(&data.join("ledger/tile/entries/000.p")) };
    let whole = fs::read(&bundle).expect("the first entries");
    let mut altered = whole.clone();
    let middle = altered.len() / 2;
    altered[middle] ^= 1;
    fs::write(&bundle, altered).expect("it can be written");
    let found = verify(&data);
    assert!(!found.status.success());
    assert!(String::from_utf8_lossy(&found.stderr).contains("entr"), "{}", String::from_utf8_lossy(&found.stderr));
    fs::write(&bundle, whole).expect("it can be written");
    assert!(verify(&data).status.success(), "put back, it is whole again");

    let database = data.join("kith.sqlite");
    let mut bytes = fs::read(&database).expect("the database");
    let needle = b"\"action\":\"referral.submitted\"";
    let at = bytes.windows(needle.len()).position(|window| window == needle).expect("an entry of the demo");
    bytes[at + needle.len() - 2] = b'e';
    fs::write(&database, bytes).expect("it can be written");
    let found = verify(&data);
    assert!(!found.status.success());
    assert!(String::from_utf8_lossy(&found.stderr).contains("altered"), "{}", String::from_utf8_lossy(&found.stderr));
}

fn partial(dir: &Path) -> std::path::PathBuf {
    fs::read_dir(dir).expect("partial entries").next().expect("one").expect("one").path()
}
