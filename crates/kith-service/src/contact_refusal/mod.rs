//! Refusing contact for at most seven days (Children Act 1989 s34(6)): written down, told in writing, ended; who and what it
//! stands in the way of (handbook section 7).

mod letter;
#[cfg(test)]
mod tests;
mod write;

use jiff::civil::Date;
use kith_domain::calendar;
use kith_domain::codes::Entitlement;
use kith_domain::contact_refusal::{Recipient, RefusalState};
use kith_domain::ids::{ChildId, ContactRefusalId, OrderId, PersonId};
use kith_store::{Look, RefusalOfContact, Relative, Session};

pub use write::RefuseContact;
pub(crate) use write::refused_on;

use crate::flag::{is_to_come, sessions_with};
use crate::policy::Resource;
use crate::{Desk, ServiceError};

/// A refusal of contact with what a page needs beside it. No Debug: it names people.
pub struct RefusalView {
    /// The refusal.
    pub refusal: RefusalOfContact,
    /// The child's name.
    pub child: String,
    /// Who is refused contact, as they stand to the child.
    pub relative: Relative,
    /// Who wrote it down.
    pub author: String,
    /// Today.
    pub today: Date,
    /// The sessions with the person in its days that are still to come.
    pub sessions: Vec<Session>,
    /// The orders on the file, the newest first: one of them may be the one under s34(4).
    pub orders: Vec<(OrderId, String)>,
    /// Whether this person may write down notices and how it ended.
    pub may_change: bool,
}

impl RefusalView {
    /// Whether it is still open what comes of it.
    pub fn is_running(&self) -> bool {
        self.refusal.state == RefusalState::Running
    }

    /// The notices that can be printed: to the person, and to a child who is told in writing.
    pub fn papers(&self) -> Vec<Recipient> {
        let child = self.refusal.body.refused.for_the_child.is_some();
        [Some(Recipient::Person), child.then_some(Recipient::Child)].into_iter().flatten().collect()
    }
}

/// A refusal of contact in a list. No Debug: it names people.
pub struct RefusalLine {
    /// The refusal.
    pub refusal: RefusalOfContact,
    /// Who is refused contact.
    pub name: String,
}

/// What the form of a new refusal begins with. No Debug: it names people.
pub struct NewRefusal {
    /// The child's name.
    pub child: String,
    /// The child's age in whole years.
    pub age: Option<i16>,
    /// Who can be refused contact: entitled under s34(1), or named in an order that stands; with why.
    pub entitled: Vec<(PersonId, String)>,
    /// Refusals that there were, the newest first.
    pub earlier: Vec<RefusalLine>,
}

impl Desk {
    /// One refusal of contact.
    pub async fn contact_refusal(&self, id: ContactRefusalId) -> Result<RefusalView, ServiceError> {
        let child = self.look().child_of_refusal(id).await?;
        let (look, scope) = self.look_into_file_of("file.read", id.0, child).await?;
        let refusal = look.contact_refusal(id).await?;
        let refused = &refusal.body.refused;
        let child = look.child(refusal.child).await?;
        let family = look.family(refusal.child).await?;
        let from = calendar::day_number(self.service.today()).max(calendar::day_number(refused.began));
        let mut sessions = sessions_with(&look, refusal.child, &[refused.person], from).await?;
        sessions.retain(|session| refused.covers(session.slot.day) && is_to_come(session, self.now_ms()));
        let orders = look.orders_of(refusal.child).await?;
        look.done("refusal.read", self.now_ms()).await?;
        let relative = family.into_iter().find(|of| of.person.id == refused.person).ok_or(ServiceError::NotFound)?;
        let words = |of: &kith_store::ContactOrder| {
            let facts = &of.body.order.facts;
            (of.id, format!("{}, {}, {}", facts.court, facts.case_number, calendar::long_date(facts.made_on)))
        };
        Ok(RefusalView {
            child: child.name(),
            relative,
            author: self.service.name_of(refusal.author),
            today: self.service.today(),
            sessions,
            orders: orders.iter().map(words).collect(),
            may_change: self.permits("file.change", &Resource::File(&scope)),
            refusal,
        })
    }

    /// What the form of a new refusal begins with.
    pub async fn new_refusal(&self, child: ChildId) -> Result<NewRefusal, ServiceError> {
        self.allow_file("file.change", child).await?;
        let look = self.look();
        let of = look.child(child).await?;
        let family = look.family(child).await?;
        let entitled = self.can_be_refused(&look, child, &family).await?;
        let earlier = look.refusals_of(child).await?;
        look.done("refusal.begun", self.now_ms()).await?;
        let today = self.service.today();
        let age = of.body.facts.as_ref().map(|facts| facts.birth.age_on(today));
        Ok(NewRefusal { child: of.name(), age, entitled, earlier: lines(earlier, &family) })
    }

    /// Who can be refused contact by s34(6): who may attend and is entitled under s34(1), or is named in an order that stands.
    async fn can_be_refused(
        &self,
        look: &Look,
        child: ChildId,
        family: &[Relative],
    ) -> Result<Vec<(PersonId, String)>, ServiceError> {
        let today = self.service.today();
        let orders = look.orders_of(child).await?;
        let standing = |of: &&kith_store::ContactOrder| of.body.order.stands_on(today);
        let named: Vec<PersonId> = orders
            .iter()
            .filter(standing)
            .flat_map(|of| of.body.order.terms.iter().flat_map(|term| term.with.iter().copied()))
            .collect();
        let why = |of: &Relative| {
            let (entitlement, by_order) = (of.relation.entitlement, named.contains(&of.person.id));
            let name = of.name();
            match (entitlement, by_order) {
                (Entitlement::None, false) => None,
                (Entitlement::None, true) => Some(format!("{name}, named in an order about contact")),
                (entitlement, _) => Some(format!("{name}, {}", kith_domain::form::lower_first(entitlement.label()))),
            }
        };
        let who = family.iter().filter(|of| of.relation.may_attend);
        Ok(who.filter_map(|of| Some((of.person.id, why(of)?))).collect())
    }
}

/// Refusals with the names of those who are refused contact.
pub(crate) fn lines(refusals: Vec<RefusalOfContact>, family: &[Relative]) -> Vec<RefusalLine> {
    let name = |id: PersonId| family.iter().find(|of| of.person.id == id).map(Relative::name).unwrap_or_default();
    let line = |refusal: RefusalOfContact| RefusalLine { name: name(refusal.body.refused.person), refusal };
    refusals.into_iter().map(line).collect()
}
