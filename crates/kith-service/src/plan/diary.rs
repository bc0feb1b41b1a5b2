//! What counting asks of a session: the one place where a session and its record become a session of the count.

use kith_domain::delivery::{self, Outcome, Stay};
use kith_domain::ids::PersonId;
use kith_domain::session::{CancelledBy, SessionState};
use kith_domain::{calendar, session::Attendance};
use kith_store::{Record, Session};

/// A session of one child as it is counted: how it came out, and who was there from when to when.
///
/// `people` are those it was booked with, `own` gives the row by which the child's file knows somebody. Where somebody's leaving is not written down, they left when it ended. A
/// session that is said to be held, and of which nobody has written down who came, is not recorded: nothing is taken for
/// granted.
pub(crate) fn counted(
    session: &Session,
    people: &[PersonId],
    record: Option<&Record>,
    own: &dyn Fn(PersonId) -> PersonId,
    now_ms: i64,
) -> delivery::Session<PersonId> {
    let attendance: &[Attendance] = record.map_or(&[], |record| &record.body.attendance);
    let said = attendance.iter().any(|line| line.absent || line.arrived_minute.is_some());
    let outcome = match session.state {
        SessionState::Completed | SessionState::EndedEarly if said => Outcome::Held,
        SessionState::DidNotAttend => Outcome::DidNotAttend,
        SessionState::Cancelled => {
            // A cancellation without words is nobody's fault in the family.
            let by = session.body.cancellation.as_ref().map_or(CancelledBy::Service, |cancelled| cancelled.by);
            Outcome::Cancelled(by)
        }
        SessionState::Completed | SessionState::EndedEarly => Outcome::Unrecorded,
        _ if session.slot.ends_ms() <= now_ms => Outcome::Unrecorded,
        _ => Outcome::Planned,
    };
    let ended = session.body.ended_ms.map(|at_ms| calendar::time_minute(calendar::in_london(at_ms).time()));
    let until = ended.unwrap_or(session.slot.end_minute).max(session.slot.start_minute);
    let stay = |line: &Attendance| {
        let from_minute = line.arrived_minute.filter(|_| !line.absent)?;
        Some(Stay { from_minute, to_minute: line.left_minute.unwrap_or(until) })
    };
    let stays = || attendance.iter().filter_map(|line| Some((line.person, stay(line)?)));
    delivery::Session {
        day: session.slot.day,
        with: people.to_vec(),
        outcome,
        child: stays().filter(|(person, _)| person.is_none()).map(|(_, stay)| stay).collect(),
        family: stays().filter_map(|(person, stay)| Some((own(person?), stay))).collect(),
    }
}
