//! Who gets the written agreement of a plan, and how they signed it (handbook section 7: "signatures are recorded").

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::long_date;
use crate::codes::codes;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use crate::ids::{AccountId, PersonId};

/// Who gets an agreement to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AgreementReader {
    /// A member of the family: what is with them alone.
    Person(PersonId),
    /// The child.
    Child,
    /// Whoever the child lives with.
    Carer,
    /// The social worker.
    SocialWorker,
    /// The contact service.
    Service,
}

impl fmt::Display for AgreementReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AgreementReader::Person(person) => person.fmt(f),
            AgreementReader::Child => f.write_str("child"),
            AgreementReader::Carer => f.write_str("carer"),
            AgreementReader::SocialWorker => f.write_str("social_worker"),
            AgreementReader::Service => f.write_str("service"),
        }
    }
}

impl FromStr for AgreementReader {
    type Err = ();

    fn from_str(code: &str) -> Result<Self, ()> {
        Ok(match code {
            "child" => AgreementReader::Child,
            "carer" => AgreementReader::Carer,
            "social_worker" => AgreementReader::SocialWorker,
            "service" => AgreementReader::Service,
            person => AgreementReader::Person(person.parse().map_err(|_| ())?),
        })
    }
}

codes! {
    /// How somebody signed.
    SignedHow {
        Paper = "paper", "Signed on paper";
        Email = "email", "Agreed by email";
        Spoken = "spoken", "Agreed when it was read to them";
        NotSigned = "not_signed", "Did not sign";
    }
}

/// That somebody signed the agreement, or did not.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementSignature {
    /// Who.
    pub who: AgreementReader,
    /// On which day.
    pub on: Date,
    /// How.
    pub how: SignedHow,
    /// In which language they read it, an ISO 639-1 code.
    pub language: String,
    /// What there is to say of it.
    pub note: Option<String>,
    /// Who wrote it down.
    pub by: AccountId,
    /// When it was written down, UTC milliseconds.
    pub at_ms: i64,
}

impl AgreementSignature {
    /// Reads `who`, `on`, `how`, `language`, `note`. `readers` are those who get the agreement, `languages` code and name of
    /// each that there is, `days` the day on which the plan was begun and today, `by` who writes it down and when.
    pub fn read(
        fields: &Fields,
        readers: &[AgreementReader],
        languages: &[(String, String)],
        (begun, today): (Date, Date),
        (by, at_ms): (AccountId, i64),
    ) -> Result<AgreementSignature, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let known = |code: &str| code.parse().ok().filter(|reader| readers.contains(reader));
        let who = r.required_choice("who", "Who signed", known);
        let on = r.required_date("on", "On which day");
        if on.is_some_and(|on| on > today) {
            r.problem("on-day", "On which day must be today or in the past");
        }
        if on.is_some_and(|on| on < begun) {
            r.problem("on-day", format!("The plan was begun on {}: nobody signed it before", long_date(begun)));
        }
        let how = r.required_choice("how", "How they signed", SignedHow::from_code);
        let language = |code: &str| languages.iter().any(|(known, _)| known == code).then(|| code.to_owned());
        let language = r.required_choice("language", "In which language they read it", language);
        let note = r.text("note", "Anything to say of it", LONG_TEXT_CHARS);
        if how == Some(SignedHow::NotSigned) && note.is_none() && r.count() == 0 {
            r.problem("note", "Say why they did not sign");
        }
        let read =
            (|| Some(AgreementSignature { who: who?, on: on?, how: how?, language: language?, note, by, at_ms }))();
        let problems = r.into_problems();
        read.filter(|_| problems.is_empty()).ok_or(problems)
    }

    /// Whether it says the same as another, whoever wrote it down and when.
    pub fn is_same(&self, other: &AgreementSignature) -> bool {
        (self.who, self.on, self.how, &self.language, &self.note)
            == (other.who, other.on, other.how, &other.language, &other.note)
    }
}
