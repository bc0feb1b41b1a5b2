//! Pages of the administrator: accounts, venues with their rooms, working hours of supervisors.

pub(crate) mod accounts;
pub(crate) mod agree;
pub(crate) mod close_account;
pub(crate) mod hours;
pub(crate) mod rooms;
pub(crate) mod venues;

#[cfg(test)]
mod tests;

use askama::Template;
use kith_domain::access::Purpose;
use kith_domain::calendar;
use kith_domain::codes::WEEKDAYS;
use kith_domain::form::Fields;
use kith_domain::session::{Hours, Week};
use kith_service::Desk;

use crate::error::Answer;
use crate::person::Signed;
use crate::ui::{FormView, Html, Options, Page, render};

fn desk(signed: &Signed) -> Desk {
    signed.desk(Purpose::Administration)
}

/// The areas of the register, to choose from.
fn areas(signed: &Signed) -> Options {
    signed.app.service.register().areas().map(|(code, name)| (code.to_owned(), name.to_owned())).collect()
}

/// A day in the form of a week.
struct Day {
    name: &'static str,
    open: Html,
    close: Html,
}

/// The six days of the form of a week.
fn days(form: &FormView) -> Vec<Day> {
    let day = |(number, name): &(i8, &'static str)| Day {
        name,
        open: form.short(&format!("open-{number}"), "From", ""),
        close: form.short(&format!("close-{number}"), "To", ""),
    };
    WEEKDAYS.iter().map(day).collect()
}

/// The days of the form of a week as labels and values, to compare two of them.
fn readable_week(fields: &Fields) -> Vec<(String, String)> {
    let day = |(number, name): &(i8, &str)| {
        let (open, close) = (fields.get(&format!("open-{number}")), fields.get(&format!("close-{number}")));
        let none = open.trim().is_empty() && close.trim().is_empty();
        ((*name).to_owned(), if none { "No hours".to_owned() } else { format!("{open} to {close}") })
    };
    WEEKDAYS.iter().map(day).collect()
}

/// A week in words, days of the same hours together: `Monday to Friday 09:00 to 19:00`.
fn week_words(week: &Week) -> Vec<String> {
    let mut runs: Vec<(&str, &str, Hours)> = Vec::new();
    let mut before = None;
    for ((_, name), hours) in WEEKDAYS.iter().zip(week) {
        match (hours, runs.last_mut()) {
            (Some(_), Some(run)) if *hours == before => run.1 = name,
            (Some(hours), _) => runs.push((name, name, *hours)),
            (None, _) => {}
        }
        before = *hours;
    }
    let words = |(first, last, hours): &(&str, &str, Hours)| {
        let span = if first == last { (*first).to_owned() } else { format!("{first} to {last}") };
        format!("{span} {} to {}", calendar::clock(hours.start_minute), calendar::clock(hours.end_minute))
    };
    runs.iter().map(words).collect()
}

/// Asks before something is closed.
#[derive(Template)]
#[template(path = "admin/close.html")]
struct ClosePage {
    page: Page,
    /// What it is about.
    name: String,
    text: &'static str,
    action: String,
    button: &'static str,
}

impl ClosePage {
    fn answer(&self) -> Answer {
        render(self)
    }
}
