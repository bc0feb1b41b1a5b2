//! Something that may have happened to personal data: from the suspicion to what was learnt (UK GDPR Art 33 and 34; handbook
//! section 15).
//!
//! The clock of 72 hours runs from becoming aware, weekends included, and ends with the Commissioner being told, or with the
//! decision that there is no risk and why.

mod opened;
#[cfg(test)]
mod tests;

pub use opened::AccountLookedAt;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use crate::clock::{DueAt, breach_due};
use crate::codes::codes;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use crate::ids::{AccountId, ChildId};
use crate::refusal::Refusal;

codes! {
    /// What kind of thing happened (Art 4(12)).
    BreachKind {
        Disclosed = "disclosed", "Somebody saw or got what they must not";
        Lost = "lost", "Something was lost or stolen";
        Altered = "altered", "Something was changed that must not be";
        Unavailable = "unavailable", "Something could not be reached";
        Unknown = "unknown", "Not clear yet";
    }
}

codes! {
    /// The risk to people.
    BreachRisk {
        None = "none", "Unlikely to be a risk to anybody";
        Some = "some", "A risk";
        High = "high", "A high risk";
    }
}

codes! {
    /// Where it stands.
    BreachState {
        Suspected = "suspected", "Suspected";
        InHand = "in_hand", "In hand";
        Nothing = "nothing", "Nothing had happened";
        Closed = "closed", "Closed";
    }
}

codes! {
    /// What is done about it.
    BreachStepKind {
        Contained = "contained", "It was contained";
        Assessed = "assessed", "The risk was assessed";
        CommissionerTold = "commissioner_told", "The Commissioner was told";
        CommissionerNot = "commissioner_not", "The Commissioner is not told";
        PeopleTold = "people_told", "The people affected were told";
        PeopleNot = "people_not", "The people affected are not told";
        Learnt = "learnt", "What was learnt";
        Nothing = "nothing", "Nothing had happened";
        Closed = "closed", "Closed";
        Noted = "noted", "A note";
    }
}

/// What somebody noticed. No Debug: it names people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspicion {
    /// What kind.
    pub kind: BreachKind,
    /// What happened, as far as it is known.
    pub what: String,
    /// Whose data.
    pub whose: String,
    /// When the council became aware, in London.
    pub aware: DateTime,
    /// What was done about it at once.
    pub done: Option<String>,
}

/// A step that was taken.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachStep {
    /// What was done.
    pub kind: BreachStepKind,
    /// When, in London.
    pub at: DateTime,
    /// What there is to say of it.
    pub words: String,
    /// The risk, where it was assessed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<BreachRisk>,
    /// About how many people it is, where it was assessed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<i64>,
    /// Who did it.
    pub by: AccountId,
    /// When it was written down, UTC milliseconds.
    pub written_ms: i64,
}

/// A breach, or the suspicion of one, as it is kept. Steps are only added.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// What was noticed.
    pub suspicion: Suspicion,
    /// What was done, in the order in which it was written down.
    pub steps: Vec<BreachStep>,
    /// Whose account is looked at, and in which time, if one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountLookedAt>,
    /// The files, of those that it opened, that were said to be affected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub affected: Vec<ChildId>,
}

impl Suspicion {
    /// Reads `kind`, `what`, `whose`, `aware` (day) with `aware_time`, `done`.
    pub fn read(fields: &Fields, now: DateTime) -> Result<Suspicion, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let kind = r.required_choice("kind", "What kind of thing happened", BreachKind::from_code);
        let what = r.required("what", "What happened", LONG_TEXT_CHARS);
        let whose = r.required("whose", "Whose information it is", LONG_TEXT_CHARS);
        let day = r.required_date("aware", "Day on which you noticed it");
        let time = r.required_time("aware_time", "Time at which you noticed it");
        let aware = day.zip(time).map(|(day, time)| day.to_datetime(time));
        if aware.is_some_and(|aware| aware > now) {
            r.problem("aware-day", "When you noticed it must be in the past");
        }
        let done = r.text("done", "What was done about it at once", LONG_TEXT_CHARS);
        let problems = r.into_problems();
        match (kind, aware) {
            (Some(kind), Some(aware)) if problems.is_empty() => Ok(Suspicion { kind, what, whose, aware, done }),
            _ => Err(problems),
        }
    }
}

