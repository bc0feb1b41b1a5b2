//! The parts of a register that are changed on pages of their own, and their fields: how each is called, what it may say, and under
//! which name the text has it.

use crate::codes::codes;

codes! {
    /// A part of the register, in the order in which parts are listed.
    RegisterSection {
        Authority = "authority", "Authority";
        Contacts = "contacts", "Addresses and contacts";
        Recipients = "recipients", "With whom data may be shared";
        Notice = "notice", "The public notice";
        Areas = "areas", "Areas";
        Purposes = "purposes", "Purposes and legal bases";
        Items = "items", "What is held, and what for";
        Retention = "retention", "Retention";
        Processors = "processors", "Processors";
        Measures = "measures", "Security measures";
        Opening = "opening", "Opening hours";
        ClosedDays = "closed_days", "Closed days";
        SchoolTerms = "school_terms", "School terms";
        Settings = "settings", "Settings";
    }
}

/// What a field says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisterKind {
    /// One line.
    Line,
    /// A sentence or more.
    Text,
    /// An email address.
    Email,
    /// Several, one on each line.
    Lines,
    /// A code that nobody reads but Kith.
    Code,
    /// One of the purposes that Kith knows, by its code.
    Purpose,
    /// Any of the purposes of the register, by their codes.
    Purposes,
    /// What keeps a security measure, by its code.
    KeptBy,
    /// A day.
    Day,
    /// Opening hours of a day, or that it is shut.
    Hours,
    /// A whole number between two bounds, both included.
    Figure {
        /// The smallest.
        low: i64,
        /// The largest.
        high: i64,
    },
}

/// A field of a part of the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterField {
    /// The table, or list of tables, of the text in which it stands.
    pub table: &'static str,
    /// Its name there.
    pub name: &'static str,
    /// What it is called, for reading. Of a figure the beginning of a sentence that ends with its unit.
    pub label: &'static str,
    /// What helps to answer; the unit of a figure.
    pub hint: &'static str,
    /// What it says.
    pub kind: RegisterKind,
    /// Whether it must be there.
    pub required: bool,
}

/// A part that is a list of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterList {
    /// The list of tables of the text.
    pub table: &'static str,
    /// The field that names a row.
    pub named_by: &'static str,
    /// Whether a row keeps its name: other parts of the register and what is stored speak of it by that.
    pub keeps_name: bool,
    /// One of them, such as "an area".
    pub one: &'static str,
    /// What no row means, said where there is none.
    pub none: &'static str,
}

use RegisterKind::{Code, Day, Email, Figure, Hours, KeptBy, Line, Lines, Purpose, Purposes, Text};

const fn field(
    table: &'static str,
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    kind: RegisterKind,
) -> RegisterField {
    RegisterField { table, name, label, hint, kind, required: true }
}

const fn optional(of: RegisterField) -> RegisterField {
    RegisterField { required: false, ..of }
}

const fn figure(name: &'static str, label: &'static str, unit: &'static str, low: i64, high: i64) -> RegisterField {
    field("settings", name, label, unit, Figure { low, high })
}

const fn hours(name: &'static str, label: &'static str) -> RegisterField {
    field("opening", name, label, "", Hours)
}

const SHORT_CODE: &str = "2 to 40 small letters, digits, - or _. It stays as it is once it is there";

const RETENTION_CODE: &str = "Kith keeps by care_order, care_plan, case_file, not_accepted, draft and request: each of these must have a rule. Others are \
     2 to 40 small letters, digits, - or _";

const AUTHORITY: &[RegisterField] = &[
    field("authority", "name", "Name of the authority", "", Line),
    optional(field("notice", "short_name", "How it is called for short", "", Line)),
    field("authority", "service", "Name of the service", "", Line),
    field("authority", "registration", "Entry in the register of data controllers", "", Line),
];

const CONTACTS: &[RegisterField] = &[
    field("authority", "address", "Address for requests", "One line of the address on each line", Lines),
    field("authority", "phone", "Phone number for requests", "", Line),
    field("authority", "email", "Email for requests", "", Email),
    field("authority", "dpo_email", "Email of the data protection officer", "", Email),
    optional(field(
        "notice",
        "dpo_address",
        "Address of the data protection officer",
        "One line of the address on each line. Without one it is the authority’s",
        Lines,
    )),
    optional(field(
        "notice",
        "dpo_phone",
        "Phone number of the data protection officer",
        "Without one it is the number for requests",
        Line,
    )),
];

const RECIPIENTS: &[RegisterField] = &[
    optional(field("authority", "departments", "Departments of the council", "One on each line", Lines)),
    optional(field(
        "authority",
        "partners",
        "Kinds of organisation outside the council, under an agreement",
        "One on each line",
        Lines,
    )),
];

