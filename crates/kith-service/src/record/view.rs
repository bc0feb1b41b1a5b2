//! A record as it is read: texts under their headings with what was written before them, who came and when, addenda
//! beside what they correct, concerns, signatures, reviews.

use kith_domain::calendar;
use kith_domain::codes::Supervision;
use kith_domain::ids::{AccountId, ChildId, EntryId};
use kith_domain::record::came::CameSaid;
use kith_domain::record::sheet::{Change, Course, EndSaid};
use kith_domain::record::{
    Addendum, AgeBand, Came, Heading, Observation, RecordReview, Released, Signature, Timeline, Who, Written,
};
use kith_store::{Child, Record, Relative, Session};

use super::attendance::{PersonLine, named};
use super::concern::ConcernView;

/// A record with everything a page or a paper needs beside it.
pub struct RecordView {
    /// The session.
    pub session: Session,
    /// The record.
    pub record: Record,
    /// The children.
    pub children: Vec<Child>,
    /// The family members of the session.
    pub people: Vec<Relative>,
    /// Room and venue.
    pub place: String,
    /// Level of supervision, by the plan: the strictest of the children's.
    pub supervision: Option<Supervision>,
    /// Who writes it.
    pub author: String,
    /// Who was booked, where somebody stood in.
    pub booked: Option<String>,
    /// The second member of staff in the room.
    pub second: Option<String>,
    /// By whom and why it may be written up after its week, where leave was needed.
    pub leave: Option<String>,
    /// What the entries say of who came, of start and end.
    pub timeline: Timeline,
    /// Who was expected, came and left, with names; the children first.
    pub attendance: Vec<PersonLine>,
    /// What was said of the course and stands no more, in the order said.
    pub changed: Vec<ChangedLine>,
    /// Entries under the headings that have any, in the record's order.
    pub headings: Vec<UnderHeading>,
    /// Concerns that this person may be shown.
    pub concerns: Vec<ConcernView>,
    /// Addenda that are about the whole record, in order.
    pub addenda: Vec<AddendumView>,
    /// Signatures, in order.
    pub signatures: Vec<SignatureView>,
    /// Reviews, in order.
    pub reviews: Vec<ReviewView>,
    /// If it was released without a signature: how, and by whom.
    pub released: Option<(Released, String)>,
    /// How many entries cannot be read any more: the files of all the children they were about are destroyed.
    pub destroyed: usize,
    /// Whether it is past its time and not signed yet.
    pub overdue: bool,
    /// In a report about one child: brothers and sisters who were of the session.
    pub beside: Vec<String>,
    /// In a report about one child: how many entries are left out that are only about those.
    pub left_out: usize,
    /// Whether this person may write entries now.
    pub may_write: bool,
    /// Whether this person may sign it once the session is over.
    pub may_sign: bool,
    /// Whether this person may add an addendum now.
    pub may_add: bool,
    /// Whether this person may review it now.
    pub may_review: bool,
    /// Whether this person may release it without a signature.
    pub may_release: bool,
}

/// Something that was said of the course and was corrected or struck out.
pub struct ChangedLine {
    /// Whom it is about; `None` for start and end.
    pub who: Option<Who>,
    /// What it said, such as `Ruth Adeyemi: arrived 10:30`.
    pub words: String,
    /// When it was said, UTC milliseconds.
    pub received_ms: i64,
    /// When it was corrected or struck out.
    pub until_ms: i64,
    /// Why it was struck out; `None` where something else took its place.
    pub struck: Option<String>,
    /// Who said it.
    pub author: String,
}

/// The entries under one heading.
pub struct UnderHeading {
    /// The heading.
    pub heading: Heading,
    /// Its entries, in order of the time they are about.
    pub entries: Vec<EntryView>,
}

/// A text of an entry.
pub struct TextView {
    /// What it says.
    pub observation: Observation,
    /// When it was received, UTC milliseconds.
    pub received_ms: i64,
    /// Before, during, immediately after the session, or how much later.
    pub written: Written,
}

