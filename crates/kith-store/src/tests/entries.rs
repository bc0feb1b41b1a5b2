//! Every look and every change leaves its entry.

use sea_orm::{EntityTrait, QueryOrder};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{NOW, coordinator, person};
use crate::entity::{ledger_entry, ledger_subject};
use crate::testing::Engine;
use crate::{Store, StoreError, each_engine};

async fn entries(store: &Store) -> Vec<ledger_entry::Model> {
    ledger_entry::Entity::find().order_by_asc(ledger_entry::Column::Id).all(&store.0.read).await.unwrap()
}

async fn subjects(store: &Store, entry: i64) -> Vec<Uuid> {
    let all = ledger_subject::Entity::find().order_by_asc(ledger_subject::Column::SubjectId).all(&store.0.read).await;
    all.unwrap().into_iter().filter(|row| row.entry_id == entry).map(|row| row.subject_id).collect()
}

each_engine! {
    async fn a_look_and_a_change_say_who_what_and_why(fixture: &Fixture) {
        let store = fixture.open().await;
        let file = Uuid::now_v7();
        store.create_file_key(file).await.unwrap();
        let saved = person(&store, &[file], "Ada Quill").await;
        let look = store.look(&coordinator());
        let _: String = look.open(&saved).await.unwrap();
        let _: String = look.open(&saved).await.unwrap();
        look.note("child", file);
        look.done("person.read", NOW + 5).await.unwrap();
        store.refused(&coordinator(), "record.read", Some(file), NOW + 6).await.unwrap();
        let all = entries(&store).await;
        assert_eq!(all.len(), 3);
        let hash = hex::encode(crate::row::digest_of(&saved));
        let who = Uuid::from_u128(7);
        let head = |at: i64, action: &str| format!(
            r#"{{"at":{at},"who":"{who}","role":"coordinator","action":"{action}","purpose":"service_delivery","#
        );
        let id = saved.id;
        assert_eq!(all[0].body, head(NOW, "test.person")
            + &format!(r#""seen":[],"changed":[["person","{id}",1,"{hash}"]],"outcome":"done"}}"#));
        assert_eq!(all[1].body, head(NOW + 5, "person.read")
            + &format!(r#""seen":[["child","{file}",null],["person","{id}",1]],"changed":[],"outcome":"done"}}"#));
        assert_eq!(all[2].body, head(NOW + 6, "record.read")
            + &format!(r#""about":"{file}","seen":[],"changed":[],"outcome":"refused"}}"#));
        assert!(all.iter().all(|entry| entry.actor_id == Some(who) && entry.leaf.is_none()));
        assert_eq!(subjects(&store, all[0].id).await, [id]);
        let mut both = [file, id];
        both.sort_unstable();
        assert_eq!(subjects(&store, all[1].id).await, both);
        assert_eq!(subjects(&store, all[2].id).await, [file]);
        store.close().await.unwrap();
    }

    async fn nothing_seen_is_no_entry_and_nothing_changed_no_commit(fixture: &Fixture) {
        let store = fixture.open().await;
        store.look(&coordinator()).done("person.read", NOW).await.unwrap();
        let work = store.work(&coordinator()).await.unwrap();
        assert!(matches!(work.commit("person.save", NOW).await, Err(StoreError::Unledgered)));
        assert_eq!(entries(&store).await, []);
        store.close().await.unwrap();
    }

    async fn looks_are_durable_when_done_and_share_commits(fixture: &Fixture) {
        let store = fixture.open().await;
        let before = commits(fixture).await;
        let mut looks = JoinSet::new();
        for index in 0..1000 {
            let store = store.clone();
            looks.spawn(async move {
                let look = store.look(&coordinator());
                look.note("child", Uuid::from_u128(index));
                look.done("child.read", NOW).await.unwrap();
            });
        }
        looks.join_all().await;
        // Another connection sees them, without the store being closed.
        assert_eq!(fixture.count("SELECT count(*) AS n FROM ledger_entry").await, 1000);
        assert_eq!(fixture.count("SELECT count(*) AS n FROM ledger_subject").await, 1000);
        let commits = commits(fixture).await - before;
        assert!(commits < 300, "{commits} commits for 1000 looks");
        store.close().await.unwrap();
    }

    async fn an_abandoned_look_still_leaves_its_entry(fixture: &Fixture) {
        let store = fixture.open().await;
        let look = store.look(&coordinator());
        look.note("child", Uuid::from_u128(1));
        drop(look);
        // What was only seen in a piece of work that came to nothing, too; what it would have changed is not told.
        let work = store.work(&coordinator()).await.unwrap();
        work.note("child", Uuid::from_u128(2));
        work.changed("child", Uuid::from_u128(3), 1);
        drop(work);
        let mut settings = fixture.settings();
        store.close().await.unwrap();
        drop(store);
        settings.second_place = None;
        let store = Store::open(settings).await.unwrap();
        let bodies: Vec<String> = entries(&store).await.into_iter().map(|entry| entry.body).collect();
        assert_eq!(bodies.len(), 2);
        assert!(bodies.iter().all(|body| body.contains("look.abandoned") && body.contains(r#""changed":[]"#)));
        assert!(bodies[0].contains(&Uuid::from_u128(1).to_string()));
        assert!(bodies[1].contains(&Uuid::from_u128(2).to_string()));
        store.close().await.unwrap();
    }

    async fn more_than_fits_in_one_entry_is_several(fixture: &Fixture) {
        let store = fixture.open().await;
        let work = store.work(&coordinator()).await.unwrap();
        for index in 0..1000_u128 {
            work.note("risk_assessment", Uuid::from_u128(index));
            work.changed("risk_assessment", Uuid::from_u128(index), i64::MAX);
        }
        work.commit("test.import", NOW).await.unwrap();
        let all = entries(&store).await;
        assert!(all.len() > 1 && all.iter().all(|entry| entry.body.len() < 60_000));
        let mentions: usize = all.iter().map(|entry| entry.body.matches(r#"["risk_assessment","#).count()).sum();
        assert_eq!(mentions, 2000);
        let mut told: Vec<Uuid> = Vec::new();
        for entry in &all {
            told.extend(subjects(&store, entry.id).await);
        }
        told.sort_unstable();
        told.dedup();
        assert_eq!(told.len(), 1000);
        store.close().await.unwrap();
    }

    async fn a_piece_of_work_dropped_changes_nothing(fixture: &Fixture) {
        let store = fixture.open().await;
        let work = store.work(&coordinator()).await.unwrap();
        work.enqueue("test.job", &Uuid::from_u128(1), NOW).await.unwrap();
        work.changed("outbox", Uuid::from_u128(1), 1);
        drop(work);
        assert_eq!(store.lease(NOW, 1000, 10).await.unwrap(), []);
        assert_eq!(entries(&store).await, []);
        store.close().await.unwrap();
    }

    async fn a_cancelled_request_harms_nobody(fixture: &Fixture) {
        let store = fixture.open().await;
        for steps in 0..40 {
            let task = tokio::spawn({
                let store = store.clone();
                async move {
                    loop {
                        let Ok(work) = store.work(&coordinator()).await else { continue };
                        work.note("child", Uuid::from_u128(1));
                        if work.enqueue("test.job", &steps, NOW).await.is_err() {
                            continue;
                        }
                        work.changed("child", Uuid::from_u128(1), 1);
                        let _ = work.commit("test.step", NOW).await;
                    }
                }
            });
            // Wherever it is by then, another place each time.
            for _ in 0..steps * 7 {
                tokio::task::yield_now().await;
            }
            task.abort();
            assert!(task.await.unwrap_err().is_cancelled());
        }
        let work = store.work(&coordinator()).await.unwrap();
        work.changed("child", Uuid::from_u128(1), 1);
        work.commit("test.after", NOW).await.unwrap();
        let jobs = fixture.count("SELECT count(*) AS n FROM outbox").await;
        let entries = fixture.count("SELECT count(*) AS n FROM ledger_entry WHERE body LIKE '%test.step%'").await;
        assert_eq!(jobs, entries, "a change and its entry are there together or not at all");
        store.close().await.unwrap();
    }

    async fn a_closed_store_says_so(fixture: &Fixture) {
        let store = fixture.open().await;
        let look = store.look(&coordinator());
        look.note("child", Uuid::from_u128(1));
        store.close().await.unwrap();
        assert!(matches!(look.done("child.read", NOW).await, Err(StoreError::Closed)));
    }
}

/// How many transactions were committed: frames that end one in the write-ahead log, or as the server counts them by
/// the distinct transaction that wrote each entry.
async fn commits(fixture: &crate::testing::Fixture) -> i64 {
    match fixture.engine {
        Engine::Postgres => fixture.count("SELECT count(DISTINCT xmin::text) AS n FROM ledger_entry").await,
        Engine::Sqlite => {
            // sqlite.org/fileformat2.html#walformat: after 32 bytes, frames of 24 bytes and a page; bytes 4 to 7 of a
            // frame are not zero if it ends a transaction.
            let wal = std::fs::read(fixture.directory().join("kith.sqlite-wal")).unwrap_or_default();
            let Some(page) = wal.get(8..12) else { return 0 };
            let page = u32::from_be_bytes(page.try_into().unwrap()) as usize;
            let frames = wal[32..].chunks_exact(24 + page);
            i64::try_from(frames.filter(|frame| frame[4..8] != [0; 4]).count()).unwrap()
        }
    }
}
