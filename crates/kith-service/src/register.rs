//! The register of one authority: read, checked, enforced (DESIGN: registers are the configuration). The file at the first start is
//! where it begins; from then on it is the version in force, see `versions`.

mod checks;
mod contradictions;
mod difference;
mod draft;
mod edit;
mod items;
mod notice;
mod processing;
mod sections;
pub(crate) mod standing;
mod versions;

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use kith_domain::access::Purpose;
use kith_domain::calendar::ServiceCalendar;
use kith_domain::catalogue::{RegisteredItems, by_key};
use kith_domain::register::{RegisterField, RegisterSection};
use kith_domain::session::Week;
use serde::Deserialize;
use toml::Spanned;

use crate::translations::Translations;

use checks::{Wrong, check_figures, code, day, opening, service_calendar, unique};
pub use contradictions::{Contradiction, contradictions};
pub use difference::{Change, difference};
pub use draft::{DraftRow, DraftText, row_key, seen};
pub use processing::{Measure, Processor};
pub use sections::RowAt;
pub use standing::{HeldVersion, RegisterStanding, WhichVersion};
pub(crate) use versions::IN_FORCE;
pub use versions::RegisterVersionView;

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
    #[serde(default = "three")]
    requests_kept_years: Spanned<i64>,
    #[serde(default = "half_a_year")]
    packs_kept_days: Spanned<i64>,
    #[serde(default = "four")]
    escalate_after_open_hours: Spanned<i64>,
    #[serde(default = "ninety")]
    key_backup_days: Spanned<i64>,
    #[serde(default = "thirty")]
    archive_bag_days: Spanned<i64>,
}

/// A register from before there was this setting means the handbook's figure.
fn two() -> Spanned<i64> {
    Spanned::new(0..0, 2)
}

/// The same: as long as a claim can be made that an answer was wrong, or nearly.
fn three() -> Spanned<i64> {
    Spanned::new(0..0, 3)
}

/// The same: long enough to look at an answer again.
fn half_a_year() -> Spanned<i64> {
    Spanned::new(0..0, 180)
}

/// The same: half of a working day.
fn four() -> Spanned<i64> {
    Spanned::new(0..0, 4)
}

/// The same: a quarter.
fn ninety() -> Spanned<i64> {
    Spanned::new(0..0, 90)
}

/// The same: a month in which the archive fetches what was made for it.
fn thirty() -> Spanned<i64> {
    Spanned::new(0..0, 30)
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
    #[serde(default)]
    processors: Vec<Processor>,
    #[serde(default)]
    measures: Vec<Measure>,
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
    text: String,
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

/// The figures by their names: each a function of the register, and all of them for whoever has the name from the text.
macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident),+) => {
        impl Figures {
            /// The figure of a name of the text.
            fn get(&self, name: &str) -> Option<&Spanned<i64>> {
                match name {
                    $(stringify!($name) => Some(&self.$name),)+
                    _ => None,
                }
            }
        }

        impl Register {$(
            $(#[$doc])*
            pub fn $name(&self) -> i64 {
                *self.file.settings.$name.get_ref()
            }
        )+}
    };
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
            processing::check(&file.processors, &file.measures)?;
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
        let text = text.to_owned();
        Ok(Self { text, file, items, opening, calendar, in_force_since, translations: Translations::default() })
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

    /// Its text, as it was read.
    pub fn text(&self) -> &str {
        &self.text
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

    /// Whether it holds an item, by its key.
    pub(crate) fn holds(&self, key: &str) -> bool {
        by_key(key).is_some_and(|item| self.items.has(item))
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
        let figure = |field: &'static RegisterField| {
            let value = self.figure(field.name)?;
            Some(Figure { name: field.label, value, unit: field.hint })
        };
        RegisterSection::Settings.fields().iter().filter_map(figure).collect()
    }

    /// The figure of a name of the text.
    fn figure(&self, name: &str) -> Option<i64> {
        self.file.settings.get(name).map(|given| *given.get_ref())
    }
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
    /// Years for which a request of somebody about their information is kept, from when it was closed.
    requests_kept_years,
    /// Days for which what was collected to answer it is kept, from then.
    packs_kept_days,
    /// Hours for which the service is open after which something urgent that nobody has read is told to somebody else.
    escalate_after_open_hours,
    /// Days for which a backup of the keys is kept: after so many none brings back a file that was destroyed.
    key_backup_days,
    /// For how many days a bag for an archive can be fetched.
    archive_bag_days
}

impl Retention {
    /// The category's code.
    pub fn category(&self) -> &str {
        self.category.get_ref()
    }
}

impl RegisteredPurpose {
    /// Its code.
    pub fn code(&self) -> &str {
        self.code.get_ref()
    }
}

#[cfg(test)]
mod tests;
