//! Approval by another person: what waits, approving, returning with a reason.

use kith_domain::calendar;
use kith_domain::form::Words;
use kith_domain::ids::{AssessmentId, ChildId};
use kith_domain::notice::NoticeKind;
use kith_domain::risk::{Assessment, AssessmentMove, AssessmentState, Level, valid_until};
use kith_store::{Child, Counted, Relative};

use crate::paging::{Paged, in_state, window};
use crate::{Desk, ServiceError};

/// Last minute of a day.
const END_OF_DAY: i64 = 24 * 60 - 1;

/// An assessment in the list of those to be approved, or decided. No Debug: it names people.
pub struct AwaitingApproval {
    /// Its id.
    pub id: AssessmentId,
    /// The child's name.
    pub child: String,
    /// The person's name.
    pub person: String,
    /// The level, with the controls.
    pub level: Level,
    /// The score without the controls, 0 to 25: it decides who approves.
    pub score: i64,
    /// Who wrote it.
    pub author: String,
    /// When it was sent, UTC milliseconds.
    pub sent_ms: i64,
    /// Where it stands.
    pub state: AssessmentState,
    /// Until when it is valid, as a day number, once it was approved.
    pub valid_until: Option<i64>,
}

impl Desk {
    /// A page, from 1, of the assessments in a state, of those whose files this person reads, the oldest or the newest first;
    /// how many of the page wait for a manager; and how many there are in each state. Of those that wait, their own are
    /// never among them.
    pub async fn assessments_listed(
        &self,
        state: AssessmentState,
        newest_first: bool,
        page: usize,
    ) -> Result<(Paged<AwaitingApproval>, usize, Counted<AssessmentState>), ServiceError> {
        self.allow_service("approvals.read").await?;
        let look = self.snapshot().await?;
        let (listed, counts) = look.assessments_listed(state, newest_first, window(page)).await?;
        let total = in_state(&counts, state);
        let on_page = listed.len();
        let waits = state == AssessmentState::AwaitingApproval;
        let mine: Vec<_> = listed.into_iter().filter(|of| !waits || self.may_approve(of).is_ok()).collect();
        let for_manager = on_page - mine.len();
        let mut ids: Vec<ChildId> = mine.iter().map(|of| of.child).collect();
        ids.sort_unstable();
        ids.dedup();
        let (children, family) = (look.children(&ids).await?, look.families(&ids).await?);
        let mut list = Vec::with_capacity(mine.len());
        for of in mine {
            let child = children.iter().find(|child| child.id == of.child);
            let relative = family.iter().find(|relative| (relative.child, relative.person.id) == (of.child, of.person));
            list.push(AwaitingApproval {
                id: of.id,
                child: child.map(Child::name).unwrap_or_default(),
                person: relative.map(Relative::name).unwrap_or_default(),
                level: of.body.assessment.as_ref().map_or(Level::VeryHigh, |assessment| assessment.level),
                score: of.body.assessment.as_ref().map_or(0, Assessment::score),
                author: self.service.name_of(of.author),
                sent_ms: of.body.sent_ms.unwrap_or(of.created_ms),
                state: of.state,
                valid_until: of.valid_until,
            });
        }
        look.done("assessments.read", self.now_ms()).await?;
        Ok((Paged::new(list, total, page), for_manager, counts))
    }

    /// Approves an assessment from today on, for as many months as the register says. The one that was approved before
    /// it for the same child and person is replaced; sessions already booked that no longer meet it are flagged (handbook
    /// section 19). Approved twice by the same person is approved once.
    pub async fn approve_assessment(&self, id: AssessmentId) -> Result<(), ServiceError> {
        self.allow_assessment("risk.approve", id).await?;
        let (me, today) = (self.me()?, self.service.today());
        let until = valid_until(today, self.service.register().assessment_valid_months());
        self.change("assessment.approved", |work| async move {
            let mut of = work.assessment(id).await?;
            if of.state == AssessmentState::Approved && of.approver == Some(me) {
                work.changed("risk_assessment", id.0, of.version);
                return Ok(());
            }
            of.state = of.state.after(AssessmentMove::Approve)?;
            self.may_approve(&of)?;
            for mut before in work.assessments_of(of.child).await? {
                if before.person == of.person && before.state == AssessmentState::Approved {
                    before.state = before.state.after(AssessmentMove::Replace)?;
                    work.save_assessment(&mut before).await?;
                }
            }
            of.approver = Some(me);
            of.valid_from = Some(calendar::day_number(today));
            of.valid_until = Some(calendar::day_number(until));
            of.body.returned_reason = None;
            work.save_assessment(&mut of).await?;
            self.hold_against_booked(&work, &of).await?;
            self.tell(&work, [of.author], NoticeKind::AssessmentApproved, id.0).await?;
            let due_ms = calendar::instant_ms(until, END_OF_DAY);
            self.remind(&work, NoticeKind::AssessmentValidUntil, id.0, of.child, due_ms).await?;
            Ok(())
        })
        .await
    }

    /// Returns an assessment to its author with what has to change, by whoever may approve it; the author may take it back
    /// so too.
    pub async fn return_assessment(&self, id: AssessmentId, reason: &Words) -> Result<(), ServiceError> {
        self.allow_assessment("risk.approve", id).await?;
        let me = self.me()?;
        self.change("assessment.returned", |work| {
            let reason = String::from(reason.clone());
            async move {
                let mut of = work.assessment(id).await?;
                if of.state == AssessmentState::Returned && of.body.returned_reason.as_deref() == Some(&reason) {
                    work.changed("risk_assessment", id.0, of.version);
                    return Ok(());
                }
                of.state = of.state.after(AssessmentMove::Return)?;
                if of.author != me {
                    self.may_approve(&of)?;
                }
                of.body.assessment = None;
                of.body.returned_reason = Some(reason);
                work.save_assessment(&mut of).await?;
                self.tell(&work, [of.author], NoticeKind::AssessmentReturned, id.0).await?;
                Ok(())
            }
        })
        .await
    }
}
