//! A supervisor says from a session's page that they must not have the family.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use kith_domain::allocation::{Refuse, WhyRefused};
use kith_domain::ids::SessionId;
use kith_service::ServiceError;

use super::here;
use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Options, Page, pairs, render, render_with, see_other};

#[derive(Template)]
#[template(path = "session/refuse.html")]
struct RefusePage {
    page: Page,
    id: SessionId,
    child: String,
    when: String,
    several: bool,
    /// Whether a record was begun.
    begun: bool,
    form: FormView,
    whys: Options,
}

async fn page(signed: &Signed, id: SessionId, form: FormView) -> Result<RefusePage, WebError> {
    let view = signed.delivery().session(id).await?;
    if !view.may_run {
        return Err(ServiceError::NotFound.into());
    }
    let page = Page::new(signed, "I must not have this family", here(signed)).back(format!("/sessions/{id}"));
    Ok(RefusePage {
        page: page.with_error(form.has_problems()),
        id,
        child: view.names(),
        when: view.session.slot.label(),
        several: view.children.len() > 1,
        begun: view.record.is_some(),
        form,
        whys: pairs(WhyRefused::CHOICES),
    })
}

/// GET /sessions/{id}/refuse
pub(crate) async fn ask(signed: Signed, Path(id): Path<SessionId>) -> Answer {
    render(&page(&signed, id, FormView::default()).await?)
}

/// POST /sessions/{id}/refuse
pub(crate) async fn refuse(Path(id): Path<SessionId>, posted: Posted) -> Answer {
    let me = posted.signed.actor().account.ok_or(ServiceError::NotFound)?;
    let done = match Refuse::of_oneself(&posted.fields, me) {
        Ok(command) => posted.signed.delivery().refuse_family(id, &command).await,
        Err(problems) => Err(problems.into()),
    };
    match done {
        Ok(()) => see_other("/?done=refused"),
        Err(ServiceError::Invalid(problems)) => {
            let page = page(&posted.signed, id, FormView::with(posted.fields, problems)).await?;
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}
