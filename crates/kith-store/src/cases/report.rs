//! Period reports for court.

use kith_domain::ids::{AccountId, ChildId, ReportId};
use kith_domain::report::{ReportBody, ReportState};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{Case, doors};
use crate::entity::report as table;
use crate::{Look, StoreError};

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

impl Case for Report {
    const TABLE: &'static str = "report";
    type Model = table::Model;
    type Entity = table::Entity;
    type Body = ReportBody;
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
    fn body(&self) -> &ReportBody {
        &self.body
    }
    fn model(&self, sealed: Vec<u8>) -> table::Model {
        table::Model {
            id: self.id.0,
            version: self.version,
            child_id: self.child.0,
            author_id: self.author.0,
            state: self.state.code().to_owned(),
            from_day: self.from,
            to_day: self.to,
            created_at: self.created_ms,
            signed_at: self.signed_ms,
            sealed,
        }
    }
    fn envelope(model: &table::Model) -> (Uuid, i64, &[u8]) {
        (model.id, model.version, &model.sealed)
    }
    fn of(model: table::Model, body: ReportBody) -> Option<Self> {
        Some(Self {
            id: ReportId(model.id),
            version: model.version,
            child: ChildId(model.child_id),
            author: AccountId(model.author_id),
            state: ReportState::from_code(&model.state)?,
            from: model.from_day,
            to: model.to_day,
            created_ms: model.created_at,
            signed_ms: model.signed_at,
            body,
        })
    }
}

doors!(Report, ReportId, report, insert_report, save_report, "a period report");

impl Look {
    /// Every report about a child, newest first.
    pub async fn reports_of(&self, child: ChildId) -> Result<Vec<Report>, StoreError> {
        let of = table::Column::ChildId.eq(child.0);
        self.list(table::Entity::find().filter(of).order_by_desc(table::Column::CreatedAt)).await
    }
}
