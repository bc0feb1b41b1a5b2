//! Invented people in invented households, and what becomes of them when they are written down a second time.

use kith_linkage::{Birth, Person, Sex};

/// Numbers by a fixed rule, so that every run is the same (D. E. Knuth's MMIX constants, the upper half).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Chance {
        Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// From 0 to one below `below`.
    pub(crate) fn below(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % below
    }

    pub(crate) fn percent(&mut self, of_hundred: usize) -> bool {
        self.below(100) < of_hundred
    }

    /// One of them, the first ones more often.
    fn one<'a>(&mut self, of: &'a [&'static str]) -> &'a str {
        let at = self.below(of.len()).min(self.below(of.len()));
        of[at]
    }
}

struct Community {
    girls: Vec<&'static str>,
    boys: Vec<&'static str>,
    families: Vec<&'static str>,
}

fn communities() -> Vec<Community> {
    let mut communities = Vec::new();
    let lists: Vec<Vec<&'static str>> = include_str!("names.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| Some(line.split_once(": ")?.1.split(' ').collect()))
        .collect();
    for lists in lists.chunks_exact(3) {
        let [girls, boys, families] = lists else { unreachable!() };
        communities.push(Community { girls: girls.clone(), boys: boys.clone(), families: families.clone() });
    }
    communities
}

/// A day of birth as year, month, day.
pub(crate) type Day = (u16, u8, u8);

/// Somebody who is held, with what the variants need.
#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) person: Person,
    pub(crate) born: Day,
}

const STREET_FIRST: [&str; 40] = [
    "High", "Station", "Church", "Mill", "Park", "Victoria", "Albert", "Queen", "King", "Chapel", "School", "Manor",
    "Green", "North", "South", "West", "East", "Grange", "Oak", "Elm", "Ash", "Willow", "Beech", "Cedar", "Maple",
    "Hawthorn", "Garden", "Bridge", "Canal", "River", "Quarry", "Spring", "Meadow", "Orchard", "Hill", "Valley",
    "Moor", "Dale", "Abbey", "Priory",
];
const STREET_SECOND: [&str; 8] = ["Street", "Road", "Lane", "Close", "Avenue", "Drive", "Gardens", "Crescent"];
const TOWNS: [&str; 12] = [
    "Northbridge",
    "Easthaven",
    "Millbrook",
    "Castleford Green",
    "Harwood",
    "Thornley",
    "Ashby Cross",
    "Westmoor",
    "Kingsmead",
    "Oldfield",
    "Riverside",
    "Stonegate",
];

/// A name as a form has it.
pub(crate) fn capital(name: &str) -> String {
    let mut start = true;
    name.chars()
        .map(|letter| {
            let written = if start { letter.to_ascii_uppercase() } else { letter };
            start = !letter.is_alphanumeric();
            written
        })
        .collect()
}

fn day(chance: &mut Chance, from: usize, to: usize) -> Day {
    let year = from + chance.below(to - from + 1);
    (year as u16, 1 + chance.below(12) as u8, 1 + chance.below(28) as u8)
}

fn born((year, month, day): Day) -> Birth {
    Birth::on(year, month, day)
}

