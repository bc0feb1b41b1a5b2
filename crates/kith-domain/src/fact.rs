//! What is known of a person: statements that are only ever added, and what stands now, folded from them (handbook
//! section 3 "sources", section 5 "old and new both kept").
//!
//! Nothing here is overwritten. A correction, a doubt, a taking back are statements too, and what stands on any day is
//! the fold of those that were there on that day.

mod change;
mod doubt;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::catalogue::{About, of_value};
use crate::codes::codes;
use crate::form::{Fields, Problem};
use crate::ids::{AccountId, ChildId, PersonId, ReferralId, StatementId};
use crate::person::Birth;

pub use change::{AddMember, BearsOn, ChangeFacts, EndMember, Endangers, OF_SOURCE, Told, endangers};
pub use doubt::{Doubt, RaiseDoubt, may_be_restricted, read_lifted};

/// Whom a statement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum Subject {
    /// A child.
    Child {
        /// Whose file.
        child: ChildId,
    },
    /// A member of the family, whichever child they stand to.
    Person {
        /// Who.
        person: PersonId,
    },
    /// How a person stands to one child.
    Relationship {
        /// To which child.
        child: ChildId,
        /// Who.
        person: PersonId,
    },
}

impl Subject {
    /// The child it is about, alone or with a person.
    pub fn child(self) -> Option<ChildId> {
        match self {
            Subject::Child { child } | Subject::Relationship { child, .. } => Some(child),
            Subject::Person { .. } => None,
        }
    }

    /// The person it is about, alone or as they stand to a child.
    pub fn person(self) -> Option<PersonId> {
        match self {
            Subject::Child { .. } => None,
            Subject::Person { person } | Subject::Relationship { person, .. } => Some(person),
        }
    }

    /// The code stored beside it.
    pub const fn code(self) -> &'static str {
        match self {
            Subject::Child { .. } => "child",
            Subject::Person { .. } => "person",
            Subject::Relationship { .. } => "relationship",
        }
    }
}

/// Where a statement came from.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Source {
    /// A referral form, as it was sent.
    Form {
        /// Which.
        referral: ReferralId,
    },
    /// The phone call with which a referral was verified.
    Call {
        /// Which.
        referral: ReferralId,
        /// On which number, from the staff directory.
        number: String,
        /// When, UTC milliseconds.
        at_ms: i64,
    },
    /// What somebody says afterwards; how it came stands in the [`Channel`].
    Told {
        /// How.
        channel: Channel,
    },
    /// An order of a court, by its case number or another reference.
    Order {
        /// Which.
        reference: String,
    },
    /// Taken over from another system.
    Import {
        /// From which.
        system: String,
    },
    /// Written by Kith itself when two records of one person were parted again, see [`Statement::takes_back`].
    Parted,
}

codes! {
    /// How something came that was said after acceptance.
    Channel {
        SocialWorker = "social_worker", "The social worker, in person or in writing";
        Phone = "phone", "By phone";
        Person = "person", "The person themselves";
        Carer = "carer", "The carer";
        Document = "document", "A letter or another document";
        Court = "court", "A court or an order";
        School = "school", "School, health visitor or another professional";
        Staff = "staff", "Seen or heard by our own staff";
    }
}

codes! {
    /// What a statement does to what stands.
    FactStanding {
        Said = "said", "Said";
        Confirmed = "confirmed", "Confirmed";
        Corrected = "corrected", "Corrected";
        NotKnown = "not_known", "Not known";
        Disputed = "disputed", "Disputed";
        Restricted = "restricted", "Use restricted";
    }
}

/// One thing that was said of somebody: it is added and never changed. No Debug: it is personal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Its id.
    pub id: StatementId,
    /// About whom.
    pub subject: Subject,
    /// When it came to stand, UTC milliseconds.
    pub recorded_ms: i64,
    /// Who wrote it down.
    pub by: AccountId,
    /// Where it came from.
    pub source: Source,
    /// Who said it, in words.
    pub said_by: String,
    /// Since when it is so, if that was said.
    pub since: Option<Date>,
    /// What it does to what stands.
    pub standing: FactStanding,
    /// Values by code of the item, see [`settled`].
    pub values: Fields,
    /// Why it is disputed or restricted, or anything to remember.
    pub note: Option<String>,
    /// A statement that counts no more: it was about somebody else.
    pub takes_back: Option<StatementId>,
}

