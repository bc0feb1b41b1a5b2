//! Documents that people bring: a PDF, a Word document, a photograph. What each is, is told by its content and never by its
//! name; it is looked through while it comes in, sealed piece by piece and laid down where the authority keeps such things,
//! never whole in memory, in or out.
//!
//! Knows no case, no person and no database: bytes in, a [`Taken`] out; and back.

mod check;
mod clamd;
mod depot;
mod fault;
mod laying;
mod media;
#[cfg(any(test, feature = "testing"))]
pub mod samples;
mod take;
#[cfg(test)]
mod tests;

pub use clamd::Clamd;
pub use depot::{Depot, FilesAt};
pub use fault::FileFault;
pub use laying::{HasRoom, Laid, Laying};
pub use media::Media;
pub use take::{BYTES_MAX, Taken, Taking};
