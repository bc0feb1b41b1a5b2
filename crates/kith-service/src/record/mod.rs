//! The record of a session: begun when the session starts, written in the room, signed, corrected by addenda, reviewed.

mod paper;
mod review;
mod run;
mod sign;
mod view;
mod write;

#[cfg(test)]
mod tests;

pub use paper::{attendance_note, basis};
pub(crate) use paper::{letterhead, record_paper_of};
pub use review::AwaitingView;
pub use run::attendance_fields;
pub(crate) use view::person_line;
pub use view::{
    AddendumView, EntryView, PersonLine, RecordView, ReviewView, SignatureView, UnderHeading, lateness, written_clock,
};
pub use write::{SavedEntry, fields_of};
