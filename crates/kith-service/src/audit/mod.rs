//! Accountability: who looked at what and why, whether nothing was altered, and the register that says what may be done.

#[cfg(test)]
mod tests;
mod words;

use jiff::civil::Date;
use kith_domain::access::Role;
use kith_domain::calendar;
use kith_domain::form::{Fields, Problem, Reader};
use kith_domain::ids::AccountId;
use kith_store::{LogEntry, LogFilter, LogState, NOT_OURS};
use uuid::Uuid;

pub use words::{action_words, record_words};

use crate::directory::Card;
use crate::{Desk, Register, ServiceError};

/// Entries on one page of the access log.
pub const PAGE_ENTRIES: usize = 50;

/// What somebody wants to see of the access log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogQuery {
    /// About which record: its id, or the reference of a child's file.
    pub record: Option<String>,
    /// Done by whom.
    pub who: Option<AccountId>,
    /// On which day.
    pub day: Option<Date>,
    /// Only what was refused.
    pub refused: bool,
    /// Older than this entry.
    pub before: Option<i64>,
}

impl LogQuery {
    /// Reads `record`, `who`, `day`, `outcome` (`refused`, or anything), `before`.
    pub fn read(fields: &Fields) -> Result<LogQuery, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let record = r.text("record", "Record or file reference", 40);
        if record.as_deref().is_some_and(|text| text.parse::<Uuid>().is_err() && !is_reference(text)) {
            r.problem("record", "Record must be an id, or a file reference like 7F3A-90BC");
        }
        let who = r.id("who", "Who").map(AccountId);
        let day = r.date("day", "Day");
        let before = r.number("before", "Page", 0, i64::MAX);
        let refused = fields.get("outcome") == "refused";
        r.finish(LogQuery { record, who, day, refused, before })
    }
}

/// Eight hexadecimal digits, with or without a hyphen.
fn is_reference(text: &str) -> bool {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    digits.len() == 8 && digits.chars().all(|c| c.is_ascii_hexdigit())
}

/// An entry with the words a page needs.
pub struct Logged {
    /// The entry.
    pub entry: LogEntry,
    /// Who, as in the staff directory.
    pub who: String,
}

/// One page of the access log.
pub struct LogPage {
    /// Newest first.
    pub entries: Vec<Logged>,
    /// Where the next page begins: what [`LogQuery::before`] must be; `None` on the last page.
    pub older: Option<i64>,
    /// How far the signed tree is.
    pub state: LogState,
    /// Everybody who could be asked for, by name.
    pub staff: Vec<Card>,
}

/// Searches for a person that are shown at once.
pub const SEARCHES_MAX: usize = 200;

/// A search that was made.
pub struct Searched {
    /// Its entry.
    pub entry: LogEntry,
    /// Who, as in the staff directory.
    pub who: String,
    /// Whether it was for just these words; else it was for one of them, or the beginning of one.
    pub whole: bool,
    /// How many it showed.
    pub shown: u64,
}

/// The searches for a person.
pub struct Searches {
    /// Newest first.
    pub searched: Vec<Searched>,
    /// Whether there are more than are shown.
    pub more: bool,
}

impl Desk {
    /// Who did what an entry says, as in the staff directory.
    fn who_did(&self, entry: &LogEntry) -> String {
        match entry.actor {
            None if entry.action == NOT_OURS => "Not known".to_owned(),
            None => Role::System.label().to_owned(),
            Some(id) => self.service.name_of(id),
        }
    }

    /// A page of the access log. Reading it is itself entered, about the record that was asked for.
    pub async fn access_log(&self, query: &LogQuery) -> Result<LogPage, ServiceError> {
        self.allow_service("ledger.read").await?;
        let look = self.look();
        let subject = match &query.record {
            None => None,
            Some(text) => match text.parse::<Uuid>() {
                Ok(id) => Some(id),
                Err(_) => Some(look.file_with_reference(text).await?.map(|id| id.0).ok_or_else(|| {
                    ServiceError::field("record", "There is no file with this reference. Check it and try again")
                })?),
            },
        };
        let day_ms = |day: Date| calendar::instant_ms(day, 0);
        let filter = LogFilter {
            subjects: subject.into_iter().collect(),
            actor: query.who,
            from_ms: query.day.map(day_ms),
            until_ms: query.day.map(|day| day_ms(day.tomorrow().unwrap_or(day))),
            refused: query.refused,
            before: query.before,
        };
        let mut entries = look.log_entries(&filter, PAGE_ENTRIES as u64 + 1).await?;
        let more = entries.len() > PAGE_ENTRIES;
        entries.truncate(PAGE_ENTRIES);
        look.note("access_log", subject.or(query.who.map(|id| id.0)).unwrap_or_default());
        look.done("ledger.read", self.now_ms()).await?;
        let state = self.service.store().log_state().await?;
        let older = entries.last().filter(|_| more).map(|entry| entry.id);
        let entries = entries.into_iter().map(|entry| Logged { who: self.who_did(&entry), entry }).collect();
        Ok(LogPage { entries, older, state, staff: self.service.directory().everybody() })
    }

    /// Whether this person reads the log.
    pub async fn may_read_log(&self) -> Result<(), ServiceError> {
        self.allow_service("ledger.read").await
    }

    /// Who searched for a person: searches for the same words, in any order, and for one of them or its beginning, newest
    /// first. That it was asked is itself entered, in the same way.
    pub async fn searches_for(&self, name: &str) -> Result<Searches, ServiceError> {
        self.allow_service("ledger.read").await?;
        let (all, parts) = self.service.asked_for(name).await?;
        if parts.is_empty() {
            return Err(ServiceError::field("name", "Enter a name, or what else somebody may have searched for"));
        }
        let look = self.look();
        let subjects = [all.clone(), parts].concat();
        let filter = LogFilter { subjects, ..LogFilter::default() };
        let mut found = look.log_entries(&filter, SEARCHES_MAX as u64 + 1).await?;
        let more = found.len() > SEARCHES_MAX;
        found.truncate(SEARCHES_MAX);
        look.searched(self.service.asked(&[name], found.len()));
        look.done("ledger.searches_read", self.now_ms()).await?;
        let searched = found.into_iter().map(|entry| Searched {
            who: self.who_did(&entry),
            whole: entry.asked.as_ref().is_some_and(|asked| asked.words.iter().any(|word| all.contains(word))),
            shown: entry.asked.as_ref().map(|asked| asked.shown).unwrap_or_default(),
            entry,
        });
        Ok(Searches { searched: searched.collect(), more })
    }

    /// The register: purposes with their legal basis, retention, recipients, hours and figures, as Kith enforces them.
    pub async fn register(&self) -> Result<&Register, ServiceError> {
        self.allow_service("register.read").await?;
        Ok(self.service.register())
    }
}
