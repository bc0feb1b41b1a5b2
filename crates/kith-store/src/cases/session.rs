//! Contact sessions.

use kith_domain::calendar;
use kith_domain::ids::{AccountId, ArrangementId, ChildId, PersonId, PlanId, RoomId, SessionId};
use kith_domain::session::{SessionBody, SessionState, Slot};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::{Case, doors};
use crate::entity::{occupancy, session as table, session_person};
use crate::{Look, StoreError, Work};

/// A contact session.
#[derive(Clone)]
pub struct SessionOf {
    /// Its id.
    pub id: SessionId,
    /// Its version.
    pub version: i64,
    /// The child.
    pub child: ChildId,
    /// Under which plan.
    pub plan: PlanId,
    /// Under which line of it.
    pub arrangement: ArrangementId,
    /// In which room.
    pub room: RoomId,
    /// The supervisor, who writes the record.
    pub supervisor: AccountId,
    /// When.
    pub slot: Slot,
    /// Where it stands.
    pub state: SessionState,
    /// Why it must be looked at again, a code; `None` when nothing is wrong.
    pub flagged: Option<String>,
    /// When it was booked, UTC milliseconds.
    pub created_ms: i64,
    /// The rest.
    pub body: SessionBody,
}

/// A session as the diary shows it, without opening anything: ids, times and state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    /// Its id.
    pub id: SessionId,
    /// The child.
    pub child: ChildId,
    /// Under which line of the plan.
    pub arrangement: ArrangementId,
    /// In which room.
    pub room: RoomId,
    /// The supervisor.
    pub supervisor: AccountId,
    /// When.
    pub slot: Slot,
    /// Where it stands.
    pub state: SessionState,
    /// Why it must be looked at again.
    pub flagged: Option<String>,
}

impl Case for SessionOf {
    const TABLE: &'static str = "session";
    type Model = table::Model;
    type Entity = table::Entity;
    type Body = SessionBody;
    const VERSION: table::Column = table::Column::Version;

    fn id(&self) -> Uuid {
        self.id.0
    }
    fn version(&mut self) -> &mut i64 {
        &mut self.version
    }
    fn files(&self) -> Vec<Uuid> {
        vec![self.child.0]
    }
    fn body(&self) -> &SessionBody {
        &self.body
    }
    fn model(&self, sealed: Vec<u8>) -> table::Model {
        table::Model {
            id: self.id.0,
            version: self.version,
            child_id: self.child.0,
            plan_id: self.plan.0,
            arrangement_id: self.arrangement.0,
            room_id: self.room.0,
            supervisor_id: self.supervisor.0,
            day: calendar::day_number(self.slot.day),
            start_minute: self.slot.start_minute,
            end_minute: self.slot.end_minute,
            state: self.state.code().to_owned(),
            flagged: self.flagged.clone(),
            created_at: self.created_ms,
            sealed,
        }
    }
    fn envelope(model: &table::Model) -> (Uuid, i64, &[u8]) {
        (model.id, model.version, &model.sealed)
    }
    fn of(model: table::Model, body: SessionBody) -> Option<Self> {
        Some(Self {
            id: SessionId(model.id),
            version: model.version,
            child: ChildId(model.child_id),
            plan: PlanId(model.plan_id),
            arrangement: ArrangementId(model.arrangement_id),
            room: RoomId(model.room_id),
            supervisor: AccountId(model.supervisor_id),
            slot: slot(&model),
            state: SessionState::from_code(&model.state)?,
            flagged: model.flagged,
            created_ms: model.created_at,
            body,
        })
    }
}

fn slot(model: &table::Model) -> Slot {
    Slot { day: calendar::day_of(model.day), start_minute: model.start_minute, end_minute: model.end_minute }
}

doors!(SessionOf, SessionId, session, insert_session, save_session, "a session");

impl Look {
    /// Sessions of a child between two days (day numbers, both included), in order of time.
    pub async fn sessions_of(&self, child: ChildId, from: i64, to: i64) -> Result<Vec<SessionOf>, StoreError> {
        let of = Condition::all().add(table::Column::ChildId.eq(child.0)).add(table::Column::Day.between(from, to));
        self.list(in_time(table::Entity::find().filter(of))).await
    }

    /// Sessions of a plan from a day on, in order of time.
    pub async fn sessions_of_plan(&self, plan: PlanId, from: i64) -> Result<Vec<SessionOf>, StoreError> {
        let of = Condition::all().add(table::Column::PlanId.eq(plan.0)).add(table::Column::Day.gte(from));
        self.list(in_time(table::Entity::find().filter(of))).await
    }

    /// Sessions that a member of staff supervises, first or second, between two days (both included).
    pub async fn sessions_by(&self, staff: AccountId, from: i64, to: i64) -> Result<Vec<SessionOf>, StoreError> {
        self.list(in_time(supervised(staff, from, to))).await
    }

