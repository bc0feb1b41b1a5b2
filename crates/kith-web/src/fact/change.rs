//! One page for each group of facts: what stands, what stood before, and the form that changes it.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use kith_domain::calendar;
use kith_domain::catalogue::{Group, Item, rows, value_words};
use kith_domain::fact::{ChangeFacts, unsettled};
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::{ChildId, PersonId, StatementId};
use kith_service::ServiceError;
use kith_service::fact::{FactsView, ItemHistory, Saved, Whose};
use kith_store::Names;
use uuid::Uuid;

use super::{address, source_fields, warning};
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Html, Options, Page, People, compare, item_fields, render_with, see_other};

#[derive(Template)]
#[template(path = "fact/change.html")]
struct ChangePage {
    page: Page,
    caption: String,
    action: String,
    id: Uuid,
    version: i64,
    form: FormView,
    conflict: Html,
    refused: String,
    fields: Html,
    source: Html,
    would: Option<String>,
    warning: Vec<String>,
    history: Vec<Past>,
}

/// What was said of one item, for reading.
struct Past {
    label: &'static str,
    lines: Vec<(String, String)>,
    /// That it is disputed or restricted.
    doubts: Vec<String>,
    /// Where it is said that it is disputed or restricted, and where that is taken back.
    doubt_to: String,
}

/// What was typed, when it could not be saved as it is.
#[derive(Default)]
struct Again {
    typed: Fields,
    problems: Vec<Problem>,
    theirs: Option<Fields>,
    refused: String,
}

fn past(history: &ItemHistory, names: &Names, group: &str) -> Past {
    let day = |day: jiff::civil::Date| calendar::long_date(day);
    let line = |said: &kith_service::fact::SaidOf| {
        let value = value_words(history.item, &said.values, &|id| names.name(id));
        let value = value.unwrap_or_else(|| "Nothing".to_owned());
        let since = said.since.map(|since| format!(" since {}", day(since)));
        let when = match (said.until, since) {
            (Some(until), Some(since)) if said.since.is_some_and(|from| from <= until) => {
                format!("Was so{since} until {}", day(until))
            }
            (Some(until), _) => format!("Was so until {}", day(until)),
            (None, since) => format!("Is so{}", since.unwrap_or_default()),
        };
        let beside = said.beside.iter().fold(String::new(), |all, words| all + ". " + words);
        (value, format!("{when}, {}{beside}", said.source))
    };
    Past {
        label: history.item.label,
        lines: history.said.iter().map(line).collect(),
        doubts: history.doubts.iter().map(|of| of.words.clone()).collect(),
        doubt_to: format!("{group}/{}/doubt", history.item.code),
    }
}

fn page(signed: &Signed, whose: Whose, group: Group, id: Uuid, view: &FactsView, again: Option<Again>) -> Answer {
    let held = signed.app.service.register().items();
    // What is restricted is neither shown nor asked.
    let restricted = |item: &&Item| view.history.iter().any(|of| of.item == *item && of.is_restricted());
    let items: Vec<_> = group.items().filter(|item| held.has(item) && !restricted(item)).collect();
    let (status, again) = match again {
        None => (StatusCode::OK, Again { typed: unsettled(&view.values), ..Again::default() }),
        Some(again) if again.theirs.is_some() || !again.refused.is_empty() => (StatusCode::CONFLICT, again),
        Some(again) => (StatusCode::UNPROCESSABLE_ENTITY, again),
    };
    let words = |fields: &Fields| rows(items.iter().copied(), fields, &|id| view.names.name(id));
    let conflict = again.theirs.as_ref().map(|theirs| compare(&again.typed, theirs, words)).unwrap_or_default();
    let form = FormView::with(again.typed, again.problems);
    let of_person = view.relative.as_ref().map(|relative| format!(", {}", relative.name())).unwrap_or_default();
    let warning = warning(view.endangered.as_ref());
    let would = view.endangered.as_ref().filter(|_| !warning.is_empty()).map(|of| {
        let labels = of.by.items.iter().filter_map(|code| items.iter().find(|item| item.code == *code));
        let labels: Vec<String> = labels.map(|item| format!("“{}”", item.label)).collect();
        match of.by.only {
            Some("yes") => format!("If you answer {} with “yes”, this is void at once:", labels.join(" or ")),
            _ => format!("If you change {}, this is void at once:", labels.join(" or ")),
        }
    });
    let family: Options = view.names.iter().map(|(id, name)| (id.to_owned(), name.to_owned())).collect();
    let template = ChangePage {
        page: Page::new(signed, group.label(), "/children")
            .back(format!("/children/{}", whose.child))
            .with_error(status != StatusCode::OK),
        caption: format!("{}{of_person}", view.child.name()),
        action: address(whose.child, whose.person, group),
        id,
        version: view.version,
        fields: item_fields(&items, &form, &People { all: family, ..People::default() }),
        source: source_fields(&form),
        form,
        conflict,
        refused: again.refused,
        would,
        warning,
        history: view
            .history
            .iter()
            .map(|of| past(of, &view.names, &address(whose.child, whose.person, group)))
            .collect(),
    };
    render_with(status, &template)
}

