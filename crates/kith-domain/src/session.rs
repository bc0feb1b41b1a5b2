//! A contact session: when, with whom, in which state (handbook section 8).

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use crate::calendar::{self, ServiceCalendar};
use crate::codes::codes;
use crate::form::{Fields, Problem, Reader};
use crate::ids::AccountId;
use crate::refusal::Refusal;

mod cancel;
mod history;
mod place;

pub use cancel::{CancelReason, Cancellation, CancelledBy, Cancelling, Told, set_told};
pub use history::{Event, Seat, Stood, What};
pub use place::{Place, PlaceState};

/// Furthest ahead a session is booked, in days.
pub const BOOK_AHEAD_DAYS: i64 = 400;

codes! {
    /// Where a session stands.
    SessionState {
        Planned = "planned", "Planned";
        Confirmed = "confirmed", "Confirmed";
        InProgress = "in_progress", "In progress";
        Completed = "completed", "Completed";
        EndedEarly = "ended_early", "Ended early";
        DidNotAttend = "did_not_attend", "Did not take place";
        Cancelled = "cancelled", "Cancelled";
        Void = "void", "Entered in error";
    }
}

codes! {
    /// What is done to a session.
    SessionMove {
        Confirm = "confirm", "Confirm";
        Start = "start", "Start";
        Complete = "complete", "Complete";
        EndEarly = "end_early", "End early";
        NotAttended = "not_attended", "Did not take place";
        Cancel = "cancel", "Cancel";
        Move = "move", "Move";
    }
}

impl SessionState {
    /// The state after a move, or why it cannot be made.
    pub fn after(self, step: SessionMove) -> Result<SessionState, Refusal> {
        use {SessionMove as M, SessionState as S};
        match (self, step) {
            (S::Planned, M::Confirm) => Ok(S::Confirmed),
            (S::Confirmed, M::Start) => Ok(S::InProgress),
            (S::InProgress, M::Complete) => Ok(S::Completed),
            (S::InProgress, M::EndEarly) => Ok(S::EndedEarly),
            (S::InProgress, M::NotAttended) => Ok(S::DidNotAttend),
            (S::Planned | S::Confirmed, M::Cancel) => Ok(S::Cancelled),
            // What was confirmed was the old time: who is told of a time is told of the new one.
            (S::Planned | S::Confirmed, M::Move) => Ok(S::Planned),
            (S::Planned, M::Start) => {
                Err(Refusal::new("session.not_confirmed", "This session has not been confirmed, so it cannot start"))
            }
            (state, _) => Err(Refusal::new(
                "session.wrong_state",
                format!("This session is {}, so that cannot be done to it now", state.label().to_lowercase()),
            )),
        }
    }

    /// Whether the session took place, wholly or in part: what counts as delivered.
    pub const fn was_held(self) -> bool {
        matches!(self, SessionState::Completed | SessionState::EndedEarly)
    }

    /// Whether it is over.
    pub const fn is_over(self) -> bool {
        matches!(
            self,
            SessionState::Completed
                | SessionState::EndedEarly
                | SessionState::DidNotAttend
                | SessionState::Cancelled
                | SessionState::Void
        )
    }
}

codes! {
    /// Why a session that is booked must be looked at again (handbook section 6: "flagged, not silently kept").
    Flag {
        AssessmentVoid = "assessment_void", "The risk assessment of somebody attending is void";
        AssessmentExpired = "assessment_expired", "The risk assessment of somebody attending has run out";
        AssessmentStricter = "assessment_stricter", "A new risk assessment asks for more supervision or staff than is booked";
        MustNotAttend = "must_not_attend", "Somebody who was to come must not attend any more";
        BarredElsewhere = "barred_elsewhere", "Somebody who is to come must not attend in the file of another child";
        ContactRefused = "contact_refused", "Contact with somebody who is to come was refused";
        PlanSuspended = "plan_suspended", "The contact plan is suspended";
        PlanEnded = "plan_ended", "The contact plan has ended";
        SupervisorRefused = "supervisor_refused", "A supervisor must not have this family: move it to somebody else";
        SupervisorGone = "supervisor_gone", "A supervisor has left the service: move it to somebody else";
    }
}

impl Flag {
    /// Whether it goes in the place of a flag that is there already: a risk outweighs a plan, and is not forgotten when
    /// the plan goes on.
    pub fn outweighs(self, there: Flag) -> bool {
        let without = |flag| {
            matches!(
                flag,
                Flag::AssessmentVoid
                    | Flag::AssessmentExpired
                    | Flag::MustNotAttend
                    | Flag::BarredElsewhere
                    | Flag::ContactRefused
            )
        };
        without(self)
            || (self == Flag::AssessmentStricter && !without(there))
            || matches!(there, Flag::PlanSuspended | Flag::PlanEnded)
    }
}

