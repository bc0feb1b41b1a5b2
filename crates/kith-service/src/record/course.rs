//! Who came, when the session began and ended: entries like the texts, added where something new is said.

use kith_domain::calendar;
use kith_domain::form::Problem;
use kith_domain::ids::{EntryId, SessionId};
use kith_domain::notice::NoticeKind;
use kith_domain::record::came::Against;
use kith_domain::record::sheet::{Course, EndSaid};
use kith_domain::record::timeline::{Timeline, may_end_so, may_start_at};
use kith_domain::record::{Came, Content, Ended, Entry as Seen, EntryBody, may_write};
use kith_domain::session::{SessionState, What};
use kith_store::{Entry, Work};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::attendance::expected;
use crate::{Desk, ServiceError};

/// Something that stands otherwise than the page showed: somebody said it meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CourseConflict {
    /// A line of who came.
    Came {
        /// Which line of the page.
        line: usize,
        /// What stands.
        stands: Came,
    },
    /// The start.
    Start {
        /// What stands; `None` if it was taken out.
        stands: Option<i64>,
    },
    /// The end.
    End {
        /// What stands; `None` if it was taken out.
        stands: Option<EndSaid>,
    },
}

/// What became of a page's course. Each part was kept or is named.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct CourseKept {
    /// What is wrong; those parts were not kept.
    pub problems: Vec<Problem>,
    /// What stands otherwise than was shown; those parts were not kept.
    pub conflicts: Vec<CourseConflict>,
    /// Whether the session ended by it.
    pub ended: bool,
}

impl Desk {
    /// Adds what is new of who came, of start and end. Sent again, it adds nothing.
    pub async fn keep_course(&self, id: SessionId, page: Uuid, course: &Course) -> Result<CourseKept, ServiceError> {
        self.allow_session("record.write", id).await?;
        self.change("record.course", |work| async move { self.course_kept(&work, id, page, course).await }).await
    }

    async fn course_kept(
        &self,
        work: &Work,
        id: SessionId,
        page: Uuid,
        course: &Course,
    ) -> Result<CourseKept, ServiceError> {
        let (me, now_ms) = (self.me()?, self.now_ms());
        let record = work.record(id).await?;
        let mut session = work.session(id).await?;
        let people = work.people_in(id).await?;
        let kept = work.courses_of(&[id]).await?.remove(&id).unwrap_or_default();
        let limits = self.service.register().limits();
        let mut adding = Adding {
            slot: session.slot,
            expected: expected(&session, &people),
            kept: &kept,
            author: me,
            now_ms,
            page,
            added: Vec::new(),
            of: CourseKept::default(),
        };
        let before = adding.timeline();
        adding.came(course, &before);
        let start = adding.start(course, &before);
        adding.end(course, &before, limits);
        // With the end that is said in the same breath, if one is.
        if let Some((start, minute)) = start
            && let Err(refusal) = may_start_at(&adding.timeline(), minute, now_ms)
        {
            adding.added.retain(|(added, _)| *added != start);
            adding.of.problems.push(Problem::new("began", refusal.words));
        }
        adding.hold_to_the_end(&before, limits);
        let (after, Adding { added, mut of, .. }) = (adding.timeline(), adding);
        if added.is_empty() {
            work.changed("record", id.0, record.version);
            return Ok(of);
        }
        may_write(record.state)?;
        for (entry, content) in added {
            let body = EntryBody { content, device: course.device };
            let mut new = Entry::new(entry, id, record.children.clone(), me, now_ms, body);
            work.insert_entry(&mut new).await?;
        }
        let ended = after.end.as_ref().map(|end| match end.how {
            Ended::Complete => SessionState::Completed,
            Ended::Early => SessionState::EndedEarly,
            Ended::NotHeld => SessionState::DidNotAttend,
        });
        if let Some(state) = ended.filter(|state| *state != session.state) {
            of.ended = session.state == SessionState::InProgress;
            session.state = state;
            session.body.happened(me, now_ms, What::Became { state });
            work.save_session(&mut session).await?;
            let told = match state {
                SessionState::EndedEarly => Some(NoticeKind::SessionEndedEarly),
                SessionState::DidNotAttend => Some(NoticeKind::SessionNotAttended),
                _ => None,
            };
            if let Some(kind) = told {
                let workers = self.social_workers(work, &session.children()).await?;
                self.tell(work, workers, kind, id.0).await?;
            }
        }
        Ok(of)
    }
}

/// Works out what a page adds.
struct Adding<'a> {
    slot: kith_domain::session::Slot,
    expected: Vec<kith_domain::record::Who>,
    kept: &'a [Entry],
    author: kith_domain::ids::AccountId,
    now_ms: i64,
    page: Uuid,
    added: Vec<(EntryId, Content)>,
    of: CourseKept,
}

