//! How much waits for a person, counted from the clear columns: nothing is opened, so nobody has seen anything.

use kith_domain::account::Waits;
use kith_domain::ids::{AccountId, ChildId};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use uuid::Uuid;

use super::allocation::{none_refused, open_and_theirs, reads};
use crate::{Look, StoreError};

/// How much waits for one person: of the files that they read, and of their own work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Referrals that are submitted or being verified.
    pub referrals: usize,
    /// When the first of them was submitted, UTC milliseconds.
    pub first_submitted_ms: Option<i64>,
    /// Referrals of the person's children that were returned.
    pub returned: usize,
    /// Assessments that colleagues sent for approval.
    pub assessments: usize,
    /// Signed records that colleagues wrote.
    pub reviews: usize,
    /// The person's own records that are not signed yet, or were returned.
    pub to_sign: usize,
    /// Sessions of the day, not cancelled, that the person supervises.
    pub sessions: usize,
}

/// The values of `reads!`, and `$5` the day's number.
const WAITING: &str = concat!(
    "WITH mine AS (SELECT c.id FROM child c WHERE ",
    reads!(),
    "), waits AS (SELECT r.submitted_at FROM referral r \
         WHERE r.state IN ('submitted', 'being_verified') AND r.child_id IN (SELECT id FROM mine)",
    none_refused!(),
    ") \
     SELECT (SELECT COUNT(*) FROM waits) AS referrals, (SELECT MIN(submitted_at) FROM waits) AS first_at, \
     (SELECT COUNT(*) FROM referral r JOIN child c ON c.id = r.child_id \
         WHERE c.social_worker_id = $1 AND r.state = 'returned') AS returned, \
     (SELECT COUNT(*) FROM risk_assessment WHERE state = 'awaiting_approval' AND author_id <> $1 \
         AND child_id IN (SELECT id FROM mine)) AS assessments, \
     (SELECT COUNT(*) FROM record r WHERE r.state = 'signed' AND r.author_id <> $1 AND EXISTS \
         (SELECT 1 FROM session_child x WHERE x.session_id = r.session_id AND x.state <> 'taken_off' \
         AND x.child_id IN (SELECT id FROM mine))) AS reviews, \
     (SELECT COUNT(*) FROM record WHERE author_id = $1 AND state IN ('open', 'returned')) AS to_sign, \
     (SELECT COUNT(*) FROM session s WHERE s.day = $5 AND s.state <> 'cancelled' AND (s.supervisor_id = $1 \
         OR s.second_id = $1)) AS sessions"
);

/// Drafts of one person that are not sent: `$1` whose.
const DRAFTS: &str = "SELECT (SELECT COUNT(*) FROM referral WHERE referrer_id = $1 AND state = 'draft') \
     + (SELECT COUNT(*) FROM risk_assessment WHERE author_id = $1 AND state = 'draft') \
     + (SELECT COUNT(*) FROM contact_plan WHERE author_id = $1 AND state = 'draft') \
     + (SELECT COUNT(*) FROM report WHERE author_id = $1 AND state = 'draft') AS n";

impl Look {
    /// How many drafts somebody has that are not sent.
    pub async fn open_drafts(&self, account: AccountId) -> Result<u64, StoreError> {
        let db = self.db();
        let of = Statement::from_sql_and_values(db.get_database_backend(), DRAFTS, [account.0.into()]);
        let count: i64 = db.query_one_raw(of).await?.map_or(Ok(0), |row| row.try_get("", "n"))?;
        Ok(count.unsigned_abs())
    }

    /// How much waits for whoever asks on a day (a day number).
    pub async fn waiting(&self, day: i64) -> Result<Waiting, StoreError> {
        let backend = self.db().get_database_backend();
        let mut values = self.reader().await?;
        values.push(day.into());
        let all = Statement::from_sql_and_values(backend, WAITING, values);
        let row = self.db().query_one_raw(all).await?.ok_or(StoreError::NotFound)?;
        let count = |name| Ok::<_, StoreError>(usize::try_from(row.try_get::<i64>("", name)?).unwrap_or_default());
        Ok(Waiting {
            referrals: count("referrals")?,
            first_submitted_ms: row.try_get("", "first_at")?,
            returned: count("returned")?,
            assessments: count("assessments")?,
            reviews: count("reviews")?,
            to_sign: count("to_sign")?,
            sessions: count("sessions")?,
        })
    }
}

/// One thing that waits for somebody, from the clear columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// What it is.
    pub kind: Waits,
    /// Its id.
    pub id: Uuid,
    /// The child's file; of several children the first by id.
    pub child: ChildId,
    /// The file's area.
    pub area: String,
    /// When it was begun, UTC milliseconds.
    pub at_ms: i64,
}

impl Look {
    /// What an account would leave behind beside its sessions to come, oldest first: one statement, which opens nothing.
    pub async fn left_by(&self, account: AccountId) -> Result<Vec<Left>, StoreError> {
        let db = self.db();
        let of = Statement::from_sql_and_values(db.get_database_backend(), LEFT, [account.0.into()]);
        let left = |row: QueryResult| {
            let (kind, id): (String, Uuid) = (row.try_get("", "kind")?, row.try_get("", "id")?);
            Ok(Left {
                kind: Waits::from_code(&kind).ok_or(StoreError::Corrupt { table: "account", row: account.0 })?,
                id,
                child: ChildId(row.try_get("", "child_id")?),
                area: row.try_get("", "area")?,
                at_ms: row.try_get("", "at")?,
            })
        };
        db.query_all_raw(of).await?.into_iter().map(left).collect()
    }
}

/// `$1` whose. The kinds are those of [`Waits`].
const LEFT: &str = "\
     SELECT 'files' AS kind, c.id AS id, c.id AS child_id, c.area AS area, c.created_at AS at FROM child c \
         WHERE c.social_worker_id = $1 AND c.state NOT IN ('closed', 'joined') \
     UNION ALL SELECT 'referrals', r.id, c.id, c.area, r.created_at FROM referral r JOIN child c ON c.id = r.child_id \
         WHERE c.social_worker_id = $1 AND r.state IN ('draft', 'submitted', 'being_verified', 'returned') \
     UNION ALL SELECT 'verifications', r.id, c.id, c.area, v.started_at FROM verification v \
         JOIN referral r ON r.id = v.referral_id JOIN child c ON c.id = r.child_id \
         WHERE v.verifier_id = $1 AND r.state = 'being_verified' \
     UNION ALL SELECT 'records', r.session_id, c.id, c.area, r.opened_at FROM record r JOIN child c ON c.id = \
         (SELECT x.child_id FROM session_child x WHERE x.session_id = r.session_id ORDER BY x.child_id LIMIT 1) \
         WHERE r.author_id = $1 AND r.state IN ('open', 'returned') \
     UNION ALL SELECT 'assessments', t.id, c.id, c.area, t.created_at FROM risk_assessment t \
         JOIN child c ON c.id = t.child_id \
         WHERE t.author_id = $1 AND t.state IN ('draft', 'awaiting_approval', 'returned') \
     UNION ALL SELECT 'reports', t.id, c.id, c.area, t.created_at FROM report t JOIN child c ON c.id = t.child_id \
         WHERE t.author_id = $1 AND t.state = 'draft' \
     ORDER BY 5, 2";
