//! Legal holds. Which of them bear on a file is worked out whenever it is asked, by one statement over clear columns: a file
//! that a person comes into later is kept too.

use kith_domain::ids::{AccountId, ChildId, HoldId, PersonId, ReferralId};
use kith_domain::retention::{HoldBody, HoldKind};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement};
use uuid::Uuid;

use super::{STAFF_FILE, sealed_row};
use crate::entity::{hold_file, legal_hold as table};
use crate::{Look, StoreError, Work, row};

/// The most holds in a list, the ones that are to be looked at first before others.
const LISTED_MAX: u64 = 200;

/// A legal hold.
#[derive(Clone)]
pub struct LegalHold {
    /// Its id.
    pub id: HoldId,
    /// Its version.
    pub version: i64,
    /// What it keeps.
    pub kind: HoldKind,
    /// The child, person or referral that it keeps; `None` of a theme.
    pub subject: Option<Uuid>,
    /// Who set it.
    pub author: AccountId,
    /// Since when it stands, UTC milliseconds.
    pub set_ms: i64,
    /// By which day it is looked at again, a day number.
    pub review_day: i64,
    /// When it was lifted, UTC milliseconds.
    pub lifted_ms: Option<i64>,
    /// Who asked for it, why, and what came of it.
    pub body: HoldBody,
}

sealed_row! {
    LegalHold, HoldId, table, HoldBody;
    id = id,
    kind = kind,
    subject = subject_id,
    author = author_id,
    set_ms = set_at,
    review_day = review_day,
    lifted_ms = lifted_at;
    fn files(&self) -> Vec<Uuid> {
        let children: Vec<Uuid> = self.body.children.iter().map(|child| child.0).collect();
        if children.is_empty() { vec![STAFF_FILE] } else { children }
    }
}

/// A file that was added to a theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldFile {
    /// Which.
    pub child: ChildId,
    /// When, UTC milliseconds.
    pub added_ms: i64,
    /// By whom.
    pub by: AccountId,
}

/// That a hold bears on a file; nothing of it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldOn {
    /// Which hold.
    pub id: HoldId,
    /// What it keeps.
    pub kind: HoldKind,
}

/// `$1` the file. Brothers and sisters are who is, or was, with the child on a referral, an order or a session.
const BEARS_ON: &str = "SELECT h.id, h.kind FROM legal_hold h WHERE h.lifted_at IS NULL AND ( \
     (h.kind = 'file' AND h.subject_id = $1) \
     OR (h.kind = 'referral' AND h.subject_id IN (SELECT m.referral_id FROM referral_child m WHERE m.child_id = $1)) \
     OR (h.kind = 'theme' AND h.id IN (SELECT f.hold_id FROM hold_file f WHERE f.child_id = $1)) \
     OR (h.kind = 'person' AND h.subject_id IN (SELECT o.id FROM relationship l JOIN person p ON p.id = l.person_id \
         JOIN person o ON o.canonical_id = p.canonical_id WHERE l.child_id = $1)) \
     OR (h.kind = 'family' AND (h.subject_id = $1 \
         OR h.subject_id IN (SELECT o.child_id FROM referral_child m JOIN referral_child o ON o.referral_id = m.referral_id \
             WHERE m.child_id = $1) \
         OR h.subject_id IN (SELECT o.child_id FROM order_child m JOIN order_child o ON o.order_id = m.order_id \
             WHERE m.child_id = $1) \
         OR h.subject_id IN (SELECT o.child_id FROM session_child m JOIN session_child o ON o.session_id = m.session_id \
             WHERE m.child_id = $1)))) ORDER BY h.set_at, h.id";

/// `$1` the hold: the files that it keeps now.
const KEEPS: &str = "SELECT c.id FROM child c JOIN legal_hold h ON h.id = $1 WHERE \
     (h.kind = 'file' AND c.id = h.subject_id) \
     OR (h.kind = 'referral' AND c.id IN (SELECT m.child_id FROM referral_child m WHERE m.referral_id = h.subject_id)) \
     OR (h.kind = 'theme' AND c.id IN (SELECT f.child_id FROM hold_file f WHERE f.hold_id = h.id)) \
     OR (h.kind = 'person' AND c.id IN (SELECT l.child_id FROM relationship l JOIN person p ON p.id = l.person_id \
         JOIN person o ON o.canonical_id = p.canonical_id WHERE o.id = h.subject_id)) \
     OR (h.kind = 'family' AND (c.id = h.subject_id \
         OR c.id IN (SELECT o.child_id FROM referral_child m JOIN referral_child o ON o.referral_id = m.referral_id \
             WHERE m.child_id = h.subject_id) \
         OR c.id IN (SELECT o.child_id FROM order_child m JOIN order_child o ON o.order_id = m.order_id \
             WHERE m.child_id = h.subject_id) \
         OR c.id IN (SELECT o.child_id FROM session_child m JOIN session_child o ON o.session_id = m.session_id \
             WHERE m.child_id = h.subject_id))) ORDER BY c.id";

