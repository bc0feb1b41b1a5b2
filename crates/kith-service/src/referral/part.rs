//! Taking back that a referral joined the file of a child who was held: it was another child after all.

use std::collections::BTreeSet;

use kith_domain::access::Capacity;
use kith_domain::fact::{Facts, Source, Statement, Subject};
use kith_domain::form::{Fields, LONG_TEXT_CHARS, Reader};
use kith_domain::ids::{AccountId, ChildId, PersonId, ReferralId, StatementId};
use kith_domain::notice::NoticeKind;
use kith_domain::referral::{Legal, ReferralState};
use kith_domain::same::{LinkDecision, Matched, Pair, Share, read_shares};
use kith_domain::verification::Verification;
use kith_store::{ChildState, Look, Referral, Work};
use uuid::Uuid;

use super::matches::joined_from;
use crate::fact::{SaidSince, shares};
use crate::{Desk, ServiceError};
use kith_domain::words::in_words;

/// Why the file goes back to whoever had it.
const PARTED: &str = "The referral was of another child";

/// A referral that joined a file, to be taken out of it again.
pub struct Parting {
    /// The child whose file it joined.
    pub child: String,
    /// What was said in the file since: it must be given to one of the two children or to both.
    pub said: Vec<SaidSince>,
}

/// A referral with the file it joined.
struct Joined {
    referral: Referral,
    /// The file it joined with one of its children.
    held: ChildId,
    verification: Verification,
    /// The number under which it was begun.
    begun: ChildId,
    /// When it joined, UTC milliseconds.
    since_ms: i64,
    /// Everything that was said of the child and of how the family stands to the child.
    said: Vec<Statement>,
}

impl Joined {
    async fn load(look: &Look, id: ReferralId, held: ChildId) -> Result<Joined, ServiceError> {
        let referral = look.referral(id).await?;
        let verification = look.verification(id).await?.map(|of| of.body).unwrap_or_default();
        let begun = joined_from(&verification.matches, held);
        let (Some(begun), ReferralState::Accepted, true) = (begun, referral.state, referral.children().contains(&held))
        else {
            return Err(ServiceError::rule(
                "referral.not_joined",
                "This referral has not joined the file of another one",
            ));
        };
        let since_ms = referral.decided_ms.unwrap_or(referral.created_ms);
        let family: Vec<PersonId> = look.family(held).await?.iter().map(|of| of.person.id).collect();
        let mut said = look.statements_of_file(held, &family).await?;
        let back: BTreeSet<StatementId> = said.iter().filter_map(|of| of.takes_back).collect();
        said.retain(|of| of.subject.child() == Some(held) && of.takes_back.is_none() && !back.contains(&of.id));
        Ok(Joined { referral, held, verification, begun, since_ms, said })
    }

    /// Whether the referral or its phone call said it.
    fn is_of_referral(&self, said: &Statement) -> bool {
        match said.source {
            Source::Form { referral } | Source::Call { referral, .. } => referral == self.referral.id,
            _ => false,
        }
    }

    /// What was said since by anybody else.
    fn since(&self) -> impl Iterator<Item = &Statement> {
        self.said.iter().filter(|said| said.recorded_ms >= self.since_ms && matches!(said.source, Source::Told { .. }))
    }
}

impl Desk {
    /// What has to be said before a referral is taken out of a file that it joined.
    pub async fn parting(&self, id: ReferralId, held: ChildId) -> Result<Parting, ServiceError> {
        self.allow_referral("referral.decide", id).await?;
        let look = self.look();
        let joined = Joined::load(&look, id, held).await?;
        let child = look.child(held).await?.name();
        look.done("referral.compared", self.now_ms()).await?;
        Ok(Parting { child, said: joined.since().map(|said| SaidSince::of(self, said)).collect() })
    }

    /// Takes a referral out of a file that it joined: it was another child. Both are as they were: what the referral and
    /// its call said goes to a file of its own, and what was said since to whom the form says (`of-STATEMENT`: `one` the
    /// child who was held, `other` the one referred, or `both`; `why`). Refused while something was planned, booked or
    /// assessed since: whose it is nobody can guess. What joining made void stays void.
    pub async fn part_referral(&self, id: ReferralId, held: ChildId, typed: &Fields) -> Result<ChildId, ServiceError> {
        self.allow_referral("referral.decide", id).await?;
        let mut r = Reader::new(typed);
        let why = &r.required("why", "How you know", LONG_TEXT_CHARS);
        let wrong = &r.into_problems();
        self.change("referral.parted", |work| async move {
            let mut joined = Joined::load(&work, id, held).await?;
            self.nothing_made_since(&work, held, joined.since_ms).await?;
            let mut problems = wrong.clone();
            let mut moves = shares(&read_shares(typed), joined.since(), "Say about which child this is", &mut problems);
            if !problems.is_empty() {
                return Err(ServiceError::Invalid(problems));
            }
            moves
                .extend(joined.said.iter().filter(|said| joined.is_of_referral(said)).map(|said| (said, Share::Other)));
            let begun = joined.begun;
            self.give_apart(&work, held, begun, &moves).await?;
            self.apart(&work, &mut joined, why).await?;
            Ok(begun)
        })
        .await
    }

