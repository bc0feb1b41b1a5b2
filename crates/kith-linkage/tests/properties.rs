//! What must hold of any two people.

#![allow(missing_docs, clippy::cast_possible_truncation, clippy::similar_names, dead_code)]

mod invented;

use invented::Blind;
use kith_linkage::{Birth, Person, Question, Sex, deduplicate, link};
use proptest::prelude::*;

/// People as forms have them, with every item there or not, from few values so that many agree.
fn person() -> impl Strategy<Value = Person> {
    let name = prop::sample::select(vec![
        "",
        "Mary",
        "Mary Ann",
        "Marianne",
        "Smith",
        "Smith-Jones",
        "Jones",
        "Nowak",
        "Nowakowska",
        "al-Hassan",
        "Mohammed",
        "Muhammad",
        "M",
        "O'Brien",
        "Brien",
        "Łukasz",
        "Иван",
        "王",
        "李小龙",
        "Bill",
        "William",
        "de la Cruz",
        "X Æ",
    ]);
    let text = prop::sample::select(vec![
        "",
        "12",
        "12a",
        "High Street",
        "High St",
        "Northbridge",
        "ZZ1 1AA",
        "ZZ1 1AB",
        "4223",
    ]);
    let birth =
        prop::option::of((1980_u16..1983, 1_u8..4, 1_u8..4).prop_map(|(year, month, day)| Birth::on(year, month, day)));
    let sex = prop::option::of(prop::sample::select(vec![Sex::Female, Sex::Male]));
    let numbers =
        prop::collection::vec(prop::sample::select(vec!["CF-004512", "4512", "01632 960123", "01632 960132"]), 0..2);
    (
        (name.clone(), name.clone(), prop::collection::vec(name, 0..2), birth, sex),
        (text.clone(), prop::collection::vec(text.clone(), 0..3), text.clone(), text.clone(), text),
        (numbers.clone(), numbers),
    )
        .prop_map(
            |((given, family, former, birth, sex), (house, streets, locality, postcode, county), (phones, ids))| {
                Person {
                    given_name: given.to_owned(),
                    family_name: family.to_owned(),
                    former_names: former.into_iter().map(str::to_owned).collect(),
                    birth,
                    sex,
                    house_number: house.to_owned(),
                    streets: streets.into_iter().map(str::to_owned).collect(),
                    locality: locality.to_owned(),
                    postcode: postcode.to_owned(),
                    county: county.to_owned(),
                    phones: phones.into_iter().map(str::to_owned).collect(),
                    identifiers: ids.into_iter().map(str::to_owned).collect(),
                }
            },
        )
}

fn likelihood(one: &Person, other: &Person, people: usize) -> Option<(f64, String)> {
    Question::new(one, people).likely(other).map(|likely| (likely.probability, likely.reasons))
}

fn probability(one: &Person, other: &Person) -> f64 {
    likelihood(one, other, 30_000).map_or(0.0, |(probability, _)| probability)
}

