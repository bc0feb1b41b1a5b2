//! Every row against the access log: the log holds a digest of each row that was ever written, with what stands in the
//! clear in it, so that one that was put back as it was earlier, altered, added or taken away is found.
//!
//! What the log says and what is there are both written to files of a temporary directory, spread by the rows' ids, and
//! compared one file after the other: the memory this takes does not grow with the log.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, ModelTrait, QueryFilter, QueryOrder, Value};
use uuid::Uuid;

use super::body::{self, Body};
use super::spill::{Line, Spill};
use crate::StoreError;
use crate::entity::{self, ledger_entry, ledger_subject};
use crate::row;

/// Rows compared with one query.
const BATCH: u64 = 500;

/// What the log says of each row, and what is there.
pub(crate) struct Rows {
    spill: Spill,
}

/// How the log speaks of the rows of a table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
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

        impl Rows {
            /// Compares every row of the database; returns how many there are that stand alone. Nothing more is taken in.
            pub(crate) async fn compare(mut self, db: &DatabaseConnection) -> Result<u64, StoreError> {
                let mut count = 0;
                $(count += self.table::<entity::$alone::Entity>(db, entity::$alone::Column::$id, Told::Alone).await?;)+
                $(self.table::<entity::$together::Entity>(db, entity::$together::Column::$of, Told::Together).await?;)+
                self.items(db).await?;
                for (table, row) in self.spill.differing()? {
                    match LOGGED[usize::from(table)] {
                        $(stringify!($alone) => {
                            again::<entity::$alone::Entity>(db, entity::$alone::Column::$id, Told::Alone, row).await?;
                        })+
                        $(stringify!($together) => {
                            let of = entity::$together::Column::$of;
                            again::<entity::$together::Entity>(db, of, Told::Together, row).await?;
                        })+
                        table => return Err(altered(table, row, NOT_WRITTEN)),
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
        session.Id, record.SessionId, entry.Id, report.Id, venue.Id, room.Id, notice.Id, sign_in.Id, index_state.Id,
        document.Id, contact_refusal.Id, rights_request.Id, breach.Id, legal_hold.Id, destruction_list.Id, destruction_item.Id, certificate.Id,
        archive_transfer.Id, archive_bag.Id,
        pack.Id, pack_file.Id, pack_part.Id, pack_volume.Id, pack_account.Id, hand_over.Id,
        consent.Id, sharing_agreement.Id, statutory_demand.Id, disclosure.Id, disclosure_paper.Id, disclosure_enclosed.Id,
        research_request.Id, research_extract.Id, register_version.Id;
    together:
        shift.AccountId, order_child.OrderId, session_child.SessionId, session_moved.SessionId,
        session_person.SessionId, occupancy.SessionId, token.ChildId,
        document_child.DocumentId, clock.ChildId, hold_file.HoldId;
    // The authority's row is held against the keys at every start; entries of the log and how far it went carry keyed hashes,
    // and what is signed is held against the tree; what waits to be done
    // is leased and tried again by whichever server is there, and what it reminds of is also worked out from the rows.
    not:
        authority, ledger_entry, ledger_state, ledger_subject, outbox, seaql_migrations;
}

const TAKEN_AWAY: &str = "it is not in the database any more";
const NOT_WRITTEN: &str = "its content is not what was written";

/// The number of a table of which the log speaks.
fn number_of(table: &str) -> Option<u8> {
    LOGGED.iter().position(|known| *known == table).and_then(|number| u8::try_from(number).ok())
}

impl Rows {
    /// Nothing yet.
    pub(crate) fn new() -> Result<Self, StoreError> {
        Ok(Self { spill: Spill::new()? })
    }

    /// Takes in what an entry says was changed. Entries come in the order in which they were written.
    pub(crate) fn take(&mut self, body: Body) -> Result<(), StoreError> {
        for (table, row, version, digest) in body.changed {
            // Without a digest the entry only says that somebody meant to change it and found it so already.
            let (Some(digest), Some(table)) = (digest, number_of(table)) else { continue };
            let line = if digest == body::GONE {
                Line::Gone
            } else {
                Line::Written(version, from_hex(&digest).unwrap_or_default())
            };
            self.spill.write(table, row, line)?;
        }
        Ok(())
    }

    /// Takes in every row of a table; returns how many there are.
    async fn table<E>(&mut self, db: &DatabaseConnection, id: E::Column, told: Told) -> Result<u64, StoreError>
    where
        E: EntityTrait,
        E::Model: ModelTrait<Entity = E>,
    {
        let (table, mut count, mut after) = (number_of(E::default().table_name()).unwrap_or_default(), 0, Uuid::nil());
        loop {
            let ids = row::ids_after::<E>(db, id, after, BATCH).await?;
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
                if let Some(digest) = digest(&models, told) {
                    self.spill.write(table, of, Line::There(digest))?;
                }
            }
        }
    }

    /// Takes in the items in use, which are one list.
    async fn items(&mut self, db: &DatabaseConnection) -> Result<(), StoreError> {
        let table = number_of("item_in_use").unwrap_or_default();
        let there = entity::item_in_use::Entity::find().all(db).await?;
        match digest(&there, Told::Together) {
            Some(digest) => self.spill.write(table, Uuid::nil(), Line::There(digest)),
            None => Ok(()),
        }
    }
}

/// Compares once more, with what was written since the log was read: kith may be serving.
async fn again<E>(db: &DatabaseConnection, id: E::Column, told: Told, of: Uuid) -> Result<(), StoreError>
where
    E: EntityTrait,
    E::Model: ModelTrait<Entity = E>,
{
    let table = E::default();
    let table = LOGGED.iter().find(|known| **known == table.table_name()).copied().unwrap_or("a table");
    let subjects = ledger_subject::Entity::find().filter(ledger_subject::Column::SubjectId.eq(of)).all(db).await?;
    let entries = ledger_entry::Entity::find()
        .filter(ledger_entry::Column::Id.is_in(subjects.into_iter().map(|subject| subject.entry_id)))
        .order_by_asc(ledger_entry::Column::Id)
        .all(db)
        .await?;
    let mut newest: Option<(i64, String)> = None;
    for body in entries.iter().filter_map(|entry| body::parse(&entry.body)) {
        for (_, _, version, digest) in body.changed.into_iter().filter(|(its, row, ..)| *its == table && *row == of) {
            match digest {
                None => {}
                Some(digest) if digest == body::GONE => newest = None,
                Some(_) if newest.as_ref().is_some_and(|(newest, _)| *newest > version) => {
                    return Err(altered(
                        table,
                        of,
                        "the log says that an earlier version was written after a later one",
                    ));
                }
                Some(digest) => newest = Some((version, digest)),
            }
        }
    }
    let models = E::find().filter(id.eq(of)).all(db).await?;
    match (newest, digest(&models, told).map(hex::encode)) {
        (None, None) => Ok(()),
        (Some((_, said)), Some(there)) if said == there => Ok(()),
        (Some((version, _)), Some(_)) if version > version_of(&models) => {
            Err(altered(table, of, "an earlier version was put back"))
        }
        (Some(_), Some(_)) => Err(altered(table, of, NOT_WRITTEN)),
        (Some(_), None) => Err(altered(table, of, TAKEN_AWAY)),
        (None, Some(_)) => Err(altered(table, of, "the log knows nothing of it")),
    }
}

/// The digest of what there is; `None` of nothing.
fn digest<M: ModelTrait>(models: &[M], told: Told) -> Option<[u8; 32]> {
    match told {
        Told::Alone => models.first().map(row::digest_of),
        Told::Together => row::digest_of_all(models),
    }
}

/// A digest as an entry words it.
fn from_hex(text: &str) -> Option<[u8; 32]> {
    hex::decode(text).ok()?.try_into().ok()
}

/// The version that a row says it has; the highest there is where it says none.
fn version_of<M: ModelTrait>(models: &[M]) -> i64 {
    models.first().and_then(row::version_of).unwrap_or(i64::MAX)
}

fn altered(table: &'static str, row: Uuid, why: &'static str) -> StoreError {
    StoreError::RowAltered { table, row, why }
}
