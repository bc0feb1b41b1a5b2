//! What the auditor asks for is found by an index, and by a reference that is one file's alone.

use kith_domain::access::Role;
use kith_domain::ids::{AccountId, ChildId, ReferralId};
use kith_domain::referral::ReferralState;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use uuid::Uuid;

use super::cases::whole;
use super::{NOW, coordinator, somebody};
use crate::{Asked, HowOften, LogFilter, StoreError, each_engine};

each_engine! {
    // UK GDPR Art 33(3)(a): how many people a breach concerns is counted from what the log says and nobody altered.
    async fn what_an_account_opened_in_a_time_is_counted_file_by_file(fixture: &Fixture) {
        let store = fixture.open().await;
        let [who, other] = [7, 8].map(|n| AccountId(Uuid::from_u128(n)));
        let [one, two, tried] = [1, 2, 3].map(|n| Uuid::from_u128(0xa0 + n));
        let looks = async |who, files: &[Uuid], at_ms| {
            let look = store.look(&somebody(who, Role::Coordinator, "north"));
            for file in files {
                look.note("child", *file);
            }
            look.done("file.read", at_ms).await.unwrap();
        };
        looks(who, &[one], NOW - 1).await;
        looks(who, &[one], NOW).await;
        looks(who, &[one, two], NOW + 20).await;
        looks(other, &[one, two], NOW + 21).await;
        let work = store.work(&somebody(who, Role::Coordinator, "north")).await.unwrap();
        work.changed("child", one, 2);
        work.commit("file.changed", NOW + 30).await.unwrap();
        for at_ms in [NOW + 40, NOW + 50] {
            store.refused(&somebody(who, Role::Coordinator, "north"), "file.read", Some(tried), at_ms).await.unwrap();
        }
        looks(who, &[two], NOW + 60).await;
        let found = store.look(&coordinator()).opened_by(who, NOW, NOW + 60).await.unwrap();
        let often = |count, changed, first, last| HowOften { count, changed, first_ms: NOW + first, last_ms: NOW + last };
        let files = [(ChildId(one), often(3, 1, 0, 30)), (ChildId(two), often(1, 0, 20, 20))];
        assert_eq!(found.files.into_iter().collect::<Vec<_>>(), files);
        assert_eq!(found.refused.into_iter().collect::<Vec<_>>(), [(tried, often(2, 0, 40, 50))]);
        assert_eq!(found.not_ours, 0);
        // What somebody altered past Kith says nothing any more, and that it is there is said.
        let altered = format!("UPDATE ledger_entry SET body = replace(body, '{two}', '{one}') WHERE at = {}", NOW + 20);
        assert_eq!(fixture.tamper(&altered).await, 1);
        let found = store.look(&coordinator()).opened_by(who, NOW, NOW + 60).await.unwrap();
        assert_eq!((found.files.len(), found.files[&ChildId(one)].count, found.not_ours), (1, 2, 1));
        store.close().await.unwrap();
    }

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

    // "21 fishing searches made one entry": every search is one, found again by who knows the words.
    async fn a_search_that_finds_nothing_is_an_entry_too_and_found_by_its_words(fixture: &Fixture) {
        let store = fixture.open().await;
        let word = |word| store.asked_word("word", word);
        for (words, shown) in [(vec![word("amara")], 0), (vec![word("amara"), word("okafor")], 2), (vec![word("leon")], 0)] {
            let look = store.look(&coordinator());
            look.searched(Asked { words, shown });
            look.done("search", NOW).await.unwrap();
        }
        let look = store.look(&coordinator());
        let about = async |word| {
            let filter = LogFilter { subjects: vec![word], ..LogFilter::default() };
            let found = look.log_entries(&filter, 9).await.unwrap();
            found.into_iter().map(|entry| entry.asked.expect("a search").shown).collect::<Vec<_>>()
        };
        assert_eq!(about(word("amara")).await, [2, 0]);
        assert_eq!(about(word("leon")).await, [0]);
        assert!(about(store.asked_word("address", "amara")).await.is_empty(), "the same text asked for otherwise");
        drop(look);
        store.close().await.unwrap();
    }

    // "Unlimited drafts": what is limited is counted by the engine, of one person and not of others.
    async fn the_drafts_of_one_person_are_counted(fixture: &Fixture) {
        let store = fixture.open().await;
        let ids = whole(&store).await;
        let drafts = async |who| store.look(&coordinator()).open_drafts(who).await.unwrap();
        let before = drafts(ids.worker).await;
        let work = store.work(&coordinator()).await.unwrap();
        let mut draft = work.referral(ids.referral).await.unwrap();
        draft.id = ReferralId(Uuid::now_v7());
        draft.state = ReferralState::Draft;
        draft.referrer = ids.worker;
        work.insert_referral(&mut draft).await.unwrap();
        work.commit("test.draft", NOW).await.unwrap();
        assert_eq!(drafts(ids.worker).await, before + 1);
        assert_eq!(drafts(AccountId(Uuid::now_v7())).await, 0);
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
