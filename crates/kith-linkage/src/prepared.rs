//! A person ready to be compared: everything folded, divided and hashed once.

use std::fmt;

use crate::birth::Birth;
use crate::name::Names;
use crate::number::Number;
use crate::person::{Person, Sex};
use crate::place::{House, Postcode, Street, town};
use crate::text::{hash, mix};
use crate::word::Word;

/// Most former names, telephone numbers and identifiers of one person that are compared.
const MOST_VALUES: usize = 16;
/// Most parts of an address between house and locality that are compared.
const MOST_STREETS: usize = 2;
/// Longest value that is read, in bytes: what is longer is no name and no address, and is cut.
const LONGEST_BYTES: usize = 512;

/// A person ready to be compared.
#[derive(Clone)]
pub(crate) struct Prepared {
    pub(crate) names: Names,
    pub(crate) birth: Option<Birth>,
    pub(crate) sex: Option<Sex>,
    pub(crate) house: Option<House>,
    pub(crate) streets: Vec<Street>,
    pub(crate) locality: Option<Word>,
    pub(crate) postcode: Option<Postcode>,
    pub(crate) county: Option<Word>,
    pub(crate) phones: Vec<Number>,
    pub(crate) identifiers: Vec<Number>,
    /// The hash of all that was said.
    pub(crate) whole: u64,
}

impl Prepared {
    pub(crate) fn new(person: &Person) -> Prepared {
        let former: Vec<String> =
            person.former_names.iter().take(MOST_VALUES).map(|name| cut(name).to_owned()).collect();
        let mut streets = Vec::new();
        let mut house = House::new(cut(&person.house_number));
        for line in &person.streets {
            let (street, number) = Street::new(cut(line));
            if house.is_none() {
                house = number;
            }
            if let Some(street) = street
                && streets.len() < MOST_STREETS
                && !streets.iter().any(|held: &Street| held.core.hash == street.core.hash)
            {
                streets.push(street);
            }
        }
        let numbers = |texts: &[String], read: fn(&str) -> Option<Number>| {
            texts.iter().take(MOST_VALUES).filter_map(|text| read(cut(text))).collect::<Vec<_>>()
        };
        let names = Names::new(cut(&person.given_name), cut(&person.family_name), &former);
        let postcode = Postcode::new(cut(&person.postcode));
        let part = |part: &Option<crate::name::NamePart>| part.as_ref().map_or(0, |part| part.core.hash);
        let (year, month, day) = person.birth.and_then(Birth::day).unwrap_or_default();
        let whole = mix(
            0,
            &[
                part(&names.given),
                part(&names.family),
                u64::from(year) << 16 | u64::from(month) << 8 | u64::from(day),
                postcode.as_ref().map_or(0, |postcode| postcode.hash),
                streets.first().map_or(0, |street| street.core.hash),
                hash(&person.house_number),
            ],
        );
        Prepared {
            names,
            birth: person.birth,
            sex: person.sex,
            house,
            streets,
            locality: town(cut(&person.locality)),
            postcode,
            county: town(cut(&person.county)),
            phones: numbers(&person.phones, Number::phone),
            identifiers: numbers(&person.identifiers, Number::identifier),
            whole,
        }
    }
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST_BYTES)]
}

/// Says nothing of the person.
impl fmt::Debug for Prepared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Prepared(..)")
    }
}
