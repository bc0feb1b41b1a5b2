//! The words of the public page on which anybody asks for their rights, and of its receipt, in a language: read from a file, like those of
//! the public notice. English and Welsh are part of Kith; an authority adds others, or its own checked copy, in `translations/`.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use jiff::civil::Date;
use kith_domain::form::Problem;
use serde::Deserialize;

const SHIPPED: [&str; 2] =
    [include_str!("../../translations/rights.en.toml"), include_str!("../../translations/rights.cy.toml")];

static ENGLISH: LazyLock<Arc<RightsWords>> =
    LazyLock::new(|| Arc::new(RightsWords::read(SHIPPED[0]).unwrap_or_else(|why| unreachable!("{why}"))));

/// Fields of the form with which something can be wrong.
const FIELDS: [&str; 11] =
    ["right", "asker", "name", "about", "birth", "former_names", "what", "address", "email", "phone", "needs"];

/// The words in English.
pub(crate) fn english_kept() -> Arc<RightsWords> {
    ENGLISH.clone()
}

/// The words in each language that Kith ships, by the language's ISO 639-1 code.
pub(crate) fn shipped() -> BTreeMap<String, Arc<RightsWords>> {
    let read = SHIPPED.iter().map(|text| RightsWords::read(text).unwrap_or_else(|why| unreachable!("{why}")));
    read.map(|words| (words.language.clone(), Arc::new(words))).collect()
}

/// The words of one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RightsWords {
    /// ISO 639-1 code.
    pub language: String,
    /// What the language calls itself.
    pub name: String,
    checked_by: String,
    checked_on: String,
    /// Monday to Sunday.
    weekdays: Vec<String>,
    /// January to December.
    months: Vec<String>,
    words: BTreeMap<String, String>,
    rights: BTreeMap<String, String>,
    askers: BTreeMap<String, String>,
    #[serde(default)]
    problems: BTreeMap<String, String>,
}

impl RightsWords {
    /// Reads a file. `Err` says in words what is wrong: how it is written, or what is said in English and not here.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let words: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        if (words.weekdays.len(), words.months.len()) != (7, 12) {
            return Err("give seven weekdays from Monday on, and twelve months".to_owned());
        }
        if words.language != "en" {
            let english = english_kept();
            let pairs = [
                ("words", &words.words, &english.words),
                ("rights", &words.rights, &english.rights),
                ("askers", &words.askers, &english.askers),
            ];
            for (name, own, english) in pairs {
                if let Some(missing) =
                    english.keys().find(|key| own.get(*key).is_none_or(|text| text.trim().is_empty()))
                {
                    return Err(format!("{name}: “{missing}” is said in English and not here"));
                }
            }
            if let Some(missing) = FIELDS.iter().find(|field| !words.problems.contains_key(**field)) {
                return Err(format!("problems: nothing is said of “{missing}”"));
            }
        }
        Ok(words)
    }

    /// Words of the page by their key.
    pub fn of(&self, key: &str) -> &str {
        self.words.get(key).map_or("", String::as_str)
    }

    /// What a right is called on the page, by its code.
    pub fn right(&self, code: &str) -> &str {
        self.rights.get(code).map_or("", String::as_str)
    }

    /// Who asks, by code.
    pub fn asker(&self, code: &str) -> &str {
        self.askers.get(code).map_or("", String::as_str)
    }

    /// What is to be known of the translation first; `None` where somebody who knows the language has checked it.
    pub fn remark(&self) -> Option<&str> {
        let checked = !self.checked_by.trim().is_empty() && self.checked_on.parse::<Date>().is_ok();
        (!checked).then(|| self.of("unchecked"))
    }

    /// What is wrong, in this language: in English as the rules say it.
    pub fn problems(&self, said: Vec<Problem>) -> Vec<Problem> {
        let own = |problem: Problem| {
            let field = problem.field.as_str();
            let of = ["-day", "-month", "-year"].iter().find_map(|part| field.strip_suffix(part)).unwrap_or(field);
            match self.problems.get(of) {
                Some(words) => Problem::new(field, words.clone()),
                None => problem,
            }
        };
        said.into_iter().map(own).collect()
    }

    /// A day in words.
    pub fn day(&self, day: Date) -> String {
        let weekday = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or_default();
        let month = usize::try_from(day.month() - 1).unwrap_or_default();
        let part = |all: &[String], at: usize| all.get(at).cloned().unwrap_or_default();
        format!("{} {} {} {}", part(&self.weekdays, weekday), day.day(), part(&self.months, month), day.year())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use kith_domain::rights::{Asker, Right};

    use super::*;

    #[test]
    fn every_language_has_every_right_and_says_what_english_says() {
        for words in shipped().into_values() {
            for right in Right::ALL {
                assert!(!words.right(right.code()).is_empty(), "{} {right:?}", words.language);
            }
            for asker in Asker::ALL {
                assert!(!words.asker(asker.code()).is_empty(), "{} {asker:?}", words.language);
            }
        }
        let welsh = SHIPPED[1].replace("send = \"Anfon\"\n", "");
        assert!(RightsWords::read(&welsh).is_err_and(|why| why.contains("send")));
    }

    #[test]
    fn a_day_and_what_is_wrong_are_said_in_the_language() {
        let all = shipped();
        let (english, welsh) = (&all["en"], &all["cy"]);
        assert_eq!(english.day(date(2026, 12, 24)), "Thursday 24 December 2026");
        assert_eq!(welsh.day(date(2026, 12, 24)), "Dydd Iau 24 Rhagfyr 2026");
        assert!(english.remark().is_none() && welsh.remark().is_some_and(|words| words.contains("drafft")));
        let said = || vec![Problem::new("birth-day", "Date of birth must be real")];
        assert_eq!(english.problems(said())[0].message, "Date of birth must be real");
        assert_eq!(welsh.problems(said())[0].message, "Gwiriwch y dyddiad geni");
    }
}
