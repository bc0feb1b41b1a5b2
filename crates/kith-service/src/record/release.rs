//! Releasing a record that its author will not sign any more: read as what it is, and never called signed.

use kith_domain::form::Fields;
use kith_domain::ids::SessionId;
use kith_domain::notice::NoticeKind;
use kith_domain::record::{Leave, RecordState, Released, may_release};
use kith_store::{Record, Work};

use super::digest::digest;
use crate::{Desk, ServiceError};

impl Desk {
    /// Releases an unsigned or returned record of a supervisor who has left: by a manager, with the reason. It is locked and
    /// read like a signed one, and shown as released without a signature everywhere. Released twice is released once.
    pub async fn release_record(&self, id: SessionId, reason: &str) -> Result<(), ServiceError> {
        self.allow_session("record.release", id).await?;
        let fields: Fields = [("reason", reason)].into_iter().collect();
        let leave = Leave::read(&fields, self.me()?, self.now_ms())?;
        self.change("record.released", |work| {
            let leave = leave.clone();
            async move { self.release(&work, id, leave).await }
        })
        .await
    }

    /// Releases a record within a piece of work; who may is the caller's to have asked.
    pub(crate) async fn release(&self, work: &Work, id: SessionId, leave: Leave) -> Result<(), ServiceError> {
        let mut record = work.record(id).await?;
        if record.state == RecordState::Released {
            work.changed("record", id.0, record.version);
            return Ok(());
        }
        may_release(record.state, self.actor().is(record.author), self.is_awaited(&record))?;
        let session = work.session(id).await?;
        let people = work.people_in(id).await?;
        let (entries, _) = work.entries_of(id).await?;
        let digest = digest(&session, &people, &record, &entries, record.author, leave.at_ms);
        record.body.released = Some(Released { leave, digest, was_returned: record.state == RecordState::Returned });
        record.state = RecordState::Released;
        work.save_record(&mut record).await?;
        let mut told = self.social_workers(work, &session.children()).await?;
        told.push(record.author);
        self.tell(work, told, NoticeKind::RecordReleased, id.0).await
    }

    /// Whether this person, who may release records, may release this one now.
    pub(crate) fn may_be_released(&self, record: &Record) -> bool {
        may_release(record.state, self.actor().is(record.author), self.is_awaited(record)).is_ok()
    }

    /// Whether the author of a record is still here and has time to sign it.
    fn is_awaited(&self, record: &Record) -> bool {
        let here = self.service.card(record.author).is_some_and(|card| card.active);
        here && record.due_ms > self.now_ms()
    }
}
