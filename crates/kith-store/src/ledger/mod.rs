//! The access log: how an entry is worded, written, sequenced and verified.

pub(crate) mod begin;
pub(crate) mod body;
pub(crate) mod documents;
pub(crate) mod lanes;
pub(crate) mod opened;
pub(crate) mod read;
pub(crate) mod rows;
pub(crate) mod sequence;
pub(crate) mod server;
pub(crate) mod signing;
pub(crate) mod spill;
pub(crate) mod state;
pub(crate) mod verify;
pub(crate) mod writer;
