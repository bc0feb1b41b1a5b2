//! Opening the store: the data directory and everything in it at first start, and what must agree at every other.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use kith_domain::catalogue::RegisteredItems;
use kith_files::{Clamd, Depot, FilesAt};
use kith_ledger::{Log, Signer};
use kith_vault::mac;
use sea_orm::{DatabaseConnection, EntityTrait, Set};

use crate::counts::Counter;
use crate::destroyed::DestroyedList;
use crate::engine::{self, Server, Use};
use crate::entity::authority;
use crate::examine::{examine, stamp};
use crate::index::Index;
use crate::keys::KeyStore;
use crate::keys::home::{self, KeysAt};
use crate::keys::masters::MasterKeyPlace;
use crate::ledger::begin::{Beginning, LogStart};
use crate::ledger::lanes::Lanes;
use crate::ledger::server::ThisServer;
use crate::ledger::signing::{Signing, UNSIGNED_MAX};
use crate::ledger::{sequence, writer};
use crate::migrate::{self, What};
use crate::room::Room;
use crate::store::Inner;
use crate::{Store, StoreError, index, items};

/// Where everything is.
#[derive(Clone)]
pub struct Settings {
    /// The data directory: the signed access log and, unless they are elsewhere, the data, the keys and the master key.
    pub data: PathBuf,
    /// `postgres://user:password@host:5432/name` for the data; `None` for `SQLite` in the data directory.
    pub database_url: Option<String>,
    /// The same for the keys, another database than that of the data; `None` for a `SQLite` file in the data directory.
    pub keys_url: Option<String>,
    /// Where the master key is.
    pub master_key: MasterKeyPlace,
    /// Code of the authority. It is bound into every seal and can never be changed.
    pub authority: String,
    /// Where documents are kept: a directory of several servers or a bucket, see [`FilesAt::Url`]; `None` for `files` in the data
    /// directory.
    pub files_url: Option<String>,
    /// The virus scanner that each document is shown to before it is kept; `None` where there is none.
    pub clamd: Option<Clamd>,
    /// Where signed checkpoints of the access log are written a second time, best on another machine that who
    /// administers the database cannot write; `None` for `checkpoints` in the data directory.
    pub second_place: Option<PathBuf>,
    /// How much room to leave on the disk of the data directory, MiB: below it Kith reads and changes nothing.
    pub reserve_mib: u64,
    /// The items that the authority's register names: nothing else is stored.
    pub items: RegisteredItems,
    /// How the signed log is taken up.
    pub log: LogStart,
    /// For how long entries of the access log may stay unsigned before Kith only reads, see
    /// [`UNSIGNED_MAX`](crate::UNSIGNED_MAX).
    pub unsigned_max: Duration,
}

impl Settings {
    /// A service in a directory of its own, with everything else as it usually is.
    pub fn of(data: PathBuf, authority: String, items: RegisteredItems) -> Self {
        Self {
            data,
            database_url: None,
            keys_url: None,
            master_key: MasterKeyPlace::InData,
            authority,
            files_url: None,
            clamd: None,
            second_place: None,
            reserve_mib: RESERVE_MIB,
            items,
            log: LogStart::Usual,
            unsigned_max: UNSIGNED_MAX,
        }
    }
}

/// The reserve that a service usually has, MiB: room for the access log of several weeks in which people only read.
pub const RESERVE_MIB: u64 = 256;

/// The files of a data directory.
#[derive(Clone)]
pub(crate) struct Files(pub(crate) PathBuf);

impl Files {
    pub(crate) fn lock(&self) -> PathBuf {
        self.0.join("kith.lock")
    }
    pub(crate) fn keys(&self) -> PathBuf {
        self.0.join("keys.sqlite")
    }
    pub(crate) fn data(&self) -> PathBuf {
        self.0.join("kith.sqlite")
    }
    pub(crate) fn log(&self) -> PathBuf {
        self.0.join("ledger")
    }
    /// Written by the log beside its tiles.
    pub(crate) fn public_key(&self) -> PathBuf {
        self.log().join("public-key")
    }
    /// The number of this server's first lane of the log, on `PostgreSQL`.
    pub(crate) fn server(&self) -> PathBuf {
        self.0.join("server")
    }
    pub(crate) fn second_place(&self) -> PathBuf {
        self.0.join("checkpoints")
    }
    pub(crate) fn documents(&self) -> PathBuf {
        self.0.join("files")
    }

