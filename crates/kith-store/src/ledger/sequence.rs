//! The sequencer: gives committed entries their place, then takes them into the signed tree.
//!
//! Two steps, each safe to repeat. First, in one transaction, entries without a place get the next ones, each lane in the order
//! of its numbers. Then the tree, which knows its own size, takes every placed entry it does not have. A crash between the two
//! leaves placed entries that the next call takes.
//!
//! Nothing is signed but what Kith wrote, as it wrote it: the keyed hash of each entry is asked when it gets its place and
//! again when it is taken into the tree, which reads through another connection, so only what is committed. What does not fit
//! is left where it is and said loudly; the lanes in which nothing is wrong go on.
//!
//! Of several servers each has a tree of its own, of the same entries in the same places. One that is behind another signs only
//! what gives the root that the other had.

use std::sync::Arc;

use kith_ledger::{Hash, LedgerError, Log};
use kith_vault::FileKey;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect, Statement, Value};
use tokio::sync::Mutex;

use super::lanes::{BEFORE_FIRST, is_ours};
use super::server::ThisServer;
use super::state::State;
use crate::entity::ledger_entry::{Column, Entity, Model};
use crate::{StoreError, engine, row};

/// Key of the `PostgreSQL` advisory lock under which places are given.
const SEQUENCE_LOCK: i64 = 0x4b69_7468_0002;
/// The most entries taken at once; each is at most 64 kB.
const BATCH_MAX: u64 = 1_000;

/// Opens the signed log where it is.
pub(crate) type Reopen = Arc<dyn Fn() -> Result<Log, StoreError> + Send + Sync>;

/// What the sequencer works on.
pub(crate) struct Sequencer<'s> {
    /// Gives places.
    pub(crate) write: &'s DatabaseConnection,
    /// Reads what is committed.
    pub(crate) read: &'s DatabaseConnection,
    /// Which server this is.
    pub(crate) this: &'s ThisServer,
    /// The key of the entries' keyed hashes.
    pub(crate) key: &'s FileKey,
    /// The signed tree.
    pub(crate) log: &'s Arc<Mutex<Option<Log>>>,
    /// Opens it again.
    pub(crate) reopen: &'s Reopen,
}

impl Sequencer<'_> {
    /// Signs everything that can be signed; returns how many entries the tree has. The error is that of what cannot.
    pub(crate) async fn run(&self) -> Result<u64, StoreError> {
        self.this.hold().await?;
        let mut log = Arc::clone(self.log).lock_owned().await;
        if log.is_none() {
            *log = Some((self.reopen)()?);
        }
        let size = |log: &Option<Log>| log.as_ref().map(Log::size).ok_or(StoreError::Closed);
        let mut once_more = true;
        loop {
            let open = log.as_ref().ok_or(StoreError::Closed)?;
            let placed = place(self.write, self.key, self.this.first_lane, open).await?;
            while size(&log)? < placed.size {
                let next = Next::after(self.read, self.key, size(&log)?, &placed.furthest).await?;
                // Writing and flushing tiles would hold up every other task of this thread.
                let reopen = Arc::clone(self.reopen);
                let taken = tokio::task::spawn_blocking(move || {
                    let result = log.as_mut().ok_or(StoreError::Closed).and_then(|log| next.append_to(log));
                    // The disk failed while the checkpoint took its place: which of the two is there is read from the disk.
                    if let Err(StoreError::Ledger(LedgerError::Uncertain)) = &result {
                        // Given up first, with its lock.
                        *log = None;
                        *log = reopen()
                            .map_err(|error| tracing::error!(%error, "the signed log cannot be opened again"))
                            .ok();
                    }
                    (log, result)
                });
                let (back, result) = taken.await.map_err(|_| StoreError::Closed)?;
                result?;
                log = back;
            }
            // What was taken into the tree is said in the database too, so that it cannot be taken away again.
            let said = placed.said == placed.size;
            if !placed.more && (said || !std::mem::take(&mut once_more)) {
                return placed.wrong.map_or(Ok(placed.size), Err);
            }
        }
    }
}

/// Size and root of a signed tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tree {
    pub(crate) size: u64,
    pub(crate) root: Hash,
}

impl Tree {
    pub(crate) fn of(log: &Log) -> Self {
        Self { size: log.size(), root: log.root() }
    }

    /// Whether a log begins with it.
    pub(crate) fn is_in(&self, log: &Log) -> Result<bool, StoreError> {
        Ok(self.size <= log.size() && log.root_at(self.size)? == self.root)
    }
}

/// What was given its place.
pub(crate) struct Placed {
    /// How many entries have one now.
    pub(crate) size: u64,
    /// How many the database says that the tree of this server had.
    said: u64,
    /// The tree of the server that was furthest.
    furthest: Tree,
    /// Whether there may be more that wait.
    more: bool,
    /// What was left because it does not fit.
    wrong: Option<StoreError>,
}

/// Begins a transaction in which no other server gives places or says how far the log went.
pub(crate) async fn begin_alone(db: &DatabaseConnection) -> Result<DatabaseTransaction, StoreError> {
    let transaction = engine::begin_plain(db).await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({SEQUENCE_LOCK})")).await?;
    }
    Ok(transaction)
}

