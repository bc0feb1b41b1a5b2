//! Referrals: written by a social worker, decided by a coordinator.

mod accept;
mod decide;
mod kept;
#[cfg(test)]
mod tests;
mod write;

use jiff::civil::Date;
use kith_domain::calendar;
use kith_domain::ids::ReferralId;
use kith_domain::referral::ReferralState;
use kith_domain::retention::RecordCategory;
use kith_store::{Found, Referral};

pub use write::Saved;

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
    /// Its retention category and the day on which its period ends, as long as it is not accepted.
    pub kept: Option<(RecordCategory, Date)>,
    /// Whether this person may change the form now.
    pub may_edit: bool,
    /// Whether this person may verify and decide it.
    pub may_decide: bool,
    /// Whether this person may accept although something is not known.
    pub may_override: bool,
}

impl Desk {
    /// One referral.
    pub async fn referral(&self, id: ReferralId) -> Result<ReferralView, ServiceError> {
        let scope = self.allow_referral("referral.read", id).await?;
        let look = self.look();
        let referral = look.referral(id).await?;
        look.done("referral.read", self.now_ms()).await?;
        let resource = crate::policy::Resource::Referral(id.0, &scope);
        let may = |action| self.permits(action, &resource);
        let (edit, decide, manager) = (may("referral.edit"), may("referral.decide"), may("referral.override"));
        let mut view = self.referral_view(referral);
        view.may_edit = edit && view.referral.state.can_be_edited();
        view.may_decide = decide;
        view.may_override = manager;
        Ok(view)
    }

    pub(crate) fn referral_view(&self, referral: Referral) -> ReferralView {
        let waiting = matches!(referral.state, ReferralState::Submitted | ReferralState::BeingVerified);
        let verify_by_ms = referral.submitted_ms.map(|submitted| self.verify_by(submitted));
        let overdue = waiting && verify_by_ms.is_some_and(|by| by < self.now_ms());
        let referrer = self.service.name_of(referral.referrer);
        let kept = (referral.state != ReferralState::Accepted).then(|| self.kept(&referral));
        ReferralView {
            referral,
            referrer,
            verify_by_ms,
            overdue,
            kept,
            may_edit: false,
            may_decide: false,
            may_override: false,
        }
    }

    /// The end of the working day by which a referral submitted at an instant is to be verified.
    pub(crate) fn verify_by(&self, submitted_ms: i64) -> i64 {
        let submitted = calendar::in_london(submitted_ms).date();
        let days = u32::try_from(self.service.register().verify_within_working_days()).unwrap_or(1);
        calendar::instant_ms(self.service.register().calendar().working_days_after(submitted, days), 24 * 60 - 1)
    }

    /// Referrals of the children whose files a social worker has, newest first.
    pub async fn my_referrals(&self) -> Result<Vec<ReferralView>, ServiceError> {
        self.allow_service("referral.create").await?;
        let look = self.look();
        let referrals = look.my_referrals().await?;
        look.done("referrals.read", self.now_ms()).await?;
        Ok(referrals.into_iter().map(|referral| self.referral_view(referral)).collect())
    }

    /// Children already held whose name, date of birth or Care First number is that of a referral: who may be the same.
    /// Only for the coordinator, and only files of their own area.
    pub async fn may_be_the_same(&self, id: ReferralId) -> Result<Vec<crate::file::Listed>, ServiceError> {
        let scope = self.allow_referral("referral.decide", id).await?;
        let look = self.look();
        let referral = look.referral(id).await?;
        let form = &referral.body;
        let mut found: Vec<Found> = Vec::new();
        for text in [form.child_name(), form.child.get("care_first").to_owned()] {
            if !text.trim().is_empty() {
                found.extend(look.search(&text).await?);
            }
        }
        found.retain(|hit| hit.person.is_none() && hit.child != scope.child);
        found.truncate(crate::file::PAGE_FILES);
        let listed = self.listed(&look, found).await?;
        look.done("referral.compared", self.now_ms()).await?;
        Ok(listed)
    }
}
