//! One word of a name or a street, and how alike two are.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::sound::sound;
use crate::text::hash;

/// Most groups of nicknames that a name stands in (John: 7).
const GROUPS: usize = 8;

/// Jaro-Winkler similarity from which two words are close, and from which they are near (W. E. Winkler, "String Comparator
/// Metrics and Enhanced Decision Rules in the Fellegi-Sunter Model of Record Linkage", 1990; the steps are those that
/// Splink's comparison of names begins with: 0.92 and, for near, between its 0.88 and 0.7).
const CLOSE: f64 = 0.92;
const NEAR: f64 = 0.82;

/// How alike two words are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Likeness {
    Same,
    Nickname,
    Sound,
    Close,
    Near,
    Different,
}

/// A word, ready to be compared.
#[derive(Clone)]
pub(crate) struct Word {
    text: Box<str>,
    pub(crate) hash: u64,
    pub(crate) sound: u64,
    /// The lines of the list of nicknames in which it stands, counted from 1; 0 for none.
    pub(crate) groups: [u16; GROUPS],
    /// Which letters it has at least once, twice, three times.
    letters: [u64; 3],
}

impl Word {
    pub(crate) fn new(text: &str) -> Word {
        let mut letters = [0; 3];
        for byte in text.bytes() {
            let letter = 1_u64 << (byte & 63);
            for seen in &mut letters {
                if *seen & letter == 0 {
                    *seen |= letter;
                    break;
                }
            }
        }
        let groups = nicknames().get(text).copied().unwrap_or_default();
        Word { text: text.into(), hash: hash(text), sound: sound(text), groups, letters }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is one letter.
    pub(crate) fn initial(&self) -> bool {
        self.text.len() == 1
    }

    /// How alike the two are; `nicknames` says whether they are given names.
    pub(crate) fn likeness(&self, other: &Word, nicknames: bool) -> Likeness {
        if self.hash == other.hash {
            return Likeness::Same;
        }
        if nicknames && self.groups.iter().any(|group| *group != 0 && other.groups.contains(group)) {
            return Likeness::Nickname;
        }
        if self.sound != 0 && self.sound == other.sound {
            return Likeness::Sound;
        }
        self.spelling(other)
    }

    /// How alike they are written.
    fn spelling(&self, other: &Word) -> Likeness {
        let (shorter, longer) = (self.text.len().min(other.text.len()), self.text.len().max(other.text.len()));
        if shorter < 2 {
            return Likeness::Different;
        }
        // No more letters can agree than both have: most pairs of words end here. A letter counts three times at most, so
        // that long words with more of one are held to be more different than they are, by a little.
        let common: u32 = self.letters.iter().zip(&other.letters).map(|(one, two)| (one & two).count_ones()).sum();
        let common = f64::from(common);
        let (length_one, length_two) = (length(&self.text), length(&other.text));
        let most = (common / length_one + common / length_two + 1.0) / 3.0;
        if most + 0.4 * (1.0 - most) < NEAR {
            return Likeness::Different;
        }
        let similar = strsim::jaro_winkler(&self.text, &other.text);
        if similar >= CLOSE
            || (longer >= 4 && longer - shorter <= 1 && strsim::osa_distance(&self.text, &other.text) == 1)
        {
            Likeness::Close
        } else if similar >= NEAR {
            Likeness::Near
        } else {
            Likeness::Different
        }
    }
}

fn length(text: &str) -> f64 {
    u32::try_from(text.len()).map_or(f64::MAX, f64::from)
}

/// For each given name the lines of `nicknames.txt` it stands in.
fn nicknames() -> &'static FxHashMap<&'static str, [u16; GROUPS]> {
    static NICKNAMES: OnceLock<FxHashMap<&'static str, [u16; GROUPS]>> = OnceLock::new();
    NICKNAMES.get_or_init(|| {
        let mut names: FxHashMap<&str, [u16; GROUPS]> = FxHashMap::default();
        let lines = include_str!("data/nicknames.txt").lines().filter(|line| !line.starts_with('#'));
        for (line, group) in lines.zip(1..) {
            for name in line.split_ascii_whitespace() {
                let groups = names.entry(name).or_default();
                if let Some(free) = groups.iter_mut().find(|held| **held == 0 || **held == group) {
                    *free = group;
                }
            }
        }
        names
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness(one: &str, other: &str) -> Likeness {
        let (one, other) = (Word::new(one), Word::new(other));
        let found = one.likeness(&other, true);
        assert!(found == other.likeness(&one, true), "symmetry");
        found
    }

    #[test]
    fn words_are_as_alike_as_people_think() {
        for (one, other, expected) in [
            ("martha", "martha", Likeness::Same),
            ("elizabeth", "beth", Likeness::Nickname),
            ("bill", "william", Likeness::Nickname),
            ("malgorzata", "gosia", Likeness::Nickname),
            ("seamus", "james", Likeness::Nickname),
            ("mohammed", "muhamad", Likeness::Sound),
            ("choudhury", "chowdhury", Likeness::Sound),
            // Among Winkler's examples of 1990: 0.961 and 0.962.
            ("martha", "marhta", Likeness::Sound),
            ("shackleford", "shackelford", Likeness::Sound),
            ("brookhaven", "brrokhaven", Likeness::Sound),
            ("margaretta", "margarteta", Likeness::Close),
            ("cambell", "campell", Likeness::Sound),
            ("okonkwo", "okonkow", Likeness::Close),
            ("stone", "stine", Likeness::Sound),
            ("ward", "word", Likeness::Sound),
            ("dixon", "dickson", Likeness::Sound),
            ("smith", "jones", Likeness::Different),
            ("j", "john", Likeness::Different),
        ] {
            assert!(likeness(one, other) == expected, "{one} {other} {}", likeness(one, other) as u8);
        }
    }

    #[test]
    fn no_similar_pair_is_lost_by_counting_letters_first() {
        let words: Vec<Word> =
            ["jonathan", "johnathon", "katherine", "catherina", "anna", "hannah", "smith", "smyth", "williamson"]
                .map(Word::new)
                .into();
        for one in &words {
            for other in &words {
                let similar = strsim::jaro_winkler(one.text(), other.text());
                assert!(
                    similar < NEAR || one.spelling(other) != Likeness::Different,
                    "{} {}",
                    one.text(),
                    other.text()
                );
            }
        }
    }
}
