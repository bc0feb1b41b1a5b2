//! Orders on the child's file: written down, corrected with the old kept, ended, and what a new one does at once.

use jiff::civil::{Date, date};
use kith_domain::access::{Purpose, Role};
use kith_domain::calendar;
use kith_domain::delivery::{Anchor, Bound, Per, Term, When};
use kith_domain::ids::{OrderId, PersonId, TermId};
use kith_domain::order::{OrderFacts, OrderTerm};
use kith_domain::plan::{Mode, PlanStep};
use kith_domain::risk::AssessmentState;
use kith_domain::session::SessionState;
use uuid::Uuid;

use super::{AddOrder, CorrectOrder, EndOrder, PutTerm, RemoveTerm};
use crate::ServiceError;
use crate::testing::{CaseInHand, words};

async fn opened() -> CaseInHand {
    CaseInHand::open("o", Purpose::ServiceDelivery).await
}

impl CaseInHand {
    async fn added(&self) -> OrderId {
        let id = OrderId(Uuid::now_v7());
        self.coordinator().add_order(&self.command(id), None).await.unwrap();
        id
    }
    fn command(&self, id: OrderId) -> AddOrder {
        AddOrder { id, children: vec![self.case.child], facts: facts(date(2026, 11, 23)) }
    }
}

fn facts(made_on: Date) -> OrderFacts {
    OrderFacts {
        court: "Family Court at Eddington".into(),
        case_number: "ED26C00417".into(),
        made_on,
        ends_on: Some(date(2027, 5, 1)),
        forbids: Some("No photographs".into()),
        words: None,
    }
}

fn term(with: &[PersonId], count: i64) -> PutTerm {
    let owed = Term {
        from: date(2026, 11, 23),
        to: None,
        bound: Bound::AtLeast,
        count,
        per: Per::Week,
        anchor: Anchor::Calendar,
        minutes: Some(90),
        when: When::Always,
    };
    let term = OrderTerm { id: TermId(Uuid::from_u128(7)), with: with.to_vec(), owed, mode: Mode::InPerson };
    PutTerm { term, why: String::new() }
}

fn code<T>(result: Result<T, ServiceError>) -> String {
    match result {
        Err(ServiceError::Refused(refusal)) => refusal.code.into(),
        Err(ServiceError::Invalid(problems)) => problems.into_iter().map(|problem| problem.field).collect(),
        Err(error) => format!("{error:?}"),
        Ok(_) => "done".into(),
    }
}

#[tokio::test]
async fn the_referrals_legal_section_is_the_first_order_of_the_file() {
    let g = opened().await;
    let file = g.desk(&g.case.social_worker).file(g.case.child).await.unwrap();
    let [order] = file.orders.as_slice() else { panic!("one order") };
    let order = &order.body.order;
    assert_eq!((order.facts.court.as_str(), order.facts.made_on), ("Family Court at Eddington", date(2026, 11, 2)));
    assert_eq!(order.facts.words.as_deref(), Some("Contact with the mother at least twice a week."));
}

#[tokio::test]
async fn a_new_order_voids_every_assessment_and_flags_what_is_booked() {
    // Handbook section 6: "void at once after … a new order".
    let g = opened().await;
    g.test.approved_assessment(&g.case, g.case.mother).await.unwrap();
    g.test.sent_assessment(&g.case, g.case.father, &crate::testing::whole_assessment()).await.unwrap();
    let line = g.test.active_plan(&g.case, &[g.case.mother]).await.unwrap();
    let day = date(2026, 11, 26);
    let session = g.test.session_row(&g.case, line, &[g.case.mother], day, SessionState::Confirmed).await.unwrap();
    let id = OrderId(Uuid::now_v7());
    let voided = g.coordinator().add_order(&g.command(id), None).await.unwrap();
    assert_eq!(voided.assessments, 2, "the one that waits for approval too");
    let file = g.coordinator().file(g.case.child).await.unwrap();
    assert!(file.assessments.iter().all(|of| of.state == AssessmentState::Void));
    let flagged = g.coordinator().look().session(session).await.unwrap().flagged;
    assert_eq!(flagged.as_deref(), Some("assessment_void"));
    let again = g.coordinator().add_order(&g.command(id), None).await.unwrap();
    assert_eq!(again.assessments, 0, "sent twice it is one order");
    assert_eq!(g.coordinator().file(g.case.child).await.unwrap().orders.len(), 2);
}

#[tokio::test]
async fn a_correction_keeps_what_stood_and_says_why() {
    let g = opened().await;
    let id = g.added().await;
    let desk = g.coordinator();
    desk.put_term(id, 1, &term(&[g.case.mother], 3)).await.unwrap();
    let two = term(&[g.case.mother], 2);
    assert_eq!(code(desk.put_term(id, 2, &two).await), "reason", "a correction says why");
    let corrected = PutTerm { why: "Misread".into(), ..two };
    assert!(matches!(desk.put_term(id, 1, &corrected).await, Err(ServiceError::Conflict { version: 2, .. })));
    desk.put_term(id, 2, &corrected).await.unwrap();
    let facts = OrderFacts { forbids: None, ..facts(date(2026, 11, 23)) };
    desk.correct_order(id, 3, &CorrectOrder { facts, why: "It forbids nothing".into() }).await.unwrap();
    let view = desk.order(id).await.unwrap();
    assert_eq!(view.earlier.len(), 2);
    assert!(view.earlier[1].1.iter().any(|said| said.starts_with("Ann Marsh: at least 3 times a week")));
    assert!(view.terms[0].1.starts_with("Ann Marsh: at least twice a week"));
    desk.remove_term(id, 4, &RemoveTerm { term: view.terms[0].0, why: "No such term".into() }).await.unwrap();
    assert!(desk.order(id).await.unwrap().terms.is_empty());
}

