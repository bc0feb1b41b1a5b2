//! Every item, in the order of the form.

use super::entry::item;
use super::lists::{ALLERGIES, CONDITIONS, HEARINGS, KEEP_APART, PROTECTIVE_ORDERS, SIBLINGS, WANTED};
use super::{About, CalloutKind, Choices, DateBound, ELSE, Item, Kind, NoticeCategory, Paper, Scheme, Topic};
use crate::codes::{
    Entitlement, Ethnicity, LegalStatus, PlacementType, PreferredContact, Relationship, RiskMarker, SessionRule, Sex,
};
use crate::referral::Section;

/// What is to be done about an address that is confidential.
const HUSH: &str = "Say nothing of the address, the school or the way there where they can hear it, and give them nothing on \
     paper that names it.";
const YES: &[&str] = &["yes"];
/// Legal statuses that a court made, see [`LegalStatus::rests_on_an_order`].
const ON_AN_ORDER: &[&str] = &["C1", "C2", "D1", "E1", "L2", "L3", "J1", "J3"];

const NOT_ENGLISH: &[&str] = &[ELSE, "English"];
/// Who is not a parent, whose entitlement is not what their relationship says.
const NO_PARENT: &[&str] = &[ELSE, "mother", "father", "parent"];
const NOT_THE_CARER: &[&str] = &["", "no"];

const PREFERRED: Choices = PreferredContact::CHOICES;

/// What is asked alike of a child and of a member of the family.
const fn given_name(about: About) -> Item {
    item(about, "given_name", "First names", Kind::Short).required().on(ALL_PAPERS)
}
const fn family_name(about: About) -> Item {
    item(about, "family_name", "Last name", Kind::Short).on(ALL_PAPERS)
}
const fn former_names(about: About) -> Item {
    item(about, "former_names", "Former names or other spellings", Kind::Lines).hint("One on each line")
}
const fn language(about: About) -> Item {
    item(about, "language", "First language", Kind::Language).category(NoticeCategory::Language).counted().before()
}
const fn interpreter(about: About, question: &'static str) -> Item {
    item(about, "interpreter", "Interpreter needed", Kind::YesNo("No"))
        .ask(question)
        .category(NoticeCategory::Language)
        .counted()
        .before()
}
const fn disabilities(about: About) -> Item {
    item(about, "disabilities", "Disabilities", Kind::Long).special().counted().before()
}
const fn access_needs(about: About) -> Item {
    item(about, "access_needs", "Access needs", Kind::Long)
        .hint("Lift, ramp, hearing loop, large print, a quiet room")
        .special()
        .counted()
        .before()
}

const ALL_PAPERS: &[Paper] = &[Paper::Referral, Paper::Agreement, Paper::Report];
const IN_COURT: &[Paper] = &[Paper::Referral, Paper::Report];
const AGREED: &[Paper] = &[Paper::Referral, Paper::Agreement];

const IDENTITY_MORE: &str = "Add other numbers, ethnicity, religion or former names";
const HEALTH_MORE: &str = "Add health conditions, diet, disabilities or access needs";
const SIBLINGS_MORE: &str = "Add brothers and sisters";
const CARER_MORE: &str = "Add more about the carers";
const HEARING_MORE: &str = "Add a hearing to come";
const PERSON_MORE: &str = "Add former names, date of birth, sex, email or how to reach them safely";
const NEEDS_MORE: &str = "Add language, interpreter or access needs";
const CONDITIONS_MORE: &str = "Add bail or licence conditions or a non-molestation order";
const WANTED_MORE: &str = "Add dates, venue or travel";
const RULES_MORE: &str = "Add rules of the session or people to keep apart";
const SAFETY_MORE: &str = "Add safety plans or incidents";

use About::{Child, Contact, Order, Person, Placement, Relationship as Relation};

