//! A record as it is read: entries under their headings, addenda beside what they correct, signatures, reviews.

use kith_domain::calendar;
use kith_domain::codes::Supervision;
use kith_domain::ids::{AccountId, EntryId, SessionId};
use kith_domain::record::{
    Addendum, EntryBody, Heading, Observation, RecordState, Review, Signature, Written, may_add, may_review, may_write,
    written,
};
use kith_domain::session::Attendance;
use kith_store::{Child, Entry, Look, Record, Relative, Session};

use super::sign::digest;
use crate::policy::Resource;
use crate::{Desk, ServiceError};

/// A record with everything a page or a paper needs beside it.
pub struct RecordView {
    /// The session.
    pub session: Session,
    /// The record.
    pub record: Record,
    /// The child.
    pub child: Child,
    /// The family members of the session.
    pub people: Vec<Relative>,
    /// Room and venue.
    pub place: String,
    /// Level of supervision, by the plan.
    pub supervision: Option<Supervision>,
    /// The supervisor who writes it.
    pub author: String,
    /// The second member of staff in the room.
    pub second: Option<String>,
    /// Who was expected, came and left, with names; the child first.
    pub attendance: Vec<PersonLine>,
    /// Entries under the headings that have any, in the record's order.
    pub headings: Vec<UnderHeading>,
    /// Addenda that are about the whole record, in order.
    pub addenda: Vec<AddendumView>,
    /// Signatures, in order.
    pub signatures: Vec<SignatureView>,
    /// Reviews, in order.
    pub reviews: Vec<ReviewView>,
    /// Whether it is past its time and not signed yet.
    pub overdue: bool,
    /// Whether this person may write entries now.
    pub may_write: bool,
    /// Whether this person may sign it once the session is over.
    pub may_sign: bool,
    /// Whether this person may add an addendum now.
    pub may_add: bool,
    /// Whether this person may review it now.
    pub may_review: bool,
}

/// One person's attendance.
pub struct PersonLine {
    /// Name.
    pub name: String,
    /// How they stand to the child; "Child" for the child.
    pub relationship: &'static str,
    /// When they were expected, came and left.
    pub attendance: Attendance,
}

/// The entries under one heading.
pub struct UnderHeading {
    /// The heading.
    pub heading: Heading,
    /// Its entries, in order of the time they are about.
    pub entries: Vec<EntryView>,
}

/// An entry.
pub struct EntryView {
    /// Its id.
    pub id: EntryId,
    /// Its version.
    pub version: i64,
    /// What it says.
    pub observation: Observation,
    /// When it was first written, UTC milliseconds.
    pub written_ms: i64,
    /// During the session or after it.
    pub written: Written,
    /// Who wrote it.
    pub author: AccountId,
    /// Their name.
    pub author_name: String,
    /// Corrections of it, in order.
    pub addenda: Vec<AddendumView>,
}

/// An addendum.
pub struct AddendumView {
    /// Its id.
    pub id: EntryId,
    /// What it says.
    pub addendum: Addendum,
    /// When it was written, UTC milliseconds.
    pub written_ms: i64,
    /// Who wrote it.
    pub author: AccountId,
    /// Their name.
    pub author_name: String,
}

/// A signature.
pub struct SignatureView {
    /// The signature.
    pub signature: Signature,
    /// Who gave it.
    pub name: String,
    /// Minutes after the time by which it was due; 0 when in time or after a return.
    pub late_minutes: i64,
    /// Whether what was signed is, to the letter, what is read now.
    pub intact: bool,
}

/// A review.
pub struct ReviewView {
    /// The review.
    pub review: Review,
    /// Who gave it.
    pub name: String,
}

impl RecordView {
    /// From when to when the session was held, such as `10:02 to 11:30`; `None` if nobody wrote down when it began.
    pub fn held(&self) -> Option<String> {
        let body = &self.session.body;
        let started = calendar::clock_at(body.started_ms?);
        Some(body.ended_ms.map_or(started.clone(), |ended| format!("{started} to {}", calendar::clock_at(ended))))
    }

    /// Entries written while the session went on, and after it.
    pub fn written_counts(&self) -> (usize, usize) {
        let during = self.entries().filter(|entry| entry.written == Written::During).count();
        (during, self.entries().count() - during)
    }

    /// Every entry, in the order of the record.
    pub fn entries(&self) -> impl Iterator<Item = &EntryView> {
        self.headings.iter().flat_map(|under| &under.entries)
    }

    /// An entry that was changed or is to be corrected.
    pub fn entry(&self, id: EntryId) -> Option<&EntryView> {
        self.entries().find(|entry| entry.id == id)
    }
}

impl Desk {
    /// The record of a session, for who may read it.
    pub async fn record(&self, id: SessionId) -> Result<RecordView, ServiceError> {
        let scope = self.allow_session("record.read", id).await?;
        let look = self.look();
        let mut view = self.load_record(&look, id).await?;
        look.done("record.read", self.now_ms()).await?;
        let may = |action| self.permits(action, &Resource::Session(&scope));
        let state = view.record.state;
        let is_author = self.actor().is(view.record.author);
        let (writes, reviews) = (may("record.write"), may("record.review"));
        view.may_write = writes && may_write(state).is_ok();
        view.may_sign = writes && matches!(state, RecordState::Open | RecordState::Returned);
        view.may_add = (writes || reviews) && may_add(state).is_ok();
        let wrote = {
            let mut added = view.addenda.iter().chain(view.entries().flat_map(|entry| &entry.addenda));
            is_author || added.any(|addendum| self.actor().is(addendum.author))
        };
        view.may_review = reviews && may_review(state, wrote).is_ok();
        Ok(view)
    }

