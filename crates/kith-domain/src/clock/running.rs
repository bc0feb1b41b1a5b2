//! The clocks that run in a child's case, as they stand on the page of whom they concern.

use jiff::civil::Date;
use uuid::Uuid;

use crate::calendar::day_number;
use crate::codes::codes;
use crate::form::Fields;
use crate::ids::ChildId;

/// How many days before it runs out a clock is due soon: on a Friday, Monday is still seen.
const SOON_DAYS: i64 = 3;
/// A new assessment is written by one and approved by another, who may be asked for weeks ahead: two weeks.
const ASSESSMENT_DAYS: i64 = 14;
/// Another order is applied for and heard before one ends: four weeks.
const ORDER_DAYS: i64 = 28;
/// What the court is to read is filed before a hearing: two weeks.
const HEARING_DAYS: i64 = 14;
/// Those who take part in a review are brought together: two weeks.
const REVIEW_DAYS: i64 = 14;
/// What runs from its first day.
const AT_ONCE_DAYS: i64 = 3_653;

codes! {
    /// A clock, in the order of harm that comes of its running out: a child who meets somebody of whom the risk is not known;
    /// a refusal of contact (s34(6)), of which every day past the seventh is unlawful; a child without the contact that the law owes (Children Act 1989 s34(1)), first one who was accepted, then one whose
    /// referral nobody has looked at; a child whose contact, or whose protection, stands on an order that is no more; then what is
    /// late on paper: what a court is to read, the review.
    ClockKind {
        Assessment = "assessment", "Risk assessment";
        Refusal = "refusal", "Contact refused";
        FirstSession = "first_session", "First session";
        Verification = "verification", "Referral to verify";
        OrderEnds = "order_ends", "Order";
        Hearing = "hearing", "Hearing";
        PlanReview = "plan_review", "Review of the plan";
    }
}

impl ClockKind {
    /// How many days before it runs out it stands on the pages of whom it concerns.
    pub const fn warned_days(self) -> i64 {
        match self {
            ClockKind::Assessment => ASSESSMENT_DAYS,
            ClockKind::OrderEnds => ORDER_DAYS,
            ClockKind::Hearing => HEARING_DAYS,
            ClockKind::PlanReview => REVIEW_DAYS,
            ClockKind::Refusal | ClockKind::FirstSession | ClockKind::Verification => AT_ONCE_DAYS,
        }
    }

    /// What its last day is the last day of, for a heading and a row of a table.
    pub const fn is_due(self) -> &'static str {
        match self {
            ClockKind::Assessment => "Valid until",
            ClockKind::OrderEnds => "Ends on",
            ClockKind::Hearing => "Is on",
            ClockKind::Refusal => "Last day",
            ClockKind::FirstSession | ClockKind::Verification | ClockKind::PlanReview => "Due by",
        }
    }
}

/// Where a clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockState {
    /// There is time.
    Running,
    /// Its last day is near.
    DueSoon,
    /// Its last day has passed.
    Overdue,
}

impl ClockState {
    /// The code of its colour; the words are in [`Running::left`].
    pub const fn code(self) -> &'static str {
        match self {
            ClockState::Running => "planned",
            ClockState::DueSoon => "due",
            ClockState::Overdue => "overdue",
        }
    }
}

/// A clock that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Which.
    pub kind: ClockKind,
    /// What it is about: the assessment, the refusal, the referral, the order, the plan; the child's file for the first session and a hearing.
    pub subject: Uuid,
    /// In whose file.
    pub child: ChildId,
    /// Its last day.
    pub due: Date,
}

/// Where a last day stands on another day, and how much is left of it in words: weekends count.
pub fn left_until(due: Date, today: Date) -> (ClockState, String) {
    let days = day_number(due) - day_number(today);
    let state = match days {
        ..0 => ClockState::Overdue,
        0..=SOON_DAYS => ClockState::DueSoon,
        _ => ClockState::Running,
    };
    let words = match days {
        -1 => "Overdue by 1 day".to_owned(),
        ..0 => format!("Overdue by {} days", -days),
        0 => "Last day today".to_owned(),
        1 => "1 day left".to_owned(),
        days => format!("{days} days left"),
    };
    (state, words)
}

impl Running {
    /// Days that are left on a day: none on the last, fewer than none when it has passed.
    fn days_left(&self, today: Date) -> i64 {
        day_number(self.due) - day_number(today)
    }

    /// Where it stands on a day.
    pub fn state(&self, today: Date) -> ClockState {
        left_until(self.due, today).0
    }

    /// How much time is left on a day, in words: weekends count.
    pub fn left(&self, today: Date) -> String {
        let days = self.days_left(today);
        let ago = |many: i64| if many == 1 { "yesterday".to_owned() } else { format!("{many} days ago") };
        match (self.kind, days) {
            (ClockKind::Assessment, ..0) => format!("Ran out {}: sessions are booked", ago(-days)),
            (ClockKind::Refusal, ..0) => format!("Ran out {}: contact is owed", ago(-days)),
            (ClockKind::OrderEnds, ..0) => format!("Ended {}", ago(-days)),
            (ClockKind::Hearing, 0) => "Today".to_owned(),
            (ClockKind::Hearing, 1) => "Tomorrow".to_owned(),
            (ClockKind::Hearing, 2..) => format!("In {days} days"),
            _ => left_until(self.due, today).1,
        }
    }
}

/// The days of the hearings to come that a child's file names, from a day on, each once and in order.
pub fn hearings(values: &Fields, from: Date) -> Vec<Date> {
    let after = values.rows("hearings", "about").into_iter().filter_map(|row| row.date("day"));
    let mut days: Vec<Date> = values.date("hearing_date").into_iter().chain(after).filter(|day| *day >= from).collect();
    days.sort_unstable();
    days.dedup();
    days
}
