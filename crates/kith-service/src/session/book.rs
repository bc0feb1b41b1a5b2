//! Booking: one session, or as many of a list as can be.

use kith_domain::booking::read_slot;
use kith_domain::form::{Fields, Problem, Reader};
use kith_domain::ids::{AccountId, ArrangementId, PlanId, RoomId, SessionId};
use kith_domain::session::{Place, SessionBody, SessionState, Slot};
use kith_store::{FileScope, Session, StoreError};

use super::standing::Standing;
use crate::{Desk, ServiceError};

/// When, where and with whom on duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booking {
    /// When.
    pub slot: Slot,
    /// In which room.
    pub room: RoomId,
    /// The supervisor, who will write the record.
    pub supervisor: AccountId,
    /// A second member of staff, when the risk assessment asks for two.
    pub second: Option<AccountId>,
}

impl Booking {
    /// Reads `day`, `start`, `minutes`, `room`, `supervisor`, `second`.
    pub fn read(fields: &Fields) -> Result<Booking, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let slot = read_slot(&mut r);
        let room = r.required_id("room", "A room");
        let supervisor = r.required_id("supervisor", "A supervisor");
        let second = r.id("second", "The second supervisor").map(AccountId);
        let read =
            (|| Some(Booking { slot: slot?, room: RoomId(room?), supervisor: AccountId(supervisor?), second }))();
        let problems = r.into_problems();
        read.filter(|_| problems.is_empty()).ok_or(problems)
    }

    /// How a session stands.
    pub fn of(session: &Session) -> Booking {
        Booking {
            slot: session.slot,
            room: session.room,
            supervisor: session.supervisor,
            second: session.body.second_supervisor,
        }
    }

    /// The form that [`Booking::read`] reads this from.
    pub fn fields(&self) -> Fields {
        let mut fields: Fields = [
            ("start", kith_domain::calendar::clock(self.slot.start_minute)),
            ("minutes", (self.slot.end_minute - self.slot.start_minute).to_string()),
            ("room", self.room.to_string()),
            ("supervisor", self.supervisor.to_string()),
            ("second", self.second.map(|id| id.to_string()).unwrap_or_default()),
        ]
        .into_iter()
        .collect();
        fields.set_date("day", self.slot.day);
        fields
    }

    /// Everybody on duty.
    pub fn staff(&self) -> impl Iterator<Item = AccountId> + use<> {
        [Some(self.supervisor), self.second].into_iter().flatten()
    }
}

/// One of a list that is to be booked.
#[derive(Clone, Copy, Debug)]
pub struct Chosen {
    /// The id it will have, made when the list was shown: sent twice it is booked once.
    pub id: SessionId,
    /// When, where and with whom on duty.
    pub booking: Booking,
}

/// What became of one of the list.
pub struct Outcome {
    /// Which.
    pub chosen: Chosen,
    /// Why it could not be booked; `None` when it is.
    pub why_not: Option<Vec<Problem>>,
}

impl Desk {
    /// Books one session under a line of a plan. Sent twice it is booked once.
    pub async fn book_session(
        &self,
        id: SessionId,
        plan: PlanId,
        line: ArrangementId,
        booking: Booking,
    ) -> Result<(), ServiceError> {
        let scope = self.allow_plan("session.book", plan).await?;
        self.book(&scope, id, plan, line, booking, None).await
    }

    /// Books one session as [`Desk::book_session`] does, also when it is more than the order or the agreement allows:
    /// `why` is kept with it and shown.
    pub async fn book_session_beyond(
        &self,
        id: SessionId,
        plan: PlanId,
        line: ArrangementId,
        booking: Booking,
        why: &str,
    ) -> Result<(), ServiceError> {
        let scope = self.allow_plan("session.book", plan).await?;
        let why = Some(why.trim()).filter(|why| !why.is_empty());
        self.book(&scope, id, plan, line, booking, why).await
    }

    /// Books those of a list that can be; of each that cannot, says why.
    pub async fn book_sessions(
        &self,
        plan: PlanId,
        line: ArrangementId,
        chosen: &[Chosen],
    ) -> Result<Vec<Outcome>, ServiceError> {
        let scope = self.allow_plan("session.book", plan).await?;
        let mut outcomes = Vec::with_capacity(chosen.len());
        for one in chosen {
            let why_not = match self.book(&scope, one.id, plan, line, one.booking, None).await {
                Ok(()) => None,
                Err(ServiceError::Invalid(problems)) => Some(problems),
                Err(ServiceError::Refused(refusal)) => Some(vec![Problem::new("day", refusal.to_string())]),
                Err(error) => return Err(error),
            };
            outcomes.push(Outcome { chosen: *one, why_not });
        }
        Ok(outcomes)
    }

    async fn book(
        &self,
        scope: &FileScope,
        id: SessionId,
        plan_id: PlanId,
        line_id: ArrangementId,
        booking: Booking,
        why: Option<&str>,
    ) -> Result<(), ServiceError> {
        let now_ms = self.now_ms();
        let booked = self
            .change("session.booked", |work| async move {
                let places = vec![Place::expected(scope.child, plan_id, line_id)];
                let on = Standing::load(&work, places.iter(), None).await?;
                let mut session = Session {
                    id,
                    version: 0,
                    room: booking.room,
                    supervisor: booking.supervisor,
                    slot: booking.slot,
                    state: SessionState::Planned,
                    flagged: None,
                    created_ms: now_ms,
                    body: SessionBody { places, second_supervisor: booking.second, ..SessionBody::default() },
                };
                self.check(&work, &on, &booking).await?;
                if let Some(beyond) = self.beyond(&work, scope.child, line_id, booking.slot.day).await? {
                    let Some(why) = why else {
                        let message = format!("{beyond}. Say why one more is booked, or choose another day");
                        return Err(ServiceError::Invalid(vec![Problem::new("beyond", message)]));
                    };
                    session.body.beyond = Some(why.to_owned());
                }
                work.insert_session(&mut session).await?;
                work.set_people_in(id, &on.people).await?;
                self.occupy(&work, &on, id, &booking).await?;
                Ok(())
            })
            .await;
        match booked {
            Err(ServiceError::Store(StoreError::Duplicate)) => self.booked_before(scope, id, line_id, booking).await,
            other => other,
        }
    }

    /// The same form again: it is booked. Another's id is refused.
    async fn booked_before(
        &self,
        scope: &FileScope,
        id: SessionId,
        line: ArrangementId,
        booking: Booking,
    ) -> Result<(), ServiceError> {
        let look = self.look();
        let there = look.session_scope(id).await?.filter(|there| there.files.contains(scope));
        if there.is_none() {
            return Err(ServiceError::NotFound);
        }
        let session = look.session(id).await?;
        look.done("session.read", self.now_ms()).await?;
        if session.is_under(line) && Booking::of(&session) == booking {
            return Ok(());
        }
        Err(ServiceError::rule(
            "booking.changed_since",
            "This was booked already, and has been changed since. Look it up in the diary",
        ))
    }
}
