//! Delivered against ordered, counted by the rule (handbook section 19): cases with their answers, and what holds for
//! every case.

use std::fs;
use std::path::Path;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use kith_domain::calendar::{ClosedDay, Days, ServiceCalendar};
use kith_domain::delivery::case::CountCase;
use kith_domain::delivery::{Anchor, Bound, Delivered, Outcome, Per, Session, Stay, Term, When, count};
use kith_domain::session::CancelledBy;
use proptest::prelude::*;

#[test]
fn every_case_has_its_answer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/delivery");
    let mut cases = 0;
    for number in 0.. {
        let Ok(json) = fs::read_to_string(folder.join(format!("{number:02}.json"))) else { break };
        let expected = fs::read_to_string(folder.join(format!("{number:02}.jsonl"))).unwrap_or_default();
        let expected: Vec<serde_json::Value> =
            expected.lines().map(|line| serde_json::from_str(line).unwrap_or_default()).collect();
        let case = CountCase::read(&json).unwrap_or_else(|wrong| panic!("case {number}: {wrong}"));
        let answers: Vec<serde_json::Value> =
            case.answers().iter().map(|answer| serde_json::to_value(answer).unwrap_or_default()).collect();
        assert_eq!(answers, expected, "case {number}");
        cases += 1;
    }
    assert_eq!(cases, 24);
}

