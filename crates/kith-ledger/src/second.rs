//! The second place: every checkpoint, one note after the other, in one file that only grows.
//!
//! It is meant to lie where whoever administers the database cannot write. A file that may only
//! be appended to is enough: nothing here overwrites or shortens it.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read as _, Seek as _, SeekFrom, Take, Write as _};
use std::path::{Path, PathBuf};

use crate::{Checkpoint, LedgerError, Verifier};

const FILE: &str = "checkpoints";
/// Lines of a note: origin, size, root, an empty line, one signature.
const NOTE_LINES: usize = 5;
/// Longer than any line of a note: its key name has at most 200 bytes.
const LINE_MAX: u64 = 1024;
/// Longer than any two notes.
const TAIL: u64 = 4096;

/// The writing end.
pub(crate) struct SecondPlace {
    path: PathBuf,
}

impl SecondPlace {
    pub(crate) fn open(dir: &Path) -> Result<Self, LedgerError> {
        fs::create_dir_all(dir).map_err(LedgerError::io(dir))?;
        Ok(Self { path: dir.join(FILE) })
    }

    /// The newest complete checkpoint, its signature checked.
    pub(crate) fn newest(&self, key: &Verifier) -> Result<Option<Checkpoint>, LedgerError> {
        let tail = self.tail()?;
        let (note, _) = split_tail(&tail);
        if note.is_empty() {
            return Ok(None);
        }
        let place = || "the newest checkpoint of the second place".to_owned();
        let note = std::str::from_utf8(note).map_err(|_| LedgerError::BadSignature { place: place() })?;
        Checkpoint::open_at(note, key, place).map(Some)
    }

    /// Brings the file up to date with the log's checkpoint: adds `note` unless it is the last one
    /// there; of a note whose writing was cut short, only the rest.
    pub(crate) fn catch_up(&self, note: &str) -> Result<(), LedgerError> {
        let tail = self.tail()?;
        let (last, torn) = split_tail(&tail);
        if torn.is_empty() && last == note.as_bytes() {
            return Ok(());
        }
        let rest = note.as_bytes().strip_prefix(torn).ok_or_else(foreign_end)?;
        let mut file =
            OpenOptions::new().append(true).create(true).open(&self.path).map_err(LedgerError::io(&self.path))?;
        file.write_all(rest).and_then(|()| file.sync_all()).map_err(LedgerError::io(&self.path))?;
        if tail.is_empty()
            && let Some(dir) = self.path.parent()
        {
            File::open(dir).and_then(|dir| dir.sync_all()).map_err(LedgerError::io(dir))?;
        }
        Ok(())
    }

    fn tail(&self) -> Result<Vec<u8>, LedgerError> {
        let mut tail = Vec::new();
        let mut read = || {
            if !self.path.try_exists()? {
                return Ok(());
            }
            let mut file = File::open(&self.path)?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
            file.take(TAIL).read_to_end(&mut tail).map(|_| ())
        };
        read().map_err(LedgerError::io(&self.path))?;
        Ok(tail)
    }
}

/// The bytes after the last complete note are not the beginning of the log's checkpoint, so it was
/// not a crash that left them.
fn foreign_end() -> LedgerError {
    LedgerError::Malformed {
        place: "the end of the second place".to_owned(),
        why: "it is neither a checkpoint nor the beginning of the ledger's newest",
    }
}

/// The last complete note in the end of the file, and the unfinished bytes after it.
fn split_tail(tail: &[u8]) -> (&[u8], &[u8]) {
    let (mut start, mut end, mut line_start) = (0, 0, 0);
    for (i, _) in tail.iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
        if tail[line_start..].starts_with("— ".as_bytes()) {
            (start, end) = (end, i + 1);
        }
        line_start = i + 1;
    }
    (&tail[start..end], &tail[end..])
}

/// The reading end: all checkpoints in their order, in constant memory.
pub(crate) struct Notes<'k> {
    reader: BufReader<Take<File>>,
    key: &'k Verifier,
    path: PathBuf,
    /// Complete notes read.
    pub(crate) count: u64,
    /// The bytes of an unfinished note at the end.
    torn: Vec<u8>,
}

impl<'k> Notes<'k> {
    /// Opens the file as it is now: what is written later is not read.
    pub(crate) fn open(dir: &Path, key: &'k Verifier) -> Result<Self, LedgerError> {
        let path = dir.join(FILE);
        if !path.try_exists().map_err(LedgerError::io(&path))? {
            return Err(LedgerError::MissingSecondPlace);
        }
        let file = File::open(&path).map_err(LedgerError::io(&path))?;
        let length = file.metadata().map_err(LedgerError::io(&path))?.len();
        Ok(Self { reader: BufReader::new(file.take(length)), key, path, count: 0, torn: Vec::new() })
    }

    /// The next checkpoint, its signature checked; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Checkpoint>, LedgerError> {
        let mut note = Vec::new();
        let mut complete = true;
        for _ in 0..NOTE_LINES {
            let read =
                (&mut self.reader).take(LINE_MAX).read_until(b'\n', &mut note).map_err(LedgerError::io(&self.path))?;
            complete &= read > 0 && note.ends_with(b"\n");
        }
        let rest = self.reader.fill_buf().map_err(LedgerError::io(&self.path))?;
        if note.is_empty() || (!complete && rest.is_empty()) {
            self.torn = note;
            return Ok(None);
        }
        self.count += 1;
        let number = self.count;
        let place = || format!("checkpoint {number} of the second place");
        let note = String::from_utf8(note).map_err(|_| LedgerError::BadSignature { place: place() })?;
        Checkpoint::open_at(&note, self.key, place).map(Some)
    }

    /// After the end: whether the file ends with a complete note, or with the beginning of the
    /// log's newest, which a crash may leave and the next start completes.
    pub(crate) fn check_end(&self, newest: &[u8]) -> Result<(), LedgerError> {
        if self.count == 0 {
            return Err(LedgerError::MissingSecondPlace);
        }
        if newest.starts_with(&self.torn) { Ok(()) } else { Err(foreign_end()) }
    }
}
