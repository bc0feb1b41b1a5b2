//! What is running out: on a page of its own, and as rows for the home page and a child's file.

use askama::Template;
use axum::extract::Query;
use jiff::civil::Date;
use kith_domain::calendar;
use kith_domain::clock::{ClockKind, Running};
use kith_service::clocks::ListedClock;
use kith_service::paging::in_state;
use serde::Deserialize;

use crate::error::Answer;
use crate::person::Signed;
use crate::ui::{Page, Pages, Tag, render};

/// A clock in a table.
pub(crate) struct ClockRow {
    pub(crate) to: String,
    pub(crate) what: &'static str,
    /// Whose; empty on the child's own page.
    pub(crate) child: String,
    pub(crate) due: String,
    pub(crate) left: Tag,
}

/// The page of what a clock is about: where something can be done.
fn leads_to(of: &Running) -> String {
    match of.kind {
        ClockKind::Assessment => format!("/assessments/{}", of.subject),
        ClockKind::Refusal => format!("/refusals/{}", of.subject),
        ClockKind::Verification => format!("/referrals/{}", of.subject),
        ClockKind::OrderEnds => format!("/orders/{}", of.subject),
        ClockKind::PlanReview => format!("/plans/{}", of.subject),
        ClockKind::FirstSession | ClockKind::Hearing => format!("/children/{}", of.child),
    }
}

/// A clock for a table; `child` is empty on the child's own page.
pub(crate) fn row(of: &Running, child: String, today: Date) -> ClockRow {
    ClockRow {
        to: leads_to(of),
        what: of.kind.label(),
        child,
        due: calendar::weekday_date(of.due),
        left: Tag { kind: of.state(today).code(), words: of.left(today) },
    }
}

/// Clocks of several children for a table.
pub(crate) fn rows(listed: Vec<ListedClock>, today: Date) -> Vec<ClockRow> {
    listed.into_iter().map(|of| row(&of.running, of.child, today)).collect()
}

/// Of which kind, and which page, as the query says it: codes alone.
#[derive(Deserialize, Default)]
pub(crate) struct OfKind {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    page: String,
}

#[derive(Template)]
#[template(path = "clocks/list.html")]
struct ClocksPage {
    page: Page,
    /// Of each kind, and of all, its address, what it is called, how many there are, and whether it is shown.
    kinds: Vec<(String, &'static str, usize, bool)>,
    rows: Vec<ClockRow>,
    pages: Pages,
}

/// GET /clocks
pub(crate) async fn list(signed: Signed, Query(asked): Query<OfKind>) -> Answer {
    let kind = ClockKind::from_code(&asked.kind);
    let number = asked.page.parse().unwrap_or(1).max(1);
    let clocks = signed.delivery().clocks(kind, number).await?;
    let count = |of: ClockKind| in_state(&clocks.counts, of);
    let all = ClockKind::ALL.iter().map(|kind| count(*kind)).sum();
    let of_kind = |of: &ClockKind| (format!("/clocks?kind={}", of.code()), of.label(), count(*of), kind == Some(*of));
    let kinds = std::iter::once(("/clocks".to_owned(), "All", all, kind.is_none()))
        .chain(ClockKind::ALL.iter().map(of_kind))
        .collect();
    let pages = Pages::of(&clocks.paged, "/clocks");
    let pages = match kind {
        Some(kind) => pages.with_query(format!("kind={}", kind.code())),
        None => pages,
    };
    let today = signed.app.service.today();
    render(&ClocksPage {
        page: Page::new(&signed, "What is running out", "/").back("/"),
        kinds,
        rows: rows(clocks.paged.rows, today),
        pages,
    })
}

#[cfg(test)]
mod tests;
