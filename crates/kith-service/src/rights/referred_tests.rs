//! Who is on a referral alone that was not accepted: found for a request, and in the pack with what the form says of them.

use kith_domain::access::{Purpose, Role};
use kith_domain::form::Fields;
use kith_domain::ids::{PersonId, RequestId};
use kith_domain::pack::PartKind;
use kith_domain::rights::{HeldSubject, Place};
use uuid::Uuid;

use crate::ServiceError;
use crate::pack::tests::{decide_all, officer, worked};
use crate::testing::TestService;

fn asked(right: &str, name: &str) -> Fields {
    [
        ("right", right),
        ("asker", "self"),
        ("channel", "letter"),
        ("received-day", "20"),
        ("received-month", "11"),
        ("received-year", "2026"),
        ("name", name),
        ("address", "4 Mill Lane, Nenebridge"),
        ("what", "Everything about me"),
    ]
    .into_iter()
    .collect()
}

fn typed(fields: &[(&str, &str)]) -> Fields {
    fields.iter().copied().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_on_a_referral_alone_is_found_and_gets_what_it_says_of_them() {
    // UK GDPR Art 15; handbook section 15: "everything about the person"; section 19: what was never accepted is kept too.
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let worker = test.colleague(Role::SocialWorker, "north", "sw").await.unwrap();
    let [mother, father, uncle] = [(); 3].map(|()| PersonId(Uuid::now_v7()));
    let referral = test.sent_referral(&worker, [mother, father, uncle]).await.unwrap();
    let (officer, second) = (officer(&test, "officer").await, officer(&test, "second").await);
    let child = test.desk(&worker, Purpose::ServiceDelivery).referral(referral).await.unwrap().referral.child;
    let id = RequestId(Uuid::now_v7());
    officer.enter_request(id, &asked("access", "Ann Marsh")).await.unwrap();
    officer.take_request_step(id, &typed(&[("kind", "identity_settled"), ("words", "Seen")])).await.unwrap();
    let view = officer.request_held(id).await.unwrap();
    let of = HeldSubject { file: child, person: Some(mother) };
    let found = view.maybe.iter().find(|one| one.subject == of).expect("the mother is found on the form");
    assert!(found.stands.starts_with("Mother, on a referral that is not accepted"), "{}", found.stands);
    officer.say_who_is_held(id, &typed(&[("held", &of.code())])).await.unwrap();
    let view = officer.request_held(id).await.unwrap();
    assert!(view.files[0].child.contains("Robin") && view.files[0].family.iter().any(|(name, ..)| name == "Ann Marsh"));
    // Nobody else finds or opens it so.
    let manager = test.colleague(Role::Manager, "south", "ma").await.unwrap();
    let manager = test.desk(&manager, Purpose::Accountability);
    assert!(matches!(manager.request_held(id).await, Err(ServiceError::Forbidden)));
    officer.begin_pack(id).await.unwrap();
    worked(&test).await;
    let view = officer.pack(id, false, 1).await.unwrap();
    assert!(view.parts.rows.iter().any(|(part, _)| part.kind == PartKind::Referral), "the form is a part");
    assert!(view.names.iter().all(|line| !line.name.shown.starts_with("Ann")));
    decide_all(&officer, id, "another").await;
    officer.take_request_step(id, &typed(&[("kind", "prepared"), ("words", "Here it is")])).await.unwrap();
    worked(&test).await;
    let data = second.pack_data(id).await.unwrap().to_string();
    assert!(data.contains("Ann") && !data.contains("Robin") && !data.contains("Joe"), "{data}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_on_a_referral_alone_is_found_and_it_is_said_in_words_what_is_done() {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let worker = test.colleague(Role::SocialWorker, "north", "sw").await.unwrap();
    let family = [(); 3].map(|()| PersonId(Uuid::now_v7()));
    let referral = test.sent_referral(&worker, family).await.unwrap();
    let officer = officer(&test, "officer").await;
    let child = test.desk(&worker, Purpose::ServiceDelivery).referral(referral).await.unwrap().referral.child;
    let id = RequestId(Uuid::now_v7());
    officer.enter_request(id, &asked("erasure", "Robin Marsh")).await.unwrap();
    officer.take_request_step(id, &typed(&[("kind", "identity_settled"), ("words", "Seen")])).await.unwrap();
    let of = HeldSubject { file: child, person: None };
    let view = officer.request_held(id).await.unwrap();
    let found = view.maybe.iter().find(|one| one.subject == of).expect("the child is found on the form");
    assert!(found.stands.starts_with("The child of a referral"), "{}", found.stands);
    officer.say_who_is_held(id, &typed(&[("held", &of.code())])).await.unwrap();
    let place = Place::File(of);
    let view = officer.request_place(id, place).await.unwrap();
    assert!(view.by_words && view.facts.is_empty() && view.name.contains("Robin"));
    let refused = typed(&[("verdict", "refused"), ("ground", "legal_duty"), ("reason", "It is kept for three years")]);
    officer.decide_request(id, place, Uuid::now_v7(), &refused).await.unwrap();
    assert!(officer.request(id).await.unwrap().missing.is_empty());
}
