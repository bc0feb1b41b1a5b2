//! Requests of people, and breaches: what the data protection officer keeps.

use kith_domain::breach::{Breach, BreachState};
use kith_domain::ids::{AccountId, BreachId, RequestId};
use kith_domain::rights::{RequestState, Right, RightsRequest};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::sealed_row;
use crate::entity::{breach, outbox, rights_request};
use crate::{Look, StoreError, Work, row};

/// A request of somebody about what is held of them.
#[derive(Clone)]
pub struct PersonRequest {
    /// Its id, also the name of the key that seals it.
    pub id: RequestId,
    /// Its version.
    pub version: i64,
    /// Where it stands.
    pub state: RequestState,
    /// When it was written down, UTC milliseconds.
    pub created_ms: i64,
    /// By when it is answered, a day number; `None` once it is closed.
    pub due_day: Option<i64>,
    /// When it ended, UTC milliseconds: from then on it cannot be read. With it what is still counted of it.
    pub ended_ms: Option<i64>,
    /// Which right it was about, once it has ended; `None` too where that is not known any more.
    pub ended_right: Option<Right>,
    /// In which year it came, once it has ended.
    pub ended_year: Option<i64>,
    /// What was asked, and what was done.
    pub body: RightsRequest,
}

impl PersonRequest {
    /// A request that was written down now.
    pub fn new(id: RequestId, created_ms: i64, due_day: Option<i64>, body: RightsRequest) -> Self {
        let state = body.state();
        Self { id, version: 0, state, created_ms, due_day, ended_ms: None, ended_right: None, ended_year: None, body }
    }
}

/// How many requests about a right, that came in a year, have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedRequests {
    /// The year in which they came.
    pub year: i64,
    /// About which right; `None` where that is not known any more.
    pub right: Option<Right>,
    /// How many.
    pub count: i64,
}

sealed_row! {
    PersonRequest, RequestId, rights_request, RightsRequest;
    id = id,
    state = state,
    created_ms = created_at,
    due_day = due_day,
    ended_ms = ended_at,
    ended_right = ended_right,
    ended_year = ended_year;
    fn files(&self) -> Vec<Uuid> {
        vec![self.id.0]
    }
}

/// Something that may have happened to personal data.
#[derive(Clone)]
pub struct SuspectedBreach {
    /// Its id, also the name of the key that seals it.
    pub id: BreachId,
    /// Its version.
    pub version: i64,
    /// Who noticed it.
    pub reporter: AccountId,
    /// Where it stands.
    pub state: BreachState,
    /// When it was written down, UTC milliseconds.
    pub created_ms: i64,
    /// By when the Commissioner is told, UTC milliseconds; `None` once that is decided.
    pub due_ms: Option<i64>,
    /// What was noticed, and what was done.
    pub body: Breach,
}

sealed_row! {
    SuspectedBreach, BreachId, breach, Breach;
    id = id,
    reporter = reporter_id,
    state = state,
    created_ms = created_at,
    due_ms = due_at;
    fn files(&self) -> Vec<Uuid> {
        vec![self.id.0]
    }
}

/// The states of a request that is not closed.
pub(crate) const OPEN_REQUESTS: [&str; 3] =
    [RequestState::Open.code(), RequestState::Waiting.code(), RequestState::Ready.code()];
/// The kind of a job that takes away what was collected for a request.
pub const PACK_END: &str = "pack.end";
/// The kind of a job that ends a request.
pub const REQUEST_END: &str = "request.end";

/// Which request comes to an end, or what was collected for it: the payload of [`PACK_END`] and [`REQUEST_END`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestEnd {
    /// The request.
    pub request: RequestId,
}

const OPEN_BREACHES: [&str; 2] = [BreachState::Suspected.code(), BreachState::InHand.code()];

/// Which requests are open, or closed and not ended.
fn which_requests(open: bool) -> Condition {
    use rights_request::Column as C;
    let of = if open { C::State.is_in(OPEN_REQUESTS) } else { C::State.is_not_in(OPEN_REQUESTS) };
    Condition::all().add(of).add(C::EndedAt.is_null())
}

impl Look {
    /// Reads a request. [`StoreError::NotFound`] if there is none of that id, [`StoreError::Destroyed`] of one that has ended.
    pub async fn person_request(&self, id: RequestId) -> Result<PersonRequest, StoreError> {
        let model = rights_request::Entity::find_by_id(id.0).one(&self.db()).await?.ok_or(StoreError::NotFound)?;
        // Between its end and the destruction of its key it cannot be opened either, see `Work::end_person_request`.
        if model.ended_at.is_some() { Err(StoreError::Destroyed) } else { self.opened(model).await }
    }

    /// Every request that is open: they are few.
    pub async fn open_person_requests(&self) -> Result<Vec<PersonRequest>, StoreError> {
        self.list(rights_request::Entity::find().filter(which_requests(true))).await
    }

    /// How many requests have ended, by the year in which they came, the newest first, and by right. Nothing is opened.
    pub async fn ended_requests(&self) -> Result<Vec<EndedRequests>, StoreError> {
        use rights_request::{Column, Entity};
        let of = Entity::find().filter(Column::EndedAt.is_not_null()).select_only();
        let of = of.columns([Column::EndedYear, Column::EndedRight]).column_as(Column::Id.count(), "count");
        let of = of.group_by(Column::EndedYear).group_by(Column::EndedRight);
        let of = of.order_by_desc(Column::EndedYear).order_by_asc(Column::EndedRight);
        let rows: Vec<(Option<i64>, Option<String>, i64)> = of.into_tuple().all(&self.db()).await?;
        let ended = |(year, right, count): (Option<i64>, Option<String>, i64)| EndedRequests {
            year: year.unwrap_or_default(),
            right: right.as_deref().and_then(Right::from_code),
            count,
        };
        Ok(rows.into_iter().map(ended).collect())
    }

