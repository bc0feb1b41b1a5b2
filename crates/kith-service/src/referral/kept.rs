//! For how long a referral is kept that was not, or not yet, accepted (handbook section 19).

use jiff::civil::Date;
use kith_domain::calendar::in_london;
use kith_domain::retention::{self, NotAccepted, RecordCategory};
use kith_store::{ChildState, Referral, Work};

use crate::{Desk, ServiceError};

impl Desk {
    /// The retention category of what a referral says of its child, and the day on which its period ends. What is not
    /// decided yet counts as decided today.
    pub(crate) fn kept(&self, referral: &Referral) -> (RecordCategory, Date) {
        let decided = referral.decided_ms.map_or_else(|| self.service.today(), |ms| in_london(ms).date());
        let years = self.service.register().not_accepted_years();
        let form = &referral.body;
        NotAccepted { birth: form.birth(), looked_after: form.is_looked_after(), decided, years }.kept()
    }

    /// Notes with the child's file when its retention is next looked at, as long as nothing of it was accepted.
    pub(crate) async fn note_kept(&self, work: &Work, referral: &Referral) -> Result<(), ServiceError> {
        let mut child = work.child(referral.child).await?;
        let month = retention::month(self.kept(referral).1);
        if child.state == ChildState::Referred && child.retention_month != month {
            child.retention_month = month;
            work.save_child(&mut child).await?;
        }
        Ok(())
    }
}
