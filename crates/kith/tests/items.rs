//! `kith items`: the catalogue, for people and for machines.

use std::process::Command;

fn kith(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_kith")).args(arguments).output().expect("the program starts");
    assert!(output.status.success());
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn each_item_is_listed_once_with_what_it_may_be_used_for() {
    let listed: Vec<serde_json::Value> = serde_json::from_str(&kith(&["items", "--json"])).expect("JSON");
    let of = |code: &str| {
        let found: Vec<_> = listed.iter().filter(|item| item["code"] == code).collect();
        assert_eq!(found.len(), 1, "{code}");
        found[0].clone()
    };
    let ethnicity = of("child.ethnicity");
    assert_eq!(ethnicity["special"], true);
    assert_eq!(ethnicity["category"], "special");
    assert_eq!(of("person.address")["about"], "person");
    assert_eq!(of("order.terms")["retention"], "care_order");
    for item in &listed {
        for key in ["code", "label", "about", "category", "retention"] {
            assert!(item[key].as_str().is_some_and(|text| !text.is_empty()), "{key} of {item}");
        }
        assert!(item["purposes"].as_array().is_some_and(|purposes| !purposes.is_empty()));
    }
    let table = kith(&["items"]);
    assert!(table.contains("child.ethnicity") && table.contains("Ethnicity"));
}
