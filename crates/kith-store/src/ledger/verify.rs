//! Verifying the access log without a running kith: the signed tree, and every row of the database against it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::fs;
use std::mem;
use std::path::Path;

use kith_ledger::{Report, Verifier};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, QueryFilter, QueryOrder};
use sea_orm::{QuerySelect, Statement};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::body::{self, Body};
use super::rows::Rows;
use super::sequence::signed;
use crate::StoreError;
use crate::engine::{self, Server, Use};
use crate::entity::ledger_entry::Column;
use crate::entity::{ledger_entry, ledger_subject};
use crate::open::Files;

/// Entries compared with one query, at most.
const BATCH: usize = 500;
/// Bytes of entries after which no more are compared with the same query.
const BATCH_BYTES: usize = 1 << 20;
/// Queries under way: the engine goes on with the next while one is compared. `SQLite` does one at a time: several connections of one
/// program would wait for the memory that they share.
const UNDER_WAY: usize = 3;
/// For how long an entry may wait to be signed, milliseconds.
const UNSIGNED_MAX_MS: i64 = 60_000;

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
    /// Documents, what lies sealed of each compared with what its row says. `None` without a database.
    pub documents: Option<u64>,
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
        documents: None,
    })
}

/// What is verified.
#[derive(Clone, Debug)]
pub struct Verifying<'v> {
    /// The data directory.
    pub data: &'v Path,
    /// As in [`Settings`](crate::Settings).
    pub database_url: Option<&'v str>,
    /// As in [`Settings`](crate::Settings).
    pub files_url: Option<&'v str>,
    /// As in [`Settings`](crate::Settings).
    pub second_place: Option<&'v Path>,
    /// The public key that the auditor kept, as for [`verify_tiles`].
    pub key: Option<&'v str>,
    /// Now, UTC milliseconds: what has waited for a minute should have been signed.
    pub now_ms: i64,
}

impl<'v> Verifying<'v> {
    /// What is in a data directory, now, with the public key beside the log.
    pub fn of(data: &'v Path, database_url: Option<&'v str>) -> Self {
        let now_ms = jiff::Timestamp::now().as_millisecond();
        Self { data, database_url, files_url: None, second_place: None, key: None, now_ms }
    }
}

/// Verifies the signed log as [`verify_tiles`] does, and compares every entry with its row in the database: the text,
/// and the time, actor and subjects by which it is found; then every row of the database with what the log says
/// was last written to it, of which no version may fall, and what lies sealed of each document with its row. Counts what waits to be sequenced.
///
/// May be run while kith serves; its memory does not grow with the log. [`StoreError::LedgerAltered`],
/// [`StoreError::RowAltered`], [`StoreError::DocumentAltered`], [`StoreError::LedgerUnsigned`] and [`StoreError::Ledger`] say what is wrong.
pub async fn verify_ledger(what: &Verifying<'_>) -> Result<LedgerCheck, StoreError> {
    let files = Files(what.data.to_path_buf());
    let second_place = what.second_place.map_or_else(|| files.second_place(), Path::to_path_buf);
    let db = match what.database_url {
        Some(url) => Server::from_url(url)?.connect().await?,
        None => engine::sqlite(&files.data(), Use::Inspect).await?,
    };
    let mut rows = Rows::new()?;
    let (report, subjects) = compare_tree(&files, &second_place, what.key, &db, |entry| rows.take(entry)).await?;
    let (mut waiting, mut late) = (0, 0);
    // Those that have a place by now, then those that have none: as they were written, and each by an index.
    for placed in [true, false] {
        let mut after = if placed { signed(report.size)? - 1 } else { i64::MIN };
        loop {
            let next = ledger_entry::Entity::find().limit(BATCH as u64);
            let next = if placed {
                next.filter(Column::Leaf.gt(after)).order_by_asc(Column::Leaf)
            } else {
                next.filter(Column::Leaf.is_null()).filter(Column::Id.gt(after)).order_by_asc(Column::Id)
            };
            let next = next.all(&db).await?;
            let Some(last) = next.last() else { break };
            after = last.leaf.unwrap_or(last.id);
            waiting += next.len() as u64;
            for entry in &next {
                body::parse(&entry.body).map_or(Ok(()), |body| rows.take(body))?;
                late += u64::from(entry.at < what.now_ms - UNSIGNED_MAX_MS);
            }
        }
    }
    let nowhere = count(&db, "SELECT COUNT(*) AS n FROM ledger_entry WHERE leaf < 0", []).await?;
    // Of every entry with a place those that its text says were found; those of entries that wait, at this moment, are not asked
    // for. What is more belongs to no entry.
    let all = "SELECT (SELECT COUNT(*) FROM ledger_subject) - (SELECT COUNT(*) FROM ledger_subject WHERE entry_id IN
        (SELECT id FROM ledger_entry WHERE leaf IS NULL OR leaf >= $1)) AS n";
    let of_none = count(&db, all, [signed(report.size)?]).await? != subjects;
    let records = rows.compare(&db).await?;
    let documents = super::documents::compare(&db, &files, what.files_url).await?;
    db.close_by_ref().await?;
    if of_none {
        return Err(StoreError::LedgerAltered {
            leaf: report.size,
            why: "records are found by entries that are not there",
        });
    }
    if nowhere > 0 {
        return Err(StoreError::LedgerAltered { leaf: report.size, why: "the database has entries in no place" });
    }
    if late > 0 {
        return Err(StoreError::LedgerUnsigned { entries: late });
    }
    Ok(LedgerCheck {
        size: report.size,
        root: report.root,
        checkpoints: report.checkpoints_checked,
        waiting: Some(waiting),
        records: Some(records),
        documents: Some(documents),
    })
}

