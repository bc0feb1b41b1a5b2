//! Giving a child's file to another social worker.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use kith_domain::access::Role;
use kith_domain::calendar;
use kith_domain::form::Problem;
use kith_domain::ids::{AccountId, ChildId};
use kith_service::ServiceError;
use kith_service::allocate::ChangeWorker;

use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Options, Page, render, render_with, see_other};

#[derive(Template)]
#[template(path = "file/worker.html")]
struct WorkerPage {
    page: Page,
    child: ChildId,
    form: FormView,
    workers: Options,
    past: Vec<(String, String)>,
}

async fn worker_page(signed: &Signed, child: ChildId, form: FormView) -> Result<Option<WorkerPage>, WebError> {
    let desk = signed.delivery();
    if !desk.file(child).await?.may_allocate {
        return Ok(None);
    }
    let service = &signed.app.service;
    let past = desk.allocations(child).await?.into_iter().map(|of| {
        let day = |ms| calendar::long_instant(ms);
        let until = of.ended_ms.or(of.until_ms).map_or_else(String::new, |until| format!(", until {}", day(until)));
        let why = of.reason.map_or_else(String::new, |reason| format!(". {reason}"));
        let words = format!("{} from {}{until}{why}", of.capacity.label(), day(of.from_ms));
        (service.name_of(of.account), words)
    });
    let workers = service.colleagues(Role::SocialWorker).into_iter();
    let workers = workers.map(|card| (card.id.to_string(), card.name)).collect();
    let page = Page::new(signed, "Change the social worker", "/children").back(format!("/children/{child}"));
    let page = page.with_error(form.has_problems());
    Ok(Some(WorkerPage { page, child, form, workers, past: past.collect() }))
}

/// GET /children/{child}/worker
pub(crate) async fn ask(signed: Signed, Path(child): Path<ChildId>) -> Answer {
    match worker_page(&signed, child, FormView::default()).await? {
        Some(page) => render(&page),
        None => see_other(&format!("/children/{child}")),
    }
}

/// POST /children/{child}/worker
pub(crate) async fn change(Path(child): Path<ChildId>, posted: Posted) -> Answer {
    let to = posted.fields.get("to").parse::<AccountId>();
    let reason = posted.fields.get("reason").to_owned();
    let done = match to {
        Ok(to) => posted.signed.delivery().change_social_worker(child, &ChangeWorker { to, reason }).await,
        Err(_) => Err(ServiceError::Invalid(vec![Problem::new("to", "Choose who takes the file")])),
    };
    match done {
        Ok(()) => see_other(&format!("/children/{child}?done=saved")),
        Err(ServiceError::Invalid(problems)) => {
            match worker_page(&posted.signed, child, FormView::with(posted.fields, problems)).await? {
                Some(page) => render_with(StatusCode::UNPROCESSABLE_ENTITY, &page),
                None => see_other(&format!("/children/{child}")),
            }
        }
        Err(error) => Err(error.into()),
    }
}
