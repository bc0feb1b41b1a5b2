use std::collections::BTreeSet;

use jiff::civil::date;

use super::*;
use crate::codes::LegalStatus;
use crate::form::Reader;
use crate::ids::PersonId;
use crate::referral::set_wanted;

#[test]
fn a_code_is_one_item_among_those_said_of_a_child_and_of_a_relative() {
    for of_family in [false, true] {
        let mut names = BTreeSet::new();
        for item in ITEMS.iter().filter(|item| item.about.is_of_family() == of_family) {
            for field in item.fields() {
                assert!(names.insert(*field), "{field} is there twice");
                assert_eq!(of_value(of_family, field).map(Item::key), Some(item.key()));
            }
        }
    }
    let keys: BTreeSet<String> = ITEMS.iter().map(Item::key).collect();
    assert_eq!(keys.len(), ITEMS.len());
    assert!(keys.iter().all(|key| by_key(key).is_some_and(|item| item.key() == *key)));
}

#[test]
fn everything_that_the_notice_and_the_handbook_name_is_there() {
    // The notice, "What personal information do we collect"; handbook section 3.
    for category in NoticeCategory::ALL {
        let held_elsewhere = [NoticeCategory::Risk];
        let found = ITEMS.iter().any(|item| item.category == *category);
        assert!(found || held_elsewhere.contains(category), "{}", category.code());
    }
    for key in [
        "child.given_name",
        "child.former_names",
        "child.birth",
        "child.sex",
        "child.care_first",
        "child.upn",
        "child.nhs_number",
        "placement.address",
        "placement.placement_type",
        "placement.confidential_from",
        "child.school",
        "child.language",
        "child.interpreter",
        "child.ethnicity",
        "child.religion",
        "child.conditions",
        "child.medication",
        "child.allergies",
        "child.diet",
        "child.disabilities",
        "child.access_needs",
        "child.siblings",
        "person.given_name",
        "person.former_names",
        "person.address",
        "person.phone",
        "person.email",
        "person.preferred_contact",
        "relationship.relationship",
        "relationship.parental_responsibility",
        "relationship.entitlement",
        "person.language",
        "person.interpreter",
        "person.access_needs",
        "person.bail_conditions",
        "person.non_molestation",
        "placement.carer",
        "placement.carer_phone",
        "placement.carer_agency",
        "placement.pets",
        "placement.carer_drives",
        "order.legal_status",
        "order.court",
        "order.case_number",
        "order.order_date",
        "order.order_ends",
        "order.terms",
        "order.hearing_date",
        "contact.wanted",
        "contact.wanted_from",
        "contact.venue_wishes",
        "contact.travel",
        "child.constraints",
        "child.not_allowed",
        "child.keep_apart",
        "relationship.may_attend",
        "child.concerns",
        "child.safety_plan",
        "child.incidents",
        "relationship.risk_marker",
    ] {
        assert!(by_key(key).is_some(), "{key}");
    }
}

#[test]
fn what_the_call_must_verify_is_asked() {
    // Handbook section 5.
    for (key, topic) in [
        ("child.given_name", Topic::Identity),
        ("child.birth", Topic::Identity),
        ("order.legal_status", Topic::Legal),
        ("order.terms", Topic::Legal),
        ("relationship.may_attend", Topic::Attendance),
        ("relationship.risk_marker", Topic::Risk),
        ("placement.address", Topic::Placement),
        ("placement.confidential", Topic::Placement),
        ("child.allergies", Topic::Health),
        ("child.medication", Topic::Health),
        ("child.emergency_phone", Topic::Emergency),
    ] {
        assert_eq!(by_key(key).and_then(|item| item.call), Some(topic), "{key}");
    }
    // A question of the call is about one section, so that a correction is one page.
    for topic in Topic::ALL {
        let sections: BTreeSet<_> = of_topic(*topic).map(|item| item.section).collect();
        assert_eq!(sections.len(), 1, "{}", topic.code());
    }
}

#[test]
fn the_special_categories_of_the_law_are_marked() {
    // UK GDPR Art 9(1): racial or ethnic origin, religious beliefs, health.
    for key in [
        "child.ethnicity",
        "child.religion",
        "child.allergies",
        "child.medication",
        "child.conditions",
        "child.diet",
        "child.disabilities",
        "child.access_needs",
        "person.access_needs",
    ] {
        assert_eq!(by_key(key).map(|item| item.sensitivity), Some(Sensitivity::Special), "{key}");
    }
    // Running the system and checking it need no fact of a case.
    for item in ITEMS {
        assert!(!item.purposes.contains(&Purpose::Administration) && !item.purposes.contains(&Purpose::Accountability));
    }
}

#[test]
fn conditions_name_an_item_of_the_same_section_and_its_values() {
    for item in ITEMS {
        let (Need::AskedWhen(when) | Need::RequiredWhen(when) | Need::OfferedWhen(when)) = item.need else { continue };
        let other = in_section(item.section, when.item).unwrap_or_else(|| panic!("{}", item.key()));
        assert_eq!(other.about.is_of_family(), item.about.is_of_family());
        let known: Vec<&str> = match other.kind {
            Kind::YesNo(_) => vec!["yes", "no"],
            Kind::OneOf(choices) => choices.iter().map(|(code, _)| *code).collect(),
            Kind::Language => languages().to_vec(),
            _ => panic!("{} is not a choice", other.key()),
        };
        assert!(when.any_of.iter().all(|value| [ELSE, ""].contains(value) || known.contains(value)), "{}", item.key());
    }
    let Some(Need::RequiredWhen(on_an_order)) = by_key("order.court").map(|item| item.need) else { panic!() };
    for status in LegalStatus::ALL {
        assert_eq!(on_an_order.any_of.contains(&status.code()), status.rests_on_an_order(), "{}", status.code());
    }
}

