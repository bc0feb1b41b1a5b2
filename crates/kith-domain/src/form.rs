//! What a person typed, and reading it into the service's words.
//!
//! A form is kept exactly as typed ([`Fields`]); reading it gives typed values and, for each field that cannot be
//! read, a [`Problem`] that says which field, what is wrong and what to do. Nothing typed is lost by an error.

mod rows;

use std::collections::BTreeMap;

use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::calendar;
use crate::codes::WEEKDAYS;

pub use rows::OF_ROW;

/// Longest single-line answer, in characters.
pub const SHORT_TEXT_CHARS: usize = 200;
/// Longest free text, in characters (about six pages).
pub const LONG_TEXT_CHARS: usize = 20_000;

/// A form as it was typed: field name to values, in order.
///
/// Here typed text comes in, and here alone it loses what nobody typed to be read, see [`visible`].
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, Vec<String>>")]
pub struct Fields(BTreeMap<String, Vec<String>>);

impl From<BTreeMap<String, Vec<String>>> for Fields {
    fn from(typed: BTreeMap<String, Vec<String>>) -> Self {
        typed
            .into_iter()
            .flat_map(|(name, values)| values.into_iter().map(move |value| (name.clone(), value)))
            .collect()
    }
}

/// Text without what is not seen and changes what is: control characters but line ends and tabs (Unicode general category
/// Cc), marks that turn the direction of writing (Unicode Standard Annex 9), and others that have no shape. With them a page
/// and a paper show two different texts. What joins letters and parts of a picture stays (U+200C, U+200D). Every end of a
/// line is one U+000A.
pub fn visible(text: &str) -> String {
    if !text.contains(is_unseen) {
        return text.to_owned();
    }
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    text.chars().filter(|c| !is_unseen(*c)).collect()
}

/// What is not seen and changes what is.
fn is_unseen(c: char) -> bool {
    let control = c.is_control() && !matches!(c, '\n' | '\t');
    let turns = matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let shapeless = matches!(c,
        '\u{00AD}' | '\u{180E}' | '\u{200B}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2065}'
        | '\u{206A}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}');
    control || turns || shapeless
}

impl std::fmt::Debug for Fields {
    /// Names only: what was typed is personal.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// What was typed, as it is seen. A password is never shown, and is what it was when it was chosen.
fn seen_as(name: &str, value: String) -> String {
    if name.contains("password") { value } else { visible(&value) }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Fields {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut fields = Fields::default();
        for (name, value) in pairs {
            let (name, value) = (name.into(), value.into());
            let value = seen_as(&name, value);
            fields.0.entry(name).or_default().push(value);
        }
        fields
    }
}

impl Fields {
    /// The first value of a field as typed, empty when absent.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).and_then(|values| values.first()).map_or("", String::as_str)
    }

