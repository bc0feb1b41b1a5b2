//! What a case is made of: one file for each kind of row, its columns in the service's own types, its sealed body.

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, ModelTrait, PrimaryKeyTrait,
    Select,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use kith_domain::catalogue::SaidOf;
use kith_domain::form::Fields;

use crate::entity::Envelope;
use crate::{Look, StoreError, Work, row, unless_destroyed};

mod account;
mod allocation;
mod archive;
mod certificate;
mod child;
mod clock;
mod contact_refusal;
mod destruction;
mod disclosure;
mod document;
mod enclosed;
mod entry;
mod hand_over;
mod hold;
mod likeness;
mod notice;
mod order;
mod pack;
mod pack_account;
mod person;
mod person_link;
mod plan;
mod record;
mod referral;
mod referral_child;
mod referral_list;
mod register_version;
mod report;
mod research;
mod rights;
mod risk;
mod scope;
mod sealed;
mod search;
mod session;
mod sharing;
mod statement;
mod team;
mod venue;
mod verification;
mod waiting;

pub use account::{
    Account, AccountBody, AccountState, Credentials, Invited, NextTotp, Proposal, Refused, STAFF_FILE, SignIn,
};
pub use allocation::{Allocation, Counted};
pub(crate) use allocation::{open_and_theirs, reads};
pub use archive::{ArchiveBag, ArchiveTransfer, BagBody};
pub use certificate::Certificate;
pub(crate) use child::DESTROYED;
pub use child::{Child, ChildBody, ChildState, Earlier};
pub use clock::{Clock, ClockDue, Until};
pub use contact_refusal::RefusalOfContact;
pub use destruction::{DestructionItem, DestructionList};
pub use disclosure::{DemandByLaw, Disclosure, DisclosurePaper, SealedPaper};
pub use document::{Document, DocumentBody};
pub use enclosed::{EnclosedBytes, PartEnclosed, ReadableRecord, SignedReport};
pub use entry::{Entry, KeptText, SealedEntry, TextStanding};
pub use hand_over::HandOver;
pub use hold::{HoldFile, HoldOn, LegalHold};
pub use likeness::{child_compared, member_compared};
pub use notice::Notice;
pub use order::{ContactOrder, OrderBody};
pub use pack::{FileInPack, Pack, PartInPack, PartListed, VolumeOfPack};
pub use pack_account::{AccountInPack, AllocatedTime, Wrote};
pub use person::{Names, Person, PersonBody, RelationBody, Relative, not_verified};
pub use person_link::PersonLink;
pub use plan::Plan;
pub use record::{AwaitingReview, Record};
pub use referral::Referral;
pub use referral_list::{CallOf, ReferralFilter, ReferralOrder, ReferralsOf};
pub(crate) use register_version::number_in_force;
pub use register_version::{InUse, RegisterVersion};
pub use report::Report;
pub use research::{RequestForFigures, ResearchExtract};
pub(crate) use rights::OPEN_REQUESTS;
pub use rights::{EndedRequests, PACK_END, PersonRequest, REQUEST_END, RequestEnd, SuspectedBreach};
pub use risk::{AssessmentBody, RiskAssessment};
pub use scope::{FileScope, ReferralScope, SessionScope};
use sealed::sealed_row;
pub use search::Found;
pub use session::{Booked, MovedAway, Session};
pub use sharing::{AgreementOfSharing, ConsentSaid};
pub use team::Covered;
pub use venue::{Room, Shift, Venue};
pub use verification::{CallHeld, ReferralVerification};
pub use waiting::{Left, Waiting};

/// A row whose body is sealed, between the engine's model and the service's words.
pub(crate) trait SealedRow: Sized + Send + Sync {
    /// The engine's model.
    type Model: Envelope
        + ModelTrait<Entity = Self::Entity>
        + FromQueryResult
        + IntoActiveModel<<Self::Entity as EntityTrait>::ActiveModel>
        + Send;
    /// Its entity.
    type Entity: EntityTrait<Model = Self::Model>;
    /// What is sealed.
    type Body: Serialize + DeserializeOwned + Send + Sync;
    /// The version column.
    const VERSION: <Self::Entity as EntityTrait>::Column;

