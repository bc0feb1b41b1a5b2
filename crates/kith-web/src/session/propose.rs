//! The plan's pattern as a list to book from: each day with a room and a supervisor that are free.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use jiff::ToSpan;
use jiff::civil::Date;
use kith_domain::calendar;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::{AccountId, ArrangementId, PlanId, RoomId, SessionId};
use kith_domain::session::{SessionState, Slot};
use kith_service::session::{Booking, Chosen, Proposals, ProposedDay};
use serde::Deserialize;
use uuid::Uuid;

use crate::error::{Answer, WebError};
use crate::file::session_tag;
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::ui::{FormView, Page, Tag, render, render_with, see_other};

/// How far ahead the list looks unless asked otherwise.
const WEEKS: i64 = 4;

/// From when to when.
#[derive(Deserialize)]
pub(crate) struct Span {
    #[serde(default)]
    from: String,
    #[serde(default)]
    weeks: String,
}

#[derive(Template)]
#[template(path = "session/propose.html")]
struct ProposePage {
    page: Page,
    child: String,
    with: String,
    pattern: String,
    frequency: String,
    staff: i64,
    action: String,
    plan: PlanId,
    from: Date,
    weeks: i64,
    span: String,
    before: Option<Date>,
    after: Date,
    form: FormView,
    days: Vec<Day>,
    planned: Vec<SessionId>,
    any: bool,
    refused: Vec<String>,
}

/// A day to choose.
struct Day {
    number: i64,
    when: String,
    times: String,
    booked: Option<(String, Tag, String)>,
    shut: Option<String>,
    id: Uuid,
    chosen: bool,
    error: Option<String>,
    rooms: Vec<(String, String, bool)>,
    supervisors: Vec<(String, String, bool)>,
    seconds: Vec<(String, String, bool)>,
}

fn options<T: PartialEq + ToString>(
    all: impl Iterator<Item = (T, String)>,
    free: &[T],
    chosen: Option<&str>,
) -> Vec<(String, String, bool)> {
    let of = |(id, words): (T, String)| {
        let code = id.to_string();
        let is = chosen == Some(code.as_str());
        (free.contains(&id) || is).then_some((code, words, is))
    };
    all.filter_map(of).collect()
}

fn day(day: &ProposedDay, proposals: &Proposals, typed: Option<&Fields>, problems: &[Problem], signed: &Signed) -> Day {
    let number = calendar::day_number(day.slot.day);
    let field = |name: &str| typed.map(|typed| typed.get(&format!("{name}-{number}")).to_owned());
    let suggested = |id: Option<String>| id.unwrap_or_default();
    let room = field("room").unwrap_or_else(|| suggested(day.room.map(|id| id.to_string())));
    let supervisor = field("supervisor").unwrap_or_else(|| suggested(day.supervisor.map(|id| id.to_string())));
    let rooms =
        proposals.rooms.iter().map(|choice| (choice.room.id, format!("{}, {}", choice.room.name, choice.venue)));
    let staff = || proposals.supervisors.iter().map(|card| (card.id, card.name.clone()));
    let words: Vec<String> = problems.iter().map(|problem| problem.message.clone()).collect();
    let id = field("id").and_then(|id| id.parse().ok()).unwrap_or_else(Uuid::now_v7);
    Day {
        number,
        when: calendar::weekday_date(day.slot.day),
        times: super::times(day.slot),
        booked: day.booked.as_ref().map(|booked| {
            let tag = session_tag(booked.state, booked.flagged.is_some());
            (format!("/sessions/{}", booked.id), tag, signed.app.service.name_of(booked.supervisor))
        }),
        shut: day.shut.clone(),
        id,
        chosen: typed.is_none_or(|typed| typed.has("chosen", &number.to_string())),
        error: (!words.is_empty()).then(|| words.join(". ")),
        rooms: options(rooms, &day.rooms, Some(&room)),
        supervisors: options(staff(), &day.supervisors, Some(&supervisor)),
        seconds: options(staff(), &day.supervisors, field("second").as_deref()),
    }
}

/// What came back from booking: what was typed, and for each day (by number) what stands against it.
#[derive(Default)]
struct Tried {
    typed: Option<Fields>,
    problems: HashMap<i64, Vec<Problem>>,
    refused: Vec<String>,
}

async fn page(
    signed: &Signed,
    (plan, line): (PlanId, ArrangementId),
    (from, weeks): (Date, i64),
    tried: &Tried,
) -> Result<ProposePage, WebError> {
    let to = from.checked_add((weeks * 7 - 1).days()).unwrap_or(from);
    let proposals = signed.delivery().propose_sessions(plan, line, from, to).await?;
    let none = Vec::new();
    let days: Vec<Day> = proposals
        .days
        .iter()
        .map(|of| {
            let problems = tried.problems.get(&calendar::day_number(of.slot.day)).unwrap_or(&none);
            day(of, &proposals, tried.typed.as_ref(), problems, signed)
        })
        .collect();
    let summary = days.iter().filter_map(|day| {
        Some(Problem::new(format!("chosen-{}", day.number), format!("{}: {}", day.when, day.error.as_ref()?)))
    });
    let form = FormView::with(Fields::default(), summary.collect());
    let booked = proposals.days.iter().filter_map(|day| day.booked.as_ref());
    let planned = booked.filter(|booked| booked.state == SessionState::Planned || booked.flagged.is_some());
    let planned = planned.filter(|booked| !booked.state.is_over()).map(|booked| booked.id).collect();
    let today = signed.app.service.today();
    let start_of = |weeks: i64| from.checked_add(weeks.weeks()).unwrap_or(from);
    Ok(ProposePage {
        page: Page::new(signed, "Book sessions", "/diary")
            .back(format!("/plans/{plan}"))
            .with_error(form.has_problems() || !tried.refused.is_empty()),
        child: proposals.child,
        with: proposals.with.join(" and "),
        pattern: proposals.line.pattern.to_string(),
        frequency: proposals.line.frequency.to_string(),
        staff: proposals.staff,
        action: format!("/plans/{plan}/arrangements/{line}/sessions"),
        plan,
        from,
        weeks,
        span: if weeks == 1 { "Week".to_owned() } else { format!("{weeks} weeks") },
        before: (from > today).then(|| start_of(-weeks).max(today)),
        after: start_of(weeks),
        any: days.iter().any(|day| day.booked.is_none() && day.shut.is_none()),
        form,
        days,
        planned,
        refused: tried.refused.clone(),
    })
}

