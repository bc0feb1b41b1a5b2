//! From the database into the signed tree, and back.

use std::path::{Path, PathBuf};

use kith_ledger::{Log, Signer};
use uuid::Uuid;

use super::{NOW, coordinator, person as put_in};
use crate::entity::person;
use crate::ledger::sequence;
use crate::row::save_where_version;
use crate::testing::{Engine, Fixture, run};
use crate::{LedgerCheck, Store, StoreError, Verifying, each_engine, verify_ledger, verify_tiles};

async fn look(store: &Store, child: u128) {
    let look = store.look(&coordinator());
    look.note("child", Uuid::from_u128(child));
    look.done("child.read", NOW).await.unwrap();
}

async fn verify(fixture: &Fixture) -> Result<LedgerCheck, StoreError> {
    fixture.verify().await
}

/// The first step of sequencing alone; returns how many entries have a place.
async fn place(store: &Store) -> u64 {
    let log = store.0.log.lock().await;
    sequence::place(&store.0.write, &store.0.log_key, store.0.this.first_lane, log.as_ref().unwrap())
        .await
        .unwrap()
        .size
}

/// A store with three sequenced entries and one that waits.
async fn three_and_one(fixture: &Fixture) -> Store {
    let store = fixture.open().await;
    for child in 1..=3 {
        look(&store, child).await;
    }
    assert_eq!(store.sequence().await.unwrap(), 3);
    look(&store, 4).await;
    store
}

fn entry_bundles(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(entry_bundles(&path));
        } else if path.to_string_lossy().contains("/entries/") {
            found.push(path);
        }
    }
    found
}

/// Who looked at a child is found by the child's id: one cut in two says the same, one piece after the other, and finds nothing. The
/// other engine takes no piece of an id.
#[test]
fn an_id_that_an_entry_is_found_by_cannot_be_cut_in_two() {
    run(Engine::Sqlite, async |fixture: &Fixture| {
        let store = three_and_one(fixture).await;
        store.close().await.unwrap();
        let of = "entry_id = (SELECT id FROM ledger_entry WHERE leaf = 2)";
        let second =
            format!("INSERT INTO ledger_subject SELECT entry_id, substr(subject_id, 9) FROM ledger_subject WHERE {of}");
        let first = format!(
            "UPDATE ledger_subject SET subject_id = substr(subject_id, 1, 8) WHERE {of} AND length(subject_id) = 16"
        );
        assert_eq!((fixture.tamper(&second).await, fixture.tamper(&first).await), (1, 1));
        let found = verify(fixture).await;
        assert!(matches!(found, Err(StoreError::LedgerAltered { .. })), "{found:?}");
    });
}

