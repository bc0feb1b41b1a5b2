//! A legal hold on somebody: looked for by name and date of birth, chosen, kept; no file is opened.

use askama::Template;
use kith_domain::form::Fields;
use kith_domain::ids::HoldId;
use kith_domain::retention::{HoldKind, SetHold, WhoToHold};
use kith_service::ServiceError;
use uuid::Uuid;

use super::{HERE, desk};
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Options, Page, render_with, see_other};

#[derive(Template)]
#[template(path = "retention/hold_person.html")]
struct PersonPage {
    page: Page,
    id: Uuid,
    /// Whether somebody was looked for.
    searched: bool,
    maybe: Options,
    why: Vec<(String, String)>,
    more: usize,
    form: FormView,
}

async fn person_page(signed: &Signed, id: Uuid, who: Option<&WhoToHold>, form: FormView) -> Answer {
    let (found, more) = match who {
        Some(who) => desk(signed).who_to_hold(who).await?,
        None => (Vec::new(), 0),
    };
    let called = |one: &kith_service::rights::MaybeHeld| format!("{}. {}", one.name, one.stands);
    let template = PersonPage {
        page: Page::new(signed, "A legal hold on somebody", HERE)
            .back("/retention/holds")
            .with_error(form.has_problems()),
        id,
        searched: who.is_some(),
        why: found.iter().map(|one| (called(one), one.why.join(". "))).collect(),
        maybe: found.iter().map(|one| (one.subject.code(), called(one))).collect(),
        more,
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /retention/holds/person
pub(crate) async fn ask(signed: Signed) -> Answer {
    person_page(&signed, Uuid::now_v7(), None, FormView::default()).await
}

fn id_of(fields: &Fields) -> Uuid {
    fields.get("id").parse().unwrap_or_else(|_| Uuid::now_v7())
}

/// POST /retention/holds/person: nobody’s name is in an address.
pub(crate) async fn look_for(posted: Posted) -> Answer {
    let id = id_of(&posted.fields);
    match WhoToHold::read(&posted.fields, posted.signed.app.service.today()) {
        Ok(who) => person_page(&posted.signed, id, Some(&who), FormView::new(posted.fields)).await,
        Err(problems) => person_page(&posted.signed, id, None, FormView::with(posted.fields, problems)).await,
    }
}

/// POST /retention/holds/person/set
pub(crate) async fn set(posted: Posted) -> Answer {
    let (id, today) = (id_of(&posted.fields), posted.signed.app.service.today());
    let who = match WhoToHold::read(&posted.fields, today) {
        Ok(who) => who,
        Err(problems) => return person_page(&posted.signed, id, None, FormView::with(posted.fields, problems)).await,
    };
    let mut typed = posted.fields.clone();
    typed.set("kind", HoldKind::Person.code());
    let done = match SetHold::read(&typed, today) {
        Ok(set) => desk(&posted.signed).hold_person(HoldId(id), &who, typed.get("held"), &set).await,
        Err(problems) => Err(problems.into()),
    };
    match done {
        Ok(()) => see_other(&format!("/retention/holds/{id}?done=hold-set")),
        Err(ServiceError::Invalid(problems)) => {
            person_page(&posted.signed, id, Some(&who), FormView::with(posted.fields, problems)).await
        }
        Err(error) => Err(error.into()),
    }
}