const NOTICE: &[RegisterField] = &[
    optional(field(
        "notice",
        "provider",
        "Who runs the service",
        "The part of the authority. Without one it is the service’s name",
        Line,
    )),
    optional(field("notice", "provider_services", "What they do beside", "One on each line", Lines)),
    optional(field(
        "notice",
        "sources",
        "From whom information is sought beside the family",
        "One on each line. Without one it is the social worker",
        Lines,
    )),
    optional(field(
        "notice",
        "ways",
        "In which ways information is collected",
        "One on each line. Without one it is the referral form and the phone call",
        Lines,
    )),
    optional(field("notice", "schedule_url", "Web page of the retention schedule", "", Line)),
    optional(field("notice", "statement_url", "Web page of the authority’s privacy statement", "", Line)),
    optional(field("notice", "requests_url", "Web page about requests", "", Line)),
    optional(field(
        "notice",
        "fraud_act",
        "The Act under which the authority takes part in the National Fraud Initiative",
        "Without one it is Schedule 9 of the Local Audit and Accountability Act 2014",
        Line,
    )),
];

const AREAS: &[RegisterField] =
    &[field("areas", "code", "Code", SHORT_CODE, Code), field("areas", "name", "Name of the area", "", Line)];

const PURPOSES: &[RegisterField] = &[
    field(
        "purposes",
        "code",
        "The purpose",
        "One that Kith knows: it is refused everywhere as long as it is not here",
        Purpose,
    ),
    field("purposes", "name", "How it is called", "The notice says it", Line),
    field("purposes", "legal_basis", "Legal basis", "Several are divided by “;”. The notice says each once", Text),
];

const ITEMS: &[RegisterField] = &[optional(field(
    "items",
    "purposes",
    "For which purposes it may be read",
    "With none it is not held: it is not asked and cannot be stored",
    Purposes,
))];

const RETENTION: &[RegisterField] = &[
    field("retention", "category", "Code of the category", RETENTION_CODE, Code),
    field("retention", "name", "Which records", "As the notice says it", Text),
    field("retention", "rule", "How long they are kept", "As the notice says it", Text),
];

const PROCESSORS: &[RegisterField] = &[
    field("processors", "name", "The processor", "The organisation, not a person", Line),
    field("processors", "does", "What they do", "", Text),
    field("processors", "place", "Where the data is", "", Line),
    field("processors", "contract", "The contract", "Its number and since when (UK GDPR Article 28)", Line),
    optional(field(
        "processors",
        "transfer",
        "Transfer to a third country",
        "To which, and by which safeguard (UK GDPR Articles 44 to 49). Empty where it stays",
        Text,
    )),
];

const MEASURES: &[RegisterField] = &[
    field("measures", "code", "Code", SHORT_CODE, Code),
    field("measures", "words", "What is done", "In general words: the record of processing says it", Text),
    field("measures", "kept_by", "What keeps it", "A promise that Kith keeps, or people", KeptBy),
];

const OPENING: &[RegisterField] = &[
    hours("monday", "Monday"),
    hours("tuesday", "Tuesday"),
    hours("wednesday", "Wednesday"),
    hours("thursday", "Thursday"),
    hours("friday", "Friday"),
    hours("saturday", "Saturday"),
];

const CLOSED_DAYS: &[RegisterField] = &[
    field("closed_days", "day", "Day", "", Day),
    field("closed_days", "name", "What it is called", "People read it in the diary", Line),
];

const SCHOOL_TERMS: &[RegisterField] =
    &[field("school_terms", "from", "First day", "", Day), field("school_terms", "to", "Last day", "", Day)];

const SETTINGS: &[RegisterField] = &[
    figure("verify_within_working_days", "A referral is verified within", "working days of submission", 1, 30),
    figure(
        "first_session_within_working_days",
        "The first session is held within",
        "working days of acceptance",
        1,
        60,
    ),
    figure(
        "first_session_baby_within_working_days",
        "The first session of a baby under 1 on an interim order is held within",
        "working days of acceptance",
        1,
        60,
    ),
    figure("assessment_valid_months", "A risk assessment is valid for", "months", 1, 24),
    figure(
        "manager_approves_from_score",
        "A manager approves a risk from, without its controls,",
        "of 25 (likelihood × impact)",
        1,
        25,
    ),
    figure("plan_review_months", "A plan is reviewed after", "months", 1, 12),
    figure("write_up_minutes", "Kept free for writing up after each session", "minutes", 0, 240),
    figure("wait_minutes", "The child goes home when nobody came after", "minutes", 0, 120),
    figure("sign_within_hours", "A record is signed within", "hours", 1, 336),
    figure("immediately_after_minutes", "“Immediately after” is until", "minutes after the end", 0, 1440),
    figure("session_over_minutes", "Without a reason a session is longer by at most", "minutes", 0, 480),
    figure("idle_minutes", "A browser not used is signed out after", "minutes", 1, 120),
    figure("sign_in_hours", "A browser is signed out at the latest after", "hours", 1, 24),
    figure(
        "not_accepted_years",
        "A referral that was not accepted, of a child who is not looked after, is kept for",
        "years",
        1,
        75,
    ),
    figure(
        "requests_kept_years",
        "A request of somebody about their information is kept, from when it was closed, for",
        "years",
        1,
        75,
    ),
    // Never shorter than an address and a code open what was collected, nor longer than the shortest time of a request.
    figure("packs_kept_days", "What was collected to answer it is kept, from then, for", "days", 30, 365),
    figure(
        "escalate_after_open_hours",
        "Something urgent that nobody has read is told to somebody else after",
        "hours of opening",
        1,
        40,
    ),
    figure("key_backup_days", "A backup of the keys is kept for at most", "days", 1, 3650),
    figure("archive_bag_days", "A bag for an archive can be fetched for", "days", 1, 365),
];

