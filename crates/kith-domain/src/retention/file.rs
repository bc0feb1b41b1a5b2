//! Until when a child's file is kept, worked out from what the file says.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{CASE_FILE_YEARS, Life, RecordCategory, Unkept, kept, month};
use crate::codes::LegalStatus;
use crate::form::Fields;
use crate::person::Birth;

/// Until when a file is kept, and by which rule: sealed with the file, since it gives away the birthday.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileKept {
    /// The category whose rule keeps it longest.
    pub category: RecordCategory,
    /// The last day; from the day after it can be proposed for destruction.
    pub until: Date,
    /// How it was counted, in a sentence.
    pub rule: String,
}

impl FileKept {
    /// The month of the last day, `YYYY-MM`.
    pub fn month(&self) -> String {
        month(self.until)
    }

    /// Whether its period is over on a day.
    pub fn is_over(&self, today: Date) -> bool {
        self.until < today
    }
}

/// Until when the file is kept of a child in contact, by its values (items of the catalogue by code); `None` as long as no birth
/// is among them. Every rule that bears on it counts, and the longest decides (handbook section 11): the file of a child who is
/// looked after is a case file, for which a death changes nothing. Of a child who is not looked after - under a child
/// assessment order alone, which accommodates nobody (Children Act 1989 s22(1), s43) - there is only what belongs to the
/// application for a care order, which a death before 18 shortens.
pub fn file_kept(values: &Fields) -> Option<FileKept> {
    let birth = Birth::of(values)?;
    let category = match LegalStatus::from_code(values.get("legal_status")) {
        Some(LegalStatus::ChildAssessment) => RecordCategory::CareOrder,
        _ => RecordCategory::CaseFile,
    };
    let life = Life { birth, died: values.date("died") };
    // A life that cannot be shortens nothing, until it is corrected.
    let of = kept(category, life).or_else(|_| kept(category, birth.into()));
    let (until, rule) = match of {
        Ok(of) => (of.until, of.rule),
        Err(_) => (super::case_file_until(birth), format!("until the {CASE_FILE_YEARS}th anniversary of the birth")),
    };
    Some(FileKept { category, until, rule })
}

/// Why there can be no such life as these values say, if there cannot.
pub fn wrong_life(values: &Fields) -> Option<Unkept> {
    let (birth, died) = (Birth::of(values)?, values.date("died")?);
    kept(RecordCategory::CaseFile, Life { birth, died: Some(died) }).err()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// What is said beside the birth, the category, the last day.
    type Case = (&'static [(&'static str, &'static str)], RecordCategory, Date);

    fn values(pairs: &[(&str, &str)]) -> Fields {
        let born = [("birth_kind", "on"), ("dob", "2010-05-01")];
        born.iter().chain(pairs).copied().collect()
    }

    #[test]
    fn the_longest_rule_that_bears_on_a_file_decides() {
        // Handbook section 11: "where several bear on one record, the longest"; the notice's table; Children Act 1989 s22(1).
        let cases: &[Case] = &[
            (&[("legal_status", "C2")], RecordCategory::CaseFile, date(2085, 5, 1)),
            // A care order's records alone would end 15 years after the death, the case file does not.
            (&[("legal_status", "C2"), ("died", "2020-03-03")], RecordCategory::CaseFile, date(2085, 5, 1)),
            (&[("died", "2020-03-03")], RecordCategory::CaseFile, date(2085, 5, 1)),
            (&[("legal_status", "L3")], RecordCategory::CareOrder, date(2085, 5, 1)),
            (&[("legal_status", "L3"), ("died", "2020-03-03")], RecordCategory::CareOrder, date(2035, 3, 3)),
            // "A death recorded after 18 changes nothing."
            (&[("legal_status", "L3"), ("died", "2028-05-01")], RecordCategory::CareOrder, date(2085, 5, 1)),
            // A life that cannot be shortens nothing.
            (&[("legal_status", "L3"), ("died", "2009-01-01")], RecordCategory::CareOrder, date(2085, 5, 1)),
        ];
        for (said, category, until) in cases {
            let kept = file_kept(&values(said)).unwrap();
            assert_eq!((kept.category, kept.until), (*category, *until), "{said:?}");
            assert!(!kept.is_over(*until) && kept.is_over(until.tomorrow().unwrap()), "its last day is kept whole");
        }
        assert!(file_kept(&Fields::default()).is_none());
        assert_eq!(wrong_life(&values(&[("died", "2009-01-01")])), Some(Unkept::DiedBeforeBirth));
        assert_eq!(wrong_life(&values(&[("died", "2010-05-01")])), None);
    }
}
