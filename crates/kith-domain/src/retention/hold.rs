//! Legal holds: an inquiry, litigation or a request under way stops destruction, and its lifting never destroys by itself
//! (handbook section 11).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::day_number;
use crate::codes::codes;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader, SHORT_TEXT_CHARS};
use crate::ids::{AccountId, ChildId};

codes! {
    /// What a hold keeps. Which files that is, is worked out whenever it is asked: also those of later.
    HoldKind {
        File = "file", "One child’s file";
        Family = "family", "The child and brothers and sisters: all who are with the child on a referral, an order or a session";
        Person = "person", "Every file in which a person stands";
        Referral = "referral", "Every child of a referral";
        Theme = "theme", "A theme: files are added to it one by one";
    }
}

/// The longest until a hold is looked at again, in days.
const REVIEW_MAX_DAYS: i64 = 2 * 366;

/// That a hold was looked at and goes on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldReview {
    /// By whom.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// Why it is still needed.
    pub why: String,
}

/// That a hold was lifted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifted {
    /// By whom.
    pub by: AccountId,
    /// Why.
    pub why: String,
}

/// What is sealed of a hold. Nothing of it is ever taken away. No Debug: it may speak of people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldBody {
    /// The files for which it is sealed: those that it kept when it was set. None of a theme.
    pub children: Vec<ChildId>,
    /// How a theme is called.
    #[serde(default)]
    pub name: Option<String>,
    /// Who asked for it: name and role, or the court or inquiry.
    pub asked_by: String,
    /// Why.
    pub why: String,
    /// When it was looked at again.
    #[serde(default)]
    pub reviews: Vec<HoldReview>,
    /// That it was lifted.
    #[serde(default)]
    pub lifted: Option<Lifted>,
}

/// Who asked for a hold, why, and until when it is looked at again: as the form says it. No Debug.
#[derive(Clone, PartialEq, Eq)]
pub struct SetHold {
    /// What it keeps.
    pub kind: HoldKind,
    /// How a theme is called.
    pub name: Option<String>,
    /// Who asked for it.
    pub asked: AskedBy,
    /// The last day on which it is looked at again.
    pub review_on: Date,
}

/// Who asked for a hold, and why. No Debug.
#[derive(Clone, PartialEq, Eq)]
pub struct AskedBy {
    /// Name and role, or the court or inquiry.
    pub by: String,
    /// Why.
    pub why: String,
}

/// Whom a hold is to keep, as they are looked for. No Debug: it names somebody.
#[derive(Clone, PartialEq, Eq)]
pub struct WhoToHold {
    /// Their name as it was given.
    pub name: String,
    /// Names they had before.
    pub former_names: Option<String>,
    /// Date of birth.
    pub birth: Option<Date>,
}

impl WhoToHold {
    /// Reads `person_name`, `former_names`, `birth`.
    pub fn read(fields: &Fields, today: Date) -> Result<WhoToHold, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let name = r.required("person_name", "Their name", SHORT_TEXT_CHARS);
        let former_names = r.text("former_names", "Former names", SHORT_TEXT_CHARS);
        let birth = r.date("birth", "Date of birth");
        if birth.is_some_and(|day| day > today) {
            r.problem("birth-day", "Date of birth must be today or in the past");
        }
        r.finish(WhoToHold { name, former_names, birth })
    }
}

impl SetHold {
    /// Reads `kind`, `name` (of a theme), `asked_by`, `why`, `review_on`.
    pub fn read(fields: &Fields, today: Date) -> Result<SetHold, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let kind = r.required_choice("kind", "What the hold keeps", HoldKind::from_code);
        let name = match kind {
            Some(HoldKind::Theme) => Some(r.required("name", "How the theme is called", SHORT_TEXT_CHARS)),
            _ => None,
        };
        let by = r.required("asked_by", "Who asked for the hold", SHORT_TEXT_CHARS);
        let why = r.required("why", "Why nothing of it may be destroyed", LONG_TEXT_CHARS);
        let review_on = read_review(&mut r, today);
        let read = (|| Some(SetHold { kind: kind?, name, asked: AskedBy { by, why }, review_on: review_on? }))();
        let problems = r.into_problems();
        read.filter(|_| problems.is_empty()).ok_or(problems)
    }
}