/// A value for as long as it stood, with what bears on it.
#[derive(Clone, PartialEq, Eq)]
pub struct Held {
    /// The value; several for checkboxes, none or an empty one when there is none.
    pub value: Vec<String>,
    /// The statement that said it first.
    pub said: StatementId,
    /// Those that said it again or confirmed it, in order.
    pub again: Vec<StatementId>,
    /// The one that verified it last: confirmed or corrected.
    pub verified: Option<StatementId>,
    /// The one after which nobody knows whether it is so.
    pub not_known: Option<StatementId>,
    /// Those that dispute it.
    pub disputed: Vec<StatementId>,
}

/// What is known of one item: what stands, and what stood before it.
#[derive(Clone, PartialEq, Eq)]
pub struct Fact {
    /// What stands.
    pub now: Held,
    /// What stood before, oldest first.
    pub past: Vec<Held>,
    /// The statement that restricts its use.
    pub restricted: Option<StatementId>,
}

/// What is known of somebody, by code of the item.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Facts(BTreeMap<String, Fact>);

impl Facts {
    /// What stands now, folded from statements in any order.
    pub fn of<'a>(statements: impl IntoIterator<Item = &'a Statement>) -> Facts {
        let mut ordered: Vec<&Statement> = statements.into_iter().collect();
        ordered.sort_by_key(|statement| (statement.recorded_ms, statement.id));
        let taken_back: BTreeSet<StatementId> = ordered.iter().filter_map(|statement| statement.takes_back).collect();
        let mut facts = BTreeMap::new();
        for statement in ordered.into_iter().filter(|statement| !taken_back.contains(&statement.id)) {
            for item in statement.values.names() {
                take(&mut facts, statement, item);
            }
        }
        Facts(facts)
    }

    /// What is known of an item.
    pub fn get(&self, item: &str) -> Option<&Fact> {
        self.0.get(item)
    }

    /// Every item with what is known of it, in order of code.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Fact)> {
        self.0.iter().map(|(item, fact)| (item.as_str(), fact))
    }

    /// What the rows hold of it: everything that stands, but for what is restricted, which nobody uses.
    pub fn known(&self) -> Known {
        let mut known = Known::default();
        for (item, fact) in &self.0 {
            if fact.restricted.is_none() && fact.now.value.iter().any(|value| !value.is_empty()) {
                known.values.set_all(item.clone(), fact.now.value.clone());
            }
            if fact.now.not_known.is_some() {
                known.not_known.insert(item.clone());
            }
            if !fact.now.disputed.is_empty() {
                known.disputed.insert(item.clone());
            }
            if fact.restricted.is_some() {
                known.restricted.insert(item.clone());
            }
        }
        known
    }
}

fn take(facts: &mut BTreeMap<String, Fact>, statement: &Statement, item: &str) {
    use FactStanding as S;
    let value = statement.values.all(item).to_vec();
    match (statement.standing, facts.get_mut(item)) {
        (S::Disputed, Some(fact)) => fact.now.disputed.push(statement.id),
        (S::Restricted, Some(fact)) => fact.restricted = Some(statement.id),
        // Nothing stands that could be disputed or restricted.
        (S::Disputed | S::Restricted, None) => {}
        (standing, Some(fact)) if fact.now.value == value => {
            let now = &mut fact.now;
            now.again.push(statement.id);
            match standing {
                S::Confirmed | S::Corrected => {
                    now.verified = Some(statement.id);
                    now.not_known = None;
                }
                S::NotKnown => now.not_known = Some(statement.id),
                // A form sent again does not answer what nobody knew.
                _ if matches!(statement.source, Source::Form { .. }) => {}
                _ => now.not_known = None,
            }
        }
        (standing, known) => {
            let held = Held {
                value,
                said: statement.id,
                again: Vec::new(),
                verified: matches!(standing, S::Confirmed | S::Corrected).then_some(statement.id),
                not_known: (standing == S::NotKnown).then_some(statement.id),
                disputed: Vec::new(),
            };
            match known {
                Some(fact) => fact.past.push(std::mem::replace(&mut fact.now, held)),
                None => {
                    facts.insert(item.to_owned(), Fact { now: held, past: Vec::new(), restricted: None });
                }
            }
        }
    }
}

