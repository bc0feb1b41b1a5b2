//! Staff accounts: made, invited, closed.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use kith_domain::access::Role;
use kith_domain::form::Fields;
use kith_domain::ids::{AccountId, ChildId};
use kith_service::ServiceError;
use kith_service::account::{CloseAccount, Invitation};
use kith_store::{Account, AccountState};
use uuid::Uuid;

use super::{areas, desk};
use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::ui::{FormView, Html, Options, Page, Tag, render, render_with, see_other};

const HERE: &str = "/admin/accounts";

#[derive(Template)]
#[template(path = "admin/accounts.html")]
struct ListPage {
    page: Page,
    rows: Vec<Row>,
}

struct Row {
    to: String,
    name: String,
    login: String,
    role: &'static str,
    area: String,
    tag: Tag,
}

fn state_tag(state: AccountState) -> Tag {
    let (kind, words) = match state {
        AccountState::Invited => ("submitted", "Invited"),
        AccountState::Active => ("confirmed", "In use"),
        AccountState::Closed => ("withdrawn", "Closed"),
    };
    Tag { kind, words: words.to_owned() }
}

/// The name of an account's area; roles without one work for all.
fn area_of(signed: &Signed, account: &Account) -> String {
    if account.area.is_empty() {
        "All areas".to_owned()
    } else {
        signed.app.service.register().area_name(&account.area)
    }
}

/// GET /admin/accounts
pub(crate) async fn list(signed: Signed, Query(done): Query<Done>) -> Answer {
    let accounts = desk(&signed).accounts().await?;
    let row = |account: Account| Row {
        to: format!("/admin/accounts/{}", account.id),
        area: area_of(&signed, &account),
        role: account.role.label(),
        tag: state_tag(account.state),
        name: account.body.name,
        login: account.body.login,
    };
    let rows = accounts.into_iter().map(row).collect();
    render(&ListPage { page: Page::new(&signed, "Accounts", HERE).with_done(done.words()), rows })
}

#[derive(Template)]
#[template(path = "admin/account_new.html")]
struct NewPage {
    page: Page,
    id: Uuid,
    form: FormView,
    roles: Options,
    areas: Options,
}

fn new_page(signed: &Signed, id: Uuid, form: FormView) -> NewPage {
    let page = Page::new(signed, "Make an account", HERE).back(HERE).with_error(form.has_problems());
    let roles = Role::STAFF.iter().map(|role| (role.code().to_owned(), role.label().to_owned())).collect();
    NewPage { page, id, form, roles, areas: areas(signed) }
}

/// GET /admin/accounts/new
pub(crate) async fn new(signed: Signed) -> Answer {
    desk(&signed).accounts().await?;
    render(&new_page(&signed, Uuid::now_v7(), FormView::default()))
}

/// POST /admin/accounts
pub(crate) async fn create(posted: Posted) -> Answer {
    // Who may not make accounts is told so, before anything is said about the form.
    let desk = desk(&posted.signed);
    let Ok(id) = posted.fields.get("id").parse::<Uuid>() else {
        desk.accounts().await?;
        return Err(ServiceError::NotFound.into());
    };
    match desk.create_account(AccountId(id), &posted.fields).await {
        Ok(invitation) => invitation_page(&posted.signed, &invitation, posted.fields.get("name").trim()),
        Err(ServiceError::Invalid(problems)) => {
            let form = FormView::with(posted.fields, problems);
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &new_page(&posted.signed, id, form))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "admin/invitation.html")]
struct InvitationPage {
    page: Page,
    name: String,
    address: String,
    account: AccountId,
}

/// The invitation's address. It is the answer to the form itself and has no address of its own: the secret stands in no
/// history, and only its hash is kept.
fn invitation_page(signed: &Signed, invitation: &Invitation, name: &str) -> Answer {
    render(&InvitationPage {
        page: Page::new(signed, "Give the invitation to the person", HERE),
        name: name.to_owned(),
        address: format!("/invitation/{}/{}", invitation.account, invitation.secret),
        account: invitation.account,
    })
}

#[derive(Template)]
#[template(path = "admin/account.html")]
struct ShowPage {
    page: Page,
    id: AccountId,
    name: String,
    tag: Tag,
    facts: Vec<(String, String)>,
    closed: bool,
    own: bool,
}

/// GET /admin/accounts/{id}
pub(crate) async fn show(signed: Signed, Path(id): Path<AccountId>, Query(done): Query<Done>) -> Answer {
    let account = desk(&signed).account(id).await?;
    let or_none = |text: &str| if text.is_empty() { "None".to_owned() } else { text.to_owned() };
    let facts = [
        ("Sign-in name", account.body.login.clone()),
        ("Role", account.role.label().to_owned()),
        ("Area", area_of(&signed, &account)),
        ("Work phone number", or_none(&account.body.phone)),
        ("Work email", or_none(&account.body.email)),
    ];
    render(&ShowPage {
        page: Page::new(&signed, "Account", HERE).back(HERE).with_done(done.words()),
        id,
        tag: state_tag(account.state),
        facts: facts.into_iter().map(|(label, value)| (label.to_owned(), value)).collect(),
        closed: account.state == AccountState::Closed,
        own: signed.actor().is(id),
        name: account.body.name,
    })
}

