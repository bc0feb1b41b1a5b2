//! One assessment for reading, and what can be done to it.

use askama::Template;
use axum::extract::{Path, Query};
use kith_domain::access::Purpose;
use kith_domain::account::TakenOver;
use kith_domain::calendar;
use kith_domain::form::Problem;
use kith_domain::ids::AssessmentId;
use kith_domain::risk::{Assessment, AssessmentState, Level, VoidReason};
use kith_service::ServiceError;
use kith_service::risk::AssessmentView;

use super::figures::{HazardRow, hazard_rows, matrix};
use super::write::{AssessmentShown, form_page};
use super::{level_tag, state_tag, tag};
use crate::error::{Answer, WebError};
use crate::fact::elsewhere_words;
use crate::file::session_lines;
use crate::person::Signed;
use crate::referral::list::Done;
use crate::ui::{Html, Page, Tag, render};

#[derive(Template)]
#[template(path = "risk/show.html")]
struct ShowPage {
    page: Page,
    id: AssessmentId,
    who: String,
    tag: Tag,
    void: Option<&'static str>,
    returned: Option<String>,
    about: Vec<(&'static str, String)>,
    level: Option<Tag>,
    /// The score without controls and its level, when a hazard applies.
    before: Option<Tag>,
    facts: Vec<(&'static str, String)>,
    hazards: Vec<HazardRow>,
    matrix: Html,
    changed: Option<Vec<String>>,
    endangered: Vec<(String, String, Tag)>,
    others: Vec<Other>,
    missing: Vec<Problem>,
    may_edit: bool,
    may_approve: bool,
    refused: Option<String>,
    may_return: bool,
    may_void: bool,
    may_take_over: bool,
}

/// Another assessment of the same person.
struct Other {
    to: String,
    words: String,
    level: Option<String>,
    tag: Tag,
}

/// Whom the assessment is about, over the title.
pub(super) fn who(view: &AssessmentView) -> String {
    let relationship = view.relative.relation.relationship.label().to_lowercase();
    format!("{} with {}, {relationship}", view.child, view.relative.name())
}

/// What was verified about the person and the child's risks.
pub(super) fn about(view: &AssessmentView) -> Vec<(&'static str, String)> {
    let relation = &view.relative.relation;
    let detail = relation.risk_detail.as_ref().map_or_else(String::new, |detail| format!(". {detail}"));
    let mut rows = vec![
        ("May attend", if relation.may_attend { "Yes" } else { "No: must not attend" }.to_owned()),
        ("Risk, as verified", format!("{}{detail}", relation.risk_marker.label())),
    ];
    rows.extend(elsewhere_words(&view.elsewhere).into_iter().map(|words| ("Known in another file", words)));
    if let Some(risk) = &view.risk {
        rows.push(("Concerns", risk.concerns.clone()));
        rows.extend(risk.staff_safety.clone().map(|safety| ("For the safety of staff", safety)));
    }
    rows
}

fn day(number: i64) -> String {
    calendar::long_date(calendar::day_of(number))
}

fn facts(view: &AssessmentView, read: Option<&Assessment>) -> Vec<(&'static str, String)> {
    let of = &view.assessment;
    let yes_no = |yes: bool| if yes { "Yes" } else { "No" }.to_owned();
    let mut rows = Vec::new();
    if let Some(read) = read {
        rows.push(("Supervision", read.supervision.label().to_owned()));
        rows.push(("Staff", read.staff.to_string()));
        rows.push(("Bag check", yes_no(read.bag_check)));
        rows.push(("Meeting before the session", yes_no(read.meeting_before)));
        let features: Vec<&str> = read.venue.iter().map(|feature| feature.label()).collect();
        rows.extend((!features.is_empty()).then(|| ("The venue must have", features.join("\n"))));
        rows.push(("Why this is the level", read.summary.clone()));
    }
    rows.push(("Written by", view.author.clone()));
    rows.extend(of.body.sent_ms.map(|sent| ("Sent for approval", calendar::long_instant(sent))));
    rows.extend(view.approver.clone().map(|approver| ("Approved by", approver)));
    if let (Some(from), Some(until)) = (of.valid_from, of.valid_until) {
        rows.push(("Valid", format!("{} to {}", day(from), day(until))));
    }
    rows
}

/// Who had begun what somebody else went on with.
pub(crate) fn taken_over(signed: &Signed, all: &[TakenOver]) -> Vec<(&'static str, String)> {
    let name = |id| signed.app.service.name_of(id);
    let row = |of: &TakenOver| {
        let when = calendar::long_instant(of.at_ms);
        ("Taken over", format!("Begun by {}, who has left. {} went on with it from {when}", name(of.from), name(of.to)))
    };
    all.iter().map(row).collect()
}

fn show_page(signed: &Signed, view: &AssessmentView, done: &Done) -> ShowPage {
    let of = &view.assessment;
    let today = calendar::day_number(signed.app.service.today());
    let read = of.body.assessment.clone().or_else(|| Assessment::read(&of.body.fields).ok());
    let other = |other: &kith_store::RiskAssessment| Other {
        to: format!("/assessments/{}", other.id),
        words: match (other.valid_from, other.valid_until) {
            (Some(from), Some(until)) => format!("{} to {}", day(from), day(until)),
            _ => format!("Begun {}", calendar::long_instant(other.created_ms)),
        },
        level: other.body.assessment.as_ref().map(|assessment| level_tag(assessment.level).words),
        tag: state_tag(other.state, other.valid_until, today),
    };
    // Who approves came from the list of what waits.
    let approves = matches!(view.approval, Some(Ok(())));
    let (here, back) = if approves {
        ("/approvals", "/approvals".to_owned())
    } else {
        ("/children", format!("/children/{}", of.child))
    };
    let page = Page::new(signed, "Risk assessment", here).back(back);
    ShowPage {
        page: page.with_done(done.words()),
        id: of.id,
        who: who(view),
        tag: tag(of, today),
        void: of.body.void_reason.filter(|_| of.state == AssessmentState::Void).map(VoidReason::label),
        returned: of.body.returned_reason.clone(),
        about: about(view),
        level: read.as_ref().map(|read| level_tag(read.level)),
        before: read.as_ref().filter(|read| read.score() > 0).map(|read| {
            let tag = level_tag(Level::of_score(read.score()));
            Tag { words: format!("{} of 25, {}", read.score(), tag.words.to_lowercase()), ..tag }
        }),
        facts: [facts(view, read.as_ref()), taken_over(signed, &of.body.taken_over)].concat(),
        hazards: read.as_ref().map(hazard_rows).unwrap_or_default(),
        matrix: read.as_ref().map(|read| matrix(Some(read))).unwrap_or_default(),
        changed: view.changed.clone(),
        endangered: session_lines(&view.endangered),
        others: view.others.iter().map(other).collect(),
        missing: if of.state.can_be_edited() { view.problems.clone() } else { Vec::new() },
        may_edit: view.may_edit,
        may_approve: approves,
        refused: view.approval.as_ref().and_then(|approval| approval.as_ref().err()).map(ToString::to_string),
        may_return: view.may_return,
        may_void: view.may_void,
        may_take_over: view.may_take_over,
    }
}

async fn view(signed: &Signed, id: AssessmentId) -> Result<AssessmentView, WebError> {
    let read = signed.desk(Purpose::Assessment).assessment(id).await;
    read.map_err(|error: ServiceError| error.into())
}

/// GET /assessments/{id}: its author goes on writing while it can be changed, everybody else reads.
pub(crate) async fn show(signed: Signed, Path(id): Path<AssessmentId>, Query(done): Query<Done>) -> Answer {
    let view = view(&signed, id).await?;
    if !view.may_edit {
        return render(&show_page(&signed, &view, &done));
    }
    let typed = (view.assessment.body.fields.clone(), view.assessment.version);
    // An empty form has nothing wrong with it yet.
    let problems = if typed.0.is_blank() { Vec::new() } else { view.problems.clone() };
    let shown = AssessmentShown { problems, theirs: None, done: done.words() };
    let (_, page) = form_page(&signed, &view, typed, shown);
    render(&page)
}

/// GET /assessments/{id}/check: as others will read it, with the way to send it.
pub(crate) async fn check(signed: Signed, Path(id): Path<AssessmentId>, Query(done): Query<Done>) -> Answer {
    let view = view(&signed, id).await?;
    render(&show_page(&signed, &view, &done))
}
