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
use kith_store::RiskAssessment;

use crate::ui::Tag;

pub(crate) use show::taken_over;

/// The state of an assessment on a day (a day number) as a tag, with how long it is valid.
pub(crate) fn tag(of: &RiskAssessment, today: i64) -> Tag {
    tag_of(of.state, of.valid_until, today)
}

/// The same of a state, and until when it is valid (day numbers).
pub(crate) fn tag_of(state: AssessmentState, valid_until: Option<i64>, today: i64) -> Tag {
    let mut tag = state_tag(state, valid_until, today);
    if let ("approved", Some(until)) = (tag.kind, valid_until) {
        tag.words = format!("Approved, valid to {}", calendar::long_date(calendar::day_of(until)));
    }
    tag
}

/// The state of an assessment on a day as a tag, in a word.
fn state_tag(state: AssessmentState, valid_until: Option<i64>, today: i64) -> Tag {
    let kind = match state {
        AssessmentState::Draft => "draft",
        AssessmentState::AwaitingApproval => "in-review",
        AssessmentState::Returned => "returned",
        AssessmentState::Approved if valid_until.is_some_and(|until| until < today) => {
            return Tag { kind: "expired", words: "Run out".to_owned() };
        }
        AssessmentState::Approved => "approved",
        AssessmentState::Void => "void",
        AssessmentState::Replaced => "ended",
    };
    Tag { kind, words: state.label().to_owned() }
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
