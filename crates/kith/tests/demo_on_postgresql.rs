//! `kith demo` keeps its data where `KITH_DATABASE_URL` says, and is not served without it.

#![allow(clippy::similar_names, missing_docs, reason = "a test")]

mod common;

use std::process::Command;

use common::Running;
use sea_orm::{ConnectionTrait, Database};
use uuid::Uuid;

#[tokio::test]
async fn a_demo_keeps_its_data_in_postgresql() {
    let admin_url = std::env::var("KITH_TEST_POSTGRES_URL").expect("KITH_TEST_POSTGRES_URL: run ./test");
    let name = format!("kith_demo_{}", Uuid::new_v4().simple());
    let admin = Database::connect(&admin_url).await.expect("the server answers");
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a database");
    let (server, _) = admin_url.rsplit_once('/').expect("a URL with a database");
    let url = format!("{server}/{name}");

    let dir = tempfile::tempdir().expect("a directory");
    let (data, log) = (dir.path().join("data"), dir.path().join("kith.log"));
    Running::start_on(&data, &log, Some(&url)).stop();
    assert!(!data.join("kith.sqlite").exists(), "its data lies in the directory");
    let verify = Command::new(env!("CARGO_BIN_EXE_kith"))
        .args(["ledger", "verify", "--data"])
        .arg(&data)
        .env("KITH_DATABASE_URL", &url)
        .output()
        .expect("it runs");
    assert!(verify.status.success(), "{}", String::from_utf8_lossy(&verify.stderr));
    let without = Command::new(env!("CARGO_BIN_EXE_kith"))
        .args(["demo", "--listen", "127.0.0.1:0", "--data"])
        .arg(&data)
        .env_remove("KITH_DATABASE_URL")
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&without.stderr);
    assert!(!without.status.success() && said.contains("is missing or empty"), "{said}");
    assert!(!data.join("kith.sqlite").exists(), "an empty one was made");
    Running::start_on(&data, &log, Some(&url)).stop();
    admin.execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)")).await.expect("it is removed");
}
