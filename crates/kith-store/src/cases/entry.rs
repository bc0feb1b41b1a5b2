//! Entries of a record: put in once, never saved over.

use std::collections::HashMap;

use jiff::civil::Date;
use kith_domain::calendar;
use kith_domain::ids::{AccountId, ChildId, EntryId, SessionId};
use kith_domain::record::{Content, EntryBody, EntryKind, RecordState};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Select, Statement, Value,
};
use serde::Serialize;
use uuid::Uuid;

use super::SealedRow;
use super::record::children_of;
use super::scope::{SessionScope, session_scope};
use crate::entity::entry;
use crate::{Look, Store, StoreError, Work};

/// The number of what strikes out, so that an entry is struck out once.
const STRIKES_OUT: i64 = -1;

/// An entry of a record.
#[derive(Clone)]
pub struct Entry {
    /// Its id, made where it was typed.
    pub id: EntryId,
    /// The version of its row: how often it was put into files. What it says is never saved over.
    version: i64,
    /// In the record of which session.
    pub session: SessionId,
    /// The children it is about, in whose files it is.
    pub children: Vec<ChildId>,
    /// Who wrote it.
    pub author: AccountId,
    /// When the service received it, UTC milliseconds.
    pub received_ms: i64,
    /// How many texts its observation has with this one; 0 where it is no text, -1
    /// where it strikes out.
    pub number: i64,
    /// What it says.
    pub body: EntryBody,
    /// A keyed digest of its words, by which the same words are known again.
    words: Option<Vec<u8>>,
}

impl Entry {
    /// An entry that is written now.
    pub fn new(
        id: EntryId,
        session: SessionId,
        children: Vec<ChildId>,
        author: AccountId,
        received_ms: i64,
        body: EntryBody,
    ) -> Self {
        let number = match body.content {
            Content::Observation(_) | Content::Revision { .. } => 1,
            Content::StruckOut { .. } => STRIKES_OUT,
            _ => 0,
        };
        Self { id, version: 0, session, children, author, received_ms, number, body, words: None }
    }

    /// As the text of that number of its observation.
    #[must_use]
    pub fn numbered(mut self, number: i64) -> Self {
        self.number = number;
        self
    }

    /// Which kind.
    pub const fn kind(&self) -> EntryKind {
        self.body.content.kind()
    }

    /// As rules see it.
    pub const fn seen(&self) -> kith_domain::record::Entry<'_> {
        kith_domain::record::Entry {
            id: self.id,
            author: self.author,
            received_ms: self.received_ms,
            content: &self.body.content,
        }
    }

    /// The entry that it is about: the observation of a text, what is struck out, and otherwise itself.
    const fn root(&self) -> EntryId {
        match &self.body.content {
            Content::Revision { of, .. } | Content::StruckOut { of, .. } => *of,
            _ => self.id,
        }
    }
}

impl SealedRow for Entry {
    type Model = entry::Model;
    type Entity = entry::Entity;
    type Body = EntryBody;
    const VERSION: entry::Column = entry::Column::Version;

    fn id(&self) -> Uuid {
        self.id.0
    }
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
    fn files(&self) -> Vec<Uuid> {
        self.children.iter().map(|child| child.0).collect()
    }
    fn body(&self) -> &EntryBody {
        &self.body
    }
    fn model(&self) -> entry::Model {
        entry::Model {
            id: self.id.0,
            version: self.version,
            session_id: self.session.0,
            author_id: self.author.0,
            kind: self.kind().code().to_owned(),
            root_id: self.root().0,
            number: self.number,
            words: self.words.clone(),
            received_at: self.received_ms,
            sealed: Vec::new(),
        }
    }
    fn of(model: entry::Model, body: EntryBody) -> Option<Self> {
        let entry = Self {
            id: EntryId(model.id),
            version: model.version,
            session: SessionId(model.session_id),
            children: children_of(&model.sealed)?,
            author: AccountId(model.author_id),
            received_ms: model.received_at,
            number: model.number,
            body,
            words: model.words,
        };
        // The columns by which it is found say what the seal says.
        let agrees = entry.kind().code() == model.kind && entry.root().0 == model.root_id;
        agrees.then_some(entry)
    }
}

