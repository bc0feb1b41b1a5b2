//! Handbook section 12: "Research gets pseudonyms, age bands and counts, never names; counts under 5 are suppressed together with what
//! would give them away."

use std::collections::BTreeMap;

use jiff::civil::{Date, date};

use super::*;
use crate::access::{Purpose, Role};
use crate::form::Fields;
use crate::session::{SessionState, Slot};

fn values(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().copied().collect()
}

fn group(key: &str, said: &[(&str, &str)]) -> String {
    let values = values(said);
    let child = OfChild { values: &values, area: "North", until: date(2026, 9, 30), sessions: 12, took_place: 0 };
    variable(key).unwrap().group(&child, None).unwrap()
}

#[test]
fn what_can_be_counted_is_what_the_catalogue_gives_to_planning_and_no_name() {
    let keys: Vec<String> = variables().map(Variable::key).collect();
    assert!(keys.contains(&"child.birth".to_owned()) && keys.contains(&"placement.placement_type".to_owned()));
    for of in variables().filter_map(Variable::item) {
        assert!(of.purposes.contains(&Purpose::ServicePlanning), "{}", of.key());
    }
    for never in
        ["child.given_name", "child.family_name", "child.care_first", "placement.carer_name", "order.case_number"]
    {
        assert!(variable(never).is_none(), "{never}");
    }
}

#[test]
fn whatever_is_said_falls_into_one_of_the_groups_and_no_text_comes_through() {
    let strange = values(&[
        ("birth_kind", "on"),
        ("dob", "2012-02-29"),
        ("sex", "female"),
        ("religion", "Zoroastrian"),
        ("disabilities", "Kleine-Levin"),
        ("access_needs", "A ramp"),
        ("language", "Kashmiri"),
        ("interpreter", "maybe"),
        ("legal_status", "nonsense"),
        ("placement_type", "U1"),
    ]);
    for said in [strange, Fields::default()] {
        let of = OfChild { values: &said, area: "North", until: date(2026, 9, 30), sessions: 3, took_place: 3 };
        let slot = Slot { day: date(2026, 7, 15), start_minute: 16 * 60, end_minute: 17 * 60 };
        for state in SessionState::ALL {
            let session = Some(OfSession { slot, state: *state });
            for variable in variables() {
                let groups = variable.groups(&["North".to_owned()], date(2026, 7, 1), date(2026, 9, 30));
                let group = variable.group(&of, session).unwrap();
                assert!(groups.contains(&group), "{}: {group}", variable.key());
            }
        }
    }
}

#[test]
fn ages_are_the_bands_of_the_return_on_the_last_day() {
    let born = |day: &str| group("child.birth", &[("birth_kind", "on"), ("dob", day)]);
    for (day, band) in [
        ("2026-09-30", "Under 1"),
        ("2025-10-01", "Under 1"),
        ("2025-09-30", "1 to 4"),
        ("2021-09-30", "5 to 9"),
        ("2021-10-01", "1 to 4"),
        ("2016-09-30", "10 to 15"),
        ("2010-09-30", "16 and over"),
        ("2026-10-01", "Not born yet"),
    ] {
        assert_eq!(born(day), band, "{day}");
    }
    assert_eq!(group("child.birth", &[("birth_kind", "expected"), ("dob", "2026-09-01")]), "Not born yet");
    assert_eq!(group("child.birth", &[]), "Not said");
    assert_eq!(group("sessions", &[]), "10 to 19");
    assert_eq!(group("took_place", &[]), "None");
}

fn figure(of: &[(&str, &str)], count: u64, from: Date, until: Date) -> Figure {
    let of: BTreeMap<String, String> = of.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    Figure { unit: Unit::Children, from, until, of, count }
}

