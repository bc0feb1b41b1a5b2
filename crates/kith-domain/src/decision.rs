//! What one person asks and another decides: approved or refused, with why.

use serde::{Deserialize, Serialize};

use crate::form::{Fields, Problem, Words};
use crate::ids::AccountId;

/// A decision as a form says it.
pub struct Decision {
    /// Whether it is approved; refused otherwise.
    pub approve: bool,
    /// Why.
    pub why: Words,
}

impl Decision {
    /// The answers to choose from.
    pub const CHOICES: &'static [(&'static str, &'static str)] = &[("approve", "Approve"), ("refuse", "Refuse")];

    /// Reads `decision` and `why`.
    pub fn read(fields: &Fields) -> Result<Decision, Vec<Problem>> {
        let approve = match fields.get("decision") {
            "approve" => Ok(true),
            "refuse" => Ok(false),
            _ => Err(Problem::new("decision", "Select what you decide")),
        };
        match (approve, Words::read(fields, "why", "Why")) {
            (Ok(approve), Ok(why)) => Ok(Decision { approve, why }),
            (approve, why) => Err(approve.err().into_iter().chain(why.err().into_iter().flatten()).collect()),
        }
    }
}

/// A decision as it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// Who.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// Why.
    pub why: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_decided_and_why_are_both_asked_for() {
        let read = |pairs: &[(&str, &str)]| Decision::read(&pairs.iter().copied().collect());
        let fields = |pairs| read(pairs).err().unwrap_or_default().into_iter().map(|of| of.field).collect::<Vec<_>>();
        assert_eq!(fields(&[]), ["decision", "why"]);
        assert_eq!(fields(&[("decision", "perhaps"), ("why", "It is lawful")]), ["decision"]);
        assert_eq!(fields(&[("decision", "refuse"), ("why", " ")]), ["why"]);
        assert!(read(&[("decision", "approve"), ("why", "It is lawful")]).is_ok_and(|of| of.approve));
        assert!(read(&[("decision", "refuse"), ("why", "It is not")]).is_ok_and(|of| !of.approve));
    }
}
