//! A scope for reading: who looks and what for, through which connection, and what was seen.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kith_domain::access::Access;
use kith_vault::{BlindIndex, FileKey, Place};
use sea_orm::{DatabaseConnection, DatabaseExecutor, DatabaseTransaction};
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::entity::Envelope;
use crate::keys::AsOf;
use crate::ledger::body::{self, Asked, Noted, Outcome};
use crate::{Store, StoreError, stored};

/// Action of the entry for what was seen in a scope that was left before its end.
pub(crate) const ABANDONED: &str = "look.abandoned";

/// A scope for reading, made by [`Store::look`].
///
/// End it with [`done`](Self::done) before anything that was read is given out. A scope that is dropped instead, by
/// an error or a cancelled request, still leaves an entry (`look.abandoned`) for what it had seen.
pub struct Look {
    store: Store,
    access: Access,
    executor: Executor,
    noted: Mutex<Noted>,
    /// By which clock it is decided what is allocated to whom, UTC milliseconds.
    now_ms: i64,
    /// Set once what is allocated to whoever asks was found to be Kith's own.
    pub(crate) allocated: OnceCell<()>,
    /// How many keys had been destroyed when the first was asked for.
    keys_as_of: OnceCell<AsOf>,
    /// The key under which tokens are stored, see [`crate::Work::blind`].
    pub(crate) index_key: OnceCell<Arc<BlindIndex>>,
}

/// What statements run on.
enum Executor {
    Pool(DatabaseConnection),
    /// Reads only, all of it as it was at one moment.
    Snapshot(DatabaseTransaction),
    Transaction(DatabaseTransaction),
}

impl Look {
    pub(crate) fn reading(store: Store, access: Access) -> Self {
        let pool = store.0.read.clone();
        Self::with(store, access, Executor::Pool(pool))
    }

    pub(crate) fn at_one_moment(store: Store, access: Access, transaction: DatabaseTransaction) -> Self {
        Self::with(store, access, Executor::Snapshot(transaction))
    }

    pub(crate) fn changing(store: Store, access: Access, transaction: DatabaseTransaction) -> Self {
        Self::with(store, access, Executor::Transaction(transaction))
    }

    fn with(store: Store, access: Access, executor: Executor) -> Self {
        let now_ms = jiff::Timestamp::now().as_millisecond();
        Self {
            store,
            access,
            executor,
            noted: Mutex::default(),
            now_ms,
            allocated: OnceCell::new(),
            keys_as_of: OnceCell::new(),
            index_key: OnceCell::new(),
        }
    }

    /// The same at another time than the machine's clock says, UTC milliseconds: what is allocated to whom is decided by it.
    #[must_use]
    pub fn at(mut self, now_ms: i64) -> Self {
        self.now_ms = now_ms;
        self
    }

    pub(crate) const fn set_now(&mut self, now_ms: i64) {
        self.now_ms = now_ms;
    }

    pub(crate) const fn now_ms(&self) -> i64 {
        self.now_ms
    }

    /// Who looks, and what for.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Whether it is a scope for changing.
    pub(crate) const fn is_changing(&self) -> bool {
        matches!(self.executor, Executor::Transaction(_))
    }

