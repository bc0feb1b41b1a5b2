//! Risk assessments.

use kith_domain::account::TakenOver;
use kith_domain::form::Fields;
use kith_domain::ids::{AccountId, AssessmentId, ChildId, PersonId};
use kith_domain::risk::{Assessment, AssessmentState, VoidReason};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::sealed_row;
use crate::entity::risk_assessment as table;
use crate::{Look, StoreError, Work};

/// A risk assessment of one person for one child.
#[derive(Clone)]
pub struct RiskAssessment {
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
    /// From whom it was taken over who had begun it.
    #[serde(default)]
    pub taken_over: Vec<TakenOver>,
}

impl RiskAssessment {
    /// Whether it is valid on a day, given as a day number.
    pub fn is_valid_on(&self, day: i64) -> bool {
        self.state == AssessmentState::Approved
            && self.valid_from.is_some_and(|from| from <= day)
            && self.valid_until.is_some_and(|until| day <= until)
    }
}

sealed_row! {
    RiskAssessment, AssessmentId, table, AssessmentBody;
    id = id,
    child = child_id,
    person = person_id,
    author = author_id,
    approver = approver_id,
    state = state,
    created_ms = created_at,
    valid_from = valid_from,
    valid_until = valid_until;
    fn files(&self) -> Vec<Uuid> {
        vec![self.child.0]
    }
}

impl Look {
    /// Reads a risk assessment. [`StoreError::NotFound`] if there is none of that id.
    pub async fn assessment(&self, id: AssessmentId) -> Result<RiskAssessment, StoreError> {
        self.get(id.0).await
    }
}

impl Work {
    /// Puts in a risk assessment, at version 1. [`StoreError::Duplicate`] if the id is there already.
    pub async fn insert_assessment(&self, row: &mut RiskAssessment) -> Result<(), StoreError> {
        self.insert(row).await
    }

    /// Saves a risk assessment over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_assessment(&self, row: &mut RiskAssessment) -> Result<(), StoreError> {
        self.save(row).await
    }
}

impl Look {
    /// Every assessment for a child, newest first.
    pub async fn assessments_of(&self, child: ChildId) -> Result<Vec<RiskAssessment>, StoreError> {
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
