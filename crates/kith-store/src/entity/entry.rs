//! Rows of `entry`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "entry")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) version: i64,
    pub(crate) session_id: Uuid,
    pub(crate) author_id: Uuid,
    pub(crate) kind: String,
    pub(crate) root_id: Uuid,
    pub(crate) number: i64,
    pub(crate) words: Option<Vec<u8>>,
    pub(crate) received_at: i64,
    pub(crate) sealed: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
