//! What went to whom, the papers that went, and what was demanded by law.

use kith_domain::ids::{AccountId, ChildId, DemandId, DisclosureId, SharingAgreementId};
use kith_domain::sharing::{DemandState, DisclosureBody, RecipientKind, StatutoryDemand};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::sealed_row;
use crate::entity::{disclosure, disclosure_paper, statutory_demand};
use crate::{Look, StoreError, Work};

/// Something that went to a recipient.
#[derive(Clone)]
pub struct Disclosure {
    /// Its id.
    pub id: DisclosureId,
    /// Its version.
    pub version: i64,
    /// Of whose file.
    pub child: ChildId,
    /// Who sent it.
    pub author: AccountId,
    /// Under which agreement; `None` within the council and by law.
    pub agreement: Option<SharingAgreementId>,
    /// Which demand it answers.
    pub demand: Option<DemandId>,
    /// What the recipient is to the service.
    pub kind: RecipientKind,
    /// When, UTC milliseconds.
    pub created_ms: i64,
    /// When it was asked back, UTC milliseconds.
    pub recalled_ms: Option<i64>,
    /// The rest.
    pub body: DisclosureBody,
}

sealed_row! {
    Disclosure, DisclosureId, disclosure, DisclosureBody;
    id = id,
    child = child_id,
    author = author_id,
    agreement = agreement_id,
    demand = demand_id,
    kind = kind,
    created_ms = created_at,
    recalled_ms = recalled_at;
    fn files(&self) -> Vec<Uuid> {
        vec![self.child.0]
    }
}

/// The paper of a disclosure.
#[derive(Clone)]
pub struct DisclosurePaper {
    /// The disclosure.
    pub id: DisclosureId,
    /// Its version: always the first.
    pub version: i64,
    /// Of whose file.
    pub child: ChildId,
    /// The paper.
    pub body: SealedPaper,
}

/// A paper as it is sealed.
#[derive(Clone, Serialize, Deserialize)]
pub struct SealedPaper {
    /// The bytes of the PDF, hexadecimal.
    pub pdf: String,
}

sealed_row! {
    DisclosurePaper, DisclosureId, disclosure_paper, SealedPaper;
    id = id,
    child = child_id;
    fn files(&self) -> Vec<Uuid> {
        vec![self.child.0]
    }
}

/// What an authority demands by law.
#[derive(Clone)]
pub struct DemandByLaw {
    /// Its id.
    pub id: DemandId,
    /// Its version.
    pub version: i64,
    /// Of whose file.
    pub child: ChildId,
    /// Who entered it.
    pub author: AccountId,
    /// Where it stands.
    pub state: DemandState,
    /// When it was entered, UTC milliseconds.
    pub created_ms: i64,
    /// What is demanded, by which power, what was decided.
    pub body: StatutoryDemand,
}

sealed_row! {
    DemandByLaw, DemandId, statutory_demand, StatutoryDemand;
    id = id,
    child = child_id,
    author = author_id,
    state = state,
    created_ms = created_at;
    fn files(&self) -> Vec<Uuid> {
        vec![self.child.0]
    }
}

impl Look {
    /// Reads a disclosure. [`StoreError::NotFound`] if there is none of that id.
    pub async fn disclosure(&self, id: DisclosureId) -> Result<Disclosure, StoreError> {
        self.get(id.0).await
    }

    /// Of whose file a disclosure is, read before it is opened; `None` if there is none of that id.
    pub async fn child_of_disclosure(&self, id: DisclosureId) -> Result<Option<ChildId>, StoreError> {
        let select = disclosure::Entity::find_by_id(id.0).select_only().column(disclosure::Column::ChildId);
        let found: Option<Uuid> = select.into_tuple().one(&self.db()).await?;
        Ok(found.map(ChildId))
    }

    /// The paper that went. [`StoreError::NotFound`] if there is none.
    pub async fn disclosure_paper(&self, id: DisclosureId) -> Result<Vec<u8>, StoreError> {
        let paper: DisclosurePaper = self.get(id.0).await?;
        hex::decode(&paper.body.pdf).map_err(|_| StoreError::Corrupt { table: "disclosure_paper", row: id.0 })
    }

    /// Everything that went from a file, the newest first.
    pub async fn disclosures_of(&self, child: ChildId) -> Result<Vec<Disclosure>, StoreError> {
        let of = disclosure::Entity::find().filter(disclosure::Column::ChildId.eq(child.0));
        self.list(of.order_by_desc(disclosure::Column::CreatedAt).order_by_desc(disclosure::Column::Id)).await
    }

    /// How much went from a file; nothing is opened.
    pub async fn count_disclosures_of(&self, child: ChildId) -> Result<u64, StoreError> {
        let of = disclosure::Entity::find().filter(disclosure::Column::ChildId.eq(child.0));
        Ok(of.count(&self.db()).await?)
    }

    /// What went to a kind of recipient, or to all, the newest first: so many, after so many; and how many there are.
    pub async fn disclosures_to(
        &self,
        kind: Option<RecipientKind>,
        (many, after): (u64, u64),
    ) -> Result<(Vec<Disclosure>, u64), StoreError> {
        let mut of = disclosure::Entity::find();
        if let Some(kind) = kind {
            of = of.filter(disclosure::Column::Kind.eq(kind.code()));
        }
        let total = of.clone().count(&self.db()).await?;
        let newest = of.order_by_desc(disclosure::Column::CreatedAt).order_by_desc(disclosure::Column::Id);
        Ok((self.list(newest.limit(many).offset(after)).await?, total))
    }

    /// Reads a demand. [`StoreError::NotFound`] if there is none of that id.
    pub async fn demand(&self, id: DemandId) -> Result<DemandByLaw, StoreError> {
        self.get(id.0).await
    }

    /// Of whose file a demand is, read before it is opened; `None` if there is none of that id.
    pub async fn child_of_demand(&self, id: DemandId) -> Result<Option<ChildId>, StoreError> {
        let select = statutory_demand::Entity::find_by_id(id.0).select_only().column(statutory_demand::Column::ChildId);
        let found: Option<Uuid> = select.into_tuple().one(&self.db()).await?;
        Ok(found.map(ChildId))
    }

    /// The demands of a file, the newest first.
    pub async fn demands_of(&self, child: ChildId) -> Result<Vec<DemandByLaw>, StoreError> {
        use statutory_demand::Column as C;
        let of = statutory_demand::Entity::find().filter(C::ChildId.eq(child.0));
        self.list(of.order_by_desc(C::CreatedAt).order_by_desc(C::Id)).await
    }
}

impl Work {
    /// Puts in a disclosure with its paper. [`StoreError::Duplicate`] if the id is there already.
    pub async fn insert_disclosure(&self, row: &mut Disclosure, pdf: &[u8]) -> Result<(), StoreError> {
        self.insert(row).await?;
        let body = SealedPaper { pdf: hex::encode(pdf) };
        self.insert(&mut DisclosurePaper { id: row.id, version: 0, child: row.child, body }).await
    }

    /// Saves a disclosure over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_disclosure(&self, row: &mut Disclosure) -> Result<(), StoreError> {
        self.save(row).await
    }

    /// Puts in a demand, at version 1. [`StoreError::Duplicate`] if the id is there already.
    pub async fn insert_demand(&self, row: &mut DemandByLaw) -> Result<(), StoreError> {
        self.insert(row).await
    }

    /// Saves a demand over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_demand(&self, row: &mut DemandByLaw) -> Result<(), StoreError> {
        self.save(row).await
    }
}
