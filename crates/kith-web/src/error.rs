//! Answers when something cannot be done: which words, which status. Never what was typed, never a name.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use kith_service::ServiceError;
use kith_store::StoreError;

/// Why a page could not be made.
pub(crate) enum WebError {
    /// The service says so.
    Service(ServiceError),
    /// The answer is made already, such as the way to sign in.
    Answer(Box<Response>),
}

impl<E: Into<ServiceError>> From<E> for WebError {
    fn from(error: E) -> Self {
        Self::Service(error.into())
    }
}

/// What a handler gives.
pub(crate) type Answer = Result<Response, WebError>;

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    title: &'a str,
    text: &'a str,
}

/// A page of its own with a title and a sentence; the same for signed in and not.
pub(crate) fn plain(status: StatusCode, title: &str, text: &str) -> Response {
    let body = ProblemPage { title, text }.render().unwrap_or_else(|_| title.to_owned());
    (status, Html(body)).into_response()
}

/// Something in Kith is wrong.
pub(crate) fn broken() -> Response {
    plain(
        StatusCode::INTERNAL_SERVER_ERROR,
        "Something in Kith is wrong",
        "It is not you. What was saved before is safe. Go back and try again; if it happens again, tell your administrator the time.",
    )
}

/// So many wait that it would be too long (RFC 9110, section 10.2.3; RFC 6585, section 4).
fn wait(seconds: u64) -> Response {
    let words =
        format!("Nothing is wrong with what you typed. Wait {seconds} seconds, then go back and send it again.");
    let answer = plain(StatusCode::TOO_MANY_REQUESTS, "Too many at once", &words);
    ([(header::RETRY_AFTER, seconds.to_string())], answer).into_response()
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        match self {
            WebError::Answer(response) => *response,
            WebError::Service(error) => service_error(&error),
        }
    }
}

fn service_error(error: &ServiceError) -> Response {
    match error {
        ServiceError::NotFound => plain(
            StatusCode::NOT_FOUND,
            "There is nothing here",
            "The address may be mistyped, or the page is not one that you can see.",
        ),
        ServiceError::Forbidden => plain(
            StatusCode::FORBIDDEN,
            "Your role does not do this",
            "If you need it for your work, ask your manager or the administrator.",
        ),
        ServiceError::Refused(refusal) => plain(StatusCode::CONFLICT, "This cannot be done now", &refusal.to_string()),
        ServiceError::Invalid(problems) => {
            let words: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
            plain(StatusCode::UNPROCESSABLE_ENTITY, "Some answers need another look", &words.join(". "))
        }
        ServiceError::Conflict { .. } | ServiceError::Store(StoreError::Conflict) => plain(
            StatusCode::CONFLICT,
            "Somebody else changed this meanwhile",
            "Go back, load the page again and repeat your change.",
        ),
        ServiceError::SignIn(words) => plain(StatusCode::UNPROCESSABLE_ENTITY, "Not signed in", words),
        ServiceError::Store(StoreError::Destroyed) => plain(
            StatusCode::GONE,
            "This has been destroyed",
            "A file, or a request about information, was destroyed at the end of its retention. Nobody can read it any more.",
        ),
        ServiceError::Wait { seconds } => wait(*seconds),
        ServiceError::Queue => plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "Papers are being made for others",
            "Each takes a few seconds, and every place is taken. Try again in a moment.",
        ),
        ServiceError::Store(
            StoreError::Damaged
            | StoreError::DamagedFile { .. }
            | StoreError::KeyMissing { .. }
            | StoreError::Sealed { .. }
            | StoreError::Corrupt { .. }
            | StoreError::DocumentAltered { .. },
        ) => {
            tracing::error!(%error, "stored data cannot be read");
            plain(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something that was stored cannot be read",
                "Tell your administrator now, and the time: the database may be damaged. Do not type it again elsewhere \
                 in Kith before they have looked.",
            )
        }
        ServiceError::Store(StoreError::Full) => plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "Kith cannot save at the moment",
            "The disk of Kith is full. Nothing was half saved, and what was saved before is safe. What you typed is still \
             on the page before this one: copy what you cannot lose, tell your administrator, and send it again when \
             there is room.",
        ),
        ServiceError::Store(StoreError::LogStopped) => plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "Kith cannot save at the moment",
            "The access log cannot be signed, so nothing may be changed until it can. What you typed is still on the page \
             before this one: copy what you cannot lose, and tell your administrator.",
        ),
        ServiceError::Store(
            StoreError::Busy
            | StoreError::Retry
            | StoreError::RegisterChanged
            | StoreError::Lost
            | StoreError::Closed
            | StoreError::Disk
            | StoreError::Memory
            | StoreError::Unavailable { .. }
            | StoreError::LedgerUnwritten,
        ) => {
            tracing::warn!(%error, "an answer has to wait");
            plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "Kith is busy",
                "Nothing was half saved. Wait a moment, then go back and send it again.",
            )
        }
        other => {
            tracing::error!(error = %other, "an answer failed");
            broken()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_by_itself_is_answered_with_503_and_what_does_not_with_500() {
        let status = |error| service_error(&ServiceError::Store(error)).status();
        for passes in [
            StoreError::LedgerUnwritten,
            StoreError::Busy,
            StoreError::Retry,
            StoreError::RegisterChanged,
            StoreError::Lost,
            StoreError::Closed,
            StoreError::Disk,
            StoreError::Memory,
            StoreError::Full,
            StoreError::LogStopped,
        ] {
            assert_eq!(status(passes), StatusCode::SERVICE_UNAVAILABLE);
        }
        assert_eq!(service_error(&ServiceError::Queue).status(), StatusCode::SERVICE_UNAVAILABLE);
        for stays in [StoreError::Damaged, StoreError::Unledgered] {
            assert_eq!(status(stays), StatusCode::INTERNAL_SERVER_ERROR);
        }
    }
}
