//! Sending: choose who and what for, see what goes and what stays, confirm.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use kith_domain::access::Purpose;
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, DisclosureId};
use kith_domain::sharing::{Enclosure, EnclosureKind, ShareWith, Stays, WeighedEnclosure};
use kith_service::ServiceError;
use kith_service::sharing::{PapersOf, Preview, ShareChoices};
use serde::Deserialize;
use uuid::Uuid;

use crate::error::Answer;
use crate::person::Signed;
use crate::posted::{Confirmed, Posted};
use crate::ui::{FormView, Html, Options, Page, pairs, render_with, see_other};

#[derive(Template)]
#[template(path = "sharing/send.html")]
struct NewPage {
    page: Page,
    child: ChildId,
    name: String,
    to: Options,
    purposes: Options,
    people: Options,
    sessions: Options,
    papers: Options,
    /// How many more papers there are.
    more: u64,
    form: FormView,
}

impl NewPage {
    /// The whole papers to choose from, and how others are found.
    fn enclose(&self) -> Html {
        let form = &self.form;
        Html::joined(vec![
            form.checkboxes(
                "enclosed",
                "Which whole papers go beside it?",
                "The newest first. Each goes only if such a recipient may have it: the next page says which do",
                self.papers.clone(),
            ),
            form.checkboxes(
                "alone",
                "Do they go alone?",
                "",
                pairs(&[("yes", "Yes, without the facts that such a recipient usually gets")]),
            ),
        ])
    }

    fn find(&self) -> Html {
        let form = &self.form;
        let any = std::iter::once((String::new(), "All".to_owned()));
        Html::joined(vec![
            form.radios("papers_kind", "What are they?", "", any.chain(pairs(EnclosureKind::CHOICES)).collect()),
            form.date("papers_from", "From which day?", "Of the session, of the signature, or on which it was added"),
            form.date("papers_until", "Until which day?", ""),
        ])
    }
}

/// From where it is begun, as the query says it.
#[derive(Deserialize, Default)]
pub(crate) struct From {
    #[serde(default)]
    session: String,
    #[serde(default)]
    demand: String,
}

