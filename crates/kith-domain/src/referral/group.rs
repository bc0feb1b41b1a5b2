//! Several children on one referral: brothers and sisters (handbook section 3 "siblings", section 4).
//!
//! The order, the family, the contact wanted and the risks are said once. Each child's own stand beside: who they are and
//! their health, where they live, and how each member of the family stands to them where that differs.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Ending, FamilyDraft, ReferralDraft, Section, name_of, relation_problems, section_problems};
use crate::catalogue::{About, SaidOf, in_section};
use crate::form::{Fields, Problem};
use crate::ids::{AccountId, ChildId, PersonId};
use crate::refusal::Refusal;
use crate::words::in_words;

/// Most children on one referral.
pub const CHILDREN_LIMIT: usize = 12;

/// A brother or sister on the form, as typed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiblingDraft {
    /// The child's file, made when the child was added.
    pub id: ChildId,
    /// Who they are, and their health.
    pub child: Fields,
    /// Whether they live with the first child.
    #[serde(default)]
    pub lives_together: bool,
    /// Where they live, where that is not with the first child.
    pub placement: Fields,
    /// How members of the family stand to them, where that is not as they stand to the first child.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub relations: BTreeMap<PersonId, Fields>,
    /// As it was sent when the referral was last returned for information.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_sent: Option<Box<SiblingDraft>>,
}

impl SiblingDraft {
    /// The field of the placement's form that says `yes` when the child lives with the first one.
    pub const TOGETHER: &'static str = "together";
    /// The field of the placement's form that says with which other brother or sister of the form the child lives.
    pub const HOME_OF: &'static str = "home_of";

    /// Nothing typed yet.
    pub fn new(id: ChildId) -> Self {
        Self {
            id,
            child: Fields::default(),
            lives_together: false,
            placement: Fields::default(),
            relations: BTreeMap::new(),
            as_sent: None,
        }
    }

    /// The name as typed so far; empty when nothing is typed.
    pub fn name(&self) -> String {
        name_of(&self.child)
    }

    /// The name for reading, also while none is typed.
    pub fn shown_name(&self) -> String {
        Some(self.name())
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| "A brother or sister without a name".to_owned())
    }

    /// All values that are the child's own, and of whom each is said.
    pub fn values(&self) -> Vec<(SaidOf, &Fields)> {
        let mut values = vec![(SaidOf::Child, &self.child), (SaidOf::Child, &self.placement)];
        values.extend(self.relations.values().map(|fields| (SaidOf::Family, fields)));
        values.extend(self.as_sent.iter().flat_map(|sent| sent.values()));
        values
    }

    /// The same, to take values out.
    pub fn values_mut(&mut self) -> Vec<(SaidOf, &mut Fields)> {
        let mut values = vec![(SaidOf::Child, &mut self.child), (SaidOf::Child, &mut self.placement)];
        values.extend(self.relations.values_mut().map(|fields| (SaidOf::Family, fields)));
        values.extend(self.as_sent.iter_mut().flat_map(|sent| sent.values_mut()));
        values
    }

    /// The fields of one of the child's own sections, as its form has them.
    pub fn fields(&self, section: Section) -> Option<Fields> {
        match section {
            Section::Child => Some(self.child.clone()),
            Section::Placement => {
                let mut fields = self.placement.clone();
                if self.lives_together {
                    fields.set(Self::TOGETHER, "yes");
                }
                Some(fields)
            }
            _ => None,
        }
    }

    /// Puts what was typed into one of the child's own sections.
    pub fn set_fields(&mut self, section: Section, fields: Fields) {
        match section {
            Section::Child => self.child = fields,
            Section::Placement => {
                self.lives_together = fields.has(Self::TOGETHER, "yes");
                self.placement = fields.only(|name| name != Self::TOGETHER);
            }
            _ => {}
        }
    }
}

/// A child who was taken off a referral; what was typed of them is kept. No Debug: it is personal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenOff {
    /// Who, and what was their own on the form.
    pub own: SiblingDraft,
    /// Why.
    pub reason: String,
    /// Whether whoever took them off said that they are looked after: it decides for how long it is kept.
    #[serde(default)]
    pub looked_after: Option<bool>,
    /// Who took them off.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
}

/// A part of the form: a section of the first child or of all, or a section of one of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which section.
    pub section: Section,
    /// Of which child, when not of the first or of all.
    pub sibling: Option<ChildId>,
}

