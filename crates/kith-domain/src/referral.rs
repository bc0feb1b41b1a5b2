//! The referral: the form a social worker fills in, its sections, its states (handbook section 4).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::codes::{
    Answer, Entitlement, LegalStatus, PlacementType, Relationship, RiskMarker, Sex, Supervision, codes,
};
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader, SHORT_TEXT_CHARS};
use crate::ids::PersonId;
use crate::person::{Birth, Name};
use crate::plan::Frequency;
use crate::refusal::Refusal;

/// Most family members one referral can name.
pub const FAMILY_LIMIT: usize = 30;

codes! {
    /// The sections of the form, in the order of the task list; the family has a page for each member.
    Section {
        Child = "child", "The child";
        Placement = "placement", "Where the child lives";
        Legal = "legal", "Legal status and order";
        Family = "family", "Family and who may attend";
        Contact = "contact", "Contact wanted";
        Risk = "risk", "Risks and emergency contact";
    }
}

codes! {
    /// Where a referral stands.
    ReferralState {
        Draft = "draft", "Draft";
        Submitted = "submitted", "Submitted";
        BeingVerified = "being_verified", "Being verified";
        Returned = "returned", "Returned for information";
        Accepted = "accepted", "Accepted";
        Declined = "declined", "Declined";
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

/// What is done to a referral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferralMove {
    /// The social worker sends it.
    Submit,
    /// The coordinator takes it up.
    BeginVerification,
    /// The coordinator asks for more.
    ReturnForInformation,
    /// The coordinator accepts it.
    Accept,
    /// The coordinator declines it.
    Decline,
    /// The social worker takes it back.
    Withdraw,
}

impl ReferralState {
    /// The state after a move, or why it cannot be made.
    pub fn after(self, step: ReferralMove) -> Result<ReferralState, Refusal> {
        use ReferralMove as M;
        use ReferralState as S;
        match (self, step) {
            (S::Draft | S::Returned, M::Submit) => Ok(S::Submitted),
            (S::Submitted, M::BeginVerification) => Ok(S::BeingVerified),
            (S::Submitted | S::BeingVerified, M::ReturnForInformation) => Ok(S::Returned),
            (S::BeingVerified, M::Accept) => Ok(S::Accepted),
            (S::Submitted | S::BeingVerified, M::Decline) => Ok(S::Declined),
            (S::Draft | S::Submitted | S::BeingVerified | S::Returned, M::Withdraw) => Ok(S::Withdrawn),
            (S::Submitted, M::Accept) => Err(Refusal::new(
                "referral.not_verified",
                "A referral is accepted only after it has been verified by phone",
            )),
            (state, _) => Err(Refusal::new(
                "referral.wrong_state",
                format!("This referral is {}, so that cannot be done to it now", state.label().to_lowercase()),
            )),
        }
    }

    /// Whether the social worker may still change the form.
    pub fn can_be_edited(self) -> bool {
        matches!(self, ReferralState::Draft | ReferralState::Returned)
    }
}

/// A family member on the form, as typed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FamilyDraft {
    /// The id the person will have.
    pub id: PersonId,
    /// As typed.
    pub fields: Fields,
}

/// The form as typed so far.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferralDraft {
    /// Section "the child".
    pub child: Fields,
    /// Section "where the child lives".
    pub placement: Fields,
    /// Section "legal status and order".
    pub legal: Fields,
    /// Each family member.
    pub family: Vec<FamilyDraft>,
    /// Section "contact wanted".
    pub contact: Fields,
    /// Section "risks and emergency contact".
    pub risk: Fields,
    /// Why it was last returned, declined or withdrawn, in the words of whoever did it.
    #[serde(default)]
    pub decision_reason: Option<String>,
}

/// How far a section is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SectionState {
    /// Nothing typed.
    NotStarted,
    /// Something is missing or wrong.
    Incomplete,
    /// All there.
    Complete,
}

impl ReferralDraft {
    /// The fields of a section that is one page.
    pub fn fields(&self, section: Section) -> Option<&Fields> {
        match section {
            Section::Child => Some(&self.child),
            Section::Placement => Some(&self.placement),
            Section::Legal => Some(&self.legal),
            Section::Contact => Some(&self.contact),
            Section::Risk => Some(&self.risk),
            Section::Family => None,
        }
    }

