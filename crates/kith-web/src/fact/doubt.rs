//! Saying of a fact that it is disputed or that its use is restricted, and taking that back.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use kith_domain::catalogue::{Group, Item};
use kith_domain::fact::{Doubt, RaiseDoubt, may_be_restricted, read_lifted};
use kith_domain::ids::{ChildId, PersonId, StatementId};
use kith_service::ServiceError;
use kith_service::fact::{Doubted, Whose};
use uuid::Uuid;

use super::address;
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Options, Page, ReasonPage, pairs, render_with, see_other};

#[derive(Template)]
#[template(path = "fact/doubt.html")]
struct DoubtPage {
    page: Page,
    caption: String,
    action: String,
    id: Uuid,
    form: FormView,
    refused: String,
    doubts: Vec<Doubted>,
    kinds: Options,
    /// Why its use cannot be restricted, for who could restrict another.
    protects: Option<String>,
}

/// Of whom, which group and which item an address is.
struct At {
    whose: Whose,
    group: Group,
    item: &'static Item,
}

impl At {
    fn of(child: ChildId, person: Option<PersonId>, group: &str, item: &str) -> Result<At, ServiceError> {
        let group = Group::from_code(group).ok_or(ServiceError::NotFound)?;
        let item = group.items().find(|known| known.code == item).ok_or(ServiceError::NotFound)?;
        Ok(At { whose: Whose { child, person }, group, item })
    }

    fn group_page(&self) -> String {
        address(self.whose.child, self.whose.person, self.group)
    }

    fn here(&self) -> String {
        format!("{}/{}/doubt", self.group_page(), self.item.code)
    }
}

async fn page(signed: &Signed, at: &At, id: Uuid, form: FormView, refused: String) -> Answer {
    let view = signed.delivery().facts(at.whose, at.group).await?;
    let name = view.relative.as_ref().map_or_else(|| view.child.name(), kith_store::Relative::name);
    let history = view.history.into_iter().find(|of| of.item == at.item).ok_or(ServiceError::NotFound)?;
    let protects = may_be_restricted(at.item).err().filter(|_| view.may_restrict).map(|refusal| refusal.to_string());
    let mut kinds = pairs(Doubt::CHOICES);
    if !view.may_restrict || protects.is_some() {
        kinds.retain(|(code, _)| code != Doubt::Restricted.code());
    }
    let status = form.status(&refused);
    let template = DoubtPage {
        page: Page::new(signed, "Disputed, or not to be used", "/children")
            .back(at.group_page())
            .with_error(status != StatusCode::OK),
        caption: format!("{name}: {}", at.item.label),
        action: at.here(),
        id,
        form,
        refused,
        doubts: history.doubts,
        kinds,
        protects,
    };
    render_with(status, &template)
}

async fn say(posted: Posted, at: At) -> Answer {
    let id: Uuid = posted.fields.get("id").parse().unwrap_or_else(|_| Uuid::now_v7());
    let done = match RaiseDoubt::read(&posted.fields) {
        Ok(command) => posted.signed.delivery().raise_doubt(at.whose, at.item, StatementId(id), &command).await,
        Err(problems) => Err(problems.into()),
    };
    match done {
        Ok(()) => see_other(&format!("/children/{}?done=doubted", at.whose.child)),
        Err(ServiceError::Invalid(problems)) => {
            page(&posted.signed, &at, id, FormView::with(posted.fields, problems), String::new()).await
        }
        Err(ServiceError::Refused(refusal)) => {
            page(&posted.signed, &at, id, FormView::new(posted.fields), refusal.to_string()).await
        }
        Err(error) => Err(error.into()),
    }
}

