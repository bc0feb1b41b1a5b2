//! Venues, their rooms and the working hours of supervisors: kept by administrators, read by who arranges contact.

mod hours;
mod keep;
#[cfg(test)]
mod tests;

use kith_domain::ids::VenueId;
use kith_domain::session::SessionState;
use kith_store::{Booked, Room, Venue};

pub use hours::WorkingHours;
pub use keep::facts_of;

use crate::{Desk, ServiceError};

/// A venue with what a page needs beside it.
pub struct VenueView {
    /// The venue.
    pub venue: Venue,
    /// The name of its area.
    pub area: String,
    /// Its rooms by name, closed ones last.
    pub rooms: Vec<Room>,
}

impl Desk {
    /// Every venue with its rooms, closed ones last.
    pub async fn venues(&self) -> Result<Vec<VenueView>, ServiceError> {
        self.allow_service("venues.read").await?;
        let look = self.look();
        let (mut venues, rooms) = (look.venues().await?, look.rooms().await?);
        look.done("venues.read", self.now_ms()).await?;
        venues.sort_by_key(|venue| venue.closed_ms.is_some());
        Ok(venues.into_iter().map(|venue| self.venue_view(venue, &rooms)).collect())
    }

    /// One venue with its rooms.
    pub async fn venue(&self, id: VenueId) -> Result<VenueView, ServiceError> {
        self.allow_service("venues.read").await?;
        let look = self.look();
        let (venue, rooms) = (look.venue(id).await?, look.rooms().await?);
        look.done("venue.read", self.now_ms()).await?;
        Ok(self.venue_view(venue, &rooms))
    }

    fn venue_view(&self, venue: Venue, rooms: &[Room]) -> VenueView {
        let mut rooms: Vec<Room> = rooms.iter().filter(|room| room.venue == venue.id).cloned().collect();
        rooms.sort_by_key(|room| room.closed_ms.is_some());
        VenueView { area: self.service.register().area_name(&venue.area), venue, rooms }
    }
}

/// Of what stands in the diary, the sessions that are still to be held: planned, confirmed or going on, and not past
/// their end.
fn to_come(booked: Vec<Booked>, now_ms: i64) -> Vec<Booked> {
    let stands = |booked: &Booked| {
        let states = [SessionState::Planned, SessionState::Confirmed, SessionState::InProgress];
        states.contains(&booked.state) && booked.slot.ends_ms() > now_ms
    };
    booked.into_iter().filter(stands).collect()
}

/// `1 session is` or `3 sessions are`, for the sentence that says why something cannot be done.
fn sessions_are(count: usize) -> String {
    if count == 1 { "1 session is".to_owned() } else { format!("{count} sessions are") }
}
