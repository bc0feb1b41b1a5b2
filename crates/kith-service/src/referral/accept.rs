//! Acceptance: what was verified becomes the child's file, or each child's; or joins the file that is held of the child.

use std::collections::BTreeMap;

use kith_domain::catalogue::Group;
use kith_domain::fact::{endangers, settled};
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, PersonId, ReferralId};
use kith_domain::notice::NoticeKind;
use kith_domain::referral::{Legal, ReferralMove, ReferralState};
use kith_domain::risk::VoidReason;
use kith_domain::same::{DecideSame, LinkDecision, Matched, Pair, answer};
use kith_domain::verification::Verification;
use kith_store::{ChildState, Referral, StoreError, Work};

use super::matches::{child_held, persons_held};
use super::statements::{Recognised, of_acceptance};
use crate::risk::Bears;
use crate::verification::against;
use crate::{Desk, ServiceError};

/// Why the file goes to whoever referred the child again.
const REFERRED_AGAIN: &str = "Referred the child again";

/// What came of opening a file.
struct Opened {
    /// Whether the order that the referral names is new to it.
    ordered: bool,
    /// Members of the family put into it who are held elsewhere.
    linked: BTreeMap<PersonId, PersonId>,
}

/// Which children of a referral are held already, by the answers that stand, and under which number.
fn joining(referral: &Referral, answers: &[Matched]) -> Result<Vec<(ChildId, ChildId)>, ServiceError> {
    let children = referral.children();
    let joins: Vec<(ChildId, ChildId)> =
        children.iter().filter_map(|child| Some((*child, child_held(answers, *child)?))).collect();
    for (at, (_, held)) in joins.iter().enumerate() {
        if joins[..at].iter().any(|(_, other)| other == held) || children.contains(held) {
            return Err(ServiceError::rule(
                "referral.one_child_twice",
                "Two children of this referral were both said to be the same child, whose file is held. They are two \
                 children, or one is on the referral twice: answer the likely matches again, or take one of them off",
            ));
        }
    }
    Ok(joins)
}

/// A person of a referral whose id is somebody's already: no browser of ours makes one.
fn named_twice(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Store(StoreError::Duplicate) => ServiceError::rule(
            "referral.named_twice",
            "A family member on this form cannot be told from somebody who is held already. Return it, so that the member \
             is taken off and added again",
        ),
        other => other,
    }
}

impl Desk {
    /// Accepts a referral that has been verified, and opens the file of each of its children; or the file that is held of a
    /// child who was said to be the same takes it in. Accepted twice is accepted once. Gives the first child's file.
    pub async fn accept_referral(&self, id: ReferralId) -> Result<ChildId, ServiceError> {
        self.allow_referral("referral.decide", id).await?;
        let (today, now_ms) = (self.service.today(), self.now_ms());
        self.change("referral.accepted", |work| async move {
            let mut referral = work.referral(id).await?;
            if referral.state == ReferralState::Accepted {
                work.changed("referral", id.0, referral.version);
                return Ok(referral.child);
            }
            referral.state = referral.state.after(ReferralMove::Accept)?;
            let mut of = work.verification(id).await?;
            let none = Verification::default();
            let missing = against(of.as_ref().map_or(&none, |of| &of.body), &referral, today);
            if !missing.is_empty() {
                return Err(ServiceError::rule(
                    "referral.not_ready",
                    format!("This cannot be accepted yet. {}", missing.join(". ")),
                ));
            }
            referral.decided_ms = Some(now_ms);
            referral.body.decision_reason = None;
            let children = referral.children();
            let joins = joining(&referral, of.as_ref().map_or(&[][..], |of| &of.body.matches))?;
            for (referred, held) in &joins {
                work.referred_is_now(id, *referred, *held).await?;
                if *referred == referral.child {
                    referral.child = *held;
                }
                referral.body.is_now(*referred, *held);
                if let Some(of) = &mut of {
                    of.body.is_now(*referred, *held);
                }
            }
            if let Some(of) = of.as_mut().filter(|_| !joins.is_empty()) {
                of.children = referral.children();
                work.save_verification(of).await?;
            }
            work.save_referral(&mut referral).await?;
            let verified = of.map(|of| of.body).unwrap_or_default();
            self.open_files(&work, &referral, &verified).await.map_err(named_twice)?;
            Box::pin(self.documents_accepted(&work, id, &referral.children())).await?;
            for (referred, held) in joins {
                self.joined(&work, referred, held).await?;
            }
            // Who has the children now: the referral may have been handed on since it was sent.
            let mut workers = Vec::with_capacity(children.len());
            for child in children {
                workers.push(self.worker_of(&work, child).await?);
            }
            workers.sort_unstable();
            workers.dedup();
            self.tell(&work, workers, NoticeKind::ReferralAccepted, id.0).await?;
            Ok(referral.child)
        })
        .await
    }

