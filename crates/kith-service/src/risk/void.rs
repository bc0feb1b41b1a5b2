//! Voiding an assessment at once, and what is booked on it.

use kith_domain::calendar;
use kith_domain::form::{Fields, Reader};
use kith_domain::ids::AssessmentId;
use kith_domain::notice::NoticeKind;
use kith_domain::risk::{AssessmentMove, AssessmentState, VoidReason};
use kith_domain::session::Flag;

use crate::{Desk, ServiceError};

/// What voiding an assessment did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voided {
    /// How many sessions still to come are flagged.
    pub flagged: usize,
}

impl Desk {
    /// Voids an approved assessment at once: `reason` is a [`VoidReason`]. Sessions of the child with the person that
    /// are still to come are flagged; the coordinators of the area, the child's social worker and the supervisors of those
    /// sessions are told.
    pub async fn void_assessment(&self, id: AssessmentId, fields: &Fields) -> Result<Voided, ServiceError> {
        let scope = self.allow_assessment("risk.write", id).await?;
        let mut r = Reader::new(fields);
        let reason = r.required_choice("reason", "Why it is void", VoidReason::from_code);
        r.finish(())?;
        let social_worker = scope.social_worker;
        let today = calendar::day_number(self.service.today());
        self.change("assessment.voided", |work| async move {
            let mut of = work.assessment(id).await?;
            if of.state == AssessmentState::Void && of.body.void_reason == reason {
                work.changed("risk_assessment", id.0, of.version);
                return Ok(Voided { flagged: 0 });
            }
            of.state = of.state.after(AssessmentMove::Void)?;
            of.body.void_reason = reason;
            work.save_assessment(&mut of).await?;
            let flagged = self.flag_for_person(&work, of.child, of.person, today, Flag::AssessmentVoid).await?;
            let mut whom = self.coordinators_of(&work, of.child).await?;
            whom.push(social_worker);
            self.tell(&work, whom, NoticeKind::AssessmentVoid, id.0).await?;
            Ok(Voided { flagged })
        })
        .await
    }
}
