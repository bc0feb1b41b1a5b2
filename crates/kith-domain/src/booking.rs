//! Booking a session, and beginning and ending it: the rules that never break (handbook section 8).

use jiff::civil::Date;

use crate::calendar;
use crate::form::Reader;
use crate::plan::{Arrangement, Mode, PlanState, quarter_hour};
use crate::refusal::Refusal;
use crate::session::{Hours, SessionState, Slot, Week};

/// Longest session, in minutes: a working day.
pub const MINUTES_MAX: i64 = 480;
/// From how long before its time a session can be started, in minutes: people come early, and the room is made ready.
pub const START_EARLY_MINUTES: i64 = 60;
/// For how many days after its own a session that was not started on its day can still be written up.
pub const WRITE_UP_DAYS: i64 = 7;
/// A session that ends less than this before its time ended as planned, in minutes: coats take a while.
pub const END_EARLY_MINUTES: i64 = 10;
/// Most staff an assessment asks for in one room.
pub const STAFF_MAX: usize = 2;

/// Reads `day`, `start` and `minutes`; starts and ends are on a quarter of an hour, since rooms and people are booked by
/// the quarter. `None` after a problem.
pub fn read_slot(r: &mut Reader) -> Option<Slot> {
    let day = r.required_date("day", "Day of the session");
    let start = quarter_hour(r, "start", "Start time");
    let minutes = r.required_number("minutes", "Length in minutes", 15, MINUTES_MAX)?;
    if minutes % 15 != 0 {
        r.problem("minutes", "Length in minutes must be a number of quarter hours, like 60, 75 or 90");
        return None;
    }
    let slot = Slot { day: day?, start_minute: start?, end_minute: start? + minutes };
    if slot.end_minute > 24 * 60 {
        r.problem("minutes", "The session must end on the day it begins");
        return None;
    }
    Some(slot)
}

/// The hours within both weeks: a venue can be open for less than the service, never for more.
pub fn within(venue: &Week, service: &Week) -> Week {
    let mut both: Week = [None; 6];
    for ((venue, service), day) in venue.iter().zip(service).zip(both.iter_mut()) {
        *day = venue.zip(*service).and_then(|(venue, service)| {
            let start_minute = venue.start_minute.max(service.start_minute);
            let end_minute = venue.end_minute.min(service.end_minute);
            (start_minute < end_minute).then_some(Hours { start_minute, end_minute })
        });
    }
    both
}

/// Whether a session can be booked under this line of a plan in this state on a day.
pub fn may_book(plan: PlanState, line: &Arrangement, day: Date) -> Result<(), Refusal> {
    if !matches!(plan, PlanState::Agreed | PlanState::Active) {
        return Err(Refusal::new(
            "booking.plan_not_agreed",
            format!("The contact plan is {}. Sessions are booked when it has been agreed", plan.label().to_lowercase()),
        ));
    }
    if line.mode == Mode::Letterbox {
        return Err(Refusal::new("booking.letterbox", "Letterbox contact has no sessions to book"));
    }
    if day < line.from {
        let from = calendar::long_date(line.from);
        return Err(Refusal::new(
            "booking.before_first_day",
            format!("This contact begins on {from}. Choose that day or a later one"),
        ));
    }
    if let Some(to) = line.to.filter(|to| day > *to) {
        let to = calendar::long_date(to);
        return Err(Refusal::new(
            "booking.after_last_day",
            format!("This contact ends on {to}. Choose that day or an earlier one"),
        ));
    }
    Ok(())
}

/// Whether there are as many staff as the risk assessments ask for (handbook section 6: 1 or 2).
pub fn staffed(asked: i64, given: usize) -> Result<(), Refusal> {
    if usize::try_from(asked).unwrap_or(STAFF_MAX) > given {
        return Err(Refusal::new(
            "booking.too_few_staff",
            format!("The risk assessment asks for {asked} members of staff. Choose a second supervisor"),
        ));
    }
    Ok(())
}

/// How a session is begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// It is its time: who sits in the room writes what happens.
    Now,
    /// It was not started on its day, and is written up afterwards.
    Afterwards,
}

