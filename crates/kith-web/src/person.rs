//! Who is at the browser: the cookie, the signed-in person, the token against forged forms.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kith_domain::access::{Actor, Purpose, Role};
use kith_domain::ids::SignInId;
use kith_service::Desk;
use kith_service::sign_in::{DEVICE_DAYS, Person};

use crate::app::App;
use crate::error::WebError;

const COOKIE: &str = "kith";
const HOST_COOKIE: &str = "__Host-kith";
const INVITATION: &str = "kith-invitation";
const HOST_INVITATION: &str = "__Host-kith-invitation";
/// What a browser keeps from having signed in before.
const DEVICE: &str = "kith-device";
const HOST_DEVICE: &str = "__Host-kith-device";
/// What a browser keeps that opened what somebody asked to see.
const HANDED: &str = "kith-handed";
const HOST_HANDED: &str = "__Host-kith-handed";
const CSRF: &str = "csrf";

/// A person who is signed in.
pub(crate) struct Signed {
    /// Who.
    pub(crate) person: Person,
    /// The token that their forms carry.
    pub(crate) csrf: String,
    /// The application.
    pub(crate) app: App,
}

impl Signed {
    /// Their desk, for a purpose.
    pub(crate) fn desk(&self, purpose: Purpose) -> Desk {
        self.app.service.desk(self.person.actor.clone(), purpose)
    }

    /// Their desk for the service's daily work.
    pub(crate) fn delivery(&self) -> Desk {
        self.desk(Purpose::ServiceDelivery)
    }

    /// Their role.
    pub(crate) fn role(&self) -> Role {
        self.person.actor.role
    }

    /// Who acts.
    pub(crate) fn actor(&self) -> &Actor {
        &self.person.actor
    }
}

/// Who is behind the request's cookie, if anybody.
pub(crate) async fn recognise(app: &App, headers: &HeaderMap) -> Result<Option<Signed>, WebError> {
    match cookie(headers) {
        Some(secret) => signed_by(app, &secret).await,
        None => Ok(None),
    }
}

/// Who is behind a cookie's secret, if anybody.
pub(crate) async fn signed_by(app: &App, secret: &str) -> Result<Option<Signed>, WebError> {
    let Some(person) = app.service.recognise(secret).await? else { return Ok(None) };
    let csrf = csrf_token(app, person.sign_in);
    Ok(Some(Signed { person, csrf, app: app.clone() }))
}

impl FromRequestParts<App> for Signed {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, WebError> {
        if let Some(signed) = recognise(app, &parts.headers).await? {
            return Ok(signed);
        }
        let next = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let to = if next == "/" { "/sign-in".to_owned() } else { format!("/sign-in?next={}", encode(next)) };
        Err(WebError::Answer(Box::new(Redirect::to(&to).into_response())))
    }
}

/// Percent-encodes what stands in a query.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push_str(&hex::encode_upper([byte]));
        }
    }
    encoded
}

/// The secret of the cookie that signs somebody in.
fn cookie(headers: &HeaderMap) -> Option<String> {
    cookie_of(headers, (COOKIE, HOST_COOKIE))
}

/// What the browser holds that opened an invitation; empty for another.
pub(crate) fn invitation_cookie(headers: &HeaderMap) -> String {
    cookie_of(headers, (INVITATION, HOST_INVITATION)).unwrap_or_default()
}

/// Lets the browser that opened an invitation be known again, for an hour.
pub(crate) fn set_invitation_cookie(headers: &HeaderMap, secret: &str) -> String {
    format!("{}; Max-Age=3600", cookie_text(headers, (INVITATION, HOST_INVITATION), secret))
}

/// What the browser holds that opened what somebody asked to see; empty for another.
pub(crate) fn handed_cookie(headers: &HeaderMap) -> String {
    cookie_of(headers, (HANDED, HOST_HANDED)).unwrap_or_default()
}

