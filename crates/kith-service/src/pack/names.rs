//! Whose names are looked for in a file: everybody who stands in it but the person whose pack it is. Who works there is normally
//! named (Data Protection Act 2018 Sch 2 para 17) and not looked for.

use std::collections::BTreeSet;

use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, PersonId};
use kith_domain::pack::PackName;
use kith_domain::person::Name;
use kith_domain::referral::FamilyDraft;
use kith_domain::rights::{Asker, HeldSubject};
use kith_store::{Child, Look, Referral, Relative, unless_destroyed};

use crate::ServiceError;
use crate::report::address::telling_parts;
use crate::rights::on_form;

/// A name shorter than this, in letters, is found everywhere.
const LETTERS_MIN: usize = 2;

/// What is looked for of a name: the whole of it, and each part that is not also a name of the person whose pack it is.
pub(super) fn forms(name: &Name, not: &BTreeSet<String>) -> Vec<String> {
    let mut forms = Vec::new();
    let mut add = |words: &str| {
        let words = words.trim();
        let letters = words.chars().filter(|c| c.is_alphabetic()).count();
        let known = not.contains(&words.to_lowercase()) || forms.iter().any(|form| form == words);
        if letters >= LETTERS_MIN && !known {
            forms.push(words.to_owned());
        }
    };
    add(&format!("{} {}", name.given, name.family));
    add(&name.given);
    add(&name.family);
    for given in name.given.split_whitespace() {
        add(given);
    }
    for former in &name.former {
        add(former);
        for word in former.split_whitespace() {
            add(word);
        }
    }
    forms
}

/// The words of the person's own name, small: they are never proposed.
pub(super) fn own_words(values: &[&Fields]) -> BTreeSet<String> {
    let mut own = BTreeSet::new();
    for name in values.iter().filter_map(|values| Name::of(values)) {
        for words in [&name.given, &name.family].into_iter().chain(&name.former) {
            own.insert(words.trim().to_lowercase());
            own.extend(words.split_whitespace().map(str::to_lowercase));
        }
    }
    own
}

/// How the person is found in what was written about others. A last name alone that somebody else of the file has too says nothing.
pub(super) fn own_forms(values: &[&Fields], others: &[&Fields]) -> Vec<String> {
    let family = |of: &&Fields| Name::of(of).map(|name| name.family.trim().to_lowercase());
    let shared: BTreeSet<String> = others.iter().filter_map(family).collect();
    let mut all: Vec<String> = Vec::new();
    for name in values.iter().filter_map(|values| Name::of(values)) {
        for form in forms(&name, &shared) {
            if !all.contains(&form) {
                all.push(form);
            }
        }
    }
    all
}

/// A member of the family who stands in a file.
pub(super) struct Member {
    pub(super) person: PersonId,
    pub(super) name: String,
    pub(super) stands: &'static str,
    pub(super) values: Fields,
}

/// Who stands in a file: by its rows, or by the form of a referral that was not accepted.
pub(super) struct Standing {
    /// The child.
    pub(super) child: ChildId,
    /// What is held of the child.
    pub(super) values: Fields,
    /// The family.
    pub(super) family: Vec<Member>,
    /// Other children of the form: those who have a file of their own stand there.
    others: Vec<(ChildId, Fields)>,
    /// The address of the placement, where it is confidential.
    address: Option<String>,
}

impl Standing {
    pub(super) fn by_rows(child: &Child, family: &[Relative]) -> Self {
        let member = |of: &Relative| Member {
            person: of.person.id,
            name: of.name(),
            stands: of.relation.relationship.label(),
            values: of.person.body.known.values.clone(),
        };
        let placement = child.body.placement.as_ref().filter(|placement| placement.confidential);
        Self {
            child: child.id,
            values: child.body.known.values.clone(),
            family: family.iter().map(member).collect(),
            others: Vec::new(),
            address: placement.map(|placement| placement.address.clone()),
        }
    }

