//! Risk assessments: written for one child and one person, approved by somebody else, void at once when things change
//! (handbook section 6).

mod approve;
mod held;
mod take;
#[cfg(test)]
mod tests;
pub(crate) mod void;
mod write;

use kith_domain::calendar;
use kith_domain::form::Problem;
use kith_domain::ids::{AssessmentId, ChildId, PersonId};
use kith_domain::referral::RiskFacts;
use kith_domain::refusal::Refusal;
use kith_domain::risk::{Assessment, AssessmentState, may_approve};
use kith_store::{FileScope, Look, Relative, RiskAssessment, Session};

pub use approve::AwaitingApproval;
use take::goes_on;
pub use void::Voided;
pub(crate) use void::{Bears, voidable};

use crate::fact::Elsewhere;
use crate::flag::{is_to_come, sessions_with};
use crate::policy::Resource;
use crate::{Desk, ServiceError};

/// A risk assessment with what a page needs beside it. No Debug: it names people.
pub struct AssessmentView {
    /// The assessment.
    pub assessment: RiskAssessment,
    /// The child's name.
    pub child: String,
    /// The person, and how they stand to the child: relationship, whether they may attend, risk marker.
    pub relative: Relative,
    /// What other files know of the risk from the person.
    pub elsewhere: Vec<Elsewhere>,
    /// Concerns and what staff should know, from the referral.
    pub risk: Option<RiskFacts>,
    /// Who wrote it.
    pub author: String,
    /// Who approved it.
    pub approver: Option<String>,
    /// What is missing or wrong before it can be sent for approval.
    pub problems: Vec<Problem>,
    /// The other assessments of this person for this child, newest first.
    pub others: Vec<RiskAssessment>,
    /// What is other than in the assessment that was approved before it; nothing where there was none.
    pub changed: Option<Vec<String>>,
    /// Sessions to come with the person for whose day there is no valid assessment, in order of time: this one is void, has run
    /// out, or will have.
    pub endangered: Vec<Session>,
    /// Every session to come with the person, in order of time: what is marked when it is voided.
    pub booked: Vec<Session>,
    /// Whether this person may change it now.
    pub may_edit: bool,
    /// Whether this person may take it over from its author, who has left.
    pub may_take_over: bool,
    /// While it awaits approval, for those who may approve in this area: whether this person may approve this one, or
    /// why not.
    pub approval: Option<Result<(), Refusal>>,
    /// Whether this person may return it now.
    pub may_return: bool,
    /// Whether this person may void it now.
    pub may_void: bool,
}

impl Desk {
    /// One risk assessment.
    pub async fn assessment(&self, id: AssessmentId) -> Result<AssessmentView, ServiceError> {
        let child = self.look().child_of_assessment(id).await?;
        let (look, scope) = self.look_into_file_of("file.read", id.0, child).await?;
        let assessment = look.assessment(id).await?;
        let child = look.child(assessment.child).await?;
        let family = look.family(assessment.child).await?;
        let elsewhere = self.elsewhere(&look, assessment.child, &family).await?.remove(&assessment.person);
        let mut others = look.assessments_of(assessment.child).await?;
        let today = calendar::day_number(self.service.today());
        let mut endangered = sessions_with(&look, assessment.child, &[assessment.person], today).await?;
        let valid_on = |day| others.iter().any(|of| of.person == assessment.person && of.is_valid_on(day));
        endangered.retain(|session| is_to_come(session, self.now_ms()));
        let booked = endangered.clone();
        endangered.retain(|session| !valid_on(calendar::day_number(session.slot.day)));
        look.done("assessment.read", self.now_ms()).await?;
        others.retain(|other| other.person == assessment.person && other.id != id);
        let relative = relative_of(family, assessment.person).ok_or(ServiceError::NotFound)?;
        let mine = self.access.actor.is(assessment.author);
        let may = |action| self.permits(action, &Resource::File(&scope));
        let waiting = assessment.state == AssessmentState::AwaitingApproval;
        let approval = (waiting && may("risk.approve")).then(|| self.may_approve(&assessment));
        Ok(AssessmentView {
            child: child.name(),
            elsewhere: elsewhere.unwrap_or_default(),
            relative,
            risk: child.body.risk,
            author: self.service.name_of(assessment.author),
            approver: assessment.approver.map(|id| self.service.name_of(id)),
            problems: Assessment::read(&assessment.body.fields).err().unwrap_or_default(),
            changed: changed(&assessment, &others),
            endangered,
            booked,
            others,
            may_take_over: goes_on(assessment.state) && self.has_left(assessment.author) && may("risk.write"),
            may_edit: mine && assessment.state.can_be_edited() && may("risk.write"),
            may_return: approval.as_ref().is_some_and(|approval| approval.is_ok() || mine),
            approval,
            may_void: assessment.state == AssessmentState::Approved && may("risk.write"),
            assessment,
        })
    }

    /// Allows something to the file that an assessment belongs to, before the assessment is opened.
    async fn allow_assessment(&self, action: &'static str, id: AssessmentId) -> Result<FileScope, ServiceError> {
        self.allow_file_of(action, id.0, self.look().child_of_assessment(id).await?).await
    }

    /// Whether this person may approve an assessment that was sent, or why not.
    fn may_approve(&self, of: &RiskAssessment) -> Result<(), Refusal> {
        let Some(assessment) = &of.body.assessment else {
            return Err(Refusal::new("risk.not_sent", "This risk assessment has not been sent for approval yet"));
        };
        let from = self.service.register().manager_approves_from_score();
        // Who took it over has it as their own, and who had begun it is an author for ever.
        let wrote = |of: &RiskAssessment| {
            let mut before = of.body.taken_over.iter().map(|taken| taken.from);
            self.access.actor.is(of.author) || before.any(|from| self.access.actor.is(from))
        };
        may_approve(assessment, self.actor().role, wrote(of), from)
    }
}

/// What an assessment says otherwise than the one that was approved last before it.
fn changed(of: &RiskAssessment, others: &[RiskAssessment]) -> Option<Vec<String>> {
    let read = |of: &RiskAssessment| of.body.assessment.clone().or_else(|| Assessment::read(&of.body.fields).ok());
    let before = others.iter().filter(|other| other.created_ms < of.created_ms && other.valid_from.is_some());
    let before = before.max_by_key(|other| other.created_ms).and_then(read)?;
    Some(read(of)?.changed_since(&before))
}

fn relative_of(family: Vec<Relative>, person: PersonId) -> Option<Relative> {
    family.into_iter().find(|relative| relative.person.id == person)
}

/// The assessment of a person for a child that is valid on a day (a day number), if there is one: without it no session
/// is confirmed for that person (handbook section 6).
pub(crate) async fn valid_assessment(
    look: &Look,
    child: ChildId,
    person: PersonId,
    day: i64,
) -> Result<Option<RiskAssessment>, ServiceError> {
    let assessments = look.assessments_of(child).await?;
    Ok(assessments.into_iter().find(|of| of.person == person && of.is_valid_on(day)))
}
