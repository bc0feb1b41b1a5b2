//! Clocks that the law and the handbook run: by when something is due, and how that was counted (handbook sections 4, 7, 14, 15).

mod running;
#[cfg(test)]
mod tests;
mod unread;

use jiff::civil::{Date, DateTime};
use jiff::{Span, ToSpan};

use crate::calendar::{self, ServiceCalendar, weekday_date};
use crate::codes::LegalStatus;
use crate::person::Birth;

pub use running::{ClockKind, ClockState, Running, hearings, left_until};
pub use unread::after_open_minutes;

/// Longest pause of a clock, in days: ten years. More is a slip of the finger.
pub const PAUSED_DAYS_MAX: i64 = 3_653;
/// Hours within which the Commissioner is told of a breach (UK GDPR Art 33(1)).
pub const BREACH_HOURS: i64 = 72;
/// Days within which a complaint is acknowledged (DPA 2018 s164A; handbook section 14).
pub const COMPLAINT_DAYS: i64 = 30;
/// Days that a refusal of contact lasts at most without an order, its first day counted (Children Act 1989 s34(6)).
pub const REFUSAL_DAYS: i64 = 7;
/// The day of a refusal on which Kith warns (handbook section 7).
pub const REFUSAL_WARNED_ON_DAY: i64 = 5;

/// What is known of a request of a person that runs against the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The day on which it was received, working day or not.
    pub received: Date,
    /// Whether it was extended for its complexity or number, which the person is told within the first month.
    pub extended: bool,
    /// For how many days the clock did not run, because identity or a needed clarification was awaited.
    pub paused_days: i64,
}

/// By when something is done, and how that was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The last day.
    pub day: Date,
    /// The day that was counted to, before weekends and closed days are moved over.
    pub counted: Date,
    /// How it was counted, in a sentence.
    pub rule: String,
    /// The law and the guidance it rests on.
    pub source: &'static str,
}

/// By when the Commissioner is told of a breach, and how that was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueAt {
    /// The last moment, in London.
    pub at: DateTime,
    /// How it was counted, in a sentence.
    pub rule: String,
    /// The law it rests on.
    pub source: &'static str,
}

const REQUEST: &str = "UK GDPR Art 12(3); DPA 2018 s54; ICO, Right of access: how long do we have to comply";
const COMPLAINT: &str = "DPA 2018 s164A; ICO, How to deal with data protection complaints";
const REFUSAL: &str = "Children Act 1989 s34(6); handbook section 7";
const BREACH: &str = "UK GDPR Art 33(1); handbook section 15";
const VERIFICATION: &str = "handbook section 4 (a setting of the register)";
const FIRST_SESSION: &str = "handbook section 4 (a setting of the register); Children Act 1989 s34(1)";

/// Months for a request: one, and two further ones counted from receipt when it is extended (UK GDPR Art 12(3)).
const fn months(extended: bool) -> i64 {
    if extended { 3 } else { 1 }
}

/// By when a request of a person is answered: the same date next month (in the third month when extended); the month's
/// last day where there is no such date; then as many days later as the clock was stopped; and when that is no working
/// day of the `calendar`, the next one.
///
/// `None` when the date lies outside the calendar.
pub fn request_due(request: Request, calendar: &ServiceCalendar) -> Option<Due> {
    let months = months(request.extended);
    let same_date = request.received.checked_add(Span::new().try_months(months).ok()?).ok()?;
    let counted = same_date.checked_add(Span::new().try_days(request.paused_days).ok()?).ok()?;
    let span = if request.extended { "one calendar month and two further ones" } else { "one calendar month" };
    let shorter = if same_date.day() == request.received.day() { "" } else { ", the last day of a shorter month" };
    let stopped = match request.paused_days {
        0 => String::new(),
        1 => ", 1 day later because the clock was stopped for it".to_owned(),
        days => format!(", {days} days later because the clock was stopped for them"),
    };
    let received = weekday_date(request.received);
    on_a_working_day(counted, format!("{span} from receipt on {received}{shorter}{stopped}"), REQUEST, calendar)
}

/// By when a complaint of a person is acknowledged: 30 days, the first of them the day after it was received; when the last is
/// no working day of the `calendar`, the next one. `None` outside the calendar.
pub fn complaint_due(received: Date, calendar: &ServiceCalendar) -> Option<Due> {
    let counted = received.checked_add(COMPLAINT_DAYS.days()).ok()?;
    let rule = format!("{COMPLAINT_DAYS} days, the first of them the day after receipt on {}", weekday_date(received));
    on_a_working_day(counted, rule, COMPLAINT, calendar)
}

