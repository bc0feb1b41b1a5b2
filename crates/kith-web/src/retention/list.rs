//! A list of files to be destroyed: proposed, looked through, approved by two others.

use askama::Template;
use axum::extract::{Path, Query};
use kith_domain::calendar;
use kith_domain::form::Words;
use kith_domain::ids::{DestructionItemId, DestructionListId};
use kith_domain::retention::{ItemState, ListState};
use kith_service::ServiceError;
use kith_service::retention::{ListView, ListedItem};
use uuid::Uuid;

use super::{HERE, certificate_row, desk, list_tag};
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::{Confirmed, Posted};
use crate::referral::list::Done;
use crate::ui::{FormView, Page, ReasonPage, Row, Tag, render, see_other};

#[derive(Template)]
#[template(path = "retention/list.html")]
struct ListPage {
    page: Page,
    id: DestructionListId,
    reference: String,
    tag: Tag,
    facts: Vec<(&'static str, String)>,
    items: Vec<ItemRow>,
    certificates: Vec<Row>,
    may_approve: bool,
    may_change: bool,
    /// How many files would be destroyed as things stand.
    doomed: usize,
    /// How many would go to an archive first.
    archived: usize,
}

struct ItemRow {
    to: Option<String>,
    file: String,
    category: &'static str,
    until: String,
    rule: String,
    tag: Tag,
    off: String,
    take_off: Option<String>,
    /// Where it goes to the archive, in words, with the page about it.
    archive: Option<(String, String)>,
    to_archive: Option<String>,
    not_to_archive: Option<String>,
}

fn row(signed: &Signed, view: &ListView, of: &ListedItem) -> ItemRow {
    let item = &of.item;
    let (kind, words) = match item.state {
        ItemState::Listed if of.held => ("due", ItemState::Held.label()),
        ItemState::Listed if of.moved => ("due", ItemState::NotDue.label()),
        ItemState::Listed => match &of.transfer {
            Some(transfer) => ("active", transfer.body.stands(transfer.state)),
            None => ("active", ItemState::Listed.label()),
        },
        state => ("ended", state.label()),
    };
    let off = item.body.off.as_ref().map(|off| {
        let by = off.by.map_or_else(|| "Kith".to_owned(), |id| signed.app.service.name_of(id));
        format!("{}. {by}, {}", off.why.trim_end_matches('.'), calendar::long_instant(off.at_ms))
    });
    let listed = item.state == ItemState::Listed;
    ItemRow {
        to: of.may_read.then(|| format!("/children/{}", item.child)),
        file: item.child.reference(),
        category: item.body.kept.category.label(),
        until: calendar::long_date(item.body.kept.until),
        rule: kith_domain::form::upper_first(&item.body.kept.rule),
        tag: Tag { kind, words: words.to_owned() },
        off: off.unwrap_or_default(),
        archive: of
            .transfer
            .as_ref()
            .map(|of| (of.body.asked.archive.clone(), format!("/retention/archive/{}", of.id))),
        to_archive: (view.may_change && listed && of.transfer.is_none())
            .then(|| format!("/retention/items/{}/archive", item.id)),
        not_to_archive: of
            .transfer
            .as_ref()
            .filter(|of| view.may_change && listed && of.state.is_under_way())
            .map(|_| format!("/retention/items/{}/no-archive", item.id)),
        take_off: (view.may_change && listed).then(|| format!("/retention/items/{}/take-off", item.id)),
    }
}

/// POST /retention/lists: looks through all files and proposes what has come to its end.
pub(crate) async fn propose(posted: Posted) -> Answer {
    let id = posted.fields.get("id").parse().unwrap_or_else(|_| DestructionListId(Uuid::now_v7()));
    match desk(&posted.signed).propose_destruction(id).await {
        Ok(id) => see_other(&format!("/retention/lists/{id}?done=list-proposed")),
        Err(ServiceError::Refused(refusal)) if refusal.code == "destruction.none" => {
            see_other("/retention?done=list-empty")
        }
        Err(error) => Err(error.into()),
    }
}

/// GET /retention/lists/{id}
pub(crate) async fn show(signed: Signed, Path(id): Path<DestructionListId>, Query(done): Query<Done>) -> Answer {
    let view = desk(&signed).destruction_list(id).await?;
    let list = &view.line.list;
    let mut facts = vec![
        ("Proposed by", format!("{}, {}", view.line.author, calendar::long_instant(list.created_ms))),
        ("Files", super::files_words(&view.line)),
    ];
    for (who, at_ms, counts) in &view.approvals {
        let more = if *counts { "" } else { ". Counts no more: the account was closed, or has another role" };
        facts.push(("Approved by", format!("{who}, {}{more}", calendar::long_instant(*at_ms))));
    }
    if let Some(withdrawn) = &list.body.withdrawn {
        let by = signed.app.service.name_of(withdrawn.by);
        facts.push(("Withdrawn by", format!("{by}: {}", withdrawn.why)));
    }
    let waits = |of: &&ListedItem| of.transfer.as_ref().is_some_and(|of| of.state.is_under_way());
    let listed = |of: &&ListedItem| of.item.state == ItemState::Listed && !of.held && !of.moved;
    render(&ListPage {
        page: Page::new(&signed, "Files to be destroyed", HERE).back(HERE).with_done(done.words()),
        id,
        reference: id.reference(),
        tag: list_tag(&view.line),
        facts,
        items: view.items.iter().map(|of| row(&signed, &view, of)).collect(),
        certificates: view.certificates.iter().map(certificate_row).collect(),
        may_approve: view.may_approve,
        may_change: view.may_change,
        doomed: view.items.iter().filter(listed).filter(|of| !waits(of)).count(),
        archived: view.items.iter().filter(listed).filter(waits).count(),
    })
}

/// POST /retention/lists/{id}/approve: the password is asked for again.
pub(crate) async fn approve(Path(id): Path<DestructionListId>, Confirmed(posted): Confirmed) -> Answer {
    let state = desk(&posted.signed).approve_list(id).await?;
    let done = if state == ListState::Approved { "list-approved" } else { "list-approved-once" };
    see_other(&format!("/retention/lists/{id}?done={done}"))
}

fn withdraw_page(signed: &Signed, id: DestructionListId, form: FormView) -> ReasonPage {
    ReasonPage {
        page: Page::new(signed, "Withdraw this list", HERE).back(format!("/retention/lists/{id}")),
        form,
        action: format!("/retention/lists/{id}/withdraw"),
        text: "Nothing on it is destroyed. What is past its date is proposed again with the next list.",
        name: "why",
        label: "Why is it withdrawn?",
        hint: "",
        button: "Withdraw the list",
    }
}

/// GET /retention/lists/{id}/withdraw
pub(crate) async fn ask_withdraw(signed: Signed, Path(id): Path<DestructionListId>) -> Answer {
    desk(&signed).destruction_list(id).await?;
    withdraw_page(&signed, id, FormView::default()).answer()
}

/// POST /retention/lists/{id}/withdraw
pub(crate) async fn withdraw(Path(id): Path<DestructionListId>, posted: Posted) -> Answer {
    match Words::read(&posted.fields, "why", "Why it is withdrawn") {
        Ok(why) => {
            desk(&posted.signed).withdraw_list(id, &why).await?;
            see_other(&format!("/retention/lists/{id}?done=list-withdrawn"))
        }
        Err(problems) => withdraw_page(&posted.signed, id, FormView::with(posted.fields, problems)).answer(),
    }
}

fn take_off_page(signed: &Signed, id: DestructionItemId, list: &str, form: FormView) -> ReasonPage {
    ReasonPage {
        page: Page::new(signed, "Take a file off the list", HERE).back(list.to_owned()),
        form,
        action: format!("/retention/items/{id}/take-off"),
        text: "The file is kept. As long as its date is past it is proposed again with the next list; set a legal hold if it must stay.",
        name: "why",
        label: "Why is it taken off?",
        hint: "",
        button: "Take it off",
    }
}

/// GET /retention/items/{id}/take-off
pub(crate) async fn ask_take_off(signed: Signed, Path(id): Path<DestructionItemId>) -> Answer {
    let list = desk(&signed).list_of_item(id).await?;
    take_off_page(&signed, id, &format!("/retention/lists/{list}"), FormView::default()).answer()
}

/// POST /retention/items/{id}/take-off
pub(crate) async fn take_off(Path(id): Path<DestructionItemId>, posted: Posted) -> Answer {
    match Words::read(&posted.fields, "why", "Why it is taken off") {
        Ok(why) => {
            let list = desk(&posted.signed).take_off_list(id, &why).await?;
            see_other(&format!("/retention/lists/{list}?done=item-off"))
        }
        Err(problems) => take_off_page(&posted.signed, id, HERE, FormView::with(posted.fields, problems)).answer(),
    }
}
