//! The record from the start of the session to its acceptance.

use jiff::civil::{Date, date};
use kith_domain::access::Purpose;
use kith_domain::calendar;
use kith_domain::form::Fields;
use kith_domain::ids::{EntryId, SessionId};
use kith_domain::record::{AgeBand, Heading, RecordPurpose, RecordState, Written};
use kith_domain::session::SessionState;
use uuid::Uuid;

use super::SavedEntry;
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
    assert!(refused(desk.start_session(planned).await).contains("not been confirmed"));
    let (_dir, test, ground) = opened().await;
    let desk = test.at_work(&ground.supervisor);
    let id = test.confirmed(&ground).await.unwrap();
    assert!(refused(desk.start_session(id).await).contains("Thursday 26 November 2026"));
    assert_eq!(refused(test.at_work(&ground.coordinator).start_session(id).await), "not found");
    test.clock_to(THURSDAY, 539);
    assert!(refused(desk.start_session(id).await).contains("from 09:00"));
    test.clock_to(THURSDAY, 540);
    desk.start_session(id).await.unwrap();
    desk.start_session(id).await.unwrap();
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
    let first = desk.write_entry(id, entry, 0, &observed("Amara ran")).await.unwrap();
    test.clock_to(THURSDAY, 605);
    assert_eq!(desk.write_entry(id, entry, 0, &observed("Amara ran")).await.unwrap(), first);
    let second = desk.write_entry(id, entry, 1, &observed("Amara ran to her mother")).await.unwrap();
    assert_eq!((second.version, second.clock().as_str()), (2, "10:05"));
    test.clock_to(THURSDAY, 606);
    // The answer was lost: sent again on the version it was written on.
    assert_eq!(desk.write_entry(id, entry, 1, &observed("Amara ran to her mother")).await.unwrap(), second);
    let view = desk.record(id).await.unwrap();
    let kept: Vec<_> = view.entries().collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].written_ms, calendar::instant_ms(THURSDAY, 602), "the first writing is the entry's time");
    assert_eq!(kept[0].observation.changed_ms, Some(calendar::instant_ms(THURSDAY, 605)));
}

