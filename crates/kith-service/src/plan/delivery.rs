//! Delivered against ordered, for each family member and term: a court-ordered shortfall is the red figure of the
//! service (handbook sections 7 and 19). Plans, reports and booking ask here; the counting itself is the domain's.

use jiff::ToSpan;
use jiff::civil::Date;
use kith_domain::calendar::{self, Days};
use kith_domain::delivery::{self, Bound, Term, Total, count};
use kith_domain::ids::{ArrangementId, ChildId, OrderId, PersonId, TermId};
use kith_domain::plan::{Arrangement, Mode};
use kith_domain::record::Timeline;
use kith_domain::session::SessionState;
use kith_store::{ContactOrder, Look, Plan, Relative, Session};

use super::diary::counted;
use super::names;
use super::why::{reasons, why_not};
use crate::{Desk, ServiceError};

/// How far around a period its spans can reach, in days: a year.
const SPAN_DAYS: i64 = 370;

/// What says that something is owed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A term of an order.
    Order {
        /// The order.
        order: OrderId,
        /// The term.
        term: TermId,
        /// The court.
        court: String,
        /// The day on which it was made.
        made_on: Date,
    },
    /// An arrangement that serves no order: what was agreed.
    Arrangement(ArrangementId),
}

/// What one term owes to some people.
#[derive(Clone)]
pub(crate) struct Owing {
    pub(crate) source: Source,
    pub(crate) people: Vec<PersonId>,
    pub(crate) term: Term,
    pub(crate) mode: Mode,
    pub(crate) court_ordered: bool,
}

/// What was delivered of one term to one person in a period. No Debug: it names people.
#[derive(Clone)]
pub struct Delivered {
    /// What says that it is owed.
    pub source: Source,
    /// To whom.
    pub person: PersonId,
    /// Their name.
    pub with: String,
    /// What is owed.
    pub term: Term,
    /// In person, by video.
    pub mode: Mode,
    /// Whether a court ordered it.
    pub court_ordered: bool,
    /// Each span of the period, in order of time.
    pub spans: Vec<delivery::Delivered<PersonId>>,
    /// All of them together.
    pub total: Total,
    /// Why sessions of spans that have ended were not held for this person, each reason with how often, most frequent first.
    pub reasons: Vec<String>,
}

/// A session with what counting asks of it.
pub(crate) struct Counted {
    pub(crate) session: Session,
    /// Under which arrangement of this child's plan.
    pub(crate) arrangement: Option<ArrangementId>,
    pub(crate) people: Vec<PersonId>,
    pub(crate) course: delivery::Session<PersonId>,
    /// What the entries of its record say; `None` where none was begun.
    pub(crate) timeline: Option<Timeline>,
}

/// What is owed to a child's family, and the diary around a period.
pub(crate) struct Diary {
    pub(crate) period: Days,
    pub(crate) owing: Vec<Owing>,
    pub(crate) sessions: Vec<Counted>,
    arrangements: Vec<Arrangement>,
}

impl Desk {
    /// Delivered against ordered for a child between two days, both included.
    pub async fn delivery(&self, child: ChildId, from: Date, to: Date) -> Result<Vec<Delivered>, ServiceError> {
        let (look, _) = self.look_into_file("file.read", child).await?;
        let family = look.family(child).await?;
        let diary = self.diary_of(&look, child, Some(Days { from, to })).await?;
        let delivered = self.delivered(&diary, &family);
        look.done("delivery.read", self.now_ms()).await?;
        Ok(delivered)
    }

    /// What is owed to a child's family, and every session that a span of the period can hold; without a period, of all
    /// the time up to today in which anything was owed.
    pub(crate) async fn diary_of(
        &self,
        look: &Look,
        child: ChildId,
        period: Option<Days>,
    ) -> Result<Diary, ServiceError> {
        let plans = look.plans_of(child).await?;
        let orders = look.orders_of(child).await?;
        let owing = owing(&plans, &orders);
        let period = period.unwrap_or_else(|| since(&owing, self.service.today()));
        let (from, to) = (calendar::day_number(period.from), calendar::day_number(period.to));
        let all = look.sessions_of(child, from - SPAN_DAYS, to + SPAN_DAYS).await?;
        let ids: Vec<_> = all.iter().map(|session| session.id).collect();
        let mut people_of = look.people_of(&ids).await?;
        let timelines = self.timelines(look, &all).await?;
        let mut sessions = Vec::new();
        // Who is known to this file by another row than to a brother's is one human being all the same.
        let come: Vec<PersonId> = people_of.values().flatten().copied().collect();
        let known = look.known_to(child, &come).await?;
        let own = |person: PersonId| known.get(&person).copied().unwrap_or(person);
        for session in all {
            let people = people_of.remove(&session.id).unwrap_or_default();
            let people: Vec<PersonId> = people.into_iter().map(own).collect();
            let timeline = timelines.get(&session.id);
            let course = counted(&session, child, &people, timeline, &own, self.now_ms());
            let arrangement = session.place(child).map(|place| place.arrangement);
            let timeline = timeline.cloned();
            sessions.push(Counted { session, arrangement, people, course, timeline });
        }
        let arrangements = plans.iter().flat_map(|plan| plan.body.arrangements.iter().cloned()).collect();
        Ok(Diary { period, owing, sessions, arrangements })
    }

