//! Verifying the access log without a running kith: the signed tree, and every row of the database against it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use kith_ledger::Verifier;
use sea_orm::{ColumnTrait, Condition, DatabaseConnection, EntityTrait, PaginatorTrait};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::body;
use super::rows::Newest;
use super::sequence::signed;
use crate::StoreError;
use crate::engine::{self, Server, Use};
use crate::entity::{ledger_entry, ledger_subject};
use crate::open::Files;

/// Entries compared with one query.
const BATCH: usize = 500;

/// What was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerCheck {
    /// Entries in the signed log, every one checked.
    pub size: u64,
    /// Root hash of the tree, RFC 6962.
    pub root: [u8; 32],
    /// Checkpoints of the second place that agree with the tree.
    pub checkpoints: u64,
    /// Entries of the database that are not in the signed log yet. `None` without a database.
    pub waiting: Option<u64>,
    /// Sealed rows of the database, every one compared with what the log says of it. `None` without a database.
    pub records: Option<u64>,
}

/// Verifies the signed log alone: signature, every entry's and tile's hash, and the checkpoints of the second place.
///
/// `log` is the directory `ledger` of a data directory or a copy of it. `key` is the public key that the auditor
/// kept; `None` takes the one beside the log, which whoever could replace the log could replace too.
///
/// Needs neither database nor secret. Blocks for as long as the log is read.
pub fn verify_tiles(log: &Path, second_place: Option<&Path>, key: Option<&str>) -> Result<LedgerCheck, StoreError> {
    let key = verifier(&log.join("public-key"), key)?;
    let report = kith_ledger::verify(log, second_place, &key, |_, _| Ok(()))?;
    Ok(LedgerCheck {
        size: report.size,
        root: report.root,
        checkpoints: report.checkpoints_checked,
        waiting: None,
        records: None,
    })
}

/// Verifies the signed log as [`verify_tiles`] does, and compares every entry with its row in the database: the text,
/// and the time, actor and subjects by which it is found; then every sealed row of the database with what the log says
/// was last written to it. Counts what waits to be sequenced.
///
/// `data` is the data directory, `database_url` and `second_place` are as in [`Settings`](crate::Settings). May be
/// run while kith serves. [`StoreError::LedgerAltered`] and [`StoreError::Ledger`] say what differs.
pub async fn verify_ledger(
    data: &Path,
    database_url: Option<&str>,
    second_place: Option<&Path>,
    key: Option<&str>,
) -> Result<LedgerCheck, StoreError> {
    let files = Files(data.to_path_buf());
    let key = verifier(&files.public_key(), key)?;
    let second_place = second_place.map_or_else(|| files.second_place(), Path::to_path_buf);
    let db = match database_url {
        Some(url) => Server::from_url(url)?.connect().await?,
        None => engine::sqlite(&files.data(), Use::Inspect).await?,
    };

    let (sender, mut entries) = mpsc::channel(BATCH);
    let log = files.log();
    let tree = tokio::task::spawn_blocking(move || {
        kith_ledger::verify(&log, Some(&second_place), &key, |index, entry| {
            sender.blocking_send((index, entry.to_vec())).map_err(|_| "the database differs".to_owned())
        })
    });
    let mut batch = Vec::with_capacity(BATCH);
    let mut newest = Newest::default();
    while entries.recv_many(&mut batch, BATCH).await > 0 {
        compare(&db, &batch).await?;
        batch.iter().filter_map(|(_, entry)| std::str::from_utf8(entry).ok()).for_each(|entry| newest.take(entry));
        batch.clear();
    }
    let report = tree.await.map_err(|_| StoreError::Closed)??;
    let beyond = Condition::any()
        .add(ledger_entry::Column::Leaf.is_null())
        .add(ledger_entry::Column::Leaf.gte(signed(report.size)?));
    let beyond = ledger_entry::Entity::find().filter(beyond).order_by_asc(ledger_entry::Column::Id).all(&db).await?;
    for entry in &beyond {
        newest.take(&entry.body);
    }
    let waiting = beyond.len() as u64;
    let placed = ledger_entry::Entity::find().count(&db).await? - waiting;
    let records = newest.compare(&db).await?;
    db.close_by_ref().await?;
    if placed != report.size {
        return Err(StoreError::LedgerAltered { leaf: report.size, why: "the database has entries in no place" });
    }
    Ok(LedgerCheck {
        size: report.size,
        root: report.root,
        checkpoints: report.checkpoints_checked,
        waiting: Some(waiting),
        records: Some(records),
    })
}

/// Compares entries of the log, in order, with their rows.
async fn compare(db: &DatabaseConnection, entries: &[(u64, Vec<u8>)]) -> Result<(), StoreError> {
    let (Some((first, _)), Some((last, _))) = (entries.first(), entries.last()) else { return Ok(()) };
    let rows = ledger_entry::Entity::find()
        .filter(ledger_entry::Column::Leaf.between(signed(*first)?, signed(*last)?))
        .order_by_asc(ledger_entry::Column::Leaf)
        .all(db)
        .await?;
    let subjects = subjects(db, &rows).await?;
    let nobody = BTreeSet::new();
    let mut rows = rows.into_iter().peekable();
    for (leaf, entry) in entries {
        let leaf = *leaf;
        let altered = |why| Err(StoreError::LedgerAltered { leaf, why });
        let place = signed(leaf)?;
        let Some(row) = rows.next_if(|row| row.leaf == Some(place)) else {
            return altered("it is not in the database");
        };
        if row.body.as_bytes() != entry.as_slice() {
            return altered("its text in the database is not the signed one");
        }
        let Some(read) = body::read(&row.body) else {
            return altered("it is not an entry that Kith wrote");
        };
        if row.at != read.at {
            return altered("its time in the database is not the signed one");
        }
        if row.actor_id != read.actor {
            return altered("its actor in the database is not the signed one");
        }
        if (row.refused == 1) != read.refused {
            return altered("its outcome in the database is not the signed one");
        }
        if *subjects.get(&row.id).unwrap_or(&nobody) != read.subjects {
            return altered("the records it is found by are not the signed ones");
        }
    }
    Ok(())
}

async fn subjects(
    db: &DatabaseConnection,
    rows: &[ledger_entry::Model],
) -> Result<BTreeMap<i64, BTreeSet<Uuid>>, StoreError> {
    let found: Vec<(i64, Uuid)> = ledger_subject::Entity::find()
        .select_only()
        .columns([ledger_subject::Column::EntryId, ledger_subject::Column::SubjectId])
        .filter(ledger_subject::Column::EntryId.is_in(rows.iter().map(|row| row.id)))
        .into_tuple()
        .all(db)
        .await?;
    let mut subjects: BTreeMap<i64, BTreeSet<Uuid>> = BTreeMap::new();
    for (entry, subject) in found {
        subjects.entry(entry).or_default().insert(subject);
    }
    Ok(subjects)
}

fn verifier(path: &Path, given: Option<&str>) -> Result<Verifier, StoreError> {
    let text = match given {
        Some(key) => key.to_owned(),
        None => fs::read_to_string(path).map_err(|error| StoreError::io(path, error))?,
    };
    Ok(text.trim().parse()?)
}
