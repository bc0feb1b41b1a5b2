//! What happens to a session after it is booked, and what of it stays readable (handbook section 19).

use jiff::civil::date;
use kith_domain::record::{Came, Ended, Verdict};
use kith_domain::session::{CancelReason, CancelledBy, Cancelling, Seat};

use super::{Booking, ServiceError, SessionId, SessionState, THURSDAY, at, calendar, cancelling, new_id, opened};
use super::{points_at, state, told};
use crate::session::{Correction, Right, StandIn};
use crate::testing::{Ground, TestService, observed, signature};

async fn version(test: &TestService, ground: &Ground, id: SessionId) -> i64 {
    test.at_work(&ground.coordinator).session(id).await.unwrap().session.version
}

fn code(result: Result<(), ServiceError>) -> &'static str {
    match result.unwrap_err() {
        ServiceError::Refused(refusal) => refusal.code,
        other => panic!("{other}"),
    }
}

/// The mother's illness, told on Wednesday at 14:50.
fn ill() -> Cancelling {
    cancelling(CancelledBy::Parent, CancelReason::Illness, (date(2026, 11, 25), 14 * 60 + 50))
}

async fn cancelled(test: &TestService, ground: &Ground) -> SessionId {
    let id = test.confirmed(ground).await.unwrap();
    test.clock_to(date(2026, 11, 25), 16 * 60 + 20);
    let version = version(test, ground, id).await;
    test.at_work(&ground.coordinator).cancel_session(id, version, &ill()).await.unwrap();
    id
}

#[tokio::test]
async fn notice_runs_from_when_the_service_was_told() {
    // Handbook section 19, "Notice of a cancellation".
    let (_dir, test, ground) = opened().await;
    let id = cancelled(&test, &ground).await;
    let view = test.at_work(&ground.coordinator).session(id).await.unwrap();
    let said = view.session.body.cancellation.as_ref().unwrap();
    assert_eq!(said.notice(view.session.slot), "19 hours before it was to begin");
    assert_eq!(said.at_ms - said.told_ms, 90 * 60_000, "when it was typed stands beside it");
}

#[tokio::test]
async fn two_tabs_that_say_different_things_are_a_conflict_that_shows_both() {
    let (_dir, test, ground) = opened().await;
    let id = cancelled(&test, &ground).await;
    let by_carer = Cancelling { by: CancelledBy::Carer, ..ill() };
    let desk = test.at_work(&ground.manager);
    match desk.cancel_session(id, 2, &by_carer).await.unwrap_err() {
        ServiceError::Conflict { theirs, .. } => assert_eq!(theirs.get("by"), "parent"),
        other => panic!("{other}"),
    }
    let stands = desk.session(id).await.unwrap().session.body.cancellation.unwrap();
    assert_eq!(stands.by, CancelledBy::Parent);
}

#[tokio::test]
async fn what_was_said_in_error_is_corrected_and_both_are_kept() {
    let (_dir, test, ground) = opened().await;
    let desk = test.at_work(&ground.coordinator);
    let id = cancelled(&test, &ground).await;
    let right = Right::Cancelled(Cancelling { by: CancelledBy::Carer, ..ill() });
    let correction = Correction { right, why: "It was the carer who rang".into() };
    let shown = version(&test, &ground, id).await;
    desk.correct_cancellation(id, shown, &correction).await.unwrap();
    desk.correct_cancellation(id, shown, &correction).await.unwrap();
    let view = desk.session(id).await.unwrap();
    assert_eq!(
        view.session.body.cancellation.as_ref().map(|said| said.by),
        Some(CancelledBy::Carer),
        "this is counted"
    );
    let past: Vec<&str> = view.past.iter().map(|line| line.words.as_str()).collect();
    assert!(past.iter().any(|words| words.starts_with("Cancelled by parent or family member (illness)")), "{past:?}");
    assert!(past.iter().any(|words| words.starts_with("Corrected: cancelled by carer (illness)")), "{past:?}");
    assert_eq!(told(&test, &ground.worker).await.last(), Some(&"session.corrected"));
}

