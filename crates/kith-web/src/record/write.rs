//! The recorder: entries saved while they are typed, who came, the end of the session. Everything works without
//! JavaScript; with it, the same form is saved every few seconds.

use askama::Template;
use axum::Json;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use kith_domain::booking::Ended;
use kith_domain::calendar;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::{EntryId, SessionId};
use kith_domain::record::{Basis, Heading};
use kith_domain::session::SessionState;
use kith_service::record::{RecordView, attendance_fields, fields_of};
use kith_service::{Desk, ServiceError};
use serde_json::json;
use uuid::Uuid;

use super::{Under, headings, under_headings};
use crate::error::{Answer, WebError};
use crate::file::{record_tag, session_tag};
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Html, Options, Page, Tag, compare, kept, render_with, see_other};

#[derive(Template)]
#[template(path = "record/write.html")]
struct WritePage {
    page: Page,
    id: SessionId,
    child: String,
    when: String,
    place: String,
    tag: Tag,
    record_tag: Tag,
    due: String,
    in_progress: bool,
    overdue: bool,
    entry: Uuid,
    entry_version: i64,
    editing: bool,
    autosave: bool,
    form: FormView,
    conflict: Html,
    headings: Options,
    bases: Vec<(&'static str, &'static str)>,
    guidance: Vec<(String, String)>,
    written: Vec<Under>,
    change_to: String,
    attendance: FormView,
    attendance_version: i64,
    attendance_conflict: Html,
    lines: Vec<Line>,
    ending: FormView,
    endings: Options,
}

/// One person's attendance and the names of its fields.
struct Line {
    name: String,
    words: String,
    arrived: String,
    left: String,
    absent: String,
    note: String,
}

/// What a form of the page came back with.
#[derive(Default)]
pub(crate) struct Tried {
    entry: Option<(Uuid, i64, Fields, Vec<Problem>)>,
    entry_theirs: Option<Fields>,
    attendance: Option<(i64, Fields, Vec<Problem>)>,
    attendance_theirs: Option<Fields>,
    ending: Option<(Fields, Vec<Problem>)>,
}

/// The recorder's page. `editing` is an entry taken up again.
pub(crate) fn write_page(
    signed: &Signed,
    view: &RecordView,
    editing: Option<EntryId>,
    tried: Tried,
    done: Option<&'static str>,
) -> Answer {
    let id = view.session.id;
    let status = match (&tried.entry_theirs, &tried.attendance_theirs) {
        (Some(_), _) | (_, Some(_)) => StatusCode::CONFLICT,
        _ if wrong(&tried) => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::OK,
    };
    let taken_up = editing.and_then(|entry| view.entry(entry));
    let fresh = tried.entry.is_none();
    let (entry, entry_version, fields, problems) = tried.entry.unwrap_or_else(|| match taken_up {
        Some(of) => (of.id.0, of.version, fields_of(&of.observation), Vec::new()),
        None => (Uuid::now_v7(), 0, next_entry(signed, view), Vec::new()),
    });
    let conflict = tried.entry_theirs.map(|theirs| compare(&fields, &theirs, entry_readable)).unwrap_or_default();
    let (attendance_version, came, came_problems) = tried
        .attendance
        .unwrap_or_else(|| (view.record.version, attendance_fields(&view.record.body.attendance), Vec::new()));
    let attendance_conflict = tried
        .attendance_theirs
        .map(|theirs| compare(&came, &theirs, |fields| attendance_readable(fields, view)))
        .unwrap_or_default();
    let (ending, ending_problems) = tried.ending.unwrap_or_default();
    let (band, purpose) = (view.record.body.band, view.record.body.purpose);
    let guidance = Heading::ALL.iter().map(|of| (of.label().to_owned(), of.guidance(band, purpose).to_owned()));
    let lines = view.attendance.iter().enumerate().map(|(index, line)| Line {
        name: line.name.clone(),
        words: format!("{}, expected {}", line.relationship, calendar::clock(line.attendance.expected_minute)),
        arrived: format!("arrived-{index}"),
        left: format!("left-{index}"),
        absent: format!("absent-{index}"),
        note: format!("note-{index}"),
    });
    let now_ms = signed.app.service.now_ms();
    let state = view.session.state;
    let page = Page::new(signed, "Record of a session", "/my-day").back(format!("/sessions/{id}")).with_done(done);
    let template = WritePage {
        page: page.with_error(status != StatusCode::OK),
        id,
        child: view.child.name(),
        when: view.session.slot.label(),
        place: view.place.clone(),
        tag: session_tag(state, false),
        record_tag: record_tag(view.record.state, view.record.due_ms, now_ms),
        due: calendar::long_instant(view.record.due_ms),
        in_progress: state == SessionState::InProgress,
        overdue: view.overdue,
        entry,
        entry_version,
        editing: taken_up.is_some(),
        autosave: fresh,
        form: FormView::with(fields, problems),
        conflict,
        headings: headings(),
        bases: Basis::ALL.iter().map(|basis| (basis.code(), basis.label())).collect(),
        guidance: guidance.collect(),
        written: under_headings(view),
        change_to: format!("/sessions/{id}/record?entry="),
        attendance: FormView::with(came, came_problems),
        attendance_version,
        attendance_conflict,
        lines: lines.collect(),
        ending: FormView::with(ending, ending_problems),
        endings: Ended::ALL.iter().map(|how| (how.code().to_owned(), how.label().to_owned())).collect(),
    };
    render_with(status, &template)
}

