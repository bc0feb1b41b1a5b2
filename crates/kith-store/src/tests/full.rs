//! A database that is full: nothing is called saved that is not stored, and there is room again as soon as there is.

use std::path::PathBuf;
use std::process::Command;

use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, Statement};
use tempfile::TempDir;
use uuid::Uuid;

use super::{NOW, coordinator};
use crate::entity::person;
use crate::row::insert;
use crate::testing::{Engine, Fixture, run};
use crate::{Settings, Store, StoreError, Verifying, each_engine, verify_ledger};

/// Saves a person with a text as long as a record's entry; its id once the store says that it is saved.
async fn save(store: &Store, file: Uuid) -> Result<Uuid, StoreError> {
    let id = Uuid::now_v7();
    let work = store.work(&coordinator()).await?;
    let model = person::Model { id, version: 1, canonical_id: id, created_at: NOW, sealed: Vec::new() };
    let model = work.seal(model, &[file], &"She laughed and held out her arms. ".repeat(60)).await?;
    insert(&work.db(), model).await?;
    work.commit("test.saved", NOW).await?;
    Ok(id)
}

/// Lets the database grow by a few pages and no more, as a file system that is nearly full does.
async fn nearly_full(store: &Store) {
    let db = &store.0.write;
    let pages = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, "PRAGMA page_count")).await;
    let pages: i64 = pages.unwrap().unwrap().try_get("", "page_count").unwrap();
    db.execute_unprepared(&format!("PRAGMA max_page_count = {}", pages + 12)).await.unwrap();
}

async fn room_again(store: &Store) {
    store.0.write.execute_unprepared("PRAGMA max_page_count = 1000000").await.unwrap();
}

/// How many of them are not stored, by another connection.
async fn missing(fixture: &Fixture, saved: &[Uuid]) -> usize {
    let mut missing = 0;
    for id in saved {
        let id = match fixture.engine {
            Engine::Sqlite => format!("x'{}'", id.simple()),
            Engine::Postgres => format!("'{id}'"),
        };
        missing += usize::from(fixture.count(&format!("SELECT count(*) AS n FROM person WHERE id = {id}")).await != 1);
    }
    missing
}

#[test]
fn what_is_called_saved_after_the_database_was_full_is_stored() {
    run(Engine::Sqlite, async |fixture| {
        let store = fixture.open().await;
        let file = Uuid::now_v7();
        store.create_file_key(file).await.unwrap();
        let mut saved = Vec::new();
        nearly_full(&store).await;
        let refused = loop {
            match save(&store, file).await {
                Ok(id) => saved.push(id),
                Err(error) => break error,
            }
            assert!(saved.len() < 100, "it is never full");
        };
        assert!(matches!(refused, StoreError::Full), "{refused:?}");
        // Whatever the next ones say, it is so.
        for _ in 0..5 {
            saved.extend(save(&store, file).await);
        }
        room_again(&store).await;
        // Somebody leaves a form: a transaction that is begun and given up.
        drop(store.work(&coordinator()).await);
        let before = saved.len();
        for _ in 0..20 {
            saved.extend(save(&store, file).await);
        }
        assert_eq!(missing(fixture, &saved).await, 0, "of {} acknowledged", saved.len());
        assert_eq!(saved.len() - before, 20, "with room again, everything is saved");
        let signed = store.sequence().await.unwrap();
        store.close().await.unwrap();
        drop(store);
        let store = fixture.open().await;
        assert_eq!(store.sequence().await.unwrap(), signed, "what was signed is stored");
        store.close().await.unwrap();
        fixture.verify().await.unwrap();
        assert_eq!(missing(fixture, &saved).await, 0);
    });
}

/// Memory that `SQLite` may not have: the second of the errors after which it rolls back by itself.
#[test]
fn what_is_called_saved_after_memory_was_short_is_stored() {
    run(Engine::Sqlite, async |fixture| {
        let store = fixture.open().await;
        let file = Uuid::now_v7();
        store.create_file_key(file).await.unwrap();
        // Of the whole process; far more than any other test needs.
        store.0.write.execute_unprepared("PRAGMA hard_heap_limit = 200000000").await.unwrap();
        let mut saved = Vec::new();
        for _ in 0..3 {
            let work = store.work(&coordinator()).await.unwrap();
            let large = work.db().execute_unprepared("CREATE TEMP TABLE t AS SELECT randomblob(400000000)").await;
            let refused = StoreError::from(large.unwrap_err());
            assert!(matches!(refused, StoreError::Memory), "{refused:?}");
            drop(work);
            drop(store.work(&coordinator()).await.unwrap());
            for _ in 0..5 {
                saved.push(save(&store, file).await.unwrap());
            }
        }
        store.close().await.unwrap();
        assert_eq!(missing(fixture, &saved).await, 0);
    });
}

