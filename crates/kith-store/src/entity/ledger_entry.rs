//! Rows of `ledger_entry`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_entry")]
pub(crate) struct Model {
    #[sea_orm(primary_key)]
    pub(crate) id: i64,
    #[sea_orm(unique)]
    pub(crate) leaf: Option<i64>,
    pub(crate) at: i64,
    pub(crate) actor_id: Option<Uuid>,
    pub(crate) refused: i64,
    pub(crate) body: String,
    pub(crate) lane: Option<i64>,
    pub(crate) number: Option<i64>,
    pub(crate) after: Option<i64>,
    pub(crate) mac: Option<Vec<u8>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
