//! What can go wrong in the store, in words that say what to do. Nothing here carries a value of a row.

use std::path::{Path, PathBuf};

use kith_files::FileFault;
use kith_ledger::LedgerError;
use kith_vault::VaultError;
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, SqlErr, sqlx};
use uuid::Uuid;

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no such row.
    #[error("there is no such record")]
    NotFound,
    /// Somebody else changed the row since it was read.
    #[error("somebody else changed this record meanwhile: read it again, then repeat the change")]
    Conflict,
    /// A row with this id or this unique value is there already.
    #[error("this record is there already")]
    Duplicate,
    /// A row refers to another one that is not there.
    #[error("this record refers to one that does not exist")]
    Reference,
    /// Something was to be stored of an item of personal data that the authority's register does not name.
    #[error("{} is not in the register, so it cannot be stored", label.unwrap_or("a field of this form"))]
    ItemNotRegistered {
        /// What the item is called; `None` when the catalogue does not know it either.
        label: Option<&'static str>,
    },
    /// Another version of the register came into force meanwhile: the same again, by what it says.
    #[error("the register has changed at this moment: try again")]
    RegisterChanged,
    /// The register does not name items of which something is stored.
    #[error(
        "the register does not name {}, of which something is stored: put {} back under [[items]]. What is stored of it \
         stays for as long as the record that it stands in is kept; to stop asking for it is not possible before that",
        items.join(", "),
        if items.len() == 1 { "it" } else { "them" }
    )]
    ItemsInUse {
        /// Their keys, as `kith items` lists them.
        items: Vec<String>,
    },
    /// Another session has the resource at that time.
    #[error("{resource} is taken at that time: choose another time, or another room or person")]
    Occupied {
        /// The room, supervisor, child or person that clashed.
        resource: Uuid,
    },
    /// Every file the record belonged to has been destroyed.
    #[error("the file this record belonged to has been destroyed: nobody can read it any more")]
    Destroyed,
    /// A transaction was given up by the engine so that others could go on; the same again will do.
    #[error("others were changing the same at this moment: try again")]
    Retry,
    /// No connection became free, or a lock was held, for too long.
    #[error("the database is busy: try again in a moment")]
    Busy,
    /// A program error: a change was to be committed of which nothing was noted for the access log.
    #[error("nothing was changed in this piece of work, so it cannot be committed (an error in Kith)")]
    Unledgered,
    /// The access log could not be written, so what was read is not given out.
    #[error("the access log could not be written, so nothing is shown: see the server's log, then try again")]
    LedgerUnwritten,
    /// The store is closing.
    #[error("Kith is stopping: try again in a moment")]
    Closed,
    /// The database was written by a newer version.
    #[error("this database was written by a newer Kith (schema {schema}): start that version or a newer one")]
    Newer {
        /// Name of the newest migration that this version does not know.
        schema: String,
    },
    /// A record was written by a newer version.
    #[error("a record in {table} was written by a newer Kith: start that version or a newer one")]
    NewerBody {
        /// Its table.
        table: &'static str,
    },
    /// The file or database holds something else.
    #[error("{place} is not a Kith database: correct the path or URL, or give an empty database")]
    NotKith {
        /// File or server, never with a password.
        place: String,
    },
    /// Another process has the data directory.
    #[error("another kith is using {}: stop it first, or give another data directory", path.display())]
    InUse {
        /// The lock file.
        path: PathBuf,
    },
    /// The operating system does not let us.
    #[error("no permission for {}: give the user that runs kith read and write permission there", path.display())]
    Permission {
        /// The file or directory.
        path: PathBuf,
    },
    /// The operating system refused for another reason.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The database URL is not one.
    #[error("the database URL must look like postgres://user:password@host:5432/name")]
    Url,
    /// The server cannot be reached, or does not let us in.
    #[error("the database {place} cannot be used ({why}): check that it runs, its name, and the user and password")]
    Unavailable {
        /// Host, port and database; never with a password.
        place: String,
        /// The kind of failure.
        why: String,
    },
    /// The connection was lost.
    #[error("the connection to the database was lost: check that it runs, then try again")]
    Lost,
    /// No space is left for the database.
    #[error("no space is left for the database: free some, then try again; nothing was half saved")]
    Full,
    /// The disk of the database failed.
    #[error("the disk of the database could not be read or written: see the machine's log; nothing was half saved")]
    Disk,
    /// The engine had no memory left for what was asked.
    #[error("the machine has no memory left for this: try again in a moment; nothing was half saved")]
    Memory,
    /// The database belongs to another authority.
    #[error("this database belongs to authority {found}, not to {configured}: correct the setting")]
    OtherAuthority {
        /// Code in the database.
        found: String,
        /// Code in the settings.
        configured: String,
    },
    /// The key store is not the one this database was written with.
    #[error(
        "the keys in {place} are not those this database was written with: put back, or name, the key store that belongs to it"
    )]
    OtherKeys {
        /// The key store: a file, or a server without a password.
        place: String,
    },
    /// A record belongs to a file that has no key here: the key store is older than the data.
    #[error(
        "a key that a record was sealed with is not in {place}: put back the newest copy of the keys; nothing was destroyed"
    )]
    KeyMissing {
        /// The key store: a file, or a server without a password.
        place: String,
    },
    /// Keys were to be in the database of the data.
    #[error(
        "the keys would be in the database of the data ({place}), and whoever takes the one would have the other: give the keys \
         a database of their own, best on another server, with KITH_KEYS_URL"
    )]
    KeysWithData {
        /// Host, port and database; never with a password.
        place: String,
    },
    /// A row is not what the access log says was last written to it.
    #[error("the record {row} in {table} was altered past kith: {why}; keep this database for the auditor")]
    RowAltered {
        /// Its table.
        table: &'static str,
        /// Its id.
        row: Uuid,
        /// What differs.
        why: &'static str,
    },
    /// The database file is damaged.
    #[error(
        "the database is damaged: stop kith and restore the newest backup; SQLite says that what it reads is no page of a database"
    )]
    Damaged,
    /// A file is damaged; found before anything was written.
    #[error(
        "{} is damaged: what should be pages of a database is not; leave it as it is, and restore the newest backup \
         (kith restore)",
        path.display()
    )]
    DamagedFile {
        /// Which file.
        path: PathBuf,
    },
    /// The write-ahead log beside a file was written for another one.
    #[error(
        "{} does not belong to {}: a copy was put back beside the log of another and would be destroyed by it; move {} \
         and the file that ends in -shm away, then start again; nothing was changed",
        wal.display(), path.display(), wal.display()
    )]
    OtherWal {
        /// The database file.
        path: PathBuf,
        /// The write-ahead log.
        wal: PathBuf,
    },
    /// The key store is gone while the data is there.
    #[error(
        "{place} is missing or empty while there is data that its keys sealed: put it back from the newest copy of the keys, \
         or say where they are (--keys-url); nothing was changed"
    )]
    KeysMissing {
        /// Where they should be: a file, or a server without a password.
        place: String,
    },
    /// The data is gone while the signed log is there.
    #[error(
        "{place} is missing or empty while the signed access log has {entries} entries: put it back, or restore the newest \
         backup into a new directory; nothing was changed"
    )]
    DataMissing {
        /// File or server, never with a password.
        place: String,
        /// Entries in the signed log.
        entries: u64,
    },
    /// Something is in the way of a copy.
    #[error("{place} is not empty: choose a new directory, or an empty database")]
    NotEmpty {
        /// Directory or server.
        place: String,
    },
    /// A directory does not hold a backup that can be used.
    #[error("{} cannot be restored: {why}", path.display())]
    NotBackup {
        /// Which directory.
        path: PathBuf,
        /// What does not fit.
        why: &'static str,
    },
    /// The database cannot be written to.
    #[error(
        "the database cannot be written to: check the permissions of the data directory and that its disk is not read-only"
    )]
    ReadOnly,
    /// The master key is gone while the keys it wrapped are there.
    #[error("{} is missing while the keys it protects are there: put it back from where a copy is kept", path.display())]
    MasterKeyMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// What should be the place of the master key looks like the key itself.
    #[error(
        "--master-key (KITH_MASTER_KEY) says where the master key is, and what was given looks like the key itself: put it into \
         a file with mode 0600 and name that, or credential:NAME. Others may have read it: replace it (kith keys rotate master)"
    )]
    MasterKeyItself,
    /// The master key cannot be taken from a systemd credential.
    #[error("the master key in credential:{name}: {why}")]
    Credential {
        /// Its name.
        name: String,
        /// What is wrong, and what to do.
        why: &'static str,
    },
    /// Somebody else replaced the master key at the same time.
    #[error(
        "another master key was put in the place of the one that wraps, somewhere else and at the same time: copy the master \
         key file from there, then look with kith keys status"
    )]
    RotatedElsewhere,
    /// Shares of the master key do not give it.
    #[error("{why}")]
    Share {
        /// Which share, from 0 in the order in which they were given; `None` if it is not one.
        at: Option<usize>,
        /// What is wrong, and what to do.
        why: String,
    },
    /// Others than its owner may read or enter a directory.
    #[error(
        "{} has mode {mode:04o}, so that others than its owner can read or enter it: run `chmod 700 {}` as its owner, then \
         start again",
        path.display(), path.display()
    )]
    Exposed {
        /// The directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The database holds fewer entries of the access log than the signed log.
    #[error(
        "the signed access log has {log} entries but the database only {database}: the database is older than the log \
         or entries were removed; restore the newest backup and keep both for the auditor"
    )]
    LedgerAhead {
        /// Entries in the tiles.
        log: u64,
        /// Sequenced entries in the database.
        database: u64,
    },
    /// The access log of the database differs from the signed one.
    #[error("the access log was altered: entry {leaf}: {why}")]
    LedgerAltered {
        /// Place in the log, counted from 0.
        leaf: u64,
        /// What differs; never content.
        why: &'static str,
    },
    /// An entry of the access log cannot be signed: it was not written by Kith, or one before it was taken away.
    #[error(
        "the access log cannot be signed as it is in the database: entry {entry}: {why}; keep this database for the auditor"
    )]
    LedgerUnproven {
        /// Its id in the database.
        entry: i64,
        /// What does not fit; never content.
        why: &'static str,
    },
    /// Entries of the access log wait for too long to be signed.
    #[error(
        "{entries} entries of the access log have waited for more than a minute to be signed: if Kith is not running, start \
         it; if it is, its log says what is wrong"
    )]
    LedgerUnsigned {
        /// How many.
        entries: u64,
    },
    /// The access log could not be signed for too long.
    #[error("the access log cannot be signed, so nothing is changed until it can: see the server's log")]
    LogStopped,
    /// The signed log is less than the database says that it was.
    #[error(
        "the signed access log has {log} entries, or others, where it had {known}: it was taken away, or an older one was put \
         in its place; put back the directories ledger and checkpoints. If they are lost, start once with --begin-new-log: \
         the log is signed anew from the database, and everybody is told"
    )]
    LogTakenAway {
        /// Entries in the tiles.
        log: u64,
        /// Entries that there were.
        known: u64,
    },
    /// The database does not say how far its log went, though it did.
    #[error(
        "the database does not say any more how far its access log went: a row was taken away past Kith; restore the newest \
         backup, or start once with --begin-new-log: the log is signed anew from the database, and everybody is told"
    )]
    LogUnknown,
    /// Several servers sign the log, and this one has no part in it yet.
    #[error(
        "other servers work on this database, and this data directory is not one of theirs: if it is to be one more, start it \
         once with --join; if it is the one that was always here, its file server was taken away: put it back"
    )]
    LogNotJoined,
    /// There is no server yet that could be joined.
    #[error(
        "no other server works on this database yet: start without --join; the first must have run with this version"
    )]
    NothingToJoin,
    /// Several servers, and something that they all need in the data directory of one.
    #[error(
        "several servers work on this database, and the {what} are in this data directory, where the others cannot reach \
         them: give all of them the same {setting}"
    )]
    NotShared {
        /// What.
        what: &'static str,
        /// The setting that puts it elsewhere.
        setting: &'static str,
    },
    /// The signed log of this server and that of another differ.
    #[error(
        "the signed access log of this server and that of another differ in their first {size} entries: the database was \
         altered between them, or this is what is left of an older log. If a new log was begun on another server, move the \
         directories ledger and checkpoints of this one away and start it again with --join; if not, keep everything for the \
         auditor"
    )]
    LogsDiffer {
        /// How many.
        size: u64,
    },
    /// A copy of this data directory is in use.
    #[error(
        "a server with a copy of this data directory works on the database: stop it, or give this one a data directory of its \
         own and start it once with --join"
    )]
    ServerTwice,
    /// A new log was asked for without need.
    #[error("nothing is wrong with the signed access log: start without --begin-new-log")]
    LogWhole,
    /// A document that somebody chose is not taken.
    #[error(transparent)]
    Document(FileFault),
    /// What lies sealed of a document is not what was laid down.
    #[error(
        "what lies there of document {document} was altered past kith: {why}; keep it for the auditor, and restore it from a \
         backup"
    )]
    DocumentAltered {
        /// Its id.
        document: Uuid,
        /// What differs.
        why: &'static str,
    },
    /// A row does not have the form this version writes.
    #[error("{table} {row} cannot be understood: restore it from a backup")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The row.
        row: Uuid,
    },
    /// Sealing or opening failed.
    #[error(transparent)]
    Vault(VaultError),
    /// Opening one record failed.
    #[error("{table} {row} cannot be opened: {source}")]
    Sealed {
        /// The table.
        table: &'static str,
        /// The row.
        row: Uuid,
        /// Why.
        source: VaultError,
    },
    /// The signed log failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The engine refused for a reason that has no variant of its own; its message may quote values and is not kept.
    #[error("the database refused (code {code}): see its documentation for the code")]
    Database {
        /// SQLSTATE, `SQLite` result code, or a word of ours.
        code: String,
    },
}