    /// Every value of a field (checkboxes).
    pub fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether a checkbox or radio has this value.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).iter().any(|given| given == value)
    }

    /// Puts one value in the place of what was there.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let name = name.into();
        let value = seen_as(&name, value.into());
        self.0.insert(name, vec![value]);
    }

    /// Puts these values in the place of what was there; none takes the field away.
    pub fn set_all(&mut self, name: impl Into<String>, values: Vec<String>) {
        let name = name.into();
        if values.is_empty() {
            self.0.remove(&name);
        } else {
            let values = values.into_iter().map(|value| seen_as(&name, value)).collect();
            self.0.insert(name, values);
        }
    }

    /// The names of the fields, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Writes a date into the three boxes that [`Reader::date`] reads.
    pub fn set_date(&mut self, name: &str, date: Date) {
        self.set(format!("{name}-day"), date.day().to_string());
        self.set(format!("{name}-month"), date.month().to_string());
        self.set(format!("{name}-year"), date.year().to_string());
    }

    /// A date, from its three boxes or from one value as YYYY-MM-DD; `None` when there is none or it cannot be read.
    pub fn date(&self, name: &str) -> Option<Date> {
        let one = self.get(name).trim();
        if !one.is_empty() {
            return one.parse().ok();
        }
        let part = |suffix: &str| self.get(&format!("{name}-{suffix}")).trim().to_owned();
        calendar::date_from_parts(&part("day"), &part("month"), &part("year")).ok()
    }

    /// Every name with every value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|(name, values)| values.iter().map(|value| (name.as_str(), value.as_str())))
    }

    /// Whether nothing was typed at all.
    pub fn is_blank(&self) -> bool {
        self.iter().all(|(_, value)| value.trim().is_empty())
    }

    /// Only the fields whose names `keep` accepts: what a form may carry beside its fields (tokens, ids) goes.
    #[must_use]
    pub fn only(&self, keep: impl Fn(&str) -> bool) -> Fields {
        Fields(self.0.iter().filter(|(name, _)| keep(name)).map(|(n, v)| (n.clone(), v.clone())).collect())
    }

    /// Whether a field says the same in both versions, blanks at the ends apart.
    pub fn same(&self, other: &Fields, name: &str) -> bool {
        self.all(name).iter().map(|v| v.trim()).eq(other.all(name).iter().map(|v| v.trim()))
    }

    /// Names of the fields whose values differ between two versions of one form.
    pub fn differences(&self, other: &Fields) -> Vec<String> {
        let mut names: Vec<&String> = self.0.keys().chain(other.0.keys()).collect();
        names.sort();
        names.dedup();
        names.into_iter().filter(|name| !self.same(other, name)).cloned().collect()
    }
}

/// What a person wrote in a box that must not be empty: a reason, a comment, who agreed. Trimmed, at most
/// [`LONG_TEXT_CHARS`]. No Debug: it is personal.
#[derive(Clone, PartialEq, Eq)]
pub struct Words(String);

impl Words {
    /// These words; `None` when there are none.
    pub fn new(text: &str) -> Option<Words> {
        let text = text.trim();
        (!text.is_empty()).then(|| Words(text.to_owned()))
    }

    /// Reads the box of this name; `label` says in a problem what is to be written there.
    pub fn read(fields: &Fields, name: &str, label: &str) -> Result<Words, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let text = r.required(name, label, LONG_TEXT_CHARS);
        r.finish(Words(text))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Words> for String {
    fn from(words: Words) -> String {
        words.0
    }
}

/// One thing wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The field's name; also the anchor the error summary links to.
    pub field: String,
    /// What is wrong and what to do, never repeating what was typed.
    pub message: String,
}

impl Problem {
    /// A problem with one field.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// Reads typed values out of [`Fields`], collecting every [`Problem`] on the way.
pub struct Reader<'a> {
    fields: &'a Fields,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// Reads these fields.
    pub fn new(fields: &'a Fields) -> Self {
        Self { fields, problems: Vec::new() }
    }

