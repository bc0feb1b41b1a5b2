//! Names in parts: given names, family names with particles and double parts, former names.

use crate::level::Level;
use crate::text::{hash, words};
use crate::word::{Likeness, Word};

/// What may be left out of a name: `de Souza`, `van Dyk`, `al-Amin`, `bin Salman`, `ap Rhys`, `Ní Bhriain`.
const PARTICLES: [&str; 40] = [
    "al", "el", "as", "ad", "ar", "ur", "ul", "de", "da", "do", "dos", "das", "di", "du", "del", "della", "la", "le",
    "van", "von", "der", "den", "ter", "ten", "bin", "ibn", "ben", "bint", "binti", "bte", "ap", "ab", "ferch", "ni",
    "nic", "ui", "y", "e", "i", "und",
];
/// What is written beside a name and is none.
const TITLES: [&str; 14] =
    ["mr", "mrs", "ms", "miss", "mx", "dr", "prof", "rev", "sir", "jr", "jnr", "sr", "snr", "esq"];
/// What is written where no name is known.
const NONE: [&str; 10] = ["unknown", "fnu", "lnu", "nk", "na", "none", "null", "nan", "unnamed", "notknown"];
/// First parts that are written apart or together: Mac Donald, O Brien, Abu Bakr, Fitz Gerald.
const JOINED: [&str; 6] = ["mac", "mc", "o", "abu", "fitz", "umm"];
/// Most words of a name that are compared.
const MOST_WORDS: usize = 4;

/// A given or family name.
#[derive(Clone)]
pub(crate) struct NamePart {
    /// Its words without particles, the first few.
    pub(crate) words: Vec<Word>,
    /// All of it, with particles, written as one word.
    whole: u64,
    /// Its words without particles, written as one.
    pub(crate) core: Word,
}

impl NamePart {
    /// The name in parts; `None` when it says none.
    fn from_words(all: &[String]) -> Option<NamePart> {
        if all.is_empty() {
            return None;
        }
        let mut core: Vec<&String> = all.iter().filter(|word| !PARTICLES.contains(&word.as_str())).collect();
        if core.is_empty() {
            core = all.iter().collect();
        }
        let joined: String = core.iter().map(|word| word.as_str()).collect();
        let core_word = Word::new(&joined);
        let whole = if core.len() == all.len() { core_word.hash } else { hash(&all.concat()) };
        let words = if core.len() == 1 {
            vec![core_word.clone()]
        } else {
            core.iter().take(MOST_WORDS).map(|word| Word::new(word)).collect()
        };
        Some(NamePart { words, whole, core: core_word })
    }

    /// Whether the two are the same, particles and the places of spaces and hyphens aside.
    fn same(&self, other: &NamePart) -> bool {
        self.core.hash == other.core.hash || self.whole == other.whole || self.reordered(other)
    }

    /// A double name with its parts the other way round.
    fn reordered(&self, other: &NamePart) -> bool {
        self.words.len() > 1
            && self.words.len() == other.words.len()
            && self.words.iter().all(|word| other.words.iter().any(|held| held.hash == word.hash))
            && other.words.iter().all(|word| self.words.iter().any(|held| held.hash == word.hash))
    }

    fn shares_word(&self, other: &NamePart) -> Option<u64> {
        if self.words.len() < 2 && other.words.len() < 2 {
            return None;
        }
        let shared = self.words.iter().filter(|word| !word.initial());
        shared.map(|word| word.hash).filter(|hash| other.words.iter().any(|held| held.hash == *hash)).min()
    }
}

/// The words of a name, with what belongs together joined and what is no name left out.
fn name_words(text: &str) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    let mut open: Option<String> = None;
    for word in words(text) {
        let word = word.as_str();
        if TITLES.contains(&word) {
            continue;
        }
        if let Some(first) = open.take() {
            // Abd al-Rahman: the article between belongs to neither.
            if first == "abdul" && PARTICLES.contains(&word) {
                open = Some(first);
                continue;
            }
            joined.push(plain(&format!("{first}{word}")));
            continue;
        }
        match word {
            "abd" | "abdul" | "abdal" | "abdel" | "abdur" | "abdus" | "abdun" | "abdool" => {
                open = Some("abdul".to_owned());
            }
            _ if JOINED.contains(&word) => open = Some(word.to_owned()),
            _ => joined.push(plain(word)),
        }
    }
    joined.extend(open);
    if joined.len() == 1 && NONE.contains(&joined[0].as_str()) || joined.concat() == "notknown" {
        joined.clear();
    }
    joined
}

