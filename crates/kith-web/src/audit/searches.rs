//! Who searched for a person.

use askama::Template;
use axum::http::StatusCode;
use kith_domain::access::Purpose;
use kith_domain::calendar;
use kith_domain::form::Fields;
use kith_service::ServiceError;
use kith_service::audit::{Searched, action_words};

use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Page, render, render_with};

#[derive(Template)]
#[template(path = "audit/searches.html")]
struct SearchesPage {
    page: Page,
    form: FormView,
    /// What was found; `None` before anything was asked for.
    lines: Option<Vec<Line>>,
    more: bool,
}

/// One search.
struct Line {
    when: String,
    who: String,
    who_link: Option<String>,
    action: String,
    whole: bool,
    shown: u64,
}

fn line(searched: Searched) -> Line {
    Line {
        when: calendar::in_london(searched.entry.at_ms).strftime("%-d %B %Y at %H:%M:%S").to_string(),
        who: searched.who,
        who_link: searched.entry.actor.map(|id| format!("/audit?who={id}")),
        action: action_words(&searched.entry.action),
        whole: searched.whole,
        shown: searched.shown,
    }
}

fn page(signed: &Signed) -> Page {
    Page::new(signed, "Who searched for somebody", "/audit").back("/audit")
}

/// GET /audit/searches. Whether this person may is asked of the log itself.
pub(crate) async fn ask(signed: Signed) -> Answer {
    signed.desk(Purpose::Accountability).may_read_log().await?;
    render(&SearchesPage { page: page(&signed), form: FormView::default(), lines: None, more: false })
}

/// POST /audit/searches: a name is not put into an address, where it would stay in histories and logs.
pub(crate) async fn show(posted: Posted) -> Answer {
    let signed = &posted.signed;
    let name: String = posted.fields.get("name").chars().take(200).collect();
    let kept: Fields = [("name", name.as_str())].into_iter().collect();
    match signed.desk(Purpose::Accountability).searches_for(&name).await {
        Ok(found) => render(&SearchesPage {
            page: page(signed),
            form: FormView::new(kept),
            lines: Some(found.searched.into_iter().map(line).collect()),
            more: found.more,
        }),
        Err(ServiceError::Invalid(problems)) => {
            let form = FormView::with(kept, problems);
            let page = SearchesPage { page: page(signed).with_error(true), form, lines: None, more: false };
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}
