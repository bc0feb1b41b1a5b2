//! The written agreement: what the family and the carer get on paper, without anything confidential.

use askama::Template;
use axum::extract::Path;
use kith_domain::codes::Supervision;
use kith_domain::ids::{PersonId, PlanId};
use kith_domain::plan::{Arrangement, Mode, PlanState};
use kith_service::plan::PlanView;

use super::form::{dates, how_often, when};
use crate::error::Answer;
use crate::person::Signed;
use crate::ui::{Page, render};

#[derive(Template)]
#[template(path = "plan/agreement.html")]
struct AgreementPage {
    page: Page,
    id: PlanId,
    draft: bool,
    child: String,
    lines: Vec<(String, Vec<(&'static str, String)>)>,
    /// What is known of the child that everybody keeps to.
    every_time: Vec<(String, String)>,
    wait_minutes: i64,
    phone: String,
    agreed: Option<String>,
    signatures: Vec<String>,
}

fn facts(view: &PlanView, line: &Arrangement) -> Vec<(&'static str, String)> {
    let staff = match line.supervision {
        Supervision::Supervised => "A member of staff is in the room the whole time",
        Supervision::Supported => "A member of staff is near and can help",
        Supervision::HandoverOnly => "A member of staff is there when the child is brought and fetched",
        Supervision::Unsupervised => "No staff",
    };
    let mut rows = vec![("How often", how_often(line)), ("When", when(line)), ("Dates", dates(line))];
    if line.mode != Mode::InPerson {
        rows.push(("How", line.mode.label().to_owned()));
    }
    rows.push(("Staff", staff.to_owned()));
    // A journey tells where the child lives.
    let journey = line.transport.clone().filter(|_| !view.address_confidential());
    rows.extend(journey.map(|transport| ("Getting there and back", transport)));
    let texts = [("What we agreed for the sessions", &line.rules), ("If it cannot take place", &line.contingency)];
    rows.extend(texts.into_iter().filter_map(|(label, text)| Some((label, view.for_the_family(text.as_deref()?)))));
    rows
}

/// GET /plans/{id}/agreement
pub(crate) async fn agreement(signed: Signed, Path(id): Path<PlanId>) -> Answer {
    let view = signed.delivery().plan(id).await?;
    let body = &view.plan.body;
    let mut people: Vec<PersonId> = Vec::new();
    for person in body.arrangements.iter().flat_map(|line| &line.with) {
        if !people.contains(person) {
            people.push(*person);
        }
    }
    let mut signatures: Vec<String> = people.iter().map(|person| view.names(&[*person])).collect();
    signatures.extend(["Carer", "Social worker", "Contact service"].map(str::to_owned));
    let register = signed.app.service.register();
    render(&AgreementPage {
        page: Page::new(&signed, "Contact agreement", "/children").back(format!("/plans/{id}")),
        id,
        draft: view.plan.state == PlanState::Draft,
        child: view.child_first_name.clone(),
        lines: body.arrangements.iter().map(|line| (view.names(&line.with), facts(&view, line))).collect(),
        every_time: view.on_agreement.iter().map(|(label, text)| (label.clone(), view.for_the_family(text))).collect(),
        wait_minutes: register.wait_minutes(),
        phone: register.authority().phone.clone(),
        agreed: body.agreed_with.as_deref().map(|text| view.for_the_family(text)),
        signatures,
    })
}
