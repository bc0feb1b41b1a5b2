//! Risk assessments.

use kith_domain::form::Fields;
use kith_domain::ids::{AccountId, AssessmentId, ChildId, PersonId};
use kith_domain::risk::{Assessment, AssessmentState, VoidReason};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Case, doors};
use crate::entity::risk_assessment as table;
use crate::{Look, StoreError};

/// A risk assessment of one person for one child.
#[derive(Clone)]
pub struct AssessmentOf {
    /// Its id.
    pub id: AssessmentId,
    /// Its version.
    pub version: i64,
    /// For which child.
    pub child: ChildId,
    /// Of whom.
    pub person: PersonId,
    /// Who wrote it.
    pub author: AccountId,
    /// Who approved it.
    pub approver: Option<AccountId>,
    /// Where it stands.
    pub state: AssessmentState,
    /// When it was begun, UTC milliseconds.
    pub created_ms: i64,
    /// First day it is valid, as a day number.
    pub valid_from: Option<i64>,
    /// Last day it is valid, as a day number.
    pub valid_until: Option<i64>,
    /// What it says.
    pub body: AssessmentBody,
}

/// What an assessment says.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct AssessmentBody {
    /// The form as typed.
    pub fields: Fields,
    /// The form as read when it was sent for approval.
    pub assessment: Option<Assessment>,
    /// When it was last sent for approval, UTC milliseconds.
    pub sent_ms: Option<i64>,
    /// Why it was returned.
    pub returned_reason: Option<String>,
    /// Why it is void.
    pub void_reason: Option<VoidReason>,
}

impl AssessmentOf {
    /// Whether it is valid on a day, given as a day number.
    pub fn is_valid_on(&self, day: i64) -> bool {
        self.state == AssessmentState::Approved
            && self.valid_from.is_some_and(|from| from <= day)
            && self.valid_until.is_some_and(|until| day <= until)
    }
}

impl Case for AssessmentOf {
    const TABLE: &'static str = "risk_assessment";
    type Model = table::Model;
    type Entity = table::Entity;
    type Body = AssessmentBody;
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
    fn body(&self) -> &AssessmentBody {
        &self.body
    }
    fn model(&self, sealed: Vec<u8>) -> table::Model {
        table::Model {
            id: self.id.0,
            version: self.version,
            child_id: self.child.0,
            person_id: self.person.0,
            author_id: self.author.0,
            approver_id: self.approver.map(|id| id.0),
            state: self.state.code().to_owned(),
            created_at: self.created_ms,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            sealed,
        }
    }
    fn envelope(model: &table::Model) -> (Uuid, i64, &[u8]) {
        (model.id, model.version, &model.sealed)
    }
    fn of(model: table::Model, body: AssessmentBody) -> Option<Self> {
        Some(Self {
            id: AssessmentId(model.id),
            version: model.version,
            child: ChildId(model.child_id),
            person: PersonId(model.person_id),
            author: AccountId(model.author_id),
            approver: model.approver_id.map(AccountId),
            state: AssessmentState::from_code(&model.state)?,
            created_ms: model.created_at,
            valid_from: model.valid_from,
            valid_until: model.valid_until,
            body,
        })
    }
}

doors!(AssessmentOf, AssessmentId, assessment, insert_assessment, save_assessment, "a risk assessment");

impl Look {
    /// Every assessment for a child, newest first.
    pub async fn assessments_of(&self, child: ChildId) -> Result<Vec<AssessmentOf>, StoreError> {
        let of = table::Column::ChildId.eq(child.0);
        self.list(table::Entity::find().filter(of).order_by_desc(table::Column::CreatedAt)).await
    }

    /// For which child an assessment is, read before it is opened; `None` if there is none of that id.
    pub async fn child_of_assessment(&self, id: AssessmentId) -> Result<Option<ChildId>, StoreError> {
        let select = table::Entity::find_by_id(id.0).select_only().column(table::Column::ChildId);
        let found: Option<Uuid> = select.into_tuple().one(&self.db()).await?;
        Ok(found.map(ChildId))
    }
}
