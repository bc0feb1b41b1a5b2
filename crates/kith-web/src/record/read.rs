//! Reading a record, and its paper.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use kith_domain::access::Role;
use kith_domain::calendar;
use kith_domain::ids::{EntryId, SessionId};
use kith_domain::record::RecordState;
use kith_domain::retention::{RecordCategory, kept_for};
use kith_domain::session::SessionState;
use kith_service::record::{RecordView, lateness};
use serde::Deserialize;

use super::write::{Tried, write_page};
use super::{Added, Under, added, attendance_rows, concerns, corrected, under_headings};
use crate::error::Answer;
use crate::file::{record_tag, session_tag};
use crate::person::Signed;
use crate::plan::kept_row;
use crate::referral::list::Done;
use crate::ui::{FormView, Options, Page, Tag, pairs, render_with};

/// Which entry is taken up again.
#[derive(Deserialize)]
pub(crate) struct Editing {
    #[serde(default)]
    entry: String,
}

#[derive(Template)]
#[template(path = "record/show.html")]
struct ShowPage {
    page: Page,
    id: SessionId,
    child: String,
    when: String,
    tag: Tag,
    record_tag: Tag,
    facts: Vec<(&'static str, String)>,
    attendance: Vec<[String; 5]>,
    headings: Vec<Under>,
    correct_to: String,
    addenda: Vec<Added>,
    corrected: Vec<String>,
    concerns: Vec<[String; 3]>,
    released: Option<String>,
    destroyed: usize,
    may_release: bool,
    signatures: Vec<Signature>,
    reviews: Vec<(Tag, String, String)>,
    comment: Option<(String, String)>,
    may_sign: bool,
    may_add: bool,
    may_review: bool,
    review: FormView,
    outcomes: Options,
}

struct Signature {
    name: String,
    at: String,
    late: Option<String>,
    digest: String,
    intact: bool,
}

fn facts(view: &RecordView) -> Vec<(&'static str, String)> {
    let mut rows = vec![("Planned for", view.session.slot.label()), ("Where", view.place.clone())];
    rows.extend(view.held().map(|held| ("Held", held)));
    let together = view.together();
    if !together.is_empty() {
        rows.push(("Together", together.join("; ")));
    }
    rows.push(("Outcome", view.outcome()));
    rows.extend(view.supervision.map(|level| ("Level of supervision", level.label().to_owned())));
    rows.push(("Written by", view.author.clone()));
    rows.extend(view.booked.clone().map(|booked| ("Booked supervisor", booked)));
    rows.extend(view.second.clone().map(|second| ("Second supervisor", second)));
    rows.push(("When it was written", view.written_words()));
    rows.extend(view.leave.clone().map(|leave| ("Leave to write it up late", leave)));
    let births = view.children.iter().filter_map(|child| child.body.facts.as_ref()).map(|facts| facts.birth);
    rows.extend(kept_for(RecordCategory::CaseFile, births).as_ref().map(kept_row));
    rows
}

/// The record for reading, with a review as typed.
pub(crate) fn show_page(signed: &Signed, view: &RecordView, review: FormView, done: Option<&'static str>) -> Answer {
    let id = view.session.id;
    let status = if review.has_problems() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let here = if signed.role() == Role::Manager { "/reviews" } else { crate::session::here(signed) };
    let signatures = view.signatures.iter().map(|of| Signature {
        name: of.name.clone(),
        at: calendar::long_instant(of.signature.at_ms),
        late: (of.late_minutes > 0).then(|| {
            let why = of.signature.late_reason.clone().unwrap_or_else(|| "no reason was given".to_owned());
            format!("{} late: {why}", lateness(of.late_minutes))
        }),
        digest: of.signature.digest.clone(),
        intact: of.intact,
    });
    let reviews = view.reviews.iter().map(|of| {
        let (kind, words) = if of.review.accepted { ("reviewed", "Accepted") } else { ("returned", "Returned") };
        let who = format!("{}, {}", of.name, calendar::long_instant(of.review.at_ms));
        (Tag { kind, words: words.to_owned() }, who, of.review.comment.clone().unwrap_or_default())
    });
    let comment = view.reviews.last().filter(|_| view.record.state == RecordState::Returned);
    let now_ms = signed.app.service.now_ms();
    let template = ShowPage {
        page: Page::new(signed, "Record of a session", here)
            .back(format!("/sessions/{id}"))
            .with_error(review.has_problems())
            .with_done(done),
        id,
        child: view.names(),
        when: view.session.slot.label(),
        tag: session_tag(view.session.state, false),
        record_tag: record_tag(view.record.state, view.record.due_ms, now_ms),
        facts: facts(view),
        attendance: attendance_rows(view),
        headings: under_headings(view),
        correct_to: if view.may_add { format!("/sessions/{id}/record/addendum?about=") } else { String::new() },
        addenda: view.addenda.iter().map(added).collect(),
        corrected: corrected(view),
        concerns: concerns(&view.concerns),
        released: view.released_words(),
        destroyed: view.destroyed,
        may_release: view.may_release,
        signatures: signatures.collect(),
        reviews: reviews.collect(),
        comment: comment.map(|of| (of.name.clone(), of.review.comment.clone().unwrap_or_default())),
        may_sign: view.may_sign && view.session.state != SessionState::InProgress,
        may_add: view.may_add,
        may_review: view.may_review,
        review,
        outcomes: pairs(&[("accept", "Yes: accept it"), ("return", "No: return it to the supervisor with comments")]),
    };
    render_with(status, &template)
}

/// GET /sessions/{id}/record: written by its author while it is open, read by who may otherwise.
pub(crate) async fn record(
    signed: Signed,
    Path(id): Path<SessionId>,
    Query(editing): Query<Editing>,
    Query(done): Query<Done>,
) -> Answer {
    let view = signed.delivery().record(id).await?;
    if view.may_write {
        let entry: Option<EntryId> = editing.entry.parse().ok();
        return write_page(&signed, &view, entry, Tried::default(), done.words());
    }
    show_page(&signed, &view, FormView::default(), done.words())
}

/// GET /sessions/{id}/record.pdf
pub(crate) async fn paper(signed: Signed, Path(id): Path<SessionId>) -> Answer {
    let bytes = signed.delivery().record_paper(id).await?;
    let name = format!("inline; filename=\"session-record-{}.pdf\"", id.reference());
    Ok(([(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, name)], bytes)
        .into_response())
}
