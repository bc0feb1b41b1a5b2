//! The contact plan: how often, in which pattern, from when to when; which days that gives; how many sessions were
//! due (handbook section 7).

mod frequency;
#[cfg(test)]
mod tests;

use jiff::civil::{Date, Time};
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};

use crate::calendar;
use crate::codes::{Answer, Supervision, WEEKDAYS, codes};
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use crate::ids::{AccountId, ArrangementId, PersonId};
use crate::refusal::Refusal;

pub use frequency::{Bound, Frequency, Pattern, Per};

/// Most arrangements one plan can hold.
pub const ARRANGEMENT_LIMIT: usize = 30;
/// Furthest ahead sessions are proposed, in days.
pub const PROPOSE_DAYS: i64 = 100;

codes! {
    /// How contact takes place.
    Mode {
        InPerson = "in_person", "In person";
        Video = "video", "By video";
        Letterbox = "letterbox", "Letterbox";
    }
}

/// One line of the plan.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrangement {
    /// Its id.
    pub id: ArrangementId,
    /// With whom, together.
    pub with: Vec<PersonId>,
    /// How often.
    pub frequency: Frequency,
    /// On which days.
    pub pattern: Pattern,
    /// Length of a session in minutes.
    pub minutes: i64,
    /// First day.
    pub from: Date,
    /// Last day, if one is set.
    pub to: Option<Date>,
    /// Whether a court ordered it.
    pub court_ordered: bool,
    /// Level of supervision.
    pub supervision: Supervision,
    /// In person, by video, by letter.
    pub mode: Mode,
    /// How the child gets there and back.
    pub transport: Option<String>,
    /// Rules of the session.
    pub rules: Option<String>,
    /// What happens when it cannot take place.
    pub contingency: Option<String>,
}

impl Arrangement {
    /// Reads one arrangement's page.
    pub fn read(id: ArrangementId, fields: &Fields, today: Date) -> Result<Arrangement, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let with: Vec<PersonId> = fields.all("with").iter().filter_map(|id| id.parse().ok()).collect();
        if with.is_empty() {
            r.problem("with", "Select who the child is to see");
        }
        let frequency = Frequency::read(&mut r);
        let weekdays: Vec<i8> =
            WEEKDAYS.iter().map(|(number, _)| *number).filter(|n| fields.has("weekday", &n.to_string())).collect();
        if weekdays.is_empty() {
            r.problem("weekday", "Select at least one day of the week");
        }
        let start = quarter_hour(&mut r, "start", "Start time");
        let every_weeks = r.number("every_weeks", "Every how many weeks", 1, 8).unwrap_or(1);
        let minutes = r.required_number("minutes", "How long each session lasts, in minutes", 15, 480);
        let from = r.required_date("from", "First day");
        let to = r.date("to", "Last day");
        if let (Some(from), Some(to)) = (from, to)
            && to < from
        {
            r.problem("to-day", "Last day must be on or after the first day");
        }
        if to.is_some_and(|to| to < today) {
            r.problem("to-day", "Last day must not be in the past");
        }
        if let (Some(frequency), false) = (frequency, weekdays.is_empty())
            && frequency.bound != Bound::AtMost
            && let Some(short) = falls_short(frequency, weekdays.len(), every_weeks)
        {
            r.problem("weekday", short);
        }
        let court_ordered =
            r.required_choice("court_ordered", "Whether a court ordered this contact", Answer::from_code);
        let supervision = r.required_choice("supervision", "The level of supervision", Supervision::from_code);
        let mode = r.required_choice("mode", "How contact takes place", Mode::from_code);
        let transport = r.text("transport", "How the child gets there and back", LONG_TEXT_CHARS);
        let rules = r.text("rules", "Rules of the session", LONG_TEXT_CHARS);
        let contingency = r.text("contingency", "If it cannot take place", LONG_TEXT_CHARS);
        let read = (|| {
            Some(Arrangement {
                id,
                with,
                frequency: frequency?,
                pattern: Pattern { weekdays, start_minute: start?, every_weeks },
                minutes: minutes?,
                from: from?,
                to,
                court_ordered: court_ordered?.is_yes(),
                supervision: supervision?,
                mode: mode?,
                transport,
                rules,
                contingency,
            })
        })();
        let problems = r.into_problems();
        match read {
            Some(arrangement) if problems.is_empty() => Ok(arrangement),
            _ => Err(problems),
        }
    }

    /// The form that [`Arrangement::read`] reads this from.
    pub fn fields(&self) -> Fields {
        let several = self.with.iter().map(|id| ("with", id.to_string()));
        let weekdays = self.pattern.weekdays.iter().map(|day| ("weekday", day.to_string()));
        let yes_no = if self.court_ordered { "yes" } else { "no" };
        let single = [
            ("bound", self.frequency.bound.code().to_owned()),
            ("count", self.frequency.count.to_string()),
            ("per", self.frequency.per.code().to_owned()),
            ("start", calendar::clock(self.pattern.start_minute)),
            ("every_weeks", self.pattern.every_weeks.to_string()),
            ("minutes", self.minutes.to_string()),
            ("court_ordered", yes_no.to_owned()),
            ("supervision", self.supervision.code().to_owned()),
            ("mode", self.mode.code().to_owned()),
            ("transport", self.transport.clone().unwrap_or_default()),
            ("rules", self.rules.clone().unwrap_or_default()),
            ("contingency", self.contingency.clone().unwrap_or_default()),
        ];
        let mut fields: Fields = several.chain(weekdays).chain(single).collect();
        fields.set_date("from", self.from);
        if let Some(to) = self.to {
            fields.set_date("to", to);
        }
        fields
    }

    /// Whether a day is one of the pattern's, whatever the calendar says.
    fn falls_on(&self, day: Date) -> bool {
        let weekday = day.weekday().to_monday_one_offset();
        if day < self.from || self.to.is_some_and(|to| day > to) || !self.pattern.weekdays.contains(&weekday) {
            return false;
        }
        let first_week = calendar::day_number(self.from) - i64::from(self.from.weekday().to_monday_zero_offset());
        (calendar::day_number(day) - first_week) / 7 % self.pattern.every_weeks.max(1) == 0
    }

    /// The days that the pattern gives between two days (both included), each with why it cannot stand if it cannot.
    pub fn propose(&self, from: Date, to: Date) -> Vec<Proposed> {
        let last = from.checked_add(PROPOSE_DAYS.days()).map_or(to, |limit| limit.min(to));
        from.series(1.day())
            .take_while(|day| *day <= last)
            .filter(|day| self.falls_on(*day))
            .map(|day| Proposed {
                day,
                start_minute: self.pattern.start_minute,
                minutes: self.minutes,
                shut: calendar::bank_holiday(day),
            })
            .collect()
    }
}

