//! What may be done about a request, and what must be done before.

use jiff::civil::Date;

use super::{Asker, RequestState, Right, RightsRequest, Step, StepKind, Verdict};
use crate::calendar::{ServiceCalendar, long_date};
use crate::form::Problem;
use crate::refusal::Refusal;

/// Why a step cannot be taken.
#[derive(Debug, PartialEq, Eq)]
pub enum Untaken {
    /// A rule stands against it.
    Refused(Refusal),
    /// Something typed is wrong.
    Wrong(Problem),
}

impl From<Refusal> for Untaken {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl RightsRequest {
    /// The steps that can be taken now, in the order in which they are usually taken.
    pub fn possible(&self, today: Date) -> Vec<StepKind> {
        StepKind::ALL.iter().copied().filter(|kind| self.why_not(*kind, today).is_none()).collect()
    }

    /// What must be done before an answer is prepared, in words for the person.
    pub fn missing(&self, today: Date) -> Vec<&'static str> {
        let mut missing = self.unsettled(today);
        missing.extend(self.undecided());
        missing
    }

    /// What must be known of who asks before anything is decided or told.
    fn unsettled(&self, today: Date) -> Vec<&'static str> {
        let mut missing = Vec::new();
        if self.asked.right.needs_identity() && !self.has(StepKind::IdentitySettled) {
            missing.push("Find out who they are");
        }
        if self.asked.asker != Asker::Themselves && !self.has(StepKind::AuthoritySettled) {
            missing.push(match self.asked.asker {
                Asker::Parent => "See that they have parental responsibility",
                Asker::Solicitor => "See the person’s written authority to the solicitor",
                _ => "See that they may ask for the person",
            });
        }
        let tells = self.asked.right.needs_second_person();
        if tells && self.is_about_a_child(today) && !self.has(StepKind::ChildConsidered) {
            missing.push("Consider the child’s own view, understanding and interest, and write it down");
        }
        missing
    }

    /// Why a step cannot be taken on a day; `None` when it can.
    fn why_not(&self, kind: StepKind, today: Date) -> Option<Refusal> {
        let no = |code, words: &str| Some(Refusal::new(code, words));
        let (state, right) = (self.state(), self.asked.right);
        match kind {
            StepKind::Contested if !state.is_closed() => {
                return no("request.open", "This request is still open: answer it first, and write a note");
            }
            StepKind::Contested if self.is_contested() => {
                return no("request.contested", "It is written down already that they have gone there");
            }
            StepKind::ContestOver if !self.is_contested() => {
                return no("request.uncontested", "Nobody has gone to the Commissioner or to a court about it");
            }
            StepKind::Lifted if self.restrictions().next().is_none() => {
                return no("request.not_restricted", "Nothing is restricted by this request");
            }
            // What was restricted is used again when the reason has gone, which is mostly after the answer.
            StepKind::Noted | StepKind::Contested | StepKind::ContestOver | StepKind::Lifted => return None,
            _ => {}
        }
        if state.is_closed() {
            return no("request.closed", "This request has been closed. Add a note if there is more to say");
        }
        if state == RequestState::Ready
            && !matches!(kind, StepKind::Released | StepKind::GivenBack | StepKind::Withdrawn)
        {
            return no("request.ready", "The answer waits for a second person: they release it or give it back");
        }
        match kind {
            StepKind::Acknowledged if self.has(kind) => {
                no("request.acknowledged", "Receipt has been confirmed already")
            }
            StepKind::IdentityAsked | StepKind::IdentitySettled if self.has(StepKind::IdentitySettled) => {
                no("request.identity", "It is known already who they are")
            }
            StepKind::IdentityAsked if self.is_awaited(kind, StepKind::IdentitySettled) => {
                no("request.asked", "They have been asked who they are, and the clock has stopped")
            }
            StepKind::AuthoritySettled if self.asked.asker == Asker::Themselves => {
                no("request.own", "They ask about themselves: nobody’s authority is needed")
            }
            StepKind::AuthoritySettled if self.has(kind) => no("request.authority", "That has been settled already"),
            StepKind::ClarificationAsked if self.is_awaited(kind, StepKind::ClarificationCame) => {
                no("request.asked", "They have been asked what they mean, and the clock has stopped")
            }
            StepKind::ClarificationCame if !self.is_awaited(StepKind::ClarificationAsked, kind) => {
                no("request.not_asked", "They have not been asked what they mean")
            }
            StepKind::Decided if !right.acts() => {
                no("request.not_decided", "What they ask for is not decided place by place")
            }
            StepKind::Decided => self.unsettled(today).first().map(|first| {
                let words = format!("Before anything is decided: {}", crate::form::lower_first(first));
                Refusal::new("request.missing", words)
            }),
            StepKind::Refused if self.decisions().any(|(_, of)| of.verdict != Verdict::Refused) => no(
                "request.done",
                "Something was done that they asked for, so it is not refused as a whole: write down that the answer has gone out",
            ),
            StepKind::NotHeld if !self.places().is_empty() => no(
                "request.held",
                "Somebody held was found for this request. Look again, and say that it is none of them, before this can be said",
            ),
            StepKind::Extended if right == Right::Complaint => {
                no("request.complaint", "A complaint has no month that could be extended")
            }
            StepKind::Extended if self.has(kind) => {
                no("request.extended", "It has been extended already, once is all there is")
            }
            StepKind::Prepared => self.missing(today).first().map(|first| {
                Refusal::new(
                    "request.missing",
                    format!("Before an answer is prepared: {}", crate::form::lower_first(first)),
                )
            }),
            StepKind::Released if right.needs_second_person() && state != RequestState::Ready => {
                no("request.unprepared", "Prepare the answer first: a second person looks at it before it goes out")
            }
            StepKind::Released => self.missing(today).first().map(|first| {
                Refusal::new(
                    "request.missing",
                    format!("Before the answer goes out: {}", crate::form::lower_first(first)),
                )
            }),
            StepKind::GivenBack if state != RequestState::Ready => {
                no("request.unprepared", "No answer waits to be looked at")
            }
            _ => None,
        }
    }

    /// Why nothing can be decided now, in any place.
    pub fn why_not_decided(&self, today: Date) -> Option<Refusal> {
        self.why_not(StepKind::Decided, today)
    }

    fn is_awaited(&self, asked: StepKind, came: StepKind) -> bool {
        let last = self.steps.iter().rev().find(|step| step.kind == asked || step.kind == came);
        last.is_some_and(|step| step.kind == asked)
    }

    /// Takes a step, written down on `today`.
    pub fn take(&mut self, step: Step, today: Date, calendar: &ServiceCalendar) -> Result<(), Untaken> {
        if let Some(why) = self.why_not(step.kind, today) {
            return Err(why.into());
        }
        if let Some(why) = self.why_not_this(&step) {
            return Err(why.into());
        }
        let wrong = |field: &str, words: String| Err(Untaken::Wrong(Problem::new(field, words)));
        if step.on > today {
            return wrong("on-day", "The day must be today or in the past".to_owned());
        }
        if step.on < self.asked.received {
            let received = long_date(self.asked.received);
            return wrong("on-day", format!("The day must be on or after {received}, when the request was received"));
        }
        let from = match step.kind {
            StepKind::IdentitySettled => self.last(StepKind::IdentityAsked),
            StepKind::ClarificationCame => self.last(StepKind::ClarificationAsked),
            _ => None,
        };
        if let Some(asked) = from.filter(|asked| step.on < asked.on) {
            return wrong("on-day", format!("The day must be on or after {}, when it was asked", long_date(asked.on)));
        }
        if step.kind == StepKind::Extended
            && let Some(due) = self.counted(false, today, calendar).filter(|due| step.on > due.day)
        {
            let words = format!(
                "They must be told within the first month, by {}: it cannot be extended any more (UK GDPR Art 12(3))",
                long_date(due.day)
            );
            return Err(Refusal::new("request.too_late", words).into());
        }
        if matches!(step.kind, StepKind::Released | StepKind::GivenBack) && self.asked.right.needs_second_person() {
            let prepared = self.last(StepKind::Prepared).and_then(|step| step.by);
            if prepared.is_some() && prepared == step.by {
                let words = "You prepared this answer: a second person looks at it before it goes out";
                return Err(Refusal::new("request.second_person", words).into());
            }
        }
        self.steps.push(step);
        Ok(())
    }
}
