//! What is running out, for whom, from the referral to the order's end.

use jiff::civil::{Date, date};
use kith_domain::access::{Purpose, Role};
use kith_domain::calendar;
use kith_domain::catalogue::Group;
use kith_domain::clock::{ClockKind as K, ClockState};
use kith_domain::fact::ChangeFacts;
use kith_domain::form::Fields;
use kith_domain::ids::{OrderId, PersonId, StatementId};
use kith_domain::order::OrderFacts;
use kith_domain::session::SessionState;
use uuid::Uuid;

use crate::fact::Whose;
use crate::order::{AddOrder, EndOrder};
use crate::testing::{CaseInHand, Colleague, TestService};
use crate::{Desk, ServiceError};

async fn opened() -> CaseInHand {
    CaseInHand::open("c", Purpose::ServiceDelivery).await
}

/// The kinds, days and names of what somebody's page shows.
async fn shown(desk: &Desk) -> Vec<(K, Date, String)> {
    let clocks = desk.clocks(None, 1).await.unwrap();
    let of_kinds: usize = clocks.counts.iter().map(|(_, count)| count).sum();
    assert_eq!(clocks.paged.total, of_kinds, "listed and counted by one predicate");
    let at_hand = desk.clocks_at_hand().await.unwrap();
    assert_eq!(at_hand.1, of_kinds);
    clocks.paged.rows.into_iter().map(|of| (of.running.kind, of.running.due, of.child)).collect()
}

async fn later(test: &TestService, day: Date) {
    test.clock_to(day, 9 * 60);
    while test.service.do_waiting_work().await.unwrap() > 0 {}
}

#[tokio::test]
async fn the_first_session_is_awaited_from_acceptance_until_it_is_held() {
    // Handbook section 4: within 5 working days of acceptance. Accepted on Tuesday 24 November 2026.
    let g = opened().await;
    let awaited = vec![(K::FirstSession, date(2026, 12, 1), "Robin Marsh".to_owned())];
    for who in [&g.case.social_worker, &g.case.coordinator, &g.case.manager] {
        assert_eq!(shown(&g.desk(who)).await, awaited, "{:?}", who.actor.role);
    }
    let of_file = g.coordinator().file(g.case.child).await.unwrap().clocks;
    assert_eq!(of_file.iter().map(|of| (of.kind, of.due)).collect::<Vec<_>>(), [(K::FirstSession, date(2026, 12, 1))]);

    later(&g.test, date(2026, 12, 1)).await;
    assert!(!g.kinds(&g.case.coordinator).await.contains(&"first_session.by"), "its last day is not over");
    later(&g.test, date(2026, 12, 2)).await;
    later(&g.test, date(2026, 12, 3)).await;
    for who in [&g.case.social_worker, &g.case.coordinator, &g.case.manager] {
        let kinds = g.kinds(who).await;
        assert_eq!(kinds.iter().filter(|kind| **kind == "first_session.by").count(), 1, "{kinds:?}");
    }
    let line = g.test.draft_plan(&g.case, &[g.case.mother]).await.unwrap();
    g.test.held_session(&g.case, line, &[g.case.mother], date(2026, 12, 3)).await.unwrap();
    assert_eq!(shown(&g.coordinator()).await, []);
}

#[tokio::test]
async fn one_that_is_held_in_time_reminds_nobody() {
    let g = opened().await;
    let line = g.test.draft_plan(&g.case, &[g.case.mother]).await.unwrap();
    g.test.held_session(&g.case, line, &[g.case.mother], date(2026, 11, 26)).await.unwrap();
    later(&g.test, date(2026, 12, 5)).await;
    assert!(!g.kinds(&g.case.coordinator).await.contains(&"first_session.by"));
}

