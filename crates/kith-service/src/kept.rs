//! Databases that were kept, one for each shape in which bodies were ever stored: what was written then is still said now.
//!
//! `kept/NAME/` holds a data directory as that Kith left it, `service.json`, whose it is, and `said.json`, what stood in it. All of
//! it is invented, and the key beside it opens nothing else.
//!
//! When a stored shape or the schema changes, the databases that are here must still be read, by a migration and by
//! `kith-store/src/stored.rs`; then the new shape is kept too: `KITH_KEEP=NAME cargo nextest run is_kept_today`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use kith_domain::access::{Actor, Purpose, Role};
use kith_domain::contact_refusal::RefusedContact;
use kith_domain::ids::{
    AccountId, ChildId, ContactRefusalId, EntryId, PersonId, PersonLinkId, ReferralId, ReportId, SessionId,
};
use kith_domain::record::{Addendum, Verdict};
use kith_domain::report::ReportFacts;
use kith_domain::same::LinkDecision;
use kith_domain::session::{CancelReason, CancelledBy, Cancelling};
use kith_store::testing::copy_dir;
use kith_store::{PersonLink, Verifying, verify_ledger};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::ServiceError;
use crate::contact_refusal::RefuseContact;
use crate::testing::{PASSWORD, TestService, signature};

/// Where what was kept lies in it.
#[derive(Serialize, Deserialize)]
struct Whose {
    /// The files.
    children: Vec<ChildId>,
    /// The referrals.
    referrals: Vec<ReferralId>,
    /// The sessions that have a record.
    sessions: Vec<SessionId>,
    /// Who wrote the records and the report.
    manager: AccountId,
}

/// A service with everything in it that is stored: two files, one from its referral on, one with a record that was signed,
/// returned, added to and accepted, and a report.
async fn fill(dir: &Path) -> Result<Whose, ServiceError> {
    let test = TestService::open(dir).await?;
    let case = test.accepted_child("kept").await?;
    test.approved_assessment(&case, case.mother).await?;
    let planned = test.active_plan(&case, &[case.mother]).await?;
    let cancelled = test
        .session_row(&case, planned, &[case.mother], date(2026, 12, 8), kith_domain::session::SessionState::Confirmed)
        .await?;
    let desk = test.desk(&case.coordinator, Purpose::ServiceDelivery);
    let version = desk.session(cancelled).await?.session.version;
    let said = Cancelling {
        by: CancelledBy::Parent,
        reason: CancelReason::Illness,
        note: None,
        replacement: true,
        told_ms: test.service.now_ms(),
    };
    desk.cancel_session(cancelled, version, &said).await?;

    let refused = RefusedContact {
        person: case.mother,
        began: test.service.today(),
        decided_by: "Maud Ferris, service manager".into(),
        reasons: "You came after drinking.".into(),
        urgency: "The next visit is tomorrow.".into(),
        for_the_child: Some("Mum was unwell.".into()),
        child_not_told: None,
    };
    let refuse = RefuseContact { id: ContactRefusalId(Uuid::now_v7()), child: case.child, refused };
    desk.refuse_contact(&refuse).await?;

    let ground = test.ground("kept").await?;
    let look = test.service.own_desk(Purpose::ServiceDelivery).look();
    let other = look.family(case.child).await?.first().map(|relative| relative.person.id);
    drop(look);
    if let Some(other) = other {
        let link = PersonLink {
            id: PersonLinkId(Uuid::now_v7()),
            pair: (other.min(ground.mother), other.max(ground.mother)),
            decision: LinkDecision::Another,
            by: case.coordinator.id,
            decided_ms: test.service.now_ms(),
            why: "Born in other years".into(),
        };
        let desk = test.service.own_desk(Purpose::ServiceDelivery);
        desk.change("test.another", |work| {
            let link = link.clone();
            async move { Ok(work.decide_link(&link).await?) }
        })
        .await?;
    }
    let signed = test.signed(&ground).await?;
    let manager = test.at_work(&ground.manager);
    let back = Verdict { accepted: false, comment: Some("Who opened the door?".into()) };
    manager.review_record(signed, &back).await?;
    let supervisor = test.at_work(&ground.supervisor);
    let added = Addendum { about: None, reason: "Asked".into(), text: "Sam opened it.".into() };
    test.clock_to(date(2026, 11, 26), 720);
    supervisor.add_addendum(signed, EntryId(Uuid::now_v7()), &added).await?;
    supervisor.sign_record(signed, &signature()).await?;
    manager.review_record(signed, &Verdict { accepted: true, comment: None }).await?;
    let facts = ReportFacts { from: date(2026, 11, 24), to: date(2026, 11, 26), statement: "I say so.".into() };
    let reporting = test.desk(&ground.manager, Purpose::OfficialReporting);
    let report = reporting.begin_report(ground.child, ReportId(Uuid::now_v7()), facts.clone()).await?;
    let version = reporting.report(report).await?.report.version;
    reporting.sign_report(report, version, &facts, PASSWORD).await?;

    let look = test.service.own_desk(Purpose::ServiceDelivery).look();
    let referrals = look.referrals_of(case.child).await?.into_iter().map(|referral| referral.id).collect();
    drop(look);
    test.service.store().sequence().await?;
    test.service.store().clone().close().await?;
    Ok(Whose {
        children: vec![case.child, ground.child],
        referrals,
        sessions: vec![signed],
        manager: ground.manager.id,
    })
}

