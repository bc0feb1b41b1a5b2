//! The verification of a referral by phone. Calls, and answers about what is said of all children, are sealed for each of them;
//! answers about one child alone for that one.

use std::collections::HashMap;

use kith_domain::catalogue::SaidOf;
use kith_domain::form::Fields;
use kith_domain::ids::{AccountId, ChildId, ReferralId};
use kith_domain::same::{Matched, Pair};
use kith_domain::verification::{Answered, Item, Verification};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::referral_child::{CALL, Own};
use crate::entity::verification;
use crate::{Look, StoreError, Work};

/// The verification of a referral.
#[derive(Clone)]
pub struct ReferralVerification {
    /// Which referral.
    pub id: ReferralId,
    /// Its version.
    pub version: i64,
    /// The files of the referral's children, the first child's first.
    pub children: Vec<ChildId>,
    /// Who took it up.
    pub verifier: AccountId,
    /// When, UTC milliseconds.
    pub started_ms: i64,
    /// Calls and answers.
    pub body: Verification,
}

/// What is sealed for all children: the verification with the files it belongs to.
#[derive(Serialize, Deserialize)]
struct VerificationBody {
    children: Vec<ChildId>,
    verification: Verification,
}

/// What the call established of one child alone.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct OwnCall {
    answers: Vec<Answered>,
    matches: Vec<Matched>,
}

impl Own for OwnCall {
    fn values(&self) -> Vec<(SaidOf, &Fields)> {
        let said = self.answers.iter().filter_map(|answered| Some((said_of(answered)?, answered.new.as_ref()?)));
        said.collect()
    }
    fn values_mut(&mut self) -> Vec<(SaidOf, &mut Fields)> {
        // An answer is about the form as it was: it is read whole, by those who verify.
        Vec::new()
    }
    fn is_taken_off(&self) -> bool {
        false
    }
}

fn said_of(answered: &Answered) -> Option<SaidOf> {
    let item = Item::from_code(&answered.item)?;
    Some(if item.person.is_some() { SaidOf::Family } else { SaidOf::Child })
}

impl ReferralVerification {
    /// Of which child alone an answer is, if it is not of all.
    fn whose(&self, answered: &Answered) -> Option<ChildId> {
        let item = Item::from_code(&answered.item).filter(|item| item.is_own())?;
        item.sibling.or_else(|| self.children.first().copied())
    }

    /// Of which child an answer is that says whether a child is held already.
    fn whose_match(&self, pair: Pair) -> Option<ChildId> {
        match pair {
            Pair::Person { .. } => None,
            Pair::Child { held, .. } if self.children.contains(&held) => Some(held),
            Pair::Child { referred, .. } => Some(referred),
        }
    }

    /// What is sealed for all children, and what for each alone.
    fn apart(&self) -> (Verification, Vec<(ChildId, OwnCall)>) {
        let mut shared = Verification { answers: Vec::new(), matches: Vec::new(), ..self.body.clone() };
        let mut own: Vec<(ChildId, OwnCall)> = Vec::new();
        let mut of = |child: ChildId, put: &mut dyn FnMut(&mut OwnCall)| {
            let at = own.iter().position(|(id, _)| *id == child).unwrap_or_else(|| {
                own.push((child, OwnCall::default()));
                own.len() - 1
            });
            put(&mut own[at].1);
        };
        for answered in &self.body.answers {
            match self.whose(answered) {
                Some(child) => of(child, &mut |own| own.answers.push(answered.clone())),
                None => shared.answers.push(answered.clone()),
            }
        }
        for said in &self.body.matches {
            match self.whose_match(said.pair) {
                Some(child) => of(child, &mut |own| own.matches.push(said.clone())),
                None => shared.matches.push(said.clone()),
            }
        }
        (shared, own)
    }

    fn model(&self) -> verification::Model {
        verification::Model {
            referral_id: self.id.0,
            version: self.version,
            verifier_id: self.verifier.0,
            started_at: self.started_ms,
            call_back_at: self.body.call_back_ms(),
            sealed: Vec::new(),
        }
    }
}

impl Look {
    /// The verification of a referral, if it has begun.
    pub async fn verification(&self, referral: ReferralId) -> Result<Option<ReferralVerification>, StoreError> {
        let Some(model) = verification::Entity::find_by_id(referral.0).one(&self.db()).await? else { return Ok(None) };
        let body: VerificationBody = self.open(&model).await?;
        let mut verification = body.verification;
        let own = self.own_parts::<OwnCall>(&[referral.0], CALL).await?.remove(&referral.0).unwrap_or_default();
        for own in own.into_values() {
            verification.answers.extend(own.answers);
            verification.matches.extend(own.matches);
        }
        // In the order in which they were given; what was said of one item stays in its own order.
        verification.answers.sort_by_key(|answered| answered.at_ms);
        verification.matches.sort_by_key(|said| said.at_ms);
        Ok(Some(ReferralVerification {
            id: referral,
            version: model.version,
            children: body.children,
            verifier: AccountId(model.verifier_id),
            started_ms: model.started_at,
            body: verification,
        }))
    }
}

/// Who has the call of a referral, from the clear columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallHeld {
    /// Who has it.
    pub verifier: AccountId,
    /// When the social worker is to be called back, UTC milliseconds, as the last attempt said.
    pub call_back_ms: Option<i64>,
}

impl Look {
    /// Who has the calls of these referrals, in one statement; of one that was not taken up there is none. Nothing is opened.
    pub async fn calls_held(&self, of: &[ReferralId]) -> Result<HashMap<ReferralId, CallHeld>, StoreError> {
        if of.is_empty() {
            return Ok(HashMap::new());
        }
        let ids = of.iter().map(|id| id.0);
        let select = verification::Entity::find().filter(verification::Column::ReferralId.is_in(ids)).select_only();
        let columns =
            [verification::Column::ReferralId, verification::Column::VerifierId, verification::Column::CallBackAt];
        let rows: Vec<(Uuid, Uuid, Option<i64>)> = select.columns(columns).into_tuple().all(&self.db()).await?;
        let held =
            |(id, verifier, call_back_ms)| (ReferralId(id), CallHeld { verifier: AccountId(verifier), call_back_ms });
        Ok(rows.into_iter().map(held).collect())
    }
}

impl Work {
    /// Begins a verification.
    pub async fn insert_verification(&self, of: &mut ReferralVerification) -> Result<(), StoreError> {
        of.version = 1;
        let model = self.sealed_verification(of).await?;
        crate::row::insert(&self.db(), model).await
    }

    /// Saves a verification over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_verification(&self, of: &mut ReferralVerification) -> Result<(), StoreError> {
        let read = of.version;
        of.version += 1;
        let model = self.sealed_verification(of).await?;
        super::save_plain(&self.db(), model, verification::Column::Version, read).await
    }

    async fn sealed_verification(&self, of: &ReferralVerification) -> Result<verification::Model, StoreError> {
        let (shared, own) = of.apart();
        let corrected = shared.answers.iter().filter_map(|answered| Some((said_of(answered)?, answered.new.as_ref()?)));
        self.hold(corrected.collect()).await?;
        self.save_own_parts(of.id, CALL, own).await?;
        let files: Vec<_> = of.children.iter().map(|child| child.0).collect();
        let body = VerificationBody { children: of.children.clone(), verification: shared };
        self.seal(of.model(), &files, &body).await
    }
}
