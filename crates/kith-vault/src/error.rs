//! What can go wrong in sealing, said so that the reader knows what to do. Never carries content or key material.

use std::path::PathBuf;

/// Why something could not be sealed, opened or unwrapped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The operating system gave no random numbers.
    #[error("the operating system gave no random numbers, so nothing was sealed; try again, then check the kernel log")]
    NoRandomness(#[source] getrandom::Error),
    /// A record was to be sealed for no file at all: nobody could ever open it.
    #[error("a record must belong to at least one file before it can be sealed; name the file")]
    NoFile,
    /// A record was to be sealed for more files than the envelope can count.
    #[error("a record can belong to at most {max} files, not {count}; divide it", max = u16::MAX)]
    TooManyFiles {
        /// How many different files were named.
        count: usize,
    },
    /// The plaintext is longer than AES-GCM allows (64 GiB).
    #[error("the record is too long to be sealed in one piece; divide it")]
    TooLong,
    /// The bytes are not something this crate sealed, or they were cut short.
    #[error("these bytes are not a sealed record ({what}); restore the record from a backup")]
    Malformed {
        /// Which part could not be read.
        what: &'static str,
    },
    /// The envelope names an algorithm this version does not know.
    #[error("sealed with algorithm {0}, which this version does not know; upgrade Kith or restore the record")]
    UnknownAlgorithm(u8),
    /// Authentication failed: the bytes were altered or moved here from another place, or the key is not theirs.
    #[error(
        "the sealed bytes were altered, moved from another record, or sealed under another key; \
         do not trust them: restore the record from a backup and look for the cause"
    )]
    Tampered,
    /// Every file the record belonged to has been destroyed. This is final and intended.
    #[error("the keys of every file this record belonged to have been destroyed; it can no longer be read by anyone")]
    Destroyed,
    /// A key was wrapped by another master key than the one loaded.
    #[error(
        "a key was wrapped by master key {wrapped_by}, but {loaded} is loaded; give the right master key (--master-key), or \
         end the rotation that is under way where it was begun (kith keys rotate master)"
    )]
    OtherMasterKey {
        /// Identifier of the master key that wrapped it.
        wrapped_by: String,
        /// Identifier of the master key that is loaded.
        loaded: String,
    },
    /// Shares that make no sense were asked for.
    #[error(
        "shares need at least two custodians, and no more of them to open it than there are: give 2 to {max} shares, and a \
         threshold from 2 to as many",
        max = crate::SHARES_MAX
    )]
    Shares,
    /// There is no master key file.
    #[error(
        "there is no master key file at {}; restore it from where the authority keeps its copy, or correct the path",
        path.display()
    )]
    KeyFileMissing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The master key file could not be read or written.
    #[error("could not {action} the master key file {}; check the folder, its owner and its free space", path.display())]
    KeyFileIo {
        /// The file.
        path: PathBuf,
        /// What was being done.
        action: &'static str,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// Others than the owner may read or write the master key file.
    #[error(
        "the master key file {path} has mode {mode:04o}, so that others than its owner can reach it; \
         run `chmod 600 {path}`, and consider whether the key must be replaced",
        path = path.display()
    )]
    KeyFileExposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The master key file is not one, or is damaged.
    #[error(
        "the file {} is not a sound master key file ({why}); restore it from where the authority keeps its copy",
        path.display()
    )]
    KeyFileMalformed {
        /// The file.
        path: PathBuf,
        /// Which part could not be read.
        why: &'static str,
    },
}
