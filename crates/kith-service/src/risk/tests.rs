//! Risk assessment: who writes, who approves, what runs out, what voiding does.

use jiff::civil::date;
use kith_domain::access::{Purpose, Role};
use kith_domain::calendar;
use kith_domain::form::Fields;
use kith_domain::ids::{AssessmentId, PersonId};
use kith_domain::risk::{AssessmentState, Level, VoidReason};
use kith_domain::session::{Flag, SessionState};
use uuid::Uuid;

use super::void::Bears;
use super::{Voided, valid_assessment};
use crate::ServiceError;
use crate::paging::Paged;
use crate::testing::{CaseInHand, whole_assessment, words};

async fn opened() -> CaseInHand {
    CaseInHand::open("a", Purpose::Assessment).await
}

impl CaseInHand {
    async fn begun(&self) -> AssessmentId {
        let desk = self.coordinator();
        desk.begin_assessment(self.case.child, self.case.mother, new()).await.unwrap()
    }
}

fn new() -> AssessmentId {
    AssessmentId(Uuid::now_v7())
}

fn high() -> Fields {
    let mut typed = whole_assessment();
    for (name, value) in [
        ("abduction", "yes"),
        ("abduction-l", "4"),
        ("abduction-i", "5"),
        ("abduction-controls", "Two members of staff, the door held"),
        ("abduction-rl", "2"),
        ("abduction-ri", "5"),
    ] {
        typed.set(name, value);
    }
    typed
}

fn why_not<T>(result: Result<T, ServiceError>) -> String {
    match result {
        Err(error @ ServiceError::Refused(_)) => error.to_string(),
        Err(ServiceError::Invalid(problems)) => problems.into_iter().map(|problem| problem.field).collect(),
        Err(error) => format!("{error:?}"),
        Ok(_) => "done".into(),
    }
}

#[tokio::test]
async fn only_a_relative_is_assessed_and_only_by_the_area_s_coordinators_and_managers() {
    let g = opened().await;
    let stranger = PersonId(Uuid::now_v7());
    let refused = g.coordinator().begin_assessment(g.case.child, stranger, new()).await;
    assert!(why_not(refused).contains("people in the child’s family"));

    let south = g.test.colleague(Role::Coordinator, "south", "south").await.unwrap();
    for who in [&g.case.social_worker, &g.case.supervisor, &south] {
        let refused = g.desk(who).begin_assessment(g.case.child, g.case.mother, new()).await;
        assert!(matches!(refused, Err(ServiceError::NotFound)), "{:?}", who.actor.role);
    }
    let delivering = g.test.desk(&g.case.coordinator, Purpose::ServiceDelivery);
    let refused = delivering.begin_assessment(g.case.child, g.case.mother, new()).await;
    assert!(matches!(refused, Err(ServiceError::NotFound)), "the purpose is assessment");
}

#[tokio::test]
async fn begun_twice_is_begun_once_and_taken_up_again() {
    let g = opened().await;
    let id = new();
    let desk = g.coordinator();
    assert_eq!(desk.begin_assessment(g.case.child, g.case.mother, id).await.unwrap(), id);
    assert_eq!(desk.begin_assessment(g.case.child, g.case.mother, id).await.unwrap(), id);
    assert_eq!(desk.begin_assessment(g.case.child, g.case.mother, new()).await.unwrap(), id, "the one not yet sent");
    let other = desk.begin_assessment(g.case.child, g.case.father, new()).await.unwrap();
    assert_ne!(other, id, "another person’s");
    desk.save_assessment(id, &whole_assessment(), 1).await.unwrap();
    desk.send_assessment(id).await.unwrap();
    assert_eq!(desk.begin_assessment(g.case.child, g.case.mother, id).await.unwrap(), id, "the same form once more");
}

#[tokio::test]
async fn what_was_typed_is_kept_even_when_it_is_wrong() {
    let g = opened().await;
    let (id, desk) = (g.begun().await, g.coordinator());
    let mut typed = whole_assessment();
    typed.set("staff", "9");
    let saved = desk.save_assessment(id, &typed, 1).await.unwrap();
    assert_eq!(saved.problems.iter().map(|problem| problem.field.as_str()).collect::<Vec<_>>(), ["staff"]);
    assert_eq!(desk.assessment(id).await.unwrap().assessment.body.fields.get("staff"), "9");
    assert_eq!(why_not(desk.send_assessment(id).await), "staff", "and it is not sent");
    assert_eq!(desk.assessment(id).await.unwrap().assessment.state, AssessmentState::Draft);
}

