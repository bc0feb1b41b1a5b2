//! Who was there, from when to when, and when a session really began and ended: the fold of a record's entries. Others
//! count with it: whether a session was held, with whom, for how long (handbook section 19, "Held" and "Real times").

use jiff::civil::Date;

use super::entry::{Content, Ended, Entry, Who};
use super::written::{Limits, RealHours};
use crate::booking::END_EARLY_MINUTES;
use crate::calendar;
use crate::ids::{ChildId, EntryId, PersonId};
use crate::refusal::Refusal;
use crate::session::Slot;

/// A child and a family member who were together for less than this did not meet, in minutes.
pub const TOGETHER_MINUTES_MIN: i64 = 1;

/// A time that was said, and the entry that said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// Minutes from midnight of the session's day.
    pub minute: i64,
    /// By which entry.
    pub entry: EntryId,
}

/// One stay of somebody at a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    /// When they came.
    pub from: Said,
    /// When they left; `None` while nobody has said so.
    pub to: Option<Said>,
    /// Why they were late.
    pub note: Option<String>,
}

/// Somebody who was expected, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// Who.
    pub who: Who,
    /// Their stays, in order of time.
    pub stays: Vec<Stay>,
    /// By which entry they did not come, and why; never beside a stay.
    pub not_come: Option<(EntryId, String)>,
}

impl Presence {
    /// Whether it is known if they came.
    pub fn is_said(&self) -> bool {
        !self.stays.is_empty() || self.not_come.is_some()
    }

    /// When they first came.
    pub fn arrived_minute(&self) -> Option<i64> {
        self.stays.first().map(|stay| stay.from.minute)
    }

    /// When they left for good; `None` while they are there or when nobody has said so.
    pub fn left_minute(&self) -> Option<i64> {
        self.stays.last().and_then(|stay| stay.to).map(|to| to.minute)
    }

    /// Minutes after the expected time; 0 when on time or not there.
    pub fn late_minutes(&self, expected_minute: i64) -> i64 {
        self.arrived_minute().map_or(0, |arrived| (arrived - expected_minute).max(0))
    }
}

/// How a session ended, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// When.
    pub at: Said,
    /// How.
    pub how: Ended,
    /// Why, where it needs saying.
    pub note: Option<String>,
}

/// Time that a child and a member of the family were there together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Together {
    /// The child.
    pub child: ChildId,
    /// The family member.
    pub person: PersonId,
    /// For how many minutes.
    pub minutes: i64,
}

/// What a session's entries say of its course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// When it was booked.
    pub slot: Slot,
    /// When it really began.
    pub start: Option<Said>,
    /// When and how it really ended.
    pub end: Option<End>,
    /// Everybody who was expected, in that order, and then whoever else came.
    pub people: Vec<Presence>,
}

