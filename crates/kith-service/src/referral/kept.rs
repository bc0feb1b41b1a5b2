//! For how long what a referral says of a child is kept that was not, or not yet, accepted (handbook section 19).

use jiff::civil::Date;
use kith_domain::calendar::in_london;
use kith_domain::ids::ChildId;
use kith_domain::person::Birth;
use kith_domain::referral::ReferralState;
use kith_domain::retention::{self, FileKept, NotAccepted, RecordCategory};
use kith_store::{ChildState, Referral, Work};

use crate::{Desk, ServiceError};

impl Desk {
    /// The retention category of what a referral says of one of its children, and the day on which its period ends. What was never sent
    /// is kept from the day on which somebody last worked on it. What is not decided yet counts as decided today; of a child who was
    /// taken off it was decided then.
    pub(crate) fn kept(&self, referral: &Referral, child: ChildId) -> (RecordCategory, Date) {
        if referral.state == ReferralState::Draft {
            return self.never_sent();
        }
        let form = &referral.body;
        let taken = form.taken_off.iter().find(|taken| taken.own.id == child);
        let (own, looked_after, decided) = match taken {
            Some(taken) => (Some(taken.own.clone()), taken.looked_after.or(form.is_looked_after()), Some(taken.at_ms)),
            None => (form.own_of(child, referral.child), form.is_looked_after(), referral.decided_ms),
        };
        let decided = decided.map_or_else(|| self.service.today(), |ms| in_london(ms).date());
        let years = self.service.register().not_accepted_years();
        let birth = own.and_then(|own| Birth::of(&own.child));
        NotAccepted { birth, looked_after, decided, years }.kept()
    }

    fn never_sent(&self) -> (RecordCategory, Date) {
        retention::never_sent(self.service.today(), self.service.register().not_accepted_years())
    }

    /// For how long a referral is kept that is begun, or worked on, today and not sent.
    pub(super) fn draft_kept(&self) -> FileKept {
        let (category, until) = self.never_sent();
        FileKept { category, until, rule: self.rule_of_referral(category) }
    }

    /// By which rule a referral is kept that was not accepted, in words.
    fn rule_of_referral(&self, category: RecordCategory) -> String {
        match category {
            RecordCategory::NotAccepted => {
                let years = self.service.register().not_accepted_years();
                format!("{years} years from the decision: the child is not looked after")
            }
            RecordCategory::Draft => {
                let years = self.service.register().not_accepted_years();
                format!("{years} years from when somebody last worked on it: it was never sent")
            }
            _ => "until the 75th anniversary of the birth: part of the case file of a looked-after child".to_owned(),
        }
    }

    /// Notes with the file of each child, of those too who were taken off, when its retention is next looked at, as long as
    /// nothing of it was accepted.
    pub(crate) async fn note_kept(&self, work: &Work, referral: &Referral) -> Result<(), ServiceError> {
        let taken_off = referral.body.taken_off.iter().map(|taken| taken.own.id);
        for id in referral.children().into_iter().chain(taken_off) {
            let mut child = work.child(id).await?;
            let (category, until) = self.kept(referral, id);
            let kept = FileKept { category, until, rule: self.rule_of_referral(category) };
            if child.state == ChildState::Referred && child.body.kept.as_ref() != Some(&kept) {
                child.keep(kept);
                work.save_child(&mut child).await?;
            }
        }
        Ok(())
    }
}
