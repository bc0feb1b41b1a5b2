//! Migrations: each is one text for both engines, in `schema/`, with words in braces replaced per engine.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager};

use crate::{StoreError, engine};

/// Key of the `PostgreSQL` advisory lock under which servers that start together migrate one after the other.
const MIGRATION_LOCK: i64 = 0x4b69_7468_0001;

/// Every migration of the data, oldest first. One that was released is never edited: the next number is added.
const DATA: &[(&str, &str)] = &[
    ("0001_ground", include_str!("schema/0001_ground.sql")),
    ("0002_log", include_str!("schema/0002_log.sql")),
    ("0003_accounts", include_str!("schema/0003_accounts.sql")),
    ("0004_index", include_str!("schema/0004_index.sql")),
    ("0005_servers", include_str!("schema/0005_servers.sql")),
    ("0007_documents", include_str!("schema/0007_documents.sql")),
    ("0008_marks", include_str!("schema/0008_marks.sql")),
    ("0009_calls", include_str!("schema/0009_calls.sql")),
    ("0010_refusals", include_str!("schema/0010_refusals.sql")),
    ("0011_clocks", include_str!("schema/0011_clocks.sql")),
    ("0012_ways_there", include_str!("schema/0012_ways_there.sql")),
    ("0013_rights", include_str!("schema/0013_rights.sql")),
    ("0014_retention", include_str!("schema/0014_retention.sql")),
    ("0015_packs", include_str!("schema/0015_packs.sql")),
    ("0016_sharing", include_str!("schema/0016_sharing.sql")),
    ("0017_research", include_str!("schema/0017_research.sql")),
    ("0018_archive", include_str!("schema/0018_archive.sql")),
    ("0019_register", include_str!("schema/0019_register.sql")),
    ("0020_collected", include_str!("schema/0020_collected.sql")),
    ("0021_requests_end", include_str!("schema/0021_requests_end.sql")),
    ("0022_enclosed", include_str!("schema/0022_enclosed.sql")),
    ("0023_pack_accounts", include_str!("schema/0023_pack_accounts.sql")),
    ("0024_by_child", include_str!("schema/0024_by_child.sql")),
];
/// Every migration of the key store.
const KEYS: &[(&str, &str)] =
    &[("0001_keys", include_str!("schema/keys_0001.sql")), ("0002_state", include_str!("schema/keys_0002.sql"))];

struct Step {
    name: &'static str,
    text: &'static str,
}

impl MigrationName for Step {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), sea_orm::DbErr> {
        let text = for_engine(self.text, manager.get_database_backend());
        manager.get_connection().execute_unprepared(&text).await?;
        Ok(())
    }
}

fn steps(all: &'static [(&'static str, &'static str)]) -> Vec<Box<dyn MigrationTrait>> {
    all.iter().map(|&(name, text)| -> Box<dyn MigrationTrait> { Box::new(Step { name, text }) }).collect()
}

struct DataMigrator;
impl MigratorTrait for DataMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        steps(DATA)
    }
}

struct KeyMigrator;
impl MigratorTrait for KeyMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        steps(KEYS)
    }
}

/// Which of the two databases is migrated.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// The data.
    Data,
    /// The key store.
    Keys,
}

/// Brings the database to the newest schema, all steps in one transaction: a start that is interrupted leaves it as it
/// was. `place` is how to name the database in an error.
pub(crate) async fn migrate(db: &DatabaseConnection, what: What, place: &str) -> Result<(), StoreError> {
    let transaction = engine::begin_plain(db).await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        let lock = format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})");
        // A migration of ten years of records takes what it takes.
        transaction.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
        transaction.execute_unprepared(&lock).await?;
    }
    check(&transaction, what, place).await?;
    match what {
        What::Data => DataMigrator::up(&transaction, None).await?,
        What::Keys => KeyMigrator::up(&transaction, None).await?,
    }
    engine::commit(transaction).await?;
    Ok(())
}

/// Whether the database is empty or ours, and not from a newer version.
async fn check(db: &impl ConnectionTrait, what: What, place: &str) -> Result<(), StoreError> {
    let tables = tables(db).await?;
    if tables.is_empty() {
        return Ok(());
    }
    let foreign = || StoreError::NotKith { place: place.into() };
    if !tables.iter().any(|table| table == "seaql_migrations") {
        return Err(foreign());
    }
    let ours = match what {
        What::Data => DATA,
        What::Keys => KEYS,
    };
    let applied = names(db, "SELECT version AS name FROM seaql_migrations ORDER BY version").await?;
    let numbered = |name: &String| name.as_bytes().first_chunk::<4>().is_some_and(|n| n.iter().all(u8::is_ascii_digit));
    if !applied.iter().all(numbered) || applied.first().is_some_and(|first| first != ours[0].0) {
        return Err(foreign());
    }
    match applied.into_iter().rfind(|name| ours.iter().all(|(known, _)| known != name)) {
        Some(schema) => Err(StoreError::Newer { schema }),
        None => Ok(()),
    }
}

/// Whether there is no table at all.
pub(crate) async fn is_empty(db: &DatabaseConnection) -> Result<bool, StoreError> {
    Ok(tables(db).await?.is_empty())
}

/// Whether there is a table of this name.
pub(crate) async fn has_table(db: &impl ConnectionTrait, name: &str) -> Result<bool, StoreError> {
    Ok(tables(db).await?.iter().any(|table| table == name))
}

/// Whose data is there, if somebody's is.
pub(crate) async fn whose(db: &DatabaseConnection) -> Result<Option<String>, StoreError> {
    if !has_table(db, "authority").await? {
        return Ok(None);
    }
    Ok(names(db, "SELECT code AS name FROM authority").await?.into_iter().next())
}

async fn tables(db: &impl ConnectionTrait) -> Result<Vec<String>, StoreError> {
    let tables = match db.get_database_backend() {
        DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        _ => "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema()",
    };
    names(db, tables).await
}

async fn names(db: &impl ConnectionTrait, sql: &str) -> Result<Vec<String>, StoreError> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    rows.iter().map(|row| Ok(row.try_get("", "name")?)).collect()
}

/// The last eight characters of an id, of which a file's reference is made (see [`kith_domain::ids::ChildId::reference`]): as
/// the unique index says it, and so as it is asked for.
pub(crate) fn end_of_id(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Sqlite => "substr(hex(id), 25)",
        _ => "upper(right(CAST(id AS text), 8))",
    }
}

fn for_engine(text: &str, backend: DbBackend) -> String {
    let words: [(&str, &str); 7] = match backend {
        DbBackend::Sqlite => [
            ("{uuid}", "BLOB"),
            ("{bytes}", "BLOB"),
            ("{int}", "INTEGER"),
            ("{bool}", "INTEGER"),
            ("{serial}", "INTEGER PRIMARY KEY"),
            ("{strict}", " STRICT"),
            ("{strict_keyed}", " STRICT, WITHOUT ROWID"),
        ],
        _ => [
            ("{uuid}", "uuid"),
            ("{bytes}", "bytea"),
            ("{int}", "bigint"),
            ("{bool}", "boolean"),
            ("{serial}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"),
            ("{strict}", ""),
            ("{strict_keyed}", ""),
        ],
    };
    let text = text.replace("{end_of_id}", end_of_id(backend));
    words.iter().fold(text, |text, (word, sql)| text.replace(word, sql))
}
