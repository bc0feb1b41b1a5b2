//! Whether a session can stand as it is asked for: every rule of the handbook's section 8 in one place, for booking and
//! for moving.

use jiff::civil::Date;
use kith_domain::access::Role;
use kith_domain::booking::{may_book, staffed, within};
use kith_domain::calendar;
use kith_domain::codes::Supervision;
use kith_domain::form::Problem;
use kith_domain::ids::{AccountId, ChildId, PersonId, SessionId};
use kith_domain::referral::kept_apart;
use kith_domain::refusal::Refusal;
use kith_domain::session::fits;
use kith_store::{Booked, Look, Occupied, Session, StoreError, Work};
use uuid::Uuid;

use super::Booking;
use super::standing::{Footing, ForChild, Vetting};
use crate::contact_refusal::refused_on;
use crate::{Desk, ServiceError};
use kith_domain::words::in_words;

impl Desk {
    /// Checks every rule but one: whether all is free, the store alone can say, see [`Desk::occupy`].
    pub(super) async fn check(&self, look: &Look, on: &Footing, booking: &Booking) -> Result<(), ServiceError> {
        for of in &on.children {
            may_book(of.plan.state, &of.line, booking.slot.day).map_err(|refusal| said_of(on, of, refusal))?;
        }
        let problems = self.problems(look, on, booking).await?;
        if problems.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(problems)) }
    }

    /// Takes the room, the children, the people and the staff for a session that is in the store already, or names what
    /// is taken.
    pub(super) async fn occupy(
        &self,
        work: &Work,
        on: &Footing,
        id: SessionId,
        booking: &Booking,
    ) -> Result<(), ServiceError> {
        self.occupy_all(work, on, id, booking, &self.resources(on, booking)).await
    }

    /// Takes these of its resources, or names what is taken.
    pub(super) async fn occupy_all(
        &self,
        work: &Work,
        on: &Footing,
        id: SessionId,
        booking: &Booking,
        resources: &[Occupied],
    ) -> Result<(), ServiceError> {
        match work.occupy(id, resources).await {
            Err(StoreError::Occupied { resource }) => {
                // Where the engine has given the transaction up, nothing more can be said than what is taken.
                let other = self.at_that_time(work, id, resource, booking).await.unwrap_or_default();
                Err(ServiceError::Invalid(vec![taken(resource, on, booking, &other, |id| self.service.name_of(id))]))
            }
            other => Ok(other?),
        }
    }

    /// Where what is taken is at that time. Asked within the change, which is given up: a look of its own would wait for
    /// it to end. Nothing is opened but the names of children whose files this person may read, and that is entered in
    /// the log when the change is dropped.
    async fn at_that_time(
        &self,
        look: &Look,
        id: SessionId,
        resource: Uuid,
        booking: &Booking,
    ) -> Result<Taken, ServiceError> {
        let day = calendar::day_number(booking.slot.day);
        let (from, to) = booking.slot.quarters(self.service.register().write_up_minutes());
        let taken = look.occupied(day, &[resource]).await?;
        let session = taken.into_iter().find(|(_, quarter, other)| (from..to).contains(quarter) && *other != id);
        let Some((_, _, session)) = session else { return Ok(Taken::default()) };
        let Some(there) = look.diary_entry(session).await? else { return Ok(Taken::default()) };
        let room = look.room(there.room).await?;
        let venue = look.venue(room.venue).await?.name;
        let children = self.children_known(look, &there).await?;
        Ok(Taken { times: Some(there.slot.times()), place: format!("{}, {venue}", room.name), children })
    }

    /// First names of the children of a session, if this person may read the file of each: else nothing.
    async fn children_known(&self, look: &Look, there: &Booked) -> Result<Vec<String>, ServiceError> {
        let ids: Vec<_> = there.children().collect();
        let scopes = look.file_scopes(&ids).await?;
        let may = |of| self.permits("file.read", &crate::policy::Resource::File(of));
        if !scopes.iter().all(may) {
            return Ok(Vec::new());
        }
        Ok(look.children(&ids).await?.iter().map(kith_store::Child::first_name).collect())
    }

    async fn problems(&self, look: &Look, on: &Footing, booking: &Booking) -> Result<Vec<Problem>, ServiceError> {
        let mut problems = who_must_not(on, booking.slot.day);
        problems.extend(self.barred_elsewhere(look, on, calendar::day_number(booking.slot.day)).await?);
        let room = match look.room(booking.room).await {
            Ok(room) => room,
            Err(StoreError::NotFound) => return Ok(vec![Problem::new("room", "Choose a room from the list")]),
            Err(error) => return Err(error.into()),
        };
        let venue = look.venue(room.venue).await?;
        if room.closed_ms.is_some() || venue.closed_ms.is_some() {
            problems.push(Problem::new("room", format!("{} is closed. Choose another room", room.name)));
        } else if on.children.iter().any(|of| of.child.area != venue.area) {
            problems.push(Problem::new("room", format!("{} is another area’s. Choose another room", room.name)));
        }
        for (field, id) in [("supervisor", Some(booking.supervisor)), ("second", booking.second)] {
            let Some(id) = id else { continue };
            let card = self.service.card(id);
            if card.is_none_or(|card| card.role != Role::Supervisor || !card.active) {
                problems.push(Problem::new(field, "Choose a supervisor from the list"));
            }
        }
        if booking.second == Some(booking.supervisor) {
            problems.push(Problem::new("second", "The second supervisor must be another person"));
        }
        let register = self.service.register();
        let open = within(&venue.open, register.opening());
        let (write_up, now_ms) = (register.write_up_minutes(), self.now_ms());
        let hours =
            |shift| fits(booking.slot, &open, shift, write_up, register.calendar(), now_ms).err().unwrap_or_default();
        let shift = look.shift(booking.supervisor).await?;
        problems.extend(hours(&shift.week));
        if let Some(second) = booking.second {
            let shift = look.shift(second).await?;
            let about_staff = hours(&shift.week).into_iter().filter(|p| p.field == "supervisor");
            problems.extend(
                about_staff
                    .map(|p| Problem::new("second", p.message.replacen("The supervisor", "The second supervisor", 1))),
            );
        }
        let day = calendar::day_number(booking.slot.day);
        let mut asked = 1;
        for of in &on.children {
            asked = asked.max(staff_asked(&of.vetted(look, &on.people, day).await?));
        }
        if let Err(refusal) = staffed(asked, 1 + usize::from(booking.second.is_some())) {
            problems.push(Problem::new("second", refusal.to_string()));
        }
        Ok(problems)
    }

    /// Those of the people who must not attend by the file of another child, and of whom no valid assessment for this one
    /// says that they may: what is known in one file is weighed in every other.
    async fn barred_elsewhere(&self, look: &Look, on: &Footing, day: i64) -> Result<Vec<Problem>, ServiceError> {
        let mut problems = Vec::new();
        for of in &on.children {
            let elsewhere = self.elsewhere(look, of.child.id, &of.family).await?;
            for vetting in of.vetted(look, &on.people, day).await?.iter().filter(|vetting| vetting.valid.is_none()) {
                let known = elsewhere.get(&of.own(vetting.person));
                if known.is_some_and(|known| known.iter().any(|of| of.barred)) {
                    let (who, whose) = (on.name(vetting.person), of.child.first_name());
                    let words = format!(
                        "{who} must not attend in the file of another child. Assess the risk for {whose} first"
                    );
                    problems.push(Problem::new("with", words));
                }
            }
        }
        Ok(problems)
    }

    /// The room, the child and each person for the session itself; staff for the time after it too, to write it up.
    fn resources(&self, on: &Footing, booking: &Booking) -> Vec<Occupied> {
        let day = calendar::day_number(booking.slot.day);
        let (from, to) = booking.slot.quarters(0);
        let (_, written_up) = booking.slot.quarters(self.service.register().write_up_minutes());
        let mut resources = vec![(booking.room.0, day, from, to)];
        resources.extend(booking.staff().map(|id| (id.0, day, from, written_up)));
        resources.extend(on.children.iter().map(|of| (of.child.id.0, day, from, to)));
        resources.extend(on.people.iter().map(|id| (on.being(*id).0, day, from, to)));
        resources
    }
}