/// Lets the browser that opened it be known again, for a day.
pub(crate) fn set_handed_cookie(headers: &HeaderMap, kept: &str) -> String {
    format!("{}; Max-Age=86400", cookie_text(headers, (HANDED, HOST_HANDED), kept))
}

/// Takes it away.
pub(crate) fn clear_invitation_cookie(headers: &HeaderMap) -> String {
    format!("{}; Max-Age=0", cookie_text(headers, (INVITATION, HOST_INVITATION), ""))
}

/// The value of a cookie of ours, by its name in the clear and over TLS.
fn cookie_of(headers: &HeaderMap, (plain, bound): (&str, &str)) -> Option<String> {
    // Over TLS only the one that is bound to this host: another site of the same domain can set any other.
    let wanted = if over_tls(headers) { bound } else { plain };
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned())
}

/// What the browser keeps from having signed in before; empty when it has nothing.
pub(crate) fn device(headers: &HeaderMap) -> String {
    cookie_of(headers, (DEVICE, HOST_DEVICE)).unwrap_or_default()
}

/// Whether somebody was signed in at this browser, now or earlier: by a cookie that only Kith can have made.
pub(crate) async fn has_signed_in(app: &App, headers: &HeaderMap) -> Result<bool, WebError> {
    if app.service.is_known_browser(&device(headers)) {
        return Ok(true);
    }
    match cookie(headers) {
        Some(secret) => Ok(app.service.was_signed_in(&secret).await?),
        None => Ok(false),
    }
}

/// Whether the browser came over TLS, see [`crate::front::enter`].
fn over_tls(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_some_and(|scheme| scheme.as_bytes() == b"https")
}

/// The cookie that signs a browser in: for this site only, out of reach of scripts, gone with the browser. Over TLS it
/// is bound to the host and never sent in the clear.
pub(crate) fn set_cookie(headers: &HeaderMap, secret: &str) -> String {
    cookie_text(headers, (COOKIE, HOST_COOKIE), secret)
}

fn cookie_text(headers: &HeaderMap, (plain, bound): (&str, &str), secret: &str) -> String {
    if over_tls(headers) {
        format!("{bound}={secret}; Path=/; HttpOnly; SameSite=Lax; Secure")
    } else {
        format!("{plain}={secret}; Path=/; HttpOnly; SameSite=Lax")
    }
}

/// The cookie by which a browser is known that has signed in before: it outlives sign-out, is sent with nothing that another
/// site begins, and signs nobody in.
pub(crate) fn device_cookie(headers: &HeaderMap, device: &str) -> String {
    let max_age = DEVICE_DAYS * 86_400;
    let (name, secure) = if over_tls(headers) { (HOST_DEVICE, "; Secure") } else { (DEVICE, "") };
    format!("{name}={device}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age}{secure}")
}

/// The cookie that signs it out.
pub(crate) fn clear_cookie(headers: &HeaderMap) -> String {
    format!("{}; Max-Age=0", set_cookie(headers, ""))
}

/// The token of a sign-in's forms: its id, which tells whose form it was after the sign-in has ended, and a keyed hash
/// that nobody else can make.
pub(crate) fn csrf_token(app: &App, sign_in: SignInId) -> String {
    let mac = app.service.web_mac(CSRF, sign_in.0.as_bytes());
    format!("{}.{}", sign_in, URL_SAFE_NO_PAD.encode(mac))
}

/// The sign-in that a token was made for; `None` when it was not made here.
pub(crate) fn sign_in_of(app: &App, token: &str) -> Option<SignInId> {
    let id: SignInId = token.split_once('.')?.0.parse().ok()?;
    let expected = csrf_token(app, id);
    // Both hashes first: comparing digests tells nothing about the token by the time it takes.
    let hash = |text: &str| app.service.web_mac("compare", text.as_bytes());
    (hash(&expected) == hash(token)).then_some(id)
}
