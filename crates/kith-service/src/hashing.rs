//! The queue of passwords that wait to be hashed: one at a time, on a thread of its own.
//!
//! Whoever is signed in and signs goes first. Whoever stands at the sign-in page waits in the row of the address they come
//! from, and the rows are served in turn: a thousand attempts from one address keep nobody at another waiting. Whoever
//! would wait too long is told at once for how long.

use std::collections::{HashMap, VecDeque};
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::ServiceError;

/// The longest that somebody at the sign-in page waits.
pub(crate) const WAIT_MAX: Duration = Duration::from_secs(10);
/// The most that wait, of each lane: what is kept of one is a password and a few words.
const WAITING_MAX: usize = 512;
/// What a password takes before any was measured.
const FIRST_GUESS: Duration = Duration::from_millis(30);

/// Who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Somebody who is signed in, or has shown the secret of an invitation.
    Known,
    /// Somebody at the sign-in page, by a keyed hash of where they come from.
    Door(u128),
}

type Job = Box<dyn FnOnce() + Send>;

/// Those who wait.
struct Rows<T> {
    known: VecDeque<T>,
    /// By where they come from.
    door: HashMap<u128, VecDeque<T>>,
    /// Whose turn it is next; each row that is not empty stands here once.
    turns: VecDeque<u128>,
    at_door: usize,
}

impl<T> Rows<T> {
    fn new() -> Self {
        Self { known: VecDeque::new(), door: HashMap::new(), turns: VecDeque::new(), at_door: 0 }
    }

    /// How many are served before somebody who comes now.
    fn ahead(&self, lane: Lane) -> usize {
        match lane {
            Lane::Known => self.known.len(),
            Lane::Door(from) => {
                let mine = self.door.get(&from).map_or(0, VecDeque::len);
                let others = self.door.iter().filter(|(row, _)| **row != from);
                self.known.len() + mine + others.map(|(_, row)| row.len().min(mine + 1)).sum::<usize>()
            }
        }
    }

    fn is_full(&self, lane: Lane) -> bool {
        let waiting = if lane == Lane::Known { self.known.len() } else { self.at_door };
        waiting >= WAITING_MAX
    }

    fn put(&mut self, lane: Lane, one: T) {
        match lane {
            Lane::Known => self.known.push_back(one),
            Lane::Door(from) => {
                let row = self.door.entry(from).or_default();
                if row.is_empty() {
                    self.turns.push_back(from);
                }
                row.push_back(one);
                self.at_door += 1;
            }
        }
    }

    fn next(&mut self) -> Option<T> {
        if let Some(one) = self.known.pop_front() {
            return Some(one);
        }
        let from = self.turns.pop_front()?;
        let row = self.door.get_mut(&from)?;
        let one = row.pop_front();
        if row.is_empty() {
            self.door.remove(&from);
        } else {
            self.turns.push_back(from);
        }
        self.at_door -= 1;
        one
    }
}

struct Queue {
    waiting: Mutex<(Rows<Job>, Duration)>,
    came: Condvar,
}

static QUEUE: OnceLock<Queue> = OnceLock::new();

fn queue() -> &'static Queue {
    let mut first = false;
    let queue = QUEUE.get_or_init(|| {
        first = true;
        Queue { waiting: Mutex::new((Rows::new(), FIRST_GUESS)), came: Condvar::new() }
    });
    if first && let Err(error) = std::thread::Builder::new().name("passwords".to_owned()).spawn(move || work(queue)) {
        tracing::error!(%error, "no thread for passwords");
    }
    queue
}

/// Works off what waits. What a password takes is measured as it goes, as a running mean.
fn work(queue: &Queue) {
    loop {
        let job = {
            let mut waiting = queue.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            loop {
                if let Some(job) = waiting.0.next() {
                    break job;
                }
                waiting = queue.came.wait(waiting).unwrap_or_else(PoisonError::into_inner);
            }
        };
        let begun = Instant::now();
        // One that panics takes the place of no other: whoever waits for it is told.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
        let took = begun.elapsed();
        // One whose sender had gone took no time and says nothing of the others.
        if took > Duration::from_millis(1) {
            let mut waiting = queue.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.1 = (waiting.1 * 7 + took) / 8;
        }
    }
}

/// Does a piece of work in the turn of its lane. [`ServiceError::Wait`] when that would be too long.
pub(crate) async fn in_turn<T: Send + 'static>(
    lane: Lane,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ServiceError> {
    let queue = queue();
    let (answer, done) = oneshot::channel();
    let job: Job = Box::new(move || {
        // Nobody waits any more: the connection was closed.
        if !answer.is_closed() {
            let _ = answer.send(work());
        }
    });
    {
        let mut waiting = queue.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let (rows, each) = &mut *waiting;
        let wait = *each * u32::try_from(rows.ahead(lane)).unwrap_or(u32::MAX);
        if rows.is_full(lane) || (lane != Lane::Known && wait > WAIT_MAX) {
            return Err(ServiceError::Wait { seconds: wait.as_secs().max(1) });
        }
        rows.put(lane, job);
    }
    queue.came.notify_one();
    done.await.map_err(|_| ServiceError::Broken("a password could not be looked at"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_signs_goes_first_and_the_addresses_are_served_in_turn() {
        // "80 anonymous threads stop every sign-in and every signature."
        let mut rows = Rows::new();
        for n in 0..80 {
            rows.put(Lane::Door(1), format!("a{n}"));
        }
        rows.put(Lane::Door(2), "b0".to_owned());
        rows.put(Lane::Door(2), "b1".to_owned());
        assert_eq!(rows.ahead(Lane::Known), 0, "a signature waits for nobody at the door");
        assert_eq!(rows.ahead(Lane::Door(1)), 82, "the eighty-first waits for its own and for both others");
        assert_eq!(rows.ahead(Lane::Door(3)), 2, "somebody from a third address waits for one of each");
        rows.put(Lane::Known, "signature".to_owned());
        let served: Vec<_> = std::iter::from_fn(|| rows.next()).collect();
        assert_eq!(served[..6], ["signature", "a0", "b0", "a1", "b1", "a2"]);
        assert_eq!((served.len(), rows.at_door, rows.door.len(), rows.turns.len()), (83, 0, 0, 0));
    }

    #[test]
    fn the_rows_are_bounded() {
        let mut rows = Rows::new();
        for from in 0..WAITING_MAX {
            assert!(!rows.is_full(Lane::Door(7)));
            rows.put(Lane::Door(from as u128), from);
        }
        assert!(rows.is_full(Lane::Door(7)) && !rows.is_full(Lane::Known));
    }

    #[tokio::test]
    async fn a_piece_of_work_that_panics_is_said_and_the_next_is_done() {
        let broken = in_turn(Lane::Door(1), || panic!("a password that panics")).await;
        assert!(matches!(broken, Err::<(), _>(ServiceError::Broken(_))));
        assert_eq!(in_turn(Lane::Door(1), || 7).await.unwrap(), 7);
    }
}
