//! Reading the access log: newest entries first, by record, by who acted, by time. Ids only, as they were written.

use kith_domain::access::{Purpose, Role};
use kith_domain::ids::AccountId;
use kith_vault::FileKey;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::body::{self, Asked};
use super::lanes::is_ours;
use crate::entity::{ledger_entry, ledger_subject};
use crate::{Look, Store, StoreError};

/// The action of an entry that is not as Kith wrote it.
pub const NOT_OURS: &str = "log.not_ours";

/// Entries read at once where one is looked for.
const AT_ONCE: u64 = 50;

/// Which entries are wanted; what is `None` does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Entries about any of these records, or searches for any of these words, see [`Asked`]; about all when none is named. A
    /// child's id finds every look at, and every change of, what belongs to its file.
    pub subjects: Vec<Uuid>,
    /// Entries of what this account did.
    pub actor: Option<AccountId>,
    /// From this instant on, UTC milliseconds.
    pub from_ms: Option<i64>,
    /// Before this instant.
    pub until_ms: Option<i64>,
    /// Only what was refused.
    pub refused: bool,
    /// Older than this entry.
    pub before: Option<i64>,
}

/// A record that an entry is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedRecord {
    /// Its table: what kind of record it is.
    pub table: String,
    /// Its id.
    pub id: Uuid,
    /// Which version was opened or made; `None` when nothing of it was opened.
    pub version: Option<i64>,
}

/// An entry of the access log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Its number in the database; grows with time.
    pub id: i64,
    /// Its place in the signed tree, from 0; `None` while it waits to be sequenced.
    pub place: Option<i64>,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// Who; `None` for the program itself.
    pub actor: Option<AccountId>,
    /// In which role; `None` for a code that is none of ours.
    pub role: Option<Role>,
    /// What was done, a code such as `referral.read`.
    pub action: String,
    /// What for; `None` for a code that is none of ours.
    pub purpose: Option<Purpose>,
    /// Whether it was refused.
    pub refused: bool,
    /// What a refusal was about.
    pub about: Option<Uuid>,
    /// What was seen.
    pub seen: Vec<LoggedRecord>,
    /// What was changed.
    pub changed: Vec<LoggedRecord>,
    /// What was searched for.
    pub asked: Option<Asked>,
}

/// How far the signed tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogState {
    /// Entries under the newest signed checkpoint.
    pub size: u64,
    /// Root hash over them, RFC 6962.
    pub root: [u8; 32],
    /// Entries that wait to be taken into the tree.
    pub waiting: u64,
}

impl LogEntry {
    /// `None` if it is not as Kith wrote it.
    pub(super) fn of(model: &ledger_entry::Model, key: &FileKey) -> Option<Self> {
        let read = body::parse(&model.body).filter(|_| is_ours(key, model))?;
        let record = |table: &str, id, version| LoggedRecord { table: table.to_owned(), id, version };
        Some(Self {
            id: model.id,
            place: model.leaf,
            at_ms: read.at,
            actor: read.who.map(AccountId),
            role: Role::from_code(read.role),
            action: read.action.to_owned(),
            purpose: Purpose::from_code(read.purpose),
            refused: read.is_refused(),
            about: read.about,
            seen: read.seen.iter().map(|(table, id, version)| record(table, *id, *version)).collect(),
            asked: read.asked.clone(),
            changed: read.changed.iter().map(|(table, id, version, _)| record(table, *id, Some(*version))).collect(),
        })
    }

    /// What is said of an entry that somebody put into the database past Kith, or altered there: that it is there.
    fn not_ours(model: &ledger_entry::Model) -> Self {
        Self {
            id: model.id,
            place: model.leaf,
            at_ms: model.at,
            actor: None,
            role: None,
            action: NOT_OURS.to_owned(),
            purpose: None,
            refused: false,
            asked: None,
            about: None,
            seen: Vec::new(),
            changed: Vec::new(),
        }
    }
}

impl Look {
    /// Up to `limit` entries of the access log, newest first. Notes nothing: who reads the log says what about. One that is not
    /// as Kith wrote it says that and nothing else ([`NOT_OURS`]).
    pub async fn log_entries(&self, filter: &LogFilter, limit: u64) -> Result<Vec<LogEntry>, StoreError> {
        use ledger_entry::Column;
        let mut select = ledger_entry::Entity::find();
        if !filter.subjects.is_empty() {
            let about = Query::select()
                .column(ledger_subject::Column::EntryId)
                .from(ledger_subject::Entity)
                .and_where(ledger_subject::Column::SubjectId.is_in(filter.subjects.iter().copied()))
                .to_owned();
            select = select.filter(Column::Id.in_subquery(about));
        }
        if let Some(actor) = filter.actor {
            select = select.filter(Column::ActorId.eq(actor.0));
        }
        if let Some(from) = filter.from_ms {
            select = select.filter(Column::At.gte(from));
        }
        if let Some(until) = filter.until_ms {
            select = select.filter(Column::At.lt(until));
        }
        if filter.refused {
            select = select.filter(Column::Refused.eq(1));
        }
        if let Some(before) = filter.before {
            select = select.filter(Column::Id.lt(before));
        }
        let models = select.order_by_desc(Column::Id).limit(limit).all(&self.db()).await?;
        let key = &self.store().0.log_key;
        Ok(models.iter().map(|model| LogEntry::of(model, key).unwrap_or_else(|| LogEntry::not_ours(model))).collect())
    }
}

impl Look {
    /// The first entry of the access log about a record, in order of time, that `wanted` finds: what is not as Kith wrote it is
    /// not asked. Notes nothing.
    pub async fn first_log_entry(
        &self,
        about: Uuid,
        wanted: impl Fn(&LogEntry) -> bool,
    ) -> Result<Option<LogEntry>, StoreError> {
        use ledger_subject::Column;
        let mut after = i64::MIN;
        loop {
            let of =
                ledger_subject::Entity::find().filter(Column::SubjectId.eq(about)).filter(Column::EntryId.gt(after));
            let ids = of.order_by_asc(Column::EntryId).limit(AT_ONCE).all(&self.db()).await?;
            let Some(last) = ids.last() else { return Ok(None) };
            after = last.entry_id;
            let entries = ledger_entry::Entity::find()
                .filter(ledger_entry::Column::Id.is_in(ids.iter().map(|of| of.entry_id)))
                .order_by_asc(ledger_entry::Column::Id)
                .all(&self.db())
                .await?;
            let key = &self.store().0.log_key;
            let found = entries.iter().filter_map(|model| LogEntry::of(model, key)).find(|entry| wanted(entry));
            if found.is_some() {
                return Ok(found);
            }
        }
    }
}

impl Store {
    /// How far the signed tree is, and how many entries wait for it.
    pub async fn log_state(&self) -> Result<LogState, StoreError> {
        let (size, root) = {
            let log = self.0.log.lock().await;
            let log = log.as_ref().ok_or(StoreError::Closed)?;
            (log.size(), log.root())
        };
        let waits = ledger_entry::Column::Leaf.is_null();
        let waiting = ledger_entry::Entity::find().filter(waits).count(&self.0.read).await?;
        Ok(LogState { size, root, waiting })
    }
}
