//! The contact plan: how often, in which pattern, from when to when; which days that gives; what stands against its
//! being agreed (handbook section 7).

mod check;
mod compared;
mod frequency;
mod signed;
mod step;
#[cfg(test)]
mod tests;

use jiff::ToSpan;
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

use crate::calendar::{self, ServiceCalendar};
use crate::codes::{Supervision, WEEKDAYS, YesNo, codes};
use crate::delivery::Term;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader, SHORT_TEXT_CHARS};
use crate::ids::{ArrangementId, PersonId, PlanId, TermId, VenueId};
use crate::refusal::Refusal;

pub use crate::delivery::{Anchor, Bound, Per, When};
pub use check::{Checked, Grounds, LineProblem, OrderedTerm, check};
pub use frequency::{Frequency, Nth, Pattern, TIMES_MAX};
pub use signed::{AgreementReader, AgreementSignature, SignedHow};
pub use step::{PlanMove, PlanReview, PlanState, PlanStep, review_due};

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

/// One line of the plan. It keeps its id and its first day through every plan that follows another, so that what was
/// owed goes on being owed, and what was booked stays booked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrangement {
    /// Its id.
    pub id: ArrangementId,
    /// With whom, together.
    pub with: Vec<PersonId>,
    /// How often.
    pub frequency: Frequency,
    /// From where months and years are counted.
    #[serde(default = "as_the_calendar")]
    pub anchor: Anchor,
    /// On which days of the year it is owed.
    #[serde(default = "all_year")]
    pub when: When,
    /// The term of an order that it serves, if it serves one: then the order says what is owed.
    #[serde(default)]
    pub serves: Option<TermId>,
    /// The day from which every second (third, …) week is counted; `None` counts from its own first day.
    #[serde(default)]
    pub weeks_from: Option<Date>,
    /// On which days.
    pub pattern: Pattern,
    /// Length of a session in minutes; 0 for letters, which have none.
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
    /// Where, if it is always at one venue.
    #[serde(default)]
    pub venue: Option<VenueId>,
    /// Which interpreter comes, if one is needed.
    #[serde(default)]
    pub interpreter: Option<String>,
    /// How the child gets there and back.
    pub transport: Option<String>,
    /// Rules of the session.
    pub rules: Option<String>,
    /// What happens when it cannot take place.
    pub contingency: Option<String>,
}

const fn as_the_calendar() -> Anchor {
    Anchor::Calendar
}

const fn all_year() -> When {
    When::Always
}

