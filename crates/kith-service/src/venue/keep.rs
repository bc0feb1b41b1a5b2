//! Making, changing and closing venues and rooms.

use kith_domain::calendar;
use kith_domain::form::Fields;
use kith_domain::ids::{RoomId, VenueId};
use kith_domain::session::BOOK_AHEAD_DAYS;
use kith_domain::venue::{RoomFacts, VenueFacts, lies_within};
use kith_store::{Room, StoreError, Venue, Work};

use super::{sessions_are, to_come};
use crate::{Desk, ServiceError};

impl Desk {
    /// Makes a venue. `id` was made when the form was shown: sending it twice makes one venue.
    pub async fn create_venue(&self, id: VenueId, facts: VenueFacts) -> Result<(), ServiceError> {
        self.allow_service("venues.manage").await?;
        let made = self
            .change("venue.created", |work| {
                let facts = facts.clone();
                async move {
                    let VenueFacts { name, area, address, directions, open } = facts;
                    let mut venue = Venue { id, version: 0, name, area, address, directions, open, closed_ms: None };
                    work.insert_venue(&mut venue).await?;
                    Ok(())
                }
            })
            .await;
        match made {
            Err(ServiceError::Store(StoreError::Duplicate)) => {
                let there = self.look().venue(id).await?;
                same_or_conflict(&facts.fields(), facts_of(&there).fields(), there.version)
            }
            made => made,
        }
    }

    /// Changes a venue over the version that was shown. Hours cannot leave out a session that is still to be held.
    pub async fn save_venue(&self, id: VenueId, version: i64, facts: VenueFacts) -> Result<(), ServiceError> {
        self.allow_service("venues.manage").await?;
        self.change("venue.saved", |work| {
            let facts = facts.clone();
            async move {
                let mut venue = work.venue(id).await?;
                still_open(venue.closed_ms, "venue")?;
                if venue.version != version || facts_of(&venue) == facts {
                    same_or_conflict(&facts.fields(), facts_of(&venue).fields(), venue.version)?;
                    work.changed("venue", id.0, venue.version);
                    return Ok(());
                }
                let rooms = rooms_of(&work, id).await?;
                let outside = self.booked_in(&work, &rooms, |booked| {
                    !lies_within(&facts.open, booked.slot.day, booked.slot.start_minute, booked.slot.end_minute)
                });
                match outside.await? {
                    0 => {}
                    count => {
                        return Err(ServiceError::rule(
                            "venue.booked_outside_hours",
                            format!(
                                "{} booked there outside these hours. Move or cancel them first, or keep the hours",
                                sessions_are(count)
                            ),
                        ));
                    }
                }
                VenueFacts {
                    name: venue.name,
                    area: venue.area,
                    address: venue.address,
                    directions: venue.directions,
                    open: venue.open,
                } = facts;
                work.save_venue(&mut venue).await?;
                Ok(())
            }
        })
        .await
    }

    /// Closes a venue for good, with its rooms. Refused while sessions are still to be held there.
    pub async fn close_venue(&self, id: VenueId) -> Result<(), ServiceError> {
        self.allow_service("venues.manage").await?;
        let now_ms = self.now_ms();
        self.change("venue.closed", |work| async move {
            let mut venue = work.venue(id).await?;
            if venue.closed_ms.is_some() {
                work.changed("venue", id.0, venue.version);
                return Ok(());
            }
            let rooms = rooms_of(&work, id).await?;
            self.nothing_booked_in(&work, &rooms, "venue").await?;
            for mut room in work.rooms().await?.into_iter().filter(|room| room.venue == id && room.closed_ms.is_none())
            {
                room.closed_ms = Some(now_ms);
                work.save_room(&mut room).await?;
            }
            venue.closed_ms = Some(now_ms);
            work.save_venue(&mut venue).await?;
            Ok(())
        })
        .await
    }

