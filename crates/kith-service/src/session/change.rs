//! What happens to a session before it begins: confirmed, moved, cancelled.

use kith_domain::calendar;
use kith_domain::form::Fields;
use kith_domain::ids::{AccountId, PlanId, SessionId};
use kith_domain::notice::NoticeKind;
use kith_domain::plan::PlanState;
use kith_domain::session::{Cancellation, Flag, SessionMove, SessionState};
use kith_store::{SessionOf, Work};

use super::Booking;
use super::rules::{Standing, missing, valid};
use crate::{Desk, ServiceError};

impl Desk {
    /// Confirms a session, if everybody who comes has a valid risk assessment on its day and there are enough staff; the
    /// supervisors and the social worker are told. A session that was flagged is confirmed again, and its flag goes.
    pub async fn confirm_session(&self, id: SessionId) -> Result<(), ServiceError> {
        self.allow_session("session.change", id).await?;
        self.change("session.confirmed", |work| async move {
            let mut session = work.session(id).await?;
            if session.state == SessionState::Confirmed && session.flagged.is_none() {
                work.changed("session", id.0, session.version);
                return Ok(());
            }
            if session.state != SessionState::Confirmed {
                session.state = session.state.after(SessionMove::Confirm)?;
            }
            let plan = work.plan(session.plan).await?;
            if plan.state != PlanState::Active {
                return Err(ServiceError::rule(
                    "session.plan_not_active",
                    format!(
                        "The contact plan is {}. Sessions are confirmed while it is active",
                        plan.state.label().to_lowercase()
                    ),
                ));
            }
            let line = plan.body.arrangement(session.arrangement).ok_or(ServiceError::NotFound)?;
            let child = work.child(session.child).await?;
            let family = work.family(session.child).await?;
            let people = work.people_in(id).await?;
            let on = Standing { child: &child, plan: &plan, line, family: &family, people: &people };
            let valid = valid(&work, &on, calendar::day_number(session.slot.day)).await?;
            let mut missing = missing(&on, &session, &valid);
            let gone = |id: AccountId| self.service.card(id).is_none_or(|card| !card.active);
            if Booking::of(&session).staff().any(gone) {
                missing.push(Flag::SupervisorGone.label().to_owned());
            }
            if !missing.is_empty() {
                let missing = missing.join(". ");
                return Err(ServiceError::rule(
                    "session.not_ready",
                    format!("This session cannot be confirmed yet. {missing}"),
                ));
            }
            session.flagged = None;
            work.save_session(&mut session).await?;
            // When the record would be due, whether anybody has begun one.
            let due_ms = self.sign_by(session.slot);
            self.remind(&work, NoticeKind::SessionUnrecorded, session.id.0, session.child, due_ms).await?;
            self.tell_of(&work, &session, child.social_worker, NoticeKind::SessionConfirmed).await?;
            Ok(())
        })
        .await
    }

    /// Confirms those of a plan's sessions that can be; says once each what stands against the others.
    pub async fn confirm_sessions(&self, plan: PlanId, ids: &[SessionId]) -> Result<Vec<String>, ServiceError> {
        self.allow_plan("session.book", plan).await?;
        let mut against = Vec::new();
        for id in ids {
            match self.confirm_session(*id).await {
                Ok(()) => {}
                Err(ServiceError::Refused(refusal)) => against.push(refusal.to_string()),
                Err(error) => return Err(error),
            }
        }
        against.dedup();
        Ok(against)
    }

    /// Moves a session: another time, room or supervisor, over the version that was shown. The same rules hold as for
    /// booking. It is confirmed again afterwards, because what was confirmed was the old one.
    pub async fn move_session(&self, id: SessionId, version: i64, fields: &Fields) -> Result<(), ServiceError> {
        self.allow_session("session.change", id).await?;
        let booking = Booking::read(fields)?;
        self.change("session.moved", |work| async move {
            let mut session = work.session(id).await?;
            let there = Booking::of(&session);
            if there == booking {
                work.changed("session", id.0, session.version);
                return Ok(());
            }
            if session.version != version {
                let theirs = Box::new(there.fields());
                return Err(ServiceError::Conflict { theirs, version: session.version });
            }
            let next = session.state.after(SessionMove::Move)?;
            let plan = work.plan(session.plan).await?;
            let line = plan.body.arrangement(session.arrangement).ok_or(ServiceError::NotFound)?;
            let child = work.child(session.child).await?;
            let family = work.family(session.child).await?;
            let people = work.people_in(id).await?;
            let on = Standing { child: &child, plan: &plan, line, family: &family, people: &people };
            self.check(&work, &on, &booking).await?;
            work.release(id).await?;
            self.occupy(&work, &on, id, &booking).await?;
            let confirmed = session.state == SessionState::Confirmed;
            let gone: Vec<AccountId> = there.staff().filter(|id| !booking.staff().any(|new| new == *id)).collect();
            session.state = next;
            session.slot = booking.slot;
            session.room = booking.room;
            session.supervisor = booking.supervisor;
            session.body.second_supervisor = booking.second;
            work.save_session(&mut session).await?;
            if confirmed {
                // Only what was confirmed was told to anybody; who is not needed any more hears of it too.
                self.tell_of(&work, &session, child.social_worker, NoticeKind::SessionMoved).await?;
                self.tell(&work, gone, NoticeKind::SessionMoved, id.0).await?;
            }
            Ok(())
        })
        .await
    }

    /// Cancels a session: reads by whom, why, a note, and whether a replacement is offered. Everything it had taken is
    /// free again; the supervisors and the social worker are told. Cancelled twice by the same person is cancelled once.
    pub async fn cancel_session(&self, id: SessionId, fields: &Fields) -> Result<(), ServiceError> {
        self.allow_session("session.change", id).await?;
        let me = self.me()?;
        let cancellation = Cancellation::read(fields, me, self.now_ms())?;
        self.change("session.cancelled", |work| {
            let cancellation = cancellation.clone();
            async move {
                let mut session = work.session(id).await?;
                let mine = session.body.cancellation.as_ref().is_some_and(|there| there.recorded_by == me);
                if session.state == SessionState::Cancelled && mine {
                    work.changed("session", id.0, session.version);
                    return Ok(());
                }
                session.state = session.state.after(SessionMove::Cancel)?;
                session.flagged = None;
                session.body.cancellation = Some(cancellation);
                work.save_session(&mut session).await?;
                work.release(id).await?;
                let child = work.child(session.child).await?;
                self.tell_of(&work, &session, child.social_worker, NoticeKind::SessionCancelled).await?;
                Ok(())
            }
        })
        .await
    }

    /// Tells the supervisors of a session and the child's social worker.
    async fn tell_of(
        &self,
        work: &Work,
        session: &SessionOf,
        social_worker: AccountId,
        kind: NoticeKind,
    ) -> Result<(), ServiceError> {
        let whom = Booking::of(session).staff().chain([social_worker]);
        self.tell(work, whom, kind, session.id.0).await
    }
}
