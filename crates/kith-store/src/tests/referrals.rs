//! A referral of several children: what is said of all is in each file, what is said of one alone in that one's.

use kith_domain::access::Role;
use kith_domain::catalogue::Topic;
use kith_domain::form::Fields;
use kith_domain::ids::{AccountId, ChildId, ReferralId};
use kith_domain::referral::{ReferralDraft, ReferralState, SiblingDraft};
use kith_domain::same::{LinkDecision, Matched, Pair};
use kith_domain::verification::{Answered, Item, Outcome, Verification};
use uuid::Uuid;

use super::cases::account;
use super::{NOW, coordinator, somebody};
use crate::{
    Child, ChildBody, ChildState, Earlier, Referral, ReferralFilter, ReferralVerification, ReferralsOf, STAFF_FILE,
    Store, StoreError, each_engine,
};

pub(super) struct Two {
    pub(super) worker: AccountId,
    pub(super) referral: ReferralId,
    pub(super) robin: ChildId,
    pub(super) jay: ChildId,
}

fn said(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().copied().collect()
}

fn health_of(jay: ChildId) -> Item {
    Item::of_all(Topic::Health).for_sibling(jay)
}

/// Robin and Jay on one referral, with an answer about each and one about both.
pub(super) async fn two(store: &Store) -> Two {
    let (robin, jay) = (ChildId(Uuid::now_v7()), ChildId(Uuid::now_v7()));
    for file in [STAFF_FILE, robin.0, jay.0] {
        store.create_file_key(file).await.unwrap();
    }
    let work = store.work(&coordinator()).await.unwrap();
    let mut worker = account(Role::SocialWorker, "Worker");
    work.insert_account(&mut worker).await.unwrap();
    for id in [robin, jay] {
        work.insert_child(&mut Child {
            id,
            version: 0,
            state: ChildState::Referred,
            area: "north".into(),
            social_worker: worker.id,
            earlier: Earlier::default(),
            created_ms: NOW,
            body: ChildBody::default(),
        })
        .await
        .unwrap();
    }
    let mut sibling = SiblingDraft::new(jay);
    sibling.child = said(&[("given_name", "Jay")]);
    sibling.lives_together = true;
    let mut referral = Referral {
        id: ReferralId(Uuid::now_v7()),
        version: 0,
        child: robin,
        referrer: worker.id,
        area: "north".into(),
        state: ReferralState::BeingVerified,
        created_ms: NOW,
        submitted_ms: Some(NOW),
        decided_ms: None,
        body: ReferralDraft {
            child: said(&[("given_name", "Robin")]),
            placement: said(&[("address", "4 Orchard Lane")]),
            legal: said(&[("court", "Eddington")]),
            siblings: vec![sibling],
            ..ReferralDraft::default()
        },
    };
    work.insert_referral(&mut referral).await.unwrap();
    let answered = |item: Item, at_ms| Answered {
        item: item.code(),
        outcome: Outcome::Confirmed,
        by: worker.id,
        at_ms,
        of: item.of_form(&referral.body),
        old: None,
        new: None,
    };
    let items = [health_of(jay), Item::of_all(Topic::Legal), Item::of_all(Topic::Health)];
    let matches = [robin, jay].map(|referred| Matched {
        pair: Pair::Child { referred, held: ChildId(Uuid::from_u128(5)) },
        decision: LinkDecision::Another,
        by: worker.id,
        at_ms: NOW,
        why: "Cousins".into(),
    });
    let body = Verification {
        answers: items.into_iter().zip(NOW..).map(|(item, at)| answered(item, at)).collect(),
        matches: matches.to_vec(),
        ..Verification::default()
    };
    let children = referral.children();
    let mut of =
        ReferralVerification { id: referral.id, version: 0, children, verifier: worker.id, started_ms: NOW, body };
    work.insert_verification(&mut of).await.unwrap();
    work.commit("test.two", NOW).await.unwrap();
    Two { worker: worker.id, referral: referral.id, robin, jay }
}

