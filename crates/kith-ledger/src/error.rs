//! What can go wrong, in words an auditor can act on.

use std::io;
use std::path::{Path, PathBuf};

/// Why the ledger refused, or what a verification found.
///
/// Messages name the place (an entry's number, a tile's path inside the ledger) and never the
/// content of an entry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The file system refused.
    #[error("cannot read or write {}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The system's random source refused to give a key.
    #[error("no random bytes for a new key: {0}")]
    Random(getrandom::Error),
    /// Another process has this log open for writing.
    #[error("the ledger is already open in another process")]
    InUse,
    /// The key name is empty or too long, or holds white space or a plus sign.
    #[error("a ledger's key name is 1 to 200 bytes without spaces and plus signs")]
    KeyName,
    /// The text is not an Ed25519 verifier key of the signed-note format.
    #[error("not a verifier key: {0}")]
    KeyFormat(&'static str),
    /// The log in this directory belongs to another key.
    #[error("the public key in the ledger's directory is not the signer's")]
    KeyMismatch,
    /// An entry is longer than its 16-bit length prefix can say.
    #[error("entry {position} of the batch has {length} bytes; the most is 65535")]
    EntryTooLong {
        /// Position in the batch, from 0.
        position: usize,
        /// Its length in bytes.
        length: usize,
    },
    /// The disk failed while the last checkpoint took its place. Opening the log anew finds out
    /// which one holds; until then nothing can be added.
    #[error("the last checkpoint may or may not be on the disk: the ledger must be opened anew")]
    Uncertain,
    /// A proof was asked for entries or sizes that the tree does not have.
    #[error("the tree of {size} entries has no such entry or size")]
    OutOfRange {
        /// Size of the tree.
        size: u64,
    },
    /// A signed note is not signed by the key, or was altered after signing.
    #[error("bad signature on {place}: not signed with the ledger's key, or altered afterwards")]
    BadSignature {
        /// Which note.
        place: String,
    },
    /// A file does not have the form its specification demands.
    #[error("{place} is malformed: {why}")]
    Malformed {
        /// The file, and where in it.
        place: String,
        /// What is wrong with its form.
        why: &'static str,
    },
    /// The log has tiles and no checkpoint: somebody removed it.
    #[error("missing checkpoint: the ledger has tiles but no signed checkpoint")]
    MissingCheckpoint,
    /// The second place has no file of checkpoints.
    #[error("missing second place: it holds no checkpoints to compare the ledger with")]
    MissingSecondPlace,
    /// A tile or entry bundle that the checkpoint's size requires is not there.
    #[error("missing tile {tile}: entries from number {first_entry} on cannot be proved")]
    MissingTile {
        /// Path inside the ledger's directory.
        tile: String,
        /// The first entry that stands on it, from 0.
        first_entry: u64,
    },
    /// An entry is not what was logged.
    #[error("altered entry {index} in {tile}: its hash is not the one under the signed checkpoint")]
    AlteredEntry {
        /// Number of the entry, from 0.
        index: u64,
        /// Entry bundle, as a path inside the ledger's directory.
        tile: String,
    },
    /// A stored hash is not what the entries give: the tile was altered, or the entries together
    /// with the tiles under it.
    #[error("altered tile {tile}: its hash over the entries from number {first_entry} on is not what they give")]
    AlteredTile {
        /// Path inside the ledger's directory.
        tile: String,
        /// The first entry under the wrong hash, from 0.
        first_entry: u64,
    },
    /// The tree would not have the root that it must.
    #[error("the entries do not give the root that they must: nothing was signed")]
    OtherRoot,
    /// Entries and tiles agree with each other but not with the signed checkpoint.
    #[error("wrong root: the {size} entries do not give the root of the signed checkpoint; the log was rewritten")]
    WrongRoot {
        /// Size of the checkpoint.
        size: u64,
    },
    /// A checkpoint of the second place was signed over a different history.
    #[error(
        "rewritten history: checkpoint {number} of the second place, over {size} entries, has another root; an entry from number {from} up to it was altered, removed or put in"
    )]
    Rewritten {
        /// Number of the checkpoint in the second place, from 1.
        number: u64,
        /// Its size.
        size: u64,
        /// Size of the last checkpoint before it that still agrees.
        from: u64,
    },
    /// The newest checkpoint of the second place was signed over a different history.
    #[error(
        "rewritten history: the newest checkpoint of the second place, over {size} entries, has another root than the ledger"
    )]
    RewrittenNewest {
        /// Its size.
        size: u64,
    },
    /// The second place saw a larger log than this one.
    #[error("rolled back: the second place has a checkpoint over {seen} entries, the ledger has only {size}")]
    RolledBack {
        /// Entries in the log now.
        size: u64,
        /// Entries that were once signed for.
        seen: u64,
    },
    /// The sizes in the second place go down: the log was shortened and grown again.
    #[error("rolled back: checkpoint {number} of the second place covers {size} entries, the one before it {before}")]
    Shrunk {
        /// Number of the checkpoint in the second place, from 1.
        number: u64,
        /// Its size.
        size: u64,
        /// The size before it.
        before: u64,
    },
    /// The caller's own comparison of an entry failed.
    #[error("entry {index} is intact but does not agree: {why}")]
    Disagrees {
        /// Number of the entry, from 0.
        index: u64,
        /// What the caller said.
        why: String,
    },
}

impl LedgerError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_path_buf();
        move |source| Self::Io { path, source }
    }
}
