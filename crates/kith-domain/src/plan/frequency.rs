//! How often, and on which days: `at least twice a week`, `Tuesday and Thursday at 10:00, every week`.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::{self, ServiceCalendar};
use crate::codes::{codes, weekday_name};
use crate::delivery::{Bound, Per};
use crate::form::Reader;
use crate::words::in_words;

/// Most times in one span: once a day in a leap year.
pub const TIMES_MAX: i64 = 366;

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
        let count = r.required_number("count", "How many times", 1, TIMES_MAX);
        let per = r.required_choice("per", "How often it is counted", Per::from_code);
        Some(Frequency { bound: bound?, count: count?, per: per? })
    }
}

codes! {
    /// Which of the weekdays of a month: the first Saturday, the last Friday.
    Nth {
        First = "1", "First";
        Second = "2", "Second";
        Third = "3", "Third";
        Fourth = "4", "Fourth";
        Last = "last", "Last";
    }
}

impl Nth {
    fn is(self, day: Date) -> bool {
        let week = (day.day() - 1) / 7;
        match self {
            Nth::First => week == 0,
            Nth::Second => week == 1,
            Nth::Third => week == 2,
            Nth::Fourth => week == 3,
            Nth::Last => day.day() + 7 > day.days_in_month(),
        }
    }
}

/// On which days and at what time: `Tuesday and Thursday at 10:00, every week`, `Saturday at 10:00, first of the month`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// Weekdays, 1 Monday to 6 Saturday, in order; none where no day is fixed.
    pub weekdays: Vec<i8>,
    /// When a session starts, minutes from midnight, on a quarter of an hour; `None` where no clock time is fixed.
    pub start_minute: Option<i64>,
    /// Every how many weeks, 1 to 8.
    pub every_weeks: i64,
    /// Which of these weekdays in each month; none means every one that `every_weeks` gives.
    #[serde(default)]
    pub of_month: Vec<Nth>,
}

impl Pattern {
    /// Every week on these weekdays at a time.
    pub fn weekly(weekdays: &[i8], start_minute: i64) -> Pattern {
        Pattern { weekdays: weekdays.to_vec(), start_minute: Some(start_minute), every_weeks: 1, of_month: Vec::new() }
    }

    /// Whether a day is one of the pattern's; weeks are counted from the Monday on or before `weeks_from`.
    pub(super) fn falls_on(&self, day: Date, weeks_from: Date) -> bool {
        if !self.weekdays.contains(&day.weekday().to_monday_one_offset()) {
            return false;
        }
        if !self.of_month.is_empty() {
            return self.of_month.iter().any(|nth| nth.is(day));
        }
        let first_week = calendar::day_number(weeks_from) - i64::from(weeks_from.weekday().to_monday_zero_offset());
        (calendar::day_number(day) - first_week).div_euclid(7) % self.every_weeks.max(1) == 0
    }

    /// The days, without the time: `Tuesday and Thursday`.
    pub fn days(&self) -> String {
        in_words(&self.weekdays.iter().map(|day| weekday_name(*day)).collect::<Vec<_>>())
    }

    /// In which weeks: `every week`, `every second week`, `first and third of the month`.
    pub fn weeks(&self) -> String {
        if !self.of_month.is_empty() {
            let names: Vec<String> = self.of_month.iter().map(|nth| nth.label().to_lowercase()).collect();
            return format!("{} of the month", in_words(&names));
        }
        match self.every_weeks {
            1 => "every week".to_owned(),
            2 => "every second week".to_owned(),
            n => format!("every {n} weeks"),
        }
    }

    /// For reading, with the end when the length is known: `Tuesday and Thursday, 10:00 to 11:30, every week`.
    pub fn words(&self, minutes: i64) -> String {
        if self.weekdays.is_empty() {
            return "No day is fixed".to_owned();
        }
        match self.start_minute {
            Some(start) => {
                let (from, to) = (calendar::clock(start), calendar::clock(start + minutes));
                format!("{}, {from} to {to}, {}", self.days(), self.weeks())
            }
            None => format!("{}, {}", self.days(), self.weeks()),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.weekdays.is_empty() {
            return f.write_str("no day is fixed");
        }
        match self.start_minute {
            Some(start) => write!(f, "{} at {}, {}", self.days(), calendar::clock(start), self.weeks()),
            None => write!(f, "{}, {}", self.days(), self.weeks()),
        }
    }
}

/// Fewest and most sessions of a pattern in the whole spans of a term, `None` where there is no whole span to look at.
pub(super) fn days_in_spans(
    term: &crate::delivery::Term,
    sessions_on: impl Fn(Date) -> i64,
    calendar: &ServiceCalendar,
) -> Option<(i64, i64)> {
    let whole = |span: &calendar::Days| span.each().all(|day| term.covers(day, calendar));
    let to = calendar::day_of(calendar::day_number(term.from) + LOOK_AHEAD_DAYS);
    let to = term.to.map_or(to, |end| end.min(to));
    let spans = crate::delivery::spans(term, calendar, calendar::Days { from: term.from, to });
    let whole_spans = spans.into_iter().filter(|span| span.to <= to).filter(whole);
    let numbers = whole_spans.map(|span| span.each().map(&sessions_on).sum::<i64>());
    numbers.fold(None, |found: Option<(i64, i64)>, number| {
        Some(found.map_or((number, number), |(least, most)| (least.min(number), most.max(number))))
    })
}

/// How far ahead a pattern is held against what is asked for, in days: two years with their edges.
const LOOK_AHEAD_DAYS: i64 = 800;