fn wrong(tried: &Tried) -> bool {
    let entry = tried.entry.as_ref().is_some_and(|(_, _, _, problems)| !problems.is_empty());
    let attendance = tried.attendance.as_ref().is_some_and(|(_, _, problems)| !problems.is_empty());
    entry || attendance || tried.ending.as_ref().is_some_and(|(_, problems)| !problems.is_empty())
}

/// A new entry begins under the heading of the last one, at the time it is now.
fn next_entry(signed: &Signed, view: &RecordView) -> Fields {
    let mut fields = Fields::default();
    let last = view.entries().max_by_key(|entry| entry.written_ms);
    // Somebody’s words stand under their heading alone: what comes after them is something else.
    let goes_on = last.map(|entry| entry.observation.heading).filter(|heading| *heading != Heading::ChildSaid);
    let first = if last.is_some() { Heading::Interaction } else { Heading::Arrival };
    fields.set("heading", goes_on.unwrap_or(first).code());
    let now_ms = signed.app.service.now_ms();
    if calendar::in_london(now_ms).date() == view.session.slot.day && view.session.state == SessionState::InProgress {
        fields.set("about", calendar::clock_at(now_ms));
    }
    fields
}

fn entry_readable(fields: &Fields) -> Vec<(String, String)> {
    let label = |code: Option<&'static str>| code.unwrap_or_default().to_owned();
    vec![
        ("Heading".to_owned(), label(Heading::from_code(fields.get("heading")).map(Heading::label))),
        ("Time it is about".to_owned(), fields.get("about").to_owned()),
        ("How you know".to_owned(), label(Basis::from_code(fields.get("basis")).map(Basis::label))),
        ("Somebody’s exact words".to_owned(), if fields.has("quotation", "yes") { "Yes" } else { "No" }.to_owned()),
        ("What happened".to_owned(), fields.get("text").trim().to_owned()),
    ]
}

fn attendance_readable(fields: &Fields, view: &RecordView) -> Vec<(String, String)> {
    let of = |(index, line): (usize, &kith_service::record::PersonLine)| {
        let field = |name: &str| fields.get(&format!("{name}-{index}")).trim().to_owned();
        let absent = if fields.has(&format!("absent-{index}"), "yes") { "did not come" } else { "" };
        let parts =
            [("arrived", field("arrived")), ("left", field("left")), ("", absent.to_owned()), ("", field("note"))];
        let words = parts.iter().filter(|(_, value)| !value.is_empty());
        let words: Vec<String> = words.map(|(name, value)| format!("{name} {value}").trim().to_owned()).collect();
        (line.name.clone(), words.join(", "))
    };
    view.attendance.iter().enumerate().map(of).collect()
}

/// Whether the answer is to be JSON: the script saves, not the person.
pub(crate) struct WantsJson(bool);

impl<S: Sync> FromRequestParts<S> for WantsJson {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let accept = parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
        Ok(Self(accept.is_some_and(|accept| accept.contains("application/json"))))
    }
}

/// POST /sessions/{id}/record/entries: an entry, by the script while it is typed or by the button.
pub(crate) async fn save_entry(Path(id): Path<SessionId>, WantsJson(json): WantsJson, posted: Posted) -> Answer {
    let fields = &posted.fields;
    let entry: EntryId = fields.get("entry_id").parse().map_err(|_| ServiceError::NotFound)?;
    let version = fields.get("version").parse().unwrap_or(0);
    let typed = fields.only(|name| name != "entry_id" && name != "version");
    let desk = posted.signed.delivery();
    let saved = desk.write_entry(id, entry, version, &typed).await;
    if json {
        return autosave_answer(saved);
    }
    match saved {
        Ok(_) => see_other(&format!("/sessions/{id}/record?done=saved")),
        Err(ServiceError::Invalid(problems)) => {
            let tried = Tried { entry: Some((entry.0, version, typed, problems)), ..Tried::default() };
            again(&posted.signed, &desk, id, tried).await
        }
        Err(ServiceError::Conflict { theirs, version }) => {
            let entry = Some((entry.0, version, typed, Vec::new()));
            let tried = Tried { entry, entry_theirs: Some(*theirs), ..Tried::default() };
            again(&posted.signed, &desk, id, tried).await
        }
        Err(ServiceError::Refused(refusal)) => locked(&posted.signed, id, &typed, &refusal.to_string()).await,
        Err(error) => Err(error.into()),
    }
}

