//! Only what a form says otherwise is written into the text.

use kith_domain::catalogue::by_key;
use kith_domain::form::Fields;

use super::*;
use crate::register::tests::{GOOD, register};

fn draft(text: &str) -> DraftText {
    DraftText::new(text, register(text)).unwrap_or_else(|| panic!("it is read"))
}

/// The text with what somebody typed over what a form showed.
fn written(text: &str, section: RegisterSection, key: Option<&str>, typed: &[(&str, &str)]) -> String {
    let draft = draft(text);
    let mut fields = draft.shown(section, key).unwrap_or_default();
    for (name, value) in typed {
        fields.set(*name, *value);
    }
    let row = RegisterRow::read(section, key.is_some(), &fields).unwrap_or_else(|of| panic!("{of:?}"));
    let mut edited = Edited::of(text).unwrap_or_else(|| panic!("it is read"));
    edited.write(&draft, section, key, &row);
    edited.text()
}

fn without(text: &str, section: RegisterSection, key: &str) -> String {
    let place = draft(text).place(section, key).unwrap_or_else(|| panic!("{key}"));
    let mut edited = Edited::of(text).unwrap_or_else(|| panic!("it is read"));
    edited.take_out(&section.list().unwrap_or_else(|| panic!("a list")), place);
    edited.text()
}

/// Lines that are in one text and not in the other: gone, and come.
fn lines(before: &str, after: &str) -> (Vec<String>, Vec<String>) {
    let only = |of: &str, other: &str| {
        let other: Vec<&str> = other.lines().collect();
        of.lines().filter(|line| !other.contains(line)).map(str::to_owned).collect()
    };
    (only(before, after), only(after, before))
}

#[test]
fn a_form_that_says_the_same_changes_no_letter() {
    assert_eq!(Edited::of(GOOD).map(|of| of.text()).as_deref(), Some(GOOD));
    for section in RegisterSection::ALL {
        let rows = draft(GOOD).rows(*section);
        if *section == RegisterSection::Items {
            continue;
        }
        let keys: Vec<Option<&str>> =
            if section.list().is_some() { rows.iter().map(|row| Some(row.key.as_str())).collect() } else { vec![None] };
        for key in keys {
            assert_eq!(written(GOOD, *section, key, &[]), GOOD, "{section:?} {key:?}");
        }
    }
}

#[test]
fn the_remark_beside_a_value_stays() {
    let text = written(GOOD, RegisterSection::Settings, None, &[("verify_within_working_days", "2")]);
    assert_eq!(
        lines(GOOD, &text),
        (
            vec!["verify_within_working_days = 1        # from submission to verification".to_owned()],
            vec!["verify_within_working_days = 2        # from submission to verification".to_owned()]
        )
    );
    let text = written(GOOD, RegisterSection::Retention, Some("care_plan"), &[("rule", "Until the 75th birthday")]);
    assert_eq!(lines(GOOD, &text).1, ["rule = \"Until the 75th birthday\""]);
}

#[test]
fn a_row_that_comes_stands_after_the_others_of_its_list() {
    let typed =
        [("name", "Quayside Post"), ("does", "Sends letters"), ("place", "United Kingdom"), ("contract", "CT-1")];
    let text = written(GOOD, RegisterSection::Processors, None, &typed);
    let (gone, _) = lines(GOOD, &text);
    assert!(gone.is_empty(), "{gone:?}");
    let names: Vec<String> = register(&text).processors().iter().map(|of| of.name().to_owned()).collect();
    assert_eq!(names, ["Five Arches Hosting", "Nene Valley Mail", "Quayside Post"]);
    assert!(text.find("Quayside Post") < text.find("[[measures]]"), "{text}");
    // A list that nobody has begun.
    let text =
        written(GOOD, RegisterSection::ClosedDays, None, &[("day", "2027-06-07"), ("name", "Day of celebration")]);
    assert_eq!(register(&text).calendar().closed.len(), 1);
}

#[test]
fn what_is_said_of_a_whole_list_stays_when_its_first_row_goes() {
    let text = without(GOOD, RegisterSection::Purposes, "assessment");
    assert!(text.contains("# Why data is used. A purpose that is not here is refused everywhere.\n[[purposes]]\ncode = \"service_delivery\""));
    let text = without(GOOD, RegisterSection::Areas, "south");
    assert!(
        text.contains("# Teams of the service.")
            && text.contains("code = \"north\"\nname = \"North Nenedale\"\n\n# Why")
    );
}

