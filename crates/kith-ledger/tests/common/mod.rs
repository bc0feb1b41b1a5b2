//! What the tests of the ledger share.
#![allow(dead_code)] // Each test binary uses its part.

use std::path::{Path, PathBuf};

use kith_ledger::{LedgerError, Log, Report, Signer, Verifier, verify};
use tempfile::TempDir;

/// A log's directory and its second place.
pub(crate) struct Places {
    _root: TempDir,
    pub(crate) dir: PathBuf,
    pub(crate) second: PathBuf,
}

impl Places {
    pub(crate) fn new() -> Self {
        let root = TempDir::new().unwrap();
        Self { dir: root.path().join("ledger"), second: root.path().join("second"), _root: root }
    }

    pub(crate) fn open(&self) -> Result<Log, LedgerError> {
        Log::open(&self.dir, Some(&self.second), signer())
    }

    pub(crate) fn verify(&self) -> Result<Report, LedgerError> {
        verify(&self.dir, Some(&self.second), &key(), |_, _| Ok(()))
    }

    /// A log of `size` entries in batches of `batch`.
    pub(crate) fn filled(size: u64, batch: u64) -> Self {
        let places = Self::new();
        let mut log = places.open().unwrap();
        for start in (0..size).step_by(usize::try_from(batch).unwrap()) {
            log.append(&entries(start, size.min(start + batch))).unwrap();
        }
        places
    }

    pub(crate) fn checkpoints(&self) -> PathBuf {
        self.second.join("checkpoints")
    }
}

pub(crate) fn signer() -> Signer {
    Signer::from_seed("kith.example/ledger", &[5; 32]).unwrap()
}

pub(crate) fn key() -> Verifier {
    signer().verifier()
}

/// Entries of many lengths, the empty one among them.
pub(crate) fn entry(i: u64) -> Vec<u8> {
    let mut entry = i.to_string().repeat(usize::try_from(i % 7).unwrap());
    entry.push_str(if i.is_multiple_of(7) && i > 0 { "x" } else { "" });
    entry.into_bytes()
}

pub(crate) fn entries(from: u64, to: u64) -> Vec<Vec<u8>> {
    (from..to).map(entry).collect()
}

pub(crate) fn copy_dir(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for item in std::fs::read_dir(from).unwrap() {
        let item = item.unwrap();
        let target = to.join(item.file_name());
        if item.file_type().unwrap().is_dir() {
            copy_dir(&item.path(), &target);
        } else {
            std::fs::copy(item.path(), target).unwrap();
        }
    }
}
