//! The row of `ledger_state`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_state")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) only_row: i64,
    pub(crate) logs: i64,
    pub(crate) begun_at: i64,
    pub(crate) placed: i64,
    pub(crate) signed: i64,
    pub(crate) root: Vec<u8>,
    pub(crate) lanes: String,
    pub(crate) mac: Vec<u8>,
    pub(crate) trees: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
