//! Quality review, by somebody other than the author.

use serde::{Deserialize, Serialize};

use super::RecordState;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use crate::ids::AccountId;
use crate::refusal::Refusal;

/// One review.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordReview {
    /// Who.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// Whether it was accepted; otherwise it was returned.
    pub accepted: bool,
    /// Comments.
    pub comment: Option<String>,
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
        RecordState::Released => Err(Refusal::new(
            "record.released",
            "This record was released without a signature: nobody is left who could answer a review",
        )),
        RecordState::Accepted => {
            Err(Refusal::new("record.accepted_already", "This record has been reviewed and accepted"))
        }
    }
}

/// What a reviewer says of a record.
#[derive(Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is accepted; otherwise it is returned.
    pub accepted: bool,
    /// Comments; of a return, what should be added or made clearer.
    pub comment: Option<String>,
}

impl Verdict {
    /// Reads `outcome` (`accept` or `return`) and `comment`; a return needs a comment.
    pub fn read(fields: &Fields) -> Result<Verdict, Vec<Problem>> {
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
        r.finish(Verdict { accepted: accepted.unwrap_or_default(), comment })
    }

    /// As it stands in the record.
    #[must_use]
    pub fn by(self, by: AccountId, at_ms: i64) -> RecordReview {
        RecordReview { by, at_ms, accepted: self.accepted, comment: self.comment }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_reviews_their_own_record() {
        assert!(may_review(RecordState::Signed, true).is_err());
        assert!(may_review(RecordState::Signed, false).is_ok());
        assert!(may_review(RecordState::Open, false).is_err());
    }

    #[test]
    fn a_return_says_what_is_wanted() {
        let fields: Fields = [("outcome", "return")].into_iter().collect();
        assert_eq!(Verdict::read(&fields).err().unwrap_or_default()[0].field, "comment");
    }
}
