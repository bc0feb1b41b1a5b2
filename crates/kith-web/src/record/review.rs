//! Quality review: what waits for it, and giving it.

use askama::Template;
use axum::extract::{Path, Query};
use kith_domain::calendar;
use kith_domain::ids::SessionId;
use kith_domain::record::Verdict;
use kith_service::ServiceError;
use kith_service::record::{ToReview, lateness};

use super::read::show_page;
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Numbered, Page, Pages, render, see_other};

#[derive(Template)]
#[template(path = "record/reviews.html")]
struct ReviewsPage {
    page: Page,
    rows: Vec<Row>,
    pages: Pages,
}

struct Row {
    to: String,
    child: String,
    when: String,
    author: String,
    signed: String,
    late: Option<String>,
    again: bool,
    own: bool,
}

fn row(of: ToReview) -> Row {
    Row {
        to: format!("/sessions/{}/record", of.awaiting.id),
        child: of.children,
        when: of.awaiting.slot.label(),
        author: of.author,
        signed: calendar::long_instant(of.awaiting.signed_ms),
        late: (of.late_minutes > 0).then(|| format!("{} late", lateness(of.late_minutes))),
        again: of.awaiting.reviewed_ms.is_some(),
        own: of.own,
    }
}

/// GET /reviews
pub(crate) async fn list(signed: Signed, Query(numbered): Query<Numbered>) -> Answer {
    let awaiting = signed.delivery().records_awaiting_review(numbered.number()).await?;
    let pages = Pages::of(&awaiting, "/reviews");
    let rows = awaiting.rows.into_iter().map(row).collect();
    render(&ReviewsPage { page: Page::new(&signed, "Records to review", "/reviews"), rows, pages })
}

/// GET /sessions/{id}/record/review: the form stands under the record itself.
pub(crate) async fn ask(signed: Signed, Path(id): Path<SessionId>) -> Answer {
    signed.delivery().record(id).await?;
    see_other(&format!("/sessions/{id}/record#review"))
}

/// POST /sessions/{id}/record/review
pub(crate) async fn review(Path(id): Path<SessionId>, posted: Posted) -> Answer {
    let desk = posted.signed.delivery();
    let reviewed = match Verdict::read(&posted.fields) {
        Ok(verdict) => desk.review_record(id, &verdict).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    match reviewed {
        Ok(()) => see_other(&format!("/sessions/{id}/record?done=reviewed")),
        Err(ServiceError::Invalid(problems)) => {
            let view = desk.record(id).await?;
            show_page(&posted.signed, &view, FormView::with(posted.fields, problems), None)
        }
        Err(error) => Err(error.into()),
    }
}
