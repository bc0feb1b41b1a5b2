//! One order: what it says, its terms, what it said before.

use askama::Template;
use axum::extract::{Path, Query};
use kith_domain::calendar;
use kith_domain::ids::{OrderId, TermId};

use crate::document::{DocumentLine, lines};
use crate::error::Answer;
use crate::person::Signed;
use crate::referral::list::Done;
use crate::ui::{Page, Tag, render};

#[derive(Template)]
#[template(path = "order/show.html")]
struct ShowPage {
    page: Page,
    id: OrderId,
    names: String,
    tag: Tag,
    facts: Vec<(&'static str, String)>,
    terms: Vec<(TermId, String)>,
    earlier: Vec<(String, Vec<String>)>,
    documents: Vec<DocumentLine>,
    may_write: bool,
    may_add_document: bool,
}

/// Whether an order stands today, as a tag.
pub(crate) fn tag(stands: bool) -> Tag {
    let (kind, words) = if stands { ("active", "Stands") } else { ("ended", "Does not stand today") };
    Tag { kind, words: words.to_owned() }
}

/// GET /orders/{id}
pub(crate) async fn show(signed: Signed, Path(id): Path<OrderId>, Query(done): Query<Done>) -> Answer {
    let view = signed.delivery().order(id).await?;
    let order = &view.order.body.order;
    let said = &order.facts;
    let mut facts = vec![
        ("Court", said.court.clone()),
        ("Case number", said.case_number.clone()),
        ("Made on", calendar::long_date(said.made_on)),
    ];
    facts.extend(said.ends_on.map(|day| ("Ends on", calendar::long_date(day))));
    facts.extend(said.forbids.clone().map(|words| ("Forbids", words)));
    facts.extend(said.words.clone().map(|words| ("What it says about contact", words)));
    facts.push(("Written down by", format!("{}, from: {}", view.author, order.source)));
    if let Some(ended) = &order.ended {
        let by = signed.app.service.name_of(ended.by);
        facts.push(("Ended", format!("{}: {} ({by})", calendar::long_date(ended.on), ended.why)));
    }
    let page = Page::new(&signed, "Order about contact", "/children").back(format!("/children/{}", view.child));
    render(&ShowPage {
        documents: lines(&signed, &view.documents),
        may_add_document: view.may_add_document,
        page: page.with_done(done.words()),
        id,
        names: view.children.join(", "),
        tag: tag(view.stands),
        facts,
        terms: view.terms,
        earlier: view.earlier,
        may_write: view.may_write,
    })
}
