//! Signed checkpoints (<https://c2sp.org/tlog-checkpoint>).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::{Hash, LedgerError, Signer, Verifier};

/// What a log commits to: its name, how many entries it has, and the root of their Merkle tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name: the key name of its signer.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// RFC 6962 root hash over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The checkpoint as a signed note: origin, size and root each on a line, an empty line, the
    /// signature.
    pub fn sign(&self, signer: &Signer) -> String {
        signer.sign(&format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root)))
    }

    /// Reads a signed note back. Fails when `key` did not sign exactly this text, when the origin
    /// is not the key's name, or when the text is not a checkpoint. Extension lines are passed
    /// over, as the specification asks.
    pub fn open(note: &str, key: &Verifier) -> Result<Self, LedgerError> {
        Self::open_at(note, key, || "the checkpoint".to_owned())
    }

    /// As [`Self::open`], with the place to name in errors.
    pub(crate) fn open_at(note: &str, key: &Verifier, place: impl Fn() -> String) -> Result<Self, LedgerError> {
        let text = key.open(note).ok_or_else(|| LedgerError::BadSignature { place: place() })?;
        let malformed = |why| LedgerError::Malformed { place: place(), why };
        let mut lines = text.lines();
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(malformed("it is not origin, size and root"));
        };
        if lines.any(str::is_empty) {
            return Err(malformed("it has an empty extension line"));
        }
        if origin != key.name() {
            return Err(malformed("it is of a log with another name"));
        }
        let size = size
            .parse()
            .ok()
            .filter(|n: &u64| n.to_string() == size)
            .ok_or_else(|| malformed("its size is not a number"))?;
        let root = STANDARD
            .decode(root)
            .ok()
            .and_then(|root| root.try_into().ok())
            .ok_or_else(|| malformed("its root is not a hash"))?;
        Ok(Self { origin: origin.to_owned(), size, root })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer() -> Signer {
        Signer::from_seed("kith.example/ledger", &[3; 32]).unwrap()
    }

    #[test]
    fn has_the_form_of_the_specification_and_comes_back() {
        // Size and root of the specification's example.
        let root = STANDARD.decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=").unwrap();
        let checkpoint =
            Checkpoint { origin: "kith.example/ledger".into(), size: 20_852_163, root: root.try_into().unwrap() };
        let note = checkpoint.sign(&signer());
        assert!(note.starts_with(
            "kith.example/ledger\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— kith.example/ledger "
        ));
        assert_eq!(note.lines().count(), 5);
        assert_eq!(Checkpoint::open(&note, &signer().verifier()).unwrap(), checkpoint);
    }

    #[test]
    fn no_character_of_it_can_change() {
        let checkpoint = Checkpoint { origin: "kith.example/ledger".into(), size: 12, root: [9; 32] };
        let note = checkpoint.sign(&signer());
        for (at, c) in note.char_indices() {
            let changed = if c == 'A' { "B" } else { "A" };
            let mut wrong = note.clone();
            wrong.replace_range(at..at + c.len_utf8(), changed);
            assert!(Checkpoint::open(&wrong, &signer().verifier()).is_err(), "{at}");
        }
    }

    #[test]
    fn signed_text_that_is_no_checkpoint_is_malformed() {
        let root = STANDARD.encode([9; 32]);
        for text in [
            "kith.example/ledger\n".to_owned(),
            format!("kith.example/ledger\n012\n{root}\n"),
            format!("kith.example/ledger\n+12\n{root}\n"),
            "kith.example/ledger\n12\nAAAA\n".to_owned(),
            format!("other.example\n12\n{root}\n"),
            format!("kith.example/ledger\n12\n{root}\n\nextension\n"),
        ] {
            let error = Checkpoint::open(&signer().sign(&text), &signer().verifier()).unwrap_err();
            assert!(matches!(error, LedgerError::Malformed { .. }), "{text}");
        }
        let extended = format!("kith.example/ledger\n12\n{root}\nextension\n");
        assert!(Checkpoint::open(&signer().sign(&extended), &signer().verifier()).is_ok());
    }
}
