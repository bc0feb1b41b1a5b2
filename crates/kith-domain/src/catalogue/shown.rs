//! What is known of somebody, as it is read in one place: one renderer for the file, for what is known before walking in,
//! and for papers. A new item is read wherever its entry says.

use super::{About, Callout, ITEMS, Item, Need, Paper, SaidOf, value_words};
use crate::form::Fields;

/// Where facts are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The child's file.
    File,
    /// Before walking into a session.
    BeforeSession,
    /// On a paper.
    Paper(Paper),
}

/// A fact as it is read.
#[derive(Clone, PartialEq, Eq)]
pub struct Shown {
    /// Which item.
    pub item: &'static Item,
    /// Its value in words.
    pub words: String,
}

impl Shown {
    /// How it stands out, if it does.
    pub fn callout(&self) -> Option<Callout> {
        self.item.callout
    }

    /// Its label and its value.
    pub fn row(self) -> (String, String) {
        (self.item.label.to_owned(), self.words)
    }
}

impl Item {
    /// Whether it is read there. What is wanted on a referral is not: the plan and the order take it over.
    pub fn is_read(&self, reading: Reading) -> bool {
        match reading {
            Reading::File => self.about != About::Contact,
            Reading::BeforeSession => self.before_session,
            Reading::Paper(paper) => self.papers.contains(&paper),
        }
    }

    /// Whether it is part of the name, which stands above everything else that is read of somebody.
    fn is_name(&self) -> bool {
        matches!(self.code, "given_name" | "family_name")
    }
}

/// What is read of somebody, in the order of the catalogue, without the name that stands above it. A question that only
/// leads to another one is not repeated beside its answer. `name_of` gives the name for the id of a family member.
pub fn shown(reading: Reading, of: SaidOf, values: &Fields, name_of: &dyn Fn(&str) -> String) -> Vec<Shown> {
    let is_read = |item: &&Item| {
        let of_them = item.about.is_of_family() == (of == SaidOf::Family);
        of_them && item.is_read(reading) && !item.is_name() && item.counts(values)
    };
    let items: Vec<&'static Item> = ITEMS.iter().filter(is_read).collect();
    let answered = |item: &Item| {
        items.iter().any(|other| match other.need {
            Need::AskedWhen(when) | Need::OfferedWhen(when) => {
                when.item == item.code && when.any_of.len() == 1 && other.is_there(values)
            }
            _ => false,
        })
    };
    items
        .iter()
        .filter(|item| !answered(item))
        .filter_map(|item| Some(Shown { item, words: value_words(item, values, name_of)? }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(reading: Reading, of: SaidOf, values: &Fields) -> Vec<&'static str> {
        shown(reading, of, values, &str::to_owned).iter().map(|shown| shown.item.code).collect()
    }

    fn robin() -> Fields {
        [
            ("given_name", "Robin"),
            ("dob", "2021-05-03"),
            ("care_first", "CF-1"),
            ("has_allergies", "yes"),
            ("allergies", "Bee stings: adrenaline pen"),
            ("religion", "Quaker"),
            ("school", "Hill School"),
            ("confidential", "no"),
            ("minutes", "90"),
        ]
        .into_iter()
        .collect()
    }

    #[test]
    fn an_item_is_read_where_its_entry_says() {
        assert_eq!(
            codes(Reading::File, SaidOf::Child, &robin()),
            ["birth", "care_first", "religion", "school", "allergies", "confidential"]
        );
        assert_eq!(codes(Reading::BeforeSession, SaidOf::Child, &robin()), ["birth", "religion", "allergies"]);
        assert_eq!(codes(Reading::Paper(Paper::Report), SaidOf::Child, &robin()), ["birth", "care_first"]);
        let none: Fields = [("has_allergies", "no")].into_iter().collect();
        let seen = shown(Reading::BeforeSession, SaidOf::Child, &none, &str::to_owned);
        assert_eq!(seen[0].words, "None known", "that nothing is known is said, and not left out");
    }

    #[test]
    fn every_item_of_the_catalogue_is_read_somewhere_beside_the_form() {
        for item in ITEMS.iter().filter(|item| item.about != About::Contact) {
            assert!(item.is_read(Reading::File), "{}", item.key());
        }
    }

    #[test]
    fn what_nobody_may_miss_stands_out() {
        let titles: Vec<&str> = shown(Reading::BeforeSession, SaidOf::Child, &robin(), &str::to_owned)
            .iter()
            .filter_map(|shown| Some(shown.callout()?.title))
            .collect();
        assert_eq!(titles, ["Allergy"]);
    }
}
