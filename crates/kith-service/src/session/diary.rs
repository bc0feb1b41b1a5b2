//! The diary: rooms × days of a week.

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::Date;
use kith_domain::access::Role;
use kith_domain::booking::within;
use kith_domain::calendar;
use kith_domain::ids::{ChildId, RoomId, SessionId};
use kith_domain::session::{SessionState, Slot, hours_on};
use kith_store::{Booked, Look, Room, Venue};

use crate::policy::Resource;
use crate::{Desk, ServiceError};
use kith_domain::words::in_words;

/// One week of an area.
pub struct Diary {
    /// The area, a code of the register.
    pub area: String,
    /// Monday to Saturday.
    pub days: [Date; 6],
    /// Rooms, in order of venue and name.
    pub rows: Vec<RoomRow>,
    /// Sessions of each day that are not cancelled.
    pub counts: [usize; 6],
    /// Sessions that are not confirmed yet.
    pub planned: usize,
    /// Sessions that must be looked at again.
    pub flagged: usize,
}

/// One room's week.
pub struct RoomRow {
    /// The room.
    pub room: Room,
    /// The venue's name.
    pub venue: String,
    /// One for each day.
    pub cells: [Cell; 6],
}

/// One room on one day.
#[derive(Default)]
pub struct Cell {
    /// Why nothing can be there, in words.
    pub shut: Option<String>,
    /// Its sessions, in order of time.
    pub sessions: Vec<DiaryEntry>,
}

/// A session in the diary.
pub struct DiaryEntry {
    /// Which; `None` when this person has no need to see it.
    pub id: Option<SessionId>,
    /// When.
    pub slot: Slot,
    /// The children's first names; "Booked" to who has no need to know it.
    pub who: String,
    /// The supervisor; empty to who has no need to know.
    pub supervisor: String,
    /// Where it stands; `None` to who has no need to know.
    pub state: Option<SessionState>,
    /// Why it must be looked at again, a code.
    pub flagged: Option<String>,
    /// The day and minute of the day on which it stood before it was moved last.
    pub moved_from: Option<(Date, i64)>,
}

impl Desk {
    /// The week of a day in an area. A supervisor sees their own sessions only, and of another area everybody sees when its
    /// rooms are taken, and nothing else. Each look is an entry, about the venues.
    pub async fn diary(&self, day: Date, area: &str) -> Result<Diary, ServiceError> {
        self.allow_service("diary.read").await?;
        let monday = day.checked_sub(i64::from(day.weekday().to_monday_zero_offset()).days()).unwrap_or(day);
        let days =
            std::array::from_fn(|index| monday.checked_add(i64::try_from(index).unwrap_or(0).days()).unwrap_or(monday));
        let (first, last) = (calendar::day_number(days[0]), calendar::day_number(days[5]));
        let look = self.snapshot().await?;
        let venues = look.venues().await?;
        let mut rooms = look.rooms().await?;
        let own_only = self.actor().role == Role::Supervisor;
        for venue in venues.iter().filter(|venue| venue.area == area && !own_only) {
            look.note("venue", venue.id.0);
        }
        if area != self.actor().area && !own_only {
            let busy = look.busy_in(area, first, last).await?;
            look.done("diary.busy_read", self.now_ms()).await?;
            return Ok(self.free_or_busy(area, days, &venues, rooms, busy));
        }
        let booked = if own_only {
            look.diary_of_staff(self.me()?, first, last).await?
        } else {
            rooms.retain(|room| venues.iter().any(|venue| venue.id == room.venue && venue.area == area));
            let ids: Vec<RoomId> = rooms.iter().map(|room| room.id).collect();
            look.diary_of_rooms(&ids, first, last).await?
        };
        let names = self.names(&look, &booked, own_only).await?;
        look.done("diary.read", self.now_ms()).await?;
        rooms.retain(|room| {
            let used = booked.iter().any(|session| session.room == room.id);
            let open = room.closed_ms.is_none()
                && venues.iter().any(|venue| venue.id == room.venue && venue.closed_ms.is_none());
            used || (open && !own_only)
        });
        let mut diary = Diary {
            area: area.to_owned(),
            days,
            rows: rooms.into_iter().map(|room| self.row(room, &venues, &days)).collect(),
            counts: [0; 6],
            planned: 0,
            flagged: 0,
        };
        diary.rows.sort_by(|a, b| (&a.venue, &a.room.name).cmp(&(&b.venue, &b.room.name)));
        for session in booked {
            self.put(&mut diary, session, &names);
        }
        Ok(diary)
    }

