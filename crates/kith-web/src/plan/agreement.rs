//! The written agreement: who gets it, as each gets it on paper, and how they signed.

use askama::Template;
use axum::extract::{Path, Query};
use kith_domain::calendar::{self, long_date};
use kith_domain::ids::PlanId;
use kith_domain::plan::{AgreementReader, AgreementSignature, PlanState};
use kith_service::ServiceError;
use kith_service::plan::{Agreement, AgreementFor, PlanView};
use serde::Deserialize;

use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::report::pdf;
use crate::ui::{FormView, Options, Page, render, render_with, see_other, signed_hows};

#[derive(Template)]
#[template(path = "plan/agreement.html")]
struct AgreementPage {
    page: Page,
    id: PlanId,
    child: String,
    draft: bool,
    readers: Vec<ReaderRow>,
    who: Options,
    hows: Options,
    languages: Options,
    may_sign: bool,
    form: FormView,
}

struct ReaderRow {
    name: String,
    speaks: String,
    /// Of each language: what it calls itself, its code, the page and the paper.
    papers: Vec<(String, String, String, String)>,
    signed: Vec<String>,
}

#[derive(Template)]
#[template(path = "plan/agreement_read.html")]
struct ReadPage {
    page: Page,
    agreement: Agreement,
    paper: String,
}

/// In which language.
#[derive(Deserialize, Default)]
pub(crate) struct InLanguage {
    #[serde(default)]
    language: String,
}

fn signed_words(signed: &Signed, languages: &[(String, String)], of: &AgreementSignature) -> String {
    let language =
        languages.iter().find(|(code, _)| *code == of.language).map_or(of.language.as_str(), |(_, name)| name);
    let note = of.note.as_ref().map(|note| format!(". {note}")).unwrap_or_default();
    let by = signed.app.service.name_of(of.by);
    format!(
        "{}, {}, {language}{note}. Written down by {by}, {}",
        of.how.label(),
        long_date(of.on),
        calendar::long_instant(of.at_ms)
    )
}

fn hub(signed: &Signed, view: &PlanView, form: FormView, done: Option<&'static str>) -> Answer {
    let id = view.plan.id;
    let languages = signed.app.service.register().translations().languages();
    let readers = view.agreement_readers();
    let row = |of: &AgreementFor| ReaderRow {
        name: of.name.clone(),
        speaks: of.speaks.clone().unwrap_or_default(),
        papers: languages
            .iter()
            .map(|(code, name)| {
                let to = format!("/plans/{id}/agreement/{}", of.reader);
                (name.clone(), code.clone(), format!("{to}?language={code}"), format!("{to}/paper?language={code}"))
            })
            .collect(),
        signed: of.signed.iter().map(|of| signed_words(signed, &languages, of)).collect(),
    };
    let template = AgreementPage {
        page: Page::new(signed, "Contact agreement", "/children")
            .back(format!("/plans/{id}"))
            .with_error(form.has_problems())
            .with_done(done),
        id,
        child: view.child.clone(),
        draft: view.plan.state == PlanState::Draft,
        who: readers.iter().map(|of| (of.reader.to_string(), of.name.clone())).collect(),
        readers: readers.iter().map(row).collect(),
        hows: signed_hows(),
        may_sign: view.may_sign,
        languages,
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /plans/{id}/agreement: who gets it, and how they signed.
pub(crate) async fn agreement(signed: Signed, Path(id): Path<PlanId>, Query(done): Query<Done>) -> Answer {
    let view = signed.delivery().plan(id).await?;
    hub(&signed, &view, FormView::default(), done.words())
}

/// POST /plans/{id}/agreement: somebody signed, or did not.
pub(crate) async fn sign_agreement(Path(id): Path<PlanId>, posted: Posted) -> Answer {
    let desk = posted.signed.delivery();
    match desk.sign_agreement(id, &posted.fields).await {
        Ok(()) => see_other(&format!("/plans/{id}/agreement?done=notice-given")),
        Err(ServiceError::Invalid(problems)) => {
            let view = desk.plan(id).await?;
            hub(&posted.signed, &view, FormView::with(posted.fields, problems), None)
        }
        Err(error) => Err(error.into()),
    }
}

fn reader(code: &str) -> Result<AgreementReader, ServiceError> {
    code.parse().map_err(|()| ServiceError::NotFound)
}

/// GET /plans/{id}/agreement/{reader}: as this reader gets it.
pub(crate) async fn read_agreement(
    signed: Signed,
    Path((id, code)): Path<(PlanId, String)>,
    Query(asked): Query<InLanguage>,
) -> Answer {
    let (_, agreement) = signed.delivery().agreement(id, reader(&code)?, &asked.language).await?;
    render(&ReadPage {
        page: Page::new(&signed, "Contact agreement", "/children").back(format!("/plans/{id}/agreement")),
        paper: format!("/plans/{id}/agreement/{code}/paper?language={}", agreement.language),
        agreement,
    })
}

/// GET /plans/{id}/agreement/{reader}/paper: the same as a PDF file.
pub(crate) async fn agreement_paper(
    signed: Signed,
    Path((id, code)): Path<(PlanId, String)>,
    Query(asked): Query<InLanguage>,
) -> Answer {
    let bytes = signed.delivery().agreement_paper(id, reader(&code)?, &asked.language).await?;
    Ok(pdf(bytes, &format!("agreement-{}", id.reference())))
}
