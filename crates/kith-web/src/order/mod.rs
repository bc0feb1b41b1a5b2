//! Pages of orders about contact.

mod show;
mod terms;
mod write;

#[cfg(test)]
mod tests;

pub(crate) use show::{show, tag};
pub(crate) use terms::{ask_remove, new_term, put_term, remove, term};
pub(crate) use write::{add, ask_correct, ask_end, correct, end, new};