    /// Opens the files of all children, with one order for those to whom it is new, and links the family to those held
    /// elsewhere whom somebody recognised.
    async fn open_files(&self, work: &Work, referral: &Referral, verified: &Verification) -> Result<(), ServiceError> {
        let (mut ordered, mut linked) = (Vec::new(), BTreeMap::new());
        for child in referral.children() {
            let opened = self.open_file(work, child, referral, verified).await?;
            ordered.extend(opened.ordered.then_some(child));
            linked.extend(opened.linked);
        }
        if let Some(legal) = Legal::of(&verified.as_corrected(&referral.body).legal) {
            self.first_order(work, &ordered, &legal).await?;
        }
        for (member, other) in linked {
            let pair = Pair::Person { member, held: other };
            let why = answer(&verified.matches, pair).map(|said| said.why.clone()).unwrap_or_default();
            // Whoever answered was shown what the other file says; what is booked there is marked.
            self.link(work, member, &DecideSame { other, decision: LinkDecision::Same, why, sure: true }).await?;
        }
        Ok(())
    }

    /// Opens the file of one child of the referral with everything that the form and the call said; a file that is open
    /// already is added to, and what that endangers is void at once.
    async fn open_file(
        &self,
        work: &Work,
        id: ChildId,
        referral: &Referral,
        verified: &Verification,
    ) -> Result<Opened, ServiceError> {
        let mut child = work.child(id).await?;
        let before = child.body.known.values.clone();
        let family = work.family(id).await?;
        child.state = ChildState::Open;
        work.save_child(&mut child).await?;
        let legal = settled(&verified.as_corrected(&referral.body).legal);
        let ordered = family.is_empty() || endangers(Group::Legal).is_some_and(|by| by.by(&before, &legal));
        // Who is known to this file already, by whichever row, is not put into it again.
        let mut held = Recognised::new();
        let mut linked: BTreeMap<PersonId, PersonId> = BTreeMap::new();
        for (member, other) in persons_held(&verified.matches) {
            match work.known_to(id, &[other]).await?.remove(&other) {
                Some(row) => held.insert(member, row),
                None => linked.insert(member, other),
            };
        }
        // The order of making keeps the family in the order of the form.
        for (order, member) in (0_i64..).zip(&referral.body.family) {
            if !held.contains_key(&member.id) {
                work.add_relative(id, member.id, self.now_ms() + order).await?;
            }
        }
        let referrer = self.service.name_of(referral.referrer);
        let statements = of_acceptance(referral, verified, id, &held, &referrer);
        work.add_statements(&statements).await?;
        if family.is_empty() {
            self.await_first_session(work, id).await?;
        } else {
            self.void_what_changed(work, id, &before, &family).await?;
        }
        Ok(Opened { ordered, linked })
    }

    /// Voids what a referral that joins a file endangers: another placement, order, incident or adult.
    async fn void_what_changed(
        &self,
        work: &Work,
        id: ChildId,
        before: &Fields,
        family: &[kith_store::Relative],
    ) -> Result<(), ServiceError> {
        let after = work.child(id).await?.body.known.values;
        for by in Group::ALL.iter().filter(|group| !group.is_of_family()).filter_map(|group| endangers(*group)) {
            if by.by(before, &after) {
                self.void_for(work, Bears { child: id, person: None }, by.reason).await?;
            }
        }
        let attended = |person| family.iter().any(|of| of.person.id == person && of.relation.may_attend);
        let now = work.family(id).await?;
        if now.iter().any(|of| of.relation.may_attend && !attended(of.person.id)) {
            self.void_for(work, Bears { child: id, person: None }, VoidReason::NewAdult).await?;
        }
        Ok(())
    }

    /// A referral has joined the file of the child: the number it was begun under stands for nobody, and the file goes to
    /// whoever has the child now, who is the one who referred.
    async fn joined(&self, work: &Work, referred: ChildId, held: ChildId) -> Result<(), ServiceError> {
        let mut begun = work.child(referred).await?;
        begun.state = ChildState::Joined;
        work.save_child(&mut begun).await?;
        let (before, now) = (work.child(held).await?.social_worker, begun.social_worker);
        self.give(work, held, now, self.access.actor.account, REFERRED_AGAIN).await?;
        if before != now {
            self.tell(work, [before], NoticeKind::FileAllocated, held.0).await?;
        }
        Ok(())
    }
}