/// At least `people` people in households of one or two adults and up to five children, with twins, fathers and sons of one
/// name, families that are called as half the town is, and some who have no address or telephone.
pub(crate) fn held(people: usize) -> Vec<Held> {
    let mut chance = Chance::new(1989);
    let communities = communities();
    let mut held: Vec<Held> = Vec::new();
    while held.len() < people {
        // Half the households belong to the first community.
        let community = &communities[if chance.percent(50) { 0 } else { chance.below(communities.len()) }];
        let family = capital(chance.one(&community.families));
        let town = chance.below(TOWNS.len());
        let (first, second) = (chance.below(STREET_FIRST.len()), chance.below(STREET_SECOND.len()));
        let address = Person {
            house_number: (1 + chance.below(120)).to_string(),
            streets: vec![format!("{} {}", STREET_FIRST[first], STREET_SECOND[second])],
            locality: TOWNS[town].to_owned(),
            postcode: format!(
                "ZZ{} {}{}{}",
                town + 1,
                second + 1,
                char::from(b'A' + (first % 20) as u8),
                char::from(b'A' + (first / 20 + chance.below(3) * 2) as u8)
            ),
            phones: vec![format!("01632 {:06}", chance.below(1_000_000))],
            ..Person::default()
        };
        // Brothers and sisters are not called alike; a middle name may be an aunt's.
        let mut called: Vec<String> = Vec::new();
        let mut add =
            |chance: &mut Chance, girl: bool, family: String, born_on: Day, given: Option<String>, adult: bool| {
                let names = if girl { &community.girls } else { &community.boys };
                let mut given = given.unwrap_or_else(|| {
                    let mut name = capital(chance.one(names));
                    while called.len() < names.len() && called.contains(&name) {
                        name = capital(names[chance.below(names.len())]);
                    }
                    name
                });
                called.push(given.clone());
                if chance.percent(25) && !given.contains(' ') {
                    given = format!("{given} {}", capital(chance.one(names)));
                }
                let mut person = Person {
                    given_name: given.clone(),
                    family_name: family,
                    birth: Some(born(born_on)),
                    sex: Some(if girl { Sex::Female } else { Sex::Male }),
                    ..address.clone()
                };
                if adult && girl && chance.percent(40) {
                    person.former_names.push(format!("{given} {}", capital(chance.one(&community.families))));
                }
                if chance.percent(60) {
                    person.identifiers.push(format!("CF-{:06}", held.len() * 7 % 900_000 + 1000));
                }
                if chance.percent(30) {
                    person.phones.clear();
                }
                held.push(Held { person, born: born_on });
                given
            };
        let mother = day(&mut chance, 1970, 2003);
        add(&mut chance, true, family.clone(), mother, None, true);
        let mut father_given = None;
        if chance.percent(60) {
            let father = day(&mut chance, 1965, 2003);
            father_given = Some(add(&mut chance, false, family.clone(), father, None, true));
        }
        let mut child = day(&mut chance, 2009, 2025);
        for _ in 0..chance.below(5) {
            let girl = chance.percent(50);
            let double = chance.percent(8);
            let name =
                if double { format!("{family}-{}", capital(chance.one(&community.families))) } else { family.clone() };
            let given = if girl || !chance.percent(3) { None } else { father_given.clone() };
            add(&mut chance, girl, name.clone(), child, given, false);
            if chance.percent(3) {
                let girl = chance.percent(50);
                add(&mut chance, girl, name, child, None, false);
            }
            child = (
                child.0.saturating_sub(1 + chance.below(3) as u16),
                1 + chance.below(12) as u8,
                1 + chance.below(28) as u8,
            );
        }
    }
    held
}

/// What may happen to a name, a date or a number when it is written down again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Change {
    FormerName,
    SwappedDate,
    DateDigit,
    Misspelling,
    Nickname,
    Hyphen,
    Number,
    Moved,
    NamesSwapped,
}

pub(crate) const CHANGES: [Change; 9] = [
    Change::FormerName,
    Change::SwappedDate,
    Change::DateDigit,
    Change::Misspelling,
    Change::Nickname,
    Change::Hyphen,
    Change::Number,
    Change::Moved,
    Change::NamesSwapped,
];

