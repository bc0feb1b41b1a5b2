//! What one account opened, changed and was refused in a time, file by file: from the entries themselves, each asked whether it is as Kith
//! wrote it, since who is told of a breach rests on it.

use std::collections::{BTreeMap, BTreeSet};

use kith_domain::ids::{AccountId, ChildId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::read::LogEntry;
use crate::entity::ledger_entry;
use crate::{Look, StoreError};

/// Entries read at once.
const AT_ONCE: u64 = 2_000;
/// As what an entry names a child's file.
const FILE: &str = "child";

/// How often something was done, and when first and last, UTC milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HowOften {
    /// How many entries of the access log say so.
    pub count: u64,
    /// Of these, how many say that something was changed.
    pub changed: u64,
    /// The first.
    pub first_ms: i64,
    /// The last.
    pub last_ms: i64,
}

/// What an account did in a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenedBy {
    /// The files that it opened or changed.
    pub files: BTreeMap<ChildId, HowOften>,
    /// What it asked for and was refused; what it was, a file or anything else, is not said by its id.
    pub refused: BTreeMap<Uuid, HowOften>,
    /// How many entries of that time are not as Kith wrote them, and say nothing.
    pub not_ours: u64,
}

fn add<K: Ord>(to: &mut BTreeMap<K, HowOften>, what: K, at_ms: i64, changed: bool) {
    let often = to.entry(what).or_insert(HowOften { count: 0, changed: 0, first_ms: at_ms, last_ms: at_ms });
    often.count += 1;
    often.changed += u64::from(changed);
    often.first_ms = often.first_ms.min(at_ms);
    often.last_ms = often.last_ms.max(at_ms);
}

impl Look {
    /// What an account opened, changed and was refused from an instant on and before another, UTC milliseconds. Notes nothing: who reads
    /// the log says what about.
    pub async fn opened_by(&self, account: AccountId, from_ms: i64, until_ms: i64) -> Result<OpenedBy, StoreError> {
        use ledger_entry::Column;
        let mut found = OpenedBy::default();
        let mut after = i64::MIN;
        loop {
            let next = ledger_entry::Entity::find()
                .filter(Column::ActorId.eq(account.0))
                .filter(Column::At.gte(from_ms))
                .filter(Column::At.lt(until_ms))
                .filter(Column::Id.gt(after));
            let models = next.order_by_asc(Column::Id).limit(AT_ONCE).all(&self.db()).await?;
            let Some(last) = models.last() else { return Ok(found) };
            after = last.id;
            let whole = models.len() as u64 == AT_ONCE;
            for model in &models {
                let Some(entry) = LogEntry::of(model, &self.store().0.log_key) else {
                    found.not_ours += 1;
                    continue;
                };
                if entry.refused {
                    if let Some(about) = entry.about {
                        add(&mut found.refused, about, entry.at_ms, false);
                    }
                    continue;
                }
                let files = |records: &[super::read::LoggedRecord]| -> BTreeSet<Uuid> {
                    records.iter().filter(|of| of.table == FILE).map(|of| of.id).collect()
                };
                // What an entry says was changed names its file among what was seen.
                let changes = !entry.changed.is_empty();
                for file in files(&entry.seen).union(&files(&entry.changed)) {
                    add(&mut found.files, ChildId(*file), entry.at_ms, changes);
                }
            }
            if !whole {
                return Ok(found);
            }
        }
    }
}