/// What still stands against confirming a session: a person without a valid assessment on its day, or who must not
/// attend; too few staff. `vetted` is of each child in their order.
pub(super) fn missing(on: &Footing, session: &Session, vetted: &[Vec<Vetting>]) -> Vec<String> {
    let mut missing: Vec<String> =
        who_must_not(on, session.slot.day).into_iter().map(|problem| problem.message).collect();
    let level = |of: &Supervision| Supervision::ALL.iter().position(|known| known == of);
    for (of, vetted) in on.children.iter().zip(vetted) {
        let with = if on.several() { format!(" with {}", of.child.first_name()) } else { String::new() };
        for vetting in vetted.iter().filter(|vetting| vetting.valid.is_none()) {
            let (who, day) = (on.name(vetting.person), calendar::long_date(session.slot.day));
            missing.push(format!("{who} has no valid risk assessment{with} for {day}"));
        }
        for valid in vetted.iter().filter_map(|vetting| vetting.valid.as_ref()) {
            let asked = valid.body.assessment.as_ref().map(|assessment| assessment.supervision);
            if let Some(asked) = asked.filter(|asked| level(asked) < level(&of.line.supervision)) {
                let (asked, planned) = (asked.label().to_lowercase(), of.line.supervision.label().to_lowercase());
                missing.push(format!(
                    "The risk assessment{with} asks for “{asked}”, but the plan says “{planned}”: change the plan"
                ));
            }
        }
    }
    let given = 1 + usize::from(session.body.second_supervisor.is_some());
    let asked = vetted.iter().map(|of| staff_asked(of)).max().unwrap_or(1);
    if let Err(refusal) = staffed(asked, given) {
        missing.push(refusal.to_string());
    }
    missing
}