/// Nicknames as the variants use them; those of the crate are more.
const NICKNAMES: [(&str, &str); 24] = [
    ("elizabeth", "Liz"),
    ("katherine", "Kate"),
    ("rebecca", "Becky"),
    ("victoria", "Vicky"),
    ("margaret", "Maggie"),
    ("jennifer", "Jenny"),
    ("susan", "Sue"),
    ("samantha", "Sam"),
    ("thomas", "Tom"),
    ("william", "Bill"),
    ("joshua", "Josh"),
    ("daniel", "Danny"),
    ("joseph", "Joe"),
    ("matthew", "Matt"),
    ("benjamin", "Ben"),
    ("alexander", "Sandy"),
    ("edward", "Ted"),
    ("robert", "Bob"),
    ("michael", "Mick"),
    ("katarzyna", "Kasia"),
    ("malgorzata", "Gosia"),
    ("aleksandra", "Ola"),
    ("patrick", "Paddy"),
    ("muhammad", "Mohammed"),
];

/// One letter of a word of at least three wrong, missing, doubled or exchanged with the next; never the first.
pub(crate) fn misspelled(chance: &mut Chance, name: &str) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    if letters.len() < 3 {
        return name.to_owned();
    }
    let at = 1 + chance.below(letters.len() - 1);
    match chance.below(4) {
        0 => letters[at] = char::from(b'a' + chance.below(26) as u8),
        1 => {
            letters.remove(at);
        }
        2 => letters.insert(at, letters[at]),
        _ => {
            let next = (at + 1).min(letters.len() - 1);
            letters.swap(at, next);
        }
    }
    letters.into_iter().collect()
}

/// The person as they are written down a second time, with this change; `None` when it cannot happen to them.
pub(crate) fn changed(chance: &mut Chance, held: &Held, change: Change) -> Option<Person> {
    let mut person = held.person.clone();
    let (year, month, day) = held.born;
    match change {
        Change::FormerName => {
            let former = person.former_names.first()?.rsplit(' ').next()?.to_owned();
            person.family_name = former;
            person.former_names.clear();
        }
        Change::SwappedDate => {
            if day > 12 || day == month {
                return None;
            }
            person.birth = Some(born((year, day, month)));
        }
        Change::DateDigit => {
            person.birth = Some(born((year, month, if day % 10 == 9 { day - 1 } else { day + 1 })));
        }
        Change::Misspelling => {
            if chance.percent(50) {
                person.family_name = misspelled(chance, &person.family_name);
            } else {
                person.given_name = misspelled(chance, &person.given_name);
            }
        }
        Change::Nickname => {
            let first = person.given_name.split(' ').next()?.to_lowercase();
            NICKNAMES.iter().find(|(name, _)| *name == first)?.1.clone_into(&mut person.given_name);
        }
        Change::Hyphen => {
            person.family_name = match person.family_name.split_once('-') {
                Some((first, last)) if chance.percent(50) && first.len() > 2 => last.to_owned(),
                Some((first, last)) => format!("{first} {last}"),
                None => format!("{}-Ashgrove", person.family_name),
            };
        }
        Change::Number => {
            person.house_number = (1 + chance.below(120)).to_string();
            person.phones = vec![format!("01632 {:06}", chance.below(1_000_000))];
            for identifier in &mut person.identifiers {
                *identifier = identifier.trim_start_matches("CF-").to_owned();
            }
        }
        Change::Moved => {
            person.house_number = (1 + chance.below(120)).to_string();
            person.streets = vec![format!("{} {}", STREET_FIRST[chance.below(40)], STREET_SECOND[chance.below(8)])];
            TOWNS[chance.below(12)].clone_into(&mut person.locality);
            person.postcode = format!("ZZ{} 9QX", 1 + chance.below(12));
        }
        Change::NamesSwapped => std::mem::swap(&mut person.given_name, &mut person.family_name),
    }
    Some(person)
}

/// What a referral asks of a person: not every item is given.
pub(crate) fn asked(chance: &mut Chance, person: &Person) -> Person {
    let mut question = person.clone();
    if !chance.percent(25) {
        question.identifiers.clear();
    }
    if chance.percent(50) {
        question.phones.clear();
    }
    if chance.percent(30) {
        question.house_number.clear();
        question.streets.clear();
        question.postcode.clear();
        question.locality.clear();
    }
    // The referral knows the name of today or of then, seldom all of them.
    if chance.percent(70) {
        question.former_names.clear();
    }
    question
}

