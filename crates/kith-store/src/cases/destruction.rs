//! Lists of files that are proposed for destruction, and the files on them.

use kith_domain::ids::{AccountId, ChildId, DestructionItemId, DestructionListId};
use kith_domain::referral::ReferralState;
use kith_domain::retention::{DestructionBody, ItemBody, ItemState, ListState};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement};
use uuid::Uuid;

use super::child::DESTROYED;
use super::{Child, ChildState, STAFF_FILE, sealed_row};
use crate::entity::{Envelope, child, destruction_item as item, destruction_list as list};
use crate::{Look, StoreError, Work, row, unless_destroyed};

/// Files opened with one query.
const BATCH: u64 = 500;

/// A list of files that are proposed for destruction.
#[derive(Clone)]
pub struct DestructionList {
    /// Its id.
    pub id: DestructionListId,
    /// Its version.
    pub version: i64,
    /// Who proposed; `None` for Kith.
    pub author: Option<AccountId>,
    /// Where it stands.
    pub state: ListState,
    /// When it was proposed, UTC milliseconds.
    pub created_ms: i64,
    /// Who approved.
    pub body: DestructionBody,
}

sealed_row! {
    DestructionList, DestructionListId, list, DestructionBody;
    id = id,
    author = author_id,
    state = state,
    created_ms = created_at;
    fn files(&self) -> Vec<Uuid> {
        vec![STAFF_FILE]
    }
}

/// A file on a list.
#[derive(Clone)]
pub struct DestructionItem {
    /// Its id.
    pub id: DestructionItemId,
    /// Its version.
    pub version: i64,
    /// On which list.
    pub list: DestructionListId,
    /// Which file.
    pub child: ChildId,
    /// Where it stands.
    pub state: ItemState,
    /// Its date and rule.
    pub body: ItemBody,
}

sealed_row! {
    DestructionItem, DestructionItemId, item, ItemBody;
    id = id,
    list = list_id,
    child = child_id,
    state = state;
    fn files(&self) -> Vec<Uuid> {
        vec![self.child.0]
    }
}

/// `$1` a file of which no referral was accepted: how many referrals it is on that nobody has decided.
const UNDECIDED: &str = "SELECT COUNT(*) AS n FROM referral_child m JOIN referral r ON r.id = m.referral_id \
     WHERE m.child_id = $1 AND m.part = 'form' AND m.state = 'referred' AND r.state NOT IN ";

impl Look {
    /// Reads a list. [`StoreError::NotFound`] if there is none of that id.
    pub async fn destruction_list(&self, id: DestructionListId) -> Result<DestructionList, StoreError> {
        self.get(id.0).await
    }

    /// The newest lists, so many at most.
    pub async fn destruction_lists(&self, many: u64) -> Result<Vec<DestructionList>, StoreError> {
        let newest = list::Entity::find().order_by_desc(list::Column::CreatedAt).order_by_desc(list::Column::Id);
        self.list(newest.limit(many)).await
    }

    /// Whether Kith itself proposed a list from an instant on, UTC milliseconds.
    pub async fn proposed_by_itself_since(&self, from_ms: i64) -> Result<bool, StoreError> {
        let of = Condition::all().add(list::Column::AuthorId.is_null()).add(list::Column::CreatedAt.gte(from_ms));
        let found = list::Entity::find().filter(of).select_only().column(list::Column::Id);
        Ok(found.into_tuple::<Uuid>().one(&self.db()).await?.is_some())
    }

    /// How many files are on a list, by where they stand; nothing is opened.
    pub async fn count_on_list(&self, id: DestructionListId) -> Result<Vec<(ChildId, ItemState)>, StoreError> {
        let of = item::Entity::find().filter(item::Column::ListId.eq(id.0)).select_only();
        let columns = [item::Column::ChildId, item::Column::State];
        let found: Vec<(Uuid, String)> = of.columns(columns).into_tuple().all(&self.db()).await?;
        Ok(found
            .into_iter()
            .filter_map(|(child, state)| Some((ChildId(child), ItemState::from_code(&state)?)))
            .collect())
    }

    /// The files on a list whose date and rule can be read: those that were destroyed are not among them.
    pub async fn items_on_list(&self, id: DestructionListId) -> Result<Vec<DestructionItem>, StoreError> {
        self.list(item::Entity::find().filter(item::Column::ListId.eq(id.0)).order_by_asc(item::Column::Id)).await
    }

