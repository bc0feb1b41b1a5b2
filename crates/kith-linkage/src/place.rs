//! Addresses in parts: house, streets, locality, postcode.

use crate::level::Level;
use crate::text::{hash, one_slip, words};
use crate::word::{Likeness, Word};

/// Kinds of street, which are left out or shortened as people please.
const KINDS: [&str; 44] = [
    "street", "st", "str", "road", "rd", "avenue", "ave", "av", "close", "cl", "lane", "ln", "drive", "dr", "court",
    "ct", "crescent", "cres", "cr", "place", "pl", "gardens", "gdns", "gdn", "terrace", "tce", "ter", "square", "sq",
    "way", "grove", "gr", "circuit", "cct", "parade", "pde", "hill", "park", "pk", "mews", "row", "rise", "walk",
    "highway",
];
/// Shortest word that says something when two streets share it.
const SHARED_LETTERS: usize = 4;

/// A house number or name.
#[derive(Clone)]
pub(crate) struct House {
    whole: Box<str>,
    pub(crate) hash: u64,
    /// Its first number, without letters beside it; empty for a name.
    number: Box<str>,
}

impl House {
    pub(crate) fn new(text: &str) -> Option<House> {
        let words = words(text);
        // A spreadsheet's 12.0 is 12.
        let words = match &words[..] {
            [number, zero] if zero == "0" && text.contains('.') => std::slice::from_ref(number),
            all => all,
        };
        let whole = words.concat();
        if whole.is_empty() {
            return None;
        }
        let number: String =
            whole.chars().skip_while(|letter| !letter.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
        let number = number.trim_start_matches('0');
        Some(House { hash: hash(&whole), number: number.into(), whole: whole.into() })
    }

    pub(crate) fn level(&self, other: &House) -> Level {
        if self.hash == other.hash {
            Level::Exact
        } else if !self.number.is_empty() && self.number == other.number {
            Level::Base
        } else if slip(&self.whole, &other.whole) {
            Level::Digit
        } else {
            Level::Different
        }
    }
}

/// One letter or digit wrong, missing or too many, or two exchanged.
fn slip(one: &str, other: &str) -> bool {
    one_slip(one.as_bytes(), other.as_bytes())
        || (one.len().abs_diff(other.len()) == 1 && one.len().min(other.len()) > 1 && inserted(one, other))
}

/// Whether one is the other with one letter more.
fn inserted(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    let (short, long) = (short.as_bytes(), long.as_bytes());
    let same = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    short[same..] == long[same + 1..]
}

/// A street or another line of an address.
#[derive(Clone)]
pub(crate) struct Street {
    /// Its words without its kind, written as one.
    pub(crate) core: Word,
    words: Box<[u64]>,
}

impl Street {
    /// The street, and the house number that it begins with.
    pub(crate) fn new(text: &str) -> (Option<Street>, Option<House>) {
        let mut all = words(text);
        let mut house = None;
        if all.len() > 1 && all[0].as_bytes()[0].is_ascii_digit() {
            house = House::new(&all.remove(0));
        }
        while all.len() > 1 && KINDS.contains(&all[all.len() - 1].as_str()) {
            all.pop();
        }
        if all.is_empty() {
            return (None, house);
        }
        let long = all.iter().filter(|word| word.len() >= SHARED_LETTERS);
        let words = long.map(|word| hash(word)).collect();
        (Some(Street { core: Word::new(&all.concat()), words }), house)
    }

    fn level(&self, other: &Street) -> Level {
        match self.core.likeness(&other.core, false) {
            Likeness::Same => Level::Exact,
            Likeness::Sound | Likeness::Close | Likeness::Nickname => Level::Close,
            _ if self.words.iter().any(|word| other.words.contains(word)) => Level::Shares,
            Likeness::Near => Level::Near,
            Likeness::Different => Level::Different,
        }
    }
}

/// The levels of the best agreeing parts of two addresses, and of the parts that are left, each with what agrees.
///
/// Which line a building, a street or a district stands in is chance: FEBRL's files exchange the two lines, and so do people.
pub(crate) fn street_levels(one: &[Street], other: &[Street]) -> [(Level, u64); 2] {
    let level = |one: &Street, other: &Street| {
        let level = one.level(other);
        (level, if level == Level::Exact { one.core.hash } else { 0 })
    };
    let missing = (Level::Missing, 0);
    match (one, other) {
        ([one], [other]) => [level(one, other), missing],
        ([one], [first, second]) | ([first, second], [one]) => [better(level(one, first), level(one, second)), missing],
        ([one, two], [first, second]) => {
            let straight = ordered(level(one, first), level(two, second));
            if straight[0].0 == Level::Exact && straight[1].0 == Level::Exact {
                return straight;
            }
            let crossed = ordered(level(one, second), level(two, first));
            let rank = |pair: &[(Level, u64); 2]| (pair[0].0 as u8, pair[1].0 as u8);
            if rank(&crossed) < rank(&straight) { crossed } else { straight }
        }
        _ => [missing, missing],
    }
}

fn better(one: (Level, u64), other: (Level, u64)) -> (Level, u64) {
    if (other.0 as u8, other.1) < (one.0 as u8, one.1) { other } else { one }
}

fn ordered(one: (Level, u64), other: (Level, u64)) -> [(Level, u64); 2] {
    if (other.0 as u8, other.1) < (one.0 as u8, one.1) { [other, one] } else { [one, other] }
}

/// A postcode of any country.
#[derive(Clone)]
pub(crate) struct Postcode {
    text: Box<str>,
    pub(crate) hash: u64,
    /// The United Kingdom's outward code (`SW1A` of `SW1A 1AA`); of other codes all but the last two characters.
    district: u64,
}

impl Postcode {
    pub(crate) fn new(text: &str) -> Option<Postcode> {
        let parts = words(text);
        let parts = match &parts[..] {
            [number, zero] if zero == "0" && text.contains('.') => std::slice::from_ref(number),
            all => all,
        };
        let code = parts.concat();
        if code.is_empty() {
            return None;
        }
        let district = match code.as_bytes() {
            [outward @ .., b'0'..=b'9', b'a'..=b'z', b'a'..=b'z'] if outward.len() >= 2 => &code[..code.len() - 3],
            _ if code.len() > 3 => &code[..code.len() - 2],
            _ => code.as_str(),
        };
        Some(Postcode { hash: hash(&code), district: hash(district), text: code.into() })
    }

