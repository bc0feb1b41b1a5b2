//! What is decided of a request in one place in which somebody is held, and using again what was restricted by it.

use askama::Template;
use axum::extract::{Path, Query};
use kith_domain::form::{Problem, lower_first};
use kith_domain::ids::{RequestId, StatementId};
use kith_domain::rights::{Act, ActKind, Ground, Place, Right, UseOf, Verdict};
use kith_service::ServiceError;
use kith_service::rights::{PlaceView, WentWrong};
use serde::Deserialize;
use uuid::Uuid;

use super::desk;
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::ui::{FormView, Html, Options, Page, ReasonPage, pairs, render_with, see_other};

/// Which place: ids alone.
#[derive(Deserialize, Default)]
pub(crate) struct Which {
    #[serde(default)]
    place: String,
}

impl Which {
    fn place(&self) -> Result<Place, ServiceError> {
        Place::from_code(&self.place).ok_or(ServiceError::NotFound)
    }
}

#[derive(Template)]
#[template(path = "rights/decide.html")]
struct DecidePage {
    page: Page,
    request: RequestId,
    place: String,
    id: Uuid,
    what: &'static str,
    name: String,
    stands: String,
    asked: String,
    warnings: Vec<&'static str>,
    kept: Option<String>,
    /// What was done here: in words, and where it is used again, if it is restricted still.
    done: Vec<(String, String)>,
    went: Vec<WentWrong>,
    /// What is protected, and so not offered.
    protects: String,
    why_not: Option<String>,
    questions: Html,
    form: FormView,
}

fn questions(view: &PlaceView, form: &FormView) -> Html {
    let right = view.request.body.asked.right;
    let by_words = view.by_words;
    let mut parts = Vec::new();
    if right == Right::Objection {
        let reveal = if by_words {
            Vec::new()
        } else {
            let kinds: Options = crate::sharing::kinds();
            vec![
                (
                    "sharing",
                    form.checkboxes(
                        "recipients",
                        "Who gets nothing any more?",
                        "Only if you do what they ask, or a part of it. What the law demands goes on",
                        kinds,
                    ),
                ),
                ("facts", items(view, form, "What is not used any more?")),
            ]
        };
        parts.push(form.radios_reveal("to", "What do they object to?", "", pairs(UseOf::CHOICES), reveal));
        parts.push(form.textarea(
            "theirs",
            "What weighs for them?",
            "They read it: their situation, what harm it does",
            3,
        ));
        parts.push(form.textarea(
            "ours",
            "What weighs for going on?",
            "They read it: whom it protects, which duty it serves",
            3,
        ));
    }
    if !by_words {
        match right {
            Right::Restriction => parts.push(items(view, form, "What is not used any more?")),
            Right::Erasure | Right::Consent => parts.push(consents(view, form)),
            Right::Rectification => {
                let said = view.said.iter().map(|of| (of.id.to_string(), format!("{}: {}", of.what, of.source)));
                parts.push(form.checkboxes(
                    "statements",
                    "By what was it put right?",
                    "What was said of them since the request came. The social worker or the coordinator changes what the file says",
                    said.collect(),
                ));
                parts.push(items(view, form, "Beside what is it noted that they see it otherwise?"));
            }
            _ => {}
        }
    }
    if by_words || right == Right::Rectification {
        parts.push(form.textarea(
            "elsewhere",
            if by_words { "What is done, and by whom?" } else { "Was something done elsewhere?" },
            if by_words {
                "They read it"
            } else {
                "A record, a report or an order: what was added to it, and by whom. They read it"
            },
            3,
        ));
    }
    let grounds: Options = Ground::ALL.iter().map(|of| (of.code().to_owned(), of.label().to_owned())).collect();
    parts.push(form.radios("verdict", "What do you decide?", "", pairs(Verdict::CHOICES)));
    parts.push(form.select(
        "ground",
        "Why is it not done, or not all of it?",
        "Leave it empty if you do all of it",
        grounds,
    ));
    parts.push(form.textarea(
        "reason",
        "Why?",
        "They read it in the answer: plain words, and nothing about anybody else",
        5,
    ));
    Html::joined(parts)
}

fn items(view: &PlaceView, form: &FormView, label: &str) -> Html {
    let restricts = view.request.body.asked.right != Right::Rectification;
    let offered = view.facts.iter().filter(|of| of.may_restrict || !restricts);
    let options = offered.map(|of| (of.item.key(), format!("{}: {}", of.item.label, of.words))).collect();
    let hint = if restricts {
        "It is kept and shown to nobody who works with the file: on no page, in no list, search, plan, paper or extract"
    } else {
        "It stands as it is, and says so wherever it is read"
    };
    form.checkboxes("items", label, hint, options)
}

