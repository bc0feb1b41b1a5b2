//! The blind index: which subjects of which files carry a token. Tokens are made by [`Work::blind`].
//!
//! A row holds one cell of a token, by chance, and every subject has rows up to a multiple of the same number: who has the
//! database without the key does not see who shares a name, nor how long one is (`docs/security/what-a-thief-learns.md`).

use std::collections::BTreeSet;
use std::sync::Arc;

use kith_domain::ids::ChildId;
use kith_vault::{BlindIndex, Cell, Token};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Set, Statement, Value};
use uuid::Uuid;

use crate::cases::{open_and_theirs, reads};
use crate::entity::token::{ActiveModel, Column, Entity};
use crate::index::Live;
use crate::{Look, StoreError, Work, row};

/// The most candidates of one search, before they are opened.
const FOUND_MAX: usize = 5_000;
/// The most who come into question for one person; who stands in several files is in each of them.
const LIKELY_MAX: usize = 3 * kith_linkage::OPENED;
/// The most words of one search; further ones do not narrow it. What a person is asked for by: the pairs of eight names, year and day, and
/// some numbers.
const WORDS_MAX: usize = 64;
/// The most alternatives of one word.
const ALTERNATIVES_MAX: usize = 64;
/// A subject has a multiple of so many rows: somebody of two names has some forty tokens.
const ROWS_STEP: usize = 48;
/// Rows of one `INSERT`: three values each, and an engine takes 32 766 values.
const ROWS_MAX: usize = 5_000;

/// What is searched for: the alternatives of each word under a key of the index, as many words under each.
pub trait Query: Fn(&BlindIndex) -> Vec<Vec<Token>> + Sync {}
impl<F: Fn(&BlindIndex) -> Vec<Vec<Token>> + Sync> Query for F {}

impl Work {
    /// Replaces the tokens of a subject (a child or a person) within a child's file.
    pub async fn index(&self, child: ChildId, subject: Uuid, tokens: &[Token]) -> Result<(), StoreError> {
        Entity::delete_many()
            .filter(Column::ChildId.eq(child.0))
            .filter(Column::SubjectId.eq(subject))
            .exec(&self.db())
            .await?;
        self.put_tokens(child, &[(subject, tokens.to_vec())]).await
    }

    /// Replaces all tokens of a child's file by those of these subjects.
    pub(crate) async fn index_all(&self, child: ChildId, of: &[(Uuid, Vec<Token>)]) -> Result<(), StoreError> {
        Entity::delete_many().filter(Column::ChildId.eq(child.0)).exec(&self.db()).await?;
        self.put_tokens(child, of).await
    }

