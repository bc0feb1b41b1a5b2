//! A bag is fetched to be given to the archive, and what the archive answers is written down.

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use kith_domain::form::Fields;
use kith_domain::ids::ArchiveTransferId;
use kith_domain::notice::NoticeKind;
use kith_domain::retention::{FetchedBag, MadeBag, ReceiptError, TransferState};
use kith_store::StoreError;

use super::make::bag_name;
use super::waits_for_nothing;
use crate::retention::destroy::{DESTROY, Doomed};
use crate::sharing::encrypted_for;
use crate::{Desk, ServiceError};

/// A bag on its way: how its file is called, and its length, bytes.
pub struct BagFile {
    /// How the file is called; it names nobody.
    pub name: String,
    /// Its length, bytes; `None` where it is encrypted for the archive.
    pub length: Option<u64>,
}

impl Desk {
    /// The bag of a transfer, piece by piece. That it went, to whom, on what basis, by whom and with which digest is written down and in
    /// the access log before this returns. Not while something stands against the destruction of the file.
    pub async fn fetch_bag(
        &self,
        id: ArchiveTransferId,
    ) -> Result<(BagFile, BoxStream<'static, Result<Bytes, StoreError>>), ServiceError> {
        let desk = self.for_archive();
        let look = desk.snapshot().await?;
        let Some(child) = look.child_of_transfer(id).await? else { return desk.unknown("archive.send", id.0).await };
        desk.allow_file_in(&look, "archive.send", child).await?;
        let bag = look.bag_of(id).await?;
        let content = match &bag {
            Some(bag) => Some(look.content_of_bag(bag).await?),
            None => None,
        };
        look.done("archive.read", self.now_ms()).await?;
        let gone = || ServiceError::rule("archive.gone", "The bag is not there any more. Have it made again");
        let (Some(bag), Some(content)) = (bag, content) else { return Err(gone()) };
        let (me, now_ms, bag) = (self.me()?, self.now_ms(), bag.id);
        let (made, key) = desk
            .change("archive.sent", |work| async move {
                let mut transfer = work.archive_transfer(id).await?;
                if transfer.state != TransferState::Made {
                    return Err(waits_for_nothing());
                }
                let made = transfer.body.made.iter().find(|made| made.bag == bag && now_ms < made.until_ms());
                let made: MadeBag = made.cloned().ok_or_else(gone)?;
                if !work.holds_on(child).await?.is_empty() || work.asked_for().await?.contains(&child) {
                    let words =
                        "A legal hold stands, or somebody has asked to see what is in it: nothing goes to the archive";
                    return Err(ServiceError::rule("archive.held", words));
                }
                let digest = made.digest.clone();
                let key = transfer.body.asked.key.clone();
                transfer.body.fetched.push(FetchedBag { by: me, at_ms: now_ms, digest, key: key.clone() });
                work.save_archive_transfer(&mut transfer).await?;
                work.put_away(NoticeKind::ArchiveReady, id.0, now_ms).await?;
                Ok((made, key))
            })
            .await?;
        let name = format!("{}.tar", bag_name(id));
        Ok(match key {
            Some(key) => (BagFile { name: format!("{name}.age"), length: None }, encrypted_for(&key, content)?.boxed()),
            None => (BagFile { name, length: Some(made.length) }, content.boxed()),
        })
    }

    /// Writes down that the archive has it: their reference, who said so, the day, and the digest as they read it, which must be that of
    /// the bag that went. Then the file is destroyed, by a job that asks everything again.
    pub async fn archive_has_it(&self, id: ArchiveTransferId, typed: &Fields) -> Result<(), ServiceError> {
        self.allow_service("destruction.propose").await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        self.change("archive.received", |work| async move {
            let mut transfer = work.archive_transfer(id).await?;
            let receipt = match transfer.body.read_receipt(transfer.state, typed, me, now_ms) {
                Ok(receipt) => receipt,
                Err(ReceiptError::Refused(refusal)) => return Err(refusal.into()),
                Err(ReceiptError::Wrong(problems)) => return Err(ServiceError::Invalid(problems)),
            };
            transfer.body.receipt = Some(receipt);
            transfer.state = TransferState::Received;
            work.save_archive_transfer(&mut transfer).await?;
            self.end_bags_of(&work, id).await?;
            work.enqueue(DESTROY, &Doomed { item: transfer.item }, now_ms).await?;
            Ok(work.put_away(NoticeKind::ArchiveReady, id.0, now_ms).await?)
        })
        .await
    }
}
