//! Who and what is taken when: one row per resource and quarter-hour, unique, so that the engine itself refuses to
//! book twice whichever server asks. A person is a human being here: two rows that are of one take the same resource.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use kith_domain::ids::SessionId;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};
use uuid::Uuid;

use crate::entity::occupancy::{ActiveModel, Column, Entity};
use crate::entity::session_person;
use crate::{Look, StoreError, Work};

/// Rows of one `INSERT`: four values each, and an engine takes 32 766 values.
const ROWS_MAX: usize = 4_000;

/// A resource for part of a day: id, day (days since 1970-01-01), first quarter-hour of the day, and the first one
/// that is free again; quarters are 0 to 95.
pub type Occupied = (Uuid, i64, i64, i64);

impl Work {
    /// Takes resources for a session. A session that moves is [released](Self::release) first.
    ///
    /// [`StoreError::Occupied`] names a resource that another session has; leave the piece of work then, because
    /// nothing of it can be committed on `PostgreSQL`.
    pub async fn occupy(&self, session: SessionId, resources: &[Occupied]) -> Result<(), StoreError> {
        if let Some(resource) = clash(self, resources).await? {
            return Err(StoreError::Occupied { resource });
        }
        let quarters: BTreeMap<(Uuid, i64, i64), Uuid> = resources
            .iter()
            .flat_map(|&(resource, day, from, to)| (from..to).map(move |quarter| ((resource, day, quarter), session.0)))
            .collect();
        let taken = self.take(quarters).await;
        if taken.is_ok() {
            self.note_taken(session.0).await?;
        }
        match taken {
            // Taken since we looked. Only a new look, outside this transaction, can see by whom.
            Err(StoreError::Duplicate) => {
                let look = Look::reading(self.store().clone(), self.access().clone());
                Err(match clash(&look, resources).await? {
                    Some(resource) => StoreError::Occupied { resource },
                    None => StoreError::Retry,
                })
            }
            taken => taken,
        }
    }

    /// Puts in which session has a resource, a day and a quarter-hour. [`StoreError::Duplicate`] if another has it.
    async fn take(&self, quarters: BTreeMap<(Uuid, i64, i64), Uuid>) -> Result<(), StoreError> {
        let mut rows = quarters.into_iter().map(|((resource, day, quarter), session)| ActiveModel {
            resource_id: Set(resource),
            day: Set(day),
            quarter: Set(quarter),
            session_id: Set(session),
        });
        loop {
            let some: Vec<_> = rows.by_ref().take(ROWS_MAX).collect();
            if some.is_empty() {
                return Ok(());
            }
            Entity::insert_many(some).exec_without_returning(&self.db()).await?;
        }
    }

    /// Gives back everything a session had taken.
    pub async fn release(&self, session: SessionId) -> Result<(), StoreError> {
        Entity::delete_many().filter(Column::SessionId.eq(session.0)).exec(&self.db()).await?;
        self.took_away::<Entity>(session.0, 0);
        Ok(())
    }

    /// Notes what a session has taken now.
    pub(crate) async fn note_taken(&self, session: Uuid) -> Result<(), StoreError> {
        let taken = Entity::find().filter(Column::SessionId.eq(session)).all(&self.db()).await?;
        self.wrote_all(session, &taken);
        Ok(())
    }
}

impl Work {
    /// Gives back one resource that a session had taken.
    pub async fn release_one(&self, session: SessionId, resource: Uuid) -> Result<(), StoreError> {
        let of = Condition::all().add(Column::SessionId.eq(session.0)).add(Column::ResourceId.eq(resource));
        Entity::delete_many().filter(of).exec(&self.db()).await?;
        self.note_taken(session.0).await
    }
}

