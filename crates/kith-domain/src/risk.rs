//! Risk assessment of one person for one child (handbook section 6).

mod compared;

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};

use crate::access::Role;
use crate::codes::{Supervision, YesNo, codes};
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader, SHORT_TEXT_CHARS};
use crate::refusal::Refusal;

codes! {
    /// Hazards every assessment considers.
    Hazard {
        ViolenceToChild = "violence_child", "Violence to the child";
        ViolenceToStaff = "violence_staff", "Violence to staff";
        DomesticAbuse = "domestic_abuse", "Domestic abuse between those attending";
        SexualHarm = "sexual_harm", "Sexual harm";
        Abduction = "abduction", "Abduction";
        SubstanceMisuse = "substance", "Substance misuse";
        Inappropriate = "inappropriate", "Inappropriate conversation or promises";
        EmotionalHarm = "emotional", "Emotional harm";
        MentalHealth = "mental_health", "Mental health crisis";
        Weapons = "weapons", "Weapons";
        Uninvited = "uninvited", "Uninvited persons";
        Animals = "animals", "Animals";
        Infection = "infection", "Infection";
        Allergy = "allergy", "Allergy and health";
        Disclosure = "disclosure", "Disclosure of the placement";
        Online = "online", "Online contact";
        Hate = "hate", "Hate";
        SelfHarm = "self_harm", "Self-harm";
        Other = "other", "Something else";
    }
}

codes! {
    /// The overall level.
    Level {
        Low = "low", "Low";
        Medium = "medium", "Medium";
        High = "high", "High";
        VeryHigh = "very_high", "Very high";
    }
}

impl Level {
    /// The level of a score, likelihood × impact, 1 to 25: 1–4 low, 5–9 medium, 10–15 high, 16–25 very high.
    pub const fn of_score(score: i64) -> Level {
        match score {
            ..=4 => Level::Low,
            5..=9 => Level::Medium,
            10..=15 => Level::High,
            _ => Level::VeryHigh,
        }
    }

    /// Whether a manager has to approve it.
    pub const fn needs_a_manager(self) -> bool {
        matches!(self, Level::High | Level::VeryHigh)
    }

    /// The least supervision that a level with the controls allows (handbook section 19: "the residual score decides the
    /// level of supervision").
    pub const fn least_supervision(self) -> Supervision {
        match self {
            Level::Low => Supervision::Unsupervised,
            Level::Medium => Supervision::Supported,
            Level::High | Level::VeryHigh => Supervision::Supervised,
        }
    }
}

/// Whether one level of supervision is stricter than another: `Supervision::ALL` goes from the strictest to the loosest.
pub fn is_stricter(one: Supervision, other: Supervision) -> bool {
    let place = |of: Supervision| Supervision::ALL.iter().position(|known| *known == of);
    place(one) < place(other)
}

codes! {
    /// Where an assessment stands.
    AssessmentState {
        Draft = "draft", "Draft";
        AwaitingApproval = "awaiting_approval", "Awaiting approval";
        Returned = "returned", "Returned";
        Approved = "approved", "Approved";
        Void = "void", "Void";
        Replaced = "replaced", "Replaced";
    }
}

/// What is done to an assessment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssessmentMove {
    /// The author sends it for approval.
    Send,
    /// Another person approves it.
    Approve,
    /// It goes back to the author.
    Return,
    /// Something happened that it did not foresee. A draft is void too: what it says was thought before it happened.
    Void,
    /// A newer one of the same person for the same child is approved.
    Replace,
}

impl AssessmentState {
    /// The state after a move, or why it cannot be made.
    pub fn after(self, step: AssessmentMove) -> Result<AssessmentState, Refusal> {
        use {AssessmentMove as M, AssessmentState as S};
        match (self, step) {
            (S::Draft | S::Returned, M::Send) => Ok(S::AwaitingApproval),
            (S::AwaitingApproval, M::Approve) => Ok(S::Approved),
            (S::AwaitingApproval, M::Return) => Ok(S::Returned),
            (S::Draft | S::AwaitingApproval | S::Returned | S::Approved, M::Void) => Ok(S::Void),
            (S::Approved, M::Replace) => Ok(S::Replaced),
            (S::Draft | S::Returned, M::Approve) => {
                Err(Refusal::new("risk.not_sent", "This risk assessment has not been sent for approval yet"))
            }
            (state, _) => Err(Refusal::new(
                "risk.wrong_state",
                format!("This risk assessment is {}, so that cannot be done to it now", state.label().to_lowercase()),
            )),
        }
    }

