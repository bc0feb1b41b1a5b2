//! Rows of `session_child`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session_child")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) session_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) child_id: Uuid,
    pub(crate) plan_id: Uuid,
    pub(crate) arrangement_id: Uuid,
    pub(crate) state: String,
    pub(crate) mac: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
