//! A supervisor's day: the sessions in order, and what is still to be signed.

use jiff::civil::Date;
use kith_domain::calendar;
use kith_domain::ids::{ChildId, PersonId, SessionId};
use kith_domain::record::RecordState;
use kith_domain::session::{SessionState, Slot};
use kith_store::{Look, Session};

use super::standing::in_words;
use crate::policy::Resource;
use crate::{Desk, ServiceError};

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
        let look = self.look();
        let mut sessions = Vec::new();
        for session in look.sessions_by(me, number, number).await? {
            if let Some(mine) = self.mine(&look, session).await? {
                sessions.push(mine);
            }
        }
        let mut to_sign = Vec::new();
        for record in look.records_to_sign(me).await? {
            let returned = record.state == RecordState::Returned;
            to_sign.push(ToSign {
                id: record.id,
                children: in_words(&names(&look, &record.children).await?),
                slot: look.session(record.id).await?.slot,
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

    async fn mine(&self, look: &Look, session: Session) -> Result<Option<MySession>, ServiceError> {
        let Some(scope) = look.session_scope(session.id).await? else { return Ok(None) };
        if !self.permits("session.read", &Resource::Session(&scope)) {
            return Ok(None);
        }
        let people = look.people_in(session.id).await?;
        let mut with: Vec<(PersonId, String)> = Vec::new();
        for child in session.children() {
            for relative in look.family(child).await? {
                let id = relative.person.id;
                if people.contains(&id) && !with.iter().any(|(known, _)| *known == id) {
                    with.push((id, relative.name()));
                }
            }
        }
        Ok(Some(MySession {
            children: names(look, &session.children()).await?,
            with: with.into_iter().map(|(_, name)| name).collect(),
            place: self.place(look, session.room).await?,
            record: look.record_state(session.id).await?,
            session,
        }))
    }

    async fn place(&self, look: &Look, room: kith_domain::ids::RoomId) -> Result<String, ServiceError> {
        let room = look.room(room).await?;
        Ok(format!("{}, {}", room.name, look.venue(room.venue).await?.name))
    }
}

/// Names of the children of a session, in its order, for who runs it.
async fn names(look: &Look, ids: &[ChildId]) -> Result<Vec<String>, ServiceError> {
    let children = look.children(ids).await?;
    let name = |id: &ChildId| children.iter().find(|child| child.id == *id).map(kith_store::Child::name);
    Ok(ids.iter().filter_map(name).collect())
}
