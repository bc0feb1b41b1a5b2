//! The record of a session: headings, timed entries, signature, addenda, review (handbook section 9).

pub mod entry;
mod heading;
pub mod timeline;
pub mod written;

pub use heading::{AgeBand, Heading, RecordPurpose};
pub use timeline::has_come;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use crate::ids::{AccountId, EntryId};
use crate::refusal::Refusal;
use crate::session::Attendance;

codes! {
    /// How the writer knows.
    Basis {
        Seen = "seen", "I saw it";
        Heard = "heard", "I heard it";
        Told = "told", "I was told it";
    }
}

/// An entry as it is written.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Under which heading.
    pub heading: Heading,
    /// The time it is about, minutes from midnight of the session's day.
    pub about_minute: i64,
    /// How the writer knows.
    pub basis: Option<Basis>,
    /// Whether the text is somebody's own words.
    pub quotation: bool,
    /// The text.
    pub text: String,
    /// When it was last changed before signing, UTC milliseconds; the first writing is the entry's own time.
    pub changed_ms: Option<i64>,
}

impl Observation {
    /// Reads `heading`, `about`, `basis`, `quotation`, `text`.
    pub fn read(fields: &Fields) -> Result<Observation, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let heading = r.required_choice("heading", "A heading", Heading::from_code);
        let about = r.required_time("about", "The time it is about");
        let basis = r.choice("basis", "How you know", Basis::from_code);
        let quotation = fields.has("quotation", "yes");
        let text = r.required("text", "What happened", LONG_TEXT_CHARS);
        let read = heading.zip(about).map(|(heading, about)| Observation {
            heading,
            about_minute: crate::calendar::time_minute(about),
            basis,
            quotation,
            text,
            changed_ms: None,
        });
        let problems = r.into_problems();
        read.filter(|_| problems.is_empty()).ok_or(problems)
    }
}

/// A correction beside the first text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addendum {
    /// Which entry it corrects; `None` when it is about the whole record.
    pub about: Option<EntryId>,
    /// Why it is added.
    pub reason: String,
    /// The text.
    pub text: String,
}

impl Addendum {
    /// Reads `about`, `reason`, `text`.
    pub fn read(fields: &Fields) -> Result<Addendum, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let about = r.id("about", "The entry it corrects").map(EntryId);
        let reason = r.required("reason", "Why you add this", LONG_TEXT_CHARS);
        let text = r.required("text", "Addendum", LONG_TEXT_CHARS);
        r.finish(Addendum { about, reason, text })
    }
}

/// What an entry holds.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EntryBody {
    /// Written before signing.
    Observation(Observation),
    /// Added after signing.
    Addendum(Addendum),
}

codes! {
    /// Whether an entry was written during the session or after it: computed, never typed.
    Written {
        During = "during", "during the session";
        After = "after", "after the session";
    }
}

/// During or after, from when it was written and when the session ended (UTC milliseconds; `None` while it goes on).
pub fn written(written_ms: i64, ended_ms: Option<i64>) -> Written {
    if ended_ms.is_none_or(|ended| written_ms <= ended) { Written::During } else { Written::After }
}

codes! {
    /// Where a record stands.
    RecordState {
        Open = "open", "Being written";
        Signed = "signed", "Signed";
        Returned = "returned", "Returned with comments";
        Accepted = "accepted", "Accepted";
    }
}

/// One signature.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Who.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// SHA-256, in hexadecimal, of the record as it was signed.
    pub digest: String,
    /// Why it was late, if it was.
    pub late_reason: Option<String>,
}

/// One review.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Who.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// Whether it was accepted; otherwise it was returned.
    pub accepted: bool,
    /// Comments.
    pub comment: Option<String>,
}

/// What a record holds beside its entries.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordBody {
    /// The age band when the record was opened.
    pub band: AgeBand,
    /// The purpose when the record was opened.
    pub purpose: RecordPurpose,
    /// Who was expected, came and left; the child first.
    pub attendance: Vec<Attendance>,
    /// Signatures, in order: a returned record is signed again.
    pub signatures: Vec<Signature>,
    /// Reviews, in order.
    pub reviews: Vec<Review>,
    /// Room and venue as they were called when the session began: a venue that is renamed later changes no record.
    pub place: String,
}

