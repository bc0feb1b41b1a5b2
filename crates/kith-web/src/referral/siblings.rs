//! Brothers and sisters on a referral: each with what is their own, how the family stands to them, and taken off with a reason.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::{ChildId, PersonId, ReferralId};
use kith_domain::referral::{Ending, Part, Section, SiblingDraft, relation_problems};
use kith_service::ServiceError;
use kith_service::referral::ReferralView;
use uuid::Uuid;

use super::answers::{name_of, of_asked};
use super::decide::ReasonPage;
use super::forms::{Asks, first_child, goes_on};
use super::write::{SectionShown, section_page, with_status};
use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Page, kept, render, render_with, see_other};

fn own_section(code: &str) -> Result<(Section, Asks), WebError> {
    match Section::from_code(code) {
        Some(Section::Child) => Ok((Section::Child, Asks::Section(Section::Child))),
        Some(Section::Placement) => Ok((Section::Placement, Asks::SiblingHome)),
        _ => Err(ServiceError::NotFound.into()),
    }
}

fn shown(view: &ReferralView, child: ChildId, (section, asks): (Section, Asks), typed: Fields) -> SectionShown<'_> {
    let (id, draft) = (view.referral.id, &view.referral.body);
    let part = Part { section, sibling: Some(child) };
    let (title, heading) = match draft.sibling(child) {
        Some(_) => (section.label(), part.title(draft)),
        None => ("Add a brother or sister", "Add a brother or sister".to_owned()),
    };
    SectionShown {
        title,
        heading,
        action: format!("/referrals/{id}/children/{}", part.code()),
        back: format!("/referrals/{id}"),
        asks,
        version: view.referral.version,
        typed,
        problems: Vec::new(),
        theirs: None,
        draft,
        remove: None,
        another: None,
    }
}

/// GET /referrals/{id}/children/new
pub(crate) async fn new(signed: Signed, Path(id): Path<ReferralId>) -> Answer {
    let view = signed.delivery().referral(id).await?;
    if !view.may_edit {
        return see_other(&format!("/referrals/{id}/answers"));
    }
    let child = ChildId(Uuid::now_v7());
    section_page(&signed, shown(&view, child, own_section("child")?, Fields::default()))
}

/// GET /referrals/{id}/children/{child}/{section}
pub(crate) async fn show(signed: Signed, Path((id, child, code)): Path<(ReferralId, ChildId, String)>) -> Answer {
    let view = signed.delivery().referral(id).await?;
    if !view.may_edit {
        return see_other(&format!("/referrals/{id}/answers"));
    }
    if Section::from_code(&code) == Some(Section::Family) {
        return family(&signed, &view, child);
    }
    let of = own_section(&code)?;
    let sibling = view.referral.body.sibling(child).ok_or(ServiceError::NotFound)?;
    let typed = sibling.fields(of.0).unwrap_or_default();
    let part = Part { section: of.0, sibling: Some(child) };
    // A section taken up again shows at once what is still missing.
    let problems =
        if typed.is_blank() { Vec::new() } else { view.referral.body.problems_of(part, signed.app.service.today()) };
    let page = section_page(&signed, SectionShown { problems, ..shown(&view, child, of, typed) })?;
    Ok(with_status(page, StatusCode::OK))
}

