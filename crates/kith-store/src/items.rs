//! The register at the door of the store: an item that it does not name is not stored, and what the purpose of an access
//! does not cover is not opened into what a page gets. Which items are in use is kept in the clear, since an item's code
//! says nothing about anybody: a register that drops one is refused.

use std::collections::BTreeSet;

use kith_domain::catalogue::{RegisteredItems, SaidOf, by_key};
use kith_domain::fact::{Known, Statement, Subject};
use kith_domain::form::Fields;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};

use uuid::Uuid;

use crate::cases::number_in_force;
use crate::entity::item_in_use;
use crate::{Look, StoreError, Work};

impl Look {
    /// Leaves of what was opened what the purpose of this access covers. A change reads whole rows, since it writes them
    /// back.
    pub(crate) fn keep_readable(&self, values: Vec<(SaidOf, &mut Fields)>) {
        if self.is_changing() {
            return;
        }
        let (purpose, items) = (self.access().purpose, self.store().items());
        for (of, values) in values {
            items.keep_readable(of, values, purpose);
        }
    }
}

impl Look {
    /// What stands of somebody, with what the purpose of this access covers.
    pub(crate) fn covered<B: From<Known> + Into<Known>>(&self, of: SaidOf, body: B) -> B {
        let mut known: Known = body.into();
        self.keep_readable(vec![(of, &mut known.values)]);
        B::from(known)
    }

    /// A statement, with what the purpose of this access covers.
    pub(crate) fn covered_statement(&self, mut statement: Statement) -> Statement {
        self.keep_readable(vec![(said_of(statement.subject), &mut statement.values)]);
        statement
    }
}

/// Of whom a statement about a subject says values.
pub(crate) const fn said_of(subject: Subject) -> SaidOf {
    match subject {
        Subject::Child { .. } => SaidOf::Child,
        Subject::Person { .. } | Subject::Relationship { .. } => SaidOf::Family,
    }
}

impl Work {
    /// Says that these values are to be stored, and notes their items as in use. [`StoreError::ItemNotRegistered`] if
    /// the register does not name one of them; [`StoreError::RegisterChanged`] when another version of it is in force than this
    /// process works by: read in this transaction, so that what a version drops is not stored beside its coming into force.
    pub(crate) async fn hold(&self, values: Vec<(SaidOf, &Fields)>) -> Result<(), StoreError> {
        if values.is_empty() {
            return Ok(());
        }
        let (number, items) = self.store().items_of();
        if number_in_force(&self.db()).await? != number {
            return Err(StoreError::RegisterChanged);
        }
        let mut keys = BTreeSet::new();
        for (of, values) in values {
            let of_these = items.keys_of(of, values);
            keys.extend(of_these.map_err(|not| StoreError::ItemNotRegistered { label: not.label })?);
        }
        if keys.is_empty() {
            return Ok(());
        }
        let known = item_in_use::Entity::find().filter(item_in_use::Column::Item.is_in(&keys)).all(&self.db()).await?;
        for row in known {
            keys.remove(&row.item);
        }
        let new = keys.into_iter().map(|item| item_in_use::ActiveModel { item: Set(item) });
        let new: Vec<_> = new.collect();
        if !new.is_empty() {
            item_in_use::Entity::insert_many(new).on_conflict_do_nothing().exec_without_returning(&self.db()).await?;
            self.wrote_all(Uuid::nil(), &item_in_use::Entity::find().all(&self.db()).await?);
        }
        Ok(())
    }
}

/// [`StoreError::ItemsInUse`] if something is stored of an item that the register does not name. What the catalogue has no
/// more is read in a newer shape, under the items that took its place. Where a version of the register is in force the file does not
/// count.
pub(crate) async fn check_in_use(db: &impl ConnectionTrait, items: &RegisteredItems) -> Result<(), StoreError> {
    if number_in_force(db).await? > 0 {
        return Ok(());
    }
    let in_use = item_in_use::Entity::find().all(db).await?;
    let dropped = in_use.into_iter().filter(|row| by_key(&row.item).is_some_and(|item| !items.has(item)));
    let dropped: Vec<String> = dropped.map(|row| row.item).collect();
    if dropped.is_empty() { Ok(()) } else { Err(StoreError::ItemsInUse { items: dropped }) }
}
