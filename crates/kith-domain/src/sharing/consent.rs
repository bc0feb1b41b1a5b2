//! Consents as they were said: only added, withdrawn at once and forward only (UK GDPR Art 7(3); handbook section 14).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{RecipientKind, Stays, package};
use crate::calendar::day_number;
use crate::codes::codes;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader, SHORT_TEXT_CHARS};
use crate::ids::{DocumentId, PersonId};
use crate::rights::{Asked, Asker, Channel};

codes! {
    /// What was asked.
    ConsentFor {
        Sharing = "sharing", "Information may be shared with a recipient";
        Photographs = "photographs", "Photographs may be taken and kept";
        Recording = "recording", "Sessions may be filmed or recorded";
        Research = "research", "They may be asked to take part in research";
    }
}

codes! {
    /// What was said.
    ConsentAnswer {
        Given = "given", "Given";
        Refused = "refused", "Refused";
        Withdrawn = "withdrawn", "Withdrawn";
        Objected = "objected", "They objected, and it stops";
    }
}

codes! {
    /// With what authority somebody said it.
    Authority {
        Own = "own", "For themselves, as an adult";
        Gillick = "gillick", "The child for themselves, being able to understand it (Gillick)";
        Parental = "parental", "For the child, with parental responsibility";
        Court = "court", "By an order of a court";
    }
}

codes! {
    /// How it is known that it was said.
    Evidence {
        Signed = "signed", "A signed paper";
        Written = "written", "An email or a letter";
        Spoken = "spoken", "Spoken, and written down by us";
    }
}

/// What somebody said to one question of consent. No Debug: it is personal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Of whose information; `None` for the child's.
    pub person: Option<PersonId>,
    /// What was asked.
    pub what: ConsentFor,
    /// With whom, of sharing.
    pub recipient: Option<RecipientKind>,
    /// The items of the catalogue it is for; none: whatever the recipient's package names.
    #[serde(default)]
    pub items: Vec<String>,
    /// What was said.
    pub answer: ConsentAnswer,
    /// Who said it.
    pub said_by: String,
    /// With what authority.
    pub authority: Authority,
    /// How it is known.
    pub evidence: Evidence,
    /// The document of the file that shows it.
    pub document: Option<DocumentId>,
    /// On which day it was said.
    pub on: Date,
    /// Anything beside it.
    pub note: Option<String>,
}

impl Consent {
    /// Reads `whose` (`child` or a person's id), `what`, `recipient` and `items` of sharing, `answer`, `said_by`, `authority`,
    /// `evidence`, `document`, `on`, `note`.
    pub fn read(fields: &Fields, today: Date) -> Result<Consent, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let whose = |code: &str| if code == "child" { Some(None) } else { code.parse().ok().map(Some) };
        let person = r.required_choice("whose", "Whose information it is", whose);
        let what = r.required_choice("what", "What was asked", ConsentFor::from_code);
        let recipient = match what {
            Some(ConsentFor::Sharing) => {
                r.required_choice("recipient", "With whom it may be shared", RecipientKind::from_code)
            }
            _ => None,
        };
        let known = |key: &String| recipient.is_some_and(|kind| package(kind).items().any(|item| item == key));
        let items: Vec<String> = fields.all("items").iter().filter(|key| known(key)).cloned().collect();
        let asked = [ConsentAnswer::Given, ConsentAnswer::Refused];
        let given = |code: &str| ConsentAnswer::from_code(code).filter(|answer| asked.contains(answer));
        let answer = r.required_choice("answer", "What was said", given);
        let on = r.required_date("on", "Day on which it was said");
        if on.is_some_and(|on| on > today) {
            r.problem("on-day", "Day on which it was said must be today or in the past");
        }
        let (said_by, authority, evidence) = who(&mut r);
        if let (Some(Some(_)), Some(Authority::Gillick | Authority::Parental)) = (person, authority) {
            r.problem("authority", "An adult of the family decides for themselves about their own information");
        }
        if let (Some(None), Some(Authority::Own)) = (person, authority) {
            r.problem("authority", "Choose whether the child decides, or somebody with parental responsibility");
        }
        let document = r.choice("document", "The document", |code| code.parse().ok());
        let note = r.text("note", "What stands beside it", LONG_TEXT_CHARS);
        let read = (|| {
            Some(Consent {
                person: person?,
                what: what?,
                recipient,
                items,
                answer: answer?,
                said_by,
                authority: authority?,
                evidence: evidence?,
                document,
                on: on?,
                note,
            })
        })();
        let problems = r.into_problems();
        read.filter(|_| problems.is_empty()).ok_or(problems)
    }

    /// Whether it answers the same question as another.
    pub fn is_same_question(&self, other: &Consent) -> bool {
        (self.person, self.what, self.recipient) == (other.person, other.what, other.recipient)
    }

    /// What may be done, in words: with whom, of sharing.
    pub fn question(&self) -> String {
        match self.recipient {
            Some(kind) => format!("Information may be shared with: {}", crate::form::lower_first(kind.label())),
            None => self.what.label().to_owned(),
        }
    }
}

