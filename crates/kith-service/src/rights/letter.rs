//! Letters about a request, in plain words: receipt, what is asked back, more time, a refusal with its reason and the way to
//! complain, the answer (UK GDPR Art 12(1), (3), (4); handbook section 14).

use kith_domain::calendar::{long_date, weekday_date};
use kith_domain::ids::RequestId;
use kith_domain::rights::{
    Act, ActKind, Decision, Ground, Place, RequestState, Right, RightsRequest, Step, StepKind, Verdict,
};
use kith_papers::{LetterPaper, LetterPart};

use crate::record::letterhead;
use crate::referral::MARKING;
use crate::typesetting::{self, dated};
use crate::{Desk, Register, ServiceError};

/// Which letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterKind {
    /// That it came, and by when it is answered.
    Receipt,
    /// Who they are, or what they mean, is asked.
    Question,
    /// It takes two months longer.
    Extension,
    /// It is refused.
    Refusal,
    /// Nothing is held.
    NotHeld,
    /// The answer.
    Answer,
}

impl LetterKind {
    /// Every letter.
    pub const ALL: [Self; 6] =
        [Self::Receipt, Self::Question, Self::Extension, Self::Refusal, Self::NotHeld, Self::Answer];

    /// Its word in an address.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Question => "question",
            Self::Extension => "extension",
            Self::Refusal => "refusal",
            Self::NotHeld => "not-held",
            Self::Answer => "answer",
        }
    }

    /// How it is called.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Receipt => "We have your request",
            Self::Question => "We need something from you",
            Self::Extension => "We need longer",
            Self::Refusal => "Why we cannot do it",
            Self::NotHeld => "We hold nothing about you",
            Self::Answer => "Our answer",
        }
    }

    /// The letter of a word.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The letters that what was done calls for.
    pub fn of(request: &RightsRequest) -> Vec<Self> {
        let state = request.state();
        let called = |kind: &Self| match kind {
            Self::Receipt => !state.is_closed(),
            Self::Question => !state.is_closed() && request.open_pause().is_some(),
            Self::Extension => request.has(StepKind::Extended) && !state.is_closed(),
            Self::Refusal => state == RequestState::Refused,
            Self::NotHeld => state == RequestState::NotHeld,
            // What was decided place by place is the answer, and goes out before it is written down that it has.
            Self::Answer => state == RequestState::Answered || (state == RequestState::Open && request.is_decided()),
        };
        Self::ALL.into_iter().filter(called).collect()
    }
}

impl Desk {
    /// A letter about a request, as a PDF file. [`ServiceError::NotFound`] where nothing calls for it.
    pub async fn request_letter(&self, id: RequestId, kind: LetterKind) -> Result<Vec<u8>, ServiceError> {
        self.allow_service("request.read").await?;
        let look = self.look();
        let row = look.person_request(id).await?;
        look.done("request.letter", self.now_ms()).await?;
        if !LetterKind::of(&row.body).contains(&kind) {
            return Err(ServiceError::NotFound);
        }
        let register = self.service.register();
        let due = row.body.due(self.service.today(), register.calendar()).map(|due| weekday_date(due.day));
        let paper = LetterPaper {
            letterhead: letterhead(register),
            marking: MARKING.to_owned(),
            reference: id.reference(),
            title: kind.label().to_owned(),
            to: to(&row.body),
            date: long_date(self.service.today()),
            parts: parts(&row.body, kind, due.as_deref(), register),
            closing: format!("FOI/Data Protection Team, for {}", register.authority().name),
            dated: dated(self.now_ms()),
        };
        typesetting::set(move || kith_papers::letter(&paper)).await
    }
}

/// Name and address.
fn to(request: &RightsRequest) -> String {
    let of = &request.asked;
    let address = of.address.as_deref().unwrap_or_default().lines().map(str::trim).filter(|line| !line.is_empty());
    std::iter::once(of.name.as_str()).chain(address).collect::<Vec<_>>().join(", ")
}

fn part(heading: &str, paragraphs: Vec<String>) -> LetterPart {
    LetterPart { heading: heading.to_owned(), paragraphs }
}

