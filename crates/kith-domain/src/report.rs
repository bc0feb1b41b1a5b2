//! The period report for court: its period, the author's statement and signature (handbook section 10). What was
//! delivered is counted by [`crate::delivery`].

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::account::TakenOver;
use crate::codes::codes;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use crate::record::Signature;
use crate::refusal::Refusal;

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
    /// From whom it was taken over who had begun it.
    #[serde(default)]
    pub taken_over: Vec<TakenOver>,
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

/// The Mondays of the weeks that a period touches.
pub fn weeks(from: Date, to: Date) -> Vec<Date> {
    let back = i32::from(from.weekday().to_monday_zero_offset());
    let monday = from.checked_sub(back.days()).unwrap_or(from);
    monday.series(7.days()).take_while(|day| *day <= to).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

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
