//! What an account opened beside a breach: whose and when, which files, who of them is affected.

use askama::Template;
use axum::extract::{Path, Query};
use kith_domain::calendar::long_instant;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::BreachId;
use kith_domain::words::files;
use kith_service::ServiceError;
use kith_service::breach::{OpenedFile, OpenedView};
use kith_store::HowOften;
use serde::Deserialize;

use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::rights::desk;
use crate::ui::{FormView, Options, Page, Pages, render_with, see_other};

/// A file in the table.
struct Row {
    file: String,
    reference: String,
    child: String,
    often: String,
    first: String,
    last: String,
    affected: bool,
}

#[derive(Template)]
#[template(path = "breach/opened.html")]
struct OpenedPage {
    page: Page,
    id: BreachId,
    reference: String,
    staff: Options,
    /// Whose account, and in which time.
    account: Option<(String, String)>,
    total: usize,
    changed: usize,
    affected: String,
    rows: Vec<Row>,
    pages: Pages,
    /// What was refused: what, how often, first and last.
    refused: Vec<(String, String, String, String)>,
    not_ours: u64,
    form: FormView,
}

/// Which page of the files.
#[derive(Deserialize, Default)]
pub(crate) struct At {
    #[serde(default)]
    page: String,
}

impl At {
    fn number(&self) -> usize {
        self.page.parse().unwrap_or(1).max(1)
    }
}

fn times(of: HowOften) -> String {
    let times = if of.count == 1 { "Once".to_owned() } else { format!("{} times", of.count) };
    match of.changed {
        0 => times,
        1 => format!("{times}, changed once"),
        many => format!("{times}, changed {many} times"),
    }
}

fn row(of: OpenedFile) -> Row {
    let reference = of.file.reference();
    Row {
        file: of.file.to_string(),
        child: match of.child {
            // A file is called by its reference while nothing is verified.
            Some(child) if child == reference => "Name not verified yet".to_owned(),
            Some(child) => child,
            None => "Not named: destroyed, or not for you".to_owned(),
        },
        often: times(of.often),
        first: long_instant(of.often.first_ms),
        last: long_instant(of.often.last_ms),
        affected: of.affected,
        reference,
    }
}

/// What is named already, as the form's fields.
fn named(view: &OpenedView) -> Fields {
    let mut fields = Fields::default();
    if let Some(of) = &view.breach.body.account {
        fields.set("account", of.account.to_string());
        for (name, at) in [("from", of.from), ("until", of.until)] {
            fields.set_date(name, at.date());
            fields.set(format!("{name}_time"), at.time().strftime("%H:%M").to_string());
        }
    }
    fields
}

fn page(signed: &Signed, view: OpenedView, form: Option<FormView>, done: Option<&'static str>) -> Answer {
    let id = view.breach.id;
    let form = form.unwrap_or_else(|| FormView::new(named(&view)));
    let staff = view.staff.iter().map(|card| (card.id.to_string(), format!("{}, {}", card.name, card.role.label())));
    let refused = view
        .refused
        .into_iter()
        .map(|(of, often)| (of, times(often), long_instant(often.first_ms), long_instant(often.last_ms)));
    let template = OpenedPage {
        page: Page::new(signed, "What an account opened", "/breaches")
            .back(format!("/breaches/{id}"))
            .with_error(form.has_problems())
            .with_done(done),
        id,
        reference: id.reference(),
        staff: staff.collect(),
        account: view.who.zip(view.breach.body.account.as_ref().map(kith_domain::breach::AccountLookedAt::time)),
        total: view.files.total,
        changed: view.changed,
        affected: files(view.breach.body.affected.len()),
        pages: Pages::of(&view.files, format!("/breaches/{id}/opened")),
        rows: view.files.rows.into_iter().map(row).collect(),
        refused: refused.collect(),
        not_ours: view.not_ours,
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /breaches/{id}/opened
pub(crate) async fn show(
    signed: Signed,
    Path(id): Path<BreachId>,
    Query(at): Query<At>,
    Query(done): Query<Done>,
) -> Answer {
    let view = desk(&signed).breach_opened(id, at.number()).await?;
    page(&signed, view, None, done.words())
}

async fn again(posted: Posted, id: BreachId, problems: Vec<Problem>) -> Answer {
    let view = desk(&posted.signed).breach_opened(id, 1).await?;
    page(&posted.signed, view, Some(FormView::with(posted.fields, problems)), None)
}

/// POST /breaches/{id}/opened: whose account, and in which time.
pub(crate) async fn name(Path(id): Path<BreachId>, posted: Posted) -> Answer {
    match desk(&posted.signed).look_at_account(id, &posted.fields).await {
        Ok(()) => see_other(&format!("/breaches/{id}/opened?done=request-step")),
        Err(ServiceError::Invalid(problems)) => again(posted, id, problems).await,
        Err(ServiceError::Refused(refusal)) => again(posted, id, vec![Problem::new("account", refusal.words)]).await,
        Err(error) => Err(error.into()),
    }
}

/// POST /breaches/{id}/affected: who of those on the page is affected, or all.
pub(crate) async fn affected(Path(id): Path<BreachId>, posted: Posted) -> Answer {
    desk(&posted.signed).say_affected(id, &posted.fields).await?;
    let page: usize = posted.fields.get("page").parse().unwrap_or(1);
    see_other(&format!("/breaches/{id}/opened?page={page}&done=affected"))
}
