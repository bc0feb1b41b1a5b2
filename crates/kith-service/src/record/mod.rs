//! The record of a session: begun when the session starts, written in the room by entries that are only added, signed,
//! corrected by addenda, reviewed.

mod attendance;
mod concern;
mod course;
mod digest;
mod load;
mod paper;
mod release;
mod review;
mod run;
mod sheet;
mod sign;
mod view;
mod write;

#[cfg(test)]
mod tests;

pub use attendance::PersonLine;
pub(crate) use attendance::last_words;
pub use concern::ConcernView;
pub use course::{CourseConflict, CourseKept};
pub use paper::basis;
pub(crate) use paper::{letterhead, record_paper_of};
pub use review::ToReview;
pub(crate) use run::band;
pub use sheet::{Kept, KeptText};
pub use sign::Signing;
pub use view::{
    AddendumView, ChangedLine, EntryView, RecordView, ReviewView, SignatureView, TextView, UnderHeading, lateness,
    written_clock,
};
pub use write::SavedEntry;
