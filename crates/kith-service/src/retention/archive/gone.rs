//! The end of a bag: its days are over, the archive has it, or the transfer was stopped.

use kith_domain::ids::ArchiveTransferId;
use kith_store::{Job, Work};

use super::{ENDED, OfBag};
use crate::{Desk, ServiceError};

impl Desk {
    /// Says that the bags of a transfer have ended; jobs take away what is left of them.
    pub(super) async fn end_bags_of(&self, work: &Work, id: ArchiveTransferId) -> Result<(), ServiceError> {
        for bag in work.end_bags(id).await? {
            work.enqueue(ENDED, &OfBag { bag }, self.now_ms()).await?;
        }
        Ok(())
    }

    /// A bag has ended, or its days are over: its key and what lies of it go. Run again it finds done what was done.
    pub(crate) async fn take_bag_away(&self, job: &Job) -> Result<(), ServiceError> {
        let OfBag { bag } = job.payload()?;
        self.change("archive.bag_ended", |work| async move {
            work.changed("archive_bag", bag.0, 0);
            Ok(work.end_bag(bag).await?)
        })
        .await?;
        // The job is done when the key is gone: cut short between the two, it is run again.
        self.service.store().destroy_bag(bag).await?;
        self.change("archive.bag_ended", |work| async move { self.job_done(&work, job).await }).await
    }
}
