//! Staff accounts: made, invited, closed.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use kith_domain::access::Role;
use kith_domain::account::AccountFacts;
use kith_domain::calendar;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::AccountId;
use kith_domain::words::one_of;
use kith_service::ServiceError;
use kith_service::account::{Asked, Invitation};
use kith_store::{Account, AccountState};
use uuid::Uuid;

use super::{areas, desk};
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Confirmed;
use crate::referral::list::Done;
use crate::ui::{FormView, Options, Page, Tag, render, render_with, see_other};

pub(super) const HERE: &str = "/admin/accounts";

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
    /// For whose agreement something waits; empty for nobody's.
    waits: String,
}

pub(super) fn state_tag(account: &Account) -> Tag {
    let (kind, words) = match account.state {
        AccountState::Invited if account.is_only_asked_for() => ("submitted", "Asked for"),
        AccountState::Invited => ("submitted", "Invited"),
        AccountState::Active => ("confirmed", "In use"),
        AccountState::Closed => ("withdrawn", "Closed"),
    };
    Tag { kind, words: words.to_owned() }
}

/// For whose agreement something asked for an account waits, in words; empty for nobody's.
pub(super) fn waits_for(signed: &Signed, account: &Account) -> String {
    let Some(proposal) = &account.body.proposal else { return String::new() };
    let what = proposal.what.label();
    let names = signed.app.service.agreed_by_one_of(account);
    if names.is_empty() {
        return format!(
            "{what} waits for agreement, and there is nobody who can agree: make a manager’s account first"
        );
    }
    format!("{what} waits for agreement by {}", one_of(&names))
}

/// The name of an account's area; roles without one work for all.
pub(crate) fn area_of(signed: &Signed, account: &Account) -> String {
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
        tag: state_tag(&account),
        waits: waits_for(&signed, &account),
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

/// An account's form, with the register's areas.
fn read(signed: &Signed, fields: &Fields) -> Result<AccountFacts, Vec<Problem>> {
    AccountFacts::read(fields, &signed.app.service.register().area_codes())
}

/// POST /admin/accounts
pub(crate) async fn create(Confirmed(posted): Confirmed) -> Answer {
    // Who may not make accounts is told so, before anything is said about the form.
    let desk = desk(&posted.signed);
    let Ok(id) = posted.fields.get("id").parse::<Uuid>() else {
        desk.accounts().await?;
        return Err(ServiceError::NotFound.into());
    };
    let done = match read(&posted.signed, &posted.fields) {
        Ok(facts) => desk.create_account(AccountId(id), facts).await,
        Err(problems) => desk.accounts().await.and(Err(problems.into())),
    };
    match done {
        Ok(asked) => asked_page(&posted.signed, AccountId(id), &asked, posted.fields.get("name").trim()),
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
    /// The code, when there is nobody else to have it.
    code: String,
    account: AccountId,
}

/// What came of asking: the way back to the account, where it says who has to agree, or the first invitation of all.
fn asked_page(signed: &Signed, id: AccountId, asked: &Asked, name: &str) -> Answer {
    match asked {
        Asked::Waits(_) => see_other(&format!("/admin/accounts/{id}?done=asked")),
        Asked::Invited(invitation) => invitation_page(signed, invitation, name),
    }
}

/// The invitation's address. It is the answer to the form itself and has no address of its own: the secret stands in no
/// history, and only its hash is kept.
fn invitation_page(signed: &Signed, invitation: &Invitation, name: &str) -> Answer {
    render(&InvitationPage {
        page: Page::new(signed, "Give the invitation to the person", HERE),
        name: name.to_owned(),
        address: format!("/invitation/{}/{}", invitation.account, invitation.secret),
        code: invitation.code.clone().unwrap_or_default(),
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
    /// For whose agreement something waits; empty for nobody's.
    waits: String,
    /// What was refused last; empty for nothing.
    refused: String,
    /// Whether there is an invitation whose link can be given.
    link: bool,
    /// When the invitation was opened; empty when it was not.
    opened: String,
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
    let refused = account.body.refused.as_ref().map(|refused| {
        let (by, at) = (signed.app.service.name_of(refused.by), calendar::long_instant(refused.at_ms));
        format!("{} was refused by {by} on {at}: {}", refused.what.label(), refused.reason)
    });
    let invited = account.body.credentials.invited.as_ref().filter(|_| account.state == AccountState::Invited);
    render(&ShowPage {
        page: Page::new(&signed, "Account", HERE).back(HERE).with_done(done.words()),
        id,
        tag: state_tag(&account),
        waits: waits_for(&signed, &account),
        refused: refused.unwrap_or_default(),
        link: invited.is_some_and(|invited| {
            invited.opened_ms.is_none() && !invited.agreed_by.is_some_and(|agreed| signed.actor().is(agreed))
        }),
        opened: invited.and_then(|invited| invited.opened_ms).map(calendar::long_instant).unwrap_or_default(),
        facts: facts.into_iter().map(|(label, value)| (label.to_owned(), value)).collect(),
        closed: account.state == AccountState::Closed,
        own: signed.actor().is(id),
        name: account.body.name,
    })
}

/// POST /admin/accounts/{id}/invite
pub(crate) async fn invite(Path(id): Path<AccountId>, Confirmed(posted): Confirmed) -> Answer {
    let desk = desk(&posted.signed);
    let account = desk.account(id).await?;
    let asked = desk.invite_again(id).await?;
    asked_page(&posted.signed, id, &asked, &account.body.name)
}

/// POST /admin/accounts/{id}/link
pub(crate) async fn link(Path(id): Path<AccountId>, Confirmed(posted): Confirmed) -> Answer {
    let desk = desk(&posted.signed);
    let account = desk.account(id).await?;
    let invitation = desk.invitation_link(id).await?;
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
pub(crate) async fn correct(Path(id): Path<AccountId>, Confirmed(posted): Confirmed) -> Answer {
    let version = posted.fields.get("version").parse().unwrap_or_default();
    // The sign-in name stays, whatever was allowed in one when it was made.
    let mut fields = posted.fields.clone();
    fields.set("login", "stays");
    let done = match read(&posted.signed, &fields) {
        Ok(facts) => desk(&posted.signed).correct_account(id, version, &facts).await,
        Err(problems) => Err(problems.into()),
    };
    match done {
        Ok(waits) => see_other(&format!("/admin/accounts/{id}?done={}", if waits { "asked" } else { "saved" })),
        Err(ServiceError::Invalid(problems)) => {
            desk(&posted.signed).account(id).await?;
            let form = FormView::with(posted.fields, problems);
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &correct_page(&posted.signed, id, version, form))
        }
        Err(error) => Err(error.into()),
    }
}
