//! Verification by phone: what must be asked, what was answered, what still stands against acceptance
//! (handbook section 5).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::catalogue::{Topic, of_topic};
use crate::codes::codes;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader, SHORT_TEXT_CHARS};
use crate::ids::{AccountId, PersonId};
use crate::referral::{ReferralDraft, Section};
use crate::same::Matched;

/// One thing to verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    /// The child's identity and date of birth.
    Identity,
    /// Legal status and orders.
    Legal,
    /// Placement address and its confidentiality.
    Placement,
    /// Allergies and medication.
    Health,
    /// Emergency contacts.
    Emergency,
    /// Who this person is, and whether they may or must not attend.
    Attendance(PersonId),
    /// The risk marker of this person.
    Risk(PersonId),
}

impl Item {
    /// Every item of a referral, in the order of the call.
    pub fn of(form: &ReferralDraft) -> Vec<Item> {
        let mut items = vec![Item::Identity, Item::Health, Item::Placement, Item::Legal];
        for member in &form.family {
            items.push(Item::Attendance(member.id));
            items.push(Item::Risk(member.id));
        }
        items.push(Item::Emergency);
        items
    }

    /// The code used in addresses and storage.
    pub fn code(self) -> String {
        match self {
            Item::Identity => "identity".into(),
            Item::Legal => "legal".into(),
            Item::Placement => "placement".into(),
            Item::Health => "health".into(),
            Item::Emergency => "emergency".into(),
            Item::Attendance(person) => format!("attendance-{person}"),
            Item::Risk(person) => format!("risk-{person}"),
        }
    }

    /// The item of a code.
    pub fn from_code(code: &str) -> Option<Item> {
        match code {
            "identity" => Some(Item::Identity),
            "legal" => Some(Item::Legal),
            "placement" => Some(Item::Placement),
            "health" => Some(Item::Health),
            "emergency" => Some(Item::Emergency),
            _ => {
                let attendance = code.strip_prefix("attendance-").and_then(|id| id.parse().ok()).map(Item::Attendance);
                attendance.or_else(|| code.strip_prefix("risk-").and_then(|id| id.parse().ok()).map(Item::Risk))
            }
        }
    }

    /// The section of the form in which the answer stands, and the family member if it is about one.
    pub fn stands_in(self) -> (Section, Option<PersonId>) {
        match self {
            Item::Identity | Item::Health => (Section::Child, None),
            Item::Legal => (Section::Legal, None),
            Item::Placement => (Section::Placement, None),
            Item::Emergency => (Section::Risk, None),
            Item::Attendance(person) | Item::Risk(person) => (Section::Family, Some(person)),
        }
    }

    /// What it is about, for reading: of a family member with the name that `name_of` gives.
    pub fn title(self, name_of: impl FnOnce(PersonId) -> Option<String>) -> String {
        let name = self.stands_in().1.and_then(name_of).map(|name| format!("{name}: ")).unwrap_or_default();
        format!("{name}{}", self.label())
    }

    /// What it is about, in a few words; of a family member after their name.
    const fn label(self) -> &'static str {
        match self {
            Item::Identity => "Who the child is",
            Item::Legal => "Legal status and orders",
            Item::Placement => "Where the child lives",
            Item::Health => "Allergies and medication",
            Item::Emergency => "Emergency contact and concerns",
            Item::Attendance(_) => "who they are, and may they attend",
            Item::Risk(_) => "risk",
        }
    }

    /// The section, or the page of the family member, that the item stands in, as typed.
    pub fn section_of(self, form: &ReferralDraft) -> Option<&Fields> {
        match self.stands_in() {
            (_, Some(person)) => form.family.iter().find(|member| member.id == person).map(|member| &member.fields),
            (section, None) => form.fields(section),
        }
    }

    /// What the form says of the item now, as typed.
    pub fn of_form(self, form: &ReferralDraft) -> Fields {
        let section = self.section_of(form);
        section.map(|fields| fields.only(|name| self.is_about(name))).unwrap_or_default()
    }

    /// Whether a field of the form belongs to the item. A date stands in three boxes: `dob-day`, `dob-month`, `dob-year`.
    pub fn is_about(self, name: &str) -> bool {
        let of = |field: &&'static str| {
            name.strip_prefix(*field).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        self.fields().iter().any(of)
    }

    /// What to ask on the phone.
    pub const fn question(self) -> &'static str {
        match self {
            Item::Identity => {
                "Ask the social worker to tell you the child’s full name, date of birth and Care First number."
            }
            Item::Legal => {
                "Which legal status and which orders are in force, made by which court and when? What do they say about contact?"
            }
            Item::Placement => "Where does the child live, with whom, and from whom is the address confidential?",
            Item::Health => {
                "Does the child have any allergy, what is the reaction and what must be done? Any medication, health condition, diet or access need?"
            }
            Item::Emergency => "Who is to be phoned in an emergency, and on which number?",
            Item::Attendance(_) => "Who is this person to the child, and may they attend, or must they not?",
            Item::Risk(_) => "Is any risk known from this person: to the child, to staff, to others attending?",
        }
    }

    /// The topic of the catalogue whose items it verifies.
    pub const fn topic(self) -> Topic {
        match self {
            Item::Identity => Topic::Identity,
            Item::Health => Topic::Health,
            Item::Placement => Topic::Placement,
            Item::Legal => Topic::Legal,
            Item::Emergency => Topic::Emergency,
            Item::Attendance(_) => Topic::Attendance,
            Item::Risk(_) => Topic::Risk,
        }
    }

    /// Which fields of its section the item is about: those that the catalogue puts under its topic.
    pub fn fields(self) -> &'static [&'static str] {
        static OF_TOPICS: LazyLock<BTreeMap<Topic, Vec<&'static str>>> = LazyLock::new(|| {
            let fields = |topic| of_topic(topic).flat_map(|item| item.fields().iter().copied()).collect();
            Topic::ALL.iter().map(|topic| (*topic, fields(*topic))).collect()
        });
        OF_TOPICS.get(&self.topic()).map_or(&[], Vec::as_slice)
    }
}

