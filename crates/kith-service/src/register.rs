//! The register of one authority: read at start, checked, enforced (DESIGN: registers are the configuration).

mod items;
mod notice;

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use kith_domain::access::Purpose;
use kith_domain::calendar::{self, ClosedDay, Days, ServiceCalendar};
use kith_domain::catalogue::RegisteredItems;
use kith_domain::session::{Hours, Week};
use serde::Deserialize;
use toml::Spanned;

use crate::translations::Translations;

/// Why a register cannot be used, with the line.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The file cannot be read.
    #[error("cannot read the register {}: {source}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A translation of a paper is wrong.
    #[error("{0}")]
    Translation(String),
    /// Something in it is wrong.
    #[error("{}, line {line}: {message}", path.display())]
    Wrong {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong and what to do.
        message: String,
    },
}

/// Who the authority is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    code: Spanned<String>,
    /// Its name.
    pub name: String,
    /// How the service is called.
    pub service: String,
    /// Its entry in the register of data controllers.
    pub registration: String,
    /// Address of the team that answers requests.
    pub address: Vec<String>,
    /// Its phone number.
    pub phone: String,
    /// Its email.
    pub email: String,
    /// Email of the data protection officer.
    pub dpo_email: String,
    /// Departments that data may be shared with inside the council.
    pub departments: Vec<String>,
    /// Kinds of organisation outside the council that data may be shared with under an agreement.
    pub partners: Vec<String>,
}

/// A team of the service.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    code: Spanned<String>,
    /// How it is called.
    pub name: String,
}

/// A purpose in force.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisteredPurpose {
    code: Spanned<String>,
    /// How it is called.
    pub name: String,
    /// On which legal basis.
    pub legal_basis: String,
}

/// A retention rule in words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    category: Spanned<String>,
    /// What it is about.
    pub name: String,
    /// For how long.
    pub rule: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Opening {
    monday: Spanned<String>,
    tuesday: Spanned<String>,
    wednesday: Spanned<String>,
    thursday: Spanned<String>,
    friday: Spanned<String>,
    saturday: Spanned<String>,
}

/// Figures that an authority sets for itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    verify_within_working_days: Spanned<i64>,
    first_session_within_working_days: Spanned<i64>,
    #[serde(default = "two")]
    first_session_baby_within_working_days: Spanned<i64>,
    assessment_valid_months: Spanned<i64>,
    manager_approves_from_score: Spanned<i64>,
    plan_review_months: Spanned<i64>,
    write_up_minutes: Spanned<i64>,
    wait_minutes: Spanned<i64>,
    sign_within_hours: Spanned<i64>,
    immediately_after_minutes: Spanned<i64>,
    session_over_minutes: Spanned<i64>,
    idle_minutes: Spanned<i64>,
    sign_in_hours: Spanned<i64>,
    not_accepted_years: Spanned<i64>,
    #[serde(default = "four")]
    escalate_after_open_hours: Spanned<i64>,
    #[serde(default = "ninety")]
    key_backup_days: Spanned<i64>,
}

/// A register from before there was this setting means the handbook's figure.
fn two() -> Spanned<i64> {
    Spanned::new(0..0, 2)
}

/// The same: half of a working day.
fn four() -> Spanned<i64> {
    Spanned::new(0..0, 4)
}

/// The same: a quarter.
fn ninety() -> Spanned<i64> {
    Spanned::new(0..0, 90)
}

/// The whole register.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    authority: Authority,
    areas: Vec<Area>,
    purposes: Vec<RegisteredPurpose>,
    #[serde(default)]
    items: Vec<items::Group>,
    retention: Vec<Retention>,
    opening: Opening,
    #[serde(default)]
    closed_days: Vec<GivenClosedDay>,
    #[serde(default)]
    school_terms: Vec<GivenSchoolTerm>,
    #[serde(default)]
    notice: notice::NoticeFacts,
    /// Since when it holds; empty where nobody says.
    #[serde(default)]
    in_force_since: Option<Spanned<String>>,
    settings: Figures,
}

/// A further day on which the service is shut.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenClosedDay {
    day: Spanned<String>,
    name: Spanned<String>,
}

/// A term of the authority's schools.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenSchoolTerm {
    from: Spanned<String>,
    to: Spanned<String>,
}

/// The register of one authority, checked.
#[derive(Clone, Debug)]
pub struct Register {
    file: File,
    items: RegisteredItems,
    opening: Week,
    calendar: ServiceCalendar,
    in_force_since: Option<Date>,
    translations: Translations,
}

