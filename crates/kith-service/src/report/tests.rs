//! A report from its first line to the signed paper; its figures against the diary's.

use jiff::civil::{Date, date};
use kith_domain::access::{Purpose, Role};
use kith_domain::calendar;
use kith_domain::ids::{ReportId, SessionId};
use kith_domain::record::{Came, Ended};
use kith_domain::report::{ReportFacts, ReportState};
use kith_domain::session::{CancelReason, Cancellation, CancelledBy, SessionBody, SessionState, Slot, Stood, What};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::ReportView;
use crate::testing::{Ground, PASSWORD, PLACEMENT_ADDRESS, TestService, steady};
use crate::{Desk, ServiceError};

const FROM: Date = date(2026, 11, 2);
const TO: Date = date(2026, 11, 24);
const SAID: &str = "I have coordinated.\n\nI say so.";

fn facts(statement: &str) -> ReportFacts {
    ReportFacts { from: FROM, to: TO, statement: statement.to_owned() }
}

fn cancelled(by: CancelledBy, reason: CancelReason, day: Date, replacement: bool) -> SessionBody {
    let recorded_by = kith_domain::ids::AccountId(Uuid::nil());
    // Three hours before.
    let at_ms = calendar::instant_ms(day, 7 * 60);
    SessionBody {
        cancellation: Some(Cancellation { by, reason, note: None, replacement, recorded_by, told_ms: at_ms, at_ms }),
        ..SessionBody::default()
    }
}

/// A ground with three weeks of November in its diary: of six sessions due, three were held.
async fn november(test: &TestService) -> Result<Ground, ServiceError> {
    use SessionState as S;
    let ground = test.ground("").await?;
    let desk = test.service.own_desk(Purpose::ServiceDelivery);
    desk.change("test.plan", |work| async move {
        let mut plan = work.plan(ground.plan).await?;
        plan.body.arrangements.retain(|line| line.id == ground.line);
        plan.body.started_on = Some(FROM);
        work.save_plan(&mut plan).await?;
        Ok(())
    })
    .await?;
    let stands = async |day: Date, state, body| test.stands(&ground, day, state, body).await;
    stands(date(2026, 11, 3), S::Completed, SessionBody::default()).await?;
    stands(date(2026, 11, 5), S::EndedEarly, SessionBody::default()).await?;
    let ill = cancelled(CancelledBy::Parent, CancelReason::Illness, date(2026, 11, 10), false);
    stands(date(2026, 11, 10), S::Cancelled, ill).await?;
    let staff = cancelled(CancelledBy::Service, CancelReason::Staff, date(2026, 11, 12), true);
    stands(date(2026, 11, 12), S::Cancelled, staff).await?;
    stands(date(2026, 11, 17), S::DidNotAttend, SessionBody::default()).await?;
    stands(date(2026, 11, 19), S::Completed, SessionBody::default()).await?;
    Ok(ground)
}

/// Runs today's session as its supervisor does, with one entry, and signs it if wanted.
async fn todays_session(
    test: &TestService,
    ground: &Ground,
    written: &str,
    signed: bool,
) -> Result<SessionId, ServiceError> {
    let today = date(2026, 11, 24);
    let at = |minute| calendar::instant_ms(today, minute);
    let id = test.stands(ground, today, SessionState::Confirmed, SessionBody::default()).await?;
    let desk = test.desk(&ground.supervisor, Purpose::ServiceDelivery);
    test.clock.move_to(at(600));
    desk.start_session(id, None).await?;
    test.clock.move_to(at(616));
    let came = [(0, Came::at(595)), (1, Came::at(614))];
    test.course(&desk, id, &came, Some(614), None).await?;
    test.clock.move_to(at(632));
    desk.write_entry(id, crate::testing::typed("play", 630, written)).await?;
    test.clock.move_to(at(690));
    test.course(&desk, id, &[], None, Some((690, Ended::Complete))).await?;
    test.clock.move_to(at(710));
    if signed {
        desk.sign_record(id, &crate::testing::signature()).await?;
    }
    Ok(id)
}

async fn begin(desk: &Desk, ground: &Ground, statement: &str) -> Result<ReportId, ServiceError> {
    let id = ReportId(Uuid::now_v7());
    desk.begin_report(ground.child, id, facts(statement)).await
}