/// POST /referrals/{id}/children/{child}/{section}
pub(crate) async fn save(Path((id, child, code)): Path<(ReferralId, ChildId, String)>, posted: Posted) -> Answer {
    let of = own_section(&code)?;
    let desk = posted.signed.delivery();
    let version = posted.fields.get("version").parse().unwrap_or(0);
    let typed = posted.fields.only(|name| name != "version" && name != "then");
    match desk.save_sibling(id, (child, of.0), &typed, version).await {
        Ok(saved) if saved.problems.is_empty() || posted.fields.get("then") == "leave" => {
            see_other(&goes_on(id, posted.fields.get("then"), saved.next))
        }
        Ok(saved) => {
            let view = desk.referral(id).await?;
            let stored = view.referral.body.sibling(child).and_then(|sibling| sibling.fields(of.0));
            let taken_over = !typed.get(SiblingDraft::HOME_OF).is_empty();
            let typed = stored.filter(|_| taken_over).unwrap_or(typed);
            section_page(&posted.signed, SectionShown { problems: saved.problems, ..shown(&view, child, of, typed) })
        }
        Err(ServiceError::Conflict { theirs, .. }) => {
            let view = desk.referral(id).await?;
            section_page(&posted.signed, SectionShown { theirs: Some(*theirs), ..shown(&view, child, of, typed) })
        }
        // Sent meanwhile, or not to be stored: what was typed is shown, to be copied.
        Err(ServiceError::Refused(refusal)) => {
            let view = desk.referral(id).await?;
            let rows = of_asked(of.1, &typed, &view.referral.body);
            kept(&posted.signed, &format!("/referrals/{id}"), rows, &refusal.to_string())
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "referral/stands.html")]
struct StandsPage {
    page: Page,
    heading: String,
    first: String,
    problems: Vec<Problem>,
    members: Vec<Member>,
}

struct Member {
    name: String,
    to: String,
    apart: bool,
    rows: Vec<(String, String)>,
}

/// How each member of the family stands to a brother or sister.
fn family(signed: &Signed, view: &ReferralView, child: ChildId) -> Answer {
    let (id, form) = (view.referral.id, &view.referral.body);
    let sibling = form.sibling(child).ok_or(ServiceError::NotFound)?;
    let part = Part { section: Section::Family, sibling: Some(child) };
    let members = form.family.iter().map(|member| Member {
        name: name_of(member),
        to: format!("/referrals/{id}/children/{child}/family/{}", member.id),
        apart: sibling.relations.contains_key(&member.id),
        rows: of_asked(Asks::SiblingRelation, &form.member_fields(sibling, member.id), form),
    });
    let problems = form.problems_of(part, signed.app.service.today());
    render(&StandsPage {
        page: Page::new(signed, "How the family stands to a brother or sister", "/referrals")
            .back(format!("/referrals/{id}")),
        heading: part.title(form),
        first: first_child(form),
        problems: problems.into_iter().filter(|problem| problem.field == "family").collect(),
        members: members.collect(),
    })
}

fn relation_shown(
    view: &ReferralView,
    (child, person): (ChildId, PersonId),
    typed: Option<Fields>,
) -> Result<SectionShown<'_>, WebError> {
    let (id, draft) = (view.referral.id, &view.referral.body);
    let sibling = draft.sibling(child).ok_or(ServiceError::NotFound)?;
    let member = draft.family.iter().find(|member| member.id == person).ok_or(ServiceError::NotFound)?;
    let apart = sibling.relations.contains_key(&person);
    let names: Vec<&str> =
        Asks::SiblingRelation.items().iter().flat_map(|item| item.fields().iter().copied()).collect();
    let now = || draft.member_fields(sibling, person).only(|name| names.contains(&name));
    let action = format!("/referrals/{id}/children/{child}/family/{person}");
    Ok(SectionShown {
        title: "How somebody stands to a brother or sister",
        heading: format!("How {} stands to {}", name_of(member), sibling.shown_name()),
        back: format!("/referrals/{id}/children/{child}/family"),
        asks: Asks::SiblingRelation,
        version: view.referral.version,
        typed: typed.unwrap_or_else(now),
        problems: Vec::new(),
        theirs: None,
        draft,
        remove: apart.then(|| (format!("{action}/same"), "The same as to the first child")),
        another: None,
        action,
    })
}

/// GET /referrals/{id}/children/{child}/family/{person}
pub(crate) async fn relation(
    signed: Signed,
    Path((id, child, person)): Path<(ReferralId, ChildId, PersonId)>,
) -> Answer {
    let view = signed.delivery().referral(id).await?;
    if !view.may_edit {
        return see_other(&format!("/referrals/{id}/answers"));
    }
    let mut shown = relation_shown(&view, (child, person), None)?;
    if shown.remove.is_some() {
        shown.problems = relation_problems(&shown.typed, signed.app.service.today());
    }
    Ok(with_status(section_page(&signed, shown)?, StatusCode::OK))
}

