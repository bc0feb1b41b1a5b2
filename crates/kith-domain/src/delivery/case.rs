//! A case of counting, written down as JSON, and its answers: how `kith delivered` is asked, so that the counting can be
//! tried by anybody.
//!
//! A case has `term`, `people`, `school_terms`, `closed`, `sessions`, `period` and `today`; days are `2026-11-24`, times
//! `10:00`. An answer is one object for each person and span. What is wrong in a case is named by the field it is in.

use std::fmt;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Anchor, Bound, Delivered, Outcome, Per, Session, Stay, Term, When, count};
use crate::calendar::{ClosedDay, Days, ServiceCalendar};
use crate::session::CancelledBy;

/// The most times that a term can ask for in one span: once a day in a leap year.
pub const COUNT_LIMIT: i64 = 366;
/// The longest single session that a term can ask for, in minutes.
pub const MINUTES_LIMIT: i64 = 24 * 60;

/// What is wrong in a case, by its field: `sessions[3].start`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct Wrong {
    /// Where.
    pub field: String,
    /// What, and what is expected there.
    pub message: String,
}

/// A case that was read.
pub struct CountCase {
    term: Term,
    people: Vec<String>,
    calendar: ServiceCalendar,
    sessions: Vec<Session<usize>>,
    period: Days,
    today: Date,
}

/// One line of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// Whose.
    pub person: String,
    /// The span's first day.
    pub from: Date,
    /// The span's last day.
    pub to: Date,
    /// Whether it is still running.
    pub running: bool,
    /// Times owed.
    pub due: i64,
    /// Minutes owed, where the term gives a length.
    pub due_minutes: Option<i64>,
    /// Sessions offered.
    pub offered: i64,
    /// Sessions held.
    pub held: i64,
    /// Minutes held.
    pub held_minutes: i64,
    /// Times missing; `None` while running.
    pub shortfall: Option<i64>,
    /// Minutes missing; `None` while running, or without a length.
    pub shortfall_minutes: Option<i64>,
    /// Times beyond what the term allows.
    pub excess: i64,
}

impl CountCase {
    /// Reads a case.
    pub fn read(json: &str) -> Result<CountCase, Wrong> {
        let value: Value =
            serde_json::from_str(json).map_err(|error| wrong("case", format!("is not JSON: {error}")))?;
        let case = object(At::top("case"), &value)?;
        let known = ["term", "people", "school_terms", "closed", "sessions", "period", "today"];
        case.only(&known)?;
        let people = names(case.need("people")?)?;
        if people.is_empty() {
            return Err(wrong("people", "must name at least one person"));
        }
        let term = term(case.need("term")?)?;
        let calendar = ServiceCalendar {
            closed: list(case.need("closed")?, day)?
                .into_iter()
                .map(|day| ClosedDay { day, name: "closed".to_owned() })
                .collect(),
            school_terms: school_terms(case.need("school_terms")?)?,
        };
        let mut everybody = people.clone();
        let sessions = list(case.need("sessions")?, |given| session(given, &mut everybody))?;
        Ok(CountCase {
            term,
            people,
            calendar,
            sessions,
            period: days(case.need("period")?)?,
            today: day(case.need("today")?)?,
        })
    }

    /// Its answers: for each person in the order given, each span in order of time.
    pub fn answers(&self) -> Vec<Counted> {
        let people: Vec<usize> = (0..self.people.len()).collect();
        let counted = count(&self.term, &people, &self.calendar, &self.sessions, self.period, self.today);
        counted.into_iter().map(|delivered| self.answer(&delivered)).collect()
    }

    fn answer(&self, delivered: &Delivered<usize>) -> Counted {
        Counted {
            person: self.people[delivered.person].clone(),
            from: delivered.span.from,
            to: delivered.span.to,
            running: delivered.running,
            due: delivered.due,
            due_minutes: delivered.due_minutes,
            offered: delivered.offered,
            held: delivered.held,
            held_minutes: delivered.held_minutes,
            shortfall: delivered.shortfall,
            shortfall_minutes: delivered.shortfall_minutes,
            excess: delivered.excess,
        }
    }
}

/// Where a value is, for naming it: `sessions[3].start`.
#[derive(Clone)]
struct At(String);

impl At {
    fn top(name: &str) -> At {
        At(name.to_owned())
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A value with where it is.
#[derive(Clone)]
struct Given<'a> {
    at: At,
    value: &'a Value,
}

struct Object<'a> {
    at: At,
    fields: &'a Map<String, Value>,
}

