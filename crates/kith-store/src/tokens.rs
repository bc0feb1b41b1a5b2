//! The blind index: which subjects of which files carry a token. Tokens are made by [`Store::blind`](crate::Store::blind).
//!
//! A row holds one cell of a token, by chance, and every subject has rows up to a multiple of the same number: who has the
//! database without the key does not see who shares a name, nor how long one is (`docs/security/what-a-thief-learns.md`).

use std::collections::BTreeSet;

use kith_domain::ids::ChildId;
use kith_vault::Token;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Set, Statement, Value};
use uuid::Uuid;

use crate::cases::{open_and_theirs, reads};
use crate::entity::token::{ActiveModel, Column, Entity};
use crate::{Look, StoreError, Work, row};

/// The most candidates of one search, before they are opened.
const FOUND_MAX: u64 = 5_000;
/// The most words of one search; further ones do not narrow it.
const WORDS_MAX: usize = 16;
/// The most alternatives of one word.
const ALTERNATIVES_MAX: usize = 64;
/// A subject has a multiple of so many rows: a child of two names has some fifteen tokens, and gets so many rows.
const ROWS_STEP: usize = 24;
/// Rows of one `INSERT`: three values each, and an engine takes 32 766 values.
const ROWS_MAX: usize = 5_000;

impl Work {
    /// Replaces the tokens of a subject (a child or a person) within a child's file.
    pub async fn index(&self, child: ChildId, subject: Uuid, tokens: &[Token]) -> Result<(), StoreError> {
        let db = self.db();
        Entity::delete_many()
            .filter(Column::ChildId.eq(child.0))
            .filter(Column::SubjectId.eq(subject))
            .exec(&db)
            .await?;
        let distinct: BTreeSet<&Token> = tokens.iter().collect();
        let blind = self.store().blind();
        let mut cells: Vec<Token> = distinct.into_iter().map(|token| blind.cell(token)).collect::<Result<_, _>>()?;
        let rows = cells.len().next_multiple_of(ROWS_STEP);
        cells.resize_with(rows, || Uuid::new_v4().into_bytes());
        cells.sort_unstable();
        for some in cells.chunks(ROWS_MAX) {
            let rows = some.iter().map(|cell| ActiveModel {
                token: Set(cell.to_vec()),
                child_id: Set(child.0),
                subject_id: Set(subject),
            });
            Entity::insert_many(rows).exec_without_returning(&db).await?;
        }
        self.wrote_all(child.0, &Entity::find().filter(Column::ChildId.eq(child.0)).all(&db).await?);
        Ok(())
    }

    /// Removes every token of a child's file.
    pub async fn unindex_child(&self, child: ChildId) -> Result<(), StoreError> {
        Entity::delete_many().filter(Column::ChildId.eq(child.0)).exec(&self.db()).await?;
        self.took_away::<Entity>(child.0, 0);
        Ok(())
    }
}

impl Look {
    /// The subjects, as [`find`](Self::find) finds them, of the files that whoever asks reads: that is asked before any is
    /// counted.
    pub async fn find_mine(&self, alternatives: &[Vec<Token>]) -> Result<Vec<(ChildId, Uuid)>, StoreError> {
        self.found(alternatives, true).await
    }

    /// The subjects, each with the file it was found in, that match every word by one of the word's alternatives; at
    /// most 5,000, in order of id. Nothing matches no word, or a word without alternatives.
    ///
    /// They are candidates: open them and compare before showing any.
    pub async fn find(&self, alternatives: &[Vec<Token>]) -> Result<Vec<(ChildId, Uuid)>, StoreError> {
        self.found(alternatives, false).await
    }

    async fn found(&self, alternatives: &[Vec<Token>], mine: bool) -> Result<Vec<(ChildId, Uuid)>, StoreError> {
        if alternatives.is_empty() || alternatives.iter().any(Vec::is_empty) {
            return Ok(Vec::new());
        }
        let (blind, backend) = (self.store().blind(), self.db().get_database_backend());
        let mut values: Vec<Value> = if mine { self.reader().await? } else { Vec::new() };
        let words: Vec<String> = alternatives
            .iter()
            .take(WORDS_MAX)
            .map(|word| {
                let cells = word.iter().take(ALTERNATIVES_MAX).flat_map(|token| blind.cells(token)).map(hex::encode);
                let place = row::places(&mut values, [cells.collect::<Vec<_>>().join(",").into()]);
                let cells = match backend {
                    DbBackend::Sqlite => {
                        format!(r#"SELECT unhex(value) FROM json_each('["' || replace({place}, ',', '","') || '"]')"#)
                    }
                    _ => format!("SELECT decode(cell, 'hex') FROM unnest(string_to_array({place}, ',')) AS cell"),
                };
                format!("SELECT child_id, subject_id FROM token WHERE token IN ({cells})")
            })
            .collect();
        let (join, whose) = if mine { (" JOIN child c ON c.id = f.child_id WHERE ", reads!()) } else { ("", "") };
        // One word alone would give a subject once for each token it shares.
        let sql = format!(
            "SELECT DISTINCT f.child_id, f.subject_id FROM ({}) f{join}{whose} ORDER BY 1, 2 LIMIT {FOUND_MAX}",
            words.join(" INTERSECT ")
        );
        let db = self.db();
        let rows = db.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        rows.iter().map(|row| Ok((ChildId(row.try_get("", "child_id")?), row.try_get("", "subject_id")?))).collect()
    }
}
