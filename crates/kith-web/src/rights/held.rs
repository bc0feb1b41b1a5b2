//! Who of those held a request is about, and what must be known before anything leaves.

use askama::Template;
use axum::extract::{Path, Query};
use kith_domain::form::lower_first;
use kith_domain::ids::RequestId;
use kith_domain::rights::Place;
use kith_service::ServiceError;
use kith_service::rights::{HeldView, MaybeAccount};

use super::desk;
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::ui::{FormView, Options, Page, render_with, see_other};

/// A file that is concerned.
struct Concerned {
    reference: String,
    child: String,
    address: &'static str,
    family: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "rights/held.html")]
struct HeldPage {
    page: Page,
    id: RequestId,
    about: String,
    maybe: Options,
    /// Why each may be meant: whom, why.
    why: Vec<(String, String)>,
    more: usize,
    files: Vec<Concerned>,
    closed: bool,
    form: FormView,
}

fn page(signed: &Signed, view: HeldView, mut form: FormView, done: Option<&'static str>) -> Answer {
    let id = view.request.id;
    if !form.has_problems() {
        let confirmed = view.maybe.iter().filter(|one| one.confirmed).map(|one| one.subject.code());
        let staff = view.accounts.iter().filter(|one| one.confirmed).map(|one| Place::Account(one.account).code());
        let confirmed = confirmed.chain(staff);
        let mut fields = kith_domain::form::Fields::default();
        fields.set_all("held", confirmed.collect());
        form = FormView::new(fields);
    }
    let words = |one: &kith_service::rights::MaybeHeld| format!("{}: {}", one.name, lower_first(&one.stands));
    let files = view.files.into_iter().map(|of| Concerned {
        reference: of.file.reference(),
        child: of.child,
        address: if of.address_confidential {
            "The address of the placement is confidential: it must be in nothing that leaves"
        } else {
            "The address of the placement is not confidential"
        },
        family: of
            .family
            .into_iter()
            .map(|(name, stands, parental, barred)| {
                let mut words = vec![stands];
                words.push(if parental { "parental responsibility" } else { "no parental responsibility" }.to_owned());
                if barred {
                    words.push("must not attend: speak to the social worker before anything goes to them".to_owned());
                }
                (name, words.join(", "))
            })
            .collect(),
    });
    let template = HeldPage {
        page: Page::new(signed, "Who is held", "/requests")
            .back(format!("/requests/{id}"))
            .with_error(form.has_problems())
            .with_done(done),
        id,
        about: view.request.body.about().to_owned(),
        maybe: view.maybe.iter().map(|one| (one.subject.code(), words(one))).chain(staff(&view.accounts)).collect(),
        why: view.maybe.iter().map(|one| (words(one), one.why.join("; "))).collect(),
        more: view.more,
        files: files.collect(),
        closed: view.request.state.is_closed(),
        form,
    };
    render_with(template.form.status(""), &template)
}

/// Members of staff who may be meant, as they are offered.
fn staff(accounts: &[MaybeAccount]) -> impl Iterator<Item = (String, String)> {
    let words = |one: &MaybeAccount| format!("{}: a member of staff ({})", one.name, lower_first(&one.stands));
    accounts.iter().map(move |one| (Place::Account(one.account).code(), words(one)))
}

/// GET /requests/{id}/held
pub(crate) async fn ask(signed: Signed, Path(id): Path<RequestId>, Query(done): Query<Done>) -> Answer {
    let view = desk(&signed).request_held(id).await?;
    page(&signed, view, FormView::default(), done.words())
}

/// POST /requests/{id}/held
pub(crate) async fn say(Path(id): Path<RequestId>, posted: Posted) -> Answer {
    let desk = desk(&posted.signed);
    match desk.say_who_is_held(id, &posted.fields).await {
        Ok(()) => see_other(&format!("/requests/{id}/held?done=request-step")),
        Err(ServiceError::Invalid(problems)) => {
            let view = desk.request_held(id).await?;
            page(&posted.signed, view, FormView::with(posted.fields, problems), None)
        }
        Err(error) => Err(error.into()),
    }
}
