//! A scope for changing: a transaction that ends with its entry in the access log, or not at all.

use std::ops::Deref;
use std::sync::Arc;

use kith_vault::Place;
use sea_orm::{EntityName, EntityTrait, ModelTrait};
use serde::Serialize;
use uuid::Uuid;

use crate::entity::Envelope;
use crate::ledger::body::{self, Now, Outcome};
use crate::{Look, StoreError, row, stored};

/// A scope for changing, made by [`Store::work`](crate::Store::work): a [`Look`] inside a transaction.
///
/// Cloning gives another handle to the same transaction; [`commit`](Self::commit) is the last one's to call. Dropped
/// without it, nothing is changed; what was seen is still entered in the log.
#[derive(Clone)]
pub struct Work {
    look: Arc<Look>,
}

impl Deref for Work {
    type Target = Look;
    fn deref(&self) -> &Look {
        &self.look
    }
}

impl Work {
    pub(crate) fn new(look: Look) -> Self {
        Self { look: Arc::new(look) }
    }

    /// The same at another time, see [`Look::at`]. Nothing changes while another handle is held.
    #[must_use]
    pub fn at(mut self, now_ms: i64) -> Self {
        if let Some(look) = Arc::get_mut(&mut self.look) {
            look.set_now(now_ms);
        }
        self
    }

    /// Seals `body`, with the version of its shape, into a row at its new version, for every file it belongs to, bound to
    /// what stands in the clear beside it; notes the row as changed.
    ///
    /// A file whose key was destroyed is left out: what is written of two children goes on when one's file has ended.
    /// [`StoreError::Destroyed`] if none is left.
    pub(crate) async fn seal<M: Envelope, T: Serialize + Sync>(
        &self,
        model: M,
        files: &[Uuid],
        body: &T,
    ) -> Result<M, StoreError> {
        let (table, row, version) = (M::TABLE, model.row(), model.version());
        let mut keys = Vec::with_capacity(files.len());
        for &file in files {
            keys.extend(self.file_key(file).await?.map(|key| (file, key)));
        }
        if keys.is_empty() && !files.is_empty() {
            return Err(StoreError::Destroyed);
        }
        let keys: Vec<_> = keys.iter().map(|(file, key)| (*file, key)).collect();
        let plain = stored::write(table, body).ok_or(StoreError::Corrupt { table, row })?;
        let clear = row::clear(&model);
        let place = Place { authority: &self.store().0.authority, table, row, version, clear: &clear };
        let sealed = kith_vault::seal(&place, &keys, &plain)?;
        self.now(table, row, version, Now::Is(row::digest(&clear, &sealed)));
        Ok(model.with(sealed))
    }

    /// Notes a row as changed that has no envelope.
    pub(crate) fn wrote<M: ModelTrait>(&self, row: Uuid, version: i64, model: &M) {
        self.now(M::Entity::default().table_name(), row, version, Now::Is(row::digest_of(model)));
    }

    /// Notes as changed the rows that belong to `of`: these are all of them.
    pub(crate) fn wrote_all<M: ModelTrait>(&self, of: Uuid, models: &[M]) {
        let now = row::digest_of_all(models).map_or(Now::Gone, Now::Is);
        self.now(M::Entity::default().table_name(), of, 0, now);
    }

    /// Notes that a row was taken away.
    pub(crate) fn took_away<E: EntityTrait>(&self, row: Uuid, version: i64) {
        self.now(E::default().table_name(), row, version, Now::Gone);
    }

    fn now(&self, table: &'static str, row: Uuid, version: i64, now: Now) {
        self.noted().changed.insert((table, row, version), now);
    }

    /// Notes a row as meant to be changed that was found so already, or of which the log keeps no digest.
    pub fn changed(&self, table: &'static str, row: Uuid, version: i64) {
        self.noted().changed.entry((table, row, version)).or_insert(Now::AsBefore);
    }

    /// Writes what was seen and changed into the access log and commits, both in the same transaction.
    ///
    /// [`StoreError::Unledgered`] if nothing was noted as changed. [`StoreError::Retry`] on `PostgreSQL` if others
    /// changed the same: nothing is saved, and the whole piece of work can be done again. [`StoreError::Closed`] while
    /// another handle is held: what it does next would not be in the entry.
    pub async fn commit(self, action: &'static str, now_ms: i64) -> Result<(), StoreError> {
        let mut look = Arc::into_inner(self.look).ok_or(StoreError::Closed)?;
        let entries = {
            let noted = look.noted();
            if noted.changed.is_empty() {
                return Err(StoreError::Unledgered);
            }
            body::entries(look.access(), action, now_ms, &noted, &Outcome::Done)
        };
        let transaction = look.take_transaction().ok_or(StoreError::Closed)?;
        look.store().0.lanes.commit(transaction, entries.iter()).await?;
        look.forget();
        Ok(())
    }
}
