//! The wording of an entry: compact JSON with its keys always in the same order, ids only.
//!
//! `{"at":ms,"who":id|null,"role":code,"action":code,"purpose":code,"about":id,"seen":[[table,id,version|null],…],
//! "changed":[[table,id,version,sha256|"gone"|null],…],"outcome":"done"|"refused"}`. `about` is there only in a refusal,
//! `"asked":{"words":[hash,…],"shown":n}` only in a search, `"from":hash` only in signing in.

use std::collections::{BTreeMap, BTreeSet};

use kith_domain::access::Access;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The most items, seen and changed together, in one entry. An item is at most 150 bytes (the longest: a table's
/// name, an id, a version and a hash), so an entry stays under [`ENTRY_MAX`].
const ITEMS_MAX: usize = 380;
/// The most bytes of an entry: what a leaf of the log can hold.
pub(crate) const ENTRY_MAX: usize = 65_535;
/// The outcome of an entry of what was refused.
pub(crate) const REFUSED: &str = "refused";

/// What was seen and changed in a scope.
#[derive(Default)]
pub(crate) struct Noted {
    /// Table, row, and the version whose envelope was opened.
    pub(crate) seen: BTreeSet<(&'static str, Uuid, Option<i64>)>,
    /// Table, row and new version, and what is there now.
    pub(crate) changed: BTreeMap<(&'static str, Uuid, i64), Now>,
    /// What was searched for.
    pub(crate) asked: Option<Asked>,
    /// A keyed hash of the address that it came from.
    pub(crate) from: Option<Uuid>,
}

/// A search: what was asked for, as keyed hashes by which it can be found again by whoever knows the words, and how much was
/// shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// A keyed hash of each word and of all of them, see [`crate::Store::asked_word`].
    pub words: Vec<Uuid>,
    /// How many were shown.
    pub shown: u64,
}

/// What is there of a row, or of rows that belong together, after a change.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Now {
    /// What was there: somebody meant to change it and found it so already.
    AsBefore,
    /// Rows of this digest, see [`crate::row::digest`].
    Is([u8; 32]),
    /// Nothing.
    Gone,
}

/// What an entry says of what is not there any more.
pub(crate) const GONE: &str = "gone";

/// How it ended.
pub(crate) enum Outcome {
    /// It was done.
    Done,
    /// It was refused; the record it was about, if any.
    Refused(Option<Uuid>),
}

/// An entry to be written.
#[derive(Clone)]
pub(crate) struct NewEntry {
    pub(crate) at: i64,
    pub(crate) actor: Option<Uuid>,
    pub(crate) refused: bool,
    pub(crate) subjects: BTreeSet<Uuid>,
    pub(crate) body: String,
}

/// An entry as it is written and read.
#[derive(Serialize, Deserialize)]
pub(crate) struct Body<'a> {
    pub(crate) at: i64,
    pub(crate) who: Option<Uuid>,
    pub(crate) role: &'a str,
    pub(crate) action: &'a str,
    pub(crate) purpose: &'a str,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) about: Option<Uuid>,
    #[serde(borrow)]
    pub(crate) seen: Vec<(&'a str, Uuid, Option<i64>)>,
    pub(crate) changed: Vec<(&'a str, Uuid, i64, Option<String>)>,
    pub(crate) outcome: &'a str,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) asked: Option<Asked>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) from: Option<Uuid>,
}

/// The entries for what was noted: one, or several if it is more than fits in one.
pub(crate) fn entries(
    access: &Access,
    action: &'static str,
    now_ms: i64,
    noted: &Noted,
    outcome: &Outcome,
) -> Vec<NewEntry> {
    let mut seen: Vec<_> = noted.seen.iter().copied().collect();
    let mut changed: Vec<_> = noted
        .changed
        .iter()
        .map(|(&(table, row, version), now)| {
            let now = match now {
                Now::AsBefore => None,
                Now::Is(digest) => Some(hex::encode(digest)),
                Now::Gone => Some(GONE.to_owned()),
            };
            (table, row, version, now)
        })
        .collect();
    let mut entries = Vec::with_capacity(1);
    loop {
        let seen_here: Vec<_> = seen.drain(..seen.len().min(ITEMS_MAX)).collect();
        let changed_here: Vec<_> = changed.drain(..changed.len().min(ITEMS_MAX - seen_here.len())).collect();
        let body = Body {
            at: now_ms,
            who: access.actor.account.map(Uuid::from),
            role: access.actor.role.code(),
            action,
            purpose: access.purpose.code(),
            about: if let Outcome::Refused(about) = outcome { *about } else { None },
            seen: seen_here,
            changed: changed_here,
            outcome: if matches!(outcome, Outcome::Done) { "done" } else { REFUSED },
            asked: noted.asked.clone().filter(|_| entries.is_empty()),
            from: noted.from,
        };
        entries.push(NewEntry {
            at: now_ms,
            actor: body.who,
            refused: body.is_refused(),
            subjects: body.subjects(),
            body: serde_json::to_string(&body).expect("strings, numbers and ids are always JSON"),
        });
        if seen.is_empty() && changed.is_empty() {
            return entries;
        }
    }
}

/// Reads an entry back, for comparison with the columns beside it. `None` if it is not one of ours.
pub(crate) fn read(body: &str) -> Option<NewEntry> {
    let parsed = parse(body)?;
    Some(NewEntry {
        at: parsed.at,
        actor: parsed.who,
        refused: parsed.is_refused(),
        subjects: parsed.subjects(),
        body: body.to_owned(),
    })
}

/// Reads an entry back. `None` if it is not one of ours.
pub(crate) fn parse(body: &str) -> Option<Body<'_>> {
    serde_json::from_str(body).ok()
}

impl Body<'_> {
    /// Whether it is of something that was refused.
    pub(crate) fn is_refused(&self) -> bool {
        self.outcome == REFUSED
    }

    /// Every record the entry is about; not who acted, which has a column of its own.
    pub(crate) fn subjects(&self) -> BTreeSet<Uuid> {
        let seen = self.seen.iter().map(|item| item.1);
        let changed = self.changed.iter().map(|item| item.1);
        let asked = self.asked.iter().flat_map(|asked| asked.words.iter().copied());
        seen.chain(changed).chain(self.about).chain(asked).chain(self.from).collect()
    }
}
