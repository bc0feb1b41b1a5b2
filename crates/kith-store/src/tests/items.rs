//! The register at the door: what it does not name is not stored, what a purpose does not cover is not opened, and what
//! is in use cannot be dropped; on both engines.

use kith_domain::access::{Access, Purpose};
use kith_domain::catalogue::{ITEMS, RegisteredItems, by_key};
use kith_domain::form::Fields;
use kith_domain::ids::{AccountId, ChildId, ReferralId};
use kith_domain::referral::{ReferralDraft, ReferralState};
use uuid::Uuid;

use super::{NOW, coordinator};
use crate::testing::Fixture;
use crate::{
    Child, ChildBody, ChildState, Earlier, Referral, ReferralFilter, ReferralsOf, STAFF_FILE, Settings, Store,
    StoreError, each_engine,
};

/// The whole catalogue but these.
fn without(keys: &[&str]) -> RegisteredItems {
    let mut items = RegisteredItems::default();
    for item in ITEMS.iter().filter(|item| !keys.contains(&item.key().as_str())) {
        items.put(item, item.purposes.to_vec());
    }
    items
}

async fn opened(fixture: &Fixture, items: RegisteredItems) -> Result<Store, StoreError> {
    Store::open(Settings { items, ..fixture.settings() }).await
}

/// Stores a referral that says this of the child.
async fn stored(store: &Store, child: Fields) -> Result<ReferralId, StoreError> {
    let (file, worker) = (ChildId(Uuid::now_v7()), AccountId(Uuid::now_v7()));
    store.create_file_key(STAFF_FILE).await?;
    store.create_file_key(file.0).await?;
    let work = store.work(&coordinator()).await?;
    let mut account = super::cases::account(kith_domain::access::Role::SocialWorker, "Worker");
    account.id = worker;
    work.insert_account(&mut account).await?;
    work.insert_child(&mut Child {
        id: file,
        version: 0,
        state: ChildState::Referred,
        area: "north".into(),
        social_worker: worker,
        earlier: Earlier::default(),
        created_ms: NOW,
        body: ChildBody::default(),
    })
    .await?;
    let mut referral = Referral {
        id: ReferralId(Uuid::now_v7()),
        version: 0,
        child: file,
        referrer: worker,
        area: "north".into(),
        state: ReferralState::Draft,
        created_ms: NOW,
        submitted_ms: None,
        decided_ms: None,
        body: ReferralDraft { child, ..ReferralDraft::default() },
    };
    work.insert_referral(&mut referral).await?;
    work.commit("referral.begun", NOW).await?;
    Ok(referral.id)
}

fn robin() -> Fields {
    [("given_name", "Robin"), ("religion", "Quaker"), ("dob-day", "3")].into_iter().collect()
}

each_engine! {
    async fn an_item_that_the_register_does_not_name_is_not_stored(fixture: &Fixture) {
        // DESIGN, decision 15: "What is not in the catalogue and in the authority's register cannot be stored".
        let store = opened(fixture, without(&["child.religion"])).await.unwrap();
        let refused = stored(&store, robin()).await;
        assert!(matches!(refused, Err(StoreError::ItemNotRegistered { label: Some("Religion or belief") })));
        let refused = stored(&store, [("nickname", "Robbie")].into_iter().collect()).await;
        assert!(matches!(refused, Err(StoreError::ItemNotRegistered { label: None })));
        let look = store.look(&coordinator());
        let (kept, _) =
            look.referrals_listed(ReferralsOf::Mine, &ReferralFilter::default(), (50, 0)).await.unwrap();
        assert!(kept.is_empty(), "nothing was half stored");
        store.close().await.unwrap();
        // What was never stored may be left out.
        opened(fixture, without(&["child.religion"])).await.unwrap().close().await.unwrap();
    }

    async fn a_register_that_drops_an_item_in_use_is_refused_at_start(fixture: &Fixture) {
        let store = opened(fixture, without(&[])).await.unwrap();
        stored(&store, robin()).await.unwrap();
        stored(&store, robin()).await.unwrap();
        store.close().await.unwrap();
        let Err(refused) = opened(fixture, without(&["child.religion", "placement.pets"])).await else { panic!("opened") };
        let words = refused.to_string();
        assert!(words.contains("child.religion, of which something is stored: put it back under [[items]]"), "{words}");
        assert!(!words.contains("placement.pets"), "of pets nothing is stored: {words}");
        opened(fixture, without(&["placement.pets"])).await.unwrap().close().await.unwrap();
    }

    async fn what_a_purpose_does_not_cover_is_not_opened_for_it(fixture: &Fixture) {
        // Handbook section 12: "Kith refuses what the purpose does not cover".
        let mut items = without(&[]);
        items.put(by_key("child.religion").unwrap(), vec![Purpose::ServiceDelivery]);
        let store = opened(fixture, items).await.unwrap();
        let id = stored(&store, robin()).await.unwrap();
        let mut read = Vec::new();
        for purpose in Purpose::ALL {
            let look = store.look(&Access { purpose, ..coordinator() });
            let referral = look.referral(id).await.unwrap();
            look.done("referral.read", NOW).await.unwrap();
            read.push((purpose, referral.body.child.names().map(str::to_owned).collect::<Vec<_>>()));
        }
        let of = |purpose| &read.iter().find(|(known, _)| *known == purpose).unwrap().1;
        assert_eq!(*of(Purpose::ServiceDelivery), ["dob-day", "given_name", "religion"]);
        assert_eq!(*of(Purpose::OfficialReporting), ["dob-day", "given_name"]);
        assert_eq!(*of(Purpose::ServicePlanning), ["dob-day"]);
        assert!(of(Purpose::Administration).is_empty() && of(Purpose::Accountability).is_empty());
        // Who changes something writes back what they did not see.
        let work = store.work(&Access { purpose: Purpose::OfficialReporting, ..coordinator() }).await.unwrap();
        let mut referral = work.referral(id).await.unwrap();
        work.save_referral(&mut referral).await.unwrap();
        work.commit("referral.saved", NOW).await.unwrap();
        let kept = store.look(&coordinator()).referral(id).await.unwrap();
        assert_eq!(kept.body.child.get("religion"), "Quaker");
        store.close().await.unwrap();
    }
}
