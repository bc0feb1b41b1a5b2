//! Records of sessions and their entries.

use std::collections::HashMap;

use kith_domain::calendar;
use kith_domain::ids::{AccountId, ChildId, SessionId};
use kith_domain::record::{RecordBody, RecordState};
use kith_domain::session::Slot;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement,
};
use uuid::Uuid;

use super::allocation::{Counted, open_and_theirs, reads, with_window};
use super::sealed_row;
use super::session::standing;
use crate::entity::{record, session_child};
use crate::{Look, StoreError, Work};

/// The record of a session.
#[derive(Clone)]
pub struct Record {
    /// Which session.
    pub id: SessionId,
    /// Its version.
    pub version: i64,
    /// The children it is about, in whose files it is.
    pub children: Vec<ChildId>,
    /// The supervisor who writes it.
    pub author: AccountId,
    /// Where it stands.
    pub state: RecordState,
    /// When it was opened, UTC milliseconds.
    pub opened_ms: i64,
    /// By when it is to be signed.
    pub due_ms: i64,
    /// When it was last signed.
    pub signed_ms: Option<i64>,
    /// When it was last reviewed.
    pub reviewed_ms: Option<i64>,
    /// The rest.
    pub body: RecordBody,
}

sealed_row! {
    Record, SessionId, record, RecordBody, children of the seal;
    id = session_id,
    author = author_id,
    state = state,
    opened_ms = opened_at,
    due_ms = due_at,
    signed_ms = signed_at,
    reviewed_ms = reviewed_at;
    fn files(&self) -> Vec<Uuid> {
        self.children.iter().map(|child| child.0).collect()
    }
}

/// The children whose files a row was sealed for: its envelope says so, and was opened, so it is true.
pub(super) fn children_of(sealed: &[u8]) -> Option<Vec<ChildId>> {
    Some(kith_vault::files_of(sealed).ok()?.into_iter().map(ChildId).collect())
}

impl Look {
    /// Reads the record of a session. [`StoreError::NotFound`] if there is none of that id.
    pub async fn record(&self, id: SessionId) -> Result<Record, StoreError> {
        self.get(id.0).await
    }
}

impl Work {
    /// Puts in the record of a session, at version 1. [`StoreError::Duplicate`] if the id is there already.
    pub async fn insert_record(&self, row: &mut Record) -> Result<(), StoreError> {
        self.insert(row).await
    }

    /// Saves the record of a session over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_record(&self, row: &mut Record) -> Result<(), StoreError> {
        self.save(row).await
    }
}

impl Look {
    /// Where the record of a session stands, read without opening it; `None` before the session has started.
    pub async fn record_state(&self, id: SessionId) -> Result<Option<RecordState>, StoreError> {
        let select = record::Entity::find_by_id(id.0).select_only().column(record::Column::State);
        let found: Option<String> = select.into_tuple().one(&self.db()).await?;
        let corrupt = StoreError::Corrupt { table: "record", row: id.0 };
        found.map(|code| RecordState::from_code(&code).ok_or(corrupt)).transpose()
    }

    /// Records in a state that were signed, of children whose files whoever asks reads, the one signed first or last on top:
    /// so many after so many, and how many there are in each state; opens nothing.
    pub async fn records_listed(
        &self,
        state: RecordState,
        newest_first: bool,
        window: (u64, u64),
    ) -> Result<(Vec<AwaitingReview>, Counted<RecordState>), StoreError> {
        let backend = self.db().get_database_backend();
        let mut values = self.reader().await?;
        let counts = self.counts(AWAITING_COUNT, values.clone(), RecordState::from_code).await?;
        values.push(state.code().into());
        let sql = AWAITING.replace("{way}", if newest_first { "DESC" } else { "ASC" });
        let signed = Statement::from_sql_and_values(backend, sql, with_window(values, window));
        let mut awaiting: Vec<AwaitingReview> = Vec::new();
        for row in self.db().query_all_raw(signed).await? {
            let (id, child) = (SessionId(row.try_get("", "session_id")?), ChildId(row.try_get("", "child_id")?));
            if let Some(last) = awaiting.last_mut().filter(|last| last.id == id) {
                last.children.push(child);
                continue;
            }
            let (start_minute, end_minute) = (row.try_get("", "start_minute")?, row.try_get("", "end_minute")?);
            awaiting.push(AwaitingReview {
                id,
                children: vec![child],
                author: AccountId(row.try_get("", "author_id")?),
                slot: Slot { day: calendar::day_of(row.try_get("", "day")?), start_minute, end_minute },
                due_ms: row.try_get("", "due_at")?,
                signed_ms: row.try_get("", "signed_at")?,
                reviewed_ms: row.try_get("", "reviewed_at")?,
            });
        }
        Ok((awaiting, counts))
    }

