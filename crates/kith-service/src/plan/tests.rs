//! Contact plans: written, agreed, moved on, and what was delivered against them.

use jiff::civil::date;
use kith_domain::access::{Purpose, Role};
use kith_domain::calendar;
use kith_domain::form::Fields;
use kith_domain::ids::{ArrangementId, PersonId, PlanId};
use kith_domain::plan::{Arrangement, PlanState, PlanStep};
use kith_domain::risk::VoidReason;
use kith_domain::session::SessionState;
use uuid::Uuid;

use super::Source;
use crate::testing::{CaseInHand, whole_arrangement, words};
use crate::{Desk, ServiceError};

async fn opened() -> CaseInHand {
    CaseInHand::open("p", Purpose::ServiceDelivery).await
}

impl CaseInHand {
    async fn flag(&self, session: kith_domain::ids::SessionId) -> Option<String> {
        self.coordinator().look().session(session).await.unwrap().flagged
    }
}

fn read(desk: &Desk, line: ArrangementId, typed: &Fields) -> Arrangement {
    desk.read_arrangement(line, typed).expect("whole")
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
async fn plans_are_the_areas_coordinators_and_managers() {
    let g = opened().await;
    let south = g.test.colleague(Role::Coordinator, "south", "south").await.unwrap();
    for who in [&g.case.social_worker, &g.case.supervisor, &south] {
        let refused = g.desk(who).begin_plan(g.case.child, PlanId(Uuid::now_v7())).await;
        assert!(matches!(refused, Err(ServiceError::NotFound)), "{:?}", who.actor.role);
    }
    let id = PlanId(Uuid::now_v7());
    assert_eq!(g.coordinator().begin_plan(g.case.child, id).await.unwrap(), id);
    assert_eq!(g.coordinator().begin_plan(g.case.child, id).await.unwrap(), id, "begun twice");
    assert_eq!(g.coordinator().look().plans_of(g.case.child).await.unwrap().len(), 1);
    let read = g.desk(&g.case.social_worker).plan(id).await.unwrap();
    assert!(!read.may_edit && read.moves.is_empty());
    assert!(matches!(g.desk(&south).plan(id).await, Err(ServiceError::NotFound)));
}

/// A draft that nobody finished is found without its child being known, by whoever reads the file and by nobody else.
#[tokio::test]
async fn every_plan_is_in_the_list_of_its_state() {
    let g = opened().await;
    let south = g.test.colleague(Role::Coordinator, "south", "south").await.unwrap();
    let id = PlanId(Uuid::now_v7());
    g.coordinator().begin_plan(g.case.child, id).await.unwrap();
    for who in [&g.case.coordinator, &g.case.social_worker] {
        let (listed, counts) = g.desk(who).plans_listed(PlanState::Draft, false, 1).await.unwrap();
        assert_eq!(listed.rows.iter().map(|line| line.id).collect::<Vec<_>>(), [id], "{:?}", who.actor.role);
        assert_eq!((counts.as_slice(), listed.total), (&[(PlanState::Draft, 1)][..], 1));
        assert!(g.desk(who).plans_listed(PlanState::Active, true, 1).await.unwrap().0.rows.is_empty());
    }
    let (none, counts) = g.desk(&south).plans_listed(PlanState::Draft, true, 1).await.unwrap();
    assert!(none.rows.is_empty() && counts.is_empty());
}

#[tokio::test]
async fn only_relatives_who_may_attend_are_planned_for() {
    let g = opened().await;
    let desk = g.coordinator();
    let id = desk.begin_plan(g.case.child, PlanId(Uuid::now_v7())).await.unwrap();
    let line = ArrangementId(Uuid::now_v7());
    for person in [g.case.uncle, PersonId(Uuid::now_v7())] {
        let with = read(&desk, line, &whole_arrangement(&[g.case.mother, person]));
        let refused = desk.save_arrangement(id, &with, 1).await;
        assert_eq!(why_not(refused), "with");
    }
    assert!(desk.plan(id).await.unwrap().plan.body.arrangements.is_empty());
    assert_eq!(
        desk.save_arrangement(id, &read(&desk, line, &whole_arrangement(&[g.case.mother])), 1).await.unwrap(),
        2
    );
}

#[tokio::test]
async fn two_coordinators_do_not_overwrite_each_other() {
    let g = opened().await;
    let (id, line) = g.test.draft_plan(&g.case, &[g.case.mother]).await.unwrap();
    let (first, second) = (g.coordinator(), g.desk(&g.case.manager));
    let version = first.plan(id).await.unwrap().plan.version;
    let mut longer = whole_arrangement(&[g.case.mother]);
    longer.set("minutes", "120");
    first.save_arrangement(id, &read(&first, line, &longer), version).await.unwrap();
    let mut shorter = whole_arrangement(&[g.case.mother]);
    shorter.set("minutes", "60");
    let Err(ServiceError::Conflict { theirs, version }) =
        second.save_arrangement(id, &read(&second, line, &shorter), version).await
    else {
        panic!("the second overwrote the first")
    };
    assert_eq!(theirs.get("minutes"), "120");
    second.save_arrangement(id, &read(&second, line, &shorter), version).await.unwrap();
    let added = ArrangementId(Uuid::now_v7());
    first.save_arrangement(id, &read(&first, added, &whole_arrangement(&[g.case.father])), 1).await.unwrap();
    let lines = first.plan(id).await.unwrap().plan.body.arrangements;
    assert_eq!(lines.iter().map(|line| line.minutes).collect::<Vec<_>>(), [60, 90], "adding loses nothing");
    first.remove_arrangement(id, added).await.unwrap();
    first.remove_arrangement(id, added).await.unwrap();
    assert_eq!(first.plan(id).await.unwrap().plan.body.arrangements.len(), 1);
}

#[tokio::test]
async fn agreed_before_it_starts_and_not_changed_after() {
    let g = opened().await;
    let desk = g.coordinator();
    let empty = desk.begin_plan(g.case.child, PlanId(Uuid::now_v7())).await.unwrap();
    let agreed = PlanStep::Agree(words("Mother and carer, 23 November"));
    assert!(why_not(desk.move_plan(empty, &agreed).await).contains("at least one arrangement"));
    assert!(why_not(desk.move_plan(empty, &PlanStep::Start).await).contains("is draft"));

    let (id, line) = g.test.draft_plan(&g.case, &[g.case.mother]).await.unwrap();
    desk.move_plan(id, &agreed).await.unwrap();
    desk.move_plan(id, &agreed).await.unwrap();
    let changed = desk.save_arrangement(id, &read(&desk, line, &whole_arrangement(&[g.case.father])), 3).await;
    assert!(why_not(changed).contains("cannot be changed"));
    assert!(why_not(desk.remove_arrangement(id, line).await).contains("cannot be changed"));
    desk.move_plan(id, &PlanStep::Start).await.unwrap();
    desk.move_plan(id, &PlanStep::Start).await.unwrap();
    let view = desk.plan(id).await.unwrap();
    assert_eq!(view.plan.state, PlanState::Active);
    assert_eq!(view.plan.review_due, Some(calendar::day_number(date(2027, 2, 24))), "three months");
    assert_eq!(view.plan.body.agreed_with.as_deref(), Some("Mother and carer, 23 November"));
    assert_eq!(view.unassessed, [g.case.mother], "no session with her can be confirmed yet");
}

#[tokio::test]
async fn a_draft_is_discarded_and_nobody_is_told_of_it() {
    let g = opened().await;
    let desk = g.coordinator();
    let (first, _) = g.test.active_plan(&g.case, &[g.case.mother]).await.unwrap();
    let draft = desk.begin_plan_like(first, PlanId(Uuid::now_v7())).await.unwrap();
    desk.move_plan(draft, &PlanStep::End(words("Begun by mistake"))).await.unwrap();
    assert_eq!(desk.plan(draft).await.unwrap().plan.state, PlanState::Ended);
    assert!(!g.kinds(&g.case.social_worker).await.contains(&"plan.ended"));
    assert_eq!(desk.plan(first).await.unwrap().plan.state, PlanState::Active);
}

#[tokio::test]
async fn one_plan_runs_at_a_time_and_the_next_takes_its_place() {
    let g = opened().await;
    let desk = g.coordinator();
    let (first, _) = g.test.active_plan(&g.case, &[g.case.mother]).await.unwrap();
    let second = desk.begin_plan_like(first, PlanId(Uuid::now_v7())).await.unwrap();
    desk.move_plan(second, &PlanStep::Agree(words("The same"))).await.unwrap();
    desk.move_plan(first, &PlanStep::Suspend(words("Mother in hospital"))).await.unwrap();
    desk.move_plan(second, &PlanStep::Start).await.unwrap();
    let earlier = desk.plan(first).await.unwrap().plan;
    assert_eq!((earlier.state, earlier.body.replaced_by), (PlanState::Ended, Some(second)));
    assert!(why_not(desk.move_plan(first, &PlanStep::Resume).await).contains("is ended"));
}

#[tokio::test]
async fn adding_a_grandmother_flags_none_of_the_mothers_bookings() {
    // Design 19: "a plan's arrangements … keep their identity through every version of the plan".
    let g = opened().await;
    let desk = g.coordinator();
    let line = g.test.active_plan(&g.case, &[g.case.mother]).await.unwrap();
    let book =
        async |day| g.test.session_row(&g.case, line, &[g.case.mother], day, SessionState::Confirmed).await.unwrap();
    let (soon, late) = (book(date(2026, 11, 26)).await, book(date(2026, 12, 1)).await);
    let second = desk.begin_plan_like(line.0, PlanId(Uuid::now_v7())).await.unwrap();
    let added = ArrangementId(Uuid::now_v7());
    let version = desk.plan(second).await.unwrap().plan.version;
    desk.save_arrangement(second, &read(&desk, added, &whole_arrangement(&[g.case.father])), version).await.unwrap();
    desk.move_plan(second, &PlanStep::Agree(words("All"))).await.unwrap();
    let moved = desk.move_plan(second, &PlanStep::Start).await.unwrap();
    assert_eq!(moved.flagged, 0);
    for session in [soon, late] {
        let session = desk.look().session(session).await.unwrap();
        let place = session.place(g.case.child).copied().unwrap();
        assert_eq!((session.flagged, place.plan, place.arrangement), (None, second, line.1));
    }
    // Taken out of the next plan, the mother's bookings are flagged.
    let third = desk.begin_plan_like(second, PlanId(Uuid::now_v7())).await.unwrap();
    desk.remove_arrangement(third, line.1).await.unwrap();
    desk.move_plan(third, &PlanStep::Agree(words("All"))).await.unwrap();
    assert_eq!(desk.move_plan(third, &PlanStep::Start).await.unwrap().flagged, 2);
    assert_eq!(g.flag(soon).await.as_deref(), Some("plan_ended"));
}

#[tokio::test]
async fn a_plan_replaced_in_mid_week_owes_the_whole_week_once() {
    // Handbook section 19: a term goes on; a span belongs to the term.
    let g = opened().await;
    let desk = g.coordinator();
    let (first, line) = g.test.active_plan(&g.case, &[g.case.mother]).await.unwrap();
    g.test.clock.move_to(calendar::instant_ms(date(2026, 12, 2), 600));
    let second = desk.begin_plan_like(first, PlanId(Uuid::now_v7())).await.unwrap();
    desk.move_plan(second, &PlanStep::Agree(words("The same"))).await.unwrap();
    desk.move_plan(second, &PlanStep::Start).await.unwrap();
    g.test.clock.move_to(calendar::instant_ms(date(2026, 12, 14), 600));
    let delivered = desk.delivery(g.case.child, date(2026, 11, 30), date(2026, 12, 13)).await.unwrap();
    let [mother] = delivered.as_slice() else { panic!("one term") };
    assert_eq!(mother.source, Source::Arrangement(line));
    assert_eq!((mother.total.ended, mother.total.due, mother.total.shortfall), (2, 4, 4));
}

#[tokio::test]
async fn what_stands_against_a_line_is_refused_before_it_is_agreed() {
    // Unsupervised for a mother assessed as supervised, until half past eight in a house that shuts at seven, from 2020.
    let g = opened().await;
    g.test.approved_assessment(&g.case, g.case.mother).await.unwrap();
    let (id, line) = g.test.draft_plan(&g.case, &[g.case.mother]).await.unwrap();
    let desk = g.coordinator();
    let mut typed = whole_arrangement(&[g.case.mother]);
    for (name, value) in
        [("start", "18:30"), ("minutes", "120"), ("supervision", "unsupervised"), ("from-year", "2020")]
    {
        typed.set(name, value);
    }
    desk.save_arrangement(id, &read(&desk, line, &typed), desk.plan(id).await.unwrap().plan.version).await.unwrap();
    let view = desk.plan(id).await.unwrap();
    let fields: Vec<&str> = view.checked.problems.iter().map(|problem| problem.field).collect();
    assert_eq!(fields, ["from-day", "start", "supervision"]);
    assert!(view.checked.problems.iter().all(|problem| problem.line == line));
    match desk.move_plan(id, &PlanStep::Agree(words("Mother"))).await {
        Err(ServiceError::Refused(refusal)) => {
            assert_eq!(refusal.code, "plan.stands_against");
            assert!(refusal.words.starts_with("The line with Ann Marsh: First day is before"), "{}", refusal.words);
        }
        _ => panic!("agreed"),
    }
}

#[tokio::test]
async fn a_plan_like_another_goes_on_with_the_same_arrangements() {
    let g = opened().await;
    let (first, line) = g.test.active_plan(&g.case, &[g.case.mother, g.case.father]).await.unwrap();
    g.test.clock.move_to(calendar::instant_ms(date(2027, 2, 1), 600));
    let desk = g.coordinator();
    let second = desk.begin_plan_like(first, PlanId(Uuid::now_v7())).await.unwrap();
    let view = desk.plan(second).await.unwrap();
    let copied = &view.plan.body.arrangements[0];
    assert_eq!((copied.id, copied.from, copied.minutes), (line, date(2026, 11, 24), 90));
    assert_eq!(view.names(&copied.with), "Ann Marsh and Joe Marsh");
    assert_eq!((view.plan.state, view.may_edit), (PlanState::Draft, true));
    assert!(view.checked.problems.is_empty(), "it began before this plan and goes on");
}

#[tokio::test]
async fn suspending_and_ending_flag_what_is_booked() {
    let g = opened().await;
    let desk = g.desk(&g.case.manager);
    let line = g.test.active_plan(&g.case, &[g.case.mother]).await.unwrap();
    let with = [g.case.mother];
    let book = async |day, state| g.test.session_row(&g.case, line, &with, day, state).await.unwrap();
    let planned = book(date(2026, 11, 26), SessionState::Planned).await;
    let confirmed = book(date(2026, 12, 1), SessionState::Confirmed).await;
    let held = book(date(2026, 11, 24), SessionState::InProgress).await;

    let moved = desk.move_plan(line.0, &PlanStep::Suspend(words("An incident"))).await.unwrap();
    assert_eq!(moved.flagged, 2);
    for (session, flag) in [(planned, Some("plan_suspended")), (confirmed, Some("plan_suspended")), (held, None)] {
        assert_eq!(g.flag(session).await.as_deref(), flag);
    }
    assert!(g.kinds(&g.case.coordinator).await.contains(&"plan.suspended"));
    assert!(g.kinds(&g.case.social_worker).await.contains(&"plan.suspended"));

    desk.move_plan(line.0, &PlanStep::Resume).await.unwrap();
    assert_eq!(g.flag(planned).await, None, "its reason is gone");
    desk.move_plan(line.0, &PlanStep::End(words("The child went home"))).await.unwrap();
    assert_eq!(g.flag(confirmed).await.as_deref(), Some("plan_ended"));
    let body = desk.plan(line.0).await.unwrap().plan.body;
    assert_eq!((body.ended_on, body.reason.as_deref()), (Some(date(2026, 11, 24)), Some("The child went home")));
}

#[tokio::test]
async fn a_risk_is_not_forgotten_when_the_plan_goes_on() {
    let g = opened().await;
    let assessment = g.test.approved_assessment(&g.case, g.case.mother).await.unwrap();
    let line = g.test.active_plan(&g.case, &[g.case.mother]).await.unwrap();
    let day = date(2026, 11, 26);
    let session = g.test.session_row(&g.case, line, &[g.case.mother], day, SessionState::Confirmed).await.unwrap();
    let assessing = g.test.desk(&g.case.manager, Purpose::Assessment);
    assessing.void_assessment(assessment, VoidReason::NewOrder).await.unwrap();
    let desk = g.coordinator();
    desk.move_plan(line.0, &PlanStep::Suspend(words("A new order"))).await.unwrap();
    desk.move_plan(line.0, &PlanStep::Resume).await.unwrap();
    assert_eq!(g.flag(session).await.as_deref(), Some("assessment_void"));
}

#[tokio::test]
async fn reviewed_every_three_months_and_reminded_when_not() {
    let g = opened().await;
    let desk = g.coordinator();
    let (id, _) = g.test.active_plan(&g.case, &[g.case.mother]).await.unwrap();
    g.test.clock.move_to(calendar::instant_ms(date(2027, 1, 11), 600));
    let note = words("Mother, carer and social worker: goes on unchanged.");
    desk.review_plan(id, &note).await.unwrap();
    desk.review_plan(id, &note).await.unwrap();
    let view = desk.plan(id).await.unwrap();
    assert_eq!(view.plan.body.reviews.len(), 1);
    assert_eq!(view.plan.review_due, Some(calendar::day_number(date(2027, 4, 11))));

    g.test.clock.move_to(calendar::instant_ms(date(2027, 2, 25), 600));
    g.test.service.do_waiting_work().await.unwrap();
    assert!(!g.kinds(&g.case.coordinator).await.contains(&"plan.review_by"), "it was reviewed");
    g.test.clock.move_to(calendar::instant_ms(date(2027, 4, 12), 600));
    g.test.service.do_waiting_work().await.unwrap();
    assert!(g.kinds(&g.case.coordinator).await.contains(&"plan.review_by"));
    assert!(desk.plan(id).await.unwrap().review_overdue);
    let (draft, _) = g.test.draft_plan(&g.case, &[g.case.father]).await.unwrap();
    assert!(why_not(desk.review_plan(draft, &note).await).contains("nothing to review"));
}

#[tokio::test]
async fn delivered_against_ordered_for_each_member_of_the_family() {
    // Handbook section 7: "Kith counts delivered against ordered, per child and family member, continuously".
    let g = opened().await;
    let with = [g.case.mother, g.case.father];
    let line = g.test.active_plan(&g.case, &with).await.unwrap();
    let book = async |day, state| g.test.session_row(&g.case, line, &with, day, state).await.unwrap();
    g.test.held_session(&g.case, line, &with, date(2026, 11, 24)).await.unwrap();
    book(date(2026, 11, 26), SessionState::Cancelled).await;
    g.test.held_session(&g.case, line, &[g.case.mother], date(2026, 12, 1)).await.unwrap();
    book(date(2026, 12, 10), SessionState::Planned).await;
    g.test.draft_plan(&g.case, &[g.case.father]).await.unwrap();
    g.test.clock.move_to(calendar::instant_ms(date(2026, 12, 8), 600));

    let desk = g.desk(&g.case.social_worker);
    let count = async |from, to| desk.delivery(g.case.child, from, to).await.unwrap();
    let found = count(date(2026, 11, 1), date(2026, 12, 8)).await;
    let [mother, father] = found.as_slice() else { panic!("two people; a draft owes nothing") };
    assert_eq!((mother.with.as_str(), father.with.as_str()), ("Ann Marsh", "Joe Marsh"));
    // The first week began on a Tuesday: 2 × 6 of 7 days, rounded down.
    let spans: Vec<_> = mother.spans.iter().map(|span| (span.due, span.held, span.shortfall)).collect();
    assert_eq!(spans, [(1, 1, Some(0)), (2, 1, Some(1)), (2, 0, None)]);
    assert_eq!((mother.total.shortfall, father.total.shortfall), (1, 2));
    assert_eq!(mother.total.hours_words(), "3 h of 4 h 30 min, 1 h 30 min short");
    assert_eq!(mother.total.running_words(), "0 of 2 so far");
    assert!(count(date(2026, 11, 1), date(2026, 11, 23)).await.is_empty(), "before its first day");
    assert!(count(date(2026, 12, 7), date(2026, 11, 1)).await.is_empty(), "a period turned round");
    let same = g.coordinator().plan(line.0).await.unwrap().delivered;
    assert_eq!(same[1].total, father.total, "the plan's page counts the same");

    g.coordinator().move_plan(line.0, &PlanStep::End(words("Home"))).await.unwrap();
    g.test.clock.move_to(calendar::instant_ms(date(2026, 12, 14), 600));
    let after = count(date(2026, 11, 24), date(2026, 12, 13)).await;
    assert_eq!((after[0].total.ended, after[0].total.due), (3, 3), "until the day it ended: 2 × 2 of 7 days is none");
}

#[tokio::test]
async fn a_booking_beyond_at_most_asks_why_and_keeps_it() {
    // Handbook section 19: more than "at most" is an excess, "booking it needs a reason".
    let g = opened().await;
    let (plan, line) = g.test.draft_plan(&g.case, &[g.case.mother]).await.unwrap();
    let desk = g.coordinator();
    let mut typed = whole_arrangement(&[g.case.mother]);
    typed.set("bound", "at_most");
    desk.save_arrangement(plan, &read(&desk, line, &typed), desk.plan(plan).await.unwrap().plan.version).await.unwrap();
    desk.move_plan(plan, &PlanStep::Agree(words("Mother"))).await.unwrap();
    desk.move_plan(plan, &PlanStep::Start).await.unwrap();
    for day in [date(2026, 12, 1), date(2026, 12, 3)] {
        let with = [g.case.mother];
        g.test.session_row(&g.case, (plan, line), &with, day, SessionState::Confirmed).await.unwrap();
    }
    let look = desk.look();
    let beyond = async |day| desk.beyond(&look, g.case.child, line, day).await.unwrap();
    let words = beyond(date(2026, 12, 5)).await.unwrap_or_default();
    assert!(words.starts_with("The order says") || words.starts_with("The agreement says"), "{words}");
    assert!(words.ends_with("2 stand in the diary of this week already"), "{words}");
    assert_eq!(beyond(date(2026, 12, 7)).await, None, "another week");
}
