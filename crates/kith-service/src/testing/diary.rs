//! Sessions put straight into the diary of a [`Ground`], past every rule of booking: for tests of what the diary adds up
//! to.

use jiff::civil::Date;
use kith_domain::access::Purpose;
use kith_domain::calendar;
use kith_domain::ids::{EntryId, PersonId, SessionId};
use kith_domain::record::{AgeBand, Content, EntryBody, RecordBody, RecordPurpose, RecordState, Who};
use kith_domain::session::{Place, SessionBody, SessionState, Slot};
use kith_store::{Entry, Record, Session, StoreError, Work};
use uuid::Uuid;

use super::{Ground, TestService};
use crate::ServiceError;

/// Address of the placement in a [`Ground`]: confidential, so it must be on no paper that leaves the council.
pub const PLACEMENT_ADDRESS: &str = "1 Quiet Lane, Nenebridge NB2 2BB";

impl TestService {
    /// Puts a session of [`Ground::line`] at 10:00, 90 minutes long, into the store. Room and supervisor are taken unless
    /// it is cancelled.
    pub async fn stands(
        &self,
        ground: &Ground,
        day: Date,
        state: SessionState,
        mut body: SessionBody,
    ) -> Result<SessionId, ServiceError> {
        let id = SessionId(Uuid::now_v7());
        let slot = Slot { day, start_minute: 600, end_minute: 690 };
        body.places = vec![Place::expected(ground.child, ground.plan, ground.line)];
        let mut session = Session {
            id,
            version: 0,
            room: ground.room,
            supervisor: ground.supervisor.id,
            slot,
            state,
            flagged: None,
            created_ms: self.service.now_ms(),
            body,
        };
        let work = self.service.store().work(&self.service.own_desk(Purpose::ServiceDelivery).access).await?;
        work.insert_session(&mut session).await?;
        work.set_people_in(id, &[ground.mother]).await?;
        if state.was_held() {
            attended(&work, &session, &[None, Some(ground.mother)]).await?;
        }
        if state != SessionState::Cancelled {
            let day = calendar::day_number(day);
            let (from, to) = slot.quarters(0);
            let (_, written) = slot.quarters(self.service.register().write_up_minutes());
            work.occupy(id, &[(ground.room.0, day, from, to), (ground.supervisor.id.0, day, from, written)]).await?;
        }
        work.commit("test.session", self.service.now_ms()).await?;
        Ok(id)
    }
}

/// Writes down that these people (`None` is the child) were at a session for all of its time, in a record that is open.
pub(super) async fn attended(work: &Work, session: &Session, came: &[Option<PersonId>]) -> Result<(), StoreError> {
    let mut record = Record {
        id: session.id,
        version: 0,
        children: session.children(),
        author: session.supervisor,
        state: RecordState::Open,
        opened_ms: session.slot.starts_ms(),
        due_ms: session.slot.ends_ms() + 24 * 3_600_000,
        signed_ms: None,
        reviewed_ms: None,
        body: RecordBody {
            bands: session.children().into_iter().map(|child| (child, AgeBand::ALL[0])).collect(),
            purpose: RecordPurpose::ALL[0],
            signatures: Vec::new(),
            reviews: Vec::new(),
            place: "Blue room, Mill House".into(),
            released: None,
        },
    };
    work.insert_record(&mut record).await?;
    let child = session.children().first().copied().ok_or(StoreError::NotFound)?;
    for person in came {
        let who = person.map_or(Who::Child(child), Who::Person);
        let (from, to) = (session.slot.start_minute, session.slot.end_minute);
        let arrival = Content::Arrival { who, minute: from, note: None, replaces: None };
        for content in [arrival, Content::Leaving { who, minute: to, replaces: None }] {
            let body = EntryBody { content, device: None };
            let (id, at_ms) = (EntryId(Uuid::now_v7()), session.slot.ends_ms());
            let mut entry = Entry::new(id, session.id, session.children(), session.supervisor, at_ms, body);
            work.insert_entry(&mut entry).await?;
        }
    }
    Ok(())
}
