//! How often the child sees somebody, in words: by the plan in force, and by orders that stand.

use jiff::civil::Date;
use kith_domain::calendar::long_date;
use kith_domain::catalogue::{Reading, SaidOf, shown};
use kith_domain::codes::Supervision;
use kith_domain::delivery::When;
use kith_domain::form::lower_first;
use kith_domain::ids::PersonId;
use kith_domain::plan::{Arrangement, Mode, PlanState};
use kith_store::{ContactOrder, Plan, Relative};

/// The plan in force: started, and not ended. One that is suspended is in force for nobody.
pub(super) fn in_force(plans: &[Plan]) -> Option<&Plan> {
    plans.iter().find(|plan| plan.state == PlanState::Active)
}

/// Lines of a plan about somebody that hold today or begin later.
pub(super) fn lines(plan: &Plan, person: PersonId, today: Date) -> impl Iterator<Item = &Arrangement> {
    let of = plan.body.arrangements.iter();
    of.filter(move |line| line.with.contains(&person) && line.to.is_none_or(|to| to >= today))
}

fn mode(mode: Mode) -> Option<&'static str> {
    match mode {
        Mode::InPerson => None,
        Mode::Video => Some("by video"),
        Mode::Letterbox => Some("by letterbox"),
    }
}

/// A line as briefly as it can be said: `at least twice a week, supervised`.
pub(super) fn briefly(line: &Arrangement, today: Date) -> String {
    let mut words = vec![line.frequency.to_string()];
    if line.when != When::Always {
        words.push(lower_first(line.when.label()));
    }
    words.extend(mode(line.mode).map(str::to_owned));
    if line.mode != Mode::Letterbox {
        let supervision = line.supervision.label().split(':').next().unwrap_or_default();
        words.push(lower_first(supervision));
    }
    if line.from > today {
        words.push(format!("from {}", long_date(line.from)));
    }
    words.join(", ")
}

/// A line with all that is agreed, but for where: `By the plan: at least twice a week, 90 minutes each, …`.
pub(super) fn whole(line: &Arrangement) -> String {
    let mut words = vec![line.term(line.from, None).words(), lower_first(&line.pattern.words(line.minutes))];
    words.extend(mode(line.mode).map(str::to_owned));
    if line.mode != Mode::Letterbox {
        words.push(lower_first(Supervision::label(line.supervision)));
    }
    let dates = match line.to {
        Some(to) => format!("from {} to {}", long_date(line.from), long_date(to)),
        None => format!("from {} on", long_date(line.from)),
    };
    words.push(dates);
    format!("By the plan: {}.", words.join("; "))
}

/// What orders that stand owe somebody: `at least twice a week, 90 minutes each`.
pub(super) fn ordered(orders: &[ContactOrder], person: PersonId, today: Date) -> Vec<String> {
    let standing = orders.iter().map(|of| &of.body.order).filter(|order| order.stands_on(today));
    let owed = standing.flat_map(|order| order.terms.iter().map(move |term| (order.owed(term), term)));
    let owed = owed.filter(|(owed, term)| term.with.contains(&person) && owed.to.is_none_or(|to| to >= today));
    let words = |(owed, of): (kith_domain::delivery::Term, &kith_domain::order::OrderTerm)| {
        let mut words = vec![owed.words()];
        words.extend(mode(of.mode).map(str::to_owned));
        if owed.from > today {
            words.push(format!("from {}", long_date(owed.from)));
        }
        words.join(", ")
    };
    owed.map(words).collect()
}

/// What the file says of why somebody must not attend, or of how they may: risk, bail, orders that protect somebody.
pub(super) fn why(relative: &Relative) -> Vec<String> {
    let mut values = relative.person.body.known.values.clone();
    let relation = &relative.relation.known;
    for name in relation.values.names() {
        values.set_all(name, relation.values.all(name).to_vec());
    }
    let bears = ["risk_detail", "bail_conditions", "non_molestation"];
    let disputed =
        |field: &str| relation.disputed.contains(field) || relative.person.body.known.disputed.contains(field);
    shown(Reading::File, SaidOf::Family, &values, &str::to_owned)
        .into_iter()
        .filter(|of| bears.contains(&of.item.code))
        .map(|of| {
            let beside = if disputed(of.item.code) { " (disputed)" } else { "" };
            format!("{}: {}{beside}", of.item.label, of.words)
        })
        .collect()
}
