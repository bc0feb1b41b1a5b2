//! One disclosure: what went, how it was given to them, that they were told it was wrong, that it was asked back.

use askama::Template;
use axum::extract::{Path, Query};
use kith_domain::calendar::{long_date, long_instant};
use kith_domain::form::Words;
use kith_domain::ids::{DisclosureId, StatementId};
use kith_domain::sharing::RecallOutcome;
use kith_service::ServiceError;
use kith_service::sharing::{DisclosureView, For};

use super::recalled;
use crate::collect::{new_code, way};
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::report::{attached, pdf};
use crate::ui::{FormView, Html, Page, ReasonPage, Tag, pairs, render_with, see_other};

#[derive(Template)]
#[template(path = "sharing/disclosure.html")]
struct ShowPage {
    page: Page,
    id: DisclosureId,
    name: String,
    recipient: String,
    tag: Tag,
    facts: Vec<(&'static str, String)>,
    went: Vec<String>,
    /// The whole papers that went: number, what each is, its digest.
    enclosed: Vec<(i64, String, String)>,
    stayed: Vec<(String, &'static str)>,
    /// What was wrong: words, whether they were told, and where that is written down.
    wrong: Vec<WrongRow>,
    recalled: bool,
    /// The ways in which the recipient can take it, in words.
    ways: Vec<(String, Tag)>,
    /// Why no way can be made; empty unless that was asked.
    no_way: String,
    to_answer: bool,
    may_change: bool,
    /// Which of the forms was sent: its problems stand there.
    form: FormView,
    which: &'static str,
}

struct WrongRow {
    words: String,
    told: String,
    statement: StatementId,
}

impl ShowPage {
    fn encrypt(&self) -> Html {
        let blank = FormView::default();
        let form = if self.which == "file" { &self.form } else { &blank };
        let key = form.input(
            "key",
            "Their key",
            "It begins with age1. They make it with age or another program that can read age files",
        );
        let words = form.password(
            "password",
            "Passphrase",
            "At least 16 characters. Tell it to them another way than the file goes, such as by phone. It is not kept",
            "new-password",
        );
        let pdf = form.password(
            "pdf_password",
            "Password",
            "At least 16 characters, such as five words that do not belong together. Tell it to them another way than the file goes. It \
             is not kept",
            "new-password",
        );
        form.radios_reveal(
            "how",
            "What can they open?",
            "",
            pairs(&[
                ("pdf", "A PDF, with a password that I tell them"),
                ("key", "An age file, with the key that they sent us"),
                ("passphrase", "An age file, with a passphrase that I tell them"),
            ]),
            vec![("pdf", pdf), ("key", key), ("passphrase", words)],
        )
    }

    fn answer(&self) -> Html {
        let blank = FormView::default();
        let form = if self.which == "answer" { &self.form } else { &blank };
        Html::joined(vec![
            form.radios("outcome", "What came of it?", "", pairs(RecallOutcome::CHOICES)),
            form.input("said_by", "Who said so?", ""),
            form.date("on", "On which day?", ""),
        ])
    }

    fn tell(&self, of: &WrongRow) -> Html {
        let blank = FormView::default();
        let form = if self.which == "told" && self.form.value("statement") == of.statement.to_string() {
            &self.form
        } else {
            &blank
        };
        Html::joined(vec![form.date("on", "On which day were they told?", ""), form.input("how", "How, and whom?", "")])
    }
}

fn page(
    signed: &Signed,
    view: &DisclosureView,
    which: &'static str,
    form: FormView,
    done: Option<&'static str>,
) -> Answer {
    let of = &view.disclosure;
    let body = &of.body;
    let who = |id| signed.app.service.name_of(id);
    let label = |label: &str, person: Option<kith_domain::ids::PersonId>| match person {
        Some(id) => format!("{}: {}", view.names.name(&id.to_string()), kith_domain::form::lower_first(label)),
        None => label.to_owned(),
    };
    let mut facts = vec![
        ("What for", body.purpose.label().to_owned()),
        ("On what basis", body.basis.label().to_owned()),
        ("Sent by", format!("{}, {}", view.author, long_instant(of.created_ms))),
        ("Digest of the paper (SHA-256)", body.digest.clone()),
    ];
    facts.extend(body.reason.clone().map(|reason| ("Why papers could go that were to be looked through", reason)));
    facts.extend(body.power.clone().map(|power| ("Power", power)));
    for of in &body.deliveries {
        let key = of.key.as_ref().map(|key| format!(", key {key}")).unwrap_or_default();
        facts.push(("Given to them", format!("{}{key}. {}, {}", of.way.label(), who(of.by), long_instant(of.at_ms))));
    }
    if let Some(recall) = &body.recalled {
        facts.push((
            "Asked back",
            format!("{}. {}, {}", recall.why.trim_end_matches('.'), who(recall.by), long_instant(recall.at_ms)),
        ));
        facts.extend(recall.answer.as_ref().map(|answer| {
            ("Their answer", format!("{}. {}, {}", answer.outcome.label(), answer.said_by, long_date(answer.on)))
        }));
    }
    let wrong = view.wrong.iter().map(|of| WrongRow {
        words: format!(
            "{}: {}, {}",
            label(&of.label, of.person),
            match of {
                of if of.disputed => "disputed",
                of if body.enclosed.iter().any(|paper| paper.label == of.label) => "it was corrected or added to since",
                _ => "it was otherwise when it went",
            },
            long_instant(of.recorded_ms)
        ),
        told: of
            .told
            .as_ref()
            .map(|told| format!("Told on {}: {}. {}", long_date(told.on), told.how, who(told.by)))
            .unwrap_or_default(),
        statement: of.statement,
    });
    let template = ShowPage {
        page: Page::new(signed, "Information that was given", "/children")
            .back(format!("/children/{}/sharing", of.child))
            .with_error(form.has_problems())
            .with_done(done),
        id: of.id,
        name: view.child.clone(),
        recipient: body.recipient.clone(),
        tag: recalled(of),
        facts,
        went: body.went().map(|part| label(&part.label, part.person)).collect(),
        enclosed: body
            .went_enclosed()
            .map(|paper| (paper.number, format!("{}. {}", paper.number, paper.label), paper.digest.clone()))
            .collect(),
        stayed: body
            .parts
            .iter()
            .filter_map(|part| Some((label(&part.label, part.person), part.stays?.label())))
            .chain(body.enclosed.iter().filter_map(|paper| Some((paper.label.clone(), paper.stays?.label()))))
            .collect(),
        wrong: wrong.collect(),
        recalled: body.recalled.is_some(),
        ways: view.ways.iter().map(way).collect(),
        no_way: form.error("collect").unwrap_or_default().to_owned(),
        to_answer: body.recalled.as_ref().is_some_and(|recall| recall.answer.is_none()),
        may_change: view.may_change,
        form,
        which,
    };
    render_with(template.form.status(""), &template)
}

/// GET /disclosures/{id}
pub(crate) async fn show(signed: Signed, Path(id): Path<DisclosureId>, Query(done): Query<Done>) -> Answer {
    let view = signed.delivery().disclosure(id).await?;
    page(&signed, &view, "", FormView::default(), done.words())
}

async fn again(posted: &Posted, id: DisclosureId, which: &'static str, error: ServiceError) -> Answer {
    match error {
        ServiceError::Invalid(problems) => {
            let view = posted.signed.delivery().disclosure(id).await?;
            page(&posted.signed, &view, which, FormView::with(posted.fields.clone(), problems), None)
        }
        error => Err(error.into()),
    }
}

/// GET /disclosures/{id}/disclosure.pdf: as it went.
pub(crate) async fn paper(signed: Signed, Path(id): Path<DisclosureId>) -> Answer {
    let purpose = signed.delivery().purpose_of(id).await?;
    let bytes = signed.desk(purpose).disclosure_paper(id).await?;
    Ok(pdf(bytes, &format!("information-{}", id.reference())))
}

/// GET /disclosures/{id}/enclosed/{number}: a whole paper beside it, as it went.
pub(crate) async fn enclosed(signed: Signed, Path((id, number)): Path<(DisclosureId, i64)>) -> Answer {
    let purpose = signed.delivery().purpose_of(id).await?;
    let (name, bytes) = signed.desk(purpose).disclosure_enclosed(id, number).await?;
    Ok(attached("application/octet-stream", &name, bytes))
}

/// POST /disclosures/{id}/file: the same, encrypted for the recipient.
pub(crate) async fn file(Path(id): Path<DisclosureId>, posted: Posted) -> Answer {
    let body = posted.signed.delivery().disclosure(id).await?.disclosure.body;
    let (purpose, several) = (body.purpose, body.went_enclosed().next().is_some());
    let whom = match posted.fields.get("how") {
        "key" => For::Key(posted.fields.get("key").to_owned()),
        "passphrase" => For::Passphrase(posted.fields.get("password").to_owned()),
        "pdf" => For::Pdf(posted.fields.get("pdf_password").to_owned()),
        _ => {
            let error = ServiceError::field("how", "Select what they can open");
            return again(&posted, id, "file", error).await;
        }
    };
    match posted.signed.desk(purpose).encrypted_disclosure(id, &whom).await {
        Ok(bytes) => {
            let name = format!("information-{}.{}", id.reference(), if several { "zip" } else { "pdf" });
            match whom {
                For::Pdf(_) if several => Ok(attached("application/zip", &name, bytes)),
                For::Pdf(_) => Ok(attached("application/pdf", &name, bytes)),
                _ => Ok(attached("application/octet-stream", &format!("{name}.age"), bytes)),
            }
        }
        Err(error) => again(&posted, id, "file", error).await,
    }
}

/// POST /disclosures/{id}/collect: an address and a code for the recipient, shown once.
pub(crate) async fn make_collect(Path(id): Path<DisclosureId>, posted: Posted) -> Answer {
    let purpose = posted.signed.delivery().purpose_of(id).await?;
    match posted.signed.desk(purpose).make_collect(id).await {
        Ok(new) => {
            let back = (format!("/disclosures/{id}"), "Back to what was given");
            new_code(&posted.signed, new, "/children", back)
        }
        Err(ServiceError::Refused(why)) => {
            again(&posted, id, "collect", ServiceError::field("collect", why.to_string())).await
        }
        Err(error) => Err(error.into()),
    }
}

/// POST /disclosures/{id}/collect/back: nobody takes it any more.
pub(crate) async fn take_collect_back(Path(id): Path<DisclosureId>, posted: Posted) -> Answer {
    posted.signed.delivery().take_collect_back(id).await?;
    see_other(&format!("/disclosures/{id}?done=pack-taken-back"))
}

/// POST /disclosures/{id}/handed-over: it was given to them on paper.
pub(crate) async fn handed_over(Path(id): Path<DisclosureId>, posted: Posted) -> Answer {
    posted.signed.delivery().disclosure_handed_over(id).await?;
    see_other(&format!("/disclosures/{id}?done=given"))
}

fn recall_page(signed: &Signed, id: DisclosureId, form: FormView) -> ReasonPage {
    ReasonPage {
        page: Page::new(signed, "Ask it back", "/children").back(format!("/disclosures/{id}")),
        form,
        action: format!("/disclosures/{id}/recall"),
        text: "Tell them at once to destroy it or to give it back, and write down what they answer. From now on it is not given to them again.",
        name: "why",
        label: "Why is it asked back?",
        hint: "",
        button: "Ask it back",
    }
}

/// GET /disclosures/{id}/recall
pub(crate) async fn ask_recall(signed: Signed, Path(id): Path<DisclosureId>) -> Answer {
    signed.delivery().disclosure(id).await?;
    recall_page(&signed, id, FormView::default()).answer()
}

/// POST /disclosures/{id}/recall
pub(crate) async fn recall(Path(id): Path<DisclosureId>, posted: Posted) -> Answer {
    let desk = posted.signed.delivery();
    desk.disclosure(id).await?;
    match Words::read(&posted.fields, "why", "Why it is asked back") {
        Ok(why) => {
            desk.recall_disclosure(id, &why).await?;
            see_other(&format!("/disclosures/{id}?done=recalled"))
        }
        Err(problems) => recall_page(&posted.signed, id, FormView::with(posted.fields, problems)).answer(),
    }
}

/// POST /disclosures/{id}/answer: what they said when it was asked back.
pub(crate) async fn answer(Path(id): Path<DisclosureId>, posted: Posted) -> Answer {
    let desk = posted.signed.delivery();
    desk.disclosure(id).await?;
    match desk.answer_recall(id, &posted.fields).await {
        Ok(()) => see_other(&format!("/disclosures/{id}?done=recall-answered")),
        Err(error) => again(&posted, id, "answer", error).await,
    }
}

/// POST /disclosures/{id}/told: that they were told that something was wrong.
pub(crate) async fn told(Path(id): Path<DisclosureId>, posted: Posted) -> Answer {
    let desk = posted.signed.delivery();
    desk.disclosure(id).await?;
    let statement = posted.fields.get("statement").parse().map_err(|_| ServiceError::NotFound)?;
    match desk.told_wrong(id, statement, &posted.fields).await {
        Ok(()) => see_other(&format!("/disclosures/{id}?done=told-wrong")),
        Err(error) => again(&posted, id, "told", error).await,
    }
}