/// What a session holds beside its columns.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionBody {
    /// Its children, those too who were taken off: at least one.
    pub places: Vec<Place>,
    /// A second member of staff, when the risk assessment asks for two.
    pub second_supervisor: Option<AccountId>,
    /// If it was cancelled: what stands of it. What was said before is in the history.
    pub cancellation: Option<Cancellation>,
    /// What happened to it, in order; only ever added to.
    pub history: Vec<Event>,
    /// Until which day (a day number) a manager lets it be written up, if longer than usual.
    pub write_up_until: Option<i64>,
    /// Anything the supervisor should know.
    pub note: Option<String>,
    /// Why it was booked although it is more than the order or the agreement allows.
    #[serde(default)]
    pub beyond: Option<String>,
}

/// When and how long.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Slot {
    /// The civil day.
    pub day: Date,
    /// Start, minutes from midnight, on a quarter of an hour.
    pub start_minute: i64,
    /// End, exclusive.
    pub end_minute: i64,
}

impl Slot {
    /// The quarter-hours of the day it takes up, end exclusive, with minutes added after the end.
    pub fn quarters(self, after_minutes: i64) -> (i64, i64) {
        let end = (self.end_minute + after_minutes).min(24 * 60);
        (self.start_minute.div_euclid(15), (end + 14).div_euclid(15))
    }

    /// For reading: `Tuesday 24 November 2026, 10:00 to 11:30`.
    pub fn label(self) -> String {
        format!("{}, {}", calendar::weekday_date(self.day), self.times())
    }

    /// For reading: `10:00 to 11:30`.
    pub fn times(self) -> String {
        format!("{} to {}", calendar::clock(self.start_minute), calendar::clock(self.end_minute))
    }

    /// When it begins, UTC milliseconds.
    pub fn starts_ms(self) -> i64 {
        calendar::instant_ms(self.day, self.start_minute)
    }

    /// When it ends, UTC milliseconds.
    pub fn ends_ms(self) -> i64 {
        calendar::instant_ms(self.day, self.end_minute)
    }
}

/// Opening or working hours of one weekday, minutes from midnight, end exclusive.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hours {
    /// From.
    pub start_minute: i64,
    /// To.
    pub end_minute: i64,
}

/// Hours of the week: index 0 is Monday, 5 Saturday; `None` is shut.
pub type Week = [Option<Hours>; 6];

/// Reads the week of a form: for each weekday `open-N` and `close-N` (1 Monday to 6 Saturday); a day with neither is
/// shut.
pub fn read_week(fields: &Fields) -> Result<Week, Vec<Problem>> {
    let mut r = Reader::new(fields);
    let mut week: Week = [None; 6];
    for ((number, name), day) in crate::codes::WEEKDAYS.iter().zip(week.iter_mut()) {
        let (open_name, close_name) = (format!("open-{number}"), format!("close-{number}"));
        if fields.get(&open_name).trim().is_empty() && fields.get(&close_name).trim().is_empty() {
            continue;
        }
        let open = quarter(&mut r, &open_name, &format!("{name}, from"));
        let close = quarter(&mut r, &close_name, &format!("{name}, to"));
        if let (Some(start_minute), Some(end_minute)) = (open, close) {
            if end_minute <= start_minute {
                r.problem(close_name, format!("{name}, to: must be later than from"));
            } else {
                *day = Some(Hours { start_minute, end_minute });
            }
        }
    }
    r.finish(week)
}

fn quarter(r: &mut Reader, name: &str, label: &str) -> Option<i64> {
    crate::plan::quarter_hour(r, name, label)
}

/// The hours of a day of the week; `None` on Sunday or when shut.
pub fn hours_on(week: &Week, day: Date) -> Option<Hours> {
    let index = usize::try_from(day.weekday().to_monday_zero_offset()).ok()?;
    week.get(index).copied().flatten()
}

