//! The access log: how an entry is worded, written, sequenced and verified.

pub(crate) mod body;
pub(crate) mod read;
pub(crate) mod rows;
pub(crate) mod sequence;
pub(crate) mod verify;
pub(crate) mod writer;