    /// Makes a room. `id` was made when the form was shown: sending it twice makes one room.
    pub async fn create_room(&self, venue: VenueId, id: RoomId, facts: RoomFacts) -> Result<(), ServiceError> {
        self.allow_service("venues.manage").await?;
        let made = self
            .change("room.created", |work| {
                let RoomFacts { name, features } = facts.clone();
                async move {
                    still_open(work.venue(venue).await?.closed_ms, "venue")?;
                    let mut room = Room { id, version: 0, venue, name, features, closed_ms: None };
                    work.insert_room(&mut room).await?;
                    Ok(())
                }
            })
            .await;
        match made {
            Err(ServiceError::Store(StoreError::Duplicate)) => {
                let there = self.look().room(id).await?;
                same_or_conflict(&facts.fields(), facts_of_room(&there).fields(), there.version)
            }
            made => made,
        }
    }

    /// Changes a room over the version that was shown.
    pub async fn save_room(&self, id: RoomId, version: i64, facts: RoomFacts) -> Result<(), ServiceError> {
        self.allow_service("venues.manage").await?;
        self.change("room.saved", |work| {
            let facts = facts.clone();
            async move {
                let mut room = work.room(id).await?;
                still_open(room.closed_ms, "room")?;
                if room.version != version || facts_of_room(&room) == facts {
                    same_or_conflict(&facts.fields(), facts_of_room(&room).fields(), room.version)?;
                    work.changed("room", id.0, room.version);
                    return Ok(());
                }
                RoomFacts { name: room.name, features: room.features } = facts;
                work.save_room(&mut room).await?;
                Ok(())
            }
        })
        .await
    }

    /// Closes a room for good. Refused while sessions are still to be held there.
    pub async fn close_room(&self, id: RoomId) -> Result<(), ServiceError> {
        self.allow_service("venues.manage").await?;
        let now_ms = self.now_ms();
        self.change("room.closed", |work| async move {
            let mut room = work.room(id).await?;
            if room.closed_ms.is_some() {
                work.changed("room", id.0, room.version);
                return Ok(());
            }
            self.nothing_booked_in(&work, &[id], "room").await?;
            room.closed_ms = Some(now_ms);
            work.save_room(&mut room).await?;
            Ok(())
        })
        .await
    }

    /// How many sessions of `wanted` are still to be held in these rooms. Asked inside the change, so that nobody books
    /// in between.
    async fn booked_in(
        &self,
        work: &Work,
        rooms: &[RoomId],
        wanted: impl Fn(&kith_store::Booked) -> bool,
    ) -> Result<usize, ServiceError> {
        let today = calendar::day_number(self.service.today());
        let booked = work.diary_of_rooms(rooms, today, today + BOOK_AHEAD_DAYS).await?;
        Ok(to_come(booked, self.now_ms()).iter().filter(|booked| wanted(booked)).count())
    }

    async fn nothing_booked_in(&self, work: &Work, rooms: &[RoomId], what: &str) -> Result<(), ServiceError> {
        match self.booked_in(work, rooms, |_| true).await? {
            0 => Ok(()),
            count => Err(ServiceError::rule(
                "venue.still_booked",
                format!(
                    "{} still booked there. Move or cancel them in the diary first, then close the {what}",
                    sessions_are(count)
                ),
            )),
        }
    }
}

async fn rooms_of(work: &Work, venue: VenueId) -> Result<Vec<RoomId>, ServiceError> {
    Ok(work.rooms().await?.into_iter().filter(|room| room.venue == venue).map(|room| room.id).collect())
}

fn still_open(closed_ms: Option<i64>, what: &str) -> Result<(), ServiceError> {
    match closed_ms {
        None => Ok(()),
        Some(_) => Err(ServiceError::rule("venue.closed", format!("This {what} is closed, so it cannot be changed"))),
    }
}

/// A venue as its form reads it.
pub fn facts_of(venue: &Venue) -> VenueFacts {
    VenueFacts {
        name: venue.name.clone(),
        area: venue.area.clone(),
        address: venue.address.clone(),
        directions: venue.directions.clone(),
        open: venue.open,
    }
}

fn facts_of_room(room: &Room) -> RoomFacts {
    RoomFacts { name: room.name.clone(), features: room.features.clone() }
}

/// What is there already is no conflict: the same form was sent twice.
fn same_or_conflict(mine: &Fields, theirs: Fields, version: i64) -> Result<(), ServiceError> {
    if mine.differences(&theirs).is_empty() {
        return Ok(());
    }
    Err(ServiceError::Conflict { theirs: Box::new(theirs), version })
}
