//! What is promised, read once more from the handbook's words, without any of the program's own rules: a rule that both had
//! wrong in the same way would not be found by the same function.

use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

use crate::notes::{Born, File, Request, Stands};

/// A promise that can be seen to be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// Nothing is destroyed before its last day is over.
    NotEarly,
    /// What nothing keeps is proposed on the first of the month, and gone when two others have approved.
    NotLate,
    /// The month that stands beside a file is that of its last day.
    LastDay,
    /// A hold, or what somebody asked to see, stops destruction.
    HoldStops,
    /// A request is kept for three years from when it was closed, and what was collected for it for half a year.
    RequestsEnd,
    /// One proposes, two others approve.
    TwoOthers,
    /// Of a destroyed file there is no key, no mark to find it by, nobody who has it.
    Gone,
    /// The certificate says what, why, by whom and when, and names no child.
    Certificate,
    /// What is also a brother's or sister's stays in their file.
    BrothersStay,
    /// Every key belongs to something that is there, and nothing that is there lacks its key.
    Keys,
    /// What is restricted is shown nowhere.
    Hidden,
    /// Withdrawn consent stops the next disclosure.
    Withdrawn,
    /// Every clock has the day that the handbook gives, and those whom it concerns are told.
    Clocks,
    /// Who has left has nothing, and who never had a file does not see it.
    OnlyTheirs,
    /// The access log is whole.
    Log,
}

impl Promise {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::NotEarly => "nothing is destroyed before its last day is over",
            Self::NotLate => {
                "what nothing keeps is proposed on the first of the month, and gone when two others have approved"
            }
            Self::LastDay => "a file is kept until the day that its rule gives",
            Self::HoldStops => {
                "a hold, or what somebody asked to see, stops destruction, and its lifting destroys nothing"
            }
            Self::RequestsEnd => {
                "a request ends three years after it was closed, and what was collected for it after half a year, unless a hold keeps \
                 the file"
            }
            Self::TwoOthers => "two people approve, neither of whom proposed",
            Self::Gone => "of a destroyed file there is no key, no mark to find it by and nobody who has it",
            Self::Certificate => "a certificate names what, why, under which rule, and no child",
            Self::BrothersStay => "a record about several children stays until the last child's date",
            Self::Keys => "every key belongs to something that is there, and nothing that is there lacks its key",
            Self::Hidden => "what is restricted is shown nowhere",
            Self::Withdrawn => "withdrawn consent stops the next disclosure at once",
            Self::Clocks => "every clock has its day, and those whom it concerns are told",
            Self::OnlyTheirs => "nobody sees other workers' children",
            Self::Log => "the access log is whole",
        }
    }

    /// Where it stands.
    pub const fn source(self) -> &'static str {
        match self {
            Self::NotEarly
            | Self::NotLate
            | Self::LastDay
            | Self::HoldStops
            | Self::RequestsEnd
            | Self::TwoOthers
            | Self::Gone
            | Self::Certificate
            | Self::BrothersStay => "handbook sections 11 and 19",
            Self::Keys => "handbook section 11; docs/decisions/0035",
            Self::Hidden => "handbook section 14, restriction",
            Self::Withdrawn => "handbook sections 13 and 14",
            Self::Clocks => "handbook sections 4 and 15",
            Self::OnlyTheirs | Self::Log => "handbook section 2",
        }
    }
}

/// A promise that was broken. It names nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// On which day it was found.
    pub day: Date,
    /// Which.
    pub promise: Promise,
    /// What was found, of which file by its number in the story and its reference.
    pub found: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({}): {}", self.day, self.promise.words(), self.promise.source(), self.found)
    }
}

/// So many days later.
pub(crate) fn plus(day: Date, days: i64) -> Date {
    day.saturating_add(Span::new().days(days))
}

/// The anniversary of a day: "born 29 February counts as 1 March in a common year".
pub(crate) fn anniversary(day: Date, years: i16) -> Date {
    let year = day.year() + years;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if day.month() == 2 && day.day() == 29 && !leap {
        return Date::constant(year, 3, 1);
    }
    Date::constant(year, day.month(), day.day())
}

impl Born {
    /// "Unknown date of birth: the latest it can be"; "an expected birth counts as the latest it can be (four weeks after the
    /// expected day)".
    pub(crate) fn latest(self) -> Date {
        match self {
            Self::On(day) | Self::Between(_, day) => day,
            Self::Expected(day) => plus(day, 28),
        }
    }

    pub(crate) fn earliest(self) -> Date {
        match self {
            Self::On(day) | Self::Between(day, _) | Self::Expected(day) => day,
        }
    }
}

/// The last day on which a file is kept, if it has one yet.
///
/// A child who is looked after: "75 years from the date of birth", whatever else happens. A child under a child assessment order
/// alone has the records of an application for a care order and nothing else: "or 15 years after death if the child dies before
/// 18", and before 18 only where that is certain, since of two dates the longer counts. A referral that was never accepted, of a
/// child who is not looked after: "three years from the decision".
pub(crate) fn last_day(file: &File) -> Option<Date> {
    let whole = anniversary(file.born.latest(), 75);
    match file.stands {
        Stands::Waiting => None,
        Stands::Over { on, looked_after: Some(false) } => Some(anniversary(on, 3)),
        Stands::Over { .. } => Some(whole),
        Stands::Open { assessed } => match file.died.filter(|_| assessed) {
            Some(died) if died < anniversary(file.born.earliest(), 18) => Some(anniversary(died, 15)),
            _ => Some(whole),
        },
    }
}

