//! The key store: file keys and the authority's named keys, wrapped by the master key, in a home of their own.

pub(crate) mod copy;
pub(crate) mod escrow;
pub(crate) mod home;
pub(crate) mod masters;
pub(crate) mod note;
pub(crate) mod rotate;
pub(crate) mod status;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kith_vault::{FileKey, MasterKey, MasterKeyFile, VaultError, wrapped_by};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, Value};
use uuid::Uuid;

use crate::{StoreError, engine, row};
use home::Home;
use masters::Masters;

/// For how long an unwrapped file key is kept in memory.
const KEPT: Duration = Duration::from_secs(30);
/// Most file keys kept in memory: more than a county has children in contact.
const KEPT_MAX: usize = 1_000;
/// How often a key is read again that was wrapped again between the reading of it and the reading of the master key: each
/// time somebody ended a whole rotation between the two.
const ATTEMPTS: u32 = 5;
/// Most keys asked for in one statement.
const ASKED_MAX: usize = 1_000;

/// Where keys are kept.
pub(crate) struct KeyStore {
    home: Box<dyn Home>,
    masters: Masters,
    authority: String,
    /// The id of the master key that wraps, as it was when last asked for.
    master: Mutex<String>,
    opened: Mutex<Opened>,
}

/// File keys that were unwrapped a short while ago.
#[derive(Default)]
struct Opened {
    keys: HashMap<Uuid, (FileKey, Instant)>,
    /// How many keys had been destroyed: of those destroyed by then none is among these.
    as_of: AsOf,
}

/// How many keys had been destroyed at some moment.
pub(crate) type AsOf = i64;

impl KeyStore {
    /// Over an open home, with the master key of a file. With `create` a master key that is not there is made, if there are no
    /// keys yet that it would have to open: [`StoreError::MasterKeyMissing`] otherwise.
    pub(crate) async fn open(
        home: Box<dyn Home>,
        master: &Path,
        create: bool,
        authority: &str,
    ) -> Result<Self, StoreError> {
        let is_new = !home::has_keys(home.db()).await?;
        let masters = Masters::load(master, create && is_new)?;
        let master = state(home.db(), &masters, is_new).await?;
        let (master, authority) = (Mutex::new(master), authority.to_owned());
        Ok(Self { home, masters, authority, master, opened: Mutex::default() })
    }

    /// Where it is, never with a password.
    pub(crate) fn place(&self) -> &str {
        self.home.place()
    }

    pub(crate) fn db(&self) -> &DatabaseConnection {
        self.home.db()
    }

    /// The key of this name; made at random and stored the first time it is asked for.
    pub(crate) async fn named(&self, name: &str) -> Result<FileKey, StoreError> {
        let context = self.context("named key", name);
        if let Some(key) = self.find_named(name, &context).await? {
            return Ok(key);
        }
        let key = FileKey::generate()?;
        self.put("named_key (name, wrapped)", name.into(), &context, &key).await?;
        // Another server may have put in its own at the same moment.
        self.find_named(name, &context).await?.ok_or(StoreError::NotFound)
    }

    async fn find_named(&self, name: &str, context: &[u8]) -> Result<Option<FileKey>, StoreError> {
        let mut attempt = 1;
        loop {
            let find = self.sql("SELECT wrapped FROM named_key WHERE name = $1", [name.into()]);
            let Some(row) = self.db().query_one_raw(find).await? else { return Ok(None) };
            match self.masters.unwrap(context, &row.try_get::<Vec<u8>>("", "wrapped")?) {
                // It was wrapped again between the reading of it and the reading of the master key.
                Err(VaultError::OtherMasterKey { .. }) if attempt < ATTEMPTS => attempt += 1,
                done => return Ok(Some(done?)),
            }
        }
    }

    /// The key of this name. [`StoreError::KeyMissing`] if there is none.
    pub(crate) async fn existing(&self, name: &str) -> Result<FileKey, StoreError> {
        let key = self.find_named(name, &self.context("named key", name)).await?;
        key.ok_or_else(|| StoreError::KeyMissing { place: self.place().to_owned() })
    }

    /// The names of keys that are like a pattern of SQL.
    pub(crate) async fn names_like(&self, pattern: &str) -> Result<Vec<String>, StoreError> {
        let find = self.sql("SELECT name FROM named_key WHERE name LIKE $1", [pattern.into()]);
        let rows = self.db().query_all_raw(find).await?;
        rows.iter().map(|row| Ok(row.try_get("", "name")?)).collect()
    }

    /// Whether there is a key of this name.
    pub(crate) async fn has(&self, name: &str) -> Result<bool, StoreError> {
        let find = self.sql("SELECT 1 AS there FROM named_key WHERE name = $1", [name.into()]);
        Ok(self.db().query_one_raw(find).await?.is_some())
    }

