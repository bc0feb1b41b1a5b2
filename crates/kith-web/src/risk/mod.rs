//! Pages of the risk assessment.

pub(crate) mod approve;
mod figures;
mod form;
pub(crate) mod show;
pub(crate) mod write;

#[cfg(test)]
mod tests;

use kith_domain::calendar;
use kith_domain::risk::{AssessmentState, Level};
use kith_store::AssessmentOf;

use crate::ui::Tag;

/// The state of an assessment on a day (a day number) as a tag.
pub(crate) fn tag(of: &AssessmentOf, today: i64) -> Tag {
    let words = || of.state.label().to_owned();
    match of.state {
        AssessmentState::Draft => Tag { kind: "draft", words: words() },
        AssessmentState::AwaitingApproval => Tag { kind: "in-review", words: words() },
        AssessmentState::Returned => Tag { kind: "returned", words: words() },
        AssessmentState::Approved => match of.valid_until {
            Some(until) if until < today => Tag { kind: "expired", words: "Run out".to_owned() },
            Some(until) => {
                let until = calendar::long_date(calendar::day_of(until));
                Tag { kind: "approved", words: format!("Approved, valid to {until}") }
            }
            None => Tag { kind: "approved", words: words() },
        },
        AssessmentState::Void | AssessmentState::Replaced => Tag { kind: "void", words: words() },
    }
}

/// A level as a tag.
pub(crate) fn level_tag(level: Level) -> Tag {
    Tag { kind: level_kind(level), words: format!("{} risk", level.label()) }
}

/// The modifier of a level in the styles.
fn level_kind(level: Level) -> &'static str {
    match level {
        Level::Low => "low",
        Level::Medium => "medium",
        Level::High => "high",
        Level::VeryHigh => "very-high",
    }
}