/// A figure that the authority has set, for reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    /// What it is about.
    pub name: &'static str,
    /// How much.
    pub value: i64,
    /// Of what.
    pub unit: &'static str,
}

macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident),+) => {$(
        $(#[$doc])*
        pub fn $name(&self) -> i64 {
            *self.file.settings.$name.get_ref()
        }
    )+};
}

impl Register {
    /// Reads and checks a register's file.
    pub fn read(path: &Path) -> Result<Self, RegisterError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| RegisterError::Unreadable { path: path.to_path_buf(), source })?;
        Self::parse(path, &text)
    }

    /// Checks a register's text; `path` is for the errors.
    pub fn parse(path: &Path, text: &str) -> Result<Self, RegisterError> {
        let wrong = |at: usize, message: String| RegisterError::Wrong {
            path: path.to_path_buf(),
            line: text.get(..at).unwrap_or_default().matches('\n').count() + 1,
            message,
        };
        let file: File = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            wrong(at, error.message().to_owned())
        })?;
        let check = || -> Result<(RegisteredItems, Week, ServiceCalendar, Option<Date>), Wrong> {
            code("code", &file.authority.code)?;
            if file.areas.is_empty() {
                return Err((0, "there is no [[areas]] entry: name at least one team of the service".into()));
            }
            unique("area", file.areas.iter().map(|area| &area.code))?;
            unique("purpose", file.purposes.iter().map(|purpose| &purpose.code))?;
            unique("retention category", file.retention.iter().map(|retention| &retention.category))?;
            for purpose in &file.purposes {
                if Purpose::from_code(purpose.code.get_ref()).is_none() {
                    let known: Vec<&str> = Purpose::ALL.iter().map(|purpose| purpose.code()).collect();
                    return Err((
                        purpose.code.span().start,
                        format!("purpose “{}” is not known: use one of {}", purpose.code.get_ref(), known.join(", ")),
                    ));
                }
            }
            for needed in [Purpose::ServiceDelivery, Purpose::Administration] {
                if !file.purposes.iter().any(|purpose| purpose.code.get_ref() == needed.code()) {
                    return Err((0, format!("purpose “{}” is missing: without it nobody can work", needed.code())));
                }
            }
            let in_force: Vec<Purpose> =
                file.purposes.iter().filter_map(|purpose| Purpose::from_code(purpose.code.get_ref())).collect();
            let items = items::items(&file.items, &in_force)?;
            kith_domain::sharing::check_packages(&items).map_err(|words| (0, words))?;
            check_figures(&file.settings)?;
            let o = &file.opening;
            let days = [&o.monday, &o.tuesday, &o.wednesday, &o.thursday, &o.friday, &o.saturday];
            let mut week: Week = [None; 6];
            for (given, day) in days.into_iter().zip(week.iter_mut()) {
                *day = opening(given)?;
            }
            let since = file.in_force_since.as_ref().map(|given| day("in_force_since", given)).transpose()?;
            Ok((items, week, service_calendar(&file)?, since))
        };
        let (items, opening, calendar, in_force_since) = check().map_err(|(at, message)| wrong(at, message))?;
        Ok(Self { file, items, opening, calendar, in_force_since, translations: Translations::default() })
    }

    /// With the translations of a directory beside those that are part of Kith.
    pub fn with_translations(mut self, directory: &Path) -> Result<Self, RegisterError> {
        self.translations = self.translations.with_those_of(directory).map_err(RegisterError::Translation)?;
        Ok(self)
    }

    /// The words of papers that a family gets, in each language that there is.
    pub fn translations(&self) -> &Translations {
        &self.translations
    }

    /// Since when it is in force, where the register says.
    pub fn in_force_since(&self) -> Option<Date> {
        self.in_force_since
    }

    /// Who the authority is.
    pub fn authority(&self) -> &Authority {
        &self.file.authority
    }

    /// The authority's code, part of every seal.
    pub fn code(&self) -> &str {
        self.file.authority.code.get_ref()
    }

    /// The teams of the service, each with its code and name.
    pub fn areas(&self) -> impl Iterator<Item = (&str, &str)> {
        self.file.areas.iter().map(|area| (area.code.get_ref().as_str(), area.name.as_str()))
    }

    /// The areas' codes.
    pub fn area_codes(&self) -> Vec<&str> {
        self.areas().map(|(code, _)| code).collect()
    }

    /// The name of an area's code.
    pub fn area_name(&self, code: &str) -> String {
        self.areas().find(|(known, _)| *known == code).map_or_else(|| code.to_owned(), |(_, name)| name.to_owned())
    }

    /// The purposes in force.
    pub fn purposes(&self) -> &[RegisteredPurpose] {
        &self.file.purposes
    }

    /// Whether a purpose is in force.
    pub fn has_purpose(&self, purpose: Purpose) -> bool {
        self.file.purposes.iter().any(|registered| registered.code.get_ref() == purpose.code())
    }

    /// The items of personal data that are held, and what for.
    pub fn items(&self) -> &RegisteredItems {
        &self.items
    }

    /// The retention rules in words.
    pub fn retention(&self) -> &[Retention] {
        &self.file.retention
    }

    /// The service's opening hours; a venue can have shorter ones.
    pub fn opening(&self) -> &Week {
        &self.opening
    }

    /// What bears on a record.
    pub fn limits(&self) -> kith_domain::record::Limits {
        kith_domain::record::Limits {
            immediately_after_minutes: self.immediately_after_minutes(),
            over_minutes: self.session_over_minutes(),
            wait_minutes: self.wait_minutes(),
        }
    }

    /// The authority's calendar: its closed days beside Sundays and the bank holidays, and its school terms.
    pub fn calendar(&self) -> &ServiceCalendar {
        &self.calendar
    }

    /// Every figure that the authority has set, in the order of the file.
    pub fn figures(&self) -> Vec<Figure> {
        let figure = |name, value, unit| Figure { name, value, unit };
        vec![
            figure("A referral is verified within", self.verify_within_working_days(), "working days of submission"),
            figure(
                "The first session is held within",
                self.first_session_within_working_days(),
                "working days of acceptance",
            ),
            figure(
                "The first session of a baby under 1 on an interim order is held within",
                self.first_session_baby_within_working_days(),
                "working days of acceptance",
            ),
            figure("A risk assessment is valid for", self.assessment_valid_months(), "months"),
            figure(
                "A manager approves a risk from, without its controls,",
                self.manager_approves_from_score(),
                "of 25 (likelihood × impact)",
            ),
            figure("A plan is reviewed after", self.plan_review_months(), "months"),
            figure("Kept free for writing up after each session", self.write_up_minutes(), "minutes"),
            figure("The child goes home when nobody came after", self.wait_minutes(), "minutes"),
            figure("A record is signed within", self.sign_within_hours(), "hours"),
            figure("“Immediately after” is until", self.immediately_after_minutes(), "minutes after the end"),
            figure("Without a reason a session is longer by at most", self.session_over_minutes(), "minutes"),
            figure("A browser not used is signed out after", self.idle_minutes(), "minutes"),
            figure("A browser is signed out at the latest after", self.sign_in_hours(), "hours"),
            figure(
                "A referral that was not accepted, of a child who is not looked after, is kept for",
                self.not_accepted_years(),
                "years",
            ),
            figure(
                "Something urgent that nobody has read is told to somebody else after",
                self.escalate_after_open_hours(),
                "hours of opening",
            ),
            figure("A backup of the keys is kept for at most", self.key_backup_days(), "days"),
        ]
    }

    figures! {
        /// Working days from submission to verification.
        verify_within_working_days,
        /// Working days from acceptance to the first session.
        first_session_within_working_days,
        /// The same for a baby under one on an interim order.
        first_session_baby_within_working_days,
        /// Months for which a risk assessment is valid.
        assessment_valid_months,
        /// The score without controls, likelihood × impact, from which only a manager approves an assessment.
        manager_approves_from_score,
        /// Months after which a plan is reviewed.
        plan_review_months,
        /// Minutes kept free for the supervisor after each session.
        write_up_minutes,
        /// Minutes after which the child goes home when nobody has come.
        wait_minutes,
        /// Hours within which a record is signed.
        sign_within_hours,
        /// Minutes after the end in which a text is written "immediately after".
        immediately_after_minutes,
        /// Minutes by which a session may be longer than its booking without a reason.
        session_over_minutes,
        /// Minutes without use after which a browser is signed out.
        idle_minutes,
        /// Hours after which a browser is signed out whatever is done.
        sign_in_hours,
        /// Years for which a referral is kept that was not accepted, of a child who is not looked after.
        not_accepted_years,
        /// Hours for which the service is open after which something urgent that nobody has read is told to somebody else.
        escalate_after_open_hours,
        /// Days for which a backup of the keys is kept: after so many none brings back a file that was destroyed.
        key_backup_days
    }
}

