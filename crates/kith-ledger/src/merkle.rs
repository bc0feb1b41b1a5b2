//! The Merkle tree of RFC 6962 §2.1: hashes, the compact range, and the checking of proofs.

use sha2::{Digest, Sha256};

/// A SHA-256 hash of the tree.
pub type Hash = [u8; 32];

/// The hash of an entry as a leaf of the tree: SHA-256(0x00 || entry), RFC 6962 §2.1.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(entry).finalize().into()
}

/// The hash of an inner node: SHA-256(0x01 || left || right), RFC 6962 §2.1.
pub(crate) fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// Where a tree of `size` > 1 leaves divides: the largest power of two smaller than `size`.
pub(crate) fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// The roots of the perfect subtrees a tree of some size is made of, the largest first: all that
/// is needed to add leaves and to give the root, in O(log n) memory.
#[derive(Clone, Default)]
pub(crate) struct CompactRange {
    size: u64,
    peaks: Vec<Hash>,
}

impl CompactRange {
    /// The range of a tree of `size` leaves. `node` gives the root of the perfect subtree at a
    /// height (0 is the leaves) and position within that height.
    pub(crate) fn load<E>(size: u64, mut node: impl FnMut(u32, u64) -> Result<Hash, E>) -> Result<Self, E> {
        let peaks = (0..u64::BITS)
            .rev()
            .filter(|height| size >> height & 1 == 1)
            .map(|height| node(height, (size >> height) ^ 1))
            .collect::<Result<_, _>>()?;
        Ok(Self { size, peaks })
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Adds one leaf; tells `completed` every perfect subtree that ends with it (height, position
    /// within that height, root), the leaf itself first.
    pub(crate) fn push<E>(
        &mut self,
        leaf: Hash,
        mut completed: impl FnMut(u32, u64, &Hash) -> Result<(), E>,
    ) -> Result<(), E> {
        let (mut hash, mut height, mut position) = (leaf, 0, self.size);
        completed(height, position, &hash)?;
        while position & 1 == 1
            && let Some(left) = self.peaks.pop()
        {
            hash = node_hash(&left, &hash);
            height += 1;
            position >>= 1;
            completed(height, position, &hash)?;
        }
        self.peaks.push(hash);
        self.size += 1;
        Ok(())
    }

    /// The root hash; of the empty tree SHA-256 of nothing.
    pub(crate) fn root(&self) -> Hash {
        self.peaks
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or_else(|| Sha256::digest([]).into())
    }
}

/// Whether `proof` shows that the entry with this leaf hash is number `index` (from 0) of the tree
/// with `size` entries and this root (RFC 9162 §2.1.3.2; the proofs are those of RFC 6962 §2.1.1).
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut fnode, mut snode, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if snode == 0 {
            return false;
        }
        if fnode & 1 == 1 || fnode == snode {
            hash = node_hash(sibling, &hash);
            // A right edge without siblings at some heights: the proof leaves those out.
            while fnode & 1 == 0 && fnode != 0 {
                fnode >>= 1;
                snode >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        fnode >>= 1;
        snode >>= 1;
    }
    snode == 0 && hash == *root
}

/// Whether `proof` shows that the tree of `new` entries with `new_root` begins with the tree of
/// `old` entries with `old_root` (RFC 9162 §2.1.4.2; the proofs are those of RFC 6962 §2.1.2).
///
/// Every tree begins with the empty tree: for `old` = 0 the proof must be empty and `old_root` the
/// root of the empty tree.
pub fn verify_consistency(old: u64, new: u64, proof: &[Hash], old_root: &Hash, new_root: &Hash) -> bool {
    if old > new {
        return false;
    }
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    if old == 0 {
        return proof.is_empty() && *old_root == CompactRange::default().root();
    }
    // A tree of a power of two is itself a node of the new tree: the proof does not repeat it.
    let (first, rest) = if old.is_power_of_two() {
        (*old_root, proof)
    } else if let Some((first, rest)) = proof.split_first() {
        (*first, rest)
    } else {
        return false;
    };
    let (mut fnode, mut snode) = (old - 1, new - 1);
    let shared = fnode.trailing_ones();
    fnode >>= shared;
    snode >>= shared;
    let (mut old_hash, mut new_hash) = (first, first);
    for hash in rest {
        if snode == 0 {
            return false;
        }
        if fnode & 1 == 1 || fnode == snode {
            old_hash = node_hash(hash, &old_hash);
            new_hash = node_hash(hash, &new_hash);
            while fnode & 1 == 0 && fnode != 0 {
                fnode >>= 1;
                snode >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, hash);
        }
        fnode >>= 1;
        snode >>= 1;
    }
    snode == 0 && old_hash == *old_root && new_hash == *new_root
}
