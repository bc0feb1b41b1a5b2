//! Voiding assessments at once, and what is booked on them.

use kith_domain::calendar;
use kith_domain::ids::{AccountId, AssessmentId, ChildId, PersonId};
use kith_domain::notice::NoticeKind;
use kith_domain::risk::{AssessmentMove, AssessmentState, VoidReason};
use kith_domain::session::Flag;
use kith_store::{Look, RiskAssessment, Work};

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
    /// How many assessments are void now: those that were valid, waiting, returned or only begun.
    pub assessments: usize,
    /// How many sessions still to come are flagged.
    pub flagged: usize,
}

impl Desk {
    /// Voids an assessment at once, with every other one of the same person for the same child that is not over. See [`Desk::void_for`].
    pub async fn void_assessment(&self, id: AssessmentId, reason: VoidReason) -> Result<Voided, ServiceError> {
        self.allow_assessment("risk.write", id).await?;
        self.change("assessment.voided", |work| async move {
            let of = work.assessment(id).await?;
            if of.state == AssessmentState::Void && of.body.void_reason == Some(reason) {
                work.changed("risk_assessment", id.0, of.version);
                return Ok(Voided::default());
            }
            of.state.after(AssessmentMove::Void)?;
            self.void_for(&work, Bears { child: of.child, person: Some(of.person) }, reason).await
        })
        .await
    }

    /// Voids at once, in the transaction of what happened, every assessment that it bears on: approved ones, and those
    /// that are drafts, wait for approval or were returned, because they were thought before it (handbook section 6: "void
    /// at once after a serious incident, a new order, a change of placement or a new adult"). The sessions still to come
    /// of those whose valid assessment this was are flagged and their supervisors told; the coordinators of the area, the
    /// child's social worker and the authors are told. Asks nobody whether it may be done: who may record what happened
    /// may cause this.
    pub(crate) async fn void_for(&self, work: &Work, bears: Bears, reason: VoidReason) -> Result<Voided, ServiceError> {
        let Some(scope) = work.file_scope(bears.child).await? else { return Err(ServiceError::NotFound) };
        let today = calendar::day_number(self.service.today());
        let mut colleagues = self.coordinators_of(work, bears.child).await?;
        colleagues.push(scope.social_worker);
        let mut voided = Voided::default();
        let mut stood: Vec<PersonId> = Vec::new();
        for mut of in voidable(work, bears).await? {
            let before = of.state;
            of.state = before.after(AssessmentMove::Void)?;
            of.body.void_reason = Some(reason);
            work.save_assessment(&mut of).await?;
            voided.assessments += 1;
            let mut whom: Vec<AccountId> = vec![of.author];
            if before == AssessmentState::Approved {
                whom.extend(colleagues.iter().filter(|colleague| **colleague != of.author));
                stood.push(of.person);
            }
            self.tell(work, whom, NoticeKind::AssessmentVoid, of.id.0).await?;
        }
        if !stood.is_empty() {
            voided.flagged =
                self.flag_for_people(work, bears.child, &stood, today..=i64::MAX, Flag::AssessmentVoid).await?;
        }
        Ok(voided)
    }
}

/// The assessments that something bears on and that can be void: all that are not over.
pub(crate) async fn voidable(look: &Look, bears: Bears) -> Result<Vec<RiskAssessment>, ServiceError> {
    let mut all = look.assessments_of(bears.child).await?;
    all.retain(|of| {
        bears.person.is_none_or(|person| person == of.person) && of.state.after(AssessmentMove::Void).is_ok()
    });
    Ok(all)
}
