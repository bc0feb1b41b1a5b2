//! Legal holds: the list, a new one, one with its reviews, lifting it.

use askama::Template;
use axum::extract::{Path, Query};
use kith_domain::access::Role;
use kith_domain::calendar;
use kith_domain::form::Words;
use kith_domain::ids::{ChildId, HoldId};
use kith_domain::retention::{HoldKind, SetHold};
use kith_service::ServiceError;
use kith_service::retention::{HoldChoices, HoldView, NewHold};
use serde::Deserialize;
use uuid::Uuid;

use super::{HERE, desk, hold_row};
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::ui::{FormView, Html, Options, Page, ReasonPage, Row, render_with, see_other};

#[derive(Template)]
#[template(path = "retention/holds.html")]
struct HoldsPage {
    page: Page,
    lifted: bool,
    holds: Vec<Row>,
    /// Whether this person may look for somebody in every file.
    may_search: bool,
    form: FormView,
}

/// Which holds, as the query says it.
#[derive(Deserialize, Default)]
pub(crate) struct Which {
    #[serde(default)]
    lifted: String,
    #[serde(default)]
    child: String,
}

async fn holds_page(signed: &Signed, lifted: bool, form: FormView) -> Answer {
    let holds = desk(signed).holds(lifted).await?;
    let title = if lifted { "Legal holds that were lifted" } else { "Legal holds" };
    let template = HoldsPage {
        page: Page::new(signed, title, HERE).back(HERE).with_error(form.has_problems()),
        lifted,
        holds: holds.iter().map(|line| hold_row(signed, line)).collect(),
        may_search: desk(signed).actor().role == Role::DataProtection,
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /retention/holds
pub(crate) async fn list(signed: Signed, Query(which): Query<Which>) -> Answer {
    holds_page(&signed, which.lifted == "yes", FormView::default()).await
}

/// POST /retention/holds/find: by the reference of a file, as it is read aloud.
pub(crate) async fn find(posted: Posted) -> Answer {
    match desk(&posted.signed).file_for_hold(posted.fields.get("reference")).await {
        Ok(child) => see_other(&format!("/retention/holds/new?child={child}")),
        Err(ServiceError::Invalid(problems)) => {
            holds_page(&posted.signed, false, FormView::with(posted.fields, problems)).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "retention/hold_new.html")]
struct NewPage {
    page: Page,
    id: Uuid,
    child: Option<ChildId>,
    reference: String,
    people: Options,
    referrals: Options,
    form: FormView,
}

impl NewPage {
    fn keeps(&self) -> Html {
        let Some(_) = self.child else {
            return self.form.input(
                "name",
                "What is it called?",
                "The inquiry, the claim. Name no child and no parent",
            );
        };
        let mut kinds = vec![HoldKind::File, HoldKind::Family];
        let mut reveal = Vec::new();
        if !self.people.is_empty() {
            kinds.push(HoldKind::Person);
            let hint = "Also files that they come into later";
            reveal.push(("person", self.form.radios("person", "Which person?", hint, self.people.clone())));
        }
        if !self.referrals.is_empty() {
            kinds.push(HoldKind::Referral);
            reveal.push(("referral", self.form.radios("referral", "Which referral?", "", self.referrals.clone())));
        }
        let options = kinds.into_iter().map(|kind| (kind.code().to_owned(), kind.label().to_owned())).collect();
        self.form.radios_reveal("kind", "What must not be destroyed?", "", options, reveal)
    }
}

fn new_page(signed: &Signed, id: Uuid, choices: HoldChoices, form: FormView) -> Answer {
    let child = choices.child;
    let template = NewPage {
        page: Page::new(signed, "New legal hold", HERE).back("/retention/holds").with_error(form.has_problems()),
        id,
        child,
        reference: child.map(ChildId::reference).unwrap_or_default(),
        people: choices.people.into_iter().map(|(person, name)| (person.to_string(), name)).collect(),
        referrals: choices
            .referrals
            .into_iter()
            .map(|referral| (referral.to_string(), format!("Referral {}", referral.reference())))
            .collect(),
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /retention/holds/new
pub(crate) async fn new(signed: Signed, Query(which): Query<Which>) -> Answer {
    let choices = desk(&signed).hold_choices(which.child.parse().ok()).await?;
    new_page(&signed, Uuid::now_v7(), choices, FormView::default())
}

/// POST /retention/holds
pub(crate) async fn set(posted: Posted) -> Answer {
    let desk = desk(&posted.signed);
    let id: Uuid = posted.fields.get("id").parse().unwrap_or_else(|_| Uuid::now_v7());
    let child: Option<ChildId> = posted.fields.get("child").parse().ok();
    let mut typed = posted.fields.clone();
    if child.is_none() {
        typed.set("kind", HoldKind::Theme.code());
    }
    let done = match SetHold::read(&typed, posted.signed.app.service.today()) {
        Ok(set) => {
            let field = if set.kind == HoldKind::Referral { "referral" } else { "person" };
            let subject = typed.get(field).parse().ok();
            desk.set_hold(&NewHold { id: HoldId(id), child, subject, set }).await
        }
        Err(problems) => Err(problems.into()),
    };
    match done {
        Ok(()) => see_other(&format!("/retention/holds/{id}?done=hold-set")),
        Err(ServiceError::Invalid(problems)) => {
            let choices = desk.hold_choices(child).await?;
            new_page(&posted.signed, id, choices, FormView::with(posted.fields, problems))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "retention/hold.html")]
struct ShowPage {
    page: Page,
    id: HoldId,
    keeps: String,
    row: Row,
    facts: Vec<(&'static str, String)>,
    /// Reference, and where the file is for who reads it.
    files: Vec<(String, Option<String>)>,
    theme: bool,
    may_change: bool,
    form: FormView,
}

fn show_page(signed: &Signed, view: &HoldView, form: FormView, done: Option<&'static str>) -> Answer {
    let hold = &view.line.hold;
    let who = |id| signed.app.service.name_of(id);
    let mut facts = vec![
        ("Why", hold.body.why.clone()),
        ("Asked for by", hold.body.asked_by.clone()),
        ("Set by", format!("{}, {}", view.author, calendar::long_instant(hold.set_ms))),
    ];
    for review in &hold.body.reviews {
        let words = format!(
            "{}. {}, {}",
            review.why.trim_end_matches('.'),
            who(review.by),
            calendar::long_instant(review.at_ms)
        );
        facts.push(("Still needed", words));
    }
    if let (Some(lifted), Some(at_ms)) = (&hold.body.lifted, hold.lifted_ms) {
        let words =
            format!("{}. {}, {}", lifted.why.trim_end_matches('.'), who(lifted.by), calendar::long_instant(at_ms));
        facts.push(("Lifted", words));
    }
    let file = |(child, reads): &(ChildId, bool)| {
        let child = *child;
        (child.reference(), reads.then(|| format!("/children/{child}")))
    };
    let template = ShowPage {
        page: Page::new(signed, "Legal hold", HERE)
            .back("/retention/holds")
            .with_error(form.has_problems())
            .with_done(done),
        id: hold.id,
        keeps: view.line.keeps.clone(),
        row: hold_row(signed, &view.line),
        facts,
        files: view.files.iter().map(file).collect(),
        theme: hold.kind == HoldKind::Theme,
        may_change: view.may_change,
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /retention/holds/{id}
pub(crate) async fn show(signed: Signed, Path(id): Path<HoldId>, Query(done): Query<Done>) -> Answer {
    let view = desk(&signed).hold(id).await?;
    show_page(&signed, &view, FormView::default(), done.words())
}

/// POST /retention/holds/{id}/files: adds a file to a theme.
pub(crate) async fn add(Path(id): Path<HoldId>, posted: Posted) -> Answer {
    let desk = desk(&posted.signed);
    let view = desk.hold(id).await?;
    let added = match desk.file_for_hold(posted.fields.get("reference")).await {
        Ok(child) => desk.add_to_hold(id, child).await,
        Err(error) => Err(error),
    };
    match added {
        Ok(()) => see_other(&format!("/retention/holds/{id}?done=hold-file")),
        Err(ServiceError::Invalid(problems)) => {
            show_page(&posted.signed, &view, FormView::with(posted.fields, problems), None)
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "retention/hold_review.html")]
struct ReviewPage {
    page: Page,
    id: HoldId,
    keeps: String,
    form: FormView,
}

async fn review_page(signed: &Signed, id: HoldId, form: FormView) -> Answer {
    let view = desk(signed).hold(id).await?;
    if !view.may_change {
        return see_other(&format!("/retention/holds/{id}"));
    }
    let template = ReviewPage {
        page: Page::new(signed, "Is this hold still needed?", HERE)
            .back(format!("/retention/holds/{id}"))
            .with_error(form.has_problems()),
        id,
        keeps: view.line.keeps,
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /retention/holds/{id}/review
pub(crate) async fn ask_review(signed: Signed, Path(id): Path<HoldId>) -> Answer {
    review_page(&signed, id, FormView::default()).await
}

/// POST /retention/holds/{id}/review
pub(crate) async fn review(Path(id): Path<HoldId>, posted: Posted) -> Answer {
    match desk(&posted.signed).review_hold(id, &posted.fields).await {
        Ok(()) => see_other(&format!("/retention/holds/{id}?done=hold-reviewed")),
        Err(ServiceError::Invalid(problems)) => {
            review_page(&posted.signed, id, FormView::with(posted.fields, problems)).await
        }
        Err(error) => Err(error.into()),
    }
}

fn lift_page(signed: &Signed, id: HoldId, form: FormView) -> ReasonPage {
    ReasonPage {
        page: Page::new(signed, "Lift this hold", HERE).back(format!("/retention/holds/{id}")),
        form,
        action: format!("/retention/holds/{id}/lift"),
        text: "Nothing is destroyed by lifting it. Files whose date is past are proposed with the next list, and two people approve.",
        name: "why",
        label: "Why is it not needed any more?",
        hint: "",
        button: "Lift the hold",
    }
}

/// GET /retention/holds/{id}/lift
pub(crate) async fn ask_lift(signed: Signed, Path(id): Path<HoldId>) -> Answer {
    if !desk(&signed).hold(id).await?.may_change {
        return see_other(&format!("/retention/holds/{id}"));
    }
    lift_page(&signed, id, FormView::default()).answer()
}

/// POST /retention/holds/{id}/lift
pub(crate) async fn lift(Path(id): Path<HoldId>, posted: Posted) -> Answer {
    match Words::read(&posted.fields, "why", "Why it is not needed any more") {
        Ok(why) => {
            desk(&posted.signed).lift_hold(id, &why).await?;
            see_other(&format!("/retention/holds/{id}?done=hold-lifted"))
        }
        Err(problems) => lift_page(&posted.signed, id, FormView::with(posted.fields, problems)).answer(),
    }
}
