//! The record from the start of the session to its acceptance.

mod course;
mod sign;

use jiff::civil::{Date, date};
use kith_domain::access::Purpose;
use kith_domain::calendar;
use kith_domain::form::Problem;
use kith_domain::ids::{EntryId, SessionId};
use kith_domain::record::sheet::Typed;
use kith_domain::record::{
    AgeBand, Came, Concern, ConcernKind, Content, Ended, EntryBody, EntryKind, Heading, RecordPurpose, RecordState,
    Sheet, Who, Written, sheet,
};
use kith_domain::session::{SessionState, What};
use kith_store::Entry;
use uuid::Uuid;

use super::{RecordView, SavedEntry};
use crate::ServiceError;
use crate::testing::{Colleague, Ground, PASSWORD, TestService, observed, signature};

const THURSDAY: Date = date(2026, 11, 26);

async fn opened() -> (tempfile::TempDir, TestService, Ground) {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let ground = test.ground("").await.unwrap();
    (dir, test, ground)
}

fn new_entry() -> EntryId {
    EntryId(Uuid::now_v7())
}

/// A text of an entry, written on the version that was seen.
fn text(entry: EntryId, version: i64, words: &str) -> Typed {
    Typed { entry, version, ..observed(words) }
}

/// The child and her mother came.
fn both_came() -> [(usize, Came); 2] {
    [(0, Came::at(598)), (1, Came::at(600))]
}

fn refused<T>(result: Result<T, ServiceError>) -> String {
    match result {
        Ok(_) => String::new(),
        Err(ServiceError::Refused(refusal)) => refusal.to_string(),
        Err(ServiceError::Invalid(problems)) => problems.into_iter().map(|problem| problem.field).collect(),
        Err(ServiceError::NotFound) => "not found".into(),
        Err(ServiceError::Forbidden) => "forbidden".into(),
        Err(other) => panic!("{other}"),
    }
}

/// The fields of what is wrong.
fn fields(problems: &[Problem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.field.as_str()).collect()
}

/// The fields that a result points at; none when nothing is wrong.
fn points(result: Result<(), ServiceError>) -> Vec<String> {
    match result {
        Ok(()) => Vec::new(),
        Err(ServiceError::Invalid(problems)) => problems.into_iter().map(|problem| problem.field).collect(),
        Err(other) => panic!("{other}"),
    }
}

async fn entries_of(test: &TestService, id: SessionId) -> (Vec<Entry>, usize) {
    let desk = test.service.own_desk(Purpose::ServiceDelivery);
    let look = desk.look();
    let entries = look.entries_of(id).await.unwrap();
    look.done("test.read", desk.now_ms()).await.unwrap();
    entries
}

/// The first family member of a session.
async fn record_line(work: &kith_store::Work, id: SessionId) -> Result<Who, ServiceError> {
    Ok(Who::Person(work.people_in(id).await?[0]))
}

async fn told(test: &TestService, whom: &Colleague, kind: &str) -> usize {
    let notices = test.desk(whom, Purpose::ServiceDelivery).notices().await.unwrap();
    notices.into_iter().filter(|notice| notice.kind.code() == kind).count()
}

#[tokio::test]
async fn a_session_starts_on_its_day_and_its_record_begins_once() {
    let (_dir, test, ground) = opened().await;
    let desk = test.at_work(&ground.supervisor);
    let planned = test.booked(&ground).await.unwrap();
    test.clock_to(THURSDAY, 540);
    assert!(refused(desk.start_session(planned, None).await).contains("not been confirmed"));
    let (_dir, test, ground) = opened().await;
    let desk = test.at_work(&ground.supervisor);
    let id = test.confirmed(&ground).await.unwrap();
    assert!(refused(desk.start_session(id, None).await).contains("Thursday 26 November 2026"));
    assert_eq!(refused(test.at_work(&ground.coordinator).start_session(id, None).await), "not found");
    test.clock_to(THURSDAY, 539);
    assert!(refused(desk.start_session(id, None).await).contains("from 09:00"));
    test.clock_to(THURSDAY, 540);
    desk.start_session(id, None).await.unwrap();
    desk.start_session(id, None).await.unwrap();
    let view = desk.record(id).await.unwrap();
    let body = &view.record.body;
    assert_eq!((body.bands[&ground.child], body.purpose), (AgeBand::Child, RecordPurpose::Proceedings));
    assert_eq!(
        view.attendance.iter().map(|line| line.name.as_str()).collect::<Vec<_>>(),
        ["Amara Adeyemi", "Ruth Adeyemi"]
    );
    assert_eq!(view.record.due_ms, calendar::instant_ms(date(2026, 11, 27), 690));
    // The reminder: told to the author and the manager when it is due.
    test.clock_to(date(2026, 11, 27), 691);
    test.service.do_waiting_work().await.unwrap();
    assert_eq!(told(&test, &ground.supervisor, "record.sign_by").await, 1);
}