    /// When the rooms of another area are taken: rooms by number and venue, so that a free hour is found, and nothing of what
    /// is there.
    fn free_or_busy(
        &self,
        area: &str,
        days: [Date; 6],
        venues: &[Venue],
        mut rooms: Vec<Room>,
        busy: Vec<(RoomId, Slot)>,
    ) -> Diary {
        let of_area = |venue: &&Venue| venue.area == area && venue.closed_ms.is_none();
        rooms.retain(|room| room.closed_ms.is_none() && venues.iter().filter(of_area).any(|v| v.id == room.venue));
        let mut rows: Vec<RoomRow> = rooms.into_iter().map(|room| self.row(room, venues, &days)).collect();
        rows.sort_by(|a, b| (&a.venue, &a.room.name).cmp(&(&b.venue, &b.room.name)));
        let mut counts = [0; 6];
        for (room, slot) in busy {
            let Some(index) = days.iter().position(|day| *day == slot.day) else { continue };
            counts[index] += 1;
            let Some(row) = rows.iter_mut().find(|row| row.room.id == room) else { continue };
            row.cells[index].sessions.push(DiaryEntry {
                id: None,
                slot,
                who: "Busy".to_owned(),
                supervisor: String::new(),
                state: None,
                flagged: None,
                moved_from: None,
            });
        }
        let (mut number, mut venue) = (0, String::new());
        for row in &mut rows {
            number = if row.venue == venue { number + 1 } else { 1 };
            venue.clone_from(&row.venue);
            (row.room.name, row.room.features) = (format!("Room {number}"), String::new());
        }
        Diary { area: area.to_owned(), days, rows, counts, planned: 0, flagged: 0 }
    }

    fn row(&self, room: Room, venues: &[Venue], days: &[Date; 6]) -> RoomRow {
        let venue = venues.iter().find(|venue| venue.id == room.venue);
        let open = venue.map(|venue| within(&venue.open, self.service.register().opening()));
        let cell = |day: Date| {
            let holiday = self.service.register().calendar().shut(day).map(str::to_owned);
            let closed = || open.is_none_or(|week| hours_on(&week, day).is_none()).then(|| "Closed".to_owned());
            Cell { shut: holiday.or_else(closed), sessions: Vec::new() }
        };
        RoomRow { venue: venue.map(|venue| venue.name.clone()).unwrap_or_default(), cells: days.map(cell), room }
    }

    fn put(&self, diary: &mut Diary, session: Booked, names: &HashMap<SessionId, String>) {
        let Some(index) = diary.days.iter().position(|day| *day == session.slot.day) else { return };
        if session.state != SessionState::Cancelled {
            diary.counts[index] += 1;
        }
        diary.planned += usize::from(session.state == SessionState::Planned);
        diary.flagged += usize::from(session.flagged.is_some());
        let Some(row) = diary.rows.iter_mut().find(|row| row.room.id == session.room) else { return };
        let name = names.get(&session.id);
        row.cells[index].sessions.push(DiaryEntry {
            id: name.is_some().then_some(session.id),
            slot: session.slot,
            who: name.cloned().unwrap_or_else(|| "Booked".to_owned()),
            supervisor: self.service.name_of(session.supervisor),
            state: Some(session.state),
            flagged: session.flagged,
            moved_from: session.moved_from.last().copied(),
        });
    }

    /// First names of the children this person has a need to know, by session: one envelope for each child, none for any
    /// other.
    async fn names(
        &self,
        look: &Look,
        booked: &[Booked],
        own_only: bool,
    ) -> Result<HashMap<SessionId, String>, ServiceError> {
        let mut ids: Vec<ChildId> = booked.iter().flat_map(Booked::children).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut visible: Vec<&Booked> = Vec::new();
        if own_only {
            let scopes = look.session_scopes(&booked.iter().map(|session| session.id).collect::<Vec<_>>()).await?;
            let may =
                |id| scopes.iter().any(|of| of.session == id && self.permits("session.read", &Resource::Session(of)));
            visible.extend(booked.iter().filter(|session| may(session.id)));
        } else {
            // Who may know one of the children knows that they see their brothers and sisters there.
            let scopes = look.file_scopes(&ids).await?;
            let may = |id| scopes.iter().any(|of| of.child == id && self.permits("file.read", &Resource::File(of)));
            visible.extend(booked.iter().filter(|session| session.children().any(may)));
        }
        ids.retain(|id| visible.iter().any(|session| session.children().any(|child| child == *id)));
        let children: HashMap<ChildId, String> =
            look.children(&ids).await?.iter().map(|child| (child.id, child.first_name())).collect();
        let named = |session: &Booked| {
            let names: Vec<String> = session.children().filter_map(|child| children.get(&child).cloned()).collect();
            (session.id, in_words(&names))
        };
        Ok(visible.into_iter().map(named).collect())
    }
}
