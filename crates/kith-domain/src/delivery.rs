//! Delivered against ordered: the one place where it is counted (handbook sections 7 and 19, *Held*; *Ordered, offered,
//! held*; *Spans*). Plans, reports, figures and `kith delivered` all ask [`count`].
//!
//! A term owes a number of times, and a length of each, in every span. A span belongs to the term and never to what is
//! asked for, so that the same diary gives the same shortfall whatever period is looked at.

pub mod case;
mod spans;
mod together;
mod words;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::{Days, ServiceCalendar};
use crate::codes::codes;
use crate::session::CancelledBy;

pub use spans::spans;
pub use together::Stay;
pub use words::hours;

codes! {
    /// How strictly the number is meant.
    Bound {
        Exactly = "exactly", "exactly";
        AtLeast = "at_least", "at least";
        AtMost = "at_most", "at most";
    }
}

codes! {
    /// The span in which the number is counted.
    Per {
        Day = "day", "day";
        Week = "week", "week";
        Fortnight = "fortnight", "fortnight";
        Month = "month", "month";
        SchoolTerm = "school_term", "school term";
        SchoolHoliday = "school_holiday", "school holiday";
        Year = "year", "year";
    }
}

codes! {
    /// From where months and years run; weeks and fortnights always begin on a Monday.
    Anchor {
        Calendar = "calendar", "As the calendar has them";
        Term = "term", "From the first day of the term";
    }
}

codes! {
    /// On which days of the year a term owes.
    When {
        Always = "always", "All year";
        TermTime = "term_time", "In school term time";
        Holidays = "holidays", "In the school holidays";
    }
}

/// What a court (or an agreement) says is owed: `at least 3 times a week, 90 minutes each, in term time`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// The first day on which it holds.
    pub from: Date,
    /// The last, if one is set.
    pub to: Option<Date>,
    /// How strictly the number is meant.
    pub bound: Bound,
    /// How many times in a span, at least 1.
    pub count: i64,
    /// In which span.
    pub per: Per,
    /// From where months and years run.
    pub anchor: Anchor,
    /// How long each time is, if a length is given.
    pub minutes: Option<i64>,
    /// On which days of the year it owes.
    pub when: When,
}

impl Term {
    /// Whether the term owes on a day: from its first day to its last, in term time or holidays where it says so.
    pub fn covers(&self, day: Date, calendar: &ServiceCalendar) -> bool {
        let running = self.from <= day && self.to.is_none_or(|to| day <= to);
        running
            && match self.when {
                When::Always => true,
                When::TermTime => calendar.in_school_term(day),
                When::Holidays => !calendar.in_school_term(day),
            }
    }

    /// How often, how long and when in the year: `at least twice a week, 90 minutes each, in the school holidays`.
    pub fn words(&self) -> String {
        let frequency = crate::plan::Frequency { bound: self.bound, count: self.count, per: self.per };
        let mut words = vec![frequency.to_string()];
        words.extend(self.minutes.map(|minutes| format!("{minutes} minutes each")));
        if self.when != When::Always {
            words.push(crate::form::lower_first(self.when.label()));
        }
        if self.anchor == Anchor::Term && matches!(self.per, Per::Month | Per::Year) {
            words.push(format!("each {} counted from its first day", self.per.label()));
        }
        words.join(", ")
    }

    /// How many days of a span the term owes on.
    fn covered_days(&self, span: Days, calendar: &ServiceCalendar) -> i64 {
        let Some(running) = span.shared(Days { from: self.from, to: self.to.unwrap_or(Date::MAX) }) else { return 0 };
        match self.when {
            When::Always => running.number(),
            _ => running.each().map(|day| i64::from(self.covers(day, calendar))).sum(),
        }
    }
}

/// How a session came out, as far as counting asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It took place; for whom is decided by who was there together with the child.
    Held,
    /// It did not take place: somebody did not come.
    DidNotAttend,
    /// It was cancelled.
    Cancelled(CancelledBy),
    /// Its time has passed and nobody has said how it was.
    Unrecorded,
    /// Its time is still to come.
    Planned,
}

