//! What there is to say of the keys.

use sea_orm::ConnectionTrait;

use super::note::{self, What};
use super::rotate::{KeysPlace, under_older};
use super::{KeyStore, destroyed};
use crate::StoreError;
use crate::index;

/// What there is to say of the keys of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStatus {
    /// Where they are: a file, or server and database.
    pub place: String,
    /// Files that have a key.
    pub file_keys: u64,
    /// Files whose key was destroyed.
    pub destroyed: u64,
    /// Id of the master key that wraps; it tells nothing of it.
    pub master: String,
    /// Since when, UTC milliseconds; `None` if that was never written down.
    pub since_ms: Option<i64>,
    /// Keys that are still wrapped by an older one.
    pub under_older: u64,
    /// How many master keys are in the file: two while one replaces the other.
    pub in_file: usize,
    /// Which key of the index there is, counted from 1.
    pub index_key: i64,
    /// When another key of the index was last asked for, UTC milliseconds.
    pub index_rotated_ms: Option<i64>,
    /// Whether that is still going on.
    pub index_rotating: bool,
    /// When shares of the master key were last made, UTC milliseconds.
    pub shares_ms: Option<i64>,
}

impl KeysPlace {
    /// What there is to say of the keys, while the service serves or stands still. The master key must be the right one.
    pub async fn status(&self) -> Result<KeyStatus, StoreError> {
        let keys = self.open().await?;
        let status = status_of(&keys).await;
        keys.close().await?;
        status
    }
}

async fn status_of(keys: &KeyStore) -> Result<KeyStatus, StoreError> {
    let db = keys.db();
    let (master, file) = keys.wraps().await?;
    let master = master.id().to_owned();
    let text = "SELECT COUNT(*) AS n FROM file_key WHERE wrapped IS NOT NULL";
    let there: i64 = db.query_one_raw(keys.sql(text, [])).await?.ok_or(StoreError::NotFound)?.try_get("", "n")?;
    let since =
        db.query_one_raw(keys.sql("SELECT since FROM master_key WHERE id = $1", [master.clone().into()])).await?;
    let rotated = note::last(db, What::Index).await?;
    Ok(KeyStatus {
        place: keys.place().to_owned(),
        file_keys: u64::try_from(there).unwrap_or_default(),
        destroyed: u64::try_from(destroyed(db).await?).unwrap_or_default(),
        since_ms: since.map(|row| row.try_get("", "since")).transpose()?.flatten(),
        under_older: under_older(keys, &master).await?,
        master,
        in_file: file.keys().len(),
        index_key: index::newest(keys).await?,
        index_rotated_ms: rotated.map(|(at, _)| at),
        index_rotating: rotated.is_some_and(|(_, done)| !done),
        shares_ms: note::last(db, What::Shares).await?.map(|(at, _)| at),
    })
}
