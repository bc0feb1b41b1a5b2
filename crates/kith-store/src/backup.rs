//! Backups of a service that goes on serving, and putting one back.
//!
//! A backup is two directories. One holds the data and the signed log and may be kept for as long as the authority keeps
//! backups. The other holds the keys and is kept apart, for a short time: whoever has both and the master key can read
//! everything, and a key that was destroyed lives on in every older copy of it. The master key is in neither.
//!
//! What is copied first is never ahead of what is copied later: the log, then the data that has at least its entries, then the
//! documents that at least the data speaks of, then the keys that at least everything in the data was sealed with. So newer keys fit
//! an older copy of the data, and those are the ones to put back: what was destroyed since stays destroyed.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sea_orm::sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, raw_sql};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::engine::Server;
use crate::error::from_sqlx;
use crate::keys::copy;
use crate::keys::home::are_apart;
use crate::open::{Files, create_private, private, write_durably};
use crate::{MasterKeyPlace, StoreError, examine, migrate};

/// The list of what a backup holds; written last, so that one which was cut short has none.
const LIST: &str = "backup.json";
/// The dump of a `PostgreSQL` database in a backup.
const DUMP: &str = "kith.pgdump";
/// What else of a data directory is kept with the data, if it is there: the register, and what a demo remembers.
const ALSO: [&str; 2] = ["kith.toml", "demo.json"];
/// Translations of papers, beside the register.
const TRANSLATIONS: &str = "translations";
/// How often the log is copied again because it was tidied up meanwhile.
const PASSES_MAX: u32 = 20;
/// How long to wait for a lock of the serving process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// What a backup holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Backup {
    /// Version of this list.
    form: u32,
    /// When it was begun, UTC milliseconds.
    pub begun_ms: i64,
    /// What kind: `data` or `keys`.
    holds: String,
    /// Entries of the signed log in it.
    pub entries: u64,
    /// SHA-256 of each file, by its path.
    files: BTreeMap<String, String>,
}

/// A service that is backed up, or put back.
#[derive(Clone, Debug)]
pub struct Backed<'b> {
    /// The data directory.
    pub data: &'b Path,
    /// As in [`Settings`](crate::Settings).
    pub database_url: Option<&'b str>,
    /// As in [`Settings`](crate::Settings).
    pub keys_url: Option<&'b str>,
    /// As in [`Settings`](crate::Settings).
    pub master_key: &'b MasterKeyPlace,
}

/// Copies the data, the documents of the data directory and the signed log into `into` and the keys into `keys_into`, two new
/// directories, while the service goes on or stands still. The keys are one file, whatever their home. The master key is not copied.
///
/// [`StoreError::NotEmpty`] for a directory with something in it. For data on `PostgreSQL` the program `pg_dump` is run.
pub async fn backup(of: &Backed<'_>, into: &Path, keys_into: &Path) -> Result<Backup, StoreError> {
    let data = of.data;
    let files = Files(data.to_path_buf());
    let begun_ms = jiff::Timestamp::now().as_millisecond();
    for directory in [into, keys_into] {
        is_free(directory, &[])?;
        create_private(directory)?;
    }
    let (from, to) = (files.clone(), Files(into.to_path_buf()));
    let entries = blocking(move || copy_log(&from, &to)).await?;
    match of.database_url {
        Some(url) => {
            let (server, to) = (Server::from_url(url)?, into.join(DUMP));
            let url = url.to_owned();
            blocking(move || dump(&server, &url, &to)).await?;
        }
        None => copy_database(&files.data(), &Files(into.to_path_buf()).data()).await?,
    }
    // What lies there is never changed: whatever the copy of the data speaks of is there, and what came in since does no harm.
    let (from, to) = (files.documents(), Files(into.to_path_buf()).documents());
    blocking(move || if from.exists() { copy_documents(&from, &to) } else { Ok(()) }).await?;
    let keys = Files(keys_into.to_path_buf()).keys();
    match of.keys_url {
        Some(url) => copy::to_file(url, &keys).await?,
        None => copy_database(&files.keys(), &keys).await?,
    }
    for name in ALSO {
        let from = data.join(name);
        if from.exists() {
            copy_file(&from, &into.join(name))?;
        }
    }
    if data.join(TRANSLATIONS).is_dir() {
        copy_tree(&data.join(TRANSLATIONS), &into.join(TRANSLATIONS))?;
    }
    let list = |holds: &str| Backup { form: 1, begun_ms, holds: holds.to_owned(), entries, files: BTreeMap::new() };
    write_list(keys_into, list("keys"))?;
    write_list(into, list("data"))
}

