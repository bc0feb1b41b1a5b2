//! Refusals of contact for at most seven days.

use kith_domain::contact_refusal::{ContactRefusal, RefusalState};
use kith_domain::ids::{AccountId, ChildId, ContactRefusalId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::sealed_row;
use crate::entity::contact_refusal as table;
use crate::{Look, StoreError, Work};

/// A refusal of contact of one person with one child.
#[derive(Clone)]
pub struct RefusalOfContact {
    /// Its id.
    pub id: ContactRefusalId,
    /// Its version.
    pub version: i64,
    /// With which child.
    pub child: ChildId,
    /// Who wrote it down.
    pub author: AccountId,
    /// Where it stands.
    pub state: RefusalState,
    /// When it was written down, UTC milliseconds.
    pub created_ms: i64,
    /// Its last day, a day number.
    pub until_day: i64,
    /// What was decided, who was told, what came of it.
    pub body: ContactRefusal,
}

sealed_row! {
    RefusalOfContact, ContactRefusalId, table, ContactRefusal;
    id = id,
    child = child_id,
    author = author_id,
    state = state,
    created_ms = created_at,
    until_day = until_day;
    fn files(&self) -> Vec<Uuid> {
        vec![self.child.0]
    }
}

impl Look {
    /// Reads a refusal of contact. [`StoreError::NotFound`] if there is none of that id.
    pub async fn contact_refusal(&self, id: ContactRefusalId) -> Result<RefusalOfContact, StoreError> {
        self.get(id.0).await
    }

    /// With which child contact is refused, read before it is opened; `None` if there is none of that id.
    pub async fn child_of_refusal(&self, id: ContactRefusalId) -> Result<Option<ChildId>, StoreError> {
        let select = table::Entity::find_by_id(id.0).select_only().column(table::Column::ChildId);
        let found: Option<Uuid> = select.into_tuple().one(&self.db()).await?;
        Ok(found.map(ChildId))
    }

    /// Every refusal of contact with a child, the newest first.
    pub async fn refusals_of(&self, child: ChildId) -> Result<Vec<RefusalOfContact>, StoreError> {
        let of = table::Column::ChildId.eq(child.0);
        let newest = table::Entity::find().filter(of).order_by_desc(table::Column::CreatedAt);
        self.list(newest.order_by_desc(table::Column::Id)).await
    }
}

impl Work {
    /// Puts in a refusal of contact, at version 1. [`StoreError::Duplicate`] if the id is there already.
    pub async fn insert_contact_refusal(&self, row: &mut RefusalOfContact) -> Result<(), StoreError> {
        self.insert(row).await
    }

    /// Saves a refusal of contact over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_contact_refusal(&self, row: &mut RefusalOfContact) -> Result<(), StoreError> {
        self.save(row).await
    }
}
