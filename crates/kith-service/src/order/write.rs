//! Writing an order down, correcting it, setting out its terms, ending it.

use kith_domain::form::Problem;
use kith_domain::ids::{ChildId, OrderId, PersonId, TermId};
use kith_domain::order::{Order, OrderEnd, OrderFacts, OrderState, OrderTerm, from_referral};
use kith_domain::plan::Mode;
use kith_domain::referral::Legal;
use kith_domain::risk::VoidReason;
use kith_store::{ContactOrder, OrderBody, StoreError, Work};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::document::{NewDocument, Of};
use crate::file::child_in_contact;
use crate::risk::{Bears, Voided};
use crate::{Desk, ServiceError};

/// A new order.
#[derive(Clone, Serialize, Deserialize)]
pub struct AddOrder {
    /// The id it will have, made when the form was shown: sent twice it is one order.
    pub id: OrderId,
    /// About which children.
    pub children: Vec<ChildId>,
    /// What it says.
    pub facts: OrderFacts,
}

/// What an order is to say instead.
#[derive(Clone, Serialize, Deserialize)]
pub struct CorrectOrder {
    /// What it says.
    pub facts: OrderFacts,
    /// Why it is corrected.
    pub why: String,
}

/// A term that is added, or takes the place of the one of the same id.
#[derive(Clone, Serialize, Deserialize)]
pub struct PutTerm {
    /// The term.
    pub term: OrderTerm,
    /// Why it is corrected; empty for one that is added.
    pub why: String,
}

/// A term that was written down in error.
#[derive(Clone, Serialize, Deserialize)]
pub struct RemoveTerm {
    /// Which.
    pub term: TermId,
    /// Why it is taken out.
    pub why: String,
}

/// The end of an order.
#[derive(Clone, Serialize, Deserialize)]
pub struct EndOrder {
    /// Its last day.
    pub on: jiff::civil::Date,
    /// Why.
    pub why: String,
}

impl Desk {
    /// Writes down a new order about one child or several. It voids every assessment of these children at once, and flags
    /// what is booked on them (handbook section 6). Sent twice it is written down once.
    ///
    /// `sealed` is the sealed order as a document, which was taken in: it is added with the order, or let go.
    pub async fn add_order(&self, command: &AddOrder, sealed: Option<&NewDocument>) -> Result<Voided, ServiceError> {
        let added = match (self.try_to_add_order(command, sealed).await, sealed) {
            (added, Some(new)) => self.settled(new, added).await,
            (added, None) => added,
        };
        match added {
            // The same form again: it is there. Another's id is refused.
            Err(ServiceError::Store(StoreError::Duplicate)) => {
                self.order(command.id).await?;
                Ok(Voided::default())
            }
            added => added,
        }
    }

    async fn try_to_add_order(&self, command: &AddOrder, sealed: Option<&NewDocument>) -> Result<Voided, ServiceError> {
        if command.children.is_empty() {
            return Err(ServiceError::rule("order.no_child", "Select at least one child whom the order is about"));
        }
        for child in &command.children {
            self.allow_file("plan.write", *child).await?;
        }
        let (me, now_ms) = (self.me()?, self.now_ms());
        self.change("order.added", |work| async move {
            let mut of = ContactOrder {
                id: command.id,
                version: 0,
                author: me,
                state: OrderState::Standing,
                created_ms: now_ms,
                body: OrderBody {
                    children: command.children.clone(),
                    order: Order {
                        facts: command.facts.clone(),
                        terms: Vec::new(),
                        ended: None,
                        earlier: Vec::new(),
                        source: "The sealed order".to_owned(),
                    },
                },
            };
            let mut voided = Voided::default();
            for child in &command.children {
                child_in_contact(&work, *child).await?;
                let done = self.void_for(&work, Bears { child: *child, person: None }, VoidReason::NewOrder).await?;
                voided.assessments += done.assessments;
                voided.flagged += done.flagged;
            }
            work.insert_order(&mut of).await?;
            if let Some(new) = sealed {
                self.put_document(&work, Of::Order(of.id), new).await?;
            }
            Ok(voided)
        })
        .await
    }

    /// Corrects what an order says; what it said before is kept beside it.
    pub async fn correct_order(&self, id: OrderId, version: i64, command: &CorrectOrder) -> Result<(), ServiceError> {
        let why = reason(&command.why)?;
        self.change_order(id, version, "order.corrected", |_, order, by, at_ms| {
            if order.facts == command.facts {
                return Ok(());
            }
            Ok(order.correct(command.facts.clone(), by, why, at_ms)?)
        })
        .await
    }

    /// Adds a term, or corrects one; a correction needs a reason, and what the term said before is kept.
    pub async fn put_term(&self, id: OrderId, version: i64, command: &PutTerm) -> Result<(), ServiceError> {
        self.change_order(id, version, "order.term", |family, order, by, at_ms| {
            who_can_see_the_child(family, &command.term)?;
            let why = match order.term(command.term.id) {
                Some(known) if *known == command.term => return Ok(()),
                Some(_) => reason(&command.why)?,
                None => command.why.trim(),
            };
            Ok(order.put_term(command.term.clone(), by, why, at_ms)?)
        })
        .await
    }

