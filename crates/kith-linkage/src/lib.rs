//! Is this the same person?
//!
//! Records are compared field by field, and what each agreement says is weighed: the logarithm of how much likelier it is
//! among records of one person than among records of two (I. P. Fellegi and A. B. Sunter, "A Theory for Record Linkage",
//! JASA 64, 1969). Names are compared as W. E. Winkler did (1990), levels of agreement, term frequencies and the learning of
//! the weights are those that Splink describes (R. Linacre and others, "Splink: Free software for probabilistic record
//! linkage at scale", IJPDS 2022). `docs/linkage.md` has figures.
//!
//! Pure: no database, no clock, no chance; the same people give the same answer. What a record says is in no error, no
//! reason and no `Debug` output.
//!
//! - [`Question`] says of one record after the other how likely it is the person asked for, and by which [`marks`] those who
//!   come into question are found without being opened;
//! - [`Typed`] reads what was typed into the box of a search;
//! - [`link()`] links two files, [`deduplicate`] finds who is in one file twice.

mod birth;
mod block;
mod compare;
mod frequency;
mod learn;
mod level;
mod link;
mod model;
mod name;
mod number;
mod order;
mod person;
mod place;
mod prepared;
mod question;
mod reason;
mod sound;
mod text;
mod typed;
mod word;

pub use birth::Birth;
pub use link::{Pair, deduplicate, link};
pub use order::order;
pub use person::{Person, Sex};
pub use question::{Asked, Likely, MARKS, Marks, OPENED, Question, SHOWN, marks};
pub use typed::Typed;
