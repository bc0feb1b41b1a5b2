//! Under which key of the blind index tokens are stored and asked for, and another key in its place while servers serve.
//!
//! The database says which key is current, beside the tokens: whoever stores some holds that until the transaction ends, and
//! whoever asks learns in the same statement whether it asked for the right ones. While one key replaces another both are asked
//! for. Keys are numbered from 1 and are kept: hashes in the access log, which cannot be made anew, are found by all of them.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use kith_domain::access::{Access, Actor, Purpose};
use kith_domain::ids::{AccountId, ChildId};
use kith_linkage::MARKS;
use kith_vault::BlindIndex;
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, QuerySelect, Statement};
use uuid::Uuid;

use crate::entity::{account, child, index_state};
use crate::keys::KeyStore;
use crate::keys::note::{self, What};
use crate::keys::rotate::KeysPlace;
use crate::ledger::body::{self, Noted, Outcome};
use crate::{Store, StoreError, Work, row};

/// Rows looked at with one query.
const BATCH: u64 = 500;
/// The named key of the first key of the index; of a later one with its number.
pub(crate) const FIRST: &str = "blind-index";
/// The id of the row that says which key is current.
const STATE: Uuid = Uuid::from_u128(1);

/// Which keys tokens may be under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Live {
    /// Tokens are stored under this one.
    pub(crate) now: i64,
    /// Some may still be under this one.
    pub(crate) before: Option<i64>,
}

/// What has tokens.
#[derive(Clone, Copy)]
enum Indexed {
    File(ChildId),
    Account(AccountId),
}

/// The keys of the index, as far as they were needed.
pub(crate) struct Index {
    keys: RwLock<BTreeMap<i64, Arc<BlindIndex>>>,
    live: RwLock<Live>,
}

fn name_of(number: i64) -> String {
    if number == 1 { FIRST.to_owned() } else { format!("{FIRST}-{number}") }
}

/// The number of the newest key of the index.
pub(crate) async fn newest(keys: &KeyStore) -> Result<i64, StoreError> {
    Ok(numbers(keys).await?.last().copied().unwrap_or(1))
}

async fn numbers(keys: &KeyStore) -> Result<Vec<i64>, StoreError> {
    let names = keys.names_like(&format!("{FIRST}%")).await?;
    let number = |name: String| match name.strip_prefix(FIRST)? {
        "" => Some(1),
        rest => rest.strip_prefix('-')?.parse().ok(),
    };
    let mut numbers: Vec<i64> = names.into_iter().filter_map(number).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// Which keys the database says are live.
pub(crate) async fn live_in(db: &impl ConnectionTrait) -> Result<Live, StoreError> {
    let state = index_state::Entity::find_by_id(STATE).one(db).await?;
    Ok(state.map_or(Live { now: 1, before: None }, |state| Live { now: state.key_now, before: state.key_before }))
}

impl Index {
    /// As the database says; the first key is made at the first start.
    pub(crate) async fn open(db: &impl ConnectionTrait, keys: &KeyStore) -> Result<Self, StoreError> {
        let first = Arc::new(BlindIndex::new(keys.named(FIRST).await?));
        let index =
            Self { keys: RwLock::new(BTreeMap::from([(1, first)])), live: RwLock::new(Live { now: 1, before: None }) };
        index.learn(keys, live_in(db).await?).await?;
        Ok(index)
    }

    /// What was last known to be live.
    pub(crate) fn live(&self) -> Live {
        *self.live.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what is live.
    pub(crate) async fn learn(&self, keys: &KeyStore, live: Live) -> Result<(), StoreError> {
        for number in [Some(live.now), live.before].into_iter().flatten() {
            self.key(keys, number).await?;
        }
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = live;
        Ok(())
    }

    /// The key of a number. [`StoreError::KeyMissing`] if it is not in the key store.
    pub(crate) async fn key(&self, keys: &KeyStore, number: i64) -> Result<Arc<BlindIndex>, StoreError> {
        if let Some(known) = self.known(number) {
            return Ok(known);
        }
        let key = Arc::new(BlindIndex::new(keys.existing(&name_of(number)).await?));
        self.keys.write().unwrap_or_else(PoisonError::into_inner).insert(number, Arc::clone(&key));
        Ok(key)
    }

    fn known(&self, number: i64) -> Option<Arc<BlindIndex>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).get(&number).cloned()
    }

    /// The keys that are asked for: the current one first.
    pub(crate) fn asked(&self, live: Live) -> Vec<Arc<BlindIndex>> {
        [Some(live.now), live.before].into_iter().flatten().filter_map(|number| self.known(number)).collect()
    }

    /// The current one, as was last known.
    pub(crate) fn latest(&self) -> Arc<BlindIndex> {
        let known = self.known(self.live().now).or_else(|| self.known(1));
        known.unwrap_or_else(|| unreachable!("the first is there from the start"))
    }
}

