//! Linking two files, and finding who is in one file twice.

use std::num::NonZero;
use std::thread;

use rustc_hash::FxHashMap;

use crate::block::keys;
use crate::compare::{Agreement, compare};
use crate::frequency::Frequencies;
use crate::learn;
use crate::model::{Model, Weighed, probability};
use crate::person::Person;
use crate::prepared::Prepared;
use crate::reason::reasons;

/// Most people of a block that one record is compared with.
const BLOCK: usize = 48;
/// Share of the people of the smaller file that are expected to have a partner, before learning.
const EXPECTED_PARTNERS: f64 = 0.4;

/// Two records that are held to be of one person.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// Place in the left file, or of the earlier record in the one file.
    pub left: usize,
    /// Place in the right file, or of the later record in the one file.
    pub right: usize,
    /// Probability that both are one person, from 0 to 1.
    pub probability: f64,
    /// Why, in words; nothing of what the records say.
    pub reasons: String,
}

/// Links two files of people: pairs with at least the probability `least`, in the order of the left file.
///
/// Nobody gets two partners, unless these are one person by the same measure: a record of the right file that two of the left
/// claim goes to the better claim.
pub fn link(left: &[Person], right: &[Person], least: f64) -> Vec<Pair> {
    let (left, right) = prepare(left, right);
    let linkage = Linkage::learn(&left, &right, false);
    let mut claims = linkage.claims(least);
    one_partner(&linkage, &mut claims);
    linkage.pairs(claims)
}

/// Finds the records of one file that are of one person: pairs with at least the probability `least`, each once, the earlier
/// record first.
pub fn deduplicate(people: &[Person], least: f64) -> Vec<Pair> {
    let (people, _) = prepare(people, &[]);
    let linkage = Linkage::learn(&people, &people, true);
    linkage.pairs(linkage.claims(least))
}

