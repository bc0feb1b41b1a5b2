//! Text as it is compared: the same for everybody who may have typed it.

use std::hash::Hasher;

use rustc_hash::FxHasher;

/// Lowercase words of ASCII letters and digits, divided at everything else.
///
/// Other scripts are transliterated and marks removed by the tables of `any_ascii`: `Łukasz Żółć` becomes `lukasz zolc`,
/// `Шевченко` becomes `shevchenko`. Apostrophes join (`O'Brien` is `obrien`), as hyphens and spaces divide.
pub(crate) fn words(text: &str) -> Vec<String> {
    let ascii;
    let text = if text.is_ascii() {
        text
    } else {
        // Apostrophes first: of some of them the tables make quotation marks, of others nothing.
        let plain: String =
            text.chars().filter(|letter| !matches!(letter, '’' | '‘' | 'ʼ' | 'ʻ' | 'ʿ' | 'ʾ' | 'ʹ' | '´')).collect();
        ascii = any_ascii::any_ascii(&plain);
        ascii.as_str()
    };
    let mut words = Vec::new();
    let mut word = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' => word.push(char::from(byte)),
            b'A'..=b'Z' => word.push(char::from(byte.to_ascii_lowercase())),
            b'\'' | b'`' => {}
            _ if word.is_empty() => {}
            _ => words.push(std::mem::take(&mut word)),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// The hash of a text: the same in every run. Equal hashes are taken as equal texts, as 64 bits allow for the numbers of
/// people any authority holds. Never 0, which stands for nothing.
pub(crate) fn hash(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish() | 1
}

/// One hash of several, in this order, of a kind of its own.
pub(crate) fn mix(kind: u64, parts: &[u64]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write_u64(kind);
    for part in parts {
        hasher.write_u64(*part);
    }
    hasher.finish()
}

/// Whether two texts differ by one replacement of a letter or one exchange of two neighbours, and in nothing else: what a
/// slip of the hand makes of a number.
pub(crate) fn one_slip(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let Some(first) = one.iter().zip(other).position(|(a, b)| a != b) else { return false };
    if one[first + 1..] == other[first + 1..] {
        return true;
    }
    first + 1 < one.len()
        && one[first] == other[first + 1]
        && one[first + 1] == other[first]
        && one[first + 2..] == other[first + 2..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_scripts_and_apostrophes_do_not_divide_people() {
        for (text, expected) in [
            ("Siân O'Brien-Łuk", "sian obrien luk"),
            ("  MÜLLER ", "muller"),
            ("D’Souza", "dsouza"),
            ("Иванова", "ivanova"),
            ("Παπαδοπούλου", "papadopoyloy"),
            ("Søren Ørsted", "soren orsted"),
            ("Zoe\u{308}", "zoe"),
            ("Nguyễn Thị", "nguyen thi"),
            ("…", ""),
        ] {
            assert_eq!(words(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn a_slip_is_one_letter_or_two_neighbours() {
        assert!(one_slip(b"1985", b"1986"));
        assert!(one_slip(b"1985", b"1958"));
        assert!(!one_slip(b"1985", b"1985"));
        assert!(!one_slip(b"1985", b"5981"));
        assert!(!one_slip(b"1985", b"198"));
    }
}
