//! What is known of somebody, as it was written down.

use std::fmt;

use crate::birth::Birth;

/// Female or male, as far as two records can agree or differ in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sex {
    /// Female.
    Female,
    /// Male.
    Male,
}

impl Sex {
    /// Reads `F`, `female`, `girl`, `woman`, `2`, `M`, `male`, `boy`, `man` or `1` (the numbers of ISO 5218), in any case;
    /// `None` for everything else, which is no evidence.
    pub fn parse(text: &str) -> Option<Sex> {
        match text.trim().to_ascii_lowercase().as_str() {
            "f" | "female" | "girl" | "woman" | "2" => Some(Sex::Female),
            "m" | "male" | "boy" | "man" | "1" => Some(Sex::Male),
            _ => None,
        }
    }
}

/// What is known of somebody. Everything may be empty: what is not known is no evidence.
///
/// Values are given as written; this crate folds case, marks, scripts and punctuation itself.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// Given names. With an empty family name the last of several words is taken as the family name.
    pub given_name: String,
    /// Family name, with its particles and all its parts.
    pub family_name: String,
    /// Former names, other names, other spellings: whole names, family names or given names alone.
    pub former_names: Vec<String>,
    /// Date of birth, or between which days.
    pub birth: Option<Birth>,
    /// Sex.
    pub sex: Option<Sex>,
    /// House number or name. When empty, a number at the beginning of the first street is taken.
    pub house_number: String,
    /// Street, and further lines of the address above the locality: up to two parts are compared.
    pub streets: Vec<String>,
    /// Town, village or suburb.
    pub locality: String,
    /// Postcode, of any country.
    pub postcode: String,
    /// County or state.
    pub county: String,
    /// Telephone numbers.
    pub phones: Vec<String>,
    /// Numbers by which a system knows the person, with or without prefix.
    pub identifiers: Vec<String>,
}

/// Says which items are there, never what they are.
impl fmt::Debug for Person {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items = [
            ("given_name", !self.given_name.is_empty()),
            ("family_name", !self.family_name.is_empty()),
            ("former_names", !self.former_names.is_empty()),
            ("birth", self.birth.is_some()),
            ("sex", self.sex.is_some()),
            ("house_number", !self.house_number.is_empty()),
            ("streets", !self.streets.is_empty()),
            ("locality", !self.locality.is_empty()),
            ("postcode", !self.postcode.is_empty()),
            ("county", !self.county.is_empty()),
            ("phones", !self.phones.is_empty()),
            ("identifiers", !self.identifiers.is_empty()),
        ];
        write!(formatter, "Person with ")?;
        formatter.debug_set().entries(items.iter().filter(|(_, there)| *there).map(|(item, _)| item)).finish()
    }
}
