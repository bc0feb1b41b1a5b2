//! What is decided of a request in each place in which somebody is held, and what is done there: put right or disputed, not used any
//! more, a consent withdrawn, a use stopped (UK GDPR Art 16 to 19 and 21; handbook section 14).
//!
//! A decision is a step of the request. What it does to a file stands in the file; the request says which rows that are.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Ground, HeldSubject, Right, RightsRequest, Step, StepKind};
use crate::catalogue::{Item, by_key};
use crate::codes::codes;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use crate::ids::{AccountId, ConsentId, StatementId};
use crate::refusal::Refusal;
use crate::sharing::RecipientKind;

codes! {
    /// What was decided.
    Verdict {
        Upheld = "upheld", "We do what they ask";
        InPart = "in_part", "We do a part of it";
        Refused = "refused", "We do not do it";
    }
}

codes! {
    /// What somebody objects to.
    UseOf {
        Planning = "planning", "Figures for planning the service and for research";
        Sharing = "sharing", "Giving it to somebody";
        Facts = "facts", "Using some of the facts";
    }
}

codes! {
    /// What was done in a place.
    ActKind {
        Corrected = "corrected", "Put right";
        Disputed = "disputed", "Noted beside it that they see it otherwise";
        Restricted = "restricted", "Not used any more";
        Withdrawn = "withdrawn", "Consent withdrawn";
        Objected = "objected", "Stopped";
        Done = "done", "Done elsewhere";
    }
}

/// Where somebody is held about whom a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In a child's file.
    File(HeldSubject),
    /// As a member of staff, by their account.
    Account(AccountId),
}

impl Place {
    /// As an address and a form hold it.
    pub fn code(self) -> String {
        match self {
            Self::File(subject) => subject.code(),
            Self::Account(account) => format!("account/{account}"),
        }
    }

    /// Reads what [`code`](Self::code) gives.
    pub fn from_code(code: &str) -> Option<Self> {
        match code.strip_prefix("account/") {
            Some(account) => account.parse().ok().map(Self::Account),
            None => HeldSubject::from_code(code).map(Self::File),
        }
    }
}

/// The interests that were weighed when somebody objected (UK GDPR Art 21(1)).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interests {
    /// What they object to.
    pub to: UseOf,
    /// What weighs for them.
    pub theirs: String,
    /// What weighs for going on.
    pub ours: String,
}

/// One thing that was done.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// What.
    pub kind: ActKind,
    /// To what, in words: what an item or a consent is called, never what it says.
    pub what: String,
    /// The item, by key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// The row of the file that does it: a statement, a consent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<Uuid>,
}

/// What was decided of a request in one place, and what was done there.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Made with the form: sent twice it is one.
    pub id: Uuid,
    /// Where.
    pub place: Place,
    /// What was decided.
    pub verdict: Verdict,
    /// What was weighed, of an objection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interests: Option<Interests>,
    /// The rule by which the file is kept all the same, and until when, of an erasure that is not done as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<String>,
    /// What was done.
    pub acts: Vec<Act>,
}

/// What somebody decides in one place. No Debug: it is personal.
#[derive(Clone, PartialEq, Eq)]
pub struct Decide {
    /// What is decided.
    pub verdict: Verdict,
    /// Why, as they read it.
    pub reason: String,
    /// Why it is not done as a whole.
    pub ground: Option<Ground>,
    /// What was weighed.
    pub interests: Option<Interests>,
    /// Facts that are not used any more, or beside which it is noted that they see it otherwise.
    pub items: Vec<&'static Item>,
    /// Consents that are withdrawn.
    pub consents: Vec<ConsentId>,
    /// Recipients who get nothing any more.
    pub recipients: Vec<RecipientKind>,
    /// Statements by which it was put right.
    pub statements: Vec<StatementId>,
    /// What was done that Kith does not do from here, in words.
    pub elsewhere: Option<String>,
}

impl Right {
    /// Whether something is decided and done in each place in which somebody is held, before there is an answer.
    pub const fn is_decided(self) -> bool {
        matches!(self, Right::Rectification | Right::Erasure | Right::Restriction | Right::Objection)
    }

    /// Whether something can be done in a place from the request itself.
    pub const fn acts(self) -> bool {
        self.is_decided() || matches!(self, Right::Consent)
    }
}

