//! Lists in a form: a value for each row, which is a form of its own (`docs/decisions/0030`).

use std::collections::BTreeMap;

use super::Fields;

/// What stands between the name of a list, the place of a row in it and the name of a field of the row: `allergies.0.action`.
pub const OF_ROW: char = '.';

impl Fields {
    /// The rows of a list, each a form of its own. A value that is no row, from before lists had rows or from elsewhere, is
    /// read line by line: each is a row that says no more than its `first` field.
    pub fn rows(&self, list: &str, first: &str) -> Vec<Fields> {
        let row = |value: &String| {
            if let Ok(row) = serde_json::from_str::<Fields>(value) {
                return vec![row];
            }
            let lines = value.lines().map(str::trim).filter(|line| !line.is_empty());
            lines.map(|line| [(first, line)].into_iter().collect()).collect()
        };
        self.all(list).iter().flat_map(row).collect()
    }

    /// Puts these rows in the place of a list; rows in which nothing is typed go.
    pub fn set_rows(&mut self, list: &str, rows: impl IntoIterator<Item = Fields>) {
        let rows = rows.into_iter().filter(|row| !row.is_blank());
        self.set_all(list, rows.filter_map(|row| serde_json::to_string(&row).ok()).collect());
    }

    /// As a browser sends it, with the fields of rows brought together: `allergies.0.what` and `allergies.0.action` are the
    /// first row of `allergies`.
    #[must_use]
    pub fn with_rows(&self) -> Fields {
        let parts = |name: &str| -> Option<(String, usize, String)> {
            let (list, rest) = name.split_once(OF_ROW)?;
            let (place, field) = rest.split_once(OF_ROW)?;
            Some((list.to_owned(), place.parse().ok()?, field.to_owned()))
        };
        let mut lists: BTreeMap<String, BTreeMap<usize, Fields>> = BTreeMap::new();
        let mut all = Fields::default();
        for (name, values) in &self.0 {
            match parts(name) {
                Some((list, place, field)) => {
                    lists.entry(list).or_default().entry(place).or_default().set_all(field, values.clone());
                }
                None => all.set_all(name.clone(), values.clone()),
            }
        }
        for (list, rows) in lists {
            // What came whole, kept through a sign-in or of somebody who is not asked about, stays behind what was typed.
            let whole = all.all(&list).to_vec();
            all.set_rows(&list, rows.into_values());
            all.set_all(list.clone(), all.all(&list).iter().cloned().chain(whole).collect());
        }
        all
    }

    /// The fields of one row as a form has them, the other way round than [`Fields::with_rows`].
    #[must_use]
    pub fn as_row(&self, list: &str, place: usize) -> Fields {
        let mut all = Fields::default();
        for (name, values) in &self.0 {
            all.set_all(format!("{list}{OF_ROW}{place}{OF_ROW}{name}"), values.clone());
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_together_and_apart_and_what_is_no_row_is_read_line_by_line() {
        let sent: Fields = [
            ("allergies.1.what", "Bee stings"),
            ("allergies.1.action", "Pen, then 999"),
            ("allergies.0.what", "Eggs"),
            ("allergies.2.what", " "),
            ("school", "Hill School"),
        ]
        .into_iter()
        .collect();
        let kept = sent.with_rows();
        assert_eq!(kept.names().collect::<Vec<_>>(), ["allergies", "school"]);
        let rows = kept.rows("allergies", "what");
        assert_eq!(rows.iter().map(|row| row.get("what")).collect::<Vec<_>>(), ["Eggs", "Bee stings"]);
        assert_eq!(rows[1].as_row("allergies", 1).get("allergies.1.action"), "Pen, then 999");
        assert_eq!(kept.with_rows(), kept);
        let with_words: Fields = [("allergies", "Milk"), ("allergies.0.what", "Eggs")].into_iter().collect();
        let rows = with_words.with_rows().rows("allergies", "what");
        assert_eq!(rows.iter().map(|row| row.get("what")).collect::<Vec<_>>(), ["Eggs", "Milk"], "words stay words");
        let older: Fields = [("allergies", "Eggs\r\n\nMilk: rash")].into_iter().collect();
        let rows = older.rows("allergies", "what");
        assert_eq!(rows.iter().map(|row| row.get("what")).collect::<Vec<_>>(), ["Eggs", "Milk: rash"]);
    }
}
