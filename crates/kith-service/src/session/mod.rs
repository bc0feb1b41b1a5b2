//! Contact sessions: proposed from the plan, booked, confirmed, moved, cancelled; the diary and a supervisor's day.

mod book;
mod cancel;
mod change;
mod children;
mod day;
mod diary;
mod past;
mod propose;
mod rules;
mod stand_in;
mod standing;
mod view;

#[cfg(test)]
mod tests;

pub use book::{Booking, Chosen, Outcome};
pub use cancel::{Correction, Right};
pub use children::{AddChild, Sibling, TakeOff, Under};
pub use day::{MyDay, MySession, NextSession, ToSign};
pub use diary::{Cell, Diary, DiaryEntry, RoomRow};
pub use past::{Lost, PastLine};
pub use propose::{Proposals, ProposedDay, RoomChoice};
pub use stand_in::{StandIn, StandIns};
pub use view::{ChildView, KnownChild, LastTime, SessionView, Vetted};
