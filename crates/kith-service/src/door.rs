//! How often somebody may try, in memory: at the sign-in page by where they come from and whose name they type, before
//! anything is hashed; and how often a password was wrong in a row where somebody is known already.
//!
//! Nothing personal is kept: addresses and names are keyed hashes, and what is kept is bounded. It is gone when the program
//! ends; the lock of an account is not, which stands in its row.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::hashing::WAIT_MAX;
use crate::{Service, ServiceError};

/// Most addresses, names and browsers of which something is kept.
const KEPT_MAX: usize = 65_536;
/// Wrong passwords in a row by somebody who is known: then they are known no longer.
pub(crate) const WRONG_MAX: u32 = 5;

/// How many at once, and how often after that.
#[derive(Clone, Copy)]
struct Rate {
    burst: i64,
    every_ms: i64,
}

/// From one address: a whole council can stand behind one.
const ADDRESS: Rate = Rate { burst: 60, every_ms: 200 };
/// For one name, or from one browser that is known to it.
const NAME: Rate = Rate { burst: 20, every_ms: 3_000 };

/// Forms of the public page from one address: a family in a library, and no flood.
const PUBLIC: Rate = Rate { burst: 10, every_ms: 60_000 };
/// Forms of the public page from everywhere.
const PUBLIC_ALL: Rate = Rate { burst: 300, every_ms: 5_000 };

/// What is kept.
#[derive(Default)]
pub(crate) struct Door(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// For each key, the instant at which its bucket is full again (the "theoretical arrival time" of GCRA, ITU-T I.371).
    full_at: HashMap<u128, i64>,
    /// Wrong passwords in a row: of a sign-in, or of a browser that has signed in before; and since when.
    wrong: HashMap<u128, (u32, i64)>,
}

impl Kept {
    /// How long to wait for a place in the bucket of a key, in milliseconds; the place is taken. Nothing is taken, and
    /// `Err` has the wait, when it would be longer than anybody waits.
    fn take(&mut self, key: u128, rate: Rate, now_ms: i64) -> Result<i64, i64> {
        let key = if self.full_at.contains_key(&key) || self.make_room(now_ms) { key } else { 0 };
        let full_at = self.full_at.entry(key).or_insert(now_ms);
        let span = rate.burst * rate.every_ms;
        let wait_max = i64::try_from(WAIT_MAX.as_millis()).unwrap_or(i64::MAX);
        // A clock that was set back makes nobody wait for what was.
        let from = if *full_at > now_ms + span + wait_max { now_ms } else { (*full_at).max(now_ms) };
        let wait = (from + rate.every_ms - span - now_ms).max(0);
        if wait > wait_max {
            return Err(wait);
        }
        *full_at = from + rate.every_ms;
        Ok(wait)
    }

    /// Whether one more can be kept. Buckets that are full again are as if there were none; when all are in use, those who
    /// are new share one.
    fn make_room(&mut self, now_ms: i64) -> bool {
        if self.full_at.len() >= KEPT_MAX {
            self.full_at.retain(|_, full_at| *full_at > now_ms);
        }
        self.full_at.len() < KEPT_MAX
    }
}

impl Door {
    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often in a row a password was wrong.
    pub(crate) fn wrong(&self, of: u128) -> u32 {
        self.kept().wrong.get(&of).map_or(0, |(times, _)| *times)
    }

    /// Counts an attempt before it is looked at; how many there were.
    pub(crate) fn count(&self, of: u128, now_ms: i64) -> u32 {
        let mut kept = self.kept();
        if kept.wrong.len() >= KEPT_MAX {
            // The oldest half goes: each is of somebody who has signed in, so there are never so many.
            let mut since: Vec<i64> = kept.wrong.values().map(|(_, since)| *since).collect();
            since.sort_unstable();
            let middle = since[since.len() / 2];
            kept.wrong.retain(|_, (_, since)| *since > middle);
        }
        let (times, since) = kept.wrong.entry(of).or_default();
        *times += 1;
        *since = now_ms;
        *times
    }

