//! Worked dates, each with its source, and what must hold of any date.

use super::*;
use crate::calendar::ClosedDay;
use jiff::civil::date;
use proptest::prelude::*;

/// A calendar with further closed days, as the register has them.
fn closed(days: &[Date]) -> ServiceCalendar {
    let day = |day: &Date| ClosedDay { day: *day, name: "Day of celebration".to_owned() };
    ServiceCalendar { closed: days.iter().map(day).collect(), school_terms: Vec::new() }
}

fn due(received: Date, extended: bool, paused_days: i64) -> Date {
    let request = Request { received, extended, paused_days };
    request_due(request, &ServiceCalendar::default()).map_or(Date::MAX, |due| due.day)
}

#[test]
fn a_request_is_due_on_the_same_date_next_month_or_the_next_working_day() {
    let table = [
        // Handbook section 15.
        (date(2027, 1, 31), date(2027, 3, 1), "28 February is a Sunday"),
        (date(2026, 11, 25), date(2026, 12, 29), "Christmas, Saturday, Sunday, substitute for Boxing Day"),
        (date(2027, 9, 3), date(2027, 10, 4), "3 October is a Sunday"),
        // ICO, Right of access: «If this is not possible because the following month is shorter …, the date for
        // response is the last day of the following month»; «31 March … 30 April».
        (date(2027, 3, 31), date(2027, 4, 30), "no 31 April"),
        (date(2027, 5, 31), date(2027, 6, 30), "no 31 June"),
        (date(2027, 8, 31), date(2027, 9, 30), "no 31 September"),
        (date(2027, 10, 31), date(2027, 11, 30), "received on a Sunday"),
        (date(2028, 1, 30), date(2028, 2, 29), "a leap year has a 29 February"),
        (date(2028, 1, 31), date(2028, 2, 29), "and it is the last day"),
        (date(2027, 1, 29), date(2027, 3, 1), "a common year has none"),
        (date(2028, 2, 29), date(2028, 3, 29), "from a leap day"),
        // ICO: the time limit runs from the day of receipt, whether or not it is a working day.
        (date(2026, 11, 24), date(2026, 12, 24), "a Tuesday to a Thursday"),
        (date(2026, 11, 28), date(2026, 12, 29), "received on a Saturday; 28 December is a substitute day"),
        (date(2026, 12, 24), date(2027, 1, 25), "Christmas Eve; 24 January is a Sunday"),
        (date(2026, 12, 25), date(2027, 1, 25), "Christmas Day"),
        (date(2026, 12, 1), date(2027, 1, 4), "New Year’s Day is a Friday"),
        (date(2026, 12, 31), date(2027, 2, 1), "31 January is a Sunday"),
        // Bank holidays of England and Wales: gov.uk/bank-holidays.
        (date(2027, 2, 26), date(2027, 3, 30), "Good Friday, weekend, Easter Monday"),
        (date(2027, 2, 28), date(2027, 3, 30), "28 March is Easter Sunday"),
        (date(2027, 4, 3), date(2027, 5, 4), "Early May bank holiday"),
        (date(2027, 4, 30), date(2027, 6, 1), "30 May is a Sunday, 31 May a bank holiday"),
        (date(2027, 7, 30), date(2027, 8, 31), "Summer bank holiday"),
        (date(2027, 11, 27), date(2027, 12, 29), "27 and 28 December are both substitute days"),
        (date(2028, 12, 1), date(2029, 1, 2), "New Year’s Day"),
        (date(2025, 3, 18), date(2025, 4, 22), "Good Friday to Easter Monday"),
        (date(2022, 8, 19), date(2022, 9, 20), "a day by proclamation"),
        (date(2023, 4, 8), date(2023, 5, 9), "a day by proclamation"),
        (date(2022, 5, 2), date(2022, 6, 6), "2 June moved, 3 June by proclamation, then a weekend"),
        (date(2027, 1, 28), date(2027, 3, 1), "28 February is a Sunday"),
        (date(2027, 1, 30), date(2027, 3, 1), "no 30 February, and the 28th is a Sunday"),
        (date(2026, 1, 31), date(2026, 3, 2), "28 February is a Saturday"),
        (date(2028, 1, 29), date(2028, 2, 29), "a leap year has this date"),
        (date(2027, 2, 27), date(2027, 3, 30), "27 March is a Saturday before Easter"),
        (date(2026, 3, 3), date(2026, 4, 7), "Good Friday to Easter Monday"),
        (date(2026, 3, 2), date(2026, 4, 2), "Maundy Thursday is a working day"),
        (date(2026, 11, 23), date(2026, 12, 23), "the day before Christmas Eve"),
        (date(2026, 11, 27), date(2026, 12, 29), "27 December is a Sunday, 28 the substitute"),
        (date(2026, 11, 30), date(2026, 12, 30), "between the years is worked"),
        (date(2027, 11, 25), date(2027, 12, 29), "Saturday, Sunday and two substitute days"),
        (date(2027, 12, 1), date(2028, 1, 4), "New Year’s Day is a Saturday, 3 January its substitute"),
        (date(2027, 7, 31), date(2027, 8, 31), "31 August is the day after the bank holiday"),
        (date(2026, 12, 30), date(2027, 2, 1), "30 January is a Saturday"),
        (date(2000, 1, 31), date(2000, 2, 29), "2000 was a leap year"),
        (date(2100, 1, 29), date(2100, 3, 1), "2100 is none, and 28 February a Sunday"),
    ];
    for (received, day, why) in table {
        assert_eq!(due(received, false, 0), day, "received {received}: {why}");
    }
}

