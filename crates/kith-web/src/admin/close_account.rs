//! Closing an account: what waits for the person, and who takes it.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use kith_domain::account::{CloseAccount, Waits};
use kith_domain::ids::AccountId;
use kith_service::ServiceError;
use kith_service::account::Waiting;
use kith_store::AccountState;

use super::desk;
use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Confirmed;
use crate::ui::{FormView, Html, Options, Page, pairs, render, render_with, see_other};

#[derive(Template)]
#[template(path = "admin/account_close.html")]
struct ClosePage {
    page: Page,
    id: AccountId,
    name: String,
    kinds: Vec<Kind>,
    in_session: bool,
    form: FormView,
}

/// A kind of what waits.
struct Kind {
    title: &'static str,
    count: usize,
    /// Who takes all of them; empty for what goes with something else.
    all: Html,
    /// What happens otherwise, for a kind that nobody is asked for.
    otherwise: &'static str,
    /// Each by itself: a field, or which one it is.
    each: Vec<Html>,
}

/// Who can take a kind of things that are about these areas, but for whoever leaves.
fn takers(signed: &Signed, kind: Waits, areas: &[String], but: AccountId) -> Options {
    let cards = kind.takers().iter().flat_map(|role| signed.app.service.colleagues(*role));
    let can = cards.filter(|card| card.id != but && (kind == Waits::Files || areas.contains(&card.area)));
    can.map(|card| (card.id.to_string(), format!("{}, {}", card.name, card.role.label().to_lowercase()))).collect()
}

fn kind(signed: &Signed, form: &FormView, leaves: AccountId, kind: Waits, waiting: &[&Waiting]) -> Kind {
    let mut areas: Vec<String> = waiting.iter().flat_map(|of| of.areas.clone()).collect();
    areas.sort_unstable();
    areas.dedup();
    let asked = !kind.takers().is_empty();
    let field = format!("to-{}", kind.code());
    let all = || form.select(&field, kind.question(), kind.otherwise(), takers(signed, kind, &areas, leaves));
    let one =
        |of: &&Waiting| form.select(&format!("to-{}", of.id), &of.words, "", takers(signed, kind, &of.areas, leaves));
    Kind {
        title: kind.label(),
        count: waiting.len(),
        all: if asked { all() } else { Html::default() },
        otherwise: if asked { "" } else { kind.question() },
        // A choice for all is enough for one.
        each: if asked && waiting.len() > 1 { waiting.iter().map(one).collect() } else { Vec::new() },
    }
}

async fn close_page(signed: &Signed, id: AccountId, form: FormView) -> Result<Option<ClosePage>, WebError> {
    let account = desk(signed).account(id).await?;
    if account.state == AccountState::Closed || signed.actor().is(id) {
        return Ok(None);
    }
    let waits = desk(signed).waits_for(id).await?;
    let mut kinds = Vec::new();
    for of in Waits::ALL {
        let waiting: Vec<&Waiting> = waits.of(*of).collect();
        if !waiting.is_empty() {
            kinds.push(kind(signed, &form, id, *of, &waiting));
        }
    }
    let page = Page::new(signed, "Close this account", super::accounts::HERE).back(format!("/admin/accounts/{id}"));
    Ok(Some(ClosePage {
        page: page.with_error(form.has_problems()),
        id,
        name: account.body.name,
        in_session: waits.of(Waits::InCourse).next().is_some(),
        kinds,
        form,
    }))
}

/// GET /admin/accounts/{id}/close
pub(crate) async fn ask(signed: Signed, Path(id): Path<AccountId>) -> Answer {
    match close_page(&signed, id, FormView::default()).await? {
        Some(page) => render(&page),
        None => see_other(&format!("/admin/accounts/{id}")),
    }
}

/// POST /admin/accounts/{id}/close
pub(crate) async fn close(Path(id): Path<AccountId>, Confirmed(posted): Confirmed) -> Answer {
    let done = match CloseAccount::read(&posted.fields) {
        Ok(command) => desk(&posted.signed).close_account(id, &command).await,
        Err(problems) => Err(problems.into()),
    };
    match done {
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
    pairs(&[("yes", "Close the account all the same")])
}