    /// A right one gives the count back.
    pub(crate) fn right(&self, of: u128) {
        self.kept().wrong.remove(&of);
    }
}

impl Service {
    /// A keyed hash by which something is kept in memory.
    pub(crate) fn door_key(&self, what: &str, of: &[u8]) -> u128 {
        let mac = self.web_mac(what, of);
        u128::from_be_bytes(std::array::from_fn(|at| mac[at]))
    }

    /// The same of where somebody comes from. Whoever has an address of version 6 has 2^64 of them (RFC 4291 2.5.4).
    pub(crate) fn address_key(&self, from: IpAddr) -> u128 {
        match from.to_canonical() {
            IpAddr::V4(four) => self.door_key("door address", &four.octets()),
            IpAddr::V6(six) => self.door_key("door address", &six.octets()[..8]),
        }
    }

    /// Waits for a place in the buckets of an address and a name, or of a browser that is known to the account and that no
    /// stranger can use up. [`ServiceError::Wait`] when it would be too long.
    pub(crate) async fn wait_at_door(&self, stranger: Option<u128>, name: u128) -> Result<(), ServiceError> {
        let now_ms = self.real_now_ms();
        let wait = {
            let mut kept = self.door().kept();
            let address = stranger.map_or(Ok(0), |address| kept.take(address, ADDRESS, now_ms));
            address.and_then(|address| Ok(address.max(kept.take(name, NAME, now_ms)?)))
        };
        match wait {
            Ok(0) => Ok(()),
            Ok(wait) => {
                tokio::time::sleep(Duration::from_millis(wait.unsigned_abs())).await;
                Ok(())
            }
            Err(wait) => Err(ServiceError::Wait { seconds: wait.unsigned_abs().div_ceil(1_000) }),
        }
    }

    /// Refuses a form of the public page when too many come from one address, or from everywhere. [`ServiceError::Wait`] says for
    /// how long.
    pub(crate) fn pass_public_door(&self, from: IpAddr) -> Result<(), ServiceError> {
        let now_ms = self.real_now_ms();
        let all = self.door_key("public door", b"all");
        let mut kept = self.door().kept();
        let taken = kept.take(self.address_key(from) ^ all, PUBLIC, now_ms);
        match taken.and_then(|wait| Ok(wait.max(kept.take(all, PUBLIC_ALL, now_ms)?))) {
            Ok(0) => Ok(()),
            Ok(wait) | Err(wait) => Err(ServiceError::Wait { seconds: wait.unsigned_abs().div_ceil(1_000) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_lets_a_rush_in_then_makes_wait_then_refuses_and_fills_again() {
        let mut kept = Kept::default();
        let rate = Rate { burst: 3, every_ms: 4_000 };
        let taken: Vec<_> = (0..6).map(|_| kept.take(1, rate, 1_000)).collect();
        assert_eq!(taken, [Ok(0), Ok(0), Ok(0), Ok(4_000), Ok(8_000), Err(12_000)]);
        assert_eq!(kept.take(2, rate, 1_000), Ok(0), "another's is full");
        assert_eq!(kept.take(1, rate, 1_000 + 20_000), Ok(0), "and this one is again");
        assert_eq!(kept.take(1, rate, -9_000_000), Ok(0), "a clock that was set back makes nobody wait");
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut kept = Kept::default();
        for key in 0..KEPT_MAX as u128 + 1_000 {
            let _ = kept.take(key + 1, ADDRESS, 0);
        }
        assert!(kept.full_at.len() <= KEPT_MAX + 1, "{}", kept.full_at.len());
        assert_eq!(kept.take(u128::MAX, ADDRESS, 60_000), Ok(0));
        assert_eq!(kept.full_at.len(), 1, "those that are full again are forgotten");
        let door = Door::default();
        for of in 0..KEPT_MAX as u128 + 1_000 {
            door.count(of, i64::try_from(of).unwrap_or_default());
        }
        assert!(door.kept().wrong.len() <= KEPT_MAX);
        assert_eq!(door.wrong(KEPT_MAX as u128 + 999), 1, "the newest are kept");
    }
}