/// One spelling for beginnings that are written in several: Mc and Mac, Abdur-Rahman and Abdul Rahman.
fn plain(word: &str) -> String {
    if let Some(rest) = word.strip_prefix("mc")
        && rest.len() > 2
        && !rest.starts_with('h')
    {
        return format!("mac{rest}");
    }
    if let Some(rest) = word.strip_prefix("abd")
        && let [b'a' | b'e' | b'o' | b'u', one, two, ..] = rest.as_bytes()
        && one == two
        && *one != b'l'
        && rest.is_ascii()
    {
        return format!("abdul{}", &rest[2..]);
    }
    word.to_owned()
}

/// All the names of a person.
#[derive(Clone, Default)]
pub(crate) struct Names {
    pub(crate) given: Option<NamePart>,
    /// The family name now.
    pub(crate) family: Option<NamePart>,
    /// Family names in former and other names.
    pub(crate) former_family: Vec<NamePart>,
    /// Given names in former and other names.
    pub(crate) former_given: Vec<NamePart>,
}

impl Names {
    pub(crate) fn new(given: &str, family: &str, former: &[String]) -> Names {
        let mut given_words = name_words(given);
        let mut family_words = name_words(family);
        if family_words.is_empty() && given_words.len() > 1 {
            family_words = given_words.split_off(given_words.len() - 1);
        }
        let mut names = Names {
            given: NamePart::from_words(&given_words),
            family: NamePart::from_words(&family_words),
            former_family: Vec::new(),
            former_given: Vec::new(),
        };
        for name in former {
            let words = name_words(name);
            let Some(last) = words.len().checked_sub(1) else { continue };
            // The given names first: Mary Ann Smith; a name before it that is a double name keeps its parts.
            let family = family_start(name, &words);
            names.former_family.extend(NamePart::from_words(&words[family.min(last)..]));
            if last == 0 {
                names.former_given.extend(NamePart::from_words(&words));
            } else {
                names.former_given.extend(NamePart::from_words(&words[..family.min(last)]));
            }
        }
        names
    }
}

/// Where the family name begins in a whole name: at the last word that spaces divide, with the particles before it.
fn family_start(name: &str, words: &[String]) -> usize {
    let last = name.split_whitespace().next_back().map_or(1, |last| name_words(last).len().max(1));
    let mut start = words.len().saturating_sub(last);
    while start > 1 && PARTICLES.contains(&words[start - 1].as_str()) {
        start -= 1;
    }
    start
}

/// How two names agree: the levels of given name, family name and their order, each with the value that agrees, whose
/// frequency says how much that means (0 where no single value agrees).
pub(crate) struct NameLevels {
    pub(crate) given: (Level, u64),
    pub(crate) family: (Level, u64),
    pub(crate) swapped: bool,
}

/// Compares the names of two people.
pub(crate) fn levels(one: &Names, other: &Names) -> NameLevels {
    let given = given_level(one, other);
    let family = family_level(one, other);
    let straight = NameLevels { given, family, swapped: false };
    if agrees(given.0) || agrees(family.0) {
        return straight;
    }
    swapped(one, other).unwrap_or(straight)
}

/// Whether a level is more than chance.
fn agrees(level: Level) -> bool {
    !matches!(level, Level::Missing | Level::Near | Level::Initial | Level::Different)
}

/// Given against family name both ways. The stronger of the two levels is said of the family name: which of the two
/// records is the wrong way round cannot be known, and the answer must not depend on which comes first.
fn swapped(one: &Names, other: &Names) -> Option<NameLevels> {
    let cross = |given: &Option<NamePart>, family: &Option<NamePart>| match (given, family) {
        (Some(given), Some(family)) => swapped_level(given, family),
        _ => (Level::Missing, 0),
    };
    let mut pair = [cross(&one.given, &other.family), cross(&other.given, &one.family)];
    pair.sort_unstable_by_key(|(level, value)| (*level as u8, *value));
    let [first, second] = pair;
    let fits = |level| matches!(level, Level::Missing | Level::Exact | Level::Sound | Level::Close);
    if !fits(first.0) || !fits(second.0) || (first.0 == Level::Missing && second.0 == Level::Missing) {
        return None;
    }
    Some(NameLevels { given: second, family: first, swapped: true })
}