type Wrong = (usize, String);

fn code(what: &str, given: &Spanned<String>) -> Result<(), Wrong> {
    let text = given.get_ref();
    let fine = (2..=40).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'));
    if fine {
        Ok(())
    } else {
        Err((given.span().start, format!("{what} must be 2 to 40 small letters, digits, - or _")))
    }
}

fn unique<'a>(what: &str, codes: impl Iterator<Item = &'a Spanned<String>>) -> Result<(), Wrong> {
    let mut seen = Vec::new();
    for given in codes {
        code(&format!("the code of this {what}"), given)?;
        if seen.contains(&given.get_ref()) {
            return Err((given.span().start, format!("{what} “{}” is there twice: take one out", given.get_ref())));
        }
        seen.push(given.get_ref());
    }
    Ok(())
}

fn check_figures(figures: &Figures) -> Result<(), Wrong> {
    let between = |name: &str, given: &Spanned<i64>, low: i64, high: i64| {
        if (low..=high).contains(given.get_ref()) {
            Ok(())
        } else {
            Err((given.span().start, format!("{name} must be between {low} and {high}")))
        }
    };
    between("verify_within_working_days", &figures.verify_within_working_days, 1, 30)?;
    between("first_session_within_working_days", &figures.first_session_within_working_days, 1, 60)?;
    let baby = &figures.first_session_baby_within_working_days;
    between("first_session_baby_within_working_days", baby, 1, 60)?;
    between("assessment_valid_months", &figures.assessment_valid_months, 1, 24)?;
    between("manager_approves_from_score", &figures.manager_approves_from_score, 1, 25)?;
    between("plan_review_months", &figures.plan_review_months, 1, 12)?;
    between("write_up_minutes", &figures.write_up_minutes, 0, 240)?;
    between("wait_minutes", &figures.wait_minutes, 0, 120)?;
    between("sign_within_hours", &figures.sign_within_hours, 1, 336)?;
    between("immediately_after_minutes", &figures.immediately_after_minutes, 0, 1440)?;
    between("session_over_minutes", &figures.session_over_minutes, 0, 480)?;
    between("idle_minutes", &figures.idle_minutes, 1, 120)?;
    between("sign_in_hours", &figures.sign_in_hours, 1, 24)?;
    between("not_accepted_years", &figures.not_accepted_years, 1, 75)?;
    between("escalate_after_open_hours", &figures.escalate_after_open_hours, 1, 40)?;
    between("key_backup_days", &figures.key_backup_days, 1, 3650)
}

