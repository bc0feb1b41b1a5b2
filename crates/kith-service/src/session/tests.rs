//! Sessions from proposal to the morning of the day: every rule that never breaks, on the way.

mod changes;
mod together;

use jiff::civil::{Date, date};
use kith_domain::access::Purpose;
use kith_domain::calendar;
use kith_domain::ids::{RoomId, SessionId};
use kith_domain::plan::PlanState;
use kith_domain::session::{CancelReason, CancelledBy, Cancelling, SessionState, Slot};
use uuid::Uuid;

use super::{Booking, Chosen, Under};
use crate::ServiceError;
use crate::record::Signing;
use crate::testing::{Colleague, Ground, TestService, signature};

const THURSDAY: Date = date(2026, 11, 26);

async fn opened() -> (tempfile::TempDir, TestService, Ground) {
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let ground = test.ground("").await.unwrap();
    (dir, test, ground)
}

fn new_id() -> SessionId {
    SessionId(Uuid::now_v7())
}

fn at(booking: Booking, day: Date, start_minute: i64) -> Booking {
    Booking { slot: Slot { day, start_minute, end_minute: start_minute + 90 }, ..booking }
}

/// The fields that a refusal points at; `rule` for one that points at none.
fn points_at<T>(result: Result<T, ServiceError>) -> Vec<String> {
    match result {
        Ok(_) => Vec::new(),
        Err(ServiceError::Invalid(problems)) => problems.into_iter().map(|problem| problem.field).collect(),
        Err(ServiceError::Refused(_)) => vec!["rule".into()],
        Err(ServiceError::NotFound) => vec!["not found".into()],
        Err(other) => panic!("{other}"),
    }
}

async fn told(test: &TestService, whom: &Colleague) -> Vec<&'static str> {
    let notices = test.desk(whom, Purpose::ServiceDelivery).notices().await.unwrap();
    let mut kinds: Vec<&str> = notices.into_iter().map(|notice| notice.kind.code()).collect();
    kinds.sort_unstable();
    kinds
}

async fn state(test: &TestService, ground: &Ground, id: SessionId) -> SessionState {
    test.at_work(&ground.coordinator).session(id).await.unwrap().session.state
}

#[tokio::test]
async fn a_slot_is_booked_once() {
    let (_dir, test, ground) = opened().await;
    let desk = test.at_work(&ground.coordinator);
    let book = async |id, booking| points_at(desk.book_session(id, ground.plan, ground.line, booking).await);
    let (id, thursday) = (new_id(), ground.thursday());
    assert!(book(id, thursday).await.is_empty());
    // The same form again is the same session.
    assert!(book(id, thursday).await.is_empty());
    assert_eq!(book(id, at(thursday, THURSDAY, 720)).await, ["rule"], "the same id for another time");
    assert_eq!(book(new_id(), thursday).await, ["room"]);
    let elsewhere = Booking { room: ground.other_room, ..thursday };
    assert_eq!(book(new_id(), elsewhere).await, ["supervisor"]);
    let by_another = Booking { supervisor: ground.second.id, ..elsewhere };
    assert_eq!(book(new_id(), by_another).await, ["start"], "the child is taken");
    // Half an hour to write up (handbook section 8): 12:00 is the first start for the same supervisor.
    assert_eq!(book(new_id(), at(thursday, THURSDAY, 705)).await, ["supervisor"]);
    assert!(book(new_id(), at(thursday, THURSDAY, 720)).await.is_empty());
}

#[tokio::test]
async fn a_family_member_is_in_one_place_at_a_time() {
    let (_dir, test, ground) = opened().await;
    let desk = test.at_work(&ground.coordinator);
    desk.book_session(new_id(), ground.plan, ground.line, ground.thursday()).await.unwrap();
    let overlap =
        Booking { room: ground.other_room, supervisor: ground.second.id, ..at(ground.thursday(), THURSDAY, 660) };
    match desk.book_session(new_id(), ground.plan, ground.line, overlap).await {
        Err(ServiceError::Invalid(problems)) => assert!(problems[0].message.contains("Choose another time")),
        other => panic!("{:?}", other.err()),
    }
}

