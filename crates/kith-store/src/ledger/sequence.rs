//! The sequencer: gives committed entries their place, then takes them into the signed tree.
//!
//! Two steps, each safe to repeat. First, in one transaction, entries without a place get the next ones. Then the
//! tree, which knows its own size, takes every placed entry it does not have. A crash between the two leaves placed
//! entries that the next call takes.
//!
//! What is taken into the tree is read through another connection than the one that gives places: nothing is signed but
//! what is committed.

use std::sync::Arc;

use kith_ledger::{LedgerError, Log};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, QueryFilter, QueryOrder};
use sea_orm::{QuerySelect, Statement};
use tokio::sync::Mutex;

use crate::entity::ledger_entry::{Column, Entity};
use crate::{StoreError, engine};

/// Key of the `PostgreSQL` advisory lock under which places are given.
const SEQUENCE_LOCK: i64 = 0x4b69_7468_0002;
/// The most entries taken into the tree at once; each is at most 64 kB.
const BATCH_MAX: u64 = 1_000;

/// Opens the signed log where it is.
pub(crate) type Reopen = Arc<dyn Fn() -> Result<Log, StoreError> + Send + Sync>;

pub(crate) async fn sequence(
    write: &DatabaseConnection,
    read: &DatabaseConnection,
    log: &Arc<Mutex<Option<Log>>>,
    reopen: &Reopen,
) -> Result<u64, StoreError> {
    let mut log = Arc::clone(log).lock_owned().await;
    if log.is_none() {
        *log = Some(reopen()?);
    }
    let size = |log: &Option<Log>| log.as_ref().map(Log::size).ok_or(StoreError::Closed);
    place(write, size(&log)?).await?;
    let placed = placed(read).await?;
    while size(&log)? < placed {
        let entries = placed_from(read, size(&log)?).await?;
        // Writing and flushing tiles would hold up every other task of this thread.
        let reopen = Arc::clone(reopen);
        let taken = tokio::task::spawn_blocking(move || {
            let result = log.as_mut().ok_or(StoreError::Closed).and_then(|log| Ok(log.append(&entries)?));
            // The disk failed while the checkpoint took its place: which of the two is there is read from the disk.
            if let Err(StoreError::Ledger(LedgerError::Uncertain)) = &result {
                // Given up first, with its lock.
                *log = None;
                *log = reopen().map_err(|error| tracing::error!(%error, "the signed log cannot be opened again")).ok();
            }
            (log, result)
        });
        let (back, result) = taken.await.map_err(|_| StoreError::Closed)?;
        result?;
        log = back;
    }
    Ok(placed)
}

/// Gives every entry without a place the next one, in order of id; returns how many have one. The tree has `size`
/// entries: a database that has fewer lost some, and their places must not be given away.
pub(crate) async fn place(db: &DatabaseConnection, size: u64) -> Result<u64, StoreError> {
    let transaction = engine::begin_plain(db).await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({SEQUENCE_LOCK})")).await?;
    }
    let before = placed(&transaction).await?;
    if size > before {
        return Err(StoreError::LedgerAhead { log: size, database: before });
    }
    transaction
        .execute_unprepared(
            "UPDATE ledger_entry SET leaf = next.leaf FROM (\
               SELECT id, row_number() OVER (ORDER BY id) - 1 \
                 + (SELECT COALESCE(MAX(leaf) + 1, 0) FROM ledger_entry) AS leaf \
               FROM ledger_entry WHERE leaf IS NULL) AS next \
             WHERE ledger_entry.id = next.id",
        )
        .await?;
    let after = placed(&transaction).await?;
    engine::commit(transaction).await?;
    Ok(after)
}

/// How many places are given.
async fn placed(db: &impl ConnectionTrait) -> Result<u64, StoreError> {
    let sql = "SELECT COALESCE(MAX(leaf) + 1, 0) AS placed FROM ledger_entry";
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    let placed: i64 = row.ok_or(StoreError::NotFound)?.try_get("", "placed")?;
    u64::try_from(placed).map_err(|_| StoreError::unexpected("negative place in the log"))
}

/// The texts of the entries from this place on, some of them.
async fn placed_from(db: &DatabaseConnection, first: u64) -> Result<Vec<Vec<u8>>, StoreError> {
    let rows: Vec<(i64, String)> = Entity::find()
        .select_only()
        .columns([Column::Leaf, Column::Body])
        .filter(Column::Leaf.gte(signed(first)?))
        .order_by_asc(Column::Leaf)
        .limit(BATCH_MAX)
        .into_tuple()
        .all(db)
        .await?;
    let missing = |leaf| StoreError::LedgerAltered { leaf, why: "it is not in the database" };
    if rows.is_empty() {
        return Err(missing(first));
    }
    let in_place = |(expected, (leaf, body)): (u64, (i64, String))| {
        if signed(expected)? == leaf { Ok(body.into_bytes()) } else { Err(missing(expected)) }
    };
    (first..).zip(rows).map(in_place).collect()
}

/// A place as the engine keeps it.
pub(crate) fn signed(place: u64) -> Result<i64, StoreError> {
    i64::try_from(place).map_err(|_| StoreError::unexpected("place in the log too large"))
}
