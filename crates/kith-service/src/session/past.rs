//! What happened to a session, in words; and what is said to whoever had it and has it no more.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use kith_domain::calendar;
use kith_domain::ids::{ChildId, RoomId, SessionId};
use kith_domain::session::{Cancellation, Slot, Stood, What};
use kith_store::{Look, Session};

use super::Booking;
use crate::{Desk, ServiceError};

/// One thing that happened to a session.
pub struct PastLine {
    /// When it was written down, in words.
    pub at: String,
    /// Who wrote it down.
    pub by: String,
    /// What.
    pub words: String,
    /// Why, where it was asked.
    pub why: Option<String>,
}

/// A session that was somebody's and is not any more.
pub struct Lost {
    /// When it was, while it was theirs.
    pub slot: Slot,
}

impl Desk {
    /// What happened to a session, in order.
    pub(crate) async fn past(
        &self,
        look: &Look,
        session: &Session,
        names: &HashMap<ChildId, String>,
    ) -> Result<Vec<PastLine>, ServiceError> {
        let mut rooms: HashMap<RoomId, String> = HashMap::new();
        for from in session.body.moved_from() {
            if let Entry::Vacant(place) = rooms.entry(from.room) {
                place.insert(look.room(from.room).await?.name);
            }
        }
        let line = |event: &kith_domain::session::Event| {
            let (words, why) = self.words(&event.what, session, names, &rooms);
            PastLine { at: calendar::long_instant(event.at_ms), by: self.service.name_of(event.by), words, why }
        };
        Ok(session.body.history.iter().map(line).collect())
    }

    fn words(
        &self,
        what: &What,
        session: &Session,
        names: &HashMap<ChildId, String>,
        rooms: &HashMap<RoomId, String>,
    ) -> (String, Option<String>) {
        let name = |id| self.service.name_of(id);
        let child = |id| names.get(id).cloned().unwrap_or_else(|| "A child".to_owned());
        match what {
            What::Booked { why: None } => ("Booked".to_owned(), None),
            What::Booked { why } => ("Booked, more than is ordered at most".to_owned(), why.clone()),
            What::Confirmed => ("Confirmed".to_owned(), None),
            What::Moved { from } => {
                let room = rooms.get(&from.room).map(String::as_str).unwrap_or_default();
                (format!("Moved from {}", self.stood(from, room)), None)
            }
            What::Cancelled { said } => (format!("Cancelled {}", said_words(said, session.slot)), said.note.clone()),
            What::Corrected { said, why } => {
                (format!("Corrected: cancelled {}", said_words(said, session.slot)), Some(why.clone()))
            }
            What::Restored { why } => ("Corrected: not cancelled, it takes place".to_owned(), Some(why.clone())),
            What::Void { why } => ("Taken out: entered in error, it counts for nothing".to_owned(), Some(why.clone())),
            What::StoodIn { from, to, why, .. } => {
                (format!("{} stands in for {}", name(*to), name(*from)), Some(why.clone()))
            }
            What::ChildAdded { child: id, why } => (format!("{} was added", child(id)), Some(why.clone())),
            What::ChildTakenOff { child: id, why } => (format!("{} was taken off", child(id)), Some(why.clone())),
            What::Became { state } => (state.label().to_owned(), None),
            What::LateLeave { until, why } => {
                let until = calendar::long_date(calendar::day_of(*until));
                (format!("May be written up until {until}"), Some(why.clone()))
            }
        }
    }

    fn stood(&self, from: &Stood, room: &str) -> String {
        let second = from.second.map(|id| format!(" and {}", self.service.name_of(id))).unwrap_or_default();
        format!("{}, {room}, {}{second}", from.slot.label(), self.service.name_of(from.supervisor))
    }

    /// What a member of staff is told of a session that was theirs: when it was, and nothing of whom it is for. `None` for
    /// everybody else; only who was told of it is looked up.
    pub async fn lost_session(&self, id: SessionId) -> Result<Option<Lost>, ServiceError> {
        let me = self.me()?;
        let look = self.look();
        if !look.was_told_of(me, id.0).await? {
            return Ok(None);
        }
        let session = match look.session(id).await {
            Ok(session) => session,
            Err(kith_store::StoreError::NotFound) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        look.done("session.lost", self.now_ms()).await?;
        Ok(session.body.lost_by(me, &Booking::of(&session).into()).map(|slot| Lost { slot }))
    }
}

/// `by parent or family member (illness), told on 26 November 2026, 14:50, 70 minutes before it was to begin`
pub(super) fn said_words(said: &Cancellation, slot: Slot) -> String {
    let (by, reason) = (said.by.label().to_lowercase(), said.reason.label().to_lowercase());
    let told = calendar::long_instant(said.told_ms);
    let replacement = if said.replacement { "a replacement is offered" } else { "no replacement is offered" };
    format!("by {by} ({reason}), told on {told}, {}; {replacement}", said.notice(slot))
}
