//! How often, and on which days: `at least twice a week`, `Tuesday and Thursday at 10:00, every week`.

use std::fmt;

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};

use crate::calendar;
use crate::codes::{codes, weekday_name};
use crate::form::Reader;

codes! {
    /// How strictly the number is meant.
    Bound {
        Exactly = "exactly", "exactly";
        AtLeast = "at_least", "at least";
        AtMost = "at_most", "at most";
    }
}

codes! {
    /// The span in which the number is counted.
    Per {
        Day = "day", "day";
        Week = "week", "week";
        Fortnight = "fortnight", "fortnight";
        Month = "month", "month";
        SchoolTerm = "term", "school term";
        Year = "year", "year";
    }
}

/// How often: `at least 3 per week`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frequency {
    /// How strictly.
    pub bound: Bound,
    /// How many, at least 1.
    pub count: i64,
    /// In which span.
    pub per: Per,
}

impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = match self.count {
            1 => "once".to_owned(),
            2 => "twice".to_owned(),
            n => format!("{n} times"),
        };
        write!(f, "{} {times} a {}", self.bound.label(), self.per.label())
    }
}

impl Frequency {
    /// Reads `bound`, `count`, `per`.
    pub fn read(r: &mut Reader) -> Option<Frequency> {
        let bound = r.required_choice("bound", "Exactly, at least or at most", Bound::from_code);
        let count = r.required_number("count", "How many times", 1, 31);
        let per = r.required_choice("per", "How often it is counted", Per::from_code);
        Some(Frequency { bound: bound?, count: count?, per: per? })
    }

    /// The whole spans between two days (both included): how many, the first day that they cover and the last; `None`
    /// when there is not one. Only whole spans are counted, since one that is still running can still be kept. Weeks and
    /// fortnights are those of the calendar, from the first Monday; months, school terms (three a year) and years run
    /// from the first day.
    pub fn whole_spans(self, from: Date, to: Date) -> Option<(i64, Date, Date)> {
        let end = to.tomorrow().ok()?;
        let weeks_of = |length: i64| {
            let to_monday = (7 - i32::from(from.weekday().to_monday_zero_offset())) % 7;
            let first = from.checked_add(to_monday.days()).ok()?;
            let count = days_between(first, end) / length;
            Some((count, first, first.checked_add((count * length).days()).ok()?))
        };
        let months_of = |length: i64| {
            let count = months(from, end) / length;
            Some((count, from, from.checked_add((count * length).months()).ok()?))
        };
        let (count, first, after) = match self.per {
            Per::Day => Some((days_between(from, end), from, end)),
            Per::Week => weeks_of(7),
            Per::Fortnight => weeks_of(14),
            Per::Month => months_of(1),
            Per::SchoolTerm => months_of(4),
            Per::Year => months_of(12),
        }?;
        (count > 0).then_some((count, first, after.yesterday().ok()?))
    }

    /// How many sessions are due between two days (both included), see [`Frequency::whole_spans`]. What is owed at most
    /// is never due.
    pub fn due(self, from: Date, to: Date) -> u32 {
        let spans = self.whole_spans(from, to).map_or(0, |(count, ..)| count);
        if self.bound == Bound::AtMost { 0 } else { u32::try_from(spans * self.count).unwrap_or(0) }
    }
}

/// Days from one day to another, negative when that is earlier.
fn days_between(from: Date, end: Date) -> i64 {
    i64::from(from.until(end).map_or(0, |span| span.get_days()))
}

/// Whole months between two days.
fn months(from: Date, end: Date) -> i64 {
    let mut count = 0_i64;
    while Span::new()
        .try_months(count + 1)
        .ok()
        .and_then(|span| from.checked_add(span).ok())
        .is_some_and(|day| day <= end)
    {
        count += 1;
    }
    count
}

/// On which days and at what time: `Tuesday and Thursday at 10:00, every week`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// Weekdays, 1 Monday to 6 Saturday, in order.
    pub weekdays: Vec<i8>,
    /// When a session starts, minutes from midnight, on a quarter of an hour.
    pub start_minute: i64,
    /// Every how many weeks, 1 to 8.
    pub every_weeks: i64,
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.weekdays.iter().map(|day| weekday_name(*day)).collect();
        let days = match names.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            _ => names.concat(),
        };
        let weeks = match self.every_weeks {
            1 => "every week".to_owned(),
            2 => "every second week".to_owned(),
            n => format!("every {n} weeks"),
        };
        write!(f, "{days} at {}, {weeks}", calendar::clock(self.start_minute))
    }
}
