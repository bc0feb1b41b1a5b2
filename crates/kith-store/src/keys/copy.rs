//! Copies of a key store, from either home to either: a backup is always one file, whatever home the keys came from, and can be
//! put back into the other.

use std::path::Path;
use std::sync::Arc;

use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult, Statement, Value};
use uuid::Uuid;

use super::home::KeysAt;
use crate::engine::{self, Server, Use};
use crate::{StoreError, migrate, row};

#[derive(Clone, Copy)]
enum Kind {
    Id,
    Bytes,
    Text,
    Number,
}

/// Every table of the key store with its columns, but for ids that the engine gives.
const TABLES: [(&str, &[(&str, Kind)]); 5] = [
    ("file_key", &[("file_id", Kind::Id), ("wrapped", Kind::Bytes)]),
    ("named_key", &[("name", Kind::Text), ("wrapped", Kind::Bytes)]),
    ("key_state", &[("only_row", Kind::Number), ("master", Kind::Text), ("destroyed", Kind::Number)]),
    ("master_key", &[("id", Kind::Text), ("since", Kind::Number)]),
    ("key_note", &[("what", Kind::Text), ("about", Kind::Text), ("at", Kind::Number), ("done_at", Kind::Number)]),
];

/// Copies the keys of a database into a new file, as they are at one moment.
pub(crate) async fn to_file(url: &str, file: &Path) -> Result<(), StoreError> {
    let from = Server::from_url(url)?.connect().await?;
    let to = KeysAt::File(file.to_path_buf()).open(&Arc::default()).await?;
    copy(&from, to.db()).await?;
    from.close_by_ref().await?;
    // The write-ahead log goes into the file.
    to.wipe().await?;
    Ok(to.db().close_by_ref().await?)
}

/// [`StoreError::NotEmpty`] for a database with tables.
pub(crate) async fn is_free(url: &str) -> Result<(), StoreError> {
    let server = Server::from_url(url)?;
    let db = server.connect().await?;
    let empty = migrate::is_empty(&db).await?;
    db.close_by_ref().await?;
    if empty { Ok(()) } else { Err(StoreError::NotEmpty { place: server.place }) }
}

/// Copies the keys in a file into an empty database.
pub(crate) async fn to_server(file: &Path, url: &str) -> Result<(), StoreError> {
    let from = engine::sqlite(file, Use::Inspect).await?;
    let to = KeysAt::Server(url.to_owned()).open(&Arc::default()).await?;
    copy(&from, to.db()).await?;
    from.close_by_ref().await?;
    Ok(to.db().close_by_ref().await?)
}

async fn copy(from: &DatabaseConnection, to: &DatabaseConnection) -> Result<(), StoreError> {
    let reading = engine::begin_reading(from).await?;
    let writing = engine::begin_plain(to).await?;
    for (table, columns) in TABLES {
        // A copy of an earlier version has not all of them.
        if !migrate::has_table(&reading, table).await? {
            continue;
        }
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        let find = Statement::from_string(from.get_database_backend(), format!("SELECT {names} FROM {table}"));
        for found in reading.query_all_raw(find).await? {
            let values =
                columns.iter().map(|(name, kind)| value(&found, name, *kind)).collect::<Result<Vec<_>, _>>()?;
            let mut numbered = Vec::new();
            let places = row::places(&mut numbered, values);
            let add = format!("INSERT INTO {table} ({names}) VALUES ({places})");
            writing.execute_raw(Statement::from_sql_and_values(to.get_database_backend(), add, numbered)).await?;
        }
    }
    engine::commit(writing).await
}

fn value(row: &QueryResult, name: &str, kind: Kind) -> Result<Value, StoreError> {
    Ok(match kind {
        Kind::Id => row.try_get::<Option<Uuid>>("", name)?.into(),
        Kind::Bytes => row.try_get::<Option<Vec<u8>>>("", name)?.into(),
        Kind::Text => row.try_get::<Option<String>>("", name)?.into(),
        Kind::Number => row.try_get::<Option<i64>>("", name)?.into(),
    })
}
