//! `kith demo` keeps its data where `KITH_DATABASE_URL` says, and is not served without it.

#![allow(clippy::similar_names, missing_docs, reason = "a test")]

mod common;

use std::process::Command;

use common::{Database, Running, is_whole};

#[tokio::test]
async fn a_demo_keeps_its_data_in_postgresql() {
    let database = Database::new().await;
    let url = database.url.as_str();
    let dir = tempfile::tempdir().expect("a directory");
    let (data, log) = (dir.path().join("data"), dir.path().join("kith.log"));
    Running::start_on(&data, &log, Some(url)).stop();
    assert!(!data.join("kith.sqlite").exists(), "its data lies in the directory");
    is_whole(&data, &[("KITH_DATABASE_URL", url)]);
    let without = Command::new(env!("CARGO_BIN_EXE_kith"))
        .args(["demo", "--listen", "127.0.0.1:0", "--data"])
        .arg(&data)
        .env_remove("KITH_DATABASE_URL")
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&without.stderr);
    assert!(!without.status.success() && said.contains("is missing or empty"), "{said}");
    assert!(!data.join("kith.sqlite").exists(), "an empty one was made");
    Running::start_on(&data, &log, Some(url)).stop();
    database.remove().await;
}
