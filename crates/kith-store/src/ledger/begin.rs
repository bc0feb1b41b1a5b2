//! How the log is taken up at the start: as it was, from a backup, or begun anew because somebody says so.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use kith_domain::access::{Access, Actor, Purpose};
use kith_ledger::Log;
use kith_vault::FileKey;
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, EntityTrait, FromQueryResult};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect, Statement};

use super::body::{Noted, Outcome};
use super::lanes::{Lanes, is_ours, mac_of};
use super::sequence::{Next, Reopen, Tree, begin_alone, count, fitting, signed};
use super::server::ThisServer;
use super::state::{Heads, State};
use super::{body, verify};
use crate::entity::ledger_entry::{self, Column, Entity};
use crate::examine::ENTRIES;
use crate::keys::KeyStore;
use crate::open::Files;
use crate::{StoreError, engine};

/// Rows read at once.
const BATCH: u64 = 1_000;
/// The named key that says that the database says how far its log went: kept where the keys are, so that who takes that row
/// away cannot make it look as if there never was one.
const BEGUN: &str = "log-begun";

/// How the signed log is taken up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogStart {
    /// As it was left. A log that was taken away, put back or altered is refused.
    #[default]
    Usual,
    /// From a backup, whose log may be a little shorter than its data: what is missing is signed again. An entry says so.
    Restored,
    /// As it was left, or, in a data directory that has no part in it yet, built from the entries of the database up to the root
    /// that the other servers had signed. An entry says so.
    Joined,
    /// Begun anew from the entries of the database, each of which must be as Kith wrote it. What is left of the old log is
    /// moved aside. An entry says so, and every page for a while. Refused when nothing is wrong with the log.
    Anew,
}

/// What the log is taken up from.
pub(crate) struct Beginning<'b> {
    pub(crate) start: LogStart,
    pub(crate) files: &'b Files,
    pub(crate) second_place: &'b Path,
    pub(crate) keys: &'b KeyStore,
    /// What is where no other server reaches it, and the setting that puts it elsewhere.
    pub(crate) not_shared: Option<(&'static str, &'static str)>,
    pub(crate) db: &'b DatabaseConnection,
    pub(crate) this: &'b ThisServer,
    pub(crate) key: &'b FileKey,
    pub(crate) lanes: &'b Lanes,
    pub(crate) reopen: &'b Reopen,
}

