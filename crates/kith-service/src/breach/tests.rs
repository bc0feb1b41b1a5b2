//! Breaches over the service: from a suspicion to the Commissioner's form.

use kith_domain::access::{Purpose, Role};
use kith_domain::breach::BreachState;
use kith_domain::calendar;
use kith_domain::form::Fields;
use kith_domain::ids::BreachId;
use uuid::Uuid;

use super::BreachPaper;
use crate::ServiceError;
use crate::testing::TestService;

fn typed(fields: &[(&str, &str)]) -> Fields {
    fields.iter().copied().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspicion_starts_seventy_two_hours_and_ends_with_a_decision_and_its_reason() {
    // UK GDPR Art 33; handbook section 15.
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let officer = test.colleague(Role::DataProtection, "", "officer").await.unwrap();
    let officer = test.desk(&officer, Purpose::Accountability);
    let supervisor = test.colleague(Role::Supervisor, "north", "supervisor").await.unwrap();
    let supervisor = test.desk(&supervisor, Purpose::Accountability);
    let now = calendar::in_london(test.service.now_ms());
    let (day, month, year) = (now.day().to_string(), now.month().to_string(), now.year().to_string());
    let noticed = typed(&[
        ("kind", "disclosed"),
        ("what", "A letter with a mother’s new address went to her former partner"),
        ("whose", "One mother and two children"),
        ("aware-day", &day),
        ("aware-month", &month),
        ("aware-year", &year),
        ("aware_time", "00:01"),
    ]);
    let id = BreachId(Uuid::now_v7());
    supervisor.suspect_breach(id, &noticed).await.unwrap();
    assert!(matches!(supervisor.breach(id).await, Err(ServiceError::Forbidden)), "the officer's alone");
    let told = officer.notices().await.unwrap();
    assert!(told.iter().any(|notice| notice.subject == id.0 && notice.kind.is_urgent()));
    let view = officer.breach(id).await.unwrap();
    assert!(view.hours_left.is_some_and(|hours| (48..72).contains(&hours)), "{:?}", view.hours_left);
    assert_eq!(officer.breaches_open().await.unwrap().0, 1);
    test.clock.move_to(test.service.now_ms() + 72 * 3_600_000);
    assert!(officer.breach(id).await.unwrap().hours_left.is_some_and(|hours| hours < 0), "late is late");
    let step = async |fields: &[(&str, &str)]| officer.take_breach_step(id, &typed(fields)).await;
    let not = step(&[("kind", "commissioner_not"), ("words", "Nothing came of it")]).await.unwrap_err();
    assert!(matches!(not, ServiceError::Refused(ref refusal) if refusal.code == "breach.risk"), "{not:?}");
    for fields in [
        [("kind", "contained"), ("words", "The letter was given back"), ("risk", ""), ("people", "")],
        [("kind", "assessed"), ("words", "He knows the street"), ("risk", "high"), ("people", "3")],
        [
            ("kind", "commissioner_told"),
            ("words", "By their form. Late: the officer was ill"),
            ("risk", ""),
            ("people", ""),
        ],
        [("kind", "people_told"), ("words", "Call us if you see him"), ("risk", ""), ("people", "")],
        [("kind", "learnt"), ("words", "Addresses are read by two"), ("risk", ""), ("people", "")],
    ] {
        assert_eq!(step(&fields).await.unwrap(), BreachState::InHand, "{fields:?}");
    }
    for paper in [BreachPaper::Commissioner, BreachPaper::People] {
        assert!(officer.breach_paper(id, paper).await.unwrap().starts_with(b"%PDF-"));
    }
    assert_eq!(step(&[("kind", "closed"), ("words", "Done")]).await.unwrap(), BreachState::Closed);
    assert_eq!(officer.breaches(false, 1).await.unwrap().total, 1);
    let view = officer.breach(id).await.unwrap();
    assert!(view.missing.is_empty() && view.due.is_none());
}
