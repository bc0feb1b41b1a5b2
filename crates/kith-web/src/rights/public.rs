//! The public page on which anybody asks for their rights, without signing in, in each language that its words are in. What is sent is taken
//! only within limits, and shown back to nobody.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use kith_domain::form::Problem;
use kith_domain::ids::RequestId;
use kith_domain::rights::{Asker, Right};
use kith_service::ServiceError;
use kith_service::rights::RightsWords;
use serde::Deserialize;
use uuid::Uuid;

use crate::app::App;
use crate::error::Answer;
use crate::front::Client;
use crate::posted::{STRANGER, parse, read_body};
use crate::ui::{FormView, Html, Options, Page, render, render_with};

/// In which language: a code alone.
#[derive(Deserialize, Default)]
pub(crate) struct Wanted {
    #[serde(default)]
    lang: String,
}

impl Wanted {
    /// The words; the English ones for a language that there is not.
    fn words(&self, app: &App) -> Arc<RightsWords> {
        app.service.register().rights_words(&self.lang)
    }
}

fn address(language: &str) -> String {
    if language == "en" { "/your-rights".to_owned() } else { format!("/your-rights?lang={language}") }
}

#[derive(Template)]
#[template(path = "rights/ask.html")]
struct AskPage {
    page: Page,
    id: Uuid,
    words: Arc<RightsWords>,
    action: String,
    /// The other languages: address, what the language calls itself, its code.
    others: Vec<(String, String, String)>,
    /// The public notice in this language.
    notice: String,
    questions: Html,
    requests_to: Vec<String>,
    summary: Html,
}

/// Every question, one after the other.
fn questions(form: &FormView, words: &RightsWords) -> Html {
    let of = |key: &str| words.of(key);
    let rights: Options =
        Right::ALL.iter().map(|of| (of.code().to_owned(), words.right(of.code()).to_owned())).collect();
    let askers: Options =
        Asker::ALL.iter().map(|of| (of.code().to_owned(), words.asker(of.code()).to_owned())).collect();
    let parts = [of("day"), of("month"), of("year")];
    Html::joined(vec![
        form.radios("right", of("ask"), of("ask_hint"), rights),
        form.radios("asker", of("who"), "", askers),
        form.input("name", of("your_name"), ""),
        form.input("about", of("about"), of("about_hint")),
        form.date_in(parts, "birth", of("birth"), of("birth_hint")),
        form.input("former_names", of("former"), of("former_hint")),
        form.textarea("what", of("what"), "", 5),
        form.textarea("address", of("address"), of("address_hint"), 3),
        form.email("email", of("email"), ""),
        form.phone("phone", of("phone"), ""),
        form.input("needs", of("needs"), of("needs_hint")),
    ])
}

fn ask_page(app: &App, words: Arc<RightsWords>, id: Uuid, form: &FormView) -> AskPage {
    let languages = app.service.register().rights_languages();
    let others = languages.into_iter().filter(|(code, _)| *code != words.language);
    AskPage {
        page: Page::outside(app, "Your rights").with_error(form.has_problems()),
        id,
        action: address(&words.language),
        others: others.map(|(code, name)| (address(&code), name, code)).collect(),
        notice: format!("/privacy?lang={}", words.language),
        questions: questions(form, &words),
        requests_to: app.service.register().requests_to(),
        summary: form.error_summary_titled(words.of("problem")),
        words,
    }
}

/// GET /your-rights
pub(crate) async fn ask(State(app): State<App>, Query(wanted): Query<Wanted>) -> Answer {
    render(&ask_page(&app, wanted.words(&app), Uuid::now_v7(), &FormView::default()))
}

#[derive(Template)]
#[template(path = "rights/received.html")]
struct ReceivedPage {
    page: Page,
    words: Arc<RightsWords>,
    reference: String,
    /// By when, and how that was counted.
    due: Option<(String, String)>,
    requests_to: Vec<String>,
}

/// POST /your-rights
pub(crate) async fn send(State(app): State<App>, Query(wanted): Query<Wanted>, request: Request) -> Answer {
    let words = wanted.words(&app);
    let from = Client::of(&request);
    let fields = parse(&read_body(request, STRANGER).await?);
    let id: Uuid = fields.get("id").parse().unwrap_or_else(|_| Uuid::now_v7());
    let (status, id, problems) = match app.service.ask_by_page(RequestId(id), &fields, from).await {
        Ok(received) => {
            let due = received.due.map(|due| {
                let day = words.of("due").replace("{day}", &words.day(due.day));
                (day, words.of("counted").replace("{rule}", &due.rule))
            });
            return render(&ReceivedPage {
                page: Page::outside(&app, "We have your request"),
                reference: received.reference,
                due,
                requests_to: app.service.register().requests_to(),
                words,
            });
        }
        Err(ServiceError::Invalid(problems)) => (StatusCode::UNPROCESSABLE_ENTITY, id, words.problems(problems)),
        // It was sent already and changed since: another id makes it another request.
        Err(ServiceError::Refused(refusal)) => {
            (StatusCode::UNPROCESSABLE_ENTITY, Uuid::now_v7(), vec![Problem::new("what", refusal.words)])
        }
        Err(ServiceError::Wait { .. }) => {
            (StatusCode::TOO_MANY_REQUESTS, id, vec![Problem::new("what", words.of("wait"))])
        }
        Err(error) => return Err(error.into()),
    };
    render_with(status, &ask_page(&app, words, id, &FormView::with(fields, problems)))
}
