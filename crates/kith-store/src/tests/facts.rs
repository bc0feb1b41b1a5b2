//! Statements, what stands of them, and one human being in several rows.

use kith_domain::access::Role;
use kith_domain::fact::{FactStanding, Facts, Statement, Subject};
use kith_domain::form::Fields;
use kith_domain::ids::{AccountId, ChildId, PersonId, PersonLinkId};
use kith_domain::same::LinkDecision;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::cases::{account, said};
use super::{NOW, coordinator};
use crate::{Child, ChildBody, ChildState, Earlier, PersonLink, STAFF_FILE, Store, StoreError, Work, each_engine};

/// A small generator, so that a failure is the same on every machine (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % limit).unwrap()
    }
}

async fn file(work: &Work, id: ChildId, worker: AccountId) {
    let mut child = Child {
        id,
        version: 0,
        state: ChildState::Open,
        area: "north".into(),
        social_worker: worker,
        earlier: Earlier::default(),
        created_ms: NOW,
        body: ChildBody::default(),
    };
    work.insert_child(&mut child).await.unwrap();
}

/// Two files with a family member each, and who writes.
struct Two {
    by: AccountId,
    children: [ChildId; 2],
    persons: [PersonId; 2],
}

async fn two(store: &Store) -> Two {
    let children = [ChildId(Uuid::now_v7()), ChildId(Uuid::now_v7())];
    let persons = [PersonId(Uuid::now_v7()), PersonId(Uuid::now_v7())];
    store.create_file_key(STAFF_FILE).await.unwrap();
    for child in children {
        store.create_file_key(child.0).await.unwrap();
    }
    let work = store.work(&coordinator()).await.unwrap();
    let mut worker = account(Role::SocialWorker, "Worker");
    work.insert_account(&mut worker).await.unwrap();
    for (child, person) in children.into_iter().zip(persons) {
        file(&work, child, worker.id).await;
        work.add_relative(child, person, NOW).await.unwrap();
    }
    work.commit("test.two", NOW).await.unwrap();
    Two { by: worker.id, children, persons }
}

async fn say(store: &Store, statements: &[Statement]) {
    let work = store.work(&coordinator()).await.unwrap();
    work.add_statements(statements).await.unwrap();
    work.commit("test.said", NOW).await.unwrap();
}

fn name(given: &str, phone: &str) -> Fields {
    [("given_name", given), ("family_name", "Oddsworth"), ("phone", phone)].into_iter().collect()
}

async fn decide(store: &Store, two: &Two, decision: LinkDecision, at: i64) -> Result<(), StoreError> {
    let work = store.work(&coordinator()).await?;
    let link = PersonLink {
        id: PersonLinkId(Uuid::now_v7()),
        pair: (two.persons[0], two.persons[1]),
        decision,
        by: two.by,
        decided_ms: NOW + at,
        why: "Same phone number".into(),
    };
    work.decide_link(&link).await?;
    work.commit("test.linked", NOW).await
}

