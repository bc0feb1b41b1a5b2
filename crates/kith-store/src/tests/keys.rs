//! Keys in both of their homes: destroyed, replaced while they are used, given in shares, kept apart.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use kith_vault::{MasterKey, MasterKeyFile, Share};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use uuid::Uuid;

use super::people::{contains, files_of, open};
use super::servers::Second;
use super::{coordinator, person};
use crate::keys::note;
use crate::testing::run_with_keys_apart;
use crate::{KeysPlace, LogStart, MasterKeyPlace, Rotated, Settings, Store, StoreError, each_home};

each_home! {
    async fn a_destroyed_key_takes_only_what_was_that_files_alone(fixture: &Fixture) {
        let store = fixture.open().await;
        let (gone, stays) = (Uuid::now_v7(), Uuid::now_v7());
        for file in [gone, stays] {
            store.create_file_key(file).await.unwrap();
        }
        let alone = person(&store, &[gone], "Ada Quill").await;
        let shared = person(&store, &[gone, stays], "Ben Quill").await;
        assert!(matches!(store.destroy_file_key(Uuid::now_v7()).await, Err(StoreError::NotFound)));
        store.destroy_file_key(gone).await.unwrap();
        store.destroy_file_key(gone).await.unwrap();
        assert!(matches!(open(&store, &alone).await, Err(StoreError::Destroyed)));
        assert_eq!(open(&store, &shared).await.unwrap(), "Ben Quill");
        assert!(matches!(store.create_file_key(gone).await, Err(StoreError::Destroyed)));
        let work = store.work(&coordinator()).await.unwrap();
        let sealed = work.seal(alone.clone(), &[gone], &"x").await;
        assert!(matches!(sealed, Err(StoreError::Destroyed)));
        drop(work);
        store.close().await.unwrap();
    }

    /// A change holds the data's one connection and asks for a key; what was noted is entered through the data's too.
    async fn keys_are_given_while_what_was_noted_is_done(fixture: &Fixture) {
        let store = fixture.open().await;
        let keys = &store.0.keys;
        note::leave(keys.db(), note::What::Shares, "2 of 3").await.unwrap();
        let [noted] = keys.notes().await.unwrap().try_into().unwrap();
        let file = Uuid::now_v7();
        keys.attend(&noted, store.create_file_key(file)).await.unwrap();
        assert!(keys.notes().await.unwrap().is_empty());
        person(&store, &[file], "Ada Quill").await;
        store.close().await.unwrap();
    }

    async fn nothing_of_a_destroyed_key_stays_in_the_key_store(fixture: &Fixture) {
        let store = fixture.open().await;
        let file = Uuid::now_v7();
        store.create_file_key(file).await.unwrap();
        let raw = fixture.raw_keys().await;
        let backend = raw.get_database_backend();
        let key: Vec<u8> = {
            let sql = Statement::from_string(backend, "SELECT wrapped FROM file_key");
            raw.query_one_raw(sql).await.unwrap().unwrap().try_get("", "wrapped").unwrap()
        };
        let tail = key[key.len() - 24..].to_vec();
        let there = async || {
            if backend == DbBackend::Sqlite {
                return files_of(fixture.directory()).iter().any(|(_, content)| contains(content, &tail));
            }
            // Of the table's own file: what stays in the log of the engine is said in docs/operating.md.
            raw.execute_unprepared("CHECKPOINT").await.unwrap();
            let look = "SELECT position($1 IN pg_read_binary_file(pg_relation_filepath('file_key'))) > 0 AS there";
            let look = Statement::from_sql_and_values(backend, look, [tail.clone().into()]);
            raw.query_one_raw(look).await.unwrap().unwrap().try_get("", "there").unwrap()
        };
        assert!(there().await, "the test can see a key that is there");
        store.destroy_file_key(file).await.unwrap();
        assert!(!there().await);
        raw.close_by_ref().await.unwrap();
        store.close().await.unwrap();
    }

    async fn a_destruction_that_is_cut_short_destroys_all_or_nothing(fixture: &Fixture) {
        // Zeros that nobody can unwrap were neither a key nor the end of one.
        let store = fixture.open().await;
        let file = Uuid::now_v7();
        store.create_file_key(file).await.unwrap();
        let saved = person(&store, &[file], "Ada Quill").await;
        let raw = fixture.raw_keys().await;
        let refuse = match raw.get_database_backend() {
            DbBackend::Sqlite => {
                "CREATE TRIGGER refuse BEFORE UPDATE ON file_key WHEN new.wrapped IS NULL \
                 BEGIN SELECT RAISE(ABORT, 'no'); END"
            }
            _ => "ALTER TABLE file_key ADD CONSTRAINT refuse CHECK (wrapped IS NOT NULL)",
        };
        raw.execute_unprepared(refuse).await.unwrap();
        raw.close_by_ref().await.unwrap();
        assert!(store.destroy_file_key(file).await.is_err());
        store.close().await.unwrap();
        let store = fixture.open().await;
        assert_eq!(open(&store, &saved).await.unwrap(), "Ada Quill");
        store.close().await.unwrap();
    }

    // "Rotation of the master key and of the index key while serving".
    async fn the_master_key_is_replaced_while_a_store_is_used(fixture: &Fixture) {
        let store = fixture.open().await;
        let (before, gone) = (Uuid::now_v7(), Uuid::now_v7());
        for file in [before, gone] {
            store.create_file_key(file).await.unwrap();
        }
        let saved = person(&store, &[before], "Ada Quill").await;
        let lost = person(&store, &[gone], "Ben Quill").await;
        let place = fixture.keys_place();
        let old = place.status().await.unwrap();
        assert_eq!((old.file_keys, old.destroyed, old.under_older, old.in_file), (2, 0, 0, 1));
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let using = {
            let (store, saved) = (store.clone(), saved.clone());
            tokio::spawn(async move {
                let mut made = Vec::new();
                while made.len() < 5 || !*stopped.borrow() {
                    let file = Uuid::now_v7();
                    store.create_file_key(file).await.unwrap();
                    made.push(person(&store, &[file], "made meanwhile").await);
                    assert_eq!(open(&store, &saved).await.unwrap(), "Ada Quill");
                    // As after half a minute: nothing is at hand.
                    store.0.keys.forget_all();
                }
                made
            })
        };
        let mut masters = vec![old.master];
        for _ in 0..3 {
            match place.rotate_master(false).await.unwrap() {
                Rotated::Done { master, keys, ended_earlier: false } => {
                    assert!(keys >= 2 && !masters.contains(&master), "{keys}");
                    masters.push(master);
                }
                other => panic!("{other:?}"),
            }
        }
        store.destroy_file_key(gone).await.unwrap();
        stop.send(true).unwrap();
        let made = using.await.unwrap();
        let now = place.status().await.unwrap();
        assert_eq!(now.master, *masters.last().unwrap());
        assert_eq!((now.under_older, now.in_file, now.destroyed), (0, 1, 1));
        assert!(now.since_ms.is_some());
        for saved in made.iter().chain([&saved]) {
            open(&store, saved).await.unwrap();
        }
        assert!(matches!(open(&store, &lost).await, Err(StoreError::Destroyed)), "a rotation brings nothing back");
        // Every rotation is an entry of the access log, once.
        store.attend_to_keys().await.unwrap();
        store.attend_to_keys().await.unwrap();
        let entries = "SELECT count(*) AS n FROM ledger_entry WHERE body LIKE '%keys.master_rotated%'";
        assert_eq!(fixture.count(entries).await, 3);
        store.close().await.unwrap();
        let store = fixture.open().await;
        assert_eq!(open(&store, &saved).await.unwrap(), "Ada Quill");
        store.close().await.unwrap();
    }

    async fn a_rotation_that_is_cut_short_leaves_a_state_that_starts_and_goes_on(fixture: &Fixture) {
        let store = fixture.open().await;
        let file = Uuid::now_v7();
        store.create_file_key(file).await.unwrap();
        let saved = person(&store, &[file], "Ada Quill").await;
        store.close().await.unwrap();
        let place = fixture.keys_place();
        let master = fixture.directory().join("master.key");
        let starts = async || {
            let store = fixture.open().await;
            assert_eq!(open(&store, &saved).await.unwrap(), "Ada Quill");
            store.create_file_key(Uuid::now_v7()).await.unwrap();
            store.close().await.unwrap();
        };
        // After the file got the new key.
        let old = MasterKeyFile::load(&master).unwrap();
        let Rotated::Prepared(new) = place.rotate_master(true).await.unwrap() else { panic!("not prepared") };
        assert_eq!(place.rotate_master(true).await.unwrap(), Rotated::Prepared(new.clone()), "it is not made twice");
        assert_eq!(MasterKeyFile::load(&master).unwrap().keys().len(), 2);
        starts().await;
        // After the key store said that the new one wraps, and before anything was wrapped again.
        let raw = fixture.raw_keys().await;
        raw.execute_unprepared(&format!("UPDATE key_state SET master = '{new}'")).await.unwrap();
        raw.execute_unprepared(&format!("INSERT INTO master_key (id, since) VALUES ('{new}', 1)")).await.unwrap();
        raw.close_by_ref().await.unwrap();
        starts().await;
        let half = place.status().await.unwrap();
        assert!(half.under_older > 0 && half.master == new, "{half:?}");
        let ended = place.rotate_master(false).await.unwrap();
        assert!(matches!(&ended, Rotated::Done { master, ended_earlier: true, .. } if *master == new), "{ended:?}");
        starts().await;
        // After everything was wrapped again, and before the file lost the old one.
        let newest = MasterKeyFile::load(&master).unwrap();
        let both = [old.keys(), newest.keys()].concat();
        MasterKeyFile::replace(&master, both).unwrap();
        starts().await;
        let ended = place.rotate_master(false).await.unwrap();
        assert!(matches!(ended, Rotated::Done { keys: 0, ended_earlier: true, .. }), "{ended:?}");
        assert_eq!(MasterKeyFile::load(&master).unwrap().keys().len(), 1);
        starts().await;
    }

    async fn a_key_is_not_put_in_under_a_master_key_that_is_on_its_way_out(fixture: &Fixture) {
        let store = fixture.open().await;
        let place = fixture.keys_place();
        // The store has read the old one only.
        place.rotate_master(false).await.unwrap();
        let file = Uuid::now_v7();
        store.create_file_key(file).await.unwrap();
        assert_eq!(place.status().await.unwrap().under_older, 0);
        let saved = person(&store, &[file], "Ada Quill").await;
        store.close().await.unwrap();
        let store = fixture.open().await;
        assert_eq!(open(&store, &saved).await.unwrap(), "Ada Quill");
        store.close().await.unwrap();
    }

    async fn another_master_key_opens_nothing_and_says_so(fixture: &Fixture) {
        fixture.open().await.close().await.unwrap();
        let master = fixture.directory().join("master.key");
        let right = fs::read(&master).unwrap();
        MasterKeyFile::replace(&master, vec![MasterKey::generate().unwrap()]).unwrap();
        let told = fixture.try_open().await.err().expect("it is another's").to_string();
        assert!(told.contains("--master-key"), "{told}");
        let told = fixture.keys_place().status().await.unwrap_err().to_string();
        assert!(told.contains("--master-key"), "{told}");
        let place = KeysPlace { authority: "other".into(), ..fixture.keys_place() };
        assert!(place.rotate_master(false).await.is_err());
        fs::write(&master, right).unwrap();
        fixture.open().await.close().await.unwrap();
    }

    // "escrow by shares (k of n) with a restore that is tried in a test".
    async fn any_k_of_n_shares_bring_back_a_service_whose_master_key_is_lost(fixture: &Fixture) {
        let store = fixture.open().await;
        let file = Uuid::now_v7();
        store.create_file_key(file).await.unwrap();
        let saved = person(&store, &[file], "Ada Quill").await;
        let place = fixture.keys_place();
        let shares = place.escrow(2, 3).await.unwrap();
        store.attend_to_keys().await.unwrap();
        let entries = "SELECT count(*) AS n FROM ledger_entry WHERE body LIKE '%keys.shares_made%'";
        assert_eq!(fixture.count(entries).await, 1);
        store.close().await.unwrap();
        let some = |which: &[usize]| -> Vec<Share> {
            which.iter().map(|at| Share::parse(&shares[*at].to_text()).unwrap()).collect()
        };
        let master = fixture.directory().join("master.key");
        let there = place.put_together(&some(&[0, 1]), None).await;
        assert!(there.is_err(), "what is there is not written over");
        fs::remove_file(&master).unwrap();
        for too_few in [&[0][..], &[1], &[2]] {
            let error = place.put_together(&some(too_few), None).await.unwrap_err();
            assert!(matches!(error, StoreError::Share { at: None, .. }), "{error:?}");
            assert!(!master.exists());
        }
        let error = place.put_together(&some(&[0, 0]), None).await.unwrap_err();
        assert!(matches!(error, StoreError::Share { at: Some(1), .. }), "{error:?}");
        for two in [[0, 1], [0, 2], [2, 1]] {
            let id = place.put_together(&some(&two), None).await.unwrap();
            assert_eq!(id, shares[0].master());
            assert_eq!(fs::metadata(&master).unwrap().permissions().mode() & 0o777, 0o600);
            let store = fixture.open().await;
            assert_eq!(open(&store, &saved).await.unwrap(), "Ada Quill");
            store.close().await.unwrap();
            fs::remove_file(&master).unwrap();
        }
        // Shares of a master key that was replaced since are said to be that.
        place.put_together(&some(&[0, 1]), None).await.unwrap();
        place.rotate_master(false).await.unwrap();
        fs::remove_file(&master).unwrap();
        let error = place.put_together(&some(&[0, 1]), None).await.unwrap_err();
        assert!(error.to_string().contains("another master key"), "{error}");
    }

    async fn shares_are_held_against_a_backup_of_the_keys_when_the_service_is_lost(fixture: &Fixture) {
        let store = fixture.open().await;
        store.sequence().await.unwrap();
        let settings = fixture.settings();
        let place = fixture.keys_place();
        let shares = place.escrow(2, 2).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let backed = crate::Backed {
            data: fixture.directory(),
            database_url: settings.database_url.as_deref(),
            keys_url: settings.keys_url.as_deref(),
            master_key: &MasterKeyPlace::InData,
        };
        let (saved, keys) = (dir.path().join("saved"), dir.path().join("keys"));
        crate::backup(&backed, &saved, &keys).await.unwrap();
        store.close().await.unwrap();
        let safe = dir.path().join("master.key");
        let elsewhere = KeysPlace {
            data: dir.path().join("nothing-there"),
            keys_url: None,
            master_key: MasterKeyPlace::File(safe.clone()),
            authority: "test".into(),
        };
        elsewhere.put_together(&shares, Some(&keys)).await.unwrap();
        let there = MasterKeyFile::load(&safe).unwrap();
        assert_eq!(there.keys()[0].id(), place.status().await.unwrap().master);
    }

    async fn the_master_key_can_lie_elsewhere(fixture: &Fixture) {
        let safe = tempfile::tempdir().unwrap();
        let settings = || Settings {
            master_key: MasterKeyPlace::File(safe.path().join("master.key")),
            ..fixture.settings()
        };
        Store::open(settings()).await.unwrap().close().await.unwrap();
        assert!(safe.path().join("master.key").exists() && !fixture.directory().join("master.key").exists());
        Store::open(settings()).await.unwrap().close().await.unwrap();
        // Without it none is made beside the keys that it would have to open.
        assert!(matches!(fixture.try_open().await, Err(StoreError::MasterKeyMissing { .. })));
        assert!(!fixture.directory().join("master.key").exists());
        let exposed = fs::Permissions::from_mode(0o640);
        fs::set_permissions(safe.path().join("master.key"), exposed).unwrap();
        let told = Store::open(settings()).await.err().expect("others can read it").to_string();
        assert!(told.contains("chmod 600"), "{told}");
    }

    // "a directory open to others refused"; ASVS 5.0, 13.3.2.
    async fn a_data_directory_that_others_can_enter_is_refused(fixture: &Fixture) {
        fixture.open().await.close().await.unwrap();
        for mode in [0o750, 0o710, 0o705, 0o701, 0o755, 0o720] {
            fs::set_permissions(fixture.directory(), fs::Permissions::from_mode(mode)).unwrap();
            let error = fixture.try_open().await.err().expect("others can enter it");
            assert!(matches!(error, StoreError::Exposed { .. }), "{mode:o}: {error:?}");
            assert!(error.to_string().contains("chmod 700"), "{error}");
        }
        fs::set_permissions(fixture.directory(), fs::Permissions::from_mode(0o700)).unwrap();
        fixture.open().await.close().await.unwrap();
    }
}

