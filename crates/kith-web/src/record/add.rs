//! An addendum: a correction beside what was signed.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::{EntryId, SessionId};
use kith_domain::record::Addendum;
use kith_service::ServiceError;
use serde::Deserialize;
use uuid::Uuid;

use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Options, Page, render, render_with, see_other};

/// Which entry it is about.
#[derive(Deserialize)]
pub(crate) struct About {
    #[serde(default)]
    about: String,
}

/// An addendum as it is typed.
#[derive(Template)]
#[template(path = "record/add.html")]
pub(crate) struct AddPage {
    page: Page,
    id: SessionId,
    entry: Uuid,
    child: String,
    when: String,
    entries: Options,
    form: FormView,
}

/// The page of an addendum, for who may add one now.
pub(crate) async fn page(signed: &Signed, id: SessionId, entry: Uuid, form: FormView) -> Result<AddPage, WebError> {
    let view = signed.delivery().record(id).await?;
    if !view.may_add {
        return Err(ServiceError::rule(
            "record.no_addendum",
            "An addendum is added after the record is signed, by its author or a manager of the area",
        )
        .into());
    }
    let words = |text: &str| {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let short: String = line.chars().take(60).collect();
        if short.len() < line.len() { format!("{short} …") } else { short }
    };
    let entries = view.entries().map(|of| {
        let observation = &of.text.observation;
        let about = of.about_clock();
        (of.id.to_string(), format!("{about}, {}: {}", observation.heading.label(), words(&observation.text)))
    });
    let page = Page::new(signed, "Add an addendum", crate::session::here(signed));
    Ok(AddPage {
        page: page.back(format!("/sessions/{id}/record")).with_error(form.has_problems()),
        id,
        entry,
        child: view.names(),
        when: view.session.slot.label(),
        entries: entries.collect(),
        form,
    })
}

/// GET /sessions/{id}/record/addendum?about=ENTRY
pub(crate) async fn ask(signed: Signed, Path(id): Path<SessionId>, Query(about): Query<About>) -> Answer {
    let mut fields = Fields::default();
    if let Ok(entry) = about.about.parse::<EntryId>() {
        fields.set("about", entry.to_string());
    }
    render(&page(&signed, id, Uuid::now_v7(), FormView::new(fields)).await?)
}

/// POST /sessions/{id}/record/addendum
pub(crate) async fn add(Path(id): Path<SessionId>, posted: Posted) -> Answer {
    let entry: EntryId = posted.fields.get("id").parse().map_err(|_| ServiceError::NotFound)?;
    let typed = posted.fields.only(|name| name != "id");
    let added = match Addendum::read(&typed) {
        Ok(addendum) => posted.signed.delivery().add_addendum(id, entry, &addendum).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    let problems = match added {
        Ok(()) => return see_other(&format!("/sessions/{id}/record?done=added")),
        Err(ServiceError::Invalid(problems)) => problems,
        Err(ServiceError::Refused(refusal)) => vec![Problem::new("text", refusal.to_string())],
        Err(error) => return Err(error.into()),
    };
    let page = page(&posted.signed, id, entry.0, FormView::with(typed, problems)).await?;
    render_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}
