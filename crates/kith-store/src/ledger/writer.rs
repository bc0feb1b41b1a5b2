//! The group-commit writer: many looks that end at the same time share one transaction and one flush of the disk.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::DatabaseConnection;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::body::NewEntry;
use super::lanes::Lanes;
use crate::{StoreError, engine};

/// The most requests written in one transaction, so that no reader waits long for the others.
const BATCH_MAX: usize = 512;
/// How often a batch whose numbers somebody took is tried again.
const RETRIES_MAX: u32 = 3;
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
pub(crate) fn start(db: DatabaseConnection, lanes: Arc<Lanes>) -> Writer {
    let (requests, receiver) = mpsc::unbounded_channel();
    tokio::spawn(run(db, lanes, receiver));
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

async fn run(db: DatabaseConnection, lanes: Arc<Lanes>, mut requests: mpsc::UnboundedReceiver<Request>) {
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
        let mut result = write(&db, &lanes, &mut requests, &mut batch).await;
        for _ in 0..RETRIES_MAX {
            if matches!(result, Err(StoreError::Retry)) {
                result = write(&db, &lanes, &mut requests, &mut batch).await;
            }
        }
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
    lanes: &Lanes,
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
    lanes.commit(transaction, batch.entries.iter().chain(&batch.abandoned)).await
}