// "a key destroyed by one server is unusable by the other at the next request"
#[test]
fn a_key_that_another_server_destroys_is_unusable_at_the_next_request() {
    run_with_keys_apart(async |fixture| {
        let one = fixture.open().await;
        let (gone, stays) = (Uuid::now_v7(), Uuid::now_v7());
        for file in [gone, stays] {
            one.create_file_key(file).await.unwrap();
        }
        let alone = person(&one, &[gone], "Ada Quill").await;
        let shared = person(&one, &[gone, stays], "Ben Quill").await;
        let other = person(&one, &[stays], "Cass Quill").await;
        one.sequence().await.unwrap();
        one.close().await.unwrap();
        let second = Second::of(fixture);
        let (one, two) = (fixture.open().await, second.open(fixture, LogStart::Joined).await.unwrap());
        // Both have it at hand.
        for store in [&one, &two] {
            let look = store.look(&coordinator());
            assert_eq!(look.open::<_, String>(&alone).await.unwrap(), "Ada Quill");
            look.forget();
        }
        one.destroy_file_key(gone).await.unwrap();
        for store in [&one, &two] {
            let look = store.look(&coordinator());
            assert!(matches!(look.open::<_, String>(&alone).await, Err(StoreError::Destroyed)));
            assert_eq!(look.open::<_, String>(&shared).await.unwrap(), "Ben Quill");
            look.forget();
            let work = store.work(&coordinator()).await.unwrap();
            assert!(matches!(work.seal(alone.clone(), &[gone], &"x").await, Err(StoreError::Destroyed)));
            assert!(matches!(store.create_file_key(gone).await, Err(StoreError::Destroyed)));
        }
        // What is not destroyed stays at hand: one question for each request, and not one for each record.
        let look = two.look(&coordinator());
        look.open::<_, String>(&other).await.unwrap();
        let before = two.counts();
        for _ in 0..5 {
            look.open::<_, String>(&other).await.unwrap();
        }
        assert_eq!(two.counts().statements - before.statements, 0);
        look.forget();
        one.close().await.unwrap();
        two.close().await.unwrap();
    });
}

