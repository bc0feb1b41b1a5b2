//! For how long a request is kept, and what was collected to answer it.
//!
//! No statute has a period for either (handbook section 19: what has none is a setting): the request for as long as somebody may have to
//! show that it was answered (UK GDPR Art 5(2)), the copy of what is held no longer than it can be handed over and looked at again
//! (Art 5(1)(e)).

use jiff::Span;
use jiff::civil::Date;

use super::{RightsRequest, StepKind};
use crate::calendar::in_london;
use crate::retention::years_from;

/// The category of requests among the register's `[[retention]]`, and what it is called: the notice says for how long they are kept.
pub const KEPT_AS: (&str, &str) = ("request", "Requests of people about their information");

/// The last day on which what was collected for a request is kept that was closed on a day, by the authority's setting in days.
pub fn collected_until(closed: Date, days: i64) -> Date {
    closed.saturating_add(Span::new().days(days))
}

impl RightsRequest {
    /// The day on which it was closed, as it was written down: a step that is written down later than it was taken shortens nothing.
    /// `None` as long as it is open.
    pub fn closed_on(&self) -> Option<Date> {
        if !self.state().is_closed() {
            return None;
        }
        let closes = |kind: StepKind| {
            let by = [StepKind::Released, StepKind::Refused, StepKind::NotHeld, StepKind::Withdrawn, StepKind::Joined];
            by.contains(&kind)
        };
        let last = self.steps.iter().rev().find(|step| closes(step.kind))?;
        Some(in_london(last.at_ms).date())
    }

    /// The last day on which it is kept, by the authority's setting in years; `None` as long as it is open.
    pub fn kept_until(&self, years: i64) -> Option<Date> {
        self.closed_on().map(|closed| years_from(closed, years))
    }

    /// Whether they have gone to the Commissioner or to a court with it, and nothing is decided there.
    pub fn is_contested(&self) -> bool {
        let last =
            self.steps.iter().rev().find(|step| matches!(step.kind, StepKind::Contested | StepKind::ContestOver));
        last.is_some_and(|step| step.kind == StepKind::Contested)
    }

    /// Whether another request is of, or about, somebody of the same name, however it is written, or about somebody held who is the
    /// same.
    pub fn is_of_same_person(&self, other: &Self) -> bool {
        plain(self.about()) == plain(other.about())
            || self.subjects().iter().any(|subject| other.subjects().contains(subject))
    }
}

/// Whether a member of staff of this name may be the one whom a request is about: every word of the shorter of the two names stands in
/// the other, or the last name is a former one that was told.
pub fn names_account(request: &RightsRequest, name: &str) -> bool {
    let (asked, held) = (plain(request.about()), plain(name));
    let within = |few: &str, many: &str| few.split(' ').all(|word| many.split(' ').any(|other| other == word));
    let former = request.asked.former_names.as_deref().map(plain).unwrap_or_default();
    let last = name.split_whitespace().last().map(plain).unwrap_or_default();
    let is_former = !last.is_empty() && former.split(' ').any(|word| word == last);
    !asked.is_empty() && !held.is_empty() && (within(&asked, &held) || within(&held, &asked) || is_former)
}

/// The words of a name in one order, without what is no letter.
fn plain(name: &str) -> String {
    let letters: String = name.chars().filter(|c| c.is_alphabetic() || c.is_whitespace()).collect();
    let letters = letters.to_lowercase();
    let mut words: Vec<&str> = letters.split_whitespace().collect();
    words.sort_unstable();
    words.join(" ")
}
