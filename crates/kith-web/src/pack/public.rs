//! Where somebody who is not signed in takes what they asked to see: an address and a code.

use askama::Template;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use kith_domain::calendar;
use kith_domain::form::Problem;
use kith_domain::ids::HandOverId;
use kith_service::ServiceError;

use super::{data_file, table_file};
use crate::app::App;
use crate::error::Answer;
use crate::front::Client;
use crate::person::{handed_cookie, set_handed_cookie};
use crate::posted::{STRANGER, parse, read_body};
use crate::report::pdf;
use crate::ui::{FormView, Page, render, render_with, see_other};

#[derive(Template)]
#[template(path = "pack/code.html")]
struct CodePage {
    page: Page,
    id: HandOverId,
    requests_to: Vec<String>,
    form: FormView,
}

fn code_page(app: &App, id: HandOverId, form: FormView) -> CodePage {
    CodePage {
        page: Page::outside(app, "Take what you asked to see").with_error(form.has_problems()),
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
#[template(path = "pack/files.html")]
struct FilesPage {
    page: Page,
    id: HandOverId,
    reference: String,
    /// Number and length in words.
    volumes: Vec<(i64, String)>,
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
    let length = |bytes: usize| match bytes.div_ceil(1024) {
        kib if kib < 1024 => format!("{kib} KB"),
        kib => format!("{}.{} MB", kib / 1024, kib % 1024 * 10 / 1024),
    };
    render(&FilesPage {
        page: Page::outside(&app, "What we hold"),
        id,
        reference: handed.reference,
        volumes: handed.volumes.into_iter().map(|(number, bytes)| (number, length(bytes))).collect(),
        until: calendar::long_instant(handed.until_ms),
        requests_to: app.service.register().requests_to(),
    })
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
