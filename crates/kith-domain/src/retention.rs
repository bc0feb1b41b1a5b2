//! How long a record is kept: its category and the day on which its period ends (the notice's table; handbook sections
//! 11 and 19).

mod archive;
mod destruction;
mod file;
mod hold;
mod kept;

pub use archive::{
    ArchiveBasis, ArchiveReceipt, Archived, BagState, FetchedBag, MadeBag, ReceiptError, ToArchive, TransferBody,
    TransferState,
};
pub use destruction::{
    APPROVALS, Approval, CertificateBody, CertificateState, DestructionBody, ItemBody, ItemState, ListState, Off,
    Withdrawn, approves,
};
pub use file::{FileKept, file_kept, wrong_life};
pub use hold::{AskedBy, HoldBody, HoldClock, HoldKind, HoldReview, Lifted, SetHold, WhoToHold, review_after};
pub use kept::{Kept, Unkept, kept, kept_for};

use jiff::Span;
use jiff::civil::Date;

use crate::calendar::age_on;
use crate::codes::codes;
use crate::person::{Birth, EXPECTED_AHEAD_DAYS};

codes! {
    /// The retention rule that a record follows (the notice's table; handbook sections 11 and 19).
    RecordCategory {
        CareOrder = "care_order", "Application for and implementation of a care order";
        CarePlan = "care_plan", "Care plans of a looked-after child";
        CaseFile = "case_file", "Case file of a looked-after child";
        NotAccepted = "not_accepted", "Referral of a child who is not looked after, never accepted";
        Draft = "draft", "Referral that was begun and never sent";
    }
}

/// Years from birth for which a looked-after child's file is kept.
pub const CASE_FILE_YEARS: i16 = 75;
/// Years from the death of a child who died before 18, for records of a care order.
const AFTER_DEATH_YEARS: i16 = 15;
/// The age before which a death shortens the period of a care order's records.
const ADULT_YEARS: i16 = 18;

/// What is known of the child that decides for how long a record is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// When the child was born, as far as it is known.
    pub birth: Birth,
    /// When the child died.
    pub died: Option<Date>,
}

impl From<Birth> for Life {
    fn from(birth: Birth) -> Self {
        Self { birth, died: None }
    }
}

/// The day on which the period of a looked-after child's record ends: the 75th anniversary of the birth; for records of a
/// care order 15 years after death instead, if the child died before 18. `None` for a category that does not go by the
/// child's life.
pub fn until(category: RecordCategory, life: Life) -> Option<Date> {
    match category {
        RecordCategory::NotAccepted | RecordCategory::Draft => None,
        _ => Some(match shortened_by(category, life) {
            Some(died) => years_after(died, AFTER_DEATH_YEARS),
            None => case_file_until(life.birth),
        }),
    }
}

/// The death that shortens the period of a record, if one does: of a care order's, when the child died before 18 whenever
/// they were born.
fn shortened_by(category: RecordCategory, life: Life) -> Option<Date> {
    let is_care_order = category == RecordCategory::CareOrder;
    life.died.filter(|died| is_care_order && age_on(life.birth.earliest(), *died) < ADULT_YEARS)
}

/// The day on which the period of a record ends that several rules, or several children, bear on: the latest.
pub fn longest(days: impl IntoIterator<Item = Date>) -> Option<Date> {
    days.into_iter().max()
}

/// The day on which the retention of a child's file ends: the 75th anniversary of the birth. Somebody born on
/// 29 February counts as born on 1 March in a common year; an unknown birth counts as the latest it can be.
pub fn case_file_until(birth: Birth) -> Date {
    years_after(birth.latest(), CASE_FILE_YEARS)
}

/// The same day so many years later; 1 March for a 29 February in a common year.
fn years_after(day: Date, years: i16) -> Date {
    let year = day.year() + years;
    Date::new(year, day.month(), day.day()).unwrap_or_else(|_| Date::constant(year, 3, 1))
}

/// The month, `YYYY-MM`, in which the retention of a child's file is next looked at, see [`month`].
pub fn review_month(birth: Birth) -> String {
    month(case_file_until(birth))
}

/// The month of a day, `YYYY-MM`: the only part of the date that is kept in the clear.
pub fn month(day: Date) -> String {
    day.strftime("%Y-%m").to_string()
}