/// Puts a backup back into `to`: a new data directory, or one in which there is the master key alone; on `PostgreSQL` an empty
/// database, by `pg_restore`; the keys into the home that `to` says, whichever they came from. The master key must be where it
/// says already. Every file is compared with the list of the backup before anything is written.
///
/// The keys may be newer than the data and should be the newest there are. [`StoreError::NotBackup`] says what does not fit.
pub async fn restore(from: &Path, keys_from: &Path, to: &Backed<'_>) -> Result<Backup, StoreError> {
    let Backed { data, database_url, keys_url, master_key } = *to;
    let (list, keys_list) = (read_list(from, "data")?, read_list(keys_from, "keys")?);
    let unfit = |why| StoreError::NotBackup { path: keys_from.to_path_buf(), why };
    if keys_list.begun_ms < list.begun_ms {
        return Err(unfit("its keys are older than the data: take keys of the same backup or newer ones"));
    }
    let (source, target) = (Files(from.to_path_buf()), Files(data.to_path_buf()));
    let dumped = list.files.contains_key(DUMP);
    if dumped != database_url.is_some() {
        let why = if dumped {
            "its data is of a PostgreSQL database: give the URL of an empty one"
        } else {
            "its data is of the embedded SQLite: give no database URL"
        };
        return Err(StoreError::NotBackup { path: from.to_path_buf(), why });
    }
    is_free(data, &["master.key"])?;
    let master = master_key.path(data)?;
    if !master.exists() {
        return Err(StoreError::MasterKeyMissing { path: master });
    }
    if let Some(url) = keys_url {
        copy::is_free(url).await?;
        if let Some(data) = database_url {
            are_apart(data, url).await?;
        }
    }
    let server = match database_url {
        Some(url) => {
            let server = Server::from_url(url)?;
            let db = server.connect().await?;
            let empty = migrate::is_empty(&db).await?;
            db.close_by_ref().await?;
            if !empty {
                return Err(StoreError::NotEmpty { place: server.place });
            }
            Some((server, url.to_owned()))
        }
        None => None,
    };
    create_private(data)?;
    let keys_source = Files(keys_from.to_path_buf()).keys();
    let keys_target = keys_url.is_none().then(|| target.keys());
    if let Some(url) = keys_url {
        copy::to_server(&keys_source, url).await?;
    }
    let copied = list.clone();
    blocking(move || {
        if let Some(keys) = keys_target {
            copy_file(&keys_source, &keys)?;
        }
        let whole =
            copy_tree(&source.log(), &target.log())? && copy_tree(&source.second_place(), &target.second_place())?;
        if !whole {
            return Err(StoreError::Busy);
        }
        if source.documents().exists() {
            copy_documents(&source.documents(), &target.documents())?;
        }
        for name in ALSO {
            if copied.files.contains_key(name) {
                copy_file(&source.0.join(name), &target.0.join(name))?;
            }
        }
        if source.0.join(TRANSLATIONS).is_dir() {
            copy_tree(&source.0.join(TRANSLATIONS), &target.0.join(TRANSLATIONS))?;
        }
        match server {
            Some((server, url)) => undump(&server, &url, &source.0.join(DUMP)),
            // Last: what was cut short before does not start.
            None => copy_file(&source.data(), &target.data()),
        }
    })
    .await?;
    Ok(list)
}

