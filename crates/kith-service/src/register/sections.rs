//! A draft of the register, changed part by part and row by row. What a form says is written into the draft's text, which is then read
//! and checked as a whole, as one that somebody wrote by hand.

use kith_domain::catalogue::by_key;
use kith_domain::form::Problem;
use kith_domain::ids::RegisterVersionId;
use kith_domain::register::{RegisterField, RegisterRow, RegisterSection, RegisterState, RegisterText, RegisterValue};
use kith_store::RegisterVersion;

use super::draft::{DraftText, seen};
use super::edit::{Edited, place_of};
use super::versions::{NOT_A_DRAFT, read, what_is_wrong};
use super::{RegisterError, RegisterVersionView};
use crate::{Desk, ServiceError};

/// Which part of a draft, and which row of it.
#[derive(Clone, Copy)]
pub struct RowAt<'a> {
    /// The part.
    pub section: RegisterSection,
    /// The row, as an address has it; `None` for a new one, and of a part that is one form.
    pub row: Option<&'a str>,
    /// The mark of what its form showed, see [`seen`](super::seen): nobody writes over what they have not seen.
    pub seen: &'a str,
}

/// The field of a problem that is with no field of the form.
const WHOLE: &str = "row";

impl RegisterVersionView {
    /// Its text part by part; `None` when this Kith cannot read it: then it is changed as a whole.
    pub fn draft(&self) -> Option<DraftText> {
        draft(&self.version)
    }
}

fn draft(of: &RegisterVersion) -> Option<DraftText> {
    let register = read(&RegisterText::new(&of.body.text)).ok()?;
    DraftText::new(&of.body.text, register)
}

impl Desk {
    /// Writes a part of a draft, or a row of one, as somebody typed it. [`ServiceError::Conflict`] with what stands there when a colleague
    /// saved it meanwhile; what they saved elsewhere in the draft is no conflict and stays. Sent twice it is written once.
    pub async fn write_register_row(
        &self,
        id: RegisterVersionId,
        at: RowAt<'_>,
        row: &RegisterRow,
    ) -> Result<(), ServiceError> {
        self.change_draft(id, |stored| {
            let (draft, mut edited) = taken_up(stored)?;
            let says = |key: Option<&str>| {
                row.values().iter().all(|(field, value)| draft.value(at.section, key, field) == *value)
            };
            let list = at.section.list();
            let named = list.as_ref().and_then(|list| row.name(list.named_by)).map(super::row_key);
            let there = named.as_deref().filter(|key| draft.place(at.section, key).is_some());
            if says(at.row.or(there)) && (at.row.is_some() || list.is_none() || there.is_some()) {
                return Ok(stored.body.text.clone());
            }
            unseen(&draft, stored, at)?;
            if let (Some(list), Some(there)) = (&list, there)
                && at.row != Some(there)
            {
                let words = format!("There is {} of this name already: change that one", list.one);
                let field = at.section.fields().iter().find(|field| field.name == list.named_by);
                return Err(ServiceError::field(field.map_or(WHOLE, RegisterField::in_form), words));
            }
            let place = if at.section == RegisterSection::Items {
                let item = at.row.and_then(by_key).ok_or(ServiceError::NotFound)?;
                let purposes = row.values().iter().find_map(|(_, value)| match value {
                    RegisterValue::Lines(all) => Some(all.as_slice()),
                    _ => None,
                });
                edited.put_item(item, purposes.unwrap_or_default());
                0
            } else {
                // Somebody took it out meanwhile, and this one, who has seen that, puts it in again.
                let key = at.row.filter(|key| draft.place(at.section, key).is_some());
                edited.write(&draft, at.section, key, row)
            };
            checked(edited.text(), at.section, Some(place))
        })
        .await
    }

    /// Takes a row out of a draft, a purpose from the items too that are read for it. [`ServiceError::Conflict`] as above.
    pub async fn take_out_register_row(&self, id: RegisterVersionId, at: RowAt<'_>) -> Result<(), ServiceError> {
        let list = at.section.list().ok_or(ServiceError::NotFound)?;
        let key = at.row.ok_or(ServiceError::NotFound)?;
        self.change_draft(id, |stored| {
            let (draft, mut edited) = taken_up(stored)?;
            // A colleague did it meanwhile.
            let Some(place) = draft.place(at.section, key) else { return Ok(stored.body.text.clone()) };
            unseen(&draft, stored, at)?;
            if draft.rows(at.section).len() == 1
                && matches!(at.section, RegisterSection::Areas | RegisterSection::Retention)
            {
                let words = format!("There must be {} at least: put another in first", list.one);
                return Err(ServiceError::field(WHOLE, words));
            }
            edited.take_out(&list, place);
            if at.section == RegisterSection::Purposes {
                edited.take_purpose_from_items(key);
            }
            checked(edited.text(), at.section, None)
        })
        .await
    }

    /// Puts the text that `change` makes of a draft in its place.
    async fn change_draft(
        &self,
        id: RegisterVersionId,
        change: impl Fn(&RegisterVersion) -> Result<String, ServiceError> + Send + Sync,
    ) -> Result<(), ServiceError> {
        self.allow_service("register.edit").await?;
        let (me, change) = (self.me()?, &change);
        self.change("register.saved", |work| async move {
            let mut stored = work.register_version(id).await?;
            if stored.state != RegisterState::Draft {
                return Err(ServiceError::rule("register.not_a_draft", NOT_A_DRAFT));
            }
            let text = change(&stored)?;
            stored.body.write(&RegisterText::new(&text), me);
            Ok(work.save_register_version(&mut stored).await?)
        })
        .await
    }
}

fn taken_up(stored: &RegisterVersion) -> Result<(DraftText, Edited), ServiceError> {
    let both = draft(stored).zip(Edited::of(&stored.body.text));
    let words = "This draft cannot be read part by part. Change its whole text";
    both.ok_or_else(|| ServiceError::rule("register.not_by_parts", words))
}

/// Refuses what would be written over somebody else's words.
fn unseen(draft: &DraftText, stored: &RegisterVersion, at: RowAt<'_>) -> Result<(), ServiceError> {
    if at.row.is_none() && at.section.list().is_some() {
        return Ok(());
    }
    let stands = draft.shown(at.section, at.row).unwrap_or_default();
    if seen(&stands) == at.seen {
        return Ok(());
    }
    Err(ServiceError::Conflict { theirs: Box::new(stands), version: stored.version })
}

/// The text, if it is a register; else what is wrong, said of the field that it is about.
fn checked(text: String, section: RegisterSection, place: Option<usize>) -> Result<String, ServiceError> {
    let (line, message) = match what_is_wrong(&text) {
        None => return Ok(text),
        Some(RegisterError::Wrong { line, message, .. }) => (line, message),
        Some(other) => (0, other.to_string()),
    };
    let at = place_of(&text, line);
    let of = at.as_ref().and_then(|at| RegisterSection::of(&at.table, &at.field));
    let here = at.as_ref().map(|at| at.index) == place;
    let problem = match of {
        // An item is one line of a list: which one, the words say.
        _ if section == RegisterSection::Items && place.is_some() => Problem::new("purposes", message),
        Some((part, field)) if part == section && here => Problem::new(field.in_form(), message),
        Some((part, _)) if part != section => Problem::new(WHOLE, format!("Under “{}”: {message}", part.label())),
        _ => Problem::new(WHOLE, message),
    };
    Err(ServiceError::Invalid(vec![problem]))
}

#[cfg(test)]
mod tests;
