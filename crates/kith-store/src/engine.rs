//! The two engines: how a connection to each is made. Statements are never logged: they carry values.

use std::fs::OpenOptions;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{ConnectOptions as _, Connection as _, raw_sql};
use sea_orm::{
    AccessMode, ConnectionTrait, IsolationLevel, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr, Statement, sqlx,
};
use tokio::time::timeout;

use crate::StoreError;

/// Connections that read at the same time on `SQLite`; more only wait for the same disk.
const SQLITE_READERS_MAX: u32 = 4;
/// Connections of each kind, reading and changing, to `PostgreSQL`. Two kinds, so that a piece of work that reads
/// through another scope never waits for a connection that only it could give back.
const POSTGRES_CONNECTIONS_MAX: u32 = 8;
/// How long to wait for the lock of another connection to the same `SQLite` file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait for a connection to become free.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// After how long without use a connection is tried before it is used.
const IDLE_SUSPECT: Duration = Duration::from_secs(20);
/// How long a server may take to answer when Kith starts.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long `PostgreSQL` may work on one statement, or wait in an open transaction.
const STATEMENT_TIMEOUT_MS: &str = "10000";

/// What a `SQLite` connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// One connection that changes.
    Write,
    /// Several that read and cannot change.
    Read,
    /// Reads a file that is perhaps not ours to write, and creates none.
    Inspect,
}

/// Opens a `SQLite` file; one that is made is for its owner only, as are the files that the engine puts beside it.
pub(crate) async fn sqlite(path: &Path, usage: Use) -> Result<DatabaseConnection, StoreError> {
    if usage == Use::Write {
        create_private(path)?;
    }
    let mut sqlite = SqliteConnectOptions::new()
        .filename(path)
        .read_only(usage == Use::Inspect)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging();
    if usage != Use::Inspect {
        sqlite = sqlite
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("secure_delete", "ON");
    }
    if usage == Use::Read {
        sqlite = sqlite.pragma("query_only", "ON");
    }
    let mut options = options("sqlite://kith");
    options
        .max_connections(if usage == Use::Read { SQLITE_READERS_MAX } else { 1 })
        .map_sqlx_sqlite_opts(move |_| sqlite.clone())
        .map_sqlx_sqlite_before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }));
    if usage == Use::Write {
        options.map_sqlx_sqlite_pool_opts(|pool| {
            pool.after_release(|connection, _| Box::pin(async { Ok(is_at_rest(connection).await) }))
        });
    }
    Database::connect(options).await.map_err(|error| match primary_code(&error) {
        // SQLITE_NOTADB
        Some(26) => StoreError::NotKith { place: path.display().to_string() },
        // SQLITE_PERM, SQLITE_READONLY, SQLITE_CANTOPEN
        Some(3 | 8 | 14) => StoreError::Permission { path: path.to_path_buf() },
        _ => StoreError::from(error),
    })
}

/// Whether driver and engine agree that a connection is outside any transaction. One that is not is closed and another is
/// opened in its place.
///
/// They may disagree: when `SQLite` cannot go on because the disk is full, fails, or memory is short, it rolls back by
/// itself, and sqlx-sqlite 0.9.0 goes on counting the transaction as open (`tests/driver.rs` shows it). What is committed
/// on such a connection is committed into nothing. Here is the one place that works around it, with [`commit`].
async fn is_at_rest(connection: &mut SqliteConnection) -> bool {
    // Inside a transaction the engine refuses to begin one. Asked first: a rollback that the driver was told to do when
    // the transaction was dropped has happened when this is answered, and only then does its count say anything.
    raw_sql("BEGIN; ROLLBACK").execute(&mut *connection).await.is_ok() && !connection.is_in_transaction()
}

/// Makes an empty file with mode 0600 where there is none.
fn create_private(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ()).map_err(|error| StoreError::io(path, error))
}