impl Timeline {
    /// Folds a record's entries, in the order received. `expected` are the children and then the people of the session.
    pub fn of<'a>(slot: Slot, expected: &[Who], entries: impl IntoIterator<Item = Entry<'a>>) -> Timeline {
        let entries: Vec<Entry<'a>> = entries.into_iter().collect();
        let gone: Vec<EntryId> = entries.iter().filter_map(|entry| entry.content.takes_the_place_of()).collect();
        let mut timeline = Timeline { slot, start: None, end: None, people: Vec::new() };
        for who in expected {
            timeline.presence(*who);
        }
        let (mut arrivals, mut leavings) = (Vec::new(), Vec::new());
        for entry in entries.iter().filter(|entry| !gone.contains(&entry.id)) {
            let said = |minute| Said { minute, entry: entry.id };
            match entry.content {
                Content::Arrival { who, minute, note, .. } => arrivals.push((*who, said(*minute), note.clone())),
                Content::Leaving { who, minute, .. } => leavings.push((*who, said(*minute))),
                Content::NotCome { who, reason, .. } => {
                    timeline.presence(*who).not_come = Some((entry.id, reason.clone()));
                }
                Content::Start { minute, .. } => timeline.start = Some(said(*minute)),
                Content::End { minute, how, note, .. } => {
                    timeline.end = Some(End { at: said(*minute), how: *how, note: note.clone() });
                }
                Content::Observation(_)
                | Content::Revision { .. }
                | Content::StruckOut { .. }
                | Content::Concern(_)
                | Content::Addendum(_) => {}
            }
        }
        arrivals.sort_by_key(|(_, said, _)| said.minute);
        leavings.sort_by_key(|(_, said)| said.minute);
        for (who, from, note) in arrivals {
            let presence = timeline.presence(who);
            // Whoever came did come, whichever of the two was written last.
            presence.not_come = None;
            presence.stays.push(Stay { from, to: None, note });
        }
        for (who, to) in leavings {
            let stays = &mut timeline.presence(who).stays;
            // The last stay that had begun by then and has no end yet.
            if let Some(stay) = stays.iter_mut().rev().find(|stay| stay.from.minute <= to.minute)
                && stay.to.is_none()
            {
                stay.to = Some(to);
            }
        }
        timeline
    }

    fn presence(&mut self, who: Who) -> &mut Presence {
        let index = self.people.iter().position(|known| known.who == who).unwrap_or_else(|| {
            self.people.push(Presence { who, stays: Vec::new(), not_come: None });
            self.people.len() - 1
        });
        &mut self.people[index]
    }

    /// What is known of somebody; `None` if they were neither expected nor came.
    pub fn of_who(&self, who: Who) -> Option<&Presence> {
        self.people.iter().find(|presence| presence.who == who)
    }

    /// The hours against which texts are held: what was said, or the booking where nothing is said yet, so that an end
    /// that was forgotten makes nothing "during" (handbook section 19).
    pub fn hours(&self) -> RealHours {
        let start_minute = self.start.map_or(self.slot.start_minute, |said| said.minute);
        let end_minute = self.end.as_ref().map_or(self.slot.end_minute, |end| end.at.minute);
        RealHours { day: self.slot.day, start_minute, end_minute: end_minute.max(start_minute) }
    }

    /// For how many minutes a child and a person were there together. Where nobody has said when somebody left, they left
    /// when the session ended.
    pub fn together_minutes(&self, child: ChildId, person: PersonId) -> i64 {
        let (Some(child), Some(person)) = (self.of_who(Who::Child(child)), self.of_who(Who::Person(person))) else {
            return 0;
        };
        let until = self.hours().end_minute;
        let span = |stay: &Stay| (stay.from.minute, stay.to.map_or(until, |to| to.minute));
        let overlap =
            |(a_from, a_to): (i64, i64), (b_from, b_to): (i64, i64)| (a_to.min(b_to) - a_from.max(b_from)).max(0);
        child.stays.iter().flat_map(|a| person.stays.iter().map(move |b| overlap(span(a), span(b)))).sum()
    }

    /// With whom each child's session was held, and for how long: who was there together for at least a minute (handbook
    /// section 19, "Held"). Empty when it was not held at all.
    pub fn held(&self) -> Vec<Together> {
        let children = self.people.iter().filter_map(|presence| match presence.who {
            Who::Child(id) => Some(id),
            Who::Person(_) => None,
        });
        let pairs = children.flat_map(|child| {
            self.people.iter().filter_map(move |presence| match presence.who {
                Who::Person(person) => Some((child, person)),
                Who::Child(_) => None,
            })
        });
        let together =
            pairs.map(|(child, person)| Together { child, person, minutes: self.together_minutes(child, person) });
        together.filter(|of| of.minutes >= TOGETHER_MINUTES_MIN).collect()
    }

    /// Whether the session was held for anybody.
    pub fn was_held(&self) -> bool {
        !self.held().is_empty()
    }

    /// Those of whom nobody has said yet whether they came.
    pub fn unsaid(&self) -> Vec<Who> {
        self.people.iter().filter(|presence| !presence.is_said()).map(|presence| presence.who).collect()
    }

    /// When the first of all came.
    pub fn first_arrival(&self) -> Option<i64> {
        self.people.iter().filter_map(Presence::arrived_minute).min()
    }
}

/// By how much the clock on the wall may be ahead of the service's, in minutes.
const CLOCKS_DIFFER_MINUTES: i64 = 5;

/// Whether a minute of a session's day has come: nothing is written down that has not happened yet.
pub fn has_come(day: Date, minute: i64, now_ms: i64) -> bool {
    let now = calendar::in_london(now_ms);
    let until = calendar::time_minute(now.time()) + CLOCKS_DIFFER_MINUTES;
    day < now.date() || (day == now.date() && minute <= until)
}

/// Whether a session can have begun then (handbook section 19: "not before anybody came, not after it is written down").
pub fn may_start_at(timeline: &Timeline, minute: i64, now_ms: i64) -> Result<(), Refusal> {
    if !has_come(timeline.slot.day, minute, now_ms) {
        return Err(Refusal::new("record.start_not_come", "The start must not be later than it is now"));
    }
    if let Some(first) = timeline.first_arrival().filter(|first| minute < *first) {
        let first = calendar::clock(first);
        return Err(Refusal::new(
            "record.start_before_anybody_came",
            format!(
                "Nobody came before {first}, so the session cannot have begun earlier. Correct the start, or who came"
            ),
        ));
    }
    if let Some(end) = timeline.end.as_ref().filter(|end| minute > end.at.minute) {
        let end = calendar::clock(end.at.minute);
        return Err(Refusal::new(
            "record.start_after_end",
            format!("The session ended at {end}, so it cannot have begun later. Correct one of the two"),
        ));
    }
    Ok(())
}

