//! What is put into the access log past Kith is not signed, and what is taken out of it is missed (`SECURITY.md`: who writes to
//! the database past Kith).

use std::fs;
use std::time::Duration;

use uuid::Uuid;

use super::{NOW, coordinator, person as put_in_person};
use crate::entity::person;
use crate::row::insert;
use crate::testing::{Engine, Fixture, copy_dir};
use crate::{LogFilter, LogStart, NOT_OURS, Settings, Store, StoreError, Verifying, each_engine, verify_ledger};

async fn look(store: &Store, child: u128) {
    let look = store.look(&coordinator());
    look.note("child", Uuid::from_u128(child));
    look.done("child.read", NOW).await.unwrap();
}

/// What an attacker writes after what is there: a copy of the newest entry with these columns another.
async fn put_in(fixture: &Fixture, columns: &str, values: &str) -> u64 {
    let names = "at, actor_id, refused, body, lane, number, after, mac";
    let chosen =
        names.split(", ").map(|name| if name == columns { values } else { name }).collect::<Vec<_>>().join(", ");
    fixture
        .tamper(&format!(
            "INSERT INTO ledger_entry ({names}) SELECT {chosen} FROM \
             (SELECT at, actor_id, refused, body, lane, number + 1 AS number, number AS after, mac FROM ledger_entry ORDER BY id DESC LIMIT 1) AS newest"
        ))
        .await
}

async fn saved(store: &Store, file: Uuid) -> Result<(), StoreError> {
    let id = Uuid::now_v7();
    let work = store.work(&coordinator()).await?;
    let row = person::Model { id, version: 1, canonical_id: id, created_at: NOW, sealed: Vec::new() };
    insert(&work.db(), work.seal(row, &[file], &"Ada Quill").await?).await?;
    work.commit("test.person", NOW).await
}

async fn late(fixture: &Fixture) -> Result<(), StoreError> {
    let url = fixture.settings().database_url;
    verify_ledger(&Verifying::of(fixture.directory(), url.as_deref())).await.map(|_| ())
}

fn unproven(ended: &Result<u64, StoreError>) {
    assert!(matches!(ended, Err(StoreError::LedgerUnproven { .. })), "{ended:?}");
}