fn everything(view: &ReportView) -> String {
    serde_json::to_string(&view.paper).expect("a paper is JSON")
}

struct Made {
    test: TestService,
    ground: Ground,
    coordinator: Desk,
    dir: tempfile::TempDir,
}

async fn made() -> Made {
    let dir = tempfile::tempdir().expect("a directory");
    let test = TestService::open(dir.path()).await.expect("the service opens");
    let ground = november(&test).await.expect("November");
    let coordinator = test.desk(&ground.coordinator, Purpose::OfficialReporting);
    Made { test, ground, coordinator, dir }
}

#[tokio::test]
async fn a_session_that_was_moved_says_what_day_it_was_moved_from() {
    // What it was before is readable, in the report too.
    let Made { test, ground, coordinator, dir: _dir } = made().await;
    let day = date(2026, 11, 24);
    let mut body = SessionBody::default();
    let slot = |day: Date, hour: i64| Slot { day, start_minute: hour * 60, end_minute: hour * 60 + 90 };
    for (at_ms, slot) in [(1, slot(date(2026, 11, 20), 10)), (2, slot(day, 10))] {
        let from = Stood { slot, room: ground.room, supervisor: ground.supervisor.id, second: None };
        body.happened(ground.coordinator.id, at_ms, What::Moved { from });
    }
    test.stands(&ground, day, SessionState::Planned, body).await.expect("stands");
    let id = begin(&coordinator, &ground, "").await.expect("begun");
    let paper = coordinator.report(id).await.expect("read").paper;
    let moved = &paper.sessions.last().expect("a session").outcome;
    // Another room or supervisor on the day itself is no other day.
    assert_eq!(moved, "Still to come; moved from Friday 20 November 2026, 10:00 to 11:30");
}

#[tokio::test]
async fn its_figures_are_the_diary_s() {
    let Made { test, ground, coordinator, dir: _dir } = made().await;
    todays_session(&test, &ground, "They built a tower.", false).await.expect("held");
    let id = begin(&coordinator, &ground, "I have supervised.").await.expect("begun");
    let paper = coordinator.report(id).await.expect("read").paper;

    let look = coordinator.look();
    let (from, to) = (calendar::day_number(FROM), calendar::day_number(TO));
    let diary = look.diary_of_child(ground.child, from, to).await.expect("the diary");
    let count = |wanted: &[SessionState]| {
        u32::try_from(diary.iter().filter(|booked| wanted.contains(&booked.state)).count()).expect("few")
    };
    let held = count(&[SessionState::Completed, SessionState::EndedEarly]);
    let not_held = count(&[SessionState::Cancelled, SessionState::DidNotAttend]);
    assert_eq!((held, not_held), (4, 3));
    let [line] = paper.delivery.as_slice() else { panic!("one arrangement") };
    // Handbook section 7: three whole weeks at twice a week are six; a running week can still be kept.
    assert_eq!(
        (line.due, line.offered, line.held, line.shortfall),
        (6, 5, held - 1, 3),
        "today’s week is still running, and the service took one away"
    );
    assert_eq!(line.hours, "4 h 30 min of 9 h, 4 h 30 min short");
    assert_eq!(line.running, "1 of 2 so far");
    assert!(line.court_ordered);
    assert_eq!(
        line.reasons,
        "1 not offered; 2 cancelled or not attended by the family; 1 cancelled by parent or family member (illness); \
         1 cancelled by contact service (no supervisor); 1 Ruth Adeyemi did not come"
    );
    let weeks: Vec<_> = paper.weeks.iter().map(|week| (week.due, week.held, week.not_held)).collect();
    assert_eq!(weeks, [(2, 2, 0), (2, 0, 1), (2, 1, 1), (0, 0, 0)]);
    let sum = |of: fn(&(u32, u32, u32)) -> u32| weeks.iter().map(of).sum::<u32>();
    assert_eq!((sum(|w| w.0), sum(|w| w.1)), (line.due, line.held), "the picture adds up to the table");
    assert_eq!(paper.weeks[0].label, "2 Nov");
    assert_eq!(paper.sessions.len(), diary.len());
    assert_eq!(
        paper.sessions[3].outcome,
        "Cancelled by contact service (no supervisor), 3 hours before it was to begin; a replacement was offered"
    );
    assert_eq!(paper.sessions[0].with, "Ruth Adeyemi");
    assert_eq!(paper.sessions[4].outcome, "Did not take place: Ruth Adeyemi did not come");
    assert!(paper.introduction.iter().any(|text| text
        == "In this period 7 sessions stood in the diary: 4 were held, of which 1 ended early; 1 did not take place, because somebody did not come; 2 were cancelled."));
    assert!(paper.draft && paper.signature.is_none());
}

