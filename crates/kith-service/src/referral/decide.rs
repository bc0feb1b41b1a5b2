//! What the coordinator decides beside acceptance: return, decline.

use kith_domain::ids::ReferralId;
use kith_domain::notice::NoticeKind;
use kith_domain::referral::{Ending, ReferralMove, ReferralState};
use kith_store::Referral;

use crate::paging::{Paged, window};
use crate::referral::ReferralView;
use crate::{Desk, ServiceError};

impl Desk {
    /// The referrals of the area that wait for somebody, longest waiting first.
    pub async fn referrals_waiting(&self, page: usize) -> Result<Paged<ReferralView>, ServiceError> {
        self.allow_service("referrals.read").await?;
        let look = self.snapshot().await?;
        let (many, after) = window(page);
        let (referrals, total) = look.referrals_waiting(many, after).await?;
        look.done("referrals.read", self.now_ms()).await?;
        Ok(Paged::new(referrals, total, page).map(|referral| self.referral_view(referral)))
    }

    /// Returns a referral to its social worker for information: `ending` says what is needed.
    pub async fn return_referral(&self, id: ReferralId, ending: &Ending) -> Result<(), ServiceError> {
        self.decide(id, ending, ReferralMove::ReturnForInformation, NoticeKind::ReferralReturned).await
    }

    /// Declines a referral.
    pub async fn decline_referral(&self, id: ReferralId, ending: &Ending) -> Result<(), ServiceError> {
        self.decide(id, ending, ReferralMove::Decline, NoticeKind::ReferralDeclined).await
    }

    async fn decide(
        &self,
        id: ReferralId,
        ending: &Ending,
        step: ReferralMove,
        kind: NoticeKind,
    ) -> Result<(), ServiceError> {
        self.allow_referral("referral.decide", id).await?;
        let now_ms = self.now_ms();
        self.change(kind.code(), |work| {
            let ending = ending.clone();
            async move {
                let mut referral: Referral = work.referral(id).await?;
                referral.state = referral.state.after(step)?;
                if referral.state == ReferralState::Returned {
                    referral.body.keep_as_sent();
                } else {
                    referral.decided_ms = Some(now_ms);
                    referral.body.looked_after = ending.looked_after;
                }
                referral.body.decision_reason = Some(ending.reason);
                work.save_referral(&mut referral).await?;
                self.note_kept(&work, &referral).await?;
                self.tell(&work, [self.worker_of(&work, referral.child).await?], kind, id.0).await?;
                Ok(())
            }
        })
        .await
    }
}
