//! Whether a session can stand as it is asked for: every rule of the handbook's section 8 in one place, for booking and
//! for moving.

use kith_domain::access::Role;
use kith_domain::booking::{may_book, staffed, within};
use kith_domain::calendar;
use kith_domain::codes::Supervision;
use kith_domain::form::Problem;
use kith_domain::ids::{AccountId, PersonId, SessionId};
use kith_domain::plan::Arrangement;
use kith_domain::session::fits;
use kith_store::{AssessmentOf, Child, Look, Occupied, Plan, Relative, SessionOf, StoreError, Work};
use uuid::Uuid;

use super::Booking;
use crate::risk::valid_assessment;
use crate::{Desk, ServiceError};

/// What a session stands on.
pub(super) struct Standing<'a> {
    pub(super) child: &'a Child,
    pub(super) plan: &'a Plan,
    pub(super) line: &'a Arrangement,
    pub(super) family: &'a [Relative],
    pub(super) people: &'a [PersonId],
}

impl Desk {
    /// Checks every rule but one: whether all is free, the store alone can say, see [`Desk::occupy`].
    pub(super) async fn check(&self, look: &Look, on: &Standing<'_>, booking: &Booking) -> Result<(), ServiceError> {
        may_book(on.plan.state, on.line, booking.slot.day)?;
        let problems = self.problems(look, on, booking).await?;
        if problems.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(problems)) }
    }

    /// Takes the room, the child, the people and the staff for a session that is in the store already, or names what is
    /// taken.
    pub(super) async fn occupy(
        &self,
        work: &Work,
        on: &Standing<'_>,
        id: SessionId,
        booking: &Booking,
    ) -> Result<(), ServiceError> {
        match work.occupy(id, &self.resources(on, booking)).await {
            Err(StoreError::Occupied { resource }) => {
                Err(ServiceError::Invalid(vec![taken(resource, on, booking, |id| self.service.name_of(id))]))
            }
            other => Ok(other?),
        }
    }

    async fn problems(&self, look: &Look, on: &Standing<'_>, booking: &Booking) -> Result<Vec<Problem>, ServiceError> {
        let mut problems = who_must_not(on);
        let room = match look.room(booking.room).await {
            Ok(room) => room,
            Err(StoreError::NotFound) => return Ok(vec![Problem::new("room", "Choose a room from the list")]),
            Err(error) => return Err(error.into()),
        };
        let venue = look.venue(room.venue).await?;
        if room.closed_ms.is_some() || venue.closed_ms.is_some() {
            problems.push(Problem::new("room", format!("{} is closed. Choose another room", room.name)));
        } else if venue.area != on.child.area {
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
        let asked = staff_asked(&valid(look, on, day).await?);
        if let Err(refusal) = staffed(asked, 1 + usize::from(booking.second.is_some())) {
            problems.push(Problem::new("second", refusal.to_string()));
        }
        Ok(problems)
    }

    /// The room, the child and each person for the session itself; staff for the time after it too, to write it up.
    fn resources(&self, on: &Standing<'_>, booking: &Booking) -> Vec<Occupied> {
        let day = calendar::day_number(booking.slot.day);
        let (from, to) = booking.slot.quarters(0);
        let (_, written_up) = booking.slot.quarters(self.service.register().write_up_minutes());
        let mut resources = vec![(booking.room.0, day, from, to)];
        resources.extend(booking.staff().map(|id| (id.0, day, from, written_up)));
        resources.push((on.child.id.0, day, from, to));
        resources.extend(on.people.iter().map(|id| (id.0, day, from, to)));
        resources
    }
}

/// The assessments of the people that are valid on a day (a day number), in their order.
pub(super) async fn valid(look: &Look, on: &Standing<'_>, day: i64) -> Result<Vec<Option<AssessmentOf>>, ServiceError> {
    let mut all = Vec::with_capacity(on.people.len());
    for person in on.people {
        all.push(valid_assessment(look, on.child.id, *person, day).await?);
    }
    Ok(all)
}

/// What still stands against confirming a session: a person without a valid assessment on its day, or who must not
/// attend; too few staff.
pub(super) fn missing(on: &Standing<'_>, session: &SessionOf, valid: &[Option<AssessmentOf>]) -> Vec<String> {
    let mut missing: Vec<String> = who_must_not(on).into_iter().map(|problem| problem.message).collect();
    for (person, _) in on.people.iter().zip(valid).filter(|(_, valid)| valid.is_none()) {
        let (who, day) = (name(on.family, *person), calendar::long_date(session.slot.day));
        missing.push(format!("{who} has no valid risk assessment for {day}"));
    }
    let level = |of: &Supervision| Supervision::ALL.iter().position(|known| known == of);
    for of in valid.iter().flatten() {
        let asked = of.body.assessment.as_ref().map(|assessment| assessment.supervision);
        if let Some(asked) = asked.filter(|asked| level(asked) < level(&on.line.supervision)) {
            let (asked, planned) = (asked.label().to_lowercase(), on.line.supervision.label().to_lowercase());
            missing.push(format!(
                "The risk assessment asks for “{asked}”, but the plan says “{planned}”: change the plan"
            ));
        }
    }
    let given = 1 + usize::from(session.body.second_supervisor.is_some());
    if let Err(refusal) = staffed(staff_asked(valid), given) {
        missing.push(refusal.to_string());
    }
    missing
}

/// Those of the people who must not attend, by the child's file as it is now.
fn who_must_not(on: &Standing<'_>) -> Vec<Problem> {
    let barred = |id: &&PersonId| !on.family.iter().any(|of| of.person.id == **id && of.relation.may_attend);
    let words = |id: &PersonId| {
        Problem::new(
            "with",
            format!("{} must not attend, by the child’s file. Change the plan first", name(on.family, *id)),
        )
    };
    on.people.iter().filter(barred).map(words).collect()
}

/// How many staff these assessments ask for, 1 where there is none.
pub(super) fn staff_asked(valid: &[Option<AssessmentOf>]) -> i64 {
    valid.iter().flatten().filter_map(|of| of.body.assessment.as_ref()).map(|of| of.staff).max().unwrap_or(1)
}

fn name(family: &[Relative], id: PersonId) -> String {
    family.iter().find(|of| of.person.id == id).map_or_else(|| "A family member".to_owned(), Relative::name)
}

/// Which of what was asked for is taken, in words.
fn taken(resource: Uuid, on: &Standing<'_>, booking: &Booking, name_of: impl Fn(AccountId) -> String) -> Problem {
    let times = booking.slot.times();
    if resource == booking.room.0 {
        Problem::new("room", format!("The room is taken from {times}. Choose another room or time"))
    } else if resource == booking.supervisor.0 {
        let who = name_of(booking.supervisor);
        Problem::new(
            "supervisor",
            format!("{who} has another session then, or is writing one up. Choose somebody else"),
        )
    } else if booking.second.is_some_and(|second| second.0 == resource) {
        let who = name_of(AccountId(resource));
        Problem::new("second", format!("{who} has another session then, or is writing one up. Choose somebody else"))
    } else if resource == on.child.id.0 {
        Problem::new(
            "start",
            format!("{} has another session from {times}. Choose another time", on.child.first_name()),
        )
    } else {
        let who = name(on.family, PersonId(resource));
        Problem::new("start", format!("{who} is at another session from {times}. Choose another time"))
    }
}