/// How many threads work: what the machine offers. The answer does not depend on it.
fn threads() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Does the same with each piece of `items`, at once, and gives the results in order.
fn in_pieces<T: Sync, R: Send>(items: &[T], work: impl Fn(usize, &[T]) -> R + Sync) -> Vec<R> {
    let piece = items.len().div_ceil(threads()).max(256);
    let work = &work;
    thread::scope(|scope| {
        let running: Vec<_> =
            items.chunks(piece).enumerate().map(|(at, items)| scope.spawn(move || work(at * piece, items))).collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

fn prepare(left: &[Person], right: &[Person]) -> (Vec<Prepared>, Vec<Prepared>) {
    let all = |people: &[Person]| {
        in_pieces(people, |_, people| people.iter().map(Prepared::new).collect::<Vec<_>>()).concat()
    };
    (all(left), all(right))
}

/// A pair that is a candidate, with its logarithmic odds once they are known.
#[derive(Clone, Copy)]
struct Claim {
    left: u32,
    right: u32,
    odds: f32,
}

struct Linkage<'a> {
    left: &'a [Prepared],
    right: &'a [Prepared],
    frequencies: Frequencies,
    model: Model,
    compared: Vec<(Claim, Weighed)>,
}

impl<'a> Linkage<'a> {
    fn learn(left: &'a [Prepared], right: &'a [Prepared], one_file: bool) -> Linkage<'a> {
        let smaller = as_float(left.len().min(right.len()));
        let pairs = if one_file {
            smaller * (smaller - 1.0).max(0.0) / 2.0
        } else {
            as_float(left.len()) * as_float(right.len())
        };
        let frequencies =
            if one_file { Frequencies::of(left.iter()) } else { Frequencies::of(left.iter().chain(right)) };
        let pairs = pairs.max(1.0);
        let mut model = Model::expected(smaller * EXPECTED_PARTNERS / pairs, as_float(left.len().max(right.len())));
        learn::chances(&mut model, left, right, one_file, &frequencies);
        let candidates = Blocking::new(left, right, one_file).candidates();
        let compared: Vec<(Claim, Weighed)> = in_pieces(&candidates, |_, candidates| {
            let weigh = |claim: &Claim| {
                let agreement: Agreement = compare(&left[claim.left as usize], &right[claim.right as usize]);
                let weighed = model.weigh(&agreement, &frequencies);
                model.odds(&weighed).teaches().then_some((*claim, weighed))
            };
            candidates.iter().filter_map(weigh).collect::<Vec<_>>()
        })
        .concat();
        let weighed: Vec<Weighed> = compared.iter().map(|(_, weighed)| *weighed).collect();
        learn::same(&mut model, &weighed, pairs);
        Linkage { left, right, frequencies, model, compared }
    }

    /// The candidates with at least this probability.
    fn claims(&self, least: f64) -> Vec<Claim> {
        let mut claims = Vec::new();
        for (claim, weighed) in &self.compared {
            let odds = self.model.odds(weighed).same();
            if probability(odds) >= least {
                claims.push(Claim { odds, ..*claim });
            }
        }
        claims
    }

    /// Whether two records, of whichever file, are more likely of one person than not.
    fn one_person(&self, one: &Prepared, other: &Prepared) -> bool {
        let weighed = self.model.weigh(&compare(one, other), &self.frequencies);
        self.model.odds(&weighed).same() >= 0.0
    }

    fn pairs(&self, claims: Vec<Claim>) -> Vec<Pair> {
        let mut claims = claims;
        claims.sort_unstable_by_key(|claim| (claim.left, claim.right));
        in_pieces(&claims, |_, claims| {
            let pair = |claim: &Claim| {
                let (left, right) = (claim.left as usize, claim.right as usize);
                Pair {
                    left,
                    right,
                    probability: probability(claim.odds),
                    reasons: reasons(&self.left[left], &self.right[right]),
                }
            };
            claims.iter().map(pair).collect::<Vec<_>>()
        })
        .concat()
    }
}

/// Leaves everybody their best partner, and further ones only where these are one person.
fn one_partner(linkage: &Linkage<'_>, claims: &mut Vec<Claim>) {
    claims.sort_unstable_by(|one, other| {
        other.odds.total_cmp(&one.odds).then((one.left, one.right).cmp(&(other.left, other.right)))
    });
    let mut rights: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    let mut lefts: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    claims.retain(|claim| {
        let partners = rights.entry(claim.left).or_default();
        let claimants = lefts.entry(claim.right).or_default();
        let right = |place: u32| &linkage.right[place as usize];
        let left = |place: u32| &linkage.left[place as usize];
        let fits = partners.iter().all(|partner| linkage.one_person(right(*partner), right(claim.right)))
            && claimants.iter().all(|claimant| linkage.one_person(left(*claimant), left(claim.left)));
        if fits {
            partners.push(claim.right);
            claimants.push(claim.left);
        }
        fits
    });
}

/// Who of the right file is found under which key.
struct Blocking<'a> {
    left: &'a [Prepared],
    one_file: bool,
    /// For each key its block, and the places of the block's people in `places`.
    blocks: FxHashMap<u64, (u32, u32)>,
    places: Vec<u32>,
    /// The order in which neighbours are looked for in big blocks: of each left and right record.
    ranks: (Vec<u32>, Vec<u32>),
}