    /// Reads a record within a look that the caller ends; who may is the caller's to have asked.
    pub(crate) async fn load_record(&self, look: &Look, id: SessionId) -> Result<RecordView, ServiceError> {
        let record = look.record(id).await?;
        let session = look.session(id).await?;
        let first = *session.places().next().ok_or(ServiceError::NotFound)?;
        let child = look.child(first.child).await?;
        let of_session = look.people_in(id).await?;
        let mut people = look.family(first.child).await?;
        people.retain(|relative| of_session.contains(&relative.person.id));
        let plan = look.plan(first.plan).await?;
        let entries = look.entries_of(id).await?;
        let name = |by| self.service.name_of(by);
        let signatures = record.body.signatures.iter().map(|signature| SignatureView {
            signature: signature.clone(),
            name: name(signature.by),
            late_minutes: late_minutes(&record, signature),
            intact: digest(&session, &of_session, &record, &entries, signature.at_ms) == signature.digest,
        });
        let signatures = signatures.collect();
        let reviews =
            record.body.reviews.iter().map(|review| ReviewView { review: review.clone(), name: name(review.by) });
        let reviews = reviews.collect();
        let attendance =
            record.body.attendance.iter().map(|line| person_line(line, &child, &people)).collect::<Vec<_>>();
        let ended_ms = session.body.ended_ms;
        let (headings, addenda) = self.laid_out(entries, ended_ms);
        Ok(RecordView {
            place: record.body.place.clone(),
            supervision: plan.body.arrangement(first.arrangement).map(|line| line.supervision),
            author: name(record.author),
            second: session.body.second_supervisor.map(name),
            attendance,
            headings,
            addenda,
            signatures,
            reviews,
            overdue: record.state == RecordState::Open && record.due_ms < self.now_ms(),
            may_write: false,
            may_sign: false,
            may_add: false,
            may_review: false,
            session,
            record,
            child,
            people,
        })
    }

    /// Entries under their headings in the order of the record, addenda beside what they correct.
    fn laid_out(&self, entries: Vec<Entry>, ended_ms: Option<i64>) -> (Vec<UnderHeading>, Vec<AddendumView>) {
        let mut observed: Vec<EntryView> = Vec::new();
        let mut addenda: Vec<AddendumView> = Vec::new();
        for entry in entries {
            let author_name = self.service.name_of(entry.author);
            match entry.body {
                EntryBody::Observation(observation) => observed.push(EntryView {
                    id: entry.id,
                    version: entry.version,
                    observation,
                    written_ms: entry.written_ms,
                    written: written(entry.written_ms, ended_ms),
                    author: entry.author,
                    author_name,
                    addenda: Vec::new(),
                }),
                EntryBody::Addendum(addendum) => {
                    addenda.push(AddendumView {
                        id: entry.id,
                        addendum,
                        written_ms: entry.written_ms,
                        author: entry.author,
                        author_name,
                    });
                }
            }
        }
        let mut whole = Vec::new();
        for addendum in addenda {
            match observed.iter_mut().find(|entry| Some(entry.id) == addendum.addendum.about) {
                Some(entry) => entry.addenda.push(addendum),
                None => whole.push(addendum),
            }
        }
        observed.sort_by_key(|entry| (entry.observation.heading, entry.observation.about_minute, entry.written_ms));
        let mut headings: Vec<UnderHeading> = Vec::new();
        for entry in observed {
            let heading = entry.observation.heading;
            match headings.last_mut() {
                Some(under) if under.heading == heading => under.entries.push(entry),
                _ => headings.push(UnderHeading { heading, entries: vec![entry] }),
            }
        }
        (headings, whole)
    }
}

/// How late a signature was. What was returned is signed again in its own time: only the first is measured.
fn late_minutes(record: &Record, signature: &Signature) -> i64 {
    let first = record.body.signatures.first().is_some_and(|first| first.at_ms == signature.at_ms);
    if first { ((signature.at_ms - record.due_ms) / 60_000).max(0) } else { 0 }
}

/// An attendance line with its name.
pub(crate) fn person_line(line: &Attendance, child: &Child, people: &[Relative]) -> PersonLine {
    let (name, relationship) = match line.person {
        None => (child.name(), "Child"),
        Some(id) => people.iter().find(|relative| relative.person.id == id).map_or_else(
            || ("A family member".to_owned(), ""),
            |relative| (relative.name(), relative.relation.relationship.label()),
        ),
    };
    PersonLine { name, relationship, attendance: line.clone() }
}

/// How late, in words: `3 hours`, `45 minutes`, `2 days`.
pub fn lateness(minutes: i64) -> String {
    let (count, unit) = match minutes {
        ..120 => (minutes, "minute"),
        120..2_880 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

/// When an entry was written, for reading: the clock on the session's own day, otherwise the date too.
pub fn written_clock(written_ms: i64, session: &Session) -> String {
    let that_day = calendar::in_london(written_ms).date() == session.slot.day;
    if that_day { calendar::clock_at(written_ms) } else { calendar::long_instant(written_ms) }
}

#[cfg(test)]
mod tests {
    use super::lateness;

    #[test]
    fn how_late_in_words() {
        for (minutes, words) in
            [(1, "1 minute"), (59, "59 minutes"), (119, "119 minutes"), (180, "3 hours"), (2_880, "2 days")]
        {
            assert_eq!(lateness(minutes), words);
        }
    }
}