#[tokio::test]
async fn only_signed_records_are_in_it_and_the_rest_are_counted() {
    let Made { test, ground, coordinator, dir: _dir } = made().await;
    let id = begin(&coordinator, &ground, "").await.expect("a draft can be without a statement");
    todays_session(&test, &ground, "They built a tower.", false).await.expect("held");
    let words = |view: &ReportView| view.paper.introduction.last().cloned().unwrap_or_default();
    let view = coordinator.report(id).await.expect("read");
    assert_eq!(
        words(&view),
        "0 records are signed and set out below. 4 records are not signed yet, or returned for correction, and no part of this report."
    );
    assert_eq!(view.paper.sessions[6].lateness, "Record not signed yet");

    let desk = test.desk(&ground.supervisor, Purpose::ServiceDelivery);
    let today = desk.look().diary_of_child(ground.child, 0, 999_999).await.expect("the diary")[6].id;
    desk.sign_record(today, &crate::testing::signature()).await.expect("signed");
    let report = coordinator.look().report(id).await.expect("read");
    let paper = coordinator.assembled(&coordinator.look(), &report, true).await.expect("assembled").paper;
    assert_eq!(paper.records.len(), 1);
    assert_eq!(paper.records[0].headings[0].entries[0].text, "They built a tower.");
    assert_eq!(paper.sessions[6].lateness, "Ruth Adeyemi 14 minutes");
    let pdf = coordinator.report_paper(id).await.expect("set");
    assert!(pdf.starts_with(b"%PDF-"));
}

#[tokio::test]
async fn signed_by_its_author_with_the_password_and_then_locked_and_kept() {
    let Made { test, ground, coordinator, dir: _dir } = made().await;
    let id = begin(&coordinator, &ground, "First.").await.expect("begun");
    begin(&coordinator, &ground, "First.").await.expect("another one");
    coordinator.begin_report(ground.child, id, facts("First.")).await.expect("sent twice begins one");
    assert_eq!(coordinator.reports(ground.child).await.expect("read").len(), 2);

    let version = coordinator.save_report(id, 1, &facts("I have coordinated.")).await.expect("saved");
    let stale = coordinator.save_report(id, 1, &facts("Lost?")).await;
    assert!(
        matches!(stale, Err(ServiceError::Conflict { theirs, version: 2 }) if theirs.get("statement").starts_with("I have"))
    );

    let field = |result: Result<(), ServiceError>| match result {
        Err(ServiceError::Invalid(problems)) => problems[0].field.clone(),
        _ => "no problem".to_owned(),
    };
    assert_eq!(field(coordinator.sign_report(id, version, &facts(SAID), "").await), "password");
    assert_eq!(field(coordinator.sign_report(id, version, &facts(SAID), "not my password").await), "password");
    let manager = test.desk(&ground.manager, Purpose::OfficialReporting);
    assert!(matches!(manager.sign_report(id, version, &facts(SAID), PASSWORD).await, Err(ServiceError::Refused(_))));
    assert!(matches!(manager.save_report(id, version, &facts("Mine")).await, Err(ServiceError::Refused(_))));
    let early = coordinator.sign_report(id, version - 1, &facts(SAID), PASSWORD).await;
    assert!(matches!(early, Err(ServiceError::Conflict { .. })), "what was not shown is not signed");

    coordinator.sign_report(id, version, &facts(SAID), PASSWORD).await.expect("signed");
    coordinator.sign_report(id, version, &facts(SAID), PASSWORD).await.expect("signed twice is signed once");
    let before = coordinator.report(id).await.expect("read");
    assert_eq!(before.report.state, ReportState::Signed);
    assert!(!before.may_edit && !before.paper.draft);
    assert_eq!(before.paper.statement, ["I have coordinated.", "I say so."]);
    // Word for word: `INSTA_UPDATE=always cargo nextest run signed_by_its_author` writes it anew.
    insta::assert_snapshot!("report", steady(&serde_json::to_string_pretty(&before.paper).unwrap()));
    let body = &before.report.body;
    let text = body.signed_text.as_deref().expect("kept");
    assert_eq!(body.signature.as_ref().map(|s| s.digest.clone()), Some(hex::encode(Sha256::digest(text.as_bytes()))));
    assert!(matches!(coordinator.save_report(id, 3, &facts("Changed")).await, Err(ServiceError::Refused(_))));

    // What happens later changes nothing in what was signed.
    test.stands(&ground, date(2026, 11, 21), SessionState::Completed, SessionBody::default()).await.expect("held");
    let after = coordinator.report(id).await.expect("read");
    assert!(after.paper == before.paper);
    let first = coordinator.report_paper(id).await.expect("set");
    test.clock.move_to(calendar::instant_ms(date(2026, 12, 24), 600));
    assert!(coordinator.report_paper(id).await.expect("set") == first, "the same bytes for the same report");
}

