//! Rows of `session`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) version: i64,
    pub(crate) room_id: Uuid,
    pub(crate) supervisor_id: Uuid,
    pub(crate) second_id: Option<Uuid>,
    pub(crate) day: i64,
    pub(crate) start_minute: i64,
    pub(crate) end_minute: i64,
    pub(crate) state: String,
    pub(crate) flagged: Option<String>,
    pub(crate) write_up_until: Option<i64>,
    pub(crate) created_at: i64,
    pub(crate) sealed: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