/// What an item of the child, by the code of its value, is called on the phone.
pub fn title_of_item(code: &str) -> &'static str {
    let items = [Item::Identity, Item::Health, Item::Placement, Item::Legal, Item::Emergency];
    items.into_iter().find(|item| item.fields().contains(&code)).map_or("Something else about the child", Item::label)
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

/// One phone call.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Who called.
    pub caller: AccountId,
    /// Whom: name as in the staff directory.
    pub called: String,
    /// The number from the staff directory.
    pub number: String,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// For how long, in minutes.
    pub minutes: i64,
    /// Whether somebody was reached.
    pub reached: bool,
    /// Anything to remember.
    pub note: Option<String>,
}

/// What a call's form says.
pub struct CallFacts {
    /// For how long, in minutes.
    pub minutes: i64,
    /// Whether the social worker was reached.
    pub reached: bool,
    /// Anything to remember.
    pub note: Option<String>,
}

impl CallFacts {
    /// Reads `reached`, `minutes`, `note`.
    pub fn read(fields: &Fields) -> Result<CallFacts, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let reached =
            r.required_choice("reached", "Whether you reached the social worker", crate::codes::Answer::from_code);
        let reached = reached.is_some_and(crate::codes::Answer::is_yes);
        let minutes = if reached {
            r.required_number("minutes", "How long the call took, in minutes", 1, 240)
        } else {
            r.number("minutes", "How long the call took, in minutes", 0, 240).or(Some(0))
        };
        let note = r.text("note", "Note", LONG_TEXT_CHARS);
        r.finish(CallFacts { minutes: minutes.unwrap_or_default(), reached, note })
    }
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
            let Some(mut fields) = item.section_of(&form).cloned() else { continue };
            for name in old.differences(new) {
                if fields.same(old, &name) {
                    fields.set_all(name.clone(), new.all(&name).to_vec());
                }
            }
            match item.stands_in() {
                (_, Some(person)) => {
                    if fields.has("may_attend", "no") && old.get("may_attend") != "no" {
                        // Who must not attend cannot stay among those the child is to see.
                        let wanted = person.to_string();
                        let kept = form.contact.iter().filter(|(name, value)| *name != "with" || *value != wanted);
                        form.contact = kept.collect();
                    }
                    if let Some(member) = form.family.iter_mut().find(|member| member.id == person) {
                        member.fields = fields;
                    }
                }
                (section, None) => form.set_fields(section, fields),
            }
        }
        form
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::referral::FamilyDraft;
    use uuid::Uuid;

    fn form() -> ReferralDraft {
        let member = FamilyDraft { id: PersonId(Uuid::from_u128(7)), fields: Fields::default() };
        ReferralDraft { family: vec![member], ..ReferralDraft::default() }
    }

    fn answered(item: Item, outcome: Outcome) -> Answered {
        let of = item.of_form(&form());
        Answered { item: item.code(), outcome, by: AccountId(Uuid::nil()), at_ms: 0, of, old: None, new: None }
    }

    fn call(reached: bool) -> Call {
        Call {
            caller: AccountId(Uuid::nil()),
            called: String::new(),
            number: String::new(),
            at_ms: 0,
            minutes: 9,
            reached,
            note: None,
        }
    }

    #[test]
    fn everything_the_handbook_lists_is_asked() {
        // Handbook section 5: identity and date of birth, legal status and orders, who may attend, who must not, the
        // risk marker of each adult, placement and confidentiality, allergies and medication, emergency contacts.
        let form = form();
        let person = form.family[0].id;
        for item in [
            Item::Identity,
            Item::Legal,
            Item::Placement,
            Item::Health,
            Item::Emergency,
            Item::Attendance(person),
            Item::Risk(person),
        ] {
            assert!(Item::of(&form).contains(&item));
            assert_eq!(Item::from_code(&item.code()), Some(item));
        }
    }

    #[test]
    fn not_known_blocks_until_asked_again_or_a_manager_decides() {
        let form = form();
        let mut verification = Verification { calls: vec![call(true)], ..Verification::default() };
        verification.answers = Item::of(&form).into_iter().map(|item| answered(item, Outcome::Confirmed)).collect();
        assert!(verification.missing(&form, None).is_empty());
        verification.answers.push(answered(Item::Health, Outcome::NotKnown));
        assert_eq!(verification.missing(&form, None).len(), 1);
        let by = AccountId(Uuid::nil());
        verification.accepted_despite = Some(Override { by, at_ms: 0, reason: "Hospital letter to follow".into() });
        assert!(verification.missing(&form, None).is_empty());
    }

    #[test]
    fn an_answer_is_about_what_the_form_said_then() {
        // Handbook section 5: what was verified is what is accepted.
        let mut form = form();
        let mut verification = Verification { calls: vec![call(true)], ..Verification::default() };
        verification.answers = Item::of(&form).into_iter().map(|item| answered(item, Outcome::Confirmed)).collect();
        form.child = [("has_allergies", "yes"), ("allergies", "Bee stings")].into_iter().collect();
        assert!(verification.answer(Item::Health, &form).is_none(), "changed after it was confirmed");
        assert!(verification.answer(Item::Identity, &form).is_some(), "the rest of the section is as it was");
        assert_eq!(verification.missing(&form, None), ["1 item has not been asked yet"]);
        assert_eq!(verification.missing(&form, Some(1)).len(), 2, "called before it was sent again");
    }

    #[test]
    fn a_correction_stands_beside_the_words_of_the_social_worker() {
        // Handbook section 5: "old and new both kept". Section 3: who gave each fact.
        let mut form = form();
        form.child = [("allergies", "Bee stings"), ("school", "Hill School")].into_iter().collect();
        let corrected: Fields = [("allergies", "Wasp stings"), ("school", "Hill School")].into_iter().collect();
        let mut verification = Verification::default();
        let of: Fields = [("allergies", "Wasp stings")].into_iter().collect();
        verification.answers.push(Answered {
            of,
            old: Some(form.child.clone()),
            new: Some(corrected.clone()),
            ..answered(Item::Health, Outcome::Corrected)
        });
        assert!(verification.as_corrected(&form).child == corrected);
        assert_eq!(form.child.get("allergies"), "Bee stings", "the form is the social worker's");
        // What they change elsewhere takes no correction away; what they change themselves is asked again.
        form.child.set("school", "Lake School");
        let now = verification.as_corrected(&form);
        assert_eq!((now.child.get("allergies"), now.child.get("school")), ("Wasp stings", "Lake School"));
        assert!(verification.answer(Item::Health, &now).is_some());
        form.child.set("allergies", "Hornets");
        let now = verification.as_corrected(&form);
        assert_eq!(now.child.get("allergies"), "Hornets");
        assert!(verification.answer(Item::Health, &now).is_none());
    }

    #[test]
    fn an_override_is_not_for_what_became_unknown_later() {
        let form = form();
        let mut verification = Verification { calls: vec![call(true)], ..Verification::default() };
        verification.answers = Item::of(&form).into_iter().map(|item| answered(item, Outcome::NotKnown)).collect();
        let by = AccountId(Uuid::nil());
        verification.accepted_despite = Some(Override { by, at_ms: 5, reason: "Hospital letter to follow".into() });
        assert!(verification.missing(&form, None).is_empty());
        verification.answers.push(Answered { at_ms: 6, ..answered(Item::Legal, Outcome::NotKnown) });
        assert_eq!(verification.missing(&form, None).len(), 1);
    }

    #[test]
    fn a_call_nobody_answered_verifies_nothing() {
        let form = form();
        let mut verification = Verification { calls: vec![call(false)], ..Verification::default() };
        verification.answers = Item::of(&form).into_iter().map(|item| answered(item, Outcome::Confirmed)).collect();
        assert_eq!(verification.missing(&form, None), ["Record the phone call with the social worker"]);
    }
}