#[test]
fn a_list_of_texts_keeps_those_that_stay() {
    let typed = "Adults, Communities and Wellbeing\nChildren First\nHousing\nShared Legal Service";
    let text = written(GOOD, RegisterSection::Recipients, None, &[("departments", typed)]);
    let (gone, come) = lines(GOOD, &text);
    assert_eq!(gone, ["    \"Learning, Skills and Education\","]);
    assert_eq!(come, ["    \"Housing\","]);
    let text = written(GOOD, RegisterSection::Recipients, None, &[("partners", "")]);
    assert!(text.contains("\npartners = []\n"), "an authority may have no partner");
}

#[test]
fn an_item_goes_to_the_purposes_that_it_may_be_read_for() {
    let pets = by_key("placement.pets").unwrap_or_else(|| panic!("pets"));
    let put = |purposes: &[&str]| {
        let mut edited = Edited::of(GOOD).unwrap_or_else(|| panic!("it is read"));
        edited.put_item(pets, &purposes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>());
        edited.text()
    };
    let text = put(&[]);
    assert!(!register(&text).items().has(pets));
    assert!(text.contains("    \"order.court\", "), "who stood on the next line stands there: {text}");
    let narrowed = put(&["service_delivery"]);
    let held = register(&narrowed);
    assert_eq!(held.items().purposes(pets), [kith_domain::access::Purpose::ServiceDelivery]);
    assert!(narrowed.contains("# These can be counted"), "remarks stay");
    let mut back = Edited::of(&narrowed).unwrap_or_else(|| panic!("it is read"));
    let before = ["assessment", "official_reporting", "service_delivery"].map(str::to_owned);
    back.put_item(pets, &before);
    let text = back.text();
    assert_eq!(register(&text).items(), register(GOOD).items());
    assert_eq!(text.matches("[[items]]").count(), 2, "a group of none is gone: {text}");
}

#[test]
fn terms_stand_in_the_order_of_the_year_whichever_comes_last() {
    let typed = [("from", "2026-11-01"), ("to", "2026-11-02")];
    let before = GOOD.replacen("to = \"2026-12-18\"", "to = \"2026-10-20\"", 1);
    let text = written(&before, RegisterSection::SchoolTerms, None, &typed);
    let sorted = register(&text);
    let terms = &sorted.calendar().school_terms;
    assert_eq!(terms.len(), 8);
    assert_eq!(terms[4].from.to_string(), "2026-11-01");
}

#[test]
fn a_list_within_one_line_is_written_as_tables() {
    let (head, rest) = GOOD.split_once("[[areas]]").unwrap_or_default();
    let rest = rest.split_once("# Why data is used").map_or("", |(_, rest)| rest);
    let areas = "areas = [{ code = \"north\", name = \"North\" }, { code = \"south\", name = \"South\" }]\n";
    let text = format!("{areas}{head}# Why data is used{rest}");
    assert_eq!(draft(&text).rows(RegisterSection::Areas).len(), 2);
    let text = written(&text, RegisterSection::Areas, Some("north"), &[("name", "The north")]);
    assert_eq!(register(&text).area_name("north"), "The north");
    assert_eq!(register(&text).area_name("south"), "South");
}

#[test]
fn a_line_is_of_a_row_and_a_field() {
    let line = |words: &str| GOOD.lines().position(|line| line.starts_with(words)).map(|at| at + 1).unwrap_or_default();
    let place = |words: &str| place_of(GOOD, line(words)).map(|of| (of.table, of.index, of.field));
    let of = |table: &str, index: usize, field: &str| Some((table.to_owned(), index, field.to_owned()));
    assert_eq!(place("place = "), of("processors", 0, "place"));
    assert_eq!(place("contract = \"CT-2025-131"), of("processors", 1, "contract"));
    assert_eq!(place("sign_within_hours"), of("settings", 0, "sign_within_hours"));
    assert_eq!(place("    \"placement.pets\""), of("items", 0, "held"));
    assert_eq!(place_of(GOOD, 1), None);
}

#[test]
fn a_new_row_of_an_empty_form_says_nothing() {
    assert_eq!(draft(GOOD).shown(RegisterSection::Processors, None), Some(Fields::default()));
    assert_eq!(draft(GOOD).shown(RegisterSection::Processors, Some("none")), None);
    let of = draft(GOOD);
    let key = of.rows(RegisterSection::Processors)[0].key.clone();
    assert!(key.chars().all(|c| c.is_ascii_hexdigit()), "a name is in no address: {key}");
    assert_eq!(of.title(RegisterSection::Processors, &key).as_deref(), Some("Five Arches Hosting"));
}
