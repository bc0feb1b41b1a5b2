//! Moving and cancelling a session.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::SessionId;
use kith_domain::session::{CancelReason, CancelledBy};
use kith_service::ServiceError;
use kith_service::session::{Booking, Proposals, SessionView};

use super::book::{booking_fields, readable};
use super::here;
use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Html, Options, Page, compare, render, render_with, see_other};

#[derive(Template)]
#[template(path = "session/cancel.html")]
struct CancelPage {
    page: Page,
    id: SessionId,
    child: String,
    when: String,
    form: FormView,
    by: Options,
    reasons: Options,
}

fn codes(all: impl Iterator<Item = (&'static str, &'static str)>) -> Options {
    all.map(|(code, words)| (code.to_owned(), words.to_owned())).collect()
}

async fn cancel_page(signed: &Signed, id: SessionId, form: FormView) -> Result<CancelPage, WebError> {
    let view = changeable(signed, id).await?;
    let page = Page::new(signed, "Cancel a session", here(signed)).back(format!("/sessions/{id}"));
    Ok(CancelPage {
        page: page.with_error(form.has_problems()),
        id,
        child: view.names(),
        when: view.session.slot.label(),
        form,
        by: codes(CancelledBy::ALL.iter().map(|by| (by.code(), by.label()))),
        reasons: codes(CancelReason::ALL.iter().map(|reason| (reason.code(), reason.label()))),
    })
}

/// The session, for who may change it.
async fn changeable(signed: &Signed, id: SessionId) -> Result<SessionView, WebError> {
    let view = signed.delivery().session(id).await?;
    if view.may_change { Ok(view) } else { Err(ServiceError::Forbidden.into()) }
}

/// GET /sessions/{id}/cancel
pub(crate) async fn ask_cancel(signed: Signed, Path(id): Path<SessionId>) -> Answer {
    render(&cancel_page(&signed, id, FormView::default()).await?)
}

/// POST /sessions/{id}/cancel
pub(crate) async fn cancel(Path(id): Path<SessionId>, posted: Posted) -> Answer {
    match posted.signed.delivery().cancel_session(id, &posted.fields).await {
        Ok(()) => see_other(&format!("/sessions/{id}?done=cancelled")),
        Err(ServiceError::Invalid(problems)) => {
            let form = FormView::with(posted.fields, problems);
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &cancel_page(&posted.signed, id, form).await?)
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "session/move.html")]
struct MovePage {
    page: Page,
    id: SessionId,
    child: String,
    when: String,
    version: i64,
    conflict: Html,
    form: FormView,
    fields: Html,
}

async fn choices(signed: &Signed, view: &SessionView) -> Result<Proposals, WebError> {
    let (session, day) = (&view.session, view.session.slot.day);
    let place = session.places().next().ok_or(ServiceError::NotFound)?;
    Ok(signed.delivery().propose_sessions(place.plan, place.arrangement, day, day).await?)
}

/// The page, with what was typed and what is wrong with it; `theirs` is what somebody else saved meanwhile.
async fn move_page(
    signed: &Signed,
    id: SessionId,
    typed: Option<(Fields, Vec<Problem>)>,
    theirs: Option<(Fields, i64)>,
) -> Result<MovePage, WebError> {
    let view = changeable(signed, id).await?;
    let proposals = choices(signed, &view).await?;
    let (fields, problems) = typed.unwrap_or_else(|| (Booking::of(&view.session).fields(), Vec::new()));
    let conflict = theirs
        .as_ref()
        .map(|(theirs, _)| compare(&fields, theirs, |fields| readable(fields, &proposals)))
        .unwrap_or_default();
    let form = FormView::with(fields, problems);
    let page = Page::new(signed, "Move a session", here(signed)).back(format!("/sessions/{id}"));
    Ok(MovePage {
        page: page.with_error(form.has_problems() || theirs.is_some()),
        id,
        child: view.names(),
        when: view.session.slot.label(),
        version: theirs.map_or(view.session.version, |(_, version)| version),
        conflict,
        fields: booking_fields(&form, &proposals),
        form,
    })
}

/// GET /sessions/{id}/move
pub(crate) async fn ask_move(signed: Signed, Path(id): Path<SessionId>) -> Answer {
    render(&move_page(&signed, id, None, None).await?)
}

/// POST /sessions/{id}/move
pub(crate) async fn move_it(Path(id): Path<SessionId>, posted: Posted) -> Answer {
    let version = posted.fields.get("version").parse().unwrap_or(0);
    let typed = posted.fields.only(|name| name != "version");
    let signed = &posted.signed;
    let problems = match signed.delivery().move_session(id, version, &typed).await {
        Ok(()) => return see_other(&format!("/sessions/{id}?done=moved")),
        Err(ServiceError::Conflict { theirs, version }) => {
            let page = move_page(signed, id, Some((typed, Vec::new())), Some((*theirs, version))).await?;
            return render_with(StatusCode::CONFLICT, &page);
        }
        Err(ServiceError::Invalid(problems)) => problems,
        Err(ServiceError::Refused(refusal)) => vec![Problem::new("day", refusal.to_string())],
        Err(error) => return Err(error.into()),
    };
    render_with(StatusCode::UNPROCESSABLE_ENTITY, &move_page(signed, id, Some((typed, problems)), None).await?)
}
