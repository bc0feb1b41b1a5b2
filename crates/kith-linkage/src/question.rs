//! One person asked for: who comes into question, and how likely each of them it is.

use std::fmt;

use crate::birth::Birth;
use crate::compare::compare;
use crate::frequency::Frequencies;
use crate::level::Level;
use crate::model::{Model, probability};
use crate::name::NamePart;
use crate::person::Person;
use crate::prepared::Prepared;
use crate::reason::reasons;
use crate::word::Word;

/// Which marks [`marks`] makes. Raised whenever the same person would have other marks than before: whoever stores them makes
/// all of them anew then.
pub const MARKS: i64 = 1;
/// Most of those who come into question that are opened and compared for one question.
pub const OPENED: usize = 40;

/// From this probability somebody is shown at once to whoever asks.
pub const SHOWN: f64 = 0.3;

/// Chance, before anything is compared, that the person asked for is held at all.
const HELD: f64 = 0.3;
/// Most different words of names that marks are made from.
const MOST_NAMES: usize = 8;
/// Letters of a name's beginning.
const START_LETTERS: usize = 3;
/// Most years between which a birth lies that are marks.
const MOST_YEARS: u16 = 4;

// How much a mark says, in bits: the logarithm of how few share it, of thirty thousand people.
const NAME_BITS: u32 = 6;
const YEAR_BITS: u32 = 5;
const DAY_BITS: u32 = 7;
const BETWEEN_BITS: u32 = 3;
const PHONE_BITS: u32 = 12;
const IDENTIFIER_BITS: u32 = 15;
/// With fewer bits in common nobody comes into question: two names, or a name and the year of birth.
const LEAST_BITS: u32 = 11;

/// Something that the person asked for is found by.
#[derive(Clone, PartialEq, Eq)]
pub struct Asked {
    /// The marks of which one is enough.
    pub alternatives: Vec<String>,
    /// How much it says, in bits.
    pub bits: u32,
}

/// Says how many there are.
impl fmt::Debug for Asked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Asked by one of {} marks, {} bits", self.alternatives.len(), self.bits)
    }
}

/// How likely somebody held is the person asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Likely {
    /// From 0 to 1.
    pub probability: f64,
    /// Why, in words, divided by semicolons; nothing of what the records say.
    pub reasons: String,
}

/// One person asked for.
pub struct Question {
    asked: Prepared,
    model: Model,
}

/// Says nothing of the person.
impl fmt::Debug for Question {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Question(..)")
    }
}

impl Question {
    /// Asks for a person among so many who are held.
    pub fn new(asked: &Person, people: usize) -> Question {
        #[expect(clippy::cast_precision_loss, reason = "numbers of people are far below 2^52")]
        let people = people as f64;
        Question { asked: Prepared::new(asked), model: Model::expected(HELD / people.max(1.0), people) }
    }

    /// By what those who come into question are found: who has [`least_bits`](Self::least_bits) in common, those with most
    /// first and [`OPENED`] at most, is opened and compared.
    pub fn asks(&self) -> Vec<Asked> {
        let mut asked: Vec<Asked> = Vec::new();
        let mut ask = |alternatives: Vec<String>, bits| {
            let one = Asked { alternatives, bits };
            if !one.alternatives.is_empty() && !asked.contains(&one) {
                asked.push(one);
            }
        };
        for (word, given) in names(&self.asked) {
            ask(word_marks(word, given), NAME_BITS);
        }
        match self.asked.birth.map(birth_marks) {
            Some(BirthMarks::On { year, day }) => {
                ask(vec![year], YEAR_BITS);
                ask(vec![day], DAY_BITS);
            }
            Some(BirthMarks::Between(years)) => ask(years, BETWEEN_BITS),
            None => {}
        }
        for phone in &self.asked.phones {
            ask(vec![format!("p{}", phone.digits())], PHONE_BITS);
        }
        for identifier in &self.asked.identifiers {
            ask(vec![format!("i{}", identifier.digits())], IDENTIFIER_BITS);
        }
        asked
    }

    /// With how many bits in common somebody comes into question.
    pub fn least_bits(&self) -> u32 {
        self.asks().iter().map(|asked| asked.bits).sum::<u32>().min(LEAST_BITS)
    }

