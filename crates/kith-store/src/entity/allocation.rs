//! Rows of `allocation`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "allocation")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) child_id: Uuid,
    pub(crate) account_id: Uuid,
    pub(crate) capacity: String,
    pub(crate) from_at: i64,
    pub(crate) until_at: Option<i64>,
    pub(crate) created_at: i64,
    pub(crate) created_by: Option<Uuid>,
    pub(crate) sealed: Option<Vec<u8>>,
    pub(crate) mac: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
