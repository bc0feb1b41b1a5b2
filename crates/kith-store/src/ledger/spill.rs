//! Lines about rows in files of a temporary directory, spread by the rows' ids: as many files as there are values of a byte,
//! each small enough to be held in memory.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::Path;

use tempfile::TempDir;
use uuid::Uuid;

use crate::StoreError;

/// Files: one for each value of an id's last byte, which is random.
const FILES: usize = 256;
/// What waits in memory for each.
const BUFFER: usize = 16 * 1024;
/// Bytes of a line: kind, table, id, version, digest.
const LINE: usize = 1 + 1 + 16 + 8 + 32;
/// The most rows that differ to be looked at once more: with more it does not matter which.
const DIFFERING_MAX: usize = 10_000;

/// What is said of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// The log: this version with this digest was written.
    Written(i64, [u8; 32]),
    /// The log: it was taken away.
    Gone,
    /// It is there with this digest. Comes after everything that the log says.
    There([u8; 32]),
}

/// The files.
pub(crate) struct Spill {
    directory: TempDir,
    files: Vec<BufWriter<File>>,
}

impl Spill {
    /// Empty files, for their owner only.
    pub(crate) fn new() -> Result<Self, StoreError> {
        let directory = tempfile::tempdir().map_err(|error| StoreError::io(&std::env::temp_dir(), error))?;
        let open = |number| {
            let path = directory.path().join(format!("{number}"));
            let file = File::create_new(&path).map_err(|error| StoreError::io(&path, error))?;
            Ok(BufWriter::with_capacity(BUFFER, file))
        };
        let files = (0..FILES).map(open).collect::<Result<_, StoreError>>()?;
        Ok(Self { directory, files })
    }

    /// Adds a line about a row of a table.
    pub(crate) fn write(&mut self, table: u8, row: Uuid, line: Line) -> Result<(), StoreError> {
        let (kind, version, digest) = match line {
            Line::Written(version, digest) => (0, version, digest),
            Line::Gone => (1, 0, [0; 32]),
            Line::There(digest) => (2, 0, digest),
        };
        let mut bytes = [0; LINE];
        bytes[0] = kind;
        bytes[1] = table;
        bytes[2..18].copy_from_slice(row.as_bytes());
        bytes[18..26].copy_from_slice(&version.to_be_bytes());
        bytes[26..].copy_from_slice(&digest);
        let file = &mut self.files[usize::from(row.as_bytes()[15])];
        file.write_all(&bytes).map_err(|error| StoreError::io(self.directory.path(), error))
    }

    /// The rows of which the log says something else than what is there, or of which its versions fall.
    pub(crate) fn differing(&mut self) -> Result<Vec<(u8, Uuid)>, StoreError> {
        let mut differing = Vec::new();
        for number in 0..FILES {
            let path = self.directory.path().join(format!("{number}"));
            self.files[number].flush().map_err(|error| StoreError::io(&path, error))?;
            compare(&path, &mut differing).map_err(|error| StoreError::io(&path, error))?;
            if differing.len() > DIFFERING_MAX {
                break;
            }
        }
        Ok(differing)
    }
}

fn compare(path: &Path, differing: &mut Vec<(u8, Uuid)>) -> std::io::Result<()> {
    let mut said: HashMap<(u8, Uuid), (i64, [u8; 32])> = HashMap::new();
    let mut lines = BufReader::with_capacity(64 * 1024, File::open(path)?);
    let mut bytes = [0; LINE];
    loop {
        match lines.read_exact(&mut bytes) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error),
        }
        let [kind, table, rest @ ..] = &bytes;
        let (id, rest) = rest.split_first_chunk().unwrap_or((&[0; 16], rest));
        let (version, digest) = rest.split_first_chunk().unwrap_or((&[0; 8], rest));
        let (version, mut there) = (i64::from_be_bytes(*version), [0; 32]);
        there.copy_from_slice(digest);
        let of = (*table, Uuid::from_bytes(*id));
        match kind {
            0 => {
                if said.insert(of, (version, there)).is_some_and(|(before, _)| before > version) {
                    differing.push(of);
                }
            }
            1 => {
                said.remove(&of);
            }
            _ => {
                if said.remove(&of).is_none_or(|(_, digest)| digest != there) {
                    differing.push(of);
                }
            }
        }
    }
    differing.extend(said.into_keys());
    Ok(())
}
