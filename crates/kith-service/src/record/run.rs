//! Running a session: start, who came, end.

use kith_domain::booking::{Ending, Start, may_end, may_start};
use kith_domain::calendar;
use kith_domain::form::Fields;
use kith_domain::ids::SessionId;
use kith_domain::notice::NoticeKind;
use kith_domain::record::{AgeBand, RecordBody, RecordPurpose, RecordState, may_write, read_attendance};
use kith_domain::session::{Attendance, SessionMove, SessionState};
use kith_store::{Child, Record, Session, Work};

use super::view::person_line;
use crate::{Desk, ServiceError};

impl Desk {
    /// Starts a confirmed session and begins its record, or begins the record of one that was not started on its day.
    /// Started twice is started once.
    pub async fn start_session(&self, id: SessionId) -> Result<(), ServiceError> {
        self.allow_session("session.run", id).await?;
        let now_ms = self.now_ms();
        self.change("session.started", |work| async move {
            let mut session = work.session(id).await?;
            if session.state == SessionState::InProgress {
                work.changed("session", id.0, session.version);
                return Ok(());
            }
            let next = session.state.after(SessionMove::Start)?;
            match may_start(session.slot, session.flagged.is_some(), now_ms)? {
                Start::Now => session.body.started_ms = Some(now_ms),
                // When it really began nobody wrote down; whatever is written now is written after it.
                Start::Afterwards => session.body.ended_ms = Some(session.slot.ends_ms()),
            }
            session.state = next;
            work.save_session(&mut session).await?;
            self.begin_record(&work, &session).await?;
            Ok(())
        })
        .await
    }

    async fn begin_record(&self, work: &Work, session: &Session) -> Result<(), ServiceError> {
        let mut children = Vec::new();
        for id in session.children() {
            children.push(work.child(id).await?);
        }
        let first = children.first().ok_or(ServiceError::NotFound)?;
        let expected = |person| Attendance {
            person,
            expected_minute: session.slot.start_minute,
            arrived_minute: None,
            left_minute: None,
            absent: false,
            note: None,
        };
        let people = work.people_in(session.id).await?;
        let room = work.room(session.room).await?;
        let place = format!("{}, {}", room.name, work.venue(room.venue).await?.name);
        let due_ms = self.sign_by(session.slot);
        let mut record = Record {
            id: session.id,
            version: 0,
            children: session.children(),
            author: session.supervisor,
            state: RecordState::Open,
            opened_ms: self.now_ms(),
            due_ms,
            signed_ms: None,
            reviewed_ms: None,
            body: RecordBody {
                band: band(first, session),
                purpose: purpose(first),
                attendance: [expected(None)].into_iter().chain(people.into_iter().map(|p| expected(Some(p)))).collect(),
                signatures: Vec::new(),
                reviews: Vec::new(),
                place,
            },
        };
        work.insert_record(&mut record).await?;
        self.remind(work, NoticeKind::RecordSignBy, session.id.0, first.id, due_ms).await
    }

    /// Saves who came and left, over the version that was shown. [`ServiceError::Conflict`] gives what was saved
    /// meanwhile.
    pub async fn save_attendance(&self, id: SessionId, version: i64, fields: &Fields) -> Result<(), ServiceError> {
        self.allow_session("record.write", id).await?;
        self.change("record.attendance", |work| async move {
            let mut record = work.record(id).await?;
            let first = *record.children.first().ok_or(ServiceError::NotFound)?;
            let child = work.child(first).await?;
            let family = work.family(first).await?;
            let lines = &record.body.attendance;
            let names: Vec<String> = lines.iter().map(|line| person_line(line, &child, &family).name).collect();
            let slot = work.session(id).await?.slot;
            let read = read_attendance(fields, lines, &names, slot.day, self.now_ms())?;
            if read == record.body.attendance {
                work.changed("record", id.0, record.version);
                return Ok(());
            }
            may_write(record.state)?;
            if record.version != version {
                let theirs = Box::new(attendance_fields(&record.body.attendance));
                return Err(ServiceError::Conflict { theirs, version: record.version });
            }
            record.body.attendance = read;
            work.save_record(&mut record).await?;
            Ok(())
        })
        .await
    }

    /// Ends a session that was started: as planned, early, or because nobody came. Ended twice is ended once.
    pub async fn end_session(&self, id: SessionId, fields: &Fields) -> Result<(), ServiceError> {
        self.allow_session("session.run", id).await?;
        let ending = Ending::read(fields)?;
        let now_ms = self.now_ms();
        self.change("session.ended", |work| {
            let ending = ending.clone();
            async move {
                let mut session = work.session(id).await?;
                let ended = SessionState::InProgress.after(ending.step())?;
                if session.state == ended && session.body.ending_note == ending.note {
                    work.changed("session", id.0, session.version);
                    return Ok(());
                }
                session.state = session.state.after(ending.step())?;
                let record = work.record(id).await?;
                let family = record.body.attendance.iter().filter(|line| line.person.is_some());
                let came: Vec<bool> = family.map(|line| line.arrived_minute.is_some()).collect();
                may_end(ending.how, session.slot, &came, self.service.register().wait_minutes(), now_ms)?;
                session.body.ended_ms.get_or_insert(now_ms);
                session.body.ending_note = ending.note;
                work.save_session(&mut session).await?;
                let told = match session.state {
                    SessionState::EndedEarly => Some(NoticeKind::SessionEndedEarly),
                    SessionState::DidNotAttend => Some(NoticeKind::SessionNotAttended),
                    _ => None,
                };
                if let Some(kind) = told {
                    let workers = self.social_workers(&work, &session.children()).await?;
                    self.tell(&work, workers, kind, id.0).await?;
                }
                Ok(())
            }
        })
        .await
    }
}

/// The age band on the day of the session; a child whose date of birth is not known yet counts as the youngest it can be.
fn band(child: &Child, session: &Session) -> AgeBand {
    AgeBand::of_age(child.body.facts.as_ref().map_or(0, |facts| facts.birth.age_on(session.slot.day)))
}

fn purpose(child: &Child) -> RecordPurpose {
    let in_proceedings = child.body.legal.as_ref().is_some_and(|legal| legal.status.in_proceedings());
    if in_proceedings { RecordPurpose::Proceedings } else { RecordPurpose::Relationship }
}

/// Attendance as the form it was read from.
pub fn attendance_fields(lines: &[Attendance]) -> Fields {
    let mut fields = Fields::default();
    for (index, line) in lines.iter().enumerate() {
        let mut clock = |name: &str, minute: Option<i64>| {
            if let Some(minute) = minute {
                fields.set(format!("{name}-{index}"), calendar::clock(minute));
            }
        };
        clock("arrived", line.arrived_minute);
        clock("left", line.left_minute);
        if line.absent {
            fields.set(format!("absent-{index}"), "yes");
        }
        if let Some(note) = &line.note {
            fields.set(format!("note-{index}"), note.clone());
        }
    }
    fields
}
