//! Who saw what, as the auditor finds it.

use jiff::civil::date;
use kith_domain::access::{Purpose, Role};
use kith_domain::calendar;
use kith_domain::form::Fields;
use uuid::Uuid;

use super::{LogQuery, PAGE_ENTRIES};
use crate::testing::{Colleague, TestService};
use crate::{Desk, ServiceError};

async fn auditor(test: &TestService) -> Desk {
    let auditor = test.colleague(Role::Auditor, "", "auditor.one").await.expect("an auditor");
    test.desk(&auditor, Purpose::Accountability)
}

fn about(record: impl Into<String>) -> LogQuery {
    LogQuery { record: Some(record.into()), ..LogQuery::default() }
}

#[tokio::test]
async fn who_looked_at_one_file_and_who_was_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let test = TestService::open(dir.path()).await.expect("the service opens");
    let ground = test.ground("").await.expect("the ground is laid");
    let auditor = auditor(&test).await;
    let stranger = test.colleague(Role::SocialWorker, "south", "stranger").await.expect("a stranger");
    let look = async |who: &Colleague| test.desk(who, Purpose::ServiceDelivery).file(ground.child).await;
    look(&ground.worker).await.expect("their own child");
    assert!(matches!(look(&stranger).await, Err(ServiceError::NotFound)));

    let page = auditor.access_log(&about(ground.child.to_string())).await.expect("read");
    let lines: Vec<(String, &str, bool)> =
        page.entries.iter().map(|l| (l.who.clone(), l.entry.action.as_str(), l.entry.refused)).collect();
    let name = |who: &Colleague| test.service.name_of(who.id);
    assert_eq!(lines[0], (name(&stranger), "file.read", true));
    assert_eq!(lines[1], (name(&ground.worker), "file.read", false));
    assert_eq!(page.entries[1].entry.purpose, Some(Purpose::ServiceDelivery));

    // By the reference that people read aloud it is the same file, and the auditor's own look is there now.
    let page = auditor.access_log(&about(ground.child.reference().to_lowercase())).await.expect("read");
    assert_eq!((page.entries[0].entry.action.as_str(), page.entries[0].entry.refused), ("ledger.read", false));
    assert_eq!(page.entries[1].entry.action, "file.read");

    let by = LogQuery { who: Some(stranger.id), ..LogQuery::default() };
    let page = auditor.access_log(&by).await.expect("read");
    assert!(page.entries.iter().all(|line| line.entry.actor == Some(stranger.id)) && page.entries.len() == 1);
}

#[tokio::test]
async fn pages_go_back_day_by_day_without_a_gap() {
    let dir = tempfile::tempdir().expect("a directory");
    let test = TestService::open(dir.path()).await.expect("the service opens");
    let ground = test.ground("").await.expect("the ground is laid");
    let worker = test.desk(&ground.worker, Purpose::ServiceDelivery);
    test.clock.move_to(calendar::instant_ms(date(2026, 11, 25), 23 * 60 + 50));
    for _ in 0..=PAGE_ENTRIES {
        worker.file(ground.child).await.expect("their own child");
    }
    test.clock.move_to(calendar::instant_ms(date(2026, 11, 26), 10));
    worker.file(ground.child).await.expect("their own child");
    let auditor = auditor(&test).await;
    let day = LogQuery { day: Some(date(2026, 11, 25)), ..LogQuery::default() };
    let first = auditor.access_log(&day).await.expect("read");
    assert_eq!(first.entries.len(), PAGE_ENTRIES);
    let next = auditor.access_log(&LogQuery { before: first.older, ..day }).await.expect("read");
    assert_eq!((next.entries.len(), next.older), (1, None));

    // What waits for the tree is said, and nothing waits once it is sequenced.
    assert!(next.state.waiting > 0);
    test.service.sequence().await.expect("sequenced");
    let state = auditor.access_log(&LogQuery::default()).await.expect("read").state;
    assert!(state.size > PAGE_ENTRIES as u64 && state.waiting <= 1, "only this look itself");
}

#[tokio::test]
async fn the_log_and_the_register_are_for_those_who_answer_for_them() {
    let dir = tempfile::tempdir().expect("a directory");
    let test = TestService::open(dir.path()).await.expect("the service opens");
    for role in Role::STAFF {
        let somebody = test.colleague(role, "north", role.code()).await.expect("somebody");
        let desk = test.desk(&somebody, Purpose::Accountability);
        let may = matches!(role, Role::Auditor | Role::DataProtection);
        assert_eq!(desk.access_log(&LogQuery::default()).await.is_ok(), may, "{role:?}");
        let may_register = may || matches!(role, Role::Administrator | Role::Manager);
        assert_eq!(desk.register().await.is_ok(), may_register, "{role:?}");
    }
}