/// Everything that stands in its envelopes, by table and id.
async fn said(test: &TestService, whose: &Whose) -> Result<Value, ServiceError> {
    let look = test.service.own_desk(Purpose::ServiceDelivery).look();
    let mut said: BTreeMap<String, Value> = BTreeMap::new();
    let mut put = |table: &str, id: Uuid, body: Value| {
        said.insert(format!("{table} {id}"), body);
    };
    for account in look.accounts().await? {
        put("account", account.id.0, json!([account.body.name, account.body.login, account.role.code()]));
    }
    for id in &whose.children {
        let child = look.child(*id).await?;
        put("child", id.0, json!(child.body));
        let family = look.family(*id).await?;
        for relative in &family {
            put("person", relative.person.id.0, json!(relative.person.body));
            put("relationship", relative.person.id.0, json!(relative.relation));
        }
        let people: Vec<PersonId> = family.iter().map(|relative| relative.person.id).collect();
        for statement in look.statements_of_file(*id, &people).await? {
            put("statement", statement.id.0, json!(statement));
        }
        for link in look.person_links(&people).await? {
            put("person_link", link.id.0, json!([link.decision.code(), link.why]));
        }
        for of in look.assessments_of(*id).await? {
            put("risk_assessment", of.id.0, json!([of.state.code(), of.body]));
        }
        for plan in look.plans_of(*id).await? {
            put("contact_plan", plan.id.0, json!([plan.state.code(), plan.body]));
        }
        for of in look.refusals_of(*id).await? {
            put("contact_refusal", of.id.0, json!([of.state.code(), of.body]));
        }
        for order in look.orders_of(*id).await? {
            put("contact_order", order.id.0, json!([order.state.code(), order.body]));
        }
        for session in look.sessions_of(*id, 0, i64::MAX).await? {
            put("session", session.id.0, json!([session.state.code(), session.body]));
        }
        for report in look.reports_of(*id).await? {
            put("report", report.id.0, json!([report.state.code(), report.body]));
        }
        for of in look.allocations_of(*id).await? {
            put("allocation", of.id.0, json!([of.capacity.code(), of.reason]));
        }
    }
    for id in &whose.referrals {
        let referral = look.referral(*id).await?;
        put("referral", id.0, json!([referral.state.code(), referral.body]));
        put("verification", id.0, json!(look.verification(*id).await?.map(|of| of.body)));
    }
    for id in &whose.sessions {
        let record = look.record(*id).await?;
        put("record", id.0, json!([record.state.code(), record.body]));
        for entry in look.entries_of(*id).await?.0 {
            put("entry", entry.id.0, json!(entry.body));
        }
    }
    drop(look);
    Ok(json!(said))
}

