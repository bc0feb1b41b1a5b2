//! Versions of the register: numbered, one in force, and no server stores by another than that; on both engines.

use kith_domain::catalogue::{RegisteredItems, by_key};
use kith_domain::form::Fields;
use kith_domain::ids::{AccountId, RegisterVersionId};
use kith_domain::register::{RegisterBody, RegisterState, RegisterText};
use uuid::Uuid;

use super::cases::whole;
use super::{NOW, coordinator};
use crate::{RegisterVersion, StoreError, Work, each_engine};

/// A version in a state.
pub(crate) fn version(state: RegisterState, author: Option<AccountId>) -> RegisterVersion {
    RegisterVersion {
        id: RegisterVersionId(Uuid::now_v7()),
        version: 0,
        number: 0,
        author,
        state,
        created_ms: NOW,
        from_day: Some(20_781),
        body: RegisterBody::new(&RegisterText::new("# Nothing"), author),
    }
}

async fn put_in_force(work: &Work) -> Result<RegisterVersion, StoreError> {
    if let Some(mut before) = work.register_in_force().await? {
        before.state = RegisterState::Ended;
        work.save_register_version(&mut before).await?;
    }
    let mut row = version(RegisterState::InForce, None);
    work.insert_register_version(&mut row).await?;
    Ok(row)
}

each_engine! {
    async fn versions_are_numbered_and_one_is_in_force(fixture: &Fixture) {
        let store = fixture.open().await;
        whole(&store).await;
        let look = store.look(&coordinator());
        assert_eq!(look.register_number().await.unwrap(), 0);
        assert!(look.register_in_force().await.unwrap().is_none());
        for number in 1..=2 {
            let work = store.work(&coordinator()).await.unwrap();
            assert_eq!(put_in_force(&work).await.unwrap().number, number);
            work.commit("test.in_force", NOW).await.unwrap();
            assert_eq!(store.look(&coordinator()).register_number().await.unwrap(), number);
        }
        // Whoever would put another beside it is refused by the table itself.
        let work = store.work(&coordinator()).await.unwrap();
        let beside = work.insert_register_version(&mut version(RegisterState::InForce, None)).await;
        assert!(matches!(beside, Err(StoreError::Duplicate)));
        drop(work);
        let work = store.work(&coordinator()).await.unwrap();
        let mut draft = version(RegisterState::Draft, None);
        work.insert_register_version(&mut draft).await.unwrap();
        work.commit("test.drafted", NOW).await.unwrap();
        let look = store.look(&coordinator());
        assert_eq!(look.register_open().await.unwrap().map(|of| of.number), Some(3));
        assert_eq!(look.register_before(3).await.unwrap().map(|of| of.number), Some(2));
        assert_eq!(look.register_before(2).await.unwrap().map(|of| of.number), Some(1));
        assert!(look.register_before(1).await.unwrap().is_none());
        let (page, total) = look.register_versions((2, 0)).await.unwrap();
        assert_eq!((page.iter().map(|of| of.number).collect::<Vec<_>>(), total), (vec![3, 2], 3));
        look.done("test.looked", NOW).await.unwrap();
        store.close().await.unwrap();
    }

    async fn what_is_in_use_is_told_without_opening_anything(fixture: &Fixture) {
        let store = fixture.open().await;
        whole(&store).await;
        let work = store.work(&coordinator()).await.unwrap();
        let values: Fields = [("religion", "Quaker")].into_iter().collect();
        work.hold(vec![(kith_domain::catalogue::SaidOf::Child, &values)]).await.unwrap();
        work.commit("test.held", NOW).await.unwrap();
        let before = store.counts().envelopes;
        let in_use = store.look(&coordinator()).in_use().await.unwrap();
        assert!(in_use.items.contains("child.religion") && in_use.areas.contains("north"), "{in_use:?}");
        assert_eq!(in_use.requests_for_figures, 0);
        assert_eq!(store.counts().envelopes, before);
        store.close().await.unwrap();
    }

    async fn a_server_that_has_not_heard_of_a_version_stores_nothing_by_the_one_before(fixture: &Fixture) {
        // UK GDPR Art 5(1)(b): from its day a version is what is stored by, on every server.
        let store = fixture.open().await;
        whole(&store).await;
        let values: Fields = [("religion", "Quaker")].into_iter().collect();
        let said = || vec![(kith_domain::catalogue::SaidOf::Child, &values)];
        // Beside a transaction that was begun before: it is asked in the transaction itself.
        let work = store.work(&coordinator()).await.unwrap();
        put_in_force(&work).await.unwrap();
        work.commit("test.in_force", NOW).await.unwrap();
        let work = store.work(&coordinator()).await.unwrap();
        assert!(matches!(work.hold(said()).await, Err(StoreError::RegisterChanged)));
        drop(work);
        let mut items = RegisteredItems::whole_catalogue();
        store.set_items(1, items.clone());
        let work = store.work(&coordinator()).await.unwrap();
        work.hold(said()).await.unwrap();
        drop(work);
        // An earlier version never takes the place of a later one.
        items.put(by_key("child.religion").unwrap(), Vec::new());
        store.set_items(1, items);
        assert!(!store.items().purposes(by_key("child.religion").unwrap()).is_empty());
        store.close().await.unwrap();
    }
}
