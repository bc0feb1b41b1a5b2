//! The envelope of a record: one ciphertext, whose data key is wrapped once for each file the record belongs to.
//!
//! ```text
//! magic        4 bytes  "KTHE"
//! algorithm    1 byte   1 = AES-256-GCM for the data key's wraps and for the record
//! files        2 bytes  how many wraps follow, big-endian, at least one
//! each wrap   16 bytes  id of the file
//!             12 bytes  nonce
//!             48 bytes  data key under the file key, with tag
//! record      12 bytes  nonce
//!              n bytes  record under the data key, with tag (16 bytes)
//! ```
//!
//! Every wrap is bound to the place and its file; the record to the place, the algorithm and the list of files. So
//! neither a record nor a wrap can be moved to another place, nor a file be added to or struck from the list.

use crate::{
    FileKey, Place, VaultError,
    aead::{self, NONCE, TAG},
    encode::Encoded,
    keys::KEY,
};
use uuid::Uuid;
use zeroize::Zeroizing;

const MAGIC: &[u8; 4] = b"KTHE";
const AES_256_GCM: u8 = 1;
const ID: usize = 16;
const WRAP: usize = ID + NONCE + KEY + TAG;

/// Seals `plaintext` for the files it belongs to, under a data key made for this call.
///
/// `files` are the ids and keys of those files: at least one ([`VaultError::NoFile`]) and at most 65 535; a file named
/// twice counts once. The result opens with [`open`] at the same place, through any of the files.
pub fn seal(place: &Place, files: &[(Uuid, &FileKey)], plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
    let mut files = files.to_vec();
    // In order of id, the envelope does not tell whose record it was first.
    files.sort_by_key(|(id, _)| *id);
    files.dedup_by_key(|(id, _)| *id);
    if files.is_empty() {
        return Err(VaultError::NoFile);
    }
    let count = u16::try_from(files.len()).map_err(|_| VaultError::TooManyFiles { count: files.len() })?;

    let data_key = FileKey::generate()?;
    let head = MAGIC.len() + 1 + 2;
    let mut sealed = Vec::with_capacity(head + files.len() * WRAP + NONCE + plaintext.len() + TAG);
    sealed.extend_from_slice(MAGIC);
    sealed.push(AES_256_GCM);
    sealed.extend_from_slice(&count.to_be_bytes());
    for (id, key) in &files {
        sealed.extend_from_slice(id.as_bytes());
        aead::encrypt_onto(&mut sealed, key, &wrap_context(place, *id), data_key.as_bytes())?;
    }
    let context = record_context(place, files.iter().map(|(id, _)| *id));
    aead::encrypt_onto(&mut sealed, &data_key, &context, plaintext)?;
    Ok(sealed)
}

/// The files a sealed record says it belongs to, in order of id. The list is authenticated only by [`open`].
pub fn files_of(sealed: &[u8]) -> Result<Vec<Uuid>, VaultError> {
    Ok(read(sealed)?.files().collect())
}

/// Opens what [`seal`] made at the same place.
///
/// `file_key` is asked for the key of each file in turn, and answers `None` if it has been destroyed; the first wrap
/// that opens is used, so that damage to one file's wrap does not cost another file its record.
///
/// - [`VaultError::Destroyed`] if no file key exists any more;
/// - [`VaultError::Tampered`] if authentication fails: altered, moved, or under another key;
/// - [`VaultError::Malformed`] or [`VaultError::UnknownAlgorithm`] if the bytes are not an envelope of this version.
pub fn open(
    place: &Place,
    sealed: &[u8],
    mut file_key: impl FnMut(Uuid) -> Option<FileKey>,
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let envelope = read(sealed)?;
    let mut failure = VaultError::Destroyed;
    for (id, wrapped) in &envelope.wraps {
        let Some(key) = file_key(*id) else { continue };
        match aead::decrypt(&key, &wrap_context(place, *id), wrapped) {
            Ok(data_key) => {
                let data_key = FileKey::from_slice(&data_key)?;
                return aead::decrypt(&data_key, &record_context(place, envelope.files()), envelope.record);
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// An envelope taken apart; nothing in it is authenticated yet.
struct Envelope<'a> {
    /// Each file's id with nonce, wrapped data key and tag.
    wraps: Vec<(Uuid, &'a [u8])>,
    /// Nonce, ciphertext and tag of the record.
    record: &'a [u8],
}

impl Envelope<'_> {
    fn files(&self) -> impl Iterator<Item = Uuid> {
        self.wraps.iter().map(|(id, _)| *id)
    }
}

fn read(sealed: &[u8]) -> Result<Envelope<'_>, VaultError> {
    let malformed = |what| VaultError::Malformed { what };
    let rest = sealed.strip_prefix(MAGIC).ok_or(malformed("it does not begin as an envelope"))?;
    let (&algorithm, rest) = rest.split_first().ok_or(malformed("the algorithm is cut short"))?;
    if algorithm != AES_256_GCM {
        return Err(VaultError::UnknownAlgorithm(algorithm));
    }
    let (count, rest) = rest.split_first_chunk().ok_or(malformed("the number of files is cut short"))?;
    let count = usize::from(u16::from_be_bytes(*count));
    if count == 0 {
        return Err(malformed("it names no file"));
    }
    let (wraps, record) = rest.split_at_checked(count * WRAP).ok_or(malformed("the list of files is cut short"))?;
    if record.len() < NONCE + TAG {
        return Err(malformed("the record is cut short"));
    }
    let wraps = wraps
        .chunks_exact(WRAP)
        .filter_map(|wrap| wrap.split_first_chunk::<ID>())
        .map(|(id, wrapped)| (Uuid::from_bytes(*id), wrapped))
        .collect();
    Ok(Envelope { wraps, record })
}

fn wrap_context(place: &Place, file: Uuid) -> Vec<u8> {
    Encoded::new("kith data key").bytes(&[AES_256_GCM]).place(place).files([file]).into_bytes()
}

fn record_context(place: &Place, files: impl Iterator<Item = Uuid>) -> Vec<u8> {
    Encoded::new("kith record").bytes(&[AES_256_GCM]).place(place).files(files).into_bytes()
}