#[test]
fn keys_in_the_database_of_the_data_are_refused_whatever_it_is_called() {
    run_with_keys_apart(async |fixture| {
        let settings = fixture.settings();
        let data = settings.database_url.clone().unwrap();
        for same in [data.clone(), data.replace("127.0.0.1", "localhost")] {
            let settings = Settings { keys_url: Some(same), ..settings.clone() };
            let error = Store::open(settings).await.err().expect("they are not apart");
            assert!(matches!(error, StoreError::KeysWithData { .. }), "{error:?}");
            assert!(!error.to_string().contains("kith:kith"), "no password in {error}");
        }
        // Nothing was written there.
        fixture.open().await.close().await.unwrap();
    });
}

#[test]
fn a_key_database_that_is_empty_or_anothers_is_refused_where_there_is_data() {
    run_with_keys_apart(async |fixture| {
        fixture.open().await.close().await.unwrap();
        let other = fixture.another_database().await;
        let settings = Settings { keys_url: other.url().map(str::to_owned), ..fixture.settings() };
        let error = Store::open(settings).await.err().expect("it is empty");
        assert!(matches!(error, StoreError::KeysMissing { .. }), "{error:?}");
        // Nor is a file made beside the data when the URL was forgotten.
        let settings = Settings { keys_url: None, ..fixture.settings() };
        let error = Store::open(settings).await.err().expect("there is no file");
        assert!(matches!(error, StoreError::KeysMissing { .. }), "{error:?}");
        assert!(!fixture.directory().join("keys.sqlite").exists());
        other.drop().await;
    });
}
