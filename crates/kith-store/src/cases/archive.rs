//! Files that go to an archive before they are destroyed, and the bags that are made for it. What is in a bag lies sealed in pieces
//! beside the database like a document; its row says where and has the key of the pieces in its envelope.

use bytes::Bytes;
use futures_util::Stream;
use kith_domain::ids::{AccountId, ArchiveBagId, ArchiveTransferId, ChildId, DestructionItemId, DestructionListId};
use kith_domain::retention::{BagState, TransferBody, TransferState};
use kith_files::{Laid, Laying};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{STAFF_FILE, sealed_row};
use crate::entity::{archive_bag as bag, archive_transfer as transfer};
use crate::{Look, Store, StoreError, Work, row, unless_destroyed};

/// The transfer of a file to an archive.
#[derive(Clone)]
pub struct ArchiveTransfer {
    /// Its id.
    pub id: ArchiveTransferId,
    /// Its version.
    pub version: i64,
    /// The place of the file on its list.
    pub item: DestructionItemId,
    /// The list.
    pub list: DestructionListId,
    /// Which file.
    pub child: ChildId,
    /// Who asked for it.
    pub author: AccountId,
    /// Where it stands.
    pub state: TransferState,
    /// When it was asked for, UTC milliseconds.
    pub created_ms: i64,
    /// What was asked, made, fetched and answered.
    pub body: TransferBody,
}

sealed_row! {
    ArchiveTransfer, ArchiveTransferId, transfer, TransferBody;
    id = id,
    item = item_id,
    list = list_id,
    child = child_id,
    author = author_id,
    state = state,
    created_ms = created_at;
    fn files(&self) -> Vec<Uuid> {
        vec![STAFF_FILE]
    }
}

/// What is sealed of a bag.
#[derive(Clone, Serialize, Deserialize)]
pub struct BagBody {
    /// The key of its pieces, hexadecimal.
    key: String,
}

/// A bag, sealed with a key of its own.
#[derive(Clone)]
pub struct ArchiveBag {
    /// Its id, which is the name of its key.
    pub id: ArchiveBagId,
    /// Its version.
    pub version: i64,
    /// Of which transfer.
    pub transfer: ArchiveTransferId,
    /// Of which file.
    pub child: ChildId,
    /// Whether it is there.
    pub state: BagState,
    /// The name under which it lies.
    pub object: Uuid,
    /// SHA-256 of the sealed bytes that lie there.
    pub digest: Vec<u8>,
    /// When it was made, UTC milliseconds.
    pub created_ms: i64,
    /// The key of its pieces.
    pub body: BagBody,
}

impl ArchiveBag {
    /// A new one of what was laid down.
    pub fn new(id: ArchiveBagId, transfer: &ArchiveTransfer, laid: &Laid, created_ms: i64) -> Self {
        Self {
            id,
            version: 0,
            transfer: transfer.id,
            child: transfer.child,
            state: BagState::Kept,
            object: laid.object,
            digest: laid.digest.to_vec(),
            created_ms,
            body: BagBody { key: hex::encode(laid.key.as_bytes()) },
        }
    }
}

sealed_row! {
    ArchiveBag, ArchiveBagId, bag, BagBody;
    id = id,
    transfer = transfer_id,
    child = child_id,
    state = state,
    object = object_id,
    digest = digest,
    created_ms = created_at;
    fn files(&self) -> Vec<Uuid> {
        vec![self.id.0]
    }
}

impl Look {
    /// Reads a transfer. [`StoreError::NotFound`] if there is none of that id.
    pub async fn archive_transfer(&self, id: ArchiveTransferId) -> Result<ArchiveTransfer, StoreError> {
        self.get(id.0).await
    }

    /// The transfer of a file on a list; `None` where nobody asked for one.
    pub async fn transfer_of_item(&self, id: DestructionItemId) -> Result<Option<ArchiveTransfer>, StoreError> {
        Ok(self.list(transfer::Entity::find().filter(transfer::Column::ItemId.eq(id.0))).await?.pop())
    }

    /// The transfers of the files on a list.
    pub async fn transfers_on_list(&self, id: DestructionListId) -> Result<Vec<ArchiveTransfer>, StoreError> {
        let of = transfer::Entity::find().filter(transfer::Column::ListId.eq(id.0));
        self.list(of.order_by_asc(transfer::Column::Id)).await
    }

    /// The transfer by which an archive has what a file said, the newest if there are several.
    pub async fn received_transfer_of(&self, child: ChildId) -> Result<Option<ArchiveTransfer>, StoreError> {
        use transfer::Column as C;
        let received = C::State.eq(TransferState::Received.code());
        let of = transfer::Entity::find().filter(C::ChildId.eq(child.0)).filter(received);
        Ok(self.list(of.order_by_desc(C::CreatedAt).order_by_desc(C::Id).limit(1)).await?.pop())
    }

    /// The transfers that are under way, the oldest first, so many at most.
    pub async fn transfers_under_way(&self, many: u64) -> Result<Vec<ArchiveTransfer>, StoreError> {
        use transfer::Column as C;
        let states = [TransferState::Making, TransferState::Made].map(TransferState::code);
        let of = transfer::Entity::find().filter(C::State.is_in(states));
        self.list(of.order_by_asc(C::CreatedAt).order_by_asc(C::Id).limit(many)).await
    }