impl<'a> Blocking<'a> {
    fn new(left: &'a [Prepared], right: &'a [Prepared], one_file: bool) -> Blocking<'a> {
        let ranks = ranks(left, right, one_file);
        let keyed: Vec<(Vec<u64>, Vec<u32>)> = in_pieces(right, |_, people| {
            let (mut all, mut lengths, mut held) = (Vec::new(), Vec::with_capacity(people.len()), Vec::new());
            for person in people {
                keys(person, &mut held);
                all.extend_from_slice(&held);
                lengths.push(as_place(held.len()));
            }
            (all, lengths)
        });
        // Each block's length first, then its place, then its people: one table, one list.
        let mut blocks: FxHashMap<u64, (u32, u32)> = FxHashMap::default();
        blocks.reserve(keyed.iter().map(|(keys, _)| keys.len()).sum());
        for key in keyed.iter().flat_map(|(keys, _)| keys) {
            blocks.entry(*key).or_default().1 += 1;
        }
        let mut start = 0;
        for (first, length) in blocks.values_mut() {
            *first = start;
            start += *length;
            *length = 0;
        }
        let mut places = vec![0; start as usize];
        let mut person = 0;
        for (keys, lengths) in &keyed {
            let mut keys = keys.iter();
            for length in lengths {
                for key in keys.by_ref().take(*length as usize) {
                    if let Some((first, length)) = blocks.get_mut(key) {
                        places[(*first + *length) as usize] = person;
                        *length += 1;
                    }
                }
                person += 1;
            }
        }
        for (first, length) in blocks.values() {
            if *length as usize > BLOCK {
                let block = &mut places[*first as usize..(*first + *length) as usize];
                block.sort_unstable_by_key(|place| ranks.1[*place as usize]);
            }
        }
        Blocking { left, one_file, blocks, places, ranks }
    }

    /// The pairs that share a key, each once, in order.
    fn candidates(&self) -> Vec<Claim> {
        in_pieces(self.left, |from, people| {
            let (mut held, mut met, mut found) = (Vec::new(), Vec::new(), Vec::new());
            for (place, person) in (from..).zip(people) {
                keys(person, &mut held);
                met.clear();
                for key in &held {
                    let Some((first, length)) = self.blocks.get(key) else { continue };
                    let block = &self.places[*first as usize..(*first + *length) as usize];
                    met.extend_from_slice(self.neighbours(block, place));
                }
                met.sort_unstable();
                met.dedup();
                let left = as_place(place);
                let others = met.iter().filter(|right| !self.one_file || **right > left);
                found.extend(others.map(|right| Claim { left, right: *right, odds: 0.0 }));
            }
            found
        })
        .concat()
    }

    /// The people of a block that this one is compared with: all, or the nearest.
    fn neighbours<'b>(&self, block: &'b [u32], place: usize) -> &'b [u32] {
        if block.len() <= BLOCK {
            return block;
        }
        let rank = self.ranks.0[place];
        let middle = block.partition_point(|held| self.ranks.1[*held as usize] < rank);
        let from = middle.saturating_sub(BLOCK / 2).min(block.len() - BLOCK);
        &block[from..from + BLOCK]
    }
}

/// The places of all records in an order by names, birth and address.
fn ranks(left: &[Prepared], right: &[Prepared], one_file: bool) -> (Vec<u32>, Vec<u32>) {
    let sort_key = |person: &Prepared| {
        let part = |part: &Option<crate::name::NamePart>| part.as_ref().map_or(0, |part| start(part.core.text()));
        let birth = crate::compare::birth_value(person);
        (
            part(&person.names.family),
            part(&person.names.given),
            birth,
            person.postcode.as_ref().map_or(0, |code| code.hash),
        )
    };
    let right = if one_file { &[] } else { right };
    let mut order: Vec<_> = left.iter().chain(right).map(sort_key).zip(0_u32..).collect();
    order.sort_unstable();
    let mut ranks = vec![0; order.len()];
    for ((_, place), rank) in order.iter().zip(0..) {
        ranks[*place as usize] = rank;
    }
    let rights = if one_file { ranks.clone() } else { ranks.split_off(left.len()) };
    (ranks, rights)
}

/// The first eight letters, as a number that sorts as they do.
fn start(text: &str) -> u64 {
    let mut start = [0; 8];
    for (byte, letter) in start.iter_mut().zip(text.bytes()) {
        *byte = letter;
    }
    u64::from_be_bytes(start)
}

fn as_place(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "numbers of people are far below 2^52")]
fn as_float(number: usize) -> f64 {
    number as f64
}