async fn show(signed: Signed, whose: Whose, code: &str) -> Answer {
    let group = Group::from_code(code).ok_or(ServiceError::NotFound)?;
    let view = signed.delivery().facts(whose, group).await?;
    page(&signed, whose, group, Uuid::now_v7(), &view, None)
}

/// GET /children/{child}/facts/{group}
pub(crate) async fn of_child(signed: Signed, Path((child, group)): Path<(ChildId, String)>) -> Answer {
    show(signed, Whose { child, person: None }, &group).await
}

/// GET /children/{child}/family/{person}/{group}
pub(crate) async fn of_person(
    signed: Signed,
    Path((child, person, group)): Path<(ChildId, PersonId, String)>,
) -> Answer {
    show(signed, Whose { child, person: Some(person) }, &group).await
}

async fn save(posted: Posted, whose: Whose, code: &str) -> Answer {
    let group = Group::from_code(code).ok_or(ServiceError::NotFound)?;
    let desk = posted.signed.delivery();
    let id: Uuid = posted.fields.get("id").parse().unwrap_or_else(|_| Uuid::now_v7());
    let version = posted.fields.get("version").parse().unwrap_or(0);
    let typed = posted.fields.only(|name| !matches!(name, "version" | "id" | "csrf"));
    let there = desk.facts(whose, group).await?;
    let done = match ChangeFacts::read(group, &typed, there.born(group), posted.signed.app.service.today()) {
        Ok(command) => desk.change_facts(whose, StatementId(id), version, &command).await,
        Err(problems) => Err(problems.into()),
    };
    let again = match done {
        Ok(saved) => return see_other(&format!("/children/{}?done={}", whose.child, done_words(saved))),
        Err(ServiceError::Invalid(problems)) => Again { typed, problems, ..Again::default() },
        Err(ServiceError::Conflict { theirs, .. }) => Again { typed, theirs: Some(*theirs), ..Again::default() },
        Err(ServiceError::Refused(refusal)) => Again { typed, refused: refusal.to_string(), ..Again::default() },
        Err(error) => return Err(error.into()),
    };
    let view = desk.facts(whose, group).await?;
    // What is saved over somebody else's change comes after it.
    let id = if again.theirs.is_some() { Uuid::now_v7() } else { id };
    page(&posted.signed, whose, group, id, &view, Some(again))
}

/// POST /children/{child}/facts/{group}
pub(crate) async fn change_child(Path((child, group)): Path<(ChildId, String)>, posted: Posted) -> Answer {
    save(posted, Whose { child, person: None }, &group).await
}

/// POST /children/{child}/family/{person}/{group}
pub(crate) async fn change_person(
    Path((child, person, group)): Path<(ChildId, PersonId, String)>,
    posted: Posted,
) -> Answer {
    save(posted, Whose { child, person: Some(person) }, &group).await
}

/// Which words say on the file what was done.
pub(super) fn done_words(saved: Saved) -> &'static str {
    match (saved.voided.assessments, saved.voided.flagged) {
        (0, 0) => "changed",
        (0, _) => "changed-flagged",
        _ => "changed-void",
    }
}
