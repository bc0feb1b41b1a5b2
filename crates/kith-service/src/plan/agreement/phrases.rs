//! The words of the contact agreement in a language, read from a file. English and Welsh are part of Kith; an authority adds
//! others, or its own checked copy of one, in `translations/` beside its register.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use jiff::civil::Date;
use kith_domain::calendar;
use kith_domain::codes::Supervision;
use kith_domain::delivery::Term;
use kith_domain::form::upper_first;
use kith_domain::plan::{Arrangement, Bound, Mode, Nth, Pattern, Per, When};
use serde::Deserialize;

const SHIPPED: [&str; 2] =
    [include_str!("../../../translations/agreement.en.toml"), include_str!("../../../translations/agreement.cy.toml")];

static ENGLISH: LazyLock<Arc<Phrases>> =
    LazyLock::new(|| Arc::new(Phrases::read(SHIPPED[0]).unwrap_or_else(|why| unreachable!("{why}"))));

/// English, whatever an authority put in its place.
pub(super) fn english() -> &'static Phrases {
    &ENGLISH
}

/// The agreement's words in each language that Kith ships, by the language's ISO 639-1 code.
pub(crate) fn shipped() -> BTreeMap<String, Arc<Phrases>> {
    let read = SHIPPED.iter().filter_map(|text| Phrases::read(text).ok());
    read.map(|phrases| (phrases.language.clone(), Arc::new(phrases))).collect()
}

/// English, whatever an authority put in its place, to be kept.
pub(crate) fn english_kept() -> Arc<Phrases> {
    ENGLISH.clone()
}

/// The words of one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Phrases {
    /// ISO 639-1 code.
    pub(crate) language: String,
    /// What the language calls itself.
    pub(crate) name: String,
    checked_by: String,
    checked_on: String,
    pub(crate) words: PaperWords,
    pub(crate) readers: ReaderWords,
    frequency: FrequencyWords,
    pattern: PatternWords,
    modes: ModeWords,
    supervision: SupervisionWords,
}

/// Words of the paper; `{…}` stands for what is put in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PaperWords {
    pub(crate) title: String,
    pub(crate) draft: String,
    pub(crate) unchecked: String,
    pub(crate) intro: String,
    pub(crate) with: String,
    pub(crate) nothing: String,
    pub(crate) how_often: String,
    pub(crate) when: String,
    pub(crate) dates: String,
    pub(crate) how: String,
    #[serde(rename = "where")]
    pub(crate) place: String,
    pub(crate) getting_there: String,
    pub(crate) staff: String,
    pub(crate) interpreter: String,
    pub(crate) journey: String,
    pub(crate) rules: String,
    pub(crate) if_not: String,
    pub(crate) every_time: String,
    pub(crate) only_named: String,
    pub(crate) late: String,
    pub(crate) safe: String,
    pub(crate) written: String,
    pub(crate) questions: String,
    pub(crate) signatures: String,
    pub(crate) name: String,
    pub(crate) signature: String,
    pub(crate) date: String,
    pub(crate) and: String,
    pub(crate) original: String,
}

/// What those are called who sign beside the family.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReaderWords {
    pub(crate) child: String,
    pub(crate) carer: String,
    pub(crate) social_worker: String,
    pub(crate) service: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FrequencyWords {
    order: String,
    exactly: String,
    at_least: String,
    at_most: String,
    once: String,
    twice: String,
    more: String,
    day: String,
    week: String,
    fortnight: String,
    month: String,
    school_term: String,
    school_holiday: String,
    year: String,
    minutes: String,
    term_time: String,
    holidays: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PatternWords {
    no_day: String,
    timed: String,
    untimed: String,
    every_week: String,
    every_second_week: String,
    every_weeks: String,
    of_month: String,
    nth: [String; 5],
    weekdays: [String; 6],
    months: [String; 12],
    day: String,
    from_to: String,
    from_on: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ModeWords {
    in_person: String,
    video: String,
    letterbox: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SupervisionWords {
    supervised: String,
    supported: String,
    handover_only: String,
    unsupervised: String,
}

/// A text with what stands in braces put in.
pub(crate) fn put(text: &str, values: &[(&str, &str)]) -> String {
    let mut put = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        put.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            put.push('{');
            rest = after;
            continue;
        };
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => put.push_str(value),
            None => put.extend(["{", name, "}"]),
        }
        rest = after;
    }
    put.push_str(rest);
    put
}

