//! What one register says otherwise than another, entry by entry: order and remarks of the text are no difference.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

/// One thing that two registers say differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The part of the register.
    pub part: &'static str,
    /// Which entry of it.
    pub entry: String,
    /// What the earlier says; `None` where it has no such entry.
    pub before: Option<String>,
    /// What the later says; `None` where it has no such entry.
    pub after: Option<String>,
}

/// The parts, in the order in which they are shown: the name in the file, and for reading.
const PARTS: [(&str, &str); 13] = [
    ("authority", "Authority and contacts"),
    ("notice", "The public notice"),
    ("areas", "Areas"),
    ("purposes", "Purposes and legal bases"),
    ("items", "What is held, and what for"),
    ("retention", "Retention"),
    ("processors", "Processors"),
    ("measures", "Security measures"),
    ("opening", "Opening hours"),
    ("closed_days", "Closed days"),
    ("school_terms", "School terms"),
    ("settings", "Settings"),
    ("", "Other"),
];

/// What the later of two texts says otherwise. A text that cannot be read says nothing.
pub fn difference(earlier: &str, later: &str) -> Vec<Change> {
    let (earlier, later) = (entries(earlier), entries(later));
    let all: BTreeSet<&(usize, String)> = earlier.keys().chain(later.keys()).collect();
    let change = |key: &(usize, String)| {
        let (before, after) = (earlier.get(key).cloned(), later.get(key).cloned());
        (before != after).then(|| Change { part: PARTS[key.0].1, entry: key.1.clone(), before, after })
    };
    all.into_iter().filter_map(change).collect()
}

/// Everything that a text says: the part's place, the entry, what it says.
fn entries(text: &str) -> BTreeMap<(usize, String), String> {
    let mut found = BTreeMap::new();
    let Ok(table) = text.parse::<Table>() else { return found };
    for (name, value) in &table {
        // A version's day is said when it is proposed.
        if name == "in_force_since" {
            continue;
        }
        let part = PARTS.iter().position(|(known, _)| known == name).unwrap_or(PARTS.len() - 1);
        match value {
            Value::Table(fields) => {
                for (field, value) in fields {
                    found.insert((part, plain(field)), said(value));
                }
            }
            Value::Array(rows) if name == "items" => items(part, rows, &mut found),
            Value::Array(rows) => rows.iter().filter_map(Value::as_table).for_each(|row| one(part, row, &mut found)),
            other => {
                found.insert((part, plain(name)), said(other));
            }
        }
    }
    found
}

/// Each item with the purposes that it is held for.
fn items(part: usize, groups: &[Value], found: &mut BTreeMap<(usize, String), String>) {
    for group in groups.iter().filter_map(Value::as_table) {
        let list = |name: &str| group.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut purposes: Vec<String> = list("purposes").iter().map(said).collect();
        purposes.sort();
        for item in list("held") {
            found.insert((part, said(item)), purposes.join("\n"));
        }
    }
}

/// What names a row of a list, the first that is there.
const NAMED_BY: [&str; 5] = ["code", "category", "day", "from", "name"];

fn one(part: usize, row: &Table, found: &mut BTreeMap<(usize, String), String>) {
    let Some(by) = NAMED_BY.iter().find(|by| row.contains_key(**by)) else { return };
    let name = row.get(*by).map(said).unwrap_or_default();
    for (field, value) in row.iter().filter(|(field, _)| field != by) {
        found.insert((part, format!("{name}: {}", plain(field))), said(value));
    }
}

fn plain(field: &str) -> String {
    field.replace('_', " ")
}

fn said(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(said).collect::<Vec<_>>().join("\n"),
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
        difference(GOOD, &later).into_iter().map(|of| (of.part, of.entry, of.before, of.after)).collect()
    }

    #[test]
    fn each_entry_is_shown_beside_what_stands() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            changed("legal_basis = \"UK GDPR Art 6(1)(e), Art 89\"", "legal_basis = \"UK GDPR Art 6(1)(e)\""),
            [(
                "Purposes and legal bases",
                "service_planning: legal basis".to_owned(),
                some("UK GDPR Art 6(1)(e), Art 89"),
                some("UK GDPR Art 6(1)(e)")
            )]
        );
        assert_eq!(
            changed("\"placement.pets\",", ""),
            [(
                "What is held, and what for",
                "placement.pets".to_owned(),
                some("assessment\nofficial_reporting\nservice_delivery"),
                None
            )]
        );
        assert_eq!(
            changed("sign_within_hours = 24", "sign_within_hours = 48"),
            [("Settings", "sign within hours".to_owned(), some("24"), some("48"))]
        );
        assert_eq!(
            changed("partners = [\"NHS\", ", "partners = ["),
            [(
                "Authority and contacts",
                "partners".to_owned(),
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