fn day(what: &str, given: &Spanned<String>) -> Result<Date, Wrong> {
    let read = given.get_ref().parse::<Date>().ok().filter(|day| (1900..=2200).contains(&day.year()));
    read.ok_or_else(|| (given.span().start, format!("{what} must be a day like 2027-06-07")))
}

/// The closed days, each once, and the school terms, in order.
fn service_calendar(file: &File) -> Result<ServiceCalendar, Wrong> {
    let mut calendar = ServiceCalendar::default();
    for given in &file.closed_days {
        let closed = day("the day of a closed day", &given.day)?;
        if calendar.closed.iter().any(|known| known.day == closed) {
            return Err((given.day.span().start, format!("{closed} is closed twice: take one out")));
        }
        let name = given.name.get_ref().trim();
        if name.is_empty() {
            return Err((given.name.span().start, "a closed day must have a name: people read it in the diary".into()));
        }
        calendar.closed.push(ClosedDay { day: closed, name: name.to_owned() });
    }
    for given in &file.school_terms {
        let term =
            Days { from: day("the first day of a school term", &given.from)?, to: day("its last day", &given.to)? };
        if term.to < term.from {
            return Err((given.to.span().start, "a school term must end on or after its first day".into()));
        }
        if calendar.school_terms.last().is_some_and(|before| term.from <= before.to) {
            return Err((
                given.from.span().start,
                "a school term must begin after the one before it: sort them".into(),
            ));
        }
        calendar.school_terms.push(term);
    }
    Ok(calendar)
}

