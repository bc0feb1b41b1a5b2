//! Records of sessions and their entries.

use kith_domain::ids::{AccountId, ChildId, EntryId, SessionId};
use kith_domain::record::{EntryBody, RecordBody, RecordState};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{Case, doors};
use crate::entity::{entry, record};
use crate::{Look, StoreError};

/// The record of a session.
#[derive(Clone)]
pub struct Record {
    /// Which session.
    pub id: SessionId,
    /// Its version.
    pub version: i64,
    /// The child.
    pub child: ChildId,
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

impl Case for Record {
    const TABLE: &'static str = "record";
    type Model = record::Model;
    type Entity = record::Entity;
    type Body = RecordBody;
    const VERSION: record::Column = record::Column::Version;

    fn id(&self) -> Uuid {
        self.id.0
    }
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
    fn files(&self) -> Vec<Uuid> {
        vec![self.child.0]
    }
    fn body(&self) -> &RecordBody {
        &self.body
    }
    fn model(&self, sealed: Vec<u8>) -> record::Model {
        record::Model {
            session_id: self.id.0,
            version: self.version,
            child_id: self.child.0,
            author_id: self.author.0,
            state: self.state.code().to_owned(),
            opened_at: self.opened_ms,
            due_at: self.due_ms,
            signed_at: self.signed_ms,
            reviewed_at: self.reviewed_ms,
            sealed,
        }
    }
    fn envelope(model: &record::Model) -> (Uuid, i64, &[u8]) {
        (model.session_id, model.version, &model.sealed)
    }
    fn of(model: record::Model, body: RecordBody) -> Option<Self> {
        Some(Self {
            id: SessionId(model.session_id),
            version: model.version,
            child: ChildId(model.child_id),
            author: AccountId(model.author_id),
            state: RecordState::from_code(&model.state)?,
            opened_ms: model.opened_at,
            due_ms: model.due_at,
            signed_ms: model.signed_at,
            reviewed_ms: model.reviewed_at,
            body,
        })
    }
}

doors!(Record, SessionId, record, insert_record, save_record, "the record of a session");

impl Look {
    /// Records that wait for review, longest waiting first.
    pub async fn records_signed(&self) -> Result<Vec<Record>, StoreError> {
        let of = record::Column::State.eq(RecordState::Signed.code());
        self.list(record::Entity::find().filter(of).order_by_asc(record::Column::SignedAt)).await
    }

    /// A supervisor's records that are still to be signed, the one due first on top.
    pub async fn records_to_sign(&self, author: AccountId) -> Result<Vec<Record>, StoreError> {
        let unsigned = Condition::any()
            .add(record::Column::State.eq(RecordState::Open.code()))
            .add(record::Column::State.eq(RecordState::Returned.code()));
        let of = record::Column::AuthorId.eq(author.0);
        self.list(record::Entity::find().filter(of).filter(unsigned).order_by_asc(record::Column::DueAt)).await
    }

    /// Records of a child.
    pub async fn records_of(&self, child: ChildId) -> Result<Vec<Record>, StoreError> {
        let of = record::Column::ChildId.eq(child.0);
        self.list(record::Entity::find().filter(of).order_by_asc(record::Column::OpenedAt)).await
    }
}

/// Which kind of entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// Written before signing.
    Observation,
    /// Added after signing.
    Addendum,
}

/// A timed entry.
#[derive(Clone)]
pub struct Entry {
    /// Its id, made where it was typed.
    pub id: EntryId,
    /// Its version.
    pub version: i64,
    /// In the record of which session.
    pub session: SessionId,
    /// The child.
    pub child: ChildId,
    /// Who wrote it.
    pub author: AccountId,
    /// When it was first written, UTC milliseconds.
    pub written_ms: i64,
    /// What it says.
    pub body: EntryBody,
}

impl Entry {
    /// Which kind.
    pub const fn kind(&self) -> EntryKind {
        match self.body {
            EntryBody::Observation(_) => EntryKind::Observation,
            EntryBody::Addendum(_) => EntryKind::Addendum,
        }
    }
}

impl Case for Entry {
    const TABLE: &'static str = "entry";
    type Model = entry::Model;
    type Entity = entry::Entity;
    type Body = EntryBody;
    const VERSION: entry::Column = entry::Column::Version;

    fn id(&self) -> Uuid {
        self.id.0
    }
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
    fn files(&self) -> Vec<Uuid> {
        vec![self.child.0]
    }
    fn body(&self) -> &EntryBody {
        &self.body
    }
    fn model(&self, sealed: Vec<u8>) -> entry::Model {
        let kind = match self.kind() {
            EntryKind::Observation => "observation",
            EntryKind::Addendum => "addendum",
        };
        entry::Model {
            id: self.id.0,
            version: self.version,
            session_id: self.session.0,
            child_id: self.child.0,
            author_id: self.author.0,
            kind: kind.to_owned(),
            written_at: self.written_ms,
            sealed,
        }
    }
    fn envelope(model: &entry::Model) -> (Uuid, i64, &[u8]) {
        (model.id, model.version, &model.sealed)
    }
    fn of(model: entry::Model, body: EntryBody) -> Option<Self> {
        Some(Self {
            id: EntryId(model.id),
            version: model.version,
            session: SessionId(model.session_id),
            child: ChildId(model.child_id),
            author: AccountId(model.author_id),
            written_ms: model.written_at,
            body,
        })
    }
}

doors!(Entry, EntryId, entry, insert_entry, save_entry, "a timed entry");

impl Look {
    /// Every entry of a record, in the order written.
    pub async fn entries_of(&self, session: SessionId) -> Result<Vec<Entry>, StoreError> {
        let of = entry::Column::SessionId.eq(session.0);
        let select = entry::Entity::find().filter(of);
        self.list(select.order_by_asc(entry::Column::WrittenAt).order_by_asc(entry::Column::Id)).await
    }
}
