//! Quality review: what waits for it, and giving it.

use askama::Template;
use axum::extract::{Path, Query};
use kith_domain::calendar;
use kith_domain::ids::SessionId;
use kith_domain::record::{RecordState, Verdict};
use kith_service::ServiceError;
use kith_service::record::{ToReview, lateness};

use super::read::show_page;
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{Column, FormView, OfState, Page, Pages, Tag, columns, days_ago, render, see_other};

#[derive(Template)]
#[template(path = "record/reviews.html")]
struct ReviewsPage {
    page: Page,
    /// Each state with how many there are: address, words, count, whether it is shown.
    states: Vec<(String, &'static str, usize, bool)>,
    waits: bool,
    columns: Vec<Column>,
    rows: Vec<Row>,
    pages: Pages,
}

struct Row {
    to: String,
    child: String,
    when: String,
    author: String,
    signed: String,
    age: String,
    tag: Tag,
    late: Option<String>,
    own: bool,
}

/// The states of the list, in its order, with what each is called there.
const STATES: [(RecordState, &str); 3] = [
    (RecordState::Signed, "To review"),
    (RecordState::Returned, "Returned with comments"),
    (RecordState::Accepted, "Accepted"),
];

fn row(of: ToReview, state: RecordState, now_ms: i64) -> Row {
    let late = of.late_minutes > 0;
    let (kind, words) = match state {
        RecordState::Returned => ("returned", "Returned"),
        RecordState::Accepted => ("accepted", "Accepted"),
        _ if of.awaiting.reviewed_ms.is_some() => ("in-review", "Signed again"),
        _ if late => ("late", "Signed late"),
        _ => ("signed", "Signed"),
    };
    Row {
        to: format!("/sessions/{}/record", of.awaiting.id),
        child: of.children,
        when: of.awaiting.slot.label(),
        author: of.author,
        signed: calendar::long_instant(of.awaiting.signed_ms),
        age: days_ago(of.awaiting.signed_ms, now_ms),
        tag: Tag { kind, words: words.to_owned() },
        late: late.then(|| format!("{} late", lateness(of.late_minutes))),
        own: of.own,
    }
}

/// GET /reviews
pub(crate) async fn list(signed: Signed, Query(asked): Query<OfState>) -> Answer {
    let state = RecordState::from_code(&asked.state).filter(|state| STATES.iter().any(|(of, _)| of == state));
    let state = state.unwrap_or(RecordState::Signed);
    let newest = asked.newest_first();
    let (listed, counts) = signed.delivery().records_listed(state, newest, asked.number()).await?;
    let pages = Pages::of(&listed, "/reviews").with_query(OfState::query(state.code(), newest));
    let to = |state: RecordState, newest| format!("/reviews?{}", OfState::query(state.code(), newest));
    let by_signing = Some((to(state, !newest), Some(newest)));
    let now_ms = signed.app.service.now_ms();
    let waits = state == RecordState::Signed;
    render(&ReviewsPage {
        page: Page::new(&signed, if waits { "Records to review" } else { "Reviewed records" }, "/reviews"),
        states: OfState::states(STATES, &counts, state, |of| to(of, newest)),
        waits,
        columns: columns([("Session", None), ("State", None), ("Signed", by_signing), ("Written by", None)]),
        rows: listed.rows.into_iter().map(|of| row(of, state, now_ms)).collect(),
        pages,
    })
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
