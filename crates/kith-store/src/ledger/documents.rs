//! What lies sealed of each document, against the digest in its row; the row itself is held against the log.

use futures_util::StreamExt as _;
use kith_domain::document::DocumentState;
use kith_files::{Depot, FileFault};
use sea_orm::{DatabaseConnection, EntityTrait};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::entity::document as table;
use crate::open::Files;
use crate::{StoreError, row};

/// Rows compared with one query.
const BATCH: u64 = 500;

/// Compares every document; returns how many there are. Reads all of them; where there is none, nothing is opened.
pub(crate) async fn compare(db: &DatabaseConnection, files: &Files, url: Option<&str>) -> Result<u64, StoreError> {
    let (mut count, mut after, mut depot) = (0, Uuid::nil(), None);
    loop {
        let ids = row::ids_after::<table::Entity>(db, table::Column::Id, after, BATCH).await?;
        let Some(last) = ids.last() else { return Ok(count) };
        after = *last;
        for id in ids {
            // One that was taken away by Kith since its id was read is not there.
            let Some(document) = table::Entity::find_by_id(id).one(db).await? else { continue };
            if document.state == DocumentState::TakenOff.code() {
                continue;
            }
            count += 1;
            let altered = |why| StoreError::DocumentAltered { document: id, why };
            let depot = match &mut depot {
                Some(depot) => depot,
                none => none.insert(files.depot(url)?),
            };
            match digest(depot, document.object_id).await {
                Ok(digest) if digest.as_slice() == document.digest => {}
                Ok(_) => return Err(altered("it is not what was laid down")),
                Err(FileFault::Gone) => return Err(altered("it is not there any more")),
                Err(fault) => return Err(fault.into()),
            }
        }
    }
}

async fn digest(depot: &Depot, object: Uuid) -> Result<[u8; 32], FileFault> {
    let (mut sealed, mut hash) = (depot.sealed(object).await?, Sha256::new());
    while let Some(some) = sealed.next().await {
        hash.update(&some?);
    }
    Ok(hash.finalize().into())
}
