//! The teams, venues, rooms and working hours.

use kith_domain::access::{Actor, Purpose, Role};
use kith_domain::account::AccountFacts;
use kith_domain::form::Fields;
use kith_domain::ids::{AccountId, RoomId, VenueId};
use kith_domain::venue::{RoomFacts, VenueFacts, read_working_hours};
use kith_store::{AccountState, Credentials};
use uuid::Uuid;

use super::{Colleague, DemoLogin, Filling, PASSWORD};
use crate::ServiceError;
use crate::password::hash_password;
use crate::sign_in::new_totp_secret;

/// Role, area, sign-in name, name, last figures of the phone number.
const STAFF: &[(Role, &str, &str, &str, &str)] = &[
    (Role::SocialWorker, "north", "megan", "Megan Hollis-Ward", "201"),
    (Role::SocialWorker, "north", "tunde", "Tunde Akinsola", "202"),
    (Role::SocialWorker, "south", "ffion", "Ffion Brandreth", "203"),
    (Role::Coordinator, "north", "ruth", "Ruth Calloway", "211"),
    (Role::Coordinator, "south", "imran", "Imran Sadiqi", "212"),
    (Role::Supervisor, "north", "dilys", "Dilys Farthing", "221"),
    (Role::Supervisor, "north", "marek", "Marek Olszany", "222"),
    (Role::Supervisor, "north", "grace", "Grace Obuasi", "223"),
    (Role::Supervisor, "south", "callum", "Callum Reddish", "224"),
    (Role::Supervisor, "south", "nadia", "Nadia Benyettou", "225"),
    (Role::Supervisor, "south", "joan", "Joan Whitlam", "226"),
    (Role::Manager, "north", "helen", "Helen Strudwick", "231"),
    (Role::Manager, "south", "patrick", "Patrick Onslowe", "232"),
    (Role::DataProtection, "", "anjali", "Anjali Mistree", "241"),
    (Role::DataProtection, "", "bryn", "Bryn Hallowes", "242"),
    (Role::Auditor, "", "gordon", "Gordon Peake", "251"),
    (Role::Administrator, "", "sam", "Sam Tilbrook", "261"),
];

/// Where contact takes place.
struct Place {
    area: &'static str,
    name: &'static str,
    address: &'static str,
    directions: &'static str,
    /// Rooms with what is special about them.
    rooms: &'static [(&'static str, &'static str)],
}

/// Where sessions take place.
const VENUES: &[Place] = &[
    Place {
        area: "north",
        name: "Elm House",
        address: "Elm House\n41 Sallow Road\nNenebridge",
        directions: "Bus 7 or 12 to Sallow Road. Parking behind the house. Ring at the green door; somebody comes.",
        rooms: &[
            ("Willow", "baby corner, garden door"),
            ("Hazel", "observation window"),
            ("Rowan", "sensory lights"),
            ("Kitchen", "cooking, step-free"),
        ],
    },
    Place {
        area: "north",
        name: "Canal Street Centre",
        address: "Canal Street Centre\nCanal Street\nNenebridge",
        directions: "Ten minutes on foot from the station, along the canal. The side entrance is step-free.",
        rooms: &[("Lock", "step-free, side entrance"), ("Towpath", "outdoor play")],
    },
    Place {
        area: "south",
        name: "The Old Library",
        address: "The Old Library\nMarket Place\nSouthwell Cross",
        directions: "Buses stop in the Market Place. There is no parking but for blue badges.",
        rooms: &[
            ("Atlas", "observation window"),
            ("Fable", "baby corner"),
            ("Almanac", "step-free"),
            ("Garden room", "outdoor play, side entrance"),
        ],
    },
];

