//! The terms of an order: added, corrected, taken out.

use askama::Template;
use axum::extract::Path;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::{OrderId, TermId};
use kith_domain::order::OrderTerm;
use kith_service::ServiceError;
use kith_service::order::{OrderView, PutTerm, RemoveTerm};
use uuid::Uuid;

use super::write::{CHANGED, with_reason, writable};
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{self, FormView, Options, Page, ReasonPage, render_with, see_other};

#[derive(Template)]
#[template(path = "order/term.html")]
struct TermPage {
    page: Page,
    name: String,
    words: String,
    action: String,
    version: i64,
    form: FormView,
    family: Options,
    known: bool,
    changed: &'static str,
}

fn page(signed: &Signed, view: &OrderView, term: TermId, form: FormView, changed: &'static str) -> Answer {
    let id = view.order.id;
    let known = view.order.body.order.term(term).is_some();
    let title = if known { "Correct a term" } else { "Add a term" };
    let family = view.family.iter().map(|relative| {
        let barred = if relative.relation.may_attend { "" } else { " (must not attend: letters only)" };
        (relative.person.id.to_string(), format!("{}{barred}", relative.name()))
    });
    let template = TermPage {
        page: Page::new(signed, title, "/children")
            .back(format!("/orders/{id}"))
            .with_error(form.has_problems() || !changed.is_empty()),
        name: view.children.join(", "),
        words: view.order.body.order.facts.words.clone().unwrap_or_default(),
        action: format!("/orders/{id}/terms/{term}"),
        version: view.order.version,
        family: family.collect(),
        known,
        changed,
        form,
    };
    render_with(template.form.status(changed), &template)
}

/// GET /orders/{id}/terms/new
pub(crate) async fn new_term(signed: Signed, Path(id): Path<OrderId>) -> Answer {
    let view = writable(&signed, id).await?;
    let typed: Fields = [("bound", "at_least"), ("mode", "in_person"), ("when", "always")].into_iter().collect();
    page(&signed, &view, TermId(Uuid::now_v7()), FormView::new(typed), "")
}

/// GET /orders/{id}/terms/{term}
pub(crate) async fn term(signed: Signed, Path((id, term)): Path<(OrderId, TermId)>) -> Answer {
    let view = writable(&signed, id).await?;
    let typed = view.order.body.order.term(term).ok_or(ServiceError::NotFound)?.fields();
    page(&signed, &view, term, FormView::new(typed), "")
}

/// POST /orders/{id}/terms/{term}
pub(crate) async fn put_term(Path((id, term)): Path<(OrderId, TermId)>, posted: Posted) -> Answer {
    let version = posted.fields.get("version").parse().unwrap_or(0);
    let view = writable(&posted.signed, id).await?;
    let order = &view.order.body.order;
    let read = OrderTerm::read(term, &posted.fields, &order.facts);
    let read: Result<(OrderTerm, String), Vec<Problem>> = match order.term(term) {
        Some(_) => with_reason(&posted.fields, read),
        None => read.map(|read| (read, String::new())),
    };
    let done = match read {
        Ok((term, why)) => posted.signed.delivery().put_term(id, version, &PutTerm { term, why }).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    match done {
        Ok(()) => see_other(&format!("/orders/{id}?done=saved")),
        Err(ServiceError::Invalid(problems)) => {
            page(&posted.signed, &view, term, FormView::with(posted.fields, problems), "")
        }
        Err(ServiceError::Conflict { .. }) => {
            let view = writable(&posted.signed, id).await?;
            page(&posted.signed, &view, term, FormView::new(posted.fields), CHANGED)
        }
        Err(error) => Err(error.into()),
    }
}

fn remove_page(signed: &Signed, id: OrderId, term: TermId, form: FormView) -> ReasonPage {
    ReasonPage {
        page: Page::new(signed, "Take out a term", "/children").back(format!("/orders/{id}")),
        form,
        action: format!("/orders/{id}/terms/{term}/remove"),
        text: "For a term that was written down in error. What it said is kept with the order.",
        name: "reason",
        label: "Why is it taken out?",
        hint: "",
        button: "Take it out",
    }
}

/// GET /orders/{id}/terms/{term}/remove
pub(crate) async fn ask_remove(signed: Signed, Path((id, term)): Path<(OrderId, TermId)>) -> Answer {
    let view = writable(&signed, id).await?;
    view.order.body.order.term(term).ok_or(ServiceError::NotFound)?;
    remove_page(&signed, id, term, FormView::default()).answer()
}

/// POST /orders/{id}/terms/{term}/remove
pub(crate) async fn remove(Path((id, term)): Path<(OrderId, TermId)>, posted: Posted) -> Answer {
    let view = writable(&posted.signed, id).await?;
    let command = RemoveTerm { term, why: posted.fields.get("reason").to_owned() };
    match posted.signed.delivery().remove_term(id, view.order.version, &command).await {
        Ok(()) => see_other(&format!("/orders/{id}?done=saved")),
        Err(ServiceError::Invalid(problems)) => {
            remove_page(&posted.signed, id, term, FormView::with(posted.fields, problems)).answer()
        }
        Err(error) => Err(error.into()),
    }
}