/// Gives entries without a place the next ones, and says how far the tree of this server is. A database that has fewer than the
/// tree lost some, and their places must not be given away.
pub(crate) async fn place(
    db: &DatabaseConnection,
    key: &FileKey,
    server: i64,
    log: &Log,
) -> Result<Placed, StoreError> {
    let transaction = begin_alone(db).await?;
    let before = State::read(&transaction, key).await?.ok_or(StoreError::LogUnknown)?;
    if log.size() > before.placed {
        return Err(StoreError::LedgerAhead { log: log.size(), database: before.placed });
    }
    before.holds(server, log)?;
    let waiting = Entity::find().filter(Column::Leaf.is_null()).order_by_asc(Column::Id).limit(BATCH_MAX);
    let waiting = waiting.all(&transaction).await?;
    let more = waiting.len() as u64 == BATCH_MAX;
    let mut state = before.clone();
    state.went(server, Tree::of(log));
    let (fitting, wrong) = fitting(waiting, &mut state, key);
    let more = more && !fitting.is_empty();
    state.placed += fitting.len() as u64;
    let done = Placed { size: state.placed, said: log.size(), furthest: state.furthest, more, wrong };
    if state == before {
        return Ok(done);
    }
    if !fitting.is_empty() {
        let mut values: Vec<Value> = vec![signed(before.placed)?.into()];
        let places = row::places(&mut values, fitting.into_iter().map(Value::from));
        let give = format!(
            "UPDATE ledger_entry SET leaf = next.leaf FROM (\
               SELECT id, row_number() OVER (ORDER BY id) - 1 + $1 AS leaf FROM ledger_entry WHERE id IN ({places})) AS next \
             WHERE ledger_entry.id = next.id AND ledger_entry.leaf IS NULL"
        );
        transaction
            .execute_raw(Statement::from_sql_and_values(transaction.get_database_backend(), give, values))
            .await?;
    }
    state.write(&transaction, key).await?;
    engine::commit(transaction).await?;
    Ok(done)
}

/// The ids of the entries that are Kith's own and follow on what is placed of their lane; the lanes go on after them. And
/// what is wrong with the first that is not.
pub(crate) fn fitting(waiting: Vec<Model>, state: &mut State, key: &FileKey) -> (Vec<i64>, Option<StoreError>) {
    let (mut ids, mut wrong) = (Vec::with_capacity(waiting.len()), None);
    for entry in waiting {
        let ours = entry.lane.zip(entry.number).filter(|_| is_ours(key, &entry));
        let why = match ours {
            None => "it is not as Kith wrote it",
            Some((lane, number)) => {
                let head = state.heads.entry(lane).or_insert(BEFORE_FIRST);
                if entry.after == Some(*head) {
                    *head = number;
                    ids.push(entry.id);
                    continue;
                }
                if number <= *head { "it is there twice" } else { "the one before it is missing" }
            }
        };
        tracing::error!(entry = entry.id, why, "an entry of the access log cannot be signed");
        wrong.get_or_insert(StoreError::LedgerUnproven { entry: entry.id, why });
    }
    (ids, wrong)
}

/// What a tree takes next.
pub(crate) struct Next {
    entries: Vec<Vec<u8>>,
    /// The root that another server's tree had with these as its last.
    root: Option<Hash>,
}

impl Next {
    /// What follows on `size` entries: some of those that have a place, the last of `furthest` being the last of them.
    pub(crate) async fn after(
        db: &DatabaseConnection,
        key: &FileKey,
        size: u64,
        furthest: &Tree,
    ) -> Result<Self, StoreError> {
        let behind = furthest.size.saturating_sub(size);
        let most = if behind == 0 { BATCH_MAX } else { BATCH_MAX.min(behind) };
        let root = (behind == most).then_some(furthest.root);
        Ok(Self { entries: placed_from(db, key, size, most).await?, root })
    }

    /// Takes them into a tree. [`StoreError::LogsDiffer`] if it would not be what the other's was.
    pub(crate) fn append_to(&self, log: &mut Log) -> Result<(), StoreError> {
        let size = log.size() + self.entries.len() as u64;
        match log.append_for(&self.entries, self.root.as_ref()) {
            Ok(_) => Ok(()),
            Err(LedgerError::OtherRoot) => Err(StoreError::LogsDiffer { size }),
            Err(error) => Err(error.into()),
        }
    }
}

/// The texts of the entries from this place on, at most so many.
async fn placed_from(
    db: &DatabaseConnection,
    key: &FileKey,
    first: u64,
    most: u64,
) -> Result<Vec<Vec<u8>>, StoreError> {
    let rows =
        Entity::find().filter(Column::Leaf.gte(signed(first)?)).order_by_asc(Column::Leaf).limit(most).all(db).await?;
    let altered = |leaf, why| StoreError::LedgerAltered { leaf, why };
    let missing = |leaf| altered(leaf, "it is not in the database");
    if rows.is_empty() {
        return Err(missing(first));
    }
    let in_place = |(expected, entry): (u64, Model)| {
        if entry.leaf != Some(signed(expected)?) {
            return Err(missing(expected));
        }
        if !is_ours(key, &entry) {
            return Err(altered(expected, "it is not as Kith wrote it"));
        }
        Ok(entry.body.into_bytes())
    };
    (first..).zip(rows).map(in_place).collect()
}

/// A place as the engine keeps it.
pub(crate) fn signed(place: u64) -> Result<i64, StoreError> {
    i64::try_from(place).map_err(|_| StoreError::unexpected("place in the log too large"))
}

/// A number of places from the engine.
pub(crate) fn count(places: i64) -> Result<u64, StoreError> {
    u64::try_from(places).map_err(|_| StoreError::unexpected("negative place in the log"))
}
