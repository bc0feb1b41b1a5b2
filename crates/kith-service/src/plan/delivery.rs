//! Delivered against ordered, for each arrangement: a court-ordered shortfall is the red figure of the service
//! (handbook section 7).

use jiff::civil::Date;
use kith_domain::calendar;
use kith_domain::ids::{ChildId, PlanId};
use kith_domain::plan::Arrangement;
use kith_domain::report::Delivery;
use kith_domain::session::SessionState;
use kith_store::Look;

use super::names;
use crate::{Desk, ServiceError};

/// What was delivered of one arrangement in a period. No Debug: it names people.
pub struct Delivered {
    /// Of which plan.
    pub plan: PlanId,
    /// Of which arrangement.
    pub arrangement: Arrangement,
    /// With whom, names for reading.
    pub with: String,
    /// The figures.
    pub delivery: Delivery,
}

impl Desk {
    /// Delivered against ordered for a child between two days, both included.
    pub async fn delivery(&self, child: ChildId, from: Date, to: Date) -> Result<Vec<Delivered>, ServiceError> {
        self.allow_file("file.read", child).await?;
        let look = self.look();
        let delivered = delivery(&look, child, from, to).await?;
        look.done("delivery.read", self.now_ms()).await?;
        Ok(delivered)
    }
}

/// Delivered against ordered between two days, both included, for each arrangement that ran in them: newest plan first.
///
/// A plan that was never started owes nothing; a suspended one still does, since the order goes on; an ended one owes
/// until the day it ended.
pub(crate) async fn delivery(
    look: &Look,
    child: ChildId,
    from: Date,
    to: Date,
) -> Result<Vec<Delivered>, ServiceError> {
    let plans = look.plans_of(child).await?;
    let family = look.family(child).await?;
    let sessions = look.sessions_of(child, calendar::day_number(from), calendar::day_number(to)).await?;
    let mut delivered = Vec::new();
    for plan in plans {
        if plan.body.started_on.is_none() {
            continue;
        }
        let last = plan.body.ended_on.map_or(to, |ended| ended.min(to));
        for arrangement in plan.body.arrangements {
            if arrangement.from > last || arrangement.to.is_some_and(|end| end < from) || last < from {
                continue;
            }
            let of_it = sessions.iter().filter(|session| session.is_under(arrangement.id));
            let states: Vec<(Date, SessionState)> = of_it.map(|session| (session.slot.day, session.state)).collect();
            delivered.push(Delivered {
                plan: plan.id,
                with: names(&family, &arrangement.with),
                delivery: Delivery::count(&arrangement, from, last, &states),
                arrangement,
            });
        }
    }
    Ok(delivered)
}
