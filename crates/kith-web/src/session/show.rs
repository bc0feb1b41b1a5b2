//! One session, as one needs it before walking in; starting and confirming it.

use askama::Template;
use axum::extract::{Path, Query};
use kith_domain::booking::{Start, may_leave_write_up, may_start};
use kith_domain::calendar;
use kith_domain::catalogue::Reading;
use kith_domain::form::lower_first;
use kith_domain::ids::SessionId;
use kith_domain::record::RecordState;
use kith_domain::session::{Flag, SessionState};
use kith_service::ServiceError;
use kith_service::session::{KnownChild, PastLine, SessionView, Vetted};

use super::here;
use crate::error::{Answer, WebError};
use crate::file::{record_tag, session_tag};
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::ui::facts::{self, Called};
use crate::ui::{Page, Tag, render, render_with, see_other};

#[derive(Template)]
#[template(path = "session/show.html")]
struct ShowPage {
    page: Page,
    id: SessionId,
    child: String,
    when: String,
    tag: Tag,
    refused: Option<String>,
    flagged: Option<&'static str>,
    missing: Vec<String>,
    cancelled: Option<String>,
    several: bool,
    children: Vec<OfChild>,
    others: Vec<String>,
    facts: Vec<(&'static str, String)>,
    record: Option<Tag>,
    record_to: Option<&'static str>,
    may_confirm: bool,
    may_change: bool,
    may_correct: bool,
    may_stand_in: bool,
    may_late: bool,
    may_refuse: bool,
    may_children: bool,
    /// Where something of each child is given to a driver or an interpreter: words, address.
    give: Vec<(String, String)>,
    past: Vec<PastLine>,
    start: Option<&'static str>,
    may_release: bool,
    may_read_concerns: bool,
}

#[derive(Template)]
#[template(path = "session/lost.html")]
struct LostPage {
    page: Page,
    when: String,
}

/// What there is to know of one of the children.
struct OfChild {
    /// Makes the names of parts of the page differ from child to child.
    number: usize,
    name: String,
    barred: Vec<String>,
    not_verified: String,
    /// What nobody may miss.
    callouts: Vec<Called>,
    facts: Vec<(String, String)>,
    coming: Vec<Coming>,
    last: Option<(String, Vec<String>)>,
    to: Option<String>,
}

/// A person who comes.
struct Coming {
    name: String,
    words: String,
    facts: Vec<(String, String)>,
    level: Option<(Tag, String)>,
    summary: String,
    hazards: Vec<(String, String)>,
    asks: Vec<String>,
}

fn level(vetted: &Vetted) -> Option<(Tag, String)> {
    let assessment = vetted.assessment()?;
    let until = vetted.valid.as_ref().and_then(|of| of.valid_until).map(calendar::day_of).map(calendar::long_date);
    let tag = crate::risk::level_tag(assessment.level);
    Some((tag, until.map(|until| format!("Assessment valid to {until}")).unwrap_or_default()))
}

fn coming(vetted: &Vetted) -> Coming {
    let relation = &vetted.relative.relation;
    let assessment = vetted.assessment();
    let hazards = assessment.map(|assessment| {
        let row = |scored: &kith_domain::risk::Scored| (scored.label().to_owned(), scored.controls.clone());
        assessment.hazards.iter().map(row).collect()
    });
    let asks = assessment.map(|assessment| {
        let asks = [
            (assessment.bag_check, "Bags are checked"),
            (assessment.meeting_before, "Staff meet this person before the session"),
            (assessment.staff > 1, "Two members of staff stay in the room"),
        ];
        let asks = asks.into_iter().filter(|(is, _)| *is).map(|(_, words)| words.to_owned());
        let venue = assessment.venue.iter().map(|of| format!("The venue must have: {}", lower_first(of.label())));
        asks.chain(venue).collect()
    });
    Coming {
        name: vetted.relative.name(),
        words: relation.relationship.label().to_owned(),
        // Who comes may attend, and the relationship stands beside the name.
        facts: facts::of_relative(Reading::BeforeSession, &vetted.relative, &["relationship", "may_attend"]),
        level: level(vetted),
        summary: assessment.map(|assessment| assessment.summary.clone()).unwrap_or_default(),
        hazards: hazards.unwrap_or_default(),
        asks: asks.unwrap_or_default(),
    }
}

/// Why a session must be looked at again, in words.
fn flag(code: &str) -> &'static str {
    Flag::from_code(code).map_or("Something it rests on has changed", Flag::label)
}

