//! The form in which names and other values are compared: the same for everybody who may have typed them.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Longest first part of two words that are often written as one: O Brien, Mc Donald, de Souza, Al Amin, van Dyk.
const PARTICLE: usize = 3;

/// A value in comparable form: NFKD (Unicode Standard Annex 15), combining marks removed, lowercase, letters and
/// digits only, of any script. `Siân O'Brien-Łuk` becomes `sianobrienluk`.
pub fn comparable(value: &str) -> String {
    value
        .nfkd()
        .filter(|letter| !is_combining_mark(*letter))
        .flat_map(char::to_lowercase)
        .filter(|letter| letter.is_alphanumeric())
        .fold(String::new(), |mut folded, letter| {
            match fold(letter) {
                Some(letters) => folded.push_str(letters),
                None => folded.push(letter),
            }
            folded
        })
}

/// Letters that NFKD leaves whole but that are commonly written otherwise; apostrophes that Unicode counts as letters.
fn fold(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ð' | 'đ' => "d",
        'þ' => "th",
        'ł' => "l",
        'ħ' => "h",
        'ı' => "i",
        // Greek sigma at the end of a word, which a prefix would otherwise miss.
        'ς' => "σ",
        // Arabic: the two spellings of final ya, and ta marbuta, which is written as ha as often.
        'ى' | 'ی' => "ي",
        'ة' => "ه",
        'ک' => "ك",
        // Tatweel only lengthens the line; the rest are apostrophes.
        'ـ' | 'ʹ' | 'ʻ' | 'ʼ' | 'ʽ' | 'ˈ' => "",
        _ => return None,
    })
}

/// A word of a name, and every form it takes together with a neighbour.
pub(crate) struct Word {
    /// The word itself, comparable and not empty, followed by the compounds it is part of.
    pub(crate) forms: Vec<String>,
}

/// The words of a name, divided at spaces, hyphens and all other punctuation except the apostrophe.
///
/// Two neighbours joined by a hyphen, or of which the first has at most three letters, also count as one word in both
/// their forms, because the same name is written Ann-Marie and Annmarie, O Brien and O'Brien.
pub(crate) fn words(name: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut previous: Option<String> = None;
    let mut hyphen = false;
    for part in name.split_inclusive(divides) {
        let word = comparable(part);
        if !word.is_empty() {
            let compound = previous
                .as_ref()
                .filter(|previous| hyphen || previous.chars().count() <= PARTICLE)
                .map(|previous| format!("{previous}{word}"));
            if let (Some(compound), Some(before)) = (&compound, words.last_mut()) {
                before.forms.push(compound.clone());
            }
            words.push(Word { forms: std::iter::once(word.clone()).chain(compound).collect() });
            previous = Some(word);
            hyphen = false;
        }
        hyphen |= part.ends_with(is_hyphen);
    }
    words
}

/// Whether a character stands between two words. Signs and emoji do; marks, which belong to their letter, do not.
fn divides(letter: char) -> bool {
    !(letter.is_alphanumeric() || is_combining_mark(letter) || is_apostrophe(letter) || is_joiner(letter))
}

fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '`' | '´' | '‘' | '’' | '‛' | '′' | '＇')
}

/// Zero-width joiner and non-joiner, which shape the letters of one word.
fn is_joiner(letter: char) -> bool {
    matches!(letter, '\u{200c}' | '\u{200d}')
}

fn is_hyphen(letter: char) -> bool {
    matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '־')
}

/// Whether the word is written in characters of which one can be a whole surname (Han, kana, Hangul).
pub(crate) fn is_one_character_enough(word: &str) -> bool {
    word.chars().next().is_some_and(|first| {
        matches!(first,
            '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}' | '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7a3}' | '\u{20000}'..='\u{3ffff}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(name: &str) -> Vec<Vec<String>> {
        words(name).into_iter().map(|word| word.forms).collect()
    }

    #[test]
    fn values_are_compared_without_marks_case_or_punctuation() {
        for (value, expected) in [
            ("Siân", "sian"),
            ("Sia\u{302}n", "sian"),
            ("Tŷ Ŵyn", "tywyn"),
            ("O'Brien", "obrien"),
            ("O’Brien", "obrien"),
            ("Oʼbrien", "obrien"),
            ("Łukasz Groß", "lukaszgross"),
            ("İpek Işık", "ipekisik"),
            ("ΓΙΏΡΓΟΣ", "γιωργοσ"),
            ("مُحَمَّد", "محمد"),
            ("أحمد", "احمد"),
            ("王小明", "王小明"),
            ("ＡＢ１２", "ab12"),
            ("943 476-5919", "9434765919"),
            ("🦊", ""),
            ("", ""),
        ] {
            assert_eq!(comparable(value), expected, "{value}");
        }
    }

    #[test]
    fn names_are_divided_into_words_and_compounds() {
        assert_eq!(forms("Ada 🦊 Pryce"), [["ada", "adapryce"], ["pryce", "adapryce"]]);
        assert_eq!(forms("Megan Pryce"), [["megan"], ["pryce"]]);
        assert_eq!(forms("Rhiannon-Mai"), [["rhiannon", "rhiannonmai"], ["mai", "rhiannonmai"]]);
        assert_eq!(forms("Rhiannon - Mai"), [["rhiannon", "rhiannonmai"], ["mai", "rhiannonmai"]]);
        assert_eq!(forms("O´Brien"), [["obrien"]]);
        assert_eq!(forms(" - 'ʼ- "), Vec::<Vec<String>>::new());
    }
}
