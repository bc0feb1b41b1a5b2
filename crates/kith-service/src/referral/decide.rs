//! What the coordinator decides beside acceptance: return, decline.

use kith_domain::ids::ReferralId;
use kith_domain::notice::NoticeKind;
use kith_domain::referral::{Ending, ReferralMove, ReferralState};
use kith_store::Referral;

use crate::{Desk, ServiceError};

impl Desk {
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