impl Arrangement {
    /// Reads one arrangement's page. `calendar` is the authority's, against which the pattern is held.
    pub fn read(
        id: ArrangementId,
        fields: &Fields,
        calendar: &ServiceCalendar,
        today: Date,
    ) -> Result<Arrangement, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let with: Vec<PersonId> = fields.all("with").iter().filter_map(|id| id.parse().ok()).collect();
        if with.is_empty() {
            r.problem("with", "Select who the child is to see");
        }
        let serves = r.id("serves", "The term of the order").map(TermId);
        let frequency = Frequency::read(&mut r);
        let anchor = r.choice("anchor", "From where months and years are counted", Anchor::from_code);
        let when = r.choice("when", "When in the year", When::from_code);
        let mode = r.required_choice("mode", "How contact takes place", Mode::from_code);
        let (pattern, minutes) = read_pattern(&mut r, fields, mode);
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
        let court_ordered =
            r.required_choice("court_ordered", "Whether a court ordered this contact", YesNo::from_code);
        // Nobody is in a room with a letter.
        let letters = mode == Some(Mode::Letterbox);
        let supervision = if letters {
            Some(Supervision::Supervised)
        } else {
            r.required_choice("supervision", "The level of supervision", Supervision::from_code)
        };
        let in_person = mode.is_none_or(|mode| mode == Mode::InPerson);
        let venue = r.id("venue", "The venue").filter(|_| in_person).map(VenueId);
        let interpreter = r.text("interpreter", "Interpreter", SHORT_TEXT_CHARS).filter(|_| !letters);
        let transport = r.text("transport", "How the child gets there and back", LONG_TEXT_CHARS);
        let rules = r.text("rules", "Rules of the session", LONG_TEXT_CHARS);
        let contingency = r.text("contingency", "If it cannot take place", LONG_TEXT_CHARS);
        let read = (|| {
            Some(Arrangement {
                id,
                with,
                frequency: frequency?,
                anchor: anchor.unwrap_or(Anchor::Calendar),
                when: when.unwrap_or(When::Always),
                serves,
                weeks_from: None,
                pattern: pattern?,
                minutes: minutes?,
                from: from?,
                to,
                court_ordered: court_ordered?.is_yes() || serves.is_some(),
                supervision: supervision?,
                mode: mode?,
                venue,
                interpreter,
                transport: transport.filter(|_| in_person),
                rules,
                contingency,
            })
        })();
        if let Some(read) = read.as_ref().filter(|read| read.to.is_none_or(|to| to >= read.from)) {
            for problem in read.pattern_problems(calendar) {
                r.problem(problem.field, problem.message);
            }
        }
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
        let of_month = self.pattern.of_month.iter().map(|nth| ("of_month", nth.code().to_owned()));
        let yes_no = if self.court_ordered { "yes" } else { "no" };
        let minutes = if self.minutes == 0 { String::new() } else { self.minutes.to_string() };
        let single = [
            ("bound", self.frequency.bound.code().to_owned()),
            ("count", self.frequency.count.to_string()),
            ("per", self.frequency.per.code().to_owned()),
            ("anchor", self.anchor.code().to_owned()),
            ("when", self.when.code().to_owned()),
            ("serves", self.serves.map(|term| term.to_string()).unwrap_or_default()),
            ("start", self.pattern.start_minute.map(calendar::clock).unwrap_or_default()),
            ("every_weeks", self.pattern.every_weeks.to_string()),
            ("minutes", minutes),
            ("court_ordered", yes_no.to_owned()),
            ("supervision", self.supervision.code().to_owned()),
            ("mode", self.mode.code().to_owned()),
            ("venue", self.venue.map(|venue| venue.to_string()).unwrap_or_default()),
            ("interpreter", self.interpreter.clone().unwrap_or_default()),
            ("transport", self.transport.clone().unwrap_or_default()),
            ("rules", self.rules.clone().unwrap_or_default()),
            ("contingency", self.contingency.clone().unwrap_or_default()),
        ];
        let mut fields: Fields = several.chain(weekdays).chain(of_month).chain(single).collect();
        fields.set_date("from", self.from);
        if let Some(to) = self.to {
            fields.set_date("to", to);
        }
        fields
    }

    /// What it owes by itself, where it serves no order. `from` and `to` bound it further: it owes nothing before its
    /// plan was started, nor after that was ended.
    pub fn term(&self, from: Date, to: Option<Date>) -> Term {
        let first = |a: Option<Date>, b: Option<Date>| a.into_iter().chain(b).min();
        Term {
            from: self.from.max(from),
            to: first(self.to, to),
            bound: self.frequency.bound,
            count: self.frequency.count,
            per: self.frequency.per,
            anchor: self.anchor,
            minutes: Some(self.minutes).filter(|minutes| *minutes > 0),
            when: self.when,
        }
    }

    /// The whole line as one sentence; `with` are the names.
    pub fn sentence(&self, with: &str) -> String {
        let mut parts = vec![format!("{with}: {}", self.term(self.from, None).words())];
        let (pattern, mode) = (self.pattern.words(self.minutes), self.mode.label().to_lowercase());
        parts.push(crate::form::lower_first(&pattern));
        parts.push(if self.mode == Mode::Letterbox { "by letterbox".to_owned() } else { mode });
        if self.mode != Mode::Letterbox {
            parts.push(self.supervision.label().to_lowercase());
        }
        let from = calendar::long_date(self.from);
        parts.push(match self.to {
            Some(to) => format!("from {from} to {}", calendar::long_date(to)),
            None => format!("from {from} on"),
        });
        if self.court_ordered {
            parts.push("by order of the court".to_owned());
        }
        format!("{}.", parts.join("; "))
    }

    /// Whether a day is one of the pattern's, whatever the calendar says.
    fn falls_on(&self, day: Date) -> bool {
        day >= self.from
            && self.to.is_none_or(|to| day <= to)
            && self.pattern.falls_on(day, self.weeks_from.unwrap_or(self.from))
    }

    /// Whether a session on a day with these people still stands under it.
    pub fn holds(&self, day: Date, people: &[PersonId]) -> bool {
        let within = day >= self.from && self.to.is_none_or(|to| day <= to);
        within && people.iter().all(|person| self.with.contains(person))
    }

    /// What stands between the pattern and the frequency: days that give fewer sessions than are asked for, or more than
    /// are allowed, or none at all.
    fn pattern_problems(&self, calendar: &ServiceCalendar) -> Vec<Problem> {
        if self.pattern.weekdays.is_empty() {
            return Vec::new();
        }
        let a_year_on = calendar::day_of(calendar::day_number(self.from) + 400);
        let mut days = calendar::Days { from: self.from, to: self.to.map_or(a_year_on, |to| to.min(a_year_on)) }.each();
        if !days.any(|day| self.falls_on(day) && calendar.works(day)) {
            let message = "None of these days lies between the first and the last day on a day when the service works. \
                           Choose other days or other dates";
            return vec![Problem::new("weekday", message)];
        }
        let term = self.term(self.from, None);
        let falls_on = |day| i64::from(self.pattern.falls_on(day, self.weeks_from.unwrap_or(self.from)));
        let Some((least, most)) = frequency::days_in_spans(&Term { to: None, ..term }, falls_on, calendar) else {
            return Vec::new();
        };
        let asked = self.frequency;
        if asked.bound != Bound::AtMost && least < asked.count {
            return vec![Problem::new(
                "weekday",
                format!(
                    "These days give fewer sessions than {asked}: {} in some {}. Add a day or change how often",
                    in_words(least),
                    asked.per.label()
                ),
            )];
        }
        // A year has 52 or 53 Tuesdays: what is too many over so long a span is asked about when it is booked.
        let long = matches!(asked.per, Per::Year | Per::SchoolTerm | Per::SchoolHoliday);
        if asked.bound != Bound::AtLeast && most > asked.count && !long {
            return vec![Problem::new(
                "weekday",
                format!(
                    "These days give more sessions than {asked}: {} in some {}. Take a day out, choose which of the month, \
                     or change how often",
                    in_words(most),
                    asked.per.label()
                ),
            )];
        }
        Vec::new()
    }

    /// The days that the pattern gives between two days (both included), each with why it cannot stand if it cannot.
    /// None where no clock time is fixed: such sessions are booked one by one.
    pub fn propose(&self, from: Date, to: Date, calendar: &ServiceCalendar) -> Vec<Proposed> {
        let Some(start_minute) = self.pattern.start_minute else { return Vec::new() };
        let last = from.checked_add(PROPOSE_DAYS.days()).map_or(to, |limit| limit.min(to));
        from.series(1.day())
            .take_while(|day| *day <= last)
            .filter(|day| self.falls_on(*day))
            .map(|day| Proposed {
                day,
                start_minute,
                minutes: self.minutes,
                shut: calendar.shut(day).map(str::to_owned),
            })
            .collect()
    }
}

