//! The end of a request, and before it of what was collected to answer it: jobs that are due from when it was closed, by the register's
//! settings (handbook section 19: what has no statutory period is a setting; docs/decisions/0042). What stands against it is asked in
//! the transaction that ends it, and looked at again later. A job may be cut short at any instant and run again.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::civil::Date;
use kith_domain::calendar::instant_ms;
use kith_domain::ids::ChildId;
use kith_domain::rights::{Right, StepKind, collected_until};
use kith_store::{Job, Look, PACK_END, PersonRequest, REQUEST_END, RequestEnd, StoreError, Work};

use crate::{Desk, ServiceError};

/// How long after something stood against an end it is looked at again: who lifts a hold has some days to see what follows.
const AGAIN_MS: i64 = 30 * 24 * 3_600_000;

/// For how long a closed request is kept.
pub struct KeptFor {
    /// The last day.
    pub until: Date,
    /// The last day of what was collected for it; `None` where nothing was, or it has gone.
    pub collected_until: Option<Date>,
    /// What keeps it longer, in words, if something does now.
    pub longer: Option<&'static str>,
}

impl Desk {
    /// For how long a request is kept; `None` as long as it is open.
    pub(super) async fn kept_for(&self, look: &Look, row: &PersonRequest) -> Result<Option<KeptFor>, ServiceError> {
        let Some((until, collected)) = self.last_days(row) else { return Ok(None) };
        let there = look.pack(row.id).await?.is_some_and(|pack| pack.gone_ms.is_none());
        let longer = self.keeps(look, row).await?;
        Ok(Some(KeptFor { until, collected_until: there.then_some(collected), longer }))
    }

    /// The last day on which a closed request is kept, and that of what was collected for it.
    fn last_days(&self, row: &PersonRequest) -> Option<(Date, Date)> {
        let (register, closed) = (self.service.register(), row.body.closed_on()?);
        let until = row.body.kept_until(register.requests_kept_years())?;
        Some((until, collected_until(closed, register.packs_kept_days())))
    }

    /// Has the ends of a request wait that was closed now.
    pub(super) async fn await_ends(&self, work: &Work, row: &PersonRequest) -> Result<(), ServiceError> {
        let Some((until, collected)) = self.last_days(row) else { return Ok(()) };
        let of = RequestEnd { request: row.id };
        work.enqueue(PACK_END, &of, after(collected)).await?;
        work.enqueue(REQUEST_END, &of, after(until)).await?;
        Ok(())
    }

    /// What keeps a closed request, and what was collected for it, though its days are over: in words.
    async fn keeps(&self, look: &Look, row: &PersonRequest) -> Result<Option<&'static str>, ServiceError> {
        // Whoever was ever said to be meant: a hold is not got round by a second look.
        let found = row.body.steps.iter().flat_map(|step| &step.subjects).map(|subject| subject.file);
        let files: BTreeSet<ChildId> = found.chain(look.children_in_pack(row.id).await?).collect();
        for file in files {
            if !look.holds_on(file).await?.is_empty() {
                return Ok(Some("A legal hold keeps a file that it is about"));
            }
        }
        if row.body.is_contested() {
            return Ok(Some("The Commissioner or a court has it before them"));
        }
        let other = row.body.last(StepKind::Joined).and_then(|step| step.other);
        for open in look.open_person_requests().await? {
            if other == Some(open.id) {
                return Ok(Some("It is the same as a request that is still open"));
            }
            if open.body.asked.right == Right::Complaint && open.body.is_of_same_person(&row.body) {
                return Ok(Some("A complaint about the same person is still open"));
            }
        }
        Ok(None)
    }

    /// When an end is looked at again that cannot be now: its days have moved, or something stands against it.
    async fn not_before(&self, work: &Work, row: &PersonRequest, last: Date) -> Result<Option<i64>, ServiceError> {
        let now_ms = self.now_ms();
        if now_ms < after(last) {
            return Ok(Some(after(last)));
        }
        Ok(self.keeps(work, row).await?.map(|_| now_ms + AGAIN_MS))
    }

    /// The days of what was collected for a request are over: it goes, with the list of what was taken out.
    pub(crate) async fn end_pack(&self, job: &Job) -> Result<(), ServiceError> {
        let of: RequestEnd = job.payload()?;
        self.change("pack.ended", |work| async move {
            if let Some(row) = still_there(&work, of).await?
                && let Some((_, last)) = self.last_days(&row)
            {
                match self.not_before(&work, &row, last).await? {
                    Some(again_ms) => drop(work.enqueue(PACK_END, &of, again_ms).await?),
                    None => drop(work.take_pack_away(of.request, self.now_ms()).await?),
                }
            }
            self.job_done(&work, job).await
        })
        .await
    }

    /// The days of a request are over: it ends, and then its key goes.
    pub(crate) async fn end_request(&self, job: &Job) -> Result<(), ServiceError> {
        let of: RequestEnd = job.payload()?;
        let has_ended = self
            .change("request.ended", |work| async move {
                let Some(row) = still_there(&work, of).await? else {
                    work.changed("rights_request", of.request.0, 0);
                    return Ok(true);
                };
                let Some((last, _)) = self.last_days(&row) else {
                    // It is not closed: closing it brings another job.
                    return self.job_done(&work, job).await.map(|()| false);
                };
                if let Some(again_ms) = self.not_before(&work, &row, last).await? {
                    work.enqueue(REQUEST_END, &of, again_ms).await?;
                    return self.job_done(&work, job).await.map(|()| false);
                }
                let asked = &row.body.asked;
                let year = i64::from(asked.received.year());
                work.end_person_request(of.request, Some(asked.right), year, self.now_ms()).await?;
                Ok(true)
            })
            .await?;
        if !has_ended {
            return Ok(());
        }
        // The job is done when the key is gone: cut short between the two, it is run again.
        self.service.store().destroy_request(of.request).await?;
        self.change("request.ended", |work| async move { self.job_done(&work, job).await }).await
    }
}

/// The first instant after a day.
fn after(last: Date) -> i64 {
    instant_ms(last.tomorrow().unwrap_or(last), 0)
}

/// The request, unless it has ended.
async fn still_there(work: &Work, of: RequestEnd) -> Result<Option<PersonRequest>, ServiceError> {
    match work.person_request(of.request).await {
        Err(StoreError::Destroyed) => Ok(None),
        row => Ok(Some(row?)),
    }
}
