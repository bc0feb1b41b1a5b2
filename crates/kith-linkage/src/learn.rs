//! Learning the weights from the data at hand, without anybody saying which pairs are true.
//!
//! The chances among records of two people (u) are counted in pairs taken at random, nearly all of which are two people; the
//! chances among records of one person (m) and the number of true pairs by expectation maximisation (A. P. Dempster, N. M.
//! Laird and D. B. Rubin 1977; W. E. Winkler, "Using the EM Algorithm for Weight Computation in the Fellegi-Sunter Model of
//! Record Linkage", 1988; Splink's description of its model estimates u the same way). Pairs that share no key count as two
//! people, so the pairs that blocking chose do not bend the chances.

use crate::compare::{Agreement, compare};
use crate::frequency::Frequencies;
use crate::level::{ALL, FIELDS, LEVELS, Level};
use crate::model::{Model, Weighed, expected, probability};
use crate::prepared::Prepared;

/// Pairs taken at random.
const SAMPLE: u64 = 20_000;
/// As many pairs as what is expected beforehand counts for, in the chances among two people and among one: so a few pairs leave
/// the weights as they are expected, and many decide.
const EXPECTED_OTHERS: f64 = 500.0;
const EXPECTED_SAME: f64 = 100.0;
/// As many pairs as what is expected beforehand counts for, in how many of them are of one person or of one household. In a file
/// of three, learning would otherwise take everybody for one person.
const EXPECTED_PAIRS: f64 = 50.0;
/// Most rounds of learning, and the change in the number of true pairs below which it ends.
const ROUNDS: usize = 15;
const SETTLED: f64 = 0.001;

/// The chances among two people, from pairs taken at random from the two files (or from one, with itself).
pub(crate) fn chances(
    model: &mut Model,
    left: &[Prepared],
    right: &[Prepared],
    one_file: bool,
    frequencies: &Frequencies,
) {
    let (lefts, rights) = (left.len() as u64, right.len() as u64);
    if lefts == 0 || rights == 0 {
        return;
    }
    let mut counts = [[0.0_f64; LEVELS]; FIELDS];
    // A generator of its own, so that the same files give the same weights everywhere (D. E. Knuth's MMIX constants).
    let mut state = 0x4B69_7468_u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((state >> 33) % below).unwrap_or(0)
    };
    for _ in 0..SAMPLE.min(lefts * rights) {
        let (one, other) = (next(lefts), next(rights));
        if one_file && one == other {
            continue;
        }
        let agreement = compare(&left[one], &right[other]);
        // In small files a true pair is no rarity.
        if model.odds(&model.weigh(&agreement, frequencies)).one_person > 0.0 {
            continue;
        }
        count(&mut counts, &agreement, 1.0);
    }
    let beforehand = expected(false);
    let order = crate::level::Field::Order as usize;
    for field in ALL {
        let field = field as usize;
        if field != order {
            model.u[field] = shares(&counts[field], &beforehand[field], EXPECTED_OTHERS);
        }
    }
}

fn count(counts: &mut [[f64; LEVELS]; FIELDS], agreement: &Agreement, weight: f64) {
    for (counts, level) in counts.iter_mut().zip(agreement.levels) {
        if level != Level::Missing {
            counts[level as usize] += weight;
        }
    }
}

/// Shares of the levels, with what was expected counting as `weight` observations.
fn shares(counts: &[f64; LEVELS], beforehand: &[f32; LEVELS], weight: f64) -> [f32; LEVELS] {
    let all: f64 = counts.iter().sum();
    let mut shares = [0.0; LEVELS];
    for ((share, count), expected) in shares.iter_mut().zip(counts).zip(beforehand) {
        *share = narrow((count + weight * f64::from(*expected)) / (all + weight));
    }
    shares
}

/// The chances among records of one person, and the shares of true pairs and of households among all `pairs` possible ones.
pub(crate) fn same(model: &mut Model, compared: &[Weighed], pairs: f64) {
    let hopeful: Vec<&Weighed> = compared.iter().filter(|weighed| model.odds(weighed).teaches()).collect();
    let beforehand = expected(true);
    let (share, share_of_mates) = (probability(model.prior), probability(model.prior_household));
    let mut before = 0.0;
    for _ in 0..ROUNDS {
        let mut counts = [[0.0_f64; LEVELS]; FIELDS];
        let (mut found, mut mates) = (0.0, 0.0);
        for weighed in &hopeful {
            let odds = model.odds(weighed);
            let probability = probability(odds.same());
            mates += odds.mates();
            if probability < 1e-4 {
                continue;
            }
            found += probability;
            for (counts, level) in counts.iter_mut().zip(weighed.levels) {
                counts[level as usize] += probability;
            }
        }
        for field in ALL {
            let field = field as usize;
            counts[field][Level::Missing as usize] = 0.0;
            model.m[field] = shares(&counts[field], &beforehand[field], EXPECTED_SAME).map(f32::ln);
        }
        let learnt = pairs / (pairs + EXPECTED_PAIRS);
        let blend = |found: f64, expected: f64| learnt * found + (1.0 - learnt) * expected;
        model.prior = log_odds(blend(found / pairs, share));
        model.prior_household = log_odds(blend(mates / pairs, share_of_mates));
        if (found - before).abs() <= SETTLED * found {
            break;
        }
        before = found;
    }
}

/// The logarithmic odds of a share.
pub(crate) fn log_odds(share: f64) -> f32 {
    let share = share.clamp(1e-12, 0.9);
    narrow((share / (1.0 - share)).ln())
}

#[expect(clippy::cast_possible_truncation, reason = "a weight is told by far fewer digits")]
fn narrow(number: f64) -> f32 {
    number as f32
}
