//! What somebody says of a part of the register, or of a row of it: read from a form, and shown in one.

use jiff::civil::Date;

use super::section::{RegisterField, RegisterKind, RegisterSection, is_register_code};
use crate::access::Purpose;
use crate::calendar;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader, SHORT_TEXT_CHARS, lower_first};
use crate::session::Hours;

/// The longest that a sentence of the register is, in characters.
const TEXT_CHARS: usize = 1_000;

/// What a field says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegisterValue {
    /// Nothing: it is not there.
    Nothing,
    /// A text, a code, a day as YYYY-MM-DD.
    Text(String),
    /// Several.
    Lines(Vec<String>),
    /// A number.
    Number(i64),
}

/// A part of the register as somebody writes it, or a row of it: each field with what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterRow(Vec<(&'static RegisterField, RegisterValue)>);

impl RegisterRow {
    /// Reads the fields of a part. A row that is there already keeps its name, where names are kept: it is not asked.
    pub fn read(section: RegisterSection, is_there: bool, fields: &Fields) -> Result<RegisterRow, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let kept = section.list().filter(|list| is_there && list.keeps_name).map(|list| list.named_by);
        let asked = section.fields().iter().filter(|field| Some(field.name) != kept);
        let values = asked.map(|field| (field, value(&mut r, field))).collect();
        r.finish(RegisterRow(values))
    }

    /// Each field that was asked, with what it says.
    pub fn values(&self) -> &[(&'static RegisterField, RegisterValue)] {
        &self.0
    }

    /// What names the row in its list.
    pub fn name(&self, named_by: &str) -> Option<&str> {
        let named = self.0.iter().find(|(field, _)| field.name == named_by);
        named.and_then(|(_, value)| if let RegisterValue::Text(name) = value { Some(name.as_str()) } else { None })
    }
}

impl RegisterValue {
    /// Puts it into a form, as [`RegisterRow::read`] reads it.
    pub fn show(&self, field: &RegisterField, fields: &mut Fields) {
        match self {
            Self::Nothing => {}
            Self::Text(text) => match (field.kind, text.parse::<Date>()) {
                (RegisterKind::Day, Ok(day)) => fields.set_date(field.in_form(), day),
                _ => fields.set(field.in_form(), text),
            },
            Self::Lines(all) if field.kind == RegisterKind::Purposes => fields.set_all(field.in_form(), all.clone()),
            Self::Lines(all) => fields.set(field.in_form(), all.join("\n")),
            Self::Number(number) => fields.set(field.in_form(), number.to_string()),
        }
    }

    /// For reading, one line for each of several.
    pub fn words(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Text(text) => text.clone(),
            Self::Lines(all) => all.join("\n"),
            Self::Number(number) => number.to_string(),
        }
    }
}

