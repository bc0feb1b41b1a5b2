//! Moving and cancelling a session.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::SessionId;
use kith_domain::session::{CancelReason, CancelledBy, Cancelling, set_told};
use kith_service::ServiceError;
use kith_service::session::{Booking, Correction, Proposals, SessionView};

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
    version: i64,
    conflict: Html,
    form: FormView,
    by: Options,
    reasons: Options,
    /// What stands now, if this corrects it; otherwise the session is cancelled.
    stands: Option<String>,
    right: Options,
}

fn codes(all: impl Iterator<Item = (&'static str, &'static str)>) -> Options {
    all.map(|(code, words)| (code.to_owned(), words.to_owned())).collect()
}

/// A cancellation as typed, with labels and words for reading.
fn said(fields: &Fields) -> Vec<(String, String)> {
    let by = CancelledBy::from_code(fields.get("by")).map_or("", CancelledBy::label);
    let reason = CancelReason::from_code(fields.get("reason")).map_or("", CancelReason::label);
    let told = ["told-day", "told-month", "told-year", "told_at"].map(|name| fields.get(name));
    [
        ("Who cancelled", by.to_owned()),
        ("Why", reason.to_owned()),
        ("Note", fields.get("note").to_owned()),
        ("Replacement offered", fields.get("replacement").to_owned()),
        ("When the service was told", told.join(" ").trim().to_owned()),
    ]
    .into_iter()
    .map(|(label, value)| (label.to_owned(), value))
    .collect()
}

/// The page, with what was typed and what is wrong with it; `theirs` is what somebody else said meanwhile.
async fn cancel_page(
    signed: &Signed,
    id: SessionId,
    correct: bool,
    typed: Option<(Fields, Vec<Problem>)>,
    theirs: Option<(Fields, i64)>,
) -> Result<CancelPage, WebError> {
    let view = changeable(signed, id).await?;
    let there = view.session.body.cancellation.as_ref();
    let conflict = theirs.as_ref().zip(typed.as_ref());
    let conflict = conflict.map(|((theirs, _), (mine, _))| compare(mine, theirs, said)).unwrap_or_default();
    let (fields, problems) = typed.unwrap_or_else(|| {
        let mut fields = there.map(kith_domain::session::Cancellation::fields).unwrap_or_default();
        if there.is_none() {
            set_told(&mut fields, signed.app.service.now_ms());
        }
        (fields, Vec::new())
    });
    // What somebody else said first is corrected, if it is to be said otherwise.
    let correct = correct || theirs.is_some();
    let form = FormView::with(fields, problems);
    let title = if correct { "Correct a cancellation" } else { "Cancel a session" };
    let page = Page::new(signed, title, here(signed)).back(format!("/sessions/{id}"));
    Ok(CancelPage {
        page: page.with_error(form.has_problems() || theirs.is_some()),
        id,
        child: view.names(),
        when: view.session.slot.label(),
        version: theirs.map_or(view.session.version, |(_, version)| version),
        conflict,
        form,
        by: codes(CancelledBy::ALL.iter().map(|by| (by.code(), by.label()))),
        reasons: codes(CancelReason::ALL.iter().map(|reason| (reason.code(), reason.label()))),
        stands: correct.then(|| view.past.last().map(|last| last.words.clone()).unwrap_or_default()),
        right: codes(
            [
                ("cancelled", "It was cancelled, but not as it stands here"),
                ("stands", "It was not cancelled: it takes place"),
                ("void", "It was entered in error, such as when the time was booked again: it counts for nothing"),
            ]
            .into_iter(),
        ),
    })
}

/// The session, for who may change it.
pub(super) async fn changeable(signed: &Signed, id: SessionId) -> Result<SessionView, WebError> {
    let view = signed.delivery().session(id).await?;
    if view.may_change { Ok(view) } else { Err(ServiceError::Forbidden.into()) }
}

/// GET /sessions/{id}/cancel
pub(crate) async fn ask_cancel(signed: Signed, Path(id): Path<SessionId>) -> Answer {
    render(&cancel_page(&signed, id, false, None, None).await?)
}

/// POST /sessions/{id}/cancel
pub(crate) async fn cancel(Path(id): Path<SessionId>, posted: Posted) -> Answer {
    let version = posted.fields.get("version").parse().unwrap_or(0);
    let done = match Cancelling::read(&posted.fields) {
        Ok(said) => posted.signed.delivery().cancel_session(id, version, &said).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    said_or_why_not(&posted, id, false, done, "cancelled").await
}

/// GET /sessions/{id}/correct
pub(crate) async fn ask_correct(signed: Signed, Path(id): Path<SessionId>) -> Answer {
    render(&cancel_page(&signed, id, true, None, None).await?)
}

/// POST /sessions/{id}/correct
pub(crate) async fn correct(Path(id): Path<SessionId>, posted: Posted) -> Answer {
    let version = posted.fields.get("version").parse().unwrap_or(0);
    let done = match Correction::read(&posted.fields) {
        Ok(correction) => posted.signed.delivery().correct_cancellation(id, version, &correction).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    said_or_why_not(&posted, id, true, done, "corrected").await
}

/// The session's page when it is done, otherwise the form again with what stands against it.
async fn said_or_why_not(
    posted: &Posted,
    id: SessionId,
    correct: bool,
    done: Result<(), ServiceError>,
    words: &str,
) -> Answer {
    let typed = posted.fields.only(|name| name != "version");
    let (status, problems, theirs) = match done {
        Ok(()) => return see_other(&format!("/sessions/{id}?done={words}")),
        Err(ServiceError::Invalid(problems)) => (StatusCode::UNPROCESSABLE_ENTITY, problems, None),
        Err(ServiceError::Conflict { theirs, version }) => (StatusCode::CONFLICT, Vec::new(), Some((*theirs, version))),
        Err(ServiceError::Refused(refusal)) => {
            (StatusCode::CONFLICT, vec![Problem::new(if correct { "right" } else { "by" }, refusal.to_string())], None)
        }
        Err(error) => return Err(error.into()),
    };
    render_with(status, &cancel_page(&posted.signed, id, correct, Some((typed, problems)), theirs).await?)
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
    let moved = match Booking::read(&typed) {
        Ok(booking) => signed.delivery().move_session(id, version, booking).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    let problems = match moved {
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
