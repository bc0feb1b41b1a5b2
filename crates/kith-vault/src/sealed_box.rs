//! A small sealed box under one key, and the keyed hash (MAC) that the crate builds on.

use crate::{FileKey, VaultError, aead, encode::Encoded, keys::KEY};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Block of SHA-256 in bytes.
const BLOCK: usize = 64;
/// First byte of every box: version 1, AES-256-GCM.
const ALGORITHM: u8 = 1;

/// Seals `plaintext` under one key, bound to `context`: for what belongs to a user rather than to a file, such as a
/// form held while its writer signs in again.
///
/// The box is the algorithm (one byte), the nonce (12 bytes), the ciphertext and the tag (16 bytes).
pub fn seal_box(key: &FileKey, context: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, VaultError> {
    let mut sealed = vec![ALGORITHM];
    aead::encrypt_onto(&mut sealed, key, &associated(context), plaintext)?;
    Ok(sealed)
}

/// Opens what [`seal_box`] made under the same key and context; [`VaultError::Tampered`] if either differs or the box
/// was altered.
pub fn open_box(key: &FileKey, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    match sealed.split_first() {
        None => Err(VaultError::Malformed { what: "it is empty" }),
        Some((&ALGORITHM, rest)) => aead::decrypt(key, &associated(context), rest),
        Some((&other, _)) => Err(VaultError::UnknownAlgorithm(other)),
    }
}

fn associated(context: &[u8]) -> Vec<u8> {
    Encoded::new("kith box").bytes(&[ALGORITHM]).bytes(context).into_bytes()
}

/// HMAC-SHA-256 (FIPS 198-1) of `data` under `key`. The context is hashed before the data with its length, so that
/// equal data in different contexts has unrelated hashes.
pub fn mac(key: &FileKey, context: &str, data: &[u8]) -> [u8; 32] {
    hmac(key, context, data).finalize().into_bytes().into()
}

/// Whether a hash is the [`mac`] of this data; takes as long whichever byte differs.
pub fn is_mac(key: &FileKey, context: &str, data: &[u8], hash: &[u8]) -> bool {
    hmac(key, context, data).verify_slice(hash).is_ok()
}

fn hmac(key: &FileKey, context: &str, data: &[u8]) -> Hmac<Sha256> {
    // Step 3 of the standard: a key shorter than the hash's block is filled up with zeros.
    let mut block = Zeroizing::new([0; BLOCK]);
    block[..KEY].copy_from_slice(key.as_bytes());
    let mut hmac = Hmac::<Sha256>::new((&*block).into());
    hmac.update(&Encoded::new(context).into_bytes());
    hmac.update(data);
    hmac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_opens_only_with_its_key_and_context() {
        let (key, other) = (FileKey::generate().unwrap(), FileKey::generate().unwrap());
        let sealed = seal_box(&key, b"form 7", b"held while signing in").unwrap();
        assert_eq!(&**open_box(&key, b"form 7", &sealed).unwrap(), b"held while signing in");
        assert!(matches!(open_box(&other, b"form 7", &sealed), Err(VaultError::Tampered)));
        assert!(matches!(open_box(&key, b"form 8", &sealed), Err(VaultError::Tampered)));
        assert_ne!(sealed, seal_box(&key, b"form 7", b"held while signing in").unwrap());
    }

    #[test]
    fn a_box_with_any_bit_flipped_or_cut_short_does_not_open() {
        let key = FileKey::generate().unwrap();
        let sealed = seal_box(&key, b"", b"held").unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut altered = sealed.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(open_box(&key, b"", &altered).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(open_box(&key, b"", &sealed[..length]).is_err(), "length {length}");
        }
    }

    /// Computed with Python's `hmac` and `struct` modules, which share no code with this crate.
    #[test]
    fn the_mac_is_hmac_sha_256_over_length_context_and_data() {
        let hex: String = mac(&FileKey::from_bytes([7; 32]), "context", b"data")
            .iter()
            .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        assert_eq!(hex, "3804b373761bdbb49887fe76709e8c342a9cedf89113c9eef45b8f1dc4504986");
    }

    #[test]
    fn the_mac_keeps_context_and_data_apart() {
        let key = FileKey::generate().unwrap();
        assert_ne!(mac(&key, "ab", b"c"), mac(&key, "a", b"bc"));
        assert_ne!(mac(&key, "a", b"c"), mac(&FileKey::generate().unwrap(), "a", b"c"));
    }
}
