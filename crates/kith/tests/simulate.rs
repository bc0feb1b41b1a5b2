//! `kith simulate`: a short life, told as JSON; and a directory that is somebody's is left alone.

use std::process::Command;

fn kith(data: &std::path::Path, more: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kith"));
    let output = command.args(["simulate", "--data"]).arg(data).args(more).output().expect("it starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_short_life_and_a_directory_that_is_somebodys() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("life");
    let (code, said, error) = kith(&data, &["--seed", "7", "--children", "1", "--years", "5", "--json"]);
    assert_eq!(code, Some(0), "{error}");
    let told: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!((&told["broken"], &told["children_referred"]), (&0.into(), &1.into()), "{told}");
    assert!(told["checks"].as_u64().is_some_and(|checks| checks > 20), "{told}");
    let (code, said, error) = kith(&data, &[]);
    assert!(code == Some(1) && said.is_empty() && error.contains("is not empty"), "{error}");
}
