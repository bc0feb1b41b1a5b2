//! Handing a pack over, see [`crate::hand_over`].

use kith_domain::hand_over::HandsOver;
use kith_domain::ids::{HandOverId, RequestId};
use kith_domain::pack::PackState;
use kith_store::Work;
use serde_json::Value;

use super::set::{PackedDocument, data, enclosed_in, volume_bytes};
use crate::hand_over::NewHandOver;
use crate::{Desk, Service, ServiceError};

impl Desk {
    /// Makes a way to take a pack that was released. Those that were there open nothing any more.
    pub async fn make_hand_over(&self, id: RequestId) -> Result<NewHandOver, ServiceError> {
        let desk = self.of_rights();
        let (look, pack, _) = desk.look_at_pack(id).await?;
        look.done("pack.read", self.now_ms()).await?;
        if pack.state != PackState::Released {
            return Err(ServiceError::rule("pack.not_released", "A second person releases the answer first"));
        }
        let of = HandsOver::Pack(id);
        let (new, row) = self.new_hand_over(of)?;
        let (at, row) = (&desk, &row);
        desk.change("pack.hand_over_made", |work| async move { at.put_hand_over_in(&work, of, row).await }).await?;
        Ok(new)
    }

    /// Takes the ways to take a pack back: what was not taken yet cannot be taken any more.
    pub async fn take_hand_overs_back(&self, id: RequestId) -> Result<(), ServiceError> {
        let desk = self.of_rights();
        let (look, pack, _) = desk.look_at_pack(id).await?;
        look.done("pack.read", self.now_ms()).await?;
        desk.change("pack.hand_over_taken_back", |work| async move {
            work.changed("pack", id.0, pack.version);
            Ok(work.take_hand_overs_back(HandsOver::Pack(id)).await?)
        })
        .await
    }

    /// Whether a second person released a pack.
    pub(crate) async fn pack_is_released(&self, work: &Work, id: RequestId) -> Result<bool, ServiceError> {
        Ok(work.pack(id).await?.is_some_and(|pack| pack.state == PackState::Released && pack.gone_ms.is_none()))
    }
}

impl Service {
    /// A volume of a pack that was opened, as a PDF file; see [`handed`](Self::handed).
    pub async fn handed_volume(&self, id: HandOverId, kept: &str, number: i64) -> Result<Vec<u8>, ServiceError> {
        self.of_handed_pack(id, kept, async |look, pack| volume_bytes(look, pack, number).await).await
    }

    /// A document that goes along with a pack that was opened; see [`handed`](Self::handed).
    pub async fn handed_document(
        &self,
        id: HandOverId,
        kept: &str,
        number: i64,
    ) -> Result<PackedDocument, ServiceError> {
        self.of_handed_pack(id, kept, async |look, pack| enclosed_in(look, pack, number).await).await
    }

    /// A pack that was opened, as data; see [`handed`](Self::handed).
    pub async fn handed_data(&self, id: HandOverId, kept: &str) -> Result<Value, ServiceError> {
        self.of_handed_pack(id, kept, async |look, pack| data(look, pack).await).await
    }
}
