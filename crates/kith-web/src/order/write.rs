//! Writing an order down, correcting it, ending it.

use askama::Template;
use axum::extract::Path;
use kith_domain::document::DocumentFacts;
use kith_domain::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use kith_domain::ids::{AccountId, ChildId, OrderId};
use kith_domain::order::{OrderEnd, OrderFacts};
use kith_service::ServiceError;
use kith_service::document::Of;
use kith_service::order::{AddOrder, CorrectOrder, EndOrder, OrderView};
use uuid::Uuid;

use crate::document::taken_in;
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Options, Page, render_with, see_other};
use crate::upload::Uploaded;

/// Said when somebody else changed the order since the page was shown.
pub(super) const CHANGED: &str = "Somebody else changed this order after you opened it. What you typed is still here. Look \
                                  at the order in another tab, then save again";

#[derive(Template)]
#[template(path = "order/form.html")]
struct FormPage {
    page: Page,
    name: String,
    action: String,
    id: Uuid,
    version: i64,
    form: FormView,
    also: Options,
    new: bool,
    changed: &'static str,
}

#[derive(Template)]
#[template(path = "order/end.html")]
struct EndPage {
    page: Page,
    name: String,
    action: String,
    version: i64,
    form: FormView,
    changed: &'static str,
}

async fn new_page(signed: &Signed, child: ChildId, id: Uuid, form: FormView) -> Answer {
    let (name, also) = signed.delivery().new_order(child).await?;
    let template = FormPage {
        page: Page::new(signed, "Write down an order", "/children")
            .back(format!("/children/{child}"))
            .with_error(form.has_problems()),
        name,
        action: format!("/children/{child}/orders"),
        id,
        version: 0,
        also: also.into_iter().map(|(id, name)| (id.to_string(), name)).collect(),
        new: true,
        changed: "",
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /children/{child}/orders/new
pub(crate) async fn new(signed: Signed, Path(child): Path<ChildId>) -> Answer {
    new_page(&signed, child, Uuid::now_v7(), FormView::default()).await
}

/// POST /children/{child}/orders
pub(crate) async fn add(Path(child): Path<ChildId>, Uploaded { signed, fields, file }: Uploaded) -> Answer {
    let id: OrderId = fields.get("id").parse().map_err(|_| ServiceError::NotFound)?;
    let also = fields.all("also").iter().filter_map(|id| id.parse().ok()).filter(|other| *other != child);
    let children = [child].into_iter().chain(also).collect();
    let name = file.as_ref().map(|file| file.name.clone()).unwrap_or_default();
    let facts = OrderFacts::read(&fields, signed.app.service.today());
    let of_file = facts.clone().map(|_| DocumentFacts::sealed_order(&name));
    let added = async {
        // The file first: what is wrong with it is said while nothing is saved.
        let sealed = taken_in(&signed, Of::Child(child), &fields, file, of_file).await?;
        signed.delivery().add_order(&AddOrder { id, children, facts: facts? }, sealed.as_ref()).await
    };
    match added.await {
        Ok(_) => see_other(&format!("/orders/{id}?done=ordered")),
        Err(ServiceError::Invalid(problems)) => new_page(&signed, child, id.0, FormView::with(fields, problems)).await,
        Err(error) => Err(error.into()),
    }
}

/// The order, if this person may change it; otherwise the way back to it.
pub(super) async fn writable(signed: &Signed, id: OrderId) -> Result<OrderView, ServiceError> {
    let view = signed.delivery().order(id).await?;
    if view.may_write { Ok(view) } else { Err(ServiceError::NotFound) }
}

fn correct_page(signed: &Signed, view: &OrderView, form: FormView, changed: &'static str) -> Answer {
    let id = view.order.id;
    let template = FormPage {
        page: Page::new(signed, "Correct an order", "/children")
            .back(format!("/orders/{id}"))
            .with_error(form.has_problems() || !changed.is_empty()),
        name: view.children.join(", "),
        action: format!("/orders/{id}/correct"),
        id: id.0,
        version: view.order.version,
        also: Options::new(),
        new: false,
        changed,
        form,
    };
    render_with(template.form.status(changed), &template)
}

/// GET /orders/{id}/correct
pub(crate) async fn ask_correct(signed: Signed, Path(id): Path<OrderId>) -> Answer {
    let view = writable(&signed, id).await?;
    let form = FormView::new(view.order.body.order.facts.fields());
    correct_page(&signed, &view, form, "")
}

/// POST /orders/{id}/correct
pub(crate) async fn correct(Path(id): Path<OrderId>, posted: Posted) -> Answer {
    let version = posted.fields.get("version").parse().unwrap_or(0);
    let desk = posted.signed.delivery();
    let done = match with_reason(&posted.fields, OrderFacts::read(&posted.fields, posted.signed.app.service.today())) {
        Ok((facts, why)) => desk.correct_order(id, version, &CorrectOrder { facts, why }).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    let (problems, changed) = match done {
        Ok(()) => return see_other(&format!("/orders/{id}?done=corrected")),
        Err(ServiceError::Invalid(problems)) => (problems, ""),
        Err(ServiceError::Conflict { .. }) => (Vec::new(), CHANGED),
        Err(error) => return Err(error.into()),
    };
    let view = writable(&posted.signed, id).await?;
    correct_page(&posted.signed, &view, FormView::with(posted.fields, problems), changed)
}

/// What was read, with the reason for it; the problems of both otherwise.
pub(super) fn with_reason<T>(fields: &Fields, read: Result<T, Vec<Problem>>) -> Result<(T, String), Vec<Problem>> {
    let mut r = Reader::new(fields);
    let why = r.required("reason", "Why it is changed", LONG_TEXT_CHARS);
    let wrong = r.into_problems();
    match read {
        Ok(read) if wrong.is_empty() => Ok((read, why)),
        Ok(_) => Err(wrong),
        Err(mut problems) => {
            problems.extend(wrong);
            Err(problems)
        }
    }
}

fn end_page(signed: &Signed, view: &OrderView, form: FormView, changed: &'static str) -> Answer {
    let id = view.order.id;
    let template = EndPage {
        page: Page::new(signed, "End an order", "/children")
            .back(format!("/orders/{id}"))
            .with_error(form.has_problems() || !changed.is_empty()),
        name: view.children.join(", "),
        action: format!("/orders/{id}/end"),
        version: view.order.version,
        changed,
        form,
    };
    render_with(template.form.status(changed), &template)
}

/// GET /orders/{id}/end
pub(crate) async fn ask_end(signed: Signed, Path(id): Path<OrderId>) -> Answer {
    let view = writable(&signed, id).await?;
    end_page(&signed, &view, FormView::default(), "")
}

/// POST /orders/{id}/end
pub(crate) async fn end(Path(id): Path<OrderId>, posted: Posted) -> Answer {
    let version = posted.fields.get("version").parse().unwrap_or(0);
    let desk = posted.signed.delivery();
    let view = writable(&posted.signed, id).await?;
    // Who ends it and when is the service's to say.
    let nobody = AccountId(Uuid::nil());
    let done = match OrderEnd::read(&posted.fields, &view.order.body.order.facts, nobody, 0) {
        Ok(read) => desk.end_order(id, version, &EndOrder { on: read.on, why: read.why }).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    match done {
        Ok(()) => see_other(&format!("/orders/{id}?done=ended")),
        Err(ServiceError::Invalid(problems)) => {
            end_page(&posted.signed, &view, FormView::with(posted.fields, problems), "")
        }
        Err(ServiceError::Conflict { .. }) => {
            let view = writable(&posted.signed, id).await?;
            end_page(&posted.signed, &view, FormView::new(posted.fields), CHANGED)
        }
        Err(error) => Err(error.into()),
    }
}