/// Whether a session can be started now: on its own day, from an hour before its time, and not while it is flagged. One
/// that was held and not started on its day can be written up for a week, or until the day (a day number) that a manager
/// allowed: its record is then late, and says so.
pub fn may_start(slot: Slot, flagged: bool, leave_until: Option<i64>, now_ms: i64) -> Result<Start, Refusal> {
    let today = calendar::in_london(now_ms).date();
    let days_after = calendar::day_number(today) - calendar::day_number(slot.day);
    let leave = leave_until.is_some_and(|until| days_after > 0 && calendar::day_number(today) <= until);
    if (1..=WRITE_UP_DAYS).contains(&days_after) || leave {
        return Ok(Start::Afterwards);
    }
    if days_after > 0 {
        return Err(Refusal::new(
            "session.leave_needed",
            format!(
                "This session was on {}, more than a week ago. Ask your manager for leave to write it up",
                calendar::weekday_date(slot.day)
            ),
        ));
    }
    if days_after != 0 {
        return Err(Refusal::new(
            "session.not_its_day",
            format!(
                "This session is on {}. It can be started on that day, or written up in the week after it; later by a \
                 manager’s leave",
                calendar::weekday_date(slot.day)
            ),
        ));
    }
    if now_ms < slot.starts_ms() - START_EARLY_MINUTES * 60_000 {
        let from = calendar::clock((slot.start_minute - START_EARLY_MINUTES).max(0));
        return Err(Refusal::new("session.too_early", format!("This session can be started from {from} on")));
    }
    if flagged {
        return Err(Refusal::new(
            "session.flagged",
            "Something this session rests on has changed since it was confirmed. Ask the coordinator before anyone goes in",
        ));
    }
    Ok(Start::Now)
}

