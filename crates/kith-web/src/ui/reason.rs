//! A page that asks for words before something is done: why, who agreed, what was decided.

use askama::Template;
use axum::http::StatusCode;

use super::{FormView, Page, render_with};
use crate::error::Answer;

/// What the page says and where its words go.
#[derive(Template)]
#[template(path = "ui/reason.html")]
pub(crate) struct ReasonPage {
    /// The page around it, with its title.
    pub(crate) page: Page,
    /// What was typed, with what is wrong with it.
    pub(crate) form: FormView,
    /// Where it goes.
    pub(crate) action: String,
    /// What happens then; empty when the title says it all.
    pub(crate) text: &'static str,
    /// The field.
    pub(crate) name: &'static str,
    /// Its label.
    pub(crate) label: &'static str,
    /// Its hint.
    pub(crate) hint: &'static str,
    /// The words on the button.
    pub(crate) button: &'static str,
}

impl ReasonPage {
    /// The page as an answer: 422 when something typed is wrong.
    pub(crate) fn answer(self) -> Answer {
        let status = if self.form.has_problems() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        let page = self.page.with_error(status != StatusCode::OK);
        render_with(status, &Self { page, ..self })
    }
}
