//! What was typed into the box of a search: names, a date of birth in any usual form, numbers with or without prefix.

use std::fmt;

use crate::birth::Birth;
use crate::number::Number;
use crate::question::{BirthMarks, START, birth_marks, word_marks};
use crate::text::words;
use crate::word::Word;

/// Fewest digits of a telephone number.
const PHONE_DIGITS: usize = 7;
/// Two digits of a year up to this are of this century.
const THIS_CENTURY: u16 = 39;
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
/// Fewest letters of a month that is written short.
const MONTH_LETTERS: usize = 3;

/// What was typed into the box of a search.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Typed {
    /// The words without a digit.
    names: String,
    birth: Option<Birth>,
    /// The words with digits that are no date.
    number: String,
    /// All of it.
    whole: String,
}

/// Says what there is, never what it is.
impl fmt::Debug for Typed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (names, birth, number) = (!self.names.is_empty(), self.birth.is_some(), !self.number.is_empty());
        write!(formatter, "Typed {{ names: {names}, birth: {birth}, number: {number} }}")
    }
}

impl Typed {
    /// Reads it. A date may stand anywhere: `14/03/2019`, `14.3.19`, `2019-03-14`, `14 March 2019`, `March 14 2019`.
    pub fn read(text: &str) -> Typed {
        let mut parts: Vec<&str> =
            text.split(|letter: char| letter.is_whitespace() || matches!(letter, ',' | ';')).collect();
        parts.retain(|part| !part.is_empty());
        let mut birth = None;
        for at in 0..parts.len() {
            let three = parts.get(at..at + 3).and_then(|three| date_in_words([three[0], three[1], three[2]]));
            let (found, many) = match (three, date(parts[at])) {
                (Some(day), _) => (day, 3),
                (None, Some(day)) => (day, 1),
                (None, None) => continue,
            };
            birth = Some(found);
            parts.drain(at..at + many);
            break;
        }
        let digits = |part: &&&str| part.chars().any(|letter| letter.is_ascii_digit());
        let number: Vec<&str> = parts.iter().filter(digits).copied().collect();
        let names: Vec<&str> = parts.iter().filter(|part| !digits(part)).copied().collect();
        Typed { names: names.join(" "), birth, number: number.join(" "), whole: text.trim().to_owned() }
    }

    /// The words that are a name or the beginning of one; empty if there are none.
    pub fn names(&self) -> &str {
        &self.names
    }

    /// Whether a name, a date and a number were typed together: then all of them must fit.
    pub fn is_mixed(&self) -> bool {
        u8::from(!self.names.is_empty()) + u8::from(self.birth.is_some()) + u8::from(!self.number.is_empty()) > 1
    }

    /// Sounds and nicknames of a word, of which any is enough; see [`marks`](crate::marks).
    pub fn word_marks(word: &str) -> Vec<String> {
        let of = |word: &String| {
            let marks = word_marks(&Word::new(word), true);
            marks.into_iter().filter(|mark| !mark.starts_with(START)).collect::<Vec<_>>()
        };
        words(word).iter().filter(|word| word.len() > 1).flat_map(of).collect()
    }

    /// The marks of the date of birth, each of which must be there.
    pub fn birth_marks(&self) -> Vec<String> {
        match self.birth.map(birth_marks) {
            Some(BirthMarks::On { year, day }) => vec![year, day],
            _ => Vec::new(),
        }
    }

    /// The marks of the number beside a name or date, of which any is enough.
    pub fn number_marks(&self) -> Vec<String> {
        marks_of_number(&self.number)
    }

    /// The marks of all that was typed, as one number, of which any is enough; none if there is no digit in it.
    pub fn whole_marks(&self) -> Vec<String> {
        if self.whole.bytes().any(|letter| letter.is_ascii_digit()) { marks_of_number(&self.whole) } else { Vec::new() }
    }

    /// Whether every word of the names typed is one of a name, its beginning, a sound of it or a nickname.
    pub fn fits_name(&self, name: &str) -> bool {
        let (asked, held) = (words(&self.names), words(name));
        let joined = |words: &[String]| words.windows(2).map(<[String]>::concat).collect::<Vec<_>>();
        let held: Vec<Word> = held.iter().chain(&joined(&held)).map(|word| Word::new(word)).collect();
        let one = |asked: &str| {
            let word = Word::new(asked);
            let like = |of: &Word| {
                of.text().starts_with(asked)
                    || word.sound != 0 && word.sound == of.sound
                    || word.groups.iter().any(|group| *group != 0 && of.groups.contains(group))
            };
            held.iter().any(like)
        };
        let with_next = |at: usize| asked.get(at..at + 2).is_some_and(|two| one(&two.concat()));
        !asked.is_empty() && (0..asked.len()).all(|at| one(&asked[at]) || with_next(at) || at > 0 && with_next(at - 1))
    }

    /// Whether a telephone number was typed.
    pub fn fits_phone(&self, held: &str) -> bool {
        let held = Number::phone(held);
        [&self.number, &self.whole]
            .iter()
            .any(|text| phone(text).zip(held.as_ref()).is_some_and(|(a, b)| a.hash == b.hash))
    }

    /// Whether a number of a system was typed, with or without its prefix.
    pub fn fits_identifier(&self, held: &str) -> bool {
        let held = Number::identifier(held);
        let same = |text: &&String| Number::identifier(text).zip(held.as_ref()).is_some_and(|(a, b)| a.hash == b.hash);
        [&self.number, &self.whole].iter().any(same)
    }
}

