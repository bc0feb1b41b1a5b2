//! Another master key in the place of the one that wraps, while servers are serving.
//!
//! 1. The file gets the new key beside the old one, in one step. Nothing is wrapped by it yet.
//! 2. The key store says that the new one wraps, in one transaction that waits for every key that is being put in.
//! 3. Every key is wrapped again, if it is still what was read: a key that is destroyed meanwhile stays destroyed.
//! 4. The file keeps the new key alone.
//!
//! At each instant the file has whatever any key is wrapped by; who finds it half done goes on from there. A server that meets a
//! key that it cannot unwrap reads the file again. Servers on other machines have files of their own: they get the one of
//! step 1 before step 2 (`prepare`).

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use kith_vault::{MasterKey, MasterKeyFile};
use sea_orm::{ConnectionTrait, Statement, Value};
use uuid::Uuid;

use super::KeyStore;
use super::home::KeysAt;
use super::masters::MasterKeyPlace;
use super::note::{self, What};
use crate::{StoreError, engine};

/// Keys wrapped again in one transaction.
const BATCH: u64 = 200;

/// Where the keys of a service are, for who looks after them beside the program that serves.
#[derive(Clone, Debug)]
pub struct KeysPlace {
    /// The data directory.
    pub data: PathBuf,
    /// As in [`Settings`](crate::Settings).
    pub keys_url: Option<String>,
    /// As in [`Settings`](crate::Settings).
    pub master_key: MasterKeyPlace,
    /// Code of the authority.
    pub authority: String,
}

/// How a rotation of the master key ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotated {
    /// The new key is in the file beside the old one, and wraps nothing yet: its id.
    Prepared(String),
    /// Every key is wrapped by it.
    Done {
        /// Its id.
        master: String,
        /// How many keys were wrapped again.
        keys: u64,
        /// Whether a rotation that had been begun earlier was ended, and none begun.
        ended_earlier: bool,
    },
}

impl KeysPlace {
    pub(crate) fn at(&self) -> KeysAt {
        KeysAt::of(&self.data, self.keys_url.as_deref())
    }

    /// The key store beside a program that perhaps serves.
    pub(crate) async fn open(&self) -> Result<KeyStore, StoreError> {
        let path = self.master_key.path(&self.data)?;
        KeyStore::open(self.at().open_beside().await?, &path, false, &self.authority).await
    }

    /// The master key file, when it is one that can be written.
    pub(crate) fn writable(&self) -> Result<PathBuf, StoreError> {
        match &self.master_key {
            MasterKeyPlace::Credential(name) => Err(StoreError::Credential {
                name: name.clone(),
                why: "it is not written: give the file that the unit's LoadCredential= names with --master-key FILE, first \
                      with --prepare; restart every server, so that it has both keys; then do it again without --prepare",
            }),
            place => place.path(&self.data),
        }
    }

    /// Puts another master key in the place of the one that wraps, or ends what was begun. With `prepare` only the file gets it.
    ///
    /// Servers go on meanwhile. It can be cut short at any instant and done again. [`StoreError::InUse`] while another program
    /// does it.
    pub async fn rotate_master(&self, prepare: bool) -> Result<Rotated, StoreError> {
        let path = self.writable()?;
        let keys = self.open().await?;
        let _taken = take(&path)?;
        let ended = rotate(&keys, &path, prepare).await;
        keys.close().await?;
        ended
    }
}

/// Takes the folder of the file for this process, for as long as it is open: a file that is replaced cannot be locked itself.
fn take(path: &Path) -> Result<File, StoreError> {
    let place = path.canonicalize().map_err(|error| StoreError::io(path, error))?;
    let folder = place.parent().unwrap_or(Path::new("/"));
    let file = File::open(folder).map_err(|error| StoreError::io(folder, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: folder.to_path_buf() }),
        Err(TryLockError::Error(error)) => Err(StoreError::io(folder, error)),
    }
}