impl Beginning<'_> {
    /// The signed log, open, and what the database says of it.
    pub(crate) async fn begin(self) -> Result<(Log, State), StoreError> {
        let (log, state) = match self.start {
            LogStart::Usual | LogStart::Restored | LogStart::Joined => self.as_it_was().await?,
            LogStart::Anew => self.anew().await?,
        };
        if state.trees.keys().any(|server| *server != self.this.first_lane) {
            self.is_shared()?;
        }
        self.keys.named(BEGUN).await?;
        Ok((log, state))
    }

    async fn as_it_was(&self) -> Result<(Log, State), StoreError> {
        let mut log = (self.reopen)()?;
        let server = self.this.first_lane;
        let state = match State::read(self.db, self.key).await? {
            None if self.start == LogStart::Joined => return Err(StoreError::NothingToJoin),
            None if self.keys.has(BEGUN).await? => return Err(StoreError::LogUnknown),
            None => self.adopt(&log).await?,
            Some(state) if self.start == LogStart::Restored => self.restored(state, &log).await?,
            Some(state) if self.start == LogStart::Joined && !state.trees.contains_key(&server) => {
                self.joined(state, &mut log).await?
            }
            Some(state) => {
                state.holds(server, &log)?;
                state
            }
        };
        Ok((log, state))
    }

    fn is_shared(&self) -> Result<(), StoreError> {
        self.not_shared.map_or(Ok(()), |(what, setting)| Err(StoreError::NotShared { what, setting }))
    }

    /// From a backup: this is the only server now, and what its log is short of is signed again.
    async fn restored(&self, mut state: State, log: &Log) -> Result<State, StoreError> {
        let tree = Tree::of(log);
        if state.furthest.size <= tree.size && !state.furthest.is_in(log)? {
            return Err(StoreError::LogTakenAway { log: tree.size, known: state.furthest.size });
        }
        (state.furthest, state.trees) = (tree, BTreeMap::from([(self.this.first_lane, tree)]));
        self.enter(begin_alone(self.db).await?, &state, "log.restored").await?;
        Ok(state)
    }

    /// Builds the log of a server that joins; one that was interrupted goes on where it was.
    async fn joined(&self, state: State, log: &mut Log) -> Result<State, StoreError> {
        if state.trees.is_empty() {
            return Err(StoreError::NothingToJoin);
        }
        self.is_shared()?;
        while log.size() < state.furthest.size {
            Next::after(self.db, self.key, log.size(), &state.furthest).await?.append_to(log)?;
        }
        let transaction = begin_alone(self.db).await?;
        let mut state = State::read(&transaction, self.key).await?.ok_or(StoreError::LogUnknown)?;
        state.went(self.this.first_lane, Tree::of(log));
        state.holds(self.this.first_lane, log)?;
        self.enter(transaction, &state, "log.joined").await?;
        Ok(state)
    }

    /// Of a new database, or of one that was written before entries had keyed hashes: what is signed is compared with the
    /// signed log, then every entry gets its hash.
    async fn adopt(&self, log: &Log) -> Result<State, StoreError> {
        let mut state = State::first(now_ms(), self.this.first_lane, log);
        if log.size() > 0 {
            verify::compare_tree(self.files, self.second_place, None, self.db, |_| Ok(())).await?;
        }
        let transaction = begin_alone(self.db).await?;
        if State::read(&transaction, self.key).await?.is_some() {
            // Another server was started for the first time at this very moment.
            return Err(StoreError::LogNotJoined);
        }
        let placed = placed(&transaction).await?;
        let mut number = 0;
        for places in [true, false] {
            loop {
                let without = Entity::find().filter(Column::Mac.is_null());
                let next = if places {
                    without.filter(Column::Leaf.is_not_null()).order_by_asc(Column::Leaf)
                } else {
                    without.filter(Column::Leaf.is_null()).order_by_asc(Column::Id)
                };
                let next = next.limit(BATCH).all(&transaction).await?;
                if next.is_empty() {
                    break;
                }
                for mut entry in next {
                    (entry.lane, entry.number, entry.after) = (Some(0), Some(number), Some(number - 1));
                    let mac = mac_of(self.key, &entry);
                    let set = "UPDATE ledger_entry SET lane = 0, number = $1, after = $2, mac = $3 WHERE id = $4";
                    let values = [number.into(), (number - 1).into(), mac.into(), entry.id.into()];
                    let backend = transaction.get_database_backend();
                    transaction.execute_raw(Statement::from_sql_and_values(backend, set, values)).await?;
                    number += 1;
                }
            }
        }
        state.placed = placed;
        if placed > 0 {
            state.heads.insert(0, signed(placed)? - 1);
        }
        state.write(&transaction, self.key).await?;
        engine::commit(transaction).await?;
        Ok(state)
    }

    async fn anew(&self) -> Result<(Log, State), StoreError> {
        let before = State::read(self.db, self.key).await;
        if let (Ok(log), Ok(Some(state))) = ((self.reopen)(), &before)
            && state.holds(self.this.first_lane, &log).is_ok()
            && self.nothing_waits_in_vain(state).await?
        {
            return Err(StoreError::LogWhole);
        }
        let now_ms = now_ms();
        for directory in [self.files.log(), self.second_place.to_path_buf()] {
            set_aside(&directory, now_ms)?;
        }
        let log = (self.reopen)()?;
        let transaction = begin_alone(self.db).await?;
        let placed = self.place_what_is_ours(&transaction, placed(&transaction).await?).await?;
        let logs = before.ok().flatten().map_or(1, |state| state.logs) + 1;
        let state = State {
            logs,
            placed,
            heads: heads(&transaction).await?,
            ..State::first(now_ms, self.this.first_lane, &log)
        };
        self.enter(transaction, &state, "log.begun_anew").await?;
        Ok((log, state))
    }

    /// Whether every entry that waits follows on what is placed.
    async fn nothing_waits_in_vain(&self, state: &State) -> Result<bool, StoreError> {
        let waiting = Entity::find().filter(Column::Leaf.is_null()).order_by_asc(Column::Id).all(self.db).await?;
        let (_, wrong) = fitting(waiting, &mut state.clone(), self.key);
        Ok(wrong.is_none())
    }

    /// Gives every waiting entry that is Kith's own its place, gaps or not; returns how many have one.
    async fn place_what_is_ours(&self, db: &DatabaseTransaction, mut placed: u64) -> Result<u64, StoreError> {
        let waiting = Entity::find().filter(Column::Leaf.is_null()).order_by_asc(Column::Id).all(db).await?;
        for entry in waiting.iter().filter(|entry| is_ours(self.key, entry)) {
            let set = "UPDATE ledger_entry SET leaf = $1 WHERE id = $2";
            let values = [signed(placed)?.into(), entry.id.into()];
            db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), set, values)).await?;
            placed += 1;
        }
        Ok(placed)
    }

    /// Writes what is said of the log with the entry that says so.
    async fn enter(&self, db: DatabaseTransaction, state: &State, action: &'static str) -> Result<(), StoreError> {
        state.write(&db, self.key).await?;
        let access = Access { actor: Actor::system(), purpose: Purpose::Administration };
        let entries = body::entries(&access, action, now_ms(), &Noted::default(), &Outcome::Done);
        self.lanes.commit(db, entries.iter()).await
    }
}

/// How many entries have a place.
async fn placed(db: &impl ConnectionTrait) -> Result<u64, StoreError> {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), ENTRIES)).await?;
    count(row.ok_or(StoreError::NotFound)?.try_get("", "entries")?)
}

#[derive(FromQueryResult)]
struct Head {
    lane: i64,
    last: i64,
}

/// How far the lanes are placed.
async fn heads(db: &impl ConnectionTrait) -> Result<Heads, StoreError> {
    let heads = ledger_entry::Entity::find()
        .select_only()
        .column(Column::Lane)
        .column_as(Column::Number.max(), "last")
        .filter(Column::Leaf.is_not_null())
        .filter(Column::Lane.is_not_null())
        .group_by(Column::Lane)
        .into_model::<Head>()
        .all(db)
        .await?;
    Ok(heads.into_iter().map(|head| (head.lane, head.last)).collect())
}

/// Moves a directory aside, if it is there, under the name of the moment: the auditor may want it.
fn set_aside(directory: &Path, now_ms: i64) -> Result<(), StoreError> {
    if !directory.exists() {
        return Ok(());
    }
    let mut name = directory.file_name().unwrap_or_default().to_owned();
    name.push(format!("-until-{now_ms}"));
    let aside: PathBuf = directory.with_file_name(name);
    fs::rename(directory, &aside).map_err(|error| StoreError::io(directory, error))?;
    crate::open::create_private(directory)
}

fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
