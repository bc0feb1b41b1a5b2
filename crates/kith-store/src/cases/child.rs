//! Children's files.

use kith_domain::catalogue::SaidOf;
use kith_domain::fact::Known;
use kith_domain::ids::{AccountId, ChildId};
use kith_domain::referral::{ChildFacts, Legal, Placement, RiskFacts};
use kith_domain::retention::{FileKept, RecordCategory};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::sealed_row;
use crate::entity::Envelope;
use crate::entity::child;
use crate::{Look, StoreError, unless_destroyed};

/// The area of a file that was destroyed: no code of a register, so that it is in no list and nobody's, see [`crate::destroy`].
pub(crate) const DESTROYED: &str = "!destroyed";

/// Where a file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChildState {
    /// There is a referral, not yet accepted.
    Referred,
    /// In contact.
    Open,
    /// Contact has ended.
    Closed,
    /// Nobody's: the referral it was begun for joined the file that was held of the child.
    Joined,
}

impl ChildState {
    pub(crate) const fn code(self) -> &'static str {
        match self {
            ChildState::Referred => "referred",
            ChildState::Open => "open",
            ChildState::Closed => "closed",
            ChildState::Joined => "joined",
        }
    }

    pub(super) fn from_code(code: &str) -> Option<Self> {
        let all = [ChildState::Referred, ChildState::Open, ChildState::Closed, ChildState::Joined];
        all.into_iter().find(|state| state.code() == code)
    }
}

/// A child's file.
#[derive(Clone)]
pub struct Child {
    /// Its id.
    pub id: ChildId,
    /// Its version.
    pub version: i64,
    /// Where it stands.
    pub state: ChildState,
    /// The area that deals with it.
    pub area: String,
    /// The social worker.
    pub social_worker: AccountId,
    /// The month of retention where it stood in the clear, see [`Child::retention_month`].
    pub earlier: Earlier,
    /// When it was opened, UTC milliseconds.
    pub created_ms: i64,
    /// What stands.
    pub body: ChildBody,
}

/// What a column holds that nothing is written into any more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Earlier(String);

impl super::sealed::Clear for Earlier {
    type Column = String;
    fn stored(&self) -> String {
        String::new()
    }
    fn read(column: String) -> Option<Self> {
        Some(Self(column))
    }
}

/// What stands now of a child, folded from its statements; empty until the referral is accepted.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct ChildBody {
    /// Values by code of the item, and what is in doubt.
    pub known: Known,
    /// Who the child is.
    pub facts: Option<ChildFacts>,
    /// Where the child lives.
    pub placement: Option<Placement>,
    /// Legal status and order.
    pub legal: Option<Legal>,
    /// Concerns and emergency contact.
    pub risk: Option<RiskFacts>,
    /// What must and must not happen, from the contact wanted.
    pub constraints: Option<String>,
    /// When retention is next looked at, `YYYY-MM`. It is sealed: for most it is the month of birth, 75 years later.
    pub retention_month: String,
    /// Until when the file is kept and by which rule; `None` of a row from before this was written down.
    pub kept: Option<FileKept>,
}

/// A child's body as it is stored.
#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(flatten)]
    known: Known,
    #[serde(default)]
    retention_month: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kept: Option<FileKept>,
}

impl From<Stored> for ChildBody {
    fn from(stored: Stored) -> Self {
        Self { retention_month: stored.retention_month, kept: stored.kept, ..Self::from(stored.known) }
    }
}

impl From<ChildBody> for Stored {
    fn from(body: ChildBody) -> Self {
        Self { known: body.known, retention_month: body.retention_month, kept: body.kept }
    }
}

impl From<Known> for ChildBody {
    fn from(known: Known) -> Self {
        let values = &known.values;
        Self {
            facts: ChildFacts::of(values),
            placement: Placement::of(values),
            legal: Legal::of(values),
            risk: RiskFacts::of(values),
            constraints: Some(values.get("constraints").to_owned()).filter(|text| !text.is_empty()),
            retention_month: String::new(),
            kept: None,
            known,
        }
    }
}

