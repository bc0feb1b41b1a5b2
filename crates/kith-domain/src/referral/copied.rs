//! A referral that begins with what an earlier one or a file says: copied section by section, and looked at again before it is
//! sent.

use std::collections::BTreeMap;

use super::{FamilyDraft, ReferralDraft, Section};
use crate::catalogue::in_section;
use crate::form::{Fields, Problem};
use crate::ids::PersonId;

/// What stands at a section that was copied and nobody has looked at since.
const LOOK: &str = "This is copied. Check it, change what is not so any more, and save it";

/// Whom a referral is for that begins with what an earlier one says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyFor {
    /// The same child again.
    Same,
    /// A brother or sister, who may live elsewhere.
    Sibling,
}

impl CopyFor {
    /// Reads `same` or `sibling`.
    pub fn from_code(code: &str) -> Option<CopyFor> {
        match code {
            "same" => Some(CopyFor::Same),
            "sibling" => Some(CopyFor::Sibling),
            _ => None,
        }
    }
}

impl ReferralDraft {
    /// What the file of a child says now, as a form: values of the child, and of each member of the family with how they stand
    /// to the child.
    pub fn of_file(child: &Fields, family: impl IntoIterator<Item = (PersonId, Fields)>) -> ReferralDraft {
        let mut form = ReferralDraft::default();
        for section in Section::ALL.iter().filter(|section| **section != Section::Family) {
            form.set_fields(*section, child.only(|name| in_section(*section, name).is_some()));
        }
        form.family = family.into_iter().map(|(id, fields)| FamilyDraft { id, fields }).collect();
        form
    }

    /// A new form with what this one says: of the same child all of it, of a brother or sister what is said of all. `new_id`
    /// makes an id for each member of the family: they are compared with who is held like anybody.
    #[must_use]
    pub fn copied_for(&self, whom: CopyFor, mut new_id: impl FnMut() -> PersonId) -> ReferralDraft {
        let ids: BTreeMap<PersonId, PersonId> = self.family.iter().map(|member| (member.id, new_id())).collect();
        let renamed = |fields: &Fields| {
            let value = |value: &str| {
                ids.iter().fold(value.to_owned(), |value, (old, new)| value.replace(&old.to_string(), &new.to_string()))
            };
            fields.iter().map(|(name, given)| (name.to_owned(), value(given))).collect::<Fields>()
        };
        let same = whom == CopyFor::Same;
        let of_child = |name: &str| same || matches!(name, "family_name" | "language" | "religion" | "ethnicity");
        let mut form = ReferralDraft {
            child: self.child.only(of_child),
            placement: if same { renamed(&self.placement) } else { Fields::default() },
            legal: self.legal.clone(),
            family: self
                .family
                .iter()
                .map(|member| FamilyDraft { id: ids[&member.id], fields: member.fields.clone() })
                .collect(),
            contact: renamed(&self.contact),
            risk: self.risk.clone(),
            ..ReferralDraft::default()
        };
        let sections = Section::ALL.iter().filter(|section| form.fields(**section).is_some_and(|of| !of.is_blank()));
        let sections = sections.map(|section| section.code().to_owned());
        form.copied = sections.chain(form.family.iter().map(|member| member.id.to_string())).collect();
        form
    }

    /// Somebody has looked at a section, or at a member of the family; whether it was copied and nobody had until then.
    pub fn looked_at(&mut self, what: &str) -> bool {
        let before = self.copied.len();
        self.copied.retain(|copied| copied != what);
        self.copied.len() < before
    }

    /// What stands at a section that was copied, or at a member of the family, until somebody has looked at it.
    pub(super) fn problem_of_copy(&self, what: &str, field: &str) -> Option<Problem> {
        self.copied.iter().any(|copied| copied == what).then(|| Problem::new(field, LOOK))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::referral::{set_wanted, wanted_contact};
    use jiff::civil::date;
    use uuid::Uuid;

    #[test]
    fn what_is_copied_is_said_of_new_rows_and_is_looked_at_before_it_is_sent() {
        let old = PersonId(Uuid::from_u128(1));
        let new = PersonId(Uuid::from_u128(2));
        let mut form = ReferralDraft {
            child: [("given_name", "Robin"), ("family_name", "Marsh")].into_iter().collect(),
            family: vec![FamilyDraft { id: old, fields: [("given_name", "Len")].into_iter().collect() }],
            ..ReferralDraft::default()
        };
        set_wanted(&mut form.contact, &[(old, &[("count", "2")])]);
        let mut copy = form.copied_for(CopyFor::Sibling, || new);
        assert_eq!((copy.child.get("given_name"), copy.child.get("family_name")), ("", "Marsh"));
        assert_eq!(wanted_contact(&copy.contact)[0].who, new);
        let today = date(2026, 11, 27);
        let stands = |form: &ReferralDraft| form.problems(Section::Family, today).iter().any(|of| of.message == LOOK);
        assert!(stands(&copy));
        copy.looked_at(&new.to_string());
        assert!(!stands(&copy));
        assert!(copy.problems(Section::Child, today).iter().any(|of| of.message == LOOK));
        assert_eq!(form.copied_for(CopyFor::Same, || new).child, form.child);
    }

    #[test]
    fn what_a_file_says_is_put_into_the_sections_that_ask_it() {
        let said =
            [("given_name", "Robin"), ("address", "9 High Street"), ("court", "Family Court"), ("concerns", "None")];
        let ann = PersonId(Uuid::from_u128(1));
        let member: Fields = [("given_name", "Ann"), ("relationship", "mother")].into_iter().collect();
        let form = ReferralDraft::of_file(&said.into_iter().collect(), [(ann, member.clone())]);
        assert_eq!((form.child.get("given_name"), form.child.get("address")), ("Robin", ""));
        assert_eq!((form.placement.get("address"), form.legal.get("court")), ("9 High Street", "Family Court"));
        assert_eq!((form.risk.get("concerns"), form.family[0].fields == member), ("None", true));
    }
}
