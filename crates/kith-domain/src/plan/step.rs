//! Where a plan stands and what is done to it: agreed, started, suspended, resumed, ended, reviewed.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::form::{Fields, Problem, Words};
use crate::ids::AccountId;
use crate::refusal::Refusal;

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

/// A move of a plan, with the words that it needs.
#[derive(Clone)]
pub enum PlanStep {
    /// The plan is agreed; the words say by whom and when.
    Agree(Words),
    /// It starts.
    Start,
    /// It is suspended; why.
    Suspend(Words),
    /// It goes on.
    Resume,
    /// It ends; why.
    End(Words),
}

impl PlanStep {
    /// Reads `agreed_with` of an agreement and `reason` of a suspension or an end.
    pub fn read(step: PlanMove, fields: &Fields) -> Result<PlanStep, Vec<Problem>> {
        Ok(match step {
            PlanMove::Agree => PlanStep::Agree(Words::read(fields, "agreed_with", "Who agreed to the plan, and when")?),
            PlanMove::Start => PlanStep::Start,
            PlanMove::Suspend => PlanStep::Suspend(Words::read(fields, "reason", "Why the plan is suspended")?),
            PlanMove::Resume => PlanStep::Resume,
            PlanMove::End => PlanStep::End(Words::read(fields, "reason", "Why the plan ends")?),
        })
    }

    /// Which move it is.
    pub const fn of(&self) -> PlanMove {
        match self {
            PlanStep::Agree(_) => PlanMove::Agree,
            PlanStep::Start => PlanMove::Start,
            PlanStep::Suspend(_) => PlanMove::Suspend,
            PlanStep::Resume => PlanMove::Resume,
            PlanStep::End(_) => PlanMove::End,
        }
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
pub struct PlanReview {
    /// Who wrote it down.
    pub by: AccountId,
    /// On which day.
    pub on: Date,
    /// Who took part and what was decided.
    pub note: String,
}

impl PlanReview {
    /// Reads `note`, what a review says.
    pub fn read(fields: &Fields) -> Result<Words, Vec<Problem>> {
        Words::read(fields, "note", "Who took part and what was decided")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Handbook section 7: a plan says who agreed to it, and one that is suspended or ended says why.
    #[test]
    fn a_step_that_needs_words_names_the_box_that_is_empty() {
        let blank: Fields = [("agreed_with", " "), ("reason", "\n")].into_iter().collect();
        for (step, field) in [
            (PlanMove::Agree, Some("agreed_with")),
            (PlanMove::Start, None),
            (PlanMove::Suspend, Some("reason")),
            (PlanMove::Resume, None),
            (PlanMove::End, Some("reason")),
        ] {
            let problems =
                PlanStep::read(step, &blank).map(|read| assert!(read.of() == step)).err().unwrap_or_default();
            let named: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
            assert_eq!(named, field.into_iter().collect::<Vec<_>>(), "{step:?}");
        }
        assert!(PlanReview::read(&blank).is_err());
    }
}
