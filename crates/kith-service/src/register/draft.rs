//! A register's text read part by part and row by row, as its pages show it. The text is the one thing that is stored: what a page
//! shows is read from it, and what a page sends is written into it (`edit`).

use std::collections::BTreeMap;

use jiff::civil::Date;
use kith_domain::access::Purpose;
use kith_domain::catalogue::{ITEMS, Item, by_key};
use kith_domain::form::{Fields, lower_first};
use kith_domain::register::{RegisterField, RegisterKind, RegisterSection, RegisterValue};
use sha2::{Digest, Sha256};
use toml::{Table, Value};

use super::Register;
use super::processing::kept_by_words;

/// A text that can be read, and what it says of each row.
pub struct DraftText {
    table: Table,
    register: Register,
}

/// A row of a part of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftRow {
    /// What an address says of it, see [`row_key`].
    pub key: String,
    /// What it is called.
    pub title: String,
    /// What it says beside.
    pub words: String,
    /// Under which heading it is listed; empty where there is one list.
    pub group: &'static str,
}

/// How an address speaks of a row: by its code or day, and by a mark made of it where it is named by words.
pub fn row_key(name: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.');
    if (1..=60).contains(&name.len()) && name.chars().all(plain) {
        return name.to_owned();
    }
    hex::encode(&Sha256::digest(name.as_bytes())[..8])
}

/// A mark of what a form showed: whoever sends it says by it which words they have seen.
pub fn seen(shown: &Fields) -> String {
    let said: Vec<(&str, &str)> = shown.iter().collect();
    let said = serde_json::to_vec(&said).unwrap_or_default();
    hex::encode(&Sha256::digest(said)[..8])
}

impl DraftText {
    /// Reads a text; `register` is what it says.
    pub(super) fn new(text: &str, register: Register) -> Option<Self> {
        Some(Self { table: text.parse().ok()?, register })
    }

    /// The purposes that it has, by code and name.
    pub fn purposes(&self) -> Vec<(Purpose, String)> {
        let known = |code: &str| Purpose::from_code(code);
        self.register.purposes().iter().filter_map(|of| Some((known(of.code())?, of.name.clone()))).collect()
    }

    /// The rows of a part, in the order of the text; the items in that of the catalogue. Nothing of a part that is one form.
    pub fn rows(&self, section: RegisterSection) -> Vec<DraftRow> {
        if section == RegisterSection::Items {
            return ITEMS.iter().map(|item| self.item(item)).collect();
        }
        let Some(list) = section.list() else { return Vec::new() };
        let row = |row: &Table| {
            let name = row.get(list.named_by).and_then(Value::as_str)?;
            let title = title(section, row);
            let others = section.fields().iter().filter(|field| field.name != list.named_by);
            let words = others.map(|field| in_words(field, &said(row.get(field.name), field)));
            let words: Vec<String> = words.filter(|words| !words.is_empty() && *words != title).collect();
            Some(DraftRow { key: row_key(name), title, words: words.join(". "), group: "" })
        };
        tables(&self.table, list.table).into_iter().filter_map(row).collect()
    }

    fn item(&self, item: &'static Item) -> DraftRow {
        let held = self.register.items().purposes(item);
        let all = self.purposes();
        let read_for = all.iter().filter(|(purpose, _)| held.contains(purpose)).map(|(_, name)| name.as_str());
        let read_for: Vec<&str> = read_for.collect();
        let words = if read_for.is_empty() { "Not held".to_owned() } else { read_for.join(", ") };
        DraftRow { key: item.key(), title: item_title(item), words, group: item.category.label() }
    }

    /// The place of a row among the rows of the text; `None` where there is none of that key.
    pub(super) fn place(&self, section: RegisterSection, key: &str) -> Option<usize> {
        let list = section.list()?;
        let named = |row: &&Table| row.get(list.named_by).and_then(Value::as_str).map(row_key).as_deref() == Some(key);
        tables(&self.table, list.table).iter().position(named)
    }

    /// What a row is called.
    pub fn title(&self, section: RegisterSection, key: &str) -> Option<String> {
        self.rows(section).into_iter().find(|row| row.key == key).map(|row| row.title)
    }