/// Those of the people who must not attend, by the file of any of the children as it is now: who may see one of them
/// may not for that see the other; and those with whom contact is refused on the day (Children Act 1989 s34(6)).
fn who_must_not(on: &Footing, day: Date) -> Vec<Problem> {
    let mut problems = Vec::new();
    for of in &on.children {
        for person in &on.people {
            let (who, whose) = (on.name(*person), of.child.first_name());
            let refused = of.relative(*person).and_then(|relative| refused_on(&of.refusals, relative, day));
            let words = match of.relative(*person) {
                Some(_) if refused.is_some() => {
                    let until = refused.map(|of| calendar::long_date(of.body.stands_until())).unwrap_or_default();
                    format!(
                        "Contact of {whose} with {who} is refused until {until}. Choose a later day, or take {who} out"
                    )
                }
                Some(relative) if relative.relation.may_attend => continue,
                Some(_) if on.several() => {
                    format!(
                        "{who} must not attend, by the file of {whose}. Change the plan first, or book {whose} alone"
                    )
                }
                None if on.several() => format!(
                    "Nothing is known of {who} in the file of {whose}, so nobody has said whether they may attend. \
                     Book {whose} alone, or write it into the file first"
                ),
                _ => format!("{who} must not attend, by the child’s file. Change the plan first"),
            };
            problems.push(Problem::new("with", words));
        }
        for (one, other) in kept_apart(&of.child.body.known.values) {
            let who = |own: PersonId| on.people.iter().find(|person| of.own(**person) == own);
            if let (Some(one), Some(other)) = (who(one), who(other)) {
                let (one, other) = (on.name(*one), on.name(*other));
                let words =
                    format!("{one} and {other} must not meet, by the child’s file. Book them in sessions apart");
                problems.push(Problem::new("with", words));
            }
        }
    }
    problems
}

/// How many staff these assessments ask for, 1 where there is none.
pub(super) fn staff_asked(vetted: &[Vetting]) -> i64 {
    let valid = vetted.iter().filter_map(|of| of.valid.as_ref()?.body.assessment.as_ref());
    valid.map(|of| of.staff).max().unwrap_or(1)
}

/// A rule's words with the name of the child it is about, where there are several.
pub(super) fn said_of(on: &Footing, of: &ForChild, refusal: Refusal) -> Refusal {
    if on.several() { Refusal::new(refusal.code, format!("{}: {refusal}", of.child.first_name())) } else { refusal }
}

/// Whether a child may join a session that stands: their plan and who comes; the rest was decided when it was booked.
pub(super) fn may_join(on: &Footing, child: ChildId, booking: &Booking) -> Result<(), ServiceError> {
    for of in on.children.iter().filter(|of| of.child.id == child) {
        may_book(of.plan.state, &of.line, booking.slot.day).map_err(|refusal| said_of(on, of, refusal))?;
    }
    let problems = who_must_not(on, booking.slot.day);
    if problems.is_empty() {
        return Ok(());
    }
    let words: Vec<String> = problems.into_iter().map(|problem| problem.message).collect();
    Err(ServiceError::field("under", words.join(". ")))
}

/// Where something is that is taken.
#[derive(Default)]
struct Taken {
    /// From when to when, unless it has become free meanwhile.
    times: Option<String>,
    /// Room and venue.
    place: String,
    /// First names of the children there, if whoever asks may know them: another family is named to nobody else.
    children: Vec<String>,
}

/// Which of what was asked for is taken, when and where, in words.
fn taken(
    resource: Uuid,
    on: &Footing,
    booking: &Booking,
    there: &Taken,
    name_of: impl Fn(AccountId) -> String,
) -> Problem {
    let times = there.times.clone().unwrap_or_else(|| booking.slot.times());
    let place = if there.place.is_empty() { String::new() } else { format!(" in {}", there.place) };
    let with = if there.children.is_empty() { String::new() } else { format!(", with {}", in_words(&there.children)) };
    if resource == booking.room.0 {
        return Problem::new("room", format!("The room is taken from {times}{with}. Choose another room or time"));
    }
    if booking.staff().any(|staff| staff.0 == resource) {
        let field = if booking.supervisor.0 == resource { "supervisor" } else { "second" };
        let who = name_of(AccountId(resource));
        let words =
            format!("{who} has another session then, or is writing one up: {times}{place}{with}. Choose somebody else");
        return Problem::new(field, words);
    }
    let child = on.children.iter().find(|of| of.child.id.0 == resource);
    let words = child.map_or_else(
        || {
            format!(
                "{} is at another session from {times}{place}{with}. Choose another time",
                on.name(on.people.iter().copied().find(|id| on.being(*id).0 == resource).unwrap_or(PersonId(resource)))
            )
        },
        |of| format!("{} has another session from {times}{place}. Choose another time", of.child.first_name()),
    );
    Problem::new("start", words)
}
