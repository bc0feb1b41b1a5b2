//! Where the tree lies: hash tiles and entry bundles (<https://c2sp.org/tlog-tiles>), their paths,
//! and reading hashes and proofs from them.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::merkle::{CompactRange, leaf_hash, node_hash, split};
use crate::{Hash, LedgerError};

/// Hashes in a full tile, entries in a full bundle.
pub(crate) const WIDTH: usize = 256;
/// Heights of the tree that one tile covers.
pub(crate) const HEIGHT: u32 = 8;
/// The most bytes of a bundle: 256 entries of 65535 bytes, each with its length.
const BUNDLE_MAX: usize = WIDTH * (2 + u16::MAX as usize);

/// Tiles of the lowest level that a quick look reads, at most.
const SAMPLE: u64 = 64;

/// The root of the perfect tree over a full tile's hashes.
fn root_of(mut hashes: Vec<Hash>) -> Hash {
    while hashes.len() > 1 {
        hashes = hashes.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect();
    }
    hashes.pop().unwrap_or_default()
}

/// What a tile holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Hashes of one level; level 0 is the leaves.
    Hashes(u32),
    /// The entries themselves.
    Entries,
}

impl Kind {
    fn level(self) -> u32 {
        match self {
            Self::Hashes(level) => level,
            Self::Entries => 0,
        }
    }

    /// How much of tile `n` a tree of `size` entries fills: 0 to 256.
    pub(crate) fn width(self, n: u64, size: u64) -> usize {
        let hashes = size.checked_shr(HEIGHT * self.level()).unwrap_or(0);
        let rest = hashes.saturating_sub(n.saturating_mul(WIDTH as u64));
        usize::try_from(rest).map_or(WIDTH, |rest| rest.min(WIDTH))
    }

    /// `tile/<L>/<N>[.p/<W>]`, N in groups of three digits: 1234067 is `x001/x234/067`.
    pub(crate) fn path(self, n: u64, width: usize) -> String {
        let mut number = format!("{:03}", n % 1000);
        let mut rest = n / 1000;
        while rest > 0 {
            number = format!("x{:03}/{number}", rest % 1000);
            rest /= 1000;
        }
        let partial = if width < WIDTH { format!(".p/{width}") } else { String::new() };
        match self {
            Self::Hashes(level) => format!("tile/{level}/{number}{partial}"),
            Self::Entries => format!("tile/entries/{number}{partial}"),
        }
    }
}

/// A tile as read from its file.
pub(crate) struct Tile {
    /// Path inside the ledger's directory.
    pub(crate) path: String,
    bytes: Vec<u8>,
    width: usize,
    /// Whether the full tile was read in place of a partial one, and may hold more.
    longer: bool,
}

impl Tile {
    /// The hashes of a hash tile.
    pub(crate) fn hashes(&self) -> Result<Vec<Hash>, LedgerError> {
        let (hashes, rest) = self.bytes.as_chunks::<32>();
        let whole = if self.longer { WIDTH } else { self.width };
        if hashes.len() != whole || !rest.is_empty() {
            return Err(self.malformed("it does not have 32 bytes for each of its hashes"));
        }
        Ok(hashes[..self.width].to_vec())
    }

    /// The entries of a bundle in their order. One at a time, so that the first wrong entry is
    /// found before what its wrong length does to those after it.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Result<&[u8], LedgerError>> {
        let mut rest = self.bytes.as_slice();
        (0..self.width).map(move |i| {
            let cut = || self.malformed("it ends within an entry");
            let (length, after) = rest.split_first_chunk().ok_or_else(cut)?;
            let length = usize::from(u16::from_be_bytes(*length));
            let (entry, after) = after.split_at_checked(length).ok_or_else(cut)?;
            if i + 1 == self.width && !after.is_empty() && !self.longer {
                return Err(self.malformed("it has bytes after its last entry"));
            }
            rest = after;
            Ok(entry)
        })
    }

    fn malformed(&self, why: &'static str) -> LedgerError {
        LedgerError::Malformed { place: self.path.clone(), why }
    }
}