    /// Whether its author may still change it.
    pub const fn can_be_edited(self) -> bool {
        matches!(self, AssessmentState::Draft | AssessmentState::Returned)
    }
}

codes! {
    /// What voids an assessment at once.
    VoidReason {
        Incident = "incident", "A serious incident";
        NewOrder = "new_order", "A new order";
        PlacementMove = "placement_move", "A change of placement";
        NewAdult = "new_adult", "A new adult";
        NewRisk = "new_risk", "Something newly known of the risk from the person";
    }
}

impl VoidReason {
    /// Reads `reason`.
    pub fn read(fields: &Fields) -> Result<VoidReason, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let reason = r.required_choice("reason", "Why it is void", VoidReason::from_code);
        reason.ok_or_else(|| r.into_problems())
    }
}

codes! {
    /// What a venue must have.
    VenueFeature {
        Watched = "watched", "A window or camera through which staff can see in";
        SecondWayOut = "second_way_out", "A second way out";
        OwnEntrance = "own_entrance", "An entrance of its own, so that families do not meet";
        Alarm = "alarm", "An alarm within reach";
        LockedDoor = "locked_door", "An outer door that is kept locked";
        GroundFloor = "ground_floor", "On the ground floor";
        NothingSharp = "nothing_sharp", "No kitchen, nothing sharp or heavy";
        NoOutdoors = "no_outdoors", "No way to the outdoors";
    }
}

/// Words for the likelihoods 1 to 5 (National Patient Safety Agency, *A risk matrix for risk managers*, 2008).
pub const LIKELIHOODS: [&str; 5] = ["Rare", "Unlikely", "Possible", "Likely", "Almost certain"];
/// Words for the impacts 1 to 5 (the same).
pub const IMPACTS: [&str; 5] = ["Negligible", "Minor", "Moderate", "Major", "Catastrophic"];

/// One hazard scored; likelihoods and impacts are 1 to 5.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scored {
    /// Which hazard.
    pub hazard: Hazard,
    /// What it is, when it is none of the list.
    pub what: Option<String>,
    /// How likely without controls.
    pub likelihood: i64,
    /// How bad without controls.
    pub impact: i64,
    /// What is done about it.
    pub controls: String,
    /// How likely with the controls.
    pub residual_likelihood: i64,
    /// How bad with the controls.
    pub residual_impact: i64,
}

impl Scored {
    /// What the hazard is called.
    pub fn label(&self) -> &str {
        self.what.as_deref().unwrap_or(self.hazard.label())
    }

    /// Likelihood × impact without controls.
    pub const fn score(&self) -> i64 {
        self.likelihood * self.impact
    }

    /// Likelihood × impact with the controls.
    pub const fn residual(&self) -> i64 {
        self.residual_likelihood * self.residual_impact
    }
}

/// An assessment that was read without a problem.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// The hazards that apply, scored.
    pub hazards: Vec<Scored>,
    /// Whether its author says that each hazard was considered and none applies.
    #[serde(default)]
    pub none_applies: bool,
    /// The overall level.
    pub level: Level,
    /// The supervision it asks for.
    pub supervision: Supervision,
    /// How many staff, 1 or 2.
    pub staff: i64,
    /// Whether bags are checked.
    pub bag_check: bool,
    /// Whether staff meet the person before the session.
    pub meeting_before: bool,
    /// What the venue must have.
    #[serde(default)]
    pub venue: Vec<VenueFeature>,
    /// The reasoning, in words.
    pub summary: String,
}

impl Assessment {
    /// The highest score without controls, 1 to 25; 0 when no hazard applies. It decides who approves.
    pub fn score(&self) -> i64 {
        self.hazards.iter().map(Scored::score).max().unwrap_or(0)
    }

    /// The highest score with the controls, 1 to 25; 0 when no hazard applies. It decides the supervision.
    pub fn residual(&self) -> i64 {
        self.hazards.iter().map(Scored::residual).max().unwrap_or(0)
    }

    /// Whether it says anything: a hazard that applies, or that each was considered and none does.
    pub fn says_something(&self) -> bool {
        self.none_applies || !self.hazards.is_empty()
    }

    /// Whether a manager has to approve it: from a score without controls on that the authority sets (handbook section
    /// 19), and whenever the level is high or very high (section 6).
    pub fn needs_a_manager(&self, manager_from_score: i64) -> bool {
        self.score() >= manager_from_score || self.level.needs_a_manager()
    }

