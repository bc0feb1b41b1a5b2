//! Items for reading: labels and words instead of names and codes.

use super::read::lines_of;
use super::{Item, Kind};
use crate::calendar;
use crate::form::Fields;
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
        Kind::Lines | Kind::Allergies => lines_of(typed).collect::<Vec<_>>().join("\n"),
        Kind::Number(..)
        | Kind::Short
        | Kind::Long
        | Kind::Phone
        | Kind::Email
        | Kind::Address
        | Kind::Identifier(_) => typed.to_owned(),
    };
    Some(words).filter(|words| !words.is_empty())
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
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