#[tokio::test]
async fn another_device_s_words_are_given_back_and_not_overwritten() {
    let (_dir, test, ground) = opened().await;
    let id = test.started(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    let entry = new_entry();
    desk.write_entry(id, entry, 0, &observed("On the tablet")).await.unwrap();
    desk.write_entry(id, entry, 1, &observed("On the computer")).await.unwrap();
    match desk.write_entry(id, entry, 1, &observed("On the tablet again")).await {
        Err(ServiceError::Conflict { theirs, version }) => {
            assert_eq!((theirs.get("text"), theirs.get("about"), version), ("On the computer", "10:02", 2));
            assert_eq!(*theirs, observed("On the computer"));
        }
        other => panic!("{:?}", other.err()),
    }
    let merged = desk.write_entry(id, entry, 2, &observed("Both")).await.unwrap();
    assert_eq!(merged.version, 3);
}

#[tokio::test]
async fn what_was_typed_wrong_is_named_and_another_s_record_is_not_written() {
    let (_dir, test, ground) = opened().await;
    let id = test.started(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    assert_eq!(refused(desk.write_entry(id, new_entry(), 0, &form([("text", "Amara ran")])).await), "headingabout");
    for who in [&ground.second, &ground.coordinator, &ground.manager, &ground.worker] {
        let written = test.at_work(who).write_entry(id, new_entry(), 0, &observed("x")).await;
        assert_eq!(refused(written), "not found", "{:?}", who.actor.role);
    }
    // An entry of one record cannot be written into another.
    let other = test.ground("2").await.unwrap();
    let entry = new_entry();
    desk.write_entry(id, entry, 0, &observed("Amara ran")).await.unwrap();
    let booking = crate::session::Booking {
        slot: kith_domain::session::Slot { day: THURSDAY, start_minute: 630, end_minute: 690 },
        ..other.thursday()
    };
    let theirs = SessionId(Uuid::now_v7());
    let coordinator = test.at_work(&other.coordinator);
    coordinator.book_session(theirs, other.plan, other.line, booking).await.unwrap();
    coordinator.confirm_session(theirs).await.unwrap();
    let supervisor = test.at_work(&other.supervisor);
    supervisor.start_session(theirs).await.unwrap();
    assert_eq!(refused(supervisor.write_entry(theirs, entry, 1, &observed("taken over")).await), "not found");
}

#[tokio::test]
async fn during_and_after_are_computed() {
    // Handbook section 9: "During or after is computed, never typed."
    let (_dir, test, ground) = opened().await;
    let id = test.ended(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    test.clock_to(THURSDAY, 700);
    let mut after = observed("She waved from the car.");
    after.set("heading", "ending");
    after.set("about", "11:30");
    desk.write_entry(id, new_entry(), 0, &after).await.unwrap();
    let view = desk.record(id).await.unwrap();
    let written: Vec<_> = view.entries().map(|entry| (entry.observation.heading, entry.written)).collect();
    assert_eq!(written, [(Heading::Arrival, Written::During), (Heading::Ending, Written::After)]);
    assert_eq!(view.written_counts(), (1, 1));
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
    assert!(test.at_work(&ground.manager).records_awaiting_review(1).await.unwrap().rows.is_empty());
    test.at_work(&ground.supervisor).sign_record(id, &signature()).await.unwrap();
    for who in others {
        assert!(test.at_work(who).record(id).await.is_ok(), "{:?}", who.actor.role);
    }
    assert_eq!(told(&test, &ground.worker, "record.signed").await, 1);
}

#[tokio::test]
async fn attendance_is_saved_over_what_was_shown() {
    let (_dir, test, ground) = opened().await;
    let id = test.started(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    let came = form([("arrived-0", "10:00"), ("arrived-1", "10:12"), ("note-1", "The bus was late")]);
    assert_eq!(refused(desk.save_attendance(id, 1, &came).await), "arrived-1", "it is 10:02");
    test.clock_to(THURSDAY, 615);
    desk.save_attendance(id, 1, &came).await.unwrap();
    desk.save_attendance(id, 1, &came).await.unwrap();
    let view = desk.record(id).await.unwrap();
    assert_eq!(view.record.version, 2);
    assert_eq!(view.attendance[1].attendance.late_minutes(), 12);
    assert_eq!(super::attendance_note(&view.attendance[1].attendance), "12 minutes late. The bus was late");
    let wrong = form([("arrived-0", "10:00"), ("left-0", "9:00")]);
    assert_eq!(refused(desk.save_attendance(id, 2, &wrong).await), "left-0");
    let absent = form([("arrived-0", "10:00"), ("absent-1", "yes")]);
    match desk.save_attendance(id, 1, &absent).await {
        Err(ServiceError::Conflict { theirs, version: 2 }) => assert_eq!(*theirs, came),
        other => panic!("{:?}", other.err()),
    }
    test.clock_to(THURSDAY, 691);
    desk.end_session(id, &form([("how", "complete")])).await.unwrap();
    desk.write_entry(id, new_entry(), 0, &observed("Amara ran")).await.unwrap();
    desk.sign_record(id, &signature()).await.unwrap();
    assert!(refused(desk.save_attendance(id, 3, &absent).await).contains("signed and locked"));
}

#[tokio::test]
async fn a_session_ends_once_and_says_why_when_early() {
    let (_dir, test, ground) = opened().await;
    let id = test.started(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    assert_eq!(refused(desk.end_session(id, &form([("how", "end_early")])).await), "note");
    let early = form([("how", "end_early"), ("note", "Amara was unwell")]);
    test.clock_to(THURSDAY, 640);
    assert!(refused(desk.end_session(id, &early).await).contains("Nobody of the family has an arrival"));
    desk.save_attendance(id, 1, &form([("arrived-1", "10:00")])).await.unwrap();
    let nobody = form([("how", "not_attended"), ("note", "Waited")]);
    assert!(refused(desk.end_session(id, &nobody).await).contains("has arrived"));
    assert!(refused(desk.end_session(id, &form([("how", "complete")])).await).contains("until 11:30"));
    desk.end_session(id, &early).await.unwrap();
    test.clock_to(THURSDAY, 650);
    desk.end_session(id, &early).await.unwrap();
    let view = desk.record(id).await.unwrap();
    assert_eq!(view.session.state, SessionState::EndedEarly);
    assert_eq!(view.session.body.ended_ms, Some(calendar::instant_ms(THURSDAY, 640)));
    assert!(refused(desk.end_session(id, &form([("how", "complete")])).await).contains("ended early"));
    assert_eq!(told(&test, &ground.worker, "session.ended_early").await, 1);
}

#[tokio::test]
async fn signing_asks_for_the_password_and_something_in_it() {
    let (_dir, test, ground) = opened().await;
    let id = test.started(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    assert!(refused(desk.sign_record(id, &signature()).await).contains("End the session"));
    test.clock_to(THURSDAY, 691);
    desk.save_attendance(id, 1, &form([("arrived-1", "10:00")])).await.unwrap();
    desk.end_session(id, &form([("how", "complete")])).await.unwrap();
    assert!(refused(desk.sign_record(id, &signature()).await).contains("nothing in this record"));
    desk.write_entry(id, new_entry(), 0, &observed("Amara ran")).await.unwrap();
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
    let awaiting = test.at_work(&ground.manager).records_awaiting_review(1).await.unwrap().rows;
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
    assert!(
        refused(desk.write_entry(id, first.0, first.1, &observed("Otherwise")).await).contains("signed and locked")
    );
    assert!(refused(desk.write_entry(id, new_entry(), 0, &observed("More")).await).contains("signed and locked"));
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
    assert_eq!(corrected.observation.text, "Amara ran to her mother.", "the first text stays");
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
    assert!(desk.records_awaiting_review(1).await.unwrap().rows[0].own);
    assert!(!desk.record(id).await.unwrap().may_review);
    assert!(refused(test.at_work(&ground.coordinator).records_awaiting_review(1).await) == "forbidden");
}

#[tokio::test]
async fn a_signature_does_not_hide_what_was_altered_behind_it() {
    let (_dir, test, ground) = opened().await;
    let id = test.signed(&ground).await.unwrap();
    let own = test.service.own_desk(Purpose::ServiceDelivery);
    own.change("test.altered", |work| async move {
        let mut record = work.record(id).await?;
        record.body.attendance[1].absent = true;
        work.save_record(&mut record).await?;
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
    same_minute.set("quotation", "yes");
    let SavedEntry { version, .. } = desk.write_entry(id, new_entry(), 0, &same_minute).await.unwrap();
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
    assert_eq!(lines[1].written, "11:31, during the session");
    assert_eq!(paper.addenda[0].about, "10:02");
    assert_eq!(paper.attendance[1].relationship, "Mother");
    assert!(paper.facts.iter().any(|fact| fact.value == "Willow, Elm House"));
    assert_eq!(paper.signatures[0].digest, view.signatures[0].signature.digest);
    let pdf = desk.record_paper(id).await.unwrap();
    assert!(pdf.starts_with(b"%PDF"));
    assert_eq!(pdf, desk.record_paper(id).await.unwrap(), "the same record gives the same bytes");
}