#[tokio::test]
async fn two_windows_do_not_overwrite_each_other() {
    let g = opened().await;
    let (id, desk) = (g.begun().await, g.coordinator());
    let first = whole_assessment();
    let mut second = whole_assessment();
    second.set("summary", "Another view.");
    assert_eq!(desk.save_assessment(id, &first, 1).await.unwrap().version, 2);
    assert_eq!(desk.save_assessment(id, &first, 1).await.unwrap().version, 2, "sent twice");
    let Err(ServiceError::Conflict { theirs, version }) = desk.save_assessment(id, &second, 1).await else {
        panic!("the second window overwrote the first")
    };
    assert_eq!((theirs.get("summary"), version), (first.get("summary"), 2));
    assert_eq!(desk.save_assessment(id, &second, version).await.unwrap().version, 3);
}

#[tokio::test]
async fn only_its_author_writes_in_it() {
    let g = opened().await;
    let id = g.begun().await;
    let refused = why_not(g.manager().save_assessment(id, &whole_assessment(), 1).await);
    assert!(refused.starts_with("Only CO-A Coordinator"), "{refused}");
    assert!(why_not(g.manager().send_assessment(id).await).starts_with("Only CO-A"));
    assert!(!g.manager().assessment(id).await.unwrap().may_edit);
}

#[tokio::test]
async fn another_person_approves_and_only_what_was_sent() {
    // Handbook section 6: "nobody approves their own".
    let g = opened().await;
    let id = g.begun().await;
    assert!(why_not(g.manager().approve_assessment(id).await).contains("not been sent"));
    g.coordinator().save_assessment(id, &whole_assessment(), 1).await.unwrap();
    g.coordinator().send_assessment(id).await.unwrap();
    g.coordinator().send_assessment(id).await.unwrap();
    assert!(why_not(g.coordinator().approve_assessment(id).await).contains("Nobody approves their own"));
    assert!(matches!(g.coordinator().assessment(id).await.unwrap().approval, Some(Err(_))));
    assert_eq!(g.kinds(&g.case.manager).await, ["assessment.awaiting"], "told once");

    g.manager().approve_assessment(id).await.unwrap();
    g.manager().approve_assessment(id).await.unwrap();
    let view = g.manager().assessment(id).await.unwrap();
    assert_eq!(view.assessment.state, AssessmentState::Approved);
    assert_eq!(view.assessment.valid_from, Some(calendar::day_number(date(2026, 11, 24))));
    assert_eq!(view.assessment.valid_until, Some(calendar::day_number(date(2027, 2, 23))), "three months");
    assert_eq!(view.approver.as_deref(), Some("MA-A Manager"));
    assert!(g.kinds(&g.case.coordinator).await.contains(&"assessment.approved"));
    let changed = g.coordinator().save_assessment(id, &high(), view.assessment.version).await;
    assert!(why_not(changed).contains("cannot be changed"));
}