    /// Puts what was typed into a section that is one page.
    pub fn set_fields(&mut self, section: Section, fields: Fields) {
        match section {
            Section::Child => self.child = fields,
            Section::Placement => self.placement = fields,
            Section::Legal => self.legal = fields,
            Section::Contact => self.contact = fields,
            Section::Risk => self.risk = fields,
            Section::Family => {}
        }
    }

    /// What is wrong in a section, in the order of its fields.
    pub fn problems(&self, section: Section, today: Date) -> Vec<Problem> {
        match section {
            Section::Child => ChildFacts::read(&self.child, today).err(),
            Section::Placement => Placement::read(&self.placement).err(),
            Section::Legal => Legal::read(&self.legal, today).err(),
            Section::Contact => ContactWanted::read(&self.contact, self).err(),
            Section::Risk => RiskFacts::read(&self.risk).err(),
            Section::Family => {
                let mut problems = Vec::new();
                if self.family.is_empty() {
                    problems.push(Problem::new("family", "Add at least one family member"));
                }
                for member in &self.family {
                    if let Err(wrong) = FamilyMember::read(member) {
                        problems.extend(wrong);
                    }
                }
                Some(problems).filter(|p| !p.is_empty())
            }
        }
        .unwrap_or_default()
    }

    /// How far a section is.
    pub fn section_state(&self, section: Section, today: Date) -> SectionState {
        let blank = match self.fields(section) {
            Some(fields) => fields.is_blank(),
            None => self.family.is_empty(),
        };
        if blank {
            SectionState::NotStarted
        } else if self.problems(section, today).is_empty() {
            SectionState::Complete
        } else {
            SectionState::Incomplete
        }
    }

    /// The whole form read; or every section that has problems, with them.
    pub fn check(&self, today: Date) -> Result<Referral, Vec<(Section, Vec<Problem>)>> {
        let problems: Vec<_> = Section::ALL
            .iter()
            .map(|section| (*section, self.problems(*section, today)))
            .filter(|(_, problems)| !problems.is_empty())
            .collect();
        let read = || {
            Some(Referral {
                child: ChildFacts::read(&self.child, today).ok()?,
                placement: Placement::read(&self.placement).ok()?,
                legal: Legal::read(&self.legal, today).ok()?,
                family: self.family.iter().map(FamilyMember::read).collect::<Result<_, _>>().ok()?,
                contact: ContactWanted::read(&self.contact, self).ok()?,
                risk: RiskFacts::read(&self.risk).ok()?,
            })
        };
        match read() {
            Some(referral) if problems.is_empty() => Ok(referral),
            _ => Err(problems),
        }
    }

    /// The child's name as typed so far, for lists; empty when nothing is typed.
    pub fn child_name(&self) -> String {
        format!("{} {}", self.child.get("given_name").trim(), self.child.get("family_name").trim()).trim().to_owned()
    }
}

/// A referral that was read without a problem.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Referral {
    /// The child.
    pub child: ChildFacts,
    /// Where the child lives.
    pub placement: Placement,
    /// Legal status and order.
    pub legal: Legal,
    /// The family.
    pub family: Vec<FamilyMember>,
    /// Contact wanted.
    pub contact: ContactWanted,
    /// Risks and emergency contact.
    pub risk: RiskFacts,
}

/// The child, from the form.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChildFacts {
    /// Name and former names.
    pub name: Name,
    /// Date of birth, or expected, or between.
    pub birth: Birth,
    /// Sex as recorded.
    pub sex: Sex,
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
    /// Medication and other health needs.
    pub medication: Option<String>,
}