#[tokio::test]
async fn who_does_not_read_a_file_sees_none_of_its_clocks() {
    // Handbook section 2: need to know comes from allocation.
    let g = opened().await;
    for (role, area, login) in [
        (Role::Coordinator, "south", "co.south"),
        (Role::Manager, "south", "ma.south"),
        (Role::SocialWorker, "north", "sw.other"),
    ] {
        let who = g.test.colleague(role, area, login).await.unwrap();
        assert_eq!(shown(&g.desk(&who)).await, [], "{role:?} of {area}");
    }
    for (role, login) in [(Role::Supervisor, "su.other"), (Role::Auditor, "au"), (Role::Administrator, "ad")] {
        let who = g.test.colleague(role, "north", login).await.unwrap();
        let seen = g.desk(&who).clocks(None, 1).await;
        assert!(matches!(seen, Err(ServiceError::Forbidden)), "{role:?}");
    }
}

#[tokio::test]
async fn a_name_that_is_shown_was_read() {
    use kith_store::LogFilter;
    let g = opened().await;
    shown(&g.coordinator()).await;
    let auditor = g.test.colleague(Role::Auditor, "", "auditor").await.unwrap();
    let look = g.test.desk(&auditor, Purpose::Accountability).look();
    let filter = LogFilter { subjects: vec![g.case.child.0], ..LogFilter::default() };
    let entries = look.log_entries(&filter, 50).await.unwrap();
    let read = entries.iter().filter(|of| of.action == "clocks.read" && of.actor == Some(g.case.coordinator.id));
    assert_eq!(read.count(), 2);
}

async fn change(g: &CaseInHand, who: &Colleague, pairs: &[(&str, &str)]) {
    let whose = Whose { child: g.case.child, person: None };
    let source = [("told_by", "The court"), ("told_how", "court"), ("told_since", "2026-11-24")];
    let typed: Fields = pairs.iter().chain(&source).copied().collect();
    let view = g.desk(who).facts(whose, Group::Hearing).await.unwrap();
    let command = ChangeFacts::read(Group::Hearing, &typed, None, g.test.service.today());
    let command = command.unwrap_or_else(|problems| panic!("{problems:?}"));
    g.desk(who).change_facts(whose, StatementId(Uuid::now_v7()), view.version, &command).await.unwrap();
}

#[tokio::test]
async fn a_hearing_is_told_of_two_weeks_before_and_a_day_that_was_changed_is_forgotten() {
    let g = opened().await;
    change(&g, &g.case.social_worker, &[("hearing_date", "2027-01-15"), ("hearing_about", "Final hearing")]).await;
    let clocks = async || g.coordinator().file(g.case.child).await.unwrap().clocks;
    let hearings = async || clocks().await.into_iter().filter(|of| of.kind == K::Hearing).collect::<Vec<_>>();
    assert_eq!(hearings().await[0].due, date(2027, 1, 15), "on the file at once");
    assert!(!shown(&g.coordinator()).await.iter().any(|(kind, ..)| *kind == K::Hearing), "and not yet on the page");
    change(&g, &g.case.social_worker, &[("hearing_date", "2027-02-19"), ("hearing_about", "Final hearing")]).await;
    later(&g.test, date(2027, 1, 8)).await;
    assert!(!g.kinds(&g.case.social_worker).await.contains(&"hearing.soon"), "that day is no more");
    later(&g.test, date(2027, 2, 5)).await;
    assert!(g.kinds(&g.case.social_worker).await.contains(&"hearing.soon"));
    assert!(shown(&g.coordinator()).await.contains(&(K::Hearing, date(2027, 2, 19), "Robin Marsh".into())));
    later(&g.test, date(2027, 2, 20)).await;
    assert_eq!(hearings().await, [], "what was is not to come");
}

