//! Brothers and sisters who have files of their own: children who have a parent in common, by the human being.

use std::collections::BTreeMap;

use kith_domain::codes::Relationship;
use kith_domain::ids::{ChildId, PersonId};
use kith_store::{Child, ChildState, Look, Relative};

use crate::policy::Resource;
use crate::{Desk, ServiceError};

/// A parent as a file knows them.
#[derive(Clone)]
pub(super) struct ParentOf {
    /// The human being.
    pub(super) being: PersonId,
    pub(super) relationship: Relationship,
    pub(super) name: String,
}

/// A brother or sister whose file this person may read.
pub(super) struct SiblingFile {
    pub(super) child: Child,
    pub(super) parents: Vec<ParentOf>,
}

pub(super) const fn is_parent(relationship: Relationship) -> bool {
    matches!(relationship, Relationship::Mother | Relationship::Father | Relationship::Parent)
}

/// The parents among a family.
pub(super) fn parents<'a>(family: impl IntoIterator<Item = &'a Relative>) -> Vec<ParentOf> {
    let parents = family.into_iter().filter(|of| is_parent(of.relation.relationship));
    parents
        .map(|of| ParentOf { being: of.person.canonical, relationship: of.relation.relationship, name: of.name() })
        .collect()
}

impl Desk {
    /// The other children with one of the same parents whose files this person may read.
    pub(super) async fn siblings_with_files(
        &self,
        look: &Look,
        child: ChildId,
        family: &[Relative],
    ) -> Result<Vec<SiblingFile>, ServiceError> {
        let beings: Vec<PersonId> = parents(family).iter().map(|of| of.being).collect();
        let rows: Vec<PersonId> = look.rows_of_beings(&beings).await?.into_iter().map(|(_, row)| row).collect();
        let mut ids = look.children_of_persons(&rows).await?;
        ids.retain(|id| *id != child);
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let scopes = look.file_scopes(&ids).await?;
        let may = scopes.iter().filter(|scope| self.permits("file.read", &Resource::File(scope)));
        let ids: Vec<ChildId> = may.map(|scope| scope.child).collect();
        let mut families: BTreeMap<ChildId, Vec<Relative>> = BTreeMap::new();
        for relative in look.families(&ids).await? {
            families.entry(relative.child).or_default().push(relative);
        }
        let mut siblings = Vec::new();
        for child in look.children(&ids).await? {
            let accepted = matches!(child.state, ChildState::Open | ChildState::Closed) && child.body.facts.is_some();
            let parents = parents(families.get(&child.id).into_iter().flatten());
            // Who is parent to one may be an uncle to the other.
            if accepted && parents.iter().any(|of| beings.contains(&of.being)) {
                siblings.push(SiblingFile { child, parents });
            }
        }
        siblings.sort_by_key(|of| of.child.id);
        Ok(siblings)
    }
}