/// What words are digested from: the same words in another record are other words.
#[derive(Serialize)]
struct Words<'a, T> {
    session: SessionId,
    author: AccountId,
    said: &'a T,
}

impl Store {
    /// A keyed digest of what an entry says in words; `None` for one that says none.
    fn words(&self, session: SessionId, author: AccountId, content: &Content) -> Option<Vec<u8>> {
        let json = match content {
            Content::Observation(words) | Content::Revision { observation: words, .. } => {
                serde_json::to_vec(&Words { session, author, said: words })
            }
            Content::Concern(words) => serde_json::to_vec(&Words { session, author, said: words }),
            _ => return None,
        };
        let json = json.ok()?;
        Some(kith_vault::mac(self.web_key(), "entry-words", &json).to_vec())
    }
}

/// A text that is kept: of which observation, and its number among that one's texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptText {
    /// The observation.
    pub of: EntryId,
    /// Which of its texts, from 1.
    pub number: i64,
    /// How many texts it has.
    pub texts: i64,
    /// When the service received it, UTC milliseconds.
    pub received_ms: i64,
}

/// What a save of a text decides on.
pub struct TextStanding {
    /// To whom the session is allocated.
    pub scope: SessionScope,
    /// The civil day of the session.
    pub day: Date,
    /// Where the record stands.
    pub state: RecordState,
    /// The last text of that observation, if it is kept; it may be of another record.
    pub entry: Option<SealedEntry>,
    /// Whether that observation was struck out.
    pub struck: bool,
    /// The same words of the same author in this record, where they stand or once stood.
    pub same: Option<KeptText>,
}

/// An entry that was found and not opened: first it is decided who may. See [`Look::open_entry`].
pub struct SealedEntry(entry::Model);

impl Look {
    /// A session's scope and its record's state together with the last text of an observation and with the same words
    /// elsewhere, in one statement; the record is not opened. [`StoreError::NotFound`] if there is no such record.
    pub async fn standing(
        &self,
        session: SessionId,
        entry: EntryId,
        content: Option<&Content>,
    ) -> Result<TextStanding, StoreError> {
        let backend = self.db().get_database_backend();
        let author = AccountId(self.asker());
        let words = content.and_then(|content| self.store().words(session, author, content));
        let values = [session.0.into(), author.0.into(), entry.0.into(), Value::Bytes(words)];
        let all = Statement::from_sql_and_values(backend, STANDING, values);
        let rows = self.db().query_all_raw(all).await?;
        let scope = self.scope_of(session, &rows)?.ok_or(StoreError::NotFound)?;
        let row = rows.first().ok_or(StoreError::NotFound)?;
        let state: String = row.try_get::<Option<_>>("", "scope_state")?.ok_or(StoreError::NotFound)?;
        let corrupt = StoreError::Corrupt { table: "record", row: session.0 };
        let state = RecordState::from_code(&state).ok_or(corrupt)?;
        let entry = match row.try_get::<Option<Uuid>>("", "id")? {
            Some(_) => Some(SealedEntry(entry::Model::from_query_result(row, "")?)),
            None => None,
        };
        let same = match row.try_get::<Option<Uuid>>("", "same_root")? {
            Some(of) => Some(KeptText {
                of: EntryId(of),
                number: row.try_get("", "same_number")?,
                texts: row.try_get("", "same_texts")?,
                received_ms: row.try_get("", "same_at")?,
            }),
            None => None,
        };
        let day = calendar::day_of(row.try_get("", "scope_day")?);
        Ok(TextStanding { scope, day, state, entry, struck: row.try_get::<i64>("", "struck")? == 1, same })
    }

    /// Opens an entry that [`Look::standing`] found.
    pub async fn open_entry(&self, sealed: SealedEntry) -> Result<Entry, StoreError> {
        self.opened(sealed.0).await
    }

    /// Reads an entry. [`StoreError::NotFound`] if there is none of that id.
    pub async fn entry(&self, id: EntryId) -> Result<Entry, StoreError> {
        self.get(id.0).await
    }

    /// Every entry of a record, in the order received. What belonged only to children whose files were destroyed is not
    /// among them; how many those are is said beside.
    pub async fn entries_of(&self, session: SessionId) -> Result<(Vec<Entry>, usize), StoreError> {
        let of = entry::Column::SessionId.eq(session.0);
        self.readable(in_order(entry::Entity::find().filter(of))).await
    }