    /// The row's id.
    fn id(&self) -> Uuid;
    /// The row's version.
    fn version(&mut self) -> &mut i64;
    /// The files it belongs to.
    fn files(&self) -> Vec<Uuid>;
    /// What is sealed.
    fn body(&self) -> &Self::Body;
    /// The values of items of the catalogue in a body, and of whom each is said.
    fn values(_body: &Self::Body) -> Vec<(SaidOf, &Fields)> {
        Vec::new()
    }
    /// The body with what the purpose of the look covers.
    fn covered(_look: &Look, body: Self::Body) -> Self::Body {
        body
    }
    /// The engine's model of this row, to be sealed.
    fn model(&self) -> Self::Model;
    /// The row in the service's words; `None` when a column holds a code that is none of ours.
    fn of(model: Self::Model, body: Self::Body) -> Option<Self>;
}

impl Look {
    pub(crate) async fn get<C: SealedRow>(&self, id: Uuid) -> Result<C, StoreError>
    where
        <<C::Entity as EntityTrait>::PrimaryKey as PrimaryKeyTrait>::ValueType: From<Uuid>,
    {
        let model = C::Entity::find_by_id(id).one(&self.db()).await?.ok_or(StoreError::NotFound)?;
        self.opened(model).await
    }

    pub(crate) async fn opened<C: SealedRow>(&self, model: C::Model) -> Result<C, StoreError> {
        let id = model.row();
        let body = C::covered(self, self.open(&model).await?);
        let case = C::of(model, body).ok_or(StoreError::Corrupt { table: C::Model::TABLE, row: id })?;
        self.note_files(&case.files(), id);
        Ok(case)
    }

    /// Notes whose files a row belongs to, so that a child's access history finds every look and every change.
    pub(crate) fn note_files(&self, files: &[Uuid], row: Uuid) {
        for file in files.iter().filter(|file| **file != row && **file != STAFF_FILE) {
            self.note("child", *file);
        }
    }

    pub(crate) async fn list<C: SealedRow>(&self, select: Select<C::Entity>) -> Result<Vec<C>, StoreError> {
        self.opened_all(select.all(&self.db()).await?).await
    }

    /// Opens these rows, in their order; the keys of all their files are asked for together. What belonged to files that were
    /// destroyed alone is in no list.
    pub(crate) async fn opened_all<C: SealedRow>(&self, models: Vec<C::Model>) -> Result<Vec<C>, StoreError> {
        self.fetch_keys(models.iter().map(Envelope::sealed)).await?;
        let mut rows = Vec::with_capacity(models.len());
        for model in models {
            rows.extend(unless_destroyed(self.opened(model).await)?);
        }
        Ok(rows)
    }
}

impl Work {
    pub(crate) async fn insert<C: SealedRow>(&self, case: &mut C) -> Result<(), StoreError>
    where
        <C::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = C::Entity>,
    {
        *case.version() = 1;
        self.hold(C::values(case.body())).await?;
        self.note_files(&case.files(), case.id());
        let model = self.seal(case.model(), &case.files(), case.body()).await?;
        row::insert(&self.db(), model).await
    }

    /// Saves over the row as it was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub(crate) async fn save<C: SealedRow>(&self, case: &mut C) -> Result<(), StoreError>
    where
        <C::Entity as EntityTrait>::ActiveModel: ActiveModelTrait<Entity = C::Entity>,
    {
        let read = *case.version();
        self.hold(C::values(case.body())).await?;
        self.note_files(&case.files(), case.id());
        *case.version() = read + 1;
        let model = self.seal(case.model(), &case.files(), case.body()).await?;
        row::save_where_version(&self.db(), model, C::VERSION, read).await
    }
}

/// A row without an envelope is saved the same way.
pub(crate) async fn save_plain<E, M>(
    db: &impl ConnectionTrait,
    model: M,
    version: E::Column,
    read: i64,
) -> Result<(), StoreError>
where
    E: EntityTrait<Model = M>,
    M: ModelTrait<Entity = E> + IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: ActiveModelTrait<Entity = E>,
{
    row::save_where_version(db, model, version, read).await
}
