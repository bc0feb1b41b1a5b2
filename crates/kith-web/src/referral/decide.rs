//! Sending, withdrawing, returning, declining and accepting a referral.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use kith_domain::ids::ReferralId;
use kith_service::ServiceError;

use super::list::answers_with;
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Html, Page, render, render_with, see_other};

/// POST /referrals/{id}/submit
pub(crate) async fn submit(Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    let desk = posted.signed.delivery();
    match desk.submit_referral(id).await {
        Ok(()) => see_other(&format!("/referrals/{id}?done=submitted")),
        Err(ServiceError::Invalid(problems)) => {
            let view = desk.referral(id).await?;
            let to = |code: &str| {
                if code == "family" {
                    format!("/referrals/{id}/family/new")
                } else {
                    format!("/referrals/{id}/sections/{code}")
                }
            };
            let problems = problems.into_iter().map(|problem| (to(&problem.field), problem.message)).collect();
            answers_with(&posted.signed, &view, problems)
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "referral/reason.html")]
struct ReasonPage {
    page: Page,
    form: FormView,
    action: String,
    label: &'static str,
    hint: &'static str,
    /// Whether it ends the referral: then it is asked for how long it is kept.
    ends: bool,
    button: &'static str,
}

impl ReasonPage {
    /// Whether the child is looked after, which decides for how long the referral is kept.
    fn looked_after(&self) -> Html {
        let hint = "It decides for how long this referral is kept: like the file of a looked-after child unless you answer “No”";
        let options = [("yes", "Yes"), ("no", "No"), ("not_known", "Not known")]
            .map(|(code, label)| (code.to_owned(), label.to_owned()));
        self.form.radios("looked_after", "Is the child looked after by the council?", hint, options.to_vec())
    }
}

/// The words of a decision that needs a reason.
fn words(decision: &str) -> Option<(&'static str, &'static str, &'static str, &'static str)> {
    Some(match decision {
        "withdraw" => ("Withdraw this referral", "Why do you withdraw it?", "", "Withdraw it"),
        "return" => (
            "Return this referral for information",
            "What is needed?",
            "The social worker reads this. They can change the form and send it again",
            "Return it",
        ),
        "decline" => ("Decline this referral", "Why is it declined?", "The social worker reads this", "Decline it"),
        _ => return None,
    })
}

fn page(signed: &Signed, id: ReferralId, decision: &str, form: FormView) -> Result<ReasonPage, ServiceError> {
    let (title, label, hint, button) = words(decision).ok_or(ServiceError::NotFound)?;
    let page = Page::new(signed, title, "/referrals").back(format!("/referrals/{id}")).with_error(form.has_problems());
    let ends = decision != "return";
    Ok(ReasonPage { page, form, action: format!("/referrals/{id}/{decision}"), label, hint, ends, button })
}

/// GET /referrals/{id}/withdraw, /return, /decline
pub(crate) async fn ask(signed: Signed, Path((id, decision)): Path<(ReferralId, String)>) -> Answer {
    signed.delivery().referral(id).await?;
    render(&page(&signed, id, &decision, FormView::default())?)
}

/// POST /referrals/{id}/withdraw, /return, /decline
pub(crate) async fn decide(Path((id, decision)): Path<(ReferralId, String)>, posted: Posted) -> Answer {
    let desk = posted.signed.delivery();
    let (decided, done) = match decision.as_str() {
        "withdraw" => (desk.withdraw_referral(id, &posted.fields).await, "withdrawn"),
        "return" => (desk.return_referral(id, &posted.fields).await, "returned"),
        "decline" => (desk.decline_referral(id, &posted.fields).await, "declined"),
        _ => return Err(ServiceError::NotFound.into()),
    };
    match decided {
        Ok(()) => see_other(&format!("/referrals/{id}?done={done}")),
        Err(ServiceError::Invalid(problems)) => {
            let form = FormView::with(posted.fields, problems);
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&posted.signed, id, &decision, form)?)
        }
        Err(error) => Err(error.into()),
    }
}

/// POST /referrals/{id}/accept
pub(crate) async fn accept(Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    let child = posted.signed.delivery().accept_referral(id).await?;
    see_other(&format!("/children/{child}?done=accepted"))
}