    /// Makes a key for a file; durable when this returns. Does nothing if the file has one,
    /// [`StoreError::Destroyed`] if it had one.
    pub(crate) async fn create(&self, file: Uuid) -> Result<(), StoreError> {
        let key = FileKey::generate()?;
        if self.put("file_key (file_id, wrapped)", file.into(), &self.file_context(file), &key).await? {
            return Ok(());
        }
        self.get(file, self.as_of().await?).await?.map(|_| ()).ok_or(StoreError::Destroyed)
    }

    /// Puts in a key, wrapped by the master key that wraps at that moment: one that is being replaced must not wrap anything
    /// that whoever replaces it does not see. Returns whether there was none.
    async fn put(&self, into: &str, of: Value, context: &[u8], key: &FileKey) -> Result<bool, StoreError> {
        let lock = if self.db().get_database_backend() == DbBackend::Postgres { " FOR SHARE" } else { "" };
        let text =
            format!("INSERT INTO {into} SELECT $1, $2 FROM key_state WHERE master = $3{lock} ON CONFLICT DO NOTHING");
        let mut master = lock_of(&self.master).clone();
        loop {
            let wrapped = self.masters.wrap(&master, context, key);
            if let Ok(wrapped) = &wrapped {
                let add = self.sql(&text, [of.clone(), wrapped.clone().into(), master.clone().into()]);
                if self.db().execute_raw(add).await?.rows_affected() == 1 {
                    return Ok(true);
                }
            }
            // Another wraps by now, and the file may have lost the one that did; or there is a key already.
            let now = master_of(self.db()).await?.ok_or(StoreError::NotFound)?;
            if now == master {
                return Ok(wrapped.map(|_| false)?);
            }
            lock_of(&self.master).clone_from(&now);
            master = now;
        }
    }

    /// The master key that wraps now, and the file that it is in as it was read last.
    pub(crate) async fn wraps(&self) -> Result<(MasterKey, MasterKeyFile), StoreError> {
        let (current, file) = (master_of(self.db()).await?.ok_or(StoreError::NotFound)?, self.masters.known());
        match file.get(&current).cloned() {
            Some(key) => Ok((key, file)),
            None => Err(file.other(current).into()),
        }
    }

    /// How many keys were destroyed until now. Asked once by each scope before it uses keys: what another server destroyed
    /// before that is not used any more.
    pub(crate) async fn as_of(&self) -> Result<AsOf, StoreError> {
        if self.home.is_shared() { destroyed(self.db()).await } else { Ok(self.opened().as_of) }
    }

    /// The key of a file; `None` if it was destroyed. [`StoreError::KeyMissing`] if there never was one here.
    pub(crate) async fn get(&self, file: Uuid, as_of: AsOf) -> Result<Option<FileKey>, StoreError> {
        let keys = self.get_all(&[file], as_of).await?;
        let missing = || StoreError::KeyMissing { place: self.place().to_owned() };
        keys.into_iter().next().ok_or_else(missing).map(|(_, key)| key)
    }

    /// The keys of these files in one statement, in no order; `None` for one that was destroyed. Those that never had one
    /// here are not in it. `as_of` is what [`as_of`](Self::as_of) gave at the beginning of the scope.
    pub(crate) async fn get_all(
        &self,
        files: &[Uuid],
        as_of: AsOf,
    ) -> Result<Vec<(Uuid, Option<FileKey>)>, StoreError> {
        let mut attempt = 1;
        loop {
            match self.get_all_once(files, as_of).await {
                // They were wrapped again between the reading of them and the reading of the master key.
                Err(StoreError::Vault(VaultError::OtherMasterKey { .. })) if attempt < ATTEMPTS => attempt += 1,
                done => return done,
            }
        }
    }

    async fn get_all_once(&self, files: &[Uuid], as_of: AsOf) -> Result<Vec<(Uuid, Option<FileKey>)>, StoreError> {
        let (mut keys, asked, as_of) = {
            let mut opened = self.opened();
            if opened.as_of < as_of {
                *opened = Opened { as_of, ..Opened::default() };
            }
            let mut keys = Vec::with_capacity(files.len());
            let mut asked: Vec<Uuid> = Vec::new();
            for file in files {
                match opened.keys.get(file) {
                    Some((key, since)) if since.elapsed() < KEPT => keys.push((*file, Some(key.clone()))),
                    _ => asked.push(*file),
                }
            }
            (keys, asked, opened.as_of)
        };
        for some in asked.chunks(ASKED_MAX) {
            let mut values = Vec::new();
            let places = row::places(&mut values, some.iter().map(|file| (*file).into()));
            let find = format!("SELECT file_id, wrapped FROM file_key WHERE file_id IN ({places})");
            let find = Statement::from_sql_and_values(self.db().get_database_backend(), find, values);
            for row in self.db().query_all_raw(find).await? {
                let file: Uuid = row.try_get("", "file_id")?;
                let Some(wrapped) = row.try_get::<Option<Vec<u8>>>("", "wrapped")? else {
                    keys.push((file, None));
                    continue;
                };
                let key = self.masters.unwrap(&self.file_context(file), &wrapped)?;
                keys.push((file, Some(key.clone())));
                let mut opened = self.opened();
                // One that was read before a destruction is not kept after it.
                if opened.as_of == as_of {
                    if opened.keys.len() >= KEPT_MAX {
                        opened.keys.clear();
                    }
                    opened.keys.insert(file, (key, Instant::now()));
                }
            }
        }
        Ok(keys)
    }