#[tokio::test]
async fn rules_that_never_break() {
    // Handbook section 8.
    let (_dir, test, ground) = opened().await;
    let desk = test.at_work(&ground.coordinator);
    let book = async |booking| points_at(desk.book_session(new_id(), ground.plan, ground.line, booking).await);
    let thursday = ground.thursday();
    assert_eq!(book(at(thursday, date(2026, 11, 29), 600)).await, ["day"], "a Sunday");
    assert_eq!(book(at(thursday, date(2026, 12, 25), 600)).await, ["day"], "Christmas Day");
    assert_eq!(book(at(thursday, date(2026, 11, 23), 600)).await, ["day"], "yesterday");
    assert_eq!(
        book(at(thursday, date(2026, 11, 24), 525)).await,
        ["day", "start", "supervisor"],
        "before opening, past"
    );
    assert_eq!(book(at(thursday, date(2026, 11, 28), 960)).await, ["start"], "Saturday after 17:00, the service shut");
    assert_eq!(book(at(thursday, THURSDAY, 1_050)).await, ["supervisor"], "no time to write up");
    assert_eq!(book(at(thursday, date(2026, 11, 1), 600)).await, ["rule"], "before the contact begins");
    assert_eq!(book(Booking { room: RoomId(Uuid::now_v7()), ..thursday }).await, ["room"], "no such room");
    assert_eq!(book(Booking { supervisor: ground.manager.id, ..thursday }).await, ["supervisor", "supervisor"]);
    assert_eq!(book(Booking { second: Some(ground.supervisor.id), ..thursday }).await, ["second"], "the same twice");
    for shut in [PlanState::Draft, PlanState::Suspended, PlanState::Ended] {
        test.put_plan(&ground, shut).await.unwrap();
        assert_eq!(book(thursday).await, ["rule"], "{shut:?}");
    }
    test.put_plan(&ground, PlanState::Agreed).await.unwrap();
    assert!(book(thursday).await.is_empty());
}

#[tokio::test]
async fn only_the_areas_coordinator_books() {
    let (_dir, test, ground) = opened().await;
    let south = test.colleague(kith_domain::access::Role::Coordinator, "south", "south").await.unwrap();
    for who in [&south, &ground.supervisor, &ground.worker] {
        let desk = test.at_work(who);
        let booked = desk.book_session(new_id(), ground.plan, ground.line, ground.thursday()).await;
        assert_eq!(points_at(booked), ["not found"], "{:?}", who.actor.role);
    }
    let no_plan = kith_domain::ids::PlanId(Uuid::now_v7());
    let desk = test.at_work(&ground.coordinator);
    let nothing = desk.propose_sessions(no_plan, ground.line, THURSDAY, THURSDAY);
    assert_eq!(points_at(nothing.await), ["not found"]);
}

#[tokio::test]
async fn a_closed_room_and_another_areas_room_are_not_booked() {
    let (_dir, test, ground) = opened().await;
    let own = test.service.own_desk(Purpose::Administration);
    let put = async |area: &'static str, closed_ms| {
        own.change("test.room", |work| async move {
            let mut venue = work.venue(ground.venue).await?;
            venue.area = area.into();
            work.save_venue(&mut venue).await?;
            let mut room = work.room(ground.room).await?;
            room.closed_ms = closed_ms;
            work.save_room(&mut room).await?;
            Ok(())
        })
        .await
        .unwrap();
    };
    let book = async || {
        let desk = test.at_work(&ground.coordinator);
        points_at(desk.book_session(new_id(), ground.plan, ground.line, ground.thursday()).await)
    };
    put("north", Some(1)).await;
    assert_eq!(book().await, ["room"]);
    put("south", None).await;
    assert_eq!(book().await, ["room"]);
    put("north", None).await;
    assert!(book().await.is_empty());
}

