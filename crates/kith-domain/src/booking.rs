//! Booking a session, and beginning and ending it: the rules that never break (handbook section 8).

use jiff::civil::Date;

use crate::calendar;
use crate::codes::codes;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use crate::plan::{Arrangement, Mode, PlanState, quarter_hour};
use crate::refusal::Refusal;
use crate::session::{Hours, SessionMove, Slot, Week};

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
/// that was held and not started on its day can be written up for a week: its record is then late, and says so.
pub fn may_start(slot: Slot, flagged: bool, now_ms: i64) -> Result<Start, Refusal> {
    let today = calendar::in_london(now_ms).date();
    let days_after = calendar::day_number(today) - calendar::day_number(slot.day);
    if (1..=WRITE_UP_DAYS).contains(&days_after) {
        return Ok(Start::Afterwards);
    }
    if days_after != 0 {
        return Err(Refusal::new(
            "session.not_its_day",
            format!(
                "This session is on {}. It can be started on that day, or written up in the week after it",
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

/// Whether a session can be ended so: what is said of the end must not contradict who came and what time it is.
/// `came` tells for each family member whether an arrival is written down.
pub fn may_end(how: Ended, slot: Slot, came: &[bool], wait_minutes: i64, now_ms: i64) -> Result<(), Refusal> {
    let nobody = !came.is_empty() && came.iter().all(|came| !came);
    match how {
        Ended::NotAttended if came.contains(&true) => Err(Refusal::new(
            "session.somebody_came",
            "Under “Who came” somebody of the family has arrived. Correct that first, or say that the session ended early",
        )),
        Ended::NotAttended if now_ms < slot.starts_ms() + wait_minutes * 60_000 => {
            let until = calendar::clock(slot.start_minute + wait_minutes);
            Err(Refusal::new(
                "session.still_waiting",
                format!("The family is waited for until {until}. End the session then"),
            ))
        }
        Ended::Complete | Ended::Early if nobody => Err(Refusal::new(
            "session.nobody_came",
            "Nobody of the family has an arrival under “Who came”. Write down who came and when, save it, then end the session",
        )),
        Ended::Complete if now_ms < slot.ends_ms() - END_EARLY_MINUTES * 60_000 => {
            let ends = calendar::clock(slot.end_minute);
            Err(Refusal::new(
                "session.before_its_end",
                format!("This session was to last until {ends}. If it is over now, say that it ended early, and why"),
            ))
        }
        _ => Ok(()),
    }
}

codes! {
    /// How a session that was started came to its end.
    Ended {
        Complete = "complete", "It took place as planned";
        Early = "end_early", "It ended early";
        NotAttended = "not_attended", "Nobody came";
    }
}

/// The end of a session.
#[derive(Clone, PartialEq, Eq)]
pub struct Ending {
    /// How.
    pub how: Ended,
    /// Why it ended early, or what was done when nobody came.
    pub note: Option<String>,
}

impl Ending {
    /// Reads `how` and `note`; only a session that took place as planned needs no note.
    pub fn read(fields: &Fields) -> Result<Ending, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let how = r.required_choice("how", "How the session ended", Ended::from_code);
        let note = match how {
            Some(Ended::Early) => Some(r.required("note", "Why it ended early", LONG_TEXT_CHARS)),
            Some(Ended::NotAttended) => Some(r.required("note", "What you did when nobody came", LONG_TEXT_CHARS)),
            _ => r.text("note", "Note", LONG_TEXT_CHARS),
        };
        let problems = r.into_problems();
        how.map(|how| Ending { how, note }).filter(|_| problems.is_empty()).ok_or(problems)
    }

    /// What it does to the session.
    pub const fn step(&self) -> SessionMove {
        match self.how {
            Ended::Complete => SessionMove::Complete,
            Ended::Early => SessionMove::EndEarly,
            Ended::NotAttended => SessionMove::NotAttended,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::instant_ms;
    use crate::codes::Supervision;
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
        assert!(may_start(SLOT, false, at(539)).is_err());
        assert!(may_start(SLOT, false, at(540)).is_ok());
        assert!(may_start(SLOT, false, at(700)).is_ok());
        assert!(may_start(SLOT, true, at(600)).is_err(), "flagged");
        assert_eq!(may_start(SLOT, false, at(600)), Ok(Start::Now));
        assert!(may_start(SLOT, false, instant_ms(date(2026, 11, 23), 600)).is_err());
    }

    #[test]
    fn what_was_held_and_not_started_is_written_up_within_a_week() {
        let on = |day| may_start(SLOT, true, instant_ms(date(2026, 11, 24).checked_add(day).unwrap_or(DAY), 600));
        assert_eq!(on(1.day()), Ok(Start::Afterwards));
        assert_eq!(on(7.days()), Ok(Start::Afterwards));
        assert!(on(8.days()).is_err());
    }

    #[test]
    fn an_end_does_not_contradict_who_came_and_the_clock() {
        // Handbook section 8: wait 15 minutes, then the child goes home.
        let end = |how, came: &[bool], minute| may_end(how, SLOT, came, 15, instant_ms(DAY, minute)).is_ok();
        assert!(!end(Ended::NotAttended, &[false], 614));
        assert!(end(Ended::NotAttended, &[false], 615));
        assert!(!end(Ended::NotAttended, &[true, false], 620));
        assert!(!end(Ended::Complete, &[false], 690));
        assert!(!end(Ended::Complete, &[true], 679));
        assert!(end(Ended::Complete, &[true], 680));
        assert!(end(Ended::Early, &[true, false], 620));
        assert!(!end(Ended::Early, &[false, false], 620));
    }

    #[test]
    fn an_early_end_says_why() {
        let read = |how: &str, note: &str| Ending::read(&[("how", how), ("note", note)].into_iter().collect());
        assert!(read("complete", "").is_ok());
        for how in ["end_early", "not_attended"] {
            assert_eq!(read(how, " ").err().unwrap_or_default()[0].field, "note");
            assert!(read(how, "She was unwell").is_ok());
        }
        assert_eq!(read("", "").err().unwrap_or_default()[0].field, "how");
    }
}