/// A session of one child in the diary. `P` tells family members apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session<P> {
    /// The day.
    pub day: Date,
    /// With which family members it was booked.
    pub with: Vec<P>,
    /// How it came out.
    pub outcome: Outcome,
    /// When the child was there.
    pub child: Vec<Stay>,
    /// When each family member was there.
    pub family: Vec<(P, Stay)>,
}

impl<P: Copy + Eq> Session<P> {
    /// Those it was booked with for whom it was held.
    pub fn held_with(&self) -> Vec<P> {
        self.with.iter().copied().filter(|person| self.held_for(*person)).collect()
    }

    /// Whether the child was there at all.
    pub fn child_came(&self) -> bool {
        together::any(&self.child)
    }

    /// Whether a family member was there at all.
    pub fn came(&self, person: P) -> bool {
        together::any(&self.stays(person))
    }

    /// Minutes that the child and a family member were there together; none unless the session was held.
    pub fn together_minutes(&self, person: P) -> i64 {
        if self.outcome != Outcome::Held {
            return 0;
        }
        together::minutes(&self.child, &self.stays(person))
    }

    /// Whether it was held for a family member: the child and that person were there together for at least a minute.
    pub fn held_for(&self, person: P) -> bool {
        self.together_minutes(person) >= 1
    }

    /// Whether it was offered to a family member: booked with them and not taken away by anyone but the family or the
    /// child.
    pub fn offered_to(&self, person: P) -> bool {
        let kept = match self.outcome {
            Outcome::Cancelled(by) => matches!(by, CancelledBy::Parent | CancelledBy::Child),
            _ => true,
        };
        kept && self.with.contains(&person)
    }

    /// Whose the loss is when it was booked with a family member and not held for them.
    fn lost_by(&self, person: P) -> Option<Lost> {
        if !self.with.contains(&person) || self.held_for(person) {
            return None;
        }
        match self.outcome {
            Outcome::Unrecorded => Some(Lost::Unrecorded),
            Outcome::Cancelled(CancelledBy::Parent) => Some(Lost::Family),
            Outcome::Cancelled(CancelledBy::Child) => Some(Lost::Child),
            Outcome::Cancelled(CancelledBy::Court) => Some(Lost::Court),
            // What was taken away was not offered, and is missed as that.
            Outcome::Planned | Outcome::Cancelled(_) => None,
            // The person was there and the child was not: the child did not come.
            Outcome::Held | Outcome::DidNotAttend => {
                let came = together::any(&self.stays(person));
                Some(if came && !together::any(&self.child) { Lost::Child } else { Lost::Family })
            }
        }
    }

    fn stays(&self, person: P) -> Vec<Stay> {
        self.family.iter().filter(|(of, _)| *of == person).map(|(_, stay)| *stay).collect()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lost {
    Court,
    Unrecorded,
    Child,
    Family,
}

/// Whose a shortfall is, in times; the parts add up to it (handbook section 19).
///
/// What was never offered comes first, since nobody can miss what was not there; the family's own part last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whose {
    /// Not in the diary, or taken away by the service, a venue, a carer, the social worker or the weather.
    pub not_offered: i64,
    /// Cancelled by the court.
    pub court: i64,
    /// In the diary, and nobody has said how it was.
    pub unrecorded: i64,
    /// Cancelled by the child, or the child did not come.
    pub child: i64,
    /// Cancelled by the family, or they did not come.
    pub family: i64,
}

/// What was delivered to one person in one span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered<P> {
    /// To whom.
    pub person: P,
    /// The whole span.
    pub span: Days,
    /// Whether the span, or what the term covers of it, has not ended before today.
    pub running: bool,
    /// Times owed; none where the term says *at most*.
    pub due: i64,
    /// Minutes owed, where the term gives a length.
    pub due_minutes: Option<i64>,
    /// Most times that the term allows; `None` where it says *at least*.
    pub allowed: Option<i64>,
    /// Sessions with this person that stood in the diary and were not taken away.
    pub offered: i64,
    /// Sessions in which the child and this person were there together.
    pub held: i64,
    /// For how long they were, in all.
    pub held_minutes: i64,
    /// Times missing; `None` while running.
    pub shortfall: Option<i64>,
    /// Minutes missing; `None` while running, or without a length.
    pub shortfall_minutes: Option<i64>,
    /// Times held beyond what the term allows.
    pub excess: i64,
    /// Whose the shortfall is; all zero while running.
    pub whose: Whose,
}

