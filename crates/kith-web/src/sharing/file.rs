//! A file's sharing on one page: consents, what went, demands.

use askama::Template;
use axum::extract::{Path, Query};
use kith_domain::calendar::long_date;
use kith_domain::ids::ChildId;
use kith_domain::sharing::{ConsentAnswer, DemandState};
use kith_service::sharing::{ConsentView, Sent};
use kith_store::Disclosure;
use serde::Deserialize;

use super::{recalled, sent_words};
use crate::error::Answer;
use crate::person::Signed;
use crate::referral::list::Done;
use crate::ui::{Page, Pages, Row, Tag, render};

#[derive(Template)]
#[template(path = "sharing/file.html")]
struct FilePage {
    page: Page,
    child: ChildId,
    name: String,
    consents: Vec<ConsentRow>,
    to_tell: Vec<Row>,
    sent: Vec<Row>,
    pages: Pages,
    demands: Vec<Row>,
    may_change: bool,
    may_send: bool,
}

struct ConsentRow {
    words: String,
    below: String,
    tag: Tag,
    withdraw: Option<String>,
}

fn consent_row(view: &ConsentView, may_change: bool) -> ConsentRow {
    let of = &view.said.body;
    let kind = match of.answer {
        ConsentAnswer::Given if view.stands => "active",
        ConsentAnswer::Given => "ended",
        _ => "due",
    };
    let duty = match of.answer {
        ConsentAnswer::Refused | ConsentAnswer::Withdrawn if view.rests_on_duty() => {
            ". What rests on a duty goes on: they are told so"
        }
        _ => "",
    };
    let only = if of.items.is_empty() { String::new() } else { format!(". Only: {}", labels(&of.items)) };
    let note = of.note.as_ref().map(|note| format!(". {note}")).unwrap_or_default();
    ConsentRow {
        words: format!("{}: {}", view.whose, kith_domain::form::lower_first(&of.question())),
        below: format!(
            "Said by {} on {}. {}. {}. Written down by {}{only}{duty}{note}",
            of.said_by,
            long_date(of.on),
            of.authority.label(),
            of.evidence.label(),
            view.author
        ),
        tag: Tag { kind, words: of.answer.label().to_owned() },
        withdraw: (view.stands && may_change).then(|| format!("/consents/{}/withdraw", view.said.id)),
    }
}

fn labels(items: &[String]) -> String {
    let label =
        |key: &String| kith_domain::catalogue::by_key(key).map_or_else(|| key.clone(), |item| item.label.to_owned());
    items.iter().map(label).collect::<Vec<_>>().join(", ")
}

fn sent_row(of: &Disclosure) -> Row {
    Row {
        to: format!("/disclosures/{}", of.id),
        words: of.body.recipient.clone(),
        below: sent_words(of),
        tag: recalled(of),
    }
}

/// Which page, as the query says it.
#[derive(Deserialize, Default)]
pub(crate) struct At {
    #[serde(default)]
    page: String,
}

/// GET /children/{child}/sharing
pub(crate) async fn show(
    signed: Signed,
    Path(child): Path<ChildId>,
    Query(done): Query<Done>,
    Query(at): Query<At>,
) -> Answer {
    let view = signed.delivery().file_sharing(child, at.page.parse().unwrap_or(1).max(1)).await?;
    let wrong = |of: &Sent| {
        let words =
            if of.to_tell == 1 { "1 thing was wrong".to_owned() } else { format!("{} things were wrong", of.to_tell) };
        Row { tag: Tag { kind: "overdue", words }, ..sent_row(&of.disclosure) }
    };
    let demand = |of: &kith_store::DemandByLaw| Row {
        to: format!("/demands/{}", of.id),
        words: of.body.who.clone(),
        below: format!("{}. Came on {}", of.body.power, long_date(of.body.received)),
        tag: demand_tag(of.state),
    };
    render(&FilePage {
        page: Page::new(&signed, "Consent and sharing", "/children")
            .back(format!("/children/{child}"))
            .with_done(done.words()),
        child,
        name: view.child.clone(),
        consents: view.consents.iter().map(|of| consent_row(of, view.may_change)).collect(),
        to_tell: view.to_tell.iter().map(wrong).collect(),
        sent: view.sent.rows.iter().map(sent_row).collect(),
        pages: Pages::of(&view.sent, format!("/children/{child}/sharing")),
        demands: view.demands.iter().map(demand).collect(),
        may_change: view.may_change,
        may_send: view.may_send,
    })
}

/// Where a demand stands, as a tag.
pub(super) fn demand_tag(state: DemandState) -> Tag {
    let kind = match state {
        DemandState::Asked => "due",
        DemandState::Approved => "active",
        DemandState::Refused | DemandState::Answered => "ended",
    };
    Tag { kind, words: state.label().to_owned() }
}
