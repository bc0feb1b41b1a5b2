//! The record of a session: entries that are only added, signature, addenda, review (handbook section 9).
//!
//! What was written is a sequence of [`entry`] contents. What stands is folded from it: texts with their revisions in
//! [`texts`], who came and when it began and ended in [`timeline`]. Whether a text was written during the session is
//! computed in [`written`]. What a page sends is a [`sheet`], with who [`came`] on it.

pub mod came;
pub mod entry;
mod heading;
mod review;
pub mod sheet;
mod state;
pub mod texts;
pub mod timeline;
pub mod written;

pub use came::Came;
pub use entry::{
    Addendum, Basis, Concern, ConcernKind, Content, DeviceClock, Ended, Entry, EntryBody, EntryKind, Observation, Who,
};
pub use heading::{AgeBand, Heading, RecordPurpose};
pub use review::{RecordReview, Verdict, may_review};
pub use sheet::Sheet;
pub use state::{
    Leave, RecordBody, RecordState, Released, Signature, answered, may_add, may_release, may_sign, may_write,
};
pub use timeline::{Timeline, has_come};
pub use written::{Limits, Written};
