//! A change of facts: the old value is kept, and what the change endangers is void at once.

use kith_domain::calendar;
use kith_domain::catalogue::Group;
use kith_domain::fact::{
    BearsOn, ChangeFacts, Endangers, FactStanding, Source, Statement, Subject, Told, changed, endangers,
    is_of_relationship, since_problem, unsettled,
};
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, PersonId, StatementId};
use kith_domain::retention::wrong_life;
use kith_domain::risk::VoidReason;
use kith_domain::session::Flag;
use kith_store::Work;
use uuid::Uuid;

use super::{OfGroup, Whose, born, known};
use crate::file::child_in_contact;
use crate::risk::{Bears, Voided};
use crate::{Desk, ServiceError};

/// What a change did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// What it voided.
    pub voided: Voided,
}

/// Of which person the assessments are that something bears on; `None` for those of everybody.
pub(super) fn bears(by: Endangers, person: Option<PersonId>) -> Option<PersonId> {
    match by.bears_on {
        BearsOn::Everybody => None,
        BearsOn::ThePerson => person,
    }
}

impl Desk {
    /// Changes a group of facts over the version that was shown. `id` is made with the form: sent twice it is one change.
    ///
    /// [`ServiceError::Conflict`] when somebody else changed the group meanwhile: with what they saved.
    pub async fn change_facts(
        &self,
        whose: Whose,
        id: StatementId,
        version: i64,
        command: &ChangeFacts,
    ) -> Result<Saved, ServiceError> {
        self.allow_file("file.change", whose.child).await?;
        let group = command.group;
        if group.is_of_family() != whose.person.is_some() {
            return Err(ServiceError::NotFound);
        }
        let today = self.service.today();
        self.change("file.changed", |work| async move {
            let child = child_in_contact(&work, whose.child).await?;
            let family = work.family(whose.child).await?;
            let relative = whose.person.map(|person| known(&family, person)).transpose()?;
            let of = OfGroup::load(&work, whose, group).await?;
            if of.statements.iter().any(|said| said.id == id) {
                work.changed("child", whose.child.0, child.version);
                return Ok(Saved::default());
            }
            let before = of.values();
            if of.version() != version {
                return Err(ServiceError::Conflict { theirs: Box::new(unsettled(&before)), version: of.version() });
            }
            // The birth may have been corrected since the form was read.
            if let Some(problem) = since_problem("told_since", command.told.since, born(&child, relative, group), today)
            {
                return Err(ServiceError::Invalid(vec![problem]));
            }
            let said = changed(&before, &command.values);
            if said.is_blank() && said.names().next().is_none() {
                return Err(ServiceError::rule(
                    "fact.nothing_different",
                    "Nothing is different from what the file says already",
                ));
            }
            self.say(&work, whose, id, &command.told, &said).await?;
            if matches!(group, Group::Identity | Group::Death | Group::Legal) {
                self.follow_life(&work, whose.child, group).await?;
            }
            self.follow(&work, whose, group, &before, &command.values).await
        })
        .await
    }

    /// Adds what was said of a child, or of a member of the family.
    pub(super) async fn say(
        &self,
        work: &Work,
        whose: Whose,
        id: StatementId,
        told: &Told,
        said: &Fields,
    ) -> Result<(), ServiceError> {
        let of = |subject, id, values| self.said(subject, id, told, values);
        let statements = match whose.person {
            None => vec![of(Subject::Child { child: whose.child }, id, said.clone())?],
            Some(person) => {
                let of_person = said.only(|name| !is_of_relationship(name));
                let of_relation = said.only(is_of_relationship);
                let subjects = [
                    (Subject::Person { person }, of_person),
                    (Subject::Relationship { child: whose.child, person }, of_relation),
                ];
                let mut ids = [id].into_iter();
                let mut statements = Vec::new();
                for (subject, values) in subjects {
                    if values.names().next().is_some() {
                        let id = ids.next().unwrap_or_else(|| StatementId(Uuid::now_v7()));
                        statements.push(of(subject, id, values)?);
                    }
                }
                statements
            }
        };
        work.add_statements(&statements).await?;
        let said: Vec<StatementId> = statements.iter().map(|said| said.id).collect();
        self.tell_of_wrong(work, whose.child, &said).await
    }

    fn said(&self, subject: Subject, id: StatementId, told: &Told, values: Fields) -> Result<Statement, ServiceError> {
        Ok(Statement {
            id,
            subject,
            recorded_ms: self.now_ms(),
            by: self.me()?,
            source: Source::Told { channel: told.how },
            said_by: told.by.clone(),
            since: Some(told.since),
            standing: FactStanding::Said,
            values,
            note: told.note.clone(),
            takes_back: None,
        })
    }

    /// A birth and a death fit each other, whichever was said last; and who is on a list to be destroyed and has another date now is
    /// taken off.
    async fn follow_life(&self, work: &Work, child: ChildId, group: Group) -> Result<(), ServiceError> {
        let values = work.child(child).await?.body.known.values;
        if let Some(wrong) = wrong_life(&values) {
            let field = if group == Group::Death { "died-day" } else { "dob-day" };
            let message = wrong.message();
            return Err(ServiceError::field(field, kith_domain::form::upper_first(message)));
        }
        self.hold_back_if_moved(work, child).await
    }

    /// What follows from a change at once, in its transaction.
    async fn follow(
        &self,
        work: &Work,
        whose: Whose,
        group: Group,
        before: &Fields,
        after: &Fields,
    ) -> Result<Saved, ServiceError> {
        let mut saved = Saved::default();
        if let Some(by) = endangers(group).filter(|by| by.by(before, after)) {
            let bears_on = Bears { child: whose.child, person: bears(by, whose.person) };
            saved.voided = self.void_for(work, bears_on, by.reason).await?;
            if let Some(person) = bears_on.person {
                self.void_elsewhere(work, whose.child, person).await?;
            }
        }
        if let Some(person) = whose.person
            && before.get("may_attend") != "no"
            && after.get("may_attend") == "no"
            && group == Group::Attendance
        {
            saved.voided.flagged += self.must_not_attend(work, whose.child, person).await?;
        }
        Ok(saved)
    }

    /// Flags what is booked with somebody who must not attend any more; and what is known of them in one file is weighed
    /// again in every other.
    async fn must_not_attend(&self, work: &Work, child: ChildId, person: PersonId) -> Result<usize, ServiceError> {
        let today = calendar::day_number(self.service.today());
        let flagged = self.flag_for_people(work, child, &[person], today..=i64::MAX, Flag::MustNotAttend).await?;
        self.void_elsewhere(work, child, person).await?;
        Ok(flagged)
    }

    /// What is newly known of the risk from somebody in one file voids the assessments of them in every other file; what is
    /// booked with somebody who must not attend in one is marked in every other, whether they were assessed or not.
    pub(crate) async fn void_elsewhere(
        &self,
        work: &Work,
        child: ChildId,
        person: PersonId,
    ) -> Result<(), ServiceError> {
        let today = calendar::day_number(self.service.today());
        let barred = work.relation(child, person).await?.is_barred();
        let rows = work.persons_of(person).await?;
        for (other, row) in work.stand_to(&rows).await? {
            if other != child {
                self.void_for(work, Bears { child: other, person: Some(row) }, VoidReason::NewRisk).await?;
                if barred {
                    self.flag_for_people(work, other, &[row], today..=i64::MAX, Flag::BarredElsewhere).await?;
                }
            }
        }
        Ok(())
    }
}
