//! What a person should know, shown on their home page.

use kith_domain::ids::{AccountId, NoticeId};
use kith_domain::notice::NoticeKind;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::entity::notice;
use crate::{Look, StoreError, Work, row};

/// Most notices shown at once.
const SHOWN_MAX: u64 = 50;
/// Most of what was told of one subject.
const LATELY_MAX: u64 = 20;

/// A notice: its words are made from `kind` and the subject when it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its id.
    pub id: NoticeId,
    /// For whom.
    pub account: AccountId,
    /// What happened.
    pub kind: NoticeKind,
    /// To what.
    pub subject: Uuid,
    /// When, UTC milliseconds.
    pub created_ms: i64,
}

impl Look {
    /// Unread notices of an account, newest first.
    pub async fn notices(&self, account: AccountId) -> Result<Vec<Notice>, StoreError> {
        let of = Condition::all().add(notice::Column::AccountId.eq(account.0)).add(notice::Column::ReadAt.is_null());
        let select = notice::Entity::find().filter(of).order_by_desc(notice::Column::CreatedAt).limit(SHOWN_MAX);
        select.all(&self.db()).await?.iter().map(told).collect()
    }

    /// What an account was told of a subject lately, newest first, put away or not.
    pub async fn told_of(&self, account: AccountId, subject: Uuid) -> Result<Vec<Notice>, StoreError> {
        let of =
            Condition::all().add(notice::Column::AccountId.eq(account.0)).add(notice::Column::SubjectId.eq(subject));
        let select = notice::Entity::find().filter(of).order_by_desc(notice::Column::CreatedAt).limit(LATELY_MAX);
        select.all(&self.db()).await?.iter().map(told).collect()
    }
}

fn told(model: &notice::Model) -> Result<Notice, StoreError> {
    Ok(Notice {
        id: NoticeId(model.id),
        account: AccountId(model.account_id),
        kind: NoticeKind::from_code(&model.kind).ok_or(StoreError::Corrupt { table: "notice", row: model.id })?,
        subject: model.subject_id,
        created_ms: model.created_at,
    })
}

impl Look {
    /// Those who were told of a subject by one piece of work, and whether each has put it away.
    pub async fn told_together(
        &self,
        kind: NoticeKind,
        subject: Uuid,
        at_ms: i64,
    ) -> Result<Vec<(AccountId, bool)>, StoreError> {
        let of = Condition::all()
            .add(notice::Column::SubjectId.eq(subject))
            .add(notice::Column::Kind.eq(kind.code()))
            .add(notice::Column::CreatedAt.eq(at_ms));
        let told = notice::Entity::find().filter(of).all(&self.db()).await?;
        Ok(told.into_iter().map(|model| (AccountId(model.account_id), model.read_at.is_some())).collect())
    }

    /// What an account was told from an instant on and before another, and has not put away, oldest first.
    pub async fn told_between(
        &self,
        account: AccountId,
        from_ms: i64,
        until_ms: i64,
    ) -> Result<Vec<Notice>, StoreError> {
        let of = Condition::all()
            .add(notice::Column::AccountId.eq(account.0))
            .add(notice::Column::ReadAt.is_null())
            .add(notice::Column::CreatedAt.gte(from_ms))
            .add(notice::Column::CreatedAt.lt(until_ms));
        let select = notice::Entity::find().filter(of).order_by_asc(notice::Column::CreatedAt);
        select.order_by_asc(notice::Column::Id).limit(SHOWN_MAX).all(&self.db()).await?.iter().map(told).collect()
    }

    /// Whether an account was ever told of a subject.
    pub async fn was_told_of(&self, account: AccountId, subject: Uuid) -> Result<bool, StoreError> {
        let of =
            Condition::all().add(notice::Column::AccountId.eq(account.0)).add(notice::Column::SubjectId.eq(subject));
        Ok(notice::Entity::find().filter(of).limit(1).one(&self.db()).await?.is_some())
    }
}

impl Work {
    /// Puts in a notice, and says whether it is new; the same notice twice changes nothing, so a job that runs again does no
    /// harm.
    pub async fn insert_notice(&self, notice: &Notice) -> Result<bool, StoreError> {
        if notice::Entity::find_by_id(notice.id.0).one(&self.db()).await?.is_some() {
            self.changed("notice", notice.id.0, 1);
            return Ok(false);
        }
        let model = notice::Model {
            id: notice.id.0,
            account_id: notice.account.0,
            kind: notice.kind.code().to_owned(),
            subject_id: notice.subject,
            created_at: notice.created_ms,
            read_at: None,
        };
        self.wrote(model.id, 1, &model);
        row::insert(&self.db(), model).await?;
        Ok(true)
    }

    /// Marks as read what anybody was told of a kind about a subject: it is over.
    pub async fn put_away(&self, kind: NoticeKind, subject: Uuid, now_ms: i64) -> Result<(), StoreError> {
        let of = Condition::all()
            .add(notice::Column::SubjectId.eq(subject))
            .add(notice::Column::Kind.eq(kind.code()))
            .add(notice::Column::ReadAt.is_null());
        for model in notice::Entity::find().filter(of).all(&self.db()).await? {
            self.read_notice(AccountId(model.account_id), NoticeId(model.id), now_ms).await?;
        }
        Ok(())
    }

    /// Marks an account's notice as read; [`StoreError::NotFound`] if it is another's, or none.
    pub async fn read_notice(&self, account: AccountId, id: NoticeId, now_ms: i64) -> Result<(), StoreError> {
        let theirs = notice::Entity::find_by_id(id.0).filter(notice::Column::AccountId.eq(account.0));
        let Some(mut model) = theirs.one(&self.db()).await? else { return Err(StoreError::NotFound) };
        model.read_at = Some(now_ms);
        self.wrote(id.0, 2, &model);
        let read = notice::Entity::update_many().col_expr(notice::Column::ReadAt, Expr::value(now_ms));
        read.filter(notice::Column::Id.eq(id.0)).exec(&self.db()).await?;
        Ok(())
    }
}
