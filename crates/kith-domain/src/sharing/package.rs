//! Standing packages: what each kind of recipient gets and no field more (handbook section 13: "the driver gets first name, seat,
//! pick-up, times, allergies that matter in a car, an emergency number; not the surname, not the diagnosis").

use std::sync::LazyLock;

use super::EnclosureKind;
use crate::access::Purpose;
use crate::catalogue::{ITEMS, RegisteredItems, by_key};
use crate::codes::codes;

codes! {
    /// What a recipient is to the service (the notice, "Who we may share your information with").
    RecipientKind {
        Driver = "driver", "Transport provider: the driver";
        Interpreter = "interpreter", "Interpreter";
        School = "school", "School or nursery";
        Health = "health", "NHS and other health services";
        Court = "court", "Court, Cafcass and other judicial agencies";
        Police = "police", "Police";
        Adults = "adults", "Council: adult social care";
        Children = "children", "Council: children’s social care";
        Learning = "learning", "Council: learning and education";
        Legal = "legal", "Council: legal service";
    }
}

impl RecipientKind {
    /// Who can demand by law.
    pub const BY_LAW: &'static [Self] = &[Self::Court, Self::Police, Self::Health, Self::School];
}

/// How a part of a package is made from what is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The item as it is.
    Whole,
    /// The first of the first names.
    FirstName,
    /// Which seat a child of that age needs in a car.
    Seat,
    /// What the child is allergic to, and what to do.
    InACar,
    /// Whom to phone in an emergency: the number alone.
    Emergency,
    /// Day and times of the session.
    When,
    /// Where the session is.
    Where,
    /// First names of who comes to the session.
    Who,
}

/// A part of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is called; empty: as the item is.
    pub label: &'static str,
    /// The item that it is made from; empty of what only the session says.
    pub item: &'static str,
    /// How.
    pub how: How,
}

impl Part {
    /// Its item's key.
    pub fn key(&self) -> Option<&'static str> {
        Some(self.item).filter(|key| !key.is_empty())
    }
}

/// What a kind of recipient gets.
#[derive(Clone, Copy, Debug)]
pub struct Package {
    /// To whom.
    pub kind: RecipientKind,
    /// Whether they are of the council: then no agreement is needed.
    pub inside: bool,
    /// Whether it rests on consent; otherwise on the duty to promote contact, or on proceedings.
    pub consent: bool,
    /// Whether it is about one session.
    pub of_session: bool,
    /// Whether what is held of people who must not attend is in it.
    pub barred: bool,
    /// What for.
    pub purposes: &'static [Purpose],
    /// What is in it.
    pub parts: &'static [Part],
    /// The whole papers that can go beside it.
    pub papers: &'static [EnclosureKind],
}

impl Package {
    /// The items that it is made from.
    pub fn items(&self) -> impl Iterator<Item = &'static str> + use<> {
        let parts = self.parts;
        let mut keys: Vec<&'static str> = parts.iter().filter_map(Part::key).collect();
        keys.dedup();
        keys.into_iter()
    }
}

const fn whole(item: &'static str) -> Part {
    Part { label: "", item, how: How::Whole }
}

const fn part(label: &'static str, item: &'static str, how: How) -> Part {
    Part { label, item, how }
}

const DELIVERY: &[Purpose] = &[Purpose::ServiceDelivery];
const CASE: &[Purpose] = &[Purpose::ServiceDelivery, Purpose::Assessment];
// The social worker’s department works on the case and answers for it in court: a report for court goes to it for that.
const CASE_AND_COURT: &[Purpose] = &[Purpose::ServiceDelivery, Purpose::Assessment, Purpose::OfficialReporting];
const COURT: &[Purpose] = &[Purpose::OfficialReporting];

const FIRST_NAME: Part = part("First name", "child.given_name", How::FirstName);
const WHEN: Part = part("Day and times", "", How::When);
const PLACE: Part = part("Where", "", How::Where);

const DRIVER: &[Part] = &[
    FIRST_NAME,
    part("Seat", "child.birth", How::Seat),
    part("Pick-up", "placement.address", How::Whole),
    WHEN,
    part("Bring to", "", How::Where),
    part("Allergies, and what to do", "child.allergies", How::InACar),
    part("Phone in an emergency", "child.emergency_phone", How::Emergency),
];
const INTERPRETER: &[Part] =
    &[FIRST_NAME, WHEN, PLACE, part("With", "", How::Who), whole("child.language"), whole("person.language")];
