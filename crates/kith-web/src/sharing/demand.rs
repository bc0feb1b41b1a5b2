//! Demands by law: entered, decided by another person, answered.

use askama::Template;
use axum::extract::{Path, Query};
use kith_domain::access::Purpose;
use kith_domain::calendar::{long_date, long_instant};
use kith_domain::catalogue::{ITEMS, by_key};
use kith_domain::decision::Decision;
use kith_domain::ids::{ChildId, DemandId};
use kith_domain::sharing::{RecipientKind, StatutoryDemand};
use kith_service::sharing::{DemandView, PapersOf};
use kith_service::{Desk, ServiceError};
use uuid::Uuid;

use super::file::demand_tag;
use super::kinds_of_papers;
use crate::decision;
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::{Confirmed, Posted};
use crate::referral::list::Done;
use crate::ui::{FormView, Html, Options, Page, Tag, render_with, see_other};

/// What is demanded by law is read and given out as official reporting, and for nothing else.
fn desk(signed: &Signed) -> Desk {
    signed.desk(Purpose::OfficialReporting)
}

#[derive(Template)]
#[template(path = "sharing/demand_new.html")]
struct NewPage {
    page: Page,
    child: ChildId,
    name: String,
    id: Uuid,
    form: FormView,
}

impl NewPage {
    fn fields(&self) -> Html {
        let form = &self.form;
        let kinds =
            RecipientKind::BY_LAW.iter().map(|kind| (kind.code().to_owned(), kind.label().to_owned())).collect();
        let mut items: Options = ITEMS
            .iter()
            .map(|item| (item.key(), format!("{}: {}", item.about.label(), kith_domain::form::lower_first(item.label))))
            .collect();
        items.sort_by(|a, b| a.1.cmp(&b.1));
        Html::joined(vec![
            form.radios("kind", "What kind of authority asks?", "", kinds),
            form.input("who", "Who asks?", "Name and rank or role, and where"),
            form.input(
                "power",
                "By which power?",
                "The act and section, or the court and the order. Without one it is not a demand",
            ),
            form.textarea("asks", "What do they ask?", "In their words", 3),
            form.date("received", "On which day did it come?", ""),
            form.checkboxes("items", "What answers it?", "Nothing else goes", items),
            form.checkboxes(
                "papers",
                "Which whole papers answer it?",
                "They are chosen one by one when it is answered",
                kinds_of_papers(),
            ),
        ])
    }
}

async fn new_page(signed: &Signed, child: ChildId, id: Uuid, form: FormView) -> Answer {
    let name = desk(signed).share_choices(child, PapersOf::default(), &[]).await?.child;
    let template = NewPage {
        page: Page::new(signed, "A demand by law", "/children")
            .back(format!("/children/{child}/sharing"))
            .with_error(form.has_problems()),
        child,
        name,
        id,
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /children/{child}/demands/new
pub(crate) async fn new(signed: Signed, Path(child): Path<ChildId>) -> Answer {
    new_page(&signed, child, Uuid::now_v7(), FormView::default()).await
}

/// POST /children/{child}/demands
pub(crate) async fn enter(Path(child): Path<ChildId>, posted: Posted) -> Answer {
    let id: Uuid = posted.fields.get("id").parse().unwrap_or_else(|_| Uuid::now_v7());
    let entered = match StatutoryDemand::read(&posted.fields, posted.signed.app.service.today()) {
        Ok(demand) => desk(&posted.signed).enter_demand(child, DemandId(id), &demand).await,
        Err(problems) => Err(problems.into()),
    };
    match entered {
        Ok(()) => see_other(&format!("/demands/{id}?done=demand-entered")),
        Err(ServiceError::Invalid(problems)) => {
            new_page(&posted.signed, child, id, FormView::with(posted.fields, problems)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "sharing/demand.html")]
struct ShowPage {
    page: Page,
    id: DemandId,
    child: ChildId,
    name: String,
    who: String,
    tag: Tag,
    facts: Vec<(&'static str, String)>,
    items: Vec<String>,
    may_decide: bool,
    may_send: bool,
    form: FormView,
}

impl ShowPage {
    fn decision(&self) -> Html {
        decision::questions(&self.form, "Whether the power gives them a right to each item")
    }
}

fn page(signed: &Signed, view: &DemandView, form: FormView, done: Option<&'static str>) -> Answer {
    let of = &view.demand;
    let mut facts = vec![
        ("Power", of.body.power.clone()),
        ("What they ask", of.body.asks.clone()),
        ("Came on", long_date(of.body.received)),
        ("Entered by", format!("{}, {}", view.author, long_instant(of.created_ms))),
    ];
    facts.extend(decision::line(signed, of.body.decided.as_ref()));
    let item = |key: &String| {
        by_key(key).map_or_else(
            || key.clone(),
            |item| format!("{}: {}", item.about.label(), kith_domain::form::lower_first(item.label)),
        )
    };
    let papers =
        of.body.papers.iter().map(|kind| format!("Whole papers: {}", kith_domain::form::lower_first(kind.label())));
    let template = ShowPage {
        page: Page::new(signed, "A demand by law", "/children")
            .back(format!("/children/{}/sharing", of.child))
            .with_error(form.has_problems())
            .with_done(done),
        id: of.id,
        child: of.child,
        name: view.child.clone(),
        who: of.body.who.clone(),
        tag: demand_tag(of.state),
        facts,
        items: of.body.items.iter().map(item).chain(papers).collect(),
        may_decide: view.may_decide,
        may_send: view.may_send,
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /demands/{id}
pub(crate) async fn show(signed: Signed, Path(id): Path<DemandId>, Query(done): Query<Done>) -> Answer {
    let view = desk(&signed).demand(id).await?;
    page(&signed, &view, FormView::default(), done.words())
}

/// POST /demands/{id}: a manager's decision; the password is asked for again.
pub(crate) async fn decide(Path(id): Path<DemandId>, Confirmed(posted): Confirmed) -> Answer {
    let desk = desk(&posted.signed);
    let view = desk.demand(id).await?;
    match Decision::read(&posted.fields) {
        Ok(decision) => {
            desk.decide_demand(id, decision.approve, &decision.why).await?;
            see_other(&format!("/demands/{id}?done=demand-decided"))
        }
        Err(problems) => page(&posted.signed, &view, FormView::with(posted.fields, problems), None),
    }
}
