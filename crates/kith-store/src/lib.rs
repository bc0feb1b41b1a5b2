//! The store: what Kith keeps, on `SQLite` (embedded, the default) or `PostgreSQL`. The only crate that speaks SQL.
//!
//! Nobody reaches a row without saying who they are and what for: every path begins with an
//! [`Access`](kith_domain::access::Access). [`Store::look`] gives a [`Look`], a scope for reading, and
//! [`Store::work`] a [`Work`], a scope for changing. What was opened in the scope is written to the access log
//! before the reader gets it ([`Look::done`]) or in the same transaction as the change ([`Work::commit`]).
//!
//! What the engine must join, order and constrain is columns; what identifies or describes a person is one sealed
//! envelope per row, made by [`Work::seal`] and opened by [`Look::open`].

mod backup;
mod cases;
mod counts;
mod destroy;
mod destroyed;
mod engine;
mod entity;
mod error;
mod examine;
mod index;
mod items;
mod keys;
mod ledger;
mod migrate;
mod occupancy;
mod open;
mod outbox;
mod renew;
mod room;
mod row;
mod scope;
mod store;
mod stored;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
mod tests;
mod tokens;
mod work;

pub use backup::{Backed, Backup, backup, restore};
pub use cases::*;
pub use counts::Counts;
pub use error::{StoreError, unless_destroyed};
pub use keys::masters::MasterKeyPlace;
pub use keys::rotate::{KeysPlace, Rotated};
pub use keys::status::KeyStatus;
pub use kith_files::{Clamd, FileFault, Laid, Laying, Media, Taken};
pub use ledger::begin::LogStart;
pub use ledger::body::Asked;
pub use ledger::opened::{HowOften, OpenedBy};
pub use ledger::read::{LogEntry, LogFilter, LogState, LoggedRecord, NOT_OURS};
pub use ledger::signing::UNSIGNED_MAX;
pub use ledger::verify::{LedgerCheck, Verifying, verify_ledger, verify_tiles};
pub use occupancy::Occupied;
pub use open::{RESERVE_MIB, Settings, create_private, lock};
pub use outbox::{ATTEMPTS_MAX, Job, MAIL};
pub use scope::Look;
pub use store::Store;
pub use work::Work;