async fn rotate(keys: &KeyStore, path: &Path, prepare: bool) -> Result<Rotated, StoreError> {
    // It may have been another one before this program took it.
    keys.masters.reread()?;
    let (wraps, file) = keys.wraps().await?;
    let current = wraps.id();
    let were = once_were(keys).await?;
    let is_new = |key: &&MasterKey| key.id() != current && !were.contains(&key.id().to_owned());
    let prepared = file.keys().iter().find(is_new).cloned();
    let unfinished = under_older(keys, current).await? > 0 || file.keys().len() > 1;
    let (master, ended_earlier) = match prepared {
        Some(new) => (new, false),
        None if unfinished => (wraps.clone(), true),
        None => {
            let new = MasterKey::generate()?;
            MasterKeyFile::replace(path, vec![wraps.clone(), new.clone()])?;
            (new, false)
        }
    };
    if prepare && !ended_earlier {
        return Ok(Rotated::Prepared(master.id().to_owned()));
    }
    keys.masters.reread()?;
    if !ended_earlier {
        switch(keys, current, master.id()).await?;
    }
    let wrapped = wrap_again(keys, master.id()).await?;
    MasterKeyFile::replace(path, vec![master.clone()])?;
    // What was wrapped by the old key leaves the engine's files as far as it can; nobody waits for it.
    if let Err(error) = keys.home.wipe().await {
        tracing::warn!(%error, "old wrappings were not wiped at once");
    }
    Ok(Rotated::Done { master: master.id().to_owned(), keys: wrapped, ended_earlier })
}

/// The ids of every master key that wraps or once did.
async fn once_were(keys: &KeyStore) -> Result<Vec<String>, StoreError> {
    let rows = keys.db().query_all_raw(keys.sql("SELECT id FROM master_key", [])).await?;
    rows.iter().map(|row| Ok(row.try_get("", "id")?)).collect()
}

/// How many keys, of files and named ones, are wrapped by another master key than this.
pub(crate) async fn under_older(keys: &KeyStore, master: &str) -> Result<u64, StoreError> {
    let master = hex::decode(master).unwrap_or_default();
    let text = "SELECT (SELECT COUNT(*) FROM file_key WHERE substr(wrapped, 2, 8) <> $1) \
                + (SELECT COUNT(*) FROM named_key WHERE substr(wrapped, 2, 8) <> $1) AS n";
    let row = keys.db().query_one_raw(keys.sql(text, [master.into()])).await?;
    let count: i64 = row.ok_or(StoreError::NotFound)?.try_get("", "n")?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Says that another master key wraps from now on, with the note of it.
async fn switch(keys: &KeyStore, from: &str, to: &str) -> Result<(), StoreError> {
    let transaction = engine::begin_plain(keys.db()).await?;
    let text = "UPDATE key_state SET master = $1 WHERE master = $2";
    if transaction.execute_raw(keys.sql(text, [to.into(), from.into()])).await?.rows_affected() == 0 {
        return Err(StoreError::RotatedElsewhere);
    }
    let now = jiff::Timestamp::now().as_millisecond();
    let text = "INSERT INTO master_key (id, since) VALUES ($1, $2)";
    transaction.execute_raw(keys.sql(text, [to.into(), now.into()])).await?;
    note::leave(&transaction, What::Master, to).await?;
    engine::commit(transaction).await
}

/// Wraps every key by this master key that is wrapped by another; returns how many.
async fn wrap_again(keys: &KeyStore, master: &str) -> Result<u64, StoreError> {
    let mut count = 0;
    for (table, id) in [("named_key", "name"), ("file_key", "file_id")] {
        loop {
            let some = batch_again(keys, master, table, id).await?;
            if some == 0 {
                break;
            }
            count += some;
        }
    }
    Ok(count)
}

async fn batch_again(keys: &KeyStore, master: &str, table: &str, id: &str) -> Result<u64, StoreError> {
    let (db, backend) = (keys.db(), keys.db().get_database_backend());
    let find = format!("SELECT {id} AS id, wrapped FROM {table} WHERE substr(wrapped, 2, 8) <> $1 LIMIT {BATCH}");
    let rows = db.query_all_raw(keys.sql(&find, [hex::decode(master).unwrap_or_default().into()])).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let transaction = engine::begin_plain(db).await?;
    let set = format!("UPDATE {table} SET wrapped = $1 WHERE {id} = $2 AND wrapped = $3");
    let mut count = 0;
    for row in rows {
        let (of, context): (Value, Vec<u8>) = if table == "named_key" {
            let name: String = row.try_get("", "id")?;
            let context = keys.context("named key", &name);
            (name.into(), context)
        } else {
            let file: Uuid = row.try_get("", "id")?;
            (file.into(), keys.file_context(file))
        };
        let old: Vec<u8> = row.try_get("", "wrapped")?;
        let key = keys.masters.unwrap(&context, &old)?;
        let new = keys.masters.wrap(master, &context, &key)?;
        let set = Statement::from_sql_and_values(backend, &set, [new.into(), of, old.into()]);
        // None if it was destroyed, or wrapped again, since it was read.
        count += transaction.execute_raw(set).await?.rows_affected();
    }
    engine::commit(transaction).await?;
    // Whatever was read is not there any more, changed here or by somebody else: the next batch is another.
    Ok(count.max(1))
}
