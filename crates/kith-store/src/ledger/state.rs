//! What the database says of the log itself, under a keyed hash: that one was begun, and how far it went. A signed log that
//! is less than that was taken away or put back, and a new one is begun only by somebody who says so.

use std::collections::BTreeMap;

use kith_ledger::{Hash, Log};
use kith_vault::FileKey;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, Iterable};
use uuid::Uuid;

use super::sequence::{count, signed};
use crate::entity::ledger_state;
use crate::{StoreError, row};

/// How far each lane is placed: the number of its last entry that has a place.
pub(crate) type Heads = BTreeMap<i64, i64>;

/// How far the log went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// Which log it is: 1, and one more each time a new one was begun.
    pub(crate) logs: i64,
    /// When it was begun, UTC milliseconds.
    pub(crate) begun_ms: i64,
    /// Entries that have a place.
    pub(crate) placed: u64,
    /// Entries that the signed tree had when this was written.
    pub(crate) signed: u64,
    /// Its root hash then.
    pub(crate) root: Hash,
    /// How far the lanes are placed.
    pub(crate) heads: Heads,
}

impl State {
    /// Of a database without entries.
    pub(crate) fn first(now_ms: i64, log: &Log) -> Self {
        Self { logs: 1, begun_ms: now_ms, placed: 0, signed: log.size(), root: log.root(), heads: Heads::new() }
    }

    /// Reads it; `None` where there is none. [`StoreError::RowAltered`] if it is not what Kith wrote.
    pub(crate) async fn read(db: &impl ConnectionTrait, key: &FileKey) -> Result<Option<Self>, StoreError> {
        let altered =
            || StoreError::RowAltered { table: "ledger_state", row: Uuid::nil(), why: "it is not what Kith wrote" };
        let mut models = ledger_state::Entity::find().all(db).await?.into_iter();
        let Some(model) = models.next() else { return Ok(None) };
        if models.next().is_some() || !row::is_ours(key, &model, &model.mac) {
            return Err(altered());
        }
        let heads: Vec<(i64, i64)> = serde_json::from_str(&model.lanes).map_err(|_| altered())?;
        Ok(Some(Self {
            logs: model.logs,
            begun_ms: model.begun_at,
            placed: count(model.placed)?,
            signed: count(model.signed)?,
            root: model.root.try_into().map_err(|_| altered())?,
            heads: heads.into_iter().collect(),
        }))
    }

    /// Writes it in the place of what is there.
    pub(crate) async fn write(&self, db: &impl ConnectionTrait, key: &FileKey) -> Result<(), StoreError> {
        let heads: Vec<_> = self.heads.iter().collect();
        let mut model = ledger_state::Model {
            only_row: 1,
            logs: self.logs,
            begun_at: self.begun_ms,
            placed: signed(self.placed)?,
            signed: signed(self.signed)?,
            root: self.root.to_vec(),
            lanes: serde_json::to_string(&heads).map_err(|_| StoreError::unexpected("lanes without words"))?,
            mac: Vec::new(),
        };
        model.mac = row::mac(key, &model);
        let others = ledger_state::Column::iter().filter(|column| !matches!(column, ledger_state::Column::OnlyRow));
        let over = OnConflict::column(ledger_state::Column::OnlyRow).update_columns(others).to_owned();
        let write = ledger_state::Entity::insert(model.into_active_model()).on_conflict(over);
        write.exec_without_returning(db).await?;
        Ok(())
    }

    /// Whether the signed tree is at least what it was: [`StoreError::LogTakenAway`] if not.
    pub(crate) fn holds(&self, log: &Log) -> Result<(), StoreError> {
        let gone = || StoreError::LogTakenAway { log: log.size(), known: self.signed };
        if log.size() < self.signed || log.root_at(self.signed)? != self.root {
            return Err(gone());
        }
        Ok(())
    }
}
