//! Counting what the diary says of a period: pure, so that the report's figures are the diary's.

use jiff::ToSpan;
use jiff::civil::Date;
use kith_domain::calendar;
use kith_domain::delivery::Outcome;
use kith_domain::form::upper_first;
use kith_domain::ids::{ChildId, SessionId};
use kith_domain::plan::Mode;
use kith_domain::record::{RecordState, Who};
use kith_domain::report::weeks;
use kith_domain::session::{SessionState, Slot};
use kith_papers::{DeliveryLine, SessionLine, WeekBar};
use kith_store::{ContactOrder, Record, Relative, Session};

use crate::plan::{Counted, Delivered, Diary, Source, by_and_why, names, reasons, who_was_missing, why_not};
use crate::record::lateness;

/// What the diary holds of a period.
pub(super) struct Period<'a> {
    /// The child it is about.
    pub(super) child: ChildId,
    /// First day.
    pub(super) from: Date,
    /// Last day.
    pub(super) to: Date,
    /// The orders that stood on a day of it, newest first.
    pub(super) orders: &'a [ContactOrder],
    /// Delivered against ordered, for each family member and term.
    pub(super) delivered: &'a [Delivered],
    /// What is owed, and the sessions around the period.
    pub(super) diary: &'a Diary,
    /// Records of these sessions.
    pub(super) records: &'a [Record],
    /// The child's family.
    pub(super) family: &'a [Relative],
}

/// How the sessions of a period came out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcomes {
    pub(super) all: u32,
    pub(super) held: u32,
    pub(super) ended_early: u32,
    /// Neither cancelled nor held: somebody did not come.
    pub(super) not_together: u32,
    pub(super) cancelled: u32,
}