/// POST /admin/accounts/{id}/invite
pub(crate) async fn invite(Path(id): Path<AccountId>, posted: Posted) -> Answer {
    let desk = desk(&posted.signed);
    let account = desk.account(id).await?;
    let invitation = desk.invite_again(id).await?;
    invitation_page(&posted.signed, &invitation, &account.body.name)
}

#[derive(Template)]
#[template(path = "admin/account_correct.html")]
struct CorrectPage {
    page: Page,
    id: AccountId,
    version: i64,
    form: FormView,
    roles: Options,
    areas: Options,
}

fn correct_page(signed: &Signed, id: AccountId, version: i64, form: FormView) -> CorrectPage {
    let page = Page::new(signed, "Correct this account", HERE).back(format!("/admin/accounts/{id}"));
    let page = page.with_error(form.has_problems());
    let roles = Role::STAFF.iter().map(|role| (role.code().to_owned(), role.label().to_owned())).collect();
    CorrectPage { page, id, version, form, roles, areas: areas(signed) }
}

/// GET /admin/accounts/{id}/correct
pub(crate) async fn ask_correct(signed: Signed, Path(id): Path<AccountId>) -> Answer {
    let account = desk(&signed).account(id).await?;
    let body = account.body;
    let fields: Fields = [
        ("name", body.name),
        ("login", body.login),
        ("role", account.role.code().to_owned()),
        ("area", account.area),
        ("phone", body.phone),
        ("email", body.email),
    ]
    .into_iter()
    .collect();
    render(&correct_page(&signed, id, account.version, FormView::with(fields, Vec::new())))
}

/// POST /admin/accounts/{id}
pub(crate) async fn correct(Path(id): Path<AccountId>, posted: Posted) -> Answer {
    let version = posted.fields.get("version").parse().unwrap_or_default();
    match desk(&posted.signed).correct_account(id, version, &posted.fields).await {
        Ok(()) => see_other(&format!("/admin/accounts/{id}?done=saved")),
        Err(ServiceError::Invalid(problems)) => {
            desk(&posted.signed).account(id).await?;
            let form = FormView::with(posted.fields, problems);
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &correct_page(&posted.signed, id, version, form))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "admin/account_close.html")]
struct CloseAccountPage {
    page: Page,
    id: AccountId,
    name: String,
    /// What waits for the person, in words.
    waits: Vec<(&'static str, String)>,
    in_session: bool,
    files: Vec<(ChildId, Html)>,
    form: FormView,
    workers: Options,
}

async fn close_page(signed: &Signed, id: AccountId, form: FormView) -> Result<Option<CloseAccountPage>, WebError> {
    let account = desk(signed).account(id).await?;
    if account.state == AccountState::Closed || signed.actor().is(id) {
        return Ok(None);
    }
    let waits = desk(signed).waits_for(id).await?;
    let workers: Options = signed
        .app
        .service
        .colleagues(Role::SocialWorker)
        .into_iter()
        .filter(|card| card.id != id)
        .map(|card| (card.id.to_string(), card.name))
        .collect();
    let counted = [
        ("Files", waits.files.len()),
        ("Sessions to come", waits.to_come),
        ("Records not signed", waits.records),
        ("Referrals not decided", waits.referrals),
        ("Risk assessments not approved", waits.assessments),
    ];
    let one = |child: &ChildId| {
        let label = format!("File {}", child.reference());
        (*child, form.select(&format!("to-{child}"), &label, "", workers.clone()))
    };
    let files: Vec<(ChildId, Html)> = waits.files.iter().map(one).collect();
    let page = Page::new(signed, "Close this account", HERE).back(format!("/admin/accounts/{id}"));
    Ok(Some(CloseAccountPage {
        page: page.with_error(form.has_problems()),
        id,
        name: account.body.name,
        waits: counted.iter().filter(|(_, n)| *n > 0).map(|(what, n)| (*what, n.to_string())).collect(),
        in_session: waits.under_way.is_some(),
        files,
        form,
        workers,
    }))
}

/// GET /admin/accounts/{id}/close
pub(crate) async fn ask_close(signed: Signed, Path(id): Path<AccountId>) -> Answer {
    match close_page(&signed, id, FormView::default()).await? {
        Some(page) => render(&page),
        None => see_other(&format!("/admin/accounts/{id}")),
    }
}

/// POST /admin/accounts/{id}/close
pub(crate) async fn close(Path(id): Path<AccountId>, posted: Posted) -> Answer {
    let taker = |name: &str| posted.fields.get(name).parse::<AccountId>().ok();
    let each = posted.fields.iter().filter_map(|(name, to)| {
        let child = name.strip_prefix("to-")?.parse::<ChildId>().ok()?;
        Some((child, to.parse::<AccountId>().ok()?))
    });
    let command = CloseAccount {
        to: taker("to"),
        each: each.collect(),
        during_session: posted.fields.has("during_session", "yes"),
    };
    match desk(&posted.signed).close_account(id, &command).await {
        Ok(()) => see_other(&format!("/admin/accounts/{id}?done=closed")),
        Err(ServiceError::Invalid(problems)) => {
            match close_page(&posted.signed, id, FormView::with(posted.fields, problems)).await? {
                Some(page) => render_with(StatusCode::UNPROCESSABLE_ENTITY, &page),
                None => see_other(&format!("/admin/accounts/{id}")),
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// What is ticked to close an account all the same.
fn anyway() -> Options {
    vec![("yes".to_owned(), "Close the account all the same".to_owned())]
}