/// How many there are that a statement counts as `n`.
async fn count<const N: usize>(db: &DatabaseConnection, sql: &str, values: [i64; N]) -> Result<i64, StoreError> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values.map(Into::into));
    Ok(db.query_one_raw(statement).await?.ok_or(StoreError::NotFound)?.try_get("", "n")?)
}

/// Verifies the signed log and compares every entry of it with its row; `each` gets them in their order. Returns what was found
/// in order, and by how many records together the entries are found.
pub(crate) async fn compare_tree(
    files: &Files,
    second_place: &Path,
    key: Option<&str>,
    db: &DatabaseConnection,
    mut each: impl FnMut(Body) -> Result<(), StoreError>,
) -> Result<(Report, i64), StoreError> {
    let key = verifier(&files.public_key(), key)?;
    let (sender, mut batches) = mpsc::channel::<Vec<(u64, Vec<u8>)>>(1);
    let (log, second_place) = (files.log(), second_place.to_path_buf());
    let tree = tokio::task::spawn_blocking(move || {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        let send =
            |batch: &mut Vec<_>| sender.blocking_send(mem::take(batch)).map_err(|_| "the database differs".to_owned());
        let report = kith_ledger::verify(&log, Some(&second_place), &key, |index, entry| {
            batch.push((index, entry.to_vec()));
            bytes += entry.len();
            if batch.len() < BATCH && bytes < BATCH_BYTES {
                return Ok(());
            }
            bytes = 0;
            send(&mut batch)
        });
        // Nobody takes it when it is known already that the database differs.
        let _ = send(&mut batch);
        report
    });
    let (mut under_way, mut subjects) = (VecDeque::with_capacity(UNDER_WAY), 0);
    loop {
        let batch = batches.recv().await;
        if let Some((Some((first, _)), Some((last, _)))) = batch.as_ref().map(|batch| (batch.first(), batch.last())) {
            // The engine gathers the rows while it is read here what they should be.
            let there = tokio::spawn(told_by_rows(db.clone(), signed(*first)?, signed(*last)?));
            under_way.push_back((batch.unwrap_or_default(), there));
            if under_way.len() < UNDER_WAY {
                continue;
            }
        }
        let Some((batch, there)) = under_way.pop_front() else { break };
        let mut said = String::new();
        for (leaf, entry) in &batch {
            let text = std::str::from_utf8(entry).unwrap_or_default();
            let Some(body) = body::parse(text) else {
                // No row begins so: what is no entry of ours differs from every row.
                said.push('?');
                continue;
            };
            subjects += tell(&mut said, *leaf, text, &body, db.get_database_backend());
            each(body)?;
        }
        if said != there.await.map_err(|_| StoreError::Closed)?? {
            if let Err(altered @ StoreError::LedgerAltered { .. }) = compare(db, &batch).await {
                return Err(altered);
            }
            return Err(StoreError::LedgerAltered { leaf: batch[0].0, why: "the database differs from it" });
        }
    }
    Ok((tree.await.map_err(|_| StoreError::Closed)??, subjects))
}