#[tokio::test]
async fn a_session_that_was_not_cancelled_takes_place_if_all_is_free() {
    let (_dir, test, ground) = opened().await;
    let desk = test.at_work(&ground.coordinator);
    let id = cancelled(&test, &ground).await;
    let stands = Correction { right: Right::Stands, why: "Another family rang".into() };
    let booked_instead = test.booked(&ground).await.unwrap();
    let shown = version(&test, &ground, id).await;
    assert_eq!(points_at(desk.correct_cancellation(id, shown, &stands).await), ["room"]);
    let instead = version(&test, &ground, booked_instead).await;
    desk.cancel_session(
        booked_instead,
        instead,
        &cancelling(CancelledBy::Service, CancelReason::Other, (date(2026, 11, 25), 980)),
    )
    .await
    .unwrap();
    desk.correct_cancellation(id, shown, &stands).await.unwrap();
    assert_eq!(state(&test, &ground, id).await, SessionState::Planned);
    assert_eq!(desk.diary(THURSDAY, "north").await.unwrap().counts[3], 1);
}

#[tokio::test]
async fn what_was_entered_in_error_counts_for_nothing_and_stays_readable() {
    // The slot was booked again and held: one hour is not shown as held and cancelled by the parent.
    let (_dir, test, ground) = opened().await;
    let desk = test.at_work(&ground.coordinator);
    let id = cancelled(&test, &ground).await;
    let void = Correction { right: Right::Void, why: "Typed under the wrong child".into() };
    let shown = version(&test, &ground, id).await;
    test.clock_to(date(2026, 11, 27), 600);
    let late = Correction { right: Right::Stands, ..void.clone() };
    assert_eq!(points_at(desk.correct_cancellation(id, shown, &late).await), ["right"], "its time has passed");
    desk.correct_cancellation(id, shown, &void).await.unwrap();
    let file = desk.file(ground.child).await.unwrap();
    assert!(file.sessions.iter().all(|session| session.id != id));
    assert_eq!(file.put_aside.iter().map(|session| session.id).collect::<Vec<_>>(), [id]);
    let past = desk.session(id).await.unwrap().past;
    assert_eq!(past.last().and_then(|line| line.why.as_deref()), Some("Typed under the wrong child"));
}

#[tokio::test]
async fn the_day_from_which_a_session_was_moved_is_used() {
    let (_dir, test, ground) = opened().await;
    let desk = test.at_work(&ground.coordinator);
    let id = test.booked(&ground).await.unwrap();
    let friday = at(Booking { supervisor: ground.second.id, ..ground.thursday() }, date(2026, 11, 27), 600);
    desk.move_session(id, version(&test, &ground, id).await, friday).await.unwrap();
    let proposals = desk.propose_sessions(ground.plan, ground.line, THURSDAY, THURSDAY).await.unwrap();
    assert_eq!(
        proposals.days[0].shut.as_deref(),
        Some("Moved to Friday 27 November 2026, 10:00 to 11:30"),
        "and is not offered again"
    );
    let view = desk.session(id).await.unwrap();
    let moved = "Moved from Thursday 26 November 2026, 10:00 to 11:30, Willow, SAMI Contact supervisor";
    assert!(view.past.iter().any(|line| line.words == moved));
    // Who lost it is told so, and nothing of whom it is for.
    let lost = test.at_work(&ground.supervisor);
    assert_eq!(told(&test, &ground.supervisor).await, ["session.moved"]);
    assert!(matches!(lost.session(id).await, Err(ServiceError::NotFound)));
    assert_eq!(lost.lost_session(id).await.unwrap().map(|lost| lost.slot.day), Some(THURSDAY));
    assert!(test.at_work(&ground.second).lost_session(id).await.unwrap().is_none(), "it is theirs");
    let stranger = test.ground("2").await.unwrap();
    assert!(test.at_work(&stranger.supervisor).lost_session(id).await.unwrap().is_none());
}

fn stand_in(who: &crate::testing::Colleague) -> StandIn {
    StandIn { seat: Seat::First, who: who.id, why: "Taken ill".into() }
}

#[tokio::test]
async fn somebody_stands_in_at_five_past_ten_and_both_names_stand() {
    let (_dir, test, ground) = opened().await;
    let id = test.started(&ground).await.unwrap();
    test.clock_to(THURSDAY, 605);
    let desk = test.at_work(&ground.coordinator);
    desk.stand_in(id, version(&test, &ground, id).await, &stand_in(&ground.second)).await.unwrap();
    let view = desk.session(id).await.unwrap();
    assert_eq!(view.session.state, SessionState::InProgress, "it goes on");
    assert_eq!(
        (view.supervisor.as_str(), view.booked.as_deref()),
        ("SENA Contact supervisor", Some("SAMI Contact supervisor"))
    );
    let new = test.at_work(&ground.second);
    new.write_entry(id, observed("Amara drew.")).await.unwrap();
    assert!(matches!(test.at_work(&ground.supervisor).session(id).await, Err(ServiceError::NotFound)));
    test.clock_to(THURSDAY, 691);
    let came = [(0, Came::at(598)), (1, Came::at(600))];
    test.course(&new, id, &came, Some(600), Some((690, Ended::Complete))).await.unwrap();
    new.sign_record(id, &signature()).await.unwrap();
}

