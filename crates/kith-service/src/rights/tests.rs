//! Requests over the service: from a form to the desk, steps, letters, and what nobody but the officer sees.

use kith_domain::access::{Purpose, Role};
use kith_domain::calendar;
use kith_domain::form::Fields;
use kith_domain::ids::RequestId;
use kith_domain::notice::NoticeKind;
use kith_domain::rights::{RequestState, Right};
use uuid::Uuid;

use super::LetterKind;
use super::letter::parts;
use crate::testing::TestService;
use crate::{Desk, ServiceError};

fn typed(fields: &[(&str, &str)]) -> Fields {
    fields.iter().copied().collect()
}

const LETTER: &[(&str, &str)] = &[
    ("right", "erasure"),
    ("asker", "self"),
    ("channel", "letter"),
    ("received-day", "20"),
    ("received-month", "11"),
    ("received-year", "2026"),
    ("name", "Ann Marsh"),
    ("address", "4 Mill Lane\nNenebridge"),
    ("what", "Delete everything about me"),
];

async fn officer(test: &TestService, name: &str) -> Desk {
    let colleague = test.colleague(Role::DataProtection, "", name).await.unwrap();
    test.desk(&colleague, Purpose::Accountability)
}

async fn step(desk: &Desk, id: RequestId, fields: &[(&str, &str)]) -> Result<RequestState, ServiceError> {
    desk.take_request_step(id, &typed(fields)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_on_the_staff_writes_a_request_down_and_the_officer_alone_reads_it() {
    // Handbook section 14: "by form, letter, email or phone".
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let officer = officer(&test, "officer").await;
    let supervisor = test.colleague(Role::Supervisor, "north", "supervisor").await.unwrap();
    let supervisor = test.desk(&supervisor, Purpose::Accountability);
    let id = RequestId(Uuid::now_v7());
    let received = supervisor.enter_request(id, &typed(LETTER)).await.unwrap();
    assert_eq!(received.reference, id.reference());
    // Sent twice it is one; changed after it was sent it is not taken for the first.
    supervisor.enter_request(id, &typed(LETTER)).await.unwrap();
    let mut other = typed(LETTER);
    other.set("what", "Delete everything about my son");
    let refused = supervisor.enter_request(id, &other).await.unwrap_err();
    assert!(matches!(refused, ServiceError::Refused(ref refusal) if refusal.code == "form.sent"), "{refused:?}");
    assert!(matches!(supervisor.request(id).await, Err(ServiceError::Forbidden)));
    assert!(matches!(supervisor.requests(true, 1).await, Err(ServiceError::Forbidden)));
    let open = officer.requests(true, 1).await.unwrap();
    assert_eq!((open.total, open.rows[0].request.id), (1, id));
    assert_eq!(officer.requests_open().await.unwrap().0, 1);
    let told = officer.notices().await.unwrap();
    assert!(told.iter().any(|notice| notice.subject == id.0), "the officer is told");
}

#[tokio::test(flavor = "multi_thread")]
async fn erasure_is_refused_with_the_duty_the_reason_and_the_way_to_complain() {
    // UK GDPR Art 17(3)(b), 12(4); handbook section 14: "refused while the legal duty requires the record, with the reason in
    // plain words".
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let officer = officer(&test, "officer").await;
    let id = RequestId(Uuid::now_v7());
    officer.enter_request(id, &typed(LETTER)).await.unwrap();
    let without = step(&officer, id, &[("kind", "refused"), ("words", "so")]).await.unwrap_err();
    assert!(matches!(without, ServiceError::Invalid(_)), "a refusal has a ground: {without:?}");
    let refused = [("kind", "refused"), ("ground", "legal_duty"), ("words", "The record is your son’s story.")];
    assert_eq!(step(&officer, id, &refused).await.unwrap(), RequestState::Refused);
    let view = officer.request(id).await.unwrap();
    assert_eq!((view.letters.as_slice(), view.due.is_none()), ([LetterKind::Refusal].as_slice(), true));
    let letter = parts(&view.request.body, LetterKind::Refusal, None, test.service.register());
    let words: Vec<String> = letter.into_iter().flat_map(|part| part.paragraphs).collect();
    let words = words.join("\n");
    for needed in
        ["75th anniversary of the child’s birth", "your son’s story", "Information Commissioner", "03031 231 113"]
    {
        assert!(words.contains(needed), "{needed}: {words}");
    }
    assert!(officer.request_letter(id, LetterKind::Refusal).await.unwrap().starts_with(b"%PDF-"));
    assert!(matches!(officer.request_letter(id, LetterKind::Answer).await, Err(ServiceError::NotFound)));
    assert_eq!(officer.requests(true, 1).await.unwrap().total, 0);
    assert_eq!(officer.requests(false, 1).await.unwrap().total, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_is_not_held_is_told_so_and_nothing_of_others() {
    // "Someone who is not held gets that answer without learning whether others are."
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let officer = officer(&test, "officer").await;
    let (id, other) = (RequestId(Uuid::now_v7()), RequestId(Uuid::now_v7()));
    let mut access = typed(LETTER);
    access.set("right", Right::Access.code());
    for id in [id, other] {
        officer.enter_request(id, &access).await.unwrap();
    }
    assert_eq!(officer.request(id).await.unwrap().others.len(), 1, "twice by one person is seen");
    let joined = [("kind", "joined"), ("other", &other.to_string())];
    assert_eq!(step(&officer, id, &joined).await.unwrap(), RequestState::Joined);
    let not_held = [("kind", "not_held"), ("words", "By name, former names and date of birth")];
    assert_eq!(step(&officer, other, &not_held).await.unwrap(), RequestState::NotHeld);
    let view = officer.request(other).await.unwrap();
    let letter = parts(&view.request.body, LetterKind::NotHeld, None, test.service.register());
    let words: Vec<String> = letter.into_iter().flat_map(|part| part.paragraphs).collect();
    let words = words.join("\n");
    assert!(words.contains("hold nothing about you"), "{words}");
    assert!(!words.contains("By name, former names"), "where was looked stays inside: {words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_is_looked_for_from_their_request_and_confirmed_by_a_person() {
    // Handbook section 15: "everything about the person in every file"; section 2: the officer browses no cases without a request.
    let g = crate::testing::CaseInHand::open("r", Purpose::ServiceDelivery).await;
    let test = &g.test;
    let officer = officer(test, "officer").await;
    let id = RequestId(Uuid::now_v7());
    let mut access = typed(LETTER);
    access.set("right", Right::Access.code());
    access.set("name", "ann  MARSH");
    officer.enter_request(id, &access).await.unwrap();
    let view = officer.request_held(id).await.unwrap();
    let mother = view.maybe.iter().find(|one| one.subject.person == Some(g.case.mother)).expect("the mother is found");
    assert!(mother.name == "Ann Marsh" && !mother.why.is_empty() && view.files.is_empty());
    let held = mother.subject.code();
    let foreign = officer.say_who_is_held(id, &typed(&[("held", &Uuid::now_v7().to_string())])).await.unwrap_err();
    assert!(matches!(foreign, ServiceError::Invalid(_)), "only who is offered: {foreign:?}");
    officer.say_who_is_held(id, &typed(&[("held", &held)])).await.unwrap();
    let view = officer.request_held(id).await.unwrap();
    assert!(view.maybe[0].confirmed && view.files.len() == 1);
    assert!(view.files[0].family.iter().any(|(name, _, parental, _)| name == "Ann Marsh" && *parental));
    let not = step(&officer, id, &[("kind", "not_held"), ("words", "so")]).await.unwrap_err();
    assert!(matches!(not, ServiceError::Refused(ref refusal) if refusal.code == "request.held"), "{not:?}");
    let coordinator = test.service.desk(g.case.coordinator.actor.clone(), Purpose::Accountability);
    assert!(matches!(coordinator.request_held(id).await, Err(ServiceError::Forbidden)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_page_takes_so_many_from_one_address_and_then_says_to_wait() {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let officer = officer(&test, "officer").await;
    let asked = typed(&LETTER.iter().filter(|(name, _)| *name != "channel").copied().collect::<Vec<_>>());
    let from = std::net::IpAddr::from([203, 0, 113, 7]);
    let mut taken = 0;
    let wait = loop {
        match test.service.ask_by_page(RequestId(Uuid::now_v7()), &asked, from).await {
            Ok(_) => taken += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(wait, ServiceError::Wait { seconds } if seconds > 0), "{wait:?}");
    assert_eq!(taken, 10);
    let elsewhere = std::net::IpAddr::from([203, 0, 113, 8]);
    test.service.ask_by_page(RequestId(Uuid::now_v7()), &asked, elsewhere).await.unwrap();
    let open = officer.requests(true, 1).await.unwrap();
    assert_eq!(open.total, 11);
    assert!(open.rows.iter().all(|row| row.due.is_some()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_prepared_goes_out_by_a_second_person_and_both_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let (first, second) = (officer(&test, "first").await, officer(&test, "second").await);
    let id = RequestId(Uuid::now_v7());
    let mut access = typed(LETTER);
    access.set("right", Right::Access.code());
    first.enter_request(id, &access).await.unwrap();
    step(&first, id, &[("kind", "identity_settled"), ("words", "Passport seen")]).await.unwrap();
    let prepared = [("kind", "prepared"), ("words", "Here is what we hold.")];
    assert_eq!(step(&first, id, &prepared).await.unwrap(), RequestState::Ready);
    assert_eq!(step(&first, id, &prepared).await.unwrap(), RequestState::Ready, "sent twice it is there once");
    assert_eq!(first.request(id).await.unwrap().request.body.steps.len(), 2);
    let released = [("kind", "released"), ("words", "By post to 4 Mill Lane, Nenebridge")];
    let own = step(&first, id, &released).await.unwrap_err();
    assert!(matches!(own, ServiceError::Refused(ref refusal) if refusal.code == "request.second_person"), "{own:?}");
    assert_eq!(step(&second, id, &released).await.unwrap(), RequestState::Answered);
    assert!(second.request_letter(id, LetterKind::Answer).await.unwrap().starts_with(b"%PDF-"));
    assert_eq!(second.notices().await.unwrap().iter().filter(|notice| notice.subject == id.0).count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_reminded_of_a_week_before_its_last_day_unless_its_clock_stands() {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let officer = officer(&test, "officer").await;
    let (asked, waits) = (RequestId(Uuid::now_v7()), RequestId(Uuid::now_v7()));
    for (id, name) in [(asked, "Ann Marsh"), (waits, "Ben Marsh")] {
        let mut form = typed(LETTER);
        form.set("name", name);
        officer.enter_request(id, &form).await.unwrap();
    }
    step(&officer, waits, &[("kind", "identity_asked"), ("words", "A passport")]).await.unwrap();
    let due = officer.request(asked).await.unwrap().due.unwrap().day;
    let told = async || {
        while test.service.do_waiting_work().await.unwrap() > 0 {}
        let notices = officer.notices().await.unwrap();
        let of = notices.iter().filter(|notice| notice.kind == NoticeKind::RequestDueSoon);
        of.map(|notice| notice.subject).collect::<Vec<_>>()
    };
    let at = |days: i64| {
        let day = calendar::day_of(calendar::day_number(due) - days);
        test.clock.move_to(calendar::instant_ms(day, 600));
    };
    at(8);
    assert!(told().await.is_empty());
    at(7);
    assert_eq!(told().await, [asked.0]);
}