#[test]
fn what_is_wrong_in_a_case_is_named_by_its_field() {
    const GOOD: &str = r#"{"term": {"from": "2026-09-01", "to": null, "bound": "at_least", "count": 1, "per": "week",
        "anchor": "calendar", "minutes": null, "when": "always"}, "people": ["mother"],
        "school_terms": [{"from": "2026-09-01", "to": "2026-12-18"}, {"from": "2027-01-04", "to": "2027-03-25"}],
        "closed": ["2026-10-05"], "sessions": [{"day": "2026-09-03", "start": "10:00", "end": "11:30",
        "with": ["mother"], "state": "held", "present": {"child": ["10:00", "11:30"], "mother": ["10:00", "11:30"]}}],
        "period": {"from": "2026-09-01", "to": "2026-09-30"}, "today": "2026-11-24"}"#;
    assert!(CountCase::read(GOOD).is_ok());
    for (from, to, field) in [
        (r#""count": 1"#, r#""count": 0"#, "term.count"),
        (r#""count": 1"#, r#""count": 1.5"#, "term.count"),
        (r#""per": "week""#, r#""per": "decade""#, "term.per"),
        (r#""bound": "at_least""#, r#""bound": null"#, "term.bound"),
        (r#""to": null"#, r#""to": "2026-08-31""#, "term.to"),
        (r#""to": null"#, r#""to": "2026-02-30""#, "term.to"),
        (r#""minutes": null"#, r#""minutes": 0"#, "term.minutes"),
        (r#""when": "always""#, r#""whem": "always""#, "term.whem"),
        (r#""people": ["mother"]"#, r#""people": []"#, "people"),
        (r#""people": ["mother"]"#, r#""people": ["mother", "mother"]"#, "people[1]"),
        (r#""people": ["mother"]"#, r#""people": ["child"]"#, "people[0]"),
        (r#"{"from": "2027-01-04""#, r#"{"from": "2026-12-18""#, "school_terms[1].from"),
        (r#""closed": ["2026-10-05"]"#, r#""closed": ["5 October"]"#, "closed[0]"),
        (r#""start": "10:00""#, r#""start": "24:00""#, "sessions[0].start"),
        (r#""end": "11:30""#, r#""end": "09:30""#, "sessions[0].end"),
        (r#""state": "held""#, r#""state": "cancelled""#, "sessions[0].cancelled_by"),
        (r#""state": "held""#, r#""state": "lost""#, "sessions[0].state"),
        (r#""mother": ["10:00", "11:30"]"#, r#""mother": ["11:30", "10:00"]"#, "sessions[0].present.mother"),
        (r#""mother": ["10:00", "11:30"]"#, r#""mother": ["10:00", "10:75"]"#, "sessions[0].present.mother[1]"),
        (r#""to": "2026-09-30""#, r#""to": "2026-08-30""#, "period.to"),
        (r#""today": "2026-11-24""#, r#""now": "2026-11-24""#, "now"),
        (r#", "today": "2026-11-24""#, "", "today"),
        (r#""today""#, "today", "case"),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let wrong = CountCase::read(&GOOD.replacen(from, to, 1)).err().map(|wrong| wrong.field);
        assert_eq!(wrong.as_deref(), Some(field), "{to}");
    }
}

fn day(text: &str) -> Date {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn between(from: &str, to: &str) -> Days {
    Days { from: day(from), to: day(to) }
}

fn weekly() -> Term {
    Term {
        from: date(2026, 11, 9),
        to: None,
        bound: Bound::AtLeast,
        count: 2,
        per: Per::Week,
        anchor: Anchor::Calendar,
        minutes: Some(90),
        when: When::Always,
    }
}

/// A session of 10:00 to 11:30 with two people: 1 the mother, 2 the father. Both were there the whole time if `came`.
fn session(on: Date, outcome: Outcome, came: &[(usize, i64, i64)], child: Option<(i64, i64)>) -> Session<usize> {
    let stay = |from_minute, to_minute| Stay { from_minute, to_minute };
    Session {
        day: on,
        with: vec![1, 2],
        outcome,
        child: child.map(|(from, to)| stay(from, to)).into_iter().collect(),
        family: came.iter().map(|(who, from, to)| (*who, stay(*from, *to))).collect(),
    }
}

fn counted(term: &Term, sessions: &[Session<usize>], period: Days, today: &str) -> Vec<Delivered<usize>> {
    count(term, &[1, 2], &ServiceCalendar::default(), sessions, period, day(today))
}

#[test]
fn a_father_who_never_came_has_his_own_shortfall() {
    // Handbook section 19, *Held*: for a family member, when the child and that person were both there.
    let sessions: Vec<_> = ["2026-11-10", "2026-11-12"]
        .map(|on| session(day(on), Outcome::Held, &[(1, 600, 690)], Some((600, 690))))
        .into();
    let [mother, father] = counted(&weekly(), &sessions, between("2026-11-09", "2026-11-15"), "2026-11-24")[..] else {
        panic!("one week, two people");
    };
    assert_eq!((mother.held, mother.shortfall), (2, Some(0)));
    assert_eq!((father.held, father.shortfall, father.whose.family), (0, Some(2), 2));
}

#[test]
fn hours_count_beside_times() {
    // Handbook section 19: "owes times, and hours where a length is given".
    let sessions: Vec<_> = ["2026-11-10", "2026-11-12"]
        .map(|on| session(day(on), Outcome::Held, &[(1, 600, 615)], Some((600, 690))))
        .into();
    let mother = counted(&weekly(), &sessions, between("2026-11-09", "2026-11-15"), "2026-11-24")[0];
    assert_eq!((mother.due, mother.held, mother.shortfall), (2, 2, Some(0)));
    assert_eq!((mother.due_minutes, mother.held_minutes, mother.shortfall_minutes), (Some(180), 30, Some(150)));
}

#[test]
fn a_week_that_two_reports_share_is_due_in_one_of_them() {
    // Handbook section 19, *Spans*: in the period in which it ends.
    let term = Term { count: 1, ..weekly() };
    let november = counted(&term, &[], between("2026-11-01", "2026-11-30"), "2027-01-10");
    let december = counted(&term, &[], between("2026-12-01", "2026-12-31"), "2027-01-10");
    let last = between("2026-11-30", "2026-12-06");
    assert!(november.iter().all(|delivered| delivered.span != last));
    assert_eq!(december[0].span, last);
    assert_eq!(december[0].shortfall, Some(1));
}

#[test]
fn a_running_week_is_shown_as_running() {
    let sessions = [session(date(2026, 11, 24), Outcome::Held, &[(1, 600, 690)], Some((600, 690)))];
    let mother = counted(&weekly(), &sessions, between("2026-11-23", "2026-11-25"), "2026-11-25")[0];
    assert_eq!((mother.running, mother.due, mother.held, mother.shortfall), (true, 2, 1, None));
}

#[test]
fn every_day_is_every_day_on_which_the_service_works() {
    let term = Term { count: 1, per: Per::Day, from: date(2026, 12, 21), ..weekly() };
    let calendar = ServiceCalendar {
        closed: vec![ClosedDay { day: date(2026, 12, 23), name: "Staff training".into() }],
        school_terms: Vec::new(),
    };
    let spans = count(&term, &[1], &calendar, &[], between("2026-12-21", "2026-12-27"), date(2027, 1, 10));
    let days: Vec<i8> = spans.iter().map(|delivered| delivered.span.from.day()).collect();
    assert_eq!(days, [21, 22, 24], "23 closed, 25 and 26 holidays, 27 a Sunday");
}

#[test]
fn six_times_a_school_term_are_owed_by_the_authoritys_dates() {
    let term = Term { count: 6, per: Per::SchoolTerm, from: date(2026, 9, 1), ..weekly() };
    let calendar = ServiceCalendar { closed: Vec::new(), school_terms: vec![between("2026-09-01", "2026-12-18")] };
    let spans = count(&term, &[1], &calendar, &[], between("2026-09-01", "2026-12-31"), date(2027, 1, 10));
    assert_eq!(spans.iter().map(|delivered| delivered.due).collect::<Vec<_>>(), [6]);
}

#[test]
fn more_than_at_most_is_an_excess() {
    let term = Term { count: 1, bound: Bound::AtMost, ..weekly() };
    let sessions: Vec<_> = ["2026-11-10", "2026-11-12", "2026-11-14"]
        .map(|on| session(day(on), Outcome::Held, &[(1, 600, 690)], Some((600, 690))))
        .into();
    let mother = counted(&term, &sessions, between("2026-11-09", "2026-11-15"), "2026-11-24")[0];
    assert_eq!((mother.due, mother.held, mother.shortfall, mother.excess), (0, 3, Some(0), 2));
}

#[test]
fn a_shortfall_says_whose_it_was() {
    // Handbook section 19: "not offered; offered and cancelled by the family, or not attended; by the child; by the court".
    let term = Term { count: 6, ..weekly() };
    let on = |day| date(2026, 11, day);
    let sessions = [
        session(on(9), Outcome::Cancelled(CancelledBy::Service), &[], None),
        session(on(10), Outcome::Cancelled(CancelledBy::Parent), &[], None),
        session(on(11), Outcome::Cancelled(CancelledBy::Court), &[], None),
        session(on(12), Outcome::Held, &[(1, 600, 690)], None),
        session(on(13), Outcome::Unrecorded, &[], None),
        session(on(14), Outcome::DidNotAttend, &[], Some((600, 615))),
    ];
    let mother = counted(&term, &sessions, between("2026-11-09", "2026-11-15"), "2026-11-24")[0];
    let whose = mother.whose;
    assert_eq!((mother.offered, mother.shortfall), (4, Some(6)));
    assert_eq!((whose.not_offered, whose.court, whose.unrecorded, whose.child, whose.family), (1, 1, 1, 1, 2));
}

/// The same rules read again, day by day and without any shortcut.
fn by_hand(
    term: &Term,
    person: usize,
    calendar: &ServiceCalendar,
    sessions: &[Session<usize>],
    span: Days,
) -> (i64, i64, i64, i64) {
    let covered = |on: Date| {
        on >= term.from
            && term.to.is_none_or(|to| on <= to)
            && (term.when == When::Always
                || (term.when == When::TermTime) == calendar.school_terms.iter().any(|s| s.from <= on && on <= s.to))
    };
    let (mut days, mut covered_days, mut offered, mut held, mut minutes) = (0, 0, 0, 0, 0);
    let mut on = span.from;
    while on <= span.to {
        days += 1;
        if covered(on) {
            covered_days += 1;
            for session in sessions.iter().filter(|session| session.day == on) {
                let taken = matches!(session.outcome, Outcome::Cancelled(by) if by != CancelledBy::Parent && by != CancelledBy::Child);
                offered += i64::from(session.with.contains(&person) && !taken);
                let there =
                    |minute: i64, stays: &[Stay]| stays.iter().any(|s| s.from_minute <= minute && minute < s.to_minute);
                let own: Vec<Stay> =
                    session.family.iter().filter(|(who, _)| *who == person).map(|(_, stay)| *stay).collect();
                let both = (0..24 * 60).filter(|minute| there(*minute, &session.child) && there(*minute, &own)).count();
                if session.outcome == Outcome::Held && both > 0 {
                    held += 1;
                    minutes += i64::try_from(both).unwrap_or(0);
                }
            }
        }
        on = on.tomorrow().unwrap_or(Date::MAX);
    }
    let due = if term.bound == Bound::AtMost { 0 } else { term.count * covered_days / days };
    (due, offered, held, minutes)
}

fn a_day() -> impl Strategy<Value = Date> {
    (0_i32..500).prop_map(|after| date(2026, 7, 1).checked_add(after.days()).unwrap_or(Date::MAX))
}

fn a_term() -> impl Strategy<Value = Term> {
    let bound = prop::sample::select(Bound::ALL);
    let per = prop::sample::select(Per::ALL);
    let anchor = prop::sample::select(Anchor::ALL);
    let when = prop::sample::select(When::ALL);
    let to = prop::option::of(0_i32..500);
    (a_day(), to, bound, 1_i64..8, per, anchor, prop::option::of(15_i64..180), when).prop_map(
        |(from, to, bound, count, per, anchor, minutes, when)| Term {
            from,
            to: to.map(|after| from.checked_add(after.days()).unwrap_or(Date::MAX)),
            bound,
            count,
            per,
            anchor,
            minutes,
            when,
        },
    )
}

fn a_session() -> impl Strategy<Value = Session<usize>> {
    let outcome = prop_oneof![
        4 => Just(Outcome::Held),
        1 => Just(Outcome::DidNotAttend),
        1 => Just(Outcome::Unrecorded),
        1 => Just(Outcome::Planned),
        2 => prop::sample::select(CancelledBy::ALL).prop_map(Outcome::Cancelled),
    ];
    let stay =
        (600_i64..690, 0_i64..90).prop_map(|(from_minute, long)| Stay { from_minute, to_minute: from_minute + long });
    let who = prop::sample::subsequence(vec![1_usize, 2], 1..=2);
    let family = prop::collection::vec((prop::sample::select(vec![1_usize, 2]), stay.clone()), 0..3);
    (a_day(), who, outcome, prop::collection::vec(stay, 0..3), family)
        .prop_map(|(day, with, outcome, child, family)| Session { day, with, outcome, child, family })
}

fn school_year() -> ServiceCalendar {
    ServiceCalendar {
        closed: vec![ClosedDay { day: date(2027, 6, 7), name: "Day of celebration".into() }],
        school_terms: vec![
            between("2026-09-01", "2026-12-18"),
            between("2027-01-04", "2027-03-25"),
            between("2027-04-12", "2027-07-21"),
            between("2027-09-01", "2027-12-17"),
        ],
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_period_gives_the_same_spans_the_same_answer(
        term in a_term(), sessions in prop::collection::vec(a_session(), 0..30), today in a_day(), a in a_day(), b in a_day()
    ) {
        let calendar = school_year();
        let all = count(&term, &[1, 2], &calendar, &sessions, between("2025-01-01", "2030-12-31"), today);
        let part = count(&term, &[1, 2], &calendar, &sessions, Days { from: a.min(b), to: a.max(b) }, today);
        for delivered in part {
            prop_assert!(all.contains(&delivered), "{delivered:?}");
        }
    }

    #[test]
    fn two_adjoining_periods_show_what_the_whole_shows(
        term in a_term(), sessions in prop::collection::vec(a_session(), 0..30), today in a_day(), cut in a_day()
    ) {
        let calendar = school_year();
        let (first, last) = (day("2026-01-01"), day("2029-12-31"));
        let ended = |from, to| {
            let mut all = count(&term, &[1, 2], &calendar, &sessions, Days { from, to }, today);
            all.retain(|delivered| !delivered.running);
            all
        };
        let mut parts = ended(first, cut);
        parts.extend(ended(cut.tomorrow().unwrap_or(cut), last));
        let whole = ended(first, last);
        prop_assert_eq!(parts.len(), whole.len());
        prop_assert!(whole.iter().all(|delivered| parts.contains(delivered)));
    }

    #[test]
    fn a_session_added_never_raises_a_shortfall(
        term in a_term(), sessions in prop::collection::vec(a_session(), 0..30), more in a_session(), today in a_day()
    ) {
        let calendar = school_year();
        let period = between("2026-01-01", "2029-12-31");
        let before = count(&term, &[1, 2], &calendar, &sessions, period, today);
        let mut with_more = sessions;
        with_more.push(more);
        let after = count(&term, &[1, 2], &calendar, &with_more, period, today);
        for (before, after) in before.iter().zip(&after) {
            prop_assert_eq!((before.person, before.span), (after.person, after.span));
            prop_assert!(after.shortfall <= before.shortfall);
            prop_assert!(after.shortfall_minutes <= before.shortfall_minutes);
            prop_assert!(after.excess >= before.excess);
        }
    }

    #[test]
    fn counting_by_hand_gives_the_same(
        term in a_term(), sessions in prop::collection::vec(a_session(), 0..30), today in a_day()
    ) {
        let calendar = school_year();
        for delivered in count(&term, &[1, 2], &calendar, &sessions, between("2026-01-01", "2029-12-31"), today) {
            let by_hand = by_hand(&term, delivered.person, &calendar, &sessions, delivered.span);
            prop_assert_eq!((delivered.due, delivered.offered, delivered.held, delivered.held_minutes), by_hand);
            let whose = delivered.whose;
            let parts = whose.not_offered + whose.court + whose.unrecorded + whose.child + whose.family;
            prop_assert_eq!(parts, delivered.shortfall.unwrap_or(0), "the parts add up");
        }
    }

    #[test]
    fn spans_follow_each_other_without_a_gap(term in a_term()) {
        prop_assume!(matches!(term.per, Per::Week | Per::Fortnight | Per::Month | Per::Year));
        let spans = kith_domain::delivery::spans(&term, &school_year(), between("2026-07-01", "2029-12-31"));
        for pair in spans.windows(2) {
            prop_assert_eq!(pair[0].to.tomorrow().ok(), Some(pair[1].from));
        }
        prop_assert!(spans.iter().any(|span| span.contains(term.from)));
    }
}