#[tokio::test]
async fn an_order_that_ends_is_told_of_four_weeks_before_and_stays_until_it_is_ended() {
    let g = opened().await;
    let facts = OrderFacts {
        court: "Family Court at Eddington".into(),
        case_number: "ED26C00417".into(),
        made_on: date(2026, 11, 20),
        ends_on: Some(date(2027, 2, 26)),
        forbids: None,
        words: None,
    };
    let id = OrderId(Uuid::now_v7());
    let command = AddOrder { id, children: vec![g.case.child], facts };
    g.coordinator().add_order(&command, None).await.unwrap();
    let ends = (K::OrderEnds, date(2027, 2, 26), "Robin Marsh".to_owned());
    later(&g.test, date(2027, 1, 28)).await;
    assert!(!shown(&g.manager()).await.contains(&ends));
    later(&g.test, date(2027, 1, 29)).await;
    assert!(shown(&g.manager()).await.contains(&ends));
    assert!(g.kinds(&g.case.social_worker).await.contains(&"order.ends"));
    later(&g.test, date(2027, 3, 1)).await;
    let overdue = g.coordinator().clocks(Some(K::OrderEnds), 1).await.unwrap().paged.rows.remove(0).running;
    assert_eq!(overdue.state(date(2027, 3, 1)), ClockState::Overdue);
    let version = g.coordinator().look().order(id).await.unwrap().version;
    let end = EndOrder { on: date(2027, 2, 26), why: "It ran out".into() };
    g.coordinator().end_order(id, version, &end).await.unwrap();
    assert!(!shown(&g.manager()).await.iter().any(|(kind, ..)| *kind == K::OrderEnds));
}

#[tokio::test]
async fn an_assessment_is_warned_of_and_stays_only_while_a_session_is_booked_on_it() {
    // Handbook section 6: valid for 3 months; "sessions already booked are flagged, not silently kept".
    let g = opened().await;
    let assess = async |person: PersonId| g.test.approved_assessment(&g.case, person).await.unwrap();
    assess(g.case.mother).await;
    assess(g.case.father).await;
    let until = date(2027, 2, 23);
    let of_kind = async || {
        let mut all = shown(&g.coordinator()).await;
        all.retain(|(kind, ..)| *kind == K::Assessment);
        all
    };
    assert_eq!(of_kind().await, []);
    later(&g.test, date(2027, 2, 8)).await;
    assert_eq!(of_kind().await, []);
    later(&g.test, date(2027, 2, 9)).await;
    assert_eq!(of_kind().await, vec![(K::Assessment, until, "Robin Marsh".to_owned()); 2], "a fortnight before");
    let line = g.test.draft_plan(&g.case, &[g.case.mother]).await.unwrap();
    let booked = SessionState::Confirmed;
    g.test.session_row(&g.case, line, &[g.case.mother], date(2027, 3, 4), booked).await.unwrap();
    later(&g.test, date(2027, 2, 24)).await;
    assert_eq!(of_kind().await.len(), 1, "that of the mother, with whom a session is booked");
    let all = shown(&g.coordinator()).await;
    assert_eq!(all[0].0, K::Assessment, "what harms most stands first");
    later(&g.test, date(2027, 3, 5)).await;
    assert_eq!(of_kind().await, [], "nothing is booked any more");
}

#[tokio::test]
async fn a_referral_is_to_be_verified_by_those_who_verify() {
    // Handbook section 4: verified within 1 working day.
    let g = opened().await;
    let family = [(); 3].map(|()| PersonId(Uuid::now_v7()));
    g.test.sent_referral(&g.case.social_worker, family).await.unwrap();
    let waits = (K::Verification, date(2026, 11, 25), "Robin Marsh".to_owned());
    for who in [&g.case.coordinator, &g.case.manager] {
        assert!(shown(&g.desk(who)).await.contains(&waits), "{:?}", who.actor.role);
    }
    assert!(!shown(&g.desk(&g.case.social_worker)).await.contains(&waits), "a social worker verifies nothing");
}

#[tokio::test]
async fn a_plan_is_reviewed_by_its_day() {
    // Handbook section 7: reviewed at least every 3 months.
    let g = opened().await;
    g.test.approved_assessment(&g.case, g.case.mother).await.unwrap();
    g.test.active_plan(&g.case, &[g.case.mother]).await.unwrap();
    later(&g.test, date(2027, 2, 10)).await;
    let due = calendar::day_number(date(2027, 2, 24));
    let plans = shown(&g.desk(&g.case.social_worker)).await;
    assert!(plans.contains(&(K::PlanReview, calendar::day_of(due), "Robin Marsh".into())), "{}", plans.len());
}
