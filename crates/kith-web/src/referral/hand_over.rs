//! A referral that is not sent is handed over to a colleague.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use kith_domain::allocation::ChangeWorker;
use kith_domain::ids::ReferralId;
use kith_service::ServiceError;

use crate::allocate::team::others;
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Options, Page, render_with, see_other};

#[derive(Template)]
#[template(path = "referral/hand_over.html")]
struct HandOverPage {
    page: Page,
    id: ReferralId,
    name: String,
    form: FormView,
    workers: Options,
}

async fn page(signed: &Signed, id: ReferralId, form: FormView) -> Answer {
    let view = signed.delivery().referral(id).await?;
    if !view.may_edit {
        return Err(ServiceError::NotFound.into());
    }
    let status = if form.has_problems() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = Page::new(signed, "Hand over to a colleague", "/referrals").back(format!("/referrals/{id}"));
    let me = signed.actor().account;
    let name = Some(view.referral.body.children_names()).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| "A child without a name yet".to_owned());
    let page = page.with_error(form.has_problems());
    render_with(
        status,
        &HandOverPage { page, id, name, form, workers: me.map(|me| others(signed, me)).unwrap_or_default() },
    )
}

/// GET /referrals/{id}/hand-over
pub(crate) async fn ask(signed: Signed, Path(id): Path<ReferralId>) -> Answer {
    page(&signed, id, FormView::default()).await
}

/// POST /referrals/{id}/hand-over
pub(crate) async fn hand_over(Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    let done = match ChangeWorker::read(&posted.fields) {
        Ok(command) => posted.signed.delivery().hand_over_referral(id, &command).await,
        Err(problems) => Err(problems.into()),
    };
    match done {
        Ok(()) => see_other("/referrals"),
        Err(ServiceError::Invalid(problems)) => page(&posted.signed, id, FormView::with(posted.fields, problems)).await,
        Err(error) => Err(error.into()),
    }
}
