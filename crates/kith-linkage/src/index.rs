//! One question against everybody who is held.

use std::fmt;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::block::{Width, keys};
use crate::compare::compare;
use crate::frequency::Frequencies;
use crate::model::{Model, probability};
use crate::person::Person;
use crate::prepared::Prepared;
use crate::reason::reasons;

/// Chance, before anything is compared, that the person asked for is held at all.
const HELD: f64 = 0.3;
/// Most people of one block that a question is compared with: 20 of them are compared in a few milliseconds.
const BLOCK: usize = 2_000;

/// Somebody held who may be the one asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// What [`Index::add`] gave for them.
    pub place: usize,
    /// Probability that it is the person asked for, from 0 to 1.
    pub probability: f64,
    /// Why, in words; nothing of what the records say.
    pub reasons: String,
}

/// Everybody who is held, ready to be asked. The weights are those expected of any register; the frequencies of names and
/// places are those of the people held.
#[derive(Clone, Default)]
pub struct Index {
    people: Vec<Option<Prepared>>,
    blocks: FxHashMap<u64, Vec<u32>>,
    frequencies: Frequencies,
    held: usize,
}

/// Says how many are held.
impl fmt::Debug for Index {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Index of {} people", self.held)
    }
}

impl Index {
    /// An index of nobody.
    pub fn new() -> Index {
        Index::default()
    }

    /// Holds a person more; gives their place, by which answers name them. Places count from 0 and are not used again.
    pub fn add(&mut self, person: &Person) -> usize {
        let person = Prepared::new(person);
        let place = self.people.len();
        let mut held = Vec::new();
        keys(&person, Width::Wide, &mut held);
        for key in held {
            self.blocks.entry(key).or_default().push(u32::try_from(place).unwrap_or(u32::MAX));
        }
        self.frequencies.change(&person, true);
        self.people.push(Some(person));
        self.held += 1;
        place
    }

    /// Holds a person no more: nothing of them is kept. Nothing happens when nobody is at this place.
    pub fn remove(&mut self, place: usize) {
        let Some(person) = self.people.get_mut(place).and_then(Option::take) else { return };
        let mut held = Vec::new();
        keys(&person, Width::Wide, &mut held);
        for key in held {
            if let Some(block) = self.blocks.get_mut(&key) {
                block.retain(|other| *other as usize != place);
                if block.is_empty() {
                    self.blocks.remove(&key);
                }
            }
        }
        self.frequencies.change(&person, false);
        self.held -= 1;
    }

    /// How many people are held.
    pub fn len(&self) -> usize {
        self.held
    }

    /// Whether nobody is held.
    pub fn is_empty(&self) -> bool {
        self.held == 0
    }

    /// Who of those held may be the person asked for: at most `most`, with at least the probability `least`, the likeliest
    /// first; among equals the one first added.
    pub fn find(&self, question: &Person, most: usize, least: f64) -> Vec<Found> {
        let question = Prepared::new(question);
        let model = self.model();
        let mut found: Vec<(f32, u32)> = self
            .candidates(&question)
            .into_iter()
            .filter_map(|place| {
                let held = self.people.get(place as usize)?.as_ref()?;
                let odds = model.odds(&model.weigh(&compare(&question, held), &self.frequencies)).same();
                (probability(odds) >= least).then_some((odds, place))
            })
            .collect();
        found.sort_unstable_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        found.truncate(most);
        found
            .into_iter()
            .filter_map(|(odds, place)| {
                let held = self.people[place as usize].as_ref()?;
                let reasons = reasons(&question, held);
                Some(Found { place: place as usize, probability: probability(odds), reasons })
            })
            .collect()
    }

    fn model(&self) -> Model {
        #[expect(clippy::cast_precision_loss, reason = "numbers of people are far below 2^52")]
        Model::expected(HELD / (self.held as f64).max(1.0), self.held as f64)
    }

    /// Those who share a key with the question. Blocks that are too big are left out, unless there are no others: then their
    /// first people are taken.
    fn candidates(&self, question: &Prepared) -> Vec<u32> {
        let mut asked = Vec::new();
        keys(question, Width::Wide, &mut asked);
        let blocks: Vec<&Vec<u32>> = asked.iter().filter_map(|key| self.blocks.get(key)).collect();
        let mut found: FxHashSet<u32> = FxHashSet::default();
        for block in blocks.iter().filter(|block| block.len() <= BLOCK) {
            found.extend(block.iter());
        }
        if found.is_empty()
            && let Some(block) = blocks.iter().min_by_key(|block| block.len())
        {
            found.extend(block.iter().take(BLOCK));
        }
        found.into_iter().collect()
    }
}

/// The probability that two records, taken from among `people`, are of one person, and why, by the weights expected of any
/// register. `None` when they have nothing in common that could be compared.
pub fn likelihood(one: &Person, other: &Person, people: usize) -> Option<(f64, String)> {
    let (one, other) = (Prepared::new(one), Prepared::new(other));
    let agreement = compare(&one, &other);
    if agreement.levels.iter().all(|level| *level == crate::level::Level::Missing) {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "numbers of people are far below 2^52")]
    let model = Model::expected(HELD / (people as f64).max(1.0), people as f64);
    let frequencies = Frequencies::default();
    let odds = model.odds(&model.weigh(&agreement, &frequencies)).same();
    Some((probability(odds), reasons(&one, &other)))
}
