//! Somebody who comes into a child's family or contact after acceptance, and somebody who leaves it.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use kith_domain::catalogue::of_section;
use kith_domain::fact::{AddMember, EndMember};
use kith_domain::ids::{ChildId, PersonId};
use kith_domain::referral::Section;
use kith_service::ServiceError;
use uuid::Uuid;

use super::change::done_words;
use super::source_fields;
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Html, Page, People, item_fields, render_with, see_other};

#[derive(Template)]
#[template(path = "fact/member.html")]
struct MemberPage {
    page: Page,
    caption: String,
    text: String,
    action: String,
    id: Uuid,
    form: FormView,
    refused: String,
    fields: Html,
    source: Html,
    button: &'static str,
}

async fn new_page(signed: &Signed, child: ChildId, id: Uuid, form: FormView) -> Answer {
    let view = signed.delivery().new_member(child).await?;
    let held = signed.app.service.register().items();
    let items: Vec<_> = of_section(Section::Family).filter(|item| held.has(item)).collect();
    let voids = match view.assessments {
        0 => String::new(),
        1 => " If they may attend, the risk assessment that there is becomes void at once: another adult changes what was \
              thought."
            .to_owned(),
        many => format!(
            " If they may attend, the {many} risk assessments that there are become void at once: another adult changes \
             what was thought."
        ),
    };
    let status = form.status("");
    let template = MemberPage {
        page: Page::new(signed, "Add somebody to the family", "/children")
            .back(format!("/children/{child}"))
            .with_error(status != StatusCode::OK),
        caption: view.child.name(),
        text: format!("Somebody whom the child sees, or must not see.{voids}"),
        action: format!("/children/{child}/family"),
        id,
        refused: String::new(),
        fields: item_fields(&items, &form, &People::default()),
        source: source_fields(&form),
        form,
        button: "Add to the family",
    };
    render_with(status, &template)
}

/// GET /children/{child}/family/new
pub(crate) async fn new(signed: Signed, Path(child): Path<ChildId>) -> Answer {
    new_page(&signed, child, Uuid::now_v7(), FormView::default()).await
}

/// POST /children/{child}/family
pub(crate) async fn add(Path(child): Path<ChildId>, posted: Posted) -> Answer {
    let id: PersonId = posted.fields.get("id").parse().map_err(|_| ServiceError::NotFound)?;
    let desk = posted.signed.delivery();
    let born = desk.new_member(child).await?.child.body.facts.map(|facts| facts.birth);
    let done = match AddMember::read(&posted.fields, born, posted.signed.app.service.today()) {
        Ok(command) => desk.add_member(child, id, &command).await,
        Err(problems) => Err(problems.into()),
    };
    match done {
        Ok(saved) => see_other(&format!("/children/{child}?done={}", done_words(saved))),
        Err(ServiceError::Invalid(problems)) => {
            new_page(&posted.signed, child, id.0, FormView::with(posted.fields, problems)).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn end_page(signed: &Signed, child: ChildId, person: PersonId, form: FormView, refused: String) -> Answer {
    let whose = kith_service::fact::Whose { child, person: Some(person) };
    let view = signed.delivery().facts(whose, kith_domain::catalogue::Group::Attendance).await?;
    let name = view.relative.as_ref().map(kith_store::Relative::name).unwrap_or_default();
    let status = form.status(&refused);
    let template = MemberPage {
        page: Page::new(signed, "No longer in the child’s family or contact", "/children")
            .back(format!("/children/{child}"))
            .with_error(status != StatusCode::OK),
        caption: format!("{}, {name}", view.child.name()),
        text: format!("{name} stays on the file with everything that was said, and may not attend any more."),
        action: format!("/children/{child}/family/{person}/end"),
        id: Uuid::now_v7(),
        refused,
        fields: Html::default(),
        source: source_fields(&form),
        form,
        button: "End it",
    };
    render_with(status, &template)
}

/// GET /children/{child}/family/{person}/end
pub(crate) async fn ask_end(signed: Signed, Path((child, person)): Path<(ChildId, PersonId)>) -> Answer {
    end_page(&signed, child, person, FormView::default(), String::new()).await
}

/// POST /children/{child}/family/{person}/end
pub(crate) async fn end(Path((child, person)): Path<(ChildId, PersonId)>, posted: Posted) -> Answer {
    let desk = posted.signed.delivery();
    let born = desk.new_member(child).await?.child.body.facts.map(|facts| facts.birth);
    let done = match EndMember::read(&posted.fields, born, posted.signed.app.service.today()) {
        Ok(command) => desk.end_member(child, person, &command).await,
        Err(problems) => Err(problems.into()),
    };
    match done {
        Ok(()) => see_other(&format!("/children/{child}?done=changed")),
        Err(ServiceError::Invalid(problems)) => {
            let form = FormView::with(posted.fields, problems);
            end_page(&posted.signed, child, person, form, String::new()).await
        }
        Err(ServiceError::Refused(refusal)) => {
            let form = FormView::new(posted.fields);
            end_page(&posted.signed, child, person, form, refusal.to_string()).await
        }
        Err(error) => Err(error.into()),
    }
}
