//! The phone call laid out as a script.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use kith_domain::calendar;
use kith_domain::form::Fields;
use kith_domain::ids::ReferralId;
use kith_domain::referral::{ReferralDraft, ReferralState};
use kith_domain::verification::{Item, Outcome};
use kith_service::ServiceError;
use kith_service::verification::{VerificationView, standing};

use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::answers::{name_of, of_fields};
use crate::referral::forms::fields;
use crate::referral::list::Done;
use crate::referral::tag;
use crate::ui::{FormView, Html, Page, Step, Tag, render, render_with, see_other, stages};

#[derive(Template)]
#[template(path = "verification/show.html")]
struct ShowPage {
    page: Page,
    id: ReferralId,
    child: String,
    tag: Tag,
    steps: Vec<Step>,
    begun: bool,
    whom: Option<(String, String)>,
    calls: Vec<String>,
    items: Vec<ItemView>,
    missing: Vec<String>,
    not_known: bool,
    call_form: FormView,
    override_form: FormView,
    decided_despite: Option<(String, String)>,
    may_decide: bool,
    may_override: bool,
    same: Vec<(String, String)>,
    overdue: bool,
    verify_by: Option<String>,
}

struct ItemView {
    code: String,
    title: String,
    question: &'static str,
    rows: Vec<(String, String)>,
    answer: Option<(Tag, String)>,
    old: Vec<(String, String)>,
}

fn title(item: Item, form: &ReferralDraft) -> String {
    item.title(|person| form.family.iter().find(|member| member.id == person).map(name_of))
}

fn item_view(item: Item, view: &VerificationView, signed: &Signed) -> ItemView {
    let referral = &view.referral.referral;
    let now = standing(referral, item).unwrap_or_default();
    let answered = view.verification.answer(item, &referral.body);
    let answer = answered.map(|answered| {
        let kind = match answered.outcome {
            Outcome::Confirmed => "verified",
            Outcome::Corrected => "accepted",
            Outcome::NotKnown => "not-known",
        };
        let by = signed.app.service.name_of(answered.by);
        let tag = Tag { kind, words: answered.outcome.label().to_owned() };
        (tag, format!("{by}, {}", calendar::long_instant(answered.at_ms)))
    });
    let old = answered.and_then(|answered| answered.old.as_ref()).map(|old| {
        let rows = of_fields(old, &referral.body, item.fields());
        let new = of_fields(&now, &referral.body, item.fields());
        rows.into_iter().filter(|row| !new.contains(row)).collect()
    });
    ItemView {
        code: item.code(),
        title: title(item, &referral.body),
        question: item.question(),
        rows: of_fields(&now, &referral.body, item.fields()),
        answer,
        old: old.unwrap_or_default(),
    }
}

async fn page(
    signed: &Signed,
    id: ReferralId,
    call_form: FormView,
    override_form: FormView,
    done: Option<&'static str>,
) -> Result<ShowPage, WebError> {
    let desk = signed.delivery();
    let view = desk.verification(id).await?;
    let state = view.referral.referral.state;
    let same = if view.referral.may_decide { desk.may_be_the_same(id).await? } else { Vec::new() };
    let same = same.into_iter().map(|listed| {
        let born = listed.child.body.facts.as_ref().map(|facts| facts.birth.label()).unwrap_or_default();
        (format!("/children/{}", listed.child.id), format!("{}, {born}", listed.child.name()))
    });
    let calls = view.verification.calls.iter().map(|call| {
        let reached =
            if call.reached { format!("spoke for {} minutes", call.minutes) } else { "not reached".to_owned() };
        let caller = signed.app.service.name_of(call.caller);
        let note = call.note.as_ref().map_or_else(String::new, |note| format!(". {note}"));
        format!(
            "{}: {caller} called {} on {}, {reached}{note}",
            calendar::long_instant(call.at_ms),
            call.called,
            call.number
        )
    });
    let despite = view.verification.accepted_despite.as_ref().map(|despite| {
        let by = signed.app.service.name_of(despite.by);
        (format!("{by}, {}", calendar::long_instant(despite.at_ms)), despite.reason.clone())
    });
    let wrong = call_form.has_problems() || override_form.has_problems();
    Ok(ShowPage {
        page: Page::new(signed, "Verify by phone", "/referrals").back("/referrals").with_error(wrong).with_done(done),
        id,
        child: view.referral.referral.body.child_name(),
        tag: tag(state),
        steps: stages(1),
        begun: state == ReferralState::BeingVerified,
        whom: view.directory.as_ref().map(|card| (card.name.clone(), card.phone.clone())),
        calls: calls.collect(),
        items: view.items.iter().map(|item| item_view(*item, &view, signed)).collect(),
        missing: view.missing.clone(),
        not_known: !view.verification.not_known(&view.referral.referral.body).is_empty(),
        call_form,
        override_form,
        decided_despite: despite,
        may_decide: view.referral.may_decide,
        may_override: view.referral.may_override,
        same: same.collect(),
        overdue: view.referral.overdue,
        verify_by: view.referral.verify_by_ms.map(|by| calendar::long_date(calendar::in_london(by).date())),
    })
}

