//! The social workers of a team: who has how many files, handing many over, covering for a time.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use kith_domain::access::Role;
use kith_domain::allocation::{Cover, HandOver};
use kith_domain::calendar;
use kith_domain::form::Fields;
use kith_domain::ids::AccountId;
use kith_service::ServiceError;
use kith_service::allocate::{Worker, WorkerFiles};

use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::ui::{FormView, Options, Page, Tag, render, render_with, see_other};

const HERE: &str = "/workers";

#[derive(Template)]
#[template(path = "allocate/workers.html")]
struct ListPage {
    page: Page,
    rows: Vec<Row>,
}

struct Row {
    id: AccountId,
    name: String,
    left: Option<Tag>,
    files: usize,
    covers: Vec<CoverRow>,
}

/// Who covers, from when to when.
struct CoverRow {
    by: AccountId,
    words: String,
}

fn covers(signed: &Signed, worker: &Worker) -> Vec<CoverRow> {
    let day = |ms| calendar::long_date(calendar::in_london(ms).date());
    let row = |of: &kith_store::Covered| CoverRow {
        by: of.by,
        // The last moment of the last day.
        words: format!(
            "{} covers {} from {} to {}",
            signed.app.service.name_of(of.by),
            kith_domain::words::files(of.files.len()),
            day(of.from_ms),
            day(of.until_ms - 1)
        ),
    };
    worker.covers.iter().map(row).collect()
}

/// GET /workers
pub(crate) async fn list(signed: Signed, Query(done): Query<Done>) -> Answer {
    let row = |worker: Worker| Row {
        id: worker.card.id,
        left: (!worker.card.active)
            .then(|| Tag { kind: "overdue", words: "Has left: nobody has these files".to_owned() }),
        files: worker.files,
        covers: covers(&signed, &worker),
        name: worker.card.name,
    };
    let rows = signed.delivery().workers().await?.into_iter().map(row).collect();
    render(&ListPage { page: Page::new(&signed, "Social workers", HERE).back("/").with_done(done.words()), rows })
}

/// The social workers who can be chosen in the place of one.
pub(crate) fn others(signed: &Signed, but: AccountId) -> Options {
    let cards = signed.app.service.colleagues(Role::SocialWorker).into_iter().filter(|card| card.id != but);
    cards.map(|card| (card.id.to_string(), card.name)).collect()
}

#[derive(Template)]
#[template(path = "allocate/hand_over.html")]
struct HandOverPage {
    page: Page,
    of: WorkerFiles,
    form: FormView,
    files: Options,
    workers: Options,
}

async fn hand_over_page(signed: &Signed, worker: AccountId, form: FormView) -> Result<HandOverPage, WebError> {
    let of = signed.delivery().files_of(worker).await?;
    let page = Page::new(signed, "Give files to somebody else", HERE).back(HERE).with_error(form.has_problems());
    let files = of.files.iter().map(|(id, name)| (id.to_string(), format!("{name}, file {}", id.reference())));
    Ok(HandOverPage { page, form, files: files.collect(), workers: others(signed, worker), of })
}

/// GET /workers/{worker}/hand-over: every file is ticked.
pub(crate) async fn ask_hand_over(signed: Signed, Path(worker): Path<AccountId>) -> Answer {
    let mut page = hand_over_page(&signed, worker, FormView::default()).await?;
    let all: Fields = page.files.iter().map(|(id, _)| ("file", id.as_str())).collect();
    page.form = FormView::new(all);
    render(&page)
}

/// POST /workers/{worker}/hand-over
pub(crate) async fn hand_over(Path(worker): Path<AccountId>, posted: Posted) -> Answer {
    let done = match HandOver::read(&posted.fields) {
        Ok(command) => posted.signed.delivery().hand_over(worker, &command).await,
        Err(problems) => Err(problems.into()),
    };
    match done {
        Ok(_) => see_other("/workers?done=handed-over"),
        Err(ServiceError::Invalid(problems)) => {
            let page = hand_over_page(&posted.signed, worker, FormView::with(posted.fields, problems)).await?;
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "allocate/cover.html")]
struct CoverPage {
    page: Page,
    id: AccountId,
    name: String,
    files: usize,
    covers: Vec<CoverRow>,
    form: FormView,
    workers: Options,
}

async fn cover_page(signed: &Signed, worker: AccountId, form: FormView) -> Result<CoverPage, WebError> {
    let of = signed.delivery().files_of(worker).await?.worker;
    let page = Page::new(signed, "Somebody covers for a time", HERE).back(HERE).with_error(form.has_problems());
    Ok(CoverPage {
        page,
        id: worker,
        covers: covers(signed, &of),
        files: of.files,
        name: of.card.name,
        form,
        workers: others(signed, worker),
    })
}

/// GET /workers/{worker}/cover
pub(crate) async fn ask_cover(signed: Signed, Path(worker): Path<AccountId>) -> Answer {
    let mut today = Fields::default();
    today.set_date("from", signed.app.service.today());
    render(&cover_page(&signed, worker, FormView::new(today)).await?)
}

/// POST /workers/{worker}/cover
pub(crate) async fn cover(Path(worker): Path<AccountId>, posted: Posted) -> Answer {
    let done = match Cover::read(&posted.fields, posted.signed.app.service.today()) {
        Ok(command) => posted.signed.delivery().cover(worker, &command).await,
        Err(problems) => Err(problems.into()),
    };
    match done {
        Ok(_) => see_other("/workers?done=covered"),
        Err(ServiceError::Invalid(problems)) => {
            let page = cover_page(&posted.signed, worker, FormView::with(posted.fields, problems)).await?;
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// POST /workers/{worker}/cover/{by}/end
pub(crate) async fn end_cover(Path((worker, by)): Path<(AccountId, AccountId)>, posted: Posted) -> Answer {
    posted.signed.delivery().end_cover(worker, by).await?;
    see_other("/workers?done=saved")
}