/// A server of `PostgreSQL` and how to say where it is without the password.
#[derive(Clone)]
pub(crate) struct Server {
    options: PgConnectOptions,
    /// Host, port and database.
    pub(crate) place: String,
}

impl Server {
    /// Reads a URL `postgres://user:password@host:5432/name`. A server on another machine is reached by TLS only
    /// and must show a certificate for its name, unless the URL says otherwise with `sslmode` and `sslrootcert`.
    pub(crate) fn from_url(url: &str) -> Result<Self, StoreError> {
        if !(url.starts_with("postgres://") || url.starts_with("postgresql://")) {
            return Err(StoreError::Url);
        }
        let mut options = PgConnectOptions::from_str(url).map_err(|_| StoreError::Url)?;
        let local = matches!(options.get_host(), "localhost" | "127.0.0.1" | "::1" | "[::1]")
            || options.get_host().starts_with('/')
            || options.get_socket().is_some();
        if !local && !url.contains("sslmode=") && !url.contains("ssl-mode=") {
            options = options.ssl_mode(PgSslMode::VerifyFull);
        }
        let database = options.get_database().unwrap_or(options.get_username());
        let place = format!("{}:{}/{database}", options.get_host(), options.get_port());
        let options = options
            .application_name("kith")
            .options([
                ("statement_timeout", STATEMENT_TIMEOUT_MS),
                ("idle_in_transaction_session_timeout", STATEMENT_TIMEOUT_MS),
            ])
            .disable_statement_logging();
        Ok(Self { options, place })
    }

    /// A pool of connections.
    pub(crate) async fn connect(&self) -> Result<DatabaseConnection, StoreError> {
        // Once by itself: a pool would try a server that refuses again and again until its time is up. It did its work, however
        // the goodbye goes.
        let _ = self.alone().await?.close().await;
        let server = self.options.clone();
        // The URL given here is of no effect: the driver would write the real one, with its password, to a trace.
        let mut options = options("postgres://localhost");
        options.max_connections(POSTGRES_CONNECTIONS_MAX).map_sqlx_postgres_opts(move |_| server.clone());
        Database::connect(options).await.map_err(|error| self.unavailable(sqlx_error(&error)))
    }

    /// One connection.
    pub(crate) async fn alone(&self) -> Result<PgConnection, StoreError> {
        let once = timeout(CONNECT_TIMEOUT, self.options.connect()).await;
        once.map_err(|_| self.unavailable(None))?.map_err(|error| self.unavailable(Some(&error)))
    }

    /// The name of the database.
    pub(crate) fn database(&self) -> String {
        self.options.get_database().unwrap_or(self.options.get_username()).to_owned()
    }

    /// Where the database is, for the programs of `PostgreSQL`: what they read from their environment.
    pub(crate) fn environment(&self, url: &str) -> Vec<(&'static str, String)> {
        let mut environment = vec![
            ("PGHOST", self.options.get_host().to_owned()),
            ("PGPORT", self.options.get_port().to_string()),
            ("PGUSER", self.options.get_username().to_owned()),
            ("PGDATABASE", self.database()),
        ];
        if let Some(password) = password_in(url) {
            environment.push(("PGPASSWORD", password));
        }
        if let PgSslMode::VerifyFull = self.options.get_ssl_mode() {
            environment.push(("PGSSLMODE", "verify-full".into()));
            if !url.contains("sslrootcert") && !url.contains("ssl-root-cert") {
                environment.push(("PGSSLROOTCERT", "system".into()));
            }
        }
        environment
    }

    fn unavailable(&self, error: Option<&sqlx::Error>) -> StoreError {
        StoreError::Unavailable { place: self.place.clone(), why: why_unreachable(error) }
    }
}

/// The password in a URL, its percent signs resolved; the driver keeps it to itself.
fn password_in(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let (user, _) = rest.split('/').next()?.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    let (mut bytes, mut rest) = (Vec::new(), password.as_bytes());
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| byte == b'%').and_then(|code| hex::decode(code).ok());
        rest = if code.is_some() { &after[2..] } else { after };
        bytes.push(code.map_or(byte, |code| code[0]));
    }
    String::from_utf8(bytes).ok()
}

