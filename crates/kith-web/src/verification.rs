//! The phone call laid out as a script.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use kith_domain::calendar;
use kith_domain::form::{Fields, Words};
use kith_domain::ids::ReferralId;
use kith_domain::referral::ReferralState;
use kith_domain::verification::{Answered, CallFacts, Item, Outcome};
use kith_service::ServiceError;
use kith_service::verification::VerificationView;

use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::answers::of_item;
use crate::referral::forms::{Asks, fields};
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
    open: bool,
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
    same: Option<String>,
    overdue: bool,
    verify_by: Option<String>,
    may_take_off: Vec<(String, String)>,
}

struct ItemView {
    code: String,
    title: String,
    question: &'static str,
    rows: Vec<(String, String)>,
    answer: Option<(Tag, String)>,
    history: Vec<Told>,
}

/// One answer, kept for ever.
struct Told {
    tag: Tag,
    who: String,
    changes: Vec<(String, String)>,
}

fn item_view(item: Item, view: &VerificationView, signed: &Signed) -> ItemView {
    let now = item.section_of(&view.form).unwrap_or_default();
    let answer = view.verification.answer(item, &view.form).map(|answered| {
        let by = signed.app.service.name_of(answered.by);
        (outcome_tag(answered.outcome), format!("{by}, {}", calendar::long_instant(answered.at_ms)))
    });
    ItemView {
        code: item.code(),
        title: item.title(&view.form),
        question: item.question(),
        rows: of_item(item, &now, &view.form),
        answer,
        history: view.verification.answers_to(item).map(|answered| told(item, answered, view, signed)).collect(),
    }
}

/// How many possible matches there are, and how many of them have no answer.
fn possible(of: &kith_service::referral::Matches) -> Option<String> {
    if !of.joined.is_empty() {
        return Some("This referral joined the file of a child who was held".to_owned());
    }
    let matches = &of.matches;
    if !of.open && matches.iter().all(|of| of.answer.is_none()) {
        return None;
    }
    let open = matches.iter().filter(|of| of.answer.is_none()).count();
    let many = |count: usize| if count == 1 { "1 person".to_owned() } else { format!("{count} people") };
    let answered = match open {
        0 => "all are answered".to_owned(),
        open => format!("{open} without an answer"),
    };
    (!matches.is_empty()).then(|| format!("{} in files you see may be the same: {answered}", many(matches.len())))
}

fn outcome_tag(outcome: Outcome) -> Tag {
    let kind = match outcome {
        Outcome::Confirmed => "verified",
        Outcome::Corrected => "accepted",
        Outcome::NotKnown => "not-known",
    };
    Tag { kind, words: outcome.label().to_owned() }
}

/// Each child's name, and where the child is taken off.
fn taking_off(id: ReferralId, view: &VerificationView) -> Vec<(String, String)> {
    let referral = &view.referral.referral;
    let own =
        referral.children().into_iter().filter_map(|child| Some((child, view.form.own_of(child, referral.child)?)));
    own.map(|(child, own)| (own.shown_name(), format!("/referrals/{id}/children/{child}/remove"))).collect()
}

/// What the call established of an item: who said it to whom, on which number, and from what to what.
fn told(item: Item, answered: &Answered, view: &VerificationView, signed: &Signed) -> Told {
    let by = signed.app.service.name_of(answered.by);
    let call =
        view.verification.call_of(answered).map(|call| format!(", who spoke to {} on {}", call.called, call.number));
    let who = format!("{by}{}, {}", call.unwrap_or_default(), calendar::long_instant(answered.at_ms));
    let changes = match (&answered.old, &answered.new) {
        (Some(old), Some(new)) => {
            let (old, new) = (of_item(item, old, &view.form), of_item(item, new, &view.form));
            let find = |rows: &[(String, String)], label: &str| {
                rows.iter().find(|row| row.0 == label).map_or_else(|| "nothing".to_owned(), |row| row.1.clone())
            };
            let mut labels: Vec<&String> = old.iter().chain(&new).map(|row| &row.0).collect();
            labels.dedup();
            let mut changes: Vec<(String, String)> = Vec::new();
            for label in labels {
                let (was, is) = (find(&old, label), find(&new, label));
                if was != is && !changes.iter().any(|known| known.0 == *label) {
                    changes.push((label.clone(), format!("from “{was}” to “{is}”")));
                }
            }
            changes
        }
        _ => Vec::new(),
    };
    Told { tag: outcome_tag(answered.outcome), who, changes }
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
    let compared = matches!(state, ReferralState::Submitted | ReferralState::BeingVerified | ReferralState::Accepted);
    let same = if view.referral.may_decide && compared { possible(&desk.matches(id).await?) } else { None };
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
        child: view.form.children_names(),
        may_take_off: taking_off(id, &view),
        tag: tag(state),
        steps: stages(1),
        begun: view.begun,
        open: state == ReferralState::BeingVerified,
        whom: view.directory.as_ref().map(|card| (card.name.clone(), card.phone.clone())),
        calls: calls.collect(),
        items: view.items.iter().map(|item| item_view(*item, &view, signed)).collect(),
        missing: view.missing.clone(),
        not_known: !view.verification.not_known(&view.form).is_empty(),
        call_form,
        override_form,
        decided_despite: despite,
        may_decide: view.referral.may_decide,
        may_override: view.referral.may_override,
        same,
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
    let kept = match CallFacts::read(&posted.fields) {
        Ok(call) => posted.signed.delivery().record_call(id, &call).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    match kept {
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
    let label = "Why it may be accepted although something is not known";
    let decided = match Words::read(&posted.fields, "reason", label) {
        Ok(reason) => posted.signed.delivery().accept_despite(id, &reason).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    match decided {
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
    title: String,
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
    let form = match typed {
        Some((fields, problems)) => FormView::with(fields, problems),
        None => FormView::new(item.section_of(&view.form).ok_or(ServiceError::NotFound)?),
    };
    let held = signed.app.service.register().items();
    let fields = fields(Asks::of_item(item), &form, &view.form, held);
    let page = Page::new(signed, "Correct what the form says", "/referrals");
    Ok(CorrectPage {
        page: page.back(format!("/referrals/{id}/verification#item-{code}")).with_error(form.has_problems()),
        form,
        action: format!("/referrals/{id}/verification/items/{code}"),
        fields,
        title: item.title(&view.form),
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
