//! The texts of a record: each observation with all that was ever written in its place, and what was struck out.

use super::entry::{Content, Entry, Observation};
use super::written::{Limits, RealHours, Written, written};
use crate::ids::{AccountId, EntryId};

/// A text that was replaced sooner than this was still being typed, in milliseconds.
pub const TYPING_MS: i64 = 60_000;

/// One text of an observation.
#[derive(Clone, PartialEq, Eq)]
pub struct Text<'a> {
    /// The entry that holds it.
    pub entry: EntryId,
    /// What it says.
    pub observation: &'a Observation,
    /// When the service received it, UTC milliseconds.
    pub received_ms: i64,
    /// When it was written, against the session's real hours.
    pub written: Written,
}

/// An observation with all its texts.
#[derive(Clone, PartialEq, Eq)]
pub struct Texts<'a> {
    /// The first entry, whose id names the observation.
    pub id: EntryId,
    /// Who wrote it.
    pub author: AccountId,
    /// Every text in the order written; the last one stands. Never empty.
    pub all: Vec<Text<'a>>,
    /// If it was struck out: when (UTC milliseconds), by whom, why.
    pub struck: Option<(i64, AccountId, &'a str)>,
}

impl<'a> Texts<'a> {
    /// The text that stands.
    pub fn standing(&self) -> &Text<'a> {
        &self.all[self.all.len() - 1]
    }

    /// Earlier texts that a reader is shown: each that stood for at least a minute, and the last one of each part of the
    /// day (before, during, after), however short it stood. What was replaced sooner was still being typed; it is kept.
    pub fn earlier(&self) -> Vec<&Text<'a>> {
        let pairs = self.all.iter().zip(self.all.iter().skip(1));
        let shown = pairs.filter(|(text, next)| {
            next.received_ms - text.received_ms >= TYPING_MS || text.written.code() != next.written.code()
        });
        // The same words again, under another heading or at another time, replace nothing that could be read.
        shown.filter(|(text, next)| text.observation != next.observation).map(|(text, _)| text).collect()
    }

    /// How many texts are kept that [`Self::earlier`] does not show.
    pub fn typing(&self) -> usize {
        self.all.len() - 1 - self.earlier().len()
    }

    /// When the text that stands was begun: the first of those that were typed one after the other up to it.
    pub fn begun_ms(&self) -> i64 {
        let shown = self.earlier().last().map(|text| text.entry);
        let after = shown.and_then(|entry| self.all.iter().position(|text| text.entry == entry)).map_or(0, |at| at + 1);
        self.all[after].received_ms
    }
}

/// Folds a record's entries, in the order received, into its texts, in the order of their first.
pub fn texts<'a>(entries: impl IntoIterator<Item = Entry<'a>>, hours: RealHours, limits: Limits) -> Vec<Texts<'a>> {
    let mut all: Vec<Texts<'a>> = Vec::new();
    let mut struck = Vec::new();
    for entry in entries {
        let text = |observation| Text {
            entry: entry.id,
            observation,
            received_ms: entry.received_ms,
            written: written(entry.received_ms, hours, limits),
        };
        match entry.content {
            Content::Observation(observation) => {
                all.push(Texts { id: entry.id, author: entry.author, all: vec![text(observation)], struck: None });
            }
            Content::Revision { of, observation } => {
                if let Some(texts) = all.iter_mut().find(|texts| texts.id == *of) {
                    texts.all.push(text(observation));
                }
            }
            // Looked at below: what is struck out may have been received in the same instant.
            Content::StruckOut { of, reason } => struck.push((*of, (entry.received_ms, entry.author, reason.as_str()))),
            Content::Arrival { .. }
            | Content::Leaving { .. }
            | Content::NotCome { .. }
            | Content::Start { .. }
            | Content::End { .. }
            | Content::Concern(_)
            | Content::Addendum(_) => {}
        }
    }
    for (of, struck) in struck {
        if let Some(texts) = all.iter_mut().find(|texts| texts.id == of) {
            texts.struck = Some(struck);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::instant_ms;
    use crate::record::Heading;
    use jiff::civil::{Date, date};
    use uuid::Uuid;

    const DAY: Date = date(2026, 11, 26);
    const HOURS: RealHours = RealHours { day: DAY, start_minute: 600, end_minute: 690 };
    const FIRST: EntryId = EntryId(Uuid::from_u128(100));

    fn observed(text: &str) -> Observation {
        Observation {
            heading: Heading::Play,
            about_minute: Some(602),
            basis: None,
            quotation: false,
            text: text.to_owned(),
        }
    }

    /// The texts of one observation, written at these instants (minutes and seconds of the day).
    fn folded(written: &[(i64, i64, &str)], check: impl Fn(&Texts)) {
        let contents: Vec<(i64, Content)> = written
            .iter()
            .enumerate()
            .map(|(number, (minute, second, text))| {
                let content = match number {
                    0 => Content::Observation(observed(text)),
                    _ => Content::Revision { of: FIRST, observation: observed(text) },
                };
                (instant_ms(DAY, *minute) + second * 1000, content)
            })
            .collect();
        let entries = contents.iter().enumerate().map(|(number, (received_ms, content))| Entry {
            id: EntryId(Uuid::from_u128(number as u128 + 100)),
            author: AccountId(Uuid::nil()),
            received_ms: *received_ms,
            content,
        });
        let all = texts(entries, HOURS, Limits::HANDBOOK);
        assert_eq!(all.len(), 1);
        check(&all[0]);
    }

    #[test]
    fn words_replaced_in_the_evening_are_two_texts_the_later_one_later() {
        // Handbook section 19: "First words written during and replaced afterwards are two texts, both readable, the later
        // one later."
        folded(&[(602, 0, "He hit her."), (1120, 0, "He touched her arm.")], |texts| {
            assert_eq!(texts.standing().observation.text, "He touched her arm.");
            assert_eq!(texts.standing().written, Written::Later { minutes: 430 });
            let earlier = texts.earlier();
            assert_eq!(earlier.len(), 1);
            assert_eq!((earlier[0].observation.text.as_str(), earlier[0].written), ("He hit her.", Written::During));
        });
    }

    #[test]
    fn what_was_still_being_typed_is_kept_and_not_read_as_another_text() {
        folded(&[(602, 0, "They"), (602, 5, "They built"), (602, 10, "They built a tower.")], |texts| {
            assert!(texts.earlier().is_empty());
            assert_eq!((texts.typing(), texts.begun_ms()), (2, instant_ms(DAY, 602)));
        });
    }

    #[test]
    fn what_stood_for_a_minute_or_in_another_part_of_the_day_is_read() {
        folded(&[(602, 0, "A"), (603, 0, "B"), (690, 58, "C"), (691, 2, "D")], |texts| {
            let earlier: Vec<&str> = texts.earlier().iter().map(|text| text.observation.text.as_str()).collect();
            assert_eq!(earlier, ["A", "B", "C"]);
            assert_eq!(texts.begun_ms(), instant_ms(DAY, 691) + 2000);
        });
    }
}
