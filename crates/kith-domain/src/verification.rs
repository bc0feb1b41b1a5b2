//! Verification by phone: what must be asked, what was answered, what still stands against acceptance
//! (handbook section 5).

mod call;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::catalogue::{Topic, of_topic};
use crate::codes::codes;
use crate::form::{Fields, Problem, Reader, SHORT_TEXT_CHARS};
use crate::ids::{AccountId, ChildId, PersonId};
use crate::referral::{FamilyDraft, ReferralDraft, Section, SiblingDraft};
use crate::same::Matched;

pub use call::{Call, CallFacts, CallOutcome, Taken, is_same_number, read_own_number};

/// What is a child's own.
const OWN: [Topic; 3] = [Topic::Identity, Topic::Health, Topic::Placement];
/// Stands in a code before the brother or sister whom it is about.
const OF: &str = "-of-";
/// Somebody of whom no name is typed yet.
const NAMELESS: &str = "Somebody without a name yet";

/// One thing to verify. What is said of all children is asked once; what is a child's own is asked of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// What it is about: the items that the catalogue puts under this topic.
    pub topic: Topic,
    /// Of which member of the family, when it is about one.
    pub person: Option<PersonId>,
    /// Of which brother or sister; else of the first child, or of all.
    pub sibling: Option<ChildId>,
}

impl Item {
    /// What is asked of the first child, or of all.
    pub const fn of_all(topic: Topic) -> Item {
        Item { topic, person: None, sibling: None }
    }

    /// What is asked about a member of the family.
    pub const fn of_person(topic: Topic, person: PersonId) -> Item {
        Item { topic, person: Some(person), sibling: None }
    }

    /// The same, asked of a brother or sister.
    #[must_use]
    pub const fn for_sibling(self, sibling: ChildId) -> Item {
        Item { sibling: Some(sibling), ..self }
    }

    /// Every item of a referral, in the order of the call.
    pub fn of(form: &ReferralDraft) -> Vec<Item> {
        let mut items: Vec<Item> = OWN.into_iter().map(Item::of_all).collect();
        for sibling in &form.siblings {
            items.extend(OWN.into_iter().map(|topic| Item::of_all(topic).for_sibling(sibling.id)));
        }
        items.push(Item::of_all(Topic::Legal));
        for member in &form.family {
            let of = [Topic::Attendance, Topic::Risk].map(|topic| Item::of_person(topic, member.id));
            items.extend(of);
            let stands_apart = form.siblings.iter().filter(|sibling| sibling.relations.contains_key(&member.id));
            items.extend(stands_apart.flat_map(|sibling| of.map(|item| item.for_sibling(sibling.id))));
        }
        items.push(Item::of_all(Topic::Emergency));
        items
    }

    /// The code used in addresses and storage: `health`, `risk-PERSON`, `health-of-CHILD`.
    pub fn code(self) -> String {
        let person = self.person.map(|person| format!("-{person}")).unwrap_or_default();
        let sibling = self.sibling.map(|sibling| format!("{OF}{sibling}")).unwrap_or_default();
        format!("{}{person}{sibling}", self.topic.code())
    }

    /// The item of a code.
    pub fn from_code(code: &str) -> Option<Item> {
        let (what, sibling) = match code.split_once(OF) {
            Some((what, sibling)) => (what, Some(sibling.parse().ok()?)),
            None => (code, None),
        };
        let (topic, person) = match what.split_once('-') {
            Some((topic, person)) => (topic, Some(person.parse().ok()?)),
            None => (what, None),
        };
        let topic = Topic::from_code(topic)?;
        let is_of_person = matches!(topic, Topic::Attendance | Topic::Risk);
        (is_of_person == person.is_some()).then_some(Item { topic, person, sibling })
    }

    /// The section of the form in which the answer stands.
    pub const fn section(self) -> Section {
        match self.topic {
            Topic::Identity | Topic::Health => Section::Child,
            Topic::Legal => Section::Legal,
            Topic::Placement => Section::Placement,
            Topic::Emergency => Section::Risk,
            Topic::Attendance | Topic::Risk => Section::Family,
        }
    }

    /// Whether it is about one child alone.
    pub fn is_own(self) -> bool {
        self.sibling.is_some() || OWN.contains(&self.topic)
    }

