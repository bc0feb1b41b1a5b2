//! What was done with the keys beside a serving Kith, or is asked of it: kept where the keys are, until the Kith that serves
//! has entered it in the access log, which only that one writes.

use sea_orm::{ConnectionTrait, Statement};

use super::KeyStore;
use crate::{StoreError, engine};

/// What a note is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// Another master key wraps; about its id.
    Master,
    /// The master key was written out in shares; about how many of how many.
    Shares,
    /// Another key of the index is asked for; about its number.
    Index,
}

impl What {
    const ALL: [Self; 3] = [Self::Master, Self::Shares, Self::Index];

    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Master => "master",
            Self::Shares => "shares",
            Self::Index => "index",
        }
    }

    /// The action of its entry in the access log.
    pub(crate) const fn action(self) -> &'static str {
        match self {
            Self::Master => "keys.master_rotated",
            Self::Shares => "keys.shares_made",
            Self::Index => "keys.index_rotated",
        }
    }
}

/// What is not done yet.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) id: i64,
    pub(crate) what: What,
    pub(crate) about: String,
}

/// Leaves a note.
pub(crate) async fn leave(db: &impl ConnectionTrait, what: What, about: &str) -> Result<(), StoreError> {
    let text = "INSERT INTO key_note (what, about, at) VALUES ($1, $2, $3)";
    let values = [what.code().into(), about.into(), jiff::Timestamp::now().as_millisecond().into()];
    db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), text, values)).await?;
    Ok(())
}

/// When something was last noted, and whether all of it is done.
pub(crate) async fn last(db: &impl ConnectionTrait, what: What) -> Result<Option<(i64, bool)>, StoreError> {
    let text = "SELECT at, done_at FROM key_note WHERE what = $1 ORDER BY id DESC LIMIT 1";
    let ask = Statement::from_sql_and_values(db.get_database_backend(), text, [what.code().into()]);
    let Some(row) = db.query_one_raw(ask).await? else { return Ok(None) };
    Ok(Some((row.try_get("", "at")?, row.try_get::<Option<i64>>("", "done_at")?.is_some())))
}

const OPEN: &str = "SELECT id FROM key_note WHERE id = $1 AND done_at IS NULL";

async fn is_open(db: &impl ConnectionTrait, ask: Statement) -> Result<bool, StoreError> {
    Ok(db.query_one_raw(ask).await?.is_some())
}

impl KeyStore {
    /// What is not done yet, in the order in which it was noted.
    pub(crate) async fn notes(&self) -> Result<Vec<Note>, StoreError> {
        let text = "SELECT id, what, about FROM key_note WHERE done_at IS NULL ORDER BY id";
        let rows = self.db().query_all_raw(self.sql(text, [])).await?;
        let mut notes = Vec::new();
        for row in rows {
            let code: String = row.try_get("", "what")?;
            // What a newer Kith notes is for a newer Kith.
            let Some(what) = What::ALL.into_iter().find(|what| what.code() == code) else { continue };
            notes.push(Note { id: row.try_get("", "id")?, what, about: row.try_get("", "about")? });
        }
        Ok(notes)
    }

    /// Does what a note asks for, and says that it is done. Of several servers one does it; what was cut short is done again.
    pub(crate) async fn attend(
        &self,
        note: &Note,
        work: impl Future<Output = Result<(), StoreError>> + Send,
    ) -> Result<(), StoreError> {
        if !self.home.is_shared() {
            // One server, and one connection: held while the work waits for the data's connection, it would never be given to
            // whoever holds that one and needs a key.
            if is_open(self.db(), self.sql(OPEN, [note.id.into()])).await? {
                work.await?;
                self.db().execute_raw(self.close_note(note)).await?;
            }
            return Ok(());
        }
        let transaction = engine::begin_plain(self.db()).await?;
        let text = format!("{OPEN} FOR UPDATE SKIP LOCKED");
        if is_open(&transaction, self.sql(&text, [note.id.into()])).await? {
            work.await?;
            transaction.execute_raw(self.close_note(note)).await?;
        }
        engine::commit(transaction).await
    }

    fn close_note(&self, note: &Note) -> Statement {
        let now = jiff::Timestamp::now().as_millisecond();
        self.sql("UPDATE key_note SET done_at = $1 WHERE id = $2", [now.into(), note.id.into()])
    }

    /// Says that what a note asks for is done.
    pub(crate) async fn done(&self, note: &Note) -> Result<(), StoreError> {
        self.attend(note, std::future::ready(Ok(()))).await
    }
}
