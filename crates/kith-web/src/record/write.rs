//! The recorder: one page with one form, so that whatever was typed on it is saved first, whichever button is pressed.
//! Everything works without JavaScript; with it, the same form is saved every few seconds.

use askama::Template;
use axum::Json;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use kith_domain::access::Role;
use kith_domain::calendar;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::{EntryId, SessionId};
use kith_domain::record::came::{STAYS_MAX, field};
use kith_domain::record::{AgeBand, Basis, Came, ConcernKind, Ended, Heading, Sheet};
use kith_domain::session::SessionState;
use kith_service::record::{CourseConflict, Kept, KeptText, RecordView};
use serde_json::json;
use uuid::Uuid;

use super::{Under, corrected, headings, under_headings};
use crate::error::Answer;
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
    editing: bool,
    autosave: bool,
    now_ms: i64,
    fill_about: bool,
    form: FormView,
    hidden: Vec<(String, String)>,
    conflict: Html,
    stands: Vec<String>,
    headings: Options,
    bases: Vec<(&'static str, &'static str)>,
    children: Options,
    guidance: Vec<(String, String)>,
    written: Vec<Under>,
    lines: Vec<Line>,
    corrected: Vec<String>,
    endings: Options,
    concern_kinds: Options,
    staff: Options,
    raised: Vec<[String; 3]>,
}

/// One person's attendance and the names of its fields.
struct Line {
    name: String,
    words: String,
    stays: Vec<(String, String, &'static str, &'static str)>,
    absent: String,
    note: String,
    why: Option<String>,
}

/// What the page came back with.
#[derive(Default)]
pub(crate) struct Tried {
    fields: Option<Fields>,
    problems: Vec<Problem>,
    theirs: Option<Fields>,
    conflicts: Vec<CourseConflict>,
}

/// What to look for under a heading; of children of several ages each answer with those whom it is for.
fn guidance(heading: Heading, bands: &[(String, AgeBand)], view: &RecordView) -> String {
    let words = heading.guidance_of(bands, view.record.body.purpose);
    match words.as_slice() {
        [(_, words)] => (*words).to_owned(),
        several => {
            let of = |(names, words): &(Vec<&str>, &str)| format!("For {}: {words}", names.join(" and "));
            several.iter().map(of).collect::<Vec<_>>().join("\n")
        }
    }
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
    let status = match &tried {
        Tried { theirs: Some(_), .. } => StatusCode::CONFLICT,
        Tried { conflicts, .. } if !conflicts.is_empty() => StatusCode::CONFLICT,
        Tried { problems, .. } if !problems.is_empty() => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::OK,
    };
    let autosave = tried.fields.is_none();
    let fields = tried.fields.unwrap_or_else(|| fresh(view, editing));
    let editing = fields.get("version").parse::<i64>().is_ok_and(|version| version > 0);
    let conflict = tried.theirs.map(|theirs| compare(&fields, &theirs, entry_readable)).unwrap_or_default();
    let bands = view.bands();
    let guidance = Heading::ALL.iter().map(|of| (of.label().to_owned(), guidance(*of, &bands, view)));
    let names = |line: usize| view.attendance.get(line).map_or("", |line| line.name.as_str());
    let stands = tried.conflicts.iter().map(|conflict| match conflict {
        CourseConflict::Came { line, .. } => format!("{}: {}", names(*line), conflict.stands()),
        CourseConflict::Start { .. } => format!("When it began: {}", conflict.stands()),
        CourseConflict::End { .. } => format!("How it ended: {}", conflict.stands()),
    });
    let hidden = fields.iter().filter(|(name, _)| is_hidden(name));
    let hidden = hidden.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let staff = [Role::Manager, Role::Coordinator, Role::Supervisor, Role::SocialWorker];
    let staff = staff.into_iter().flat_map(|role| signed.app.service.colleagues(role));
    let children = view.children.iter().map(|child| (child.id.to_string(), child.name()));
    let now_ms = signed.app.service.now_ms();
    let state = view.session.state;
    let page = Page::new(signed, "Record of a session", "/my-day").back(format!("/sessions/{id}")).with_done(done);
    let problems = named(tried.problems, view);
    let template = WritePage {
        page: page.with_error(status != StatusCode::OK),
        id,
        child: view.names(),
        when: view.session.slot.label(),
        place: view.place.clone(),
        tag: session_tag(state, false),
        record_tag: record_tag(view.record.state, view.record.due_ms, now_ms),
        due: calendar::long_instant(view.record.due_ms),
        in_progress: state == SessionState::InProgress,
        overdue: view.overdue,
        editing,
        autosave,
        now_ms,
        fill_about: !editing && calendar::in_london(now_ms).date() == view.session.slot.day,
        hidden,
        conflict,
        stands: stands.collect(),
        headings: headings(),
        bases: Basis::ALL.iter().map(|basis| (basis.code(), basis.label())).collect(),
        children: if view.children.len() > 1 { children.collect() } else { Options::default() },
        guidance: guidance.collect(),
        written: under_headings(view),
        lines: (0..view.attendance.len()).map(|line| line_of(view, line, &fields)).collect(),
        corrected: corrected(view),
        endings: Ended::ALL.iter().map(|how| (how.code().to_owned(), how.label().to_owned())).collect(),
        concern_kinds: ConcernKind::ALL.iter().map(|of| (of.code().to_owned(), of.label().to_owned())).collect(),
        staff: staff.map(|card| (card.id.to_string(), format!("{}, {}", card.name, card.role.label()))).collect(),
        raised: super::concerns(&view.concerns),
        form: FormView::with(fields, problems),
    };
    render_with(status, &template)
}