impl StoreError {
    /// The error of the operating system at a path.
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                Self::Permission { path: path.to_path_buf() }
            }
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io { path: path.to_path_buf(), source },
        }
    }

    /// An answer of the engine that only a program error or a foreign hand explains.
    pub(crate) fn unexpected(code: &'static str) -> Self {
        Self::Database { code: code.into() }
    }
}

impl From<VaultError> for StoreError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Destroyed => Self::Destroyed,
            other => Self::Vault(other),
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => return Self::Duplicate,
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => return Self::Reference,
            _ => {}
        }
        match &error {
            DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => Self::Busy,
            DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => Self::Closed,
            DbErr::RecordNotFound(_) => Self::NotFound,
            DbErr::RecordNotUpdated => Self::Conflict,
            DbErr::Conn(RuntimeErr::SqlxError(inner))
            | DbErr::Exec(RuntimeErr::SqlxError(inner))
            | DbErr::Query(RuntimeErr::SqlxError(inner)) => from_sqlx(inner),
            DbErr::Type(_) | DbErr::TryIntoErr { .. } => Self::unexpected("column of another type"),
            _ => Self::unexpected("unknown"),
        }
    }
}

/// The same for an error of the driver itself.
pub(crate) fn from_sqlx(error: &sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::Database(inner) => {
            let code = inner.code().unwrap_or_default();
            if inner.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
                from_sqlstate(&code)
            } else {
                from_sqlite(&code)
            }
        }
        sqlx::Error::PoolTimedOut => StoreError::Busy,
        sqlx::Error::PoolClosed => StoreError::Closed,
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed => StoreError::Lost,
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::ColumnNotFound(_) | sqlx::Error::Decode(_) => {
            StoreError::unexpected("column of another type")
        }
        _ => StoreError::unexpected("unknown"),
    }
}

