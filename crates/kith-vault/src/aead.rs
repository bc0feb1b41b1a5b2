//! AES-256-GCM (NIST SP 800-38D) with random nonces: the one place where the cipher is called.

use crate::{FileKey, VaultError};
use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{AeadInOut, Nonce},
};
use zeroize::Zeroizing;

/// Length of a nonce in bytes (96 bits, SP 800-38D section 5.2.1.1).
pub(crate) const NONCE: usize = 12;
/// Length of the authentication tag in bytes (128 bits).
pub(crate) const TAG: usize = 16;

/// Fills an array with random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(VaultError::NoRandomness)?;
    Ok(bytes)
}

/// Appends nonce, ciphertext and tag of `plaintext` to `out`.
pub(crate) fn encrypt_onto(
    out: &mut Vec<u8>,
    key: &FileKey,
    associated: &[u8],
    plaintext: &[u8],
) -> Result<(), VaultError> {
    let nonce = random::<NONCE>()?;
    let sealed = encrypt_with(key, nonce, associated, plaintext)?;
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&sealed);
    Ok(())
}

/// Ciphertext and tag of `plaintext` under a nonce that is used with this key once.
pub(crate) fn encrypt_with(
    key: &FileKey,
    nonce: [u8; NONCE],
    associated: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, VaultError> {
    // With room for the tag from the start the buffer never moves, so it leaves no copy of the plaintext behind.
    let mut buffer = Zeroizing::new(Vec::with_capacity(plaintext.len() + TAG));
    buffer.extend_from_slice(plaintext);
    Aes256Gcm::new(key.as_bytes().into())
        .encrypt_in_place(&Nonce::<Aes256Gcm>::from(nonce), associated, &mut *buffer)
        .map_err(|_| VaultError::TooLong)?;
    Ok(std::mem::take(&mut *buffer))
}

/// Opens nonce, ciphertext and tag; [`VaultError::Tampered`] if they do not belong to `key` and `associated`.
pub(crate) fn decrypt(key: &FileKey, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let Some((nonce, ciphertext)) = sealed.split_first_chunk::<NONCE>() else {
        return Err(VaultError::Malformed { what: "the nonce is cut short" });
    };
    decrypt_with(key, *nonce, associated, ciphertext)
}

/// Opens ciphertext and tag that [`encrypt_with`] made under the same nonce.
pub(crate) fn decrypt_with(
    key: &FileKey,
    nonce: [u8; NONCE],
    associated: &[u8],
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    if ciphertext.len() < TAG {
        return Err(VaultError::Malformed { what: "the ciphertext is cut short" });
    }
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    Aes256Gcm::new(key.as_bytes().into())
        .decrypt_in_place(&Nonce::<Aes256Gcm>::from(nonce), associated, &mut *buffer)
        .map_err(|_| VaultError::Tampered)?;
    Ok(buffer)
}