/// Fields that say what the page showed, and ids made with it.
fn is_hidden(name: &str) -> bool {
    ["page", "entry_id", "version", "concern_id"].contains(&name)
        || name.starts_with("was-")
        || name.starts_with("who-")
}

/// The problems of a line with the person's name.
fn named(problems: Vec<Problem>, view: &RecordView) -> Vec<Problem> {
    let name = |field: &str| {
        let (kind, rest) = field.split_once('-')?;
        let line: usize = rest.split('-').next()?.parse().ok()?;
        let of_line = ["arrived", "left", "absent", "note", "why"].contains(&kind);
        view.attendance.get(line).filter(|_| of_line).map(|line| line.name.clone())
    };
    let with = |problem: Problem| match name(&problem.field) {
        Some(name) => {
            Problem::new(problem.field, format!("{name}: {}", kith_domain::form::lower_first(&problem.message)))
        }
        None => problem,
    };
    problems.into_iter().map(with).collect()
}

/// A page on which nothing has been typed yet.
fn fresh(view: &RecordView, editing: Option<EntryId>) -> Fields {
    let mut fields = Fields::default();
    fields.set("page", Uuid::now_v7().to_string());
    fields.set("concern_id", Uuid::now_v7().to_string());
    for (line, of) in view.attendance.iter().enumerate() {
        fields.set(format!("who-{line}"), of.presence.who.to_string());
        let came = Came::of(&of.presence);
        came.put(&mut fields, "was-", line);
        came.put(&mut fields, "", line);
    }
    let start = view.timeline.start.map(|said| calendar::clock(said.minute)).unwrap_or_default();
    let end = view.timeline.end.as_ref();
    let ended = end.map(|end| calendar::clock(end.at.minute)).unwrap_or_default();
    let how = end.map(|end| end.how.code()).unwrap_or_default();
    let note = end.and_then(|end| end.note.clone()).unwrap_or_default();
    let values = [("began", start.as_str()), ("ended", &ended), ("how", how), ("ending_note", &note)];
    for (name, value) in values.into_iter().filter(|(_, value)| !value.is_empty()) {
        fields.set(name, value);
        fields.set(format!("was-{name}"), value);
    }
    match editing.and_then(|entry| view.entry(entry)).filter(|entry| entry.own && entry.struck.is_none()) {
        Some(entry) => {
            for (name, value) in entry.text.observation.fields().iter() {
                fields.set(name, value);
            }
            fields.set_all("about_child", entry.about_ids.iter().map(ToString::to_string).collect());
            fields.set("entry_id", entry.id.to_string());
            fields.set("version", entry.version.to_string());
        }
        None => next_entry(&mut fields, view),
    }
    fields
}

