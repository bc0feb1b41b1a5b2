//! The phone call: the item in question, answers, corrections, attempts, the decision despite.

mod show;
#[cfg(test)]
mod tests;

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use kith_domain::form::{Fields, Problem, Words};
use kith_domain::ids::ReferralId;
use kith_domain::verification::{CallFacts, Item, Outcome};
use kith_service::ServiceError;
use kith_service::verification::ANSWERED_MEANWHILE;
use serde::Deserialize;

use self::show::{Asked, page};
use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::answers::of_item;
use crate::referral::forms::fields_of_item;
use crate::referral::list::Done;
use crate::ui::{FormView, Html, Page, render, render_with, see_other};

/// Which item the page shows, by its code.
#[derive(Deserialize, Default)]
pub(crate) struct Which {
    /// The one that was chosen.
    #[serde(default)]
    item: String,
    /// Else the one that waits after this.
    #[serde(default)]
    after: String,
}

/// GET /referrals/{id}/verification
pub(crate) async fn show(
    signed: Signed,
    Path(id): Path<ReferralId>,
    Query(which): Query<Which>,
    Query(done): Query<Done>,
) -> Answer {
    let (item, after) = (Item::from_code(&which.item), Item::from_code(&which.after));
    render(&page(&signed, id, Asked { item, after, done: done.words(), ..Asked::default() }).await?)
}

/// To what is asked next after an item.
fn after(id: ReferralId, done: &str, code: &str) -> Answer {
    see_other(&format!("/referrals/{id}/verification?after={code}&done={done}#item"))
}

/// POST /referrals/{id}/verification: take it up.
pub(crate) async fn begin(Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    posted.signed.delivery().begin_verification(id).await?;
    see_other(&format!("/referrals/{id}/verification"))
}

/// POST /referrals/{id}/verification/take: take the call up from a colleague.
pub(crate) async fn take(Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    posted.signed.delivery().take_call(id).await?;
    see_other(&format!("/referrals/{id}/verification?done=call-taken"))
}

/// POST /referrals/{id}/verification/call
pub(crate) async fn call(Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    let now_ms = posted.signed.app.service.now_ms();
    let kept = match CallFacts::read(&posted.fields, now_ms) {
        Ok(call) => posted.signed.delivery().record_call(id, &call).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    match kept {
        Ok(()) => see_other(&format!("/referrals/{id}/verification?done=call")),
        Err(ServiceError::Invalid(problems)) => {
            let call_form = FormView::with(posted.fields, problems);
            let page = page(&posted.signed, id, Asked { call_form, ..Asked::default() }).await?;
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// POST /referrals/{id}/verification/override
pub(crate) async fn accept_despite(Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    let label = "Why it may be accepted although something is not known";
    let decided = match Words::read(&posted.fields, "reason", label) {
        Ok(reason) => posted.signed.delivery().accept_despite(id, &reason).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    match decided {
        Ok(()) => see_other(&format!("/referrals/{id}/verification?done=overridden")),
        Err(ServiceError::Invalid(problems)) => {
            let override_form = FormView::with(posted.fields, problems);
            let page = page(&posted.signed, id, Asked { override_form, ..Asked::default() }).await?;
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// How many answers whoever answers has seen, as the form says it.
fn seen(fields: &Fields) -> Option<usize> {
    fields.get("seen").parse().ok()
}

/// POST /referrals/{id}/verification/items/{item}/answer
pub(crate) async fn answer(Path((id, code)): Path<(ReferralId, String)>, posted: Posted) -> Answer {
    let item = Item::from_code(&code).ok_or(ServiceError::NotFound)?;
    let outcome = Outcome::from_code(posted.fields.get("outcome")).ok_or(ServiceError::NotFound)?;
    match posted.signed.delivery().answer_item(id, item, outcome, seen(&posted.fields)).await {
        Ok(()) => after(id, "answered", &code),
        Err(ServiceError::Refused(refusal)) if refusal.code == ANSWERED_MEANWHILE => {
            let meanwhile = Some(refusal.to_string());
            let page = page(&posted.signed, id, Asked { item: Some(item), meanwhile, ..Asked::default() }).await?;
            render_with(StatusCode::CONFLICT, &page)
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "verification/correct.html")]
struct CorrectPage {
    page: Page,
    form: FormView,
    action: String,
    fields: Html,
    title: String,
    question: &'static str,
    seen: usize,
    /// Why the correction was not kept, and what stands there now.
    meanwhile: Option<(String, Vec<(String, String)>)>,
}

/// What was typed, with what is wrong with it or why it was not kept.
struct Typed {
    fields: Fields,
    problems: Vec<Problem>,
    meanwhile: Option<String>,
}

async fn correct_page(
    signed: &Signed,
    id: ReferralId,
    code: &str,
    typed: Option<Typed>,
) -> Result<CorrectPage, WebError> {
    let item = Item::from_code(code).ok_or(ServiceError::NotFound)?;
    let view = signed.delivery().verification(id).await?;
    let now = item.section_of(&view.form).ok_or(ServiceError::NotFound)?;
    let (form, meanwhile) = match typed {
        Some(Typed { fields, problems, meanwhile }) => {
            let meanwhile = meanwhile.map(|why| (why, of_item(item, &now, &view.form)));
            (FormView::with(fields, problems), meanwhile)
        }
        None => (FormView::new(now), None),
    };
    let held = signed.app.service.register().items();
    let fields = fields_of_item(item, &form, &view.form, held);
    let page = Page::new(signed, "Correct what the form says", "/referrals");
    let wrong = form.has_problems() || meanwhile.is_some();
    Ok(CorrectPage {
        page: page.back(format!("/referrals/{id}/verification?item={code}#item")).with_error(wrong),
        form,
        action: format!("/referrals/{id}/verification/items/{code}"),
        fields,
        title: item.title(&view.form),
        question: item.question(),
        seen: view.verification.answers_to(item).count(),
        meanwhile,
    })
}

/// GET /referrals/{id}/verification/items/{item}
pub(crate) async fn correction(signed: Signed, Path((id, code)): Path<(ReferralId, String)>) -> Answer {
    render(&correct_page(&signed, id, &code, None).await?)
}

/// POST /referrals/{id}/verification/items/{item}
pub(crate) async fn correct(Path((id, code)): Path<(ReferralId, String)>, posted: Posted) -> Answer {
    let item = Item::from_code(&code).ok_or(ServiceError::NotFound)?;
    let Posted { signed, fields } = posted;
    let (status, problems, meanwhile) = match signed.delivery().correct_item(id, item, &fields, seen(&fields)).await {
        Ok(()) => return after(id, "corrected", &code),
        Err(ServiceError::Invalid(problems)) => (StatusCode::UNPROCESSABLE_ENTITY, problems, None),
        Err(ServiceError::Refused(refusal)) if refusal.code == ANSWERED_MEANWHILE => {
            (StatusCode::CONFLICT, Vec::new(), Some(refusal.to_string()))
        }
        Err(error) => return Err(error.into()),
    };
    let page = correct_page(&signed, id, &code, Some(Typed { fields, problems, meanwhile })).await?;
    render_with(status, &page)
}
