//! Another key of the index in the place of one, while people search.

use kith_domain::fact::Subject;
use kith_domain::ids::{AccountId, ChildId};
use uuid::Uuid;

use super::cases::{Whole, said, whole};
use super::servers::Second;
use super::{NOW, coordinator};
use crate::index::Live;
use crate::testing::run_with_keys_apart;
use crate::{Child, ChildBody, ChildState, Earlier, LogStart, Store, StoreError, each_home};

/// A file of a child of this name.
async fn child_named(store: &Store, by: AccountId, given: &str) -> ChildId {
    let id = ChildId(Uuid::now_v7());
    store.create_file_key(id.0).await.unwrap();
    let fields = [("given_name", given), ("family_name", "Moss"), ("birth_kind", "on"), ("dob", "2019-02-03")];
    let statement = said(by, Subject::Child { child: id }, fields.into_iter().collect());
    let put = store.retry(|| async {
        let work = store.work(&coordinator()).await?;
        let mut child = Child {
            id,
            version: 0,
            state: ChildState::Open,
            area: "north".into(),
            social_worker: by,
            earlier: Earlier::default(),
            created_ms: NOW,
            body: ChildBody::default(),
        };
        work.insert_child(&mut child).await?;
        work.add_statements(std::slice::from_ref(&statement)).await?;
        work.commit("test.child", NOW).await
    });
    put.await.unwrap();
    id
}

/// Everybody of a case is found by everything they can be found by.
async fn all_are_found(store: &Store, ids: &Whole) {
    let look = store.look(&coordinator());
    for (text, person) in [
        ("sian", None),
        ("Tallow", None),
        ("cf-1", None),
        ("2020-08-14", None),
        ("Quennell", Some(ids.person)),
        ("eluned tallowfeild", Some(ids.person)),
    ] {
        let found = look.search(&kith_linkage::Typed::read(text), text).await.unwrap();
        assert!(found.iter().any(|hit| hit.child == ids.child && hit.person == person), "{text}");
    }
    let worker = look.account_by_login("Worker ").await.unwrap().expect("somebody of that name");
    assert_eq!(worker.id, ids.worker);
    assert!(look.account_by_login("nobody").await.unwrap().is_none());
    look.done("test.searched", NOW).await.unwrap();
}

/// A case whose accounts are found by their sign-in names.
async fn case(store: &Store) -> Whole {
    let ids = whole(store).await;
    for account in [ids.worker, ids.supervisor] {
        let work = store.work(&coordinator()).await.unwrap();
        work.index_account(account).await.unwrap();
        work.commit("test.account", NOW).await.unwrap();
    }
    ids
}

each_home! {
    // "`rotate index` … while serving (search must find everything before, during and after)".
    async fn everybody_is_found_before_during_and_after_another_index_key(fixture: &Fixture) {
        let store = fixture.open().await;
        let ids = case(&store).await;
        let gone = child_named(&store, ids.worker, "Merle").await;
        store.destroy_file_key(gone.0).await.unwrap();
        let asked = store.asked_word("asked word", "sian");
        let old = "SELECT count(*) AS n FROM token";
        let before: i64 = fixture.count(old).await;
        all_are_found(&store, &ids).await;
        let place = fixture.keys_place();
        for number in 2..4 {
            assert_eq!(place.ask_for_index_key().await.unwrap(), number);
            assert_eq!(place.ask_for_index_key().await.unwrap(), number, "it is asked for once");
            assert!(place.status().await.unwrap().index_rotating);
            let taking = { let store = store.clone(); tokio::spawn(async move { store.attend_to_keys().await }) };
            let mut put = Vec::new();
            while !taking.is_finished() || put.is_empty() {
                all_are_found(&store, &ids).await;
                let name = ["Aubrey", "Blythe", "Carey", "Darcy"][put.len() % 4];
                put.push((name, child_named(&store, ids.worker, name).await));
            }
            taking.await.unwrap().unwrap();
            all_are_found(&store, &ids).await;
            for (name, child) in put {
                let found = store.look(&coordinator()).search(&kith_linkage::Typed::read(name), name).await.unwrap();
                assert!(found.iter().any(|hit| hit.child == child), "{name}");
            }
            assert!(!place.status().await.unwrap().index_rotating);
            assert_eq!(place.status().await.unwrap().index_key, number);
        }
        // Nothing is under a key that was replaced, and nothing is left of a file that nobody can read.
        let live = crate::index::live_in(&store.0.read).await.unwrap();
        assert_eq!((live.now, live.before), (3, None));
        let left = format!("{old} WHERE child_id = {}", fixture.id(gone.0));
        assert!(before > 0 && fixture.count(&left).await == 0);
        // Entries of searches that were made under any of them are still found.
        let hashes = store.asked_words("asked word", &["sian".to_owned()]).await.unwrap();
        assert!(hashes.contains(&asked) && hashes.len() == 3, "{hashes:?}");
        let entries = "SELECT count(*) AS n FROM ledger_entry WHERE body LIKE '%keys.index_rotated%'";
        assert_eq!(fixture.count(entries).await, 2);
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        let store = fixture.open().await;
        all_are_found(&store, &ids).await;
        let work = store.work(&coordinator()).await.unwrap();
        assert!(matches!(work.login_token("worker").await, Err(StoreError::Duplicate)));
        drop(work);
        store.close().await.unwrap();
        fixture.verify().await.unwrap();
    }

    async fn another_index_key_that_was_cut_short_is_taken_at_the_next_start(fixture: &Fixture) {
        let store = fixture.open().await;
        let ids = case(&store).await;
        let place = fixture.keys_place();
        place.ask_for_index_key().await.unwrap();
        // Cut short after the first file was stored anew.
        store.set_live("test.begun", |live| Live { now: 2, before: Some(live.now) }).await.unwrap();
        let other = child_named(&store, ids.worker, "Aubrey").await;
        store.close().await.unwrap();
        let store = fixture.open().await;
        all_are_found(&store, &ids).await;
        assert!(store.look(&coordinator()).search(&kith_linkage::Typed::read("aubrey"), "aubrey").await.unwrap().iter().any(|hit| hit.child == other));
        store.attend_to_keys().await.unwrap();
        all_are_found(&store, &ids).await;
        assert!(!place.status().await.unwrap().index_rotating);
        store.attend_to_keys().await.unwrap();
        let live = crate::index::live_in(&store.0.read).await.unwrap();
        assert_eq!(live, Live { now: 2, before: None });
        store.close().await.unwrap();
    }
}

#[test]
fn another_server_that_knows_nothing_of_another_index_key_finds_and_stores_under_it() {
    run_with_keys_apart(async |fixture| {
        let one = fixture.open().await;
        let ids = case(&one).await;
        one.sequence().await.unwrap();
        one.close().await.unwrap();
        let second = Second::of(fixture);
        let (one, two) = (fixture.open().await, second.open(fixture, LogStart::Joined).await.unwrap());
        all_are_found(&two, &ids).await;
        fixture.keys_place().ask_for_index_key().await.unwrap();
        one.attend_to_keys().await.unwrap();
        let aubrey = child_named(&two, ids.worker, "Aubrey").await;
        all_are_found(&two, &ids).await;
        for store in [&one, &two] {
            let found =
                store.look(&coordinator()).search(&kith_linkage::Typed::read("aubrey"), "aubrey").await.unwrap();
            assert!(found.iter().any(|hit| hit.child == aubrey));
        }
        one.close().await.unwrap();
        two.close().await.unwrap();
    });
}
