//! Booking: one session, or as many of a list as can be.

use kith_domain::booking::read_slot;
use kith_domain::form::{Fields, Problem, Reader};
use kith_domain::ids::{AccountId, ArrangementId, PlanId, RoomId, SessionId};
use kith_domain::session::{Place, SessionBody, SessionState, Slot, Stood, What};
use kith_store::{Session, StoreError};

use super::Under;
use super::standing::Footing;
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
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The id it will have, made when the list was shown: sent twice it is booked once.
    pub id: SessionId,
    /// When, where and with whom on duty.
    pub booking: Booking,
    /// Why it is booked although it is more than is ordered at most.
    pub why: Option<String>,
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
        self.book_together(id, &[Under { plan, line }], booking, None).await
    }

    /// Books one session of brothers and sisters, each under a line of their own plan; `why` it is more than a line asks
    /// for at most. Whoever books needs the leave for every child.
    pub async fn book_together(
        &self,
        id: SessionId,
        unders: &[Under],
        booking: Booking,
        why: Option<&str>,
    ) -> Result<(), ServiceError> {
        let places = self.places(unders).await?;
        self.book(&places, id, booking, why).await
    }

    /// Books those of a list that can be, each under all of these lines; of each that cannot, says why.
    pub async fn book_sessions(&self, unders: &[Under], chosen: &[Chosen]) -> Result<Vec<Outcome>, ServiceError> {
        let places = self.places(unders).await?;
        let mut outcomes = Vec::with_capacity(chosen.len());
        for one in chosen {
            let why_not = match self.book(&places, one.id, one.booking, one.why.as_deref()).await {
                Ok(()) => None,
                Err(ServiceError::Invalid(problems)) => Some(problems),
                Err(ServiceError::Refused(refusal)) => Some(vec![Problem::new("day", refusal.to_string())]),
                Err(error) => return Err(error),
            };
            outcomes.push(Outcome { chosen: one.clone(), why_not });
        }
        Ok(outcomes)
    }

    async fn book(
        &self,
        places: &[Place],
        id: SessionId,
        booking: Booking,
        why: Option<&str>,
    ) -> Result<(), ServiceError> {
        let (me, now_ms) = (self.me()?, self.now_ms());
        let why = why.map(str::trim).filter(|why| !why.is_empty());
        let booked = self
            .change("session.booked", |work| async move {
                let on = Footing::load(&work, places.iter(), None).await?;
                self.check(&work, &on, &booking).await?;
                let body = SessionBody {
                    places: places.to_vec(),
                    second_supervisor: booking.second,
                    ..SessionBody::default()
                };
                let mut session = Session {
                    id,
                    version: 0,
                    room: booking.room,
                    supervisor: booking.supervisor,
                    slot: booking.slot,
                    state: SessionState::Planned,
                    flagged: None,
                    created_ms: now_ms,
                    body,
                };
                let mut beyond = Vec::new();
                for of in &on.children {
                    beyond.extend(self.beyond(&work, of.child.id, of.line.id, booking.slot.day).await?);
                }
                if let Some(beyond) = beyond.first() {
                    let Some(why) = why else {
                        let message = format!("{beyond}. Say why one more is booked, or choose another day");
                        return Err(ServiceError::Invalid(vec![Problem::new("beyond", message)]));
                    };
                    session.body.beyond = Some(why.to_owned());
                    session.body.happened(me, now_ms, What::Booked { why: Some(why.to_owned()) });
                } else {
                    session.body.happened(me, now_ms, What::Booked { why: None });
                }
                work.insert_session(&mut session).await?;
                work.set_people_in(id, &on.people).await?;
                self.occupy(&work, &on, id, &booking).await?;
                Ok(())
            })
            .await;
        match booked {
            Err(ServiceError::Store(StoreError::Duplicate)) => self.booked_before(places, id, booking).await,
            other => other,
        }
    }

    /// The same form again: it is booked. Another's id is refused.
    async fn booked_before(&self, places: &[Place], id: SessionId, booking: Booking) -> Result<(), ServiceError> {
        let look = self.look();
        let children = look.session_scope(id).await?.map(|scope| scope.children()).unwrap_or_default();
        if !places.iter().any(|place| children.contains(&place.child)) {
            return Err(ServiceError::NotFound);
        }
        let session = look.session(id).await?;
        look.done("session.read", self.now_ms()).await?;
        if session.body.places == places && Booking::of(&session) == booking {
            return Ok(());
        }
        Err(ServiceError::rule(
            "booking.changed_since",
            "This was booked already, and has been changed since. Look it up in the diary",
        ))
    }
}

impl From<Booking> for Stood {
    fn from(of: Booking) -> Stood {
        Stood { slot: of.slot, room: of.room, supervisor: of.supervisor, second: of.second }
    }
}