/// `none`, `1`, `2`.
fn in_words(number: i64) -> String {
    if number == 0 { "none".to_owned() } else { number.to_string() }
}

/// Reads `weekday`, `of_month`, `every_weeks`, `start` and `minutes`. Letters have no clock time and no length; contact
/// by video need not have a fixed time.
fn read_pattern(r: &mut Reader, fields: &Fields, mode: Option<Mode>) -> (Option<Pattern>, Option<i64>) {
    let weekdays: Vec<i8> =
        WEEKDAYS.iter().map(|(number, _)| *number).filter(|n| fields.has("weekday", &n.to_string())).collect();
    let of_month: Vec<Nth> = Nth::ALL.iter().copied().filter(|nth| fields.has("of_month", nth.code())).collect();
    let letters = mode == Some(Mode::Letterbox);
    if weekdays.is_empty() && (!letters || !of_month.is_empty()) {
        r.problem("weekday", "Select at least one day of the week");
    }
    let start = if mode.is_none_or(|mode| mode == Mode::InPerson) || !fields.get("start").trim().is_empty() {
        quarter_hour(r, "start", "Start time").map(Some)
    } else {
        Some(None)
    };
    let start = if letters { Some(None) } else { start };
    let every_weeks = r.number("every_weeks", "Every how many weeks", 1, 8).unwrap_or(1);
    if every_weeks > 1 && !of_month.is_empty() {
        r.problem("every_weeks", "Every how many weeks must be empty when you choose which of the month");
    }
    let minutes = if letters {
        Some(0)
    } else {
        r.required_number("minutes", "How long each session lasts, in minutes", 15, 480)
    };
    (start.map(|start_minute| Pattern { weekdays, start_minute, every_weeks, of_month }), minutes)
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

/// A day that a pattern gives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proposed {
    /// The day.
    pub day: Date,
    /// Start, minutes from midnight.
    pub start_minute: i64,
    /// Length in minutes.
    pub minutes: i64,
    /// The bank holiday or closed day that shuts the service, if there is one.
    pub shut: Option<String>,
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
    /// The plan that took its place, if one did: its arrangements go on there.
    #[serde(default)]
    pub replaced_by: Option<PlanId>,
    /// Its reviews, in order.
    pub reviews: Vec<PlanReview>,
    /// Who signed the written agreement, and who did not, in the order in which it was written down.
    #[serde(default)]
    pub signatures: Vec<AgreementSignature>,
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
