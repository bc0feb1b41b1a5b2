//! The store itself: what lives as long as the program runs, and the doors to it.

use std::fs::File;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use kith_domain::access::Access;
use kith_domain::catalogue::RegisteredItems;
use kith_files::{Clamd, Depot};
use kith_ledger::Log;
use kith_vault::FileKey;
use sea_orm::DatabaseConnection;
use uuid::Uuid;

use crate::counts::{Counter, Counts};
use crate::destroyed::DestroyedList;
use crate::index::Index;
use crate::keys::KeyStore;
use crate::ledger::body;
use crate::ledger::body::{Noted, Outcome};
use crate::ledger::lanes::Lanes;
use crate::ledger::sequence::{Reopen, Sequencer};
use crate::ledger::server::ThisServer;
use crate::ledger::signing::Signing;
use crate::ledger::writer::Writer;
use crate::room::Room;
use crate::{Look, Settings, StoreError, Work, engine, open};

/// How often a transaction that the engine gave up is begun again.
const RETRIES_MAX: u32 = 12;
/// The longest pause before beginning again.
const RETRY_PAUSE_MAX: Duration = Duration::from_millis(400);

/// The store of one authority. Cloning gives another handle to the same.
#[derive(Clone)]
pub struct Store(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) authority: String,
    /// What may be stored, and read for which purpose, with the number of the register's version that says so; 0: the file.
    pub(crate) items: RwLock<(i64, Arc<RegisteredItems>)>,
    pub(crate) write: DatabaseConnection,
    pub(crate) read: DatabaseConnection,
    pub(crate) counter: Arc<Counter>,
    pub(crate) room: Room,
    /// Where documents are kept.
    pub(crate) depot: Depot,
    pub(crate) clamd: Option<Clamd>,
    pub(crate) keys: KeyStore,
    pub(crate) index: Index,
    pub(crate) web: FileKey,
    /// For the keyed hash of rows without an envelope.
    pub(crate) rows: FileKey,
    /// For the keyed hashes of the access log.
    pub(crate) log_key: FileKey,
    pub(crate) lanes: Arc<Lanes>,
    pub(crate) this: Arc<ThisServer>,
    /// When the log was begun anew, UTC milliseconds; `None` for the first.
    pub(crate) begun_anew_ms: Option<i64>,
    /// Which files were destroyed, in the second place.
    pub(crate) destroyed: DestroyedList,
    /// See [`Store::destroyed_again`].
    pub(crate) destroyed_again: AtomicUsize,
    pub(crate) signing: Signing,
    /// `None` once closed.
    pub(crate) log: Arc<tokio::sync::Mutex<Option<Log>>>,
    pub(crate) reopen_log: Reopen,
    /// Whether [`Store::close`] was called: what is closed is not opened again.
    pub(crate) closed: Arc<AtomicBool>,
    pub(crate) writer: Writer,
    /// Held for its lock on the data directory; `None` once closed.
    pub(crate) lock: Mutex<Option<File>>,
}

impl Store {
    /// Opens the store; at the first start creates the data directory (for its owner only) and everything in it.
    ///
    /// Must be called inside a Tokio runtime, which must live until [`close`](Self::close) has returned. Errors say
    /// what to do: no permission, another kith running, a newer or a foreign database, keys that are not those the
    /// database was written with, a server that cannot be reached.
    pub async fn open(settings: Settings) -> Result<Self, StoreError> {
        // What it needs on the way is not carried along by whoever waits for it.
        Box::pin(open::open(settings)).await
    }

    /// Works by the items of another version of the register from now on, unless a later one is known already.
    pub fn set_items(&self, number: i64, items: RegisteredItems) {
        let mut held = self.0.items.write().unwrap_or_else(PoisonError::into_inner);
        if held.0 < number {
            *held = (number, Arc::new(items));
        }
    }

