//! Rooms of a venue.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use kith_domain::form::Fields;
use kith_domain::ids::{RoomId, VenueId};
use kith_domain::venue::RoomFacts;
use kith_service::ServiceError;
use kith_service::venue::VenueView;
use kith_store::Room;
use uuid::Uuid;

use super::venues::HERE;
use super::{ClosePage, desk};
use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::ui::{FormView, Html, Page, compare, render, render_with, see_other};

#[derive(Template)]
#[template(path = "admin/room_new.html")]
struct NewPage {
    page: Page,
    venue: VenueId,
    venue_name: String,
    id: Uuid,
    form: FormView,
}

fn new_page(signed: &Signed, view: VenueView, id: Uuid, form: FormView) -> NewPage {
    let venue = view.venue.id;
    let page = Page::new(signed, "Add a room", HERE).back(format!("/admin/venues/{venue}"));
    NewPage { page: page.with_error(form.has_problems()), venue, venue_name: view.venue.name, id, form }
}

/// GET /admin/venues/{id}/rooms/new
pub(crate) async fn new(signed: Signed, Path(venue): Path<VenueId>) -> Answer {
    let view = desk(&signed).venue(venue).await?;
    if view.venue.closed_ms.is_some() {
        return see_other(&format!("/admin/venues/{venue}"));
    }
    render(&new_page(&signed, view, Uuid::now_v7(), FormView::default()))
}

/// POST /admin/venues/{id}/rooms
pub(crate) async fn create(Path(venue): Path<VenueId>, posted: Posted) -> Answer {
    let desk = desk(&posted.signed);
    let view = desk.venue(venue).await?;
    let id: Uuid = posted.fields.get("id").parse().map_err(|_| ServiceError::NotFound)?;
    let done = match RoomFacts::read(&posted.fields) {
        Ok(facts) => desk.create_room(venue, RoomId(id), facts).await,
        Err(problems) => Err(problems.into()),
    };
    match done {
        Ok(()) => see_other(&format!("/admin/venues/{venue}?done=created")),
        Err(ServiceError::Invalid(problems)) => {
            let form = FormView::with(posted.fields, problems);
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &new_page(&posted.signed, view, id, form))
        }
        // It was made by the same form before, with other words.
        Err(ServiceError::Conflict { theirs, version }) => {
            again(&posted.signed, RoomId(id), StatusCode::CONFLICT, conflict(posted.fields, &theirs, version)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "admin/room.html")]
struct ShowPage {
    page: Page,
    id: RoomId,
    name: String,
    venue_name: String,
    features: String,
    closed: bool,
    form: FormView,
    conflict: Html,
    version: i64,
}

/// What the administrator is in the middle of when the page is shown again.
#[derive(Default)]
struct Typed {
    form: Option<FormView>,
    conflict: Html,
    version: Option<i64>,
    done: Option<&'static str>,
}

/// A room with the name of its venue.
async fn find(signed: &Signed, id: RoomId) -> Result<(Room, String), WebError> {
    let venues = desk(signed).venues().await?;
    let of = |view: VenueView| {
        let name = view.venue.name;
        view.rooms.into_iter().find(|room| room.id == id).map(|room| (room, name))
    };
    Ok(venues.into_iter().find_map(of).ok_or(ServiceError::NotFound)?)
}

async fn again(signed: &Signed, id: RoomId, status: StatusCode, typed: Typed) -> Answer {
    let (room, venue_name) = find(signed, id).await?;
    let wrong = typed.form.as_ref().is_some_and(FormView::has_problems);
    let page = Page::new(signed, "Room", HERE).back(format!("/admin/venues/{}", room.venue));
    let fields = || RoomFacts { name: room.name.clone(), features: room.features.clone() }.fields();
    let page = ShowPage {
        page: page.with_error(wrong).with_done(typed.done),
        id,
        venue_name,
        closed: room.closed_ms.is_some(),
        form: typed.form.unwrap_or_else(|| FormView::new(fields())),
        conflict: typed.conflict,
        version: typed.version.unwrap_or(room.version),
        name: room.name,
        features: room.features,
    };
    render_with(status, &page)
}

/// What somebody else saved meanwhile, beside what was typed.
fn conflict(mine: Fields, theirs: &Fields, version: i64) -> Typed {
    let readable = |fields: &Fields| {
        vec![
            ("Name".to_owned(), fields.get("name").to_owned()),
            ("What the room has".to_owned(), fields.get("features").to_owned()),
        ]
    };
    let conflict = compare(&mine, theirs, readable);
    Typed { form: Some(FormView::new(mine)), conflict, version: Some(version), ..Typed::default() }
}

/// GET /admin/rooms/{id}
pub(crate) async fn show(signed: Signed, Path(id): Path<RoomId>, Query(done): Query<Done>) -> Answer {
    again(&signed, id, StatusCode::OK, Typed { done: done.words(), ..Typed::default() }).await
}

/// POST /admin/rooms/{id}
pub(crate) async fn save(Path(id): Path<RoomId>, posted: Posted) -> Answer {
    let version = posted.fields.get("version").parse().unwrap_or(0);
    let done = match RoomFacts::read(&posted.fields) {
        Ok(facts) => desk(&posted.signed).save_room(id, version, facts).await,
        Err(problems) => Err(problems.into()),
    };
    match done {
        Ok(()) => see_other(&format!("/admin/rooms/{id}?done=saved")),
        Err(ServiceError::Invalid(problems)) => {
            let form = Some(FormView::with(posted.fields, problems));
            let typed = Typed { form, version: Some(version), ..Typed::default() };
            again(&posted.signed, id, StatusCode::UNPROCESSABLE_ENTITY, typed).await
        }
        Err(ServiceError::Conflict { theirs, version }) => {
            again(&posted.signed, id, StatusCode::CONFLICT, conflict(posted.fields, &theirs, version)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// GET /admin/rooms/{id}/close
pub(crate) async fn ask_close(signed: Signed, Path(id): Path<RoomId>) -> Answer {
    let (room, venue_name) = find(&signed, id).await?;
    let to = format!("/admin/rooms/{id}");
    if room.closed_ms.is_some() {
        return see_other(&to);
    }
    let page = ClosePage {
        page: Page::new(&signed, "Close this room", HERE).back(&to),
        name: format!("{}, {venue_name}", room.name),
        text: "The room is closed for good. It cannot be closed while sessions are still to be held there. Records of sessions held there stay as they are.",
        action: format!("{to}/close"),
        button: "Close the room",
    };
    page.answer()
}

/// POST /admin/rooms/{id}/close
pub(crate) async fn close(Path(id): Path<RoomId>, posted: Posted) -> Answer {
    desk(&posted.signed).close_room(id).await?;
    see_other(&format!("/admin/rooms/{id}?done=closed"))
}
