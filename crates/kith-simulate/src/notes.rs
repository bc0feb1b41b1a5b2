//! What the simulation did, in its own words: what the promises are held against.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use kith_domain::catalogue::Group;
use kith_domain::ids::{AccountId, ChildId, DestructionListId, HoldId, PersonId, ReferralId, RequestId, StatementId};
use kith_domain::retention::HoldKind;

use crate::promise::{last_day, plus};

/// When a child was born, as far as anybody said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Born {
    On(Date),
    Expected(Date),
    Between(Date, Date),
}

/// How far the referral of a child has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stands {
    /// Nobody has decided.
    Waiting,
    /// Declined or withdrawn.
    Over { on: Date, looked_after: Option<bool> },
    /// Accepted; `assessed`: under a child assessment order alone.
    Open { assessed: bool },
}

/// A value whose use is restricted.
#[derive(Clone, Debug)]
pub(crate) struct Hidden {
    pub(crate) person: Option<PersonId>,
    pub(crate) group: Group,
    pub(crate) item: &'static str,
    pub(crate) statement: StatementId,
}

/// That a file was destroyed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gone {
    pub(crate) on: Date,
    pub(crate) list: usize,
}

/// A child's file.
pub(crate) struct File {
    pub(crate) id: ChildId,
    pub(crate) referral: ReferralId,
    pub(crate) area: String,
    /// Who has it.
    pub(crate) worker: AccountId,
    pub(crate) given: String,
    pub(crate) family: String,
    pub(crate) mother: PersonId,
    pub(crate) mother_given: String,
    pub(crate) phone: String,
    pub(crate) school: String,
    pub(crate) care_first: String,
    pub(crate) born: Born,
    pub(crate) died: Option<Date>,
    pub(crate) status: &'static str,
    pub(crate) stands: Stands,
    /// The first of its referral.
    pub(crate) first: bool,
    /// Brothers and sisters on the same referral, by number.
    pub(crate) with: Vec<usize>,
    pub(crate) accepted: Option<Date>,
    /// The day by which the first session is held.
    pub(crate) first_session: Option<Date>,
    pub(crate) hidden: Option<Hidden>,
    pub(crate) gone: Option<Gone>,
    /// Since when nothing keeps it but its last day: the day on which the last hold was lifted or request closed.
    pub(crate) freed: Option<Date>,
}

impl File {
    /// What a message calls it: nobody is named.
    pub(crate) fn called(&self, number: usize) -> String {
        format!("file {number} ({})", self.id.reference())
    }

    pub(crate) fn is_open(&self) -> bool {
        self.gone.is_none() && matches!(self.stands, Stands::Open { .. })
    }

    /// Whether its time is over on a day.
    pub(crate) fn is_over(&self, today: Date) -> bool {
        last_day(self).is_some_and(|last| last < today)
    }
}

/// A legal hold.
pub(crate) struct Hold {
    pub(crate) id: HoldId,
    pub(crate) kind: HoldKind,
    /// The file from which it was set.
    pub(crate) file: usize,
    /// The files that were added to a theme.
    pub(crate) added: Vec<usize>,
    pub(crate) review: Date,
    pub(crate) lifted: bool,
    /// From when to when it stood; still, if there is no second day.
    pub(crate) stood: (Date, Option<Date>),
}

/// A request of somebody about what is held.
#[derive(Default)]
pub(crate) struct Request {
    pub(crate) id: Option<RequestId>,
    pub(crate) file: usize,
    pub(crate) received: Date,
    pub(crate) extended: bool,
    pub(crate) pauses: Vec<(Date, Option<Date>)>,
    pub(crate) closed: bool,
    /// Whether what is in the file is being collected for them.
    pub(crate) packed: bool,
    pub(crate) closed_on: Option<Date>,
    /// Whether it was seen to have ended.
    pub(crate) ended: bool,
}

/// A list of files that were proposed for destruction.
pub(crate) struct List {
    pub(crate) id: DestructionListId,
    pub(crate) author: Option<AccountId>,
    pub(crate) files: BTreeSet<usize>,
    pub(crate) approvals: Vec<AccountId>,
    pub(crate) over: bool,
}

/// Everything that was done.
#[derive(Default)]
pub(crate) struct Notes {
    pub(crate) files: Vec<File>,
    pub(crate) holds: Vec<Hold>,
    pub(crate) requests: Vec<Request>,
    pub(crate) lists: Vec<List>,
    /// Who has left.
    pub(crate) left: BTreeSet<AccountId>,
    /// Days that the register proclaimed, by its version in force.
    pub(crate) proclaimed: Vec<Date>,
    /// The number of each file in the story.
    pub(crate) by_id: BTreeMap<ChildId, usize>,
}

impl Notes {
    /// The files that a hold keeps: one; with brothers and sisters; each in which the person stands; what was added.
    pub(crate) fn kept_by(&self, hold: &Hold) -> BTreeSet<usize> {
        let mut kept = BTreeSet::from([hold.file]);
        match hold.kind {
            HoldKind::File => {}
            HoldKind::Theme => kept = hold.added.iter().copied().collect(),
            // The mother is everybody's on a referral.
            HoldKind::Family | HoldKind::Person | HoldKind::Referral => {
                kept.extend(self.files[hold.file].with.iter().copied());
            }
        }
        kept
    }

    /// Whether a hold keeps a file now.
    pub(crate) fn is_held(&self, file: usize) -> bool {
        self.holds.iter().any(|hold| !hold.lifted && self.kept_by(hold).contains(&file))
    }

    /// Whether a hold kept a file in the morning of a day, before anybody did anything.
    pub(crate) fn was_held_in_the_morning(&self, file: usize, of: Date) -> bool {
        let stood = |hold: &&Hold| hold.stood.0 < of && hold.stood.1.is_none_or(|lifted| lifted >= of);
        self.holds.iter().filter(stood).any(|hold| self.kept_by(hold).contains(&file))
    }

    /// Whether somebody waits for what is in a file.
    pub(crate) fn is_asked_for(&self, file: usize) -> bool {
        self.requests.iter().any(|request| request.packed && !request.closed && request.file == file)
    }

    /// Whether a file stands on a list that is not over.
    pub(crate) fn is_listed(&self, file: usize) -> bool {
        self.lists.iter().any(|list| !list.over && list.files.contains(&file))
    }

    /// Whether nothing keeps a file any more on a day.
    pub(crate) fn may_go(&self, file: usize, today: Date) -> bool {
        let of = &self.files[file];
        of.gone.is_none() && of.is_over(today) && !self.is_held(file) && !self.is_asked_for(file)
    }

    /// Since when nothing keeps a file that may go.
    pub(crate) fn free_since(&self, file: usize) -> Option<Date> {
        let of = &self.files[file];
        let over = last_day(of).map(|last| plus(last, 1))?;
        Some(of.freed.map_or(over, |freed| freed.max(over)))
    }
}
