//! The key store: file keys and the authority's named keys, wrapped by the master key, in an `SQLite` file of its own.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use kith_vault::{FileKey, KeyWrapper};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, Value};
use uuid::Uuid;

use crate::counts::Counter;
use crate::{StoreError, engine, examine, migrate, row};

/// How often to ask for the write-ahead log to be emptied before giving up.
const CHECKPOINT_ATTEMPTS: u32 = 5;
/// For how long an unwrapped file key is kept in memory. Whoever destroys a key in another process can be sure after
/// this time that nobody has it any more; in this process it is gone at once.
const KEPT: Duration = Duration::from_secs(30);
/// Most file keys kept in memory: more than a county has children in contact.
const KEPT_MAX: usize = 1_000;
/// Most keys asked for in one statement.
const ASKED_MAX: usize = 1_000;

/// Where keys are kept. One connection: key look-ups are short, and a checkpoint then never waits for a reader of
/// this process.
pub(crate) struct KeyStore {
    db: DatabaseConnection,
    path: PathBuf,
    wrapper: Box<dyn KeyWrapper>,
    authority: String,
    opened: Mutex<Opened>,
}

/// File keys that were unwrapped a short while ago.
#[derive(Default)]
struct Opened {
    keys: HashMap<Uuid, (FileKey, Instant)>,
    /// How many keys were destroyed: one that was read before a destruction is not kept after it.
    destroyed: u64,
}

