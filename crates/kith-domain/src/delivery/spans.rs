//! The spans of a term: they belong to it, whatever period is asked for (handbook section 19, *Spans*).

use jiff::civil::Date;
use jiff::{Span, ToSpan};

use super::{Anchor, Per, Term};
use crate::calendar::{Days, ServiceCalendar, day_number, day_of};

/// The spans of a term that touch a period, in order, whether the term covers anything of them or not.
pub fn spans(term: &Term, calendar: &ServiceCalendar, period: Days) -> Vec<Days> {
    let touching = |spans: Vec<Days>| spans.into_iter().filter(|span| span.shared(period).is_some()).collect();
    match term.per {
        // "Every day" is every day on which the service works.
        Per::Day => {
            let running = period.shared(Days { from: term.from, to: term.to.unwrap_or(Date::MAX) });
            let days = running.into_iter().flat_map(Days::each);
            days.filter(|day| calendar.works(*day)).map(|day| Days { from: day, to: day }).collect()
        }
        Per::Week => of_days(monday(term.from), 7, period),
        Per::Fortnight => of_days(monday(term.from), 14, period),
        Per::Month => of_months(anchored(term, term.from.first_of_month()), 1, period),
        Per::Year => of_months(anchored(term, term.from.first_of_year()), 12, period),
        Per::SchoolTerm => touching(calendar.school_terms.clone()),
        Per::SchoolHoliday => touching(calendar.school_holidays()),
    }
}

/// The Monday on or before a day.
fn monday(day: Date) -> Date {
    day_of(day_number(day) - i64::from(day.weekday().to_monday_zero_offset()))
}

fn anchored(term: &Term, calendar: Date) -> Date {
    match term.anchor {
        Anchor::Calendar => calendar,
        Anchor::Term => term.from,
    }
}

/// Spans of so many days, one after the other from a day on.
fn of_days(first: Date, length: i64, period: Days) -> Vec<Days> {
    let spans_to = |day: Date| (day_number(day) - day_number(first)).div_euclid(length);
    (spans_to(period.from).max(0)..=spans_to(period.to))
        .map(|index| day_number(first) + index * length)
        .map(|start| Days { from: day_of(start), to: day_of(start + length - 1) })
        .collect()
}

/// Spans of so many months, each counted from the first, so that a day that one month lacks comes back in the next.
fn of_months(first: Date, length: i64, period: Days) -> Vec<Days> {
    let begins = |index: i64| {
        let span = Span::new().try_months(index * length).ok()?;
        first.checked_add(span).ok()
    };
    let months = |day: Date| i64::from(day.year()) * 12 + i64::from(day.month());
    let before = ((months(period.from) - months(first)) / length - 1).max(0);
    (before..)
        .map_while(|index| {
            let (from, next) = (begins(index)?, begins(index + 1)?);
            (from <= period.to).then(|| next.checked_sub(1.day()).ok().map(|to| Days { from, to })).flatten()
        })
        .filter(|span| span.shared(period).is_some())
        .collect()
}
