//! To the archive first: a file on a list is marked so by whoever proposed the list; when two others have approved, a bag is made, an
//! officer gives it to the archive and writes down what it answers; then, and not before, the file is destroyed (handbook sections 11
//! and 13; docs/decisions/0040).

mod bag;
mod gone;
mod make;
mod send;
#[cfg(test)]
mod tests;

use kith_domain::access::Purpose;
use kith_domain::form::Words;
use kith_domain::ids::{AccountId, ArchiveBagId, ArchiveTransferId, DestructionItemId, DestructionListId};
use kith_domain::notice::NoticeKind;
use kith_domain::retention::{APPROVALS, Archived, ItemState, ListState, Off, ToArchive, TransferBody, TransferState};
use kith_store::{ArchiveTransfer, DestructionItem, DestructionList, StoreError, Work};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::send::BagFile;
use super::list::decided;
use crate::policy::Resource;
use crate::sharing::read_key;
use crate::{Desk, ServiceError};

/// The kind of a job that makes a bag.
pub(crate) const MAKE: &str = "archive.make";
/// The kind of a job that takes away a bag.
pub(crate) const ENDED: &str = "archive.ended";

/// Which transfer.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct OfTransfer {
    pub(super) transfer: ArchiveTransferId,
}

/// Which bag.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct OfBag {
    bag: ArchiveBagId,
}

/// A transfer with what a page needs beside it.
pub struct TransferView {
    /// The transfer.
    pub transfer: ArchiveTransfer,
    /// Who asked for it.
    pub author: String,
    /// Whether a bag is there that can be fetched.
    pub is_there: bool,
    /// Whether this person may fetch it.
    pub may_fetch: bool,
    /// Whether this person may write down what the archive answers, have the bag made again, and stop the transfer.
    pub may_keep: bool,
}

impl Desk {
    /// The place of a file on a list that waits, for whoever marks it; the reference of the file and the list.
    pub async fn item_for_archive(
        &self,
        id: DestructionItemId,
    ) -> Result<(DestructionListId, String, Option<ToArchive>), ServiceError> {
        self.allow_service("destruction.propose").await?;
        let look = self.look();
        let Some((list, child, _)) = look.whose_item(id).await? else {
            return self.unknown("destruction.propose", id.0).await;
        };
        let transfer = look.transfer_of_item(id).await?;
        look.done("archive.read", self.now_ms()).await?;
        Ok((list, child.reference(), transfer.map(|of| of.body.asked)))
    }

    /// Marks a file on a list that waits: to the archive first. What was approved by then was something else, so who approved is asked
    /// again. Said again it is changed.
    pub async fn mark_for_archive(
        &self,
        id: DestructionItemId,
        asked: &ToArchive,
    ) -> Result<DestructionListId, ServiceError> {
        let list = self.list_of_item(id).await?;
        if let Some(key) = &asked.key {
            read_key(key)?;
        }
        let (me, now_ms) = (self.me()?, self.now_ms());
        self.change("archive.asked", |work| async move {
            let (of, item) = self.item_that_waits(&work, list, id).await?;
            if let Some(mut transfer) = work.transfer_of_item(id).await? {
                if !matches!(transfer.state, TransferState::Asked | TransferState::Stopped) {
                    return Err(decided());
                }
                transfer.state = TransferState::Asked;
                transfer.author = me;
                transfer.body = TransferBody::new(asked.clone());
                work.save_archive_transfer(&mut transfer).await?;
            } else {
                let mut transfer = ArchiveTransfer {
                    id: ArchiveTransferId(Uuid::now_v7()),
                    version: 0,
                    item: id,
                    list,
                    child: item.child,
                    author: me,
                    state: TransferState::Asked,
                    created_ms: now_ms,
                    body: TransferBody::new(asked.clone()),
                };
                work.insert_archive_transfer(&mut transfer).await?;
            }
            self.ask_again(&work, of).await
        })
        .await?;
        Ok(list)
    }

    /// Takes the mark off again: the file is on the list to be destroyed.
    pub async fn unmark_for_archive(
        &self,
        id: DestructionItemId,
        why: &Words,
    ) -> Result<DestructionListId, ServiceError> {
        let list = self.list_of_item(id).await?;
        let me = self.me()?;
        self.change("archive.unasked", |work| async move {
            let (of, _) = self.item_that_waits(&work, list, id).await?;
            if !self.stop_transfer(&work, id, Some(me), why.as_str()).await? {
                return Err(decided());
            }
            self.ask_again(&work, of).await
        })
        .await?;
        Ok(list)
    }

    /// A place on a list of one's own, both of which wait for approval.
    async fn item_that_waits(
        &self,
        work: &Work,
        list: DestructionListId,
        id: DestructionItemId,
    ) -> Result<(DestructionList, DestructionItem), ServiceError> {
        let of = self.own_list(work, list).await?;
        let item = work.destruction_item(id).await?;
        if of.state != ListState::Proposed || item.state != ItemState::Listed {
            return Err(decided());
        }
        Ok((of, item))
    }

    /// What was approved is not what stands there now: nobody has approved that, and they are told.
    async fn ask_again(&self, work: &Work, mut list: DestructionList) -> Result<(), ServiceError> {
        if list.body.approvals.is_empty() {
            return Ok(());
        }
        let whom: Vec<AccountId> = list.body.approvals.drain(..).map(|of| of.by).collect();
        work.save_list(&mut list).await?;
        self.tell(work, whom, NoticeKind::DestructionProposed, list.id.0).await
    }

