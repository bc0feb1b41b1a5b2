//! What lies in the data directory is looked at before anything in it is written: damaged files, and files that do not belong
//! together, are found at the start and not one page at a time, and stay as they were found.

use std::fs::{self, File};
use std::io::{BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use sea_orm::sqlx::{ConnectOptions as _, Connection as _, Row as _, raw_sql};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, sqlx};
use uuid::Uuid;

use crate::error::from_sqlx;
use crate::keys::home::server_has_keys;
use crate::open::Files;
use crate::{StoreError, migrate};

/// How long the start may take to look through one file; a larger one is looked at as far as that goes.
const CHECK_MAX: Duration = Duration::from_secs(10);
/// Steps of the engine between two looks at the clock.
const CHECK_STEPS: i32 = 10_000;

/// Finds what is wrong with the files of a data directory. `server` is the database when the data is not a file there, `keys_url`
/// that of the keys when those are not.
///
/// The errors say which file and what to do; nothing was written.
pub(crate) async fn examine(
    files: &Files,
    server: Option<(&DatabaseConnection, &str)>,
    keys_url: Option<&str>,
    authority: &str,
) -> Result<(), StoreError> {
    for path in [Some(files.data()), keys_url.is_none().then(|| files.keys())].into_iter().flatten() {
        if has_content(&path)? {
            own_log(&path)?;
            sound(&path).await?;
        }
    }
    let data = match server {
        Some((db, _)) => on_server(db).await?,
        None if has_content(&files.data())? => in_file(&files.data()).await?,
        None => None,
    };
    let entries = signed_entries(&files.log())?;
    let Some(data) = data else {
        if entries == 0 {
            return Ok(());
        }
        let place = server.map_or_else(|| files.data().display().to_string(), |(_, place)| place.to_owned());
        return Err(StoreError::DataMissing { place, entries });
    };
    if data.authority != authority {
        return Err(StoreError::OtherAuthority { found: data.authority, configured: authority.to_owned() });
    }
    let (has_keys, place) = match keys_url {
        Some(url) => server_has_keys(url).await?,
        None => (has_content(&files.keys())?, files.keys().display().to_string()),
    };
    if !has_keys {
        return Err(StoreError::KeysMissing { place });
    }
    if entries > data.entries {
        return Err(StoreError::LedgerAhead { log: entries, database: data.entries });
    }
    Ok(())
}

/// What a database says of itself.
struct Data {
    /// Code of the authority it belongs to.
    authority: String,
    /// Entries of the access log that have their place.
    entries: u64,
}

const WHOSE: &str = "SELECT code FROM authority";
/// How many entries of the access log have their place.
pub(crate) const ENTRIES: &str = "SELECT COALESCE(MAX(leaf) + 1, 0) AS entries FROM ledger_entry";

/// `None` for a database that holds nobody's data, or something else.
async fn on_server(db: &DatabaseConnection) -> Result<Option<Data>, StoreError> {
    let Some(authority) = migrate::whose(db).await? else { return Ok(None) };
    let entries = db.query_one_raw(Statement::from_string(db.get_database_backend(), ENTRIES)).await?;
    let entries: i64 = entries.ok_or(StoreError::NotFound)?.try_get("", "entries")?;
    Ok(Some(Data { authority, entries: u64::try_from(entries).unwrap_or(0) }))
}

/// The same of a file, without writing to it.
async fn in_file(path: &Path) -> Result<Option<Data>, StoreError> {
    let mut connection = reading(path)?.connect().await.map_err(|error| from_sqlx(&error))?;
    let authority = raw_sql(WHOSE).fetch_optional(&mut connection).await;
    let entries = raw_sql(ENTRIES).fetch_optional(&mut connection).await;
    // It did its work, however the goodbye goes.
    let _ = connection.close().await;
    // What has no such table is not ours, or was never finished: the migration says which.
    let (Ok(Some(authority)), Ok(Some(entries))) = (authority, entries) else { return Ok(None) };
    let (Ok(authority), Ok(entries)) = (authority.try_get(0), entries.try_get::<i64, _>(0)) else { return Ok(None) };
    Ok(Some(Data { authority, entries: u64::try_from(entries).unwrap_or(0) }))
}

/// How to read a file and change nothing: without a log beside it, nothing is made beside it either.
fn reading(path: &Path) -> Result<SqliteConnectOptions, StoreError> {
    let alone = !has_content(&with_end(path, "-wal"))?;
    Ok(SqliteConnectOptions::new().filename(path).read_only(true).immutable(alone).disable_statement_logging())
}

/// Whether there is a file with something in it.
fn has_content(path: &Path) -> Result<bool, StoreError> {
    match fs::metadata(path) {
        Ok(file) => Ok(file.len() > 0),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(StoreError::io(path, error)),
    }
}

