//! What decides who may: the clear columns of a case, read before anything is opened.

use kith_domain::access::Held;
use kith_domain::booking::WRITE_UP_DAYS;
use kith_domain::ids::{AccountId, ChildId, ReferralId, ReportId, SessionId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryResult, QuerySelect, Statement, Value};
use uuid::Uuid;

use crate::entity::{child, referral, report, session_child};
use crate::{Look, StoreError, row};

/// To whom a referral is allocated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferralScope {
    /// Its area.
    pub area: String,
    /// The social worker.
    pub referrer: AccountId,
    /// The first child's file.
    pub child: ChildId,
    /// Whether it was sent; a draft is its writer's alone.
    pub sent: bool,
    /// As what the file of each of its children is allocated to who asks, the first child's first.
    pub held: Vec<Held>,
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
    /// As what the file is allocated to who asks.
    pub held: Held,
}

/// To whom a session and its record are allocated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionScope {
    /// The session.
    pub session: SessionId,
    /// The files of the children whom it is for, in order of their ids; at least one.
    pub files: Vec<FileScope>,
    /// The supervisor; and who asks, if they are the second.
    pub supervisors: Vec<AccountId>,
    /// Who writes the record.
    pub author: AccountId,
    /// Whether the record is still to be accepted.
    pub open: bool,
    /// Whether the record has been signed.
    pub signed: bool,
    /// The last day (a day number) on which the session concerns its supervisors while it has no record: a cancelled one
    /// its own day, one that was never started a week longer, or as long as a manager allows, so that it can still be
    /// written up.
    pub until_day: i64,
}

impl SessionScope {
    /// The children whom it is for.
    pub fn children(&self) -> Vec<ChildId> {
        self.files.iter().map(|file| file.child).collect()
    }
}

impl Look {
    /// To whom a referral is allocated; `None` if there is none of that id.
    pub async fn referral_scope(&self, id: ReferralId) -> Result<Option<ReferralScope>, StoreError> {
        Ok(self.referral_scopes(&[id]).await?.pop().map(|(_, scope)| scope))
    }

    /// To whom these referrals are allocated, in three statements.
    pub async fn referral_scopes(&self, ids: &[ReferralId]) -> Result<Vec<(ReferralId, ReferralScope)>, StoreError> {
        let found: Vec<(Uuid, String, Uuid, Uuid, Option<i64>)> = referral::Entity::find()
            .select_only()
            .columns([
                referral::Column::Id,
                referral::Column::Area,
                referral::Column::ReferrerId,
                referral::Column::ChildId,
                referral::Column::SubmittedAt,
            ])
            .filter(referral::Column::Id.is_in(ids.iter().map(|id| id.0)))
            .into_tuple()
            .all(&self.db())
            .await?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let on = self.children_of_referrals(ids).await?;
        let files: Vec<ChildId> = on.iter().map(|(_, child)| *child).collect();
        let held = self.held(&files).await?;
        let scope = |(id, area, referrer, first, submitted): (Uuid, String, Uuid, Uuid, Option<i64>)| {
            let (id, child) = (ReferralId(id), ChildId(first));
            let others = on.iter().filter(|(of, other)| *of == id && *other != child).map(|(_, other)| *other);
            // One whose file was destroyed is on the form no more; of a form from before there were such rows nothing else is known.
            let is_on = on.iter().any(|(of, on)| *of == id && *on == child) || !on.iter().any(|(of, _)| *of == id);
            let held =
                is_on.then_some(child).into_iter().chain(others).map(|of| held.get(&of).copied().unwrap_or_default());
            let (held, sent) = (held.collect(), submitted.is_some());
            (id, ReferralScope { area, referrer: AccountId(referrer), child, sent, held })
        };
        Ok(found.into_iter().map(scope).collect())
    }

