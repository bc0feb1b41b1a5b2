//! What is done to a plan: agreed, started, suspended, resumed, ended, reviewed, followed by another like it.

use axum::extract::Path;
use kith_domain::ids::PlanId;
use kith_domain::plan::{PlanMove, PlanReview, PlanStep};
use kith_service::ServiceError;

use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Page, ReasonPage, see_other};

/// The page that asks for words before it is done; `None` for what needs none.
fn page(signed: &Signed, id: PlanId, step: &str, form: FormView) -> Result<ReasonPage, ServiceError> {
    let (title, text, name, label, hint, button) = match step {
        "agree" => (
            "Write down the agreement",
            "After this the arrangements are not changed: the plan can be followed by another.",
            "agreed_with",
            "Who agreed to the plan, and when?",
            "For example the mother and the carer on paper, 23 November; the child was asked by the social worker",
            "Keep the agreement",
        ),
        "suspend" => (
            "Suspend this plan",
            "Sessions still to come are marked to be looked at again; the coordinators and the social worker are told.",
            "reason",
            "Why is it suspended?",
            "",
            "Suspend it",
        ),
        "end" => (
            "End this plan",
            "Sessions still to come are marked to be looked at again; the coordinators and the social worker are told. It cannot be resumed.",
            "reason",
            "Why does it end?",
            "",
            "End it",
        ),
        "review" => (
            "Write down a review",
            "The next review is due from today.",
            "note",
            "Who took part, and what was decided?",
            "",
            "Keep the review",
        ),
        _ => return Err(ServiceError::NotFound),
    };
    let page = Page::new(signed, title, "/children").back(format!("/plans/{id}"));
    Ok(ReasonPage { page, form, action: format!("/plans/{id}/{step}"), text, name, label, hint, button })
}

fn move_of(step: &str) -> Option<(PlanMove, &'static str)> {
    let done = match PlanMove::from_code(step)? {
        PlanMove::Agree => "agreed",
        PlanMove::Start | PlanMove::Resume => "started",
        PlanMove::Suspend => "suspended",
        PlanMove::End => "ended",
    };
    PlanMove::from_code(step).map(|step| (step, done))
}

/// GET /plans/{id}/agree, /suspend, /end, /review
pub(crate) async fn ask(signed: Signed, Path((id, step)): Path<(PlanId, String)>) -> Answer {
    let page = page(&signed, id, &step, FormView::default())?;
    let view = signed.delivery().plan(id).await?;
    let may = move_of(&step).map_or(view.may_review, |(step, _)| view.moves.contains(&step));
    // Somebody did it meanwhile, or it is not theirs to do: the plan says how it stands.
    if may { page.answer() } else { see_other(&format!("/plans/{id}")) }
}

/// POST /plans/{id}/agree, /start, /suspend, /resume, /end, /review
pub(crate) async fn step(Path((id, step)): Path<(PlanId, String)>, posted: Posted) -> Answer {
    let desk = posted.signed.delivery();
    let (result, done) = match move_of(&step) {
        Some((plan_move, done)) => match PlanStep::read(plan_move, &posted.fields) {
            Ok(step) => (desk.move_plan(id, &step).await.map(|_| ()), done),
            Err(problems) => (Err(ServiceError::Invalid(problems)), done),
        },
        None if step == "review" => match PlanReview::read(&posted.fields) {
            Ok(note) => (desk.review_plan(id, &note).await, "reviewed"),
            Err(problems) => (Err(ServiceError::Invalid(problems)), "reviewed"),
        },
        None => return Err(ServiceError::NotFound.into()),
    };
    match result {
        Ok(()) => see_other(&format!("/plans/{id}?done={done}")),
        // Only what was typed on the page can be put right on it.
        Err(ServiceError::Invalid(problems)) => {
            desk.plan(id).await?;
            match page(&posted.signed, id, &step, FormView::with(posted.fields, problems.clone())) {
                Ok(page) if problems.iter().all(|problem| problem.field == page.name) => page.answer(),
                _ => Err(WebError::from(ServiceError::Invalid(problems))),
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// POST /plans/{id}/copy
pub(crate) async fn copy(Path(earlier): Path<PlanId>, posted: Posted) -> Answer {
    let id: PlanId = posted.fields.get("id").parse().map_err(|_| ServiceError::NotFound)?;
    let id = posted.signed.delivery().begin_plan_like(earlier, id).await?;
    see_other(&format!("/plans/{id}?done=created"))
}