impl ChildFacts {
    /// Reads the section.
    pub fn read(fields: &Fields, today: Date) -> Result<ChildFacts, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let name = Name::read(&mut r);
        let birth = Birth::read(&mut r, today);
        let sex = r.required_choice("sex", "The child’s sex", Sex::from_code);
        let care_first = r.required("care_first", "Care First identity number", 20);
        if !care_first.is_empty() && !care_first.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            r.problem("care_first", "Care First identity number must contain only letters, digits and hyphens");
        }
        let school = r.text("school", "School or nursery", SHORT_TEXT_CHARS);
        let language = r.required("language", "First language", SHORT_TEXT_CHARS);
        let interpreter = r.required_choice("interpreter", "Whether an interpreter is needed", Answer::from_code);
        let has_allergies = r.required_choice("has_allergies", "Whether the child has allergies", Answer::from_code);
        let allergies = if has_allergies == Some(Answer::Yes) {
            Some(r.required("allergies", "Each allergy, its reaction and what to do", LONG_TEXT_CHARS))
        } else {
            None
        };
        let medication = r.text("medication", "Medication and health needs", LONG_TEXT_CHARS);
        let read = birth.zip(sex).map(|(birth, sex)| ChildFacts {
            name,
            birth,
            sex,
            care_first: care_first.to_uppercase(),
            school,
            language,
            interpreter: interpreter == Some(Answer::Yes),
            allergies,
            medication,
        });
        finish(r, read)
    }
}

/// Where the child lives, from the form.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// Type of placement.
    pub kind: PlacementType,
    /// Address with postcode.
    pub address: String,
    /// From whom the address is confidential; `None` when from nobody.
    pub confidential_from: Option<String>,
    /// Carer's name.
    pub carer: String,
    /// Carer's phone number.
    pub carer_phone: String,
}

impl Placement {
    /// Reads the section.
    pub fn read(fields: &Fields) -> Result<Placement, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let kind = r.required_choice("placement_type", "The type of placement", PlacementType::from_code);
        let address = r.required("address", "Placement address with postcode", 1_000);
        let confidential = r.required_choice("confidential", "Whether the address is confidential", Answer::from_code);
        let confidential_from = if confidential == Some(Answer::Yes) {
            Some(r.required("confidential_from", "From whom the address is confidential", SHORT_TEXT_CHARS))
        } else {
            None
        };
        let carer = r.required("carer", "Carer’s name", SHORT_TEXT_CHARS);
        let carer_phone = r.required_phone("carer_phone", "Carer’s phone number").unwrap_or_default();
        let read = kind.map(|kind| Placement { kind, address, confidential_from, carer, carer_phone });
        finish(r, read)
    }
}

/// Legal status and order, from the form.
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
    /// Reads the section.
    pub fn read(fields: &Fields, today: Date) -> Result<Legal, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let status = r.required_choice("legal_status", "The legal status", LegalStatus::from_code);
        let needs_order = status.is_some_and(LegalStatus::rests_on_an_order);
        let (court, case_number, order_date) = if needs_order {
            (
                Some(r.required("court", "Name of the court", SHORT_TEXT_CHARS)),
                Some(r.required("case_number", "Case number", 50)),
                r.required_date("order_date", "Date of the order"),
            )
        } else {
            (
                r.text("court", "Name of the court", SHORT_TEXT_CHARS),
                r.text("case_number", "Case number", 50),
                r.date("order_date", "Date of the order"),
            )
        };
        if order_date.is_some_and(|day| day > today) {
            r.problem("order_date-day", "Date of the order must be today or in the past");
        }
        let order_ends = r.date("order_ends", "Date the order ends");
        if let (Some(begins), Some(ends)) = (order_date, order_ends)
            && ends < begins
        {
            r.problem("order_ends-day", "Date the order ends must be on or after the date of the order");
        }
        let terms = r.text("terms", "What the order says about contact", LONG_TEXT_CHARS);
        let read = status.map(|status| Legal { status, court, case_number, order_date, order_ends, terms });
        finish(r, read)
    }
}

/// A family member, from the form.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FamilyMember {
    /// The id the person will have.
    pub id: PersonId,
    /// Name and former names.
    pub name: Name,
    /// How they stand to the child.
    pub relationship: Relationship,
    /// Entitlement under s34(1).
    pub entitlement: Entitlement,
    /// Whether they have parental responsibility.
    pub parental_responsibility: bool,
    /// Whether they may attend; `false` is "must not attend".
    pub may_attend: bool,
    /// Phone number.
    pub phone: Option<String>,
    /// Address.
    pub address: Option<String>,
    /// First language.
    pub language: Option<String>,
    /// Whether an interpreter is needed.
    pub interpreter: bool,
    /// Whether a risk is known.
    pub risk_marker: RiskMarker,
    /// What is known of it.
    pub risk_detail: Option<String>,
}