    /// The fields being read.
    pub fn fields(&self) -> &'a Fields {
        self.fields
    }

    /// Says that something is wrong with a field.
    pub fn problem(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem::new(field, message));
    }

    /// What was read, if nothing is wrong with it.
    pub fn finish<T>(self, value: T) -> Result<T, Vec<Problem>> {
        if self.problems.is_empty() { Ok(value) } else { Err(self.problems) }
    }

    /// How many problems were found so far.
    pub fn count(&self) -> usize {
        self.problems.len()
    }

    /// The problems found so far.
    pub fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// An optional text: trimmed, at most `limit` characters.
    pub fn text(&mut self, name: &str, label: &str, limit: usize) -> Option<String> {
        let text = self.fields.get(name).trim();
        if text.is_empty() {
            return None;
        }
        let length = text.chars().count();
        if length > limit {
            self.problem(name, format!("{label} must be {limit} characters or fewer. It is {length}"));
            return None;
        }
        Some(text.to_owned())
    }

    /// A text that must be there, see [`Reader::text`].
    pub fn required(&mut self, name: &str, label: &str, limit: usize) -> String {
        if self.fields.get(name).trim().is_empty() {
            self.problem(name, format!("Enter {}", lower_first(label)));
        }
        self.text(name, label, limit).unwrap_or_default()
    }

    /// One of a list of codes; what `parse` does not know is a problem, nothing chosen gives `None`.
    pub fn choice<T>(&mut self, name: &str, label: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let code = self.fields.get(name);
        if code.is_empty() {
            return None;
        }
        let chosen = parse(code);
        if chosen.is_none() {
            self.problem(name, format!("Choose {} from the list", lower_first(label)));
        }
        chosen
    }

    /// One of a list of codes that must be chosen.
    pub fn required_choice<T>(&mut self, name: &str, label: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        if self.fields.get(name).is_empty() {
            self.problem(name, format!("Select {}", lower_first(label)));
        }
        self.choice(name, label, parse)
    }

    /// A date from the boxes `NAME-day`, `NAME-month`, `NAME-year`, or from one `NAME` box as YYYY-MM-DD.
    pub fn date(&mut self, name: &str, label: &str) -> Option<Date> {
        let single = self.fields.get(name).trim();
        if !single.is_empty() {
            let date = single.parse::<Date>().ok();
            if date.is_none() {
                self.problem(name, format!("{label} must be a real date, like 2027-03-27"));
            }
            return date;
        }
        let part = |suffix: &str| self.fields.get(&format!("{name}-{suffix}")).trim();
        let parts = [("day", part("day")), ("month", part("month")), ("year", part("year"))];
        if parts.iter().all(|(_, value)| value.is_empty()) {
            return None;
        }
        let missing: Vec<&str> = parts.iter().filter(|(_, value)| value.is_empty()).map(|(name, _)| *name).collect();
        if let Some(first) = missing.first() {
            let field = format!("{name}-{first}");
            self.problem(field, format!("{label} must include a {}", missing.join(" and a ")));
            return None;
        }
        match calendar::date_from_parts(parts[0].1, parts[1].1, parts[2].1) {
            Ok(date) => Some(date),
            Err(wrong) => {
                self.problem(format!("{name}-{}", wrong.part), format!("{label} {}", wrong.message));
                None
            }
        }
    }

    /// A date that must be there, see [`Reader::date`].
    pub fn required_date(&mut self, name: &str, label: &str) -> Option<Date> {
        let before = self.problems.len();
        let date = self.date(name, label);
        if date.is_none() && self.problems.len() == before {
            self.problem(format!("{name}-day"), format!("Enter {}", lower_first(label)));
        }
        date
    }

    /// A clock time such as `10:00`, `9.30` or `1430`.
    pub fn time(&mut self, name: &str, label: &str) -> Option<Time> {
        let text = self.fields.get(name).trim();
        if text.is_empty() {
            return None;
        }
        let time = calendar::time_from_text(text);
        if time.is_none() {
            self.problem(name, format!("{label} must be a time of day, like 10:00 or 15:30"));
        }
        time
    }

    /// A clock time that must be there, see [`Reader::time`].
    pub fn required_time(&mut self, name: &str, label: &str) -> Option<Time> {
        if self.fields.get(name).trim().is_empty() {
            self.problem(name, format!("Enter {}", lower_first(label)));
        }
        self.time(name, label)
    }

    /// A phone number with the usual marks between: 7 to 15 digits (ITU-T E.164), and as many as a number of this country has
    /// when it is written as one: ten or eleven with the 0 (Ofcom, National Telephone Numbering Plan).
    pub fn phone(&mut self, name: &str, label: &str) -> Option<String> {
        let text = self.text(name, label, 40)?;
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let usual = text.chars().all(|c| c.is_ascii_digit() || " +-()./".contains(c));
        let leading: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '+').take(3).collect();
        let fits = match leading.as_str() {
            "+44" => (11..=12).contains(&digits) || text.contains("(0)"),
            _ if leading.starts_with('0') && !leading.starts_with("00") => (10..=11).contains(&digits),
            _ => (7..=15).contains(&digits),
        };
        if !fits || !usual {
            self.problem(name, format!("{label} must be a phone number, like 01632 960 123 or +48 22 555 0100"));
            return None;
        }
        Some(text)
    }

    /// A phone number that must be there, see [`Reader::phone`].
    pub fn required_phone(&mut self, name: &str, label: &str) -> Option<String> {
        if self.fields.get(name).trim().is_empty() {
            self.problem(name, format!("Enter {}", lower_first(label)));
        }
        self.phone(name, label)
    }

    /// An email address: something, one @, a name with a dot, no space.
    pub fn email(&mut self, name: &str, label: &str) -> Option<String> {
        let text = self.text(name, label, 254)?;
        let parts = text.split_once('@').filter(|(local, host)| {
            let dotted = host.split('.').count() > 1 && host.split('.').all(|part| !part.is_empty());
            !local.is_empty() && dotted && !host.contains('@')
        });
        if parts.is_none() || text.chars().any(char::is_whitespace) {
            self.problem(name, format!("{label} must be an email address, like name@example.org"));
            return None;
        }
        Some(text)
    }

    /// A whole number between two bounds, both included.
    pub fn number(&mut self, name: &str, label: &str, low: i64, high: i64) -> Option<i64> {
        let text = self.fields.get(name).trim();
        if text.is_empty() {
            return None;
        }
        match text.parse::<i64>() {
            Ok(number) if (low..=high).contains(&number) => Some(number),
            _ => {
                self.problem(name, format!("{label} must be a whole number between {low} and {high}"));
                None
            }
        }
    }

    /// A number that must be there, see [`Reader::number`].
    pub fn required_number(&mut self, name: &str, label: &str, low: i64, high: i64) -> Option<i64> {
        if self.fields.get(name).trim().is_empty() {
            self.problem(name, format!("Enter {}", lower_first(label)));
        }
        self.number(name, label, low, high)
    }

    /// An id chosen from a list.
    pub fn id(&mut self, name: &str, label: &str) -> Option<Uuid> {
        self.choice(name, label, |text| Uuid::parse_str(text).ok())
    }

    /// An id that must be chosen.
    pub fn required_id(&mut self, name: &str, label: &str) -> Option<Uuid> {
        self.required_choice(name, label, |text| Uuid::parse_str(text).ok())
    }
}

