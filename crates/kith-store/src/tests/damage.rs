//! Files that are damaged, missing or another's are found at the start, and stay as they were found.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{coordinator, person};
use crate::testing::{Engine, Fixture, run};
use crate::{
    Backed, LogStart, MasterKeyPlace, Settings, Store, StoreError, Verifying, each_engine, each_home, verify_ledger,
};

/// A store that was closed, with some hundreds of pages.
async fn filled(fixture: &Fixture) -> Uuid {
    let store = fixture.open().await;
    let file = Uuid::now_v7();
    store.create_file_key(file).await.unwrap();
    more(&store, file, 150).await;
    store.sequence().await.unwrap();
    store.close().await.unwrap();
    file
}

async fn more(store: &Store, file: Uuid, count: usize) {
    for _ in 0..count {
        person(store, &[file], &"She laughed and held out her arms. ".repeat(100)).await;
    }
}

/// Every file of a directory and what is in it, but for the lock.
fn content(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(content(&path));
        } else if !path.ends_with("kith.lock") {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

/// Fails to open, and changes nothing.
async fn refused(fixture: &Fixture) -> StoreError {
    let before = content(fixture.directory());
    let error = fixture.try_open().await.err().expect("it is refused");
    let after = content(fixture.directory());
    let shared = |path: &Path| path.to_string_lossy().ends_with("-shm");
    let changed: Vec<_> =
        after.iter().filter(|(path, text)| !shared(path) && before.get(*path) != Some(text)).collect();
    assert!(changed.is_empty(), "{error}: changed {:?}", changed.iter().map(|(path, _)| path).collect::<Vec<_>>());
    error
}

each_engine! {
    async fn a_key_store_that_is_missing_is_not_made_anew_where_there_is_data(fixture: &Fixture) {
        filled(fixture).await;
        let keys = fixture.directory().join("keys.sqlite");
        let kept = fixture.directory().join("kept");
        fs::rename(&keys, &kept).unwrap();
        let error = refused(fixture).await;
        assert!(matches!(error, StoreError::KeysMissing { .. }), "{error:?}");
        assert!(!keys.exists());
        fs::write(&keys, b"").unwrap();
        let error = refused(fixture).await;
        assert!(matches!(error, StoreError::KeysMissing { .. }), "{error:?}");
        fs::rename(&kept, &keys).unwrap();
        fixture.open().await.close().await.unwrap();
    }

    async fn a_damaged_key_store_is_found(fixture: &Fixture) {
        filled(fixture).await;
        let keys = fixture.directory().join("keys.sqlite");
        let whole = fs::read(&keys).unwrap();
        fs::write(&keys, &whole[..whole.len() / 2]).unwrap();
        let error = refused(fixture).await;
        assert!(matches!(error, StoreError::DamagedFile { .. }), "{error:?}");
        fs::write(&keys, whole).unwrap();
        fixture.open().await.close().await.unwrap();
    }
}

#[test]
fn a_damaged_database_is_found_at_the_start() {
    run(Engine::Sqlite, async |fixture| {
        filled(fixture).await;
        let data = fixture.directory().join("kith.sqlite");
        let whole = fs::read(&data).unwrap();
        assert!(whole.len() > 100 * 4096, "{}", whole.len());
        for (damage, first_page) in [("in the middle", 40), ("at the end", whole.len() / 4096 - 20)] {
            let mut garbage = whole.clone();
            for (at, byte) in garbage[first_page * 4096..][..20 * 4096].iter_mut().enumerate() {
                *byte = u8::try_from(at * 7 % 251).unwrap();
            }
            fs::write(&data, garbage).unwrap();
            let error = refused(fixture).await;
            assert!(matches!(error, StoreError::DamagedFile { .. }), "{damage}: {error:?}");
        }
        fs::write(&data, &whole[..whole.len() / 2]).unwrap();
        let error = refused(fixture).await;
        assert!(matches!(error, StoreError::DamagedFile { .. }), "cut in half: {error:?}");
        fs::write(&data, &whole[..50]).unwrap();
        let error = refused(fixture).await;
        assert!(matches!(error, StoreError::DamagedFile { .. } | StoreError::NotKith { .. }), "cut short: {error:?}");
        fs::write(&data, b"").unwrap();
        let error = refused(fixture).await;
        assert!(matches!(error, StoreError::DataMissing { .. }), "cut to nothing: {error:?}");
        fs::remove_file(&data).unwrap();
        let error = refused(fixture).await;
        assert!(matches!(error, StoreError::DataMissing { .. }), "taken away: {error:?}");
        assert!(!data.exists());
        fs::write(&data, whole).unwrap();
        fixture.open().await.close().await.unwrap();
    });
}

#[test]
fn a_copy_that_is_put_back_beside_another_s_write_ahead_log_is_not_destroyed_by_it() {
    run(Engine::Sqlite, async |fixture| {
        let file = filled(fixture).await;
        let (data, wal) = (fixture.directory().join("kith.sqlite"), fixture.directory().join("kith.sqlite-wal"));
        let copy = fs::read(&data).unwrap();
        let store = fixture.open().await;
        more(&store, file, 40).await;
        store.sequence().await.unwrap();
        let (newer, log) = (fs::read(&data).unwrap(), fs::read(&wal).unwrap());
        store.close().await.unwrap();

        fs::write(&data, &copy).unwrap();
        fs::write(&wal, &log).unwrap();
        let error = refused(fixture).await;
        assert!(matches!(error, StoreError::OtherWal { .. }), "{error:?}");
        // As the error says; an older copy is then found to be one.
        fs::remove_file(&wal).unwrap();
        let error = refused(fixture).await;
        assert!(matches!(error, StoreError::LedgerAhead { .. }), "{error:?}");

        // The log beside the file that it was written for is what a crash leaves.
        fs::write(&data, &newer).unwrap();
        fs::write(&wal, &log).unwrap();
        let store = fixture.open().await;
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        assert_eq!(fixture.verify().await.unwrap().records, Some(190));
    });
}

#[test]
fn a_start_that_was_cut_short_while_it_set_the_stamp_is_taken_up() {
    run(Engine::Sqlite, async |fixture| {
        filled(fixture).await;
        let (data, wal) = (fixture.directory().join("kith.sqlite"), fixture.directory().join("kith.sqlite-wal"));
        let raw = fixture.raw().await;
        raw.execute_unprepared("PRAGMA user_version = 77").await.unwrap();
        let (file, log) = (fs::read(&data).unwrap(), fs::read(&wal).unwrap());
        assert!(log.len() > 4096);
        raw.close_by_ref().await.unwrap();
        fs::write(&data, file).unwrap();
        fs::write(&wal, log).unwrap();
        fixture.open().await.close().await.unwrap();
    });
}

each_home! {
    async fn a_backup_of_a_serving_store_is_put_back_whole(fixture: &Fixture) {
        let store = fixture.open().await;
        let file = Uuid::now_v7();
        store.create_file_key(file).await.unwrap();
        more(&store, file, 20).await;
        store.sequence().await.unwrap();
        let place = tempfile::tempdir().unwrap();
        let (saved, keys) = (place.path().join("saved"), place.path().join("saved-keys"));
        let settings = fixture.settings();
        let backed = Backed {
            data: fixture.directory(),
            database_url: settings.database_url.as_deref(),
            keys_url: settings.keys_url.as_deref(),
            master_key: &MasterKeyPlace::InData,
        };
        // While it goes on.
        let going_on = {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..40 {
                    more(&store, file, 1).await;
                    store.sequence().await.unwrap();
                }
            })
        };
        let made = crate::backup(&backed, &saved, &keys).await.unwrap();
        going_on.await.unwrap();
        assert!(made.entries >= 20, "{made:?}");
        for kept in ["master.key", "keys.sqlite"] {
            assert!(!saved.join(kept).exists(), "{kept} lies beside the data");
        }
        assert!(!keys.join("master.key").exists());
        let again = crate::backup(&backed, &saved, &keys).await;
        assert!(matches!(again, Err(StoreError::NotEmpty { .. })), "{again:?}");
        store.close().await.unwrap();

        let target = fixture.another_database().await;
        let keys_target = fixture.another_database().await;
        let master = MasterKeyPlace::File(fixture.directory().join("master.key"));
        let data = place.path().join("data");
        let to = Backed { data: &data, database_url: target.url(), keys_url: keys_target.url(), master_key: &master };
        let without = Backed { master_key: &MasterKeyPlace::InData, ..to.clone() };
        let missing = crate::restore(&saved, &keys, &without).await;
        assert!(matches!(missing, Err(StoreError::MasterKeyMissing { .. })), "{missing:?}");
        let tile = content(&saved).into_keys().find(|path| path.to_string_lossy().contains("/entries/")).unwrap();
        let whole = fs::read(&tile).unwrap();
        fs::write(&tile, [&whole[..], b"x"].concat()).unwrap();
        let altered = crate::restore(&saved, &keys, &to).await;
        assert!(matches!(altered, Err(StoreError::NotBackup { .. })), "{altered:?}");
        fs::write(&tile, whole).unwrap();
        crate::restore(&saved, &keys, &to).await.unwrap();

        let database_url = target.url().map(str::to_owned);
        let keys_url = keys_target.url().map(str::to_owned);
        let (log, master_key) = (LogStart::Restored, master.clone());
        let settings = Settings { data: data.clone(), database_url, keys_url, master_key, log, ..fixture.settings() };
        let store = Store::open(settings).await.unwrap();
        more(&store, file, 1).await;
        store.sequence().await.unwrap();
        let look = store.look(&coordinator());
        assert!(look.file_key(file).await.unwrap().is_some());
        drop(look);
        store.close().await.unwrap();
        let check = verify_ledger(&Verifying { now_ms: 0, ..Verifying::of(&data, target.url()) }).await.unwrap();
        assert!(check.records >= Some(21), "{check:?}");
        let again = crate::restore(&saved, &keys, &to).await;
        assert!(matches!(again, Err(StoreError::NotEmpty { .. })), "{again:?}");
        target.drop().await;
        keys_target.drop().await;
    }
}