/// Copies the log and the second place as they stood together at one moment; returns how many entries are under the
/// checkpoint.
fn copy_log(from: &Files, to: &Files) -> Result<u64, StoreError> {
    let read = |path: &Path| fs::read(path).map_err(|error| StoreError::io(path, error));
    // The second place first: it is written after the log, so it is not ahead of the checkpoint that is read next.
    let seconds = "checkpoints";
    let second = read(&from.second_place().join(seconds))?;
    let note = read(&from.log().join("checkpoint"))?;
    // What is under the checkpoint stays, but for the partial tiles of a full one, which may vanish under our hands.
    let mut passes = 0;
    while !copy_tree(&from.log(), &to.log())? {
        passes += 1;
        if passes == PASSES_MAX {
            return Err(StoreError::Busy);
        }
    }
    write_durably(&to.log().join("checkpoint"), &note)?;
    let mut second = whole_notes(&second).to_vec();
    if !second.ends_with(&note) {
        second.extend(&note);
    }
    create_private(&to.second_place())?;
    write_durably(&to.second_place().join(seconds), &second)?;
    examine::signed_entries(&to.log())
}

/// Notes of five lines each, without one that is being written.
fn whole_notes(notes: &[u8]) -> &[u8] {
    let ends: Vec<usize> = notes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    let end = ends.chunks_exact(5).next_back().map_or(0, |note| note[4]);
    &notes[..end]
}

/// Copies documents, but for what is still coming in.
fn copy_documents(from: &Path, to: &Path) -> Result<(), StoreError> {
    create_private(to)?;
    for entry in fs::read_dir(from).map_err(|error| StoreError::io(from, error))? {
        let name = entry.map_err(|error| StoreError::io(from, error))?.file_name();
        if !name.to_string_lossy().contains('#') {
            match copy_file(&from.join(&name), &to.join(&name)) {
                // Taken away meanwhile, because it was not kept after all.
                Err(StoreError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {}
                copied => copied?,
            }
        }
    }
    sync(to)
}

/// Copies a directory, but for locks, checkpoints that are being written and what is there in its full length; whether none
/// vanished meanwhile.
fn copy_tree(from: &Path, to: &Path) -> Result<bool, StoreError> {
    create_private(to)?;
    let length = |path: &Path| fs::metadata(path).map(|file| file.len()).ok();
    let mut whole = true;
    for entry in fs::read_dir(from).map_err(|error| StoreError::io(from, error))? {
        let entry = entry.map_err(|error| StoreError::io(from, error))?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            whole &= copy_tree(&path, &target)?;
        } else if entry.file_name() != "lock"
            && entry.file_name() != "checkpoint.new"
            && length(&target).is_none_or(|there| Some(there) != length(&path))
        {
            match copy_file(&path, &target) {
                Err(StoreError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => whole = false,
                other => other?,
            }
        }
    }
    sync(to)?;
    Ok(whole)
}

/// Copies a database of `SQLite` as it is at one moment, and stamps the copy so that it is told from the original.
async fn copy_database(from: &Path, to: &Path) -> Result<(), StoreError> {
    let failed = |error| from_sqlx(&error);
    let options =
        |path: &Path| SqliteConnectOptions::new().filename(path).busy_timeout(BUSY_TIMEOUT).disable_statement_logging();
    fs::metadata(from).map_err(|error| StoreError::io(from, error))?;
    write_durably(to, &[])?;
    let mut source: SqliteConnection = options(from).read_only(true).connect().await.map_err(failed)?;
    let quoted = to.display().to_string().replace('\'', "''");
    raw_sql(AssertSqlSafe(format!("VACUUM INTO '{quoted}'"))).execute(&mut source).await.map_err(failed)?;
    source.close().await.map_err(failed)?;
    let mut copy: SqliteConnection = options(to).connect().await.map_err(failed)?;
    let stamp = Uuid::new_v4().as_u128() & 0x7fff_ffff;
    let restamp = AssertSqlSafe(format!("PRAGMA user_version = {stamp}"));
    raw_sql(restamp).execute(&mut copy).await.map_err(failed)?;
    copy.close().await.map_err(failed)?;
    sync(to)?;
    examine::sound(to).await
}

/// Runs a program of `PostgreSQL`; where the database is, and the password, go by its environment and not by its arguments,
/// which everybody on the machine can read.
fn postgres(
    program: &'static str,
    server: &Server,
    url: &str,
    arguments: &[&std::ffi::OsStr],
) -> Result<(), StoreError> {
    let failed = |why: String| StoreError::Unavailable { place: server.place.clone(), why };
    let run = Command::new(program)
        .envs(server.environment(url))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .map_err(|error| failed(format!("{program} cannot be run: {}", error.kind())))?;
    if run.status.success() {
        return Ok(());
    }
    // Its words may quote rows.
    Err(failed(format!("{program} ended with an error; run it by hand to see which")))
}

fn dump(server: &Server, url: &str, to: &Path) -> Result<(), StoreError> {
    write_durably(to, &[])?;
    let arguments = ["--format=custom", "--no-owner", "--no-privileges", "--file"].map(std::ffi::OsStr::new);
    postgres("pg_dump", server, url, &[&arguments[..], &[to.as_os_str()]].concat())?;
    sync(to)
}

fn undump(server: &Server, url: &str, from: &Path) -> Result<(), StoreError> {
    let database = server.database();
    let arguments = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", "--dbname", &database]
        .map(std::ffi::OsStr::new);
    postgres("pg_restore", server, url, &[&arguments[..], &[from.as_os_str()]].concat())
}

/// Whether a directory can take a copy: not there, or empty but for these.
fn is_free(directory: &Path, but: &[&str]) -> Result<(), StoreError> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(StoreError::io(directory, error)),
    };
    for entry in entries {
        let name = entry.map_err(|error| StoreError::io(directory, error))?.file_name();
        if !but.iter().any(|but| name == *but) {
            return Err(StoreError::NotEmpty { place: directory.display().to_string() });
        }
    }
    Ok(())
}