/// What stands now, as the rows of child, person and relationship hold it beside the statements.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Values by code of the item; an item without a value is not there.
    pub values: Fields,
    /// Items of which nobody knew whether they are so.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub not_known: BTreeSet<String>,
    /// Items that somebody disputes.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub disputed: BTreeSet<String>,
    /// Items whose use is restricted.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub restricted: BTreeSet<String>,
}

/// Whether a value said of a family member is about how they stand to the child, and not about who they are.
pub fn is_of_relationship(code: &str) -> bool {
    code == RELATION_ENDED || of_value(true, code).is_some_and(|item| item.about == About::Relationship)
}

/// The last day on which somebody belonged to the child's family or contact.
pub const RELATION_ENDED: &str = "relation_ended";

/// A form's fields as values: trimmed, a date in one value (`YYYY-MM-DD`) in place of its three boxes, nothing blank.
pub fn settled(fields: &Fields) -> Fields {
    let mut values = Fields::default();
    for name in fields.names() {
        let settled_value = |value: &String| match serde_json::from_str::<Fields>(value) {
            // A row of a list has dates of its own.
            Ok(row) => serde_json::to_string(&settled(&row)).unwrap_or_default(),
            Err(_) => value.trim().replace("\r\n", "\n"),
        };
        let given: Vec<String> = fields.all(name).iter().map(settled_value).filter(|v| !v.is_empty()).collect();
        let part = ["-day", "-month", "-year"].iter().find_map(|part| name.strip_suffix(part));
        let Some(base) = part else {
            if !given.is_empty() {
                values.set_all(name, given);
            }
            continue;
        };
        let of = |part: &str| fields.get(&format!("{base}-{part}")).trim().to_owned();
        match crate::calendar::date_from_parts(&of("day"), &of("month"), &of("year")) {
            Ok(date) => values.set(base, date.to_string()),
            // What is no date stays as it was typed.
            Err(_) if !given.is_empty() => values.set_all(name, given),
            Err(_) => {}
        }
    }
    values
}

/// The boxes of a form for these values: the other way round than [`settled`].
pub fn unsettled(values: &Fields) -> Fields {
    let mut fields = Fields::default();
    for name in values.names() {
        match values.get(name).parse::<Date>() {
            Ok(date) if values.get(name).len() == 10 => fields.set_date(name, date),
            _ => fields.set_all(name, values.all(name).to_vec()),
        }
    }
    fields
}

/// Of a change: what is said of these items now that was not said before. An item that had a value and has none any more
/// is there with an empty one.
pub fn changed(before: &Fields, after: &Fields) -> Fields {
    let mut values = Fields::default();
    for name in before.differences(after) {
        let said = after.all(&name).to_vec();
        values.set_all(name, if said.is_empty() { vec![String::new()] } else { said });
    }
    values
}

/// What is wrong with the day since when something is said to be so: nothing is known of the time to come, and nothing
/// was so before the child's birth (its earliest possible day). `field` is the name of the date on the form.
pub fn since_problem(field: &str, since: Date, birth: Option<Birth>, today: Date) -> Option<Problem> {
    let field = format!("{field}-day");
    if since > today {
        return Some(Problem::new(field, "The date since when it is so must be today or in the past"));
    }
    let earliest = birth.and_then(|birth| match birth {
        Birth::On { day } => Some(day),
        Birth::Between { from, .. } => Some(from),
        // Until the birth is recorded there is no day before which nothing was so.
        Birth::Expected { .. } => None,
    });
    (earliest.is_some_and(|born| since < born))
        .then(|| Problem::new(field, "The date since when it is so must not be before the child’s birth"))
}

#[cfg(test)]
#[path = "fact/tests.rs"]
mod tests;
