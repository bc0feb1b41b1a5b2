//! What is held of somebody who asks and works here: found by name, put together without a word about a child, handed over like the rest.

use kith_domain::access::{Purpose, Role};
use kith_domain::ids::RequestId;
use kith_domain::pack::PackState;
use kith_domain::rights::{HeldSubject, Place};
use uuid::Uuid;

use super::tests::{decide_all, officer, robin, typed, worked};
use crate::testing::TestService;
use crate::{Desk, ServiceError};

/// A request to see what is held, of the child's supervisor, whose name is their role and sign-in name here.
async fn of_supervisor(officer: &Desk, name: &str) -> RequestId {
    let id = RequestId(Uuid::now_v7());
    let form = [
        ("right", "access"),
        ("asker", "self"),
        ("channel", "letter"),
        ("received-day", "20"),
        ("received-month", "11"),
        ("received-year", "2026"),
        ("name", name),
        ("address", "4 Mill Lane, Nenebridge"),
        ("what", "What you have about my work"),
    ];
    officer.enter_request(id, &typed(&form)).await.unwrap();
    officer.take_request_step(id, &typed(&[("kind", "identity_settled"), ("words", "Pass seen")])).await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn who_works_here_gets_what_their_account_did_and_nothing_about_a_child() {
    // UK GDPR Art 15; handbook section 15: "everything about the person"; section 14: professionals ask too.
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let case = robin(&test).await;
    let (officer, second) = (officer(&test, "officer").await, officer(&test, "second").await);
    let name = format!("{} {}", case.social_worker.login.to_uppercase(), Role::SocialWorker.label());
    let id = of_supervisor(&officer, &name).await;
    assert!(matches!(officer.begin_pack(id).await, Err(ServiceError::Refused(ref of)) if of.code == "pack.nobody"));
    let held = officer.request_held(id).await.unwrap();
    let account = held.accounts.iter().find(|of| of.account == case.social_worker.id).expect("found by name");
    assert!(held.accounts.iter().all(|of| of.account != case.manager.id), "and nobody of another name");
    let place = Place::Account(account.account).code();
    officer.say_who_is_held(id, &typed(&[("held", &place)])).await.unwrap();
    let early = officer.take_request_step(id, &typed(&[("kind", "prepared"), ("words", "Here")])).await.unwrap_err();
    assert!(matches!(early, ServiceError::Refused(ref of) if of.code == "pack.none"), "{early:?}");
    officer.begin_pack(id).await.unwrap();
    worked(&test).await;
    let view = officer.pack(id, false, 1).await.unwrap();
    assert_eq!((view.undecided, view.staff.len(), view.files.len()), (0, 1, 0), "nothing is to be decided");
    officer.take_request_step(id, &typed(&[("kind", "prepared"), ("words", "Here it is")])).await.unwrap();
    worked(&test).await;
    let view = second.pack(id, false, 1).await.unwrap();
    let pack = view.pack.unwrap();
    assert_eq!((pack.state, view.volumes.as_slice(), pack.body.digests.len()), (PackState::Ready, [1].as_slice(), 1));
    let data = second.pack_data(id).await.unwrap().to_string();
    for there in
        [case.social_worker.login.as_str(), "Social worker", "Referral", "1 in all", "from its access log", "begun"]
    {
        let there = there.to_lowercase();
        assert!(data.to_lowercase().contains(&there), "{there}: {data}");
    }
    let file = case.child.reference();
    for other in ["Robin", "Marsh", "Ann", "Lake", &file] {
        assert!(!data.contains(other), "{other} is a child’s: {data}");
    }
    assert!(second.pack_volume(id, 1).await.unwrap().starts_with(b"%PDF-"));
    second.take_request_step(id, &typed(&[("kind", "given_back"), ("words", "Again")])).await.unwrap();
    assert!(officer.pack(id, false, 1).await.unwrap().volumes.is_empty(), "given back it is made anew");
    officer.take_request_step(id, &typed(&[("kind", "prepared"), ("words", "Here it is")])).await.unwrap();
    worked(&test).await;
    second.take_request_step(id, &typed(&[("kind", "released"), ("words", "Sent")])).await.unwrap();
    let new = officer.make_hand_over(id).await.unwrap();
    let home = std::net::IpAddr::from([192, 0, 2, 7]);
    let kept = test.service.open_hand_over(new.id, &new.code, home).await.unwrap();
    assert!(test.service.handed_volume(new.id, &kept, 1).await.unwrap().starts_with(b"%PDF-"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_a_parent_too_gets_both_and_an_officer_deals_with_no_request_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let case = robin(&test).await;
    let (officer, second) = (officer(&test, "officer").await, officer(&test, "second").await);
    let ann = test.colleague(Role::DataProtection, "", "Ann Marsh").await.unwrap();
    let id = of_supervisor(&officer, "Ann Marsh").await;
    let mother = Place::File(HeldSubject { file: case.child, person: Some(case.mother) }).code();
    let mut held = typed(&[]);
    held.set_all("held", vec![mother, Place::Account(ann.id).code()]);
    officer.say_who_is_held(id, &held).await.unwrap();
    let own = test.desk(&ann, Purpose::Accountability);
    let step = typed(&[("kind", "acknowledged"), ("words", "So")]);
    let is_refused = |error: Option<ServiceError>| match error {
        Some(ServiceError::Refused(of)) => assert_eq!(of.code, "request.yours"),
        other => panic!("{other:?}"),
    };
    is_refused(own.take_request_step(id, &step).await.err());
    is_refused(own.begin_pack(id).await.err());
    officer.begin_pack(id).await.unwrap();
    worked(&test).await;
    is_refused(own.pack(id, false, 1).await.err());
    is_refused(own.pack_part(id, 1).await.err());
    is_refused(own.pack_data(id).await.err());
    decide_all(&officer, id, "keep").await;
    officer.take_request_step(id, &typed(&[("kind", "prepared"), ("words", "Here it is")])).await.unwrap();
    worked(&test).await;
    let view = second.pack(id, false, 1).await.unwrap();
    let last = *view.volumes.last().unwrap();
    assert!(view.files.len() == 1 && last == i64::try_from(view.volumes.len()).unwrap() && last > 1);
    let data = second.pack_data(id).await.unwrap();
    let kinds: Vec<&str> = data["parts"].as_array().unwrap().iter().filter_map(|of| of["kind"].as_str()).collect();
    assert!(kinds.contains(&"facts") && kinds.last() == Some(&"account"), "{kinds:?}");
}
