//! Pages of sessions: proposed, booked, looked at before walking in, changed; the diary and a supervisor's day.

pub(crate) mod book;
pub(crate) mod change;
pub(crate) mod children;
pub(crate) mod diary;
pub(crate) mod my_day;
pub(crate) mod propose;
pub(crate) mod refuse;
pub(crate) mod show;
pub(crate) mod stand_in;

#[cfg(test)]
mod tests;

use jiff::civil::Date;
use kith_domain::access::Role;
use kith_domain::calendar;
use kith_domain::session::Slot;
use kith_service::session::Proposals;

use crate::person::Signed;
use crate::ui::Options;

/// The part of the service that sessions belong to for this person.
pub(crate) fn here(signed: &Signed) -> &'static str {
    match signed.role() {
        Role::Supervisor => "/my-day",
        Role::SocialWorker => "/children",
        _ => "/diary",
    }
}

/// `10:00–11:30`
pub(crate) fn times(slot: Slot) -> String {
    format!("{}–{}", calendar::clock(slot.start_minute), calendar::clock(slot.end_minute))
}

/// A day of an address; what is no day is today.
pub(crate) fn day_or_today(text: &str, signed: &Signed) -> Date {
    text.parse().unwrap_or_else(|_| signed.app.service.today())
}

/// The rooms of the area to choose from.
pub(crate) fn rooms(proposals: &Proposals) -> Options {
    let rooms = proposals.rooms.iter();
    rooms.map(|choice| (choice.room.id.to_string(), format!("{}, {}", choice.room.name, choice.venue))).collect()
}

/// The supervisors of the area to choose from.
pub(crate) fn supervisors(proposals: &Proposals) -> Options {
    proposals.supervisors.iter().map(|card| (card.id.to_string(), card.name.clone())).collect()
}
