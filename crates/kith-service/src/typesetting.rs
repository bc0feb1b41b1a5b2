//! Papers are set in a bounded number of places, and whoever finds them all taken waits in a queue that ends.
//!
//! Setting a report takes tens of mebibytes and a processor for seconds. Each place is a thread of its own that stays: its
//! memory is used again by the next paper. Eight at once on eight threads of the runtime took 650 MiB, and the machine's
//! allocator, which keeps a pool for each thread, gave none of it back.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use kith_domain::calendar;
use kith_papers::{Dated, PaperError};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use crate::ServiceError;

/// Papers that are set at the same time.
const PLACES: usize = 2;
/// How long somebody waits for a place before they are asked to come back: less than a page may take.
const WAIT_MAX: Duration = Duration::from_secs(20);

static FREE: Semaphore = Semaphore::const_new(PLACES);
static THREADS: OnceLock<Sender<Job>> = OnceLock::new();

type Job = Box<dyn FnOnce() + Send>;

/// The day of an instant, for the date of a file.
pub(crate) fn dated(at_ms: i64) -> Dated {
    let day = calendar::in_london(at_ms).date();
    Dated {
        year: i32::from(day.year()),
        month: u8::try_from(day.month()).unwrap_or(1),
        day: u8::try_from(day.day()).unwrap_or(1),
    }
}

/// Sets a paper. [`ServiceError::Queue`] when no place became free in time.
pub(crate) async fn set(
    make: impl FnOnce() -> Result<Vec<u8>, PaperError> + Send + 'static,
) -> Result<Vec<u8>, ServiceError> {
    set_within(WAIT_MAX, make).await
}

async fn set_within(
    wait: Duration,
    make: impl FnOnce() -> Result<Vec<u8>, PaperError> + Send + 'static,
) -> Result<Vec<u8>, ServiceError> {
    let broken = ServiceError::Broken("a paper could not be set");
    let Ok(Ok(place)) = timeout(wait, FREE.acquire()).await else { return Err(ServiceError::Queue) };
    let (answer, set) = oneshot::channel();
    let job: Job = Box::new(move || {
        // Held until it is set, whether or not anybody still waits for it.
        let _place = place;
        let _ = answer.send(make());
    });
    if THREADS.get_or_init(start).send(job).is_err() {
        return Err(broken);
    }
    set.await.map_err(|_| broken)?.map_err(|error| ServiceError::Paper(error.to_string()))
}

fn start() -> Sender<Job> {
    let (sender, jobs) = channel();
    let jobs = Arc::new(Mutex::new(jobs));
    for place in 0..PLACES {
        let jobs = Arc::clone(&jobs);
        let thread = thread::Builder::new().name(format!("papers-{place}"));
        if let Err(error) = thread.spawn(move || work(&jobs)) {
            tracing::error!(%error, "no thread for papers");
        }
    }
    sender
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // A paper that cannot be set does not take its place away: whoever waits for it is told.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn no_more_papers_than_places_are_set_at_once_and_who_waits_too_long_is_told() {
        static NOW: AtomicUsize = AtomicUsize::new(0);
        static MOST: AtomicUsize = AtomicUsize::new(0);
        let (go, gate) = channel::<()>();
        let gate = Arc::new(Mutex::new(gate));
        let paper = || {
            let gate = Arc::clone(&gate);
            move || {
                MOST.fetch_max(NOW.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                let _ = gate.lock().unwrap_or_else(PoisonError::into_inner).recv();
                NOW.fetch_sub(1, Ordering::SeqCst);
                Ok(vec![1])
            }
        };
        let running: Vec<_> = (0..8).map(|_| tokio::spawn(set(paper()))).collect();
        while NOW.load(Ordering::SeqCst) < PLACES {
            tokio::task::yield_now().await;
        }
        let refused = set_within(Duration::ZERO, || Ok(vec![2])).await;
        assert!(matches!(refused, Err(ServiceError::Queue)), "{refused:?}");
        for _ in 0..8 {
            go.send(()).unwrap();
        }
        for paper in running {
            assert_eq!(paper.await.unwrap().unwrap(), [1]);
        }
        assert_eq!(MOST.load(Ordering::SeqCst), PLACES);
        let panics = set(|| panic!("a paper that panics")).await;
        assert!(matches!(panics, Err(ServiceError::Broken(_))), "{panics:?}");
        assert_eq!(set(|| Ok(vec![3])).await.unwrap(), [3]);
    }
}