const fn list(
    table: &'static str,
    named_by: &'static str,
    keeps_name: bool,
    one: &'static str,
    none: &'static str,
) -> RegisterList {
    RegisterList { table, named_by, keeps_name, one, none }
}

impl RegisterField {
    /// Its name in a form. There `code` is the one of a sign-in, which is not kept for somebody who was signed out while they typed.
    pub fn in_form(&self) -> &'static str {
        if self.name == "code" { "short_code" } else { self.name }
    }
}

impl RegisterSection {
    /// Its fields, in the order of a form; of a list those of a row.
    pub const fn fields(self) -> &'static [RegisterField] {
        match self {
            Self::Authority => AUTHORITY,
            Self::Contacts => CONTACTS,
            Self::Recipients => RECIPIENTS,
            Self::Notice => NOTICE,
            Self::Areas => AREAS,
            Self::Purposes => PURPOSES,
            Self::Items => ITEMS,
            Self::Retention => RETENTION,
            Self::Processors => PROCESSORS,
            Self::Measures => MEASURES,
            Self::Opening => OPENING,
            Self::ClosedDays => CLOSED_DAYS,
            Self::SchoolTerms => SCHOOL_TERMS,
            Self::Settings => SETTINGS,
        }
    }

    /// Its list of rows; `None` of a part that is one form. The items are one row for each item of the catalogue, and none is put in
    /// or taken out.
    pub const fn list(self) -> Option<RegisterList> {
        Some(match self {
            Self::Areas => list("areas", "code", true, "an area", "There is no area."),
            Self::Purposes => list("purposes", "code", true, "a purpose", "There is no purpose."),
            Self::Retention => list("retention", "category", true, "a rule", "There is no rule."),
            Self::Processors => {
                list("processors", "name", false, "a processor", "Nobody processes data for the authority.")
            }
            Self::Measures => list("measures", "code", true, "a measure", "No measure is named."),
            Self::ClosedDays => list(
                "closed_days",
                "day",
                false,
                "a closed day",
                "Sundays and the bank holidays of England and Wales alone.",
            ),
            Self::SchoolTerms => list("school_terms", "from", false, "a school term", "There is no term."),
            _ => return None,
        })
    }

    /// The part, and the field of it, that a name in a table of the text is.
    pub fn of(table: &str, name: &str) -> Option<(Self, &'static RegisterField)> {
        Self::ALL.iter().find_map(|section| {
            let field = section.fields().iter().find(|field| field.table == table && field.name == name);
            field.map(|field| (*section, field))
        })
    }
}

/// What the code of an area, a category or a measure may be.
pub fn is_register_code(text: &str) -> bool {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    (2..=40).contains(&text.len()) && text.chars().all(fine)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retention::RecordCategory;
    use crate::rights::KEPT_AS;

    #[test]
    fn each_field_is_of_one_part_and_a_list_is_named_by_one_of_its_fields() {
        for section in RegisterSection::ALL {
            for field in section.fields() {
                assert_eq!(RegisterSection::of(field.table, field.name).map(|of| of.0), Some(*section), "{field:?}");
                let same = section.fields().iter().filter(|other| other.name == field.name).count();
                assert_eq!(same, 1, "one form has one field of a name: {field:?}");
            }
            if let Some(list) = section.list() {
                assert!(section.fields().iter().any(|field| field.name == list.named_by), "{list:?}");
            }
        }
        let kept = RecordCategory::ALL.iter().map(|of| of.code()).chain([KEPT_AS.0]);
        kept.for_each(|code| assert!(RETENTION_CODE.contains(code), "{code}: Kith keeps by it"));
        assert_eq!(RegisterSection::of("authority", "code"), None, "it never changes, so no page asks it");
    }
}
