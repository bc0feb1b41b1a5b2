//! What a session stands on: its children, each by their own plan, and the family who come.

use std::collections::HashMap;

use kith_domain::ids::{ChildId, PersonId};
use kith_domain::plan::Arrangement;
use kith_domain::session::Place;
use kith_store::{Child, Look, Plan, RefusalOfContact, Relative, RiskAssessment, SessionScope};

use crate::policy::Resource;
use crate::risk::valid_assessment;
use crate::{Desk, ServiceError};

/// What a session stands on.
pub(super) struct Footing {
    /// Its children; at least one.
    pub(super) children: Vec<ForChild>,
    /// Who comes of their family: each human being once.
    pub(super) people: Vec<PersonId>,
    /// The human being that each of them is, in however many files.
    beings: HashMap<PersonId, PersonId>,
}

/// What one child of a session brings to it.
pub(super) struct ForChild {
    pub(super) child: Child,
    pub(super) plan: Plan,
    pub(super) line: Arrangement,
    pub(super) family: Vec<Relative>,
    /// Refusals of contact with the child.
    pub(super) refusals: Vec<RefusalOfContact>,
    /// The rows by which this child's file knows those who come.
    known: HashMap<PersonId, PersonId>,
}

/// A person who comes, as the file of one of the children knows them.
pub(super) struct Vetting {
    /// The person.
    pub(super) person: PersonId,
    /// The assessment for this child that is valid on the day.
    pub(super) valid: Option<RiskAssessment>,
}

impl Footing {
    /// Reads it; `people` are those of the lines themselves while nobody was chosen.
    pub(super) async fn load(
        look: &Look,
        places: impl Iterator<Item = &Place>,
        people: Option<Vec<PersonId>>,
    ) -> Result<Footing, ServiceError> {
        let mut children = Vec::new();
        for place in places {
            let plan = look.plan(place.plan).await?;
            let line = plan.body.arrangement(place.arrangement).ok_or(ServiceError::NotFound)?.clone();
            if plan.child != place.child {
                return Err(ServiceError::NotFound);
            }
            let (child, family) = (look.child(place.child).await?, look.family(place.child).await?);
            let refusals = look.refusals_of(place.child).await?;
            children.push(ForChild { child, plan, line, family, refusals, known: HashMap::new() });
        }
        if children.is_empty() {
            return Err(ServiceError::NotFound);
        }
        let named = people.unwrap_or_else(|| children.iter().flat_map(|of| of.line.with.iter().copied()).collect());
        let beings = look.canonical_persons(&named).await?;
        let mut people: Vec<PersonId> = Vec::new();
        for id in named {
            if !people
                .iter()
                .any(|there| *there == id || beings.get(there).is_some_and(|of| beings.get(&id) == Some(of)))
            {
                people.push(id);
            }
        }
        for of in &mut children {
            of.known = look.known_to(of.child.id, &people).await?;
        }
        Ok(Footing { children, people, beings })
    }

    /// The human being that somebody who comes is: who cannot be in two rooms at once.
    pub(super) fn being(&self, id: PersonId) -> PersonId {
        self.beings.get(&id).copied().unwrap_or(id)
    }

    /// The row by which the first of the children who see them knows somebody who comes.
    pub(super) fn seen_by(&self, id: PersonId) -> Option<PersonId> {
        self.children
            .iter()
            .map(|of| of.own(id))
            .zip(&self.children)
            .find_map(|(own, of)| of.line.with.contains(&own).then_some(own))
    }

    /// Whether it is for more than one child, so that it must be said which is meant.
    pub(super) fn several(&self) -> bool {
        self.children.len() > 1
    }

    /// The social workers, each once.
    pub(super) fn social_workers(&self) -> Vec<kith_domain::ids::AccountId> {
        let mut all: Vec<_> = self.children.iter().map(|of| of.child.social_worker).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// A person's name, by the first file that knows them.
    pub(super) fn name(&self, id: PersonId) -> String {
        let found = self.children.iter().find_map(|of| of.relative(id));
        found.map_or_else(|| "A family member".to_owned(), Relative::name)
    }
}

impl ForChild {
    /// The row by which this child's file knows somebody who comes; the same where it does not.
    pub(super) fn own(&self, id: PersonId) -> PersonId {
        self.known.get(&id).copied().unwrap_or(id)
    }

    /// A person as this child's file knows them.
    pub(super) fn relative(&self, id: PersonId) -> Option<&Relative> {
        self.family.iter().find(|of| of.person.id == self.own(id))
    }

    /// Who comes, with the assessments for this child that are valid on a day (a day number), in their order.
    pub(super) async fn vetted(
        &self,
        look: &Look,
        people: &[PersonId],
        day: i64,
    ) -> Result<Vec<Vetting>, ServiceError> {
        let mut all = Vec::with_capacity(people.len());
        for person in people {
            let valid = valid_assessment(look, self.child.id, self.own(*person), day).await?;
            all.push(Vetting { person: *person, valid });
        }
        Ok(all)
    }
}

impl Desk {
    /// Names of children as this person may know them: the whole name where the file is theirs to read, else the first
    /// name. Who runs the session is told every child's.
    pub(crate) async fn names_of_children(
        &self,
        look: &Look,
        ids: &[ChildId],
    ) -> Result<HashMap<ChildId, String>, ServiceError> {
        let scopes = look.file_scopes(ids).await?;
        let may = |id| scopes.iter().any(|of| of.child == id && self.permits("file.read", &Resource::File(of)));
        let name = |child: Child| (child.id, if may(child.id) { child.name() } else { child.first_name() });
        Ok(look.children(ids).await?.into_iter().map(name).collect())
    }

    /// Whether this person may know everything of a child of a session: who runs it, and whose file it is.
    pub(crate) fn knows(&self, scope: &SessionScope, child: ChildId) -> bool {
        let of = scope.files.iter().find(|file| file.child == child);
        scope.supervisors.iter().any(|staff| self.actor().is(*staff))
            || of.is_some_and(|file| self.permits("file.read", &Resource::File(file)))
    }
}
