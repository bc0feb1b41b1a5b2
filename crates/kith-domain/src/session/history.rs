//! What happened to a session, in order: only ever added to, so that what stood on a day can be read on any later one.

use serde::{Deserialize, Serialize};

use super::{Cancellation, SessionBody, SessionState, Slot};
use crate::codes::codes;
use crate::ids::{AccountId, ChildId, RoomId};

codes! {
    /// For which of the staff of a session.
    Seat {
        First = "first", "Supervisor, who writes the record";
        Second = "second", "Second supervisor";
    }
}

/// How a session stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stood {
    /// When.
    pub slot: Slot,
    /// In which room.
    pub room: RoomId,
    /// The supervisor.
    pub supervisor: AccountId,
    /// The second member of staff.
    pub second: Option<AccountId>,
}

/// One thing that happened to a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Who did it or wrote it down.
    pub by: AccountId,
    /// When it was written down, UTC milliseconds.
    pub at_ms: i64,
    /// What.
    pub what: What,
}

/// What can happen to a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    /// It was booked; why, if it is more than what is ordered at most.
    Booked {
        /// Why it is more than ordered.
        why: Option<String>,
    },
    /// It was confirmed.
    Confirmed,
    /// It was moved.
    Moved {
        /// From how it stood before.
        from: Stood,
    },
    /// It was cancelled.
    Cancelled {
        /// What was said then.
        said: Cancellation,
    },
    /// What was said of the cancellation was corrected.
    Corrected {
        /// What stands instead.
        said: Cancellation,
        /// Why.
        why: String,
    },
    /// It had not been cancelled at all, and stands again.
    Restored {
        /// Why.
        why: String,
    },
    /// It was entered in error and counts for nothing.
    Void {
        /// Why.
        why: String,
    },
    /// Somebody stood in.
    StoodIn {
        /// For which of the staff.
        seat: Seat,
        /// Who was booked.
        from: AccountId,
        /// Who holds it.
        to: AccountId,
        /// Why.
        why: String,
    },
    /// A child was added.
    ChildAdded {
        /// Which.
        child: ChildId,
        /// Why.
        why: String,
    },
    /// A child was taken off.
    ChildTakenOff {
        /// Which.
        child: ChildId,
        /// Why.
        why: String,
    },
    /// It was begun or came to an end.
    Became {
        /// In which state it then was.
        state: SessionState,
    },
    /// A manager let it be written up later than usual.
    LateLeave {
        /// Until which day, a day number.
        until: i64,
        /// Why.
        why: String,
    },
}

impl SessionBody {
    /// Adds what happened.
    pub fn happened(&mut self, by: AccountId, at_ms: i64, what: What) {
        self.history.push(Event { by, at_ms, what });
    }

    /// How it stood before each time it was moved, in order.
    pub fn moved_from(&self) -> impl Iterator<Item = &Stood> {
        self.history.iter().filter_map(|event| match &event.what {
            What::Moved { from } => Some(from),
            _ => None,
        })
    }

    /// Who was booked where somebody stands in now; `None` where whoever was booked holds it.
    pub fn booked(&self, seat: Seat) -> Option<AccountId> {
        let mut booked = None;
        for event in &self.history {
            match &event.what {
                // Whoever was chosen when it was moved is booked.
                What::Moved { .. } => booked = None,
                What::StoodIn { seat: of, from, .. } if *of == seat => booked = booked.or(Some(*from)),
                _ => {}
            }
        }
        booked
    }

    /// Who was supervisor and who second at an instant (UTC milliseconds), given who is now: stand-ins since then are taken
    /// back.
    pub fn staff_at(&self, now: (AccountId, Option<AccountId>), at_ms: i64) -> (AccountId, Option<AccountId>) {
        let mut staff = now;
        for event in self.history.iter().rev().filter(|event| event.at_ms > at_ms) {
            match &event.what {
                What::StoodIn { seat: Seat::First, from, .. } => staff.0 = *from,
                What::StoodIn { seat: Seat::Second, from, .. } => staff.1 = Some(*from),
                _ => {}
            }
        }
        staff
    }

    /// By what leave something begun then (UTC milliseconds) was begun: the last that was given before; `None` where none was.
    /// Leave is given only when a session's own week is over.
    pub fn leave_before(&self, at_ms: i64) -> Option<(&Event, &str)> {
        self.history.iter().rev().filter(|event| event.at_ms <= at_ms).find_map(|event| match &event.what {
            What::LateLeave { why, .. } => Some((event, why.as_str())),
            _ => None,
        })
    }

    /// When a member of staff was last booked who is not any more.
    pub fn lost_by(&self, staff: AccountId, now: &Stood) -> Option<Slot> {
        if now.supervisor == staff || now.second == Some(staff) {
            return None;
        }
        let mut slot = now.slot;
        for event in self.history.iter().rev() {
            match &event.what {
                What::Moved { from } => {
                    slot = from.slot;
                    if from.supervisor == staff || from.second == Some(staff) {
                        return Some(slot);
                    }
                }
                What::StoodIn { from, .. } if *from == staff => return Some(slot),
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use uuid::Uuid;

    fn staff(number: u128) -> AccountId {
        AccountId(Uuid::from_u128(number))
    }

    fn stood(day: i8, supervisor: u128) -> Stood {
        let slot = Slot { day: date(2026, 11, day), start_minute: 600, end_minute: 690 };
        Stood { slot, room: RoomId(Uuid::nil()), supervisor: staff(supervisor), second: None }
    }

    fn stood_in(from: u128, to: u128) -> What {
        What::StoodIn { seat: Seat::First, from: staff(from), to: staff(to), why: "Ill".into() }
    }

    #[test]
    fn who_was_booked_stands_beside_who_holds_it() {
        let mut body = SessionBody::default();
        assert_eq!(body.booked(Seat::First), None);
        body.happened(staff(9), 1, stood_in(1, 2));
        body.happened(staff(9), 2, stood_in(2, 3));
        assert_eq!(body.booked(Seat::First), Some(staff(1)));
        assert_eq!(body.booked(Seat::Second), None);
        let at = |instant| body.staff_at((staff(3), None), instant).0;
        assert_eq!((at(0), at(1), at(2)), (staff(1), staff(2), staff(3)));
        body.happened(staff(9), 3, What::Moved { from: stood(26, 3) });
        assert_eq!(body.booked(Seat::First), None, "chosen anew when it was moved");
    }

    #[test]
    fn whoever_lost_a_session_is_told_when_it_was() {
        let mut body = SessionBody::default();
        body.happened(staff(9), 1, stood_in(1, 2));
        body.happened(staff(9), 2, What::Moved { from: stood(26, 2) });
        let now = stood(27, 3);
        assert_eq!(body.lost_by(staff(1), &now).map(|slot| slot.day), Some(date(2026, 11, 26)));
        assert_eq!(body.lost_by(staff(2), &now).map(|slot| slot.day), Some(date(2026, 11, 26)));
        assert_eq!(body.lost_by(staff(3), &now), None, "theirs");
        assert_eq!(body.lost_by(staff(4), &now), None, "never theirs");
    }
}
