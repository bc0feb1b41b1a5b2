//! Who has a child's file: given to another, covered for a time, refused by or for somebody who must not have it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::form::{Fields, Problem, Reader};
use crate::ids::{AccountId, ChildId};

/// Longest reason, in characters.
const REASON_CHARS: usize = 400;
/// Longest cover, in days: who has the files longer takes them over.
const COVER_DAYS: i32 = 92;

/// Another social worker for files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeWorker {
    /// Who takes them.
    pub to: AccountId,
    /// Why, in words.
    pub reason: String,
}

impl ChangeWorker {
    /// Reads `to`, `reason`.
    pub fn read(fields: &Fields) -> Result<ChangeWorker, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let to = r.required_id("to", "Who takes it").map(AccountId);
        let reason = r.required("reason", "Why it goes to somebody else", REASON_CHARS);
        let read = to.map(|to| ChangeWorker { to, reason });
        done(r, read)
    }
}

/// Many files of one social worker go to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOver {
    /// Which files.
    pub files: Vec<ChildId>,
    /// To whom, and why.
    pub change: ChangeWorker,
}

impl HandOver {
    /// Reads `file` (any of several), `to`, `reason`.
    pub fn read(fields: &Fields) -> Result<HandOver, Vec<Problem>> {
        let chosen = fields.iter().filter(|(name, _)| *name == "file");
        let files: Vec<ChildId> = chosen.filter_map(|(_, id)| id.parse().ok()).collect();
        match ChangeWorker::read(fields) {
            Ok(change) if !files.is_empty() => Ok(HandOver { files, change }),
            change => {
                let mut problems = change.err().unwrap_or_default();
                if files.is_empty() {
                    problems.insert(0, Problem::new("file", "Select at least one file"));
                }
                Err(problems)
            }
        }
    }
}

/// A colleague who covers for a social worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// Who covers.
    pub by: AccountId,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
    /// Why, in words.
    pub reason: String,
}

impl Cover {
    /// Reads `by`, `from`, `until`, `reason`.
    pub fn read(fields: &Fields, today: Date) -> Result<Cover, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let by = r.required_id("by", "Who covers").map(AccountId);
        let from = r.required_date("from", "The first day");
        let until = r.required_date("until", "The last day");
        if let (Some(from), Some(until)) = (from, until) {
            if until < from {
                r.problem("until-day", "The last day must not be before the first");
            } else if until < today {
                r.problem("until-day", "The last day must not be in the past");
            } else if from.until((jiff::Unit::Day, until)).map_or(0, |span| span.get_days()) >= COVER_DAYS {
                r.problem("until-day", "Cover is for three months at most. Give the files to somebody for longer");
            }
        }
        let reason = r.required("reason", "Why somebody covers", REASON_CHARS);
        let read = by.zip(from).zip(until).map(|((by, from), until)| Cover { by, from, until, reason });
        done(r, read)
    }
}

codes! {
    /// Why somebody must not have a child's file.
    WhyRefused {
        Related = "related", "Related to the child or the family, or knows them privately";
        NotTheirs = "not_theirs", "Not their area or their work";
        Unsafe = "unsafe", "It would not be safe, for them or for the family";
        Other = "other", "Another reason";
    }
}

/// Somebody must not have a child's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refuse {
    /// Who.
    pub who: AccountId,
    /// Why.
    pub why: WhyRefused,
    /// More about it, in words.
    pub words: String,
}

impl Refuse {
    /// Reads `who`, `why`, `words`.
    pub fn read(fields: &Fields) -> Result<Refuse, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let who = r.required_id("who", "Who must not have the file").map(AccountId);
        Self::rest(r, who)
    }

    /// Reads `why`, `words`: somebody says it of themselves.
    pub fn of_oneself(fields: &Fields, who: AccountId) -> Result<Refuse, Vec<Problem>> {
        Self::rest(Reader::new(fields), Some(who))
    }

    fn rest(mut r: Reader, who: Option<AccountId>) -> Result<Refuse, Vec<Problem>> {
        let why = r.required_choice("why", "Why", WhyRefused::from_code);
        let words = r.required("words", "More about it", REASON_CHARS);
        let read = who.zip(why).map(|(who, why)| Refuse { who, why, words });
        done(r, read)
    }

    /// What is kept as the reason.
    pub fn reason(&self) -> String {
        format!("{}: {}", self.why.label(), self.words)
    }
}

fn done<T>(reader: Reader, read: Option<T>) -> Result<T, Vec<Problem>> {
    let problems = reader.into_problems();
    read.filter(|_| problems.is_empty()).ok_or(problems)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use uuid::Uuid;

    #[test]
    fn a_cover_is_of_days_to_come_and_not_for_ever() {
        let today = date(2026, 11, 24);
        let read = |from: &str, until: &str| {
            let by = Uuid::from_u128(1).to_string();
            let fields: Fields =
                [("by", by.as_str()), ("from", from), ("until", until), ("reason", "Leave")].into_iter().collect();
            Cover::read(&fields, today).map_err(|problems| problems[0].field.clone())
        };
        assert!(read("2026-11-20", "2026-11-24").is_ok(), "it may have begun");
        assert_eq!(read("2026-11-27", "2026-11-26").unwrap_err(), "until-day");
        assert_eq!(read("2026-11-01", "2026-11-23").unwrap_err(), "until-day");
        assert_eq!(read("2026-11-24", "2027-06-01").unwrap_err(), "until-day");
    }

    #[test]
    fn a_hand_over_names_its_files() {
        let to = Uuid::from_u128(1).to_string();
        let fields: Fields = [("to", to.as_str()), ("reason", "Leaves")].into_iter().collect();
        assert_eq!(HandOver::read(&fields).unwrap_err()[0].field, "file");
    }
}
