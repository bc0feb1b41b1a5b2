//! Where a sealed record lives.

use uuid::Uuid;

/// Associated data: binds a ciphertext to where it lives, so that it cannot be moved.
///
/// The same values must be given to [`open`](crate::open) as were given to [`seal`](crate::seal): a ciphertext
/// copied to another row, an older version put back, a record taken to another authority, or one beside which a clear
/// column was changed does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Identifier of the authority whose record it is.
    pub authority: &'a str,
    /// Name of the table.
    pub table: &'a str,
    /// Primary key of the row.
    pub row: Uuid,
    /// Version of the row, counted by the store.
    pub version: i64,
    /// What stands in the clear beside it in its row, in an encoding of the store's; empty where nothing does.
    pub clear: &'a [u8],
}
