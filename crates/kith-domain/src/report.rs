//! The period report for court: orders against delivery, and the author's statement (handbook sections 7 and 10).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use crate::plan::Arrangement;
use crate::record::Signature;
use crate::session::SessionState;

/// Longest period of one report, in days.
pub const PERIOD_DAYS: i64 = 732;

codes! {
    /// Where a report stands.
    ReportState {
        Draft = "draft", "Draft";
        Signed = "signed", "Signed";
    }
}

/// What the author writes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportBody {
    /// The author's statement; paragraphs are separated by an empty line.
    pub statement: String,
    /// The signature, once signed.
    pub signature: Option<Signature>,
}

/// The period and statement of a report's form.
pub struct ReportFacts {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// The statement.
    pub statement: String,
}

impl ReportFacts {
    /// Reads `from`, `to`, `statement`.
    pub fn read(fields: &Fields, today: Date) -> Result<ReportFacts, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let from = r.required_date("from", "First day of the period");
        let to = r.required_date("to", "Last day of the period");
        if let (Some(from), Some(to)) = (from, to) {
            if to < from {
                r.problem("to-day", "Last day of the period must be on or after the first");
            } else if i64::from(from.until(to).map_or(0, |span| span.get_days())) > PERIOD_DAYS {
                r.problem("to-day", "A report covers two years at most. Choose a shorter period");
            }
            if to > today {
                r.problem("to-day", "Last day of the period must be today or in the past");
            }
        }
        let statement = r.required("statement", "Your statement", LONG_TEXT_CHARS);
        let problems = r.into_problems();
        match from.zip(to) {
            Some((from, to)) if problems.is_empty() => Ok(ReportFacts { from, to, statement }),
            _ => Err(problems),
        }
    }
}

/// Delivered against ordered, of one arrangement in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Sessions due: whole spans of the frequency within the period and the arrangement's dates.
    pub due: u32,
    /// Sessions held, wholly or in part.
    pub held: u32,
    /// Sessions that did not take place.
    pub not_held: u32,
}

impl Delivery {
    /// Counts the sessions of an arrangement between two days, both included. `sessions` are those of the
    /// arrangement in the period.
    pub fn count(line: &Arrangement, from: Date, to: Date, sessions: &[SessionState]) -> Delivery {
        let first = line.from.max(from);
        let last = line.to.map_or(to, |end| end.min(to));
        let number = |wanted: fn(SessionState) -> bool| {
            u32::try_from(sessions.iter().filter(|state| wanted(**state)).count()).unwrap_or(u32::MAX)
        };
        Delivery {
            due: line.frequency.due(first, last),
            held: number(SessionState::was_held),
            not_held: number(|state| matches!(state, SessionState::DidNotAttend | SessionState::Cancelled)),
        }
    }

    /// How many are missing: a court-ordered shortfall is the red figure of the service (handbook section 7).
    pub const fn shortfall(self) -> u32 {
        self.due.saturating_sub(self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::Supervision;
    use crate::ids::ArrangementId;
    use crate::plan::{Bound, Frequency, Mode, Pattern, Per};
    use jiff::civil::date;

    fn line() -> Arrangement {
        Arrangement {
            id: ArrangementId(uuid::Uuid::nil()),
            with: Vec::new(),
            frequency: Frequency { bound: Bound::AtLeast, count: 2, per: Per::Week },
            pattern: Pattern { weekdays: vec![2, 4], start_minute: 600, every_weeks: 1 },
            minutes: 90,
            from: date(2026, 11, 9),
            to: None,
            court_ordered: true,
            supervision: Supervision::Supervised,
            mode: Mode::InPerson,
            transport: None,
            rules: None,
            contingency: None,
        }
    }

    #[test]
    fn delivery_against_the_order() {
        use SessionState as S;
        let sessions = [S::Completed, S::EndedEarly, S::Cancelled, S::DidNotAttend, S::Confirmed];
        let delivery = Delivery::count(&line(), date(2026, 11, 2), date(2026, 11, 22), &sessions);
        assert_eq!(delivery, Delivery { due: 4, held: 2, not_held: 2 });
        assert_eq!(delivery.shortfall(), 2);
    }

    #[test]
    fn more_than_ordered_is_no_shortfall() {
        let sessions = [SessionState::Completed; 6];
        assert_eq!(Delivery::count(&line(), date(2026, 11, 9), date(2026, 11, 22), &sessions).shortfall(), 0);
    }

    #[test]
    fn a_report_ends_no_later_than_today() {
        let fields: Fields =
            [("from", "2026-11-01"), ("to", "2026-11-25"), ("statement", "I have supervised.")].into_iter().collect();
        let wrong = ReportFacts::read(&fields, date(2026, 11, 24)).err().unwrap_or_default();
        assert_eq!(wrong[0].field, "to-day");
    }
}
