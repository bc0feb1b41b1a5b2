//! The log as its one writer has it open.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use crate::edge::{Edge, Writer, sync_dir, write_durably};
use crate::merkle::CompactRange;
use crate::second::SecondPlace;
use crate::tiles::{Tiles, read_at_most};
use crate::{Checkpoint, Hash, LedgerError, Signer, Verifier};

/// The signed checkpoint's file, as in tlog-tiles.
const CHECKPOINT: &str = "checkpoint";
/// Where the next one is written before it takes that name.
const NEW_CHECKPOINT: &str = "checkpoint.new";
/// The verifier key's file.
const PUBLIC_KEY: &str = "public-key";
/// More than a note or a key has.
const SMALL_FILE: usize = 64 * 1024;

/// An append-only log in a directory, open for writing by this process alone.
///
/// The directory holds `checkpoint`, `public-key`, `lock` and, under `tile`, the hash tiles and
/// entry bundles of <https://c2sp.org/tlog-tiles>. Partial tiles are deleted once the full tile
/// is under a checkpoint.
pub struct Log {
    dir: PathBuf,
    signer: Signer,
    second: Option<SecondPlace>,
    edge: Edge,
    checkpoint: Checkpoint,
    /// The checkpoint as signed.
    note: String,
    /// Whether the second place may lack the checkpoint.
    behind: bool,
    /// Whether the disk failed while a checkpoint took its place: either may be there now.
    uncertain: bool,
    /// Held as long as the log is open.
    _lock: File,
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Log").field("dir", &self.dir).field("checkpoint", &self.checkpoint).finish_non_exhaustive()
    }
}

impl Log {
    /// Opens the log in `dir`, or begins one there: an empty tree under a signed checkpoint.
    ///
    /// `second_place` is a directory whose file `checkpoints` gets every checkpoint.
    ///
    /// Checks the checkpoint's signature, that the right edge of the tree gives its root, that
    /// the newest checkpoint of the second place is of this tree, that no full tile is missing or cut short, and the hashes of
    /// a sample spread over it; [`verify`](crate::verify) checks everything else. Whatever a crash left beyond the checkpoint is written over by later
    /// appends: callers compare [`Log::size`] with what they know to be integrated.
    pub fn open(dir: &Path, second_place: Option<&Path>, signer: Signer) -> Result<Self, LedgerError> {
        fs::create_dir_all(dir).map_err(LedgerError::io(dir))?;
        let lock = lock(&dir.join("lock"))?;
        let key = signer.verifier();
        let second = second_place.map(SecondPlace::open).transpose()?;
        let key_missing = public_key_missing(dir, &key)?;
        let (checkpoint, note, new) = match read_checkpoint(dir, &key) {
            Ok((checkpoint, note)) => (checkpoint, note, false),
            // The first tile is written after the first checkpoint: here nothing began yet.
            Err(LedgerError::MissingCheckpoint) if !dir.join("tile").exists() => {
                let empty = Checkpoint { origin: key.name().to_owned(), size: 0, root: CompactRange::default().root() };
                let note = empty.sign(&signer);
                (empty, note, true)
            }
            Err(e) => return Err(e),
        };
        let tiles = Tiles::new(dir, checkpoint.size);
        if let Some(second) = &second {
            check_second(second, &key, &checkpoint, &tiles)?;
        }
        let edge = Edge::load(&tiles, &checkpoint.root)?;
        tiles.quick_look()?;
        if key_missing {
            write_durably(&dir.join(PUBLIC_KEY), format!("{key}\n").as_bytes())?;
            sync_dir(dir)?;
        }
        if new {
            write_new_checkpoint(dir, &note)?;
            publish_checkpoint(dir)?;
        }
        let mut log = Self {
            dir: dir.to_path_buf(),
            behind: true,
            uncertain: false,
            signer,
            second,
            edge,
            checkpoint,
            note,
            _lock: lock,
        };
        log.catch_up()?;
        Ok(log)
    }

    /// Number of entries under the newest checkpoint.
    pub fn size(&self) -> u64 {
        self.checkpoint.size
    }

    /// Root hash over them.
    pub fn root(&self) -> Hash {
        self.checkpoint.root
    }

    /// Root hash over the first `size` entries. [`LedgerError::OutOfRange`] if there are not as many.
    pub fn root_at(&self, size: u64) -> Result<Hash, LedgerError> {
        if size == self.size() {
            return Ok(self.root());
        }
        Ok(self.tiles().range(size)?.root())
    }

    /// Adds a batch of entries, each of at most 65535 bytes, and gives the new checkpoint. An empty
    /// batch changes nothing.
    ///
    /// Order: bundles and tiles, durably; then the checkpoint, by rename; then the second place.
    ///
    /// After an error [`Log::size`] tells whether the batch is in: it grew only if the checkpoint
    /// was written, and then the second place alone lacks it. The next append or open makes up for
    /// that first, and refuses if it cannot: the second place is never more than one checkpoint
    /// behind. Only after [`LedgerError::Uncertain`] the log must be opened anew to know its size:
    /// the disk failed at the very moment the checkpoint took its place.
    pub fn append(&mut self, entries: &[Vec<u8>]) -> Result<Checkpoint, LedgerError> {
        self.append_for(entries, None)
    }

