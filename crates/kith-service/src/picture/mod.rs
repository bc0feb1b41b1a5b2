//! The family picture: who is in a child's life, who sees the child how often, who must not, who is kept apart
//! (handbook sections 3, 6 and 7). Drawn by `kith-genogram` from what the file says; what is not known is not drawn.

mod contact;
mod drawing;
mod siblings;
#[cfg(test)]
mod tests;

use kith_domain::ids::ChildId;
use kith_genogram::Picture;

use crate::{Desk, ServiceError};

/// A child's family as a picture and in words. No Debug: it is personal.
pub struct PictureView {
    /// The child's name.
    pub child: String,
    /// The picture; `None` when the file knows of nobody.
    pub picture: Option<Picture>,
    /// What its lines and boundaries say, a sentence each.
    pub told: Vec<String>,
    /// Everybody, in words.
    pub people: Vec<InPicture>,
    /// Whether a contact plan is in force; without one only orders say how often.
    pub planned: bool,
}

/// Somebody of the picture, in words.
#[derive(Clone, Default)]
pub struct InPicture {
    /// The name.
    pub name: String,
    /// How they stand to the child.
    pub relationship: String,
    /// Whether and how often the child sees them, by the plan in force and by orders.
    pub sees: Vec<String>,
    /// Whether they must not attend or not be seen.
    pub barred: bool,
    /// Why not, or what else bears on it.
    pub why: Vec<String>,
    /// From whom they are kept apart, with why.
    pub apart: Vec<String>,
}

impl Desk {
    /// The family picture of a child. Who may read the file may see it; of brothers and sisters with files of their own it shows
    /// those whose files this person may read, and otherwise what this file says of them.
    pub async fn family_picture(&self, id: ChildId) -> Result<PictureView, ServiceError> {
        let (look, _) = self.look_into_file("file.read", id).await?;
        let child = look.child(id).await?;
        let family = look.family(id).await?;
        let ground = drawing::Ground {
            plans: look.plans_of(id).await?,
            orders: look.orders_of(id).await?,
            siblings: self.siblings_with_files(&look, id, &family).await?,
            elsewhere: self.elsewhere(&look, id, &family).await?,
            today: self.service.today(),
            child,
            family,
        };
        look.done("file.picture", self.now_ms()).await?;
        drawing::drawn(&ground)
    }
}