/// Every item of personal data that the service can hold.
pub static ITEMS: &[Item] = &[
    // The child.
    given_name(Child).before(),
    family_name(Child),
    former_names(Child).more(IDENTITY_MORE),
    item(Child, "known_as", "Name the child goes by", Kind::Short)
        .hint("Leave empty if it is the first name")
        .before()
        .more(IDENTITY_MORE),
    item(Child, "birth", "Date of birth", Kind::Birth).required().counted().on(IN_COURT).before(),
    item(Child, "sex", "Sex", Kind::OneOf(Sex::CHOICES)).required().counted(),
    item(Child, "care_first", "Care First identity number", Kind::Identifier(Scheme::CareFirst))
        .required()
        .category(NoticeCategory::Identifiers)
        .on(IN_COURT),
    item(Child, "upn", "Unique pupil number (UPN)", Kind::Identifier(Scheme::Upn))
        .category(NoticeCategory::Identifiers)
        .more(IDENTITY_MORE),
    item(Child, "nhs_number", "NHS number", Kind::Identifier(Scheme::Nhs))
        .category(NoticeCategory::Identifiers)
        .more(IDENTITY_MORE),
    item(Child, "ethnicity", "Ethnicity", Kind::OneOf(Ethnicity::CHOICES))
        .grouped(Ethnicity::GROUPS)
        .special()
        .counted()
        .more(IDENTITY_MORE),
    item(Child, "religion", "Religion or belief", Kind::Short).special().counted().before().more(IDENTITY_MORE),
    item(Child, "school", "School or nursery", Kind::Short)
        .hint("Leave empty if there is none")
        .category(NoticeCategory::School),
    language(Child).required(),
    interpreter(Child, "Does the child need an interpreter?")
        .hint("Also a sign language. Can be left open when the first language is English")
        .required_when("language", NOT_ENGLISH),
    item(Child, "has_allergies", "Allergies", Kind::YesNo("None known"))
        .ask("Does the child have any allergies?")
        .required()
        .special()
        .call(Topic::Health)
        .before(),
    item(Child, "allergies", "Each allergy, the reaction and what to do", Kind::Rows(&ALLERGIES))
        .asked_when("has_allergies", YES)
        .special()
        .call(Topic::Health)
        .before()
        .stands_out(CalloutKind::Allergy, "Allergy", ""),
    item(Child, "medication", "Medication", Kind::Long)
        .hint("What, how much, when, who gives it. Leave empty if there is none")
        .special()
        .call(Topic::Health)
        .before()
        .stands_out(CalloutKind::Allergy, "Medication", ""),
    item(Child, "conditions", "Health conditions", Kind::Long)
        .special()
        .call(Topic::Health)
        .before()
        .stands_out(CalloutKind::Allergy, "Health conditions", "")
        .more(HEALTH_MORE),
    item(Child, "diet", "Dietary needs", Kind::Long).special().call(Topic::Health).before().more(HEALTH_MORE),
    disabilities(Child).call(Topic::Health).more(HEALTH_MORE),
    access_needs(Child).call(Topic::Health).more(HEALTH_MORE),
    item(Child, "siblings", "Brothers and sisters", Kind::Rows(&SIBLINGS))
        .hint("Those who are not referred with this child")
        .category(NoticeCategory::Siblings)
        .confidential()
        .more(SIBLINGS_MORE),
    item(Child, "died", "Date of death", Kind::Date(DateBound::Past))
        .hint("Leave empty if it was written down by mistake")
        .on_file_alone(),
    // Where the child lives.
    item(Placement, "placement_type", "Type of placement", Kind::OneOf(PlacementType::CHOICES))
        .grouped(PlacementType::GROUPS)
        .required()
        .category(NoticeCategory::ChildIdentity)
        .counted(),
    item(Placement, "address", "Placement address", Kind::Address)
        .ask("Address with postcode")
        .required()
        .category(NoticeCategory::ChildIdentity)
        .confidential(),
    item(Placement, "confidential", "Address confidential", Kind::YesNo("No"))
        .ask("Is the address confidential from anybody?")
        .required()
        .category(NoticeCategory::ChildIdentity),
    item(Placement, "confidential_people", "Address confidential from", Kind::People)
        .ask("From whom of the family?")
        .hint("Kith never shows it to them or on their papers")
        .offered_when("confidential", YES)
        .category(NoticeCategory::ChildIdentity)
        .before()
        .stands_out(CalloutKind::Confidential, "Where the child lives is confidential", HUSH),
    item(Placement, "confidential_from", "Address confidential from others", Kind::Short)
        .ask("From anybody else?")
        .offered_when("confidential", YES)
        .category(NoticeCategory::ChildIdentity)
        .before()
        .stands_out(CalloutKind::Confidential, "Where the child lives is confidential", HUSH),
    item(Placement, "carer", "Carer’s name", Kind::Short).required().confidential().before(),
    item(Placement, "carer_phone", "Carer’s phone number", Kind::Phone).required().confidential().before(),
    item(Placement, "carer_email", "Carer’s email", Kind::Email).confidential().more(CARER_MORE),
    item(Placement, "carer_agency", "Fostering agency", Kind::Short)
        .hint("Leave empty for the council’s own carers")
        .confidential()
        .more(CARER_MORE),
    item(Placement, "carer_drives", "Carer can drive the child", Kind::YesNo("No"))
        .ask("Can the carer drive the child to contact?")
        .before()
        .more(CARER_MORE),
    item(Placement, "pets", "Pets where the child lives", Kind::Short).confidential().more(CARER_MORE),
    // Legal status and order.
    item(Order, "legal_status", "Legal status", Kind::OneOf(LegalStatus::CHOICES)).required().counted().on(IN_COURT),
    item(Order, "court", "Court", Kind::Short)
        .ask("Court that made the order")
        .required_when("legal_status", ON_AN_ORDER)
        .on(IN_COURT),
    item(Order, "case_number", "Case number", Kind::Short).required_when("legal_status", ON_AN_ORDER).on(IN_COURT),
    item(Order, "order_date", "Date of the order", Kind::Date(DateBound::Past))
        .hint("For example 2 11 2026")
        .required_when("legal_status", ON_AN_ORDER)
        .on(IN_COURT),
    item(Order, "order_ends", "Date the order ends", Kind::Date(DateBound::Any))
        .hint("Leave empty if it does not say")
        .on(IN_COURT),
    item(Order, "terms", "What the order says about contact", Kind::Long).hint("Word for word if you can").on(IN_COURT),
    item(Order, "hearing_date", "Next hearing", Kind::Date(DateBound::Any)).more(HEARING_MORE),
    item(Order, "hearing_about", "What the hearing is about", Kind::Short).more(HEARING_MORE),
    item(Order, "hearings", "Hearings after that", Kind::Rows(&HEARINGS)).more(HEARING_MORE),
    // The family.
    given_name(Person),
    family_name(Person),
    former_names(Person).more(PERSON_MORE),
    item(Relation, "relationship", "Relationship to the child", Kind::OneOf(Relationship::CHOICES))
        .required()
        .on(ALL_PAPERS)
        .before(),
    item(Relation, "parental_responsibility", "Parental responsibility", Kind::YesNo("No"))
        .ask("Do they have parental responsibility?")
        .required(),
    item(Relation, "entitlement", "Entitlement to contact", Kind::OneOf(Entitlement::CHOICES))
        .hint("Children Act 1989, section 34(1). A mother, a father and a parent have it under (a)")
        .required_when("relationship", NO_PARENT),
    item(Relation, "may_attend", "May attend", Kind::YesNo("No: must not attend"))
        .ask("May they attend?")
        .hint("“No” means that they must not be let in")
        .required()
        .category(NoticeCategory::Considerations)
        .before(),
    item(Person, "phone", "Phone number", Kind::Phone).confidential(),
    item(Person, "address", "Address", Kind::Address).confidential(),
    item(Person, "birth_date", "Date of birth", Kind::Date(DateBound::Past)).more(PERSON_MORE),
    item(Person, "sex", "Sex", Kind::OneOf(Sex::CHOICES))
        .hint("For the family picture, where the relationship does not say it")
        .more(PERSON_MORE),
    item(Person, "email", "Email", Kind::Email).confidential().more(PERSON_MORE),
    item(Person, "preferred_contact", "How they like to be reached", Kind::OneOf(PREFERRED)).more(PERSON_MORE),
    item(Person, "safe_contact", "How and when it is safe to reach them", Kind::Long)
        .hint("For example: never by post, only while the children are at school")
        .category(NoticeCategory::Safeguarding)
        .confidential()
        .more(PERSON_MORE),
    language(Person).more(NEEDS_MORE),
    interpreter(Person, "Do they need an interpreter?").more(NEEDS_MORE),
    item(Person, "religion", "Religion or belief", Kind::Short).special().more(NEEDS_MORE),
    item(Person, "ethnicity", "Ethnicity", Kind::OneOf(Ethnicity::CHOICES))
        .grouped(Ethnicity::GROUPS)
        .special()
        .counted()
        .more(NEEDS_MORE),
    disabilities(Person).more(NEEDS_MORE),
    access_needs(Person).more(NEEDS_MORE),
    item(Relation, "risk_marker", "Risk", Kind::OneOf(RiskMarker::CHOICES))
        .ask("Is a risk known from this person?")
        .hint("To the child, to staff or to others attending")
        .required()
        .category(NoticeCategory::Risk)
        .criminal()
        .call(Topic::Risk)
        .before(),
    item(Relation, "risk_detail", "What is known of the risk", Kind::Long)
        .hint("Facts, dates, who says so. Needed when a risk is known")
        .asked_when("risk_marker", &["known", "history"])
        .category(NoticeCategory::Risk)
        .criminal()
        .confidential()
        .call(Topic::Risk)
        .before(),
    item(Person, "bail_conditions", "Bail or licence conditions", Kind::Rows(&CONDITIONS))
        .category(NoticeCategory::Risk)
        .criminal()
        .call(Topic::Risk)
        .before()
        .more(CONDITIONS_MORE),
    item(Person, "non_molestation", "Non-molestation or other protective orders", Kind::Rows(&PROTECTIVE_ORDERS))
        .category(NoticeCategory::Risk)
        .criminal()
        .call(Topic::Risk)
        .before()
        .more(CONDITIONS_MORE),
    // Contact wanted.
    item(Contact, "wanted", "Contact wanted", Kind::Rows(&WANTED))
        .ask("Contact with each person who may attend")
        .required()
        .counted(),
    item(Contact, "wanted_from", "First day of contact wanted", Kind::Date(DateBound::Any)).more(WANTED_MORE),
    item(Contact, "wanted_until", "Last day of contact wanted", Kind::Date(DateBound::Any)).more(WANTED_MORE),
    item(Contact, "venue_wishes", "Venue that would suit", Kind::Short).more(WANTED_MORE),
    item(Contact, "travel", "Who brings the child, and who takes the child back", Kind::Long).more(WANTED_MORE),
    item(Child, "constraints", "What must and must not happen", Kind::Long)
        .hint("Phones, photographs, gifts, food, topics, language to be spoken, people to keep apart")
        .section(Section::Contact)
        .category(NoticeCategory::Considerations)
        .not_verified()
        .before(),
    item(Child, "not_allowed", "Not allowed in the session", Kind::SeveralOf(SessionRule::CHOICES))
        .section(Section::Contact)
        .category(NoticeCategory::Considerations)
        .not_verified()
        .before()
        .on(AGREED)
        .more(RULES_MORE),
    item(Child, "keep_apart", "People who must not meet", Kind::Rows(&KEEP_APART))
        .section(Section::Contact)
        .category(NoticeCategory::Considerations)
        .confidential()
        .not_verified()
        .before()
        .more(RULES_MORE),
    // Risks and emergency contact.
    item(Child, "concerns", "Concerns past and present", Kind::Long)
        .hint("Write “none known” if there are none")
        .required()
        .section(Section::Risk)
        .category(NoticeCategory::Safeguarding)
        .criminal()
        .confidential()
        .call(Topic::Emergency)
        .before(),
    item(Child, "staff_safety", "What staff should know for their own safety", Kind::Long)
        .hint("Leave empty if there is nothing")
        .section(Section::Risk)
        .category(NoticeCategory::Safeguarding)
        .criminal()
        .confidential()
        .call(Topic::Emergency)
        .before()
        .stands_out(CalloutKind::Risk, "For your own safety", ""),
    item(Child, "safety_plan", "Child protection or safety plan", Kind::Long)
        .section(Section::Risk)
        .category(NoticeCategory::Safeguarding)
        .confidential()
        .call(Topic::Emergency)
        .more(SAFETY_MORE),
    item(Child, "incidents", "Incidents so far", Kind::Long)
        .hint("What happened, when, who was there")
        .section(Section::Risk)
        .category(NoticeCategory::Safeguarding)
        .criminal()
        .confidential()
        .call(Topic::Emergency)
        .more(SAFETY_MORE),
    item(Child, "emergency_carer", "Phone the carer in an emergency", Kind::YesNo("No, somebody else"))
        .ask("In an emergency, is it the carer who is phoned?")
        .section(Section::Risk)
        .category(NoticeCategory::Safeguarding)
        .call(Topic::Emergency)
        .before(),
    item(Child, "emergency_name", "Whom to phone in an emergency", Kind::Short)
        .hint("When it is not the carer")
        .required_when("emergency_carer", NOT_THE_CARER)
        .section(Section::Risk)
        .category(NoticeCategory::Safeguarding)
        .call(Topic::Emergency)
        .before(),
    item(Child, "emergency_phone", "Emergency phone number", Kind::Phone)
        .required_when("emergency_carer", NOT_THE_CARER)
        .section(Section::Risk)
        .category(NoticeCategory::Safeguarding)
        .call(Topic::Emergency)
        .before(),
];