/// `PostgreSQL`, Appendix A "Error Codes".
fn from_sqlstate(code: &str) -> StoreError {
    match code {
        // serialization_failure, deadlock_detected
        "40001" | "40P01" => StoreError::Retry,
        // lock_not_available, query_canceled (statement timeout), too_many_connections
        "55P03" | "57014" | "53300" => StoreError::Busy,
        // disk_full
        "53100" => StoreError::Full,
        // out_of_memory
        "53200" => StoreError::Memory,
        // io_error
        "58030" => StoreError::Disk,
        // admin_shutdown, crash_shutdown, cannot_connect_now, idle_session_timeout, idle_in_transaction_session_timeout
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" => StoreError::Lost,
        code if code.starts_with("08") => StoreError::Lost,
        code => StoreError::Database { code: code.into() },
    }
}

/// sqlite.org/rescode.html; the low eight bits are the primary code.
fn from_sqlite(code: &str) -> StoreError {
    match code.parse::<i32>().map(|code| code & 0xff) {
        // SQLITE_BUSY, SQLITE_LOCKED
        Ok(5 | 6) => StoreError::Busy,
        // SQLITE_NOMEM
        Ok(7) => StoreError::Memory,
        // SQLITE_IOERR
        Ok(10) => StoreError::Disk,
        // SQLITE_READONLY
        Ok(8) => StoreError::ReadOnly,
        // SQLITE_CORRUPT, SQLITE_NOTADB
        Ok(11 | 26) => StoreError::Damaged,
        // SQLITE_FULL
        Ok(13) => StoreError::Full,
        _ => StoreError::Database { code: code.into() },
    }
}

/// What was read; `None` of what belonged alone to files whose keys were destroyed.
pub fn unless_destroyed<T>(read: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match read {
        Ok(there) => Ok(Some(there)),
        Err(StoreError::Destroyed) => Ok(None),
        Err(error) => Err(error),
    }
}
