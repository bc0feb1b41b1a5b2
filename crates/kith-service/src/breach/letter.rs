//! The Commissioner's form and the letter to the people affected, as papers (UK GDPR Art 33(3) and 34(2)).

use kith_domain::breach::{Breach, BreachRisk, BreachStepKind};
use kith_domain::calendar::{long_date, weekday_date};
use kith_domain::ids::BreachId;
use kith_domain::words::files;
use kith_papers::{LetterPaper, LetterPart};

use crate::record::letterhead;
use crate::referral::MARKING;
use crate::typesetting::{self, dated};
use crate::{Desk, Register, ServiceError};

/// Which paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreachPaper {
    /// What the Commissioner is told.
    Commissioner,
    /// What the people affected are told.
    People,
}

impl BreachPaper {
    /// Its word in an address.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Commissioner => "commissioner",
            Self::People => "people",
        }
    }

    /// The paper of a word.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Commissioner, Self::People].into_iter().find(|paper| paper.code() == code)
    }
}

impl Desk {
    /// A paper about a breach, as a PDF file.
    pub async fn breach_paper(&self, id: BreachId, paper: BreachPaper) -> Result<Vec<u8>, ServiceError> {
        self.allow_service("breach.read").await?;
        let look = self.look();
        let row = look.breach(id).await?;
        look.done("breach.paper", self.now_ms()).await?;
        let register = self.service.register();
        let (title, to, parts) = match paper {
            BreachPaper::Commissioner => (
                "Notification of a personal data breach",
                "the Information Commissioner".to_owned(),
                to_the_commissioner(&row.body, register),
            ),
            BreachPaper::People => {
                ("Something happened to your information", String::new(), to_the_people(&row.body, register))
            }
        };
        let letter = LetterPaper {
            letterhead: letterhead(register),
            marking: MARKING.to_owned(),
            reference: id.reference(),
            title: title.to_owned(),
            to,
            date: long_date(self.service.today()),
            parts,
            closing: format!("Data Protection Officer, for {}", register.authority().name),
            dated: dated(self.now_ms()),
        };
        typesetting::set(move || kith_papers::letter(&letter)).await
    }
}

fn part(heading: &str, paragraphs: Vec<String>) -> LetterPart {
    LetterPart { heading: heading.to_owned(), paragraphs }
}

/// The words of every step of a kind, or words for there being none.
fn said(of: &Breach, kind: BreachStepKind, otherwise: &str) -> Vec<String> {
    let all: Vec<String> = of.steps.iter().filter(|step| step.kind == kind).map(|step| step.words.clone()).collect();
    if all.is_empty() { vec![otherwise.to_owned()] } else { all }
}

/// How many people it is about: those of the files that were ticked, and how many it was assessed to be.
pub(super) fn how_many(of: &Breach) -> Vec<String> {
    let ticked = of.account.as_ref().filter(|_| !of.affected.is_empty()).map(|account| {
        format!(
            "The children of {}, which one account opened or changed from {}: counted from the access log, and said by us to be affected.",
            files(of.affected.len()),
            account.time()
        )
    });
    let people = of.steps.iter().rev().find_map(|step| step.people);
    let assessed = people.map(|people| match &ticked {
        Some(_) => format!("About {people} people with their families, as we assessed it."),
        None => format!("About {people} people."),
    });
    let known: Vec<String> = ticked.into_iter().chain(assessed).collect();
    if known.is_empty() { vec!["How many people it is about is not known yet.".to_owned()] } else { known }
}

fn to_the_commissioner(of: &Breach, register: &Register) -> Vec<LetterPart> {
    let suspicion = &of.suspicion;
    let aware = format!("{} at {}", weekday_date(suspicion.aware.date()), suspicion.aware.time().strftime("%H:%M"));
    let late = of.steps.iter().find(|step| step.kind == BreachStepKind::CommissionerTold).and_then(|step| {
        let due = kith_domain::clock::breach_due(suspicion.aware)?;
        (step.at > due.at).then(|| step.words.clone())
    });
    let mut parts = vec![
        part(
            "Controller",
            vec![
                format!("{}, registration {}", register.authority().name, register.authority().registration),
                format!("Contact point: {}", register.officer().join(", ")),
            ],
        ),
        part(
            "What happened (Art 33(3)(a))",
            vec![
                format!("{}. The controller became aware on {aware}.", suspicion.kind.label()),
                suspicion.what.clone(),
                format!("Whose information: {}", suspicion.whose),
            ]
            .into_iter()
            .chain(how_many(of))
            .collect(),
        ),
        part("Likely consequences (Art 33(3)(c))", {
            let mut words =
                said(of, BreachStepKind::Assessed, "They are being assessed; more will follow (Art 33(4)).");
            words.extend(of.risk().map(|risk| format!("{} for the people.", risk.label())));
            words
        }),
        part("What was done (Art 33(3)(d))", {
            let mut words: Vec<String> = suspicion.done.clone().into_iter().collect();
            words.extend(said(of, BreachStepKind::Contained, "It is being contained; more will follow (Art 33(4))."));
            words.extend(
                of.steps.iter().filter(|step| step.kind == BreachStepKind::Learnt).map(|step| step.words.clone()),
            );
            words
        }),
        part("The people affected (Art 34)", {
            let mut words: Vec<String> = Vec::new();
            for kind in [BreachStepKind::PeopleTold, BreachStepKind::PeopleNot] {
                let of = of.steps.iter().filter(|step| step.kind == kind);
                words.extend(of.map(|step| format!("{}: {}", kind.label(), step.words)));
            }
            if words.is_empty() {
                words.push("Whether they are told is not decided yet.".to_owned());
            }
            words
        }),
    ];
    if let Some(why) = late {
        parts.push(part("Why it comes later than 72 hours (Art 33(1))", vec![why]));
    }
    parts
}

/// What the people affected are told of how many there are.
pub(super) fn yours(of: &Breach) -> Option<String> {
    match of.affected.len() {
        0 => None,
        1 => Some(
            "Our log of who opens which file shows that yours, or your child’s, was opened, and no other.".to_owned(),
        ),
        many => Some(format!(
            "Our log of who opens which file shows that {} were opened. Yours, or your child’s, is one of them.",
            files(many)
        )),
    }
}

fn to_the_people(of: &Breach, register: &Register) -> Vec<LetterPart> {
    let authority = register.authority();
    let contained = said(of, BreachStepKind::Contained, "We are doing what we can to put it right.");
    let high = of.risk() == Some(BreachRisk::High);
    vec![
        part(
            "What happened",
            vec![
                format!("On {} we noticed this: {}", long_date(of.suspicion.aware.date()), of.suspicion.what),
                "We are sorry.".to_owned(),
            ]
            .into_iter()
            .chain(yours(of))
            .collect(),
        ),
        part(
            "What it can mean for you",
            said(of, BreachStepKind::Assessed, "We are finding out what it can mean for you."),
        ),
        part("What we did", contained),
        part("What you can do", {
            let mut words = said(of, BreachStepKind::PeopleTold, "Tell us at once if you notice anything unusual.");
            if high {
                words.push("If you are in danger now, call 999.".to_owned());
            }
            words
        }),
        part(
            "Whom to ask",
            vec![
                register.officer().join(", "),
                format!(
                    "You can complain to us, {}, and to the Information Commissioner, 03031 231 113, ico.org.uk.",
                    authority.phone
                ),
            ],
        ),
    ]
}
