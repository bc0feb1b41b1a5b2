//! What lies sealed of each document and of each bag for an archive, against the digest in its row; the row itself is held against
//! the log.

use futures_util::StreamExt as _;
use kith_domain::document::DocumentState;
use kith_domain::retention::BagState;
use kith_files::{Depot, FileFault};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::entity::{archive_bag as bag, document as table};
use crate::open::Files;
use crate::{StoreError, row};

/// Rows compared with one query.
const BATCH: u64 = 500;

/// Compares every document; returns how many there are. Reads all of them; where there is none, nothing is opened.
pub(crate) async fn compare(db: &DatabaseConnection, files: &Files, url: Option<&str>) -> Result<u64, StoreError> {
    let (mut count, mut after, mut depot) = (0, Uuid::nil(), None);
    loop {
        let ids = row::ids_after::<table::Entity>(db, table::Column::Id, after, BATCH).await?;
        let Some(last) = ids.last() else { break };
        after = *last;
        for id in ids {
            // One that was taken away by Kith since its id was read is not there.
            let Some(document) = table::Entity::find_by_id(id).one(db).await? else { continue };
            if document.state == DocumentState::TakenOff.code() {
                continue;
            }
            count += 1;
            held(opened(&mut depot, files, url)?, id, document.object_id, &document.digest).await?;
        }
    }
    // Bags are few: each is gone after some weeks.
    let kept = bag::Entity::find().filter(bag::Column::State.eq(BagState::Kept.code()));
    for bag in kept.all(db).await? {
        count += 1;
        held(opened(&mut depot, files, url)?, bag.id, bag.object_id, &bag.digest).await?;
    }
    Ok(count)
}

fn opened<'d>(depot: &'d mut Option<Depot>, files: &Files, url: Option<&str>) -> Result<&'d Depot, StoreError> {
    Ok(match depot {
        Some(depot) => depot,
        none => none.insert(files.depot(url)?),
    })
}

/// Holds what lies somewhere against the digest of what was laid down there.
async fn held(depot: &Depot, document: Uuid, object: Uuid, said: &[u8]) -> Result<(), StoreError> {
    let altered = |why| StoreError::DocumentAltered { document, why };
    match digest(depot, object).await {
        Ok(digest) if digest.as_slice() == said => Ok(()),
        Ok(_) => Err(altered("it is not what was laid down")),
        Err(FileFault::Gone) => Err(altered("it is not there any more")),
        Err(fault) => Err(fault.into()),
    }
}

async fn digest(depot: &Depot, object: Uuid) -> Result<[u8; 32], FileFault> {
    let (mut sealed, mut hash) = (depot.sealed(object).await?, Sha256::new());
    while let Some(some) = sealed.next().await {
        hash.update(&some?);
    }
    Ok(hash.finalize().into())
}
