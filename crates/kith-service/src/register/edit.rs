//! Writing into a register's text what a form says. Only what it says otherwise than the text is touched: remarks, order and whatever
//! else stands there stay as somebody wrote them.

use std::collections::BTreeSet;

use kith_domain::catalogue::Item;
use kith_domain::register::{RegisterList, RegisterRow, RegisterSection, RegisterValue};
use toml_edit::{Array, ArrayOfTables, Decor, DocumentMut, Item as Entry, Table, Value};

use super::draft::DraftText;

/// Where in a text a line stands: the table, which one of its name, and the field.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) table: String,
    pub(super) index: usize,
    pub(super) field: String,
}

/// A text in which something is changed.
pub(super) struct Edited(DocumentMut);

impl Edited {
    /// Takes up a text; `None` when it cannot be read.
    pub(super) fn of(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// The text.
    pub(super) fn text(&self) -> String {
        self.0.to_string()
    }

    /// Writes what a form says: of a part that is one form, of a row that is there, or a new row. Gives the place of the row among those
    /// of its list.
    pub(super) fn write(
        &mut self,
        before: &DraftText,
        section: RegisterSection,
        key: Option<&str>,
        row: &RegisterRow,
    ) -> usize {
        let changed = row.values().iter().filter(|(field, value)| before.value(section, key, field) != *value);
        let Some(list) = section.list() else {
            for (field, value) in changed {
                put(self.table(field.table), field.name, value);
            }
            return 0;
        };
        let rows = self.rows(list.table);
        let place = key.and_then(|key| before.place(section, key)).unwrap_or(rows.len());
        if place == rows.len() {
            rows.push(Table::new());
        }
        if let Some(table) = rows.get_mut(place) {
            for (field, value) in changed {
                put(table, field.name, value);
            }
        }
        if section == RegisterSection::SchoolTerms { self.sort_terms(row.name("from")) } else { place }
    }

    /// Takes a row out. What stands before the first one of a list is said of the whole list and stays.
    pub(super) fn take_out(&mut self, list: &RegisterList, place: usize) {
        let rows = self.rows(list.table);
        if place >= rows.len() {
            return;
        }
        let gone = rows.remove(place);
        if let (0, Some(next)) = (place, rows.get_mut(0)) {
            keep_remark(&gone, next);
        }
        if rows.is_empty() {
            self.0.remove(list.table);
        }
    }

    /// Puts an item under the purposes that it is read for; none takes it out.
    pub(super) fn put_item(&mut self, item: &Item, purposes: &[String]) {
        let key = item.key();
        let groups = self.rows("items");
        for group in groups.iter_mut() {
            if let Some(held) = group.get_mut("held").and_then(Entry::as_array_mut) {
                take_from(held, &key);
            }
        }
        if !purposes.is_empty() {
            let wanted: BTreeSet<&str> = purposes.iter().map(String::as_str).collect();
            let same = groups.iter_mut().find(|group| group.get("purposes").is_some_and(|of| codes(of) == wanted));
            if let Some(held) = same.and_then(|group| group.get_mut("held")).and_then(Entry::as_array_mut) {
                held.push(key);
            } else {
                let mut group = Table::new();
                group.insert("purposes", toml_edit::value(purposes.iter().collect::<Array>()));
                group.insert("held", toml_edit::value([key].iter().collect::<Array>()));
                groups.push(group);
            }
        }
        self.drop_empty_groups();
    }

    /// Takes a purpose from every item that is read for it.
    pub(super) fn take_purpose_from_items(&mut self, code: &str) {
        for group in self.rows("items").iter_mut() {
            if let Some(purposes) = group.get_mut("purposes").and_then(Entry::as_array_mut) {
                take_from(purposes, code);
            }
        }
    }

    fn drop_empty_groups(&mut self) {
        let groups = self.rows("items");
        let empty = |group: &Table| group.get("held").and_then(Entry::as_array).is_some_and(Array::is_empty);
        loop {
            let place = groups.iter().position(empty);
            let Some(place) = place else { return };
            let gone = groups.remove(place);
            if let (0, Some(next)) = (place, groups.get_mut(0)) {
                keep_remark(&gone, next);
            }
        }
    }

    /// The tables of a list, written as tables of their own.
    fn rows(&mut self, list: &str) -> &mut ArrayOfTables {
        let entry = self.0.entry(list).or_insert_with(|| Entry::ArrayOfTables(ArrayOfTables::new()));
        if !entry.is_array_of_tables() {
            // Written within one line: the same said in tables of their own.
            let tables = std::mem::take(entry).into_array_of_tables().unwrap_or_default();
            *entry = Entry::ArrayOfTables(tables);
        }
        match entry {
            Entry::ArrayOfTables(rows) => rows,
            _ => unreachable!("it was made one above"),
        }
    }

    fn table(&mut self, name: &str) -> &mut dyn toml_edit::TableLike {
        let entry = self.0.entry(name).or_insert_with(toml_edit::table);
        if !entry.is_table_like() {
            *entry = toml_edit::table();
        }
        match entry {
            Entry::Table(table) => table,
            Entry::Value(Value::InlineTable(table)) => table,
            _ => unreachable!("it was made one above"),
        }
    }

    /// The terms stand in the order of the year; their days change places, and the remarks beside them stay. Gives the place of the term
    /// that begins on a day.
    fn sort_terms(&mut self, from: Option<&str>) -> usize {
        let rows = self.rows("school_terms");
        let text = |row: &Table, name: &str| row.get(name).and_then(Entry::as_str).unwrap_or_default().to_owned();
        let mut terms: Vec<(String, String)> = rows.iter().map(|row| (text(row, "from"), text(row, "to"))).collect();
        terms.sort();
        for (row, (first, last)) in rows.iter_mut().zip(&terms) {
            for (name, day) in [("from", first), ("to", last)] {
                if text(row, name) != *day {
                    put(row, name, &RegisterValue::Text(day.clone()));
                }
            }
        }
        terms.iter().position(|(first, _)| Some(first.as_str()) == from).unwrap_or_default()
    }
}

/// Puts a value in the place of what a field says, with the remark beside it.
fn put(table: &mut dyn toml_edit::TableLike, name: &str, value: &RegisterValue) {
    let there = table.get(name).and_then(Entry::as_value);
    let mut new = match value {
        RegisterValue::Nothing => {
            table.remove(name);
            return;
        }
        RegisterValue::Text(text) => Value::from(text.as_str()),
        RegisterValue::Number(number) => Value::from(*number),
        RegisterValue::Lines(all) => Value::Array(array(all, there.and_then(Value::as_array))),
    };
    if let Some(there) = there {
        *new.decor_mut() = there.decor().clone();
    }
    match table.get_mut(name) {
        Some(entry) => *entry = Entry::Value(new),
        None => drop(table.insert(name, Entry::Value(new))),
    }
}

/// A list of texts; those that were there stand as they stood, and one that comes begins a line where the others do.
fn array(all: &[String], there: Option<&Array>) -> Array {
    let mut array: Array = all.iter().collect();
    let Some(there) = there else { return array };
    let line = there.iter().last().filter(|last| breaks(last.decor())).and_then(|last| last.decor().prefix().cloned());
    for value in array.iter_mut() {
        let stood = there.iter().find(|of| of.as_str() == value.as_str());
        match (stood, &line) {
            (Some(stood), _) => value.clone_from(stood),
            (None, Some(line)) => value.decor_mut().set_prefix(line.clone()),
            (None, None) => {}
        }
    }
    // Whoever is first now stands where the first stood.
    let first = there.get(0).and_then(|first| first.decor().prefix().cloned());
    if let (Some(prefix), Some(now)) = (first, array.get_mut(0)) {
        now.decor_mut().set_prefix(prefix);
    }
    array.set_trailing_comma(there.trailing_comma() && !array.is_empty());
    array.set_trailing(there.trailing().clone());
    array
}

/// Takes a text from a list; who stood after it begins the line that it began.
fn take_from(list: &mut Array, text: &str) {
    loop {
        let place = list.iter().position(|of| of.as_str() == Some(text));
        let Some(place) = place else { return };
        let gone = list.remove(place);
        if let Some(next) = list.get_mut(place)
            && (breaks(gone.decor()) && !breaks(next.decor()) || place == 0)
        {
            let suffix = next.decor().suffix().cloned();
            *next.decor_mut() = gone.decor().clone();
            if let Some(suffix) = suffix {
                next.decor_mut().set_suffix(suffix);
            }
        }
    }
}

fn breaks(decor: &Decor) -> bool {
    decor.prefix().and_then(|prefix| prefix.as_str()).is_some_and(|prefix| prefix.contains('\n'))
}

/// What was said before a table that is gone is said before the next, unless that has a remark of its own.
fn keep_remark(gone: &Table, next: &mut Table) {
    let remark = |table: &Table| table.decor().prefix().and_then(|of| of.as_str()).is_some_and(|of| of.contains('#'));
    if remark(gone) && !remark(next) {
        let prefix = gone.decor().prefix().cloned().unwrap_or_default();
        next.decor_mut().set_prefix(prefix);
    }
}

fn codes(of: &Entry) -> BTreeSet<&str> {
    of.as_array().into_iter().flat_map(Array::iter).filter_map(Value::as_str).collect()
}

/// Where a line of a text stands, from 1: the last table that begins before it, and the last field.
pub(super) fn place_of(text: &str, line: usize) -> Option<Place> {
    let mut at: Option<Place> = None;
    let mut begun: Vec<&str> = Vec::new();
    for words in text.lines().take(line) {
        let words = words.trim();
        let head =
            words.strip_prefix('[').map(|rest| rest.split(']').next().unwrap_or_default().trim_matches(['[', ' ']));
        if let Some(head) = head.filter(|head| RegisterSection::ALL.iter().any(|of| has_table(*of, head))) {
            at = Some(Place {
                table: head.to_owned(),
                index: begun.iter().filter(|before| **before == head).count(),
                field: String::new(),
            });
            begun.push(head);
        } else if let (Some(at), Some((name, _))) = (&mut at, words.split_once('='))
            && name.trim().chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            name.trim().clone_into(&mut at.field);
        }
    }
    at
}

fn has_table(section: RegisterSection, table: &str) -> bool {
    section.fields().iter().any(|field| field.table == table)
}

#[cfg(test)]
mod tests;
