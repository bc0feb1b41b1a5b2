//! Fixtures for tests, here and in the crates above (feature `testing`): a fresh store on either engine, which is
//! gone when the fixture is dropped.

// Fixtures fail a test by panicking.
#![allow(clippy::missing_panics_doc, clippy::expect_used)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use kith_domain::access::{Access, Actor, Purpose};
use kith_domain::catalogue::RegisteredItems;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{KeysPlace, LedgerCheck, Settings, Store, StoreError, Verifying, verify_ledger};

/// Runs an async test on both engines: `each_engine! { async fn name(fixture: &Fixture) { … } }` makes the tests
/// `name::sqlite` and `name::postgres`. On `PostgreSQL` the environment must hold `KITH_TEST_POSTGRES_URL`.
#[macro_export]
macro_rules! each_engine {
    ($($tests:tt)+) => { $crate::two_ways! { sqlite(Sqlite, false), postgres(Postgres, false): $($tests)+ } };
}

/// Runs an async test of keys on both of their homes: `each_home! { async fn name(fixture: &Fixture) { … } }` makes the tests
/// `name::file` (with the data on `SQLite`) and `name::server` (with the data on `PostgreSQL`, in another database).
#[macro_export]
macro_rules! each_home {
    ($($tests:tt)+) => { $crate::two_ways! { file(Sqlite, false), server(Postgres, true): $($tests)+ } };
}

/// Makes of each test two that are run as is said: what each is called, its engine, and whether the keys are apart.
#[macro_export]
macro_rules! two_ways {
    ($one:ident($engine_one:ident, $apart_one:literal), $two:ident($engine_two:ident, $apart_two:literal):
     $($(#[$meta:meta])* async fn $name:ident($fixture:ident: &Fixture) $body:block)+) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn check($fixture: &$crate::testing::Fixture) $body

            #[test]
            fn $one() {
                let engine = $crate::testing::Engine::$engine_one;
                $crate::testing::run_on(engine, $apart_one, async |fixture| check(fixture).await);
            }

            #[test]
            fn $two() {
                let engine = $crate::testing::Engine::$engine_two;
                $crate::testing::run_on(engine, $apart_two, async |fixture| check(fixture).await);
            }
        }
    )+};
}

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded.
    Sqlite,
    /// A server.
    Postgres,
}

/// A data directory and, on `PostgreSQL`, a database of its own.
pub struct Fixture {
    /// Which engine it is on.
    pub engine: Engine,
    settings: Settings,
    directory: TempDir,
}

impl Store {
    /// Forgets every unwrapped key, so that those which a test needs are kept from one moment on.
    pub fn forget_keys(&self) {
        self.0.keys.forget_all();
    }
}

impl Fixture {
    /// The settings a store is opened with.
    pub fn settings(&self) -> Settings {
        self.settings.clone()
    }

    /// The data directory.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Opens the store, creating it the first time. Close one before opening the next.
    pub async fn open(&self) -> Store {
        self.try_open().await.expect("the store opens")
    }

    /// Opens the store, or says why not.
    pub async fn try_open(&self) -> Result<Store, StoreError> {
        Store::open(self.settings()).await
    }

    /// A connection to the data past the store, as someone who administers the database has it.
    pub async fn raw(&self) -> DatabaseConnection {
        match &self.settings.database_url {
            Some(url) => connect(url).await,
            None => crate::engine::sqlite(&self.directory().join("kith.sqlite"), crate::engine::Use::Write)
                .await
                .expect("the file opens"),
        }
    }

    /// The same to the keys.
    pub async fn raw_keys(&self) -> DatabaseConnection {
        match &self.settings.keys_url {
            Some(url) => connect(url).await,
            None => crate::engine::sqlite(&self.directory().join("keys.sqlite"), crate::engine::Use::Write)
                .await
                .expect("the file opens"),
        }
    }

    /// Where the keys are, for who looks after them beside the program that serves.
    pub fn keys_place(&self) -> KeysPlace {
        let Settings { data, keys_url, master_key, authority, .. } = self.settings();
        KeysPlace { data, keys_url, master_key, authority }
    }

    /// Verifies the log of this service, as `kith ledger verify` does.
    pub async fn verify(&self) -> Result<LedgerCheck, StoreError> {
        // Entries of a test are of its own time.
        let of = Verifying::of(self.directory(), self.settings.database_url.as_deref());
        verify_ledger(&Verifying { now_ms: 0, ..of }).await
    }

    /// Runs one statement past the store and returns how many rows it changed.
    pub async fn tamper(&self, sql: &str) -> u64 {
        let db = self.raw().await;
        let changed = db.execute_unprepared(sql).await.expect("the statement runs").rows_affected();
        db.close_by_ref().await.expect("the connection closes");
        changed
    }

    /// Bytes as a statement says them.
    pub fn bytes(&self, bytes: &[u8]) -> String {
        let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        match self.engine {
            Engine::Sqlite => format!("X'{}'", hex.concat()),
            Engine::Postgres => format!("'\\x{}'::bytea", hex.concat()),
        }
    }