/// The words of the last step of a kind.
fn said(request: &RightsRequest, kind: StepKind) -> String {
    request.last(kind).map(|step| step.words.clone()).unwrap_or_default()
}

pub(super) fn parts(
    request: &RightsRequest,
    kind: LetterKind,
    due: Option<&str>,
    register: &Register,
) -> Vec<LetterPart> {
    let of = &request.asked;
    let about = of.about.as_ref().map(|name| format!(" It is about {name}.")).unwrap_or_default();
    let mut parts = vec![part(
        "Your request",
        vec![format!(
            "We received it on {}. You asked: {}.{about}",
            long_date(of.received),
            kith_domain::form::lower_first(asked_for(of.right))
        )],
    )];
    match kind {
        LetterKind::Receipt => parts.push(part("What happens now", vec![when(of.right, due)])),
        LetterKind::Question => {
            for kind in [StepKind::IdentityAsked, StepKind::ClarificationAsked] {
                let came = if kind == StepKind::IdentityAsked { StepKind::IdentitySettled } else { StepKind::ClarificationCame };
                let last = request.steps.iter().rev().find(|step| step.kind == kind || step.kind == came);
                if let Some(step) = last.filter(|step| step.kind == kind) {
                    let heading =
                        if kind == StepKind::IdentityAsked { "So that we know who you are" } else { "So that we find what you mean" };
                    parts.push(part(heading, vec![step.words.clone()]));
                }
            }
            parts.push(part(
                "Until then",
                vec![
                    "We must not tell one person what we hold about another, so we have to ask. The time that we have to answer \
                     stands still until we hear from you, and goes on from that day."
                        .to_owned(),
                ],
            ));
        }
        LetterKind::Extension => parts.push(part(
            "We need longer",
            vec![said(request, StepKind::Extended), when(of.right, due)],
        )),
        LetterKind::Refusal => {
            let step = request.last(StepKind::Refused);
            let ground = step.and_then(|step| step.ground);
            parts.push(part(
                "What we decided",
                vec![format!("We cannot do what you asked. {}.", ground.map_or("", |ground| words_of(ground)))],
            ));
            parts.push(part("Why", vec![said(request, StepKind::Refused)]));
        }
        LetterKind::NotHeld => parts.push(part(
            "What we found",
            vec![format!(
                "We looked in the records of the {} and hold nothing about {}. If you know a former name or another spelling, \
                 tell us and we look again.",
                register.authority().service.to_lowercase(),
                if of.about.is_some() { request.about() } else { "you" }
            )],
        )),
        LetterKind::Answer => {
            let decided = decided(request);
            match said(request, StepKind::Prepared) {
                words if !words.is_empty() => parts.push(part("Our answer", vec![words])),
                _ if decided.is_empty() => parts.push(part("Our answer", vec![said(request, StepKind::Released)])),
                _ => {}
            }
            parts.extend(decided);
        }
    }
    parts.push(part("If you are not happy with it", complain(register)));
    parts
}

/// What was decided last in each place: what, why, what was weighed, what was done (UK GDPR Art 12(3), (4)). No file is named by whose it is.
fn decided(request: &RightsRequest) -> Vec<LetterPart> {
    let places = request.places();
    let decisions: Vec<(&Step, &Decision)> = places.iter().filter_map(|place| request.decided_in(*place)).collect();
    let many = decisions.len() > 1;
    decisions.into_iter().map(|(step, decision)| decided_part(step, decision, many)).collect()
}

