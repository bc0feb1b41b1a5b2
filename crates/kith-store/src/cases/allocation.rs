//! To whom a file is allocated. One predicate decides for the single file, for lists, for counts and for the search.

use std::collections::HashMap;

use kith_domain::access::{Capacity, Held, Role};
use kith_domain::ids::{AccountId, AllocationId, ChildId};
use kith_domain::plan::PlanState;
use kith_domain::risk::AssessmentState;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Statement, Value};
use uuid::Uuid;

use super::{Child, Plan, RiskAssessment, SealedRow};
use crate::entity::{allocation, allocation_end};
use crate::{Look, StoreError, Work, row};

/// How many there are in each state, of those of which there are some.
pub type Counted<S> = Vec<(S, usize)>;

/// That a file is allocated to somebody.
#[derive(Clone)]
pub struct Allocation {
    /// Its id.
    pub id: AllocationId,
    /// Which file.
    pub child: ChildId,
    /// To whom.
    pub account: AccountId,
    /// As what.
    pub capacity: Capacity,
    /// From when, UTC milliseconds.
    pub from_ms: i64,
    /// Until when; `None` until it is ended.
    pub until_ms: Option<i64>,
    /// When it was written down.
    pub created_ms: i64,
    /// By whom; `None` for the program itself.
    pub created_by: Option<AccountId>,
    /// Why, if it was said.
    pub reason: Option<String>,
    /// When it was ended, if it was.
    pub ended_ms: Option<i64>,
}

/// What is allocated to an account now: `a` is the allocation, `$1` the account, `$2` now.
macro_rules! open_and_theirs {
    () => {
        "a.account_id = $1 AND a.from_at <= $2 AND (a.until_at IS NULL OR a.until_at > $2) \
         AND NOT EXISTS (SELECT 1 FROM allocation_end e WHERE e.allocation_id = a.id AND e.ended_at <= $2)"
    };
}

/// Whether a child's file, `c`, is read by somebody: `$1` who, `$2` now, `$3` the area whose files their role reads (or
/// nothing), `$4` 1 if their role reads what is allocated to themselves. The policies decide the same of one file: a test
/// holds the two against each other.
macro_rules! reads {
    () => {
        concat!(
            "(c.area = $3 OR ($4 = 1 AND c.id IN (SELECT a.child_id FROM allocation a \
             WHERE a.capacity IN ('social_worker', 'cover') AND ",
            open_and_theirs!(),
            "))) AND c.id NOT IN (SELECT a.child_id FROM allocation a WHERE a.capacity = 'refused' AND ",
            open_and_theirs!(),
            ")"
        )
    };
}
pub(crate) use {open_and_theirs, reads};

/// `$5` how many, `$6` after how many.
const PAGE: &str = concat!(
    "SELECT c.* FROM child c WHERE c.state = 'open' AND ",
    reads!(),
    " ORDER BY c.created_at DESC, c.id LIMIT $5 OFFSET $6"
);
const COUNT: &str = concat!("SELECT COUNT(*) AS n FROM child c WHERE c.state = 'open' AND ", reads!());
/// The same of one social worker, `$5`.
const PAGE_OF_WORKER: &str = concat!(
    "SELECT c.* FROM child c WHERE c.state = 'open' AND c.social_worker_id = $5 AND ",
    reads!(),
    " ORDER BY c.created_at DESC, c.id LIMIT $6 OFFSET $7"
);
const COUNT_OF_WORKER: &str =
    concat!("SELECT COUNT(*) AS n FROM child c WHERE c.state = 'open' AND c.social_worker_id = $5 AND ", reads!());

/// Referrals of which somebody has every child's file: `$1` who, `$2` now.
macro_rules! my_referrals {
    () => {
        concat!(
            "FROM referral r LEFT JOIN verification v ON v.referral_id = r.id \
             WHERE r.child_id IN (SELECT a.child_id FROM allocation a \
             WHERE a.capacity IN ('social_worker', 'cover') AND ",
            open_and_theirs!(),
            ") AND NOT EXISTS (SELECT 1 FROM referral_child rc WHERE rc.referral_id = r.id AND rc.part = 'form' \
             AND rc.state = 'referred' AND (rc.child_id NOT IN (SELECT a.child_id FROM allocation a \
             WHERE a.capacity IN ('social_worker', 'cover') AND ",
            open_and_theirs!(),
            ") OR rc.child_id IN (SELECT a.child_id FROM allocation a WHERE a.capacity = 'refused' AND ",
            open_and_theirs!(),
            ")))"
        )
    };
}
/// That none of the children of a referral, `r`, is refused to somebody: `$1` who, `$2` now.
macro_rules! none_refused {
    () => {
        concat!(
            " AND NOT EXISTS (SELECT 1 FROM referral_child rc JOIN allocation a ON a.child_id = rc.child_id \
             WHERE rc.referral_id = r.id AND rc.part = 'form' AND rc.state = 'referred' AND a.capacity = 'refused' AND ",
            open_and_theirs!(),
            ")"
        )
    };
}
pub(crate) use none_refused;