    /// The last session of a line of a plan before a day that is over or was cancelled; `None` if there was none.
    pub async fn session_before(
        &self,
        child: ChildId,
        arrangement: ArrangementId,
        day: i64,
    ) -> Result<Option<SessionOf>, StoreError> {
        let over = SessionState::ALL.iter().filter(|state| state.is_over()).map(|state| state.code());
        let of = Condition::all()
            .add(table::Column::ChildId.eq(child.0))
            .add(table::Column::ArrangementId.eq(arrangement.0))
            .add(table::Column::Day.lt(day))
            .add(table::Column::State.is_in(over));
        let last = table::Entity::find().filter(of).order_by_desc(table::Column::Day);
        match last.order_by_desc(table::Column::StartMinute).limit(1).one(&self.db()).await? {
            Some(model) => Ok(Some(self.opened(model).await?)),
            None => Ok(None),
        }
    }

    /// What stands in the diary of the whole service between two days (both included), in order of time; opens nothing.
    pub async fn diary(&self, from: i64, to: i64) -> Result<Vec<Booked>, StoreError> {
        self.booked(table::Entity::find().filter(table::Column::Day.between(from, to))).await
    }

    /// What stands in the diary of these rooms, see [`Look::diary`].
    pub async fn diary_of_rooms(&self, rooms: &[RoomId], from: i64, to: i64) -> Result<Vec<Booked>, StoreError> {
        let of = Condition::all()
            .add(table::Column::Day.between(from, to))
            .add(table::Column::RoomId.is_in(rooms.iter().map(|room| room.0)));
        self.booked(table::Entity::find().filter(of)).await
    }

    /// What stands in the diary of a member of staff, first or second supervisor, see [`Look::diary`].
    pub async fn diary_of_staff(&self, staff: AccountId, from: i64, to: i64) -> Result<Vec<Booked>, StoreError> {
        self.booked(supervised(staff, from, to)).await
    }

    /// What stands in the diary of a child, see [`Look::diary`].
    pub async fn diary_of_child(&self, child: ChildId, from: i64, to: i64) -> Result<Vec<Booked>, StoreError> {
        let of = Condition::all().add(table::Column::ChildId.eq(child.0)).add(table::Column::Day.between(from, to));
        self.booked(table::Entity::find().filter(of)).await
    }

    async fn booked(&self, select: Select<table::Entity>) -> Result<Vec<Booked>, StoreError> {
        let models = in_time(select).all(&self.db()).await?;
        let of = |model: table::Model| {
            Ok(Booked {
                id: SessionId(model.id),
                child: ChildId(model.child_id),
                arrangement: ArrangementId(model.arrangement_id),
                room: RoomId(model.room_id),
                supervisor: AccountId(model.supervisor_id),
                slot: slot(&model),
                state: SessionState::from_code(&model.state)
                    .ok_or(StoreError::Corrupt { table: "session", row: model.id })?,
                flagged: model.flagged,
            })
        };
        models.into_iter().map(of).collect()
    }

    /// Family members of a session.
    pub async fn people_in(&self, session: SessionId) -> Result<Vec<PersonId>, StoreError> {
        let of = session_person::Column::SessionId.eq(session.0);
        let ids: Vec<Uuid> = session_person::Entity::find()
            .select_only()
            .column(session_person::Column::PersonId)
            .filter(of)
            .order_by_asc(session_person::Column::PersonId)
            .into_tuple()
            .all(&self.db())
            .await?;
        Ok(ids.into_iter().map(PersonId).collect())
    }
}

impl Look {
    /// Family members of each of these sessions, in one statement.
    pub async fn people_in_each(&self, sessions: &[SessionId]) -> Result<Vec<(SessionId, PersonId)>, StoreError> {
        if sessions.is_empty() {
            return Ok(Vec::new());
        }
        let of = session_person::Column::SessionId.is_in(sessions.iter().map(|session| session.0));
        let found: Vec<(Uuid, Uuid)> = session_person::Entity::find()
            .select_only()
            .columns([session_person::Column::SessionId, session_person::Column::PersonId])
            .filter(of)
            .order_by_asc(session_person::Column::SessionId)
            .order_by_asc(session_person::Column::PersonId)
            .into_tuple()
            .all(&self.db())
            .await?;
        Ok(found.into_iter().map(|(session, person)| (SessionId(session), PersonId(person))).collect())
    }
}

impl Work {
    /// Says which family members come to a session.
    pub async fn set_people_in(&self, session: SessionId, people: &[PersonId]) -> Result<(), StoreError> {
        let of = session_person::Column::SessionId.eq(session.0);
        session_person::Entity::delete_many().filter(of).exec(&self.db()).await?;
        for person in people {
            let model = session_person::Model { session_id: session.0, person_id: person.0 };
            crate::row::insert(&self.db(), model).await?;
        }
        Ok(())
    }
}

/// Sessions that a member of staff supervises: the first by a column, the second by the occupancy.
fn supervised(staff: AccountId, from: i64, to: i64) -> Select<table::Entity> {
    let second = Query::select()
        .column(occupancy::Column::SessionId)
        .from(occupancy::Entity)
        .and_where(occupancy::Column::ResourceId.eq(staff.0))
        .and_where(occupancy::Column::Day.between(from, to))
        .to_owned();
    let whose =
        Condition::any().add(table::Column::SupervisorId.eq(staff.0)).add(table::Column::Id.in_subquery(second));
    table::Entity::find().filter(table::Column::Day.between(from, to)).filter(whose)
}

fn in_time(select: Select<table::Entity>) -> Select<table::Entity> {
    select.order_by_asc(table::Column::Day).order_by_asc(table::Column::StartMinute).order_by_asc(table::Column::Id)
}