impl Decide {
    /// Reads `verdict`, `reason`, `ground` of what is not done as a whole; of an objection `to`, `theirs`, `ours`; what is done by the
    /// right: `items`, `consents`, `recipients`, `statements`, `elsewhere`. `by_words`: where nothing can be done from here, as of a member
    /// of staff, about whom nothing stands in a file, and it is said in words what is.
    pub fn read(fields: &Fields, right: Right, by_words: bool) -> Result<Decide, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let verdict = r.required_choice("verdict", "What you decide", Verdict::from_code);
        let interests = if right == Right::Objection {
            let to = r.required_choice("to", "What they object to", UseOf::from_code);
            let theirs = r.required("theirs", "What weighs for them", LONG_TEXT_CHARS);
            let ours = r.required("ours", "What weighs for going on", LONG_TEXT_CHARS);
            to.map(|to| Interests { to, theirs, ours })
        } else {
            None
        };
        let ground = match verdict {
            Some(Verdict::Refused | Verdict::InPart) => {
                r.required_choice("ground", "Why it is not done, or not all of it", Ground::from_code)
            }
            _ => None,
        };
        let mut decide = Decide {
            verdict: verdict.unwrap_or(Verdict::Refused),
            reason: r.required("reason", "Why, as they read it", LONG_TEXT_CHARS),
            ground,
            items: fields.all("items").iter().filter_map(|key| by_key(key)).collect(),
            consents: fields.all("consents").iter().filter_map(|id| id.parse().ok()).collect(),
            recipients: fields.all("recipients").iter().filter_map(|code| RecipientKind::from_code(code)).collect(),
            statements: fields.all("statements").iter().filter_map(|id| id.parse().ok()).collect(),
            elsewhere: r.text("elsewhere", "What was done elsewhere", LONG_TEXT_CHARS),
            interests,
        };
        if let Some(problem) = verdict.and_then(|_| decide.why_wrong(right, by_words)) {
            r.problem(problem.field, problem.message);
        }
        decide.keep_what_counts(right, by_words);
        r.finish(decide)
    }

    /// What does not fit what is decided.
    fn why_wrong(&self, right: Right, by_words: bool) -> Option<Problem> {
        let done = self.verdict != Verdict::Refused;
        let wrong = |field: &str, words: &str| Some(Problem::new(field, words));
        if by_words {
            let nothing = done && self.elsewhere.is_none();
            return if nothing { wrong("elsewhere", "Say what is done, and who does it") } else { None };
        }
        match right {
            Right::Rectification => {
                if done && self.statements.is_empty() && self.elsewhere.is_none() {
                    return wrong("statements", "Choose by what it was put right, or say where it was");
                }
                if self.verdict == Verdict::Refused && !self.statements.is_empty() {
                    return wrong("statements", "It was put right, or it is not done: choose one of the two");
                }
                if self.verdict != Verdict::Upheld && self.items.is_empty() && self.elsewhere.is_none() {
                    return wrong(
                        "items",
                        "Choose beside what it is noted that they see it otherwise, or say where it is",
                    );
                }
                None
            }
            Right::Erasure | Right::Consent => match (done, self.consents.is_empty()) {
                (true, true) => {
                    wrong("consents", "Choose which consents go: nothing else can be deleted before its time")
                }
                (false, false) => wrong("consents", "A consent is withdrawn, or it is not done: choose one of the two"),
                _ => None,
            },
            Right::Restriction => match (done, self.items.is_empty()) {
                (true, true) => wrong("items", "Choose what is not used any more"),
                (false, false) => wrong("items", "It is not used any more, or it is not done: choose one of the two"),
                _ => None,
            },
            Right::Objection => match self.interests.as_ref().map(|of| of.to) {
                Some(UseOf::Sharing) if done == self.recipients.is_empty() => wrong(
                    "recipients",
                    if done { "Choose who gets nothing any more" } else { "Nobody is chosen where it is not done" },
                ),
                Some(UseOf::Facts) if done == self.items.is_empty() => wrong(
                    "items",
                    if done { "Choose what is not used any more" } else { "Nothing is chosen where it is not done" },
                ),
                _ => None,
            },
            _ => None,
        }
    }

    /// What was typed beside what is asked for of this right does nothing.
    fn keep_what_counts(&mut self, right: Right, by_words: bool) {
        let to = self.interests.as_ref().map(|of| of.to);
        let disputes = right == Right::Rectification && self.verdict != Verdict::Upheld;
        if by_words || !(disputes || right == Right::Restriction || to == Some(UseOf::Facts)) {
            self.items.clear();
        }
        if by_words || !matches!(right, Right::Erasure | Right::Consent) {
            self.consents.clear();
        }
        if by_words || to != Some(UseOf::Sharing) {
            self.recipients.clear();
        }
        if by_words || right != Right::Rectification {
            self.statements.clear();
        }
        if !by_words && right != Right::Rectification {
            self.elsewhere = None;
        }
    }
}

