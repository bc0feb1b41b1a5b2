//! How common values are among the people at hand.
//!
//! Two Nowaks with one name mean more among Welshmen than among Poles: the chance that two people agree on a value is its
//! frequency (Fellegi and Sunter 1969, section 3; term-frequency adjustments in Splink's description of its model).

use rustc_hash::FxHashMap;

use crate::compare::birth_value;
use crate::level::{Field, Level};
use crate::prepared::Prepared;
use crate::text::mix;

/// As many people as the frequencies expected beforehand count for, so that a handful of records does not make every name
/// and number common.
const EXPECTED_COUNTS_FOR: f32 = 500.0;

/// Counts of values among people.
#[derive(Clone, Default)]
pub(crate) struct Frequencies {
    counts: FxHashMap<u64, u32>,
    people: u32,
}

/// What of a field is counted apart from its whole value.
#[derive(Clone, Copy)]
enum Of {
    Whole,
    Word,
    Sound,
}

fn key(field: Field, of: Of, value: u64) -> u64 {
    mix(1 + (field as u64) * 4 + of as u64, &[value])
}

impl Frequencies {
    pub(crate) fn of<'a>(people: impl Iterator<Item = &'a Prepared>) -> Frequencies {
        let mut frequencies = Frequencies::default();
        for person in people {
            frequencies.change(person, true);
        }
        frequencies
    }

    /// Counts one person more, or one fewer.
    pub(crate) fn change(&mut self, person: &Prepared, more: bool) {
        self.people = if more { self.people + 1 } else { self.people.saturating_sub(1) };
        let mut count = |field, of, value: u64| {
            if value != 0 {
                let count = self.counts.entry(key(field, of, value)).or_default();
                *count = if more { *count + 1 } else { count.saturating_sub(1) };
            }
        };
        if let Some(given) = &person.names.given {
            count(Field::Given, Of::Whole, given.core.hash);
            for word in &given.words {
                count(Field::Given, Of::Word, word.hash);
            }
            count(Field::Given, Of::Sound, given.words[0].sound);
        }
        for family in person.names.family.iter().chain(&person.names.former_family) {
            count(Field::Family, Of::Whole, family.core.hash);
            if family.words.len() > 1 {
                for word in &family.words {
                    count(Field::Family, Of::Whole, word.hash);
                }
            }
            count(Field::Family, Of::Sound, family.core.sound);
        }
        count(Field::Birth, Of::Whole, birth_value(person));
        if let Some(house) = &person.house {
            count(Field::House, Of::Whole, house.hash);
        }
        for street in &person.streets {
            count(Field::Street, Of::Whole, street.core.hash);
        }
        if let Some(locality) = &person.locality {
            count(Field::Locality, Of::Whole, locality.hash);
        }
        if let Some(postcode) = &person.postcode {
            count(Field::Postcode, Of::Whole, postcode.hash);
        }
        if let Some(county) = &person.county {
            count(Field::County, Of::Whole, county.hash);
        }
        for phone in &person.phones {
            count(Field::Phone, Of::Whole, phone.hash);
        }
        for identifier in &person.identifiers {
            count(Field::Identifier, Of::Whole, identifier.hash);
        }
    }

    /// The chance that somebody else agrees at this level on this value, where `expected` is the chance for any value;
    /// `None` where the level is not about one value.
    pub(crate) fn chance(&self, field: Field, level: Level, value: u64, expected: f32) -> Option<f32> {
        if value == 0 || self.people == 0 {
            return None;
        }
        let of = match (field, level) {
            (_, Level::Sound) => Of::Sound,
            (Field::Given, Level::First | Level::Other) => Of::Word,
            _ => Of::Whole,
        };
        let field = if field == Field::SecondStreet { Field::Street } else { field };
        let count = self.counts.get(&key(field, of, value)).copied().unwrap_or(0);
        // One of them is the person itself.
        let others = as_float(count.saturating_sub(1).max(1));
        Some(((others + EXPECTED_COUNTS_FOR * expected) / (as_float(self.people) + EXPECTED_COUNTS_FOR)).min(1.0))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share of people needs no more than 24 bits")]
fn as_float(count: u32) -> f32 {
    count as f32
}
