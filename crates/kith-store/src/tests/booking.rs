//! Double booking is refused by the engine.

use kith_domain::ids::SessionId;
use sea_orm::{EntityTrait, IntoActiveModel};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{NOW, coordinator, ground, session};
use crate::entity::occupancy;
use crate::testing::Fixture;
use crate::{Store, StoreError, each_engine};

const DAY: i64 = 20_790;

each_engine! {
    async fn a_taken_resource_is_named(fixture: &Fixture) {
        let store = fixture.open().await;
        let ground = ground(&store, "x").await;
        let (free, taken) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let work = store.work(&coordinator()).await.unwrap();
        let first = session(&work, &ground).await;
        work.occupy(first, &[(taken, DAY, 40, 44)]).await.unwrap();
        work.commit("session.plan", NOW).await.unwrap();

        let work = store.work(&coordinator()).await.unwrap();
        let second = session(&work, &ground).await;
        match work.occupy(second, &[(free, DAY, 40, 44), (taken, DAY, 43, 47)]).await {
            Err(StoreError::Occupied { resource }) => assert_eq!(resource, taken),
            other => panic!("{other:?}"),
        }
        drop(work);

        let work = store.work(&coordinator()).await.unwrap();
        let second = session(&work, &ground).await;
        work.occupy(second, &[(free, DAY, 40, 44), (taken, DAY, 44, 48), (taken, DAY + 1, 40, 44)]).await.unwrap();
        work.release(first).await.unwrap();
        work.occupy(second, &[(taken, DAY, 42, 44)]).await.unwrap();
        let seen = work.occupied(DAY, &[taken]).await.unwrap();
        assert_eq!(seen, (42..48).map(|quarter| (taken, quarter, second)).collect::<Vec<_>>());
        work.commit("session.plan", NOW).await.unwrap();
        store.close().await.unwrap();
    }

    async fn the_engine_itself_refuses(fixture: &Fixture) {
        let store = fixture.open().await;
        let ground = ground(&store, "x").await;
        let resource = Uuid::from_u128(1);
        let work = store.work(&coordinator()).await.unwrap();
        let first = session(&work, &ground).await;
        work.occupy(first, &[(resource, DAY, 40, 41)]).await.unwrap();
        work.commit("session.plan", NOW).await.unwrap();
        let row = occupancy::Model { resource_id: resource, day: DAY, quarter: 40, session_id: first.0 };
        let inserted = occupancy::Entity::insert(row.into_active_model()).exec_without_returning(&store.0.write).await;
        assert!(matches!(inserted.map_err(StoreError::from), Err(StoreError::Duplicate)));
        store.close().await.unwrap();
    }

    async fn of_two_at_once_one_wins(fixture: &Fixture) {
        let store = fixture.open().await;
        let ground = std::sync::Arc::new(ground(&store, "x").await);
        let resource = Uuid::from_u128(1);
        let mut both = JoinSet::new();
        for _ in 0..2 {
            let (store, ground) = (store.clone(), ground.clone());
            both.spawn(async move {
                store.retry(async || {
                    let work = store.work(&coordinator()).await?;
                    let id = session(&work, &ground).await;
                    work.occupy(id, &[(resource, DAY, 40, 44)]).await?;
                    work.commit("session.plan", NOW).await
                }).await
            });
        }
        let results = both.join_all().await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
        let refused = results.into_iter().find_map(Result::err).unwrap();
        assert!(matches!(refused, StoreError::Occupied { resource: named } if named == resource), "{refused:?}");
        store.close().await.unwrap();
    }

    async fn a_thousand_bookings_of_fifty_slots_leave_fifty(fixture: &Fixture) {
        let store = fixture.open().await;
        a_thousand_bookings_leave_fifty(fixture, std::slice::from_ref(&store)).await;
        store.close().await.unwrap();
    }
}

/// A thousand bookings of fifty slots at once, over these servers in turn.
pub(super) async fn a_thousand_bookings_leave_fifty(fixture: &Fixture, servers: &[Store]) {
    let ground = ground(&servers[0], "x").await;
    // The parents first, so that the bookings themselves are all that competes.
    let work = servers[0].work(&coordinator()).await.unwrap();
    let mut sessions = Vec::new();
    for _ in 0..1000 {
        sessions.push(session(&work, &ground).await);
    }
    work.commit("test.sessions", NOW).await.unwrap();
    let mut bookings = JoinSet::new();
    for (index, id) in sessions.into_iter().enumerate() {
        // Each slot is asked for on every server.
        let store = servers[index / 50 % servers.len()].clone();
        let quarter = i64::try_from(index % 50).unwrap();
        bookings.spawn(async move { book(&store, id, quarter).await });
    }
    let results = bookings.join_all().await;
    let won = results.iter().filter(|result| result.is_ok()).count();
    let other = results.iter().find(|result| matches!(result, Err(e) if !matches!(e, StoreError::Occupied { .. })));
    assert!(other.is_none(), "{other:?}");
    assert_eq!(won, 50);
    assert_eq!(fixture.count("SELECT count(*) AS n FROM occupancy").await, 50);
    let entries = "SELECT count(*) AS n FROM ledger_entry WHERE body LIKE '%session.plan%'";
    assert_eq!(fixture.count(entries).await, 50, "a booking that was refused leaves no entry of a change");
}

/// Books a quarter of an hour of one room.
pub(super) async fn book(store: &Store, id: SessionId, quarter: i64) -> Result<(), StoreError> {
    store
        .retry(async || {
            let work = store.work(&coordinator()).await?;
            work.occupy(id, &[(Uuid::from_u128(1), DAY, quarter, quarter + 1)]).await?;
            work.changed("session", id.0, 1);
            work.commit("session.plan", NOW).await
        })
        .await
}
