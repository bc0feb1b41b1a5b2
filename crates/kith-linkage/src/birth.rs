//! When somebody was born, as written, and how near two such days are.

use std::fmt;

use crate::level::Level;
use crate::text::one_slip;

/// Years in which a living person can have been born, with room for what is wrong.
const YEARS: std::ops::RangeInclusive<u16> = 1850..=2149;
/// Days between two births that are called near.
const NEAR_DAYS: i32 = 31;

/// A day of birth, or the days between which it lies. No Debug of its content: a birthday is personal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Birth(Kind);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    On(Date),
    Between(Date, Date),
}

/// A day as it was written, which need not be in the calendar: the digits of a wrong date say much all the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Birth {
    /// Born on this day. The numbers are taken as written; a day that is in no calendar is compared by its digits.
    pub fn on(year: u16, month: u8, day: u8) -> Birth {
        Birth(Kind::On(Date { year, month, day }))
    }

    /// Born on a day that is not known, between these two, both included; given as year, month, day.
    pub fn between(from: (u16, u8, u8), to: (u16, u8, u8)) -> Birth {
        let day = |(year, month, day)| Date { year, month, day };
        Birth(Kind::Between(day(from), day(to)))
    }

    /// Reads a day written as `2019-03-04`, `20190304`, `04/03/2019`, `4.3.2019` or `04032019` (the day first, as in this
    /// country), with or without a time after it. `None` when it is none of these.
    ///
    /// Eight digits are never ambiguous: a year of a living person is no month and day (1901 to 2012 as month and day would
    /// be month 19 or 20). Eight digits that make no day either way are read by where their year is.
    pub fn parse(text: &str) -> Option<Birth> {
        let text = text.trim();
        let text = text.split_once(['T', ' ']).map_or(text, |(day, _)| day);
        let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
        match parts[..] {
            [one, two, three] if one.len() == 4 => Date::read(one, two, three, false),
            [one, two, three] if three.len() == 4 => Date::read(three, two, one, false),
            [digits] | [digits, "0"] if digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                let first = Date::read(&digits[..4], &digits[4..6], &digits[6..], true);
                let last = Date::read(&digits[4..], &digits[2..4], &digits[..2], true);
                first.filter(|day| day.exists()).or(last.filter(|day| day.exists())).or(first).or(last)
            }
            _ => None,
        }
        .map(|day| Birth(Kind::On(day)))
    }

    /// The day as year, month and day, if it is one.
    pub(crate) fn day(self) -> Option<(u16, u8, u8)> {
        match self.0 {
            Kind::On(Date { year, month, day }) => Some((year, month, day)),
            Kind::Between(..) => None,
        }
    }

    /// The first and last year in which it can be.
    pub(crate) fn years(self) -> (u16, u16) {
        match self.0 {
            Kind::On(day) => (day.year, day.year),
            Kind::Between(from, to) => (from.year, to.year),
        }
    }

    /// How near the two are.
    pub(crate) fn level(self, other: Birth) -> Level {
        match (self.0, other.0) {
            (Kind::On(one), Kind::On(other)) => one.level(other),
            (Kind::On(day), Kind::Between(from, to)) | (Kind::Between(from, to), Kind::On(day)) => {
                if from <= day && day <= to { Level::Within } else { Level::Different }
            }
            (Kind::Between(from, to), Kind::Between(other_from, other_to)) => {
                if from <= other_to && other_from <= to {
                    Level::Within
                } else {
                    Level::Different
                }
            }
        }
    }
}

/// Says that there is one, not which.
impl fmt::Debug for Birth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Birth(..)")
    }
}

impl Date {
    fn read(year: &str, month: &str, day: &str, any: bool) -> Option<Date> {
        let short = |part: &str| (1..=2).contains(&part.len()).then(|| part.parse::<u8>().ok()).flatten();
        let read = Date { year: year.parse().ok()?, month: short(month)?, day: short(day)? };
        (YEARS.contains(&read.year) && (any || read.month <= 31)).then_some(read)
    }

    /// Whether a calendar has it, within the length of the longest February.
    fn exists(self) -> bool {
        let days = match self.month {
            2 => 29,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        YEARS.contains(&self.year) && (1..=days).contains(&self.day)
    }

    fn digits(self) -> [u8; 8] {
        let digit = |number: u16, unit: u16| u8::try_from(number / unit % 10).unwrap_or(0);
        let (month, day) = (u16::from(self.month), u16::from(self.day));
        [
            digit(self.year, 1000),
            digit(self.year, 100),
            digit(self.year, 10),
            digit(self.year, 1),
            digit(month, 10),
            digit(month, 1),
            digit(day, 10),
            digit(day, 1),
        ]
    }

    /// Days since the year 0, as the civil calendar counts (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    fn number(self) -> i32 {
        let year = i32::from(self.year) - i32::from(self.month <= 2);
        let month = (i32::from(self.month) + 9) % 12;
        365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + i32::from(self.day)
    }

    fn level(self, other: Date) -> Level {
        let (year, month, day) = (self.year == other.year, self.month == other.month, self.day == other.day);
        if year && month && day {
            Level::Exact
        } else if year && self.month == other.day && self.day == other.month {
            Level::Swapped
        } else if one_slip(&self.digits(), &other.digits()) {
            Level::Digit
        } else if year && [self, other].iter().any(|one| one.month == 1 && one.day == 1) {
            Level::Placeholder
        } else if u8::from(year) + u8::from(month) + u8::from(day) == 2 {
            Level::Parts
        } else if self.exists() && other.exists() && (self.number() - other.number()).abs() <= NEAR_DAYS {
            Level::Near
        } else if year {
            Level::Year
        } else {
            Level::Different
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_however_it_is_written() {
        for text in [
            "2019-03-14",
            "20190314",
            "14032019",
            "14/03/2019",
            "14.3.2019",
            " 14-03-2019 ",
            "2019-03-14T00:00:00",
            "20190314.0",
        ] {
            assert!(Birth::parse(text) == Some(Birth::on(2019, 3, 14)), "{text}");
        }
        // The year says which way round eight digits are.
        assert!(Birth::parse("20101975") == Some(Birth::on(1975, 10, 20)));
        assert!(Birth::parse("20121119") == Some(Birth::on(2012, 11, 19)));
        // FEBRL writes days that are none; their digits are kept.
        assert!(Birth::parse("19450931") == Some(Birth::on(1945, 9, 31)));
        for text in ["", "soon", "1985", "14/03/19", "2019-3", "123456789", "１４０３２０１９"] {
            assert!(Birth::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn what_a_hand_does_to_a_date_has_a_name() {
        let day = Birth::on(1985, 3, 12);
        for (other, expected) in [
            (Birth::on(1985, 3, 12), Level::Exact),
            (Birth::on(1985, 12, 3), Level::Swapped),
            (Birth::on(1986, 3, 12), Level::Digit),
            (Birth::on(1958, 3, 12), Level::Digit),
            (Birth::on(1985, 3, 21), Level::Digit),
            (Birth::on(1985, 3, 28), Level::Parts),
            (Birth::on(1985, 1, 1), Level::Placeholder),
            (Birth::on(1985, 2, 27), Level::Near),
            (Birth::on(1985, 9, 27), Level::Year),
            (Birth::on(1971, 9, 27), Level::Different),
            (Birth::between((1984, 1, 1), (1986, 12, 31)), Level::Within),
            (Birth::between((1986, 1, 1), (1986, 12, 31)), Level::Different),
        ] {
            assert!(day.level(other) == expected && other.level(day) == expected, "{}", expected as u8);
        }
    }
}
