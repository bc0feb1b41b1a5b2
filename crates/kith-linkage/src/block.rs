//! Blocking: which pairs are compared at all.
//!
//! Two records are compared when they share a key: a pair of items, each by its sound or number, so that a mistake in one
//! item leaves others to meet by. Blocks are bounded; in a block that is too big only neighbours in an order by all items
//! are compared (M. A. Hernández and S. J. Stolfo, "The Merge/Purge Problem for Large Databases", SIGMOD 1995).

use crate::birth::Birth;
use crate::name::NamePart;
use crate::prepared::Prepared;
use crate::text::mix;
use crate::word::Word;

/// Most names of one kind that keys are made from.
const MOST_NAMES: usize = 6;

/// The keys of a person, each once, in `keys`.
pub(crate) fn keys(person: &Prepared, keys: &mut Vec<u64>) {
    keys.clear();
    let mut key = |kind: u64, parts: &[u64]| {
        if parts.iter().all(|part| *part != 0) {
            keys.push(mix(kind, parts));
        }
    };
    let given = givens(person);
    let family = families(person);
    key(1, &[person.whole]);
    for phone in &person.phones {
        key(2, &[phone.hash]);
    }
    for identifier in &person.identifiers {
        key(3, &[identifier.hash]);
    }
    let birth = person.birth.and_then(Birth::day).map(|(year, month, day)| {
        let (month, day) = (u64::from(month.min(day)), u64::from(month.max(day)));
        (u64::from(year), month * 100 + day)
    });
    let house = person.house.as_ref().map_or(0, |house| house.hash);
    let postcode = person.postcode.as_ref().map_or(0, |postcode| postcode.hash);
    if let Some((year, day)) = birth {
        // Day and month in either order.
        key(4, &[year, day]);
        for name in given.iter().chain(&family) {
            key(5, &[name.sound, year]);
            key(6, &[name.sound, day]);
        }
        key(7, &[postcode, year]);
        key(8, &[house, day]);
        for street in &person.streets {
            key(9, &[street.core.hash, year]);
        }
    }
    // In either order: who is written with the names in each other's place is met too.
    for (at, one) in given.iter().enumerate() {
        for other in family.iter().chain(&given[at + 1..]) {
            key(10, &[one.sound.min(other.sound), one.sound.max(other.sound)]);
            key(11, &[one.start.min(other.start), one.start.max(other.start)]);
        }
        if let Some(locality) = &person.locality {
            key(12, &[one.sound, locality.hash]);
        }
    }
    if let Some(names) = &person.names.given {
        for group in names.words[0].groups {
            for name in &family {
                key(13, &[u64::from(group), name.sound]);
            }
            if let Some((year, day)) = birth {
                key(14, &[u64::from(group), year, day]);
            }
        }
    }
    key(15, &[postcode, house]);
    for name in given.iter().chain(&family) {
        key(16, &[postcode, name.sound]);
        for street in &person.streets {
            key(17, &[street.core.hash, name.sound]);
        }
        key(18, &[house, name.sound]);
    }
    for street in &person.streets {
        key(19, &[street.core.hash, house]);
        key(20, &[street.core.hash, postcode]);
    }
    keys.sort_unstable();
    keys.dedup();
}

/// A name as keys take it.
struct KeyName {
    sound: u64,
    /// Its first letters.
    start: u64,
}

/// Letters of a name's beginning.
const START_LETTERS: usize = 3;

impl KeyName {
    fn new(word: &Word) -> KeyName {
        let start = word.text().as_bytes();
        let start = &start[..start.len().min(START_LETTERS)];
        let start = start.iter().fold(0, |start, letter| start << 8 | u64::from(*letter));
        // A name without a sound (of vowels, or an initial) is met by its letters.
        KeyName { sound: if word.sound == 0 { word.hash } else { word.sound }, start }
    }
}

fn givens(person: &Prepared) -> Vec<KeyName> {
    let mut names = Vec::with_capacity(MOST_NAMES);
    for part in person.names.given.iter().chain(&person.names.former_given) {
        add(&mut names, part);
    }
    names
}

fn families(person: &Prepared) -> Vec<KeyName> {
    let mut names = Vec::with_capacity(MOST_NAMES);
    for part in person.names.family.iter().chain(&person.names.former_family) {
        add(&mut names, part);
    }
    names
}

fn add(names: &mut Vec<KeyName>, part: &NamePart) {
    let joined = (part.words.len() > 1).then_some(&part.core);
    for word in part.words.iter().chain(joined) {
        if names.len() < MOST_NAMES && !word.initial() {
            let name = KeyName::new(word);
            if !names.iter().any(|held| held.sound == name.sound && held.start == name.start) {
                names.push(name);
            }
        }
    }
}
