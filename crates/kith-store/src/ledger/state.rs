//! What the database says of the log itself, under a keyed hash: that one was begun, and how far it went. A signed log that
//! is less than that was taken away or put back, and a new one is begun only by somebody who says so.

use std::collections::BTreeMap;

use kith_ledger::Log;
use kith_vault::FileKey;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, Iterable};
use serde::Serialize;
use uuid::Uuid;

use super::sequence::{Tree, count, signed};
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
    /// The signed tree when this was written; of several servers that of the one that was furthest.
    pub(crate) furthest: Tree,
    /// That of each server, by the first of its lanes; nothing before there could be several.
    pub(crate) trees: BTreeMap<i64, Tree>,
    /// How far the lanes are placed.
    pub(crate) heads: Heads,
}

impl State {
    /// Of a database without entries.
    pub(crate) fn first(now_ms: i64, server: i64, log: &Log) -> Self {
        let tree = Tree::of(log);
        let trees = BTreeMap::from([(server, tree)]);
        Self { logs: 1, begun_ms: now_ms, placed: 0, furthest: tree, trees, heads: Heads::new() }
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
        let trees: Vec<(i64, u64, String)> =
            model.trees.as_deref().map_or(Ok(Vec::new()), serde_json::from_str).map_err(|_| altered())?;
        let tree = |(server, size, root): (i64, u64, String)| {
            let root = hex::decode(root).ok()?.try_into().ok()?;
            Some((server, Tree { size, root }))
        };
        Ok(Some(Self {
            logs: model.logs,
            begun_ms: model.begun_at,
            placed: count(model.placed)?,
            furthest: Tree { size: count(model.signed)?, root: model.root.try_into().map_err(|_| altered())? },
            trees: trees.into_iter().map(tree).collect::<Option<_>>().ok_or_else(altered)?,
            heads: heads.into_iter().collect(),
        }))
    }

    /// Writes it in the place of what is there.
    pub(crate) async fn write(&self, db: &impl ConnectionTrait, key: &FileKey) -> Result<(), StoreError> {
        let heads: Vec<_> = self.heads.iter().collect();
        let tree = |(server, tree): (&i64, &Tree)| (*server, tree.size, hex::encode(tree.root));
        let trees: Vec<_> = self.trees.iter().map(tree).collect();
        let mut model = ledger_state::Model {
            only_row: 1,
            logs: self.logs,
            begun_at: self.begun_ms,
            placed: signed(self.placed)?,
            signed: signed(self.furthest.size)?,
            root: self.furthest.root.to_vec(),
            lanes: words(&heads)?,
            mac: Vec::new(),
            trees: Some(words(&trees)?),
        };
        model.mac = row::mac(key, &model);
        let others = ledger_state::Column::iter().filter(|column| !matches!(column, ledger_state::Column::OnlyRow));
        let over = OnConflict::column(ledger_state::Column::OnlyRow).update_columns(others).to_owned();
        let write = ledger_state::Entity::insert(model.into_active_model()).on_conflict(over);
        write.exec_without_returning(db).await?;
        Ok(())
    }

    /// Whether the signed tree of a server is at least what it was, and says the same as those of the others:
    /// [`StoreError::LogTakenAway`], [`StoreError::LogsDiffer`] or, of a server that has no part in the log,
    /// [`StoreError::LogNotJoined`] if not.
    pub(crate) fn holds(&self, server: i64, log: &Log) -> Result<(), StoreError> {
        // Before there could be several, there was the one.
        let only = self.trees.is_empty().then_some(&self.furthest);
        let was = self.trees.get(&server).or(only).ok_or(StoreError::LogNotJoined)?;
        if !was.is_in(log)? {
            return Err(StoreError::LogTakenAway { log: log.size(), known: was.size });
        }
        if self.furthest != *was && self.furthest.size <= log.size() && !self.furthest.is_in(log)? {
            return Err(StoreError::LogsDiffer { size: self.furthest.size });
        }
        Ok(())
    }

    /// Says how far the signed tree of a server is.
    pub(crate) fn went(&mut self, server: i64, tree: Tree) {
        self.trees.insert(server, tree);
        if tree.size > self.furthest.size {
            self.furthest = tree;
        }
    }
}

fn words(list: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(list).map_err(|_| StoreError::unexpected("a list without words"))
}
