//! Brothers and sisters together: which of them can be in one session, and a session that gains or loses one.

use std::collections::btree_map::Entry;

use kith_domain::calendar;
use kith_domain::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use kith_domain::ids::{ArrangementId, ChildId, PersonId, PlanId, SessionId};
use kith_domain::plan::{Mode, PlanState};
use kith_domain::session::{Place, PlaceState, SessionState, What};
use kith_store::{Look, Session, StoreError, Work};

use super::Booking;
use super::cancel::not_changed_since;
use super::rules::{may_join, missing};
use super::standing::Footing;
use crate::policy::Resource;
use crate::record::band;
use crate::{Desk, ServiceError};

/// Under which line of which plan a child is booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Under {
    /// The plan.
    pub plan: PlanId,
    /// The line of it.
    pub line: ArrangementId,
}

impl Under {
    /// As forms say it: `plan/line`.
    pub fn code(self) -> String {
        format!("{}/{}", self.plan, self.line)
    }

    /// Reads what [`Under::code`] wrote.
    pub fn from_code(code: &str) -> Option<Under> {
        let (plan, line) = code.split_once('/')?;
        Some(Under { plan: plan.parse().ok()?, line: line.parse().ok()? })
    }
}

/// Another child who sees one of the same people.
pub struct Sibling {
    /// Under which line they could be booked.
    pub under: Under,
    /// The name as this person may know it.
    pub name: String,
    /// How often and when, by that line.
    pub line: String,
    /// Whether this person may book them; otherwise whose area it is.
    pub may: Result<(), String>,
}

/// A child who joins a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddChild {
    /// Under which line.
    pub under: Under,
    /// Why.
    pub why: String,
}

impl AddChild {
    /// Reads `under` and `why`.
    pub fn read(fields: &Fields) -> Result<AddChild, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let under = r.required_choice("under", "Which child", Under::from_code);
        let why = r.required("why", "Why", LONG_TEXT_CHARS);
        let problems = r.into_problems();
        under.map(|under| AddChild { under, why }).filter(|_| problems.is_empty()).ok_or(problems)
    }
}

/// A child who is taken off a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakeOff {
    /// Which.
    pub child: ChildId,
    /// Why.
    pub why: String,
}

impl TakeOff {
    /// Reads `child` and `why`.
    pub fn read(fields: &Fields) -> Result<TakeOff, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let child = r.required_id("child", "Which child").map(ChildId);
        let why = r.required("why", "Why", LONG_TEXT_CHARS);
        let problems = r.into_problems();
        child.map(|child| TakeOff { child, why }).filter(|_| problems.is_empty()).ok_or(problems)
    }
}

impl Desk {
    /// Children who see one of the same people under a plan that is in force, so that they could come together: whoever
    /// may book for this child sees them by first name.
    pub async fn siblings(&self, plan: PlanId, line: ArrangementId) -> Result<Vec<Sibling>, ServiceError> {
        let scope = self.allow_plan("session.book", plan).await?;
        let look = self.look();
        let there = look.plan(plan).await?;
        let with = there.body.arrangement(line).ok_or(ServiceError::NotFound)?.with.clone();
        let siblings = self.siblings_of(&look, &with, &[scope.child]).await?;
        look.done("sessions.siblings", self.now_ms()).await?;
        Ok(siblings)
    }

    /// Children who could join a session.
    pub async fn could_join(&self, id: SessionId) -> Result<Vec<Sibling>, ServiceError> {
        self.allow_session("session.change", id).await?;
        let look = self.look();
        let session = look.session(id).await?;
        let people = look.people_in(id).await?;
        let siblings = self.siblings_of(&look, &people, &session.children()).await?;
        look.done("sessions.siblings", self.now_ms()).await?;
        Ok(siblings)
    }