/// A new entry begins under the heading of the last one.
fn next_entry(fields: &mut Fields, view: &RecordView) {
    let last = view.entries().max_by_key(|entry| entry.text.received_ms);
    // Somebody’s words stand under their heading alone: what comes after them is something else.
    let goes_on = last.map(|entry| entry.text.observation.heading).filter(|heading| *heading != Heading::ChildSaid);
    let first = if last.is_some() { Heading::Interaction } else { Heading::Arrival };
    fields.set("heading", goes_on.unwrap_or(first).code());
    fields.set("entry_id", Uuid::now_v7().to_string());
    fields.set("version", "0");
    for name in ["about", "basis", "quotation", "text"] {
        fields.set(name, "");
    }
    fields.set_all("about_child", Vec::new());
}

fn line_of(view: &RecordView, line: usize, fields: &Fields) -> Line {
    let of = &view.attendance[line];
    let typed = |stay: usize| ["arrived", "left"].iter().any(|name| !fields.get(&field(name, line, stay)).is_empty());
    let kept = of.presence.stays.len();
    // One more than is written down when they have left: they may come back.
    let offered = kept + usize::from(kept == 0 || of.presence.left_minute().is_some());
    let stays = (0..STAYS_MAX).filter(|stay| *stay < offered || typed(*stay)).map(|stay| {
        let (came, left) = if stay == 0 { ("Arrived", "Left") } else { ("Came back", "Left again") };
        (field("arrived", line, stay), field("left", line, stay), came, left)
    });
    Line {
        name: of.name.clone(),
        words: format!("{}, expected {}", of.relationship, calendar::clock(of.expected_minute)),
        stays: stays.collect(),
        absent: format!("absent-{line}"),
        note: format!("note-{line}"),
        why: of.presence.is_said().then(|| format!("why-{line}")),
    }
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

/// Whether the answer is to be JSON: the script saves, not the person.
pub(crate) struct WantsJson(bool);

impl<S: Sync> FromRequestParts<S> for WantsJson {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let accept = parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
        Ok(Self(accept.is_some_and(|accept| accept.contains("application/json"))))
    }
}

/// POST /sessions/{id}/record: everything typed on the page, by the script while it is typed or by any button.
pub(crate) async fn save(Path(id): Path<SessionId>, WantsJson(json): WantsJson, posted: Posted) -> Answer {
    let Posted { signed, fields } = posted;
    let (mut sheet, mut problems) = Sheet::read(&fields);
    if json {
        // Nobody is alarmed by half a sentence, and no session ends by itself.
        sheet.raised = None;
        sheet.course.end = None;
        problems.retain(|problem| {
            !["concern", "concern_staff", "concern_text", "ended", "how", "ending_note"]
                .contains(&problem.field.as_str())
        });
    }
    let desk = signed.delivery();
    let kept = desk.keep_sheet(id, sheet).await?;
    problems.extend(kept.problems.iter().cloned());
    if json {
        return Ok(autosave_answer(&kept, &problems));
    }
    if let KeptText::Refused(refusal) = &kept.text
        && refusal.code != "record.struck_out"
    {
        return locked(&signed, id, &fields, &refusal.to_string()).await;
    }
    if kept.whole() && problems.is_empty() {
        return see_other(&next(id, fields.get("press"), &kept));
    }
    let view = match desk.record(id).await {
        Ok(view) if view.may_write => view,
        // Signed in another tab: the words that were typed are given back for reading.
        Ok(_) => {
            let why = problems.first().map_or_else(String::new, |problem| problem.message.clone());
            let typed = fields.iter().filter(|(name, value)| !is_hidden(name) && !value.trim().is_empty());
            let typed = typed.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            return self::kept(&signed, &format!("/sessions/{id}"), typed, &why);
        }
        Err(error) => return Err(error.into()),
    };
    write_page(&signed, &view, None, tried(fields, kept, problems, &view), None)
}

