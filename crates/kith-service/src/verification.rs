//! Verification by phone: the coordinator takes a referral up, calls, and goes through it item by item.

use jiff::civil::Date;
use kith_domain::access::Role;
use kith_domain::calendar::in_london;
use kith_domain::form::{Fields, Problem, Words};
use kith_domain::ids::{AccountId, ReferralId};
use kith_domain::notice::NoticeKind;
use kith_domain::referral::{Part, ReferralDraft, ReferralMove, ReferralState, relation_problems};
use kith_domain::verification::{Answered, Call, CallFacts, Item, Outcome, Override, Taken, Verification};
use kith_store::{Referral, ReferralVerification, Work};

use crate::directory::Card;
use crate::referral::ReferralView;
use crate::{Desk, ServiceError};

/// The call laid out as a script.
pub struct VerificationView {
    /// The referral.
    pub referral: ReferralView,
    /// Who has the call, if it was ever taken up.
    pub verifier: Option<AccountId>,
    /// The verification so far.
    pub verification: Verification,
    /// The form as the call has left it: what the social worker wrote, with what was corrected.
    pub form: ReferralDraft,
    /// The social worker as in the staff directory: the number to call.
    pub directory: Option<Card>,
    /// Every item to ask, in order.
    pub items: Vec<Item>,
    /// What stands against acceptance.
    pub missing: Vec<String>,
}

impl Desk {
    /// The verification of a referral.
    pub async fn verification(&self, id: ReferralId) -> Result<VerificationView, ServiceError> {
        let (referral, hidden) = self.referral_and_hidden(id).await?;
        if !referral.may_decide && !referral.may_override {
            self.allow_referral("referral.decide", id).await?;
        }
        let look = self.look();
        let verification = look.verification(id).await?;
        // Who has the child now is phoned: the referral may have been handed on since it was sent.
        let directory = self.service.card(self.worker_of(&look, referral.referral.child).await?);
        let verifier = verification.as_ref().map(|of| of.verifier);
        let mut verification = verification.map_or_else(Verification::default, |of| of.body);
        hidden.take_out_of_call(&mut verification);
        look.done("verification.read", self.now_ms()).await?;
        let form = verification.as_corrected(&referral.referral.body);
        let items = Item::of(&form);
        let missing = against(&verification, &referral.referral, self.service.today());
        Ok(VerificationView { referral, verifier, verification, form, directory, items, missing })
    }

    /// Takes a submitted referral up. Taken up twice is taken up once.
    pub async fn begin_verification(&self, id: ReferralId) -> Result<(), ServiceError> {
        self.allow_referral("referral.verify", id).await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        self.change("verification.begun", |work| async move {
            let mut referral = work.referral(id).await?;
            if referral.state == ReferralState::BeingVerified {
                work.changed("referral", id.0, referral.version);
                return Ok(());
            }
            referral.state = referral.state.after(ReferralMove::BeginVerification)?;
            work.save_referral(&mut referral).await?;
            let before = work.verification(id).await?;
            if let Some(mut of) = before.filter(|of| of.children != referral.children()) {
                // Sent again with another child.
                of.children = referral.children();
                work.save_verification(&mut of).await?;
            } else if work.verification(id).await?.is_none() {
                let body = Verification::default();
                let children = referral.children();
                let mut of = ReferralVerification { id, version: 0, children, verifier: me, started_ms: now_ms, body };
                work.insert_verification(&mut of).await?;
            }
            Ok(())
        })
        .await
    }

    /// Takes a call up from a colleague who began it: what was answered stays, and who answered it. Taken by whoever has it
    /// already, it stays theirs.
    pub async fn take_call(&self, id: ReferralId) -> Result<(), ServiceError> {
        self.allow_referral("referral.verify", id).await?;
        let (by, at_ms) = (self.me()?, self.now_ms());
        self.change("verification.taken", |work| async move {
            let (referral, mut of) = being_verified(&work, id).await?;
            if of.verifier == by {
                work.changed("referral", id.0, referral.version);
                return Ok(());
            }
            let from = std::mem::replace(&mut of.verifier, by);
            of.body.taken.push(Taken { from, by, at_ms });
            work.save_verification(&mut of).await?;
            self.tell(&work, [from], NoticeKind::VerificationTaken, id.0).await?;
            Ok(())
        })
        .await
    }

