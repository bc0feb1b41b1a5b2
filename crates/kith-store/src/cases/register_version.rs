//! Versions of the register, and what is in use, which no version can drop.

use std::collections::BTreeSet;

use kith_domain::catalogue::by_key;
use kith_domain::ids::{AccountId, RegisterVersionId};
use kith_domain::register::{RegisterBody, RegisterState};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Statement,
};
use uuid::Uuid;

use super::{DESTROYED, STAFF_FILE, sealed_row};
use crate::entity::{item_in_use, register_version};
use crate::{Look, StoreError, Work};

/// A version of the authority's register.
#[derive(Clone)]
pub struct RegisterVersion {
    /// Its id.
    pub id: RegisterVersionId,
    /// Its row's version.
    pub version: i64,
    /// Its number, from 1, in the order in which they were begun.
    pub number: i64,
    /// Who began it; nobody of the first, which is the file's.
    pub author: Option<AccountId>,
    /// Where it stands.
    pub state: RegisterState,
    /// When it was begun, UTC milliseconds.
    pub created_ms: i64,
    /// From which day it is to be, or was, in force, a day number; of the first only where the file says.
    pub from_day: Option<i64>,
    /// Its text, and who did what.
    pub body: RegisterBody,
}

sealed_row! {
    RegisterVersion, RegisterVersionId, register_version, RegisterBody;
    id = id,
    number = number,
    author = author_id,
    state = state,
    created_ms = created_at,
    from_day = from_day;
    fn files(&self) -> Vec<Uuid> {
        vec![STAFF_FILE]
    }
}

/// What is in use: a version of the register that does not cover it is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InUse {
    /// Keys of the items of which something is stored, as far as the catalogue knows them: what it knows no more is read under the items
    /// that took its place.
    pub items: BTreeSet<String>,
    /// Codes of the areas of which there are files, referrals, accounts or venues.
    pub areas: BTreeSet<String>,
    /// How many requests for figures have not come to their end.
    pub requests_for_figures: u64,
}

const AREAS: &str = "SELECT area FROM child UNION SELECT area FROM referral \
     UNION SELECT area FROM account WHERE state <> 'closed' UNION SELECT area FROM venue WHERE closed_at IS NULL";
const FIGURES: &str = "SELECT COUNT(*) AS n FROM research_request WHERE state IN ('asked', 'approved', 'ready')";

/// The number of the version in force, 0 where there is none. One of them at most, see the index of the table.
pub(crate) const NUMBER_IN_FORCE: &str =
    "(SELECT CAST(COALESCE(MAX(number), 0) AS BIGINT) FROM register_version WHERE state = 'in_force')";

impl Look {
    /// Reads a version. [`StoreError::NotFound`] if there is none of that id.
    pub async fn register_version(&self, id: RegisterVersionId) -> Result<RegisterVersion, StoreError> {
        self.get(id.0).await
    }

    /// So many versions after so many, the newest first, and how many there are.
    pub async fn register_versions(
        &self,
        (limit, offset): (u64, u64),
    ) -> Result<(Vec<RegisterVersion>, u64), StoreError> {
        let all = register_version::Entity::find();
        let total = all.clone().count(&self.db()).await?;
        let newest = all.order_by_desc(register_version::Column::Number);
        Ok((self.list(newest.limit(limit).offset(offset)).await?, total))
    }

    /// The number of the version in force, 0 where there is none yet. Opens nothing.
    pub async fn register_number(&self) -> Result<i64, StoreError> {
        number_in_force(&self.db()).await
    }

    /// The version in force; `None` where there is none yet.
    pub async fn register_in_force(&self) -> Result<Option<RegisterVersion>, StoreError> {
        self.only_in(&[RegisterState::InForce]).await
    }

    /// The version of which something is still to come.
    pub async fn register_open(&self) -> Result<Option<RegisterVersion>, StoreError> {
        let open: Vec<RegisterState> = RegisterState::ALL.iter().copied().filter(|state| state.is_open()).collect();
        self.only_in(&open).await
    }

    /// The version with the next smaller number that was ever in force before this one.
    pub async fn register_before(&self, number: i64) -> Result<Option<RegisterVersion>, StoreError> {
        use register_version::Column as C;
        let was = [RegisterState::InForce, RegisterState::Ended].map(RegisterState::code);
        let before = register_version::Entity::find().filter(C::Number.lt(number)).filter(C::State.is_in(was));
        Ok(self.list(before.order_by_desc(C::Number).limit(1)).await?.pop())
    }

    /// What is in use.
    pub async fn in_use(&self) -> Result<InUse, StoreError> {
        let db = self.db();
        let backend = db.get_database_backend();
        let items = item_in_use::Entity::find().all(&db).await?.into_iter().map(|row| row.item);
        let areas = db.query_all_raw(Statement::from_string(backend, AREAS)).await?;
        let areas: Result<BTreeSet<String>, _> = areas.iter().map(|row| row.try_get::<String>("", "area")).collect();
        let figures = db.query_one_raw(Statement::from_string(backend, FIGURES)).await?;
        let figures = figures.map(|row| row.try_get::<i64>("", "n")).transpose()?.unwrap_or_default();
        Ok(InUse {
            items: items.filter(|key| by_key(key).is_some()).collect(),
            // A file that was destroyed is of no area: what stands there is no code.
            areas: areas?.into_iter().filter(|area| !area.is_empty() && area != DESTROYED).collect(),
            requests_for_figures: u64::try_from(figures).unwrap_or_default(),
        })
    }

    async fn only_in(&self, states: &[RegisterState]) -> Result<Option<RegisterVersion>, StoreError> {
        let codes = states.iter().map(|state| state.code());
        let of = register_version::Entity::find().filter(register_version::Column::State.is_in(codes));
        Ok(self.list(of.limit(1)).await?.pop())
    }
}

impl Work {
    /// Puts in a version with the next number, which is written into it. [`StoreError::Duplicate`] or [`StoreError::Retry`] when another
    /// took the number.
    pub async fn insert_register_version(&self, row: &mut RegisterVersion) -> Result<(), StoreError> {
        use register_version::Column as C;
        let last = register_version::Entity::find().order_by_desc(C::Number).one(&self.db()).await?;
        row.number = last.map_or(0, |last| last.number) + 1;
        self.insert(row).await
    }

    /// Saves a version over what was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_register_version(&self, row: &mut RegisterVersion) -> Result<(), StoreError> {
        self.save(row).await
    }
}

/// See [`NUMBER_IN_FORCE`].
pub(crate) async fn number_in_force(db: &impl ConnectionTrait) -> Result<i64, StoreError> {
    let sql = format!("SELECT {NUMBER_IN_FORCE} AS n");
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    Ok(row.map(|row| row.try_get::<i64>("", "n")).transpose()?.unwrap_or_default())
}
