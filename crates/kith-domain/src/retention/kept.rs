//! By its category and a child's life: until when a record is kept, by which rule.

use jiff::civil::Date;

use super::{ADULT_YEARS, AFTER_DEATH_YEARS, CASE_FILE_YEARS, Life, RecordCategory, shortened_by, until};
use crate::calendar::{age_on, long_date};
use crate::person::Birth;

/// Until when a record is kept, and how that was counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The last day; from then on it is proposed for destruction, never destroyed by itself.
    pub until: Date,
    /// How it was counted, in a sentence.
    pub rule: String,
    /// What it rests on.
    pub source: &'static str,
}

/// Why no day can be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unkept {
    /// The last possible birth lies before the first.
    BirthBackwards,
    /// Dead before born.
    DiedBeforeBirth,
    /// The child is said to be dead and not yet born.
    DiedUnborn,
    /// A referral that was never accepted does not go by the child's life, see [`super::NotAccepted`].
    NotByLife,
}

impl Unkept {
    /// What is wrong, for the person who asked.
    pub fn message(self) -> &'static str {
        match self {
            Unkept::BirthBackwards => "the latest day of birth must be on or after the earliest",
            Unkept::DiedBeforeBirth => "the death must be on or after the birth: correct one of them",
            Unkept::DiedUnborn => "a child who died is born: give the day of birth instead of the expected one",
            Unkept::NotByLife => "a referral that was never accepted is kept from the decision, as the register says",
        }
    }
}

const CARE_ORDER: &str =
    "the notice, “How long your personal information is held for”, care orders; handbook sections 11 and 19";
const CARE_PLAN: &str =
    "the notice, “How long your personal information is held for”, care plans; handbook sections 11 and 19";
const CASE_FILE: &str =
    "the notice, “How long your personal information is held for”, case files; handbook sections 11 and 19";

/// Until when a record of this category is kept, see [`until`], and why.
pub fn kept(category: RecordCategory, life: Life) -> Result<Kept, Unkept> {
    possible(life)?;
    let until = until(category, life).ok_or(Unkept::NotByLife)?;
    let source = match category {
        RecordCategory::CareOrder => CARE_ORDER,
        RecordCategory::CarePlan => CARE_PLAN,
        _ => CASE_FILE,
    };
    let leap = |from: Date| if until.day() == from.day() { "" } else { ", 1 March in a common year" };
    let latest = life.birth.latest();
    let birth = match life.birth {
        Birth::On { day } => format!("the birth on {}", long_date(day)),
        Birth::Expected { day } => {
            format!("the latest that a birth expected on {} can be, {}", long_date(day), long_date(latest))
        }
        Birth::Between { .. } => format!("the latest that the birth can be, {}", long_date(latest)),
    };
    let from_birth = format!("until the {CASE_FILE_YEARS}th anniversary of {birth}{}", leap(latest));
    if let Some(died) = shortened_by(category, life) {
        let rule = format!(
            "until {AFTER_DEATH_YEARS} years after the death before the age of {ADULT_YEARS}, on {}{}",
            long_date(died),
            leap(died)
        );
        return Ok(Kept { until, rule, source });
    }
    let rule = match (category, life.died) {
        (_, None) => from_birth,
        (RecordCategory::CareOrder, Some(died)) if age_on(latest, died) < ADULT_YEARS => {
            format!("{from_birth}; the death shortens nothing, since it may have been at {ADULT_YEARS} or later")
        }
        (RecordCategory::CareOrder, Some(_)) => {
            format!("{from_birth}; a death at {ADULT_YEARS} or later changes nothing")
        }
        (_, Some(_)) => format!("{from_birth}; a death changes nothing"),
    };
    Ok(Kept { until, rule, source })
}

/// Until when a record about several children is kept, and why: by the child whose date is the last (handbook section 11).
/// `None` without a child whose birth is known.
pub fn kept_for(category: RecordCategory, births: impl IntoIterator<Item = Birth>) -> Option<Kept> {
    births.into_iter().filter_map(|birth| kept(category, birth.into()).ok()).max_by_key(|kept| kept.until)
}