fn problems(key: &str, pairs: &[(&str, &str)]) -> Vec<String> {
    let fields: Fields = pairs.iter().copied().collect();
    let mut reader = Reader::new(&fields);
    read_item(&mut reader, by_key(key).unwrap(), date(2026, 11, 24));
    reader.into_problems().into_iter().map(|problem| problem.field).collect()
}

#[test]
fn a_value_that_is_none_of_the_codes_is_refused() {
    assert_eq!(problems("child.ethnicity", &[("ethnicity", "XXXX")]), ["ethnicity"]);
    assert!(problems("child.ethnicity", &[("ethnicity", "WBRI")]).is_empty());
    assert_eq!(problems("child.interpreter", &[("interpreter", "maybe")]), ["interpreter"]);
    assert_eq!(problems("child.not_allowed", &[("not_allowed", "phones"), ("not_allowed", "fun")]), ["not_allowed"]);
    assert_eq!(problems("placement.placement_type", &[("placement_type", "U9")]), ["placement_type"]);
}

#[test]
fn what_is_missing_is_asked_for_where_it_is_typed() {
    for (key, pairs, fields) in [
        ("child.given_name", &[][..], &["given_name"][..]),
        ("child.birth", &[], &["dob-day"]),
        ("contact.wanted", &[], &["wanted"]),
        ("child.has_allergies", &[], &["has_allergies"]),
        ("child.allergies", &[], &[]),
        ("child.allergies", &[("has_allergies", "yes")], &["allergies.0.what"]),
        ("child.interpreter", &[("language", "Polish")], &["interpreter"]),
        ("child.interpreter", &[("language", "English")], &[]),
        ("child.language", &[("language", "Elvish of the west")], &["language"]),
        ("relationship.entitlement", &[("relationship", "mother")], &[]),
        ("relationship.entitlement", &[("relationship", "friend")], &["entitlement"]),
        ("child.emergency_name", &[], &["emergency_name"]),
        ("child.emergency_name", &[("emergency_carer", "yes")], &[]),
        ("placement.address", &[("address", "4 Quarrel Lane, Nenebridge NB3 9Z")], &["address"]),
        ("placement.address", &[("address", "4 Quarrel Lane\nNenebridge nb3 9zz")], &[]),
        ("placement.address", &[("address", "ul. Długa 5, 31-147 Kraków, Poland")], &[]),
        ("order.order_date", &[("legal_status", "C1")], &["order_date-day"]),
        ("order.order_date", &[("legal_status", "V2")], &[]),
        ("order.order_date", &[("order_date", "2026-11-25")], &["order_date-day"]),
        ("person.email", &[("email", "nobody at home")], &["email"]),
        ("person.email", &[("email", "carys@example.org")], &[]),
    ] {
        assert_eq!(problems(key, pairs), fields, "{key} {pairs:?}");
    }
}

#[test]
fn values_are_read_out_alike_from_boxes_and_from_one_value() {
    let words = |key: &str, pairs: &[(&str, &str)]| {
        let fields: Fields = pairs.iter().copied().collect();
        value_words(by_key(key).unwrap(), &fields, &|_| "Ann".to_owned())
    };
    let boxes = [("order_date-day", "2"), ("order_date-month", "11"), ("order_date-year", "2026")];
    assert_eq!(words("order.order_date", &boxes).as_deref(), Some("2 November 2026"));
    assert_eq!(words("order.order_date", &[("order_date", "2026-11-02")]).as_deref(), Some("2 November 2026"));
    assert_eq!(
        words("child.birth", &[("birth_kind", "between"), ("dob", "2019-01-01"), ("dob_to", "2019-12-31")]).as_deref(),
        Some("Not known, between 1 January 2019 and 31 December 2019")
    );
    let mut contact = Fields::default();
    let typed = [("bound", "at_least"), ("count", "2"), ("per", "week"), ("minutes", "90")];
    set_wanted(&mut contact, &[(PersonId(uuid::Uuid::nil()), &typed)]);
    let said = value_words(by_key("contact.wanted").unwrap(), &contact, &|_| "Ann".to_owned());
    let as_read =
        "Ann; contact: Yes, in sessions of their own; At least twice a week; how: In person; minutes each time: 90";
    assert_eq!(said.as_deref(), Some(as_read));
    let mut allergy = Fields::default();
    let row = [("what", "Peanuts"), ("reaction", "swelling"), ("action", "pen,\nthen 999")];
    allergy.set_rows("allergies", [row.into_iter().collect::<Fields>()]);
    let said = value_words(by_key("child.allergies").unwrap(), &allergy, &str::to_owned);
    assert_eq!(said.as_deref(), Some("Peanuts; reaction: swelling; what to do: pen, then 999"));
    assert_eq!(words("child.allergies", &[("allergies", "Eggs\nMilk: rash")]).as_deref(), Some("Eggs\nMilk: rash"));
    assert_eq!(
        words("relationship.entitlement", &[("relationship", "mother")]).as_deref(),
        Some("Parent: section 34(1)(a)"),
        "what the relationship gives is read like what was said"
    );
    assert_eq!(words("child.has_allergies", &[("has_allergies", "no")]).as_deref(), Some("None known"));
    assert_eq!(words("child.medication", &[]), None);
}