impl Adding<'_> {
    /// What stands with what is added.
    fn timeline(&self) -> Timeline {
        let added = self.added.iter().map(|(id, content)| Seen {
            id: *id,
            author: self.author,
            received_ms: self.now_ms,
            content,
        });
        Timeline::of(self.slot, &self.expected, self.kept.iter().map(Entry::seen).chain(added))
    }

    fn add(&mut self, content: Content) -> EntryId {
        let id = made_of(self.page, &content);
        self.added.push((id, content));
        id
    }

    fn came(&mut self, course: &Course, before: &Timeline) {
        for line in &course.came {
            let Some(presence) = before.of_who(line.who) else {
                let words = "This person is not of this session any more. Open the page again";
                self.of.problems.push(Problem::new(format!("arrived-{}", line.line), words));
                continue;
            };
            match line.against(presence, self.slot.day, self.now_ms) {
                Ok(Against::Nothing) => {}
                Ok(Against::Adds(contents)) => {
                    for content in contents {
                        self.add(content);
                    }
                }
                Ok(Against::Conflict) => {
                    self.of.conflicts.push(CourseConflict::Came { line: line.line, stands: Came::of(presence) });
                }
                Err(problems) => self.of.problems.extend(problems),
            }
        }
    }

    /// The entry of a new start, and what it says.
    fn start(&mut self, course: &Course, before: &Timeline) -> Option<(EntryId, i64)> {
        let change = course.start.as_ref()?;
        let stands = before.start.map(|said| said.minute);
        if stands == Some(change.said) {
            return None;
        }
        if stands != change.shown {
            self.of.conflicts.push(CourseConflict::Start { stands });
            return None;
        }
        let replaces = before.start.map(|said| said.entry);
        Some((self.add(Content::Start { minute: change.said, replaces }), change.said))
    }

    fn end(&mut self, course: &Course, before: &Timeline, limits: kith_domain::record::Limits) {
        let Some(change) = &course.end else { return };
        let stands =
            before.end.as_ref().map(|end| EndSaid { minute: end.at.minute, how: end.how, note: end.note.clone() });
        if stands.as_ref() == Some(&change.said) {
            return;
        }
        if stands != change.shown {
            self.of.conflicts.push(CourseConflict::End { stands });
            return;
        }
        if !self.of.problems.is_empty() || !self.of.conflicts.is_empty() {
            let words =
                "Look at who came and when it began first, then end the session. What you typed here is not kept yet";
            self.of.problems.push(Problem::new("how", words));
            return;
        }
        let EndSaid { minute, how, note } = change.said.clone();
        if let Err(refusal) = may_end_so(&self.timeline(), minute, how, note.as_deref(), limits, self.now_ms) {
            self.of.problems.push(Problem::new(field_of(refusal.code), refusal.words));
            return;
        }
        let replaces = before.end.as_ref().map(|end| end.at.entry);
        self.add(Content::End { minute, how, note, replaces });
    }

    /// Once a session has ended, what is corrected must still agree with how it ended.
    fn hold_to_the_end(&mut self, before: &Timeline, limits: kith_domain::record::Limits) {
        let Some(end) = &before.end else { return };
        let after = self.timeline();
        let changed = self.added.is_empty() || after.end.as_ref().is_some_and(|now| now.at.entry != end.at.entry);
        if changed {
            return;
        }
        let fits = may_end_so(&after, end.at.minute, end.how, end.note.as_deref(), limits, self.now_ms);
        if let Err(refusal) = fits {
            self.added.clear();
            let words = format!("With this, the end does not fit any more. Correct both together. {}", refusal.words);
            self.of.problems.push(Problem::new(field_of(refusal.code), words));
        }
    }
}

/// Which field of the page a refusal of the end points at.
fn field_of(code: &str) -> &'static str {
    match code {
        "record.start_unsaid" | "record.start_before_anybody_came" => "began",
        "record.who_came_unsaid" => "arrived-0",
        "record.too_long_without_reason" => "ending_note",
        "record.end_not_come" | "record.end_before_start" => "ended",
        _ => "how",
    }
}

/// The id of an entry that has none of its own: made from the page and from what it says, so that the same page sent
/// twice at the same moment cannot add it twice.
pub(super) fn made_of(page: Uuid, content: &Content) -> EntryId {
    let json = serde_json::to_vec(content).expect("ids, numbers, codes and strings are always JSON");
    let digest = Sha256::new().chain_update(page).chain_update(&json).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    EntryId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

impl CourseConflict {
    /// What stands, in words.
    pub fn stands(&self) -> String {
        let clock = |minute: &Option<i64>| minute.map(calendar::clock).unwrap_or_default();
        match self {
            CourseConflict::Came { stands, .. } if stands.absent => {
                format!("did not come: {}", stands.note.clone().unwrap_or_default())
            }
            CourseConflict::Came { stands, .. } if stands.stays.is_empty() => "nothing is written down".to_owned(),
            CourseConflict::Came { stands, .. } => {
                let stays = stands.stays.iter().map(|(came, left)| match left {
                    Some(_) => format!("{} to {}", clock(came), clock(left)),
                    None => format!("arrived {}", clock(came)),
                });
                let note = stands.note.iter().cloned();
                stays.chain(note).collect::<Vec<_>>().join(", ")
            }
            CourseConflict::Start { stands } => {
                stands.map_or_else(|| "nothing is written down".to_owned(), calendar::clock)
            }
            CourseConflict::End { stands: None } => "nothing is written down".to_owned(),
            CourseConflict::End { stands: Some(end) } => {
                let note = end.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
                format!("{}, {}{note}", calendar::clock(end.minute), end.how.label().to_lowercase())
            }
        }
    }
}
