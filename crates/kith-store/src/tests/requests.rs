//! The end of requests of people: one door, whatever was killed or put back; what was collected for them; those from before.

use kith_domain::access::{Access, Purpose};
use kith_domain::form::Fields;
use kith_domain::ids::{BreachId, RequestId};
use kith_domain::rights::{Right, Step};
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

use super::cases::{Whole, whole};
use super::tamper::{insert_pack, insert_what_the_officer_keeps};
use super::{NOW, coordinator};
use crate::testing::Fixture;
use crate::{EndedRequests, PACK_END, REQUEST_END, RequestEnd, Store, StoreError, each_engine, each_home};

fn for_rights() -> Access {
    Access { purpose: Purpose::Rights, ..coordinator() }
}

/// A request that was withdrawn, with a pack that was begun for it.
async fn closed(store: &Store) -> (Whole, RequestId) {
    let ids = whole(store).await;
    let (id, breach) = (RequestId(Uuid::now_v7()), BreachId(Uuid::now_v7()));
    store.create_file_key(id.0).await.unwrap();
    store.create_file_key(breach.0).await.unwrap();
    let work = store.work(&for_rights()).await.unwrap();
    insert_what_the_officer_keeps(&work, ids.worker, id, breach).await;
    insert_pack(&work, id, ids.child, ids.worker).await;
    let mut row = work.person_request(id).await.unwrap();
    let typed: Fields = [("kind", "withdrawn"), ("words", "By phone")].into_iter().collect();
    let today = row.body.asked.received;
    let step = Step::read(&typed, today, ids.worker, NOW).ok().unwrap();
    assert!(row.body.take(step, today, &kith_domain::calendar::ServiceCalendar::default()).is_ok());
    row.state = row.body.state();
    work.save_person_request(&mut row).await.unwrap();
    work.commit("test.closed", NOW).await.unwrap();
    (ids, id)
}

async fn end(store: &Store, id: RequestId) {
    let work = store.work(&for_rights()).await.unwrap();
    work.end_person_request(id, Some(Right::Access), 2026, NOW).await.unwrap();
    work.commit("request.ended", NOW).await.unwrap();
}

async fn wrapped(fixture: &Fixture, id: RequestId) -> Option<Vec<u8>> {
    let keys = fixture.raw_keys().await;
    let ask = "SELECT wrapped FROM file_key WHERE file_id = $1";
    let of = Statement::from_sql_and_values(keys.get_database_backend(), ask, [id.0.into()]);
    let found = keys.query_one_raw(of).await.unwrap().unwrap().try_get("", "wrapped").unwrap();
    keys.close_by_ref().await.unwrap();
    found
}

/// How much of a pack is there: files, parts, volumes, those about staff, ways to take it.
async fn collected(fixture: &Fixture, id: RequestId) -> i64 {
    let mut all = 0;
    for table in ["pack_file", "pack_part", "pack_volume", "pack_account", "hand_over"] {
        let ask = format!("SELECT count(*) AS n FROM {table} WHERE pack_id = {}", fixture.id(id.0));
        all += fixture.count(&ask).await;
    }
    all
}

async fn ended(store: &Store) -> Vec<EndedRequests> {
    store.look(&for_rights()).ended_requests().await.unwrap()
}

