//! The period report for court: orders against delivery, and the author's statement (handbook sections 7 and 10).

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use crate::plan::Arrangement;
use crate::record::Signature;
use crate::refusal::Refusal;
use crate::session::SessionState;

/// Longest period of one report, in days.
pub const PERIOD_DAYS: i64 = 732;

/// The statement of truth above the signature (Family Procedure Rules 2010, rule 17.2; Practice Direction 17A,
/// paragraph 2, with the sentence on contempt that the court's own forms carry since October 2020).
pub const STATEMENT_OF_TRUTH: &str = "I believe that the facts stated in this report are true. I understand that \
     proceedings for contempt of court may be brought against anyone who makes, or causes to be made, a false statement \
     in a document verified by a statement of truth without an honest belief in its truth.";

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
    /// The signature, once signed. Its digest is that of `signed_text`.
    pub signature: Option<Signature>,
    /// The whole report as it was signed, to be set again letter by letter whatever the diary says later.
    #[serde(default)]
    pub signed_text: Option<String>,
}

/// Whether the period and the statement may still be changed.
pub fn may_write(state: ReportState, is_author: bool) -> Result<(), Refusal> {
    if state == ReportState::Signed {
        return Err(Refusal::new("report.locked", "This report is signed and locked. Begin another one"));
    }
    if !is_author {
        return Err(Refusal::new(
            "report.not_the_author",
            "A report is in its author’s own words. Only the author changes and signs it",
        ));
    }
    Ok(())
}

/// Whether the report can be signed.
pub fn may_sign(state: ReportState, is_author: bool, statement: &str) -> Result<(), Refusal> {
    may_write(state, is_author)?;
    if statement.trim().is_empty() {
        return Err(Refusal::new("report.empty", "Write your statement before you sign"));
    }
    Ok(())
}

/// The paragraphs of a statement: separated by an empty line, none of them empty.
pub fn paragraphs(statement: &str) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut open = false;
    for line in statement.lines().map(str::trim_end) {
        match paragraphs.last_mut().filter(|_| open) {
            _ if line.trim().is_empty() => open = false,
            Some(paragraph) => {
                paragraph.push('\n');
                paragraph.push_str(line);
            }
            None => {
                paragraphs.push(line.to_owned());
                open = true;
            }
        }
    }
    paragraphs
}

/// The period and statement of a report's form.
#[derive(Clone)]
pub struct ReportFacts {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// The statement.
    pub statement: String,
}

impl ReportFacts {
    /// Reads `from`, `to`, `statement`; a draft can be without a statement.
    pub fn read(fields: &Fields, today: Date) -> Result<ReportFacts, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let from = r.required_date("from", "The first day of the period");
        let to = r.required_date("to", "The last day of the period");
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
        let statement = r.text("statement", "Your statement", LONG_TEXT_CHARS).unwrap_or_default();
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
    /// The days that are counted, both included: those of whole spans of the frequency, within the period and the
    /// arrangement's dates. `None` while there is no whole span.
    pub counted: Option<(Date, Date)>,
    /// Sessions due in them.
    pub due: u32,
    /// Sessions held in them, wholly or in part.
    pub held: u32,
    /// Sessions in them that did not take place.
    pub not_held: u32,
    /// Sessions held in the rest of the period, which hide nothing that is missing in the days that are counted.
    pub held_outside: u32,
}

impl Delivery {
    /// Whether a day is one of those that are counted.
    pub fn counts(&self, day: Date) -> bool {
        within(self.counted, day)
    }

    /// Counts the sessions of an arrangement between two days, both included. `sessions` are those of the
    /// arrangement in the period, each with its day.
    pub fn count(line: &Arrangement, from: Date, to: Date, sessions: &[(Date, SessionState)]) -> Delivery {
        let first = line.from.max(from);
        let last = line.to.map_or(to, |end| end.min(to));
        let counted = line.frequency.whole_spans(first, last).map(|(_, first, last)| (first, last));
        let number = |inside: bool, wanted: fn(SessionState) -> bool| {
            let of = sessions.iter().filter(|(day, state)| within(counted, *day) == inside && wanted(*state));
            u32::try_from(of.count()).unwrap_or(u32::MAX)
        };
        Delivery {
            counted,
            due: line.frequency.due(first, last),
            held: number(true, SessionState::was_held),
            not_held: number(true, |state| matches!(state, SessionState::DidNotAttend | SessionState::Cancelled)),
            held_outside: number(false, SessionState::was_held),
        }
    }

    /// How many sessions of an arrangement become due in each week of a period, Monday to Sunday: the sessions due up to
    /// the end of that week less those due before it, so that the weeks add up to what [`Delivery::count`] gives.
    pub fn due_by_week(line: &Arrangement, from: Date, to: Date) -> Vec<(Date, u32)> {
        let first = line.from.max(from);
        let last = line.to.map_or(to, |end| end.min(to));
        let due_until = |day: Date| line.frequency.due(first, day.min(last));
        weeks(from, to)
            .into_iter()
            .map(|monday| {
                let sunday = monday.checked_add(6.days()).unwrap_or(Date::MAX);
                let before = monday.yesterday().map_or(0, due_until);
                (monday, due_until(sunday).saturating_sub(before))
            })
            .collect()
    }