/// A text that begins a sentence or stands for itself: first letter capital.
pub fn upper_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The label inside a sentence: first letter small, unless the first word is a name or an abbreviation.
pub fn lower_first(label: &str) -> String {
    let first_word = label.split(' ').next().unwrap_or_default();
    let weekday = WEEKDAYS.iter().any(|(_, name)| first_word.trim_end_matches(',') == *name);
    if first_word.chars().skip(1).any(char::is_uppercase) || ["Care", "UPN", "NHS"].contains(&first_word) || weekday {
        return label.to_owned();
    }
    let mut chars = label.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn read<T>(pairs: &[(&str, &str)], f: impl FnOnce(&mut Reader) -> T) -> (T, Vec<Problem>) {
        let fields: Fields = pairs.iter().copied().collect();
        let mut reader = Reader::new(&fields);
        let value = f(&mut reader);
        (value, reader.into_problems())
    }

    #[test]
    fn what_is_not_seen_does_not_come_in() {
        // "Direction overrides in HTML and PDF show different texts; control characters kept in drafts"; ASVS 5.0, 2.2.1;
        // Unicode Technical Report 36, section 3.6.
        let typed =
            "held\u{202E}dleh ton\u{202C} \u{2067}by\u{2069} \u{FEFF}Amara\0\u{7}\u{9B}31m\r\nnext\rline\tend\u{200F}";
        let fields: Fields = [("text", typed)].into_iter().collect();
        let seen = "helddleh ton by Amara31m\nnext\nline\tend";
        assert_eq!(fields.get("text"), seen);
        let mut other = Fields::default();
        other.set("text", typed);
        other.set_all("more", vec![typed.to_owned()]);
        assert_eq!((other.get("text"), other.get("more")), (seen, seen));
        let kept = serde_json::to_string(&[("text", vec![typed])].into_iter().collect::<BTreeMap<_, _>>()).unwrap();
        let kept: Fields = serde_json::from_str(&kept).unwrap();
        assert_eq!(kept.get("text"), seen, "and what was kept with them is read without");
        for stays in ["Siân Llŷr", "محمد", "می‌خواهم", "👩‍👧", "王小明", "क्‍ष"] {
            assert_eq!(visible(stays), stays);
        }
        let password: Fields = [("password", "a\u{200F}b")].into_iter().collect();
        assert_eq!(password.get("password"), "a\u{200F}b", "a password is what it was");
    }

    #[test]
    fn the_31st_of_february_is_named_and_nothing_is_guessed() {
        let (value, problems) =
            read(&[("dob-day", "31"), ("dob-month", "2"), ("dob-year", "2024")], |r| r.date("dob", "Date of birth"));
        assert_eq!(value, None);
        assert_eq!(problems, [Problem::new("dob-day", "Date of birth must be a real date: that month has 29 days")]);
    }

    #[test]
    fn a_missing_part_of_a_date_is_named() {
        let (_, problems) = read(&[("dob-day", "3"), ("dob-year", "2024")], |r| r.date("dob", "Date of birth"));
        assert_eq!(problems, [Problem::new("dob-month", "Date of birth must include a month")]);
    }

    #[test]
    fn names_in_any_script_are_text() {
        for name in ["Siân Llŷr", "محمد", "王小明", "Zoë 🌻", "O’Hara-Ngũgĩ"] {
            let (value, problems) = read(&[("name", name)], |r| r.text("name", "Name", SHORT_TEXT_CHARS));
            assert_eq!((value.as_deref(), problems.len()), (Some(name), 0));
        }
    }

    #[test]
    fn a_field_of_100_kilobytes_is_too_long_and_not_repeated_in_the_message() {
        let typed = "x".repeat(100_000);
        let (value, problems) = read(&[("name", &typed)], |r| r.text("name", "Name", SHORT_TEXT_CHARS));
        assert_eq!(value, None);
        assert_eq!(problems[0].message, "Name must be 200 characters or fewer. It is 100000");
    }

    #[test]
    fn a_date_in_one_box_is_read_too() {
        let (value, problems) = read(&[("from", "2026-11-30")], |r| r.date("from", "From"));
        assert_eq!((value, problems.len()), (Some(date(2026, 11, 30)), 0));
    }

    #[test]
    fn phone_numbers_british_and_foreign() {
        for (text, good) in [
            ("01632 960 123", true),
            ("01632 960 12", true),
            ("01632 960 1234", false),
            ("+44 (0)1632 960 123", true),
            ("+44 1632 960 12", true),
            ("+44 1632 960", false),
            ("+48 (22) 555-0100", true),
            ("call mum", false),
            ("abc", false),
            ("12345", false),
        ] {
            let (value, problems) = read(&[("phone", text)], |r| r.required_phone("phone", "Phone number"));
            assert_eq!((value.is_some(), problems.is_empty()), (good, good), "{text}");
        }
    }

    #[test]
    fn names_keep_their_capital_inside_a_sentence() {
        for (label, inside) in [
            ("First day", "first day"),
            ("Saturday, from", "Saturday, from"),
            ("Care First identity number", "Care First identity number"),
            ("NHS number", "NHS number"),
        ] {
            assert_eq!(lower_first(label), inside);
        }
    }

    #[test]
    fn differences_name_the_fields_that_changed() {
        let mine: Fields = [("a", "1"), ("b", "2"), ("b", "3")].into_iter().collect();
        let theirs: Fields = [("a", "1 "), ("b", "2"), ("c", "4")].into_iter().collect();
        assert_eq!(mine.differences(&theirs), ["b", "c"]);
    }
}
