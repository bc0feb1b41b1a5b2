//! Signing a record, and adding to it afterwards.

use kith_domain::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use kith_domain::ids::{EntryId, SessionId};
use kith_domain::notice::NoticeKind;
use kith_domain::record::texts::texts;
use kith_domain::record::{
    Addendum, Content, EntryBody, EntryKind, RecordState, Signature, answered, may_add, may_sign,
};
use kith_store::{Entry, TextStanding};

use super::attendance::timeline;
use super::digest::digest;
use crate::policy::Resource;
use crate::{Desk, ServiceError};

/// What a signature takes. No Debug: it holds a password.
#[derive(Clone)]
pub struct Signing {
    /// The password of who signs, asked again.
    pub password: String,
    /// Why the record is signed late, when it is.
    pub late_reason: Option<String>,
}

impl Signing {
    /// Reads `password` and `late_reason`.
    pub fn read(fields: &Fields) -> Result<Signing, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let late_reason = r.text("late_reason", "Why it is late", LONG_TEXT_CHARS);
        // As typed: a blank at its end can be part of a password.
        r.finish(Signing { password: fields.get("password").to_owned(), late_reason })
    }
}

impl Desk {
    /// Signs the record. Signed twice is signed once.
    pub async fn sign_record(&self, id: SessionId, signing: &Signing) -> Result<(), ServiceError> {
        self.allow_session("record.write", id).await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        // Sent many times at once, it is signed once; the others find it signed, and no password is asked of them.
        let _turn = self.service.turns().of(me.0).await;
        let look = self.look();
        let record = look.record(id).await?;
        look.done("record.read", now_ms).await?;
        if record.state == RecordState::Signed && record.author == me {
            return Ok(());
        }
        self.service.confirm_password(self.actor(), &signing.password).await?;
        self.change("record.signed", |work| {
            let reason = signing.late_reason.clone();
            async move {
                let mut record = work.record(id).await?;
                if record.state == RecordState::Signed && record.author == me {
                    work.changed("record", id.0, record.version);
                    return Ok(());
                }
                let session = work.session(id).await?;
                let people = work.people_in(id).await?;
                let (entries, _) = work.entries_of(id).await?;
                let timeline = timeline(&session, &people, &entries);
                let texts = texts(entries.iter().map(Entry::seen), timeline.hours(), self.service.register().limits());
                let observed = texts.iter().filter(|texts| texts.struck.is_none()).count();
                let late = now_ms > record.due_ms;
                let over = session.state.is_over();
                may_sign(record.state, record.author == me, observed, over, late, reason.as_deref())?;
                let added = entries.iter().filter(|entry| entry.kind() == EntryKind::Addendum);
                let added: Vec<i64> = added.map(|entry| entry.received_ms).collect();
                answered(record.state, record.reviewed_ms, &added)?;
                let late_reason = reason.filter(|_| late && record.state == RecordState::Open);
                let digest = digest(&session, &people, &record, &entries, me, now_ms);
                record.body.signatures.push(Signature { by: me, at_ms: now_ms, digest, late_reason });
                record.state = RecordState::Signed;
                record.signed_ms = Some(now_ms);
                work.save_record(&mut record).await?;
                let workers = self.social_workers(&work, &session.children()).await?;
                self.tell(&work, workers, NoticeKind::RecordSigned, id.0).await?;
                if record.body.signatures.len() > 1 {
                    self.tell_of_corrected(&work, &session.children(), id.0).await?;
                }
                Ok(())
            }
        })
        .await
    }

    /// Adds a correction beside the text, which stays as it was signed. By the author, or by a manager of the area; the id
    /// was made when the form was shown, so that sent twice it stands once.
    pub async fn add_addendum(&self, id: SessionId, entry: EntryId, addendum: &Addendum) -> Result<(), ServiceError> {
        let scope = self.allow_session("record.read", id).await?;
        if !self.permits("record.write", &Resource::Session(&scope)) {
            self.allow("record.review", &Resource::Session(&scope)).await?;
        }
        let (me, now_ms) = (self.me()?, self.now_ms());
        self.change("record.added_to", |work| {
            let addendum = addendum.clone();
            async move {
                let TextStanding { scope, state, entry: kept, .. } = work.standing(id, entry, None).await?;
                may_add(state)?;
                let mut children = scope.children();
                if let Some(about) = addendum.about {
                    let corrected = work.entry(about).await?;
                    if corrected.session != id || corrected.kind() != EntryKind::Observation {
                        return Err(ServiceError::NotFound);
                    }
                    children = corrected.children;
                }
                let body = EntryBody { content: Content::Addendum(addendum), device: None };
                if let Some(kept) = kept {
                    let there = work.open_entry(kept).await?;
                    let same = there.session == id && there.author == me;
                    if !same || there.body != body {
                        return Err(ServiceError::NotFound);
                    }
                    work.changed("entry", entry.0, there.number);
                    return Ok(());
                }
                let mut added = Entry::new(entry, id, children, me, now_ms, body);
                work.insert_entry(&mut added).await?;
                // The record has another version now: two papers of it with different words are told apart.
                let mut record = work.record(id).await?;
                work.save_record(&mut record).await?;
                self.tell(&work, [record.author], NoticeKind::RecordAddedTo, id.0).await?;
                self.tell_of_corrected(&work, &scope.children(), entry.0).await?;
                Ok(())
            }
        })
        .await
    }
}
