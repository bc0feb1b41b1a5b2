//! One at a time for one person: what asks for a password again, so that many at once are one and then the answer that it is
//! done, and not as many attempts.

use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

/// Locks that people share by chance; two who share one wait for each other for as long as a password takes.
const LOCKS: usize = 64;

/// Whose turn it is.
pub(crate) struct Turns([Mutex<()>; LOCKS]);

impl Default for Turns {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }
}

impl Turns {
    /// This person's turn, in the order in which it was asked for; ends when it is dropped.
    pub(crate) async fn of(&self, person: Uuid) -> MutexGuard<'_, ()> {
        let last = usize::from(person.as_bytes()[15]);
        self.0[last % LOCKS].lock().await
    }
}
