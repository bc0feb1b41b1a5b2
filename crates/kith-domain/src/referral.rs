//! The referral: the form a social worker fills in, its sections, its states (handbook section 4).

mod copied;
mod facts;
mod group;
mod next;
mod papers;
mod wanted;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::catalogue::{About, Group, SaidOf, check_items, of_section};
use crate::codes::{LegalStatus, YesNo, codes};
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use crate::ids::PersonId;
use crate::person::Birth;
use crate::refusal::Refusal;

pub use copied::CopyFor;
pub use facts::{ChildFacts, Legal, Placement, RiskFacts, kept_apart};
pub use group::{CHILDREN_LIMIT, Part, SiblingDraft, TakenOff};
pub use next::Next;
pub use papers::papers;
pub use wanted::{Wanted, set_wanted, wanted_contact};

/// Most family members one referral can name.
pub const FAMILY_LIMIT: usize = 30;

codes! {
    /// The sections of the form, in the order of the task list; the family has a page for each member.
    Section {
        Child = "child", "The child";
        Family = "family", "Family and who may attend";
        Placement = "placement", "Where the child lives";
        Legal = "legal", "Legal status and order";
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

    /// Whether it was sent and is not decided.
    pub fn is_waiting(self) -> bool {
        matches!(self, ReferralState::Submitted | ReferralState::BeingVerified)
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
    /// As typed: who they are, and how they stand to the first child.
    pub fields: Fields,
}

impl FamilyDraft {
    /// What is wrong with it.
    pub fn problems(&self, today: Date) -> Vec<Problem> {
        section_problems(Section::Family, &self.fields, today)
    }

    /// The name as typed so far; empty when nothing is typed.
    pub fn name(&self) -> String {
        name_of(&self.fields)
    }

    /// Whether it is said that they must not attend.
    pub fn is_barred(&self) -> bool {
        self.fields.has("may_attend", "no")
    }
}

/// The form as typed so far. What is about a child stands here for the first child, and with each of the others for them.
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
    /// Brothers and sisters referred with the child.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub siblings: Vec<SiblingDraft>,
    /// Children who were taken off it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taken_off: Vec<TakenOff>,
    /// Sections, and members of the family, that were copied from an earlier referral and at which nobody has looked since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copied: Vec<String>,
    /// As it was sent when it was last returned for information: what was changed since is marked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_sent: Option<Box<ReferralDraft>>,
    /// The number that the social worker gives for themselves: it is shown to the coordinator, and never called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_number: Option<String>,
    /// Why it was last returned, declined or withdrawn, in the words of whoever did it.
    #[serde(default)]
    pub decision_reason: Option<String>,
    /// Whether whoever declined or withdrew it said that the children are looked after: it decides for how long it is kept.
    #[serde(default)]
    pub looked_after: Option<bool>,
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
    /// Keeps the form as it is now, beside itself, when it goes back to its social worker.
    pub fn keep_as_sent(&mut self) {
        self.as_sent = None;
        for sibling in &mut self.siblings {
            sibling.as_sent = None;
            sibling.as_sent = Some(Box::new(sibling.clone()));
        }
        // What is each child's own stands with the child alone.
        let sent = ReferralDraft { siblings: Vec::new(), taken_off: Vec::new(), ..self.clone() };
        self.as_sent = Some(Box::new(sent));
    }

    /// The form as it was sent when it was last returned; `None` if it never was.
    pub fn sent_before(&self) -> Option<ReferralDraft> {
        let siblings = self.siblings.iter().filter_map(|sibling| sibling.as_sent.as_deref().cloned()).collect();
        Some(ReferralDraft { siblings, ..self.as_sent.as_deref()?.clone() })
    }

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

    /// All values on the form, and of whom each is said.
    pub fn values(&self) -> Vec<(SaidOf, &Fields)> {
        let shared = [&self.child, &self.placement, &self.legal, &self.contact, &self.risk];
        let mut values: Vec<(SaidOf, &Fields)> = shared.into_iter().map(|fields| (SaidOf::Child, fields)).collect();
        values.extend(self.family.iter().map(|member| (SaidOf::Family, &member.fields)));
        let taken_off = self.taken_off.iter().map(|taken| &taken.own);
        values.extend(self.siblings.iter().chain(taken_off).flat_map(SiblingDraft::values));
        values.extend(self.as_sent.iter().flat_map(|sent| sent.values()));
        values
    }

    /// The same, to take values out.
    pub fn values_mut(&mut self) -> Vec<(SaidOf, &mut Fields)> {
        let shared = [&mut self.child, &mut self.placement, &mut self.legal, &mut self.contact, &mut self.risk];
        let mut values: Vec<(SaidOf, &mut Fields)> = shared.into_iter().map(|fields| (SaidOf::Child, fields)).collect();
        values.extend(self.family.iter_mut().map(|member| (SaidOf::Family, &mut member.fields)));
        let taken_off = self.taken_off.iter_mut().map(|taken| &mut taken.own);
        values.extend(self.siblings.iter_mut().chain(taken_off).flat_map(SiblingDraft::values_mut));
        values.extend(self.as_sent.iter_mut().flat_map(|sent| sent.values_mut()));
        values
    }

    /// What is wrong in a section of the first child, or of all children, in the order of its fields.
    pub fn problems(&self, section: Section, today: Date) -> Vec<Problem> {
        let first = of_section(section).next().map_or("", |item| item.code);
        let mut problems: Vec<Problem> = self.problem_of_copy(section.code(), first).into_iter().collect();
        problems.extend(self.problems_as_typed(section, today));
        problems
    }

    /// What is wrong with a member of the family.
    pub fn problems_of_member(&self, member: &FamilyDraft, today: Date) -> Vec<Problem> {
        let copied = self.problem_of_copy(&member.id.to_string(), "given_name");
        copied.into_iter().chain(member.problems(today)).collect()
    }

    fn problems_as_typed(&self, section: Section, today: Date) -> Vec<Problem> {
        match section {
            Section::Family => {
                let mut problems = Vec::new();
                if self.family.is_empty() {
                    problems.push(Problem::new("family", "Add at least one family member"));
                }
                problems.extend(self.family.iter().flat_map(|member| self.problems_of_member(member, today)));
                problems
            }
            Section::Contact => {
                let contact = self.wanted_of_those_who_may();
                let mut problems = section_problems(section, &contact, today);
                self.add_problems_of_wanted(&contact, &mut problems);
                problems
            }
            Section::Child => {
                let mut problems = section_problems(section, &self.child, today);
                if group::is_referred_twice(&self.child, self.siblings.iter().map(|sibling| &sibling.child)) {
                    problems.push(group::referred_twice());
                }
                problems
            }
            Section::Placement => section_problems(section, &self.placement, today),
            Section::Legal => section_problems(section, &self.legal, today),
            Section::Risk => section_problems(section, &self.risk, today),
        }
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

    /// How far a part of the form is.
    pub fn part_state(&self, part: Part, today: Date) -> SectionState {
        let Some(sibling) = part.sibling.and_then(|id| self.sibling(id)) else {
            return self.section_state(part.section, today);
        };
        let blank = sibling.fields(part.section).is_some_and(|fields| fields.is_blank());
        if blank {
            SectionState::NotStarted
        } else if self.problems_of(part, today).is_empty() {
            SectionState::Complete
        } else {
            SectionState::Incomplete
        }
    }

    /// Whether nothing is missing or wrong; else every part that has problems, with them.
    pub fn check(&self, today: Date) -> Result<(), Vec<(Part, Vec<Problem>)>> {
        let problems: Vec<_> = self
            .parts()
            .into_iter()
            .map(|part| (part, self.problems_of(part, today)))
            .filter(|(_, problems)| !problems.is_empty())
            .collect();
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// The first child's name as typed so far, for lists; empty when nothing is typed.
    pub fn child_name(&self) -> String {
        name_of(&self.child)
    }

    /// Whether the children are looked after, as far as anybody said: when it was decided, or by their legal status.
    pub fn is_looked_after(&self) -> Option<bool> {
        let by_status = LegalStatus::from_code(self.legal.get("legal_status")).map(|_| true);
        self.looked_after.or(by_status)
    }

    /// When the first child was born, as far as it can be read.
    pub fn birth(&self) -> Option<Birth> {
        Birth::of(&self.child)
    }
}

/// Why a referral is declined or withdrawn. No Debug: it is personal.
#[derive(Clone)]
pub struct Ending {
    /// Why.
    pub reason: String,
    /// Whether the children are looked after; `None` when that is not known.
    pub looked_after: Option<bool>,
}

impl Ending {
    /// Reads `reason`, whose label is given, and `looked_after` (`yes`, `no`, or nothing when it is not known).
    pub fn read(fields: &Fields, label: &str) -> Result<Ending, Vec<Problem>> {
        let mut reader = Reader::new(fields);
        let reason = reader.required("reason", label, LONG_TEXT_CHARS);
        let known = |code: &str| if code == "not_known" { Some(None) } else { YesNo::from_code(code).map(Some) };
        let looked_after = reader.choice("looked_after", "Whether the child is looked after", known).flatten();
        reader.finish(Ending { reason, looked_after: looked_after.map(YesNo::is_yes) })
    }
}

/// A name as typed so far; empty when nothing is typed.
pub fn name_of(fields: &Fields) -> String {
    format!("{} {}", fields.get("given_name").trim(), fields.get("family_name").trim()).trim().to_owned()
}

/// What is wrong with the fields of a section by themselves: each item as the catalogue says it is, and the rules that
/// bear on several.
pub fn section_problems(section: Section, fields: &Fields, today: Date) -> Vec<Problem> {
    let mut reader = Reader::new(fields);
    check_items(&mut reader, of_section(section), today);
    match section {
        Section::Child => facts::rules_of_birth(&mut reader, today),
        Section::Placement => facts::rules_of_placement(&mut reader),
        Section::Legal => facts::rules_of_orders(&mut reader),
        Section::Contact => facts::rules_of_contact(&mut reader),
        _ => {}
    }
    reader.into_problems()
}

/// The rules that bear on several items of a group on the file.
pub(crate) fn rules_of_group(reader: &mut Reader, group: Group, today: Date) {
    match group {
        Group::Identity => facts::rules_of_birth(reader, today),
        Group::Placement => facts::rules_of_placement(reader),
        Group::Legal => facts::rules_of_orders(reader),
        _ => {}
    }
}

/// What is wrong with what is said of how a person stands to a child, by itself.
pub fn relation_problems(fields: &Fields, today: Date) -> Vec<Problem> {
    let mut reader = Reader::new(fields);
    let items = of_section(Section::Family).filter(|item| item.about == About::Relationship);
    check_items(&mut reader, items, today);
    reader.into_problems()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 24);

    fn legal(pairs: &[(&str, &str)]) -> Vec<String> {
        let problems = section_problems(Section::Legal, &pairs.iter().copied().collect(), TODAY);
        problems.into_iter().map(|problem| problem.field).collect()
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
        assert_eq!(legal(&order), ["order_ends-day"]);
    }

    #[test]
    fn a_status_that_rests_on_an_order_needs_it() {
        assert_eq!(legal(&[("legal_status", "C2")]), ["court", "case_number", "order_date-day"]);
        assert!(legal(&[("legal_status", "V2")]).is_empty());
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
        let mut form = ReferralDraft { family: vec![member], ..ReferralDraft::default() };
        set_wanted(&mut form.contact, &[(id, &[])]);
        let problems = form.problems(Section::Contact, TODAY);
        assert!(problems.iter().any(|problem| problem.field == "wanted"));
    }

    #[test]
    fn people_to_keep_apart_are_pairs_of_the_family() {
        // Handbook section 3, "keep-apart pairs". Somebody who is not of the family stands in words.
        let (one, other) = ("018f0000-0000-7000-8000-000000000001", "018f0000-0000-7000-8000-000000000002");
        let mut values = Fields::default();
        let pair: Fields = [("one", one), ("other", other), ("why", "Fights")].into_iter().collect();
        let named: Fields = [("one", one), ("other_name", "A neighbour")].into_iter().collect();
        values.set_rows("keep_apart", [pair, named]);
        assert_eq!(kept_apart(&values), [(one.parse().unwrap(), other.parse().unwrap())]);
        assert!(kept_apart(&[("keep_apart", "Len and Dean")].into_iter().collect()).is_empty(), "words from before");
    }

    #[test]
    fn an_empty_form_is_not_started_and_names_every_section() {
        let form = ReferralDraft::default();
        assert!(Section::ALL.iter().all(|s| form.section_state(*s, TODAY) == SectionState::NotStarted));
        let problems = form.check(TODAY).err().unwrap_or_default();
        assert_eq!(problems.iter().map(|(part, _)| part.section).collect::<Vec<_>>(), Section::ALL);
    }

    #[test]
    fn a_birth_that_fits_no_age_band_is_refused() {
        // Handbook section 9: headings for under 1, 1 to 4, 5 to 10, 11 to 17.
        let problems = |year: &str| {
            let child: Fields = [("birth_kind", "on"), ("dob", year)].into_iter().collect();
            let problems = section_problems(Section::Child, &child, TODAY);
            problems.into_iter().filter(|problem| problem.field.starts_with("dob")).count()
        };
        for (born, wrong) in
            [("2008-11-24", 1), ("2008-11-25", 0), ("1926-11-24", 1), ("2026-11-24", 0), ("2026-11-25", 1)]
        {
            assert_eq!(problems(born), wrong, "{born}");
        }
    }

    #[test]
    fn a_very_long_name_is_refused_and_not_repeated() {
        let child: Fields = [("given_name", "x".repeat(201))].into_iter().collect();
        let problems = section_problems(Section::Child, &child, TODAY);
        assert_eq!(problems[0].message, "First names must be 200 characters or fewer. It is 201");
    }
}
