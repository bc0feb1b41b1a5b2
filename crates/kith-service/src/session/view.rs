//! A session as it is seen before walking in: who comes, who must not, what is risky and what is done about it.

use kith_domain::calendar;
use kith_domain::ids::{ArrangementId, ChildId, PersonId, SessionId};
use kith_domain::plan::Arrangement;
use kith_domain::record::timeline::End;
use kith_domain::record::{Heading, RecordState};
use kith_domain::risk::Assessment;
use kith_domain::session::{Place, Seat, SessionState, Slot};
use kith_store::{Child, Look, Relative, RiskAssessment, Session, unless_destroyed};

use super::past::PastLine;
use super::rules::missing;
use super::standing::Footing;
use crate::policy::Resource;
use crate::risk::valid_assessment;
use crate::{Card, Desk, ServiceError};
use kith_domain::words::in_words;

/// Longest piece of the last record that is shown, in characters.
const EXCERPT_CHARS: usize = 240;

/// Everything to know before walking in.
pub struct SessionView {
    /// The session.
    pub session: Session,
    /// Its children, each with what this person may know of them.
    pub children: Vec<ChildView>,
    /// The room.
    pub room: String,
    /// What is special about the room.
    pub room_features: String,
    /// The venue.
    pub venue: String,
    /// The supervisor.
    pub supervisor: String,
    /// The second member of staff.
    pub second: Option<String>,
    /// Who was booked, where somebody stands in.
    pub booked: Option<String>,
    /// Who was booked as second, where somebody stands in.
    pub booked_second: Option<String>,
    /// What happened to it, in order.
    pub past: Vec<PastLine>,
    /// What stands against confirming it, in words.
    pub missing: Vec<String>,
    /// Where the record stands, once the session has started.
    pub record: Option<RecordState>,
    /// Whether this person may confirm, move and cancel it.
    pub may_change: bool,
    /// Whether this person may put somebody in the place of one of the staff.
    pub may_stand_in: bool,
    /// Whether this person may let it be written up late.
    pub may_give_leave: bool,
    /// Whether this person runs it.
    pub may_run: bool,
    /// Whether this person may read the record.
    pub may_read_record: bool,
    /// Whether this person may release the record without its author's signature now.
    pub may_release: bool,
    /// Whether this person may read the concerns raised at it.
    pub may_read_concerns: bool,
}

impl SessionView {
    /// The children's names as this person may know them, in a row.
    pub fn names(&self) -> String {
        in_words(&self.children.iter().map(|of| of.name.clone()).collect::<Vec<_>>())
    }

    /// What this person may know: of one child at least.
    pub fn known(&self) -> impl Iterator<Item = &KnownChild> {
        self.children.iter().filter_map(|of| of.known.as_ref())
    }
}

/// One child of a session.
pub struct ChildView {
    /// Their place in it.
    pub place: Place,
    /// The whole name to who may know them, to others the first name.
    pub name: String,
    /// The rest, for who may know it.
    pub known: Option<KnownChild>,
}

/// What there is to know of one child of a session.
pub struct KnownChild {
    /// The child.
    pub child: Child,
    /// The line of the plan.
    pub line: Option<Arrangement>,
    /// The social worker, as in the staff directory.
    pub social_worker: Option<Card>,
    /// The names of the family.
    pub names: kith_store::Names,
    /// Who comes.
    pub coming: Vec<Vetted>,
    /// Who must not be let in, by this child's file.
    pub barred: Vec<Relative>,
    /// What was accepted about the child and the family although nobody knew whether it is so.
    pub not_verified: String,
    /// The last session under the same line of the plan, in at most three lines.
    pub last: Option<LastTime>,
}

/// A person who comes, with the assessment that lets them.
pub struct Vetted {
    /// Who.
    pub relative: Relative,
    /// The assessment that is valid on the day.
    pub valid: Option<RiskAssessment>,
}

impl Vetted {
    /// What the assessment says.
    pub fn assessment(&self) -> Option<&Assessment> {
        self.valid.as_ref().and_then(|of| of.body.assessment.as_ref())
    }
}

/// The session before.
pub struct LastTime {
    /// Which.
    pub id: SessionId,
    /// When.
    pub slot: Slot,
    /// What happened, in at most three lines.
    pub lines: Vec<String>,
}