    /// Takes out a term that was written down in error; what it said is kept.
    pub async fn remove_term(&self, id: OrderId, version: i64, command: &RemoveTerm) -> Result<(), ServiceError> {
        let why = reason(&command.why)?;
        self.change_order(id, version, "order.term", |_, order, by, at_ms| {
            Ok(order.remove_term(command.term, by, why, at_ms)?)
        })
        .await
    }

    /// Ends an order: it owes nothing after its last day, and stays on the file.
    pub async fn end_order(&self, id: OrderId, version: i64, command: &EndOrder) -> Result<(), ServiceError> {
        let why = reason(&command.why)?;
        self.change_order(id, version, "order.ended", |_, order, by, at_ms| {
            if command.on < order.facts.made_on {
                return Err(ServiceError::Invalid(vec![Problem::new(
                    "ended_on-day",
                    "An order cannot end before it is made. Check the date",
                )]));
            }
            order.ended = Some(OrderEnd { on: command.on, why: why.to_owned(), by, at_ms });
            Ok(())
        })
        .await
    }

    /// Allows changing an order and what belongs to it: to who may change the files of all its children.
    pub(crate) async fn allow_order(&self, id: OrderId) -> Result<(), ServiceError> {
        let children = self.look().children_of_order(id).await?;
        if children.is_empty() {
            return self.unknown("plan.write", id.0).await;
        }
        for child in &children {
            self.allow_file("plan.write", *child).await?;
        }
        Ok(())
    }

    /// Changes an order over the version that was shown, if this person may change the files of all its children.
    async fn change_order(
        &self,
        id: OrderId,
        version: i64,
        action: &'static str,
        change: impl Fn(
            &[(PersonId, String, bool)],
            &mut Order,
            kith_domain::ids::AccountId,
            i64,
        ) -> Result<(), ServiceError>,
    ) -> Result<(), ServiceError> {
        self.allow_order(id).await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        let change = &change;
        self.change(action, |work| async move {
            let mut of = work.order(id).await?;
            let family = family_of(&work, &of.body.children).await?;
            if of.version != version {
                return Err(ServiceError::Conflict {
                    theirs: Box::new(of.body.order.facts.fields()),
                    version: of.version,
                });
            }
            of.body.order.may_be_changed()?;
            let before = of.body.order.clone();
            change(&family, &mut of.body.order, me, now_ms)?;
            if of.body.order == before {
                work.changed("contact_order", id.0, of.version);
                return Ok(());
            }
            of.state = if of.body.order.ended.is_some() { OrderState::Ended } else { OrderState::Standing };
            work.save_order(&mut of).await?;
            Ok(())
        })
        .await
    }

    /// The referral's legal section becomes the first order of the children's files, where a court made one.
    pub(crate) async fn first_order(
        &self,
        work: &Work,
        children: &[ChildId],
        legal: &Legal,
    ) -> Result<(), ServiceError> {
        let Some(order) = from_referral(legal).filter(|_| !children.is_empty()) else { return Ok(()) };
        let mut of = ContactOrder {
            id: OrderId(Uuid::now_v7()),
            version: 0,
            author: self.me()?,
            state: OrderState::Standing,
            created_ms: self.now_ms(),
            body: OrderBody { children: children.to_vec(), order },
        };
        Ok(work.insert_order(&mut of).await?)
    }
}

/// Everybody in the families of some children: name, and whether they may attend with any of them.
async fn family_of(work: &Work, children: &[ChildId]) -> Result<Vec<(PersonId, String, bool)>, ServiceError> {
    let mut family: Vec<(PersonId, String, bool)> = Vec::new();
    for child in children {
        for relative in work.family(*child).await? {
            match family.iter_mut().find(|(id, ..)| *id == relative.person.id) {
                Some((_, _, may_attend)) => *may_attend |= relative.relation.may_attend,
                None => family.push((relative.person.id, relative.name(), relative.relation.may_attend)),
            }
        }
    }
    Ok(family)
}

/// Whether everybody of a term is of the family and may do what it says.
fn who_can_see_the_child(family: &[(PersonId, String, bool)], term: &OrderTerm) -> Result<(), ServiceError> {
    for person in &term.with {
        let message = match family.iter().find(|(id, ..)| id == person) {
            None => "Someone selected is not in the child’s family. Select again who the child is to see".to_owned(),
            Some((_, name, false)) if term.mode != Mode::Letterbox => format!(
                "{name} must not attend, by what was verified about them. If this order lets them, change that on the child’s \
                 file first"
            ),
            Some(_) => continue,
        };
        return Err(ServiceError::Invalid(vec![Problem::new("with", message)]));
    }
    Ok(())
}

fn reason(why: &str) -> Result<&str, ServiceError> {
    let why = why.trim();
    if why.is_empty() {
        return Err(ServiceError::Invalid(vec![Problem::new("reason", "Enter why it is changed")]));
    }
    Ok(why)
}
