//! Who was there, by the entries of a record: the children first, then the family.

use std::collections::HashMap;

use kith_domain::ids::{PersonId, SessionId};
use kith_domain::record::texts::{Texts, texts};
use kith_domain::record::timeline::Presence;
use kith_domain::record::written::RealHours;
use kith_domain::record::{Content, Heading, Limits, Timeline, Who};
use kith_store::{Child, Entry, Look, Relative, Session};

use super::lateness;
use crate::{Desk, ServiceError};

/// One person's attendance.
pub struct PersonLine {
    /// Name.
    pub name: String,
    /// How they stand to the child; "Child" for a child.
    pub relationship: &'static str,
    /// When they were expected, minutes from midnight.
    pub expected_minute: i64,
    /// When they came and left.
    pub presence: Presence,
}

impl PersonLine {
    /// When they came, when they left, each as clocks: several when they went out and came back.
    pub fn clocks(&self) -> (String, String) {
        let clock = kith_domain::calendar::clock;
        let stays = &self.presence.stays;
        let came: Vec<String> = stays.iter().map(|stay| clock(stay.from.minute)).collect();
        let left: Vec<String> = stays.iter().filter_map(|stay| stay.to).map(|to| clock(to.minute)).collect();
        (came.join(", "), left.join(", "))
    }

    /// Lateness and absence in words, with what was noted.
    pub fn note(&self) -> String {
        if let Some((_, reason)) = &self.presence.not_come {
            return format!("Did not come. {reason}");
        }
        let late = self.presence.late_minutes(self.expected_minute);
        let late = (late > 0).then(|| format!("{} late", lateness(late)));
        let note = self.presence.stays.first().and_then(|stay| stay.note.clone());
        [late, note].into_iter().flatten().collect::<Vec<_>>().join(". ")
    }
}

/// Who is expected at a session: its children, then the people.
pub(crate) fn expected(session: &Session, people: &[PersonId]) -> Vec<Who> {
    let children = session.children().into_iter().map(Who::Child);
    children.chain(people.iter().copied().map(Who::Person)).collect()
}

/// What entries say of a session's course.
pub(crate) fn timeline(session: &Session, people: &[PersonId], entries: &[Entry]) -> Timeline {
    Timeline::of(session.slot, &expected(session, people), entries.iter().map(Entry::seen))
}

/// Lines of a timeline with names.
pub(super) fn lines(timeline: &Timeline, children: &[Child], family: &[Relative]) -> Vec<PersonLine> {
    let line = |presence: &Presence| {
        let (name, relationship) = named(presence.who, children, family);
        PersonLine { name, relationship, expected_minute: timeline.slot.start_minute, presence: presence.clone() }
    };
    timeline.people.iter().map(line).collect()
}

/// Somebody's name and how they stand to the child.
pub(super) fn named(who: Who, children: &[Child], family: &[Relative]) -> (String, &'static str) {
    match who {
        Who::Child(id) => {
            let child = children.iter().find(|child| child.id == id);
            (child.map_or_else(|| "A child".to_owned(), Child::name), "Child")
        }
        Who::Person(id) => family.iter().find(|relative| relative.person.id == id).map_or_else(
            || ("A family member".to_owned(), ""),
            |relative| (relative.name(), relative.relation.relationship.label()),
        ),
    }
}

impl Desk {
    /// What the entries say of these sessions, for those that have any: three statements for any number.
    pub(crate) async fn timelines(
        &self,
        look: &Look,
        sessions: &[Session],
    ) -> Result<HashMap<SessionId, Timeline>, ServiceError> {
        let ids: Vec<SessionId> = sessions.iter().map(|session| session.id).collect();
        let courses = look.courses_of(&ids).await?;
        let people = look.people_of(&ids).await?;
        let of = |session: &Session| {
            let entries = courses.get(&session.id)?;
            let people = people.get(&session.id).map_or(&[][..], Vec::as_slice);
            Some((session.id, timeline(session, people, entries)))
        };
        Ok(sessions.iter().filter_map(of).collect())
    }

    /// Who was there at a session, with names; nobody while its record has not been begun.
    pub(crate) async fn attendance(&self, look: &Look, session: &Session) -> Result<Vec<PersonLine>, ServiceError> {
        let timelines = self.timelines(look, std::slice::from_ref(session)).await?;
        let Some(timeline) = timelines.get(&session.id) else { return Ok(Vec::new()) };
        let ids = session.children();
        let (children, family) = (look.children(&ids).await?, look.families(&ids).await?);
        Ok(lines(timeline, &children, &family))
    }
}

/// How an earlier word about the course is read, such as `Arrived 10:30`.
pub(super) fn said_of(content: &Content) -> Option<(Option<Who>, String)> {
    let clock = kith_domain::calendar::clock;
    let with = |words: String, note: &Option<String>| match note {
        Some(note) => format!("{words}: {note}"),
        None => words,
    };
    Some(match content {
        Content::Arrival { who, minute, note, .. } => (Some(*who), with(format!("arrived {}", clock(*minute)), note)),
        Content::Leaving { who, minute, .. } => (Some(*who), format!("left {}", clock(*minute))),
        Content::NotCome { who, reason, .. } => (Some(*who), format!("did not come: {reason}")),
        Content::Start { minute, .. } => (None, format!("began {}", clock(*minute))),
        Content::End { minute, how, note, .. } => {
            (None, with(format!("ended {}, {}", clock(*minute), how.label().to_lowercase()), note))
        }
        Content::Observation(_)
        | Content::Revision { .. }
        | Content::StruckOut { .. }
        | Content::Concern(_)
        | Content::Addendum(_) => return None,
    })
}

/// What stands under the first of these headings that has anything: the text about the latest time.
pub(crate) fn last_words(entries: &[Entry], headings: &[Heading]) -> Option<String> {
    let hours = RealHours { day: jiff::civil::Date::ZERO, start_minute: 0, end_minute: 0 };
    let all = texts(entries.iter().map(Entry::seen), hours, Limits::HANDBOOK);
    let standing: Vec<_> = all.iter().filter(|of| of.struck.is_none()).map(Texts::standing).collect();
    let under = |heading: &Heading| {
        let of = standing.iter().filter(|text| text.observation.heading == *heading);
        of.max_by_key(|text| (text.observation.about_minute, text.received_ms))
    };
    headings.iter().find_map(under).map(|text| text.observation.text.clone())
}
