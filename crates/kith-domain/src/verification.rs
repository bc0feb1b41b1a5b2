//! Verification by phone: what must be asked, what was answered, what still stands against acceptance
//! (handbook section 5).

use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader, SHORT_TEXT_CHARS};
use crate::ids::{AccountId, PersonId};
use crate::referral::{ReferralDraft, Section};

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
                "Does the child have any allergy, what is the reaction and what must be done? Any medication?"
            }
            Item::Emergency => "Who is to be phoned in an emergency, and on which number?",
            Item::Attendance(_) => "Who is this person to the child, and may they attend, or must they not?",
            Item::Risk(_) => "Is any risk known from this person: to the child, to staff, to others attending?",
        }
    }

    /// Which fields of its section the item is about.
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Item::Identity => &[
                "given_name",
                "family_name",
                "former_names",
                "birth_kind",
                "dob",
                "dob_to",
                "sex",
                "care_first",
                "school",
                "language",
                "interpreter",
            ],
            Item::Health => &["has_allergies", "allergies", "medication"],
            Item::Legal => &["legal_status", "court", "case_number", "order_date", "order_ends", "terms"],
            Item::Placement => {
                &["placement_type", "address", "confidential", "confidential_from", "carer", "carer_phone"]
            }
            Item::Emergency => &["emergency_name", "emergency_phone", "concerns", "staff_safety"],
            Item::Attendance(_) => &[
                "given_name",
                "family_name",
                "former_names",
                "relationship",
                "entitlement",
                "parental_responsibility",
                "may_attend",
                "phone",
                "address",
                "language",
                "interpreter",
            ],
            Item::Risk(_) => &["risk_marker", "risk_detail"],
        }
    }
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
}

impl Verification {
    /// The answer that counts for an item.
    pub fn answer(&self, item: Item) -> Option<&Answered> {
        let code = item.code();
        self.answers.iter().rev().find(|answered| answered.item == code)
    }

    /// What stands against acceptance, in words; empty when nothing does.
    pub fn missing(&self, form: &ReferralDraft) -> Vec<String> {
        let mut missing = Vec::new();
        if !self.calls.iter().any(|call| call.reached) {
            missing.push("Record the phone call with the social worker".to_owned());
        }
        let items = Item::of(form);
        let open = items.iter().filter(|item| self.answer(**item).is_none()).count();
        if open > 0 {
            missing.push(if open == 1 {
                "1 item has not been asked yet".to_owned()
            } else {
                format!("{open} items have not been asked yet")
            });
        }
        let unknown = items
            .iter()
            .filter(|item| self.answer(**item).is_some_and(|answered| answered.outcome == Outcome::NotKnown))
            .count();
        if unknown > 0 && self.accepted_despite.is_none() {
            missing.push(format!(
                "{unknown} {} not known: ask again, or a manager accepts it with a reason",
                if unknown == 1 { "item is" } else { "items are" }
            ));
        }
        missing
    }
}

/// The reason a person gives for a decision, in a field named `reason`.
pub fn read_reason(fields: &Fields, label: &str) -> Result<String, Vec<Problem>> {
    let mut r = Reader::new(fields);
    let reason = r.required("reason", label, LONG_TEXT_CHARS);
    r.finish(reason)
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
        Answered { item: item.code(), outcome, by: AccountId(Uuid::nil()), at_ms: 0, old: None, new: None }
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
        assert!(verification.missing(&form).is_empty());
        verification.answers.push(answered(Item::Health, Outcome::NotKnown));
        assert_eq!(verification.missing(&form).len(), 1);
        let by = AccountId(Uuid::nil());
        verification.accepted_despite = Some(Override { by, at_ms: 0, reason: "Hospital letter to follow".into() });
        assert!(verification.missing(&form).is_empty());
    }

    #[test]
    fn a_call_nobody_answered_verifies_nothing() {
        let form = form();
        let mut verification = Verification { calls: vec![call(false)], ..Verification::default() };
        verification.answers = Item::of(&form).into_iter().map(|item| answered(item, Outcome::Confirmed)).collect();
        assert_eq!(verification.missing(&form), ["Record the phone call with the social worker"]);
    }
}
