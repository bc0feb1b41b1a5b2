//! What an earlier version kept in another way is kept as it is now: done once, at the first start of this version.

use kith_domain::access::{Access, Actor, Purpose};
use kith_domain::fact::Subject;
use kith_domain::ids::{ChildId, PersonId};
use uuid::Uuid;

use crate::entity::{child, person};
use crate::{Store, StoreError, row};

/// Rows looked at with one query.
const BATCH: u64 = 500;
/// The named key that says that it is done: that the month of retention is sealed and names have cells in the index.
const DONE: &str = "index-cells";

impl Store {
    /// Saves every child and every person once more, so that the month of retention is sealed and the index does not show who
    /// shares a name. Each is a piece of work of its own: one that is interrupted goes on at the next start.
    pub(crate) async fn renew(&self) -> Result<(), StoreError> {
        if self.0.keys.has(DONE).await? {
            return Ok(());
        }
        let mut after = Uuid::nil();
        loop {
            let ids = row::ids_after::<child::Entity>(&self.0.read, child::Column::Id, after, BATCH).await?;
            let Some(last) = ids.last() else { break };
            after = *last;
            for id in ids {
                self.renew_one(Subject::Child { child: ChildId(id) }).await?;
            }
        }
        let mut after = Uuid::nil();
        loop {
            let ids = row::ids_after::<person::Entity>(&self.0.read, person::Column::Id, after, BATCH).await?;
            let Some(last) = ids.last() else { break };
            after = *last;
            for id in ids {
                self.renew_one(Subject::Person { person: PersonId(id) }).await?;
            }
        }
        self.0.keys.named(DONE).await?;
        Ok(())
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
