//! Signing a record, and adding to it afterwards.

use kith_domain::form::{Fields, LONG_TEXT_CHARS, Reader};
use kith_domain::ids::{AccountId, EntryId, PersonId, SessionId};
use kith_domain::notice::NoticeKind;
use kith_domain::record::{
    Addendum, AgeBand, EntryBody, RecordPurpose, RecordState, Signature, answered, may_add, may_sign,
};
use kith_domain::session::Attendance;
use kith_store::{Entry, EntryKind, Record, Session};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::policy::Resource;
use crate::{Desk, ServiceError};

/// What is signed, in the order in which it is digested. Signatures and reviews are not part of it: they come after.
#[derive(Serialize)]
struct Signed<'a> {
    session: SessionId,
    day: i64,
    start_minute: i64,
    end_minute: i64,
    supervisor: AccountId,
    second_supervisor: Option<AccountId>,
    people: &'a [PersonId],
    state: &'a str,
    started_ms: Option<i64>,
    ended_ms: Option<i64>,
    ending_note: Option<&'a str>,
    place: &'a str,
    band: AgeBand,
    purpose: RecordPurpose,
    attendance: &'a [Attendance],
    entries: Vec<SignedEntry<'a>>,
}

#[derive(Serialize)]
struct SignedEntry<'a> {
    id: EntryId,
    author: AccountId,
    written_ms: i64,
    body: &'a EntryBody,
}

/// SHA-256, in hexadecimal, of a record as it stands signed at an instant: JSON with its fields always in the same order,
/// entries in the order written, addenda up to then.
pub(super) fn digest(session: &Session, people: &[PersonId], record: &Record, entries: &[Entry], at_ms: i64) -> String {
    let signed = Signed {
        session: session.id,
        day: kith_domain::calendar::day_number(session.slot.day),
        start_minute: session.slot.start_minute,
        end_minute: session.slot.end_minute,
        supervisor: session.supervisor,
        second_supervisor: session.body.second_supervisor,
        people,
        state: session.state.code(),
        started_ms: session.body.started_ms,
        ended_ms: session.body.ended_ms,
        ending_note: session.body.ending_note.as_deref(),
        place: &record.body.place,
        band: record.body.band,
        purpose: record.body.purpose,
        attendance: &record.body.attendance,
        entries: entries
            .iter()
            .filter(|entry| entry.kind() == EntryKind::Observation || entry.written_ms < at_ms)
            .map(|entry| SignedEntry {
                id: entry.id,
                author: entry.author,
                written_ms: entry.written_ms,
                body: &entry.body,
            })
            .collect(),
    };
    let json = serde_json::to_vec(&signed).expect("ids, numbers, codes and strings are always JSON");
    hex::encode(Sha256::digest(&json))
}

impl Desk {
    /// Signs the record: reads `password`, asked again, and `late_reason`. Signed twice is signed once.
    pub async fn sign_record(&self, id: SessionId, fields: &Fields) -> Result<(), ServiceError> {
        self.allow_session("record.write", id).await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        let mut r = Reader::new(fields);
        let reason = r.text("late_reason", "Why it is late", LONG_TEXT_CHARS);
        r.finish(())?;
        // Sent many times at once, it is signed once; the others find it signed, and no password is asked of them.
        let _turn = self.service.turns().of(me.0).await;
        let look = self.look();
        let record = look.record(id).await?;
        look.done("record.read", now_ms).await?;
        if record.state == RecordState::Signed && record.author == me {
            return Ok(());
        }
        self.service.confirm_password(self.actor(), fields.get("password")).await?;
        self.change("record.signed", |work| {
            let reason = reason.clone();
            async move {
                let mut record = work.record(id).await?;
                if record.state == RecordState::Signed && record.author == me {
                    work.changed("record", id.0, record.version);
                    return Ok(());
                }
                let session = work.session(id).await?;
                let people = work.people_in(id).await?;
                let entries = work.entries_of(id).await?;
                let observed = entries.iter().filter(|entry| entry.kind() == EntryKind::Observation).count();
                let late = now_ms > record.due_ms;
                let over = session.state.is_over();
                may_sign(record.state, record.author == me, observed, over, late, reason.as_deref())?;
                let added = entries.iter().filter(|entry| entry.kind() == EntryKind::Addendum);
                let added: Vec<i64> = added.map(|entry| entry.written_ms).collect();
                answered(record.state, record.reviewed_ms, &added)?;
                let late_reason = reason.filter(|_| late && record.state == RecordState::Open);
                let digest = digest(&session, &people, &record, &entries, now_ms);
                record.body.signatures.push(Signature { by: me, at_ms: now_ms, digest, late_reason });
                record.state = RecordState::Signed;
                record.signed_ms = Some(now_ms);
                work.save_record(&mut record).await?;
                let workers = self.social_workers(&work, &session.children()).await?;
                self.tell(&work, workers, NoticeKind::RecordSigned, id.0).await?;
                Ok(())
            }
        })
        .await
    }

    /// Adds a correction beside the text, which stays as it was signed. By the author, or by a manager of the area; the id
    /// was made when the form was shown, so that sent twice it stands once.
    pub async fn add_addendum(&self, id: SessionId, entry: EntryId, fields: &Fields) -> Result<(), ServiceError> {
        let scope = self.allow_session("record.read", id).await?;
        if !self.permits("record.write", &Resource::Session(&scope)) {
            self.allow("record.review", &Resource::Session(&scope)).await?;
        }
        let addendum = Addendum::read(fields)?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        self.change("record.added_to", |work| {
            let addendum = addendum.clone();
            async move {
                let standing = work.standing(id, entry).await?;
                may_add(standing.state)?;
                if let Some(kept) = standing.entry {
                    let there = work.open_entry(kept).await?;
                    let same = there.session == id && there.author == me;
                    if !same || there.body != EntryBody::Addendum(addendum) {
                        return Err(ServiceError::NotFound);
                    }
                    work.changed("entry", entry.0, there.version);
                    return Ok(());
                }
                if let Some(about) = addendum.about {
                    let corrected = work.entry(about).await?;
                    if corrected.session != id || corrected.kind() != EntryKind::Observation {
                        return Err(ServiceError::NotFound);
                    }
                }
                let body = EntryBody::Addendum(addendum);
                let mut added = Entry::new(entry, &standing.scope, me, now_ms, body);
                work.insert_entry(&mut added).await?;
                // The record has another version now: two papers of it with different words are told apart.
                let mut record = work.record(id).await?;
                work.save_record(&mut record).await?;
                self.tell(&work, [record.author], NoticeKind::RecordAddedTo, id.0).await?;
                Ok(())
            }
        })
        .await
    }
}
