//! Where a form goes on when a part of it was saved.

use jiff::civil::Date;

use super::{Part, ReferralDraft, Section, SectionState};
use crate::ids::PersonId;

/// Where to go on with a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// A page of the form on which something is missing.
    Part(Part),
    /// The page of a member of the family about whom something is missing.
    Member(PersonId),
    /// Nobody of the family is on it yet.
    NewMember,
    /// Everything is there: what was answered is checked.
    Check,
}

impl ReferralDraft {
    /// Where to go on after a part of the form: the next part on which something is missing, from the beginning again after
    /// the last one.
    pub fn next_after(&self, part: Part, today: Date) -> Next {
        let parts = self.parts();
        let place = parts.iter().position(|of| *of == part).map_or(0, |place| place + 1);
        let incomplete = |of: &&Part| self.part_state(**of, today) != SectionState::Complete;
        let next = parts[place..].iter().chain(&parts[..place]).find(incomplete);
        match next.copied() {
            None => Next::Check,
            Some(Part { section: Section::Family, sibling: None }) if self.family.is_empty() => Next::NewMember,
            Some(of @ Part { section: Section::Family, sibling: None }) => {
                let member = self.family.iter().find(|member| !self.problems_of_member(member, today).is_empty());
                member.map_or(Next::Part(of), |member| Next::Member(member.id))
            }
            Some(of) => Next::Part(of),
        }
    }
}
