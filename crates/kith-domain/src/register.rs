//! Versions of the authority's register: drafted by the data protection officer, approved by somebody else, in force from a day
//! (UK GDPR Art 5(2), 24 and 30: what is promised is what is done, and who decided it can be shown).

mod row;
mod section;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::long_date;
use crate::codes::codes;
use crate::decision::Decided;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use crate::ids::AccountId;

pub use row::{RegisterRow, RegisterValue, opening_hours};
pub use section::{RegisterField, RegisterKind, RegisterList, RegisterSection, is_register_code};

codes! {
    /// Where a version of the register stands.
    RegisterState {
        Draft = "draft", "Draft";
        Proposed = "proposed", "Waits for approval";
        Refused = "refused", "Refused";
        Approved = "approved", "Approved";
        InForce = "in_force", "In force";
        Ended = "ended", "No longer in force";
        Withdrawn = "withdrawn", "Withdrawn";
        Stopped = "stopped", "Not put in force";
    }
}

impl RegisterState {
    /// Whether something is still to come of it. There is one such version at most, so that none is drafted beside what another
    /// will say.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::Proposed | Self::Approved)
    }

    /// Whether it is in force, or was.
    pub const fn was_in_force(self) -> bool {
        matches!(self, Self::InForce | Self::Ended)
    }

    /// Whether it can come to stand there next.
    pub const fn leads_to(self, next: Self) -> bool {
        match self {
            Self::Draft => matches!(next, Self::Proposed | Self::Withdrawn),
            Self::Proposed => matches!(next, Self::Approved | Self::InForce | Self::Refused | Self::Withdrawn),
            Self::Approved => matches!(next, Self::InForce | Self::Stopped | Self::Withdrawn),
            Self::InForce => matches!(next, Self::Ended),
            Self::Refused | Self::Ended | Self::Withdrawn | Self::Stopped => false,
        }
    }
}

/// The longest that a register's text can be, in characters.
pub const REGISTER_CHARS: usize = 100_000;
/// How far ahead a version can be put in force, in years.
const AHEAD_YEARS: i64 = 2;

/// The text of a register, as the file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterText(String);

