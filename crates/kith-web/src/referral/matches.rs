//! Is it somebody you hold already? The possible matches of a referral, each with its answer.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use kith_domain::calendar;
use kith_domain::ids::{ChildId, ReferralId};
use kith_domain::same::{LinkDecision, MatchAnswer, Pair};
use kith_service::ServiceError;
use kith_service::referral::Match;

use crate::error::Answer;
use crate::fact::same::{PartPage, of_said, sides};
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Html, Page, pairs, render_with, see_other};

#[derive(Template)]
#[template(path = "referral/matches.html")]
struct MatchesPage {
    page: Page,
    id: ReferralId,
    caption: String,
    open: bool,
    joined: Vec<(String, String)>,
    form: FormView,
    lines: Vec<Line>,
    further: Vec<Line>,
    /// Whether one of those further down is to be looked at again.
    opened: bool,
    both: Vec<BothLine>,
}

/// Somebody who may be child and relative.
struct BothLine {
    on_form: String,
    name: String,
    to: String,
    words: String,
    why: String,
}

struct Line {
    pair: String,
    to: String,
    on_form: String,
    name: String,
    words: String,
    why: String,
    answer: String,
    risk: bool,
    then: String,
    sides: Html,
    fields: Html,
}

fn line(of: Match, form: &FormView) -> Line {
    let pair = of.pair.code();
    let mine = if form.value("pair") == pair { form.clone() } else { FormView::default() };
    let (question, then) = match of.pair {
        Pair::Child { .. } => (
            "Is it the same child?",
            "If it is, this referral joins that file when it is accepted, and the file goes to the social worker who refers now.",
        ),
        Pair::Person { .. } => ("Is it the same person?", ""),
    };
    let answer = of.answer.map_or_else(String::new, |(said, by)| {
        format!("{}: {by}, {}. {}", said.decision.label(), calendar::long_instant(said.at_ms), said.why)
    });
    let held = if of.referral.is_some() { "On the other referral" } else { "In the file" };
    let of_child = matches!(of.pair, Pair::Child { .. });
    let then = if of.referral.is_some() {
        "It is on another referral, which has no file yet that this one could join."
    } else {
        then
    };
    Line {
        pair,
        to: of.referral.map_or_else(|| format!("/children/{}", of.child), |id| format!("/referrals/{id}")),
        sides: sides(of_child, &of.name, ("On this form", held), (&of.sides.0, &of.sides.1)),
        on_form: of.on_form,
        name: of.name,
        words: of.words,
        why: of.why.join("; "),
        answer,
        risk: of.risk,
        then: then.to_owned(),
        fields: Html::joined(vec![
            mine.radios("decision", question, "", pairs(LinkDecision::CHOICES)),
            mine.textarea("why", "How do you know?", "It is kept with the answer", 2),
        ]),
    }
}

async fn page(signed: &Signed, id: ReferralId, form: FormView) -> Answer {
    let view = signed.delivery().matches(id).await?;
    let status = if form.has_problems() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let both = |of: kith_service::referral::Both| BothLine {
        on_form: of.on_form,
        name: of.name,
        to: format!("/children/{}", of.child),
        words: of.words,
        why: of.why.join("; "),
    };
    let further: Vec<Line> = view.further.into_iter().map(|of| line(of, &form)).collect();
    let template = MatchesPage {
        page: Page::new(signed, "Is it somebody you hold already?", "/referrals")
            .back(format!("/referrals/{id}/verification"))
            .with_error(form.has_problems()),
        id,
        caption: view.children,
        open: view.open,
        joined: view.joined.into_iter().map(|(held, name)| (name, format!("/referrals/{id}/part/{held}"))).collect(),
        lines: view.matches.into_iter().map(|of| line(of, &form)).collect(),
        opened: further.iter().any(|line| form.value("pair") == line.pair),
        further,
        both: view.both.into_iter().map(both).collect(),
        form,
    };
    render_with(status, &template)
}

/// GET /referrals/{id}/matches
pub(crate) async fn show(signed: Signed, Path(id): Path<ReferralId>) -> Answer {
    page(&signed, id, FormView::default()).await
}

/// POST /referrals/{id}/matches
pub(crate) async fn answer(Path(id): Path<ReferralId>, posted: Posted) -> Answer {
    let answered = match MatchAnswer::read(&posted.fields) {
        Ok(said) => posted.signed.delivery().answer_match(id, &said).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    match answered {
        Ok(()) => see_other(&format!("/referrals/{id}/matches")),
        Err(ServiceError::Invalid(problems)) => page(&posted.signed, id, FormView::with(posted.fields, problems)).await,
        Err(error) => Err(error.into()),
    }
}

async fn part_page(signed: &Signed, (id, held): (ReferralId, ChildId), form: FormView, refused: String) -> Answer {
    let view = signed.delivery().parting(id, held).await?;
    let options = vec![
        ("one".to_owned(), format!("{}, whose file it is", view.child)),
        ("other".to_owned(), "The child who was referred".to_owned()),
        ("both".to_owned(), "Both".to_owned()),
    ];
    let said = view.said.into_iter().map(|said| of_said(said, &form, "About which child is this?", &options)).collect();
    PartPage {
        page: Page::new(signed, "It is another child after all", "/referrals").back(format!("/referrals/{id}/matches")),
        action: format!("/referrals/{id}/part/{held}"),
        caption: view.child,
        text: "The referral gets a file of its own, with what it and the call said, and this file is as it was before. Risk \
               assessments that became void stay void.",
        question: "How do you know that it is another child?",
        button: "Take the referral out of this file",
        form,
        refused,
        said,
    }
    .answer()
}

/// GET /referrals/{id}/part/{child}
pub(crate) async fn ask_part(signed: Signed, Path(of): Path<(ReferralId, ChildId)>) -> Answer {
    part_page(&signed, of, FormView::default(), String::new()).await
}

/// POST /referrals/{id}/part/{child}
pub(crate) async fn part(Path(of): Path<(ReferralId, ChildId)>, posted: Posted) -> Answer {
    match posted.signed.delivery().part_referral(of.0, of.1, &posted.fields).await {
        Ok(child) => see_other(&format!("/children/{child}?done=changed")),
        Err(ServiceError::Invalid(problems)) => {
            part_page(&posted.signed, of, FormView::with(posted.fields, problems), String::new()).await
        }
        Err(ServiceError::Refused(refusal)) if refusal.code == "referral.made_since" => {
            part_page(&posted.signed, of, FormView::new(posted.fields), refusal.to_string()).await
        }
        Err(error) => Err(error.into()),
    }
}
