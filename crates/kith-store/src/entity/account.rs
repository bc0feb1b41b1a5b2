//! Rows of `account`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) version: i64,
    pub(crate) role: String,
    pub(crate) area: String,
    pub(crate) state: String,
    #[sea_orm(unique)]
    pub(crate) login_token: Vec<u8>,
    pub(crate) totp_last_step: i64,
    pub(crate) failed_attempts: i64,
    pub(crate) locked_until: i64,
    pub(crate) created_at: i64,
    pub(crate) proposed_at: Option<i64>,
    pub(crate) sealed: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
