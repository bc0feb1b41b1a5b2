//! Counting what the diary says of a period: pure, so that the report's figures are the diary's.

use jiff::civil::Date;
use kith_domain::calendar;
use kith_domain::ids::{PersonId, PlanId, SessionId};
use kith_domain::record::RecordState;
use kith_domain::report::{Delivery, weeks};
use kith_domain::session::{Cancellation, SessionState};
use kith_papers::{DeliveryLine, SessionLine, WeekBar};
use kith_store::{Record, Relative, Session};

use crate::plan::{Delivered, names};
use crate::record::lateness;

/// What the diary holds of a period.
pub(super) struct Period<'a> {
    /// First day.
    pub(super) from: Date,
    /// Last day.
    pub(super) to: Date,
    /// Delivered against ordered, for each arrangement.
    pub(super) delivered: &'a [Delivered],
    /// The day on which a plan ended, of those that have.
    pub(super) ended: &'a [(PlanId, Date)],
    /// Every session of the period, in order of time, with who was to come.
    pub(super) sessions: &'a [(Session, Vec<PersonId>)],
    /// Records of these sessions.
    pub(super) records: &'a [Record],
    /// The child's family.
    pub(super) family: &'a [Relative],
    /// Now, UTC milliseconds.
    pub(super) now_ms: i64,
}

/// How the sessions of a period came out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcomes {
    pub(super) all: u32,
    pub(super) held: u32,
    pub(super) ended_early: u32,
    pub(super) nobody_came: u32,
    pub(super) cancelled: u32,
}

