//! Referrals and their verification.

use kith_domain::catalogue::SaidOf;
use kith_domain::form::Fields;
use kith_domain::ids::{AccountId, ChildId, ReferralId};
use kith_domain::referral::{ReferralDraft, ReferralState};
use kith_domain::verification::Verification;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{Case, doors};
use crate::entity::{referral, verification};
use crate::{Look, StoreError};

/// A referral.
#[derive(Clone)]
pub struct Referral {
    /// Its id.
    pub id: ReferralId,
    /// Its version.
    pub version: i64,
    /// The child's file, made with the referral.
    pub child: ChildId,
    /// The social worker.
    pub referrer: AccountId,
    /// The area that deals with it.
    pub area: String,
    /// Where it stands.
    pub state: ReferralState,
    /// When it was begun, UTC milliseconds.
    pub created_ms: i64,
    /// When it was last submitted.
    pub submitted_ms: Option<i64>,
    /// When it was accepted, declined or withdrawn.
    pub decided_ms: Option<i64>,
    /// The form as typed.
    pub body: ReferralDraft,
}

impl Case for Referral {
    const TABLE: &'static str = "referral";
    type Model = referral::Model;
    type Entity = referral::Entity;
    type Body = ReferralDraft;
    const VERSION: referral::Column = referral::Column::Version;

    fn id(&self) -> Uuid {
        self.id.0
    }
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
    fn files(&self) -> Vec<Uuid> {
        vec![self.child.0]
    }
    fn body(&self) -> &ReferralDraft {
        &self.body
    }
    fn values(body: &ReferralDraft) -> Vec<(SaidOf, &Fields)> {
        body.values()
    }
    fn values_mut(body: &mut ReferralDraft) -> Vec<(SaidOf, &mut Fields)> {
        body.values_mut()
    }
    fn model(&self, sealed: Vec<u8>) -> referral::Model {
        referral::Model {
            id: self.id.0,
            version: self.version,
            child_id: self.child.0,
            referrer_id: self.referrer.0,
            area: self.area.clone(),
            state: self.state.code().to_owned(),
            created_at: self.created_ms,
            submitted_at: self.submitted_ms,
            decided_at: self.decided_ms,
            sealed,
        }
    }
    fn envelope(model: &referral::Model) -> (Uuid, i64, &[u8]) {
        (model.id, model.version, &model.sealed)
    }
    fn of(model: referral::Model, body: ReferralDraft) -> Option<Self> {
        Some(Self {
            id: ReferralId(model.id),
            version: model.version,
            child: ChildId(model.child_id),
            referrer: AccountId(model.referrer_id),
            area: model.area,
            state: ReferralState::from_code(&model.state)?,
            created_ms: model.created_at,
            submitted_ms: model.submitted_at,
            decided_ms: model.decided_at,
            body,
        })
    }
}

doors!(Referral, ReferralId, referral, insert_referral, save_referral, "a referral");

impl Look {
    /// Referrals of a social worker, newest first.
    pub async fn referrals_by(&self, referrer: AccountId) -> Result<Vec<Referral>, StoreError> {
        let of = referral::Column::ReferrerId.eq(referrer.0);
        self.list(referral::Entity::find().filter(of).order_by_desc(referral::Column::CreatedAt)).await
    }

    /// Referrals of an area in certain states, longest waiting first.
    pub async fn referrals_in(&self, area: &str, states: &[ReferralState]) -> Result<Vec<Referral>, StoreError> {
        let of = Condition::all()
            .add(referral::Column::Area.eq(area))
            .add(referral::Column::State.is_in(states.iter().map(|state| state.code())));
        self.list(referral::Entity::find().filter(of).order_by_asc(referral::Column::SubmittedAt)).await
    }

    /// Referrals of a child, newest first.
    pub async fn referrals_of(&self, child: ChildId) -> Result<Vec<Referral>, StoreError> {
        let of = referral::Column::ChildId.eq(child.0);
        self.list(referral::Entity::find().filter(of).order_by_desc(referral::Column::CreatedAt)).await
    }
}

/// The verification of a referral.
#[derive(Clone)]
pub struct VerificationOf {
    /// Which referral.
    pub id: ReferralId,
    /// Its version.
    pub version: i64,
    /// The child's file.
    pub child: ChildId,
    /// Who took it up.
    pub verifier: AccountId,
    /// When, UTC milliseconds.
    pub started_ms: i64,
    /// Calls and answers.
    pub body: Verification,
}

/// What is sealed: the verification with the file it belongs to.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct VerificationBody {
    child: ChildId,
    verification: Verification,
}

impl Look {
    /// The verification of a referral, if it has begun.
    pub async fn verification(&self, referral: ReferralId) -> Result<Option<VerificationOf>, StoreError> {
        let Some(model) = verification::Entity::find_by_id(referral.0).one(&self.db()).await? else { return Ok(None) };
        let body: VerificationBody = self.open("verification", model.referral_id, model.version, &model.sealed).await?;
        Ok(Some(VerificationOf {
            id: referral,
            version: model.version,
            child: body.child,
            verifier: AccountId(model.verifier_id),
            started_ms: model.started_at,
            body: body.verification,
        }))
    }
}

impl VerificationOf {
    fn model(&self, sealed: Vec<u8>) -> verification::Model {
        verification::Model {
            referral_id: self.id.0,
            version: self.version,
            verifier_id: self.verifier.0,
            started_at: self.started_ms,
            sealed,
        }
    }
}

impl crate::Work {
    /// Begins a verification.
    pub async fn insert_verification(&self, of: &mut VerificationOf) -> Result<(), StoreError> {
        of.version = 1;
        let sealed = self.seal_verification(of).await?;
        crate::row::insert(&self.db(), of.model(sealed)).await
    }

    /// Saves a verification over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_verification(&self, of: &mut VerificationOf) -> Result<(), StoreError> {
        let read = of.version;
        of.version += 1;
        let sealed = self.seal_verification(of).await?;
        super::save_plain(&self.db(), of.model(sealed), verification::Column::Version, read).await
    }

    async fn seal_verification(&self, of: &VerificationOf) -> Result<Vec<u8>, StoreError> {
        let body = VerificationBody { child: of.child, verification: of.body.clone() };
        self.seal("verification", of.id.0, of.version, &[of.child.0], &body).await
    }
}
