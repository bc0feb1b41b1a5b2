//! Pages of the period report for court: begun, written, signed, printed.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::ToSpan;
use kith_domain::access::Purpose;
use kith_domain::calendar;
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, ReportId};
use kith_domain::report::ReportState;
use kith_service::report::{ReportView, report_fields};
use kith_service::{Desk, ServiceError};
use uuid::Uuid;

use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::risk::taken_over;
use crate::ui::{FormView, Html, Page, Tag, compare, render, render_with, see_other};

/// Days that a new report proposes to cover.
const PROPOSED_DAYS: i64 = 28;

fn desk(signed: &Signed) -> Desk {
    signed.desk(Purpose::OfficialReporting)
}

#[derive(Template)]
#[template(path = "report/new.html")]
struct NewPage {
    page: Page,
    child: ChildId,
    id: Uuid,
    form: FormView,
}

fn new_page(signed: &Signed, child: ChildId, id: Uuid, form: FormView) -> NewPage {
    let page = Page::new(signed, "Write a report for court", "/children").back(format!("/children/{child}"));
    NewPage { page: page.with_error(form.has_problems()), child, id, form }
}

/// GET /children/{child}/reports/new
pub(crate) async fn new(signed: Signed, Path(child): Path<ChildId>) -> Answer {
    desk(&signed).reports(child).await?;
    let today = signed.app.service.today();
    let mut proposed = Fields::default();
    proposed.set_date("from", today.checked_sub(PROPOSED_DAYS.days()).unwrap_or(today));
    proposed.set_date("to", today);
    render(&new_page(&signed, child, Uuid::now_v7(), FormView::new(proposed)))
}

