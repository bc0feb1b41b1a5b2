//! Venues with their opening hours.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::VenueId;
use kith_domain::venue::VenueFacts;
use kith_service::ServiceError;
use kith_service::venue::{VenueView, facts_of};
use uuid::Uuid;

use super::{ClosePage, Day, areas, days, desk, readable_week, week_words};
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::ui::{FormView, Html, Options, Page, compare, render, render_with, see_other};

pub(super) const HERE: &str = "/admin/venues";

#[derive(Template)]
#[template(path = "admin/venues.html")]
struct ListPage {
    page: Page,
    rows: Vec<Row>,
}

struct Row {
    to: String,
    name: String,
    area: String,
    closed: bool,
    hours: Vec<String>,
    rooms: Vec<String>,
}

fn row(view: VenueView) -> Row {
    Row {
        to: format!("/admin/venues/{}", view.venue.id),
        name: view.venue.name,
        area: view.area,
        closed: view.venue.closed_ms.is_some(),
        hours: week_words(&view.venue.open),
        rooms: view.rooms.into_iter().filter(|room| room.closed_ms.is_none()).map(|room| room.name).collect(),
    }
}

/// GET /admin/venues
pub(crate) async fn list(signed: Signed, Query(done): Query<Done>) -> Answer {
    let rows = desk(&signed).venues().await?.into_iter().map(row).collect();
    render(&ListPage { page: Page::new(&signed, "Venues", HERE).with_done(done.words()), rows })
}

#[derive(Template)]
#[template(path = "admin/venue_new.html")]
struct NewPage {
    page: Page,
    id: Uuid,
    days: Vec<Day>,
    form: FormView,
    areas: Options,
}

fn new_page(signed: &Signed, id: Uuid, form: FormView) -> NewPage {
    let page = Page::new(signed, "Add a venue", HERE).back(HERE).with_error(form.has_problems());
    NewPage { page, id, days: days(&form), form, areas: areas(signed) }
}

/// GET /admin/venues/new
pub(crate) async fn new(signed: Signed) -> Answer {
    desk(&signed).venues().await?;
    render(&new_page(&signed, Uuid::now_v7(), FormView::default()))
}

/// A venue's form, with the register's areas and hours.
fn read(signed: &Signed, fields: &Fields) -> Result<VenueFacts, Vec<Problem>> {
    let register = signed.app.service.register();
    VenueFacts::read(fields, &register.area_codes(), register.opening())
}