fn form_page(signed: &Signed, child: ChildId, choices: ShareChoices, form: FormView) -> Answer {
    let purposes = [Purpose::ServiceDelivery, Purpose::Assessment, Purpose::OfficialReporting];
    let nobody = [("nobody".to_owned(), "No".to_owned())];
    let none = [(String::new(), "None".to_owned())];
    let template = NewPage {
        page: Page::new(signed, "Give information to somebody", "/children")
            .back(format!("/children/{child}/sharing"))
            .with_error(form.has_problems()),
        child,
        name: choices.child,
        to: choices.to,
        purposes: purposes.iter().map(|of| (of.code().to_owned(), of.label().to_owned())).collect(),
        people: nobody.into_iter().chain(choices.people.into_iter().map(|(id, name)| (id.to_string(), name))).collect(),
        papers: choices.papers.into_iter().map(|(of, label)| (of.code(), label)).collect(),
        more: choices.more,
        sessions: none.into_iter().chain(choices.sessions.into_iter().map(|(id, at)| (id.to_string(), at))).collect(),
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /children/{child}/disclosures/new
pub(crate) async fn new(signed: Signed, Path(child): Path<ChildId>, Query(from): Query<From>) -> Answer {
    let choices = signed.delivery().share_choices(child, PapersOf::default(), &[]).await?;
    let mut typed = Fields::default();
    if choices.sessions.iter().any(|(id, _)| id.to_string() == from.session) {
        typed.set("session", from.session);
        typed.set("purpose", Purpose::ServiceDelivery.code());
    }
    let demand = format!("demand-{}", from.demand);
    if choices.to.iter().any(|(to, _)| *to == demand) {
        typed.set("to", demand);
        typed.set("purpose", Purpose::OfficialReporting.code());
    }
    form_page(&signed, child, choices, FormView::new(typed))
}

#[derive(Template)]
#[template(path = "sharing/check.html")]
struct CheckPage {
    page: Page,
    child: ChildId,
    id: Uuid,
    name: String,
    facts: Vec<(&'static str, String)>,
    goes: Vec<(String, String)>,
    stays: Vec<(String, &'static str)>,
    not_held: Vec<String>,
    enclosed: Vec<EnclosedRow>,
    blocked: Option<String>,
    kept: Vec<(&'static str, String)>,
    /// Whether a reason is to be written.
    doubtful: bool,
    form: FormView,
    seen: String,
    problem: Option<String>,
}

/// A whole paper on the page of what goes and what stays.
struct EnclosedRow {
    label: String,
    /// Why it stays, and for which items; empty when it goes.
    why: String,
    /// What is to be looked for before it goes.
    doubts: Vec<&'static str>,
    /// Where it is read.
    to: String,
}

fn enclosed_row(of: &WeighedEnclosure) -> EnclosedRow {
    let items = if of.because_of.is_empty() { String::new() } else { format!(" ({})", of.because_of.join(", ")) };
    EnclosedRow {
        label: of.label.clone(),
        why: of.stays.map(|stays| format!("{}{items}", stays.label())).unwrap_or_default(),
        doubts: of.doubts.iter().map(|doubt| doubt.label()).collect(),
        to: match of.what {
            Enclosure::Record(id) => format!("/sessions/{id}/record"),
            Enclosure::Report(id) => format!("/reports/{id}"),
            Enclosure::Document(id) => format!("/documents/{id}"),
        },
    }
}

/// What the form said, to come back with the confirmation.
fn kept(fields: &Fields) -> Vec<(&'static str, String)> {
    let of = |name: &'static str| (name, fields.get(name).to_owned());
    let mut kept = ["to", "recipient", "purpose", "related", "session", "alone"].map(of).to_vec();
    kept.extend(fields.all("enclosed").iter().map(|code| ("enclosed", code.clone())));
    kept
}

/// The papers that were ticked.
fn chosen(fields: &Fields) -> Vec<Enclosure> {
    fields.all("enclosed").iter().filter_map(|code| Enclosure::from_code(code)).collect()
}

fn check_page(
    signed: &Signed,
    child: ChildId,
    id: Uuid,
    fields: &Fields,
    view: &Preview,
    problem: Option<String>,
) -> Answer {
    let label = |of: &kith_domain::sharing::Weighed| match of.person.and_then(|id| view.names.get(&id)) {
        Some(name) => format!("{name}: {}", kith_domain::form::lower_first(&of.label)),
        None => of.label.clone(),
    };
    let disputed = |of: &kith_domain::sharing::Weighed| {
        let beside = if of.disputed { " (disputed: the paper says so)" } else { "" };
        (label(of), format!("{}{beside}", of.words))
    };
    let purpose = Purpose::from_code(fields.get("purpose")).map_or("", Purpose::label);
    let mut facts = vec![
        ("To", view.recipient.clone()),
        ("What for", purpose.to_owned()),
        ("On what basis", view.basis.label().to_owned()),
    ];
    if !view.under.is_empty() {
        facts.push(("Under", view.under.clone()));
    }
    let stays = view.weighed.iter().filter_map(|of| Some((of, of.stays?)));
    let template = CheckPage {
        page: Page::new(signed, "What goes and what stays", "/children")
            .back(format!("/children/{child}/disclosures/new"))
            .with_error(problem.is_some()),
        child,
        id,
        name: view.child.clone(),
        facts,
        goes: view.weighed.iter().filter(|of| of.stays.is_none()).map(disputed).collect(),
        stays: stays
            .clone()
            .filter(|(_, why)| *why != Stays::NotHeld)
            .map(|(of, why)| (label(of), why.label()))
            .collect(),
        not_held: stays.filter(|(_, why)| *why == Stays::NotHeld).map(|(of, _)| label(of)).collect(),
        enclosed: view.enclosed.iter().map(enclosed_row).collect(),
        doubtful: view.enclosed.iter().any(|of| !of.doubts.is_empty()),
        form: FormView::new(fields.clone()),
        blocked: view.blocked.clone(),
        kept: kept(fields),
        seen: view.seen.clone(),
        problem,
    };
    let status = if template.problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    render_with(status, &template)
}

/// POST /children/{child}/disclosures/check: nothing has gone yet; a name is not put into an address.
pub(crate) async fn check(Path(child): Path<ChildId>, posted: Posted) -> Answer {
    let weighed = match ShareWith::read(&posted.fields) {
        Ok(ask) => posted.signed.desk(ask.purpose).weigh_disclosure(child, &ask).await,
        Err(problems) => Err(problems.into()),
    };
    match weighed {
        Ok(view) => check_page(&posted.signed, child, Uuid::now_v7(), &posted.fields, &view, None),
        Err(ServiceError::Invalid(problems)) => {
            let choices = posted.signed.delivery();
            let choices = choices.share_choices(child, PapersOf::default(), &chosen(&posted.fields)).await?;
            form_page(&posted.signed, child, choices, FormView::with(posted.fields, problems))
        }
        Err(error) => Err(error.into()),
    }
}

/// POST /children/{child}/disclosures/papers: the form as it is, with other papers to choose from. What is looked for stands in no
/// address, and what was ticked stays ticked.
pub(crate) async fn look_for_papers(Path(child): Path<ChildId>, posted: Posted) -> Answer {
    let (of, form) = match PapersOf::read(&posted.fields) {
        Ok(of) => (of, FormView::new(posted.fields.clone())),
        Err(problems) => (PapersOf::default(), FormView::with(posted.fields.clone(), problems)),
    };
    let choices = posted.signed.delivery().share_choices(child, of, &chosen(&posted.fields)).await?;
    form_page(&posted.signed, child, choices, form)
}

/// POST /children/{child}/disclosures: the password is asked for again.
pub(crate) async fn send(Path(child): Path<ChildId>, Confirmed(posted): Confirmed) -> Answer {
    let id: Uuid = posted.fields.get("id").parse().unwrap_or_else(|_| Uuid::now_v7());
    let ask = ShareWith::read(&posted.fields).map_err(ServiceError::Invalid)?;
    let desk = posted.signed.desk(ask.purpose);
    match desk.disclose(DisclosureId(id), child, &ask, posted.fields.get("seen")).await {
        Ok(()) => see_other(&format!("/disclosures/{id}?done=disclosed")),
        Err(ServiceError::Refused(refusal)) => {
            // Something is otherwise by now: what goes and what stays is shown anew.
            let view = desk.weigh_disclosure(child, &ask).await?;
            check_page(&posted.signed, child, Uuid::now_v7(), &posted.fields, &view, Some(refusal.words))
        }
        Err(error) => Err(error.into()),
    }
}
