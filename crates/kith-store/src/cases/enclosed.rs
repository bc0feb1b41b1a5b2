//! Whole papers beside a disclosure: which there are to choose from, what went byte for byte, and what was corrected since.

use kith_domain::calendar;
use kith_domain::document::DocumentState;
use kith_domain::ids::{ChildId, DisclosureId, DocumentId, EnclosedId, EntryId, ReportId, SessionId};
use kith_domain::record::{EntryKind, RecordState};
use kith_domain::report::ReportState;
use kith_domain::session::Slot;
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::session::standing;
use super::{Document, sealed_row};
use crate::entity::{
    disclosure_enclosed as table, document, document_child, entry, record, report, session, session_child,
};
use crate::{Look, StoreError, Work};

/// Bytes of one part: a few of them are in memory while a paper is put in or read, and never a row of tens of mebibytes.
const PART_BYTES: usize = 1024 * 1024;
/// States of a record that others read.
const READ: [RecordState; 3] = [RecordState::Signed, RecordState::Accepted, RecordState::Released];

/// A part of a whole paper that went.
#[derive(Clone)]
pub struct PartEnclosed {
    /// Its id.
    pub id: EnclosedId,
    /// Its version: always the first.
    pub version: i64,
    /// With which disclosure.
    pub disclosure: DisclosureId,
    /// Of whose file.
    pub child: ChildId,
    /// The paper's place among those that went, from 1.
    pub number: i64,
    /// The part's place in it, from 1.
    pub part: i64,
    /// The bytes.
    pub body: EnclosedBytes,
}

/// Bytes as they are sealed.
#[derive(Clone, Serialize, Deserialize)]
pub struct EnclosedBytes {
    /// Hexadecimal.
    pub bytes: String,
}

sealed_row! {
    PartEnclosed, EnclosedId, table, EnclosedBytes;
    id = id,
    disclosure = disclosure_id,
    child = child_id,
    number = number,
    part = part;
    fn files(&self) -> Vec<Uuid> {
        vec![self.child.0]
    }
}

/// A record that others than its author read, before it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadableRecord {
    /// Of which session.
    pub id: SessionId,
    /// When that was.
    pub slot: Slot,
    /// Where it stands.
    pub state: RecordState,
}

/// A signed report before it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedReport {
    /// Its id.
    pub id: ReportId,
    /// First day, as a day number.
    pub from: i64,
    /// Last day, as a day number.
    pub to: i64,
    /// When it was signed, UTC milliseconds.
    pub signed_ms: i64,
}

/// Ids of the sessions of a child between two days (day numbers).
fn of_days(child: ChildId, (from, to): (i64, i64)) -> SelectStatement {
    let theirs = standing().and_where(session_child::Column::ChildId.eq(child.0)).take();
    Query::select()
        .column(session::Column::Id)
        .from(session::Entity)
        .and_where(session::Column::Id.in_subquery(theirs))
        .and_where(session::Column::Day.between(from, to))
        .take()
}

impl Look {
    /// The newest records of a child's sessions between two days (day numbers) that others than their authors read: so many, and how
    /// many there are. Nothing is opened.
    pub async fn readable_records_of(
        &self,
        child: ChildId,
        days: (i64, i64),
        many: u64,
    ) -> Result<(Vec<ReadableRecord>, u64), StoreError> {
        let of = record::Entity::find()
            .filter(record::Column::State.is_in(READ.map(RecordState::code)))
            .filter(record::Column::SessionId.in_subquery(of_days(child, days)));
        let total = of.clone().count(&self.db()).await?;
        // A record is opened when its session begins.
        let newest = of.order_by_desc(record::Column::OpenedAt).order_by_desc(record::Column::SessionId).limit(many);
        let rows: Vec<(Uuid, String)> = newest
            .select_only()
            .columns([record::Column::SessionId, record::Column::State])
            .into_tuple()
            .all(&self.db())
            .await?;
        let slots = self.slots(rows.iter().map(|(id, _)| *id)).await?;
        let line = |(id, state): (Uuid, String)| {
            let slot = slots.iter().find(|(of, _)| *of == id)?.1;
            Some(ReadableRecord { id: SessionId(id), slot, state: RecordState::from_code(&state)? })
        };
        Ok((rows.into_iter().filter_map(line).collect(), total))
    }

    /// One record of a child's sessions, if others than its author read it. Nothing is opened.
    pub async fn readable_record(&self, child: ChildId, id: SessionId) -> Result<Option<ReadableRecord>, StoreError> {
        const EVER: i64 = 4_000_000;
        let of = record::Entity::find_by_id(id.0)
            .filter(record::Column::State.is_in(READ.map(RecordState::code)))
            .filter(record::Column::SessionId.in_subquery(of_days(child, (-EVER, EVER))));
        let state: Option<String> = of.select_only().column(record::Column::State).into_tuple().one(&self.db()).await?;
        let slot = self.slots([id.0]).await?.into_iter().next().map(|(_, slot)| slot);
        let state = state.and_then(|code| RecordState::from_code(&code));
        Ok(state.zip(slot).map(|(state, slot)| ReadableRecord { id, slot, state }))
    }

    /// When sessions are, by their ids.
    async fn slots(&self, ids: impl IntoIterator<Item = Uuid>) -> Result<Vec<(Uuid, Slot)>, StoreError> {
        use session::Column as C;
        let of = session::Entity::find().filter(C::Id.is_in(ids)).select_only();
        let rows: Vec<(Uuid, i64, i64, i64)> =
            of.columns([C::Id, C::Day, C::StartMinute, C::EndMinute]).into_tuple().all(&self.db()).await?;
        let slot = |(id, day, start_minute, end_minute): (Uuid, i64, i64, i64)| {
            (id, Slot { day: calendar::day_of(day), start_minute, end_minute })
        };
        Ok(rows.into_iter().map(slot).collect())
    }

