//! Clocks that the law runs: how long there is for a request of a person (handbook section 15).

use jiff::Span;
use jiff::civil::Date;

use crate::calendar;

/// Longest pause of a clock, in days: ten years. More is a slip of the finger.
pub const PAUSED_DAYS_MAX: i64 = 3_653;

/// What is known of a request of a person that runs against the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The day on which it was received, working day or not.
    pub received: Date,
    /// Whether it was extended for its complexity or number, which the person is told within the first month.
    pub extended: bool,
    /// For how many days the clock did not run, because identity or a needed clarification was awaited.
    pub paused_days: i64,
}

/// By when a request is answered, and how that was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The last day.
    pub day: Date,
    /// The corresponding day, before weekends and bank holidays are moved over.
    pub counted: Date,
    /// How it was counted, in a sentence.
    pub rule: String,
    /// The law and the guidance it rests on.
    pub source: &'static str,
}

/// Where the clock of a request comes from.
const SOURCE: &str = "UK GDPR Art 12(3); DPA 2018 s54; ICO, Right of access: how long do we have to comply";

/// Months for a request: one, and two further ones counted from receipt when it is extended (UK GDPR Art 12(3)).
const fn months(extended: bool) -> i64 {
    if extended { 3 } else { 1 }
}

/// By when a request of a person is answered: the same date next month (in the third month when extended); the month's
/// last day where there is no such date; then as many days later as the clock was stopped; and when that is no working
/// day, the next one. `works` tells whether a day is a working day, see [`calendar::is_working_day`].
///
/// `None` when the date lies outside the calendar.
pub fn request_due(request: Request, works: impl Fn(Date) -> bool) -> Option<Due> {
    let months = months(request.extended);
    let same_date = request.received.checked_add(Span::new().try_months(months).ok()?).ok()?;
    let counted = same_date.checked_add(Span::new().try_days(request.paused_days).ok()?).ok()?;
    let mut day = counted;
    while !works(day) {
        day = day.tomorrow().ok()?;
    }
    let span = if request.extended { "one calendar month and two further ones" } else { "one calendar month" };
    let shorter = if same_date.day() == request.received.day() { "" } else { ", the last day of a shorter month" };
    let stopped = match request.paused_days {
        0 => String::new(),
        1 => ", 1 day later because the clock was stopped for it".to_owned(),
        days => format!(", {days} days later because the clock was stopped for them"),
    };
    let moved = if day == counted {
        String::new()
    } else {
        let name = calendar::bank_holiday(counted).map(|name| format!(" ({name})")).unwrap_or_default();
        format!("; {}{name} is not a working day, so the next one", calendar::weekday_date(counted))
    };
    let received = calendar::weekday_date(request.received);
    let rule = format!("{span} from receipt on {received}{shorter}{stopped}{moved}");
    Some(Due { day, counted, rule, source: SOURCE })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn due(received: Date, extended: bool, paused_days: i64) -> Date {
        let request = Request { received, extended, paused_days };
        request_due(request, calendar::is_working_day).map_or(Date::MAX, |due| due.day)
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
        ] {
            assert_eq!(due(received, false, paused_days), day, "received {received}, stopped for {paused_days} days");
        }
    }

    #[test]
    fn a_newly_proclaimed_bank_holiday_moves_it() {
        let request = Request { received: date(2027, 9, 7), extended: false, paused_days: 0 };
        let works = |day| day != date(2027, 10, 7) && calendar::is_working_day(day);
        assert_eq!(request_due(request, works).map(|due| due.day), Some(date(2027, 10, 8)));
    }

    #[test]
    fn how_it_was_counted_is_said() {
        let request = Request { received: date(2027, 1, 31), extended: false, paused_days: 0 };
        let rule = request_due(request, calendar::is_working_day).map(|due| due.rule).unwrap_or_default();
        assert_eq!(
            rule,
            "one calendar month from receipt on Sunday 31 January 2027, the last day of a shorter month; \
             Sunday 28 February 2027 is not a working day, so the next one"
        );
    }

    fn day() -> impl Strategy<Value = Date> {
        (0_i64..80_000).prop_map(calendar::day_of)
    }

    proptest! {
        #[test]
        fn it_ends_on_a_working_day_never_early_and_soon(received in day(), extended: bool, paused_days in 0_i64..400) {
            let request = Request { received, extended, paused_days };
            let due = request_due(request, calendar::is_working_day).expect("within the calendar");
            prop_assert!(calendar::is_working_day(due.day));
            prop_assert!(due.day >= due.counted);
            // Good Friday to Easter Monday, or Christmas with its substitutes: at most five days are moved over.
            prop_assert!(due.day <= due.counted.saturating_add(5.days()));
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
}
