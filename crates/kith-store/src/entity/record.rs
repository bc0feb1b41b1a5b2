//! Rows of `record`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "record")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) session_id: Uuid,
    pub(crate) version: i64,
    pub(crate) author_id: Uuid,
    pub(crate) state: String,
    pub(crate) opened_at: i64,
    pub(crate) due_at: i64,
    pub(crate) signed_at: Option<i64>,
    pub(crate) reviewed_at: Option<i64>,
    pub(crate) sealed: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
