//! Which items of the catalogue an authority holds, and what for: what its register says (DESIGN, decision 15).
//!
//! An item that is not here is not asked and cannot be stored; what a purpose does not cover is not opened for it.

use std::collections::{BTreeMap, BTreeSet};

use super::{About, ITEMS, Item, of_value};
use crate::access::Purpose;
use crate::fact::RELATION_ENDED;
use crate::form::Fields;

/// The items that an authority's register names, each with the purposes for which it may be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegisteredItems(BTreeMap<(About, &'static str), Vec<Purpose>>);

/// Of whom values are said: their codes are told apart only by that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaidOf {
    /// The child, the placement, the order, the contact wanted.
    Child,
    /// A member of the family, and how they stand to the child.
    Family,
}

/// A value that cannot be stored, because its item is not in the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotRegistered {
    /// What the item is called; `None` when the catalogue does not know it either.
    pub label: Option<&'static str>,
}

impl SaidOf {
    /// The item that a value of this name belongs to.
    pub fn item(self, name: &str) -> Option<&'static Item> {
        of_value(self == SaidOf::Family, name)
    }
}

impl RegisteredItems {
    /// Every item of the catalogue, for every purpose that the catalogue gives it.
    pub fn whole_catalogue() -> Self {
        Self(ITEMS.iter().map(|item| ((item.about, item.code), item.purposes.to_vec())).collect())
    }

    /// Puts an item in, with the purposes for which it may be read.
    pub fn put(&mut self, item: &'static Item, purposes: Vec<Purpose>) {
        self.0.insert((item.about, item.code), purposes);
    }

    /// Whether the authority holds an item.
    pub fn has(&self, item: &Item) -> bool {
        self.0.contains_key(&(item.about, item.code))
    }

    /// For what an item may be read; nothing when it is not held.
    pub fn purposes(&self, item: &Item) -> &[Purpose] {
        self.0.get(&(item.about, item.code)).map_or(&[], Vec::as_slice)
    }

    /// Whether an item may be read for a purpose: for those that the register gives it, and for answering people about what is held
    /// of them, and for an archive, whatever is held, since it is all of it that they ask for (UK GDPR Art 15, Art 89).
    pub fn covers(&self, item: &Item, purpose: Purpose) -> bool {
        self.purposes(item).contains(&purpose) || (purpose.is_of_everything() && self.has(item))
    }

    /// Leaves of these values what a purpose covers.
    pub fn keep_readable(&self, of: SaidOf, values: &mut Fields, purpose: Purpose) {
        let covered =
            |name: &str| name == RELATION_ENDED || of.item(name).is_some_and(|item| self.covers(item, purpose));
        if !values.names().all(covered) {
            *values = values.only(covered);
        }
    }

    /// The keys of the items that these values are of. [`NotRegistered`] for the first one that the register does not
    /// name; a value that is blank is none.
    pub fn keys_of(&self, of: SaidOf, values: &Fields) -> Result<BTreeSet<String>, NotRegistered> {
        let mut keys = BTreeSet::new();
        let said = values.iter().filter(|(name, value)| !value.trim().is_empty() && *name != RELATION_ENDED);
        for (name, _) in said {
            let item = of.item(name).ok_or(NotRegistered { label: None })?;
            if !self.has(item) {
                return Err(NotRegistered { label: Some(item.label) });
            }
            keys.insert(item.key());
        }
        Ok(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::by_key;

    fn without(key: &str) -> RegisteredItems {
        let item = by_key(key).expect("an item");
        let mut items = RegisteredItems::whole_catalogue();
        items.0.remove(&(item.about, item.code));
        items
    }

    #[test]
    fn what_the_register_does_not_name_cannot_be_stored() {
        // DESIGN, decision 15: "What is not in the catalogue and in the authority's register cannot be stored".
        let items = without("child.religion");
        let child: Fields = [("given_name", "Robin"), ("religion", "Quaker")].into_iter().collect();
        assert_eq!(
            items.keys_of(SaidOf::Child, &child),
            Err(NotRegistered { label: Some("Religion or belief") }),
            "of the child"
        );
        assert!(items.keys_of(SaidOf::Family, &child).is_ok(), "of a parent it is another item, and held");
        let blank: Fields = [("given_name", "Robin"), ("religion", " ")].into_iter().collect();
        assert_eq!(items.keys_of(SaidOf::Child, &blank), Ok(BTreeSet::from(["child.given_name".to_owned()])));
        let made_up: Fields = [("nickname", "Robbie")].into_iter().collect();
        assert_eq!(items.keys_of(SaidOf::Child, &made_up), Err(NotRegistered { label: None }));
    }

    #[test]
    fn what_a_purpose_does_not_cover_is_not_opened() {
        // Handbook section 12: "Kith refuses what the purpose does not cover".
        let mut items = RegisteredItems::whole_catalogue();
        items.put(by_key("child.religion").expect("an item"), vec![Purpose::ServiceDelivery]);
        let child: Fields = [("given_name", "Robin"), ("religion", "Quaker"), ("dob-day", "3"), ("dob", "2021-05-03")]
            .into_iter()
            .collect();
        let read = |purpose| {
            let mut values = child.clone();
            items.keep_readable(SaidOf::Child, &mut values, purpose);
            values.names().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(read(Purpose::ServiceDelivery), ["dob", "dob-day", "given_name", "religion"]);
        assert_eq!(read(Purpose::OfficialReporting), ["dob", "dob-day", "given_name"]);
        assert_eq!(read(Purpose::ServicePlanning), ["dob", "dob-day"], "what is counted, and no name");
        assert!(read(Purpose::Administration).is_empty());
        // UK GDPR Art 15(1): "access to the personal data".
        assert_eq!(read(Purpose::Rights), ["dob", "dob-day", "given_name", "religion"], "all that is held");
        // UK GDPR Art 89: what is archived is the file, not a choice of it.
        assert_eq!(read(Purpose::Archiving), ["dob", "dob-day", "given_name", "religion"], "all that is held");
    }
}