    /// How many are missing: a court-ordered shortfall is the red figure of the service (handbook section 7).
    pub const fn shortfall(self) -> u32 {
        self.due.saturating_sub(self.held)
    }
}

/// The Mondays of the weeks that a period touches.
pub fn weeks(from: Date, to: Date) -> Vec<Date> {
    let back = i32::from(from.weekday().to_monday_zero_offset());
    let monday = from.checked_sub(back.days()).unwrap_or(from);
    monday.series(7.days()).take_while(|day| *day <= to).collect()
}

fn within(days: Option<(Date, Date)>, day: Date) -> bool {
    days.is_some_and(|(first, last)| (first..=last).contains(&day))
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
        let sessions = [
            (date(2026, 11, 10), S::Completed),
            (date(2026, 11, 12), S::EndedEarly),
            (date(2026, 11, 17), S::Cancelled),
            (date(2026, 11, 19), S::DidNotAttend),
            (date(2026, 11, 20), S::Confirmed),
        ];
        let delivery = Delivery::count(&line(), date(2026, 11, 2), date(2026, 11, 22), &sessions);
        let counted = Some((date(2026, 11, 9), date(2026, 11, 22)));
        assert_eq!(delivery, Delivery { counted, due: 4, held: 2, not_held: 2, held_outside: 0 });
        assert_eq!(delivery.shortfall(), 2);
    }

    #[test]
    fn a_session_of_the_running_week_hides_none_that_is_missing() {
        // Handbook section 7: "a court-ordered shortfall is the red figure of this service".
        let held = |day| (date(2026, 11, day), SessionState::Completed);
        let sessions = [held(10), held(12), held(17), held(24)];
        let delivery = Delivery::count(&line(), date(2026, 11, 2), date(2026, 11, 24), &sessions);
        assert_eq!((delivery.due, delivery.held, delivery.held_outside, delivery.shortfall()), (4, 3, 1, 1));
        let begun = Delivery::count(&line(), date(2026, 11, 24), date(2026, 11, 25), &sessions[3..]);
        assert_eq!((begun.counted, begun.due, begun.held, begun.held_outside), (None, 0, 0, 1));
    }

    #[test]
    fn more_than_ordered_is_no_shortfall() {
        let sessions = [(date(2026, 11, 10), SessionState::Completed); 6];
        assert_eq!(Delivery::count(&line(), date(2026, 11, 9), date(2026, 11, 22), &sessions).shortfall(), 0);
    }

    #[test]
    fn the_weeks_add_up_to_the_period() {
        let (from, to) = (date(2026, 11, 4), date(2026, 12, 15));
        for per in [Per::Day, Per::Week, Per::Fortnight, Per::Month] {
            let line = Arrangement { frequency: Frequency { bound: Bound::Exactly, count: 2, per }, ..line() };
            let weeks = Delivery::due_by_week(&line, from, to);
            assert_eq!(weeks.len(), 7, "Monday 2 November to Monday 14 December");
            let sum: u32 = weeks.iter().map(|(_, due)| due).sum();
            assert_eq!(sum, Delivery::count(&line, from, to, &[]).due, "{per:?}");
        }
        let twice_a_week = Delivery::due_by_week(&line(), from, to);
        let due: Vec<u32> = twice_a_week.iter().map(|(_, due)| *due).collect();
        assert_eq!(due, [0, 2, 2, 2, 2, 2, 0], "the arrangement begins on Monday 9 November");
    }

    #[test]
    fn paragraphs_are_separated_by_an_empty_line() {
        assert_eq!(paragraphs("One.\nStill one.\n\n \nTwo.\n"), ["One.\nStill one.", "Two."]);
        assert!(paragraphs(" \n").is_empty());
    }

    #[test]
    fn only_its_author_signs_a_report_and_once() {
        assert!(may_sign(ReportState::Draft, true, "I have supervised.").is_ok());
        assert!(may_sign(ReportState::Draft, false, "I have supervised.").is_err());
        assert!(may_sign(ReportState::Draft, true, " \n").is_err());
        assert!(may_sign(ReportState::Signed, true, "I have supervised.").is_err());
    }

    #[test]
    fn a_report_ends_no_later_than_today() {
        let fields: Fields =
            [("from", "2026-11-01"), ("to", "2026-11-25"), ("statement", "I have supervised.")].into_iter().collect();
        let wrong = ReportFacts::read(&fields, date(2026, 11, 24)).err().unwrap_or_default();
        assert_eq!(wrong[0].field, "to-day");
    }
}
