//! Children's files: the list with its search, and one child's contact on one page.

use askama::Template;
use axum::extract::{Path, Query};
use jiff::civil::Date;
use kith_domain::access::Role;
use kith_domain::calendar;
use kith_domain::catalogue::{Group, Reading, SaidOf, Shown};
use kith_domain::ids::{AccountId, ChildId, PersonId};
use kith_domain::plan::PlanState;
use kith_domain::record::RecordState;
use kith_domain::report::ReportState;
use kith_domain::risk::AssessmentState;
use kith_domain::session::{SessionState, Slot};
use kith_service::contact_refusal::RefusalLine;
use kith_service::file::{FileView, Listed};
use kith_service::paging::Paged;
use kith_service::search::SEARCHED_MAX;
use kith_store::{Names, Record, Relative};
use serde::Deserialize;
use uuid::Uuid;

use crate::clocks::{self, ClockRow};
use crate::contact_refusal::{self, Refused, callouts};
use crate::error::Answer;
use crate::fact::{Way, elsewhere_words, ways};
use crate::person::Signed;
use crate::referral::list::Done;
use crate::risk;
use crate::ui::facts::{self, Called};
use crate::ui::{FormView, Numbered, Options, Page, Pages, Step, Tag, render, stages};

#[derive(Template)]
#[template(path = "file/list.html")]
struct ListPage {
    page: Page,
    text: String,
    searched: bool,
    /// Whether there may be more than were put in order.
    too_many: bool,
    rows: Vec<Row>,
    pages: Pages,
    /// Whose files can be chosen; empty for who sees their own alone.
    workers: Options,
    of_worker: FormView,
}

fn list_page(page: Page, text: String, searched: bool, found: Paged<Listed>) -> ListPage {
    let pages = Pages::of(&found, "/children");
    let too_many = searched && found.total >= SEARCHED_MAX;
    let rows = found.rows.into_iter().map(row).collect();
    ListPage { page, text, searched, too_many, rows, pages, workers: Options::new(), of_worker: FormView::default() }
}

struct Row {
    to: String,
    name: String,
    born: String,
    /// Where it stands, while it is a referral and no file.
    stands: String,
    why: String,
    social_worker: String,
}

fn row(listed: Listed) -> Row {
    let to =
        listed.referral.map_or_else(|| format!("/children/{}", listed.child.id), |(id, _)| format!("/referrals/{id}"));
    Row {
        to,
        name: listed.name,
        born: listed.born,
        stands: listed
            .referral
            .map(|(_, state)| format!("Referral: {}", state.label().to_lowercase()))
            .unwrap_or_default(),
        why: listed.why.join("; "),
        social_worker: listed.social_worker,
    }
}

/// Of which social worker, and which page, as the query says it.
#[derive(Deserialize, Default)]
pub(crate) struct OfWorker {
    #[serde(default)]
    worker: String,
    #[serde(default)]
    page: String,
}

/// GET /children
pub(crate) async fn list(signed: Signed, Query(asked): Query<OfWorker>) -> Answer {
    let worker: Option<AccountId> = asked.worker.parse().ok();
    let found = signed.delivery().my_files(worker, asked.page.parse().unwrap_or(1).max(1)).await?;
    let page = Page::new(&signed, "Children", "/children");
    let mut list = list_page(page, String::new(), false, found);
    if let Some(worker) = worker {
        list.pages = list.pages.with_query(format!("worker={worker}"));
    }
    // Who reads the files of an area looks for those of one worker.
    if matches!(signed.role(), Role::Coordinator | Role::Manager) {
        let theirs = signed.app.service.colleagues(Role::SocialWorker).into_iter();
        let theirs =
            theirs.filter(|card| card.area == signed.person.actor.area).map(|card| (card.id.to_string(), card.name));
        list.workers = [(String::new(), "All".to_owned())].into_iter().chain(theirs).collect();
    }
    let chosen = worker.map(|worker| worker.to_string()).unwrap_or_default();
    list.of_worker = FormView::new([("worker", chosen)].into_iter().collect());
    render(&list)
}

/// POST /children: a name is not put into an address, where it would stay in histories and logs.
pub(crate) async fn search(posted: crate::posted::Posted) -> Answer {
    let text: String = posted.fields.get("name").chars().take(200).collect();
    let number = posted.fields.get("page").parse().unwrap_or(1);
    let found = posted.signed.delivery().search(&text, number).await?;
    let page = Page::new(&posted.signed, "Children found", "/children").back("/children");
    render(&list_page(page, text, true, found))
}

