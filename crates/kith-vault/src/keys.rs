//! The key of a file.

use crate::{VaultError, aead};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Length of every key in bytes (AES-256).
pub(crate) const KEY: usize = 32;

/// A 256-bit key: of a child's file, of the blind index, or of a signed-in user's held forms.
///
/// Overwritten in memory when dropped. Its `Debug` shows nothing of it.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct FileKey([u8; KEY]);

impl FileKey {
    /// A new key from the operating system's random numbers.
    pub fn generate() -> Result<Self, VaultError> {
        let bytes = Zeroizing::new(aead::random()?);
        Ok(Self(*bytes))
    }

    /// The key with these bytes, for a [`MasterKey`](crate::MasterKey) that has just unwrapped them.
    pub fn from_bytes(bytes: [u8; KEY]) -> Self {
        Self(bytes)
    }

    /// The bytes of the key, for a [`MasterKey`](crate::MasterKey) that is about to wrap them. Never to be stored or logged.
    pub fn as_bytes(&self) -> &[u8; KEY] {
        &self.0
    }

    /// The key of exactly 32 bytes, or [`VaultError::Malformed`].
    pub(crate) fn from_slice(bytes: &[u8]) -> Result<Self, VaultError> {
        bytes.try_into().map(Self).map_err(|_| VaultError::Malformed { what: "a key has the wrong length" })
    }
}

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKey(..)")
    }
}
