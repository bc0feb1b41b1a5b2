//! Writing a risk assessment: begun for a relative, saved as typed, sent for approval.

use kith_domain::access::Role;
use kith_domain::form::Fields;
use kith_domain::ids::{AccountId, AssessmentId, ChildId, PersonId};
use kith_domain::notice::NoticeKind;
use kith_domain::risk::{Assessment, AssessmentMove, AssessmentState};
use kith_store::{AssessmentBody, RiskAssessment, StoreError};

use crate::drafts::{Saved, bounded};
use crate::file::child_in_contact;
use crate::{Desk, ServiceError};

impl Desk {
    /// Begins the assessment of a relative, or takes up the one that this person has begun and not yet sent. `id` was
    /// made when the form was shown: sending it twice begins one. Returns the id of the one to go on with.
    pub async fn begin_assessment(
        &self,
        child: ChildId,
        person: PersonId,
        id: AssessmentId,
    ) -> Result<AssessmentId, ServiceError> {
        self.allow_file("risk.write", child).await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        self.room_for_a_draft().await?;
        let begun = self
            .change("assessment.begun", |work| async move {
                child_in_contact(&work, child).await?;
                if !work.family(child).await?.iter().any(|relative| relative.person.id == person) {
                    return Err(ServiceError::rule(
                        "risk.not_family",
                        "Risk is assessed of people in the child’s family. Choose one from the child’s file",
                    ));
                }
                let mine = |of: &RiskAssessment| of.person == person && of.author == me && of.state.can_be_edited();
                if let Some(begun) = work.assessments_of(child).await?.into_iter().find(mine) {
                    work.changed("risk_assessment", begun.id.0, begun.version);
                    return Ok(begun.id);
                }
                let mut of = RiskAssessment {
                    id,
                    version: 0,
                    child,
                    person,
                    author: me,
                    approver: None,
                    state: AssessmentState::Draft,
                    created_ms: now_ms,
                    valid_from: None,
                    valid_until: None,
                    body: AssessmentBody::default(),
                };
                work.insert_assessment(&mut of).await?;
                Ok(id)
            })
            .await;
        match begun {
            // The same form again, after the assessment was sent. Another's id is refused.
            Err(ServiceError::Store(StoreError::Duplicate)) => {
                self.allow_assessment("risk.write", id).await?;
                Ok(id)
            }
            begun => begun,
        }
    }

    /// Saves the form as typed, over the version that was shown: also when something in it is wrong. A draft that a person
    /// is at is no command yet; sending it reads it.
    /// [`ServiceError::Conflict`] gives what was saved meanwhile, in another window.
    pub async fn save_assessment(&self, id: AssessmentId, typed: &Fields, version: i64) -> Result<Saved, ServiceError> {
        self.allow_assessment("risk.write", id).await?;
        bounded(typed)?;
        let me = self.me()?;
        self.change("assessment.saved", |work| {
            let typed = typed.clone();
            async move {
                let mut of = work.assessment(id).await?;
                self.editable(&of, me)?;
                let problems = Assessment::read(&typed).err().unwrap_or_default();
                if of.body.fields == typed {
                    work.changed("risk_assessment", id.0, of.version);
                    return Ok(Saved { version: of.version, problems });
                }
                if of.version != version && !of.body.fields.is_blank() {
                    return Err(ServiceError::Conflict { theirs: Box::new(of.body.fields), version: of.version });
                }
                of.body.fields = typed;
                work.save_assessment(&mut of).await?;
                Ok(Saved { version: of.version, problems })
            }
        })
        .await
    }

    /// Sends an assessment for approval, if nothing in it is missing or wrong, and tells those who may approve it. Sent
    /// twice is sent once.
    pub async fn send_assessment(&self, id: AssessmentId) -> Result<(), ServiceError> {
        let scope = self.allow_assessment("risk.write", id).await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        self.change("assessment.sent", |work| {
            let area = scope.area.clone();
            async move {
                let mut of = work.assessment(id).await?;
                if of.state == AssessmentState::AwaitingApproval && of.author == me {
                    work.changed("risk_assessment", id.0, of.version);
                    return Ok(());
                }
                self.editable(&of, me)?;
                of.state = of.state.after(AssessmentMove::Send)?;
                let read = Assessment::read(&of.body.fields)?;
                let mut approvers = self.of_area(Role::Manager, &area);
                if !read.needs_a_manager(self.service.register().manager_approves_from_score()) {
                    approvers.extend(self.of_area(Role::Coordinator, &area));
                }
                of.body.assessment = Some(read);
                of.body.sent_ms = Some(now_ms);
                work.save_assessment(&mut of).await?;
                self.tell(&work, approvers, NoticeKind::AssessmentAwaiting, id.0).await?;
                Ok(())
            }
        })
        .await
    }

    /// Only its author changes it: whoever else wrote in it would approve their own words.
    fn editable(&self, of: &RiskAssessment, me: AccountId) -> Result<(), ServiceError> {
        if !of.state.can_be_edited() {
            return Err(ServiceError::rule(
                "risk.locked",
                format!(
                    "This risk assessment is {}, so it cannot be changed. Begin a new one from the child’s file",
                    of.state.label().to_lowercase()
                ),
            ));
        }
        if of.author != me {
            return Err(ServiceError::rule(
                "risk.not_the_author",
                format!(
                    "Only {}, who began this risk assessment, can change it. You can begin one of your own",
                    self.service.name_of(of.author)
                ),
            ));
        }
        Ok(())
    }
}
