//! Who came, real start and end, concerns: what the recorder’s page says beside the texts.

use super::*;

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
        assert_eq!(kept, super::super::CourseKept::default());
    }
    let (entries, _) = entries_of(&test, id).await;
    assert_eq!(entries.iter().filter(|entry| entry.kind() == EntryKind::Arrival).count(), 2);
    let now = desk.record(id).await.unwrap();
    assert_eq!(now.attendance[1].note(), "12 minutes late. The bus was late");
    // Another tab, opened before, says something else: both are shown, and nothing is undone.
    let other = sheet(&[(1, Came::absent("Nobody knows"))], &view);
    let kept = desk.keep_course(id, Uuid::nil(), &other).await.unwrap();
    assert_eq!(
        kept.conflicts.iter().map(super::super::CourseConflict::stands).collect::<Vec<_>>(),
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
    let paper = super::super::record_paper_of(&view, test.service.register());
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

const NOBODY: &str = "Nobody had read it before now";

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
    let first_read = async |who: &Colleague| {
        let all = test.at_work(who).concerns(id).await.unwrap();
        all.into_iter().map(|of| of.first_read_words()).collect::<Vec<_>>()
    };
    // Neither who raised it, nor who opened a page on which it is hidden from them, has read it.
    assert_eq!(first_read(&ground.supervisor).await, [NOBODY, NOBODY]);
    test.clock_to(THURSDAY, 610);
    assert_eq!(first_read(&ground.manager).await, [NOBODY], "before this");
    test.clock_to(THURSDAY, 620);
    let manager = test.service.name_of(ground.manager.id);
    assert_eq!(
        first_read(&ground.worker).await,
        [format!("First read by {manager} on 26 November 2026 at 10:10, 8 minutes after it was raised")]
    );
    assert_eq!(first_read(&ground.supervisor).await[1], NOBODY, "what is about him he did not read");
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
    assert!(!kept.whole() && matches!(kept.text, super::super::KeptText::Saved(_)));
    assert_eq!(fields(&kept.problems), ["left-1", "how"]);
    let view = desk.record(id).await.unwrap();
    assert_eq!(view.entries().count(), 1);
    assert_eq!(view.attendance[0].presence.arrived_minute(), Some(598));
    assert_eq!(view.timeline.start.map(|said| said.minute), Some(600));
    assert_eq!(view.session.state, SessionState::InProgress);
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
    let paper = super::super::record_paper_of(&view, test.service.register());
    assert!(paper.facts.iter().any(|fact| fact.value.ends_with(": Ill for ten days")));
}