#[tokio::test]
async fn who_stands_in_for_a_returned_record_leaves_what_was_written_and_signed_as_it_was() {
    let (_dir, test, ground) = opened().await;
    let id = test.signed(&ground).await.unwrap();
    let manager = test.at_work(&ground.manager);
    let back = Verdict { accepted: false, comment: Some("Who opened the door?".into()) };
    manager.review_record(id, &back).await.unwrap();
    test.clock_to(date(2026, 11, 27), 600);
    let desk = test.at_work(&ground.coordinator);
    desk.stand_in(id, version(&test, &ground, id).await, &stand_in(&ground.second)).await.unwrap();
    let view = test.at_work(&ground.second).record(id).await.unwrap();
    assert!(view.signatures[0].intact, "signed by whoever was booked");
    assert_eq!(view.author, "SENA Contact supervisor");
    assert_eq!(view.booked.as_deref(), Some("SAMI Contact supervisor"));
    assert!(view.entries().all(|entry| !entry.own && entry.author_name == "SAMI Contact supervisor"));
}

#[tokio::test]
async fn nobody_stands_in_who_is_there_already_or_is_busy() {
    let (_dir, test, ground) = opened().await;
    let id = test.confirmed(&ground).await.unwrap();
    let other = test.ground("2").await.unwrap();
    let busy = Booking { supervisor: ground.second.id, ..other.thursday() };
    test.at_work(&other.coordinator).book_session(new_id(), other.plan, other.line, busy).await.unwrap();
    let desk = test.at_work(&ground.coordinator);
    let shown = version(&test, &ground, id).await;
    assert_eq!(points_at(desk.stand_in(id, shown, &stand_in(&ground.second)).await), ["who"], "busy");
    let with_two = Booking { second: Some(other.second.id), ..ground.thursday() };
    desk.move_session(id, shown, with_two).await.unwrap();
    let shown = version(&test, &ground, id).await;
    assert_eq!(points_at(desk.stand_in(id, shown, &stand_in(&other.second)).await), ["who"], "there already");
    assert_eq!(points_at(desk.stand_in(id, shown, &stand_in(&ground.worker)).await), ["who"], "no supervisor");
    match desk.stand_in(id, shown - 1, &stand_in(&other.supervisor)).await.unwrap_err() {
        ServiceError::Conflict { .. } => {}
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_stand_in_writes_up_what_was_held_and_after_a_week_by_a_manager_s_leave() {
    let (_dir, test, ground) = opened().await;
    let id = test.confirmed(&ground).await.unwrap();
    test.clock_to(date(2026, 11, 27), 600);
    let desk = test.at_work(&ground.coordinator);
    desk.stand_in(id, version(&test, &ground, id).await, &stand_in(&ground.second)).await.unwrap();
    test.clock_to(date(2026, 12, 7), 600);
    let second = test.at_work(&ground.second);
    assert!(matches!(second.start_session(id, None).await, Err(ServiceError::NotFound)), "the week is over");
    assert!(matches!(desk.let_write_up(id, "She was ill").await, Err(ServiceError::NotFound)), "a manager's");
    test.at_work(&ground.manager).let_write_up(id, "She was ill").await.unwrap();
    second.start_session(id, None).await.unwrap();
    assert_eq!(
        code(desk.stand_in(id, 0, &stand_in(&ground.worker)).await.map_err(|error| match error {
            ServiceError::Invalid(_) => ServiceError::rule("who", ""),
            other => other,
        })),
        "who"
    );
}

#[tokio::test]
async fn a_session_told_of_after_its_start_says_so() {
    let (_dir, test, ground) = opened().await;
    let id = test.confirmed(&ground).await.unwrap();
    test.clock_to(THURSDAY, 640);
    let told = cancelling(CancelledBy::Parent, CancelReason::Transport, (THURSDAY, 610));
    let desk = test.at_work(&ground.coordinator);
    desk.cancel_session(id, version(&test, &ground, id).await, &told).await.unwrap();
    let session = desk.session(id).await.unwrap().session;
    assert_eq!(session.body.cancellation.unwrap().notice(session.slot), "10 minutes after it was to begin");
    assert_eq!(calendar::day_number(session.slot.day), calendar::day_number(THURSDAY));
}