fn options(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    // A file does not hang up; a server may have, while nobody asked.
    options
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire_if_idle_for(IDLE_SUSPECT);
    options
}

/// Begins a transaction that will change something: on `SQLite` the only one, on `PostgreSQL` serializable.
pub(crate) async fn begin_work(db: &DatabaseConnection) -> Result<DatabaseTransaction, StoreError> {
    begin(db, IsolationLevel::Serializable).await
}

/// Begins a transaction that only adds entries or takes its own locks, for which a row once committed by others may
/// appear half way.
pub(crate) async fn begin_plain(db: &DatabaseConnection) -> Result<DatabaseTransaction, StoreError> {
    begin(db, IsolationLevel::ReadCommitted).await
}

/// Begins a transaction that only reads: every statement in it sees what was committed when its first was asked.
pub(crate) async fn begin_reading(db: &DatabaseConnection) -> Result<DatabaseTransaction, StoreError> {
    let options = match db.get_database_backend() {
        DbBackend::Sqlite => TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
            ..TransactionOptions::default()
        },
        _ => TransactionOptions {
            isolation_level: Some(IsolationLevel::RepeatableRead),
            access_mode: Some(AccessMode::ReadOnly),
            ..TransactionOptions::default()
        },
    };
    Ok(db.begin_with_options(options).await?)
}

async fn begin(db: &DatabaseConnection, level: IsolationLevel) -> Result<DatabaseTransaction, StoreError> {
    let options = match db.get_database_backend() {
        DbBackend::Sqlite => TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        },
        _ => TransactionOptions { isolation_level: Some(level), ..TransactionOptions::default() },
    };
    Ok(db.begin_with_options(options).await?)
}

/// Commits. When this returns without an error, the engine has said that what was changed is durable and that it is outside
/// any transaction; the driver's own count of transactions is not believed (see [`is_at_rest`]).
pub(crate) async fn commit(transaction: DatabaseTransaction) -> Result<(), StoreError> {
    commit_after(transaction, None).await
}

/// The same after a last statement, if there is one.
pub(crate) async fn commit_after(transaction: DatabaseTransaction, last: Option<Statement>) -> Result<(), StoreError> {
    if transaction.get_database_backend() == DbBackend::Sqlite {
        // A transaction can begin only where none is open. This one stays empty; the driver ends it when it is dropped.
        // With the last statement in the same text there is one trip to the engine less to wait for.
        match last {
            Some(mut last) => {
                last.sql.push_str("; COMMIT; BEGIN");
                transaction.execute_raw(last).await?;
            }
            None => {
                transaction.execute_unprepared("COMMIT; BEGIN").await?;
            }
        }
    } else {
        if let Some(last) = last {
            transaction.execute_raw(last).await?;
        }
        transaction.commit().await?;
    }
    Ok(())
}

/// The primary result code of `SQLite` in an error.
pub(crate) fn primary_code(error: &DbErr) -> Option<i32> {
    sqlx_error(error)?.as_database_error()?.code()?.parse::<i32>().ok().map(|code| code & 0xff)
}

fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

/// The kind of failure to connect, without anything that was sent or configured.
fn why_unreachable(error: Option<&sqlx::Error>) -> String {
    match error {
        Some(sqlx::Error::Io(error)) => error.kind().to_string(),
        Some(sqlx::Error::Tls(_)) => "no TLS connection could be made".into(),
        Some(sqlx::Error::Database(error)) => match error.code().as_deref() {
            Some("28P01" | "28000") => "user or password refused".into(),
            Some("3D000") => "no such database".into(),
            Some("53300") => "too many connections".into(),
            Some(code) => format!("code {code}"),
            None => "refused".into(),
        },
        _ => "no answer in time".into(),
    }
}