each_engine! {
    async fn an_entry_that_kith_did_not_write_is_not_signed(fixture: &Fixture) {
        let forgeries = [
            ("body", "replace(body, 'child.read', 'child.seen')"),
            ("at", "at + 1"),
            ("actor_id", "NULL"),
            ("mac", "NULL"),
            ("lane", "5"),
            ("number", "NULL"),
            ("at", "at"),
        ];
        for (column, value) in forgeries {
            let store = fixture.open().await;
            look(&store, 1).await;
            let signed = store.sequence().await.unwrap();
            assert_eq!(put_in(fixture, column, value).await, 1);
            unproven(&store.sequence().await);
            assert_eq!(store.log_state().await.unwrap().size, signed, "{column} = {value} was signed");
            // Who reads the log is told, and sees nothing that was made up.
            let newest = store.look(&coordinator()).log_entries(&LogFilter::default(), 1).await.unwrap();
            assert_eq!((newest[0].action.as_str(), newest[0].actor), (NOT_OURS, None));
            assert!(matches!(late(fixture).await, Err(StoreError::LedgerUnsigned { entries: 1 })));
            fixture.tamper("DELETE FROM ledger_entry WHERE leaf IS NULL").await;
            assert_eq!(store.sequence().await.unwrap(), signed);
            store.close().await.unwrap();
        }
    }

    async fn what_kith_wrote_goes_on_being_signed_beside_it(fixture: &Fixture) {
        let store = fixture.open().await;
        look(&store, 1).await;
        // Longer than a leaf can be: before, signing stopped for good and nobody said so.
        let long = format!("INSERT INTO ledger_entry (at, refused, body) VALUES ({NOW}, 0, '{}')", "x".repeat(70_000));
        assert_eq!(fixture.tamper(&long).await, 1);
        look(&store, 2).await;
        look(&store, 3).await;
        unproven(&store.sequence().await);
        assert_eq!(store.log_state().await.unwrap().size, 3);
        store.close().await.unwrap();
    }

    async fn a_trigger_that_blames_another_is_noticed(fixture: &Fixture) {
        let store = fixture.open().await;
        match fixture.engine {
            Engine::Sqlite => {
                fixture.tamper(
                    "CREATE TRIGGER blame AFTER INSERT ON ledger_entry BEGIN \
                       UPDATE ledger_entry SET body = replace(body, '07', '08') WHERE id = NEW.id; END",
                ).await;
            }
            Engine::Postgres => {
                fixture.tamper(
                    "CREATE FUNCTION blame() RETURNS trigger AS $$ BEGIN NEW.body := replace(NEW.body, '07', '08'); \
                       RETURN NEW; END $$ LANGUAGE plpgsql; \
                     CREATE TRIGGER blame BEFORE INSERT ON ledger_entry FOR EACH ROW EXECUTE FUNCTION blame()",
                ).await;
            }
        }
        look(&store, 1).await;
        unproven(&store.sequence().await);
        assert_eq!(store.log_state().await.unwrap().size, 0);
        store.close().await.unwrap();
    }

    async fn a_look_that_is_taken_out_before_it_is_signed_is_missed(fixture: &Fixture) {
        let store = fixture.open().await;
        for child in 1..=3 {
            look(&store, child).await;
        }
        let second = "(SELECT id FROM ledger_entry ORDER BY id LIMIT 1 OFFSET 1)";
        fixture.tamper(&format!("DELETE FROM ledger_subject WHERE entry_id = {second}")).await;
        fixture.tamper(&format!("DELETE FROM ledger_entry WHERE id = {second}")).await;
        unproven(&store.sequence().await);
        assert_eq!(store.log_state().await.unwrap().size, 1);
        store.close().await.unwrap();
        drop(store);
        // Also after it was started again, and whatever comes later.
        let store = fixture.open().await;
        look(&store, 4).await;
        unproven(&store.sequence().await);
        store.close().await.unwrap();
    }

    async fn the_last_look_that_is_taken_out_while_kith_runs_is_missed(fixture: &Fixture) {
        let store = fixture.open().await;
        look(&store, 1).await;
        fixture.tamper("DELETE FROM ledger_subject").await;
        fixture.tamper("DELETE FROM ledger_entry").await;
        look(&store, 2).await;
        unproven(&store.sequence().await);
        store.close().await.unwrap();
    }

    async fn what_cannot_be_signed_for_too_long_stops_changes_and_nothing_else(fixture: &Fixture) {
        let store = Store::open(Settings { unsigned_max: Duration::ZERO, ..fixture.settings() }).await.unwrap();
        let file = Uuid::now_v7();
        store.create_file_key(file).await.unwrap();
        let saved = put_in_person(&store, &[file], "Ada Quill").await;
        put_in(fixture, "mac", "NULL").await;
        assert!(store.only_reads().is_none());
        unproven(&store.sequence().await);
        assert!(matches!(store.only_reads(), Some(StoreError::LogStopped)));
        assert!(matches!(store.work(&coordinator()).await.err(), Some(StoreError::LogStopped)));
        let look = store.look(&coordinator());
        let _: String = look.open(&saved).await.unwrap();
        look.done("person.read", NOW).await.unwrap();
        drop(store.work_in_reserve(&coordinator()).await.unwrap());
        fixture.tamper("DELETE FROM ledger_entry WHERE mac IS NULL").await;
        assert_eq!(store.sequence().await.unwrap(), 2);
        put_in_person(&store, &[file], "Ben Quill").await;
        store.close().await.unwrap();
    }

    async fn many_that_end_at_the_same_time_leave_no_gap(fixture: &Fixture) {
        let store = fixture.open().await;
        let file = Uuid::now_v7();
        store.create_file_key(file).await.unwrap();
        let saves = (0..40).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.retry(|| saved(&store, file)).await })
        });
        for save in saves.collect::<Vec<_>>() {
            save.await.unwrap().unwrap();
        }
        assert_eq!(store.sequence().await.unwrap(), 40);
        let lanes = fixture.count("SELECT count(DISTINCT lane) AS n FROM ledger_entry").await;
        assert!(if fixture.engine == Engine::Postgres { lanes > 1 } else { lanes == 1 }, "{lanes}");
        store.close().await.unwrap();
        assert_eq!(fixture.verify().await.unwrap().records, Some(40));
    }

    async fn no_place_is_given_that_is_not_said_of_the_log(fixture: &Fixture) {
        // A place that the log's own row does not know of would make the tree look ahead of the database for ever.
        let store = fixture.open().await;
        look(&store, 1).await;
        assert_eq!(store.sequence().await.unwrap(), 1);
        let (refuse, allow) = match fixture.engine {
            Engine::Sqlite => (
                "CREATE TRIGGER refuse BEFORE UPDATE ON ledger_state BEGIN SELECT RAISE(ABORT, 'refused'); END",
                "DROP TRIGGER refuse",
            ),
            Engine::Postgres => (
                "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$ LANGUAGE plpgsql; \
                 CREATE TRIGGER refuse BEFORE UPDATE ON ledger_state FOR EACH ROW EXECUTE FUNCTION refuse()",
                "DROP TRIGGER refuse ON ledger_state",
            ),
        };
        fixture.tamper(refuse).await;
        look(&store, 2).await;
        assert!(store.sequence().await.is_err());
        assert_eq!(fixture.count("SELECT count(leaf) AS n FROM ledger_entry").await, 1);
        fixture.tamper(allow).await;
        assert_eq!(store.sequence().await.unwrap(), 2);
        store.close().await.unwrap();
    }

    async fn a_log_that_was_taken_away_is_not_begun_anew_in_silence(fixture: &Fixture) {
        let store = fixture.open().await;
        for child in 1..=3 {
            look(&store, child).await;
        }
        store.sequence().await.unwrap();
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        drop(store);
        let directory = fixture.directory();
        let anew = Settings { log: LogStart::Anew, ..fixture.settings() };
        assert!(matches!(Store::open(anew.clone()).await.err(), Some(StoreError::LogWhole)));
        for name in ["ledger", "checkpoints"] {
            fs::remove_dir_all(directory.join(name)).unwrap();
        }
        let refused = fixture.try_open().await.err();
        assert!(matches!(refused, Some(StoreError::LogTakenAway { log: 0, known: 3 })), "{refused:?}");

        let store = Store::open(anew.clone()).await.unwrap();
        assert!(store.log_begun_anew_ms().is_some());
        assert_eq!(store.sequence().await.unwrap(), 4);
        let newest = store.look(&coordinator()).log_entries(&LogFilter::default(), 1).await.unwrap();
        assert_eq!(newest[0].action, "log.begun_anew");
        store.close().await.unwrap();
        drop(store);
        assert_eq!(fixture.verify().await.unwrap().size, 4);
        let aside = fs::read_dir(directory).unwrap().filter(|item| {
            item.as_ref().unwrap().file_name().to_string_lossy().contains("-until-")
        });
        assert_eq!(aside.count(), 2);
        // From then on it is what it is; and a second time it is not needed.
        let store = fixture.open().await;
        assert!(store.log_begun_anew_ms().is_some());
        store.close().await.unwrap();
        drop(store);
        assert!(matches!(Store::open(anew).await.err(), Some(StoreError::LogWhole)));
    }

    async fn history_that_was_altered_is_not_signed_anew(fixture: &Fixture) {
        let store = fixture.open().await;
        for child in 1..=3 {
            look(&store, child).await;
        }
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        drop(store);
        for name in ["ledger", "checkpoints"] {
            fs::remove_dir_all(fixture.directory().join(name)).unwrap();
        }
        fixture.tamper("UPDATE ledger_entry SET body = replace(body, 'child.read', 'child.seen') WHERE leaf = 1").await;
        let store = Store::open(Settings { log: LogStart::Anew, ..fixture.settings() }).await.unwrap();
        let ended = store.sequence().await;
        assert!(matches!(ended, Err(StoreError::LedgerAltered { leaf: 1, .. })), "{ended:?}");
        store.close().await.unwrap();
    }

    async fn an_older_log_put_back_is_noticed(fixture: &Fixture) {
        let store = fixture.open().await;
        look(&store, 1).await;
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        drop(store);
        let older = tempfile::tempdir().unwrap();
        let names = ["ledger", "checkpoints"];
        for name in names {
            copy_dir(&fixture.directory().join(name), &older.path().join(name));
        }
        let store = fixture.open().await;
        look(&store, 2).await;
        store.sequence().await.unwrap();
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        drop(store);
        for name in names {
            fs::remove_dir_all(fixture.directory().join(name)).unwrap();
            copy_dir(&older.path().join(name), &fixture.directory().join(name));
        }
        let refused = fixture.try_open().await.err();
        assert!(matches!(refused, Some(StoreError::LogTakenAway { log: 1, known: 2 })), "{refused:?}");
    }

    async fn a_database_that_does_not_say_how_far_its_log_went_is_refused(fixture: &Fixture) {
        let store = fixture.open().await;
        look(&store, 1).await;
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        drop(store);
        fixture.tamper("CREATE TABLE kept AS SELECT * FROM ledger_state").await;
        for column in ["logs", "begun_at", "placed", "signed"] {
            fixture.tamper(&format!("UPDATE ledger_state SET {column} = {column} - 1")).await;
            let refused = fixture.try_open().await.err();
            assert!(matches!(refused, Some(StoreError::RowAltered { table: "ledger_state", .. })), "{column}: {refused:?}");
            fixture.tamper(&format!("UPDATE ledger_state SET {column} = {column} + 1")).await;
        }
        fixture.tamper("DELETE FROM ledger_state").await;
        assert!(matches!(fixture.try_open().await.err(), Some(StoreError::LogUnknown)));
        let store = Store::open(Settings { log: LogStart::Anew, ..fixture.settings() }).await.unwrap();
        assert_eq!(store.sequence().await.unwrap(), 2);
        store.close().await.unwrap();
    }
}
