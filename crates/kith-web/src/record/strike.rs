//! Striking an entry out, with the reason.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::{EntryId, SessionId};
use kith_service::ServiceError;
use serde::Deserialize;
use uuid::Uuid;

use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Page, render_with, see_other};

#[derive(Template)]
#[template(path = "record/strike.html")]
struct StrikePage {
    page: Page,
    id: SessionId,
    of: EntryId,
    own: Uuid,
    when: String,
    text: String,
    form: FormView,
}

/// Which entry.
#[derive(Deserialize)]
pub(crate) struct Of {
    #[serde(default)]
    entry: String,
}

async fn page(signed: &Signed, id: SessionId, of: EntryId, own: Uuid, form: FormView) -> Answer {
    let view = signed.delivery().record(id).await?;
    let entry = view.entry(of).filter(|entry| view.may_write && entry.own).ok_or(ServiceError::NotFound)?;
    let status = if form.has_problems() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = Page::new(signed, "Strike out an entry", "/my-day").back(format!("/sessions/{id}/record"));
    let template = StrikePage {
        page: page.with_error(form.has_problems()),
        id,
        of,
        own,
        when: view.session.slot.label(),
        text: entry.text.observation.text.clone(),
        form,
    };
    render_with(status, &template)
}

/// GET /sessions/{id}/record/strike?entry=ENTRY
pub(crate) async fn ask(signed: Signed, Path(id): Path<SessionId>, Query(of): Query<Of>) -> Answer {
    let of: EntryId = of.entry.parse().map_err(|_| ServiceError::NotFound)?;
    page(&signed, id, of, Uuid::now_v7(), FormView::default()).await
}

/// POST /sessions/{id}/record/strike
pub(crate) async fn strike(Path(id): Path<SessionId>, posted: Posted) -> Answer {
    let read = |name| posted.fields.get(name).parse::<EntryId>().map_err(|_| WebError::from(ServiceError::NotFound));
    let (of, own) = (read("of")?, read("id")?);
    let reason = posted.fields.get("reason");
    let problems = match posted.signed.delivery().strike_out(id, own, of, reason).await {
        Ok(()) => return see_other(&format!("/sessions/{id}/record?done=struck-out")),
        Err(ServiceError::Invalid(problems)) => problems,
        Err(ServiceError::Refused(refusal)) => vec![Problem::new("reason", refusal.words)],
        Err(error) => return Err(error.into()),
    };
    let mut typed = Fields::default();
    typed.set("reason", reason);
    page(&posted.signed, id, of, own.0, FormView::with(typed, problems)).await
}