fn consents(view: &PlaceView, form: &FormView) -> Html {
    let options = view.consents.iter().map(|of| {
        let duty = if of.rests_on_duty() {
            ". What such a recipient gets rests on a duty and goes on: tell them so"
        } else {
            ""
        };
        (of.said.id.to_string(), format!("{}{duty}", of.said.body.question()))
    });
    form.checkboxes(
        "consents",
        "Which consents go?",
        "What rests on consent stops at once. What the law has us keep stays until its time is over",
        options.collect(),
    )
}

fn page(signed: &Signed, view: PlaceView, id: Uuid, form: FormView, done: Option<&'static str>) -> Answer {
    let request = view.request.id;
    let body = &view.request.body;
    let open: Vec<Uuid> = body.restrictions().filter_map(|(_, act)| act.row).collect();
    let acts = body.decisions().filter(|(_, of)| of.place == view.place).flat_map(|(_, of)| &of.acts);
    let line = |act: &Act| {
        let row = act.row.filter(|row| act.kind == ActKind::Restricted && open.contains(row));
        let to = row.map_or_else(String::new, |row| format!("/requests/{request}/use-again/{row}"));
        (format!("{}: {}", act.kind.label(), act.what), to)
    };
    let restricts = body.asked.right == Right::Restriction || body.asked.right == Right::Objection;
    let protected = view.facts.iter().filter(|of| restricts && !of.may_restrict).map(|of| lower_first(of.item.label));
    let protected: Vec<String> = protected.collect();
    let template = DecidePage {
        page: Page::new(signed, "What is decided and done", "/requests")
            .back(format!("/requests/{request}"))
            .with_error(form.has_problems())
            .with_done(done),
        request,
        place: view.place.code(),
        id,
        what: body.asked.right.label(),
        done: acts.map(line).collect(),
        asked: body.asked.what.clone(),
        protects: kith_domain::words::in_words(&protected),
        questions: questions(&view, &form),
        name: view.name,
        stands: view.stands,
        warnings: view.warnings,
        kept: view.kept,
        went: view.went,
        why_not: view.why_not,
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /requests/{id}/decide
pub(crate) async fn ask(
    signed: Signed,
    Path(id): Path<RequestId>,
    Query(which): Query<Which>,
    Query(done): Query<Done>,
) -> Answer {
    // Who may not read requests is told nothing about places.
    let place = which.place();
    let desk = desk(&signed);
    let view = match place {
        Ok(place) => desk.request_place(id, place).await?,
        Err(error) => {
            desk.request(id).await?;
            return Err(error.into());
        }
    };
    page(&signed, view, Uuid::now_v7(), FormView::default(), done.words())
}

/// POST /requests/{id}/decide
pub(crate) async fn say(Path(id): Path<RequestId>, posted: Posted) -> Answer {
    let desk = desk(&posted.signed);
    let form: Uuid = posted.fields.get("id").parse().unwrap_or_else(|_| Uuid::now_v7());
    let Some(place) = Place::from_code(posted.fields.get("place")) else {
        desk.request(id).await?;
        return Err(ServiceError::NotFound.into());
    };
    let problems = match desk.decide_request(id, place, form, &posted.fields).await {
        Ok(()) => return see_other(&format!("/requests/{id}/decide?place={}&done=decided", place.code())),
        Err(ServiceError::Invalid(problems)) => problems,
        // What stands against it is said beside what was typed, which is not lost.
        Err(ServiceError::Refused(refusal)) => vec![Problem::new("verdict", refusal.words)],
        Err(error) => return Err(error.into()),
    };
    let view = desk.request_place(id, place).await?;
    page(&posted.signed, view, form, FormView::with(posted.fields, problems), None)
}

fn again_page(signed: &Signed, id: RequestId, of: StatementId, form: FormView) -> Answer {
    let page = ReasonPage {
        page: Page::new(signed, "Use it again", "/requests").back(format!("/requests/{id}")),
        form,
        action: format!("/requests/{id}/use-again/{of}"),
        text: "Whoever asked must be told before it is used again (UK GDPR Article 18(3)). From then on it stands on the file as before.",
        name: "why",
        label: "Why is it used again, and when and how were they told?",
        hint: "It is kept with the request and with the file",
        button: "Use it again",
    };
    page.answer()
}

/// GET /requests/{id}/use-again/{statement}
pub(crate) async fn ask_again(signed: Signed, Path((id, of)): Path<(RequestId, StatementId)>) -> Answer {
    desk(&signed).restricted_by(id, of).await?;
    again_page(&signed, id, of, FormView::default())
}

/// POST /requests/{id}/use-again/{statement}
pub(crate) async fn again(Path((id, of)): Path<(RequestId, StatementId)>, posted: Posted) -> Answer {
    let desk = desk(&posted.signed);
    match desk.use_again_by_request(id, of, &posted.fields).await {
        Ok(()) => see_other(&format!("/requests/{id}?done=used-again")),
        Err(ServiceError::Invalid(problems)) => {
            desk.restricted_by(id, of).await?;
            again_page(&posted.signed, id, of, FormView::with(posted.fields, problems))
        }
        Err(error) => Err(error.into()),
    }
}
