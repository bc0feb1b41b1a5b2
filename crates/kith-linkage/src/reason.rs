//! Why two records are held to be of one person, in words. Nothing of what the records say is repeated.

use crate::compare::compare;
use crate::level::{Field, Level};
use crate::person::Sex;
use crate::prepared::Prepared;

/// The reasons, what agrees first, what differs last, divided by semicolons.
pub(crate) fn reasons(one: &Prepared, other: &Prepared) -> String {
    let found = compare(one, other);
    let whose = match one.sex.or(other.sex) {
        Some(Sex::Female) => "her",
        Some(Sex::Male) => "his",
        None => "a",
    };
    let mut said: Vec<String> = Vec::new();
    let mut say = |words: &str| said.push(words.to_owned());
    let level = |field| found.level(field);

    match (level(Field::Identifier), level(Field::Phone)) {
        (Level::Exact, _) => say("same identifier"),
        (Level::Base, _) => say("same identifier, without its prefix"),
        (Level::Digit, _) => say("identifier with one digit different"),
        _ => {}
    }
    match level(Field::Birth) {
        Level::Exact => say("same date of birth"),
        Level::Swapped => say("same date of birth with day and month swapped"),
        Level::Digit => say("date of birth with one digit different"),
        Level::Parts => say("date of birth the same in two of day, month and year"),
        Level::Placeholder => say("same year of birth, one of them only as 1 January"),
        Level::Within => say("date of birth within what is known"),
        Level::Near => say("dates of birth within a month"),
        _ => {}
    }
    let swapped = level(Field::Order) == Level::Swapped;
    if swapped {
        say("given name and family name swapped");
    }
    match level(Field::Given) {
        Level::Exact if level(Field::Family) == Level::Exact && !swapped => say("same name"),
        Level::Exact if !swapped => say("same given name"),
        Level::First => say("same first given name"),
        Level::Nickname => say("given names are forms of one name"),
        Level::Former => say("given name is a former or other name"),
        Level::Sound => say("given name sounds the same"),
        Level::Close => say("given name spelled almost the same"),
        Level::Other => say("another of the given names is the same"),
        Level::Initial => say("initial of the given name fits"),
        _ => {}
    }
    match level(Field::Family) {
        Level::Exact if level(Field::Given) != Level::Exact && !swapped => say("same family name"),
        Level::Former => say(&format!("family name is {whose} former name")),
        Level::FormerClose => say(&format!("family name is almost {whose} former name")),
        Level::Part => say("one part of the family name is the same"),
        Level::Sound => say("family name sounds the same"),
        Level::Close => say("family name spelled almost the same"),
        _ => {}
    }
    match (level(Field::House), level(Field::Street), level(Field::Postcode)) {
        (Level::Exact, Level::Exact, _) | (Level::Exact, _, Level::Exact) => say("same address"),
        (_, Level::Exact, Level::Exact) => say("same street and postcode"),
        (_, Level::Exact, _) => say("same street"),
        (_, street, Level::Exact) => {
            say("same postcode");
            if street == Level::Close {
                say("street spelled almost the same");
            }
        }
        (_, Level::Close, _) => say("street spelled almost the same"),
        (_, _, Level::Digit) => say("postcode with one character different"),
        _ => {}
    }
    if level(Field::Locality) == Level::Exact && level(Field::Postcode) != Level::Exact {
        say("same locality");
    }
    match level(Field::Phone) {
        Level::Exact | Level::Base => say("same telephone number"),
        Level::Digit => say("telephone number with one digit different"),
        _ => {}
    }
    for (field, name) in [
        (Field::Given, "given name"),
        (Field::Family, "family name"),
        (Field::Birth, "date of birth"),
        (Field::Sex, "sex"),
        (Field::Postcode, "postcode"),
        (Field::Identifier, "identifier"),
    ] {
        if matches!(level(field), Level::Different | Level::Year)
            || (level(field) == Level::Near && field != Field::Birth)
        {
            say(&format!("different {name}"));
        }
    }
    if said.is_empty() { "nothing compared agrees".to_owned() } else { said.join("; ") }
}