const SCHOOL: &[Part] = &[
    whole("child.given_name"),
    whole("child.family_name"),
    whole("child.birth"),
    whole("child.upn"),
    whole("child.school"),
    part("Phone in an emergency", "child.emergency_phone", How::Emergency),
];
const HEALTH: &[Part] = &[
    whole("child.given_name"),
    whole("child.family_name"),
    whole("child.birth"),
    whole("child.nhs_number"),
    whole("child.allergies"),
    whole("child.medication"),
    whole("child.conditions"),
    whole("child.diet"),
    whole("child.disabilities"),
    whole("child.access_needs"),
];
const JUDICIAL: &[Part] = &[
    whole("child.given_name"),
    whole("child.family_name"),
    whole("child.birth"),
    whole("order.legal_status"),
    whole("order.court"),
    whole("order.case_number"),
    whole("order.order_date"),
    whole("order.order_ends"),
    whole("order.terms"),
    whole("person.given_name"),
    whole("person.family_name"),
    whole("relationship.relationship"),
    whole("relationship.parental_responsibility"),
    whole("relationship.may_attend"),
];
const POLICE: &[Part] = &[
    whole("child.given_name"),
    whole("child.family_name"),
    whole("child.birth"),
    whole("child.concerns"),
    whole("person.given_name"),
    whole("person.family_name"),
    whole("person.address"),
    whole("relationship.relationship"),
    whole("relationship.may_attend"),
    whole("relationship.risk_marker"),
    whole("person.bail_conditions"),
    whole("person.non_molestation"),
];
const ADULTS: &[Part] = &[
    whole("person.given_name"),
    whole("person.family_name"),
    whole("person.phone"),
    whole("person.access_needs"),
    whole("relationship.relationship"),
];
const CHILDREN: &[Part] = &[
    whole("child.given_name"),
    whole("child.family_name"),
    whole("child.birth"),
    whole("child.care_first"),
    whole("order.legal_status"),
    whole("placement.placement_type"),
    whole("placement.address"),
    whole("placement.carer"),
    whole("placement.carer_phone"),
    whole("child.concerns"),
    whole("person.given_name"),
    whole("person.family_name"),
    whole("relationship.relationship"),
    whole("relationship.may_attend"),
    whole("relationship.risk_marker"),
];
const LEARNING: &[Part] = &[
    whole("child.given_name"),
    whole("child.family_name"),
    whole("child.birth"),
    whole("child.upn"),
    whole("child.school"),
];

/// The package of a kind of recipient.
pub fn package(kind: RecipientKind) -> Package {
    let of = |purposes, parts| Package {
        kind,
        inside: false,
        consent: false,
        of_session: false,
        barred: false,
        purposes,
        parts,
        papers: &[],
    };
    match kind {
        RecipientKind::Driver => Package { of_session: true, ..of(DELIVERY, DRIVER) },
        RecipientKind::Interpreter => Package { of_session: true, ..of(DELIVERY, INTERPRETER) },
        RecipientKind::School => Package { consent: true, ..of(DELIVERY, SCHOOL) },
        RecipientKind::Health => Package { consent: true, papers: &[EnclosureKind::Document], ..of(CASE, HEALTH) },
        RecipientKind::Court => Package { barred: true, papers: EnclosureKind::ALL, ..of(COURT, JUDICIAL) },
        RecipientKind::Police => {
            Package { barred: true, papers: &[EnclosureKind::Document], ..of(&[Purpose::Assessment], POLICE) }
        }
        RecipientKind::Adults => Package { inside: true, ..of(CASE, ADULTS) },
        RecipientKind::Children => {
            Package { inside: true, barred: true, papers: EnclosureKind::ALL, ..of(CASE_AND_COURT, CHILDREN) }
        }
        RecipientKind::Learning => Package { inside: true, ..of(DELIVERY, LEARNING) },
        RecipientKind::Legal => {
            Package { inside: true, barred: true, papers: EnclosureKind::ALL, ..of(COURT, JUDICIAL) }
        }
    }
}

/// The parts that answer a demand: these items as they are.
pub fn demanded(items: &[String]) -> Vec<Part> {
    static KEYS: LazyLock<Vec<String>> = LazyLock::new(|| ITEMS.iter().map(crate::catalogue::Item::key).collect());
    KEYS.iter().filter(|key| items.contains(key)).map(|key| whole(key.as_str())).collect()
}

/// Whether every package can be made at all: its items are in the catalogue, and each purpose it serves may read some of them by
/// the register. What is wrong, in words.
pub fn check_packages(items: &RegisteredItems) -> Result<(), String> {
    for kind in RecipientKind::ALL {
        let of = package(*kind);
        if let Some(key) = of.items().find(|key| by_key(key).is_none()) {
            return Err(format!("the package for “{}” names “{key}”, which is no item of the catalogue", kind.label()));
        }
        for purpose in of.purposes {
            let readable = |key| by_key(key).is_some_and(|item| items.covers(item, *purpose));
            if !of.items().any(readable) {
                return Err(format!(
                    "nothing of the package for “{}” may be read for “{}”: name its items under [[items]]",
                    kind.label(),
                    purpose.code()
                ));
            }
        }
    }
    Ok(())
}