/// Somebody who is not held: of a held family, with another name and birthday (a new baby, a half-brother), or of none.
pub(crate) fn stranger(chance: &mut Chance, held: &[Held]) -> Person {
    let like = &held[chance.below(held.len())];
    let other = &held[chance.below(held.len())];
    let mut person = like.person.clone();
    person.given_name.clone_from(&other.person.given_name);
    person.sex = other.person.sex;
    person.birth = Some(born(day(chance, 2008, 2026)));
    person.identifiers.clear();
    person.former_names.clear();
    if chance.percent(50) {
        person.house_number = (1 + chance.below(120)).to_string();
        person.streets.clone_from(&other.person.streets);
        person.postcode.clone_from(&other.person.postcode);
        person.phones.clear();
    }
    person
}

/// How questions went.
#[derive(Default, Clone, Copy)]
pub(crate) struct Tally {
    /// Questions whose person is held.
    pub(crate) held: usize,
    /// Of these, those whose person was among the first three.
    pub(crate) among_three: usize,
    /// All questions, with those whose person is not held.
    pub(crate) all: usize,
    /// People shown with a probability of at least a half who are not the one asked for.
    pub(crate) false_ones: usize,
}

impl Tally {
    /// Counts another tally in.
    pub(crate) fn add(&mut self, other: Tally) {
        self.held += other.held;
        self.among_three += other.among_three;
        self.all += other.all;
        self.false_ones += other.false_ones;
    }
}

/// Somebody held who may be the one asked for.
pub(crate) struct Found {
    pub(crate) place: usize,
    pub(crate) likely: kith_linkage::Likely,
}

/// Everybody who is held, found as Kith finds them: by marks, then the likeliest of a few who are opened.
#[derive(Default)]
pub(crate) struct Blind {
    people: Vec<Person>,
    marks: std::collections::HashMap<String, Vec<usize>>,
}

impl Blind {
    pub(crate) fn of(people: impl Iterator<Item = Person>) -> Blind {
        let mut blind = Blind::default();
        for person in people {
            let marks = kith_linkage::marks(&person);
            for mark in marks.single.into_iter().chain(marks.pairs) {
                blind.marks.entry(mark).or_default().push(blind.people.len());
            }
            blind.people.push(person);
        }
        blind
    }

    /// At most `most`, with at least the probability `least`, the likeliest first.
    pub(crate) fn find(&self, asked: &Person, most: usize, least: f64) -> Vec<Found> {
        let question = kith_linkage::Question::new(asked, self.people.len());
        let bits = question.in_common();
        let mut common: std::collections::BTreeMap<usize, std::collections::BTreeSet<usize>> =
            std::collections::BTreeMap::new();
        for asked in question.asks() {
            let marks = asked.alternatives.single.iter().chain(&asked.alternatives.pairs);
            for place in marks.filter_map(|mark| self.marks.get(mark)).flatten() {
                common.entry(*place).or_default().extend(&asked.in_common);
            }
        }
        let mut opened: Vec<(u32, usize)> = common
            .into_iter()
            .map(|(place, common)| (common.into_iter().map(|thing| bits[thing]).sum(), place))
            .filter(|(bits, _)| *bits >= question.least_bits())
            .collect();
        opened.sort_unstable_by_key(|(bits, place)| (std::cmp::Reverse(*bits), *place));
        opened.truncate(kith_linkage::OPENED);
        let mut found: Vec<Found> = opened
            .into_iter()
            .filter_map(|(_, place)| Some(Found { place, likely: question.likely(&self.people[place])? }))
            .filter(|found| found.likely.probability >= least)
            .collect();
        found.sort_by(|one, other| other.likely.probability.total_cmp(&one.likely.probability));
        found.truncate(most);
        found
    }
}