    /// What it is about, for reading: with the name of the family member, and of the child where there are several.
    pub fn title(self, form: &ReferralDraft) -> String {
        let child = match self.sibling {
            Some(id) => form.sibling(id).map(SiblingDraft::name),
            None => Some(form.child_name()),
        };
        let child = child.filter(|name| !name.is_empty()).unwrap_or_else(|| NAMELESS.to_owned());
        match self.person {
            None if self.is_own() && !form.siblings.is_empty() => format!("{child}: {}", self.label()),
            None => self.label().to_owned(),
            Some(id) => {
                let member = form.family.iter().find(|member| member.id == id);
                let name = member.map(FamilyDraft::name).filter(|name| !name.is_empty());
                let name = name.unwrap_or_else(|| NAMELESS.to_owned());
                let whose = if self.sibling.is_some() { format!(", for {child}") } else { String::new() };
                format!("{name}: {}{whose}", self.label())
            }
        }
    }

    /// What it is about, in a few words; of a family member after their name.
    const fn label(self) -> &'static str {
        match self.topic {
            Topic::Identity => "Who the child is",
            Topic::Legal => "Legal status and orders",
            Topic::Placement => "Where the child lives",
            Topic::Health => "Allergies and medication",
            Topic::Emergency => "Emergency contact and concerns",
            Topic::Attendance => "who they are, and may they attend",
            Topic::Risk => "risk",
        }
    }

    /// The section, or the page of the family member, that the item stands in, as typed.
    pub fn section_of(self, form: &ReferralDraft) -> Option<Fields> {
        match (self.sibling, self.person) {
            (None, None) => form.fields(self.section()).cloned(),
            (None, Some(person)) => {
                form.family.iter().find(|member| member.id == person).map(|member| member.fields.clone())
            }
            (Some(child), None) => form.sibling(child)?.fields(self.section()),
            (Some(child), Some(person)) => form.sibling(child)?.relations.get(&person).cloned(),
        }
    }

    /// The section, or the page of the family member, with other fields of the item: what `typed` holds beside them is not
    /// taken, and what else the section says stays.
    #[must_use]
    pub fn corrected(self, section: &Fields, typed: &Fields) -> Fields {
        let mut fields = section.only(|name| !self.is_about(name));
        let own = typed.only(|name| self.is_about(name));
        for name in own.names() {
            fields.set_all(name, own.all(name).to_vec());
        }
        fields
    }

    /// Puts what was corrected into the section, or the page of the family member, that the item stands in.
    fn put(self, form: &mut ReferralDraft, fields: Fields) {
        match (self.sibling, self.person) {
            (None, None) => form.set_fields(self.section(), fields),
            (None, Some(person)) => {
                if let Some(member) = form.family.iter_mut().find(|member| member.id == person) {
                    member.fields = fields;
                }
            }
            (Some(child), of) => {
                let sibling = form.siblings.iter_mut().find(|sibling| sibling.id == child);
                match (sibling, of) {
                    (Some(sibling), None) => sibling.set_fields(self.section(), fields),
                    (Some(sibling), Some(person)) => {
                        sibling.relations.insert(person, fields);
                    }
                    (None, _) => {}
                }
            }
        }
    }

    /// What the form says of the item now, as typed.
    pub fn of_form(self, form: &ReferralDraft) -> Fields {
        self.section_of(form).map(|fields| fields.only(|name| self.is_about(name))).unwrap_or_default()
    }

    /// Whether a field of the form belongs to the item. A date stands in three boxes: `dob-day`, `dob-month`, `dob-year`.
    pub fn is_about(self, name: &str) -> bool {
        let of = |field: &&'static str| {
            name.strip_prefix(*field).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        let together = self.topic == Topic::Placement && name == SiblingDraft::TOGETHER;
        together || self.fields().iter().any(of)
    }

    /// What to ask on the phone.
    pub const fn question(self) -> &'static str {
        match self.topic {
            Topic::Identity => {
                "Ask the social worker to tell you the child’s full name, date of birth and Care First number."
            }
            Topic::Legal => {
                "Which legal status and which orders are in force, made by which court and when? What do they say about contact?"
            }
            Topic::Placement => "Where does the child live, with whom, and from whom is the address confidential?",
            Topic::Health => {
                "Does the child have any allergy, what is the reaction and what must be done? Any medication, health condition, diet or access need?"
            }
            Topic::Emergency => "Who is to be phoned in an emergency, and on which number?",
            Topic::Attendance => "Who is this person to the child, and may they attend, or must they not?",
            Topic::Risk => "Is any risk known from this person: to the child, to staff, to others attending?",
        }
    }

    /// Which fields of its section the item is about: those that the catalogue puts under its topic.
    pub fn fields(self) -> &'static [&'static str] {
        static OF_TOPICS: LazyLock<BTreeMap<Topic, Vec<&'static str>>> = LazyLock::new(|| {
            let fields = |topic| of_topic(topic).flat_map(|item| item.fields().iter().copied()).collect();
            Topic::ALL.iter().map(|topic| (*topic, fields(*topic))).collect()
        });
        OF_TOPICS.get(&self.topic).map_or(&[], Vec::as_slice)
    }
}