impl Desk {
    /// One session.
    pub async fn session(&self, id: SessionId) -> Result<SessionView, ServiceError> {
        let (look, scope) = self.look_at_session("session.read", id).await?;
        let session = look.session(id).await?;
        let people = look.people_in(id).await?;
        let room = look.room(session.room).await?;
        let venue = look.venue(room.venue).await?;
        let day = calendar::day_number(session.slot.day);
        let mut children = Vec::new();
        for place in session.places() {
            let Some(child) = unless_destroyed(look.child(place.child).await)? else {
                // A brother's file has ended: the session of the others is read as it was.
                children.push(ChildView {
                    place: *place,
                    name: "A child whose file has ended".to_owned(),
                    known: None,
                });
                continue;
            };
            let known = if self.knows(&scope, place.child) {
                Some(self.known_child(&look, place, child.clone(), &people, day).await?)
            } else {
                None
            };
            let name = if known.is_some() { child.name() } else { child.first_name() };
            children.push(ChildView { place: *place, name, known });
        }
        let may = |action| self.permits(action, &Resource::Session(&scope));
        let planned = matches!(session.state, SessionState::Planned | SessionState::Confirmed);
        let stands_against = if planned && may("session.change") {
            let on = Footing::load(&look, session.places(), Some(people)).await?;
            let mut vetted = Vec::with_capacity(on.children.len());
            for of in &on.children {
                vetted.push(of.vetted(&look, &on.people, day).await?);
            }
            missing(&on, &session, &vetted)
        } else {
            Vec::new()
        };
        let record = look.record_state(id).await?;
        let unsigned = matches!(record, Some(RecordState::Open | RecordState::Returned));
        let may_release = unsigned && may("record.release") && self.may_be_released(&look.record(id).await?);
        // Those too who were taken off: by first name to who knows one of the others.
        let all: Vec<ChildId> = session.body.places.iter().map(|place| place.child).collect();
        let mut names = self.names_of_children(&look, &all).await?;
        names.extend(children.iter().map(|of: &ChildView| (of.place.child, of.name.clone())));
        let past = self.past(&look, &session, &names).await?;
        look.done("session.read", self.now_ms()).await?;
        Ok(SessionView {
            children,
            room: room.name,
            room_features: room.features,
            venue: venue.name,
            supervisor: self.service.name_of(session.supervisor),
            second: session.body.second_supervisor.map(|id| self.service.name_of(id)),
            booked: session.body.booked(Seat::First).map(|id| self.service.name_of(id)),
            booked_second: session.body.booked(Seat::Second).map(|id| self.service.name_of(id)),
            past,
            missing: stands_against,
            may_stand_in: may("session.stand_in"),
            may_give_leave: may("record.review"),
            record,
            may_change: may("session.change"),
            may_run: may("session.run"),
            may_read_record: record.is_some() && may("record.read"),
            may_release,
            may_read_concerns: record.is_some() && may("concern.read"),
            session,
        })
    }

    /// What there is to know of one child before walking in on a day (a day number).
    async fn known_child(
        &self,
        look: &Look,
        place: &Place,
        child: Child,
        people: &[PersonId],
        day: i64,
    ) -> Result<KnownChild, ServiceError> {
        let plan = look.plan(place.plan).await?;
        let family = look.family(place.child).await?;
        let known = look.known_to(place.child, people).await?;
        let come: Vec<PersonId> = people.iter().filter_map(|id| known.get(id).copied()).collect();
        let barred = family.iter().filter(|of| !of.relation.may_attend && !come.contains(&of.person.id));
        let mut coming = Vec::new();
        for relative in come.iter().filter_map(|id| family.iter().find(|of| of.person.id == *id)) {
            let valid = valid_assessment(look, place.child, relative.person.id, day).await?;
            coming.push(Vetted { relative: relative.clone(), valid });
        }
        Ok(KnownChild {
            line: plan.body.arrangement(place.arrangement).cloned(),
            social_worker: self.service.card(child.social_worker),
            names: kith_store::Names::of(&family),
            coming,
            barred: barred.cloned().collect(),
            not_verified: kith_store::not_verified(&child, &family),
            last: self.last_time(look, place.child, place.arrangement, day).await?,
            child,
        })
    }

    /// The last session of a line before a day: how it went, who was late or did not come, how it ended. Only a signed
    /// record is quoted from.
    async fn last_time(
        &self,
        look: &Look,
        child: ChildId,
        line: ArrangementId,
        day: i64,
    ) -> Result<Option<LastTime>, ServiceError> {
        let Some(session) = look.session_before(child, line, day).await? else { return Ok(None) };
        let timelines = self.timelines(look, std::slice::from_ref(&session)).await?;
        let end = timelines.get(&session.id).and_then(|timeline| timeline.end.as_ref());
        let mut lines = vec![how_it_went(&session, end)];
        let signed = look.record_state(session.id).await?.is_some_and(|state| state != RecordState::Open);
        if signed {
            let notes = self.attendance(look, &session).await?.into_iter().map(|line| (line.note(), line.name));
            let notes: Vec<String> =
                notes.filter(|(note, _)| !note.is_empty()).map(|(note, name)| format!("{name}: {note}")).collect();
            if !notes.is_empty() {
                lines.push(notes.join("; "));
            }
            lines.extend(self.parting_words(look, session.id, child).await?);
        }
        Ok(Some(LastTime { id: session.id, slot: session.slot, lines }))
    }

    /// What was last written for the social worker, or else how the session ended.
    async fn parting_words(&self, look: &Look, id: SessionId, child: ChildId) -> Result<Option<String>, ServiceError> {
        let (mut entries, _) = look.entries_of(id).await?;
        entries.retain(|entry| entry.children.contains(&child));
        Ok(crate::record::last_words(&entries, &[Heading::ForWorker, Heading::Ending]).map(|words| excerpt(&words)))
    }
}

fn how_it_went(session: &Session, end: Option<&End>) -> String {
    let state = session.state.label();
    let why = match (&session.body.cancellation, end.and_then(|end| end.note.as_ref())) {
        (Some(cancelled), _) => {
            Some(format!("by {}, {}", cancelled.by.label().to_lowercase(), cancelled.reason.label().to_lowercase()))
        }
        (None, Some(note)) => Some(excerpt(note)),
        (None, None) => None,
    };
    why.map_or_else(|| state.to_owned(), |why| format!("{state}: {why}"))
}

/// The beginning of a text, cut between words.
fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= EXCERPT_CHARS {
        return line;
    }
    let cut: String = line.chars().take(EXCERPT_CHARS).collect();
    let end = cut.rfind(' ').unwrap_or(cut.len());
    format!("{} …", &cut[..end])
}