/// Whether the rows of contact wanted say what was said of everybody alike before: with whom, and each other value.
fn is_wanted(rows: Option<&Value>, key: &str, then: &Value) -> bool {
    let rows = rows.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let rows: Vec<Value> = rows.filter_map(|row| serde_json::from_str(row).ok()).collect();
    match then.as_array() {
        Some(with) if key == "with" => with.iter().all(|id| rows.iter().any(|row| row["who"][0] == *id)),
        _ => rows.iter().any(|row| row[key] == *then),
    }
}

/// Whether everything that was said is still said; what was added since may stand beside it.
fn still_says(now: &Value, then: &Value, at: &str) {
    match (now, then) {
        (Value::Object(now), Value::Object(then)) => {
            for (key, then) in then {
                if at.ends_with("/contact") && !now.contains_key(key) {
                    assert!(is_wanted(now.get("wanted"), key, then), "{at}/{key} is not said any more");
                    continue;
                }
                let now = now.get(key).unwrap_or_else(|| panic!("{at}/{key} is not said any more"));
                still_says(now, then, &format!("{at}/{key}"));
            }
        }
        (Value::Array(now), Value::Array(then)) => {
            assert_eq!(now.len(), then.len(), "{at}: another number");
            now.iter().zip(then).for_each(|(now, then)| still_says(now, then, at));
        }
        (now, then) => assert_eq!(now, then, "{at}"),
    }
}

/// Opens a data directory that was kept, and reads all of it.
async fn read(dir: &Path, whose: &Whose, then: &Value) {
    let test = TestService::open(dir).await.expect("what was kept opens");
    still_says(&said(&test, whose).await.expect("what was kept is read"), then, "");
    let manager = Actor::staff(whose.manager, Role::Manager, "north");
    let desk = test.service.desk(manager.clone(), Purpose::ServiceDelivery);
    for id in &whose.sessions {
        let record = desk.record(*id).await.expect("the record is read");
        assert!(!record.signatures.is_empty() && record.signatures.iter().all(|of| of.intact), "as it was signed");
    }
    let reporting = test.service.desk(manager, Purpose::OfficialReporting);
    for child in &whose.children {
        for row in reporting.reports(*child).await.expect("reports are listed") {
            assert!(reporting.report_paper(row.report.id).await.expect("the report is set").starts_with(b"%PDF"));
        }
    }
    test.service.store().sequence().await.expect("signed");
    test.service.store().clone().close().await.expect("closed");
    verify_ledger(&Verifying::of(dir, None)).await.expect("the log is whole");
}

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("kept")
}

#[tokio::test]
async fn what_is_kept_today_is_read_today() {
    let dir = tempfile::tempdir().unwrap();
    let whose = Box::pin(fill(dir.path())).await.unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let then = said(&test, &whose).await.unwrap();
    test.service.store().clone().close().await.unwrap();
    for table in [
        "account",
        "child",
        "person",
        "relationship",
        "person_link",
        "statement",
        "referral",
        "verification",
        "risk_assessment",
        "contact_order",
        "contact_refusal",
        "contact_plan",
        "session",
        "record",
        "entry",
        "report",
        "allocation",
    ] {
        let is_there =
            then.as_object().is_some_and(|said| said.keys().any(|key| key.starts_with(&format!("{table} "))));
        assert!(is_there, "nothing of {table} is kept");
    }
    if let Some(name) = std::env::var_os("KITH_KEEP") {
        let into = kept().join(name);
        copy_dir(dir.path(), &into.join("data"));
        std::fs::write(into.join("service.json"), serde_json::to_vec_pretty(&whose).unwrap()).unwrap();
        std::fs::write(into.join("said.json"), serde_json::to_vec_pretty(&then).unwrap()).unwrap();
    }
    read(dir.path(), &whose, &then).await;
}

#[tokio::test]
async fn what_was_ever_kept_is_still_read() {
    let mut count = 0;
    for entry in std::fs::read_dir(kept()).unwrap() {
        let from = entry.unwrap().path();
        let json = |name: &str| serde_json::from_slice(&std::fs::read(from.join(name)).unwrap()).unwrap();
        let whose: Whose = serde_json::from_value(json("service.json")).unwrap();
        let dir = tempfile::tempdir().unwrap();
        copy_dir(&from.join("data"), dir.path());
        read(dir.path(), &whose, &json("said.json")).await;
        count += 1;
    }
    assert!(count > 0, "the first is kept");
}
