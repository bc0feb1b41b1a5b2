//! A form that was sent: read, checked against forgery, and never lost when its sender was signed out meanwhile.

use std::time::Duration;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::AccountId;
use kith_service::ServiceError;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::app::App;
use crate::error::{WebError, plain};
use crate::front::content_length;
use crate::person::{Signed, has_signed_in, recognise, sign_in_of};
use crate::security::{BODY_BYTES, FIELDS_MAX};
use crate::ui::{FormView, Page, render_with};

const HELD: &str = "held-form";
/// Fields that are never kept for later: whoever comes back types them again.
const SECRET: [&str; 7] =
    ["password", "password_again", "new_password", "new_password_again", "code", "new_code", CONFIRM];

/// A form sent by a signed-in person from one of our own pages.
pub(crate) struct Posted {
    /// Who.
    pub(crate) signed: Signed,
    /// What was typed, without the token.
    pub(crate) fields: Fields,
}

/// A form of a person who had been signed out, kept sealed in the sign-in page until they are back.
#[derive(Serialize, Deserialize)]
pub(crate) struct Held {
    /// Whose it is.
    pub(crate) account: AccountId,
    /// Where it was going.
    pub(crate) path: String,
    /// What was typed.
    pub(crate) fields: Fields,
}

impl FromRequest<App> for Posted {
    type Rejection = WebError;

    async fn from_request(request: Request, app: &App) -> Result<Self, WebError> {
        let (parts, body) = request.into_parts();
        let wants_json = wants_json(&parts.headers);
        let path = parts.uri.path().to_owned();
        let signed = recognise(app, &parts.headers).await?;
        let most = match &signed {
            Some(_) => KNOWN,
            None => most_of(app, &parts.headers, KNOWN).await?,
        };
        let bytes = read_body(Request::from_parts(parts, body), most).await?;
        Self::of(app, signed, &parse(&bytes), path, wants_json).await
    }
}

impl Posted {
    /// A form that was read, if its token belongs to whoever is signed in.
    pub(crate) async fn of(
        app: &App,
        signed: Option<Signed>,
        all: &Fields,
        path: String,
        wants_json: bool,
    ) -> Result<Self, WebError> {
        let token_of = sign_in_of(app, all.get("csrf"));
        let fields = all.only(|name| name != "csrf").with_rows();
        match (signed, token_of) {
            (Some(signed), Some(sign_in)) if signed.person.sign_in == sign_in => Ok(Self { signed, fields }),
            (signed, token_of) => {
                if wants_json {
                    let answer = (StatusCode::UNAUTHORIZED, axum::Json(serde_json::json!({ "signed_out": true })));
                    return Err(WebError::Answer(Box::new(answer.into_response())));
                }
                let account = match token_of {
                    Some(sign_in) => app.service.whose_sign_in(sign_in).await?,
                    None => None,
                };
                Err(WebError::Answer(Box::new(stale(app, signed, account, path, &fields)?)))
            }
        }
    }
}

/// Whether a script sent it, which reads JSON.
pub(crate) fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("application/json"))
}

/// What to do with a form whose token is not that of the person who is signed in now.
fn stale(
    app: &App,
    signed: Option<Signed>,
    account: Option<AccountId>,
    path: String,
    fields: &Fields,
) -> Result<Response, WebError> {
    let fields = fields.only(|name| !SECRET.contains(&name));
    match (signed, account) {
        // Signed out and in again in another tab: the same person, a new token.
        (Some(signed), Some(account)) if signed.actor().is(account) => {
            Ok(crate::sign_in::give_back(&signed, &Held { account, path, fields }))
        }
        (Some(_), _) => Ok(plain(
            StatusCode::FORBIDDEN,
            "This form is not yours",
            "It was opened by somebody else, or from another site. Nothing was saved. Open the page again and fill it in.",
        )),
        (None, Some(account)) => {
            let held = seal(app, &Held { account, path, fields })?;
            Ok(crate::sign_in::page_holding(app, held))
        }
        (None, None) => Ok(crate::sign_in::page_after_sign_out(app)),
    }
}

/// Seals a held form for the hidden field of the sign-in page.
fn seal(app: &App, held: &Held) -> Result<String, WebError> {
    let text = serde_json::to_vec(held).map_err(|_| kith_service::ServiceError::Broken("a form could not be kept"))?;
    Ok(URL_SAFE_NO_PAD.encode(app.service.seal_for_browser(HELD, &text)?))
}

/// Opens a held form.
pub(crate) fn open_held(app: &App, sealed: &str) -> Option<Held> {
    let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
    serde_json::from_slice(&app.service.open_from_browser(HELD, &sealed)?).ok()
}

/// The field of the page that asks for the password again.
const CONFIRM: &str = "confirm_password";

/// A form that is taken only after its sender has given the password again, at most ten minutes ago in the same sign-in (OWASP
/// ASVS 5.0, 7.5.3): administration of accounts, export, destruction, disclosure. Otherwise the answer asks for it, holds what was
/// typed, and sends it on.
pub(crate) struct Confirmed(pub(crate) Posted);

#[derive(Template)]
#[template(path = "sign_in/confirm.html")]
struct ConfirmPage {
    page: Page,
    form: FormView,
    path: String,
    fields: Vec<(String, String)>,
}

impl FromRequest<App> for Confirmed {
    type Rejection = WebError;