    pub(crate) fn level(&self, other: &Postcode) -> Level {
        if self.hash == other.hash {
            Level::Exact
        } else if slip(&self.text, &other.text) {
            Level::Digit
        } else if self.district == other.district {
            Level::District
        } else {
            Level::Different
        }
    }
}

/// How two names of a town or county agree.
pub(crate) fn town_level(one: &Word, other: &Word) -> (Level, u64) {
    match one.likeness(other, false) {
        Likeness::Same => (Level::Exact, one.hash),
        Likeness::Sound | Likeness::Close | Likeness::Nickname => (Level::Close, 0),
        Likeness::Near => (Level::Near, 0),
        Likeness::Different => (Level::Different, 0),
    }
}

/// The name of a town or county.
pub(crate) fn town(text: &str) -> Option<Word> {
    let words = words(text);
    (!words.is_empty()).then(|| Word::new(&words.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn houses_agree_in_their_number() {
        for (one, other, expected) in [
            ("12", "12", Level::Exact),
            ("12A", "12 a", Level::Exact),
            ("12.0", "12", Level::Exact),
            ("012", "12", Level::Base),
            ("12a", "12", Level::Base),
            ("12", "13", Level::Digit),
            ("12", "21", Level::Digit),
            ("12", "122", Level::Digit),
            ("12", "87", Level::Different),
            ("Rose Cottage", "Rose Cottage", Level::Exact),
        ] {
            let (one, other) = (House::new(one).unwrap(), House::new(other).unwrap());
            assert_eq!(one.level(&other), expected, "{} {}", one.whole, other.whole);
            assert_eq!(other.level(&one), expected);
        }
    }

    #[test]
    fn a_street_is_known_without_its_kind() {
        let street = |text| Street::new(text).0.unwrap();
        for (one, other, expected) in [
            ("High Street", "High St.", Level::Exact),
            ("Station Road", "Station Rd", Level::Exact),
            ("Light Street", "Light Setreet", Level::Shares),
            ("Edkins Street", "Edkin Street", Level::Close),
            ("Upper Station Road", "Station Road", Level::Shares),
            ("High Street", "Mill Lane", Level::Different),
        ] {
            assert_eq!(street(one).level(&street(other)), expected, "{one} {other}");
        }
        assert_eq!(Street::new("12 High Street").1.unwrap().whole.as_ref(), "12");
    }

    #[test]
    fn lines_of_an_address_may_change_places() {
        let lines = |texts: &[&str]| texts.iter().filter_map(|text| Street::new(text).0).collect::<Vec<_>>();
        let levels = |one: &[&str], other: &[&str]| street_levels(&lines(one), &lines(other)).map(|(level, _)| level);
        assert_eq!(levels(&["Hill View", "Mill Lane"], &["Mill Lane", "Hill View"]), [Level::Exact, Level::Exact]);
        assert_eq!(levels(&["Hill View", "Mill Lane"], &["Mill Lane"]), [Level::Exact, Level::Missing]);
        assert_eq!(levels(&["Hill View", "Mill Lane"], &["Mill Lane", "Kela"]), [Level::Exact, Level::Different]);
        assert_eq!(levels(&[], &["Mill Lane"]), [Level::Missing, Level::Missing]);
    }

    #[test]
    fn postcodes_agree_in_their_district() {
        for (one, other, expected) in [
            ("SW1A 1AA", "sw1a1aa", Level::Exact),
            ("SW1A 1AA", "SW1A 2BB", Level::District),
            ("SW1A 1AA", "SW1A 1AB", Level::Digit),
            ("4223", "4232", Level::Digit),
            ("4223.0", "4223", Level::Exact),
            ("4223", "4291", Level::District),
            ("4223", "2000", Level::Different),
        ] {
            assert_eq!(Postcode::new(one).unwrap().level(&Postcode::new(other).unwrap()), expected, "{one} {other}");
        }
    }
}
