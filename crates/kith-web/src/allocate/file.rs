//! Who has one child's file: given to another social worker, refused by or for somebody who must not have it.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use kith_domain::access::{Capacity, Role};
use kith_domain::allocation::{ChangeWorker, Refuse, WhyRefused};
use kith_domain::calendar;
use kith_domain::ids::{AllocationId, ChildId};
use kith_service::ServiceError;
use kith_store::Allocation;

use super::team::others;
use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::ui::{FormView, Options, Page, pairs, render, render_with, see_other};

#[derive(Template)]
#[template(path = "allocate/worker.html")]
struct WorkerPage {
    page: Page,
    child: ChildId,
    name: String,
    form: FormView,
    workers: Options,
    past: Vec<Past>,
}

/// A line of who has or had the file.
struct Past {
    who: String,
    words: String,
    /// The refusal that can be taken back here.
    lift: Option<AllocationId>,
}

fn past(signed: &Signed, of: Allocation) -> Past {
    let (service, now_ms) = (&signed.app.service, signed.app.service.now_ms());
    let until = of.ended_ms.or(of.until_ms);
    let ended = until.map_or_else(String::new, |until| format!(", until {}", calendar::long_instant(until)));
    let by = of.created_by.map_or_else(String::new, |by| format!(", entered by {}", service.name_of(by)));
    let why = of.reason.map_or_else(String::new, |reason| format!(". {reason}"));
    Past {
        who: service.name_of(of.account),
        words: format!("{} from {}{ended}{by}{why}", of.capacity.label(), calendar::long_instant(of.from_ms)),
        lift: (of.capacity == Capacity::Refused && until.is_none_or(|until| until > now_ms)).then_some(of.id),
    }
}

async fn worker_page(signed: &Signed, child: ChildId, form: FormView) -> Result<Option<WorkerPage>, WebError> {
    let desk = signed.delivery();
    let view = desk.file(child).await?;
    if !view.may_allocate {
        return Ok(None);
    }
    let past = desk.allocations(child).await?.into_iter().map(|of| past(signed, of)).collect();
    let workers = others(signed, view.child.social_worker);
    let page = Page::new(signed, "Who has this file", "/children").back(format!("/children/{child}"));
    let page = page.with_error(form.has_problems());
    Ok(Some(WorkerPage { page, child, name: view.child.name(), form, workers, past }))
}

/// GET /children/{child}/worker
pub(crate) async fn ask(signed: Signed, Path(child): Path<ChildId>, Query(done): Query<Done>) -> Answer {
    match worker_page(&signed, child, FormView::default()).await? {
        Some(page) => render(&WorkerPage { page: page.page.with_done(done.words()), ..page }),
        None => see_other(&format!("/children/{child}")),
    }
}

/// POST /children/{child}/worker
pub(crate) async fn change(Path(child): Path<ChildId>, posted: Posted) -> Answer {
    let done = match ChangeWorker::read(&posted.fields) {
        Ok(command) => posted.signed.delivery().change_social_worker(child, &command).await,
        Err(problems) => Err(problems.into()),
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

#[derive(Template)]
#[template(path = "allocate/refuse.html")]
struct RefusePage {
    page: Page,
    child: ChildId,
    name: String,
    form: FormView,
    /// The person themselves, and those for whom this person can say it.
    who: Options,
    own: bool,
    whys: Options,
}

async fn refuse_page(signed: &Signed, child: ChildId, form: FormView) -> Result<RefusePage, WebError> {
    let view = signed.delivery().file(child).await?;
    let me = signed.actor().account.map(|me| me.to_string()).unwrap_or_default();
    let mut who = vec![(me.clone(), format!("{}, that is you", signed.person.name))];
    if view.may_allocate {
        for role in [Role::SocialWorker, Role::Supervisor, Role::Coordinator, Role::Manager] {
            let cards = signed.app.service.colleagues(role).into_iter().filter(|card| card.id.to_string() != me);
            who.extend(
                cards.map(|card| (card.id.to_string(), format!("{}, {}", card.name, role.label().to_lowercase()))),
            );
        }
    }
    let page = Page::new(signed, "Somebody must not have this file", "/children").back(format!("/children/{child}"));
    Ok(RefusePage {
        page: page.with_error(form.has_problems()),
        child,
        name: view.child.name(),
        own: who.len() == 1,
        form,
        who,
        whys: pairs(WhyRefused::CHOICES),
    })
}

/// GET /children/{child}/refuse
pub(crate) async fn ask_refuse(signed: Signed, Path(child): Path<ChildId>) -> Answer {
    render(&refuse_page(&signed, child, FormView::default()).await?)
}

/// POST /children/{child}/refuse
pub(crate) async fn refuse(Path(child): Path<ChildId>, posted: Posted) -> Answer {
    let command = Refuse::read(&posted.fields);
    let own = command.as_ref().is_ok_and(|command| posted.signed.actor().is(command.who));
    let done = match command {
        Ok(command) => posted.signed.delivery().refuse_file(child, &command).await,
        Err(problems) => Err(problems.into()),
    };
    match done {
        // Whoever said it of themselves does not see the file any more.
        Ok(()) if own => see_other("/?done=refused"),
        Ok(()) => see_other(&format!("/children/{child}/worker?done=saved")),
        Err(ServiceError::Invalid(problems)) => {
            let page = refuse_page(&posted.signed, child, FormView::with(posted.fields, problems)).await?;
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// POST /children/{child}/refuse/{allocation}/lift
pub(crate) async fn lift(Path((child, of)): Path<(ChildId, AllocationId)>, posted: Posted) -> Answer {
    posted.signed.delivery().lift_refusal(child, of).await?;
    see_other(&format!("/children/{child}/worker?done=saved"))
}
