//! Putting somebody in the place of one of the staff of a session; letting it be written up late.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::SessionId;
use kith_domain::session::Seat;
use kith_service::ServiceError;
use kith_service::session::{StandIn, StandIns};

use super::here;
use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Html, Options, Page, compare, render, render_with, see_other};

#[derive(Template)]
#[template(path = "session/stand_in.html")]
struct StandInPage {
    page: Page,
    id: SessionId,
    child: String,
    when: String,
    version: i64,
    conflict: Html,
    form: FormView,
    seats: Options,
    supervisors: Options,
}

fn readable(fields: &Fields, staff: &StandIns) -> Vec<(String, String)> {
    let seat = Seat::from_code(fields.get("seat")).map_or("", Seat::label);
    let who = staff.supervisors.iter().find(|card| card.id.to_string() == fields.get("who"));
    [("In the place of", seat), ("Who stands in", who.map_or("", |card| &card.name)), ("Why", fields.get("why"))]
        .map(|(label, value)| (label.to_owned(), value.to_owned()))
        .into()
}

async fn page(
    signed: &Signed,
    id: SessionId,
    typed: Option<(Fields, Vec<Problem>)>,
    theirs: Option<(Fields, i64)>,
) -> Result<StandInPage, WebError> {
    let staff = signed.delivery().stand_ins(id).await?;
    let view = signed.delivery().session(id).await?;
    let (fields, problems) =
        typed.unwrap_or_else(|| ([("seat", Seat::First.code())].into_iter().collect(), Vec::new()));
    let conflict =
        theirs.as_ref().map(|(theirs, _)| compare(&fields, theirs, |of| readable(of, &staff))).unwrap_or_default();
    let form = FormView::with(fields, problems);
    let page = Page::new(signed, "Put in a stand-in", here(signed)).back(format!("/sessions/{id}"));
    let seats = staff.seats.iter();
    Ok(StandInPage {
        page: page.with_error(form.has_problems() || theirs.is_some()),
        id,
        child: view.names(),
        when: view.session.slot.label(),
        version: theirs.map_or(view.session.version, |(_, version)| version),
        conflict,
        form,
        seats: seats.map(|(seat, name)| (seat.code().to_owned(), format!("{name}: {}", seat.label()))).collect(),
        supervisors: staff.supervisors.iter().map(|card| (card.id.to_string(), card.name.clone())).collect(),
    })
}

/// GET /sessions/{id}/stand-in
pub(crate) async fn ask(signed: Signed, Path(id): Path<SessionId>) -> Answer {
    render(&page(&signed, id, None, None).await?)
}

/// POST /sessions/{id}/stand-in
pub(crate) async fn stand_in(Path(id): Path<SessionId>, posted: Posted) -> Answer {
    let version = posted.fields.get("version").parse().unwrap_or(0);
    let signed = &posted.signed;
    let done = match StandIn::read(&posted.fields) {
        Ok(stand_in) => signed.delivery().stand_in(id, version, &stand_in).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    let (status, problems, theirs) = match done {
        Ok(()) => return see_other(&format!("/sessions/{id}?done=stood-in")),
        Err(ServiceError::Invalid(problems)) => (StatusCode::UNPROCESSABLE_ENTITY, problems, None),
        Err(ServiceError::Conflict { theirs, version }) => (StatusCode::CONFLICT, Vec::new(), Some((*theirs, version))),
        Err(ServiceError::Refused(refusal)) => {
            (StatusCode::CONFLICT, vec![Problem::new("who", refusal.to_string())], None)
        }
        Err(error) => return Err(error.into()),
    };
    let typed = posted.fields.only(|name| name != "version");
    render_with(status, &page(signed, id, Some((typed, problems)), theirs).await?)
}

#[derive(Template)]
#[template(path = "session/late.html")]
struct LatePage {
    page: Page,
    id: SessionId,
    child: String,
    when: String,
    form: FormView,
}

async fn late_page(signed: &Signed, id: SessionId, form: FormView) -> Result<LatePage, WebError> {
    let view = signed.delivery().session(id).await?;
    if !view.may_give_leave {
        return Err(ServiceError::Forbidden.into());
    }
    let page = Page::new(signed, "Let it be written up late", here(signed)).back(format!("/sessions/{id}"));
    let page = page.with_error(form.has_problems());
    Ok(LatePage { page, id, child: view.names(), when: view.session.slot.label(), form })
}

/// GET /sessions/{id}/late
pub(crate) async fn ask_late(signed: Signed, Path(id): Path<SessionId>) -> Answer {
    render(&late_page(&signed, id, FormView::default()).await?)
}

/// POST /sessions/{id}/late
pub(crate) async fn late(Path(id): Path<SessionId>, posted: Posted) -> Answer {
    let problems = match posted.signed.delivery().let_write_up(id, posted.fields.get("why")).await {
        Ok(()) => return see_other(&format!("/sessions/{id}?done=saved")),
        Err(ServiceError::Invalid(problems)) => problems,
        Err(ServiceError::Refused(refusal)) => vec![Problem::new("why", refusal.to_string())],
        Err(error) => return Err(error.into()),
    };
    let form = FormView::with(posted.fields.clone(), problems);
    render_with(StatusCode::UNPROCESSABLE_ENTITY, &late_page(&posted.signed, id, form).await?)
}
