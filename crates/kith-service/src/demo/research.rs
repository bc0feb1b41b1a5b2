//! Planning: a manager has asked for figures, and the data protection officer is to decide. Invented.

use jiff::ToSpan;
use kith_domain::access::{Purpose, Role};
use kith_domain::form::Fields;
use kith_domain::ids::ResearchId;
use kith_domain::research::RequestFacts;
use uuid::Uuid;

use super::Filling;
use super::house::House;
use crate::ServiceError;

/// Asks.
pub(super) async fn ask(filling: &Filling<'_>, house: &House) -> Result<(), ServiceError> {
    filling.at(filling.today, 9 * 60 + 27);
    let manager = house.one(Role::Manager, "north", 0)?;
    let first = filling.today.first_of_month();
    let mut typed: Fields = [
        ("title", "Evening sessions, by area"),
        ("for_what", "planning"),
        ("question", "Whether each venue needs a room that is open after five."),
        ("with", "The managers of both areas, on the council’s own drive."),
        ("shape", "table"),
        ("unit", "sessions"),
        ("rows", "part_of_day"),
        ("columns", "area"),
    ]
    .into_iter()
    .collect();
    typed.set_date("from", first.saturating_sub(3.months()));
    typed.set_date("until", first.saturating_sub(1.day()));
    typed.set_date("expires_on", filling.today.saturating_add(60.days()));
    let service = filling.service;
    let facts =
        RequestFacts::read(&typed, filling.today, |of| service.is_counted(of)).map_err(ServiceError::Invalid)?;
    let desk = filling.desk(&manager, Purpose::ServicePlanning);
    desk.ask_for_figures(ResearchId(Uuid::now_v7()), &facts).await
}
