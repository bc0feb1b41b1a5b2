//! The number that a social worker gives for themselves when they send a referral.

use kith_domain::ids::ReferralId;

use crate::{Desk, ServiceError};

impl Desk {
    /// Keeps the number on a referral that is still to be sent, or that there is none. Of one that was sent nothing changes.
    pub async fn give_own_number(&self, id: ReferralId, number: Option<&str>) -> Result<(), ServiceError> {
        self.allow_referral("referral.edit", id).await?;
        self.change("referral.saved", |work| async move {
            let mut referral = work.referral(id).await?;
            if !referral.state.can_be_edited() || referral.body.own_number.as_deref() == number {
                work.changed("referral", id.0, referral.version);
                return Ok(());
            }
            referral.body.own_number = number.map(str::to_owned);
            Ok(work.save_referral(&mut referral).await?)
        })
        .await
    }
}
