//! Pages of what may have happened to personal data: said by anybody on the staff, taken to its end by the data protection officer.

pub(crate) mod opened;
#[cfg(test)]
mod tests;

use askama::Template;
use axum::extract::{Path, Query};
use kith_domain::access::Role;
use kith_domain::breach::{BreachKind, BreachRisk, BreachState};
use kith_domain::calendar::{self, weekday_date};
use kith_domain::form::{Problem, upper_first};
use kith_domain::ids::BreachId;
use kith_service::ServiceError;
use kith_service::breach::{BreachPaper, BreachView};
use kith_store::SuspectedBreach;
use uuid::Uuid;

use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::report::pdf;
use crate::rights::{Kinds, Which, desk, open_or_closed};
use crate::ui::{FormView, Html, Options, Page, Pages, Tag, render, render_with, see_other};

#[derive(Template)]
#[template(path = "breach/new.html")]
struct NewPage {
    page: Page,
    id: Uuid,
    kinds: Options,
    form: FormView,
}

fn new_page(signed: &Signed, id: Uuid, form: FormView) -> Answer {
    let back = if signed.role() == Role::DataProtection { "/breaches" } else { "/" };
    let template = NewPage {
        page: Page::new(signed, "Something happened to data", "/breaches").back(back).with_error(form.has_problems()),
        id,
        kinds: BreachKind::ALL.iter().map(|kind| (kind.code().to_owned(), kind.label().to_owned())).collect(),
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /breaches/new
pub(crate) async fn new(signed: Signed) -> Answer {
    new_page(&signed, Uuid::now_v7(), FormView::default())
}

/// POST /breaches
pub(crate) async fn suspect(posted: Posted) -> Answer {
    let id = posted.fields.get("id").parse().map_err(|_| ServiceError::NotFound)?;
    match desk(&posted.signed).suspect_breach(BreachId(id), &posted.fields).await {
        Ok(_) if posted.signed.role() == Role::DataProtection => {
            see_other(&format!("/breaches/{id}?done=breach-entered"))
        }
        Ok(_) => see_other("/?done=breach-entered"),
        Err(ServiceError::Invalid(problems)) => new_page(&posted.signed, id, FormView::with(posted.fields, problems)),
        Err(ServiceError::Refused(refusal)) => {
            let form = FormView::with(posted.fields, vec![Problem::new("what", refusal.words)]);
            new_page(&posted.signed, Uuid::now_v7(), form)
        }
        Err(error) => Err(error.into()),
    }
}

/// How long there is until the Commissioner must be told.
pub(crate) fn left(hours: i64) -> Tag {
    match hours {
        ..0 => Tag { kind: "overdue", words: format!("{} past the 72 hours", in_hours(hours.unsigned_abs())) },
        0 => Tag { kind: "overdue", words: "Less than an hour left".to_owned() },
        hours => Tag {
            kind: if hours < 24 { "due" } else { "active" },
            words: format!("{} left", in_hours(hours.unsigned_abs())),
        },
    }
}

fn in_hours(hours: u64) -> String {
    if hours == 1 { "1 hour".to_owned() } else { format!("{hours} hours") }
}

#[derive(Template)]
#[template(path = "breach/list.html")]
struct ListPage {
    page: Page,
    kinds: Kinds,
    rows: Vec<(String, &'static str, String, Tag)>,
    pages: Pages,
    open: bool,
}

/// GET /breaches
pub(crate) async fn list(signed: Signed, Query(which): Query<Which>) -> Answer {
    let open = which.open();
    let found = desk(&signed).breaches(open, which.number()).await?;
    let now_ms = signed.app.service.now_ms();
    let row = |of: SuspectedBreach| {
        let clock = of.due_ms.map(|due_ms| left((due_ms - now_ms).div_euclid(3_600_000)));
        let tag = clock.unwrap_or_else(|| Tag { kind: "ended", words: of.state.label().to_owned() });
        let aware = weekday_date(of.body.suspicion.aware.date());
        (format!("/breaches/{}", of.id), of.body.suspicion.kind.label(), aware, tag)
    };
    render(&ListPage {
        page: Page::new(&signed, "Breaches", "/breaches"),
        kinds: open_or_closed("/breaches", open),
        pages: which.pages(&found, "/breaches"),
        rows: found.rows.into_iter().map(row).collect(),
        open,
    })
}

#[derive(Template)]
#[template(path = "breach/show.html")]
struct ShowPage {
    page: Page,
    id: BreachId,
    reference: String,
    tag: Tag,
    due: Option<(String, String, &'static str)>,
    facts: Vec<(&'static str, String)>,
    missing: Vec<&'static str>,
    steps: Vec<(String, String, String, String)>,
    /// Whose account is looked at, when, and how many files were said to be affected, in words.
    account: Option<String>,
    choices: Html,
    form: FormView,
}

fn page(signed: &Signed, view: &BreachView, form: FormView, done: Option<&'static str>) -> Answer {
    let (of, id) = (&view.breach, view.breach.id);
    let suspicion = &of.body.suspicion;
    let moment = |at: jiff::civil::DateTime| format!("{}, {}", weekday_date(at.date()), at.time().strftime("%H:%M"));
    let mut facts = vec![
        ("What kind", suspicion.kind.label().to_owned()),
        ("What happened", suspicion.what.clone()),
        ("Whose information", suspicion.whose.clone()),
        ("Noticed", moment(suspicion.aware)),
        ("Said by", format!("{}, {}", signed.app.service.name_of(of.reporter), calendar::long_instant(of.created_ms))),
    ];
    facts.extend(suspicion.done.clone().map(|done| ("Done at once", done)));
    facts.extend(of.body.risk().map(|risk| ("Risk to people", risk.label().to_owned())));
    let steps = of.body.steps.iter().map(|step| {
        let more = match (step.risk, step.people) {
            (Some(risk), Some(people)) => format!("{}, about {people} people. ", risk.label()),
            (Some(risk), None) => format!("{}. ", risk.label()),
            _ => String::new(),
        };
        let by = format!("{}, {}", signed.app.service.name_of(step.by), calendar::long_instant(step.written_ms));
        (moment(step.at), step.kind.label().to_owned(), format!("{more}{}", step.words), by)
    });
    let state = || Tag {
        kind: if of.state == BreachState::InHand { "active" } else { "ended" },
        words: of.state.label().to_owned(),
    };
    let options: Options = view.possible.iter().map(|kind| (kind.code().to_owned(), kind.label().to_owned())).collect();
    let risks: Options = BreachRisk::ALL.iter().map(|risk| (risk.code().to_owned(), risk.label().to_owned())).collect();
    let assessed = Html::joined(vec![
        form.radios("risk", "What is the risk to people?", "", risks),
        form.short("people", "About how many people is it?", "A number. If it is not known, the most that it can be"),
    ]);
    let template = ShowPage {
        page: Page::new(signed, "A breach", "/breaches")
            .back("/breaches")
            .with_error(form.has_problems())
            .with_done(done),
        id,
        reference: id.reference(),
        tag: view.hours_left.map_or_else(state, left),
        due: view.due.as_ref().map(|due| (moment(due.at), upper_first(&due.rule), due.source)),
        facts,
        missing: view.missing.clone(),
        steps: steps.collect(),
        account: of.body.account.as_ref().map(|account| {
            let who = signed.app.service.name_of(account.account);
            format!(
                "{who}, {}. Said to be affected: {}",
                account.time(),
                kith_domain::words::files(of.body.affected.len())
            )
        }),
        choices: form.radios_reveal("kind", "What was done?", "", options, vec![("assessed", assessed)]),
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /breaches/{id}
pub(crate) async fn show(signed: Signed, Path(id): Path<BreachId>, Query(done): Query<Done>) -> Answer {
    let view = desk(&signed).breach(id).await?;
    page(&signed, &view, FormView::default(), done.words())
}

/// POST /breaches/{id}: a step.
pub(crate) async fn step(Path(id): Path<BreachId>, posted: Posted) -> Answer {
    let desk = desk(&posted.signed);
    let problems = match desk.take_breach_step(id, &posted.fields).await {
        Ok(_) => return see_other(&format!("/breaches/{id}?done=request-step")),
        Err(ServiceError::Invalid(problems)) => problems,
        Err(ServiceError::Refused(refusal)) => vec![Problem::new("kind", refusal.words)],
        Err(error) => return Err(error.into()),
    };
    let view = desk.breach(id).await?;
    page(&posted.signed, &view, FormView::with(posted.fields, problems), None)
}

/// GET /breaches/{id}/papers/{paper}
pub(crate) async fn paper(signed: Signed, Path((id, paper)): Path<(BreachId, String)>) -> Answer {
    let paper = BreachPaper::from_code(&paper).ok_or(ServiceError::NotFound)?;
    let bytes = desk(&signed).breach_paper(id, paper).await?;
    Ok(pdf(bytes, &format!("breach-{}-{}", paper.code(), id.reference())))
}
