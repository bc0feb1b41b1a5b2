//! Information sharing agreements: parties, purposes, items, days, signatures. A version that was signed is never written over.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{EnclosureKind, RecipientKind, package};
use crate::access::Purpose;
use crate::calendar::day_number;
use crate::codes::codes;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader, SHORT_TEXT_CHARS};
use crate::ids::AccountId;
use crate::retention::HoldReview;

/// The longest that an agreement runs before it is made anew, in days: five years.
const RUNS_MAX_DAYS: i64 = 5 * 366;

codes! {
    /// What was done with a version of an agreement.
    AgreementState {
        Draft = "draft", "Not signed by both";
        Signed = "signed", "Signed by both";
        Ended = "ended", "Ended";
        Replaced = "replaced", "Replaced by a later version";
    }
}

codes! {
    /// For whom somebody signed.
    Side {
        Council = "council", "For the council";
        Party = "party", "For the other party";
    }
}

/// Where an agreement stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgreementStanding {
    /// Not signed by both.
    Draft,
    /// Signed; its first day is to come.
    NotYet,
    /// In force.
    InForce,
    /// Its last day is past.
    Expired,
    /// Ended before its last day.
    Ended,
    /// A later version holds.
    Replaced,
}

impl AgreementStanding {
    /// Of a version with its first and last day (day numbers), on a day.
    pub fn of(state: AgreementState, from_day: i64, until_day: i64, today: Date) -> Self {
        let today = day_number(today);
        match state {
            AgreementState::Draft => Self::Draft,
            AgreementState::Ended => Self::Ended,
            AgreementState::Replaced => Self::Replaced,
            AgreementState::Signed if today < from_day => Self::NotYet,
            AgreementState::Signed if today > until_day => Self::Expired,
            AgreementState::Signed => Self::InForce,
        }
    }

    /// In words.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draft => "Not signed by both",
            Self::NotYet => "Not in force yet",
            Self::InForce => "In force",
            Self::Expired => "Has run out",
            Self::Ended => "Ended",
            Self::Replaced => "Replaced by a later version",
        }
    }
}

/// What an agreement says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementFacts {
    /// The other party, as it is called.
    pub party: String,
    /// What it is to the service.
    pub kind: RecipientKind,
    /// What its people may use it for.
    pub purposes: Vec<Purpose>,
    /// The items it covers, by key.
    pub items: Vec<String>,
    /// The kinds of whole papers it covers.
    #[serde(default)]
    pub papers: Vec<EnclosureKind>,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
    /// By which day it is looked at again.
    pub review_on: Date,
    /// The party's key for encrypted files (age), where it has one.
    pub key: Option<String>,
    /// Where the signed paper is: its reference.
    pub document: Option<String>,
    /// What else was agreed: how it is kept there, for how long.
    pub terms: Option<String>,
}