#[test]
fn what_is_asked_for_is_read_or_named() {
    let read = |pairs: &[(&str, &str)]| LogQuery::read(&pairs.iter().copied().collect::<Fields>());
    assert_eq!(read(&[]), Ok(LogQuery::default()));
    let id = Uuid::from_u128(5).to_string();
    assert_eq!(read(&[("record", &id)]).map(|query| query.record), Ok(Some(id)));
    assert!(read(&[("record", "7F3A-90BC")]).is_ok());
    for wrong in [("record", "Maja"), ("who", "x"), ("day", "2026-02-30"), ("before", "-1")] {
        let problems = read(&[wrong]).err().unwrap_or_default();
        assert_eq!(problems.first().map(|problem| problem.field.as_str()), Some(wrong.0));
    }
}

#[tokio::test]
async fn a_reference_that_is_nobody_s_is_said() {
    let dir = tempfile::tempdir().expect("a directory");
    let test = TestService::open(dir.path()).await.expect("the service opens");
    let wrong = auditor(&test).await.access_log(&about("0000-0000")).await;
    assert!(matches!(wrong, Err(ServiceError::Invalid(problems)) if problems[0].field == "record"));
}

#[tokio::test]
async fn every_search_is_an_entry_and_is_found_by_who_types_the_same_words() {
    // "21 fishing searches made one entry … so that the DPO can ask who searched for a person."
    let dir = tempfile::tempdir().expect("a directory");
    let test = TestService::open(dir.path()).await.expect("the service opens");
    let ground = test.ground("").await.expect("the ground is laid");
    let desk = test.desk(&ground.coordinator, Purpose::ServiceDelivery);
    for n in 0..20 {
        assert!(desk.search(&format!("Nobody{n} Fishwick"), 1).await.expect("searched").rows.is_empty());
    }
    assert_eq!(desk.search("adeyemi, AMARA", 1).await.expect("searched").rows.len(), 1);
    let officer = test.colleague(Role::DataProtection, "", "dpo").await.expect("an officer");
    let officer = test.desk(&officer, Purpose::Accountability);
    let of = async |name: &str| officer.searches_for(name).await.expect("asked").searched;
    let fishing = of("Fishwick").await;
    assert_eq!(fishing.len(), 20, "each of them, though nothing was found");
    assert!(fishing.iter().all(|one| one.shown == 0 && !one.whole && one.entry.action == "search"));
    let found = of("Amara Adeyemi").await;
    assert_eq!((found.len(), found[0].whole, found[0].shown), (1, true, 1), "in any order of the words");
    assert_eq!(found[0].entry.actor, Some(ground.coordinator.id));
    assert_eq!(of("Amara Brown").await.len(), 2, "one word of them; and that the officer asked is there too");
    desk.search("Ama", 1).await.expect("searched");
    assert!(
        of("Amara").await.iter().any(|one| one.entry.actor == Some(ground.coordinator.id) && !one.whole),
        "a beginning"
    );
    let log = officer.access_log(&LogQuery::default()).await.expect("read");
    for line in &log.entries {
        let said = format!("{:?}", line.entry);
        assert!(!said.contains("Fishwick") && !said.contains("Amara"), "the log holds no word of it: {said}");
    }
    let worker = test.desk(&ground.worker, Purpose::ServiceDelivery);
    assert!(matches!(worker.searches_for("Amara").await, Err(ServiceError::Forbidden)));
    assert!(matches!(officer.searches_for(" - ").await, Err(ServiceError::Invalid(_))));
}

#[tokio::test]
async fn a_search_takes_the_same_statements_whether_or_not_somebody_is_known_elsewhere() {
    // "The time of a search told who is known elsewhere": what is known elsewhere is neither read nor counted.
    let dir = tempfile::tempdir().expect("a directory");
    let test = TestService::open(dir.path()).await.expect("the service opens");
    let ground = test.ground("").await.expect("the ground is laid");
    let south = test.colleague(Role::Coordinator, "south", "south").await.expect("a colleague");
    let desk = test.desk(&south, Purpose::ServiceDelivery);
    let cost = async |name: &str| {
        desk.search(name, 1).await.expect("searched");
        let before = test.service.counts();
        assert!(desk.search(name, 1).await.expect("searched").rows.is_empty());
        let after = test.service.counts();
        (after.statements - before.statements, after.envelopes - before.envelopes)
    };
    assert_eq!(cost("Amara Adeyemi").await, cost("Nobody Fishwick").await);
    // The same of the comparison with whom is held: everything that was found is of this person's own files.
    let look = desk.look();
    let question = kith_linkage::Question::new(
        &kith_linkage::Person { given_name: "Amara Adeyemi".to_owned(), ..kith_linkage::Person::default() },
        30_000,
    );
    assert!(look.in_question(&question).await.expect("asked").is_empty());
    let own = test.desk(&ground.coordinator, Purpose::ServiceDelivery).look();
    assert!(!own.in_question(&question).await.expect("asked").is_empty());
    let everywhere = test.service.own_desk(Purpose::ServiceDelivery).look();
    assert!(!everywhere.in_question(&question).await.expect("asked").is_empty());
}