    /// Reads the form: for each hazard `HAZARD` (`yes`, `no` or not said), and if it applies `HAZARD-l`, `-i`,
    /// `-controls`, `-rl`, `-ri`, of `other` also `-what`; `none_applies` (`yes`) when none does; then `supervision`,
    /// `staff`, `bag_check`, `meeting_before`, `raise` (a higher level than the score gives), `venue` (any of [`VenueFeature`]), `summary`.
    pub fn read(fields: &Fields) -> Result<Assessment, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let mut hazards = Vec::new();
        for hazard in Hazard::ALL {
            let code = hazard.code();
            let label = hazard.label();
            if !fields.has(code, "yes") {
                // Somebody who scored it and left the question open thinks that it counts.
                let suffixes = ["what", "l", "i", "controls", "rl", "ri"];
                let scored = suffixes.iter().any(|suffix| !fields.get(&format!("{code}-{suffix}")).trim().is_empty());
                if scored && !fields.has(code, "no") {
                    r.problem(code, format!("{label}: say whether it applies"));
                }
                continue;
            }
            let what = (*hazard == Hazard::Other)
                .then(|| r.required(&format!("{code}-what"), "What the other hazard is", SHORT_TEXT_CHARS));
            let mut score = |suffix: &str, what: &str| {
                r.required_number(&format!("{code}-{suffix}"), &format!("{label}: {what}"), 1, 5).unwrap_or(0)
            };
            let (likelihood, impact) = (score("l", "likelihood"), score("i", "impact"));
            let (residual_likelihood, residual_impact) =
                (score("rl", "likelihood with controls"), score("ri", "impact with controls"));
            let controls = r.required(&format!("{code}-controls"), &format!("{label}: controls"), LONG_TEXT_CHARS);
            let scored =
                Scored { hazard: *hazard, what, likelihood, impact, controls, residual_likelihood, residual_impact };
            if scored.residual() > scored.score() {
                r.problem(
                    format!("{code}-rl"),
                    format!("{label}: the score with controls cannot be higher than without"),
                );
            }
            hazards.push(scored);
        }
        let none_applies = fields.has("none_applies", "yes");
        if hazards.is_empty() && !none_applies {
            r.problem("none_applies", "Score the hazards that apply, or say that you considered each and none applies");
        } else if none_applies && !hazards.is_empty() {
            r.problem("none_applies", "You scored a hazard and said that none applies. Take one of the two back");
        }
        let computed = Level::of_score(hazards.iter().map(Scored::residual).max().unwrap_or(1));
        let raised = r.choice("raise", "The overall level", Level::from_code);
        if raised.is_some_and(|level| level < computed) {
            r.problem(
                "raise",
                format!(
                    "The overall level cannot be lower than the scores give, which is {}",
                    computed.label().to_lowercase()
                ),
            );
        }
        let level = raised.map_or(computed, |level| level.max(computed));
        let supervision = r.required_choice("supervision", "The level of supervision", Supervision::from_code);
        let least = level.least_supervision();
        if supervision.is_some_and(|asked| is_stricter(least, asked)) {
            r.problem(
                "supervision",
                if level.needs_a_manager() {
                    "With a high or very high risk, contact must be supervised within sight and hearing throughout"
                } else {
                    "With a medium risk, staff must be near throughout: choose “supported” or “supervised”"
                },
            );
        }
        let staff = r.required_number("staff", "How many staff", 1, 2).unwrap_or(1);
        let bag_check = r.choice("bag_check", "Whether bags are checked", YesNo::from_code) == Some(YesNo::Yes);
        let meeting_before =
            r.choice("meeting_before", "Whether staff meet the person before", YesNo::from_code) == Some(YesNo::Yes);
        let asked = |feature: &&VenueFeature| fields.has("venue", feature.code());
        let venue = VenueFeature::ALL.iter().filter(asked).copied().collect();
        let summary = r.required("summary", "Why this is the level", LONG_TEXT_CHARS);
        let supervision_read = supervision.unwrap_or(Supervision::Supervised);
        r.finish(Assessment {
            hazards,
            none_applies,
            level,
            supervision: supervision_read,
            staff,
            bag_check,
            meeting_before,
            venue,
            summary,
        })
    }
}

/// Whether somebody in this role may approve an assessment, written by themselves or somebody else. `manager_from_score`
/// is the score without controls from which only a manager approves (handbook section 19).
pub fn may_approve(
    assessment: &Assessment,
    role: Role,
    is_author: bool,
    manager_from_score: i64,
) -> Result<(), Refusal> {
    if is_author {
        return Err(Refusal::new("risk.own_approval", "Nobody approves their own risk assessment. Ask another person"));
    }
    if !assessment.says_something() {
        return Err(Refusal::new(
            "risk.says_nothing",
            "No hazard was considered in this risk assessment. Return it to its author",
        ));
    }
    if assessment.needs_a_manager(manager_from_score) && role != Role::Manager {
        let words = if assessment.level.needs_a_manager() {
            "A high or very high risk needs a manager’s approval".to_owned()
        } else {
            format!(
                "Without its controls the risk scores {}, and from {manager_from_score} on it needs a manager’s approval",
                assessment.score()
            )
        };
        return Err(Refusal::new("risk.needs_a_manager", words));
    }
    Ok(())
}

