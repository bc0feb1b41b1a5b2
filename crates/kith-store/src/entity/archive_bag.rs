//! Rows of `archive_bag`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "archive_bag")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) version: i64,
    pub(crate) transfer_id: Uuid,
    pub(crate) child_id: Uuid,
    pub(crate) state: String,
    pub(crate) object_id: Uuid,
    pub(crate) digest: Vec<u8>,
    pub(crate) created_at: i64,
    pub(crate) sealed: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