/// Counts what one term delivered to each of its people in the spans that belong to a period: for each person in the
/// order given, each span in order of time.
///
/// A span that has ended belongs to the period in which its covered part ends; one that is running belongs to every
/// period that it touches. `sessions` are those of the child, in any order; what the term covers decides which count.
pub fn count<P: Copy + Eq>(
    term: &Term,
    people: &[P],
    calendar: &ServiceCalendar,
    sessions: &[Session<P>],
    period: Days,
    today: Date,
) -> Vec<Delivered<P>> {
    let mut in_order: Vec<&Session<P>> = sessions.iter().collect();
    in_order.sort_by_key(|session| session.day);
    let spans: Vec<Owed> = spans(term, calendar, period)
        .into_iter()
        .filter_map(|span| owed(term, calendar, span, period, today))
        .collect();
    let of = |person: P| {
        let (spans, in_order) = (&spans, &in_order);
        spans.iter().map(move |owed| {
            let first = in_order.partition_point(|session| session.day < owed.span.from);
            let in_span = in_order[first..]
                .iter()
                .take_while(|session| session.day <= owed.span.to)
                .filter(|session| term.covers(session.day, calendar));
            delivered(term, owed, person, in_span.copied())
        })
    };
    people.iter().flat_map(|person| of(*person)).collect()
}

/// Most times that a term allows in a span, by its covered days rounded up; `None` where it says *at least*, or covers
/// nothing of the span.
pub fn allowed(term: &Term, calendar: &ServiceCalendar, span: Days) -> Option<i64> {
    let (covered, length) = (term.covered_days(span, calendar), span.number());
    (term.bound != Bound::AtLeast && covered > 0).then(|| (term.count * covered + length - 1) / length)
}

/// What a span owes.
struct Owed {
    span: Days,
    running: bool,
    due: i64,
    allowed: Option<i64>,
}

/// What a span owes; `None` if the term covers nothing of it, or it does not belong to the period.
fn owed(term: &Term, calendar: &ServiceCalendar, span: Days, period: Days, today: Date) -> Option<Owed> {
    let covered = term.covered_days(span, calendar);
    if covered == 0 {
        return None;
    }
    let running_part = span.shared(Days { from: term.from, to: term.to.unwrap_or(Date::MAX) })?;
    let running = running_part.to >= today;
    let belongs = if running {
        running_part.from <= today && running_part.shared(period).is_some()
    } else {
        period.contains(running_part.to)
    };
    let (share, length) = (term.count * covered, span.number());
    belongs.then_some(Owed {
        span,
        running,
        due: if term.bound == Bound::AtMost { 0 } else { share / length },
        allowed: allowed(term, calendar, span),
    })
}