    async fn siblings_of(&self, look: &Look, with: &[PersonId], but: &[ChildId]) -> Result<Vec<Sibling>, ServiceError> {
        let mut rows = Vec::new();
        for person in with {
            rows.extend(look.persons_of(*person).await?);
        }
        let mut ids = look.children_of_persons(&rows).await?;
        ids.retain(|id| !but.contains(id));
        let names = self.names_of_children(look, &ids).await?;
        let mut siblings = Vec::new();
        for scope in look.file_scopes(&ids).await? {
            let may = if self.permits("session.book", &Resource::File(&scope)) {
                Ok(())
            } else {
                Err(self.service.register().area_name(&scope.area))
            };
            for plan in look.plans_of(scope.child).await? {
                if !matches!(plan.state, PlanState::Agreed | PlanState::Active) {
                    continue;
                }
                for line in &plan.body.arrangements {
                    if line.mode == Mode::Letterbox || !line.with.iter().any(|id| rows.contains(id)) {
                        continue;
                    }
                    siblings.push(Sibling {
                        under: Under { plan: plan.id, line: line.id },
                        name: names.get(&scope.child).cloned().unwrap_or_default(),
                        line: format!("{}, {}", line.frequency, line.pattern),
                        may: may.clone(),
                    });
                }
            }
        }
        siblings.sort_by(|a, b| (&a.name, &a.line).cmp(&(&b.name, &b.line)));
        Ok(siblings)
    }

    /// The places of several children, if this person may book for every one. Of a child who is in another area and sees
    /// one of the same people it is said whose area it is; of any other there is nothing.
    pub(super) async fn places(&self, unders: &[Under]) -> Result<Vec<Place>, ServiceError> {
        let Some((first, others)) = unders.split_first() else { return Err(ServiceError::NotFound) };
        let scope = self.allow_plan("session.book", first.plan).await?;
        let mut places = vec![Place::expected(scope.child, first.plan, first.line)];
        if others.is_empty() {
            return Ok(places);
        }
        let siblings = self.siblings(first.plan, first.line).await?;
        for under in others {
            let sibling = siblings.iter().find(|of| of.under == *under);
            if let Some(Err(area)) = sibling.map(|of| &of.may) {
                return Err(ServiceError::rule(
                    "session.other_area",
                    format!("One of these children is of {area}. Speak to the coordinator there, or book the others"),
                ));
            }
            let scope = self.allow_plan("session.book", under.plan).await?;
            if places.iter().any(|place| place.child == scope.child) {
                return Err(ServiceError::field("together", "Choose one arrangement for each child"));
            }
            places.push(Place::expected(scope.child, under.plan, under.line));
        }
        Ok(places)
    }

    /// A child joins a session that is not over, over the version that was shown. Only the child and who comes for them
    /// are taken; a confirmed session stays confirmed, so everybody needs a valid assessment.
    pub async fn add_child(&self, id: SessionId, version: i64, add: &AddChild) -> Result<(), ServiceError> {
        self.allow_session("session.change", id).await?;
        let scope = self.allow_plan("session.book", add.under.plan).await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        let child = scope.child;
        self.change("session.child_added", |work| async move {
            let mut session = work.session(id).await?;
            if session.place(child).is_some() {
                work.changed("session", id.0, session.version);
                return Ok(());
            }
            not_changed_since(&session, version)?;
            not_over(&session)?;
            let place = Place { child, plan: add.under.plan, arrangement: add.under.line, state: PlaceState::Added };
            match session.body.places.iter_mut().find(|there| there.child == child) {
                Some(there) => *there = place,
                None => session.body.places.push(place),
            }
            let mut people = work.people_in(id).await?;
            let before = people.clone();
            let plan = work.plan(place.plan).await?;
            let line = plan.body.arrangement(place.arrangement).ok_or(ServiceError::NotFound)?;
            people.extend(line.with.iter().filter(|id| !before.contains(id)));
            let on = Footing::load(&work, session.places(), Some(people)).await?;
            self.joins(&work, &on, &session, child).await?;
            let day = calendar::day_number(session.slot.day);
            let (from, to) = session.slot.quarters(0);
            let new = on.people.iter().filter(|person| !before.contains(person)).map(|person| on.being(*person).0);
            let taken: Vec<_> = [child.0].into_iter().chain(new).map(|id| (id, day, from, to)).collect();
            self.occupy_all(&work, &on, id, &Booking::of(&session), &taken).await?;
            work.set_people_in(id, &on.people).await?;
            session.body.happened(me, now_ms, What::ChildAdded { child, why: add.why.clone() });
            work.save_session(&mut session).await?;
            self.record_is_about(&work, &session).await?;
            Ok(())
        })
        .await
    }

