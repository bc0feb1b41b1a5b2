//! Signing a record.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use kith_domain::calendar;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::SessionId;
use kith_domain::record::RecordState;
use kith_domain::session::SessionState;
use kith_service::ServiceError;
use kith_service::record::{RecordView, Signing};

use super::{Under, attendance_rows, corrected, under_headings};
use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Page, render, render_with, see_other};

#[derive(Template)]
#[template(path = "record/sign.html")]
struct SignPage {
    page: Page,
    id: SessionId,
    child: String,
    when: String,
    late: bool,
    late_hint: String,
    again: bool,
    in_progress: bool,
    ended: String,
    written: String,
    attendance: Vec<[String; 5]>,
    corrected: Vec<String>,
    headings: Vec<Under>,
    form: FormView,
}

async fn page(signed: &Signed, id: SessionId, form: FormView) -> Result<SignPage, WebError> {
    let view = signed.delivery().record(id).await?;
    if !view.may_sign {
        return Err(
            ServiceError::rule("record.not_to_sign", "This record is signed already, or is not yours to sign").into()
        );
    }
    let page = Page::new(signed, "Sign the record", "/my-day").back(format!("/sessions/{id}/record"));
    Ok(SignPage {
        page: page.with_error(form.has_problems()),
        id,
        child: view.names(),
        when: view.session.slot.label(),
        late: view.overdue,
        late_hint: format!(
            "It was to be signed by {}. The reason stands beside your signature",
            calendar::long_instant(view.record.due_ms)
        ),
        again: view.record.state == RecordState::Returned,
        in_progress: view.session.state == SessionState::InProgress,
        ended: ended(&view),
        written: view.written_words(),
        corrected: corrected(&view),
        attendance: attendance_rows(&view),
        headings: under_headings(&view),
        form,
    })
}

/// How and when the session ended, in words.
fn ended(view: &RecordView) -> String {
    let times = view.held().map(|held| format!(", {held}")).unwrap_or_default();
    format!("{}{times}", view.outcome())
}

/// GET /sessions/{id}/record/sign
pub(crate) async fn ask(signed: Signed, Path(id): Path<SessionId>) -> Answer {
    render(&page(&signed, id, FormView::default()).await?)
}

/// POST /sessions/{id}/record/sign
pub(crate) async fn sign(Path(id): Path<SessionId>, posted: Posted) -> Answer {
    let signed = match Signing::read(&posted.fields) {
        Ok(signing) => posted.signed.delivery().sign_record(id, &signing).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    let problems = match signed {
        Ok(()) => return see_other(&format!("/sessions/{id}/record?done=signed")),
        Err(ServiceError::Invalid(problems)) => problems,
        Err(ServiceError::Refused(refusal)) => vec![Problem::new("late_reason", refusal.to_string())],
        Err(error) => return Err(error.into()),
    };
    // The reason stays; a password is never put back on a page.
    let mut typed = Fields::default();
    typed.set("late_reason", posted.fields.get("late_reason"));
    let page = page(&posted.signed, id, FormView::with(typed, problems)).await?;
    render_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}
