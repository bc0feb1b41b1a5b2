//! Work that waits: rows written with the change that caused it, taken by one server at a time.
//!
//! A job may be run twice, when a server dies after the work and before [`Store::complete`]; who runs it must not
//! mind. A server whose lease ran out cannot complete a job that another has taken since.

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set, Statement,
    UpdateMany,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::entity::outbox::{ActiveModel, Column, Entity};
use crate::{Look, Store, StoreError, Work};

/// How often a job is tried before it is given up and shown as failed.
pub const ATTEMPTS_MAX: i64 = 10;
/// The kind of a job that is a message to be sent. Somebody else's server can be slow: it is taken apart from the rest.
pub const MAIL: &str = "mail";

/// A job that was leased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its row.
    pub id: Uuid,
    /// What is to be done, a code.
    pub kind: String,
    /// Which try this is, from 1; also what tells this lease from a later one.
    pub attempt: i64,
    payload: String,
}

impl Job {
    /// What it is about. [`StoreError::Corrupt`] if it is not a `T`.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        serde_json::from_str(&self.payload).map_err(|_| StoreError::Corrupt { table: "outbox", row: self.id })
    }

    /// The row, if it is still leased to whoever holds this.
    fn held(&self) -> UpdateMany<Entity> {
        Entity::update_many()
            .filter(Column::Id.eq(self.id))
            .filter(Column::Attempts.eq(self.attempt))
            .filter(Column::DoneAt.is_null())
            .filter(Column::FailedAt.is_null())
    }
}

impl Work {
    /// Adds a job, to be run from `due_ms` on, if this piece of work is committed. `payload` holds ids only: it is
    /// stored in the clear.
    pub async fn enqueue<T: Serialize + Sync>(
        &self,
        kind: &'static str,
        payload: &T,
        due_ms: i64,
    ) -> Result<Uuid, StoreError> {
        let id = Uuid::now_v7();
        self.enqueue_once(id, kind, payload, due_ms).await?;
        Ok(id)
    }

    /// Adds a job under an id that is made from what it is about: asked for again, by whomever, it is one job.
    pub async fn enqueue_once<T: Serialize + Sync>(
        &self,
        id: Uuid,
        kind: &'static str,
        payload: &T,
        due_ms: i64,
    ) -> Result<(), StoreError> {
        let payload = serde_json::to_string(payload).map_err(|_| StoreError::Corrupt { table: "outbox", row: id })?;
        let row = ActiveModel {
            id: Set(id),
            kind: Set(kind.to_owned()),
            payload: Set(payload),
            due_at: Set(due_ms),
            ..Default::default()
        };
        let there = OnConflict::column(Column::Id).do_nothing().to_owned();
        Entity::insert(row).on_conflict(there).exec_without_returning(&self.db()).await?;
        Ok(())
    }

    /// Marks a job as done together with what it did. [`StoreError::Conflict`] if the lease was lost to another.
    pub async fn complete(&self, job: &Job, now_ms: i64) -> Result<(), StoreError> {
        finish(&self.db(), job.held().col_expr(Column::DoneAt, Expr::value(now_ms))).await
    }
}

impl Store {
    /// Takes up to `limit` due jobs for `lease_ms`, the longest due first, those that are [`MAIL`] left out. Until then nobody else
    /// gets them.
    pub async fn lease(&self, now_ms: i64, lease_ms: i64, limit: u32) -> Result<Vec<Job>, StoreError> {
        self.lease_some("kind <> $3", now_ms, lease_ms, limit).await
    }

    /// The same of those that are [`MAIL`].
    pub async fn lease_mail(&self, now_ms: i64, lease_ms: i64, limit: u32) -> Result<Vec<Job>, StoreError> {
        self.lease_some("kind = $3", now_ms, lease_ms, limit).await
    }

    async fn lease_some(&self, which: &str, now_ms: i64, lease_ms: i64, limit: u32) -> Result<Vec<Job>, StoreError> {
        let db = &self.0.write;
        let backend = db.get_database_backend();
        // What another server is taking at this instant is passed over; SQLite has one writer.
        let skip = if backend == DbBackend::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
        let sql = format!(
            "WITH due AS (SELECT id FROM outbox \
               WHERE done_at IS NULL AND failed_at IS NULL AND due_at <= $1 AND leased_until <= $1 AND {which} \
               ORDER BY due_at, id LIMIT {limit} {skip}) \
             UPDATE outbox SET leased_until = $2, attempts = attempts + 1 FROM due WHERE outbox.id = due.id \
             RETURNING outbox.id AS id, kind, payload, attempts, due_at"
        );
        let until = now_ms.saturating_add(lease_ms);
        let values = [now_ms.into(), until.into(), MAIL.into()];
        let rows = db.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        let mut jobs = Vec::with_capacity(rows.len());
        for row in rows {
            let job = Job {
                id: row.try_get("", "id")?,
                kind: row.try_get("", "kind")?,
                attempt: row.try_get("", "attempts")?,
                payload: row.try_get("", "payload")?,
            };
            jobs.push((row.try_get::<i64>("", "due_at")?, job));
        }
        // RETURNING keeps no order.
        jobs.sort_by_key(|(due, job)| (*due, job.id));
        Ok(jobs.into_iter().map(|(_, job)| job).collect())
    }

    /// Marks a job as done that changed nothing in the store. [`StoreError::Conflict`] if the lease was lost to
    /// another.
    pub async fn complete(&self, job: &Job, now_ms: i64) -> Result<(), StoreError> {
        finish(&self.0.write, job.held().col_expr(Column::DoneAt, Expr::value(now_ms))).await
    }

    /// Gives a job back that could not be done, to be tried again after `backoff_ms`; after [`ATTEMPTS_MAX`] tries
    /// it is given up. [`StoreError::Conflict`] if the lease was lost to another.
    pub async fn fail(&self, job: &Job, now_ms: i64, backoff_ms: i64) -> Result<(), StoreError> {
        if job.attempt >= ATTEMPTS_MAX {
            return self.give_up(job, now_ms).await;
        }
        let update = job.held().col_expr(Column::DueAt, Expr::value(now_ms.saturating_add(backoff_ms)));
        finish(&self.0.write, update.col_expr(Column::LeasedUntil, Expr::value(0_i64))).await
    }

    /// Gives a job up: trying it again would not help. [`StoreError::Conflict`] if the lease was lost to another.
    pub async fn give_up(&self, job: &Job, now_ms: i64) -> Result<(), StoreError> {
        finish(&self.0.write, job.held().col_expr(Column::FailedAt, Expr::value(now_ms))).await
    }
}

impl Look {
    /// What the messages were about that were given up from an instant on, the newest first, so many at most; those that are no
    /// `T` are left out.
    pub async fn mail_given_up<T: DeserializeOwned>(&self, from_ms: i64, many: u64) -> Result<Vec<T>, StoreError> {
        let of = Entity::find().filter(Column::Kind.eq(MAIL)).filter(Column::FailedAt.gte(from_ms));
        let of = of.order_by_desc(Column::FailedAt).limit(many).all(&self.db()).await?;
        Ok(of.iter().filter_map(|job| serde_json::from_str(&job.payload).ok()).collect())
    }
}

async fn finish(db: &impl ConnectionTrait, update: UpdateMany<Entity>) -> Result<(), StoreError> {
    if update.exec(db).await?.rows_affected == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}