    /// What may be stored, and the number of the version that says so.
    pub(crate) fn items_of(&self) -> (i64, Arc<RegisteredItems>) {
        self.0.items.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What may be stored and read for which purpose.
    pub(crate) fn items(&self) -> Arc<RegisteredItems> {
        self.items_of().1
    }

    /// A scope for reading.
    pub fn look(&self, access: &Access) -> Look {
        Look::reading(self.clone(), access.clone())
    }

    /// A scope for reading in which everything is as it was at one moment: what decides who may, and what is then read. It
    /// holds a connection until it ends, so nothing else is read beside it in the same piece of work.
    pub async fn snapshot(&self, access: &Access) -> Result<Look, StoreError> {
        let transaction = engine::begin_reading(&self.0.read).await?;
        Ok(Look::at_one_moment(self.clone(), access.clone(), transaction))
    }

    /// A scope for changing: a transaction. On `SQLite` there is one at a time and the others wait; on `PostgreSQL` it
    /// is serializable and may end in [`StoreError::Retry`], see [`retry`](Self::retry).
    ///
    /// [`StoreError::Full`] when less room than the reserve is left on the disk, before anything is written;
    /// [`StoreError::LogStopped`] when the log could not be signed for too long.
    ///
    /// While it is open, do not wait for [`Look::done`], [`refused`](Self::refused) or another piece of work: on
    /// `SQLite` they wait for this one.
    pub async fn work(&self, access: &Access) -> Result<Work, StoreError> {
        self.0.room.check()?;
        self.0.signing.check()?;
        self.work_in_reserve(access).await
    }

    /// A scope for changing what nobody could read without, such as a sign-in: it may use the reserve of the disk.
    pub async fn work_in_reserve(&self, access: &Access) -> Result<Work, StoreError> {
        let transaction = engine::begin_work(&self.0.write).await?;
        Ok(Work::new(Look::changing(self.clone(), access.clone(), transaction)))
    }

    /// Runs `attempt` again, from the beginning, for as long as it ends in [`StoreError::Retry`], up to twelve times
    /// with growing pauses. What it does must begin with [`work`](Self::work).
    pub async fn retry<T, F>(&self, mut attempt: impl FnMut() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let mut pause = Duration::from_millis(4);
        for _ in 1..RETRIES_MAX {
            match attempt().await {
                Err(StoreError::Retry) => {}
                result => return result,
            }
            // Those who clashed once must not come back at the same instant: up to as long again, by chance.
            let chance = u32::from(Uuid::new_v4().as_bytes()[0]);
            tokio::time::sleep(pause + pause * chance / 255).await;
            pause = (pause * 2).min(RETRY_PAUSE_MAX);
        }
        attempt().await
    }

    /// Writes that something was refused; durable when this returns. `subject` is the record it was about.
    pub async fn refused(
        &self,
        access: &Access,
        action: &'static str,
        subject: Option<Uuid>,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        self.refused_from(access, action, subject, None, now_ms).await
    }

    /// The same with a keyed hash of the address that it came from.
    pub async fn refused_from(
        &self,
        access: &Access,
        action: &'static str,
        subject: Option<Uuid>,
        from: Option<Uuid>,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let noted = Noted { from, ..Noted::default() };
        let entries = body::entries(access, action, now_ms, &noted, &Outcome::Refused(subject));
        self.0.writer.write(entries)?.await
    }

    /// Brings every entry of the access log that is committed and as Kith wrote it into the signed Merkle tree, and returns the
    /// size of the tree. Does nothing twice, and takes up what an earlier call that was interrupted left.
    ///
    /// [`StoreError::LedgerUnproven`] says what was left unsigned. When it fails for longer than
    /// [`Settings::unsigned_max`], nothing can be changed until it succeeds.
    pub async fn sequence(&self) -> Result<u64, StoreError> {
        let Inner { write, read, this, log_key: key, log, reopen_log: reopen, signing, .. } = &*self.0;
        let ended = Sequencer { write, read, this, key, log, reopen }.run().await;
        signing.ended(ended.is_ok());
        ended
    }

    /// How much it was asked for since it was opened.
    pub fn counts(&self) -> Counts {
        self.0.counter.so_far()
    }

    /// The key for what the pages keep: cookies, held forms.
    pub fn web_key(&self) -> &FileKey {
        &self.0.web
    }

    /// Why Kith only reads, if it does: [`StoreError::Full`] or [`StoreError::LogStopped`]. It ends by itself when there is
    /// room again, or the log is signed again.
    pub fn only_reads(&self) -> Option<StoreError> {
        self.0.room.check().and_then(|()| self.0.signing.check()).err()
    }

    /// When the signed log was begun anew, UTC milliseconds; `None` as long as it is the first.
    pub fn log_begun_anew_ms(&self) -> Option<i64> {
        self.0.begun_anew_ms
    }

    /// Sets another reserve of room on the disk than the store was opened with, from now on.
    pub fn set_reserve_mib(&self, reserve_mib: u64) {
        self.0.room.set_reserve_mib(reserve_mib);
    }

    /// Makes the key of a new file; durable when this returns, so that data may refer to it. Does nothing if the file
    /// has a key; [`StoreError::Destroyed`] if it had one.
    pub async fn create_file_key(&self, file: Uuid) -> Result<(), StoreError> {
        match self.0.keys.get(file, self.0.keys.as_of().await?).await {
            Ok(Some(_)) => return Ok(()),
            Ok(None) => return Err(StoreError::Destroyed),
            Err(StoreError::KeyMissing { .. }) => {}
            Err(error) => return Err(error),
        }
        self.0.room.check()?;
        self.0.keys.create(file).await
    }

    /// Destroys the key of a file alone, as somebody past every rule would. The service goes through [`Store::destroy_file`].
    #[cfg(any(test, feature = "testing"))]
    pub async fn destroy_file_key(&self, file: Uuid) -> Result<(), StoreError> {
        self.0.keys.destroy(file).await
    }

    /// Writes what still waits for the access log, closes the databases and gives the data directory free. Call it
    /// last: every other handle and scope fails afterwards with [`StoreError::Closed`].
    pub async fn close(&self) -> Result<(), StoreError> {
        self.0.closed.store(true, Ordering::Release);
        self.0.writer.close().await;
        self.0.read.close_by_ref().await?;
        self.0.write.close_by_ref().await?;
        self.0.keys.close().await?;
        self.0.log.lock().await.take();
        self.0.this.leave().await;
        self.0.lock.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(())
    }
}
