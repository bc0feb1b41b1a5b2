//! What the auditor asks for is found by an index, and by a reference that is one file's alone.

use kith_domain::ids::ChildId;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use uuid::Uuid;

use super::cases::whole;
use super::{NOW, coordinator};
use crate::{LogFilter, StoreError, each_engine};

each_engine! {
    async fn what_was_refused_is_found_by_an_index(fixture: &Fixture) {
        let store = fixture.open().await;
        for number in 0..40 {
            let about = Uuid::from_u128(number);
            if number % 10 == 0 {
                store.refused(&coordinator(), "file.read", Some(about), NOW).await.unwrap();
            } else {
                let look = store.look(&coordinator());
                look.note("child", about);
                look.done("file.read", NOW).await.unwrap();
            }
        }
        let look = store.look(&coordinator());
        let refused = LogFilter { refused: true, ..LogFilter::default() };
        let found = look.log_entries(&refused, 3).await.unwrap();
        assert_eq!(found.iter().map(|entry| entry.about).collect::<Vec<_>>(), [30, 20, 10].map(|n| Some(Uuid::from_u128(n))));
        assert!(found.iter().all(|entry| entry.refused));

        let db = crate::engine::begin_reading(&store.0.read).await.unwrap();
        let backend = db.get_database_backend();
        let mut explain = "EXPLAIN QUERY PLAN ";
        if backend == DbBackend::Postgres {
            // Forty rows it would rather read all.
            db.execute_unprepared("SET LOCAL enable_seqscan = off").await.unwrap();
            explain = "EXPLAIN ";
        }
        let asked = format!("{explain}SELECT * FROM ledger_entry WHERE refused = 1 ORDER BY id DESC LIMIT 51");
        let rows = db.query_all_raw(Statement::from_string(backend, asked)).await.unwrap();
        drop(db);
        let column = if backend == DbBackend::Sqlite { "detail" } else { "QUERY PLAN" };
        let plan: Vec<String> = rows.iter().map(|row| row.try_get("", column).unwrap()).collect();
        let plan = plan.join("; ");
        assert!(plan.contains("ledger_entry_of_refused"), "{plan}");
        drop(look);
        store.close().await.unwrap();
    }

    async fn an_outcome_that_was_changed_past_kith_is_noticed(fixture: &Fixture) {
        let store = fixture.open().await;
        store.refused(&coordinator(), "file.read", Some(Uuid::from_u128(1)), NOW).await.unwrap();
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        assert_eq!(fixture.tamper("UPDATE ledger_entry SET refused = 0").await, 1);
        let checked = fixture.verify().await;
        assert!(matches!(checked, Err(StoreError::LedgerAltered { why, .. }) if why.contains("outcome")));
    }

    async fn no_two_files_share_a_reference(fixture: &Fixture) {
        let store = fixture.open().await;
        let child = whole(&store).await.child;
        let look = store.look(&coordinator());
        let reference = child.reference();
        for typed in [reference.to_lowercase(), reference.replace('-', "")] {
            assert_eq!(look.file_with_reference(&typed).await.unwrap(), Some(child));
        }
        assert_eq!(look.file_with_reference("0000-0000").await.unwrap(), None);
        // Another id with the same last eight characters.
        let twin = Uuid::from_u128(child.0.as_u128() ^ (1 << 64));
        assert_eq!(ChildId(twin).reference(), reference);
        store.create_file_key(twin).await.unwrap();
        let work = store.work(&coordinator()).await.unwrap();
        let mut file = work.child(child).await.unwrap();
        file.id = ChildId(twin);
        assert!(matches!(work.insert_child(&mut file).await, Err(StoreError::Duplicate)));
        drop(work);
        drop(look);
        store.close().await.unwrap();
    }
}
