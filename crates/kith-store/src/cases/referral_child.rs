//! What is said of one child of a referral alone, on the form and in the phone call: a row each, sealed under that child's key.

use std::collections::{BTreeMap, HashMap};

use kith_domain::catalogue::SaidOf;
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, ReferralId};
use kith_domain::referral::{SiblingDraft, TakenOff};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::SealedRow;
use crate::entity::referral_child as table;
use crate::{Look, StoreError, Work};

/// The part of a row that holds what the form says.
pub(super) const FORM: &str = "form";
/// The part of a row that holds what the phone call established.
pub(super) const CALL: &str = "call";
/// The state of a child who is on the referral.
pub(super) const REFERRED: &str = "referred";
/// The state of a child who was taken off it.
const TAKEN_OFF: &str = "taken_off";

/// What a row of one child holds.
pub(super) trait Own: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync {
    /// The values of items in it, and of whom each is said.
    fn values(&self) -> Vec<(SaidOf, &Fields)>;
    /// The same, to take values out.
    fn values_mut(&mut self) -> Vec<(SaidOf, &mut Fields)>;
    /// Whether it is of a child who was taken off.
    fn is_taken_off(&self) -> bool;
}

/// What the form says of one child alone.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum OwnPart {
    /// Of a child who is on the referral.
    On(SiblingDraft),
    /// Of one who was taken off.
    TakenOff(TakenOff),
}

impl OwnPart {
    /// What is kept of a child who was taken off.
    pub(super) fn taken_off(self) -> Option<TakenOff> {
        match self {
            OwnPart::On(_) => None,
            OwnPart::TakenOff(taken) => Some(taken),
        }
    }
}

impl Own for OwnPart {
    fn values(&self) -> Vec<(SaidOf, &Fields)> {
        match self {
            OwnPart::On(own) => own.values(),
            OwnPart::TakenOff(taken) => taken.own.values(),
        }
    }
    fn values_mut(&mut self) -> Vec<(SaidOf, &mut Fields)> {
        match self {
            OwnPart::On(own) => own.values_mut(),
            OwnPart::TakenOff(taken) => taken.own.values_mut(),
        }
    }
    fn is_taken_off(&self) -> bool {
        matches!(self, OwnPart::TakenOff(_))
    }
}

/// A row.
struct PartRow<O> {
    id: Uuid,
    version: i64,
    referral: ReferralId,
    child: ChildId,
    part: String,
    body: O,
}

impl<O: Own> SealedRow for PartRow<O> {
    type Model = table::Model;
    type Entity = table::Entity;
    type Body = O;
    const VERSION: table::Column = table::Column::Version;

    fn id(&self) -> Uuid {
        self.id
    }
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
    fn files(&self) -> Vec<Uuid> {
        vec![self.child.0]
    }
    fn body(&self) -> &O {
        &self.body
    }
    fn values(body: &O) -> Vec<(SaidOf, &Fields)> {
        body.values()
    }
    fn covered(look: &Look, mut body: O) -> O {
        look.keep_readable(body.values_mut());
        body
    }
    fn model(&self) -> table::Model {
        table::Model {
            id: self.id,
            version: self.version,
            referral_id: self.referral.0,
            child_id: self.child.0,
            part: self.part.clone(),
            state: if self.body.is_taken_off() { TAKEN_OFF } else { REFERRED }.to_owned(),
            sealed: Vec::new(),
        }
    }
    fn of(model: table::Model, body: O) -> Option<Self> {
        Some(Self {
            id: model.id,
            version: model.version,
            referral: ReferralId(model.referral_id),
            child: ChildId(model.child_id),
            part: model.part,
            body,
        })
    }
}

impl Look {
    /// What is said of each child alone, by referral: one statement. Of a child whose key was destroyed there is nothing.
    pub(super) async fn own_parts<O: Own>(
        &self,
        referrals: &[Uuid],
        part: &str,
    ) -> Result<HashMap<Uuid, BTreeMap<ChildId, O>>, StoreError> {
        let mut own: HashMap<Uuid, BTreeMap<ChildId, O>> = HashMap::new();
        if referrals.is_empty() {
            return Ok(own);
        }
        for row in self.part_rows::<O>(referrals, part).await?.into_iter().filter_map(Result::ok) {
            own.entry(row.referral.0).or_default().insert(row.child, row.body);
        }
        Ok(own)
    }

    /// The rows of a part; of a child whose key was destroyed, whose it is.
    async fn part_rows<O: Own>(
        &self,
        referrals: &[Uuid],
        part: &str,
    ) -> Result<Vec<Result<PartRow<O>, ChildId>>, StoreError> {
        let select = table::Entity::find()
            .filter(table::Column::ReferralId.is_in(referrals.iter().copied()))
            .filter(table::Column::Part.eq(part))
            .order_by_asc(table::Column::Id);
        let models = select.all(&self.db()).await?;
        self.fetch_keys(models.iter().map(|model| model.sealed.as_slice())).await?;
        let mut rows = Vec::with_capacity(models.len());
        for model in models {
            let child = ChildId(model.child_id);
            rows.push(match self.opened::<PartRow<O>>(model).await {
                Ok(row) => Ok(row),
                Err(StoreError::Destroyed) => Err(child),
                Err(error) => return Err(error),
            });
        }
        Ok(rows)
    }
}

impl Work {
    /// Keeps what is said of each child alone; what is there already as it is, is not written again.
    pub(super) async fn save_own_parts<O: Own>(
        &self,
        referral: ReferralId,
        part: &str,
        own: Vec<(ChildId, O)>,
    ) -> Result<(), StoreError> {
        let mut rows = self.part_rows::<O>(&[referral.0], part).await?;
        for (child, body) in own {
            let is_of = |row: &Result<PartRow<O>, ChildId>| match row {
                Ok(row) => row.child == child,
                Err(gone) => *gone == child,
            };
            match rows.iter().position(is_of).map(|at| rows.swap_remove(at)) {
                Some(Ok(row)) if row.body == body => {}
                Some(Ok(mut row)) => {
                    row.body = body;
                    self.save(&mut row).await?;
                }
                // What was said of a child whose key was destroyed is gone, and stays so.
                Some(Err(_)) => {}
                None => {
                    let (id, part) = (Uuid::now_v7(), part.to_owned());
                    self.insert(&mut PartRow { id, version: 0, referral, child, part, body }).await?;
                }
            }
        }
        Ok(())
    }

    /// One child of a referral is held under another number: what is said of them alone belongs to that file from now on.
    pub async fn referred_is_now(&self, referral: ReferralId, from: ChildId, to: ChildId) -> Result<(), StoreError> {
        self.part_is_now::<OwnPart>(referral, FORM, from, to).await?;
        self.part_is_now::<super::verification::OwnCall>(referral, CALL, from, to).await
    }

    async fn part_is_now<O: Own>(
        &self,
        referral: ReferralId,
        part: &str,
        from: ChildId,
        to: ChildId,
    ) -> Result<(), StoreError> {
        let rows = self.part_rows::<O>(&[referral.0], part).await?;
        for mut row in rows.into_iter().filter_map(Result::ok).filter(|row| row.child == from) {
            row.child = to;
            self.save(&mut row).await?;
        }
        Ok(())
    }
}
