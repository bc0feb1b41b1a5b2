//! How a sealed row stands in the engine: which column holds which field. Both ways follow from one list.

use kith_domain::access::Role;
use kith_domain::breach::BreachState;
use kith_domain::contact_refusal::RefusalState;
use kith_domain::document::DocumentState;
use kith_domain::hand_over::HandOverState;
use kith_domain::ids::{
    AccountId, ArchiveBagId, ArchiveTransferId, AssessmentId, BreachId, CertificateId, ChildId, ConsentId,
    ContactRefusalId, DemandId, DestructionItemId, DestructionListId, DisclosureId, DocumentId, HandOverId, HoldId,
    OrderId, PackFileId, PackPartId, PackVolumeId, PersonId, PlanId, ReferralId, RegisterVersionId, ReportId,
    RequestId, ResearchId, RoomId, SessionId, SharingAgreementId,
};
use kith_domain::order::OrderState;
use kith_domain::pack::{PackState, PartKind};
use kith_domain::plan::PlanState;
use kith_domain::record::RecordState;
use kith_domain::referral::ReferralState;
use kith_domain::register::RegisterState;
use kith_domain::report::ReportState;
use kith_domain::research::ResearchState;
use kith_domain::retention::{BagState, CertificateState, HoldKind, ItemState, ListState, TransferState};
use kith_domain::rights::{RequestState, Right};
use kith_domain::risk::AssessmentState;
use kith_domain::sharing::{AgreementState, DemandState, RecipientKind};
use uuid::Uuid;

use super::{AccountState, ChildState};

/// A value of the service as a column holds it.
pub(crate) trait Clear: Sized {
    /// The column's type.
    type Column;
    /// As it is stored.
    fn stored(&self) -> Self::Column;
    /// As it is read; `None` for a code that is none of ours.
    fn read(column: Self::Column) -> Option<Self>;
}

/// Ids are stored as they are.
macro_rules! ids {
    ($($id:ty),+) => {$(
        impl Clear for $id {
            type Column = Uuid;
            fn stored(&self) -> Uuid {
                self.0
            }
            fn read(column: Uuid) -> Option<Self> {
                Some(Self(column))
            }
        }
    )+};
}
ids!(
    AccountId,
    ArchiveBagId,
    ArchiveTransferId,
    AssessmentId,
    BreachId,
    CertificateId,
    ChildId,
    ConsentId,
    ContactRefusalId,
    DemandId,
    DestructionItemId,
    DestructionListId,
    DisclosureId,
    DocumentId,
    HandOverId,
    HoldId,
    OrderId,
    PackFileId,
    PackPartId,
    PackVolumeId,
    PersonId,
    PlanId,
    ReferralId,
    RegisterVersionId,
    ReportId,
    RequestId,
    ResearchId,
    RoomId,
    SessionId,
    SharingAgreementId
);

/// Codes are stored by their code.
macro_rules! codes {
    ($($code:ty),+) => {$(
        impl Clear for $code {
            type Column = String;
            fn stored(&self) -> String {
                self.code().to_owned()
            }
            fn read(column: String) -> Option<Self> {
                Self::from_code(&column)
            }
        }
    )+};
}
codes!(
    HandOverState,
    PackState,
    PartKind,
    AccountState,
    AgreementState,
    AssessmentState,
    BagState,
    BreachState,
    CertificateState,
    ChildState,
    DemandState,
    DocumentState,
    HoldKind,
    ItemState,
    ListState,
    OrderState,
    PlanState,
    RecipientKind,
    RecordState,
    ReferralState,
    RefusalState,
    RegisterState,
    ReportState,
    RequestState,
    ResearchState,
    Right,
    Role,
    TransferState
);

/// What the engine knows is stored as it is.
macro_rules! plain {
    ($($plain:ty),+) => {$(
        impl Clear for $plain {
            type Column = $plain;
            fn stored(&self) -> $plain {
                self.clone()
            }
            fn read(column: $plain) -> Option<Self> {
                Some(column)
            }
        }
    )+};
}
plain!(i64, String, Uuid, Vec<u8>);

impl<C: Clear> Clear for Option<C> {
    type Column = Option<C::Column>;
    fn stored(&self) -> Self::Column {
        self.as_ref().map(Clear::stored)
    }
    fn read(column: Self::Column) -> Option<Self> {
        match column {
            Some(column) => C::read(column).map(Some),
            None => Some(None),
        }
    }
}

/// A [`SealedRow`](super::Case) whose columns are fields of it: `field = column`, the id first. `of the seal` names a field that
/// holds the children whose files it was sealed for. The rest is what is its own: the files, the values in its body.
macro_rules! sealed_row {
    (
        $case:ident, $id:ident, $table:ident, $body:ty $(, $children:ident of the seal)?;
        id = $key:ident $(, $field:ident = $column:ident)* ;
        $($own:tt)*
    ) => {
        impl super::SealedRow for $case {
            type Model = $table::Model;
            type Entity = $table::Entity;
            type Body = $body;
            const VERSION: $table::Column = $table::Column::Version;

            fn id(&self) -> Uuid {
                self.id.0
            }
            fn version(&mut self) -> &mut i64 {
                &mut self.version
            }
            fn body(&self) -> &$body {
                &self.body
            }
            fn model(&self) -> $table::Model {
                $table::Model {
                    $key: self.id.0,
                    version: self.version,
                    $($column: super::sealed::Clear::stored(&self.$field),)*
                    sealed: Vec::new(),
                }
            }
            fn of(model: $table::Model, body: $body) -> Option<Self> {
                Some(Self {
                    id: $id(model.$key),
                    version: model.version,
                    $($children: super::record::children_of(&model.sealed)?,)?
                    $($field: super::sealed::Clear::read(model.$column)?,)*
                    body,
                })
            }
            $($own)*
        }
    };
}
pub(super) use sealed_row;
