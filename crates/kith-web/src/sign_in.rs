//! Signing in and out, invitations, and giving back what was typed before somebody was signed out.

use askama::Template;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kith_domain::account::{PASSWORD_CHARS, TakeUp};
use kith_domain::calendar;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::AccountId;
use kith_service::ServiceError;
use kith_service::account::{Enrolment, Opening};
use kith_service::sign_in::Attempt;
use serde::Deserialize;

use crate::app::App;
use crate::error::{Answer, WebError};
use crate::front::Client;
use crate::person::{
    Signed, clear_cookie, clear_invitation_cookie, device, device_cookie, invitation_cookie, recognise, set_cookie,
    set_invitation_cookie, signed_by,
};
use crate::posted::{HELD_FORM, Held, Posted, STRANGER, most_of, open_held, parse, read_body};
use crate::ui::{FormView, Page, render, render_with, see_other};

#[derive(Template)]
#[template(path = "sign_in/sign_in.html")]
struct SignInPage {
    page: Page,
    form: FormView,
    next: String,
    held: String,
    why: &'static str,
    people: Vec<DemoLogin>,
    /// The password of everybody in the demo; empty outside it.
    password: String,
}

/// A line of the demo's list of logins, with the code of this moment.
struct DemoLogin {
    role: String,
    name: String,
    login: String,
    code: String,
}

#[derive(Template)]
#[template(path = "sign_in/held.html")]
struct HeldPage {
    page: Page,
    path: String,
    fields: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "sign_in/invitation.html")]
struct InvitationPage {
    page: Page,
    form: FormView,
    name: String,
    login: String,
    totp_secret: String,
    picture: String,
    hint: String,
    /// A password that was good, sealed; empty when there is none yet.
    kept: String,
}

#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
    /// Not empty after an invitation was taken up.
    #[serde(default)]
    welcome: String,
}

/// Only a path of our own.
fn own_path(next: &str) -> &str {
    let own =
        next.starts_with('/') && !next.starts_with("//") && !next.contains('\\') && !next.contains(char::is_control);
    if own { next } else { "/" }
}

fn sign_in_page(app: &App, form: FormView, next: &str, held: String, why: &'static str) -> SignInPage {
    let people = app.demo.iter().flat_map(|demo| &demo.people);
    let people = people.map(|person| DemoLogin {
        role: person.role.clone(),
        name: person.name.clone(),
        login: person.login.clone(),
        code: app.service.code_now(&person.totp_secret).unwrap_or_default(),
    });
    let password = app.demo.as_ref().and_then(|demo| demo.people.first()).map(|person| person.password.clone());
    let page = Page::outside(app, "Sign in").with_error(form.has_problems());
    SignInPage {
        page,
        form,
        next: own_path(next).to_owned(),
        held,
        why,
        people: people.collect(),
        password: password.unwrap_or_default(),
    }
}

/// GET /sign-in
pub(crate) async fn show(State(app): State<App>, Query(next): Query<Next>, headers: HeaderMap) -> Answer {
    if recognise(&app, &headers).await?.is_some() {
        return see_other(own_path(&next.next));
    }
    let why = if next.welcome.is_empty() {
        ""
    } else {
        "Your account is ready. Sign in with the next code that your authenticator shows: each works once."
    };
    render(&sign_in_page(&app, FormView::default(), &next.next, String::new(), why))
}

/// The sign-in page that keeps a form sealed until its sender is back.
pub(crate) fn page_holding(app: &App, held: String) -> Response {
    let why = "You have been signed out. What you typed is kept: sign in again and you get it back.";
    let page = sign_in_page(app, FormView::default(), "/", held, why);
    render_with(StatusCode::UNAUTHORIZED, &page).unwrap_or_else(IntoResponse::into_response)
}

/// The sign-in page when nobody knows any more whose form it was.
pub(crate) fn page_after_sign_out(app: &App) -> Response {
    let why = "You have been signed out for more than a day. Sign in, then go back in your browser: what you typed is still on that page.";
    let page = sign_in_page(app, FormView::default(), "/", String::new(), why);
    render_with(StatusCode::UNAUTHORIZED, &page).unwrap_or_else(IntoResponse::into_response)
}

