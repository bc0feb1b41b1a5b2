//! The second person: what is asked for colleagues’ accounts, agreed to or refused.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use kith_domain::calendar;
use kith_domain::form::{Fields, Problem, Words};
use kith_domain::ids::AccountId;
use kith_service::ServiceError;
use kith_store::{Account, Proposal};

use super::accounts::{area_of, state_tag, waits_for};
use super::desk;
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::{Confirmed, Posted};
use crate::referral::list::Done;
use crate::ui::{FormView, Page, Tag, render, render_with, see_other};

const HERE: &str = "/agreements";

#[derive(Template)]
#[template(path = "admin/agreements.html")]
struct ListPage {
    page: Page,
    rows: Vec<Row>,
}

struct Row {
    to: String,
    name: String,
    what: &'static str,
    by: String,
    when: String,
}

/// GET /agreements
pub(crate) async fn list(signed: Signed, Query(done): Query<Done>) -> Answer {
    let waiting = desk(&signed).to_agree().await?;
    let rows = waiting.into_iter().map(|waits| Row {
        to: format!("/agreements/{}", waits.account.id),
        name: waits.account.body.name,
        what: waits.proposal.what.label(),
        by: signed.app.service.name_of(waits.proposal.by),
        when: calendar::long_instant(waits.proposal.at_ms),
    });
    let page = Page::new(&signed, "Accounts to agree to", HERE).back("/").with_done(done.words());
    render(&ListPage { page, rows: rows.collect() })
}

#[derive(Template)]
#[template(path = "admin/agreement.html")]
struct ShowPage {
    page: Page,
    form: FormView,
    id: AccountId,
    name: String,
    tag: Tag,
    facts: Vec<(String, String)>,
    /// What is asked, when the person can agree to it: when it was asked, in milliseconds, and what agreeing does.
    asked: Option<(i64, String)>,
    /// Who asked, and when.
    by: String,
    /// For whose agreement something waits; empty for nobody’s.
    waits: String,
}

fn effect(signed: &Signed, account: &Account, proposal: &Proposal) -> String {
    use kith_domain::agreement::Proposed as P;
    match (proposal.what, &proposal.facts) {
        (P::Move, Some(to)) => {
            let area = if to.area.is_empty() {
                "all areas".to_owned()
            } else {
                signed.app.service.register().area_name(&to.area)
            };
            format!(
                "If you agree, {} becomes {} for {area}, sees what that role sees, and is signed out once.",
                account.body.name,
                to.role.label().to_lowercase()
            )
        }
        (P::Invite, _) => format!(
            "If you agree, the password and the authenticator of {} stop working at once, and whoever has the new invitation and \
             your code can sign in as {}. Speak to {} first: did they ask for it?",
            account.body.name, account.body.name, account.body.name
        ),
        _ => format!(
            "If you agree, {} gets an account and sees what the role sees. Do you know the person, and do they work here?",
            account.body.name
        ),
    }
}

fn page(signed: &Signed, account: Account, form: FormView) -> ShowPage {
    let me = signed.actor().account;
    let service = &signed.app.service;
    let proposal = account.body.proposal.clone();
    let by = proposal.as_ref().map_or_else(String::new, |proposal| {
        format!(
            "{}, asked for by {} on {}",
            proposal.what.label(),
            service.name_of(proposal.by),
            calendar::long_instant(proposal.at_ms)
        )
    });
    let mine = me.is_some_and(|me| service.agrees(&account, me));
    let facts = [
        ("Sign-in name", account.body.login.clone()),
        ("Role now", account.role.label().to_owned()),
        ("Area now", area_of(signed, &account)),
        ("Work phone number", account.body.phone.clone()),
        ("Work email", account.body.email.clone()),
    ];
    ShowPage {
        page: Page::new(signed, "A colleague’s account", HERE).back(HERE).with_error(form.has_problems()),
        form,
        id: account.id,
        tag: state_tag(&account),
        facts: facts.into_iter().map(|(label, value)| (label.to_owned(), value)).collect(),
        asked: proposal.filter(|_| mine).map(|proposal| (proposal.at_ms, effect(signed, &account, &proposal))),
        by,
        waits: if mine { String::new() } else { waits_for(signed, &account) },
        name: account.body.name,
    }
}

/// GET /agreements/{id}
pub(crate) async fn show(signed: Signed, Path(id): Path<AccountId>) -> Answer {
    let account = desk(&signed).account_watched(id).await?;
    render(&page(&signed, account, FormView::default()))
}

#[derive(Template)]
#[template(path = "admin/agreed.html")]
struct CodePage {
    page: Page,
    name: String,
    code: String,
    by: String,
}

fn asked_at(fields: &Fields) -> i64 {
    fields.get("asked").parse().unwrap_or_default()
}

/// POST /agreements/{id}: the code is the answer itself and has no address of its own; only its hash is kept.
pub(crate) async fn agree(Path(id): Path<AccountId>, Confirmed(posted): Confirmed) -> Answer {
    let signed = &posted.signed;
    let account = desk(signed).account_watched(id).await?;
    let by = account.body.proposal.as_ref().map(|proposal| signed.app.service.name_of(proposal.by));
    match desk(signed).agree(id, asked_at(&posted.fields)).await? {
        None => see_other("/agreements?done=account-moved"),
        Some(code) => {
            let page = Page::new(signed, "Give this code to the person", HERE);
            render(&CodePage { page, name: account.body.name, code, by: by.unwrap_or_default() })
        }
    }
}

/// POST /agreements/{id}/refuse
pub(crate) async fn refuse(Path(id): Path<AccountId>, posted: Posted) -> Answer {
    let signed = &posted.signed;
    let done = match Words::read(&posted.fields, "reason", "Why you refuse") {
        Ok(why) => desk(signed).refuse_agreement(id, asked_at(&posted.fields), &why).await,
        Err(problems) => Err(ServiceError::from(problems)),
    };
    match done {
        Ok(()) => see_other("/agreements?done=agreement-refused"),
        Err(ServiceError::Invalid(problems)) => {
            let account = desk(signed).account_watched(id).await?;
            let problems: Vec<Problem> = problems;
            let form = FormView::with(posted.fields, problems);
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &page(signed, account, form))
        }
        Err(error) => Err(error.into()),
    }
}
