//! Draws a family as social workers do: a genogram (M. `McGoldrick`, R. Gerson and S. Petry, "Genograms: Assessment and
//! Treatment", 2020), with who sees the child and who must not on top.
//!
//! A [`Family`] goes in, and comes out as a [`Picture`]: shapes, words and lines at places in CSS pixels, of which no two
//! shapes or words overlap. [`Picture::svg`] writes it down, [`Family::told`] says in sentences what the lines say.
//!
//! Pure: the same family gives the same picture, byte for byte. The crate knows no case and no code: what is said of
//! somebody comes in as words. Who is drawn with a line to whom is what was given, and nothing is guessed.

mod family;
mod lines;
mod measure;
mod order;
mod place;
mod svg;
mod told;

pub use family::{Apart, Bond, By, Child, Family, Home, Person, Sex, Stands, Tie, TieKind, Union, Unsound};
pub use lines::{Drawn, Line, Mark};
pub use place::{Caption, Enclosure, Label, Picture, Rect, Shape, Tone, Word};
