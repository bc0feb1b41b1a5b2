use std::collections::BTreeSet;

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

#[test]
fn an_account_is_looked_at_in_a_time_that_is_past_and_not_too_long() {
    let now = datetime(2026, 11, 28, 9, 0, 0, 0);
    let (me, account) = (AccountId(Uuid::nil()), Uuid::from_u128(7));
    let read = |from: &str, from_time: &str, until: &str, until_time: &str| {
        let id = account.to_string();
        let fields: Fields =
            [("account", &*id), ("from_time", from_time), ("until_time", until_time)].into_iter().collect();
        let mut fields = fields;
        for (name, day) in [("from", from), ("until", until)] {
            if let Ok(day) = day.parse() {
                fields.set_date(name, day);
            }
        }
        let wrong = |problems: Vec<Problem>| problems.into_iter().map(|of| of.field).collect::<Vec<_>>();
        AccountLookedAt::read(&fields, now, me, 0).map_err(wrong)
    };
    let of = read("2026-11-27", "16:30", "2026-11-27", "17:00").unwrap().unwrap();
    assert_eq!(
        (of.account, of.instants().1 - of.instants().0),
        (AccountId(account), 31 * 60_000),
        "the last minute too"
    );
    let wrong = |read: Result<Option<AccountLookedAt>, Vec<String>>| read.err().unwrap_or_default();
    assert_eq!(wrong(read("", "", "", "")), ["from-day", "from_time", "until-day", "until_time"]);
    assert_eq!(wrong(read("2026-11-28", "09:01", "2026-11-28", "10:00")), ["from-day"]);
    assert_eq!(wrong(read("2026-11-27", "16:30", "2026-11-27", "16:29")), ["until-day"]);
    assert_eq!(wrong(read("2026-08-01", "16:30", "2026-11-27", "16:29")), ["until-day"]);
    assert!(AccountLookedAt::read(&Fields::default(), now, me, 0).ok().unwrap().is_none());
}

#[test]
fn who_is_affected_is_said_of_what_was_shown_and_no_more_when_another_account_is_named() {
    let at = datetime(2026, 11, 27, 16, 30, 0, 0);
    let [one, two, three] = [1, 2, 3].map(|n| ChildId(Uuid::from_u128(n)));
    let looked_at = |account| {
        let (account, by) = (AccountId(Uuid::from_u128(account)), AccountId(Uuid::nil()));
        Some(AccountLookedAt { account, from: at, until: at, by, written_ms: 0 })
    };
    let mut breach = suspicion(at);
    breach.look_at(looked_at(7)).unwrap();
    breach.say_affected(&BTreeSet::from([one, two]), &BTreeSet::from([two, three])).unwrap();
    assert_eq!(breach.affected, [two], "nobody is affected who was not shown");
    breach.say_affected(&BTreeSet::from([three]), &BTreeSet::from([three])).unwrap();
    assert_eq!(breach.affected, [two, three], "another page of the list");
    breach.look_at(looked_at(7)).unwrap();
    assert_eq!(breach.affected.len(), 2);
    breach.look_at(looked_at(8)).unwrap();
    assert!(breach.affected.is_empty());
    breach.take(step(BreachStepKind::Nothing, None)).unwrap();
    assert_eq!(breach.look_at(None).unwrap_err().code, "breach.closed");
}