/// An entry.
pub struct EntryView {
    /// Its id.
    pub id: EntryId,
    /// How many texts it has.
    pub version: i64,
    /// The text that stands.
    pub text: TextView,
    /// When the text that stands was begun, UTC milliseconds.
    pub begun_ms: i64,
    /// When the device said that it sent it, where that is minutes before it was received; UTC milliseconds.
    pub sent_ms: Option<i64>,
    /// Earlier texts, in order.
    pub earlier: Vec<TextView>,
    /// How many more texts are kept that were replaced while they were being typed.
    pub typing: usize,
    /// If it was struck out: when, by whom, why.
    pub struck: Option<(i64, String, String)>,
    /// The children it is about, where that is not all of them.
    pub about: Vec<String>,
    /// The same, by id.
    pub about_ids: Vec<ChildId>,
    /// Who wrote it.
    pub author: AccountId,
    /// Their name.
    pub author_name: String,
    /// Whether this person wrote it: who stands in leaves the words of whoever was booked as they are.
    pub own: bool,
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
    pub review: RecordReview,
    /// Who gave it.
    pub name: String,
}

impl RecordView {
    /// The first names of the children with the age band that their part of the record is written for.
    pub fn bands(&self) -> Vec<(String, AgeBand)> {
        let of = |child: &Child| {
            // A child of whom nothing was known then counts as the youngest.
            let band = self.record.body.bands.get(&child.id).copied().unwrap_or(AgeBand::Baby);
            (child.first_name(), band)
        };
        self.children.iter().map(of).collect()
    }

    /// Leaves what is about one of the children: not what is only about a brother or sister, and not when those came. Says
    /// who they were and how many entries are left out.
    pub(crate) fn leave_only(&mut self, child: ChildId) {
        let others = self.children.iter().filter(|of| of.id != child);
        self.beside = others.map(Child::name).collect();
        self.children.retain(|of| of.id == child);
        let others_alone = |entry: &EntryView| !entry.about_ids.is_empty() && !entry.about_ids.contains(&child);
        for under in &mut self.headings {
            let before = under.entries.len();
            under.entries.retain(|entry| !others_alone(entry));
            self.left_out += before - under.entries.len();
        }
        self.headings.retain(|under| !under.entries.is_empty());
        let is_other = |who: Who| matches!(who, Who::Child(id) if id != child);
        self.attendance.retain(|line| !is_other(line.presence.who));
        self.changed.retain(|line| !line.who.is_some_and(is_other));
        for entry in self.headings.iter_mut().flat_map(|under| &mut under.entries) {
            // Of whom else it is, is said by name.
            entry.about_ids.retain(|id| *id == child);
        }
    }

    /// The children's names, in a row.
    pub fn names(&self) -> String {
        kith_domain::words::in_words(&self.children.iter().map(Child::name).collect::<Vec<_>>())
    }

    /// From when to when the session was held, such as `10:02 to 11:30`; `None` where it was not held or nobody has said
    /// when it began. What did not take place is never called held.
    pub fn held(&self) -> Option<String> {
        let started = calendar::clock(self.timeline.start?.minute);
        let held = self.timeline.was_held() && self.session.state.was_held();
        let end = self.timeline.end.as_ref().filter(|_| held)?;
        Some(format!("{started} to {}", calendar::clock(end.at.minute)))
    }

    /// How it ended, and why where that was said.
    pub fn outcome(&self) -> String {
        let state = self.session.state.label();
        let note = self.timeline.end.as_ref().and_then(|end| end.note.as_ref());
        note.map_or_else(|| state.to_owned(), |note| format!("{state}: {note}"))
    }

    /// For each child and family member who were together, for how long, in words.
    pub fn together(&self) -> Vec<String> {
        let several = self.children.len() > 1;
        let of = |together: kith_domain::record::timeline::Together| {
            let name = |who| named(who, &self.children, &self.people).0;
            let person = name(kith_domain::record::Who::Person(together.person));
            let long = kith_domain::record::written::duration(together.minutes);
            if several {
                format!("{} with {person}: {long}", name(kith_domain::record::Who::Child(together.child)))
            } else {
                format!("{person}: {long}")
            }
        };
        let held = self.timeline.end.is_some() && self.session.state.was_held();
        let told = |together: &kith_domain::record::timeline::Together| {
            self.children.iter().any(|child| child.id == together.child)
        };
        if held { self.timeline.held().into_iter().filter(told).map(of).collect() } else { Vec::new() }
    }

