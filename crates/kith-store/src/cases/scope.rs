//! What decides who may: the clear columns of a case, read before anything is opened.

use kith_domain::ids::{AccountId, ChildId, ReferralId, SessionId};
use sea_orm::{EntityTrait, QuerySelect};
use uuid::Uuid;

use crate::entity::{child, occupancy, record, referral, session};
use crate::{Look, StoreError};
use sea_orm::{ColumnTrait, QueryFilter};

/// To whom a referral is allocated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferralScope {
    /// Its area.
    pub area: String,
    /// The social worker.
    pub referrer: AccountId,
    /// The child's file.
    pub child: ChildId,
}

/// To whom a child's file is allocated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileScope {
    /// The file.
    pub child: ChildId,
    /// Its area.
    pub area: String,
    /// The social worker.
    pub social_worker: AccountId,
}

/// To whom a session and its record are allocated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionScope {
    /// The session.
    pub session: SessionId,
    /// The child's file.
    pub file: FileScope,
    /// First and second supervisor.
    pub supervisors: Vec<AccountId>,
    /// Who writes the record.
    pub author: AccountId,
    /// Whether the record is still to be accepted.
    pub open: bool,
    /// Whether the record has been signed.
    pub signed: bool,
}

impl Look {
    /// To whom a referral is allocated; `None` if there is none of that id.
    pub async fn referral_scope(&self, id: ReferralId) -> Result<Option<ReferralScope>, StoreError> {
        let found: Option<(String, Uuid, Uuid)> = referral::Entity::find_by_id(id.0)
            .select_only()
            .columns([referral::Column::Area, referral::Column::ReferrerId, referral::Column::ChildId])
            .into_tuple()
            .one(&self.db())
            .await?;
        Ok(found.map(|(area, referrer, child)| ReferralScope {
            area,
            referrer: AccountId(referrer),
            child: ChildId(child),
        }))
    }

    /// To whom a file is allocated; `None` if there is none of that id.
    pub async fn file_scope(&self, id: ChildId) -> Result<Option<FileScope>, StoreError> {
        let found: Option<(String, Uuid)> = child::Entity::find_by_id(id.0)
            .select_only()
            .columns([child::Column::Area, child::Column::SocialWorkerId])
            .into_tuple()
            .one(&self.db())
            .await?;
        Ok(found.map(|(area, worker)| FileScope { child: id, area, social_worker: AccountId(worker) }))
    }

    /// To whom a session is allocated; `None` if there is none of that id.
    pub async fn session_scope(&self, id: SessionId) -> Result<Option<SessionScope>, StoreError> {
        let found: Option<(Uuid, Uuid)> = session::Entity::find_by_id(id.0)
            .select_only()
            .columns([session::Column::ChildId, session::Column::SupervisorId])
            .into_tuple()
            .one(&self.db())
            .await?;
        let Some((child, supervisor)) = found else { return Ok(None) };
        let Some(file) = self.file_scope(ChildId(child)).await? else { return Ok(None) };
        let record: Option<(String, Uuid)> = record::Entity::find_by_id(id.0)
            .select_only()
            .columns([record::Column::State, record::Column::AuthorId])
            .into_tuple()
            .one(&self.db())
            .await?;
        let mut supervisors = vec![AccountId(supervisor)];
        let taken: Vec<Uuid> = occupancy::Entity::find()
            .select_only()
            .column(occupancy::Column::ResourceId)
            .distinct()
            .filter(occupancy::Column::SessionId.eq(id.0))
            .into_tuple()
            .all(&self.db())
            .await?;
        supervisors.extend(taken.into_iter().map(AccountId));
        let (state, author) = record.map_or((None, supervisor), |(state, author)| (Some(state), author));
        Ok(Some(SessionScope {
            session: id,
            file,
            supervisors,
            author: AccountId(author),
            open: state.as_deref() != Some("accepted"),
            signed: state.is_some_and(|state| state != "open"),
        }))
    }
}
