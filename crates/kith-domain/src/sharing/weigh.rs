//! What goes and what stays, and why: the package, the agreement, the purpose, the consents, what is restricted and what is
//! confidential from the recipient, weighed together. The same function answers the page and the transaction that sends.

use jiff::civil::Date;

use super::enclosure::seen_enclosed;
use super::{Consent, How, Part, RecipientKind, Stands, WeighedEnclosure, stands};
use crate::access::Purpose;
use crate::catalogue::{About, Item, RegisteredItems, by_key, value_words};
use crate::codes::codes;
use crate::fact::Known;
use crate::ids::PersonId;
use crate::person::Birth;

codes! {
    /// Why something stays.
    Stays {
        NotHeld = "not_held", "Nothing is held of it";
        NotGiven = "not_given", "Such a recipient does not get this kind of paper";
        NotSigned = "not_signed", "It is not signed";
        Gone = "gone", "It was taken off, or is not in this file";
        Unreadable = "unreadable", "It cannot be read: tell your administrator";
        NotAgreed = "not_agreed", "The agreement does not cover it";
        NotForPurpose = "not_for_purpose", "It may not be read for this purpose";
        NoConsent = "no_consent", "It rests on consent, and nobody has given it";
        Refused = "refused", "Consent was refused";
        Withdrawn = "withdrawn", "Consent was withdrawn";
        Objected = "objected", "They objected, and it stops";
        Restricted = "restricted", "Its use is restricted";
        Confidential = "confidential", "It is confidential from them, or from somebody they belong to";
        Barred = "barred", "They must not attend: this recipient needs nothing of them";
    }
}

/// A member of the family as they are weighed.
pub struct Member<'a> {
    /// Who.
    pub person: PersonId,
    /// What stands of them.
    pub of_person: &'a Known,
    /// What stands of how they stand to the child.
    pub of_relation: &'a Known,
    /// Whether they must not attend.
    pub barred: bool,
    /// Whether they belong to the family no more.
    pub ended: bool,
}

/// What a session says, where a recipient is to know of one. In words.
#[derive(Clone, PartialEq, Eq)]
pub struct Journey {
    /// Its day.
    pub day: Date,
    /// Day and times.
    pub when: String,
    /// Where it is.
    pub place: String,
    /// First names of who comes.
    pub who: String,
}

/// Everything that bears on what goes. No Debug: it is personal.
pub struct Weighing<'a> {
    /// To what kind of recipient.
    pub kind: RecipientKind,
    /// The parts that are asked for.
    pub parts: &'a [Part],
    /// Whether it rests on consent.
    pub consent: bool,
    /// Whether the law demands it: then an objection does not stop it (UK GDPR Art 21(1): the public task alone can be objected to).
    pub demanded: bool,
    /// Whether what is held of people who must not attend may go.
    pub barred: bool,
    /// The items that the agreement covers; `None` where none is needed.
    pub agreed: Option<&'a [String]>,
    /// What for.
    pub purpose: Purpose,
    /// What the authority holds, and what for.
    pub registered: &'a RegisteredItems,
    /// Everything that was said of consent, with when it was written down, UTC milliseconds.
    pub consents: &'a [(&'a Consent, i64)],
    /// What stands of the child.
    pub child: &'a Known,
    /// The family.
    pub family: &'a [Member<'a>],
    /// The member of the family who the recipient is, or to whom they belong.
    pub related: Option<PersonId>,
    /// The session.
    pub journey: Option<&'a Journey>,
    /// Today.
    pub today: Date,
    /// The name of a family member by id.
    pub name_of: &'a dyn Fn(&str) -> String,
    /// A text without an address that stays.
    pub withheld: &'a dyn Fn(&str) -> String,
}