proptest! {
    #[test]
    fn it_makes_no_difference_who_is_first(one in person(), other in person()) {
        let (there, back) = (probability(&one, &other), probability(&other, &one));
        prop_assert!((there - back).abs() < 1e-9, "{} {}", there, back);
    }

    #[test]
    fn nobody_is_likelier_a_person_than_the_person_itself(one in person(), other in person()) {
        let (itself, other) = (probability(&one, &one), probability(&one, &other).min(probability(&other, &one)));
        // The same street and phone speak for a household too, whose members are weighed against each other: without a birth
        // or a number that can cost a few hundredths.
        prop_assert!(itself + 0.05 >= other, "{} {}", itself, other);
    }

    #[test]
    fn who_is_held_is_found_first_with_what_is_known_of_them(mut people in prop::collection::vec(person(), 1..20), at in 0_usize..20) {
        let at = at % people.len();
        people[at].given_name = "Genoveva".to_owned();
        people[at].family_name = "Quatermain".to_owned();
        people[at].birth = Some(Birth::on(1977, 5, 23));
        let found = Blind::of(people.iter().cloned()).find(&people[at], 3, 0.0);
        prop_assert!(found.first().is_some_and(|found| found.place == at && found.likely.probability > 0.5));
    }

    #[test]
    fn an_item_more_that_agrees_never_makes_it_less_likely(mut one in person(), mut other in person(), which in 0_usize..8) {
        // The item is taken away from both, then given to both alike.
        let strip = |person: &mut Person| match which {
            0 => person.birth = None,
            1 => person.sex = None,
            2 => person.county.clear(),
            3 => person.postcode.clear(),
            4 => person.locality.clear(),
            5 => person.phones.clear(),
            6 => person.identifiers.clear(),
            _ => { person.house_number = String::new(); person.streets.clear(); }
        };
        strip(&mut one);
        strip(&mut other);
        let without = probability(&one, &other);
        let give = |person: &mut Person| match which {
            0 => person.birth = Some(Birth::on(1981, 2, 3)),
            1 => person.sex = Some(Sex::Female),
            2 => person.county = "Northshire".to_owned(),
            3 => person.postcode = "ZZ9 9ZZ".to_owned(),
            4 => person.locality = "Easthaven".to_owned(),
            5 => person.phones.push("01632 960555".to_owned()),
            6 => person.identifiers.push("CF-777123".to_owned()),
            _ => { person.house_number = "7".to_owned(); person.streets.push("Mill Lane".to_owned()); }
        };
        give(&mut one);
        give(&mut other);
        prop_assert!(probability(&one, &other) + 1e-9 >= without);
    }

    #[test]
    fn any_text_is_compared_without_a_fall(text in ".{0,40}", other in ".{0,40}", digits in "[0-9/.-]{0,12}") {
        let person = |text: &str| Person {
            given_name: text.to_owned(),
            family_name: text.to_owned(),
            former_names: vec![text.to_owned()],
            birth: Birth::parse(&digits),
            house_number: text.to_owned(),
            streets: vec![text.to_owned(), digits.clone()],
            locality: text.to_owned(),
            postcode: text.to_owned(),
            county: text.to_owned(),
            phones: vec![digits.clone(), text.to_owned()],
            identifiers: vec![digits.clone(), text.to_owned()],
            ..Person::default()
        };
        let (one, two) = (person(&text), person(&other));
        let probability = probability(&one, &two);
        prop_assert!((0.0..=1.0).contains(&probability));
        for pair in link(std::slice::from_ref(&one), std::slice::from_ref(&two), 0.0).iter().chain(&deduplicate(&[one.clone(), two], 0.0)) {
            prop_assert!((0.0..=1.0).contains(&pair.probability));
            prop_assert!(text.len() < 8 || !pair.reasons.contains(&text));
        }
        let debug = format!("{one:?}");
        prop_assert!(text.len() < 14 || !debug.contains(&text));
    }
}

#[test]
fn nobody_at_all_is_nobody() {
    assert!(link(&[], &[], 0.5).is_empty());
    assert!(deduplicate(&[], 0.5).is_empty());
    assert!(deduplicate(&[Person::default()], 0.5).is_empty());
    assert!(link(&[Person::default()], &[Person::default()], 0.5).is_empty());
    assert!(likelihood(&Person::default(), &Person::default(), 10).is_none());
}

fn somebody(given: &str, family: &str, birth: (u16, u8, u8)) -> Person {
    Person {
        given_name: given.to_owned(),
        family_name: family.to_owned(),
        birth: Some(Birth::on(birth.0, birth.1, birth.2)),
        sex: Some(Sex::Female),
        ..Person::default()
    }
}

/// Among the thirty thousand people of a council's service; what a supervisor would say of each.
#[test]
fn reasons_and_probabilities_are_as_a_person_would_say() {
    let mut held = somebody("Sarah Jane", "Okafor", (1991, 3, 7));
    held.former_names = vec!["Sarah Whitfield".to_owned()];
    for (question, likely, reason) in [
        (somebody("Sarah", "Whitfield", (1991, 7, 3)), true, "same date of birth with day and month swapped"),
        (somebody("Sarah", "Whitfield", (1991, 3, 7)), true, "family name is her former name"),
        (somebody("Sara", "Okafor-Lamb", (1991, 3, 7)), true, "one part of the family name is the same"),
        (somebody("Okafor", "Sarah Jane", (1991, 3, 7)), true, "given name and family name swapped"),
        (somebody("Sadie", "Okafor", (1991, 3, 1)), true, "given names are forms of one name"),
        (somebody("Sarah", "Lindqvist", (1974, 11, 30)), false, "different family name"),
    ] {
        let (probability, reasons) = likelihood(&question, &held, 30_000).expect("names are compared");
        assert_eq!(probability >= 0.5, likely, "{probability} {reasons}");
        assert!(reasons.split("; ").any(|said| said == reason), "{reasons}");
    }
}

/// Twins share name, birthday and home, and are two (handbook: bad input of referrals).
#[test]
fn twins_are_two() {
    let at_home = |given: &str, sex| Person {
        sex: Some(sex),
        house_number: "12".to_owned(),
        streets: vec!["Mill Lane".to_owned()],
        postcode: "ZZ1 1AA".to_owned(),
        ..somebody(given, "Okafor", (2019, 3, 7))
    };
    for other in [at_home("Blessing", Sex::Female), at_home("Chinedu", Sex::Male)] {
        let (probability, _) = likelihood(&at_home("Adaeze", Sex::Female), &other, 30_000).expect("compared");
        assert!(probability < 0.5, "{probability}");
    }
}
