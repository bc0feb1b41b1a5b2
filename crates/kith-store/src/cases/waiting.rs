//! How much waits for a person, counted from the clear columns: nothing is opened, so nobody has seen anything.

use kith_domain::ids::{AccountId, SessionId};
use sea_orm::{ConnectionTrait, Statement};

use super::allocation::{none_refused, open_and_theirs, reads};
use crate::{Look, StoreError};

/// How much waits for one person: of the files that they read, and of their own work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Referrals that are submitted or being verified.
    pub referrals: usize,
    /// When the first of them was submitted, UTC milliseconds.
    pub first_submitted_ms: Option<i64>,
    /// The person's own referrals that were returned to them.
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
     (SELECT COUNT(*) FROM referral WHERE referrer_id = $1 AND state = 'returned') AS returned, \
     (SELECT COUNT(*) FROM risk_assessment WHERE state = 'awaiting_approval' AND author_id <> $1 \
         AND child_id IN (SELECT id FROM mine)) AS assessments, \
     (SELECT COUNT(*) FROM record r WHERE r.state = 'signed' AND r.author_id <> $1 AND EXISTS \
         (SELECT 1 FROM session_child x WHERE x.session_id = r.session_id AND x.state <> 'taken_off' \
         AND x.child_id IN (SELECT id FROM mine))) AS reviews, \
     (SELECT COUNT(*) FROM record WHERE author_id = $1 AND state IN ('open', 'returned')) AS to_sign, \
     (SELECT COUNT(*) FROM session s WHERE s.day = $5 AND s.state <> 'cancelled' AND (s.supervisor_id = $1 \
         OR s.second_id = $1)) AS sessions"
);

impl Look {
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

/// What somebody leaves behind who leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Their records that are not signed, or were returned.
    pub records: Vec<SessionId>,
    /// How many of their referrals are not decided.
    pub referrals: usize,
    /// How many of their risk assessments are begun, waiting or returned.
    pub assessments: usize,
}

impl Look {
    /// What an account leaves behind, from the clear columns; opens nothing.
    pub async fn left_by(&self, account: AccountId) -> Result<Left, StoreError> {
        let db = self.db();
        let backend = db.get_database_backend();
        let of = |sql: &'static str| Statement::from_sql_and_values(backend, sql, [account.0.into()]);
        let records = db.query_all_raw(of(LEFT_RECORDS)).await?;
        let counts = db.query_one_raw(of(LEFT_COUNTS)).await?.ok_or(StoreError::NotFound)?;
        let count = |name| Ok::<_, StoreError>(usize::try_from(counts.try_get::<i64>("", name)?).unwrap_or_default());
        Ok(Left {
            records: records
                .iter()
                .map(|row| Ok(SessionId(row.try_get("", "session_id")?)))
                .collect::<Result<_, StoreError>>()?,
            referrals: count("referrals")?,
            assessments: count("assessments")?,
        })
    }
}

const LEFT_RECORDS: &str =
    "SELECT session_id FROM record WHERE author_id = $1 AND state IN ('open', 'returned') ORDER BY due_at, session_id";
const LEFT_COUNTS: &str = "SELECT \
     (SELECT COUNT(*) FROM referral WHERE referrer_id = $1 \
         AND state IN ('draft', 'submitted', 'being_verified', 'returned')) AS referrals, \
     (SELECT COUNT(*) FROM risk_assessment WHERE author_id = $1 \
         AND state IN ('draft', 'awaiting_approval', 'returned')) AS assessments";
