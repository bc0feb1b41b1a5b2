//! Sending, withdrawing, returning, declining and accepting a referral.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use kith_domain::ids::ReferralId;
use kith_domain::referral::Ending;
use kith_domain::verification::read_own_number;
use kith_service::ServiceError;

use super::list::answers_with;
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Html, Page, render, render_with, see_other};

/// POST /referrals/{id}/submit
pub(crate) async fn submit(Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    let desk = posted.signed.delivery();
    let given = match read_own_number(&posted.fields) {
        Ok(number) => desk.give_own_number(id, number.as_deref()).await,
        Err(problems) => {
            let view = desk.referral(id).await?;
            let words = problems.iter().map(|problem| (format!("#{}", problem.field), problem.message.clone()));
            let words = words.collect();
            return answers_with(&posted.signed, &view, words, FormView::with(posted.fields, problems));
        }
    };
    let sent = match given {
        Ok(()) => desk.submit_referral(id).await,
        refused => refused,
    };
    match sent {
        Ok(()) => see_other(&format!("/referrals/{id}?done=submitted")),
        Err(ServiceError::Invalid(problems)) => {
            let view = desk.referral(id).await?;
            let to = |code: &str| match code {
                "family" => format!("/referrals/{id}/family/new"),
                of_sibling if of_sibling.contains('/') => format!("/referrals/{id}/children/{of_sibling}"),
                _ => format!("/referrals/{id}/sections/{code}"),
            };
            let problems = problems.into_iter().map(|problem| (to(&problem.field), problem.message)).collect();
            answers_with(&posted.signed, &view, problems, FormView::new(posted.fields))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "referral/reason.html")]
pub(super) struct ReasonPage {
    pub(super) page: Page,
    pub(super) heading: String,
    pub(super) form: FormView,
    pub(super) action: String,
    pub(super) label: &'static str,
    pub(super) hint: &'static str,
    /// Whether it ends the referral, or a child's part in it: then it is asked for how long it is kept.
    pub(super) ends: bool,
    pub(super) button: &'static str,
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
    let (heading, action) = (title.to_owned(), format!("/referrals/{id}/{decision}"));
    Ok(ReasonPage { page, heading, form, action, label, hint, ends, button })
}

/// GET /referrals/{id}/withdraw, /return, /decline
pub(crate) async fn ask(signed: Signed, Path((id, decision)): Path<(ReferralId, String)>) -> Answer {
    signed.delivery().referral(id).await?;
    render(&page(&signed, id, &decision, FormView::default())?)
}

/// POST /referrals/{id}/withdraw, /return, /decline
pub(crate) async fn decide(Path((id, decision)): Path<(ReferralId, String)>, posted: Posted) -> Answer {
    let desk = posted.signed.delivery();
    let read = |label| Ending::read(&posted.fields, label).map_err(ServiceError::Invalid);
    let (decided, done) = match decision.as_str() {
        "withdraw" => match read("Why you withdraw it") {
            Ok(ending) => (desk.withdraw_referral(id, &ending).await, "withdrawn"),
            Err(error) => (Err(error), ""),
        },
        "return" => match read("What is needed") {
            Ok(ending) => (desk.return_referral(id, &ending).await, "returned"),
            Err(error) => (Err(error), ""),
        },
        "decline" => match read("Why it is declined") {
            Ok(ending) => (desk.decline_referral(id, &ending).await, "declined"),
            Err(error) => (Err(error), ""),
        },
        _ => return Err(ServiceError::NotFound.into()),
    };
    match decided {
        Ok(()) => see_other(&format!("/referrals/{id}?done={done}")),
        Err(ServiceError::Invalid(problems)) => {
            desk.referral(id).await?;
            let form = FormView::with(posted.fields, problems);
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &page(&posted.signed, id, &decision, form)?)
        }
        Err(error) => Err(error.into()),
    }
}

/// POST /referrals/{id}/accept
pub(crate) async fn accept(Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    let desk = posted.signed.delivery();
    let child = desk.accept_referral(id).await?;
    if desk.referral(id).await?.referral.body.siblings.is_empty() {
        return see_other(&format!("/children/{child}?done=accepted"));
    }
    see_other(&format!("/referrals/{id}?done=accepted-all"))
}
