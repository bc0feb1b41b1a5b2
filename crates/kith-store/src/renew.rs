//! What an earlier version kept in another way is kept as it is now: done once, at the first start of this version.

use kith_domain::access::{Access, Actor, Purpose};
use kith_domain::fact::Subject;
use kith_domain::ids::{ChildId, OrderId, PersonId};

use crate::entity::{child, contact_order, person};
use crate::{Store, StoreError, row};

/// Rows looked at with one query.
const BATCH: u64 = 500;
/// The named key that says that it is done: that the month of retention is sealed and names have cells in the index.
const DONE: &str = "index-cells";
/// The same: that there is a clock for the end of every order and every hearing to come.
const CLOCKS: &str = "clocks";

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
        self.start_clocks().await
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
