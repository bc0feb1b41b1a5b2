//! Names in a text, however they are written: capitals, accents, ligatures, hyphens, a line's end in the middle.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Words that are looked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Wanted {
    letters: Vec<char>,
    /// By what they are known again in what is found.
    whose: usize,
    /// Whether they may begin or end within a word.
    part: bool,
}

impl Wanted {
    /// A name, found where it stands as words of its own.
    pub fn name(words: &str, whose: usize) -> Self {
        Self { letters: plain(words), whose, part: false }
    }

    /// Words as somebody selected them, which may begin or end within a word.
    pub fn part(words: &str) -> Self {
        Self { letters: plain(words), whose: 0, part: true }
    }
}

/// A letter as it is compared, with the bytes of the text it comes from.
type Letter = (char, usize, usize);

/// Nothing to see: soft hyphens, joiners, marks of direction.
const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// As it is compared: small letters without accents, ligatures as their letters; spaces, line ends and hyphens as one space.
fn letters(text: &str) -> Vec<Letter> {
    let mut all: Vec<Letter> = Vec::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if is_unseen(c) {
            continue;
        }
        let end = at + c.len_utf8();
        if c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}') {
            match all.last_mut() {
                Some((' ', _, last)) => *last = end,
                _ => all.push((' ', at, end)),
            }
            continue;
        }
        if is_combining_mark(c) {
            // It belongs to the letter before it.
            if let Some((_, _, last)) = all.last_mut() {
                *last = end;
            }
            continue;
        }
        let c = if matches!(c, '\u{2019}' | '\u{2018}' | '\u{02BC}') { '\'' } else { c };
        for small in c.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
            all.push((small, at, end));
        }
    }
    all
}

fn plain(words: &str) -> Vec<char> {
    letters(words.trim()).into_iter().map(|(c, ..)| c).collect()
}

/// Where any of these stand in a text, as bytes from and to, with whose they are: in order, none over another, the longest where
/// several begin at one place.
pub fn occurrences(text: &str, wanted: &[Wanted]) -> Vec<(usize, usize, usize)> {
    let all = letters(text);
    let mut sought: Vec<&Wanted> = wanted.iter().filter(|of| !of.letters.is_empty()).collect();
    sought.sort_by_key(|of| std::cmp::Reverse(of.letters.len()));
    let mut found = Vec::new();
    let mut at = 0;
    while at < all.len() {
        let begins = at == 0 || !all[at - 1].0.is_alphanumeric();
        let here = sought.iter().find(|of| {
            let end = at + of.letters.len();
            let same = all.get(at..end).is_some_and(|here| here.iter().map(|(c, ..)| c).eq(&of.letters));
            let ends = all.get(end).is_none_or(|(c, ..)| !c.is_alphanumeric());
            same && (of.part || (begins && ends))
        });
        match here {
            Some(of) => {
                let end = at + of.letters.len();
                found.push((all[at].1, all[end - 1].2, of.whose));
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// The words that a span touches: half a name under a bar names whoever it is.
pub fn whole_words(text: &str, from: usize, to: usize) -> (usize, usize) {
    let is_word = |c: char| c.is_alphanumeric() || is_combining_mark(c) || is_unseen(c);
    let joins = |c: char| matches!(c, '\'' | '\u{2019}' | '-' | '\u{2010}' | '\u{2011}');
    let (mut from, mut to) = (from.min(text.len()), to.min(text.len()));
    let inside = text.get(from..to).unwrap_or_default();
    if inside.chars().next().is_some_and(is_word) {
        let mut before = text[..from].chars().rev().peekable();
        while let Some(c) = before.next() {
            if is_word(c) || (joins(c) && before.peek().is_some_and(|next| is_word(*next))) {
                from -= c.len_utf8();
            } else {
                break;
            }
        }
    }
    if inside.chars().next_back().is_some_and(is_word) {
        let mut after = text[to..].chars().peekable();
        while let Some(c) = after.next() {
            if is_word(c) || (joins(c) && after.peek().is_some_and(|next| is_word(*next))) {
                to += c.len_utf8();
            } else {
                break;
            }
        }
    }
    (from, to)
}
