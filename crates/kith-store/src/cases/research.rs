//! Requests for figures, and what was made for them.

use kith_domain::ids::{AccountId, ResearchId};
use kith_domain::research::{Extract, Figure, ResearchRequest, ResearchState};
use sea_orm::{EntityTrait, PaginatorTrait, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{STAFF_FILE, sealed_row};
use crate::entity::{research_extract, research_request};
use crate::{Look, StoreError, Work, unless_destroyed};

/// A request for figures.
#[derive(Clone)]
pub struct RequestForFigures {
    /// Its id.
    pub id: ResearchId,
    /// Its version.
    pub version: i64,
    /// Who asked.
    pub author: AccountId,
    /// Where it stands.
    pub state: ResearchState,
    /// When it was asked, UTC milliseconds.
    pub created_ms: i64,
    /// The last day on which what was made can be had, a day number.
    pub expires_day: i64,
    /// What was asked and decided, and what was given.
    pub body: ResearchRequest,
}

sealed_row! {
    RequestForFigures, ResearchId, research_request, ResearchRequest;
    id = id,
    author = author_id,
    state = state,
    created_ms = created_at,
    expires_day = expires_day;
    fn files(&self) -> Vec<Uuid> {
        vec![STAFF_FILE]
    }
}

/// What was made for a request, sealed with a key of its own.
#[derive(Clone)]
pub struct ResearchExtract {
    /// The request's id.
    pub id: ResearchId,
    /// Its version: always the first.
    pub version: i64,
    /// When it was made, UTC milliseconds.
    pub created_ms: i64,
    /// The table.
    pub body: Extract,
}

sealed_row! {
    ResearchExtract, ResearchId, research_extract, Extract;
    id = id,
    created_ms = created_at;
    fn files(&self) -> Vec<Uuid> {
        vec![self.id.0]
    }
}

impl Look {
    /// Reads a request for figures. [`StoreError::NotFound`] if there is none of that id.
    pub async fn request_for_figures(&self, id: ResearchId) -> Result<RequestForFigures, StoreError> {
        self.get(id.0).await
    }

    /// So many requests for figures after so many, the newest first, and how many there are.
    pub async fn requests_for_figures(
        &self,
        (limit, offset): (u64, u64),
    ) -> Result<(Vec<RequestForFigures>, u64), StoreError> {
        use research_request::Column as C;
        let all = research_request::Entity::find();
        let total = all.clone().count(&self.db()).await?;
        let newest = all.order_by_desc(C::CreatedAt).order_by_desc(C::Id);
        Ok((self.list(newest.limit(limit).offset(offset)).await?, total))
    }

    /// Every figure that was ever given.
    pub async fn figures_given(&self) -> Result<Vec<Figure>, StoreError> {
        let all: Vec<RequestForFigures> = self.list(research_request::Entity::find()).await?;
        Ok(all.into_iter().filter_map(|of| of.body.made).flat_map(|made| made.figures).collect())
    }

    /// What was made for a request; `None` if nothing was, or if it is gone.
    pub async fn research_extract(&self, id: ResearchId) -> Result<Option<ResearchExtract>, StoreError> {
        match self.get(id.0).await {
            Err(StoreError::NotFound) => Ok(None),
            found => unless_destroyed(found),
        }
    }
}

impl Work {
    /// Puts in a request for figures, at version 1. [`StoreError::Duplicate`] if the id is there already.
    pub async fn insert_request_for_figures(&self, row: &mut RequestForFigures) -> Result<(), StoreError> {
        self.insert(row).await
    }

    /// Saves a request for figures over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_request_for_figures(&self, row: &mut RequestForFigures) -> Result<(), StoreError> {
        self.save(row).await
    }

    /// Puts in what was made for a request; its key is there already.
    pub async fn insert_research_extract(&self, row: &mut ResearchExtract) -> Result<(), StoreError> {
        self.insert(row).await
    }
}
