//! The two homes of the keys: an `SQLite` file, or a `PostgreSQL` database of its own. They differ in how they are opened, in
//! whether other programs change them meanwhile, and in what each can do that nothing of a destroyed key stays.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use sea_orm_migration::async_trait::async_trait;

use crate::counts::Counter;
use crate::engine::{self, Server, Use};
use crate::{StoreError, examine, migrate};

/// How often to ask for the write-ahead log to be emptied before giving up.
const CHECKPOINT_ATTEMPTS: u32 = 5;

/// How often to write the table anew before giving up, and for how much longer each time to wait for those who read.
const WIPE_ATTEMPTS: u32 = 8;
const WIPE_PAUSE: Duration = Duration::from_millis(20);
/// Whether there is something between the rows of a table that was just written anew: rows that are not there any more, since
/// those that are have the places 1, 2, 3 … of their page.
const HAS_GAPS: &str = "SELECT COALESCE(bool_or(last <> n), false) AS gaps FROM (
    SELECT MAX((CAST(CAST(ctid AS text) AS point))[1]) AS last, COUNT(*) AS n FROM file_key
    GROUP BY (CAST(CAST(ctid AS text) AS point))[0]) AS page";

/// Where keys are kept.
#[async_trait]
pub(crate) trait Home: Send + Sync {
    /// The connection to it.
    fn db(&self) -> &DatabaseConnection;
    /// What an error calls it; never with a password.
    fn place(&self) -> &str;
    /// Whether other programs can destroy keys here while this one runs.
    fn is_shared(&self) -> bool;
    /// Sees to it that of what was overwritten nothing stays that the engine can take away.
    async fn wipe(&self) -> Result<(), StoreError>;
}

/// Which home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeysAt {
    /// A file.
    File(PathBuf),
    /// A database, by its URL.
    Server(String),
}

impl KeysAt {
    /// Of a data directory and, if it is given, the URL of a database.
    pub(crate) fn of(data: &Path, url: Option<&str>) -> Self {
        url.map_or_else(|| Self::File(data.join("keys.sqlite")), |url| Self::Server(url.to_owned()))
    }

    /// Opens it for a program that has the data directory to itself, creating it if it is not there.
    pub(crate) async fn open(&self, counter: &Arc<Counter>) -> Result<Box<dyn Home>, StoreError> {
        match self {
            Self::File(path) => {
                let mut db = engine::sqlite(path, Use::Write).await?;
                let place = path.display().to_string();
                migrate::migrate(&db, migrate::What::Keys, &place).await?;
                examine::stamp(&db).await?;
                counter.watch(&mut db);
                Ok(Box::new(InFile { db, place }))
            }
            Self::Server(url) => on_server(url, counter).await,
        }
    }

    /// Opens it beside a program that perhaps serves. [`StoreError::KeysMissing`] if it is not there.
    pub(crate) async fn open_beside(&self) -> Result<Box<dyn Home>, StoreError> {
        let counter = Arc::default();
        let home: Box<dyn Home> = match self {
            Self::File(path) => {
                let place = path.display().to_string();
                if !path.exists() {
                    return Err(StoreError::KeysMissing { place });
                }
                let db = engine::sqlite(path, Use::Write).await?;
                migrate::migrate(&db, migrate::What::Keys, &place).await?;
                Box::new(InFile { db, place })
            }
            Self::Server(url) => on_server(url, &counter).await?,
        };
        if has_keys(home.db()).await? {
            Ok(home)
        } else {
            Err(StoreError::KeysMissing { place: home.place().to_owned() })
        }
    }
}

async fn on_server(url: &str, counter: &Arc<Counter>) -> Result<Box<dyn Home>, StoreError> {
    let server = Server::from_url(url)?;
    let mut db = server.connect().await?;
    migrate::migrate(&db, migrate::What::Keys, &server.place).await?;
    counter.watch(&mut db);
    Ok(Box::new(OnServer { db, place: server.place }))
}

