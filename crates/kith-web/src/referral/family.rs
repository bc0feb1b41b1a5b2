//! Family members of a referral, a page each.

use axum::extract::Path;
use axum::http::StatusCode;
use kith_domain::form::Fields;
use kith_domain::ids::{PersonId, ReferralId};
use kith_domain::referral::{ReferralDraft, Section};
use kith_service::ServiceError;
use uuid::Uuid;

use super::answers::readable;
use super::forms::{Asks, goes_on};
use super::write::{SectionShown, section_page, with_status};
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{kept, see_other};

fn shown(id: ReferralId, person: PersonId, draft: &ReferralDraft, version: i64, typed: Fields) -> SectionShown<'_> {
    let known = draft.family.iter().any(|member| member.id == person);
    let title = if known { "Family member" } else { "Add a family member" };
    SectionShown {
        title,
        heading: title.to_owned(),
        action: format!("/referrals/{id}/family/{person}"),
        back: format!("/referrals/{id}"),
        asks: Asks::Section(Section::Family),
        version,
        typed,
        problems: Vec::new(),
        theirs: None,
        draft,
        remove: known.then(|| (format!("/referrals/{id}/family/{person}/remove"), "Take this person off the referral")),
        another: Some("Save and add another person"),
    }
}

/// GET /referrals/{id}/family/new
pub(crate) async fn new(signed: Signed, Path(id): Path<ReferralId>) -> Answer {
    let view = signed.delivery().referral(id).await?;
    if !view.may_edit {
        return see_other(&format!("/referrals/{id}/answers"));
    }
    let person = PersonId(Uuid::now_v7());
    section_page(&signed, shown(id, person, &view.referral.body, view.referral.version, Fields::default()))
}

/// GET /referrals/{id}/family/{person}
pub(crate) async fn show(signed: Signed, Path((id, person)): Path<(ReferralId, PersonId)>) -> Answer {
    let view = signed.delivery().referral(id).await?;
    if !view.may_edit {
        return see_other(&format!("/referrals/{id}/answers"));
    }
    let draft = &view.referral.body;
    let member = draft.family.iter().find(|member| member.id == person).ok_or(ServiceError::NotFound)?;
    let mut shown = shown(id, person, draft, view.referral.version, member.fields.clone());
    shown.problems = draft.problems_of_member(member, signed.app.service.today());
    Ok(with_status(section_page(&signed, shown)?, StatusCode::OK))
}

/// POST /referrals/{id}/family/{person}
pub(crate) async fn save(Path((id, person)): Path<(ReferralId, PersonId)>, posted: Posted) -> Answer {
    let desk = posted.signed.delivery();
    let version = posted.fields.get("version").parse().unwrap_or(0);
    let typed = posted.fields.only(|name| name != "version" && name != "then");
    match desk.save_family_member(id, person, &typed, version).await {
        Ok(saved) if saved.problems.is_empty() || posted.fields.get("then") == "leave" => {
            see_other(&goes_on(id, posted.fields.get("then"), saved.next))
        }
        Ok(saved) => {
            let view = desk.referral(id).await?;
            let mut shown = shown(id, person, &view.referral.body, saved.version, typed);
            shown.problems = saved.problems;
            section_page(&posted.signed, shown)
        }
        Err(ServiceError::Conflict { theirs, version }) => {
            let view = desk.referral(id).await?;
            let mut shown = shown(id, person, &view.referral.body, version, typed);
            shown.theirs = Some(*theirs);
            section_page(&posted.signed, shown)
        }
        // Sent meanwhile, or not to be stored: what was typed is shown, to be copied.
        Err(ServiceError::Refused(refusal)) => {
            let view = desk.referral(id).await?;
            let rows = readable(Section::Family, &typed, &view.referral.body);
            kept(&posted.signed, &format!("/referrals/{id}"), rows, &refusal.to_string())
        }
        Err(error) => Err(error.into()),
    }
}

/// POST /referrals/{id}/family/{person}/remove
pub(crate) async fn remove(Path((id, person)): Path<(ReferralId, PersonId)>, posted: Posted) -> Answer {
    posted.signed.delivery().remove_family_member(id, person).await?;
    see_other(&format!("/referrals/{id}?done=saved"))
}