impl Part {
    /// Where it stands below the referral's address: `child`, or `ID/child` of another child.
    pub fn code(self) -> String {
        match self.sibling {
            None => self.section.code().to_owned(),
            Some(child) => format!("{child}/{}", self.section.code()),
        }
    }

    /// Where its page stands below the referral's address.
    pub fn address(self) -> String {
        let below = if self.sibling.is_some() { "children" } else { "sections" };
        format!("{below}/{}", self.code())
    }

    /// What it is called, with the name of the child whose own it is.
    pub fn title(self, form: &ReferralDraft) -> String {
        let Some(id) = self.sibling else { return self.section.label().to_owned() };
        let name = form.sibling(id).map(SiblingDraft::shown_name).unwrap_or_default();
        match self.section {
            Section::Placement => format!("{name}: where the child lives"),
            Section::Family => format!("{name}: how the family stands to the child"),
            _ => format!("{name}: the child"),
        }
    }
}

const SEES_NOBODY: &str = "Nobody whom the children are to see may attend for this child. Change how the family stands to \
                           the child, or refer the child apart";

/// The problem of a child who is on one referral twice.
pub(super) fn referred_twice() -> Problem {
    Problem::new("care_first", "Another child on this referral has the same Care First identity number")
}

impl ReferralDraft {
    /// Every part of the form, in order.
    pub fn parts(&self) -> Vec<Part> {
        let of_all = Section::ALL.iter().map(|section| Part { section: *section, sibling: None });
        let of_sibling = self.siblings.iter().flat_map(|sibling| {
            let part = move |section| Part { section, sibling: Some(sibling.id) };
            [part(Section::Child), part(Section::Placement), part(Section::Family)]
        });
        of_all.chain(of_sibling).collect()
    }

    /// What is wrong in a part of the form.
    pub fn problems_of(&self, part: Part, today: Date) -> Vec<Problem> {
        let Some(id) = part.sibling else { return self.problems(part.section, today) };
        let Some(sibling) = self.sibling(id) else { return Vec::new() };
        match part.section {
            Section::Child => {
                let mut problems = section_problems(Section::Child, &sibling.child, today);
                let others = self.siblings.iter().filter(|other| other.id != id).map(|other| &other.child);
                if is_referred_twice(&sibling.child, others.chain([&self.child])) {
                    problems.push(referred_twice());
                }
                problems
            }
            Section::Placement if sibling.lives_together => Vec::new(),
            Section::Placement => section_problems(Section::Placement, &sibling.placement, today),
            Section::Family => {
                let known = |person: &PersonId| self.family.iter().any(|member| member.id == *person);
                let of_known = sibling.relations.iter().filter(|(person, _)| known(person));
                let mut problems: Vec<Problem> =
                    of_known.flat_map(|(_, fields)| relation_problems(fields, today)).collect();
                if self.sees_nobody(id) {
                    problems.push(Problem::new("family", SEES_NOBODY));
                }
                problems
            }
            _ => Vec::new(),
        }
    }

    /// What is wrong in a part of the form on every one of these days: what could be said on the day it was submitted is
    /// not wrong because a day has passed (an expected birth), nor is what was corrected since.
    pub fn problems_on(&self, part: Part, days: &[Date]) -> Vec<Problem> {
        let mut of_days = days.iter().map(|day| self.problems_of(part, *day));
        let last = of_days.next_back().unwrap_or_default();
        if of_days.any(|problems| problems.is_empty()) { Vec::new() } else { last }
    }

    /// A brother or sister on the form.
    pub fn sibling(&self, id: ChildId) -> Option<&SiblingDraft> {
        self.siblings.iter().find(|sibling| sibling.id == id)
    }

    /// The brothers and sisters who live elsewhere than the first child: a home of theirs need not be typed again.
    pub fn other_homes(&self) -> impl Iterator<Item = &SiblingDraft> {
        self.siblings.iter().filter(|of| !of.lives_together && !of.placement.is_blank())
    }

    /// What was typed of where a child lives, with what was left empty taken from the home of the brother or sister whom
    /// [`SiblingDraft::HOME_OF`] names: nothing that was typed is changed.
    #[must_use]
    pub fn with_home(&self, typed: &Fields) -> Fields {
        let mut own = typed.only(|name| name != SiblingDraft::HOME_OF);
        let named = typed.get(SiblingDraft::HOME_OF);
        let home = self.other_homes().find(|other| other.id.to_string() == named);
        if let Some(home) = home.filter(|_| !typed.has(SiblingDraft::TOGETHER, "yes")) {
            for name in home.placement.names() {
                if own.all(name).iter().all(|value| value.trim().is_empty()) {
                    own.set_all(name, home.placement.all(name).to_vec());
                }
            }
        }
        own
    }

