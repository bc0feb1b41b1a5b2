//! What went to whom, on what basis, as what; and what became of it: delivered, asked back, told that it was wrong.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Enclosure, RecipientKind, Stays};
use crate::access::Purpose;
use crate::calendar;
use crate::catalogue::by_key;
use crate::codes::codes;
use crate::fact::{FactStanding, Statement, Subject};
use crate::form::{Fields, Problem, Reader, SHORT_TEXT_CHARS};
use crate::ids::{AccountId, ChildId, PersonId, SessionId, StatementId};

codes! {
    /// On what something rests that went.
    Basis {
        Duty = "duty", "The duty to promote contact (Children Act 1989 s34(1))";
        Proceedings = "proceedings", "Proceedings, or the protection of a child";
        Consent = "consent", "Consent";
        Law = "law", "A power that demands it";
    }
}

codes! {
    /// How it was given to the recipient.
    DeliveryWay {
        Print = "print", "On paper, or read out from the PDF";
        Key = "key", "As a file encrypted for their key (age)";
        Passphrase = "passphrase", "As a file encrypted with a passphrase (age)";
        Pdf = "pdf", "As a PDF that opens with a password";
        Link = "link", "Taken by whoever had the address and the code";
    }
}

codes! {
    /// What came of asking something back.
    RecallOutcome {
        Destroyed = "destroyed", "They say that they destroyed it";
        Returned = "returned", "They gave it back";
        NotDone = "not_done", "They did not do it";
    }
}

/// Something that went, or stayed. Which item of whom, never what it says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Went {
    /// What it is called.
    pub label: String,
    /// The item of the catalogue, by key; `None` of what the session says.
    pub item: Option<String>,
    /// Of whom; `None` for the child.
    pub person: Option<PersonId>,
    /// Why it stayed; `None` of what went.
    #[serde(default)]
    pub stays: Option<Stays>,
}

/// A whole paper that went beside it, or stayed. Which, never what it says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WentEnclosed {
    /// Which.
    pub what: Enclosure,
    /// What it is called: kind and days.
    pub label: String,
    /// Why it stayed; `None` of what went.
    #[serde(default)]
    pub stays: Option<Stays>,
    /// Its place among what went, from 1; 0 of what stayed.
    pub number: i64,
    /// What it is by its content: how the name of such a file ends.
    pub media: String,
    /// SHA-256 of it as it went, hexadecimal; it stands in the paper too.
    pub digest: String,
    /// Its length, bytes.
    pub length: u64,
}

/// That it was given to the recipient.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// How.
    pub way: DeliveryWay,
    /// The key it was encrypted for.
    #[serde(default)]
    pub key: Option<String>,
    /// By whom.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
}

/// What the recipient answered when it was asked back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecallAnswer {
    /// What came of it.
    pub outcome: RecallOutcome,
    /// Who said so there.
    pub said_by: String,
    /// On which day.
    pub on: Date,
    /// Who wrote it down.
    pub by: AccountId,
}

impl RecallAnswer {
    /// Reads `outcome`, `said_by`, `on`.
    pub fn read(fields: &Fields, by: AccountId, today: Date) -> Result<Self, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let outcome = r.required_choice("outcome", "What came of it", RecallOutcome::from_code);
        let said_by = r.required("said_by", "Who said so", SHORT_TEXT_CHARS);
        let on = past_day(&mut r, "on", "Day of their answer", today);
        let problems = r.into_problems();
        match (outcome, on) {
            (Some(outcome), Some(on)) if problems.is_empty() => Ok(Self { outcome, said_by, on, by }),
            _ => Err(problems),
        }
    }
}

fn past_day(r: &mut Reader, name: &str, label: &str, today: Date) -> Option<Date> {
    let on = r.required_date(name, label)?;
    if on > today {
        r.problem(format!("{name}-day"), format!("{label} must be today or in the past"));
        return None;
    }
    Some(on)
}

/// That it was asked back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recall {
    /// Why.
    pub why: String,
    /// By whom.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// What they answered.
    #[serde(default)]
    pub answer: Option<RecallAnswer>,
}

/// That the recipient was told that something was wrong (UK GDPR Art 19).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldWrong {
    /// What corrected or disputed it.
    pub statement: StatementId,
    /// On which day they were told.
    pub on: Date,
    /// How, in words.
    pub how: String,
    /// Who wrote it down.
    pub by: AccountId,
}

/// Reads that they were told: `on`, `how`.
pub fn read_told(fields: &Fields, today: Date) -> Result<(Date, String), Vec<Problem>> {
    let mut r = Reader::new(fields);
    let on = past_day(&mut r, "on", "Day on which they were told", today);
    let how = r.required("how", "How they were told", SHORT_TEXT_CHARS);
    let problems = r.into_problems();
    on.filter(|_| problems.is_empty()).map(|on| (on, how)).ok_or(problems)
}

