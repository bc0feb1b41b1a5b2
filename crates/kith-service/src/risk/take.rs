//! Taking over an assessment whose author has left: it goes on as the work of who takes it, and says whose it was.

use kith_domain::account::TakenOver;
use kith_domain::ids::{AccountId, AssessmentId};
use kith_domain::notice::NoticeKind;
use kith_domain::risk::AssessmentState;
use kith_store::Work;

use crate::{Desk, ServiceError};

/// Whether something is still to be done by its author.
pub(super) fn goes_on(state: AssessmentState) -> bool {
    state.can_be_edited() || state == AssessmentState::AwaitingApproval
}

impl Desk {
    /// Takes over an assessment whose author has left; who takes it cannot approve it. Done twice it is done once.
    pub async fn take_assessment(&self, id: AssessmentId) -> Result<(), ServiceError> {
        self.allow_assessment("risk.write", id).await?;
        let me = self.me()?;
        self.change("assessment.taken_over", |work| async move {
            let of = work.assessment(id).await?;
            if of.author == me {
                work.changed("risk_assessment", id.0, of.version);
                return Ok(());
            }
            if !self.has_left(of.author) {
                return Err(ServiceError::rule(
                    "risk.author_here",
                    format!("{} is still here and goes on with it. Speak to them", self.service.name_of(of.author)),
                ));
            }
            if !goes_on(of.state) {
                return Err(ServiceError::rule(
                    "risk.locked",
                    format!("This risk assessment is {}: begin a new one", of.state.label().to_lowercase()),
                ));
            }
            self.take_assessment_in(&work, id, me).await
        })
        .await
    }

    /// Gives it to somebody in a piece of work, and tells them.
    pub(crate) async fn take_assessment_in(
        &self,
        work: &Work,
        id: AssessmentId,
        to: AccountId,
    ) -> Result<(), ServiceError> {
        let mut of = work.assessment(id).await?;
        of.body.taken_over.push(TakenOver { from: of.author, to, at_ms: self.now_ms() });
        of.author = to;
        work.save_assessment(&mut of).await?;
        self.tell(work, [to], NoticeKind::AssessmentTaken, id.0).await
    }
}
