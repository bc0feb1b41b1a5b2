//! Family members and others the child sees, and how they stand to each child.

use kith_domain::codes::{Entitlement, Relationship, RiskMarker};
use kith_domain::ids::{ChildId, PersonId};
use kith_domain::person::Name;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::entity::{person, relationship};
use crate::{Look, StoreError, Work, row};

/// A person.
#[derive(Clone)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Version of the row.
    pub version: i64,
    /// When it was made, UTC milliseconds.
    pub created_ms: i64,
    /// Who they are.
    pub body: PersonBody,
}

/// Who a person is.
#[derive(Clone, Serialize, Deserialize)]
pub struct PersonBody {
    /// Name and former names.
    pub name: Name,
    /// Phone number.
    pub phone: Option<String>,
    /// Address.
    pub address: Option<String>,
    /// First language.
    pub language: Option<String>,
    /// Whether an interpreter is needed.
    pub interpreter: bool,
}

/// How a person stands to a child.
#[derive(Clone, Serialize, Deserialize)]
pub struct RelationBody {
    /// Relationship.
    pub relationship: Relationship,
    /// Entitlement under s34(1).
    pub entitlement: Entitlement,
    /// Parental responsibility.
    pub parental_responsibility: bool,
    /// Whether they may attend; `false` is "must not attend".
    pub may_attend: bool,
    /// Whether a risk is known.
    pub risk_marker: RiskMarker,
    /// What is known of it.
    pub risk_detail: Option<String>,
}

/// A person as they stand to one child.
#[derive(Clone)]
pub struct Relative {
    /// The person.
    pub person: Person,
    /// To which child.
    pub child: ChildId,
    /// How they stand.
    pub relation: RelationBody,
}

impl Relative {
    /// The person's name.
    pub fn name(&self) -> String {
        self.person.body.name.full()
    }
}

impl Look {
    /// Everybody in a child's family, barred persons too.
    pub async fn family(&self, child: ChildId) -> Result<Vec<Relative>, StoreError> {
        self.families(&[child]).await
    }

    /// Everybody in the families of these children, in two statements; who stands to several of them is there for each.
    pub async fn families(&self, children: &[ChildId]) -> Result<Vec<Relative>, StoreError> {
        let of = relationship::Column::ChildId.is_in(children.iter().map(|child| child.0));
        let links = relationship::Entity::find().filter(of).all(&self.db()).await?;
        let ids: Vec<Uuid> = links.iter().map(|link| link.person_id).collect();
        let people = person::Entity::find().filter(person::Column::Id.is_in(ids)).all(&self.db()).await?;
        let sealed = links.iter().map(|link| &link.sealed).chain(people.iter().map(|person| &person.sealed));
        self.fetch_keys(sealed.map(Vec::as_slice)).await?;
        let mut family = Vec::with_capacity(links.len());
        for link in links {
            let Some(model) = people.iter().find(|person| person.id == link.person_id) else { continue };
            let body = self.open("person", model.id, model.version, &model.sealed).await?;
            let relation = self.open("relationship", link.id, link.version, &link.sealed).await?;
            let person = Person { id: PersonId(model.id), version: model.version, created_ms: model.created_at, body };
            family.push(Relative { person, child: ChildId(link.child_id), relation });
        }
        family.sort_by_key(|relative| (relative.person.created_ms, relative.person.id));
        Ok(family)
    }
}

impl Look {
    /// The files in which any of these people stand, in order of their ids; opens nothing.
    pub async fn children_who_see(&self, people: &[PersonId]) -> Result<Vec<ChildId>, StoreError> {
        let of = relationship::Column::PersonId.is_in(people.iter().map(|id| id.0));
        let found: Vec<Uuid> = relationship::Entity::find()
            .select_only()
            .column(relationship::Column::ChildId)
            .distinct()
            .filter(of)
            .order_by_asc(relationship::Column::ChildId)
            .into_tuple()
            .all(&self.db())
            .await?;
        Ok(found.into_iter().map(ChildId).collect())
    }
}

impl Work {
    /// Puts a person into a child's family. The person's own row belongs to this child's file.
    pub async fn insert_relative(&self, relative: &Relative, relationship_id: Uuid) -> Result<(), StoreError> {
        let (id, child) = (relative.person.id.0, relative.child.0);
        let sealed = self.seal("person", id, 1, &[child], &relative.person.body).await?;
        let model = person::Model { id, version: 1, created_at: relative.person.created_ms, sealed };
        row::insert(&self.db(), model).await?;
        let sealed = self.seal("relationship", relationship_id, 1, &[child], &relative.relation).await?;
        let link = relationship::Model { id: relationship_id, version: 1, child_id: child, person_id: id, sealed };
        row::insert(&self.db(), link).await
    }

    /// Says how a person who is there already stands to another child.
    pub async fn insert_relationship(
        &self,
        child: ChildId,
        person: PersonId,
        relation: &RelationBody,
        relationship_id: Uuid,
    ) -> Result<(), StoreError> {
        let sealed = self.seal("relationship", relationship_id, 1, &[child.0], relation).await?;
        let link =
            relationship::Model { id: relationship_id, version: 1, child_id: child.0, person_id: person.0, sealed };
        row::insert(&self.db(), link).await
    }
}