    pub(super) fn by_form(child: ChildId, referral: &Referral) -> Self {
        let others = referral.children().into_iter().filter(|other| *other != child);
        let others = others.map(|other| (other, referral.body.for_child(other).child)).collect();
        let form = referral.body.for_child(child);
        let mut values = form.child.clone();
        for section in [&form.placement, &form.risk, &form.contact, &form.legal] {
            for name in section.names() {
                values.set_all(name, section.all(name).to_vec());
            }
        }
        let member =
            |of: FamilyDraft| Member { person: of.id, name: of.name(), stands: on_form(&of.fields), values: of.fields };
        let address = Some(values.get("address").to_owned()).filter(|_| values.has("confidential", "yes"));
        Self { child, values, family: form.family.into_iter().map(member).collect(), others, address }
    }
}

/// Whose names are looked for in a child's file, `people` being the rows of the person whose pack it is, none where it is the child.
pub(super) async fn names_in_file(
    look: &Look,
    of_file: &Standing,
    people: &[PersonId],
    asker: Asker,
) -> Result<Vec<PackName>, ServiceError> {
    let is_child = people.is_empty();
    let (child, values) = (of_file.child, &of_file.values);
    let mine: Vec<&Fields> = if is_child {
        vec![values]
    } else {
        of_file.family.iter().filter(|of| people.contains(&of.person)).map(|of| &of.values).collect()
    };
    let own = own_words(&mine);
    let mut names = Vec::new();
    let mut add = |shown: String, stands: &str, forms: Vec<String>, subject: Option<HeldSubject>, address: bool| {
        if !forms.is_empty() {
            names.push(PackName { shown, stands: stands.to_owned(), forms, subject, address });
        }
    };
    let of_child = |file: ChildId| HeldSubject { file, person: None };
    if !is_child && let Some(name) = Name::of(values) {
        add(name.full(), "The child", forms(&name, &own), Some(of_child(child)), false);
    }
    for member in of_file.family.iter().filter(|member| !people.contains(&member.person)) {
        if let Some(name) = Name::of(&member.values) {
            let subject = HeldSubject { file: child, person: Some(member.person) };
            add(member.name.clone(), member.stands, forms(&name, &own), Some(subject), false);
        }
    }
    for (other, values) in &of_file.others {
        if let Some(name) = Name::of(values) {
            add(name.full(), "Another child of the family", forms(&name, &own), Some(of_child(*other)), false);
        }
    }
    for other in other_children(look, child).await? {
        if let Some(other) = unless_destroyed(look.child(other).await)?
            && let Some(name) = Name::of(&other.body.known.values)
        {
            add(other.name(), "Another child of the family", forms(&name, &own), Some(of_child(other.id)), false);
        }
    }
    for (item, stands) in [("carer", "Carer"), ("emergency_name", "Whom to phone in an emergency")] {
        let name = values.get(item).trim();
        if !name.is_empty() {
            add(name.to_owned(), stands, of_words(name, &own), None, false);
        }
    }
    for (item, first, named, stands) in [
        ("siblings", "name", "name", "Brother or sister, by name only"),
        ("keep_apart", "one", "other_name", "Kept apart from somebody"),
    ] {
        for row in values.rows(item, first) {
            let name = row.get(named).trim().to_owned();
            let forms = of_words(&name, &own);
            add(name, stands, forms, None, false);
        }
    }
    if let Some(address) = of_file.address.as_ref().filter(|_| !is_child || asker != Asker::Themselves) {
        let forms = telling_parts(address);
        add("The address of the placement".to_owned(), "Confidential", forms, None, true);
    }
    Ok(names)
}

/// What is looked for of a name of which nobody said what is the family's.
fn of_words(name: &str, own: &BTreeSet<String>) -> Vec<String> {
    let mut words: Vec<&str> = name.split_whitespace().collect();
    let family = words.pop().unwrap_or_default().to_owned();
    forms(&Name { given: words.join(" "), family, former: Vec::new() }, own)
}

/// The children who stand in what is written in a child's file: on a referral, an order or in a session together.
async fn other_children(look: &Look, child: ChildId) -> Result<BTreeSet<ChildId>, ServiceError> {
    let mut others: BTreeSet<ChildId> = look.children_with_family_in_common(child).await?.into_iter().collect();
    for referral in look.referrals_of(child).await? {
        others.extend(referral.children());
    }
    for order in look.orders_of(child).await? {
        others.extend(order.body.children);
    }
    others.remove(&child);
    Ok(others)
}
