//! An id is a type: a child's file cannot be asked for with a session's id.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Uuid {
                id.0
            }
        }
    )+};
}

ids! {
    /// A member of staff who signs in.
    AccountId,
    /// That a file is allocated to somebody, from when to when.
    AllocationId,
    /// A signed-in browser.
    SignInId,
    /// A child's file; also the name of the key that seals it.
    ChildId,
    /// A member of the family, or another person the child sees.
    PersonId,
    /// A referral.
    ReferralId,
    /// Something that was said of a person.
    StatementId,
    /// A decision whether two records are of one human being.
    PersonLinkId,
    /// A risk assessment of one person for one child.
    AssessmentId,
    /// A contact plan.
    PlanId,
    /// A refusal of contact for at most seven days.
    ContactRefusalId,
    /// One line of a contact plan: contact with one family member or several together.
    ArrangementId,
    /// An order of a court about contact.
    OrderId,
    /// One term of an order: what is owed to whom.
    TermId,
    /// A document that somebody added.
    DocumentId,
    /// A contact session, and the record of it.
    SessionId,
    /// A timed entry in a record.
    EntryId,
    /// A period report for court.
    ReportId,
    /// A venue.
    VenueId,
    /// A room of a venue.
    RoomId,
    /// Something a person should know.
    NoticeId,
    /// A request of somebody about what is held of them.
    RequestId,
    /// One file of the pack that answers a request.
    PackFileId,
    /// A part of a pack.
    PackPartId,
    /// A volume of a pack, as it is handed over.
    PackVolumeId,
    /// A way to take a pack, with a code.
    HandOverId,
    /// Something that may have happened to personal data.
    BreachId,
    /// That something must not be destroyed, for as long as it stands.
    HoldId,
    /// A list of files that are proposed for destruction.
    DestructionListId,
    /// A file on such a list.
    DestructionItemId,
    /// That a file was destroyed.
    CertificateId,
    /// The transfer of a file to an archive.
    ArchiveTransferId,
    /// A bag that was made for an archive; also the name of the key that seals it.
    ArchiveBagId,
    /// What somebody said to a question of consent.
    ConsentId,
    /// A version of an information sharing agreement.
    SharingAgreementId,
    /// Something that went to a recipient.
    DisclosureId,
    /// A part of a whole paper that went beside a disclosure.
    EnclosedId,
    /// Something that the law makes the council give.
    DemandId,
    /// A request for figures, and what was made for it; also the name of the key that seals what was made.
    ResearchId,
    /// A version of the register.
    RegisterVersionId,
}

impl ChildId {
    /// What a person reads aloud or writes on paper instead of a name: the first eight characters of the id.
    pub fn reference(self) -> String {
        reference(self.0)
    }
}

impl SessionId {
    /// Short reference for papers and conversation, see [`ChildId::reference`].
    pub fn reference(self) -> String {
        reference(self.0)
    }
}

impl ReferralId {
    /// Short reference for papers and conversation, see [`ChildId::reference`].
    pub fn reference(self) -> String {
        reference(self.0)
    }
}

impl PlanId {
    /// Short reference for papers and conversation, see [`ChildId::reference`].
    pub fn reference(self) -> String {
        reference(self.0)
    }
}

impl ContactRefusalId {
    /// Short reference for papers and conversation, see [`ChildId::reference`].
    pub fn reference(self) -> String {
        reference(self.0)
    }
}

impl SharingAgreementId {
    /// Short reference for papers and conversation, see [`ChildId::reference`].
    pub fn reference(self) -> String {
        reference(self.0)
    }
}

impl DisclosureId {
    /// Short reference for papers and conversation, see [`ChildId::reference`].
    pub fn reference(self) -> String {
        reference(self.0)
    }
}

impl DemandId {
    /// Short reference for papers and conversation, see [`ChildId::reference`].
    pub fn reference(self) -> String {
        reference(self.0)
    }
}

impl RequestId {
    /// Short reference for papers and conversation, see [`ChildId::reference`].
    pub fn reference(self) -> String {
        reference(self.0)
    }
}

impl BreachId {
    /// Short reference for papers and conversation, see [`ChildId::reference`].
    pub fn reference(self) -> String {
        reference(self.0)
    }
}

impl HoldId {
    /// Short reference for papers and conversation, see [`ChildId::reference`].
    pub fn reference(self) -> String {
        reference(self.0)
    }
}

impl DestructionListId {
    /// Short reference for papers and conversation, see [`ChildId::reference`].
    pub fn reference(self) -> String {
        reference(self.0)
    }
}

impl CertificateId {
    /// Short reference for papers and conversation, see [`ChildId::reference`].
    pub fn reference(self) -> String {
        reference(self.0)
    }
}

impl ArchiveTransferId {
    /// Short reference for papers and conversation, see [`ChildId::reference`].
    pub fn reference(self) -> String {
        reference(self.0)
    }
}

impl ReportId {
    /// Short reference for papers and conversation, see [`ChildId::reference`].
    pub fn reference(self) -> String {
        reference(self.0)
    }
}

impl ResearchId {
    /// Short reference for papers and conversation, see [`ChildId::reference`].
    pub fn reference(self) -> String {
        reference(self.0)
    }
}

/// Ids begin with their time of making, so the last eight characters are the ones that differ.
fn reference(id: Uuid) -> String {
    let text = id.simple().to_string().to_uppercase();
    format!("{}-{}", &text[24..28], &text[28..])
}
