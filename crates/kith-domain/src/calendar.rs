//! Days, times and the council's calendar: Europe/London, the bank holidays of England and Wales, working days.

use jiff::civil::{Date, Time, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan, ZonedDateTime};
use serde::{Deserialize, Serialize};

/// Civil times of the service are in this zone (handbook section 8).
pub const ZONE: &str = "Europe/London";

/// The service's time zone.
///
/// # Panics
/// Never: the time zone database is compiled in.
pub fn london() -> TimeZone {
    TimeZone::get(ZONE).expect("Europe/London is in the bundled time zone database")
}

/// An instant, given as UTC milliseconds since 1970, as a civil date and time in London.
///
/// An instant outside the years that jiff holds becomes the nearest that it does.
pub fn in_london(at_ms: i64) -> ZonedDateTime {
    let timestamp =
        Timestamp::from_millisecond(at_ms).unwrap_or(if at_ms < 0 { Timestamp::MIN } else { Timestamp::MAX });
    timestamp.to_zoned_datetime(london())
}

/// The instant (UTC milliseconds) of a civil day and minute in London. In the hour that a spring clock change leaves
/// out, the time is taken as it would have been before the change.
pub fn instant_ms(day: Date, minute: i64) -> i64 {
    let time = minute_time(minute);
    day.to_datetime(time).to_zoned_datetime(london()).map_or(0, |zoned| zoned.timestamp().as_millisecond())
}

/// Minutes from midnight as a clock time; more than a day's minutes give the day's last minute.
pub fn minute_time(minute: i64) -> Time {
    let minute = minute.clamp(0, 24 * 60 - 1);
    Time::constant(i8::try_from(minute / 60).unwrap_or(23), i8::try_from(minute % 60).unwrap_or(59), 0, 0)
}

/// A clock time as minutes from midnight.
pub fn time_minute(time: Time) -> i64 {
    i64::from(time.hour()) * 60 + i64::from(time.minute())
}

/// Days since 1970-01-01, the form in which a civil day is stored.
pub fn day_number(day: Date) -> i64 {
    i64::from(date(1970, 1, 1).until(day).map_or(0, |span| span.get_days()))
}

/// The civil day of a stored number; out of range gives the nearest day that is in it.
pub fn day_of(number: i64) -> Date {
    date(1970, 1, 1).checked_add(Span::new().days(number.clamp(-700_000, 2_900_000))).unwrap_or(Date::MAX)
}

/// Why three boxes are no date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongDate {
    /// Which box to go to: `day`, `month` or `year`.
    pub part: &'static str,
    /// The rest of a sentence that begins with the field's label.
    pub message: String,
}

/// Reads the day, month (number or English name) and four-figure year of a date.
pub fn date_from_parts(day: &str, month: &str, year: &str) -> Result<Date, WrongDate> {
    let wrong = |part, message: &str| WrongDate { part, message: message.to_owned() };
    let year: i16 = match year.parse() {
        Ok(year) if (1900..=2200).contains(&year) => year,
        _ => return Err(wrong("year", "must have a year of four figures, like 2019")),
    };
    let month = month_number(month).ok_or_else(|| wrong("month", "must have a month between 1 and 12"))?;
    let length = Date::constant(year, month, 1).days_in_month();
    match day.parse::<i8>() {
        Ok(day) if (1..=length).contains(&day) => Ok(Date::constant(year, month, day)),
        Ok(day) if (29..=31).contains(&day) => {
            Err(wrong("day", &format!("must be a real date: that month has {length} days")))
        }
        _ => Err(wrong("day", "must have a day between 1 and 31")),
    }
}

/// Reads a whole date: `2026-09-10`, `10/9/2026`, `10.9.2026`, `10 September 2026`; the day comes first, as here.
pub fn date_from_text(text: &str) -> Option<Date> {
    let text = text.trim();
    if let Ok(date) = text.parse::<Date>() {
        return Some(date);
    }
    let parts: Vec<&str> = text.split(['/', '.', '-', ' ']).filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [day, month, year] => date_from_parts(day, month, year).ok(),
        _ => None,
    }
}

