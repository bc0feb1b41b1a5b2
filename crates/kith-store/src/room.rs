//! How much room the disk has left. Below the reserve nothing is changed any more, and what is read is still entered in the
//! access log: the reserve is what it is entered into.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::StoreError;

/// Bytes of a mebibyte.
const MIB: u64 = 1024 * 1024;

/// The room where the data directory is.
pub(crate) struct Room {
    directory: PathBuf,
    reserve_bytes: AtomicU64,
    /// Whether there was too little when it was last asked, so that each turn is said once.
    was_short: AtomicBool,
}

impl Room {
    pub(crate) fn new(directory: PathBuf, reserve_mib: u64) -> Self {
        let reserve_bytes = AtomicU64::new(reserve_mib.saturating_mul(MIB));
        Self { directory, reserve_bytes, was_short: AtomicBool::new(false) }
    }

    /// Whether less than the reserve is left. One question to the operating system, of microseconds.
    pub(crate) fn is_short(&self) -> bool {
        let reserve = self.reserve_bytes.load(Ordering::Relaxed);
        // A disk that cannot be asked is not called full: what is wrong with it is said when it is written to.
        let Ok(disk) = rustix::fs::statvfs(&self.directory) else { return false };
        let left = disk.f_bavail.saturating_mul(disk.f_frsize);
        let short = left < reserve;
        if self.was_short.swap(short, Ordering::Relaxed) != short {
            let (left_mib, reserve_mib) = (left / MIB, reserve / MIB);
            if short {
                tracing::error!(
                    left_mib,
                    reserve_mib,
                    "the disk is nearly full: Kith changes nothing until there is room"
                );
            } else {
                tracing::warn!(left_mib, reserve_mib, "there is room on the disk again: Kith saves again");
            }
        }
        short
    }

    /// [`StoreError::Full`] when less than the reserve is left.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        if self.is_short() { Err(StoreError::Full) } else { Ok(()) }
    }

    /// Sets another reserve.
    pub(crate) fn set_reserve_mib(&self, reserve_mib: u64) {
        self.reserve_bytes.store(reserve_mib.saturating_mul(MIB), Ordering::Relaxed);
    }
}
