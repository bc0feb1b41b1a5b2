//! The tamper-evident access log: every entry a leaf of an append-only Merkle tree (RFC 6962),
//! kept in a directory as tiles (<https://c2sp.org/tlog-tiles>) under a signed checkpoint
//! (<https://c2sp.org/tlog-checkpoint>).
//!
//! [`Log`] writes; [`verify`] needs only the directory and the public key, and with a second place,
//! which keeps every checkpoint ever signed, also finds a log that was shortened or rewritten by
//! whoever holds its key. Entries are bytes to this crate. They stay for ever: what may have to be
//! forgotten does not belong in them.

mod checkpoint;
mod edge;
mod error;
mod log;
mod merkle;
mod note;
mod second;
mod tiles;
mod verify;

pub use checkpoint::Checkpoint;
pub use error::LedgerError;
pub use log::Log;
pub use merkle::{Hash, leaf_hash, verify_consistency, verify_inclusion};
pub use note::{Signer, Verifier, new_seed};
pub use verify::{Report, verify};