impl From<ChildBody> for Known {
    fn from(body: ChildBody) -> Known {
        body.known
    }
}

impl Child {
    /// When retention is next looked at, `YYYY-MM`; empty while it is not known.
    pub fn retention_month(&self) -> &str {
        let month = self.body.retention_month.as_str();
        if month.is_empty() { &self.earlier.0 } else { month }
    }

    /// Until when the file is kept; of a row that knows the month alone its last day, by the rule of a case file.
    pub fn kept(&self) -> Option<FileKept> {
        self.body.kept.clone().or_else(|| {
            let first: jiff::civil::Date = format!("{}-01", self.retention_month()).parse().ok()?;
            let rule = "until the 75th anniversary of the birth, counted to the end of the month".to_owned();
            Some(FileKept { category: RecordCategory::CaseFile, until: first.last_of_month(), rule })
        })
    }

    /// Writes down until when the file is kept.
    pub fn keep(&mut self, kept: FileKept) {
        self.body.retention_month = kept.month();
        self.body.kept = Some(kept);
    }

    /// The child's name; the file's reference while nothing is verified.
    pub fn name(&self) -> String {
        self.body.facts.as_ref().map_or_else(|| self.id.reference(), |facts| facts.name.full())
    }

    /// The child's first names, for places where the surname is not needed.
    pub fn first_name(&self) -> String {
        self.body.facts.as_ref().map_or_else(|| self.id.reference(), |facts| facts.name.given.clone())
    }
}

sealed_row! {
    Child, ChildId, child, ChildBody;
    id = id,
    state = state,
    area = area,
    social_worker = social_worker_id,
    earlier = retention_month,
    created_ms = created_at;
    fn files(&self) -> Vec<Uuid> {
        vec![self.id.0]
    }
    fn covered(look: &Look, body: ChildBody) -> ChildBody {
        // Until when it is kept is no item: whoever may open the file at all reads it, whatever for.
        let (retention_month, kept) = (body.retention_month.clone(), body.kept.clone());
        ChildBody { retention_month, kept, ..look.covered(SaidOf::Child, body) }
    }
}

impl crate::Work {
    /// Saves a child's file over the version that was read; its social worker is changed by
    /// [`give_child`](Self::give_child) alone. Who joined another file is found no more. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_child(&self, child: &mut Child) -> Result<(), StoreError> {
        if child.state == ChildState::Joined {
            self.unindex_child(child.id).await?;
        }
        self.save(child).await?;
        self.clocks_of_child(child).await
    }
}

impl Look {
    /// Reads a child's file. [`StoreError::NotFound`] if there is none of that id.
    pub async fn child(&self, id: ChildId) -> Result<Child, StoreError> {
        self.get(id.0).await
    }

    /// Open files of an area.
    pub async fn children_in(&self, area: &str) -> Result<Vec<Child>, StoreError> {
        let of =
            Condition::all().add(child::Column::Area.eq(area)).add(child::Column::State.eq(ChildState::Open.code()));
        self.list(child::Entity::find().filter(of).order_by_desc(child::Column::CreatedAt)).await
    }

    /// These files, in any order, without those whose keys were destroyed.
    pub async fn children(&self, ids: &[ChildId]) -> Result<Vec<Child>, StoreError> {
        let select = child::Entity::find().filter(child::Column::Id.is_in(ids.iter().map(|id| id.0)));
        let models = select.all(&self.db()).await?;
        self.fetch_keys(models.iter().map(Envelope::sealed)).await?;
        let mut children = Vec::with_capacity(models.len());
        for model in models {
            children.extend(unless_destroyed(self.opened(model).await)?);
        }
        Ok(children)
    }

    /// Open files of a social worker.
    pub async fn children_of(&self, social_worker: AccountId) -> Result<Vec<Child>, StoreError> {
        let of = Condition::all()
            .add(child::Column::SocialWorkerId.eq(social_worker.0))
            .add(child::Column::State.eq(ChildState::Open.code()));
        self.list(child::Entity::find().filter(of).order_by_desc(child::Column::CreatedAt)).await
    }
}