    /// The children of the form; `first` is the file of the first one.
    pub fn children(&self, first: ChildId) -> Vec<ChildId> {
        std::iter::once(first).chain(self.siblings.iter().map(|sibling| sibling.id)).collect()
    }

    /// The form as it stands for one child: with what is said of them in the place of what is said of the first, and to see
    /// those who may attend for them.
    #[must_use]
    pub fn for_child(&self, id: ChildId) -> ReferralDraft {
        let mut form = ReferralDraft { siblings: Vec::new(), taken_off: Vec::new(), as_sent: None, ..self.clone() };
        if let Some(sibling) = self.sibling(id) {
            form.child = sibling.child.clone();
            if !sibling.lives_together {
                form.placement = sibling.placement.clone();
            }
            for member in &mut form.family {
                member.fields = self.member_fields(sibling, member.id);
            }
        }
        let barred: Vec<PersonId> = form.family.iter().filter(|of| of.is_barred()).map(|of| of.id).collect();
        form.take_out_of_wanted(&barred);
        form
    }

    /// What a child of the form is found by: their own values, and with them the carer and the numbers said elsewhere on it.
    pub fn found_by(&self, id: ChildId) -> Fields {
        let form = self.for_child(id);
        let mut values = form.child.clone();
        for (part, items) in [
            (&form.placement, &["carer", "carer_phone"][..]),
            (&form.legal, &["case_number"][..]),
            (&form.risk, &["emergency_phone"][..]),
        ] {
            for item in items {
                values.set(*item, part.get(item));
            }
        }
        values
    }

    /// Whether somebody must not attend for any of the children.
    pub fn is_barred_for_all(&self, person: PersonId) -> bool {
        let of_first = self.family.iter().any(|member| member.id == person && member.is_barred());
        of_first && self.siblings.iter().all(|sibling| self.member_fields(sibling, person).has("may_attend", "no"))
    }

    /// The members of the family who may attend for any of the children.
    pub fn attending(&self) -> impl Iterator<Item = &FamilyDraft> {
        self.family.iter().filter(|member| !self.is_barred_for_all(member.id))
    }

    /// Whether there is somebody whom a child is to see, by what is typed so far.
    fn sees_nobody(&self, id: ChildId) -> bool {
        !self.is_to_see().is_empty() && self.for_child(id).is_to_see().is_empty()
    }

    /// The names of the children as typed, for lists: "Jay Marsh and Robin Marsh"; empty when nothing is typed.
    pub fn children_names(&self) -> String {
        let all = std::iter::once(self.child_name()).chain(self.siblings.iter().map(SiblingDraft::name));
        let mut names: Vec<String> = all.filter(|name| !name.is_empty()).collect();
        let unnamed = self.siblings.len() + 1 - names.len();
        if unnamed > 0 && !names.is_empty() {
            names.push(if unnamed == 1 { "one more".to_owned() } else { format!("{unnamed} more") });
        }
        in_words(&names)
    }

    /// What is said of one child alone; of the first as well.
    pub fn own_of(&self, id: ChildId, first: ChildId) -> Option<SiblingDraft> {
        if id == first {
            let (child, placement) = (self.child.clone(), self.placement.clone());
            let as_sent = self.as_sent.as_ref().map(|sent| {
                let (child, placement) = (sent.child.clone(), sent.placement.clone());
                Box::new(SiblingDraft { child, placement, ..SiblingDraft::new(first) })
            });
            return Some(SiblingDraft { child, placement, as_sent, ..SiblingDraft::new(first) });
        }
        self.sibling(id).cloned()
    }

    /// A brother or sister is held under another number.
    pub fn is_now(&mut self, before: ChildId, now: ChildId) {
        for sibling in self.siblings.iter_mut().filter(|sibling| sibling.id == before) {
            sibling.id = now;
        }
    }

    /// What is said of a member of the family as they stand to a brother or sister.
    pub fn member_fields(&self, sibling: &SiblingDraft, person: PersonId) -> Fields {
        let all = self.family.iter().find(|member| member.id == person);
        let all = all.map(|member| member.fields.clone()).unwrap_or_default();
        let Some(own) = sibling.relations.get(&person) else { return all };
        let mut fields = all.only(|name| !is_of_relation(name));
        for name in own.names().filter(|name| is_of_relation(name)) {
            fields.set_all(name, own.all(name).to_vec());
        }
        fields
    }

