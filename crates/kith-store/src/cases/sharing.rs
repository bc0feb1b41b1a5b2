//! Consents, and agreements with those who get information.

use kith_domain::ids::{AccountId, ChildId, ConsentId, SharingAgreementId};
use kith_domain::sharing::{AgreementState, Consent, RecipientKind, SharingAgreement};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{STAFF_FILE, sealed_row};
use crate::entity::{consent, disclosure, sharing_agreement};
use crate::{Look, StoreError, Work};

/// The most agreements in a list.
const LISTED_MAX: u64 = 200;

/// What somebody said to a question of consent.
#[derive(Clone)]
pub struct ConsentSaid {
    /// Its id.
    pub id: ConsentId,
    /// Its version: always the first.
    pub version: i64,
    /// In which file.
    pub child: ChildId,
    /// Who wrote it down.
    pub author: AccountId,
    /// When, UTC milliseconds.
    pub created_ms: i64,
    /// What was said.
    pub body: Consent,
}

sealed_row! {
    ConsentSaid, ConsentId, consent, Consent;
    id = id,
    child = child_id,
    author = author_id,
    created_ms = created_at;
    fn files(&self) -> Vec<Uuid> {
        vec![self.child.0]
    }
}

/// A version of an information sharing agreement.
#[derive(Clone)]
pub struct AgreementOfSharing {
    /// Its id.
    pub id: SharingAgreementId,
    /// The version of its row.
    pub version: i64,
    /// The id of the first version of the agreement.
    pub line: SharingAgreementId,
    /// Who wrote it down.
    pub author: AccountId,
    /// What the other party is to the service.
    pub kind: RecipientKind,
    /// What was done with it.
    pub state: AgreementState,
    /// When it was written down, UTC milliseconds.
    pub created_ms: i64,
    /// Its first day, a day number.
    pub from_day: i64,
    /// Its last day, a day number.
    pub until_day: i64,
    /// By which day it is looked at again, a day number.
    pub review_day: i64,
    /// What it says, and who signed.
    pub body: SharingAgreement,
}

sealed_row! {
    AgreementOfSharing, SharingAgreementId, sharing_agreement, SharingAgreement;
    id = id,
    line = line_id,
    author = author_id,
    kind = kind,
    state = state,
    created_ms = created_at,
    from_day = from_day,
    until_day = until_day,
    review_day = review_day;
    fn files(&self) -> Vec<Uuid> {
        vec![STAFF_FILE]
    }
}

impl Look {
    /// Everything that was said of consent in a file, the newest first.
    pub async fn consents_of(&self, child: ChildId) -> Result<Vec<ConsentSaid>, StoreError> {
        let of = consent::Entity::find().filter(consent::Column::ChildId.eq(child.0));
        self.list(of.order_by_desc(consent::Column::CreatedAt).order_by_desc(consent::Column::Id)).await
    }

    /// In which file a consent stands, read before it is opened; `None` if there is none of that id.
    pub async fn child_of_consent(&self, id: ConsentId) -> Result<Option<ChildId>, StoreError> {
        let select = consent::Entity::find_by_id(id.0).select_only().column(consent::Column::ChildId);
        let found: Option<Uuid> = select.into_tuple().one(&self.db()).await?;
        Ok(found.map(ChildId))
    }

    /// Reads a version of an agreement. [`StoreError::NotFound`] if there is none of that id.
    pub async fn sharing_agreement(&self, id: SharingAgreementId) -> Result<AgreementOfSharing, StoreError> {
        self.get(id.0).await
    }

    /// The agreements, of those that were not replaced the one to be looked at first before others.
    pub async fn sharing_agreements(&self, replaced: bool) -> Result<Vec<AgreementOfSharing>, StoreError> {
        let of = sharing_agreement::Column::State;
        let (replaced_code, ended) = (AgreementState::Replaced.code(), AgreementState::Ended.code());
        let select = sharing_agreement::Entity::find();
        let select = if replaced {
            select.filter(of.is_in([replaced_code, ended]))
        } else {
            select.filter(of.is_not_in([replaced_code, ended]))
        };
        let first = select.order_by_asc(sharing_agreement::Column::ReviewDay);
        self.list(first.order_by_asc(sharing_agreement::Column::Id).limit(LISTED_MAX)).await
    }

    /// The signed agreements with a kind of party, also those that have run out; the one that runs longest first.
    pub async fn agreements_with(&self, kind: RecipientKind) -> Result<Vec<AgreementOfSharing>, StoreError> {
        use sharing_agreement::Column as C;
        let of = sharing_agreement::Entity::find().filter(C::Kind.eq(kind.code()));
        let signed = of.filter(C::State.eq(AgreementState::Signed.code()));
        self.list(signed.order_by_desc(C::UntilDay).order_by_desc(C::Id).limit(LISTED_MAX)).await
    }

    /// Every version of an agreement, the newest first.
    pub async fn versions_of(&self, line: SharingAgreementId) -> Result<Vec<AgreementOfSharing>, StoreError> {
        use sharing_agreement::Column as C;
        let of = sharing_agreement::Entity::find().filter(C::LineId.eq(line.0));
        self.list(of.order_by_desc(C::CreatedAt).order_by_desc(C::Id)).await
    }

    /// Whether anything went under a version of an agreement; nothing is opened.
    pub async fn is_used(&self, id: SharingAgreementId) -> Result<bool, StoreError> {
        let of = disclosure::Entity::find().filter(disclosure::Column::AgreementId.eq(id.0));
        let one = of.select_only().column(disclosure::Column::Id).into_tuple::<Uuid>().one(&self.db()).await?;
        Ok(one.is_some())
    }
}

impl Work {
    /// Adds what somebody said to a question of consent. [`StoreError::Duplicate`] if the id is there already.
    pub async fn add_consent(&self, row: &mut ConsentSaid) -> Result<(), StoreError> {
        self.insert(row).await
    }

    /// Puts in a version of an agreement, at version 1. [`StoreError::Duplicate`] if the id is there already.
    pub async fn insert_sharing_agreement(&self, row: &mut AgreementOfSharing) -> Result<(), StoreError> {
        self.insert(row).await
    }

    /// Saves an agreement over the version of the row that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_sharing_agreement(&self, row: &mut AgreementOfSharing) -> Result<(), StoreError> {
        self.save(row).await
    }
}