impl FamilyMember {
    /// Reads one member's page.
    pub fn read(draft: &FamilyDraft) -> Result<FamilyMember, Vec<Problem>> {
        let mut r = Reader::new(&draft.fields);
        let name = Name::read(&mut r);
        let relationship =
            r.required_choice("relationship", "How they are related to the child", Relationship::from_code);
        let entitlement = r.required_choice("entitlement", "Entitlement to contact", Entitlement::from_code);
        let responsibility = r.required_choice(
            "parental_responsibility",
            "Whether they have parental responsibility",
            Answer::from_code,
        );
        let may_attend = r.required_choice("may_attend", "Whether they may attend", Answer::from_code);
        let phone = r.phone("phone", "Phone number");
        let address = r.text("address", "Address", 1_000);
        let language = r.text("language", "First language", SHORT_TEXT_CHARS);
        let interpreter = r.choice("interpreter", "Whether an interpreter is needed", Answer::from_code);
        let risk_marker = r.required_choice("risk_marker", "Whether a risk is known", RiskMarker::from_code);
        let risk_detail = if matches!(risk_marker, Some(RiskMarker::Known | RiskMarker::History)) {
            Some(r.required("risk_detail", "What is known of the risk", LONG_TEXT_CHARS))
        } else {
            None
        };
        let read = (|| {
            Some(FamilyMember {
                id: draft.id,
                name,
                relationship: relationship?,
                entitlement: entitlement?,
                parental_responsibility: responsibility?.is_yes(),
                may_attend: may_attend?.is_yes(),
                phone,
                address,
                language,
                interpreter: interpreter == Some(Answer::Yes),
                risk_marker: risk_marker?,
                risk_detail,
            })
        })();
        finish(r, read)
    }
}

/// Contact wanted, from the form.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactWanted {
    /// With whom.
    pub with: Vec<PersonId>,
    /// How often.
    pub frequency: Frequency,
    /// Length of a session, in minutes.
    pub minutes: i64,
    /// Whether a court ordered it.
    pub court_ordered: bool,
    /// Level of supervision asked for.
    pub supervision: Supervision,
    /// Days, times, venues and travel that would suit.
    pub wishes: Option<String>,
    /// What must and must not happen.
    pub constraints: Option<String>,
}

impl ContactWanted {
    /// Reads the section; `with` holds ids of family members of the same form.
    pub fn read(fields: &Fields, form: &ReferralDraft) -> Result<ContactWanted, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let with: Vec<PersonId> = fields.all("with").iter().filter_map(|id| id.parse().ok()).collect();
        let named = |id: &PersonId| form.family.iter().find(|member| member.id == *id);
        if with.is_empty() {
            r.problem("with", "Select who the child is to see");
        } else if with.iter().any(|id| named(id).is_none()) {
            r.problem("with", "Someone selected is no longer on this referral. Select again who the child is to see");
        } else if with.iter().filter_map(named).any(|member| member.fields.get("may_attend") == "no") {
            r.problem("with", "Someone selected must not attend, by what is said about them under family");
        }
        let frequency = Frequency::read(&mut r);
        let minutes = r.required_number("minutes", "How long each session lasts, in minutes", 15, 480);
        let court_ordered =
            r.required_choice("court_ordered", "Whether a court ordered this contact", Answer::from_code);
        let supervision = r.required_choice("supervision", "The level of supervision", Supervision::from_code);
        let wishes = r.text("wishes", "Days, times, venue and travel", LONG_TEXT_CHARS);
        let constraints = r.text("constraints", "What must and must not happen", LONG_TEXT_CHARS);
        let read = (|| {
            Some(ContactWanted {
                with,
                frequency: frequency?,
                minutes: minutes?,
                court_ordered: court_ordered?.is_yes(),
                supervision: supervision?,
                wishes,
                constraints,
            })
        })();
        finish(r, read)
    }
}

