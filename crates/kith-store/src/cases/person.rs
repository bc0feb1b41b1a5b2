//! Family members and others the child sees, and how they stand to each child.

use std::collections::HashMap;

use kith_domain::catalogue::SaidOf;
use kith_domain::codes::{Entitlement, Relationship, RiskMarker, YesNo};
use kith_domain::fact::{Known, RELATION_ENDED};
use kith_domain::ids::{ChildId, PersonId};
use kith_domain::person::Name;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Child;
use crate::entity::{person, relationship};
use crate::{Look, StoreError, Work, row, unless_destroyed};

/// A person.
#[derive(Clone)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Version of the row.
    pub version: i64,
    /// The id of the human being: the same for rows that were linked.
    pub canonical: PersonId,
    /// When it was made, UTC milliseconds.
    pub created_ms: i64,
    /// Who they are.
    pub body: PersonBody,
}

impl Person {
    /// The person's name.
    pub fn name(&self) -> String {
        self.body.name.full()
    }
}

/// Who a person is, as it stands now.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "Known", into = "Known")]
pub struct PersonBody {
    /// Values by code of the item, and what is in doubt.
    pub known: Known,
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

impl From<Known> for PersonBody {
    fn from(known: Known) -> Self {
        let values = &known.values;
        let text = |item: &str| Some(values.get(item).to_owned()).filter(|text| !text.is_empty());
        let nobody = Name { given: String::new(), family: String::new(), former: Vec::new() };
        let name = Name::of(values).unwrap_or(nobody);
        Self {
            name,
            phone: text("phone"),
            address: text("address"),
            language: text("language"),
            interpreter: values.has("interpreter", "yes"),
            known,
        }
    }
}

impl From<PersonBody> for Known {
    fn from(body: PersonBody) -> Known {
        body.known
    }
}

/// How a person stands to a child now. What nobody said is what lets least happen.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "Known", into = "Known")]
pub struct RelationBody {
    /// Values by code of the item, and what is in doubt.
    pub known: Known,
    /// Relationship.
    pub relationship: Relationship,
    /// Entitlement under s34(1).
    pub entitlement: Entitlement,
    /// Parental responsibility.
    pub parental_responsibility: bool,
    /// Whether they may attend; `false` is "must not attend", or that they belong to the family no more.
    pub may_attend: bool,
    /// Whether they belong to the family or contact no more.
    pub ended: bool,
    /// Whether a risk is known.
    pub risk_marker: RiskMarker,
    /// What is known of it.
    pub risk_detail: Option<String>,
}

impl From<Known> for RelationBody {
    fn from(known: Known) -> Self {
        let values = &known.values;
        let yes = |item: &str| YesNo::from_code(values.get(item)).is_some_and(YesNo::is_yes);
        let ended = !values.get(RELATION_ENDED).is_empty();
        let marker = RiskMarker::from_code(values.get("risk_marker")).unwrap_or(RiskMarker::NoneKnown);
        Self {
            relationship: Relationship::from_code(values.get("relationship")).unwrap_or(Relationship::OtherFamily),
            entitlement: Entitlement::of(values),
            parental_responsibility: yes("parental_responsibility"),
            may_attend: yes("may_attend") && !ended,
            ended,
            risk_marker: marker,
            risk_detail: Some(values.get("risk_detail").to_owned())
                .filter(|detail| marker != RiskMarker::NoneKnown && !detail.is_empty()),
            known,
        }
    }
}

impl RelationBody {
    /// Whether they belong to the family or contact and must not attend.
    pub fn is_barred(&self) -> bool {
        !self.may_attend && !self.ended
    }

    /// Whether a risk from them is known, now or in the past.
    pub fn is_risk(&self) -> bool {
        self.risk_marker != RiskMarker::NoneKnown
    }
}

impl From<RelationBody> for Known {
    fn from(body: RelationBody) -> Known {
        body.known
    }
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

/// The names of the family by the ids of their rows, for values that name somebody. No Debug: it is personal.
#[derive(Clone, Default)]
pub struct Names(std::collections::BTreeMap<String, String>);

impl Names {
    /// Of these people.
    pub fn of(family: &[Relative]) -> Names {
        Names(family.iter().map(|relative| (relative.person.id.to_string(), relative.name())).collect())
    }

    /// The name of the one with this id.
    pub fn name(&self, id: &str) -> String {
        self.0.get(id).cloned().unwrap_or_else(|| "somebody who is in the family no more".to_owned())
    }

    /// Id and name of each.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(id, name)| (id.as_str(), name.as_str()))
    }
}

/// What was accepted although nobody knew whether it is so, in words; empty when nothing was.
pub fn not_verified(child: &Child, family: &[Relative]) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut add = |text: String| {
        if !words.contains(&text) {
            words.push(text);
        }
    };
    for item in &child.body.known.not_known {
        add(kith_domain::verification::title_of_item(item).to_owned());
    }
    for relative in family {
        let person = relative.person.body.known.not_known.iter().map(|_| "who they are, and may they attend");
        let relation = relative
            .relation
            .known
            .not_known
            .iter()
            .map(|item| if item.starts_with("risk") { "risk" } else { "who they are, and may they attend" });
        for what in person.chain(relation) {
            add(format!("{}: {what}", relative.name()));
        }
    }
    words.join("; ")
}