/// How many entries the signed log says it has; its signature is checked when it is opened.
pub(crate) fn signed_entries(log: &Path) -> Result<u64, StoreError> {
    let path = log.join("checkpoint");
    match fs::read_to_string(&path) {
        Ok(note) => Ok(note.lines().nth(1).and_then(|size| size.parse().ok()).unwrap_or(0)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
        Err(error) => Err(StoreError::io(&path, error)),
    }
}

/// Bytes 60 to 63 of a database (sqlite.org/fileformat2.html, 1.3): the "user version", where Kith keeps the stamp.
const STAMP_AT: u64 = 60;
/// Bytes of the header of a write-ahead log, and of each frame in it (sqlite.org/fileformat2.html, 4.1).
const WAL_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// The stamp of a database file: another at each start, see [`stamp`].
fn stamp_of(path: &Path) -> Result<[u8; 4], StoreError> {
    let mut stamp = [0; 4];
    let read = File::open(path).and_then(|mut file| {
        file.seek(SeekFrom::Start(STAMP_AT))?;
        file.read_exact(&mut stamp)
    });
    match read {
        Ok(()) => Ok(stamp),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(StoreError::DamagedFile { path: path.into() }),
        Err(error) => Err(StoreError::io(path, error)),
    }
}

/// Refuses a write-ahead log that was written for another file than the one it lies beside, such as a copy that was put
/// back: `SQLite` itself would write the one into the other and destroy it.
///
/// Every frame with the first page carries the stamp of the run that wrote it. The one log whose stamp may differ is that of
/// a start which was cut short after it had set the stamp and before that reached the file: it holds nothing else.
fn own_log(path: &Path) -> Result<(), StoreError> {
    let log = with_end(path, "-wal");
    let mut file = match File::open(&log) {
        Ok(file) => BufReader::new(file),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(StoreError::io(&log, error)),
    };
    let stamp = stamp_of(path)?;
    let mut header = [0; WAL_HEADER];
    if file.read_exact(&mut header).is_err() {
        return Ok(());
    }
    let page = u32::from_be_bytes([header[8], header[9], header[10], header[11]]) as usize;
    if !(512..=65_536).contains(&page) {
        return Ok(());
    }
    let mut frame = vec![0; FRAME_HEADER + page];
    let (mut frames, mut foreign) = (0_u64, false);
    // Frames of an earlier round, whose salts differ, are no part of it any more.
    while file.read_exact(&mut frame).is_ok() && frame[8..16] == header[16..24] {
        frames += 1;
        let at = FRAME_HEADER + 60;
        foreign |= frame[..4] == [0, 0, 0, 1] && frame[at..at + 4] != stamp;
    }
    if foreign && frames > 1 {
        return Err(StoreError::OtherWal { path: path.to_path_buf(), wal: log });
    }
    Ok(())
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// Looks through a file as `SQLite` does, without writing, for as long as [`CHECK_MAX`].
pub(crate) async fn sound(path: &Path) -> Result<(), StoreError> {
    let damaged = || StoreError::DamagedFile { path: path.to_path_buf() };
    let failed = |error: &sqlx::Error| {
        match error.as_database_error().and_then(|error| error.code()?.parse::<i32>().ok()).map(|code| code & 0xff) {
            // SQLITE_INTERRUPT: the time was up.
            Some(9) => {
                tracing::warn!(path = %path.display(), "too large to be looked through at the start: only a part was");
                Ok(())
            }
            // SQLITE_NOTADB
            Some(26) => Err(StoreError::NotKith { place: path.display().to_string() }),
            // SQLITE_PERM, SQLITE_READONLY, SQLITE_CANTOPEN
            Some(3 | 8 | 14) => Err(StoreError::Permission { path: path.to_path_buf() }),
            // SQLITE_ERROR, SQLITE_CORRUPT: a schema that cannot be read is damage too.
            Some(1 | 11) => Err(damaged()),
            _ => Err(StoreError::Disk),
        }
    };
    let mut connection = match reading(path)?.connect().await {
        Ok(connection) => connection,
        Err(error) => return failed(&error),
    };
    let begun = Instant::now();
    if let Ok(mut handle) = connection.lock_handle().await {
        handle.set_progress_handler(CHECK_STEPS, move || begun.elapsed() < CHECK_MAX);
    }
    let found = raw_sql("PRAGMA quick_check(1)").fetch_one(&mut connection).await;
    // It did its work, however the goodbye goes.
    let _ = connection.close().await;
    match found {
        Ok(row) if row.try_get::<String, _>(0).is_ok_and(|word| word == "ok") => Ok(()),
        Ok(_) => Err(damaged()),
        Err(error) => failed(&error),
    }
}

/// Stamps a file anew and brings the stamp from the write-ahead log into the file itself, so that a copy of it which is put
/// back later is told from it. The connection is the only one.
pub(crate) async fn stamp(db: &DatabaseConnection) -> Result<(), StoreError> {
    let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
    db.execute_unprepared(checkpoint).await?;
    let new = Uuid::new_v4().as_u128() & 0x7fff_ffff;
    db.execute_unprepared(&format!("PRAGMA user_version = {new}")).await?;
    db.execute_unprepared(checkpoint).await?;
    Ok(())
}