impl Period<'_> {
    pub(super) fn outcomes(&self) -> Outcomes {
        let mut counted = Outcomes::default();
        for of in self.sessions() {
            let (state, held) = (of.session.state, is_held(of));
            counted.all += 1;
            counted.held += u32::from(held);
            counted.ended_early += u32::from(held && state == SessionState::EndedEarly);
            counted.not_together += u32::from(!held && took_no_place(of));
            counted.cancelled += u32::from(state == SessionState::Cancelled);
        }
        counted
    }

    /// The sessions of the period, in order of time.
    fn sessions(&self) -> impl Iterator<Item = &Counted> {
        let within = |day: Date| (self.from..=self.to).contains(&day);
        self.diary.sessions.iter().filter(move |of| within(of.session.slot.day))
    }

    /// The sessions whose records are signed, in order of time; one that was returned to its author is not until it is
    /// signed again.
    pub(super) fn signed(&self) -> Vec<SessionId> {
        let signed = |id| self.record(id).is_some_and(|record| is_signed(record.state));
        self.sessions().map(|of| of.session.id).filter(|id| signed(*id)).collect()
    }

    /// How many of these were released without a signature.
    pub(super) fn released(&self) -> usize {
        let released = |id| self.record(id).is_some_and(|record| record.state == RecordState::Released);
        self.sessions().filter(|of| released(of.session.id)).count()
    }

    /// How many sessions have a record to be signed: those that took place, and those whose record was begun.
    pub(super) fn unsigned(&self) -> usize {
        let unsigned = |session: &Session| match self.record(session.id) {
            Some(record) => !is_signed(record.state),
            None => session.state.was_held(),
        };
        self.sessions().filter(|of| unsigned(&of.session)).count()
    }

    pub(super) fn delivery(&self) -> Vec<DeliveryLine> {
        let line = |of: &Delivered| {
            let total = &of.total;
            let mut why: Vec<String> =
                Some(total.whose.words()).filter(|words| !words.is_empty()).into_iter().collect();
            why.extend(of.reasons.iter().cloned());
            DeliveryLine {
                with: of.with.clone(),
                ordered: ordered(of),
                due: figure(total.due),
                offered: figure(total.offered),
                held: figure(total.held),
                shortfall: figure(total.shortfall),
                excess: figure(total.excess),
                hours: total.hours_words(),
                running: total.running_words(),
                court_ordered: of.court_ordered,
                reasons: why.join("; "),
            }
        };
        self.delivered.iter().map(line).collect()
    }

    /// Why sessions of the period were not held, each with how often.
    pub(super) fn reasons(&self) -> Vec<String> {
        reasons(self.sessions().filter(|of| !is_held(of)).map(|of| why_not(of, None, self.family)))
    }

    /// Contact by letter that is owed, in words.
    pub(super) fn letters(&self) -> Vec<String> {
        let letters = self.diary.owing.iter().filter(|owing| owing.mode == Mode::Letterbox);
        letters.map(|owing| format!("{}, {}", names(self.family, &owing.people), owing.term.words())).collect()
    }

    /// What is counted, by the week in which each span ends: the bars add up to the table, whatever the spans are.
    pub(super) fn weeks(&self) -> Vec<WeekBar> {
        let ended = || self.delivered.iter().flat_map(|of| &of.spans).filter(|span| !span.running);
        let bar = |monday: Date| {
            let sunday = monday.checked_add(6.days()).unwrap_or(Date::MAX);
            let last_of = |span: Date| span.min(self.to);
            let (mut held, mut offered, mut due) = (0, 0, 0);
            for span in ended().filter(|span| (monday..=sunday).contains(&last_of(span.span.to))) {
                held += span.held;
                offered += span.offered;
                due += span.due;
            }
            WeekBar {
                label: monday.strftime("%-d %b").to_string(),
                held: figure(held),
                not_held: figure(offered - held),
                due: figure(due),
            }
        };
        weeks(self.from, self.to).into_iter().map(bar).collect()
    }

    pub(super) fn session_lines(&self) -> Vec<SessionLine> {
        let line = |of: &Counted| SessionLine {
            date: of.session.slot.day.strftime("%a %-d %b %Y").to_string(),
            time: of.session.slot.times(),
            with: names(self.family, &of.people),
            outcome: format!("{}{}", self.outcome(of), moved(&of.session)),
            lateness: self.lateness(&of.session),
        };
        self.sessions().map(line).collect()
    }

    /// How a session came out. A day that did not take place is never called held (handbook section 19).
    fn outcome(&self, of: &Counted) -> String {
        let session = &of.session;
        match (&session.body.cancellation, of.course.outcome) {
            (Some(cancelled), Outcome::Cancelled(_)) => {
                let replaced = if cancelled.replacement { "; a replacement was offered" } else { "" };
                let notice = cancelled.notice(session.slot);
                format!("Cancelled by {}, {notice}{replaced}", by_and_why(cancelled))
            }
            (None, Outcome::Cancelled(_)) => "Cancelled".to_owned(),
            (_, Outcome::Held) if is_held(of) => {
                let early = if session.state == SessionState::EndedEarly { ", ended early" } else { "" };
                let with = of.course.held_with();
                if with.len() == of.people.len() {
                    return format!("Held{early}");
                }
                format!("Held with {}{early}", names(self.family, &with))
            }
            (_, Outcome::Held | Outcome::DidNotAttend) => {
                format!("Did not take place: {}", who_was_missing(of, None, self.family))
            }
            (_, Outcome::Unrecorded) => "Nothing is recorded of it".to_owned(),
            (_, Outcome::Planned) => "Still to come".to_owned(),
        }
    }

    /// Who was late or did not come, by the signed record.
    fn lateness(&self, session: &Session) -> String {
        let Some(record) = self.record(session.id) else { return String::new() };
        if !is_signed(record.state) {
            return "Record not signed yet".to_owned();
        }
        let name = |who: Who| match who {
            Who::Child(_) => "The child".to_owned(),
            Who::Person(id) => names(self.family, &[id]),
        };
        let of = self.diary.sessions.iter().find(|of| of.session.id == session.id);
        let Some(timeline) = of.and_then(|of| of.timeline.as_ref()) else { return String::new() };
        // When a brother or a sister came is not this child's.
        let theirs = |who: &Who| !matches!(who, Who::Child(id) if *id != self.child);
        let people = timeline.people.iter().filter(|of| theirs(&of.who));
        let words = people.filter_map(|of| match of.late_minutes(session.slot.start_minute) {
            _ if of.not_come.is_some() => Some(format!("{} did not come", name(of.who))),
            0 => None,
            minutes => Some(format!("{} {}", name(of.who), lateness(minutes))),
        });
        let released =
            (record.state == RecordState::Released).then(|| "Record released without a signature".to_owned());
        words.chain(released).collect::<Vec<_>>().join("; ")
    }

    fn record(&self, id: SessionId) -> Option<&Record> {
        self.records.iter().find(|record| record.id == id)
    }
}

/// When it was to be before it was moved, in words; nothing of a session that changed no more than its room or supervisor.
fn moved(session: &Session) -> String {
    let mut before: Vec<Slot> = session.body.moved_from().map(|stood| stood.slot).collect();
    before.retain(|slot| *slot != session.slot);
    before.dedup();
    let words: Vec<String> = before.into_iter().map(Slot::label).collect();
    if words.is_empty() { String::new() } else { format!("; moved from {}", words.join(", then from ")) }
}

/// Whether it is read: signed, or released as what it is.
const fn is_signed(state: RecordState) -> bool {
    matches!(state, RecordState::Signed | RecordState::Accepted | RecordState::Released)
}

/// Whether it was held for anybody it was booked with.
fn is_held(of: &Counted) -> bool {
    !of.course.held_with().is_empty()
}

/// Whether it was to take place and did not, because somebody did not come.
fn took_no_place(of: &Counted) -> bool {
    matches!(of.course.outcome, Outcome::Held | Outcome::DidNotAttend)
}

/// What is owed, in words: `at least twice a week, 90 minutes each`.
fn ordered(of: &Delivered) -> String {
    let words = upper_first(&of.term.words());
    let by = match &of.source {
        Source::Order { court, made_on, .. } => format!(" ({court}, {})", calendar::long_date(*made_on)),
        Source::Arrangement(_) => String::new(),
    };
    format!("{words}{by}")
}

fn figure(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}