#[derive(Template)]
#[template(path = "file/show.html")]
struct ShowPage {
    page: Page,
    child: ChildId,
    name: String,
    reference: String,
    steps: Vec<Step>,
    /// Legal holds, with where each leads for who keeps them.
    holds: Vec<(String, &'static str)>,
    may_hold: bool,
    /// What is running out.
    clocks: Vec<ClockRow>,
    /// What nobody may miss.
    callouts: Vec<Called>,
    /// Refusals of contact that have not ended, to be seen at once.
    refused: Vec<Refused>,
    /// Every refusal of contact there was.
    refusals: Vec<Line>,
    about: Vec<(&'static str, String)>,
    groups: Vec<(&'static str, Vec<(String, String)>)>,
    family: Vec<Member>,
    not_verified: String,
    orders: Vec<Line>,
    plans: Vec<Line>,
    sessions: Vec<Line>,
    past: Vec<Line>,
    aside: Vec<Line>,
    records: Vec<Line>,
    records_total: usize,
    reports: Vec<Line>,
    referrals: Vec<Line>,
    documents: u64,
    may_assess: bool,
    may_plan: bool,
    may_allocate: bool,
    may_report: bool,
    changes: Vec<Way>,
    new_id: Uuid,
}

struct Member {
    id: PersonId,
    name: String,
    relationship: &'static str,
    may_attend: bool,
    ended: bool,
    elsewhere: Vec<String>,
    changes: Vec<Way>,
    facts: Vec<(String, String)>,
    assessment: Option<(String, Tag)>,
    /// The level of the assessment that is valid today.
    level: Option<Tag>,
    needs_assessment: bool,
    new_assessment: Uuid,
}

/// A line of a list: where it leads, what it says, its state.
struct Line {
    to: String,
    words: String,
    tag: Tag,
}

/// What is known of the child, by the groups in which it is changed; what stands out from the page is not repeated.
fn groups(view: &FileView, names: &Names) -> Vec<(&'static str, Vec<(String, String)>)> {
    let known = facts::read(Reading::File, SaidOf::Child, &view.child.body.known, names);
    let hidden = facts::restricted(SaidOf::Child, &view.child.body.known);
    let of = |group: &Group| {
        let of_group = known.iter().filter(|shown| shown.item.group() == Some(*group) && shown.callout().is_none());
        (group.label(), of_group.cloned().map(Shown::row).collect::<Vec<_>>())
    };
    let groups = Group::ALL.iter().map(of).chain([("Not to be used", hidden)]);
    groups.filter(|(_, rows)| !rows.is_empty()).collect()
}

/// Who has the file, and for how long it is kept.
fn about(view: &FileView) -> Vec<(&'static str, String)> {
    let mut rows = vec![("Social worker", view.social_worker.clone())];
    if let Some(kept) = view.child.kept().filter(|_| view.child.body.facts.is_some()) {
        let until = calendar::long_date(kept.until);
        rows.push(("Kept until", format!("{until}. {}: {}", kept.category.label(), kept.rule)));
    }
    rows
}

fn members(view: &FileView, today: i64) -> Vec<Member> {
    let member = |relative: &Relative| {
        let person = relative.person.id;
        let newest = view
            .assessments
            .iter()
            .find(|assessment| assessment.person == person && !matches!(assessment.state, AssessmentState::Replaced));
        let assessment =
            newest.map(|assessment| (format!("/assessments/{}", assessment.id), risk::tag(assessment, today)));
        let valid = view.assessments.iter().find(|of| of.person == person && of.is_valid_on(today));
        let level = valid.and_then(|of| of.body.assessment.as_ref()).map(|of| risk::level_tag(of.level));
        let open = newest.is_some_and(|assessment| {
            matches!(
                assessment.state,
                AssessmentState::Draft | AssessmentState::AwaitingApproval | AssessmentState::Returned
            )
        });
        Member {
            id: person,
            name: relative.name(),
            relationship: relative.relation.relationship.label(),
            may_attend: relative.relation.may_attend,
            ended: relative.relation.ended,
            elsewhere: view.elsewhere.get(&person).map(|known| elsewhere_words(known)).unwrap_or_default(),
            changes: if view.may_change { ways(view.child.id, Some(person)) } else { Vec::new() },
            // The relationship and whether they may attend stand beside the name.
            facts: facts::of_relative(Reading::File, relative, &["relationship", "may_attend"]),
            assessment,
            level,
            needs_assessment: relative.relation.may_attend && !open,
            new_assessment: Uuid::now_v7(),
        }
    };
    view.family.iter().map(member).collect()
}

/// Sessions for a list: where each leads, when it is, where it stands.
pub(crate) fn session_lines(sessions: &[kith_store::Session]) -> Vec<(String, String, Tag)> {
    let line = |session: &kith_store::Session| {
        let tag = session_tag(session.state, session.flagged.is_some());
        (format!("/sessions/{}", session.id), session.slot.label(), tag)
    };
    sessions.iter().map(line).collect()
}

/// The state of a session as a tag.
pub(crate) fn session_tag(state: SessionState, flagged: bool) -> Tag {
    if flagged && !state.is_over() {
        return Tag { kind: "flagged", words: format!("{}: look at it again", state.label()) };
    }
    let kind = match state {
        SessionState::Planned => "planned",
        SessionState::Confirmed => "confirmed",
        SessionState::InProgress => "in-progress",
        SessionState::Completed => "completed",
        SessionState::EndedEarly => "ended-early",
        SessionState::DidNotAttend => "did-not-attend",
        SessionState::Cancelled | SessionState::Void => "cancelled",
    };
    Tag { kind, words: state.label().to_owned() }
}

/// The state of a plan as a tag.
pub(crate) fn plan_tag(state: PlanState) -> Tag {
    Tag { kind: state.code(), words: state.label().to_owned() }
}

/// The state of a record as a tag.
pub(crate) fn record_tag(state: RecordState, due_ms: i64, now_ms: i64) -> Tag {
    let kind = match state {
        RecordState::Open if due_ms < now_ms => return Tag { kind: "overdue", words: "Not signed, overdue".into() },
        RecordState::Open => "unsigned",
        RecordState::Signed => "signed",
        RecordState::Returned => "returned",
        RecordState::Accepted => "reviewed",
        RecordState::Released => "late",
    };
    Tag { kind, words: state.label().to_owned() }
}

/// How far the case is, for its stages.
fn reached(view: &FileView) -> usize {
    let approved = view.assessments.iter().any(|assessment| assessment.state == AssessmentState::Approved);
    let planned = view.plans.iter().any(|plan| plan.state == PlanState::Active);
    let held = view.sessions.iter().any(|session| session.state.was_held());
    let signed = view.records.iter().any(|record| record.state != RecordState::Open);
    let accepted = view.records.iter().any(|record| record.state == RecordState::Accepted);
    let reported = view.reports.iter().any(|report| report.state == ReportState::Signed);
    2 + [approved, planned, held, signed, accepted, reported].into_iter().take_while(|done| *done).count()
}

/// GET /children/{child}
pub(crate) async fn show(signed: Signed, Path(id): Path<ChildId>, Query(done): Query<Done>) -> Answer {
    let view = signed.delivery().file(id).await?;
    let now_ms = signed.app.service.now_ms();
    let today = calendar::day_number(signed.app.service.today());
    let name_of = |account: AccountId| signed.app.service.name_of(account);
    let session_line = |session: &kith_store::Session| Line {
        to: format!("/sessions/{}", session.id),
        words: format!("{}, {}{}", session.slot.label(), name_of(session.supervisor), moved(session)),
        tag: session_tag(session.state, session.flagged.is_some()),
    };
    let (past, coming): (Vec<_>, Vec<_>) =
        view.sessions.iter().partition(|session| calendar::day_number(session.slot.day) < today);
    let when = |session| view.sessions.iter().find(|known| known.id == session).map(|known| known.slot.label());
    let left = |account: AccountId| !signed.app.service.card(account).is_some_and(|card| card.active);
    let records = view.records.iter().map(|record| record_line(record, when(record.id), now_ms, left(record.author)));
    let plans = view.plans.iter().map(|plan| Line {
        to: format!("/plans/{}", plan.id),
        words: format!("Plan of {}", calendar::long_date(calendar::in_london(plan.created_ms).date())),
        tag: plan_tag(plan.state),
    });
    // A draft is for those who write reports.
    let shown = view.reports.iter().filter(|report| view.may_report || report.state == ReportState::Signed);
    let orders = view.orders.iter().map(|of| {
        let order = &of.body.order;
        let stands = order.stands_on(signed.app.service.today());
        Line {
            to: format!("/orders/{}", of.id),
            words: format!("{}, {}", order.facts.court, calendar::long_date(order.facts.made_on)),
            tag: crate::order::tag(stands),
        }
    });
    let reports = shown.map(|report| {
        let signed = report.state == ReportState::Signed;
        Line {
            to: format!("/reports/{}", report.id),
            words: format!(
                "{} to {}",
                calendar::long_date(calendar::day_of(report.from)),
                calendar::long_date(calendar::day_of(report.to))
            ),
            tag: match signed {
                true => Tag { kind: "signed", words: report.state.label().to_owned() },
                false if left(report.author) => nobodys(),
                false => Tag { kind: "draft", words: report.state.label().to_owned() },
            },
        }
    });
    let referrals = view.referrals.iter().map(|referral| Line {
        to: format!("/referrals/{}", referral.id),
        words: if referral.body.siblings.is_empty() {
            format!("Referral of {}", calendar::long_instant(referral.created_ms))
        } else {
            let (when, who) = (calendar::long_instant(referral.created_ms), referral.body.children_names());
            format!("Referral of {when}, of {who}")
        },
        tag: crate::referral::tag(referral.state),
    });
    let page = Page::new(&signed, "Child’s file", "/children").back("/children").with_done(done.words());
    let names = Names::of(&view.family);
    render(&ShowPage {
        child: id,
        name: view.child.name(),
        reference: id.reference(),
        steps: stages(reached(&view)),
        holds: view.holds.iter().map(|of| (format!("/retention/holds/{}", of.id), of.kind.label())).collect(),
        may_hold: view.may_hold,
        clocks: view.clocks.iter().map(|of| clocks::row(of, String::new(), signed.app.service.today())).collect(),
        callouts: facts::of_child(Reading::File, &view.child.body.known, &names, 0).callouts,
        refused: callouts(&view.refusals, signed.app.service.today()),
        refusals: view.refusals.iter().map(|line| refusal_line(line, signed.app.service.today())).collect(),
        about: about(&view),
        groups: groups(&view, &names),
        family: members(&view, today),
        not_verified: kith_store::not_verified(&view.child, &view.family),
        orders: orders.collect(),
        plans: plans.collect(),
        sessions: coming.into_iter().map(session_line).collect(),
        past: past.into_iter().rev().map(session_line).collect(),
        aside: view.put_aside.iter().map(|session| aside(session, session_line(session))).collect(),
        records: records.collect(),
        records_total: view.records_total,
        reports: reports.collect(),
        referrals: referrals.collect(),
        documents: view.documents,
        may_assess: view.may_assess,
        may_plan: view.may_plan,
        may_allocate: view.may_allocate,
        may_report: view.may_report,
        changes: if view.may_change { ways(id, None) } else { Vec::new() },
        new_id: Uuid::now_v7(),
        page,
    })
}

/// A refusal of contact in a list.
fn refusal_line(of: &RefusalLine, today: Date) -> Line {
    let began = calendar::long_date(of.refusal.body.refused.began);
    Line {
        to: format!("/refusals/{}", of.refusal.id),
        words: format!("{}, from {began}", of.name),
        tag: contact_refusal::tag(&of.refusal, today),
    }
}

/// A record in a list, by the time of its session where it is known.
fn record_line(record: &Record, when: Option<String>, now_ms: i64, left: bool) -> Line {
    Line {
        // Before it is signed a record is its author's alone: the session itself says where it stands.
        to: match record.state {
            RecordState::Open => format!("/sessions/{}", record.id),
            _ => format!("/sessions/{}/record", record.id),
        },
        words: when.unwrap_or_else(|| calendar::long_instant(record.opened_ms)),
        tag: match record.state {
            RecordState::Open | RecordState::Returned if left => nobodys(),
            state => record_tag(state, record.due_ms, now_ms),
        },
    }
}

/// The mark of what is not finished and whose author has left.
fn nobodys() -> Tag {
    Tag { kind: "overdue", words: "Its author has left".to_owned() }
}

#[derive(Template)]
#[template(path = "file/records.html")]
struct RecordsPage {
    page: Page,
    name: String,
    records: Vec<Line>,
    pages: Pages,
}

/// GET /children/{child}/records: every record of a child, the newest first.
pub(crate) async fn records(signed: Signed, Path(id): Path<ChildId>, Query(numbered): Query<Numbered>) -> Answer {
    let (name, records) = signed.delivery().records_of(id, numbered.number()).await?;
    let now_ms = signed.app.service.now_ms();
    let page = Page::new(&signed, "Records", "/children").back(format!("/children/{id}"));
    let pages = Pages::of(&records, format!("/children/{id}/records"));
    let left = |account: AccountId| !signed.app.service.card(account).is_some_and(|card| card.active);
    let line = |(record, slot): &(Record, Option<Slot>)| {
        record_line(record, slot.map(Slot::label), now_ms, left(record.author))
    };
    let records = records.rows.iter().map(line);
    render(&RecordsPage { page, name, records: records.collect(), pages })
}

/// From when a session was moved last.
fn moved(session: &kith_store::Session) -> String {
    let last = session.body.moved_from().last();
    last.map(|from| format!(", moved from {}", from.slot.label())).unwrap_or_default()
}

/// A session that counts for nothing, with why.
fn aside(session: &kith_store::Session, line: Line) -> Line {
    let why = if session.state == SessionState::Void { "entered in error" } else { "this child was taken off" };
    Line { words: format!("{}: {why}", line.words), ..line }
}