#[tokio::test]
async fn a_high_risk_waits_for_a_manager() {
    let g = opened().await;
    let second = g.test.colleague(Role::Coordinator, "north", "second").await.unwrap();
    let low = g.test.sent_assessment(&g.case, g.case.father, &whole_assessment()).await.unwrap();
    let id = g.test.sent_assessment(&g.case, g.case.mother, &high()).await.unwrap();
    assert!(why_not(g.desk(&second).approve_assessment(id).await).contains("needs a manager’s approval"));
    assert!(why_not(g.desk(&second).return_assessment(id, &words("Say more")).await).contains("needs a manager"));

    let waiting = |(list, for_manager, _): (Paged<super::AwaitingApproval>, usize, _)| {
        let list = list.rows.into_iter().map(|awaiting| (awaiting.id, awaiting.level)).collect::<Vec<_>>();
        (list, for_manager)
    };
    assert_eq!(
        waiting(g.desk(&second).assessments_listed(AssessmentState::AwaitingApproval, false, 1).await.unwrap()),
        (vec![(low, Level::Low)], 1)
    );
    let both = vec![(low, Level::Low), (id, Level::High)];
    assert_eq!(
        waiting(g.manager().assessments_listed(AssessmentState::AwaitingApproval, false, 1).await.unwrap()),
        (both, 0)
    );
    assert_eq!(
        waiting(g.coordinator().assessments_listed(AssessmentState::AwaitingApproval, false, 1).await.unwrap()),
        (vec![], 0),
        "never one’s own"
    );
    let approved = g.manager().assessments_listed(AssessmentState::Approved, true, 1).await.unwrap();
    assert!(approved.0.rows.is_empty() && approved.2 == [(AssessmentState::AwaitingApproval, 2)]);
    let south = g.test.colleague(Role::Manager, "south", "south").await.unwrap();
    assert!(
        g.desk(&south).assessments_listed(AssessmentState::AwaitingApproval, false, 1).await.unwrap().0.rows.is_empty(),
        "another area’s"
    );
    assert!(matches!(
        g.desk(&g.case.supervisor).assessments_listed(AssessmentState::AwaitingApproval, false, 1).await,
        Err(ServiceError::Forbidden)
    ));
    g.manager().approve_assessment(id).await.unwrap();
}

#[tokio::test]
async fn what_is_returned_with_a_reason_is_written_on() {
    let g = opened().await;
    let id = g.test.sent_assessment(&g.case, g.case.mother, &whole_assessment()).await.unwrap();
    g.manager().return_assessment(id, &words("Say what was seen in May.")).await.unwrap();
    let view = g.coordinator().assessment(id).await.unwrap();
    assert_eq!(view.assessment.body.returned_reason.as_deref(), Some("Say what was seen in May."));
    assert!(view.may_edit && g.kinds(&g.case.coordinator).await.contains(&"assessment.returned"));
    let mut typed = whole_assessment();
    typed.set("summary", "In May she came calm and left calm.");
    g.coordinator().save_assessment(id, &typed, view.assessment.version).await.unwrap();
    g.coordinator().send_assessment(id).await.unwrap();
    g.manager().approve_assessment(id).await.unwrap();
    let body = g.manager().assessment(id).await.unwrap().assessment.body;
    assert_eq!(body.assessment.map(|read| read.summary).as_deref(), Some("In May she came calm and left calm."));
}

#[tokio::test]
async fn a_newer_one_replaces_it_and_the_history_shows_both() {
    let g = opened().await;
    let first = g.test.approved_assessment(&g.case, g.case.mother).await.unwrap();
    let father = g.test.approved_assessment(&g.case, g.case.father).await.unwrap();
    let second = g.test.approved_assessment(&g.case, g.case.mother).await.unwrap();
    let view = g.coordinator().assessment(second).await.unwrap();
    let others: Vec<_> = view.others.iter().map(|other| (other.id, other.state)).collect();
    assert_eq!(others, [(first, AssessmentState::Replaced)]);
    assert_eq!(g.coordinator().assessment(father).await.unwrap().assessment.state, AssessmentState::Approved);

    let look = g.coordinator().look();
    let day = calendar::day_number(date(2027, 2, 23));
    let valid = valid_assessment(&look, g.case.child, g.case.mother, day).await.unwrap();
    assert_eq!(valid.map(|of| of.id), Some(second));
    assert!(valid_assessment(&look, g.case.child, g.case.mother, day + 1).await.unwrap().is_none(), "run out");
    assert!(valid_assessment(&look, g.case.child, g.case.uncle, day).await.unwrap().is_none());
}