impl<'a> Object<'a> {
    fn place(&self, name: &str) -> At {
        At(if self.at.0 == "case" { name.to_owned() } else { format!("{}.{name}", self.at) })
    }

    fn need(&self, name: &str) -> Result<Given<'a>, Wrong> {
        let at = self.place(name);
        self.fields.get(name).map(|value| Given { at: at.clone(), value }).ok_or_else(|| wrong(at, "is missing"))
    }

    /// A field that may be missing or null.
    fn may(&self, name: &str) -> Option<Given<'a>> {
        let value = self.fields.get(name).filter(|value| !value.is_null())?;
        Some(Given { at: self.place(name), value })
    }

    /// A field that is none of ours was meant for something: it is not passed over.
    fn only(&self, known: &[&str]) -> Result<(), Wrong> {
        match self.fields.keys().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(wrong(self.place(name), format!("is not known. Known are {}", known.join(", ")))),
            None => Ok(()),
        }
    }
}

fn wrong(field: impl fmt::Display, message: impl Into<String>) -> Wrong {
    Wrong { field: field.to_string(), message: message.into() }
}

fn object(at: At, value: &Value) -> Result<Object<'_>, Wrong> {
    match value.as_object() {
        Some(fields) => Ok(Object { at, fields }),
        None => Err(wrong(at, "must be an object")),
    }
}

fn list<'a, T>(given: Given<'a>, mut read: impl FnMut(Given<'a>) -> Result<T, Wrong>) -> Result<Vec<T>, Wrong> {
    let Some(items) = given.value.as_array() else { return Err(wrong(given.at, "must be a list")) };
    items
        .iter()
        .enumerate()
        .map(|(index, value)| read(Given { at: At(format!("{}[{index}]", given.at)), value }))
        .collect()
}

fn text(given: &Given<'_>) -> Result<String, Wrong> {
    match given.value.as_str() {
        Some(text) if !text.trim().is_empty() => Ok(text.to_owned()),
        _ => Err(wrong(&given.at, "must be a text that is not empty")),
    }
}

fn number(given: &Given<'_>, low: i64, high: i64) -> Result<i64, Wrong> {
    match given.value.as_i64() {
        Some(number) if (low..=high).contains(&number) => Ok(number),
        _ => Err(wrong(&given.at, format!("must be a whole number from {low} to {high}"))),
    }
}

fn day(given: Given<'_>) -> Result<Date, Wrong> {
    let read = given.value.as_str().filter(|text| text.len() == 10).and_then(|text| text.parse::<Date>().ok());
    match read {
        Some(day) if (1900..=2200).contains(&day.year()) => Ok(day),
        _ => Err(wrong(given.at, "must be a day from 1900 to 2200 that there is, like 2026-11-24")),
    }
}

fn days(given: Given<'_>) -> Result<Days, Wrong> {
    let fields = object(given.at, given.value)?;
    fields.only(&["from", "to"])?;
    let read = Days { from: day(fields.need("from")?)?, to: day(fields.need("to")?)? };
    if read.to < read.from {
        return Err(wrong(fields.place("to"), "must be on or after its from"));
    }
    Ok(read)
}

fn minute(given: Given<'_>) -> Result<i64, Wrong> {
    let parts = given.value.as_str().filter(|text| text.len() == 5).and_then(|text| text.split_once(':'));
    let figure =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<i64>().ok()).flatten();
    match parts.and_then(|(hours, minutes)| figure(hours).zip(figure(minutes))) {
        Some((hours @ 0..=23, minutes @ 0..=59)) => Ok(hours * 60 + minutes),
        _ => Err(wrong(given.at, "must be a time of the day, like 10:00")),
    }
}

fn choice<T: Copy>(
    given: &Given<'_>,
    all: &[T],
    code: fn(T) -> &'static str,
    from_code: fn(&str) -> Option<T>,
) -> Result<T, Wrong> {
    given.value.as_str().and_then(from_code).ok_or_else(|| {
        let codes: Vec<&str> = all.iter().map(|value| code(*value)).collect();
        wrong(&given.at, format!("must be one of {}", codes.join(", ")))
    })
}

fn names(given: Given<'_>) -> Result<Vec<String>, Wrong> {
    let mut seen: Vec<String> = Vec::new();
    list(given, |given| {
        let name = text(&given)?;
        if name == "child" {
            return Err(wrong(&given.at, "must be a family member: the child is in every session"));
        }
        if seen.contains(&name) {
            return Err(wrong(&given.at, "is named twice"));
        }
        seen.push(name.clone());
        Ok(name)
    })
}