fn span(from: &str, weeks: &str, today: Date) -> (Date, i64) {
    let from = from.parse().unwrap_or(today);
    (from, weeks.parse().ok().filter(|weeks| (1..=12).contains(weeks)).unwrap_or(WEEKS))
}

/// GET /plans/{plan}/arrangements/{line}/sessions?from=YYYY-MM-DD
pub(crate) async fn list(
    signed: Signed,
    Path(of): Path<(PlanId, ArrangementId)>,
    Query(asked): Query<Span>,
    Query(done): Query<Done>,
) -> Answer {
    let span = span(&asked.from, &asked.weeks, signed.app.service.today());
    let mut template = page(&signed, of, span, &Tried::default()).await?;
    template.page = template.page.with_done(done.words());
    render(&template)
}

/// One day as it was chosen; what is wrong with it otherwise.
fn chosen(fields: &Fields, number: i64, start_minute: i64, minutes: i64) -> Result<Chosen, Vec<Problem>> {
    let field = |name: &str| fields.get(&format!("{name}-{number}"));
    let mut problems = Vec::new();
    let mut id_of = |name: &str, words: &str| {
        let id = field(name).parse::<Uuid>().ok();
        if id.is_none() {
            problems.push(Problem::new(name, words));
        }
        id
    };
    let room = id_of("room", "Choose a room");
    let supervisor = id_of("supervisor", "Choose a supervisor");
    let id = field("id").parse().map(SessionId).ok();
    let read = (|| {
        let slot = Slot { day: calendar::day_of(number), start_minute, end_minute: start_minute + minutes };
        let second = field("second").parse().map(AccountId).ok();
        let booking = Booking { slot, room: RoomId(room?), supervisor: AccountId(supervisor?), second };
        Some(Chosen { id: id?, booking })
    })();
    read.ok_or(problems)
}

/// POST /plans/{plan}/arrangements/{line}/sessions: books those that were chosen.
pub(crate) async fn book(Path((plan, line)): Path<(PlanId, ArrangementId)>, posted: Posted) -> Answer {
    let (signed, fields) = (&posted.signed, &posted.fields);
    let desk = signed.delivery();
    let (from, weeks) = span(fields.get("from"), fields.get("weeks"), signed.app.service.today());
    let of_plan = desk.propose_sessions(plan, line, from, from).await?;
    let (start_minute, minutes) = (of_plan.line.pattern.start_minute.unwrap_or_default(), of_plan.line.minutes);
    let mut tried = Tried { typed: Some(fields.clone()), ..Tried::default() };
    let mut ready = Vec::new();
    for number in fields.all("chosen").iter().filter_map(|number| number.parse::<i64>().ok()) {
        match chosen(fields, number, start_minute, minutes) {
            Ok(one) => ready.push(one),
            Err(problems) => {
                tried.problems.insert(number, problems);
            }
        }
    }
    if ready.is_empty() && tried.problems.is_empty() {
        tried.refused.push("Tick at least one day to book".to_owned());
    }
    for outcome in desk.book_sessions(plan, line, &ready).await? {
        if let Some(problems) = outcome.why_not {
            tried.problems.insert(calendar::day_number(outcome.chosen.booking.slot.day), problems);
        }
    }
    if tried.problems.is_empty() && tried.refused.is_empty() {
        let to = format!("/plans/{plan}/arrangements/{line}/sessions?from={from}&weeks={weeks}&done=booked");
        return see_other(&to);
    }
    render_with(StatusCode::UNPROCESSABLE_ENTITY, &page(signed, (plan, line), (from, weeks), &tried).await?)
}

/// POST /plans/{plan}/arrangements/{line}/sessions/confirm: confirms those of the list that can be.
pub(crate) async fn confirm(Path((plan, line)): Path<(PlanId, ArrangementId)>, posted: Posted) -> Answer {
    let (signed, fields) = (&posted.signed, &posted.fields);
    let desk = signed.delivery();
    let (from, weeks) = span(fields.get("from"), fields.get("weeks"), signed.app.service.today());
    let ids: Vec<SessionId> = fields.all("session").iter().filter_map(|id| id.parse().ok()).collect();
    // Nothing to confirm is still refused to those who may not see the plan.
    desk.plan(plan).await?;
    let tried = Tried { refused: desk.confirm_sessions(plan, &ids).await?, ..Tried::default() };
    if tried.refused.is_empty() {
        let to = format!("/plans/{plan}/arrangements/{line}/sessions?from={from}&weeks={weeks}&done=confirmed");
        return see_other(&to);
    }
    render_with(StatusCode::CONFLICT, &page(signed, (plan, line), (from, weeks), &tried).await?)
}
