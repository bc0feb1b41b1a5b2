//! Proposing sessions: the days of the pattern, and for each which rooms and supervisors are free.

use std::collections::HashSet;

use jiff::civil::Date;
use kith_domain::access::Role;
use kith_domain::booking::within;
use kith_domain::calendar;
use kith_domain::ids::{AccountId, ArrangementId, PlanId, RoomId};
use kith_domain::plan::{Arrangement, Proposed};
use kith_domain::session::{Place, SessionState, Slot, Week, fits};
use kith_store::{Booked, Look, MovedAway, Plan, Room, Venue};
use uuid::Uuid;

use super::rules::staff_asked;
use super::standing::Footing;
use crate::{Card, Desk, ServiceError};

/// How far back the usual room and supervisor are looked for, in days.
const USUAL_DAYS: i64 = 92;

/// Sessions that the plan asks for, with what is free for each.
pub struct Proposals {
    /// The child's name.
    pub child: String,
    /// The plan.
    pub plan: Plan,
    /// The line of it.
    pub line: Arrangement,
    /// Names of those the child is to see.
    pub with: Vec<String>,
    /// First day looked at.
    pub from: Date,
    /// Last day looked at.
    pub to: Date,
    /// The days of the pattern, in order.
    pub days: Vec<ProposedDay>,
    /// Rooms of the area that are in use.
    pub rooms: Vec<RoomChoice>,
    /// Supervisors of the area.
    pub supervisors: Vec<Card>,
    /// How many staff the risk assessments that are valid on the first day ask for.
    pub staff: i64,
}

/// A room with its venue.
pub struct RoomChoice {
    /// The room.
    pub room: Room,
    /// The venue's name.
    pub venue: String,
}

/// One day of the pattern.
pub struct ProposedDay {
    /// When.
    pub slot: Slot,
    /// The session that is booked for it already, in whatever state but cancelled.
    pub booked: Option<Booked>,
    /// Why there can be none, in words.
    pub shut: Option<String>,
    /// Rooms that are open and free.
    pub rooms: Vec<RoomId>,
    /// Supervisors on shift and free, with time to write up.
    pub supervisors: Vec<AccountId>,
    /// The usual room if it is free, otherwise the one that is free on most of these days.
    pub room: Option<RoomId>,
    /// The usual supervisor if free, otherwise the one who is free on most of these days: the child meets fewer faces.
    pub supervisor: Option<AccountId>,
}

impl Desk {
    /// The sessions that a line of a plan asks for between two days (both included), with what is free.
    pub async fn propose_sessions(
        &self,
        plan: PlanId,
        line: ArrangementId,
        from: Date,
        to: Date,
    ) -> Result<Proposals, ServiceError> {
        let scope = self.allow_plan("session.book", plan).await?;
        let look = self.look();
        let place = Place::expected(scope.child, plan, line);
        let mut on = Footing::load(&look, [place].iter(), None).await?;
        let of = &on.children[0];
        let (line, family) = (of.line.clone(), &of.family);
        let names = line.with.iter().map(|id| {
            let found = family.iter().find(|of| of.person.id == *id);
            found.map_or_else(|| "A family member".to_owned(), kith_store::Relative::name)
        });
        let with = names.collect();
        let venues = look.venues().await?;
        let rooms = open_rooms(look.rooms().await?, &venues, &scope.area);
        let supervisors: Vec<Card> =
            self.service.colleagues(Role::Supervisor).into_iter().filter(|card| card.area == scope.area).collect();
        let proposed = line.propose(from, to, self.service.register().calendar());
        let (first, last) = (calendar::day_number(from) - USUAL_DAYS, calendar::day_number(to));
        let mut booked = look.diary_of_child(scope.child, first, last).await?;
        booked.retain(|session| session.is_under(line.id) && session.state != SessionState::Cancelled);
        let mut moved = look.moved_away(scope.child, calendar::day_number(from), last).await?;
        moved.retain(|of| of.arrangement == line.id);
        let free = self.free(&look, &proposed, &rooms, &venues, &supervisors).await?;
        let first_day = proposed.first().map_or(from, |day| day.day);
        let vetted = of.vetted(&look, &on.people, calendar::day_number(first_day)).await?;
        let staff = staff_asked(&vetted);
        look.done("sessions.proposed", self.now_ms()).await?;
        let mut days: Vec<ProposedDay> =
            proposed.iter().zip(free).map(|(day, free)| self.day(day, free, &booked, &moved)).collect();
        suggest(&mut days, booked.iter().rev().find(|session| session.state != SessionState::DidNotAttend));
        let rooms = rooms.into_iter().map(|(room, venue)| RoomChoice { venue: venue.name.clone(), room }).collect();
        let of = on.children.swap_remove(0);
        let (child, plan) = (of.child, of.plan);
        Ok(Proposals { child: child.name(), plan, line, with, from, to, days, rooms, supervisors, staff })
    }

