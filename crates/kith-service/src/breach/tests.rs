//! Breaches over the service: from a suspicion to the Commissioner's form.

use kith_domain::access::{Purpose, Role};
use kith_domain::breach::BreachState;
use kith_domain::calendar;
use kith_domain::form::Fields;
use kith_domain::ids::{AccountId, BreachId, ChildId};
use uuid::Uuid;

use super::BreachPaper;
use super::letter::{how_many, yours};
use crate::audit::LogQuery;
use crate::testing::{CaseInHand, TestService};
use crate::{Desk, ServiceError};

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

/// A suspicion of today, and an account that is looked at from its first minute to its last.
async fn looked_at(officer: &Desk, account: AccountId, now_ms: i64) -> BreachId {
    let today = calendar::in_london(now_ms).date();
    let mut noticed =
        typed(&[("kind", "disclosed"), ("what", "A tablet was found"), ("whose", "Families"), ("aware_time", "00:01")]);
    noticed.set_date("aware", today);
    let id = BreachId(Uuid::now_v7());
    officer.suspect_breach(id, &noticed).await.unwrap();
    name(officer, id, account, now_ms).await.unwrap();
    id
}

async fn name(officer: &Desk, id: BreachId, account: AccountId, now_ms: i64) -> Result<(), ServiceError> {
    let today = calendar::in_london(now_ms).date();
    let account = account.to_string();
    let mut named = typed(&[("account", &account), ("from_time", "00:00"), ("until_time", "23:59")]);
    for day in ["from", "until"] {
        named.set_date(day, today);
    }
    officer.look_at_account(id, &named).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_account_opened_is_listed_and_who_is_ticked_is_counted_in_the_papers() {
    // UK GDPR Art 33(3)(a): "the categories and approximate number of data subjects concerned"; Art 34.
    let g = CaseInHand::open("r", Purpose::ServiceDelivery).await;
    let officer = g.test.colleague(Role::DataProtection, "", "officer").await.unwrap();
    let officer = g.test.desk(&officer, Purpose::Accountability);
    let now_ms = g.test.service.now_ms();
    let (child, account) = (g.case.child, g.case.coordinator.id);
    g.coordinator().file(child).await.unwrap();
    let unknown = ChildId(Uuid::now_v7());
    assert!(g.coordinator().file(unknown).await.is_err());
    let id = looked_at(&officer, account, now_ms).await;
    let view = officer.breach_opened(id, 1).await.unwrap();
    assert_eq!((view.files.total, view.files.rows.len(), view.not_ours), (1, 1, 0));
    let file = &view.files.rows[0];
    assert!(file.file == child && file.child.as_deref() == Some("Robin Marsh") && !file.affected);
    assert!(
        file.often.count >= 2 && file.often.changed >= 1 && file.often.first_ms <= file.often.last_ms,
        "{:?}",
        file.often
    );
    assert_eq!(view.refused.iter().map(|(of, _)| of.clone()).collect::<Vec<_>>(), [unknown.reference()], "apart");
    // The look at the child's name stands in the log of the file.
    let query = LogQuery { record: Some(child.reference()), ..LogQuery::default() };
    let logged = officer.access_log(&query).await.unwrap().entries;
    let look = logged.iter().find(|of| of.entry.action == "breach.files_read").expect("the look is entered");
    assert_eq!(look.entry.purpose, Some(Purpose::Rights));

    assert_eq!(
        how_many(&officer.breach(id).await.unwrap().breach.body),
        ["How many people it is about is not known yet."]
    );
    let (file, other) = (child.to_string(), unknown.to_string());
    let ticked = [("which", "these"), ("shown", &*file), ("shown", &*other), ("file", &*file), ("file", &*other)];
    assert_eq!(officer.say_affected(id, &typed(&ticked)).await.unwrap(), 1, "who was not opened is not affected");
    let assessed = [("kind", "assessed"), ("words", "Names were read"), ("risk", "some"), ("people", "5")];
    officer.take_breach_step(id, &typed(&assessed)).await.unwrap();
    let body = officer.breach(id).await.unwrap().breach.body;
    let words = how_many(&body).join(" ");
    assert!(words.starts_with("The children of 1 file, ") && words.contains("About 5 people with their"), "{words}");
    assert!(yours(&body).unwrap().contains("and no other"));
    assert!(officer.breach_paper(id, BreachPaper::Commissioner).await.unwrap().starts_with(b"%PDF-"));
    assert_eq!(officer.say_affected(id, &typed(&[("which", "these"), ("shown", &*file)])).await.unwrap(), 0);
    assert_eq!(officer.say_affected(id, &typed(&[("which", "all")])).await.unwrap(), 1);
    // Another account: nothing that was said of this one is said any more.
    name(&officer, id, g.case.manager.id, now_ms).await.unwrap();
    assert!(officer.breach(id).await.unwrap().breach.body.affected.is_empty());
    let nobody = name(&officer, id, AccountId(Uuid::now_v7()), now_ms).await.unwrap_err();
    assert!(matches!(nobody, ServiceError::Invalid(_)), "{nobody:?}");
    officer.look_at_account(id, &Fields::default()).await.unwrap();
    let view = officer.breach_opened(id, 1).await.unwrap();
    assert!(view.who.is_none() && view.files.rows.is_empty() && view.refused.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_account_opened_is_the_officer_s_alone_and_a_destroyed_file_is_not_named() {
    let g = CaseInHand::open("r", Purpose::ServiceDelivery).await;
    let officer = g.test.colleague(Role::DataProtection, "", "officer").await.unwrap();
    let officer = g.test.desk(&officer, Purpose::Accountability);
    let now_ms = g.test.service.now_ms();
    let id = looked_at(&officer, g.case.coordinator.id, now_ms).await;
    for colleague in [&g.case.coordinator, &g.case.manager] {
        let desk = g.test.desk(colleague, Purpose::Accountability);
        assert!(matches!(desk.breach_opened(id, 1).await, Err(ServiceError::Forbidden)));
        assert!(matches!(desk.say_affected(id, &typed(&[("which", "all")])).await, Err(ServiceError::Forbidden)));
        assert!(matches!(name(&desk, id, colleague.id, now_ms).await, Err(ServiceError::Forbidden)));
    }
    assert!(officer.breach_opened(id, 1).await.unwrap().files.rows[0].child.is_some());
    g.test.destroyed(g.case.child).await.unwrap();
    let rows = officer.breach_opened(id, 1).await.unwrap().files.rows;
    assert!(rows.len() == 1 && rows[0].child.is_none(), "that it was opened stays, whose it was is gone");
}
