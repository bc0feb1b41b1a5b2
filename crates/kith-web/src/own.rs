//! *My account*: password, authenticator, recovery codes, where one is signed in, what was told lately.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode};
use kith_domain::access::Purpose;
use kith_domain::account::ChangePassword;
use kith_domain::calendar;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::SignInId;
use kith_service::account::SettingUp;
use kith_service::{Desk, ServiceError};

use crate::admin::accounts::area_of;
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::{Confirmed, Posted};
use crate::referral::list::Done;
use crate::sign_in::{password_hint, signed_out, totp_picture};
use crate::ui::{FormView, Page, render, render_with, see_other};

const HERE: &str = "/me";

fn desk(signed: &Signed) -> Desk {
    signed.desk(Purpose::Administration)
}

#[derive(Template)]
#[template(path = "own/show.html")]
struct ShowPage {
    page: Page,
    facts: Vec<(String, String)>,
    recovery_left: usize,
    devices: Vec<Device>,
    told: Vec<(String, String)>,
    /// Whether messages are sent by email at all.
    mail: bool,
    only_urgent_mail: bool,
}

struct Device {
    id: SignInId,
    browser: String,
    since: String,
    seen: String,
    here: bool,
}

/// GET /me
pub(crate) async fn show(signed: Signed, Query(done): Query<Done>) -> Answer {
    let own = desk(&signed).own_account(&signed.person).await?;
    let body = &own.account.body;
    let facts = [
        ("Name", body.name.clone()),
        ("Sign-in name", body.login.clone()),
        ("Role", own.account.role.label().to_owned()),
        ("Area", area_of(&signed, &own.account)),
        ("Work phone number", body.phone.clone()),
        ("Work email", body.email.clone()),
    ];
    let devices = own.devices.into_iter().map(|device| Device {
        id: device.id,
        browser: device.browser,
        since: calendar::long_instant(device.since_ms),
        seen: calendar::long_instant(device.seen_ms),
        here: device.here,
    });
    let me = signed.actor().account;
    let told = own
        .told
        .into_iter()
        .map(|notice| (notice.kind.words(me == Some(notice.account)), calendar::long_instant(notice.created_ms)));
    render(&ShowPage {
        page: Page::new(&signed, "My account", HERE).back("/").with_done(done.words()),
        recovery_left: body.credentials.recovery.len(),
        facts: facts.into_iter().map(|(label, value)| (label.to_owned(), value)).collect(),
        devices: devices.collect(),
        told: told.collect(),
        mail: signed.app.service.sends_mail(),
        only_urgent_mail: body.only_urgent_mail,
    })
}

/// POST /me/mail
pub(crate) async fn choose_mail(posted: Posted) -> Answer {
    let only_urgent = posted.fields.get("mail") == "urgent";
    desk(&posted.signed).choose_mail(only_urgent).await?;
    see_other(HERE)
}

#[derive(Template)]
#[template(path = "own/password.html")]
struct PasswordPage {
    page: Page,
    form: FormView,
    login: String,
    hint: String,
}

async fn password_page(signed: &Signed, form: FormView) -> Result<PasswordPage, ServiceError> {
    let own = desk(signed).own_account(&signed.person).await?;
    let page = Page::new(signed, "Change my password", HERE).back(HERE).with_error(form.has_problems());
    Ok(PasswordPage { page, form, login: own.account.body.login, hint: password_hint() })
}

/// GET /me/password
pub(crate) async fn ask_password(signed: Signed) -> Answer {
    render(&password_page(&signed, FormView::default()).await?)
}

/// POST /me/password
pub(crate) async fn change_password(posted: Posted) -> Answer {
    let signed = &posted.signed;
    let done = match ChangePassword::read(&posted.fields) {
        Ok(command) => desk(signed).change_password(&signed.person, &command).await,
        Err(problems) => Err(problems.into()),
    };
    match done {
        Ok(()) => see_other("/me?done=password"),
        Err(ServiceError::Invalid(problems)) => {
            let form = FormView::with(Fields::default(), problems);
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &password_page(signed, form).await?)
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "own/authenticator.html")]
struct AuthenticatorPage {
    page: Page,
    form: FormView,
    /// The secret and its picture, when the password and a code were right.
    next: Option<(String, String)>,
}

fn authenticator_page(signed: &Signed, form: FormView, next: Option<SettingUp>) -> AuthenticatorPage {
    let page = Page::new(signed, "Change my authenticator", HERE).back(HERE).with_error(form.has_problems());
    let next = next.map(|next| {
        let picture = totp_picture(&signed.app, &next.login, &next.totp_secret);
        (next.totp_secret, picture)
    });
    AuthenticatorPage { page, form, next }
}

/// GET /me/authenticator
pub(crate) async fn ask_authenticator(signed: Signed) -> Answer {
    let next = desk(&signed).authenticator_setting_up(&signed.person).await?;
    render(&authenticator_page(&signed, FormView::default(), next))
}

/// POST /me/authenticator: the password and a code of the one there is.
pub(crate) async fn begin_authenticator(posted: Posted) -> Answer {
    let (signed, fields) = (&posted.signed, &posted.fields);
    match desk(signed).begin_authenticator(&signed.person, fields.get("password"), fields.get("code")).await {
        Ok(()) => see_other("/me/authenticator"),
        Err(ServiceError::Invalid(problems)) => {
            let form = FormView::with(Fields::default(), problems);
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &authenticator_page(signed, form, None))
        }
        Err(error) => Err(error.into()),
    }
}

/// POST /me/authenticator/confirm: a code of the new one.
pub(crate) async fn finish_authenticator(posted: Posted) -> Answer {
    let signed = &posted.signed;
    match desk(signed).finish_authenticator(&signed.person, posted.fields.get("new_code")).await {
        Ok(()) => see_other("/me?done=authenticator"),
        Err(ServiceError::Invalid(problems)) => {
            let next = desk(signed).authenticator_setting_up(&signed.person).await?;
            let problems = problems.into_iter().map(|problem| Problem::new("new_code", problem.message)).collect();
            let form = FormView::with(Fields::default(), problems);
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &authenticator_page(signed, form, next))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "own/recovery.html")]
struct RecoveryPage {
    page: Page,
    codes: Vec<String>,
}

/// POST /me/recovery: the codes are the answer itself and have no address of their own; only their hashes are kept.
pub(crate) async fn new_recovery(Confirmed(posted): Confirmed) -> Answer {
    let codes = desk(&posted.signed).new_recovery_codes().await?;
    render(&RecoveryPage { page: Page::new(&posted.signed, "Keep these recovery codes", HERE), codes })
}

/// POST /me/devices/{id}/end
pub(crate) async fn end_device(Path(id): Path<SignInId>, headers: HeaderMap, posted: Posted) -> Answer {
    desk(&posted.signed).end_own_sign_in(id).await?;
    if id == posted.signed.person.sign_in { signed_out(&headers) } else { see_other("/me?done=device-ended") }
}

/// POST /me/sign-out
pub(crate) async fn sign_out_everywhere(headers: HeaderMap, posted: Posted) -> Answer {
    desk(&posted.signed).sign_out_everywhere().await?;
    signed_out(&headers)
}

#[cfg(test)]
mod tests;
