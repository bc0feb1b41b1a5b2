//! Two people side by side: how far each field agrees.

use crate::level::{FIELDS, Field, Level};
use crate::name;
use crate::number;
use crate::place::{street_levels, town_level};
use crate::prepared::Prepared;

/// How far two people agree: the comparison vector of Fellegi and Sunter (1969, section 2).
#[derive(Clone, Copy)]
pub(crate) struct Agreement {
    pub(crate) levels: [Level; FIELDS],
    /// What the two agree on, hashed: how common it is says how much the agreement means. 0 where it does not count.
    pub(crate) values: [u64; FIELDS],
}

impl Agreement {
    pub(crate) fn level(&self, field: Field) -> Level {
        self.levels[field as usize]
    }

    fn set(&mut self, field: Field, (level, value): (Level, u64)) {
        self.levels[field as usize] = level;
        self.values[field as usize] = value;
    }
}

/// Compares two people. It makes no difference which is first.
pub(crate) fn compare(one: &Prepared, other: &Prepared) -> Agreement {
    let mut found = Agreement { levels: [Level::Missing; FIELDS], values: [0; FIELDS] };
    let names = name::levels(&one.names, &other.names);
    found.set(Field::Given, names.given);
    found.set(Field::Family, names.family);
    if names.swapped {
        found.set(Field::Order, (Level::Swapped, 0));
    } else if names.given.0 != Level::Missing || names.family.0 != Level::Missing {
        found.set(Field::Order, (Level::Exact, 0));
    }
    if let (Some(birth), Some(held)) = (one.birth, other.birth) {
        let level = birth.level(held);
        found.set(Field::Birth, (level, if level == Level::Exact { birth_value(one) } else { 0 }));
    }
    if let (Some(sex), Some(held)) = (one.sex, other.sex) {
        found.set(Field::Sex, (if sex == held { Level::Exact } else { Level::Different }, 0));
    }
    if let (Some(house), Some(held)) = (&one.house, &other.house) {
        let level = house.level(held);
        found.set(Field::House, (level, if level == Level::Exact { house.hash } else { 0 }));
    }
    let [first, second] = street_levels(&one.streets, &other.streets);
    found.set(Field::Street, first);
    found.set(Field::SecondStreet, second);
    if let (Some(locality), Some(held)) = (&one.locality, &other.locality) {
        found.set(Field::Locality, town_level(locality, held));
    }
    if let (Some(postcode), Some(held)) = (&one.postcode, &other.postcode) {
        let level = postcode.level(held);
        found.set(Field::Postcode, (level, if level == Level::Exact { postcode.hash } else { 0 }));
    }
    if let (Some(county), Some(held)) = (&one.county, &other.county) {
        found.set(Field::County, town_level(county, held));
    }
    found.set(Field::Phone, number::best(&one.phones, &other.phones));
    found.set(Field::Identifier, number::best(&one.identifiers, &other.identifiers));
    found
}

/// The value by which births are counted.
pub(crate) fn birth_value(person: &Prepared) -> u64 {
    let (year, month, day) = person.birth.and_then(crate::birth::Birth::day).unwrap_or_default();
    u64::from(year) << 16 | u64::from(month) << 8 | u64::from(day)
}
