//! Writing entries: the path that autosave takes every few seconds, so it asks the store as little as it can.

use kith_domain::calendar;
use kith_domain::form::Fields;
use kith_domain::ids::{EntryId, SessionId};
use kith_domain::record::{EntryBody, Observation, has_come, may_write};
use kith_store::Entry;

use crate::policy::Resource;
use crate::{Desk, ServiceError};

/// An entry that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavedEntry {
    /// Its version now.
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
    /// Saves an entry over the version its words were written on (0 for a new one). The id was made in the browser: the
    /// same entry sent twice changes nothing and is answered the same. [`ServiceError::Conflict`] gives what another
    /// device saved meanwhile.
    ///
    /// The first writing is the entry's time and is never changed; whether that was during the session or after it is
    /// computed when the record is read.
    pub async fn write_entry(
        &self,
        id: SessionId,
        entry: EntryId,
        version: i64,
        fields: &Fields,
    ) -> Result<SavedEntry, ServiceError> {
        let (me, now_ms) = (self.me()?, self.now_ms());
        let read = Observation::read(fields);
        let saved = self
            .change("record.written", |work| {
                let read = read.clone();
                async move {
                    let standing = work.standing(id, entry).await?;
                    if !self.permits("record.write", &Resource::Session(&standing.scope)) {
                        return Err(ServiceError::NotFound);
                    }
                    let mut observation = read?;
                    let about = observation.about_minute;
                    let come = || {
                        let words = "The time it is about must not be later than it is now";
                        let come = has_come(standing.day, about, now_ms);
                        if come { Ok(()) } else { Err(ServiceError::field("about", words)) }
                    };
                    let Some(kept) = standing.entry else {
                        may_write(standing.state)?;
                        come()?;
                        let body = EntryBody::Observation(observation);
                        let mut new = Entry::new(entry, &standing.scope, me, now_ms, body);
                        work.insert_entry(&mut new).await?;
                        return Ok(SavedEntry { version: new.version, saved_ms: now_ms });
                    };
                    let mut there = work.open_entry(kept).await?;
                    let EntryBody::Observation(kept) = &there.body else { return Err(ServiceError::NotFound) };
                    if there.session != id || there.author != me {
                        return Err(ServiceError::NotFound);
                    }
                    observation.changed_ms = kept.changed_ms;
                    if *kept == observation {
                        // The same words again: the answer was lost on the way.
                        work.changed("entry", entry.0, there.version);
                        let saved_ms = kept.changed_ms.unwrap_or(there.written_ms);
                        return Ok(SavedEntry { version: there.version, saved_ms });
                    }
                    may_write(standing.state)?;
                    come()?;
                    if there.version != version {
                        let theirs = Box::new(fields_of(kept));
                        return Err(ServiceError::Conflict { theirs, version: there.version });
                    }
                    observation.changed_ms = Some(now_ms);
                    there.body = EntryBody::Observation(observation);
                    work.save_entry(&mut there).await?;
                    Ok(SavedEntry { version: there.version, saved_ms: now_ms })
                }
            })
            .await;
        match saved {
            // Not theirs, or nothing there: asked and saved in one transaction, refused and ledgered like everywhere.
            Err(ServiceError::NotFound) => self.unknown("record.write", id.0).await,
            saved => saved,
        }
    }
}

/// An entry as the form it was read from.
pub fn fields_of(observation: &Observation) -> Fields {
    let mut fields = Fields::default();
    fields.set("heading", observation.heading.code());
    fields.set("about", calendar::clock(observation.about_minute));
    if let Some(basis) = observation.basis {
        fields.set("basis", basis.code());
    }
    if observation.quotation {
        fields.set("quotation", "yes");
    }
    fields.set("text", observation.text.clone());
    fields
}