impl RegisterText {
    /// Reads `register`. What a browser sends has other ends of lines than a file.
    pub fn read(fields: &Fields) -> Result<RegisterText, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let text = r.required("register", "The text of the register", REGISTER_CHARS);
        r.finish(Self::new(&text))
    }

    /// A text.
    pub fn new(text: &str) -> RegisterText {
        RegisterText(format!("{}\n", text.replace("\r\n", "\n").trim()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// From which day a version is to be in force, and why it is needed.
pub struct RegisterProposal {
    /// The first day.
    pub from: Date,
    /// Why.
    pub why: String,
}

impl RegisterProposal {
    /// Reads `from`, which is today or later, and `why`.
    pub fn read(fields: &Fields, today: Date) -> Result<RegisterProposal, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let label = "The day from which it is in force";
        let from = r.required_date("from", label);
        let latest = today.saturating_add(AHEAD_YEARS.years());
        match from {
            Some(day) if day < today => r.problem("from-day", format!("{label} must be today or later")),
            Some(day) if day > latest => {
                r.problem("from-day", format!("{label} must be {} at the latest", long_date(latest)));
            }
            _ => {}
        }
        let why = r.required("why", "Why it is needed", LONG_TEXT_CHARS);
        let from = from.unwrap_or(today);
        r.finish(RegisterProposal { from, why })
    }
}

/// What is sealed of a version. It names nobody but colleagues, by their accounts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterBody {
    /// The text, as the file has it.
    pub text: String,
    /// Who wrote at it, each once, the first first; nobody of the first version, which is the file's.
    #[serde(default)]
    pub drafted_by: Vec<AccountId>,
    /// Who proposed it, when, and why it is needed.
    #[serde(default)]
    pub proposed: Option<Decided>,
    /// What was decided.
    #[serde(default)]
    pub decided: Option<Decided>,
    /// When it came into force, UTC milliseconds.
    #[serde(default)]
    pub in_force_ms: Option<i64>,
    /// When it was over: another took its place, or it was withdrawn, UTC milliseconds.
    #[serde(default)]
    pub ended_ms: Option<i64>,
    /// Why it was not put in force on its day: each entry with what stood against it.
    #[serde(default)]
    pub stopped: Vec<String>,
}

impl RegisterBody {
    /// A version that nobody has proposed yet.
    pub fn new(text: &RegisterText, drafted_by: Option<AccountId>) -> Self {
        Self {
            text: text.as_str().to_owned(),
            drafted_by: drafted_by.into_iter().collect(),
            proposed: None,
            decided: None,
            in_force_ms: None,
            ended_ms: None,
            stopped: Vec::new(),
        }
    }

    /// Puts another text in the place of this one; who wrote it is one of those who drafted it.
    pub fn write(&mut self, text: &RegisterText, by: AccountId) {
        text.as_str().clone_into(&mut self.text);
        if !self.drafted_by.contains(&by) {
            self.drafted_by.push(by);
        }
    }

    /// From which day it was in force: the day on which it came into force, or an earlier one, from which the file says that the first
    /// holds. `None` as long as it was not.
    pub fn in_force_from(&self, from_day: Option<i64>) -> Option<Date> {
        let came = crate::calendar::in_london(self.in_force_ms?).date();
        let said = from_day.map(crate::calendar::day_of);
        // A version that somebody decided comes into force on its day or, where nothing ran that day, later.
        Some(if self.decided.is_some() { came } else { said.map_or(came, |said| said.min(came)) })
    }

    /// Whether somebody had a hand in it: then somebody else decides.
    pub fn is_by(&self, who: AccountId) -> bool {
        self.drafted_by.contains(&who) || self.proposed.as_ref().is_some_and(|of| of.by == who)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_over_leads_nowhere_and_nothing_comes_into_force_undecided() {
        for state in RegisterState::ALL {
            let next: Vec<_> = RegisterState::ALL.iter().filter(|next| state.leads_to(**next)).collect();
            assert_eq!(next.is_empty(), !state.is_open() && *state != RegisterState::InForce, "{state:?}");
        }
        // UK GDPR Art 24(1): "able to demonstrate": what is in force was decided by somebody.
        assert!(!RegisterState::Draft.leads_to(RegisterState::InForce));
        assert!(!RegisterState::Draft.leads_to(RegisterState::Approved));
    }

    #[test]
    fn a_proposal_is_of_today_or_later_and_says_why() {
        let today = date(2026, 11, 28);
        let read = |from: &str, why: &str| {
            let fields: Fields = [("from", from), ("why", why)].into_iter().collect();
            let problems = RegisterProposal::read(&fields, today).err().unwrap_or_default();
            problems.into_iter().map(|of| of.field).collect::<Vec<_>>()
        };
        assert_eq!(read("", " "), ["from-day", "why"]);
        assert_eq!(read("2026-11-27", "The contract ended"), ["from-day"]);
        assert_eq!(read("2028-11-29", "The contract ended"), ["from-day"]);
        assert!(read("2026-11-28", "The contract ended").is_empty());
        assert!(read("2028-11-28", "The contract ended").is_empty());
    }

    #[test]
    fn whoever_wrote_or_proposed_a_version_had_a_hand_in_it() {
        let [one, two, three] = [1, 2, 3].map(|n| AccountId(Uuid::from_u128(n)));
        let mut body = RegisterBody::new(&RegisterText::new("a = 1\r\nb = 2\r\n"), Some(one));
        assert_eq!(body.text, "a = 1\nb = 2\n", "as a file has it");
        body.write(&RegisterText::new("a = 2"), two);
        body.write(&RegisterText::new("a = 3"), one);
        assert_eq!(body.drafted_by, [one, two]);
        assert!(body.is_by(one) && body.is_by(two) && !body.is_by(three));
        body.proposed = Some(Decided { by: three, at_ms: 0, why: "Needed".into() });
        assert!(body.is_by(three));
    }
}