fn term(given: Given<'_>) -> Result<Term, Wrong> {
    let fields = object(given.at, given.value)?;
    fields.only(&["from", "to", "bound", "count", "per", "anchor", "minutes", "when"])?;
    let from = day(fields.need("from")?)?;
    let to = fields.may("to").map(day).transpose()?;
    if to.is_some_and(|to| to < from) {
        return Err(wrong(fields.place("to"), "must be on or after its from, or null"));
    }
    let minutes = fields.may("minutes").map(|given| number(&given, 1, MINUTES_LIMIT)).transpose()?;
    Ok(Term {
        from,
        to,
        bound: choice(&fields.need("bound")?, Bound::ALL, Bound::code, Bound::from_code)?,
        count: number(&fields.need("count")?, 1, COUNT_LIMIT)?,
        per: choice(&fields.need("per")?, Per::ALL, Per::code, Per::from_code)?,
        anchor: choice(&fields.need("anchor")?, Anchor::ALL, Anchor::code, Anchor::from_code)?,
        minutes,
        when: choice(&fields.need("when")?, When::ALL, When::code, When::from_code)?,
    })
}

fn school_terms(given: Given<'_>) -> Result<Vec<Days>, Wrong> {
    let at = given.at.clone();
    let terms = list(given, days)?;
    match terms.windows(2).position(|pair| pair[1].from <= pair[0].to) {
        Some(index) => Err(wrong(format!("{at}[{}].from", index + 1), "must be after the term before it")),
        None => Ok(terms),
    }
}

/// Reads a session; family members who are not counted get a number after those who are.
fn session(given: Given<'_>, everybody: &mut Vec<String>) -> Result<Session<usize>, Wrong> {
    let fields = object(given.at, given.value)?;
    fields.only(&["day", "start", "end", "with", "state", "cancelled_by", "present"])?;
    let mut number_of = |name: String| {
        everybody.iter().position(|known| *known == name).unwrap_or_else(|| {
            everybody.push(name);
            everybody.len() - 1
        })
    };
    let (start, end) = (minute(fields.need("start")?)?, minute(fields.need("end")?)?);
    if end <= start {
        return Err(wrong(fields.place("end"), "must be later than its start"));
    }
    let with = names(fields.need("with")?)?.into_iter().map(&mut number_of).collect();
    let outcome = outcome(&fields)?;
    let mut read = Session { day: day(fields.need("day")?)?, with, outcome, child: Vec::new(), family: Vec::new() };
    if let Some(present) = fields.may("present") {
        let present = object(present.at, present.value)?;
        for (name, value) in present.fields {
            let at = present.place(name);
            let times = list(Given { at: at.clone(), value }, minute)?;
            let stay = match times.as_slice() {
                [from_minute, to_minute] if from_minute <= to_minute => {
                    Stay { from_minute: *from_minute, to_minute: *to_minute }
                }
                _ => return Err(wrong(at, "must be two times, when they came and when they left")),
            };
            if name == "child" {
                read.child.push(stay);
            } else {
                read.family.push((number_of(name.clone()), stay));
            }
        }
    }
    Ok(read)
}

fn outcome(fields: &Object<'_>) -> Result<Outcome, Wrong> {
    let state = fields.need("state")?;
    let by = fields.may("cancelled_by");
    let by = by.map(|given| choice(&given, CancelledBy::ALL, CancelledBy::code, CancelledBy::from_code)).transpose()?;
    let outcome = match (state.value.as_str().unwrap_or_default(), by) {
        ("cancelled", Some(by)) => return Ok(Outcome::Cancelled(by)),
        ("cancelled", None) => return Err(wrong(fields.place("cancelled_by"), "is missing: who cancelled")),
        ("held", _) => Outcome::Held,
        ("did_not_attend", _) => Outcome::DidNotAttend,
        ("unrecorded", _) => Outcome::Unrecorded,
        ("planned", _) => Outcome::Planned,
        _ => {
            let states = "held, did_not_attend, cancelled, unrecorded, planned";
            return Err(wrong(state.at, format!("must be one of {states}")));
        }
    };
    match by {
        Some(_) => Err(wrong(fields.place("cancelled_by"), "is only for a session that was cancelled")),
        None => Ok(outcome),
    }
}