fn phone(text: &str) -> Option<Number> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let plain = text.chars().all(|letter| letter.is_ascii_digit() || " +-()./".contains(letter));
    (plain && digits >= PHONE_DIGITS).then(|| Number::phone(text)).flatten()
}

fn marks_of_number(text: &str) -> Vec<String> {
    let phone = phone(text).map(|phone| format!("p{}", phone.digits()));
    let identifier = Number::identifier(text).map(|identifier| format!("i{}", identifier.digits()));
    phone.into_iter().chain(identifier).collect()
}

/// One word that is a date, also with two digits of the year.
fn date(part: &str) -> Option<Birth> {
    let real = |birth: Birth| {
        let (_, month, day) = birth.day()?;
        ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some(birth)
    };
    let bare = part.bytes().all(|letter| letter.is_ascii_digit());
    // Digits alone may as well be a number of a system.
    if let Some(birth) = Birth::parse(part).and_then(real).filter(|_| !bare) {
        return Some(birth);
    }
    let parts: Vec<&str> = part.split(['/', '.', '-']).collect();
    let [day, month, year] = parts[..] else { return None };
    real(Birth::on(full_year(year)?, number(month)?, number(day)?))
}

/// `14 March 2019`, `March 14th 2019`, `14 03 2019`.
fn date_in_words([one, two, three]: [&str; 3]) -> Option<Birth> {
    let year = full_year(three)?;
    let day = |text: &str| {
        let text = text.to_ascii_lowercase();
        let bare = ["st", "nd", "rd", "th"].iter().find_map(|end| text.strip_suffix(end)).unwrap_or(&text);
        number(bare).filter(|day| (1..=31).contains(day))
    };
    let month = |text: &str| {
        let text = text.trim_end_matches('.').to_ascii_lowercase();
        let named = (text.len() >= MONTH_LETTERS).then(|| MONTHS.iter().position(|month| month.starts_with(&text)));
        u8::try_from(named.flatten()? + 1).ok()
    };
    if let Some((day, month)) = day(one).zip(month(two)).or_else(|| day(two).zip(month(one))) {
        return Some(Birth::on(year, month, day));
    }
    let (day, month) = (day(one)?, number(two).filter(|month| (1..=12).contains(month))?);
    (three.len() == 4).then(|| Birth::on(year, month, day))
}

fn number(text: &str) -> Option<u8> {
    ((1..=2).contains(&text.len()) && text.bytes().all(|letter| letter.is_ascii_digit())).then(|| text.parse().ok())?
}

fn full_year(text: &str) -> Option<u16> {
    let year: u16 = text.bytes().all(|letter| letter.is_ascii_digit()).then(|| text.parse().ok())??;
    match text.len() {
        4 => (1900..2100).contains(&year).then_some(year),
        2 => Some(if year <= THIS_CENTURY { 2000 + year } else { 1900 + year }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_of_birth_is_read_beside_a_name_in_any_usual_form() {
        for text in [
            "Tomas Nowak 14/03/2019",
            "14.3.19 Tomas Nowak",
            "Tomas 2019-03-14 Nowak",
            "Tomas Nowak, 14 March 2019",
            "Tomas Nowak 14th mar 19",
            "March 14 2019 Tomas Nowak",
            "Tomas Nowak 14 03 2019",
        ] {
            let typed = Typed::read(text);
            assert_eq!(typed.names(), "Tomas Nowak", "{text}");
            assert_eq!(typed.birth_marks(), ["y2019", "d3-14"], "{text}");
            assert!(typed.number_marks().is_empty() && typed.is_mixed(), "{text}");
        }
        for text in ["May Day", "April", "Tomas 99/99/2019", "12 a 3"] {
            assert!(Typed::read(text).birth_marks().is_empty(), "{text}");
        }
    }

    #[test]
    fn a_number_is_found_however_it_is_written() {
        for (text, mark) in [
            ("CF-004512", "i4512"),
            ("4512", "i4512"),
            ("cf 4512", "i4512"),
            ("ZE26C00123", "i26c00123"),
            ("01632 960 001", "p1632960001"),
            ("+44 (0)1632 960001", "p1632960001"),
            ("00441632960001", "p1632960001"),
            ("943 476 5919", "i9434765919"),
        ] {
            assert!(Typed::read(text).whole_marks().iter().any(|found| found == mark), "{text}");
        }
        assert!(Typed::read("Nowak").whole_marks().is_empty());
        assert_eq!(Typed::read("Nowak 4512").number_marks(), ["i4512"]);
        assert!(Typed::read("01632 960001").fits_phone("+44 1632 960 001"));
        assert!(Typed::read("4512").fits_identifier("CF-004512"));
    }

    #[test]
    fn a_name_fits_as_people_type_it() {
        for (text, name) in [
            ("tom", "Tomas Nowak"),
            ("nowak tomas", "Tomas Nowak"),
            ("Sian", "Siân Pryce"),
            ("O Brien", "Nuala O'Brien"),
            ("obrien", "Nuala O Brien"),
            ("smith jones", "Ada Smith-Jones"),
            ("Kathryn", "Catherine Pryce"),
            ("Liz", "Elizabeth Pryce"),
            ("Muhamad", "Mohammed Ali"),
        ] {
            assert!(Typed::read(text).fits_name(name), "{text} {name}");
        }
        for (text, name) in [("Tomas Pryce", "Tomas Nowak"), ("", "Tomas Nowak"), ("owak", "Tomas Nowak")] {
            assert!(!Typed::read(text).fits_name(name), "{text} {name}");
        }
    }
}