/// POST /children/{child}/reports
pub(crate) async fn begin(Path(child): Path<ChildId>, posted: Posted) -> Answer {
    let id: Uuid = posted.fields.get("id").parse().map_err(|_| ServiceError::NotFound)?;
    let desk = desk(&posted.signed);
    let begun = match desk.read_report(&posted.fields) {
        Ok(facts) => desk.begin_report(child, ReportId(id), facts).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    match begun {
        Ok(id) => see_other(&format!("/reports/{id}?done=created")),
        Err(ServiceError::Invalid(problems)) => {
            desk.reports(child).await?;
            let form = FormView::with(posted.fields, problems);
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &new_page(&posted.signed, child, id, form))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "report/show.html")]
struct ShowPage {
    page: Page,
    id: ReportId,
    name: String,
    reference: String,
    tag: Tag,
    author: String,
    period: String,
    facts: Vec<(String, String)>,
    delivery: Vec<Delivered>,
    sessions: Vec<Held>,
    statement: Vec<String>,
    signature: Option<String>,
    taken_over: Vec<(&'static str, String)>,
    may_take_over: bool,
    problems: Vec<String>,
    may_edit: bool,
    form: FormView,
    conflict: Html,
    version: i64,
}

/// A line of orders against delivery.
struct Delivered {
    with: String,
    ordered: String,
    due: u32,
    offered: u32,
    held: u32,
    shortfall: u32,
    excess: u32,
    hours: String,
    running: String,
    court_ordered: bool,
    reasons: String,
}

/// A session of the period.
struct Held {
    date: String,
    time: String,
    with: String,
    outcome: String,
    lateness: String,
}

/// What a person is in the middle of when the page is shown again.
#[derive(Default)]
struct Typed {
    form: Option<FormView>,
    conflict: Html,
    version: Option<i64>,
    done: Option<&'static str>,
}

fn readable(fields: &Fields) -> Vec<(String, String)> {
    let date =
        |name: &str| ["day", "month", "year"].map(|part| fields.get(&format!("{name}-{part}")).to_owned()).join(" ");
    vec![
        ("First day".to_owned(), date("from")),
        ("Last day".to_owned(), date("to")),
        ("Statement".to_owned(), fields.get("statement").to_owned()),
    ]
}

fn show_page(signed: &Signed, view: ReportView, typed: Typed) -> ShowPage {
    let signed_already = view.report.state == ReportState::Signed;
    let wrong = typed.form.as_ref().is_some_and(FormView::has_problems);
    let page = Page::new(signed, "Report for court", "/children")
        .back(format!("/children/{}", view.report.child))
        .with_error(wrong)
        .with_done(typed.done);
    let delivery = view.paper.delivery.iter().map(|line| Delivered {
        with: line.with.clone(),
        ordered: line.ordered.clone(),
        due: line.due,
        offered: line.offered,
        held: line.held,
        shortfall: line.shortfall,
        excess: line.excess,
        hours: line.hours.clone(),
        running: line.running.clone(),
        court_ordered: line.court_ordered,
        reasons: line.reasons.clone(),
    });
    let sessions = view.paper.sessions.iter().map(|line| Held {
        date: line.date.clone(),
        time: line.time.clone(),
        with: line.with.clone(),
        outcome: line.outcome.clone(),
        lateness: line.lateness.clone(),
    });
    let signature = view.report.body.signature.as_ref().map(|signature| {
        format!("{}, {}", signed.app.service.name_of(signature.by), calendar::long_instant(signature.at_ms))
    });
    ShowPage {
        id: view.report.id,
        name: view.paper.child.clone(),
        reference: view.report.id.reference(),
        tag: Tag { kind: if signed_already { "signed" } else { "draft" }, words: view.report.state.label().to_owned() },
        author: view.author,
        period: view.paper.period.clone(),
        facts: view.paper.facts.iter().map(|fact| (fact.label.clone(), fact.value.clone())).collect(),
        delivery: delivery.collect(),
        sessions: sessions.collect(),
        statement: view.paper.statement.clone(),
        signature,
        taken_over: taken_over(signed, &view.report.body.taken_over),
        may_take_over: view.may_take_over,
        problems: view.problems,
        may_edit: view.may_edit,
        form: typed.form.unwrap_or_else(|| FormView::new(report_fields(&view.report))),
        conflict: typed.conflict,
        version: typed.version.unwrap_or(view.report.version),
        page,
    }
}

/// GET /reports/{id}
pub(crate) async fn show(signed: Signed, Path(id): Path<ReportId>, Query(done): Query<Done>) -> Answer {
    let view = desk(&signed).report(id).await?;
    render(&show_page(&signed, view, Typed { done: done.words(), ..Typed::default() }))
}

/// Shows the form again when it could not be saved or signed.
async fn tried(posted: Posted, id: ReportId, version: i64, error: ServiceError) -> Answer {
    let (status, typed) = match error {
        ServiceError::Invalid(problems) => {
            let form = Some(FormView::with(posted.fields, problems));
            (StatusCode::UNPROCESSABLE_ENTITY, Typed { form, version: Some(version), ..Typed::default() })
        }
        ServiceError::Conflict { theirs, version } => {
            let conflict = compare(&posted.fields, &theirs, readable);
            let form = Some(FormView::new(posted.fields));
            (StatusCode::CONFLICT, Typed { form, conflict, version: Some(version), ..Typed::default() })
        }
        error => return Err(error.into()),
    };
    let view = desk(&posted.signed).report(id).await?;
    render_with(status, &show_page(&posted.signed, view, typed))
}

/// POST /reports/{id}
pub(crate) async fn save(Path(id): Path<ReportId>, posted: Posted) -> Answer {
    let version = posted.fields.get("version").parse().unwrap_or(0);
    let desk = desk(&posted.signed);
    let saved = match desk.read_report(&posted.fields) {
        Ok(facts) => desk.save_report(id, version, &facts).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    match saved {
        Ok(_) => see_other(&format!("/reports/{id}?done=saved")),
        Err(error) => tried(posted, id, version, error).await,
    }
}

/// POST /reports/{id}/sign
pub(crate) async fn sign(Path(id): Path<ReportId>, posted: Posted) -> Answer {
    let version = posted.fields.get("version").parse().unwrap_or(0);
    let desk = desk(&posted.signed);
    let signed = match desk.read_report(&posted.fields) {
        Ok(facts) => desk.sign_report(id, version, &facts, posted.fields.get("password")).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    match signed {
        Ok(()) => see_other(&format!("/reports/{id}?done=signed")),
        Err(error) => tried(posted, id, version, error).await,
    }
}

/// POST /reports/{id}/take
pub(crate) async fn take(Path(id): Path<ReportId>, posted: Posted) -> Answer {
    desk(&posted.signed).take_report(id).await?;
    see_other(&format!("/reports/{id}?done=taken"))
}

/// GET /reports/{id}/report.pdf
pub(crate) async fn paper(signed: Signed, Path(id): Path<ReportId>) -> Answer {
    let bytes = desk(&signed).report_paper(id).await.map_err(WebError::from)?;
    Ok(pdf(bytes, &format!("report-{}", id.reference())))
}

/// The answer that is a file to be kept; `name` is a reference with what it ends in, and names nobody.
pub(crate) fn attached(kind: &str, name: &str, bytes: impl IntoResponse) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response()
}

/// A paper as an answer; its file name is a reference and names nobody.
pub(crate) fn pdf(bytes: Vec<u8>, name: &str) -> Response {
    let disposition = format!("inline; filename=\"{name}.pdf\"");
    ([(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes)
        .into_response()
}