impl KeyStore {
    /// Opens the key store, creating it if it is not there.
    pub(crate) async fn open(
        path: &Path,
        wrapper: Box<dyn KeyWrapper>,
        authority: &str,
        counter: &Arc<Counter>,
    ) -> Result<Self, StoreError> {
        let mut db = engine::sqlite(path, engine::Use::Write).await?;
        migrate::migrate(&db, migrate::What::Keys, &path.display().to_string()).await?;
        examine::stamp(&db).await?;
        counter.watch(&mut db);
        Ok(Self { db, path: path.to_path_buf(), wrapper, authority: authority.to_owned(), opened: Mutex::default() })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The key of this name; made at random and stored the first time it is asked for.
    pub(crate) async fn named(&self, name: &'static str) -> Result<FileKey, StoreError> {
        let context = self.context("named key", name);
        let find = sql("SELECT wrapped FROM named_key WHERE name = $1", [name.into()]);
        if let Some(row) = self.db.query_one_raw(find).await? {
            return Ok(self.wrapper.unwrap(&context, &row.try_get::<Vec<u8>>("", "wrapped")?)?);
        }
        let key = FileKey::generate()?;
        let wrapped = self.wrapper.wrap(&context, &key)?;
        let add = sql("INSERT INTO named_key (name, wrapped) VALUES ($1, $2)", [name.into(), wrapped.into()]);
        self.db.execute_raw(add).await?;
        Ok(key)
    }

    /// Whether there is a key of this name.
    pub(crate) async fn has(&self, name: &'static str) -> Result<bool, StoreError> {
        let find = sql("SELECT 1 AS there FROM named_key WHERE name = $1", [name.into()]);
        Ok(self.db.query_one_raw(find).await?.is_some())
    }

    /// Makes a key for a file; durable when this returns. Does nothing if the file has one,
    /// [`StoreError::Destroyed`] if it had one.
    pub(crate) async fn create(&self, file: Uuid) -> Result<(), StoreError> {
        let wrapped = self.wrapper.wrap(&self.file_context(file), &FileKey::generate()?)?;
        let add = sql(
            "INSERT INTO file_key (file_id, wrapped) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            [file.into(), wrapped.into()],
        );
        if self.db.execute_raw(add).await?.rows_affected() == 1 {
            return Ok(());
        }
        self.get(file).await?.map(|_| ()).ok_or(StoreError::Destroyed)
    }

    /// The key of a file; `None` if it was destroyed. [`StoreError::KeyMissing`] if there never was one here.
    pub(crate) async fn get(&self, file: Uuid) -> Result<Option<FileKey>, StoreError> {
        let keys = self.get_all(&[file]).await?;
        keys.into_iter().next().ok_or_else(|| StoreError::KeyMissing { path: self.path.clone() }).map(|(_, key)| key)
    }

    /// The keys of these files in one statement, in no order; `None` for one that was destroyed. Those that never had one
    /// here are not in it.
    pub(crate) async fn get_all(&self, files: &[Uuid]) -> Result<Vec<(Uuid, Option<FileKey>)>, StoreError> {
        let (mut keys, asked, destroyed) = {
            let opened = self.opened();
            let mut keys = Vec::with_capacity(files.len());
            let mut asked: Vec<Uuid> = Vec::new();
            for file in files {
                match opened.keys.get(file) {
                    Some((key, since)) if since.elapsed() < KEPT => keys.push((*file, Some(key.clone()))),
                    _ => asked.push(*file),
                }
            }
            (keys, asked, opened.destroyed)
        };
        for some in asked.chunks(ASKED_MAX) {
            let mut values = Vec::new();
            let places = row::places(&mut values, some.iter().map(|file| (*file).into()));
            let find = format!("SELECT file_id, wrapped FROM file_key WHERE file_id IN ({places})");
            let find = Statement::from_sql_and_values(DbBackend::Sqlite, find, values);
            for row in self.db.query_all_raw(find).await? {
                let file: Uuid = row.try_get("", "file_id")?;
                let Some(wrapped) = row.try_get::<Option<Vec<u8>>>("", "wrapped")? else {
                    keys.push((file, None));
                    continue;
                };
                let key = self.wrapper.unwrap(&self.file_context(file), &wrapped)?;
                keys.push((file, Some(key.clone())));
                let mut opened = self.opened();
                if opened.destroyed == destroyed {
                    if opened.keys.len() >= KEPT_MAX {
                        opened.keys.clear();
                    }
                    opened.keys.insert(file, (key, Instant::now()));
                }
            }
        }
        Ok(keys)
    }

    /// A poisoned lock only means that a thread ended while holding it; each change under it is a single step.
    fn opened(&self) -> MutexGuard<'_, Opened> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a key out of memory, and sees to it that nobody who has just read it puts it back.
    fn forget(&self, file: Uuid) {
        let mut opened = self.opened();
        opened.destroyed += 1;
        opened.keys.remove(&file);
    }

    /// Destroys the key of a file, for ever: its bytes are overwritten in the database and leave its write-ahead log
    /// before this returns. [`StoreError::NotFound`] if the file never had a key; destroying twice does nothing.
    pub(crate) async fn destroy(&self, file: Uuid) -> Result<(), StoreError> {
        // Zeros of the same length first: they are written over the old bytes where these lie.
        for statement in [
            "UPDATE file_key SET wrapped = zeroblob(length(wrapped)) WHERE file_id = $1",
            "UPDATE file_key SET wrapped = NULL WHERE file_id = $1",
        ] {
            if self.db.execute_raw(sql(statement, [file.into()])).await?.rows_affected() == 0 {
                return Err(StoreError::NotFound);
            }
        }
        self.forget(file);
        for _ in 0..CHECKPOINT_ATTEMPTS {
            let checkpoint = sql("PRAGMA wal_checkpoint(TRUNCATE)", []);
            let row = self.db.query_one_raw(checkpoint).await?.ok_or(StoreError::unexpected("no checkpoint"))?;
            if row.try_get::<i64>("", "busy")? == 0 {
                return Ok(());
            }
        }
        Err(StoreError::Busy)
    }

    /// Closes the file; its write-ahead log is emptied.
    pub(crate) async fn close(&self) -> Result<(), StoreError> {
        Ok(self.db.close_by_ref().await?)
    }

    fn file_context(&self, file: Uuid) -> Vec<u8> {
        self.context("file key", &file.hyphenated().to_string())
    }

    /// What a wrapped key is bound to. A code of an authority holds no zero byte, so no two contexts are equal.
    fn context(&self, kind: &str, name: &str) -> Vec<u8> {
        [kind, &self.authority, name].join("\0").into_bytes()
    }
}

fn sql<const N: usize>(text: &str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Sqlite, text, values)
}