fn swapped_level(given: &NamePart, family: &NamePart) -> (Level, u64) {
    if given.same(family) || given.words[0].hash == family.core.hash {
        return (Level::Exact, family.core.hash);
    }
    match given.core.likeness(&family.core, false) {
        Likeness::Sound => (Level::Sound, family.core.sound),
        Likeness::Close => (Level::Close, 0),
        _ => (Level::Different, 0),
    }
}

fn given_level(one: &Names, other: &Names) -> (Level, u64) {
    let (Some(given), Some(held)) = (&one.given, &other.given) else { return (Level::Missing, 0) };
    let now = given_parts(given, held);
    if matches!(now.0, Level::Exact | Level::First | Level::Nickname) {
        return now;
    }
    let former =
        |given: &NamePart, names: &[NamePart]| names.iter().any(|name| name.words[0].hash == given.words[0].hash);
    if former(given, &other.former_given) || former(held, &one.former_given) {
        return (Level::Former, 0);
    }
    now
}

fn given_parts(one: &NamePart, other: &NamePart) -> (Level, u64) {
    if one.core.hash == other.core.hash || one.reordered(other) {
        return (Level::Exact, one.core.hash.min(other.core.hash));
    }
    let (first, held) = (&one.words[0], &other.words[0]);
    if first.initial() || held.initial() {
        if first.text().as_bytes()[0] == held.text().as_bytes()[0] {
            return (Level::Initial, 0);
        }
        return match one.shares_word(other) {
            Some(word) => (Level::Other, word),
            None => (Level::Different, 0),
        };
    }
    let firsts = first.likeness(held, true);
    if firsts == Likeness::Same {
        return (Level::First, first.hash);
    }
    if firsts == Likeness::Nickname {
        return (Level::Nickname, 0);
    }
    if let Some(word) = one.shares_word(other) {
        return (Level::Other, word);
    }
    let joined = if one.words.len() > 1 || other.words.len() > 1 {
        // Mary Ann and Maryann; and Mary Jane is known by Molly, or as Jane, written Jayne.
        let parts = one.words.iter().flat_map(|word| other.words.iter().map(move |held| word.likeness(held, true)));
        let best = parts.min().unwrap_or(Likeness::Different).min(one.core.likeness(&other.core, true));
        if firsts == best || best > Likeness::Sound { best } else { Likeness::Sound }
    } else {
        firsts
    };
    match firsts.min(joined) {
        Likeness::Sound if first.sound == held.sound => (Level::Sound, first.sound),
        Likeness::Sound | Likeness::Close | Likeness::Same | Likeness::Nickname => (Level::Close, 0),
        Likeness::Near => (Level::Near, 0),
        Likeness::Different => (Level::Different, 0),
    }
}

fn family_level(one: &Names, other: &Names) -> (Level, u64) {
    let now = match (&one.family, &other.family) {
        (Some(family), Some(held)) => family_parts(family, held),
        _ => (Level::Missing, 0),
    };
    if now.0 == Level::Exact || (one.former_family.is_empty() && other.former_family.is_empty()) {
        return now;
    }
    let pairs = (one.family.iter().flat_map(|family| other.former_family.iter().map(move |former| (family, former))))
        .chain(other.family.iter().flat_map(|family| one.former_family.iter().map(move |former| (family, former))))
        .chain(
            one.former_family.iter().flat_map(|family| other.former_family.iter().map(move |former| (family, former))),
        );
    let mut best = now;
    for (family, former) in pairs {
        let found = match family_parts(family, former) {
            (Level::Exact | Level::Part, value) => (Level::Former, value),
            (Level::Sound | Level::Close, _) => (Level::FormerClose, 0),
            _ => continue,
        };
        if (found.0 as u8, found.1) < (best.0 as u8, best.1) || best.0 == Level::Missing {
            best = found;
        }
    }
    best
}

