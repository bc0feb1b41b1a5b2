//! What is running out, for whom it concerns.

use kith_domain::calendar;
use kith_domain::clock::{ClockKind, FirstSession, Running, first_session_due};
use kith_domain::ids::{ChildId, ReferralId};
use kith_domain::notice::NoticeKind;
use kith_store::{Child, Clock, ClockDue, Counted, Look, Referral, Until, Work};
use uuid::Uuid;

use crate::paging::{Paged, window};
use crate::{Desk, ServiceError};

/// Clocks on the home page; the others stand on a page of their own.
pub const SHOWN: u64 = 6;

/// A clock in a list. No Debug: it names a child.
pub struct ListedClock {
    /// The clock.
    pub running: Running,
    /// The child's name; of a referral the names of all its children.
    pub child: String,
}

/// A page of the clocks that run.
pub struct Clocks {
    /// The page.
    pub paged: Paged<ListedClock>,
    /// How many there are of each kind.
    pub counts: Counted<ClockKind>,
}

impl Desk {
    /// Whether this person has clocks at all: who works with files does.
    pub fn has_clocks(&self) -> bool {
        self.permits("clocks.read", &crate::policy::Resource::Service)
    }

    /// What runs out first of the files that this person reads, and how many there are. The names of these children are read.
    pub async fn clocks_at_hand(&self) -> Result<(Vec<ListedClock>, usize), ServiceError> {
        let (rows, counts) = self.clocks_in(None, (SHOWN, 0)).await?;
        Ok((rows, counts.iter().map(|(_, count)| count).sum()))
    }

    /// A page, from 1, of the clocks that are near, of the files that this person reads, in the order of harm and then of time:
    /// of one kind, or of all.
    pub async fn clocks(&self, kind: Option<ClockKind>, page: usize) -> Result<Clocks, ServiceError> {
        let (rows, counts) = self.clocks_in(kind, window(page)).await?;
        let of = counts.iter().filter(|(of, _)| kind.is_none_or(|kind| kind == *of));
        let total = of.map(|(_, count)| count).sum();
        Ok(Clocks { paged: Paged::new(rows, total, page), counts })
    }

    async fn clocks_in(
        &self,
        kind: Option<ClockKind>,
        window: (u64, u64),
    ) -> Result<(Vec<ListedClock>, Counted<ClockKind>), ServiceError> {
        self.allow_service("clocks.read").await?;
        let look = self.snapshot().await?;
        let today = calendar::day_number(self.service.today());
        let (clocks, counts) = look.clocks(today, kind, window).await?;
        let of_referral = |clock: &&Clock| clock.kind == ClockKind::Verification;
        let sent: Vec<ReferralId> = clocks.iter().filter(of_referral).map(|clock| ReferralId(clock.subject)).collect();
        let mut files: Vec<ChildId> = clocks.iter().filter(|clock| !of_referral(clock)).map(|of| of.child).collect();
        files.sort_unstable();
        files.dedup();
        let (referrals, children) = (look.referrals(&sent).await?, look.children(&files).await?);
        look.done("clocks.read", self.now_ms()).await?;
        let listed = |clock: &Clock| {
            let referral = |of: &&Referral| of.id.0 == clock.subject;
            let child = match referrals.iter().find(referral) {
                Some(referral) => Some(referral.body.children_names()).filter(|names| !names.is_empty()),
                None => children.iter().find(|child| child.id == clock.child).map(Child::name),
            };
            let child = child.unwrap_or_else(|| clock.child.reference());
            ListedClock { running: self.running(clock), child }
        };
        Ok((clocks.iter().map(listed).collect(), counts))
    }

    /// Every clock of one file, in the same order, in a look into it.
    pub(crate) async fn clocks_of(&self, look: &Look, child: ChildId) -> Result<Vec<Running>, ServiceError> {
        let today = calendar::day_number(self.service.today());
        Ok(look.clocks_of(child, today).await?.iter().map(|clock| self.running(clock)).collect())
    }

    fn running(&self, clock: &Clock) -> Running {
        let due = match clock.until {
            Until::Day(day) => calendar::day_of(day),
            Until::CountedFrom(sent_ms) => calendar::in_london(self.verify_by(sent_ms)).date(),
        };
        Running { kind: clock.kind, subject: clock.subject, child: clock.child, due }
    }

    /// Starts the clock of the first session of a child who was accepted now.
    pub(crate) async fn await_first_session(&self, work: &Work, id: ChildId) -> Result<(), ServiceError> {
        let (child, register) = (work.child(id).await?, self.service.register());
        let days = |days: i64| u32::try_from(days).unwrap_or(1);
        let of = FirstSession {
            accepted: self.service.today(),
            birth: child.body.facts.as_ref().map(|facts| facts.birth),
            status: child.body.legal.as_ref().map(|legal| legal.status),
            within: days(register.first_session_within_working_days()),
            within_for_baby: days(register.first_session_baby_within_working_days()),
        };
        let due = first_session_due(of, register.calendar()).day;
        Ok(work.await_first_session(id, calendar::day_number(due)).await?)
    }

    /// Whether the clock of a reminder still runs as it did when the reminder was written.
    pub(crate) async fn still_runs(
        &self,
        work: &Work,
        kind: NoticeKind,
        subject: Uuid,
        child: ChildId,
        day: Option<i64>,
    ) -> Result<bool, ServiceError> {
        let kind = match kind {
            NoticeKind::FirstSessionBy => ClockKind::FirstSession,
            NoticeKind::OrderEnds => ClockKind::OrderEnds,
            _ => ClockKind::Hearing,
        };
        let Some(day) = day else { return Ok(false) };
        Ok(work.still_runs(kind, &ClockDue { subject, child, day }).await?)
    }
}

#[cfg(test)]
mod tests;
