//! The access log as an auditor reads it.

use kith_domain::access::{Access, Actor, Purpose, Role};
use kith_domain::ids::AccountId;
use uuid::Uuid;

use super::{NOW, coordinator, person};
use crate::{LogEntry, LogFilter, NOT_OURS, Store, each_engine};

async fn read(store: &Store, filter: &LogFilter, limit: u64) -> Vec<LogEntry> {
    store.look(&coordinator()).log_entries(filter, limit).await.unwrap()
}

fn actions(entries: &[LogEntry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.action.as_str()).collect()
}

each_engine! {
    async fn entries_are_found_by_record_by_actor_and_by_time(fixture: &Fixture) {
        let store = fixture.open().await;
        let (file, other) = (Uuid::now_v7(), Uuid::now_v7());
        store.create_file_key(file).await.unwrap();
        store.create_file_key(other).await.unwrap();
        let saved = person(&store, &[file], "Ada Quill").await;
        person(&store, &[other], "Ben Quill").await;
        let look = store.look(&coordinator());
        let _: String = look.open(&saved).await.unwrap();
        look.note("child", file);
        look.done("person.read", NOW + 5).await.unwrap();
        let stranger = AccountId(Uuid::from_u128(8));
        let actor = Actor::staff(stranger, Role::SocialWorker, "south");
        let access = Access { actor, purpose: Purpose::ServiceDelivery };
        store.refused(&access, "file.read", Some(file), NOW + 10).await.unwrap();

        let all = read(&store, &LogFilter::default(), 10).await;
        assert_eq!(actions(&all), ["file.read", "person.read", "test.person", "test.person"]);
        let of_file = read(&store, &LogFilter { subjects: vec![file], ..LogFilter::default() }, 10).await;
        assert_eq!(actions(&of_file), ["file.read", "person.read"]);
        assert_eq!((of_file[0].refused, of_file[0].about), (true, Some(file)));
        assert_eq!((of_file[0].actor, of_file[0].role), (Some(stranger), Some(Role::SocialWorker)));
        assert_eq!((of_file[1].refused, of_file[1].purpose), (false, Some(Purpose::ServiceDelivery)));
        let seen: Vec<_> = of_file[1].seen.iter().map(|seen| (seen.table.as_str(), seen.id, seen.version)).collect();
        assert_eq!(seen, [("child", file, None), ("person", saved.id, Some(1))]);
        let by = read(&store, &LogFilter { actor: Some(stranger), ..LogFilter::default() }, 10).await;
        assert_eq!(actions(&by), ["file.read"]);
        let refused = read(&store, &LogFilter { refused: true, ..LogFilter::default() }, 10).await;
        assert_eq!(actions(&refused), ["file.read"]);
        let hours = LogFilter { from_ms: Some(NOW + 5), until_ms: Some(NOW + 10), ..LogFilter::default() };
        assert_eq!(actions(&read(&store, &hours, 10).await), ["person.read"]);

        // Page by page, nothing is missed and nothing comes twice.
        let first = read(&store, &LogFilter::default(), 3).await;
        let rest = read(&store, &LogFilter { before: Some(first[2].id), ..LogFilter::default() }, 3).await;
        assert_eq!([first, rest].concat(), all);
        store.close().await.unwrap();
    }

    async fn the_state_says_what_waits(fixture: &Fixture) {
        let store = fixture.open().await;
        let file = Uuid::now_v7();
        store.create_file_key(file).await.unwrap();
        person(&store, &[file], "Ada Quill").await;
        let before = store.log_state().await.unwrap();
        assert_eq!((before.size, before.waiting), (0, 1));
        store.sequence().await.unwrap();
        let after = store.log_state().await.unwrap();
        assert_eq!((after.size, after.waiting), (1, 0));
        assert_ne!(after.root, before.root);
        assert_eq!(read(&store, &LogFilter::default(), 1).await[0].place, Some(0));
        store.close().await.unwrap();
    }

    async fn an_entry_that_is_not_ours_is_said_and_not_skipped(fixture: &Fixture) {
        let store = fixture.open().await;
        let file = Uuid::now_v7();
        store.create_file_key(file).await.unwrap();
        person(&store, &[file], "Ada Quill").await;
        fixture.tamper("UPDATE ledger_entry SET body = 'nothing happened'").await;
        let read = read(&store, &LogFilter::default(), 10).await;
        assert_eq!(actions(&read), [NOT_OURS]);
        store.close().await.unwrap();
    }
}