#[tokio::test]
async fn an_entry_sent_twice_is_one_entry() {
    let (_dir, test, ground) = opened().await;
    let id = test.started(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    let entry = new_entry();
    let first = desk.write_entry(id, text(entry, 0, "Amara ran")).await.unwrap();
    test.clock_to(THURSDAY, 605);
    assert_eq!(desk.write_entry(id, text(entry, 0, "Amara ran")).await.unwrap(), first);
    let second = desk.write_entry(id, text(entry, 1, "Amara ran to her mother")).await.unwrap();
    assert_eq!((second.version, second.clock().as_str()), (2, "10:05"));
    test.clock_to(THURSDAY, 606);
    // The answer was lost: sent again on the version it was written on.
    assert_eq!(desk.write_entry(id, text(entry, 1, "Amara ran to her mother")).await.unwrap(), second);
    let view = desk.record(id).await.unwrap();
    let kept: Vec<_> = view.entries().collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].earlier[0].received_ms, calendar::instant_ms(THURSDAY, 602));
    assert_eq!(kept[0].text.received_ms, calendar::instant_ms(THURSDAY, 605));
}

#[tokio::test]
async fn another_device_s_words_are_given_back_and_not_overwritten() {
    let (_dir, test, ground) = opened().await;
    let id = test.started(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    let entry = new_entry();
    desk.write_entry(id, text(entry, 0, "On the tablet")).await.unwrap();
    desk.write_entry(id, text(entry, 1, "On the computer")).await.unwrap();
    match desk.write_entry(id, text(entry, 1, "On the tablet again")).await {
        Err(ServiceError::Conflict { theirs, version }) => {
            assert_eq!((theirs.get("text"), theirs.get("about"), version), ("On the computer", "10:02", 2));
            assert_eq!(*theirs, observed("On the computer").observation.fields());
        }
        other => panic!("{:?}", other.err()),
    }
    let merged = desk.write_entry(id, text(entry, 2, "Both")).await.unwrap();
    assert_eq!(merged.version, 3);
}

#[tokio::test]
async fn what_was_typed_wrong_is_named_and_another_s_record_is_not_written() {
    let (_dir, test, ground) = opened().await;
    let id = test.started(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    assert_eq!(refused(desk.write_entry(id, crate::testing::typed("arrival", 700, "Amara ran")).await), "about");
    for who in [&ground.second, &ground.coordinator, &ground.manager, &ground.worker] {
        let written = test.at_work(who).write_entry(id, text(new_entry(), 0, "x")).await;
        assert_eq!(refused(written), "not found", "{:?}", who.actor.role);
    }
    // An entry of one record cannot be written into another.
    let other = test.ground("2").await.unwrap();
    let entry = new_entry();
    desk.write_entry(id, text(entry, 0, "Amara ran")).await.unwrap();
    let booking = crate::session::Booking {
        slot: kith_domain::session::Slot { day: THURSDAY, start_minute: 630, end_minute: 690 },
        ..other.thursday()
    };
    let theirs = SessionId(Uuid::now_v7());
    let coordinator = test.at_work(&other.coordinator);
    coordinator.book_session(theirs, other.plan, other.line, booking).await.unwrap();
    coordinator.confirm_session(theirs).await.unwrap();
    let supervisor = test.at_work(&other.supervisor);
    supervisor.start_session(theirs, None).await.unwrap();
    assert_eq!(refused(supervisor.write_entry(theirs, text(entry, 1, "taken over")).await), "not found");
}

#[tokio::test]
async fn when_a_text_was_written_is_computed() {
    // Handbook section 9: "During or after is computed, never typed."
    let (_dir, test, ground) = opened().await;
    let id = test.ended(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    test.clock_to(THURSDAY, 700);
    desk.write_entry(id, crate::testing::typed("ending", 690, "She waved from the car.")).await.unwrap();
    let view = desk.record(id).await.unwrap();
    let written: Vec<_> = view.entries().map(|entry| (entry.text.observation.heading, entry.text.written)).collect();
    assert_eq!(written, [(Heading::Arrival, Written::During), (Heading::Ending, Written::ImmediatelyAfter)]);
    assert_eq!(view.written_words(), "1 during the session, 1 immediately after the session");
}

#[tokio::test]
async fn an_unsigned_record_is_its_supervisor_s_alone() {
    let (_dir, test, ground) = opened().await;
    let id = test.ended(&ground).await.unwrap();
    let others = [&ground.manager, &ground.coordinator, &ground.worker];
    for who in others {
        assert_eq!(refused(test.at_work(who).record(id).await), "not found", "{:?}", who.actor.role);
        assert_eq!(refused(test.at_work(who).record_paper(id).await), "not found", "{:?}", who.actor.role);
    }
    assert!(
        test.at_work(&ground.manager).records_listed(RecordState::Signed, false, 1).await.unwrap().0.rows.is_empty()
    );
    test.at_work(&ground.supervisor).sign_record(id, &signature()).await.unwrap();
    for who in others {
        assert!(test.at_work(who).record(id).await.is_ok(), "{:?}", who.actor.role);
    }
    assert_eq!(told(&test, &ground.worker, "record.signed").await, 1);
}

#[tokio::test]
async fn words_replaced_in_the_evening_are_two_texts_both_readable() {
    // Handbook section 19: first words 10:02, all of them replaced at 18:40.
    let (_dir, test, ground) = opened().await;
    let id = test.ended(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    let entry = desk.record(id).await.unwrap().entries().map(|entry| entry.id).next().unwrap();
    test.clock_to(THURSDAY, 1120);
    desk.write_entry(id, text(entry, 1, "Amara walked to her mother.")).await.unwrap();
    let view = desk.record(id).await.unwrap();
    let kept = view.entry(entry).unwrap();
    assert_eq!(
        (kept.text.observation.text.as_str(), kept.text.written),
        ("Amara walked to her mother.", Written::Later { minutes: 430 })
    );
    assert_eq!(kept.earlier.len(), 1);
    assert_eq!(
        (kept.earlier[0].observation.text.as_str(), kept.earlier[0].written),
        ("Amara ran to her mother.", Written::During)
    );
    let paper = super::record_paper_of(&view, test.service.register());
    assert_eq!(paper.headings[0].entries[0].earlier[0].written, "10:02, during the session");
    desk.sign_record(id, &signature()).await.unwrap();
    assert!(desk.record(id).await.unwrap().signatures[0].intact);
}

#[tokio::test]
async fn words_that_come_back_with_another_id_are_the_same_words() {
    // Back after "Saved": the browser puts the words into a new form.
    let (_dir, test, ground) = opened().await;
    let id = test.started(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    let (first, again) = (new_entry(), new_entry());
    let saved = desk.write_entry(id, text(first, 0, "Amara ran")).await.unwrap();
    assert_eq!(desk.write_entry(id, text(again, 0, "Amara ran")).await.unwrap(), saved);
    assert_eq!(desk.record(id).await.unwrap().entries().count(), 1);
    // Struck out they stay readable, and can be written anew.
    for _ in 0..2 {
        desk.strike_out(id, new_entry(), first, "Written in the wrong record").await.unwrap();
    }
    assert_eq!(points(desk.strike_out(id, new_entry(), first, " ").await), [""; 0], "it is struck out already");
    assert_eq!(
        refused(desk.write_entry(id, text(first, 1, "Otherwise")).await),
        "This entry was struck out. Write a new one: what you typed is below"
    );
    desk.write_entry(id, text(again, 0, "Amara ran")).await.unwrap();
    let view = desk.record(id).await.unwrap();
    assert_eq!(view.entries().count(), 2);
    let struck = view.entry(first).and_then(|entry| entry.struck.clone()).unwrap();
    assert_eq!((struck.1.as_str(), struck.2.as_str()), ("SAMI Contact supervisor", "Written in the wrong record"));
}
