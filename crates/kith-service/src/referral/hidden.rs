//! What is restricted in the file of a child is not shown by the referral either that said it first (handbook section 14: "the
//! record stays, use stops"). What is stored stays as it was sent.

use std::collections::{BTreeMap, BTreeSet};

use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, PersonId};
use kith_domain::referral::{ReferralDraft, ReferralState, SiblingDraft};
use kith_domain::verification::{Item, Verification};
use kith_store::{Look, Referral};

use super::matches::persons_held;
use crate::ServiceError;

type Codes = BTreeSet<String>;

/// The items whose use is restricted, of each child of a referral and of each member of the family on the form.
#[derive(Default)]
pub(crate) struct Hidden {
    first: Codes,
    children: BTreeMap<ChildId, Codes>,
    people: BTreeMap<PersonId, Codes>,
}

impl Hidden {
    /// What is restricted now in the files that came of a referral; nothing as long as there are none.
    pub(crate) async fn of(look: &Look, referral: &Referral) -> Result<Self, ServiceError> {
        let mut hidden = Self::default();
        if referral.state != ReferralState::Accepted {
            return Ok(hidden);
        }
        let ids = referral.children();
        for child in look.children(&ids).await? {
            hidden.children.insert(child.id, child.body.known.restricted);
        }
        hidden.first = hidden.children.get(&referral.child).cloned().unwrap_or_default();
        for relative in look.families(&ids).await? {
            let codes = hidden.people.entry(relative.person.id).or_default();
            codes.extend(relative.person.body.known.restricted);
            codes.extend(relative.relation.known.restricted);
        }
        // Somebody of the form who was recognised as one of the family stands in the file by the row that was there.
        let answers = look.verification(referral.id).await?.map(|of| of.body.matches).unwrap_or_default();
        for (member, held) in persons_held(&answers) {
            for child in &ids {
                for row in look.known_to(*child, &[held]).await?.into_values() {
                    let codes = hidden.people.get(&row).cloned().unwrap_or_default();
                    hidden.people.entry(member).or_default().extend(codes);
                }
            }
        }
        Ok(hidden)
    }

    /// Takes it out of a form, as it stands and as it was when it was returned for information.
    pub(crate) fn take_out(&self, form: &mut ReferralDraft) {
        // What is said of all is said of each.
        let all: Codes = self.children.values().flatten().cloned().collect();
        without(&mut form.child, &self.first);
        for shared in [&mut form.placement, &mut form.legal, &mut form.contact, &mut form.risk] {
            without(shared, &all);
        }
        for member in &mut form.family {
            without(&mut member.fields, self.of_person(member.id));
        }
        for sibling in form.siblings.iter_mut().chain(form.taken_off.iter_mut().map(|taken| &mut taken.own)) {
            self.take_out_of_sibling(sibling);
        }
        if let Some(sent) = form.as_sent.as_deref_mut() {
            self.take_out(sent);
        }
    }

    fn take_out_of_sibling(&self, sibling: &mut SiblingDraft) {
        let none = Codes::new();
        let codes = self.children.get(&sibling.id).unwrap_or(&none);
        without(&mut sibling.child, codes);
        without(&mut sibling.placement, codes);
        for (person, fields) in &mut sibling.relations {
            without(fields, self.of_person(*person));
        }
        if let Some(sent) = sibling.as_sent.as_deref_mut() {
            self.take_out_of_sibling(sent);
        }
    }

    /// Takes it out of what was answered on the phone.
    pub(crate) fn take_out_of_call(&self, call: &mut Verification) {
        for answered in &mut call.answers {
            let Some(item) = Item::from_code(&answered.item) else { continue };
            let of_child = item.sibling.map_or(Some(&self.first), |sibling| self.children.get(&sibling));
            let codes = item.person.map(|person| self.of_person(person)).or(of_child);
            if let Some(codes) = codes {
                without(&mut answered.of, codes);
                for fields in [&mut answered.old, &mut answered.new].into_iter().flatten() {
                    without(fields, codes);
                }
            }
        }
    }

    fn of_person(&self, id: PersonId) -> &Codes {
        static NONE: Codes = Codes::new();
        self.people.get(&id).unwrap_or(&NONE)
    }
}

fn without(fields: &mut Fields, codes: &Codes) {
    if fields.names().any(|name| codes.contains(name)) {
        *fields = fields.only(|name| !codes.contains(name));
    }
}