fn month_number(text: &str) -> Option<i8> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    if let Ok(number) = text.parse::<i8>() {
        return (1..=12).contains(&number).then_some(number);
    }
    let text = text.to_lowercase();
    let index = NAMES.iter().position(|name| text.len() >= 3 && name.starts_with(&text))?;
    i8::try_from(index + 1).ok()
}

/// Reads `10:00`, `9.30`, `1430`, `9`, `2pm`, `2:15 pm`.
pub fn time_from_text(text: &str) -> Option<Time> {
    let text = text.trim().to_lowercase().replace(' ', "");
    let (digits, half) =
        match text.strip_suffix("am").map(|t| (t, 0)).or_else(|| text.strip_suffix("pm").map(|t| (t, 12))) {
            Some((digits, half)) => (digits.to_owned(), Some(half)),
            None => (text, None),
        };
    let (hours, minutes) = match digits.split_once([':', '.']) {
        Some((hours, minutes)) if minutes.len() == 2 => (hours.parse::<i8>().ok()?, minutes.parse::<i8>().ok()?),
        None if digits.len() == 4 && digits.is_ascii() => {
            (digits[..2].parse::<i8>().ok()?, digits[2..].parse::<i8>().ok()?)
        }
        None if digits.len() <= 2 => (digits.parse::<i8>().ok()?, 0),
        _ => return None,
    };
    let hours = match half {
        Some(half) if (1..=12).contains(&hours) => hours % 12 + half,
        Some(_) => return None,
        None => hours,
    };
    Time::new(hours, minutes, 0, 0).ok()
}

/// Easter Sunday in the Gregorian calendar (the anonymous algorithm of *Nature*, 20 April 1876).
#[expect(clippy::many_single_char_names, reason = "the letters are those of the published algorithm")]
fn easter(year: i16) -> Date {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (b - (b + 8) / 25 + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    let month = i8::try_from(n / 31).unwrap_or(4);
    let day = i8::try_from(n % 31 + 1).unwrap_or(1);
    Date::constant(year, month, day)
}

/// The bank holidays of England and Wales in a year, with their names (Banking and Financial Dealings Act 1971,
/// Sch 1; substitute days and one-off days by proclamation).
pub fn bank_holidays(year: i16) -> Vec<(Date, &'static str)> {
    let d = |month, day| Date::constant(year, month, day);
    let add = |day: Date, days: i32| day.checked_add(days.days()).unwrap_or(day);
    let first_monday = |month| {
        let first = d(month, 1);
        add(first, (8 - i32::from(first.weekday().to_monday_one_offset())) % 7)
    };
    let last_monday = |month| {
        let last = d(month, d(month, 1).days_in_month());
        add(last, -i32::from(last.weekday().to_monday_zero_offset()))
    };
    let easter = easter(year);
    let new_year = match d(1, 1).weekday() {
        Weekday::Saturday => d(1, 3),
        Weekday::Sunday => d(1, 2),
        _ => d(1, 1),
    };
    let (christmas, boxing) = match d(12, 25).weekday() {
        Weekday::Friday => (d(12, 25), d(12, 28)),
        Weekday::Saturday => (d(12, 27), d(12, 28)),
        Weekday::Sunday => (d(12, 27), d(12, 26)),
        _ => (d(12, 25), d(12, 26)),
    };
    // 2020: moved for the 75th anniversary of VE Day. 2022: moved for the Platinum Jubilee.
    let early_may = if year == 2020 { d(5, 8) } else { first_monday(5) };
    let spring = if year == 2022 { d(6, 2) } else { last_monday(5) };
    let mut days = vec![
        (new_year, "New Year’s Day"),
        (add(easter, -2), "Good Friday"),
        (add(easter, 1), "Easter Monday"),
        (early_may, "Early May bank holiday"),
        (spring, "Spring bank holiday"),
        (last_monday(8), "Summer bank holiday"),
        (christmas, "Christmas Day"),
        (boxing, "Boxing Day"),
    ];
    match year {
        2022 => {
            days.push((d(6, 3), "Platinum Jubilee bank holiday"));
            days.push((d(9, 19), "State Funeral of Queen Elizabeth II"));
        }
        2023 => days.push((d(5, 8), "Coronation of King Charles III")),
        _ => {}
    }
    days.sort_unstable();
    days
}

/// The bank holiday on a day, by name. 25 and 26 December are named even when their substitute is another day,
/// since nobody works then either.
pub(crate) fn bank_holiday(day: Date) -> Option<&'static str> {
    let named = bank_holidays(day.year()).into_iter().find(|(date, _)| *date == day).map(|(_, name)| name);
    named.or(match (day.month(), day.day()) {
        (12, 25) => Some("Christmas Day"),
        (12, 26) => Some("Boxing Day"),
        (1, 1) => Some("New Year’s Day"),
        _ => None,
    })
}