    /// An id as a statement says it.
    pub fn id(&self, id: Uuid) -> String {
        match self.engine {
            Engine::Sqlite => self.bytes(id.as_bytes()),
            Engine::Postgres => format!("'{id}'::uuid"),
        }
    }

    /// Another place for the data: an empty database on `PostgreSQL`.
    pub async fn another_database(&self) -> AnotherDatabase {
        match self.engine {
            Engine::Sqlite => AnotherDatabase(None),
            Engine::Postgres => AnotherDatabase(Some(FreshDatabase::create().await)),
        }
    }

    /// The number that a statement `SELECT count(*) AS n …` gives.
    pub async fn count(&self, sql: &str) -> i64 {
        let db = self.raw().await;
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await;
        let count = row.expect("the statement runs").expect("a row").try_get("", "n").expect("a column n");
        db.close_by_ref().await.expect("the connection closes");
        count
    }
}

/// Copies a data directory, as it may lie in version control: which keeps no modes, and a key that others can read is not
/// taken.
pub fn copy_dir(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("the directory is made");
    for_its_owner(to);
    for item in std::fs::read_dir(from).expect("the directory is read") {
        let path = item.expect("the directory is read").path();
        let target = to.join(path.file_name().expect("an item has a name"));
        if path.is_dir() {
            copy_dir(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("the file is copied");
            std::fs::set_permissions(&target, std::fs::Permissions::from_mode(0o600)).expect("the mode is set");
        }
    }
}

/// Gives a directory the mode that a data directory must have.
pub fn for_its_owner(directory: &Path) {
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o700)).expect("the mode is set");
}

/// Another place for the data, from [`Fixture::another_database`].
pub struct AnotherDatabase(Option<FreshDatabase>);

impl AnotherDatabase {
    /// Its URL; `None` on `SQLite`.
    pub fn url(&self) -> Option<&str> {
        self.0.as_ref().map(|database| database.url.as_str())
    }

    /// Removes it.
    pub async fn drop(self) {
        if let Some(database) = self.0 {
            database.drop().await;
        }
    }
}

/// The program itself, delivering the service.
pub fn system() -> Access {
    Access { actor: Actor::system(), purpose: Purpose::ServiceDelivery }
}

/// Runs a test on an engine, with several threads as the server has, and removes what it left.
///
/// # Panics
/// If the test does, or if `PostgreSQL` is asked for and `KITH_TEST_POSTGRES_URL` is not set.
pub fn run(engine: Engine, test: impl AsyncFnOnce(&Fixture)) {
    run_on(engine, false, test);
}

/// The same on `PostgreSQL` with the keys in a database of their own.
///
/// # Panics
/// As [`run`].
pub fn run_with_keys_apart(test: impl AsyncFnOnce(&Fixture)) {
    run_on(Engine::Postgres, true, test);
}

/// Runs a test on a fresh store on an engine; with `keys_apart` its keys are in a database of `PostgreSQL` of their own.
///
/// # Panics
/// As [`run`].
pub fn run_on(engine: Engine, keys_apart: bool, test: impl AsyncFnOnce(&Fixture)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let directory = tempfile::tempdir().expect("a temporary directory");
        for_its_owner(directory.path());
        let of = Settings::of(directory.path().to_path_buf(), "test".into(), RegisteredItems::whole_catalogue());
        let mut settings = Settings { reserve_mib: 0, ..of };
        let mut databases = Vec::new();
        if engine == Engine::Postgres {
            let fresh = FreshDatabase::create().await;
            settings.database_url = Some(fresh.url.clone());
            databases.push(fresh);
        }
        if keys_apart {
            let fresh = FreshDatabase::create().await;
            settings.keys_url = Some(fresh.url.clone());
            databases.push(fresh);
        }
        let fixture = Fixture { engine, settings, directory };
        test(&fixture).await;
        for database in databases {
            database.drop().await;
        }
    });
}

/// A database for one test. One that a failed test leaves goes with the private server.
struct FreshDatabase {
    admin_url: String,
    name: String,
    url: String,
}

impl FreshDatabase {
    async fn create() -> Self {
        let admin_url = std::env::var("KITH_TEST_POSTGRES_URL")
            .expect("KITH_TEST_POSTGRES_URL is not set: run ./test, which starts a private PostgreSQL");
        let name = format!("kith_test_{}", Uuid::new_v4().simple());
        let admin = connect(&admin_url).await;
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("a database is created");
        admin.close_by_ref().await.expect("the connection closes");
        let (server, rest) = admin_url.rsplit_once('/').expect("a URL with a database");
        let parameters = rest.split_once('?').map(|(_, parameters)| format!("?{parameters}")).unwrap_or_default();
        let url = format!("{server}/{name}{parameters}");
        Self { admin_url, name, url }
    }

    async fn drop(self) {
        let admin = connect(&self.admin_url).await;
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        admin.execute_raw(Statement::from_string(DbBackend::Postgres, sql)).await.expect("the database is dropped");
        admin.close_by_ref().await.expect("the connection closes");
    }
}

async fn connect(url: &str) -> DatabaseConnection {
    crate::engine::Server::from_url(url).expect("a URL of PostgreSQL").connect().await.expect("the server answers")
}
