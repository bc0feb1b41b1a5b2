//! Contact plans.

use kith_domain::ids::{AccountId, ChildId, PlanId};
use kith_domain::plan::{ContactPlan, PlanState};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{Case, doors};
use crate::entity::contact_plan as table;
use crate::{Look, StoreError};

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

impl Case for Plan {
    const TABLE: &'static str = "contact_plan";
    type Model = table::Model;
    type Entity = table::Entity;
    type Body = ContactPlan;
    const VERSION: table::Column = table::Column::Version;

    fn id(&self) -> Uuid {
        self.id.0
    }
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
    fn files(&self) -> Vec<Uuid> {
        vec![self.child.0]
    }
    fn body(&self) -> &ContactPlan {
        &self.body
    }
    fn model(&self, sealed: Vec<u8>) -> table::Model {
        table::Model {
            id: self.id.0,
            version: self.version,
            child_id: self.child.0,
            author_id: self.author.0,
            state: self.state.code().to_owned(),
            created_at: self.created_ms,
            review_due: self.review_due,
            sealed,
        }
    }
    fn envelope(model: &table::Model) -> (Uuid, i64, &[u8]) {
        (model.id, model.version, &model.sealed)
    }
    fn of(model: table::Model, body: ContactPlan) -> Option<Self> {
        Some(Self {
            id: PlanId(model.id),
            version: model.version,
            child: ChildId(model.child_id),
            author: AccountId(model.author_id),
            state: PlanState::from_code(&model.state)?,
            created_ms: model.created_at,
            review_due: model.review_due,
            body,
        })
    }
}

doors!(Plan, PlanId, plan, insert_plan, save_plan, "a contact plan");

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