impl AgreementFacts {
    /// Reads `party`, `kind`, `purposes`, `items`, `papers`, `from`, `until`, `review_on`, `key`, `document`, `terms`. Purposes and items are
    /// those of the recipient's package; an agreement can cover less and never more.
    pub fn read(fields: &Fields) -> Result<AgreementFacts, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let party = r.required("party", "Name of the other party", SHORT_TEXT_CHARS);
        let kind = r.required_choice("kind", "What they are to the service", RecipientKind::from_code);
        let (mut purposes, mut items) = (Vec::new(), Vec::new());
        let mut papers = Vec::new();
        if let Some(kind) = kind {
            let of = package(kind);
            let chosen = fields.all("purposes").iter().filter_map(|code| Purpose::from_code(code));
            purposes = chosen.filter(|purpose| of.purposes.contains(purpose)).collect();
            if purposes.is_empty() {
                let words: Vec<String> = of.purposes.iter().map(|p| format!("“{}”", p.label())).collect();
                let words = format!("Select what it may be used for: of such a party {}", words.join(" or "));
                r.problem("purposes", words);
            }
            let chosen = fields.all("papers").iter().filter_map(|code| EnclosureKind::from_code(code));
            papers = chosen.filter(|kind| of.papers.contains(kind)).collect();
            if papers.len() < fields.all("papers").len() {
                let words: Vec<&str> = of.papers.iter().map(|kind| kind.label()).collect();
                let words = if words.is_empty() { "none".to_owned() } else { words.join(", ") };
                r.problem("papers", format!("Such a party can get, of whole papers: {words}"));
            }
            let named = |key: &&String| of.items().any(|item| item == key.as_str());
            items = fields.all("items").iter().filter(named).cloned().collect();
            if items.is_empty() {
                let words = of.items().filter_map(crate::catalogue::by_key).map(|item| item.label);
                let words = words.collect::<Vec<_>>().join(", ");
                r.problem("items", format!("Select what it covers. Such a party can get: {words}"));
            }
        }
        let from = r.required_date("from", "First day");
        let until = r.required_date("until", "Last day");
        let review_on = r.required_date("review_on", "Day by which it is looked at again");
        if let (Some(from), Some(until)) = (from, until) {
            let days = day_number(until) - day_number(from);
            if days < 0 {
                r.problem("until-day", "Last day must be on or after the first day");
            } else if days > RUNS_MAX_DAYS {
                r.problem("until-day", "Last day must be within five years: an agreement is made anew by then");
            }
            if review_on.is_some_and(|day| day < from || day > until) {
                r.problem("review_on-day", "Day by which it is looked at again must be between its first and last day");
            }
        }
        let key = r.text("key", "Their key", SHORT_TEXT_CHARS);
        let document = r.text("document", "Where the signed paper is", SHORT_TEXT_CHARS);
        let terms = r.text("terms", "What else was agreed", LONG_TEXT_CHARS);
        let read = (|| {
            let facts = (kind?, from?, until?, review_on?);
            let (kind, from, until, review_on) = facts;
            Some(AgreementFacts { party, kind, purposes, items, papers, from, until, review_on, key, document, terms })
        })();
        let problems = r.into_problems();
        read.filter(|_| problems.is_empty()).ok_or(problems)
    }

    /// As the form shows it.
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        fields.set("party", self.party.clone());
        fields.set("kind", self.kind.code());
        fields.set_all("purposes", self.purposes.iter().map(|purpose| purpose.code().to_owned()).collect());
        fields.set_all("items", self.items.clone());
        fields.set_all("papers", self.papers.iter().map(|kind| kind.code().to_owned()).collect());
        for (name, day) in [("from", self.from), ("until", self.until), ("review_on", self.review_on)] {
            fields.set_date(name, day);
        }
        for (name, text) in [("key", &self.key), ("document", &self.document), ("terms", &self.terms)] {
            fields.set(name, text.clone().unwrap_or_default());
        }
        fields
    }
}

/// That somebody signed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementSignature {
    /// For whom.
    pub side: Side,
    /// Who.
    pub name: String,
    /// As what.
    pub role: String,
    /// On which day.
    pub on: Date,
    /// Who wrote it down.
    pub by: AccountId,
}

impl AgreementSignature {
    /// Reads `side`, `name`, `role`, `on`.
    pub fn read(fields: &Fields, by: AccountId, today: Date) -> Result<Self, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let side = r.required_choice("side", "For whom they signed", Side::from_code);
        let name = r.required("name", "Who signed", SHORT_TEXT_CHARS);
        let role = r.required("role", "As what they signed", SHORT_TEXT_CHARS);
        let on = r.required_date("on", "Day of the signature");
        if on.is_some_and(|on| on > today) {
            r.problem("on-day", "Day of the signature must be today or in the past");
        }
        let problems = r.into_problems();
        match (side, on) {
            (Some(side), Some(on)) if problems.is_empty() => Ok(Self { side, name, role, on, by }),
            _ => Err(problems),
        }
    }
}

/// That an agreement was ended before its last day.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedAgreement {
    /// By whom.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// Why.
    pub why: String,
}

/// What is sealed of a version of an agreement.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharingAgreement {
    /// What it says.
    pub facts: AgreementFacts,
    /// Who signed.
    #[serde(default)]
    pub signatures: Vec<AgreementSignature>,
    /// That it was looked at again and goes on.
    #[serde(default)]
    pub reviews: Vec<HoldReview>,
    /// That it was ended.
    #[serde(default)]
    pub ended: Option<EndedAgreement>,
}

impl SharingAgreement {
    /// Whether both sides signed.
    pub fn is_signed(&self) -> bool {
        Side::ALL.iter().all(|side| self.signatures.iter().any(|of| of.side == *side))
    }
}
