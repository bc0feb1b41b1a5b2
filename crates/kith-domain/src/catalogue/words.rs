//! Items for reading: labels and words instead of names and codes.

use super::read::lines_of;
use super::{About, Item, Kind, Rows};
use crate::calendar;
use crate::codes::Entitlement;
use crate::form::{Fields, lower_first, upper_first};
use crate::plan::{Bound, Per};

/// Labels and words of these items, without those that are not there or do not count. `name_of` gives the name for the id
/// of a family member.
pub fn rows<'a>(
    items: impl IntoIterator<Item = &'a Item>,
    fields: &Fields,
    name_of: &dyn Fn(&str) -> String,
) -> Vec<(String, String)> {
    items
        .into_iter()
        .filter(|item| item.counts(fields))
        .filter_map(|item| Some((item.label.to_owned(), value_words(item, fields, name_of)?)))
        .collect()
}

/// The value of an item in words, from a form's boxes or from settled values; `None` when there is none. What cannot be
/// read is given as it was typed.
pub fn value_words(item: &Item, fields: &Fields, name_of: &dyn Fn(&str) -> String) -> Option<String> {
    let typed = fields.get(item.code).trim();
    // What a relationship gives by law is read like what was said.
    if item.key_is(About::Relationship, "entitlement") && typed.is_empty() {
        let of = Entitlement::of(fields);
        return (of != Entitlement::None).then(|| of.label().to_owned());
    }
    let words = match item.kind {
        Kind::Date(_) => date_words(fields, item.code),
        Kind::Birth => birth_words(fields),
        Kind::Frequency => frequency_words(fields),
        Kind::YesNo(no) => match typed {
            "yes" => "Yes".to_owned(),
            "no" => no.to_owned(),
            other => other.to_owned(),
        },
        Kind::OneOf(choices) => label_of(choices, typed),
        Kind::SeveralOf(choices) => {
            let labels: Vec<String> = fields.all(item.code).iter().map(|code| label_of(choices, code)).collect();
            labels.join("; ")
        }
        Kind::People => fields.all(item.code).iter().map(|id| name_of(id)).collect::<Vec<_>>().join(", "),
        Kind::Person if typed.is_empty() => String::new(),
        Kind::Person => name_of(typed),
        Kind::Rows(of) => {
            let rows = fields.rows(item.code, of.first());
            rows.iter().filter_map(|row| row_words(of, row, name_of)).collect::<Vec<_>>().join("\n")
        }
        Kind::Lines => lines_of(typed).collect::<Vec<_>>().join("\n"),
        Kind::Number(..)
        | Kind::Short
        | Kind::Language
        | Kind::Long
        | Kind::Phone
        | Kind::Email
        | Kind::Address
        | Kind::Identifier(_) => typed.to_owned(),
    };
    Some(words).filter(|words| !words.is_empty())
}

/// A row in words, on one line: what it is about, and the rest after its labels.
fn row_words(of: &Rows, row: &Fields, name_of: &dyn Fn(&str) -> String) -> Option<String> {
    let of_column = |column: &'static Item| {
        let words = value_words(column, row, name_of).filter(|_| column.counts(row))?;
        let is_first = column.code == of.first();
        let plain = is_first || matches!(column.kind, Kind::Frequency) || column.label.is_empty();
        let words = words.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        Some(if plain { words } else { format!("{}: {words}", lower_first(column.label)) })
    };
    let words: Vec<String> = of.columns.iter().filter_map(of_column).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

fn label_of(choices: super::Choices, code: &str) -> String {
    choices.iter().find(|(known, _)| *known == code).map_or_else(|| code.to_owned(), |(_, label)| (*label).to_owned())
}

fn date_words(fields: &Fields, name: &str) -> String {
    if let Some(day) = fields.date(name) {
        return calendar::long_date(day);
    }
    let boxes = [name.to_owned(), format!("{name}-day"), format!("{name}-month"), format!("{name}-year")];
    let typed: Vec<&str> = boxes.iter().map(|name| fields.get(name).trim()).filter(|text| !text.is_empty()).collect();
    typed.join(" ")
}

fn birth_words(fields: &Fields) -> String {
    let day = date_words(fields, "dob");
    match fields.get("birth_kind") {
        _ if day.is_empty() => day,
        "expected" => format!("Expected {day}: not born yet"),
        "between" => format!("Not known, between {day} and {}", date_words(fields, "dob_to")),
        _ => day,
    }
}

fn frequency_words(fields: &Fields) -> String {
    let bound = Bound::from_code(fields.get("bound")).map(Bound::label);
    let per = Per::from_code(fields.get("per")).map(|per| format!("a {}", per.label()));
    let count = match fields.get("count").trim() {
        "1" => "once".to_owned(),
        "2" => "twice".to_owned(),
        "" => String::new(),
        count => format!("{count} times"),
    };
    let words = [bound.unwrap_or_default().to_owned(), count, per.unwrap_or_default()];
    let words = words.iter().filter(|word| !word.is_empty()).cloned().collect::<Vec<_>>().join(" ");
    upper_first(&words)
}
