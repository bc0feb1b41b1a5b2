//! Small helpers for rows: a change that loses no other change, and results that say what was missing.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IdenStatic, IntoActiveModel, Iterable, ModelTrait,
    PrimaryKeyToColumn, QueryFilter, UpdateMany,
};

use crate::StoreError;

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
