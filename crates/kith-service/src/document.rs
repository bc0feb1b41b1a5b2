//! Documents: added to a referral, to a child's file or to an order, and given out to whoever may read what they belong to.
//! Each opening is an entry in the access log, with its purpose.

#[cfg(test)]
mod tests;

use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use kith_domain::document::{DocumentFacts, DocumentState, TakenOff};
use kith_domain::ids::{ChildId, DocumentId, OrderId, PersonId, ReferralId};
use kith_domain::referral::papers;
use kith_store::{ChildState, Document, FileFault, Look, StoreError, Taken, Work, unless_destroyed};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::file::child_in_contact;
use crate::policy::Resource;
use crate::referral::editable;
use crate::{Desk, ServiceError};

/// How many documents come in side by side: each holds a few pieces, and a thread that looks through it.
const AT_ONCE: usize = 8;
static PLACES: Semaphore = Semaphore::const_new(AT_ONCE);
/// How long somebody waits for a place.
const PLACE_TIME: Duration = Duration::from_secs(20);

/// To what a document belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// A child's file.
    Child(ChildId),
    /// An order of a court.
    Order(OrderId),
    /// A referral.
    Referral(ReferralId),
}

impl Of {
    /// Its id, as the access log names it.
    fn subject(self) -> Uuid {
        match self {
            Of::Child(id) => id.0,
            Of::Order(id) => id.0,
            Of::Referral(id) => id.0,
        }
    }
}

/// A document that was taken in and is to be added. Its id was made with the form: sent twice it is one document.
pub struct NewDocument {
    /// The id it will have.
    pub id: DocumentId,
    /// What is said of it.
    pub facts: DocumentFacts,
    /// What was taken in.
    pub taken: Taken,
}

/// The documents of something.
pub struct DocumentsView {
    /// Whose they are, by name.
    pub names: String,
    /// They, the newest first.
    pub documents: Vec<Document>,
    /// Whether this person may add one.
    pub may_add: bool,
    /// The orders and conditions written down, in words, whose papers may be among them.
    pub papers: Vec<String>,
}

/// The people of the files that a document is in, each once.
async fn family_of(look: &Look, document: &Document) -> Result<Vec<(PersonId, String)>, ServiceError> {
    let mut people: Vec<(PersonId, String)> = Vec::new();
    for child in &document.body.children {
        for relative in look.family(*child).await? {
            if !people.iter().any(|(of, _)| *of == relative.person.id) {
                people.push((relative.person.id, relative.name()));
            }
        }
    }
    Ok(people)
}

impl Desk {
    /// The documents of a child's file, an order or a referral.
    pub async fn documents(&self, of: Of) -> Result<DocumentsView, ServiceError> {
        match of {
            Of::Child(id) => {
                let (look, scope) = self.look_into_file("file.read", id).await?;
                let child = look.child(id).await?;
                let family = look.family(id).await?;
                let mut documents = look.documents_of(id).await?;
                // What comes with a referral that was not accepted is read there.
                documents.retain(|document| child.state != ChildState::Referred || document.referral.is_none());
                look.done("documents.read", self.now_ms()).await?;
                let may_add = child.state == ChildState::Open && self.permits("file.change", &Resource::File(&scope));
                let of = family.iter().map(|relative| (relative.name(), &relative.person.body.known.values));
                let papers = papers(&child.body.known.values, of);
                Ok(DocumentsView { names: child.name(), documents, may_add, papers })
            }
            Of::Order(id) => {
                let view = self.order(id).await?;
                let (names, may_add) = (view.children.join(", "), view.may_add_document);
                Ok(DocumentsView { names, documents: view.documents, may_add, papers: Vec::new() })
            }
            Of::Referral(id) => {
                let (look, scope) = self.look_at_referral("referral.read", id).await?;
                let referral = look.referral(id).await?;
                let documents = look.documents_of_referral(id).await?;
                look.done("documents.read", self.now_ms()).await?;
                let may = self.permits("referral.edit", &Resource::Referral(id.0, &scope));
                let may_add = may && editable(&referral).is_ok();
                let body = &referral.body;
                // An order and what is known of the family is said of all its children.
                let papers = papers(&body.legal, body.family.iter().map(|member| (member.name(), &member.fields)));
                Ok(DocumentsView { names: body.children_names(), documents, may_add, papers })
            }
        }
    }

    /// Allows adding a document.
    async fn allow_adding(&self, of: Of) -> Result<(), ServiceError> {
        match of {
            Of::Child(id) => self.allow_file("file.change", id).await.map(drop),
            Of::Referral(id) => self.allow_referral("referral.edit", id).await.map(drop),
            Of::Order(id) => self.allow_order(id).await,
        }
    }

