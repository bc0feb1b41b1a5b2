//! What is asked of the parts of a register's file; each answer that is wrong is told with its place in the text.

use jiff::civil::Date;
use kith_domain::calendar::{ClosedDay, Days, ServiceCalendar};
use kith_domain::register::{RegisterKind, RegisterSection, is_register_code, opening_hours};
use kith_domain::session::Hours;
use toml::Spanned;

use super::{Figures, File};

/// Where in the text something is wrong, in bytes, and what to do.
pub(super) type Wrong = (usize, String);

pub(super) fn code(what: &str, given: &Spanned<String>) -> Result<(), Wrong> {
    if is_register_code(given.get_ref()) {
        Ok(())
    } else {
        Err((given.span().start, format!("{what} must be 2 to 40 small letters, digits, - or _")))
    }
}

pub(super) fn unique<'a>(what: &str, codes: impl Iterator<Item = &'a Spanned<String>>) -> Result<(), Wrong> {
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

pub(super) fn check_figures(figures: &Figures) -> Result<(), Wrong> {
    for field in RegisterSection::Settings.fields() {
        if let (RegisterKind::Figure { low, high }, Some(given)) = (field.kind, figures.get(field.name))
            && !(low..=high).contains(given.get_ref())
        {
            return Err((given.span().start, format!("{} must be between {low} and {high}", field.name)));
        }
    }
    Ok(())
}

pub(super) fn day(what: &str, given: &Spanned<String>) -> Result<Date, Wrong> {
    let read = given.get_ref().parse::<Date>().ok().filter(|day| (1900..=2200).contains(&day.year()));
    read.ok_or_else(|| (given.span().start, format!("{what} must be a day like 2027-06-07")))
}

/// The closed days, each once, and the school terms, in order.
pub(super) fn service_calendar(file: &File) -> Result<ServiceCalendar, Wrong> {
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
pub(super) fn opening(given: &Spanned<String>) -> Result<Option<Hours>, Wrong> {
    opening_hours(given.get_ref()).ok_or_else(|| {
        (given.span().start, "opening hours must look like “09:00-19:00”, on the quarter hour, or “shut”".to_owned())
    })
}
