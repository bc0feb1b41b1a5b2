//! A supervisor's day: the sessions in order, and what is still to be signed.

use std::collections::HashMap;

use jiff::civil::Date;
use kith_domain::calendar;
use kith_domain::ids::{AccountId, ChildId, PersonId, SessionId};
use kith_domain::record::RecordState;
use kith_domain::session::{SessionState, Slot};
use kith_store::{Look, Session};

use crate::policy::Resource;
use crate::{Desk, ServiceError};
use kith_domain::words::in_words;

/// How far ahead the next session is looked for, in days.
const NEXT_DAYS: i64 = 60;

/// One day of a supervisor.
pub struct MyDay {
    /// Which day.
    pub day: Date,
    /// Its sessions, in order of time; those whose record is accepted are not this person's need any more.
    pub sessions: Vec<MySession>,
    /// Records still to sign, the one due first on top.
    pub to_sign: Vec<ToSign>,
    /// The first session after this day.
    pub next: Option<NextSession>,
}

/// A session of the day.
pub struct MySession {
    /// The session.
    pub session: Session,
    /// The children's names.
    pub children: Vec<String>,
    /// Names of those who come.
    pub with: Vec<String>,
    /// Room and venue.
    pub place: String,
    /// Where the record stands, once it has begun.
    pub record: Option<RecordState>,
}

/// A record still to sign.
pub struct ToSign {
    /// Which session.
    pub id: SessionId,
    /// The children's names, in a row.
    pub children: String,
    /// When the session was.
    pub slot: Slot,
    /// By when it is to be signed, UTC milliseconds.
    pub due_ms: i64,
    /// Whether that time has passed; what was returned has no time.
    pub overdue: bool,
    /// Whether a reviewer returned it with comments.
    pub returned: bool,
}

/// The next session after a day.
pub struct NextSession {
    /// When.
    pub slot: Slot,
    /// Room and venue.
    pub place: String,
}

impl Desk {
    /// The day of whoever asks.
    pub async fn my_day(&self, day: Date) -> Result<MyDay, ServiceError> {
        self.allow_service("diary.read").await?;
        let me = self.me()?;
        let number = calendar::day_number(day);
        let look = self.snapshot().await?;
        let sessions = self.mine(&look, me, number).await?;
        let records = look.records_to_sign(me).await?;
        let held = look.sessions(&records.iter().map(|record| record.id).collect::<Vec<_>>()).await?;
        let names = names(&look, records.iter().flat_map(|record| record.children.clone())).await?;
        let mut to_sign = Vec::new();
        for record in records {
            let returned = record.state == RecordState::Returned;
            let Some(session) = held.iter().find(|session| session.id == record.id) else { continue };
            to_sign.push(ToSign {
                id: record.id,
                children: in_words(&in_order(&names, &record.children)),
                slot: session.slot,
                due_ms: record.due_ms,
                overdue: !returned && record.due_ms < self.now_ms(),
                returned,
            });
        }
        let ahead = look.diary_of_staff(me, number + 1, number + NEXT_DAYS).await?;
        let next = match ahead.into_iter().find(|session| session.state != SessionState::Cancelled) {
            Some(session) => Some(NextSession { place: self.place(&look, session.room).await?, slot: session.slot }),
            None => None,
        };
        look.done("day.read", self.now_ms()).await?;
        Ok(MyDay { day, sessions, to_sign, next })
    }

    /// The sessions of a day that somebody supervises and may read: as many statements for twenty as for one.
    async fn mine(&self, look: &Look, me: AccountId, day: i64) -> Result<Vec<MySession>, ServiceError> {
        let mut sessions = look.sessions_by(me, day, day).await?;
        let ids: Vec<SessionId> = sessions.iter().map(|session| session.id).collect();
        let scopes = look.session_scopes(&ids).await?;
        let may = |id| scopes.iter().any(|of| of.session == id && self.permits("session.read", &Resource::Session(of)));
        sessions.retain(|session| may(session.id));
        let children: Vec<ChildId> = sessions.iter().flat_map(Session::children).collect();
        let (names, families) = (names(look, children.iter().copied()).await?, look.families(&children).await?);
        let people = look.people_of(&ids).await?;
        let records = look.record_states(&ids).await?;
        let (rooms, venues) = (look.rooms().await?, look.venues().await?);
        let mut mine = Vec::with_capacity(sessions.len());
        for session in sessions {
            let comes = |person: PersonId| people.get(&session.id).is_some_and(|people| people.contains(&person));
            let mut with: Vec<(PersonId, String)> = Vec::new();
            for child in session.children() {
                for relative in families.iter().filter(|relative| relative.child == child) {
                    let id = relative.person.id;
                    if comes(id) && !with.iter().any(|(known, _)| *known == id) {
                        with.push((id, relative.name()));
                    }
                }
            }
            let room = rooms.iter().find(|room| room.id == session.room);
            let venue = room.and_then(|room| venues.iter().find(|venue| venue.id == room.venue));
            let place = match (room, venue) {
                (Some(room), Some(venue)) => format!("{}, {}", room.name, venue.name),
                _ => self.place(look, session.room).await?,
            };
            mine.push(MySession {
                children: in_order(&names, &session.children()),
                with: with.into_iter().map(|(_, name)| name).collect(),
                place,
                record: records.get(&session.id).copied(),
                session,
            });
        }
        Ok(mine)
    }

    async fn place(&self, look: &Look, room: kith_domain::ids::RoomId) -> Result<String, ServiceError> {
        let room = look.room(room).await?;
        Ok(format!("{}, {}", room.name, look.venue(room.venue).await?.name))
    }
}

/// Names of children, for who runs their sessions.
async fn names(look: &Look, ids: impl Iterator<Item = ChildId>) -> Result<HashMap<ChildId, String>, ServiceError> {
    let children = look.children(&ids.collect::<Vec<_>>()).await?;
    Ok(children.iter().map(|child| (child.id, child.name())).collect())
}

/// The names of these children, in their order.
fn in_order(names: &HashMap<ChildId, String>, ids: &[ChildId]) -> Vec<String> {
    ids.iter().filter_map(|id| names.get(id).cloned()).collect()
}
