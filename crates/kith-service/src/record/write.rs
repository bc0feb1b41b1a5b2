//! Writing texts: the path that autosave takes every few seconds, so it asks the store as little as it can.

use kith_domain::calendar;
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, EntryId, SessionId};
use kith_domain::record::sheet::Typed;
use kith_domain::record::{Content, EntryBody, has_come, may_write};
use kith_store::{Entry, TextStanding};

use crate::policy::Resource;
use crate::{Desk, ServiceError};

/// A text that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavedEntry {
    /// The observation that holds it: the one it was sent for, or the one that held the same words already.
    pub entry: EntryId,
    /// How many texts that one has up to these words.
    pub version: i64,
    /// When these words were saved, UTC milliseconds.
    pub saved_ms: i64,
}

impl SavedEntry {
    /// The clock time for the person, such as `10:07`.
    pub fn clock(&self) -> String {
        calendar::clock_at(self.saved_ms)
    }
}

impl Desk {
    /// Adds a text: of a new observation, or another one of an observation after the texts that its writer had seen. The
    /// ids were made with the page, and the same words are known again, so that whatever is sent twice stands once.
    /// [`ServiceError::Conflict`] gives what another device wrote meanwhile; both are kept as soon as one is chosen.
    ///
    /// Whether a text was written during the session is computed when the record is read.
    pub async fn write_entry(&self, id: SessionId, typed: Typed) -> Result<SavedEntry, ServiceError> {
        let saved = self.change("record.written", |work| {
            let typed = typed.clone();
            async move { self.written(&work, id, typed).await }
        });
        match saved.await {
            // Not theirs, or nothing there: asked and saved in one transaction, refused and ledgered like everywhere.
            Err(ServiceError::NotFound) => self.unknown("record.write", id.0).await,
            saved => saved,
        }
    }

    async fn written(&self, work: &kith_store::Work, id: SessionId, typed: Typed) -> Result<SavedEntry, ServiceError> {
        let (me, now_ms) = (self.me()?, self.now_ms());
        let Typed { entry, version, observation, children, device } = typed;
        let content = Content::Observation(observation.clone());
        let TextStanding { scope, day, state, entry: kept, struck, same } =
            work.standing(id, entry, Some(&content)).await?;
        if !self.permits("record.write", &Resource::Session(&scope)) {
            return Err(ServiceError::NotFound);
        }
        let again = |of: EntryId, number: i64, saved_ms: i64| {
            work.changed("entry", of.0, number);
            Ok(SavedEntry { entry: of, version: number, saved_ms })
        };
        let children = about(&scope.children(), &children)?;
        let (content, number) = match kept {
            None => {
                if let Some(same) = same {
                    // The page came back with the words still in it (Back, reload), and another id.
                    return again(same.of, same.number, same.received_ms);
                }
                (content, 1)
            }
            Some(sealed) => {
                let there = work.open_entry(sealed).await?;
                let (Content::Observation(stands) | Content::Revision { observation: stands, .. }) =
                    &there.body.content
                else {
                    return Err(ServiceError::NotFound);
                };
                if there.session != id || there.author != me {
                    return Err(ServiceError::NotFound);
                }
                if *stands == observation {
                    return again(entry, there.number, there.received_ms);
                }
                if struck {
                    return Err(ServiceError::rule(
                        "record.struck_out",
                        "This entry was struck out. Write a new one: what you typed is below",
                    ));
                }
                if there.number != version {
                    // A page of before, sent once more, says nothing new; other words are another's to look at.
                    if let Some(same) = same.filter(|same| same.of == entry) {
                        return again(entry, same.number, same.received_ms);
                    }
                    let theirs = Box::new(stands.fields());
                    return Err(ServiceError::Conflict { theirs, version: there.number });
                }
                (Content::Revision { of: entry, observation: observation.clone() }, there.number + 1)
            }
        };
        may_write(state)?;
        if observation.about_minute.is_some_and(|about| !has_come(day, about, now_ms)) {
            return Err(ServiceError::field("about", "The time it is about must not be later than it is now"));
        }
        let own = if number == 1 { entry } else { EntryId(uuid::Uuid::now_v7()) };
        let body = EntryBody { content, device };
        let mut new = Entry::new(own, id, children, me, now_ms, body).numbered(number);
        work.insert_entry(&mut new).await?;
        Ok(SavedEntry { entry, version: number, saved_ms: now_ms })
    }

    /// Strikes an entry out, with the reason; it stays readable. `own` is the id of the striking out, made with the form.
    /// Struck out twice is struck out once.
    pub async fn strike_out(&self, id: SessionId, own: EntryId, of: EntryId, reason: &str) -> Result<(), ServiceError> {
        let (me, now_ms) = (self.me()?, self.now_ms());
        let fields: Fields = [("reason", reason)].into_iter().collect();
        let mut r = kith_domain::form::Reader::new(&fields);
        let reason = r.required("reason", "Why it is struck out", kith_domain::form::LONG_TEXT_CHARS);
        let read = r.finish(reason);
        let struck = self
            .change("record.struck_out", |work| {
                let read = read.clone();
                async move {
                    let standing = work.standing(id, of, None).await?;
                    if !self.permits("record.write", &Resource::Session(&standing.scope)) {
                        return Err(ServiceError::NotFound);
                    }
                    let there = work.open_entry(standing.entry.ok_or(ServiceError::NotFound)?).await?;
                    let text = matches!(there.body.content, Content::Observation(_) | Content::Revision { .. });
                    if there.session != id || there.author != me || !text {
                        return Err(ServiceError::NotFound);
                    }
                    if standing.struck {
                        work.changed("entry", of.0, there.number);
                        return Ok(());
                    }
                    may_write(standing.state)?;
                    let body = EntryBody { content: Content::StruckOut { of, reason: read? }, device: None };
                    let mut new = Entry::new(own, id, there.children.clone(), me, now_ms, body);
                    work.insert_entry(&mut new).await?;
                    Ok(())
                }
            })
            .await;
        match struck {
            Err(ServiceError::NotFound) => self.unknown("record.write", id.0).await,
            struck => struck,
        }
    }
}

/// The children an entry is about: those named, who must be of the session; all where nobody is named.
fn about(all: &[ChildId], named: &[ChildId]) -> Result<Vec<ChildId>, ServiceError> {
    if named.iter().any(|child| !all.contains(child)) {
        return Err(ServiceError::field("about_child", "Choose children of this session"));
    }
    Ok(if named.is_empty() { all.to_vec() } else { named.to_vec() })
}