/// Days in a row, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Days {
    /// The first.
    pub from: Date,
    /// The last.
    pub to: Date,
}

impl Days {
    /// Whether a day is one of them.
    pub fn contains(self, day: Date) -> bool {
        (self.from..=self.to).contains(&day)
    }

    /// How many; none when the last is before the first.
    pub fn number(self) -> i64 {
        (day_number(self.to) - day_number(self.from) + 1).max(0)
    }

    /// Each of them.
    pub fn each(self) -> impl Iterator<Item = Date> {
        self.from.series(1.day()).take_while(move |day| *day <= self.to)
    }

    /// Those that are in both; `None` when there are none.
    pub fn shared(self, other: Days) -> Option<Days> {
        let both = Days { from: self.from.max(other.from), to: self.to.min(other.to) };
        (both.from <= both.to).then_some(both)
    }
}

/// A further day on which the service is shut, such as a bank holiday proclaimed for one year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedDay {
    /// Which day.
    pub day: Date,
    /// Why, for reading: `Coronation of the King`.
    pub name: String,
}

/// The calendar of one authority: the days on which its service is shut beside Sundays and the bank holidays, and its
/// school terms, in order (handbook sections 8 and 19).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceCalendar {
    /// Further days on which the service is shut.
    pub closed: Vec<ClosedDay>,
    /// The school terms, in order; the days between two are a holiday.
    pub school_terms: Vec<Days>,
}

impl ServiceCalendar {
    /// What shuts the service on a day beside its being a Sunday: the name of a bank holiday or of a further closed day.
    pub fn shut(&self, day: Date) -> Option<&str> {
        let closed = || self.closed.iter().find(|closed| closed.day == day).map(|closed| closed.name.as_str());
        bank_holiday(day).or_else(closed)
    }

    /// Whether the service works on a day: Monday to Saturday, and nothing shuts it (handbook section 8).
    pub fn works(&self, day: Date) -> bool {
        day.weekday() != Weekday::Sunday && self.shut(day).is_none()
    }

    /// Monday to Friday, and nothing shuts the service.
    pub fn is_working_day(&self, day: Date) -> bool {
        day.weekday() != Weekday::Saturday && self.works(day)
    }

    /// The day that many working days after a day; with 0, the day itself or the next working day.
    pub fn working_days_after(&self, day: Date, count: u32) -> Date {
        let mut current = day;
        let mut left = count;
        while left > 0 || !self.is_working_day(current) {
            let Ok(next) = current.tomorrow() else { return current };
            current = next;
            if left > 0 && self.is_working_day(current) {
                left -= 1;
            }
        }
        current
    }

    /// Whether a day is in a school term. Every other day is a holiday.
    pub fn in_school_term(&self, day: Date) -> bool {
        self.school_terms.iter().any(|term| term.contains(day))
    }

    /// The holidays between two school terms that follow each other.
    pub fn school_holidays(&self) -> Vec<Days> {
        let between = |pair: &[Days]| {
            let [before, after] = pair else { return None };
            let holiday = Days { from: before.to.tomorrow().ok()?, to: after.from.yesterday().ok()? };
            (holiday.from <= holiday.to).then_some(holiday)
        };
        self.school_terms.windows(2).filter_map(between).collect()
    }

