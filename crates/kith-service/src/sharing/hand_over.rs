//! A disclosure that the recipient takes with an address and a code, see [`crate::hand_over`]. What bears on it is weighed again when
//! the way is made and when the code is typed: between the two lie days.

use kith_domain::access::Purpose;
use kith_domain::hand_over::HandsOver;
use kith_domain::ids::DisclosureId;
use kith_domain::notice::NoticeKind;
use kith_domain::sharing::{Delivery, DeliveryWay, ShareWith, To};
use kith_store::{Disclosure, HandOver, Look, StoreError, Work};

use super::after::not_recalled;
use super::disclose::changed;
use crate::hand_over::NewHandOver;
use crate::{Desk, Service, ServiceError};

/// What was asked when something was sent.
fn asked(of: &Disclosure) -> ShareWith {
    let to = match (of.demand, of.agreement) {
        (Some(demand), _) => To::Demand(demand),
        (None, Some(agreement)) => To::Party(agreement),
        (None, None) => To::Kind(of.kind),
    };
    let body = &of.body;
    ShareWith {
        to,
        recipient: None,
        purpose: body.purpose,
        related: body.related,
        session: body.session,
        enclosed: body.enclosed.iter().map(|of| of.what).collect(),
        alone: body.alone,
        reason: body.reason.clone(),
    }
}

impl Desk {
    /// That the same would go and stay today: it was not asked back, the agreement is in force, no consent was taken back, nothing is
    /// said otherwise, restricted or kept from them.
    async fn same_today(&self, look: &Look, of: &Disclosure) -> Result<(), ServiceError> {
        not_recalled(of)?;
        let ask = asked(of);
        let gathered = self.gather(look, of.child, &ask).await?;
        let weighed = self.weighed(&gathered, &ask);
        // A demand that was approved is answered by now, and no reason not to go on answering it.
        if of.demand.is_none() {
            gathered.allowed(&weighed)?;
        }
        if self.seen(&weighed) == of.body.seen { Ok(()) } else { Err(changed()) }
    }

    /// Makes a way for the recipient to take it. Those that were there open nothing any more. Refused when what bears on it was changed
    /// since it was sent.
    pub async fn make_collect(&self, id: DisclosureId) -> Result<NewHandOver, ServiceError> {
        let child = self.look().child_of_disclosure(id).await?;
        let (look, _) = self.look_into_file_of("disclosure.make", id.0, child).await?;
        let disclosure = look.disclosure(id).await?;
        if disclosure.body.purpose != self.access.purpose {
            return self.unknown("disclosure.make", id.0).await;
        }
        self.same_today(&look, &disclosure).await?;
        look.done("disclosure.weighed", self.now_ms()).await?;
        let of = HandsOver::Disclosure(id, disclosure.child);
        let (new, row) = self.new_hand_over(of)?;
        let row = &row;
        self.allow_file_of("disclosure.make", id.0, child).await?;
        self.change("disclosure.collect_made", |work| async move {
            not_recalled(&work.disclosure(id).await?)?;
            self.put_hand_over_in(&work, of, row).await
        })
        .await?;
        Ok(new)
    }

    /// Takes the ways to take it back: what was not taken yet cannot be taken any more.
    pub async fn take_collect_back(&self, id: DisclosureId) -> Result<(), ServiceError> {
        let child = self.look().child_of_disclosure(id).await?;
        self.allow_file_of("disclosure.make", id.0, child).await?;
        self.change("disclosure.collect_taken_back", |work| async move {
            let row = work.disclosure(id).await?;
            work.changed("disclosure", id.0, row.version);
            Ok(work.take_hand_overs_back(HandsOver::Disclosure(id, row.child)).await?)
        })
        .await
    }

    /// Whether a disclosure may still be given out to whoever types its code. Otherwise whoever made the way is told.
    pub(crate) async fn still_goes_out(
        &self,
        work: &Work,
        way: &HandOver,
        id: DisclosureId,
    ) -> Result<bool, ServiceError> {
        let disclosure = work.disclosure(id).await?;
        match self.same_today(work, &disclosure).await {
            Ok(()) => Ok(true),
            Err(ServiceError::Refused(_) | ServiceError::Invalid(_) | ServiceError::NotFound) => {
                self.tell(work, vec![way.author], NoticeKind::CollectStopped, id.0).await?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Writes down that it was taken: only now was it given to them.
    pub(crate) async fn was_taken(&self, work: &Work, way: &HandOver, id: DisclosureId) -> Result<(), ServiceError> {
        let mut row = work.disclosure(id).await?;
        let delivery = Delivery { way: DeliveryWay::Link, key: None, by: way.author, at_ms: self.now_ms() };
        row.body.deliveries.push(delivery);
        Ok(work.save_disclosure(&mut row).await?)
    }
}

impl Service {
    /// The purpose for which something went; `None` when its file was destroyed.
    pub(crate) async fn purpose_it_went_for(&self, id: DisclosureId) -> Result<Option<Purpose>, ServiceError> {
        let look = self.own_desk(Purpose::ServiceDelivery).snapshot().await?;
        let purpose = match look.disclosure(id).await {
            Err(StoreError::NotFound | StoreError::Destroyed) => return Ok(None),
            disclosure => disclosure?.body.purpose,
        };
        look.done("disclosure.purpose", self.now_ms()).await?;
        Ok(Some(purpose))
    }
}
