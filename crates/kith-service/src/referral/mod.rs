//! Referrals: written by a social worker, decided by a coordinator.

mod accept;
mod decide;
mod elsewhere;
mod group;
mod kept;
mod matches;
mod part;
pub(crate) mod statements;
#[cfg(test)]
mod tests;
mod write;

use jiff::civil::Date;
use kith_domain::calendar;
use kith_domain::clock::verification_due;
use kith_domain::ids::ReferralId;
use kith_domain::referral::ReferralState;
use kith_domain::retention::RecordCategory;
use kith_store::Referral;

pub use matches::{Both, Match, Matches};
pub use part::Parting;
pub use write::Saved;

pub(crate) use write::editable;

use crate::paging::{Paged, window};
use crate::{Desk, ServiceError};

/// A referral with what a page needs beside it.
pub struct ReferralView {
    /// The referral.
    pub referral: Referral,
    /// The social worker's name.
    pub referrer: String,
    /// By when it is to be verified, UTC milliseconds; once it was submitted.
    pub verify_by_ms: Option<i64>,
    /// Whether that time has passed and it is still not decided.
    pub overdue: bool,
    /// Of each child, with the name as typed, the retention category and the day on which its period ends: as long as it is
    /// not accepted, and of those who were taken off.
    pub kept: Vec<(String, RecordCategory, Date)>,
    /// How many documents go with it.
    pub documents: u64,
    /// Whether this person may change the form now.
    pub may_edit: bool,
    /// Whether this person may take a child off it now.
    pub may_take_off: bool,
    /// Whether this person may verify and decide it.
    pub may_decide: bool,
    /// Whether this person may accept although something is not known.
    pub may_override: bool,
}

impl Desk {
    /// One referral.
    pub async fn referral(&self, id: ReferralId) -> Result<ReferralView, ServiceError> {
        let (look, scope) = self.look_at_referral("referral.read", id).await?;
        let referral = look.referral(id).await?;
        let documents = look.count_documents_of_referral(id).await?;
        look.done("referral.read", self.now_ms()).await?;
        let resource = crate::policy::Resource::Referral(id.0, &scope);
        let may = |action| self.permits(action, &resource);
        let (edit, decide, manager) = (may("referral.edit"), may("referral.decide"), may("referral.override"));
        let mut view = self.referral_view(referral);
        view.documents = documents;
        view.may_edit = edit && view.referral.state.can_be_edited();
        let state = view.referral.state;
        view.may_take_off =
            !view.referral.body.siblings.is_empty() && (view.may_edit || ((edit || decide) && state.is_waiting()));
        view.may_decide = decide;
        view.may_override = manager;
        Ok(view)
    }

    pub(crate) fn referral_view(&self, referral: Referral) -> ReferralView {
        let waiting = referral.state.is_waiting();
        let verify_by_ms = referral.submitted_ms.map(|submitted| self.verify_by(submitted));
        let overdue = waiting && verify_by_ms.is_some_and(|by| by < self.now_ms());
        let referrer = self.service.name_of(referral.referrer);
        let open = referral.children().into_iter().filter(|_| referral.state != ReferralState::Accepted);
        let on = open.filter_map(|id| Some((id, referral.body.own_of(id, referral.child)?.name())));
        let off = referral.body.taken_off.iter().map(|taken| (taken.own.id, taken.own.name()));
        let kept = on.chain(off).map(|(id, name)| {
            let (category, until) = self.kept(&referral, id);
            (name, category, until)
        });
        let kept = kept.collect();
        ReferralView {
            referral,
            referrer,
            verify_by_ms,
            overdue,
            kept,
            documents: 0,
            may_edit: false,
            may_take_off: false,
            may_decide: false,
            may_override: false,
        }
    }

    /// The end of the working day by which a referral submitted at an instant is to be verified.
    pub(crate) fn verify_by(&self, submitted_ms: i64) -> i64 {
        let submitted = calendar::in_london(submitted_ms).date();
        let register = self.service.register();
        let days = u32::try_from(register.verify_within_working_days()).unwrap_or(1);
        calendar::instant_ms(verification_due(submitted, days, register.calendar()).day, 24 * 60 - 1)
    }

    /// A page, from 1, of the referrals of the children whose files a social worker has, newest first.
    pub async fn my_referrals(&self, page: usize) -> Result<Paged<ReferralView>, ServiceError> {
        self.allow_service("referral.create").await?;
        let look = self.snapshot().await?;
        let (many, after) = window(page);
        let (referrals, total) = look.my_referrals(many, after).await?;
        look.done("referrals.read", self.now_ms()).await?;
        Ok(Paged::new(referrals, total, page).map(|referral| self.referral_view(referral)))
    }
}
