//! Orders of a court about contact. One order can be about several children: it belongs to each of their files.

use kith_domain::ids::{AccountId, ChildId, OrderId};
use kith_domain::order::{Order, OrderState};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::sealed_row;
use crate::entity::{contact_order as table, order_child, relationship};
use crate::{Look, StoreError, Work, row};

/// An order about contact, of one child or several.
#[derive(Clone)]
pub struct ContactOrder {
    /// Its id.
    pub id: OrderId,
    /// Its version.
    pub version: i64,
    /// Who wrote it down.
    pub author: AccountId,
    /// Whether it stands.
    pub state: OrderState,
    /// When it was written down, UTC milliseconds.
    pub created_ms: i64,
    /// About which children, and what it says.
    pub body: OrderBody,
}

/// What is sealed of an order. The children are sealed with it: the rows that join them are for finding it alone.
#[derive(Clone, Serialize, Deserialize)]
pub struct OrderBody {
    /// About which children.
    pub children: Vec<ChildId>,
    /// What it says.
    pub order: Order,
}

sealed_row! {
    ContactOrder, OrderId, table, OrderBody;
    id = id,
    author = author_id,
    state = state,
    created_ms = created_at;
    fn files(&self) -> Vec<Uuid> {
        self.body.children.iter().map(|child| child.0).collect()
    }
}

impl Look {
    /// Reads an order. [`StoreError::NotFound`] if there is none of that id.
    pub async fn order(&self, id: OrderId) -> Result<ContactOrder, StoreError> {
        self.get(id.0).await
    }
}

impl Work {
    /// Puts in an order, at version 1. [`StoreError::Duplicate`] if the id is there already.
    pub async fn insert_order_row(&self, row: &mut ContactOrder) -> Result<(), StoreError> {
        self.insert(row).await
    }

    /// Saves an order over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_order(&self, row: &mut ContactOrder) -> Result<(), StoreError> {
        self.save(row).await?;
        self.clocks_of_order(row).await
    }
}

impl Look {
    /// About which children an order is, read before it is opened; empty if there is none of that id.
    pub async fn children_of_order(&self, id: OrderId) -> Result<Vec<ChildId>, StoreError> {
        let select = order_child::Entity::find().filter(order_child::Column::OrderId.eq(id.0));
        let found: Vec<Uuid> =
            select.select_only().column(order_child::Column::ChildId).into_tuple().all(&self.db()).await?;
        Ok(found.into_iter().map(ChildId).collect())
    }

    /// The other children who have somebody of a child's family in theirs.
    pub async fn children_with_family_in_common(&self, child: ChildId) -> Result<Vec<ChildId>, StoreError> {
        let of = relationship::Entity::find().filter(relationship::Column::ChildId.eq(child.0));
        let people: Vec<Uuid> =
            of.select_only().column(relationship::Column::PersonId).into_tuple().all(&self.db()).await?;
        let others = relationship::Entity::find()
            .filter(relationship::Column::PersonId.is_in(people))
            .filter(relationship::Column::ChildId.ne(child.0));
        let mut found: Vec<Uuid> =
            others.select_only().column(relationship::Column::ChildId).into_tuple().all(&self.db()).await?;
        found.sort_unstable();
        found.dedup();
        Ok(found.into_iter().map(ChildId).collect())
    }

    /// Every order about a child, the newest first.
    pub async fn orders_of(&self, child: ChildId) -> Result<Vec<ContactOrder>, StoreError> {
        let joined = order_child::Entity::find().filter(order_child::Column::ChildId.eq(child.0));
        let ids: Vec<Uuid> =
            joined.select_only().column(order_child::Column::OrderId).into_tuple().all(&self.db()).await?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let orders = table::Entity::find().filter(table::Column::Id.is_in(ids));
        let mut orders: Vec<ContactOrder> =
            self.list(orders.order_by_desc(table::Column::CreatedAt).order_by_desc(table::Column::Id)).await?;
        // A row that joins a child whom the sealed order does not name was not put there by Kith.
        orders.retain(|order| order.body.children.contains(&child));
        Ok(orders)
    }
}

impl Work {
    /// Puts in an order, at version 1, for each of its children. [`StoreError::Duplicate`] if the id is there already.
    pub async fn insert_order(&self, order: &mut ContactOrder) -> Result<(), StoreError> {
        self.insert_order_row(order).await?;
        let of = |child: &ChildId| order_child::Model { order_id: order.id.0, child_id: child.0 };
        let children: Vec<_> = order.body.children.iter().map(of).collect();
        self.wrote_all(order.id.0, &children);
        for model in children {
            row::insert(&self.db(), model).await?;
        }
        self.clocks_of_order(order).await
    }
}
