//! What is said of a fact and leaves it as it is: that somebody disputes it, or that its use is restricted (handbook
//! section 14, rectification and restriction).

use serde::{Deserialize, Serialize};

use super::FactStanding;
use crate::catalogue::{Group, Item, Need};
use crate::codes::codes;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader, SHORT_TEXT_CHARS};
use crate::refusal::Refusal;

codes! {
    /// What is said of a fact that stands.
    Doubt {
        Disputed = "disputed", "Somebody disputes it";
        Restricted = "restricted", "Its use is restricted";
    }
}

impl Doubt {
    /// What a statement of it does.
    pub const fn standing(self) -> FactStanding {
        match self {
            Doubt::Disputed => FactStanding::Disputed,
            Doubt::Restricted => FactStanding::Restricted,
        }
    }
}

/// Somebody disputes a fact, or its use is restricted. No Debug: it is personal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RaiseDoubt {
    /// Which of the two.
    pub doubt: Doubt,
    /// Who says so, in words.
    pub by: String,
    /// Why.
    pub why: String,
}

impl RaiseDoubt {
    /// Reads `doubt`, `told_by`, `why`.
    pub fn read(fields: &Fields) -> Result<RaiseDoubt, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let doubt = r.required_choice("doubt", "What is said of it", Doubt::from_code);
        let by = r.required("told_by", "Who says so", SHORT_TEXT_CHARS);
        let why = r.required("why", "Why", LONG_TEXT_CHARS);
        let read = doubt.map(|doubt| RaiseDoubt { doubt, by, why });
        let problems = r.into_problems();
        read.filter(|_| problems.is_empty()).ok_or(problems)
    }
}

/// Reads why a doubt stands no more: `why`.
pub fn read_lifted(fields: &Fields) -> Result<String, Vec<Problem>> {
    let mut r = Reader::new(fields);
    let why = r.required("why", "Why it stands no more", LONG_TEXT_CHARS);
    r.finish(why)
}

/// Whether the use of an item can be restricted. What a child or others are protected by is used all the same (UK GDPR Art
/// 18(2)): what staff read before they walk in, what the risk is judged by, what the service cannot work without.
pub fn may_be_restricted(item: &Item) -> Result<(), Refusal> {
    let protects = item.before_session
        || item.callout.is_some()
        || matches!(item.group(), Some(Group::Risk | Group::Attendance | Group::Safety | Group::Legal | Group::Death));
    if protects || item.need != Need::Optional {
        return Err(Refusal::new(
            "fact.protects",
            format!(
                "The use of “{}” cannot be restricted: the child or others are protected by it, or no contact can be \
                 arranged without it. Write down that it is disputed instead",
                item.label
            ),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::ITEMS;

    #[test]
    fn what_protects_is_used_all_the_same() {
        // UK GDPR Art 18(2); handbook section 14: "only storage, consent, legal claims, protection of others".
        let may = |code: &str| {
            ITEMS.iter().find(|item| item.code == code).is_some_and(|item| may_be_restricted(item).is_ok())
        };
        for code in ["given_name", "birth", "allergies", "may_attend", "risk_marker", "legal_status", "incidents"] {
            assert!(!may(code), "{code}");
        }
        assert!(ITEMS.iter().any(|item| may_be_restricted(item).is_ok()));
    }

    #[test]
    fn a_doubt_says_who_and_why() {
        let nothing = RaiseDoubt::read(&Fields::default()).err().unwrap_or_default();
        assert_eq!(nothing.iter().map(|p| p.field.as_str()).collect::<Vec<_>>(), ["doubt", "told_by", "why"]);
    }
}
