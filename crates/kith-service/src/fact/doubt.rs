//! What is said of a fact and leaves it as it is: disputed, or restricted; and taking that back.

use kith_domain::calendar;
use kith_domain::catalogue::{Group, Item};
use kith_domain::fact::{
    Channel, Doubt, FactStanding, RaiseDoubt, Source, Statement, Subject, is_of_relationship, may_be_restricted,
};
use kith_domain::form::Fields;
use kith_domain::ids::StatementId;
use kith_domain::notice::NoticeKind;
use kith_store::Work;
use uuid::Uuid;

use super::{OfGroup, Whose, known};
use crate::file::child_in_contact;
use crate::policy::Resource;
use crate::{Desk, ServiceError};

/// Something that is said of a fact that stands.
pub struct Doubted {
    /// The statement.
    pub id: StatementId,
    /// Which of the two.
    pub doubt: Doubt,
    /// Who says so, when and why.
    pub words: String,
    /// Whether this person may take it back.
    pub may_lift: bool,
}

impl Desk {
    /// Says of an item of a group that it is disputed, or that its use is restricted from now on: then it is shown to
    /// nobody who works with the file. `id` is made with the form: sent twice it is said once.
    ///
    /// Disputes are written down by who may change the file; use is restricted by a manager of the area.
    pub async fn raise_doubt(
        &self,
        whose: Whose,
        item: &'static Item,
        id: StatementId,
        command: &RaiseDoubt,
    ) -> Result<(), ServiceError> {
        self.may_doubt(whose, item, command.doubt).await?;
        self.change("file.doubted", |work| async move {
            child_in_contact(&work, whose.child).await?;
            if self.put_doubt(&work, whose, item, id, command).await? && command.doubt == Doubt::Restricted {
                self.tell_who_works_with(&work, whose.child, NoticeKind::FileRestricted, whose.child.0).await?;
            }
            Ok(())
        })
        .await
    }

    /// The same in a change of which it is a part, and which is allowed already; whether it was not there before.
    pub(crate) async fn put_doubt(
        &self,
        work: &Work,
        whose: Whose,
        item: &'static Item,
        id: StatementId,
        command: &RaiseDoubt,
    ) -> Result<bool, ServiceError> {
        if command.doubt == Doubt::Restricted {
            may_be_restricted(item)?;
        }
        let of = of_group(work, whose, group_of(whose, item)?).await?;
        if of.statements.iter().any(|said| said.id == id) {
            work.changed("child", whose.child.0, 0);
            return Ok(false);
        }
        let mut values = Fields::default();
        for field in item.fields().iter().filter(|field| of.stands(field)) {
            values.set(*field, "");
        }
        if values.names().next().is_none() {
            return Err(ServiceError::rule(
                "fact.nothing_stands",
                "Nothing is said of this, so nothing can be doubted",
            ));
        }
        let said = Statement {
            said_by: command.by.clone(),
            note: Some(command.why.clone()),
            standing: command.doubt.standing(),
            ..self.beside(whose, item, id, values)?
        };
        work.add_statement(&said).await?;
        self.tell_of_wrong(work, whose.child, &[said.id]).await?;
        Ok(true)
    }

    /// Takes back that an item is disputed or restricted, with why: what was said stays readable. Done twice it is done
    /// once.
    pub async fn lift_doubt(
        &self,
        whose: Whose,
        item: &'static Item,
        of: StatementId,
        why: &str,
    ) -> Result<(), ServiceError> {
        // Which of the two it is, is not known before it is read.
        self.may_doubt(whose, item, Doubt::Disputed).await?;
        self.change("file.doubt_lifted", |work| async move {
            child_in_contact(&work, whose.child).await?;
            let there = of_group(&work, whose, group_of(whose, item)?).await?;
            let Some(said) = there.statements.iter().find(|said| said.id == of) else {
                return Err(ServiceError::NotFound);
            };
            match said.standing {
                FactStanding::Disputed => {}
                FactStanding::Restricted if self.may_restrict(&work, whose).await? => {}
                _ => return Err(ServiceError::NotFound),
            }
            self.take_doubt_back(&work, whose, item, &there, said, why).await
        })
        .await
    }

    /// Takes back that the use of an item is restricted, in a change of which it is a part, and which is allowed already.
    pub(crate) async fn use_again(
        &self,
        work: &Work,
        whose: Whose,
        item: &'static Item,
        of: StatementId,
        why: &str,
    ) -> Result<(), ServiceError> {
        let there = of_group(work, whose, group_of(whose, item)?).await?;
        let said = there.statements.iter().find(|said| said.id == of && said.standing == FactStanding::Restricted);
        self.take_doubt_back(work, whose, item, &there, said.ok_or(ServiceError::NotFound)?, why).await
    }

    async fn take_doubt_back(
        &self,
        work: &Work,
        whose: Whose,
        item: &'static Item,
        there: &OfGroup,
        said: &Statement,
        why: &str,
    ) -> Result<(), ServiceError> {
        if there.statements.iter().any(|other| other.takes_back == Some(said.id)) {
            work.changed("child", whose.child.0, 0);
            return Ok(());
        }
        let back = Statement {
            note: Some(why.to_owned()),
            takes_back: Some(said.id),
            subject: said.subject,
            ..self.beside(whose, item, StatementId(Uuid::now_v7()), Fields::default())?
        };
        Ok(work.add_statement(&back).await?)
    }

    async fn may_doubt(&self, whose: Whose, item: &Item, doubt: Doubt) -> Result<(), ServiceError> {
        let action = if doubt == Doubt::Restricted { "file.restrict" } else { "file.change" };
        self.allow_file(action, whose.child).await?;
        group_of(whose, item).map(drop)
    }

    async fn may_restrict(&self, work: &Work, whose: Whose) -> Result<bool, ServiceError> {
        let scope = work.file_scope(whose.child).await?;
        Ok(scope.is_some_and(|scope| self.permits("file.restrict", &Resource::File(&scope))))
    }

    /// A statement beside a fact, by whoever acts, now.
    fn beside(&self, whose: Whose, item: &Item, id: StatementId, values: Fields) -> Result<Statement, ServiceError> {
        let subject = match whose.person {
            None => Subject::Child { child: whose.child },
            Some(person) if is_of_relationship(item.code) => Subject::Relationship { child: whose.child, person },
            Some(person) => Subject::Person { person },
        };
        Ok(Statement {
            id,
            subject,
            recorded_ms: self.now_ms(),
            by: self.me()?,
            source: Source::Told { channel: Channel::Staff },
            said_by: String::new(),
            since: Some(calendar::in_london(self.now_ms()).date()),
            standing: FactStanding::Said,
            values,
            note: None,
            takes_back: None,
        })
    }
}

/// The group in which an item is changed. [`ServiceError::NotFound`] of one that is not said of such a one.
fn group_of(whose: Whose, item: &Item) -> Result<Group, ServiceError> {
    let group = item.group().filter(|group| group.is_of_family() == whose.person.is_some());
    group.ok_or(ServiceError::NotFound)
}

/// What was said of a group, of somebody who is on the file.
async fn of_group(work: &Work, whose: Whose, group: Group) -> Result<OfGroup, ServiceError> {
    if let Some(person) = whose.person {
        known(&work.family(whose.child).await?, person)?;
    }
    OfGroup::load(work, whose, group).await
}
