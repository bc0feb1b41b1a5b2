//! Small helpers for rows: a change that loses no other change, and results that say what was missing.

use kith_vault::FileKey;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityName, EntityTrait, IdenStatic, IntoActiveModel, Iterable,
    ModelTrait, PrimaryKeyToColumn, QueryFilter, QueryOrder, QuerySelect, UpdateMany, Value,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::StoreError;

/// What stands in the clear in a row: every column but the envelope and the keyed hash of the row, by name, each name and
/// value with its length before it. A column without a value is left out, so that one which a later migration adds changes
/// nothing for the rows that are there.
pub(crate) fn clear<M: ModelTrait>(model: &M) -> Vec<u8> {
    columns(model, &["sealed", "mac"])
}

/// SHA-256 of what stands in the clear in a row and of its envelope, as the access log holds it.
pub(crate) fn digest(clear: &[u8], sealed: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update((clear.len() as u64).to_be_bytes());
    hash.update(clear);
    hash.update(sealed);
    hash.finalize().into()
}

/// The digest of a row as it was read. When a sign-in was last seen is no change: it is in the keyed hash of the row alone.
pub(crate) fn digest_of<M: ModelTrait>(model: &M) -> [u8; 32] {
    let sealed = <M::Entity as EntityTrait>::Column::iter().find(|column| column.as_str() == "sealed");
    let sealed = sealed.and_then(|column| plain(&model.get(column))).unwrap_or_default();
    digest(&columns(model, &["sealed", "mac", "last_seen_at"]), &sealed)
}

/// Up to `limit` values of a column of ids, each once, in order, that come after `after`: a table read part by part.
pub(crate) async fn ids_after<E: EntityTrait>(
    db: &impl ConnectionTrait,
    column: E::Column,
    after: Uuid,
    limit: u64,
) -> Result<Vec<Uuid>, StoreError> {
    let next = E::find().select_only().column(column).distinct().filter(column.gt(after));
    Ok(next.order_by_asc(column).limit(limit).into_tuple().all(db).await?)
}

/// Every value of a column of ids, each once, in order: read part by part.
pub(crate) async fn all_ids<E: EntityTrait>(
    db: &impl ConnectionTrait,
    column: E::Column,
    at_once: u64,
) -> Result<Vec<Uuid>, StoreError> {
    let mut all: Vec<Uuid> = Vec::new();
    loop {
        let after = all.last().copied().unwrap_or_else(Uuid::nil);
        let ids = ids_after::<E>(db, column, after, at_once).await?;
        if ids.is_empty() {
            return Ok(all);
        }
        all.extend(ids);
    }
}

/// The digest of rows that belong together, in whatever order they were read; `None` when there are none.
pub(crate) fn digest_of_all<M: ModelTrait>(models: &[M]) -> Option<[u8; 32]> {
    let mut rows: Vec<[u8; 32]> = models.iter().map(digest_of).collect();
    rows.sort_unstable();
    (!rows.is_empty()).then(|| Sha256::digest(rows.concat()).into())
}

/// The version of a row that has one.
pub(crate) fn version_of<M: ModelTrait>(model: &M) -> Option<i64> {
    let version = <M::Entity as EntityTrait>::Column::iter().find(|column| column.as_str() == "version")?;
    if let Value::BigInt(version) = model.get(version) { version } else { None }
}

/// What stands in a row but for these columns, see [`clear`].
pub(crate) fn columns<M: ModelTrait>(model: &M, without: &[&str]) -> Vec<u8> {
    let mut columns: Vec<(String, Vec<u8>)> = <M::Entity as EntityTrait>::Column::iter()
        .filter(|column| !without.contains(&column.as_str()))
        .filter_map(|column| Some((column.as_str().to_owned(), plain(&model.get(column))?)))
        .collect();
    columns.sort();
    let mut clear = Vec::new();
    for part in columns.iter().flat_map(|(name, value)| [name.as_bytes(), value]) {
        clear.extend_from_slice(&(part.len() as u64).to_be_bytes());
        clear.extend_from_slice(part);
    }
    clear
}

