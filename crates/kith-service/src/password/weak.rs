//! Whether a new password is one that others would try: published with accounts of other services, made of words of this
//! place, or of a pattern (NIST SP 800-63B-4, section 3.1.1.2; OWASP ASVS 5.0, 6.2.4, 6.2.11, 6.2.12).

use sha2::{Digest, Sha256};

/// A Bloom filter of passwords that were published, see `scripts/breached-passwords.py`, which makes it.
static BREACHED: &[u8; 1 << 21] = include_bytes!("breached.bin");
/// The thousand commonest passwords of five characters and more, in lower case: no password is one of them with a few more
/// characters.
const COMMON: &str = include_str!("common.txt");
/// Fewest characters of a password that stand in no run, no repetition and no word that others would try.
const OWN_CHARS: usize = 7;
/// Fewest characters beside two common words.
const BESIDE_COMMON: usize = 5;
/// Shortest word of the place that is looked for.
const WORD_CHARS: usize = 4;
/// Keys and letters beside each other, as fingers go along them.
const RUNS: [&str; 10] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p",
    "!\"£$%^&*()",
    "!@#$%^&*()",
    "qazwsxedcrfvtgbyhnujm",
    "qweasdzxc",
];

/// Why a password must not be used and what to do; `None` when nothing stands against it. `local` are the words of the place
/// and the person: each is looked at as a whole and word by word.
pub(crate) fn weakness<'a>(password: &str, local: impl IntoIterator<Item = &'a str>) -> Option<String> {
    const INSTEAD: &str = "Choose three or four words that do not belong together";
    let lower = password.to_lowercase();
    if is_breached(&lower) || is_breached(&plain(&lower)) {
        return Some(format!(
            "This password is in a list of passwords that were stolen elsewhere, which others try first. {INSTEAD}"
        ));
    }
    // No kind of character has to be there and none counts for nothing: ASVS 5.0, 6.2.5.
    if own_chars(&lower, |_| true) < OWN_CHARS {
        return Some(format!("This password is a pattern or a repetition, which is soon guessed. {INSTEAD}"));
    }
    let mut without = plain(&lower);
    let mut place = false;
    let locals: Vec<String> = local.into_iter().flat_map(words_of).collect();
    for word in longest_first(locals) {
        if without.contains(&word) {
            without = without.replace(&word, " ");
            place = true;
        }
    }
    if place && own_chars(&without, char::is_alphanumeric) < OWN_CHARS {
        return Some(format!(
            "This password is made of your name, your sign-in name, the service or a place of it, which others try first. \
             {INSTEAD}"
        ));
    }
    let mut left = without;
    for _ in 0..2 {
        let word = COMMON.lines().filter(|word| left.contains(word)).max_by_key(|word| word.len());
        let word = word?;
        left = left.replacen(word, " ", 1);
        if own_chars(&left, char::is_alphanumeric) < BESIDE_COMMON {
            return Some(format!("This password is a common one with a few characters more. {INSTEAD}"));
        }
    }
    None
}

/// Whether a password, in lower case, was published.
fn is_breached(lower: &str) -> bool {
    let digest = Sha256::digest(lower.as_bytes());
    digest.chunks_exact(4).take(7).all(|group| {
        let group = <[u8; 4]>::try_from(group).map_or(0, u32::from_be_bytes);
        let bit = group as usize % (BREACHED.len() * 8);
        BREACHED[bit >> 3] & 1 << (bit & 7) != 0
    })
}

/// Letters in the place of the figures that are often written for them.
fn plain(lower: &str) -> String {
    let letter = |c| match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    lower.chars().map(letter).collect()
}

/// A word of the place as a whole, without spaces, and each of its words.
fn words_of(text: &str) -> Vec<String> {
    let lower = plain(&text.to_lowercase());
    let whole: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    let words = lower.split(|c: char| !c.is_alphanumeric()).map(str::to_owned);
    words.chain([whole]).filter(|word| word.chars().count() >= WORD_CHARS).collect()
}

fn longest_first(mut words: Vec<String>) -> Vec<String> {
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.dedup();
    words
}

/// How many characters say something: those that count, and stand in no run of keys and repeat nothing that stood before.
fn own_chars(lower: &str, counts: fn(char) -> bool) -> usize {
    let chars: Vec<char> = lower.chars().filter(|c| !c.is_whitespace()).collect();
    let mut own = 0;
    let mut at = 0;
    while at < chars.len() {
        // A run of three and more counts as one; so does what stood there already, three characters and more of it.
        let ahead = run(&chars[at..]).max(repeated(&chars, at));
        own += usize::from(counts(chars[at]) || ahead > 1);
        at += ahead.max(1);
    }
    own
}

/// How long a run of one character or of neighbouring keys, either way, begins here; 1 for none.
fn run(chars: &[char]) -> usize {
    let same = chars.iter().take_while(|c| **c == chars[0]).count();
    let along = RUNS.iter().flat_map(|keys| [keys.chars().collect::<Vec<_>>(), keys.chars().rev().collect()]);
    let longest = along.filter_map(|keys| {
        let from = keys.iter().position(|key| *key == chars[0])?;
        Some(keys[from..].iter().zip(chars).take_while(|(key, c)| key == c).count())
    });
    let longest = longest.chain([same]).max().unwrap_or(1);
    if longest >= 3 { longest } else { 1 }
}

/// How much of what follows stood before; 1 for less than three characters.
fn repeated(chars: &[char], at: usize) -> usize {
    let before = |from: usize| chars[from..].iter().zip(&chars[at..]).take_while(|(then, now)| then == now).count();
    let longest = (0..at).map(before).max().unwrap_or(1);
    if longest >= 3 { longest } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCAL: [&str; 5] = ["Nenedale Council", "Elm House", "Dilys Farthing", "dilys.farthing", "Kith"];

    fn weak(password: &str) -> Option<String> {
        weakness(password, LOCAL)
    }

    #[test]
    fn what_others_would_try_is_refused_and_says_why() {
        // `aaaaaaaaaaaa` was taken once. ASVS 5.0, 6.2.4, 6.2.11, 6.2.12.
        for (password, why) in [
            ("1qaz2wsx3edc", "stolen elsewhere"),
            ("Password1234", "stolen elsewhere"),
            ("P@ssw0rd1234", "stolen elsewhere"),
            ("aaaaaaaaaaaa", ""),
            ("jkjkjkjkjkjkjk", "pattern or a repetition"),
            ("sam7sam7sam7sam7", "pattern or a repetition"),
            ("lkjhgfdsapoiuytre", "pattern or a repetition"),
            ("tuvwxyz98765432", "pattern or a repetition"),
            ("............", ""),
            ("nenedale-2027", "your name"),
            ("Nenedale Council!", "your name"),
            ("elmhouse elmhouse", ""),
            ("Farthing.Dilys7", "your name"),
            ("kith kith 2027 x", "your name"),
            ("sunshine-2032!", "common one"),
            ("monkey!dragon!9", "common one"),
        ] {
            let found = weak(password);
            assert!(found.as_ref().is_some_and(|words| words.contains(why)), "{password}: {found:?}");
        }
    }

    #[test]
    fn a_phrase_of_words_is_taken() {
        for password in [
            "four quiet words here",
            "five arches by the river",
            "nine tall lanterns",
            "seven quiet words here",
            "dilys keeps nine goats uphill",
            "tvQ8-xw2Rm.pL",
            "+?{]~=§&_(;#",
            "dragon summer river",
            "llwybr y mynydd glas",
        ] {
            assert_eq!(weak(password), None, "{password}");
        }
    }
}
