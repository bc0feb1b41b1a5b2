//! Routes and pages: parses, calls the service, renders. Decides nothing.

mod admin;
mod allocate;
mod app;
mod assets;
mod audit;
mod breach;
#[cfg(test)]
mod budgets;
mod clocks;
mod collect;
mod contact_refusal;
mod decision;
mod document;
mod error;
#[cfg(test)]
mod every_route;
mod fact;
mod file;
mod front;
#[cfg(test)]
mod full;
mod home;
mod order;
mod own;
mod pack;
mod person;
mod picture;
mod plan;
mod posted;
mod privacy;
pub mod reading;
mod record;
mod referral;
mod register;
mod report;
mod research;
mod retention;
mod rights;
mod risk;
mod router;
mod security;
mod session;
mod sharing;
mod sign_in;
#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod testing;
mod ui;
mod upload;
mod verification;

pub use app::{App, Demo, DemoPerson};
pub use front::{Front, Peer};
pub use privacy::notice_alone;
pub use router::router;
