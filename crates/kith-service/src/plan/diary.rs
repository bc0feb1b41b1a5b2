//! What counting asks of a session: the one place where a session and its record become a session of the count.

use kith_domain::delivery::{self, Outcome, Stay};
use kith_domain::ids::{ChildId, PersonId};
use kith_domain::record::{Timeline, Who};
use kith_domain::session::{CancelledBy, SessionState};
use kith_store::Session;

/// A session of one child as it is counted: how it came out, and who was there from when to when, by what the entries of
/// its record say.
///
/// `people` are those it was booked with, `own` gives the row by which the child's file knows somebody. Where somebody's
/// leaving is not written down, they left when it ended. A session that is said to be held, and of which nobody has written
/// down who came, is not recorded: nothing is taken for granted.
pub(crate) fn counted(
    session: &Session,
    child: ChildId,
    people: &[PersonId],
    timeline: Option<&Timeline>,
    own: &dyn Fn(PersonId) -> PersonId,
    now_ms: i64,
) -> delivery::Session<PersonId> {
    let there = timeline.map_or(&[][..], |timeline| &timeline.people);
    let said = there.iter().any(kith_domain::record::timeline::Presence::is_said);
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
    let until = timeline.map_or(session.slot.end_minute, |timeline| timeline.hours().end_minute);
    let stays = |who: Who| {
        let of = there.iter().filter(move |presence| presence.who == who).flat_map(|presence| &presence.stays);
        of.map(move |stay| Stay { from_minute: stay.from.minute, to_minute: stay.to.map_or(until, |to| to.minute) })
    };
    let family = there.iter().filter_map(|presence| match presence.who {
        Who::Person(person) => Some(person),
        Who::Child(_) => None,
    });
    delivery::Session {
        day: session.slot.day,
        with: people.to_vec(),
        outcome,
        child: stays(Who::Child(child)).collect(),
        family: family.flat_map(|person| stays(Who::Person(person)).map(move |stay| (own(person), stay))).collect(),
    }
}
