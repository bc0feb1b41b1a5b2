//! Unambiguous encoding of several values into one byte string, for associated data and MACs.
//!
//! Every value is preceded by its length (eight bytes, big-endian), so that no two different lists of values have the
//! same encoding.

use crate::Place;
use uuid::Uuid;

/// A list of values under a label that says what the list is for.
pub(crate) struct Encoded(Vec<u8>);

impl Encoded {
    /// Starts a list; `label` separates its purpose from every other.
    pub(crate) fn new(label: &str) -> Self {
        Self(Vec::new()).bytes(label.as_bytes())
    }

    /// Adds a value.
    pub(crate) fn bytes(mut self, value: &[u8]) -> Self {
        self.0.extend_from_slice(&(value.len() as u64).to_be_bytes());
        self.0.extend_from_slice(value);
        self
    }

    /// Adds the values of a place.
    pub(crate) fn place(self, place: &Place) -> Self {
        self.bytes(place.authority.as_bytes())
            .bytes(place.table.as_bytes())
            .bytes(place.row.as_bytes())
            .bytes(&place.version.to_be_bytes())
            .bytes(place.clear)
    }

    /// Adds a list of file identifiers as one value.
    pub(crate) fn files(self, files: impl IntoIterator<Item = Uuid>) -> Self {
        let joined: Vec<u8> = files.into_iter().flat_map(Uuid::into_bytes).collect();
        self.bytes(&joined)
    }

    /// The encoding.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}