#[tokio::test]
async fn two_staff_where_the_assessment_asks_for_two() {
    let (_dir, test, ground) = opened().await;
    let desk = test.at_work(&ground.coordinator);
    let one = test.booked(&ground).await.unwrap();
    test.assess(&ground, 2).await.unwrap();
    assert_eq!(points_at(desk.confirm_session(one).await), ["rule"], "booked with one before the assessment");
    let alone = at(ground.thursday(), date(2026, 12, 1), 600);
    assert_eq!(points_at(desk.book_session(new_id(), ground.plan, ground.line, alone).await), ["second"]);
    let both = Booking { second: Some(ground.second.id), ..alone };
    let id = new_id();
    desk.book_session(id, ground.plan, ground.line, both).await.unwrap();
    desk.confirm_session(id).await.unwrap();
    // The second is taken too, and has the session in their day.
    let third =
        Booking { room: ground.other_room, supervisor: ground.second.id, second: Some(ground.supervisor.id), ..both };
    assert_eq!(points_at(desk.book_session(new_id(), ground.plan, ground.line, third).await), ["supervisor"]);
    let day = test.at_work(&ground.second).my_day(date(2026, 12, 1)).await.unwrap();
    assert_eq!(day.sessions.len(), 1);
    assert_eq!(day.sessions[0].children, ["Amara Adeyemi"]);
}

#[tokio::test]
async fn of_a_list_all_that_can_be_are_booked_and_the_rest_named() {
    let (_dir, test, ground) = opened().await;
    let desk = test.at_work(&ground.coordinator);
    test.booked(&ground).await.unwrap();
    let days = [THURSDAY, date(2026, 12, 1), date(2026, 12, 3), date(2026, 12, 25)];
    let chosen = days.map(|day| Chosen { id: new_id(), booking: at(ground.thursday(), day, 600), why: None });
    let under = [Under { plan: ground.plan, line: ground.line }];
    let outcomes = desk.book_sessions(&under, &chosen).await.unwrap();
    let why: Vec<Option<String>> =
        outcomes.iter().map(|o| o.why_not.as_ref().map(|problems| problems[0].field.clone())).collect();
    assert_eq!(why, [Some("room".into()), None, None, Some("day".into())]);
    // Sent again: what is booked stays booked once.
    let again = desk.book_sessions(&under, &chosen).await.unwrap();
    assert_eq!(again.iter().filter(|outcome| outcome.why_not.is_none()).count(), 2);
    let diary = desk.diary(date(2026, 12, 1), "north").await.unwrap();
    assert_eq!(diary.counts, [0, 1, 0, 1, 0, 0]);
}

#[tokio::test]
async fn the_pattern_s_days_with_what_is_free() {
    let (_dir, test, ground) = opened().await;
    let desk = test.at_work(&ground.coordinator);
    // Willow and the usual supervisor are booked with somebody else's child on 3 December.
    let other = test.ground("2").await.unwrap();
    test.booked(&ground).await.unwrap();
    let busy =
        Booking { room: ground.room, supervisor: ground.supervisor.id, ..at(other.thursday(), date(2026, 12, 3), 660) };
    test.at_work(&other.coordinator).book_session(new_id(), other.plan, other.line, busy).await.unwrap();
    let proposals =
        desk.propose_sessions(ground.plan, ground.line, date(2026, 11, 24), date(2026, 12, 28)).await.unwrap();
    let days: Vec<Date> = proposals.days.iter().map(|day| day.slot.day).collect();
    assert_eq!(days[..4], [date(2026, 11, 24), THURSDAY, date(2026, 12, 1), date(2026, 12, 3)]);
    assert_eq!(proposals.with, ["Ruth Adeyemi"]);
    assert!(proposals.days[1].booked.is_some(), "Thursday is booked");
    let first = &proposals.days[2];
    assert_eq!((first.room, first.supervisor), (Some(ground.room), Some(ground.supervisor.id)), "the usual ones");
    let clash = &proposals.days[3];
    assert!(!clash.rooms.contains(&ground.room) && clash.rooms.contains(&ground.other_room));
    assert!(!clash.supervisors.contains(&ground.supervisor.id) && clash.supervisors.contains(&ground.second.id));
    assert!(clash.room.is_some() && clash.room != Some(ground.room));
    assert!(clash.supervisor.is_some() && clash.supervisor != Some(ground.supervisor.id));
    // A session until 10:00 with half an hour to write up leaves the room free at 10:00, but not the supervisor.
    let before =
        Booking { room: ground.room, supervisor: ground.supervisor.id, ..at(other.thursday(), date(2026, 12, 8), 540) };
    let before = Booking { slot: Slot { end_minute: 600, ..before.slot }, ..before };
    test.at_work(&other.coordinator).book_session(new_id(), other.plan, other.line, before).await.unwrap();
    let again = desk.propose_sessions(ground.plan, ground.line, date(2026, 12, 8), date(2026, 12, 8)).await.unwrap();
    assert!(again.days[0].rooms.contains(&ground.room));
    assert!(!again.days[0].supervisors.contains(&ground.supervisor.id));
}