    /// How likely somebody is the person asked for, by the weights expected of any register; `None` when the two have nothing in
    /// common that could be compared.
    pub fn likely(&self, held: &Person) -> Option<Likely> {
        let held = Prepared::new(held);
        let agreement = compare(&self.asked, &held);
        if agreement.levels.iter().all(|level| *level == Level::Missing) {
            return None;
        }
        let odds = self.model.odds(&self.model.weigh(&agreement, &Frequencies::default())).same();
        Some(Likely { probability: probability(odds), reasons: reasons(&self.asked, &held) })
    }
}

/// What somebody can be found by without being opened: short texts, each to be hashed under a key before it is stored. Names by
/// sound, beginning and nickname, year and day of birth (day and month in either order), numbers without prefix.
pub fn marks(person: &Person) -> Vec<String> {
    let person = Prepared::new(person);
    let mut marks: Vec<String> = names(&person).into_iter().flat_map(|(word, given)| word_marks(word, given)).collect();
    match person.birth.map(birth_marks) {
        Some(BirthMarks::On { year, day }) => marks.extend([year, day]),
        Some(BirthMarks::Between(years)) => marks.extend(years),
        None => {}
    }
    marks.extend(person.phones.iter().map(|phone| format!("p{}", phone.digits())));
    marks.extend(person.identifiers.iter().map(|identifier| format!("i{}", identifier.digits())));
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// The words of all names, double names also written as one, and whether each is a given name.
fn names(person: &Prepared) -> Vec<(&Word, bool)> {
    let mut names: Vec<(&Word, bool)> = Vec::new();
    let given = person.names.given.iter().chain(&person.names.former_given).map(|part| (part, true));
    let family = person.names.family.iter().chain(&person.names.former_family).map(|part| (part, false));
    for (part, given) in given.chain(family) {
        for word in words_of(part) {
            if names.len() < MOST_NAMES && !names.iter().any(|known| known.0.hash == word.hash && known.1 == given) {
                names.push((word, given));
            }
        }
    }
    names
}

fn words_of(part: &NamePart) -> impl Iterator<Item = &Word> {
    part.words.iter().chain((part.words.len() > 1).then_some(&part.core)).filter(|word| !word.initial())
}

/// The marks of one word of a name, of which any is enough.
pub(crate) fn word_marks(word: &Word, given: bool) -> Vec<String> {
    // A name without a sound (of vowels) is met by its letters.
    let sound = if word.sound == 0 { format!("w{}", word.text()) } else { format!("s{:x}", word.sound) };
    let start: String = word.text().chars().take(START_LETTERS).collect();
    let mut marks = vec![sound, format!("b{start}")];
    if given {
        marks.extend(word.groups.iter().filter(|group| **group != 0).map(|group| format!("n{group}")));
    }
    marks
}

pub(crate) enum BirthMarks {
    On { year: String, day: String },
    Between(Vec<String>),
}

pub(crate) fn birth_marks(birth: Birth) -> BirthMarks {
    if let Some((year, month, day)) = birth.day() {
        // Day and month in either order.
        return BirthMarks::On { year: format!("y{year}"), day: format!("d{}-{}", month.min(day), month.max(day)) };
    }
    let (from, to) = birth.years();
    BirthMarks::Between((from..=to.min(from + MOST_YEARS - 1)).map(|year| format!("y{year}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stored marks depend on the sounds, the list of nicknames and the forms here: when this test fails, [`MARKS`] is raised.
    #[test]
    fn the_same_person_has_the_same_marks_as_long_as_their_number_is_the_same() {
        let person = Person {
            given_name: "Elizabeth".to_owned(),
            family_name: "Smith-Jones".to_owned(),
            birth: Some(Birth::on(2019, 4, 3)),
            phones: vec!["+44 1632 960001".to_owned()],
            identifiers: vec!["CF-004512".to_owned()],
            ..Person::default()
        };
        let groups = marks(&person).into_iter().filter(|mark| mark.starts_with('n')).collect::<Vec<_>>();
        let others: Vec<String> = marks(&person).into_iter().filter(|mark| !mark.starts_with('n')).collect();
        assert_eq!(
            others,
            ["beli", "bjon", "bsmi", "d3-4", "i4512", "p1632960001", "s18723", "s5a7", "s793", "s7935a7", "y2019"]
        );
        assert!(!groups.is_empty(), "{groups:?}");
        assert_eq!((MARKS, include_str!("data/nicknames.txt").len()), (1, NICKNAMES_BYTES));
    }
    const NICKNAMES_BYTES: usize = 11155;

    #[test]
    fn nothing_asked_is_nobody() {
        let nobody = Question::new(&Person::default(), 10);
        assert!(nobody.asks().is_empty() && nobody.likely(&Person::default()).is_none());
    }
}
