//! The public page on which anybody asks for their rights, without signing in. What is sent is taken only within limits, and shown
//! back to nobody.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use kith_domain::calendar;
use kith_domain::form::Problem;
use kith_domain::ids::RequestId;
use kith_service::ServiceError;
use uuid::Uuid;

use super::Questions;
use crate::app::App;
use crate::error::Answer;
use crate::front::Client;
use crate::posted::{STRANGER, parse, read_body};
use crate::ui::{FormView, Html, Page, render, render_with};

#[derive(Template)]
#[template(path = "rights/ask.html")]
struct AskPage {
    page: Page,
    id: Uuid,
    questions: Html,
    requests_to: Vec<String>,
    form: FormView,
}

fn ask_page(app: &App, id: Uuid, form: FormView) -> AskPage {
    AskPage {
        page: Page::outside(app, "Your rights").with_error(form.has_problems()),
        id,
        questions: Questions { form: &form, by_staff: false }.all(),
        requests_to: app.service.register().requests_to(),
        form,
    }
}

/// GET /your-rights
pub(crate) async fn ask(State(app): State<App>) -> Answer {
    render(&ask_page(&app, Uuid::now_v7(), FormView::default()))
}

#[derive(Template)]
#[template(path = "rights/received.html")]
struct ReceivedPage {
    page: Page,
    reference: String,
    due: Option<String>,
    rule: String,
    requests_to: Vec<String>,
}

/// POST /your-rights
pub(crate) async fn send(State(app): State<App>, request: Request) -> Answer {
    let from = Client::of(&request);
    let fields = parse(&read_body(request, STRANGER).await?);
    let id: Uuid = fields.get("id").parse().unwrap_or_else(|_| Uuid::now_v7());
    match app.service.ask_by_page(RequestId(id), &fields, from).await {
        Ok(received) => render(&ReceivedPage {
            page: Page::outside(&app, "We have your request"),
            reference: received.reference,
            rule: received.due.as_ref().map(|due| due.rule.clone()).unwrap_or_default(),
            due: received.due.map(|due| calendar::weekday_date(due.day)),
            requests_to: app.service.register().requests_to(),
        }),
        Err(ServiceError::Invalid(problems)) => {
            let page = ask_page(&app, id, FormView::with(fields, problems));
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(ServiceError::Refused(refusal)) => {
            let problem = Problem::new("what", refusal.words);
            let page = ask_page(&app, Uuid::now_v7(), FormView::with(fields, vec![problem]));
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(ServiceError::Wait { seconds }) => {
            let words = format!(
                "Many requests are coming from where you are. What you typed is still here: wait {} and send it again, or call us",
                minutes(seconds)
            );
            let page = ask_page(&app, id, FormView::with(fields, vec![Problem::new("what", words)]));
            render_with(StatusCode::TOO_MANY_REQUESTS, &page)
        }
        Err(error) => Err(error.into()),
    }
}

fn minutes(seconds: u64) -> String {
    match seconds.div_ceil(60) {
        0 | 1 => "a minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}