impl Store {
    /// Makes the tokens by which sealed names are found: under the key that was last known to be current. What is stored is
    /// made under [`Work::blind`].
    pub fn blind(&self) -> Arc<BlindIndex> {
        self.0.index.latest()
    }

    /// A keyed hash of a word that was searched for, or of the address somebody came from, by which entries of the access
    /// log are found: the first 128 bits of an HMAC-SHA-256 under the key of the blind index.
    pub fn asked_word(&self, what: &str, word: &str) -> Uuid {
        Uuid::from_bytes(self.blind().identifier(what, word))
    }

    /// The same of each of these words, under every key of the index there ever was: what entries are looked for by.
    pub async fn asked_words(&self, what: &str, words: &[String]) -> Result<Vec<Uuid>, StoreError> {
        let mut hashes = Vec::new();
        for number in numbers(&self.0.keys).await? {
            let blind = self.0.index.key(&self.0.keys, number).await?;
            hashes.extend(words.iter().map(|word| Uuid::from_bytes(blind.identifier(what, word))));
        }
        Ok(hashes)
    }

    /// Does what was noted beside this program with the keys, and is to be in the access log: enters that the master key was
    /// replaced or written out in shares, and takes another key for the index when one is asked for. What is cut short goes on
    /// when it is called again.
    pub async fn attend_to_keys(&self) -> Result<(), StoreError> {
        for note in self.0.keys.notes().await? {
            match note.what {
                What::Master | What::Shares => {
                    self.0.keys.attend(&note, self.enter(note.what.action())).await?;
                }
                What::Index => {
                    let number = note.about.parse().map_err(|_| StoreError::unexpected("a note without a number"))?;
                    self.take_index_key(number).await?;
                    self.0.keys.done(&note).await?;
                }
            }
        }
        self.take_marks().await
    }

    /// Stores the tokens of every file anew when they were made of other marks than this Kith makes: until then those files are
    /// found by the beginnings of names, and by nothing else. Goes on, from the start, where it was cut short.
    async fn take_marks(&self) -> Result<(), StoreError> {
        let state = index_state::Entity::find_by_id(STATE).one(&self.0.write).await?;
        if state.is_some_and(|state| state.marks == Some(MARKS)) {
            return Ok(());
        }
        self.index_files_again().await?;
        self.set_live("index.marks_renewed", |live| live).await
    }

    async fn enter(&self, action: &'static str) -> Result<(), StoreError> {
        let entries = body::entries(&access(), action, now_ms(), &Noted::default(), &Outcome::Done);
        self.0.writer.write(entries)?.await
    }

    /// Stores every token under the key of a number, and then asks for no other. Goes on where it was cut short.
    pub(crate) async fn take_index_key(&self, number: i64) -> Result<(), StoreError> {
        if live_in(&self.0.write).await?.before.is_some() {
            self.end_index_rotation().await?;
        }
        if live_in(&self.0.write).await?.now >= number {
            return Ok(());
        }
        self.set_live("keys.index_rotation", |live| Live { now: number, before: Some(live.now) }).await?;
        self.end_index_rotation().await
    }