    /// One transfer.
    pub async fn archive_transfer(&self, id: ArchiveTransferId) -> Result<TransferView, ServiceError> {
        self.allow_service("retention.read").await?;
        let look = self.look();
        let transfer = match look.archive_transfer(id).await {
            Err(StoreError::NotFound) => return self.unknown("retention.read", id.0).await,
            transfer => transfer?,
        };
        let bag = look.bag_of(id).await?;
        let scope = look.file_scope(transfer.child).await?;
        look.done("archive.read", self.now_ms()).await?;
        let sends = self.for_archive();
        let is_there =
            transfer.state == TransferState::Made && bag.is_some_and(|bag| self.is_in_time(&transfer, bag.id));
        let keeps = self.permits("destruction.propose", &Resource::Service);
        let may_send = scope.is_some_and(|scope| sends.permits("archive.send", &Resource::File(&scope)));
        Ok(TransferView {
            author: self.service.name_of(transfer.author),
            may_fetch: is_there && may_send,
            may_keep: keeps && matches!(transfer.state, TransferState::Making | TransferState::Made),
            is_there,
            transfer,
        })
    }

    /// This person's desk for what goes to an archive.
    fn for_archive(&self) -> Desk {
        self.service.desk(self.access.actor.clone(), Purpose::Archiving)
    }

    /// Whether a bag can still be fetched.
    fn is_in_time(&self, transfer: &ArchiveTransfer, bag: ArchiveBagId) -> bool {
        transfer.body.made.iter().any(|made| made.bag == bag && self.now_ms() < made.until_ms())
    }

    /// The transfer for which a bag is to be made, as long as nothing stands against it: asked in the transaction that goes on with it.
    /// What stands against it is written down there, and then there is none.
    async fn still_goes(&self, work: &Work, id: ArchiveTransferId) -> Result<Option<ArchiveTransfer>, ServiceError> {
        let mut transfer = work.archive_transfer(id).await?;
        work.changed("archive_transfer", id.0, 0);
        if transfer.state != TransferState::Making {
            return Ok(None);
        }
        let mut list = work.destruction_list(transfer.list).await?;
        let Some((_, _, ItemState::Listed)) = work.whose_item(transfer.item).await? else { return Ok(None) };
        if list.state == ListState::Approved && self.counting(work, &list).await?.len() < APPROVALS {
            self.wait_again(work, &mut list).await?;
        }
        if list.state != ListState::Approved {
            transfer.state = TransferState::Asked;
            work.save_archive_transfer(&mut transfer).await?;
            return Ok(None);
        }
        let mut item = work.destruction_item(transfer.item).await?;
        if self.stands_against(work, &mut item).await?.is_err() {
            self.close_list(work, transfer.list).await?;
            return Ok(None);
        }
        Ok(Some(transfer))
    }

    /// Stops a transfer that is under way, and ends its bag; whether there was one. What an archive has it has.
    pub(super) async fn stop_transfer(
        &self,
        work: &Work,
        item: DestructionItemId,
        by: Option<AccountId>,
        why: &str,
    ) -> Result<bool, ServiceError> {
        let Some(mut transfer) = work.transfer_of_item(item).await?.filter(|of| of.state.is_under_way()) else {
            return Ok(false);
        };
        transfer.state = TransferState::Stopped;
        transfer.body.stopped = Some(Off { by, at_ms: self.now_ms(), why: why.to_owned() });
        work.save_archive_transfer(&mut transfer).await?;
        self.end_bags_of(work, transfer.id).await?;
        Ok(true)
    }

    /// Stops a transfer whose list was approved: the file is taken off the list and kept.
    pub async fn stop_archive(&self, id: ArchiveTransferId, why: &Words) -> Result<(), ServiceError> {
        self.allow_service("destruction.propose").await?;
        let me = self.me()?;
        self.change("archive.stopped", |work| async move {
            let transfer = work.archive_transfer(id).await?;
            let under_way = matches!(transfer.state, TransferState::Making | TransferState::Made);
            if !under_way || !self.stop_transfer(&work, transfer.item, Some(me), why.as_str()).await? {
                return Err(waits_for_nothing());
            }
            let mut item = work.destruction_item(transfer.item).await?;
            item.state = ItemState::TakenOff;
            item.body.off = Some(Off { by: Some(me), at_ms: self.now_ms(), why: why.as_str().to_owned() });
            work.save_item(&mut item).await?;
            self.close_list(&work, transfer.list).await
        })
        .await
    }

    /// Has the bag made again: the one before is gone, or its job failed.
    pub async fn make_bag_again(&self, id: ArchiveTransferId) -> Result<(), ServiceError> {
        self.allow_service("destruction.propose").await?;
        self.change("archive.again", |work| async move {
            let mut transfer = work.archive_transfer(id).await?;
            if !matches!(transfer.state, TransferState::Making | TransferState::Made) {
                return Err(waits_for_nothing());
            }
            self.end_bags_of(&work, id).await?;
            transfer.state = TransferState::Making;
            work.save_archive_transfer(&mut transfer).await?;
            Ok(work.enqueue(MAKE, &OfTransfer { transfer: id }, self.now_ms()).await.map(drop)?)
        })
        .await
    }

    /// What a certificate says of the archive that has what a file said; `None` where none has.
    pub(super) async fn archived(
        &self,
        work: &Work,
        child: kith_domain::ids::ChildId,
    ) -> Result<Option<Archived>, ServiceError> {
        Ok(work.received_transfer_of(child).await?.and_then(|of| Archived::of(&of.body)))
    }
}

fn waits_for_nothing() -> ServiceError {
    ServiceError::rule("archive.decided", "This transfer waits for nothing. Load it again")
}
