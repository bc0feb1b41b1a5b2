//! Certificates: which files were destroyed, by whom proposed and approved. Sealed under the authority's own key, since the
//! file's is no more; they name no child.

use kith_domain::ids::{CertificateId, ChildId, DestructionListId};
use kith_domain::retention::{CertificateBody, CertificateState};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{STAFF_FILE, sealed_row};
use crate::entity::certificate as table;
use crate::{Look, StoreError, Work};

/// That a file was destroyed.
#[derive(Clone)]
pub struct Certificate {
    /// Its id.
    pub id: CertificateId,
    /// Its version.
    pub version: i64,
    /// Which file.
    pub child: ChildId,
    /// The list that was approved; `None` where only the key store knew of the destruction.
    pub list: Option<DestructionListId>,
    /// How far it has come.
    pub state: CertificateState,
    /// When, UTC milliseconds.
    pub destroyed_ms: i64,
    /// From which day (a day number) no backup of the keys brings it back.
    pub gone_day: i64,
    /// The rest.
    pub body: CertificateBody,
}

sealed_row! {
    Certificate, CertificateId, table, CertificateBody;
    id = id,
    child = child_id,
    list = list_id,
    state = state,
    destroyed_ms = destroyed_at,
    gone_day = gone_day;
    fn files(&self) -> Vec<Uuid> {
        vec![STAFF_FILE]
    }
}

impl Look {
    /// Reads a certificate. [`StoreError::NotFound`] if there is none of that id.
    pub async fn certificate(&self, id: CertificateId) -> Result<Certificate, StoreError> {
        self.get(id.0).await
    }

    /// The certificate of a file; `None` of one that was not destroyed.
    pub async fn certificate_of(&self, child: ChildId) -> Result<Option<Certificate>, StoreError> {
        let of = table::Entity::find().filter(table::Column::ChildId.eq(child.0));
        match of.one(&self.db()).await? {
            Some(model) => Ok(Some(self.opened(model).await?)),
            None => Ok(None),
        }
    }

    /// Whether a file was destroyed, or is being destroyed; nothing is opened.
    pub async fn is_destroyed(&self, child: ChildId) -> Result<bool, StoreError> {
        let of = table::Entity::find().filter(table::Column::ChildId.eq(child.0));
        Ok(of.select_only().column(table::Column::Id).into_tuple::<Uuid>().one(&self.db()).await?.is_some())
    }

    /// The newest certificates, so many at most; of one list or of all.
    pub async fn certificates(
        &self,
        list: Option<DestructionListId>,
        many: u64,
    ) -> Result<Vec<Certificate>, StoreError> {
        let mut select = table::Entity::find();
        if let Some(list) = list {
            select = select.filter(table::Column::ListId.eq(list.0));
        }
        self.list(select.order_by_desc(table::Column::DestroyedAt).order_by_desc(table::Column::Id).limit(many)).await
    }
}

impl Work {
    /// Puts in a certificate, at version 1.
    pub(crate) async fn insert_certificate(&self, of: &mut Certificate) -> Result<(), StoreError> {
        self.insert(of).await
    }

    /// Says that the destruction is done, over the version that was read.
    pub async fn finish_certificate(&self, of: &mut Certificate) -> Result<(), StoreError> {
        of.state = CertificateState::Done;
        self.save(of).await
    }
}
