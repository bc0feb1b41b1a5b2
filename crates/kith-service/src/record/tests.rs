//! The record from the start of the session to its acceptance.

use jiff::civil::{Date, date};
use kith_domain::access::Purpose;
use kith_domain::calendar;
use kith_domain::form::{Fields, Problem};
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
use crate::testing::{Colleague, Ground, PASSWORD, TestService, observed, signature};
use crate::{Clock, ServiceError};

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

fn form<const N: usize>(pairs: [(&str, &str); N]) -> Fields {
    pairs.into_iter().collect()
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
    assert_eq!((body.band, body.purpose), (AgeBand::Child, RecordPurpose::Proceedings));
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
    assert!(test.at_work(&ground.manager).records_awaiting_review().await.unwrap().is_empty());
    test.at_work(&ground.supervisor).sign_record(id, &signature()).await.unwrap();
    for who in others {
        assert!(test.at_work(who).record(id).await.is_ok(), "{:?}", who.actor.role);
    }
    assert_eq!(told(&test, &ground.worker, "record.signed").await, 1);
}

#[tokio::test]
async fn who_came_is_added_where_something_new_is_said() {
    let (_dir, test, ground) = opened().await;
    let id = test.started(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    let late = || [(0, Came::at(600)), (1, Came::at(612).because("The bus was late"))];
    let sheet = |came: &[(usize, Came)], view: &RecordView| view.saying(came, None, None);
    let view = desk.record(id).await.unwrap();
    let kept = desk.keep_course(id, Uuid::nil(), &sheet(&late(), &view)).await.unwrap();
    assert_eq!(fields(&kept.problems), ["arrived-1"], "it is 10:02");
    assert_eq!(desk.record(id).await.unwrap().attendance[0].presence.arrived_minute(), Some(600), "the rest is kept");
    test.clock_to(THURSDAY, 615);
    // The page of before, sent twice and from another tab: each word once.
    for page in [1, 1, 2] {
        let kept = desk.keep_course(id, Uuid::from_u128(page), &sheet(&late(), &view)).await.unwrap();
        assert_eq!(kept, super::CourseKept::default());
    }
    let (entries, _) = entries_of(&test, id).await;
    assert_eq!(entries.iter().filter(|entry| entry.kind() == EntryKind::Arrival).count(), 2);
    let now = desk.record(id).await.unwrap();
    assert_eq!(now.attendance[1].note(), "12 minutes late. The bus was late");
    // Another tab, opened before, says something else: both are shown, and nothing is undone.
    let other = sheet(&[(1, Came::absent("Nobody knows"))], &view);
    let kept = desk.keep_course(id, Uuid::nil(), &other).await.unwrap();
    assert_eq!(
        kept.conflicts.iter().map(super::CourseConflict::stands).collect::<Vec<_>>(),
        ["arrived 10:12, The bus was late"]
    );
    // What is corrected stays readable.
    let corrected = sheet(&[(1, Came::at(611).because("The bus was late"))], &now);
    desk.keep_course(id, Uuid::nil(), &corrected).await.unwrap();
    let view = desk.record(id).await.unwrap();
    assert_eq!(view.attendance[1].clocks().0, "10:11");
    let words = view.changed[0].words(&view.session);
    assert_eq!(words, "Ruth Adeyemi: arrived 10:12: The bus was late, written 10:15, corrected 10:15");
    assert!(!view.signatures.iter().any(|signature| !signature.intact));
}

#[tokio::test]
async fn real_start_and_end_are_said_whenever_a_button_was_pressed() {
    // Handbook section 19, "Real times": slot 10:00 to 11:30, begun with the button at 18:00, written 18:05.
    let (_dir, test, ground) = opened().await;
    let id = test.confirmed(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    test.clock_to(THURSDAY, 1080);
    desk.start_session(id, Some(603)).await.unwrap();
    test.clock_to(THURSDAY, 1085);
    desk.write_entry(id, observed("Amara ran to her mother.")).await.unwrap();
    let came = [(0, Came::at(598)), (1, Came::at(600))];
    test.clock_to(THURSDAY, 1110);
    test.course(&desk, id, &came, None, Some((690, Ended::Complete))).await.unwrap();
    let view = desk.record(id).await.unwrap();
    assert_eq!(view.held().as_deref(), Some("10:03 to 11:30"));
    assert_eq!(view.entries().map(|entry| entry.text.written).collect::<Vec<_>>(), [Written::Later { minutes: 395 }]);
    assert_eq!(view.written_words(), "1 later");
}

#[tokio::test]
async fn an_end_that_was_forgotten_makes_nothing_during() {
    // Handbook section 19: started 10:00, written 20:00, the end forgotten until next morning.
    let (_dir, test, ground) = opened().await;
    let id = test.started(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    test.clock_to(THURSDAY, 1200);
    desk.write_entry(id, observed("Amara ran to her mother.")).await.unwrap();
    let written =
        async || desk.record(id).await.unwrap().entries().map(|entry| entry.text.written.code()).collect::<Vec<_>>();
    assert_eq!(written().await, ["later"]);
    test.clock_to(date(2026, 11, 27), 480);
    // 22 hours are not an end: the day of the session has 24, and the booking an hour more.
    let refused = test.course(&desk, id, &both_came(), Some(600), Some((1439, Ended::Complete))).await;
    assert_eq!(points(refused), ["ending_note"], "longer than the booking and an hour, without a reason");
    test.course(&desk, id, &[], None, Some((690, Ended::Complete))).await.unwrap();
    assert_eq!(written().await, ["later"]);
    assert_eq!(desk.record(id).await.unwrap().held().as_deref(), Some("10:00 to 11:30"));
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
async fn a_child_who_was_ill_makes_it_not_held_and_says_who_came() {
    // Handbook section 19, "Held".
    let (_dir, test, ground) = opened().await;
    let id = test.started(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    let came = [(0, Came::absent("Fever, says the carer")), (1, Came::at(600))];
    let held = test.course(&desk, id, &came, Some(600), Some((602, Ended::Complete))).await;
    assert_eq!(points(held), ["how"], "cannot be called held");
    test.course(&desk, id, &[], None, Some((602, Ended::NotHeld))).await.unwrap();
    let view = desk.record(id).await.unwrap();
    assert_eq!((view.session.state, view.held()), (SessionState::DidNotAttend, None));
    assert_eq!(view.attendance[0].note(), "Did not come. Fever, says the carer");
    assert_eq!(view.outcome(), "Did not take place: Told the social worker");
    let paper = super::record_paper_of(&view, test.service.register());
    assert!(paper.facts.iter().all(|fact| fact.label != "Held"));
    assert_eq!(told(&test, &ground.worker, "session.not_attended").await, 1);
    // What is said afterwards must agree with how it ended.
    test.clock_to(THURSDAY, 640);
    let after = desk.record(id).await.unwrap().saying(&[(0, Came::at(600))], None, None);
    let kept = desk.keep_course(id, Uuid::nil(), &after).await.unwrap();
    assert_eq!(fields(&kept.problems), ["how"]);
    assert!(desk.record(id).await.unwrap().attendance[0].presence.not_come.is_some());
}

#[tokio::test]
async fn a_session_ends_once_and_says_why_when_early() {
    let (_dir, test, ground) = opened().await;
    let id = test.started(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    test.clock_to(THURSDAY, 640);
    let early = || Some((640, Ended::Early));
    assert_eq!(
        points(test.course(&desk, id, &[], Some(600), early()).await),
        ["arrived-0"],
        "nobody has said who came"
    );
    test.course(&desk, id, &both_came(), None, None).await.unwrap();
    assert_eq!(points(test.course(&desk, id, &[], None, Some((640, Ended::NotHeld))).await), ["how"]);
    assert_eq!(points(test.course(&desk, id, &[], None, Some((640, Ended::Complete))).await), ["how"]);
    assert_eq!(points(test.course(&desk, id, &[], None, Some((599, Ended::Early))).await), ["ended"]);
    test.course(&desk, id, &[], None, early()).await.unwrap();
    test.clock_to(THURSDAY, 650);
    test.course(&desk, id, &[], None, early()).await.unwrap();
    let view = desk.record(id).await.unwrap();
    assert_eq!(view.session.state, SessionState::EndedEarly);
    assert_eq!(view.held().as_deref(), Some("10:00 to 10:40"));
    assert_eq!(view.together(), ["Ruth Adeyemi: 40 minutes"]);
    assert_eq!(told(&test, &ground.worker, "session.ended_early").await, 1);
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
    assert_eq!((struck.1.as_str(), struck.2.as_str()), ("Sam Okafor", "Written in the wrong record"));
}

#[tokio::test]
async fn a_concern_is_told_at_once_and_hidden_from_whom_it_is_about() {
    // Handbook section 9.
    let (_dir, test, ground) = opened().await;
    let id = test.started(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    let raise = |kind, staff, text: &str| Sheet {
        page: Uuid::nil(),
        text: None,
        course: sheet::Course::default(),
        raised: Some(sheet::Raised {
            entry: new_entry(),
            concern: Concern { kind, staff, text: text.into() },
            device: None,
        }),
    };
    let bruise = raise(ConcernKind::Safeguarding, None, "A bruise on the left arm");
    for _ in 0..2 {
        assert!(desk.keep_sheet(id, bruise.clone()).await.unwrap().whole());
    }
    let about = raise(ConcernKind::AboutStaff, Some(ground.manager.id), "He shouted at the carer");
    desk.keep_sheet(id, about).await.unwrap();
    assert_eq!(told(&test, &ground.manager, "concern.raised").await, 1, "not of what is about him");
    assert_eq!(told(&test, &ground.worker, "concern.raised").await, 1);
    let seen = async |who: &Colleague| {
        let all = test.at_work(who).concerns(id).await.unwrap();
        all.into_iter().map(|of| of.concern.text).collect::<Vec<_>>()
    };
    assert_eq!(seen(&ground.manager).await, ["A bruise on the left arm"]);
    assert_eq!(seen(&ground.worker).await, ["A bruise on the left arm"]);
    assert_eq!(seen(&ground.supervisor).await.len(), 2);
    assert_eq!(refused(test.at_work(&ground.coordinator).concerns(id).await), "not found");
    test.clock_to(THURSDAY, 691);
    test.course(&desk, id, &both_came(), Some(600), Some((690, Ended::Complete))).await.unwrap();
    desk.write_entry(id, observed("Amara ran")).await.unwrap();
    desk.sign_record(id, &signature()).await.unwrap();
    let view = test.at_work(&ground.manager).record(id).await.unwrap();
    assert_eq!(view.concerns.len(), 1);
    assert!(view.signatures[0].intact, "what is hidden is signed too");
}

#[tokio::test]
async fn what_is_wrong_with_one_part_of_a_page_loses_nothing_of_another() {
    let (_dir, test, ground) = opened().await;
    let id = test.started(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    let view = desk.record(id).await.unwrap();
    let end = sheet::EndSaid { minute: 602, how: Ended::Complete, note: None };
    let sheet = Sheet {
        page: Uuid::from_u128(5),
        text: Some(observed("Amara ran")),
        course: view.saying(&[(0, Came::at(598)), (1, Came::between(602, 600))], Some(600), Some(end)),
        raised: None,
    };
    let kept = desk.keep_sheet(id, sheet).await.unwrap();
    assert!(!kept.whole() && matches!(kept.text, super::KeptText::Saved(_)));
    assert_eq!(fields(&kept.problems), ["left-1", "how"]);
    let view = desk.record(id).await.unwrap();
    assert_eq!(view.entries().count(), 1);
    assert_eq!(view.attendance[0].presence.arrived_minute(), Some(598));
    assert_eq!(view.timeline.start.map(|said| said.minute), Some(600));
    assert_eq!(view.session.state, SessionState::InProgress);
}

#[tokio::test]
async fn a_leaver_s_record_is_released_as_what_it_is() {
    let (_dir, test, ground) = opened().await;
    let id = test.ended(&ground).await.unwrap();
    let manager = test.at_work(&ground.manager);
    for who in [&ground.supervisor, &ground.coordinator, &ground.worker] {
        assert_eq!(refused(test.at_work(who).release_record(id, "Left").await), "not found", "{:?}", who.actor.role);
    }
    assert_eq!(points(manager.release_record(id, " ").await), ["reason"]);
    assert!(refused(manager.release_record(id, "Left").await).contains("still here and has time to sign"));
    test.clock_to(date(2026, 11, 27), 691);
    for _ in 0..2 {
        manager.release_record(id, "Sam has left the service").await.unwrap();
    }
    let view = manager.record(id).await.unwrap();
    assert_eq!((view.record.state, view.signatures.len()), (RecordState::Released, 0));
    let paper = super::record_paper_of(&view, test.service.register());
    assert!(paper.released.contains("Sam has left the service") && paper.signatures.is_empty());
    assert!(test.at_work(&ground.worker).record(id).await.is_ok(), "read like a signed one");
    let desk = test.at_work(&ground.supervisor);
    assert!(refused(desk.write_entry(id, observed("More")).await).contains("released without a signature"));
}

#[tokio::test]
async fn after_its_week_a_session_is_written_up_with_a_manager_s_leave() {
    let (_dir, test, ground) = opened().await;
    let id = test.confirmed(&ground).await.unwrap();
    let (desk, manager) = (test.at_work(&ground.supervisor), test.at_work(&ground.manager));
    test.clock_to(date(2026, 12, 3), 600);
    assert!(refused(manager.let_write_up(id, "Ill").await).contains("for a week without leave"));
    test.clock_to(date(2026, 12, 4), 600);
    assert_eq!(refused(desk.start_session(id, None).await), "not found", "it concerns them no more");
    assert_eq!(refused(test.at_work(&ground.coordinator).let_write_up(id, "Ill").await), "not found");
    assert_eq!(points(manager.let_write_up(id, "").await), ["why"]);
    for _ in 0..2 {
        manager.let_write_up(id, "Ill for ten days").await.unwrap();
    }
    assert_eq!(told(&test, &ground.supervisor, "session.leave_given").await, 1);
    desk.start_session(id, None).await.unwrap();
    desk.write_entry(id, observed("Amara ran")).await.unwrap();
    test.course(&desk, id, &both_came(), Some(600), Some((690, Ended::Complete))).await.unwrap();
    let view = desk.record(id).await.unwrap();
    let leave = view.session.body.history.iter().filter(|event| matches!(event.what, What::LateLeave { .. }));
    assert_eq!(leave.count(), 1, "given twice with the same words is given once");
    assert!(matches!(view.entries().next().unwrap().text.written, Written::Later { .. }));
    let paper = super::record_paper_of(&view, test.service.register());
    assert!(paper.facts.iter().any(|fact| fact.value.ends_with(": Ill for ten days")));
}

#[tokio::test]
async fn signing_asks_for_the_password_and_something_in_it() {
    let (_dir, test, ground) = opened().await;
    let id = test.started(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    assert!(refused(desk.sign_record(id, &signature()).await).contains("End the session"));
    test.clock_to(THURSDAY, 691);
    test.course(&desk, id, &both_came(), Some(600), Some((690, Ended::Complete))).await.unwrap();
    assert!(refused(desk.sign_record(id, &signature()).await).contains("nothing in this record"));
    desk.write_entry(id, text(new_entry(), 0, "Amara ran")).await.unwrap();
    assert_eq!(refused(desk.sign_record(id, &form([])).await), "password");
    assert_eq!(refused(desk.sign_record(id, &form([("password", "not it")])).await), "password");
    assert_eq!(refused(test.at_work(&ground.second).sign_record(id, &signature()).await), "not found");
    desk.sign_record(id, &signature()).await.unwrap();
    desk.sign_record(id, &signature()).await.unwrap();
    let view = desk.record(id).await.unwrap();
    assert_eq!(view.signatures.len(), 1);
    assert!(view.signatures[0].intact);
    assert_eq!(view.signatures[0].late_minutes, 0);
    assert_eq!(view.signatures[0].signature.digest.len(), 64);
}

#[tokio::test(flavor = "multi_thread")]
async fn sent_twenty_times_at_once_it_is_signed_once_and_nobody_is_locked_out() {
    let (_dir, test, ground) = opened().await;
    let id = test.ended(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    let before = desk.record(id).await.unwrap().record.version;
    let sent: Vec<_> = (0..20)
        .map(|_| {
            let desk = desk.clone();
            tokio::spawn(async move { desk.sign_record(id, &signature()).await })
        })
        .collect();
    for answer in sent {
        answer.await.unwrap().unwrap();
    }
    let view = desk.record(id).await.unwrap();
    assert_eq!((view.signatures.len(), view.record.version), (1, before + 1));
    desk.service().confirm_password(desk.actor(), PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_password_is_not_found_out_by_signing() {
    let (_dir, test, ground) = opened().await;
    let id = test.ended(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    let wrong = || form([("password", "not it")]);
    for _ in 0..4 {
        assert_eq!(refused(desk.sign_record(id, &wrong()).await), "password");
    }
    let late = test.desk(&ground.supervisor, Purpose::ServiceDelivery);
    late.service().confirm_password(late.actor(), PASSWORD).await.unwrap();
    for _ in 0..5 {
        assert_eq!(refused(desk.sign_record(id, &wrong()).await), "password", "a right one begins the count again");
    }
    assert_eq!(refused(desk.sign_record(id, &signature()).await), "password", "locked: not even the right one");
    test.real_clock.move_to(test.real_clock.now_ms() + 5 * 60_000);
    desk.sign_record(id, &signature()).await.unwrap();
}

#[tokio::test]
async fn late_needs_its_reason_and_is_shown_as_late() {
    let (_dir, test, ground) = opened().await;
    let id = test.ended(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    test.clock_to(date(2026, 11, 27), 690 + 180);
    assert!(desk.record(id).await.unwrap().overdue);
    assert!(refused(desk.sign_record(id, &signature()).await).contains("past its time"));
    desk.sign_record(id, &form([("password", PASSWORD), ("late_reason", "Called to another family")])).await.unwrap();
    let view = desk.record(id).await.unwrap();
    assert_eq!(view.signatures[0].late_minutes, 180);
    assert_eq!(view.signatures[0].signature.late_reason.as_deref(), Some("Called to another family"));
    let awaiting = test.at_work(&ground.manager).records_awaiting_review().await.unwrap();
    assert_eq!((awaiting.len(), awaiting[0].late_minutes, awaiting[0].own), (1, 180, false));
    assert_eq!(awaiting[0].children, "Amara Adeyemi");
}

#[tokio::test]
async fn after_signing_nothing_but_an_addendum() {
    // Handbook section 9: "Signed, it is locked: corrections are addenda beside the first text".
    let (_dir, test, ground) = opened().await;
    let id = test.ended(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    let first = desk.record(id).await.unwrap().entries().map(|entry| (entry.id, entry.version)).next().unwrap();
    let correction =
        form([("about", first.0.to_string().as_str()), ("reason", "The clock"), ("text", "It was 10:05.")]);
    assert!(refused(desk.add_addendum(id, new_entry(), &correction).await).contains("not signed yet"));
    desk.sign_record(id, &signature()).await.unwrap();
    assert!(refused(desk.write_entry(id, text(first.0, first.1, "Otherwise")).await).contains("signed and locked"));
    assert!(refused(desk.write_entry(id, text(new_entry(), 0, "More")).await).contains("signed and locked"));
    let entry = new_entry();
    desk.add_addendum(id, entry, &correction).await.unwrap();
    desk.add_addendum(id, entry, &correction).await.unwrap();
    test.clock_to(THURSDAY, 720);
    let whole = form([("reason", "Left out"), ("text", "The carer was Carol.")]);
    test.at_work(&ground.manager).add_addendum(id, new_entry(), &whole).await.unwrap();
    for who in [&ground.coordinator, &ground.worker] {
        let added = test.at_work(who).add_addendum(id, new_entry(), &whole).await;
        assert_eq!(refused(added), "not found", "{:?}", who.actor.role);
    }
    let view = desk.record(id).await.unwrap();
    let corrected = view.entry(first.0).unwrap();
    assert_eq!(corrected.text.observation.text, "Amara ran to her mother.", "the first text stays");
    assert_eq!(corrected.addenda.len(), 1);
    assert_eq!(view.addenda.len(), 1);
    assert!(view.signatures[0].intact, "what was signed is as it was");
    assert_eq!(told(&test, &ground.supervisor, "record.added_to").await, 1, "by the manager");
}

#[tokio::test]
async fn a_returned_record_is_added_to_and_signed_again() {
    let (_dir, test, ground) = opened().await;
    let id = test.signed(&ground).await.unwrap();
    let (desk, manager) = (test.at_work(&ground.supervisor), test.at_work(&ground.manager));
    assert_eq!(refused(manager.review_record(id, &form([("outcome", "return")])).await), "comment");
    for who in [&ground.coordinator, &ground.supervisor, &ground.worker] {
        let reviewed = test.at_work(who).review_record(id, &form([("outcome", "accept")])).await;
        assert_eq!(refused(reviewed), "not found", "{:?}", who.actor.role);
    }
    let back = form([("outcome", "return"), ("comment", "Who opened the door?")]);
    manager.review_record(id, &back).await.unwrap();
    manager.review_record(id, &back).await.unwrap();
    assert_eq!(told(&test, &ground.supervisor, "record.returned").await, 1);
    assert!(refused(manager.review_record(id, &form([("outcome", "accept")])).await).contains("with its author"));
    test.clock_to(date(2026, 11, 30), 600);
    assert!(refused(desk.sign_record(id, &signature()).await).contains("Add an addendum"), "unanswered");
    let added = form([("reason", "Asked"), ("text", "Sam opened it.")]);
    desk.add_addendum(id, new_entry(), &added).await.unwrap();
    test.clock_to(date(2026, 11, 30), 610);
    desk.sign_record(id, &signature()).await.unwrap();
    manager.review_record(id, &form([("outcome", "accept")])).await.unwrap();
    manager.review_record(id, &form([("outcome", "accept")])).await.unwrap();
    let view = manager.record(id).await.unwrap();
    assert_eq!(view.record.state, RecordState::Accepted);
    assert_eq!((view.signatures.len(), view.reviews.len()), (2, 2));
    assert!(view.signatures.iter().all(|signature| signature.intact && signature.late_minutes == 0));
    assert_ne!(view.signatures[0].signature.digest, view.signatures[1].signature.digest);
    // The supervisor's need to know has ended.
    assert_eq!(refused(desk.record(id).await), "not found");
}

#[tokio::test]
async fn nobody_reviews_their_own() {
    // Somebody who wrote the record and became a manager since.
    let (_dir, test, ground) = opened().await;
    let id = test.signed(&ground).await.unwrap();
    let mut same = ground.supervisor.clone();
    same.actor = kith_domain::access::Actor::staff(same.id, kith_domain::access::Role::Manager, "north");
    let desk = test.at_work(&same);
    assert!(refused(desk.review_record(id, &form([("outcome", "accept")])).await).contains("their own record"));
    assert!(desk.records_awaiting_review().await.unwrap()[0].own);
    assert!(!desk.record(id).await.unwrap().may_review);
    assert!(refused(test.at_work(&ground.coordinator).records_awaiting_review().await) == "forbidden");
}

#[tokio::test]
async fn a_signature_does_not_hide_what_was_altered_behind_it() {
    let (_dir, test, ground) = opened().await;
    let id = test.signed(&ground).await.unwrap();
    let own = test.service.own_desk(Purpose::ServiceDelivery);
    own.change("test.altered", |work| async move {
        // Past the rules: who came, changed behind the signature.
        let record = work.record(id).await?;
        let mother = record_line(&work, id).await?;
        let content = Content::NotCome { who: mother, reason: "Nobody knows".into(), replaces: None };
        let body = EntryBody { content, device: None };
        let mut entry = Entry::new(new_entry(), id, record.children.clone(), record.author, 0, body);
        work.insert_entry(&mut entry).await?;
        Ok(())
    })
    .await
    .unwrap();
    assert!(!test.at_work(&ground.manager).record(id).await.unwrap().signatures[0].intact);
}

#[tokio::test]
async fn the_paper_holds_what_the_record_holds() {
    let (_dir, test, ground) = opened().await;
    let id = test.ended(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    let entry = desk.record(id).await.unwrap().entries().map(|entry| entry.id).next().unwrap();
    let mut same_minute = observed("Her mother knelt.");
    same_minute.observation.quotation = true;
    let SavedEntry { version, .. } = desk.write_entry(id, same_minute).await.unwrap();
    assert_eq!(version, 1);
    desk.sign_record(id, &signature()).await.unwrap();
    let about = entry.to_string();
    let correction = form([("about", about.as_str()), ("reason", "The clock"), ("text", "It was 10:05.")]);
    desk.add_addendum(id, new_entry(), &correction).await.unwrap();
    let view = desk.record(id).await.unwrap();
    let paper = super::record_paper_of(&view, test.service.register());
    let lines = &paper.headings[0].entries;
    assert_eq!((lines[0].about.as_str(), lines[1].about.as_str()), ("10:02", "10:02 (2)"), "told apart");
    assert_eq!(lines[0].written, "10:02, during the session");
    assert_eq!(lines[1].written, "11:31, immediately after the session");
    assert_eq!(paper.addenda[0].about, "10:02");
    assert_eq!(paper.attendance[1].relationship, "Mother");
    assert!(paper.facts.iter().any(|fact| fact.value == "Willow, Elm House"));
    assert_eq!(paper.signatures[0].digest, view.signatures[0].signature.digest);
    let pdf = desk.record_paper(id).await.unwrap();
    assert!(pdf.starts_with(b"%PDF"));
    assert_eq!(pdf, desk.record_paper(id).await.unwrap(), "the same record gives the same bytes");
}