/// POST /sign-in
pub(crate) async fn submit(State(app): State<App>, request: Request) -> Answer {
    let headers = request.headers().clone();
    let from = Client::of(&request);
    let most = most_of(&app, &headers, HELD_FORM).await?;
    let fields = parse(&read_body(request, most).await?);
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let attempt = Attempt {
        login: fields.get("login").to_owned(),
        password: fields.get("password").to_owned(),
        // Who has no authenticator at hand types a recovery code instead.
        code: [fields.get("code"), fields.get("recovery")]
            .into_iter()
            .find(|code| !code.trim().is_empty())
            .unwrap_or_default()
            .to_owned(),
        from,
        device: device(&headers),
        browser: kith_domain::browser::kind(agent),
    };
    let (next, held) = (fields.get("next").to_owned(), fields.get("held").to_owned());
    let signed_in = match app.service.sign_in(attempt).await {
        Ok(signed_in) => signed_in,
        Err(ServiceError::SignIn(words)) => {
            let kept: Fields = [("login", fields.get("login"))].into_iter().collect();
            let form = FormView::with(kept, vec![Problem::new("login", words)]);
            return render_with(StatusCode::UNPROCESSABLE_ENTITY, &sign_in_page(&app, form, &next, held, ""));
        }
        Err(ServiceError::Wait { seconds }) => {
            let kept: Fields = [("login", fields.get("login"))].into_iter().collect();
            let words = format!(
                "Too many are signing in at once. Nothing is wrong with what you typed: wait {seconds} seconds and try again"
            );
            let form = FormView::with(kept, vec![Problem::new("login", words)]);
            let page = sign_in_page(&app, form, &next, held, "");
            let answer = render_with(StatusCode::TOO_MANY_REQUESTS, &page)?;
            return Ok(([(header::RETRY_AFTER, seconds.to_string())], answer).into_response());
        }
        Err(error) => return Err(error.into()),
    };
    let cookies = [set_cookie(&headers, &signed_in.secret), device_cookie(&headers, &signed_in.device)];
    let mut response = match (open_held(&app, &held), signed_by(&app, &signed_in.secret).await?) {
        (Some(held), Some(signed)) if held.account == signed_in.account => give_back(&signed, &held),
        _ => see_other(own_path(&next))?,
    };
    for cookie in cookies.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The page that gives a form back to the person who typed it.
pub(crate) fn give_back(signed: &Signed, held: &Held) -> Response {
    let page = Page::new(signed, "You are signed in again", "");
    let fields = held.fields.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let page = HeldPage { page, path: own_path(&held.path).to_owned(), fields };
    render(&page).unwrap_or_else(IntoResponse::into_response)
}

impl HeldPage {
    /// What a person recognises as their own words: not ids and versions.
    fn readable(&self) -> Vec<&(String, String)> {
        let technical = |name: &str| matches!(name, "version" | "id" | "entry_id" | "person" | "then");
        self.fields
            .iter()
            .filter(|(name, value)| !technical(name) && !value.trim().is_empty() && value.len() != 36)
            .collect()
    }
}

/// POST /sign-out
pub(crate) async fn sign_out(headers: HeaderMap, posted: Posted) -> Answer {
    posted.signed.app.service.sign_out(&posted.signed.person).await?;
    signed_out(&headers)
}

/// The answer to who has signed out: nothing of Kith stays in the browser. The cookie is taken away by itself: `"cookies"` would
/// take those of every other service under the council's domain too (W3C Clear Site Data, section 3.1; OWASP ASVS 5.0, 14.3.1).
pub(crate) fn signed_out(headers: &HeaderMap) -> Answer {
    let clear = [
        (header::SET_COOKIE, clear_cookie(headers)),
        (header::HeaderName::from_static("clear-site-data"), "\"cache\", \"storage\"".to_owned()),
    ];
    Ok((clear, see_other("/sign-in")?).into_response())
}

/// POST /alive: the person is still there.
pub(crate) async fn alive(_posted: Posted) -> Answer {
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The picture that an authenticator app scans: an `otpauth` address as SVG.
pub(crate) fn totp_picture(app: &App, login: &str, totp_secret: &str) -> String {
    let authority = crate::person::encode(&app.service.register().authority().name);
    let login = crate::person::encode(login);
    let address = format!("otpauth://totp/Kith:{login}?secret={totp_secret}&issuer=Kith%20{authority}");
    let picture = qrcode::QrCode::new(address.as_bytes())
        .map(|code| code.render::<qrcode::render::svg::Color>().min_dimensions(220, 220).build())
        .unwrap_or_default();
    picture.split_once("?>").map_or(picture.clone(), |(_, svg)| svg.to_owned())
}

/// What is asked of a new password.
pub(crate) fn password_hint() -> String {
    format!("At least {PASSWORD_CHARS} characters. Three or four words that do not belong together do well")
}

fn invitation_page(app: &App, form: FormView, kept: String, enrolment: Enrolment) -> InvitationPage {
    InvitationPage {
        page: Page::outside(app, "Set up your account").with_error(form.has_problems()),
        form,
        kept,
        picture: totp_picture(app, &enrolment.login, &enrolment.totp_secret),
        name: enrolment.name,
        login: enrolment.login,
        totp_secret: enrolment.totp_secret,
        hint: password_hint(),
    }
}

#[derive(Template)]
#[template(path = "sign_in/open.html")]
struct OpenPage {
    page: Page,
    form: FormView,
}

fn open_page(app: &App, form: FormView) -> OpenPage {
    OpenPage { page: Page::outside(app, "Open your invitation").with_error(form.has_problems()), form }
}

/// Another browser has opened it.
fn opened_elsewhere(at_ms: i64) -> Response {
    let words = format!(
        "It was opened in another browser on {}. An invitation opens once. If that was not you, tell your manager or the data \
         protection officer now: somebody else may have it. Then ask your administrator for a new invitation; this one stops \
         working when the new one is agreed.",
        calendar::long_instant(at_ms)
    );
    crate::error::plain(StatusCode::GONE, "This invitation has been opened already", &words)
}

/// GET /invitation/{account}/{secret}
pub(crate) async fn invitation(
    State(app): State<App>,
    Path((account, secret)): Path<(AccountId, String)>,
    headers: HeaderMap,
) -> Answer {
    match app.service.invitation(account, &secret, &invitation_cookie(&headers)).await? {
        Opening::Closed => render(&open_page(&app, FormView::default())),
        Opening::Here(enrolment) => render(&invitation_page(&app, FormView::default(), String::new(), enrolment)),
        Opening::Elsewhere(at_ms) => Ok(opened_elsewhere(at_ms)),
    }
}

/// POST /invitation/{account}/{secret}: opens it, then takes it up.
pub(crate) async fn take_up(
    State(app): State<App>,
    Path((account, secret)): Path<(AccountId, String)>,
    request: Request,
) -> Answer {
    let headers = request.headers().clone();
    let mut fields = parse(&read_body(request, STRANGER).await?);
    let browser = invitation_cookie(&headers);
    let here = format!("/invitation/{account}/{}", crate::person::encode(&secret));
    let enrolment = match app.service.invitation(account, &secret, &browser).await? {
        Opening::Here(enrolment) => enrolment,
        Opening::Elsewhere(at_ms) => return Ok(opened_elsewhere(at_ms)),
        Opening::Closed => {
            return match app.service.open_invitation(account, &secret, fields.get("opening_code")).await {
                Ok(browser) => {
                    Ok(([(header::SET_COOKIE, set_invitation_cookie(&headers, &browser))], see_other(&here)?)
                        .into_response())
                }
                Err(ServiceError::Invalid(problems)) => {
                    let page = open_page(&app, FormView::with(fields, problems));
                    render_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
                }
                Err(error) => Err(error.into()),
            };
        }
    };
    // A password that was good stays when the code was not: sealed, for this invitation.
    let context = format!("invitation-password {account} {secret}");
    if fields.get("password").is_empty() && fields.get("password_again").is_empty() {
        let kept = URL_SAFE_NO_PAD.decode(fields.get("kept")).ok();
        let kept = kept.and_then(|sealed| app.service.open_from_browser(&context, &sealed));
        if let Some(password) = kept.and_then(|kept| String::from_utf8(kept).ok()) {
            fields.set("password", password.clone());
            fields.set("password_again", password);
        }
    }
    let password = fields.get("password").to_owned();
    let read = TakeUp::read(&fields);
    let about_password = |problems: &[Problem]| problems.iter().any(|problem| problem.field.starts_with("password"));
    let mut problems = match read {
        Ok(command) => match app.service.take_up(account, &secret, &browser, &command).await {
            Ok(()) => {
                let clear = [(header::SET_COOKIE, clear_invitation_cookie(&headers))];
                return Ok((clear, see_other("/sign-in?welcome=yes")?).into_response());
            }
            Err(ServiceError::Invalid(problems)) => problems,
            Err(error) => return Err(WebError::from(error)),
        },
        Err(problems) => problems,
    };
    let mut kept = String::new();
    if !about_password(&problems) {
        match app.service.invitation_password(account, &secret, &password).await {
            Ok(()) => kept = URL_SAFE_NO_PAD.encode(app.service.seal_for_browser(&context, password.as_bytes())?),
            Err(ServiceError::Invalid(more)) => problems.extend(more),
            Err(error) => return Err(error.into()),
        }
    }
    let form = FormView::with(Fields::default(), problems);
    render_with(StatusCode::UNPROCESSABLE_ENTITY, &invitation_page(&app, form, kept, enrolment))
}

/// A field's name as words.
fn words(name: &str) -> String {
    name.replace(['_', '-'], " ")
}
