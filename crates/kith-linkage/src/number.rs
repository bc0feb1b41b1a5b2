//! Telephone numbers and the numbers of systems.

use crate::level::Level;
use crate::text::{hash, one_slip, words};

/// Digits from the end in which two telephone numbers of one subscriber agree, however the country is written.
const SUBSCRIBER_DIGITS: usize = 10;
/// Shortest telephone number and longest prefix-free number that are compared digit by digit.
const SHORTEST: usize = 6;

/// A number, ready to be compared.
#[derive(Clone)]
pub(crate) struct Number {
    /// As written, letters and digits.
    whole: u64,
    /// What it is compared by: the digits.
    digits: Box<str>,
    pub(crate) hash: u64,
}

impl Number {
    /// A telephone number: its last ten digits, without the zero that takes the place of the country.
    pub(crate) fn phone(text: &str) -> Option<Number> {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        // +44 (0)1632 …: the zero in brackets is dialled within the country alone.
        let digits = if text.contains("(0)") { digits.replacen("440", "44", 1) } else { digits };
        let digits = digits.trim_start_matches('0');
        let from = digits.len().saturating_sub(SUBSCRIBER_DIGITS);
        let digits = &digits[from..];
        (digits.len() >= SHORTEST).then(|| Number { whole: hash(digits), hash: hash(digits), digits: digits.into() })
    }

    /// A number of a system, such as `CF-004512` or `943 476 5919`: with its letters, and without letters before the number.
    pub(crate) fn identifier(text: &str) -> Option<Number> {
        let whole = words(text).concat();
        if whole.is_empty() || whole.bytes().all(|byte| byte == b'0') {
            return None;
        }
        let bare = whole.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
        let bare = bare.trim_start_matches('0');
        let bare = if bare.len() >= 3 { bare } else { whole.as_str() };
        Some(Number { whole: hash(&whole), hash: hash(bare), digits: bare.into() })
    }

    /// What it is compared by.
    pub(crate) fn digits(&self) -> &str {
        &self.digits
    }

    fn level(&self, other: &Number) -> Level {
        if self.whole == other.whole {
            Level::Exact
        } else if self.hash == other.hash {
            Level::Base
        } else if self.digits.len() >= SHORTEST && self.digits.len() == other.digits.len() && self.slip(other) {
            Level::Digit
        } else {
            Level::Different
        }
    }

    fn slip(&self, other: &Number) -> bool {
        one_slip(self.digits.as_bytes(), other.digits.as_bytes())
    }
}

/// The best agreement among the numbers of two people, with the number that agrees.
pub(crate) fn best(one: &[Number], other: &[Number]) -> (Level, u64) {
    let pairs = one.iter().flat_map(|number| other.iter().map(move |held| (number, held)));
    pairs
        .map(|(number, held)| {
            let level = number.level(held);
            (level, if matches!(level, Level::Exact | Level::Base) { number.hash } else { 0 })
        })
        .min_by_key(|(level, value)| (*level as u8, *value))
        .unwrap_or((Level::Missing, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telephone_number_is_one_however_it_is_written() {
        // Ofcom's numbers for drama.
        let phone = |text| Number::phone(text).unwrap();
        for text in ["01632 960123", "+44 1632 960 123", "0044 1632 960123", "+44 (0)1632 960123", "(01632) 960123"] {
            assert_eq!(phone(text).level(&phone("01632960123")), Level::Exact, "{text}");
        }
        assert_eq!(phone("01632 960124").level(&phone("01632 960123")), Level::Digit);
        assert_eq!(phone("07700 900123").level(&phone("01632 960123")), Level::Different);
        assert!(Number::phone("ext. 12").is_none());
    }

    #[test]
    fn an_identifier_is_found_with_or_without_its_prefix() {
        let number = |text| Number::identifier(text).unwrap();
        for (one, other, expected) in [
            ("CF-004512", "cf004512", Level::Exact),
            ("CF-004512", "4512", Level::Base),
            ("CF-904512", "904521", Level::Digit),
            ("943 476 5919", "9434765919", Level::Exact),
            ("CF-904512", "871200", Level::Different),
            ("A1", "B1", Level::Different),
        ] {
            assert_eq!(number(one).level(&number(other)), expected, "{one} {other}");
            assert_eq!(number(other).level(&number(one)), expected, "{one} {other}");
        }
        assert!(Number::identifier("0000").is_none());
    }
}
