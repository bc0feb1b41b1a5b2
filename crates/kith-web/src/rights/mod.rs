//! Pages of people's requests: the public one, the list, one with its steps and letters.

pub(crate) mod decide;
pub(crate) mod held;
pub(crate) mod public;
pub(crate) mod show;
#[cfg(test)]
mod tests;

use askama::Template;
use axum::extract::Query;
use kith_domain::access::{Purpose, Role};
use kith_domain::calendar;
use kith_domain::clock::left_until;
use kith_domain::ids::RequestId;
use kith_domain::rights::{Asker, Channel, RequestState, Right};
use kith_service::paging::Paged;
use kith_service::rights::RequestLine;
use kith_service::{Desk, ServiceError};
use kith_store::EndedRequests;
use serde::Deserialize;
use uuid::Uuid;

use crate::clocks::ClockRow;
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::ui::{FormView, Html, Options, Page, Pages, Tag, render, render_with, see_other};

/// The desk on which requests and breaches lie.
pub(crate) fn desk(signed: &Signed) -> Desk {
    signed.desk(Purpose::Accountability)
}

/// The questions of a request that staff write down; the public page asks them in its own words, see [`public`].
fn questions(form: &FormView) -> Html {
    let codes = |all: &[(&str, &str)]| -> Options {
        all.iter().map(|(code, label)| ((*code).to_owned(), (*label).to_owned())).collect()
    };
    let ways = Channel::ALL.iter().filter(|channel| **channel != Channel::Page);
    let ways = ways.map(|channel| (channel.code().to_owned(), channel.label().to_owned())).collect();
    Html::joined(vec![
        form.radios("channel", "How did it come?", "", ways),
        form.date(
            "received",
            "On which day was it received?",
            "The day on which it reached anybody at the council, working day or not",
        ),
        form.radios(
            "right",
            "What do they ask for?",
            "If it is more than one, choose the most important and write the rest below",
            codes(Right::CHOICES),
        ),
        form.radios("asker", "Who asks?", "", codes(Asker::CHOICES)),
        form.input("name", "Name of who asks", ""),
        form.input("about", "Name of the person it is about (if it is somebody else)", "First and last name"),
        form.date(
            "birth",
            "Date of birth of the person it is about",
            "If it is known. It helps to find the right person",
        ),
        form.input("former_names", "Former names, other spellings", "If there are any"),
        form.textarea("what", "What do they ask, in their words?", "", 5),
        form.textarea("address", "Their address", "An address, an email or a phone number: one is enough", 3),
        form.email("email", "Email", ""),
        form.phone("phone", "Phone number", ""),
        form.input(
            "needs",
            "What do they need to read or hear the answer?",
            "A language, large letters, a call, somebody who helps",
        ),
    ])
}

#[derive(Template)]
#[template(path = "rights/new.html")]
struct NewPage {
    page: Page,
    id: Uuid,
    questions: Html,
    form: FormView,
}

fn new_page(signed: &Signed, id: Uuid, form: FormView) -> Answer {
    let template = NewPage {
        page: Page::new(signed, "Somebody asks for their rights", "/requests")
            .back(back(signed))
            .with_error(form.has_problems()),
        id,
        questions: questions(&form),
        form,
    };
    render_with(template.form.status(""), &template)
}

fn back(signed: &Signed) -> &'static str {
    if signed.role() == Role::DataProtection { "/requests" } else { "/" }
}

/// GET /requests/new
pub(crate) async fn new(signed: Signed) -> Answer {
    new_page(&signed, Uuid::now_v7(), FormView::default())
}

/// POST /requests
pub(crate) async fn enter(posted: Posted) -> Answer {
    let id = posted.fields.get("id").parse().map_err(|_| ServiceError::NotFound)?;
    match desk(&posted.signed).enter_request(RequestId(id), &posted.fields).await {
        Ok(_) if posted.signed.role() == Role::DataProtection => {
            see_other(&format!("/requests/{id}?done=request-entered"))
        }
        Ok(_) => see_other("/?done=request-entered"),
        Err(ServiceError::Invalid(problems)) => new_page(&posted.signed, id, FormView::with(posted.fields, problems)),
        Err(ServiceError::Refused(refusal)) => {
            let problem = kith_domain::form::Problem::new("what", refusal.words);
            new_page(&posted.signed, Uuid::now_v7(), FormView::with(posted.fields, vec![problem]))
        }
        Err(error) => Err(error.into()),
    }
}

/// A request in the table.
struct Row {
    to: String,
    what: &'static str,
    who: String,
    due: String,
    state: Tag,
}

