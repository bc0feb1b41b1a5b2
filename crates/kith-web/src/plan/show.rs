//! One plan: its arrangements, what was delivered, and what can be done to it.

use askama::Template;
use axum::extract::{Path, Query};
use kith_domain::calendar;
use kith_domain::ids::{ArrangementId, ChildId, PersonId, PlanId};
use kith_domain::plan::{Arrangement, LineProblem, Mode, PlanMove, PlanState};
use kith_domain::retention::Kept;
use kith_service::plan::{Delivered, PlanView};
use uuid::Uuid;

use super::form::{dates, how_often, when};
use crate::contact_refusal::{Refused, callouts};
use crate::error::Answer;
use crate::fact::elsewhere_words;
use crate::file::plan_tag;
use crate::person::Signed;
use crate::referral::list::Done;
use crate::risk::level_tag;
use crate::ui::{FormView, Page, Tag, render};

#[derive(Template)]
#[template(path = "plan/show.html")]
struct ShowPage {
    page: Page,
    id: PlanId,
    child: ChildId,
    name: String,
    tag: Tag,
    facts: Vec<(&'static str, String)>,
    lines: Vec<Line>,
    unassessed: String,
    elsewhere: Vec<String>,
    /// What is other than in the plan before it; nothing where there was none.
    changed: Option<Vec<String>>,
    /// Refusals of contact with people of the plan, to be seen at once.
    refused: Vec<Refused>,
    bars: Vec<Bar>,
    letters: Vec<String>,
    against: Vec<String>,
    notes: Vec<String>,
    reviews: Vec<(String, String)>,
    review_overdue: bool,
    agree_form: FormView,
    may_edit: bool,
    may_book: bool,
    may_agree: bool,
    may_start: bool,
    may_suspend: bool,
    may_resume: bool,
    may_end: bool,
    may_review: bool,
    may_copy: bool,
    new_id: Uuid,
}

/// One arrangement for reading.
struct Line {
    id: ArrangementId,
    title: String,
    sentence: String,
    court_ordered: bool,
    /// Of each of them the level of the assessment that is valid today.
    levels: Vec<(String, Tag)>,
    facts: Vec<(&'static str, String)>,
}

/// Delivered against ordered of one arrangement, as a bar of 100 units and as words.
struct Bar {
    with: String,
    what: String,
    width: i64,
    mark: bool,
    short: bool,
    words: String,
    /// Why sessions were not held, each reason with how often.
    reasons: Vec<String>,
}

fn line(view: &PlanView, line: &Arrangement) -> Line {
    let mut facts = vec![
        ("How often", how_often(line)),
        ("When", when(line)),
        ("Dates", dates(line)),
        ("How", line.mode.label().to_owned()),
    ];
    if line.mode != Mode::Letterbox {
        facts.push(("Supervision", line.supervision.label().to_owned()));
    }
    let venue = line.venue.and_then(|id| view.venues.iter().find(|venue| venue.id == id));
    facts.extend(venue.map(|venue| ("Where", venue.name.clone())));
    facts.extend(line.interpreter.clone().map(|words| ("Interpreter", words)));
    let texts = [
        ("Getting there and back", &line.transport),
        ("Rules", &line.rules),
        ("If it cannot take place", &line.contingency),
    ];
    facts.extend(texts.into_iter().filter_map(|(label, text)| text.clone().map(|text| (label, text))));
    let sentence = line.sentence(&view.names(&line.with));
    let serves = line.serves.and_then(|id| view.terms.iter().find(|(known, _)| *known == id));
    facts.extend(serves.map(|(_, words)| ("Serves the order", words.clone())));
    let of_line = view.levels.iter().filter(|(person, _)| line.with.contains(person));
    let levels = of_line.map(|(person, level)| (view.names(&[*person]), level_tag(*level))).collect();
    Line { levels, id: line.id, sentence, title: view.names(&line.with), court_ordered: line.court_ordered, facts }
}

fn bar(delivered: &Delivered) -> Bar {
    let total = &delivered.total;
    let by = if delivered.court_ordered { "ordered by the court" } else { "planned" };
    let mut words = vec![match (total.due, total.ended) {
        (0, 0) => "None due yet".to_owned(),
        (0, _) => format!("{} held, none due", total.held),
        (due, _) => format!("{} held of {due} {by}, {} offered", total.held, total.offered),
    }];
    if total.shortfall > 0 {
        words.push(format!("{} short ({})", total.shortfall, total.whose.words()));
    }
    if total.excess > 0 {
        words.push(format!("{} more than allowed", total.excess));
    }
    let more = [total.hours_words(), total.running_words()];
    words.extend(more.into_iter().filter(|more| !more.is_empty()));
    let width = total.held.saturating_mul(100).checked_div(total.due).unwrap_or(0).clamp(0, 100);
    Bar {
        with: delivered.with.clone(),
        what: delivered.term.words(),
        width,
        mark: total.due > 0,
        short: total.shortfall > 0 || total.excess > 0,
        words: words.join(". "),
        reasons: delivered.reasons.clone(),
    }
}

fn facts(view: &PlanView) -> Vec<(&'static str, String)> {
    let body = &view.plan.body;
    let mut rows = vec![("Written by", view.author.clone())];
    rows.extend(body.agreed_with.clone().map(|agreed| ("Agreed", agreed)));
    rows.extend(body.started_on.map(|day| ("Started", calendar::long_date(day))));
    let running = matches!(view.plan.state, PlanState::Active | PlanState::Suspended);
    let due = view.plan.review_due.filter(|_| running);
    rows.extend(due.map(|due| ("To be reviewed by", calendar::long_date(calendar::day_of(due)))));
    rows.extend(body.ended_on.map(|day| ("Ended", calendar::long_date(day))));
    let why = if view.plan.state == PlanState::Ended { "Why it ended" } else { "Why it is suspended" };
    rows.extend(body.reason.clone().map(|reason| (why, reason)));
    rows.extend(view.kept.as_ref().map(kept_row));
    rows
}

/// Until when something is kept, and by which rule.
pub(crate) fn kept_row(kept: &Kept) -> (&'static str, String) {
    ("Kept until", format!("{}, {}", calendar::long_date(kept.until), kept.rule))
}

/// What other files know of the risk from people of the plan, in words.
fn elsewhere(view: &PlanView) -> Vec<String> {
    let of = |(person, known): &(PersonId, Vec<kith_service::fact::Elsewhere>)| {
        let name = view.names(&[*person]);
        elsewhere_words(known).into_iter().map(move |words| format!("{name}. {words}")).collect::<Vec<_>>()
    };
    view.elsewhere.iter().flat_map(of).collect()
}

/// GET /plans/{id}
pub(crate) async fn show(signed: Signed, Path(id): Path<PlanId>, Query(done): Query<Done>) -> Answer {
    let view = signed.delivery().plan(id).await?;
    let may = |step| view.moves.contains(&step);
    let names = |people: &[PersonId]| view.names(people);
    let against = |problem: &LineProblem| {
        let line = view.plan.body.arrangement(problem.line);
        format!("With {}: {}", line.map(|line| names(&line.with)).unwrap_or_default(), problem.message)
    };
    let reviews = view.plan.body.reviews.iter().rev().map(|review| {
        let by = signed.app.service.name_of(review.by);
        (format!("{}, {by}", calendar::long_date(review.on)), review.note.clone())
    });
    let page = Page::new(&signed, "Contact plan", "/children").back(format!("/children/{}", view.plan.child));
    render(&ShowPage {
        page: page.with_done(done.words()),
        id,
        child: view.plan.child,
        name: view.child.clone(),
        tag: plan_tag(view.plan.state),
        facts: facts(&view),
        lines: view.plan.body.arrangements.iter().map(|arrangement| line(&view, arrangement)).collect(),
        unassessed: if view.plan.state == PlanState::Ended { String::new() } else { names(&view.unassessed) },
        elsewhere: if view.plan.state == PlanState::Ended { Vec::new() } else { elsewhere(&view) },
        changed: view.changed.clone(),
        refused: callouts(&view.refusals, signed.app.service.today()),
        bars: view.delivered.iter().map(bar).collect(),
        letters: view.letters.clone(),
        against: view.checked.problems.iter().map(against).collect(),
        notes: view.checked.notes.clone(),
        reviews: reviews.collect(),
        review_overdue: view.review_overdue,
        agree_form: FormView::default(),
        may_edit: view.may_edit,
        may_book: may(PlanMove::Suspend),
        may_agree: may(PlanMove::Agree),
        may_start: may(PlanMove::Start),
        may_suspend: may(PlanMove::Suspend),
        may_resume: may(PlanMove::Resume),
        may_end: may(PlanMove::End),
        may_review: view.may_review,
        may_copy: view.may_copy,
        new_id: Uuid::now_v7(),
    })
}