    /// Takes in what is in a document, if this person may add one there; it is then to be added, or let go. What is wrong with
    /// the document is a problem of the field `file`, and nothing of it is kept.
    pub async fn take_in<E>(
        &self,
        of: Of,
        source: impl Stream<Item = Result<Bytes, E>> + Send + Unpin,
    ) -> Result<Taken, ServiceError> {
        self.allow_adding(of).await?;
        let Ok(Ok(_place)) = tokio::time::timeout(PLACE_TIME, PLACES.acquire()).await else {
            return Err(ServiceError::Wait { seconds: PLACE_TIME.as_secs() });
        };
        match self.look().take_in(source).await {
            Err(StoreError::Document(fault)) => {
                if let FileFault::Harmful { found } = &fault {
                    tracing::error!(found, "the virus scanner found something in a document; it was not kept");
                    let (store, subject) = (self.service.store(), Some(of.subject()));
                    store.refused(&self.access, "document.harmful", subject, self.now_ms()).await?;
                }
                Err(ServiceError::field("file", fault.to_string()))
            }
            taken => Ok(taken?),
        }
    }

    /// Adds a document that was taken in. When it cannot be added, what was taken in is let go.
    pub async fn add_document(&self, of: Of, new: &NewDocument) -> Result<(), ServiceError> {
        let added = self.try_to_add(of, new).await;
        match self.settled(new, added).await {
            // The same form again: it is there. Another's id is refused.
            Err(ServiceError::Store(StoreError::Duplicate)) => self.document(new.id).await.map(drop),
            added => added,
        }
    }

    async fn try_to_add(&self, of: Of, new: &NewDocument) -> Result<(), ServiceError> {
        self.allow_adding(of).await?;
        self.change("document.added", |work| async move {
            match of {
                Of::Child(id) => child_in_contact(&work, id).await.map(drop)?,
                Of::Referral(id) => editable(&work.referral(id).await?)?,
                Of::Order(_) => {}
            }
            self.put_document(&work, of, new).await
        })
        .await
    }

    /// Puts in a document in the transaction of a change.
    pub(crate) async fn put_document(&self, work: &Work, of: Of, new: &NewDocument) -> Result<(), ServiceError> {
        let mut document = Document::new(new.id, self.me()?, &new.taken, new.facts.clone(), self.now_ms());
        document.body.children = match of {
            Of::Child(id) => vec![id],
            Of::Order(id) => {
                document.order = Some(id);
                work.order(id).await?.body.children
            }
            Of::Referral(id) => {
                document.referral = Some(id);
                work.referral(id).await?.children()
            }
        };
        Ok(work.insert_document(&mut document).await?)
    }

    /// What became of adding a document: the same form again is there already; what was refused for good is let go. Where it is
    /// not certain that nothing was saved, what was taken in stays: without its row nobody can read it.
    pub(crate) async fn settled<T>(
        &self,
        new: &NewDocument,
        added: Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let for_good = match &added {
            Ok(_) => false,
            Err(ServiceError::Store(error)) => {
                matches!(
                    error,
                    StoreError::Duplicate | StoreError::Full | StoreError::LogStopped | StoreError::Destroyed
                )
            }
            Err(_) => true,
        };
        if for_good {
            self.let_go(new.taken.object).await;
        }
        added
    }

    async fn let_go(&self, object: Uuid) {
        if let Err(error) = self.look().let_go(object).await {
            tracing::warn!(%error, "what was taken in of a document that was not added could not be taken away");
        }
    }

    /// A referral was accepted: its documents are in the files of its children, as they are now, and in no other.
    pub(crate) async fn documents_accepted(
        &self,
        work: &Work,
        referral: ReferralId,
        children: &[ChildId],
    ) -> Result<(), ServiceError> {
        for mut document in work.documents_of_referral(referral).await? {
            if document.body.children != children {
                document.body.children = children.to_vec();
                work.save_document_children(&mut document).await?;
            }
        }
        Ok(())
    }

    /// One document; not what is in it. With whether this person may take it off.
    pub async fn document(&self, id: DocumentId) -> Result<(Document, bool), ServiceError> {
        let look = self.look_at_document(id).await?;
        let document = look.document(id).await?;
        let may_take_off = self.may_take_off(&look, &document).await?;
        look.done("document.read", self.now_ms()).await?;
        Ok((document, may_take_off))
    }

