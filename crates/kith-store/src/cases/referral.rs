//! Referrals. What is said of all their children is sealed for each of them, what is said of one alone for that one: when
//! one's key is destroyed, the others' stays readable and that one's does not.

use std::collections::BTreeMap;

use kith_domain::catalogue::SaidOf;
use kith_domain::form::Fields;
use kith_domain::ids::{AccountId, ChildId, ReferralId};
use kith_domain::referral::{ReferralDraft, ReferralState, SiblingDraft};
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::SealedRow;
use super::referral_child::{FORM, OwnPart, REFERRED};
use crate::entity::{referral, referral_child};
use crate::{Look, StoreError, Work};

/// A referral, of one child or of several.
#[derive(Clone)]
pub struct Referral {
    /// Its id.
    pub id: ReferralId,
    /// Its version.
    pub version: i64,
    /// The first child's file, made with the referral.
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
    /// The form as typed. Of a child whose file was destroyed it says nothing any more.
    pub body: ReferralDraft,
}

impl Referral {
    /// The files of its children, the first child's first.
    pub fn children(&self) -> Vec<ChildId> {
        self.body.children(self.child)
    }

    /// What is said of each child alone, with who was taken off.
    fn own(&self) -> Vec<(ChildId, OwnPart)> {
        let on =
            self.children().into_iter().filter_map(|id| Some((id, OwnPart::On(self.body.own_of(id, self.child)?))));
        let off = self.body.taken_off.iter().map(|taken| (taken.own.id, OwnPart::TakenOff(taken.clone())));
        on.map(|(id, own)| (id, self.with_home(own))).chain(off).collect()
    }

    /// A child who lives with the first one has the placement too: it stays readable when the first one's does not.
    fn with_home(&self, own: OwnPart) -> OwnPart {
        match own {
            OwnPart::On(own) if own.lives_together => {
                OwnPart::On(SiblingDraft { placement: self.body.placement.clone(), ..own })
            }
            own => own,
        }
    }

    /// Puts together what is said of all and what is said of each.
    fn put_together(&mut self, others: &[ChildId], mut own: BTreeMap<ChildId, OwnPart>) {
        let form = &mut self.body;
        let home = match own.remove(&self.child) {
            Some(OwnPart::On(first)) => {
                form.child = first.child;
                form.placement = first.placement;
                if let (Some(sent), Some(own)) = (&mut form.as_sent, first.as_sent) {
                    (sent.child, sent.placement) = (own.child, own.placement);
                }
                true
            }
            _ => false,
        };
        for id in others {
            let sibling = match own.remove(id) {
                // Where they live is said with the first child, as long as that can be read.
                Some(OwnPart::On(sibling)) if sibling.lives_together && home => {
                    SiblingDraft { id: *id, placement: Fields::default(), ..sibling }
                }
                Some(OwnPart::On(sibling)) => SiblingDraft { id: *id, lives_together: false, ..sibling },
                _ => SiblingDraft::new(*id),
            };
            form.siblings.push(sibling);
        }
        form.taken_off = own.into_values().filter_map(OwnPart::taken_off).collect();
        form.taken_off.sort_by_key(|taken| taken.at_ms);
    }
}

/// The row of a referral, with what is said of all children.
pub(super) struct SharedRow {
    of: Referral,
    body: Shared,
}

/// What is said of all children, and who they are beside the first: the rows that join them are for finding alone.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Shared {
    form: ReferralDraft,
    #[serde(default)]
    others: Vec<ChildId>,
}

impl SharedRow {
    fn of(referral: &Referral) -> SharedRow {
        let of_all = |form: &ReferralDraft| ReferralDraft {
            child: Fields::default(),
            placement: Fields::default(),
            siblings: Vec::new(),
            taken_off: Vec::new(),
            ..form.clone()
        };
        let as_sent = referral.body.as_sent.as_ref().map(|sent| Box::new(of_all(sent)));
        let form = ReferralDraft { as_sent, ..of_all(&referral.body) };
        let others = referral.body.siblings.iter().map(|sibling| sibling.id).collect();
        SharedRow { of: referral.clone(), body: Shared { form, others } }
    }
}

impl SealedRow for SharedRow {
    type Model = referral::Model;
    type Entity = referral::Entity;
    type Body = Shared;
    const VERSION: referral::Column = referral::Column::Version;

