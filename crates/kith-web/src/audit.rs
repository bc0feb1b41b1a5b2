//! The access log: who did what, in which role, for which purpose, about which records.

pub(crate) mod searches;
#[cfg(test)]
mod tests;

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use kith_domain::access::Purpose;
use kith_domain::calendar;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::ChildId;
use kith_service::ServiceError;
use kith_service::audit::{LogPage, LogQuery, Logged, action_words, record_words};
use kith_store::LogState;
use uuid::Uuid;

use crate::error::Answer;
use crate::person::{Signed, encode};
use crate::ui::{FormView, Options, Page, Tag, render_with};

/// Records of one entry that stand in sight; a page with more of them hides the others until they are asked for.
const IN_SIGHT: usize = 4;

#[derive(Template)]
#[template(path = "audit/log.html")]
struct LogTemplate {
    page: Page,
    form: FormView,
    staff: Options,
    state: State,
    /// What was found; `None` when what was asked for is wrong.
    lines: Option<Vec<Line>>,
    narrowed: bool,
    outcomes: Options,
    newest: Option<String>,
    older: Option<String>,
}

/// How far the signed tree is, in words.
struct State {
    size: u64,
    waiting: u64,
    root: String,
}

/// One entry.
struct Line {
    when: String,
    who: String,
    who_link: Option<String>,
    role: String,
    action: String,
    code: String,
    purpose: String,
    outcome: Option<Tag>,
    records: Vec<RecordLink>,
    more: Vec<RecordLink>,
}

/// A record that an entry is about.
struct RecordLink {
    how: &'static str,
    table: String,
    id: String,
    /// `None` for what is not a record of its own, such as the log.
    link: Option<String>,
}

fn state(state: LogState) -> State {
    State { size: state.size, waiting: state.waiting, root: hex::encode(state.root) }
}

fn record(how: &'static str, table: &str, id: Uuid) -> RecordLink {
    let link = (!id.is_nil()).then(|| format!("/audit?record={id}"));
    // Every id is shortened as a file's is: by its end.
    let short = if id.is_nil() { String::new() } else { ChildId(id).reference() };
    RecordLink { how, table: table.to_owned(), id: short, link }
}

fn line(signed: &Signed, logged: Logged) -> Line {
    let entry = logged.entry;
    let register = signed.app.service.register();
    let purpose = entry.purpose.map_or_else(
        || "Not known".to_owned(),
        |purpose| {
            let known = register.purposes().iter().find(|registered| registered.code() == purpose.code());
            known.map_or_else(|| purpose.code().to_owned(), |registered| registered.name.clone())
        },
    );
    let refused = entry.about.filter(|_| entry.refused).map(|id| record("Asked for", "Record", id));
    let changed = entry.changed.iter().map(|seen| record("Changed", &record_words(&seen.table), seen.id));
    let seen = entry.seen.iter().map(|seen| record("Seen", &record_words(&seen.table), seen.id));
    let mut records: Vec<RecordLink> = refused.into_iter().chain(changed).chain(seen).collect();
    let more = records.split_off(records.len().min(IN_SIGHT));
    Line {
        when: calendar::in_london(entry.at_ms).strftime("%-d %B %Y at %H:%M:%S").to_string(),
        who: logged.who,
        who_link: entry.actor.map(|id| format!("/audit?who={id}")),
        role: entry.role.map_or("Not known", |role| role.label()).to_owned(),
        action: action_words(&entry.action),
        code: entry.action,
        purpose,
        outcome: entry.refused.then(|| Tag { kind: "declined", words: "Refused".to_owned() }),
        records,
        more,
    }
}

/// The address of a page of the log.
fn address(query: &LogQuery, before: Option<i64>) -> String {
    let parts = [
        query.record.as_ref().map(|record| format!("record={}", encode(record))),
        query.who.map(|who| format!("who={who}")),
        query.day.map(|day| format!("day={day}")),
        query.refused.then(|| "outcome=refused".to_owned()),
        before.map(|before| format!("before={before}")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "/audit".to_owned() } else { format!("/audit?{}", parts.join("&")) }
}

/// What was asked for, as the form's fields.
fn query_fields(query: &LogQuery) -> Fields {
    let mut fields = Fields::default();
    fields.set("record", query.record.clone().unwrap_or_default());
    fields.set("who", query.who.map(|who| who.to_string()).unwrap_or_default());
    if let Some(day) = query.day {
        fields.set_date("day", day);
    }
    fields.set("outcome", if query.refused { "refused" } else { "" });
    fields
}

fn outcomes() -> Options {
    vec![("refused".to_owned(), "Refused only".to_owned())]
}

/// Everybody who can be asked for, and who has been asked for though their account is closed.
fn staff(signed: &Signed, found: &LogPage, query: &LogQuery) -> Options {
    let mut staff: Options =
        found.staff.iter().map(|card| (card.id.to_string(), format!("{}, {}", card.name, card.role.label()))).collect();
    if let Some(who) = query.who
        && !found.staff.iter().any(|card| card.id == who)
    {
        staff.push((who.to_string(), signed.app.service.name_of(who)));
    }
    staff
}

fn found(signed: &Signed, query: &LogQuery, found: LogPage) -> Answer {
    let page = LogTemplate {
        page: Page::new(signed, "Access log", "/audit"),
        form: FormView::new(query_fields(query)),
        staff: staff(signed, &found, query),
        outcomes: outcomes(),
        state: state(found.state),
        narrowed: *query != LogQuery::default(),
        newest: query.before.map(|_| address(query, None)),
        older: found.older.map(|older| address(query, Some(older))),
        lines: Some(found.entries.into_iter().map(|logged| line(signed, logged)).collect()),
    };
    render_with(StatusCode::OK, &page)
}

/// The form again with what is wrong, and no entries. The log is asked all the same: it says whether this person may.
async fn wrong(signed: &Signed, fields: Fields, problems: Vec<Problem>) -> Answer {
    let nothing = LogQuery { before: Some(0), ..LogQuery::default() };
    let answer = signed.desk(Purpose::Accountability).access_log(&nothing).await?;
    let page = LogTemplate {
        page: Page::new(signed, "Access log", "/audit").with_error(true),
        form: FormView::with(fields, problems),
        staff: staff(signed, &answer, &nothing),
        outcomes: outcomes(),
        state: state(answer.state),
        narrowed: true,
        newest: None,
        older: None,
        lines: None,
    };
    render_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// GET /audit?record=&who=&day-day=&day-month=&day-year=&outcome=&before=
///
/// Ids, file references and days are no personal data, so they may stand in the address.
pub(crate) async fn log(signed: Signed, Query(pairs): Query<Vec<(String, String)>>) -> Answer {
    let fields: Fields = pairs.into_iter().collect();
    let query = match LogQuery::read(&fields) {
        Ok(query) => query,
        // Nobody types where a page begins.
        Err(problems) if problems.iter().all(|problem| problem.field == "before") => {
            return Err(ServiceError::NotFound.into());
        }
        Err(problems) => return wrong(&signed, fields, problems).await,
    };
    match signed.desk(Purpose::Accountability).access_log(&query).await {
        Ok(page) => found(&signed, &query, page),
        Err(ServiceError::Invalid(problems)) => wrong(&signed, fields, problems).await,
        Err(error) => Err(error.into()),
    }
}