    /// Takes a child off for a reason; what was typed of them is kept. Gives the form without them, and the first child of
    /// it. Refused when the child is not on the form, or is the only one.
    pub fn take_off(
        &self,
        id: ChildId,
        first: ChildId,
        ending: &Ending,
        (by, at_ms): (AccountId, i64),
    ) -> Result<(ReferralDraft, ChildId), Refusal> {
        let (Some(mut own), Some((mut form, first))) = (self.own_of(id, first), self.without(id, first)) else {
            return Err(Refusal::new(
                "referral.last_child",
                "A referral is for one child at least. If this child is not referred any more, withdraw or decline the referral",
            ));
        };
        own.placement = self.for_child(id).placement;
        let (reason, looked_after) = (ending.reason.clone(), ending.looked_after);
        form.taken_off.push(TakenOff { own, reason, looked_after, by, at_ms });
        Ok((form, first))
    }

    /// Takes a child off: a brother or sister goes, and when it is the first child, the next one takes their place. `None`
    /// when the child is not on the form, or is the only one.
    #[must_use]
    pub(crate) fn without(&self, id: ChildId, first: ChildId) -> Option<(ReferralDraft, ChildId)> {
        let mut form = self.clone();
        if id != first {
            let before = form.siblings.len();
            form.siblings.retain(|sibling| sibling.id != id);
            return (form.siblings.len() < before).then_some((form, first));
        }
        let next = self.siblings.first()?;
        let mut own = self.for_child(next.id);
        own.siblings = self.siblings[1..].to_vec();
        for sibling in &mut own.siblings {
            let place = self.for_child(sibling.id).placement;
            let together = place == own.placement && !place.is_blank();
            sibling.lives_together = together;
            sibling.placement = if together { Fields::default() } else { place };
            for member in &self.family {
                let stands = self.sibling(sibling.id).map(|of| self.member_fields(of, member.id)).unwrap_or_default();
                let stands = stands.only(is_of_relation);
                let with_next = own.family.iter().find(|known| known.id == member.id);
                let same = with_next.is_some_and(|known| known.fields.only(is_of_relation) == stands);
                if same {
                    sibling.relations.remove(&member.id);
                } else {
                    sibling.relations.insert(member.id, stands);
                }
            }
        }
        Some((own, next.id))
    }
}

/// Whether a child is among others: two of one name are twins, or cousins; two of one number are one child.
pub(super) fn is_referred_twice<'a>(child: &Fields, others: impl IntoIterator<Item = &'a Fields>) -> bool {
    let number = |fields: &Fields| fields.get("care_first").trim().to_uppercase();
    let own = number(child);
    !own.is_empty() && others.into_iter().any(|other| number(other) == own)
}

