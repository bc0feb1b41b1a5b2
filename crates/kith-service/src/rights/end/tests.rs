//! From the day on which a request was closed to its end: what goes when, what keeps it, what stays.

use std::net::IpAddr;

use jiff::civil::{Date, date};
use kith_domain::calendar::instant_ms;
use kith_domain::form::{Fields, Words};
use kith_domain::ids::RequestId;
use kith_domain::retention::HoldKind;
use kith_domain::rights::{HeldSubject, Right};
use kith_store::{EndedRequests, StoreError};
use uuid::Uuid;

use crate::pack::tests::{begun, decide_all, officer, robin, worked};
use crate::retention::tests::{Opened, opened};
use crate::testing::TestService;
use crate::{Desk, ServiceError};

const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));

fn step(kind: &str) -> Fields {
    [("kind", kind), ("words", "So")].into_iter().collect()
}

fn at(test: &TestService, day: Date, minute: i64) {
    test.clock.move_to(instant_ms(day, minute));
}

async fn is_gone(desk: &Desk, id: RequestId) -> bool {
    matches!(desk.request(id).await, Err(ServiceError::Store(StoreError::Destroyed)))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_collected_goes_after_its_days_and_the_request_after_its_years() {
    // Handbook section 19: "three years … (setting), then the same destruction as everything else" is of a referral; of a request no
    // statute says anything either. UK GDPR Art 5(1)(e).
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let case = robin(&test).await;
    let (first, second) = (officer(&test, "officer").await, officer(&test, "second").await);
    let mother = HeldSubject { file: case.child, person: Some(case.mother) };
    let (id, _) = begun(&test, &first, "self", vec![mother]).await;
    decide_all(&first, id, "keep").await;
    first.take_request_step(id, &step("prepared")).await.unwrap();
    worked(&test).await;
    assert!(first.request(id).await.unwrap().kept.is_none(), "as long as it is open there is no end");
    let closed = date(2026, 12, 10);
    at(&test, closed, 700);
    second.take_request_step(id, &step("released")).await.unwrap();
    let new = first.make_hand_over(id).await.unwrap();
    let taken = test.service.open_hand_over(new.id, &new.code, HOME).await.unwrap();
    let kept = first.request(id).await.unwrap().kept.unwrap();
    let days = (date(2029, 12, 10), Some(date(2027, 6, 8)), None);
    assert_eq!((kept.until, kept.collected_until, kept.longer), days);

    at(&test, date(2027, 6, 8), 23 * 60 + 59);
    worked(&test).await;
    assert!(
        first.pack(id, false, 1).await.unwrap().pack.is_some_and(|pack| pack.gone_ms.is_none()),
        "a whole last day"
    );
    at(&test, date(2027, 6, 9), 0);
    worked(&test).await;
    let view = first.pack(id, false, 1).await.unwrap();
    assert!(
        view.volumes.is_empty() && view.parts.rows.is_empty() && view.files.is_empty() && view.hand_overs.is_empty()
    );
    let pack = view.pack.unwrap();
    assert!(pack.gone_ms.is_some() && !pack.body.digests.is_empty(), "that there was one, and what left, stays");
    for gone in [
        first.pack_part(id, 1).await.map(drop),
        first.pack_schedule(id).await.map(drop),
        first.pack_data(id).await.map(drop),
        first.pack_volume(id, 1).await.map(drop),
        first.make_hand_over(id).await.map(drop),
        test.service.handed(new.id, &taken).await.map(drop),
    ] {
        assert!(matches!(gone, Err(ServiceError::NotFound)), "{gone:?}");
    }
    let view = first.request(id).await.unwrap();
    assert!(view.kept.is_some_and(|kept| kept.collected_until.is_none()) && !view.request.body.steps.is_empty());

    at(&test, date(2029, 12, 10), 23 * 60 + 59);
    worked(&test).await;
    assert_eq!(first.requests(false, 1).await.unwrap().total, 1);
    at(&test, date(2029, 12, 11), 0);
    worked(&test).await;
    assert!(is_gone(&first, id).await);
    assert_eq!(first.requests(false, 1).await.unwrap().total, 0, "no list shows it");
    let ended = EndedRequests { year: 2026, right: Some(Right::Access), count: 1 };
    assert_eq!(first.requests_ended().await.unwrap(), [ended]);
    let key = test.service.store().create_file_key(id.0).await;
    assert!(matches!(key, Err(StoreError::Destroyed)), "its key is gone for good");
    let told = first.notices().await.unwrap();
    assert!(told.iter().all(|notice| notice.subject != id.0), "nobody is told of it any more");
}

/// A request about Robin that was withdrawn on 10 December 2026.
async fn withdrawn(o: &Opened, name: &str) -> RequestId {
    let (id, officer) = (RequestId(Uuid::now_v7()), o.officer());
    let mut form: Fields = [
        ("right", "rectification"),
        ("asker", "self"),
        ("channel", "letter"),
        ("name", name),
        ("address", "4 Mill Lane"),
        ("what", "It is wrong"),
    ]
    .into_iter()
    .collect();
    form.set_date("received", date(2026, 12, 1));
    o.at(date(2026, 12, 10));
    officer.enter_request(id, &form).await.unwrap();
    officer.found_for_test(id, vec![HeldSubject { file: o.g.case.child, person: None }]).await.unwrap();
    officer.take_request_step(id, &step("withdrawn")).await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_keeps_a_request_that_is_about_its_file() {
    // Handbook section 11: "a legal hold … stops destruction, and its lifting never destroys by itself".
    for kind in [HoldKind::File, HoldKind::Family] {
        let o = opened().await;
        let id = withdrawn(&o, "Ann Marsh").await;
        let officer = o.officer();
        o.at(date(2029, 12, 1));
        let hold = o.hold(&o.g.case.manager, kind).await.unwrap();
        o.at(date(2029, 12, 11));
        worked(&o.g.test).await;
        assert!(officer.request(id).await.unwrap().kept.unwrap().longer.unwrap().contains("hold"), "{kind:?}");
        officer.lift_hold(hold, &Words::new("Settled").unwrap()).await.unwrap();
        worked(&o.g.test).await;
        assert!(!is_gone(&officer, id).await, "lifting it destroys nothing by itself");
        o.at(date(2030, 1, 11));
        worked(&o.g.test).await;
        assert!(is_gone(&officer, id).await, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_before_the_commissioner_or_complained_of_is_kept() {
    let o = opened().await;
    let (contested, complained) = (withdrawn(&o, "Ann Marsh").await, withdrawn(&o, "Ben Marsh").await);
    let officer = o.officer();
    officer.take_request_step(contested, &step("contested")).await.unwrap();
    let complaint = RequestId(Uuid::now_v7());
    let mut form: Fields = [
        ("right", "complaint"),
        ("asker", "self"),
        ("channel", "phone"),
        ("name", "ben marsh"),
        ("phone", "01632 960123"),
        ("what", "Nobody answers"),
    ]
    .into_iter()
    .collect();
    form.set_date("received", date(2029, 12, 1));
    o.at(date(2029, 12, 2));
    officer.enter_request(complaint, &form).await.unwrap();
    o.at(date(2029, 12, 11));
    worked(&o.g.test).await;
    let longer = async |id| officer.request(id).await.unwrap().kept.unwrap().longer.unwrap();
    assert!(longer(contested).await.contains("Commissioner"));
    assert!(longer(complained).await.contains("complaint"));
    officer.take_request_step(contested, &step("contest_over")).await.unwrap();
    officer.take_request_step(complaint, &step("released")).await.unwrap();
    o.at(date(2030, 1, 12));
    worked(&o.g.test).await;
    assert!(is_gone(&officer, contested).await && is_gone(&officer, complained).await);
    assert!(officer.request(complaint).await.is_ok(), "whose own years run from its own end");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_killed_between_the_row_and_the_key_goes_on_with_the_job() {
    let o = opened().await;
    let id = withdrawn(&o, "Ann Marsh").await;
    o.at(date(2029, 12, 11));
    o.officer()
        .change("request.ended", |work| async move {
            Ok(work.end_person_request(id, Some(Right::Rectification), 2026, o_now()).await?)
        })
        .await
        .unwrap();
    assert!(is_gone(&o.officer(), id).await, "it cannot be read from the first of the two on");
    assert!(o.g.test.service.store().create_file_key(id.0).await.is_ok(), "its key is there");
    worked(&o.g.test).await;
    let key = o.g.test.service.store().create_file_key(id.0).await;
    assert!(matches!(key, Err(StoreError::Destroyed)));
    assert_eq!(o.officer().requests_ended().await.unwrap().len(), 1);
}

fn o_now() -> i64 {
    instant_ms(date(2029, 12, 11), 600)
}
