//! Beginning a session, and its record with it.

use kith_domain::booking::may_start;
use kith_domain::ids::SessionId;
use kith_domain::notice::NoticeKind;
use kith_domain::record::timeline::may_start_at;
use kith_domain::record::{AgeBand, Content, EntryBody, RecordBody, RecordPurpose, RecordState};
use kith_domain::session::{SessionMove, SessionState, What};
use kith_store::{Child, Entry, Record, Session, Work};

use super::attendance::timeline;
use super::course::made_of;
use crate::{Desk, ServiceError};

impl Desk {
    /// Begins a confirmed session and its record, or the record of one that was not begun on its day. `began` is when the
    /// session really began, minutes from midnight, if that is known already; a button pressed is a time of pressing, no
    /// more (handbook section 19). Whoever begins it writes its record. Begun twice is begun once.
    pub async fn start_session(&self, id: SessionId, began: Option<i64>) -> Result<(), ServiceError> {
        self.allow_session("session.run", id).await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        self.change("session.started", |work| async move {
            let mut session = work.session(id).await?;
            if session.state == SessionState::InProgress {
                work.changed("session", id.0, session.version);
                return Ok(());
            }
            let next = session.state.after(SessionMove::Start)?;
            may_start(session.slot, session.flagged.is_some(), session.body.write_up_until, now_ms)?;
            session.state = next;
            session.body.happened(me, now_ms, What::Became { state: next });
            work.save_session(&mut session).await?;
            self.begin_record(&work, &session).await?;
            if let Some(minute) = began {
                may_start_at(&timeline(&session, &[], &[]), minute, now_ms)
                    .map_err(|refusal| ServiceError::field("began", refusal.words))?;
                let content = Content::Start { minute, replaces: None };
                let body = EntryBody { content, device: None };
                let own = made_of(id.0, &body.content);
                let mut entry = Entry::new(own, id, session.children(), me, now_ms, body);
                work.insert_entry(&mut entry).await?;
            }
            Ok(())
        })
        .await
    }

    async fn begin_record(&self, work: &Work, session: &Session) -> Result<(), ServiceError> {
        let mut children = Vec::new();
        for id in session.children() {
            children.push(work.child(id).await?);
        }
        let first = children.first().ok_or(ServiceError::NotFound)?;
        let room = work.room(session.room).await?;
        let place = format!("{}, {}", room.name, work.venue(room.venue).await?.name);
        let due_ms = self.sign_by(session.slot);
        let mut record = Record {
            id: session.id,
            version: 0,
            children: session.children(),
            author: self.me()?,
            state: RecordState::Open,
            opened_ms: self.now_ms(),
            due_ms,
            signed_ms: None,
            reviewed_ms: None,
            body: RecordBody {
                bands: children.iter().map(|child| (child.id, band(child, session))).collect(),
                purpose: children.iter().map(purpose).min().unwrap_or(RecordPurpose::Proceedings),
                signatures: Vec::new(),
                reviews: Vec::new(),
                place,
                released: None,
            },
        };
        work.insert_record(&mut record).await?;
        self.remind(work, NoticeKind::RecordSignBy, session.id.0, first.id, due_ms).await
    }
}

/// The age band on the day of the session; a child whose date of birth is not known yet counts as the youngest it can be.
pub(crate) fn band(child: &Child, session: &Session) -> AgeBand {
    AgeBand::of_age(child.body.facts.as_ref().map_or(0, |facts| facts.birth.age_on(session.slot.day)))
}

fn purpose(child: &Child) -> RecordPurpose {
    let in_proceedings = child.body.legal.as_ref().is_some_and(|legal| legal.status.in_proceedings());
    if in_proceedings { RecordPurpose::Proceedings } else { RecordPurpose::Relationship }
}