/// The record was signed meanwhile, in another tab or on another device: what was typed goes into an addendum's form.
async fn locked(signed: &Signed, id: SessionId, typed: &Fields, why: &str) -> Answer {
    let mut fields = Fields::default();
    fields.set("text", typed.get("text"));
    let form = FormView::with(fields, vec![Problem::new("text", why)]);
    match super::add::page(signed, id, Uuid::now_v7(), form).await {
        Ok(page) => render_with(StatusCode::CONFLICT, &page),
        Err(_) => kept(signed, &format!("/sessions/{id}"), entry_readable(typed), why),
    }
}

/// Every field of a form that something was typed in.
fn as_typed(fields: &Fields) -> Vec<(String, String)> {
    let some = fields.iter().filter(|(_, value)| !value.trim().is_empty());
    some.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn autosave_answer(saved: Result<kith_service::record::SavedEntry, ServiceError>) -> Answer {
    let (status, body) = match saved {
        Ok(saved) => (StatusCode::OK, json!({ "saved": true, "version": saved.version, "written": saved.clock() })),
        Err(ServiceError::Conflict { .. }) => (StatusCode::CONFLICT, json!({ "conflict": true })),
        Err(ServiceError::Invalid(problems)) => {
            let message = problems.first().map(|problem| kith_domain::form::lower_first(&problem.message));
            (StatusCode::UNPROCESSABLE_ENTITY, json!({ "message": message }))
        }
        Err(ServiceError::Refused(refusal)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, json!({ "message": refusal.to_string() }))
        }
        Err(error) => return Err(error.into()),
    };
    Ok((status, Json(body)).into_response())
}

async fn again(signed: &Signed, desk: &Desk, id: SessionId, tried: Tried) -> Answer {
    let view = desk.record(id).await?;
    write_page(signed, &view, None, tried, None)
}

/// POST /sessions/{id}/record/attendance
pub(crate) async fn save_attendance(Path(id): Path<SessionId>, posted: Posted) -> Answer {
    let version = posted.fields.get("version").parse().unwrap_or(0);
    let typed = posted.fields.only(|name| name != "version");
    let desk = posted.signed.delivery();
    let tried = match desk.save_attendance(id, version, &typed).await {
        Ok(()) => return see_other(&format!("/sessions/{id}/record?done=saved#attendance")),
        Err(ServiceError::Invalid(problems)) => {
            Tried { attendance: Some((version, typed, problems)), ..Tried::default() }
        }
        Err(ServiceError::Conflict { theirs, version }) => Tried {
            attendance: Some((version, typed, Vec::new())),
            attendance_theirs: Some(*theirs),
            ..Tried::default()
        },
        Err(ServiceError::Refused(refusal)) => {
            return kept(&posted.signed, &format!("/sessions/{id}"), as_typed(&typed), &refusal.to_string());
        }
        Err(error) => return Err(error.into()),
    };
    again(&posted.signed, &desk, id, tried).await
}

/// POST /sessions/{id}/record/end
pub(crate) async fn end(Path(id): Path<SessionId>, posted: Posted) -> Answer {
    let desk = posted.signed.delivery();
    match desk.end_session(id, &posted.fields).await {
        Ok(()) => see_other(&format!("/sessions/{id}/record?done=session-ended")),
        Err(ServiceError::Invalid(problems)) => {
            let tried = Tried { ending: Some((posted.fields, problems)), ..Tried::default() };
            again(&posted.signed, &desk, id, tried).await
        }
        Err(ServiceError::Refused(refusal)) if refusal.code != "session.wrong_state" => {
            let problems = vec![Problem::new("how", refusal.words)];
            let tried = Tried { ending: Some((posted.fields, problems)), ..Tried::default() };
            again(&posted.signed, &desk, id, tried).await
        }
        Err(ServiceError::Refused(refusal)) => {
            kept(&posted.signed, &format!("/sessions/{id}"), as_typed(&posted.fields), &refusal.to_string())
        }
        Err(error) => Err(WebError::from(error)),
    }
}