#[test]
fn an_extension_is_two_further_months_counted_from_receipt() {
    // UK GDPR Art 12(3); handbook section 15.
    for (received, day) in [
        (date(2026, 11, 25), date(2027, 2, 25)),
        (date(2026, 11, 30), date(2027, 3, 1)),
        (date(2027, 1, 31), date(2027, 4, 30)),
        (date(2027, 9, 25), date(2027, 12, 29)),
        (date(2027, 12, 26), date(2028, 3, 27)),
        // The 29th, 30th and 31st of November have no date in February but the last day; a Sunday in 2027, a leap day in 2028.
        (date(2026, 11, 29), date(2027, 3, 1)),
        (date(2027, 11, 30), date(2028, 2, 29)),
        (date(2027, 11, 29), date(2028, 2, 29)),
        (date(2027, 1, 25), date(2027, 4, 26)),
        (date(2026, 12, 26), date(2027, 3, 30)),
    ] {
        assert_eq!(due(received, true, 0), day, "received {received}");
    }
}

#[test]
fn a_stopped_clock_does_not_run() {
    // Handbook section 15: while identity or a needed clarification is awaited.
    for (received, paused_days, day) in [
        (date(2026, 11, 24), 1, date(2026, 12, 29)),
        (date(2026, 11, 24), 5, date(2026, 12, 29)),
        (date(2026, 11, 24), 6, date(2026, 12, 30)),
        (date(2027, 1, 31), 10, date(2027, 3, 10)),
        (date(2027, 9, 3), 7, date(2027, 10, 11)),
        (date(2026, 11, 25), 1, date(2026, 12, 29)),
        (date(2026, 11, 25), 5, date(2026, 12, 30)),
        (date(2027, 1, 31), 1, date(2027, 3, 1)),
        (date(2027, 8, 31), 31, date(2027, 11, 1)),
    ] {
        assert_eq!(due(received, false, paused_days), day, "received {received}, stopped for {paused_days} days");
    }
}

#[test]
fn a_newly_proclaimed_bank_holiday_moves_it() {
    let request = Request { received: date(2027, 9, 7), extended: false, paused_days: 0 };
    let due = request_due(request, &closed(&[date(2027, 10, 7)])).unwrap();
    assert_eq!(due.day, date(2027, 10, 8));
    assert!(
        due.rule.ends_with("Thursday 7 October 2027 (Day of celebration) is not a working day, so the next one"),
        "{}",
        due.rule
    );
    // Before a weekend, and one that nothing runs into.
    let friday = Request { received: date(2027, 9, 8), ..request };
    assert_eq!(request_due(friday, &closed(&[date(2027, 10, 8)])).map(|due| due.day), Some(date(2027, 10, 11)));
    assert_eq!(request_due(request, &closed(&[date(2027, 10, 6)])).map(|due| due.day), Some(date(2027, 10, 7)));
}

#[test]
fn how_it_was_counted_is_said() {
    let request = Request { received: date(2027, 1, 31), extended: false, paused_days: 0 };
    let rule = request_due(request, &ServiceCalendar::default()).map(|due| due.rule).unwrap_or_default();
    assert_eq!(
        rule,
        "one calendar month from receipt on Sunday 31 January 2027, the last day of a shorter month; \
         Sunday 28 February 2027 is not a working day, so the next one"
    );
}