#[tokio::test]
async fn when_it_runs_out_colleagues_are_reminded_and_later_sessions_are_flagged() {
    let g = opened().await;
    g.test.approved_assessment(&g.case, g.case.mother).await.unwrap();
    let line = g.test.active_plan(&g.case, &[g.case.mother]).await.unwrap();
    let book =
        async |day| g.test.session_row(&g.case, line, &[g.case.mother], day, SessionState::Confirmed).await.unwrap();
    let (inside, outside) = (book(date(2027, 2, 23)).await, book(date(2027, 2, 25)).await);
    g.test.clock.move_to(calendar::instant_ms(date(2027, 2, 23), 23 * 60 + 58));
    g.test.service.do_waiting_work().await.unwrap();
    assert!(!g.kinds(&g.case.coordinator).await.contains(&"assessment.valid_until"), "still valid today");
    g.test.clock.move_to(calendar::instant_ms(date(2027, 2, 23), 23 * 60 + 59));
    g.test.service.do_waiting_work().await.unwrap();
    assert!(g.kinds(&g.case.coordinator).await.contains(&"assessment.valid_until"));
    let look = g.coordinator().look();
    assert_eq!(look.session(inside).await.unwrap().flagged, None);
    assert_eq!(look.session(outside).await.unwrap().flagged.as_deref(), Some(Flag::AssessmentExpired.code()));
}

#[tokio::test]
async fn a_replaced_one_reminds_nobody() {
    let g = opened().await;
    g.test.approved_assessment(&g.case, g.case.mother).await.unwrap();
    g.test.clock.move_to(calendar::instant_ms(date(2027, 1, 12), 600));
    g.test.approved_assessment(&g.case, g.case.mother).await.unwrap();
    g.test.clock.move_to(calendar::instant_ms(date(2027, 2, 24), 600));
    assert!(g.test.service.do_waiting_work().await.unwrap() > 0);
    assert!(!g.kinds(&g.case.coordinator).await.contains(&"assessment.valid_until"));
}

#[tokio::test]
async fn voiding_flags_the_sessions_to_come_and_tells_who_must_know() {
    // Handbook section 6: "void at once after a serious incident, a new order, a change of placement or a new adult";
    // "sessions already booked are flagged, not silently kept".
    let g = opened().await;
    let id = g.test.approved_assessment(&g.case, g.case.mother).await.unwrap();
    let line = g.test.active_plan(&g.case, &[g.case.mother, g.case.father]).await.unwrap();
    let (mother, father) = ([g.case.mother], [g.case.father]);
    let book = async |with: &[PersonId], day, state| g.test.session_row(&g.case, line, with, day, state).await.unwrap();
    let planned = book(&mother, date(2026, 11, 26), SessionState::Planned).await;
    let confirmed = book(&mother, date(2027, 12, 1), SessionState::Confirmed).await;
    let with_father = book(&father, date(2026, 12, 3), SessionState::Confirmed).await;
    let cancelled = book(&mother, date(2026, 12, 8), SessionState::Cancelled).await;
    let held = book(&mother, date(2026, 11, 19), SessionState::Completed).await;

    let refused = g.desk(&g.case.social_worker).void_assessment(id, VoidReason::Incident).await;
    assert!(matches!(refused, Err(ServiceError::NotFound)));

    let voided = g.manager().void_assessment(id, VoidReason::Incident).await.unwrap();
    assert_eq!(voided.flagged, 2);
    let look = g.coordinator().look();
    for (session, flag) in [
        (planned, Some("assessment_void")),
        (confirmed, Some("assessment_void")),
        (with_father, None),
        (cancelled, None),
        (held, None),
    ] {
        assert_eq!(look.session(session).await.unwrap().flagged.as_deref(), flag);
    }
    assert!(g.kinds(&g.case.coordinator).await.contains(&"assessment.void"));
    assert!(g.kinds(&g.case.social_worker).await.contains(&"assessment.void"));
    assert_eq!(g.kinds(&g.case.supervisor).await, ["session.flagged", "session.flagged"]);
    let view = g.manager().assessment(id).await.unwrap();
    assert_eq!(view.assessment.state, AssessmentState::Void);
    assert_eq!(view.assessment.body.void_reason, Some(VoidReason::Incident));
    let today = calendar::day_number(date(2026, 11, 24));
    assert!(valid_assessment(&look, g.case.child, g.case.mother, today).await.unwrap().is_none());

    g.manager().void_assessment(id, VoidReason::Incident).await.unwrap();
    assert_eq!(g.kinds(&g.case.supervisor).await.len(), 2, "voided twice is voided once");
    assert!(why_not(g.manager().void_assessment(id, VoidReason::NewOrder).await).contains("is void"));
}

