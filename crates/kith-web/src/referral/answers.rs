//! What was typed, for reading: labels and words of the catalogue instead of names and codes.

use kith_domain::catalogue::{self, Item};
use kith_domain::form::Fields;
use kith_domain::referral::{FamilyDraft, ReferralDraft, Section};

/// Labels and values of what was typed in a section, without the fields left empty. `form` gives names for ids.
pub(crate) fn readable(section: Section, fields: &Fields, form: &ReferralDraft) -> Vec<(String, String)> {
    rows(catalogue::of_section(section), fields, form)
}

fn rows<'a>(items: impl IntoIterator<Item = &'a Item>, fields: &Fields, form: &ReferralDraft) -> Vec<(String, String)> {
    catalogue::rows(items, fields, &|id| member_name(form, id))
}

/// Only the rows of certain fields of one section, for one item of the call.
pub(crate) fn of_fields(fields: &Fields, form: &ReferralDraft, names: &[&str]) -> Vec<(String, String)> {
    let has_all = |section: &&Section| names.iter().all(|name| catalogue::in_section(**section, name).is_some());
    let Some(section) = Section::ALL.iter().find(has_all) else { return Vec::new() };
    let of = |item: &&Item| item.fields().iter().any(|field| names.contains(field));
    rows(catalogue::of_section(*section).filter(of), fields, form)
}

/// The name of a family member on the form.
pub(crate) fn name_of(member: &FamilyDraft) -> String {
    Some(member.name()).filter(|name| !name.is_empty()).unwrap_or_else(|| "Somebody without a name yet".to_owned())
}

fn member_name(form: &ReferralDraft, id: &str) -> String {
    form.family
        .iter()
        .find(|member| member.id.to_string() == id)
        .map_or_else(|| "Somebody taken off the form".into(), name_of)
}

/// A part of a referral as it is read.
pub(crate) struct Part {
    /// Its heading.
    pub(crate) heading: String,
    /// Where it is changed, below the referral's address.
    pub(crate) to: String,
    /// Questions and answers.
    pub(crate) rows: Vec<(String, String)>,
}

/// Every section with its answers, family members each under their own name.
pub(crate) fn whole(form: &ReferralDraft) -> Vec<Part> {
    let part = |section, heading, to, fields| Part { heading, to, rows: readable(section, fields, form) };
    let mut parts = Vec::new();
    for section in Section::ALL {
        match form.fields(*section) {
            Some(fields) => {
                parts.push(part(*section, section.label().to_owned(), format!("sections/{}", section.code()), fields));
            }
            None => parts.extend(form.family.iter().map(|member| {
                part(*section, format!("Family: {}", name_of(member)), format!("family/{}", member.id), &member.fields)
            })),
        }
    }
    parts
}