    /// Keeps a call, or an attempt at one: who called, whom, when, on what number, for how long, what came of it. The number
    /// is the staff directory's, never the form's.
    pub async fn record_call(&self, id: ReferralId, facts: &CallFacts) -> Result<(), ServiceError> {
        self.allow_referral("referral.verify", id).await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        self.change("verification.called", |work| {
            let CallFacts { minutes, reached, outcome, call_back_ms, note } = facts.clone();
            async move {
                let (referral, mut of) = being_verified(&work, id).await?;
                let card = self.service.card(self.worker_of(&work, referral.child).await?);
                let (called, number) = card.map(|card| (card.name, card.phone)).unwrap_or_default();
                let at_ms = now_ms;
                of.body.calls.push(Call {
                    caller: me,
                    called,
                    number,
                    at_ms,
                    minutes,
                    reached,
                    outcome,
                    call_back_ms,
                    note,
                });
                work.save_verification(&mut of).await?;
                if let Some(at_ms) = call_back_ms {
                    self.remind(&work, NoticeKind::VerificationCallBack, id.0, referral.child, at_ms).await?;
                }
                Ok(())
            }
        })
        .await
    }

    /// Says that an item is right as it stands, or that nobody knows. Corrections go through
    /// [`Desk::correct_item`]. `seen`: how many answers to it there were when whoever answers saw it, if that is known. The
    /// same said again is one answer, and what a colleague has said otherwise meanwhile is not answered over unseen.
    pub async fn answer_item(
        &self,
        id: ReferralId,
        item: Item,
        outcome: Outcome,
        seen: Option<usize>,
    ) -> Result<(), ServiceError> {
        self.allow_referral("referral.verify", id).await?;
        if outcome == Outcome::Corrected {
            return Err(ServiceError::rule(
                "verification.correction_needed",
                "Type the correction itself: what stood before is kept beside it",
            ));
        }
        let me = self.me()?;
        self.change("verification.answered", |work| async move {
            let (referral, mut of) = being_verified(&work, id).await?;
            let form = of.body.as_corrected(&referral.body);
            asked(&form, item)?;
            if let Some(last) = unseen(&of.body, item, seen) {
                if last.outcome != outcome || of.body.answer(item, &form).is_none() {
                    return Err(self.meanwhile(last));
                }
                if last.by == me {
                    work.changed("referral", id.0, referral.version);
                    return Ok(());
                }
            }
            let first_unknown = outcome == Outcome::NotKnown && of.body.not_known(&form).is_empty();
            of.body.answers.push(self.answered(item, outcome, &form, None, None)?);
            work.save_verification(&mut of).await?;
            if first_unknown {
                // Only a manager can decide that it may be accepted all the same.
                let managers = self.of_area(Role::Manager, &referral.area);
                self.tell(&work, managers, NoticeKind::VerificationNotKnown, id.0).await?;
            }
            Ok(())
        })
        .await
    }

    /// Corrects what the form says, as the social worker said on the phone; old and new are both kept. `typed` holds the
    /// fields of the item, kept as typed; what else stands in its section stays as it is. `seen` as for
    /// [`Desk::answer_item`]: a colleague's answer that whoever corrects has not seen is not corrected over.
    pub async fn correct_item(
        &self,
        id: ReferralId,
        item: Item,
        typed: &Fields,
        seen: Option<usize>,
    ) -> Result<(), ServiceError> {
        self.allow_referral("referral.verify", id).await?;
        let today = self.service.today();
        self.change("verification.corrected", |work| {
            let typed = typed.clone();
            async move {
                let (referral, mut of) = being_verified(&work, id).await?;
                let before = of.body.as_corrected(&referral.body);
                asked(&before, item)?;
                if let Some(last) = unseen(&of.body, item, seen) {
                    return Err(self.meanwhile(last));
                }
                let old = item.section_of(&before).ok_or(ServiceError::NotFound)?;
                let new = item.corrected(&old, &typed);
                if old.differences(&new).is_empty() {
                    return Err(ServiceError::rule(
                        "verification.nothing_different",
                        "Nothing is different from what stood there. If it is right, choose “Confirmed”",
                    ));
                }
                let corrected = self.answered(item, Outcome::Corrected, &before, Some(old), Some(new))?;
                of.body.answers.push(corrected);
                let after = of.body.as_corrected(&referral.body);
                let problems = problems(&after, item, &days_of(&referral, today));
                if !problems.is_empty() {
                    return Err(ServiceError::Invalid(problems));
                }
                if let Some(last) = of.body.answers.last_mut() {
                    last.of = item.of_form(&after);
                }
                // What is on the form stays the social worker's: the correction is kept beside it.
                work.changed("referral", id.0, referral.version);
                work.save_verification(&mut of).await?;
                Ok(())
            }
        })
        .await
    }

