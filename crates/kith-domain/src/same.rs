//! Is it somebody who is held already? Answers that are only added; the last one about a pair stands (handbook section 4:
//! "shows likely matches with why, and never merges by itself").

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use crate::ids::{AccountId, ChildId, PersonId, StatementId};

codes! {
    /// What was decided of two rows.
    LinkDecision {
        Same = "same", "The same";
        Another = "another", "Somebody else";
        Undecided = "undecided", "Not decided yet";
    }
}

codes! {
    /// To whom of two something is given that was said while they were one.
    Share {
        One = "one", "The one";
        Other = "other", "The other";
        Both = "both", "Both";
    }
}

impl Share {
    /// Whether it is for the one, or for the other.
    pub fn is_for(self, one: bool) -> bool {
        match self {
            Share::Both => true,
            Share::One => one,
            Share::Other => !one,
        }
    }
}

/// Of each statement, for whom it is: `of-STATEMENT`.
pub type Shares = BTreeMap<StatementId, Share>;

/// Reads `of-STATEMENT` of as many statements as the form has.
pub fn read_shares(fields: &Fields) -> Shares {
    let share = |(name, value): (&str, &str)| Some((name.strip_prefix("of-")?.parse().ok()?, Share::from_code(value)?));
    fields.iter().filter_map(share).collect()
}

/// An answer to whether two rows are of one human being.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecideSame {
    /// The other row.
    pub other: PersonId,
    /// What was decided.
    pub decision: LinkDecision,
    /// Why.
    pub why: String,
    /// Whether it was said that what follows for booked sessions is meant.
    pub sure: bool,
}

impl DecideSame {
    /// Reads `other`, `decision`, `why`, `sure`.
    pub fn read(fields: &Fields) -> Result<DecideSame, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let other = r.required_id("other", "Who it is compared with").map(PersonId);
        let decision = r.required_choice("decision", "Whether it is the same person", LinkDecision::from_code);
        let why = r.required("why", "How you know", LONG_TEXT_CHARS);
        let problems = r.into_problems();
        match (other, decision) {
            (Some(other), Some(decision)) if problems.is_empty() => {
                Ok(DecideSame { other, decision, why, sure: fields.has("sure", "yes") })
            }
            _ => Err(problems),
        }
    }
}

/// Taking back that two rows are of one human being.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartSame {
    /// Why.
    pub why: String,
    /// Whose each is of what was said since.
    pub shares: Shares,
}

impl PartSame {
    /// Reads `why` and [`read_shares`].
    pub fn read(fields: &Fields) -> Result<PartSame, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let why = r.required("why", "How you know", LONG_TEXT_CHARS);
        r.finish(PartSame { why, shares: read_shares(fields) })
    }
}

/// Who of a referral is compared with whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Pair {
    /// The child with one whose file is held.
    Child {
        /// The child of the referral.
        referred: ChildId,
        /// The child who is held.
        held: ChildId,
    },
    /// A family member on the form with one of a family that is held.
    Person {
        /// Who is on the form.
        member: PersonId,
        /// Who is held.
        held: PersonId,
    },
}

impl Pair {
    /// As a form says it.
    pub fn code(self) -> String {
        match self {
            Pair::Child { referred, held } => format!("child.{referred}.{held}"),
            Pair::Person { member, held } => format!("person.{member}.{held}"),
        }
    }

    /// Reads what [`Pair::code`] wrote.
    pub fn from_code(code: &str) -> Option<Pair> {
        let mut parts = code.splitn(3, '.');
        let (of, one, held) = (parts.next()?, parts.next()?, parts.next()?);
        match of {
            "child" => Some(Pair::Child { referred: one.parse().ok()?, held: held.parse().ok()? }),
            "person" => Some(Pair::Person { member: one.parse().ok()?, held: held.parse().ok()? }),
            _ => None,
        }
    }

    /// Whether both are about the same one of the referral.
    fn is_of_same(self, other: Pair) -> bool {
        match (self, other) {
            (Pair::Child { referred: one, .. }, Pair::Child { referred: other, .. }) => one == other,
            (Pair::Person { member: one, .. }, Pair::Person { member: other, .. }) => one == other,
            _ => false,
        }
    }
}

/// What is answered to a possible match.
#[derive(Clone)]
pub struct MatchAnswer {
    /// About whom.
    pub pair: Pair,
    /// What is decided.
    pub decision: LinkDecision,
    /// How they know.
    pub why: String,
}

impl MatchAnswer {
    /// Reads `pair`, `decision`, `why`.
    pub fn read(fields: &Fields) -> Result<MatchAnswer, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let pair = r.required_choice("pair", "Who is compared", Pair::from_code);
        let decision = r.required_choice("decision", "Whether it is the same", LinkDecision::from_code);
        let why = r.required("why", "How you know", LONG_TEXT_CHARS);
        let problems = r.into_problems();
        let read = pair.zip(decision).map(|(pair, decision)| MatchAnswer { pair, decision, why });
        read.filter(|_| problems.is_empty()).ok_or(problems)
    }
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matched {
    /// About whom.
    pub pair: Pair,
    /// What was decided.
    pub decision: LinkDecision,
    /// By whom.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// Why, in their words.
    pub why: String,
}

/// The answer about a pair that stands.
pub fn answer(answers: &[Matched], pair: Pair) -> Option<&Matched> {
    answers.iter().rev().find(|answer| answer.pair == pair)
}

/// The pairs that are the same, as things stand: of one of the referral the one that was said last.
pub fn same(answers: &[Matched]) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    for said in answers.iter().rev() {
        let stands = answer(answers, said.pair).is_some_and(|last| last.decision == LinkDecision::Same);
        if stands && !pairs.iter().any(|known| known.is_of_same(said.pair)) {
            pairs.push(said.pair);
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn pair(held: u128) -> Pair {
        Pair::Child { referred: ChildId(Uuid::from_u128(1)), held: ChildId(Uuid::from_u128(held)) }
    }

    fn said(held: u128, decision: LinkDecision) -> Matched {
        Matched { pair: pair(held), decision, by: AccountId(Uuid::nil()), at_ms: 0, why: String::new() }
    }

    #[test]
    fn the_last_answer_stands_and_one_child_is_one_other_child_at_most() {
        use LinkDecision as D;
        assert_eq!(same(&[said(2, D::Undecided), said(3, D::Another)]), []);
        assert_eq!(same(&[said(2, D::Same), said(3, D::Same)]), [pair(3)]);
        assert_eq!(same(&[said(2, D::Same), said(3, D::Same), said(3, D::Another)]), [pair(2)]);
        assert_eq!(same(&[said(2, D::Same), said(2, D::Undecided)]), []);
    }

    #[test]
    fn a_pair_is_read_as_it_was_written() {
        let person = Pair::Person { member: PersonId(Uuid::from_u128(5)), held: PersonId(Uuid::from_u128(6)) };
        for pair in [pair(2), person] {
            assert_eq!(Pair::from_code(&pair.code()), Some(pair));
        }
        assert_eq!(Pair::from_code("child.nobody.nothing"), None);
    }
}
