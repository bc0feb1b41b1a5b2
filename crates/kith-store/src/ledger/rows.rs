//! Every sealed row against the access log: the log holds the version and the digest of each envelope that was ever
//! written, so that a row put back as it was earlier, altered, added or taken away is found.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder, Statement};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::body;
use crate::StoreError;
use crate::entity::{ledger_entry, ledger_subject};

/// Tables whose rows hold an envelope, with the column of their id.
const SEALED: [(&str, &str); 15] = [
    ("account", "id"),
    ("child", "id"),
    ("person", "id"),
    ("relationship", "id"),
    ("person_link", "id"),
    ("statement", "id"),
    ("referral", "id"),
    ("verification", "referral_id"),
    ("risk_assessment", "id"),
    ("contact_order", "id"),
    ("contact_plan", "id"),
    ("session", "id"),
    ("record", "session_id"),
    ("entry", "id"),
    ("report", "id"),
];
/// Rows compared with one query.
const BATCH: usize = 500;

/// What the log says of each sealed row: its newest version and the digest of its envelope.
///
/// One item for each row of the data: some hundred bytes.
#[derive(Default)]
pub(crate) struct Newest(HashMap<(&'static str, Uuid), (i64, String)>);

impl Newest {
    /// Takes in what an entry says was changed. Entries come in the order in which they were written.
    pub(crate) fn take(&mut self, text: &str) {
        let Some(body) = body::parse(text) else { return };
        for (table, row, version, digest) in body.changed {
            // Without a digest the entry only says that somebody meant to change it and found it so already.
            let (Some(digest), Some((table, _))) = (digest, SEALED.iter().find(|(known, _)| *known == table)) else {
                continue;
            };
            self.0.insert((table, row), (version, digest));
        }
    }

    /// Compares every sealed row of the database; returns how many there are.
    pub(crate) async fn compare(mut self, db: &DatabaseConnection) -> Result<u64, StoreError> {
        let mut count = 0;
        for (table, id) in SEALED {
            let mut after = Uuid::nil();
            loop {
                let rows = rows(db, table, id, after).await?;
                let Some(last) = rows.last() else { break };
                after = last.0;
                for (row, version, digest) in rows {
                    count += 1;
                    if self.0.remove(&(table, row)) != Some((version, digest)) {
                        self.again(db, table, id, row).await?;
                    }
                }
            }
        }
        let gone = self.0.into_keys().next();
        gone.map_or(Ok(count), |(table, row)| Err(altered(table, row, "it is not in the database any more")))
    }

    /// Compares one row once more, with what was written since the log was read: kith may be serving.
    async fn again(&self, db: &DatabaseConnection, table: &'static str, id: &str, row: Uuid) -> Result<(), StoreError> {
        let of = ledger_subject::Entity::find().filter(ledger_subject::Column::SubjectId.eq(row)).all(db).await?;
        let entries = ledger_entry::Entity::find()
            .filter(ledger_entry::Column::Id.is_in(of.into_iter().map(|subject| subject.entry_id)))
            .order_by_asc(ledger_entry::Column::Id)
            .all(db)
            .await?;
        let mut newest = Self::default();
        for entry in entries {
            newest.take(&entry.body);
        }
        let said = newest.0.remove(&(table, row));
        let sql = format!("SELECT version, sealed FROM {table} WHERE {id} = $1");
        let found = db
            .query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, [row.into()]))
            .await?
            .ok_or_else(|| altered(table, row, "it is not in the database any more"))?;
        let there = (found.try_get::<i64>("", "version")?, digest(&found.try_get::<Vec<u8>>("", "sealed")?));
        match said {
            Some(said) if said == there => Ok(()),
            Some((version, _)) if version > there.0 => Err(altered(table, row, "an earlier version was put back")),
            Some(_) => Err(altered(table, row, "its content is not what was written")),
            None => Err(altered(table, row, "the log knows nothing of it")),
        }
    }
}

/// Some rows of a table after an id: id, version, digest of the envelope.
async fn rows(
    db: &DatabaseConnection,
    table: &str,
    id: &str,
    after: Uuid,
) -> Result<Vec<(Uuid, i64, String)>, StoreError> {
    let sql = format!("SELECT {id} AS id, version, sealed FROM {table} WHERE {id} > $1 ORDER BY {id} LIMIT {BATCH}");
    let found =
        db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, [after.into()])).await?;
    let of = |row: sea_orm::QueryResult| {
        let sealed: Vec<u8> = row.try_get("", "sealed")?;
        Ok((row.try_get("", "id")?, row.try_get("", "version")?, digest(&sealed)))
    };
    found.into_iter().map(of).collect()
}

fn digest(sealed: &[u8]) -> String {
    hex::encode(Sha256::digest(sealed))
}

fn altered(table: &'static str, row: Uuid, why: &'static str) -> StoreError {
    StoreError::RowAltered { table, row, why }
}
