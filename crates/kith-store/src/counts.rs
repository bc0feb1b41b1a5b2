//! How much the store was asked for. What a page costs is the difference before and after it; tests hold pages to a budget.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sea_orm::DatabaseConnection;

/// What a store has done since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Statements sent to the engine: data and key store, reading and changing, the access log's own among them;
    /// beginning and ending a transaction is not counted.
    pub statements: u64,
    /// Envelopes opened.
    pub envelopes: u64,
}

/// Counts while the store is in use.
#[derive(Default)]
pub(crate) struct Counter {
    statements: AtomicU64,
    envelopes: AtomicU64,
}

impl Counter {
    /// Counts what is sent through a connection and its transactions from now on. A clone made earlier is not counted.
    pub(crate) fn watch(self: &Arc<Self>, db: &mut DatabaseConnection) {
        let counter = Arc::clone(self);
        db.set_metric_callback(move |_| {
            counter.statements.fetch_add(1, Ordering::Relaxed);
        });
    }

    pub(crate) fn opened(&self) {
        self.envelopes.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn so_far(&self) -> Counts {
        Counts {
            statements: self.statements.load(Ordering::Relaxed),
            envelopes: self.envelopes.load(Ordering::Relaxed),
        }
    }
}