impl StepKind {
    /// Whether it is written down on a page of its own.
    pub const fn has_own_page(self) -> bool {
        matches!(self, StepKind::Found | StepKind::Decided | StepKind::Lifted)
    }
}

impl RightsRequest {
    /// The accounts of members of staff whom it is about, as it was last confirmed.
    pub fn accounts(&self) -> &[AccountId] {
        self.last(StepKind::Found).map_or(&[], |step| &step.accounts)
    }

    /// Every place in which somebody is held about whom it is, as it was last confirmed.
    pub fn places(&self) -> Vec<Place> {
        let files = self.subjects().iter().copied().map(Place::File);
        files.chain(self.accounts().iter().copied().map(Place::Account)).collect()
    }

    /// What was decided, with the steps by which it was.
    pub fn decisions(&self) -> impl DoubleEndedIterator<Item = (&Step, &Decision)> {
        self.steps.iter().filter_map(|step| step.decision.as_ref().map(|decision| (step, decision)))
    }

    /// What was decided last in a place.
    pub fn decided_in(&self, place: Place) -> Option<(&Step, &Decision)> {
        self.decisions().rev().find(|(_, decision)| decision.place == place)
    }

    /// What is done before there is an answer, in words for the person; `None` when something was decided in each place.
    pub(super) fn undecided(&self) -> Option<&'static str> {
        if !self.asked.right.is_decided() {
            return None;
        }
        let places = self.places();
        if places.is_empty() {
            return Some("Look whether they are held, and say who is meant");
        }
        let open = places.into_iter().any(|place| self.decided_in(place).is_none());
        open.then_some("Decide what is done, in each place in which they are held")
    }

    /// Whether something was decided in each place, so that there is something to answer.
    pub fn is_decided(&self) -> bool {
        self.decisions().next().is_some() && self.undecided().is_none()
    }

    /// What is not used any more by a decision of this request, and was not lifted from it: where, and what.
    pub fn restrictions(&self) -> impl Iterator<Item = (Place, &Act)> {
        let restricted = |act: &Act| act.kind == ActKind::Restricted;
        let is_lifted = |act: &Act| self.steps.iter().any(|step| step.lifts.is_some_and(|of| act.row == Some(of.0)));
        let acts = self.decisions().flat_map(move |(_, of)| of.acts.iter().map(move |act| (of.place, act)));
        acts.filter(move |(_, act)| restricted(act) && !is_lifted(act))
    }

    /// Refuses whoever would deal with a request that is about themselves.
    pub fn dealt_with_by(&self, by: AccountId) -> Result<(), Refusal> {
        if self.accounts().contains(&by) {
            return Err(Refusal::new("request.yours", "This request is your own: somebody else deals with it"));
        }
        Ok(())
    }

    /// Why this step, as it is, cannot be taken.
    pub(super) fn why_not_this(&self, step: &Step) -> Option<Refusal> {
        if step.kind != StepKind::Noted
            && let Some(Err(refusal)) = step.by.map(|by| self.dealt_with_by(by))
        {
            return Some(refusal);
        }
        let decided = step.decision.as_ref();
        if decided.is_some_and(|decision| !self.places().contains(&decision.place)) {
            return Some(Refusal::new(
                "request.other_place",
                "Nobody has confirmed that they are the one who is held there. Look who is held first",
            ));
        }
        let lifts = step.lifts.map(|of| of.0);
        if step.kind == StepKind::Lifted && !self.restrictions().any(|(_, act)| lifts.is_some() && act.row == lifts) {
            return Some(Refusal::new("request.not_restricted", "By this request it is used as before already"));
        }
        None
    }
}

/// Reads why something that was restricted is used again, and that they were told before (UK GDPR Art 18(3)): `why`.
pub fn read_used_again(fields: &Fields) -> Result<String, Vec<Problem>> {
    let mut r = Reader::new(fields);
    let why = r.required("why", "Why it is used again, and how they were told before", LONG_TEXT_CHARS);
    r.finish(why)
}