    async fn from_request(request: Request, app: &App) -> Result<Self, WebError> {
        let path = request.uri().path().to_owned();
        let Posted { signed, fields } = Posted::from_request(request, app).await?;
        if app.service.has_stepped_up(&signed.person) {
            return Ok(Self(Posted { signed, fields: fields.only(|name| name != CONFIRM) }));
        }
        let given = fields.names().any(|name| name == CONFIRM);
        let password = fields.get(CONFIRM).to_owned();
        let fields = fields.only(|name| name != CONFIRM);
        let problems = if given {
            match app.service.step_up(&signed.person, &password).await {
                Ok(()) => return Ok(Self(Posted { signed, fields })),
                Err(ServiceError::Invalid(problems)) => {
                    problems.into_iter().map(|problem| Problem::new(CONFIRM, problem.message)).collect()
                }
                Err(error) => return Err(error.into()),
            }
        } else {
            Vec::new()
        };
        let form = FormView::with(Fields::default(), problems);
        let page = Page::new(&signed, "Enter your password to go on", "").with_error(form.has_problems());
        let kept = fields.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Err(WebError::Answer(Box::new(render_with(
            StatusCode::FORBIDDEN,
            &ConfirmPage { page, form, path, fields: kept },
        )?)))
    }
}

/// How much is read of a body, and how long is waited for it.
#[derive(Clone, Copy)]
pub(crate) struct Most {
    pub(crate) bytes: usize,
    pub(crate) time: Duration,
}

/// Of somebody who is signed in, or was at this browser: a record that was being written is given back to them.
pub(crate) const KNOWN: Most = Most { bytes: BODY_BYTES, time: Duration::from_secs(45) };
/// Of a form that was kept through signing in: it is longer sealed than it was.
pub(crate) const HELD_FORM: Most = Most { bytes: BODY_BYTES * 2, ..KNOWN };
/// Of anybody else: a name, a password, a code.
pub(crate) const STRANGER: Most = Most { bytes: 64 * 1024, time: Duration::from_secs(15) };

/// Bodies that are longer than a stranger's are read side by side up to so many KiB; the others wait.
const AT_ONCE_KIB: u32 = 64 * 1024;
static AT_ONCE: Semaphore = Semaphore::const_new(AT_ONCE_KIB as usize);

/// How much is read of somebody who is not signed in: much only where somebody has signed in before.
pub(crate) async fn most_of(app: &App, headers: &HeaderMap, most: Most) -> Result<Most, WebError> {
    let long = content_length(headers) > STRANGER.bytes;
    if long && has_signed_in(app, headers).await? { Ok(most) } else { Ok(STRANGER) }
}

/// Reads a whole body within the limits of bytes, of fields and of time.
pub(crate) async fn read_body(request: Request, most: Most) -> Result<Bytes, WebError> {
    let answer = |status, title, words| WebError::Answer(Box::new(plain(status, title, words)));
    let too_long = || {
        answer(
            StatusCode::PAYLOAD_TOO_LARGE,
            "This is too long",
            "A form can hold about three hundred thousand words. Go back: what you typed is still there. Shorten it, or sign in first, and send it again.",
        )
    };
    let length = content_length(request.headers());
    if length > most.bytes {
        return Err(too_long());
    }
    let reading = async {
        let _place = if length > STRANGER.bytes {
            let kib = u32::try_from(length / 1024).unwrap_or(AT_ONCE_KIB).min(AT_ONCE_KIB);
            AT_ONCE.acquire_many(kib).await.ok()
        } else {
            None
        };
        axum::body::to_bytes(request.into_body(), most.bytes).await.map_err(|_| too_long())
    };
    let Ok(read) = tokio::time::timeout(most.time, reading).await else {
        let slow = plain(
            StatusCode::REQUEST_TIMEOUT,
            "This did not arrive in time",
            "Nothing was saved. Go back: what you typed is still there. Look at your connection and send it again.",
        );
        let close = [(header::CONNECTION, HeaderValue::from_static("close"))];
        return Err(WebError::Answer(Box::new((close, slow).into_response())));
    };
    let bytes = read?;
    // A field costs far more memory than its bytes: whoever sends a hundred thousand empty ones is no form of ours.
    let fields = bytes.split(|byte| *byte == b'&').count();
    if fields > FIELDS_MAX { Err(too_long()) } else { Ok(bytes) }
}

/// Reads `application/x-www-form-urlencoded` (WHATWG URL standard, section 5.1).
pub(crate) fn parse(bytes: &[u8]) -> Fields {
    let decode = |part: &[u8]| {
        let mut plain = Vec::with_capacity(part.len());
        let mut rest = part.iter();
        while let Some(byte) = rest.next() {
            let hex = |c: &u8| char::from(*c).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            match byte {
                b'+' => plain.push(b' '),
                b'%' => {
                    let mut ahead = rest.clone();
                    match (ahead.next().and_then(hex), ahead.next().and_then(hex)) {
                        (Some(high), Some(low)) => {
                            plain.push(high * 16 + low);
                            rest = ahead;
                        }
                        _ => plain.push(b'%'),
                    }
                }
                other => plain.push(*other),
            }
        }
        String::from_utf8_lossy(&plain).into_owned()
    };
    bytes
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            (decode(&pair[..at]), decode(pair.get(at + 1..).unwrap_or_default()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn forms_in_any_script() {
        let fields = parse("name=Si%C3%A2n+Ll%C5%B7r&with=1&with=2&empty=&bad=%zz%4&emoji=%F0%9F%8C%BB".as_bytes());
        assert_eq!(fields.get("name"), "Siân Llŷr");
        assert_eq!(fields.all("with"), ["1", "2"]);
        assert_eq!((fields.get("empty"), fields.get("bad"), fields.get("emoji")), ("", "%zz%4", "🌻"));
    }
}
