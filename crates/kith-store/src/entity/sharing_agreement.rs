//! Rows of `sharing_agreement`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sharing_agreement")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) version: i64,
    pub(crate) line_id: Uuid,
    pub(crate) author_id: Uuid,
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) created_at: i64,
    pub(crate) from_day: i64,
    pub(crate) until_day: i64,
    pub(crate) review_day: i64,
    pub(crate) sealed: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
