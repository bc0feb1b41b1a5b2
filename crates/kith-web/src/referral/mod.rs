//! Pages of the referral.

pub(crate) mod answers;
pub(crate) mod decide;
pub(crate) mod family;
pub(crate) mod forms;
pub(crate) mod hand_over;
pub(crate) mod list;
pub(crate) mod listed;
pub(crate) mod matches;
pub(crate) mod siblings;
pub(crate) mod write;

#[cfg(test)]
pub(crate) mod tests;

use kith_domain::referral::ReferralState;

use crate::ui::Tag;

/// The state of a referral as a tag.
pub(crate) fn tag(state: ReferralState) -> Tag {
    let kind = match state {
        ReferralState::Draft => "draft",
        ReferralState::Submitted => "submitted",
        ReferralState::BeingVerified => "verifying",
        ReferralState::Returned => "returned",
        ReferralState::Accepted => "accepted",
        ReferralState::Declined => "declined",
        ReferralState::Withdrawn => "withdrawn",
    };
    Tag { kind, words: state.label().to_owned() }
}
