//! The group-commit writer: many looks that end at the same time share one transaction and one flush of the disk.

use std::future::Future;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::body::NewEntry;
use crate::{StoreError, engine};

/// The most requests written in one transaction, so that no reader waits long for the others.
const BATCH_MAX: usize = 512;
/// Pause before entries that nobody waits for are tried again after the database refused.
const RETRY_PAUSE: Duration = Duration::from_secs(1);
/// The most entries that nobody waits for to be kept while the database refuses.
const KEPT_MAX: usize = 10_000;

/// A request to the writer.
enum Request {
    /// Entries, and who waits for them to be durable.
    Write(Vec<NewEntry>, Option<oneshot::Sender<Result<(), StoreError>>>),
    /// Answer when everything before it is written, and stop.
    Close(oneshot::Sender<()>),
}

/// The way to the writer.
pub(crate) struct Writer {
    requests: mpsc::UnboundedSender<Request>,
}

impl Writer {
    /// Hands entries over; the future ends when they are durable. Once this has returned they will be written
    /// whether or not the future is awaited.
    pub(crate) fn write(
        &self,
        entries: Vec<NewEntry>,
    ) -> Result<impl Future<Output = Result<(), StoreError>> + Send + 'static, StoreError> {
        let (sender, receiver) = oneshot::channel();
        self.requests.send(Request::Write(entries, Some(sender))).map_err(|_| StoreError::Closed)?;
        Ok(async { receiver.await.unwrap_or(Err(StoreError::Closed)) })
    }

    /// Hands over entries that nobody can wait for.
    pub(crate) fn write_abandoned(&self, entries: Vec<NewEntry>) {
        if self.requests.send(Request::Write(entries, None)).is_err() {
            tracing::error!("the store is closed: an abandoned look could not be entered in the access log");
        }
    }

    /// Writes everything that waits, then stops.
    pub(crate) async fn close(&self) {
        let (sender, receiver) = oneshot::channel();
        if self.requests.send(Request::Close(sender)).is_ok() {
            // An error means that the writer has stopped already.
            let _ = receiver.await;
        }
    }
}

/// Starts the writer on this connection. It stops when closed, or when the store is dropped.
pub(crate) fn start(db: DatabaseConnection) -> Writer {
    let (requests, receiver) = mpsc::unbounded_channel();
    tokio::spawn(run(db, receiver));
    Writer { requests }
}

/// A batch, and who waits for it.
#[derive(Default)]
struct Batch {
    entries: Vec<NewEntry>,
    waiting: Vec<oneshot::Sender<Result<(), StoreError>>>,
    /// Entries that nobody waits for: kept if the batch fails.
    abandoned: Vec<NewEntry>,
    close: Option<oneshot::Sender<()>>,
}

impl Batch {
    fn add(&mut self, request: Request) {
        match request {
            Request::Write(entries, Some(answer)) => {
                self.entries.extend(entries);
                self.waiting.push(answer);
            }
            Request::Write(entries, None) => self.abandoned.extend(entries),
            Request::Close(answer) => self.close = Some(answer),
        }
    }
}

async fn run(db: DatabaseConnection, mut requests: mpsc::UnboundedReceiver<Request>) {
    let mut kept: Vec<NewEntry> = Vec::new();
    loop {
        let mut batch = Batch { abandoned: std::mem::take(&mut kept), ..Batch::default() };
        let first = if batch.abandoned.is_empty() {
            requests.recv().await
        } else {
            match timeout(RETRY_PAUSE, requests.recv()).await {
                Ok(first) => first,
                // Nothing new: try again what was kept.
                Err(_) => Some(Request::Write(Vec::new(), None)),
            }
        };
        let store_dropped = first.is_none();
        if let Some(first) = first {
            batch.add(first);
        }
        let result = write(&db, &mut requests, &mut batch).await;
        if let Err(error) = &result {
            tracing::error!(%error, "the access log could not be written");
            kept = batch.abandoned;
            if kept.len() > KEPT_MAX {
                tracing::error!(lost = kept.len() - KEPT_MAX, "entries of abandoned looks are lost");
                kept.truncate(KEPT_MAX);
            }
        }
        for answer in batch.waiting {
            // Whoever waited may have gone.
            let _ = answer.send(if result.is_ok() { Ok(()) } else { Err(StoreError::LedgerUnwritten) });
        }
        if let Some(answer) = batch.close {
            let _ = answer.send(());
            return;
        }
        if store_dropped {
            return;
        }
    }
}

/// Writes a batch. Requests that arrived while the connection was waited for join it.
async fn write(
    db: &DatabaseConnection,
    requests: &mut mpsc::UnboundedReceiver<Request>,
    batch: &mut Batch,
) -> Result<(), StoreError> {
    let transaction = engine::begin_plain(db).await?;
    while batch.waiting.len() < BATCH_MAX && batch.close.is_none() {
        match requests.try_recv() {
            Ok(request) => batch.add(request),
            Err(_) => break,
        }
    }
    if batch.entries.is_empty() && batch.abandoned.is_empty() {
        return Ok(());
    }
    insert(&transaction, &batch.entries).await?;
    insert(&transaction, &batch.abandoned).await?;
    engine::commit(transaction).await?;
    Ok(())
}

/// Inserts entries and what they are about, inside the caller's transaction: one trip to the engine for each entry, since
/// every save of a record waits for it.
pub(crate) async fn insert(db: &impl ConnectionTrait, entries: &[NewEntry]) -> Result<(), StoreError> {
    let backend = db.get_database_backend();
    let sql = if backend == DbBackend::Sqlite { INSERT_SQLITE } else { INSERT_POSTGRES };
    for entry in entries {
        let subjects: Vec<String> = entry.subjects.iter().map(|subject| subject.simple().to_string()).collect();
        let refused = i64::from(entry.refused);
        let values =
            [entry.at.into(), entry.actor.into(), entry.body.clone().into(), subjects.join(",").into(), refused.into()];
        db.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
    Ok(())
}

/// `$1` time, `$2` actor, `$3` body, `$4` subjects: ids in hexadecimal with commas between, `$5` whether it was refused. `SQLite` runs two statements
/// of one text with the same values.
const INSERT_SQLITE: &str = r#"INSERT INTO ledger_entry (at, actor_id, body, refused) VALUES ($1, $2, $3, $5);
    INSERT INTO ledger_subject (entry_id, subject_id)
    SELECT last_insert_rowid(), unhex(value)
    FROM json_each('["' || replace($4, ',', '","') || '"]') WHERE value <> ''"#;

/// The same for `PostgreSQL`, where one statement can write into two tables.
const INSERT_POSTGRES: &str = "WITH entry AS (
        INSERT INTO ledger_entry (at, actor_id, body, refused) VALUES ($1, $2, $3, $5) RETURNING id)
    INSERT INTO ledger_subject (entry_id, subject_id)
    SELECT entry.id, subject::uuid FROM entry, unnest(string_to_array($4, ',')) AS subject";