/// What the rows at these places say, each one after the other and so that no two lists of rows say the same: the place, what
/// stands beside the text, the records it is found by, how long the text is, and the text.
async fn told_by_rows(db: DatabaseConnection, first: i64, last: i64) -> Result<String, StoreError> {
    let backend = db.get_database_backend();
    let sql = if backend == DbBackend::Sqlite { TOLD_SQLITE } else { TOLD_POSTGRES };
    let told = Statement::from_sql_and_values(backend, sql, [first.into(), last.into()]);
    let told = db.query_one_raw(told).await?.ok_or(StoreError::NotFound)?;
    Ok(told.try_get::<Option<String>>("", "told")?.unwrap_or_default())
}

/// What [`told_by_rows`] says of the row of an entry that was not altered; returns by how many records it is found.
fn tell(told: &mut String, leaf: u64, text: &str, body: &Body, backend: DbBackend) -> i64 {
    // A text takes whatever is written to it.
    let _ = write!(told, "{leaf},{},", body.at);
    if let Some(who) = body.who {
        tell_id(told, who, backend);
    }
    told.push_str(if body.is_refused() { ",1," } else { ",0," });
    let subjects = body.subjects();
    for subject in &subjects {
        tell_id(told, *subject, backend);
        told.push('.');
    }
    let _ = write!(told, ",{},{text};", text.len());
    subjects.len().try_into().unwrap_or(i64::MAX)
}

/// An id as the engine says it fastest.
fn tell_id(told: &mut String, id: Uuid, backend: DbBackend) {
    let mut buffer = Uuid::encode_buffer();
    told.push_str(match backend {
        DbBackend::Sqlite => id.simple().encode_upper(&mut buffer),
        _ => id.hyphenated().encode_lower(&mut buffer),
    });
}

// The rows come out of each inner query in their order, and are put one after the other as they come: with an order of its own the
// outer one would sort them once more, those of each entry by themselves.
const TOLD_SQLITE: &str = "SELECT group_concat(concat(
        leaf, ',', at, ',', hex(actor_id), ',', refused, ',', subjects, ',', octet_length(body), ',', body, ';'), '') AS told
    FROM (SELECT *, (SELECT group_concat(hex(subject_id) || '.', '') FROM (SELECT subject_id FROM ledger_subject
        WHERE entry_id = ledger_entry.id ORDER BY subject_id)) AS subjects
        FROM ledger_entry WHERE leaf BETWEEN $1 AND $2 ORDER BY leaf)";

const TOLD_POSTGRES: &str = "SELECT string_agg(
        leaf || ',' || at || ',' || coalesce(actor_id::text, '') || ',' || refused || ',' || coalesce(subjects, '') || ','
        || octet_length(body) || ',' || body || ';', '') AS told
    FROM (SELECT *, (SELECT string_agg(subject_id::text || '.', '') FROM (SELECT subject_id FROM ledger_subject
        WHERE entry_id = ledger_entry.id ORDER BY subject_id) AS subject) AS subjects
        FROM ledger_entry WHERE leaf BETWEEN $1 AND $2 ORDER BY leaf) AS entry";

/// Finds which of these entries of the log, in order, is not what its row says, and why.
async fn compare(db: &DatabaseConnection, entries: &[(u64, Vec<u8>)]) -> Result<(), StoreError> {
    let (Some((first, _)), Some((last, _))) = (entries.first(), entries.last()) else { return Ok(()) };
    let rows = ledger_entry::Entity::find()
        .filter(Column::Leaf.between(signed(*first)?, signed(*last)?))
        .order_by_asc(Column::Leaf)
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
        if row.refused != i64::from(read.refused) {
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
