//! Lists of referrals: narrowed, sorted and counted by the clear columns; only the envelopes of one page are opened.

use kith_domain::ids::AccountId;
use kith_domain::referral::ReferralState;
use sea_orm::{ConnectionTrait, EntityTrait, Statement, Value};

use super::allocation::{Counted, MY_REFERRALS, SENT_REFERRALS, with_window};
use super::referral::SharedRow;
use super::{Referral, SealedRow};
use crate::{Look, StoreError, row};

/// Whose referrals are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferralsOf {
    /// Those of which whoever asks has every child's file, drafts too.
    Mine,
    /// Those that were sent, of children whose files whoever asks reads.
    Area,
}

/// Who has the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallOf {
    /// This account.
    Of(AccountId),
    /// Somebody, and not this account.
    Other(AccountId),
    /// Nobody has taken it up.
    Nobody,
}

/// In which order referrals are listed; those that are alike by when they were sent, or begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReferralOrder {
    /// By when they were sent, or begun when they were not: the order in which they are due.
    #[default]
    Sent,
    /// By state, from the draft to the decision.
    State,
    /// By when to call back; those without such a time last.
    CallBack,
}

/// Which referrals a list shows, and in which order.
#[derive(Clone, Debug, Default)]
pub struct ReferralFilter {
    /// In which states; none for all.
    pub states: Vec<ReferralState>,
    /// Only those that wait to be verified.
    pub waiting: bool,
    /// Who has the call.
    pub call: Option<CallOf>,
    /// Sent at this instant or later, UTC milliseconds.
    pub sent_from_ms: Option<i64>,
    /// Sent before this instant.
    pub sent_before_ms: Option<i64>,
    /// To be called back at this instant or before.
    pub call_back_by_ms: Option<i64>,
    /// In which order.
    pub order: ReferralOrder,
    /// The other way round.
    pub backwards: bool,
}

/// When a referral was sent, or begun.
const SENT: &str = "COALESCE(r.submitted_at, r.created_at)";
/// Where a state stands in the course of a referral.
const COURSE: &str = "CASE r.state WHEN 'draft' THEN 0 WHEN 'returned' THEN 1 WHEN 'submitted' THEN 2 \
     WHEN 'being_verified' THEN 3 WHEN 'accepted' THEN 4 WHEN 'declined' THEN 5 ELSE 6 END";

impl ReferralFilter {
    /// What narrows the list beside the states; what it compares with goes to `values`.
    fn narrowed(&self, values: &mut Vec<Value>) -> String {
        let mut and: Vec<String> = Vec::new();
        let mut place = |value: Value| {
            values.push(value);
            values.len()
        };
        if self.waiting {
            and.push(" AND r.state IN ('submitted', 'being_verified')".to_owned());
        }
        match self.call {
            Some(CallOf::Of(account)) => and.push(format!(" AND v.verifier_id = ${}", place(account.0.into()))),
            Some(CallOf::Other(account)) => and.push(format!(" AND v.verifier_id <> ${}", place(account.0.into()))),
            Some(CallOf::Nobody) => and.push(" AND v.verifier_id IS NULL".to_owned()),
            None => {}
        }
        for (bound, column) in [
            (self.sent_from_ms, "r.submitted_at >="),
            (self.sent_before_ms, "r.submitted_at <"),
            (self.call_back_by_ms, "v.call_back_at <="),
        ] {
            if let Some(ms) = bound {
                and.push(format!(" AND {column} ${}", place(ms.into())));
            }
        }
        and.concat()
    }

    fn order(&self, of: ReferralsOf) -> String {
        let way = if self.backwards { "DESC" } else { "ASC" };
        // Of those that were sent, in the order of an index.
        let sent = if of == ReferralsOf::Area { "r.submitted_at" } else { SENT };
        let first = match self.order {
            ReferralOrder::Sent => return format!("{sent} {way}, r.id {way}"),
            ReferralOrder::State => format!("{COURSE} {way}"),
            ReferralOrder::CallBack => {
                format!("(CASE WHEN v.call_back_at IS NULL THEN 1 ELSE 0 END), v.call_back_at {way}")
            }
        };
        format!("{first}, {sent}, r.id")
    }
}

impl Look {
    /// Referrals that whoever asks may read: so many after so many of those that the filter lets through, and how many there
    /// are in each state when it is not narrowed to some. Counted and read by one predicate.
    pub async fn referrals_listed(
        &self,
        of: ReferralsOf,
        filter: &ReferralFilter,
        window: (u64, u64),
    ) -> Result<(Vec<Referral>, Counted<ReferralState>), StoreError> {
        let (from, mut values) = match of {
            ReferralsOf::Mine => {
                self.believe_allocations().await?;
                (MY_REFERRALS, vec![self.asker().into(), self.now_ms().into()])
            }
            ReferralsOf::Area => (SENT_REFERRALS, self.reader().await?),
        };
        let db = self.db();
        let backend = db.get_database_backend();
        let narrowed = filter.narrowed(&mut values);
        let counted = format!("SELECT r.state AS state, COUNT(*) AS n {from}{narrowed} GROUP BY r.state");
        let counts = self.counts(counted, values.clone(), ReferralState::from_code).await?;
        let states = if filter.states.is_empty() {
            String::new()
        } else {
            let places = row::places(&mut values, filter.states.iter().map(|state| state.code().into()));
            format!(" AND r.state IN ({places})")
        };
        let order = filter.order(of);
        let values = with_window(values, window);
        let (many, after) = (values.len() - 1, values.len());
        let sql = format!("SELECT r.* {from}{narrowed}{states} ORDER BY {order} LIMIT ${many} OFFSET ${after}");
        let page = <SharedRow as SealedRow>::Entity::find();
        let page = page.from_raw_sql(Statement::from_sql_and_values(backend, sql, values)).all(&db).await?;
        let rows = self.opened_all(page).await?;
        Ok((self.with_own(rows).await?, counts))
    }
}