impl Look {
    /// Everybody who is or was in a child's family, barred persons too; see [`RelationBody::ended`].
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
            // Of several children one's file may have ended.
            let Some(relation) = unless_destroyed(self.open(&link).await)? else { continue };
            let relation = self.covered(SaidOf::Family, relation);
            let child = ChildId(link.child_id);
            family.push(Relative { person: self.person_of(model).await?, child, relation });
        }
        family.sort_by_key(|relative| (relative.person.created_ms, relative.person.id));
        Ok(family)
    }

    /// How a person stands to a child. [`StoreError::NotFound`] if they are nobody of the child's.
    pub async fn relation(&self, child: ChildId, person: PersonId) -> Result<RelationBody, StoreError> {
        let of = relationship::Entity::find()
            .filter(relationship::Column::ChildId.eq(child.0))
            .filter(relationship::Column::PersonId.eq(person.0));
        let model = of.one(&self.db()).await?.ok_or(StoreError::NotFound)?;
        let relation = self.open(&model).await?;
        Ok(self.covered(SaidOf::Family, relation))
    }

    /// A person. [`StoreError::NotFound`] if there is none of that id.
    pub async fn person(&self, id: PersonId) -> Result<Person, StoreError> {
        let model = person::Entity::find_by_id(id.0).one(&self.db()).await?.ok_or(StoreError::NotFound)?;
        self.person_of(&model).await
    }

    /// These people, in any order, without those of whom every file was destroyed: one statement.
    pub async fn people(&self, ids: &[PersonId]) -> Result<Vec<Person>, StoreError> {
        let of = person::Column::Id.is_in(ids.iter().map(|id| id.0));
        let models = person::Entity::find().filter(of).all(&self.db()).await?;
        self.fetch_keys(models.iter().map(|model| model.sealed.as_slice())).await?;
        let mut people = Vec::with_capacity(models.len());
        for model in &models {
            people.extend(unless_destroyed(self.person_of(model).await)?);
        }
        Ok(people)
    }

    async fn person_of(&self, model: &person::Model) -> Result<Person, StoreError> {
        let body = self.open(model).await?;
        let body = self.covered(SaidOf::Family, body);
        Ok(Person {
            id: PersonId(model.id),
            version: model.version,
            canonical: PersonId(model.canonical_id),
            created_ms: model.created_at,
            body,
        })
    }

    /// The id of the human being for each of these; rows that were never linked have their own.
    pub async fn canonical_persons(&self, ids: &[PersonId]) -> Result<HashMap<PersonId, PersonId>, StoreError> {
        let found: Vec<(Uuid, Uuid)> = person::Entity::find()
            .select_only()
            .columns([person::Column::Id, person::Column::CanonicalId])
            .filter(person::Column::Id.is_in(ids.iter().map(|id| id.0)))
            .into_tuple()
            .all(&self.db())
            .await?;
        Ok(found.into_iter().map(|(id, canonical)| (PersonId(id), PersonId(canonical))).collect())
    }

    /// Every row of the human being that this one is of, itself too; empty if there is none of that id.
    pub async fn persons_of(&self, id: PersonId) -> Result<Vec<PersonId>, StoreError> {
        let Some(canonical) = self.canonical_persons(&[id]).await?.remove(&id) else { return Ok(Vec::new()) };
        let found: Vec<Uuid> = person::Entity::find()
            .select_only()
            .column(person::Column::Id)
            .filter(person::Column::CanonicalId.eq(canonical.0))
            .into_tuple()
            .all(&self.db())
            .await?;
        let mut ids: Vec<PersonId> = found.into_iter().map(PersonId).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// Every row of these human beings, by their canonical ids: human being and row; opens nothing.
    pub async fn rows_of_beings(&self, beings: &[PersonId]) -> Result<Vec<(PersonId, PersonId)>, StoreError> {
        let found: Vec<(Uuid, Uuid)> = person::Entity::find()
            .select_only()
            .columns([person::Column::CanonicalId, person::Column::Id])
            .filter(person::Column::CanonicalId.is_in(beings.iter().map(|id| id.0)))
            .order_by_asc(person::Column::Id)
            .into_tuple()
            .all(&self.db())
            .await?;
        Ok(found.into_iter().map(|(being, row)| (PersonId(being), PersonId(row))).collect())
    }

    /// The rows by which a child's file knows these human beings; who is nobody of the file is not among them.
    pub async fn known_to(&self, child: ChildId, ids: &[PersonId]) -> Result<HashMap<PersonId, PersonId>, StoreError> {
        let own: Vec<Uuid> = relationship::Entity::find()
            .select_only()
            .column(relationship::Column::PersonId)
            .filter(relationship::Column::ChildId.eq(child.0))
            .into_tuple()
            .all(&self.db())
            .await?;
        let own: Vec<PersonId> = own.into_iter().map(PersonId).collect();
        let all: Vec<PersonId> = own.iter().chain(ids).copied().collect();
        let beings = self.canonical_persons(&all).await?;
        let known = |id: &PersonId| {
            let of_being = || own.iter().find(|row| beings.get(row) == beings.get(id) && beings.contains_key(id));
            let row = own.iter().find(|row| *row == id).or_else(of_being)?;
            Some((*id, *row))
        };
        Ok(ids.iter().filter_map(known).collect())
    }

    /// The children these persons stand to, or stood to, in order of their ids; opens nothing.
    pub async fn children_of_persons(&self, ids: &[PersonId]) -> Result<Vec<ChildId>, StoreError> {
        let of = relationship::Column::PersonId.is_in(ids.iter().map(|id| id.0));
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

    /// To which children these persons stand, or stood: child and person, in order of their ids; opens nothing.
    pub async fn stand_to(&self, ids: &[PersonId]) -> Result<Vec<(ChildId, PersonId)>, StoreError> {
        let found: Vec<(Uuid, Uuid)> = relationship::Entity::find()
            .select_only()
            .columns([relationship::Column::ChildId, relationship::Column::PersonId])
            .filter(relationship::Column::PersonId.is_in(ids.iter().map(|id| id.0)))
            .order_by_asc(relationship::Column::ChildId)
            .order_by_asc(relationship::Column::PersonId)
            .into_tuple()
            .all(&self.db())
            .await?;
        Ok(found.into_iter().map(|(child, person)| (ChildId(child), PersonId(person))).collect())
    }
}

impl Work {
    /// Puts a person into a child's family, of whom nothing is said yet: a new row, or one that stands to another child
    /// already. What is said of them comes by [`Work::add_statements`].
    ///
    /// [`StoreError::Duplicate`] if they are in this family already.
    pub async fn add_relative(&self, child: ChildId, person: PersonId, created_ms: i64) -> Result<(), StoreError> {
        let id = person.0;
        let there = person::Entity::find_by_id(id).one(&self.db()).await?;
        if there.is_none() {
            let sealed = Vec::new();
            let model = person::Model { id, version: 1, canonical_id: id, created_at: created_ms, sealed };
            let model = self.seal(model, &[child.0], &Known::default()).await?;
            row::insert(&self.db(), model).await?;
        }
        let link = Uuid::now_v7();
        let sealed = Vec::new();
        let model = relationship::Model { id: link, version: 1, child_id: child.0, person_id: id, sealed };
        let model = self.seal(model, &[child.0], &Known::default()).await?;
        row::insert(&self.db(), model).await?;
        if there.is_some() {
            self.seal_again(person).await?;
        }
        Ok(())
    }

    /// Takes somebody out of a child's family of whom nothing counts any more that was said of how they stand to the child.
    /// What was said stays.
    pub async fn forget_relation(&self, child: ChildId, person: PersonId) -> Result<(), StoreError> {
        let of = Condition::all()
            .add(relationship::Column::ChildId.eq(child.0))
            .add(relationship::Column::PersonId.eq(person.0));
        for gone in relationship::Entity::find().filter(of.clone()).all(&self.db()).await? {
            self.took_away::<relationship::Entity>(gone.id, gone.version);
        }
        relationship::Entity::delete_many().filter(of).exec(&self.db()).await?;
        self.index(child, person.0, &[]).await?;
        self.seal_again(person).await
    }

    /// Writes what stands of how a person stands to a child.
    pub(super) async fn save_relation(
        &self,
        child: ChildId,
        person: PersonId,
        known: &Known,
    ) -> Result<(), StoreError> {
        let of = relationship::Entity::find()
            .filter(relationship::Column::ChildId.eq(child.0))
            .filter(relationship::Column::PersonId.eq(person.0));
        let model = of.one(&self.db()).await?.ok_or(StoreError::NotFound)?;
        let read = model.version;
        let model = relationship::Model { version: read + 1, ..model };
        let model = self.seal(model, &[child.0], known).await?;
        row::save_where_version(&self.db(), model, relationship::Column::Version, read).await
    }

    /// Writes what stands of a human being into each of their rows, sealed for the files of all children they stand to.
    pub(super) async fn save_persons(&self, ids: &[PersonId], known: &Known) -> Result<(), StoreError> {
        let files: Vec<Uuid> = self.children_of_persons(ids).await?.into_iter().map(|child| child.0).collect();
        let models =
            person::Entity::find().filter(person::Column::Id.is_in(ids.iter().map(|id| id.0))).all(&self.db()).await?;
        for model in models {
            let read = model.version;
            let model = self.seal(person::Model { version: read + 1, ..model }, &files, known).await?;
            row::save_where_version(&self.db(), model, person::Column::Version, read).await?;
        }
        Ok(())
    }
}
