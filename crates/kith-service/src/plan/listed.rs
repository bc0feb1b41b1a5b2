//! Contact plans by where they stand, whose files are read.

use kith_domain::ids::{ChildId, PlanId};
use kith_domain::plan::PlanState;
use kith_store::{Child, Counted};

use crate::paging::{Paged, in_state, window};
use crate::{Desk, ServiceError};

/// A plan in a list. No Debug: it names a child.
pub struct PlanLine {
    /// Its id.
    pub id: PlanId,
    /// The child's name.
    pub child: String,
    /// Where it stands.
    pub state: PlanState,
    /// How many arrangements it has.
    pub arrangements: usize,
    /// Who wrote it.
    pub author: String,
    /// When it was begun, UTC milliseconds.
    pub created_ms: i64,
    /// By when it is to be reviewed, as a day number, once it was started.
    pub review_due: Option<i64>,
}

impl Desk {
    /// A page, from 1, of the contact plans in a state, of the open files this person reads: those to be reviewed first on top, or
    /// the newest; and how many there are in each state.
    pub async fn plans_listed(
        &self,
        state: PlanState,
        newest_first: bool,
        page: usize,
    ) -> Result<(Paged<PlanLine>, Counted<PlanState>), ServiceError> {
        self.allow_service("search").await?;
        let look = self.snapshot().await?;
        let (plans, counts) = look.plans_listed(state, newest_first, window(page)).await?;
        let total = in_state(&counts, state);
        let mut ids: Vec<ChildId> = plans.iter().map(|plan| plan.child).collect();
        ids.sort_unstable();
        ids.dedup();
        let children = look.children(&ids).await?;
        look.done("plans.read", self.now_ms()).await?;
        let lines = plans.into_iter().map(|plan| PlanLine {
            id: plan.id,
            child: children.iter().find(|child| child.id == plan.child).map(Child::name).unwrap_or_default(),
            state: plan.state,
            arrangements: plan.body.arrangements.len(),
            author: self.service.name_of(plan.author),
            created_ms: plan.created_ms,
            review_due: plan.review_due,
        });
        Ok((Paged::new(lines.collect(), total, page), counts))
    }
}