    /// To whom a file is allocated; `None` if there is none of that id.
    pub async fn file_scope(&self, id: ChildId) -> Result<Option<FileScope>, StoreError> {
        let found: Option<(String, Uuid)> = child::Entity::find_by_id(id.0)
            .select_only()
            .columns([child::Column::Area, child::Column::SocialWorkerId])
            .into_tuple()
            .one(&self.db())
            .await?;
        let Some((area, worker)) = found else { return Ok(None) };
        let held = self.held(&[id]).await?.remove(&id).unwrap_or_default();
        Ok(Some(FileScope { child: id, area, social_worker: AccountId(worker), held }))
    }

    /// To whom these files are allocated, in any order.
    pub async fn file_scopes(&self, ids: &[ChildId]) -> Result<Vec<FileScope>, StoreError> {
        let found: Vec<(Uuid, String, Uuid)> = child::Entity::find()
            .select_only()
            .columns([child::Column::Id, child::Column::Area, child::Column::SocialWorkerId])
            .filter(child::Column::Id.is_in(ids.iter().map(|id| id.0)))
            .into_tuple()
            .all(&self.db())
            .await?;
        let held = self.held(ids).await?;
        let scope = |(id, area, worker)| FileScope {
            child: ChildId(id),
            area,
            social_worker: AccountId(worker),
            held: held.get(&ChildId(id)).copied().unwrap_or_default(),
        };
        Ok(found.into_iter().map(scope).collect())
    }

    /// The child a report is about; `None` if there is no report of that id.
    pub async fn child_of_report(&self, id: ReportId) -> Result<Option<ChildId>, StoreError> {
        let report = report::Entity::find_by_id(id.0).select_only().column(report::Column::ChildId);
        Ok(report.into_tuple().one(&self.db()).await?.map(ChildId))
    }

    /// To whom a session is allocated; `None` if there is none of that id. One statement: most pages ask.
    pub async fn session_scope(&self, id: SessionId) -> Result<Option<SessionScope>, StoreError> {
        let backend = self.db().get_database_backend();
        let scope = Statement::from_sql_and_values(backend, SESSION_SCOPE, [id.0.into(), self.asker().into()]);
        let rows = self.db().query_all_raw(scope).await?;
        let Some(mut scope) = self.scope_of(id, &rows)? else { return Ok(None) };
        let held = self.held(&scope.children()).await?;
        for file in &mut scope.files {
            file.held = held.get(&file.child).copied().unwrap_or_default();
        }
        Ok(Some(scope))
    }

    /// To whom these sessions are allocated, in one statement for the sessions and one for their files.
    pub async fn session_scopes(&self, ids: &[SessionId]) -> Result<Vec<SessionScope>, StoreError> {
        let Some((first, rest)) = ids.split_first() else { return Ok(Vec::new()) };
        let mut values: Vec<Value> = vec![first.0.into(), self.asker().into()];
        let mut places = row::places(&mut values, rest.iter().map(|id| id.0.into()));
        if !places.is_empty() {
            places.insert_str(0, ", ");
        }
        let sql = format!(
            "SELECT s.id AS scope_id, {} WHERE s.id IN ($1{places}) ORDER BY s.id, sc.child_id",
            session_scope!()
        );
        let statement = Statement::from_sql_and_values(self.db().get_database_backend(), sql, values);
        let rows = self.db().query_all_raw(statement).await?;
        let mut scopes: Vec<SessionScope> = Vec::with_capacity(ids.len());
        for (id, rows) in by_session(&rows)? {
            scopes.extend(self.scope_of(id, rows)?);
        }
        let mut children: Vec<ChildId> = scopes.iter().flat_map(SessionScope::children).collect();
        children.sort_unstable();
        children.dedup();
        let held = self.held(&children).await?;
        for file in scopes.iter_mut().flat_map(|scope| &mut scope.files) {
            file.held = held.get(&file.child).copied().unwrap_or_default();
        }
        Ok(scopes)
    }

