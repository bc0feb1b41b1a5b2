//! Rows of `token`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "token")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) token: Vec<u8>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) child_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) subject_id: Uuid,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
