//! Where a record stands, and what may be done to it there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AgeBand, RecordPurpose, RecordReview};
use crate::codes::codes;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use crate::ids::{AccountId, ChildId};
use crate::refusal::Refusal;

codes! {
    /// Where a record stands.
    RecordState {
        Open = "open", "Being written";
        Signed = "signed", "Signed";
        Returned = "returned", "Returned with comments";
        Accepted = "accepted", "Accepted";
        Released = "released", "Released unsigned";
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

/// Leave that somebody gave, and why: to write up late, to read a record that its author will not sign any more.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leave {
    /// Who gave it.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// Why.
    pub reason: String,
}

impl Leave {
    /// Reads `reason`.
    pub fn read(fields: &Fields, by: AccountId, at_ms: i64) -> Result<Leave, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let reason = r.required("reason", "Why", LONG_TEXT_CHARS);
        r.finish(Leave { by, at_ms, reason })
    }
}

/// How a record came to be read without its author's signature.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Released {
    /// By whom, when and why.
    pub leave: Leave,
    /// SHA-256, in hexadecimal, of the record as it stood.
    pub digest: String,
    /// Whether a signed record had been returned to its author, and was not signed again.
    pub was_returned: bool,
}

/// What a record holds beside its entries.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordBody {
    /// The age band of each child on the day of the session, as known when the record was opened or the child was added.
    pub bands: BTreeMap<ChildId, AgeBand>,
    /// The purpose when the record was opened.
    pub purpose: RecordPurpose,
    /// Signatures, in order: a returned record is signed again.
    pub signatures: Vec<Signature>,
    /// Reviews, in order.
    pub reviews: Vec<RecordReview>,
    /// Room and venue as they were called when the session began: a venue that is renamed later changes no record.
    pub place: String,
    /// If its author will not sign it any more.
    #[serde(default)]
    pub released: Option<Released>,
}

/// Whether entries may still be written or changed.
pub fn may_write(state: RecordState) -> Result<(), Refusal> {
    match state {
        RecordState::Open => Ok(()),
        RecordState::Released => Err(Refusal::new(
            "record.released",
            "This record was released without a signature and is locked. Add an addendum: it stands beside the first text",
        )),
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

/// Whether a record can be released as what it is: written, not signed, and its author will not sign it any more.
/// `awaited` says that its author is still here and the time to sign is not over.
pub fn may_release(state: RecordState, is_author: bool, awaited: bool) -> Result<(), Refusal> {
    if is_author {
        return Err(Refusal::new("record.own_release", "You wrote this record: sign it. Nobody releases their own"));
    }
    match state {
        RecordState::Open | RecordState::Returned if awaited => Err(Refusal::new(
            "record.still_awaited",
            "Its supervisor is still here and has time to sign this record. Release it when that time is over",
        )),
        RecordState::Open | RecordState::Returned => Ok(()),
        RecordState::Released => Err(Refusal::new("record.released_already", "This record has been released already")),
        RecordState::Signed | RecordState::Accepted => {
            Err(Refusal::new("record.signed_already", "This record is signed, so it needs no release"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_leavers_record_is_released_by_somebody_else_and_locked() {
        let release = |state, own, awaited| may_release(state, own, awaited).map_err(|refusal| refusal.code);
        assert_eq!(release(RecordState::Open, false, false), Ok(()));
        assert_eq!(release(RecordState::Returned, false, false), Ok(()));
        assert_eq!(release(RecordState::Open, true, false), Err("record.own_release"));
        assert_eq!(release(RecordState::Open, false, true), Err("record.still_awaited"));
        assert_eq!(release(RecordState::Signed, false, false), Err("record.signed_already"));
        assert_eq!(may_write(RecordState::Released).map_err(|refusal| refusal.code), Err("record.released"));
        assert!(may_add(RecordState::Released).is_ok());
    }
}