fn code<T>(result: Result<T, ServiceError>) -> &'static str {
    match result {
        Err(ServiceError::Refused(refusal)) => refusal.code,
        Err(ServiceError::Invalid(_)) => "invalid",
        Err(ServiceError::NotFound) => "not_found",
        Err(_) => "other",
        Ok(_) => "done",
    }
}

/// One hazard with these scores before and after its controls.
fn hazard(code: &str, before: [&str; 2], after: [&str; 2], supervision: &str, staff: &str) -> Fields {
    let mut typed: Fields =
        [("supervision", supervision), ("staff", staff), ("summary", "As the reports say.")].into_iter().collect();
    typed.set(code, "yes");
    for (suffix, value) in [("l", before[0]), ("i", before[1]), ("rl", after[0]), ("ri", after[1])] {
        typed.set(format!("{code}-{suffix}"), value);
    }
    typed.set(format!("{code}-controls"), "Never alone; the door stays open");
    typed
}

#[tokio::test]
async fn the_risk_without_controls_decides_who_approves() {
    // Handbook section 19: "The score without controls decides who approves (setting: from 12 a manager); the residual
    // score decides the level of supervision."
    let g = opened().await;
    let second = g.test.colleague(Role::Coordinator, "north", "second").await.unwrap();
    let typed = hazard("sexual_harm", ["5", "5"], ["1", "4"], "unsupervised", "1");
    let id = g.test.sent_assessment(&g.case, g.case.mother, &typed).await.unwrap();
    assert!(!g.kinds(&second).await.contains(&"assessment.awaiting"), "only those who may are asked");
    assert_eq!(code(g.desk(&second).approve_assessment(id).await), "risk.needs_a_manager");
    assert_eq!(
        g.desk(&second).assessments_listed(AssessmentState::AwaitingApproval, false, 1).await.unwrap().1,
        1,
        "said, not shown as theirs"
    );
    let waiting = g.manager().assessments_listed(AssessmentState::AwaitingApproval, false, 1).await.unwrap().0.rows;
    assert_eq!(waiting.iter().map(|one| (one.id, one.level, one.score)).collect::<Vec<_>>(), [(id, Level::Low, 25)]);
    g.manager().approve_assessment(id).await.unwrap();
}

#[tokio::test]
async fn an_assessment_that_considers_no_hazard_is_not_sent() {
    let g = opened().await;
    let desk = g.coordinator();
    let id = g.begun().await;
    let mut typed: Fields =
        [("supervision", "supervised"), ("staff", "1"), ("summary", "Nothing to say.")].into_iter().collect();
    let saved = desk.save_assessment(id, &typed, 1).await.unwrap();
    assert_eq!(saved.problems.iter().map(|problem| problem.field.as_str()).collect::<Vec<_>>(), ["none_applies"]);
    assert_eq!(why_not(desk.send_assessment(id).await), "none_applies");
    typed.set("none_applies", "yes");
    desk.save_assessment(id, &typed, saved.version).await.unwrap();
    desk.send_assessment(id).await.unwrap();
    g.manager().approve_assessment(id).await.unwrap();
}

#[tokio::test]
async fn what_happens_voids_every_assessment_it_bears_on_drafts_and_waiting_ones_too() {
    // Handbook section 6: "void at once after a serious incident, a new order, a change of placement or a new adult".
    let g = opened().await;
    let (test, case) = (&g.test, &g.case);
    let mother = test.approved_assessment(case, case.mother).await.unwrap();
    let redrafted = g.begun().await;
    let father = test.sent_assessment(case, case.father, &whole_assessment()).await.unwrap();
    let uncle = test.sent_assessment(case, case.uncle, &whole_assessment()).await.unwrap();
    g.manager().return_assessment(uncle, &words("Say more.")).await.unwrap();
    let line = test.active_plan(case, &[case.mother]).await.unwrap();
    let day = date(2026, 11, 26);
    let booked = test.session_row(case, line, &[case.mother], day, SessionState::Confirmed).await.unwrap();

    let desk = &g.manager();
    let voided = desk
        .change("test.order", |work| async move {
            desk.void_for(&work, Bears { child: case.child, person: None }, VoidReason::NewOrder).await
        })
        .await
        .unwrap();
    assert_eq!(voided, Voided { assessments: 4, flagged: 1 });
    for id in [mother, redrafted, father, uncle] {
        let body = g.coordinator().assessment(id).await.unwrap().assessment;
        assert_eq!((body.state, body.body.void_reason), (AssessmentState::Void, Some(VoidReason::NewOrder)));
    }
    let look = g.coordinator().look();
    assert_eq!(look.session(booked).await.unwrap().flagged.as_deref(), Some("assessment_void"));
    assert_eq!(g.kinds(&g.case.coordinator).await.iter().filter(|kind| **kind == "assessment.void").count(), 4);
    assert!(g.kinds(&g.case.social_worker).await.contains(&"assessment.void"));
    assert_eq!(g.kinds(&g.case.supervisor).await, ["session.flagged"]);
    assert_eq!(code(g.manager().approve_assessment(father).await), "risk.wrong_state", "it was thought before");
}