#[derive(Template)]
#[template(path = "rights/list.html")]
struct ListPage {
    page: Page,
    kinds: Kinds,
    rows: Vec<Row>,
    pages: Pages,
    open: bool,
    /// Of those that were destroyed, how many: year, right, number.
    ended: Vec<(String, &'static str, i64)>,
}

/// Open or closed, and which page: codes alone.
#[derive(Deserialize, Default)]
pub(crate) struct Which {
    #[serde(default)]
    closed: String,
    #[serde(default)]
    page: String,
}

/// The open ones and the closed ones: address, words, whether they are shown.
pub(crate) type Kinds = Vec<(String, &'static str, bool)>;

/// The ways to the open ones of a list and to the closed ones.
pub(crate) fn open_or_closed(at: &str, open: bool) -> Kinds {
    vec![(at.to_owned(), "Open", open), (format!("{at}?closed=1"), "Closed", !open)]
}

impl Which {
    /// Whether the open ones are asked for.
    pub(crate) fn open(&self) -> bool {
        self.closed.is_empty()
    }

    /// Which page, from 1.
    pub(crate) fn number(&self) -> usize {
        self.page.parse().unwrap_or(1).max(1)
    }

    /// The pages of a list at an address.
    pub(crate) fn pages<T>(&self, found: &Paged<T>, at: &str) -> Pages {
        let pages = Pages::of(found, at);
        if self.open() { pages } else { pages.with_query("closed=1") }
    }
}

/// Where a request stands, as a tag, with whether it is late.
fn tag(state: RequestState, late: bool) -> Tag {
    let kind = match state {
        _ if late => "overdue",
        RequestState::Open => "active",
        RequestState::Waiting => "draft",
        RequestState::Ready => "due",
        _ => "ended",
    };
    let words = if late { format!("Late. {}", state.label()) } else { state.label().to_owned() };
    Tag { kind, words }
}

/// Requests on the home page.
const REQUESTS_AT_HAND: u64 = 6;
/// Breaches of which the Commissioner is not told yet, on the home page.
const BREACHES_AT_HAND: u64 = 3;

/// What runs out first of what the officer answers for: breaches, of which there are hours, before requests; and how many requests
/// there are beside.
pub(crate) async fn at_hand(signed: &Signed) -> Result<(Vec<ClockRow>, usize), ServiceError> {
    let (desk, service) = (desk(signed), &signed.app.service);
    let breaches = desk.first_breaches(BREACHES_AT_HAND).await?;
    let hours = breaches.into_iter().filter_map(|of| Some((of.due_ms?, of)));
    let mut rows: Vec<ClockRow> = hours
        .map(|(due_ms, of)| {
            let due = calendar::in_london(due_ms);
            ClockRow {
                to: format!("/breaches/{}", of.id),
                what: "Tell the Commissioner",
                child: of.id.reference(),
                due: format!("{}, {}", calendar::weekday_date(due.date()), due.time().strftime("%H:%M")),
                left: crate::breach::left((due_ms - service.now_ms()).div_euclid(3_600_000)),
            }
        })
        .collect();
    let requests = desk.first_requests(REQUESTS_AT_HAND).await?;
    let more = requests.total.saturating_sub(requests.rows.len());
    rows.extend(requests.rows.into_iter().map(|line| {
        let body = &line.request.body;
        let left = match (&line.due, body.open_pause()) {
            (Some(due), None) => {
                let (state, words) = left_until(due.day, service.today());
                Tag { kind: state.code(), words }
            }
            _ => tag(line.request.state, false),
        };
        ClockRow {
            to: format!("/requests/{}", line.request.id),
            what: body.asked.right.label(),
            child: body.about().to_owned(),
            due: line.due.map_or_else(String::new, |due| calendar::weekday_date(due.day)),
            left,
        }
    }));
    Ok((rows, more))
}

/// GET /requests
pub(crate) async fn list(signed: Signed, Query(which): Query<Which>, Query(done): Query<Done>) -> Answer {
    let open = which.open();
    let found = desk(&signed).requests(open, which.number()).await?;
    let ended = if open { Vec::new() } else { desk(&signed).requests_ended().await? };
    let counted =
        |of: EndedRequests| (of.year.to_string(), of.right.map_or("Not known any more", Right::label), of.count);
    let today = signed.app.service.today();
    let row = |line: RequestLine| {
        let body = &line.request.body;
        let late = line.due.as_ref().is_some_and(|due| due.day < today);
        Row {
            to: format!("/requests/{}", line.request.id),
            what: body.asked.right.label(),
            who: body.about().to_owned(),
            due: line.due.map_or_else(String::new, |due| calendar::weekday_date(due.day)),
            state: tag(line.request.state, late),
        }
    };
    render(&ListPage {
        page: Page::new(&signed, "Requests", "/requests").with_done(done.words()),
        kinds: open_or_closed("/requests", open),
        pages: which.pages(&found, "/requests"),
        rows: found.rows.into_iter().map(row).collect(),
        open,
        ended: ended.into_iter().map(counted).collect(),
    })
}
