//! Referrals: what ends them and for how long they are kept, and what the register lets be stored.

use jiff::civil::{Date, date};
use kith_domain::access::{Purpose, Role};
use kith_domain::calendar;
use kith_domain::catalogue::Topic;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::{PersonId, ReferralId};
use kith_domain::referral::{Ending, ReferralState, Section};
use kith_domain::retention::RecordCategory;
use kith_domain::verification::{CallFacts, Item, Outcome};
use uuid::Uuid;

mod copied;
mod group;
mod list;
mod matching;

use super::ReferralView;
use crate::ServiceError;
use crate::testing::{Colleague, REGISTER, TestService};

/// A referral begun, with this section saved.
async fn begun(test: &TestService, from: &Colleague, section: Section, typed: &Fields) -> ReferralId {
    let desk = test.desk(from, Purpose::ServiceDelivery);
    let id = desk.begin_referral(ReferralId(Uuid::now_v7()), None).await.expect("begun");
    let version = desk.referral(id).await.expect("read").referral.version;
    desk.save_section(id, section, typed, version).await.expect("saved");
    id
}

fn read_ending(looked_after: &str) -> Result<Ending, Vec<Problem>> {
    let typed: Fields = [("reason", "The family has moved away"), ("looked_after", looked_after)].into_iter().collect();
    Ending::read(&typed, "Why")
}

fn ending(looked_after: &str) -> Ending {
    read_ending(looked_after).unwrap_or_else(|_| panic!("an ending"))
}

