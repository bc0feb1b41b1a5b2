//! What happens to a session before it begins: confirmed, moved, cancelled.

use kith_domain::calendar;
use kith_domain::ids::{AccountId, ChildId, PlanId, SessionId};
use kith_domain::notice::NoticeKind;
use kith_domain::plan::PlanState;
use kith_domain::refusal::Refusal;
use kith_domain::session::{Flag, SessionMove, SessionState, What};
use kith_store::{Look, Session, Work};

use super::Booking;
use super::rules::{missing, said_of};
use super::standing::Footing;
use crate::{Desk, ServiceError};

impl Desk {
    /// Confirms a session, if everybody who comes has a valid risk assessment on its day and there are enough staff; the
    /// supervisors and the social worker are told. A session that was flagged is confirmed again, and its flag goes.
    pub async fn confirm_session(&self, id: SessionId) -> Result<(), ServiceError> {
        self.allow_session("session.change", id).await?;
        let me = self.me()?;
        self.change("session.confirmed", |work| async move {
            let mut session = work.session(id).await?;
            if session.state == SessionState::Confirmed && session.flagged.is_none() {
                work.changed("session", id.0, session.version);
                return Ok(());
            }
            if session.state != SessionState::Confirmed {
                session.state = session.state.after(SessionMove::Confirm)?;
            }
            let on = Footing::load(&work, session.places(), Some(work.people_in(id).await?)).await?;
            if let Some(of) = on.children.iter().find(|of| of.plan.state != PlanState::Active) {
                let state = of.plan.state.label().to_lowercase();
                let words = format!("The contact plan is {state}. Sessions are confirmed while it is active");
                return Err(said_of(&on, of, Refusal::new("session.plan_not_active", words)).into());
            }
            let day = calendar::day_number(session.slot.day);
            let mut vetted = Vec::with_capacity(on.children.len());
            for of in &on.children {
                vetted.push(of.vetted(&work, &on.people, day).await?);
            }
            let mut missing = missing(&on, &session, &vetted);
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
            session.body.happened(me, self.now_ms(), What::Confirmed);
            work.save_session(&mut session).await?;
            // When the record would be due, whether anybody has begun one.
            let due_ms = self.sign_by(session.slot);
            self.remind(&work, NoticeKind::SessionUnrecorded, session.id.0, on.children[0].child.id, due_ms).await?;
            self.tell_of(&work, &session, on.social_workers(), NoticeKind::SessionConfirmed).await?;
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
    pub async fn move_session(&self, id: SessionId, version: i64, booking: Booking) -> Result<(), ServiceError> {
        self.allow_session("session.change", id).await?;
        let me = self.me()?;
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
            let on = Footing::load(&work, session.places(), Some(work.people_in(id).await?)).await?;
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
            session.body.happened(me, self.now_ms(), What::Moved { from: there.into() });
            work.save_session(&mut session).await?;
            if confirmed {
                // Only what was confirmed was told to anybody.
                self.tell_of(&work, &session, on.social_workers(), NoticeKind::SessionMoved).await?;
            }
            // Who is not needed any more had it in their day, confirmed or not.
            self.tell(&work, gone, NoticeKind::SessionMoved, id.0).await?;
            Ok(())
        })
        .await
    }

    /// The social workers of these children, each once; nothing is opened.
    pub(crate) async fn social_workers(&self, look: &Look, of: &[ChildId]) -> Result<Vec<AccountId>, ServiceError> {
        let mut all: Vec<_> = look.file_scopes(of).await?.into_iter().map(|scope| scope.social_worker).collect();
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }

    /// Tells the supervisors of a session and the children's social workers.
    async fn tell_of(
        &self,
        work: &Work,
        session: &Session,
        social_workers: Vec<AccountId>,
        kind: NoticeKind,
    ) -> Result<(), ServiceError> {
        let whom = Booking::of(session).staff().chain(social_workers);
        self.tell(work, whom, kind, session.id.0).await
    }
}
