//! The social workers of a team: how many files each has, which, and who covers for whom.

use kith_domain::ids::{AccountId, AllocationId, ChildId};
use sea_orm::{ConnectionTrait, EntityTrait, QueryResult, Statement, Value};

use super::allocation::{open_and_theirs, reads};
use super::{Child, SealedRow};
use crate::{Look, StoreError, row};

/// That somebody covers files for a social worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// For whom.
    pub worker: AccountId,
    /// Who covers.
    pub by: AccountId,
    /// From when, UTC milliseconds.
    pub from_ms: i64,
    /// Until when, UTC milliseconds.
    pub until_ms: i64,
    /// Which of the worker's files.
    pub files: Vec<(AllocationId, ChildId)>,
}

/// Files that are not closed: the values of `reads!`.
const WORKERS: &str = concat!(
    "SELECT c.social_worker_id AS worker, COUNT(*) AS n FROM child c WHERE c.state NOT IN ('closed', 'joined') AND ",
    reads!(),
    " GROUP BY c.social_worker_id"
);

/// `$5` whose, `$6` how many at most.
const FILES: &str = concat!(
    "SELECT c.* FROM child c WHERE c.social_worker_id = $5 AND c.state NOT IN ('closed', 'joined') AND ",
    reads!(),
    " ORDER BY c.created_at, c.id LIMIT $6"
);

const COVERS: &str = concat!(
    "SELECT a.id, a.child_id, a.account_id, a.from_at, a.until_at, c.social_worker_id FROM allocation a \
     JOIN child c ON c.id = a.child_id WHERE a.capacity = 'cover' AND a.until_at > $2 \
     AND NOT EXISTS (SELECT 1 FROM allocation_end e WHERE e.allocation_id = a.id) AND c.state NOT IN ('closed', 'joined') AND ",
    reads!(),
    " ORDER BY a.from_at, a.id"
);

/// `$1` now, then the files.
const COVERING: &str = "SELECT DISTINCT a.account_id FROM allocation a WHERE a.capacity = 'cover' AND a.from_at <= $1 \
     AND (a.until_at IS NULL OR a.until_at > $1) \
     AND NOT EXISTS (SELECT 1 FROM allocation_end e WHERE e.allocation_id = a.id AND e.ended_at <= $1) AND a.child_id IN ";

/// `$1` whose, `$2` now, `$3` the file.
const REFUSED: &str = concat!(
    "SELECT COUNT(*) AS n FROM allocation a WHERE a.child_id = $3 AND a.capacity = 'refused' AND ",
    open_and_theirs!()
);

impl Look {
    /// The social workers of the files that whoever asks reads, each with how many; nothing is opened.
    pub async fn files_by_worker(&self) -> Result<Vec<(AccountId, usize)>, StoreError> {
        let of = |row: &QueryResult| {
            let many = usize::try_from(row.try_get::<i64>("", "n")?).unwrap_or_default();
            Ok((AccountId(row.try_get("", "worker")?), many))
        };
        self.asked(WORKERS, self.reader().await?).await?.iter().map(of).collect()
    }

    /// The files of a social worker that whoever asks reads, oldest first, so many at most.
    pub async fn files_with(&self, worker: AccountId, many: u64) -> Result<Vec<Child>, StoreError> {
        let mut values = self.reader().await?;
        values.extend([worker.0.into(), i64::try_from(many).unwrap_or(i64::MAX).into()]);
        let db = self.db();
        let files = Statement::from_sql_and_values(db.get_database_backend(), FILES, values);
        let files = <Child as SealedRow>::Entity::find().from_raw_sql(files).all(&db).await?;
        self.opened_all(files).await
    }

    /// Who covers files that whoever asks reads, now or later: one for each worker, colleague and time.
    pub async fn covers(&self) -> Result<Vec<Covered>, StoreError> {
        let mut covers: Vec<Covered> = Vec::new();
        for row in self.asked(COVERS, self.reader().await?).await? {
            let one = Covered {
                worker: AccountId(row.try_get("", "social_worker_id")?),
                by: AccountId(row.try_get("", "account_id")?),
                from_ms: row.try_get("", "from_at")?,
                until_ms: row.try_get("", "until_at")?,
                files: Vec::new(),
            };
            let file = (AllocationId(row.try_get("", "id")?), ChildId(row.try_get("", "child_id")?));
            let same = |of: &&mut Covered| {
                (of.worker, of.by, of.from_ms, of.until_ms) == (one.worker, one.by, one.from_ms, one.until_ms)
            };
            match covers.iter_mut().find(same) {
                Some(there) => there.files.push(file),
                None => covers.push(Covered { files: vec![file], ..one }),
            }
        }
        Ok(covers)
    }

    /// Who covers any of these files now.
    pub async fn covering(&self, files: &[ChildId]) -> Result<Vec<AccountId>, StoreError> {
        let mut values: Vec<Value> = vec![self.now_ms().into()];
        let places = row::places(&mut values, files.iter().map(|file| file.0.into()));
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let db = self.db();
        let of = Statement::from_sql_and_values(db.get_database_backend(), format!("{COVERING}({places})"), values);
        let rows = db.query_all_raw(of).await?;
        rows.iter().map(|row| Ok(AccountId(row.try_get("", "account_id")?))).collect()
    }

    /// Whether somebody must not have a file, see [`kith_domain::access::Capacity::Refused`].
    pub async fn is_refused(&self, account: AccountId, file: ChildId) -> Result<bool, StoreError> {
        let values: Vec<Value> = vec![account.0.into(), self.now_ms().into(), file.0.into()];
        Ok(self.count(REFUSED, values).await? > 0)
    }

    async fn asked(&self, sql: &'static str, values: Vec<Value>) -> Result<Vec<QueryResult>, StoreError> {
        let db = self.db();
        Ok(db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?)
    }
}