/// One part as it was weighed. No Debug: it is personal.
#[derive(Clone, PartialEq, Eq)]
pub struct Weighed {
    /// The item it is made from, by key; `None` of what the session says.
    pub item: Option<&'static str>,
    /// Of whom; `None` for the child.
    pub person: Option<PersonId>,
    /// What it is called.
    pub label: String,
    /// What goes; empty when it stays.
    pub words: String,
    /// Why it stays; `None` when it goes.
    pub stays: Option<Stays>,
    /// Whether somebody disputes it.
    pub disputed: bool,
}

impl Weighing<'_> {
    /// What goes and what stays, in the order of the package; of the family one person after the other.
    pub fn weigh(&self) -> Vec<Weighed> {
        let of_family = |part: &&Part| part.key().and_then(by_key).is_some_and(|item| item.about.is_of_family());
        let child = self.parts.iter().filter(|part| !of_family(part)).map(|part| self.of_child(part));
        let mut weighed: Vec<Weighed> = child.collect();
        for member in self.family.iter().filter(|member| !member.ended) {
            weighed.extend(self.parts.iter().filter(of_family).filter_map(|part| self.of_member(part, member)));
        }
        weighed
    }

    fn of_child(&self, part: &Part) -> Weighed {
        let item = part.key().and_then(by_key);
        let label = if part.label.is_empty() { item.map_or("", |item| item.label) } else { part.label };
        let words = self.words(part, item);
        let stays = self.stays(item, None, self.child).or_else(|| words.is_none().then_some(Stays::NotHeld));
        self.weighed(part, item, None, label, words, stays)
    }

    fn of_member(&self, part: &Part, member: &Member) -> Option<Weighed> {
        let item = part.key().and_then(by_key)?;
        let known = if item.about == About::Relationship { member.of_relation } else { member.of_person };
        let words = value_words(item, &known.values, self.name_of);
        // A row for each thing that nobody said of each relative says nothing; what is restricted is told all the same.
        if words.is_none() && !known.restricted.contains(item.code) {
            return None;
        }
        let barred = (member.barred && !self.barred).then_some(Stays::Barred);
        let stays = barred.or_else(|| self.stays(Some(item), Some(member.person), known));
        Some(self.weighed(part, Some(item), Some(member.person), item.label, words, stays))
    }

    fn weighed(
        &self,
        part: &Part,
        item: Option<&'static Item>,
        person: Option<PersonId>,
        label: &str,
        words: Option<String>,
        stays: Option<Stays>,
    ) -> Weighed {
        let known = match person {
            None => Some(self.child),
            Some(id) => self.family.iter().find(|of| of.person == id).map(|of| {
                if item.is_some_and(|item| item.about == About::Relationship) { of.of_relation } else { of.of_person }
            }),
        };
        let disputed =
            item.zip(known).is_some_and(|(item, known)| item.fields().iter().any(|f| known.disputed.contains(*f)));
        let words = if stays.is_some() { String::new() } else { words.unwrap_or_default() };
        let words = if self.address_stays() { (self.withheld)(&words) } else { words };
        Weighed { item: part.key(), person, label: label.to_owned(), words, stays, disputed }
    }

    /// Why an item of somebody stays, whatever it says.
    fn stays(&self, item: Option<&Item>, person: Option<PersonId>, known: &Known) -> Option<Stays> {
        if let Some(item) = item {
            if self.agreed.is_some_and(|items| !items.contains(&item.key())) {
                return Some(Stays::NotAgreed);
            }
            if !self.registered.covers(item, self.purpose) {
                return Some(Stays::NotForPurpose);
            }
            if item.fields().iter().any(|field| known.restricted.contains(*field)) {
                return Some(Stays::Restricted);
            }
            if self.is_confidential(item, person) {
                return Some(Stays::Confidential);
            }
        }
        let said = stands(self.consents.iter().copied(), person, self.kind);
        if !self.bears(&said) {
            return None;
        }
        let key = item.map(Item::key);
        if said.allows(key.as_deref()) { None } else { Some(said.stays()) }
    }

    /// Whether it depends on what was said of consent: where it rests on it, or somebody objected and it stops.
    pub(super) fn bears(&self, said: &Stands) -> bool {
        self.consent || (*said == Stands::Objected && !self.demanded)
    }

    /// Whether where the child lives is kept from somebody of the family, and the recipient is of it. Who of a family tells whom is
    /// not known, so whoever belongs to any of them is treated like the one it is kept from.
    fn address_stays(&self) -> bool {
        self.related.is_some() && self.child.values.has("confidential", "yes")
    }

    pub(super) fn is_confidential(&self, item: &Item, person: Option<PersonId>) -> bool {
        let Some(related) = self.related else { return false };
        let of_home = item.about == About::Placement || item.code == "school";
        match person {
            None if of_home => self.address_stays() && (item.may_be_confidential || item.code == "school"),
            // Concerns, who is kept apart: what may have to be kept from somebody of the family.
            None => item.may_be_confidential,
            Some(person) => item.may_be_confidential && person != related,
        }
    }

    fn words(&self, part: &Part, item: Option<&'static Item>) -> Option<String> {
        let values = &self.child.values;
        let text = |code: &str| Some(values.get(code).trim().to_owned()).filter(|text| !text.is_empty());
        match part.how {
            How::Whole => value_words(item?, values, self.name_of),
            How::FirstName => {
                let called = text("known_as").or_else(|| text("given_name"))?;
                called.split_whitespace().next().map(str::to_owned)
            }
            How::Seat => {
                let day = self.journey.map_or(self.today, |journey| journey.day);
                Birth::of(values).map(|birth| seat(birth, day).to_owned())
            }
            How::InACar if values.has("has_allergies", "no") => Some("None known".to_owned()),
            How::InACar => {
                let line = |row: &crate::form::Fields| {
                    let (what, action) = (row.get("what").trim(), row.get("action").trim());
                    let said = if action.is_empty() { what.to_owned() } else { format!("{what}: {action}") };
                    (!what.is_empty()).then_some(said)
                };
                let lines: Vec<String> = values.rows("allergies", "what").iter().filter_map(line).collect();
                (!lines.is_empty()).then(|| lines.join("\n"))
            }
            How::Emergency if values.has("emergency_carer", "yes") => text("carer_phone"),
            How::Emergency => text("emergency_phone"),
            How::When => self.journey.map(|journey| journey.when.clone()),
            How::Where => self.journey.map(|journey| journey.place.clone()).filter(|text| !text.is_empty()),
            How::Who => self.journey.map(|journey| journey.who.clone()).filter(|text| !text.is_empty()),
        }
    }
}