/// Whether a session can be at this time at all: within the service's six days, the venue's hours, the supervisor's
/// shift with time for writing up, and neither in the past nor absurdly far ahead. What is in the way is named.
pub fn fits(
    slot: Slot,
    venue: &Week,
    shift: &Week,
    write_up_minutes: i64,
    calendar: &ServiceCalendar,
    now_ms: i64,
) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    let today = calendar::in_london(now_ms).date();
    if slot.starts_ms() <= now_ms {
        problems.push(Problem::new("day", "This time is in the past. Choose a later one"));
    } else if calendar::day_number(slot.day) - calendar::day_number(today) > BOOK_AHEAD_DAYS {
        problems.push(Problem::new("day", format!("Sessions are booked at most {BOOK_AHEAD_DAYS} days ahead")));
    }
    if slot.day.weekday() == Weekday::Sunday {
        problems.push(Problem::new("day", "The service works Monday to Saturday. Choose another day"));
    } else if let Some(name) = calendar.shut(slot.day) {
        problems.push(Problem::new("day", format!("The service is shut on {name}. Choose another day")));
    } else {
        match hours_on(venue, slot.day) {
            None => problems.push(Problem::new("room", "The venue is shut on this day. Choose another room or day")),
            Some(open) if slot.start_minute < open.start_minute || slot.end_minute > open.end_minute => {
                problems.push(Problem::new(
                    "start",
                    format!(
                        "The venue is open from {} to {} on this day",
                        calendar::clock(open.start_minute),
                        calendar::clock(open.end_minute)
                    ),
                ));
            }
            Some(_) => {}
        }
        match hours_on(shift, slot.day) {
            None => problems.push(Problem::new("supervisor", "The supervisor does not work on this day")),
            Some(hours)
                if slot.start_minute < hours.start_minute || slot.end_minute + write_up_minutes > hours.end_minute =>
            {
                problems.push(Problem::new(
                    "supervisor",
                    format!(
                        "The supervisor works from {} to {} on this day, and needs {write_up_minutes} minutes after the session to write up",
                        calendar::clock(hours.start_minute),
                        calendar::clock(hours.end_minute)
                    ),
                ));
            }
            Some(_) => {}
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const NINE_TO_SEVEN: Week = [Some(Hours { start_minute: 540, end_minute: 1140 }); 6];

    fn problems(day: Date, start: i64, end: i64) -> Vec<String> {
        let now_ms = calendar::instant_ms(date(2026, 11, 24), 600);
        let slot = Slot { day, start_minute: start, end_minute: end };
        fits(slot, &NINE_TO_SEVEN, &NINE_TO_SEVEN, 30, &ServiceCalendar::default(), now_ms)
            .err()
            .unwrap_or_default()
            .into_iter()
            .map(|p| p.field)
            .collect()
    }

    #[test]
    fn six_days_within_hours_and_with_time_to_write_up() {
        // Handbook section 8.
        assert!(problems(date(2026, 11, 28), 600, 690).is_empty(), "a Saturday");
        assert_eq!(problems(date(2026, 11, 29), 600, 690), ["day"], "a Sunday");
        assert_eq!(problems(date(2026, 12, 25), 600, 690), ["day"], "Christmas Day");
        assert_eq!(problems(date(2026, 11, 24), 540, 600), ["day"], "an hour ago");
        assert_eq!(problems(date(2026, 11, 25), 525, 600), ["start", "supervisor"], "before opening");
        assert_eq!(problems(date(2026, 11, 25), 1050, 1125), ["supervisor"], "no time to write up");
        assert!(problems(date(2026, 11, 25), 1050, 1110).is_empty());
        assert_eq!(problems(date(2028, 11, 25), 600, 690), ["day"], "two years ahead");
    }

    #[test]
    fn quarters_cover_the_session_and_the_write_up() {
        let slot = Slot { day: date(2026, 11, 24), start_minute: 600, end_minute: 690 };
        assert_eq!(slot.quarters(0), (40, 46));
        assert_eq!(slot.quarters(30), (40, 48));
        assert_eq!(slot.quarters(20), (40, 48));
    }

    #[test]
    fn only_a_confirmed_session_starts() {
        use {SessionMove as M, SessionState as S};
        assert_eq!(S::Planned.after(M::Start).map_err(|refusal| refusal.code), Err("session.not_confirmed"));
        assert_eq!(S::Confirmed.after(M::Start), Ok(S::InProgress));
        assert!(S::InProgress.after(M::Cancel).is_err());
        assert!(S::Completed.after(M::Start).is_err());
        assert_eq!(S::Confirmed.after(M::Move), Ok(S::Planned), "confirmed again for its new time");
        assert!(S::InProgress.after(M::Move).is_err());
    }

    #[test]
    fn a_risk_is_not_hidden_by_a_plan() {
        assert!(Flag::AssessmentVoid.outweighs(Flag::PlanSuspended));
        assert!(Flag::PlanEnded.outweighs(Flag::PlanSuspended));
        assert!(!Flag::PlanSuspended.outweighs(Flag::AssessmentVoid));
        assert!(!Flag::PlanEnded.outweighs(Flag::AssessmentExpired));
        assert!(Flag::AssessmentStricter.outweighs(Flag::SupervisorGone));
        assert!(!Flag::AssessmentStricter.outweighs(Flag::AssessmentVoid), "none at all is worse");
    }

    #[test]
    fn a_week_of_hours_is_read() {
        let fields: Fields =
            [("open-1", "9:00"), ("close-1", "17:00"), ("open-6", "9"), ("close-6", "8")].into_iter().collect();
        assert_eq!(read_week(&fields).err().unwrap_or_default()[0].field, "close-6");
    }
}
