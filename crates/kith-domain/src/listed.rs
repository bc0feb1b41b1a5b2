//! What a list of referrals is narrowed and sorted by. Its words stand in addresses: none of them is about a person.

use crate::codes::codes;
use crate::referral::ReferralState;

codes! {
    /// Which referrals a list shows by their state.
    Standing {
        Waiting = "waiting", "To verify";
        Draft = "draft", "Draft";
        Submitted = "submitted", "Submitted";
        BeingVerified = "being_verified", "Being verified";
        Returned = "returned", "Returned for information";
        Accepted = "accepted", "Accepted";
        Declined = "declined", "Declined";
        Withdrawn = "withdrawn", "Withdrawn";
        All = "all", "All";
    }
}

codes! {
    /// Whose call a referral is.
    CallBy {
        Me = "me", "Mine";
        Nobody = "nobody", "Nobody’s yet";
        Others = "others", "A colleague’s";
    }
}

codes! {
    /// Which referrals a list shows by when they are to be verified.
    DueBy {
        Overdue = "overdue", "Overdue";
        Today = "today", "Due today";
        Later = "later", "Due later";
        CallBack = "call_back", "To call back now";
    }
}

codes! {
    /// By what a list of referrals is sorted.
    SortedBy {
        Sent = "sent", "When it was sent";
        State = "state", "State";
        CallBack = "call_back", "When to call back";
    }
}

impl Standing {
    /// The states; none for all.
    pub fn states(self) -> Vec<ReferralState> {
        use ReferralState as S;
        match self {
            Standing::Waiting => vec![S::Submitted, S::BeingVerified],
            Standing::Draft => vec![S::Draft],
            Standing::Submitted => vec![S::Submitted],
            Standing::BeingVerified => vec![S::BeingVerified],
            Standing::Returned => vec![S::Returned],
            Standing::Accepted => vec![S::Accepted],
            Standing::Declined => vec![S::Declined],
            Standing::Withdrawn => vec![S::Withdrawn],
            Standing::All => Vec::new(),
        }
    }
}

/// Which referrals are asked for, and in which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReferralList {
    /// In which state; when nothing is said, of an area those that are to be verified, of one's own all.
    pub standing: Option<Standing>,
    /// Whose call.
    pub call: Option<CallBy>,
    /// By when they are to be verified.
    pub due: Option<DueBy>,
    /// In which order; when nothing is said by when they were sent, of an area the longest waiting first, of one's own the
    /// newest.
    pub sort: Option<SortedBy>,
    /// The other way round.
    pub backwards: bool,
}
