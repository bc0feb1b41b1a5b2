//! Orders of a court about contact: on the child's file, added, corrected with the old kept, ended (handbook sections 3
//! and 19).

#[cfg(test)]
mod tests;
mod write;

use kith_domain::calendar;
use kith_domain::ids::{ChildId, OrderId, TermId};
use kith_domain::order::OrderTerm;
use kith_store::{ContactOrder, Document, Relative, unless_destroyed};

pub use write::{AddOrder, CorrectOrder, EndOrder, PutTerm, RemoveTerm};

use crate::plan::names;
use crate::policy::Resource;
use crate::{Desk, ServiceError};

/// An order with what a page needs beside it. No Debug: it names people.
pub struct OrderView {
    /// The order.
    pub order: ContactOrder,
    /// The child through whose file it is looked at.
    pub child: ChildId,
    /// The names of the children whom it is about, of those whose files this person may read.
    pub children: Vec<String>,
    /// The family of the child through whose file it is looked at, barred persons too.
    pub family: Vec<Relative>,
    /// Each term as a sentence.
    pub terms: Vec<(TermId, String)>,
    /// What it said before each correction, newest first: until when, who corrected it and why, and what it said.
    pub earlier: Vec<(String, Vec<String>)>,
    /// Who wrote it down.
    pub author: String,
    /// Whether it stands today.
    pub stands: bool,
    /// Its documents, the newest first: the sealed order.
    pub documents: Vec<Document>,
    /// Whether this person may correct and end it.
    pub may_write: bool,
    /// Whether this person may add a document to it, also after it has ended.
    pub may_add_document: bool,
}

impl Desk {
    /// One order.
    pub async fn order(&self, id: OrderId) -> Result<OrderView, ServiceError> {
        let children = self.look().children_of_order(id).await?;
        let readable = self.readable(&children).await?;
        let child = match (readable.first(), children.first()) {
            (Some(child), _) => *child,
            (None, Some(hidden)) => {
                self.allow_file("file.read", *hidden).await?;
                *hidden
            }
            (None, None) => return self.unknown("file.read", id.0).await,
        };
        let (look, scope) = self.look_into_file("file.read", child).await?;
        let order = look.order(id).await?;
        let documents = look.documents_of_order(id).await?;
        let family = look.family(child).await?;
        let mut named = Vec::new();
        for child in &readable {
            named.extend(unless_destroyed(look.child(*child).await)?.map(|child| child.name()));
        }
        look.done("order.read", self.now_ms()).await?;
        let may_write = readable.len() == children.len() && self.permits("plan.write", &Resource::File(&scope));
        let terms = order.body.order.terms.iter().map(|term| (term.id, sentence(term, &family))).collect();
        Ok(OrderView {
            child,
            children: named,
            terms,
            earlier: self.earlier(&order, &family),
            author: self.service.name_of(order.author),
            stands: order.body.order.stands_on(self.service.today()),
            documents,
            may_write: may_write && order.body.order.ended.is_none(),
            may_add_document: may_write,
            family,
            order,
        })
    }

    /// What the form of a new order begins with: the child's name, and the other children of the area with family in
    /// common, whom the order may be about too.
    pub async fn new_order(&self, child: ChildId) -> Result<(String, Vec<(ChildId, String)>), ServiceError> {
        self.allow_file("plan.write", child).await?;
        let look = self.look();
        let name = look.child(child).await?.name();
        let mut also = Vec::new();
        for other in look.children_with_family_in_common(child).await? {
            let scope = look.file_scope(other).await?;
            if scope.is_some_and(|scope| self.permits("plan.write", &Resource::File(&scope))) {
                also.extend(unless_destroyed(look.child(other).await)?.map(|child| (other, child.name())));
            }
        }
        look.done("order.begun", self.now_ms()).await?;
        Ok((name, also))
    }

    /// Those of the children whose files this person may read.
    async fn readable(&self, children: &[ChildId]) -> Result<Vec<ChildId>, ServiceError> {
        let look = self.look();
        let mut readable = Vec::new();
        for child in children {
            let scope = look.file_scope(*child).await?;
            if scope.is_some_and(|scope| self.permits("file.read", &Resource::File(&scope))) {
                readable.push(*child);
            }
        }
        Ok(readable)
    }

    fn earlier(&self, of: &ContactOrder, family: &[Relative]) -> Vec<(String, Vec<String>)> {
        let told = of.body.order.earlier.iter().rev().map(|earlier| {
            let why = if earlier.why.is_empty() { String::new() } else { format!(": {}", earlier.why) };
            let head = format!(
                "Until {}, corrected by {}{why}",
                calendar::long_instant(earlier.until_ms),
                self.service.name_of(earlier.by)
            );
            let facts = &earlier.facts;
            let ends = facts.ends_on.map(|day| format!(", ends on {}", calendar::long_date(day))).unwrap_or_default();
            let mut said = vec![format!(
                "{}, {}, made on {}{ends}",
                facts.court,
                facts.case_number,
                calendar::long_date(facts.made_on)
            )];
            said.extend(facts.words.clone());
            said.extend(facts.forbids.as_ref().map(|forbids| format!("Forbids: {forbids}")));
            said.extend(earlier.terms.iter().map(|term| sentence(term, family)));
            (head, said)
        });
        told.collect()
    }
}

/// A term as a sentence, with the names of those it is about.
pub(crate) fn sentence(term: &OrderTerm, family: &[Relative]) -> String {
    term.sentence(&names(family, &term.with))
}
