//! What time it is, asked of one place.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now, UTC milliseconds.
    fn now_ms(&self) -> i64;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        Timestamp::now().as_millisecond()
    }
}

/// A clock that runs like the machine's but can be put forward: for the demo service, where a stranger books a session
/// for tomorrow and wants to record it now, and for tests.
#[derive(Debug, Default)]
pub struct MovableClock {
    ahead_ms: AtomicI64,
    stands_at_ms: Option<AtomicI64>,
}

impl MovableClock {
    /// Runs this far ahead of the machine's clock (negative: behind), in milliseconds.
    pub fn ahead_by(ahead_ms: i64) -> Self {
        Self { ahead_ms: AtomicI64::new(ahead_ms), stands_at_ms: None }
    }

    /// Stands still at an instant, UTC milliseconds, until it is moved.
    pub fn standing_at(at_ms: i64) -> Self {
        Self { ahead_ms: AtomicI64::new(0), stands_at_ms: Some(AtomicI64::new(at_ms)) }
    }

    /// Puts the clock forward to an instant, UTC milliseconds. An earlier instant changes nothing: time goes one way.
    pub fn move_to(&self, at_ms: i64) {
        let forward = at_ms.saturating_sub(self.now_ms()).max(0);
        match &self.stands_at_ms {
            Some(stands) => stands.fetch_add(forward, Ordering::SeqCst),
            None => self.ahead_ms.fetch_add(forward, Ordering::SeqCst),
        };
    }

    /// How far it is ahead of the machine's clock, in milliseconds.
    pub fn ahead_ms(&self) -> i64 {
        self.ahead_ms.load(Ordering::SeqCst)
    }
}

impl Clock for MovableClock {
    fn now_ms(&self) -> i64 {
        match &self.stands_at_ms {
            Some(stands) => stands.load(Ordering::SeqCst),
            None => SystemClock.now_ms() + self.ahead_ms(),
        }
    }
}
