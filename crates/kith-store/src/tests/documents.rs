//! What is in a document lies beside the database, sealed: it is read through either file it is in, held against the log, taken
//! along by a backup, and gone with the keys.

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use kith_domain::document::DocumentFacts;
use kith_domain::ids::{AccountId, ChildId, DocumentId};
use kith_files::samples::{pdf_of, program};
use uuid::Uuid;

use super::{Ground, NOW, coordinator, ground};
use crate::testing::Fixture;
use crate::{
    Backed, Document, FileFault, LogStart, MasterKeyPlace, Settings, Store, StoreError, Verifying, each_engine,
    verify_ledger,
};

async fn added(store: &Store, of: &[&Ground], content: &[u8]) -> Document {
    let look = store.look(&coordinator());
    let parts: Vec<Result<Bytes, ()>> = content.chunks(50_000).map(|part| Ok(Bytes::copy_from_slice(part))).collect();
    let taken = look.take_in(stream::iter(parts)).await.unwrap();
    let facts = DocumentFacts::sealed_order("order.pdf");
    let mut document = Document::new(DocumentId(Uuid::now_v7()), AccountId(of[0].account), &taken, facts, NOW);
    document.body.children = of.iter().map(|ground| ChildId(ground.child)).collect();
    let work = store.work(&coordinator()).await.unwrap();
    work.insert_document(&mut document).await.unwrap();
    work.commit("document.added", NOW).await.unwrap();
    document
}

async fn read(store: &Store, id: DocumentId) -> Result<Vec<u8>, StoreError> {
    let look = store.look(&coordinator());
    let document = look.document(id).await?;
    let mut content = Box::pin(look.content_of(&document).await?);
    let mut whole = Vec::new();
    while let Some(piece) = content.next().await {
        whole.extend_from_slice(&piece?);
    }
    Ok(whole)
}

fn lies(fixture: &Fixture, document: &Document) -> PathBuf {
    fixture.directory().join("files").join(document.object.simple().to_string())
}

