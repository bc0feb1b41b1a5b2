//! To whom something is to go, and what for: as the form says it.

use super::{Enclosure, RecipientKind, package};
use crate::access::Purpose;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader, SHORT_TEXT_CHARS};
use crate::ids::{DemandId, PersonId, SessionId, SharingAgreementId};

/// Who gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// The other party of an agreement.
    Party(SharingAgreementId),
    /// A kind of recipient with whom no agreement was chosen: of the council none is needed.
    Kind(RecipientKind),
    /// Who demanded it by law.
    Demand(DemandId),
}

impl To {
    /// The recipient of a form's value: a kind's code, `agreement-…` or `demand-…` with its id.
    pub fn from_code(code: &str) -> Option<Self> {
        if let Some(id) = code.strip_prefix("agreement-") {
            return id.parse().ok().map(Self::Party);
        }
        if let Some(id) = code.strip_prefix("demand-") {
            return id.parse().ok().map(Self::Demand);
        }
        RecipientKind::from_code(code).map(Self::Kind)
    }

    /// The value of a form.
    pub fn code(self) -> String {
        match self {
            Self::Party(id) => format!("agreement-{id}"),
            Self::Kind(kind) => kind.code().to_owned(),
            Self::Demand(id) => format!("demand-{id}"),
        }
    }
}

/// What is to go to whom. No Debug: it may name somebody.
#[derive(Clone, PartialEq, Eq)]
pub struct ShareWith {
    /// Who gets it.
    pub to: To,
    /// Who there, or which school, court, driver.
    pub recipient: Option<String>,
    /// What for.
    pub purpose: Purpose,
    /// The member of the family who they are, or to whom they belong.
    pub related: Option<PersonId>,
    /// About which session.
    pub session: Option<SessionId>,
    /// The whole papers that go beside it.
    pub enclosed: Vec<Enclosure>,
    /// Whether they go alone, without the facts of the package.
    pub alone: bool,
    /// Why those can go that a person was to look through; `None` until that was said.
    pub reason: Option<String>,
}

impl ShareWith {
    /// Reads `to`, `recipient`, `purpose`, `related` (`nobody` or a person's id), `session`, `enclosed` (see
    /// [`Enclosure::code`]), `alone`, `reason`.
    pub fn read(fields: &Fields) -> Result<ShareWith, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let to = r.required_choice("to", "Who gets it", To::from_code);
        let recipient = r.text("recipient", "Who there", SHORT_TEXT_CHARS);
        let purpose = r.required_choice("purpose", "What it is for", Purpose::from_code);
        let person = |code: &str| if code == "nobody" { Some(None) } else { code.parse().ok().map(Some) };
        let related = r.required_choice("related", "Whether they belong to the family", person);
        let session = r.choice("session", "The session", |code| code.parse().ok());
        let enclosed = Enclosure::read(&mut r, fields);
        let alone = fields.get("alone") == "yes";
        if alone && enclosed.is_empty() {
            r.problem("enclosed", "Choose what is to go, or let the information go that such a recipient gets");
        }
        let reason = r.text("reason", "Why they can go", LONG_TEXT_CHARS);
        let problems = r.into_problems();
        match (to, purpose, related) {
            (Some(to), Some(purpose), Some(related)) if problems.is_empty() => {
                Ok(ShareWith { to, recipient, purpose, related, session, enclosed, alone, reason })
            }
            _ => Err(problems),
        }
    }

    /// Whether such a recipient can get something for this purpose, and about a session where it has to be one.
    pub fn fits(&self, kind: RecipientKind) -> Result<(), Vec<Problem>> {
        let of = package(kind);
        let mut problems = Vec::new();
        let by_law = matches!(self.to, To::Demand(_));
        let purposes = if by_law { &[Purpose::OfficialReporting] } else { of.purposes };
        if !purposes.contains(&self.purpose) {
            let words: Vec<String> = purposes.iter().map(|purpose| format!("“{}”", purpose.label())).collect();
            let words = format!("They get nothing for this purpose. Choose {}", words.join(" or "));
            problems.push(Problem::new("purpose", words));
        }
        if of.of_session && !by_law && !self.alone && self.session.is_none() {
            problems.push(Problem::new("session", "Choose the session that it is about"));
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}
