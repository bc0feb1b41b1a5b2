//! Sealing: the keys, envelopes and search tokens that keep what is known of a child readable for as long as the
//! child's file exists, and for nobody afterwards.
//!
//! Pure and synchronous. The only input and output is the master key file ([`MasterKeyFile`]); everything else turns
//! bytes into bytes. Three layers of keys:
//!
//! 1. the authority's **master key** ([`MasterKey`]: in a file or a systemd credential), which wraps
//! 2. one **file key** for each child's file ([`FileKey`]), which wraps
//! 3. one **data key** for each record, made afresh every time the record is sealed ([`seal`]).
//!
//! Destroying a file key destroys every record that belonged to that file alone, in every replica and backup, without
//! touching the records themselves ("cryptographic erase", NIST SP 800-88 rev. 1, 2.6). A record of two files stays
//! readable through the other.
//!
//! A long content, such as a scanned document, is sealed in pieces ([`PieceSealer`]) under a key of its own, which is sealed as a
//! record is.
//!
//! Encryption is AES-256-GCM (NIST SP 800-38D) with random 96-bit nonces (but for pieces, which are numbered); a data key seals one message, and a file key
//! stays far below the 2^32 messages that section 8.3 allows with such nonces.

mod aead;
mod blind;
mod encode;
mod envelope;
mod error;
mod key_file;
mod keys;
mod master;
mod name;
mod pieces;
mod place;
mod sealed_box;
mod shares;

pub use blind::{BlindIndex, Cell, Token};
pub use envelope::{files_of, open, seal};
pub use error::VaultError;
pub use key_file::MasterKeyFile;
pub use keys::FileKey;
pub use master::{MasterKey, wrapped_by};
pub use name::comparable;
pub use pieces::{PIECE, PIECES_HEAD, PieceOpener, PieceSealer, SEALED_PIECE};
pub use place::Place;
pub use sealed_box::{is_mac, mac, open_box, seal_box};
pub use shares::{SHARES_MAX, Share, ShareFault, combine, split};
pub use zeroize::Zeroizing;
