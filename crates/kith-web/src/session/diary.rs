//! The diary: a week, rooms down, days across.

use askama::Template;
use axum::extract::Query;
use jiff::ToSpan;
use kith_domain::access::Role;
use kith_domain::calendar;
use kith_service::session::{Cell, Diary, DiaryEntry};
use serde::Deserialize;

use super::{day_or_today, times};
use crate::error::Answer;
use crate::file::session_tag;
use crate::person::Signed;
use crate::ui::{Page, Tag, render};

/// Which week, and whose.
#[derive(Deserialize)]
pub(crate) struct Which {
    #[serde(default)]
    week: String,
    #[serde(default)]
    area: String,
}

#[derive(Template)]
#[template(path = "session/diary.html")]
struct DiaryPage {
    page: Page,
    caption: String,
    area: String,
    areas: Vec<(String, String, bool)>,
    days: Vec<(String, bool, usize)>,
    rows: Vec<Row>,
    before: String,
    after: String,
    monday: String,
    planned: usize,
    flagged: usize,
    own: bool,
    nothing: bool,
}

struct Row {
    room: String,
    venue: String,
    features: String,
    cells: Vec<CellShown>,
}

struct CellShown {
    shut: Option<String>,
    sessions: Vec<Session>,
}

struct Session {
    to: Option<String>,
    times: String,
    who: String,
    supervisor: String,
    moved: Option<String>,
    /// `None` where it stands is not shown.
    tag: Option<Tag>,
}

fn session(entry: DiaryEntry) -> Session {
    Session {
        to: entry.id.map(|id| format!("/sessions/{id}")),
        times: times(entry.slot),
        who: entry.who,
        supervisor: entry.supervisor,
        moved: entry
            .moved_from
            .map(|(day, minute)| format!("{} {}", day.strftime("%a %-d %b"), calendar::clock(minute))),
        tag: entry.state.map(|state| session_tag(state, entry.flagged.is_some())),
    }
}

fn shown(cell: Cell) -> CellShown {
    CellShown { shut: cell.shut, sessions: cell.sessions.into_iter().map(session).collect() }
}

/// GET /diary?week=YYYY-MM-DD
pub(crate) async fn diary(signed: Signed, Query(which): Query<Which>) -> Answer {
    let register = signed.app.service.register();
    let area = if register.areas().any(|(code, _)| code == which.area) {
        which.area.clone()
    } else {
        signed.actor().area.clone()
    };
    let diary = signed.delivery().diary(day_or_today(&which.week, &signed), &area).await?;
    let own = signed.role() == Role::Supervisor;
    let areas = register.areas().map(|(code, name)| (code.to_owned(), name.to_owned(), code == area)).collect();
    let today = signed.app.service.today();
    let days = diary.days.iter().zip(diary.counts);
    let days = days.map(|(day, count)| (day.strftime("%a %-d").to_string(), *day == today, count));
    let week = |weeks: i64| diary.days[0].checked_add(weeks.weeks()).unwrap_or(diary.days[0]).to_string();
    let page = Page::new(&signed, if own { "My week" } else { "Diary" }, "/diary");
    let template = DiaryPage {
        page,
        caption: caption(&diary, &register.area_name(&area), own),
        area: if own { String::new() } else { area },
        areas: if own { Vec::new() } else { areas },
        days: days.collect(),
        before: week(-1),
        after: week(1),
        monday: diary.days[0].to_string(),
        planned: diary.planned,
        flagged: diary.flagged,
        own,
        nothing: diary.counts.iter().sum::<usize>() == 0,
        rows: diary.rows.into_iter().map(row).collect(),
    };
    render(&template)
}

fn row(row: kith_service::session::RoomRow) -> Row {
    Row {
        room: row.room.name,
        venue: row.venue,
        features: row.room.features,
        cells: row.cells.into_iter().map(shown).collect(),
    }
}

fn caption(diary: &Diary, area: &str, own: bool) -> String {
    let (from, to) = (diary.days[0], diary.days[5]);
    let from = if from.month() == to.month() { from.strftime("%-d") } else { from.strftime("%-d %B") };
    let whose = if own { "Your sessions" } else { area };
    format!("{whose}, {from} to {}", kith_domain::calendar::long_date(to))
}
