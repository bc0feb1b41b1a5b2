//! Writing down a consent, and its withdrawal.

use askama::Template;
use axum::extract::Path;
use kith_domain::ids::{ChildId, ConsentId};
use kith_domain::sharing::{Authority, Consent, ConsentAnswer, ConsentFor, Evidence, RecipientKind};
use kith_service::ServiceError;
use kith_service::sharing::ConsentChoices;
use uuid::Uuid;

use super::{items_of, kinds};
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Html, Options, Page, pairs, render_with, see_other};

#[derive(Template)]
#[template(path = "sharing/consent_new.html")]
struct NewPage {
    page: Page,
    child: ChildId,
    name: String,
    id: Uuid,
    whose: Options,
    documents: Options,
    form: FormView,
}

impl NewPage {
    fn what(&self) -> Html {
        let form = &self.form;
        let of_sharing = Html::joined(vec![
            form.radios("recipient", "With whom?", "", kinds()),
            form.checkboxes(
                "items",
                "Only some of it?",
                "Leave all empty if it is for whatever they get. What is not in their package never goes",
                items_of(RecipientKind::ALL),
            ),
        ]);
        form.radios_reveal(
            "what",
            "What were they asked?",
            "",
            pairs(ConsentFor::CHOICES),
            vec![("sharing", of_sharing)],
        )
    }

    fn answer(&self) -> Html {
        let said = [ConsentAnswer::Given, ConsentAnswer::Refused];
        let options = said.iter().map(|of| (of.code().to_owned(), of.label().to_owned())).collect();
        self.form.radios("answer", "What did they say?", "", options)
    }

    fn who(&self) -> Html {
        who(&self.form, Authority::CHOICES)
    }
}

fn who(form: &FormView, authorities: &[(&str, &str)]) -> Html {
    Html::joined(vec![
        form.input("said_by", "Who said it?", "Name, and how they stand to the child"),
        form.radios("authority", "With what authority?", "", pairs(authorities)),
        form.radios("evidence", "How do we know?", "", pairs(Evidence::CHOICES)),
    ])
}

fn page(signed: &Signed, child: ChildId, id: Uuid, choices: ConsentChoices, form: FormView) -> Answer {
    let own = [("child".to_owned(), format!("{}, the child", choices.child))];
    let people = choices.people.into_iter().map(|(person, name)| (person.to_string(), name));
    let template = NewPage {
        page: Page::new(signed, "Write down a consent", "/children")
            .back(format!("/children/{child}/sharing"))
            .with_error(form.has_problems()),
        child,
        name: choices.child,
        id,
        whose: own.into_iter().chain(people).collect(),
        documents: choices.documents.into_iter().map(|(id, words)| (id.to_string(), words)).collect(),
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /children/{child}/consents/new
pub(crate) async fn new(signed: Signed, Path(child): Path<ChildId>) -> Answer {
    let choices = signed.delivery().consent_choices(child).await?;
    page(&signed, child, Uuid::now_v7(), choices, FormView::default())
}

/// POST /children/{child}/consents
pub(crate) async fn add(Path(child): Path<ChildId>, posted: Posted) -> Answer {
    let desk = posted.signed.delivery();
    let choices = desk.consent_choices(child).await?;
    let id: Uuid = posted.fields.get("id").parse().unwrap_or_else(|_| Uuid::now_v7());
    let added = match Consent::read(&posted.fields, choices.today) {
        Ok(said) => desk.add_consent(child, ConsentId(id), &said).await,
        Err(problems) => Err(problems.into()),
    };
    match added {
        Ok(()) => see_other(&format!("/children/{child}/sharing?done=consent")),
        Err(ServiceError::Invalid(problems)) => {
            page(&posted.signed, child, id, choices, FormView::with(posted.fields, problems))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "sharing/consent_withdraw.html")]
struct WithdrawPage {
    page: Page,
    consent: ConsentId,
    id: Uuid,
    whose: String,
    question: String,
    /// Whether what it is about goes on without it.
    duty: bool,
    form: FormView,
}

impl WithdrawPage {
    fn who(&self) -> Html {
        who(&self.form, Authority::CHOICES)
    }
}

async fn withdraw_page(signed: &Signed, consent: ConsentId, id: Uuid, form: FormView) -> Answer {
    let (child, view) = signed.delivery().consent(consent).await?;
    let template = WithdrawPage {
        page: Page::new(signed, "A consent is withdrawn", "/children")
            .back(format!("/children/{child}/sharing"))
            .with_error(form.has_problems()),
        consent,
        id,
        question: view.said.body.question(),
        duty: view.rests_on_duty(),
        whose: view.whose,
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /consents/{id}/withdraw
pub(crate) async fn ask_withdraw(signed: Signed, Path(id): Path<ConsentId>) -> Answer {
    withdraw_page(&signed, id, Uuid::now_v7(), FormView::default()).await
}

/// POST /consents/{id}/withdraw
pub(crate) async fn withdraw(Path(consent): Path<ConsentId>, posted: Posted) -> Answer {
    let desk = posted.signed.delivery();
    let id: Uuid = posted.fields.get("id").parse().unwrap_or_else(|_| Uuid::now_v7());
    let (child, view) = desk.consent(consent).await?;
    match desk.withdraw_consent(consent, ConsentId(id), &posted.fields).await {
        Ok(()) if view.rests_on_duty() => see_other(&format!("/children/{child}/sharing?done=consent-withdrawn-duty")),
        Ok(()) => see_other(&format!("/children/{child}/sharing?done=consent-withdrawn")),
        Err(ServiceError::Invalid(problems)) => {
            withdraw_page(&posted.signed, consent, id, FormView::with(posted.fields, problems)).await
        }
        Err(error) => Err(error.into()),
    }
}
