//! Contact plans.

use kith_domain::ids::{AccountId, ChildId, PlanId};
use kith_domain::plan::{ContactPlan, PlanState};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::sealed_row;
use crate::entity::contact_plan as table;
use crate::{Look, StoreError, Work};

/// A contact plan.
#[derive(Clone)]
pub struct Plan {
    /// Its id.
    pub id: PlanId,
    /// Its version.
    pub version: i64,
    /// For which child.
    pub child: ChildId,
    /// Who wrote it.
    pub author: AccountId,
    /// Where it stands.
    pub state: PlanState,
    /// When it was begun, UTC milliseconds.
    pub created_ms: i64,
    /// The day by which it is reviewed, as a day number.
    pub review_due: Option<i64>,
    /// What it says.
    pub body: ContactPlan,
}

sealed_row! {
    Plan, PlanId, table, ContactPlan;
    id = id,
    child = child_id,
    author = author_id,
    state = state,
    created_ms = created_at,
    review_due = review_due;
    fn files(&self) -> Vec<Uuid> {
        vec![self.child.0]
    }
}

impl Look {
    /// Reads a contact plan. [`StoreError::NotFound`] if there is none of that id.
    pub async fn plan(&self, id: PlanId) -> Result<Plan, StoreError> {
        self.get(id.0).await
    }
}

impl Work {
    /// Puts in a contact plan, at version 1. [`StoreError::Duplicate`] if the id is there already.
    pub async fn insert_plan(&self, row: &mut Plan) -> Result<(), StoreError> {
        self.insert(row).await
    }

    /// Saves a contact plan over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_plan(&self, row: &mut Plan) -> Result<(), StoreError> {
        self.save(row).await
    }
}

impl Look {
    /// For which child a plan is, read before it is opened; `None` if there is none of that id.
    pub async fn child_of_plan(&self, id: PlanId) -> Result<Option<ChildId>, StoreError> {
        let select = table::Entity::find_by_id(id.0).select_only().column(table::Column::ChildId);
        let found: Option<Uuid> = select.into_tuple().one(&self.db()).await?;
        Ok(found.map(ChildId))
    }

    /// Every plan of a child, newest first.
    pub async fn plans_of(&self, child: ChildId) -> Result<Vec<Plan>, StoreError> {
        let of = table::Column::ChildId.eq(child.0);
        self.list(table::Entity::find().filter(of).order_by_desc(table::Column::CreatedAt)).await
    }
}
