//! The placement address must be on no report: parents read it (handbook section 2: "must not … see the placement address
//! if it is confidential").

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::ServiceError;

/// What stands where the address stood.
const WITHHELD: &str = "[placement address withheld]";
/// A part of an address shorter than this, in letters and digits, is too common to look for.
const TELLING_CHARS: usize = 5;

/// The parts of an address that would give it away: house and street, and postcode, as letters and digits only.
pub(crate) struct Address(Vec<String>);

/// The parts of an address that would give it away, as they stand in it: house and street, and postcode, this with and without its
/// space.
pub(crate) fn telling_parts(address: &str) -> Vec<String> {
    let lines: Vec<&str> = address.split([',', '\n']).map(str::trim).filter(|part| !part.is_empty()).collect();
    let has_number = |part: &str| part.chars().any(|c| c.is_ascii_digit());
    let mut parts: Vec<String> = Vec::new();
    // A house with a name instead of a number: the name, and the street that follows it, but never the last part,
    // which is the town.
    if lines.first().is_some_and(|house| !has_number(house)) {
        parts.extend(lines.iter().take(lines.len().saturating_sub(1).min(2)).map(|part| (*part).to_owned()));
    }
    for part in lines {
        let words: Vec<&str> = part.split_whitespace().collect();
        // The last two words of a part are its postcode, if the second begins with a digit: "Nenebridge NB7 2QX".
        if let [.., outward, inward] = words.as_slice()
            && inward.len() == 3
            && inward.starts_with(|c: char| c.is_ascii_digit())
        {
            parts.extend([format!("{outward} {inward}"), format!("{outward}{inward}")]);
        }
        // House and street have a number; the name of a town gives nothing away.
        if has_number(part) {
            parts.push(part.to_owned());
        }
    }
    parts.retain(|part| part.chars().filter(|c| c.is_alphanumeric()).count() >= TELLING_CHARS);
    parts
}

impl Address {
    pub(crate) fn of(address: &str) -> Self {
        let mut parts: Vec<String> = telling_parts(address).iter().map(|part| letters(part)).collect();
        // The longest first: "Nenebridge NB7 2QX" before "NB7 2QX".
        parts.sort_by_key(|part| std::cmp::Reverse(part.chars().count()));
        parts.dedup();
        Self(parts)
    }

    /// Whether a text names it, whatever its spaces, commas and capitals.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        self.0.iter().any(|part| find(text, part, 0).is_some())
    }

    /// The text without it, with words in its place.
    pub(crate) fn withheld(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for part in &self.0 {
            let mut from = 0;
            while let Some((start, end)) = find(&text, part, from) {
                text.replace_range(start..end, WITHHELD);
                from = start + WITHHELD.len();
            }
        }
        text
    }

    /// A paper without it, and whether it stood anywhere.
    pub(crate) fn withheld_from<T: Serialize + DeserializeOwned>(&self, paper: &T) -> Result<(T, bool), ServiceError> {
        let broken = |_| ServiceError::Broken("a paper cannot be read back (an error in Kith)");
        let before = serde_json::to_value(paper).map_err(broken)?;
        let mut after = before.clone();
        self.walk(&mut after);
        let stood = before != after;
        Ok((serde_json::from_value(after).map_err(broken)?, stood))
    }

    fn walk(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.withheld(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.walk(value)),
            Value::Object(members) => members.values_mut().for_each(|value| self.walk(value)),
            _ => {}
        }
    }
}

/// Letters and digits, small.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Where a part stands in a text, from a byte on, as bytes; not inside a longer word or number.
fn find(text: &str, part: &str, from: usize) -> Option<(usize, usize)> {
    let rest = text.get(from..)?;
    // Every small letter with the bytes of the character it comes from.
    let small: Vec<(char, usize, usize)> = rest
        .char_indices()
        .filter(|(_, c)| c.is_alphanumeric())
        .flat_map(|(at, c)| c.to_lowercase().map(move |small| (small, from + at, from + at + c.len_utf8())))
        .collect();
    let wanted: Vec<char> = part.chars().collect();
    let alone = |window: &[(char, usize, usize)]| {
        let (start, end) = (window[0].1, window[window.len() - 1].2);
        let before = text[..start].chars().next_back();
        let after = text[end..].chars().next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    };
    let matches = |window: &&[(char, usize, usize)]| window.iter().map(|(c, ..)| *c).eq(wanted.iter().copied());
    let found = small.windows(wanted.len().max(1)).filter(matches).find(|window| alone(window))?;
    Some((found[0].1, found[found.len() - 1].2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address() -> Address {
        Address::of("14 Quarry Bank Lane, Nenebridge NB7 2QX")
    }

    #[test]
    fn it_is_found_however_it_is_written() {
        for text in [
            "They live at 14 Quarry Bank Lane.",
            "home to 14, quarry bank lane",
            "the postcode is nb72qx, he said",
            "NB7  2QX",
            "“14 QUARRY BANK LANE”",
        ] {
            assert!(address().is_in(text), "{text}");
            let withheld = address().withheld(text);
            assert!(withheld.contains(WITHHELD) && !address().is_in(&withheld), "{withheld}");
        }
    }

    #[test]
    fn a_house_with_a_name_is_found_by_it() {
        let house = Address::of("Rose Cottage, Mill Lane\nNenebridge NB7 2QX");
        for text in ["at rose cottage", "in Mill Lane", "NB7 2QX"] {
            assert!(house.is_in(text), "{text}");
        }
        assert!(!house.is_in("the Family Court at Nenebridge"));
        assert!(Address::of("Rose Cottage, Nenebridge").is_in("Rose Cottage"));
        assert!(!Address::of("Rose Cottage, Nenebridge").is_in("Nenebridge"));
    }

    #[test]
    fn a_town_and_another_house_are_not_it() {
        for text in ["They came from Nenebridge.", "114 Quarry Bank Lane", "14 Quarry Bank Lanes", "NB7 2QXY", "", "14"]
        {
            assert!(!address().is_in(text), "{text}");
            assert_eq!(address().withheld(text), text);
        }
    }

    #[test]
    fn every_string_of_a_paper_is_looked_through() {
        let paper = vec![vec!["It is NB7 2QX.".to_owned()], vec!["Nothing".to_owned()]];
        let (after, stood) = address().withheld_from(&paper).unwrap_or_else(|error| panic!("{error}"));
        assert!(stood);
        assert_eq!(after, [[format!("It is {WITHHELD}.")], ["Nothing".to_owned()]]);
        assert!(!Address::of("").is_in("anything"));
    }
}