/// By when a referral is verified: so many working days of the `calendar` after it was submitted, by the end of that day.
pub fn verification_due(submitted: Date, working_days: u32, calendar: &ServiceCalendar) -> Due {
    let day = calendar.working_days_after(submitted, working_days);
    let days = if working_days == 1 { "1 working day".to_owned() } else { format!("{working_days} working days") };
    let rule = format!("{days} after submission on {}, to the end of the day", weekday_date(submitted));
    Due { day, counted: day, rule, source: VERIFICATION }
}

/// What decides how soon the first session is held.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FirstSession {
    /// The day on which the referral was accepted.
    pub accepted: Date,
    /// When the child was born, as far as it is known.
    pub birth: Option<Birth>,
    /// The child's legal status.
    pub status: Option<LegalStatus>,
    /// Working days within which it is held.
    pub within: u32,
    /// Working days within which it is held for a baby on an interim order.
    pub within_for_baby: u32,
}

impl FirstSession {
    /// Whether it is for a baby on an interim order: under one, the youngest that the child can be, on the day of acceptance.
    pub fn is_for_baby(&self) -> bool {
        self.status == Some(LegalStatus::InterimCareOrder)
            && self.birth.is_some_and(|birth| birth.age_on(self.accepted) < 1)
    }
}

/// By when the first session of a child is held: so many working days of the `calendar` after acceptance; of a child who is
/// not born yet, after the day on which the birth is expected.
pub fn first_session_due(of: FirstSession, calendar: &ServiceCalendar) -> Due {
    let baby = of.is_for_baby();
    let count = if baby { of.within_for_baby } else { of.within };
    let (from, what) = match of.birth {
        Some(Birth::Expected { day }) if day > of.accepted => (day, "the expected birth"),
        _ => (of.accepted, "acceptance"),
    };
    let day = calendar.working_days_after(from, count);
    let whom = if baby { ", for a baby under 1 on an interim order" } else { "" };
    let days = if count == 1 { "1 working day".to_owned() } else { format!("{count} working days") };
    let rule = format!("{days} after {what} on {}, to the end of the day{whom}", weekday_date(from));
    Due { day, counted: day, rule, source: FIRST_SESSION }
}

/// The last day of a refusal of contact without an order: the seventh, the first counted, whatever day of the week it is.
/// `None` outside the calendar.
pub fn refusal_ends(began: Date) -> Option<Due> {
    let day = began.checked_add((REFUSAL_DAYS - 1).days()).ok()?;
    let warned = began.checked_add((REFUSAL_WARNED_ON_DAY - 1).days()).ok()?;
    let rule = format!(
        "day {REFUSAL_DAYS} of a refusal whose day 1 was {}, weekends and bank holidays included (day {REFUSAL_WARNED_ON_DAY} is {}); \
         by then contact resumes or an order under s34(4) is there",
        weekday_date(began),
        weekday_date(warned)
    );
    Some(Due { day, counted: day, rule, source: REFUSAL })
}

/// By when the Commissioner is told of a breach, given as the London time at which the council became aware: 72 hours as they
/// pass, weekends, bank holidays and the change of the clocks included. Of an hour that there is twice, the first counts.
/// `None` outside the calendar.
pub fn breach_due(aware: DateTime) -> Option<DueAt> {
    let aware = aware.to_zoned_datetime(calendar::london()).ok()?;
    let at = aware.checked_add(BREACH_HOURS.hours()).ok()?.datetime();
    let from = aware.strftime("%A %-d %B %Y at %H:%M");
    let rule = format!("{BREACH_HOURS} hours from becoming aware on {from}, weekends and bank holidays included");
    Some(DueAt { at, rule, source: BREACH })
}

/// The day counted to, or the next working day, with what was moved over said.
fn on_a_working_day(counted: Date, rule: String, source: &'static str, calendar: &ServiceCalendar) -> Option<Due> {
    let mut day = counted;
    while !calendar.is_working_day(day) {
        day = day.tomorrow().ok()?;
    }
    if day == counted {
        return Some(Due { day, counted, rule, source });
    }
    let name = calendar.shut(counted).map(|name| format!(" ({name})")).unwrap_or_default();
    let rule = format!("{rule}; {}{name} is not a working day, so the next one", weekday_date(counted));
    Some(Due { day, counted, rule, source })
}
