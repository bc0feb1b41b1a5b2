//! `kith clock`: the date stands first on the line, the rule and its source after it.

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

#[test]
fn closed_days_of_the_register_are_no_working_days() {
    let directory = tempfile::tempdir().expect("a directory");
    let register = directory.path().join("kith.toml");
    let shipped = include_str!("../../../config/kith.toml");
    let day = "[[closed_days]]\nday = \"2027-10-04\"\nname = \"Day of celebration\"\n\n[settings]";
    std::fs::write(&register, shipped.replacen("[settings]", day, 1)).expect("written");
    let path = register.to_str().expect("a path");
    let (done, said, error) = kith(&["clock", "sar", "--received", "2027-09-04", "--register", path]);
    assert!(done && said.starts_with("2027-10-05 ") && said.contains("(Day of celebration)"), "{said}{error}");
    let (done, _, error) = kith(&["clock", "sar", "--received", "2027-09-04", "--register", "none.toml"]);
    assert!(!done && error.contains("none.toml"), "{error}");
}

#[test]
fn the_other_clocks() {
    // Handbook sections 4, 7, 14, 15.
    for (arguments, date) in [
        ("complaint --received 2027-01-29", "2027-03-01 "),
        ("breach --aware 2026-11-27T16:30", "2026-11-30T16:30 "),
        ("refusal --began 2026-11-24", "2026-11-30 "),
        ("verification --submitted 2026-11-27", "2026-11-30 "),
    ] {
        let arguments: Vec<&str> = ["clock"].into_iter().chain(arguments.split(' ')).collect();
        let (done, said, error) = kith(&arguments);
        assert!(done && said.starts_with(date), "{arguments:?}: {said}{error}");
    }
}