#[test]
fn a_complaint_is_acknowledged_within_thirty_days() {
    // ICO, How to deal with data protection complaints: the 30 days begin on the day after receipt; a weekend or bank holiday
    // at their end is moved over. Handbook section 14.
    for (received, day) in [
        (date(2026, 11, 2), date(2026, 12, 2)),
        (date(2026, 11, 25), date(2026, 12, 29)),
        (date(2026, 11, 26), date(2026, 12, 29)),
        (date(2026, 12, 2), date(2027, 1, 4)),
        (date(2027, 1, 29), date(2027, 3, 1)),
        (date(2027, 1, 31), date(2027, 3, 2)),
        (date(2028, 1, 30), date(2028, 2, 29)),
        (date(2027, 2, 24), date(2027, 3, 30)),
    ] {
        assert_eq!(complaint_due(received, &ServiceCalendar::default()).map(|due| due.day), Some(day), "{received}");
    }
}

#[test]
fn a_breach_is_told_within_seventy_two_hours_as_they_pass() {
    // UK GDPR Art 33(1); handbook section 15: "72 hours, weekends included, from becoming aware".
    for (aware, told) in [
        (date(2026, 11, 27).at(16, 30, 0, 0), date(2026, 11, 30).at(16, 30, 0, 0)),
        (date(2026, 12, 24).at(9, 0, 0, 0), date(2026, 12, 27).at(9, 0, 0, 0)),
        (date(2028, 2, 27).at(23, 59, 0, 0), date(2028, 3, 1).at(23, 59, 0, 0)),
        (date(2027, 2, 26).at(0, 0, 0, 0), date(2027, 3, 1).at(0, 0, 0, 0)),
        // The clocks go forward on 28 March 2027 and back on 31 October 2027: it is hours that pass, not dates.
        (date(2027, 3, 26).at(10, 0, 0, 0), date(2027, 3, 29).at(11, 0, 0, 0)),
        (date(2027, 10, 29).at(10, 0, 0, 0), date(2027, 11, 1).at(9, 0, 0, 0)),
        // Of half past one, which there is twice, the first counts.
        (date(2027, 10, 31).at(1, 30, 0, 0), date(2027, 11, 3).at(0, 30, 0, 0)),
    ] {
        assert_eq!(breach_due(aware).map(|due| due.at), Some(told), "{aware}");
    }
}

#[test]
fn a_refusal_without_an_order_ends_on_its_seventh_day() {
    // Children Act 1989 s34(6): "does not last for more than seven days"; handbook section 7: warned at day 5.
    for (began, last, warned) in [
        (date(2026, 11, 24), date(2026, 11, 30), "Saturday 28 November 2026"),
        (date(2026, 12, 22), date(2026, 12, 28), "Saturday 26 December 2026"),
        (date(2028, 2, 24), date(2028, 3, 1), "Monday 28 February 2028"),
        (date(2027, 2, 24), date(2027, 3, 2), "Sunday 28 February 2027"),
    ] {
        let due = refusal_ends(began).unwrap();
        assert_eq!(due.day, last, "{began}");
        assert!(due.rule.contains(&format!("(day 5 is {warned})")), "{}", due.rule);
    }
}

#[test]
fn a_referral_is_verified_within_working_days() {
    // Handbook section 4: "verified within 1 working day" (a setting).
    for (submitted, days, due) in [
        (date(2026, 11, 24), 1, date(2026, 11, 25)),
        (date(2026, 11, 27), 1, date(2026, 11, 30)),
        (date(2026, 11, 28), 1, date(2026, 11, 30)),
        (date(2026, 12, 24), 1, date(2026, 12, 29)),
        (date(2026, 12, 24), 2, date(2026, 12, 30)),
        (date(2027, 3, 25), 1, date(2027, 3, 30)),
    ] {
        assert_eq!(verification_due(submitted, days, &ServiceCalendar::default()).day, due, "{submitted} {days}");
    }
    let shut = closed(&[date(2026, 11, 25)]);
    assert_eq!(verification_due(date(2026, 11, 24), 1, &shut).day, date(2026, 11, 26));
}

fn day() -> impl Strategy<Value = Date> {
    (0_i64..80_000).prop_map(calendar::day_of)
}

