//! Concerns raised at a session, for who must know.

use askama::Template;
use axum::extract::Path;
use kith_domain::ids::SessionId;

use super::concerns;
use crate::error::Answer;
use crate::person::Signed;
use crate::ui::{Page, render};

#[derive(Template)]
#[template(path = "record/concerns.html")]
struct ConcernsPage {
    page: Page,
    concerns: Vec<[String; 3]>,
}

/// GET /sessions/{id}/concerns
pub(crate) async fn list(signed: Signed, Path(id): Path<SessionId>) -> Answer {
    let raised = signed.delivery().concerns(id).await?;
    let page = Page::new(&signed, "Concerns raised", crate::session::here(&signed)).back(format!("/sessions/{id}"));
    let mut rows = concerns(&raised);
    for (row, of) in rows.iter_mut().zip(&raised) {
        row[2] = format!("{}. {}", row[2], of.first_read_words());
    }
    render(&ConcernsPage { page, concerns: rows })
}