/// The seat that a child needs in a car on a day: UN Regulation 129 keeps the youngest facing backwards until past fifteen months, the
/// Motor Vehicles (Wearing of Seat Belts) Regulations 1993 as amended in 2006 ask for a child seat until 12 years or 135 cm.
fn seat(birth: Birth, day: Date) -> &'static str {
    let months = |n: i32| jiff::Span::new().months(n);
    let past = |n: i32| birth.latest().saturating_add(months(n)) < day;
    if !past(15) {
        "Baby seat that faces backwards (under 15 months)"
    } else if !past(12 * 12) {
        "Child seat that fits height and weight (under 12 years, unless taller than 135 cm)"
    } else {
        "Seat belt"
    }
}

/// What was weighed as one text: two that are the same send the same and keep the same.
pub fn seen(weighed: &[Weighed], enclosed: &[WeighedEnclosure]) -> String {
    let line = |of: &Weighed| {
        let person = of.person.map(|person| person.to_string()).unwrap_or_default();
        let stays = of.stays.map_or("", Stays::code);
        [of.item.unwrap_or(&of.label), &person, &of.words, stays].join("\u{1f}")
    };
    let facts = weighed.iter().map(line).collect::<Vec<_>>().join("\u{1e}");
    // What went before there were papers is compared with what was kept of it.
    if enclosed.is_empty() { facts } else { [facts, seen_enclosed(enclosed)].join("\u{1d}") }
}
