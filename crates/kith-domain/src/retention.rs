//! How long a file is kept: 75 years from the child's birth (the notice's table; handbook section 11).

use jiff::civil::Date;

use crate::codes::codes;
use crate::person::Birth;

codes! {
    /// The retention rule that a record follows (the notice's table; handbook sections 11 and 19).
    RecordCategory {
        CareOrder = "care_order", "Application for and implementation of a care order";
        CarePlan = "care_plan", "Care plans of a looked-after child";
        CaseFile = "case_file", "Case file of a looked-after child";
        NotAccepted = "not_accepted", "Referral of a child who is not looked after, never accepted";
    }
}

/// Years from birth for which a looked-after child's file is kept.
pub const CASE_FILE_YEARS: i16 = 75;

/// The day on which the retention of a child's file ends: the 75th anniversary of the birth. Somebody born on
/// 29 February counts as born on 1 March in a common year; an unknown birth counts as the latest it can be.
pub fn case_file_until(birth: Birth) -> Date {
    let born = birth.latest();
    let year = born.year() + CASE_FILE_YEARS;
    Date::new(year, born.month(), born.day()).unwrap_or_else(|_| Date::constant(year, 3, 1))
}

/// The month, `YYYY-MM`, in which retention is next looked at: the only part of the date that is kept in the clear.
pub fn review_month(birth: Birth) -> String {
    case_file_until(birth).strftime("%Y-%m").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn worked_dates() {
        // Handbook section 11: 75th anniversary; 29 February counts as 1 March in a common year.
        for (born, until) in [
            (date(2020, 5, 17), date(2095, 5, 17)),
            (date(2024, 2, 29), date(2099, 3, 1)),
            (date(1949, 2, 28), date(2024, 2, 28)),
        ] {
            assert_eq!(case_file_until(Birth::On { day: born }), until);
        }
        assert_eq!(review_month(Birth::On { day: date(2020, 5, 17) }), "2095-05");
    }
}
