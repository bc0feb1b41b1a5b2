//! Which files were destroyed, written down beside the checkpoints of the second place: what an older copy of the data and of the keys
//! together brings back is found there at the next start, and destroyed again (handbook section 11: a certificate stays true).

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use kith_vault::FileKey;
use uuid::Uuid;

use crate::StoreError;

const FILE: &str = "destroyed";
const CONTEXT: &str = "kith destroyed file";

/// The list: a file that only grows. Each line is the id of a file with a keyed hash of it, so that whoever can write there and has no
/// key can have nothing destroyed.
pub(crate) struct DestroyedList {
    path: PathBuf,
    key: FileKey,
}

impl DestroyedList {
    /// The list in a second place, which is there.
    pub(crate) fn new(second_place: &Path, key: FileKey) -> Self {
        Self { path: second_place.join(FILE), key }
    }

    /// The files on it. A line that was cut short, or is not ours, is left out, and the log says so.
    pub(crate) fn read(&self) -> Result<BTreeSet<Uuid>, StoreError> {
        let text = match fs::read_to_string(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeSet::new()),
            text => text.map_err(|error| StoreError::io(&self.path, error))?,
        };
        let lines = text.lines().filter(|line| !line.is_empty());
        let (ours, others): (Vec<_>, Vec<_>) = lines.map(|line| self.file_of(line)).partition(Option::is_some);
        if !others.is_empty() {
            tracing::error!(
                lines = others.len(),
                "the list of destroyed files has lines that are not ours: they count for nothing"
            );
        }
        Ok(ours.into_iter().flatten().collect())
    }

    /// Adds those that are not on it yet; they are on the disk when this returns.
    pub(crate) fn add(&self, files: &BTreeSet<Uuid>) -> Result<(), StoreError> {
        let there = self.read()?;
        let lines: String = files.difference(&there).map(|file| self.line_of(*file)).collect();
        if lines.is_empty() {
            return Ok(());
        }
        let io = |error| StoreError::io(&self.path, error);
        let mut list = OpenOptions::new().append(true).create(true).open(&self.path).map_err(io)?;
        // One that was cut short before is ended first.
        let lines = if list.metadata().map_err(io)?.len() > 0 { format!("\n{lines}") } else { lines };
        list.write_all(lines.as_bytes()).and_then(|()| list.sync_all()).map_err(io)
    }

    fn line_of(&self, file: Uuid) -> String {
        let mac = kith_vault::mac(&self.key, CONTEXT, file.as_bytes());
        format!("{file} {}\n", hex::encode(mac))
    }

    fn file_of(&self, line: &str) -> Option<Uuid> {
        let (file, mac) = line.split_once(' ')?;
        let file: Uuid = file.parse().ok()?;
        let mac = hex::decode(mac).ok()?;
        kith_vault::is_mac(&self.key, CONTEXT, file.as_bytes(), &mac).then_some(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_cut_short_or_somebody_else_s_counts_for_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let list = DestroyedList::new(dir.path(), FileKey::generate().unwrap());
        let (first, second, third) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
        list.add(&BTreeSet::from([first, second])).unwrap();
        list.add(&BTreeSet::from([first])).unwrap();
        let text = fs::read_to_string(dir.path().join(FILE)).unwrap();
        assert_eq!(text.lines().count(), 2, "each once");
        let cut = text.trim_end().len() - 5;
        let forged = DestroyedList::new(dir.path(), FileKey::generate().unwrap()).line_of(third);
        fs::write(dir.path().join(FILE), format!("{forged}{}", &text[..cut])).unwrap();
        assert_eq!(list.read().unwrap(), BTreeSet::from([first]));
        list.add(&BTreeSet::from([second])).unwrap();
        assert_eq!(list.read().unwrap(), BTreeSet::from([first, second]));
    }
}
