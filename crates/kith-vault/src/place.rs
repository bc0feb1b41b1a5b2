//! Where a sealed record lives.

use uuid::Uuid;

/// Associated data: binds a ciphertext to where it lives, so that it cannot be moved.
///
/// The same four values must be given to [`open`](crate::open) as were given to [`seal`](crate::seal): a ciphertext
/// copied to another row, an older version put back, or a record taken to another authority does not open.
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
}