#[tokio::test]
async fn what_is_proposed_and_shut_says_why() {
    let (_dir, test, ground) = opened().await;
    let desk = test.at_work(&ground.coordinator);
    test.clock_to(date(2026, 11, 24), 610);
    let proposals =
        desk.propose_sessions(ground.plan, ground.line, date(2026, 11, 24), date(2027, 1, 2)).await.unwrap();
    let shut: Vec<(Date, String)> =
        proposals.days.into_iter().filter_map(|day| Some((day.slot.day, day.shut?))).collect();
    assert_eq!(shut, [(date(2026, 11, 24), "This time is in the past".to_owned())]);
    let plan = ground.plan;
    let line = ground.line;
    let with_holiday = desk.propose_sessions(plan, line, date(2028, 12, 24), date(2028, 12, 30)).await.unwrap();
    assert_eq!(with_holiday.days[0].shut.as_deref(), Some("Boxing Day: the service is shut"));
}

#[tokio::test]
async fn nobody_is_confirmed_without_a_valid_assessment() {
    // Handbook section 6.
    let (_dir, test, ground) = opened().await;
    let desk = test.at_work(&ground.coordinator);
    let without = new_id();
    desk.book_session(without, ground.plan, ground.line_without_assessment, ground.thursday()).await.unwrap();
    match desk.confirm_session(without).await {
        Err(ServiceError::Refused(refusal)) => assert!(
            refusal.to_string().contains("Grace Adeyemi has no valid risk assessment for 26 November 2026"),
            "{refusal}"
        ),
        other => panic!("{:?}", other.err()),
    }
    let view = desk.session(without).await.unwrap();
    assert_eq!(view.missing.len(), 1);
    // The mother's runs out on 31 January.
    let after = new_id();
    let february = at(ground.thursday(), date(2027, 2, 2), 600);
    desk.book_session(after, ground.plan, ground.line, february).await.unwrap();
    assert_eq!(points_at(desk.confirm_session(after).await), ["rule"]);
    let in_time = new_id();
    desk.book_session(in_time, ground.plan, ground.line, at(ground.thursday(), date(2027, 1, 28), 600)).await.unwrap();
    desk.confirm_session(in_time).await.unwrap();
    assert_eq!(state(&test, &ground, in_time).await, SessionState::Confirmed);
}

#[tokio::test]
async fn confirming_tells_the_supervisor_and_the_social_worker_once() {
    let (_dir, test, ground) = opened().await;
    let desk = test.at_work(&ground.coordinator);
    let id = test.booked(&ground).await.unwrap();
    test.put_plan(&ground, PlanState::Agreed).await.unwrap();
    assert_eq!(points_at(desk.confirm_session(id).await), ["rule"], "the plan is not active");
    test.put_plan(&ground, PlanState::Active).await.unwrap();
    desk.confirm_session(id).await.unwrap();
    desk.confirm_session(id).await.unwrap();
    assert_eq!(told(&test, &ground.supervisor).await, ["session.confirmed"]);
    assert_eq!(told(&test, &ground.worker).await, ["session.confirmed"]);
}

