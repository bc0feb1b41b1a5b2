//! Checking a log from its tiles, its public key and the second place, as an auditor does.

use std::path::Path;

use crate::log::read_checkpoint;
use crate::merkle::{CompactRange, Hash, leaf_hash, verify_inclusion};
use crate::second::Notes;
use crate::tiles::{HEIGHT, Kind, Tiles, WIDTH};
use crate::{Checkpoint, LedgerError, Verifier};

/// What was found in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Number of entries, all of them checked.
    pub size: u64,
    /// Their root hash, which the signed checkpoint carries.
    pub root: Hash,
    /// How many checkpoints of the second place agree with the tree.
    pub checkpoints_checked: u64,
}

/// Checks the whole log in `dir` against the public key: that the checkpoint is signed with it,
/// that every entry has the hash that its tile says, every tile the hash that the tile above it
/// says, and all together the checkpoint's root.
///
/// `each` gets every entry and its number (from 0) in order, to compare it with the database; an
/// `Err` ends the verification. What `each` saw is proven only once this returns `Ok`.
///
/// With a second place, every checkpoint there must carry the root that the tree has at its size,
/// the sizes may not go down, and none may be larger than the log.
///
/// Reads each file once, in order, in O(log n) memory. The log may grow meanwhile; what is checked
/// is the log as it was when the verification began.
pub fn verify(
    dir: &Path,
    second_place: Option<&Path>,
    key: &Verifier,
    mut each: impl FnMut(u64, &[u8]) -> Result<(), String>,
) -> Result<Report, LedgerError> {
    // The second place first: a checkpoint comes there after it is in the log's own directory, so
    // what is there now cannot be ahead of what is read from the directory next.
    let notes = second_place.map(|dir| Notes::open(dir, key)).transpose()?;
    let (checkpoint, note) = read_checkpoint(dir, key)?;
    let tiles = Tiles::new(dir, checkpoint.size);
    let mut second = notes.map(|notes| Comparison::new(notes, checkpoint.size)).transpose()?;
    let mut stored = Stored { tiles: &tiles, checkpoint: &checkpoint, levels: Vec::new() };
    let mut range = CompactRange::default();
    if let Some(second) = &mut second {
        second.compare(&range)?;
    }
    for n in 0..checkpoint.size.div_ceil(WIDTH as u64) {
        let bundle = tiles.read(Kind::Entries, n)?;
        for entry in bundle.entries() {
            let (index, entry) = (range.size(), entry?);
            let leaf = leaf_hash(entry);
            stored.compare_leaf(index, &leaf, &bundle.path)?;
            range.push(leaf, |height, position, hash| stored.compare_node(height, position, hash))?;
            each(index, entry).map_err(|why| LedgerError::Disagrees { index, why })?;
            if let Some(second) = &mut second {
                second.compare(&range)?;
            }
        }
    }
    if range.root() != checkpoint.root {
        return Err(LedgerError::WrongRoot { size: checkpoint.size });
    }
    if let Some(second) = &second {
        second.notes.check_end(note.as_bytes())?;
    }
    Ok(Report {
        size: checkpoint.size,
        root: checkpoint.root,
        checkpoints_checked: second.map_or(0, |second| second.notes.count),
    })
}

/// The stored hash tiles under comparison, one of each level.
struct Stored<'t> {
    tiles: &'t Tiles,
    checkpoint: &'t Checkpoint,
    levels: Vec<(String, Vec<Hash>)>,
}

impl Stored<'_> {
    /// The stored hash at a position of a level, and the path of its tile. Positions come in order.
    fn at(&mut self, level: u32, position: u64) -> Result<(Option<Hash>, &str), LedgerError> {
        let (n, offset) = (position / WIDTH as u64, position % WIDTH as u64);
        if offset == 0 {
            let tile = self.tiles.read(Kind::Hashes(level), n)?;
            let hashes = tile.hashes()?;
            // A level's first hash comes after those of the levels below: its slot is the next.
            if let Some(slot) = self.levels.get_mut(level as usize) {
                *slot = (tile.path, hashes);
            } else {
                self.levels.push((tile.path, hashes));
            }
        }
        Ok(self.levels.get(level as usize).map_or((None, ""), |tile| {
            let offset = usize::try_from(offset).unwrap_or(WIDTH);
            (tile.1.get(offset).copied(), tile.0.as_str())
        }))
    }

    /// The leaf hash of an entry against level 0.
    fn compare_leaf(&mut self, index: u64, leaf: &Hash, bundle: &str) -> Result<(), LedgerError> {
        let (hash, tile) = self.at(0, index)?;
        if hash == Some(*leaf) {
            return Ok(());
        }
        let tile = tile.to_owned();
        // Which of the two is wrong? The signed checkpoint decides.
        let Checkpoint { size, root, .. } = self.checkpoint;
        let entry_is_right = self
            .tiles
            .inclusion_proof(index, *size)
            .is_ok_and(|proof| verify_inclusion(leaf, index, *size, &proof, root));
        Err(if entry_is_right {
            LedgerError::AlteredTile { tile, first_entry: index }
        } else {
            LedgerError::AlteredEntry { index, tile: bundle.to_owned() }
        })
    }

    /// The root of a full tile against the level above.
    fn compare_node(&mut self, height: u32, position: u64, hash: &Hash) -> Result<(), LedgerError> {
        if height == 0 || !height.is_multiple_of(HEIGHT) {
            return Ok(());
        }
        let (stored, tile) = self.at(height / HEIGHT, position)?;
        if stored == Some(*hash) {
            return Ok(());
        }
        Err(LedgerError::AlteredTile { tile: tile.to_owned(), first_entry: position << height })
    }
}

/// The checkpoints of the second place, against the tree as it grows.
struct Comparison<'k> {
    notes: Notes<'k>,
    next: Option<Checkpoint>,
    /// Size of the last one that agreed.
    agreed: u64,
    /// Size of the log.
    size: u64,
}

impl<'k> Comparison<'k> {
    fn new(notes: Notes<'k>, size: u64) -> Result<Self, LedgerError> {
        let mut comparison = Self { notes, next: None, agreed: 0, size };
        comparison.advance()?;
        Ok(comparison)
    }

    fn advance(&mut self) -> Result<(), LedgerError> {
        self.next = self.notes.next()?;
        let Some(next) = &self.next else {
            return Ok(());
        };
        if next.size > self.size {
            return Err(LedgerError::RolledBack { size: self.size, seen: next.size });
        }
        if next.size < self.agreed {
            return Err(LedgerError::Shrunk { number: self.notes.count, size: next.size, before: self.agreed });
        }
        Ok(())
    }

    /// Compares every checkpoint of the size that the tree now has.
    fn compare(&mut self, tree: &CompactRange) -> Result<(), LedgerError> {
        while let Some(next) = self.next.as_ref().filter(|next| next.size == tree.size()) {
            if next.root != tree.root() {
                return Err(LedgerError::Rewritten { number: self.notes.count, size: next.size, from: self.agreed });
            }
            self.agreed = next.size;
            self.advance()?;
        }
        Ok(())
    }
}
