//! Opening: first start, second start, and what must be refused.

use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, QueryResult, Statement};

use super::ground;
use crate::entity::account;
use crate::testing::Engine;
use crate::{StoreError, each_engine};

each_engine! {
    async fn opens_twice_with_what_was_saved(fixture: &Fixture) {
        let store = fixture.open().await;
        ground(&store, "x").await;
        store.close().await.unwrap();
        let store = fixture.open().await;
        assert_eq!(account::Entity::find().count(&store.0.read).await.unwrap(), 1);
        store.close().await.unwrap();
    }

    async fn refuses_a_newer_schema(fixture: &Fixture) {
        fixture.open().await.close().await.unwrap();
        fixture.tamper("INSERT INTO seaql_migrations (version, applied_at) VALUES ('0007_later', 0)").await;
        match fixture.try_open().await {
            Err(StoreError::Newer { schema }) => assert_eq!(schema, "0007_later"),
            other => panic!("{:?}", other.err()),
        }
    }

    async fn refuses_a_foreign_database(fixture: &Fixture) {
        fixture.tamper("CREATE TABLE library (book TEXT)").await;
        assert!(matches!(fixture.try_open().await, Err(StoreError::NotKith { .. })));
    }

    async fn refuses_another_authority(fixture: &Fixture) {
        fixture.open().await.close().await.unwrap();
        let mut settings = fixture.settings();
        settings.authority = "other".into();
        match crate::Store::open(settings).await {
            Err(StoreError::OtherAuthority { found, configured }) => {
                assert_eq!((found.as_str(), configured.as_str()), ("test", "other"));
            }
            other => panic!("{:?}", other.err()),
        }
    }

    async fn refuses_other_keys(fixture: &Fixture) {
        fixture.open().await.close().await.unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        crate::testing::for_its_owner(elsewhere.path());
        let others = crate::Settings {
            data: elsewhere.path().to_path_buf(),
            database_url: None,
            ..fixture.settings()
        };
        crate::Store::open(others).await.unwrap().close().await.unwrap();
        for name in ["keys.sqlite", "master.key"] {
            std::fs::copy(elsewhere.path().join(name), fixture.directory().join(name)).unwrap();
        }
        assert!(matches!(fixture.try_open().await, Err(StoreError::OtherKeys { .. })));
    }

    async fn refuses_to_make_a_new_master_key_for_old_keys(fixture: &Fixture) {
        fixture.open().await.close().await.unwrap();
        std::fs::remove_file(fixture.directory().join("master.key")).unwrap();
        assert!(matches!(fixture.try_open().await, Err(StoreError::MasterKeyMissing { .. })));
        assert!(!fixture.directory().join("master.key").exists());
    }

    async fn refuses_a_second_kith(fixture: &Fixture) {
        let store = fixture.open().await;
        assert!(matches!(fixture.try_open().await, Err(StoreError::InUse { .. })));
        store.close().await.unwrap();
    }

    async fn named_keys_stay_the_same(fixture: &Fixture) {
        let store = fixture.open().await;
        let (token, key) = (store.blind().identifier("postcode", "AB1 2CD"), *store.web_key().as_bytes());
        store.close().await.unwrap();
        drop(store);
        let store = fixture.open().await;
        assert_eq!(store.blind().identifier("postcode", "AB1 2CD"), token);
        assert_eq!(*store.web_key().as_bytes(), key);
        store.close().await.unwrap();
    }
}

/// The token of a name was once found by its file through the whole index: 25 ms for each save among 11,000 children.
#[test]
fn what_belongs_to_a_file_is_found_by_the_file() {
    crate::testing::run(Engine::Sqlite, async |fixture| {
        let store = fixture.open().await;
        let sql = "SELECT t.name AS of_table, f.\"from\" AS of_column FROM sqlite_master t, pragma_foreign_key_list(t.name) f \
                   WHERE t.type = 'table' AND f.\"table\" = 'child' AND NOT EXISTS (SELECT 1 FROM pragma_index_list(t.name) i, \
                   pragma_index_info(i.name) c WHERE c.seqno = 0 AND c.name = f.\"from\") ORDER BY 1, 2";
        let rows = store.0.read.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.unwrap();
        let name = |row: &QueryResult| {
            format!(
                "{}.{}",
                row.try_get::<String>("", "of_table").unwrap(),
                row.try_get::<String>("", "of_column").unwrap()
            )
        };
        let without: Vec<String> = rows.iter().map(name).collect();
        assert!(without.is_empty(), "no index begins with {without:?}");
        store.close().await.unwrap();
    });
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    crate::testing::run(Engine::Sqlite, async |fixture| {
        std::fs::write(fixture.directory().join("kith.sqlite"), "a shopping list, and nothing else".repeat(50))
            .unwrap();
        assert!(matches!(fixture.try_open().await, Err(StoreError::NotKith { .. })));
    });
}

#[test]
fn an_unreachable_server_is_named_without_its_password() {
    crate::testing::run(Engine::Sqlite, async |fixture| {
        let mut settings = fixture.settings();
        settings.database_url = Some("postgres://kith:hunter2@127.0.0.1:9/records".into());
        let error = crate::Store::open(settings).await.err().expect("nobody listens on the discard port");
        let text = format!("{error} {error:?}");
        assert!(text.contains("127.0.0.1:9/records"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    });
}

#[cfg(unix)]
#[test]
fn the_data_directory_and_what_it_holds_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    crate::testing::run(Engine::Sqlite, async |fixture| {
        let mut settings = fixture.settings();
        settings.data = fixture.directory().join("new");
        let store = crate::Store::open(settings.clone()).await.unwrap();
        let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&settings.data), 0o700);
        // Where somebody has opened the directory, what is in it still keeps its owner's secrets.
        for item in std::fs::read_dir(&settings.data).unwrap() {
            let path = item.unwrap().path();
            assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
        }
        store.close().await.unwrap();
    });
}
