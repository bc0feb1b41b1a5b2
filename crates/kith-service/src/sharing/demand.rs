//! Demands by law: entered by one, decided by a manager who is another, answered like any other disclosure.

use kith_domain::access::Role;
use kith_domain::decision::Decided;
use kith_domain::form::Words;
use kith_domain::ids::{ChildId, DemandId};
use kith_domain::notice::NoticeKind;
use kith_domain::sharing::{DemandState, StatutoryDemand};
use kith_store::{DemandByLaw, StoreError};

use crate::file::child_in_contact;
use crate::policy::Resource;
use crate::{Desk, ServiceError};

/// A demand with what a page needs beside it. No Debug: it may speak of people.
pub struct DemandView {
    /// The demand.
    pub demand: DemandByLaw,
    /// The child's name.
    pub child: String,
    /// Who entered it.
    pub author: String,
    /// Whether this person may decide it.
    pub may_decide: bool,
    /// Whether this person may send what was approved.
    pub may_send: bool,
}

impl Desk {
    /// Enters a demand. The managers of the area are told. Sent twice it is entered once.
    pub async fn enter_demand(
        &self,
        child: ChildId,
        id: DemandId,
        demand: &StatutoryDemand,
    ) -> Result<(), ServiceError> {
        self.allow_file("disclosure.make", child).await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        let entered = self.change("demand.entered", |work| async move {
            let area = child_in_contact(&work, child).await?.area;
            let state = DemandState::Asked;
            let mut row =
                DemandByLaw { id, version: 0, child, author: me, state, created_ms: now_ms, body: demand.clone() };
            work.insert_demand(&mut row).await?;
            self.tell(&work, self.of_area(Role::Manager, &area), NoticeKind::DemandAsked, id.0).await
        });
        match entered.await {
            Err(ServiceError::Store(StoreError::Duplicate)) => self.demand(id).await.map(drop),
            entered => entered,
        }
    }

    /// One demand.
    pub async fn demand(&self, id: DemandId) -> Result<DemandView, ServiceError> {
        let child = self.look().child_of_demand(id).await?;
        let (look, scope) = self.look_into_file_of("file.read", id.0, child).await?;
        let demand = look.demand(id).await?;
        let child = look.child(demand.child).await?.name();
        look.done("demand.read", self.now_ms()).await?;
        let of = Resource::File(&scope);
        Ok(DemandView {
            child,
            author: self.service.name_of(demand.author),
            may_decide: demand.state == DemandState::Asked
                && !self.actor().is(demand.author)
                && self.permits("demand.decide", &of),
            may_send: demand.state == DemandState::Approved && self.permits("disclosure.make", &of),
            demand,
        })
    }

    /// Approves or refuses a demand, with why; never one's own.
    pub async fn decide_demand(&self, id: DemandId, approve: bool, why: &Words) -> Result<(), ServiceError> {
        let child = self.look().child_of_demand(id).await?;
        self.allow_file_of("demand.decide", id.0, child).await?;
        let decision = Decided { by: self.me()?, at_ms: self.now_ms(), why: why.as_str().to_owned() };
        let decision = &decision;
        self.change("demand.decided", |work| async move {
            let mut row = work.demand(id).await?;
            if row.author == decision.by {
                let words = "You entered this demand: another manager decides it";
                return Err(ServiceError::rule("demand.own", words));
            }
            if row.state != DemandState::Asked {
                return Err(ServiceError::rule("demand.decided", "This demand has been decided already"));
            }
            row.state = if approve { DemandState::Approved } else { DemandState::Refused };
            row.body.decided = Some(decision.clone());
            work.save_demand(&mut row).await?;
            self.tell(&work, [row.author], NoticeKind::DemandDecided, id.0).await
        })
        .await
    }
}