/// Whether a key store holds keys; false for a database without its tables.
pub(crate) async fn has_keys(db: &DatabaseConnection) -> Result<bool, StoreError> {
    if migrate::is_empty(db).await? {
        return Ok(false);
    }
    let find = Statement::from_string(db.get_database_backend(), "SELECT name FROM named_key LIMIT 1");
    Ok(db.query_one_raw(find).await?.is_some())
}

/// Whether a database on a server, whose tables nobody has looked at, holds keys. Nothing is written.
pub(crate) async fn server_has_keys(url: &str) -> Result<(bool, String), StoreError> {
    let server = Server::from_url(url)?;
    let db = server.connect().await?;
    // Another's tables are found to be so by the migration.
    let has = has_keys(&db).await.unwrap_or(false);
    db.close_by_ref().await?;
    Ok((has, server.place))
}

/// [`StoreError::KeysWithData`] if the keys would be in the database of the data, whatever the one and the other URL call it.
pub(crate) async fn are_apart(data_url: &str, keys_url: &str) -> Result<(), StoreError> {
    let mut which = Vec::new();
    for url in [data_url, keys_url] {
        let server = Server::from_url(url)?;
        let db = server.connect().await?;
        let ask = "SELECT CAST(oid AS text) || ' ' || CAST(pg_postmaster_start_time() AS text) AS which FROM pg_database \
                   WHERE datname = current_database()";
        let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, ask)).await?;
        which.push(row.ok_or(StoreError::NotFound)?.try_get::<String>("", "which")?);
        db.close_by_ref().await?;
        if which.len() == 2 && which[0] == which[1] {
            return Err(StoreError::KeysWithData { place: server.place });
        }
    }
    Ok(())
}

/// One connection: key look-ups are short, and a checkpoint then never waits for a reader of this process.
struct InFile {
    db: DatabaseConnection,
    place: String,
}

#[async_trait]
impl Home for InFile {
    fn db(&self) -> &DatabaseConnection {
        &self.db
    }
    fn place(&self) -> &str {
        &self.place
    }
    fn is_shared(&self) -> bool {
        false
    }
    /// The old bytes leave the write-ahead log; in the file they were overwritten.
    async fn wipe(&self) -> Result<(), StoreError> {
        for _ in 0..CHECKPOINT_ATTEMPTS {
            let checkpoint = Statement::from_string(DbBackend::Sqlite, "PRAGMA wal_checkpoint(TRUNCATE)");
            let row = self.db.query_one_raw(checkpoint).await?.ok_or(StoreError::unexpected("no checkpoint"))?;
            if row.try_get::<i64>("", "busy")? == 0 {
                return Ok(());
            }
        }
        Err(StoreError::Busy)
    }
}

/// A pool of connections.
struct OnServer {
    db: DatabaseConnection,
    place: String,
}

#[async_trait]
impl Home for OnServer {
    fn db(&self) -> &DatabaseConnection {
        &self.db
    }
    fn place(&self) -> &str {
        &self.place
    }
    fn is_shared(&self) -> bool {
        true
    }
    /// `PostgreSQL` writes a new row and leaves the old one; a plain VACUUM takes it off the page's list and leaves its bytes.
    /// VACUUM FULL writes the table anew and removes the old file. Some thousands of rows take some hundredths of a second. It
    /// takes along what somebody could still see who began to read before, the engine's own helpers among them: then once more.
    async fn wipe(&self) -> Result<(), StoreError> {
        for attempt in 0..WIPE_ATTEMPTS {
            tokio::time::sleep(WIPE_PAUSE * attempt).await;
            self.db.execute_unprepared("VACUUM (FULL) file_key").await?;
            let ask = Statement::from_string(DbBackend::Postgres, HAS_GAPS);
            let row = self.db.query_one_raw(ask).await?.ok_or(StoreError::unexpected("no answer"))?;
            if !row.try_get::<bool>("", "gaps")? {
                return Ok(());
            }
        }
        Err(StoreError::Busy)
    }
}
