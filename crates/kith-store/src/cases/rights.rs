//! Requests of people, and breaches: what the data protection officer keeps.

use kith_domain::breach::{Breach, BreachState};
use kith_domain::ids::{AccountId, BreachId, RequestId};
use kith_domain::rights::{RequestState, RightsRequest};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::sealed_row;
use crate::entity::{breach, rights_request};
use crate::{Look, StoreError, Work};

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
    /// What was asked, and what was done.
    pub body: RightsRequest,
}

sealed_row! {
    PersonRequest, RequestId, rights_request, RightsRequest;
    id = id,
    state = state,
    created_ms = created_at,
    due_day = due_day;
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
pub(super) const OPEN_REQUESTS: [&str; 3] =
    [RequestState::Open.code(), RequestState::Waiting.code(), RequestState::Ready.code()];
const OPEN_BREACHES: [&str; 2] = [BreachState::Suspected.code(), BreachState::InHand.code()];

impl Look {
    /// Reads a request. [`StoreError::NotFound`] if there is none of that id.
    pub async fn person_request(&self, id: RequestId) -> Result<PersonRequest, StoreError> {
        self.get(id.0).await
    }

    /// A page of the requests, those that are open or those that are closed; the open ones by when they are due, the closed
    /// ones the newest first; and how many there are. `window` is how many and from which on.
    pub async fn person_requests(
        &self,
        open: bool,
        window: (u64, u64),
    ) -> Result<(Vec<PersonRequest>, u64), StoreError> {
        use rights_request::{Column, Entity};
        let of = if open { Column::State.is_in(OPEN_REQUESTS) } else { Column::State.is_not_in(OPEN_REQUESTS) };
        let all = Entity::find().filter(of);
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
        let all = Entity::find().filter(Column::State.is_in(OPEN_REQUESTS));
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

    /// Puts in a breach, at version 1. [`StoreError::Duplicate`] if the id is there already.
    pub async fn insert_breach(&self, row: &mut SuspectedBreach) -> Result<(), StoreError> {
        self.insert(row).await
    }

    /// Saves a breach over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_breach(&self, row: &mut SuspectedBreach) -> Result<(), StoreError> {
        self.save(row).await
    }
}