#[tokio::test]
async fn the_placement_address_is_never_in_it() {
    let Made { test, ground, coordinator, dir: _dir } = made().await;
    let told = "Amara said: I live at 1 quiet lane now. The carer's note had NB2 2BB on it.";
    todays_session(&test, &ground, told, true).await.expect("held");
    let id = begin(&coordinator, &ground, "She is well at 1 Quiet Lane.").await.expect("begun");
    let view = coordinator.report(id).await.expect("read");
    assert_eq!(view.problems.len(), 1);
    let refused = coordinator.sign_report(id, 1, &facts("She is well at 1 Quiet Lane."), PASSWORD).await;
    assert!(matches!(refused, Err(ServiceError::Invalid(problems)) if problems[0].field == "statement"));

    coordinator.sign_report(id, 1, &facts("She is well."), PASSWORD).await.expect("signed as it is on the form");
    let report = coordinator.look().report(id).await.expect("read");
    let whole = coordinator.assembled(&coordinator.look(), &report, true).await.expect("assembled").paper;
    let text = serde_json::to_string(&whole).expect("JSON").to_lowercase();
    for part in [PLACEMENT_ADDRESS, "quiet"] {
        assert!(!text.contains(&part.to_lowercase()), "{part} is in the report");
    }
    // As words of their own: a reference made by chance may hold these letters.
    let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    assert!(!words.any(|word| ["nb2", "2bb", "nb22bb"].contains(&word)), "the postcode is in the report");
    assert!(text.contains("i live at [placement address withheld] now"));
    assert!(text.contains("it is withheld in this report"));
}

#[tokio::test]
async fn a_draft_is_for_those_who_write_reports() {
    let Made { test, ground, coordinator, dir: _dir } = made().await;
    let id = begin(&coordinator, &ground, "Draft.").await.expect("begun");
    let worker = test.desk(&ground.worker, Purpose::OfficialReporting);
    assert!(matches!(worker.report(id).await, Err(ServiceError::NotFound)));
    assert!(worker.reports(ground.child).await.expect("read").is_empty());
    assert!(matches!(worker.begin_report(ground.child, id, facts("")).await, Err(ServiceError::NotFound)));
    coordinator.sign_report(id, 1, &facts("Draft."), PASSWORD).await.expect("signed");
    assert!(everything(&worker.report(id).await.expect("signed, so readable")).contains("Draft."));
    assert_eq!(worker.notices().await.expect("told").first().map(|n| n.kind.code()), Some("report.signed"));

    let elsewhere = test.colleague(Role::Coordinator, "south", "elsewhere").await.expect("another area");
    let elsewhere = test.desk(&elsewhere, Purpose::OfficialReporting);
    assert!(matches!(elsewhere.report(id).await, Err(ServiceError::NotFound)));
    assert!(matches!(elsewhere.report(ReportId(Uuid::now_v7())).await, Err(ServiceError::NotFound)));
    let other_purpose = test.desk(&ground.coordinator, Purpose::ServiceDelivery);
    assert!(matches!(other_purpose.report(id).await, Err(ServiceError::NotFound)));
}
