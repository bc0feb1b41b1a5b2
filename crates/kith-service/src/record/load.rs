//! Reading a record from the store into what a page or a paper shows.

use std::collections::HashMap;

use kith_domain::calendar;
use kith_domain::ids::{ChildId, EntryId, SessionId};
use kith_domain::record::texts::{Text, Texts, texts};
use kith_domain::record::{Content, RecordState, Signature, Timeline, may_add, may_review, may_write};
use kith_domain::session::Seat;
use kith_store::{Child, Entry, Look, Record, Relative, unless_destroyed};

use super::attendance::{lines, named, said_of, timeline};
use super::digest::digest;
use super::view::{
    AddendumView, ChangedLine, EntryView, RecordView, ReviewView, SignatureView, TextView, UnderHeading,
};
use crate::policy::Resource;
use crate::{Desk, ServiceError};

impl Desk {
    /// The record of a session, for who may read it.
    pub async fn record(&self, id: SessionId) -> Result<RecordView, ServiceError> {
        let (look, scope) = self.look_at_session("record.read", id).await?;
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
        view.may_release = may("record.release") && self.may_be_released(&view.record);
        Ok(view)
    }

    /// Reads of a record what is about one of its children, for a report about that child; as [`Desk::load_record`] does.
    pub(crate) async fn load_record_of(
        &self,
        look: &Look,
        id: SessionId,
        child: ChildId,
    ) -> Result<RecordView, ServiceError> {
        let mut view = self.read_record(look, id, Some(child)).await?;
        view.leave_only(child);
        Ok(view)
    }

    /// Reads a record within a look that the caller ends; who may is the caller's to have asked.
    pub(crate) async fn load_record(&self, look: &Look, id: SessionId) -> Result<RecordView, ServiceError> {
        self.read_record(look, id, None).await
    }

    /// Reads a record; how the family stands is said as to the `first` child, if one is named.
    async fn read_record(
        &self,
        look: &Look,
        id: SessionId,
        first: Option<ChildId>,
    ) -> Result<RecordView, ServiceError> {
        let record = look.record(id).await?;
        let session = look.session(id).await?;
        let of_session = look.people_in(id).await?;
        let (mut children, mut people, mut supervision) = (Vec::new(), Vec::<Relative>::new(), None);
        let mut places: Vec<_> = session.places().collect();
        places.sort_by_key(|place| first.is_some_and(|first| place.child != first));
        for place in places {
            // A brother's file has ended: the record of the others is read as it was.
            let Some(child) = unless_destroyed(look.child(place.child).await)? else { continue };
            children.push(child);
            for relative in look.family(place.child).await? {
                let known = people.iter().any(|known| known.person.id == relative.person.id);
                if !known && of_session.contains(&relative.person.id) {
                    people.push(relative);
                }
            }
            let line = look.plan(place.plan).await?.body.arrangement(place.arrangement).map(|line| line.supervision);
            supervision = [supervision, line].into_iter().flatten().min();
        }
        let (entries, destroyed) = look.entries_of(id).await?;
        let name = |by| self.service.name_of(by);
        let intact = |signature: &Signature| {
            let now = digest(&session, &of_session, &record, &entries, signature.by, signature.at_ms);
            now == signature.digest
        };
        let signatures = record.body.signatures.iter().map(|signature| SignatureView {
            signature: signature.clone(),
            name: name(signature.by),
            late_minutes: late_minutes(&record, signature),
            intact: intact(signature),
        });
        let signatures = signatures.collect();
        let reviews =
            record.body.reviews.iter().map(|review| ReviewView { review: review.clone(), name: name(review.by) });
        let reviews = reviews.collect();
        let timeline = timeline(&session, &of_session, &entries);
        let (headings, addenda) = self.laid_out(&entries, &timeline, &children);
        let booked = session.body.booked(Seat::First).unwrap_or(session.supervisor);
        let booked = (booked != record.author).then(|| name(booked));
        let leave = session.body.leave_before(record.opened_ms);
        let leave = leave
            .map(|(event, why)| format!("By {} on {}: {why}", name(event.by), calendar::long_instant(event.at_ms)));
        Ok(RecordView {
            place: record.body.place.clone(),
            supervision,
            author: name(record.author),
            booked,
            leave,
            second: session.body.second_supervisor.filter(|second| *second != record.author).map(name),
            attendance: lines(&timeline, &children, &people),
            changed: self.changed(&entries, &children, &people),
            concerns: entries.iter().filter_map(|entry| self.concern_view(entry)).collect(),
            headings,
            addenda,
            signatures,
            reviews,
            released: record.body.released.clone().map(|released| {
                let by = name(released.leave.by);
                (released, by)
            }),
            destroyed,
            overdue: record.state == RecordState::Open && record.due_ms < self.now_ms(),
            beside: Vec::new(),
            left_out: 0,
            may_write: false,
            may_sign: false,
            may_add: false,
            may_review: false,
            may_release: false,
            timeline,
            session,
            record,
            children,
            people,
        })
    }

