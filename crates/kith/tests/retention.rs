//! `kith retention date`: the date stands first on the line, the rule and its source after it.

use std::process::Command;

fn kith(arguments: &[&str]) -> (bool, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_kith"))
        .args(["retention", "date"])
        .args(arguments)
        .output()
        .expect("it starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_date_stands_first() {
    // The notice's table; handbook sections 11 and 19.
    for (arguments, date) in [
        ("--category care_order --born 2020-05-17", "2095-05-17 Tuesday 17 May 2095: until the 75th anniversary"),
        ("--category care_plan --born 2024-02-29", "2099-03-01 "),
        ("--category care_order --born 2010-05-01 --died 2020-03-03", "2035-03-03 "),
        ("--category case_file --born 2010-05-01 --died 2020-03-03", "2085-05-01 "),
        ("--category care_order,case_file --born 2010-05-01 --died 2020-03-03", "2085-05-01 "),
        ("--category case_file --expected 2026-11-30", "2101-12-28 "),
        ("--category case_file --born-between 2019-01-01 2020-12-31", "2095-12-31 "),
    ] {
        let (done, said, error) = kith(&arguments.split(' ').collect::<Vec<_>>());
        assert!(done && said.starts_with(date) && said.trim_end().ends_with(')'), "{arguments}: {said}{error}");
    }
    let (done, said, _) = kith(&["--category", "care_order", "--born", "2020-05-17", "--json"]);
    assert!(done && said.starts_with('{') && said.contains("\"until\":\"2095-05-17\""), "{said}");
}

#[test]
fn what_is_wrong_is_named_with_what_to_do() {
    for (arguments, said) in [
        ("--category care_order", "--born"),
        ("--born 2020-05-17", "--category"),
        ("--category adoption --born 2020-05-17", "must be one of care_order, care_plan, case_file"),
        ("--category care_order --born 2021-02-29", "there is no such day"),
        ("--category care_order --born 17/05/2020", "must be a day as YYYY-MM-DD"),
        ("--category care_order --born 0020-05-17", "must have a year from 1900 to 2200"),
        ("--category care_order --born 2020-05-17 --died 2020-05-16", "the death must be on or after the birth"),
        ("--category care_order --expected 2026-11-30 --died 2026-12-01", "give the day of birth"),
        ("--category care_order --born-between 2020-12-31 2019-01-01", "must be on or after the earliest"),
        ("--category care_order --born 2020-05-17 --expected 2020-05-17", "cannot be used with"),
        ("--category not_accepted --born 2020-05-17", "must be one of care_order, care_plan, case_file"),
    ] {
        let (done, printed, error) = kith(&arguments.split(' ').collect::<Vec<_>>());
        assert!(!done && printed.is_empty() && error.contains(said), "{arguments}: {error}");
    }
}

#[test]
fn the_forecast_counts_each_year_until_2101() {
    let directory = tempfile::tempdir().expect("a directory");
    let forecast = |data: &std::path::Path, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kith"));
        let output =
            command.args(["retention", "forecast", "--data"]).arg(data).args(more).output().expect("it starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    };
    let (done, _, error) = forecast(&directory.path().join("nowhere"), &[]);
    assert!(!done && error.contains("there is no such directory"), "{error}");
    // A service of which nobody has said anything yet.
    let data = directory.path().join("data");
    std::fs::create_dir(&data).expect("a directory");
    std::fs::set_permissions(&data, std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("its owner's");
    let (done, said, error) = forecast(&data, &["--json"]);
    assert!(done, "{error}");
    let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    let years = said["years"].as_array().expect("years");
    assert_eq!(years.last().map(|year| &year["year"]), Some(&2101.into()));
    assert!(years.iter().all(|year| year["files"] == 0 && year["held"] == 0));
    let (done, said, _) = forecast(&data, &[]);
    assert!(done && said.contains("together"), "{said}");
}