/// What is sealed of a disclosure. What the facts said is in its paper alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisclosureBody {
    /// The recipient, as it is called.
    pub recipient: String,
    /// What they are to the service.
    pub kind: RecipientKind,
    /// What for.
    pub purpose: Purpose,
    /// On what it rests.
    pub basis: Basis,
    /// The power, of a demand.
    #[serde(default)]
    pub power: Option<String>,
    /// The member of the family who the recipient is, or to whom they belong.
    #[serde(default)]
    pub related: Option<PersonId>,
    /// About which session.
    #[serde(default)]
    pub session: Option<SessionId>,
    /// What went and what stayed.
    pub parts: Vec<Went>,
    /// The whole papers that went beside it, and those that stayed.
    #[serde(default)]
    pub enclosed: Vec<WentEnclosed>,
    /// Whether they went alone, without the facts of the package.
    #[serde(default)]
    pub alone: bool,
    /// Why those could go that a person was to look through.
    #[serde(default)]
    pub reason: Option<String>,
    /// SHA-256 of the paper, hexadecimal.
    pub digest: String,
    /// Its length, bytes.
    pub length: u64,
    /// A keyed hash of what went and stayed, with what it said: whether the same would go later.
    #[serde(default)]
    pub seen: String,
    /// How it was given to them.
    #[serde(default)]
    pub deliveries: Vec<Delivery>,
    /// That it was asked back.
    #[serde(default)]
    pub recalled: Option<Recall>,
    /// That they were told that something was wrong.
    #[serde(default)]
    pub told: Vec<ToldWrong>,
}

impl DisclosureBody {
    /// What went.
    pub fn went(&self) -> impl Iterator<Item = &Went> {
        self.parts.iter().filter(|part| part.stays.is_none())
    }

    /// The whole papers that went.
    pub fn went_enclosed(&self) -> impl Iterator<Item = &WentEnclosed> {
        self.enclosed.iter().filter(|of| of.stays.is_none())
    }
}

/// Something that went and was wrong. No Debug: it is personal.
#[derive(Clone, PartialEq, Eq)]
pub struct Wrong {
    /// What says so: a statement, or of a whole paper the row that corrects it, by its id.
    pub statement: StatementId,
    /// What it is called.
    pub label: String,
    /// Of whom; `None` for the child.
    pub person: Option<PersonId>,
    /// When that was written down, UTC milliseconds.
    pub recorded_ms: i64,
    /// Whether it is disputed; otherwise it is said otherwise now.
    pub disputed: bool,
    /// That they were told.
    pub told: Option<ToldWrong>,
}

/// What of a disclosure of a child's file was wrong when it went, by everything that was said in the file: corrected or disputed
/// since, or said to have been otherwise already on that day. What changed later was right when it went.
pub fn wrong_since(of: &DisclosureBody, child: ChildId, sent_ms: i64, statements: &[Statement]) -> Vec<Wrong> {
    let mut ordered: Vec<&Statement> = statements.iter().collect();
    ordered.sort_by_key(|said| (said.recorded_ms, said.id));
    let taken_back: Vec<StatementId> = ordered.iter().filter_map(|said| said.takes_back).collect();
    let sent_on = calendar::in_london(sent_ms).date();
    let mut wrong = Vec::new();
    for part in of.went() {
        let Some(item) = part.item.as_deref().and_then(by_key) else { continue };
        let about = |said: &Statement| match (part.person, said.subject) {
            (None, Subject::Child { child: of }) => of == child,
            (Some(person), subject) => subject.person() == Some(person) && subject.child().is_none_or(|of| of == child),
            _ => false,
        };
        for field in item.fields() {
            let mut before: Vec<String> = Vec::new();
            let said = ordered.iter().filter(|said| about(said) && !taken_back.contains(&said.id));
            for said in said.filter(|said| said.values.names().any(|name| name == *field)) {
                let doubt = matches!(said.standing, FactStanding::Disputed | FactStanding::Restricted);
                let value = said.values.all(field).to_vec();
                let differs = !doubt && value != before;
                let already = said.standing == FactStanding::Corrected || said.since.is_some_and(|day| day <= sent_on);
                let is_wrong = said.standing == FactStanding::Disputed || (differs && already);
                let there = |of: &Wrong| of.statement == said.id && of.label == part.label && of.person == part.person;
                if said.recorded_ms > sent_ms && is_wrong && !wrong.iter().any(there) {
                    wrong.push(Wrong {
                        statement: said.id,
                        label: part.label.clone(),
                        person: part.person,
                        recorded_ms: said.recorded_ms,
                        disputed: said.standing == FactStanding::Disputed,
                        told: of.told.iter().find(|told| told.statement == said.id).cloned(),
                    });
                }
                if !doubt {
                    before = value;
                }
            }
        }
    }
    wrong
}