fn born() -> Fields {
    [("given_name", "Robin"), ("birth_kind", "on"), ("dob", "2020-05-17")].into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_or_withdrawn_referral_has_a_category_and_a_date() {
    // Handbook section 19, "Retention of what was never accepted".
    let dir = tempfile::tempdir().expect("a directory");
    let test = TestService::open(dir.path()).await.expect("a service");
    let worker = test.colleague(Role::SocialWorker, "north", "sw").await.expect("a colleague");
    let coordinator = test.colleague(Role::Coordinator, "north", "co").await.expect("a colleague");
    let desk = test.desk(&worker, Purpose::ServiceDelivery);
    for (said, category, until) in [
        ("no", RecordCategory::NotAccepted, date(2029, 11, 24)),
        ("yes", RecordCategory::CaseFile, date(2095, 5, 17)),
        ("not_known", RecordCategory::CaseFile, date(2095, 5, 17)),
        ("", RecordCategory::CaseFile, date(2095, 5, 17)),
    ] {
        let id = begun(&test, &worker, Section::Child, &born()).await;
        desk.withdraw_referral(id, &ending(said)).await.expect("withdrawn");
        let view = desk.referral(id).await.expect("read");
        assert_eq!(
            (view.referral.state, kept_of(&view)),
            (ReferralState::Withdrawn, [(category, until)].to_vec()),
            "{said}"
        );
        let look = desk.look();
        let child = look.child(view.referral.child).await.expect("the file");
        look.done("file.read", test.service.now_ms()).await.expect("entered");
        assert_eq!(child.retention_month(), calendar_month(until), "{said}");
    }
    let id = test.sent_referral(&worker, [(); 3].map(|()| PersonId(Uuid::now_v7()))).await.expect("sent");
    let decides = test.desk(&coordinator, Purpose::ServiceDelivery);
    assert!(read_ending("perhaps").is_err_and(|problems| problems[0].field == "looked_after"));
    decides.decline_referral(id, &ending("yes")).await.expect("declined");
    assert_eq!(kept_of(&decides.referral(id).await.expect("read"))[0].0, RecordCategory::CaseFile);
}

/// Category and date of each child of a referral.
fn kept_of(view: &ReferralView) -> Vec<(RecordCategory, Date)> {
    view.kept.iter().map(|(_, category, until)| (*category, *until)).collect()
}

fn calendar_month(day: Date) -> String {
    day.strftime("%Y-%m").to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_birth_that_is_expected_counts_as_the_latest_it_can_be_until_it_is_recorded() {
    // Handbook section 19: four weeks after the expected day until the birth is recorded.
    let dir = tempfile::tempdir().expect("a directory");
    let test = TestService::open(dir.path()).await.expect("a service");
    let worker = test.colleague(Role::SocialWorker, "north", "sw").await.expect("a colleague");
    let desk = test.desk(&worker, Purpose::ServiceDelivery);
    let coordinator = test.colleague(Role::Coordinator, "north", "co").await.expect("a colleague");
    let id = test.sent_referral(&worker, [(); 3].map(|()| PersonId(Uuid::now_v7()))).await.expect("sent");
    let asked = Ending { reason: "When is the birth expected?".to_owned(), looked_after: None };
    test.desk(&coordinator, Purpose::ServiceDelivery).return_referral(id, &asked).await.expect("returned");
    for (kind, day, until) in [("expected", "2026-11-30", date(2101, 12, 28)), ("on", "2026-11-23", date(2101, 11, 23))]
    {
        let view = desk.referral(id).await.expect("read");
        let mut child = view.referral.body.child.clone().only(|name| !name.starts_with("dob"));
        child.set("birth_kind", kind);
        child.set("dob", day);
        desk.save_section(id, Section::Child, &child, view.referral.version).await.expect("saved");
        assert_eq!(kept_of(&desk.referral(id).await.expect("read")).first().map(|(_, until)| *until), Some(until));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_submitted_is_what_is_accepted() {
    // An expected birth 27 days ago on the day it is sent, 29 days ago when it is accepted.
    let dir = tempfile::tempdir().expect("a directory");
    let test = TestService::open(dir.path()).await.expect("a service");
    let worker = test.colleague(Role::SocialWorker, "north", "sw").await.expect("a colleague");
    let coordinator = test.colleague(Role::Coordinator, "north", "co").await.expect("a colleague");
    let id = test.sent_referral(&worker, [(); 3].map(|()| PersonId(Uuid::now_v7()))).await.expect("sent");
    let decides = test.desk(&coordinator, Purpose::ServiceDelivery);
    let asked = Ending { reason: "When is the birth expected?".to_owned(), looked_after: None };
    decides.return_referral(id, &asked).await.expect("returned");
    let writes = test.desk(&worker, Purpose::ServiceDelivery);
    let view = writes.referral(id).await.expect("read");
    let mut child = view.referral.body.child.clone();
    child = child.only(|name| !name.starts_with("dob"));
    child.set("birth_kind", "expected");
    child.set("dob", "2026-10-28");
    let saved = writes.save_section(id, Section::Child, &child, view.referral.version).await.expect("saved");
    assert!(saved.problems.is_empty());
    writes.submit_referral(id).await.expect("sent again");

    test.clock.move_to(calendar::instant_ms(date(2026, 11, 26), 10 * 60));
    decides.begin_verification(id).await.expect("taken up");
    decides.record_call(id, &CallFacts { minutes: 9, reached: true, ..CallFacts::default() }).await.expect("kept");
    // Something else in the same section is corrected: the birth does not stand against it.
    child.set("medication", "Inhaler, two puffs before running");
    let health = Item::of_all(Topic::Health);
    decides.correct_item(id, health, &child, None).await.expect("corrected");
    for item in Item::of(&decides.referral(id).await.expect("read").referral.body) {
        if item != health {
            decides.answer_item(id, item, Outcome::Confirmed, None).await.expect("answered");
        }
    }
    decides.accept_referral(id).await.expect("accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_the_register_does_not_name_is_refused_with_its_name() {
    let dir = tempfile::tempdir().expect("a directory");
    let register = REGISTER.replacen("\"child.religion\", ", "", 1);
    let test = TestService::open_with(dir.path(), &register).await.expect("a service");
    let worker = test.colleague(Role::SocialWorker, "north", "sw").await.expect("a colleague");
    let desk = test.desk(&worker, Purpose::ServiceDelivery);
    let id = begun(&test, &worker, Section::Child, &born()).await;
    let version = desk.referral(id).await.expect("read").referral.version;
    let mut typed = born();
    typed.set("religion", "Quaker");
    let Err(ServiceError::Refused(refusal)) = desk.save_section(id, Section::Child, &typed, version).await else {
        panic!("not refused")
    };
    assert_eq!(refusal.code, "item.not_registered");
    assert!(refusal.to_string().contains("“Religion or belief” is not in this authority’s register"), "{refusal}");
    assert!(desk.referral(id).await.expect("read").referral.body.child == born(), "what was there stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_read_by_nobody_but_its_writer_until_it_is_sent() {
    // "Unsent drafts readable by others"; need to know comes from allocation, not from rank (handbook section 2).
    let dir = tempfile::tempdir().expect("a directory");
    let test = TestService::open(dir.path()).await.expect("a service");
    let worker = test.colleague(Role::SocialWorker, "north", "sw").await.expect("a colleague");
    let id = begun(&test, &worker, Section::Child, &born()).await;
    let child = test.at_work(&worker).referral(id).await.expect("the writer’s").referral.child;
    let mut others = Vec::new();
    for (role, login) in [(Role::Coordinator, "co"), (Role::Manager, "ma"), (Role::SocialWorker, "other")] {
        others.push(test.colleague(role, "north", login).await.expect("a colleague"));
    }
    for other in &others {
        let seen = test.at_work(other).referral(id).await;
        assert!(matches!(seen, Err(ServiceError::NotFound)), "{:?}", other.actor.role);
        if let Ok(file) = test.at_work(other).file(child).await {
            assert!(file.referrals.is_empty(), "nor in the file");
        }
    }
    test.at_work(&worker).withdraw_referral(id, &ending("no")).await.expect("withdrawn");
    assert!(test.at_work(&others[0]).referral(id).await.is_err(), "nor what was never sent");
    let sent = test.sent_referral(&worker, [(); 3].map(|()| PersonId(Uuid::now_v7()))).await.expect("sent");
    assert!(test.at_work(&others[0]).referral(sent).await.is_ok(), "and what was sent is");
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_are_bounded_in_length_and_number_and_what_is_kept_stays() {
    // "Unlimited drafts of 9.5 MB"; ASVS 5.0, 2.4.1.
    let dir = tempfile::tempdir().expect("a directory");
    let test = TestService::open(dir.path()).await.expect("a service");
    let worker = test.colleague(Role::SocialWorker, "north", "sw").await.expect("a colleague");
    let desk = test.at_work(&worker);
    let id = begun(&test, &worker, Section::Child, &born()).await;
    let save = async |typed: &Fields| {
        let version = desk.referral(id).await.expect("read").referral.version;
        desk.save_section(id, Section::Child, typed, version).await
    };
    let code = |result: Result<_, ServiceError>| match result {
        Err(ServiceError::Refused(refusal)) => refusal.code,
        _ => "",
    };
    let mut long = born();
    long.set("school", "x".repeat(100_001));
    assert_eq!(code(save(&long).await.map(|_| ())), "draft.too_long", "one answer");
    let mut many = born();
    for n in 0..20 {
        many.set(format!("extra-{n}"), "y".repeat(40_000));
    }
    assert_eq!(code(save(&many).await.map(|_| ())), "draft.too_long", "one page");
    let kept = desk.referral(id).await.expect("read").referral.body.child;
    assert_eq!(kept.get("given_name"), "Robin", "what was kept is as it was");
    let mut refused = "";
    for _ in 0..crate::drafts::DRAFTS_MAX {
        refused = code(desk.begin_referral(ReferralId(Uuid::now_v7()), None).await.map(|_| ()));
    }
    assert_eq!(refused, "draft.too_many");
    desk.withdraw_referral(id, &ending("no")).await.expect("withdrawn");
    assert!(desk.begin_referral(ReferralId(Uuid::now_v7()), None).await.is_ok(), "one that is taken back makes room");
}