/// A start time on a quarter of an hour, as minutes from midnight: rooms and people are booked by the quarter.
pub fn quarter_hour(r: &mut Reader, name: &str, label: &str) -> Option<i64> {
    let minute = r.required_time(name, label).map(|time: Time| calendar::time_minute(time))?;
    if minute % 15 != 0 {
        r.problem(name, format!("{label} must be on the quarter hour, like 10:00, 10:15 or 10:30"));
        return None;
    }
    Some(minute)
}

/// Says so when a weekly pattern cannot give what the frequency asks for.
fn falls_short(frequency: Frequency, days_a_week: usize, every_weeks: i64) -> Option<String> {
    let in_eight_weeks = i64::try_from(days_a_week).unwrap_or(0) * 8 / every_weeks.max(1);
    let (asked_in_eight, per) = match frequency.per {
        Per::Day => (frequency.count * 48, "day"),
        Per::Week => (frequency.count * 8, "week"),
        Per::Fortnight => (frequency.count * 4, "fortnight"),
        // A month has at least four weeks: a pattern that gives the number in four weeks gives it in every month.
        Per::Month => (frequency.count * 2, "month"),
        Per::SchoolTerm | Per::Year => return None,
    };
    (in_eight_weeks < asked_in_eight).then(|| {
        format!(
            "These days give fewer sessions than {} {} a {per}. Add a day or change how often",
            frequency.bound.label(),
            frequency.count
        )
    })
}

/// A day that a pattern gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Proposed {
    /// The day.
    pub day: Date,
    /// Start, minutes from midnight.
    pub start_minute: i64,
    /// Length in minutes.
    pub minutes: i64,
    /// The bank holiday that shuts the service, if there is one.
    pub shut: Option<&'static str>,
}

codes! {
    /// Where a plan stands.
    PlanState {
        Draft = "draft", "Draft";
        Agreed = "agreed", "Agreed";
        Active = "active", "Active";
        Suspended = "suspended", "Suspended";
        Ended = "ended", "Ended";
    }
}

codes! {
    /// What is done to a plan.
    PlanMove {
        Agree = "agree", "Agree";
        Start = "start", "Start";
        Suspend = "suspend", "Suspend";
        Resume = "resume", "Resume";
        End = "end", "End";
    }
}

impl PlanState {
    /// Whether its arrangements may still be changed.
    pub const fn can_be_edited(self) -> bool {
        matches!(self, PlanState::Draft)
    }

    /// The state after a move, or why it cannot be made.
    pub fn after(self, step: PlanMove) -> Result<PlanState, Refusal> {
        use {PlanMove as M, PlanState as S};
        match (self, step) {
            (S::Draft, M::Agree) => Ok(S::Agreed),
            (S::Agreed, M::Start) | (S::Suspended, M::Resume) => Ok(S::Active),
            (S::Active, M::Suspend) => Ok(S::Suspended),
            // A draft ends too: one that was begun by mistake would stand on the file for ever.
            (S::Draft | S::Agreed | S::Active | S::Suspended, M::End) => Ok(S::Ended),
            (state, _) => Err(Refusal::new(
                "plan.wrong_state",
                format!("This plan is {}, so that cannot be done to it now", state.label().to_lowercase()),
            )),
        }
    }
}

/// The day by which a plan started or reviewed on a day is reviewed (handbook section 7).
pub fn review_due(from: Date, review_months: i64) -> Date {
    let span = Span::new().try_months(review_months).unwrap_or_else(|_| 3.months());
    from.checked_add(span).unwrap_or(from)
}

/// A review of a plan that is running.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Who wrote it down.
    pub by: AccountId,
    /// On which day.
    pub on: Date,
    /// Who took part and what was decided.
    pub note: String,
}

/// The plan of one child.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactPlan {
    /// Its lines.
    pub arrangements: Vec<Arrangement>,
    /// Who agreed to it, in words, and when.
    pub agreed_with: Option<String>,
    /// Why it was suspended or ended.
    pub reason: Option<String>,
    /// The day it was started; nothing is due before a plan is.
    pub started_on: Option<Date>,
    /// The day it was ended.
    pub ended_on: Option<Date>,
    /// Its reviews, in order.
    pub reviews: Vec<Review>,
}

impl ContactPlan {
    /// One line.
    pub fn arrangement(&self, id: ArrangementId) -> Option<&Arrangement> {
        self.arrangements.iter().find(|line| line.id == id)
    }

    /// Whether it can be agreed.
    pub fn ready(&self) -> Result<(), Refusal> {
        if self.arrangements.is_empty() {
            return Err(Refusal::new("plan.empty", "Add at least one arrangement before the plan is agreed"));
        }
        Ok(())
    }
}
