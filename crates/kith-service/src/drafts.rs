//! How much of what is not sent yet is kept: of one form, and of one person.

use kith_domain::form::{Fields, LONG_TEXT_CHARS, Problem};
use kith_store::Referral;

use crate::{Desk, ServiceError};

/// Longest answer that a draft keeps, in characters: longer than any that can be sent, so that somebody can shorten it.
const FIELD_CHARS: usize = LONG_TEXT_CHARS * 5;
/// The most that a draft keeps of one page, in bytes.
const PAGE_BYTES: usize = 512 * 1024;
/// The most that a referral keeps in all, in bytes.
const REFERRAL_BYTES: usize = 2 * 1024 * 1024;
/// The most drafts of one person that are not sent.
pub(crate) const DRAFTS_MAX: u64 = 200;

/// Refuses what is too long to be kept of one page.
pub(crate) fn bounded(typed: &Fields) -> Result<(), ServiceError> {
    for (name, value) in typed.iter() {
        let length = value.chars().count();
        if length > FIELD_CHARS {
            let name = name.replace(['_', '-'], " ");
            return Err(too_long(&format!(
                "The answer in “{name}” has {length} characters, and at most {FIELD_CHARS} are kept"
            )));
        }
    }
    if typed.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > PAGE_BYTES {
        return Err(too_long("This page is longer than what is kept of one"));
    }
    Ok(())
}

/// Refuses a referral that is too long to be kept.
pub(crate) fn bounded_in_all(referral: &Referral) -> Result<(), ServiceError> {
    let length = serde_json::to_vec(&referral.body).map_or(usize::MAX, |body| body.len());
    if length > REFERRAL_BYTES {
        return Err(too_long("The referral is longer than what is kept of one in all"));
    }
    Ok(())
}

fn too_long(what: &str) -> ServiceError {
    let words = format!("{what}. Nothing of this was saved: copy what you typed, shorten it and save it again");
    ServiceError::rule("draft.too_long", words)
}

impl Desk {
    /// Refuses to begin one more draft when somebody has too many that are not sent.
    pub(crate) async fn room_for_a_draft(&self) -> Result<(), ServiceError> {
        if self.look().open_drafts(self.me()?).await? < DRAFTS_MAX {
            return Ok(());
        }
        let words = format!(
            "You have {DRAFTS_MAX} drafts that are not sent: referrals, assessments, plans and reports. Send or take back one \
             of them first; all of them are kept as they are"
        );
        Err(ServiceError::rule("draft.too_many", words))
    }
}

/// A draft that was saved: what was typed is kept even when something in it is wrong.
pub struct Saved {
    /// The version now.
    pub version: i64,
    /// What is still wrong with it.
    pub problems: Vec<Problem>,
}