    /// A supervisor's records that are still to be signed, the one due first on top.
    pub async fn records_to_sign(&self, author: AccountId) -> Result<Vec<Record>, StoreError> {
        let unsigned = Condition::any()
            .add(record::Column::State.eq(RecordState::Open.code()))
            .add(record::Column::State.eq(RecordState::Returned.code()));
        let of = record::Column::AuthorId.eq(author.0);
        self.list(record::Entity::find().filter(of).filter(unsigned).order_by_asc(record::Column::DueAt)).await
    }

    /// Records of a child, those too that are about brothers and sisters, newest first: so many after so many, and how
    /// many there are.
    pub async fn records_of(&self, child: ChildId, many: u64, after: u64) -> Result<(Vec<Record>, usize), StoreError> {
        let theirs = standing().and_where(session_child::Column::ChildId.eq(child.0)).take();
        let of = record::Entity::find().filter(record::Column::SessionId.in_subquery(theirs));
        let total = usize::try_from(of.clone().count(&self.db()).await?).unwrap_or(usize::MAX);
        let newest = of.order_by_desc(record::Column::OpenedAt).order_by_desc(record::Column::SessionId);
        Ok((self.list(newest.limit(many).offset(after)).await?, total))
    }

    /// The records of these sessions, of those that have begun, in one statement, in order of time.
    pub async fn records(&self, sessions: &[SessionId]) -> Result<Vec<Record>, StoreError> {
        let of = record::Column::SessionId.is_in(sessions.iter().map(|id| id.0));
        self.list(record::Entity::find().filter(of).order_by_asc(record::Column::OpenedAt)).await
    }

    /// Where the records of these sessions stand, of those that have begun; opens nothing.
    pub async fn record_states(&self, sessions: &[SessionId]) -> Result<HashMap<SessionId, RecordState>, StoreError> {
        let select = record::Entity::find().select_only().columns([record::Column::SessionId, record::Column::State]);
        let of = record::Column::SessionId.is_in(sessions.iter().map(|id| id.0));
        let found: Vec<(Uuid, String)> = select.filter(of).into_tuple().all(&self.db()).await?;
        let state = |(row, code): (Uuid, String)| {
            let state = RecordState::from_code(&code).ok_or(StoreError::Corrupt { table: "record", row })?;
            Ok((SessionId(row), state))
        };
        found.into_iter().map(state).collect()
    }
}

/// Records that were signed, `r`, of children whose files somebody reads: one of its children is enough.
macro_rules! awaiting {
    () => {
        concat!(
            "FROM record r WHERE r.signed_at IS NOT NULL AND EXISTS (SELECT 1 FROM session_child x \
             JOIN child c ON c.id = x.child_id WHERE x.session_id = r.session_id AND x.state <> 'taken_off' AND ",
            reads!(),
            ")"
        )
    };
}
const AWAITING_COUNT: &str = concat!("SELECT r.state AS state, COUNT(*) AS n ", awaiting!(), " GROUP BY r.state");
/// One row for each child: `$5` in which state, `$6` how many, `$7` after how many; `{way}` is the order.
const AWAITING: &str = concat!(
    "SELECT r.session_id, sc.child_id, r.author_id, r.due_at, r.signed_at, r.reviewed_at, \
     s.day, s.start_minute, s.end_minute FROM (SELECT r.* ",
    awaiting!(),
    " AND r.state = $5 ORDER BY r.signed_at {way}, r.session_id {way} LIMIT $6 OFFSET $7) r JOIN session s ON s.id = r.session_id \
     JOIN session_child sc ON sc.session_id = s.id AND sc.state <> 'taken_off' \
     ORDER BY r.signed_at {way}, r.session_id {way}, sc.child_id"
);

/// A record that was signed, as a list of reviews shows it: ids and times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwaitingReview {
    /// Which session.
    pub id: SessionId,
    /// The children.
    pub children: Vec<ChildId>,
    /// Who wrote it.
    pub author: AccountId,
    /// When the session was.
    pub slot: Slot,
    /// By when it was to be signed, UTC milliseconds.
    pub due_ms: i64,
    /// When it was last signed.
    pub signed_ms: i64,
    /// When it was last reviewed, if it was returned before.
    pub reviewed_ms: Option<i64>,
}