impl Work {
    /// Gives what was taken by these human beings from a day on to those whom each row of a person is of now.
    /// [`StoreError::Occupied`] if one of them is in two sessions at once then.
    pub(crate) async fn take_over(
        &self,
        were: &[Uuid],
        being_of: &BTreeMap<Uuid, Uuid>,
        day: i64,
    ) -> Result<(), StoreError> {
        let of = Condition::all().add(Column::ResourceId.is_in(were.iter().copied())).add(Column::Day.gte(day));
        let taken = Entity::find().filter(of.clone()).all(&self.db()).await?;
        if taken.is_empty() {
            return Ok(());
        }
        let sessions: BTreeSet<Uuid> = taken.iter().map(|row| row.session_id).collect();
        let come = session_person::Entity::find()
            .filter(session_person::Column::SessionId.is_in(sessions.iter().copied()))
            .filter(session_person::Column::PersonId.is_in(being_of.keys().copied()))
            .all(&self.db())
            .await?;
        let mut rows: BTreeMap<(Uuid, i64, i64), Uuid> = BTreeMap::new();
        for row in taken {
            for person in come.iter().filter(|person| person.session_id == row.session_id) {
                let Some(resource) = being_of.get(&person.person_id) else { continue };
                let other = rows.insert((*resource, row.day, row.quarter), row.session_id);
                if other.is_some_and(|other| other != row.session_id) {
                    return Err(StoreError::Occupied { resource: *resource });
                }
            }
        }
        Entity::delete_many().filter(of).exec(&self.db()).await?;
        self.take(rows).await?;
        for session in sessions {
            self.note_taken(session).await?;
        }
        Ok(())
    }
}

impl Look {
    /// What is taken of these resources on a day: resource, quarter-hour (0 to 95) and session, in this order.
    pub async fn occupied(&self, day: i64, resources: &[Uuid]) -> Result<Vec<(Uuid, i64, SessionId)>, StoreError> {
        let rows = Entity::find()
            .filter(Column::Day.eq(day))
            .filter(Column::ResourceId.is_in(resources.iter().copied()))
            .order_by_asc(Column::ResourceId)
            .order_by_asc(Column::Quarter)
            .all(&self.db())
            .await?;
        Ok(rows.into_iter().map(|row| (row.resource_id, row.quarter, SessionId(row.session_id))).collect())
    }

    /// What is taken of these resources on these days, of the quarter-hours from one to another (end exclusive):
    /// resource, day and quarter. One statement, however many they are.
    pub async fn taken(
        &self,
        resources: &[Uuid],
        days: &[i64],
        from_quarter: i64,
        to_quarter: i64,
    ) -> Result<HashSet<(Uuid, i64, i64)>, StoreError> {
        let rows: Vec<(Uuid, i64, i64)> = Entity::find()
            .select_only()
            .columns([Column::ResourceId, Column::Day, Column::Quarter])
            .filter(Column::ResourceId.is_in(resources.iter().copied()))
            .filter(Column::Day.is_in(days.iter().copied()))
            .filter(Column::Quarter.gte(from_quarter))
            .filter(Column::Quarter.lt(to_quarter))
            .into_tuple()
            .all(&self.db())
            .await?;
        Ok(rows.into_iter().collect())
    }

    /// What is taken of a resource from a day on: day, quarter-hour (0 to 95) and session, in order of time.
    pub async fn taken_from(&self, resource: Uuid, day: i64) -> Result<Vec<(i64, i64, SessionId)>, StoreError> {
        let rows = Entity::find()
            .filter(Column::ResourceId.eq(resource))
            .filter(Column::Day.gte(day))
            .order_by_asc(Column::Day)
            .order_by_asc(Column::Quarter)
            .all(&self.db())
            .await?;
        Ok(rows.into_iter().map(|row| (row.day, row.quarter, SessionId(row.session_id))).collect())
    }
}

/// The first of these resources, in the order given, that is taken at its time.
async fn clash(look: &Look, resources: &[Occupied]) -> Result<Option<Uuid>, StoreError> {
    if resources.is_empty() {
        return Ok(None);
    }
    let any = resources.iter().fold(Condition::any(), |any, &(resource, day, from, to)| {
        any.add(
            Condition::all()
                .add(Column::ResourceId.eq(resource))
                .add(Column::Day.eq(day))
                .add(Column::Quarter.gte(from))
                .add(Column::Quarter.lt(to)),
        )
    });
    let taken: BTreeSet<Uuid> =
        Entity::find().filter(any).all(&look.db()).await?.into_iter().map(|row| row.resource_id).collect();
    Ok(resources.iter().map(|resource| resource.0).find(|resource| taken.contains(resource)))
}
