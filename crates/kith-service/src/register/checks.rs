//! What is asked of the parts of a register's file; each answer that is wrong is told with its place in the text.

use jiff::civil::Date;
use kith_domain::calendar::{self, ClosedDay, Days, ServiceCalendar};
use kith_domain::session::Hours;
use toml::Spanned;

use super::{Figures, File};

/// Where in the text something is wrong, in bytes, and what to do.
pub(super) type Wrong = (usize, String);

pub(super) fn code(what: &str, given: &Spanned<String>) -> Result<(), Wrong> {
    let text = given.get_ref();
    let fine = (2..=40).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'));
    if fine {
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
    between("requests_kept_years", &figures.requests_kept_years, 1, 75)?;
    // Never shorter than an address and a code open what was collected, nor longer than the shortest time of a request.
    between("packs_kept_days", &figures.packs_kept_days, 30, 365)?;
    between("escalate_after_open_hours", &figures.escalate_after_open_hours, 1, 40)?;
    between("key_backup_days", &figures.key_backup_days, 1, 3650)?;
    between("archive_bag_days", &figures.archive_bag_days, 1, 365)
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
