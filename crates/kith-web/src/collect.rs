//! Where somebody who is not signed in takes what was made ready for them - a pack that answers their request, or what goes to a
//! recipient - with an address and a code; and what a desk shows of these ways.

use askama::Template;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use kith_domain::calendar;
use kith_domain::form::Problem;
use kith_domain::hand_over::HandOverState;
use kith_domain::ids::HandOverId;
use kith_domain::pack::EnclosedDocument;
use kith_domain::sharing::WentEnclosed;
use kith_service::ServiceError;
use kith_service::hand_over::{HandOverLine, HandedWhat, NewHandOver};
use kith_store::Media;

use crate::app::App;
use crate::document::given_out;
use crate::error::Answer;
use crate::front::Client;
use crate::pack::{data_file, table_file};
use crate::person::{Signed, handed_cookie, set_handed_cookie};
use crate::posted::{STRANGER, parse, read_body};
use crate::report::{attached, pdf};
use crate::ui::{FormView, Page, Tag, render, render_with, see_other};

#[derive(Template)]
#[template(path = "collect/code.html")]
struct CodePage {
    page: Page,
    id: HandOverId,
    requests_to: Vec<String>,
    form: FormView,
}

fn code_page(app: &App, id: HandOverId, form: FormView) -> CodePage {
    CodePage {
        page: Page::outside(app, "Take what was made ready for you").with_error(form.has_problems()),
        id,
        requests_to: app.service.register().requests_to(),
        form,
    }
}

/// GET /collect/{id}
pub(crate) async fn ask(State(app): State<App>, Path(id): Path<HandOverId>) -> Answer {
    render(&code_page(&app, id, FormView::default()))
}

/// POST /collect/{id}
pub(crate) async fn open(State(app): State<App>, Path(id): Path<HandOverId>, request: Request) -> Answer {
    let from = Client::of(&request);
    let headers = request.headers().clone();
    let fields = parse(&read_body(request, STRANGER).await?);
    match app.service.open_hand_over(id, fields.get("code"), from).await {
        Ok(kept) => {
            let cookie = [(header::SET_COOKIE, set_handed_cookie(&headers, &kept))];
            Ok((cookie, see_other(&format!("/collect/{id}/files"))?).into_response())
        }
        Err(ServiceError::Invalid(problems)) => {
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &code_page(&app, id, FormView::with(fields, problems)))
        }
        Err(ServiceError::Wait { seconds }) => {
            let words = format!(
                "Many tries are coming from where you are. Wait {} minutes and try again",
                seconds.div_ceil(60)
            );
            let form = FormView::with(fields, vec![Problem::new("code", words)]);
            render_with(StatusCode::TOO_MANY_REQUESTS, &code_page(&app, id, form))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "collect/files.html")]
struct FilesPage {
    page: Page,
    id: HandOverId,
    reference: String,
    /// Of a pack: number and length in words of each volume.
    volumes: Vec<(i64, String)>,
    /// Of what goes to a recipient: its length in words; empty of a pack.
    paper: String,
    /// Documents and papers that go along: where each is, and what it is.
    enclosed: Vec<(String, String)>,
    until: String,
    requests_to: Vec<String>,
}

/// GET /collect/{id}/files
pub(crate) async fn files(State(app): State<App>, Path(id): Path<HandOverId>, headers: HeaderMap) -> Answer {
    let handed = match app.service.handed(id, &handed_cookie(&headers)).await {
        // Another browser, or the day is over: it begins with the code.
        Err(ServiceError::NotFound) => return see_other(&format!("/collect/{id}")),
        handed => handed?,
    };
    let (title, volumes, paper, enclosed) = match handed.what {
        HandedWhat::Pack(volumes, documents) => {
            let line = |(number, bytes): (i64, usize)| (number, length(bytes as u64));
            let document = |of: EnclosedDocument| {
                let words = format!("Document of part {} ({}, {})", of.part, of.name, length(of.length));
                (format!("documents/{}", of.part), words)
            };
            let documents = documents.into_iter().map(document).collect();
            ("What we hold", volumes.into_iter().map(line).collect(), String::new(), documents)
        }
        HandedWhat::Disclosure(bytes, beside) => {
            let line = |of: &WentEnclosed| {
                let media = Media::from_code(&of.media).map_or("file", Media::label);
                let words = format!("{}. {} ({media}, {})", of.number, of.label, length(of.length));
                (format!("enclosed/{}", of.number), words)
            };
            ("Information for you", Vec::new(), length(bytes), beside.iter().map(line).collect())
        }
    };
    render(&FilesPage {
        page: Page::outside(&app, title),
        id,
        reference: handed.reference,
        volumes,
        paper,
        enclosed,
        until: calendar::long_instant(handed.until_ms),
        requests_to: app.service.register().requests_to(),
    })
}

