//! What was typed, for reading: labels and words of the catalogue instead of names and codes.

use kith_domain::calendar;
use kith_domain::catalogue::{self, Item};
use kith_domain::form::Fields;
use kith_domain::referral::{self as domain, FamilyDraft, ReferralDraft, Section, SiblingDraft, TakenOff};
use kith_domain::verification;

use super::forms::{Asks, first_child};

/// Labels and values of what was typed in a section, without the fields left empty. `form` gives names for ids.
pub(crate) fn readable(section: Section, fields: &Fields, form: &ReferralDraft) -> Vec<(String, String)> {
    rows(catalogue::of_section(section), fields, form)
}

fn rows<'a>(items: impl IntoIterator<Item = &'a Item>, fields: &Fields, form: &ReferralDraft) -> Vec<(String, String)> {
    catalogue::rows(items, fields, &|id| member_name(form, id))
}

/// Labels and values of what was typed on a page.
pub(crate) fn of_asked(asks: Asks, fields: &Fields, form: &ReferralDraft) -> Vec<(String, String)> {
    let mut all = together(asks, fields, form);
    if !fields.has(SiblingDraft::TOGETHER, "yes") {
        all.extend(rows(asks.items(), fields, form));
    }
    all
}

/// The same, of what one item of the call is about.
pub(crate) fn of_item(item: verification::Item, fields: &Fields, form: &ReferralDraft) -> Vec<(String, String)> {
    let asks = Asks::of_item(item);
    let mut all = together(asks, fields, form);
    if !fields.has(SiblingDraft::TOGETHER, "yes") {
        let names = item.fields();
        let of = |item: &&'static Item| item.fields().iter().any(|field| names.contains(field));
        all.extend(rows(asks.items().into_iter().filter(of), fields, form));
    }
    all
}

/// That a brother or sister lives with the first child.
fn together(asks: Asks, fields: &Fields, form: &ReferralDraft) -> Vec<(String, String)> {
    let lives = asks == Asks::SiblingHome && fields.has(SiblingDraft::TOGETHER, "yes");
    if lives { vec![("Lives with".to_owned(), first_child(form))] } else { Vec::new() }
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
    /// Where it is changed, below the referral's address; empty when it is not.
    pub(crate) to: String,
    /// Questions and answers.
    pub(crate) rows: Vec<(String, String)>,
}

/// Every section with its answers; what was changed since the referral was returned for information is marked, with what
/// stood there before.
pub(crate) fn whole(form: &ReferralDraft) -> Vec<Part> {
    let mut parts = every(form);
    let Some(sent) = form.sent_before() else { return parts };
    let before = every(&sent);
    for part in &mut parts {
        let was = before.iter().find(|of| of.to == part.to && !of.to.is_empty());
        let was: &[(String, String)] = was.map_or(&[], |of| &of.rows);
        let value = |label: &str| was.iter().find(|(of, _)| of == label).map(|(_, value)| value);
        let gone: Vec<(String, String)> = was
            .iter()
            .filter(|(label, _)| part.rows.iter().all(|(of, _)| of != label))
            .map(|(label, value)| (label.clone(), format!("Taken out since it was returned. Before: {value}")))
            .collect();
        for (label, now) in &mut part.rows {
            match value(label) {
                Some(before) if before == now => {}
                Some(before) => *now = format!("{now}\nChanged since it was returned. Before: {before}"),
                None => now.push_str("\nAdded since it was returned"),
            }
        }
        part.rows.extend(gone);
    }
    let gone = before.into_iter().filter(|was| !was.to.is_empty() && parts.iter().all(|part| part.to != was.to));
    let gone: Vec<Part> = gone
        .map(|was| Part {
            heading: format!("{}: taken out since it was returned", was.heading),
            to: String::new(),
            ..was
        })
        .collect();
    parts.extend(gone);
    parts
}

/// Every section with its answers: what is said of the first child and of all, family members each under their own name,
/// then what is each brother's or sister's own, and who was taken off.
fn every(form: &ReferralDraft) -> Vec<Part> {
    let several = !form.siblings.is_empty();
    let mut parts = Vec::new();
    for section in Section::ALL {
        let own = several && matches!(section, Section::Child | Section::Placement);
        let heading =
            if own { format!("{}: {}", first_child(form), lower(section.label())) } else { section.label().to_owned() };
        match form.fields(*section) {
            Some(fields) => parts.push(Part {
                heading,
                to: format!("sections/{}", section.code()),
                rows: readable(*section, fields, form),
            }),
            None => parts.extend(form.family.iter().map(|member| Part {
                heading: format!("Family: {}", name_of(member)),
                to: format!("family/{}", member.id),
                rows: readable(*section, &member.fields, form),
            })),
        }
    }
    parts.extend(form.siblings.iter().flat_map(|sibling| of_sibling(sibling, form)));
    parts.extend(form.taken_off.iter().map(taken_off));
    parts
}

/// What is one brother's or sister's own.
fn of_sibling(sibling: &SiblingDraft, form: &ReferralDraft) -> Vec<Part> {
    let part = |section| domain::Part { section, sibling: Some(sibling.id) };
    let own = |section: Section, asks| Part {
        heading: part(section).title(form),
        to: format!("children/{}", part(section).code()),
        rows: of_asked(asks, &sibling.fields(section).unwrap_or_default(), form),
    };
    let mut parts =
        vec![own(Section::Child, Asks::Section(Section::Child)), own(Section::Placement, Asks::SiblingHome)];
    let apart = form.family.iter().filter(|member| sibling.relations.contains_key(&member.id));
    let stands = apart.map(|member| Part {
        heading: format!("{}: how {} stands to the child", sibling.shown_name(), name_of(member)),
        to: format!("children/{}/family/{}", sibling.id, member.id),
        rows: of_asked(Asks::SiblingRelation, &sibling.relations[&member.id], form),
    });
    parts.extend(stands);
    if sibling.relations.is_empty() && !form.family.is_empty() {
        parts.push(Part {
            heading: part(Section::Family).title(form),
            to: format!("children/{}", part(Section::Family).code()),
            rows: vec![("The family".to_owned(), format!("As it stands to {}", first_child(form)))],
        });
    }
    parts
}

/// A child who was taken off: why and when.
fn taken_off(taken: &TakenOff) -> Part {
    let at = calendar::long_instant(taken.at_ms);
    let rows = vec![("Why".to_owned(), taken.reason.clone()), ("When".to_owned(), at)];
    Part { heading: format!("{}: taken off this referral", taken.own.shown_name()), to: String::new(), rows }
}

fn lower(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
