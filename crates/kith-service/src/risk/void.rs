//! Voiding an assessment at once, and what is booked on it.

use kith_domain::calendar;
use kith_domain::form::{Fields, Reader};
use kith_domain::ids::{AssessmentId, ChildId, PersonId};
use kith_domain::notice::NoticeKind;
use kith_domain::risk::{AssessmentMove, AssessmentState, VoidReason};
use kith_domain::session::Flag;

use kith_store::Work;

use crate::{Desk, ServiceError};

/// On which assessments something that happened bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bears {
    /// Of which child.
    pub(crate) child: ChildId,
    /// Of which person; `None` when it bears on everybody the child sees: an order, a placement, another adult, an
    /// incident.
    pub(crate) person: Option<PersonId>,
}

/// What voiding did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Voided {
    /// How many assessments are void now.
    pub assessments: usize,
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
                return Ok(Voided::default());
            }
            of.state = of.state.after(AssessmentMove::Void)?;
            of.body.void_reason = reason;
            work.save_assessment(&mut of).await?;
            let flagged = self.flag_for_person(&work, of.child, of.person, today, Flag::AssessmentVoid).await?;
            let mut whom = self.coordinators_of(&work, of.child).await?;
            whom.push(social_worker);
            self.tell(&work, whom, NoticeKind::AssessmentVoid, id.0).await?;
            Ok(Voided { assessments: 1, flagged })
        })
        .await
    }

    /// Voids at once, in the transaction of what happened, every assessment that it bears on (handbook section 6: "void at
    /// once after a serious incident, a new order, a change of placement or a new adult"), and flags the sessions booked
    /// on them. Asks nobody whether it may be done: who may record what happened may cause this.
    pub(crate) async fn void_for(&self, work: &Work, bears: Bears, reason: VoidReason) -> Result<Voided, ServiceError> {
        let Some(scope) = work.file_scope(bears.child).await? else { return Err(ServiceError::NotFound) };
        let today = calendar::day_number(self.service.today());
        let mut voided = Voided::default();
        for mut of in work.assessments_of(bears.child).await? {
            if bears.person.is_some_and(|person| person != of.person) {
                continue;
            }
            let Ok(void) = of.state.after(AssessmentMove::Void) else { continue };
            of.state = void;
            of.body.void_reason = Some(reason);
            work.save_assessment(&mut of).await?;
            voided.assessments += 1;
            voided.flagged += self.flag_for_person(work, of.child, of.person, today, Flag::AssessmentVoid).await?;
            let mut whom = self.coordinators_of(work, of.child).await?;
            whom.push(scope.social_worker);
            self.tell(work, whom, NoticeKind::AssessmentVoid, of.id.0).await?;
        }
        Ok(voided)
    }
}
