//! Counts of people that give nobody away.
//!
//! A count of fewer than [`FEWEST`] people is not shown, and with it goes what would let others work it out from the totals. Whether
//! they could is not estimated but solved: what a reader of a table knows is that each row and column adds up to its total, and
//! that no count is below nought; what a withheld count can then be is the flow that an arc of a network can carry, found exactly and in
//! whole numbers (D. Gusfield, *A graph theoretic approach to statistical data security*, SIAM J. Comput. 17(3), 1988; L. H. Cox,
//! *Network models for complementary cell suppression*, J. Am. Stat. Assoc. 90, 1995).
//!
//! Lines about single people, whose names are pseudonyms, are shown as far as at least [`FEWEST`] of them are alike (L. Sweeney,
//! *k-anonymity*, 2002).
//!
//! The crate knows nothing of the service: it takes numbers and gives back which of them can be shown.

mod alike;
mod net;
mod table;

pub use alike::{Alike, alike};
pub use table::{At, Count, Counts, Safe};

/// The fewest people of whom a count is shown.
pub const FEWEST: u64 = 5;

/// What others can make out of a count that is withheld for its own sake reaches at least so far from its lowest to its highest: it
/// may be none, and it may be enough to have been shown.
pub const SPREAD: u64 = 5;
