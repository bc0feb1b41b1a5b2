//! Writing a plan: begun for a child, empty or like an earlier one, and its arrangements.

use jiff::civil::Date;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::{ArrangementId, ChildId, PersonId, PlanId};
use kith_domain::plan::{ARRANGEMENT_LIMIT, Arrangement, ContactPlan, PlanState};
use kith_store::{ContactOrder, Plan, Relative, StoreError};

use crate::file::child_in_contact;
use crate::{Desk, ServiceError};

impl Desk {
    /// Begins a plan for a child. `id` was made when the form was shown: sending it twice begins one plan.
    pub async fn begin_plan(&self, child: ChildId, id: PlanId) -> Result<PlanId, ServiceError> {
        self.allow_file("plan.write", child).await?;
        self.put_plan(child, id, None).await
    }

    /// Begins a plan with the arrangements of an earlier one that still run: a plan that was agreed is not changed but
    /// followed by another. Sending the same `id` twice begins one plan.
    pub async fn begin_plan_like(&self, earlier: PlanId, id: PlanId) -> Result<PlanId, ServiceError> {
        let scope = self.allow_plan("plan.write", earlier).await?;
        self.put_plan(scope.child, id, Some(earlier)).await
    }

    async fn put_plan(&self, child: ChildId, id: PlanId, like: Option<PlanId>) -> Result<PlanId, ServiceError> {
        let (me, now_ms, today) = (self.me()?, self.now_ms(), self.service.today());
        self.room_for_a_draft().await?;
        let begun = self
            .change("plan.begun", |work| async move {
                child_in_contact(&work, child).await?;
                let mut body = ContactPlan::default();
                if let Some(earlier) = like {
                    let family = work.family(child).await?;
                    let lines = work.plan(earlier).await?.body.arrangements;
                    body.arrangements = lines.into_iter().filter_map(|line| followed(line, &family, today)).collect();
                }
                let mut plan = Plan {
                    id,
                    version: 0,
                    child,
                    author: me,
                    state: PlanState::Draft,
                    created_ms: now_ms,
                    review_due: None,
                    body,
                };
                work.insert_plan(&mut plan).await?;
                Ok(())
            })
            .await;
        match begun {
            // The same form again: it is there. Another's id is refused.
            Err(ServiceError::Store(StoreError::Duplicate)) => {
                self.allow_plan("plan.write", id).await?;
                Ok(id)
            }
            begun => begun.map(|()| id),
        }
    }

    /// Reads one arrangement's page against the authority's calendar; `Err` names what is wrong.
    pub fn read_arrangement(&self, id: ArrangementId, fields: &Fields) -> Result<Arrangement, Vec<Problem>> {
        Arrangement::read(id, fields, self.service.register().calendar(), self.service.today())
    }

    /// Saves one arrangement of a draft over the version of the plan that was shown; one that is not there yet is
    /// added. Returns the plan's version now.
    ///
    /// [`ServiceError::Invalid`] names who is not of the family or must not attend, and a term that is none of this
    /// child's; [`ServiceError::Conflict`] gives what somebody else saved meanwhile. Nothing is saved then.
    pub async fn save_arrangement(&self, id: PlanId, line: &Arrangement, version: i64) -> Result<i64, ServiceError> {
        self.allow_plan("plan.write", id).await?;
        self.change("plan.saved", |work| {
            let mut line = line.clone();
            async move {
                let mut plan = work.plan(id).await?;
                editable(&plan)?;
                let mut problems = not_attending(&work.family(plan.child).await?, &line.with).err().unwrap_or_default();
                problems.extend(serving(&work.orders_of(plan.child).await?, &mut line).err());
                if !problems.is_empty() {
                    return Err(ServiceError::Invalid(problems));
                }
                let full = plan.body.arrangements.len() >= ARRANGEMENT_LIMIT;
                match plan.body.arrangements.iter_mut().find(|known| known.id == line.id) {
                    Some(known) if *known == line => {
                        work.changed("contact_plan", id.0, plan.version);
                        return Ok(plan.version);
                    }
                    Some(known) if plan.version != version => {
                        let theirs = Box::new(known.fields());
                        return Err(ServiceError::Conflict { theirs, version: plan.version });
                    }
                    Some(known) => *known = line,
                    None if full => {
                        return Err(ServiceError::rule(
                            "plan.too_many_arrangements",
                            format!("A plan has at most {ARRANGEMENT_LIMIT} arrangements"),
                        ));
                    }
                    None => plan.body.arrangements.push(line),
                }
                work.save_plan(&mut plan).await?;
                Ok(plan.version)
            }
        })
        .await
    }

    /// Takes an arrangement out of a draft. Taken out twice is taken out once.
    pub async fn remove_arrangement(&self, id: PlanId, arrangement: ArrangementId) -> Result<(), ServiceError> {
        self.allow_plan("plan.write", id).await?;
        self.change("plan.saved", |work| async move {
            let mut plan = work.plan(id).await?;
            editable(&plan)?;
            plan.body.arrangements.retain(|known| known.id != arrangement);
            work.save_plan(&mut plan).await?;
            Ok(())
        })
        .await
    }
}

/// Sets from which day every second week of a line is counted: the first of the term that it serves. The problem names a
/// term that is none of this child's.
fn serving(orders: &[ContactOrder], line: &mut Arrangement) -> Result<(), Problem> {
    let Some(id) = line.serves else { return Ok(()) };
    match orders.iter().find_map(|of| of.body.order.term(id)) {
        Some(term) => {
            line.weeks_from = Some(term.owed.from);
            Ok(())
        }
        None => Err(Problem::new("serves", "Select a term of an order from the list, or say that it serves none")),
    }
}

/// An arrangement as it goes on in a following plan: the same one, with its first day, and with those who may still
/// attend, so that what is owed goes on and what is booked stays booked.
fn followed(mut line: Arrangement, family: &[Relative], today: Date) -> Option<Arrangement> {
    line.with.retain(|person| not_attending(family, &[*person]).is_ok());
    if line.with.is_empty() || line.to.is_some_and(|end| end < today) {
        return None;
    }
    Some(line)
}

/// Names a selected person who is not of the family, or must not attend.
pub(super) fn not_attending(family: &[Relative], people: &[PersonId]) -> Result<(), Vec<Problem>> {
    for person in people {
        let message = match family.iter().find(|relative| relative.person.id == *person) {
            None => "Someone selected is not in this child’s family. Select again who the child is to see",
            Some(relative) if !relative.relation.may_attend => {
                "Someone selected must not attend, by what was verified about them"
            }
            Some(_) => continue,
        };
        return Err(vec![Problem::new("with", message)]);
    }
    Ok(())
}

fn editable(plan: &Plan) -> Result<(), ServiceError> {
    if plan.state.can_be_edited() {
        return Ok(());
    }
    Err(ServiceError::rule(
        "plan.locked",
        format!(
            "This plan is {}, so its arrangements cannot be changed. Begin a new plan like it",
            plan.state.label().to_lowercase()
        ),
    ))
}