/// Where the pressed button leads once everything is kept.
fn next(id: SessionId, press: &str, kept: &Kept) -> String {
    let record = format!("/sessions/{id}/record");
    if let Some(entry) = press.strip_prefix("change:").and_then(|entry| entry.parse::<EntryId>().ok()) {
        return format!("{record}?entry={entry}#write");
    }
    if let Some(entry) = press.strip_prefix("strike:").and_then(|entry| entry.parse::<EntryId>().ok()) {
        return format!("{record}/strike?entry={entry}");
    }
    match press {
        "sign" => format!("{record}/sign"),
        "leave" => format!("/sessions/{id}"),
        _ if kept.ended => format!("{record}?done=session-ended"),
        _ if kept.raised => format!("{record}?done=concern-raised"),
        "came" => format!("{record}?done=saved#attendance"),
        _ => format!("{record}?done=saved"),
    }
}

/// The page again, with what is not kept as it was typed, and with what stands instead.
fn tried(mut fields: Fields, kept: Kept, problems: Vec<Problem>, view: &RecordView) -> Tried {
    let mut tried = Tried { problems, conflicts: kept.conflicts, ..Tried::default() };
    match kept.text {
        KeptText::Saved(_) => next_entry(&mut fields, view),
        KeptText::Conflict(theirs, version) => {
            fields.set("version", version.to_string());
            tried.theirs = Some(*theirs);
        }
        KeptText::Refused(refusal) => {
            fields.set("entry_id", Uuid::now_v7().to_string());
            fields.set("version", "0");
            tried.problems.push(Problem::new("text", refusal.words));
        }
        KeptText::None | KeptText::Wrong => {}
    }
    if kept.raised {
        fields.set("concern_id", Uuid::now_v7().to_string());
        for name in ["concern", "concern_staff", "concern_text"] {
            fields.set(name, "");
        }
    }
    // What was shown is what stands now: pressed again, the button says it knowingly.
    let now = fresh(view, None);
    for (name, _) in fields.clone().iter().filter(|(name, _)| name.starts_with("was-")) {
        fields.set(name, "");
    }
    for (name, value) in now.iter().filter(|(name, _)| name.starts_with("was-") || name.starts_with("who-")) {
        fields.set(name, value);
    }
    tried.fields = Some(fields);
    tried
}

/// What the script is told. Words that are kept are said to be kept, whatever is wrong with the rest.
fn autosave_answer(kept: &Kept, problems: &[Problem]) -> axum::response::Response {
    let message = problems.first().map(|problem| kith_domain::form::lower_first(&problem.message));
    let (status, body) = match &kept.text {
        KeptText::Conflict(..) => (StatusCode::CONFLICT, json!({ "conflict": true })),
        KeptText::Refused(refusal) => (StatusCode::UNPROCESSABLE_ENTITY, json!({ "message": refusal.to_string() })),
        KeptText::Saved(saved) => {
            let mut body =
                json!({ "saved": true, "version": saved.version, "written": saved.clock(), "entry": saved.entry });
            if let Some(message) = message {
                body["message"] = message.into();
            }
            (StatusCode::OK, body)
        }
        KeptText::None | KeptText::Wrong if !kept.conflicts.is_empty() => {
            (StatusCode::CONFLICT, json!({ "conflict": true }))
        }
        KeptText::None if message.is_none() => (StatusCode::OK, json!({ "saved": true, "version": 0 })),
        KeptText::None | KeptText::Wrong => (StatusCode::UNPROCESSABLE_ENTITY, json!({ "message": message })),
    };
    (status, Json(body)).into_response()
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