    /// The same; nothing is signed and [`LedgerError::OtherRoot`] returned if the tree would not have this root then.
    pub fn append_for(&mut self, entries: &[Vec<u8>], root: Option<&Hash>) -> Result<Checkpoint, LedgerError> {
        if self.uncertain {
            return Err(LedgerError::Uncertain);
        }
        self.catch_up()?;
        if entries.is_empty() {
            return Ok(self.checkpoint.clone());
        }
        if let Some((position, entry)) =
            entries.iter().enumerate().find(|(_, entry)| entry.len() > usize::from(u16::MAX))
        {
            return Err(LedgerError::EntryTooLong { position, length: entry.len() });
        }
        // On a copy: when the disk refuses halfway, this log is as it was before.
        let mut edge = self.edge.clone();
        let mut writer = Writer::new(&self.dir);
        edge.append(entries, &mut writer)?;
        if root.is_some_and(|root| *root != edge.root()) {
            return Err(LedgerError::OtherRoot);
        }
        writer.sync()?;
        let checkpoint = Checkpoint { origin: self.checkpoint.origin.clone(), size: edge.size(), root: edge.root() };
        let note = checkpoint.sign(&self.signer);
        write_new_checkpoint(&self.dir, &note)?;
        self.uncertain = true;
        publish_checkpoint(&self.dir)?;
        self.uncertain = false;
        writer.drop_partials();
        self.edge = edge;
        self.checkpoint = checkpoint;
        self.note = note;
        self.behind = true;
        self.catch_up()?;
        Ok(self.checkpoint.clone())
    }

    /// The hashes that prove entry `index` (from 0) to be in the tree of the first `size` entries,
    /// for [`verify_inclusion`](crate::verify_inclusion).
    pub fn inclusion_proof(&self, index: u64, size: u64) -> Result<Vec<Hash>, LedgerError> {
        self.tiles().inclusion_proof(index, size)
    }

    /// The hashes that prove the tree of `new` entries to begin with that of `old`, for
    /// [`verify_consistency`](crate::verify_consistency).
    pub fn consistency_proof(&self, old: u64, new: u64) -> Result<Vec<Hash>, LedgerError> {
        self.tiles().consistency_proof(old, new)
    }

    fn tiles(&self) -> Tiles {
        Tiles::new(&self.dir, self.size())
    }

    fn catch_up(&mut self) -> Result<(), LedgerError> {
        if let (true, Some(second)) = (self.behind, &self.second) {
            second.catch_up(&self.note)?;
        }
        self.behind = false;
        Ok(())
    }
}

/// The checkpoint of the log in `dir`, its signature checked, and its note.
pub(crate) fn read_checkpoint(dir: &Path, key: &Verifier) -> Result<(Checkpoint, String), LedgerError> {
    let note = read_at_most(&dir.join(CHECKPOINT), SMALL_FILE)?.ok_or(LedgerError::MissingCheckpoint)?;
    let note = String::from_utf8(note).map_err(|_| LedgerError::BadSignature { place: "the checkpoint".to_owned() })?;
    Ok((Checkpoint::open(&note, key)?, note))
}

/// The next checkpoint, beside the one that holds.
fn write_new_checkpoint(dir: &Path, note: &str) -> Result<(), LedgerError> {
    write_durably(&dir.join(NEW_CHECKPOINT), note.as_bytes())
}

/// Puts the next checkpoint in the place of the one that holds.
fn publish_checkpoint(dir: &Path) -> Result<(), LedgerError> {
    let path = dir.join(CHECKPOINT);
    fs::rename(dir.join(NEW_CHECKPOINT), &path).map_err(LedgerError::io(&path))?;
    sync_dir(dir)
}

/// Whether the verifier key is still to be written; refuses another log's directory.
fn public_key_missing(dir: &Path, key: &Verifier) -> Result<bool, LedgerError> {
    let vkey = key.to_string();
    match read_at_most(&dir.join(PUBLIC_KEY), SMALL_FILE)? {
        None => Ok(true),
        Some(there) if there.trim_ascii() == vkey.as_bytes() => Ok(false),
        // Cut short by a crash when the log began.
        Some(there) if vkey.as_bytes().starts_with(&there) => Ok(true),
        Some(_) => Err(LedgerError::KeyMismatch),
    }
}

/// Whether the newest checkpoint of the second place is one of this tree.
fn check_second(
    second: &SecondPlace,
    key: &Verifier,
    checkpoint: &Checkpoint,
    tiles: &Tiles,
) -> Result<(), LedgerError> {
    let Some(newest) = second.newest(key)? else {
        return Ok(());
    };
    if newest.size > checkpoint.size {
        return Err(LedgerError::RolledBack { size: checkpoint.size, seen: newest.size });
    }
    if tiles.range(newest.size)?.root() == newest.root {
        Ok(())
    } else {
        Err(LedgerError::RewrittenNewest { size: newest.size })
    }
}

fn lock(path: &Path) -> Result<File, LedgerError> {
    let file = File::create(path).map_err(LedgerError::io(path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LedgerError::InUse),
        Err(TryLockError::Error(e)) => Err(LedgerError::io(path)(e)),
    }
}