fn facts(view: &SessionView) -> Vec<(&'static str, String)> {
    let mut rows = vec![("When", view.session.slot.label())];
    let features = if view.room_features.is_empty() { String::new() } else { format!(" ({})", view.room_features) };
    rows.push(("Where", format!("{}{features}, {}", view.room, view.venue)));
    rows.push(("Supervisor", stands_in(&view.supervisor, view.booked.as_ref())));
    let second = view.second.as_ref().map(|second| stands_in(second, view.booked_second.as_ref()));
    rows.extend(second.map(|second| ("Second supervisor", second)));
    let moved = view.session.body.moved_from().last().map(|from| ("Moved from", from.slot.label()));
    rows.extend(moved);
    let beyond = view.session.body.beyond.clone();
    rows.extend(beyond.map(|why| ("Booked beyond what is allowed, because", why)));
    rows.extend(view.session.body.note.clone().map(|note| ("Note", note)));
    rows
}

/// What is arranged for one of the children.
fn arranged(known: &KnownChild) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    if let Some(line) = &known.line {
        rows.push(("Level of supervision", line.supervision.label().to_owned()));
        rows.extend(line.rules.clone().map(|rules| ("Rules of the session", rules)));
        rows.extend(line.transport.clone().map(|text| ("Transport", text)));
        rows.extend(line.contingency.clone().map(|text| ("If it cannot take place", text)));
    }
    rows.extend(known.social_worker.as_ref().map(|of| ("Social worker", format!("{}, {}", of.name, of.phone))));
    rows.into_iter().map(|(label, text)| (label.to_owned(), text)).collect()
}

/// Before walking in, everything of each child: whose allergy it is must not have to be guessed.
fn of_child(number: usize, known: &KnownChild, may_run: bool) -> OfChild {
    let known_of = facts::of_child(Reading::BeforeSession, &known.child.body.known, &known.names, number);
    let barred = known
        .barred
        .iter()
        .map(|relative| format!("{} ({})", relative.name(), relative.relation.relationship.label().to_lowercase()));
    let mut rows = known_of.rows;
    rows.extend(arranged(known));
    OfChild {
        number,
        name: known.child.name(),
        barred: barred.collect(),
        not_verified: known.not_verified.clone(),
        callouts: known_of.callouts,
        facts: rows,
        coming: known.coming.iter().map(coming).collect(),
        last: known.last.as_ref().map(|last| (last.slot.label(), last.lines.clone())),
        to: (!may_run).then(|| format!("/children/{}", known.child.id)),
    }
}

/// Somebody who stands in for whoever was booked.
fn stands_in(name: &str, booked: Option<&String>) -> String {
    booked.map_or_else(|| name.to_owned(), |booked| format!("{name}, who stands in for {booked}"))
}

fn cancelled(view: &SessionView) -> Option<String> {
    let cancelled = view.session.body.cancellation.as_ref()?;
    let state = if view.session.state == SessionState::Void { "Entered in error, counts for nothing. " } else { "" };
    let last = view.past.iter().rev().find(|line| line.words.contains("ancelled by"))?;
    let note = cancelled.note.as_ref().map_or_else(String::new, |note| format!(" {note}"));
    Some(format!("{state}{}.{note} Written down by {} on {}.", last.words, last.by, last.at))
}

