//! Brothers and sisters in one session (handbook section 8): booked, shown, changed and refused together.

use kith_domain::access::Purpose;
use kith_domain::form::Fields;
use kith_domain::ids::ReportId;
use kith_domain::record::sheet::Typed;
use kith_domain::record::{Came, Content, Ended};
use uuid::Uuid;

use super::{Booking, ServiceError, SessionId, SessionState, THURSDAY, Under, at, new_id, opened, points_at};
use crate::record::{RecordView, record_paper_of};
use crate::session::{AddChild, TakeOff};
use crate::testing::{Ground, TestService, observed, signature};

fn under(of: &Ground) -> Under {
    Under { plan: of.plan, line: of.line }
}

async fn together(test: &TestService, one: &Ground, other: &Ground) -> SessionId {
    let id = new_id();
    let desk = test.at_work(&one.coordinator);
    desk.book_together(id, &[under(one), under(other)], one.thursday(), None).await.unwrap();
    id
}

fn words(result: Result<(), ServiceError>) -> String {
    match result.unwrap_err() {
        ServiceError::Invalid(problems) => {
            problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

fn code(result: Result<(), ServiceError>) -> &'static str {
    match result.unwrap_err() {
        ServiceError::Refused(refusal) => refusal.code,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn brother_and_sister_see_their_mother_in_one_session() {
    let (_dir, test, amara) = opened().await;
    let ben = test.brother(&amara, "north").await.unwrap();
    let id = together(&test, &amara, &ben).await;
    let desk = test.at_work(&amara.coordinator);
    desk.confirm_session(id).await.unwrap();
    let mine = test.at_work(&amara.supervisor);
    test.clock_to(THURSDAY, 590);
    assert_eq!(mine.my_day(THURSDAY).await.unwrap().sessions[0].children, ["Amara Adeyemi", "Ben Adeyemi"]);
    let view = mine.session(id).await.unwrap();
    let allergies: Vec<_> = view.known().filter_map(|of| of.child.body.facts.as_ref()?.allergies.clone()).collect();
    assert_eq!(allergies.len(), 2, "before walking in, the allergies of each");
    assert!(view.known().all(|of| of.coming.len() == 1 && of.coming[0].valid.is_some()), "each by their own file");
    mine.start_session(id, None).await.unwrap();
    test.clock_to(THURSDAY, 603);
    mine.write_entry(id, observed("They ran to her together.")).await.unwrap();
    for child in [amara.child, ben.child] {
        let file = desk.file(child).await.unwrap();
        assert_eq!((file.sessions.len(), file.records.len()), (1, 1));
    }
}

#[tokio::test]
async fn each_child_comes_and_leaves_in_their_own_time_and_is_held_for_so_long() {
    // Handbook section 19, "Held": how long is the time they were there together, for each child.
    let (_dir, test, amara) = opened().await;
    let ben = test.brother(&amara, "north").await.unwrap();
    let id = together(&test, &amara, &ben).await;
    test.at_work(&amara.coordinator).confirm_session(id).await.unwrap();
    let mine = test.at_work(&amara.supervisor);
    test.clock_to(THURSDAY, 602);
    mine.start_session(id, Some(600)).await.unwrap();
    mine.write_entry(id, observed("They ran to her together.")).await.unwrap();
    test.clock_to(THURSDAY, 620);
    let of_ben = Typed { children: vec![ben.child], ..observed("Ben hid behind the door.") };
    mine.write_entry(id, of_ben).await.unwrap();
    test.clock_to(THURSDAY, 691);
    let line = |view: &RecordView, name: &str| {
        view.attendance.iter().position(|line| line.name.starts_with(name)).expect("a line")
    };
    let view = mine.record(id).await.unwrap();
    let came = [
        (line(&view, "Amara"), Came::between(598, 690)),
        (line(&view, "Ben"), Came::between(615, 660).because("He was at the dentist")),
        (line(&view, "Ruth"), Came::between(600, 690)),
    ];
    test.course(&mine, id, &came, None, Some((690, Ended::Complete))).await.unwrap();
    mine.sign_record(id, &signature()).await.unwrap();
    let view = mine.record(id).await.unwrap();
    let mut together = view.together();
    together.sort();
    assert_eq!(
        together,
        ["Amara Adeyemi with Ruth Adeyemi: 1 hour 30 minutes", "Ben Adeyemi with Ruth Adeyemi: 45 minutes"]
    );
    assert_eq!(view.attendance[line(&view, "Ben")].note(), "15 minutes late. He was at the dentist");
    let about: Vec<_> = view.entries().map(|entry| entry.about.clone()).collect();
    assert_eq!(about, [Vec::<String>::new(), vec!["Ben Adeyemi".to_owned()]]);
    // Each is looked at as fits their age.
    assert_eq!(view.bands().len(), 2);
    // The report about each says when that one came.
    for (child, lateness) in [(amara.child, ""), (ben.child, "The child 15 minutes")] {
        let desk = test.desk(&amara.coordinator, Purpose::OfficialReporting);
        let mut period: Fields = [("statement", "")].into_iter().collect();
        period.set_date("from", THURSDAY);
        period.set_date("to", THURSDAY);
        let report =
            desk.begin_report(child, ReportId(Uuid::now_v7()), desk.read_report(&period).unwrap()).await.unwrap();
        assert_eq!(desk.report(report).await.unwrap().paper.sessions[0].lateness, lateness);
    }
    // Nor does it print what is only about the other, and it says so.
    let desk = test.desk(&amara.coordinator, Purpose::OfficialReporting);
    for (child, entries, said) in
        [(amara.child, 1, "1 entry is only about that child"), (ben.child, 2, "Ben hid behind the door.")]
    {
        let look = desk.look();
        let view = desk.load_record_of(&look, id, child).await.unwrap();
        look.done("report.read", desk.now_ms()).await.unwrap();
        let paper = record_paper_of(&view, test.service.register());
        assert_eq!(paper.headings.iter().map(|of| of.entries.len()).sum::<usize>(), entries);
        let printed = serde_json::to_string(&paper).unwrap();
        assert_eq!(printed.contains("Ben hid"), child == ben.child);
        assert!(printed.contains(said), "{printed}");
        assert_eq!(paper.attendance.len(), 2, "when the other came is not this child's");
        assert!(paper.facts.iter().any(|fact| fact.label == "Also of this session"));
    }
    // A brother's file is destroyed: what was about him alone is gone, the sister's record is read as it was.
    test.destroyed(ben.child).await.unwrap();
    let own = test.service.own_desk(Purpose::ServiceDelivery);
    let look = own.look();
    let (entries, destroyed) = look.entries_of(id).await.unwrap();
    look.done("test.read", own.now_ms()).await.unwrap();
    assert_eq!(destroyed, 1);
    let texts = entries.iter().filter(|entry| matches!(entry.body.content, Content::Observation(_)));
    assert_eq!(texts.count(), 1);
    let view = mine.record(id).await.unwrap();
    assert_eq!((view.names().as_str(), view.destroyed), ("Amara Adeyemi", 1));
    assert_eq!(mine.session(id).await.unwrap().names(), "Amara Adeyemi and A child whose file has ended");
    assert_eq!(test.at_work(&amara.coordinator).file(amara.child).await.unwrap().records.len(), 1);
    // Nor does a list, the diary or the search name him, and the session is for her alone.
    let desk = test.at_work(&amara.coordinator);
    assert_eq!(
        desk.my_files(None, 1).await.unwrap().rows.iter().map(|of| of.child.id).collect::<Vec<_>>(),
        [amara.child]
    );
    assert!(desk.search("Ben Adeyemi", 1).await.unwrap().rows.is_empty());
    let scope = desk.look().session_scope(id).await.unwrap().unwrap();
    assert_eq!(scope.children(), [amara.child]);
    let week = desk.diary(THURSDAY, "north").await.unwrap();
    let who: Vec<String> =
        week.rows.iter().flat_map(|row| &row.cells).flat_map(|cell| &cell.sessions).map(|of| of.who.clone()).collect();
    assert!(!who.is_empty() && who.iter().all(|who| !who.contains("Ben")), "{who:?}");
}

#[tokio::test]
async fn what_was_written_before_a_child_joined_is_in_their_file_too() {
    let (_dir, test, amara) = opened().await;
    let ben = test.brother(&amara, "north").await.unwrap();
    let desk = test.at_work(&amara.coordinator);
    let id = test.started(&amara).await.unwrap();
    test.at_work(&amara.supervisor).write_entry(id, observed("Amara ran to her mother.")).await.unwrap();
    let version = desk.session(id).await.unwrap().session.version;
    let add = AddChild { under: under(&ben), why: "The carer brought him too".into() };
    desk.add_child(id, version, &add).await.unwrap();
    test.service.store().destroy_file_key(amara.child.0).await.unwrap();
    let own = test.service.own_desk(Purpose::ServiceDelivery);
    let look = own.look();
    let (entries, destroyed) = look.entries_of(id).await.unwrap();
    look.done("test.read", own.now_ms()).await.unwrap();
    assert_eq!((entries.len(), destroyed), (1, 0));
}

#[tokio::test]
async fn a_mother_of_two_is_in_one_room_at_a_time_and_it_is_said_where() {
    // Handbook section 8: nobody is in two rooms at once; the mother is one human being in both files.
    let (_dir, test, amara) = opened().await;
    let ben = test.brother(&amara, "north").await.unwrap();
    test.booked(&amara).await.unwrap();
    let elsewhere = Booking { room: amara.other_room, supervisor: amara.second.id, ..amara.thursday() };
    let desk = test.at_work(&amara.coordinator);
    let refused = words(desk.book_session(new_id(), ben.plan, ben.line, elsewhere).await);
    assert_eq!(
        refused,
        "Ruth Adeyemi is at another session from 10:00 to 11:30 in Willow, Elm House, with Amara. Choose another time"
    );
    let after = at(elsewhere, THURSDAY, 690);
    desk.book_session(new_id(), ben.plan, ben.line, after).await.unwrap();
}

#[tokio::test]
async fn a_child_of_another_area_is_named_by_the_area_alone() {
    let (_dir, test, amara) = opened().await;
    let ben = test.brother(&amara, "south").await.unwrap();
    let desk = test.at_work(&amara.coordinator);
    let unders = [under(&amara), under(&ben)];
    let refused = desk.book_together(new_id(), &unders, amara.thursday(), None).await;
    assert_eq!(code(refused), "session.other_area");
    let siblings = desk.siblings(amara.plan, amara.line).await.unwrap();
    assert_eq!((siblings[0].name.as_str(), siblings[0].may.is_err()), ("Ben", true), "no surname");
    // A child who sees nobody of them is not there.
    let stranger = test.ground("2").await.unwrap();
    let unders = [under(&stranger), under(&ben)];
    let refused = test.at_work(&stranger.coordinator).book_together(new_id(), &unders, stranger.thursday(), None).await;
    assert_eq!(points_at(refused), ["not found"]);
}

#[tokio::test]
async fn a_session_gains_and_loses_a_child_until_it_is_over() {
    let (_dir, test, amara) = opened().await;
    let ben = test.brother(&amara, "north").await.unwrap();
    let desk = test.at_work(&amara.coordinator);
    let id = test.confirmed(&amara).await.unwrap();
    let version = async || desk.session(id).await.unwrap().session.version;
    let add = AddChild { under: under(&ben), why: "They asked to come together".into() };
    let old = version().await;
    desk.add_child(id, old, &add).await.unwrap();
    desk.add_child(id, old, &add).await.unwrap();
    let view = desk.session(id).await.unwrap();
    assert_eq!((view.names().as_str(), view.session.state), ("Amara Adeyemi and Ben Adeyemi", SessionState::Confirmed));
    assert!(view.past.iter().any(|line| line.words == "Ben Adeyemi was added"));
    // Ben is taken now.
    let elsewhere = Booking { room: amara.other_room, supervisor: amara.second.id, ..amara.thursday() };
    assert_eq!(points_at(desk.book_session(new_id(), ben.plan, ben.line, elsewhere).await), ["start"]);
    // While it goes on, too: what was written of him stays in his file.
    test.clock_to(THURSDAY, 602);
    test.at_work(&amara.supervisor).start_session(id, None).await.unwrap();
    let off = |child| TakeOff { child, why: "He was never brought".into() };
    assert_eq!(code(desk.take_child_off(id, old, &off(ben.child)).await), "session.changed_since");
    desk.take_child_off(id, version().await, &off(ben.child)).await.unwrap();
    let file = desk.file(ben.child).await.unwrap();
    assert!(file.sessions.is_empty() && file.records.is_empty());
    assert_eq!(file.put_aside.iter().map(|session| session.id).collect::<Vec<_>>(), [id], "the trace is readable");
    assert_eq!(code(desk.take_child_off(id, version().await, &off(amara.child)).await), "session.last_child");
}
