//! What is done to a plan: agreed, started, suspended, resumed, ended, reviewed.

use kith_domain::calendar;
use kith_domain::form::Words;
use kith_domain::ids::{PersonId, PlanId};
use kith_domain::notice::NoticeKind;
use kith_domain::plan::{PlanMove, PlanReview, PlanState, PlanStep, review_due};
use kith_domain::refusal::Refusal;
use kith_domain::session::Flag;
use kith_store::{Plan, Work};

use super::names;
use crate::flag::is_to_come;
use crate::{Desk, ServiceError};

/// What a move did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// How many sessions still to come are flagged by it.
    pub flagged: usize,
}

impl Desk {
    /// Moves a plan on. Moved twice is moved once.
    ///
    /// Agreeing is refused while anything stands against a line. Starting sets the day of the review and takes the place
    /// of the plan that runs: what goes on in both stays booked. Suspending and ending flag the sessions that are still to
    /// come, and tell the coordinators of the area and the social worker.
    pub async fn move_plan(&self, id: PlanId, step: &PlanStep) -> Result<Moved, ServiceError> {
        self.allow_plan("plan.write", id).await?;
        self.change(action(step.of()), |work| async move {
            let mut plan = work.plan(id).await?;
            if plan.state == target(step.of()) {
                work.changed("contact_plan", id.0, plan.version);
                return Ok(Moved { flagged: 0 });
            }
            plan.state = plan.state.after(step.of())?;
            let flagged = self.moved(&work, &mut plan, step).await?;
            work.save_plan(&mut plan).await?;
            Ok(Moved { flagged })
        })
        .await
    }

    /// What a move brings with it, beside the new state. Returns how many sessions are flagged.
    async fn moved(&self, work: &Work, plan: &mut Plan, step: &PlanStep) -> Result<usize, ServiceError> {
        let today = self.service.today();
        match step {
            PlanStep::Agree(with) => {
                plan.body.ready()?;
                let checked = self.checked(work, plan).await?;
                if let Some(first) = checked.problems.first() {
                    let family = work.family(plan.child).await?;
                    let of = |id| plan.body.arrangement(id).map(|line| names(&family, &line.with)).unwrap_or_default();
                    let more = match checked.problems.len() - 1 {
                        0 => String::new(),
                        more => format!(" ({more} more below)"),
                    };
                    return Err(ServiceError::Refused(Refusal::new(
                        "plan.stands_against",
                        format!("The line with {}: {}{more}", of(first.line), first.message),
                    )));
                }
                plan.body.agreed_with = Some(with.clone().into());
            }
            PlanStep::Start => {
                plan.body.started_on = Some(today);
                self.set_review(work, plan).await?;
                return self.take_the_place(work, plan).await;
            }
            PlanStep::Resume => {
                plan.body.reason = None;
                self.clear_suspension(work, plan.id).await?;
            }
            PlanStep::Suspend(why) | PlanStep::End(why) => {
                plan.body.reason = Some(why.clone().into());
                let (mut flag, mut kind) = (Flag::PlanSuspended, NoticeKind::PlanSuspended);
                if step.of() == PlanMove::End {
                    (flag, kind) = (Flag::PlanEnded, NoticeKind::PlanEnded);
                    plan.body.ended_on = Some(today);
                }
                // Nobody outside was told of a draft, so nobody is told of its end.
                if plan.body.agreed_with.is_some() {
                    self.tell_who_works_with(work, plan.child, kind, plan.id.0).await?;
                }
                let sessions = work.sessions_of_plan(plan.id, calendar::day_number(today)).await?;
                return self.flag(work, &sessions, flag).await;
            }
        }
        Ok(0)
    }

    /// Writes down a review of a plan that runs (who took part and what was decided); the next one is due as many
    /// months from today as the register says.
    pub async fn review_plan(&self, id: PlanId, note: &Words) -> Result<(), ServiceError> {
        self.allow_plan("plan.write", id).await?;
        let (by, on) = (self.me()?, self.service.today());
        self.change("plan.reviewed", |work| {
            let review = PlanReview { by, on, note: note.clone().into() };
            async move {
                let mut plan = work.plan(id).await?;
                if !matches!(plan.state, PlanState::Active | PlanState::Suspended) {
                    return Err(ServiceError::rule(
                        "plan.nothing_to_review",
                        format!("This plan is {}, so there is nothing to review", plan.state.label().to_lowercase()),
                    ));
                }
                if plan.body.reviews.last() == Some(&review) {
                    work.changed("contact_plan", id.0, plan.version);
                    return Ok(());
                }
                plan.body.reviews.push(review);
                self.set_review(&work, &mut plan).await?;
                work.save_plan(&mut plan).await?;
                Ok(())
            }
        })
        .await
    }

