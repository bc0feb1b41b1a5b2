//! Reaching the social worker: every attempt is kept, whoever made it (handbook section 5).

use serde::{Deserialize, Serialize};

use crate::calendar::{in_london, instant_ms};
use crate::codes::{YesNo, codes};
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use crate::ids::AccountId;

/// How far ahead a call can be put off, in days: the time to verify is shorter.
const CALL_BACK_DAYS: i64 = 30;

codes! {
    /// Why the social worker was not reached.
    CallOutcome {
        NoAnswer = "no_answer", "No answer";
        Message = "message", "Left a message";
        Colleague = "colleague", "Spoke to a colleague of theirs";
        WrongNumber = "wrong_number", "The number does not lead to them";
    }
}

/// One phone call, or an attempt at one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Who called.
    pub caller: AccountId,
    /// Whom: name as in the staff directory.
    pub called: String,
    /// The number from the staff directory.
    pub number: String,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// For how long, in minutes.
    pub minutes: i64,
    /// Whether the social worker was reached.
    pub reached: bool,
    /// Why not, if it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<CallOutcome>,
    /// When to call again, UTC milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_back_ms: Option<i64>,
    /// Anything to remember.
    pub note: Option<String>,
}

/// That somebody took the call up from a colleague: what was answered stays.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// From whom.
    pub from: AccountId,
    /// Who has it since.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
}

/// What a call's form says.
#[derive(Clone, Default)]
pub struct CallFacts {
    /// For how long, in minutes.
    pub minutes: i64,
    /// Whether the social worker was reached.
    pub reached: bool,
    /// Why not, if it was said.
    pub outcome: Option<CallOutcome>,
    /// When to call again, UTC milliseconds.
    pub call_back_ms: Option<i64>,
    /// Anything to remember.
    pub note: Option<String>,
}

impl CallFacts {
    /// Reads `reached`, `minutes`, `outcome`, `back_on` (a date, today when empty), `back_at` (a time) and `note`, at an
    /// instant in UTC milliseconds.
    pub fn read(fields: &Fields, now_ms: i64) -> Result<CallFacts, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let reached = r.required_choice("reached", "Whether you reached the social worker", YesNo::from_code);
        let reached = reached.is_some_and(YesNo::is_yes);
        let minutes = if reached {
            r.required_number("minutes", "How long the call took, in minutes", 1, 240)
        } else {
            r.number("minutes", "How long the call took, in minutes", 0, 240).or(Some(0))
        };
        let outcome = r.choice("outcome", "What happened", CallOutcome::from_code).filter(|_| !reached);
        let call_back_ms = call_back(&mut r, now_ms);
        let note = r.text("note", "Note", LONG_TEXT_CHARS);
        r.finish(CallFacts { minutes: minutes.unwrap_or_default(), reached, outcome, call_back_ms, note })
    }
}

/// The number that the social worker gives for themselves on the form, from the box `own_number`; it may be left empty.
pub fn read_own_number(fields: &Fields) -> Result<Option<String>, Vec<Problem>> {
    let mut r = Reader::new(fields);
    let number = r.phone("own_number", "Number you can be reached on");
    r.finish(number)
}

/// Whether two phone numbers are one, however each is written: spaces and marks, and `+44` for the first nought (ITU-T E.164).
pub fn is_same_number(one: &str, other: &str) -> bool {
    let plain = |number: &str| {
        let digits: String = number.replace("(0)", "").chars().filter(char::is_ascii_digit).collect();
        let abroad = number.trim().starts_with('+') || digits.starts_with("00");
        match digits.trim_start_matches('0').strip_prefix("44").filter(|_| abroad) {
            Some(rest) => format!("0{rest}"),
            None => digits,
        }
    };
    plain(one) == plain(other)
}

/// When to call again: a time, of today where no day is said.
fn call_back(r: &mut Reader<'_>, now_ms: i64) -> Option<i64> {
    let today = in_london(now_ms).date();
    let day = r.date("back_on", "Day to call back");
    let Some(time) = r.time("back_at", "Time to call back") else {
        if day.is_some() && r.fields().get("back_at").trim().is_empty() {
            r.problem("back_at", "Enter the time to call back, for example 14:00");
        }
        return None;
    };
    let at = instant_ms(day.unwrap_or(today), i64::from(time.hour()) * 60 + i64::from(time.minute()));
    if at <= now_ms {
        let words = "The time to call back has passed. Enter a later one, or the day if it is not today";
        r.problem("back_at", words);
        return None;
    }
    if at > now_ms.saturating_add(CALL_BACK_DAYS * 86_400_000) {
        r.problem("back_on", format!("The day to call back must be within {CALL_BACK_DAYS} days"));
        return None;
    }
    Some(at)
}
