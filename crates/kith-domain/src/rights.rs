//! Requests of people about what is held of them: who asks, which right, what was done and by when it is answered (UK GDPR
//! Art 12 to 22; Data Protection Act 2018 s54 and s164A; handbook sections 14 and 15).
//!
//! A request is what was asked and the steps that were taken, each only added. Where it stands, for how long its clock was
//! stopped and by when it is answered are worked out from them.

mod decide;
mod kept;
mod read;
mod step;
#[cfg(test)]
mod tests;

pub use decide::{Act, ActKind, Decide, Decision, Interests, Place, UseOf, Verdict, read_used_again};
pub use kept::{KEPT_AS, collected_until, names_account};
pub use step::Untaken;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::{self, ServiceCalendar, age_on};
use crate::clock::{Due, Request, complaint_due, request_due};
use crate::codes::codes;
use crate::ids::{AccountId, ChildId, PersonId, RequestId, StatementId};

codes! {
    /// Which right somebody asks for.
    Right {
        Access = "access", "To see what is held about them, or a child";
        Rectification = "rectification", "To have something put right";
        Erasure = "erasure", "To have something deleted";
        Restriction = "restriction", "To stop using it for a while";
        Objection = "objection", "Not to use it in a certain way";
        Portability = "portability", "To have it in a form for another organisation";
        Consent = "consent", "To take back a consent";
        Marketing = "marketing", "To get no advertising";
        Decisions = "decisions", "To have a decision looked at by a person";
        Complaint = "complaint", "To complain about how information is used";
    }
}

codes! {
    /// Who asks.
    Asker {
        Themselves = "self", "The person it is about";
        Parent = "parent", "A parent, about a child";
        Carer = "carer", "A carer, about a child";
        Solicitor = "solicitor", "A solicitor, for the person";
        Other = "other", "Somebody else, for the person";
    }
}

codes! {
    /// How a request came.
    Channel {
        Page = "page", "On the page “Your rights”";
        Letter = "letter", "By letter";
        Email = "email", "By email";
        Phone = "phone", "By phone";
        InPerson = "in_person", "In person";
    }
}

codes! {
    /// Where a request stands.
    RequestState {
        Open = "open", "Open";
        Waiting = "waiting", "The clock has stopped";
        Ready = "ready", "Waits for a second person";
        Answered = "answered", "Answered";
        Refused = "refused", "Refused";
        NotHeld = "not_held", "Nothing is held";
        Withdrawn = "withdrawn", "Withdrawn";
        Joined = "joined", "Joined to another request";
    }
}

codes! {
    /// What is done about a request.
    StepKind {
        Acknowledged = "acknowledged", "Receipt was confirmed to them";
        IdentityAsked = "identity_asked", "Asked who they are: the clock stops";
        IdentitySettled = "identity_settled", "We know who they are";
        AuthoritySettled = "authority_settled", "They may ask for the person";
        ChildConsidered = "child_considered", "The child’s own view, understanding and interest were considered";
        ClarificationAsked = "clarification_asked", "Asked what they mean: the clock stops";
        ClarificationCame = "clarification_came", "They said what they mean";
        Found = "found", "Who is held was looked for and found";
        Decided = "decided", "Decided what is done";
        Lifted = "lifted", "What was restricted is used again";
        Extended = "extended", "Two further months, and they were told";
        Prepared = "prepared", "The answer is prepared";
        GivenBack = "given_back", "The answer needs more work";
        Released = "released", "The answer has gone out";
        Refused = "refused", "It is refused";
        NotHeld = "not_held", "Nothing is held about the person";
        Withdrawn = "withdrawn", "They withdrew it";
        Joined = "joined", "It is the same as another request";
        Noted = "noted", "A note";
        Contested = "contested", "They have gone to the Commissioner or to a court";
        ContestOver = "contest_over", "The Commissioner or the court has decided";
    }
}

