//! What was typed, for reading: labels and words instead of names and codes.

use kith_domain::codes::{Entitlement, LegalStatus, PlacementType, Relationship, RiskMarker, Sex, Supervision};
use kith_domain::form::Fields;
use kith_domain::plan::{Bound, Per};
use kith_domain::referral::{FamilyDraft, ReferralDraft, Section};

/// Field and how it is called, in the order of each section's page. A date stands under its own name.
const FIELDS: &[(&str, &str)] = &[
    ("given_name", "First names"),
    ("family_name", "Last name"),
    ("former_names", "Former names"),
    ("birth_kind", "Date of birth is"),
    ("dob", "Date of birth"),
    ("dob_to", "Latest date of birth"),
    ("sex", "Sex"),
    ("care_first", "Care First number"),
    ("school", "School or nursery"),
    ("relationship", "Relationship to the child"),
    ("entitlement", "Entitlement to contact"),
    ("parental_responsibility", "Parental responsibility"),
    ("may_attend", "May attend"),
    ("phone", "Phone"),
    ("placement_type", "Type of placement"),
    ("address", "Address"),
    ("confidential", "Address confidential"),
    ("confidential_from", "Confidential from"),
    ("carer", "Carer"),
    ("carer_phone", "Carer’s phone"),
    ("language", "First language"),
    ("interpreter", "Interpreter needed"),
    ("has_allergies", "Allergies"),
    ("allergies", "Allergies, reaction and what to do"),
    ("medication", "Medication and health needs"),
    ("legal_status", "Legal status"),
    ("court", "Court"),
    ("case_number", "Case number"),
    ("order_date", "Date of the order"),
    ("order_ends", "Order ends"),
    ("terms", "What the order says about contact"),
    ("risk_marker", "Risk"),
    ("risk_detail", "What is known of the risk"),
    ("with", "To see"),
    ("bound", "How strictly"),
    ("count", "How many times"),
    ("per", "Each"),
    ("minutes", "Length in minutes"),
    ("court_ordered", "Ordered by a court"),
    ("supervision", "Supervision"),
    ("wishes", "Days, times, venue and travel"),
    ("constraints", "What must and must not happen"),
    ("concerns", "Concerns past and present"),
    ("staff_safety", "For the safety of staff"),
    ("emergency_name", "Emergency contact"),
    ("emergency_phone", "Emergency phone"),
];

/// Labels and values of what was typed, without the fields left empty. `form` gives names for ids.
pub(crate) fn readable(fields: &Fields, form: &ReferralDraft) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    for (name, label) in FIELDS {
        // What was typed under a question that is answered otherwise now does not count, and is not read out.
        let counts = match *name {
            "allergies" => fields.get("has_allergies") == "yes",
            "confidential_from" => fields.get("confidential") == "yes",
            "dob_to" => fields.get("birth_kind") == "between",
            "risk_detail" => fields.get("risk_marker") != "none",
            _ => true,
        };
        if !counts {
            continue;
        }
        let value = match *name {
            "dob" | "dob_to" | "order_date" | "order_ends" => date(fields, name),
            "with" => fields.all("with").iter().map(|id| member_name(form, id)).collect::<Vec<_>>().join(", "),
            _ => words(name, fields.get(name).trim()),
        };
        if !value.is_empty() {
            rows.push(((*label).to_owned(), value));
        }
    }
    rows
}

/// Only the rows of certain fields, for one item of the call.
pub(crate) fn of_fields(fields: &Fields, form: &ReferralDraft, names: &[&str]) -> Vec<(String, String)> {
    let labels: Vec<&str> = FIELDS.iter().filter(|(name, _)| names.contains(name)).map(|(_, label)| *label).collect();
    readable(fields, form).into_iter().filter(|(label, _)| labels.contains(&label.as_str())).collect()
}

fn date(fields: &Fields, name: &str) -> String {
    let part = |suffix: &str| fields.get(&format!("{name}-{suffix}")).trim().to_owned();
    let parts = [part("day"), part("month"), part("year")];
    match kith_domain::calendar::date_from_parts(&parts[0], &parts[1], &parts[2]) {
        Ok(day) => kith_domain::calendar::long_date(day),
        Err(_) => parts.join(" ").trim().to_owned(),
    }
}

/// The name of a family member on the form.
pub(crate) fn name_of(member: &FamilyDraft) -> String {
    let name = format!("{} {}", member.fields.get("given_name").trim(), member.fields.get("family_name").trim());
    if name.trim().is_empty() { "Somebody without a name yet".to_owned() } else { name.trim().to_owned() }
}

fn member_name(form: &ReferralDraft, id: &str) -> String {
    form.family
        .iter()
        .find(|member| member.id.to_string() == id)
        .map_or_else(|| "Somebody taken off the form".into(), name_of)
}

fn words(name: &str, value: &str) -> String {
    let label = match name {
        "sex" => Sex::from_code(value).map(Sex::label),
        "relationship" => Relationship::from_code(value).map(Relationship::label),
        "entitlement" => Entitlement::from_code(value).map(Entitlement::label),
        "placement_type" => PlacementType::from_code(value).map(PlacementType::label),
        "legal_status" => LegalStatus::from_code(value).map(LegalStatus::label),
        "risk_marker" => RiskMarker::from_code(value).map(RiskMarker::label),
        "supervision" => Supervision::from_code(value).map(Supervision::label),
        "bound" => Bound::from_code(value).map(Bound::label),
        "per" => Per::from_code(value).map(Per::label),
        "birth_kind" => match value {
            "on" => Some("known"),
            "expected" => Some("expected: not born yet"),
            "between" => Some("not known, between two dates"),
            _ => None,
        },
        "interpreter" | "parental_responsibility" | "court_ordered" | "confidential" => match value {
            "yes" => Some("Yes"),
            "no" => Some("No"),
            _ => None,
        },
        "may_attend" => match value {
            "yes" => Some("Yes"),
            "no" => Some("No: must not attend"),
            _ => None,
        },
        "has_allergies" => match value {
            "yes" => Some("Yes"),
            "no" => Some("None known"),
            _ => None,
        },
        _ => None,
    };
    label.map_or_else(|| value.to_owned(), str::to_owned)
}

/// A part of a referral as it is read.
pub(crate) struct Part {
    /// Its heading.
    pub(crate) heading: String,
    /// Where it is changed, below the referral's address.
    pub(crate) to: String,
    /// Questions and answers.
    pub(crate) rows: Vec<(String, String)>,
}

/// Every section with its answers, family members each under their own name.
pub(crate) fn whole(form: &ReferralDraft) -> Vec<Part> {
    let part = |heading, to, fields| Part { heading, to, rows: readable(fields, form) };
    let mut parts = Vec::new();
    for section in Section::ALL {
        match form.fields(*section) {
            Some(fields) => {
                parts.push(part(section.label().to_owned(), format!("sections/{}", section.code()), fields));
            }
            None => parts.extend(form.family.iter().map(|member| {
                part(format!("Family: {}", name_of(member)), format!("family/{}", member.id), &member.fields)
            })),
        }
    }
    parts
}