impl Look {
    /// Reads a hold. [`StoreError::NotFound`] if there is none of that id.
    pub async fn hold_of(&self, id: HoldId) -> Result<LegalHold, StoreError> {
        self.get(id.0).await
    }

    /// The holds that stand, the one that is to be looked at again first before others, or those that were lifted, the newest
    /// first; those of files that were destroyed alone are not among them.
    pub async fn holds(&self, lifted: bool) -> Result<Vec<LegalHold>, StoreError> {
        let select = table::Entity::find();
        let select = if lifted {
            select.filter(table::Column::LiftedAt.is_not_null()).order_by_desc(table::Column::LiftedAt)
        } else {
            select.filter(table::Column::LiftedAt.is_null()).order_by_asc(table::Column::ReviewDay)
        };
        self.list(select.order_by_asc(table::Column::Id).limit(LISTED_MAX)).await
    }

    /// The holds that bear on a file now; nothing is opened.
    pub async fn holds_on(&self, child: ChildId) -> Result<Vec<HoldOn>, StoreError> {
        let db = self.db();
        let of = Statement::from_sql_and_values(db.get_database_backend(), BEARS_ON, [child.0.into()]);
        let mut held = Vec::new();
        for row in db.query_all_raw(of).await? {
            let id: Uuid = row.try_get("", "id")?;
            let kind = HoldKind::from_code(&row.try_get::<String>("", "kind")?);
            let kind = kind.ok_or(StoreError::Corrupt { table: "legal_hold", row: id })?;
            held.push(HoldOn { id: HoldId(id), kind });
        }
        Ok(held)
    }

    /// The files that a hold keeps now, whether it stands or was lifted; nothing is opened.
    pub async fn kept_by(&self, hold: HoldId) -> Result<Vec<ChildId>, StoreError> {
        let db = self.db();
        let of = Statement::from_sql_and_values(db.get_database_backend(), KEEPS, [hold.0.into()]);
        let rows = db.query_all_raw(of).await?;
        rows.iter().map(|row| Ok(ChildId(row.try_get("", "id")?))).collect()
    }

    /// The files that were added to a theme.
    pub async fn files_of_theme(&self, hold: HoldId) -> Result<Vec<HoldFile>, StoreError> {
        let of = hold_file::Entity::find().filter(hold_file::Column::HoldId.eq(hold.0));
        let rows = of.order_by_asc(hold_file::Column::AddedAt).all(&self.db()).await?;
        let of = |row: hold_file::Model| HoldFile {
            child: ChildId(row.child_id),
            added_ms: row.added_at,
            by: AccountId(row.added_by),
        };
        Ok(rows.into_iter().map(of).collect())
    }

    /// The files that something would be kept of by such a hold: before one is set.
    pub async fn would_keep(&self, kind: HoldKind, subject: Uuid) -> Result<Vec<ChildId>, StoreError> {
        Ok(match kind {
            HoldKind::File | HoldKind::Family => vec![ChildId(subject)],
            HoldKind::Referral => {
                self.children_of_referrals(&[ReferralId(subject)]).await?.into_iter().map(|(_, child)| child).collect()
            }
            HoldKind::Person => {
                let rows = self.persons_of(PersonId(subject)).await?;
                self.children_of_persons(&rows).await?
            }
            HoldKind::Theme => Vec::new(),
        })
    }
}

impl Work {
    /// Puts in a hold, at version 1. [`StoreError::Duplicate`] if the id is there already.
    pub async fn insert_hold(&self, hold: &mut LegalHold) -> Result<(), StoreError> {
        self.insert(hold).await
    }

    /// Saves a hold over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_hold(&self, hold: &mut LegalHold) -> Result<(), StoreError> {
        self.save(hold).await
    }

    /// Adds a file to a theme; one that is there already stays as it is. Says whether it is new.
    pub async fn add_to_theme(&self, hold: HoldId, file: HoldFile) -> Result<bool, StoreError> {
        let of = || hold_file::Entity::find().filter(hold_file::Column::HoldId.eq(hold.0));
        let mut all = of().all(&self.db()).await?;
        if all.iter().any(|row| row.child_id == file.child.0) {
            self.changed("hold_file", hold.0, 0);
            return Ok(false);
        }
        let model =
            hold_file::Model { hold_id: hold.0, child_id: file.child.0, added_at: file.added_ms, added_by: file.by.0 };
        all.push(model.clone());
        self.note("child", file.child.0);
        self.wrote_all(hold.0, &all);
        row::insert(&self.db(), model).await?;
        Ok(true)
    }
}