/// Whether a manager's leave to write a session up is wanted: it was confirmed, nobody began its record, and its own week is
/// over.
pub fn may_leave_write_up(state: SessionState, slot: Slot, now_ms: i64) -> Result<(), Refusal> {
    let today = calendar::in_london(now_ms).date();
    match state {
        SessionState::Confirmed => {}
        SessionState::InProgress | SessionState::Completed | SessionState::EndedEarly | SessionState::DidNotAttend => {
            return Err(Refusal::new(
                "session.record_begun",
                "The record of this session has been begun, so no leave is needed",
            ));
        }
        SessionState::Planned | SessionState::Cancelled | SessionState::Void => {
            return Err(Refusal::new(
                "session.nothing_to_write_up",
                "Only a session that was confirmed can be written up late",
            ));
        }
    }
    if calendar::day_number(today) - calendar::day_number(slot.day) <= WRITE_UP_DAYS {
        return Err(Refusal::new(
            "session.leave_not_needed",
            "A session can be written up for a week without leave. That week is not over",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::instant_ms;
    use crate::codes::Supervision;
    use crate::form::Fields;
    use crate::ids::ArrangementId;
    use crate::plan::{Anchor, Bound, Frequency, Pattern, Per, When};
    use jiff::ToSpan;
    use jiff::civil::date;
    use uuid::Uuid;

    const DAY: Date = date(2026, 11, 24);
    const SLOT: Slot = Slot { day: DAY, start_minute: 600, end_minute: 690 };

    fn line(mode: Mode) -> Arrangement {
        Arrangement {
            id: ArrangementId(Uuid::nil()),
            with: Vec::new(),
            frequency: Frequency { bound: Bound::AtLeast, count: 1, per: Per::Week },
            anchor: Anchor::Calendar,
            when: When::Always,
            serves: None,
            weeks_from: None,
            pattern: Pattern::weekly(&[2], 600),
            minutes: 90,
            from: DAY,
            to: Some(date(2026, 12, 31)),
            court_ordered: true,
            supervision: Supervision::Supervised,
            mode,
            venue: None,
            interpreter: None,
            transport: None,
            rules: None,
            contingency: None,
        }
    }

    fn slot(start: &str, minutes: &str) -> Result<Slot, Vec<String>> {
        let fields: Fields = [("day", "2026-11-26"), ("start", start), ("minutes", minutes)].into_iter().collect();
        let mut r = Reader::new(&fields);
        let read = read_slot(&mut r);
        let problems: Vec<String> = r.into_problems().into_iter().map(|p| p.field).collect();
        read.filter(|_| problems.is_empty()).ok_or(problems)
    }

    #[test]
    fn a_slot_is_on_the_quarter_hour_and_within_one_day() {
        assert_eq!(slot("10:00", "90").map(|s| (s.start_minute, s.end_minute)), Ok((600, 690)));
        assert_eq!(slot("10:05", "90"), Err(vec!["start".to_owned()]));
        assert_eq!(slot("10:00", "50"), Err(vec!["minutes".to_owned()]));
        assert_eq!(slot("23:00", "120"), Err(vec!["minutes".to_owned()]));
        assert_eq!(slot("", ""), Err(vec!["start".to_owned(), "minutes".to_owned()]));
    }

    #[test]
    fn a_venue_is_never_open_for_longer_than_the_service() {
        let hours = |start_minute, end_minute| Some(Hours { start_minute, end_minute });
        let venue: Week = [hours(480, 1200), hours(600, 700), None, hours(540, 600), None, hours(540, 1140)];
        let service: Week =
            [hours(540, 1140), hours(540, 1140), hours(540, 1140), hours(600, 1140), None, hours(540, 1020)];
        assert_eq!(within(&venue, &service), [hours(540, 1140), hours(600, 700), None, None, None, hours(540, 1020)]);
    }

    #[test]
    fn only_under_an_agreed_plan_and_within_its_dates() {
        let inside = line(Mode::InPerson);
        for (state, may) in [
            (PlanState::Draft, false),
            (PlanState::Agreed, true),
            (PlanState::Active, true),
            (PlanState::Suspended, false),
            (PlanState::Ended, false),
        ] {
            assert_eq!(may_book(state, &inside, DAY).is_ok(), may, "{state:?}");
        }
        assert!(may_book(PlanState::Active, &inside, date(2026, 11, 23)).is_err());
        assert!(may_book(PlanState::Active, &inside, date(2027, 1, 1)).is_err());
        assert!(may_book(PlanState::Active, &line(Mode::Letterbox), DAY).is_err());
        assert!(may_book(PlanState::Active, &line(Mode::Video), DAY).is_ok());
    }

    #[test]
    fn as_many_staff_as_the_assessment_asks_for() {
        // Handbook section 6: "how many staff (1 or 2)".
        assert!(staffed(1, 1).is_ok());
        assert!(staffed(2, 1).is_err());
        assert!(staffed(2, 2).is_ok());
    }

    #[test]
    fn a_session_starts_on_its_day_from_an_hour_before() {
        let at = |minute| instant_ms(DAY, minute);
        assert!(may_start(SLOT, false, None, at(539)).is_err());
        assert!(may_start(SLOT, false, None, at(540)).is_ok());
        assert!(may_start(SLOT, false, None, at(700)).is_ok());
        assert!(may_start(SLOT, true, None, at(600)).is_err(), "flagged");
        assert_eq!(may_start(SLOT, false, None, at(600)), Ok(Start::Now));
        assert!(may_start(SLOT, false, None, instant_ms(date(2026, 11, 23), 600)).is_err());
    }

    #[test]
    fn what_was_held_and_not_started_is_written_up_within_a_week() {
        let on = |day| may_start(SLOT, true, None, instant_ms(date(2026, 11, 24).checked_add(day).unwrap_or(DAY), 600));
        assert_eq!(on(1.day()), Ok(Start::Afterwards));
        assert_eq!(on(7.days()), Ok(Start::Afterwards));
        assert_eq!(on(8.days()).map_err(|refusal| refusal.code), Err("session.leave_needed"));
        let leave = calendar::day_number(date(2026, 12, 10));
        let late = |day| may_start(SLOT, false, Some(leave), instant_ms(day, 600));
        assert_eq!(late(date(2026, 12, 10)), Ok(Start::Afterwards), "by a manager's leave");
        assert!(late(date(2026, 12, 11)).is_err());
        assert!(late(date(2026, 11, 23)).is_err(), "not before its day");
    }

    #[test]
    fn leave_is_given_for_what_has_passed_its_week_and_was_not_begun() {
        let leave = |state, day: i8| {
            may_leave_write_up(state, SLOT, instant_ms(date(2026, 12, day), 600)).map_err(|refusal| refusal.code)
        };
        assert_eq!(leave(SessionState::Confirmed, 2), Ok(()));
        assert_eq!(leave(SessionState::Confirmed, 1), Err("session.leave_not_needed"));
        assert_eq!(leave(SessionState::InProgress, 2), Err("session.record_begun"));
        assert_eq!(leave(SessionState::Planned, 2), Err("session.nothing_to_write_up"));
    }
}