    /// What each field says; of a row that is not there nothing.
    pub(super) fn value(&self, section: RegisterSection, key: Option<&str>, field: &RegisterField) -> RegisterValue {
        if section == RegisterSection::Items {
            let item = key.and_then(by_key);
            let purposes = item.map(|item| self.register.items().purposes(item)).unwrap_or_default();
            let mut codes: Vec<String> = purposes.iter().map(|purpose| purpose.code().to_owned()).collect();
            codes.sort();
            return RegisterValue::Lines(codes);
        }
        let there = match (section.list(), key) {
            (None, _) => self.table.get(field.table).and_then(Value::as_table),
            (Some(list), Some(key)) => {
                self.place(section, key).and_then(|place| tables(&self.table, list.table).get(place).copied())
            }
            (Some(_), None) => None,
        };
        let found = there.and_then(|table| table.get(field.name));
        match (found, field.kind) {
            // A setting that a register from before it does not have says what Kith does then.
            (None, RegisterKind::Figure { .. }) => {
                self.register.figure(field.name).map_or(RegisterValue::Nothing, RegisterValue::Number)
            }
            (found, _) => said(found, field),
        }
    }

    /// The form of a part, or of a row of it; `None` where there is no such row. A new row's is empty.
    pub fn shown(&self, section: RegisterSection, key: Option<&str>) -> Option<Fields> {
        let is_there = match (section, key) {
            (RegisterSection::Items, key) => key.and_then(by_key).is_some(),
            (_, Some(key)) => self.place(section, key).is_some(),
            (_, None) => true,
        };
        if !is_there {
            return None;
        }
        let mut shown = Fields::default();
        for field in section.fields() {
            self.value(section, key, field).show(field, &mut shown);
        }
        Some(shown)
    }
}

/// What an item is called, with whom it is about.
pub(super) fn item_title(item: &Item) -> String {
    format!("{}: {}", item.about.label(), lower_first(item.label))
}

/// What a row of a list is called: by its words, where it has any, else by its code or day.
pub(super) fn title(section: RegisterSection, row: &Table) -> String {
    let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
    let words = match section {
        RegisterSection::Areas | RegisterSection::Purposes | RegisterSection::Retention => text("name"),
        RegisterSection::Measures => text("words"),
        _ => "",
    };
    if !words.trim().is_empty() {
        return words.to_owned();
    }
    let Some(list) = section.list() else { return String::new() };
    let named = section.fields().iter().find(|field| field.name == list.named_by);
    named.map_or_else(String::new, |field| in_words(field, &said(row.get(field.name), field)))
}

/// What a field says, for reading: a day as people say it, what keeps a measure in words, a figure with its unit.
pub(super) fn in_words(field: &RegisterField, value: &RegisterValue) -> String {
    match (field.kind, value) {
        (RegisterKind::Day, RegisterValue::Text(text)) => {
            text.parse::<Date>().map_or_else(|_| text.clone(), kith_domain::calendar::long_date)
        }
        (RegisterKind::KeptBy, RegisterValue::Text(code)) => kept_by_words(code),
        (RegisterKind::Figure { .. }, RegisterValue::Number(number)) => format!("{number} {}", field.hint),
        _ => value.words(),
    }
}

/// What a value of the text says.
pub(super) fn said(found: Option<&Value>, field: &RegisterField) -> RegisterValue {
    match found {
        Some(Value::String(text)) if text.is_empty() && !field.required => RegisterValue::Nothing,
        Some(Value::String(text)) => RegisterValue::Text(text.clone()),
        Some(Value::Integer(number)) => RegisterValue::Number(*number),
        Some(Value::Array(all)) => {
            RegisterValue::Lines(all.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        }
        _ if field.kind == RegisterKind::Lines => RegisterValue::Lines(Vec::new()),
        _ => RegisterValue::Nothing,
    }
}

/// The tables of a list.
pub(super) fn tables<'a>(of: &'a Table, list: &str) -> Vec<&'a Table> {
    let rows = of.get(list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    rows.iter().filter_map(Value::as_table).collect()
}

/// The names of a text's purposes, by their codes.
pub(super) fn purpose_names(of: &Table) -> BTreeMap<String, String> {
    let text = |row: &Table, name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
    tables(of, "purposes").into_iter().filter_map(|row| Some((text(row, "code")?, text(row, "name")?))).collect()
}