    /// The last day for which the school terms are known.
    pub fn school_terms_known_to(&self) -> Option<Date> {
        self.school_terms.last().map(|term| term.to)
    }
}

/// Monday to Friday and no bank holiday.
pub fn is_working_day(day: Date) -> bool {
    ServiceCalendar::default().is_working_day(day)
}

/// Whole years of age on a day; somebody born on 29 February is a year older on 1 March of a common year.
pub fn age_on(born: Date, day: Date) -> i16 {
    let years = day.year() - born.year();
    if (day.month(), day.day()) < (born.month(), born.day()) { years - 1 } else { years }
}

/// A date for reading: `24 November 2026`.
pub fn long_date(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

/// The month of a date for reading: `November 2026`.
pub fn month_and_year(day: Date) -> String {
    day.strftime("%B %Y").to_string()
}

/// A date with its weekday: `Tuesday 24 November 2026`.
pub fn weekday_date(day: Date) -> String {
    day.strftime("%A %-d %B %Y").to_string()
}

/// A clock time of stored minutes: `09:30`.
pub fn clock(minute: i64) -> String {
    format!("{:02}:{:02}", minute.div_euclid(60), minute.rem_euclid(60))
}

/// The clock time of an instant, in London: `10:07`.
pub fn clock_at(at_ms: i64) -> String {
    clock(time_minute(in_london(at_ms).time()))
}

/// An instant for reading, in London: `24 November 2026 at 10:07`.
pub fn long_instant(at_ms: i64) -> String {
    in_london(at_ms).strftime("%-d %B %Y at %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// gov.uk/bank-holidays, England and Wales, as published for 2022 to 2028.
    #[test]
    fn bank_holidays_as_published() {
        let published: &[(i16, &[(i8, i8)])] = &[
            (2022, &[(1, 3), (4, 15), (4, 18), (5, 2), (6, 2), (6, 3), (8, 29), (9, 19), (12, 26), (12, 27)]),
            (2023, &[(1, 2), (4, 7), (4, 10), (5, 1), (5, 8), (5, 29), (8, 28), (12, 25), (12, 26)]),
            (2024, &[(1, 1), (3, 29), (4, 1), (5, 6), (5, 27), (8, 26), (12, 25), (12, 26)]),
            (2025, &[(1, 1), (4, 18), (4, 21), (5, 5), (5, 26), (8, 25), (12, 25), (12, 26)]),
            (2026, &[(1, 1), (4, 3), (4, 6), (5, 4), (5, 25), (8, 31), (12, 25), (12, 28)]),
            (2027, &[(1, 1), (3, 26), (3, 29), (5, 3), (5, 31), (8, 30), (12, 27), (12, 28)]),
            (2028, &[(1, 3), (4, 14), (4, 17), (5, 1), (5, 29), (8, 28), (12, 25), (12, 26)]),
        ];
        for (year, days) in published {
            let computed: Vec<(i8, i8)> =
                bank_holidays(*year).iter().map(|(day, _)| (day.month(), day.day())).collect();
            assert_eq!(&computed.as_slice(), days, "{year}");
        }
    }

    #[test]
    fn working_days_step_over_weekends_and_bank_holidays() {
        // Thursday 24 December 2026: Friday is Christmas, Monday 28 the substitute for Boxing Day.
        let plain = ServiceCalendar::default();
        assert_eq!(plain.working_days_after(date(2026, 12, 24), 1), date(2026, 12, 29));
        assert_eq!(plain.working_days_after(date(2026, 11, 27), 1), date(2026, 11, 30));
        assert_eq!(plain.working_days_after(date(2026, 11, 28), 0), date(2026, 11, 30));
        assert_eq!(plain.working_days_after(date(2026, 11, 24), 5), date(2026, 12, 1));
    }

    #[test]
    fn a_bank_holiday_proclaimed_for_one_year_is_a_day_of_the_register() {
        // Handbook section 8: "England and Wales bank holidays and closures shut".
        let monday = date(2027, 6, 7);
        let calendar = ServiceCalendar {
            closed: vec![ClosedDay { day: monday, name: "Day of celebration".into() }],
            school_terms: Vec::new(),
        };
        assert_eq!(calendar.shut(monday), Some("Day of celebration"));
        assert_eq!(calendar.shut(date(2027, 12, 27)), Some("Christmas Day"));
        assert!(!calendar.works(monday) && calendar.works(date(2027, 6, 5)), "a Saturday is worked");
        assert_eq!(calendar.working_days_after(date(2027, 6, 4), 1), date(2027, 6, 8));
    }

    #[test]
    fn the_days_between_two_school_terms_are_a_holiday() {
        // Handbook section 19: "a school term and holidays by the authority's dates in the register".
        let terms = [(date(2026, 9, 1), date(2026, 12, 18)), (date(2027, 1, 4), date(2027, 3, 25))];
        let calendar = ServiceCalendar {
            closed: Vec::new(),
            school_terms: terms.iter().map(|(from, to)| Days { from: *from, to: *to }).collect(),
        };
        assert_eq!(calendar.school_holidays(), [Days { from: date(2026, 12, 19), to: date(2027, 1, 3) }]);
        assert!(calendar.in_school_term(date(2026, 12, 18)) && !calendar.in_school_term(date(2026, 12, 19)));
    }

    #[test]
    fn a_ten_oclock_session_stays_at_ten_across_the_clock_change() {
        // Handbook section 8. Clocks go forward on 28 March 2027.
        let before = instant_ms(date(2027, 3, 27), 600);
        let after = instant_ms(date(2027, 3, 28), 600);
        assert_eq!(after - before, 23 * 3_600_000);
        assert_eq!(in_london(after).time(), Time::constant(10, 0, 0, 0));
    }

    #[test]
    fn times_as_people_type_them() {
        for (text, minute) in
            [("10:00", 600), ("9.30", 570), ("1430", 870), ("9", 540), ("2pm", 840), ("2:15 PM", 855), ("12am", 0)]
        {
            assert_eq!(time_from_text(text).map(time_minute), Some(minute), "{text}");
        }
        for text in ["25:00", "10:60", "10:5", "half ten", "", "-1:00", "13pm"] {
            assert_eq!(time_from_text(text), None, "{text}");
        }
    }

    #[test]
    fn dates_as_people_type_them() {
        assert_eq!(date_from_parts("3", "Sept", "2027").ok(), Some(date(2027, 9, 3)));
        assert_eq!(date_from_parts("29", "2", "2028").ok(), Some(date(2028, 2, 29)));
        for (day, month, year, part) in [
            ("29", "2", "2027", "day"),
            ("0", "1", "2027", "day"),
            ("1", "13", "2027", "month"),
            ("1", "1", "27", "year"),
        ] {
            assert_eq!(date_from_parts(day, month, year).map_err(|wrong| wrong.part), Err(part));
        }
    }

    #[test]
    fn dates_as_people_search_for_them() {
        for text in ["2026-09-10", "10/9/2026", "10.09.2026", "10-9-2026", " 10 September 2026 ", "10 sep 2026"] {
            assert_eq!(date_from_text(text), Some(date(2026, 9, 10)), "{text}");
        }
        for text in ["", "Ann Marsh", "10/9", "31/2/2026", "10/9/26", "CF-2026-9"] {
            assert_eq!(date_from_text(text), None, "{text}");
        }
    }

    #[test]
    fn age_counts_a_leap_birthday_on_the_first_of_march() {
        assert_eq!(age_on(date(2024, 2, 29), date(2025, 2, 28)), 0);
        assert_eq!(age_on(date(2024, 2, 29), date(2025, 3, 1)), 1);
    }

    #[test]
    fn stored_days_are_read_back() {
        for day in [date(1969, 12, 31), date(1970, 1, 1), date(2026, 11, 24), date(2101, 2, 28)] {
            assert_eq!(day_of(day_number(day)), day);
        }
        assert_eq!(day_number(date(1970, 1, 2)), 1);
    }
}