/// GET /referrals/{id}/verification
pub(crate) async fn show(signed: Signed, Path(id): Path<ReferralId>, Query(done): Query<Done>) -> Answer {
    let page = page(&signed, id, FormView::default(), FormView::default(), done.words()).await?;
    render(&page)
}

fn to(id: ReferralId, done: &str, item: &str) -> Answer {
    let anchor = if item.is_empty() { String::new() } else { format!("#item-{item}") };
    see_other(&format!("/referrals/{id}/verification?done={done}{anchor}"))
}

/// POST /referrals/{id}/verification: take it up.
pub(crate) async fn begin(Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    posted.signed.delivery().begin_verification(id).await?;
    see_other(&format!("/referrals/{id}/verification"))
}

/// POST /referrals/{id}/verification/call
pub(crate) async fn call(Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    match posted.signed.delivery().record_call(id, &posted.fields).await {
        Ok(()) => to(id, "call", ""),
        Err(ServiceError::Invalid(problems)) => {
            let form = FormView::with(posted.fields, problems);
            let page = page(&posted.signed, id, form, FormView::default(), None).await?;
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// POST /referrals/{id}/verification/override
pub(crate) async fn accept_despite(Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    match posted.signed.delivery().accept_despite(id, &posted.fields).await {
        Ok(()) => to(id, "overridden", ""),
        Err(ServiceError::Invalid(problems)) => {
            let form = FormView::with(posted.fields, problems);
            let page = page(&posted.signed, id, FormView::default(), form, None).await?;
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// POST /referrals/{id}/verification/items/{item}/answer
pub(crate) async fn answer(Path((id, code)): Path<(ReferralId, String)>, posted: Posted) -> Answer {
    let item = Item::from_code(&code).ok_or(ServiceError::NotFound)?;
    let outcome = Outcome::from_code(posted.fields.get("outcome")).ok_or(ServiceError::NotFound)?;
    posted.signed.delivery().answer_item(id, item, outcome).await?;
    to(id, "answered", &code)
}

#[derive(Template)]
#[template(path = "verification/correct.html")]
struct CorrectPage {
    page: Page,
    form: FormView,
    action: String,
    fields: Html,
    question: &'static str,
}

async fn correct_page(
    signed: &Signed,
    id: ReferralId,
    code: &str,
    typed: Option<(Fields, Vec<kith_domain::form::Problem>)>,
) -> Result<CorrectPage, WebError> {
    let item = Item::from_code(code).ok_or(ServiceError::NotFound)?;
    let view = signed.delivery().verification(id).await?;
    let referral = &view.referral.referral;
    let form = match typed {
        Some((fields, problems)) => FormView::with(fields, problems),
        None => FormView::new(standing(referral, item).ok_or(ServiceError::NotFound)?),
    };
    let held = signed.app.service.register().items();
    let fields = fields(item.stands_in().0, &form, &referral.body, held);
    let page = Page::new(signed, "Correct what the form says", "/referrals");
    Ok(CorrectPage {
        page: page.back(format!("/referrals/{id}/verification#item-{code}")).with_error(form.has_problems()),
        form,
        action: format!("/referrals/{id}/verification/items/{code}"),
        fields,
        question: item.question(),
    })
}

/// GET /referrals/{id}/verification/items/{item}
pub(crate) async fn correction(signed: Signed, Path((id, code)): Path<(ReferralId, String)>) -> Answer {
    render(&correct_page(&signed, id, &code, None).await?)
}

/// POST /referrals/{id}/verification/items/{item}
pub(crate) async fn correct(Path((id, code)): Path<(ReferralId, String)>, posted: Posted) -> Answer {
    let item = Item::from_code(&code).ok_or(ServiceError::NotFound)?;
    match posted.signed.delivery().correct_item(id, item, &posted.fields).await {
        Ok(()) => to(id, "corrected", &code),
        Err(ServiceError::Invalid(problems)) => {
            let page = correct_page(&posted.signed, id, &code, Some((posted.fields, problems))).await?;
            render_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(error) => Err(error.into()),
    }
}
