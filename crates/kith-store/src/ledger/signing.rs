//! Whether the log is being signed. What cannot be signed for too long stops changes: nobody goes on working for days on what
//! nobody can prove.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::StoreError;

/// For how long entries may stay unsigned before Kith only reads, if nothing else is said.
pub const UNSIGNED_MAX: Duration = Duration::from_mins(10);

/// Since when the log cannot be signed.
pub(crate) struct Signing {
    max: Duration,
    /// By the clock of the machine's uptime: one that is set back stops nothing.
    failing_since: Mutex<Option<Instant>>,
}

impl Signing {
    pub(crate) fn new(max: Duration) -> Self {
        Self { max, failing_since: Mutex::new(None) }
    }

    /// Notes how an attempt to sign ended.
    pub(crate) fn ended(&self, well: bool) {
        let mut since = self.failing_since.lock().unwrap_or_else(PoisonError::into_inner);
        match (well, *since) {
            (true, _) => *since = None,
            (false, None) => *since = Some(Instant::now()),
            (false, Some(_)) => {}
        }
    }

    /// Whether it has failed for longer than it may.
    pub(crate) fn is_stopped(&self) -> bool {
        let since = *self.failing_since.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_some_and(|since| since.elapsed() >= self.max)
    }

    /// [`StoreError::LogStopped`] if it has.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        if self.is_stopped() { Err(StoreError::LogStopped) } else { Ok(()) }
    }
}
