//! Files that go to an archive: a bag is sealed with a key of its own, and goes by one door.

use bytes::Bytes;
use futures_util::StreamExt as _;
use jiff::civil::date;
use kith_domain::ids::{AccountId, ArchiveBagId, ArchiveTransferId, ChildId, DestructionItemId, DestructionListId};
use kith_domain::retention::{
    ArchiveBasis, DestructionBody, FileKept, ItemBody, ItemState, ListState, RecordCategory, ToArchive, TransferBody,
    TransferState,
};
use uuid::Uuid;

use super::cases::whole;
use super::{NOW, coordinator};
use crate::testing::Fixture;
use crate::{ArchiveBag, ArchiveTransfer, DestructionItem, DestructionList, Store, StoreError, Work, each_engine};

/// A file on a list that goes to an archive first, and a bag that was made; the bag's key is there already.
pub(crate) async fn insert_transfer(work: &Work, item: &DestructionItem, author: AccountId, id: ArchiveBagId) {
    let asked = ToArchive {
        archive: "Nenedale Archives".into(),
        asked_by: "Hazel Quill, archivist".into(),
        basis: ArchiveBasis::Law,
        under: "Local Government Act 1972 s224".into(),
        why: "One in a hundred is kept".into(),
        left_out: Vec::new(),
        left_out_why: None,
        key: None,
    };
    let mut transfer = ArchiveTransfer {
        id: ArchiveTransferId(Uuid::now_v7()),
        version: 0,
        item: item.id,
        list: item.list,
        child: item.child,
        author,
        state: TransferState::Made,
        created_ms: NOW,
        body: TransferBody::new(asked),
    };
    work.insert_archive_transfer(&mut transfer).await.unwrap();
    let mut laying = work.lay_down().await.unwrap();
    laying.give(Bytes::from_static(b"a bag")).await.unwrap();
    let laid = laying.finish().await.unwrap();
    work.insert_archive_bag(&mut ArchiveBag::new(id, &transfer, &laid, NOW)).await.unwrap();
}

/// A list with one file.
async fn listed(work: &Work, author: AccountId, child: ChildId) -> DestructionItem {
    let mut list = DestructionList {
        id: DestructionListId(Uuid::now_v7()),
        version: 0,
        author: Some(author),
        state: ListState::Approved,
        created_ms: NOW,
        body: DestructionBody::default(),
    };
    let kept = FileKept { category: RecordCategory::CaseFile, until: date(2026, 10, 1), rule: "75 years".into() };
    let mut items = [DestructionItem {
        id: DestructionItemId(Uuid::now_v7()),
        version: 0,
        list: list.id,
        child,
        state: ItemState::Listed,
        body: ItemBody { kept, off: None },
    }];
    work.insert_list(&mut list, &mut items).await.unwrap();
    let [item] = items;
    item
}

/// A file on a list with a bag that was made of it.
async fn made(fixture: &Fixture) -> (Store, DestructionItem, ArchiveBagId) {
    let store = fixture.open().await;
    let ids = whole(&store).await;
    let id = ArchiveBagId(Uuid::now_v7());
    store.create_file_key(id.0).await.unwrap();
    let work = store.work(&coordinator()).await.unwrap();
    let item = listed(&work, ids.worker, ids.child).await;
    insert_transfer(&work, &item, ids.worker, id).await;
    work.commit("test.made", NOW).await.unwrap();
    (store, item, id)
}

each_engine! {
    async fn a_bag_goes_by_one_door_and_stays_gone(fixture: &Fixture) {
        let (store, item, id) = made(fixture).await;
        // As long as it has not ended the door is shut.
        assert!(matches!(store.destroy_bag(id).await, Err(StoreError::NotFound)));
        let look = store.look(&coordinator());
        let transfer = look.transfer_of_item(item.id).await.unwrap().unwrap();
        let bag = look.bag_of(transfer.id).await.unwrap().unwrap();
        let content: Vec<_> = look.content_of_bag(&bag).await.unwrap().collect().await;
        assert_eq!(content.into_iter().map(Result::unwrap).collect::<Vec<_>>().concat(), b"a bag");
        look.done("test.read", NOW).await.unwrap();

        // Killed between saying that it has ended and destroying its key: it is destroyed at the next start.
        let work = store.work(&coordinator()).await.unwrap();
        assert_eq!(work.end_bags(transfer.id).await.unwrap(), [id]);
        work.commit("test.ended", NOW).await.unwrap();
        assert!(store.look(&coordinator()).bag_of(transfer.id).await.unwrap().is_none());
        store.close().await.unwrap();
        let store = fixture.open().await;
        assert!(matches!(store.create_file_key(id.0).await, Err(StoreError::Destroyed)), "its key is gone for good");
        let look = store.look(&coordinator());
        assert!(matches!(look.content_of_bag(&bag).await.map(drop), Err(StoreError::DocumentAltered { .. })));
        store.destroy_bag(id).await.unwrap();
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        fixture.verify().await.expect("the log knows of it");
    }

    async fn a_byte_of_a_bag_that_is_changed_past_kith_is_found(fixture: &Fixture) {
        let (store, item, id) = made(fixture).await;
        let look = store.look(&coordinator());
        let transfer = look.transfer_of_item(item.id).await.unwrap().unwrap();
        let bag = look.bag_of(transfer.id).await.unwrap().unwrap();
        look.done("test.read", NOW).await.unwrap();
        store.sequence().await.unwrap();
        let path = fixture.directory().join("files").join(bag.object.simple().to_string());
        let mut bytes = std::fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(&path, bytes).unwrap();
        let read = store.look(&coordinator()).content_of_bag(&bag).await.map(drop);
        assert!(matches!(read, Err(StoreError::DocumentAltered { .. })), "{read:?}");
        store.close().await.unwrap();
        let verified = fixture.verify().await.map(drop);
        assert!(matches!(verified, Err(StoreError::DocumentAltered { document, .. }) if document == id.0), "{verified:?}");
    }
}