each_engine! {
    async fn a_document_of_two_children_is_readable_until_the_second_file_ends(fixture: &Fixture) {
        let store = fixture.open().await;
        let (one, two) = (ground(&store, "one").await, ground(&store, "two").await);
        let document = added(&store, &[&one, &two], &pdf_of(150_000)).await;
        for child in [one.child, two.child] {
            assert_eq!(store.look(&coordinator()).documents_of(ChildId(child)).await.unwrap().len(), 1);
        }
        assert_eq!(read(&store, document.id).await.unwrap(), pdf_of(150_000));
        store.destroy_file_key(one.child).await.unwrap();
        assert!(read(&store, document.id).await.is_ok(), "the sister's file goes on");
        store.destroy_file_key(two.child).await.unwrap();
        let gone = read(&store, document.id).await;
        assert!(matches!(gone, Err(StoreError::Destroyed)), "{gone:?}");
        let refused = store.look(&coordinator()).take_in(stream::iter([Ok::<_, ()>(Bytes::from(program()))])).await.map(drop);
        assert!(matches!(refused, Err(StoreError::Document(FileFault::Program))), "{refused:?}");
        assert_eq!(fs::read_dir(fixture.directory().join("files")).unwrap().count(), 1);
        store.close().await.unwrap();
    }

    async fn what_lies_there_is_held_against_what_was_laid_down(fixture: &Fixture) {
        let store = fixture.open().await;
        let of = ground(&store, "one").await;
        let (one, other) = (added(&store, &[&of], &pdf_of(150_000)).await, added(&store, &[&of], &pdf_of(150_000)).await);
        store.sequence().await.unwrap();
        assert_eq!(fixture.verify().await.unwrap().documents, Some(2));
        let path = lies(fixture, &one);
        let whole = fs::read(&path).unwrap();
        let mut altered = whole.clone();
        altered[90_000] ^= 1;
        for (attack, bytes) in [
            ("altered", Some(altered)),
            ("exchanged", Some(fs::read(lies(fixture, &other)).unwrap())),
            ("cut short", Some(whole[..70_000].to_vec())),
            ("taken away", None),
        ] {
            match bytes {
                Some(bytes) => fs::write(&path, bytes).unwrap(),
                None => fs::remove_file(&path).unwrap(),
            }
            let found = read(&store, one.id).await;
            assert!(matches!(found, Err(StoreError::DocumentAltered { .. })), "{attack}: {:?}", found.map(|read| read.len()));
            let found = fixture.verify().await;
            assert!(matches!(found, Err(StoreError::DocumentAltered { .. })), "{attack}: {found:?}");
        }
        fs::write(&path, &whole).unwrap();
        assert!(read(&store, one.id).await.is_ok() && fixture.verify().await.is_ok());
        // The row that says where it lies is bound to what it says.
        let (mine, theirs) = (fixture.id(one.id.0), fixture.id(other.object));
        fixture.tamper(&format!("UPDATE document SET object_id = {} WHERE object_id = {theirs}", fixture.id(Uuid::new_v4()))).await;
        fixture.tamper(&format!("UPDATE document SET object_id = {theirs} WHERE id = {mine}")).await;
        let found = read(&store, one.id).await;
        assert!(matches!(found, Err(StoreError::Sealed { .. })), "{:?}", found.map(|read| read.len()));
        store.close().await.unwrap();
    }

    async fn a_backup_takes_the_documents_along(fixture: &Fixture) {
        let store = fixture.open().await;
        let of = ground(&store, "one").await;
        let document = added(&store, &[&of], &pdf_of(150_000)).await;
        // What is still coming in is no document.
        fs::write(lies(fixture, &document).with_extension("#1"), b"half").unwrap();
        let translation = Path::new("translations").join("agreement.cy.toml");
        fs::create_dir(fixture.directory().join("translations")).unwrap();
        fs::write(fixture.directory().join(&translation), b"language = \"cy\"").unwrap();
        store.sequence().await.unwrap();
        let place = tempfile::tempdir().unwrap();
        let (saved, keys) = (place.path().join("saved"), place.path().join("keys"));
        let settings = fixture.settings();
        let master = MasterKeyPlace::InData;
        let backed = Backed {
            data: fixture.directory(),
            database_url: settings.database_url.as_deref(),
            keys_url: settings.keys_url.as_deref(),
            master_key: &master,
        };
        crate::backup(&backed, &saved, &keys).await.unwrap();
        store.close().await.unwrap();
        assert_eq!(fs::read_dir(saved.join("files")).unwrap().count(), 1);

        let target = fixture.another_database().await;
        let master = MasterKeyPlace::File(fixture.directory().join("master.key"));
        let data = place.path().join("data");
        let to = Backed { data: &data, database_url: target.url(), keys_url: None, master_key: &master };
        let kept = saved.join("files").join(document.object.simple().to_string());
        let whole = fs::read(&kept).unwrap();
        fs::write(&kept, &whole[1..]).unwrap();
        let altered = crate::restore(&saved, &keys, &to).await;
        assert!(matches!(altered, Err(StoreError::NotBackup { .. })), "{altered:?}");
        fs::write(&kept, whole).unwrap();
        crate::restore(&saved, &keys, &to).await.unwrap();
        assert_eq!(fs::read(data.join(translation)).unwrap(), b"language = \"cy\"");
        let (database_url, log) = (target.url().map(str::to_owned), LogStart::Restored);
        let store = Store::open(Settings { data: data.clone(), database_url, master_key: master.clone(), log, ..settings }).await.unwrap();
        assert_eq!(read(&store, document.id).await.unwrap(), pdf_of(150_000));
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        let check = verify_ledger(&Verifying { now_ms: 0, ..Verifying::of(&data, target.url()) }).await.unwrap();
        assert_eq!(check.documents, Some(1));
        target.drop().await;
    }
}
