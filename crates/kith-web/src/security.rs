//! Headers and limits on every answer, and a line in the log that names no record.

use std::time::{Duration, Instant};

use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::front::{self, Front};

/// Largest form, in bytes: sixty thousand words and room to spare.
pub(crate) const BODY_BYTES: usize = 2 * 1024 * 1024;
/// Most fields of one form; the longest of ours, a hundred days to book, has about four hundred.
pub(crate) const FIELDS_MAX: usize = 1_000;
/// Longest any answer may take.
const ANSWER_TIME: Duration = Duration::from_mins(1);
/// Longest that a document may take to come in, over a slow line, with its answer.
const DOCUMENT_TIME: Duration = Duration::from_mins(5);

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Puts the layers around the routes, and around those on which documents come in.
pub(crate) fn guard(routes: Router, documents: Router, front: Front) -> Router {
    let within = |time| TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, time);
    routes
        .layer(within(ANSWER_TIME))
        .merge(documents.layer(within(DOCUMENT_TIME)))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(middleware::map_response(no_such_address))
        .layer(middleware::from_fn(same_origin))
        .layer(CatchPanicLayer::custom(|_| crate::error::broken()))
        .layer(middleware::from_fn_with_state(front.clone(), front::enter))
        .layer(middleware::from_fn_with_state(front.clone(), headers))
        .layer(middleware::from_fn_with_state(front, log))
}

/// A change comes from one of our own pages (Fetch Metadata; older browsers send Origin with every POST).
async fn same_origin(request: Request, next: Next) -> Response {
    if is_foreign(request.method(), request.headers()) {
        return crate::error::plain(
            StatusCode::FORBIDDEN,
            "This came from another site",
            "Kith takes forms only from its own pages. Open Kith itself and do it there.",
        );
    }
    next.run(request).await
}

fn is_foreign(method: &Method, headers: &HeaderMap) -> bool {
    if matches!(*method, Method::GET | Method::HEAD) {
        return false;
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = text("host").unwrap_or_default();
            origin.split_once("://").is_none_or(|(_, from)| from != host)
        }
        (None, None) => false,
    }
}

async fn headers(State(front): State<Front>, request: Request, next: Next) -> Response {
    let over_tls = front.over_tls(&request);
    let asset = request.uri().path().starts_with("/assets/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    for (name, value) in fixed {
        // What was brought by people has a stricter policy of its own.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    let named = [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ];
    for (name, value) in named {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if over_tls {
        let always = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, always);
    }
    if !asset {
        // Case content is never kept by a browser or a proxy.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// One line per answer: the route's pattern, never the path, so that no id and no search text gets into a log, and the address
/// that it came from (ASVS 5.0, 16.2.1), which is why the server's log is kept for weeks and not for years.
async fn log(State(front): State<Front>, matched: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let from = front.client(&request);
    let method = request.method().clone();
    let route = matched.map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(%from, %method, route, status = response.status().as_u16(), ms, "answered");
    response
}

/// An address with something that is no id in the place of one is refused by the framework in plain words of its own:
/// for a person there is nothing there.
async fn no_such_address(response: Response) -> Response {
    let plain =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if response.status() == StatusCode::BAD_REQUEST && plain { nowhere().await } else { response }
}

/// Where nothing is.
pub(crate) async fn nowhere() -> Response {
    crate::error::plain(
        StatusCode::NOT_FOUND,
        "There is nothing here",
        "The address may be mistyped, or the page is not one that you can see.",
    )
    .into_response()
}