async fn page(signed: &Signed, id: SessionId, refused: Option<String>) -> Result<ShowPage, WebError> {
    let view = signed.delivery().session(id).await?;
    let state = view.session.state;
    let planned = matches!(state, SessionState::Planned | SessionState::Confirmed);
    let record_to = view.may_read_record.then_some(match (view.record, view.may_run, state) {
        (Some(RecordState::Open), true, SessionState::InProgress) => "Go on writing",
        (Some(RecordState::Open), true, _) => "Finish the record",
        _ => "Read the record",
    });
    let others = view.children.iter().filter(|of| of.known.is_none()).map(|of| of.name.clone());
    let here = here(signed);
    Ok(ShowPage {
        page: Page::new(signed, "Session", here).back(here).with_error(refused.is_some()),
        id,
        child: view.names(),
        when: view.session.slot.label(),
        tag: session_tag(state, view.session.flagged.is_some()),
        refused,
        flagged: view.session.flagged.as_deref().filter(|_| planned).map(flag),
        cancelled: cancelled(&view),
        several: view.children.len() > 1,
        children: view.known().enumerate().map(|(number, known)| of_child(number, known, view.may_run)).collect(),
        others: others.collect(),
        facts: facts(&view),
        record: view.record.map(|state| record_tag(state, i64::MAX, 0)),
        record_to,
        may_confirm: view.may_change && (state == SessionState::Planned || (planned && view.session.flagged.is_some())),
        may_change: view.may_change && planned,
        may_correct: view.may_change && state == SessionState::Cancelled,
        may_stand_in: view.may_stand_in
            && !matches!(state, SessionState::Cancelled | SessionState::Void)
            && match view.record {
                Some(state) => matches!(state, RecordState::Open | RecordState::Returned),
                None => !state.is_over(),
            },
        may_late: view.may_give_leave
            && may_leave_write_up(state, view.session.slot, signed.app.service.now_ms()).is_ok(),
        may_refuse: view.may_run,
        may_children: view.may_change && !state.is_over(),
        give: if view.may_change && planned { give(&view, id) } else { Vec::new() },
        start: (view.may_run && state == SessionState::Confirmed).then(|| begins(&view, signed)).flatten(),
        may_release: view.may_release,
        may_read_concerns: view.may_read_concerns,
        missing: view.missing,
        past: view.past,
    })
}

/// What the button says that begins the record; `None` while it is not time yet.
fn begins(view: &SessionView, signed: &Signed) -> Option<&'static str> {
    let (flagged, now_ms) = (view.session.flagged.is_some(), signed.app.service.now_ms());
    match may_start(view.session.slot, flagged, view.session.body.write_up_until, now_ms).ok()? {
        Start::Now => Some("Start the session"),
        Start::Afterwards => Some("Write up this session"),
    }
}

/// GET /sessions/{id}
pub(crate) async fn show(signed: Signed, Path(id): Path<SessionId>, Query(done): Query<Done>) -> Answer {
    let mut template = match page(&signed, id, None).await {
        Err(WebError::Service(ServiceError::NotFound)) => return lost(&signed, id).await,
        page => page?,
    };
    template.page = template.page.with_done(done.words());
    render(&template)
}

/// For whoever had it and has it no more: that it is so, and nothing of whom it is for.
async fn lost(signed: &Signed, id: SessionId) -> Answer {
    let Some(lost) = signed.delivery().lost_session(id).await? else { return Err(ServiceError::NotFound.into()) };
    let here = here(signed);
    render(&LostPage { page: Page::new(signed, "Session", here).back(here), when: lost.slot.label() })
}

/// The session's page with what stands against it, where a rule does.
async fn or_why_not(signed: &Signed, id: SessionId, done: Result<(), ServiceError>, to: String) -> Answer {
    match done {
        Ok(()) => see_other(&to),
        Err(ServiceError::Refused(refusal)) => {
            render_with(axum::http::StatusCode::CONFLICT, &page(signed, id, Some(refusal.to_string())).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// POST /sessions/{id}/confirm
pub(crate) async fn confirm(Path(id): Path<SessionId>, posted: Posted) -> Answer {
    let done = posted.signed.delivery().confirm_session(id).await;
    or_why_not(&posted.signed, id, done, format!("/sessions/{id}?done=confirmed")).await
}

/// POST /sessions/{id}/start
pub(crate) async fn start(Path(id): Path<SessionId>, posted: Posted) -> Answer {
    let done = posted.signed.delivery().start_session(id, None).await;
    or_why_not(&posted.signed, id, done, format!("/sessions/{id}/record")).await
}

/// Where what a driver or an interpreter needs of each child is given to them.
fn give(view: &SessionView, id: SessionId) -> Vec<(String, String)> {
    let way = |of: &KnownChild| {
        let to = format!("/children/{}/disclosures/new?session={id}", of.child.id);
        (format!("Tell a driver or an interpreter about {}", of.child.first_name()), to)
    };
    view.known().map(way).collect()
}
