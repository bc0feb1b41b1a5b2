//! Documents that people added. What is in one lies sealed in pieces beside the database; its row says where, holds the digest
//! of the sealed bytes, and has the key of the pieces in its envelope: whoever destroys the keys of a document's files makes
//! every copy of it unreadable.

use bytes::Bytes;
use futures_util::Stream;
use kith_domain::document::{DocumentFacts, DocumentState, TakenOff};
use kith_domain::ids::{AccountId, ChildId, DocumentId, OrderId, PersonId, ReferralId};
use kith_domain::retention::BagState;
use kith_files::{FileFault, Media, Taken, Taking};
use kith_vault::FileKey;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::sealed_row;
use crate::entity::{archive_bag, document as table, document_child};
use crate::{Look, StoreError, Work, row};

/// A document.
#[derive(Clone)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// Its version.
    pub version: i64,
    /// Who added it.
    pub author: AccountId,
    /// The referral that it goes with, if it came with one.
    pub referral: Option<ReferralId>,
    /// The order that it is, if it is of one.
    pub order: Option<OrderId>,
    /// Whether it is there.
    pub state: DocumentState,
    /// The name under which what is in it lies.
    pub object: Uuid,
    /// SHA-256 of the sealed bytes that lie there.
    pub digest: Vec<u8>,
    /// When it was added, UTC milliseconds.
    pub created_ms: i64,
    /// What is said of it.
    pub body: DocumentBody,
}

/// What is sealed of a document. The children are sealed with it: the rows that join them are for finding it alone.
#[derive(Clone, Serialize, Deserialize)]
pub struct DocumentBody {
    /// In whose files it is.
    pub children: Vec<ChildId>,
    /// What is said of it.
    pub facts: DocumentFacts,
    /// What it is by its content, see [`Media::code`].
    pub media: String,
    /// Its length, bytes.
    pub length: u64,
    /// The key of its pieces, hexadecimal; empty once it was taken off.
    key: String,
    /// That it was taken off, by whom and why.
    #[serde(default)]
    pub taken_off: Option<TakenOff>,
    /// From whom of the family it is to be kept.
    #[serde(default)]
    pub confidential_from: Vec<PersonId>,
}

impl Document {
    /// A new one of what was taken in.
    pub fn new(id: DocumentId, author: AccountId, taken: &Taken, facts: DocumentFacts, created_ms: i64) -> Self {
        Self {
            id,
            version: 0,
            author,
            referral: None,
            order: None,
            state: DocumentState::Kept,
            object: taken.object,
            digest: taken.digest.to_vec(),
            created_ms,
            body: DocumentBody {
                children: Vec::new(),
                facts,
                media: taken.media.code().to_owned(),
                length: taken.length,
                key: hex::encode(taken.key.as_bytes()),
                taken_off: None,
                confidential_from: Vec::new(),
            },
        }
    }

    /// What it is by its content. A code that a newer Kith wrote is given out as it is, and never shown.
    pub fn media(&self) -> Media {
        Media::from_code(&self.body.media).unwrap_or(Media::Docx)
    }
}

sealed_row! {
    Document, DocumentId, table, DocumentBody;
    id = id,
    author = author_id,
    referral = referral_id,
    order = order_id,
    state = state,
    object = object_id,
    digest = digest,
    created_ms = created_at;
    fn files(&self) -> Vec<Uuid> {
        self.body.children.iter().map(|child| child.0).collect()
    }
}

impl Look {
    /// Takes in what is in a document, sealed, and lays it down; nothing refers to it yet. [`StoreError::Full`] when there is no
    /// room for it; [`StoreError::Document`] says what is wrong with the document, and then nothing is kept.
    pub async fn take_in<E>(
        &self,
        source: impl Stream<Item = Result<Bytes, E>> + Send + Unpin,
    ) -> Result<Taken, StoreError> {
        let inner = &self.store().0;
        inner.room.check()?;
        inner.signing.check()?;
        let has_room = || !inner.room.is_short();
        let taking = Taking {
            depot: &inner.depot,
            clamd: inner.clamd.as_ref(),
            authority: &inner.authority,
            object: Uuid::new_v4(),
            has_room: &has_room,
        };
        Ok(taking.take(source).await?)
    }

