//! Who somebody is: names, date of birth, how to reach them.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::{age_on, long_date};
use crate::form::{Fields, LONG_TEXT_CHARS, Reader, SHORT_TEXT_CHARS};

/// A name with the names somebody had before. No Debug: a name is personal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// Given names, as the person writes them.
    pub given: String,
    /// Family name; empty for a person who has only one name.
    pub family: String,
    /// Former names and other spellings, whole.
    pub former: Vec<String>,
}

impl Name {
    /// The name for reading.
    pub fn full(&self) -> String {
        if self.family.is_empty() { self.given.clone() } else { format!("{} {}", self.given, self.family) }
    }

    /// From values or a form's fields; `None` without first names.
    pub fn of(values: &Fields) -> Option<Name> {
        let text = |code: &str| values.get(code).trim();
        let former = text("former_names").lines().map(str::trim).filter(|line| !line.is_empty());
        (!text("given_name").is_empty()).then(|| Name {
            given: text("given_name").to_owned(),
            family: text("family_name").to_owned(),
            former: former.map(str::to_owned).collect(),
        })
    }

    /// Reads `given_name`, `family_name` and `former_names` (one a line).
    pub fn read(reader: &mut Reader) -> Name {
        let given = reader.required("given_name", "First names", SHORT_TEXT_CHARS);
        let family = reader.text("family_name", "Last name", SHORT_TEXT_CHARS).unwrap_or_default();
        let former = reader
            .text("former_names", "Former names", LONG_TEXT_CHARS)
            .map(|text| text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
            .unwrap_or_default();
        Name { given, family, former }
    }
}

/// How many days after the expected day a birth can still be awaited (handbook section 19: four weeks).
const OVERDUE_DAYS: i64 = 28;

/// How many days ahead a birth can be expected: ten months.
pub(crate) const EXPECTED_AHEAD_DAYS: i64 = 305;

/// When somebody was born, as far as it is known (handbook section 3).
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Birth {
    /// Born on this day.
    On {
        /// The day.
        day: Date,
    },
    /// Not born yet.
    Expected {
        /// The day the birth is expected.
        day: Date,
    },
    /// Not known, but between these days, both included.
    Between {
        /// The earliest it can be.
        from: Date,
        /// The latest it can be.
        to: Date,
    },
}

impl Birth {
    /// The latest day it can be, which retention counts from (handbook section 11). An expected birth counts as four
    /// weeks after the expected day until the birth is recorded (section 19).
    pub fn latest(self) -> Date {
        match self {
            Birth::On { day } => day,
            Birth::Expected { day } => day.saturating_add(jiff::Span::new().days(OVERDUE_DAYS)),
            Birth::Between { to, .. } => to,
        }
    }

    /// The earliest day it can be.
    pub fn earliest(self) -> Date {
        match self {
            Birth::On { day } | Birth::Expected { day } | Birth::Between { from: day, .. } => day,
        }
    }

    /// Whole years of age on a day; the youngest it can be, never below 0.
    pub fn age_on(self, day: Date) -> i16 {
        age_on(self.latest(), day).max(0)
    }

    /// For reading.
    pub fn label(self) -> String {
        match self {
            Birth::On { day } => long_date(day),
            Birth::Expected { day } => format!("Expected {}", long_date(day)),
            Birth::Between { from, to } => format!("Between {} and {}", long_date(from), long_date(to)),
        }
    }

    /// From values or a form's fields as they stand; `None` when there is no birth among them. Whether it can be entered
    /// today is for [`Birth::read`].
    pub fn of(values: &Fields) -> Option<Birth> {
        let day = values.date("dob")?;
        match values.get("birth_kind") {
            "expected" => Some(Birth::Expected { day }),
            "between" => values.date("dob_to").map(|to| Birth::Between { from: day, to }),
            _ => Some(Birth::On { day }),
        }
    }

    /// Reads `birth_kind` (`on`, `expected`, `between`), `dob`, `dob_to`; a birth in the future must be an expected
    /// one. `None` after a problem.
    pub fn read(reader: &mut Reader, today: Date) -> Option<Birth> {
        match reader.fields().get("birth_kind") {
            "expected" => {
                let day = reader.required_date("dob", "Date the birth is expected")?;
                if day < today.saturating_sub(jiff::Span::new().days(OVERDUE_DAYS)) {
                    reader
                        .problem("dob-day", "The expected birth was more than four weeks ago. Enter the date of birth");
                    return None;
                }
                Some(Birth::Expected { day })
            }
            "between" => {
                let from = reader.required_date("dob", "Earliest date of birth");
                let to = reader.required_date("dob_to", "Latest date of birth");
                let (from, to) = (from?, to?);
                if to < from {
                    reader.problem("dob_to-day", "Latest date of birth must be on or after the earliest");
                    return None;
                }
                if to > today {
                    reader.problem("dob_to-day", "Latest date of birth must be today or in the past");
                    return None;
                }
                Some(Birth::Between { from, to })
            }
            _ => {
                let day = reader.required_date("dob", "Date of birth")?;
                if day > today {
                    reader.problem(
                        "dob-day",
                        "Date of birth must be today or in the past. For a child not yet born, choose “Expected”",
                    );
                    return None;
                }
                Some(Birth::On { day })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::Problem;
    use jiff::civil::date;

    fn birth(kind: &str, day: Date) -> (Option<Birth>, Vec<Problem>) {
        let mut fields: Fields = [("birth_kind", kind)].into_iter().collect();
        fields.set_date("dob", day);
        let mut reader = Reader::new(&fields);
        let birth = Birth::read(&mut reader, date(2026, 11, 24));
        (birth, reader.into_problems())
    }

    #[test]
    fn a_birth_tomorrow_is_refused_unless_it_is_expected() {
        let (read, problems) = birth("on", date(2026, 11, 25));
        assert!(read.is_none());
        assert_eq!(problems[0].field, "dob-day");
        assert!(birth("expected", date(2026, 11, 25)).1.is_empty());
        assert!(birth("on", date(2026, 11, 24)).1.is_empty());
    }

    #[test]
    fn a_birth_expected_30_november_and_born_9_december_was_never_kept_too_short() {
        // Handbook section 19, retention: the latest it can be, four weeks after the expected day, until the birth is
        // recorded.
        let expected = Birth::Expected { day: date(2026, 11, 30) };
        assert_eq!(expected.latest(), date(2026, 12, 28));
        let born = Birth::On { day: date(2026, 12, 9) };
        assert!(crate::retention::case_file_until(expected) >= crate::retention::case_file_until(born));
    }

    #[test]
    fn an_unknown_birth_counts_as_the_latest_it_can_be() {
        // Handbook section 11, worked rules.
        let birth = Birth::Between { from: date(2019, 1, 1), to: date(2020, 12, 31) };
        assert_eq!(birth.latest(), date(2020, 12, 31));
        assert_eq!(birth.age_on(date(2026, 11, 24)), 5);
    }
}