fn write_list(directory: &Path, mut list: Backup) -> Result<Backup, StoreError> {
    let mut paths = Vec::new();
    files_under(directory, &mut paths)?;
    for path in paths {
        let name = path.strip_prefix(directory).unwrap_or(&path).display().to_string();
        list.files.insert(name, digest(&path)?);
    }
    let text = serde_json::to_vec_pretty(&list).map_err(|_| StoreError::unexpected("a list without words"))?;
    write_durably(&directory.join(LIST), &text)?;
    sync(directory)?;
    Ok(list)
}

/// Reads the list of a backup and compares every file with it.
fn read_list(directory: &Path, holds: &str) -> Result<Backup, StoreError> {
    let unfit = |why| StoreError::NotBackup { path: directory.to_path_buf(), why };
    let text = match fs::read(directory.join(LIST)) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(unfit("it has no backup.json: it is no backup, or one that was cut short"));
        }
        Err(error) => return Err(StoreError::io(&directory.join(LIST), error)),
    };
    let list: Backup = serde_json::from_slice(&text).map_err(|_| unfit("its backup.json cannot be understood"))?;
    if list.form != 1 || list.holds != holds {
        return Err(unfit("it is not what its place says: data and keys are two directories"));
    }
    for (name, expected) in &list.files {
        let found = digest(&directory.join(name)).map_err(|_| unfit("a file of it is missing"))?;
        if found != *expected {
            return Err(unfit("a file of it was altered or damaged"));
        }
    }
    Ok(list)
}

fn files_under(directory: &Path, found: &mut Vec<PathBuf>) -> Result<(), StoreError> {
    for entry in fs::read_dir(directory).map_err(|error| StoreError::io(directory, error))? {
        let path = entry.map_err(|error| StoreError::io(directory, error))?.path();
        if path.is_dir() { files_under(&path, found)? } else { found.push(path) }
    }
    Ok(())
}

fn digest(path: &Path) -> Result<String, StoreError> {
    let failed = |error| StoreError::io(path, error);
    let mut file = File::open(path).map_err(failed)?;
    let (mut hash, mut part) = (Sha256::new(), vec![0; 64 * 1024]);
    loop {
        let read = file.read(&mut part).map_err(failed)?;
        if read == 0 {
            return Ok(hex::encode(hash.finalize()));
        }
        hash.update(&part[..read]);
    }
}

fn copy_file(from: &Path, to: &Path) -> Result<(), StoreError> {
    let mut source = File::open(from).map_err(|error| StoreError::io(from, error))?;
    let mut target = private(to)?;
    std::io::copy(&mut source, &mut target).and_then(|_| target.sync_all()).map_err(|error| StoreError::io(to, error))
}

/// A file or directory, durably.
fn sync(path: &Path) -> Result<(), StoreError> {
    File::open(path).and_then(|file| file.sync_all()).map_err(|error| StoreError::io(path, error))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Closed)?
}