    async fn index_files_again(&self) -> Result<(), StoreError> {
        let mut after = Uuid::nil();
        loop {
            let ids = row::ids_after::<child::Entity>(&self.0.write, child::Column::Id, after, BATCH).await?;
            let Some(last) = ids.last() else { break };
            after = *last;
            for id in ids {
                self.store_again(Indexed::File(ChildId(id))).await?;
            }
        }
        Ok(())
    }

    async fn end_index_rotation(&self) -> Result<(), StoreError> {
        self.index_files_again().await?;
        let accounts = account::Entity::find().select_only().column(account::Column::Id);
        let accounts: Vec<Uuid> = accounts.into_tuple().all(&self.0.write).await?;
        for id in accounts {
            self.store_again(Indexed::Account(AccountId(id))).await?;
        }
        self.set_live(What::Index.action(), |live| Live { before: None, ..live }).await
    }

    /// A piece of work of its own for each file and each account, so that nobody waits for more than that.
    async fn store_again(&self, what: Indexed) -> Result<(), StoreError> {
        self.retry(|| async {
            let work = self.work_in_reserve(&access()).await?;
            match what {
                Indexed::File(child) => work.index_file(child).await?,
                Indexed::Account(account) => work.index_account(account).await?,
            }
            work.commit("keys.index_renewed", now_ms()).await
        })
        .await
    }

    /// Says which keys are live, when nobody stores tokens under another.
    pub(crate) async fn set_live(
        &self,
        action: &'static str,
        next: impl Fn(Live) -> Live + Send + Sync,
    ) -> Result<(), StoreError> {
        self.retry(|| async {
            let work = self.work_in_reserve(&access()).await?;
            let db = work.db();
            // Waits for those that hold it, and has those begun before it begin again, see [`Work::blind`].
            db.execute_unprepared("UPDATE authority SET key_check = key_check").await?;
            let before = index_state::Entity::find_by_id(STATE).one(&db).await?;
            let live = next(live_in(&db).await?);
            let version = before.as_ref().map_or(1, |state| state.version + 1);
            // As long as another key is being taken, not every file was stored anew.
            let earlier = before.as_ref().and_then(|state| state.marks);
            let marks = if live.before.is_none() { Some(MARKS) } else { earlier };
            let state = index_state::Model { id: STATE, version, key_now: live.now, key_before: live.before, marks };
            work.wrote(STATE, version, &state);
            match before {
                Some(before) => {
                    row::save_where_version(&db, state, index_state::Column::Version, before.version).await?;
                }
                None => row::insert(&db, state).await?,
            }
            drop(db);
            work.commit(action, now_ms()).await
        })
        .await?;
        self.0.index.learn(&self.0.keys, live_in(&self.0.write).await?).await
    }
}

impl Work {
    /// The key under which tokens are stored; it stays that until this piece of work ends.
    pub async fn blind(&self) -> Result<Arc<BlindIndex>, StoreError> {
        let key = self.index_key.get_or_try_init(|| async {
            let db = self.db();
            if db.get_database_backend() == DbBackend::Postgres {
                let hold = "SELECT only_row FROM authority FOR SHARE";
                db.query_one_raw(Statement::from_string(DbBackend::Postgres, hold)).await?;
            }
            let live = live_in(&db).await?;
            self.store().0.index.key(&self.store().0.keys, live.now).await
        });
        key.await.cloned()
    }
}

fn access() -> Access {
    Access { actor: Actor::system(), purpose: Purpose::Administration }
}

fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

impl KeysPlace {
    /// Makes another key for the index and asks the Kith that serves, or is started next, to take it; returns its number. If one
    /// is being taken already, that one's.
    pub async fn ask_for_index_key(&self) -> Result<i64, StoreError> {
        let keys = self.open().await?;
        let mut asked = newest(&keys).await?;
        if note::last(keys.db(), What::Index).await?.is_none_or(|(_, done)| done) {
            asked += 1;
            keys.named(&name_of(asked)).await?;
            note::leave(keys.db(), What::Index, &asked.to_string()).await?;
        }
        keys.close().await?;
        Ok(asked)
    }
}