/// Risks and emergency contact, from the form.
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
    /// Reads the section.
    pub fn read(fields: &Fields) -> Result<RiskFacts, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let concerns = r.required("concerns", "Concerns past and present, or “none known”", LONG_TEXT_CHARS);
        let staff_safety = r.text("staff_safety", "What staff should know for their own safety", LONG_TEXT_CHARS);
        let emergency_name = r.required("emergency_name", "Name of the emergency contact", SHORT_TEXT_CHARS);
        let emergency_phone =
            r.required_phone("emergency_phone", "Phone number of the emergency contact").unwrap_or_default();
        finish(r, Some(RiskFacts { concerns, staff_safety, emergency_name, emergency_phone }))
    }
}

/// Ends a reading: the value if it is whole and nothing is wrong.
fn finish<T>(reader: Reader, value: Option<T>) -> Result<T, Vec<Problem>> {
    let problems = reader.into_problems();
    match value {
        Some(value) if problems.is_empty() => Ok(value),
        _ => Err(problems),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 24);

    fn legal(pairs: &[(&str, &str)]) -> Result<Legal, Vec<Problem>> {
        Legal::read(&pairs.iter().copied().collect(), TODAY)
    }

    #[test]
    fn an_order_that_ends_before_it_begins_is_refused() {
        let order = [
            ("legal_status", "C1"),
            ("court", "Family Court at Eddington"),
            ("case_number", "ED26C00417"),
            ("order_date", "2026-11-02"),
            ("order_ends", "2026-11-01"),
        ];
        let problems = legal(&order).err().unwrap_or_default();
        assert_eq!(problems.iter().map(|p| p.field.as_str()).collect::<Vec<_>>(), ["order_ends-day"]);
    }

    #[test]
    fn a_status_that_rests_on_an_order_needs_it() {
        let problems = legal(&[("legal_status", "C2")]).err().unwrap_or_default();
        assert_eq!(
            problems.iter().map(|p| p.field.as_str()).collect::<Vec<_>>(),
            ["court", "case_number", "order_date-day"]
        );
        assert!(legal(&[("legal_status", "V2")]).is_ok());
    }

    #[test]
    fn nobody_accepts_before_verification() {
        // Handbook section 5: "Must be verified before acceptance".
        let accepted = ReferralState::Submitted.after(ReferralMove::Accept);
        assert_eq!(accepted.map_err(|refusal| refusal.code), Err("referral.not_verified"));
        assert_eq!(ReferralState::BeingVerified.after(ReferralMove::Accept), Ok(ReferralState::Accepted));
    }

    #[test]
    fn what_is_ended_stays_ended() {
        use ReferralMove as M;
        for state in [ReferralState::Accepted, ReferralState::Declined, ReferralState::Withdrawn] {
            for step in [M::Submit, M::BeginVerification, M::ReturnForInformation, M::Accept, M::Decline, M::Withdraw] {
                assert!(state.after(step).is_err());
            }
        }
    }

    #[test]
    fn someone_who_must_not_attend_cannot_be_asked_for() {
        let id: PersonId = "018f0000-0000-7000-8000-000000000001".parse().expect("an id");
        let member = FamilyDraft { id, fields: [("may_attend", "no")].into_iter().collect() };
        let form = ReferralDraft {
            family: vec![member],
            contact: [("with", id.to_string())].into_iter().collect(),
            ..ReferralDraft::default()
        };
        let problems = form.problems(Section::Contact, TODAY);
        assert!(problems.iter().any(|p| p.field == "with" && p.message.contains("must not attend")));
    }

    #[test]
    fn an_empty_form_is_not_started_and_names_every_section() {
        let form = ReferralDraft::default();
        assert!(Section::ALL.iter().all(|s| form.section_state(*s, TODAY) == SectionState::NotStarted));
        let problems = form.check(TODAY).err().unwrap_or_default();
        assert_eq!(problems.iter().map(|(s, _)| *s).collect::<Vec<_>>(), Section::ALL);
    }
}