    /// Takes a child off a session that is not over, over the version that was shown. What was written of them stays in
    /// their file; what else the family has booked is not touched.
    pub async fn take_child_off(&self, id: SessionId, version: i64, off: &TakeOff) -> Result<(), ServiceError> {
        self.allow_session("session.change", id).await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        self.change("session.child_taken_off", |work| async move {
            let mut session = work.session(id).await?;
            let Some(there) = session.body.places.iter().position(|place| place.child == off.child) else {
                return Err(ServiceError::NotFound);
            };
            if !session.body.places[there].stands() {
                work.changed("session", id.0, session.version);
                return Ok(());
            }
            not_changed_since(&session, version)?;
            not_over(&session)?;
            if session.children().len() == 1 {
                return Err(ServiceError::rule(
                    "session.last_child",
                    "A session is for one child at least. If this child does not come, cancel the session",
                ));
            }
            session.body.places[there].state = PlaceState::TakenOff;
            work.release_one(id, off.child.0).await?;
            // Who came only for this child does not come any more.
            let people = work.people_in(id).await?;
            let on = Footing::load(&work, session.places(), Some(people)).await?;
            let (stay, go): (Vec<PersonId>, Vec<PersonId>) =
                on.people.iter().partition(|id| on.seen_by(**id).is_some());
            let stay: Vec<PersonId> = stay.into_iter().filter_map(|id| on.seen_by(id)).collect();
            if stay.is_empty() {
                return Err(ServiceError::rule(
                    "session.nobody_left",
                    "Nobody would be left for the other children to see. Cancel the session instead",
                ));
            }
            for person in go {
                work.release_one(id, on.being(person).0).await?;
            }
            work.set_people_in(id, &stay).await?;
            session.body.happened(me, now_ms, What::ChildTakenOff { child: off.child, why: off.why.clone() });
            work.save_session(&mut session).await?;
            self.record_is_about(&work, &session).await?;
            Ok(())
        })
        .await
    }

    /// Whether a child may join: their plan, who comes, and, when the session stands as confirmed, that nothing is missing.
    async fn joins(&self, work: &Work, on: &Footing, session: &Session, child: ChildId) -> Result<(), ServiceError> {
        let booking = Booking::of(session);
        may_join(on, child, &booking)?;
        if session.state == SessionState::Planned {
            return Ok(());
        }
        let day = calendar::day_number(session.slot.day);
        let mut vetted = Vec::with_capacity(on.children.len());
        for of in &on.children {
            vetted.push(of.vetted(work, &on.people, day).await?);
        }
        let missing = missing(on, session, &vetted);
        if missing.is_empty() {
            return Ok(());
        }
        let missing = missing.join(". ");
        Err(ServiceError::rule("session.not_ready", format!("This child cannot join yet. {missing}")))
    }

    /// The record is about the children whom the session is for from now on, and what is there is in the file of each.
    async fn record_is_about(&self, work: &Work, session: &Session) -> Result<(), ServiceError> {
        match work.record(session.id).await {
            Ok(mut record) => {
                let before = std::mem::replace(&mut record.children, session.children());
                for id in session.children() {
                    if let Entry::Vacant(of) = record.body.bands.entry(id) {
                        of.insert(band(&work.child(id).await?, session));
                    }
                }
                work.save_record(&mut record).await?;
                Ok(work.open_entries_to(session.id, &before, &record.children).await?)
            }
            Err(StoreError::NotFound) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn not_over(session: &Session) -> Result<(), ServiceError> {
    if !session.state.is_over() {
        return Ok(());
    }
    Err(ServiceError::rule(
        "session.over",
        format!(
            "This session is {}, so its children stay as they are. Who came is in its record",
            session.state.label().to_lowercase()
        ),
    ))
}
