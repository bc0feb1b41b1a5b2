//! Venues, rooms and the working hours of supervisors: no personal data, so nothing is sealed.

use kith_domain::ids::{AccountId, RoomId, VenueId};
use kith_domain::session::{Hours, Week};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::save_plain;
use crate::entity::{room, shift, venue};
use crate::{Look, StoreError, Work, row};

/// A venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Venue {
    /// Its id.
    pub id: VenueId,
    /// Its version.
    pub version: i64,
    /// Name.
    pub name: String,
    /// Area it lies in.
    pub area: String,
    /// Address, one line each.
    pub address: Option<String>,
    /// How to get there.
    pub directions: Option<String>,
    /// Opening hours.
    pub open: Week,
    /// When it was closed for good, UTC milliseconds.
    pub closed_ms: Option<i64>,
}

/// A room of a venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// Its id.
    pub id: RoomId,
    /// Its version.
    pub version: i64,
    /// Of which venue.
    pub venue: VenueId,
    /// Name.
    pub name: String,
    /// What is special about it, in words.
    pub features: String,
    /// When it was closed for good, UTC milliseconds.
    pub closed_ms: Option<i64>,
}

/// Working hours of a supervisor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// Whose.
    pub account: AccountId,
    /// When.
    pub week: Week,
}

impl Venue {
    fn model(&self) -> Result<venue::Model, StoreError> {
        let open =
            serde_json::to_string(&self.open).map_err(|_| StoreError::Corrupt { table: "venue", row: self.id.0 })?;
        Ok(venue::Model {
            id: self.id.0,
            version: self.version,
            name: self.name.clone(),
            area: self.area.clone(),
            address: self.address.clone(),
            directions: self.directions.clone(),
            open,
            closed_at: self.closed_ms,
        })
    }

    fn of(model: venue::Model) -> Result<Self, StoreError> {
        let open =
            serde_json::from_str(&model.open).map_err(|_| StoreError::Corrupt { table: "venue", row: model.id })?;
        Ok(Self {
            id: VenueId(model.id),
            version: model.version,
            name: model.name,
            area: model.area,
            address: model.address,
            directions: model.directions,
            open,
            closed_ms: model.closed_at,
        })
    }
}

impl Room {
    fn model(&self) -> room::Model {
        room::Model {
            id: self.id.0,
            version: self.version,
            venue_id: self.venue.0,
            name: self.name.clone(),
            features: self.features.clone(),
            closed_at: self.closed_ms,
        }
    }

    fn of(model: room::Model) -> Self {
        Self {
            id: RoomId(model.id),
            version: model.version,
            venue: VenueId(model.venue_id),
            name: model.name,
            features: model.features,
            closed_ms: model.closed_at,
        }
    }
}

impl Look {
    /// Every venue by name, closed ones too.
    pub async fn venues(&self) -> Result<Vec<Venue>, StoreError> {
        let models = venue::Entity::find().order_by_asc(venue::Column::Name).all(&self.db()).await?;
        models.into_iter().map(Venue::of).collect()
    }

    /// A venue.
    pub async fn venue(&self, id: VenueId) -> Result<Venue, StoreError> {
        Venue::of(venue::Entity::find_by_id(id.0).one(&self.db()).await?.ok_or(StoreError::NotFound)?)
    }

    /// Every room by name, closed ones too.
    pub async fn rooms(&self) -> Result<Vec<Room>, StoreError> {
        let models = room::Entity::find().order_by_asc(room::Column::Name).all(&self.db()).await?;
        Ok(models.into_iter().map(Room::of).collect())
    }

    /// A room.
    pub async fn room(&self, id: RoomId) -> Result<Room, StoreError> {
        room::Entity::find_by_id(id.0).one(&self.db()).await?.map(Room::of).ok_or(StoreError::NotFound)
    }

    /// Working hours of every supervisor who has any.
    pub async fn shifts(&self) -> Result<Vec<Shift>, StoreError> {
        let models = shift::Entity::find().order_by_asc(shift::Column::AccountId).all(&self.db()).await?;
        let mut shifts: Vec<Shift> = Vec::new();
        for model in models {
            let account = AccountId(model.account_id);
            let at = shifts.iter().position(|shift| shift.account == account).unwrap_or_else(|| {
                shifts.push(Shift { account, week: [None; 6] });
                shifts.len() - 1
            });
            let day = usize::try_from(model.weekday - 1).ok().and_then(|index| shifts[at].week.get_mut(index));
            if let Some(day) = day {
                *day = Some(Hours { start_minute: model.start_minute, end_minute: model.end_minute });
            }
        }
        Ok(shifts)
    }

    /// Working hours of one supervisor; no hours when none are set.
    pub async fn shift(&self, account: AccountId) -> Result<Shift, StoreError> {
        let all = self.shifts().await?;
        Ok(all.into_iter().find(|shift| shift.account == account).unwrap_or(Shift { account, week: [None; 6] }))
    }
}

impl Work {
    /// Puts in a venue.
    pub async fn insert_venue(&self, venue: &mut Venue) -> Result<(), StoreError> {
        venue.version = 1;
        let model = venue.model()?;
        self.wrote(venue.id.0, 1, &model);
        row::insert(&self.db(), model).await
    }

    /// Saves a venue over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_venue(&self, venue: &mut Venue) -> Result<(), StoreError> {
        let read = venue.version;
        venue.version += 1;
        let model = venue.model()?;
        self.wrote(venue.id.0, venue.version, &model);
        save_plain(&self.db(), model, venue::Column::Version, read).await
    }

    /// Puts in a room.
    pub async fn insert_room(&self, room: &mut Room) -> Result<(), StoreError> {
        room.version = 1;
        let model = room.model();
        self.wrote(room.id.0, 1, &model);
        row::insert(&self.db(), model).await
    }

    /// Saves a room over the version that was read. [`StoreError::Conflict`] if somebody else saved meanwhile.
    pub async fn save_room(&self, room: &mut Room) -> Result<(), StoreError> {
        let read = room.version;
        room.version += 1;
        let model = room.model();
        self.wrote(room.id.0, room.version, &model);
        save_plain(&self.db(), model, room::Column::Version, read).await
    }

    /// Sets the working hours of a supervisor.
    pub async fn set_shift(&self, shift: &Shift) -> Result<(), StoreError> {
        shift::Entity::delete_many().filter(shift::Column::AccountId.eq(shift.account.0)).exec(&self.db()).await?;
        let day = |(weekday, hours): (i64, Option<Hours>)| {
            let Hours { start_minute, end_minute } = hours?;
            Some(shift::Model { account_id: shift.account.0, weekday, start_minute, end_minute })
        };
        let week: Vec<shift::Model> = (1_i64..).zip(shift.week).filter_map(day).collect();
        self.wrote_all(shift.account.0, &week);
        for model in week {
            row::insert(&self.db(), model).await?;
        }
        Ok(())
    }
}