    /// When the texts that stand were written: each kind with how many.
    pub fn written_counts(&self) -> Vec<(Written, usize)> {
        let mut counts: Vec<(Written, usize)> = Vec::new();
        let standing = self.entries().filter(|entry| entry.struck.is_none());
        for written in standing.map(|entry| entry.text.written) {
            match counts.iter_mut().find(|(known, _)| known.code() == written.code()) {
                Some((_, count)) => *count += 1,
                None => counts.push((written, 1)),
            }
        }
        counts.sort_unstable();
        counts
    }

    /// When the texts were written, in words: `2 during the session, 1 immediately after the session`.
    pub fn written_words(&self) -> String {
        let word = |written: &Written| match written {
            Written::Later { .. } => "later".to_owned(),
            other => other.words(),
        };
        let counts = self.written_counts();
        let words: Vec<String> = counts.iter().map(|(written, count)| format!("{count} {}", word(written))).collect();
        if words.is_empty() { "nothing was written".to_owned() } else { words.join(", ") }
    }

    /// By whom, when and why it was released without a signature.
    pub fn released_words(&self) -> Option<String> {
        let (released, by) = self.released.as_ref()?;
        let returned = if released.was_returned { " It had been returned to its author." } else { "" };
        let at = calendar::long_instant(released.leave.at_ms);
        Some(format!("By {by} on {at}: {}.{returned}", released.leave.reason.trim_end_matches('.')))
    }

    /// What a page of this record would say: who came by line of [`RecordView::attendance`], start and end.
    pub fn saying(&self, came: &[(usize, Came)], start: Option<i64>, end: Option<EndSaid>) -> Course {
        let line = |(line, said): &(usize, Came)| {
            let presence = &self.attendance.get(*line)?.presence;
            let (who, shown) = (presence.who, Came::of(presence));
            Some(CameSaid { line: *line, who, shown, said: said.clone(), why: None })
        };
        let shown = self.timeline.end.as_ref().map(|end| EndSaid {
            minute: end.at.minute,
            how: end.how,
            note: end.note.clone(),
        });
        Course {
            came: came.iter().filter_map(line).collect(),
            start: start.map(|said| Change { shown: self.timeline.start.map(|said| said.minute), said }),
            end: end.map(|said| Change { shown, said }),
            device: None,
        }
    }

    /// Every entry, in the order of the record.
    pub fn entries(&self) -> impl Iterator<Item = &EntryView> {
        self.headings.iter().flat_map(|under| &under.entries)
    }

    /// An entry that is taken up again or is to be corrected.
    pub fn entry(&self, id: EntryId) -> Option<&EntryView> {
        self.entries().find(|entry| entry.id == id)
    }
}

impl EntryView {
    /// The minute it is about; of one that names none, when it was first written, as far as that was on the same day.
    pub(super) fn at_minute(&self) -> i64 {
        let written = || {
            let first = self.earlier.first().map_or(self.begun_ms, |text| text.received_ms);
            calendar::time_minute(calendar::in_london(first).time())
        };
        self.text.observation.about_minute.unwrap_or_else(written)
    }

    /// The time it is about, for reading; empty where the writer named none.
    pub fn about_clock(&self) -> String {
        self.text.observation.about_minute.map(calendar::clock).unwrap_or_default()
    }

    /// When a text was written, for reading: `10:07, during the session`.
    pub fn written(&self, session: &Session) -> String {
        let clock = |at_ms| written_clock(at_ms, session);
        let (begun, saved) = (clock(self.begun_ms), clock(self.text.received_ms));
        let span = if begun == saved { saved } else { format!("{begun} to {saved}") };
        let sent = self.sent_ms.map(|at| format!(", sent by the device at {}", clock(at))).unwrap_or_default();
        format!("{span}, {}{sent}", self.text.written.words())
    }
}

impl ChangedLine {
    /// What it said, when, and what became of it, for reading.
    pub fn words(&self, session: &Session) -> String {
        let clock = |at_ms| written_clock(at_ms, session);
        let after = match &self.struck {
            Some(why) => format!("struck out {}: {why}", clock(self.until_ms)),
            None => format!("corrected {}", clock(self.until_ms)),
        };
        format!("{}, written {}, {after}", self.words, clock(self.received_ms))
    }
}

impl TextView {
    /// When it was written, for reading: `10:02, during the session`.
    pub fn written(&self, session: &Session) -> String {
        format!("{}, {}", written_clock(self.received_ms, session), self.written.words())
    }
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