impl BreachStep {
    /// Reads `kind`, `words`, `risk` and `people` of an assessment; when it was done is `now` unless `on` and `on_time` say
    /// otherwise.
    pub fn read(fields: &Fields, now: DateTime, by: AccountId, written_ms: i64) -> Result<BreachStep, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let kind = r.required_choice("kind", "What was done", BreachStepKind::from_code);
        let words = r.required("words", "What there is to say of it", LONG_TEXT_CHARS);
        let at = match (r.date("on", "Day"), r.time("on_time", "Time")) {
            (Some(day), Some(time)) => day.to_datetime(time),
            (Some(_), None) => {
                r.problem("on_time", "Enter the time too, like 14:30: the 72 hours are counted in hours");
                now
            }
            (None, Some(time)) => now.date().to_datetime(time),
            (None, None) => now,
        };
        if at > now {
            r.problem("on-day", "When it was done must be in the past");
        }
        let (mut risk, mut people) = (None, None);
        if kind == Some(BreachStepKind::Assessed) {
            risk = r.required_choice("risk", "The risk to people", BreachRisk::from_code);
            people = r.required_number("people", "How many people it is about", 0, 10_000_000);
        }
        let problems = r.into_problems();
        match kind {
            Some(kind) if problems.is_empty() => Ok(BreachStep { kind, at, words, risk, people, by, written_ms }),
            _ => Err(problems),
        }
    }
}

impl Breach {
    /// One of which nothing was done yet.
    pub fn new(suspicion: Suspicion) -> Self {
        Self { suspicion, steps: Vec::new(), account: None, affected: Vec::new() }
    }

    /// Whether a step of this kind was taken.
    pub fn has(&self, kind: BreachStepKind) -> bool {
        self.steps.iter().any(|step| step.kind == kind)
    }

    /// The last assessment of the risk.
    pub fn risk(&self) -> Option<BreachRisk> {
        self.steps.iter().rev().find_map(|step| step.risk)
    }

    /// Where it stands.
    pub fn state(&self) -> BreachState {
        if self.has(BreachStepKind::Closed) {
            BreachState::Closed
        } else if self.has(BreachStepKind::Nothing) {
            BreachState::Nothing
        } else if self.steps.is_empty() {
            BreachState::Suspected
        } else {
            BreachState::InHand
        }
    }

    /// By when the Commissioner is told; `None` once that is decided, and outside the calendar.
    pub fn due(&self) -> Option<DueAt> {
        let decided = [BreachStepKind::CommissionerTold, BreachStepKind::CommissionerNot, BreachStepKind::Nothing];
        let open = !decided.into_iter().any(|kind| self.has(kind));
        open.then(|| breach_due(self.suspicion.aware)).flatten()
    }

    /// What is still to be done before it can be closed, in words for the person.
    pub fn missing(&self) -> Vec<&'static str> {
        use BreachStepKind::{Assessed, CommissionerNot, CommissionerTold, Contained, Learnt, PeopleNot, PeopleTold};
        let mut missing = Vec::new();
        if !self.has(Contained) {
            missing.push("Contain it: get back what went out, shut what is open");
        }
        if !self.has(Assessed) {
            missing.push("Assess the risk to the people");
        }
        if !self.has(CommissionerTold) && !self.has(CommissionerNot) {
            missing.push("Tell the Commissioner, or write down why not");
        }
        if self.risk() == Some(BreachRisk::High) && !self.has(PeopleTold) && !self.has(PeopleNot) {
            missing.push("Tell the people affected, or write down why not");
        }
        if !self.has(Learnt) {
            missing.push("Write down what was learnt");
        }
        missing
    }

    /// The steps that can be taken now.
    pub fn possible(&self) -> Vec<BreachStepKind> {
        BreachStepKind::ALL.iter().copied().filter(|kind| self.why_not(*kind).is_none()).collect()
    }

    fn why_not(&self, kind: BreachStepKind) -> Option<Refusal> {
        use BreachStepKind as Kind;
        let no = |code, words: &str| Some(Refusal::new(code, words));
        if matches!(self.state(), BreachState::Closed | BreachState::Nothing) && kind != Kind::Noted {
            return no("breach.closed", "This has been closed. Add a note if there is more to say");
        }
        match kind {
            Kind::CommissionerNot if self.risk() != Some(BreachRisk::None) => no(
                "breach.risk",
                "The Commissioner is told unless a risk is unlikely (UK GDPR Art 33(1)): assess the risk first",
            ),
            Kind::CommissionerTold | Kind::CommissionerNot if self.has(Kind::CommissionerTold) => {
                no("breach.told", "The Commissioner has been told already: add a note of what was told since")
            }
            Kind::PeopleTold | Kind::PeopleNot if !self.has(Kind::Assessed) => {
                no("breach.unassessed", "Assess the risk first: it says whether the people are told")
            }
            Kind::Nothing if self.has(Kind::CommissionerTold) => {
                no("breach.told", "The Commissioner has been told: close it with what was learnt")
            }
            Kind::Closed => self.missing().first().map(|first| {
                Refusal::new("breach.missing", format!("Before it is closed: {}", crate::form::lower_first(first)))
            }),
            _ => None,
        }
    }

    /// Takes a step. [`Problem`]s of what was typed are read before; here a rule can stand against it.
    pub fn take(&mut self, step: BreachStep) -> Result<(), Refusal> {
        if let Some(why) = self.why_not(step.kind) {
            return Err(why);
        }
        self.steps.push(step);
        Ok(())
    }
}
