//! What stands against a plan's being agreed: each line is held against the order it serves, the risk assessments, the
//! opening hours, its dates and who may attend, before anybody signs it (handbook sections 6 and 7).

use std::collections::HashMap;

use jiff::civil::Date;

use super::{Arrangement, Bound, ContactPlan, Mode, frequency};
use crate::calendar::{self, ServiceCalendar, long_date};
use crate::codes::{Entitlement, Supervision, weekday_name};
use crate::delivery::Term;
use crate::ids::{ArrangementId, PersonId, TermId};
use crate::order::{Order, OrderTerm};
use crate::session::{Week, hours_on};

/// One term of an order that stands.
#[derive(Clone, Copy)]
pub struct OrderedTerm<'a> {
    /// The order.
    pub order: &'a Order,
    /// The term.
    pub term: &'a OrderTerm,
}

/// What a plan is held against.
pub struct Grounds<'a> {
    /// The day on which the plan was begun: nothing in it starts before, unless it goes on from an earlier plan.
    pub begun_on: Date,
    /// Arrangements of earlier plans that go on here.
    pub going_on: &'a [ArrangementId],
    /// The opening hours of the venues of the child's area, each within the service's own.
    pub venues: &'a [Week],
    /// The authority's calendar.
    pub calendar: &'a ServiceCalendar,
    /// The terms of the child's orders that stand.
    pub terms: &'a [OrderedTerm<'a>],
    /// The level of supervision that the valid assessment of each person asks for; nothing where none is valid.
    pub assessed: &'a HashMap<PersonId, Supervision>,
    /// Each person of the family: the name, whether they may attend, and their entitlement.
    pub family: &'a [(PersonId, String, bool, Entitlement)],
}

/// Something wrong with one line of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineProblem {
    /// Which line.
    pub line: ArrangementId,
    /// The field of its form.
    pub field: &'static str,
    /// What is wrong and what to do.
    pub message: String,
}

/// What holding a plan against its grounds came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// What stands against agreeing it.
    pub problems: Vec<LineProblem>,
    /// What somebody should know before they agree it.
    pub notes: Vec<String>,
}

/// Holds every line of a plan against its grounds.
pub fn check(plan: &ContactPlan, grounds: &Grounds<'_>) -> Checked {
    let mut checked = Checked::default();
    for line in &plan.arrangements {
        let mut wrong = |field, message: String| {
            checked.problems.push(LineProblem { line: line.id, field, message });
        };
        people(line, grounds, &mut wrong);
        dates(line, grounds, &mut wrong);
        hours(line, grounds, &mut wrong);
        supervision(line, grounds, &mut wrong);
        order(line, grounds, &mut wrong);
    }
    checked.problems.extend(grounds.terms.iter().filter_map(|of| served(plan, of, grounds)));
    checked.notes = notes(plan, grounds);
    checked
}

fn people(line: &Arrangement, grounds: &Grounds<'_>, wrong: &mut impl FnMut(&'static str, String)) {
    for person in &line.with {
        match grounds.family.iter().find(|(id, ..)| id == person) {
            None => wrong(
                "with",
                "Someone in it is not in this child’s family. Select again who the child is to see".into(),
            ),
            Some((_, name, false, _)) => {
                wrong("with", format!("{name} must not attend, by what was verified. Take them out of it"));
            }
            Some(_) => {}
        }
    }
}

fn dates(line: &Arrangement, grounds: &Grounds<'_>, wrong: &mut impl FnMut(&'static str, String)) {
    if line.from < grounds.begun_on && !grounds.going_on.contains(&line.id) {
        let begun = long_date(grounds.begun_on);
        wrong(
            "from-day",
            format!("First day is before this plan was begun, on {begun}. Choose that day or a later one"),
        );
    }
}

fn hours(line: &Arrangement, grounds: &Grounds<'_>, wrong: &mut impl FnMut(&'static str, String)) {
    let Some(start) = line.pattern.start_minute.filter(|_| line.mode == Mode::InPerson) else { return };
    let end = start + line.minutes;
    for weekday in &line.pattern.weekdays {
        // Any week will do: opening hours are the same in each. 1 January 2024 was a Monday.
        let day = Date::constant(2024, 1, *weekday);
        let open = |week: &Week| hours_on(week, day).is_some_and(|h| h.start_minute <= start && end <= h.end_minute);
        if !grounds.venues.iter().any(open) {
            let latest = grounds.venues.iter().filter_map(|week| hours_on(week, day));
            let latest = latest.max_by_key(|hours| hours.end_minute - hours.start_minute);
            let name = weekday_name(*weekday);
            let times = format!("{} to {}", calendar::clock(start), calendar::clock(end));
            wrong(
                "start",
                match latest {
                    Some(hours) => format!(
                        "{times} is outside the opening hours: no venue is open for it on a {name} (the longest is {} to \
                         {}). Choose another time, length or day",
                        calendar::clock(hours.start_minute),
                        calendar::clock(hours.end_minute)
                    ),
                    None => format!("No venue is open on a {name}. Choose another day"),
                },
            );
            return;
        }
    }
}