#[tokio::test]
async fn a_stricter_assessment_flags_the_sessions_that_no_longer_meet_it() {
    // Handbook section 19: "A new assessment is held against every session already booked."
    let g = opened().await;
    g.test.approved_assessment(&g.case, g.case.mother).await.unwrap();
    let line = g.test.active_plan(&g.case, &[g.case.mother]).await.unwrap();
    let (mother, father) = ([g.case.mother], [g.case.father]);
    let book = async |with: &[PersonId], day, state| g.test.session_row(&g.case, line, with, day, state).await.unwrap();
    let confirmed = book(&mother, date(2026, 11, 26), SessionState::Confirmed).await;
    let with_father = book(&father, date(2026, 12, 1), SessionState::Confirmed).await;
    let held = book(&mother, date(2026, 11, 19), SessionState::Completed).await;
    let flag = async |id| g.coordinator().look().session(id).await.unwrap().flagged;

    let same = g.test.sent_assessment(&g.case, g.case.mother, &whole_assessment()).await.unwrap();
    g.manager().approve_assessment(same).await.unwrap();
    assert_eq!(flag(confirmed).await, None, "one supervisor, within sight and hearing, is what it asks for");

    let typed = hazard("abduction", ["4", "5"], ["2", "5"], "supervised", "2");
    let two = g.test.sent_assessment(&g.case, g.case.mother, &typed).await.unwrap();
    g.manager().approve_assessment(two).await.unwrap();
    assert_eq!(flag(confirmed).await.as_deref(), Some("assessment_stricter"), "two staff, one booked");
    assert_eq!((flag(with_father).await, flag(held).await), (None, None));
    assert!(g.kinds(&g.case.supervisor).await.contains(&"session.flagged"));
    assert!(g.kinds(&g.case.coordinator).await.contains(&"session.flagged"));
}

#[tokio::test]
async fn the_supervisor_in_the_room_is_told_at_once() {
    let g = opened().await;
    let id = g.test.approved_assessment(&g.case, g.case.mother).await.unwrap();
    let line = g.test.active_plan(&g.case, &[g.case.mother]).await.unwrap();
    let day = date(2026, 11, 24);
    let now = g.test.session_row(&g.case, line, &[g.case.mother], day, SessionState::InProgress).await.unwrap();
    g.manager().void_assessment(id, VoidReason::NewAdult).await.unwrap();
    assert_eq!(g.kinds(&g.case.supervisor).await, ["session.flagged"]);
    assert_eq!(g.coordinator().look().session(now).await.unwrap().flagged, None, "it has begun: nothing to rebook");
}

#[tokio::test]
async fn the_social_worker_reads_it_and_nobody_of_another_area_does() {
    let g = opened().await;
    let id = g.begun().await;
    let view = g.desk(&g.case.social_worker).assessment(id).await.unwrap();
    assert_eq!(view.child, "Robin Marsh");
    assert_eq!(view.relative.name(), "Ann Marsh");
    assert_eq!(view.risk.map(|risk| risk.concerns).as_deref(), Some("Arguments between the parents at handover."));
    assert!(!view.may_edit && !view.may_void && view.approval.is_none());
    let south = g.test.colleague(Role::Manager, "south", "south").await.unwrap();
    assert!(matches!(g.desk(&south).assessment(id).await, Err(ServiceError::NotFound)));
    assert!(matches!(g.manager().assessment(new()).await, Err(ServiceError::NotFound)));
}