    /// Refuses when something was made in a file since that nobody can give to one of two children.
    async fn nothing_made_since(&self, look: &Look, held: ChildId, since_ms: i64) -> Result<(), ServiceError> {
        let made = [
            ("a contact plan", look.plans_of(held).await?.iter().any(|of| of.created_ms >= since_ms)),
            ("a risk assessment", look.assessments_of(held).await?.iter().any(|of| of.created_ms >= since_ms)),
            ("a report", look.reports_of(held).await?.iter().any(|of| of.created_ms >= since_ms)),
        ];
        let made: Vec<String> = made.iter().filter(|(_, is)| *is).map(|(what, _)| (*what).to_owned()).collect();
        if made.is_empty() {
            return Ok(());
        }
        Err(ServiceError::rule(
            "referral.made_since",
            format!(
                "Since this referral joined the file, {} was made in it, and nobody can guess for which of the two children. \
                 Refer the other child anew, and say there that it is another child",
                in_words(&made)
            ),
        ))
    }

    /// Gives statements of a file to another file, or to both.
    async fn give_apart(
        &self,
        work: &Work,
        held: ChildId,
        begun: ChildId,
        moves: &[(&Statement, Share)],
    ) -> Result<(), ServiceError> {
        let (by, now_ms) = (self.me()?, self.now_ms());
        let family: BTreeSet<PersonId> =
            moves.iter().filter(|(_, to)| to.is_for(false)).filter_map(|(said, _)| said.subject.person()).collect();
        for person in &family {
            work.add_relative(begun, *person, now_ms).await?;
        }
        let mut statements = Vec::new();
        for (said, to) in moves {
            let subject = match said.subject {
                Subject::Child { .. } => Subject::Child { child: begun },
                Subject::Relationship { person, .. } => Subject::Relationship { child: begun, person },
                Subject::Person { .. } => continue,
            };
            let new = || StatementId(Uuid::now_v7());
            if to.is_for(false) {
                statements.push(Statement { id: new(), subject, ..(*said).clone() });
            }
            if !to.is_for(true) {
                statements.push(Statement {
                    id: new(),
                    recorded_ms: now_ms,
                    by,
                    source: Source::Parted,
                    values: Fields::default(),
                    takes_back: Some(said.id),
                    ..(*said).clone()
                });
            }
        }
        work.add_statements(&statements).await?;
        for person in family {
            let said = work.statements_of(Subject::Relationship { child: held, person }).await?;
            if Facts::of(&said).iter().next().is_none() {
                work.forget_relation(held, person).await?;
            }
        }
        Ok(())
    }

    /// The referral goes back to the number under which it was begun, and the file to whoever had it.
    async fn apart(&self, work: &Work, joined: &mut Joined, why: &str) -> Result<(), ServiceError> {
        let (id, held, begun) = (joined.referral.id, joined.held, joined.begun);
        let mut child = work.child(begun).await?;
        child.state = ChildState::Open;
        work.save_child(&mut child).await?;
        let form = joined.verification.as_corrected(&joined.referral.body);
        if let Some(legal) = Legal::of(&form.legal) {
            self.first_order(work, &[begun], &legal).await?;
        }
        let verification = work.verification(id).await?;
        work.referred_is_now(id, held, begun).await?;
        if joined.referral.child == held {
            joined.referral.child = begun;
        }
        joined.referral.body.is_now(held, begun);
        work.save_referral(&mut joined.referral).await?;
        if let Some(mut of) = verification {
            of.children = joined.referral.children();
            of.body.is_now(held, begun);
            of.body.matches.push(Matched {
                pair: Pair::Child { referred: begun, held },
                decision: LinkDecision::Another,
                by: self.me()?,
                at_ms: self.now_ms(),
                why: why.to_owned(),
            });
            work.save_verification(&mut of).await?;
        }
        if let Some(before) = self.had_before(work, held, joined).await? {
            self.give(work, held, before, self.access.actor.account, PARTED).await?;
        }
        self.tell(work, [joined.referral.referrer], NoticeKind::FileAllocated, begun.0).await
    }

    /// Who had the file when the referral joined it, if that was somebody else and they are still here.
    async fn had_before(&self, look: &Look, held: ChildId, joined: &Joined) -> Result<Option<AccountId>, ServiceError> {
        let all = look.allocations_of(held).await?;
        let of = all.iter().filter(|of| of.capacity == Capacity::SocialWorker);
        let mut ended = of.filter(|of| of.ended_ms.is_some_and(|ms| ms >= joined.since_ms)).map(|of| of.account);
        let before = ended.next().filter(|account| *account != joined.referral.referrer);
        Ok(before.filter(|account| self.is_social_worker(*account, "to").is_ok()))
    }
}