    /// The entries that say who came, when these sessions began and ended, and what of it was struck out: one statement.
    pub async fn courses_of(&self, sessions: &[SessionId]) -> Result<HashMap<SessionId, Vec<Entry>>, StoreError> {
        let of = entry::Column::SessionId.is_in(sessions.iter().map(|id| id.0));
        let course = entry::Column::Kind.is_in(EntryKind::COURSE.iter().map(|kind| kind.code()));
        let (entries, _) = self.readable(in_order(entry::Entity::find().filter(of).filter(course))).await?;
        let mut courses: HashMap<SessionId, Vec<Entry>> = HashMap::new();
        for entry in entries {
            courses.entry(entry.session).or_default().push(entry);
        }
        Ok(courses)
    }

    /// The concerns raised at a session, in the order received.
    pub async fn concerns_of(&self, session: SessionId) -> Result<Vec<Entry>, StoreError> {
        let of = entry::Column::SessionId.eq(session.0);
        let concern = entry::Column::Kind.eq(EntryKind::Concern.code());
        let (entries, _) = self.readable(in_order(entry::Entity::find().filter(of).filter(concern))).await?;
        Ok(entries)
    }

    async fn readable(&self, select: Select<entry::Entity>) -> Result<(Vec<Entry>, usize), StoreError> {
        let (mut entries, mut destroyed) = (Vec::new(), 0);
        for model in select.all(&self.db()).await? {
            match self.opened(model).await {
                Ok(entry) => entries.push(entry),
                Err(StoreError::Destroyed) => destroyed += 1,
                Err(error) => return Err(error),
            }
        }
        Ok((entries, destroyed))
    }
}

impl Work {
    /// Puts in an entry. [`StoreError::Duplicate`] if the id, or that number of a text, is there already.
    pub async fn insert_entry(&self, entry: &mut Entry) -> Result<(), StoreError> {
        entry.words = self.store().words(entry.session, entry.author, &entry.body.content);
        self.insert(entry).await
    }

    /// Puts the entries of a record that are in the files of all of these children into further files too: who joined can
    /// read what was written before, when no other file of it is left. What an entry says is not touched.
    pub async fn open_entries_to(&self, session: SessionId, of: &[ChildId], to: &[ChildId]) -> Result<(), StoreError> {
        let (entries, _) = self.entries_of(session).await?;
        for mut entry in entries.into_iter().filter(|entry| of.iter().all(|id| entry.children.contains(id))) {
            let missing: Vec<ChildId> = to.iter().filter(|id| !entry.children.contains(id)).copied().collect();
            if !missing.is_empty() {
                entry.children.extend(missing);
                self.save(&mut entry).await?;
            }
        }
        Ok(())
    }
}

fn in_order(select: Select<entry::Entity>) -> Select<entry::Entity> {
    use entry::Column as C;
    select.order_by_asc(C::ReceivedAt).order_by_asc(C::Number).order_by_asc(C::Id)
}

/// `$1` the session, `$2` who asks, `$3` the observation, `$4` the digest of the words.
const STANDING: &str = concat!(
    "SELECT e.id, e.version, e.session_id, e.author_id, e.kind, e.root_id, e.number, e.words, e.received_at, e.sealed, \
     CAST(CASE WHEN EXISTS (SELECT 1 FROM entry x WHERE x.root_id = $3 AND x.number = -1) THEN 1 ELSE 0 END \
     AS BIGINT) AS struck, \
     d.root_id AS same_root, d.number AS same_number, d.received_at AS same_at, \
     (SELECT MAX(m.number) FROM entry m WHERE m.root_id = d.root_id) AS same_texts, ",
    session_scope!(),
    " LEFT JOIN entry e ON e.id = (SELECT t.id FROM entry t WHERE t.root_id = $3 AND t.number >= 0 \
         ORDER BY t.number DESC LIMIT 1) \
     LEFT JOIN entry d ON d.id = (SELECT t.id FROM entry t WHERE t.session_id = $1 AND t.words = $4 \
         AND NOT EXISTS (SELECT 1 FROM entry x WHERE x.root_id = t.root_id AND x.number = -1) \
         ORDER BY t.number DESC LIMIT 1) \
     WHERE s.id = $1 ORDER BY sc.child_id"
);
