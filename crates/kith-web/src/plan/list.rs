//! Contact plans by where they stand: drafts that nobody finished, those to be reviewed, those that ended.

use askama::Template;
use axum::extract::Query;
use kith_domain::calendar;
use kith_domain::plan::PlanState;
use kith_service::plan::PlanLine;

use crate::error::Answer;
use crate::file::plan_tag;
use crate::person::Signed;
use crate::ui::{Column, OfState, Page, Pages, Tag, columns, days_ago, render};

#[derive(Template)]
#[template(path = "plan/list.html")]
struct ListPage {
    page: Page,
    /// Each state with how many there are: address, words, count, whether it is shown.
    states: Vec<(String, &'static str, usize, bool)>,
    columns: Vec<Column>,
    rows: Vec<Row>,
    pages: Pages,
}

struct Row {
    to: String,
    name: String,
    state: Tag,
    arrangements: String,
    /// By when it is to be reviewed, and whether that day is over.
    review: Option<(String, bool)>,
    begun: String,
    age: String,
    author: String,
}

fn row(line: PlanLine, now_ms: i64) -> Row {
    let today = calendar::day_number(calendar::in_london(now_ms).date());
    let reviewed = matches!(line.state, PlanState::Active | PlanState::Suspended);
    Row {
        to: format!("/plans/{}", line.id),
        name: line.child,
        state: plan_tag(line.state),
        arrangements: match line.arrangements {
            0 => "None yet".to_owned(),
            many => many.to_string(),
        },
        review: line
            .review_due
            .filter(|_| reviewed)
            .map(|due| (calendar::long_date(calendar::day_of(due)), due < today)),
        begun: calendar::long_date(calendar::in_london(line.created_ms).date()),
        age: days_ago(line.created_ms, now_ms),
        author: line.author,
    }
}

/// GET /plans
pub(crate) async fn list(signed: Signed, Query(asked): Query<OfState>) -> Answer {
    let state = PlanState::from_code(&asked.state).unwrap_or(PlanState::Active);
    let newest = asked.newest_first();
    let (listed, counts) = signed.delivery().plans_listed(state, newest, asked.number()).await?;
    let pages = Pages::of(&listed, "/plans").with_query(OfState::query(state.code(), newest));
    let to = |state: PlanState, newest| format!("/plans?{}", OfState::query(state.code(), newest));
    let now_ms = signed.app.service.now_ms();
    render(&ListPage {
        page: Page::new(&signed, "Contact plans", "/plans"),
        states: OfState::states(PlanState::ALL.iter().map(|of| (*of, of.label())), &counts, state, |of| to(of, newest)),
        columns: columns([
            ("Child", None),
            ("State", None),
            ("Arrangements", None),
            ("To be reviewed by", Some((to(state, false), (!newest).then_some(false)))),
            ("Begun", Some((to(state, true), newest.then_some(true)))),
            ("Written by", None),
        ]),
        rows: listed.rows.into_iter().map(|line| row(line, now_ms)).collect(),
        pages,
    })
}