#[tokio::test]
async fn a_flagged_session_is_confirmed_again_or_does_not_start() {
    let (_dir, test, ground) = opened().await;
    let id = test.confirmed(&ground).await.unwrap();
    test.service
        .own_desk(Purpose::ServiceDelivery)
        .change("test.flag", |work| async move {
            let mut session = work.session(id).await?;
            session.flagged = Some("assessment_void".into());
            work.save_session(&mut session).await?;
            Ok(())
        })
        .await
        .unwrap();
    test.clock_to(THURSDAY, 600);
    assert_eq!(points_at(test.at_work(&ground.supervisor).start_session(id, None).await), ["rule"]);
    test.at_work(&ground.coordinator).confirm_session(id).await.unwrap();
    test.at_work(&ground.supervisor).start_session(id, None).await.unwrap();
}

/// What is said of a cancellation, told on a day at a minute.
fn cancelling(by: CancelledBy, reason: CancelReason, (day, minute): (Date, i64)) -> Cancelling {
    let told_ms = calendar::instant_ms(day, minute);
    Cancelling { by, reason, note: Some("Unwell".into()), replacement: false, told_ms }
}

#[tokio::test]
async fn a_cancelled_session_gives_everything_back_and_tells() {
    let (_dir, test, ground) = opened().await;
    let desk = test.at_work(&ground.coordinator);
    let id = test.confirmed(&ground).await.unwrap();
    let version = desk.session(id).await.unwrap().session.version;
    let said = cancelling(CancelledBy::Parent, CancelReason::Illness, (date(2026, 11, 24), 540));
    desk.cancel_session(id, version, &said).await.unwrap();
    desk.cancel_session(id, version, &said).await.unwrap();
    assert_eq!(told(&test, &ground.supervisor).await, ["session.cancelled", "session.confirmed"]);
    assert_eq!(told(&test, &ground.worker).await.len(), 2);
    assert_eq!(points_at(desk.confirm_session(id).await), ["rule"]);
    test.booked(&ground).await.unwrap();
    assert_eq!(desk.diary(THURSDAY, "north").await.unwrap().counts[3], 1, "the cancelled one is not counted");
}

#[tokio::test]
async fn a_moved_session_keeps_the_rules_and_is_confirmed_again() {
    let (_dir, test, ground) = opened().await;
    let desk = test.at_work(&ground.coordinator);
    let id = test.confirmed(&ground).await.unwrap();
    let version = desk.session(id).await.unwrap().session.version;
    let sunday = at(ground.thursday(), date(2026, 11, 29), 600);
    assert_eq!(points_at(desk.move_session(id, version, sunday).await), ["day"]);
    // By half an hour, over its own old time: released first.
    let later = at(Booking { supervisor: ground.second.id, ..ground.thursday() }, THURSDAY, 630);
    desk.move_session(id, version, later).await.unwrap();
    assert_eq!(state(&test, &ground, id).await, SessionState::Planned);
    for who in [&ground.supervisor, &ground.second, &ground.worker] {
        assert_eq!(told(&test, who).await.last(), Some(&"session.moved"), "{:?}", who.actor.role);
    }
    // Another coordinator's move meanwhile is not overwritten.
    let other = at(ground.thursday(), THURSDAY, 900);
    match desk.move_session(id, version, other).await {
        Err(ServiceError::Conflict { theirs, .. }) => assert_eq!(theirs.get("start"), "10:30"),
        other => panic!("{:?}", other.err()),
    }
    desk.move_session(id, version, later).await.unwrap();
    // The old time is free, the new one taken.
    test.booked(&ground).await.map(|_| ()).map_err(|_| ()).unwrap_err();
    let free = Booking { room: ground.other_room, ..ground.thursday() };
    let short = Booking { slot: Slot { end_minute: 630, ..free.slot }, ..free };
    desk.book_session(new_id(), ground.plan, ground.line, short).await.unwrap();
}