each_engine! {
    async fn sequencing_twice_is_sequencing_once(fixture: &Fixture) {
        let store = three_and_one(fixture).await;
        let check = verify(fixture).await.unwrap();
        assert_eq!((check.size, check.waiting), (3, Some(1)));
        assert_eq!(store.sequence().await.unwrap(), 4);
        assert_eq!(store.sequence().await.unwrap(), 4);
        let check = verify(fixture).await.unwrap();
        assert_eq!((check.size, check.waiting), (4, Some(0)));
        let directory = fixture.directory();
        let alone = verify_tiles(&directory.join("ledger"), Some(&directory.join("checkpoints")), None).unwrap();
        assert_eq!((alone.size, alone.root, alone.waiting), (4, check.root, None));
        assert!(alone.checkpoints >= 2);
        store.close().await.unwrap();
        assert_eq!(verify(fixture).await.unwrap(), check, "and with nothing running");
    }

    async fn a_changed_row_is_found(fixture: &Fixture) {
        let store = three_and_one(fixture).await;
        store.close().await.unwrap();
        let untouched = verify(fixture).await.unwrap();
        let changes = [
            ("body = replace(body, 'child.read', 'child.seen')", "its text in the database is not the signed one"),
            ("at = at + 1", "its time in the database is not the signed one"),
            ("actor_id = NULL", "its actor in the database is not the signed one"),
            ("leaf = NULL", "it is not in the database"),
        ];
        for (change, why) in changes {
            fixture.tamper("CREATE TABLE kept AS SELECT * FROM ledger_entry").await;
            assert_eq!(fixture.tamper(&format!("UPDATE ledger_entry SET {change} WHERE leaf = 1")).await, 1);
            match verify(fixture).await {
                Err(StoreError::LedgerAltered { leaf, why: said }) => assert_eq!((leaf, said), (1, why)),
                other => panic!("{change}: {other:?}"),
            }
            fixture.tamper(
                "UPDATE ledger_entry SET leaf = (SELECT leaf FROM kept WHERE kept.id = ledger_entry.id), \
                 at = (SELECT at FROM kept WHERE kept.id = ledger_entry.id), \
                 actor_id = (SELECT actor_id FROM kept WHERE kept.id = ledger_entry.id), \
                 body = (SELECT body FROM kept WHERE kept.id = ledger_entry.id)",
            ).await;
            fixture.tamper("DROP TABLE kept").await;
            assert_eq!(verify(fixture).await.unwrap(), untouched);
        }
        fixture.tamper("DELETE FROM ledger_subject WHERE entry_id = (SELECT id FROM ledger_entry WHERE leaf = 2)").await;
        let found = verify(fixture).await;
        assert!(matches!(found, Err(StoreError::LedgerAltered { leaf: 2, .. })), "{found:?}");
    }

    async fn an_entry_in_no_place_is_found(fixture: &Fixture) {
        let store = three_and_one(fixture).await;
        store.close().await.unwrap();
        let nowhere = "INSERT INTO ledger_entry (leaf, at, actor_id, refused, body, lane, number, after, mac) \
                       SELECT -1, at, actor_id, refused, body, lane, number + 1000, after, mac FROM ledger_entry WHERE leaf = 1";
        assert_eq!(fixture.tamper(nowhere).await, 1);
        let found = verify(fixture).await;
        assert!(matches!(found, Err(StoreError::LedgerAltered { .. })), "{found:?}");
    }

    async fn a_record_more_that_an_entry_is_found_by_is_found(fixture: &Fixture) {
        let store = three_and_one(fixture).await;
        store.close().await.unwrap();
        let own = format!(
            "INSERT INTO ledger_subject (entry_id, subject_id) SELECT id, {} FROM ledger_entry WHERE leaf = 2",
            fixture.id(Uuid::from_u128(9))
        );
        assert_eq!(fixture.tamper(&own).await, 1);
        let found = verify(fixture).await;
        assert!(matches!(found, Err(StoreError::LedgerAltered { leaf: 2, .. })), "{found:?}");
    }

    async fn a_removed_row_is_found(fixture: &Fixture) {
        let store = three_and_one(fixture).await;
        store.close().await.unwrap();
        fixture.tamper("DELETE FROM ledger_subject WHERE entry_id = (SELECT id FROM ledger_entry WHERE leaf = 2)").await;
        fixture.tamper("DELETE FROM ledger_entry WHERE leaf = 2").await;
        let found = verify(fixture).await;
        assert!(matches!(found, Err(StoreError::LedgerAltered { leaf: 2, .. })), "{found:?}");
        // The place must not be given away again: such a database is not served.
        let refused = fixture.try_open().await.err();
        assert!(matches!(refused, Some(StoreError::LedgerAhead { log: 3, database: 2 })), "{refused:?}");
    }

    async fn a_record_put_back_altered_taken_away_or_added_is_found(fixture: &Fixture) {
        let store = fixture.open().await;
        let file = Uuid::now_v7();
        store.create_file_key(file).await.unwrap();
        let first = put_in(&store, &[file], "Ada Quill").await;
        let work = store.work(&coordinator()).await.unwrap();
        let newer = person::Model { version: 2, ..first.clone() };
        let newer = work.seal(newer, &[file], &"Ada Quill-Moss").await.unwrap();
        save_where_version(&work.db(), newer, person::Column::Version, 1).await.unwrap();
        work.commit("test.renamed", NOW).await.unwrap();
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        assert_eq!(verify(fixture).await.unwrap().records, Some(1));

        let tampered = async |sql: &str, expected: &str| {
            fixture.tamper("CREATE TABLE kept AS SELECT * FROM person").await;
            assert_eq!(fixture.tamper(sql).await, 1, "{sql}");
            match verify(fixture).await {
                Err(StoreError::RowAltered { table: "person", why, .. }) => assert_eq!(why, expected),
                other => panic!("{sql}: {other:?}"),
            }
            fixture.tamper("DELETE FROM person").await;
            fixture.tamper("INSERT INTO person SELECT * FROM kept").await;
            fixture.tamper("DROP TABLE kept").await;
            assert_eq!(verify(fixture).await.unwrap().records, Some(1));
        };
        let literal = |bytes: &[u8]| match fixture.engine {
            Engine::Sqlite => format!("x'{}'", hex::encode(bytes)),
            Engine::Postgres => format!("'\\x{}'::bytea", hex::encode(bytes)),
        };
        let old = literal(&first.sealed);
        tampered(&format!("UPDATE person SET version = 1, sealed = {old}"), "an earlier version was put back").await;
        tampered(&format!("UPDATE person SET sealed = {old}"), "its content is not what was written").await;
        tampered("DELETE FROM person", "it is not in the database any more").await;
        let id = match fixture.engine {
            Engine::Sqlite => format!("x'{}'", file.simple()),
            Engine::Postgres => format!("'{file}'"),
        };
        let columns = "id, version, canonical_id, created_at, sealed";
        let added = format!("INSERT INTO person ({columns}) VALUES ({id}, 1, {id}, 0, {old})");
        tampered(&added, "the log knows nothing of it").await;
    }

    async fn a_changed_tile_is_found(fixture: &Fixture) {
        let store = three_and_one(fixture).await;
        store.close().await.unwrap();
        let bundles = entry_bundles(&fixture.directory().join("ledger"));
        assert!(!bundles.is_empty());
        for bundle in bundles {
            let mut content = std::fs::read(&bundle).unwrap();
            *content.last_mut().unwrap() ^= 1;
            std::fs::write(&bundle, content).unwrap();
        }
        let found = verify(fixture).await;
        assert!(matches!(found, Err(StoreError::Ledger(_) | StoreError::LedgerAltered { .. })), "{found:?}");
        assert!(verify_tiles(&fixture.directory().join("ledger"), None, None).is_err());
    }

    async fn a_log_signed_with_another_key_is_refused(fixture: &Fixture) {
        let store = three_and_one(fixture).await;
        store.close().await.unwrap();
        let other = Signer::from_seed("kith-test", &[9; 32]).unwrap().verifier().to_string();
        let url = fixture.settings().database_url;
        let found = verify_ledger(&Verifying { key: Some(&other), ..Verifying::of(fixture.directory(), url.as_deref()) }).await;
        assert!(matches!(found, Err(StoreError::Ledger(_))), "{found:?}");
    }

    async fn what_a_crash_left_between_database_and_tiles_is_taken_up(fixture: &Fixture) {
        let store = three_and_one(fixture).await;
        // The first step of sequencing, and then nothing: as if killed.
        assert_eq!(place(&store).await, 4);
        let check = verify(fixture).await.unwrap();
        assert_eq!((check.size, check.waiting), (3, Some(1)));
        store.close().await.unwrap();
        drop(store);
        let store = fixture.open().await;
        look(&store, 5).await;
        assert_eq!(store.sequence().await.unwrap(), 5);
        let check = verify(fixture).await.unwrap();
        assert_eq!((check.size, check.waiting), (5, Some(0)));
        store.close().await.unwrap();
    }

    async fn a_database_older_than_its_log_is_refused(fixture: &Fixture) {
        let store = three_and_one(fixture).await;
        let seed = store.0.keys.named("ledger-signing").await.unwrap();
        store.close().await.unwrap();
        drop(store);
        let signer = Signer::from_seed("kith-test", seed.as_bytes()).unwrap();
        let directory = fixture.directory();
        let mut log = Log::open(&directory.join("ledger"), Some(&directory.join("checkpoints")), signer).unwrap();
        log.append(&[b"one".to_vec(), b"two".to_vec()]).unwrap();
        drop(log);
        let refused = fixture.try_open().await.err();
        assert!(matches!(refused, Some(StoreError::LedgerAhead { log: 5, database: 3 })), "{refused:?}");
    }
}
