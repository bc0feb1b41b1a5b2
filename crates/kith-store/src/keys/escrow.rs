//! The master key in shares for custodians, and put together again from them.

use std::path::Path;

use kith_vault::{MasterKeyFile, Share, ShareFault, combine, split, wrapped_by};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

use super::master_of;
use super::note::{self, What};
use super::rotate::KeysPlace;
use crate::engine::{self, Use};
use crate::{StoreError, migrate};

impl KeysPlace {
    /// The master key that wraps in `of` shares, of which any `needed` give it back. It is noted, and entered in the access log.
    pub async fn escrow(&self, needed: u8, of: u8) -> Result<Vec<Share>, StoreError> {
        let keys = self.open().await?;
        let (master, _) = keys.wraps().await?;
        let shares = split(&master, needed, of)?;
        // Said before they are given out.
        note::leave(keys.db(), What::Shares, &format!("{needed} of {of}")).await?;
        keys.close().await?;
        Ok(shares)
    }

    /// Puts the master key together from shares, sees that it is the one by which the keys are wrapped (those of the service, or
    /// of a backup in the directory `backup`), and writes it into its file, which must not be there. Returns its id.
    ///
    /// [`StoreError::Share`] names a share that is wrong.
    pub async fn put_together(&self, shares: &[Share], backup: Option<&Path>) -> Result<String, StoreError> {
        let path = self.writable()?;
        let db = match backup {
            Some(directory) => engine::sqlite(&directory.join("keys.sqlite"), Use::Inspect).await?,
            None => self.at().open_beside().await?.db().clone(),
        };
        let master = wraps(&db).await?;
        db.close_by_ref().await?;
        let key = combine(shares, &master).map_err(|fault| fault_of(&fault, &master))?;
        MasterKeyFile::create(&path, key)?;
        Ok(master)
    }
}

/// The id of the master key that wraps, in a key store of this version or an earlier one.
async fn wraps(db: &DatabaseConnection) -> Result<String, StoreError> {
    if migrate::has_table(db, "key_state").await?
        && let Some(master) = master_of(db).await?
    {
        return Ok(master);
    }
    let find = Statement::from_string(db.get_database_backend(), "SELECT wrapped FROM named_key LIMIT 1");
    let row = db.query_one_raw(find).await?.ok_or(StoreError::NotFound)?;
    Ok(wrapped_by(&row.try_get::<Vec<u8>>("", "wrapped")?)?)
}

fn fault_of(fault: &ShareFault, master: &str) -> StoreError {
    let (at, why) = match fault {
        ShareFault::TooFew { needed, given } => (
            None,
            format!("{given} different shares were given, and {needed} are needed: ask more custodians for theirs"),
        ),
        ShareFault::Wrong { at, why } => (Some(*at), (*why).to_owned()),
        ShareFault::NotTheKey => (
            None,
            format!(
                "together these shares do not give master key {master}: one of them was altered. Give one share more, then it \
                 can be said which"
            ),
        ),
    };
    StoreError::Share { at, why }
}