/// A keyed hash of what stands in the clear in a row by which it is decided who may, to be kept in its column `mac`: every clear column and the name of the table.
/// Only who has the key can make or change such a row.
pub(crate) fn mac<M: ModelTrait>(key: &FileKey, model: &M) -> Vec<u8> {
    kith_vault::mac(key, &context::<M>(), &clear(model)).to_vec()
}

fn context<M: ModelTrait>() -> String {
    ["kith row", M::Entity::default().table_name()].join("\0")
}

/// Whether the keyed hash that is kept with a row is that of the row. One that is not was written past Kith; it is said in
/// the log, and the row is not believed.
pub(crate) fn is_ours<M: ModelTrait>(key: &FileKey, model: &M, kept: &[u8]) -> bool {
    let ours = kith_vault::is_mac(key, &context::<M>(), &clear(model), kept);
    if !ours {
        tracing::error!(table = M::Entity::default().table_name(), "a row was written past Kith and is not believed");
    }
    ours
}

/// Adds values to those of a statement, and returns their places in it: `$3, $4`.
pub(crate) fn places(values: &mut Vec<Value>, more: impl IntoIterator<Item = Value>) -> String {
    let places: Vec<String> = more
        .into_iter()
        .map(|value| {
            values.push(value);
            format!("${}", values.len())
        })
        .collect();
    places.join(", ")
}

/// The bytes of a column's value; `None` when it has none. Both engines give the types of the entity.
fn plain(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::Bool(value) => value.map(|value| vec![u8::from(value)]),
        Value::BigInt(value) => value.map(|value| value.to_be_bytes().to_vec()),
        Value::String(value) => value.as_ref().map(|value| value.as_bytes().to_vec()),
        Value::Bytes(value) => value.clone(),
        Value::Uuid(value) => value.map(|value| value.as_bytes().to_vec()),
        // A type that no entity has; in words it is still told from every other value.
        other => Some(format!("{other:?}").into_bytes()),
    }
}

/// Runs an `UPDATE`, filtered to one row by its id, if that row's version is still the one that was read.
///
/// [`StoreError::Conflict`] if it hits no row: it was changed by somebody else, or is not there.
pub(crate) async fn update_where_version<E: EntityTrait>(
    db: &impl ConnectionTrait,
    update: UpdateMany<E>,
    version: E::Column,
    read: i64,
) -> Result<(), StoreError> {
    let done = update.filter(version.eq(read)).exec(db).await?;
    if done.rows_affected == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Writes every column of `model` over the row whose primary key it has, if that row is still at version `read`.
///
/// The model's own `version` is the new one. [`StoreError::Conflict`] as in [`update_where_version`].
pub(crate) async fn save_where_version<E, M>(
    db: &impl ConnectionTrait,
    model: M,
    version: E::Column,
    read: i64,
) -> Result<(), StoreError>
where
    E: EntityTrait<Model = M>,
    M: ModelTrait<Entity = E> + IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: ActiveModelTrait<Entity = E>,
{
    let active = model.into_active_model();
    let mut update = E::update_many();
    let keys: Vec<E::Column> = E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).collect();
    for column in E::Column::iter() {
        let Some(value) = active.get(column).into_value() else { continue };
        if keys.iter().any(|key| key.as_str() == column.as_str()) {
            update = update.filter(column.eq(value));
        } else {
            update = update.col_expr(column, Expr::value(value));
        }
    }
    update_where_version(db, update, version, read).await
}

/// Inserts one row. [`StoreError::Duplicate`] if its id or another unique value is there already,
/// [`StoreError::Reference`] if it refers to a row that is not.
///
/// On `PostgreSQL` a refused insert ends the transaction it was in: leave the piece of work.
pub(crate) async fn insert<E, M>(db: &impl ConnectionTrait, model: M) -> Result<(), StoreError>
where
    E: EntityTrait<Model = M>,
    M: ModelTrait<Entity = E> + IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: ActiveModelTrait<Entity = E>,
{
    E::insert(model.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}