/// Referrals that were sent, of children whose files somebody reads: a draft is its writer's.
macro_rules! sent_referrals {
    () => {
        concat!(
            "FROM referral r JOIN child c ON c.id = r.child_id LEFT JOIN verification v ON v.referral_id = r.id \
             WHERE r.submitted_at IS NOT NULL AND ",
            reads!(),
            none_refused!()
        )
    };
}
pub(super) const SENT_REFERRALS: &str = sent_referrals!();
pub(super) const MY_REFERRALS: &str = my_referrals!();

/// Assessments that were sent, of children whose files somebody reads; of those that wait, only the others'.
macro_rules! assessments_sent {
    () => {
        concat!(
            "FROM risk_assessment t JOIN child c ON c.id = t.child_id WHERE t.state <> 'draft' \
             AND (t.state <> 'awaiting_approval' OR t.author_id <> $1) AND ",
            reads!()
        )
    };
}
const ASSESSMENTS_COUNT: &str =
    concat!("SELECT t.state AS state, COUNT(*) AS n ", assessments_sent!(), " GROUP BY t.state");
/// `$5` in which state, `$6` how many, `$7` after how many.
const ASSESSMENTS: &str =
    concat!("SELECT t.* ", assessments_sent!(), " AND t.state = $5 ORDER BY t.created_at, t.id LIMIT $6 OFFSET $7");
const ASSESSMENTS_NEWEST: &str = concat!(
    "SELECT t.* ",
    assessments_sent!(),
    " AND t.state = $5 ORDER BY t.created_at DESC, t.id DESC LIMIT $6 OFFSET $7"
);

/// Contact plans of open files that somebody reads.
macro_rules! plans_read {
    () => {
        concat!("FROM contact_plan t JOIN child c ON c.id = t.child_id WHERE c.state = 'open' AND ", reads!())
    };
}
const PLANS_COUNT: &str = concat!("SELECT t.state AS state, COUNT(*) AS n ", plans_read!(), " GROUP BY t.state");
/// `$5` in which state, `$6` how many, `$7` after how many.
const PLANS_BY_REVIEW: &str = concat!(
    "SELECT t.* ",
    plans_read!(),
    " AND t.state = $5 ORDER BY t.review_due IS NULL, t.review_due, t.created_at, t.id LIMIT $6 OFFSET $7"
);
const PLANS_NEWEST: &str =
    concat!("SELECT t.* ", plans_read!(), " AND t.state = $5 ORDER BY t.created_at DESC, t.id DESC LIMIT $6 OFFSET $7");

impl Look {
    /// Asks, once in a scope, whether everything that is allocated to whoever asks was written by Kith: every predicate of
    /// who may stands on it. [`StoreError::RowAltered`] if something was not, and then they may nothing.
    pub(super) async fn believe_allocations(&self) -> Result<(), StoreError> {
        let ask = || async {
            let of = allocation::Column::AccountId.eq(self.asker());
            for model in allocation::Entity::find().filter(of).all(&self.db()).await? {
                if !row::is_ours(&self.store().0.rows, &model, &model.mac) {
                    let why = "it is not what Kith wrote";
                    return Err(StoreError::RowAltered { table: "allocation", row: model.id, why });
                }
            }
            Ok(())
        };
        self.allocated.get_or_try_init(ask).await.copied()
    }

    /// The values of `reads!`.
    pub(crate) async fn reader(&self) -> Result<Vec<Value>, StoreError> {
        self.believe_allocations().await?;
        let actor = &self.access().actor;
        let team = matches!(actor.role, Role::Coordinator | Role::Manager);
        let area = if team { actor.area.clone() } else { String::new() };
        let own = i64::from(actor.role == Role::SocialWorker);
        Ok(vec![self.asker().into(), self.now_ms().into(), area.into(), own.into()])
    }