    fn id(&self) -> Uuid {
        self.of.id.0
    }
    fn version(&mut self) -> &mut i64 {
        &mut self.of.version
    }
    fn files(&self) -> Vec<Uuid> {
        std::iter::once(self.of.child.0).chain(self.body.others.iter().map(|id| id.0)).collect()
    }
    fn body(&self) -> &Shared {
        &self.body
    }
    fn values(body: &Shared) -> Vec<(SaidOf, &Fields)> {
        body.form.values()
    }
    fn covered(look: &Look, mut body: Shared) -> Shared {
        look.keep_readable(body.form.values_mut());
        body
    }
    fn model(&self) -> referral::Model {
        let of = &self.of;
        referral::Model {
            id: of.id.0,
            version: of.version,
            child_id: of.child.0,
            referrer_id: of.referrer.0,
            area: of.area.clone(),
            state: of.state.code().to_owned(),
            created_at: of.created_ms,
            submitted_at: of.submitted_ms,
            decided_at: of.decided_ms,
            sealed: Vec::new(),
        }
    }
    fn of(model: referral::Model, body: Shared) -> Option<Self> {
        let of = Referral {
            id: ReferralId(model.id),
            version: model.version,
            child: ChildId(model.child_id),
            referrer: AccountId(model.referrer_id),
            area: model.area,
            state: ReferralState::from_code(&model.state)?,
            created_ms: model.created_at,
            submitted_ms: model.submitted_at,
            decided_ms: model.decided_at,
            body: body.form.clone(),
        };
        Some(SharedRow { of, body })
    }
}

impl Look {
    /// Reads a referral. [`StoreError::NotFound`] if there is none of that id.
    pub async fn referral(&self, id: ReferralId) -> Result<Referral, StoreError> {
        let row = self.get::<SharedRow>(id.0).await?;
        self.with_own(vec![row]).await?.pop().ok_or(StoreError::NotFound)
    }

    /// The files of the children of these referrals, read before they are opened.
    pub(super) async fn children_of_referrals(
        &self,
        ids: &[ReferralId],
    ) -> Result<Vec<(ReferralId, ChildId)>, StoreError> {
        self.on_forms(referral_child::Column::ReferralId.is_in(ids.iter().map(|id| id.0))).await
    }

    /// Which children are on which referrals, by the rows that join them; opens nothing.
    async fn on_forms(&self, of: SimpleExpr) -> Result<Vec<(ReferralId, ChildId)>, StoreError> {
        use referral_child::Column as C;
        let of = Condition::all().add(of).add(C::Part.eq(FORM)).add(C::State.eq(REFERRED));
        let select = referral_child::Entity::find().filter(of).order_by_asc(C::Id).select_only();
        let found: Vec<(Uuid, Uuid)> = select.columns([C::ReferralId, C::ChildId]).into_tuple().all(&self.db()).await?;
        Ok(found.into_iter().map(|(referral, child)| (ReferralId(referral), ChildId(child))).collect())
    }

    /// Referrals of a social worker, newest first.
    pub async fn referrals_by(&self, referrer: AccountId) -> Result<Vec<Referral>, StoreError> {
        let of = referral::Column::ReferrerId.eq(referrer.0);
        let rows = self.list(referral::Entity::find().filter(of).order_by_desc(referral::Column::CreatedAt)).await?;
        self.with_own(rows).await
    }

    /// Referrals that a child is on, newest first.
    pub async fn referrals_of(&self, child: ChildId) -> Result<Vec<Referral>, StoreError> {
        let ids: Vec<ReferralId> = self.referral_ids_of(&[child]).await?.into_iter().map(|(_, id)| id).collect();
        self.referrals(&ids).await
    }

    /// On which referrals children are; opens nothing.
    pub async fn referral_ids_of(&self, children: &[ChildId]) -> Result<Vec<(ChildId, ReferralId)>, StoreError> {
        let on = self.on_forms(referral_child::Column::ChildId.is_in(children.iter().map(|child| child.0))).await?;
        Ok(on.into_iter().map(|(referral, child)| (child, referral)).collect())
    }

    /// These referrals, newest first.
    pub async fn referrals(&self, ids: &[ReferralId]) -> Result<Vec<Referral>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let of = referral::Column::Id.is_in(ids.iter().map(|id| id.0));
        let rows = self.list(referral::Entity::find().filter(of).order_by_desc(referral::Column::CreatedAt)).await?;
        self.with_own(rows).await
    }

    /// Referrals with what is said of each child, in one statement for all.
    pub(super) async fn with_own(&self, rows: Vec<SharedRow>) -> Result<Vec<Referral>, StoreError> {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.of.id.0).collect();
        let mut own = self.own_parts::<OwnPart>(&ids, FORM).await?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let SharedRow { mut of, body } = row;
                of.put_together(&body.others, own.remove(&of.id.0).unwrap_or_default());
                of
            })
            .collect())
    }
}

impl Work {
    /// Puts in a referral, at version 1. [`StoreError::Duplicate`] if the id is there already.
    pub async fn insert_referral(&self, referral: &mut Referral) -> Result<(), StoreError> {
        let mut row = SharedRow::of(referral);
        self.insert(&mut row).await?;
        referral.version = row.of.version;
        self.save_own_parts(referral.id, FORM, referral.own()).await?;
        self.index_referred(referral).await
    }

    /// Saves a referral over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_referral(&self, referral: &mut Referral) -> Result<(), StoreError> {
        let mut row = SharedRow::of(referral);
        self.save(&mut row).await?;
        referral.version = row.of.version;
        self.save_own_parts(referral.id, FORM, referral.own()).await?;
        self.index_referred(referral).await
    }
}
