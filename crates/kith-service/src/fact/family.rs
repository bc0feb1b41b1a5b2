//! Somebody who comes into a child's family or contact after acceptance, and somebody who leaves it.

use kith_domain::calendar;
use kith_domain::fact::{AddMember, EndMember, RELATION_ENDED, Told, since_problem};
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, PersonId, StatementId};
use kith_domain::notice::NoticeKind;
use kith_domain::risk::VoidReason;
use kith_store::{Child, Relative};
use uuid::Uuid;

use super::{Saved, Whose, known};
use crate::file::child_in_contact;
use crate::flag::{is_to_come, sessions_with};
use crate::risk::{Bears, voidable};
use crate::{Desk, ServiceError};
use kith_domain::words::in_words;

/// Whose family somebody is to be added to, with what a page needs beside it.
pub struct NewMember {
    /// The child.
    pub child: Child,
    /// How many assessments another adult would void: all that are not over.
    pub assessments: usize,
}

impl Desk {
    /// The child whose family somebody is to be added to.
    pub async fn new_member(&self, child: ChildId) -> Result<NewMember, ServiceError> {
        self.allow_file("file.change", child).await?;
        let look = self.look();
        let of = child_in_contact(&look, child).await?;
        let assessments = voidable(&look, Bears { child, person: None }).await?.len();
        look.done("file.facts", self.now_ms()).await?;
        Ok(NewMember { child: of, assessments })
    }

    /// Puts somebody into a child's family. `person` is made with the form: sent twice it is one person. Somebody who may
    /// attend voids every assessment of the child (handbook section 6: "a new adult").
    pub async fn add_member(
        &self,
        child: ChildId,
        person: PersonId,
        command: &AddMember,
    ) -> Result<Saved, ServiceError> {
        self.allow_file("file.change", child).await?;
        self.change("file.member_added", |work| async move {
            let of = child_in_contact(&work, child).await?;
            let family = work.family(child).await?;
            if known(&family, person).is_ok() {
                work.changed("child", child.0, of.version);
                return Ok(Saved::default());
            }
            if !work.canonical_persons(&[person]).await?.is_empty() || work.is_held(ChildId(person.0)).await? {
                // No browser of ours makes the id of somebody who is held already.
                return Err(ServiceError::NotFound);
            }
            let AddMember { values, told } = command;
            self.not_before_birth(told, &of)?;
            work.add_relative(child, person, self.now_ms()).await?;
            let whose = Whose { child, person: Some(person) };
            self.say(&work, whose, StatementId(Uuid::now_v7()), told, values).await?;
            // Looked for a moment later, by Kith itself: how long this takes says nothing of who is known elsewhere.
            self.remind(&work, NoticeKind::MemberElsewhere, person.0, child, self.now_ms()).await?;
            let mut saved = Saved::default();
            if values.get("may_attend") == "yes" {
                saved.voided = self.void_for(&work, Bears { child, person: None }, VoidReason::NewAdult).await?;
            }
            Ok(saved)
        })
        .await
    }

    /// Ends that somebody belongs to a child's family or contact: they stay on the file with their past, and may not
    /// attend. Refused while they are expected at a session.
    pub async fn end_member(&self, child: ChildId, person: PersonId, command: &EndMember) -> Result<(), ServiceError> {
        self.allow_file("file.change", child).await?;
        self.change("file.member_ended", |work| async move {
            let of = child_in_contact(&work, child).await?;
            let family = work.family(child).await?;
            let relative = known(&family, person)?;
            if relative.relation.ended {
                work.changed("child", child.0, of.version);
                return Ok(());
            }
            let told = &command.told;
            self.not_before_birth(told, &of)?;
            self.is_expected_nowhere(&work, child, relative).await?;
            let ended: Fields = [(RELATION_ENDED, told.since.to_string())].into_iter().collect();
            let whose = Whose { child, person: Some(person) };
            self.say(&work, whose, StatementId(Uuid::now_v7()), told, &ended).await
        })
        .await
    }

    /// Refuses what is said to be so from before the child's birth, or of the time to come, as things stand now.
    fn not_before_birth(&self, told: &Told, child: &Child) -> Result<(), ServiceError> {
        let born = child.body.facts.as_ref().map(|facts| facts.birth);
        match since_problem("told_since", told.since, born, self.service.today()) {
            Some(problem) => Err(ServiceError::Invalid(vec![problem])),
            None => Ok(()),
        }
    }

    /// Refuses while somebody is expected at a session of the child that is still to come, with when that is.
    pub(crate) async fn is_expected_nowhere(
        &self,
        look: &kith_store::Look,
        child: ChildId,
        relative: &Relative,
    ) -> Result<(), ServiceError> {
        let today = calendar::day_number(self.service.today());
        let sessions = sessions_with(look, child, &[relative.person.id], today).await?;
        let coming = sessions.iter().filter(|session| is_to_come(session, self.now_ms()));
        let when: Vec<String> = coming.map(|session| session.slot.label()).collect();
        if when.is_empty() {
            return Ok(());
        }
        Err(ServiceError::rule(
            "family.expected",
            format!(
                "{} is expected at a session that is booked: {}. Cancel it or change who comes, then do this again. \
                 Nothing was changed",
                relative.name(),
                in_words(&when)
            ),
        ))
    }
}
