//! Signing in and out, invitations, and giving back what was typed before somebody was signed out.

use std::net::IpAddr;

use askama::Template;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kith_domain::account::{PASSWORD_CHARS, TakeUp};
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::AccountId;
use kith_service::ServiceError;
use kith_service::sign_in::Attempt;
use serde::Deserialize;

use crate::app::App;
use crate::error::{Answer, WebError};
use crate::front::Client;
use crate::person::{Signed, clear_cookie, device, device_cookie, recognise, set_cookie, signed_by};
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
    let from = request.extensions().get::<Client>().map_or(IpAddr::from([127, 0, 0, 1]), |client| client.0);
    let most = most_of(&app, &headers, HELD_FORM).await?;
    let fields = parse(&read_body(request, most).await?);
    let attempt = Attempt {
        login: fields.get("login").to_owned(),
        password: fields.get("password").to_owned(),
        code: fields.get("code").to_owned(),
        from,
        device: device(&headers),
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
    Ok(([(header::SET_COOKIE, clear_cookie(&headers))], see_other("/sign-in")?).into_response())
}

/// POST /alive: the person is still there.
pub(crate) async fn alive(_posted: Posted) -> Answer {
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn invitation_page(app: &App, form: FormView, enrolment: kith_service::account::Enrolment) -> InvitationPage {
    let authority = crate::person::encode(&app.service.register().authority().name);
    let address = format!(
        "otpauth://totp/Kith:{}?secret={}&issuer=Kith%20{authority}",
        crate::person::encode(&enrolment.login),
        enrolment.totp_secret
    );
    let picture = qrcode::QrCode::new(address.as_bytes())
        .map(|code| code.render::<qrcode::render::svg::Color>().min_dimensions(220, 220).build())
        .unwrap_or_default();
    let picture = picture.split_once("?>").map_or(picture.clone(), |(_, svg)| svg.to_owned());
    InvitationPage {
        page: Page::outside(app, "Set up your account").with_error(form.has_problems()),
        form,
        name: enrolment.name,
        login: enrolment.login,
        totp_secret: enrolment.totp_secret,
        picture,
        hint: format!("At least {PASSWORD_CHARS} characters. Three or four words that do not belong together do well"),
    }
}

/// GET /invitation/{account}/{secret}
pub(crate) async fn invitation(State(app): State<App>, Path((account, secret)): Path<(AccountId, String)>) -> Answer {
    let enrolment = app.service.invitation(account, &secret).await?;
    render(&invitation_page(&app, FormView::default(), enrolment))
}

/// POST /invitation/{account}/{secret}
pub(crate) async fn take_up(
    State(app): State<App>,
    Path((account, secret)): Path<(AccountId, String)>,
    request: Request,
) -> Answer {
    let fields = parse(&read_body(request, STRANGER).await?);
    let enrolment = app.service.invitation(account, &secret).await?;
    let done = match TakeUp::read(&fields, &enrolment.login) {
        Ok(command) => app.service.take_up(account, &secret, &command).await,
        Err(problems) => Err(problems.into()),
    };
    match done {
        Ok(()) => see_other("/sign-in?welcome=yes"),
        Err(ServiceError::Invalid(problems)) => {
            let form = FormView::with(Fields::default(), problems);
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &invitation_page(&app, form, enrolment))
        }
        Err(error) => Err(WebError::from(error)),
    }
}

/// A field's name as words.
fn words(name: &str) -> String {
    name.replace(['_', '-'], " ")
}
