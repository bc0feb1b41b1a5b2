//! Files of a handful of people: there is nothing to learn from, so the weights stay as they are expected.

#![allow(missing_docs, dead_code, clippy::cast_possible_truncation, clippy::similar_names)]

mod invented;

use invented::{CHANGES, Chance, Held, changed, held};
use kith_linkage::{Person, deduplicate, link};

/// What of a record a file has.
type Columns = fn(&mut Person);

const COLUMNS: [(&str, Columns); 4] = [
    ("everything", |_| {}),
    ("no identifier", |person| person.identifiers.clear()),
    ("no address", |person| {
        person.house_number.clear();
        person.streets.clear();
        person.locality.clear();
        person.postcode.clear();
        person.phones.clear();
    }),
    ("name and birth", |person| {
        *person = Person {
            given_name: person.given_name.clone(),
            family_name: person.family_name.clone(),
            former_names: person.former_names.clone(),
            birth: person.birth,
            ..Person::default()
        };
    }),
];

/// Files of some people each, from all over the register: whole households in a row.
fn files(size: usize) -> impl Iterator<Item = Vec<Held>> {
    let people = held(4_000);
    let count = (people.len() / (size * 7)).min(40);
    (0..count).map(move |at| people[at * size * 7..][..size].to_vec())
}

#[test]
fn who_is_in_both_files_is_found_and_nobody_else() {
    for (columns, strip) in COLUMNS {
        let (mut found, mut said, mut truth) = (0, 0, 0);
        for size in [3, 5, 10, 30, 50] {
            let mut chance = Chance::new(size as u64);
            for people in files(size) {
                let mut left: Vec<Person> = people.iter().map(|held| held.person.clone()).collect();
                let again = |held: &Held| {
                    let change = CHANGES[chance.below(CHANGES.len())];
                    changed(&mut chance, held, change).unwrap_or_else(|| held.person.clone())
                };
                let mut right: Vec<Person> = people.iter().map(again).collect();
                // Half of them are in one file alone, their brothers and sisters perhaps in the other.
                let half = |place: usize| place.is_multiple_of(2);
                for person in left.iter_mut().chain(&mut right) {
                    strip(person);
                }
                let right: Vec<(usize, Person)> = right.into_iter().enumerate().filter(|(at, _)| half(*at)).collect();
                let places: Vec<usize> = right.iter().map(|(at, _)| *at).collect();
                let right: Vec<Person> = right.into_iter().map(|(_, person)| person).collect();
                truth += right.len();
                for pair in link(&left, &right, 0.5) {
                    said += 1;
                    found += usize::from(places[pair.right] == pair.left);
                }
            }
        }
        assert!(said - found <= truth / 50, "{columns}: {} strangers linked, {truth} true", said - found);
        assert!(found * 100 >= truth * 95, "{columns}: {found} found of {truth}");
    }
}

#[test]
fn nobody_is_linked_who_is_in_one_file_alone() {
    for (columns, strip) in COLUMNS {
        let (mut said, mut people_in_all) = (0, 0);
        for size in [3, 5, 10, 30, 50] {
            for people in files(size) {
                let mut people: Vec<Person> = people.into_iter().map(|held| held.person).collect();
                people.iter_mut().for_each(strip);
                people_in_all += people.len();
                let (left, right): (Vec<_>, Vec<_>) =
                    people.iter().cloned().enumerate().partition(|(at, _)| at.is_multiple_of(2));
                let only = |half: Vec<(usize, Person)>| half.into_iter().map(|(_, person)| person).collect::<Vec<_>>();
                said += link(&only(left), &only(right), 0.5).len() + deduplicate(&people, 0.5).len();
            }
        }
        assert!(
            said <= people_in_all / 200,
            "{columns}: {said} pairs among {people_in_all} people who are all different"
        );
    }
}
