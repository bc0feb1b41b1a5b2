//! What a plan is held against before it is agreed, read from the store.

use std::collections::HashMap;

use kith_domain::booking::within;
use kith_domain::calendar;
use kith_domain::plan::{Checked, Grounds, LineProblem, OrderedTerm, check};
use kith_store::{Look, Plan};

use crate::risk::valid_assessment;
use crate::{Desk, ServiceError};

impl Desk {
    /// Holds every line of a plan against the orders that stand, the valid risk assessments, the opening hours of the
    /// area, its dates and who may attend.
    pub(super) async fn checked(&self, look: &Look, plan: &Plan) -> Result<Checked, ServiceError> {
        let today = self.service.today();
        let register = self.service.register();
        let family = look.family(plan.child).await?;
        let mut assessed = HashMap::new();
        for relative in &family {
            let id = relative.person.id;
            let valid = valid_assessment(look, plan.child, id, calendar::day_number(today)).await?;
            let level = valid.and_then(|of| of.body.assessment).map(|assessment| assessment.supervision);
            assessed.extend(level.map(|level| (id, level)));
        }
        let area = look.child(plan.child).await?.area;
        let open = look.venues().await?.into_iter().filter(|venue| venue.area == area && venue.closed_ms.is_none());
        let mut venues: Vec<_> = open.map(|venue| within(&venue.open, register.opening())).collect();
        if venues.is_empty() {
            venues.push(*register.opening());
        }
        let orders = look.orders_of(plan.child).await?;
        let standing =
            orders.iter().map(|of| &of.body.order).filter(|order| order.last_day().is_none_or(|d| d >= today));
        let terms: Vec<OrderedTerm<'_>> =
            standing.flat_map(|order| order.terms.iter().map(move |term| OrderedTerm { order, term })).collect();
        let earlier = look.plans_of(plan.child).await?;
        let going_on: Vec<_> = earlier
            .iter()
            .filter(|other| other.id != plan.id && other.body.started_on.is_some())
            .flat_map(|other| other.body.arrangements.iter().map(|line| line.id))
            .collect();
        let elsewhere = self.elsewhere(look, plan.child, &family).await?;
        let family: Vec<_> = family
            .iter()
            .map(|of| (of.person.id, of.name(), of.relation.may_attend, of.relation.entitlement))
            .collect();
        let grounds = Grounds {
            begun_on: calendar::in_london(plan.created_ms).date(),
            going_on: &going_on,
            venues: &venues,
            calendar: register.calendar(),
            terms: &terms,
            assessed: &assessed,
            family: &family,
        };
        let mut checked = check(&plan.body, &grounds);
        // What is known of somebody in one file is weighed in every other before they are planned with.
        let barred = |id| elsewhere.get(id).is_some_and(|known| known.iter().any(|of| of.barred));
        for line in &plan.body.arrangements {
            for (id, name, ..) in family.iter().filter(|of| line.with.contains(&of.0)) {
                if barred(id) && !assessed.contains_key(id) {
                    let message = format!(
                        "{name} must not attend in the file of another child. Assess the risk for this child first"
                    );
                    checked.problems.push(LineProblem { line: line.id, field: "with", message });
                }
            }
        }
        Ok(checked)
    }
}
