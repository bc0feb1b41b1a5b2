//! The children of a session: who is in it, who could join, and taking one off.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::{ChildId, SessionId};
use kith_service::ServiceError;
use kith_service::session::{AddChild, Sibling, TakeOff};

use super::change::changeable;
use super::here;
use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Options, Page, render, render_with, see_other};

#[derive(Template)]
#[template(path = "session/children.html")]
struct ChildrenPage {
    page: Page,
    id: SessionId,
    child: String,
    when: String,
    version: i64,
    form: FormView,
    there: Vec<(ChildId, String)>,
    could: Options,
    elsewhere: Vec<String>,
}

/// Children to choose from, each with the line of the plan; and in words those whom this person may not book.
pub(super) fn siblings(all: &[Sibling]) -> (Options, Vec<String>) {
    let may = all.iter().filter(|of| of.may.is_ok());
    let options = may.map(|of| (of.under.code(), format!("{} ({})", of.name, of.line))).collect();
    let mut elsewhere: Vec<String> = all
        .iter()
        .filter_map(|of| of.may.as_ref().err().map(|area| (of, area)))
        .map(|(of, area)| {
            format!("{} sees one of the same people too, and is of {area}. Speak to the coordinator there", of.name)
        })
        .collect();
    elsewhere.dedup();
    (options, elsewhere)
}

async fn page(signed: &Signed, id: SessionId, form: FormView) -> Result<ChildrenPage, WebError> {
    let view = changeable(signed, id).await?;
    let (could, elsewhere) = siblings(&signed.delivery().could_join(id).await?);
    let page = Page::new(signed, "Children of a session", here(signed)).back(format!("/sessions/{id}"));
    Ok(ChildrenPage {
        page: page.with_error(form.has_problems()),
        id,
        child: view.names(),
        when: view.session.slot.label(),
        version: view.session.version,
        form,
        there: view.children.iter().map(|of| (of.place.child, of.name.clone())).collect(),
        could,
        elsewhere,
    })
}

/// GET /sessions/{id}/children
pub(crate) async fn ask(signed: Signed, Path(id): Path<SessionId>) -> Answer {
    render(&page(&signed, id, FormView::default()).await?)
}

fn version(fields: &Fields) -> i64 {
    fields.get("version").parse().unwrap_or(0)
}

/// POST /sessions/{id}/children/add
pub(crate) async fn add(Path(id): Path<SessionId>, posted: Posted) -> Answer {
    let done = match AddChild::read(&posted.fields) {
        Ok(add) => posted.signed.delivery().add_child(id, version(&posted.fields), &add).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    done_or_why_not(posted, id, done, "under").await
}

/// POST /sessions/{id}/children/take-off
pub(crate) async fn take_off(Path(id): Path<SessionId>, posted: Posted) -> Answer {
    let done = match TakeOff::read(&posted.fields) {
        Ok(off) => posted.signed.delivery().take_child_off(id, version(&posted.fields), &off).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    done_or_why_not(posted, id, done, "child").await
}

async fn done_or_why_not(posted: Posted, id: SessionId, done: Result<(), ServiceError>, field: &str) -> Answer {
    let problems = match done {
        Ok(()) => return see_other(&format!("/sessions/{id}?done=saved")),
        Err(ServiceError::Invalid(problems)) => problems,
        Err(ServiceError::Refused(refusal)) => vec![Problem::new(field, refusal.to_string())],
        Err(error) => return Err(error.into()),
    };
    let form = FormView::with(posted.fields, problems);
    render_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&posted.signed, id, form).await?)
}