    /// As what each of these files is allocated to whoever asks, in one statement; those that are not are not in it.
    pub async fn held(&self, files: &[ChildId]) -> Result<HashMap<ChildId, Held>, StoreError> {
        let mut held: HashMap<ChildId, Held> = HashMap::new();
        if files.is_empty() {
            return Ok(held);
        }
        self.believe_allocations().await?;
        let mut values: Vec<Value> = vec![self.asker().into(), self.now_ms().into()];
        let places = row::places(&mut values, files.iter().map(|file| file.0.into()));
        let sql = format!(
            "SELECT a.child_id, a.capacity FROM allocation a WHERE a.child_id IN ({places}) AND {}",
            open_and_theirs!()
        );
        let db = self.db();
        for row in db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await? {
            let child = ChildId(row.try_get("", "child_id")?);
            let capacity: String = row.try_get("", "capacity")?;
            if let Some(capacity) = Capacity::from_code(&capacity) {
                let there = held.entry(child).or_default();
                *there = there.with(capacity);
            }
        }
        Ok(held)
    }

    /// Open files that whoever asks reads, of one social worker or of all, the one opened last first: so many after so many,
    /// and how many there are. Only the envelopes of those are opened.
    pub async fn my_children(
        &self,
        worker: Option<AccountId>,
        window: (u64, u64),
    ) -> Result<(Vec<Child>, usize), StoreError> {
        let mut values = self.reader().await?;
        values.extend(worker.map(|worker| worker.0.into()));
        let statements = if worker.is_some() { (COUNT_OF_WORKER, PAGE_OF_WORKER) } else { (COUNT, PAGE) };
        self.page_of(statements, values, window).await
    }

    /// Assessments in a state that were sent, of children whose files whoever asks reads, the oldest or the newest first: so
    /// many after so many, and how many there are in each state. Of those that wait for approval, only the others'.
    pub async fn assessments_listed(
        &self,
        state: AssessmentState,
        newest_first: bool,
        window: (u64, u64),
    ) -> Result<(Vec<RiskAssessment>, Counted<AssessmentState>), StoreError> {
        let mut values = self.reader().await?;
        let counts = self.counts(ASSESSMENTS_COUNT, values.clone(), AssessmentState::from_code).await?;
        values.push(state.code().into());
        let sql = if newest_first { ASSESSMENTS_NEWEST } else { ASSESSMENTS };
        Ok((self.opened_window(sql, values, window).await?, counts))
    }

    /// Contact plans in a state, of open files that whoever asks reads, those to be reviewed first on top or the newest: so many
    /// after so many, and how many there are in each state. Only the envelopes of those are opened.
    pub async fn plans_listed(
        &self,
        state: PlanState,
        newest_first: bool,
        window: (u64, u64),
    ) -> Result<(Vec<Plan>, Counted<PlanState>), StoreError> {
        let sql = if newest_first { PLANS_NEWEST } else { PLANS_BY_REVIEW };
        let mut values = self.reader().await?;
        let counts = self.counts(PLANS_COUNT, values.clone(), PlanState::from_code).await?;
        values.push(state.code().into());
        Ok((self.opened_window(sql, values, window).await?, counts))
    }

    /// The rows of a statement whose last two values are how many and after how many.
    async fn opened_window<C: SealedRow>(
        &self,
        sql: &str,
        values: Vec<Value>,
        window: (u64, u64),
    ) -> Result<Vec<C>, StoreError> {
        let db = self.db();
        let page = Statement::from_sql_and_values(db.get_database_backend(), sql, with_window(values, window));
        self.opened_all(C::Entity::find().from_raw_sql(page).all(&db).await?).await
    }

    /// The numbers `n` of a statement that counts by `state`; `of` reads the code of one.
    pub(super) async fn counts<S>(
        &self,
        sql: impl Into<String>,
        values: Vec<Value>,
        of: impl Fn(&str) -> Option<S>,
    ) -> Result<Counted<S>, StoreError> {
        let db = self.db();
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        let mut counts = Vec::new();
        for row in db.query_all_raw(statement).await? {
            let (state, n): (String, i64) = (row.try_get("", "state")?, row.try_get("", "n")?);
            // A state that is none of ours is in no list.
            counts.extend(of(&state).map(|state| (state, usize::try_from(n).unwrap_or_default())));
        }
        Ok(counts)
    }

    /// One page of a list: the statement that counts takes `values`, the one that reads takes how many and after how many
    /// as two more. Only the envelopes of the page are opened.
    async fn page_of<C: SealedRow>(
        &self,
        (count, page): (&str, &str),
        values: Vec<Value>,
        window: (u64, u64),
    ) -> Result<(Vec<C>, usize), StoreError> {
        let total = self.count(count, values.clone()).await?;
        Ok((self.opened_window(page, values, window).await?, total))
    }

    /// The number `n` of a statement that counts.
    pub(crate) async fn count(&self, sql: &str, values: Vec<Value>) -> Result<usize, StoreError> {
        let db = self.db();
        let count = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        let row = db.query_one_raw(count).await?.ok_or(StoreError::NotFound)?;
        Ok(usize::try_from(row.try_get::<i64>("", "n")?).unwrap_or_default())
    }