    /// Where documents are kept: at the URL, or in the data directory, which is made.
    pub(crate) fn depot(&self, url: Option<&str>) -> Result<Depot, StoreError> {
        let at = url.map_or_else(|| FilesAt::Directory(self.documents()), |url| FilesAt::Url(url.to_owned()));
        if let Some(directory) = at.directory() {
            create_private(&directory)?;
            is_private(&directory)?;
        }
        Ok(Depot::open(&at)?)
    }
}

/// Opens the store. See [`Store::open`].
pub(crate) async fn open(settings: Settings) -> Result<Store, StoreError> {
    let files = Files(settings.data.clone());
    create_private(&files.0)?;
    is_private(&files.0)?;
    let lock = lock(&files.0)?;
    if let (Some(data), Some(keys)) = (&settings.database_url, &settings.keys_url) {
        home::are_apart(data, keys).await?;
    }

    let server = match &settings.database_url {
        Some(url) => {
            let server = Server::from_url(url)?;
            let db = server.connect().await?;
            Some((server, db))
        }
        None => None,
    };
    let data = server.as_ref().map(|(server, db)| (db, server.place.as_str()));
    examine(&files, data, settings.keys_url.as_deref(), &settings.authority).await?;

    let master = settings.master_key.path(&files.0)?;
    let counter = Arc::new(Counter::default());
    let home = KeysAt::of(&files.0, settings.keys_url.as_deref()).open(&counter).await?;
    let keys = KeyStore::open(home, &master, settings.master_key.is_ours(), &settings.authority).await?;

    let this = Arc::new(ThisServer::of(&files, server.as_ref().map(|(server, _)| server)).await?);
    let (mut write, mut read) = connect(server, &files).await?;
    counter.watch(&mut write);
    counter.watch(&mut read);
    let index = Index::open(&write, &keys).await?;
    let web = keys.named("web").await?;
    let rows = keys.named("rows").await?;
    let log_key = keys.named("log").await?;
    let seed = keys.named("ledger-signing").await?;
    belongs(&write, &settings.authority, &keys).await?;
    items::check_in_use(&write, &settings.items).await?;

    let depot = files.depot(settings.files_url.as_deref())?;
    let second_place = settings.second_place.clone().unwrap_or_else(|| files.second_place());
    create_private(&second_place)?;
    create_private(&files.log())?;
    let second = second_place.clone();
    let destroyed = DestroyedList::new(&second_place, rows.clone());
    let (name, place) = (format!("kith-{}", settings.authority), files.log());
    let closed = Arc::new(AtomicBool::new(false));
    let is_closed = Arc::clone(&closed);
    let reopen_log: sequence::Reopen = Arc::new(move || {
        if is_closed.load(Ordering::Acquire) {
            return Err(StoreError::Closed);
        }
        let signer = Signer::from_seed(&name, seed.as_bytes())?;
        Ok(Log::open(&place, Some(&second_place), signer)?)
    });
    let lanes = Arc::new(Lanes::new(log_key.clone(), read.clone(), this.first_lane));
    let not_shared = match (&settings.keys_url, &settings.files_url) {
        (None, _) => Some(("keys", "--keys-url")),
        (_, None) => Some(("documents", "--files-url")),
        _ => None,
    };
    let beginning = Beginning {
        start: settings.log,
        files: &files,
        second_place: &second,
        keys: &keys,
        not_shared,
        db: &write,
        this: &this,
        key: &log_key,
        lanes: &lanes,
        reopen: &reopen_log,
    };
    let (log, state) = beginning.begin().await?;
    // A database that is older than its log, or another one, is not served: what is done in it could never be signed. What is
    // wrong with entries that wait is said when they are to be signed, once a second.
    sequence::place(&write, &log_key, this.first_lane, &log).await?;

    let room = Room::new(settings.data, settings.reserve_mib);
    let writer = writer::start(write.clone(), Arc::clone(&lanes));
    let store = Store(Arc::new(Inner {
        authority: settings.authority,
        items: RwLock::new((0, Arc::new(settings.items))),
        write,
        read,
        counter,
        room,
        depot,
        clamd: settings.clamd,
        keys,
        index,
        web,
        rows,
        log_key,
        lanes,
        this,
        begun_anew_ms: (state.logs > 1).then_some(state.begun_ms),
        destroyed,
        destroyed_again: AtomicUsize::new(0),
        signing: Signing::new(settings.unsigned_max),
        log: Arc::new(tokio::sync::Mutex::new(Some(log))),
        reopen_log,
        closed,
        writer,
        lock: Mutex::new(Some(lock)),
    }));
    store.renew().await?;
    store.end_destructions().await?;
    Ok(store)
}