    /// Takes away what was laid down, unless a document or a bag that is there refers to it.
    pub async fn let_go(&self, object: Uuid) -> Result<(), StoreError> {
        let kept = table::Column::State.eq(DocumentState::Kept.code());
        let documents = table::Entity::find().filter(table::Column::ObjectId.eq(object)).filter(kept);
        let kept = archive_bag::Column::State.eq(BagState::Kept.code());
        let bags = archive_bag::Entity::find().filter(archive_bag::Column::ObjectId.eq(object)).filter(kept);
        if documents.count(&self.db()).await? + bags.count(&self.db()).await? > 0 {
            return Ok(());
        }
        Ok(self.store().0.depot.delete(object).await?)
    }

    /// Looks through what is about to leave with the virus scanner, which knows more than it did when it was added; where there is none
    /// it does nothing. [`StoreError::Document`] says what was found, or that it could not look.
    pub async fn look_through(&self, bytes: &[u8]) -> Result<(), StoreError> {
        match &self.store().0.clamd {
            Some(clamd) => Ok(clamd.look_through(bytes).await?),
            None => Ok(()),
        }
    }

    /// What is in a document, piece by piece; the first is opened before this returns. [`StoreError::DocumentAltered`] if what
    /// lies there is not what was laid down; [`StoreError::NotFound`] of one that was taken off.
    pub async fn content_of(
        &self,
        document: &Document,
    ) -> Result<impl Stream<Item = Result<Bytes, StoreError>> + Send + use<>, StoreError> {
        let id = document.id.0;
        if document.state == DocumentState::TakenOff {
            return Err(StoreError::NotFound);
        }
        self.pieces_at("document", id, document.object, &document.body.key).await
    }

    /// What lies under a name, piece by piece, by the key (hexadecimal) in the envelope of a row; the first piece is opened before this
    /// returns.
    pub(super) async fn pieces_at(
        &self,
        table: &'static str,
        row: Uuid,
        object: Uuid,
        key: &str,
    ) -> Result<impl Stream<Item = Result<Bytes, StoreError>> + Send + use<>, StoreError> {
        let said = move |fault| StoreError::of_document(row, fault);
        let key = hex::decode(key).ok().and_then(|key| <[u8; 32]>::try_from(key).ok());
        let key = FileKey::from_bytes(key.ok_or(StoreError::Corrupt { table, row })?);
        let inner = &self.store().0;
        let pieces = inner.depot.open_document(&inner.authority, object, key).await.map_err(said)?;
        Ok(futures_util::StreamExt::map(pieces, move |piece| piece.map_err(said)))
    }

    /// Reads a document. [`StoreError::NotFound`] if there is none of that id.
    pub async fn document(&self, id: DocumentId) -> Result<Document, StoreError> {
        self.get(id.0).await
    }

    /// The referral that a document goes with, and the children in whose files it is, read before it is opened; `None` if there
    /// is none of that id.
    pub async fn whose_document(
        &self,
        id: DocumentId,
    ) -> Result<Option<(Option<ReferralId>, Vec<ChildId>)>, StoreError> {
        let of = table::Entity::find_by_id(id.0).select_only().column(table::Column::ReferralId);
        let Some(referral) = of.into_tuple::<Option<Uuid>>().one(&self.db()).await? else { return Ok(None) };
        let joined = document_child::Entity::find().filter(document_child::Column::DocumentId.eq(id.0));
        let children: Vec<Uuid> =
            joined.select_only().column(document_child::Column::ChildId).into_tuple().all(&self.db()).await?;
        Ok(Some((referral.map(ReferralId), children.into_iter().map(ChildId).collect())))
    }

    /// The documents that go with a referral, the newest first.
    pub async fn documents_of_referral(&self, id: ReferralId) -> Result<Vec<Document>, StoreError> {
        self.documents_where(table::Column::ReferralId.eq(id.0)).await
    }

