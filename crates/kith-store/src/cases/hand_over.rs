//! Ways to take a pack or a disclosure without signing in.

use kith_domain::hand_over::{HandOverBody, HandOverState, HandsOver};
use kith_domain::ids::{AccountId, ChildId, DisclosureId, HandOverId, RequestId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::sealed_row;
use crate::entity::hand_over;
use crate::{Look, StoreError, Work};

/// A way to take something with a code.
#[derive(Clone)]
pub struct HandOver {
    /// Its id, which stands in its address.
    pub id: HandOverId,
    /// Its version.
    pub version: i64,
    /// Which pack, of a pack.
    pub pack: Option<RequestId>,
    /// Which disclosure, of a disclosure.
    pub disclosure: Option<DisclosureId>,
    /// Of whose file the disclosure is.
    pub child: Option<ChildId>,
    /// Who made it.
    pub author: AccountId,
    /// Where it stands.
    pub state: HandOverState,
    /// When it was made, UTC milliseconds.
    pub created_ms: i64,
    /// Until when the code opens it, UTC milliseconds.
    pub expires_ms: i64,
    /// What was tried.
    pub body: HandOverBody,
}

sealed_row! {
    HandOver, HandOverId, hand_over, HandOverBody;
    id = id,
    pack = pack_id,
    disclosure = disclosure_id,
    child = child_id,
    author = author_id,
    state = state,
    created_ms = created_at,
    expires_ms = expires_at;
    fn files(&self) -> Vec<Uuid> {
        self.pack.map(|of| of.0).into_iter().chain(self.child.map(|of| of.0)).collect()
    }
}

/// What a row is a way to; `None` of one that no Kith wrote.
fn what(pack: Option<Uuid>, disclosure: Option<Uuid>, child: Option<Uuid>) -> Option<HandsOver> {
    match (pack, disclosure, child) {
        (Some(pack), ..) => Some(HandsOver::Pack(RequestId(pack))),
        (None, Some(of), Some(child)) => Some(HandsOver::Disclosure(DisclosureId(of), ChildId(child))),
        _ => None,
    }
}

impl HandOver {
    /// A new way that waits for its code.
    pub fn new(
        id: HandOverId,
        what: HandsOver,
        author: AccountId,
        created_ms: i64,
        expires_ms: i64,
        body: HandOverBody,
    ) -> Self {
        let (pack, disclosure, child) = match what {
            HandsOver::Pack(of) => (Some(of), None, None),
            HandsOver::Disclosure(of, child) => (None, Some(of), Some(child)),
        };
        let state = HandOverState::Waiting;
        Self { id, version: 0, pack, disclosure, child, author, state, created_ms, expires_ms, body }
    }
}

impl Look {
    /// The ways to take something, the newest first.
    pub async fn hand_overs(&self, of: HandsOver) -> Result<Vec<HandOver>, StoreError> {
        use hand_over::{Column, Entity};
        let of = match of {
            HandsOver::Pack(of) => Column::PackId.eq(of.0),
            HandsOver::Disclosure(of, _) => Column::DisclosureId.eq(of.0),
        };
        let of = Entity::find().filter(of);
        self.list(of.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id)).await
    }

    /// What a way is to, read before it is opened; `None` if there is none of that id.
    pub async fn hands_over(&self, id: HandOverId) -> Result<Option<HandsOver>, StoreError> {
        use hand_over::{Column, Entity};
        let select = Entity::find_by_id(id.0).select_only();
        let select = select.columns([Column::PackId, Column::DisclosureId, Column::ChildId]);
        let found: Option<(Option<Uuid>, Option<Uuid>, Option<Uuid>)> = select.into_tuple().one(&self.db()).await?;
        Ok(found.and_then(|(pack, disclosure, child)| what(pack, disclosure, child)))
    }

    /// A way to take something. [`StoreError::NotFound`] if there is none of that id.
    pub async fn hand_over(&self, id: HandOverId) -> Result<HandOver, StoreError> {
        self.get(id.0).await
    }
}

impl Work {
    /// Puts in a way to take something.
    pub async fn insert_hand_over(&self, row: &mut HandOver) -> Result<(), StoreError> {
        self.insert(row).await
    }

    /// Saves a way to take something over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_hand_over(&self, row: &mut HandOver) -> Result<(), StoreError> {
        self.save(row).await
    }

    /// What was not taken yet, or can still be taken, cannot be taken any more.
    pub async fn take_hand_overs_back(&self, of: HandsOver) -> Result<(), StoreError> {
        for mut before in self.hand_overs(of).await? {
            if matches!(before.state, HandOverState::Waiting | HandOverState::Opened) {
                before.state = HandOverState::TakenBack;
                self.save_hand_over(&mut before).await?;
            }
        }
        Ok(())
    }
}