/// What an item of the child, by the code of its value, is called on the phone.
pub fn title_of_item(code: &str) -> &'static str {
    let topics = [Topic::Identity, Topic::Health, Topic::Placement, Topic::Legal, Topic::Emergency];
    let mut items = topics.into_iter().map(Item::of_all);
    items.find(|item| item.fields().contains(&code)).map_or("Something else about the child", Item::label)
}

codes! {
    /// How an item ended.
    Outcome {
        Confirmed = "confirmed", "Confirmed";
        Corrected = "corrected", "Corrected";
        NotKnown = "not_known", "Not known";
    }
}

/// The answer to one item: the last one counts, earlier ones are kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// Which item, see [`Item::code`].
    pub item: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Who wrote it down.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// What the form said of the item then: an answer is about this, and not about what is changed afterwards.
    pub of: Fields,
    /// What stood on the form, when it was corrected.
    pub old: Option<Fields>,
    /// What stands there now, when it was corrected.
    pub new: Option<Fields>,
}

/// A manager's decision to accept although something is not known.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// The manager.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// Why.
    pub reason: String,
}

/// The verification of one referral.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// Every call, in order.
    pub calls: Vec<Call>,
    /// Every answer, in order.
    pub answers: Vec<Answered>,
    /// The manager's override, if there is one.
    pub accepted_despite: Option<Override>,
    /// Who took the call up from whom, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taken: Vec<Taken>,
    /// Every answer to whether somebody is held already, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<Matched>,
}

impl Verification {
    /// The form as the phone call left it. What the social worker wrote stays as it is: a correction counts for each field
    /// that still says what was corrected, and not for what they have changed themselves since.
    #[must_use]
    pub fn as_corrected(&self, form: &ReferralDraft) -> ReferralDraft {
        let mut form = form.clone();
        for answered in &self.answers {
            let (Some(old), Some(new)) = (&answered.old, &answered.new) else { continue };
            let Some(item) = Item::from_code(&answered.item) else { continue };
            let Some(mut fields) = item.section_of(&form) else { continue };
            for name in old.differences(new) {
                if fields.same(old, &name) {
                    fields.set_all(name.clone(), new.all(&name).to_vec());
                }
            }
            let barred = fields.has("may_attend", "no") && old.get("may_attend") != "no";
            item.put(&mut form, fields);
            if let Some(person) = item.person.filter(|person| barred && form.is_barred_for_all(*person)) {
                // Who must not attend cannot stay among those the children are to see.
                form.take_out_of_wanted(&[person]);
            }
        }
        form
    }

    /// Another child is the first one now, since the one who was first is taken off: what was asked of each is asked of
    /// each still. `together`: they lived together, so that where the one lived is where the other does.
    pub fn first_is_now(&mut self, before: ChildId, now: ChildId, together: bool) {
        let mut answers = Vec::with_capacity(self.answers.len());
        for answered in std::mem::take(&mut self.answers) {
            let item = Item::from_code(&answered.item);
            let of = |sibling| item.map_or_else(|| answered.item.clone(), |item| Item { sibling, ..item }.code());
            let is_home = together && item.is_some_and(|item| item.topic == Topic::Placement);
            match item.map(|item| (item.sibling, item.is_own())) {
                Some((None, true)) => {
                    answers.push(Answered { item: of(Some(before)), ..answered.clone() });
                    answers.extend(is_home.then_some(answered));
                }
                Some((Some(child), _)) if child == now && !is_home => {
                    answers.push(Answered { item: of(None), ..answered.clone() });
                }
                _ => answers.push(answered),
            }
        }
        self.answers = answers;
    }