proptest! {
    #[test]
    fn it_ends_on_a_working_day_never_early_and_soon(received in day(), extended: bool, paused_days in 0_i64..400) {
        let request = Request { received, extended, paused_days };
        let due = request_due(request, &ServiceCalendar::default()).expect("within the calendar");
        prop_assert!(calendar::is_working_day(due.day));
        prop_assert!(due.day >= due.counted);
        // Good Friday to Easter Monday, or Christmas with its substitutes: at most five days are moved over.
        prop_assert!(due.day <= due.counted.saturating_add(5.days()));
    }

    #[test]
    fn an_extension_is_never_shorter_and_a_closed_day_never_brings_it_forward(received in day(), off in 0_i64..40) {
        prop_assert!(due(received, true, 0) > due(received, false, 0));
        let request = Request { received, extended: false, paused_days: 0 };
        let shut = closed(&[received.saturating_add(off.days())]);
        let with = request_due(request, &shut).map(|due| due.day).expect("within the calendar");
        prop_assert!(with >= due(received, false, 0) && shut.is_working_day(with));
    }

    #[test]
    fn a_breach_is_told_after_seventy_two_hours(on in day(), minute in 0_i64..1440) {
        let aware = on.to_datetime(calendar::minute_time(minute));
        let told = breach_due(aware).expect("within the calendar").at;
        let passed = (told.to_zoned_datetime(calendar::london()).unwrap().timestamp().as_second()
            - aware.to_zoned_datetime(calendar::london()).unwrap().timestamp().as_second()) / 60;
        // An hour that there is twice is told by its first.
        prop_assert!(passed == 72 * 60 || passed == 71 * 60);
    }

    #[test]
    fn who_asks_later_is_never_due_earlier(received in day(), later in 0_i64..60, extended: bool) {
        let second = received.saturating_add(later.days());
        prop_assert!(due(second, extended, 0) >= due(received, extended, 0));
    }

    #[test]
    fn a_longer_stop_never_brings_it_forward(received in day(), stop in 0_i64..100, more in 0_i64..100) {
        prop_assert!(due(received, false, stop + more) >= due(received, false, stop));
    }
}

fn first(accepted: Date, birth: Option<Birth>, status: LegalStatus) -> Due {
    // Handbook section 4: 5 working days, 2 for a baby under 1 on an interim order.
    let of = FirstSession { accepted, birth, status: Some(status), within: 5, within_for_baby: 2 };
    first_session_due(of, &ServiceCalendar::default())
}

#[test]
fn a_baby_on_an_interim_order_is_seen_within_two_working_days() {
    // Handbook section 4: "first session within 5 working days of acceptance; for a baby under 1 on an interim order within 2".
    let born = |day| Some(Birth::On { day });
    let (interim, full) = (LegalStatus::InterimCareOrder, LegalStatus::FullCareOrder);
    let table = [
        (date(2026, 11, 24), born(date(2026, 8, 3)), interim, date(2026, 11, 26), "a Tuesday to a Thursday"),
        (date(2026, 11, 27), born(date(2026, 8, 3)), interim, date(2026, 12, 1), "a Friday: over a weekend"),
        (date(2026, 12, 24), born(date(2026, 8, 3)), interim, date(2026, 12, 30), "over Christmas and its substitute"),
        (date(2027, 3, 25), born(date(2026, 8, 3)), interim, date(2027, 3, 31), "over Good Friday and Easter Monday"),
        (date(2026, 11, 24), born(date(2025, 11, 25)), interim, date(2026, 11, 26), "one tomorrow"),
        (date(2026, 11, 24), born(date(2025, 11, 24)), interim, date(2026, 12, 1), "one today: not under 1"),
        (date(2026, 11, 24), born(date(2026, 8, 3)), full, date(2026, 12, 1), "a full care order is not interim"),
        (date(2026, 11, 24), None, interim, date(2026, 12, 1), "nobody knows how old"),
    ];
    for (accepted, birth, status, by, why) in table {
        assert_eq!(first(accepted, birth, status).day, by, "{why}");
    }
    let between = Birth::Between { from: date(2025, 1, 1), to: date(2026, 1, 31) };
    let youngest = first(date(2026, 11, 24), Some(between), interim);
    assert_eq!(youngest.day, date(2026, 11, 26), "as young as the child can be");
    assert!(youngest.rule.contains("for a baby under 1 on an interim order"), "{}", youngest.rule);
}