#[tokio::test]
async fn the_diary_names_only_who_one_needs_to_know() {
    let (_dir, test, ground) = opened().await;
    test.booked(&ground).await.unwrap();
    let seen = async |who: &Colleague, area: &str| {
        let diary = test.at_work(who).diary(THURSDAY, area).await.unwrap();
        let entries = diary.rows.into_iter().flat_map(|row| row.cells).flat_map(|cell| cell.sessions);
        entries.map(|entry| (entry.who, entry.id.is_some())).collect::<Vec<_>>()
    };
    let south = test.colleague(kith_domain::access::Role::Coordinator, "south", "south").await.unwrap();
    assert_eq!(seen(&ground.coordinator, "north").await, [("Amara".to_owned(), true)]);
    assert_eq!(seen(&ground.supervisor, "north").await, [("Amara".to_owned(), true)]);
    assert_eq!(seen(&ground.second, "north").await, [], "not their session");
    assert_eq!(seen(&south, "north").await, [("Busy".to_owned(), false)]);
    assert!(test.at_work(&ground.worker).diary(THURSDAY, "north").await.is_err());
    let diary = test.at_work(&ground.coordinator).diary(date(2026, 12, 25), "north").await.unwrap();
    assert_eq!(diary.rows[0].cells[4].shut.as_deref(), Some("Christmas Day"));
    assert_eq!(diary.days[0], date(2026, 12, 21));
}

#[tokio::test]
async fn before_walking_in() {
    let (_dir, test, ground) = opened().await;
    let id = test.confirmed(&ground).await.unwrap();
    let view = test.at_work(&ground.supervisor).session(id).await.unwrap();
    let known = view.known().next().expect("her own session");
    assert_eq!(known.coming.len(), 1);
    assert_eq!(known.coming[0].relative.name(), "Ruth Adeyemi");
    assert_eq!(known.coming[0].assessment().map(|a| a.hazards.len()), Some(1));
    assert_eq!(known.barred.iter().map(kith_store::Relative::name).collect::<Vec<_>>(), ["Dean Adeyemi"]);
    assert_eq!((view.room.as_str(), view.venue.as_str()), ("Willow", "Elm House"));
    assert!(view.may_run && !view.may_change && !view.may_read_record);
    assert!(known.last.is_none());
    assert_eq!(points_at(test.at_work(&ground.second).session(id).await.map(|_| ())), ["not found"]);
}

