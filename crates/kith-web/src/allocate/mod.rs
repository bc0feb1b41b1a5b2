//! To whom children's files are allocated: on a file's own pages, and for a whole team.

pub(crate) mod file;
pub(crate) mod team;

#[cfg(test)]
mod tests;
