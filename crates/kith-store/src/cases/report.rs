//! Period reports for court.

use kith_domain::ids::{AccountId, ChildId, ReportId};
use kith_domain::report::{ReportBody, ReportState};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::sealed_row;
use crate::entity::report as table;
use crate::{Look, StoreError, Work};

/// A period report.
#[derive(Clone)]
pub struct Report {
    /// Its id.
    pub id: ReportId,
    /// Its version.
    pub version: i64,
    /// About which child.
    pub child: ChildId,
    /// Who writes it.
    pub author: AccountId,
    /// Where it stands.
    pub state: ReportState,
    /// First day, as a day number.
    pub from: i64,
    /// Last day, as a day number.
    pub to: i64,
    /// When it was begun, UTC milliseconds.
    pub created_ms: i64,
    /// When it was signed, UTC milliseconds.
    pub signed_ms: Option<i64>,
    /// What the author wrote.
    pub body: ReportBody,
}

sealed_row! {
    Report, ReportId, table, ReportBody;
    id = id,
    child = child_id,
    author = author_id,
    state = state,
    from = from_day,
    to = to_day,
    created_ms = created_at,
    signed_ms = signed_at;
    fn files(&self) -> Vec<Uuid> {
        vec![self.child.0]
    }
}

impl Look {
    /// Reads a period report. [`StoreError::NotFound`] if there is none of that id.
    pub async fn report(&self, id: ReportId) -> Result<Report, StoreError> {
        self.get(id.0).await
    }
}

impl Work {
    /// Puts in a period report, at version 1. [`StoreError::Duplicate`] if the id is there already.
    pub async fn insert_report(&self, row: &mut Report) -> Result<(), StoreError> {
        self.insert(row).await
    }

    /// Saves a period report over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_report(&self, row: &mut Report) -> Result<(), StoreError> {
        self.save(row).await
    }
}

impl Look {
    /// Every report about a child, newest first.
    pub async fn reports_of(&self, child: ChildId) -> Result<Vec<Report>, StoreError> {
        let of = table::Column::ChildId.eq(child.0);
        self.list(table::Entity::find().filter(of).order_by_desc(table::Column::CreatedAt)).await
    }
}
