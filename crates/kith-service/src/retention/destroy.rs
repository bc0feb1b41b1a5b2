//! The job that destroys one file of an approved list. It may be cut short at any instant and run again: what it has done it finds
//! done.

use kith_domain::calendar::{day_number, day_of};
use kith_domain::ids::{CertificateId, ChildId, DestructionItemId, DestructionListId};
use kith_domain::notice::NoticeKind;
use kith_domain::retention::{APPROVALS, CertificateBody, CertificateState, FileKept, ItemState, ListState, Off};
use kith_store::{Certificate, DestructionItem, DestructionList, Job, Work};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Desk, ServiceError};

/// The kind of a job that destroys a file.
pub(crate) const DESTROY: &str = "retention.destroy";

/// Which file of which list: its place on it.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct Doomed {
    /// The place.
    pub(super) item: DestructionItemId,
}

/// What the first step found.
enum Found {
    /// It is to be destroyed, or was begun to be.
    Begun(DestructionListId, ChildId),
    /// It is not; the job is over.
    Stopped,
}

impl Desk {
    /// Destroys one file. First, in one transaction, everything is asked again - the approvals, the holds, the date - and the file is
    /// taken out of the data: a hold that was set before wins, one that comes after is told that it came too late. Then its key
    /// goes; then the certificate is finished together with the job.
    pub(crate) async fn destroy_listed(&self, job: &Job) -> Result<(), ServiceError> {
        let Doomed { item } = job.payload()?;
        let begun = self.change("destruction.begun", |work| async move { self.begin(&work, job, item).await }).await?;
        let Found::Begun(list, child) = begun else { return Ok(()) };
        self.service.store().destroy_file(child).await?;
        self.change("destruction.done", |work| async move {
            if let Some(mut certificate) = work.certificate_of(child).await?
                && certificate.state == CertificateState::Begun
            {
                work.finish_certificate(&mut certificate).await?;
            }
            self.close_list(&work, list).await?;
            self.job_done(&work, job).await
        })
        .await
    }

    async fn begin(&self, work: &Work, job: &Job, id: DestructionItemId) -> Result<Found, ServiceError> {
        let stopped = async || self.job_done(work, job).await.map(|()| Found::Stopped);
        let Some((list, child, state)) = work.whose_item(id).await? else { return stopped().await };
        if state == ItemState::Destroyed {
            work.changed("destruction_item", id.0, 0);
            return Ok(Found::Begun(list, child));
        }
        let mut of = work.destruction_list(list).await?;
        if state != ItemState::Listed || of.state != ListState::Approved {
            self.close_list(work, list).await?;
            return stopped().await;
        }
        if work.transfer_of_item(id).await?.is_some_and(|of| of.state.is_under_way()) {
            // Not before somebody wrote down that the archive has it: that brings another job.
            return stopped().await;
        }
        let approvals = self.counting(work, &of).await?;
        if approvals.len() < APPROVALS {
            self.wait_again(work, &mut of).await?;
            return stopped().await;
        }
        let mut item = work.destruction_item(id).await?;
        let Ok(kept) = self.stands_against(work, &mut item).await? else {
            self.close_list(work, list).await?;
            return stopped().await;
        };
        let archived = self.archived(work, child).await?;
        let today = day_number(self.service.today());
        let mut certificate = Certificate {
            id: CertificateId(Uuid::now_v7()),
            version: 0,
            child,
            list: Some(list),
            state: CertificateState::Begun,
            destroyed_ms: self.now_ms(),
            gone_day: today + self.service.register().key_backup_days(),
            body: CertificateBody {
                child,
                category: Some(kept.category),
                month: kept.month(),
                proposed_by: of.author,
                proposed_ms: of.created_ms,
                approvals,
                archived,
            },
        };
        work.begin_destruction(&mut certificate, today).await?;
        Ok(Found::Begun(list, child))
    }

    /// An approver's account was closed meanwhile: the list waits again for another.
    pub(super) async fn wait_again(&self, work: &Work, list: &mut DestructionList) -> Result<(), ServiceError> {
        list.state = ListState::Proposed;
        work.save_list(list).await?;
        self.tell(work, list.author, NoticeKind::DestructionProposed, list.id.0).await
    }

    /// Until when a file on an approved list is kept, if its time is over and nothing stands against its end: a hold, a request that has
    /// no answer, a date that has moved. Otherwise that is written down at its place, and the place is as it is then.
    pub(super) async fn stands_against(
        &self,
        work: &Work,
        item: &mut DestructionItem,
    ) -> Result<Result<FileKept, ()>, ServiceError> {
        let file = work.child(item.child).await?;
        let kept = file.kept().filter(|kept| kept.is_over(self.service.today()));
        let asked = work.asked_for().await?.contains(&item.child);
        let free = work.holds_on(item.child).await?.is_empty();
        let (state, why) = match (kept, free, work.is_decided(&file).await?) {
            (Some(kept), true, true) if !asked => return Ok(Ok(kept)),
            (Some(_), true, true) => {
                (ItemState::Held, "Somebody has asked to see what is in it, and has no answer yet")
            }
            (Some(_), false, _) => (ItemState::Held, "A legal hold was set before it was destroyed"),
            _ => (ItemState::NotDue, "Its date has moved since it was proposed"),
        };
        item.state = state;
        item.body.off = Some(Off { by: None, at_ms: self.now_ms(), why: why.to_owned() });
        work.save_item(item).await?;
        self.stop_transfer(work, item.id, None, why).await?;
        Ok(Err(()))
    }

    /// A list on which nothing waits any more is done.
    pub(super) async fn close_list(&self, work: &Work, id: DestructionListId) -> Result<(), ServiceError> {
        let mut list: DestructionList = work.destruction_list(id).await?;
        let waits = work.count_on_list(id).await?.iter().any(|(_, state)| *state == ItemState::Listed);
        if list.state == ListState::Approved && !waits {
            list.state = ListState::Done;
            work.save_list(&mut list).await?;
        }
        Ok(())
    }

    /// A job is done, with what it did.
    pub(crate) async fn job_done(&self, work: &Work, job: &Job) -> Result<(), ServiceError> {
        work.changed("outbox", job.id, 1);
        Ok(work.complete(job, self.now_ms()).await?)
    }
}

/// From which day no backup of the keys brings a file back.
pub(super) fn gone(certificate: &Certificate) -> jiff::civil::Date {
    day_of(certificate.gone_day)
}