/// Easter Sunday (Knuth, The Art of Computer Programming 1, 1.3.2, exercise 14).
fn easter(year: i16) -> Date {
    let year = i32::from(year);
    let golden = year % 19 + 1;
    let century = year / 100 + 1;
    let skipped = 3 * century / 4 - 12;
    let moon = (8 * century + 5) / 25 - 5;
    let sunday = 5 * year / 4 - skipped - 10;
    let mut epact = (11 * golden + 20 + moon - skipped).rem_euclid(30);
    if (epact == 25 && golden > 11) || epact == 24 {
        epact += 1;
    }
    let mut full = 44 - epact;
    if full < 21 {
        full += 30;
    }
    let day = full + 7 - (sunday + full) % 7;
    let first = Date::constant(i16::try_from(year).unwrap_or(i16::MAX), 3, 1);
    plus(first, i64::from(day - 1))
}

/// Monday to Friday, no bank holiday of England and Wales and none that was proclaimed.
pub(crate) fn works(day: Date, proclaimed: &[Date]) -> bool {
    let at_weekend = |day: Date| matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    if at_weekend(day) || proclaimed.contains(&day) {
        return false;
    }
    let monday = day.weekday() == Weekday::Monday;
    let (month, date) = (day.month(), day.day());
    let first_of_january = Date::constant(day.year(), 1, 1);
    let new_year = day == first_of_january || (month == 1 && date <= 3 && monday && at_weekend(first_of_january));
    let from_easter = easter(day.year()).until(day).map_or(i32::MAX, |span| span.get_days());
    let christmas = {
        let days = [25, 26].map(|date| Date::constant(day.year(), 12, date));
        let mut substitute = days[1];
        let mut free: Vec<Date> = days.to_vec();
        for _ in days.iter().filter(|day| at_weekend(**day)) {
            substitute = plus(substitute, 1);
            while at_weekend(substitute) {
                substitute = plus(substitute, 1);
            }
            free.push(substitute);
        }
        free.contains(&day)
    };
    let mondays = monday && ((month == 5 && (date <= 7 || date > 24)) || (month == 8 && date > 24));
    !(new_year || from_easter == -2 || from_easter == 1 || christmas || mondays)
}

/// So many working days after a day.
pub(crate) fn working_days_after(day: Date, count: i64, proclaimed: &[Date]) -> Date {
    let mut at = day;
    for _ in 0..count {
        at = plus(at, 1);
        while !works(at, proclaimed) {
            at = plus(at, 1);
        }
    }
    at
}

/// By when a request is answered on a day: "from the day of receipt to the same date next month; none such: the last day; a
/// weekend or bank holiday: the next working day"; "two further months counted from receipt"; "while identity or a needed
/// clarification is awaited the clock does not run".
pub(crate) fn answered_by(request: &Request, today: Date, proclaimed: &[Date]) -> Date {
    let months = if request.extended { 3 } else { 1 };
    let from = request.received;
    let (year, month) = (i32::from(from.year()), i32::from(from.month()) - 1 + months);
    let first = Date::constant(
        i16::try_from(year + month / 12).unwrap_or(i16::MAX),
        i8::try_from(month % 12 + 1).unwrap_or(1),
        1,
    );
    let same = plus(first, i64::from(from.day().min(first.days_in_month())) - 1);
    let mut stopped: BTreeSet<Date> = BTreeSet::new();
    for (asked, came) in &request.pauses {
        let until = came.unwrap_or(today);
        stopped.extend(asked.series(1.day()).take_while(|day| *day < until));
    }
    let mut due = plus(same, i64::try_from(stopped.len()).unwrap_or(0));
    while !works(due, proclaimed) {
        due = plus(due, 1);
    }
    due
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_examples_of_the_handbook() {
        // Handbook section 15.
        let request = |received| Request { received, ..Request::default() };
        for (received, due) in [
            (date(2027, 1, 31), date(2027, 3, 1)),
            (date(2026, 11, 25), date(2026, 12, 29)),
            (date(2027, 9, 3), date(2027, 10, 4)),
        ] {
            assert_eq!(answered_by(&request(received), received, &[]), due);
        }
        let stopped = Request {
            received: date(2027, 9, 3),
            pauses: vec![(date(2027, 9, 6), Some(date(2027, 9, 8))), (date(2027, 9, 7), Some(date(2027, 9, 9)))],
            ..Request::default()
        };
        assert_eq!(answered_by(&stopped, date(2027, 9, 20), &[]), date(2027, 10, 6));
        assert_eq!(easter(2027), date(2027, 3, 28));
        assert_eq!(easter(2100), date(2100, 3, 28));
        // Handbook section 11: 29 February; 2100 is no leap year.
        assert_eq!(anniversary(date(2024, 2, 29), 75), date(2099, 3, 1));
        assert_eq!(anniversary(date(2025, 2, 28), 75), date(2100, 2, 28));
        for (day, is) in [
            (date(2027, 12, 27), false),
            (date(2027, 12, 28), false),
            (date(2027, 12, 29), true),
            (date(2028, 1, 3), false),
            (date(2027, 5, 3), false),
            (date(2027, 5, 31), false),
            (date(2027, 8, 30), false),
            (date(2022, 12, 27), false),
            (date(2022, 12, 28), true),
        ] {
            assert_eq!(works(day, &[]), is, "{day}");
        }
    }
}