/// A file system of six mebibytes; gone when dropped.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// `None` where none may be mounted, said on the terminal.
    fn mount() -> Option<Self> {
        let place = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=6m,mode=700", "kith-test"]).arg(place.path());
        if mount.output().is_ok_and(|done| done.status.success()) {
            return Some(Self(place));
        }
        eprintln!(
            "NOT TESTED: no small file system can be mounted here (that takes root); a page limit stands in for it"
        );
        None
    }

    fn filler(&self) -> PathBuf {
        self.0.path().join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()), "the small file system cannot be unmounted");
    }
}

each_engine! {
    async fn a_file_system_that_was_full_loses_nothing_and_kith_recovers_by_itself(fixture: &Fixture) {
        let Some(disk) = SmallDisk::mount() else { return };
        std::fs::write(disk.filler(), vec![1; 2 << 20]).unwrap();
        let settings = Settings { data: disk.0.path().join("data"), ..fixture.settings() };
        let url = settings.database_url.clone();
        let store = Store::open(settings.clone()).await.unwrap();
        let file = Uuid::now_v7();
        store.create_file_key(file).await.unwrap();
        let mut saved = Vec::new();
        let mut refused = 0;
        for _ in 0..1_500 {
            match save(&store, file).await {
                Ok(id) => saved.push(id),
                Err(error) => {
                    assert!(matches!(error, StoreError::Full | StoreError::Disk), "{error:?}");
                    refused += 1;
                }
            }
            if refused == 10 {
                break;
            }
        }
        // The data of PostgreSQL lies elsewhere: there it is the signed log that finds no room.
        std::fs::write(disk.filler().with_extension("more"), vec![1; 8 << 20]).unwrap_err();
        if fixture.engine == Engine::Sqlite {
            assert_eq!(refused, 10, "it was never full");
        } else {
            store.sequence().await.unwrap_err();
        }
        drop(store.work(&coordinator()).await);
        std::fs::remove_file(disk.filler().with_extension("more")).unwrap();
        std::fs::remove_file(disk.filler()).unwrap();
        let before = saved.len();
        for _ in 0..20 {
            saved.push(save(&store, file).await.unwrap());
        }
        assert_eq!(saved.len() - before, 20);
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        drop(store);
        verify_ledger(&Verifying { now_ms: 0, ..Verifying::of(&settings.data, url.as_deref()) }).await.unwrap();
        let store = Store::open(settings.clone()).await.unwrap();
        let look = store.look(&coordinator());
        for id in &saved {
            let row = person::Entity::find_by_id(*id).one(&look.db()).await.unwrap().expect("what was called saved");
            let _: String = look.open(&row).await.unwrap();
        }
        look.done("test.read", NOW).await.unwrap();
        store.close().await.unwrap();
    }

    async fn below_the_reserve_nothing_is_changed_and_everything_is_read(fixture: &Fixture) {
        let store = fixture.open().await;
        let file = Uuid::now_v7();
        store.create_file_key(file).await.unwrap();
        let saved = save(&store, file).await.unwrap();
        let rows = "SELECT (SELECT count(*) FROM person) + (SELECT count(*) FROM ledger_entry) AS n";
        let before = fixture.count(rows).await;

        // More than any disk has.
        store.set_reserve_mib(u64::MAX);
        assert!(matches!(store.only_reads(), Some(StoreError::Full)));
        let refused = save(&store, file).await.unwrap_err();
        assert!(matches!(refused, StoreError::Full), "{refused:?}");
        let refused = store.create_file_key(Uuid::now_v7()).await.unwrap_err();
        assert!(matches!(refused, StoreError::Full), "{refused:?}");
        assert_eq!(fixture.count(rows).await, before, "it was refused before anything was written");
        let look = store.look(&coordinator());
        let row = person::Entity::find_by_id(saved).one(&look.db()).await.unwrap().unwrap();
        let _: String = look.open(&row).await.unwrap();
        look.done("test.read", NOW).await.unwrap();
        assert_eq!(fixture.count(rows).await, before + 1, "what is read is entered in the log");
        drop(store.work_in_reserve(&coordinator()).await.unwrap());

        // Started again, it serves what is there.
        store.close().await.unwrap();
        drop(store);
        let store = Store::open(Settings { reserve_mib: u64::MAX, ..fixture.settings() }).await.unwrap();
        store.create_file_key(file).await.unwrap();
        assert!(matches!(save(&store, file).await, Err(StoreError::Full)));

        store.set_reserve_mib(0);
        assert!(store.only_reads().is_none());
        save(&store, file).await.unwrap();
        store.close().await.unwrap();
    }
}