/// A length in words.
pub(crate) fn length(bytes: u64) -> String {
    match bytes.div_ceil(1024) {
        kib if kib < 1024 => format!("{kib} KB"),
        kib => format!("{}.{} MB", kib / 1024, kib % 1024 * 10 / 1024),
    }
}

/// GET /collect/{id}/information.pdf
pub(crate) async fn paper(State(app): State<App>, Path(id): Path<HandOverId>, headers: HeaderMap) -> Answer {
    Ok(pdf(app.service.handed_paper(id, &handed_cookie(&headers)).await?, "information"))
}

/// GET /collect/{id}/enclosed/{number}: a whole paper beside it.
pub(crate) async fn enclosed(
    State(app): State<App>,
    Path((id, number)): Path<(HandOverId, i64)>,
    headers: HeaderMap,
) -> Answer {
    let (name, bytes) = app.service.handed_enclosed(id, &handed_cookie(&headers), number).await?;
    Ok(attached("application/octet-stream", &name, bytes))
}

/// GET /collect/{id}/volumes/{number}
pub(crate) async fn volume(
    State(app): State<App>,
    Path((id, number)): Path<(HandOverId, i64)>,
    headers: HeaderMap,
) -> Answer {
    let bytes = app.service.handed_volume(id, &handed_cookie(&headers), number).await?;
    Ok(pdf(bytes, &format!("what-we-hold-{number}")))
}

/// GET /collect/{id}/documents/{number}
pub(crate) async fn document(
    State(app): State<App>,
    Path((id, number)): Path<(HandOverId, i64)>,
    headers: HeaderMap,
) -> Answer {
    let of = app.service.handed_document(id, &handed_cookie(&headers), number).await?;
    Ok(given_out(of.media, false, of.length, &of.name, of.content))
}

/// GET /collect/{id}/pack.json
pub(crate) async fn data(State(app): State<App>, Path(id): Path<HandOverId>, headers: HeaderMap) -> Answer {
    let data = app.service.handed_data(id, &handed_cookie(&headers)).await?;
    Ok(data_file(&data, "what-we-hold"))
}

/// GET /collect/{id}/pack.csv
pub(crate) async fn csv(State(app): State<App>, Path(id): Path<HandOverId>, headers: HeaderMap) -> Answer {
    let data = app.service.handed_data(id, &handed_cookie(&headers)).await?;
    Ok(table_file(&data, "what-we-hold"))
}

/// A way in words: who made it, and where it stands.
pub(crate) fn way(of: &HandOverLine) -> (String, Tag) {
    let made = format!("Made by {}, {}", of.by, calendar::long_instant(of.created_ms));
    let (kind, words) = match of.state {
        _ if of.expired => ("ended", "Too old".to_owned()),
        HandOverState::Waiting => ("active", format!("Opens until {}", calendar::long_instant(of.expires_ms))),
        HandOverState::Opened => {
            ("ended", format!("Opened {}", of.opened_ms.map(calendar::long_instant).unwrap_or_default()))
        }
        HandOverState::Locked => ("overdue", HandOverState::Locked.label().to_owned()),
        HandOverState::TakenBack => ("ended", HandOverState::TakenBack.label().to_owned()),
    };
    (made, Tag { kind, words })
}

#[derive(Template)]
#[template(path = "collect/new_code.html")]
struct NewCodePage {
    page: Page,
    /// Where it leads back to, and what that is called.
    back: String,
    back_to: &'static str,
    address: String,
    /// Whether the address is whole: the service was told how it is reached.
    whole: bool,
    code: String,
    until: String,
}

/// An address and a code, shown once to whoever made them. `back` is where it leads back to, and what that is called.
pub(crate) fn new_code(
    signed: &Signed,
    new: NewHandOver,
    part: &'static str,
    (back, back_to): (String, &'static str),
) -> Answer {
    let reached_at = signed.app.front.public_url.as_deref();
    render(&NewCodePage {
        page: Page::new(signed, "An address and a code", part).back(back.clone()),
        back,
        back_to,
        address: format!("{}/collect/{}", reached_at.unwrap_or_default(), new.id),
        whole: reached_at.is_some(),
        code: new.code,
        until: calendar::long_instant(new.expires_ms),
    })
}