    /// The documents of an order, the newest first.
    pub async fn documents_of_order(&self, id: OrderId) -> Result<Vec<Document>, StoreError> {
        self.documents_where(table::Column::OrderId.eq(id.0)).await
    }

    /// Every document in a child's file, the newest first.
    pub async fn documents_of(&self, child: ChildId) -> Result<Vec<Document>, StoreError> {
        let joined = document_child::Entity::find().filter(document_child::Column::ChildId.eq(child.0));
        let ids: Vec<Uuid> =
            joined.select_only().column(document_child::Column::DocumentId).into_tuple().all(&self.db()).await?;
        let mut documents = self.documents_where(table::Column::Id.is_in(ids)).await?;
        // A row that joins a child whom the sealed document does not name was not put there by Kith.
        documents.retain(|document| document.body.children.contains(&child));
        Ok(documents)
    }

    /// How many documents are in a child's file.
    pub async fn count_documents_of(&self, child: ChildId) -> Result<u64, StoreError> {
        let joined = document_child::Entity::find().filter(document_child::Column::ChildId.eq(child.0));
        Ok(joined.count(&self.db()).await?)
    }

    /// How many documents go with a referral.
    pub async fn count_documents_of_referral(&self, id: ReferralId) -> Result<u64, StoreError> {
        Ok(table::Entity::find().filter(table::Column::ReferralId.eq(id.0)).count(&self.db()).await?)
    }

    /// Of files that were destroyed nothing is left to read.
    async fn documents_where(&self, which: sea_orm::sea_query::SimpleExpr) -> Result<Vec<Document>, StoreError> {
        let found = table::Entity::find().filter(which);
        let found = found.order_by_desc(table::Column::CreatedAt).order_by_desc(table::Column::Id);
        self.list(found).await
    }
}

impl Work {
    /// Puts in a document, at version 1, for each of its children. [`StoreError::Duplicate`] if the id is there already.
    pub async fn insert_document(&self, document: &mut Document) -> Result<(), StoreError> {
        self.insert(document).await?;
        self.join_children(document).await
    }

    /// Saves in whose files a document is, over the version that was read: it is sealed for these and for no others.
    pub async fn save_document_children(&self, document: &mut Document) -> Result<(), StoreError> {
        self.save(document).await?;
        let of = document_child::Column::DocumentId.eq(document.id.0);
        document_child::Entity::delete_many().filter(of).exec(&self.db()).await?;
        self.join_children(document).await
    }

    /// Saves from whom of the family a document is to be kept, over the version that was read.
    pub async fn keep_document_from(&self, document: &mut Document, whom: Vec<PersonId>) -> Result<(), StoreError> {
        document.body.confidential_from = whom;
        self.save(document).await
    }

    /// Takes off a document over the version that was read: the key of its pieces is in its row no more, and what lies there is to
    /// be let go once this is committed.
    pub async fn take_off_document(&self, document: &mut Document, off: TakenOff) -> Result<(), StoreError> {
        document.state = DocumentState::TakenOff;
        document.body.key.clear();
        document.body.taken_off = Some(off);
        self.save(document).await
    }

    async fn join_children(&self, document: &Document) -> Result<(), StoreError> {
        let of = |child: &ChildId| document_child::Model { document_id: document.id.0, child_id: child.0 };
        let children: Vec<_> = document.body.children.iter().map(of).collect();
        self.wrote_all(document.id.0, &children);
        for model in children {
            row::insert(&self.db(), model).await?;
        }
        Ok(())
    }
}

impl StoreError {
    fn of_document(document: Uuid, fault: FileFault) -> Self {
        match fault {
            FileFault::Gone => Self::DocumentAltered { document, why: "it is not there any more" },
            FileFault::Altered => Self::DocumentAltered { document, why: "it is not what was laid down" },
            fault => fault.into(),
        }
    }
}

impl From<FileFault> for StoreError {
    fn from(fault: FileFault) -> Self {
        match fault {
            FileFault::NoRoom => Self::Full,
            FileFault::Depot(why) => Self::Unavailable { place: "where documents are kept".to_owned(), why },
            FileFault::Vault(error) => error.into(),
            fault => Self::Document(fault),
        }
    }
}