/// The last day on which an assessment approved on a day is valid, both days included.
pub fn valid_until(approved: Date, valid_months: i64) -> Date {
    let span = Span::new().try_months(valid_months).unwrap_or_else(|_| 3.months());
    approved.checked_add(span).and_then(Date::yesterday).unwrap_or(approved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn form(pairs: &[(&str, &str)]) -> Fields {
        let whole = [("supervision", "supervised"), ("staff", "1"), ("summary", "Calm at the last three meetings.")];
        let left = whole.into_iter().filter(|(name, _)| !pairs.iter().any(|(other, _)| other == name));
        left.chain(pairs.iter().copied()).collect()
    }

    const HIGH: [(&str, &str); 6] = [
        ("abduction", "yes"),
        ("abduction-l", "4"),
        ("abduction-i", "5"),
        ("abduction-controls", "Door held, two staff"),
        ("abduction-rl", "2"),
        ("abduction-ri", "5"),
    ];

    #[test]
    fn the_level_is_that_of_the_worst_residual_score() {
        let read = Assessment::read(&form(&HIGH)).unwrap_or_else(|_| panic!("a whole form"));
        assert_eq!((read.level, read.hazards[0].score(), read.hazards[0].residual()), (Level::High, 20, 10));
        let none = Assessment::read(&form(&[("none_applies", "yes")]));
        assert_eq!(none.map(|a| (a.level, a.score(), a.residual())).ok(), Some((Level::Low, 0, 0)));
    }

    fn problems(pairs: &[(&str, &str)]) -> Vec<String> {
        let problems = Assessment::read(&form(pairs)).err().unwrap_or_default();
        problems.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn an_assessment_in_which_no_hazard_was_considered_says_nothing() {
        assert_eq!(problems(&[]), ["none_applies"]);
        assert_eq!(problems(&[("abduction", "no")]), ["none_applies"], "one of many");
        let both: Vec<_> = HIGH.into_iter().chain([("none_applies", "yes")]).collect();
        assert_eq!(problems(&both), ["none_applies"]);
        let mut silent = Assessment::read(&form(&[("none_applies", "yes")])).unwrap_or_else(|_| panic!("a whole form"));
        assert!(may_approve(&silent, Role::Manager, false, 12).is_ok());
        silent.none_applies = false;
        let refused = may_approve(&silent, Role::Manager, false, 12);
        assert_eq!(refused.map_err(|refusal| refusal.code), Err("risk.says_nothing"));
    }

    #[test]
    fn the_residual_decides_the_supervision() {
        // Handbook section 19: "the residual score decides the level of supervision".
        let (kinds, levels) = (Supervision::ALL, Level::ALL);
        let allowed =
            |level: Level| kinds.iter().filter(|kind| !is_stricter(level.least_supervision(), **kind)).count();
        assert_eq!(levels.iter().map(|level| allowed(*level)).collect::<Vec<_>>(), [4, 2, 1, 1]);
        let medium = |supervision| {
            problems(&[
                ("online", "yes"),
                ("online-l", "3"),
                ("online-i", "3"),
                ("online-controls", "No phones"),
                ("online-rl", "2"),
                ("online-ri", "3"),
                ("supervision", supervision),
            ])
        };
        assert_eq!(medium("unsupervised"), ["supervision"]);
        assert_eq!(medium("handover"), ["supervision"]);
        assert!(medium("supported").is_empty());
    }

    #[test]
    fn a_level_can_be_raised_and_not_lowered() {
        let lowered: Vec<_> = HIGH.into_iter().chain([("raise", "low")]).collect();
        assert!(Assessment::read(&form(&lowered)).err().unwrap_or_default().iter().any(|p| p.field == "raise"));
        let raised: Vec<_> = HIGH.into_iter().chain([("raise", "very_high")]).collect();
        assert_eq!(Assessment::read(&form(&raised)).map(|a| a.level).ok(), Some(Level::VeryHigh));
    }

    #[test]
    fn a_score_with_controls_is_not_higher() {
        let mut fields = form(&HIGH);
        fields.set("abduction-l", "1");
        assert!(Assessment::read(&fields).err().unwrap_or_default().iter().any(|p| p.field == "abduction-rl"));
    }

    #[test]
    fn a_hazard_that_was_scored_is_not_passed_over() {
        let mut fields = form(&HIGH);
        fields.set("abduction", "");
        assert!(Assessment::read(&fields).err().unwrap_or_default().iter().any(|p| p.field == "abduction"));
        fields.set("abduction", "no");
        fields.set("none_applies", "yes");
        assert_eq!(Assessment::read(&fields).map(|a| (a.hazards.len(), a.level)).ok(), Some((0, Level::Low)));
    }

    #[test]
    fn another_hazard_says_what_it_is() {
        // Handbook section 6: "plus free ones".
        let scored =
            [("other-l", "1"), ("other-i", "2"), ("other-controls", "Lead"), ("other-rl", "1"), ("other-ri", "1")];
        let mut fields = form(&scored);
        fields.set("other", "yes");
        assert!(Assessment::read(&fields).err().unwrap_or_default().iter().any(|p| p.field == "other-what"));
        fields.set("other-what", "A dog that is not on a lead");
        let read = Assessment::read(&fields).unwrap_or_else(|_| panic!("a whole form"));
        assert_eq!(read.hazards[0].label(), "A dog that is not on a lead");
    }

    #[test]
    fn scores_outside_one_to_five_are_named() {
        let mut fields = form(&HIGH);
        fields.set("abduction-i", "6");
        assert!(Assessment::read(&fields).err().unwrap_or_default().iter().any(|p| p.field == "abduction-i"));
    }

    fn scored(before: (i64, i64), after: (i64, i64)) -> Assessment {
        let mut read = Assessment::read(&form(&HIGH)).unwrap_or_else(|_| panic!("a whole form"));
        let of = &mut read.hazards[0];
        (of.hazard, of.likelihood, of.impact) = (Hazard::SexualHarm, before.0, before.1);
        (of.residual_likelihood, of.residual_impact) = after;
        read.level = Level::of_score(after.0 * after.1);
        read
    }

    #[test]
    fn the_risk_without_controls_decides_who_approves() {
        // Handbook section 19: "The score without controls decides who approves (setting: from 12 a manager)".
        for (before, after, from, role, is_author, expected) in [
            ((5, 5), (1, 4), 12, Role::Coordinator, false, Err("risk.needs_a_manager")),
            ((5, 5), (1, 4), 12, Role::Manager, false, Ok(())),
            ((3, 4), (1, 1), 12, Role::Coordinator, false, Err("risk.needs_a_manager")),
            ((2, 5), (1, 1), 12, Role::Coordinator, false, Ok(())),
            ((2, 5), (1, 1), 10, Role::Coordinator, false, Err("risk.needs_a_manager")),
            // Section 6: high and very high need a manager, wherever the setting is.
            ((2, 5), (2, 5), 25, Role::Coordinator, false, Err("risk.needs_a_manager")),
            // Section 6: nobody approves their own.
            ((1, 1), (1, 1), 12, Role::Manager, true, Err("risk.own_approval")),
        ] {
            let decided = may_approve(&scored(before, after), role, is_author, from).map_err(|refusal| refusal.code);
            assert_eq!(decided, expected, "{before:?} to {after:?} from {from} by {role:?}");
        }
    }

    #[test]
    fn only_what_was_sent_is_approved_and_what_is_not_over_becomes_void() {
        // Handbook section 6: approved by another person; void at once after an incident.
        use {AssessmentMove as M, AssessmentState as S};
        assert_eq!(S::Draft.after(M::Approve).map_err(|refusal| refusal.code), Err("risk.not_sent"));
        assert_eq!(S::Returned.after(M::Send), Ok(S::AwaitingApproval));
        assert_eq!(S::AwaitingApproval.after(M::Approve), Ok(S::Approved));
        for state in [S::Draft, S::AwaitingApproval, S::Returned, S::Approved] {
            assert_eq!(state.after(M::Void), Ok(S::Void), "{state:?}");
        }
        for state in [S::Void, S::Replaced] {
            assert!(state.after(M::Void).is_err(), "{state:?}");
        }
        for state in AssessmentState::ALL {
            let editable = matches!(state, S::Draft | S::Returned);
            assert_eq!((state.can_be_edited(), state.after(M::Send).is_ok()), (editable, editable), "{state:?}");
        }
    }

    #[test]
    fn valid_for_three_months() {
        assert_eq!(valid_until(date(2026, 11, 24), 3), date(2027, 2, 23));
        assert_eq!(valid_until(date(2026, 11, 30), 3), date(2027, 2, 27));
    }
}