impl Phrases {
    /// Reads a file; `Err` says what is missing or not known.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let read: Self = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        if read.language.len() != 2 || !read.language.chars().all(|c| c.is_ascii_lowercase()) {
            return Err("language must be two small letters, its ISO 639-1 code".to_owned());
        }
        if read.checked_by.trim().is_empty() != read.checked_on.trim().is_empty() {
            return Err(
                "checked_by and checked_on go together: who checked the translation, and on which day".to_owned()
            );
        }
        if !read.checked_on.trim().is_empty() && read.checked_on.trim().parse::<Date>().is_err() {
            return Err("checked_on must be a day, like 2026-11-30".to_owned());
        }
        Ok(read)
    }

    /// Whether somebody checked the translation.
    pub(crate) fn is_checked(&self) -> bool {
        !self.checked_by.trim().is_empty()
    }

    /// `Ann, Joe and Len`.
    pub(crate) fn all(&self, names: &[String]) -> String {
        match names {
            [] => String::new(),
            [one] => one.clone(),
            [most @ .., last] => format!("{} {} {last}", most.join(", "), self.words.and),
        }
    }

    /// How often, how long and when in the year.
    pub(crate) fn how_often(&self, term: &Term) -> String {
        let f = &self.frequency;
        let bound = match term.bound {
            Bound::Exactly => &f.exactly,
            Bound::AtLeast => &f.at_least,
            Bound::AtMost => &f.at_most,
        };
        let number = term.count.to_string();
        let times = match term.count {
            1 => f.once.clone(),
            2 => f.twice.clone(),
            _ => put(&f.more, &[("n", &number)]),
        };
        let per = match term.per {
            Per::Day => &f.day,
            Per::Week => &f.week,
            Per::Fortnight => &f.fortnight,
            Per::Month => &f.month,
            Per::SchoolTerm => &f.school_term,
            Per::SchoolHoliday => &f.school_holiday,
            Per::Year => &f.year,
        };
        let mut said = vec![put(&f.order, &[("bound", bound), ("times", &times), ("per", per)])];
        said.extend(term.minutes.map(|minutes| put(&f.minutes, &[("n", &minutes.to_string())])));
        match term.when {
            When::Always => {}
            When::TermTime => said.push(f.term_time.clone()),
            When::Holidays => said.push(f.holidays.clone()),
        }
        upper_first(&said.join(", "))
    }

    /// On which days and at what time.
    pub(crate) fn when(&self, pattern: &Pattern, minutes: i64) -> String {
        let p = &self.pattern;
        if pattern.weekdays.is_empty() {
            return p.no_day.clone();
        }
        let day = |number: &i8| usize::try_from(number - 1).ok().and_then(|at| p.weekdays.get(at)).cloned();
        let days = self.all(&pattern.weekdays.iter().filter_map(day).collect::<Vec<_>>());
        let nth = |nth: &Nth| Nth::ALL.iter().position(|known| known == nth).and_then(|at| p.nth.get(at)).cloned();
        let every = pattern.every_weeks.to_string();
        let weeks = match (pattern.of_month.is_empty(), pattern.every_weeks) {
            (false, _) => {
                let which = self.all(&pattern.of_month.iter().filter_map(nth).collect::<Vec<_>>());
                put(&p.of_month, &[("which", &which)])
            }
            (true, 1) => p.every_week.clone(),
            (true, 2) => p.every_second_week.clone(),
            (true, _) => put(&p.every_weeks, &[("n", &every)]),
        };
        upper_first(&match pattern.start_minute {
            Some(start) => {
                let (from, to) = (calendar::clock(start), calendar::clock(start + minutes));
                put(&p.timed, &[("days", &days), ("from", &from), ("to", &to), ("weeks", &weeks)])
            }
            None => put(&p.untimed, &[("days", &days), ("weeks", &weeks)]),
        })
    }

    /// A day.
    pub(crate) fn day(&self, day: Date) -> String {
        let month = usize::try_from(day.month() - 1).ok().and_then(|at| self.pattern.months.get(at));
        let (number, year) = (day.day().to_string(), day.year().to_string());
        let month = month.map(String::as_str).unwrap_or_default();
        put(&self.pattern.day, &[("day", &number), ("month", month), ("year", &year)])
    }

    /// From when to when.
    pub(crate) fn dates(&self, line: &Arrangement) -> String {
        let from = self.day(line.from);
        upper_first(&match line.to {
            Some(to) => put(&self.pattern.from_to, &[("from", &from), ("to", &self.day(to))]),
            None => put(&self.pattern.from_on, &[("from", &from)]),
        })
    }

    /// How contact takes place.
    pub(crate) fn mode(&self, mode: Mode) -> &str {
        match mode {
            Mode::InPerson => &self.modes.in_person,
            Mode::Video => &self.modes.video,
            Mode::Letterbox => &self.modes.letterbox,
        }
    }

    /// What staff do.
    pub(crate) fn staff(&self, supervision: Supervision) -> &str {
        match supervision {
            Supervision::Supervised => &self.supervision.supervised,
            Supervision::Supported => &self.supervision.supported,
            Supervision::HandoverOnly => &self.supervision.handover_only,
            Supervision::Unsupervised => &self.supervision.unsupervised,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Translations;

    #[test]
    fn both_that_are_shipped_are_whole_and_welsh_says_that_nobody_checked_it() {
        let all = Translations::default();
        let english = [("en".to_owned(), "English".to_owned()), ("cy".to_owned(), "Cymraeg".to_owned())];
        assert_eq!(all.languages(), english);
        assert!(all.of("en").is_checked() && !all.of("cy").is_checked());
        assert_eq!(all.of("xx").language, "en", "what there is not is said in English");
    }

    #[test]
    fn a_file_beside_the_register_takes_the_place_of_what_is_shipped() {
        let dir = tempfile::tempdir().unwrap();
        let checked = SHIPPED[1]
            .replace("checked_by = \"\"", "checked_by = \"Translation unit\"")
            .replace("checked_on = \"\"", "checked_on = \"2026-11-30\"");
        std::fs::write(dir.path().join("agreement.cy.toml"), &checked).unwrap();
        std::fs::write(dir.path().join("notes.toml"), "anything").unwrap();
        let all = Translations::default().with_those_of(dir.path()).unwrap();
        assert!(all.of("cy").is_checked());
        for (wrong, says) in [
            (checked.replace("intro =", "introduction ="), "introduction"),
            (checked.replace("2026-11-30", "yesterday"), "checked_on"),
            (checked.replace("language = \"cy\"", "language = \"Welsh\""), "ISO 639-1"),
            (checked.replace("checked_on = \"2026-11-30\"", "checked_on = \"\""), "go together"),
        ] {
            std::fs::write(dir.path().join("agreement.cy.toml"), wrong).unwrap();
            let why = Translations::default().with_those_of(dir.path()).err().unwrap_or_default();
            assert!(why.contains("agreement.cy.toml") && why.contains(says), "{why}");
        }
    }

    #[test]
    fn what_is_put_in_is_never_read_again() {
        assert_eq!(put("{a} and {b}", &[("a", "{b}"), ("b", "two")]), "{b} and two");
        assert_eq!(put("{unknown} {", &[]), "{unknown} {");
    }
}