/// `09:00-19:00`, or `shut`.
fn opening(given: &Spanned<String>) -> Result<Option<Hours>, Wrong> {
    let text = given.get_ref();
    if text == "shut" {
        return Ok(None);
    }
    let minute = |part: &str| calendar::time_from_text(part).map(calendar::time_minute).filter(|m| m % 15 == 0);
    let hours = text.split_once('-').and_then(|(from, to)| minute(from).zip(minute(to)));
    match hours {
        Some((start_minute, end_minute)) if start_minute < end_minute => Ok(Some(Hours { start_minute, end_minute })),
        _ => Err((
            given.span().start,
            "opening hours must look like “09:00-19:00”, on the quarter hour, or “shut”".into(),
        )),
    }
}

impl RegisteredPurpose {
    /// Its code.
    pub fn code(&self) -> &str {
        self.code.get_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = include_str!("../../../config/kith.toml");

    fn wrong(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from), "{from}");
        let text = GOOD.replacen(from, to, 1);
        Register::parse(Path::new("kith.toml"), &text).err().map_or_else(String::new, |error| error.to_string())
    }

    #[test]
    fn the_register_that_is_shipped_is_good() {
        let register = Register::parse(Path::new("kith.toml"), GOOD).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(register.code(), "nenedale");
        assert_eq!(register.write_up_minutes(), 30);
        assert_eq!(
            register.figures().iter().map(|figure| figure.value).collect::<Vec<_>>(),
            [1, 5, 2, 3, 12, 3, 30, 15, 24, 120, 60, 15, 12, 3, 4, 90]
        );
        assert_eq!(register.opening()[5].map(|hours| hours.end_minute), Some(17 * 60));
        assert!(Purpose::ALL.iter().all(|purpose| register.has_purpose(*purpose)));
        assert!(register.calendar().in_school_term(jiff::civil::date(2026, 11, 24)));
    }

    #[test]
    fn a_bank_holiday_proclaimed_for_one_year_is_a_line_of_the_register() {
        // Handbook section 8: bank holidays and closures shut.
        let more = "[[closed_days]]\nday = \"2027-06-07\"\nname = \"Day of celebration\"\n\n[settings]";
        let text = GOOD.replacen("[settings]", more, 1);
        let register = Register::parse(Path::new("kith.toml"), &text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(register.calendar().shut(jiff::civil::date(2027, 6, 7)), Some("Day of celebration"));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (from, to, line, words) in [
            ("sign_within_hours = 24", "sign_within_hours = 0", "sign_within_hours =", "must be between 1 and 336"),
            ("sign_within_hours = 24", "sign_within_hours = \"a day\"", "sign_within_hours =", "invalid type"),
            ("sign_within_hours = 24", "sign_in_hour = 24", "sign_in_hour =", "unknown field"),
            ("code = \"assessment\"", "code = \"marketing\"", "code = \"marketing\"", "is not known"),
            ("code = \"south\"", "code = \"north\"", "\"South Nenedale\"", "there twice"),
            ("saturday = \"09:00-17:00\"", "saturday = \"17:00-09:00\"", "saturday =", "must look like"),
            ("[settings]", "[settings", "[settings", "unclosed table"),
            ("to = \"2026-12-18\"", "to = \"2026-08-18\"", "to = \"2026-08-18\"", "must end on or after"),
            (
                "from = \"2027-01-04\"",
                "from = \"2026-12-18\"",
                "from = \"2026-12-18\"",
                "must begin after the one before",
            ),
            ("from = \"2027-01-04\"", "from = \"4 January\"", "from = \"4 January\"", "must be a day like"),
            (
                "[settings]",
                "[[closed_days]]\nday = \"2027-06-31\"\nname = \"x\"\n[settings]",
                "2027-06-31",
                "must be a day like",
            ),
        ] {
            let message = wrong(from, to);
            let text = GOOD.replacen(from, to, 1);
            let expected = text.lines().position(|l| l.contains(line)).map_or(0, |index| index + 1);
            let near = [expected, expected.saturating_sub(1)];
            assert!(
                near.iter().any(|line| message.starts_with(&format!("kith.toml, line {line}: ")))
                    && message.contains(words),
                "{to}: {message}, expected line {expected}"
            );
        }
    }

    #[test]
    fn a_register_that_is_not_there_says_so() {
        let error = Register::read(Path::new("no-such-kith.toml")).err().map_or_else(String::new, |e| e.to_string());
        assert!(error.starts_with("cannot read the register no-such-kith.toml"), "{error}");
    }
}