/// Whether a session can have ended then and so. What is said of the end contradicts neither who came, nor the start, nor
/// the clock; everybody who was expected is accounted for.
pub fn may_end_so(
    timeline: &Timeline,
    minute: i64,
    how: Ended,
    note: Option<&str>,
    limits: Limits,
    now_ms: i64,
) -> Result<(), Refusal> {
    let slot = timeline.slot;
    if !has_come(slot.day, minute, now_ms) {
        return Err(Refusal::new("record.end_not_come", "The end must not be later than it is now"));
    }
    if !timeline.unsaid().is_empty() {
        return Err(Refusal::new(
            "record.who_came_unsaid",
            "Under “Who came”, say for everybody when they came, or that they did not come",
        ));
    }
    let mut ended = timeline.clone();
    let entry = ended.end.as_ref().map_or(EntryId(uuid::Uuid::nil()), |end| end.at.entry);
    ended.end = Some(End { at: Said { minute, entry }, how, note: None });
    if how == Ended::NotHeld {
        if ended.was_held() {
            return Err(Refusal::new(
                "record.was_held",
                "By “Who came” the child and somebody of the family were there together. Correct that, or say that the session ended early",
            ));
        }
        let child_not_coming = timeline
            .people
            .iter()
            .filter(|presence| matches!(presence.who, Who::Child(_)))
            .all(|presence| presence.not_come.is_some());
        if !child_not_coming && minute < slot.start_minute + limits.wait_minutes {
            let until = calendar::clock(slot.start_minute + limits.wait_minutes);
            return Err(Refusal::new(
                "record.still_waiting",
                format!("The family is waited for until {until}. End the session then"),
            ));
        }
        return Ok(());
    }
    let Some(start) = timeline.start else {
        return Err(Refusal::new("record.start_unsaid", "Say when the session really began, then end it"));
    };
    if minute < start.minute {
        let start = calendar::clock(start.minute);
        return Err(Refusal::new(
            "record.end_before_start",
            format!("The session began at {start}, so it cannot have ended earlier. Correct one of the two"),
        ));
    }
    if let Some(first) = timeline.first_arrival().filter(|first| start.minute < *first) {
        let first = calendar::clock(first);
        return Err(Refusal::new(
            "record.start_before_anybody_came",
            format!(
                "Nobody came before {first}, so the session cannot have begun earlier. Correct the start, or who came"
            ),
        ));
    }
    if !ended.was_held() {
        return Err(Refusal::new(
            "record.was_not_held",
            "By “Who came” the child and the family were never there together, so this session was not held. Correct that, or say that it did not take place",
        ));
    }
    let longest = slot.end_minute - slot.start_minute + limits.over_minutes;
    if minute - start.minute > longest && note.is_none() {
        return Err(Refusal::new(
            "record.too_long_without_reason",
            format!(
                "The session was booked from {}, and this is over {} minutes longer. Correct the times, or say in the note why it lasted so long",
                slot.times(),
                limits.over_minutes
            ),
        ));
    }
    if how == Ended::Complete && minute < slot.end_minute - END_EARLY_MINUTES {
        let ends = calendar::clock(slot.end_minute);
        return Err(Refusal::new(
            "record.before_its_end",
            format!("This session was to last until {ends}. If it was over earlier, say that it ended early, and why"),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::AccountId;
    use jiff::civil::date;
    use uuid::Uuid;

    const SLOT: Slot = Slot { day: date(2026, 11, 26), start_minute: 600, end_minute: 690 };
    const AMARA: ChildId = ChildId(Uuid::from_u128(1));
    const SAM: ChildId = ChildId(Uuid::from_u128(2));
    const MOTHER: PersonId = PersonId(Uuid::from_u128(3));
    const FATHER: PersonId = PersonId(Uuid::from_u128(4));
    const EXPECTED: [Who; 3] = [Who::Child(AMARA), Who::Person(MOTHER), Who::Person(FATHER)];

    fn came(who: Who, minute: i64) -> Content {
        Content::Arrival { who, minute, note: None, replaces: None }
    }

    fn left(who: Who, minute: i64) -> Content {
        Content::Leaving { who, minute, replaces: None }
    }

    fn not_come(who: Who) -> Content {
        Content::NotCome { who, reason: "Ill".into(), replaces: None }
    }

    fn start(minute: i64) -> Content {
        Content::Start { minute, replaces: None }
    }

    fn end(minute: i64, how: Ended) -> Content {
        Content::End { minute, how, note: None, replaces: None }
    }

    fn id(number: usize) -> EntryId {
        EntryId(Uuid::from_u128(number as u128 + 100))
    }

    fn fold(contents: &[Content]) -> Timeline {
        let entries = contents.iter().enumerate().map(|(number, content)| Entry {
            id: id(number),
            author: AccountId(Uuid::nil()),
            received_ms: 0,
            content,
        });
        Timeline::of(SLOT, &EXPECTED, entries)
    }

    fn now(minute: i64) -> i64 {
        calendar::instant_ms(SLOT.day, minute)
    }

    fn ends(timeline: &Timeline, minute: i64, how: Ended) -> &'static str {
        ends_noted(timeline, minute, how, None)
    }

    fn ends_noted(timeline: &Timeline, minute: i64, how: Ended, note: Option<&str>) -> &'static str {
        may_end_so(timeline, minute, how, note, Limits::HANDBOOK, now(1200)).err().map_or("", |refusal| refusal.code)
    }

    const CHILD: Who = Who::Child(AMARA);
    const MUM: Who = Who::Person(MOTHER);
    const DAD: Who = Who::Person(FATHER);

    #[test]
    fn held_is_together_and_for_as_long_as_together() {
        // Handbook section 19, "Held".
        let timeline =
            fold(&[came(CHILD, 598), came(MUM, 612), not_come(DAD), start(600), left(MUM, 680), left(CHILD, 688)]);
        assert_eq!(timeline.held(), [Together { child: AMARA, person: MOTHER, minutes: 68 }]);
        assert_eq!(timeline.together_minutes(AMARA, FATHER), 0);
    }

    #[test]
    fn a_child_who_was_ill_makes_it_not_held_though_the_mother_came() {
        // Handbook section 19: "A child who did not come … makes it not held, whoever else came."
        let timeline = fold(&[not_come(CHILD), came(MUM, 600), not_come(DAD), start(600)]);
        assert!(!timeline.was_held());
        assert_eq!(ends(&timeline, 690, Ended::Complete), "record.was_not_held");
        assert_eq!(ends(&timeline, 690, Ended::Early), "record.was_not_held");
        // The child does not come: nobody waits for that.
        assert_eq!(ends(&timeline, 601, Ended::NotHeld), "");
    }

    #[test]
    fn a_mother_who_came_after_the_child_went_home_was_not_with_the_child() {
        let timeline = fold(&[came(CHILD, 595), left(CHILD, 615), came(MUM, 620), not_come(DAD), start(600)]);
        assert!(!timeline.was_held());
        assert_eq!(ends(&timeline, 640, Ended::NotHeld), "");
    }

    #[test]
    fn less_than_a_minute_is_not_a_session() {
        let timeline = fold(&[came(CHILD, 600), left(CHILD, 615), came(MUM, 615)]);
        assert!(!timeline.was_held(), "the same minute");
        assert!(fold(&[came(CHILD, 600), left(CHILD, 616), came(MUM, 615)]).was_held());
    }

    #[test]
    fn who_goes_out_and_comes_back_has_two_stays() {
        let timeline = fold(&[
            came(CHILD, 600),
            came(MUM, 600),
            left(MUM, 620),
            came(MUM, 640),
            start(600),
            end(690, Ended::Complete),
        ]);
        assert_eq!(timeline.together_minutes(AMARA, MOTHER), 20 + 50);
        let mother = timeline.of_who(MUM).unwrap();
        assert_eq!((mother.arrived_minute(), mother.left_minute()), (Some(600), None));
    }

    #[test]
    fn brothers_and_sisters_are_counted_each() {
        let contents = [came(CHILD, 600), came(Who::Child(SAM), 630), came(MUM, 600), end(690, Ended::Complete)];
        let entries = contents.iter().enumerate().map(|(n, content)| Entry {
            id: id(n),
            author: AccountId(Uuid::nil()),
            received_ms: 0,
            content,
        });
        let timeline = Timeline::of(SLOT, &[CHILD, Who::Child(SAM), MUM], entries);
        let held: Vec<_> = timeline.held().into_iter().map(|of| (of.child, of.minutes)).collect();
        assert_eq!(held, [(AMARA, 90), (SAM, 60)]);
    }

    #[test]
    fn what_is_replaced_or_struck_out_does_not_count() {
        let timeline = fold(&[
            not_come(MUM),
            Content::Arrival { who: MUM, minute: 630, note: None, replaces: Some(id(0)) },
            Content::Arrival { who: MUM, minute: 612, note: Some("The bus".into()), replaces: Some(id(1)) },
            came(DAD, 600),
            Content::StruckOut { of: id(3), reason: "It was his brother".into() },
            start(580),
            Content::Start { minute: 600, replaces: Some(id(5)) },
        ]);
        let mother = timeline.of_who(MUM).unwrap();
        assert_eq!(
            (mother.arrived_minute(), mother.late_minutes(600), mother.not_come.is_some()),
            (Some(612), 12, false)
        );
        assert!(!timeline.of_who(DAD).unwrap().is_said());
        assert_eq!(timeline.start.map(|said| said.minute), Some(600));
        assert_eq!(timeline.unsaid(), [CHILD, DAD]);
    }

    #[test]
    fn an_end_that_was_forgotten_is_bounded_by_the_booking() {
        // Handbook section 19, "Real times".
        let timeline = fold(&[came(CHILD, 600), came(MUM, 600), start(602)]);
        assert_eq!((timeline.hours().start_minute, timeline.hours().end_minute), (602, 690));
    }

    #[test]
    fn a_start_is_said_and_the_clock_and_the_arrivals_bound_it() {
        // Handbook section 19: "not before anybody came, not after it is written down".
        let timeline = fold(&[came(CHILD, 600), end(690, Ended::Complete)]);
        let starts = |minute, at| may_start_at(&timeline, minute, now(at)).err().map_or("", |refusal| refusal.code);
        assert_eq!(starts(599, 1200), "record.start_before_anybody_came");
        assert_eq!(starts(600, 1200), "");
        assert_eq!(starts(691, 1200), "record.start_after_end");
        assert_eq!(starts(640, 620), "record.start_not_come");
    }

    #[test]
    fn an_end_is_said_and_agrees_with_start_arrivals_and_clock() {
        let timeline = fold(&[came(CHILD, 600), came(MUM, 605), not_come(DAD), start(605)]);
        assert_eq!(ends(&timeline, 690, Ended::Complete), "");
        assert_eq!(ends(&timeline, 680, Ended::Complete), "", "coats take a while");
        assert_eq!(ends(&timeline, 679, Ended::Complete), "record.before_its_end");
        assert_eq!(ends(&timeline, 640, Ended::Early), "");
        assert_eq!(ends(&timeline, 604, Ended::Early), "record.end_before_start");
        assert_eq!(ends(&timeline, 690, Ended::NotHeld), "record.was_held");
        assert_eq!(ends(&timeline, 1210, Ended::Complete), "record.end_not_come");
        // "not longer than the booking plus an hour without a reason": 90 + 60 from 10:05.
        assert_eq!(ends(&timeline, 755, Ended::Complete), "");
        assert_eq!(ends(&timeline, 756, Ended::Complete), "record.too_long_without_reason");
        assert_eq!(ends_noted(&timeline, 756, Ended::Complete, Some("The taxi was late")), "");
        assert_eq!(
            ends(&fold(&[came(CHILD, 600), came(MUM, 605), not_come(DAD)]), 690, Ended::Complete),
            "record.start_unsaid"
        );
        assert_eq!(
            ends(&fold(&[came(CHILD, 600), came(MUM, 605), start(605)]), 690, Ended::Complete),
            "record.who_came_unsaid"
        );
        let early = fold(&[came(CHILD, 600), came(MUM, 605), not_come(DAD), start(590)]);
        assert_eq!(ends(&early, 690, Ended::Complete), "record.start_before_anybody_came");
    }

    #[test]
    fn the_family_is_waited_for() {
        // Handbook section 8: wait 15 minutes, then the child goes home.
        let timeline = fold(&[came(CHILD, 595), not_come(MUM), not_come(DAD)]);
        assert_eq!(ends(&timeline, 614, Ended::NotHeld), "record.still_waiting");
        assert_eq!(ends(&timeline, 615, Ended::NotHeld), "");
    }

    #[test]
    fn what_has_not_happened_yet_is_not_written_down() {
        for (minute, come) in [(0, true), (848, true), (853, true), (854, false), (1080, false)] {
            assert_eq!(has_come(SLOT.day, minute, now(848)), come, "{minute}");
        }
        assert!(has_come(date(2026, 11, 25), 1439, now(848)));
    }
}