/// What decides for how long a referral is kept that was not, or not yet, accepted.
#[derive(Clone, Copy)]
pub struct NotAccepted {
    /// The child's birth, if it can be read.
    pub birth: Option<Birth>,
    /// Whether the child is looked after; `None` when nobody has said.
    pub looked_after: Option<bool>,
    /// The day it was declined or withdrawn; until then today.
    pub decided: Date,
    /// Years from the decision for a child who is not looked after, a setting of the authority.
    pub years: i64,
}

impl NotAccepted {
    /// Its category and the day on which its period ends (handbook section 19). What nobody said counts as what is kept
    /// longest: the child as looked after, and born as late as can be, ten months and four weeks from the decision.
    pub fn kept(self) -> (RecordCategory, Date) {
        if self.looked_after == Some(false) {
            return (RecordCategory::NotAccepted, years_from(self.decided, self.years));
        }
        let latest = self.decided.saturating_add(Span::new().days(EXPECTED_AHEAD_DAYS));
        let birth = self.birth.unwrap_or(Birth::Expected { day: latest });
        (RecordCategory::CaseFile, case_file_until(birth))
    }
}

/// The category of a referral that was begun and never sent, and the day on which its period ends: so many years after somebody last
/// worked on it. No statute has a period for it, nobody decided on it, and it is part of no case file, so that it is kept no longer than
/// it can be needed (UK GDPR Art 5(1)(e)).
pub fn never_sent(worked_on: Date, years: i64) -> (RecordCategory, Date) {
    (RecordCategory::Draft, years_from(worked_on, years))
}

/// The same day so many years later, as a setting says.
pub(crate) fn years_from(day: Date, years: i64) -> Date {
    years_after(day, i16::try_from(years).unwrap_or(CASE_FILE_YEARS))
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

    #[test]
    fn a_death_before_eighteen_shortens_the_records_of_a_care_order_alone() {
        // Handbook section 11: "15 years after death if the child dies before 18"; "a death recorded after 18 changes
        // nothing"; where several rules bear on one record, the longest.
        let birth = Birth::On { day: date(2020, 5, 17) };
        let at = |died| Life { birth, died: Some(died) };
        let whole = date(2095, 5, 17);
        for (category, died, day) in [
            (RecordCategory::CareOrder, date(2030, 1, 2), date(2045, 1, 2)),
            (RecordCategory::CareOrder, date(2028, 2, 29), date(2043, 3, 1)),
            (RecordCategory::CareOrder, date(2038, 5, 16), date(2053, 5, 16)),
            (RecordCategory::CareOrder, date(2038, 5, 17), whole),
            (RecordCategory::CarePlan, date(2030, 1, 2), whole),
            (RecordCategory::CaseFile, date(2030, 1, 2), whole),
        ] {
            assert_eq!(until(category, at(died)), Some(day), "{died}");
        }
        let of = [RecordCategory::CareOrder, RecordCategory::CaseFile];
        assert_eq!(longest(of.into_iter().filter_map(|category| until(category, at(date(2030, 1, 2))))), Some(whole));
    }

    #[test]
    fn what_was_never_accepted_has_a_category_and_a_date() {
        // Handbook section 19, "Retention of what was never accepted".
        let decided = date(2026, 11, 24);
        let of = |birth, looked_after| NotAccepted { birth, looked_after, decided, years: 3 }.kept();
        let born = Birth::On { day: date(2020, 5, 17) };
        let case_file = RecordCategory::CaseFile;
        assert_eq!(of(Some(born), Some(true)), (case_file, date(2095, 5, 17)));
        assert_eq!(of(Some(born), Some(false)), (RecordCategory::NotAccepted, date(2029, 11, 24)));
        // Nobody said: what is kept longest.
        assert_eq!(of(Some(born), None), (case_file, date(2095, 5, 17)));
        // Expected 30 November: four weeks later is the latest it can be.
        assert_eq!(of(Some(Birth::Expected { day: date(2026, 11, 30) }), None), (case_file, date(2101, 12, 28)));
        // No date of birth at all: ten months and four weeks ahead is the latest that a birth could be said.
        assert_eq!(of(None, None), (case_file, date(2102, 10, 23)));
        let leap = NotAccepted { birth: None, looked_after: Some(false), decided: date(2028, 2, 29), years: 3 };
        assert_eq!(leap.kept().1, date(2031, 3, 1));
    }
}