    /// What was said of the course and stands no more.
    fn changed(&self, entries: &[Entry], children: &[Child], people: &[Relative]) -> Vec<ChangedLine> {
        let by: HashMap<EntryId, &Entry> =
            entries.iter().filter_map(|entry| Some((entry.body.content.takes_the_place_of()?, entry))).collect();
        let line = |entry: &Entry| {
            let (who, said) = said_of(&entry.body.content)?;
            let after = by.get(&entry.id)?;
            let words = match who {
                Some(who) => format!("{}: {said}", named(who, children, people).0),
                None => said,
            };
            Some(ChangedLine {
                who,
                words,
                received_ms: entry.received_ms,
                until_ms: after.received_ms,
                struck: match &after.body.content {
                    Content::StruckOut { reason, .. } => Some(reason.clone()),
                    _ => None,
                },
                author: self.service.name_of(entry.author),
            })
        };
        entries.iter().filter_map(line).collect()
    }

    /// Entries under their headings in the order of the record, addenda beside what they correct.
    fn laid_out(
        &self,
        entries: &[Entry],
        timeline: &Timeline,
        children: &[Child],
    ) -> (Vec<UnderHeading>, Vec<AddendumView>) {
        let by_id: HashMap<EntryId, &Entry> = entries.iter().map(|entry| (entry.id, entry)).collect();
        let all = texts(entries.iter().map(Entry::seen), timeline.hours(), self.service.register().limits());
        let mut observed: Vec<EntryView> = all.iter().map(|of| self.entry_view(of, &by_id, children)).collect();
        let mut whole = Vec::new();
        for entry in entries {
            let Content::Addendum(addendum) = &entry.body.content else { continue };
            let view = AddendumView {
                id: entry.id,
                addendum: addendum.clone(),
                written_ms: entry.received_ms,
                author: entry.author,
                author_name: self.service.name_of(entry.author),
            };
            match observed.iter_mut().find(|entry| Some(entry.id) == addendum.about) {
                Some(entry) => entry.addenda.push(view),
                None => whole.push(view),
            }
        }
        observed.sort_by_key(|entry| (entry.text.observation.heading, entry.at_minute(), entry.begun_ms));
        let mut headings: Vec<UnderHeading> = Vec::new();
        for entry in observed {
            let heading = entry.text.observation.heading;
            match headings.last_mut() {
                Some(under) if under.heading == heading => under.entries.push(entry),
                _ => headings.push(UnderHeading { heading, entries: vec![entry] }),
            }
        }
        (headings, whole)
    }

    fn entry_view(&self, of: &Texts, by_id: &HashMap<EntryId, &Entry>, children: &[Child]) -> EntryView {
        let view = |text: &Text| TextView {
            observation: text.observation.clone(),
            received_ms: text.received_ms,
            written: text.written,
        };
        let standing = of.standing();
        let row = by_id.get(&standing.entry);
        let sent_ms = row.and_then(|entry| entry.body.device?.sent_ms());
        let about_ids: Vec<ChildId> = row.map(|entry| entry.children.clone()).unwrap_or_default();
        let some = about_ids.len() < children.len();
        let about = children.iter().filter(|child| some && about_ids.contains(&child.id)).map(Child::name);
        EntryView {
            id: of.id,
            version: i64::try_from(of.all.len()).unwrap_or(i64::MAX),
            text: view(standing),
            begun_ms: of.begun_ms(),
            sent_ms: sent_ms.filter(|sent| standing.received_ms - sent > SENT_BEFORE_MS),
            earlier: of.earlier().into_iter().map(view).collect(),
            typing: of.typing(),
            struck: of.struck.map(|(at_ms, by, why)| (at_ms, self.service.name_of(by), why.to_owned())),
            about: about.collect(),
            about_ids: if some { about_ids } else { Vec::new() },
            author: of.author,
            author_name: self.service.name_of(of.author),
            own: self.actor().is(of.author),
            addenda: Vec::new(),
        }
    }
}

/// What arrives this long after a device says it was sent was held up on the way, milliseconds.
const SENT_BEFORE_MS: i64 = 2 * 60_000;

/// How late a signature was. What was returned is signed again in its own time: only the first is measured.
fn late_minutes(record: &Record, signature: &Signature) -> i64 {
    let first = record.body.signatures.first().is_some_and(|first| first.at_ms == signature.at_ms);
    if first { ((signature.at_ms - record.due_ms) / 60_000).max(0) } else { 0 }
}