/// POST /admin/venues
pub(crate) async fn create(posted: Posted) -> Answer {
    let desk = desk(&posted.signed);
    let Ok(id) = posted.fields.get("id").parse::<Uuid>() else {
        desk.venues().await?;
        return Err(ServiceError::NotFound.into());
    };
    let done = match read(&posted.signed, &posted.fields) {
        Ok(facts) => desk.create_venue(VenueId(id), facts).await,
        Err(problems) => desk.venues().await.and(Err(problems.into())),
    };
    match done {
        Ok(()) => see_other(&format!("/admin/venues/{id}?done=created")),
        Err(ServiceError::Invalid(problems)) => {
            let form = FormView::with(posted.fields, problems);
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &new_page(&posted.signed, id, form))
        }
        // It was made by the same form before, with other words.
        Err(ServiceError::Conflict { theirs, version }) => {
            again(&posted.signed, VenueId(id), StatusCode::CONFLICT, conflict(posted.fields, &theirs, version)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "admin/venue.html")]
struct ShowPage {
    page: Page,
    id: VenueId,
    name: String,
    area: String,
    closed: bool,
    hours: Vec<String>,
    rooms: Vec<RoomRow>,
    days: Vec<Day>,
    form: FormView,
    areas: Options,
    conflict: Html,
    version: i64,
}

struct RoomRow {
    to: String,
    name: String,
    features: String,
    closed: bool,
}

/// What the administrator is in the middle of when the page is shown again.
#[derive(Default)]
struct Typed {
    form: Option<FormView>,
    conflict: Html,
    version: Option<i64>,
    done: Option<&'static str>,
}

fn show_page(signed: &Signed, view: VenueView, typed: Typed) -> ShowPage {
    let wrong = typed.form.as_ref().is_some_and(FormView::has_problems);
    let form = typed.form.unwrap_or_else(|| FormView::new(facts_of(&view.venue).fields()));
    let room = |room: kith_store::Room| RoomRow {
        to: format!("/admin/rooms/{}", room.id),
        name: room.name,
        features: room.features,
        closed: room.closed_ms.is_some(),
    };
    ShowPage {
        page: Page::new(signed, "Venue", HERE).back(HERE).with_error(wrong).with_done(typed.done),
        id: view.venue.id,
        hours: week_words(&view.venue.open),
        name: view.venue.name,
        area: view.area,
        closed: view.venue.closed_ms.is_some(),
        rooms: view.rooms.into_iter().map(room).collect(),
        days: days(&form),
        form,
        areas: areas(signed),
        conflict: typed.conflict,
        version: typed.version.unwrap_or(view.venue.version),
    }
}

/// GET /admin/venues/{id}
pub(crate) async fn show(signed: Signed, Path(id): Path<VenueId>, Query(done): Query<Done>) -> Answer {
    let view = desk(&signed).venue(id).await?;
    render(&show_page(&signed, view, Typed { done: done.words(), ..Typed::default() }))
}

/// Shows the venue again with what was typed and what is wrong with it.
async fn again(signed: &Signed, id: VenueId, status: StatusCode, typed: Typed) -> Answer {
    let view = desk(signed).venue(id).await?;
    render_with(status, &show_page(signed, view, typed))
}

/// What somebody else saved meanwhile, beside what was typed.
fn conflict(mine: Fields, theirs: &Fields, version: i64) -> Typed {
    let readable = |fields: &Fields| {
        let mut rows = vec![
            ("Name".to_owned(), fields.get("name").to_owned()),
            ("Area".to_owned(), fields.get("area").to_owned()),
            ("Address".to_owned(), fields.get("address").to_owned()),
            ("How to get there".to_owned(), fields.get("directions").to_owned()),
        ];
        rows.extend(readable_week(fields));
        rows
    };
    let conflict = compare(&mine, theirs, readable);
    Typed { form: Some(FormView::new(mine)), conflict, version: Some(version), ..Typed::default() }
}

/// POST /admin/venues/{id}
pub(crate) async fn save(Path(id): Path<VenueId>, posted: Posted) -> Answer {
    let version = posted.fields.get("version").parse().unwrap_or(0);
    let done = match read(&posted.signed, &posted.fields) {
        Ok(facts) => desk(&posted.signed).save_venue(id, version, facts).await,
        Err(problems) => Err(problems.into()),
    };
    let (status, problems) = match done {
        Ok(()) => return see_other(&format!("/admin/venues/{id}?done=saved")),
        Err(ServiceError::Conflict { theirs, version }) => {
            let typed = conflict(posted.fields, &theirs, version);
            return again(&posted.signed, id, StatusCode::CONFLICT, typed).await;
        }
        Err(ServiceError::Invalid(problems)) => (StatusCode::UNPROCESSABLE_ENTITY, problems),
        // Sessions stand in the way of these hours: they can be typed again.
        Err(ServiceError::Refused(refusal)) => {
            (StatusCode::CONFLICT, vec![Problem::new("open-1", refusal.to_string())])
        }
        Err(error) => return Err(error.into()),
    };
    let form = Some(FormView::with(posted.fields, problems));
    again(&posted.signed, id, status, Typed { form, version: Some(version), ..Typed::default() }).await
}

/// GET /admin/venues/{id}/close
pub(crate) async fn ask_close(signed: Signed, Path(id): Path<VenueId>) -> Answer {
    let venue = desk(&signed).venue(id).await?.venue;
    let to = format!("/admin/venues/{id}");
    if venue.closed_ms.is_some() {
        return see_other(&to);
    }
    let page = ClosePage {
        page: Page::new(&signed, "Close this venue", HERE).back(&to),
        name: venue.name,
        text: "The venue is closed for good, with all its rooms. It cannot be closed while sessions are still to be held there. Records of sessions held there stay as they are.",
        action: format!("{to}/close"),
        button: "Close the venue",
    };
    page.answer()
}

/// POST /admin/venues/{id}/close
pub(crate) async fn close(Path(id): Path<VenueId>, posted: Posted) -> Answer {
    desk(&posted.signed).close_venue(id).await?;
    see_other(&format!("/admin/venues/{id}?done=closed"))
}
