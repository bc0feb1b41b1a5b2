//! How entries become authentic and gapless: in the transaction that they belong to.
//!
//! An entry is written under the next number of a lane, with the number of the one before it, and a keyed hash of everything
//! that it says, with a key that is not in the database. Whoever puts in, alters or takes away an entry past Kith cannot make
//! the hash, or leaves one that follows on nothing, before the entry is signed; afterwards the signed tree shows it.
//!
//! A lane is one line of entries. It is held from before the number is given until the commit is answered, so that an entry
//! which others can see is never followed by the commit of an earlier one. There are as many lanes as transactions can end at
//! the same time: on `PostgreSQL` commits do not queue behind each other, on `SQLite` there is one. Each server has its own.

use kith_vault::FileKey;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, DbBackend, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect, Statement,
};
use serde::Serialize;
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;
use uuid::fmt::Simple;

use super::body::{ENTRY_MAX, NewEntry};
use crate::entity::ledger_entry::{self, Column, Entity};
use crate::{StoreError, engine, row};

/// Lanes on `PostgreSQL`: one for each connection that changes.
const POSTGRES_LANES: usize = 8;
/// What the keyed hash of an entry is for.
const CONTEXT: &str = "kith log entry";
/// Number of the entry before the first of a lane.
pub(crate) const BEFORE_FIRST: i64 = -1;
/// Entries written with one statement.
const AT_ONCE: usize = 100;
/// Entries of a lane looked at with one query for the last that is Kith's own.
const BATCH: u64 = 100;

/// The lanes of this server.
pub(crate) struct Lanes {
    key: FileKey,
    read: DatabaseConnection,
    /// The number of the first.
    first: i64,
    ends: Vec<Mutex<End>>,
}

/// Where a lane ends; the database is asked for what is `None`.
#[derive(Clone, Copy, Default)]
struct End {
    /// The last entry, once it is known how its commit ended. It is remembered and not looked up, so that the last entry cannot
    /// be taken away unnoticed. What was looked up is not remembered before a commit has shown it: a commit of ours whose answer
    /// was lost, of this process or of one before it, may come after the look-up.
    last: Option<i64>,
    /// The next free number: the one after the last, unless somebody put a row there.
    next: Option<i64>,
}

impl Lanes {
    /// `read` is another connection than those that change; `first` the number of the first lane.
    pub(crate) fn new(key: FileKey, read: DatabaseConnection, first: i64) -> Self {
        let lanes = if read.get_database_backend() == DbBackend::Postgres { POSTGRES_LANES } else { 1 };
        Self { key, read, first, ends: (0..lanes).map(|_| Mutex::default()).collect() }
    }

    /// Writes the entries of a transaction as its last and commits it: both or neither. [`StoreError::Retry`] if somebody
    /// else took a number of the lane.
    pub(crate) async fn commit<'e>(
        &self,
        transaction: DatabaseTransaction,
        entries: impl Iterator<Item = &'e NewEntry> + Send,
    ) -> Result<(), StoreError> {
        let (lane, mut end) = self.free().await;
        let known = end.last;
        let (before, mut number) = if let (Some(last), Some(next)) = (known, end.next.take()) {
            (last, next)
        } else {
            let there = self.end_of(&transaction, lane).await?;
            (known.unwrap_or(there.0), there.1)
        };
        let mut after = before;
        let mut said = Vec::new();
        for entry in entries {
            said.push(self.in_lane(entry, [lane, number, after])?);
            after = number;
            number += 1;
        }
        let backend = transaction.get_database_backend();
        let mut inserts = said.chunks(AT_ONCE).map(|some| insert(backend, some));
        let last = inserts.next_back();
        for insert in inserts {
            transaction.execute_raw(insert).await.map_err(taken)?;
        }
        // Until it is answered nobody knows how it ended.
        end.last = None;
        match engine::commit_after(transaction, last).await.map_err(taken) {
            Ok(()) => *end = End { last: Some(after), next: Some(number) },
            Err(StoreError::Retry) => {
                end.last = known;
                return Err(StoreError::Retry);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// A lane that nobody holds; when all are held, one that is waited for.
    async fn free(&self) -> (i64, MutexGuard<'_, End>) {
        let free = (self.first..).zip(&self.ends).find_map(|(lane, end)| Some((lane, end.try_lock().ok()?)));
        if let Some(free) = free {
            return free;
        }
        let chance = usize::from(Uuid::new_v4().as_bytes()[0]) % self.ends.len();
        (self.first + i64::try_from(chance).unwrap_or_default(), self.ends[chance].lock().await)
    }

    /// Where a lane ends in what is committed: the number of the last entry that is as Kith wrote it, and the number after the
    /// highest of all. Both are of one moment: an entry that is committed between two questions would be jumped over.
    async fn end_of(&self, transaction: &DatabaseTransaction, lane: i64) -> Result<(i64, i64), StoreError> {
        let (mut below, mut next) = (i64::MAX, None);
        loop {
            let of_lane = Entity::find().filter(Column::Lane.eq(lane)).filter(Column::Number.lt(below));
            let some = of_lane.order_by_desc(Column::Number).limit(BATCH);
            let some = some.all(&self.committed(transaction)).await?;
            let next = *next.get_or_insert(some.first().and_then(|entry| entry.number).unwrap_or(BEFORE_FIRST) + 1);
            if let Some(last) = some.iter().find(|entry| is_ours(&self.key, entry)) {
                return Ok((last.number.unwrap_or(BEFORE_FIRST), next));
            }
            let Some(lowest) = some.last().and_then(|entry| entry.number) else { return Ok((BEFORE_FIRST, next)) };
            below = lowest;
        }
    }

    /// What sees everything that is committed. On `SQLite` nobody else changes while this transaction is open. On `PostgreSQL`
    /// it may see what was there when it began, so another connection is asked.
    fn committed<'d>(&'d self, transaction: &'d DatabaseTransaction) -> DatabaseExecutor<'d> {
        match transaction.get_database_backend() {
            DbBackend::Sqlite => DatabaseExecutor::Transaction(transaction),
            _ => DatabaseExecutor::Connection(&self.read),
        }
    }

    /// An entry as it stands in its lane.
    fn in_lane<'e>(&self, entry: &'e NewEntry, [lane, number, after]: [i64; 3]) -> Result<Said<'e>, StoreError> {
        if entry.body.len() > ENTRY_MAX {
            return Err(StoreError::unexpected("an entry of the access log that is too long to be signed"));
        }
        let model = ledger_entry::Model {
            id: 0,
            leaf: None,
            at: entry.at,
            actor_id: entry.actor,
            refused: i64::from(entry.refused),
            body: entry.body.clone(),
            lane: Some(lane),
            number: Some(number),
            after: Some(after),
            mac: None,
        };
        Ok(Said {
            at: entry.at,
            actor: entry.actor.map(Uuid::into),
            refused: model.refused,
            lane,
            number,
            after,
            mac: hex::encode(mac_of(&self.key, &model)),
            body: &entry.body,
            subjects: entry.subjects.iter().map(|subject| (*subject).into()).collect(),
        })
    }
}