    /// Every allocation of a file there ever was, newest first.
    pub async fn allocations_of(&self, file: ChildId) -> Result<Vec<Allocation>, StoreError> {
        let of = allocation::Entity::find().filter(allocation::Column::ChildId.eq(file.0));
        let models = of
            .order_by_desc(allocation::Column::CreatedAt)
            .order_by_desc(allocation::Column::Id)
            .all(&self.db())
            .await?;
        let ids = models.iter().map(|model| model.id);
        let ends = allocation_end::Entity::find().filter(allocation_end::Column::AllocationId.is_in(ids));
        let ends = ends.all(&self.db()).await?;
        let mut all = Vec::with_capacity(models.len());
        for model in models {
            let reason = if model.sealed.is_some() { Some(self.open(&model).await?) } else { None };
            all.push(Allocation {
                id: AllocationId(model.id),
                child: file,
                account: AccountId(model.account_id),
                capacity: Capacity::from_code(&model.capacity)
                    .ok_or(StoreError::Corrupt { table: "allocation", row: model.id })?,
                from_ms: model.from_at,
                until_ms: model.until_at,
                created_ms: model.created_at,
                created_by: model.created_by.map(AccountId),
                reason,
                ended_ms: ends.iter().find(|end| end.allocation_id == model.id).map(|end| end.ended_at),
            });
        }
        Ok(all)
    }
}

/// The values of a statement that counts, with how many rows and after how many as two more.
pub(crate) fn with_window(mut values: Vec<Value>, (many, after): (u64, u64)) -> Vec<Value> {
    values.extend([many, after].map(|number| i64::try_from(number).unwrap_or(i64::MAX).into()));
    values
}

impl Work {
    /// Writes down that a file is allocated to somebody.
    pub async fn allocate(&self, of: &Allocation) -> Result<(), StoreError> {
        self.note("child", of.child.0);
        self.note("account", of.account.0);
        let model = allocation::Model {
            id: of.id.0,
            child_id: of.child.0,
            account_id: of.account.0,
            capacity: of.capacity.code().to_owned(),
            from_at: of.from_ms,
            until_at: of.until_ms,
            created_at: of.created_ms,
            created_by: of.created_by.map(|id| id.0),
            sealed: None,
            mac: Vec::new(),
        };
        let mut model = match &of.reason {
            Some(reason) => self.seal(model, &[of.child.0], reason).await?,
            None => model,
        };
        model.mac = row::mac(&self.store().0.rows, &model);
        self.wrote(model.id, 1, &model);
        row::insert(&self.db(), model).await
    }

    /// Ends an allocation. [`StoreError::Duplicate`] if it was ended before.
    pub async fn end_allocation(&self, id: AllocationId, by: Option<AccountId>, at_ms: i64) -> Result<(), StoreError> {
        let end = allocation_end::Model { allocation_id: id.0, ended_at: at_ms, ended_by: by.map(|id| id.0) };
        self.wrote(id.0, 1, &end);
        row::insert(&self.db(), end).await
    }

    /// Puts in a child's file, and that it is allocated to its social worker.
    pub async fn insert_child(&self, child: &mut Child) -> Result<(), StoreError> {
        self.insert(child).await?;
        let of = Allocation {
            id: AllocationId(Uuid::now_v7()),
            child: child.id,
            account: child.social_worker,
            capacity: Capacity::SocialWorker,
            from_ms: child.created_ms,
            until_ms: None,
            created_ms: child.created_ms,
            created_by: self.access().actor.account,
            reason: None,
            ended_ms: None,
        };
        self.allocate(&of).await
    }

    /// Gives a child's file to another social worker: who had it has it no more. Over the version that was read.
    pub async fn give_child(
        &self,
        child: &mut Child,
        to: AccountId,
        by: Option<AccountId>,
        reason: &str,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        for before in self.allocations_of(child.id).await? {
            // Who takes it over covers it no more, and who had it has it no more.
            let over = before.capacity == Capacity::SocialWorker
                || (before.capacity == Capacity::Cover && before.account == to);
            if over && before.ended_ms.is_none() {
                self.end_allocation(before.id, by, now_ms).await?;
            }
        }
        child.social_worker = to;
        self.save(child).await?;
        let of = Allocation {
            id: AllocationId(Uuid::now_v7()),
            child: child.id,
            account: to,
            capacity: Capacity::SocialWorker,
            from_ms: now_ms,
            until_ms: None,
            created_ms: now_ms,
            created_by: by,
            reason: Some(reason.to_owned()),
            ended_ms: None,
        };
        self.allocate(&of).await
    }
}
