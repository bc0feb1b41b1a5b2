//! What was typed and cannot be saved, to be copied from the page: nothing typed is lost.

use askama::Template;
use axum::http::StatusCode;

use super::{Page, render_with};
use crate::error::Answer;
use crate::person::Signed;

#[derive(Template)]
#[template(path = "ui/kept.html")]
struct KeptPage {
    page: Page,
    why: String,
    rows: Vec<(String, String)>,
}

/// Says why, and shows what was typed: label and words.
pub(crate) fn kept(signed: &Signed, back: &str, rows: Vec<(String, String)>, why: &str) -> Answer {
    let page = Page::new(signed, "This was not saved", "").back(back).with_error(true);
    render_with(StatusCode::CONFLICT, &KeptPage { page, why: why.to_owned(), rows })
}
