//! Contact sessions.

use std::collections::HashMap;

use jiff::civil::Date;
use kith_domain::calendar;
use kith_domain::ids::{AccountId, ArrangementId, ChildId, PersonId, PlanId, RoomId, SessionId};
use kith_domain::session::{Place, PlaceState, SessionBody, SessionState, Slot};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QueryResult,
    QuerySelect, Select, Statement,
};
use uuid::Uuid;

use super::SealedRow;
use crate::entity::session_child::Column as C;
use crate::entity::{room, session as table, session_child, session_moved, session_person, venue};
use crate::{Look, StoreError, Work, row};

/// A contact session: of one child, or of brothers and sisters together.
#[derive(Clone)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Its version.
    pub version: i64,
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
    /// The rest; the places of its children among it.
    pub body: SessionBody,
}

impl Session {
    /// The places of the children whom it is for.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.body.places.iter().filter(|place| place.stands())
    }

    /// The children whom it is for.
    pub fn children(&self) -> Vec<ChildId> {
        self.places().map(|place| place.child).collect()
    }

    /// The place of a child whom it is for.
    pub fn place(&self, child: ChildId) -> Option<&Place> {
        self.places().find(|place| place.child == child)
    }

    /// Whether it is for a child under this line of their plan.
    pub fn is_under(&self, line: ArrangementId) -> bool {
        self.places().any(|place| place.arrangement == line)
    }
}

/// A session as the diary shows it, without opening anything: ids, times and state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    /// Its id.
    pub id: SessionId,
    /// The places of the children whom it is for, in order of their ids.
    pub places: Vec<Place>,
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
    /// On which days it stood before it was moved, and from which minute of the day, in order.
    pub moved_from: Vec<(Date, i64)>,
}

/// A day on which a session of a child stood before it was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedAway {
    /// Which session.
    pub id: SessionId,
    /// Under which line of the child's plan.
    pub arrangement: ArrangementId,
    /// The day on which it stood.
    pub day: Date,
    /// When it is now.
    pub slot: Slot,
}

impl Booked {
    /// The children whom it is for.
    pub fn children(&self) -> impl Iterator<Item = ChildId> {
        self.places.iter().map(|place| place.child)
    }

    /// Whether it is for a child under this line of their plan.
    pub fn is_under(&self, line: ArrangementId) -> bool {
        self.places.iter().any(|place| place.arrangement == line)
    }
}