    /// Takes off a document that was added in error: what is in it is gone, that it was there and why it is not stays.
    pub async fn take_off_document(&self, id: DocumentId, why: &str) -> Result<(), ServiceError> {
        drop(self.look_at_document(id).await?);
        let why = why.trim();
        if why.is_empty() {
            return Err(ServiceError::field("reason", "Enter why it is taken off"));
        }
        let off = TakenOff { by: self.me()?, at_ms: self.now_ms(), why: why.to_owned() };
        let object = self
            .change("document.taken_off", |work| {
                let off = off.clone();
                async move {
                    let mut document = work.document(id).await?;
                    if document.state == DocumentState::TakenOff {
                        work.changed("document", id.0, document.version);
                    } else if self.may_take_off(&work, &document).await? {
                        work.take_off_document(&mut document, off).await?;
                        self.tell_of_corrected(&work, &document.body.children, id.0).await?;
                    } else {
                        return Err(ServiceError::NotFound);
                    }
                    Ok(document.object)
                }
            })
            .await?;
        self.let_go(object).await;
        Ok(())
    }

    /// Says from whom of the family a document is to be kept; nobody: from none of them any more. By whoever may take it off; who is not
    /// of the family of one of its children is refused.
    pub async fn keep_document_from(&self, id: DocumentId, whom: &[PersonId]) -> Result<(), ServiceError> {
        drop(self.look_at_document(id).await?);
        self.change("document.kept_from", |work| async move {
            let mut document = work.document(id).await?;
            if !self.may_take_off(&work, &document).await? {
                return Err(ServiceError::NotFound);
            }
            let family = family_of(&work, &document).await?;
            if whom.iter().any(|person| !family.iter().any(|(of, _)| of == person)) {
                return Err(ServiceError::field("confidential_from", "Choose among the people of this file"));
            }
            Ok(work.keep_document_from(&mut document, whom.to_vec()).await?)
        })
        .await
    }

    /// The people of the files that a document is in, by name: from whom it may have to be kept.
    pub async fn document_family(&self, id: DocumentId) -> Result<Vec<(PersonId, String)>, ServiceError> {
        let look = self.look_at_document(id).await?;
        let family = family_of(&look, &look.document(id).await?).await?;
        look.done("document.read", self.now_ms()).await?;
        Ok(family)
    }

    /// Whether this person may take off a document: who may change the referral that it goes with, as long as that can be
    /// changed, or what it belongs to in every child's file that it is in.
    async fn may_take_off(&self, look: &Look, document: &Document) -> Result<bool, ServiceError> {
        if document.state == DocumentState::TakenOff {
            return Ok(false);
        }
        if let Some(id) = document.referral
            && editable(&look.referral(id).await?).is_ok()
        {
            let scope = look.referral_scope(id).await?;
            return Ok(scope.is_some_and(|scope| self.permits("referral.edit", &Resource::Referral(id.0, &scope))));
        }
        let action = if document.order.is_some() { "plan.write" } else { "file.change" };
        for child in &document.body.children {
            let scope = look.file_scope(*child).await?;
            if !scope.is_some_and(|scope| self.permits(action, &Resource::File(&scope))) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What is in a document, piece by piece, with its row: the entry in the access log is durable before this returns.
    pub async fn document_content(
        &self,
        id: DocumentId,
    ) -> Result<(Document, impl Stream<Item = Result<Bytes, StoreError>> + Send + use<>), ServiceError> {
        let look = self.look_at_document(id).await?;
        let document = look.document(id).await?;
        let content = look.content_of(&document).await?;
        look.done("document.opened", self.now_ms()).await?;
        Ok((document, content))
    }

    /// A look at a document, if this person may read the referral it goes with or the file of one of its children.
    async fn look_at_document(&self, id: DocumentId) -> Result<Look, ServiceError> {
        let look = self.snapshot().await?;
        let Some((referral, children)) = look.whose_document(id).await? else {
            return self.unknown("file.read", id.0).await;
        };
        if let Some(referral) = referral
            && let Some(scope) = look.referral_scope(referral).await?
            && self.permits("referral.read", &Resource::Referral(referral.0, &scope))
        {
            return Ok(look);
        }
        for child in children {
            let scope = look.file_scope(child).await?;
            if !scope.is_some_and(|scope| self.permits("file.read", &Resource::File(&scope))) {
                continue;
            }
            if referral.is_none() {
                return Ok(look);
            }
            let child = unless_destroyed(look.child(child).await)?;
            if child.is_some_and(|child| child.state != ChildState::Referred) {
                return Ok(look);
            }
        }
        self.unknown("file.read", id.0).await
    }
}
