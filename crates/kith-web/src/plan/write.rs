//! Beginning a plan and writing its arrangements.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use kith_domain::calendar;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::{ArrangementId, ChildId, PersonId, PlanId};
use kith_domain::plan::Mode;
use kith_domain::referral::wanted_contact;
use kith_service::ServiceError;
use kith_service::plan::PlanView;
use uuid::Uuid;

use super::form::{Offered, fields, readable};
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Html, Options, Page, compare, render, render_with, see_other};

#[derive(Template)]
#[template(path = "plan/new.html")]
struct NewPage {
    page: Page,
    form: FormView,
    child: ChildId,
    id: Uuid,
    name: String,
    earlier: Options,
}

/// GET /children/{child}/plans/new
pub(crate) async fn new(signed: Signed, Path(child): Path<ChildId>) -> Answer {
    let view = signed.delivery().file(child).await?;
    if !view.may_plan {
        return Err(ServiceError::NotFound.into());
    }
    let earlier = view.plans.iter().filter(|plan| !plan.body.arrangements.is_empty()).map(|plan| {
        let words = format!("Like the plan of {}", calendar::long_instant(plan.created_ms));
        (plan.id.to_string(), format!("{words}, which is {}", plan.state.label().to_lowercase()))
    });
    let earlier = [(String::new(), "Empty".to_owned())].into_iter().chain(earlier).collect();
    let page = Page::new(&signed, "Write a contact plan", "/children").back(format!("/children/{child}"));
    let form = FormView::default();
    render(&NewPage { page, form, child, id: Uuid::now_v7(), name: view.child.name(), earlier })
}

/// POST /children/{child}/plans: empty, or like an earlier plan of the child.
pub(crate) async fn begin(Path(child): Path<ChildId>, posted: Posted) -> Answer {
    let id: PlanId = posted.fields.get("id").parse().map_err(|_| ServiceError::NotFound)?;
    let desk = posted.signed.delivery();
    match posted.fields.get("like") {
        "" => desk.begin_plan(child, id).await?,
        like => desk.begin_plan_like(like.parse().map_err(|_| ServiceError::NotFound)?, id).await?,
    };
    see_other(&format!("/plans/{id}"))
}

#[derive(Template)]
#[template(path = "plan/arrangement.html")]
struct ArrangementPage {
    page: Page,
    name: String,
    action: String,
    version: i64,
    form: FormView,
    conflict: Html,
    wishes: String,
    constraints: String,
    /// Whether it was asked how contact takes place, and so what it needs.
    asked: bool,
    fields: Html,
    remove: Option<String>,
}

/// What was typed, and what stands against it.
#[derive(Default)]
struct ArrangementShown {
    typed: Fields,
    problems: Vec<Problem>,
    theirs: Option<Fields>,
}