impl SealedRow for Session {
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
        // A child who was taken off too: that they were once to come stays readable in their own file.
        self.body.places.iter().map(|place| place.child.0).collect()
    }
    fn body(&self) -> &SessionBody {
        &self.body
    }
    fn model(&self) -> table::Model {
        table::Model {
            id: self.id.0,
            version: self.version,
            room_id: self.room.0,
            supervisor_id: self.supervisor.0,
            day: calendar::day_number(self.slot.day),
            start_minute: self.slot.start_minute,
            end_minute: self.slot.end_minute,
            state: self.state.code().to_owned(),
            flagged: self.flagged.clone(),
            write_up_until: self.body.write_up_until,
            second_id: self.body.second_supervisor.map(|id| id.0),
            created_at: self.created_ms,
            sealed: Vec::new(),
        }
    }
    fn of(model: table::Model, body: SessionBody) -> Option<Self> {
        Some(Self {
            id: SessionId(model.id),
            version: model.version,
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

impl Look {
    /// Reads a session. [`StoreError::NotFound`] if there is none of that id.
    pub async fn session(&self, id: SessionId) -> Result<Session, StoreError> {
        self.get(id.0).await
    }
}

impl Work {
    /// Puts in a session, at version 1. [`StoreError::Duplicate`] if the id is there already.
    pub async fn insert_session(&self, session: &mut Session) -> Result<(), StoreError> {
        self.insert(session).await?;
        self.put_places(session).await
    }

    /// Saves a session over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_session(&self, session: &mut Session) -> Result<(), StoreError> {
        self.save(session).await?;
        self.put_places(session).await
    }

    /// Writes down for searching what the seal says: no place and no move is ever removed, so each is one statement.
    async fn put_places(&self, session: &Session) -> Result<(), StoreError> {
        let key = &self.store().0.rows;
        let place = |place: &Place| {
            let mut model = session_child::Model {
                session_id: session.id.0,
                child_id: place.child.0,
                plan_id: place.plan.0,
                arrangement_id: place.arrangement.0,
                state: place.state.code().to_owned(),
                mac: Vec::new(),
            };
            model.mac = row::mac(key, &model);
            model
        };
        let rows: Vec<session_child::Model> = session.body.places.iter().map(place).collect();
        self.wrote_all(session.id.0, &rows);
        let rows = rows.into_iter().map(IntoActiveModel::into_active_model);
        let over = OnConflict::columns([C::SessionId, C::ChildId])
            .update_columns([C::PlanId, C::ArrangementId, C::State, C::Mac])
            .to_owned();
        session_child::Entity::insert_many(rows).on_conflict(over).exec_without_returning(&self.db()).await?;
        let moved = (0_i64..).zip(session.body.moved_from()).map(|(number, from)| session_moved::Model {
            session_id: session.id.0,
            number,
            day: calendar::day_number(from.slot.day),
            start_minute: from.slot.start_minute,
        });
        let moved: Vec<_> = moved.collect();
        if !moved.is_empty() {
            self.wrote_all(session.id.0, &moved);
            let moved = moved.into_iter().map(IntoActiveModel::into_active_model);
            let there = OnConflict::columns([session_moved::Column::SessionId, session_moved::Column::Number])
                .do_nothing()
                .to_owned();
            session_moved::Entity::insert_many(moved).on_conflict(there).exec_without_returning(&self.db()).await?;
        }
        if session.state.was_held() {
            for place in session.places() {
                self.first_session_held(place.child).await?;
            }
        }
        Ok(())
    }
}

impl Look {
    /// Sessions of a child between two days (day numbers, both included), in order of time; those from which the child
    /// was taken off and those entered in error are not among them.
    pub async fn sessions_of(&self, child: ChildId, from: i64, to: i64) -> Result<Vec<Session>, StoreError> {
        let of = Condition::all().add(for_child(child)).add(table::Column::Day.between(from, to));
        self.list(in_time(table::Entity::find().filter(of))).await
    }

    /// Sessions from which a child was taken off, and those that were entered in error, as [`Look::sessions_of`].
    pub async fn sessions_put_aside(&self, child: ChildId, from: i64, to: i64) -> Result<Vec<Session>, StoreError> {
        let off = places().and_where(C::ChildId.eq(child.0)).and_where(C::State.eq(PlaceState::TakenOff.code())).take();
        let theirs = places().and_where(C::ChildId.eq(child.0)).take();
        let void = Condition::all()
            .add(table::Column::Id.in_subquery(theirs))
            .add(table::Column::State.eq(SessionState::Void.code()));
        let of = Condition::all()
            .add(Condition::any().add(table::Column::Id.in_subquery(off)).add(void))
            .add(table::Column::Day.between(from, to));
        let select = table::Entity::find().filter(of).order_by_asc(table::Column::Day);
        self.list(select.order_by_asc(table::Column::StartMinute)).await
    }

    /// Sessions of a plan from a day on, in order of time.
    pub async fn sessions_of_plan(&self, plan: PlanId, from: i64) -> Result<Vec<Session>, StoreError> {
        let under = standing().and_where(C::PlanId.eq(plan.0)).take();
        let of = Condition::all().add(table::Column::Id.in_subquery(under)).add(table::Column::Day.gte(from));
        self.list(in_time(table::Entity::find().filter(of))).await
    }

    /// These sessions, in order of time.
    pub async fn sessions(&self, ids: &[SessionId]) -> Result<Vec<Session>, StoreError> {
        let of = table::Column::Id.is_in(ids.iter().map(|id| id.0));
        let select = table::Entity::find().filter(of).order_by_asc(table::Column::Day);
        self.list(select.order_by_asc(table::Column::StartMinute).order_by_asc(table::Column::Id)).await
    }

    /// Sessions that a member of staff supervises, first or second, between two days (both included).
    pub async fn sessions_by(&self, staff: AccountId, from: i64, to: i64) -> Result<Vec<Session>, StoreError> {
        self.list(in_time(supervised(staff, from, to))).await
    }

    /// The last session of a line of a plan before a day that is over or was cancelled; `None` if there was none.
    pub async fn session_before(
        &self,
        child: ChildId,
        arrangement: ArrangementId,
        day: i64,
    ) -> Result<Option<Session>, StoreError> {
        let over = SessionState::ALL.iter().filter(|state| state.is_over() && **state != SessionState::Void);
        let over = over.map(|state| state.code());
        let under = standing().and_where(C::ChildId.eq(child.0)).and_where(C::ArrangementId.eq(arrangement.0)).take();
        let of = Condition::all()
            .add(table::Column::Id.in_subquery(under))
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

    /// When rooms of an area are taken, and nothing else of what takes them.
    pub async fn busy_in(&self, area: &str, from: i64, to: i64) -> Result<Vec<(RoomId, Slot)>, StoreError> {
        let rooms = Query::select()
            .column((room::Entity, room::Column::Id))
            .from(room::Entity)
            .inner_join(
                venue::Entity,
                Expr::col((venue::Entity, venue::Column::Id)).equals((room::Entity, room::Column::VenueId)),
            )
            .and_where(Expr::col((venue::Entity, venue::Column::Area)).eq(area))
            .to_owned();
        let select = table::Entity::find()
            .filter(table::Column::Day.between(from, to))
            .filter(table::Column::RoomId.in_subquery(rooms))
            .filter(table::Column::State.ne(SessionState::Cancelled.code()));
        let columns = [table::Column::RoomId, table::Column::Day, table::Column::StartMinute, table::Column::EndMinute];
        let taken: Vec<(Uuid, i64, i64, i64)> =
            in_time(select).select_only().columns(columns).into_tuple().all(&self.db()).await?;
        let of = |(room, day, start_minute, end_minute)| {
            (RoomId(room), Slot { day: calendar::day_of(day), start_minute, end_minute })
        };
        Ok(taken.into_iter().map(of).collect())
    }

    /// What stands in the diary of a member of staff, first or second supervisor, see [`Look::diary`].
    pub async fn diary_of_staff(&self, staff: AccountId, from: i64, to: i64) -> Result<Vec<Booked>, StoreError> {
        self.booked(supervised(staff, from, to)).await
    }

    /// What stands in the diary of a child, see [`Look::diary`].
    pub async fn diary_of_child(&self, child: ChildId, from: i64, to: i64) -> Result<Vec<Booked>, StoreError> {
        let of = Condition::all().add(for_child(child)).add(table::Column::Day.between(from, to));
        self.booked(table::Entity::find().filter(of)).await
    }

    /// One session as it stands in the diary, see [`Look::diary`]; `None` if there is none of that id.
    pub async fn diary_entry(&self, id: SessionId) -> Result<Option<Booked>, StoreError> {
        Ok(self.booked(table::Entity::find_by_id(id.0)).await?.pop())
    }

    async fn booked(&self, select: Select<table::Entity>) -> Result<Vec<Booked>, StoreError> {
        let models = in_time(select).all(&self.db()).await?;
        let mut places = self.places_of(models.iter().map(|model| model.id)).await?;
        let mut moved = self.moves_of(models.iter().map(|model| model.id)).await?;
        let of = |model: table::Model| {
            Ok(Booked {
                id: SessionId(model.id),
                places: places.remove(&model.id).unwrap_or_default(),
                room: RoomId(model.room_id),
                supervisor: AccountId(model.supervisor_id),
                slot: slot(&model),
                state: SessionState::from_code(&model.state)
                    .ok_or(StoreError::Corrupt { table: "session", row: model.id })?,
                moved_from: moved.remove(&model.id).unwrap_or_default(),
                flagged: model.flagged,
            })
        };
        models.into_iter().map(of).collect()
    }

    /// The places of the children whom each of these sessions is for: one statement.
    async fn places_of(&self, ids: impl Iterator<Item = Uuid>) -> Result<HashMap<Uuid, Vec<Place>>, StoreError> {
        let mut places: HashMap<Uuid, Vec<Place>> = HashMap::new();
        let of = Condition::all().add(C::SessionId.is_in(ids)).add(C::State.ne(PlaceState::TakenOff.code()));
        let rows = session_child::Entity::find().filter(of).order_by_asc(C::ChildId).all(&self.db()).await?;
        for row in rows {
            let corrupt = StoreError::Corrupt { table: "session", row: row.session_id };
            places.entry(row.session_id).or_default().push(Place {
                child: ChildId(row.child_id),
                plan: PlanId(row.plan_id),
                arrangement: ArrangementId(row.arrangement_id),
                state: PlaceState::from_code(&row.state).ok_or(corrupt)?,
            });
        }
        Ok(places)
    }

    /// On which days each of these sessions stood before: one statement.
    async fn moves_of(&self, ids: impl Iterator<Item = Uuid>) -> Result<HashMap<Uuid, Vec<(Date, i64)>>, StoreError> {
        let mut moves: HashMap<Uuid, Vec<(Date, i64)>> = HashMap::new();
        let of = session_moved::Column::SessionId.is_in(ids);
        let select = session_moved::Entity::find().filter(of).order_by_asc(session_moved::Column::Number);
        for row in select.all(&self.db()).await? {
            moves.entry(row.session_id).or_default().push((calendar::day_of(row.day), row.start_minute));
        }
        Ok(moves)
    }

    /// Days between two (both included) on which sessions of a child stood that have been moved since and stand now.
    pub async fn moved_away(&self, child: ChildId, from: i64, to: i64) -> Result<Vec<MovedAway>, StoreError> {
        let backend = self.db().get_database_backend();
        let moved = Statement::from_sql_and_values(backend, MOVED_AWAY, [child.0.into(), from.into(), to.into()]);
        let of = |row: QueryResult| {
            Ok(MovedAway {
                id: SessionId(row.try_get("", "session_id")?),
                arrangement: ArrangementId(row.try_get("", "arrangement_id")?),
                day: calendar::day_of(row.try_get("", "was_day")?),
                slot: Slot {
                    day: calendar::day_of(row.try_get("", "day")?),
                    start_minute: row.try_get("", "start_minute")?,
                    end_minute: row.try_get("", "end_minute")?,
                },
            })
        };
        self.db().query_all_raw(moved).await?.into_iter().map(of).collect()
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

    /// Family members of each of these sessions: one statement.
    pub async fn people_of(&self, sessions: &[SessionId]) -> Result<HashMap<SessionId, Vec<PersonId>>, StoreError> {
        use session_person::Column as C;
        let of = C::SessionId.is_in(sessions.iter().map(|id| id.0));
        let rows = session_person::Entity::find().filter(of).order_by_asc(C::PersonId).all(&self.db()).await?;
        let mut people: HashMap<SessionId, Vec<PersonId>> = HashMap::new();
        for row in rows {
            people.entry(SessionId(row.session_id)).or_default().push(PersonId(row.person_id));
        }
        Ok(people)
    }
}

impl Work {
    /// Says which family members come to a session.
    pub async fn set_people_in(&self, session: SessionId, people: &[PersonId]) -> Result<(), StoreError> {
        let of = session_person::Column::SessionId.eq(session.0);
        session_person::Entity::delete_many().filter(of).exec(&self.db()).await?;
        let of = |person: &PersonId| session_person::Model { session_id: session.0, person_id: person.0 };
        let people: Vec<_> = people.iter().map(of).collect();
        self.wrote_all(session.0, &people);
        for model in people {
            row::insert(&self.db(), model).await?;
        }
        Ok(())
    }
}

/// `$1` the child, `$2` and `$3` the first and last day.
const MOVED_AWAY: &str = "SELECT m.session_id, sc.arrangement_id, m.day AS was_day, s.day, s.start_minute, s.end_minute \
     FROM session_moved m JOIN session s ON s.id = m.session_id AND s.state NOT IN ('cancelled', 'void') \
     JOIN session_child sc ON sc.session_id = s.id AND sc.state <> 'taken_off' \
     WHERE sc.child_id = $1 AND m.day BETWEEN $2 AND $3 ORDER BY m.day, m.session_id, m.number";

/// Ids of sessions by the places in them.
fn places() -> SelectStatement {
    Query::select().column(C::SessionId).from(session_child::Entity).take()
}

/// Ids of sessions by the places in them of children who are expected.
pub(super) fn standing() -> SelectStatement {
    places().and_where(C::State.ne(PlaceState::TakenOff.code())).take()
}

/// Sessions that are for a child.
fn for_child(child: ChildId) -> sea_orm::sea_query::SimpleExpr {
    table::Column::Id.in_subquery(standing().and_where(C::ChildId.eq(child.0)).take())
}

/// Sessions that a member of staff supervises, first or second.
fn supervised(staff: AccountId, from: i64, to: i64) -> Select<table::Entity> {
    let whose = Condition::any().add(table::Column::SupervisorId.eq(staff.0)).add(table::Column::SecondId.eq(staff.0));
    table::Entity::find().filter(table::Column::Day.between(from, to)).filter(whose)
}

/// In order of time, without those that were entered in error: nothing counts or shows them but the file.
fn in_time(select: Select<table::Entity>) -> Select<table::Entity> {
    let select = select.filter(table::Column::State.ne(SessionState::Void.code()));
    select.order_by_asc(table::Column::Day).order_by_asc(table::Column::StartMinute).order_by_asc(table::Column::Id)
}