/// POST /referrals/{id}/children/{child}/family/{person}
pub(crate) async fn save_relation(
    Path((id, child, person)): Path<(ReferralId, ChildId, PersonId)>,
    posted: Posted,
) -> Answer {
    let desk = posted.signed.delivery();
    let version = posted.fields.get("version").parse().unwrap_or(0);
    let typed = posted.fields.only(|name| name != "version" && name != "then");
    match desk.save_relation(id, (child, person), Some(&typed), version).await {
        Ok(saved) if saved.problems.is_empty() || posted.fields.get("then") == "leave" => {
            see_other(&format!("/referrals/{id}/children/{child}/family"))
        }
        Ok(saved) => {
            let view = desk.referral(id).await?;
            let shown = relation_shown(&view, (child, person), Some(typed))?;
            section_page(&posted.signed, SectionShown { problems: saved.problems, ..shown })
        }
        Err(ServiceError::Conflict { theirs, .. }) => {
            let view = desk.referral(id).await?;
            let shown = relation_shown(&view, (child, person), Some(typed))?;
            section_page(&posted.signed, SectionShown { theirs: Some(*theirs), ..shown })
        }
        Err(ServiceError::Refused(refusal)) => {
            let view = desk.referral(id).await?;
            let rows = of_asked(Asks::SiblingRelation, &typed, &view.referral.body);
            kept(&posted.signed, &format!("/referrals/{id}"), rows, &refusal.to_string())
        }
        Err(error) => Err(error.into()),
    }
}

/// POST /referrals/{id}/children/{child}/family/{person}/same
pub(crate) async fn same(Path((id, child, person)): Path<(ReferralId, ChildId, PersonId)>, posted: Posted) -> Answer {
    let version = posted.fields.get("version").parse().unwrap_or(0);
    match posted.signed.delivery().save_relation(id, (child, person), None, version).await {
        Ok(_) => see_other(&format!("/referrals/{id}/children/{child}/family")),
        // Somebody has changed it meanwhile: it is shown as it is now.
        Err(ServiceError::Conflict { .. }) => see_other(&format!("/referrals/{id}/children/{child}/family/{person}")),
        Err(error) => Err(error.into()),
    }
}

fn removing(signed: &Signed, view: &ReferralView, child: ChildId, form: FormView) -> Result<ReasonPage, WebError> {
    let id = view.referral.id;
    let own = view.referral.body.own_of(child, view.referral.child).ok_or(ServiceError::NotFound)?;
    let page = Page::new(signed, "Take a child off this referral", "/referrals").back(format!("/referrals/{id}"));
    Ok(ReasonPage {
        page: page.with_error(form.has_problems()),
        heading: format!("Take {} off this referral", own.shown_name()),
        form,
        action: format!("/referrals/{id}/children/{child}/remove"),
        label: "Why is the child taken off?",
        hint: "What was typed about the child is kept with this. The other children stay on the referral",
        ends: true,
        button: "Take the child off",
    })
}

/// GET /referrals/{id}/children/{child}/remove
pub(crate) async fn ask_remove(signed: Signed, Path((id, child)): Path<(ReferralId, ChildId)>) -> Answer {
    let view = signed.delivery().referral(id).await?;
    render(&removing(&signed, &view, child, FormView::default())?)
}

/// POST /referrals/{id}/children/{child}/remove
pub(crate) async fn remove(Path((id, child)): Path<(ReferralId, ChildId)>, posted: Posted) -> Answer {
    let desk = posted.signed.delivery();
    let taken = match Ending::read(&posted.fields, "Why the child is taken off") {
        Ok(ending) => desk.take_child_off_referral(id, child, &ending).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    match taken {
        Ok(()) => see_other(&format!("/referrals/{id}?done=child-off")),
        Err(ServiceError::Invalid(problems)) => {
            let view = desk.referral(id).await?;
            let form = FormView::with(posted.fields, problems);
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &removing(&posted.signed, &view, child, form)?)
        }
        Err(error) => Err(error.into()),
    }
}
