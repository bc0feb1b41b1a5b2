//! One request: what was asked, by when it is answered and how that was counted, what was done, what can be done, the letters.

use askama::Template;
use axum::extract::{Path, Query};
use jiff::civil::Date;
use kith_domain::calendar::{self, long_date, weekday_date};
use kith_domain::form::{lower_first, upper_first};
use kith_domain::ids::RequestId;
use kith_domain::rights::{Act, Ground, HeldSubject, Place, Right, Step, StepKind};
use kith_service::ServiceError;
use kith_service::rights::{LetterKind, RequestView};

use super::{desk, tag};
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::report::pdf;
use crate::ui::{FormView, Html, Options, Page, Tag, render_with, see_other};

#[derive(Template)]
#[template(path = "rights/show.html")]
struct ShowPage {
    page: Page,
    id: RequestId,
    reference: String,
    what: &'static str,
    /// Whether they ask to see what is held.
    access: bool,
    tag: Tag,
    due: Option<(String, String, &'static str)>,
    /// Since when the clock has stopped.
    stopped: Option<String>,
    facts: Vec<(&'static str, String)>,
    missing: Vec<&'static str>,
    /// Where they are held and something is decided.
    places: Vec<PlaceRow>,
    /// What was done: on which day, what, words, who wrote it down.
    steps: Vec<(String, String, String, String)>,
    others: Vec<(String, String)>,
    letters: Vec<(String, &'static str)>,
    /// For how long it is kept, in sentences.
    kept: Vec<String>,
    choices: Html,
    form: FormView,
}

/// A place in which they are held, and what was decided of it.
struct PlaceRow {
    to: String,
    words: String,
    decided: String,
    done: Vec<String>,
    when: String,
}

fn places(signed: &Signed, view: &RequestView) -> Vec<PlaceRow> {
    let (id, body) = (view.request.id, &view.request.body);
    if !body.asked.right.acts() {
        return Vec::new();
    }
    let mut all = body.places();
    // What was done where they turned out not to be held was done all the same.
    all.extend(body.decisions().map(|(_, of)| of.place));
    let mut places = Vec::new();
    for place in all {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    let name = |account| signed.app.service.name_of(account);
    let used_again = |act: &Act| {
        let lifts = |step: &Step| step.lifts.is_some() && step.lifts.map(|of| of.0) == act.row;
        if body.steps.iter().any(lifts) { ". Used again since" } else { "" }
    };
    let row = |place: Place| {
        let last = body.decided_in(place);
        let acts = body.decisions().filter(|(_, of)| of.place == place).flat_map(|(_, of)| &of.acts);
        PlaceRow {
            to: format!("/requests/{id}/decide?place={}", place.code()),
            words: match place {
                Place::File(HeldSubject { file, person: None }) => format!("File {}: the child", file.reference()),
                Place::File(HeldSubject { file, .. }) => format!("File {}: one of the family", file.reference()),
                Place::Account(account) => format!("A member of staff: {}", name(account)),
            },
            decided: last.map_or("Nothing is decided yet", |(_, of)| of.verdict.label()).to_owned(),
            done: acts.map(|act| format!("{}: {}{}", act.kind.label(), act.what, used_again(act))).collect(),
            when: last.map_or_else(String::new, |(step, _)| {
                format!("{}, {}", step.by.map(name).unwrap_or_default(), calendar::long_instant(step.at_ms))
            }),
        }
    };
    places.into_iter().map(row).collect()
}

fn facts(view: &RequestView) -> Vec<(&'static str, String)> {
    let of = &view.request.body.asked;
    let mut rows = vec![
        ("Who asks", format!("{} ({})", of.name, lower_first(of.asker.label()))),
        ("Received", format!("{}, {}", weekday_date(of.received), lower_first(of.channel.label()))),
        ("In their words", of.what.clone()),
    ];
    let more = [
        ("About", of.about.clone()),
        ("Born", of.birth.map(long_date)),
        ("Former names", of.former_names.clone()),
        ("Address", of.address.clone()),
        ("Email", of.email.clone()),
        ("Phone", of.phone.clone()),
        ("Needs", of.needs.clone()),
    ];
    rows.extend(more.into_iter().filter_map(|(label, value)| value.map(|value| (label, value))));
    rows
}

/// For how long a closed request is kept, in sentences.
fn kept(view: &RequestView) -> Vec<String> {
    let Some(kept) = &view.kept else { return Vec::new() };
    let mut words = vec![format!("This request is kept until {}. Then it is destroyed.", weekday_date(kept.until))];
    words.extend(kept.collected_until.map(|day| {
        format!(
            "What was collected to answer it is kept until {}, and with it the list of what was taken out.",
            weekday_date(day)
        )
    }));
    words.extend(kept.longer.map(|why| format!("Both are kept longer, as long as this stands: {}.", lower_first(why))));
    words
}

fn page(signed: &Signed, view: &RequestView, form: FormView, done: Option<&'static str>) -> Answer {
    let (id, today) = (view.request.id, signed.app.service.today());
    let body = &view.request.body;
    let late = view.due.as_ref().is_some_and(|due| due.day < today);
    let by = |step: &Step| {
        let name = step.by.map_or_else(|| "Kith".to_owned(), |by| signed.app.service.name_of(by));
        format!("{name}, {}", calendar::long_instant(step.at_ms))
    };
    let ground = |step: &Step| step.ground.map(|ground| format!("{}. ", ground.label())).unwrap_or_default();
    let steps = body.steps.iter().map(|step| {
        (weekday_date(step.on), step.kind.label().to_owned(), format!("{}{}", ground(step), step.words), by(step))
    });
    let other = |other: &kith_store::PersonRequest| {
        let of = &other.body.asked;
        let words = format!("{}, received {}", of.right.label(), long_date(of.received));
        (format!("/requests/{}", other.id), words)
    };
    let others: Vec<(String, String)> = view.others.iter().map(other).collect();
    let template = ShowPage {
        page: Page::new(signed, "A request", "/requests")
            .back("/requests")
            .with_error(form.has_problems())
            .with_done(done),
        id,
        reference: id.reference(),
        what: body.asked.right.label(),
        access: matches!(body.asked.right, Right::Access | Right::Portability),
        tag: tag(view.request.state, late),
        due: view.due.as_ref().map(|due| (weekday_date(due.day), upper_first(&due.rule), due.source)),
        stopped: if view.request.state.is_closed() {
            None
        } else {
            body.open_pause().map(|since: Date| long_date(since))
        },
        facts: facts(view),
        missing: view.missing.clone(),
        places: places(signed, view),
        steps: steps.collect(),
        kept: kept(view),
        letters: view
            .letters
            .iter()
            .map(|kind| (format!("/requests/{id}/letters/{}", kind.code()), kind.label()))
            .collect(),
        choices: choices(view, &others, &form),
        others,
        form,
    };
    render_with(template.form.status(""), &template)
}

/// What can be done now; a refusal asks why, one that is the same as another asks which.
fn choices(view: &RequestView, others: &[(String, String)], form: &FormView) -> Html {
    let kinds = view.possible.iter().filter(|kind| match kind {
        StepKind::Joined => !others.is_empty(),
        kind if kind.has_own_page() => false,
        _ => true,
    });
    let options: Options = kinds.map(|kind| (kind.code().to_owned(), kind.label().to_owned())).collect();
    let grounds: Options = Ground::ALL.iter().map(|of| (of.code().to_owned(), of.label().to_owned())).collect();
    let which: Options =
        others.iter().map(|(to, words)| (to.trim_start_matches("/requests/").to_owned(), words.clone())).collect();
    let reveal = vec![
        ("refused", form.select("ground", "Why is it refused?", "", grounds)),
        ("joined", form.radios("other", "Which one?", "", which)),
    ];
    form.radios_reveal("kind", "What was done?", "", options, reveal)
}

/// GET /requests/{id}
pub(crate) async fn show(signed: Signed, Path(id): Path<RequestId>, Query(done): Query<Done>) -> Answer {
    let view = desk(&signed).request(id).await?;
    page(&signed, &view, FormView::default(), done.words())
}

/// POST /requests/{id}: a step.
pub(crate) async fn step(Path(id): Path<RequestId>, posted: Posted) -> Answer {
    let desk = desk(&posted.signed);
    let problems = match desk.take_request_step(id, &posted.fields).await {
        Ok(_) => return see_other(&format!("/requests/{id}?done=request-step")),
        Err(ServiceError::Invalid(problems)) => problems,
        // What stands against it is said beside what was typed, which is not lost.
        Err(ServiceError::Refused(refusal)) => vec![kith_domain::form::Problem::new("kind", refusal.words)],
        Err(error) => return Err(error.into()),
    };
    let view = desk.request(id).await?;
    page(&posted.signed, &view, FormView::with(posted.fields, problems), None)
}

/// GET /requests/{id}/letters/{letter}
pub(crate) async fn letter(signed: Signed, Path((id, letter)): Path<(RequestId, String)>) -> Answer {
    let kind = LetterKind::from_code(&letter).ok_or(ServiceError::NotFound)?;
    let bytes = desk(&signed).request_letter(id, kind).await?;
    Ok(pdf(bytes, &format!("{}-{}", kind.code(), id.reference())))
}
