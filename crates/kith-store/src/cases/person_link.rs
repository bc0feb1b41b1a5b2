//! Whether two rows are of one human being: decisions that are only added, and what follows from them.

use std::collections::{BTreeMap, BTreeSet};

use kith_domain::calendar;
use kith_domain::ids::{AccountId, PersonId, PersonLinkId};
use kith_domain::same::LinkDecision;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::entity::{person, person_link};
use crate::{Look, StoreError, Work, row};

/// One decision.
#[derive(Clone)]
pub struct PersonLink {
    /// Its id.
    pub id: PersonLinkId,
    /// The two rows, the smaller id first.
    pub pair: (PersonId, PersonId),
    /// What was decided.
    pub decision: LinkDecision,
    /// By whom.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub decided_ms: i64,
    /// Why, in their words.
    pub why: String,
}

impl Look {
    /// Every decision in which one of these rows is named, oldest first.
    pub async fn person_links(&self, ids: &[PersonId]) -> Result<Vec<PersonLink>, StoreError> {
        let of = || ids.iter().map(|id| id.0);
        let of = Condition::any()
            .add(person_link::Column::PersonId.is_in(of()))
            .add(person_link::Column::OtherId.is_in(of()));
        let found = person_link::Entity::find().filter(of).order_by_asc(person_link::Column::DecidedAt);
        let mut links = Vec::new();
        for model in found.order_by_asc(person_link::Column::Id).all(&self.db()).await? {
            let why = self.open(&model).await?;
            let corrupt = StoreError::Corrupt { table: "person_link", row: model.id };
            links.push(PersonLink {
                id: PersonLinkId(model.id),
                pair: (PersonId(model.person_id), PersonId(model.other_id)),
                decision: LinkDecision::from_code(&model.decision).ok_or(corrupt)?,
                by: AccountId(model.author_id),
                decided_ms: model.decided_at,
                why,
            });
        }
        Ok(links)
    }

    /// The rows that hang together with this one by decisions that stand.
    async fn hanging_together(&self, person: PersonId) -> Result<BTreeSet<PersonId>, StoreError> {
        let mut together = BTreeSet::from([person]);
        loop {
            let known: Vec<PersonId> = together.iter().copied().collect();
            let mut stands = BTreeMap::new();
            for link in self.person_links(&known).await? {
                stands.insert(link.pair, link.decision);
            }
            let same = stands.into_iter().filter(|(_, decision)| *decision == LinkDecision::Same);
            together.extend(same.flat_map(|((one, other), _)| [one, other]));
            if together.len() == known.len() {
                return Ok(together);
            }
        }
    }
}

impl Work {
    /// Decides of two rows whether they are of one human being. What is held of them is folded, sealed and found anew:
    /// for the files of all children of one human being, or of each one's own.
    ///
    /// What is booked from the day of the decision on is taken by the human being from then on.
    ///
    /// [`StoreError::NotFound`] if one of them is not there, or both are the same row; [`StoreError::Occupied`] if it would
    /// be booked in two places at once.
    pub async fn decide_link(&self, link: &PersonLink) -> Result<(), StoreError> {
        let (one, other) = (link.pair.0.min(link.pair.1), link.pair.0.max(link.pair.1));
        let mut before: BTreeSet<PersonId> = self.persons_of(one).await?.into_iter().collect();
        let of_other = self.persons_of(other).await?;
        if one == other || before.is_empty() || of_other.is_empty() {
            return Err(StoreError::NotFound);
        }
        before.extend(of_other);
        let all: Vec<PersonId> = before.iter().copied().collect();
        let files: Vec<Uuid> = self.children_of_persons(&all).await?.into_iter().map(|child| child.0).collect();
        let id = link.id.0;
        self.note_files(&files, id);
        let model = person_link::Model {
            id,
            version: 1,
            person_id: one.0,
            other_id: other.0,
            decision: link.decision.code().to_owned(),
            author_id: link.by.0,
            decided_at: link.decided_ms,
            sealed: Vec::new(),
        };
        let model = self.seal(model, &files, &link.why).await?;
        row::insert(&self.db(), model).await?;
        let (mut beings, mut being_of) = (Vec::new(), BTreeMap::new());
        let were: Vec<Uuid> = self.canonical_persons(&all).await?.into_values().map(|id| id.0).collect();
        while let Some(first) = before.first().copied() {
            // The smallest of the rest is the smallest of those that hang together with it: ids are visited in order.
            let together = self.hanging_together(first).await?;
            before.retain(|id| !together.contains(id));
            let rows = together.iter().map(|id| id.0);
            let update = person::Entity::update_many().col_expr(person::Column::CanonicalId, Expr::value(first.0));
            update.filter(person::Column::Id.is_in(rows)).exec(&self.db()).await?;
            being_of.extend(together.iter().map(|id| (id.0, first.0)));
            beings.push(first);
        }
        let day = calendar::day_number(calendar::in_london(link.decided_ms).date());
        self.take_over(&were, &being_of, day).await?;
        for being in beings {
            self.seal_again(being).await?;
        }
        Ok(())
    }
}