fn lift_page(signed: &Signed, at: &At, of: StatementId, form: FormView) -> Answer {
    let page = ReasonPage {
        page: Page::new(signed, "Take this back", "/children").back(at.here()),
        form,
        action: format!("{}/{of}/lift", at.here()),
        text: "What was said stays readable with your reason, and the fact is used again as it stands.",
        name: "why",
        label: "Why does it stand no more?",
        hint: "It is kept with the file",
        button: "Take it back",
    };
    page.answer()
}

async fn lift(posted: Posted, at: At, of: StatementId) -> Answer {
    let done = match read_lifted(&posted.fields) {
        Ok(why) => posted.signed.delivery().lift_doubt(at.whose, at.item, of, &why).await,
        Err(problems) => Err(problems.into()),
    };
    match done {
        Ok(()) => see_other(&format!("/children/{}?done=changed", at.whose.child)),
        Err(ServiceError::Invalid(problems)) => {
            // Whoever may not read the group is told nothing about the form.
            posted.signed.delivery().facts(at.whose, at.group).await?;
            lift_page(&posted.signed, &at, of, FormView::with(posted.fields, problems))
        }
        Err(error) => Err(error.into()),
    }
}

async fn ask_lift(signed: Signed, at: At, of: StatementId) -> Answer {
    signed.delivery().facts(at.whose, at.group).await?;
    lift_page(&signed, &at, of, FormView::default())
}

/// GET /children/{child}/facts/{group}/{item}/doubt
pub(crate) async fn of_child(signed: Signed, Path(at): Path<(ChildId, String, String)>) -> Answer {
    let at = At::of(at.0, None, &at.1, &at.2)?;
    page(&signed, &at, Uuid::now_v7(), FormView::default(), String::new()).await
}

/// POST /children/{child}/facts/{group}/{item}/doubt
pub(crate) async fn say_of_child(Path(at): Path<(ChildId, String, String)>, posted: Posted) -> Answer {
    say(posted, At::of(at.0, None, &at.1, &at.2)?).await
}

/// GET /children/{child}/facts/{group}/{item}/doubt/{of}/lift
pub(crate) async fn ask_lift_of_child(
    signed: Signed,
    Path(at): Path<(ChildId, String, String, StatementId)>,
) -> Answer {
    ask_lift(signed, At::of(at.0, None, &at.1, &at.2)?, at.3).await
}

/// POST /children/{child}/facts/{group}/{item}/doubt/{of}/lift
pub(crate) async fn lift_of_child(Path(at): Path<(ChildId, String, String, StatementId)>, posted: Posted) -> Answer {
    lift(posted, At::of(at.0, None, &at.1, &at.2)?, at.3).await
}

/// GET /children/{child}/family/{person}/{group}/{item}/doubt
pub(crate) async fn of_person(signed: Signed, Path(at): Path<(ChildId, PersonId, String, String)>) -> Answer {
    let at = At::of(at.0, Some(at.1), &at.2, &at.3)?;
    page(&signed, &at, Uuid::now_v7(), FormView::default(), String::new()).await
}

/// POST /children/{child}/family/{person}/{group}/{item}/doubt
pub(crate) async fn say_of_person(Path(at): Path<(ChildId, PersonId, String, String)>, posted: Posted) -> Answer {
    say(posted, At::of(at.0, Some(at.1), &at.2, &at.3)?).await
}

/// GET /children/{child}/family/{person}/{group}/{item}/doubt/{of}/lift
pub(crate) async fn ask_lift_of_person(
    signed: Signed,
    Path(at): Path<(ChildId, PersonId, String, String, StatementId)>,
) -> Answer {
    ask_lift(signed, At::of(at.0, Some(at.1), &at.2, &at.3)?, at.4).await
}

/// POST /children/{child}/family/{person}/{group}/{item}/doubt/{of}/lift
pub(crate) async fn lift_of_person(
    Path(at): Path<(ChildId, PersonId, String, String, StatementId)>,
    posted: Posted,
) -> Answer {
    lift(posted, At::of(at.0, Some(at.1), &at.2, &at.3)?, at.4).await
}