each_engine! {
    async fn what_was_collected_goes_and_that_it_was_there_stays(fixture: &Fixture) {
        let store = fixture.open().await;
        let (ids, id) = closed(&store).await;
        assert_eq!(collected(fixture, id).await, 5);
        for again in [false, true] {
            let work = store.work(&for_rights()).await.unwrap();
            assert_eq!(work.take_pack_away(id, NOW + 1).await.unwrap(), !again);
            work.changed("pack", id.0, 0);
            work.commit("pack.ended", NOW + 1).await.unwrap();
        }
        assert_eq!(collected(fixture, id).await, 0);
        let look = store.look(&for_rights());
        let pack = look.pack(id).await.unwrap().unwrap();
        assert_eq!(pack.gone_ms, Some(NOW + 1));
        assert!(look.person_request(id).await.is_ok(), "the request is there");
        assert!(look.child(ids.child).await.is_ok(), "and the file as it was");
        look.done("test.read", NOW).await.unwrap();
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        let whole = fixture.verify().await;
        assert!(whole.is_ok(), "{:?}", whole.err());
    }

    async fn requests_that_were_closed_before_there_was_an_end_are_looked_at_once(fixture: &Fixture) {
        let store = fixture.open().await;
        let (_, id) = closed(&store).await;
        assert!(store.lease(NOW, 1, 20).await.unwrap().is_empty());
        store.close().await.unwrap();
        // As this version finds a database of the one before; and again, when it was interrupted.
        for _ in 0..2 {
            let keys = fixture.raw_keys().await;
            keys.execute_unprepared("DELETE FROM named_key WHERE name = 'request-ends'").await.unwrap();
            keys.close_by_ref().await.unwrap();
            fixture.open().await.close().await.unwrap();
        }
        let store = fixture.open().await;
        let jobs = store.lease(NOW, 1, 20).await.unwrap();
        let mut kinds: Vec<&str> = jobs.iter().map(|job| job.kind.as_str()).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, [PACK_END, REQUEST_END]);
        assert!(jobs.iter().all(|job| job.payload::<RequestEnd>().unwrap() == RequestEnd { request: id }));
        store.close().await.unwrap();
    }

    async fn an_end_that_waits_is_looked_at_anew_when_the_days_are_others(fixture: &Fixture) {
        let store = fixture.open().await;
        let (_, id) = closed(&store).await;
        let work = store.work(&for_rights()).await.unwrap();
        for kind in [PACK_END, REQUEST_END, "pack.collect"] {
            work.enqueue(kind, &RequestEnd { request: id }, NOW + 1_000_000).await.unwrap();
        }
        work.hurry_ends_of_requests(NOW).await.unwrap();
        work.changed("rights_request", id.0, 2);
        work.commit("test.hurried", NOW).await.unwrap();
        let jobs = store.lease(NOW, 1, 20).await.unwrap();
        assert_eq!(jobs.len(), 2, "and nothing else is");
        store.close().await.unwrap();
    }
}

each_home! {
    async fn a_request_ends_by_one_door_whoever_is_killed_and_whatever_comes_back(fixture: &Fixture) {
        let store = fixture.open().await;
        let (_, id) = closed(&store).await;
        // As long as it has not ended the door is shut.
        assert!(matches!(store.destroy_request(id).await, Err(StoreError::NotFound)));
        assert!(matches!(store.destroy_request(RequestId(Uuid::nil())).await, Err(StoreError::NotFound)));
        let key = wrapped(fixture, id).await.unwrap();
        end(&store, id).await;
        assert_eq!(collected(fixture, id).await, 0, "what was still collected goes with it");
        let look = store.look(&for_rights());
        assert!(matches!(look.person_request(id).await, Err(StoreError::Destroyed)), "before its key is gone too");
        assert_eq!(look.person_requests(false, (10, 0)).await.unwrap().1, 0);
        drop(look);
        store.close().await.unwrap();
        drop(store);
        // Killed between the two: the next start finishes it.
        let store = fixture.open().await;
        assert!(wrapped(fixture, id).await.is_none());
        store.destroy_request(id).await.unwrap();
        assert_eq!(ended(&store).await, [EndedRequests { year: 2026, right: Some(Right::Access), count: 1 }]);
        store.close().await.unwrap();
        drop(store);
        // Older keys beside the data.
        let keys = fixture.raw_keys().await;
        let back = format!("UPDATE file_key SET wrapped = {} WHERE file_id = {}", fixture.bytes(&key), fixture.id(id.0));
        keys.execute_unprepared(&back).await.unwrap();
        keys.close_by_ref().await.unwrap();
        let store = fixture.open().await;
        assert!(wrapped(fixture, id).await.is_none(), "it is destroyed again");
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        let whole = fixture.verify().await;
        assert!(whole.is_ok(), "{:?}", whole.err());
    }

    async fn older_data_beside_the_keys_does_not_bring_a_request_back(fixture: &Fixture) {
        let store = fixture.open().await;
        let (_, id) = closed(&store).await;
        store.destroy_file_key(id.0).await.unwrap();
        store.close().await.unwrap();
        drop(store);
        let store = fixture.open().await;
        assert_eq!(collected(fixture, id).await, 0);
        // Which right it was nobody can read any more.
        assert_eq!(ended(&store).await, [EndedRequests { year: 2026, right: None, count: 1 }]);
        store.sequence().await.unwrap();
        store.close().await.unwrap();
        assert!(fixture.verify().await.is_ok());
    }
}
