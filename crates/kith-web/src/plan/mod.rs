//! Pages of the contact plan.

mod agreement;
mod form;
mod list;
mod moves;
mod show;
mod write;

#[cfg(test)]
mod tests;

pub(crate) use agreement::{agreement, agreement_paper, read_agreement, sign_agreement};
pub(crate) use list::list;
pub(crate) use moves::{ask, copy, step};
pub(crate) use show::{kept_row, show};
pub(crate) use write::{add, arrangement, begin, new, remove, save};
