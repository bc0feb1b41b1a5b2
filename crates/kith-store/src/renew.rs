//! What an earlier version kept in another way is kept as it is now: done once, at the first start of this version.

use kith_domain::access::{Access, Actor, Purpose};
use kith_domain::fact::Subject;
use kith_domain::ids::{ChildId, OrderId, PersonId, RequestId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::cases::OPEN_REQUESTS;
use crate::entity::{child, contact_order, person, rights_request};
use crate::{PACK_END, REQUEST_END, RequestEnd, Store, StoreError, row};

/// Rows looked at with one query.
const BATCH: u64 = 500;
/// The named key that says that it is done: that the month of retention is sealed and names have cells in the index.
const DONE: &str = "index-cells";
/// The same: that there is a clock for the end of every order and every hearing to come.
const CLOCKS: &str = "clocks";
/// The same: that the end of every closed request waits.
const REQUEST_ENDS: &str = "request-ends";

/// What has clocks.
#[derive(Clone, Copy)]
enum Of {
    Order(OrderId),
    Child(ChildId),
}

impl Store {
    /// Saves every child and every person once more, so that the month of retention is sealed and the index does not show who
    /// shares a name. Each is a piece of work of its own: one that is interrupted goes on at the next start.
    pub(crate) async fn renew(&self) -> Result<(), StoreError> {
        self.renew_all().await?;
        self.start_clocks().await?;
        self.begin_ends_of_requests().await
    }

    /// Has the ends of requests looked at, once, that were closed before requests had an end: when each is due is worked out by the job,
    /// which knows the register.
    async fn begin_ends_of_requests(&self) -> Result<(), StoreError> {
        use rights_request::{Column, Entity};
        if self.0.keys.has(REQUEST_ENDS).await? {
            return Ok(());
        }
        let closed = Entity::find().filter(Column::State.is_not_in(OPEN_REQUESTS)).filter(Column::EndedAt.is_null());
        let closed = closed.select_only().columns([Column::Id, Column::Version]);
        let access = Access { actor: Actor::system(), purpose: Purpose::Rights };
        for (id, version) in closed.into_tuple::<(Uuid, i64)>().all(&self.0.read).await? {
            self.retry(|| async {
                let work = self.work_in_reserve(&access).await?;
                let of = RequestEnd { request: RequestId(id) };
                let now_ms = jiff::Timestamp::now().as_millisecond();
                for (number, kind) in [(1, PACK_END), (2, REQUEST_END)] {
                    // Made from the request's own id: interrupted and begun again, it waits once.
                    work.enqueue_once(Uuid::from_u128(id.as_u128() ^ number), kind, &of, 0).await?;
                }
                work.changed("rights_request", id, version);
                work.commit("store.renewed", now_ms).await
            })
            .await?;
        }
        self.0.keys.named(REQUEST_ENDS).await?;
        Ok(())
    }

    async fn renew_all(&self) -> Result<(), StoreError> {
        if self.0.keys.has(DONE).await? {
            return Ok(());
        }
        for id in row::all_ids::<child::Entity>(&self.0.read, child::Column::Id, BATCH).await? {
            self.renew_one(Subject::Child { child: ChildId(id) }).await?;
        }
        for id in row::all_ids::<person::Entity>(&self.0.read, person::Column::Id, BATCH).await? {
            self.renew_one(Subject::Person { person: PersonId(id) }).await?;
        }
        self.0.keys.named(DONE).await?;
        Ok(())
    }

    /// Writes down, once, until when orders stand and which hearings are to come, of what was stored before there were clocks.
    async fn start_clocks(&self) -> Result<(), StoreError> {
        if self.0.keys.has(CLOCKS).await? {
            return Ok(());
        }
        for id in row::all_ids::<contact_order::Entity>(&self.0.read, contact_order::Column::Id, BATCH).await? {
            self.start(Of::Order(OrderId(id))).await?;
        }
        for id in row::all_ids::<child::Entity>(&self.0.read, child::Column::Id, BATCH).await? {
            self.start(Of::Child(ChildId(id))).await?;
        }
        self.0.keys.named(CLOCKS).await?;
        Ok(())
    }

    async fn start(&self, of: Of) -> Result<(), StoreError> {
        let access = Access { actor: Actor::system(), purpose: Purpose::ServiceDelivery };
        let started = self
            .retry(|| async {
                let work = self.work_in_reserve(&access).await?;
                match of {
                    Of::Order(id) => {
                        let order = work.order(id).await?;
                        work.changed("contact_order", id.0, order.version);
                        work.clocks_of_order(&order).await?;
                    }
                    Of::Child(id) => {
                        let child = work.child(id).await?;
                        work.changed("child", id.0, child.version);
                        work.clocks_of_child(&child).await?;
                    }
                }
                work.commit("store.renewed", jiff::Timestamp::now().as_millisecond()).await
            })
            .await;
        match started {
            Err(StoreError::Destroyed) => Ok(()),
            started => started,
        }
    }

    /// What belongs to files that were destroyed stays as it is: nobody can read it.
    async fn renew_one(&self, subject: Subject) -> Result<(), StoreError> {
        let access = Access { actor: Actor::system(), purpose: Purpose::ServiceDelivery };
        let renewed = self
            .retry(|| async {
                let work = self.work_in_reserve(&access).await?;
                work.project(subject).await?;
                work.commit("store.renewed", jiff::Timestamp::now().as_millisecond()).await
            })
            .await;
        match renewed {
            Err(StoreError::Destroyed) => Ok(()),
            renewed => renewed,
        }
    }
}