#[test]
fn a_child_who_is_not_born_yet_is_seen_after_the_birth() {
    let expected = Some(Birth::Expected { day: date(2026, 12, 11) });
    let due = first(date(2026, 11, 24), expected, LegalStatus::InterimCareOrder);
    assert_eq!(due.day, date(2026, 12, 15), "Friday 11 December, over a weekend");
    assert!(due.rule.contains("the expected birth"), "{}", due.rule);
}

fn running(kind: ClockKind, due: Date) -> Running {
    Running { kind, subject: uuid::Uuid::nil(), child: crate::ids::ChildId(uuid::Uuid::nil()), due }
}

#[test]
fn how_much_is_left_is_said_in_words() {
    // Handbook sections 4, 6 and 7: a clock says by when, and that it has passed.
    use ClockKind as K;
    use ClockState as S;
    let today = date(2026, 11, 27);
    let said = |kind, due| (running(kind, due).left(today), running(kind, due).state(today));
    for (kind, due, words, state) in [
        (K::FirstSession, date(2026, 11, 25), "Overdue by 2 days", S::Overdue),
        (K::Verification, date(2026, 11, 26), "Overdue by 1 day", S::Overdue),
        (K::FirstSession, date(2026, 11, 27), "Last day today", S::DueSoon),
        (K::PlanReview, date(2026, 11, 28), "1 day left", S::DueSoon),
        (K::PlanReview, date(2026, 11, 30), "3 days left", S::DueSoon),
        (K::PlanReview, date(2026, 12, 1), "4 days left", S::Running),
        (K::Hearing, date(2026, 11, 27), "Today", S::DueSoon),
        (K::Hearing, date(2026, 11, 28), "Tomorrow", S::DueSoon),
        (K::Hearing, date(2026, 12, 7), "In 10 days", S::Running),
        (K::OrderEnds, date(2026, 11, 26), "Ended yesterday", S::Overdue),
        (K::Refusal, date(2026, 11, 26), "Ran out yesterday: contact is owed", S::Overdue),
        (K::Assessment, date(2026, 11, 20), "Ran out 7 days ago: sessions are booked", S::Overdue),
    ] {
        assert_eq!(said(kind, due), (words.to_owned(), state));
    }
}

#[test]
fn a_child_unsafe_or_without_contact_comes_before_paper() {
    use ClockKind as K;
    let order = [K::Assessment, K::Refusal, K::FirstSession, K::Verification, K::OrderEnds, K::Hearing, K::PlanReview];
    assert_eq!(K::ALL, order);
}

#[test]
fn every_hearing_to_come_is_named_once_and_those_before_are_not() {
    let mut values: crate::form::Fields = [("hearing_date", "2026-12-09")].into_iter().collect();
    let rows = ["2027-03-02", "2026-12-09", "2026-10-01"]
        .map(|day| [("about", "Case management"), ("day", day)].into_iter().collect::<crate::form::Fields>());
    values.set_rows("hearings", rows);
    assert_eq!(hearings(&values, date(2026, 11, 27)), [date(2026, 12, 9), date(2027, 3, 2)]);
}

#[test]
fn what_nobody_reads_waits_only_while_the_service_is_open() {
    use crate::session::{Hours, Week};
    // Handbook section 8: 09:00 to 19:00, Saturday to 17:00; never on Sunday or a bank holiday.
    let day = Some(Hours { start_minute: 540, end_minute: 1_140 });
    let week: Week = [day, day, day, day, day, Some(Hours { start_minute: 540, end_minute: 1_020 })];
    let after = |at: Date, minute, minutes| {
        let from = calendar::instant_ms(at, minute);
        let then = after_open_minutes(from, minutes, &week, &ServiceCalendar::default());
        calendar::in_london(then).datetime().to_string()
    };
    assert_eq!(after(date(2026, 11, 26), 600, 240), "2026-11-26T14:00:00", "ten in the morning");
    assert_eq!(after(date(2026, 11, 26), 1_080, 240), "2026-11-27T12:00:00", "an hour before the evening");
    assert_eq!(after(date(2026, 11, 26), 420, 240), "2026-11-26T13:00:00", "before it opens");
    assert_eq!(after(date(2026, 11, 28), 960, 240), "2026-11-30T12:00:00", "a Saturday at four, over Sunday");
    assert_eq!(after(date(2026, 12, 24), 1_080, 240), "2026-12-29T12:00:00", "over Christmas");
    let never: Week = [None; 6];
    let from = calendar::instant_ms(date(2026, 11, 26), 600);
    assert_eq!(after_open_minutes(from, 240, &never, &ServiceCalendar::default()), from + 240 * 60_000);
}