    async fn put_tokens(&self, child: ChildId, of: &[(Uuid, Vec<Token>)]) -> Result<(), StoreError> {
        let db = self.db();
        let blind = self.blind().await?;
        let mut all = Vec::new();
        for (subject, tokens) in of {
            let distinct: BTreeSet<&Token> = tokens.iter().collect();
            let mut cells: Vec<Cell> = distinct.into_iter().map(|token| blind.cell(token)).collect::<Result<_, _>>()?;
            cells.resize_with(cells.len().next_multiple_of(ROWS_STEP), || Uuid::new_v4().into_bytes());
            cells.sort_unstable();
            all.extend(cells.into_iter().map(|cell| (cell, *subject)));
        }
        for some in all.chunks(ROWS_MAX) {
            let rows = some.iter().map(|(cell, subject)| ActiveModel {
                token: Set(cell.to_vec()),
                child_id: Set(child.0),
                subject_id: Set(*subject),
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

/// What is wanted of those who match.
enum Wanted<'a> {
    /// Every word, in order of id.
    EveryWord,
    /// Things in common that together say so much, those with most first.
    InCommon(InCommon<'a>),
}

/// What somebody may have in common with a person who is asked for.
pub(crate) struct InCommon<'a> {
    /// How much each thing says, in bits.
    pub(crate) bits: &'a [u32],
    /// Which things those have in common who match a word of the query.
    pub(crate) of_words: Vec<&'a [usize]>,
    /// How many bits it takes.
    pub(crate) least: u32,
}

impl InCommon<'_> {
    /// A row for each thing of each word: the word, the thing, its bits. Numbers of the program, so that they may stand in a statement.
    fn rows(&self, words: usize) -> String {
        let each = self.of_words.iter().take(words).enumerate();
        let rows = each.flat_map(|(word, things)| {
            things.iter().map(move |thing| format!("({word}, {thing}, {})", self.bits[*thing]))
        });
        rows.collect::<Vec<_>>().join(", ")
    }
}

impl Look {
    /// The subjects, as [`find`](Self::find) finds them, of the files that whoever asks reads: that is asked before any is
    /// counted.
    pub async fn find_mine(&self, query: impl Query) -> Result<Vec<(ChildId, Uuid)>, StoreError> {
        self.found(&query, &Wanted::EveryWord, true).await
    }

    /// The subjects, each with the file it was found in, that match every word by one of the word's alternatives; at
    /// most 5,000, in order of id. Nothing matches no word, or a word without alternatives. The query says the alternatives of
    /// each word under a key of the index: it is asked for each key under which tokens may be stored.
    ///
    /// They are candidates: open them and compare before showing any.
    pub async fn find(&self, query: impl Query) -> Result<Vec<(ChildId, Uuid)>, StoreError> {
        self.found(&query, &Wanted::EveryWord, false).await
    }

    /// Those who come into question for a person, who have most in common with them first; `mine`: in the files that whoever asks
    /// reads.
    pub(crate) async fn find_likely(
        &self,
        query: impl Query,
        wanted: InCommon<'_>,
        mine: bool,
    ) -> Result<Vec<(ChildId, Uuid)>, StoreError> {
        self.found(&query, &Wanted::InCommon(wanted), mine).await
    }

    async fn found(
        &self,
        query: &impl Query,
        wanted: &Wanted<'_>,
        mine: bool,
    ) -> Result<Vec<(ChildId, Uuid)>, StoreError> {
        let (index, keys) = (&self.store().0.index, &self.store().0.keys);
        let mut live = index.live();
        loop {
            let (found, there) = self.found_under(&index.asked(live), query, wanted, mine).await?;
            let Some(there) = there.filter(|there| *there != live) else { return Ok(found) };
            // Another key is current than was known here: what was asked for is not all.
            index.learn(keys, there).await?;
            live = there;
        }
    }

    /// What is found under these keys, and which keys were live at that moment; `None` if nothing was asked for.
    async fn found_under(
        &self,
        keys: &[Arc<BlindIndex>],
        query: &impl Query,
        wanted: &Wanted<'_>,
        mine: bool,
    ) -> Result<(Vec<(ChildId, Uuid)>, Option<Live>), StoreError> {
        let asked: Vec<(&Arc<BlindIndex>, Vec<Vec<Token>>)> = keys.iter().map(|blind| (blind, query(blind))).collect();
        // A query has the same words under each key.
        let words = asked.first().map_or(0, |(_, words)| words.len());
        if words == 0 || asked.iter().any(|(_, words)| words.iter().any(Vec::is_empty)) {
            return Ok((Vec::new(), None));
        }
        let backend = self.db().get_database_backend();
        let mut values: Vec<Value> = if mine { self.reader().await? } else { Vec::new() };
        let words: Vec<String> = (0..words.min(WORDS_MAX))
            .map(|word| {
                let cells = asked.iter().flat_map(|(blind, words)| {
                    words[word].iter().take(ALTERNATIVES_MAX).flat_map(|token| blind.cells(token)).map(hex::encode)
                });
                let place = row::places(&mut values, [cells.collect::<Vec<_>>().join(",").into()]);
                let cells = match backend {
                    DbBackend::Sqlite => {
                        format!(r#"SELECT unhex(value) FROM json_each('["' || replace({place}, ',', '","') || '"]')"#)
                    }
                    _ => format!("SELECT decode(cell, 'hex') FROM unnest(string_to_array({place}, ',')) AS cell"),
                };
                format!("child_id, subject_id FROM token WHERE token IN ({cells})")
            })
            .collect();
        let (found, most) = match wanted {
            Wanted::EveryWord => {
                let each = words.iter().map(|word| format!("SELECT {word}")).collect::<Vec<_>>();
                (format!("SELECT child_id, subject_id, 0 AS bits FROM ({}) m", each.join(" INTERSECT ")), FOUND_MAX)
            }
            Wanted::InCommon(wanted) => {
                let each = words.iter().enumerate().map(|(at, word)| format!("SELECT {at} AS word, {word}"));
                let each = each.collect::<Vec<_>>().join(" UNION ALL ");
                let things = wanted.rows(words.len());
                // Each thing once, by however many pairs and tokens of theirs it is found.
                let once = format!(
                    "SELECT DISTINCT of.column2 AS thing, of.column3 AS bits, m.child_id, m.subject_id \
                     FROM ({each}) m JOIN (VALUES {things}) of ON of.column1 = m.word"
                );
                let sum = "SELECT child_id, subject_id, CAST(SUM(bits) AS INTEGER) AS bits FROM";
                let by = format!("GROUP BY child_id, subject_id HAVING SUM(bits) >= {}", wanted.least);
                (format!("{sum} ({once}) m {by}"), LIKELY_MAX)
            }
        };
        let (join, whose) = if mine { (" JOIN child c ON c.id = f.child_id WHERE ", reads!()) } else { ("", "") };
        // There is a row even when nothing is found: which keys were live is of the same moment.
        let sql = format!(
            "SELECT s.key_now, s.key_before, t.child_id, t.subject_id FROM \
             (SELECT COALESCE(MAX(key_now), 1) AS key_now, MAX(key_before) AS key_before FROM index_state) s LEFT JOIN \
             (SELECT DISTINCT f.bits, f.child_id, f.subject_id FROM ({found}) f{join}{whose} ORDER BY 1 DESC, 2, 3 LIMIT {most}) t \
             ON 1 = 1 ORDER BY t.bits DESC, 3, 4",
        );
        let db = self.db();
        let rows = db.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        let (mut found, mut live) = (Vec::with_capacity(rows.len()), None);
        for row in rows {
            live = Some(Live { now: row.try_get("", "key_now")?, before: row.try_get("", "key_before")? });
            let Some(child) = row.try_get::<Option<Uuid>>("", "child_id")? else { continue };
            found.push((ChildId(child), row.try_get("", "subject_id")?));
        }
        Ok((found, live))
    }
}
