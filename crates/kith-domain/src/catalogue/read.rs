//! Reading items from a form: one reader for every kind of value.

use jiff::civil::Date;

use super::{DateBound, Item, Kind, Rows, language, numbers};
use crate::codes::YesNo;
use crate::form::{Fields, LONG_TEXT_CHARS, OF_ROW, Reader, SHORT_TEXT_CHARS, lower_first};
use crate::ids::PersonId;
use crate::person::Birth;
use crate::plan::Frequency;

/// Longest address, in characters.
const ADDRESS_CHARS: usize = 1_000;
/// Most rows of a list.
const ROWS_LIMIT: usize = 30;
/// Most lines of a list.
const LINES_LIMIT: usize = 100;

/// A value that was read. No Debug: it is personal.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// A text: a line, a free text, an address, a phone number, an email, an identifier in its usual writing.
    Text(String),
    /// Several lines.
    Lines(Vec<String>),
    /// A day.
    Date(Date),
    /// A birth.
    Birth(Birth),
    /// Yes or no.
    YesNo(bool),
    /// A code of the item's list.
    Code(&'static str),
    /// Codes of the item's list.
    Codes(Vec<&'static str>),
    /// Members of the family.
    People(Vec<PersonId>),
    /// How often.
    Frequency(Frequency),
    /// A number.
    Number(i64),
    /// A list: each row as it was typed.
    Rows(Vec<Fields>),
}

impl Value {
    /// A text, if it is one.
    pub fn into_text(self) -> Option<String> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Reads every item of a list that counts, and says what is wrong. `today` is the day on which the form counts as written.
pub fn check_items<'a>(reader: &mut Reader, items: impl IntoIterator<Item = &'a Item>, today: Date) {
    for item in items {
        read_item(reader, item, today);
    }
}

/// Reads one item; `None` when it is not there, does not count, or is wrong, which is said to the reader.
pub fn read_item(reader: &mut Reader, item: &Item, today: Date) -> Option<Value> {
    let fields = reader.fields();
    if !item.counts(fields) {
        return None;
    }
    let required = item.is_required(fields);
    if !item.is_there(fields) {
        if required {
            missing(reader, item);
        }
        return None;
    }
    let (code, label) = (item.code, item.label);
    match item.kind {
        Kind::Short => reader.text(code, label, SHORT_TEXT_CHARS).map(Value::Text),
        Kind::Long => reader.text(code, label, LONG_TEXT_CHARS).map(Value::Text),
        Kind::Address => {
            let text = reader.text(code, label, ADDRESS_CHARS)?;
            if ends_in_a_broken_postcode(&text) {
                reader.problem(
                    code,
                    format!("{label} must end with a whole postcode, like NB2 7QT. Check each character"),
                );
                return None;
            }
            Some(Value::Text(text))
        }
        Kind::Lines => lines(reader, code, label),
        Kind::Rows(of) => rows(reader, item, of, today),
        Kind::Language => {
            let text = reader.text(code, label, SHORT_TEXT_CHARS)?;
            let known = language::usual(&text);
            if known.is_none() {
                reader.problem(code, format!("{label} must be the name of a language. Choose it from the list"));
            }
            known.map(Value::Text)
        }
        Kind::Person => {
            let person = reader.choice(code, label, |id| id.parse().ok());
            person.map(|id| Value::People(vec![id]))
        }
        Kind::Date(bound) => {
            let day = reader.date(code, label)?;
            if bound == DateBound::Past && day > today {
                reader.problem(format!("{code}-day"), format!("{label} must be today or in the past"));
                return None;
            }
            Some(Value::Date(day))
        }
        Kind::Birth => Birth::read(reader, today).map(Value::Birth),
        Kind::YesNo(_) => reader.choice(code, label, YesNo::from_code).map(|answer| Value::YesNo(answer.is_yes())),
        Kind::OneOf(choices) => reader
            .choice(code, label, |given| choices.iter().map(|(known, _)| *known).find(|known| *known == given))
            .map(Value::Code),
        Kind::SeveralOf(choices) => {
            let known = |given: &String| choices.iter().map(|(known, _)| *known).find(|known| known == given);
            let read: Option<Vec<&str>> =
                fields.all(code).iter().filter(|given| !given.is_empty()).map(known).collect();
            if read.is_none() {
                reader.problem(code, format!("Choose {} from the list", lower_first(label)));
            }
            read.map(Value::Codes)
        }
        Kind::People => {
            let people: Option<Vec<PersonId>> = fields.all(code).iter().map(|id| id.parse().ok()).collect();
            if people.is_none() {
                reader.problem(code, format!("Choose {} from the list", lower_first(label)));
            }
            people.map(Value::People)
        }
        Kind::Frequency => Frequency::read(reader).map(Value::Frequency),
        Kind::Number(low, high) => reader.number(code, label, low, high).map(Value::Number),
        Kind::Phone => reader.phone(code, label).map(Value::Text),
        Kind::Email => reader.email(code, label).map(Value::Text),
        Kind::Identifier(scheme) => {
            let text = reader.text(code, label, SHORT_TEXT_CHARS)?;
            match numbers::usual(scheme, &text) {
                Ok(usual) => Some(Value::Text(usual)),
                Err(wrong) => {
                    reader.problem(code, format!("{label} {wrong}"));
                    None
                }
            }
        }
    }
}

/// Says that a required item is missing, at the field where it is typed.
fn missing(reader: &mut Reader, item: &Item) {
    let (code, inside) = (item.code, lower_first(item.label));
    match item.kind {
        Kind::Birth => {
            Birth::read(reader, Date::MAX);
        }
        Kind::Frequency => {
            Frequency::read(reader);
        }
        Kind::Date(_) => reader.problem(format!("{code}-day"), format!("Enter {inside}")),
        Kind::YesNo(_) => reader.problem(code, format!("Answer “{}”", item.asked_as())),
        Kind::Rows(of) if of.of_family => reader.problem(code, "Say with whom contact is wanted"),
        Kind::Rows(of) => {
            let field = format!("{code}{OF_ROW}0{OF_ROW}{}", of.first());
            reader.problem(field, format!("Enter {inside}"));
        }
        Kind::OneOf(_) | Kind::SeveralOf(_) | Kind::Person => reader.problem(code, format!("Select {inside}")),
        Kind::People => reader.problem(code, "Select who the child is to see"),
        _ => reader.problem(code, format!("Enter {inside}")),
    }
}

/// Reads each row of a list, and says what is wrong at its field. A row that was no row when it came, a line of text, is
/// taken as it is.
fn rows(reader: &mut Reader, item: &Item, of: &Rows, today: Date) -> Option<Value> {
    let fields = reader.fields();
    let rows = fields.rows(item.code, of.first());
    if rows.len() > ROWS_LIMIT {
        reader.problem(item.code, format!("{} must be {ROWS_LIMIT} or fewer", item.label));
        return None;
    }
    let is_line = |row: &Fields| !of.of_family && row.names().eq([of.first()]);
    let before = reader.count();
    for (place, row) in rows.iter().enumerate().filter(|(_, row)| !is_line(row)) {
        let mut own = Reader::new(row);
        check_items(&mut own, of.columns, today);
        for problem in own.into_problems() {
            let which =
                if rows.len() > 1 && !of.of_family { format!("{} {}: ", of.one, place + 1) } else { String::new() };
            let field = format!("{}{OF_ROW}{place}{OF_ROW}{}", item.code, problem.field);
            reader.problem(field, format!("{which}{}", problem.message));
        }
    }
    (reader.count() == before).then_some(Value::Rows(rows))
}

/// Whether an address ends in what was meant as a postcode of this country and is none: the shape is begun and not kept.
/// An address abroad ends otherwise.
fn ends_in_a_broken_postcode(address: &str) -> bool {
    let mut words = address.split_whitespace().rev();
    let (Some(last), Some(before)) = (words.next(), words.next()) else { return false };
    let outward = |word: &str| {
        let letters = word.chars().take_while(char::is_ascii_alphabetic).count();
        (1..=2).contains(&letters) && word.chars().nth(letters).is_some_and(|c| c.is_ascii_digit()) && word.len() <= 4
    };
    let inward = |word: &str| word.len() <= 4 && word.chars().next().is_some_and(|c| c.is_ascii_digit());
    let meant = outward(before) && inward(last);
    meant && !uk_postcode::is_valid(&format!("{before} {last}"))
}

fn lines(reader: &mut Reader, code: &str, label: &str) -> Option<Value> {
    let text = reader.text(code, label, LONG_TEXT_CHARS)?;
    let lines: Vec<String> = lines_of(&text).map(str::to_owned).collect();
    if lines.len() > LINES_LIMIT {
        reader.problem(code, format!("{label} must be {LINES_LIMIT} lines or fewer"));
        return None;
    }
    Some(Value::Lines(lines))
}

/// The lines of a text that are not blank.
pub(super) fn lines_of(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}
