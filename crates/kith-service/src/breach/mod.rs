//! What may have happened to personal data: anybody on the staff says so, the data protection officer takes it to its end
//! (UK GDPR Art 33 and 34; handbook section 15).

mod letter;
mod opened;
#[cfg(test)]
mod tests;

use kith_domain::breach::{Breach, BreachState, BreachStep, BreachStepKind, Suspicion};
use kith_domain::calendar;
use kith_domain::clock::DueAt;
use kith_domain::form::Fields;
use kith_domain::ids::BreachId;
use kith_domain::notice::NoticeKind;
use kith_store::{StoreError, SuspectedBreach};

use crate::paging::{Paged, window};
use crate::{Desk, ServiceError};

pub use letter::BreachPaper;
pub use opened::{OpenedFile, OpenedView};

/// A breach with what a page needs beside it. No Debug: it names people.
pub struct BreachView {
    /// The breach.
    pub breach: SuspectedBreach,
    /// By when the Commissioner is told; `None` once that is decided.
    pub due: Option<DueAt>,
    /// Hours that are left until then; negative when it is past.
    pub hours_left: Option<i64>,
    /// What is still to be done.
    pub missing: Vec<&'static str>,
    /// What can be done now.
    pub possible: Vec<BreachStepKind>,
}

impl Desk {
    /// Writes down what somebody noticed, as typed; the data protection officers are told at once. The same form sent twice is
    /// one. Returns its reference.
    pub async fn suspect_breach(&self, id: BreachId, typed: &Fields) -> Result<String, ServiceError> {
        self.allow_service("breach.create").await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        let suspicion =
            Suspicion::read(typed, calendar::in_london(now_ms).datetime()).map_err(ServiceError::Invalid)?;
        self.service.store().create_file_key(id.0).await?;
        let body = Breach::new(suspicion);
        let added = self.change("breach.suspected", |work| {
            let body = body.clone();
            async move {
                let (state, due_ms) = (body.state(), due_ms(&body));
                let mut row = SuspectedBreach { id, version: 0, reporter: me, state, created_ms: now_ms, due_ms, body };
                work.insert_breach(&mut row).await?;
                self.tell_officers(&work, NoticeKind::BreachSuspected, id.0).await
            }
        });
        match added.await {
            Ok(()) => Ok(id.reference()),
            Err(ServiceError::Store(StoreError::Duplicate)) => {
                let look = self.look();
                let there = look.breach(id).await?;
                look.done("breach.sent_again", self.now_ms()).await?;
                let same = there.reporter == me && there.body.suspicion == body.suspicion;
                if same { Ok(id.reference()) } else { Err(crate::rights::sent_already()) }
            }
            Err(error) => Err(error),
        }
    }

    /// A page, from 1, of the breaches that are open, by when the Commissioner must be told, or of those that are closed.
    pub async fn breaches(&self, open: bool, page: usize) -> Result<Paged<SuspectedBreach>, ServiceError> {
        let (rows, total) = self.breaches_in(open, window(page)).await?;
        Ok(Paged::new(rows, usize::try_from(total).unwrap_or(usize::MAX), page))
    }

    /// So many of the open breaches, those of which the Commissioner must be told first before the others; nothing else is opened.
    pub async fn first_breaches(&self, count: u64) -> Result<Vec<SuspectedBreach>, ServiceError> {
        Ok(self.breaches_in(true, (count, 0)).await?.0)
    }

    async fn breaches_in(&self, open: bool, window: (u64, u64)) -> Result<(Vec<SuspectedBreach>, u64), ServiceError> {
        self.allow_service("breach.read").await?;
        let look = self.look();
        let found = look.breaches(open, window).await?;
        look.done("breaches.read", self.now_ms()).await?;
        Ok(found)
    }

    /// How many breaches are open, and how many hours are left until the Commissioner must be told of the first; negative when
    /// that is past. Nothing is opened.
    pub async fn breaches_open(&self) -> Result<(u64, Option<i64>), ServiceError> {
        let (count, first) = self.look().breaches_open().await?;
        Ok((count, first.map(|due_ms| hours(due_ms - self.now_ms()))))
    }

    /// One breach.
    pub async fn breach(&self, id: BreachId) -> Result<BreachView, ServiceError> {
        self.allow_service("breach.read").await?;
        let look = self.look();
        let breach = look.breach(id).await?;
        look.done("breach.read", self.now_ms()).await?;
        let closed = matches!(breach.state, BreachState::Closed | BreachState::Nothing);
        Ok(BreachView {
            due: breach.body.due(),
            hours_left: breach.due_ms.map(|due_ms| hours(due_ms - self.now_ms())),
            missing: if closed { Vec::new() } else { breach.body.missing() },
            possible: breach.body.possible(),
            breach,
        })
    }

    /// Takes a step, as typed. The Commissioner told after the 72 hours needs the reason for the delay (Art 33(1)), which the page
    /// asks for in the words of the step.
    pub async fn take_breach_step(&self, id: BreachId, typed: &Fields) -> Result<BreachState, ServiceError> {
        self.allow_service("breach.change").await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        let now = calendar::in_london(now_ms).datetime();
        let step = BreachStep::read(typed, now, me, now_ms).map_err(ServiceError::Invalid)?;
        self.change("breach.step", |work| {
            let step = step.clone();
            async move {
                let mut row = work.breach(id).await?;
                let same = |there: &BreachStep| {
                    (there.kind, &there.words, there.by) == (step.kind, &step.words, step.by)
                        && now_ms - there.written_ms < 60_000
                };
                if row.body.steps.last().is_some_and(same) {
                    work.changed("breach", id.0, row.version);
                    return Ok(row.state);
                }
                if step.at < row.body.suspicion.aware {
                    return Err(ServiceError::field("on-day", "When it was done must be after it was noticed"));
                }
                row.body.take(step)?;
                (row.state, row.due_ms) = (row.body.state(), due_ms(&row.body));
                work.save_breach(&mut row).await?;
                Ok(row.state)
            }
        })
        .await
    }
}

fn due_ms(body: &Breach) -> Option<i64> {
    let due = body.due()?;
    Some(calendar::instant_ms(due.at.date(), calendar::time_minute(due.at.time())))
}

/// Whole hours, those that are past rounded away from nothing: a minute late is late.
fn hours(ms: i64) -> i64 {
    ms.div_euclid(3_600_000)
}