#[test]
fn figures_that_differ_by_one_child_from_an_earlier_one_tell_that_child_apart() {
    // "a research request whose cells differ by one child from last month's"
    let (jan, may, june) = (date(2026, 1, 1), date(2026, 5, 31), date(2026, 6, 30));
    let boys = |count, until| figure(&[("child.sex", "Male")], count, jan, until);
    assert!(tells_apart(&boys(13, june), &boys(12, may)));
    assert!(tells_apart(&boys(12, may), &boys(16, june)), "four");
    assert!(!tells_apart(&boys(13, june), &boys(13, may)), "the same says nothing new");
    assert!(!tells_apart(&boys(18, june), &boys(13, may)), "five are enough");
    // A part of a group beside the group: the one who is not in North.
    let north = figure(&[("child.sex", "Male"), ("area", "North")], 12, jan, june);
    assert!(tells_apart(&boys(13, june), &north) && tells_apart(&north, &boys(13, june)));
    // Other groups, and months that do not overlap, are of other children or other sessions.
    assert!(!tells_apart(&figure(&[("child.sex", "Female")], 13, jan, june), &north));
    assert!(!tells_apart(
        &figure(&[("child.sex", "Male")], 13, june.tomorrow().unwrap(), date(2026, 9, 30)),
        &boys(12, june)
    ));
    assert!(!tells_apart(&Figure { unit: Unit::Sessions, ..boys(13, june) }, &boys(12, may)));
}

fn asked(pairs: &[(&str, &str)]) -> Fields {
    let usual = [
        ("title", "Evening sessions"),
        ("for_what", "planning"),
        ("question", "Whether a room is needed after five"),
        ("with", "The area managers, on the council’s drive"),
        ("shape", "table"),
        ("unit", "sessions"),
        ("rows", "part_of_day"),
        ("columns", "area"),
        ("from", "2026-07-01"),
        ("until", "2026-09-30"),
        ("expires_on", "2027-01-31"),
    ];
    let mut fields: Fields = usual.into_iter().collect();
    for (name, value) in pairs {
        fields.set(*name, *value);
    }
    fields
}

fn problems(pairs: &[(&str, &str)]) -> Vec<String> {
    let read = RequestFacts::read(&asked(pairs), date(2026, 11, 28), |of| of.key() != "child.religion");
    read.err().unwrap_or_default().into_iter().map(|problem| problem.field).collect()
}

#[test]
fn what_is_asked_is_read_and_what_cannot_be_is_said() {
    let read = RequestFacts::read(&asked(&[]), date(2026, 11, 28), |_| true).ok().unwrap();
    assert_eq!(read.by, ["part_of_day", "area"]);
    assert_eq!(read.period.words(), "1 July 2026 to 30 September 2026");
    assert!(problems(&[]).is_empty());
    let wrong: &[(&[(&str, &str)], &str)] = &[
        (&[("title", " ")], "title"),
        (&[("rows", "child.given_name")], "rows"),
        (&[("columns", "part_of_day")], "columns"),
        (&[("columns", "child.religion")], "columns"),
        (&[("unit", "children")], "rows"),
        (&[("from", "2026-07-02")], "from-day"),
        (&[("until", "2026-09-29")], "until-day"),
        (&[("until", "2026-11-30")], "until-day"),
        (&[("until", "2026-06-30")], "until-day"),
        (&[("from", "2021-09-01")], "until-day"),
        (&[("expires_on", "2026-11-27")], "expires_on-day"),
        (&[("expires_on", "2027-11-30")], "expires_on-day"),
    ];
    for (said, field) in wrong {
        assert_eq!(problems(said), [*field], "{said:?}");
    }
    // Lines are of children, whatever was chosen as what is counted.
    let lines = asked(&[("shape", "lines"), ("first", "child.birth"), ("third", "child.sex"), ("rows", "")]);
    let lines = RequestFacts::read(&lines, date(2026, 11, 28), |_| true).ok().unwrap();
    assert_eq!((lines.unit, lines.by.len()), (Unit::Children, 2));
}

#[test]
fn nobody_decides_their_own_request_nor_one_of_their_like() {
    let facts = RequestFacts::read(&asked(&[]), date(2026, 11, 28), |_| true).ok().unwrap();
    let of = |role| ResearchRequest { facts: facts.clone(), role, decided: None, made: None, ended_ms: None };
    assert!(of(Role::Manager).decided_by(Role::DataProtection) && !of(Role::Manager).decided_by(Role::Manager));
    assert!(
        of(Role::DataProtection).decided_by(Role::Manager)
            && !of(Role::DataProtection).decided_by(Role::DataProtection)
    );
}
