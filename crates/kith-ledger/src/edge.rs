//! The right edge of the tree: what is not yet in full tiles, and how entries are added to it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::LedgerError;
use crate::merkle::{CompactRange, Hash, leaf_hash};
use crate::tiles::{HEIGHT, Kind, Tiles, WIDTH};

/// The partial tiles and the compact range of a tree.
#[derive(Clone, Default)]
pub(crate) struct Edge {
    range: CompactRange,
    /// The partial hash tile of each level, and whether it grew since it was written.
    levels: Vec<(Vec<Hash>, bool)>,
    /// The partial entry bundle, as in its file.
    bundle: Vec<u8>,
}

impl Edge {
    /// Rebuilds the edge from the tiles; checks that they give `root`, and the last entries.
    pub(crate) fn load(tiles: &Tiles, root: &Hash) -> Result<Self, LedgerError> {
        let mut edge = Self { range: tiles.range(tiles.size)?, ..Self::default() };
        if edge.root() != *root {
            return Err(LedgerError::WrongRoot { size: tiles.size });
        }
        for level in 0..u64::BITS / HEIGHT {
            let hashes = tiles.size >> (HEIGHT * level);
            let partial = if hashes.is_multiple_of(WIDTH as u64) {
                Vec::new()
            } else {
                tiles.read(Kind::Hashes(level), hashes / WIDTH as u64)?.hashes()?
            };
            edge.levels.push((partial, false));
        }
        if !tiles.size.is_multiple_of(WIDTH as u64) {
            let n = tiles.size / WIDTH as u64;
            let bundle = tiles.read(Kind::Entries, n)?;
            for ((index, entry), leaf) in (n * WIDTH as u64..).zip(bundle.entries()).zip(&edge.levels[0].0) {
                let entry = entry?;
                if leaf_hash(entry) != *leaf {
                    return Err(LedgerError::AlteredEntry { index, tile: bundle.path.clone() });
                }
                push_entry(&mut edge.bundle, entry, 0)?;
            }
        }
        Ok(edge)
    }

    pub(crate) fn size(&self) -> u64 {
        self.range.size()
    }

    pub(crate) fn root(&self) -> Hash {
        self.range.root()
    }

    /// Adds entries and writes every tile and bundle that they fill or begin.
    pub(crate) fn append(&mut self, entries: &[Vec<u8>], writer: &mut Writer<'_>) -> Result<(), LedgerError> {
        let Self { range, levels, bundle } = self;
        for (position, entry) in entries.iter().enumerate() {
            push_entry(bundle, entry, position)?;
            let n = range.size() / WIDTH as u64;
            range.push(leaf_hash(entry), |height, position, hash| {
                if height % HEIGHT != 0 {
                    return Ok(());
                }
                let level = height / HEIGHT;
                let Some((tile, grown)) = levels.get_mut(level as usize) else {
                    // Levels 0 to 7 are all that 64-bit sizes have.
                    return Ok(());
                };
                tile.push(*hash);
                *grown = tile.len() < WIDTH;
                if !*grown {
                    let n = position / WIDTH as u64;
                    writer.write(Kind::Hashes(level), n, WIDTH, tile.as_flattened())?;
                    tile.clear();
                }
                Ok(())
            })?;
            if range.size().is_multiple_of(WIDTH as u64) {
                writer.write(Kind::Entries, n, WIDTH, bundle)?;
                bundle.clear();
            }
        }
        let size = range.size();
        for (level, (tile, grown)) in (0..).zip(levels) {
            if std::mem::take(grown) {
                let kind = Kind::Hashes(level);
                let n = (size >> (HEIGHT * level)) / WIDTH as u64;
                writer.write(kind, n, tile.len(), tile.as_flattened())?;
            }
        }
        if !bundle.is_empty() {
            let n = size / WIDTH as u64;
            writer.write(Kind::Entries, n, Kind::Entries.width(n, size), bundle)?;
        }
        Ok(())
    }
}

/// Adds an entry to a bundle, after its length as a big-endian `u16`.
fn push_entry(bundle: &mut Vec<u8>, entry: &[u8], position: usize) -> Result<(), LedgerError> {
    let length = u16::try_from(entry.len()).map_err(|_| LedgerError::EntryTooLong { position, length: entry.len() })?;
    bundle.extend(length.to_be_bytes());
    bundle.extend(entry);
    Ok(())
}

/// Writes tiles so that they survive a loss of power, and remembers what that still needs.
pub(crate) struct Writer<'d> {
    dir: &'d Path,
    /// Directories with new files in them.
    touched: BTreeSet<PathBuf>,
    /// Full tiles written, whose partial ones are of no more use.
    filled: Vec<PathBuf>,
}

impl<'d> Writer<'d> {
    pub(crate) fn new(dir: &'d Path) -> Self {
        Self { dir, touched: BTreeSet::new(), filled: Vec::new() }
    }

    fn write(&mut self, kind: Kind, n: u64, width: usize, bytes: &[u8]) -> Result<(), LedgerError> {
        let path = self.dir.join(kind.path(n, width));
        if let Some(parent) = path.parent() {
            self.create_dir(parent)?;
            self.touched.insert(parent.to_path_buf());
        }
        // In place: the signed checkpoint does not reach this file yet. What a crash leaves of it
        // is written again before one does.
        write_durably(&path, bytes)?;
        if width == WIDTH {
            self.filled.push(path);
        }
        Ok(())
    }

    fn create_dir(&mut self, dir: &Path) -> Result<(), LedgerError> {
        if !dir.is_dir() {
            if let Some(parent) = dir.parent() {
                self.create_dir(parent)?;
                self.touched.insert(parent.to_path_buf());
            }
            match fs::create_dir(dir) {
                Err(e) if !dir.is_dir() => return Err(LedgerError::io(dir)(e)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Makes the names of all new files durable. After this the checkpoint may be written.
    pub(crate) fn sync(&self) -> Result<(), LedgerError> {
        self.touched.iter().try_for_each(|dir| sync_dir(dir))
    }

    /// Deletes the partial tiles of every tile now full, as tlog-tiles allows. Only after the
    /// checkpoint is durable: the one before it stands on them.
    pub(crate) fn drop_partials(self) {
        for path in self.filled {
            let mut partials = path.into_os_string();
            partials.push(".p");
            // What is left of them is never read while the full tile exists, so it does no harm.
            let _ = fs::remove_dir_all(partials);
        }
    }
}

/// Writes a file and waits until its content is on the disk.
pub(crate) fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), LedgerError> {
    File::create(path)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .map_err(LedgerError::io(path))
}

/// Waits until the names in a directory are on the disk.
pub(crate) fn sync_dir(dir: &Path) -> Result<(), LedgerError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(LedgerError::io(dir))
}