    /// Reads a file on a list. [`StoreError::NotFound`] if there is none of that id.
    pub async fn destruction_item(&self, id: DestructionItemId) -> Result<DestructionItem, StoreError> {
        self.get(id.0).await
    }

    /// The list that an item is on and the file that it is, and where it stands; nothing is opened.
    pub async fn whose_item(
        &self,
        id: DestructionItemId,
    ) -> Result<Option<(DestructionListId, ChildId, ItemState)>, StoreError> {
        let of = item::Entity::find_by_id(id.0).select_only();
        let columns = [item::Column::ListId, item::Column::ChildId];
        let found: Option<(Uuid, Uuid, String)> =
            of.columns(columns).column(item::Column::State).into_tuple().one(&self.db()).await?;
        let of = |(list, child, state): (Uuid, Uuid, String)| {
            Some((DestructionListId(list), ChildId(child), ItemState::from_code(&state)?))
        };
        Ok(found.and_then(of))
    }

    /// The places of a file on lists that are not over.
    pub async fn listed(&self, child: ChildId) -> Result<Vec<DestructionItem>, StoreError> {
        let of = Condition::all()
            .add(item::Column::ChildId.eq(child.0))
            .add(item::Column::State.eq(ItemState::Listed.code()));
        self.list(item::Entity::find().filter(of)).await
    }

    /// Every file that is there, as `of` finds it worth keeping: part by part, each opened and entered in the log as seen.
    pub async fn sifted<T>(&self, of: impl Fn(&Child) -> Option<T>) -> Result<Vec<T>, StoreError> {
        let mut sifted = Vec::new();
        let mut after = Uuid::nil();
        loop {
            let next = Condition::all().add(child::Column::Id.gt(after)).add(child::Column::Area.ne(DESTROYED));
            let some = child::Entity::find().filter(next).order_by_asc(child::Column::Id).limit(BATCH);
            let some = some.all(&self.db()).await?;
            let Some(last) = some.last() else { return Ok(sifted) };
            after = last.id;
            self.fetch_keys(some.iter().map(Envelope::sealed)).await?;
            for model in some {
                if let Some(child) = unless_destroyed(self.opened::<Child>(model).await)? {
                    sifted.extend(of(&child));
                }
            }
        }
    }

    /// Whether every referral of a child whose file was never opened is over: declined or withdrawn, or the child was taken off; or is a
    /// draft, whose period runs from when somebody last worked on it.
    pub async fn is_decided(&self, child: &Child) -> Result<bool, StoreError> {
        if child.state != ChildState::Referred {
            return Ok(true);
        }
        let over = [ReferralState::Declined, ReferralState::Withdrawn, ReferralState::Draft]
            .map(|state| format!("'{}'", state.code()));
        let sql = format!("{UNDECIDED} ({})", over.join(", "));
        let db = self.db();
        let ask = Statement::from_sql_and_values(db.get_database_backend(), sql, [child.id.0.into()]);
        let row = db.query_one_raw(ask).await?.ok_or(StoreError::NotFound)?;
        Ok(row.try_get::<i64>("", "n")? == 0)
    }
}

impl Work {
    /// Puts in a list with its files, at version 1.
    pub async fn insert_list(
        &self,
        list: &mut DestructionList,
        items: &mut [DestructionItem],
    ) -> Result<(), StoreError> {
        self.insert(list).await?;
        for item in items {
            self.insert(item).await?;
        }
        Ok(())
    }

    /// Saves a list over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_list(&self, list: &mut DestructionList) -> Result<(), StoreError> {
        self.save(list).await
    }

    /// Saves a file on a list over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_item(&self, item: &mut DestructionItem) -> Result<(), StoreError> {
        self.save(item).await
    }

    /// Says that a file on a list was destroyed when its envelope cannot be read any more.
    pub(crate) async fn item_is_destroyed(&self, child: ChildId) -> Result<(), StoreError> {
        let of = Condition::all()
            .add(item::Column::ChildId.eq(child.0))
            .add(item::Column::State.eq(ItemState::Listed.code()));
        for mut model in item::Entity::find().filter(of).all(&self.db()).await? {
            let read = model.version;
            (model.state, model.version) = (ItemState::Destroyed.code().to_owned(), read + 1);
            self.wrote(model.id, model.version, &model);
            row::save_where_version(&self.db(), model, item::Column::Version, read).await?;
        }
        Ok(())
    }
}