    /// Of which file a transfer is, read before it is opened; `None` if there is none of that id.
    pub async fn child_of_transfer(&self, id: ArchiveTransferId) -> Result<Option<ChildId>, StoreError> {
        let of = transfer::Entity::find_by_id(id.0).select_only().column(transfer::Column::ChildId);
        Ok(of.into_tuple::<Uuid>().one(&self.db()).await?.map(ChildId))
    }

    /// The bag of a transfer that is there; `None` when it has ended, or none was made.
    pub async fn bag_of(&self, id: ArchiveTransferId) -> Result<Option<ArchiveBag>, StoreError> {
        let of =
            Condition::all().add(bag::Column::TransferId.eq(id.0)).add(bag::Column::State.eq(BagState::Kept.code()));
        let Some(model) = bag::Entity::find().filter(of).one(&self.db()).await? else { return Ok(None) };
        unless_destroyed(self.opened(model).await)
    }

    /// Whether there is, or was, a bag of that id; nothing is opened.
    pub async fn has_bag(&self, id: ArchiveBagId) -> Result<bool, StoreError> {
        let of = bag::Entity::find_by_id(id.0).select_only().column(bag::Column::Id);
        Ok(of.into_tuple::<Uuid>().one(&self.db()).await?.is_some())
    }

    /// Begins to lay a bag down; nothing refers to it yet. [`StoreError::Full`] when there is no room for it.
    pub async fn lay_down(&self) -> Result<Laying<'_>, StoreError> {
        let inner = &self.store().0;
        inner.room.check()?;
        inner.signing.check()?;
        let has_room = Box::new(|| !inner.room.is_short());
        Ok(Laying::begin(&inner.depot, &inner.authority, Uuid::new_v4(), has_room).await?)
    }

    /// What is in a bag, piece by piece; the first is opened before this returns. [`StoreError::DocumentAltered`] if what lies there
    /// is not what was laid down.
    pub async fn content_of_bag(
        &self,
        of: &ArchiveBag,
    ) -> Result<impl Stream<Item = Result<Bytes, StoreError>> + Send + use<>, StoreError> {
        self.pieces_at("archive_bag", of.id.0, of.object, &of.body.key).await
    }
}

impl Work {
    /// Puts in a transfer, at version 1. [`StoreError::Duplicate`] if there is one of that file on that list.
    pub async fn insert_archive_transfer(&self, of: &mut ArchiveTransfer) -> Result<(), StoreError> {
        self.insert(of).await
    }

    /// Saves a transfer over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_archive_transfer(&self, of: &mut ArchiveTransfer) -> Result<(), StoreError> {
        self.save(of).await
    }

    /// Puts in a bag; its key is there already.
    pub async fn insert_archive_bag(&self, of: &mut ArchiveBag) -> Result<(), StoreError> {
        self.insert(of).await
    }

    /// Says that the bags of a transfer have ended; which they are. What is left of each is taken away by [`Store::destroy_bag`].
    pub async fn end_bags(&self, id: ArchiveTransferId) -> Result<Vec<ArchiveBagId>, StoreError> {
        self.end_bags_where(bag::Column::TransferId.eq(id.0)).await
    }

    /// The same of one bag.
    pub async fn end_bag(&self, id: ArchiveBagId) -> Result<(), StoreError> {
        self.end_bags_where(bag::Column::Id.eq(id.0)).await.map(drop)
    }

    /// The same of the bags of a file.
    pub(crate) async fn end_bags_of_file(&self, of: ChildId) -> Result<(), StoreError> {
        self.end_bags_where(bag::Column::ChildId.eq(of.0)).await.map(drop)
    }

    async fn end_bags_where(&self, which: sea_orm::sea_query::SimpleExpr) -> Result<Vec<ArchiveBagId>, StoreError> {
        let kept = bag::Entity::find().filter(which).filter(bag::Column::State.eq(BagState::Kept.code()));
        let mut ended = Vec::new();
        // Its envelope stays as it is: with the other state nobody could open it, and its key goes.
        for model in kept.all(&self.db()).await? {
            let read = model.version;
            let model = bag::Model { version: read + 1, state: BagState::Ended.code().to_owned(), ..model };
            self.wrote(model.id, model.version, &model);
            ended.push(ArchiveBagId(model.id));
            row::save_where_version(&self.db(), model, bag::Column::Version, read).await?;
        }
        Ok(ended)
    }
}

impl Store {
    /// The bags of a file that have ended, and those of every file.
    pub(crate) async fn ended_bags(&self, of: Option<ChildId>) -> Result<Vec<ArchiveBagId>, StoreError> {
        let mut ended = bag::Entity::find().filter(bag::Column::State.eq(BagState::Ended.code()));
        if let Some(of) = of {
            ended = ended.filter(bag::Column::ChildId.eq(of.0));
        }
        let ids: Vec<Uuid> = ended.select_only().column(bag::Column::Id).into_tuple().all(&self.0.write).await?;
        Ok(ids.into_iter().map(ArchiveBagId).collect())
    }
}