    /// A session's scope from rows that hold the columns of `session_scope!`, one for each child; `None` from none. What is
    /// allocated to who asks is not in it: who runs the session needs nothing of the files.
    pub(super) fn scope_of(&self, id: SessionId, rows: &[QueryResult]) -> Result<Option<SessionScope>, StoreError> {
        let Some(row) = rows.first() else { return Ok(None) };
        let (asker, supervisor) = (self.asker(), row.try_get::<Uuid>("", "scope_supervisor")?);
        let mut supervisors = vec![AccountId(supervisor)];
        if row.try_get::<Option<Uuid>>("", "scope_second")? == Some(asker) && asker != supervisor {
            supervisors.push(AccountId(asker));
        }
        let author: Option<Uuid> = row.try_get("", "scope_author")?;
        let state: Option<String> = row.try_get("", "scope_state")?;
        let file = |row: &QueryResult| {
            let place = session_child::Model {
                session_id: id.0,
                child_id: row.try_get("", "scope_child")?,
                plan_id: row.try_get("", "scope_plan")?,
                arrangement_id: row.try_get("", "scope_line")?,
                state: row.try_get("", "scope_place")?,
                mac: row.try_get("", "scope_mac")?,
            };
            // By whose files a session is in it is decided who may.
            if !row::is_ours(&self.store().0.rows, &place, &place.mac) {
                let why = "it is not what Kith wrote";
                return Err(StoreError::RowAltered { table: "session_child", row: id.0, why });
            }
            Ok(FileScope {
                child: ChildId(place.child_id),
                area: row.try_get("", "scope_area")?,
                social_worker: AccountId(row.try_get("", "scope_worker")?),
                held: Held::default(),
            })
        };
        Ok(Some(SessionScope {
            session: id,
            files: rows.iter().map(file).collect::<Result<_, _>>()?,
            supervisors,
            author: AccountId(author.unwrap_or(supervisor)),
            open: state.as_deref() != Some("accepted"),
            until_day: match row.try_get::<String>("", "scope_session")?.as_str() {
                _ if state.is_some() => i64::MAX,
                "cancelled" | "void" => row.try_get("", "scope_day")?,
                _ => {
                    let leave = row.try_get::<Option<i64>>("", "scope_until")?.unwrap_or(i64::MIN);
                    leave.max(row.try_get::<i64>("", "scope_day")? + WRITE_UP_DAYS)
                }
            },
            signed: state.is_some_and(|state| state != "open"),
        }))
    }

    /// Who asks; nobody's id for the program itself.
    pub(super) fn asker(&self) -> Uuid {
        self.access().actor.account.map_or(Uuid::nil(), |account| account.0)
    }
}

/// Rows in order of their sessions, in pieces of one session each.
fn by_session(rows: &[QueryResult]) -> Result<Vec<(SessionId, &[QueryResult])>, StoreError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.try_get("", "scope_id")).collect::<Result<_, _>>()?;
    let mut pieces = Vec::new();
    let mut from = 0;
    for until in 1..=rows.len() {
        if until == rows.len() || ids[until] != ids[from] {
            pieces.push((SessionId(ids[from]), &rows[from..until]));
            from = until;
        }
    }
    Ok(pieces)
}

/// The columns of a session's scope and where they come from, one row for each child; `$2` is who asks.
macro_rules! session_scope {
    () => {
        "s.day AS scope_day, s.write_up_until AS scope_until, s.state AS scope_session, c.id AS scope_child, s.supervisor_id AS scope_supervisor, c.area AS scope_area, \
         c.social_worker_id AS scope_worker, r.state AS scope_state, r.author_id AS scope_author, \
         s.second_id AS scope_second, sc.plan_id AS scope_plan, sc.arrangement_id AS scope_line, \
         sc.state AS scope_place, sc.mac AS scope_mac \
         FROM session s JOIN session_child sc ON sc.session_id = s.id AND sc.state <> 'taken_off' \
         JOIN child c ON c.id = sc.child_id AND c.area <> '!destroyed' LEFT JOIN record r ON r.session_id = s.id"
    };
}
pub(super) use session_scope;

/// `$1` the session.
const SESSION_SCOPE: &str = concat!("SELECT ", session_scope!(), " WHERE s.id = $1 ORDER BY sc.child_id");
