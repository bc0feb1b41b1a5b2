//! A supervisor's day.

use askama::Template;
use axum::extract::Query;
use jiff::ToSpan;
use jiff::civil::Date;
use kith_domain::calendar;
use kith_domain::record::RecordState;
use kith_domain::session::SessionState;
use kith_domain::words::in_words;
use kith_service::session::{MySession, ToSign};
use serde::Deserialize;

use super::{day_or_today, times};
use crate::error::Answer;
use crate::file::{record_tag, session_tag};
use crate::person::Signed;
use crate::ui::{Page, Tag, render};

/// Which day.
#[derive(Deserialize)]
pub(crate) struct Which {
    #[serde(default)]
    day: String,
}

#[derive(Template)]
#[template(path = "session/my_day.html")]
struct MyDayPage {
    page: Page,
    day: String,
    is_today: bool,
    before: Date,
    after: Date,
    sessions: Vec<Session>,
    to_sign: Vec<Unsigned>,
    next: String,
}

struct Session {
    to: String,
    times: String,
    child: String,
    with: String,
    place: String,
    tag: Tag,
    record: Option<(String, &'static str)>,
}

struct Unsigned {
    to: String,
    child: String,
    when: String,
    words: String,
    tag: Tag,
    attention: bool,
}

fn session(mine: MySession) -> Session {
    let to = format!("/sessions/{}", mine.session.id);
    let record = mine.record.map(|state| {
        let words = match (state, mine.session.state) {
            (RecordState::Open, SessionState::InProgress) => "Go on writing",
            (RecordState::Open, _) => "Finish the record and sign it",
            _ => "Read the record",
        };
        (format!("{to}/record"), words)
    });
    Session {
        times: times(mine.session.slot),
        child: in_words(&mine.children),
        with: mine.with.join(" and "),
        place: mine.place,
        tag: session_tag(mine.session.state, mine.session.flagged.is_some()),
        record,
        to,
    }
}

fn unsigned(of: ToSign, now_ms: i64) -> Unsigned {
    let due = calendar::long_instant(of.due_ms);
    let (state, words) = match (of.returned, of.overdue) {
        (true, _) => {
            (RecordState::Returned, "Returned with comments: add what was asked for and sign again".to_owned())
        }
        (false, true) => (RecordState::Open, format!("It was due on {due}. Sign it, and say why it is late")),
        (false, false) => (RecordState::Open, format!("To be signed by {due}")),
    };
    Unsigned {
        to: format!("/sessions/{}/record", of.id),
        child: of.children,
        when: of.slot.label(),
        words,
        tag: record_tag(state, of.due_ms, now_ms),
        attention: of.overdue || of.returned,
    }
}

/// GET /my-day?day=YYYY-MM-DD
pub(crate) async fn my_day(signed: Signed, Query(which): Query<Which>) -> Answer {
    let today = signed.app.service.today();
    let now_ms = signed.app.service.now_ms();
    let my_day = signed.delivery().my_day(day_or_today(&which.day, &signed)).await?;
    let day = my_day.day;
    let beside = |days: i64| day.checked_add(days.days()).unwrap_or(day);
    let next = my_day.next.map_or_else(
        || "You are not booked for any other session.".to_owned(),
        |next| {
            let when = calendar::weekday_date(next.slot.day);
            format!("Your next session is on {when} at {}, {}.", calendar::clock(next.slot.start_minute), next.place)
        },
    );
    let template = MyDayPage {
        page: Page::new(&signed, "My day", "/my-day"),
        day: calendar::weekday_date(day),
        is_today: day == today,
        before: beside(-1),
        after: beside(1),
        sessions: my_day.sessions.into_iter().map(session).collect(),
        to_sign: my_day.to_sign.into_iter().map(|of| unsigned(of, now_ms)).collect(),
        next,
    };
    render(&template)
}
