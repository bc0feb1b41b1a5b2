//! One module for each table of the schema: plain rows, no relations. Joins are written where they are read.

// A row is described whole, whether or not every column is already used.
#![allow(dead_code)]

pub(crate) mod account;
pub(crate) mod allocation;
pub(crate) mod allocation_end;
pub(crate) mod authority;
pub(crate) mod child;
pub(crate) mod contact_order;
pub(crate) mod contact_plan;
pub(crate) mod entry;
pub(crate) mod item_in_use;
pub(crate) mod ledger_entry;
pub(crate) mod ledger_subject;
pub(crate) mod notice;
pub(crate) mod occupancy;
pub(crate) mod order_child;
pub(crate) mod outbox;
pub(crate) mod person;
pub(crate) mod record;
pub(crate) mod referral;
pub(crate) mod relationship;
pub(crate) mod report;
pub(crate) mod risk_assessment;
pub(crate) mod room;
pub(crate) mod session;
pub(crate) mod session_child;
pub(crate) mod session_moved;
pub(crate) mod session_person;
pub(crate) mod shift;
pub(crate) mod sign_in;
pub(crate) mod token;
pub(crate) mod venue;
pub(crate) mod verification;