/// Whether entries may still be written or changed.
pub fn may_write(state: RecordState) -> Result<(), Refusal> {
    match state {
        RecordState::Open => Ok(()),
        _ => Err(Refusal::new(
            "record.locked",
            "This record is signed and locked. Add an addendum: it stands beside the first text",
        )),
    }
}

/// Whether an addendum may be added.
pub fn may_add(state: RecordState) -> Result<(), Refusal> {
    match state {
        RecordState::Open => {
            Err(Refusal::new("record.not_signed", "This record is not signed yet: change the entry itself"))
        }
        _ => Ok(()),
    }
}

/// Whether the record can be signed: written by its author, with something in it, and if late with the reason.
pub fn may_sign(
    state: RecordState,
    is_author: bool,
    entries: usize,
    session_over: bool,
    late: bool,
    late_reason: Option<&str>,
) -> Result<(), Refusal> {
    if !matches!(state, RecordState::Open | RecordState::Returned) {
        return Err(Refusal::new("record.signed_already", "This record is signed already"));
    }
    if !is_author {
        return Err(Refusal::new("record.not_the_author", "Only the supervisor who wrote the record signs it"));
    }
    if !session_over {
        return Err(Refusal::new("record.session_not_over", "End the session before you sign its record"));
    }
    if entries == 0 {
        return Err(Refusal::new(
            "record.empty",
            "There is nothing in this record yet. Write at least one entry before you sign",
        ));
    }
    if late && state == RecordState::Open && late_reason.is_none() {
        return Err(Refusal::new(
            "record.late_without_reason",
            "This record is past its time. Say why before you sign",
        ));
    }
    Ok(())
}

/// Whether a record that was returned can be signed again: something was added since. `added_ms` are the instants of its
/// addenda.
pub fn answered(state: RecordState, returned_ms: Option<i64>, added_ms: &[i64]) -> Result<(), Refusal> {
    let since = returned_ms.unwrap_or(i64::MIN);
    if state == RecordState::Returned && !added_ms.iter().any(|added| *added >= since) {
        return Err(Refusal::new(
            "record.review_unanswered",
            "The reviewer has asked for something. Add an addendum that answers it, then sign again",
        ));
    }
    Ok(())
}

/// Whether somebody may review a record (handbook section 9: "by someone other than the author"). Who wrote an addendum
/// is an author too.
pub fn may_review(state: RecordState, is_author: bool) -> Result<(), Refusal> {
    if is_author {
        return Err(Refusal::new("record.own_review", "Nobody reviews their own record. Ask another person"));
    }
    match state {
        RecordState::Signed => Ok(()),
        RecordState::Open => {
            Err(Refusal::new("record.not_signed", "This record is not signed yet, so it cannot be reviewed"))
        }
        RecordState::Returned => {
            Err(Refusal::new("record.with_its_author", "This record is with its author after review"))
        }
        RecordState::Accepted => {
            Err(Refusal::new("record.accepted_already", "This record has been reviewed and accepted"))
        }
    }
}

impl Review {
    /// Reads `outcome` (`accept` or `return`) and `comment`; a return needs a comment.
    pub fn read(fields: &Fields, by: AccountId, at_ms: i64) -> Result<Review, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let accepted = r.required_choice("outcome", "Accept or return", |code| match code {
            "accept" => Some(true),
            "return" => Some(false),
            _ => None,
        });
        let comment = if accepted == Some(false) {
            Some(r.required("comment", "What should be added or made clearer", LONG_TEXT_CHARS))
        } else {
            r.text("comment", "Comment", LONG_TEXT_CHARS)
        };
        r.finish(Review { by, at_ms, accepted: accepted.unwrap_or_default(), comment })
    }
}