fn arrangement_page(
    signed: &Signed,
    view: &PlanView,
    arrangement: ArrangementId,
    version: i64,
    shown: ArrangementShown,
) -> Answer {
    let id = view.plan.id;
    let may_attend = view.family.iter().filter(|relative| relative.relation.may_attend);
    let family: Options = may_attend.map(|relative| (relative.person.id.to_string(), relative.name())).collect();
    let status = match (&shown.theirs, shown.problems.is_empty()) {
        (Some(_), _) => StatusCode::CONFLICT,
        (None, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (None, true) => StatusCode::OK,
    };
    let nowhere = [(String::new(), "Wherever there is room".to_owned())];
    let venues = view.venues.iter().map(|venue| (venue.id.to_string(), venue.name.clone()));
    let venues: Options = nowhere.into_iter().chain(venues).collect();
    let conflict = shown.theirs.map(|theirs| compare(&shown.typed, &theirs, |typed| readable(typed, &family, &venues)));
    let known = view.plan.body.arrangement(arrangement).is_some();
    let title = if known { "Arrangement" } else { "Add an arrangement" };
    let none = [(String::new(), "No: it is agreed, or the order’s terms are not set out".to_owned())];
    let terms = view.terms.iter().map(|(id, words)| (id.to_string(), words.clone()));
    let terms: Options = none.into_iter().chain(terms).collect();
    let form = FormView::with(shown.typed, shown.problems);
    let page = Page::new(signed, title, "/children").back(format!("/plans/{id}"));
    let action = format!("/plans/{id}/arrangements/{arrangement}");
    let asked = |name: &str| view.wanted.as_ref().map(|wanted| wanted.get(name).trim().to_owned()).unwrap_or_default();
    let asked_for = view.wanted.as_ref().map(wanted_contact).unwrap_or_default();
    let with = asked_for.iter().find(|of| form.has("with", &of.who.to_string()));
    let wishes = with.map(|of| of.fields.get("wishes").trim().to_owned()).unwrap_or_default();
    let template = ArrangementPage {
        page: page.with_error(status != StatusCode::OK),
        name: view.child.clone(),
        remove: known.then(|| format!("{action}/remove")),
        action,
        version,
        conflict: conflict.unwrap_or_default(),
        wishes,
        constraints: asked("constraints"),
        asked: Mode::from_code(form.value("mode")).is_some(),
        fields: fields(&form, Offered { family, terms, venues }),
        form,
    };
    render_with(status, &template)
}

/// What the referral asks for with somebody with whom the plan has nothing yet, as the beginning of an arrangement.
fn as_wanted(view: &PlanView) -> Fields {
    let planned = |who: &PersonId| view.plan.body.arrangements.iter().any(|line| line.with.contains(who));
    let wanted = view.wanted.as_ref().map(wanted_contact).unwrap_or_default();
    let Some(next) = wanted.into_iter().find(|of| !planned(&of.who)) else { return Fields::default() };
    let same = ["bound", "count", "per", "minutes", "court_ordered", "supervision", "mode"];
    let mut typed = next.fields.only(|name| same.contains(&name));
    typed.set_all("with", std::iter::once(next.who).chain(next.together).map(|id| id.to_string()).collect());
    typed
}

/// GET /plans/{id}/arrangements/new
pub(crate) async fn add(signed: Signed, Path(id): Path<PlanId>) -> Answer {
    let view = signed.delivery().plan(id).await?;
    if !view.may_edit {
        return see_other(&format!("/plans/{id}"));
    }
    let typed = as_wanted(&view);
    let (new, version) = (ArrangementId(Uuid::now_v7()), view.plan.version);
    arrangement_page(&signed, &view, new, version, ArrangementShown { typed, ..ArrangementShown::default() })
}

/// GET /plans/{id}/arrangements/{arrangement}
pub(crate) async fn arrangement(signed: Signed, Path((id, line)): Path<(PlanId, ArrangementId)>) -> Answer {
    let view = signed.delivery().plan(id).await?;
    let typed = view.plan.body.arrangement(line).ok_or(ServiceError::NotFound)?.fields();
    if !view.may_edit {
        return see_other(&format!("/plans/{id}"));
    }
    arrangement_page(&signed, &view, line, view.plan.version, ArrangementShown { typed, ..ArrangementShown::default() })
}

/// POST /plans/{id}/arrangements/{arrangement}
pub(crate) async fn save(Path((id, line)): Path<(PlanId, ArrangementId)>, posted: Posted) -> Answer {
    let desk = posted.signed.delivery();
    let version = posted.fields.get("version").parse().unwrap_or(0);
    let typed = posted.fields.only(|name| !["version", "ask"].contains(&name));
    if posted.fields.has("ask", "mode") {
        // How contact takes place was chosen: what was typed stays, and what that needs is asked. Nothing is saved.
        let view = desk.plan(id).await?;
        if !view.may_edit {
            return see_other(&format!("/plans/{id}"));
        }
        let chosen = Mode::from_code(typed.get("mode")).is_some();
        let none = Problem::new("mode", "Select how contact takes place");
        let problems = if chosen { Vec::new() } else { vec![none] };
        return arrangement_page(
            &posted.signed,
            &view,
            line,
            version,
            ArrangementShown { typed, problems, theirs: None },
        );
    }
    let saved = match desk.read_arrangement(line, &typed) {
        Ok(line) => desk.save_arrangement(id, &line, version).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    let (version, shown) = match saved {
        Ok(_) => return see_other(&format!("/plans/{id}?done=saved")),
        Err(ServiceError::Invalid(problems)) => (version, ArrangementShown { typed, problems, theirs: None }),
        Err(ServiceError::Conflict { theirs, version }) => {
            (version, ArrangementShown { typed, problems: Vec::new(), theirs: Some(*theirs) })
        }
        Err(error) => return Err(error.into()),
    };
    let view = desk.plan(id).await?;
    arrangement_page(&posted.signed, &view, line, version, shown)
}

/// POST /plans/{id}/arrangements/{arrangement}/remove
pub(crate) async fn remove(Path((id, line)): Path<(PlanId, ArrangementId)>, posted: Posted) -> Answer {
    posted.signed.delivery().remove_arrangement(id, line).await?;
    see_other(&format!("/plans/{id}?done=saved"))
}