/// How strict a level is; less is stricter.
fn strictness(level: Supervision) -> usize {
    Supervision::ALL.iter().position(|known| *known == level).unwrap_or(0)
}

fn supervision(line: &Arrangement, grounds: &Grounds<'_>, wrong: &mut impl FnMut(&'static str, String)) {
    if line.mode == Mode::Letterbox {
        return;
    }
    for person in &line.with {
        if let Some(asked) = grounds.assessed.get(person)
            && strictness(*asked) < strictness(line.supervision)
        {
            wrong(
                "supervision",
                format!(
                    "The valid risk assessment of {} asks for “{}”, and this says “{}”. Choose the stricter level, or assess \
                     the risk again",
                    name(grounds, *person),
                    asked.label(),
                    line.supervision.label()
                ),
            );
        }
    }
}

fn order(line: &Arrangement, grounds: &Grounds<'_>, wrong: &mut impl FnMut(&'static str, String)) {
    let Some(id) = line.serves else { return };
    let Some(OrderedTerm { order, term }) = grounds.terms.iter().find(|of| of.term.id == id).copied() else {
        wrong("serves", "The term of the order that it serves does not stand any more. Choose another".into());
        return;
    };
    let owed = order.owed(term);
    if line.with.iter().any(|person| !term.with.contains(person)) {
        wrong(
            "with",
            "Somebody in it is not named in the term of the order that it serves. Make two lines of it".into(),
        );
    }
    if line.mode != term.mode {
        let asked = term.mode.label().to_lowercase();
        wrong("mode", format!("The order says “{asked}”. Choose that, or do not say that it serves the order"));
    }
    if line.from < owed.from {
        wrong("from-day", format!("The order begins on {}. Choose that day or a later one", long_date(owed.from)));
    }
    if let Some(ends) = owed.to.filter(|ends| line.to.is_none_or(|to| to > *ends)) {
        let ends = long_date(ends);
        wrong("to-day", format!("The order ends on {ends}. Set that as the last day, or an earlier one"));
    }
    if let Some(asked) = owed.minutes.filter(|asked| line.minutes < *asked && line.mode != Mode::Letterbox) {
        wrong("minutes", format!("The order says {asked} minutes each time. Make it as long"));
    }
}

/// Holds the days of all lines that serve one term, taken together, against what it says.
fn served(plan: &ContactPlan, of: &OrderedTerm<'_>, grounds: &Grounds<'_>) -> Option<LineProblem> {
    let lines: Vec<&Arrangement> = plan.arrangements.iter().filter(|line| line.serves == Some(of.term.id)).collect();
    let (first, latest) = (lines.first()?, lines.iter().map(|line| line.from).max()?);
    if lines.iter().any(|line| line.pattern.weekdays.is_empty()) {
        return None;
    }
    let owed = of.order.owed(of.term);
    let ends = lines.iter().filter_map(|line| line.to).chain(owed.to).min();
    let looked_at = Term { from: owed.from.max(latest), to: ends, ..owed };
    let days = |day| lines.iter().map(|line| i64::from(line.falls_on(day))).sum();
    let (least, most) = frequency::days_in_spans(&looked_at, days, grounds.calendar)?;
    let number = match owed.bound {
        Bound::AtLeast | Bound::Exactly if least < owed.count => least,
        Bound::AtMost | Bound::Exactly if most > owed.count => most,
        _ => return None,
    };
    let message = format!(
        "The order says {}, and these days give {number} in some {}. Choose other days",
        owed.words(),
        owed.per.label()
    );
    Some(LineProblem { line: first.id, field: "weekday", message })
}

fn notes(plan: &ContactPlan, grounds: &Grounds<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let serves = |term: TermId| plan.arrangements.iter().any(|line| line.serves == Some(term));
    for OrderedTerm { order, term } in grounds.terms {
        let owed = order.owed(term);
        if owed.bound != Bound::AtMost && !serves(term.id) {
            let with: Vec<String> = term.with.iter().map(|person| name(grounds, *person)).collect();
            notes.push(format!(
                "No line serves the order of {} of {}: {}, {}.",
                order.facts.court,
                long_date(order.facts.made_on),
                with.join(" and "),
                owed.words()
            ));
        }
    }
    for (person, name, may_attend, entitlement) in grounds.family {
        let planned = plan.arrangements.iter().find(|line| line.with.contains(person));
        if planned.is_none() && *may_attend && *entitlement != Entitlement::None {
            notes.push(format!("{name} is entitled to contact ({}), and no line is with them.", entitlement.label()));
        }
        if planned.is_some_and(|line| !line.court_ordered) && *entitlement == Entitlement::None {
            notes
                .push(format!("{name} has no entitlement under section 34(1): this contact rests on agreement alone."));
        }
    }
    notes
}

fn name(grounds: &Grounds<'_>, person: PersonId) -> String {
    let known = grounds.family.iter().find(|(id, ..)| *id == person);
    known.map_or_else(|| "a family member".to_owned(), |(_, name, ..)| name.clone())
}
