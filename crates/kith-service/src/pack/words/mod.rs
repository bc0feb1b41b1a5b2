//! What one row of a file says, as lines in words: labels of Kith's own, which name nobody, and what is held.

mod case;
mod file;
mod session;

use std::collections::HashMap;

use kith_domain::calendar;
use kith_domain::ids::{ChildId, PersonId};
use kith_domain::pack::{Line, PackSource, PartKind};
use kith_store::{Child, Document, FileInPack, Look, Names};

use crate::{Desk, ServiceError};

/// Whom a line is about, where it is not the person whose pack it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    /// A member of the family.
    Person(PersonId),
    /// Another child.
    Child(ChildId),
}

/// What a row says.
pub(crate) struct Written {
    /// What it is called, with its day.
    pub(crate) title: String,
    /// Its lines, each with whom it is about.
    pub(crate) lines: Vec<(Line, Option<About>)>,
    /// Whether it is about the person as a whole; else only where they are named in it.
    pub(crate) theirs: bool,
}

/// What is needed to read a file's rows.
pub(crate) struct OfFile<'a> {
    desk: &'a Desk,
    look: &'a Look,
    file: &'a FileInPack,
    child: Child,
    names: Names,
    /// Whether the documents go along.
    enclosed: bool,
}

/// Lines that are being written.
#[derive(Default)]
struct Lines(Vec<(Line, Option<About>)>);

impl Lines {
    fn add(&mut self, label: &str, text: impl Into<String>) {
        self.about(label, text, None);
    }

    fn about(&mut self, label: &str, text: impl Into<String>, about: Option<About>) {
        let text = text.into();
        if !text.trim().is_empty() {
            self.0.push((Line::new(label, text), about));
        }
    }

    fn optional(&mut self, label: &str, text: Option<&String>) {
        if let Some(text) = text {
            self.add(label, text.clone());
        }
    }
}

/// Under which name a document goes along: its id, and what it is.
pub(crate) fn enclosed_as(document: &Document) -> String {
    format!("documents/{}.{}", document.id.0.simple(), document.media().code())
}

/// The day of an instant in words.
fn day(at_ms: i64) -> String {
    calendar::long_date(calendar::in_london(at_ms).date())
}

impl Desk {
    /// What is needed to read the rows of a file.
    pub(crate) async fn reading<'a>(
        &'a self,
        look: &'a Look,
        file: &'a FileInPack,
    ) -> Result<OfFile<'a>, ServiceError> {
        let (child, family) = (look.child(file.child).await?, look.family(file.child).await?);
        Ok(OfFile { desk: self, look, file, child, names: Names::of(&family), enclosed: false })
    }
}

impl OfFile<'_> {
    /// The same where the documents go along.
    pub(crate) fn with_documents(self) -> Self {
        Self { enclosed: true, ..self }
    }

    /// What a row of the file says; `None` where nothing is left of it.
    pub(crate) async fn row(&self, source: PackSource) -> Result<Option<Written>, ServiceError> {
        let written = match source.kind {
            PartKind::Facts => self.facts(source.id).await?,
            PartKind::Referral => self.referral(source.id).await?,
            PartKind::Call => self.call(source.id).await?,
            PartKind::Risk => self.risk(source.id).await?,
            PartKind::Order => self.order(source.id).await?,
            PartKind::Refusal => self.refusal(source.id).await?,
            PartKind::Plan => self.plan(source.id).await?,
            PartKind::Session => self.session(source.id).await?,
            PartKind::Report => self.report(source.id).await?,
            PartKind::Document => self.document(source.id).await?,
            PartKind::Sharing => self.sharing().await?,
            PartKind::Staff => self.staff().await?,
            PartKind::Looks => self.looks(source.id).await?,
        };
        Ok(Some(written).filter(|written| !written.lines.is_empty()))
    }
    fn who(&self, id: kith_domain::ids::AccountId) -> String {
        self.desk.service.name_of(id)
    }

    /// Whom a member of the family is to the person whose pack it is: somebody else, or themselves.
    fn about(&self, person: PersonId) -> Option<About> {
        (!self.file.body.people.contains(&person)).then_some(About::Person(person))
    }

    fn name(&self, person: PersonId) -> String {
        self.names.name(&person.to_string())
    }

    fn names_of(&self, people: &[PersonId]) -> String {
        let names: Vec<String> = people.iter().map(|person| self.name(*person)).collect();
        kith_domain::words::in_words(&names)
    }

    /// The names of the children of a session, those whose files are there.
    async fn children(&self, ids: &[ChildId]) -> Result<HashMap<ChildId, String>, ServiceError> {
        let mut names = HashMap::new();
        for id in ids {
            if let Some(child) = kith_store::unless_destroyed(self.look.child(*id).await)? {
                names.insert(*id, child.name());
            }
        }
        Ok(names)
    }
}