fn decided_part(step: &Step, decision: &Decision, many: bool) -> LetterPart {
    let heading = match decision.place {
        _ if !many => "What we decided".to_owned(),
        Place::File(of) => format!("What we decided: file {}", of.file.reference()),
        Place::Account(_) => "What we decided: you as a member of our staff".to_owned(),
    };
    let sentence = match decision.verdict {
        Verdict::Upheld => "We do what you asked.",
        Verdict::InPart => "We do a part of what you asked.",
        Verdict::Refused => "We cannot do what you asked.",
    };
    let mut paragraphs = vec![match step.ground {
        Some(ground) => format!("{sentence} {}.", words_of(ground)),
        None => sentence.to_owned(),
    }];
    paragraphs.extend(decision.kept.as_ref().map(|rule| format!("The rule by which it is kept: {rule}.")));
    paragraphs.push(step.words.clone());
    if let Some(of) = &decision.interests {
        paragraphs.push(format!("We weighed both sides. For you: {}", of.theirs));
        paragraphs.push(format!("For going on: {}", of.ours));
    }
    paragraphs.extend(decision.acts.iter().map(done));
    if decision.acts.iter().any(|act| matches!(act.kind, ActKind::Corrected | ActKind::Disputed)) {
        paragraphs.push("Everybody to whom we gave it is told.".to_owned());
    }
    if decision.acts.iter().any(|act| act.kind == ActKind::Restricted) {
        paragraphs.push("We keep it and do not use it. We tell you before we use it again.".to_owned());
    }
    part(&heading, paragraphs)
}

/// One thing that was done, in a sentence for who asked.
fn done(act: &Act) -> String {
    let what = &act.what;
    match act.kind {
        ActKind::Corrected => format!("We put it right: {what}."),
        ActKind::Disputed => format!("We noted beside it that you see it otherwise: {what}."),
        ActKind::Restricted => format!("From now on we do not use: {what}."),
        ActKind::Withdrawn => format!("Your consent is taken back. It was: {}.", kith_domain::form::lower_first(what)),
        ActKind::Objected => format!("It stops: {}.", kith_domain::form::lower_first(what)),
        ActKind::Done => what.clone(),
    }
}

/// What was asked, to whoever asked it.
const fn asked_for(right: Right) -> &'static str {
    match right {
        Right::Access => "To see what is held",
        Right::Rectification => "To have something put right",
        Right::Erasure => "To have something deleted",
        Right::Restriction => "To stop using it for a while",
        Right::Objection => "Not to use it in a certain way",
        Right::Portability => "To have it in a form for another organisation",
        Right::Consent => "To take back a consent",
        Right::Marketing => "To get no advertising",
        Right::Decisions => "To have a decision looked at by a person",
        Right::Complaint => "To complain about how information is used",
    }
}

fn when(right: Right, due: Option<&str>) -> String {
    match (right, due) {
        (Right::Complaint, _) => {
            "We look into it, tell you how it goes on, and write to you with what came of it. It costs nothing."
                .to_owned()
        }
        (_, Some(due)) => format!("We answer by {due} at the latest. It costs nothing."),
        (_, None) => "We answer as soon as we can. It costs nothing.".to_owned(),
    }
}

/// Why, in a sentence for who asked.
const fn words_of(ground: Ground) -> &'static str {
    match ground {
        Ground::LegalDuty => {
            "The law says that we must keep the record of a child in our care until the 75th anniversary of the child’s birth: it \
             is the child’s story, and a court may need it. So it cannot be deleted before"
        }
        Ground::NoAuthority => "We could not see that you may ask for this person",
        Ground::NoIdentity => "We could not find out who you are",
        Ground::SeriousHarm => "It would be likely to harm somebody seriously (Data Protection Act 2018, Schedule 3)",
        Ground::OthersRights => "It would wrong somebody else, who has the same rights as you",
        Ground::Court => "It is in the papers of a court, and the court decides who sees them",
        Ground::Privilege => "It is what a lawyer advised, which stays between lawyer and client",
        Ground::Unfounded => "The law lets us refuse a request that is manifestly unfounded or excessive",
        Ground::Overriding => "We weighed it, and the reasons to go on weigh more",
        Ground::Accurate => "As far as we could find out, what we hold is right",
        Ground::Protects => "It protects the child or somebody else, and must be known to whoever works with them",
    }
}

/// Where the Commissioner is reached.
pub(crate) const COMMISSIONER: &str = "the Information Commissioner: Wycliffe House, Water Lane, Wilmslow, Cheshire SK9 5AF, 03031 231 113, \
     ico.org.uk";

/// The way to complain (UK GDPR Art 12(4)).
fn complain(register: &Register) -> Vec<String> {
    let of = register.authority();
    vec![
        format!("Tell us first: {}, {}. We confirm within 30 days that we have it.", of.phone, of.email),
        format!("You can complain to {COMMISSIONER}. You can also ask a court."),
    ]
}