/// An entry as the engine is told of it.
#[derive(Serialize)]
struct Said<'e> {
    at: i64,
    actor: Option<Simple>,
    refused: i64,
    lane: i64,
    number: i64,
    after: i64,
    mac: String,
    body: &'e str,
    subjects: Vec<Simple>,
}

/// What inserts entries and what they are about: one trip to the engine, since every save of a record waits for it.
fn insert(backend: DbBackend, entries: &[Said<'_>]) -> Statement {
    let said = serde_json::to_string(entries).expect("strings, numbers and ids are always JSON");
    let sql = if backend == DbBackend::Sqlite { INSERT_SQLITE } else { INSERT_POSTGRES };
    Statement::from_sql_and_values(backend, sql, [said.into()])
}

/// Who took the number of an entry has no keyed hash; what is written again gets another and follows on the same entry.
fn taken(error: impl Into<StoreError>) -> StoreError {
    match error.into() {
        StoreError::Duplicate => StoreError::Retry,
        error => error,
    }
}

/// The keyed hash of an entry: of every column but the ones that are given later, the id and the place.
pub(crate) fn mac_of(key: &FileKey, model: &ledger_entry::Model) -> Vec<u8> {
    kith_vault::mac(key, CONTEXT, &said(model)).to_vec()
}

/// Whether an entry is as Kith wrote it.
pub(crate) fn is_ours(key: &FileKey, model: &ledger_entry::Model) -> bool {
    model.mac.as_deref().is_some_and(|mac| kith_vault::is_mac(key, CONTEXT, &said(model), mac))
}

fn said(model: &ledger_entry::Model) -> Vec<u8> {
    row::columns(model, &["id", "leaf", "mac"])
}

/// `$1` is a JSON array of [`Said`]. `SQLite` runs two statements of one text with the same values.
const INSERT_SQLITE: &str = "INSERT INTO ledger_entry (at, actor_id, refused, lane, number, after, mac, body)
    SELECT value ->> 'at', unhex(value ->> 'actor'), value ->> 'refused', value ->> 'lane', value ->> 'number',
        value ->> 'after', unhex(value ->> 'mac'), value ->> 'body'
    FROM json_each($1);
    INSERT INTO ledger_subject (entry_id, subject_id)
    SELECT entry.id, unhex(subject.value)
    FROM json_each($1) AS said, ledger_entry AS entry, json_each(said.value, '$.subjects') AS subject
    WHERE entry.lane = said.value ->> 'lane' AND entry.number = said.value ->> 'number'";

/// The same for `PostgreSQL`, where one statement can write into two tables.
const INSERT_POSTGRES: &str = "WITH said AS (
        SELECT * FROM json_to_recordset($1::json) AS said (at bigint, actor uuid, refused bigint, lane bigint,
            number bigint, after bigint, mac text, body text, subjects json)),
    entry AS (
        INSERT INTO ledger_entry (at, actor_id, refused, lane, number, after, mac, body)
        SELECT at, actor, refused, lane, number, after, decode(mac, 'hex'), body FROM said ORDER BY number
        RETURNING id, number)
    INSERT INTO ledger_subject (entry_id, subject_id)
    SELECT entry.id, subject::uuid FROM entry JOIN said ON said.number = entry.number, json_array_elements_text(said.subjects) AS subject";