each_engine! {
    async fn a_referral_of_two_is_put_together_from_what_is_said_of_all_and_of_each(fixture: &Fixture) {
        let store = fixture.open().await;
        let two = two(&store).await;
        let look = store.look(&coordinator());
        for child in [two.robin, two.jay] {
            let of = look.referrals_of(child).await.unwrap();
            assert_eq!(of.len(), 1);
            assert_eq!(of[0].children(), [two.robin, two.jay]);
            assert_eq!(of[0].body.children_names(), "Robin and Jay");
            assert!(of[0].body.siblings[0].placement.is_blank(), "said once, with the first child");
        }
        let codes = |of: &ReferralVerification| of.body.answers.iter().map(|of| of.item.clone()).collect::<Vec<_>>();
        let of = look.verification(two.referral).await.unwrap().unwrap();
        let in_order = [health_of(two.jay), Item::of_all(Topic::Legal), Item::of_all(Topic::Health)];
        assert_eq!(codes(&of), in_order.map(Item::code), "in the order of the call");
        assert_eq!(of.body.matches.len(), 2);
        let worker = store.look(&somebody(two.worker, Role::SocialWorker, "north"));
        assert_eq!(worker.referral_scope(two.referral).await.unwrap().unwrap().held.len(), 2);
        let every = ReferralFilter::default();
        let mine = worker.referrals_listed(ReferralsOf::Mine, &every, (50, 0)).await.unwrap();
        assert_eq!((mine.0.len(), mine.1[0].1), (1, 1));
        let sent = look.referrals_listed(ReferralsOf::Area, &every, (50, 0)).await.unwrap();
        assert_eq!(sent.0[0].body.siblings.len(), 1);

        // Whichever of them goes, what is said of both stays, and what was that one's alone does not.
        store.destroy_file_key(two.robin.0).await.unwrap();
        let left = look.referral(two.referral).await.unwrap();
        assert_eq!((left.body.child_name().as_str(), left.body.siblings[0].name().as_str()), ("", "Jay"));
        assert_eq!(left.body.legal.get("court"), "Eddington");
        assert_eq!(left.body.for_child(two.jay).placement.get("address"), "4 Orchard Lane");
        let of = look.verification(two.referral).await.unwrap().unwrap();
        assert_eq!(codes(&of), in_order[..2].iter().map(|item| item.code()).collect::<Vec<_>>());
        assert_eq!(of.body.matches.len(), 1);
        let work = store.work(&coordinator()).await.unwrap();
        let mut left = left;
        left.body.legal.set("court", "Nenebridge");
        work.save_referral(&mut left).await.unwrap();
        work.commit("referral.saved", NOW).await.unwrap();
        assert_eq!(look.referral(two.referral).await.unwrap().body.legal.get("court"), "Nenebridge");
        store.destroy_file_key(two.jay.0).await.unwrap();
        assert!(matches!(look.referral(two.referral).await, Err(StoreError::Destroyed)));
    }

    async fn what_is_said_of_one_goes_with_the_child_into_the_file_that_is_joined(fixture: &Fixture) {
        let store = fixture.open().await;
        let two = two(&store).await;
        let held = ChildId(Uuid::now_v7());
        store.create_file_key(held.0).await.unwrap();
        let work = store.work(&coordinator()).await.unwrap();
        let of_jay = work.child(two.jay).await.unwrap();
        work.insert_child(&mut Child { id: held, ..of_jay }).await.unwrap();
        let (mut referral, of) = (work.referral(two.referral).await.unwrap(), work.verification(two.referral).await.unwrap());
        let mut of = of.unwrap();
        work.referred_is_now(two.referral, two.jay, held).await.unwrap();
        referral.body.is_now(two.jay, held);
        work.save_referral(&mut referral).await.unwrap();
        of.children = referral.children();
        of.body.is_now(two.jay, held);
        work.save_verification(&mut of).await.unwrap();
        work.commit("referral.accepted", NOW).await.unwrap();
        store.destroy_file_key(two.jay.0).await.unwrap();
        let look = store.look(&coordinator());
        let now = look.referral(two.referral).await.unwrap();
        assert_eq!((now.children(), now.body.children_names().as_str()), (vec![two.robin, held], "Robin and Jay"));
        let of = look.verification(two.referral).await.unwrap().unwrap();
        assert_eq!(of.body.answers_to(health_of(held)).count(), 1);
        assert_eq!((look.referrals_of(two.jay).await.unwrap().len(), look.referrals_of(held).await.unwrap().len()), (0, 1));
        look.done("referral.read", NOW).await.unwrap();
        fixture.tamper("UPDATE referral_child SET state = 'taken_off'").await;
        let read = store.look(&coordinator()).referral(two.referral).await;
        assert!(matches!(read, Err(StoreError::Sealed { .. })), "changed past Kith and believed");
    }
}