codes! {
    /// Why a request is refused (UK GDPR Art 12(5), 16, 17(3), 18(2), 21; DPA 2018 Sch 2 and 3).
    Ground {
        LegalDuty = "legal_duty", "The law requires the record to be kept";
        NoAuthority = "no_authority", "They may not ask for this person";
        NoIdentity = "no_identity", "We could not find out who they are";
        SeriousHarm = "serious_harm", "It would be likely to cause serious harm";
        OthersRights = "others_rights", "It would wrong somebody else";
        Court = "court", "It is for the court to say";
        Privilege = "privilege", "It is advice of a lawyer";
        Unfounded = "unfounded", "It is manifestly unfounded or excessive";
        Overriding = "overriding", "There are compelling grounds that weigh more";
        Accurate = "accurate", "What is held is right, as far as we can find out";
        Protects = "protects", "It protects the child or somebody else";
    }
}

impl Right {
    /// Whether it must be known who asks before it is answered: what tells, changes or takes away something does.
    pub const fn needs_identity(self) -> bool {
        !matches!(self, Right::Consent | Right::Marketing | Right::Complaint)
    }

    /// Whether a second person looks at the answer before it goes out: what tells something about a person.
    pub const fn needs_second_person(self) -> bool {
        matches!(self, Right::Access | Right::Portability)
    }
}

impl RequestState {
    /// Whether nothing more is to be done.
    pub const fn is_closed(self) -> bool {
        !matches!(self, RequestState::Open | RequestState::Waiting | RequestState::Ready)
    }
}

/// What was asked. No Debug: it names people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Which right.
    pub right: Right,
    /// Who asks.
    pub asker: Asker,
    /// How it came.
    pub channel: Channel,
    /// The day on which it was received, working day or not.
    pub received: Date,
    /// The name of who asks.
    pub name: String,
    /// Where the answer goes: address.
    pub address: Option<String>,
    /// Email.
    pub email: Option<String>,
    /// Phone.
    pub phone: Option<String>,
    /// About whom, where it is not who asks.
    pub about: Option<String>,
    /// When that person was born.
    pub birth: Option<Date>,
    /// Former names and other spellings of that person.
    pub former_names: Option<String>,
    /// In their words.
    pub what: String,
    /// What they need to read or hear the answer: a language, large letters, a call.
    pub needs: Option<String>,
}

/// Somebody held: the child of a file, or a member of its family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HeldSubject {
    /// In whose file.
    pub file: ChildId,
    /// Which member of the family; `None` for the child.
    pub person: Option<PersonId>,
}

impl HeldSubject {
    /// As a form holds it: the file, and the member of the family after a stroke.
    pub fn code(self) -> String {
        self.person.map_or_else(|| self.file.to_string(), |person| format!("{}/{person}", self.file))
    }

    /// Reads what [`code`](Self::code) gives.
    pub fn from_code(code: &str) -> Option<Self> {
        let (file, person) = code.split_once('/').map_or((code, None), |(file, person)| (file, Some(person)));
        let person = person.map(str::parse).transpose().ok()?;
        Some(Self { file: file.parse().ok()?, person })
    }
}

/// A step that was taken.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What was done.
    pub kind: StepKind,
    /// On which day.
    pub on: Date,
    /// What there is to say of it.
    pub words: String,
    /// Why it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<Ground>,
    /// The request that it is the same as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<RequestId>,
    /// Who of those held it is about, as a person confirmed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<HeldSubject>,
    /// Which members of staff it is about, as a person confirmed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<AccountId>,
    /// What was decided in one place, and done there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// What was restricted by this request and is used again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifts: Option<StatementId>,
    /// Who did it; nobody for what Kith did.
    pub by: Option<AccountId>,
    /// When it was written down, UTC milliseconds.
    pub at_ms: i64,
}

impl Step {
    /// A step with nothing beside its words.
    pub fn of(kind: StepKind, on: Date, words: String, by: Option<AccountId>, at_ms: i64) -> Self {
        Self {
            kind,
            on,
            words,
            ground: None,
            other: None,
            subjects: Vec::new(),
            accounts: Vec::new(),
            decision: None,
            lifts: None,
            by,
            at_ms,
        }
    }
}

/// A request as it is kept. Steps are only added; what was asked is never changed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RightsRequest {
    /// What was asked.
    pub asked: Asked,
    /// What was done, in the order in which it was written down.
    pub steps: Vec<Step>,
}

impl RightsRequest {
    /// A request of which nothing was done yet.
    pub fn new(asked: Asked) -> Self {
        Self { asked, steps: Vec::new() }
    }