/// The connections for changing and for reading, the schema being of this version.
async fn connect(
    server: Option<(Server, DatabaseConnection)>,
    files: &Files,
) -> Result<(DatabaseConnection, DatabaseConnection), StoreError> {
    if let Some((server, write)) = server {
        migrate::migrate(&write, What::Data, &server.place).await?;
        return Ok((write, server.connect().await?));
    }
    let path = files.data();
    let write = engine::sqlite(&path, Use::Write).await?;
    migrate::migrate(&write, What::Data, &path.display().to_string()).await?;
    stamp(&write).await?;
    let read = engine::sqlite(&path, Use::Read).await?;
    Ok((write, read))
}

/// Writes whose data this is the first time, and compares it ever after.
async fn belongs(db: &DatabaseConnection, code: &str, keys: &KeyStore) -> Result<(), StoreError> {
    // The first key of the index, which stays when another takes its place.
    let key_check = mac(&keys.named(index::FIRST).await?, "kith key check", code.as_bytes()).to_vec();
    let first =
        authority::ActiveModel { only_row: Set(1), code: Set(code.to_owned()), key_check: Set(key_check.clone()) };
    authority::Entity::insert(first).on_conflict_do_nothing().exec_without_returning(db).await?;
    let found = authority::Entity::find().one(db).await?.ok_or(StoreError::NotFound)?;
    if found.code != code {
        return Err(StoreError::OtherAuthority { found: found.code, configured: code.to_owned() });
    }
    if found.key_check != key_check {
        return Err(StoreError::OtherKeys { place: keys.place().to_owned() });
    }
    Ok(())
}

/// Creates a directory that only its owner can enter; leaves one that is there as it is.
pub fn create_private(path: &Path) -> Result<(), StoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| StoreError::io(path, error))
}

/// Writes a new file for its owner only, durably.
pub(crate) fn write_durably(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    let mut file = private(path)?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(|error| StoreError::io(path, error))
}

/// A new file for its owner only.
pub(crate) fn private(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| StoreError::io(path, error))
}

/// [`StoreError::Exposed`] for a directory that others than its owner may read or enter.
pub(crate) fn is_private(path: &Path) -> Result<(), StoreError> {
    let mode = fs::metadata(path).map_err(|error| StoreError::io(path, error))?;
    let mode = std::os::unix::fs::PermissionsExt::mode(&mode.permissions()) & 0o7777;
    if mode & 0o077 != 0 {
        return Err(StoreError::Exposed { path: path.to_path_buf(), mode });
    }
    Ok(())
}

/// Takes the data directory for this process, for as long as the file is open. [`StoreError::InUse`] if another has it.
pub fn lock(data: &Path) -> Result<File, StoreError> {
    let path = &Files(data.to_path_buf()).lock();
    let file = private(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.clone() }),
        Err(fs::TryLockError::Error(error)) => Err(StoreError::io(path, error)),
    }
}
