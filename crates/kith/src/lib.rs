//! The program's parts: serve, demo, tour, keys, ledger, clock, retention, delivered, link. A library so that its tests can walk the service as the tour does.

#![allow(missing_docs, reason = "the library is for this crate's own program and tests")]

mod accept;
mod backup;
pub mod cli;
mod clock;
mod dates;
mod delivered;
pub mod demo;
mod items;
mod keys;
mod ledger;
mod link;
mod notice;
pub mod output;
mod reached;
mod retention;
mod serve;
mod simulate;
pub mod tour;
pub mod walker;