    /// That a colleague answered while the item was open in front of somebody.
    fn meanwhile(&self, last: &Answered) -> ServiceError {
        let name = self.service.name_of(last.by);
        let outcome = last.outcome.label().to_lowercase();
        ServiceError::rule(
            ANSWERED_MEANWHILE,
            format!(
                "{name} has answered this while it was open in front of you: {outcome}. Nothing of yours was kept. Look at \
                 what stands here now, and answer again if it is not so"
            ),
        )
    }

    /// A manager accepts that something is not known, with a reason.
    pub async fn accept_despite(&self, id: ReferralId, reason: &Words) -> Result<(), ServiceError> {
        self.allow_referral("referral.override", id).await?;
        let (by, at_ms) = (self.me()?, self.now_ms());
        self.change("verification.overridden", |work| {
            let reason = reason.as_str().to_owned();
            async move {
                let (_, mut of) = being_verified(&work, id).await?;
                of.body.accepted_despite = Some(Override { by, at_ms, reason });
                let verifier = of.verifier;
                work.save_verification(&mut of).await?;
                self.tell(&work, [verifier], NoticeKind::VerificationOverridden, id.0).await?;
                Ok(())
            }
        })
        .await
    }

    fn answered(
        &self,
        item: Item,
        outcome: Outcome,
        form: &ReferralDraft,
        old: Option<Fields>,
        new: Option<Fields>,
    ) -> Result<Answered, ServiceError> {
        let of = item.of_form(form);
        Ok(Answered { item: item.code(), outcome, by: self.me()?, at_ms: self.now_ms(), of, old, new })
    }
}

/// The code of the refusal of an answer that was given without having seen a colleague's.
pub const ANSWERED_MEANWHILE: &str = "verification.answered_meanwhile";

/// The last answer to an item, if there are more than somebody had seen when they answered.
fn unseen(verification: &Verification, item: Item, seen: Option<usize>) -> Option<&Answered> {
    let seen = seen?;
    verification.answers_to(item).skip(seen).last()
}

/// What stands against acceptance, in words: what was not verified, and what a correction has left missing on the form.
pub(crate) fn against(verification: &Verification, referral: &Referral, today: Date) -> Vec<String> {
    let form = verification.as_corrected(&referral.body);
    let mut against = verification.missing(&form, referral.submitted_ms);
    for part in form.parts() {
        let problems = form.problems_on(part, &days_of(referral, today));
        if problems.is_empty() {
            continue;
        }
        let first = problems.first().map(|problem| problem.message.as_str()).unwrap_or_default();
        against.push(format!("{}: {first}. Correct it, or return the referral", part.title(&form)));
    }
    against
}

/// The days by which the form is judged. What was submitted is what is accepted: what could be said on that day is not
/// wrong because a day has passed.
fn days_of(referral: &Referral, today: Date) -> [Date; 2] {
    [referral.submitted_ms.map_or(today, |ms| in_london(ms).date()), today]
}

pub(crate) async fn being_verified(
    work: &Work,
    id: ReferralId,
) -> Result<(Referral, ReferralVerification), ServiceError> {
    let referral = work.referral(id).await?;
    if referral.state != ReferralState::BeingVerified {
        return Err(ServiceError::rule(
            "verification.wrong_state",
            format!("This referral is {}, so it is not being verified now", referral.state.label().to_lowercase()),
        ));
    }
    let of = work.verification(id).await?.ok_or(ServiceError::NotFound)?;
    Ok((referral, of))
}

fn asked(form: &ReferralDraft, item: Item) -> Result<(), ServiceError> {
    if Item::of(form).contains(&item) { Ok(()) } else { Err(ServiceError::NotFound) }
}

/// What is wrong with the section, or the family member, that an item stands in.
fn problems(form: &ReferralDraft, item: Item, days: &[Date]) -> Vec<Problem> {
    let today = days.last().copied().unwrap_or_default();
    match (item.person, item.sibling) {
        (Some(person), None) => {
            let member = form.family.iter().find(|member| member.id == person);
            member.map(|member| member.problems(today)).unwrap_or_default()
        }
        (Some(_), Some(_)) => item.section_of(form).map(|own| relation_problems(&own, today)).unwrap_or_default(),
        (None, sibling) => form.problems_on(Part { section: item.section(), sibling }, days),
    }
}