/// Whether there can be such a life.
fn possible(life: Life) -> Result<(), Unkept> {
    match (life.birth, life.died) {
        (Birth::Between { from, to }, _) if to < from => Err(Unkept::BirthBackwards),
        (Birth::Expected { .. }, Some(_)) => Err(Unkept::DiedUnborn),
        (birth, Some(died)) if died < birth.earliest() => Err(Unkept::DiedBeforeBirth),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    use crate::retention::longest;
    use RecordCategory::{CareOrder, CarePlan, CaseFile, NotAccepted};

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_record_about_several_children_stays_until_the_last_child_s_date() {
        // Handbook section 11.
        let births = [birth("2020-05-17"), birth("2023-01-02"), birth("2014-09-30")];
        assert_eq!(kept_for(CaseFile, births).map(|kept| kept.until), Some(day("2098-01-02")));
        assert_eq!(kept_for(CaseFile, []), None);
    }

    /// `2020-05-17`, `expected 2026-11-30`, `2019-01-01 to 2020-12-31`.
    fn birth(text: &str) -> Birth {
        if let Some(expected) = text.strip_prefix("expected ") {
            return Birth::Expected { day: day(expected) };
        }
        match text.split_once(" to ") {
            Some((from, to)) => Birth::Between { from: day(from), to: day(to) },
            None => Birth::On { day: day(text) },
        }
    }

    fn life(born: &str, died: &str) -> Life {
        Life { birth: birth(born), died: (!died.is_empty()).then(|| day(died)) }
    }

    #[test]
    fn each_rule_of_the_notice_and_the_handbook() {
        // Category, birth, death, until. Where nothing else is said: the notice's table, which handbook section 11 repeats.
        let table: &[(RecordCategory, &str, &str, &str)] = &[
            // "Retain from date records created until 75th anniversary of the child's birth".
            (CareOrder, "2020-05-17", "", "2095-05-17"),
            (CareOrder, "2026-11-24", "", "2101-11-24"),
            (CareOrder, "1949-12-31", "", "2024-12-31"),
            (CareOrder, "2000-01-01", "", "2075-01-01"),
            // "or 15 years after death if the child dies before age 18".
            (CareOrder, "2010-05-01", "2020-03-03", "2035-03-03"),
            (CareOrder, "2020-05-17", "2020-05-17", "2035-05-17"),
            (CareOrder, "2020-05-17", "2020-05-18", "2035-05-18"),
            (CareOrder, "2008-03-14", "2026-03-13", "2041-03-13"),
            (CareOrder, "2008-03-14", "2025-12-31", "2040-12-31"),
            // Handbook section 11: "a death recorded after 18 changes nothing"; 18 on the birthday.
            (CareOrder, "2008-03-14", "2026-03-14", "2083-03-14"),
            (CareOrder, "2008-03-14", "2026-03-15", "2083-03-14"),
            (CareOrder, "2008-03-14", "2080-01-01", "2083-03-14"),
            (CareOrder, "1950-06-30", "1990-01-01", "2025-06-30"),
            // After the 75th anniversary too.
            (CareOrder, "1950-06-30", "2026-01-01", "2025-06-30"),
            // Handbook section 11: "born 29 February counts as 1 March in a common year".
            (CareOrder, "2024-02-29", "", "2099-03-01"),
            (CareOrder, "2004-02-29", "", "2079-03-01"),
            (CareOrder, "2024-02-28", "", "2099-02-28"),
            (CareOrder, "2024-03-01", "", "2099-03-01"),
            // So somebody born on 29 February is 18 on 1 March of a common year.
            (CareOrder, "2008-02-29", "2026-02-28", "2041-02-28"),
            (CareOrder, "2008-02-29", "2026-03-01", "2083-03-01"),
            // The anniversary of a death on 29 February likewise; after 15 years it is never a leap day.
            (CareOrder, "2015-06-01", "2024-02-29", "2039-03-01"),
            (CareOrder, "2015-06-01", "2028-02-29", "2043-03-01"),
            // Handbook section 11: "unknown date of birth: the latest it can be".
            (CareOrder, "2019-01-01 to 2020-12-31", "", "2095-12-31"),
            (CareOrder, "2019-01-01 to 2024-02-29", "", "2099-03-01"),
            (CareOrder, "2020-05-17 to 2020-05-17", "", "2095-05-17"),
            // Certainly before 18, whenever it was.
            (CareOrder, "2008-01-01 to 2008-12-31", "2025-12-31", "2040-12-31"),
            // Perhaps 17, perhaps 18: what keeps it longer (handbook section 11: "the longest").
            (CareOrder, "2008-01-01 to 2008-12-31", "2026-06-30", "2083-12-31"),
            // Certainly 18.
            (CareOrder, "2008-01-01 to 2008-12-31", "2026-12-31", "2083-12-31"),
            (CarePlan, "2019-01-01 to 2020-12-31", "2020-06-30", "2095-12-31"),
            // Handbook section 19: "an expected birth counts as the latest it can be (four weeks after the expected day)".
            (CareOrder, "expected 2026-11-30", "", "2101-12-28"),
            (CarePlan, "expected 2026-11-30", "", "2101-12-28"),
            (CaseFile, "expected 2024-02-01", "", "2099-03-01"),
            (CaseFile, "expected 2026-12-20", "", "2102-01-17"),
            // "Retain from date of birth of child for 75 years", with no word of a death.
            (CarePlan, "2020-05-17", "", "2095-05-17"),
            (CarePlan, "2024-02-29", "", "2099-03-01"),
            (CarePlan, "2010-05-01", "2020-03-03", "2085-05-01"),
            (CarePlan, "2019-01-01 to 2020-12-31", "", "2095-12-31"),
            (CaseFile, "2020-05-17", "", "2095-05-17"),
            (CaseFile, "2024-02-29", "", "2099-03-01"),
            (CaseFile, "2010-05-01", "2020-03-03", "2085-05-01"),
            (CaseFile, "2008-03-14", "2026-03-13", "2083-03-14"),
            (CaseFile, "2008-03-14", "2026-03-14", "2083-03-14"),
            (CaseFile, "2019-01-01 to 2020-12-31", "", "2095-12-31"),
            // 2100 is no leap year.
            (CaseFile, "2025-02-28", "", "2100-02-28"),
            (CaseFile, "2096-02-29", "", "2171-03-01"),
        ];
        assert!(table.len() >= 40);
        for (category, born, died, until) in table {
            let kept = kept(*category, life(born, died)).map(|kept| kept.until);
            assert_eq!(kept, Ok(day(until)), "{} born {born} died {died}", category.code());
        }
    }

    #[test]
    fn of_several_rules_and_children_the_longest_counts() {
        // Handbook section 11: "where several bear on one record, the longest; a record about several children stays until the
        // last child's date".
        let until = |category, born, died| kept(category, life(born, died)).map(|kept| kept.until).ok();
        let both = [CareOrder, CaseFile].map(|category| until(category, "2010-05-01", "2020-03-03"));
        assert_eq!(longest(both.into_iter().flatten()), Some(date(2085, 5, 1)));
        let siblings = ["2012-07-01", "2019-01-31", "2015-02-02"].map(|born| until(CaseFile, born, ""));
        assert_eq!(longest(siblings.into_iter().flatten()), Some(date(2094, 1, 31)));
    }

    #[test]
    fn a_life_that_cannot_be_is_refused() {
        for (born, died, why) in [
            ("2020-05-17", "2020-05-16", Unkept::DiedBeforeBirth),
            ("2019-01-01 to 2020-12-31", "2018-12-31", Unkept::DiedBeforeBirth),
            ("2020-12-31 to 2019-01-01", "", Unkept::BirthBackwards),
            ("expected 2026-11-30", "2026-12-01", Unkept::DiedUnborn),
        ] {
            for category in [CareOrder, CarePlan, CaseFile] {
                assert_eq!(kept(category, life(born, died)), Err(why), "{born} {died}");
            }
        }
        assert_eq!(kept(NotAccepted, life("2020-05-17", "")), Err(Unkept::NotByLife));
    }

    #[test]
    fn how_it_was_counted_is_said() {
        for (category, born, died, rule) in [
            (
                CareOrder,
                "2024-02-29",
                "",
                "until the 75th anniversary of the birth on 29 February 2024, 1 March in a common year",
            ),
            (
                CareOrder,
                "2010-05-01",
                "2020-03-03",
                "until 15 years after the death before the age of 18, on 3 March 2020",
            ),
            (
                CareOrder,
                "2008-03-14",
                "2026-03-14",
                "until the 75th anniversary of the birth on 14 March 2008; a death at 18 or later changes nothing",
            ),
            (
                CaseFile,
                "expected 2026-11-30",
                "",
                "until the 75th anniversary of the latest that a birth expected on 30 November 2026 can be, 28 December 2026",
            ),
        ] {
            assert_eq!(kept(category, life(born, died)).unwrap().rule, rule);
        }
    }

    fn any_day() -> impl Strategy<Value = Date> {
        (-25_000_i64..60_000).prop_map(crate::calendar::day_of)
    }

    proptest! {
        #[test]
        fn nothing_is_destroyed_before_it_may_be(born in any_day(), lived in 0_i64..40_000) {
            let died = born.saturating_add(lived.days());
            for category in [CareOrder, CarePlan, CaseFile] {
                let alive = kept(category, Life { birth: Birth::On { day: born }, died: None }).unwrap();
                let dead = kept(category, Life { birth: Birth::On { day: born }, died: Some(died) }).unwrap();
                prop_assert_eq!(alive.until.year() - born.year(), 75);
                prop_assert!(dead.until <= alive.until);
                let shortened = dead.until < alive.until;
                prop_assert_eq!(shortened, category == CareOrder && age_on(born, died) < 18);
                if shortened {
                    prop_assert_eq!(dead.until.year() - died.year(), 15);
                }
            }
        }

        #[test]
        fn what_is_not_known_never_shortens(from in any_day(), span in 0_i64..2_000, at in 0_i64..2_000, lived in 0_i64..10_000) {
            let to = from.saturating_add(span.days());
            let born = from.saturating_add(at.min(span).days());
            let died = to.saturating_add(lived.days());
            for died in [None, Some(died)] {
                for category in [CareOrder, CarePlan, CaseFile] {
                    let known = kept(category, Life { birth: Birth::On { day: born }, died }).unwrap();
                    let unknown = kept(category, Life { birth: Birth::Between { from, to }, died }).unwrap();
                    prop_assert!(unknown.until >= known.until);
                }
            }
        }

        #[test]
        fn who_is_born_later_is_kept_no_shorter(born in any_day(), later in 0_i64..400) {
            let until = |born| kept(CaseFile, Life { birth: Birth::On { day: born }, died: None }).unwrap().until;
            prop_assert!(until(born.saturating_add(later.days())) >= until(born));
        }
    }
}
