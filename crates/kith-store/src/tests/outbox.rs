//! Work that waits is done once, and not lost.

use uuid::Uuid;

use super::{NOW, coordinator};
use crate::{ATTEMPTS_MAX, Job, Store, StoreError, each_engine};

async fn enqueue(store: &Store, count: u128) {
    let work = store.work(&coordinator()).await.unwrap();
    for index in 0..count {
        work.enqueue("test.job", &Uuid::from_u128(index), NOW + i64::try_from(index).unwrap()).await.unwrap();
    }
    work.changed("outbox", Uuid::from_u128(0), 1);
    work.commit("test.enqueue", NOW).await.unwrap();
}

fn subjects(jobs: &[Job]) -> Vec<u128> {
    jobs.iter().map(|job| job.payload::<Uuid>().unwrap().as_u128()).collect()
}

each_engine! {
    async fn two_takers_never_have_the_same_job(fixture: &Fixture) {
        let store = fixture.open().await;
        enqueue(&store, 40).await;
        let take = || { let store = store.clone(); tokio::spawn(async move {
            let mut taken = Vec::new();
            loop {
                let some = store.lease(NOW + 100, 1000, 3).await.unwrap();
                if some.is_empty() { return taken; }
                taken.extend(subjects(&some));
            }
        }) };
        let (one, two) = (take(), take());
        let mut all = [one.await.unwrap(), two.await.unwrap()].concat();
        all.sort_unstable();
        assert_eq!(all, (0..40).collect::<Vec<_>>());
        store.close().await.unwrap();
    }

    async fn a_job_comes_when_due_and_again_when_its_lease_ran_out(fixture: &Fixture) {
        let store = fixture.open().await;
        enqueue(&store, 3).await;
        assert_eq!(store.lease(NOW - 1, 1000, 10).await.unwrap(), []);
        let first = store.lease(NOW + 1, 1000, 10).await.unwrap();
        assert_eq!((subjects(&first), first[0].attempt), (vec![0, 1], 1));
        assert_eq!(store.lease(NOW + 1000, 1000, 10).await.unwrap().len(), 1, "the third, due meanwhile");
        let again = store.lease(NOW + 1001, 1000, 10).await.unwrap();
        assert_eq!((subjects(&again), again[0].attempt), (vec![0, 1], 2));
        assert!(matches!(store.complete(&first[0], NOW).await, Err(StoreError::Conflict)), "another has it now");
        assert!(matches!(store.fail(&first[1], NOW, 0).await, Err(StoreError::Conflict)));
        store.complete(&again[0], NOW + 1002).await.unwrap();
        assert!(matches!(store.complete(&again[0], NOW + 1002).await, Err(StoreError::Conflict)));
        let work = store.work(&coordinator()).await.unwrap();
        work.complete(&again[1], NOW + 1002).await.unwrap();
        work.changed("outbox", again[1].id, 2);
        work.commit("test.done", NOW).await.unwrap();
        let rest = store.lease(NOW + 1_000_000, 1000, 10).await.unwrap();
        assert_eq!(subjects(&rest), [2]);
        store.close().await.unwrap();
    }

    async fn a_job_that_fails_comes_later_and_is_given_up_at_last(fixture: &Fixture) {
        let store = fixture.open().await;
        enqueue(&store, 1).await;
        let mut now = NOW;
        for attempt in 1..=ATTEMPTS_MAX {
            let jobs = store.lease(now, 1000, 10).await.unwrap();
            assert_eq!(jobs[0].attempt, attempt);
            store.fail(&jobs[0], now, 60_000).await.unwrap();
            assert_eq!(store.lease(now + 59_999, 1000, 10).await.unwrap(), []);
            now += 60_000;
        }
        assert_eq!(store.lease(now + 1_000_000, 1000, 10).await.unwrap(), []);
        assert_eq!(fixture.count("SELECT count(*) AS n FROM outbox WHERE failed_at IS NOT NULL").await, 1);
        store.close().await.unwrap();
    }
}
