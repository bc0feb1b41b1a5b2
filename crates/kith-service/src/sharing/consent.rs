//! Consents on a child's file: written down as they were said, withdrawn at once.

use jiff::civil::Date;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::{ChildId, ConsentId, DocumentId, PersonId};
use kith_domain::sharing::{Consent, ConsentAnswer, package, withdrawal};
use kith_store::{ConsentSaid, Look, StoreError};

use crate::file::child_in_contact;
use crate::{Desk, ServiceError};

/// What the form of a new consent offers. No Debug: it names people.
pub struct ConsentChoices {
    /// The child's name.
    pub child: String,
    /// The people of the family by name.
    pub people: Vec<(PersonId, String)>,
    /// The documents of the file.
    pub documents: Vec<(DocumentId, String)>,
    /// Today.
    pub today: Date,
}

/// A consent with what a page needs beside it. No Debug: it names people.
pub struct ConsentView {
    /// What was said.
    pub said: ConsentSaid,
    /// Of whose information, by name.
    pub whose: String,
    /// Who wrote it down.
    pub author: String,
    /// Whether it was given and still counts, so that it can be withdrawn.
    pub stands: bool,
}

impl ConsentView {
    /// Whether what it is about goes on without it, since it rests on a duty: whoever withdraws is told.
    pub fn rests_on_duty(&self) -> bool {
        self.said.body.recipient.is_some_and(|kind| !package(kind).consent)
    }
}

/// The consents of a file, the newest first, each with whether it counts.
pub(crate) async fn views(desk: &Desk, look: &Look, child: ChildId) -> Result<Vec<ConsentView>, ServiceError> {
    let all = look.consents_of(child).await?;
    let name = look.child(child).await?.name();
    let family = look.family(child).await?;
    let whose = |person: Option<PersonId>| match person {
        None => name.clone(),
        Some(id) => family.iter().find(|of| of.person.id == id).map(kith_store::Relative::name).unwrap_or_default(),
    };
    let last = |of: &ConsentSaid| {
        let same = all.iter().filter(|other| other.body.is_same_question(&of.body));
        let newest = same.max_by_key(|other| (other.body.on, other.created_ms));
        newest.is_some_and(|newest| newest.id == of.id)
    };
    let view = |of: &ConsentSaid| ConsentView {
        whose: whose(of.body.person),
        author: desk.service.name_of(of.author),
        stands: of.body.answer == ConsentAnswer::Given && last(of),
        said: of.clone(),
    };
    Ok(all.iter().map(view).collect())
}

impl Desk {
    /// What the form of a new consent offers.
    pub async fn consent_choices(&self, child: ChildId) -> Result<ConsentChoices, ServiceError> {
        let (look, _) = self.look_into_file("file.change", child).await?;
        let name = look.child(child).await?.name();
        let people = look.family(child).await?.iter().map(|of| (of.person.id, of.name())).collect();
        let documents = look.documents_of(child).await?.into_iter();
        let kept = documents.filter(|of| of.body.taken_off.is_none());
        let documents = kept.map(|of| (of.id, of.body.facts.kind.label().to_owned())).collect();
        look.done("consent.begun", self.now_ms()).await?;
        Ok(ConsentChoices { child: name, people, documents, today: self.service.today() })
    }

    /// Writes down what somebody said to a question of consent. Sent twice it is written down once.
    pub async fn add_consent(&self, child: ChildId, id: ConsentId, said: &Consent) -> Result<(), ServiceError> {
        self.allow_file("file.change", child).await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        let added = self.change("consent.written", |work| async move {
            child_in_contact(&work, child).await?;
            let mut problems = Vec::new();
            if let Some(person) = said.person
                && !work.family(child).await?.iter().any(|of| of.person.id == person)
            {
                problems.push(Problem::new("whose", "Choose the child or one of the people of this file"));
            }
            if let Some(document) = said.document
                && !work.documents_of(child).await?.iter().any(|of| of.id == document)
            {
                problems.push(Problem::new("document", "Choose one of the documents of this file"));
            }
            if !problems.is_empty() {
                return Err(ServiceError::Invalid(problems));
            }
            let mut row = ConsentSaid { id, version: 0, child, author: me, created_ms: now_ms, body: said.clone() };
            work.add_consent(&mut row).await?;
            Ok(())
        });
        match added.await {
            // The same form again: it is there. Another file's id is refused.
            Err(ServiceError::Store(StoreError::Duplicate))
                if self.look().child_of_consent(id).await? == Some(child) =>
            {
                Ok(())
            }
            Err(ServiceError::Store(StoreError::Duplicate)) => Err(ServiceError::NotFound),
            added => added,
        }
    }

    /// One consent, to be withdrawn.
    pub async fn consent(&self, id: ConsentId) -> Result<(ChildId, ConsentView), ServiceError> {
        let child = self.look().child_of_consent(id).await?;
        let (look, scope) = self.look_into_file_of("file.change", id.0, child).await?;
        let views = views(self, &look, scope.child).await?;
        look.done("consent.read", self.now_ms()).await?;
        let view = views.into_iter().find(|view| view.said.id == id).ok_or(ServiceError::NotFound)?;
        Ok((scope.child, view))
    }

    /// Withdraws a consent that counts: at once, for everything that has not gone yet. Done twice it is done once.
    pub async fn withdraw_consent(&self, id: ConsentId, new: ConsentId, typed: &Fields) -> Result<(), ServiceError> {
        let (child, view) = self.consent(id).await?;
        if self.look().child_of_consent(new).await? == Some(child) {
            return Ok(());
        }
        if !view.stands {
            return Err(ServiceError::rule(
                "consent.not_standing",
                "This consent does not count any more: something else was said since. Look at the file again",
            ));
        }
        let said = withdrawal(&view.said.body, typed, self.service.today())?;
        self.add_consent(child, new, &said).await
    }
}