/// The tiles of a tree of known size.
pub(crate) struct Tiles {
    dir: PathBuf,
    pub(crate) size: u64,
}

impl Tiles {
    pub(crate) fn new(dir: &Path, size: u64) -> Self {
        Self { dir: dir.to_path_buf(), size }
    }

    /// Tile `n` as far as the tree fills it. Where the partial tile is gone the full one serves:
    /// a log may delete the partial tiles of a full one.
    pub(crate) fn read(&self, kind: Kind, n: u64) -> Result<Tile, LedgerError> {
        let width = kind.width(n, self.size);
        let tile = |bytes, path, longer| Tile { path, bytes, width, longer };
        for (width, longer) in [(width, false), (WIDTH, width < WIDTH)] {
            let path = kind.path(n, width);
            if let Some(bytes) = read_at_most(&self.dir.join(&path), BUNDLE_MAX)? {
                return Ok(tile(bytes, path, longer));
            }
        }
        Err(LedgerError::MissingTile {
            tile: kind.path(n, width),
            first_entry: n << (HEIGHT * (kind.level() + 1)).min(u64::BITS - 1),
        })
    }

    /// A quick look, as at every start: every full tile and bundle is there with a length that can be, the levels above the
    /// second agree with each other, and of the two lowest some tiles, spread over the whole, with their entries.
    /// [`verify`](crate::verify) looks at everything.
    pub(crate) fn quick_look(&self) -> Result<(), LedgerError> {
        let full = self.size / WIDTH as u64;
        for n in 0..full {
            self.is_there(Kind::Hashes(0), n, |length| length == 32 * WIDTH as u64)?;
            self.is_there(Kind::Entries, n, |length| length >= 2 * WIDTH as u64)?;
        }
        for level in 1..u64::BITS / HEIGHT {
            let below = self.size >> (HEIGHT * level);
            // Of the lowest level, whose tiles are as many as there are, only some.
            let step = if level == 1 { below.div_ceil(SAMPLE).max(1) } else { 1 };
            for n in (0..below).step_by(usize::try_from(step).unwrap_or(usize::MAX)) {
                let tile = self.read(Kind::Hashes(level - 1), n)?;
                if root_of(tile.hashes()?) != self.node(HEIGHT * level, n)? {
                    return Err(LedgerError::AlteredTile { tile: tile.path, first_entry: n << (HEIGHT * level) });
                }
                if level > 1 {
                    continue;
                }
                let bundle = self.read(Kind::Entries, n)?;
                for ((index, entry), leaf) in (n * WIDTH as u64..).zip(bundle.entries()).zip(tile.hashes()?) {
                    if leaf_hash(entry?) != leaf {
                        return Err(LedgerError::AlteredEntry { index, tile: bundle.path.clone() });
                    }
                }
            }
        }
        Ok(())
    }

    fn is_there(&self, kind: Kind, n: u64, length: impl Fn(u64) -> bool) -> Result<(), LedgerError> {
        let tile = kind.path(n, WIDTH);
        let path = self.dir.join(&tile);
        match std::fs::metadata(&path) {
            Ok(file) if length(file.len()) => Ok(()),
            Ok(_) => Err(LedgerError::Malformed { place: tile, why: "it is cut short" }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                Err(LedgerError::MissingTile { tile, first_entry: n * WIDTH as u64 })
            }
            Err(e) => Err(LedgerError::io(&path)(e)),
        }
    }

    /// The root of the perfect subtree at a height and position within that height.
    pub(crate) fn node(&self, height: u32, position: u64) -> Result<Hash, LedgerError> {
        let kind = Kind::Hashes(height / HEIGHT);
        let within = height % HEIGHT;
        let first = position << within;
        let tile = self.read(kind, first / WIDTH as u64)?.hashes()?;
        let start = usize::try_from(first % WIDTH as u64).unwrap_or(WIDTH);
        let mut hashes =
            tile.get(start..start + (1 << within)).ok_or(LedgerError::OutOfRange { size: self.size })?.to_vec();
        for _ in 0..within {
            hashes = hashes.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect();
        }
        hashes.pop().ok_or(LedgerError::OutOfRange { size: self.size })
    }