#[tokio::test]
async fn a_term_for_somebody_who_is_barred_is_refused_by_its_field() {
    let g = opened().await;
    let id = g.added().await;
    assert_eq!(code(g.coordinator().put_term(id, 1, &term(&[g.case.uncle], 1)).await), "with");
    let stranger = term(&[PersonId(Uuid::now_v7())], 1);
    assert_eq!(code(g.coordinator().put_term(id, 1, &stranger).await), "with");
    let mut letters = term(&[g.case.uncle], 1);
    letters.term.mode = Mode::Letterbox;
    assert_eq!(code(g.coordinator().put_term(id, 1, &letters).await), "done", "a letter is no visit");
}

#[tokio::test]
async fn an_order_that_ended_owes_nothing_more_and_stays() {
    let g = opened().await;
    let id = g.added().await;
    let desk = g.coordinator();
    desk.put_term(id, 1, &term(&[g.case.mother], 2)).await.unwrap();
    let early = EndOrder { on: date(2026, 11, 1), why: "Discharged".into() };
    assert_eq!(code(desk.end_order(id, 2, &early).await), "ended_on-day");
    desk.end_order(id, 2, &EndOrder { on: date(2026, 11, 29), why: "Discharged".into() }).await.unwrap();
    assert_eq!(code(desk.put_term(id, 3, &term(&[g.case.father], 1)).await), "order.ended");
    g.test.clock.move_to(calendar::instant_ms(date(2026, 12, 14), 600));
    let delivered = desk.delivery(g.case.child, date(2026, 11, 1), date(2026, 12, 13)).await.unwrap();
    let [line] = delivered.as_slice() else { panic!("one term") };
    assert_eq!((line.total.ended, line.total.due, line.total.shortfall, line.court_ordered), (1, 2, 2, true));
    assert!(!desk.order(id).await.unwrap().stands);
}

#[tokio::test]
async fn an_arrangement_that_serves_an_order_is_counted_as_the_order_says() {
    // Design 19: "a plan's arrangements serve them": the order says three, the plan's own two are not counted beside it.
    let g = opened().await;
    let id = g.added().await;
    let desk = g.coordinator();
    let put = term(&[g.case.mother], 2);
    desk.put_term(id, 1, &put).await.unwrap();
    let (plan, line) = g.test.draft_plan(&g.case, &[g.case.mother]).await.unwrap();
    let mut typed = crate::testing::whole_arrangement(&[g.case.mother]);
    typed.set("serves", put.term.id.to_string());
    typed.set_date("to", date(2027, 5, 1));
    let version = desk.plan(plan).await.unwrap().plan.version;
    desk.save_arrangement(plan, &desk.read_arrangement(line, &typed).unwrap(), version).await.unwrap();
    desk.move_plan(plan, &PlanStep::Agree(words("Mother"))).await.unwrap();
    desk.move_plan(plan, &PlanStep::Start).await.unwrap();
    let day = date(2026, 11, 24);
    g.test.held_session(&g.case, (plan, line), &[g.case.mother], day).await.unwrap();
    g.test.clock.move_to(calendar::instant_ms(date(2026, 11, 30), 600));
    let delivered = desk.delivery(g.case.child, date(2026, 11, 23), date(2026, 11, 29)).await.unwrap();
    let [line] = delivered.as_slice() else { panic!("the order's term alone: {}", delivered.len()) };
    assert_eq!((line.total.due, line.total.held, line.total.shortfall), (2, 1, 1));
    assert_eq!(line.total.whose.not_offered, 1);
}

#[tokio::test]
async fn orders_of_another_area_are_not_there() {
    let g = opened().await;
    let id = g.added().await;
    let south = g.test.colleague(Role::Coordinator, "south", "south-o").await.unwrap();
    assert!(matches!(g.desk(&south).order(id).await, Err(ServiceError::NotFound)));
    assert!(matches!(g.desk(&south).put_term(id, 1, &term(&[g.case.mother], 1)).await, Err(ServiceError::NotFound)));
    let worker = g.desk(&g.case.social_worker);
    assert!(!worker.order(id).await.unwrap().may_write, "reads, and changes nothing");
    assert!(matches!(
        worker.end_order(id, 1, &EndOrder { on: date(2026, 12, 1), why: "x".into() }).await,
        Err(ServiceError::NotFound)
    ));
    assert!(matches!(worker.order(OrderId(Uuid::now_v7())).await, Err(ServiceError::NotFound)));
}