    /// What was delivered of everything that is owed, for each family member and term. A period turned round has none.
    pub(crate) fn delivered(&self, diary: &Diary, family: &[Relative]) -> Vec<Delivered> {
        let mut all = Vec::new();
        let whole = diary.period.from <= diary.period.to;
        // Letters are not in the diary: what is not written down cannot be counted.
        for owing in diary.owing.iter().filter(|owing| whole && owing.mode != Mode::Letterbox) {
            for (person, spans) in self.counts(diary, owing, diary.period) {
                if spans.is_empty() {
                    continue;
                }
                let reasons = diary.reasons(owing, person, &spans, family);
                all.push(Delivered {
                    source: owing.source.clone(),
                    person,
                    with: names(family, &[person]),
                    term: owing.term,
                    mode: owing.mode,
                    court_ordered: owing.court_ordered,
                    total: Total::of(&spans),
                    spans,
                    reasons,
                });
            }
        }
        all
    }

    /// Each person of what is owed, with their spans of a period.
    pub(crate) fn counts(
        &self,
        diary: &Diary,
        owing: &Owing,
        period: Days,
    ) -> Vec<(PersonId, Vec<delivery::Delivered<PersonId>>)> {
        let (calendar, today) = (self.service.register().calendar(), self.service.today());
        let sessions: Vec<delivery::Session<PersonId>> =
            diary.counting_for(owing).map(|counted| counted.course.clone()).collect();
        let spans = count(&owing.term, &owing.people, calendar, &sessions, period, today);
        let of = |person: PersonId| (person, spans.iter().filter(|span| span.person == person).copied().collect());
        owing.people.iter().map(|person| of(*person)).collect()
    }
}

impl Diary {
    /// The sessions that count for what is owed: of an agreement those under its own arrangement; of an order those under
    /// an arrangement that serves it, or that serves no order and takes place in the same way.
    pub(crate) fn counting_for(&self, owing: &Owing) -> impl Iterator<Item = &Counted> {
        self.sessions.iter().filter(|counted| {
            counted.arrangement.is_some_and(|id| counts_under(&owing.source, owing.mode, id, &self.arrangements))
        })
    }

    /// Why the sessions of spans that have ended were not held for one person, each with how often.
    fn reasons(
        &self,
        owing: &Owing,
        person: PersonId,
        spans: &[delivery::Delivered<PersonId>],
        family: &[Relative],
    ) -> Vec<String> {
        let ended = |day: Date| spans.iter().any(|span| !span.running && span.span.contains(day));
        let lost = self.counting_for(owing).filter(|counted| {
            let session = &counted.course;
            session.with.contains(&person) && !session.held_for(person) && ended(session.day)
        });
        reasons(lost.map(|counted| why_not(counted, Some(person), family)))
    }
}

/// Whether sessions under an arrangement count for what is owed.
fn counts_under(source: &Source, mode: Mode, id: ArrangementId, arrangements: &[Arrangement]) -> bool {
    match source {
        Source::Arrangement(line) => id == *line,
        Source::Order { term, .. } => {
            let line = arrangements.iter().find(|line| line.id == id);
            line.is_none_or(|line| line.serves.map_or(line.mode == mode, |serves| serves == *term))
        }
    }
}