    /// The compact range of the first `size` entries.
    pub(crate) fn range(&self, size: u64) -> Result<CompactRange, LedgerError> {
        self.check(size <= self.size)?;
        CompactRange::load(size, |height, position| self.node(height, position))
    }

    /// The Merkle tree hash of entries `low` to before `high`, where `low` is a multiple of the
    /// largest power of two in `high - low`, as in all ranges of RFC 6962.
    fn hash(&self, low: u64, high: u64) -> Result<Hash, LedgerError> {
        let length = high - low;
        if length.is_power_of_two() {
            let height = length.trailing_zeros();
            return self.node(height, low >> height);
        }
        let middle = low + split(length);
        Ok(node_hash(&self.hash(low, middle)?, &self.hash(middle, high)?))
    }

    /// PATH(m, D[n]) of RFC 6962 §2.1.1.
    pub(crate) fn inclusion_proof(&self, index: u64, size: u64) -> Result<Vec<Hash>, LedgerError> {
        self.check(index < size && size <= self.size)?;
        let (mut low, mut high, mut proof) = (0, size, Vec::new());
        while high - low > 1 {
            let middle = low + split(high - low);
            if index < middle {
                proof.push(self.hash(middle, high)?);
                high = middle;
            } else {
                proof.push(self.hash(low, middle)?);
                low = middle;
            }
        }
        proof.reverse();
        Ok(proof)
    }

    /// PROOF(m, D[n]) of RFC 6962 §2.1.2; empty for an empty old tree.
    pub(crate) fn consistency_proof(&self, old: u64, new: u64) -> Result<Vec<Hash>, LedgerError> {
        self.check(old <= new && new <= self.size)?;
        let (mut low, mut high, mut proof) = (0, new, Vec::new());
        if old == 0 {
            return Ok(proof);
        }
        while old < high {
            let middle = low + split(high - low);
            if old <= middle {
                proof.push(self.hash(middle, high)?);
                high = middle;
            } else {
                proof.push(self.hash(low, middle)?);
                low = middle;
            }
        }
        // The old tree itself is known to whoever asks; a part of it is not.
        if low > 0 {
            proof.push(self.hash(low, high)?);
        }
        proof.reverse();
        Ok(proof)
    }

    fn check(&self, holds: bool) -> Result<(), LedgerError> {
        if holds { Ok(()) } else { Err(LedgerError::OutOfRange { size: self.size }) }
    }
}

/// A file's bytes, `None` when there is no such file. One byte over `limit` is the most it reads:
/// enough for the form to be found wrong, whatever somebody put there.
pub(crate) fn read_at_most(path: &Path, limit: usize) -> Result<Option<Vec<u8>>, LedgerError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(LedgerError::io(path)(e)),
    };
    let mut bytes = Vec::new();
    file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(LedgerError::io(path))?;
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        let hashes = Kind::Hashes(0);
        assert_eq!(hashes.path(1_234_067, 256), "tile/0/x001/x234/067");
        assert_eq!(hashes.path(5, 8), "tile/0/005.p/8");
        assert_eq!(Kind::Hashes(2).path(1000, 256), "tile/2/x001/000");
        assert_eq!(Kind::Entries.path(273, 112), "tile/entries/273.p/112");
    }

    #[test]
    fn widths_are_those_of_the_specification() {
        // "A tree of size 70,000 will be represented by 273 full level 0 tiles, one partial level
        // 0 tile of width 112, one full level 1 tile, one partial level 1 tile of width 17, and
        // one partial level 2 tile of width 1."
        let width = |level, n| Kind::Hashes(level).width(n, 70_000);
        assert_eq!((width(0, 272), width(0, 273), width(0, 274)), (256, 112, 0));
        assert_eq!((width(1, 0), width(1, 1), width(1, 2)), (256, 17, 0));
        assert_eq!((width(2, 0), width(3, 0), width(63, 0)), (1, 0, 0));
        assert_eq!(Kind::Hashes(1).width(0, 256), 1);
        assert_eq!(Kind::Entries.width(273, 70_000), 112);
    }
}
