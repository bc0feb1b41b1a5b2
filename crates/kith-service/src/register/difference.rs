//! What one register says otherwise than another, entry by entry: order and remarks of the text are no difference.

use std::collections::{BTreeMap, BTreeSet};

use kith_domain::catalogue::by_key;
use kith_domain::form::lower_first;
use kith_domain::register::RegisterSection;
use toml::{Table, Value};

use super::draft::{self, in_words, item_title, purpose_names, row_key, title};

/// One thing that two registers say differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The part of the register; `None` for what no page asks.
    pub section: Option<RegisterSection>,
    /// The row of it, as an address has it; `None` of a part that is one form.
    pub row: Option<String>,
    /// Which entry of it, in words.
    pub entry: String,
    /// What the earlier says; `None` where it has no such entry.
    pub before: Option<String>,
    /// What the later says; `None` where it has no such entry.
    pub after: Option<String>,
}

impl Change {
    /// The part of the register, for reading.
    pub fn part(&self) -> &'static str {
        self.section.map_or("Other", RegisterSection::label)
    }
}

/// Which entry it is in both texts: the part's place, the row, the field's place.
type Key = (usize, String, usize, String);

/// What a text says of an entry: how it is called, and what it says.
struct Said {
    entry: String,
    words: String,
}

/// What the later of two texts says otherwise. A text that cannot be read says nothing.
pub fn difference(earlier: &str, later: &str) -> Vec<Change> {
    let (mut earlier, mut later) = (entries(earlier), entries(later));
    let all: BTreeSet<Key> = earlier.keys().chain(later.keys()).cloned().collect();
    let change = |key: Key| {
        let (before, after) = (earlier.remove(&key), later.remove(&key));
        let entry = after.as_ref().or(before.as_ref()).map(|of| of.entry.clone())?;
        let (before, after) = (before.map(|of| of.words), after.map(|of| of.words));
        let section = RegisterSection::ALL.get(key.0).copied();
        let row = (!key.1.is_empty()).then_some(key.1);
        (before != after).then_some(Change { section, row, entry, before, after })
    };
    all.into_iter().filter_map(change).collect()
}

/// Everything that a text says.
fn entries(text: &str) -> BTreeMap<Key, Said> {
    let mut found = BTreeMap::new();
    let Ok(table) = text.parse::<Table>() else { return found };
    for (name, value) in &table {
        // A version's day is said when it is proposed.
        if name == "in_force_since" {
            continue;
        }
        match value {
            Value::Table(fields) => {
                for (field, value) in fields {
                    let (key, label) = place(name, "", field);
                    found.insert(key, Said { entry: label, words: said(value, name, field) });
                }
            }
            Value::Array(rows) if name == "items" => items(rows, &purpose_names(&table), &mut found),
            Value::Array(rows) => rows.iter().filter_map(Value::as_table).for_each(|row| one(name, row, &mut found)),
            other => {
                let (key, label) = place("", "", name);
                found.insert(key, Said { entry: label, words: said(other, "", name) });
            }
        }
    }
    found
}

/// Where an entry stands among all of them, and what its field is called.
fn place(table: &str, row: &str, field: &str) -> (Key, String) {
    let of = RegisterSection::of(table, field);
    let last = RegisterSection::ALL.len();
    let section =
        of.map_or(last, |(section, _)| RegisterSection::ALL.iter().position(|known| *known == section).unwrap_or(last));
    let at =
        of.and_then(|(section, known)| section.fields().iter().position(|field| field == known)).unwrap_or_default();
    let label = of.map_or_else(|| field.replace('_', " "), |(_, field)| field.label.to_owned());
    ((section, row.to_owned(), at, field.to_owned()), label)
}