    /// For each day which rooms and supervisors are free: one statement for all of them.
    async fn free(
        &self,
        look: &Look,
        proposed: &[Proposed],
        rooms: &[(Room, &Venue)],
        venues: &[Venue],
        supervisors: &[Card],
    ) -> Result<Vec<(Vec<RoomId>, Vec<AccountId>)>, ServiceError> {
        let Some(first) = proposed.first() else { return Ok(Vec::new()) };
        let register = self.service.register();
        let (write_up, now_ms) = (register.write_up_minutes(), self.now_ms());
        let shifts = look.shifts().await?;
        let days: Vec<i64> = proposed.iter().map(|day| calendar::day_number(day.day)).collect();
        let resources: Vec<Uuid> =
            rooms.iter().map(|(room, _)| room.id.0).chain(supervisors.iter().map(|card| card.id.0)).collect();
        let (start, end) = slot(first).quarters(0);
        let (_, written_up) = slot(first).quarters(write_up);
        let taken = look.taken(&resources, &days, start, written_up).await?;
        let is_free = |id: Uuid, day: Date, to: i64| {
            let day = calendar::day_number(day);
            !(start..to).any(|quarter| taken.contains(&(id, day, quarter)))
        };
        // Each is asked about alone: the other half of the rule is given hours that fit everything.
        let always: Week = [Some(kith_domain::session::Hours { start_minute: 0, end_minute: 48 * 60 }); 6];
        let open: Vec<(kith_domain::ids::VenueId, Week)> =
            venues.iter().map(|venue| (venue.id, within(&venue.open, register.opening()))).collect();
        let free = proposed.iter().map(|day| {
            let at = slot(day);
            let fits_room = |room: &Room| {
                open.iter().any(|(id, week)| {
                    *id == room.venue && fits(at, week, &always, write_up, register.calendar(), now_ms).is_ok()
                })
            };
            let fits_shift = |id: AccountId| {
                let shift = shifts.iter().find(|shift| shift.account == id);
                shift.is_some_and(|shift| fits(at, &always, &shift.week, write_up, register.calendar(), now_ms).is_ok())
            };
            let rooms = rooms.iter().map(|(room, _)| room).filter(|room| fits_room(room));
            let rooms = rooms.map(|room| room.id).filter(|id| is_free(id.0, day.day, end)).collect();
            let staff = supervisors.iter().map(|card| card.id).filter(|id| fits_shift(*id));
            (rooms, staff.filter(|id| is_free(id.0, day.day, written_up)).collect())
        });
        Ok(free.collect())
    }

    fn day(
        &self,
        day: &Proposed,
        (rooms, supervisors): (Vec<RoomId>, Vec<AccountId>),
        booked: &[Booked],
        moved: &[MovedAway],
    ) -> ProposedDay {
        let slot = slot(day);
        // The session of this day was moved: the day is used, or it would be booked twice.
        let moved = moved.iter().find(|of| of.day == day.day).map(|of| format!("Moved to {}", of.slot.label()));
        let shut = match &day.shut {
            _ if moved.is_some() => moved,
            Some(name) => Some(format!("{name}: the service is shut")),
            None if slot.starts_ms() <= self.now_ms() => Some("This time is in the past".to_owned()),
            None if rooms.is_empty() => Some("No room is free at this time".to_owned()),
            None if supervisors.is_empty() => Some("No supervisor is free at this time".to_owned()),
            None => None,
        };
        let booked = booked.iter().find(|session| session.slot.day == day.day).cloned();
        ProposedDay { slot, booked, shut, rooms, supervisors, room: None, supervisor: None }
    }
}

fn slot(day: &Proposed) -> Slot {
    Slot { day: day.day, start_minute: day.start_minute, end_minute: day.start_minute + day.minutes }
}

fn open_rooms<'a>(rooms: Vec<Room>, venues: &'a [Venue], area: &str) -> Vec<(Room, &'a Venue)> {
    let in_use = |venue: &&Venue| venue.area == area && venue.closed_ms.is_none();
    let of = |room: Room| {
        let venue = venues.iter().filter(in_use).find(|venue| venue.id == room.venue)?;
        room.closed_ms.is_none().then_some((room, venue))
    };
    let mut rooms: Vec<_> = rooms.into_iter().filter_map(of).collect();
    rooms.sort_by(|(a, of_a), (b, of_b)| (&of_a.name, &a.name).cmp(&(&of_b.name, &b.name)));
    rooms
}

/// Chooses a room and a supervisor for each day that is still to be booked.
fn suggest(days: &mut [ProposedDay], usual: Option<&Booked>) {
    let rooms: Vec<RoomId> = by_days_free(&days.iter().map(|day| &day.rooms), usual.map(|booked| booked.room));
    let staff: Vec<AccountId> =
        by_days_free(&days.iter().map(|day| &day.supervisors), usual.map(|booked| booked.supervisor));
    for day in days.iter_mut().filter(|day| day.booked.is_none() && day.shut.is_none()) {
        day.room = rooms.iter().copied().find(|id| day.rooms.contains(id));
        day.supervisor = staff.iter().copied().find(|id| day.supervisors.contains(id));
    }
}

/// The usual first, then those free on most days, as they stand in the lists.
fn by_days_free<'a, T: Copy + Eq + std::hash::Hash + 'a>(
    lists: &(impl Iterator<Item = &'a Vec<T>> + Clone),
    usual: Option<T>,
) -> Vec<T> {
    let mut seen = HashSet::new();
    let mut order: Vec<T> = lists.clone().flatten().copied().filter(|id| seen.insert(*id)).collect();
    order.sort_by_cached_key(|id| {
        let days = lists.clone().filter(|list| list.contains(id)).count();
        (Some(*id) != usual, usize::MAX - days)
    });
    order
}