    /// The signed reports about a child, the last signed first. Nothing is opened.
    pub async fn signed_reports_of(&self, child: ChildId) -> Result<Vec<SignedReport>, StoreError> {
        use report::Column as C;
        let of = report::Entity::find().filter(C::ChildId.eq(child.0)).filter(C::State.eq(ReportState::Signed.code()));
        let rows: Vec<(Uuid, i64, i64, Option<i64>)> = of
            .order_by_desc(C::SignedAt)
            .order_by_desc(C::Id)
            .select_only()
            .columns([C::Id, C::FromDay, C::ToDay, C::SignedAt])
            .into_tuple()
            .all(&self.db())
            .await?;
        let line = |(id, from, to, signed_at): (Uuid, i64, i64, Option<i64>)| {
            Some(SignedReport { id: ReportId(id), from, to, signed_ms: signed_at? })
        };
        Ok(rows.into_iter().filter_map(line).collect())
    }

    /// The newest documents in a child's file that were added between two instants (UTC milliseconds) and are there: so many, and
    /// how many there are.
    pub async fn kept_documents_of(
        &self,
        child: ChildId,
        (from_ms, until_ms): (i64, i64),
        many: u64,
    ) -> Result<(Vec<Document>, u64), StoreError> {
        use document::Column as C;
        let joined = Query::select()
            .column(document_child::Column::DocumentId)
            .from(document_child::Entity)
            .and_where(document_child::Column::ChildId.eq(child.0))
            .take();
        let of = document::Entity::find()
            .filter(C::Id.in_subquery(joined))
            .filter(C::State.eq(DocumentState::Kept.code()))
            .filter(C::CreatedAt.between(from_ms, until_ms));
        let total = of.clone().count(&self.db()).await?;
        let newest = of.order_by_desc(C::CreatedAt).order_by_desc(C::Id).limit(many);
        let mut documents: Vec<Document> = self.list(newest).await?;
        documents.retain(|document| document.body.children.contains(&child));
        Ok((documents, total))
    }

    /// Whether a document is there, read without opening it; `None` if there is none of that id.
    pub async fn document_state(&self, id: DocumentId) -> Result<Option<DocumentState>, StoreError> {
        let of = document::Entity::find_by_id(id.0).select_only().column(document::Column::State);
        let found: Option<String> = of.into_tuple().one(&self.db()).await?;
        Ok(found.and_then(|code| DocumentState::from_code(&code)))
    }

    /// What was added to signed records of a child's sessions between two days (day numbers) after an instant: of which session, which
    /// entry, when it was received. Nothing is opened.
    pub async fn added_since(
        &self,
        child: ChildId,
        days: (i64, i64),
        after_ms: i64,
    ) -> Result<Vec<(SessionId, EntryId, i64)>, StoreError> {
        self.addenda(of_days(child, days), after_ms).await
    }

    /// The same of one session.
    pub async fn added_to_since(
        &self,
        session: SessionId,
        after_ms: i64,
    ) -> Result<Vec<(SessionId, EntryId, i64)>, StoreError> {
        let one = Query::select()
            .column(session::Column::Id)
            .from(session::Entity)
            .and_where(session::Column::Id.eq(session.0))
            .take();
        self.addenda(one, after_ms).await
    }

    async fn addenda(
        &self,
        sessions: SelectStatement,
        after_ms: i64,
    ) -> Result<Vec<(SessionId, EntryId, i64)>, StoreError> {
        use entry::Column as C;
        let rows: Vec<(Uuid, Uuid, i64)> = entry::Entity::find()
            .filter(C::SessionId.in_subquery(sessions))
            .filter(C::Kind.eq(EntryKind::Addendum.code()))
            .filter(C::ReceivedAt.gt(after_ms))
            .order_by_asc(C::ReceivedAt)
            .order_by_asc(C::Id)
            .select_only()
            .columns([C::SessionId, C::Id, C::ReceivedAt])
            .into_tuple()
            .all(&self.db())
            .await?;
        Ok(rows.into_iter().map(|(session, id, at)| (SessionId(session), EntryId(id), at)).collect())
    }

    /// A whole paper that went, byte for byte, by its place. [`StoreError::NotFound`] if there is none.
    pub async fn enclosed_paper(&self, id: DisclosureId, number: i64) -> Result<Vec<u8>, StoreError> {
        let of = table::Entity::find().filter(table::Column::DisclosureId.eq(id.0));
        let of = of.filter(table::Column::Number.eq(number)).order_by_asc(table::Column::Part);
        let parts: Vec<PartEnclosed> = self.list(of).await?;
        if parts.is_empty() {
            return Err(StoreError::NotFound);
        }
        let mut bytes = Vec::new();
        for (place, of) in (1..).zip(parts) {
            let corrupt = StoreError::Corrupt { table: "disclosure_enclosed", row: of.id.0 };
            match hex::decode(&of.body.bytes) {
                Ok(more) if of.part == place => bytes.extend(more),
                _ => return Err(corrupt),
            }
        }
        Ok(bytes)
    }
}

impl Work {
    /// Puts in a whole paper that goes with a disclosure, at its place.
    pub async fn insert_enclosed(
        &self,
        disclosure: DisclosureId,
        child: ChildId,
        number: i64,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        for (part, some) in (1..).zip(bytes.chunks(PART_BYTES)) {
            let body = EnclosedBytes { bytes: hex::encode(some) };
            let id = EnclosedId(Uuid::now_v7());
            self.insert(&mut PartEnclosed { id, version: 0, disclosure, child, number, part, body }).await?;
        }
        Ok(())
    }
}
