//! What the rows of the lists consist of.

use super::entry::item;
use super::{About, DateBound, Item, Kind, Rows};
use crate::codes::{Hold, SiblingHome, SiblingSeen, Supervision};
use crate::plan::Mode;

use About::{Child, Contact, Order, Person};

/// A member of the family is seen in sessions of their own, or in somebody else's, or not for now.
pub const SEES_ALONE: &str = "own";
/// See [`SEES_ALONE`].
pub const SEES_TOGETHER: &str = "together";
const SEES: super::Choices = &[
    (SEES_ALONE, "Yes, in sessions of their own"),
    (SEES_TOGETHER, "Yes, in the sessions of somebody else here"),
    ("none", "Not for now"),
];
const ALONE: &[&str] = &[SEES_ALONE];

const fn from(about: About) -> Item {
    item(about, "from", "From", Kind::Date(DateBound::Any))
}
const fn until(about: About) -> Item {
    item(about, "until", "Until", Kind::Date(DateBound::Any)).hint("Leave empty if it does not say")
}

/// Each allergy with its reaction and what to do (handbook section 3).
pub(super) static ALLERGIES: Rows = Rows {
    one: "Allergy",
    columns: &[
        item(Child, "what", "Allergic to", Kind::Short).required(),
        item(Child, "reaction", "Reaction", Kind::Short).ask("What happens?").required(),
        item(Child, "action", "What to do", Kind::Short)
            .hint("For example: auto-injector in the red pouch, then 999")
            .required(),
    ],
    of_family: false,
};

/// Brothers and sisters who are not referred with the child.
pub(super) static SIBLINGS: Rows = Rows {
    one: "Brother or sister",
    columns: &[
        item(Child, "name", "Name", Kind::Short).required(),
        item(Child, "lives", "Lives", Kind::OneOf(SiblingHome::CHOICES)).ask("Where do they live?").required(),
        item(Child, "seen", "May the child see them", Kind::OneOf(SiblingSeen::CHOICES))
            .ask("May the child see them?")
            .required(),
        item(Child, "note", "More", Kind::Short).hint("Age, how often, what to watch"),
    ],
    of_family: false,
};

/// Hearings after the next one.
pub(super) static HEARINGS: Rows = Rows {
    one: "Hearing",
    columns: &[
        item(Order, "about", "What it is about", Kind::Short).required(),
        item(Order, "day", "Day", Kind::Date(DateBound::Any)).required(),
        item(Order, "court", "Court", Kind::Short),
    ],
    of_family: false,
};

/// Conditions of bail or of a licence.
pub(super) static CONDITIONS: Rows = Rows {
    one: "Condition",
    columns: &[
        item(Person, "terms", "What it says", Kind::Long).required(),
        item(Person, "hold", "Bail or licence", Kind::OneOf(Hold::CHOICES)).ask("Is it bail or a licence?").required(),
        item(Person, "court", "Court or police", Kind::Short),
        from(Person),
        until(Person),
    ],
    of_family: false,
};

/// Orders that protect somebody from a person.
pub(super) static PROTECTIVE_ORDERS: Rows = Rows {
    one: "Order",
    columns: &[
        item(Person, "terms", "What it says", Kind::Long).required(),
        item(Person, "protects", "Protects", Kind::Short).ask("Whom does it protect?").required(),
        item(Person, "court", "Court", Kind::Short),
        from(Person),
        until(Person),
    ],
    of_family: false,
};

/// Two people who must not meet.
pub(super) static KEEP_APART: Rows = Rows {
    one: "Pair",
    columns: &[
        item(Child, "one", "One", Kind::Person).ask("Who?").required(),
        item(Child, "other", "Other", Kind::Person).ask("And who?"),
        item(Child, "other_name", "Somebody else", Kind::Short)
            .ask("Or somebody who is not in the list")
            .required_when("other", &[""]),
        item(Child, "why", "Why", Kind::Short),
    ],
    of_family: false,
};

/// The contact that is wanted with each member of the family who may attend.
pub(super) static WANTED: Rows = Rows {
    one: "Contact",
    columns: &[
        item(Contact, "who", "", Kind::Person).required(),
        item(Contact, "sees", "Contact", Kind::OneOf(SEES)).ask("Is contact wanted?").preset(SEES_ALONE).required(),
        item(Contact, "frequency", "How often", Kind::Frequency).asked_when("sees", ALONE),
        item(Contact, "mode", "How", Kind::OneOf(Mode::CHOICES)).preset("in_person").asked_when("sees", ALONE),
        item(Contact, "minutes", "Minutes each time", Kind::Number(1, 480))
            .hint("Not for letters")
            .offered_when("sees", ALONE),
        item(Contact, "supervision", "Supervision", Kind::OneOf(Supervision::CHOICES))
            .ask("Level of supervision")
            .asked_when("sees", ALONE),
        item(Contact, "court_ordered", "Ordered by a court", Kind::YesNo("No"))
            .ask("Did a court order this contact?")
            .asked_when("sees", ALONE),
        item(Contact, "wishes", "Days and times that would suit", Kind::Short).offered_when("sees", ALONE),
        item(Contact, "together_with", "Together with", Kind::Person)
            .ask("In whose sessions?")
            .asked_when("sees", &[SEES_TOGETHER]),
    ],
    of_family: true,
};