    async fn set_review(&self, work: &Work, plan: &mut Plan) -> Result<(), ServiceError> {
        let due = review_due(self.service.today(), self.service.register().plan_review_months());
        plan.review_due = Some(calendar::day_number(due));
        self.remind(work, NoticeKind::PlanReviewBy, plan.id.0, plan.child, calendar::instant_ms(due, 0)).await
    }

    /// Ends the plan that runs, if one does: the plan that starts takes its place. Sessions under an arrangement that
    /// goes on stay booked, under the new plan; those under one that does not are flagged. Returns how many are.
    async fn take_the_place(&self, work: &Work, plan: &Plan) -> Result<usize, ServiceError> {
        let today = self.service.today();
        let running =
            |other: &Plan| matches!(other.state, PlanState::Active | PlanState::Suspended) && other.id != plan.id;
        let Some(mut earlier) = work.plans_of(plan.child).await?.into_iter().find(running) else { return Ok(0) };
        let suspended = earlier.state == PlanState::Suspended;
        earlier.state = earlier.state.after(PlanMove::End)?;
        earlier.body.ended_on = Some(today);
        earlier.body.replaced_by = Some(plan.id);
        earlier.body.reason = Some("Another plan took its place".to_owned());
        let mut gone = Vec::new();
        for mut session in work.sessions_of_plan(earlier.id, calendar::day_number(today)).await? {
            if !is_to_come(&session, self.now_ms()) {
                continue;
            }
            let come = work.people_in(session.id).await?;
            let known = work.known_to(plan.child, &come).await?;
            let mut people: Vec<PersonId> = come.iter().filter_map(|id| known.get(id).copied()).collect();
            let Some(place) = session.body.places.iter_mut().find(|place| place.stands() && place.plan == earlier.id)
            else {
                continue;
            };
            // A brother's session can be with people who are none of this line's.
            let before = earlier.body.arrangement(place.arrangement).map(|line| line.with.clone()).unwrap_or_default();
            people.retain(|person| before.contains(person));
            match plan.body.arrangement(place.arrangement).filter(|line| line.holds(session.slot.day, &people)) {
                Some(_) => {
                    place.plan = plan.id;
                    if suspended && session.flagged.as_deref() == Some(Flag::PlanSuspended.code()) {
                        session.flagged = None;
                    }
                    work.save_session(&mut session).await?;
                }
                None => gone.push(session),
            }
        }
        work.save_plan(&mut earlier).await?;
        self.tell_who_works_with(work, plan.child, NoticeKind::PlanEnded, earlier.id.0).await?;
        self.flag(work, &gone, Flag::PlanEnded).await
    }

    /// Takes the flag of the suspension, and no other, off the sessions still to come.
    async fn clear_suspension(&self, work: &Work, id: PlanId) -> Result<(), ServiceError> {
        let today = calendar::day_number(self.service.today());
        for mut session in work.sessions_of_plan(id, today).await? {
            if session.flagged.as_deref() == Some(Flag::PlanSuspended.code()) {
                session.flagged = None;
                work.save_session(&mut session).await?;
            }
        }
        Ok(())
    }
}

/// The state a move leads to: a plan that is there already was moved before.
const fn target(step: PlanMove) -> PlanState {
    match step {
        PlanMove::Agree => PlanState::Agreed,
        PlanMove::Start | PlanMove::Resume => PlanState::Active,
        PlanMove::Suspend => PlanState::Suspended,
        PlanMove::End => PlanState::Ended,
    }
}

/// What the ledger calls a move.
const fn action(step: PlanMove) -> &'static str {
    match step {
        PlanMove::Agree => "plan.agreed",
        PlanMove::Start => "plan.started",
        PlanMove::Suspend => "plan.suspended",
        PlanMove::Resume => "plan.resumed",
        PlanMove::End => "plan.ended",
    }
}