    /// About whom it is.
    pub fn about(&self) -> &str {
        self.asked.about.as_deref().unwrap_or(&self.asked.name)
    }

    /// Who of those held it is about, as it was last confirmed.
    pub fn subjects(&self) -> &[HeldSubject] {
        self.last(StepKind::Found).map_or(&[], |step| &step.subjects)
    }

    /// Whether a step of this kind was taken.
    pub fn has(&self, kind: StepKind) -> bool {
        self.steps.iter().any(|step| step.kind == kind)
    }

    /// The last step of a kind.
    pub fn last(&self, kind: StepKind) -> Option<&Step> {
        self.steps.iter().rev().find(|step| step.kind == kind)
    }

    /// Where it stands.
    pub fn state(&self) -> RequestState {
        for step in self.steps.iter().rev() {
            let closed = match step.kind {
                StepKind::Released => RequestState::Answered,
                StepKind::Refused => RequestState::Refused,
                StepKind::NotHeld => RequestState::NotHeld,
                StepKind::Withdrawn => RequestState::Withdrawn,
                StepKind::Joined => RequestState::Joined,
                _ => continue,
            };
            return closed;
        }
        let prepared =
            self.steps.iter().rev().find(|step| matches!(step.kind, StepKind::Prepared | StepKind::GivenBack));
        if prepared.is_some_and(|step| step.kind == StepKind::Prepared) {
            return RequestState::Ready;
        }
        if self.open_pause().is_some() { RequestState::Waiting } else { RequestState::Open }
    }

    /// The day since which the clock has stopped, if it has.
    pub fn open_pause(&self) -> Option<Date> {
        let open = |asked: StepKind, came: StepKind| {
            let last = self.steps.iter().rev().find(|step| step.kind == asked || step.kind == came)?;
            (last.kind == asked).then_some(last.on)
        };
        let identity = open(StepKind::IdentityAsked, StepKind::IdentitySettled);
        let clarity = open(StepKind::ClarificationAsked, StepKind::ClarificationCame);
        [identity, clarity].into_iter().flatten().min()
    }

    /// For how many days the clock did not run until a day: from the day on which something was asked to the day on which it
    /// came, days on which two things were awaited counted once (handbook section 15).
    pub fn paused_days(&self, until: Date) -> i64 {
        let mut spans: Vec<(i64, i64)> = Vec::new();
        for (asked, came) in [
            (StepKind::IdentityAsked, StepKind::IdentitySettled),
            (StepKind::ClarificationAsked, StepKind::ClarificationCame),
        ] {
            let mut since = None;
            for step in self.steps.iter().filter(|step| step.kind == asked || step.kind == came) {
                let day = calendar::day_number(step.on);
                if step.kind == asked {
                    since = since.or(Some(day));
                } else if let Some(from) = since.take() {
                    spans.push((from, day));
                }
            }
            spans.extend(since.map(|from| (from, calendar::day_number(until).max(from))));
        }
        spans.sort_unstable();
        let (mut days, mut end) = (0, i64::MIN);
        for (from, to) in spans {
            days += (to - from.max(end)).max(0);
            end = end.max(to);
        }
        days
    }

    /// By when it is answered, or a complaint acknowledged, as it stands on a day, with how that was counted. While the clock
    /// has stopped: as if what is awaited came on that day. `None` once a complaint is acknowledged, and outside the calendar.
    pub fn due(&self, today: Date, calendar: &ServiceCalendar) -> Option<Due> {
        if self.asked.right == Right::Complaint {
            let open = !self.has(StepKind::Acknowledged);
            return open.then(|| complaint_due(self.asked.received, calendar)).flatten();
        }
        self.counted(self.has(StepKind::Extended), today, calendar)
    }

    fn counted(&self, extended: bool, today: Date, calendar: &ServiceCalendar) -> Option<Due> {
        let request = Request { received: self.asked.received, extended, paused_days: self.paused_days(today) };
        request_due(request, calendar)
    }

    /// Whether the person it is about is, or may be, a child on a day.
    pub fn is_about_a_child(&self, on: Date) -> bool {
        match self.asked.birth {
            Some(birth) => age_on(birth, on) < 18,
            None => matches!(self.asked.asker, Asker::Parent | Asker::Carer),
        }
    }
}
