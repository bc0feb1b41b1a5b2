//! Every row against the access log: the log holds a digest of each row that was ever written, with what stands in the
//! clear in it, so that one that was put back as it was earlier, altered, added or taken away is found.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, ModelTrait, QueryFilter, QueryOrder, QuerySelect, Value};
use uuid::Uuid;

use super::body;
use crate::StoreError;
use crate::entity::{self, ledger_entry, ledger_subject};
use crate::row;

/// Rows compared with one query.
const BATCH: u64 = 500;

/// What the log says of each row: its newest version and its digest.
///
/// One item for each row of the data: some hundred bytes.
#[derive(Default)]
pub(crate) struct Newest(HashMap<(&'static str, Uuid), (i64, String)>);

/// How the log speaks of the rows of a table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// Of each by its id.
    Alone,
    /// Of those together that belong to one id: the rest of what its row says, to find it by.
    Together,
}

/// The tables of which the log speaks, with the column of the id. Each other table says here why not.
macro_rules! tables {
    (alone: $($alone:ident.$id:ident),+; together: $($together:ident.$of:ident),+; not: $($not:ident),+;) => {
        /// The tables of which the log speaks.
        pub(crate) const LOGGED: &[&str] = &[$(stringify!($alone),)+ $(stringify!($together),)+ "item_in_use"];
        /// The tables of which it does not.
        #[cfg(test)]
        pub(crate) const NOT_LOGGED: &[&str] = &[$(stringify!($not)),+];

        impl Newest {
            /// Compares every row of the database; returns how many there are that stand alone.
            pub(crate) async fn compare(mut self, db: &DatabaseConnection) -> Result<u64, StoreError> {
                let mut count = 0;
                $(count += self.table::<entity::$alone::Entity>(db, entity::$alone::Column::$id, Rows::Alone).await?;)+
                $(self.table::<entity::$together::Entity>(db, entity::$together::Column::$of, Rows::Together).await?;)+
                self.items(db).await?;
                for (table, row) in std::mem::take(&mut self.0).into_keys() {
                    match table {
                        $(stringify!($alone) => {
                            self.again::<entity::$alone::Entity>(db, entity::$alone::Column::$id, Rows::Alone, row).await?;
                        })+
                        $(stringify!($together) => {
                            let of = entity::$together::Column::$of;
                            self.again::<entity::$together::Entity>(db, of, Rows::Together, row).await?;
                        })+
                        _ => return Err(altered(table, row, TAKEN_AWAY)),
                    }
                }
                Ok(count)
            }
        }
    };
}

tables! {
    alone:
        account.Id, child.Id, allocation.Id, allocation_end.AllocationId, person.Id, relationship.Id, person_link.Id,
        statement.Id, referral.Id, referral_child.Id, verification.ReferralId, risk_assessment.Id, contact_order.Id, contact_plan.Id,
        session.Id, record.SessionId, entry.Id, report.Id, venue.Id, room.Id, notice.Id, sign_in.Id;
    together:
        shift.AccountId, order_child.OrderId, session_child.SessionId, session_moved.SessionId,
        session_person.SessionId, occupancy.SessionId, token.ChildId;
    // The authority's row is held against the keys at every start; the log itself against its tree; what waits to be done
    // is leased and tried again by whichever server is there, and what it reminds of is also worked out from the rows.
    not:
        authority, ledger_entry, ledger_subject, outbox, seaql_migrations;
}

const TAKEN_AWAY: &str = "it is not in the database any more";

impl Newest {
    /// Takes in what an entry says was changed. Entries come in the order in which they were written.
    pub(crate) fn take(&mut self, text: &str) {
        let Some(body) = body::parse(text) else { return };
        for (table, row, version, digest) in body.changed {
            // Without a digest the entry only says that somebody meant to change it and found it so already.
            let (Some(digest), Some(table)) = (digest, LOGGED.iter().find(|known| **known == table)) else { continue };
            if digest == body::GONE {
                self.0.remove(&(*table, row));
            } else {
                self.0.insert((table, row), (version, digest));
            }
        }
    }

    /// Compares every row of a table; returns how many there are.
    async fn table<E>(&mut self, db: &DatabaseConnection, id: E::Column, rows: Rows) -> Result<u64, StoreError>
    where
        E: EntityTrait,
        E::Model: ModelTrait<Entity = E>,
    {
        let (table, mut count, mut after) = (E::default().table_name(), 0, Uuid::nil());
        loop {
            let next = E::find().select_only().column(id).distinct().filter(id.gt(after)).order_by_asc(id).limit(BATCH);
            let ids: Vec<Uuid> = next.into_tuple().all(db).await?;
            let Some(last) = ids.last() else { return Ok(count) };
            after = *last;
            let mut found: BTreeMap<Uuid, Vec<E::Model>> = BTreeMap::new();
            for model in E::find().filter(id.is_in(ids)).all(db).await? {
                count += 1;
                if let Value::Uuid(Some(of)) = model.get(id) {
                    found.entry(of).or_default().push(model);
                }
            }
            for (of, models) in found {
                let said = self.0.remove(&(table, of)).map(|(_, digest)| digest);
                if said.is_none() || said != digest(&models, rows) {
                    self.again::<E>(db, id, rows, of).await?;
                }
            }
        }
    }

    /// Compares once more, with what was written since the log was read: kith may be serving.
    async fn again<E>(&self, db: &DatabaseConnection, id: E::Column, rows: Rows, of: Uuid) -> Result<(), StoreError>
    where
        E: EntityTrait,
        E::Model: ModelTrait<Entity = E>,
    {
        let table = E::default().table_name();
        let subjects = ledger_subject::Entity::find().filter(ledger_subject::Column::SubjectId.eq(of)).all(db).await?;
        let entries = ledger_entry::Entity::find()
            .filter(ledger_entry::Column::Id.is_in(subjects.into_iter().map(|subject| subject.entry_id)))
            .order_by_asc(ledger_entry::Column::Id)
            .all(db)
            .await?;
        let mut newest = Self::default();
        for entry in entries {
            newest.take(&entry.body);
        }
        let models = E::find().filter(id.eq(of)).all(db).await?;
        match (newest.0.remove(&(table, of)), digest(&models, rows)) {
            (None, None) => Ok(()),
            (Some((_, said)), Some(there)) if said == there => Ok(()),
            (Some((version, _)), Some(_)) if version > version_of(&models) => {
                Err(altered(table, of, "an earlier version was put back"))
            }
            (Some(_), Some(_)) => Err(altered(table, of, "its content is not what was written")),
            (Some(_), None) => Err(altered(table, of, TAKEN_AWAY)),
            (None, Some(_)) => Err(altered(table, of, "the log knows nothing of it")),
        }
    }

    /// Compares the items in use, which are one list.
    async fn items(&mut self, db: &DatabaseConnection) -> Result<(), StoreError> {
        let (table, of) = ("item_in_use", Uuid::nil());
        let there = digest(&entity::item_in_use::Entity::find().all(db).await?, Rows::Together);
        let said = self.0.remove(&(table, of)).map(|(_, digest)| digest);
        if said == there { Ok(()) } else { Err(altered(table, of, "its content is not what was written")) }
    }
}

/// The digest of what there is; `None` of nothing.
fn digest<M: ModelTrait>(models: &[M], rows: Rows) -> Option<String> {
    let digest = match rows {
        Rows::Alone => models.first().map(row::digest_of),
        Rows::Together => row::digest_of_all(models),
    };
    digest.map(hex::encode)
}

/// The version that a row says it has; the highest there is where it says none.
fn version_of<M: ModelTrait>(models: &[M]) -> i64 {
    models.first().and_then(row::version_of).unwrap_or(i64::MAX)
}

fn altered(table: &'static str, row: Uuid, why: &'static str) -> StoreError {
    StoreError::RowAltered { table, row, why }
}
