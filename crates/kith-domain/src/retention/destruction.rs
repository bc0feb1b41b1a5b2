//! Lists of files that are proposed for destruction: one person proposes, two others approve, and what is destroyed has a
//! certificate (handbook section 11).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Archived, FileKept, RecordCategory};
use crate::access::Role;
use crate::codes::codes;
use crate::ids::{AccountId, ChildId};
use crate::refusal::Refusal;

/// How many people approve, none of whom proposed (handbook section 11).
pub const APPROVALS: usize = 2;

codes! {
    /// Where a list stands.
    ListState {
        Proposed = "proposed", "Waits for approval";
        Approved = "approved", "Approved: the files are being destroyed";
        Done = "done", "Done";
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

codes! {
    /// Where a file on a list stands.
    ItemState {
        Listed = "listed", "On the list";
        TakenOff = "taken_off", "Taken off";
        Held = "held", "Kept: a legal hold stands";
        NotDue = "not_due", "Kept: its date has moved";
        Destroyed = "destroyed", "Destroyed";
    }
}

codes! {
    /// How far a destruction has come.
    CertificateState {
        Begun = "begun", "Being destroyed";
        Done = "done", "Destroyed";
    }
}

/// That somebody approved a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
}

/// That a list was withdrawn.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawn {
    /// By whom.
    pub by: AccountId,
    /// Why.
    pub why: String,
}

/// What is sealed of a list.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestructionBody {
    /// Who approved, in order. One whose account was closed since counts no more.
    pub approvals: Vec<Approval>,
    /// That it was withdrawn.
    #[serde(default)]
    pub withdrawn: Option<Withdrawn>,
}

/// That a file was taken off a list, or stopped on it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Off {
    /// By whom; `None` for Kith.
    pub by: Option<AccountId>,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// Why.
    pub why: String,
}

/// What is sealed of a file on a list, under the file's own key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemBody {
    /// Until when the file is kept, as it was when it was listed.
    pub kept: FileKept,
    /// That it was taken off or stopped.
    #[serde(default)]
    pub off: Option<Off>,
}

/// What a certificate says beside its clear columns: nothing that names the child.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateBody {
    /// The file that is no more.
    pub child: ChildId,
    /// The category by which it was kept; `None` where only the key store knew that it was destroyed.
    pub category: Option<RecordCategory>,
    /// The month in which its period ended, `YYYY-MM`: the day would give away the birthday.
    pub month: String,
    /// Who proposed; `None` for Kith.
    pub proposed_by: Option<AccountId>,
    /// When it was proposed, UTC milliseconds.
    pub proposed_ms: i64,
    /// Who approved, and when.
    pub approvals: Vec<Approval>,
    /// That an archive has what it said.
    #[serde(default)]
    pub archived: Option<Archived>,
}

/// Whether somebody in a role approves lists.
pub const fn approves(role: Role) -> bool {
    matches!(role, Role::DataProtection | Role::Manager)
}

impl DestructionBody {
    /// The approvals that count: of two other people than who proposed, each once, `counts` saying of whom they count still.
    pub fn counting(&self, proposed_by: Option<AccountId>, counts: impl Fn(AccountId) -> bool) -> Vec<Approval> {
        let mut seen = BTreeSet::new();
        let of = self.approvals.iter().filter(|of| Some(of.by) != proposed_by && counts(of.by) && seen.insert(of.by));
        of.copied().collect()
    }

    /// Adds an approval, or says why it cannot be added. Approving twice changes nothing.
    pub fn approve(
        &mut self,
        state: ListState,
        proposed_by: Option<AccountId>,
        by: AccountId,
        at_ms: i64,
    ) -> Result<(), Refusal> {
        if state != ListState::Proposed {
            return Err(Refusal::new(
                "destruction.decided",
                "This list does not wait for approval any more. Load it again",
            ));
        }
        if proposed_by == Some(by) {
            return Err(Refusal::new(
                "destruction.own",
                "Nobody approves what they proposed themselves. Two other people approve",
            ));
        }
        if self.approvals.iter().all(|of| of.by != by) {
            self.approvals.push(Approval { by, at_ms });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const fn who(number: u128) -> AccountId {
        AccountId(Uuid::from_u128(number))
    }

    #[test]
    fn two_others_approve_and_who_has_left_counts_no_more() {
        // Handbook section 11: "two people approve (neither may be the one who proposed)".
        let mut body = DestructionBody::default();
        let (proposer, one, two) = (who(1), who(2), who(3));
        let mut approve = |by| body.approve(ListState::Proposed, Some(proposer), by, 7).map_err(|refusal| refusal.code);
        assert_eq!(approve(proposer), Err("destruction.own"));
        assert_eq!((approve(one), approve(one), approve(two)), (Ok(()), Ok(()), Ok(())));
        assert_eq!(body.counting(Some(proposer), |_| true).len(), APPROVALS);
        assert_eq!(body.counting(Some(proposer), |by| by != one).len(), 1, "an account was closed");
        assert_eq!(body.counting(Some(two), |_| true).len(), 1);
        // What an altered row might say: the proposer, or one twice.
        body.approvals.extend([Approval { by: one, at_ms: 8 }, Approval { by: proposer, at_ms: 9 }]);
        assert_eq!(body.counting(Some(proposer), |_| true).len(), APPROVALS);
        for state in [ListState::Approved, ListState::Done, ListState::Withdrawn] {
            let late = body.approve(state, Some(proposer), who(4), 7).map_err(|refusal| refusal.code);
            assert_eq!(late, Err("destruction.decided"));
        }
    }
}
