//! What the rules need, read from values by code; and the rules that bear on several items of one section.
//!
//! Reading is lenient: what was accepted stays readable, whatever may be entered today. What may be entered is judged by
//! [`super::section_problems`].

use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar;
use crate::catalogue::{by_key, value_words};
use crate::codes::{LegalStatus, PlacementType, Sex};
use crate::form::{Fields, Reader};
use crate::ids::PersonId;
use crate::person::{Birth, EXPECTED_AHEAD_DAYS, Name};

/// From which age contact is no longer arranged: the headings of a record end with the band 11 to 17.
const ADULT_YEARS: i16 = 18;

/// The child, as the rules need it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChildFacts {
    /// Name and former names.
    pub name: Name,
    /// Date of birth, or expected, or between.
    pub birth: Birth,
    /// Sex as recorded.
    pub sex: Option<Sex>,
    /// Care First identity number, as given.
    pub care_first: String,
    /// School or nursery.
    pub school: Option<String>,
    /// First language.
    pub language: String,
    /// Whether an interpreter is needed.
    pub interpreter: bool,
    /// Allergies with reaction and what to do; `None` is "none known", said and not left out.
    pub allergies: Option<String>,
    /// Medication.
    pub medication: Option<String>,
}

impl ChildFacts {
    /// From values, or from a form's fields; `None` without a name or a birth.
    pub fn of(values: &Fields) -> Option<ChildFacts> {
        let name = Name::of(values)?;
        Some(ChildFacts {
            name,
            birth: Birth::of(values)?,
            sex: Sex::from_code(values.get("sex")),
            care_first: text(values, "care_first").unwrap_or_default().to_uppercase(),
            school: text(values, "school"),
            language: text(values, "language").unwrap_or_default(),
            interpreter: values.has("interpreter", "yes"),
            allergies: words(values, "child.allergies").filter(|_| values.has("has_allergies", "yes")),
            medication: text(values, "medication"),
        })
    }
}

/// Where the child lives, as the rules need it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// Type of placement.
    pub kind: PlacementType,
    /// Address with postcode.
    pub address: String,
    /// Whether the address is confidential from anybody.
    pub confidential: bool,
    /// Carer's name.
    pub carer: String,
    /// Carer's phone number.
    pub carer_phone: String,
}

impl Placement {
    /// From values; `None` when no type of placement is among them.
    pub fn of(values: &Fields) -> Option<Placement> {
        Some(Placement {
            kind: PlacementType::from_code(values.get("placement_type"))?,
            address: text(values, "address").unwrap_or_default(),
            confidential: values.has("confidential", "yes"),
            carer: text(values, "carer").unwrap_or_default(),
            carer_phone: text(values, "carer_phone").unwrap_or_default(),
        })
    }
}

/// Legal status and order, as the rules need them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Legal {
    /// Status.
    pub status: LegalStatus,
    /// Court that made the order.
    pub court: Option<String>,
    /// Its case number.
    pub case_number: Option<String>,
    /// Date of the order.
    pub order_date: Option<Date>,
    /// When it ends, if it says so.
    pub order_ends: Option<Date>,
    /// What the order says about contact.
    pub terms: Option<String>,
}

impl Legal {
    /// From values; `None` without a legal status.
    pub fn of(values: &Fields) -> Option<Legal> {
        Some(Legal {
            status: LegalStatus::from_code(values.get("legal_status"))?,
            court: text(values, "court"),
            case_number: text(values, "case_number"),
            order_date: values.date("order_date"),
            order_ends: values.date("order_ends"),
            terms: text(values, "terms"),
        })
    }
}

/// Risks and emergency contact, as the rules need them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskFacts {
    /// Concerns past and present.
    pub concerns: String,
    /// What staff should know for their own safety.
    pub staff_safety: Option<String>,
    /// Name of the emergency contact.
    pub emergency_name: String,
    /// Phone number of the emergency contact.
    pub emergency_phone: String,
}

impl RiskFacts {
    /// From values; `None` when none of them is there.
    pub fn of(values: &Fields) -> Option<RiskFacts> {
        let codes = ["concerns", "staff_safety", "emergency_name", "emergency_phone"];
        let carer = values.has("emergency_carer", "yes");
        let who = |of_carer: &str, other: &str| text(values, if carer { of_carer } else { other }).unwrap_or_default();
        (carer || codes.iter().any(|code| !values.get(code).trim().is_empty())).then(|| RiskFacts {
            concerns: text(values, "concerns").unwrap_or_default(),
            staff_safety: text(values, "staff_safety"),
            emergency_name: who("carer", "emergency_name"),
            emergency_phone: who("carer_phone", "emergency_phone"),
        })
    }
}

fn text(values: &Fields, code: &str) -> Option<String> {
    Some(values.get(code).trim()).filter(|text| !text.is_empty()).map(|text| text.replace("\r\n", "\n"))
}

/// The pairs of people of the family who must not meet, by what is known of a child.
pub fn kept_apart(values: &Fields) -> Vec<(PersonId, PersonId)> {
    let pair = |row: &Fields| Some((row.get("one").parse().ok()?, row.get("other").parse().ok()?));
    values.rows("keep_apart", "one").iter().filter_map(pair).collect()
}

/// The value of an item in words, one line for each row of a list.
fn words(values: &Fields, key: &str) -> Option<String> {
    value_words(by_key(key)?, values, &|_| String::new())
}

/// A child of an age for which contact is arranged, or expected in a time that can be.
pub(super) fn rules_of_birth(reader: &mut Reader, today: Date) {
    let Some(birth) = Birth::of(reader.fields()) else { return };
    if let Birth::Expected { day } = birth {
        if day > today.saturating_add(Span::new().days(EXPECTED_AHEAD_DAYS)) {
            reader.problem("dob-day", "The expected birth is more than ten months ahead. Check the year");
        }
    } else if birth.latest() <= today && calendar::age_on(birth.latest(), today) >= ADULT_YEARS {
        reader.problem("dob-day", "By this date of birth the child is 18 or older. Check the year");
    }
}

/// An address that is confidential is so from somebody.
pub(super) fn rules_of_placement(reader: &mut Reader) {
    let fields = reader.fields();
    let from_nobody = fields.all("confidential_people").iter().all(|person| person.trim().is_empty())
        && fields.get("confidential_from").trim().is_empty();
    if fields.has("confidential", "yes") && from_nobody {
        let words = "Say from whom the address is confidential: choose people of the family, or write who else";
        reader.problem("confidential_from", words);
    }
}

/// An order ends after it begins; a hearing has a day.
pub(super) fn rules_of_orders(reader: &mut Reader) {
    let fields = reader.fields();
    if let (Some(begins), Some(ends)) = (fields.date("order_date"), fields.date("order_ends"))
        && ends < begins
    {
        reader.problem("order_ends-day", "Date the order ends must be on or after the date of the order");
    }
}

/// Contact that is wanted ends after it begins.
pub(super) fn rules_of_contact(reader: &mut Reader) {
    let fields = reader.fields();
    if let (Some(from), Some(until)) = (fields.date("wanted_from"), fields.date("wanted_until"))
        && until < from
    {
        reader.problem("wanted_until-day", "Last day of contact must be on or after the first day");
    }
}
