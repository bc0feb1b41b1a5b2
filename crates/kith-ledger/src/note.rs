//! Signed notes (<https://c2sp.org/signed-note>) with Ed25519 keys.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::LedgerError;

/// The signature type of Ed25519 in signed notes.
const ED25519: u8 = 0x01;
/// Longest key name: keeps every note far below the limits of its readers.
const NAME_MAX: usize = 200;

/// 32 bytes of the system's random source, for a new signing key.
pub fn new_seed() -> Result<[u8; 32], LedgerError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(LedgerError::Random)?;
    Ok(seed)
}

/// Signs notes. The private key is wiped from memory when dropped.
pub struct Signer {
    name: String,
    key: SigningKey,
}

impl Signer {
    /// A signer from its key name, which is also the log's origin, and the 32-byte private key of
    /// RFC 8032. Fails for a name that is empty, over 200 bytes, or holds spaces, plus signs or
    /// control characters.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, LedgerError> {
        check_name(name)?;
        Ok(Self { name: name.to_owned(), key: SigningKey::from_bytes(seed) })
    }

    /// The public half.
    pub fn verifier(&self) -> Verifier {
        Verifier { name: self.name.clone(), key: self.key.verifying_key() }
    }

    /// `text`, which must end with a newline, as a note with this key's signature.
    pub(crate) fn sign(&self, text: &str) -> String {
        let mut signature = self.verifier().key_id().to_vec();
        signature.extend(self.key.sign(text.as_bytes()).to_bytes());
        format!("{text}\n— {} {}\n", self.name, STANDARD.encode(signature))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Checks notes. Read from and written as a verifier key, `name+hex key id+base64(0x01 || key)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    key: VerifyingKey,
}

impl Verifier {
    /// The key name: the log's origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// SHA-256(name || newline || 0x01 || public key), the first four bytes.
    fn key_id(&self) -> [u8; 4] {
        let hash = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', ED25519])
            .chain_update(self.key.as_bytes())
            .finalize();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// The text of a note that this key signed, with its last newline; `None` when it did not, or
    /// when one of its signatures is wrong. Signatures of other keys are passed over.
    pub(crate) fn open<'n>(&self, note: &'n str) -> Option<&'n str> {
        if note.chars().any(|c| c < ' ' && c != '\n') {
            return None;
        }
        let (text, signatures) = note.split_at(note.rfind("\n\n")? + 1);
        let mut signed = false;
        for line in signatures.strip_prefix('\n')?.strip_suffix('\n')?.split('\n') {
            let (name, signature) = line.strip_prefix("— ")?.split_once(' ')?;
            let signature = STANDARD.decode(signature).ok()?;
            let (id, signature) = signature.split_first_chunk::<4>()?;
            if name != self.name || *id != self.key_id() {
                continue;
            }
            let signature = Signature::from_slice(signature).ok()?;
            self.key.verify_strict(text.as_bytes(), &signature).ok()?;
            signed = true;
        }
        signed.then_some(text)
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519];
        key.extend(self.key.as_bytes());
        let id = u32::from_be_bytes(self.key_id());
        write!(f, "{}+{id:08x}+{}", self.name, STANDARD.encode(key))
    }
}

impl FromStr for Verifier {
    type Err = LedgerError;

    /// Reads a verifier key; white space around it, as at the end of a file, is passed over.
    fn from_str(vkey: &str) -> Result<Self, LedgerError> {
        let mut parts = vkey.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(LedgerError::KeyFormat("it is not name+id+key"));
        };
        check_name(name)?;
        let key = STANDARD.decode(key).map_err(|_| LedgerError::KeyFormat("the key is not base64"))?;
        let (Some((&ED25519, key)), true) = (key.split_first(), key.len() == 33) else {
            return Err(LedgerError::KeyFormat("the key is not an Ed25519 key"));
        };
        let key = VerifyingKey::try_from(key)
            .ok()
            .filter(|key| !key.is_weak())
            .ok_or(LedgerError::KeyFormat("the key is not an Ed25519 key"))?;
        let verifier = Self { name: name.to_owned(), key };
        if format!("{:08x}", u32::from_be_bytes(verifier.key_id())) != id {
            return Err(LedgerError::KeyFormat("the id does not fit the key"));
        }
        Ok(verifier)
    }
}

fn check_name(name: &str) -> Result<(), LedgerError> {
    let bad = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    if name.is_empty() || name.len() > NAME_MAX || name.contains(bad) {
        return Err(LedgerError::KeyName);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Key, text and signature of the documentation of Go's `golang.org/x/mod/sumdb/note`.
    const VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const SEED: &str = "gQoUAtUUbI2E8kQzMPVAgOv5juF9nHT2JS/F1ccoMXM=";
    const TEXT: &str = "If you think cryptography is the answer to your problem,\n\
                        then you don't know what your problem is.\n";
    const SIGNATURE: &str =
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn signs_and_opens_the_note_of_the_go_documentation() {
        let seed = STANDARD.decode(SEED).unwrap().try_into().unwrap();
        let signer = Signer::from_seed("PeterNeumann", &seed).unwrap();
        let note = format!("{TEXT}\n{SIGNATURE}");
        assert_eq!(signer.verifier().to_string(), VKEY);
        assert_eq!(signer.sign(TEXT), note);
        let verifier: Verifier = VKEY.parse().unwrap();
        assert_eq!(verifier, signer.verifier());
        assert_eq!(verifier.open(&note), Some(TEXT));
    }

    #[test]
    fn passes_over_other_keys_but_not_over_a_wrong_signature() {
        let verifier: Verifier = VKEY.parse().unwrap();
        let other = Signer::from_seed("witness.example", &[7; 32]).unwrap();
        let theirs = other.sign(TEXT).replacen(TEXT, "", 1);
        let theirs = theirs.trim_start_matches('\n');
        assert_eq!(verifier.open(&format!("{TEXT}\n{theirs}{SIGNATURE}")), Some(TEXT));
        assert_eq!(verifier.open(&format!("{TEXT}\n{theirs}")), None);
        assert_eq!(verifier.open(&format!("{TEXT}x\n\n{SIGNATURE}")), None);
        // The same key twice, once wrong: the whole note is refused.
        let impostor = Signer::from_seed("PeterNeumann", &[7; 32]).unwrap();
        let mut wrong = verifier.key_id().to_vec();
        wrong.extend(impostor.key.sign(TEXT.as_bytes()).to_bytes());
        let wrong = format!("— PeterNeumann {}\n", STANDARD.encode(wrong));
        assert_eq!(verifier.open(&format!("{TEXT}\n{SIGNATURE}{wrong}")), None);
    }

    #[test]
    fn refuses_malformed_keys_and_names() {
        for vkey in [
            "",
            "PeterNeumann",
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            "PeterNeumann+c74f20a3+ARpc2Q==",
        ] {
            assert!(vkey.parse::<Verifier>().is_err(), "{vkey}");
        }
        for name in ["", "a b", "a+b", "a\u{a0}b", "a\nb", &"n".repeat(201)] {
            assert!(Signer::from_seed(name, &[1; 32]).is_err(), "{name:?}");
        }
    }

    #[test]
    fn debug_prints_no_key() {
        let signer = Signer::from_seed("ledger.example", &[1; 32]).unwrap();
        assert_eq!(format!("{signer:?}"), "Signer { name: \"ledger.example\", .. }");
        assert_ne!(new_seed().unwrap(), new_seed().unwrap());
    }
}
