//! Referrals and their verification.

use kith_domain::catalogue::SaidOf;
use kith_domain::form::Fields;
use kith_domain::ids::{AccountId, ChildId, ReferralId};
use kith_domain::referral::{ReferralDraft, ReferralState};
use kith_domain::verification::{Item, Verification};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::sealed_row;
use crate::entity::{referral, verification};
use crate::{Look, StoreError, Work};

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

sealed_row! {
    Referral, ReferralId, referral, ReferralDraft;
    id = id,
    child = child_id,
    referrer = referrer_id,
    area = area,
    state = state,
    created_ms = created_at,
    submitted_ms = submitted_at,
    decided_ms = decided_at;
    fn files(&self) -> Vec<Uuid> {
        vec![self.child.0]
    }
    fn values(body: &ReferralDraft) -> Vec<(SaidOf, &Fields)> {
        body.values()
    }
    fn covered(look: &Look, mut body: ReferralDraft) -> ReferralDraft {
        look.keep_readable(body.values_mut());
        body
    }
}

impl Look {
    /// Reads a referral. [`StoreError::NotFound`] if there is none of that id.
    pub async fn referral(&self, id: ReferralId) -> Result<Referral, StoreError> {
        self.get(id.0).await
    }
}

impl Work {
    /// Puts in a referral, at version 1. [`StoreError::Duplicate`] if the id is there already.
    pub async fn insert_referral(&self, row: &mut Referral) -> Result<(), StoreError> {
        self.insert(row).await
    }

    /// Saves a referral over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_referral(&self, row: &mut Referral) -> Result<(), StoreError> {
        self.save(row).await
    }
}

impl Look {
    /// Referrals of a social worker, newest first.
    pub async fn referrals_by(&self, referrer: AccountId) -> Result<Vec<Referral>, StoreError> {
        let of = referral::Column::ReferrerId.eq(referrer.0);
        self.list(referral::Entity::find().filter(of).order_by_desc(referral::Column::CreatedAt)).await
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
        let body: VerificationBody = self.open(&model).await?;
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
    fn model(&self) -> verification::Model {
        verification::Model {
            referral_id: self.id.0,
            version: self.version,
            verifier_id: self.verifier.0,
            started_at: self.started_ms,
            sealed: Vec::new(),
        }
    }
}

impl crate::Work {
    /// Begins a verification.
    pub async fn insert_verification(&self, of: &mut VerificationOf) -> Result<(), StoreError> {
        of.version = 1;
        let model = self.sealed_verification(of).await?;
        crate::row::insert(&self.db(), model).await
    }

    /// Saves a verification over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_verification(&self, of: &mut VerificationOf) -> Result<(), StoreError> {
        let read = of.version;
        of.version += 1;
        let model = self.sealed_verification(of).await?;
        super::save_plain(&self.db(), model, verification::Column::Version, read).await
    }

    async fn sealed_verification(&self, of: &VerificationOf) -> Result<verification::Model, StoreError> {
        let corrected = of.body.answers.iter().filter_map(|answered| {
            let (_, person) = Item::from_code(&answered.item)?.stands_in();
            Some((if person.is_some() { SaidOf::Family } else { SaidOf::Child }, answered.new.as_ref()?))
        });
        self.hold(corrected.collect()).await?;
        let body = VerificationBody { child: of.child, verification: of.body.clone() };
        self.seal(of.model(), &[of.child.0], &body).await
    }
}