/// Everybody and everywhere.
pub(crate) struct House {
    pub(crate) logins: Vec<DemoLogin>,
    staff: Vec<(Role, &'static str, Colleague)>,
    rooms: Vec<(&'static str, RoomId)>,
}

impl House {
    /// Everybody who works here.
    pub(crate) fn everybody(&self) -> impl Iterator<Item = &Colleague> {
        self.staff.iter().map(|(_, _, colleague)| colleague)
    }

    /// Those of a role in an area, in order.
    pub(crate) fn of(&self, role: Role, area: &str) -> Vec<Colleague> {
        let of = self.staff.iter().filter(|(their, in_area, _)| *their == role && *in_area == area);
        of.map(|(_, _, colleague)| colleague.clone()).collect()
    }

    /// The one of a role in an area, counted round.
    pub(crate) fn one(&self, role: Role, area: &str, index: usize) -> Result<Colleague, ServiceError> {
        let of = self.of(role, area);
        of.get(index % of.len().max(1)).cloned().ok_or(ServiceError::Broken("the demo has nobody in a role"))
    }

    /// A room of an area, counted round.
    pub(crate) fn room(&self, area: &str, index: usize) -> Result<RoomId, ServiceError> {
        let of: Vec<RoomId> =
            self.rooms.iter().filter(|(in_area, _)| *in_area == area).map(|(_, room)| *room).collect();
        of.get(index % of.len().max(1)).copied().ok_or(ServiceError::Broken("the demo has no room in an area"))
    }
}

fn week(prefixes: (&str, &str), saturday_to: &str) -> Fields {
    let mut fields = Fields::default();
    for day in 1..=6 {
        fields.set(format!("{}-{day}", prefixes.0), "09:00");
        fields.set(format!("{}-{day}", prefixes.1), if day == 6 { saturday_to } else { "19:00" });
    }
    fields
}

/// Builds it.
pub(crate) async fn build(filling: &Filling<'_>) -> Result<House, ServiceError> {
    filling.at(filling.days_before(super::PAST_DAYS), 8 * 60);
    let service = filling.service;
    // One hash for everybody: Argon2 is slow on purpose.
    let hash = hash_password(PASSWORD.to_owned()).await?;
    let own = service.own_desk(Purpose::Administration);
    let mut house = House { logins: Vec::new(), staff: Vec::new(), rooms: Vec::new() };
    for &(role, area, login, name, phone) in STAFF {
        let id = AccountId(Uuid::now_v7());
        let totp_secret = new_totp_secret()?;
        let credentials = Credentials {
            password_hash: Some(hash.clone()),
            totp_secret: Some(totp_secret.clone()),
            ..Credentials::default()
        };
        let facts = AccountFacts {
            name: name.to_owned(),
            login: login.to_owned(),
            role,
            area: area.to_owned(),
            phone: format!("01632 960 {phone}"),
            email: format!("{login}@nenedale.example"),
        };
        own.put_account(id, facts, AccountState::Active, credentials).await?;
        let login = DemoLogin {
            role,
            name: name.to_owned(),
            login: login.to_owned(),
            password: PASSWORD.to_owned(),
            totp_secret,
        };
        house.logins.push(login);
        house.staff.push((role, area, Colleague { id, actor: Actor::staff(id, role, area) }));
    }
    let administrator = house.one(Role::Administrator, "", 0)?;
    let desk = filling.desk(&administrator, Purpose::Administration);
    for Place { area, name, address, directions, rooms } in VENUES {
        let venue = VenueId(Uuid::now_v7());
        let mut fields = week(("open", "close"), "17:00");
        for (field, text) in [("name", name), ("area", area), ("address", address), ("directions", directions)] {
            fields.set(field, *text);
        }
        let register = service.register();
        let facts = VenueFacts::read(&fields, &register.area_codes(), register.opening())?;
        desk.create_venue(venue, facts).await?;
        for &(name, features) in *rooms {
            let room = RoomId(Uuid::now_v7());
            let facts = RoomFacts { name: name.to_owned(), features: features.to_owned() };
            desk.create_room(venue, room, facts).await?;
            house.rooms.push((area, room));
        }
    }
    let shifts = read_working_hours(&week(("open", "close"), "17:00"), service.register().opening())?;
    for hours in desk.working_hours().await? {
        desk.set_working_hours(hours.card.id, &hours.code(), shifts).await?;
    }
    Ok(house)
}