    /// Forgets every unwrapped key, as after [`KEPT`].
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn forget_all(&self) {
        self.opened().keys.clear();
    }

    fn opened(&self) -> MutexGuard<'_, Opened> {
        lock_of(&self.opened)
    }

    /// Destroys the key of a file, for ever: its bytes are overwritten, and what the engine can take away of them is gone before
    /// this returns. [`StoreError::NotFound`] if the file never had a key; destroying twice does nothing.
    pub(crate) async fn destroy(&self, file: Uuid) -> Result<(), StoreError> {
        let transaction = engine::begin_plain(self.db()).await?;
        let steps = match transaction.get_database_backend() {
            // Zeros of the same length first: they are written over the old bytes where these lie.
            DbBackend::Sqlite => [
                "UPDATE file_key SET wrapped = zeroblob(length(wrapped)) WHERE file_id = $1",
                "UPDATE file_key SET wrapped = NULL WHERE file_id = $1",
            ],
            // It writes nothing over: another row takes the place, so that the old one is no part of it, see `wipe`.
            _ => {
                ["DELETE FROM file_key WHERE file_id = $1", "INSERT INTO file_key (file_id, wrapped) VALUES ($1, NULL)"]
            }
        };
        for step in steps {
            if transaction.execute_raw(self.sql(step, [file.into()])).await?.rows_affected() == 0 {
                return Err(StoreError::NotFound);
            }
        }
        transaction.execute_unprepared("UPDATE key_state SET destroyed = destroyed + 1").await?;
        let as_of = destroyed(&transaction).await?;
        engine::commit(transaction).await?;
        {
            let mut opened = self.opened();
            opened.as_of = opened.as_of.max(as_of);
            opened.keys.remove(&file);
        }
        self.home.wipe().await
    }

    /// Closes it; the write-ahead log of a file is emptied.
    pub(crate) async fn close(&self) -> Result<(), StoreError> {
        Ok(self.db().close_by_ref().await?)
    }

    fn file_context(&self, file: Uuid) -> Vec<u8> {
        self.context("file key", &file.hyphenated().to_string())
    }

    /// What a wrapped key is bound to. A code of an authority holds no zero byte, so no two contexts are equal.
    fn context(&self, kind: &str, name: &str) -> Vec<u8> {
        [kind, &self.authority, name].join("\0").into_bytes()
    }

    fn sql<const N: usize>(&self, text: &str, values: [Value; N]) -> Statement {
        Statement::from_sql_and_values(self.db().get_database_backend(), text, values)
    }
}

/// A poisoned lock only means that a thread ended while holding it; each change under it is a single step.
fn lock_of<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The id of the master key that wraps; written down the first time: the one that the keys are under, else the file's first.
async fn state(db: &DatabaseConnection, masters: &Masters, is_new: bool) -> Result<String, StoreError> {
    if let Some(master) = master_of(db).await? {
        return Ok(master);
    }
    let backend = db.get_database_backend();
    let known = masters.known();
    let master =
        match db.query_one_raw(Statement::from_string(backend, "SELECT wrapped FROM named_key LIMIT 1")).await? {
            Some(row) => wrapped_by(&row.try_get::<Vec<u8>>("", "wrapped")?)?,
            None => known.keys()[0].id().to_owned(),
        };
    let since = is_new.then(|| jiff::Timestamp::now().as_millisecond());
    for (text, values) in [
        (
            "INSERT INTO key_state (only_row, master, destroyed) \
             SELECT 1, $1, COUNT(*) FROM file_key WHERE wrapped IS NULL ON CONFLICT DO NOTHING",
            vec![master.clone().into()],
        ),
        (
            "INSERT INTO master_key (id, since) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            vec![master.clone().into(), since.into()],
        ),
    ] {
        db.execute_raw(Statement::from_sql_and_values(backend, text, values)).await?;
    }
    master_of(db).await?.ok_or(StoreError::NotFound)
}

async fn master_of(db: &impl ConnectionTrait) -> Result<Option<String>, StoreError> {
    let ask = Statement::from_string(db.get_database_backend(), "SELECT master FROM key_state");
    let row = db.query_one_raw(ask).await?;
    Ok(row.map(|row| row.try_get("", "master")).transpose()?)
}

async fn destroyed(db: &impl ConnectionTrait) -> Result<AsOf, StoreError> {
    let ask = Statement::from_string(db.get_database_backend(), "SELECT destroyed FROM key_state");
    Ok(db.query_one_raw(ask).await?.ok_or(StoreError::NotFound)?.try_get("", "destroyed")?)
}
