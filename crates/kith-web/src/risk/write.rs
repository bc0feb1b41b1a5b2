//! Beginning an assessment, its form, sending it for approval.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use kith_domain::access::Purpose;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::{AssessmentId, ChildId, PersonId};
use kith_service::ServiceError;
use kith_service::risk::AssessmentView;
use serde::Deserialize;
use uuid::Uuid;

use super::form::{fields, readable};
use super::show::{about, who};
use super::tag;
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Html, Options, Page, Tag, compare, render_with, see_other};

#[derive(Template)]
#[template(path = "risk/new.html")]
struct NewPage {
    page: Page,
    form: FormView,
    child: ChildId,
    id: Uuid,
    name: String,
    family: Options,
}

/// Whom the page is opened for.
#[derive(Deserialize)]
pub(crate) struct For {
    #[serde(default)]
    person: String,
}

async fn new_page(signed: &Signed, child: ChildId, form: FormView) -> Answer {
    let view = signed.desk(Purpose::Assessment).file(child).await?;
    if !view.may_assess {
        return Err(ServiceError::NotFound.into());
    }
    let words = |relative: &kith_store::Relative| {
        let attend = if relative.relation.may_attend { "" } else { ": must not attend" };
        let relationship = relative.relation.relationship.label().to_lowercase();
        (relative.person.id.to_string(), format!("{}, {relationship}{attend}", relative.name()))
    };
    let status = if form.has_problems() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = Page::new(signed, "Assess a risk", "/children");
    let page = page.back(format!("/children/{child}")).with_error(form.has_problems());
    let family = view.family.iter().map(words).collect();
    render_with(status, &NewPage { page, form, child, id: Uuid::now_v7(), name: view.child.name(), family })
}

/// GET /children/{child}/assessments/new
pub(crate) async fn new(signed: Signed, Path(child): Path<ChildId>, Query(of): Query<For>) -> Answer {
    let chosen: Fields = [("person", of.person)].into_iter().collect();
    new_page(&signed, child, FormView::new(chosen)).await
}

/// POST /children/{child}/assessments
pub(crate) async fn begin(Path(child): Path<ChildId>, posted: Posted) -> Answer {
    let id: AssessmentId = posted.fields.get("id").parse().map_err(|_| ServiceError::NotFound)?;
    let Ok(person) = posted.fields.get("person").parse::<PersonId>() else {
        let problem = Problem::new("person", "Select whose risk is assessed");
        return new_page(&posted.signed, child, FormView::with(posted.fields, vec![problem])).await;
    };
    let id = posted.signed.desk(Purpose::Assessment).begin_assessment(child, person, id).await?;
    see_other(&format!("/assessments/{id}"))
}

#[derive(Template)]
#[template(path = "risk/form.html")]
pub(super) struct FormPage {
    page: Page,
    id: AssessmentId,
    version: i64,
    who: String,
    tag: Tag,
    returned: Option<String>,
    about: Vec<(&'static str, String)>,
    form: FormView,
    conflict: Html,
    fields: Html,
}

/// What the form shows beside what was typed.
#[derive(Default)]
pub(super) struct AssessmentShown {
    /// What is wrong with it.
    pub(super) problems: Vec<Problem>,
    /// What was saved in another window meanwhile.
    pub(super) theirs: Option<Fields>,
    /// What was just done.
    pub(super) done: Option<&'static str>,
}

/// The form of an assessment with what was typed, over a version.
pub(super) fn form_page(
    signed: &Signed,
    view: &AssessmentView,
    (typed, version): (Fields, i64),
    shown: AssessmentShown,
) -> (StatusCode, FormPage) {
    let of = &view.assessment;
    let today = kith_domain::calendar::day_number(signed.app.service.today());
    let (id, tag) = (of.id, tag(of, today));
    let status = match (&shown.theirs, shown.problems.is_empty()) {
        (Some(_), _) => StatusCode::CONFLICT,
        (None, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (None, true) => StatusCode::OK,
    };
    let conflict = shown.theirs.map(|theirs| compare(&typed, &theirs, readable)).unwrap_or_default();
    let form = FormView::with(typed, shown.problems);
    let page = Page::new(signed, "Risk assessment", "/children").back(format!("/children/{}", of.child));
    let template = FormPage {
        page: page.with_error(status != StatusCode::OK).with_done(shown.done),
        id,
        version,
        who: who(view),
        tag,
        returned: of.body.returned_reason.clone(),
        about: about(view),
        fields: fields(&form),
        form,
        conflict,
    };
    (status, template)
}

/// POST /assessments/{id}
pub(crate) async fn save(Path(id): Path<AssessmentId>, posted: Posted) -> Answer {
    let desk = posted.signed.desk(Purpose::Assessment);
    let version = posted.fields.get("version").parse().unwrap_or(0);
    let typed = posted.fields.only(|name| name != "version" && name != "then");
    let saved = desk.save_assessment(id, &typed, version).await;
    let (version, shown) = match saved {
        Ok(_) if posted.fields.get("then") == "leave" => {
            let child = desk.assessment(id).await?.assessment.child;
            return see_other(&format!("/children/{child}?done=saved"));
        }
        Ok(saved) if saved.problems.is_empty() => return see_other(&format!("/assessments/{id}/check?done=saved")),
        Ok(saved) => (saved.version, AssessmentShown { problems: saved.problems, ..AssessmentShown::default() }),
        Err(ServiceError::Conflict { theirs, version }) => {
            (version, AssessmentShown { theirs: Some(*theirs), ..AssessmentShown::default() })
        }
        // Too long to be kept: what was typed is on the form again.
        Err(ServiceError::Refused(refusal)) if refusal.code == "draft.too_long" => {
            let problems = vec![Problem::new("supervision", refusal.to_string())];
            (version, AssessmentShown { problems, ..AssessmentShown::default() })
        }
        Err(error) => return Err(error.into()),
    };
    let view = desk.assessment(id).await?;
    let (status, page) = form_page(&posted.signed, &view, (typed, version), shown);
    render_with(status, &page)
}

/// POST /assessments/{id}/send
pub(crate) async fn send(Path(id): Path<AssessmentId>, posted: Posted) -> Answer {
    match posted.signed.desk(Purpose::Assessment).send_assessment(id).await {
        Ok(()) => see_other(&format!("/assessments/{id}?done=sent")),
        // The form says what is missing, each with its field.
        Err(ServiceError::Invalid(_)) => see_other(&format!("/assessments/{id}")),
        Err(error) => Err(error.into()),
    }
}
