//! Acceptance: what was verified becomes the child's file, or each child's.

use kith_domain::ids::{ChildId, ReferralId};
use kith_domain::notice::NoticeKind;
use kith_domain::referral::{Legal, ReferralMove, ReferralState};
use kith_domain::verification::Verification;
use kith_store::{ChildState, Referral, StoreError, Work};

use super::statements::{Recognised, of_acceptance};
use crate::verification::against;
use crate::{Desk, ServiceError};

/// A person of a referral whose id is somebody's already: no browser of ours makes one.
fn named_twice(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Store(StoreError::Duplicate) => ServiceError::rule(
            "referral.named_twice",
            "A family member on this form cannot be told from somebody who is held already. Return it, so that the member \
             is taken off and added again",
        ),
        other => other,
    }
}

impl Desk {
    /// Accepts a referral that has been verified, and opens the child's file. Accepted twice is accepted once.
    pub async fn accept_referral(&self, id: ReferralId) -> Result<ChildId, ServiceError> {
        let scope = self.allow_referral("referral.decide", id).await?;
        let (today, now_ms) = (self.service.today(), self.now_ms());
        let child = scope.child;
        self.change("referral.accepted", |work| async move {
            let mut referral = work.referral(id).await?;
            if referral.state == ReferralState::Accepted {
                work.changed("referral", id.0, referral.version);
                return Ok(child);
            }
            referral.state = referral.state.after(ReferralMove::Accept)?;
            let verified = work.verification(id).await?.map_or_else(Verification::default, |of| of.body);
            let missing = against(&verified, &referral, today);
            if !missing.is_empty() {
                return Err(ServiceError::rule(
                    "referral.not_ready",
                    format!("This cannot be accepted yet. {}", missing.join(". ")),
                ));
            }
            referral.decided_ms = Some(now_ms);
            referral.body.decision_reason = None;
            work.save_referral(&mut referral).await?;
            for child in referral.body.children(child) {
                self.open_file(&work, child, &referral, &verified).await.map_err(named_twice)?;
            }
            self.tell(&work, [referral.referrer], NoticeKind::ReferralAccepted, id.0).await?;
            Ok(child)
        })
        .await
    }

    /// Opens the file of one child of the referral with everything that the form and the call said.
    async fn open_file(
        &self,
        work: &Work,
        id: ChildId,
        referral: &Referral,
        verified: &Verification,
    ) -> Result<(), ServiceError> {
        let mut child = work.child(id).await?;
        child.state = ChildState::Open;
        work.save_child(&mut child).await?;
        let form = verified.as_corrected(&referral.body);
        if id == referral.child
            && let Some(legal) = Legal::of(&form.legal)
        {
            self.first_order(work, id, &legal).await?;
        }
        // The order of making keeps the family in the order of the form.
        for (order, member) in (0_i64..).zip(&referral.body.family) {
            work.add_relative(id, member.id, self.now_ms() + order).await?;
        }
        let referrer = self.service.name_of(referral.referrer);
        let statements = of_acceptance(referral, verified, id, &Recognised::new(), &referrer);
        Ok(work.add_statements(&statements).await?)
    }
}