/// Reads the attendance form: for each line in order `arrived-N`, `left-N`, `absent-N`, `note-N`. `day` is the session's.
pub fn read_attendance(
    fields: &Fields,
    lines: &[Attendance],
    names: &[String],
    day: Date,
    now_ms: i64,
) -> Result<Vec<Attendance>, Vec<Problem>> {
    let mut r = Reader::new(fields);
    let mut read = Vec::new();
    for (index, (line, name)) in lines.iter().zip(names).enumerate() {
        let arrived =
            r.time(&format!("arrived-{index}"), &format!("{name}: arrived")).map(crate::calendar::time_minute);
        let left = r.time(&format!("left-{index}"), &format!("{name}: left")).map(crate::calendar::time_minute);
        let absent = fields.has(&format!("absent-{index}"), "yes");
        if absent && arrived.is_some() {
            r.problem(
                format!("arrived-{index}"),
                format!("{name}: take out the time of arrival, or untick “did not come”"),
            );
        }
        match (arrived, left) {
            (Some(arrived), Some(left)) if left < arrived => {
                r.problem(format!("left-{index}"), format!("{name}: left must be after arrived"));
            }
            (None, Some(_)) => {
                r.problem(
                    format!("arrived-{index}"),
                    format!("{name}: enter when they arrived, or take out when they left"),
                );
            }
            _ => {}
        }
        for (what, minute) in [("arrived", arrived), ("left", left)] {
            if minute.is_some_and(|minute| !has_come(day, minute, now_ms)) {
                r.problem(format!("{what}-{index}"), format!("{name}: {what} must not be later than it is now"));
            }
        }
        let note = r.text(&format!("note-{index}"), &format!("{name}: note"), LONG_TEXT_CHARS);
        read.push(Attendance { arrived_minute: arrived, left_minute: left, absent, note, ..line.clone() });
    }
    r.finish(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn during_or_after_is_computed() {
        // Handbook section 9: "During or after is computed, never typed."
        assert_eq!(written(1_000, None), Written::During);
        assert_eq!(written(1_000, Some(1_000)), Written::During);
        assert_eq!(written(1_001, Some(1_000)), Written::After);
    }

    #[test]
    fn after_signing_nothing_but_an_addendum() {
        for state in [RecordState::Signed, RecordState::Returned, RecordState::Accepted] {
            assert!(may_write(state).is_err());
            assert!(may_add(state).is_ok());
        }
        assert!(may_add(RecordState::Open).is_err());
    }

    #[test]
    fn late_needs_its_reason() {
        assert!(may_sign(RecordState::Open, true, 3, true, true, None).is_err());
        assert!(may_sign(RecordState::Open, true, 3, true, true, Some("Called to an emergency")).is_ok());
        assert!(may_sign(RecordState::Open, true, 0, true, false, None).is_err());
        assert!(may_sign(RecordState::Open, false, 3, true, false, None).is_err());
        assert!(may_sign(RecordState::Open, true, 3, false, false, None).is_err());
        assert!(may_sign(RecordState::Returned, true, 3, true, true, None).is_ok());
    }

    #[test]
    fn what_was_returned_is_answered_before_it_is_signed_again() {
        assert!(answered(RecordState::Returned, Some(100), &[50]).is_err());
        assert!(answered(RecordState::Returned, Some(100), &[50, 100]).is_ok());
        assert!(answered(RecordState::Open, None, &[]).is_ok());
    }

    #[test]
    fn nobody_reviews_their_own_record() {
        assert!(may_review(RecordState::Signed, true).is_err());
        assert!(may_review(RecordState::Signed, false).is_ok());
        assert!(may_review(RecordState::Open, false).is_err());
    }

    #[test]
    fn a_return_says_what_is_wanted() {
        let fields: Fields = [("outcome", "return")].into_iter().collect();
        let by = AccountId(uuid::Uuid::nil());
        assert_eq!(Review::read(&fields, by, 0).err().unwrap_or_default()[0].field, "comment");
    }
}