fn value(r: &mut Reader, field: &RegisterField) -> RegisterValue {
    let (name, label) = (field.in_form(), field.label);
    let fields = r.fields();
    match field.kind {
        RegisterKind::Line => text(r, field, SHORT_TEXT_CHARS),
        RegisterKind::Text => text(r, field, TEXT_CHARS),
        RegisterKind::Email => {
            if field.required && fields.get(name).trim().is_empty() {
                r.problem(name, format!("Enter {}", lower_first(label)));
            }
            r.email(name, label).map_or(RegisterValue::Nothing, RegisterValue::Text)
        }
        RegisterKind::Lines => lines(r, field),
        RegisterKind::Code => {
            let code = r.required(name, label, SHORT_TEXT_CHARS);
            if !code.is_empty() && !is_register_code(&code) {
                r.problem(name, format!("{label} must be 2 to 40 small letters, digits, - or _"));
            }
            RegisterValue::Text(code)
        }
        RegisterKind::Purpose => {
            let purpose = r.required_choice(name, label, Purpose::from_code);
            purpose.map_or(RegisterValue::Nothing, |purpose| RegisterValue::Text(purpose.code().to_owned()))
        }
        RegisterKind::Purposes => {
            let given: Vec<Option<Purpose>> = fields.all(name).iter().map(|code| Purpose::from_code(code)).collect();
            if given.iter().any(Option::is_none) {
                r.problem(name, format!("{label}: choose from the list"));
            }
            let mut codes: Vec<String> = given.into_iter().flatten().map(|of| of.code().to_owned()).collect();
            codes.sort();
            RegisterValue::Lines(codes)
        }
        // Which codes there are is known where the promises are; one that there is not is refused with the text.
        RegisterKind::KeptBy => {
            let chosen = r.required_choice(name, label, |code| Some(code.to_owned()));
            chosen.map_or(RegisterValue::Nothing, RegisterValue::Text)
        }
        RegisterKind::Day => {
            let day = r.required_date(name, label);
            day.map_or(RegisterValue::Nothing, |day| RegisterValue::Text(day.to_string()))
        }
        RegisterKind::Hours => {
            let typed = fields.get(name).trim();
            let hours = opening_hours(typed);
            if hours.is_none() {
                r.problem(name, format!("{label} must be hours like 09:00-19:00, on the quarter hour, or “shut”"));
            }
            hours.map_or(RegisterValue::Nothing, |hours| RegisterValue::Text(hours_text(hours)))
        }
        RegisterKind::Figure { low, high } => {
            let number = fields.get(name).trim().parse::<i64>().ok().filter(|number| (low..=high).contains(number));
            if number.is_none() {
                let words = format!("“{label} … {}” must be a whole number between {low} and {high}", field.hint);
                r.problem(name, words);
            }
            number.map_or(RegisterValue::Nothing, RegisterValue::Number)
        }
    }
}

fn text(r: &mut Reader, field: &RegisterField, limit: usize) -> RegisterValue {
    if field.required {
        return RegisterValue::Text(r.required(field.in_form(), field.label, limit));
    }
    r.text(field.in_form(), field.label, limit).map_or(RegisterValue::Nothing, RegisterValue::Text)
}

/// None is a list without a line: an authority may have no partner.
fn lines(r: &mut Reader, field: &RegisterField) -> RegisterValue {
    let typed = if field.required {
        r.required(field.in_form(), field.label, LONG_TEXT_CHARS)
    } else {
        r.text(field.in_form(), field.label, LONG_TEXT_CHARS).unwrap_or_default()
    };
    let all: Vec<String> = typed.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    if let Some(line) = all.iter().position(|line| line.chars().count() > SHORT_TEXT_CHARS) {
        let words =
            format!("Line {} of {} must be {SHORT_TEXT_CHARS} characters or fewer", line + 1, lower_first(field.label));
        r.problem(field.in_form(), words);
    }
    RegisterValue::Lines(all)
}

/// Opening hours of a day such as `09:00-19:00`, on the quarter hour; `Some(None)` for `shut`, `None` for what is neither.
pub fn opening_hours(text: &str) -> Option<Option<Hours>> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("shut") {
        return Some(None);
    }
    let minute = |part: &str| calendar::time_from_text(part.trim()).map(calendar::time_minute).filter(|m| m % 15 == 0);
    let (from, to) = ["-", "–", " to "].iter().find_map(|between| text.split_once(between))?;
    let (start_minute, end_minute) = minute(from).zip(minute(to))?;
    (start_minute < end_minute).then_some(Some(Hours { start_minute, end_minute }))
}

