//! What a person can do, one function each: allow, load, decide, save. The only way to the store from outside.
//!
//! A [`Service`] is opened once; a [`Desk`] is what one person has before them: an actor with a purpose. Every
//! function of the service is a method of the desk, so that nothing can be done by nobody or for nothing.

mod asked;
mod clock;
mod desk;
mod directory;
mod door;
mod drafts;
mod error;
mod flag;
pub mod hand_over;
mod hashing;
mod likely;
mod mail;
mod password;
mod policy;
pub mod register;
mod translations;
mod turns;
mod typesetting;
mod unread;

pub mod account;
pub mod allocate;
pub mod audit;
pub mod breach;
pub mod clocks;
pub mod contact_refusal;
pub mod demo;
pub mod document;
pub mod fact;
pub mod file;
pub mod home;
#[cfg(test)]
mod kept;
pub mod order;
pub mod pack;
pub mod paging;
pub mod picture;
pub mod plan;
pub mod privacy_notice;
pub mod record;
pub mod referral;
pub mod report;
pub mod research;
pub mod retention;
pub mod rights;
pub mod risk;
pub mod search;
pub mod session;
pub mod sharing;
pub mod sign_in;
pub mod spreadsheet;
pub mod venue;
pub mod verification;
mod waiting;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use clock::{Clock, MovableClock, SystemClock};
pub use desk::{Desk, Service, Setup};
pub use directory::Card;
pub use error::ServiceError;
pub use kith_papers::{Fact, ReferralPart};
pub use mail::{Mail, MailError};
pub use register::{Area, Authority, Figure, Figures, Register, RegisterError, RegisteredPurpose, Retention};
pub use translations::Translations;