fn delivered<'a, P: Copy + Eq + 'a>(
    term: &Term,
    owed: &Owed,
    person: P,
    sessions: impl Iterator<Item = &'a Session<P>>,
) -> Delivered<P> {
    let (mut offered, mut held, mut held_minutes) = (0, 0, 0);
    let mut lost = Whose::default();
    for session in sessions {
        offered += i64::from(session.offered_to(person));
        held += i64::from(session.held_for(person));
        held_minutes += session.together_minutes(person);
        match session.lost_by(person) {
            None => {}
            Some(Lost::Court) => lost.court += 1,
            Some(Lost::Unrecorded) => lost.unrecorded += 1,
            Some(Lost::Child) => lost.child += 1,
            Some(Lost::Family) => lost.family += 1,
        }
    }
    let due_minutes = term.minutes.map(|minutes| owed.due * minutes);
    let ended = !owed.running;
    let shortfall = ended.then_some((owed.due - held).max(0));
    Delivered {
        person,
        span: owed.span,
        running: owed.running,
        due: owed.due,
        due_minutes,
        allowed: owed.allowed,
        offered,
        held,
        held_minutes,
        shortfall,
        shortfall_minutes: due_minutes.filter(|_| ended).map(|due| (due - held_minutes).max(0)),
        excess: owed.allowed.map_or(0, |allowed| (held - allowed).max(0)),
        whose: shortfall.map_or_else(Whose::default, |missing| whose(missing, owed.due - offered, lost)),
    }
}

/// Shares a shortfall out: first what was never offered, then what nobody in the family can answer for, theirs last.
fn whose(missing: i64, never_offered: i64, lost: Whose) -> Whose {
    let mut left = missing;
    let mut take = |most: i64| {
        let taken = left.min(most.max(0));
        left -= taken;
        taken
    };
    let not_offered = take(never_offered - lost.court);
    let mut parts = Whose {
        not_offered,
        court: take(lost.court),
        unrecorded: take(lost.unrecorded),
        child: take(lost.child),
        family: take(lost.family),
    };
    // A session that was held for somebody who had not been booked leaves a rest that nobody offered.
    parts.not_offered += left;
    parts
}

/// What several spans delivered in all: what has ended, and beside it what is still running.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// Spans that have ended.
    pub ended: i64,
    /// Times owed in them.
    pub due: i64,
    /// Minutes owed in them, where the term gives a length.
    pub due_minutes: Option<i64>,
    /// Sessions offered in them.
    pub offered: i64,
    /// Sessions held in them.
    pub held: i64,
    /// Minutes held in them.
    pub held_minutes: i64,
    /// Times missing, span by span: more in one week does not make up for less in another.
    pub shortfall: i64,
    /// Minutes missing, span by span.
    pub shortfall_minutes: Option<i64>,
    /// Times beyond what is allowed, the running spans' too.
    pub excess: i64,
    /// Whose the shortfall is.
    pub whose: Whose,
    /// Times held in spans that are still running.
    pub running_held: i64,
    /// Times owed, or at most allowed, in spans that are still running; `None` if none is.
    pub running_of: Option<i64>,
}

impl Total {
    /// Adds up what one person was delivered of one term.
    pub fn of<'a, P: 'a>(spans: impl IntoIterator<Item = &'a Delivered<P>>) -> Total {
        let mut total = Total::default();
        for span in spans {
            total.excess += span.excess;
            if span.running {
                total.running_held += span.held;
                let of = if span.due > 0 { span.due } else { span.allowed.unwrap_or(0) };
                total.running_of = Some(total.running_of.unwrap_or(0) + of);
                continue;
            }
            total.ended += 1;
            total.due += span.due;
            total.offered += span.offered;
            total.held += span.held;
            total.held_minutes += span.held_minutes;
            total.shortfall += span.shortfall.unwrap_or(0);
            let add = |sum: Option<i64>, part: Option<i64>| part.map_or(sum, |part| Some(sum.unwrap_or(0) + part));
            total.due_minutes = add(total.due_minutes, span.due_minutes);
            total.shortfall_minutes = add(total.shortfall_minutes, span.shortfall_minutes);
            total.whose.not_offered += span.whose.not_offered;
            total.whose.court += span.whose.court;
            total.whose.unrecorded += span.whose.unrecorded;
            total.whose.child += span.whose.child;
            total.whose.family += span.whose.family;
        }
        total
    }
}
