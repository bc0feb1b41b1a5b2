//! What a paper must hold to whatever it is given.

mod content;
mod file;
mod memory;
mod sample;
mod scripts;
