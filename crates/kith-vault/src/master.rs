//! The authority's master key, which wraps every other.

use crate::{
    FileKey, VaultError,
    aead::{self, NONCE, TAG},
    encode::Encoded,
    keys::KEY,
};
use sha2::{Digest, Sha256};
use std::fmt;

/// Bytes of a fingerprint.
const ID: usize = 8;
/// First byte of every wrapped key: version 1, AES-256-GCM.
const ALGORITHM: u8 = 1;

/// A master key, which wraps every other key of an authority.
#[derive(Clone)]
pub struct MasterKey {
    key: FileKey,
    fingerprint: [u8; ID],
    id: String,
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A wrapped key is the algorithm (one byte), the id of the master key (8 bytes), the nonce (12 bytes), and the key
/// under AES-256-GCM with its tag (48 bytes).
impl MasterKey {
    /// A new one from the operating system's random numbers.
    pub fn generate() -> Result<Self, VaultError> {
        Ok(Self::of(FileKey::generate()?))
    }

    pub(crate) fn of(key: FileKey) -> Self {
        let hash = Sha256::new().chain_update(b"kith master key id\0").chain_update(key.as_bytes()).finalize();
        let mut fingerprint = [0; ID];
        fingerprint.copy_from_slice(&hash[..ID]);
        Self { key, fingerprint, id: hex::encode(fingerprint) }
    }

    pub(crate) fn key(&self) -> &FileKey {
        &self.key
    }

    /// Its name, which tells nothing of it: 16 hexadecimal digits. Stored beside what it wrapped, so that rotation knows what
    /// is still to be wrapped again.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Wraps `key` so that only this master key can unwrap it, and only in the same `context` (say, the authority and
    /// the file's id).
    pub fn wrap(&self, context: &[u8], key: &FileKey) -> Result<Vec<u8>, VaultError> {
        let mut wrapped = Vec::with_capacity(1 + ID + NONCE + KEY + TAG);
        wrapped.push(ALGORITHM);
        wrapped.extend_from_slice(&self.fingerprint);
        aead::encrypt_onto(&mut wrapped, &self.key, &self.associated(context), key.as_bytes())?;
        Ok(wrapped)
    }

    /// Unwraps what [`wrap`](Self::wrap) made. [`VaultError::OtherMasterKey`] if another master key wrapped it,
    /// [`VaultError::Tampered`] if it was altered or the context differs.
    pub fn unwrap(&self, context: &[u8], wrapped: &[u8]) -> Result<FileKey, VaultError> {
        let (fingerprint, rest) = parts(wrapped)?;
        if *fingerprint != self.fingerprint {
            return Err(VaultError::OtherMasterKey { wrapped_by: hex::encode(fingerprint), loaded: self.id.clone() });
        }
        FileKey::from_slice(&aead::decrypt(&self.key, &self.associated(context), rest)?)
    }

    fn associated(&self, context: &[u8]) -> Vec<u8> {
        Encoded::new("kith file key").bytes(&[ALGORITHM]).bytes(&self.fingerprint).bytes(context).into_bytes()
    }
}

/// The fingerprint of the master key that wrapped a key, and the rest.
fn parts(wrapped: &[u8]) -> Result<(&[u8; ID], &[u8]), VaultError> {
    let malformed = VaultError::Malformed { what: "the wrapped key is cut short" };
    let Some((&algorithm, rest)) = wrapped.split_first() else { return Err(malformed) };
    if algorithm != ALGORITHM {
        return Err(VaultError::UnknownAlgorithm(algorithm));
    }
    rest.split_first_chunk::<ID>().ok_or(malformed)
}

/// The id of the master key that wrapped a key.
pub fn wrapped_by(wrapped: &[u8]) -> Result<String, VaultError> {
    parts(wrapped).map(|(fingerprint, _)| hex::encode(fingerprint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine, engine::general_purpose::STANDARD};

    #[test]
    fn a_wrapped_key_opens_only_in_its_context_under_its_master_key_unaltered() {
        let master = MasterKey::of(FileKey::generate().unwrap());
        let other = MasterKey::of(FileKey::generate().unwrap());
        let key = FileKey::generate().unwrap();
        let wrapped = master.wrap(b"file 1", &key).unwrap();
        assert_eq!(master.unwrap(b"file 1", &wrapped).unwrap().as_bytes(), key.as_bytes());
        assert!(matches!(master.unwrap(b"file 2", &wrapped), Err(VaultError::Tampered)));
        match other.unwrap(b"file 1", &wrapped) {
            Err(VaultError::OtherMasterKey { wrapped_by, loaded }) => {
                assert_eq!((wrapped_by.as_str(), loaded.as_str()), (master.id(), other.id()));
            }
            result => panic!("{result:?}"),
        }
        for bit in 0..wrapped.len() * 8 {
            let mut altered = wrapped.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(master.unwrap(b"file 1", &altered).is_err(), "bit {bit}");
        }
        for length in 0..wrapped.len() {
            assert!(master.unwrap(b"file 1", &wrapped[..length]).is_err(), "length {length}");
        }
        assert!(!format!("{master:?} {key:?}").contains(&STANDARD.encode(key.as_bytes())));
        assert_eq!(format!("{key:?}"), "FileKey(..)");
    }
}