/// The same as the text of a register has it.
fn hours_text(hours: Option<Hours>) -> String {
    hours.map_or_else(
        || "shut".to_owned(),
        |of| format!("{}-{}", calendar::clock(of.start_minute), calendar::clock(of.end_minute)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(section: RegisterSection, is_there: bool, typed: &[(&str, &str)]) -> Result<RegisterRow, Vec<Problem>> {
        RegisterRow::read(section, is_there, &typed.iter().copied().collect())
    }

    fn wrong(section: RegisterSection, typed: &[(&str, &str)]) -> Vec<(String, String)> {
        let problems = read(section, false, typed).err().unwrap_or_default();
        problems.into_iter().map(|of| (of.field, of.message)).collect()
    }

    #[test]
    fn what_is_wrong_is_said_of_its_field() {
        let of = |field: &str, words: &str| (field.to_owned(), words.to_owned());
        // UK GDPR Art 28(3): "Processing by a processor shall be governed by a contract".
        assert_eq!(
            wrong(RegisterSection::Processors, &[("name", "Quayside Post"), ("does", "Letters"), ("place", "Here")]),
            [of("contract", "Enter the contract")]
        );
        assert_eq!(
            wrong(RegisterSection::Areas, &[("short_code", "North 1"), ("name", "North")]),
            [of("short_code", "Code must be 2 to 40 small letters, digits, - or _")]
        );
        let hours: Vec<(&str, &str)> = RegisterSection::Opening.fields().iter().map(|of| (of.name, "shut")).collect();
        let hours = [&hours[..5], &[("saturday", "19:00-09:00")]].concat();
        assert_eq!(wrong(RegisterSection::Opening, &hours)[0].0, "saturday");
        let figures: Vec<(&str, &str)> = RegisterSection::Settings.fields().iter().map(|of| (of.name, "30")).collect();
        let words = wrong(RegisterSection::Settings, &figures);
        // A plan is reviewed at least yearly, a score is of 25, a browser signs out within a day.
        let fields: Vec<&str> = words.iter().map(|of| of.0.as_str()).collect();
        assert_eq!(
            fields,
            ["assessment_valid_months", "manager_approves_from_score", "plan_review_months", "sign_in_hours"]
        );
        assert_eq!(
            words[3].1,
            "“A browser is signed out at the latest after … hours” must be a whole number between 1 and 24"
        );
    }

    #[test]
    fn a_row_that_is_there_keeps_its_code_and_one_of_no_code_its_name_not() {
        let row = read(RegisterSection::Purposes, true, &[("name", "Research"), ("legal_basis", "UK GDPR Art 89")]);
        let names: Vec<&str> = row.iter().flat_map(RegisterRow::values).map(|(field, _)| field.name).collect();
        assert_eq!(names, ["name", "legal_basis"]);
        let row = read(RegisterSection::ClosedDays, true, &[("day", "2027-06-07"), ("name", "Day of celebration")]);
        assert_eq!(row.as_ref().ok().and_then(|row| row.name("day")), Some("2027-06-07"));
    }

    #[test]
    fn what_is_read_is_shown_as_it_was_typed() {
        let typed: Fields =
            [("departments", "Children First\nShared Legal Service"), ("partners", "")].into_iter().collect();
        let row = RegisterRow::read(RegisterSection::Recipients, true, &typed).unwrap_or_else(|of| panic!("{of:?}"));
        let mut shown = Fields::default();
        row.values().iter().for_each(|(field, value)| value.show(field, &mut shown));
        assert!(shown.same(&typed, "departments"));
        assert_eq!(row.values()[1].1, RegisterValue::Lines(Vec::new()), "an authority may have no partner");
    }

    #[test]
    fn opening_hours_are_on_the_quarter_hour() {
        let hours = |text: &str| opening_hours(text).map(hours_text);
        for (text, read) in [
            ("09:00-19:00", Some("09:00-19:00")),
            ("9.00 – 17:15", Some("09:00-17:15")),
            ("9:00 to 17:30", Some("09:00-17:30")),
            ("Shut", Some("shut")),
            ("09:10-19:00", None),
            ("19:00-09:00", None),
            ("09:00", None),
            ("", None),
        ] {
            assert_eq!(hours(text).as_deref(), read, "{text}");
        }
    }
}