/// Reads `why` and `review_on` of a hold that goes on.
pub fn review_after(fields: &Fields, today: Date) -> Result<(String, Date), Vec<Problem>> {
    let mut r = Reader::new(fields);
    let why = r.required("why", "Why the hold is still needed", LONG_TEXT_CHARS);
    let review_on = read_review(&mut r, today);
    let problems = r.into_problems();
    review_on.filter(|_| problems.is_empty()).map(|day| (why, day)).ok_or(problems)
}

fn read_review(r: &mut Reader, today: Date) -> Option<Date> {
    let day = r.required_date("review_on", "By which day it is looked at again")?;
    let ahead = day_number(day) - day_number(today);
    if (1..=REVIEW_MAX_DAYS).contains(&ahead) {
        return Some(day);
    }
    let words = if ahead < 1 {
        "By which day it is looked at again must be after today"
    } else {
        "By which day it is looked at again must be within two years: a hold that nobody looks at keeps what it should not"
    };
    r.problem("review_on-day", words);
    None
}

/// What the clock of a hold says on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldClock {
    /// So many days are left until it has to be looked at again.
    Left(i64),
    /// It should have been looked at again so many days ago.
    Past(i64),
}

impl HoldClock {
    /// Of the day (a day number) by which a hold is looked at again.
    pub fn of(review_day: i64, today: Date) -> Self {
        match review_day - day_number(today) {
            left @ 0.. => Self::Left(left),
            past => Self::Past(-past),
        }
    }

    /// Whether somebody has to do something about it.
    pub const fn presses(self) -> bool {
        matches!(self, Self::Past(_) | Self::Left(..=14))
    }

    /// In words.
    pub fn words(self) -> String {
        match self {
            Self::Left(0) => "Look at it again today".to_owned(),
            Self::Left(1) => "1 day left".to_owned(),
            Self::Left(days) => format!("{days} days left"),
            Self::Past(1) => "1 day overdue".to_owned(),
            Self::Past(days) => format!("{days} days overdue"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 24);

    fn typed(kind: &str, review: Date) -> Fields {
        let mut fields: Fields =
            [("kind", kind), ("name", "An inquiry"), ("asked_by", "Legal"), ("why", "A claim")].into_iter().collect();
        fields.set_date("review_on", review);
        fields
    }

    #[test]
    fn a_hold_says_who_why_and_when_it_is_looked_at_again() {
        // Handbook section 11: "a legal hold (inquiry, litigation, open rights request) stops destruction".
        let set = SetHold::read(&typed("theme", date(2027, 2, 1)), TODAY).ok().unwrap();
        assert_eq!((set.kind, set.name.as_deref()), (HoldKind::Theme, Some("An inquiry")));
        assert_eq!(SetHold::read(&typed("file", date(2027, 2, 1)), TODAY).ok().unwrap().name, None);
        for (day, wrong) in
            [(TODAY, true), (date(2026, 11, 25), false), (date(2028, 11, 1), false), (date(2029, 1, 1), true)]
        {
            let read = SetHold::read(&typed("file", day), TODAY);
            let fields: Vec<String> = read.err().unwrap_or_default().into_iter().map(|of| of.field).collect();
            assert_eq!(fields, if wrong { vec!["review_on-day"] } else { vec![] }, "{day}");
        }
        let nothing = SetHold::read(&Fields::default(), TODAY).err().unwrap();
        let fields: Vec<&str> = nothing.iter().map(|of| of.field.as_str()).collect();
        assert_eq!(fields, ["kind", "asked_by", "why", "review_on-day"]);
    }

    #[test]
    fn its_clock_presses_in_the_last_fortnight_and_when_it_is_past() {
        let of = |days: i64| HoldClock::of(day_number(TODAY) + days, TODAY);
        assert_eq!([of(30).presses(), of(14).presses(), of(0).presses(), of(-1).presses()], [false, true, true, true]);
        assert_eq!(
            [of(0).words(), of(1).words(), of(-2).words()],
            ["Look at it again today", "1 day left", "2 days overdue"]
        );
    }
}
