//! What waits for approval; approving, returning, voiding.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use kith_domain::access::Purpose;
use kith_domain::calendar;
use kith_domain::form::Words;
use kith_domain::ids::AssessmentId;
use kith_domain::risk::{AssessmentState, VoidReason};
use kith_service::ServiceError;
use kith_service::risk::AwaitingApproval;

use super::level_tag;
use super::show::who;
use crate::error::{Answer, WebError};
use crate::file::session_lines;
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{
    Column, FormView, OfState, Options, Page, Pages, ReasonPage, Tag, columns, days_ago, render, render_with, see_other,
};

#[derive(Template)]
#[template(path = "risk/approvals.html")]
struct ApprovalsPage {
    page: Page,
    /// Each state with how many there are: address, words, count, whether it is shown.
    states: Vec<(String, &'static str, usize, bool)>,
    waits: bool,
    columns: Vec<Column>,
    rows: Vec<Row>,
    for_manager: usize,
    pages: Pages,
}

struct Row {
    to: String,
    name: String,
    author: String,
    sent: String,
    age: String,
    state: Tag,
    /// The score without controls, when a hazard applies.
    before: Option<i64>,
    level: Tag,
}

/// The states of the list, in its order.
const STATES: [AssessmentState; 4] =
    [AssessmentState::AwaitingApproval, AssessmentState::Approved, AssessmentState::Returned, AssessmentState::Void];

fn row(awaiting: &AwaitingApproval, now_ms: i64) -> Row {
    let today = calendar::day_number(calendar::in_london(now_ms).date());
    Row {
        to: format!("/assessments/{}", awaiting.id),
        name: format!("{} with {}", awaiting.child, awaiting.person),
        author: awaiting.author.clone(),
        sent: calendar::long_date(calendar::in_london(awaiting.sent_ms).date()),
        age: days_ago(awaiting.sent_ms, now_ms),
        state: super::tag_of(awaiting.state, awaiting.valid_until, today),
        before: Some(awaiting.score).filter(|score| *score > 0),
        level: level_tag(awaiting.level),
    }
}

/// GET /approvals
pub(crate) async fn list(signed: Signed, Query(asked): Query<OfState>) -> Answer {
    let state = AssessmentState::from_code(&asked.state).filter(|state| STATES.contains(state));
    let state = state.unwrap_or(AssessmentState::AwaitingApproval);
    let newest = asked.newest_first();
    let desk = signed.desk(Purpose::Assessment);
    let (listed, for_manager, counts) = desk.assessments_listed(state, newest, asked.number()).await?;
    let pages = Pages::of(&listed, "/approvals").with_query(OfState::query(state.code(), newest));
    let to = |state: AssessmentState, newest| format!("/approvals?{}", OfState::query(state.code(), newest));
    let sent = Some((to(state, !newest), Some(newest)));
    let now_ms = signed.app.service.now_ms();
    let waits = state == AssessmentState::AwaitingApproval;
    render(&ApprovalsPage {
        page: Page::new(&signed, if waits { "Risk assessments to approve" } else { "Risk assessments" }, "/approvals"),
        states: OfState::states(STATES.map(|of| (of, of.label())), &counts, state, |of| to(of, newest)),
        waits,
        columns: columns([
            ("Child and person", None),
            ("Risk", None),
            ("State", None),
            ("Sent", sent),
            ("Written by", None),
        ]),
        rows: listed.rows.iter().map(|awaiting| row(awaiting, now_ms)).collect(),
        for_manager,
        pages,
    })
}

/// POST /assessments/{id}/approve
pub(crate) async fn approve(Path(id): Path<AssessmentId>, posted: Posted) -> Answer {
    posted.signed.desk(Purpose::Assessment).approve_assessment(id).await?;
    see_other(&format!("/assessments/{id}?done=approved"))
}

fn return_page(signed: &Signed, id: AssessmentId, form: FormView) -> Answer {
    let page = Page::new(signed, "Return this risk assessment", "/approvals").back(format!("/assessments/{id}"));
    let page = ReasonPage {
        page,
        form,
        action: format!("/assessments/{id}/return"),
        text: "Its author can change it then and send it again.",
        name: "reason",
        label: "What has to change before it can be approved?",
        hint: "The author reads this",
        button: "Return it",
    };
    page.answer()
}

/// GET /assessments/{id}/return
pub(crate) async fn ask_return(signed: Signed, Path(id): Path<AssessmentId>) -> Answer {
    let view = signed.desk(Purpose::Assessment).assessment(id).await?;
    if !view.may_return {
        return see_other(&format!("/assessments/{id}"));
    }
    return_page(&signed, id, FormView::default())
}

/// POST /assessments/{id}/return
pub(crate) async fn give_back(Path(id): Path<AssessmentId>, posted: Posted) -> Answer {
    let desk = posted.signed.desk(Purpose::Assessment);
    let returned = match Words::read(&posted.fields, "reason", "What has to change before it can be approved") {
        Ok(reason) => desk.return_assessment(id, &reason).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    match returned {
        Ok(()) => see_other(&format!("/assessments/{id}?done=given_back")),
        Err(ServiceError::Invalid(problems)) => {
            desk.assessment(id).await?;
            return_page(&posted.signed, id, FormView::with(posted.fields, problems))
        }
        Err(error) => Err(error.into()),
    }
}

/// POST /assessments/{id}/take
pub(crate) async fn take(Path(id): Path<AssessmentId>, posted: Posted) -> Answer {
    posted.signed.desk(Purpose::Assessment).take_assessment(id).await?;
    see_other(&format!("/assessments/{id}?done=taken"))
}

#[derive(Template)]
#[template(path = "risk/void.html")]
struct VoidPage {
    page: Page,
    form: FormView,
    id: AssessmentId,
    who: String,
    /// The sessions that are marked.
    booked: Vec<(String, String, Tag)>,
    reasons: Options,
}

async fn void_page(signed: &Signed, id: AssessmentId, form: FormView) -> Result<Option<VoidPage>, WebError> {
    let view = signed.desk(Purpose::Assessment).assessment(id).await?;
    if !view.may_void {
        return Ok(None);
    }
    let page = Page::new(signed, "Void this risk assessment", "/children").back(format!("/assessments/{id}"));
    let reasons = VoidReason::ALL.iter().map(|reason| (reason.code().to_owned(), reason.label().to_owned()));
    let page = page.with_error(form.has_problems());
    let booked = session_lines(&view.booked);
    Ok(Some(VoidPage { page, form, id, who: who(&view), booked, reasons: reasons.collect() }))
}

/// GET /assessments/{id}/void
pub(crate) async fn ask_void(signed: Signed, Path(id): Path<AssessmentId>) -> Answer {
    match void_page(&signed, id, FormView::default()).await? {
        Some(page) => render(&page),
        None => see_other(&format!("/assessments/{id}")),
    }
}

/// POST /assessments/{id}/void
pub(crate) async fn void(Path(id): Path<AssessmentId>, posted: Posted) -> Answer {
    let voided = match VoidReason::read(&posted.fields) {
        Ok(reason) => posted.signed.desk(Purpose::Assessment).void_assessment(id, reason).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    match voided {
        Ok(_) => see_other(&format!("/assessments/{id}?done=void")),
        Err(ServiceError::Invalid(problems)) => {
            match void_page(&posted.signed, id, FormView::with(posted.fields, problems)).await? {
                Some(page) => render_with(StatusCode::UNPROCESSABLE_ENTITY, &page),
                None => see_other(&format!("/assessments/{id}")),
            }
        }
        Err(error) => Err(error.into()),
    }
}
