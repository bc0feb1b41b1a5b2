//! Keeping a whole page of the recorder: each part by itself, so that what is wrong with one loses nothing of another.

use kith_domain::form::{Fields, Problem};
use kith_domain::ids::SessionId;
use kith_domain::record::Sheet;

use super::{CourseConflict, SavedEntry};
use crate::{Desk, ServiceError};

/// What became of the text of a page.
#[derive(Debug)]
pub enum KeptText {
    /// None was typed.
    None,
    /// It is kept.
    Saved(SavedEntry),
    /// Another device wrote something else meanwhile: what stands, and its version.
    Conflict(Box<Fields>, i64),
    /// It cannot be kept: a rule stands against it.
    Refused(kith_domain::refusal::Refusal),
    /// Something is wrong with it.
    Wrong,
}

/// What became of a page.
#[derive(Debug)]
pub struct Kept {
    /// Its text.
    pub text: KeptText,
    /// What is wrong, by field; those parts are not kept.
    pub problems: Vec<Problem>,
    /// What of who came, start and end stands otherwise than was shown; those parts are not kept.
    pub conflicts: Vec<CourseConflict>,
    /// Whether the session ended by it.
    pub ended: bool,
    /// Whether a concern was raised by it.
    pub raised: bool,
}

impl Kept {
    /// Whether everything that was typed is kept.
    pub fn whole(&self) -> bool {
        matches!(self.text, KeptText::None | KeptText::Saved(_))
            && self.problems.is_empty()
            && self.conflicts.is_empty()
    }
}

impl Desk {
    /// Keeps everything that was typed on a page, whichever button was pressed, exactly once.
    pub async fn keep_sheet(&self, id: SessionId, sheet: Sheet) -> Result<Kept, ServiceError> {
        let mut kept =
            Kept { text: KeptText::None, problems: Vec::new(), conflicts: Vec::new(), ended: false, raised: false };
        if sheet.text.is_none() && sheet.raised.is_none() && sheet.course.is_empty() {
            // Nothing to keep: who may is asked all the same.
            self.allow_session("record.write", id).await?;
        }
        if let Some(typed) = sheet.text {
            kept.text = match self.write_entry(id, typed).await {
                Ok(saved) => KeptText::Saved(saved),
                Err(ServiceError::Conflict { theirs, version }) => KeptText::Conflict(theirs, version),
                Err(ServiceError::Refused(refusal)) => KeptText::Refused(refusal),
                Err(ServiceError::Invalid(problems)) => {
                    kept.problems.extend(problems);
                    KeptText::Wrong
                }
                Err(error) => return Err(error),
            };
        }
        if let Some(raised) = sheet.raised {
            match self.raise_concern(id, raised).await {
                Ok(()) => kept.raised = true,
                Err(ServiceError::Invalid(problems)) => kept.problems.extend(problems),
                Err(error) => return Err(error),
            }
        }
        if !sheet.course.is_empty() {
            match self.keep_course(id, sheet.page, &sheet.course).await {
                Ok(course) => {
                    kept.problems.extend(course.problems);
                    kept.conflicts = course.conflicts;
                    kept.ended = course.ended;
                }
                Err(ServiceError::Refused(refusal)) => kept.problems.push(Problem::new("arrived-0", refusal.words)),
                Err(error) => return Err(error),
            }
        }
        Ok(kept)
    }
}
