//! Contact sessions: proposed from the plan, booked, confirmed, moved, cancelled; the diary and a supervisor's day.

mod book;
mod change;
mod day;
mod diary;
mod propose;
mod rules;
mod standing;
mod view;

#[cfg(test)]
mod tests;

pub use book::{Booking, Chosen, Outcome};
pub use day::{MyDay, MySession, NextSession, ToSign};
pub use diary::{Cell, Diary, DiaryEntry, RoomRow};
pub use propose::{Proposals, ProposedDay, RoomChoice};
pub use standing::in_words;
pub use view::{ChildView, KnownChild, LastTime, SessionView, Vetted};