/// Each item with the purposes that it is held for.
fn items(groups: &[Value], names: &BTreeMap<String, String>, found: &mut BTreeMap<Key, Said>) {
    for group in groups.iter().filter_map(Value::as_table) {
        let list = |name: &str| group.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut purposes: Vec<&str> = list("purposes").iter().filter_map(Value::as_str).collect();
        purposes.sort_unstable();
        let words: Vec<&str> = purposes.iter().map(|code| names.get(*code).map_or(*code, String::as_str)).collect();
        for key in list("held").iter().filter_map(Value::as_str) {
            let entry = by_key(key).map_or_else(|| key.to_owned(), item_title);
            found.insert(place("items", key, "purposes").0, Said { entry, words: words.join("\n") });
        }
    }
}

/// The fields of a row of a list, named by the row.
fn one(list: &str, row: &Table, found: &mut BTreeMap<Key, Said>) {
    let Some((section, of)) = RegisterSection::ALL
        .iter()
        .find_map(|section| section.list().filter(|of| of.table == list).map(|of| (*section, of)))
    else {
        return;
    };
    let Some(name) = row.get(of.named_by).and_then(Value::as_str) else { return };
    let title = title(section, row);
    for (field, value) in row.iter().filter(|(field, _)| *field != of.named_by) {
        let (key, label) = place(list, &row_key(name), field);
        let entry = format!("{title}: {}", lower_first(&label));
        found.insert(key, Said { entry, words: said(value, list, field) });
    }
}

/// What a value says, for reading.
fn said(value: &Value, table: &str, field: &str) -> String {
    match RegisterSection::of(table, field) {
        Some((_, field)) => in_words(field, &draft::said(Some(value), field)),
        None => plain(value),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(plain).collect::<Vec<_>>().join("\n"),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(yes) => yes.to_string(),
        Value::Datetime(when) => when.to_string(),
        // Nothing of a register is a table within a row: the text is refused where it is read.
        Value::Table(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::tests::GOOD;

    fn changed(from: &str, to: &str) -> Vec<(&'static str, String, Option<String>, Option<String>)> {
        assert!(GOOD.contains(from), "{from}");
        let later = GOOD.replacen(from, to, 1);
        difference(GOOD, &later).into_iter().map(|of| (of.part(), of.entry, of.before, of.after)).collect()
    }

    #[test]
    fn each_entry_is_shown_beside_what_stands() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            changed("legal_basis = \"UK GDPR Art 6(1)(e), Art 89\"", "legal_basis = \"UK GDPR Art 6(1)(e)\""),
            [(
                "Purposes and legal bases",
                "Service planning and research: legal basis".to_owned(),
                some("UK GDPR Art 6(1)(e), Art 89"),
                some("UK GDPR Art 6(1)(e)")
            )]
        );
        assert_eq!(
            changed("\"placement.pets\",", ""),
            [(
                "What is held, and what for",
                "Where the child lives: pets where the child lives".to_owned(),
                some("Assessments\nOfficial reporting\nService delivery"),
                None
            )]
        );
        assert_eq!(
            changed("sign_within_hours = 24", "sign_within_hours = 48"),
            [("Settings", "A record is signed within".to_owned(), some("24 hours"), some("48 hours"))]
        );
        assert_eq!(
            changed("partners = [\"NHS\", ", "partners = ["),
            [(
                "With whom data may be shared",
                "Kinds of organisation outside the council, under an agreement".to_owned(),
                some("NHS\nSchools\nJudicial agencies\nPolice\nTransport provider\nInterpreters"),
                some("Schools\nJudicial agencies\nPolice\nTransport provider\nInterpreters")
            )]
        );
    }

    #[test]
    fn order_and_remarks_are_no_difference() {
        assert!(difference(GOOD, GOOD).is_empty());
        assert_eq!(changed("# How long, as in the public notice.", "# How long."), []);
        assert_eq!(changed("[\"assessment\", \"service_delivery\", ", "[\"service_delivery\", \"assessment\", "), []);
        assert_eq!(changed("in_force_since = \"2026-01-01\"", "in_force_since = \"2027-01-01\""), []);
    }
}
