//! A long content sealed piece by piece, so that it is never whole in memory: the STREAM construction (Hoang, Reyhanitabar,
//! Rogaway and Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015) over AES-256-GCM.
//!
//! ```text
//! head         5 bytes  "KTHP", 1 = AES-256-GCM in pieces of 64 KiB
//! each piece   n bytes  the piece under the content's key, n = 64 KiB for every one but the last
//!             16 bytes  tag
//! ```
//!
//! A piece's nonce is its number and whether it is the last, and its associated data the authority and the id of the content.
//! So a piece that was altered, left out, put elsewhere, taken from another content or cut off at the end does not open. The
//! nonces repeat from one content to the next, so each content has **a key of its own**, made by [`PieceSealer::new`].

use crate::{
    FileKey, VaultError,
    aead::{self, NONCE, TAG},
    encode::Encoded,
};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Length of every piece but the last, bytes.
pub const PIECE: usize = 64 * 1024;
/// Length of a piece once it is sealed, bytes.
pub const SEALED_PIECE: usize = PIECE + TAG;
/// What a sealed content begins with.
pub const PIECES_HEAD: &[u8; 5] = b"KTHP\x01";

/// Seals the pieces of one content, in their order.
pub struct PieceSealer(Pieces);

/// Opens the pieces of one content, in their order.
pub struct PieceOpener(Pieces);

struct Pieces {
    key: FileKey,
    associated: Vec<u8>,
    /// Number of the next piece; `None` after the last.
    next: Option<u32>,
}

impl Pieces {
    fn of(key: FileKey, authority: &str, content: Uuid) -> Self {
        let associated =
            Encoded::new("kith piece").bytes(PIECES_HEAD).bytes(authority.as_bytes()).bytes(content.as_bytes());
        Self { key, associated: associated.into_bytes(), next: Some(0) }
    }

    /// The nonce of the next piece.
    fn step(&mut self, last: bool) -> Result<[u8; NONCE], VaultError> {
        let number = self.next.ok_or(VaultError::TooLong)?;
        self.next = if last { None } else { number.checked_add(1) };
        let mut nonce = [0; NONCE];
        nonce[NONCE - 5..NONCE - 1].copy_from_slice(&number.to_be_bytes());
        nonce[NONCE - 1] = u8::from(last);
        Ok(nonce)
    }
}

impl PieceSealer {
    /// For a new content of an authority, by the content's id; with the key that was made for it, which is to be sealed where
    /// whoever may read the content finds it.
    pub fn new(authority: &str, content: Uuid) -> Result<(Self, FileKey), VaultError> {
        let key = FileKey::generate()?;
        Ok((Self(Pieces::of(key.clone(), authority, content)), key))
    }

    /// Seals the next piece: [`PIECE`] bytes, or up to as many for the last. [`VaultError::TooLong`] for one that is longer, or
    /// comes after the last.
    pub fn seal(&mut self, piece: &[u8], last: bool) -> Result<Vec<u8>, VaultError> {
        if piece.len() > PIECE || (piece.len() < PIECE && !last) {
            return Err(VaultError::TooLong);
        }
        let nonce = self.0.step(last)?;
        aead::encrypt_with(&self.0.key, nonce, &self.0.associated, piece)
    }
}

impl PieceOpener {
    /// For a content that is there, with the key that [`PieceSealer::new`] made for it.
    pub fn new(key: FileKey, authority: &str, content: Uuid) -> Self {
        Self(Pieces::of(key, authority, content))
    }

    /// Opens the next piece; `last` is whether nothing follows it. [`VaultError::Tampered`] if it is not the piece that was
    /// sealed there.
    pub fn open(&mut self, sealed: &[u8], last: bool) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let nonce = self.0.step(last)?;
        aead::decrypt_with(&self.0.key, nonce, &self.0.associated, sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(content: Uuid, plain: &[&[u8]]) -> (Vec<Vec<u8>>, FileKey) {
        let (mut sealer, key) = PieceSealer::new("nene", content).unwrap();
        let last = plain.len() - 1;
        (plain.iter().enumerate().map(|(n, piece)| sealer.seal(piece, n == last).unwrap()).collect(), key)
    }

    fn opened(key: &FileKey, content: Uuid, pieces: &[&Vec<u8>]) -> Result<Vec<u8>, VaultError> {
        let mut opener = PieceOpener::new(key.clone(), "nene", content);
        let mut plain = Vec::new();
        for (n, piece) in pieces.iter().enumerate() {
            plain.extend_from_slice(&opener.open(piece, n + 1 == pieces.len())?);
        }
        Ok(plain)
    }

    #[test]
    fn pieces_open_whole_in_their_order_and_in_no_other_way() {
        let (content, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let (first, second) = (vec![1; PIECE], vec![2; PIECE]);
        let (pieces, key) = sealed(content, &[&first, &second, b"end"]);
        let [a, b, c] = pieces.as_slice() else { panic!("three") };
        assert_eq!(a.len(), SEALED_PIECE);
        assert_eq!(opened(&key, content, &[a, b, c]).unwrap(), [first.as_slice(), &second, b"end"].concat());
        for wrong in [&[b, a, c][..], &[a, c], &[a, b], &[a], &[c], &[a, b, c, c]] {
            assert!(opened(&key, content, wrong).is_err(), "left out, put elsewhere or cut off");
        }
        assert!(matches!(opened(&key, other, &[a, b, c]), Err(VaultError::Tampered)), "another content");
        let mut foreign = PieceOpener::new(key.clone(), "other", content);
        assert!(foreign.open(a, false).is_err(), "another authority");
        let (theirs, _) = sealed(content, &[&first, &second, b"end"]);
        assert!(opened(&key, content, &[a, &theirs[1], c]).is_err(), "a piece under another key");
        for bit in 0..c.len() * 8 {
            let mut altered = c.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert!(opened(&key, content, &[a, b, &altered]).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_content_of_nothing_is_one_piece_and_nothing_comes_after_the_last() {
        let content = Uuid::from_u128(1);
        let (mut sealer, key) = PieceSealer::new("nene", content).unwrap();
        assert!(matches!(sealer.seal(b"short", false), Err(VaultError::TooLong)));
        let only = sealer.seal(b"", true).unwrap();
        assert!(matches!(sealer.seal(b"", true), Err(VaultError::TooLong)));
        assert_eq!(opened(&key, content, &[&only]).unwrap(), b"");
    }
}