/// Whether a field is about how a person stands to a child, and not about who they are.
fn is_of_relation(name: &str) -> bool {
    in_section(Section::Family, name).is_some_and(|item| item.about == About::Relationship)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::referral::{FamilyDraft, set_wanted};
    use jiff::civil::date;
    use uuid::Uuid;

    const TODAY: Date = date(2026, 11, 24);

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn child(given: &str, number: &str) -> Fields {
        [
            ("given_name", given),
            ("family_name", "Marsh"),
            ("birth_kind", "on"),
            ("dob", "2021-05-03"),
            ("sex", "female"),
            ("care_first", number),
            ("language", "English"),
            ("interpreter", "no"),
            ("has_allergies", "no"),
        ]
        .into_iter()
        .collect()
    }

    fn three() -> ReferralDraft {
        let uncle = FamilyDraft {
            id: PersonId(id(9)),
            fields: [("given_name", "Len"), ("relationship", "aunt_uncle"), ("may_attend", "no")].into_iter().collect(),
        };
        let mut second = SiblingDraft::new(ChildId(id(2)));
        second.child = child("Robin", "CF-2");
        second.lives_together = true;
        let mut third = SiblingDraft::new(ChildId(id(3)));
        third.child = child("Jay", "CF-3");
        third.placement = [("address", "9 High Street")].into_iter().collect();
        third.relations.insert(uncle.id, [("relationship", "father"), ("may_attend", "yes")].into_iter().collect());
        ReferralDraft {
            child: child("Robin", "CF-1"),
            placement: [("address", "4 Orchard Lane")].into_iter().collect(),
            family: vec![uncle],
            siblings: vec![second, third],
            ..ReferralDraft::default()
        }
    }

    #[test]
    fn twins_of_one_name_are_two_children_and_one_number_is_one_child() {
        let mut form = three();
        assert!(form.problems(Section::Child, TODAY).is_empty());
        form.siblings[0].child.set("care_first", " cf-1");
        let part = Part { section: Section::Child, sibling: Some(ChildId(id(2))) };
        for problems in [form.problems(Section::Child, TODAY), form.problems_of(part, TODAY)] {
            assert_eq!(problems.iter().map(|problem| problem.field.as_str()).collect::<Vec<_>>(), ["care_first"]);
        }
    }

    #[test]
    fn each_child_has_what_is_said_of_all_and_what_is_their_own() {
        let form = three();
        let second = form.for_child(ChildId(id(2)));
        assert_eq!((second.child.get("care_first"), second.placement.get("address")), ("CF-2", "4 Orchard Lane"));
        assert_eq!(second.family[0].fields.get("relationship"), "aunt_uncle");
        let third = form.for_child(ChildId(id(3)));
        assert_eq!(third.placement.get("address"), "9 High Street");
        let member = &third.family[0].fields;
        assert_eq!((member.get("given_name"), member.get("relationship")), ("Len", "father"));
    }

    /// Nothing that is shared is typed twice, and nothing that was typed is written over.
    #[test]
    fn who_lives_with_a_brother_elsewhere_takes_what_is_empty_from_his_home() {
        let mut form = three();
        form.siblings[1].placement =
            [("address", "9 High Street"), ("carer", "Hannah"), ("postcode", "NE1 1AA")].into_iter().collect();
        let typed = |of: u128, together: &str| -> Fields {
            let named = ChildId(id(of)).to_string();
            [
                (SiblingDraft::HOME_OF, named.as_str()),
                (SiblingDraft::TOGETHER, together),
                ("carer", "Odette"),
                ("address", " "),
            ]
            .into_iter()
            .collect()
        };
        let own = form.with_home(&typed(3, "no"));
        assert_eq!(["address", "carer", "postcode"].map(|name| own.get(name)), ["9 High Street", "Odette", "NE1 1AA"]);
        assert!(!own.names().any(|name| name == SiblingDraft::HOME_OF));
        for other in
            [form.with_home(&typed(3, "yes")), form.with_home(&typed(2, "no")), form.with_home(&typed(7, "no"))]
        {
            assert_eq!((other.get("postcode"), other.get("carer")), ("", "Odette"));
        }
    }

    #[test]
    fn a_child_taken_off_takes_only_their_own_along() {
        let form = three();
        let (first, second, third) = (ChildId(id(1)), ChildId(id(2)), ChildId(id(3)));
        let (without, now_first) = form.without(second, first).expect("two stay");
        assert_eq!((without.children(now_first), now_first), (vec![first, third], first));

        let (without, now_first) = form.without(first, first).expect("two stay");
        assert_eq!(without.children(now_first), [second, third]);
        for child in [second, third] {
            let (before, after) = (form.for_child(child), without.for_child(child));
            assert_eq!(before.child, after.child);
            assert_eq!(before.placement, after.placement);
            assert_eq!(before.family[0].fields, after.family[0].fields);
        }
        // What was typed of them is kept with the reason.
        let ending = Ending { reason: "Placed for adoption".to_owned(), looked_after: Some(true) };
        let by = (AccountId(id(7)), 0);
        let Ok((without, _)) = form.take_off(second, first, &ending, by) else { panic!("two stay") };
        assert_eq!(without.taken_off[0].own.name(), "Robin Marsh");
        assert_eq!(without.taken_off[0].own.placement.get("address"), "4 Orchard Lane");
        let alone = ReferralDraft { siblings: Vec::new(), ..form };
        let refused = alone.take_off(first, first, &ending, by);
        assert_eq!(refused.err().map(|refusal| refusal.code), Some("referral.last_child"));
    }

    #[test]
    fn who_is_barred_for_one_child_is_wanted_for_the_others() {
        let mut form = three();
        let (first, third, uncle) = (ChildId(id(1)), ChildId(id(3)), form.family[0].id);
        set_wanted(&mut form.contact, &[(uncle, &[])]);
        let seen = |form: &ReferralDraft, child| form.for_child(child).is_to_see().len();
        assert_eq!((seen(&form, first), seen(&form, third)), (0, 1));
        let part = Part { section: Section::Family, sibling: Some(ChildId(id(2))) };
        assert!(form.problems_of(part, TODAY).iter().any(|problem| problem.field == "family"));
        assert!(!form.is_barred_for_all(uncle));
        form.siblings[1].relations.clear();
        assert!(form.is_barred_for_all(uncle));
    }
}