    /// A brother or sister is held under another number: what was asked of them is of that file from now on.
    pub fn is_now(&mut self, before: ChildId, now: ChildId) {
        for answered in &mut self.answers {
            let item = Item::from_code(&answered.item).filter(|item| item.sibling == Some(before));
            if let Some(item) = item {
                answered.item = item.for_sibling(now).code();
            }
        }
    }

    /// The call in which an answer was given: the last one before it was written down in which somebody was reached, or
    /// the first one after.
    pub fn call_of(&self, answered: &Answered) -> Option<&Call> {
        let mut reached = self.calls.iter().filter(|call| call.reached);
        let before = self.calls.iter().rfind(|call| call.reached && call.at_ms <= answered.at_ms);
        before.or_else(|| reached.next())
    }

    /// Every answer to an item, in order.
    pub fn answers_to(&self, item: Item) -> impl Iterator<Item = &Answered> {
        let code = item.code();
        self.answers.iter().filter(move |answered| answered.item == code)
    }

    /// The answer that counts for an item: the last one, if the form still says what it was given to.
    pub fn answer(&self, item: Item, form: &ReferralDraft) -> Option<&Answered> {
        let code = item.code();
        let last = self.answers.iter().rev().find(|answered| answered.item == code);
        last.filter(|answered| answered.of.differences(&item.of_form(form)).is_empty())
    }

    /// What is to be asked next: the first item without an answer after this one, or else the first at all; `None` when
    /// every item is answered.
    pub fn next(&self, after: Option<Item>, form: &ReferralDraft) -> Option<Item> {
        let items = Item::of(form);
        let at = after.and_then(|after| items.iter().position(|item| *item == after)).map_or(0, |at| at + 1);
        let (before, behind) = items.split_at(at.min(items.len()));
        let open = |item: &&Item| self.answer(**item, form).is_none();
        behind.iter().find(open).or_else(|| before.iter().find(open)).copied()
    }

    /// When the social worker is to be called back, UTC milliseconds: what the last attempt said.
    pub fn call_back_ms(&self) -> Option<i64> {
        self.calls.last().and_then(|call| call.call_back_ms)
    }

    /// Whether a manager has decided that an item may stay unknown; not one that became unknown afterwards.
    fn is_overridden(&self, answered: &Answered) -> bool {
        self.accepted_despite.as_ref().is_some_and(|despite| answered.at_ms <= despite.at_ms)
    }

    /// The items that nobody knows.
    pub fn not_known(&self, form: &ReferralDraft) -> Vec<Item> {
        let unknown = |item: &Item| self.answer(*item, form).is_some_and(|of| of.outcome == Outcome::NotKnown);
        Item::of(form).into_iter().filter(unknown).collect()
    }

    /// What stands against acceptance, in words; empty when nothing does. `submitted_ms` is when the form was last sent:
    /// a call before that verified another one.
    pub fn missing(&self, form: &ReferralDraft, submitted_ms: Option<i64>) -> Vec<String> {
        let mut missing = Vec::new();
        let since = submitted_ms.unwrap_or(i64::MIN);
        if !self.calls.iter().any(|call| call.reached && call.at_ms >= since) {
            missing.push("Record the phone call with the social worker".to_owned());
        }
        let items = Item::of(form);
        let open = items.iter().filter(|item| self.answer(**item, form).is_none()).count();
        if open > 0 {
            missing.push(if open == 1 {
                "1 item has not been asked yet".to_owned()
            } else {
                format!("{open} items have not been asked yet")
            });
        }
        let not_known = self.not_known(form);
        let open = |item: &&Item| self.answer(**item, form).is_some_and(|answered| !self.is_overridden(answered));
        let unknown = not_known.iter().filter(open).count();
        if unknown > 0 {
            missing.push(format!(
                "{unknown} {} not known: ask again, or a manager accepts it with a reason",
                if unknown == 1 { "item is" } else { "items are" }
            ));
        }
        missing
    }
}

/// A short free text that must be there, in a field of that name.
pub fn read_short(fields: &Fields, name: &str, label: &str) -> Result<String, Vec<Problem>> {
    let mut r = Reader::new(fields);
    let text = r.required(name, label, SHORT_TEXT_CHARS);
    r.finish(text)
}
