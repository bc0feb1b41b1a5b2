use jiff::civil::{DateTime, datetime};
use uuid::Uuid;

use super::*;

fn suspicion(aware: DateTime) -> Breach {
    Breach::new(Suspicion {
        kind: BreachKind::Disclosed,
        what: "A letter went to the wrong address".to_owned(),
        whose: "A mother’s new address".to_owned(),
        aware,
        done: None,
    })
}

fn step(kind: BreachStepKind, risk: Option<BreachRisk>) -> BreachStep {
    let at = datetime(2026, 11, 28, 9, 0, 0, 0);
    BreachStep { kind, at, words: "so".to_owned(), risk, people: None, by: AccountId(Uuid::nil()), written_ms: 0 }
}

#[test]
fn seventy_two_hours_run_through_the_weekend_until_it_is_decided() {
    // UK GDPR Art 33(1); handbook section 15: "72 hours, weekends included".
    let mut breach = suspicion(datetime(2026, 11, 27, 16, 30, 0, 0));
    assert_eq!(breach.due().map(|due| due.at), Some(datetime(2026, 11, 30, 16, 30, 0, 0)));
    breach.take(step(BreachStepKind::Contained, None)).unwrap();
    assert!(breach.due().is_some(), "containing it does not stop the clock");
    breach.take(step(BreachStepKind::CommissionerTold, None)).unwrap();
    assert_eq!(breach.due(), None);
}

#[test]
fn the_commissioner_is_left_out_only_where_a_risk_is_unlikely() {
    let mut breach = suspicion(datetime(2026, 11, 27, 16, 30, 0, 0));
    let not = || step(BreachStepKind::CommissionerNot, None);
    assert_eq!(breach.take(not()).unwrap_err().code, "breach.risk");
    breach.take(step(BreachStepKind::Assessed, Some(BreachRisk::High))).unwrap();
    assert_eq!(breach.take(not()).unwrap_err().code, "breach.risk");
    breach.take(step(BreachStepKind::Assessed, Some(BreachRisk::None))).unwrap();
    breach.take(not()).unwrap();
    assert_eq!(breach.due(), None);
}

#[test]
fn it_is_closed_when_everything_has_been_done_and_not_before() {
    let mut breach = suspicion(datetime(2026, 11, 27, 16, 30, 0, 0));
    let close = || step(BreachStepKind::Closed, None);
    for (kind, risk) in [
        (BreachStepKind::Contained, None),
        (BreachStepKind::Assessed, Some(BreachRisk::High)),
        (BreachStepKind::CommissionerTold, None),
        (BreachStepKind::PeopleTold, None),
        (BreachStepKind::Learnt, None),
    ] {
        assert_eq!(breach.take(close()).unwrap_err().code, "breach.missing", "{kind:?}");
        breach.take(step(kind, risk)).unwrap();
    }
    breach.take(close()).unwrap();
    assert_eq!(breach.state(), BreachState::Closed);
    assert_eq!(breach.take(step(BreachStepKind::Learnt, None)).unwrap_err().code, "breach.closed");
    breach.take(step(BreachStepKind::Noted, None)).unwrap();
}

#[test]
fn what_is_wrong_is_named_with_its_field() {
    let now = datetime(2026, 11, 28, 9, 0, 0, 0);
    let typed = |fields: &[(&str, &str)]| fields.iter().copied().collect::<Fields>();
    let wrong = |fields: &[(&str, &str)]| -> Vec<String> {
        Suspicion::read(&typed(fields), now).err().unwrap_or_default().into_iter().map(|wrong| wrong.field).collect()
    };
    assert_eq!(wrong(&[]), ["kind", "what", "whose", "aware-day", "aware_time"]);
    let later = [
        ("kind", "lost"),
        ("what", "A bag"),
        ("whose", "Two families"),
        ("aware-day", "28"),
        ("aware-month", "11"),
        ("aware-year", "2026"),
        ("aware_time", "10:00"),
    ];
    assert_eq!(wrong(&later), ["aware-day"], "nobody notices what is to come");
    let step = BreachStep::read(&typed(&[("kind", "assessed"), ("words", "so")]), now, AccountId(Uuid::nil()), 0);
    let fields: Vec<String> = step.err().unwrap_or_default().into_iter().map(|wrong| wrong.field).collect();
    assert_eq!(fields, ["risk", "people"]);
}
