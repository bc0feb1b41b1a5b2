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
pub const MARKS: i64 = 2;
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
/// How the mark of a name's beginning begins.
pub(crate) const START: char = 'b';
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

/// What somebody can be found by without being opened: short texts, each to be hashed under a key before it is stored.
///
/// Many people share one mark, so it takes long to find all who do. Two marks together are shared by few: whoever may be the
/// person asked for has two in common, or a number, and is found by that.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Marks {
    /// Names by sound and nickname, year and day of birth (day and month in either order), numbers without prefix.
    pub single: Vec<String>,
    /// Two of them together, names by their beginnings too.
    pub pairs: Vec<String>,
}

/// Says how many there are.
impl fmt::Debug for Marks {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} marks, {} pairs", self.single.len(), self.pairs.len())
    }
}

/// Something that the person asked for is found by.
#[derive(Clone, PartialEq, Eq)]
pub struct Asked {
    /// The marks, or pairs of marks, of which one is enough.
    pub alternatives: Marks,
    /// What who has one of them has in common with the person asked for: places in [`Question::in_common`].
    pub in_common: Vec<usize>,
}

/// Says how many there are.
impl fmt::Debug for Asked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Asked by one of {:?}", self.alternatives)
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
    elements: Vec<Element>,
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
        let asked = Prepared::new(asked);
        let elements = elements(&asked);
        Question { asked, elements, model: Model::expected(HELD / people.max(1.0), people) }
    }

    /// What somebody may have in common with the person asked for, each with how much it says, in bits.
    pub fn in_common(&self) -> Vec<u32> {
        self.elements.iter().map(|element| element.bits).collect()
    }

    /// By what those who come into question are found: who has things of [`least_bits`](Self::least_bits) in common, those with
    /// most first and [`OPENED`] at most, is opened and compared. Each thing in common counts once, by however many pairs it is
    /// found.
    pub fn asks(&self) -> Vec<Asked> {
        let alone = |element: &Element| self.elements.len() == 1 || element.is_number();
        let single = |(place, element): (usize, &Element)| {
            let alternatives = Marks { single: element.marks.clone(), ..Marks::default() };
            alone(element).then(|| Asked { alternatives, in_common: vec![place] })
        };
        let mut asked: Vec<Asked> = self.elements.iter().enumerate().filter_map(single).collect();
        asked.extend(pairs_of(&self.elements).map(|(one, other, pairs)| Asked {
            alternatives: Marks { pairs, ..Marks::default() },
            in_common: vec![one, other],
        }));
        asked
    }

    /// With how many bits in common somebody comes into question.
    pub fn least_bits(&self) -> u32 {
        self.elements.iter().map(|element| element.bits).sum::<u32>().min(LEAST_BITS)
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

/// What somebody is found by.
pub fn marks(person: &Person) -> Marks {
    let person = Prepared::new(person);
    let elements = elements(&person);
    // The beginning of a name alone is found by its letters.
    let single = elements.iter().flat_map(|element| &element.marks).filter(|mark| !mark.starts_with(START));
    let mut marks = Marks {
        single: single.cloned().collect(),
        pairs: pairs_of(&elements).flat_map(|(_, _, pairs)| pairs).collect(),
    };
    for marks in [&mut marks.single, &mut marks.pairs] {
        marks.sort_unstable();
        marks.dedup();
    }
    marks
}

/// One thing that two records of one person have in common.
struct Element {
    /// The marks of which one is enough.
    marks: Vec<String>,
    /// How much it says.
    bits: u32,
}

impl Element {
    /// Whether it is a number, which says enough by itself: no pairs are made with it.
    fn is_number(&self) -> bool {
        self.bits >= LEAST_BITS
    }
}

fn elements(person: &Prepared) -> Vec<Element> {
    let mut elements: Vec<Element> = Vec::new();
    let mut add = |marks: Vec<String>, bits| {
        if !marks.is_empty() && !elements.iter().any(|known| known.marks == marks) {
            elements.push(Element { marks, bits });
        }
    };
    for (word, given) in names(person) {
        add(word_marks(word, given), NAME_BITS);
    }
    match person.birth.map(birth_marks) {
        Some(BirthMarks::On { year, day }) => {
            add(vec![year], YEAR_BITS);
            add(vec![day], DAY_BITS);
        }
        Some(BirthMarks::Between(years)) => add(years, BETWEEN_BITS),
        None => {}
    }
    for phone in &person.phones {
        add(vec![format!("p{}", phone.digits())], PHONE_BITS);
    }
    for identifier in &person.identifiers {
        add(vec![format!("i{}", identifier.digits())], IDENTIFIER_BITS);
    }
    elements
}

/// Each two of what is no number, with the pairs of marks by which both are found.
fn pairs_of(elements: &[Element]) -> impl Iterator<Item = (usize, usize, Vec<String>)> {
    let paired = || elements.iter().enumerate().filter(|(_, element)| !element.is_number());
    paired().flat_map(move |(one, first)| {
        paired().filter(move |(other, _)| *other > one).map(move |(other, second)| {
            let both = first.marks.iter().flat_map(|mark| second.marks.iter().map(move |beside| pair(mark, beside)));
            (one, other, both.collect())
        })
    })
}

/// Two marks as one, in whichever order they come: a given name may have been written as the family's.
fn pair(one: &str, other: &str) -> String {
    format!("{}+{}", one.min(other), one.max(other))
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
    let mut marks = vec![sound, format!("{START}{start}")];
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
        let Marks { single, pairs } = marks(&person);
        let (groups, others): (Vec<&str>, Vec<&str>) =
            single.iter().map(String::as_str).partition(|mark| mark.starts_with('n'));
        assert_eq!(others, ["d3-4", "i4512", "p1632960001", "s18723", "s5a7", "s793", "s7935a7", "y2019"]);
        assert!(!groups.is_empty(), "{groups:?}");
        // Four words of names by two marks each, a year and a day; but two of the words begin in the same way.
        let without: Vec<&str> = pairs
            .iter()
            .map(String::as_str)
            .filter(|pair| !pair.split('+').any(|mark| mark.starts_with('n')))
            .collect();
        assert_eq!(without.len(), 6 * 4 + 4 * 2 * 2 + 1 - 6);
        for pair in ["beli+bsmi", "beli+s793", "bsmi+y2019", "d3-4+s793", "d3-4+y2019"] {
            assert!(without.contains(&pair), "{pair}");
        }
        assert!(!pairs.iter().any(|pair| pair.contains('p') || pair.contains("i45")), "a number needs no other");
        assert_eq!((MARKS, include_str!("data/nicknames.txt").len()), (2, NICKNAMES_BYTES));
    }

    /// Whoever is asked for by two things is found by their pair; who has one of them in common is not.
    #[test]
    fn two_things_in_common_are_found_and_one_is_not() {
        let held = marks(&Person {
            given_name: "Elizabeth".to_owned(),
            family_name: "Smith".to_owned(),
            birth: Some(Birth::on(2019, 4, 3)),
            ..Person::default()
        });
        let bits = |given_name: &str, family_name: &str, birth| {
            let person = Person {
                given_name: given_name.to_owned(),
                family_name: family_name.to_owned(),
                birth,
                ..Person::default()
            };
            let question = Question::new(&person, 30_000);
            let found = |asked: &Asked| {
                let (single, pairs) = (&asked.alternatives.single, &asked.alternatives.pairs);
                single.iter().any(|mark| held.single.contains(mark))
                    || pairs.iter().any(|pair| held.pairs.contains(pair))
            };
            let asks = question.asks();
            let common: std::collections::BTreeSet<usize> =
                asks.iter().filter(|asked| found(asked)).flat_map(|asked| asked.in_common.clone()).collect();
            let bits = question.in_common();
            common.into_iter().map(|place| bits[place]).sum::<u32>()
        };
        let born = Some(Birth::on(2019, 3, 4));
        assert_eq!(bits("Liz", "Smyth", born), 2 * NAME_BITS + YEAR_BITS + DAY_BITS);
        assert_eq!(bits("Smith", "Elizabeth", None), 2 * NAME_BITS);
        assert_eq!(bits("Ada", "Quill", born), YEAR_BITS + DAY_BITS);
        assert_eq!(bits("Liz", "Quill", Some(Birth::on(2019, 7, 21))), NAME_BITS + YEAR_BITS);
        assert_eq!(bits("Liz", "Quill", Some(Birth::on(1999, 7, 21))), 0);
        assert_eq!(bits("Liz", "", None), NAME_BITS, "nothing else was asked by");
    }

    const NICKNAMES_BYTES: usize = 11155;

    #[test]
    fn nothing_asked_is_nobody() {
        let nobody = Question::new(&Person::default(), 10);
        assert!(nobody.asks().is_empty() && nobody.likely(&Person::default()).is_none());
    }
}
