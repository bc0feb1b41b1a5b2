//! What is held of a member of staff, for the pack that answers their request: its volumes, and what there is to put in them, read from
//! columns alone. Nothing of a case is opened.

use kith_domain::access::Capacity;
use kith_domain::ids::{AccountId, PackVolumeId, RequestId};
use kith_domain::pack::{AccountVolume, PackVolumeBody};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::sealed_row;
use crate::entity::{
    allocation, allocation_end, contact_plan, pack_account, record, referral, report, risk_assessment,
};
use crate::{Look, StoreError, Work};

/// A volume about a member of staff.
#[derive(Clone)]
pub struct AccountInPack {
    /// Its id.
    pub id: PackVolumeId,
    /// Its version.
    pub version: i64,
    /// Of which pack.
    pub pack: RequestId,
    /// About whose account.
    pub account: AccountId,
    /// Its number among the volumes of the pack.
    pub number: i64,
    /// What it is, and what it says.
    pub body: AccountVolume,
}

sealed_row! {
    AccountInPack, PackVolumeId, pack_account, AccountVolume;
    id = id,
    pack = pack_id,
    account = account_id,
    number = number;
    fn files(&self) -> Vec<Uuid> {
        vec![self.pack.0]
    }
}

/// Something that a member of staff wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrote {
    /// What it is, in words.
    pub what: &'static str,
    /// Its id.
    pub id: Uuid,
    /// When it was begun, UTC milliseconds.
    pub at_ms: i64,
}

/// As what a file was allocated to somebody, from when, and until when if it has ended or will, UTC milliseconds. Whose file is not said.
pub type AllocatedTime = (Capacity, i64, Option<i64>);

impl Look {
    /// The volumes of a pack about members of staff, in their order.
    pub async fn accounts_in_pack(&self, id: RequestId) -> Result<Vec<AccountInPack>, StoreError> {
        use pack_account::{Column, Entity};
        self.list(Entity::find().filter(Column::PackId.eq(id.0)).order_by_asc(Column::Number)).await
    }

    /// One volume of a pack as it is handed over, from a file or about a member of staff. [`StoreError::NotFound`] if there is none.
    pub async fn pack_volume_body(&self, id: RequestId, number: i64) -> Result<PackVolumeBody, StoreError> {
        use pack_account::{Column, Entity};
        match self.volume_of_pack(id, number).await {
            Err(StoreError::NotFound) => {}
            volume => return Ok(volume?.body),
        }
        let of = Entity::find().filter(Column::PackId.eq(id.0)).filter(Column::Number.eq(number));
        let found: Option<AccountInPack> = self.list(of).await?.pop();
        Ok(found.ok_or(StoreError::NotFound)?.body.volume)
    }

    /// As what files were ever allocated to an account, the newest first.
    pub async fn allocated_to(&self, account: AccountId) -> Result<Vec<AllocatedTime>, StoreError> {
        let of = allocation::Entity::find().filter(allocation::Column::AccountId.eq(account.0));
        let models = of.order_by_desc(allocation::Column::FromAt).all(&self.db()).await?;
        let ids = models.iter().map(|model| model.id);
        let ends = allocation_end::Entity::find().filter(allocation_end::Column::AllocationId.is_in(ids));
        let ends = ends.all(&self.db()).await?;
        let time = |model: &allocation::Model| {
            let ended = ends.iter().find(|end| end.allocation_id == model.id).map(|end| end.ended_at);
            let capacity = Capacity::from_code(&model.capacity);
            let capacity = capacity.ok_or(StoreError::Corrupt { table: "allocation", row: model.id })?;
            Ok((capacity, model.from_at, ended.or(model.until_at)))
        };
        models.iter().map(time).collect()
    }

    /// What an account wrote, by what it is and when it was begun, the oldest first of each. Nothing is opened.
    pub async fn written_by(&self, account: AccountId) -> Result<Vec<Wrote>, StoreError> {
        let mut all = Vec::new();
        macro_rules! wrote {
            ($($what:literal: $table:ident.$id:ident, $author:ident, $at:ident;)+) => {$({
                use $table::{Column, Entity};
                let of = Entity::find().filter(Column::$author.eq(account.0)).order_by_asc(Column::$at);
                let of = of.order_by_asc(Column::$id).select_only().columns([Column::$id, Column::$at]);
                let rows: Vec<(Uuid, i64)> = of.into_tuple().all(&self.db()).await?;
                all.extend(rows.into_iter().map(|(id, at_ms)| Wrote { what: $what, id, at_ms }));
            })+};
        }
        wrote! {
            "Referral": referral.Id, ReferrerId, CreatedAt;
            "Risk assessment": risk_assessment.Id, AuthorId, CreatedAt;
            "Contact plan": contact_plan.Id, AuthorId, CreatedAt;
            "Record of a session": record.SessionId, AuthorId, OpenedAt;
            "Report for court": report.Id, AuthorId, CreatedAt;
        }
        Ok(all)
    }
}

impl Work {
    /// Puts in a volume about a member of staff. [`StoreError::Duplicate`] if its number is there.
    pub async fn insert_account_in_pack(&self, volume: &mut AccountInPack) -> Result<(), StoreError> {
        self.insert(volume).await
    }
}