impl Desk {
    /// What a further session under an arrangement on a day would be more than, in words; `None` when everything owed
    /// allows it. Sessions that were cancelled or to which nobody came leave their place.
    pub(crate) async fn beyond(
        &self,
        look: &Look,
        child: ChildId,
        line: ArrangementId,
        day: Date,
    ) -> Result<Option<String>, ServiceError> {
        let plans = look.plans_of(child).await?;
        let owing = owing(&plans, &look.orders_of(child).await?);
        let arrangements: Vec<Arrangement> =
            plans.iter().flat_map(|plan| plan.body.arrangements.iter().cloned()).collect();
        let with = |id: ArrangementId| arrangements.iter().find(|of| of.id == id).map(|of| of.with.as_slice());
        let calendar = self.service.register().calendar();
        let relevant = owing.iter().filter(|owing| {
            owing.term.bound != Bound::AtLeast
                && owing.term.covers(day, calendar)
                && counts_under(&owing.source, owing.mode, line, &arrangements)
        });
        for owing in relevant {
            let spans = delivery::spans(&owing.term, calendar, Days { from: day, to: day });
            let Some(span) = spans.into_iter().find(|span| span.contains(day)) else { continue };
            let Some(allowed) = delivery::allowed(&owing.term, calendar, span) else { continue };
            let (from, to) = (calendar::day_number(span.from), calendar::day_number(span.to));
            let mut booked = look.diary_of_child(child, from, to).await?;
            booked.retain(|there| {
                !matches!(there.state, SessionState::Cancelled | SessionState::DidNotAttend)
                    && owing.term.covers(there.slot.day, calendar)
            });
            for person in owing.people.iter().filter(|person| with(line).is_some_and(|with| with.contains(person))) {
                let theirs = booked.iter().filter(|there| {
                    let mut places = there.places.iter().filter(|place| place.child == child);
                    places.any(|place| {
                        counts_under(&owing.source, owing.mode, place.arrangement, &arrangements)
                            && with(place.arrangement).is_some_and(|with| with.contains(person))
                    })
                });
                let there = i64::try_from(theirs.count()).unwrap_or(i64::MAX);
                if there >= allowed {
                    let by = if owing.court_ordered { "The order says" } else { "The agreement says" };
                    let (term, per) = (owing.term.words(), owing.term.per.label());
                    return Ok(Some(format!("{by} {term}, and {there} stand in the diary of this {per} already")));
                }
            }
        }
        Ok(None)
    }
}

/// Everything that is owed: each term of each order, and each arrangement that serves none.
fn owing(plans: &[Plan], orders: &[ContactOrder]) -> Vec<Owing> {
    let of_orders = orders.iter().rev().flat_map(|of| {
        let order = &of.body.order;
        order.terms.iter().map(|term| Owing {
            source: Source::Order {
                order: of.id,
                term: term.id,
                court: order.facts.court.clone(),
                made_on: order.facts.made_on,
            },
            people: term.with.clone(),
            term: order.owed(term),
            mode: term.mode,
            court_ordered: true,
        })
    });
    of_orders.chain(agreed(plans)).collect()
}

/// What arrangements owe that serve no order, oldest first. An arrangement keeps its id through every plan that follows
/// another: it is one term for as long as what is agreed stays the same. A plan that was never started owes nothing; a
/// suspended one still does; one that ended owes until the day before another took its place, or the day it ended.
fn agreed(plans: &[Plan]) -> Vec<Owing> {
    let mut started: Vec<(&Plan, Date)> = plans.iter().filter_map(|plan| Some((plan, plan.body.started_on?))).collect();
    started.sort_by_key(|(plan, started)| (*started, plan.created_ms));
    let mut owing: Vec<Owing> = Vec::new();
    for (plan, from) in started {
        let ended = match (plan.body.ended_on, plan.body.replaced_by) {
            (Some(ended), Some(_)) => ended.yesterday().ok(),
            (ended, _) => ended,
        };
        for line in plan.body.arrangements.iter().filter(|line| line.serves.is_none()) {
            let term = line.term(from, ended);
            if term.to.is_some_and(|to| to < term.from) {
                continue;
            }
            for person in &line.with {
                let goes_on = owing.iter_mut().rev().find(|known| {
                    known.source == Source::Arrangement(line.id)
                        && known.people == [*person]
                        && joins(&known.term, &term)
                });
                match goes_on {
                    Some(known) => known.term.to = term.to,
                    None => owing.push(Owing {
                        source: Source::Arrangement(line.id),
                        people: vec![*person],
                        term,
                        mode: line.mode,
                        court_ordered: line.court_ordered,
                    }),
                }
            }
        }
    }
    owing
}

/// Whether a term is the same as one before it, and goes on where that one ends.
fn joins(before: &Term, after: &Term) -> bool {
    let follows = before.to.is_some_and(|to| to.tomorrow().is_ok_and(|next| after.from <= next));
    follows && Term { from: before.from, to: before.to, ..*after } == *before
}

/// The period in which everything owed up to a day can be seen: from the first day that anything is owed, ten years back
/// at most.
fn since(owing: &[Owing], today: Date) -> Days {
    let first = owing.iter().map(|owing| owing.term.from).min().unwrap_or(today);
    Days { from: first.min(today).max(today.checked_sub(10.years()).unwrap_or(today)), to: today }
}
