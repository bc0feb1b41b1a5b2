//! `kith delivered` prints the answers of a case, one JSON object a line, and names the field of what is wrong.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn case(number: u8) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../kith-domain/tests/data/delivery/{number:02}.json"))
}

fn delivered(path: &Path) -> Result<Output, std::io::Error> {
    Command::new(env!("CARGO_BIN_EXE_kith")).arg("delivered").arg(path).output()
}

#[test]
fn the_answers_are_printed_letter_by_letter() -> Result<(), std::io::Error> {
    for number in 0..24 {
        let output = delivered(&case(number))?;
        assert!(output.status.success(), "{number}: {}", String::from_utf8_lossy(&output.stderr));
        let compact = |line: &str| line.replace("\": ", "\":").replace(", \"", ",\"");
        let expected = std::fs::read_to_string(case(number).with_extension("jsonl"))?;
        let expected: Vec<String> = expected.lines().map(compact).collect();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(printed.lines().collect::<Vec<_>>(), expected, "case {number}");
    }
    Ok(())
}

#[test]
fn a_wrong_case_prints_its_field_and_nothing_else() -> Result<(), std::io::Error> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("case.json");
    std::fs::write(&path, std::fs::read_to_string(case(1))?.replacen("\"count\": 1", "\"count\": 0", 1))?;
    let output = delivered(&path)?;
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("kith: term.count: must be"));
    let missing = delivered(&directory.path().join("none.json"))?;
    assert!(String::from_utf8_lossy(&missing.stderr).starts_with("kith: cannot read the case"));
    Ok(())
}