impl Period<'_> {
    pub(super) fn outcomes(&self) -> Outcomes {
        let mut counted = Outcomes::default();
        for (session, _) in self.sessions {
            let state = session.state;
            counted.all += 1;
            counted.held += u32::from(state.was_held());
            counted.ended_early += u32::from(state == SessionState::EndedEarly);
            counted.nobody_came += u32::from(state == SessionState::DidNotAttend);
            counted.cancelled += u32::from(state == SessionState::Cancelled);
        }
        counted
    }

    /// The sessions whose records are signed, in order of time; one that was returned to its author is not until it is
    /// signed again.
    pub(super) fn signed(&self) -> Vec<SessionId> {
        let signed = |id| self.record(id).is_some_and(|record| is_signed(record.state));
        self.sessions.iter().map(|(session, _)| session.id).filter(|id| signed(*id)).collect()
    }

    /// How many sessions have a record to be signed: those that took place, and those whose record was begun.
    pub(super) fn unsigned(&self) -> usize {
        let unsigned = |session: &Session| match self.record(session.id) {
            Some(record) => !is_signed(record.state),
            None => session.state.was_held(),
        };
        self.sessions.iter().filter(|(session, _)| unsigned(session)).count()
    }

    pub(super) fn delivery(&self) -> Vec<DeliveryLine> {
        let line = |of: &Delivered| {
            let of_it = self
                .sessions
                .iter()
                .filter(|(session, _)| session.is_under(of.arrangement.id) && of.delivery.counts(session.slot.day));
            let mut why = reasons(of_it.map(|(session, _)| session));
            if of.delivery.held_outside > 0 {
                why.push(format!("{} more held in a span that is not whole yet", of.delivery.held_outside));
            }
            DeliveryLine {
                with: of.with.clone(),
                ordered: format!(
                    "{}, {} minutes: {}",
                    of.arrangement.frequency, of.arrangement.minutes, of.arrangement.pattern
                ),
                due: of.delivery.due,
                held: of.delivery.held,
                not_held: of.delivery.not_held,
                shortfall: of.delivery.shortfall(),
                court_ordered: of.arrangement.court_ordered,
                reasons: why.join("; "),
            }
        };
        self.delivered.iter().map(line).collect()
    }

    /// Why sessions of the period were not held, each with how often.
    pub(super) fn reasons(&self) -> Vec<String> {
        reasons(self.sessions.iter().map(|(session, _)| session))
    }

    pub(super) fn weeks(&self) -> Vec<WeekBar> {
        let due: Vec<_> = self
            .delivered
            .iter()
            .flat_map(|of| {
                let ended = self.ended.iter().find(|(plan, _)| *plan == of.plan).map(|(_, day)| *day);
                Delivery::due_by_week(&of.arrangement, self.from, ended.map_or(self.to, |day| day.min(self.to)))
            })
            .collect();
        let bar = |monday: Date| {
            let in_week = |day: Date| (0..7).contains(&(calendar::day_number(day) - calendar::day_number(monday)));
            let count = |wanted: fn(SessionState) -> bool| {
                let states = self.sessions.iter().filter(|(s, _)| in_week(s.slot.day)).map(|(s, _)| s.state);
                u32::try_from(states.filter(|state| wanted(*state)).count()).unwrap_or(u32::MAX)
            };
            WeekBar {
                label: monday.strftime("%-d %b").to_string(),
                held: count(SessionState::was_held),
                not_held: count(|state| matches!(state, SessionState::DidNotAttend | SessionState::Cancelled)),
                due: due.iter().filter(|(of, _)| *of == monday).map(|(_, due)| due).sum(),
            }
        };
        weeks(self.from, self.to).into_iter().map(bar).collect()
    }

    pub(super) fn sessions(&self) -> Vec<SessionLine> {
        let line = |(session, people): &(Session, Vec<PersonId>)| SessionLine {
            date: session.slot.day.strftime("%a %-d %b %Y").to_string(),
            time: session.slot.times(),
            with: names(self.family, people),
            outcome: self.outcome(session),
            lateness: self.lateness(session),
        };
        self.sessions.iter().map(line).collect()
    }

    fn outcome(&self, session: &Session) -> String {
        match (&session.body.cancellation, session.state) {
            (Some(cancelled), SessionState::Cancelled) => {
                let replaced = if cancelled.replacement { "; a replacement was offered" } else { "" };
                let notice = notice((session.slot.starts_ms() - cancelled.at_ms) / 60_000);
                format!("Cancelled by {}, {notice}{replaced}", by_and_why(cancelled))
            }
            (_, state) if state.is_over() => {
                if state == SessionState::Completed { "Held" } else { state.label() }.to_owned()
            }
            _ if session.slot.ends_ms() > self.now_ms => "To be held".to_owned(),
            _ => "Not recorded as held".to_owned(),
        }
    }

    /// Who was late or did not come, by the signed record.
    fn lateness(&self, session: &Session) -> String {
        let Some(record) = self.record(session.id) else { return String::new() };
        if !is_signed(record.state) {
            return "Record not signed yet".to_owned();
        }
        let name = |person: Option<PersonId>| match person {
            None => "The child".to_owned(),
            Some(id) => names(self.family, &[id]),
        };
        let words = record.body.attendance.iter().filter_map(|line| match line.late_minutes() {
            _ if line.absent => Some(format!("{} did not come", name(line.person))),
            0 => None,
            minutes => Some(format!("{} {}", name(line.person), lateness(minutes))),
        });
        words.collect::<Vec<_>>().join("; ")
    }

    fn record(&self, id: SessionId) -> Option<&Record> {
        self.records.iter().find(|record| record.id == id)
    }
}

const fn is_signed(state: RecordState) -> bool {
    matches!(state, RecordState::Signed | RecordState::Accepted)
}

/// Each reason with how often, the most frequent first.
fn reasons<'a>(sessions: impl Iterator<Item = &'a Session>) -> Vec<String> {
    let mut counted: Vec<(String, usize)> = Vec::new();
    for session in sessions {
        let why = match (&session.body.cancellation, session.state) {
            (Some(cancelled), SessionState::Cancelled) => format!("cancelled by {}", by_and_why(cancelled)),
            (None, SessionState::Cancelled) => "cancelled".to_owned(),
            (_, SessionState::DidNotAttend) => "nobody came".to_owned(),
            _ => continue,
        };
        match counted.iter_mut().find(|(known, _)| *known == why) {
            Some((_, count)) => *count += 1,
            None => counted.push((why, 1)),
        }
    }
    counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counted.into_iter().map(|(why, count)| format!("{count} {why}")).collect()
}

/// `parent or family member (illness)`.
fn by_and_why(cancelled: &Cancellation) -> String {
    format!("{} ({})", cancelled.by.label().to_lowercase(), cancelled.reason.label().to_lowercase())
}

/// How long before the start.
fn notice(minutes: i64) -> String {
    if minutes <= 0 { "after it was to begin".to_owned() } else { format!("{} before", lateness(minutes)) }
}