fn who(r: &mut Reader) -> (String, Option<Authority>, Option<Evidence>) {
    let said_by = r.required("said_by", "Who said it", SHORT_TEXT_CHARS);
    let authority = r.required_choice("authority", "With what authority", Authority::from_code);
    let evidence = r.required_choice("evidence", "How it is known", Evidence::from_code);
    (said_by, authority, evidence)
}

/// Reads the withdrawal of a consent that was given: `said_by`, `authority`, `evidence`, `note`. It counts from today, at once.
pub fn withdrawal(of: &Consent, fields: &Fields, today: Date) -> Result<Consent, Vec<Problem>> {
    let mut r = Reader::new(fields);
    let (said_by, authority, evidence) = who(&mut r);
    let note = r.text("note", "What stands beside it", LONG_TEXT_CHARS);
    let problems = r.into_problems();
    match (authority, evidence) {
        (Some(authority), Some(evidence)) if problems.is_empty() => Ok(Consent {
            answer: ConsentAnswer::Withdrawn,
            said_by,
            authority,
            evidence,
            document: None,
            on: today,
            note,
            ..of.clone()
        }),
        _ => Err(problems),
    }
}

/// What somebody withdraws, or what stops since they objected, by a request about their rights (UK GDPR Art 7(3), 21): who asks says it,
/// as they asked, from today on.
#[derive(Clone, Copy)]
pub struct ByRequest<'a> {
    /// What they asked.
    pub asked: &'a Asked,
    /// What there is to remember of it.
    pub note: &'a str,
    /// Today.
    pub today: Date,
}

impl ByRequest<'_> {
    /// That a consent that was given is withdrawn.
    pub fn withdrawn(self, of: &Consent) -> Consent {
        Consent { items: of.items.clone(), ..self.said(of.person, of.what, of.recipient, ConsentAnswer::Withdrawn) }
    }

    /// That nothing of somebody (`None`: of the child) goes to a recipient any more; with none, that they are in no figures.
    pub fn objected(self, person: Option<PersonId>, recipient: Option<RecipientKind>) -> Consent {
        let what = if recipient.is_some() { ConsentFor::Sharing } else { ConsentFor::Research };
        self.said(person, what, recipient, ConsentAnswer::Objected)
    }

    fn said(
        self,
        person: Option<PersonId>,
        what: ConsentFor,
        recipient: Option<RecipientKind>,
        answer: ConsentAnswer,
    ) -> Consent {
        let authority = match (person, self.asked.asker) {
            (Some(_), _) => Authority::Own,
            (None, Asker::Themselves) => Authority::Gillick,
            (None, _) => Authority::Parental,
        };
        let spoken = matches!(self.asked.channel, Channel::Phone | Channel::InPerson);
        Consent {
            person,
            what,
            recipient,
            items: Vec::new(),
            answer,
            said_by: self.asked.name.clone(),
            authority,
            evidence: if spoken { Evidence::Spoken } else { Evidence::Written },
            document: None,
            on: self.today,
            note: Some(self.note.to_owned()),
        }
    }
}

/// How a question of consent stands.
#[derive(Clone, PartialEq, Eq)]
pub enum Stands {
    /// Nobody was asked, or nobody has answered.
    NotAsked,
    /// Given, for these items; none: for all of the package.
    Given(Vec<String>),
    /// Refused.
    Refused,
    /// Withdrawn.
    Withdrawn,
    /// They objected, and it stops, on whatever it rests but an order of the law.
    Objected,
}

impl Stands {
    /// Why what it does not allow stays.
    pub(super) const fn stays(&self) -> Stays {
        match self {
            Stands::NotAsked | Stands::Given(_) => Stays::NoConsent,
            Stands::Refused => Stays::Refused,
            Stands::Withdrawn => Stays::Withdrawn,
            Stands::Objected => Stays::Objected,
        }
    }

    /// Whether an item may go under it.
    pub fn allows(&self, item: Option<&str>) -> bool {
        match self {
            Stands::Given(items) => items.is_empty() || item.is_none_or(|key| items.iter().any(|given| given == key)),
            _ => false,
        }
    }
}

/// How the question whether somebody's information may be shared with a recipient stands: what was said last counts, by the day it
/// was said and then by when it was written down (UTC milliseconds beside each).
pub fn stands<'a>(
    said: impl IntoIterator<Item = (&'a Consent, i64)>,
    person: Option<PersonId>,
    recipient: RecipientKind,
) -> Stands {
    let of = |of: &Consent| of.what == ConsentFor::Sharing && of.person == person && of.recipient == Some(recipient);
    let last = said.into_iter().filter(|(consent, _)| of(consent)).max_by_key(|(of, at)| (day_number(of.on), *at));
    match last {
        None => Stands::NotAsked,
        Some((consent, _)) => match consent.answer {
            ConsentAnswer::Given => Stands::Given(consent.items.clone()),
            ConsentAnswer::Refused => Stands::Refused,
            ConsentAnswer::Withdrawn => Stands::Withdrawn,
            ConsentAnswer::Objected => Stands::Objected,
        },
    }
}
