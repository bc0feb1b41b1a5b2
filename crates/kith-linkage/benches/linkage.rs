//! A referral against 30,000 people, and files of them against each other: how many are found, and how fast.
//!
//! `cargo bench -p kith-linkage`, or with a number of people: `cargo bench -p kith-linkage -- 5000`. The people and what
//! becomes of them are invented by `tests/invented`, the same in every run.

#![allow(missing_docs, clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::similar_names, dead_code)]

#[path = "../tests/invented/mod.rs"]
mod invented;

use std::time::{Duration, Instant};

use invented::{Blind, CHANGES, Chance, Tally, asked, changed, held, stranger};
use kith_linkage::{Person, SHOWN, deduplicate, link};

/// Questions of each kind.
const QUESTIONS: usize = 1_000;

fn main() {
    let number = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(30_000);
    let people = held(number);
    let start = Instant::now();
    let index = Blind::of(people.iter().map(|held| held.person.clone()));
    println!("{} people held, indexed in {:.2} s", people.len(), start.elapsed().as_secs_f64());
    search(&index, &people);
    if !std::env::args().any(|argument| argument == "search") {
        files(&people);
    }
}

fn search(index: &Blind, people: &[invented::Held]) {
    let mut chance = Chance::new(34);
    let mut all = Tally::default();
    let mut times: Vec<Duration> = Vec::new();
    let mut ask = |question: &Person, truth: Option<usize>, tally: &mut Tally| {
        let start = Instant::now();
        let found = index.find(question, 10, SHOWN);
        times.push(start.elapsed());
        tally.all += 1;
        tally.held += usize::from(truth.is_some());
        tally.among_three += usize::from(found.iter().take(3).any(|found| Some(found.place) == truth));
        tally.false_ones += found.iter().filter(|found| Some(found.place) != truth).count();
    };
    for change in CHANGES {
        let mut tally = Tally::default();
        for _ in 0..QUESTIONS {
            let at = chance.below(people.len());
            if let Some(person) = changed(&mut chance, &people[at], change) {
                ask(&asked(&mut chance, &person), Some(at), &mut tally);
            }
        }
        say(&format!("{change:?}"), tally);
        all.add(tally);
    }
    let mut tally = Tally::default();
    for _ in 0..QUESTIONS {
        let at = chance.below(people.len());
        let twice = CHANGES.map(|change| (chance.below(100), change));
        let mut held = people[at].clone();
        for (_, change) in twice.iter().filter(|(percent, _)| *percent < 22).take(2) {
            if let Some(person) = changed(&mut chance, &held, *change) {
                held.person = person;
            }
        }
        ask(&asked(&mut chance, &held.person), Some(at), &mut tally);
    }
    say("up to two of these", tally);
    all.add(tally);
    let mut tally = Tally::default();
    for _ in 0..2 * QUESTIONS {
        let question = stranger(&mut chance, people);
        ask(&asked(&mut chance, &question), None, &mut tally);
    }
    say("not held", tally);
    all.add(tally);
    say("all", all);
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 1000].as_secs_f64() * 1000.0;
    println!("a question takes {:.2} ms (median), {:.2} ms (99 %), {:.2} ms at most", at(500), at(990), at(1000));
}

fn say(what: &str, tally: Tally) {
    let share = 100.0 * tally.among_three as f64 / tally.held.max(1) as f64;
    println!(
        "{what:20} {:6} questions, {:6} held, {share:6.2} % among the first three, {:.4} false ones shown per question",
        tally.all,
        tally.held,
        tally.false_ones as f64 / tally.all.max(1) as f64
    );
}

fn files(people: &[invented::Held]) {
    let mut chance = Chance::new(7);
    let left: Vec<Person> = people.iter().map(|held| held.person.clone()).collect();
    let (mut right, mut truth) = (Vec::new(), Vec::new());
    for (at, held) in people.iter().enumerate() {
        if chance.percent(50) {
            let change = CHANGES[chance.below(CHANGES.len())];
            truth.push((at, right.len()));
            right.push(changed(&mut chance, held, change).unwrap_or_else(|| held.person.clone()));
        }
    }
    let start = Instant::now();
    let pairs = link(&left, &right, 0.5);
    let seconds = start.elapsed().as_secs_f64();
    let found = pairs.iter().filter(|pair| truth.binary_search(&(pair.left, pair.right)).is_ok()).count();
    println!(
        "link {} with {} people: F1 {:.4} in {seconds:.2} s",
        left.len(),
        right.len(),
        f1(found, pairs.len(), truth.len())
    );
    let mut both = left;
    let half = both.len();
    both.extend(right);
    let start = Instant::now();
    let pairs = deduplicate(&both, 0.5);
    let seconds = start.elapsed().as_secs_f64();
    let found =
        pairs.iter().filter(|pair| pair.right >= half && truth.binary_search(&(pair.left, pair.right - half)).is_ok());
    println!(
        "deduplicate {} people: F1 {:.4} in {seconds:.2} s",
        both.len(),
        f1(found.count(), pairs.len(), truth.len())
    );
}

/// The harmonic mean of precision and recall.
fn f1(found: usize, said: usize, truth: usize) -> f64 {
    2.0 * found as f64 / (said + truth).max(1) as f64
}