    /// A page of the requests, those that are open or those that are closed; the open ones by when they are due, the closed
    /// ones the newest first; and how many there are. `window` is how many and from which on.
    pub async fn person_requests(
        &self,
        open: bool,
        window: (u64, u64),
    ) -> Result<(Vec<PersonRequest>, u64), StoreError> {
        use rights_request::{Column, Entity};
        let all = Entity::find().filter(which_requests(open));
        let count = all.clone().count(&self.db()).await?;
        let sorted = if open {
            all.order_by_asc(Column::DueDay).order_by_asc(Column::Id)
        } else {
            all.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id)
        };
        Ok((self.list(sorted.limit(window.0).offset(window.1)).await?, count))
    }

    /// How many requests are open, and by which day number the first is due. Nothing is opened.
    pub async fn requests_open(&self) -> Result<(u64, Option<i64>), StoreError> {
        use rights_request::{Column, Entity};
        let all = Entity::find().filter(which_requests(true));
        let count = all.clone().count(&self.db()).await?;
        let first = all.select_only().column_as(Column::DueDay.min(), "first").into_tuple::<Option<i64>>();
        Ok((count, first.one(&self.db()).await?.flatten()))
    }

    /// Reads a breach. [`StoreError::NotFound`] if there is none of that id.
    pub async fn breach(&self, id: BreachId) -> Result<SuspectedBreach, StoreError> {
        self.get(id.0).await
    }

    /// A page of the breaches, those that are open or those that are closed, see [`Look::person_requests`].
    pub async fn breaches(&self, open: bool, window: (u64, u64)) -> Result<(Vec<SuspectedBreach>, u64), StoreError> {
        use breach::{Column, Entity};
        let of = if open { Column::State.is_in(OPEN_BREACHES) } else { Column::State.is_not_in(OPEN_BREACHES) };
        let all = Entity::find().filter(of);
        let count = all.clone().count(&self.db()).await?;
        let sorted = if open {
            // What is decided waits behind what is not.
            all.order_by_asc(Column::DueAt.is_null()).order_by_asc(Column::DueAt).order_by_asc(Column::Id)
        } else {
            all.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id)
        };
        Ok((self.list(sorted.limit(window.0).offset(window.1)).await?, count))
    }

    /// How many breaches are open, and by when, UTC milliseconds, the Commissioner must be told of the first. Nothing is opened.
    pub async fn breaches_open(&self) -> Result<(u64, Option<i64>), StoreError> {
        use breach::{Column, Entity};
        let all = Entity::find().filter(Column::State.is_in(OPEN_BREACHES));
        let count = all.clone().count(&self.db()).await?;
        let first = all.select_only().column_as(Column::DueAt.min(), "first").into_tuple::<Option<i64>>();
        Ok((count, first.one(&self.db()).await?.flatten()))
    }
}

impl Work {
    /// Puts in a request, at version 1. [`StoreError::Duplicate`] if the id is there already.
    pub async fn insert_person_request(&self, row: &mut PersonRequest) -> Result<(), StoreError> {
        self.insert(row).await
    }

    /// Saves a request over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_person_request(&self, row: &mut PersonRequest) -> Result<(), StoreError> {
        self.save(row).await
    }

    /// Ends a request: what was collected for it goes, nobody is told of it any more, and its row says when it ended, about which right
    /// it was and in which year it came. Its envelope stays as it is: beside other columns nobody could open it, and its key goes by
    /// [`Store::destroy_request`](crate::Store::destroy_request). One that has ended stays as it is.
    pub async fn end_person_request(
        &self,
        id: RequestId,
        right: Option<Right>,
        year: i64,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let db = self.db();
        let model = rights_request::Entity::find_by_id(id.0).one(&db).await?.ok_or(StoreError::NotFound)?;
        if model.ended_at.is_some() {
            self.changed("rights_request", id.0, model.version);
            return Ok(());
        }
        self.take_pack_away(id, now_ms).await?;
        self.forget_notices(&[id.0].into()).await?;
        let read = model.version;
        let model = rights_request::Model {
            version: read + 1,
            due_day: None,
            ended_at: Some(now_ms),
            ended_right: right.map(|right| right.code().to_owned()),
            ended_year: Some(year),
            ..model
        };
        self.wrote(model.id, model.version, &model);
        row::save_where_version(&db, model, rights_request::Column::Version, read).await
    }

    /// Has every end of a request that waits looked at now: the days may be others than when it was put off.
    pub async fn hurry_ends_of_requests(&self, now_ms: i64) -> Result<(), StoreError> {
        use outbox::{Column, Entity};
        let waits = Condition::all()
            .add(Column::Kind.is_in([PACK_END, REQUEST_END]))
            .add(Column::DoneAt.is_null())
            .add(Column::FailedAt.is_null())
            .add(Column::DueAt.gt(now_ms));
        Entity::update_many().col_expr(Column::DueAt, Expr::value(now_ms)).filter(waits).exec(&self.db()).await?;
        Ok(())
    }

    /// Puts in a breach, at version 1. [`StoreError::Duplicate`] if the id is there already.
    pub async fn insert_breach(&self, row: &mut SuspectedBreach) -> Result<(), StoreError> {
        self.insert(row).await
    }

    /// Saves a breach over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_breach(&self, row: &mut SuspectedBreach) -> Result<(), StoreError> {
        self.save(row).await
    }
}