fn family_parts(one: &NamePart, other: &NamePart) -> (Level, u64) {
    if one.same(other) {
        return (Level::Exact, one.core.hash.min(other.core.hash));
    }
    if let Some(word) = one.shares_word(other) {
        return (Level::Part, word);
    }
    match one.core.likeness(&other.core, false) {
        Likeness::Same | Likeness::Nickname | Likeness::Sound => (Level::Sound, one.core.sound),
        Likeness::Close => (Level::Close, 0),
        Likeness::Near => (Level::Near, 0),
        Likeness::Different => (Level::Different, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(given: &str, family: &str) -> Names {
        Names::new(given, family, &[])
    }

    #[test]
    fn given_names_agree_as_people_use_them() {
        for (one, other, expected) in [
            ("Mary Ann", "Mary-Ann", Level::Exact),
            ("Mary-Ann", "Maryann", Level::Exact),
            ("Ann Mary", "Mary Ann", Level::Exact),
            ("Mary Ann", "Mary", Level::First),
            ("Bill", "William James", Level::Nickname),
            ("Siân", "Sian", Level::Exact),
            ("Abdul Rahman", "Abdurrahman", Level::Exact),
            ("Abd al-Rahman", "Abdulrahman", Level::Exact),
            ("Katarzyna", "Kasia", Level::Nickname),
            ("Юлія", "Yuliia", Level::Sound),
            ("Thomas James", "James", Level::Other),
            ("J", "James", Level::Initial),
            ("J.", "Mary", Level::Different),
            ("Mr James", "James", Level::Exact),
            ("Unknown", "James", Level::Missing),
            ("Peter", "Sunita", Level::Different),
        ] {
            let (left, right) = (names(one, "Testova"), names(other, "Testova"));
            assert_eq!(levels(&left, &right).given.0, expected, "{one} {other}");
            assert_eq!(levels(&right, &left).given.0, expected, "{other} {one}");
        }
    }

    #[test]
    fn family_names_agree_in_particles_and_parts() {
        for (one, other, expected) in [
            ("O'Brien", "O Brien", Level::Exact),
            ("Mc Donald", "MacDonald", Level::Exact),
            ("al-Hassan", "Al Hassan", Level::Exact),
            ("Alhassan", "al-Hassan", Level::Exact),
            ("de Souza", "Souza", Level::Exact),
            ("van der Berg", "Vanderberg", Level::Exact),
            ("Smith-Jones", "Jones Smith", Level::Exact),
            ("Smith-Jones", "Jones", Level::Part),
            ("Kowalski", "Kowalska", Level::Sound),
            ("Choudhury", "Chaudhry", Level::Sound),
            ("Wójcik", "Wojcik", Level::Exact),
            ("Okonkwo", "Okonkow", Level::Close),
            ("Smith", "Nowak", Level::Different),
        ] {
            let (left, right) = (names("Jo", one), names("Jo", other));
            assert_eq!(levels(&left, &right).family.0, expected, "{one} {other}");
            assert_eq!(levels(&right, &left).family.0, expected, "{other} {one}");
        }
    }

    #[test]
    fn a_former_name_is_found_whole_or_alone() {
        let now = Names::new("Sarah", "Jones", &["Sarah Ann Whitfield".to_owned(), "Okafor".to_owned()]);
        for family in ["Whitfield", "Okafor"] {
            assert_eq!(levels(&names("Sarah", family), &now).family.0, Level::Former, "{family}");
            assert_eq!(levels(&now, &names("Sarah", family)).family.0, Level::Former, "{family}");
        }
        assert_eq!(levels(&names("Sarah", "Whitfeild"), &now).family.0, Level::FormerClose);
        assert_eq!(levels(&names("Sarah", "Jones"), &now).family.0, Level::Exact);
    }

    #[test]
    fn names_in_each_others_place_are_noticed_from_both_sides() {
        let (one, other) = (names("Nguyen", "Thi"), names("Thi", "Nguyen"));
        assert!(levels(&one, &other).swapped && levels(&other, &one).swapped);
        assert_eq!(levels(&one, &other).family.0, Level::Exact);
        assert!(!levels(&names("Thomas", "James"), &names("Thomas", "Owen")).swapped);
    }

    #[test]
    fn a_name_in_one_field_is_divided() {
        assert_eq!(levels(&names("Thomas Reed", ""), &names("Thomas", "Reed")).family.0, Level::Exact);
        assert_eq!(levels(&names("Thomas", ""), &names("Thomas", "Reed")).family.0, Level::Missing);
    }
}