each_engine! {
    async fn the_row_is_the_fold_of_its_statements(fixture: &Fixture) {
        let store = fixture.open().await;
        let two = two(&store).await;
        let (child, person) = (two.children[0], two.persons[0]);
        let subjects = [Subject::Child { child }, Subject::Person { person }, Subject::Relationship { child, person }];
        let mut numbers = Numbers(7);
        for round in 0..12_i64 {
            let statements: Vec<Statement> = (0..3).map(|n| {
                let about = numbers.below(3);
                let items = [["given_name", "school"], ["given_name", "phone"], ["may_attend", "risk_detail"]];
                let item = items[about][numbers.below(2)];
                let value = ["", "yes", "no", "Hill School"][numbers.below(4)];
                let mut said = said(two.by, subjects[about], [(item, value)].into_iter().collect());
                said.standing = FactStanding::ALL[numbers.below(6)];
                // Now and then something is written down later than it was said.
                said.recorded_ms = NOW + round * 10 - i64::try_from(numbers.below(25)).unwrap() + n;
                said
            }).collect();
            say(&store, &statements).await;
            let look = store.look(&coordinator());
            for subject in subjects {
                let fold = Facts::of(&look.statements_of(subject).await.unwrap()).known();
                let row = match subject {
                    Subject::Child { child } => look.child(child).await.unwrap().body.known,
                    Subject::Person { person } => look.person(person).await.unwrap().body.known,
                    Subject::Relationship { child, .. } => look.family(child).await.unwrap().remove(0).relation.known,
                };
                assert!(fold == row, "{subject:?} after round {round}");
            }
            look.done("test.read", NOW).await.unwrap();
        }
        store.close().await.unwrap();
    }

    async fn a_statement_is_there_once(fixture: &Fixture) {
        let store = fixture.open().await;
        let two = two(&store).await;
        let said = said(two.by, Subject::Person { person: two.persons[0] }, name("Ada", ""));
        say(&store, std::slice::from_ref(&said)).await;
        let work = store.work(&coordinator()).await.unwrap();
        assert!(matches!(work.add_statement(&said).await, Err(StoreError::Duplicate)));
        drop(work);
        store.close().await.unwrap();
    }

    async fn one_human_being_is_known_alike_in_every_file_and_parted_as_they_were(fixture: &Fixture) {
        let store = fixture.open().await;
        let two = two(&store).await;
        let [one, other] = two.persons;
        let mut of_other = said(two.by, Subject::Person { person: other }, name("Adah", "01632 960 001"));
        of_other.recorded_ms += 1;
        say(&store, &[said(two.by, Subject::Person { person: one }, name("Ada", "01632 960 002")), of_other]).await;
        let known = async |store: &Store| {
            let look = store.look(&coordinator());
            let (first, second) = (look.person(one).await.unwrap(), look.person(other).await.unwrap());
            look.done("test.read", NOW).await.unwrap();
            (first, second)
        };
        let before = known(&store).await;
        decide(&store, &two, LinkDecision::Same, 2).await.unwrap();
        let (first, second) = known(&store).await;
        assert_eq!((first.canonical, second.canonical), (one.min(other), one.min(other)));
        assert_eq!((first.name(), second.name()), ("Adah Oddsworth".to_owned(), "Adah Oddsworth".to_owned()));
        let look = store.look(&coordinator());
        for text in ["Adah Oddsworth", "+44 1632 960001"] {
            let found = look.search(&kith_linkage::Typed::read(text), text).await.unwrap();
            let files: std::collections::BTreeSet<ChildId> = found.iter().map(|hit| hit.child).collect();
            assert_eq!(files.len(), 2, "found in both files by {text}");
        }
        let held = look.statements_of(Subject::Person { person: one }).await.unwrap();
        assert_eq!(held.len(), 2);
        look.done("test.read", NOW).await.unwrap();
        decide(&store, &two, LinkDecision::Another, 3).await.unwrap();
        let (first, second) = known(&store).await;
        assert_eq!((first.canonical, second.canonical), (one, other));
        assert!(first.body.known == before.0.body.known && second.body.known == before.1.body.known);
        store.close().await.unwrap();
    }

    async fn what_is_held_of_one_human_being_outlives_the_key_of_one_file(fixture: &Fixture) {
        let store = fixture.open().await;
        let two = two(&store).await;
        let [one, other] = two.persons;
        say(&store, &[said(two.by, Subject::Person { person: one }, name("Ada", "01632 960 002"))]).await;
        decide(&store, &two, LinkDecision::Same, 1).await.unwrap();
        store.destroy_file_key(two.children[0].0).await.unwrap();
        let look = store.look(&coordinator());
        assert_eq!(look.person(other).await.unwrap().name(), "Ada Oddsworth");
        assert_eq!(look.statements_of(Subject::Person { person: other }).await.unwrap().len(), 1);
        look.done("test.read", NOW).await.unwrap();
        store.close().await.unwrap();
    }

    async fn nobody_is_linked_to_themselves(fixture: &Fixture) {
        let store = fixture.open().await;
        let mut two = two(&store).await;
        two.persons[1] = two.persons[0];
        assert!(matches!(decide(&store, &two, LinkDecision::Same, 1).await, Err(StoreError::NotFound)));
        assert_eq!(crate::entity::person_link::Entity::find().all(&store.0.read).await.unwrap().len(), 0);
        store.close().await.unwrap();
    }

    async fn a_person_who_stands_to_two_children_is_one_row_for_both(fixture: &Fixture) {
        let store = fixture.open().await;
        let two = two(&store).await;
        let one = two.persons[0];
        say(&store, &[said(two.by, Subject::Person { person: one }, name("Ada", "01632 960 002"))]).await;
        let work = store.work(&coordinator()).await.unwrap();
        work.add_relative(two.children[1], one, NOW).await.unwrap();
        work.commit("test.joined", NOW).await.unwrap();
        store.destroy_file_key(two.children[0].0).await.unwrap();
        let look = store.look(&coordinator());
        assert_eq!(look.person(one).await.unwrap().name(), "Ada Oddsworth");
        assert_eq!(look.family(two.children[1]).await.unwrap().len(), 2);
        look.done("test.read", NOW).await.unwrap();
        store.close().await.unwrap();
    }
}
