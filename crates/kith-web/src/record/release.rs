//! Releasing a record without a signature.

use axum::extract::Path;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::SessionId;
use kith_service::ServiceError;

use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Page, ReasonPage, see_other};

fn again(reason: &str, problems: Vec<Problem>) -> FormView {
    let mut fields = Fields::default();
    fields.set("reason", reason);
    FormView::with(fields, problems)
}

/// What is wrong, where the person can mend it.
fn wrong(error: ServiceError) -> Result<Vec<Problem>, ServiceError> {
    match error {
        ServiceError::Invalid(problems) => Ok(problems),
        ServiceError::Refused(refusal) => Ok(vec![Problem::new("reason", refusal.words)]),
        error => Err(error),
    }
}

fn release_page(signed: &Signed, id: SessionId, form: FormView) -> Answer {
    let page = ReasonPage {
        page: Page::new(signed, "Release a record without a signature", "/reviews").back(format!("/sessions/{id}")),
        form,
        action: format!("/sessions/{id}/record/release"),
        text: "For a record whose supervisor will not sign it any more. It is locked as it stands, can be read, and is marked everywhere as not signed.",
        name: "reason",
        label: "Why is it released?",
        hint: "For example, the supervisor has left the service",
        button: "Release it",
    };
    page.answer()
}

/// GET /sessions/{id}/record/release
pub(crate) async fn ask_release(signed: Signed, Path(id): Path<SessionId>) -> Answer {
    signed.delivery().session(id).await?;
    release_page(&signed, id, FormView::default())
}

/// POST /sessions/{id}/record/release
pub(crate) async fn release(Path(id): Path<SessionId>, posted: Posted) -> Answer {
    let reason = posted.fields.get("reason");
    match posted.signed.delivery().release_record(id, reason).await {
        Ok(()) => see_other(&format!("/sessions/{id}/record?done=released")),
        Err(error) => release_page(&posted.signed, id, again(reason, wrong(error)?)),
    }
}
