//! Sealing, destruction, versions and search.

use kith_domain::ids::ChildId;
use kith_vault::{BlindIndex, Token};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

use super::{NOW, coordinator, ground, person};
use crate::entity::person as row;
use crate::row::{insert, save_where_version, update_where_version};
use crate::{Store, StoreError, each_engine};

/// What a search finds that finds nothing.
const NOBODY: [Uuid; 0] = [];

pub(super) async fn open(store: &Store, row: &row::Model) -> Result<String, StoreError> {
    let look = store.look(&coordinator());
    let opened = look.open(row).await;
    look.done("person.read", NOW).await.unwrap();
    opened
}

each_engine! {
    async fn what_is_sealed_opens_at_its_place_only(fixture: &Fixture) {
        let store = fixture.open().await;
        let file = Uuid::now_v7();
        store.create_file_key(file).await.unwrap();
        let saved = person(&store, &[file], "Ada Quill").await;
        let read = row::Entity::find_by_id(saved.id).one(&store.0.read).await.unwrap().unwrap();
        assert_eq!(read, saved);
        assert_eq!(open(&store, &read).await.unwrap(), "Ada Quill");
        let older = row::Model { version: 0, ..read.clone() };
        assert!(matches!(open(&store, &older).await, Err(StoreError::Sealed { .. })));
        let moved = row::Model { id: Uuid::now_v7(), ..read };
        assert!(matches!(open(&store, &moved).await, Err(StoreError::Sealed { .. })));
        store.close().await.unwrap();
    }

    async fn a_change_to_an_older_version_is_a_conflict(fixture: &Fixture) {
        let store = fixture.open().await;
        let file = Uuid::now_v7();
        store.create_file_key(file).await.unwrap();
        let saved = person(&store, &[file], "Ada Quill").await;
        let work = store.work(&coordinator()).await.unwrap();
        let newer = row::Model { version: 2, ..saved.clone() };
        let newer = work.seal(newer, &[file], &"Ada Quill-Moss").await.unwrap();
        save_where_version(&work.db(), newer.clone(), row::Column::Version, 1).await.unwrap();
        let again = save_where_version(&work.db(), newer.clone(), row::Column::Version, 1).await;
        assert!(matches!(again, Err(StoreError::Conflict)));
        let update = row::Entity::update_many().col_expr(row::Column::CreatedAt, Expr::value(0_i64));
        let update = update.filter(row::Column::Id.eq(saved.id));
        let stale = update_where_version(&work.db(), update, row::Column::Version, 1).await;
        assert!(matches!(stale, Err(StoreError::Conflict)));
        work.commit("person.rename", NOW).await.unwrap();
        let read = row::Entity::find_by_id(saved.id).one(&store.0.read).await.unwrap().unwrap();
        assert_eq!(read, newer);
        assert_eq!(open(&store, &read).await.unwrap(), "Ada Quill-Moss");
        store.close().await.unwrap();
    }

    async fn an_id_that_is_there_is_a_duplicate(fixture: &Fixture) {
        let store = fixture.open().await;
        let file = Uuid::now_v7();
        store.create_file_key(file).await.unwrap();
        let saved = person(&store, &[file], "Ada Quill").await;
        let work = store.work(&coordinator()).await.unwrap();
        assert!(matches!(insert(&work.db(), saved).await, Err(StoreError::Duplicate)));
        drop(work);
        store.close().await.unwrap();
    }

    async fn every_word_must_match_one_of_its_tokens(fixture: &Fixture) {
        let store = fixture.open().await;
        let ground = ground(&store, "x").await;
        let child = ChildId(ground.child);
        let token = |number: u8| store.blind().mark(&number.to_string());
        let (ada, ben) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let work = store.work(&coordinator()).await.unwrap();
        work.index(child, ada, &[token(1), token(9)]).await.unwrap();
        work.index(child, ada, &[token(1), token(2), token(3), token(3)]).await.unwrap();
        work.index(child, ben, &[token(1), token(4)]).await.unwrap();
        work.changed("token", child.0, 1);
        work.commit("child.index", NOW).await.unwrap();
        let find = async |words: &[Vec<Token>]| -> Vec<Uuid> {
            let look = store.look(&coordinator());
            look.find(|_: &BlindIndex| words.to_vec()).await.unwrap().into_iter().map(|(of, subject)| { assert_eq!(of, child); subject }).collect()
        };
        assert_eq!(find(&[vec![token(1)]]).await, [ada, ben]);
        assert_eq!(find(&[vec![token(2), token(3)]]).await, [ada], "once, though two tokens match");
        assert_eq!(find(&[vec![token(1)], vec![token(8), token(4)]]).await, [ben]);
        assert_eq!(find(&[vec![token(2)], vec![token(4)]]).await, NOBODY);
        assert_eq!(find(&[vec![token(9)]]).await, NOBODY, "replaced");
        assert_eq!(find(&[]).await, NOBODY);
        assert_eq!(find(&[vec![token(1)], vec![]]).await, NOBODY);
        let work = store.work(&coordinator()).await.unwrap();
        work.unindex_child(child).await.unwrap();
        work.changed("token", child.0, 2);
        work.commit("child.unindex", NOW).await.unwrap();
        assert_eq!(find(&[vec![token(1)]]).await, NOBODY);
        store.close().await.unwrap();
    }

    async fn nothing_typed_is_on_disk(fixture: &Fixture) {
        let typed = "Zephyrine Oddsworth-Pell";
        let store = fixture.open().await;
        let ground = ground(&store, typed).await;
        let saved = person(&store, &[ground.child], typed).await;
        assert_eq!(open(&store, &saved).await.unwrap(), typed);
        let work = store.work(&coordinator()).await.unwrap();
        work.index(ChildId(ground.child), saved.id, &store.blind().name_tokens(typed)).await.unwrap();
        work.enqueue("test.job", &saved.id, NOW).await.unwrap();
        work.changed("person", saved.id, 1);
        work.commit("person.index", NOW).await.unwrap();
        store.sequence().await.unwrap();
        let files = files_of(fixture.directory());
        assert!(files.iter().any(|(_, content)| contains(content, b"coordinator")), "the test can see what is there");
        for (name, content) in &files {
            for word in ["Zephyrine", "Oddsworth", "Pell"] {
                assert!(!contains(content, word.as_bytes()), "{word} in {name}");
            }
        }
        if fixture.engine == crate::testing::Engine::Postgres {
            let dump = "SELECT count(*) AS n FROM person WHERE position('Oddsworth'::bytea IN sealed) > 0";
            assert_eq!(fixture.count(dump).await, 0);
        }
        store.close().await.unwrap();
    }
}

/// Every file of a directory with its content.
pub(super) fn files_of(directory: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_of(&path));
        } else {
            files.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    files
}

pub(super) fn contains(content: &[u8], part: &[u8]) -> bool {
    content.windows(part.len()).any(|window| window == part)
}
