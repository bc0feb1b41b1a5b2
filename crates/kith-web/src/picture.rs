//! The family picture of a child, with the same in words.

use askama::Template;
use axum::extract::Path;
use kith_domain::ids::ChildId;
use kith_service::picture::InPicture;

use crate::error::Answer;
use crate::person::Signed;
use crate::ui::{Html, Page, render};

#[derive(Template)]
#[template(path = "picture/show.html")]
struct ShowPage {
    page: Page,
    name: String,
    /// The drawing; `None` when the file knows of nobody.
    drawing: Option<Html>,
    told: Vec<String>,
    people: Vec<InPicture>,
    planned: bool,
}

/// GET /children/{child}/family-picture
pub(crate) async fn show(signed: Signed, Path(id): Path<ChildId>) -> Answer {
    let view = signed.delivery().family_picture(id).await?;
    let page = Page::new(&signed, "The family picture", "/children").back(format!("/children/{id}"));
    let described = "Who is in the child’s life, who sees the child, who must not, and who is kept apart. The same stands in \
                     words beneath the picture.";
    let drawing =
        view.picture.map(|picture| Html::picture(&picture, "family-picture", "The family picture", described));
    let (name, told, people, planned) = (view.child, view.told, view.people, view.planned);
    render(&ShowPage { page, name, drawing, told, people, planned })
}

#[cfg(test)]
mod tests;