    /// What statements run on: the pool for reading, or a transaction.
    pub(crate) fn db(&self) -> DatabaseExecutor<'_> {
        match &self.executor {
            Executor::Pool(pool) => DatabaseExecutor::Connection(pool),
            Executor::Snapshot(transaction) | Executor::Transaction(transaction) => {
                DatabaseExecutor::Transaction(transaction)
            }
        }
    }

    /// Opens the body of a row, brings it forward from the shape that it was written in, and notes it as seen.
    ///
    /// [`StoreError::Destroyed`] if every file it belonged to is gone, [`StoreError::Sealed`] if it was altered or
    /// moved, or one of the clear columns beside it was; [`StoreError::Corrupt`] if its content is not a `T`.
    pub(crate) async fn open<M: Envelope, T: DeserializeOwned>(&self, model: &M) -> Result<T, StoreError> {
        let (table, row, version, sealed) = (M::TABLE, model.row(), model.version(), model.sealed());
        let failed = |source| match source {
            kith_vault::VaultError::Destroyed => StoreError::Destroyed,
            source => StoreError::Sealed { table, row, source },
        };
        let files = kith_vault::files_of(sealed).map_err(failed)?;
        let mut keys = Vec::with_capacity(1);
        for file in files {
            if let Some(key) = self.file_key(file).await? {
                keys.push((file, key));
            }
        }
        let clear = crate::row::clear(model);
        let place = Place { authority: &self.store.0.authority, table, row, version, clear: &clear };
        let key = |file| keys.iter().find(|(id, _)| *id == file).map(|(_, key)| key.clone());
        let plain = kith_vault::open(&place, sealed, key).map_err(failed)?;
        self.store.0.counter.opened();
        self.noted().seen.insert((table, row, Some(version)));
        stored::read(table, &plain).map_err(|why| match why {
            stored::Unreadable::Newer => StoreError::NewerBody { table },
            stored::Unreadable::Corrupt => StoreError::Corrupt { table, row },
        })
    }

    /// Notes a row as seen of which no envelope was opened.
    pub fn note(&self, table: &'static str, row: Uuid) {
        self.noted().seen.insert((table, row, None));
    }

    /// Notes what was searched for: there is an entry even when nothing was found.
    pub fn searched(&self, asked: Asked) {
        self.noted().asked = Some(asked);
    }

    /// Notes a keyed hash of the address that it came from.
    pub fn came_from(&self, from: Uuid) {
        self.noted().from = Some(from);
    }

    /// Ends the scope: one entry in the access log for all that was seen, durable when this returns. No entry if
    /// nothing was seen and nothing was searched for.
    ///
    /// If it fails, do not give out what was read. `action` is a code such as `referral.read`.
    pub async fn done(mut self, action: &'static str, now_ms: i64) -> Result<(), StoreError> {
        // Everything was read: others can have the connection while this one waits for the log.
        if matches!(self.executor, Executor::Snapshot(_)) {
            self.executor = Executor::Pool(self.store.0.read.clone());
        }
        let entries = self.entries_of_seen(action, now_ms);
        if entries.is_empty() {
            return Ok(());
        }
        let answer = self.store.0.writer.write(entries)?;
        // From here on the writer has it, whether or not anybody waits for the answer.
        self.forget();
        answer.await
    }

    /// Has the keys at hand of the files that these envelopes belong to: one statement for all of them instead of one for
    /// each when they are opened. What is wrong with an envelope is said when it is opened.
    pub(crate) async fn fetch_keys<'a>(&self, sealed: impl Iterator<Item = &'a [u8]>) -> Result<(), StoreError> {
        let mut files: Vec<Uuid> = sealed.filter_map(|sealed| kith_vault::files_of(sealed).ok()).flatten().collect();
        files.sort_unstable();
        files.dedup();
        if files.len() > 1 {
            self.store.0.keys.get_all(&files, self.keys_as_of().await?).await?;
        }
        Ok(())
    }

    /// The key of a file; `None` if it was destroyed.
    pub(crate) async fn file_key(&self, file: Uuid) -> Result<Option<FileKey>, StoreError> {
        self.store.0.keys.get(file, self.keys_as_of().await?).await
    }

    /// Asked once: what was destroyed before, by whichever server, is not used in this scope.
    async fn keys_as_of(&self) -> Result<AsOf, StoreError> {
        self.keys_as_of.get_or_try_init(|| self.store.0.keys.as_of()).await.copied()
    }

    /// What was noted. A poisoned lock only means that a thread ended while holding it; each change under it is a single
    /// step.
    pub(crate) fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what was noted, because it is in the log.
    pub(crate) fn forget(&self) {
        *self.noted() = Noted::default();
    }

    /// The transaction, to be committed; the scope reads from the pool afterwards.
    pub(crate) fn take_transaction(&mut self) -> Option<DatabaseTransaction> {
        let pool = Executor::Pool(self.store.0.read.clone());
        match std::mem::replace(&mut self.executor, pool) {
            Executor::Transaction(transaction) => Some(transaction),
            Executor::Pool(_) | Executor::Snapshot(_) => None,
        }
    }

    fn entries_of_seen(&self, action: &'static str, now_ms: i64) -> Vec<body::NewEntry> {
        let seen = {
            let noted = self.noted();
            Noted { seen: noted.seen.clone(), asked: noted.asked.clone(), from: noted.from, ..Noted::default() }
        };
        if seen.seen.is_empty() && seen.asked.is_none() {
            return Vec::new();
        }
        body::entries(&self.access, action, now_ms, &seen, &Outcome::Done)
    }
}

impl Drop for Look {
    fn drop(&mut self) {
        let entries = self.entries_of_seen(ABANDONED, jiff::Timestamp::now().as_millisecond());
        if !entries.is_empty() {
            self.store.0.writer.write_abandoned(entries);
        }
    }
}