#[tokio::test]
async fn the_last_session_in_three_lines_once_it_is_signed() {
    let (_dir, test, ground) = opened().await;
    let first = test.ended(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    let came = [(1, kith_domain::record::Came::at(612).because("The bus"))];
    test.course(&desk, first, &came, None, None).await.unwrap();
    desk.write_entry(first, crate::testing::typed("for_worker", 690, "Amara asked for a longer session next time."))
        .await
        .unwrap();
    let next = new_id();
    let coordinator = test.at_work(&ground.coordinator);
    let tuesday = at(ground.thursday(), date(2026, 12, 1), 600);
    coordinator.book_session(next, ground.plan, ground.line, tuesday).await.unwrap();
    let lines = async || {
        let view = desk.session(next).await.unwrap();
        view.known().next().unwrap().last.as_ref().unwrap().lines.clone()
    };
    assert_eq!(lines().await, ["Completed"], "nothing of a record that is not signed");
    desk.sign_record(first, &signature()).await.unwrap();
    assert_eq!(
        lines().await,
        ["Completed", "Ruth Adeyemi: 12 minutes late. The bus", "Amara asked for a longer session next time."]
    );
}

#[tokio::test]
async fn a_supervisor_s_day() {
    let (_dir, test, ground) = opened().await;
    let desk = test.at_work(&ground.supervisor);
    test.booked(&ground).await.unwrap();
    let today = desk.my_day(date(2026, 11, 24)).await.unwrap();
    assert!(today.sessions.is_empty() && today.to_sign.is_empty());
    assert_eq!(today.next.map(|next| (next.slot.day, next.place)), Some((THURSDAY, "Willow, Elm House".to_owned())));
    let (_dir, test, ground) = opened().await;
    let id = test.ended(&ground).await.unwrap();
    let desk = test.at_work(&ground.supervisor);
    let day = desk.my_day(THURSDAY).await.unwrap();
    assert_eq!(day.sessions[0].with, ["Ruth Adeyemi"]);
    assert_eq!(day.to_sign.len(), 1);
    assert!(!day.to_sign[0].overdue);
    // Due 24 hours after the planned end.
    assert_eq!(day.to_sign[0].due_ms, calendar::instant_ms(date(2026, 11, 27), 690));
    test.clock_to(date(2026, 11, 27), 691);
    assert!(desk.my_day(THURSDAY).await.unwrap().to_sign[0].overdue);
    desk.sign_record(id, &Signing { late_reason: Some("Ill".into()), ..signature() }).await.unwrap();
    assert!(desk.my_day(THURSDAY).await.unwrap().to_sign.is_empty());
}

#[tokio::test]
async fn one_more_than_exactly_is_booked_with_its_reason_alone() {
    // Handbook section 19: more than "exactly" is an excess, "booking it needs a reason".
    let dir = tempfile::tempdir().unwrap();
    let test = TestService::open(dir.path()).await.unwrap();
    let ground = test.ground("").await.unwrap();
    let own = test.service.own_desk(kith_domain::access::Purpose::ServiceDelivery);
    own.change("test.plan", |work| async move {
        let mut plan = work.plan(ground.plan).await?;
        plan.body.started_on = Some(date(2026, 11, 2));
        for line in &mut plan.body.arrangements {
            line.frequency.bound = kith_domain::plan::Bound::Exactly;
            line.frequency.count = 1;
        }
        work.save_plan(&mut plan).await?;
        Ok(())
    })
    .await
    .unwrap();
    let desk = test.at_work(&ground.coordinator);
    desk.book_session(new_id(), ground.plan, ground.line, ground.thursday()).await.unwrap();
    let saturday = at(ground.thursday(), date(2026, 11, 28), 600);
    assert_eq!(points_at(desk.book_session(new_id(), ground.plan, ground.line, saturday).await), ["beyond"]);
    let id = new_id();
    let under = [Under { plan: ground.plan, line: ground.line }];
    desk.book_together(id, &under, saturday, Some(" ")).await.unwrap_err();
    desk.book_together(id, &under, saturday, Some("Her birthday")).await.unwrap();
    let session = desk.look().session(id).await.unwrap();
    assert_eq!(session.body.beyond.as_deref(), Some("Her birthday"));
}

#[tokio::test]
async fn another_area_s_diary_is_free_or_busy_and_an_entry() {
    // "`/diary?area=` of another area showed rooms, times, supervisors and states with none."
    let (_dir, test, ground) = opened().await;
    test.booked(&ground).await.unwrap();
    let south = test.colleague(kith_domain::access::Role::Coordinator, "south", "south").await.unwrap();
    let diary = test.at_work(&south).diary(THURSDAY, "north").await.unwrap();
    assert_eq!((diary.planned, diary.flagged), (0, 0));
    for row in &diary.rows {
        assert!(row.room.name.starts_with("Room ") && row.room.features.is_empty(), "{}", row.room.name);
        for entry in row.cells.iter().flat_map(|cell| &cell.sessions) {
            assert_eq!((entry.who.as_str(), entry.supervisor.as_str()), ("Busy", ""));
            assert!(
                entry.id.is_none() && entry.state.is_none() && entry.flagged.is_none() && entry.moved_from.is_none()
            );
        }
    }
    assert_eq!(diary.counts[3], 1, "a free hour can be found");
    let look = test.service.own_desk(kith_domain::access::Purpose::Accountability).look();
    let filter = kith_store::LogFilter { subjects: vec![ground.venue.0], actor: Some(south.id), ..Default::default() };
    let entries = look.log_entries(&filter, 9).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(), ["diary.busy_read"]);
}
